//! Where every request comes in and every answer goes out: only our own name is answered to, every answer carries the
//! headers that keep readers safe, and no failure leaves without words. Knows no route.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use super::{
    Failure, Front, Shelf,
    accept::{wants_json, wants_page},
    failed::error_page,
};
use crate::{error::Said, origin::Origin};

/// To be wrapped around everything, with `actix_web::middleware::from_fn`; finds a `Data<Front>` in the app, and may find a shelf.
pub async fn door(
    front: Data<Front>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answered = match misdirected(&front.origin, request.request()) {
        Some(failure) => request.error_response(failure),
        None => match request.app_data::<Data<Shelf>>().cloned() {
            Some(shelf) => shelf.answer(&front, request, next).await?,
            None => next.call(request).await?.map_into_boxed_body(),
        },
    };
    let mut answer = if has_words(answered.response()) { answered } else { with_words(&front, answered) };
    protect(answer.headers_mut(), front.origin.is_https());
    Ok(answer)
}

/// A request that names another host than ours is none of ours: answering it would let one server's name stand for another.
fn misdirected(origin: &Origin, request: &HttpRequest) -> Option<Failure> {
    let mut hosts = request.headers().get_all(header::HOST);
    let host = hosts.next().map(|host| host.to_str().unwrap_or_default());
    let in_target = request.uri().authority().map(|authority| authority.as_str());
    if hosts.next().is_some() {
        let said = Said::new("failed-hosts");
        return Some(Failure::status(StatusCode::BAD_REQUEST, "A request has one Host header, not several.", said));
    }
    let named = host.into_iter().chain(in_target).collect::<Vec<_>>();
    if !named.is_empty() && named.iter().all(|name| is_ours(origin, name)) {
        return None;
    }
    let (name, text) = (origin.authority(), format!("Only {} is answered here.", origin.authority()));
    Some(Failure::status(StatusCode::MISDIRECTED_REQUEST, text, Said::new("failed-misdirected").with("name", name)))
}

fn is_ours(origin: &Origin, named: &str) -> bool {
    let usual_port = if origin.is_https() { "443" } else { "80" };
    let split = |authority: &str| match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host.to_ascii_lowercase(), port.to_owned()),
        _ => (authority.to_ascii_lowercase(), usual_port.to_owned()),
    };
    let ((host, port), (our_host, our_port)) = (split(named), split(&origin.authority()));
    let same_machine = origin.is_loopback() && ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    port == our_port && (host == our_host || same_machine)
}

/// Answers are made whole by their handlers; failures come bare.
fn has_words(response: &HttpResponse<BoxBody>) -> bool {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    !failed || (response.error().is_none() && response.headers().contains_key(header::CONTENT_TYPE))
}

/// A page for a browser, JSON for a server, a sentence for everything else.
fn with_words(front: &Front, answered: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (request, bare) = answered.into_parts();
    let status = bare.status();
    if let Some(error) = bare.error().filter(|_| status.is_server_error()) {
        tracing::error!(status = status.as_u16(), error = ?error, "a request failed");
    }
    let failure = bare.error().and_then(|error| error.as_error::<Failure>());
    let sentence = failure.and_then(Failure::sentence);
    let said = failure.and_then(Failure::said);
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::VARY, "Accept, Accept-Language"));
    for kept in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = bare.headers().get(&kept) {
            answer.insert_header((kept, value.clone()));
        }
    }
    let answer = if wants_page(&request) {
        answer.content_type("text/html; charset=utf-8").body(error_page(front, &request, status, sentence, said))
    } else {
        let reason = status.canonical_reason().unwrap_or("failed");
        let sentence = sentence.unwrap_or(reason);
        if wants_json(&request) {
            answer.content_type("application/json; charset=utf-8").body(serde_json::json!({ "error": sentence }).to_string())
        } else {
            answer.content_type("text/plain; charset=utf-8").body(format!("{} {reason}: {sentence}\n", status.as_u16()))
        }
    };
    ServiceResponse::new(request, answer)
}

/// What a page may load and do: our own pictures and style, and forms that come back to us. No page of ours connects to anything
/// by itself; what looks a page over from inside (Lighthouse) asks for `/robots.txt` from there.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a browser may do with what we send: show it, and nothing else.
const PROTECTION: [(&str, &str); 8] = [
    ("content-security-policy", POLICY),
    // nothing of ours is told to other sites, while our own forms can be told from theirs by `Origin`
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
];

/// The policy of the few pages that other sites may show in a frame.
const IN_FRAMES: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";

/// Lets other sites show this page in a frame.
pub fn for_frames(mut page: HttpResponse) -> HttpResponse {
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(IN_FRAMES));
    page
}

/// A handler that needs other headers (a picture) has set them already.
fn protect(headers: &mut HeaderMap, is_https: bool) {
    let in_frames = headers.get(header::CONTENT_SECURITY_POLICY).is_some_and(|policy| policy == IN_FRAMES);
    for (name, value) in PROTECTION {
        let name = HeaderName::from_static(name);
        // it knows no "everyone": who may is told by its absence
        let is_framing = in_frames && name == header::X_FRAME_OPTIONS;
        if !is_framing && !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_name_is_answered_to() {
        let city = Origin::parse("https://plaza.example").unwrap();
        let machine = Origin::parse("http://localhost:8080").unwrap();
        let table = [
            (&city, &["plaza.example", "PLAZA.example", "plaza.example:443"][..], true),
            (
                &city,
                &[
                    "evil.example",
                    "plaza.example:444",
                    "plaza.example.",
                    "plaza.example.evil.example",
                    "x@plaza.example",
                    "localhost",
                    "",
                ],
                false,
            ),
            (&machine, &["localhost:8080", "127.0.0.1:8080", "[::1]:8080"], true),
            (
                &machine,
                &[
                    "localhost",
                    "localhost:80",
                    "127.0.0.1",
                    "[::1]",
                    "evil.example:8080",
                    "127.0.0.2:8080",
                    "localhost:8080:8080",
                ],
                false,
            ),
        ];
        for (origin, names, ours) in table {
            for name in names {
                assert_eq!(is_ours(origin, name), ours, "{name:?} at {origin}");
            }
        }
    }
}

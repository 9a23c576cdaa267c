//! What every answer has in common, asked of a small app.

use std::collections::BTreeMap;

use actix_web::{
    App,
    body::to_bytes,
    dev::ServiceResponse,
    http::{Method, StatusCode, header::HeaderMap},
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web::{self, Data},
};
use unic_langid::langid;

use super::*;
use crate::{
    error::{Error, Said},
    origin::Origin,
};

fn front() -> Front {
    Front {
        origin: Origin::parse("https://plaza.example").unwrap(),
        city: "Boston <&\"'>".into(),
        languages: vec![langid!("eu"), langid!("es")],
        zone: chrono_tz::Tz::UTC,
    }
}

async fn fails(path: web::Path<String>) -> Answer {
    Err(match path.as_str() {
        "refused" => Error::refused("the handle \"<b>\" is taken").into(),
        "invalid" => Error::invalid("no").into(),
        "missing" => Error::not_found("nobody").into(),
        "broken" => Error::broken("the secret of /home/ana").into(),
        "gone" => Failure::Gone,
        "large" => Failure::status(StatusCode::PAYLOAD_TOO_LARGE, "at most 1 MiB", Said::new("failed-long")),
        other => return Ok(HttpResponse::build(StatusCode::from_bytes(other.as_bytes()).unwrap()).finish()),
    })
}

async fn page(request: HttpRequest) -> Answer {
    Ok(respond(&request, "text/html; charset=utf-8", "<p>Here</p>", Cache::Public(30)))
}

async fn ask(request: TestRequest) -> (StatusCode, HeaderMap, String) {
    let app = App::new().app_data(Data::new(front())).wrap(from_fn(door)).configure(routes);
    let app = app.route("/page", read().to(page)).route("/fails/{how}", web::to(fails));
    let app = init_service(app.route("/numbers/{n}", web::get().to(async |n: web::Path<u32>| n.to_string()))).await;
    let answer: ServiceResponse = call_service(&app, request.to_request()).await;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = to_bytes(answer.into_body()).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header(("Host", "plaza.example"))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[actix_web::test]
async fn every_answer_carries_what_keeps_readers_safe() {
    let style = style::PAGE.path();
    for path in ["/page", "/none", "/fails/broken", "/fails/gone", "/fails/500", "/numbers/x", &style] {
        for host in ["plaza.example", "evil.example"] {
            for accept in ["text/html", "*/*", "application/activity+json"] {
                let request = TestRequest::get().uri(path).insert_header(("Host", host)).insert_header(("Accept", accept));
                let (_, headers, body) = ask(request).await;
                let policy = header(&headers, "content-security-policy");
                for part in [
                    "default-src 'none'",
                    "connect-src 'self'",
                    "frame-ancestors 'none'",
                    "base-uri 'none'",
                    "form-action 'self'",
                ] {
                    assert!(policy.contains(part), "{path} {policy}");
                }
                assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
                for (name, value) in [
                    ("referrer-policy", "same-origin"),
                    ("x-content-type-options", "nosniff"),
                    ("cross-origin-opener-policy", "same-origin"),
                    ("cross-origin-resource-policy", "same-origin"),
                    ("strict-transport-security", "max-age=31536000"),
                ] {
                    assert_eq!(header(&headers, name), value, "{path}");
                }
                assert!(headers.contains_key("permissions-policy"));
                assert!(header(&headers, "vary").contains("Accept"), "{path}");
                assert!(!body.contains("/home/ana") && !body.contains("Unknown localization"), "{body}");
            }
        }
    }
}

#[actix_web::test]
async fn failures_have_words_for_whoever_asked() {
    let table = [
        ("/none", 404, "Aquí no hay nada", "Not Found"),
        ("/fails/refused", 403, "Esto no está permitido", "the handle \"<b>\" is taken"),
        ("/fails/invalid", 400, "No entendemos esto", "no"),
        ("/fails/missing", 404, "Aquí no hay nada", "nobody"),
        ("/fails/broken", 500, "Algo ha fallado por nuestra parte", "Internal Server Error"),
        ("/fails/gone", 410, "Esto ya no está", "Gone"),
        ("/fails/large", 413, "Es demasiado de una vez", "at most 1 MiB"),
        ("/fails/405", 405, "Eso no se puede hacer aquí", "Method Not Allowed"),
        ("/fails/503", 503, "El sitio está muy ocupado", "Service Unavailable"),
        ("/fails/418", 418, "No entendemos esto", "I'm a teapot"),
        ("/fails/507", 507, "Algo ha fallado por nuestra parte", "Insufficient Storage"),
        ("/numbers/x", 404, "Aquí no hay nada", "Not Found"),
    ];
    for (path, status, title, sentence) in table {
        let (answered, headers, body) = ask(get(path).insert_header(("Accept", "text/html,*/*;q=0.8"))).await;
        assert_eq!((answered.as_u16(), header(&headers, "content-type")), (status, "text/html; charset=utf-8"), "{path}");
        assert!(body.contains(&format!("<h1>{title}</h1>")) && body.contains("<html lang=\"es\""), "{path}: {body}");
        assert!(!body.contains("<b>") && !body.contains("Boston <"), "{body}");
        assert_eq!(header(&headers, "cache-control"), "no-store");

        let (_, headers, body) = ask(get(path).insert_header(("Accept", "application/activity+json"))).await;
        assert_eq!(header(&headers, "content-type"), "application/json; charset=utf-8");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), serde_json::json!({ "error": sentence }));

        let (_, headers, body) = ask(get(path)).await;
        assert_eq!(header(&headers, "content-type"), "text/plain; charset=utf-8");
        assert!(body.starts_with(&status.to_string()) && body.ends_with(&format!("{sentence}\n")), "{body}");
    }
}

#[actix_web::test]
async fn another_hosts_name_is_not_answered_to() {
    let (status, _, body) = ask(TestRequest::get().uri("/page").insert_header(("Host", "evil.example"))).await;
    assert_eq!((status.as_u16(), body.as_str()), (421, "421 Misdirected Request: Only plaza.example is answered here.\n"));
    let spoofed =
        get("/page").insert_header(("X-Forwarded-Host", "evil.example")).insert_header(("Forwarded", "host=evil.example"));
    let (status, headers, body) = ask(spoofed).await;
    assert!(status.is_success() && !body.contains("evil") && !format!("{headers:?}").contains("evil"));
    let two = get("/page").append_header(("Host", "plaza.example"));
    assert_eq!(ask(two).await.0, 400);
    assert_eq!(ask(TestRequest::get().uri("/page")).await.0, 421);
    assert_eq!(ask(get("https://evil.example/page")).await.0, 421);
    assert_eq!(ask(get("https://plaza.example/page")).await.0, 200);
}

#[actix_web::test]
async fn what_is_known_is_not_sent_again() {
    let (status, headers, body) = ask(get("/page")).await;
    let tag = header(&headers, "etag").to_owned();
    assert_eq!((status.as_u16(), body.as_str(), header(&headers, "cache-control")), (200, "<p>Here</p>", "public, max-age=30"));
    assert_eq!(header(&headers, "vary"), "Accept, Accept-Language");
    let known = [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()];
    for tags in known {
        let (status, headers, body) = ask(get("/page").insert_header(("If-None-Match", tags))).await;
        assert_eq!((status.as_u16(), body.as_str(), header(&headers, "etag")), (304, "", tag.as_str()));
        assert!(headers.contains_key("content-security-policy") && !headers.contains_key("content-type"));
    }
    assert_eq!(ask(get("/page").insert_header(("If-None-Match", "\"other\""))).await.0, 200);
    let head = TestRequest::default().method(Method::HEAD).uri("/page").insert_header(("Host", "plaza.example"));
    assert_eq!(header(&ask(head).await.1, "etag"), tag);
}

#[actix_web::test]
async fn every_style_is_kept_for_ever_under_its_own_address() {
    use style::{A4, EMBED, LETTER, PAGE, POSTER, TABLE, WALL};
    for (sheet, at_most) in
        [(&PAGE, 9_250), (&TABLE, 1_000), (&POSTER, 5_000), (&A4, 500), (&LETTER, 500), (&WALL, 5_000), (&EMBED, 5_000)]
    {
        let (status, headers, body) = ask(get(&sheet.path())).await;
        assert_eq!((status.as_u16(), header(&headers, "content-type")), (200, "text/css; charset=utf-8"));
        assert_eq!(header(&headers, "cache-control"), "public, max-age=31536000, immutable");
        assert!(!body.contains("url(") && !body.contains("@import") && !body.contains("//"), "nothing is loaded from elsewhere");
        assert!(body.len() < at_most, "{}: {}", sheet.path(), body.len());
        assert_eq!(body.matches('{').count(), body.matches('}').count(), "{}", sheet.path());
    }
    let (_, headers, body) = ask(get("/style/poster-old.css")).await;
    assert!(header(&headers, "cache-control") == "public, max-age=60" && body.contains(".sheet"), "the one of today");
    assert_eq!(ask(get("/style/none-x.css")).await.0, 404);
}

#[actix_web::test]
async fn the_reader_chooses_the_language() {
    let table = [
        ("", "/none", "es"),
        ("en-GB,es;q=0.5", "/none", "en"),
        ("fr, es-MX;q=0.2", "/none", "es"),
        ("en", "/none?lang=es", "es"),
        ("es", "/none?lang=en-US", "en"),
        ("en", "/none?lang=xx", "en"),
        ("en", "/none?lang=%3Cscript%3E", "en"),
    ];
    for (accept, path, language) in table {
        let (_, _, body) = ask(get(path).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", accept))).await;
        assert!(body.contains(&format!("<html lang=\"{language}\" dir=\"ltr\"")), "{accept} {path}: {body}");
        let goes_along = path.contains("lang=e");
        assert_eq!(body.contains(&format!("href=\"/?lang={language}\"")), goes_along, "{path}: {body}");
    }
}

/// Messages of a language, each with the blanks in it.
fn messages(sources: &[&str]) -> BTreeMap<String, Vec<String>> {
    use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
    let mut messages = BTreeMap::new();
    for source in sources {
        for entry in fluent_syntax::parser::parse(*source).unwrap().body {
            let Entry::Message(message) = entry else { continue };
            let elements = message.value.unwrap_or_else(|| panic!("{} says nothing", message.id.name)).elements;
            let mut blanks: Vec<String> = elements
                .iter()
                .filter_map(|element| match element {
                    PatternElement::Placeable { expression: Expression::Inline(InlineExpression::VariableReference { id }) } => {
                        Some(id.name.to_owned())
                    }
                    PatternElement::Placeable { .. } => panic!("{}: only blanks are known here", message.id.name),
                    PatternElement::TextElement { .. } => None,
                })
                .collect();
            blanks.sort();
            assert_eq!(messages.insert(message.id.name.to_owned(), blanks), None, "{} twice", message.id.name);
        }
    }
    messages
}

/// All that stands in the files of a language.
fn sources(language: &str) -> Vec<String> {
    let folder = format!("{}/src/words/{language}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_language_says_the_same_things() {
    let (english, spanish) = (sources("en"), sources("es"));
    let [english, spanish] =
        [&english, &spanish].map(|sources| messages(&sources.iter().map(String::as_str).collect::<Vec<_>>()));
    assert!(english.len() > 100);
    assert_eq!(english, spanish);
}

#[actix_web::test]
async fn whoever_gathers_pages_may_read_them() {
    let (status, headers, body) = ask(get("/robots.txt")).await;
    assert_eq!((status.as_u16(), header(&headers, "content-type")), (200, "text/plain; charset=utf-8"));
    assert_eq!(body, "User-agent: *\nAllow: /\n");
}

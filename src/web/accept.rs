//! What somebody asks for: a page or a document, and in which language. Knows headers, not pages.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName},
};
use unic_langid::LanguageIdentifier;

/// Longer headers than people and servers send are read no further, in bytes.
const MAX_HEADER: usize = 2_000;

/// One entry of a header such as `Accept`.
struct Wish {
    name: String,
    weight: f32,
}

/// Is this another server, asking for a page's ActivityPub document? Whoever takes HTML as gladly gets the page.
pub fn wants_activity(request: &HttpRequest) -> bool {
    let wishes = wishes(request, &header::ACCEPT);
    let activity = heaviest(&wishes, ACTIVITY);
    activity > 0.0 && activity > heaviest(&wishes, &["text/html", "application/xhtml+xml", "text/*", "*/*"])
}

/// Is this a browser, asking for a document's page?
pub fn wants_page(request: &HttpRequest) -> bool {
    let wishes = wishes(request, &header::ACCEPT);
    let page = heaviest(&wishes, PAGE);
    page > 0.0 && page >= heaviest(&wishes, ACTIVITY)
}

/// Does it read JSON rather than words?
pub fn wants_json(request: &HttpRequest) -> bool {
    let wishes = wishes(request, &header::ACCEPT);
    heaviest(&wishes, ACTIVITY) > 0.0 || heaviest(&wishes, &["application/json", "application/jrd+json"]) > 0.0
}

const ACTIVITY: &[&str] = &["application/activity+json", "application/ld+json"];
const PAGE: &[&str] = &["text/html", "application/xhtml+xml"];

/// Languages that are read, the favourite first.
pub fn languages(request: &HttpRequest) -> Vec<LanguageIdentifier> {
    let mut wishes = wishes(request, &header::ACCEPT_LANGUAGE);
    wishes.retain(|wish| wish.weight > 0.0);
    wishes.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    wishes.iter().filter_map(|wish| wish.name.parse().ok()).collect()
}

fn heaviest(wishes: &[Wish], names: &[&str]) -> f32 {
    wishes.iter().filter(|wish| names.contains(&wish.name.as_str())).map(|wish| wish.weight).fold(0.0, f32::max)
}

fn wishes(request: &HttpRequest, name: &HeaderName) -> Vec<Wish> {
    let values =
        request.headers().get_all(name).filter_map(|value| value.to_str().ok()).filter(|value| value.len() <= MAX_HEADER);
    values.flat_map(|value| unquoted_parts(value, ',')).filter_map(|entry| read_wish(&entry)).collect()
}

fn read_wish(entry: &str) -> Option<Wish> {
    let mut parts = unquoted_parts(entry, ';').into_iter();
    let name = parts.next()?.to_ascii_lowercase();
    let weight = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("q")
            .then(|| value.trim().parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0))
    });
    (!name.is_empty()).then_some(Wish { name, weight: weight.unwrap_or(1.0) })
}

/// Split at a sign, but not inside quotes: `profile="a,b"` stays whole.
fn unquoted_parts(text: &str, sign: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c == sign && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn servers_get_documents_and_browsers_pages() {
        // Accept, then: a page's address gives the document; a document's address gives the page
        let table = [
            ("", false, false),
            ("*/*", false, false),
            ("text/html", false, true),
            ("application/json", false, false),
            ("application/activity+json", true, false),
            ("APPLICATION/Activity+JSON", true, false),
            ("application/ld+json", true, false),
            ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"", true, false),
            ("application/ld+json;profile=\"a,b;q=0, text/html\", application/activity+json", true, false),
            ("application/activity+json, application/ld+json", true, false),
            ("application/activity+json, application/json;q=0.9, */*;q=0.1", true, false),
            ("text/html, application/activity+json", false, true),
            ("application/activity+json, text/html", false, true),
            ("application/activity+json, */*", false, false),
            ("application/activity+json, text/html;q=0.9", true, false),
            ("application/activity+json;q=0.5, text/html", false, true),
            ("application/activity+json;q=0, */*", false, false),
            ("application/activity+json;q=0", false, false),
            ("application/activity+json;q=2", false, false),
            ("application/activity+json;q=x", false, false),
            ("text/html;q=0, application/ld+json;q=0.1", true, false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", false, true),
            (", ;;, =", false, false),
        ];
        for (accept, activity, page) in table {
            let request = TestRequest::default().insert_header(("Accept", accept)).to_http_request();
            assert_eq!((wants_activity(&request), wants_page(&request)), (activity, page), "{accept}");
        }
        let many =
            TestRequest::default().append_header(("Accept", "text/html")).append_header(("Accept", "application/activity+json"));
        assert!(!wants_activity(&many.to_http_request()));
    }

    #[test]
    fn languages_are_read_in_the_order_of_their_weight() {
        let table: [(&str, &[&str]); 5] = [
            ("es-MX,es;q=0.9,en;q=0.8", &["es-MX", "es", "en"]),
            ("en;q=0.5, es", &["es", "en"]),
            ("de;q=0, *", &[]),
            ("x, ../../etc, <b>", &[]),
            ("en;q=nan, es;q=-1", &[]),
        ];
        for (accept, expected) in table {
            let request = TestRequest::default().insert_header(("Accept-Language", accept)).to_http_request();
            let read: Vec<String> = languages(&request).iter().map(ToString::to_string).collect();
            assert_eq!(read, expected, "{accept}");
        }
    }
}

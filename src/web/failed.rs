//! What a browser is shown instead of what it asked for, and where whoever reads it can go on. Knows no noun.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;

use super::shell::{About, Front, HTML, Shell, Who};
use crate::{error::Sentence, text};

/// Who it was that was refused, and where they can go on: kept with the request by whoever knows them.
#[derive(Clone, Debug)]
pub struct Known {
    pub who: Who,
    /// Each the message that names it, and the path.
    pub ways: Vec<(&'static str, String)>,
}

/// The public page above an address of ours: of a group or a meeting.
fn above(path: &str) -> Option<(&'static str, String)> {
    let segments: Vec<&str> = path.split('/').skip(1).filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        ["ours", group, ..] | [group, _, ..] if group.starts_with('@') => Some(("error-way-group", format!("/{group}"))),
        ["meetings", id, _, ..] => Some(("error-way-meeting", format!("/meetings/{id}"))),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    title: String,
    text: String,
    /// Said in English by the rule that refused.
    sentence: Option<&'a str>,
    /// Said by it in the reader's language.
    said: Option<String>,
    /// Each what it is called, and its path.
    ways: Vec<(String, String)>,
}

/// What a browser is shown instead of what it asked for.
pub(super) fn error_page(
    front: &Front,
    request: &HttpRequest,
    status: StatusCode,
    sentence: Option<&str>,
    said: Option<&Sentence>,
) -> String {
    let known = [400, 403, 404, 405, 410, 413, 415, 421, 429, 500, 503];
    let code = match status.as_u16() {
        code if known.contains(&code) => code,
        _ if status.is_server_error() => 500,
        _ => 400,
    };
    // what is not there is said well enough by the page itself
    let sentence = sentence.filter(|_| code != 404);
    written(front, request, &format!("error-{code}"), sentence, said)
}

fn written(front: &Front, request: &HttpRequest, message: &str, sentence: Option<&str>, said: Option<&Sentence>) -> String {
    let mut shell = Shell::new(front, request, About { kind: "website", ..About::default() });
    let (title, text) = (shell.say(message), shell.say(&format!("{message}-more")));
    shell.about.title = title.clone();
    let known = request.extensions().get::<Known>().cloned().filter(|_| message == "error-403");
    let above = above(request.path()).filter(|_| message == "error-403");
    shell.who = known.as_ref().map(|known| known.who.clone());
    let mut ways = known.map(|known| known.ways).unwrap_or_default();
    ways.extend(above);
    let ways = ways.into_iter().map(|(name, path)| (shell.say(name), shell.link(&path))).collect();
    let said = said.map(|sentence| shell.words.why(sentence));
    let sentence = sentence.filter(|_| said.is_none());
    let page = ErrorPage { shell, title, text, sentence, said, ways };
    page.render().unwrap_or_else(|_| text::escape(&page.title))
}

/// 410, with the words of the message `message` and of the one called `message`-more.
pub fn gone(front: &Front, request: &HttpRequest, message: &str) -> HttpResponse {
    HttpResponse::Gone()
        .content_type(HTML)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept, Accept-Language"))
        .body(written(front, request, message, None, None))
}

//! What other sites may show in a frame: the next meetings, and nothing around them. The only pages that can be framed.

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::programme::{self, Line};
use crate::{
    app::App,
    error::Error,
    groups::group::{Group, check_handle},
    meetings::store::Only,
    text,
    web::{About, Answer, Front, Shell, for_frames, gone, style},
};

/// Meetings in a frame.
const MEETINGS: i64 = 8;

#[derive(Deserialize)]
pub struct Asked {
    /// Handle of a group.
    group: Option<String>,
    tag: Option<String>,
}

#[derive(Template)]
#[template(path = "posters/embed.html")]
struct Embed {
    shell: Shell,
    /// Words and their language, and where they lead.
    title: String,
    language: String,
    whole: String,
    /// Each with its day.
    lines: Vec<(String, Line)>,
    is_of_a_group: bool,
}

impl Embed {
    fn style(&self) -> String {
        style::EMBED.path()
    }
}

pub async fn meetings(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let given = |value: &Option<String>| value.as_ref().filter(|text| !text.is_empty()).map(|text| text.to_lowercase());
    let tag = given(&asked.tag).map(|tag| tag.trim_start_matches('#').to_owned());
    if tag.as_ref().is_some_and(|tag| !text::is_tag(tag)) {
        return Err(Error::not_found("there is no topic of that name").into());
    }
    match given(&asked.group) {
        Some(handle) => of_group(&request, &app, &front, &handle, tag).await,
        None => show(&request, &app, &front, None, tag).await,
    }
}

pub async fn group(request: HttpRequest, app: Data<App>, front: Data<Front>, handle: Path<String>) -> Answer {
    of_group(&request, &app, &front, &handle, None).await
}

async fn of_group(request: &HttpRequest, app: &App, front: &Front, handle: &str, tag: Option<String>) -> Answer {
    let missing = || Error::not_found("there is no group of that name");
    let handle = handle.to_ascii_lowercase();
    check_handle(&handle).map_err(|_| missing())?;
    let group = programme::group(app, &handle).await?.ok_or_else(missing)?;
    if group.closed.is_some() {
        return Ok(gone(front, request, "group-gone"));
    }
    show(request, app, front, Some(group), tag).await
}

async fn show(request: &HttpRequest, app: &App, front: &Front, group: Option<Group>, tag: Option<String>) -> Answer {
    let mut shell = Shell::new(front, request, About { kind: "website", ..About::default() });
    let (title, language, path) = match (&group, &tag) {
        (Some(group), _) => (group.name.clone(), group.language.clone(), format!("/@{}", group.handle)),
        (None, Some(tag)) => (format!("#{tag}"), shell.words.tag(), format!("/tags/{tag}")),
        (None, None) => (shell.city.clone(), shell.words.tag(), "/".into()),
    };
    shell.about.title = shell.fill("embed-title", "name", &title);
    let is_of_a_group = group.is_some();
    let only = Only { group: group.map(|group| group.handle), tag };
    let lines = programme::next(app, &shell, only, MEETINGS).await?;
    let now = app.here().now;
    let day = |line: &Line| programme::day_from_now(&shell.words, line.date, now, shell.zone);
    let lines = lines.into_iter().map(|line| (day(&line), line)).collect();
    let whole = shell.link(&path);
    Ok(for_frames(Shell::show(request, &Embed { shell, title, language, whole, lines, is_of_a_group })?))
}

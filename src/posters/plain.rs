//! What is on, as plain text: for chats, terminals and printers.

use actix_web::{
    HttpRequest,
    web::{Data, Query},
};
use serde::Deserialize;

use super::programme::{self, Line, Span};
use crate::{
    app::App,
    meetings::store::Only,
    text,
    web::{About, Answer, Cache, Front, Shell, respond},
    words::zone_abbreviation,
};

const TEXT: &str = "text/plain; charset=utf-8";
/// As long as pages: a change of time or place must be seen soon.
const FRESH: Cache = Cache::Public(30);

#[derive(Deserialize)]
pub struct Asked {
    /// The first of the seven days.
    from: Option<String>,
}

pub async fn today(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let shell = Shell::new(&front, &request, About::default());
    let now = app.here().now;
    let span = Span::today(now, shell.zone);
    let lines = programme::read(&app, &shell, span, Only::default()).await?;
    let day = programme::day(&shell.words, span.first, now, shell.zone);
    let mut written = vec![shell.words.say("text-today", &[("city", &city(&shell)), ("day", &day)]), zone(&app, &shell)];
    written.extend(lines.iter().map(|line| block(&shell, line)));
    if lines.is_empty() {
        written.push(shell.say("text-today-none"));
        for next in programme::next(&app, &shell, Only::default(), 1).await? {
            let day = programme::day_from_now(&shell.words, next.date, now, shell.zone);
            written.push(format!("{}\n{}", shell.fill("text-next", "day", &day), block(&shell, &next)));
        }
    }
    written.push(shell.fill("text-all", "address", app.origin.url("/").as_str()));
    Ok(respond(&request, TEXT, written.join("\n\n") + "\n", FRESH))
}

pub async fn week(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let shell = Shell::new(&front, &request, About::default());
    let now = app.here().now;
    let span = Span::week(now, shell.zone, asked.from.as_deref());
    let lines = programme::read(&app, &shell, span, Only::default()).await?;
    let days = span.said(&shell.words);
    let mut written = vec![shell.words.say("text-week", &[("city", &city(&shell)), ("days", &days)]), zone(&app, &shell)];
    if lines.is_empty() {
        written.push(shell.say("text-week-none"));
    }
    for (date, lines) in programme::by_day(&lines) {
        written.push(programme::day(&shell.words, date, now, shell.zone).to_uppercase());
        written.extend(lines.iter().map(|line| block(&shell, line)));
    }
    written.push(shell.fill("text-all", "address", app.origin.url("/").as_str()));
    Ok(respond(&request, TEXT, written.join("\n\n") + "\n", FRESH))
}

fn city(shell: &Shell) -> String {
    text::one_line(&shell.city)
}

/// On which clock all times are.
fn zone(app: &App, shell: &Shell) -> String {
    let letters = zone_abbreviation(&app.here().now.utc().with_timezone(&shell.zone));
    let name = shell.zone.name().replace('_', " ");
    shell.words.say("text-times", &[("zone", &name), ("letters", &letters)])
}

/// A meeting in three or four lines. Each of them has one direction of writing, so that no program mixes them up, and none begins
/// with a sign that a chat takes for a list or a quotation.
fn block(shell: &Shell, line: &Line) -> String {
    let when = match line {
        Line { cancelled: true, .. } => shell.fill("text-cancelled", "hours", &line.hours),
        Line { unconfirmed: true, .. } => shell.fill("text-unconfirmed", "hours", &line.hours),
        Line { moved: true, .. } => shell.fill("text-new-time", "hours", &line.hours),
        _ => line.hours.clone(),
    };
    let online = line.online.as_ref().map(|address| shell.fill("text-place-online", "address", address));
    let lines = [Some(when), Some(line.title.clone()), Some(line.group.clone()), line.whole_place.clone(), online];
    let mut written: Vec<String> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    written.push(line.page.clone());
    written.join("\n")
}

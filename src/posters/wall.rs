//! A screen at an information desk: today and what comes next, in huge type. It asks for itself anew, each minute.

use actix_web::{HttpRequest, web::Data};
use askama::{Template, filters::Safe};
use chrono::Timelike;

use super::{
    programme::{self, Line, Span, clock_face},
    qr,
};
use crate::{
    app::App,
    error::{Error, Result},
    meetings::store::Only,
    web::{About, Answer, Cache, Front, Shell, capitalised, respond, style},
};

/// Meetings of today that are shown.
const TODAY: usize = 4;
/// A screen of 16:9 in tenths of wall.css's rem, less its header; and what each thing takes of it.
const ROOM: usize = 338;
const A_MEETING: usize = 61;
const NO_MEETING: usize = 60;
const A_LINE: usize = 28;
const A_HEADING: usize = 34;

#[derive(Template)]
#[template(path = "posters/wall.html")]
struct Wall {
    shell: Shell,
    /// Seconds until the clock shows another minute.
    refresh: u32,
    clock: String,
    day: String,
    today: Vec<Line>,
    more_today: Option<String>,
    /// Each with its day.
    later: Vec<(String, Line)>,
    address: String,
    qr: Safe<String>,
}

impl Wall {
    fn style(&self) -> String {
        style::WALL.path()
    }
}

pub async fn wall(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    shell.about.title = shell.say("wall");
    let now = app.here().now;
    let span = Span::today(now, shell.zone);
    let mut today = programme::read(&app, &shell, span, Only::default()).await?;
    let rest = today.split_off(today.len().min(TODAY));
    let taken = if today.is_empty() { NO_MEETING } else { today.len() * A_MEETING };
    let taken = taken + A_HEADING + if rest.is_empty() { 0 } else { A_LINE };
    let later = coming(&app, &shell, span, ROOM.saturating_sub(taken) / A_LINE).await?;
    let more_today = (!rest.is_empty()).then(|| shell.fill("wall-more", "count", &rest.len().to_string()));
    let time = now.utc().with_timezone(&shell.zone);
    let address = app.origin.url("/");
    let page = Wall {
        refresh: 61_u32.saturating_sub(time.second()),
        clock: clock_face(&time),
        day: programme::day_from_now(&shell.words, span.first, now, shell.zone),
        today,
        more_today,
        later,
        qr: qr::svg(address.as_str(), &shell.fill("poster-code", "address", address.as_str()))?,
        address: app.origin.authority(),
        shell,
    };
    let html = page.render().map_err(Error::broken)?;
    // the clock on it would be wrong
    Ok(respond(&request, "text/html; charset=utf-8", html, Cache::Public(0)))
}

/// What begins after today, each with its day.
async fn coming(app: &App, shell: &Shell, today: Span, room: usize) -> Result<Vec<(String, Line)>> {
    let lines = programme::after(app, shell, today, room).await?;
    let day = |line: &Line| {
        let weekday = shell.say(&format!("weekday-short-{}", line.date.format("%u")));
        let (day, month) = (line.date.format("%-d").to_string(), shell.say(&format!("month-short-{}", line.date.format("%-m"))));
        let day = shell.words.say("wall-day", &[("weekday", &weekday), ("day", &day), ("month", &month)]);
        capitalised(&day)
    };
    Ok(lines.into_iter().map(|line| (day(&line), line)).collect())
}

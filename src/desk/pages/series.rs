//! The series of a group: on which of the next days it does not meet, and when it ends.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::{Desk, Line, confirm::is_sure, rhythm::shown, speaking, writing::Choice};
use crate::{
    app::{App, Here},
    db::Conn,
    desk::actions::{end_series, leave_out, their_series},
    error::{Error, Result},
    meetings::{self, meeting::Meeting},
    members::{
        access::{Visitor, form},
        pages::{did, shell},
    },
    series::{self, pages::often, series::Series},
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, Problems},
        read_id,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/ours/@{handle}/series/{id}/dates", Access::Organizer, ask_dates, take_dates)).service(form(
        "/ours/@{handle}/series/{id}/end",
        Access::Organizer,
        ask_end,
        end,
    ));
}

/// Days that are offered to be left out.
const DAYS: usize = 20;

/// The series of a group that go on, each with its next meeting.
pub fn of_group(conn: &mut Conn, here: &Here, handle: &str) -> Result<Vec<(Series, Option<Meeting>)>> {
    let mut all = series::store::of_group(conn, handle)?;
    all.retain(|series| series.next_from(here.now).is_some());
    let next = |conn: &mut Conn, series: &Series| {
        let ahead = meetings::store::ahead_of_series(conn, series.id, here.now)?;
        Ok(ahead.into_iter().find(|meeting| meeting.cancelled.is_none()))
    };
    all.into_iter().map(|series| next(conn, &series).map(|meeting| (series, meeting))).collect()
}

pub fn line(shell: &Shell, desk: &Desk, series: &Series, next: Option<&Meeting>) -> Line {
    let way = |message: &str, address: String| (shell.say(message), shell.link(&address));
    let deed = |deed: &str| desk.path(&format!("/series/{}/{deed}", series.id));
    let change = next.map(|meeting| way("desk-change", desk.path(&format!("/meetings/{}/edit?scope=all", meeting.id))));
    let others = [way("desk-series-dates", deed("dates")), way("desk-series-end", deed("end"))];
    Line {
        title: series.pattern.title.clone(),
        language: series.pattern.language.clone(),
        page: shell.link(&format!("/series/{}", series.id)),
        when: often(shell, &series.rule, series.first, series.zone()),
        mark: None,
        ways: change.into_iter().chain(others).collect(),
    }
}

type Where = (Data<App>, Data<Front>, Visitor);

async fn found(app: &App, (handle, id): &(String, String)) -> Result<(Desk, Series), Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((Desk::of(&speaking(conn, &handle)?), their_series(conn, &handle, id)?))).await?)
}

/// The next starts of a series, those on days that are left out among them.
fn next(series: &Series, here: &Here) -> Vec<NaiveDateTime> {
    series.rule.following(series.first, series.clock_at(here.now), DAYS)
}

#[derive(Template)]
#[template(path = "desk/series.html")]
struct Dates {
    shell: Shell,
    desk: Desk,
    what: String,
    language: String,
    rule: String,
    lead: String,
    /// The days from which some are chosen.
    days: Vec<Choice>,
    /// One of them, or any number.
    one: bool,
    /// What must be ticked besides.
    tick: Option<String>,
    button: String,
    problems: Problems,
    action: String,
    back: String,
}

fn page(shell: Shell, desk: Desk, series: &Series, deed: &str, days: Vec<Choice>, problems: Problems) -> Answer {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let ends = deed == "end";
    let page = Dates {
        what: series.pattern.title.clone(),
        language: series.pattern.language.clone(),
        rule: often(&shell, &series.rule, series.first, series.zone()),
        lead: shell.say(&format!("desk-series-{deed}-lead")),
        one: ends,
        tick: ends.then(|| shell.say("desk-series-end-sure")),
        button: shell.say(&format!("desk-series-{deed}-do")),
        action: shell.link(&desk.path(&format!("/series/{}/{deed}", series.id))),
        back: shell.link(&desk.path("")),
        days,
        problems,
        desk,
        shell,
    };
    Shell::show_once(status, &page)
}

async fn ask_dates(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, series) = found(&app, &path).await?;
    let (shell, here) = (shell(&front, &request, &visitor, "desk-series-dates"), app.here());
    let days = next(&series, &here).into_iter().map(|start| Choice {
        value: start.date().to_string(),
        name: shown(&shell, &here, start, series.zone()),
        chosen: series.except.contains(&start.date()),
    });
    let days = days.collect();
    page(shell, desk, &series, "dates", days, Problems::default())
}

/// Days as a form sends them.
fn days(fields: &Fields, name: &str) -> Result<BTreeSet<NaiveDate>> {
    let named = fields.pairs.iter().filter(|(field, _)| field == name);
    named.map(|(_, day)| day.parse().map_err(|_| Error::invalid("a day is written as 2026-11-24"))).collect()
}

async fn take_dates(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (desk, series) = found(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "desk-series-dates");
    let (seen, chosen) = (days(&fields, "seen")?, days(&fields, "day")?);
    let (speaker, handle, id) = (visitor.speaker()?, desk.handle.clone(), series.id);
    app.act(move |conn, here| leave_out(conn, here, &speaker, &handle, id, &seen, &chosen)).await?;
    Ok(did(&shell, &desk.path(""), "dates"))
}

/// The meetings after which a series may end: none at all, or one of the next.
fn last_ones(shell: &Shell, here: &Here, series: &Series) -> Vec<Choice> {
    let held = next(series, here).into_iter().filter(|start| !series.except.contains(&start.date()));
    let named = held.map(|start| (start.date().to_string(), shown(shell, here, start, series.zone())));
    let none = (String::new(), shell.say("desk-series-end-now"));
    let choice = |(value, name): (String, String)| Choice { chosen: value.is_empty(), value, name };
    std::iter::once(none).chain(named).map(choice).collect()
}

async fn ask_end(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (desk, series) = found(&app, &path).await?;
    let (shell, here) = (shell(&front, &request, &visitor, "desk-series-end"), app.here());
    let days = last_ones(&shell, &here, &series);
    page(shell, desk, &series, "end", days, Problems::default())
}

async fn end(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (desk, series) = found(&app, &path).await?;
    let (shell, here) = (shell(&front, &request, &visitor, "desk-series-end"), app.here());
    let mut problems = Problems::default();
    if !is_sure(&shell, &fields, &mut problems) {
        let days = last_ones(&shell, &here, &series);
        return page(shell, desk, &series, "end", days, problems);
    }
    let last = fields.get("day").filter(|day| !day.is_empty());
    let last: Option<NaiveDate> =
        last.map(str::parse).transpose().map_err(|_| Error::invalid("a day is written as 2026-11-24"))?;
    let after = last.and_then(|last| last.succ_opt()).map(NaiveDateTime::from);
    let from = after.and_then(|after| series.rule.following(series.first, after, 1).pop()).map(|start| series.moment(start));
    if last.is_some() && from.is_none() {
        // it ends there already
        return Ok(did(&shell, &desk.path(""), "ended"));
    }
    let (speaker, handle, id) = (visitor.speaker()?, desk.handle.clone(), series.id);
    app.act(move |conn, here| end_series(conn, here, &speaker, &handle, id, from)).await?;
    Ok(did(&shell, &desk.path(""), "ended"))
}

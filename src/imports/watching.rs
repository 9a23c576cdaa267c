//! Addresses that are looked at by themselves: begun, stopped, and looked at every few hours.

use std::time::Duration;

use chrono::NaiveTime;
use url::Url;
use uuid::Uuid;

use super::{
    actions::{self, Taking},
    fetching::{self, Got, Marks},
    found::{Reading, Remark},
    gone,
    known::{MOST_OF_ALL, MOST_WATCHED, Refusal, Report, Watched, hours},
    reading::{self, Ways},
    store,
};
use crate::{
    app::{App, Here},
    db::Conn,
    error::{Error, Result, Said, Sentence},
    groups,
};

/// So long nobody else takes up an address that one process looks at.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// Addresses looked at in one go.
const AT_ONCE: i64 = 10;
/// What nobody decided about is forgotten.
const LOOK_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Reads a calendar as this place does: what says no zone happens on its clock.
pub async fn read(app: &App, file: bytes::Bytes, whole_days: Option<(NaiveTime, NaiveTime)>) -> Result<Reading> {
    let ways = Ways { zone: app.place.zone, now: app.clock.now(), whole_days };
    // some milliseconds of work, which nobody else has to wait for
    let read = tokio::task::spawn_blocking(move || reading::read(&file, &ways)).await.map_err(Error::broken)?;
    Ok(read?)
}

/// Has an address looked at from now on: at once, or where its calendar was just taken in, at its next turn.
pub fn begin(conn: &mut Conn, here: &Here, group: &str, url: &Url, hours: Option<String>, at_once: bool) -> Result<Watched> {
    groups::actions::speaking(conn, group)?;
    let all = store::watched_by(conn, group)?;
    if let Some(known) = all.iter().find(|watched| watched.url == *url) {
        let again = Watched { hours, etag: None, modified: None, failures: 0, next_look: here.now, ..known.clone() };
        let again = if at_once { again } else { again.after_a_look(here.now, false) };
        store::save_watched(conn, &again)?;
        return Ok(again);
    }
    if all.len() >= MOST_WATCHED {
        return Err(Refusal::TooManyWatched.into());
    }
    if store::count_watched(conn)? >= MOST_OF_ALL {
        return Err(Refusal::Full.into());
    }
    let new = Watched::new(here.new_id(), group, url.clone(), hours, here.now);
    let new = if at_once { new } else { new.after_a_look(here.now, false) };
    store::watch(conn, &new)?;
    Ok(new)
}

/// Takes in what was read at an address, and has that looked at from now on.
pub async fn adopt(app: &App, taking: &Taking, url: Url, said: Option<String>, reading: &Reading) -> Result<Report> {
    let (speaker, group) = (taking.speaker.clone(), taking.group.clone());
    let begun = app.act(move |conn, here| {
        if let Some(speaker) = &speaker {
            speaker.speaks_for(conn, here, &group)?;
        }
        begin(conn, here, &group, &url, said.clone(), false)
    });
    let source = begun.await?.id;
    let report = actions::take_in(app, &Taking { source: Some(source), ..taking.clone() }, reading).await?;
    let kept = report.clone();
    app.act(move |conn, here| note(conn, here, source, &kept)).await?;
    Ok(report)
}

/// Notes what came of a calendar that was taken in from an address that is looked at.
fn note(conn: &mut Conn, here: &Here, id: Uuid, report: &Report) -> Result<()> {
    let Some(watched) = store::watched_by_id(conn, id)? else { return Ok(()) };
    Ok(store::save_watched(conn, &Watched { looked: Some(here.now), report: Some(report.clone()), ..watched })?)
}

/// Has an address not looked at any more. What came from there stays.
pub fn stop(conn: &mut Conn, group: &str, id: Uuid) -> Result<Watched> {
    let watched = store::watched_by_id(conn, id)?.filter(|watched| watched.group == group);
    let watched = watched.ok_or_else(|| Error::not_found("this address is not looked at"))?;
    store::stop(conn, id)?;
    Ok(watched)
}

/// Looks at what is due; says how many addresses there were.
pub async fn look_at_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(store::due(conn, now, AT_ONCE)?)).await?;
    for id in &due {
        look(app, *id).await?;
    }
    Ok(due.len())
}

/// Looks at one address, unless another process does.
pub async fn look(app: &App, id: Uuid) -> Result<Option<Report>> {
    let now = app.clock.now();
    let Some(watched) = app.db.write(move |conn| Ok(store::claim(conn, id, now, now + LEASE)?)).await? else {
        return Ok(None);
    };
    let outcome = take_in(app, &watched).await;
    let now = app.clock.now();
    let (failed, report, marks) = match outcome {
        Ok(Some((report, marks))) => (false, report, Some(marks)),
        Ok(None) => (false, Report { failure: None, ..watched.report.clone().unwrap_or_default() }, None),
        Err(Error::Broken(cause)) => {
            // ours to mend: it waits for its next turn
            let later = watched.after_a_look(now, true);
            app.db.write(move |conn| Ok(store::save_watched(conn, &later)?)).await?;
            return Err(Error::Broken(cause));
        }
        Err(why) => (true, Report { failure: Some(failure(why)), ..Report::default() }, None),
    };
    let mut after = watched.after_a_look(now, failed);
    if let Some(Marks { etag, modified }) = marks {
        (after.etag, after.modified) = (etag, modified);
    }
    after.report = Some(report.clone());
    app.db
        .write(move |conn| {
            // it may have been stopped meanwhile
            if store::watched_by_id(conn, after.id)?.is_some() { Ok(store::save_watched(conn, &after)?) } else { Ok(()) }
        })
        .await?;
    Ok(Some(report))
}

fn failure(why: Error) -> Remark {
    let said = match why {
        Error::Refused(Sentence { said: Some(said), .. }) => said,
        other => Said::new("import-refused").with("why", other),
    };
    Remark::left_out(0, None, said)
}

/// What came of it and by what it is known again; nothing where it is the same as last time.
async fn take_in(app: &App, watched: &Watched) -> Result<Option<(Report, Marks)>> {
    let handle = watched.group.clone();
    app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await?;
    // what was too far away may have come near in the same calendar
    let is_all = watched.report.as_ref().is_some_and(|report| report.far == 0 && report.left_out() == 0);
    let known = if is_all { Marks { etag: watched.etag.clone(), modified: watched.modified.clone() } } else { Marks::default() };
    let (file, marks) = match fetching::fetch(&app.http, &watched.url, &known).await? {
        Got::Calendar(file, marks) => (file, marks),
        Got::Same => {
            gone::look_for_the_missing(app, watched.id).await?;
            return Ok(None);
        }
    };
    let whole_days = watched.hours.as_deref().map(hours).transpose()?;
    let reading = read(app, file, whole_days).await?;
    let taking = Taking { group: watched.group.clone(), speaker: None, source: Some(watched.id) };
    Ok(Some((actions::take_in(app, &taking, &reading).await?, marks)))
}

/// Forgets what nobody decided about.
pub fn forget(conn: &mut Conn, now: crate::clock::Timestamp) -> Result<()> {
    Ok(store::forget_looks(conn, now - LOOK_FOR)?)
}

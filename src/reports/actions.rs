//! What is done with reports: taken, closed, and sent to other servers as the city itself.

use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    report::{Refusal, Report},
    store,
};
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    db::Conn,
    error::{Error, Result, Said},
    federation::say::{Hearers, Saying, say},
    origin::Local,
    text,
};

/// What came in from one server and nobody looked at: beyond that it loses its oldest.
const OPEN_OF_HOST: i64 = 50;
/// The same from people here: beyond that, the oldest of what was said most often in the same words makes room. Where everything is
/// said in words of its own, people are told whom to ask instead.
const OPEN_OF_US: i64 = 1_000;
/// The same from all servers: beyond that, the one of which most is here loses its oldest.
const OPEN_OF_SERVERS: i64 = 1_000;
/// Things named in one report.
const OBJECTS: usize = 50;
/// Of the reason, in characters.
const REASON: usize = 5_000;
/// So much of what one of them said stays, as long as any of it does.
const SHORTEST: usize = 200;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Kind => Said::new("report-refused-kind").about("kind"),
            Refusal::Words => Said::new("report-refused-words").about("words"),
            Refusal::Grew => Said::new("care-report-grew"),
            Refusal::Full => Said::new("report-refused-full"),
            Refusal::FullBut(contact) => Said::new("report-refused-full-but").with("contact", contact),
            Refusal::Reason | Refusal::OfThisCity(_) | Refusal::Elsewhere(_) => return Error::refused(refusal),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// Somebody asks to look at something: `objects` are paths of ours or ids, the first one what it is about. Many about the same from
/// the same server are one. `host` is empty for people here.
pub fn file(conn: &mut Conn, here: &Here, host: &str, objects: &[String], reason: &str) -> Result<()> {
    let Some(about) = objects.first() else { return Ok(()) };
    let reason = paragraph(reason);
    let report = match store::open_about(conn, host, about)? {
        Some(mut known) => {
            known.times += 1;
            known.reason = together(&known.reason, &reason);
            let new: Vec<String> = objects.iter().filter(|object| !known.objects.contains(object)).cloned().collect();
            known.objects.extend(new);
            known.objects.truncate(OBJECTS);
            known
        }
        None => {
            make_room(conn, host)?;
            Report {
                id: here.new_id(),
                about: about.clone(),
                host: host.to_owned(),
                objects: objects.iter().take(OBJECTS).cloned().collect(),
                reason,
                times: 1,
                received: here.now,
                closed: None,
            }
        }
    };
    Ok(store::save(conn, &report)?)
}

/// What one of them said, without empty lines: these stand between one and the next.
fn paragraph(reason: &str) -> String {
    let lines: Vec<&str> = reason.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    cut(&lines.join("\n"), REASON)
}

/// The beginning, in at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

/// What was said before and now, in at most [`REASON`] characters. The newest always stands whole, so that nobody is silenced by
/// whoever wrote more, and before them; of the others the longest are shortened, and only then the oldest goes.
fn together(known: &str, new: &str) -> String {
    if new.is_empty() {
        return known.to_owned();
    }
    let is_new = |said: &&str| {
        let beginning = said.strip_suffix('…').filter(|beginning| beginning.chars().count() >= SHORTEST / 2);
        *said == new || beginning.is_some_and(|beginning| new.starts_with(beginning))
    };
    let mut before: Vec<&str> = known.split("\n\n").filter(|said| !said.is_empty() && !is_new(said)).collect();
    let own = new.chars().count();
    loop {
        let lengths: Vec<usize> = before.iter().map(|said| said.chars().count()).collect();
        let all = |most: usize| lengths.iter().map(|length| (*length).min(most) + 2).sum::<usize>() + own;
        if let Some(most) = (SHORTEST..=REASON).rev().find(|most| all(*most) <= REASON) {
            let said = before.iter().map(|said| cut(said, most)).chain([new.to_owned()]);
            return said.collect::<Vec<_>>().join("\n\n");
        }
        before.remove(0);
    }
}

/// For one more from there. People here and servers are counted apart: neither keeps out the other.
fn make_room(conn: &mut Conn, host: &str) -> Result<()> {
    if host.is_empty() {
        if store::count_open_of(conn, "")? >= OPEN_OF_US && !store::drop_repeated(conn)? {
            return Err(Refusal::Full.into());
        }
        return Ok(());
    }
    if store::count_open_of(conn, host)? >= OPEN_OF_HOST {
        store::drop_oldest_of(conn, host)?;
    } else if store::count_open_of_servers(conn)? >= OPEN_OF_SERVERS {
        store::drop_from_fullest(conn)?;
    }
    Ok(())
}

/// The same by somebody in front of our pages, who is told when it is too much: with `contact`, how to reach whoever looks after
/// the place, in their own words.
pub fn file_here(conn: &mut Conn, here: &Here, about: &str, reason: &str, contact: &str) -> Result<()> {
    let full = store::open_about(conn, "", about)?.is_none()
        && store::count_open_of(conn, "")? >= OPEN_OF_US
        && !store::is_any_repeated(conn)?;
    match full {
        true if contact.trim().is_empty() => Err(Refusal::Full.into()),
        true => Err(Refusal::FullBut(contact.trim().to_owned()).into()),
        false => file(conn, here, "", &[about.to_owned()], reason),
    }
}

pub fn find(conn: &mut Conn, id: Uuid) -> Result<Report> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there is no report {id}")))
}

/// The caretakers are done with it. `times` is how often it had been said to whoever says so, where they read it on a page.
///
/// # Errors
/// `Grew` where they have not read all of it.
pub fn close(conn: &mut Conn, here: &Here, id: Uuid, times: Option<i64>) -> Result<Report> {
    let mut report = find(conn, id)?;
    if report.closed.is_none() && times.is_some_and(|times| times != report.times) {
        return Err(Refusal::Grew.into());
    }
    report.closed = report.closed.or(Some(here.now));
    store::save(conn, &report)?;
    Ok(report)
}

/// Asks the server of `actor` to look at it and at these posts of its. The city asks: who here did so is said to nobody.
pub fn send(conn: &mut Conn, here: &Here, actor: &RemoteActor, posts: &[Url], reason: &str) -> Result<Uuid> {
    if !text::is_prose(reason, REASON) {
        return Err(Refusal::Reason.into());
    }
    if here.origin.owns(&actor.uri) {
        return Err(Refusal::OfThisCity(actor.handle()).into());
    }
    if let Some(other) = posts.iter().find(|post| post.origin() != actor.uri.origin()) {
        return Err(Refusal::Elsewhere(other.to_string()).into());
    }
    crate::actors::remote::save(conn, actor)?;
    let objects: Vec<&Url> = std::iter::once(&actor.uri).chain(posts.iter().take(OBJECTS)).collect();
    let mut flag = Saying::direct("Flag", &Local::Instance, actor, format!("{}#flag", actor.uri), json!(objects));
    flag.content = Some(reason.to_owned());
    say(conn, here, &flag, Hearers::only(actor))
}

//! That an announcement cannot wait, and that a second one who speaks for the group says so too: other cities pass on by themselves
//! only what two stand behind. Who they were is kept no longer than it takes to tell that they are two.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use super::{actions, announcement::Announcement, store};
use crate::{
    app::Here,
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{alarms, announcements},
    },
    error::{Error, Result, Said},
    groups,
};

/// An alarm can be confirmed for so long from when it was said, also when it is changed meanwhile; after that, nobody keeps who raised
/// it.
const FRESH: Duration = Duration::from_secs(2 * 24 * 3_600);
/// That two stood behind it is said for so long.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Why nobody stands behind an alarm. The text is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this announcement is not urgent")]
    Calm,
    #[error("it takes a second one: you said that it is urgent")]
    Same,
    #[error("this was said more than two days ago: it is no longer urgent")]
    Old,
    #[error("it takes somebody who has spoken for the group for 14 days")]
    New,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match refusal {
            Refusal::Calm => Said::new("refused-alarm-calm"),
            Refusal::Same => Said::new("refused-alarm-same"),
            Refusal::Old => Said::new("refused-alarm-old"),
            Refusal::New => Said::new("refused-alarm-new"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// Somebody with an account says that it is urgent.
pub fn raise(conn: &mut Conn, now: Timestamp, note: Uuid, member: Uuid) -> Result<()> {
    let about = (alarms::member.eq(Some(member.to_string())), alarms::confirmed.eq(false), alarms::raised.eq(now));
    let known = alarms::table.find(note.to_string()).count().get_result::<i64>(conn)? > 0;
    if !known {
        diesel::insert_into(alarms::table).values((alarms::note.eq(note.to_string()), about)).execute(conn)?;
    }
    Ok(())
}

/// A second one says so too. Whoever follows the group hears that two do.
pub fn confirm(conn: &mut Conn, here: &Here, note: &Announcement, member: Uuid) -> Result<()> {
    groups::actions::speaking(conn, &note.group)?;
    let id = note.id.to_string();
    if !note.urgent || note.deleted.is_some() {
        return Err(Refusal::Calm.into());
    }
    let known: Option<(Option<String>, bool)> =
        alarms::table.find(&id).select((alarms::member, alarms::confirmed)).first(conn).optional()?;
    if known.as_ref().is_some_and(|(_, confirmed)| *confirmed) {
        return Ok(());
    }
    if here.now.since(note.published) > FRESH {
        return Err(Refusal::Old.into());
    }
    if let Some((Some(first), _)) = &known {
        let first: Uuid = first.parse().map_err(|_| Inconsistent::error("alarms", "member", &id))?;
        if first == member {
            return Err(Refusal::Same.into());
        }
    }
    let nobody: Option<String> = None;
    let about = (alarms::member.eq(nobody), alarms::confirmed.eq(true), alarms::raised.eq(here.now));
    if diesel::update(alarms::table.find(&id)).set(about.clone()).execute(conn)? == 0 {
        diesel::insert_into(alarms::table).values((alarms::note.eq(&id), about)).execute(conn)?;
    }
    actions::say_again(conn, here, note)
}

/// It was changed: nobody has said yet that what it says now is urgent.
pub fn withdraw(conn: &mut Conn, note: Uuid) -> Result<()> {
    diesel::delete(alarms::table.find(note.to_string())).execute(conn)?;
    Ok(())
}

/// So many stand behind it: whoever said it, and a second one.
pub fn behind(conn: &mut Conn, note: Uuid) -> Result<i64> {
    let confirmed: Option<bool> = alarms::table.find(note.to_string()).select(alarms::confirmed).first(conn).optional()?;
    Ok(if confirmed == Some(true) { 2 } else { 1 })
}

/// The latest urgent announcements of a group that a second one, who is this member, can stand behind.
pub fn open(conn: &mut Conn, group: &str, member: Uuid, now: Timestamp) -> Result<Vec<Announcement>> {
    let urgent = store::urgent(conn, Some(group), now - FRESH, 20)?;
    let mut open = Vec::new();
    for note in urgent {
        let known: Option<(Option<String>, bool)> =
            alarms::table.find(note.id.to_string()).select((alarms::member, alarms::confirmed)).first(conn).optional()?;
        let can = match known {
            Some((first, confirmed)) => !confirmed && first != Some(member.to_string()),
            None => true,
        };
        open.extend(can.then_some(note));
    }
    Ok(open)
}

/// Forgets who raised an alarm when nobody can confirm it any more.
pub fn forget(conn: &mut Conn, now: Timestamp) -> Result<()> {
    // while it can be confirmed, whoever raised it must be known: nobody is their own second voice
    let said = announcements::table.filter(announcements::published.ge(now - FRESH)).select(announcements::id);
    let old = alarms::table.filter(alarms::confirmed.eq(false)).filter(alarms::note.ne_all(said));
    diesel::delete(old).execute(conn)?;
    diesel::delete(alarms::table.filter(alarms::raised.lt(now - KEPT))).execute(conn)?;
    Ok(())
}

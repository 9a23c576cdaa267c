//! How reactions are kept: who, what and by which activity, as far as it takes to count each once and to take it back.

use diesel::{AggregateExpressionMethods, ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl, dsl::count};
use url::Url;
use uuid::Uuid;

use crate::{
    db::{
        Conn, insert_new,
        schema::{announcements, meetings, minutes, reactions},
    },
    origin::Local,
};

/// No more are counted for one thing: a flood must not fill the disk.
const MOST: i64 = 20_000;
/// Named in one statement.
const AT_ONCE: usize = 500;

/// What somebody did with something of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Like,
    /// With a sign of the sender's choice, which is not kept.
    Emoji,
    PassedOn,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Like => "like",
            Self::Emoji => "emoji",
            Self::PassedOn => "passed_on",
        }
    }
}

/// How many people reacted to something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Who liked it or set a sign below it; each once.
    pub likes: i64,
    pub passed_on: i64,
}

/// Keeps a reaction, or under which activity it came last.
pub fn add(conn: &mut Conn, object: &str, kind: Kind, actor: &Url, activity: &str) -> QueryResult<()> {
    let known = reactions::table.find((object, kind.name(), actor.as_str()));
    if diesel::update(known).set(reactions::activity.eq(activity)).execute(conn)? > 0 {
        return Ok(());
    }
    let all: i64 = reactions::table.filter(reactions::object.eq(object)).count().get_result(conn)?;
    if all >= MOST {
        return Ok(());
    }
    let row = (
        reactions::object.eq(object),
        reactions::kind.eq(kind.name()),
        reactions::actor.eq(actor.as_str()),
        reactions::activity.eq(activity),
    );
    insert_new(conn, |conn| diesel::insert_into(reactions::table).values(row).execute(conn))?;
    Ok(())
}

pub fn remove(conn: &mut Conn, object: &str, kind: Kind, actor: &Url) -> QueryResult<()> {
    diesel::delete(reactions::table.find((object, kind.name(), actor.as_str()))).execute(conn)?;
    Ok(())
}

/// An actor takes back what it did by that activity.
pub fn take_back(conn: &mut Conn, actor: &Url, activity: &str) -> QueryResult<()> {
    let of_actor = reactions::table.filter(reactions::actor.eq(actor.as_str()));
    diesel::delete(of_actor.filter(reactions::activity.eq(activity))).execute(conn)?;
    Ok(())
}

pub fn counts(conn: &mut Conn, object: &str) -> QueryResult<Counts> {
    let of = |kinds: &'static [&'static str]| {
        reactions::table.filter(reactions::object.eq(object.to_owned())).filter(reactions::kind.eq_any(kinds.iter().copied()))
    };
    Ok(Counts {
        likes: of(&["like", "emoji"]).select(count(reactions::actor).aggregate_distinct()).first(conn)?,
        passed_on: of(&["passed_on"]).select(count(reactions::actor).aggregate_distinct()).first(conn)?,
    })
}

pub fn forget_actor(conn: &mut Conn, actor: &str) -> QueryResult<()> {
    diesel::delete(reactions::table.filter(reactions::actor.eq(actor))).execute(conn)?;
    Ok(())
}

pub fn forget_object(conn: &mut Conn, object: &str) -> QueryResult<()> {
    diesel::delete(reactions::table.filter(reactions::object.eq(object))).execute(conn)?;
    Ok(())
}

/// A group ended, and with it all it said that people could like.
pub fn forget_group(conn: &mut Conn, group: &str) -> QueryResult<()> {
    let notes: Vec<String> =
        announcements::table.filter(announcements::group_handle.eq(group)).select(announcements::id).load(conn)?;
    let events: Vec<String> = meetings::table.filter(meetings::group_handle.eq(group)).select(meetings::id).load(conn)?;
    let records: Vec<String> = minutes::table.filter(minutes::group_handle.eq(group)).select(minutes::id).load(conn)?;
    let path = |kind: fn(Uuid) -> Local, ids: Vec<String>| {
        ids.into_iter().filter_map(move |id| Some(kind(Uuid::parse_str(&id).ok()?).path()))
    };
    let paths = path(Local::Note, notes).chain(path(Local::Event, events)).chain(path(Local::Minutes, records));
    for some in paths.collect::<Vec<String>>().chunks(AT_ONCE) {
        diesel::delete(reactions::table.filter(reactions::object.eq_any(some))).execute(conn)?;
    }
    Ok(())
}

/// Whoever reacted to anything.
pub fn actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    reactions::table.select(reactions::actor).distinct().load(conn)
}

//! How the plaza's choice and its digests are kept, and what it passed on: that stands among our activities.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods};
use uuid::Uuid;

use super::{digest::Digest, pass_on::PassOn};
use crate::{
    app,
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, containing_word},
        insert_new,
        schema::{activities, announcements, digests, meetings, minutes},
    },
    groups::group::PLAZA,
    origin::Local,
};

const PASS_ON: &str = "pass_on";

pub fn choice(conn: &mut Conn) -> QueryResult<PassOn> {
    Ok(app::setting(conn, PASS_ON)?.and_then(|name| PassOn::by_name(&name)).unwrap_or_default())
}

pub fn keep_choice(conn: &mut Conn, choice: PassOn) -> QueryResult<()> {
    app::keep_setting(conn, PASS_ON, choice.name())
}

fn plaza() -> String {
    Local::Group(PLAZA.to_owned()).path()
}

/// Something that the plaza passed on.
pub struct Passed {
    pub what: Local,
    pub announce: Uuid,
    pub at: Timestamp,
}

type PassedRow = (String, String, Timestamp);

fn passed((id, path, at): PassedRow) -> QueryResult<Passed> {
    let announce = id.parse().map_err(|_| Inconsistent::error("activities", "id", &id))?;
    let what = item(&path).ok_or_else(|| Inconsistent::error("activities", "object", &id))?;
    Ok(Passed { what, announce, at })
}

/// How the plaza passed this on, if it did; also when it was taken back since.
pub fn passed_on(conn: &mut Conn, what: &Local) -> QueryResult<Option<Passed>> {
    let found: Option<PassedRow> = activities::table
        .filter(activities::object.eq(what.path()))
        .filter(activities::actor.eq(plaza()))
        .filter(activities::kind.eq("Announce"))
        .select((activities::id, activities::object, activities::published))
        .first(conn)
        .optional()?;
    found.map(passed).transpose()
}

/// Paths of what the plaza passed on since then.
pub fn passed_on_since(conn: &mut Conn, since: Timestamp) -> QueryResult<HashSet<String>> {
    let paths: Vec<String> = activities::table
        .filter(activities::actor.eq(plaza()))
        .filter(activities::kind.eq("Announce"))
        .filter(activities::published.ge(since))
        .select(activities::object)
        .load(conn)?;
    Ok(paths.into_iter().collect())
}

/// All that the plaza passed on of that group and did not take back.
pub fn passed_on_of_group(conn: &mut Conn, group: &str) -> QueryResult<Vec<Passed>> {
    let notes: Vec<String> =
        announcements::table.filter(announcements::group_handle.eq(group)).select(announcements::id).load(conn)?;
    let events: Vec<String> = meetings::table.filter(meetings::group_handle.eq(group)).select(meetings::id).load(conn)?;
    let written: Vec<String> = minutes::table.filter(minutes::group_handle.eq(group)).select(minutes::id).load(conn)?;
    let notes = notes.iter().map(|id| format!("/ap/notes/{id}"));
    let events = events.iter().map(|id| format!("/ap/events/{id}"));
    let paths: HashSet<String> = notes.chain(events).chain(written.iter().map(|id| format!("/ap/minutes/{id}"))).collect();
    let all: Vec<PassedRow> = activities::table
        .filter(activities::actor.eq(plaza()))
        .filter(activities::kind.eq("Announce"))
        .filter(activities::retracted.is_null())
        .order(activities::sequence)
        .select((activities::id, activities::object, activities::published))
        .load(conn)?;
    all.into_iter().filter(|(_, path, _)| paths.contains(path)).map(passed).collect()
}

#[derive(diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = digests)]
struct Row {
    date: String,
    note: Option<String>,
    items: String,
    more_meetings: i64,
    more_news: i64,
    made: Timestamp,
}

impl From<&Digest> for Row {
    fn from(digest: &Digest) -> Self {
        let paths: Vec<String> = digest.items.iter().map(Local::path).collect();
        Self {
            date: digest.date.to_string(),
            note: digest.note.map(|note| note.to_string()),
            items: format!(" {} ", paths.join(" ")),
            more_meetings: digest.more_meetings,
            more_news: digest.more_news,
            made: digest.made,
        }
    }
}

/// What a path names, of what a digest can name or the plaza pass on.
fn item(path: &str) -> Option<Local> {
    match path.rsplit_once('/')? {
        ("/ap/events", id) => id.parse().ok().map(Local::Event),
        ("/ap/notes", id) => id.parse().ok().map(Local::Note),
        ("/ap/minutes", id) => id.parse().ok().map(Local::Minutes),
        _ => None,
    }
}

impl TryFrom<Row> for Digest {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("digests", column, &row.date);
        let items: Option<Vec<Local>> = row.items.split_whitespace().map(item).collect();
        Ok(Self {
            date: row.date.parse().map_err(|_| odd("date"))?,
            note: row.note.as_deref().map(str::parse).transpose().map_err(|_| odd("note"))?,
            items: items.ok_or_else(|| odd("items"))?,
            more_meetings: row.more_meetings,
            more_news: row.more_news,
            made: row.made,
        })
    }
}

/// Notes what is posted that morning; `false` when it was done already.
pub fn add(conn: &mut Conn, digest: &Digest) -> QueryResult<bool> {
    insert_new(conn, |conn| diesel::insert_into(digests::table).values(Row::from(digest)).execute(conn))
}

pub fn of_date(conn: &mut Conn, date: NaiveDate) -> QueryResult<Option<Digest>> {
    digests::table.find(date.to_string()).first::<Row>(conn).optional()?.map(Digest::try_from).transpose()
}

/// The digests made since then; those that name `what`, if it is given.
pub fn naming(conn: &mut Conn, what: Option<&Local>, since: Timestamp) -> QueryResult<Vec<Digest>> {
    let mut query = digests::table.filter(digests::made.ge(since)).filter(digests::note.is_not_null()).into_boxed();
    if let Some(what) = what {
        query = query.filter(digests::items.like(containing_word(&what.path())));
    }
    query.order(digests::date).load::<Row>(conn)?.into_iter().map(Digest::try_from).collect()
}

//! How the plaza's choice and its digests are kept, and what it passed on: that stands among our activities.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods,
    sql_types::{BigInt, Text},
};
use uuid::Uuid;

use super::{digest::Digest, pass_on::PassOn};
use crate::{
    app,
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, containing_word},
        insert_new,
        schema::{activities, digests},
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

/// By which activity the plaza passed this on, and when; also when it was taken back since.
pub fn passed_on(conn: &mut Conn, what: &Local) -> QueryResult<Option<(Uuid, Timestamp)>> {
    let found: Option<(String, Timestamp)> = activities::table
        .filter(activities::object.eq(what.path()))
        .filter(activities::actor.eq(plaza()))
        .filter(activities::kind.eq("Announce"))
        .select((activities::id, activities::published))
        .first(conn)
        .optional()?;
    let read = |(id, at): (String, Timestamp)| match id.parse() {
        Ok(uuid) => Ok((uuid, at)),
        Err(_) => Err(Inconsistent::error("activities", "id", &id)),
    };
    found.map(read).transpose()
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

/// What the plaza passed on of that group answers 410 from now on. How much that was.
pub fn retract_of_group(conn: &mut Conn, group: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::sql_query(
        "UPDATE activities SET retracted = $1 WHERE actor = $2 AND kind = 'Announce' AND retracted IS NULL AND object IN \
         (SELECT '/ap/notes/' || id FROM announcements WHERE group_handle = $3 \
         UNION ALL SELECT '/ap/events/' || id FROM meetings WHERE group_handle = $3)",
    )
    .bind::<BigInt, _>(now)
    .bind::<Text, _>(plaza())
    .bind::<Text, _>(group)
    .execute(conn)
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

/// What a path names, of what a digest can name.
fn item(path: &str) -> Option<Local> {
    match path.rsplit_once('/')? {
        ("/ap/events", id) => id.parse().ok().map(Local::Event),
        ("/ap/notes", id) => id.parse().ok().map(Local::Note),
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

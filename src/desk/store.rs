//! How drafts are kept.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::draft::{Draft, KEPT, Typed};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, lists, read_json},
        schema::{announcements, drafts, meetings, minutes},
    },
    media::Kept,
    text::Mention,
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = drafts, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    kind: String,
    about: Option<String>,
    body: String,
    pictures: String,
    due: Option<Timestamp>,
    author: Option<String>,
    stopped: Option<String>,
    revision: i64,
    touched: Timestamp,
}

/// What stands in the column `body`.
#[derive(Serialize, Deserialize)]
struct Body {
    typed: Typed,
    mentions: Vec<Mention>,
    strangers: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
}

impl From<&Draft> for Row {
    fn from(draft: &Draft) -> Self {
        let Draft { id, group, about, typed, mentions, strangers, pictures, missing, due, author, stopped, revision, touched } =
            draft.clone();
        let kind = match typed {
            Typed::News(_) => NEWS,
            Typed::Meeting(_) => MEETING,
            Typed::Minutes(_) => MINUTES,
        };
        Self {
            id: id.to_string(),
            group_handle: group,
            kind: kind.to_owned(),
            about: about.map(|id| id.to_string()),
            body: json(&Body { typed, mentions, strangers, missing }),
            pictures: json(&pictures),
            due,
            author: author.map(|id| id.to_string()),
            stopped,
            revision,
            touched,
        }
    }
}

const NEWS: &str = "news";
const MEETING: &str = "meeting";
const MINUTES: &str = "minutes";

impl TryFrom<Row> for Draft {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("drafts", column, &row.id);
        let read_id = |id: &str| Uuid::parse_str(id);
        let Body { typed, mentions, strangers, missing } = read_json(&row.body).ok_or_else(|| odd("body"))?;
        Ok(Self {
            id: read_id(&row.id).map_err(|_| odd("id"))?,
            about: row.about.as_deref().map(read_id).transpose().map_err(|_| odd("about"))?,
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
            author: row.author.as_deref().map(read_id).transpose().map_err(|_| odd("author"))?,
            group: row.group_handle,
            typed,
            mentions,
            strangers,
            missing,
            due: row.due,
            stopped: row.stopped,
            revision: row.revision,
            touched: row.touched,
        })
    }
}

/// Adds a draft or keeps a changed one.
pub fn save(conn: &mut Conn, draft: &Draft) -> QueryResult<()> {
    let row = Row::from(draft);
    if diesel::update(drafts::table.find(draft.id.to_string())).set(row).execute(conn)? == 0 {
        diesel::insert_into(drafts::table).values(Row::from(draft)).execute(conn)?;
    }
    Ok(())
}

/// `false` when it was gone.
pub fn delete(conn: &mut Conn, id: Uuid) -> QueryResult<bool> {
    Ok(diesel::delete(drafts::table.find(id.to_string())).execute(conn)? > 0)
}

/// The draft of that group with that id.
pub fn find(conn: &mut Conn, group: &str, id: Uuid) -> QueryResult<Option<Draft>> {
    let query = drafts::table.find(id.to_string()).filter(drafts::group_handle.eq(group));
    query.first::<Row>(conn).optional()?.map(Draft::try_from).transpose()
}

/// The draft that changes this announcement, meeting or notes.
pub fn about(conn: &mut Conn, group: &str, what: Uuid) -> QueryResult<Option<Draft>> {
    let query = drafts::table.filter(drafts::group_handle.eq(group)).filter(drafts::about.eq(what.to_string()));
    query.first::<Row>(conn).optional()?.map(Draft::try_from).transpose()
}

/// The draft of first notes of a meeting.
pub fn notes_of(conn: &mut Conn, group: &str, meeting: Uuid) -> QueryResult<Option<Draft>> {
    let is_of = |draft: &Draft| matches!(&draft.typed, Typed::Minutes(notes) if notes.meeting == meeting);
    Ok(of_group(conn, group)?.into_iter().find(|draft| draft.about.is_none() && is_of(draft)))
}

/// Of a group: those that are to be said first, in their order.
pub fn of_group(conn: &mut Conn, group: &str) -> QueryResult<Vec<Draft>> {
    let query = drafts::table.filter(drafts::group_handle.eq(group)).order((drafts::touched.desc(), drafts::id));
    let mut found: Vec<Draft> = query.load::<Row>(conn)?.into_iter().map(Draft::try_from).collect::<QueryResult<_>>()?;
    found.sort_by_key(|draft| draft.due.unwrap_or(Timestamp::NEVER));
    Ok(found)
}

pub fn count(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    drafts::table.filter(drafts::group_handle.eq(group)).count().get_result(conn)
}

/// Group and id of what is to be said by now, the first one first.
pub fn due(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<(String, Uuid)>> {
    let query = drafts::table.filter(drafts::due.le(now)).order((drafts::due, drafts::id));
    let rows: Vec<(String, String)> = query.select((drafts::group_handle, drafts::id)).load(conn)?;
    let read = |(group, id): (String, String)| {
        let read = Uuid::parse_str(&id).map_err(|_| Inconsistent::error("drafts", "id", &id))?;
        Ok((group, read))
    };
    rows.into_iter().map(read).collect()
}

/// Whether this draft, which is gone, was said: what became of it ends as it did.
pub fn was_said(conn: &mut Conn, group: &str, id: Uuid) -> QueryResult<bool> {
    let whole = id.to_string();
    let end = format!("%{}", whole.get(18..).unwrap_or(&whole));
    let news = announcements::table.filter(announcements::group_handle.eq(group)).filter(announcements::id.like(&end));
    let held = meetings::table.filter(meetings::group_handle.eq(group)).filter(meetings::id.like(&end));
    let notes = minutes::table.filter(minutes::group_handle.eq(group)).filter(minutes::id.like(&end));
    let found: [i64; 3] = [news.count().get_result(conn)?, held.count().get_result(conn)?, notes.count().get_result(conn)?];
    Ok(found.iter().sum::<i64>() > 0)
}

/// Those that were not said at their time.
pub fn stopped(conn: &mut Conn, group: &str) -> QueryResult<Vec<Draft>> {
    let query = drafts::table.filter(drafts::group_handle.eq(group)).filter(drafts::stopped.is_not_null());
    query.order((drafts::touched.desc(), drafts::id)).load::<Row>(conn)?.into_iter().map(Draft::try_from).collect()
}

/// Pictures of drafts.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<String> = drafts::table.filter(drafts::pictures.ne("[]")).select(drafts::pictures).load(conn)?;
    lists(&rows, "drafts")
}

/// Deletes drafts that nobody touched for long and nothing is to come of.
pub fn forget(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    let old = drafts::table.filter(drafts::due.is_null()).filter(drafts::touched.lt((now - KEPT).day()));
    diesel::delete(old).execute(conn)
}

//! How announcements are kept.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    TextExpressionMethods,
};
use uuid::Uuid;

use super::announcement::Announcement;
use crate::{
    actors::store::{is_public, public_handles},
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, containing_word, json, lists, read_json},
        schema::{actors, announcements},
        turn::{Mark, Turn},
    },
    groups::group::PLAZA,
    media::Kept,
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = announcements, treat_none_as_null = true)]
struct Row {
    id: String,
    group_handle: String,
    meeting: Option<String>,
    title: Option<String>,
    text: String,
    language: String,
    urgent: bool,
    mentions: String,
    tags: String,
    published: Timestamp,
    updated: Option<Timestamp>,
    deleted: Option<Timestamp>,
    pictures: String,
    answers: Option<String>,
    followers_only: bool,
}

impl From<&Announcement> for Row {
    fn from(announcement: &Announcement) -> Self {
        let tags = announcement.tags().join(" ");
        let announcement = announcement.clone();
        Self {
            id: announcement.id.to_string(),
            group_handle: announcement.group,
            meeting: announcement.meeting.map(|id| id.to_string()),
            title: announcement.title,
            text: announcement.text,
            language: announcement.language,
            urgent: announcement.urgent,
            mentions: json(&announcement.mentions),
            tags: format!(" {tags} "),
            published: announcement.published,
            updated: announcement.updated,
            deleted: announcement.deleted,
            pictures: json(&announcement.pictures),
            answers: announcement.answers.map(String::from),
            followers_only: announcement.followers_only,
        }
    }
}

impl TryFrom<Row> for Announcement {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("announcements", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            meeting: row.meeting.as_deref().map(str::parse).transpose().map_err(|_| odd("meeting"))?,
            answers: row.answers.as_deref().map(str::parse).transpose().map_err(|_| odd("answers"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
            group: row.group_handle,
            title: row.title,
            text: row.text,
            language: row.language,
            urgent: row.urgent,
            followers_only: row.followers_only,
            published: row.published,
            updated: row.updated,
            deleted: row.deleted,
        })
    }
}

pub fn add(conn: &mut Conn, announcement: &Announcement) -> QueryResult<()> {
    diesel::insert_into(announcements::table).values(Row::from(announcement)).execute(conn)?;
    Ok(())
}

pub fn save(conn: &mut Conn, announcement: &Announcement) -> QueryResult<()> {
    diesel::update(announcements::table.find(announcement.id.to_string())).set(Row::from(announcement)).execute(conn)?;
    Ok(())
}

/// Deleted ones too: they still answer, with 410.
pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Announcement>> {
    announcements::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Announcement::try_from).transpose()
}

/// What one group said, or all working groups, that has not ended, the newest first; notes that accompany meetings, answers to
/// replies and deleted ones left out.
pub fn latest(conn: &mut Conn, group: Option<&str>, limit: i64) -> QueryResult<Vec<Announcement>> {
    page(conn, group, Turn::First, limit)
}

/// What one group said to everyone, in whichever state it is: for its own page.
pub fn of_group(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<Announcement>> {
    let query = announcements::table
        .filter(announcements::group_handle.eq(group))
        .filter(announcements::followers_only.eq(false))
        .filter(announcements::meeting.is_null())
        .filter(announcements::answers.is_null())
        .filter(announcements::deleted.is_null());
    all(query.order((announcements::published.desc(), announcements::id.desc())).limit(limit).load(conn)?)
}

/// Whatever a group said and did not take back, notes that accompany meetings included, the oldest first.
pub fn standing(conn: &mut Conn, group: &str) -> QueryResult<Vec<Announcement>> {
    let query = announcements::table.filter(announcements::group_handle.eq(group)).filter(announcements::deleted.is_null());
    all(query.order((announcements::published, announcements::id)).load(conn)?)
}

/// How many announcements a group has put up.
pub fn count_of(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    announcements::table.filter(announcements::group_handle.eq(group)).count().get_result(conn)
}

/// The same, page by page; of one group also while it waits to be welcomed, so whoever shows that to strangers asks for the group
/// with `groups::store::by_handle`.
pub fn page(conn: &mut Conn, group: Option<&str>, turn: Turn, limit: i64) -> QueryResult<Vec<Announcement>> {
    pages(conn, group, turn, limit, false)
}

/// The same with what was for followers only: for those who speak for the group, and whoever has the machine.
pub fn page_with_all(conn: &mut Conn, group: Option<&str>, turn: Turn, limit: i64) -> QueryResult<Vec<Announcement>> {
    pages(conn, group, turn, limit, true)
}

fn pages(conn: &mut Conn, group: Option<&str>, turn: Turn, limit: i64, all_of_it: bool) -> QueryResult<Vec<Announcement>> {
    let mut query = announcements::table
        .inner_join(actors::table.on(actors::handle.eq(announcements::group_handle)))
        .filter(actors::closed.is_null())
        .filter(announcements::meeting.is_null())
        .filter(announcements::answers.is_null())
        .filter(announcements::deleted.is_null())
        .select(announcements::all_columns)
        .into_boxed();
    if !all_of_it {
        query = query.filter(announcements::followers_only.eq(false));
    }
    query = match group {
        Some(group) => query.filter(announcements::group_handle.eq(group.to_owned())),
        None => query.filter(is_public()).filter(announcements::group_handle.ne(PLAZA)),
    };
    let place = |mark: Mark| (mark.time, mark.id.to_string());
    let query = match turn {
        Turn::First => query.order((announcements::published.desc(), announcements::id.desc())),
        Turn::After(mark) => {
            let (time, id) = place(mark);
            let older = announcements::published.lt(time).or(announcements::published.eq(time).and(announcements::id.lt(id)));
            let query = query.filter(announcements::published.le(time)).filter(older);
            query.order((announcements::published.desc(), announcements::id.desc()))
        }
        Turn::Before(mark) => {
            let (time, id) = place(mark);
            let newer = announcements::published.gt(time).or(announcements::published.eq(time).and(announcements::id.gt(id)));
            query.filter(announcements::published.ge(time)).filter(newer).order((announcements::published, announcements::id))
        }
    };
    let mut found = all(query.limit(limit).load(conn)?)?;
    if matches!(turn, Turn::Before(_)) {
        found.reverse();
    }
    Ok(found)
}

/// Urgent ones of every group that has not ended since `since`, the newest first.
pub fn urgent_anywhere(conn: &mut Conn, since: Timestamp, limit: i64) -> QueryResult<Vec<Announcement>> {
    let query = announcements::table
        .inner_join(actors::table.on(actors::handle.eq(announcements::group_handle)))
        .filter(is_public())
        .filter(announcements::followers_only.eq(false))
        .filter(announcements::urgent.eq(true))
        .filter(announcements::published.ge(since))
        .filter(announcements::meeting.is_null())
        .filter(announcements::answers.is_null())
        .filter(announcements::deleted.is_null())
        .select(announcements::all_columns);
    all(query.order((announcements::published.desc(), announcements::id.desc())).limit(limit).load(conn)?)
}

/// Notes that accompany a meeting, the newest first.
pub fn of_meeting(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<Announcement>> {
    let query =
        announcements::table.filter(announcements::meeting.eq(meeting.to_string())).filter(announcements::deleted.is_null());
    all(query.order((announcements::published.desc(), announcements::id.desc())).load(conn)?)
}

/// A meeting is gone, and with it the notes that accompanied it; what is left of them to answer with stands for itself.
pub fn forget_meeting(conn: &mut Conn, meeting: Uuid) -> QueryResult<()> {
    let notes = announcements::table.filter(announcements::meeting.eq(meeting.to_string()));
    diesel::update(notes).set(announcements::meeting.eq(None::<String>)).execute(conn)?;
    Ok(())
}

/// What groups answered to these replies, the oldest first; deleted ones left out.
pub fn answering(conn: &mut Conn, replies: &[String]) -> QueryResult<Vec<Announcement>> {
    let mut found = Vec::new();
    // few enough at once for either database
    for some in replies.chunks(500) {
        let query = announcements::table.filter(announcements::answers.eq_any(some)).filter(announcements::deleted.is_null());
        found.extend(all(query.order((announcements::published, announcements::id)).load(conn)?)?);
    }
    Ok(found)
}

/// Urgent ones since `since`, of one group or of all, the newest first.
pub fn urgent(conn: &mut Conn, group: Option<&str>, since: Timestamp, limit: i64) -> QueryResult<Vec<Announcement>> {
    let mut query = announcements::table
        .filter(announcements::urgent.eq(true))
        .filter(announcements::followers_only.eq(false))
        .filter(announcements::deleted.is_null())
        .filter(announcements::published.ge(since))
        .filter(announcements::group_handle.eq_any(public_handles()))
        .into_boxed();
    if let Some(group) = group {
        query = query.filter(announcements::group_handle.eq(group.to_owned()));
    }
    all(query.order((announcements::published.desc(), announcements::id.desc())).limit(limit).load(conn)?)
}

/// Announcements with that hashtag, the newest first.
pub fn tagged(conn: &mut Conn, tag: &str, limit: i64) -> QueryResult<Vec<Announcement>> {
    let query = announcements::table
        .filter(announcements::deleted.is_null())
        .filter(announcements::followers_only.eq(false))
        .filter(announcements::meeting.is_null())
        .filter(announcements::group_handle.eq_any(public_handles()))
        .filter(announcements::answers.is_null())
        .filter(announcements::tags.like(containing_word(tag)));
    all(query.order((announcements::published.desc(), announcements::id.desc())).limit(limit).load(conn)?)
}

/// Pictures of posts that were not deleted, of groups that have not ended.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    let rows: Vec<String> = announcements::table
        .inner_join(actors::table.on(actors::handle.eq(announcements::group_handle)))
        .filter(actors::closed.is_null())
        .filter(announcements::deleted.is_null())
        .filter(announcements::pictures.ne("[]"))
        .select(announcements::pictures)
        .load(conn)?;
    lists(&rows, "announcements")
}

/// How many posts everyone may hear of.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    let public = announcements::group_handle.eq_any(public_handles());
    let said_to_all = announcements::deleted.is_null().and(announcements::followers_only.eq(false));
    announcements::table.filter(said_to_all).filter(public).count().get_result(conn)
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Announcement>> {
    rows.into_iter().map(Announcement::try_from).collect()
}

//! Reminders: some hours before a meeting its group passes its post on once more, to whoever follows it. Once for each meeting, never
//! for one that is cancelled, and only where the post itself is not fresh.

use std::time::Duration;

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use serde_json::json;
use uuid::Uuid;

use super::{actions, meeting::Meeting};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        insert_new,
        schema::{meetings, reminders},
    },
    error::Result,
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups::habits::MOST_HOURS,
    origin::Local,
};

/// A meeting that was published, moved or spoken of in a note so shortly before the reminder needs none.
const FRESH: Duration = Duration::from_secs(24 * 3_600);
/// Looked at together.
const AT_ONCE: i64 = 50;
/// A row stands until so long after the meeting: what a note may say within a day depends on it.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

#[derive(diesel::QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    id: String,
}

/// What is due at $1: of meetings that begin until $2, along the index of their beginnings.
const DUE: &str = "SELECT m.id AS id FROM meetings m
    INNER JOIN groups g ON g.handle = m.group_handle INNER JOIN actors a ON a.handle = g.handle
    WHERE m.starts > $1 AND m.starts <= $2 AND g.remind > 0 AND m.starts - g.remind * 3600000000 <= $1
      AND m.cancelled IS NULL AND a.welcomed IS NOT NULL AND a.closed IS NULL
      AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.meeting = m.id)
      AND EXISTS (SELECT 1 FROM activities s WHERE s.object = '/ap/events/' || m.id AND s.kind = 'Create'
          AND s.published <= m.starts - g.remind * 3600000000 - $3)
      AND NOT EXISTS (SELECT 1 FROM announcements n WHERE n.meeting = m.id AND n.deleted IS NULL
          AND COALESCE(n.updated, n.published) > m.starts - g.remind * 3600000000 - $3)";

fn due(conn: &mut Conn, now: Timestamp, only: Option<Uuid>) -> QueryResult<Vec<Uuid>> {
    let until = now + Duration::from_secs(u64::try_from(MOST_HOURS).unwrap_or_default() * 3_600);
    let fresh = i64::try_from(FRESH.as_micros()).unwrap_or(i64::MAX);
    let only = only.map(|id| id.to_string()).unwrap_or_default();
    let query = format!("{DUE} AND ($4 = '' OR m.id = $4) ORDER BY m.starts, m.id LIMIT $5");
    let rows: Vec<Due> = diesel::sql_query(query)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(until)
        .bind::<BigInt, _>(fresh)
        .bind::<Text, _>(only)
        .bind::<BigInt, _>(AT_ONCE)
        .load(conn)?;
    rows.iter().map(|row| row.id.parse().map_err(|_| Inconsistent::error("meetings", "id", &row.id))).collect()
}

/// Reminds of all that is due by now; of how many meetings.
pub async fn send_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let mut sent = 0;
    for id in app.db.read(move |conn| Ok(due(conn, now, None)?)).await? {
        sent += usize::from(app.act(move |conn, here| remind(conn, here, id)).await?);
    }
    Ok(sent)
}

/// `false` when another process did, or something came between.
fn remind(conn: &mut Conn, here: &Here, id: Uuid) -> Result<bool> {
    if due(conn, here.now, Some(id))?.is_empty() {
        return Ok(false);
    }
    let meeting = actions::find(conn, id)?;
    let row = (reminders::meeting.eq(id.to_string()), reminders::activity.eq(""), reminders::at.eq(here.now));
    if !insert_new(conn, |conn| diesel::insert_into(reminders::table).values(row).execute(conn))? {
        return Ok(false);
    }
    let what = Local::Event(id);
    // to its own followers: those of the square have it in their digest
    let announce = Saying::public("Announce", here, &meeting.group, &what, json!(here.origin.uri(&what)));
    let activity = say(conn, here, &announce, Hearers::followers_of(&meeting.group))?;
    let row = diesel::update(reminders::table.find(id.to_string()));
    row.set(reminders::activity.eq(activity.to_string())).execute(conn)?;
    Ok(true)
}

/// Did the group remind of this meeting since then?
pub fn sent_since(conn: &mut Conn, meeting: Uuid, since: Timestamp) -> QueryResult<bool> {
    let sent = reminders::table.find(meeting.to_string()).filter(reminders::at.gt(since)).select(reminders::at);
    Ok(sent.first::<Timestamp>(conn).optional()?.is_some())
}

fn sent(conn: &mut Conn, meeting: Uuid) -> QueryResult<Option<(Uuid, Timestamp)>> {
    let row = reminders::table.find(meeting.to_string()).select((reminders::activity, reminders::at));
    let found: Option<(String, Timestamp)> = row.first(conn).optional()?;
    let read = |(activity, at): (String, Timestamp)| {
        let id = activity.parse().map_err(|_| Inconsistent::error("reminders", "activity", &activity))?;
        Ok((id, at))
    };
    found.map(read).transpose()
}

/// Of a meeting that was called off nobody is reminded: where that was passed on, it is taken back. The row stays, so that nothing is
/// sent again.
pub fn take_back(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    take_back_before(conn, here, meeting.id, &meeting.group, &Local::Event(meeting.id))
}

/// All that a group passed on of meetings that are not over, before it ends. They stand in one line with its end.
pub fn take_all_back(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    let ids: Vec<String> = reminders::table
        .inner_join(meetings::table.on(meetings::id.eq(reminders::meeting)))
        .filter(meetings::group_handle.eq(group))
        .filter(meetings::cancelled.is_null())
        .filter(meetings::ends.gt(here.now))
        .order(meetings::id)
        .select(reminders::meeting)
        .load(conn)?;
    for id in ids {
        let meeting = id.parse().map_err(|_| Inconsistent::error("reminders", "meeting", &id))?;
        take_back_before(conn, here, meeting, group, &Local::Group(group.to_owned()))?;
    }
    Ok(())
}

/// `about` is what must not overtake it.
fn take_back_before(conn: &mut Conn, here: &Here, meeting: Uuid, group: &str, about: &Local) -> Result<()> {
    let Some((activity, at)) = sent(conn, meeting)? else { return Ok(()) };
    let origin = &here.origin;
    outbox::retract_one(conn, activity, here.now)?;
    let announce = json!({
        "id": origin.uri(&Local::Activity(activity)),
        "type": "Announce",
        "actor": origin.group(group),
        "object": origin.uri(&Local::Event(meeting)),
    });
    let undo = Saying::public("Undo", here, group, about, announce);
    say(conn, here, &undo, Hearers::everyone_who_may_have_it(group, at))?;
    Ok(())
}

/// Forgets reminders of meetings that are over.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let over = meetings::table.filter(meetings::ends.lt(now - KEPT)).select(meetings::id);
    diesel::delete(reminders::table.filter(reminders::meeting.eq_any(over))).execute(conn)?;
    Ok(())
}

//! How it is kept who calls a meeting with whom.

use std::time::Duration;

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    TextExpressionMethods,
};
use url::Url;
use uuid::Uuid;

use super::call::{Caller, Invitation, State};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{callers, elsewhere, invited, meetings, meetings_elsewhere as abroad, remote_actors},
    },
    origin::Local,
};

type CallerRow = (String, String, String, String);

fn caller((meeting, actor, state, offer): CallerRow) -> QueryResult<Caller> {
    let id = meeting.parse().map_err(|_| Inconsistent::error("callers", "meeting", &meeting))?;
    let state = State::by_name(&state).ok_or_else(|| Inconsistent::error("callers", "state", &meeting))?;
    Ok(Caller { meeting: id, actor, state, offer })
}

/// Adds a caller, or changes what it is.
pub fn save_caller(conn: &mut Conn, caller: &Caller) -> QueryResult<()> {
    let about = (callers::state.eq(caller.state.name()), callers::offer.eq(&caller.offer));
    let key = (caller.meeting.to_string(), &caller.actor);
    if diesel::update(callers::table.find(key)).set(about).execute(conn)? == 0 {
        let row = (callers::meeting.eq(caller.meeting.to_string()), callers::actor.eq(&caller.actor), about);
        diesel::insert_into(callers::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn remove_caller(conn: &mut Conn, meeting: Uuid, actor: &str) -> QueryResult<()> {
    diesel::delete(callers::table.find((meeting.to_string(), actor))).execute(conn)?;
    Ok(())
}

pub fn callers_of(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<Caller>> {
    let rows: Vec<CallerRow> =
        callers::table.filter(callers::meeting.eq(meeting.to_string())).order(callers::actor).load(conn)?;
    rows.into_iter().map(caller).collect()
}

/// Those that call it, and not those that were only asked.
pub fn calling(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<Caller>> {
    let all = callers_of(conn, meeting)?;
    Ok(all.into_iter().filter(|caller| caller.state == State::Accepted).collect())
}

/// Does a group of ours call this meeting of another group of ours, too?
pub fn calls(conn: &mut Conn, group: &str, meeting: Uuid) -> QueryResult<bool> {
    let path = Local::Group(group.to_owned()).path();
    Ok(calling(conn, meeting)?.iter().any(|caller| caller.actor == path))
}

pub fn caller_by_offer(conn: &mut Conn, offer: &str) -> QueryResult<Option<Caller>> {
    callers::table.filter(callers::offer.eq(offer)).first::<CallerRow>(conn).optional()?.map(caller).transpose()
}

/// All that an actor was asked to call: the id of a group elsewhere, or the path of one of ours.
pub fn of_caller(conn: &mut Conn, actor: &str) -> QueryResult<Vec<Caller>> {
    let rows: Vec<CallerRow> = callers::table.filter(callers::actor.eq(actor)).order(callers::meeting).load(conn)?;
    rows.into_iter().map(caller).collect()
}

/// Whom a group of ours asked to call those of its meetings that are not over.
pub fn asked_by(conn: &mut Conn, group: &str, now: Timestamp) -> QueryResult<Vec<Caller>> {
    let rows: Vec<CallerRow> = callers::table
        .inner_join(meetings::table.on(meetings::id.eq(callers::meeting)))
        .filter(meetings::group_handle.eq(group))
        .filter(meetings::opens.is_null())
        .filter(meetings::ends.gt(now))
        .order((callers::meeting, callers::actor))
        .select(callers::all_columns)
        .load(conn)?;
    rows.into_iter().map(caller).collect()
}

/// Everybody who was asked to call a meeting of ours.
pub fn calling_actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    callers::table.select(callers::actor).distinct().order(callers::actor).load(conn)
}

/// Meetings of this city that a group of ours was asked to call with the one that holds them.
pub fn asked_here(conn: &mut Conn, group: &str, state: State) -> QueryResult<Vec<Uuid>> {
    let path = Local::Group(group.to_owned()).path();
    let ids: Vec<String> = callers::table
        .filter(callers::actor.eq(path))
        .filter(callers::state.eq(state.name()))
        .order(callers::meeting)
        .select(callers::meeting)
        .load(conn)?;
    ids.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("callers", "meeting", id))).collect()
}

/// Where groups elsewhere that call a meeting, or were asked to, are told of its changes: by their ids. `about` is its path.
pub fn inboxes(conn: &mut Conn, about: &str) -> QueryResult<Vec<(String, String)>> {
    let Some(id) = about.strip_prefix("/ap/events/") else { return Ok(vec![]) };
    let found: Vec<(String, Option<String>, String)> = callers::table
        .inner_join(remote_actors::table.on(remote_actors::uri.eq(callers::actor)))
        .filter(callers::meeting.eq(id))
        .filter(callers::state.ne(State::Declined.name()))
        .select((callers::actor, remote_actors::shared_inbox, remote_actors::inbox))
        .load(conn)?;
    Ok(found.into_iter().map(|(actor, shared, own)| (actor, shared.unwrap_or(own))).collect())
}

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = invited, treat_none_as_null = true)]
struct Row {
    event: String,
    group_handle: String,
    holder: String,
    offer: String,
    document: String,
    state: String,
    meeting: Option<String>,
    accept: Option<String>,
    announce: Option<String>,
    said: Timestamp,
    received: Timestamp,
}

impl From<&Invitation> for Row {
    fn from(invitation: &Invitation) -> Self {
        let invitation = invitation.clone();
        Self {
            event: invitation.event,
            group_handle: invitation.group,
            holder: invitation.holder,
            offer: invitation.offer,
            document: invitation.document,
            state: invitation.state.name().to_owned(),
            meeting: invitation.meeting.map(|id| id.to_string()),
            accept: invitation.accept,
            announce: invitation.announce,
            said: invitation.said,
            received: invitation.received,
        }
    }
}

impl TryFrom<Row> for Invitation {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("invited", column, &row.event);
        Ok(Self {
            state: State::by_name(&row.state).ok_or_else(|| odd("state"))?,
            meeting: row.meeting.as_deref().map(str::parse).transpose().map_err(|_| odd("meeting"))?,
            event: row.event,
            group: row.group_handle,
            holder: row.holder,
            offer: row.offer,
            document: row.document,
            accept: row.accept,
            announce: row.announce,
            said: row.said,
            received: row.received,
        })
    }
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Invitation>> {
    rows.into_iter().map(Invitation::try_from).collect()
}

pub fn save(conn: &mut Conn, invitation: &Invitation) -> QueryResult<()> {
    let row = Row::from(invitation);
    if diesel::update(invited::table.find((&row.event, &row.group_handle))).set(&row).execute(conn)? == 0 {
        diesel::insert_into(invited::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn remove(conn: &mut Conn, event: &str, group: &str) -> QueryResult<()> {
    diesel::delete(invited::table.find((event, group))).execute(conn)?;
    Ok(())
}

pub fn find(conn: &mut Conn, event: &str, group: &str) -> QueryResult<Option<Invitation>> {
    invited::table.find((event, group)).first::<Row>(conn).optional()?.map(Invitation::try_from).transpose()
}

/// Invitations to one meeting, of whichever groups of ours.
pub fn to_event(conn: &mut Conn, event: &str) -> QueryResult<Vec<Invitation>> {
    all(invited::table.filter(invited::event.eq(event)).order(invited::group_handle).load(conn)?)
}

/// Invitations of a group, the newest first.
pub fn of_group(conn: &mut Conn, group: &str) -> QueryResult<Vec<Invitation>> {
    all(invited::table.filter(invited::group_handle.eq(group)).order((invited::received.desc(), invited::event)).load(conn)?)
}

/// By what stands in our agenda.
pub fn by_meeting(conn: &mut Conn, meeting: Uuid) -> QueryResult<Option<Invitation>> {
    let accepted = invited::table.filter(invited::state.eq(State::Accepted.name()));
    let theirs = accepted.filter(invited::meeting.eq(meeting.to_string()));
    theirs.order(invited::group_handle).first::<Row>(conn).optional()?.map(Invitation::try_from).transpose()
}

/// How many invitations wait for a group, and how many of one server wait or were declined lately.
pub fn waiting(conn: &mut Conn, group: &str, host: &Url) -> QueryResult<(i64, i64)> {
    let theirs = || invited::table.filter(invited::group_handle.eq(group));
    let waiting = theirs().filter(invited::state.eq(State::Invited.name()));
    let of_host = invited::holder.like(format!("{}/%", host.origin().ascii_serialization()));
    let of_host = theirs().filter(invited::state.ne(State::Accepted.name())).filter(of_host);
    Ok((waiting.count().get_result(conn)?, of_host.count().get_result(conn)?))
}

const DAY: u64 = 24 * 3_600;
/// Invitations that nobody took up for so long are forgotten,
const KEPT: Duration = Duration::from_secs(60 * DAY);
/// those that were declined after so long,
const DECLINED: Duration = Duration::from_secs(30 * DAY);
/// and what was accepted so long after the meeting.
const CALLED: Duration = Duration::from_secs(90 * DAY);

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    for (state, kept) in [(State::Invited, KEPT), (State::Declined, DECLINED)] {
        let old = invited::table.filter(invited::state.eq(state.name())).filter(invited::received.lt(now - kept));
        diesel::delete(old).execute(conn)?;
    }
    let over = meetings::table.filter(meetings::ends.lt(now - CALLED)).select(meetings::id.nullable());
    diesel::delete(invited::table.filter(invited::meeting.eq_any(over))).execute(conn)?;
    Ok(())
}

/// Does something else go by an id that ends with this one, on a server other than that of `event`?
pub fn is_of_a_third(conn: &mut Conn, id: Uuid, event: &Url) -> QueryResult<bool> {
    let (ends, there) = (format!("%{id}"), format!("{}/%", event.origin().ascii_serialization()));
    let heard = elsewhere::table.filter(elsewhere::uri.like(&ends)).filter(elsewhere::uri.not_like(&there));
    let stands = abroad::table.filter(abroad::uri.like(&ends)).filter(abroad::uri.not_like(&there));
    Ok(heard.count().get_result::<i64>(conn)? + stands.count().get_result::<i64>(conn)? > 0)
}

/// Everybody who asked a group of ours to call a meeting.
pub fn holders(conn: &mut Conn) -> QueryResult<Vec<String>> {
    invited::table.select(invited::holder).distinct().order(invited::holder).load(conn)
}

/// Invitations to meetings that this group elsewhere holds.
pub fn of_holder(conn: &mut Conn, holder: &str) -> QueryResult<Vec<Invitation>> {
    all(invited::table.filter(invited::holder.eq(holder)).order((invited::event, invited::group_handle)).load(conn)?)
}

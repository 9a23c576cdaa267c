//! How members, their sessions and their groups are kept.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl,
    Selectable, SelectableHelper,
    dsl::{exists, not},
};
use uuid::Uuid;

use super::{
    member::{IDLE, LONGEST, Member, Organizer, Session},
    ways,
};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        insert_new,
        schema::{actors, members, notices, organizers, sessions},
    },
};

/// Unused accounts deleted in one go, so that nobody waits long for it; and named in one statement, where SQLite takes 32,766.
const IN_ONE_GO: i64 = 5_000;
const AT_ONCE: usize = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
struct Row {
    id: String,
    handle: String,
    name: String,
    language: String,
    caretaker: bool,
    welcomed: Option<Timestamp>,
    created: Timestamp,
}

impl Row {
    fn member(self) -> QueryResult<Member> {
        let Self { id, handle, name, language, caretaker, welcomed, created } = self;
        Ok(Member { id: read_id("members", "id", &id)?, handle, name, language, caretaker, welcomed, created })
    }
}

fn read_id(table: &'static str, column: &'static str, id: &str) -> QueryResult<Uuid> {
    Uuid::parse_str(id).map_err(|_| Inconsistent::error(table, column, id))
}

/// Adds an account; `false` when somebody has that handle. `password` is an argon2id string.
pub fn add(conn: &mut Conn, member: &Member, password: Option<&str>) -> QueryResult<bool> {
    let row = (
        members::id.eq(member.id.to_string()),
        members::handle.eq(&member.handle),
        members::name.eq(&member.name),
        members::language.eq(&member.language),
        members::password.eq(password),
        members::caretaker.eq(member.caretaker),
        members::welcomed.eq(member.welcomed),
        members::created.eq(member.created),
    );
    insert_new(conn, |conn| diesel::insert_into(members::table).values(row).execute(conn))
}

/// Keeps everything about a member but handle and password.
pub fn save(conn: &mut Conn, member: &Member) -> QueryResult<()> {
    diesel::update(members::table.find(member.id.to_string()))
        .set((
            members::name.eq(&member.name),
            members::language.eq(&member.language),
            members::caretaker.eq(member.caretaker),
            members::welcomed.eq(member.welcomed),
        ))
        .execute(conn)?;
    Ok(())
}

pub fn by_handle(conn: &mut Conn, handle: &str) -> QueryResult<Option<Member>> {
    let row = members::table.filter(members::handle.eq(handle)).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::member).transpose()
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Member>> {
    let row = members::table.find(id.to_string()).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::member).transpose()
}

/// The argon2id string, where there is one.
pub fn password(conn: &mut Conn, member: Uuid) -> QueryResult<Option<String>> {
    let row: Option<Option<String>> = members::table.find(member.to_string()).select(members::password).first(conn).optional()?;
    Ok(row.flatten())
}

pub fn keep_password(conn: &mut Conn, member: Uuid, password: Option<&str>) -> QueryResult<()> {
    diesel::update(members::table.find(member.to_string())).set(members::password.eq(password)).execute(conn)?;
    Ok(())
}

/// With their sessions and their places in groups.
pub fn delete(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    diesel::delete(members::table.find(member.to_string())).execute(conn)?;
    Ok(())
}

/// Everyone, by handle.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<Member>> {
    let rows: Vec<Row> = members::table.order(members::handle).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Row::member).collect()
}

/// So many by handle, from the one after that; everyone, or only those whom nobody welcomed yet.
pub fn page(conn: &mut Conn, only_new: bool, after: &str, limit: i64) -> QueryResult<Vec<Member>> {
    let mut query = members::table
        .filter(members::handle.gt(after.to_owned()))
        .order(members::handle)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if only_new {
        query = query.filter(members::welcomed.is_null()).filter(members::caretaker.eq(false));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(Row::member).collect()
}

/// Whether somebody signed in since that day, or came with a session.
pub fn was_here_since(conn: &mut Conn, member: Uuid, day: Timestamp) -> QueryResult<bool> {
    let signed_in: i64 = members::table.find(member.to_string()).filter(members::used.ge(day)).count().get_result(conn)?;
    let of_theirs = sessions::table.filter(sessions::member.eq(member.to_string()));
    let came: i64 = of_theirs.filter(sessions::seen.ge(day)).count().get_result(conn)?;
    Ok(signed_in + came > 0)
}

/// Notes that somebody signed in today.
pub fn was_used(conn: &mut Conn, member: Uuid, today: Timestamp) -> QueryResult<()> {
    diesel::update(members::table.find(member.to_string())).set(members::used.eq(today)).execute(conn)?;
    Ok(())
}

/// Deletes accounts made before that day in which nobody signed in since and nobody is signed in, that speak for no group of
/// which anybody hears, that nobody welcomed, and that do not look after the place: so many in one go, the oldest first.
pub fn forget_unused(conn: &mut Conn, before: Timestamp) -> QueryResult<usize> {
    let has_sessions = exists(sessions::table.filter(sessions::member.eq(members::id)));
    let heard = actors::table.filter(actors::welcomed.is_not_null()).filter(actors::closed.is_null()).select(actors::handle);
    let speaks = organizers::table.filter(organizers::member.eq(members::id)).filter(organizers::group_handle.eq_any(heard));
    let unused = members::table
        .filter(members::created.lt(before))
        .filter(members::used.is_null().or(members::used.lt(before)))
        .filter(members::welcomed.is_null())
        .filter(members::caretaker.eq(false))
        .filter(not(has_sessions))
        .filter(not(exists(speaks)));
    let ids: Vec<String> = unused.order((members::created, members::id)).limit(IN_ONE_GO).select(members::id).load(conn)?;
    let mut gone = 0;
    for some in ids.chunks(AT_ONCE) {
        gone += diesel::delete(members::table.filter(members::id.eq_any(some))).execute(conn)?;
    }
    Ok(gone)
}

pub fn caretakers(conn: &mut Conn) -> QueryResult<Vec<Member>> {
    let rows: Vec<Row> =
        members::table.filter(members::caretaker.eq(true)).order(members::handle).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Row::member).collect()
}

pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    members::table.count().get_result(conn)
}

/// Keeps a session; of its secret only the hash.
pub fn add_session(conn: &mut Conn, hash: &str, id: Uuid, member: Uuid, today: Timestamp) -> QueryResult<()> {
    let row = (
        sessions::hash.eq(hash),
        sessions::id.eq(id.to_string()),
        sessions::member.eq(member.to_string()),
        sessions::begun.eq(today),
        sessions::seen.eq(today),
    );
    diesel::insert_into(sessions::table).values(row).execute(conn)?;
    Ok(())
}

/// The session of that secret's hash, unless it is too old.
pub fn session(conn: &mut Conn, hash: &str, now: Timestamp) -> QueryResult<Option<Session>> {
    let found: Option<(String, Timestamp, Timestamp, Row)> = sessions::table
        .inner_join(members::table.on(members::id.eq(sessions::member)))
        .filter(sessions::hash.eq(hash))
        .filter(sessions::seen.ge((now - IDLE).day()))
        .filter(sessions::begun.ge((now - LONGEST).day()))
        .select((sessions::id, sessions::begun, sessions::seen, Row::as_select()))
        .first(conn)
        .optional()?;
    let Some((id, begun, seen, row)) = found else { return Ok(None) };
    let member = row.member()?;
    let is_sought = ways::asked_for(conn, member.id, now)?.is_some();
    Ok(Some(Session { id: read_id("sessions", "id", &id)?, member, begun, seen, is_sought }))
}

/// All of a member that have not ended: id, begun, seen; the newest first.
pub fn sessions_of(conn: &mut Conn, member: Uuid, now: Timestamp) -> QueryResult<Vec<(Uuid, Timestamp, Timestamp)>> {
    let rows: Vec<(String, Timestamp, Timestamp)> = sessions::table
        .filter(sessions::member.eq(member.to_string()))
        .filter(sessions::seen.ge((now - IDLE).day()))
        .filter(sessions::begun.ge((now - LONGEST).day()))
        .order((sessions::begun.desc(), sessions::id))
        .select((sessions::id, sessions::begun, sessions::seen))
        .load(conn)?;
    rows.into_iter().map(|(id, begun, seen)| Ok((read_id("sessions", "id", &id)?, begun, seen))).collect()
}

/// Notes that a session was used today.
pub fn session_was_seen(conn: &mut Conn, id: Uuid, today: Timestamp) -> QueryResult<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.to_string()))).set(sessions::seen.eq(today)).execute(conn)?;
    Ok(())
}

/// `false` when the member has no such session.
pub fn end_session(conn: &mut Conn, member: Uuid, id: Uuid) -> QueryResult<bool> {
    let theirs = sessions::table.filter(sessions::member.eq(member.to_string())).filter(sessions::id.eq(id.to_string()));
    Ok(diesel::delete(theirs).execute(conn)? > 0)
}

/// Signs a member out everywhere, but for the session `except`.
pub fn end_sessions(conn: &mut Conn, member: Uuid, except: Option<Uuid>) -> QueryResult<()> {
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    diesel::delete(sessions::table.filter(sessions::member.eq(member.to_string())).filter(sessions::id.ne(except)))
        .execute(conn)?;
    Ok(())
}

/// Whoever holds a telephone of this member has nothing in hand any more: no session, and no feed that says what waits.
pub fn shut_out(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    end_sessions(conn, member, None)?;
    diesel::update(notices::table.find(member.to_string())).set(notices::feed.eq(None::<String>)).execute(conn)?;
    Ok(())
}

/// Whose powers rest since that day or longer.
pub fn resting(conn: &mut Conn, since: Timestamp) -> QueryResult<Vec<Organizer>> {
    let query = organizers::table.filter(organizers::paused.le(since)).order((organizers::group_handle, organizers::member));
    let rows: Vec<OrganizerRow> = query.select(OrganizerRow::as_select()).load(conn)?;
    rows.into_iter().map(OrganizerRow::organizer).collect()
}

/// Deletes sessions that are too old to be used.
pub fn forget_old_sessions(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    let unused = diesel::delete(sessions::table.filter(sessions::seen.lt((now - IDLE).day()))).execute(conn)?;
    Ok(unused + diesel::delete(sessions::table.filter(sessions::begun.lt((now - LONGEST).day()))).execute(conn)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organizers)]
struct OrganizerRow {
    group_handle: String,
    member: String,
    since: Timestamp,
    founder: bool,
    shown: bool,
    paused: Option<Timestamp>,
}

impl OrganizerRow {
    fn organizer(self) -> QueryResult<Organizer> {
        let Self { group_handle, member, since, founder, shown, paused } = self;
        Ok(Organizer { group: group_handle, member: read_id("organizers", "member", &member)?, since, founder, shown, paused })
    }
}

/// `false` when they speak for the group already.
pub fn add_organizer(conn: &mut Conn, organizer: &Organizer) -> QueryResult<bool> {
    let row = (
        organizers::group_handle.eq(&organizer.group),
        organizers::member.eq(organizer.member.to_string()),
        organizers::since.eq(organizer.since),
        organizers::founder.eq(organizer.founder),
        organizers::shown.eq(organizer.shown),
        organizers::paused.eq(organizer.paused),
    );
    insert_new(conn, |conn| diesel::insert_into(organizers::table).values(row).execute(conn))
}

pub fn save_organizer(conn: &mut Conn, organizer: &Organizer) -> QueryResult<()> {
    diesel::update(organizers::table.find((&organizer.group, organizer.member.to_string())))
        .set((
            organizers::since.eq(organizer.since),
            organizers::founder.eq(organizer.founder),
            organizers::shown.eq(organizer.shown),
            organizers::paused.eq(organizer.paused),
        ))
        .execute(conn)?;
    Ok(())
}

/// `false` when they did not speak for it.
pub fn remove_organizer(conn: &mut Conn, group: &str, member: Uuid) -> QueryResult<bool> {
    Ok(diesel::delete(organizers::table.find((group, member.to_string()))).execute(conn)? > 0)
}

/// A group ended: nobody speaks for it any more.
pub fn forget_organizers_of(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(organizers::table.filter(organizers::group_handle.eq(group))).execute(conn)?;
    Ok(())
}

/// The same of every group that ended.
pub fn forget_organizers_of_ended(conn: &mut Conn) -> QueryResult<usize> {
    let ended = actors::table.filter(actors::closed.is_not_null()).select(actors::handle);
    diesel::delete(organizers::table.filter(organizers::group_handle.eq_any(ended))).execute(conn)
}

pub fn organizer(conn: &mut Conn, group: &str, member: Uuid) -> QueryResult<Option<Organizer>> {
    let row = organizers::table.find((group, member.to_string())).select(OrganizerRow::as_select()).first(conn).optional()?;
    row.map(OrganizerRow::organizer).transpose()
}

/// Who speaks for a group, the longest there first.
pub fn organizers_of(conn: &mut Conn, group: &str) -> QueryResult<Vec<(Organizer, Member)>> {
    let rows: Vec<(OrganizerRow, Row)> = organizers::table
        .inner_join(members::table.on(members::id.eq(organizers::member)))
        .filter(organizers::group_handle.eq(group))
        .order((organizers::since, members::handle))
        .select((OrganizerRow::as_select(), Row::as_select()))
        .load(conn)?;
    rows.into_iter().map(|(organizer, row)| Ok((organizer.organizer()?, row.member()?))).collect()
}

/// Which groups a member speaks for.
pub fn groups_of(conn: &mut Conn, member: Uuid) -> QueryResult<Vec<Organizer>> {
    let rows: Vec<OrganizerRow> = organizers::table
        .filter(organizers::member.eq(member.to_string()))
        .order(organizers::group_handle)
        .select(OrganizerRow::as_select())
        .load(conn)?;
    rows.into_iter().map(OrganizerRow::organizer).collect()
}

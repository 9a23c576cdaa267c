//! How replies are kept, and who is known to a group.

use std::time::Duration;

use diesel::{
    BoolExpressionMethods, Connection, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, dsl::count_star,
};
use uuid::Uuid;

use super::reply::{Attached, Reply, Standing, State};
use crate::{
    actors::crowds::makes_room,
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        insert_new,
        schema::{reactions, remote_actors, repliers, replies},
    },
    media::Kept,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// So long a reply waits, and so long a hidden one can be brought back.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Who has not replied for so long is a stranger again.
const KNOWN: Duration = Duration::from_secs(365 * 24 * 3_600);

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = replies, treat_none_as_null = true)]
struct Row {
    id: String,
    uri: String,
    group_handle: String,
    root: String,
    parent: String,
    depth: i64,
    actor: String,
    handle: String,
    host: String,
    content: String,
    warning: Option<String>,
    language: Option<String>,
    url: String,
    pictures: i64,
    state: String,
    published: Timestamp,
    updated: Option<Timestamp>,
    received: Timestamp,
    attached: String,
    kept: String,
}

impl From<&Reply> for Row {
    fn from(reply: &Reply) -> Self {
        let reply = reply.clone();
        Self {
            id: reply.id.to_string(),
            uri: reply.uri,
            group_handle: reply.group,
            root: reply.root,
            parent: reply.parent,
            depth: reply.depth,
            actor: reply.actor,
            handle: reply.handle,
            host: reply.host,
            content: reply.content,
            warning: reply.warning,
            language: reply.language,
            url: reply.url,
            pictures: reply.pictures,
            state: reply.state.name().to_owned(),
            published: reply.published,
            updated: reply.updated,
            received: reply.received,
            attached: json(&reply.attached),
            kept: json(&reply.kept),
        }
    }
}

impl TryFrom<Row> for Reply {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("replies", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            state: State::by_name(&row.state).ok_or_else(|| odd("state"))?,
            uri: row.uri,
            group: row.group_handle,
            root: row.root,
            parent: row.parent,
            depth: row.depth,
            actor: row.actor,
            handle: row.handle,
            host: row.host,
            content: row.content,
            warning: row.warning,
            language: row.language,
            url: row.url,
            pictures: row.pictures,
            attached: read_json(&row.attached).ok_or_else(|| odd("attached"))?,
            kept: read_json(&row.kept).ok_or_else(|| odd("kept"))?,
            published: row.published,
            updated: row.updated,
            received: row.received,
        })
    }
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Reply>> {
    rows.into_iter().map(Reply::try_from).collect()
}

/// Nothing happens when one of that uri is here already.
pub fn add(conn: &mut Conn, reply: &Reply) -> QueryResult<()> {
    insert_new(conn, |conn| diesel::insert_into(replies::table).values(Row::from(reply)).execute(conn))?;
    Ok(())
}

pub fn save(conn: &mut Conn, reply: &Reply) -> QueryResult<()> {
    diesel::update(replies::table.find(reply.id.to_string())).set(Row::from(reply)).execute(conn)?;
    Ok(())
}

pub fn remove(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    diesel::delete(replies::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Reply>> {
    replies::table.find(id.to_string()).first::<Row>(conn).optional()?.map(Reply::try_from).transpose()
}

pub fn by_uri(conn: &mut Conn, uri: &str) -> QueryResult<Option<Reply>> {
    replies::table.filter(replies::uri.eq(uri)).first::<Row>(conn).optional()?.map(Reply::try_from).transpose()
}

/// What waits for one group, or for any, the oldest first.
pub fn waiting(conn: &mut Conn, group: Option<&str>, limit: i64) -> QueryResult<Vec<Reply>> {
    let mut query = replies::table.filter(replies::state.eq(State::Waiting.name())).into_boxed();
    if let Some(group) = group {
        query = query.filter(replies::group_handle.eq(group.to_owned()));
    }
    all(query.order(replies::id).limit(limit).load(conn)?)
}

/// How many replies wait, and when the latest came; or of those that only name the group (`mentions`).
pub fn waiting_count(conn: &mut Conn, group: &str, mentions: bool) -> QueryResult<(i64, Option<Timestamp>)> {
    let of = || match mentions {
        true => of_group(group, State::Waiting).filter(replies::root.eq("")),
        false => of_group(group, State::Waiting).filter(replies::root.ne("")),
    };
    let count = of().count().get_result(conn)?;
    let latest = of().order(replies::received.desc()).select(replies::received).first(conn).optional()?;
    Ok((count, latest))
}

/// Whatever of others waits.
pub fn count_waiting(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    of_group(group, State::Waiting).count().get_result(conn)
}

/// Somebody of whom something waits.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Waiting {
    pub actor: String,
    pub handle: String,
    pub replies: i64,
}

/// Of whom something waits for a group, whoever said most first: a flood is one line.
pub fn waiting_by_actor(conn: &mut Conn, group: &str) -> QueryResult<Vec<Waiting>> {
    replies::table
        .filter(replies::group_handle.eq(group))
        .filter(replies::state.eq(State::Waiting.name()))
        .group_by((replies::actor, replies::handle))
        .select((replies::actor, replies::handle, count_star()))
        .order((count_star().desc(), replies::actor))
        .load(conn)
}

/// What a group let through lately or hid, the newest first.
pub fn latest(conn: &mut Conn, group: &str, state: State, limit: i64) -> QueryResult<Vec<Reply>> {
    all(of_group(group, state).filter(replies::root.ne("")).order(replies::id.desc()).limit(limit).load(conn)?)
}

fn of_group(group: &str, state: State) -> replies::BoxedQuery<'_, <Conn as Connection>::Backend> {
    replies::table.filter(replies::group_handle.eq(group)).filter(replies::state.eq(state.name())).into_boxed()
}

/// How many replies of somebody wait for a group.
pub fn count_waiting_of(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<i64> {
    of_group(group, State::Waiting).filter(replies::actor.eq(actor)).count().get_result(conn)
}

/// How many of somebody's replies to a group were shown since then.
pub fn count_shown_since(conn: &mut Conn, group: &str, actor: &str, since: Timestamp) -> QueryResult<i64> {
    let shown = of_group(group, State::Shown).filter(replies::actor.eq(actor));
    shown.filter(replies::received.ge(since)).count().get_result(conn)
}

/// Makes room: something of those goes of whom most waits for a group.
pub fn drop_from_fullest(conn: &mut Conn, group: &str) -> QueryResult<()> {
    let waiting: Vec<(String, String)> =
        of_group(group, State::Waiting).order(replies::id).select((replies::host, replies::id)).load(conn)?;
    if let Some(id) = makes_room(waiting.iter().map(|(host, id)| (host.as_str(), id))) {
        diesel::delete(replies::table.find(id)).execute(conn)?;
    }
    Ok(())
}

/// What is shown below a post, in the order in which it came.
pub fn shown_below(conn: &mut Conn, root: &str, limit: i64) -> QueryResult<Vec<Reply>> {
    let shown = replies::table.filter(replies::root.eq(root)).filter(replies::state.eq(State::Shown.name()));
    all(shown.order(replies::id).limit(limit).load(conn)?)
}

pub fn count_shown_below(conn: &mut Conn, root: &str) -> QueryResult<i64> {
    replies::table.filter(replies::root.eq(root)).filter(replies::state.eq(State::Shown.name())).count().get_result(conn)
}

/// Ids of what is shown as an answer to just that, page by page: id here, and there.
pub fn shown_to(conn: &mut Conn, parent: &str, after: Option<Uuid>, limit: i64) -> QueryResult<Vec<(String, String)>> {
    let mut query = replies::table.filter(replies::parent.eq(parent)).filter(replies::state.eq(State::Shown.name())).into_boxed();
    if let Some(after) = after {
        query = query.filter(replies::id.gt(after.to_string()));
    }
    query.order(replies::id).limit(limit).select((replies::id, replies::uri)).load(conn)
}

pub fn count_shown_to(conn: &mut Conn, parent: &str) -> QueryResult<i64> {
    replies::table.filter(replies::parent.eq(parent)).filter(replies::state.eq(State::Shown.name())).count().get_result(conn)
}

/// Ids of all replies below a post, whatever their state.
pub fn uris_below(conn: &mut Conn, root: &str) -> QueryResult<Vec<String>> {
    replies::table.filter(replies::root.eq(root)).select(replies::uri).load(conn)
}

/// Whoever replied below that post or reacted to it, and the inbox to reach all on their server.
pub fn inboxes_around(conn: &mut Conn, path: &str, limit: i64) -> QueryResult<Vec<(String, String)>> {
    let replied = replies::table.filter(replies::root.eq(path)).select(replies::actor);
    let reacted = reactions::table.filter(reactions::object.eq(path)).select(reactions::actor);
    let rows: Vec<(String, String, Option<String>)> = remote_actors::table
        .filter(remote_actors::uri.eq_any(replied).or(remote_actors::uri.eq_any(reacted)))
        .order(remote_actors::uri)
        .limit(limit)
        .select((remote_actors::uri, remote_actors::inbox, remote_actors::shared_inbox))
        .load(conn)?;
    Ok(rows.into_iter().map(|(actor, own, shared)| (actor, shared.unwrap_or(own))).collect())
}

/// What a group thinks of somebody.
pub fn standing(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<Option<Standing>> {
    let name: Option<String> = repliers::table.find((group, actor)).select(repliers::standing).first(conn).optional()?;
    name.map(|name| Standing::by_name(&name).ok_or_else(|| Inconsistent::error("repliers", "standing", actor))).transpose()
}

pub fn keep_standing(conn: &mut Conn, group: &str, actor: &str, standing: Standing, now: Timestamp) -> QueryResult<()> {
    let about = (repliers::standing.eq(standing.name()), repliers::seen.eq(now.day()));
    if diesel::update(repliers::table.find((group, actor))).set(about).execute(conn)? == 0 {
        let row = (repliers::group_handle.eq(group), repliers::actor.eq(actor), about);
        diesel::insert_into(repliers::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn forget_standing(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<()> {
    diesel::delete(repliers::table.find((group, actor))).execute(conn)?;
    Ok(())
}

/// Whom a group knows, or turned away.
pub fn with_standing(conn: &mut Conn, group: &str, standing: Standing) -> QueryResult<Vec<String>> {
    repliers::table
        .filter(repliers::group_handle.eq(group))
        .filter(repliers::standing.eq(standing.name()))
        .order(repliers::actor)
        .select(repliers::actor)
        .load(conn)
}

/// What somebody said to a group goes; how much it was.
pub fn forget_of(conn: &mut Conn, group: &str, actor: &str) -> QueryResult<usize> {
    let said = replies::table.filter(replies::group_handle.eq(group)).filter(replies::actor.eq(actor));
    diesel::delete(said).execute(conn)
}

/// An actor is gone, and all it said here.
pub fn forget_actor(conn: &mut Conn, actor: &str) -> QueryResult<()> {
    diesel::delete(replies::table.filter(replies::actor.eq(actor))).execute(conn)?;
    diesel::delete(repliers::table.filter(repliers::actor.eq(actor))).execute(conn)?;
    Ok(())
}

pub fn forget_below(conn: &mut Conn, root: &str) -> QueryResult<()> {
    diesel::delete(replies::table.filter(replies::root.eq(root))).execute(conn)?;
    Ok(())
}

pub fn forget_group(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(replies::table.filter(replies::group_handle.eq(group))).execute(conn)?;
    diesel::delete(repliers::table.filter(repliers::group_handle.eq(group))).execute(conn)?;
    Ok(())
}

/// Whoever said anything, or is known or refused.
pub fn actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let mut actors: Vec<String> = replies::table.select(replies::actor).distinct().load(conn)?;
    actors.extend(repliers::table.select(repliers::actor).distinct().load::<String>(conn)?);
    Ok(actors)
}

/// The first reply that was let through and whose pictures were not brought here yet.
pub fn to_bring(conn: &mut Conn) -> QueryResult<Option<Reply>> {
    let open = replies::table.filter(replies::state.eq(State::Shown.name())).filter(replies::attached.ne("[]"));
    open.order(replies::id).first::<Row>(conn).optional()?.map(Reply::try_from).transpose()
}

/// Nothing more is to be brought of it: its pictures are tried once.
pub fn claim(conn: &mut Conn, id: Uuid) -> QueryResult<bool> {
    let open = replies::table.filter(replies::id.eq(id.to_string())).filter(replies::attached.ne("[]"));
    Ok(diesel::update(open).set(replies::attached.eq(json(&Vec::<Attached>::new()))).execute(conn)? == 1)
}

/// All pictures of replies that were brought here.
pub fn pictures(conn: &mut Conn) -> QueryResult<Vec<Kept>> {
    read_pictures(replies::table.filter(replies::kept.ne("[]")).select(replies::kept).load(conn)?)
}

/// Those of replies to one group.
pub fn pictures_in(conn: &mut Conn, group: &str) -> QueryResult<Vec<Kept>> {
    let theirs = replies::table.filter(replies::group_handle.eq(group)).filter(replies::kept.ne("[]"));
    read_pictures(theirs.select(replies::kept).load(conn)?)
}

/// Those of what one actor said.
pub fn pictures_by(conn: &mut Conn, actor: &str) -> QueryResult<Vec<Kept>> {
    let theirs = replies::table.filter(replies::actor.eq(actor)).filter(replies::kept.ne("[]"));
    read_pictures(theirs.select(replies::kept).load(conn)?)
}

fn read_pictures(rows: Vec<String>) -> QueryResult<Vec<Kept>> {
    let lists = rows.iter().map(|row| read_json::<Vec<Kept>>(row).ok_or_else(|| Inconsistent::error("replies", "kept", row)));
    Ok(lists.collect::<QueryResult<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Forgets what waited or was hidden for long, and who has not replied for a year.
pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let unseen = replies::state.ne(State::Shown.name()).or(replies::root.eq(""));
    let unseen = replies::table.filter(unseen).filter(replies::received.lt(now - KEPT));
    diesel::delete(unseen).execute(conn)?;
    let strangers =
        repliers::table.filter(repliers::standing.eq(Standing::Known.name())).filter(repliers::seen.lt(now - KNOWN - DAY));
    diesel::delete(strangers).execute(conn)?;
    Ok(())
}

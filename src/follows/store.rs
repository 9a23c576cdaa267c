//! How followers are kept: no more than is needed to reach them and to answer them again.

use std::time::Duration;

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;

use crate::{
    actors::remote::{RemoteActor, host_of},
    clock::Timestamp,
    db::{
        Conn, insert_new,
        schema::{follows, former_inboxes, remote_actors},
    },
};

/// So long an inbox that no longer follows hears that posts it may hold were changed or deleted.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3_600);

/// One who follows a group.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Follower {
    pub uri: String,
    /// `@name@host`.
    pub handle: String,
    pub inbox: String,
}

/// Adds a follower, or refreshes what we know of one.
pub fn save(conn: &mut Conn, group: &str, follower: &RemoteActor, follow_id: &str) -> QueryResult<()> {
    let about = (
        follows::follow_id.eq(follow_id),
        follows::host.eq(follower.host()),
        follows::inbox.eq(follower.inbox.as_str()),
        follows::shared_inbox.eq(follower.shared_inbox.as_ref().map(Url::as_str)),
    );
    if diesel::update(follows::table.find((group, follower.uri.as_str()))).set(about.clone()).execute(conn)? == 0 {
        let row = (follows::group_handle.eq(group), follows::follower.eq(follower.uri.as_str()), about);
        diesel::insert_into(follows::table).values(row).execute(conn)?;
    }
    let inbox = follower.shared_inbox.as_ref().unwrap_or(&follower.inbox).as_str();
    diesel::delete(former_inboxes::table.find((group, inbox))).execute(conn)?;
    Ok(())
}

/// An actor moved its inboxes: whatever waits for it and comes later goes there.
pub fn renew(conn: &mut Conn, follower: &RemoteActor) -> QueryResult<()> {
    diesel::update(follows::table.filter(follows::follower.eq(follower.uri.as_str())))
        .set((
            follows::inbox.eq(follower.inbox.as_str()),
            follows::shared_inbox.eq(follower.shared_inbox.as_ref().map(Url::as_str)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whom a Follow with that id made follow which group: for an Undo that names the Follow by its id only.
pub fn by_follow_id(conn: &mut Conn, follower: &Url, follow_id: &str) -> QueryResult<Option<String>> {
    follows::table
        .filter(follows::follower.eq(follower.as_str()))
        .filter(follows::follow_id.eq(follow_id))
        .select(follows::group_handle)
        .first(conn)
        .optional()
}

/// Every group that this actor follows.
pub fn groups_of(conn: &mut Conn, follower: &Url) -> QueryResult<Vec<String>> {
    follows::table.filter(follows::follower.eq(follower.as_str())).select(follows::group_handle).load(conn)
}

/// Takes a follower away; the inbox is remembered for changes to what it may hold. `false` when nobody followed.
pub fn remove(conn: &mut Conn, group: &str, follower: &Url, now: Timestamp) -> QueryResult<bool> {
    let found: Option<(String, Option<String>)> =
        follows::table.find((group, follower.as_str())).select((follows::inbox, follows::shared_inbox)).first(conn).optional()?;
    let Some((inbox, shared)) = found else { return Ok(false) };
    diesel::delete(follows::table.find((group, follower.as_str()))).execute(conn)?;
    let inbox = shared.unwrap_or(inbox);
    let host = inbox.parse().map(|url| host_of(&url)).unwrap_or_default();
    let until = now + REMEMBERED;
    let row = (
        former_inboxes::group_handle.eq(group),
        former_inboxes::inbox.eq(inbox),
        former_inboxes::host.eq(host),
        former_inboxes::left_at.eq(now),
        former_inboxes::until.eq(until),
    );
    insert_new(conn, |conn| diesel::insert_into(former_inboxes::table).values(row).execute(conn))?;
    Ok(true)
}

/// A follower is another actor from now on. Where that one follows already, its own Follow stays.
pub fn carry_over(conn: &mut Conn, group: &str, old: &Url, new: &RemoteActor, now: Timestamp) -> QueryResult<()> {
    let follow_id: Option<String> =
        follows::table.find((group, old.as_str())).select(follows::follow_id).first(conn).optional()?;
    let follows_already: i64 = follows::table.find((group, new.uri.as_str())).count().get_result(conn)?;
    remove(conn, group, old, now)?;
    match follow_id {
        Some(follow_id) if follows_already == 0 => save(conn, group, new, &follow_id),
        _ => Ok(()),
    }
}

/// Takes a follower away and remembers nothing. `false` when nobody followed.
pub fn forget(conn: &mut Conn, group: &str, follower: &Url) -> QueryResult<bool> {
    Ok(diesel::delete(follows::table.find((group, follower.as_str()))).execute(conn)? == 1)
}

/// Does anybody on that server follow the group?
pub fn is_followed_from(conn: &mut Conn, group: &str, host: &str) -> QueryResult<bool> {
    let there = follows::table.filter(follows::group_handle.eq(group)).filter(follows::host.eq(host));
    diesel::select(diesel::dsl::exists(there)).get_result(conn)
}

pub fn count(conn: &mut Conn, group: &str) -> QueryResult<i64> {
    follows::table.filter(follows::group_handle.eq(group)).count().get_result(conn)
}

pub fn list(conn: &mut Conn, group: &str) -> QueryResult<Vec<Follower>> {
    let rows: Vec<(String, String, String, Option<String>)> = follows::table
        .left_join(remote_actors::table.on(remote_actors::uri.eq(follows::follower)))
        .filter(follows::group_handle.eq(group))
        .order(follows::follower)
        .select((follows::follower, follows::host, follows::inbox, remote_actors::handle.nullable()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(uri, host, inbox, name)| {
            let handle = name.map_or_else(|| uri.clone(), |name| format!("@{name}@{host}"));
            Follower { uri, handle, inbox }
        })
        .collect())
}

/// Takes away every follower on a blocked host or with a blocked id, and remembers nothing of them.
pub fn forget_matching(conn: &mut Conn, blocked: &dyn Fn(&str) -> bool) -> QueryResult<usize> {
    let all: Vec<(String, String)> = follows::table.select((follows::group_handle, follows::follower)).load(conn)?;
    let mut gone = 0;
    for (group, follower) in all.iter().filter(|(_, follower)| blocked(follower)) {
        gone += diesel::delete(follows::table.find((group, follower))).execute(conn)?;
    }
    Ok(gone)
}

/// From how many servers our groups are followed.
pub fn count_hosts(conn: &mut Conn) -> QueryResult<usize> {
    let hosts: Vec<String> = follows::table.select(follows::host).distinct().load(conn)?;
    Ok(hosts.len())
}

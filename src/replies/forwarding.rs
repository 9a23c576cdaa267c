//! Replies that carry their author's signature inside go on to whoever follows the group, byte for byte as they came, as Mastodon does:
//! so that threads are whole elsewhere. Only what is shown; what waits is kept as it came until it is let through.

use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};

use super::{
    reply::{Reply, State},
    store,
};
use crate::{
    actors,
    app::Here,
    clock::Timestamp,
    db::{
        Conn,
        schema::{activities, deliveries, envelopes, replies},
    },
    error::Result,
    federation::delivery::{self, Outgoing},
    origin::Local,
};

/// In the order in which they are forwarded.
const KINDS: [&str; 2] = ["Create", "Update"];

/// Somebody said or changed this, and it was taken in: `body` is what came.
pub fn came(conn: &mut Conn, here: &Here, uri: &str, kind: &str, body: &str) -> Result<()> {
    let Some(reply) = store::by_uri(conn, uri)?.filter(|reply| !reply.is_mention()) else { return Ok(()) };
    match reply.state {
        State::Shown => forward(conn, here, &reply, body),
        State::Waiting => Ok(keep(conn, uri, kind, body)?),
        State::Hidden => Ok(()),
    }
}

/// Its author takes it back, before it is forgotten here.
pub fn goes(conn: &mut Conn, here: &Here, uri: &str, body: Option<&str>) -> Result<()> {
    stop(conn, uri)?;
    let Some(reply) = store::by_uri(conn, uri)? else { return Ok(()) };
    match body {
        Some(body) if reply.state == State::Shown && !reply.is_mention() => forward(conn, here, &reply, body),
        _ => Ok(()),
    }
}

/// It is shown from now on.
pub fn release(conn: &mut Conn, here: &Here, reply: &Reply) -> Result<()> {
    for kind in KINDS {
        let kept: Vec<String> = envelopes::table.find((&reply.uri, kind)).select(envelopes::body).load(conn)?;
        for body in kept {
            forward(conn, here, reply, &body)?;
        }
    }
    Ok(forget(conn, &reply.uri)?)
}

/// What one author says of one reply goes on so often within a day: nobody edits in earnest more often, and each time reaches all.
const A_DAY: i64 = 3;
const DAY: Duration = Duration::from_secs(24 * 3_600);
const KIND: &str = "Forward";

fn lately(conn: &mut Conn, uri: &str, since: Timestamp) -> QueryResult<i64> {
    let forwarded = activities::table.filter(activities::object.eq(uri)).filter(activities::kind.eq(KIND));
    forwarded.filter(activities::published.ge(since)).count().get_result(conn)
}

/// What is still on its way goes no further, and what was forwarded is kept no longer: the reply is not shown any more.
pub fn stop(conn: &mut Conn, uri: &str) -> QueryResult<()> {
    let forwarded = activities::table.filter(activities::object.eq(uri)).filter(activities::kind.eq(KIND));
    let sequences: Vec<i64> = forwarded.select(activities::sequence).load(conn)?;
    diesel::delete(deliveries::table.filter(deliveries::activity.eq_any(&sequences))).execute(conn)?;
    diesel::delete(activities::table.filter(activities::sequence.eq_any(&sequences))).execute(conn)?;
    forget(conn, uri)
}

/// The same for all that somebody said to a group, or to any.
pub fn stop_all_of(conn: &mut Conn, actor: &str, group: Option<&str>) -> QueryResult<()> {
    let said: Vec<(String, String)> =
        replies::table.filter(replies::actor.eq(actor)).select((replies::uri, replies::group_handle)).load(conn)?;
    said.iter().filter(|(_, of)| group.is_none_or(|group| group == of)).try_for_each(|(uri, _)| stop(conn, uri))
}

/// To whoever follows the group, once for each inbox; its author's server has it.
fn forward(conn: &mut Conn, here: &Here, reply: &Reply, body: &str) -> Result<()> {
    let group = Local::Group(reply.group.clone());
    if lately(conn, &reply.uri, here.now - DAY)? >= A_DAY
        || actors::store::has_moved(conn, &group)?
        || actors::store::waits(conn, &group)?
    {
        return Ok(());
    }
    let outgoing = Outgoing {
        id: here.new_id(),
        actor: group.path(),
        kind: KIND,
        object: reply.uri.clone(),
        body: body.to_owned(),
        public: false,
    };
    let sequence = delivery::record(conn, here.now, &outgoing)?;
    delivery::to_followers(conn, here.now, sequence, &reply.group)?;
    Ok(delivery::not_to(conn, sequence, &reply.host)?)
}

fn keep(conn: &mut Conn, uri: &str, kind: &str, body: &str) -> QueryResult<()> {
    if diesel::update(envelopes::table.find((uri, kind))).set(envelopes::body.eq(body)).execute(conn)? == 0 {
        let row = (envelopes::uri.eq(uri), envelopes::kind.eq(kind), envelopes::body.eq(body));
        diesel::insert_into(envelopes::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub fn forget(conn: &mut Conn, uri: &str) -> QueryResult<()> {
    diesel::delete(envelopes::table.filter(envelopes::uri.eq(uri))).execute(conn)?;
    Ok(())
}

/// Forgets what belongs to nothing that waits.
pub fn prune(conn: &mut Conn) -> QueryResult<()> {
    let waiting = replies::table.filter(replies::state.eq(State::Waiting.name())).select(replies::uri);
    diesel::delete(envelopes::table.filter(envelopes::uri.ne_all(waiting))).execute(conn)?;
    Ok(())
}

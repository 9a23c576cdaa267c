//! Replies that carry their author's signature inside go on to whoever follows the group, byte for byte as they came, as Mastodon does:
//! so that threads are whole elsewhere. Only what is shown; what waits is kept as it came until it is let through.

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};

use super::{
    reply::{Reply, State},
    store,
};
use crate::{
    actors,
    app::Here,
    db::{
        Conn,
        schema::{envelopes, replies},
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
    forget(conn, uri)?;
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

/// To whoever follows the group, once for each inbox; its author's server has it.
fn forward(conn: &mut Conn, here: &Here, reply: &Reply, body: &str) -> Result<()> {
    let group = Local::Group(reply.group.clone());
    if actors::store::has_moved(conn, &group)? || actors::store::waits(conn, &group)? {
        return Ok(());
    }
    let outgoing = Outgoing {
        id: here.new_id(),
        actor: group.path(),
        kind: "Forward",
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

//! How the choice, the standing of servers and what is held of them are kept.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, TextExpressionMethods, dsl::count_star};

use crate::{
    app,
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        insert_new,
        schema::{follows, held, repliers, servers, sisters},
    },
};

const UNKNOWN_SERVERS: &str = "unknown_servers";
/// So long something is held.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3_600);
/// So much of one server and in all; what comes after that is dropped.
const OF_HOST: i64 = 100;
const ALL: i64 = 2_000;

/// What happens with servers that nobody here knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    #[default]
    Welcome,
    Quarantine,
}

impl Choice {
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Quarantine => "quarantine",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Welcome, Self::Quarantine].into_iter().find(|choice| choice.name() == name)
    }
}

/// What caretakers decided about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Welcome,
    Held,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Held => "held",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Welcome, Self::Held].into_iter().find(|standing| standing.name() == name)
    }
}

pub fn choice(conn: &mut Conn) -> QueryResult<Choice> {
    Ok(app::setting(conn, UNKNOWN_SERVERS)?.and_then(|name| Choice::by_name(&name)).unwrap_or_default())
}

pub fn keep_choice(conn: &mut Conn, choice: Choice) -> QueryResult<()> {
    app::keep_setting(conn, UNKNOWN_SERVERS, choice.name())
}

pub fn standing(conn: &mut Conn, host: &str) -> QueryResult<Option<Standing>> {
    let name: Option<String> = servers::table.find(host).select(servers::standing).first(conn).optional()?;
    name.map(|name| Standing::by_name(&name).ok_or_else(|| Inconsistent::error("servers", "standing", host))).transpose()
}

pub fn keep_standing(conn: &mut Conn, host: &str, standing: Standing, now: Timestamp) -> QueryResult<()> {
    let about = (servers::standing.eq(standing.name()), servers::since.eq(now));
    if diesel::update(servers::table.find(host)).set(about).execute(conn)? == 0 {
        diesel::insert_into(servers::table).values((servers::host.eq(host), about)).execute(conn)?;
    }
    Ok(())
}

/// `false` when nothing was decided about it.
pub fn forget_standing(conn: &mut Conn, host: &str) -> QueryResult<bool> {
    Ok(diesel::delete(servers::table.find(host)).execute(conn)? == 1)
}

/// Every server about which something was decided.
pub fn standings(conn: &mut Conn) -> QueryResult<Vec<(String, String, Timestamp)>> {
    servers::table.order(servers::host).load(conn)
}

/// Servers from which our groups are followed now.
pub fn followers_hosts(conn: &mut Conn) -> QueryResult<Vec<String>> {
    follows::table.select(follows::host).distinct().load(conn)
}

/// Does a group hear anybody there, or did one let somebody there through? `origin` begins every id there and ends in a slash.
pub fn is_acquainted(conn: &mut Conn, origin: &str) -> QueryResult<bool> {
    // an origin has no wildcard but the underscore, which at worst finds too much
    let pattern = format!("{origin}%");
    let heard: i64 = sisters::table.filter(sisters::actor.like(&pattern)).count().get_result(conn)?;
    let known = repliers::table.filter(repliers::standing.eq("known")).filter(repliers::actor.like(&pattern));
    Ok(heard > 0 || known.count().get_result::<i64>(conn)? > 0)
}

/// An activity whose signature held, not done yet.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = held)]
pub struct Held {
    pub activity: String,
    pub host: String,
    pub actor: String,
    pub kind: String,
    /// Id of what it is about.
    pub object: String,
    pub body: String,
    pub received: Timestamp,
}

/// Holds an activity; `false` when too much is held already.
pub fn hold(conn: &mut Conn, activity: &Held) -> QueryResult<bool> {
    let of_host: i64 = held::table.filter(held::host.eq(&activity.host)).count().get_result(conn)?;
    let all: i64 = held::table.count().get_result(conn)?;
    if of_host >= OF_HOST || all >= ALL {
        return Ok(false);
    }
    insert_new(conn, |conn| diesel::insert_into(held::table).values(activity.clone()).execute(conn))
}

/// What is held of a server, in the order in which it came.
pub fn of_host(conn: &mut Conn, host: &str) -> QueryResult<Vec<Held>> {
    held::table.filter(held::host.eq(host)).order((held::received, held::activity)).load(conn)
}

/// Servers of which something is held, and how much.
pub fn waiting(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    held::table.group_by(held::host).order(held::host).select((held::host, count_star())).load(conn)
}

/// All that is held of a server goes; how much it was.
pub fn forget_host(conn: &mut Conn, host: &str) -> QueryResult<usize> {
    diesel::delete(held::table.filter(held::host.eq(host))).execute(conn)
}

pub fn forget_actor(conn: &mut Conn, actor: &str) -> QueryResult<()> {
    diesel::delete(held::table.filter(held::actor.eq(actor))).execute(conn)?;
    Ok(())
}

/// Its author takes back what is held: by the id of what it is about, or its own.
pub fn withdraw(conn: &mut Conn, actor: &str, uri: &str) -> QueryResult<()> {
    diesel::delete(held::table.filter(held::actor.eq(actor)).filter(held::object.eq(uri))).execute(conn)?;
    diesel::delete(held::table.filter(held::actor.eq(actor)).filter(held::activity.eq(uri))).execute(conn)?;
    Ok(())
}

/// Whoever sent what is held.
pub fn actors(conn: &mut Conn) -> QueryResult<Vec<String>> {
    held::table.select(held::actor).distinct().load(conn)
}

pub fn prune(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    diesel::delete(held::table.filter(held::received.lt(now - KEPT))).execute(conn)?;
    Ok(())
}

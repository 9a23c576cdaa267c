//! What a group has to decide about what its sisters said, and what it decided: kept apart from what was said.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{elsewhere, sister_news as news},
    },
};

/// Something that a group heard of, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Handle of our group.
    pub group: String,
    /// Id of what was said.
    pub uri: String,
    /// Who said it.
    pub author: String,
    /// Of whom our group heard it; the author where somebody here looked it up.
    pub sister: String,
    pub state: State,
    /// Our Announce.
    pub announce: Option<Uuid>,
    /// Since when it stands so.
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody has to decide.
    Waits,
    PassedOn,
    /// Somebody decided that it is not passed on.
    LeftOut,
    /// It was passed on, and that was taken back.
    TakenBack,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Waits, Self::PassedOn, Self::LeftOut, Self::TakenBack];

    pub fn name(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::PassedOn => "passed-on",
            Self::LeftOut => "left-out",
            Self::TakenBack => "taken-back",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// So much waits for one group; then the oldest is left out.
const MOST: i64 = 200;

type Row = (String, String, String, String, String, Option<String>, Timestamp);

fn read((group, uri, author, sister, state, announce, since): Row) -> QueryResult<News> {
    let odd = |column| Inconsistent::error("sister_news", column, &uri);
    Ok(News {
        state: State::by_name(&state).ok_or_else(|| odd("state"))?,
        announce: announce.as_deref().map(str::parse).transpose().map_err(|_| odd("announce"))?,
        group,
        author,
        sister,
        since,
        uri,
    })
}

pub fn find(conn: &mut Conn, group: &str, uri: &str) -> QueryResult<Option<News>> {
    news::table.find((group, uri)).first::<Row>(conn).optional()?.map(read).transpose()
}

/// Of every group, of that.
pub fn of(conn: &mut Conn, uri: &str) -> QueryResult<Vec<News>> {
    news::table.filter(news::uri.eq(uri)).load::<Row>(conn)?.into_iter().map(read).collect()
}

pub fn save(conn: &mut Conn, it: &News) -> QueryResult<()> {
    let stands = (
        news::author.eq(&it.author),
        news::sister.eq(&it.sister),
        news::state.eq(it.state.name()),
        news::announce.eq(it.announce.map(|id| id.to_string())),
        news::since.eq(it.since),
    );
    if diesel::update(news::table.find((&it.group, &it.uri))).set(stands.clone()).execute(conn)? == 0 {
        let row = (news::group_handle.eq(&it.group), news::uri.eq(&it.uri), stands);
        diesel::insert_into(news::table).values(row).execute(conn)?;
    }
    if it.state == State::Waits && count_waiting(conn, &it.group)?.0 > MOST {
        let oldest: Option<String> = news::table
            .filter(news::group_handle.eq(&it.group))
            .filter(news::state.eq(State::Waits.name()))
            .order((news::since, news::uri))
            .select(news::uri)
            .first(conn)
            .optional()?;
        if let Some(oldest) = oldest {
            diesel::update(news::table.find((&it.group, oldest))).set(news::state.eq(State::LeftOut.name())).execute(conn)?;
        }
    }
    Ok(())
}

/// How much waits for a group, and when the latest of it came.
pub fn count_waiting(conn: &mut Conn, group: &str) -> QueryResult<(i64, Option<Timestamp>)> {
    news::table
        .filter(news::group_handle.eq(group))
        .filter(news::state.eq(State::Waits.name()))
        .select((diesel::dsl::count_star(), diesel::dsl::max(news::since)))
        .first(conn)
}

/// Of a group, in that state, the latest first.
pub fn of_group(conn: &mut Conn, group: &str, state: State, limit: i64) -> QueryResult<Vec<News>> {
    let found = news::table.filter(news::group_handle.eq(group)).filter(news::state.eq(state.name()));
    found.order((news::since.desc(), news::uri)).limit(limit).load::<Row>(conn)?.into_iter().map(read).collect()
}

/// How much of a sister a group passed on since then.
pub fn passed_on_since(conn: &mut Conn, group: &str, sister: &str, since: Timestamp) -> QueryResult<i64> {
    news::table
        .filter(news::group_handle.eq(group))
        .filter(news::sister.eq(sister))
        .filter(news::state.eq(State::PassedOn.name()))
        .filter(news::since.ge(since))
        .count()
        .get_result(conn)
}

/// How much was passed on since then that answers this.
pub fn passed_on_beside(conn: &mut Conn, group: &str, answered: &str, since: Timestamp) -> QueryResult<i64> {
    let answers = elsewhere::table.filter(elsewhere::in_reply_to.eq(answered)).select(elsewhere::uri);
    news::table
        .filter(news::group_handle.eq(group))
        .filter(news::state.eq(State::PassedOn.name()))
        .filter(news::since.ge(since))
        .filter(news::uri.eq_any(answers))
        .count()
        .get_result(conn)
}

/// What stands passed on, of everybody.
pub fn passed_on(conn: &mut Conn) -> QueryResult<Vec<News>> {
    let found = news::table.filter(news::state.eq(State::PassedOn.name()));
    found.load::<Row>(conn)?.into_iter().map(read).collect()
}

/// Nobody has to decide any more about what was heard of that sister.
pub fn forget_waiting_of(conn: &mut Conn, group: &str, sister: &str) -> QueryResult<()> {
    let waiting = news::table.filter(news::group_handle.eq(group)).filter(news::sister.eq(sister));
    diesel::delete(waiting.filter(news::state.eq(State::Waits.name()))).execute(conn)?;
    Ok(())
}

pub fn forget_group(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(news::table.filter(news::group_handle.eq(group))).execute(conn)?;
    Ok(())
}

/// About what is forgotten nobody can decide.
pub fn forget_gone(conn: &mut Conn) -> QueryResult<()> {
    let waiting = news::table.filter(news::state.eq(State::Waits.name()));
    diesel::delete(waiting.filter(news::uri.ne_all(elsewhere::table.select(elsewhere::uri)))).execute(conn)?;
    Ok(())
}

/// Forgets what was decided before then, about things that are gone.
pub fn prune(conn: &mut Conn, before: Timestamp) -> QueryResult<()> {
    let old = news::table.filter(news::since.lt(before));
    diesel::delete(old.filter(news::uri.ne_all(elsewhere::table.select(elsewhere::uri)))).execute(conn)?;
    Ok(())
}

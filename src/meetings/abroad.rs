//! Meetings of other cities as they stand in our agenda: beside our own, and never among them.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, QueryResult, RunQueryDsl,
};

use super::{filter::Span, meeting::MAX_LENGTH};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{elsewhere, meetings_elsewhere as abroad, passed_on, remote_actors, sisters},
    },
};

/// One meeting, or one of a series.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = abroad)]
pub struct Abroad {
    /// Of the meeting, or of its series where nothing else is known of it.
    pub uri: String,
    pub starts: Timestamp,
    pub ends: Timestamp,
    /// Who meets.
    pub actor: String,
    /// Id of the series to which it belongs.
    pub series: Option<String>,
    pub title: String,
    /// BCP 47.
    pub language: Option<String>,
    pub place: Option<String>,
    /// As IANA names it, of the place where it is.
    pub zone: Option<String>,
    /// Where people read of it.
    pub url: String,
    pub cancelled: bool,
    pub moved: bool,
}

/// The same with what whoever meets is called: `@kitchen@boston.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub meeting: Abroad,
    pub who: String,
}

/// Of a meeting that does not say when it ends.
const ABOUT: std::time::Duration = std::time::Duration::from_secs(3_600);

impl Abroad {
    /// The end of a meeting that says so within reason.
    pub fn end(starts: Timestamp, ends: Option<Timestamp>) -> Timestamp {
        ends.filter(|ends| *ends > starts && ends.since(starts) <= MAX_LENGTH).unwrap_or(starts + ABOUT)
    }
}

/// Keeps a meeting anew; whatever it was before is gone.
pub fn keep(conn: &mut Conn, meeting: &Abroad) -> QueryResult<()> {
    forget(conn, &meeting.uri)?;
    diesel::insert_into(abroad::table).values(meeting.clone()).execute(conn)?;
    Ok(())
}

/// Keeps the meetings of a series that nothing else is known of, each at another time.
pub fn keep_series(conn: &mut Conn, uri: &str, meetings: &[Abroad]) -> QueryResult<()> {
    forget(conn, uri)?;
    for meeting in meetings {
        diesel::insert_into(abroad::table).values(meeting.clone()).execute(conn)?;
    }
    Ok(())
}

pub fn forget(conn: &mut Conn, uri: &str) -> QueryResult<()> {
    diesel::delete(abroad::table.filter(abroad::uri.eq(uri))).execute(conn)?;
    Ok(())
}

/// What groups here hear of, in the order in which it begins; at most `limit`. A meeting of a series of which more is known than its
/// series says comes once.
pub fn within(conn: &mut Conn, span: Span, limit: i64) -> QueryResult<Vec<Shown>> {
    let heard = || sisters::table.filter(sisters::state.eq("accepted")).select(sisters::actor);
    let through = passed_on::table.filter(passed_on::actor.eq_any(heard())).select(passed_on::uri);
    let rows: Vec<(Abroad, Option<(String, String)>)> = abroad::table
        .left_join(remote_actors::table.on(remote_actors::uri.eq(abroad::actor)))
        .filter(abroad::starts.ge(span.from))
        .filter(abroad::starts.lt(span.until))
        .filter(abroad::ends.gt(span.lasts))
        .filter(abroad::actor.eq_any(heard()).or(abroad::uri.eq_any(through)))
        .order((abroad::starts, abroad::uri))
        .limit(limit)
        .select((abroad::all_columns, (remote_actors::handle, remote_actors::host).nullable()))
        .load(conn)?;
    let told: Vec<(String, Timestamp)> = rows
        .iter()
        .filter(|(meeting, _)| meeting.series.as_ref().is_some_and(|series| *series != meeting.uri))
        .filter_map(|(meeting, _)| Some((meeting.series.clone()?, meeting.starts)))
        .collect();
    let is_told =
        |meeting: &Abroad| meeting.series.as_ref() == Some(&meeting.uri) && told.contains(&(meeting.uri.clone(), meeting.starts));
    let shown = |(meeting, name): (Abroad, Option<(String, String)>)| {
        let who = name.map(|(name, host)| format!("@{name}@{host}"));
        let host = || url::Url::parse(&meeting.actor).ok()?.host_str().map(str::to_owned);
        Shown { who: who.or_else(host).unwrap_or_default(), meeting }
    };
    Ok(rows.into_iter().filter(|(meeting, _)| !is_told(meeting)).map(shown).collect())
}

/// Another text after every change of what stands here.
pub fn mark(conn: &mut Conn) -> QueryResult<String> {
    let (count, last): (i64, Option<Timestamp>) =
        abroad::table.select((diesel::dsl::count_star(), diesel::dsl::max(abroad::ends))).first(conn)?;
    let heard: (i64, Option<Timestamp>) =
        elsewhere::table.select((diesel::dsl::count_star(), diesel::dsl::max(elsewhere::received))).first(conn)?;
    Ok(format!("{count} {last:?} {heard:?}"))
}

/// Forgets what was over by then.
pub fn prune(conn: &mut Conn, over: Timestamp) -> QueryResult<()> {
    diesel::delete(abroad::table.filter(abroad::ends.lt(over))).execute(conn)?;
    Ok(())
}

//! How what others said is kept: the latest version of each thing, and never more of one than it can fill a shelf with.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    QueryResult, RunQueryDsl, TextExpressionMethods, sql_types::Bool,
};

use super::sister::{Heard, State};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        schema::{elsewhere, invited, passed_on, remote_actors, rhythms, sister_news, sisters},
    },
    federation::permission::Permission,
    meetings::abroad::{self, Abroad},
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = elsewhere, treat_none_as_null = true)]
struct HeardRow {
    uri: String,
    actor: String,
    kind: String,
    title: Option<String>,
    content: String,
    url: String,
    in_reply_to: Option<String>,
    language: Option<String>,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    zone: Option<String>,
    place: Option<String>,
    cancelled: bool,
    published: Timestamp,
    updated: Option<Timestamp>,
    received: Timestamp,
    urgent: Option<i64>,
    passing: String,
}

impl From<&Heard> for HeardRow {
    fn from(heard: &Heard) -> Self {
        let heard = heard.clone();
        Self {
            uri: heard.uri,
            actor: heard.actor,
            kind: heard.kind,
            title: heard.title,
            content: heard.content,
            url: heard.url,
            in_reply_to: heard.in_reply_to,
            language: heard.language,
            starts: heard.starts,
            ends: heard.ends,
            zone: heard.zone,
            place: heard.place,
            cancelled: heard.cancelled,
            published: heard.published,
            updated: heard.updated,
            received: heard.received,
            urgent: heard.urgent,
            passing: heard.passing.written(),
        }
    }
}

impl From<HeardRow> for Heard {
    fn from(row: HeardRow) -> Self {
        Self {
            passing: Permission::of_written(&row.passing),
            uri: row.uri,
            actor: row.actor,
            kind: row.kind,
            title: row.title,
            content: row.content,
            url: row.url,
            in_reply_to: row.in_reply_to,
            language: row.language,
            starts: row.starts,
            ends: row.ends,
            zone: row.zone,
            place: row.place,
            cancelled: row.cancelled,
            published: row.published,
            updated: row.updated,
            received: row.received,
            urgent: row.urgent,
        }
    }
}

pub fn heard_by_uri(conn: &mut Conn, uri: &str) -> QueryResult<Option<Heard>> {
    Ok(elsewhere::table.find(uri).first::<HeardRow>(conn).optional()?.map(Heard::from))
}

/// No more is kept of what one said: a hostile one fills no disk.
const MOST: i64 = 500;

/// Keeps what was said; `known`: an earlier version is there; `series` is the one to which a meeting belongs. Of one who says more than
/// is kept, the oldest goes.
pub fn keep_heard(conn: &mut Conn, heard: &Heard, known: bool, series: Option<&str>) -> QueryResult<()> {
    // a meeting that a group of ours calls stands in our own agenda already
    let called = invited::table.filter(invited::event.eq(&heard.uri)).filter(invited::meeting.is_not_null());
    if called.count().get_result::<i64>(conn)? > 0 {
        return Ok(());
    }
    let row = HeardRow::from(heard);
    if known {
        diesel::update(elsewhere::table.find(&row.uri)).set(&row).execute(conn)?;
    } else {
        diesel::insert_into(elsewhere::table).values(row).execute(conn)?;
        let of_them = || elsewhere::table.filter(elsewhere::actor.eq(&heard.actor));
        if of_them().count().get_result::<i64>(conn)? > MOST {
            let oldest: String = of_them().order((elsewhere::published, elsewhere::uri)).select(elsewhere::uri).first(conn)?;
            forget_heard(conn, &oldest)?;
        }
    }
    match heard.starts.filter(|_| heard.kind == "Event") {
        Some(starts) => abroad::keep(conn, &meeting(heard, starts, series)),
        None if known => abroad::forget(conn, &heard.uri),
        None => Ok(()),
    }
}

fn meeting(heard: &Heard, starts: Timestamp, series: Option<&str>) -> Abroad {
    Abroad {
        uri: heard.uri.clone(),
        starts,
        ends: Abroad::end(starts, heard.ends),
        actor: heard.actor.clone(),
        series: series.map(str::to_owned),
        title: heard.title.clone().unwrap_or_else(|| heard.url.clone()),
        language: heard.language.clone(),
        place: heard.place.clone(),
        zone: heard.zone.clone(),
        url: heard.url.clone(),
        cancelled: heard.cancelled,
        moved: false,
    }
}

/// With all that hangs on it, but for what groups decided.
pub fn forget_heard(conn: &mut Conn, uri: &str) -> QueryResult<()> {
    diesel::delete(passed_on::table.filter(passed_on::uri.eq(uri))).execute(conn)?;
    abroad::forget(conn, uri)?;
    diesel::delete(elsewhere::table.find(uri)).execute(conn)?;
    Ok(())
}

/// Which of what was heard is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Handle of a group of ours that hears it.
    pub group: Option<String>,
    /// Host, and port where it is not the usual one, of whoever said it.
    pub host: Option<String>,
}

/// What groups here hear from other cities, or passed on, the newest first; with what whoever said it is called.
pub fn wanted(conn: &mut Conn, wanted: &Wanted, limit: i64) -> QueryResult<Vec<(Heard, String)>> {
    let (group, all) = (wanted.group.clone().unwrap_or_default(), wanted.group.is_none());
    let heard = || {
        let theirs = sisters::group_handle.eq(group.clone()).or(all.into_sql::<Bool>());
        sisters::table.filter(sisters::state.eq(State::Accepted.name())).filter(theirs).select(sisters::actor)
    };
    let theirs = sister_news::group_handle.eq(group.clone()).or(all.into_sql::<Bool>());
    let by_us = sister_news::table.filter(sister_news::state.eq("passed-on")).filter(theirs).select(sister_news::uri);
    let through = passed_on::table.filter(passed_on::actor.eq_any(heard())).select(passed_on::uri);
    let mut query = elsewhere::table
        .left_join(remote_actors::table.on(remote_actors::uri.eq(elsewhere::actor)))
        .filter(elsewhere::actor.eq_any(heard()).or(elsewhere::uri.eq_any(through)).or(elsewhere::uri.eq_any(by_us)))
        .into_boxed();
    if let Some(host) = &wanted.host {
        let of_host = |scheme: &str| format!("{scheme}://{}/%", host.replace(['%', '_', '\\'], ""));
        query = query.filter(elsewhere::actor.like(of_host("https")).or(elsewhere::actor.like(of_host("http"))));
    }
    let rows: Vec<(HeardRow, Option<(String, String)>)> = query
        .order((elsewhere::published.desc(), elsewhere::uri))
        .limit(limit)
        .select((elsewhere::all_columns, (remote_actors::handle, remote_actors::host).nullable()))
        .load(conn)?;
    let named = |(row, name): (HeardRow, Option<(String, String)>)| {
        let heard = Heard::from(row);
        let host = || Some(url::Url::parse(&heard.actor).ok()?.host_str()?.to_owned());
        let who = name.map(|(name, host)| format!("@{name}@{host}")).or_else(host).unwrap_or_default();
        (heard, who)
    };
    Ok(rows.into_iter().map(named).collect())
}

/// What the sisters of a group said or passed on, the newest first.
pub fn heard_by_group(conn: &mut Conn, group: &str, limit: i64) -> QueryResult<Vec<Heard>> {
    let of = Wanted { group: Some(group.to_owned()), host: None };
    Ok(wanted(conn, &of, limit)?.into_iter().map(|(heard, _)| heard).collect())
}

/// Series of those whom anybody here hears, or that somebody heard here passed on: whose they are, and their documents.
pub fn rhythms(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(String, String)>> {
    let heard = || sisters::table.filter(sisters::state.eq(State::Accepted.name())).select(sisters::actor);
    let through = passed_on::table.filter(passed_on::actor.eq_any(heard())).select(passed_on::uri);
    rhythms::table
        .filter(rhythms::actor.eq_any(heard()).or(rhythms::uri.eq_any(through)))
        .order((rhythms::said.desc(), rhythms::uri))
        .select((rhythms::actor, rhythms::document))
        .limit(limit)
        .load(conn)
}

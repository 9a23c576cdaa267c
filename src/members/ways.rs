//! Links that let somebody in once: the first account of a place, an invitation, a way back in.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl, Selectable, SelectableHelper};
use uuid::Uuid;

use super::token::Token;
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, insert_new, schema::ways_in},
};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first account of a place, which looks after it.
    Start,
    /// An account, where nobody comes in without.
    Invitation,
    /// Back in, shown by a fellow organizer.
    Fellow,
    /// Back in, asked for by a caretaker.
    Caretaker,
    /// Back in, with a code from paper.
    Code,
    /// Not a link: a challenge that a passkey answered, which may not be answered again.
    Answered,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Invitation => "invitation",
            Self::Fellow => "fellow",
            Self::Caretaker => "caretaker",
            Self::Code => "code",
            Self::Answered => "answered",
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        [Self::Start, Self::Invitation, Self::Fellow, Self::Caretaker, Self::Code, Self::Answered]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    /// How long after it was made it opens,
    pub fn wait(self) -> Duration {
        if self == Self::Caretaker { 48 * HOUR } else { Duration::ZERO }
    }

    /// and how long it is open then.
    pub fn open(self) -> Duration {
        match self {
            Self::Start => DAY,
            Self::Invitation | Self::Caretaker => 7 * DAY,
            Self::Fellow | Self::Code | Self::Answered => 15 * MINUTE,
        }
    }
}

/// A link that was not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub kind: Kind,
    /// Whom it lets in.
    pub member: Option<Uuid>,
    /// The fellow organizer who showed it.
    pub shown_by: Option<Uuid>,
    pub opens: Timestamp,
    pub ends: Timestamp,
}

impl Way {
    pub fn new(kind: Kind, now: Timestamp) -> Self {
        let opens = now + kind.wait();
        Self { kind, member: None, shown_by: None, opens, ends: opens + kind.open() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = ways_in)]
struct Row {
    hash: String,
    kind: String,
    member: Option<String>,
    shown_by: Option<String>,
    opens: Timestamp,
    ends: Timestamp,
}

impl Row {
    fn way(self) -> QueryResult<Way> {
        let Self { hash, kind, member, shown_by, opens, ends } = self;
        let wrong = |column: &'static str| Inconsistent::error("ways_in", column, &hash);
        let id = |id: Option<String>, column| id.map(|id| Uuid::parse_str(&id).map_err(|_| wrong(column))).transpose();
        let kind = Kind::by_name(&kind).ok_or_else(|| wrong("kind"))?;
        Ok(Way { kind, member: id(member, "member")?, shown_by: id(shown_by, "shown_by")?, opens, ends })
    }
}

/// Keeps a link; of its secret only the hash. `false` when it is there already.
pub fn add(conn: &mut Conn, hash: &str, way: &Way) -> QueryResult<bool> {
    let row = (
        ways_in::hash.eq(hash),
        ways_in::kind.eq(way.kind.name()),
        ways_in::member.eq(way.member.map(|id| id.to_string())),
        ways_in::shown_by.eq(way.shown_by.map(|id| id.to_string())),
        ways_in::opens.eq(way.opens),
        ways_in::ends.eq(way.ends),
    );
    insert_new(conn, |conn| diesel::insert_into(ways_in::table).values(row).execute(conn))
}

/// The link with this secret, unless it was used or has ended; it may not be open yet.
pub fn find(conn: &mut Conn, token: &Token, now: Timestamp) -> QueryResult<Option<Way>> {
    let row = ways_in::table.find(token.hash()).filter(ways_in::ends.gt(now)).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::way).transpose()
}

/// Uses the link up; `false` when somebody did before.
pub fn take(conn: &mut Conn, token: &Token) -> QueryResult<bool> {
    Ok(diesel::delete(ways_in::table.find(token.hash())).execute(conn)? > 0)
}

/// All of one kind, as of the first account.
pub fn remove_all(conn: &mut Conn, kind: Kind) -> QueryResult<()> {
    diesel::delete(ways_in::table.filter(ways_in::kind.eq(kind.name()))).execute(conn)?;
    Ok(())
}

/// All that let a member in, or of one kind.
pub fn remove_of(conn: &mut Conn, member: Uuid, kind: Option<Kind>) -> QueryResult<usize> {
    let theirs = ways_in::table.filter(ways_in::member.eq(member.to_string()));
    match kind {
        None => diesel::delete(theirs).execute(conn),
        Some(kind) => diesel::delete(theirs.filter(ways_in::kind.eq(kind.name()))).execute(conn),
    }
}

/// All that somebody showed to others.
pub fn remove_shown_by(conn: &mut Conn, member: Uuid) -> QueryResult<usize> {
    diesel::delete(ways_in::table.filter(ways_in::shown_by.eq(member.to_string()))).execute(conn)
}

/// When the way in that a caretaker asked for opens for this member, if there is one.
pub fn asked_for(conn: &mut Conn, member: Uuid, now: Timestamp) -> QueryResult<Option<Timestamp>> {
    ways_in::table
        .filter(ways_in::member.eq(member.to_string()))
        .filter(ways_in::kind.eq(Kind::Caretaker.name()))
        .filter(ways_in::ends.gt(now))
        .order(ways_in::opens)
        .select(ways_in::opens)
        .first(conn)
        .optional()
}

/// Whom caretakers asked for a way back in for, and when each of them opens.
pub fn of_caretakers(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<(Uuid, Timestamp)>> {
    let open = ways_in::table.filter(ways_in::kind.eq(Kind::Caretaker.name())).filter(ways_in::ends.gt(now));
    let rows: Vec<Row> = open.order(ways_in::opens).select(Row::as_select()).load(conn)?;
    let ways: Vec<Way> = rows.into_iter().map(Row::way).collect::<QueryResult<_>>()?;
    Ok(ways.into_iter().filter_map(|way| way.member.map(|member| (member, way.opens))).collect())
}

/// For how many accounts caretakers asked for a way back in: said in public.
pub fn asked_for_by_caretakers(conn: &mut Conn, now: Timestamp) -> QueryResult<i64> {
    ways_in::table.filter(ways_in::kind.eq(Kind::Caretaker.name())).filter(ways_in::ends.gt(now)).count().get_result(conn)
}

pub fn forget_old(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(ways_in::table.filter(ways_in::ends.le(now))).execute(conn)
}

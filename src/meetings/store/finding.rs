//! What meetings are found by, and those that a filter lets through, in the order of time.

use std::collections::BTreeSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, QueryResult, RunQueryDsl, Table,
    dsl::{Eq, InnerJoinOn, IntoBoxed, Select},
};
use uuid::Uuid;

use super::{
    super::{
        filter::{Filter, Span, words_of},
        meeting::{Kind, Meeting},
    },
    all,
};
use crate::{
    actors::store::is_public,
    clock::Timestamp,
    db::{
        Conn,
        schema::{actors, callers, meeting_terms as terms, meetings},
        turn::{Mark, Turn},
    },
    groups,
};

/// Writes down what the meeting can be found by, and nothing that stands there.
pub(super) fn index(conn: &mut Conn, meeting: &Meeting) -> QueryResult<()> {
    let others = called_by(conn, meeting.id)?.into_iter().filter(|handle| *handle != meeting.group);
    let wanted: BTreeSet<String> = terms_of(meeting).into_iter().chain(others.map(|handle| of_group_term(&handle))).collect();
    let of_it = || terms::table.filter(terms::meeting.eq(meeting.id.to_string()));
    let there: Vec<(String, Timestamp, Timestamp)> = of_it().select((terms::term, terms::starts, terms::ends)).load(conn)?;
    let is_then = |starts: Timestamp, ends: Timestamp| (starts, ends) == (meeting.starts, meeting.ends);
    let stay: BTreeSet<&String> = there
        .iter()
        .filter(|(term, starts, ends)| is_then(*starts, *ends) && wanted.contains(term))
        .map(|(term, ..)| term)
        .collect();
    if stay.len() < there.len() {
        diesel::delete(
            of_it().filter(terms::term.ne_all(&stay).or(terms::starts.ne(meeting.starts)).or(terms::ends.ne(meeting.ends))),
        )
        .execute(conn)?;
    }
    for term in wanted.iter().filter(|term| !stay.contains(term)) {
        let when = (terms::starts.eq(meeting.starts), terms::ends.eq(meeting.ends));
        let row = (terms::term.eq(term), when.0, terms::meeting.eq(meeting.id.to_string()), when.1);
        diesel::insert_into(terms::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Groups of ours that call a meeting which another one holds.
fn called_by(conn: &mut Conn, meeting: Uuid) -> QueryResult<Vec<String>> {
    let calling = callers::table.filter(callers::meeting.eq(meeting.to_string())).filter(callers::state.eq(CALLS));
    let actors: Vec<String> = calling.select(callers::actor).load(conn)?;
    Ok(actors.iter().filter_map(|actor| actor.strip_prefix("/ap/groups/")).map(str::to_owned).collect())
}

/// The state of whoever accepted.
pub(super) const CALLS: &str = "accepted";

fn terms_of(meeting: &Meeting) -> Vec<String> {
    let mut found = vec![EVERY.to_owned(), of_group_term(&meeting.group), kind_term(meeting.kind)];
    found.extend(meeting.online.as_ref().map(|_| online_term(true)));
    found.extend(meeting.is_somewhere().then(|| online_term(false)));
    found.extend(meeting.tags().iter().map(|tag| tag_term(tag)));
    let place = [&meeting.place, &meeting.address].map(|line| line.as_deref().unwrap_or_default()).join(" ");
    found.extend(words_of(&place).iter().map(|word| word_term(word)));
    found
}

/// The term that every meeting has.
pub(super) const EVERY: &str = "";

pub(in crate::meetings) fn of_group_term(handle: &str) -> String {
    format!("@{handle}")
}

fn kind_term(kind: Kind) -> String {
    format!("={}", kind.name())
}

fn online_term(online: bool) -> String {
    (if online { "+online" } else { "+here" }).to_owned()
}

pub(in crate::meetings) fn tag_term(tag: &str) -> String {
    format!("#{tag}")
}

fn word_term(word: &str) -> String {
    format!("~{word}")
}

/// What a meeting must have to be wanted: of each entry one of its terms; what is likely to be rarest comes first.
pub(super) fn wanted(conn: &mut Conn, filter: &Filter) -> QueryResult<Vec<Vec<String>>> {
    let mut wanted: Vec<Vec<String>> = filter.group.iter().map(|group| vec![of_group_term(group)]).collect();
    wanted.extend(filter.place_words().iter().map(|word| vec![word_term(word)]));
    if let Some(tag) = &filter.tag {
        let groups = groups::store::about(conn, tag)?;
        wanted.push([tag_term(tag)].into_iter().chain(groups.iter().map(|handle| of_group_term(handle))).collect());
    }
    wanted.extend(filter.kind.map(|kind| vec![kind_term(kind)]));
    wanted.extend(filter.online.map(|online| vec![online_term(online)]));
    Ok(if wanted.is_empty() { vec![vec![EVERY.to_owned()]] } else { wanted })
}

pub(super) type Joined = InnerJoinOn<
    InnerJoinOn<terms::table, meetings::table, Eq<meetings::id, terms::meeting>>,
    actors::table,
    Eq<actors::handle, meetings::group_handle>,
>;
pub(super) type Sought =
    IntoBoxed<'static, Select<Joined, <meetings::table as Table>::AllColumns>, <Conn as diesel::Connection>::Backend>;

/// What a filter lets through, of groups that have not ended. Walks along one term, in the order of its index, and asks for
/// the others. Where several terms lead, a meeting can come as often: that many is the second value.
pub(super) fn sought(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<(Sought, i64)> {
    let wanted = wanted(conn, filter)?;
    let (first, others) = wanted.split_first().map_or((&[][..], &[][..]), |(first, others)| (first.as_slice(), others));
    let mut query = terms::table
        .inner_join(meetings::table.on(meetings::id.eq(terms::meeting)))
        .inner_join(actors::table.on(actors::handle.eq(meetings::group_handle)))
        .select(meetings::all_columns)
        .into_boxed()
        .filter(is_public())
        .filter(terms::starts.ge(span.from).and(terms::starts.lt(span.until)).and(terms::ends.gt(span.lasts)));
    query = match first {
        [only] => query.filter(terms::term.eq(only.clone())),
        several => query.filter(terms::term.eq_any(several.to_vec())),
    };
    let again = diesel::alias!(terms as again);
    for alternatives in others {
        let having = again.filter(again.field(terms::term).eq_any(alternatives.clone()));
        let having = having.filter(again.field(terms::starts).ge(span.from)).select(again.field(terms::meeting));
        query = query.filter(meetings::id.eq_any(having));
    }
    // its own hashtag, its group's topic, and those of groups that call it, too
    Ok((query, if first.len() == 1 { 1 } else { 4 }))
}

/// Meetings that a filter lets through, in the order of time, cancelled ones included: at most `limit`.
pub fn matching(conn: &mut Conn, filter: &Filter, span: Span, turn: Turn, limit: i64) -> QueryResult<Vec<Meeting>> {
    let found = sought(conn, filter, span)?;
    in_turn(conn, found, turn, limit)
}

pub(super) fn in_turn(conn: &mut Conn, (query, times): (Sought, i64), turn: Turn, limit: i64) -> QueryResult<Vec<Meeting>> {
    let place = |mark: Mark| (mark.time, mark.id.to_string());
    let query = match turn {
        Turn::First => query.order((terms::starts, terms::meeting)),
        Turn::After(mark) => {
            let (time, id) = place(mark);
            let later = terms::starts.gt(time).or(terms::starts.eq(time).and(terms::meeting.gt(id)));
            query.filter(terms::starts.ge(time)).filter(later).order((terms::starts, terms::meeting))
        }
        Turn::Before(mark) => {
            let (time, id) = place(mark);
            let earlier = terms::starts.lt(time).or(terms::starts.eq(time).and(terms::meeting.lt(id)));
            query.filter(terms::starts.le(time)).filter(earlier).order((terms::starts.desc(), terms::meeting.desc()))
        }
    };
    let mut found = all(query.limit(limit * times).load(conn)?)?;
    found.dedup_by(|one, other| one.id == other.id);
    found.truncate(usize::try_from(limit).unwrap_or_default());
    if matches!(turn, Turn::Before(_)) {
        found.reverse();
    }
    Ok(found)
}

/// When the meetings begin that a filter lets through.
pub fn beginnings(conn: &mut Conn, filter: &Filter, span: Span) -> QueryResult<Vec<Timestamp>> {
    let (query, _) = sought(conn, filter, span)?;
    let mut found: Vec<(Timestamp, String)> =
        query.select((terms::starts, terms::meeting)).order((terms::starts, terms::meeting)).load(conn)?;
    found.dedup();
    Ok(found.into_iter().map(|(starts, _)| starts).collect())
}

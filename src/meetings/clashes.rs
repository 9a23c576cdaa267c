//! What else is on at the time of a meeting that the same people may want to be at: of the group itself, or about the same topic.
//! It is pointed out to whoever schedules a meeting, and stands in nobody's way.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, QueryResult, RunQueryDsl};

use super::{
    meeting::{MAX_LENGTH, Meeting},
    store::{
        self,
        finding::{of_group_term, tag_term},
    },
};
use crate::{
    db::{
        Conn,
        schema::{meeting_terms as terms, meetings},
    },
    groups::{self, group::Group},
};

/// So many are looked at, and so many pointed out.
const LOOKED_AT: i64 = 100;
const MOST: usize = 5;
/// Of a series, so many meetings are looked at.
pub const FIRST: usize = 5;

/// Another meeting at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    pub meeting: Meeting,
    pub group: Group,
    /// What both are about; lower-case, without #.
    pub topics: Vec<String>,
}

/// What clashes with a meeting as it is about to be, the group's own meetings first, then those with more topics in common. What
/// nearly everybody here is about is no topic to clash over.
pub fn with(conn: &mut Conn, meeting: &Meeting) -> QueryResult<Vec<Clash>> {
    let mut known = groups::store::list(conn)?;
    let ours = known.iter().position(|group| group.handle == meeting.group);
    let ours = match ours {
        Some(at) => Some(known.swap_remove(at)),
        None => groups::store::even_waiting(conn, &meeting.group)?,
    };
    let Some(ours) = ours else { return Ok(vec![]) };
    let topics = topics(&ours, meeting, &known);
    let about = known.iter().filter(|group| group.tags.iter().any(|tag| topics.contains(tag)));
    let mut wanted: Vec<String> = about.map(|group| of_group_term(&group.handle)).collect();
    wanted.extend(topics.iter().map(|tag| tag_term(tag)));
    wanted.push(of_group_term(&ours.handle));
    let ids: Vec<String> = terms::table
        .inner_join(meetings::table.on(meetings::id.eq(terms::meeting)))
        .filter(terms::term.eq_any(wanted))
        .filter(terms::starts.gt(meeting.starts - MAX_LENGTH))
        .filter(terms::starts.lt(meeting.ends))
        .filter(terms::ends.gt(meeting.starts))
        .filter(meetings::cancelled.is_null())
        .filter(meetings::id.ne(meeting.id.to_string()))
        .order((terms::starts, terms::meeting))
        .limit(LOOKED_AT)
        .select(terms::meeting)
        .load(conn)?;
    let groups: HashMap<&str, &Group> = known.iter().chain([&ours]).map(|group| (group.handle.as_str(), group)).collect();
    let clash = |meeting: Meeting| {
        let group = (*groups.get(meeting.group.as_str())?).clone();
        let mut shared: Vec<String> = meeting.tags().into_iter().chain(group.tags.clone()).collect();
        shared.retain(|tag| topics.contains(tag));
        shared.sort();
        shared.dedup();
        Some(Clash { meeting, group, topics: shared })
    };
    let mut found: Vec<Clash> = store::some(conn, ids)?.into_iter().filter_map(clash).collect();
    let place =
        |clash: &Clash| (clash.group.handle != ours.handle, Reverse(clash.topics.len()), clash.meeting.starts, clash.meeting.id);
    found.sort_by_key(place);
    found.truncate(MOST);
    Ok(found)
}

/// The same of several meetings, such as the first ones of a series; each that clashes once.
pub fn with_any(conn: &mut Conn, meetings: &[Meeting]) -> QueryResult<Vec<Clash>> {
    let mut found: Vec<Clash> = Vec::new();
    for meeting in meetings {
        let more = with(conn, meeting)?;
        let is_one_of_them = |clash: &Clash| clash.meeting.recurrence.is_some_and(|recurrence| of(meetings, recurrence.series));
        found.extend(more.into_iter().filter(|clash| !is_one_of_them(clash)));
    }
    let mut known = HashSet::new();
    found.retain(|clash| known.insert(clash.meeting.id));
    found.truncate(MOST);
    Ok(found)
}

fn of(meetings: &[Meeting], series: uuid::Uuid) -> bool {
    meetings.iter().any(|meeting| meeting.recurrence.is_some_and(|recurrence| recurrence.series == series))
}

/// What the meeting is about, or its group: without what more than a quarter of the groups, and more than three, are about.
fn topics(ours: &Group, meeting: &Meeting, others: &[Group]) -> HashSet<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for tag in others.iter().flat_map(|group| &group.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let many = (others.len() / 4).max(3);
    let topics = meeting.tags().into_iter().chain(ours.tags.clone());
    topics.filter(|tag| counts.get(tag.as_str()).is_none_or(|count| *count <= many)).collect()
}

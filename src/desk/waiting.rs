//! What waits for a group to look at it, of every kind: one entry each, so that none can be forgotten where it is counted.

use uuid::Uuid;

use super::{actions::alarms_to_confirm, store};
use crate::{
    clock::Timestamp,
    coming::{self, answer::Step},
    db::Conn,
    error::{Error, Result},
    groups,
    joint::{self, call::State},
    living, members,
    people::{
        self,
        proposal::{self, ENDING, INVITED, PICK_UP, Proposal, REMOVAL},
    },
    replies::{letters, store as replies},
    sisters, suggestions,
    words::Words,
};

/// A kind of thing that waits for a group.
pub struct Kind {
    /// Names the messages `desk-waits-…`.
    pub name: &'static str,
    look: fn(&mut Conn, &Look<'_>) -> Result<Found>,
}

/// Who looks at what, and when.
struct Look<'a> {
    group: &'a str,
    /// What they asked for themselves does not wait for them.
    member: Uuid,
    now: Timestamp,
}

/// How many wait, and when the latest of them came, where that is kept.
type Found = (i64, Option<Timestamp>);

/// Every kind there is.
pub const KINDS: [Kind; 14] = [
    Kind { name: "removals", look: removals_of },
    Kind { name: "pick-ups", look: pick_ups_of },
    Kind { name: "resting", look: resting_in },
    Kind { name: "ending", look: ending_of },
    Kind { name: "alarms", look: alarms_of },
    Kind { name: "stopped", look: stopped_of },
    Kind { name: "sisters", look: sisters_of },
    Kind { name: "replies", look: replies_of },
    Kind { name: "mentions", look: mentions_of },
    Kind { name: "letters", look: letters_of },
    Kind { name: "suggestions", look: suggestions_of },
    Kind { name: COMING, look: coming_of },
    Kind { name: "together", look: together_of },
    Kind { name: "met", look: met_of },
];

/// Meetings of which a group is asked whether they took place.
pub const MOST: i64 = 20;

/// Answers to meetings: nobody is counted out, here as little as where they are read.
const COMING: &str = "coming";

/// Something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    pub name: &'static str,
    /// Of answers to meetings the least of their step.
    pub count: i64,
    pub latest: Option<Timestamp>,
}

impl Waits {
    /// `3 replies wait to be let through.`
    pub fn said(&self, words: &Words) -> String {
        let message = format!("desk-waits-{}", self.name);
        match (self.name, self.count) {
            (COMING, least) => Step::of(least).said(words, &message),
            (_, 1) => words.say(&format!("{message}-one"), &[("count", "1")]),
            (_, count) => words.say(&message, &[("count", &count.to_string())]),
        }
    }
}

/// What waits for a group, as far as this member has to look at it; nothing that does not.
pub fn of(conn: &mut Conn, group: &str, member: Uuid, now: Timestamp) -> Result<Vec<Waits>> {
    let (mut found, looks) = (Vec::new(), Look { group, member, now });
    for Kind { name, look } in KINDS {
        let (count, latest) = look(conn, &looks)?;
        found.extend((count > 0).then_some(Waits { name, count, latest }));
    }
    Ok(found)
}

/// The same for who may be somebody whose powers rest: nothing then, for they could not look at it.
pub fn for_speaker(conn: &mut Conn, group: &str, member: Uuid, now: Timestamp) -> Result<Vec<Waits>> {
    match members::actions::may_speak(conn, member, group) {
        Ok(_) => of(conn, group, member, now),
        Err(Error::Refused(_)) => Ok(vec![]),
        Err(error) => Err(error),
    }
}

/// Groups that asked somebody to speak for them.
pub fn offers_to(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<Option<Waits>> {
    let offers = people::invitations::offers(conn, member, now)?;
    let latest = offers.iter().map(|(offer, _)| offer.until - INVITED).max();
    Ok((!offers.is_empty()).then(|| Waits { name: "offers", count: count(offers.len()), latest }))
}

/// Requests of one kind that others made.
fn asked(conn: &mut Conn, look: &Look<'_>, kind: proposal::Kind) -> Result<Vec<Proposal>> {
    let open = people::store::of_group(conn, look.group, look.now)?.into_iter();
    Ok(open.filter(|it| it.kind == kind && it.member != Some(look.member)).collect())
}

/// That somebody is to go: a second one has to agree, or time runs. Whoever is to go sees it, too.
fn removals_of(conn: &mut Conn, look: &Look<'_>) -> Result<Found> {
    let asked = asked(conn, look, proposal::Kind::Removal)?;
    Ok((count(asked.len()), asked.iter().map(|it| it.until - REMOVAL).max()))
}

/// That somebody wants to speak for the group because it seemed asleep.
fn pick_ups_of(conn: &mut Conn, look: &Look<'_>) -> Result<Found> {
    let asked = asked(conn, look, proposal::Kind::PickUp)?;
    Ok((count(asked.len()), asked.iter().map(|it| it.until - PICK_UP).max()))
}

/// Whose telephone was taken or whose way in was lost: somebody has to give their powers back.
fn resting_in(conn: &mut Conn, look: &Look<'_>) -> Result<Found> {
    let people = members::store::organizers_of(conn, look.group)?;
    let rest: Vec<Timestamp> = people.iter().filter_map(|(organizer, _)| organizer.paused).collect();
    Ok((count(rest.len()), rest.into_iter().max()))
}

/// That the group ends, unless somebody thinks better of it.
fn ending_of(conn: &mut Conn, look: &Look<'_>) -> Result<Found> {
    let ending = groups::store::even_waiting(conn, look.group)?.and_then(|group| group.ending);
    Ok((i64::from(ending.is_some()), ending.map(|end| end - ENDING)))
}

/// Urgent news that somebody else said, and that a second one may confirm.
fn alarms_of(conn: &mut Conn, look: &Look<'_>) -> Result<Found> {
    let open = alarms_to_confirm(conn, look.group, look.member, look.now)?;
    Ok((count(open.len()), open.iter().map(|note| note.updated.unwrap_or(note.published)).max()))
}

/// What was to be said by itself, and was not.
fn stopped_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    let stopped = store::stopped(conn, group)?;
    Ok((count(stopped.len()), stopped.iter().map(|draft| draft.touched).max()))
}

/// What sister groups said: somebody passes it on or leaves it out.
fn sisters_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    Ok(sisters::news::count_waiting(conn, group)?)
}

fn replies_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    Ok(replies::waiting_count(conn, group, false)?)
}

/// What answers nothing and names the group.
fn mentions_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    Ok(replies::waiting_count(conn, group, true)?)
}

fn letters_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    let letters = letters::list(conn, group)?;
    Ok((count(letters.len()), letters.iter().map(|letter| letter.received).max()))
}

fn suggestions_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    let waiting = suggestions::store::waiting(conn, group)?;
    Ok((count(waiting.len()), waiting.iter().map(|suggestion| suggestion.received).max()))
}

/// Answers of which so many came at once that somebody has to look.
fn coming_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    let mut all = 0;
    for meeting in coming::store::with_waiting(conn, group)? {
        all += coming::store::waiting(conn, meeting)?;
    }
    // below the first step there may be nobody; but these are here
    let least = Step::of(all).bounds().0.max(1);
    Ok((if all > 0 { least } else { 0 }, None))
}

/// Meetings that the group was asked to call.
fn together_of(conn: &mut Conn, Look { group, .. }: &Look<'_>) -> Result<Found> {
    let mut asked = joint::store::of_group(conn, group)?;
    asked.retain(|invitation| invitation.state == State::Invited);
    let here = joint::store::asked_here(conn, group, State::Invited)?;
    Ok((count(asked.len() + here.len()), asked.iter().map(|invitation| invitation.received).max()))
}

/// Meetings of series of which nobody said whether they took place. Of a meeting that stands alone nothing hangs on it.
fn met_of(conn: &mut Conn, Look { group, now, .. }: &Look<'_>) -> Result<Found> {
    let mut unanswered = living::store::unanswered(conn, group, *now, MOST)?;
    unanswered.retain(|meeting| meeting.recurrence.is_some());
    Ok((count(unanswered.len()), unanswered.first().map(|meeting| meeting.ends)))
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

//! What is done to let a group be heard of, and to take that back.

use std::time::Duration;

use uuid::Uuid;

use super::newcomer::{self, Refusal, WAITING};
use crate::{
    actors, announcements,
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    groups::{self, group::Group},
    keys::NewKeys,
    meetings::{self, meeting::Meeting},
    members::{
        self,
        joining::Mode,
        member::{Member, Organizer},
    },
    minutes,
    origin::Local,
    plaza,
    powers::{
        self,
        deed::{Deed, Kind, Role},
    },
    series::{self, series::Series},
};

/// Digests so old are posted anew without a group whose welcome is taken back.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Trusted(handle) => Said::new("welcome-refused-trusted").with("handle", handle).about("handle"),
            Refusal::Stranger => Said::new("welcome-refused-stranger"),
            Refusal::TooMany => Said::new("welcome-refused-too-many"),
            Refusal::ByInvitation => Said::new("welcome-refused-by-invitation"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// The first meeting of a group.
// one at a time, on its way from a form to the database
#[allow(clippy::large_enum_variant)]
pub enum First {
    Once(Meeting),
    Again(Series),
}

/// Starts a group for which `member` speaks, under keys that were made for it, with its first meeting. Everyone hears of it at
/// once where groups need no welcome, or where its founder could welcome it.
pub fn begin(
    conn: &mut Conn,
    here: &Here,
    member: &Member,
    group: &Group,
    first: Option<&First>,
    keys: &NewKeys,
) -> Result<Group> {
    may_begin(conn, member)?;
    let trusted = newcomer::is_trusted(&group.handle);
    let is_open = members::joining::mode(conn)? == Mode::Open;
    let welcomed = newcomer::may_welcome(member, &group.handle, here.now).is_ok() || (is_open && !trusted);
    let group = Group { welcomed: welcomed.then_some(here.now), ..group.clone() };
    groups::actions::start(conn, here, &group, keys)?;
    let founder =
        Organizer { group: group.handle.clone(), member: member.id, since: here.now, founder: true, shown: false, paused: None };
    members::store::add_organizer(conn, &founder)?;
    match first {
        Some(First::Once(meeting)) => drop(meetings::actions::schedule(conn, here, meeting)?),
        Some(First::Again(series)) => series::actions::begin(conn, here, series)?,
        None => {}
    }
    if welcomed {
        are_known(conn, here, &group.handle)?;
    }
    Ok(group)
}

/// May they start one group more?
pub fn may_begin(conn: &mut Conn, member: &Member) -> Result<()> {
    let mut yours = 0;
    for organizer in members::store::groups_of(conn, member.id)? {
        yours += usize::from(actors::store::waits(conn, &Local::Group(organizer.group))?);
    }
    if yours >= WAITING { Err(Refusal::TooMany.into()) } else { Ok(()) }
}

/// Whoever speaks for a welcomed group is no stranger from today on.
fn are_known(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    for (_, member) in members::store::organizers_of(conn, group)? {
        if member.welcomed.is_none() {
            members::store::save(conn, &Member { welcomed: Some(here.now.day()), ..member })?;
        }
    }
    Ok(())
}

/// Whoever speaks for no welcomed group is a stranger again, and welcomes nobody: not even this group.
fn are_strangers(conn: &mut Conn, group: &str) -> Result<()> {
    for (_, member) in members::store::organizers_of(conn, group)? {
        let mut known = member.caretaker;
        for organizer in members::store::groups_of(conn, member.id)? {
            known |= !actors::store::waits(conn, &Local::Group(organizer.group))?;
        }
        if !known {
            members::store::save(conn, &Member { welcomed: None, ..member })?;
        }
    }
    Ok(())
}

/// A member welcomes a group. Who it was is kept nowhere.
pub fn welcome_as(conn: &mut Conn, here: &Here, member: &Member, handle: &str) -> Result<Group> {
    newcomer::may_welcome(member, handle, here.now)?;
    welcome(conn, here, handle)
}

/// Everyone may hear of the group from now on: what it said so far is said now.
/// Not even in which role it was done is kept: where one person alone looks after the place, that would be their name.
pub fn welcome(conn: &mut Conn, here: &Here, handle: &str) -> Result<Group> {
    let group = groups::actions::speaking(conn, handle)?;
    if group.welcomed.is_some() {
        return Ok(group);
    }
    actors::store::welcome(conn, &Local::Group(handle.to_owned()), Some(here.now))?;
    are_known(conn, here, handle)?;
    powers::store::note(conn, here, &Deed::of(Kind::Welcomed, Role::Unsaid, here.now).in_group(handle))?;
    let group = Group { welcomed: Some(here.now), ..group };
    // lists of groups change, and whoever followed it before its welcome was taken back hears that it is there again
    let group = groups::actions::describe(conn, here, group)?;
    for said in said_so_far(conn, handle)? {
        match said {
            SaidSoFar::Minutes(minutes) => minutes::actions::catch_up(conn, here, &minutes)?,
            SaidSoFar::Note(note) => announcements::actions::catch_up(conn, here, &note)?,
            SaidSoFar::Meeting(meeting) if meeting.ends > here.now => meetings::actions::catch_up(conn, here, &meeting)?,
            SaidSoFar::Meeting(_) => {}
        }
    }
    Ok(group)
}

enum SaidSoFar {
    Note(announcements::announcement::Announcement),
    Meeting(Box<Meeting>),
    Minutes(minutes::record::Minutes),
}

/// In the order in which it was put up.
fn said_so_far(conn: &mut Conn, group: &str) -> Result<Vec<SaidSoFar>> {
    let notes = announcements::store::standing(conn, group)?;
    let meetings = meetings::store::of_group(conn, group, i64::MAX)?;
    let mut said: Vec<(Timestamp, Uuid, SaidSoFar)> = meetings
        .into_iter()
        .map(|meeting| (meeting.published, meeting.id, SaidSoFar::Meeting(Box::new(meeting))))
        .chain(notes.into_iter().map(|note| (note.published, note.id, SaidSoFar::Note(note))))
        .collect();
    let minutes = minutes::store::standing(conn, group)?;
    said.extend(minutes.into_iter().map(|minutes| (minutes.published, minutes.id, SaidSoFar::Minutes(minutes))));
    said.sort_by_key(|(time, id, _)| (*time, *id));
    Ok(said.into_iter().map(|(_, _, said)| said).collect())
}

/// Takes the welcome back: the group is as it was before, for those who have its link. What it says from now on is said when it
/// is welcomed again; who followed it still does.
pub fn unwelcome(conn: &mut Conn, here: &Here, handle: &str, deed: &Deed) -> Result<Group> {
    let group = groups::actions::speaking(conn, handle)?;
    if group.welcomed.is_none() {
        return Ok(group);
    }
    groups::actions::stir(conn, here, handle)?;
    actors::store::welcome(conn, &Local::Group(handle.to_owned()), None)?;
    are_strangers(conn, handle)?;
    for passed in plaza::store::passed_on_of_group(conn, handle)? {
        plaza::actions::take_back(conn, here, handle, &passed)?;
    }
    plaza::actions::renew_digests(conn, here, None, here.now - WEEK)?;
    powers::store::note(conn, here, &Deed { group: Some(handle.to_owned()), ..deed.clone() })?;
    Ok(Group { welcomed: None, ..group })
}

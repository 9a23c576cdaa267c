//! What is done with meetings: scheduled, changed, cancelled.

use std::time::Duration;

use uuid::Uuid;

use super::{
    agreement::Agreement,
    meeting::{self, Meeting},
    store, wire,
};
use crate::{
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups::{
        self,
        group::{Group, WAITING_MEETINGS},
    },
    origin::Local,
    words::Words,
};

/// A meeting causes at most so many companion notes within a day; after that the last one is rewritten.
const NOTES_A_DAY: usize = 2;
/// Meetings that others are told of in one go.
const AT_ONCE: i64 = 50;
const DAY: Duration = Duration::from_secs(24 * 3_600);

impl From<meeting::Refusal> for Error {
    fn from(refusal: meeting::Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

/// Puts a meeting on the agenda and tells whoever follows the group.
pub fn schedule(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    let group = groups::actions::speaking(conn, &meeting.group)?;
    meeting.check()?;
    stays_here(&group, meeting)?;
    if group.welcomed.is_none() && store::count_of(conn, &group.handle)? >= WAITING_MEETINGS {
        return Err(groups::group::Refusal::TooManyMeetings.into());
    }
    if meeting.ends <= here.now {
        return Err(meeting::Refusal::Over.into());
    }
    add(conn, here, meeting)
}

/// Puts up what was checked; others hear of it now, or when it opens.
pub fn add(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    store::add(conn, meeting)?;
    if meeting.is_said() { tell(conn, here, meeting, "Create", Hearers::followers_of(&meeting.group)) } else { Ok(()) }
}

/// Tells others of the next meetings whose time to be heard of has come; says how many there were. One deed each: several
/// processes may do so at once.
pub async fn open_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let due = app.db.read(move |conn| Ok(store::to_open(conn, now, AT_ONCE)?)).await?;
    for id in &due {
        let id = *id;
        app.act(move |conn, here| open(conn, here, id)).await?;
    }
    Ok(due.len())
}

/// Tells others of a meeting that stood on our own pages only. What is over by now, nobody needs to hear of.
fn open(conn: &mut Conn, here: &Here, id: Uuid) -> Result<()> {
    let Some(meeting) = store::by_id(conn, id)?.filter(|meeting| meeting.opens.is_some_and(|opens| opens <= here.now)) else {
        return Ok(());
    };
    let is_over = meeting.ends <= here.now;
    let opened = Meeting { opens: None, published: here.now, updated: None, ..meeting };
    store::save(conn, &opened)?;
    if is_over { Ok(()) } else { tell(conn, here, &opened, "Create", Hearers::followers_of(&opened.group)) }
}

/// Of a group that waits to be welcomed, nothing leads elsewhere: not even to a room on the net.
pub fn stays_here(group: &Group, meeting: &Meeting) -> Result<()> {
    let online = meeting.online.as_ref().map(|address| address.as_str());
    let agreed = meeting.agreed.as_ref().map(Agreement::address);
    let texts = [
        Some(meeting.title.as_str()),
        meeting.place.as_deref(),
        meeting.address.as_deref(),
        meeting.agenda.as_deref(),
        online,
        agreed.as_deref(),
    ];
    Ok(group.may_say(texts.into_iter().flatten())?)
}

/// Says what nobody heard yet of it, because its group was not welcome: that it is there, or what changed since.
pub fn catch_up(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    if !meeting.is_said() {
        return Ok(());
    }
    let said = outbox::said_last(conn, &Local::Event(meeting.id).path())?;
    match said {
        None => tell(conn, here, meeting, "Create", Hearers::followers_of(&meeting.group)),
        Some(said) if meeting.updated.is_some_and(|updated| updated > said) => {
            let hearers = Hearers::everyone_who_may_have_it(&meeting.group, meeting.published);
            tell(conn, here, meeting, "Update", hearers)
        }
        Some(_) => Ok(()),
    }
}

/// Changes a meeting. A change of time or place also says so in a note, for those whose server overlooks changes of events.
pub fn change(conn: &mut Conn, here: &Here, id: Uuid, change: &dyn Fn(&mut Meeting) -> Result<()>) -> Result<Meeting> {
    let (group, before) = changeable(conn, here, id)?;
    let mut meeting = before.clone();
    change(&mut meeting)?;
    if meeting == before {
        return Ok(before);
    }
    stays_here(&group, &meeting)?;
    put(conn, here, &before, meeting)
}

/// Keeps a meeting as it is now, and tells whoever heard of it `before`.
pub fn put(conn: &mut Conn, here: &Here, before: &Meeting, mut meeting: Meeting) -> Result<Meeting> {
    meeting.check()?;
    if meeting.ends <= here.now {
        return Err(meeting::Refusal::Over.into());
    }
    let moved = meeting.sends_people_elsewhere_than(before);
    if moved {
        meeting.sequence += 1;
        meeting.previous_start = (meeting.starts != before.starts).then_some(before.starts).or(before.previous_start);
    }
    meeting.updated = Some(here.now);
    store::save(conn, &meeting)?;
    if !meeting.is_said() {
        groups::actions::stir(conn, here, &meeting.group)?;
        return Ok(meeting);
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))?;
    if moved {
        accompany(conn, here, &meeting, &wire::moved_note(here, &meeting, before))?;
    }
    Ok(meeting)
}

/// Calls a meeting off. It stays where it was, marked as cancelled, so that nobody walks to it.
pub fn cancel(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Meeting> {
    let (_, mut meeting) = changeable(conn, here, id)?;
    meeting.cancelled = Some(here.now);
    meeting.updated = Some(here.now);
    meeting.sequence += 1;
    store::save(conn, &meeting)?;
    if !meeting.is_said() {
        groups::actions::stir(conn, here, &meeting.group)?;
        return Ok(meeting);
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))?;
    accompany(conn, here, &meeting, &wire::cancelled_note(here, &meeting))?;
    Ok(meeting)
}

/// The decision by which it was agreed is there no more: nothing is said of an agreement, even of a meeting that is over.
pub fn disagree(conn: &mut Conn, here: &Here, mut meeting: Meeting) -> Result<()> {
    meeting.agreed = None;
    meeting.updated = Some(here.now);
    store::save(conn, &meeting)?;
    if groups::store::even_waiting(conn, &meeting.group)?.is_none_or(|group| group.closed.is_some()) {
        return Ok(());
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))
}

/// The meeting of that id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Meeting> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there is no meeting {id}")))
}

fn changeable(conn: &mut Conn, here: &Here, id: Uuid) -> Result<(Group, Meeting)> {
    let meeting = find(conn, id)?;
    let group = groups::actions::speaking(conn, &meeting.group)?;
    meeting.can_change_at(here.now)?;
    Ok((group, meeting))
}

fn tell(conn: &mut Conn, here: &Here, meeting: &Meeting, kind: &'static str, hearers: Hearers<'_>) -> Result<()> {
    let event = wire::event(conn, here, meeting)?;
    let saying = Saying::public(kind, here, &meeting.group, &Local::Event(meeting.id), event).mentioning(&meeting.mentions);
    let hearers = hearers.and_mentioned(conn, &meeting.mentions)?;
    say(conn, here, &saying, hearers)?;
    Ok(())
}

/// Says `text` in a note beside the meeting; beyond the notes of a day the last one is rewritten to say it.
fn accompany(conn: &mut Conn, here: &Here, meeting: &Meeting, text: &str) -> Result<()> {
    let mut today = announcements::store::of_meeting(conn, meeting.id)?;
    today.retain(|note| here.now.since(note.published) < DAY);
    let enough = today.len() >= NOTES_A_DAY;
    match today.into_iter().next() {
        Some(mut latest) if enough => {
            latest.text = text.to_owned();
            announcements::actions::rewrite(conn, here, latest)
        }
        _ => announcements::actions::post(conn, here, &companion(here, meeting, text)),
    }
}

fn companion(here: &Here, meeting: &Meeting, text: &str) -> Announcement {
    Announcement {
        id: here.new_id(),
        group: meeting.group.clone(),
        meeting: Some(meeting.id),
        answers: None,
        title: None,
        text: text.to_owned(),
        // of the words it is said in: we have not got every meeting's language
        language: Words::of(&meeting.language).tag(),
        urgent: false,
        mentions: vec![],
        pictures: vec![],
        published: here.now,
        updated: None,
        deleted: None,
    }
}

//! What is done with meetings: scheduled, changed, cancelled.

use std::time::Duration;

use uuid::Uuid;

use super::{
    agreement::Agreement,
    meeting::{self, Meeting},
    places, reminders, store, veil, wire,
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

/// Puts a meeting on the agenda and tells whoever follows the group. What it then is: at a kept place of that name, where there is
/// one, and without what its veil hides.
pub fn schedule(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Meeting> {
    let group = groups::actions::speaking(conn, &meeting.group)?;
    let mut meeting = meeting.clone();
    meeting.check()?;
    places::settle(conn, &group, &mut meeting, None)?;
    may_hold(conn, &group, &meeting)?;
    if meeting.ends <= here.now {
        return Err(meeting::Refusal::Over.into());
    }
    add(conn, here, &meeting)
}

/// Puts up what was checked; others hear of it now, or when it opens. What it then is for everybody: without what its veil hides.
pub fn add(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Meeting> {
    let mut meeting = meeting.clone();
    lift_what_would_lift(here, &mut meeting);
    let (meeting, veiled) = meeting.drawn();
    store::add(conn, &meeting)?;
    veil::keep(conn, &meeting, veiled)?;
    if meeting.is_said() {
        tell(conn, here, &meeting, "Create", Hearers::followers_of(&meeting.group))?;
    }
    Ok(meeting)
}

/// A veil that would lift at once is none.
fn lift_what_would_lift(here: &Here, meeting: &mut Meeting) {
    meeting.veil = meeting.veil.take().filter(|veil| veil.lifts(meeting.starts) > here.now);
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

/// May this be one meeting more? A group that waits to be welcomed has few of them.
pub fn may_hold(conn: &mut Conn, group: &Group, meeting: &Meeting) -> Result<()> {
    stays_here(group, meeting)?;
    if group.welcomed.is_none() && store::count_of(conn, &group.handle)? >= WAITING_MEETINGS {
        return Err(groups::group::Refusal::TooManyMeetings.into());
    }
    Ok(())
}

/// Of a group that waits to be welcomed, nothing leads elsewhere: not even to a room on the net.
pub fn stays_here(group: &Group, meeting: &Meeting) -> Result<()> {
    let online = meeting.online.as_ref().map(|address| address.as_str());
    let district = meeting.veil.as_ref().map(|veil| veil.district.as_str());
    let agreed = meeting.agreed.as_ref().map(Agreement::address);
    let texts = [
        Some(meeting.title.as_str()),
        meeting.place.as_deref(),
        meeting.address.as_deref(),
        meeting.access.line.as_deref(),
        district,
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

/// Changes a meeting. A change of time or place also says so in a note, for those whose server overlooks changes of events. `change`
/// is given the meeting as its group knows it, also under a veil; what is given back is what everybody may see.
pub fn change(conn: &mut Conn, here: &Here, id: Uuid, change: &dyn Fn(&mut Meeting) -> Result<()>) -> Result<Meeting> {
    let (group, before) = changeable(conn, here, id)?;
    let whole = veil::whole(conn, &before)?;
    let mut meeting = whole.clone();
    change(&mut meeting)?;
    if meeting == whole {
        return Ok(before);
    }
    places::settle(conn, &group, &mut meeting, Some(&whole))?;
    stays_here(&group, &meeting)?;
    meeting.can_be_veiled_after(&whole)?;
    put(conn, here, &before, meeting)
}

/// Keeps a meeting as its group wants it now, and tells whoever heard of it `before` what everybody may see of that.
pub fn put(conn: &mut Conn, here: &Here, before: &Meeting, meeting: Meeting) -> Result<Meeting> {
    let meeting = put_one_of_many(conn, here, before, meeting)?;
    if !meeting.is_said() && meeting != *before {
        groups::actions::stir(conn, here, &meeting.group)?;
    }
    Ok(meeting)
}

/// The same for one of many that change at once: their group is stirred but once, when all are kept, by whoever changes them.
pub fn put_one_of_many(conn: &mut Conn, here: &Here, before: &Meeting, mut meeting: Meeting) -> Result<Meeting> {
    meeting.check()?;
    if meeting.ends <= here.now {
        return Err(meeting::Refusal::Over.into());
    }
    lift_what_would_lift(here, &mut meeting);
    let (mut meeting, veiled) = meeting.drawn();
    if meeting == *before {
        veil::keep(conn, &meeting, veiled)?;
        return Ok(meeting);
    }
    let moved = meeting.sends_people_elsewhere_than(before);
    let is_shown =
        before.veil.is_some() && meeting.veil.is_none() && (meeting.starts, meeting.ends) == (before.starts, before.ends);
    let is_restored = before.cancelled.is_some() && meeting.cancelled.is_none();
    // calendars take another status only with another number
    meeting.sequence += i64::from(moved || is_restored || meeting.unconfirmed != before.unconfirmed);
    if moved {
        meeting.previous_start = (meeting.starts != before.starts).then_some(before.starts).or(before.previous_start);
    }
    meeting.updated = Some(here.now);
    store::save(conn, &meeting)?;
    veil::keep(conn, &meeting, veiled)?;
    if !meeting.is_said() {
        wire::ask_its_holder(conn, here, before, &meeting)?;
        return Ok(meeting);
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))?;
    if is_restored {
        accompany(conn, here, &meeting, &wire::restored_note(here, &meeting))?;
    } else if moved {
        let text = if is_shown { wire::shown_note(here, &meeting) } else { wire::moved_note(here, &meeting, before) };
        accompany(conn, here, &meeting, &text)?;
    }
    Ok(meeting)
}

/// Shows where a meeting is, when its veil lifts; `false` when somebody did, or nothing came of the meeting.
pub fn lift(conn: &mut Conn, here: &Here, id: Uuid) -> Result<bool> {
    if !veil::is_due(conn, id, here.now)? {
        return Ok(false);
    }
    let meeting = find(conn, id)?;
    let speaks = groups::store::even_waiting(conn, &meeting.group)?.is_some_and(|group| group.speaks().is_ok());
    if !speaks || meeting.can_change_at(here.now).is_err() {
        // nobody goes there any more, and so nobody needs to know
        veil::forget(conn, id)?;
        return Ok(false);
    }
    change(conn, here, id, &|meeting| {
        meeting.veil = None;
        Ok(())
    })?;
    Ok(true)
}

/// Shows what is due to be shown by now; of how many meetings.
pub async fn lift_what_is_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let mut lifted = 0;
    for id in app.db.read(move |conn| Ok(veil::due(conn, now)?)).await? {
        match app.act(move |conn, here| lift(conn, here, id)).await {
            Ok(was_lifted) => lifted += usize::from(was_lifted),
            Err(Error::Refused(why)) => tracing::warn!("where meeting {id} is cannot be shown: {why}"),
            Err(other) => return Err(other),
        }
    }
    Ok(lifted)
}

/// Calls a meeting off. It stays where it was, marked as cancelled, so that nobody walks to it; what a veil hid of it is never shown.
pub fn cancel(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Meeting> {
    let (_, mut meeting) = changeable(conn, here, id)?;
    let before = meeting.clone();
    veil::forget(conn, id)?;
    meeting.veil = None;
    meeting.cancelled = Some(here.now);
    meeting.updated = Some(here.now);
    meeting.sequence += 1;
    store::save(conn, &meeting)?;
    if !meeting.is_said() {
        wire::ask_its_holder(conn, here, &before, &meeting)?;
        groups::actions::stir(conn, here, &meeting.group)?;
        return Ok(meeting);
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))?;
    accompany(conn, here, &meeting, &wire::cancelled_note(here, &meeting))?;
    reminders::take_back(conn, here, &meeting)?;
    Ok(meeting)
}

/// A meeting that was called off takes place after all: the same one, as `change` makes it. Whoever heard that it does not hears of
/// that.
pub fn restore(conn: &mut Conn, here: &Here, id: Uuid, change: &dyn Fn(&mut Meeting) -> Result<()>) -> Result<Meeting> {
    let before = find(conn, id)?;
    let group = groups::actions::speaking(conn, &before.group)?;
    let mut meeting = Meeting { cancelled: None, ..before.clone() };
    meeting.can_change_at(here.now)?;
    change(&mut meeting)?;
    places::settle(conn, &group, &mut meeting, Some(&before))?;
    stays_here(&group, &meeting)?;
    put(conn, here, &before, meeting)
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

/// Tells everybody who heard of it how it stands now, where something about it changed that is kept elsewhere.
pub fn say_again(conn: &mut Conn, here: &Here, mut meeting: Meeting) -> Result<()> {
    meeting.updated = Some(here.now);
    store::save(conn, &meeting)?;
    if !meeting.is_said() {
        return groups::actions::stir(conn, here, &meeting.group);
    }
    tell(conn, here, &meeting, "Update", Hearers::everyone_who_may_have_it(&meeting.group, meeting.published))
}

/// Says `text` in a note beside the meeting; beyond the notes of a day the last one is rewritten to say it.
pub fn accompany(conn: &mut Conn, here: &Here, meeting: &Meeting, text: &str) -> Result<()> {
    let mut today = announcements::store::of_meeting(conn, meeting.id)?;
    // of several groups that call it, each says its own
    today.retain(|note| note.group == meeting.group && here.now.since(note.published) < DAY);
    // a reminder counts as one, but never stands in the way of calling a meeting off
    let reminded = meeting.cancelled.is_none() && reminders::sent_since(conn, meeting.id, here.now - DAY)?;
    let enough = today.len() + usize::from(reminded) >= NOTES_A_DAY;
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
        followers_only: false,
        mentions: vec![],
        pictures: vec![],
        published: here.now,
        updated: None,
        deleted: None,
    }
}

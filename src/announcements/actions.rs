//! What is done with announcements: published, rewritten, deleted.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    alarms,
    announcement::{self, Announcement},
    store, wire,
};
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, Saying, say},
    },
    groups::{
        self,
        group::{Group, WAITING_NEWS},
    },
    origin::Local,
};

impl From<announcement::Refusal> for Error {
    fn from(refusal: announcement::Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

/// Says it to whoever follows the group or is mentioned.
pub fn publish(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<()> {
    let group = groups::actions::speaking(conn, &announcement.group)?;
    may_publish(conn, &group, announcement)?;
    post(conn, here, announcement)
}

/// Of a group that waits to be welcomed there is little news, and nothing in it leads elsewhere.
pub fn may_publish(conn: &mut Conn, group: &Group, announcement: &Announcement) -> Result<()> {
    stays_here(group, announcement)?;
    if group.welcomed.is_none() && store::count_of(conn, &group.handle)? >= WAITING_NEWS {
        return Err(groups::group::Refusal::TooMuchNews.into());
    }
    Ok(())
}

/// The same of news that is there already and is changed.
pub fn stays_here(group: &Group, announcement: &Announcement) -> Result<()> {
    Ok(group.may_say(texts(announcement))?)
}

fn texts(announcement: &Announcement) -> impl Iterator<Item = &str> {
    announcement.title.as_deref().into_iter().chain([announcement.text.as_str()])
}

/// Says what nobody heard yet of it, because its group was not welcome: that it is there, or what changed since.
pub fn catch_up(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<()> {
    let said = outbox::said_last(conn, &Local::Note(announcement.id).path())?;
    let group = &announcement.group;
    match said {
        None => tell(conn, here, announcement, "Create", Hearers::followers_of(group)),
        Some(said) if announcement.updated.is_some_and(|updated| updated > said) => {
            let hearers = Hearers::everyone_who_may_have_it(group, announcement.published);
            tell(conn, here, announcement, "Update", hearers)
        }
        Some(_) => Ok(()),
    }
}

/// The same for the plaza, as which nobody but the city itself speaks.
pub fn post(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<()> {
    announcement.check()?;
    store::add(conn, announcement)?;
    tell(conn, here, announcement, "Create", Hearers::followers_of(&announcement.group))
}

/// Changes what an announcement says.
pub fn edit(conn: &mut Conn, here: &Here, id: Uuid, change: &dyn Fn(&mut Announcement)) -> Result<Announcement> {
    let before = standing(conn, id)?;
    let group = groups::actions::speaking(conn, &before.group)?;
    if before.meeting.is_some() {
        return Err(announcement::Refusal::Companion.into());
    }
    let mut announcement = before.clone();
    change(&mut announcement);
    if announcement == before {
        return Ok(before);
    }
    announcement.check()?;
    group.may_say(texts(&announcement))?;
    if (&announcement.text, &announcement.title, &announcement.pictures, announcement.urgent)
        != (&before.text, &before.title, &before.pictures, before.urgent)
    {
        // whoever stood behind it stood behind other words, or another picture
        alarms::withdraw(conn, id)?;
    }
    rewrite(conn, here, announcement.clone())?;
    announcement.updated = Some(here.now);
    Ok(announcement)
}

/// Keeps a changed announcement and tells whoever may have the old one.
pub fn rewrite(conn: &mut Conn, here: &Here, mut announcement: Announcement) -> Result<()> {
    announcement.updated = Some(here.now);
    store::save(conn, &announcement)?;
    tell(conn, here, &announcement, "Update", Hearers::everyone_who_may_have_it(&announcement.group, announcement.published))
}

/// Says it once more as it is, to whoever may have it: not its words changed, but what stands beside them.
pub fn say_again(conn: &mut Conn, here: &Here, announcement: &Announcement) -> Result<()> {
    let hearers = Hearers::everyone_who_may_have_it(&announcement.group, announcement.published);
    tell(conn, here, announcement, "Update", hearers)
}

/// Takes an announcement back: its id answers 410 from now on, and whoever may have it is asked to delete it.
pub fn delete(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Announcement> {
    let mut announcement = standing(conn, id)?;
    let local = Local::Note(id);
    let before = announcement.clone();
    outbox::retract(conn, &local.path(), here.now)?;
    announcement.erase(here.now);
    store::save(conn, &announcement)?;
    let tombstone = json!({
        "id": here.origin.uri(&local),
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": here.now.rfc3339(),
    });
    let saying = saying("Delete", here, &before, tombstone).mentioning(&before.mentions);
    let hearers = Hearers::everyone_who_may_have_it(&before.group, before.published).and_mentioned(conn, &before.mentions)?;
    say(conn, here, &saying, hearers)?;
    Ok(announcement)
}

/// The announcement of that id, deleted or not.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Announcement> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there is no announcement {id}")))
}

/// One that can still be changed or taken back, of a group that has not ended.
fn standing(conn: &mut Conn, id: Uuid) -> Result<Announcement> {
    let announcement = find(conn, id)?;
    if announcement.deleted.is_some() {
        return Err(announcement::Refusal::Deleted.into());
    }
    if let Some(group) = groups::store::even_waiting(conn, &announcement.group)? {
        group.speaks()?;
    }
    Ok(announcement)
}

/// To everyone, or to whoever follows the group.
fn saying(kind: &'static str, here: &Here, announcement: &Announcement, object: Value) -> Saying {
    let local = Local::Note(announcement.id);
    let to = if announcement.followers_only { Saying::to_followers } else { Saying::public };
    to(kind, here, &announcement.group, &local, object)
}

fn tell(conn: &mut Conn, here: &Here, announcement: &Announcement, kind: &'static str, hearers: Hearers<'_>) -> Result<()> {
    let saying = saying(kind, here, announcement, wire::note(conn, here, announcement)?).mentioning(&announcement.mentions);
    let hearers = hearers.and_mentioned(conn, &announcement.mentions)?;
    say(conn, here, &saying, hearers)?;
    Ok(())
}

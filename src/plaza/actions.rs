//! What the plaza does: it is made, it chooses, passes on, takes back, and posts a digest.

use std::{collections::HashMap, time::Duration};

use chrono_tz::Tz;
use serde_json::json;

use super::{
    digest::{self, Digest},
    pass_on::PassOn,
    store::{self, Passed},
    wire,
};
use crate::{
    actors,
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::Result,
    federation::say::{Hearers, Saying, say},
    groups::{
        self,
        group::{Group, PLAZA},
    },
    keys::NewKeys,
    meetings,
    origin::Local,
};

/// More meetings or news are not looked at for one digest.
const MOST: i64 = 1_000;
/// In this time before a digest lies all that is news in it, whatever the clocks did.
const LATELY: Duration = Duration::from_secs(50 * 3_600);

/// Makes the plaza where there is none yet; it goes by the city's name and language.
pub async fn open(app: &App) -> Result<()> {
    let local = Local::Group(PLAZA.to_owned());
    let wanted = local.clone();
    if app.db.read(move |conn| Ok(actors::store::find(conn, &wanted)?)).await?.is_none() {
        let keys = actors::make_keys(app, &local).await?;
        let language = language(app);
        app.act(move |conn, here| found(conn, here, &language, &keys)).await?;
    }
    let language = language(app);
    app.act(move |conn, here| describe(conn, here, &language)).await
}

/// The place's own.
pub fn language(app: &App) -> String {
    app.place.languages.first().map(ToString::to_string).unwrap_or_else(|| "en".into())
}

fn found(conn: &mut Conn, here: &Here, language: &str, keys: &NewKeys) -> Result<()> {
    if actors::store::add(conn, &Local::Group(PLAZA.to_owned()), PLAZA, keys, here.now, Some(here.now))? {
        let choice = store::choice(conn)?;
        groups::store::add(conn, &wire::plaza(here, language, choice))?;
    }
    Ok(())
}

/// The plaza says of itself what holds now, if that is something else than before.
fn describe(conn: &mut Conn, here: &Here, language: &str) -> Result<()> {
    let Some(before) = groups::store::by_handle(conn, PLAZA)? else { return Ok(()) };
    let now = wire::plaza(here, language, store::choice(conn)?);
    let group = Group { name: now.name, mission: now.mission, language: now.language, ..before.clone() };
    if group != before {
        groups::actions::describe(conn, here, group)?;
    }
    Ok(())
}

/// The place chooses what the plaza passes on at once; `language` is the place's own.
pub fn choose(conn: &mut Conn, here: &Here, choice: PassOn, language: &str) -> Result<()> {
    store::keep_choice(conn, choice)?;
    describe(conn, here, language)
}

/// Hands what a group said to everyone who follows the plaza.
pub fn pass_on(conn: &mut Conn, here: &Here, what: &Local, author: &str) -> Result<()> {
    let mut announce = Saying::public("Announce", here, PLAZA, what, json!(here.origin.uri(what)));
    announce.cc.push(here.origin.group(author).into());
    say(conn, here, &announce, Hearers::followers_of(PLAZA))?;
    Ok(())
}

/// Takes back that the plaza passed something on. Its id answers 410 already.
pub fn take_back(conn: &mut Conn, here: &Here, author: &str, passed: &Passed) -> Result<()> {
    let origin = &here.origin;
    let announce = json!({
        "id": origin.uri(&Local::Activity(passed.announce)),
        "type": "Announce",
        "actor": origin.group(PLAZA),
        "object": origin.uri(&passed.what),
    });
    let mut undo = Saying::public("Undo", here, PLAZA, &passed.what, announce);
    undo.cc.push(origin.group(author).into());
    say(conn, here, &undo, Hearers::everyone_who_may_have_it(PLAZA, passed.at))?;
    Ok(())
}

/// Posts the digest of this morning, unless it is not due, was made already, or has nothing to say.
pub fn post_digest(conn: &mut Conn, here: &Here, zone: Tz) -> Result<Option<Announcement>> {
    let Some(plaza) = groups::store::by_handle(conn, PLAZA)? else { return Ok(None) };
    let Some(date) = digest::due(here.now, zone) else { return Ok(None) };
    let names = names(conn)?;
    let before = date.pred_opt().map(|date| store::of_date(conn, date)).transpose()?.flatten();
    let named = before.map(|digest| digest.items.into_iter().collect()).unwrap_or_default();
    let passed_on = store::passed_on_since(conn, here.now - LATELY)?;
    let mut meetings = meetings::store::upcoming(conn, here.now, None, MOST)?;
    meetings.retain(|it| names.contains_key(&it.group) && digest::is_of_the_day(it, date, zone, here.now));
    let mut news = announcements::store::latest(conn, None, MOST)?;
    news.retain(|it| names.contains_key(&it.group) && digest::is_news(it, date, zone, &passed_on, &named));
    let digest = Digest::of(date, here.new_id(), &meetings, &news, here.now);
    if !store::add(conn, &digest)? {
        return Ok(None);
    }
    let Some(note) = written(conn, here, &digest, &plaza, &names)? else { return Ok(None) };
    announcements::actions::post(conn, here, &note)?;
    Ok(Some(note))
}

/// Name of each working group by its handle.
fn names(conn: &mut Conn) -> Result<HashMap<String, String>> {
    Ok(groups::store::list(conn)?.into_iter().map(|group| (group.handle, group.name)).collect())
}

/// The digest in words, of what it names as that is now; nothing when nothing of it is left.
fn written(
    conn: &mut Conn,
    here: &Here,
    digest: &Digest,
    plaza: &Group,
    names: &HashMap<String, String>,
) -> Result<Option<Announcement>> {
    let Some(id) = digest.note else { return Ok(None) };
    let (mut meetings, mut news) = (Vec::new(), Vec::new());
    for item in &digest.items {
        match item {
            Local::Event(id) => meetings.extend(meetings::store::by_id(conn, *id)?),
            Local::Note(id) => news.extend(announcements::store::by_id(conn, *id)?),
            _ => {}
        }
    }
    meetings.retain(|meeting| names.contains_key(&meeting.group));
    news.retain(|note| note.deleted.is_none() && names.contains_key(&note.group));
    if meetings.is_empty() && news.is_empty() {
        return Ok(None);
    }
    let name = |handle: &str| names.get(handle).cloned().unwrap_or_default();
    let (title, text) = wire::digest(here, digest, &plaza.language, &meetings, &news, &name);
    Ok(Some(Announcement {
        id,
        group: PLAZA.to_owned(),
        meeting: None,
        answers: None,
        title: Some(title),
        text,
        language: plaza.language.clone(),
        urgent: false,
        followers_only: false,
        mentions: vec![],
        pictures: vec![],
        published: digest.made,
        updated: None,
        deleted: None,
    }))
}

/// Digests made since then that name `what`, or all of them, say what holds now.
pub fn renew_digests(conn: &mut Conn, here: &Here, what: Option<&Local>, since: Timestamp) -> Result<()> {
    let digests = store::naming(conn, what, since)?;
    let Some(plaza) = groups::store::by_handle(conn, PLAZA)?.filter(|_| !digests.is_empty()) else { return Ok(()) };
    let names = names(conn)?;
    for digest in digests {
        let Some(posted) = digest.note.map(|id| announcements::actions::find(conn, id)).transpose()? else { continue };
        if posted.deleted.is_some() {
            continue;
        }
        match written(conn, here, &digest, &plaza, &names)? {
            Some(note) if note.text != posted.text => {
                announcements::actions::rewrite(conn, here, Announcement { text: note.text, ..posted })?
            }
            Some(_) => {}
            None => drop(announcements::actions::delete(conn, here, posted.id)?),
        }
    }
    Ok(())
}

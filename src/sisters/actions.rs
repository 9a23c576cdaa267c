//! What is done with sisters: asked, left, answered; and what they say, kept.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::{
    passing,
    rhythm::Rhythm,
    sister::{Heard, Policy, Refusal, Sister, State},
    store,
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::Here,
    blocks,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
    federation::say::{Hearers, Saying, say},
    groups::{self, group::PLAZA},
    meetings::abroad::{self, Abroad},
    origin::Local,
};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::OfThisCity(handle) => Said::new("refused-sister-here").with("handle", handle).about("handle"),
            Refusal::Blocked(handle) => Said::new("refused-sister-blocked").with("handle", handle).about("handle"),
            Refusal::Ours => Said::new("refused-pass-on-ours").about("uri"),
            Refusal::NotPublic => Said::new("refused-pass-on-public").about("uri"),
            Refusal::Forbidden => Said::new("refused-pass-on-forbidden").about("uri"),
            Refusal::Answer => Said::new("refused-pass-on-answer").about("uri"),
            Refusal::NoPost => Said::new("refused-pass-on-nothing").about("uri"),
            Refusal::Twice => Said::new("refused-pass-on-twice").about("uri"),
            Refusal::NotPassedOn => Said::new("refused-pass-on-undone").about("uri"),
            Refusal::Unreachable(why) => Said::new("refused-pass-on-unreachable").with("why", why).about("uri"),
            Refusal::Policy(_) => Said::new("refused-sister-policy").about("policy"),
        };
        Error::refused_in_words(&refusal, said)
    }
}

/// The group can hear others and pass on what they say: it speaks to other servers, or is the plaza.
pub fn able(conn: &mut Conn, group: &str) -> Result<()> {
    if group != PLAZA {
        return groups::actions::federating(conn, group).map(drop);
    }
    match groups::store::by_handle(conn, PLAZA)? {
        Some(_) => Ok(()),
        None => Err(Error::not_found("there is no plaza yet: it is made when the city first starts")),
    }
}

/// A group of ours asks to hear an actor of another server. Asking again sends the question again, and may choose another policy.
pub fn ask(conn: &mut Conn, here: &Here, group: &str, actor: &RemoteActor, policy: Option<Policy>) -> Result<Sister> {
    able(conn, group)?;
    if here.origin.owns(&actor.uri) {
        return Err(Refusal::OfThisCity(actor.handle()).into());
    }
    if blocks::store::covers(conn, &actor.uri)? {
        return Err(Refusal::Blocked(actor.handle()).into());
    }
    remote::save(conn, actor)?;
    let local = Local::Group(group.to_owned());
    let saying = Saying::direct("Follow", &local, actor, about(actor), json!(actor.uri));
    let activity = say(conn, here, &saying, Hearers::only(actor))?;
    let known = store::find(conn, group, actor.uri.as_str())?;
    let sister = Sister {
        group: group.to_owned(),
        actor: actor.uri.to_string(),
        follow: Local::Activity(activity).path(),
        state: known.as_ref().map_or(State::Asked, |sister| match sister.state {
            State::Refused => State::Asked,
            state => state,
        }),
        policy: policy.or(known.map(|sister| sister.policy)).unwrap_or_default(),
        created: here.now,
    };
    store::save(conn, &sister)?;
    Ok(sister)
}

/// What a sister says is treated otherwise from now on; what waits goes on waiting.
pub fn choose(conn: &mut Conn, group: &str, actor: &str, policy: Policy) -> Result<Sister> {
    let sister = store::find(conn, group, actor)?.ok_or_else(|| Error::not_found(format!("{group} does not hear {actor}")))?;
    let sister = Sister { policy, ..sister };
    store::save(conn, &sister)?;
    Ok(sister)
}

/// Two activities between the same two reach the other side in the order they were said.
fn about(actor: &RemoteActor) -> String {
    format!("{}#sister", actor.uri)
}

/// A group of ours no longer wants to hear it: what it said is gone, but for what the group passed on, which its followers have.
pub fn leave(conn: &mut Conn, here: &Here, group: &str, actor: &str) -> Result<()> {
    let sister = store::find(conn, group, actor)?.ok_or_else(|| Error::not_found(format!("{group} does not hear {actor}")))?;
    store::remove(conn, group, actor)?;
    let other = Url::parse(actor).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    if let Some(other) = other {
        let local = Local::Group(group.to_owned());
        let origin = &here.origin;
        let follow = json!({
            "id": origin.url(&sister.follow),
            "type": "Follow",
            "actor": origin.uri(&local),
            "object": actor,
        });
        say(conn, here, &Saying::direct("Undo", &local, &other, about(&other), follow), Hearers::only(&other))?;
    }
    Ok(())
}

/// A sister is another actor from now on: whoever heard the old one asks to hear the new one instead.
pub fn moved(conn: &mut Conn, here: &Here, old: &Url, new: &RemoteActor) -> Result<()> {
    for sister in store::of_actor(conn, old.as_str())?.into_iter().filter(|sister| sister.state != State::Refused) {
        let knows_it = store::find(conn, &sister.group, new.uri.as_str())?.is_some_and(|new| new.state != State::Refused);
        if !knows_it && able(conn, &sister.group).is_ok() {
            ask(conn, here, &sister.group, new, Some(sister.policy))?;
        }
        leave(conn, here, &sister.group, old.as_str())?;
    }
    Ok(())
}

/// A sister came to live here: there is nobody elsewhere to hear any more.
pub fn came_here(conn: &mut Conn, here: &Here, old: &Url) -> Result<()> {
    for sister in store::of_actor(conn, old.as_str())? {
        leave(conn, here, &sister.group, old.as_str())?;
    }
    Ok(())
}

/// So often one is told at once that it is not followed.
const UNDONE_AT_ONCE: usize = 20;

/// The other side says which groups of ours follow it. One that it no longer lets follow hears it no more, as if it had said so; one
/// that does not want to hear it says so once more.
pub fn agree(conn: &mut Conn, here: &Here, other: &RemoteActor, listed: &[String]) -> Result<()> {
    let ours = store::of_actor(conn, other.uri.as_str())?;
    for sister in &ours {
        if sister.state == State::Accepted && !listed.contains(&sister.group) {
            store::save(conn, &Sister { state: State::Refused, ..sister.clone() })?;
        }
    }
    let strange = listed.iter().filter(|group| !ours.iter().any(|sister| sister.group == **group));
    for group in strange.take(UNDONE_AT_ONCE) {
        let local = Local::Group(group.clone());
        if actors::store::find(conn, &local)?.is_some_and(|actor| actor.closed.is_none()) {
            let group = here.origin.uri(&local);
            // nobody knows any more what the Follow was called
            let follow =
                json!({ "id": format!("{group}#follows/{}", other.uri), "type": "Follow", "actor": group, "object": other.uri });
            say(conn, here, &Saying::direct("Undo", &local, other, about(other), follow), Hearers::only(other))?;
        }
    }
    Ok(())
}

/// The other side answered. Only the one who was asked can answer, and only what was asked.
pub fn answered(conn: &mut Conn, here: &Here, by: &Url, follow: &Url, accepted: bool) -> Result<()> {
    if !here.origin.owns(follow) {
        return Ok(());
    }
    let Some(mut sister) = store::by_follow(conn, follow.path())?.filter(|sister| sister.actor == by.as_str()) else {
        return Ok(());
    };
    let news = accepted && sister.state != State::Accepted;
    sister.state = if accepted { State::Accepted } else { State::Refused };
    store::save(conn, &sister)?;
    if news {
        store::backfill_at(conn, &sister.group, &sister.actor, Some(here.now))?;
    }
    if !accepted {
        store::forget_unheard(conn)?;
    }
    Ok(())
}

/// What was said and, of a meeting, the series to which it belongs.
#[derive(Clone, Debug)]
pub struct Told {
    pub heard: Heard,
    pub rhythm: Option<(Rhythm, String)>,
}

/// A sister said something (`new`), or said it anew. An older version never replaces a newer one, nor one actor's words another's.
pub fn hear(conn: &mut Conn, here: &Here, told: &Told, new: bool) -> Result<()> {
    let heard = &told.heard;
    let first_hand = store::is_heard(conn, &heard.actor)?;
    if !first_hand && !store::is_passed_on(conn, &heard.uri)? {
        return Ok(());
    }
    match keep(conn, here.now, told)? {
        Kept::Older => Ok(()),
        Kept::First if !new => Ok(()),
        Kept::First if first_hand => passing::weigh(conn, here, heard, &heard.actor),
        Kept::First | Kept::Anew => {
            if new && first_hand {
                passing::weigh(conn, here, heard, &heard.actor)?;
            }
            passing::weigh_again(conn, here, heard)
        }
    }
}

/// What keeping something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing: something newer is there.
    Older,
    /// Nobody had heard of it.
    First,
    Anew,
}

/// Keeps what was said.
pub fn keep(conn: &mut Conn, now: Timestamp, told: &Told) -> Result<Kept> {
    let heard = &told.heard;
    let known = store::heard_by_uri(conn, &heard.uri)?;
    let of_another = known.as_ref().is_some_and(|known| known.actor != heard.actor);
    if of_another || store::is_series_of_another(conn, &heard.uri, &heard.actor)? {
        return Err(Error::refused("this belongs to another actor"));
    }
    if known.as_ref().is_some_and(|known| heard.updated.unwrap_or(heard.published) < known.updated.unwrap_or(known.published)) {
        return Ok(Kept::Older);
    }
    let kept = if known.is_some() { Kept::Anew } else { Kept::First };
    store::keep_heard(conn, heard, known.is_some(), told.rhythm.as_ref().map(|(rhythm, _)| rhythm.uri.as_str()))?;
    if let Some((rhythm, document)) = &told.rhythm {
        let said = heard.updated.unwrap_or(heard.published);
        if store::keep_rhythm(conn, rhythm.uri.as_str(), &heard.actor, document, said)? {
            lay_out(conn, now, rhythm)?;
        }
    }
    Ok(kept)
}

/// Meetings of series stand in our agenda as far ahead.
const AHEAD: Duration = Duration::from_secs(190 * 24 * 3_600);
/// Each day some are laid out anew.
const AT_LEAST: Duration = Duration::from_secs(160 * 24 * 3_600);
const DATES: usize = 60;

fn lay_out(conn: &mut Conn, now: Timestamp, rhythm: &Rhythm) -> Result<()> {
    let mut dates = rhythm.ahead(now, now + AHEAD, DATES);
    dates.dedup_by_key(|date| date.starts);
    let (uri, series) = (rhythm.uri.to_string(), &rhythm.series);
    let meetings = dates.into_iter().map(|date| Abroad {
        uri: uri.clone(),
        starts: date.starts,
        ends: Abroad::end(date.starts, Some(date.ends)),
        actor: rhythm.actor.to_string(),
        series: Some(uri.clone()),
        title: date.title.unwrap_or_else(|| series.pattern.title.clone()),
        language: None,
        place: date.place,
        zone: Some(series.zone().name().to_owned()),
        url: rhythm.url.to_string(),
        cancelled: date.cancelled,
        moved: date.moved_from.is_some(),
    });
    let meetings: Vec<Abroad> = meetings.collect();
    abroad::keep_series(conn, &uri, &meetings)?;
    Ok(store::laid_out(conn, &uri, now + AHEAD)?)
}

/// Lays out further what came within reach.
pub fn lay_out_more(conn: &mut Conn, now: Timestamp) -> Result<()> {
    for (uri, actor, document) in store::to_lay_out(conn, now + AT_LEAST, 50)? {
        let read = serde_json::from_str(&document).ok().zip(Url::parse(&actor).ok());
        match read.and_then(|(document, actor)| Rhythm::read(&document, &actor)) {
            Some(rhythm) => lay_out(conn, now, &rhythm)?,
            None => store::laid_out(conn, &uri, now + AHEAD)?,
        }
    }
    Ok(())
}

/// Forgets what is over, and lays out what comes.
pub fn forget(conn: &mut Conn, now: Timestamp) -> Result<()> {
    store::prune(conn, now)?;
    lay_out_more(conn, now)
}

/// A sister passed on what another actor said; `told` is that, as its own server has it, unless we knew it.
pub fn hear_through(
    conn: &mut Conn,
    here: &Here,
    by: &RemoteActor,
    activity: &str,
    uri: &str,
    told: Option<&Told>,
) -> Result<()> {
    if !store::is_heard(conn, by.uri.as_str())? {
        return Ok(());
    }
    if let Some(told) = told {
        if Url::parse(&told.heard.actor).ok().map(|author| blocks::store::covers(conn, &author)).transpose()? != Some(false) {
            return Ok(());
        }
        note_passed_on(conn, here.now, by, activity, told)?;
        keep(conn, here.now, told)?;
    }
    let Some(heard) = store::heard_by_uri(conn, uri)? else { return Ok(()) };
    store::pass_on(conn, uri, by.uri.as_str(), activity, here.now)?;
    if says_at_first_hand(conn, by, &heard)? {
        passing::weigh(conn, here, &heard, by.uri.as_str())?;
    }
    Ok(())
}

/// The series is heard as long as one of its meetings is.
fn note_passed_on(conn: &mut Conn, now: Timestamp, by: &RemoteActor, activity: &str, told: &Told) -> Result<()> {
    match &told.rhythm {
        Some((rhythm, _)) => Ok(store::pass_on(conn, rhythm.uri.as_str(), by.uri.as_str(), activity, now)?),
        None => Ok(()),
    }
}

/// What a plaza passes on of the groups of its own city is said by that city at first hand: so whole cities hear each other. What it
/// has from elsewhere was passed on once, and goes no further.
fn says_at_first_hand(conn: &mut Conn, by: &RemoteActor, heard: &Heard) -> Result<bool> {
    let (Ok(uri), Ok(author)) = (Url::parse(&heard.uri), Url::parse(&heard.actor)) else { return Ok(false) };
    if by.kind != "Group" || uri.origin() != by.uri.origin() || author.origin() != by.uri.origin() {
        return Ok(false);
    }
    Ok(remote::find(conn, &author)?.is_some_and(|author| author.kind == "Group"))
}

/// What a sister said before we heard it: it stands here, and is never passed on. `through` is the address at which a plaza has it
/// of its groups.
pub fn hear_late(conn: &mut Conn, here: &Here, by: &RemoteActor, through: &str, told: &Told) -> Result<()> {
    let known = store::heard_by_uri(conn, &told.heard.uri)?.is_some();
    if known || !store::is_heard(conn, by.uri.as_str())? {
        return Ok(());
    }
    if told.heard.actor != by.uri.as_str() {
        if Url::parse(&told.heard.actor).ok().map(|author| blocks::store::covers(conn, &author)).transpose()? != Some(false) {
            return Ok(());
        }
        note_passed_on(conn, here.now, by, through, told)?;
        keep(conn, here.now, told)?;
        return Ok(store::pass_on(conn, &told.heard.uri, by.uri.as_str(), through, here.now)?);
    }
    keep(conn, here.now, told).map(drop)
}

/// A sister took something back.
pub fn unhear(conn: &mut Conn, here: &Here, by: &Url, uri: &str) -> Result<()> {
    match store::heard_by_uri(conn, uri)? {
        Some(known) if known.actor != by.as_str() => return Err(Error::refused("this belongs to another actor")),
        Some(_) => store::forget_heard(conn, uri)?,
        None => {}
    }
    passing::fell(conn, here, uri, |news| news.author == by.as_str())
}

/// Its own server says that it is gone.
pub fn is_gone(conn: &mut Conn, here: &Here, uri: &str) -> Result<()> {
    store::forget_heard(conn, uri)?;
    passing::fell(conn, here, uri, |_| true)
}

/// One who passed something on took that back: so does whoever had it from there. What a group passed on because others said it, or
/// by hand, stands.
pub fn unhear_through(conn: &mut Conn, here: &Here, by: &Url, activity: &str) -> Result<()> {
    for uri in store::take_back(conn, by.as_str(), activity)? {
        passing::fell(conn, here, &uri, |news| news.sister == by.as_str())?;
    }
    Ok(store::forget_unheard(conn)?)
}

/// Nothing is kept of these any more, and what groups here passed on of them is taken back.
pub fn forget_all_of(conn: &mut Conn, here: &Here, covered: &dyn Fn(&str) -> bool) -> Result<()> {
    passing::fell_of(conn, here, covered)?;
    for actor in store::actors(conn)?.iter().filter(|actor| covered(actor)) {
        store::forget_actor(conn, actor)?;
    }
    Ok(())
}

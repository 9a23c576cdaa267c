//! Passing on what sisters say: by itself, because somebody decided so, or by hand; and taking that back.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::{
    actions::{self, Told},
    news::{self, News, State},
    sister::{Answers, Fate, Heard, Lately, Policy, Refusal, State as Standing},
    store,
    wire::Said,
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::{App, Here},
    blocks,
    db::Conn,
    error::{Error, Result},
    federation::{
        outbox,
        say::{Hearers, PUBLIC, Saying, say},
    },
    groups,
    origin::Local,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Something new was heard of a sister: each group that hears it does what it chose.
pub fn weigh(conn: &mut Conn, here: &Here, heard: &Heard, sister: &str) -> Result<()> {
    for hearing in store::hearing(conn, sister)? {
        let group = &hearing.group;
        // most of what is only shown needs no decision
        if hearing.policy == Policy::Show && heard.in_reply_to.is_none() {
            continue;
        }
        if news::find(conn, group, &heard.uri)?.is_some() || !may(conn, here, group, heard)? {
            continue;
        }
        let answers = answers(conn, group, heard)?;
        let lately = lately(conn, here, group, sister, heard, answers)?;
        match heard.fate(hearing.policy, answers, lately, here.now) {
            Fate::Stays => {}
            Fate::Waits => news::save(conn, &entry(here, group, heard, sister, State::Waits))?,
            Fate::Goes => pass_on(conn, here, group, heard, sister)?,
        }
    }
    Ok(())
}

/// It was changed: a second one may stand behind an alarm now, or its author may have thought better of letting it be passed on.
pub fn weigh_again(conn: &mut Conn, here: &Here, heard: &Heard) -> Result<()> {
    for known in news::of(conn, &heard.uri)? {
        let is_let = may(conn, here, &known.group, heard)?;
        match known.state {
            State::PassedOn if !is_let => take_back(conn, here, &known)?,
            State::Waits if !is_let => news::save(conn, &News { state: State::LeftOut, since: here.now, ..known })?,
            State::Waits => {
                let Some(hearing) = store::find(conn, &known.group, &known.sister)? else { continue };
                let answers = answers(conn, &known.group, heard)?;
                let lately = lately(conn, here, &known.group, &known.sister, heard, answers)?;
                if heard.fate(hearing.policy, answers, lately, here.now) == Fate::Goes {
                    pass_on(conn, here, &known.group, heard, &known.sister)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the group passed on within a day.
fn lately(conn: &mut Conn, here: &Here, group: &str, sister: &str, heard: &Heard, answers: Answers) -> Result<Lately> {
    let since = here.now - DAY;
    let beside = match &heard.in_reply_to {
        Some(answered) if answers == Answers::MeetingPassedOn => news::passed_on_beside(conn, group, answered, since)?,
        _ => 0,
    };
    Ok(Lately { of_sister: news::passed_on_since(conn, group, sister, since)?, beside })
}

/// May the group pass this on, and can it?
fn may(conn: &mut Conn, here: &Here, group: &str, heard: &Heard) -> Result<bool> {
    let follows = store::find(conn, group, &heard.actor)?.is_some_and(|sister| sister.state == Standing::Accepted);
    if !heard.may_be_passed_on_by(&here.origin.group(group), follows) {
        return Ok(false);
    }
    match actions::able(conn, group) {
        Ok(()) => Ok(true),
        Err(Error::Broken(cause)) => Err(Error::Broken(cause)),
        // it waits to be welcomed, or has ended
        Err(_) => Ok(false),
    }
}

fn answers(conn: &mut Conn, group: &str, heard: &Heard) -> Result<Answers> {
    let Some(answered) = &heard.in_reply_to else { return Ok(Answers::Nothing) };
    let passed_on = news::find(conn, group, answered)?;
    if !passed_on.is_some_and(|news| news.state == State::PassedOn && news.author == heard.actor) {
        return Ok(Answers::Others);
    }
    let meeting = store::heard_by_uri(conn, answered)?.is_some_and(|heard| heard.kind == "Event");
    Ok(if meeting { Answers::MeetingPassedOn } else { Answers::PassedOn })
}

fn entry(here: &Here, group: &str, heard: &Heard, sister: &str, state: State) -> News {
    News {
        group: group.to_owned(),
        uri: heard.uri.clone(),
        author: heard.actor.clone(),
        sister: sister.to_owned(),
        state,
        announce: None,
        since: here.now,
    }
}

/// To the group's followers; its author hears of it, too.
fn pass_on(conn: &mut Conn, here: &Here, group: &str, heard: &Heard, sister: &str) -> Result<()> {
    let saying = saying("Announce", here, group, &heard.uri, &heard.actor, json!(heard.uri));
    let hearers = with_author(conn, Hearers::followers_of(group), &heard.actor)?;
    let announce = say(conn, here, &saying, hearers)?;
    let passed = News { announce: Some(announce), ..entry(here, group, heard, sister, State::PassedOn) };
    Ok(news::save(conn, &passed)?)
}

fn saying(kind: &'static str, here: &Here, group: &str, uri: &str, author: &str, object: serde_json::Value) -> Saying {
    Saying {
        kind,
        actor: Local::Group(group.to_owned()),
        object,
        about: uri.to_owned(),
        to: vec![PUBLIC.to_owned()],
        cc: vec![here.origin.of_group(group, "followers").into(), author.to_owned()],
        content: None,
        target: None,
    }
}

fn with_author<'a>(conn: &mut Conn, hearers: Hearers<'a>, author: &str) -> Result<Hearers<'a>> {
    match Url::parse(author) {
        Ok(author) => hearers.and_actor(conn, &author),
        Err(_) => Ok(hearers),
    }
}

/// What a group passed on is taken back. Its Announce answers 410 already when others hear of it.
fn take_back(conn: &mut Conn, here: &Here, passed: &News) -> Result<()> {
    let ended = groups::store::even_waiting(conn, &passed.group)?.is_none_or(|group| group.closed.is_some());
    if let Some(id) = passed.announce.filter(|_| !ended) {
        outbox::retract_one(conn, id, here.now)?;
        let announce = json!({
            "id": here.origin.uri(&Local::Activity(id)),
            "type": "Announce",
            "actor": here.origin.group(&passed.group),
            "object": passed.uri,
        });
        let undo = saying("Undo", here, &passed.group, &passed.uri, &passed.author, announce);
        let hearers = Hearers::everyone_who_may_have_it(&passed.group, passed.since);
        let hearers = with_author(conn, hearers, &passed.author)?;
        say(conn, here, &undo, hearers)?;
    }
    Ok(news::save(conn, &News { state: State::TakenBack, since: here.now, ..passed.clone() })?)
}

/// It is gone for those groups of whose decision `with` says so.
pub fn fell(conn: &mut Conn, here: &Here, uri: &str, with: impl Fn(&News) -> bool) -> Result<()> {
    for known in news::of(conn, uri)?.iter().filter(|known| with(known)) {
        match known.state {
            State::PassedOn => take_back(conn, here, known)?,
            State::Waits => news::save(conn, &News { state: State::LeftOut, since: here.now, ..known.clone() })?,
            State::LeftOut | State::TakenBack => {}
        }
    }
    Ok(())
}

/// All of those is taken back, or of those passed on by them.
pub fn fell_of(conn: &mut Conn, here: &Here, covered: &dyn Fn(&str) -> bool) -> Result<()> {
    for passed in news::passed_on(conn)? {
        if covered(&passed.author) || covered(&passed.sister) {
            take_back(conn, here, &passed)?;
        }
    }
    Ok(())
}

/// One group takes back what it passed on of an author who does not want that.
pub fn fell_for(conn: &mut Conn, here: &Here, group: &str, author: &str) -> Result<()> {
    for passed in news::passed_on(conn)? {
        if passed.group == group && passed.author == author {
            take_back(conn, here, &passed)?;
        }
    }
    Ok(())
}

/// Somebody decides about what waits for the group.
pub fn decide(conn: &mut Conn, here: &Here, group: &str, uri: &str, goes: bool) -> Result<()> {
    actions::able(conn, group)?;
    let waiting = news::find(conn, group, uri)?.filter(|news| news.state == State::Waits);
    let waiting = waiting.ok_or_else(|| Error::not_found("nothing of that address waits for this group"))?;
    if !goes {
        return Ok(news::save(conn, &News { state: State::LeftOut, since: here.now, ..waiting })?);
    }
    let heard = store::heard_by_uri(conn, uri)?.ok_or_else(|| Error::not_found("this is gone"))?;
    if !may(conn, here, group, &heard)? {
        return Err(Refusal::Forbidden.into());
    }
    pass_on(conn, here, group, &heard, &waiting.sister)
}

/// What somebody wants to pass on by hand: looked up where it lives, with whoever said it, if nobody here knew them.
pub async fn look_up(app: &App, address: &str) -> Result<(Told, Option<RemoteActor>)> {
    let uri = Url::parse(address.trim()).ok().filter(Url::has_host).ok_or(Refusal::NoPost)?;
    if app.origin.owns(&uri) {
        return Err(Refusal::Ours.into());
    }
    let at = uri.clone();
    if app.db.read(move |conn| Ok(blocks::store::covers(conn, &at)?)).await? {
        return Err(Refusal::Blocked(uri.to_string()).into());
    }
    let (signer, now) = (actors::signer(app).await?, app.clock.now());
    let found = app.flights.document(&app.http, &signer, now, uri.as_str()).await;
    let found = found.map_err(|why| Refusal::Unreachable(why.to_string()))?;
    let said = Said::of_document(&found.document).map_err(|_| Refusal::NoPost)?;
    said.can_be_passed_on()?;
    let who = said.author().clone();
    let known = app.db.read(move |conn| Ok(remote::find(conn, &who)?.is_some())).await?;
    let author = if known { None } else { actors::ask(app, said.author().as_str()).await?.ok() };
    Ok((said.told(now), author.filter(|author| author.uri == *said.author())))
}

/// Somebody passes on what was looked up at its address just now.
pub fn by_hand(conn: &mut Conn, here: &Here, group: &str, told: &Told, stranger: Option<&RemoteActor>) -> Result<()> {
    let heard = &told.heard;
    actions::able(conn, group)?;
    if let Some(stranger) = stranger {
        remote::save(conn, stranger)?;
    }
    let author = Url::parse(&heard.actor).map_err(|_| Refusal::NoPost)?;
    if blocks::store::covers(conn, &author)? {
        return Err(Refusal::Blocked(heard.actor.clone()).into());
    }
    let known = news::find(conn, group, &heard.uri)?;
    if known.as_ref().is_some_and(|known| known.state == State::PassedOn) {
        return Err(Refusal::Twice.into());
    }
    let answered = match &heard.in_reply_to {
        Some(answered) => store::heard_by_uri(conn, answered)?.is_some_and(|heard_before| heard_before.actor == heard.actor),
        None => true,
    };
    if !answered {
        return Err(Refusal::Answer.into());
    }
    if !may(conn, here, group, heard)? {
        return Err(Refusal::Forbidden.into());
    }
    let sister = known.map_or_else(|| heard.actor.clone(), |known| known.sister);
    pass_on(conn, here, group, heard, &sister)?;
    actions::keep(conn, here.now, told).map(drop)
}

/// Somebody takes back what the group passed on.
pub fn undo(conn: &mut Conn, here: &Here, group: &str, uri: &str) -> Result<()> {
    let passed = news::find(conn, group, uri)?.filter(|news| news.state == State::PassedOn).ok_or(Refusal::NotPassedOn)?;
    take_back(conn, here, &passed)?;
    Ok(store::forget_unheard(conn)?)
}

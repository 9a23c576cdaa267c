//! What is done with notices: switched on and off, confirmed, sent. What is sent says that something waits, and nothing else.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    notice::{GOOD, Notices, PAUSE, Refusal, TRIES, Waiting, minute},
    push, store,
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor},
    },
    app::{App, Here},
    blocks,
    clock::Timestamp,
    db::Conn,
    desk::waiting,
    error::{Error, Result},
    federation::say::{Hearers, Saying, say},
    groups,
    members::{self, actions::Speaker, member::Member, token::Token},
    origin::Local,
    text,
    words::Words,
};

/// What waits for somebody and for their groups: handle of the group, what kind, how many, and when the latest came. What waits for
/// them alone is of no group: `""`.
pub fn waiting_for(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<Vec<(String, waiting::Waits)>> {
    let offers = waiting::offers_to(conn, member, now)?;
    let mut found: Vec<_> = offers.into_iter().map(|waits| (String::new(), waits)).collect();
    for organizer in members::store::groups_of(conn, member)?.into_iter().filter(|organizer| organizer.paused.is_none()) {
        // of one that ended or moved, its page would be closed to them
        if groups::store::even_waiting(conn, &organizer.group)?.is_none_or(|group| group.speaks().is_err()) {
            continue;
        }
        let waits = waiting::of(conn, &organizer.group, member, now)?;
        found.extend(waits.into_iter().map(|waits| (organizer.group.clone(), waits)));
    }
    Ok(found)
}

/// A feed under this key; an older one ends.
pub fn begin_feed(conn: &mut Conn, here: &Here, speaker: &Speaker, key: &Token) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &Notices { feed: Some(key.hash()), ..chosen })?)
}

pub fn end_feed(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &Notices { feed: None, ..chosen })?)
}

/// Whose feed this key opens.
pub fn whose_feed(conn: &mut Conn, key: &Token) -> Result<Member> {
    let nobody = || Error::not_found("there is no feed of that key");
    let member = store::by_feed(conn, &key.hash())?.ok_or_else(nobody)?;
    members::store::by_id(conn, member)?.ok_or_else(nobody)
}

/// Six digits, for one account only.
pub fn new_code() -> Result<String> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes).map_err(|_| Error::broken("there is no randomness"))?;
    Ok(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000))
}

/// Good for one member only. So few digits can be found out from it by whoever has the database: it goes when it was used.
fn hash(member: Uuid, code: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{member} {code}").as_bytes()))
}

/// Sends a code to an account, to see whose it is.
pub fn ask(conn: &mut Conn, here: &Here, speaker: &Speaker, account: &RemoteActor, code: &str) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    if chosen.asked.is_some_and(|asked| here.now < asked + PAUSE) {
        return Err(Refusal::TooSoon.into());
    }
    if here.origin.owns(&account.uri) || blocks::store::covers(conn, &account.uri)? {
        return Err(Refusal::Unreachable(account.handle()).into());
    }
    remote::save(conn, account)?;
    let words = Words::of(&member.language);
    let page = here.origin.url("/ours/notices");
    let sentence = words.say("notices-code", &[("city", &here.city), ("code", code), ("page", page.as_str())]);
    write_to(conn, here, account, &words, &sentence, &page)?;
    let (code, asked) = (Some(hash(member.id, code)), Some(minute(here.now)));
    Ok(store::save(conn, &Notices { account: Some(account.uri.to_string()), code, asked, tries: 0, ..chosen })?)
}

/// Whether this is what was sent. From now on they are told there; a code that was guessed too often is none any more.
pub fn confirm(conn: &mut Conn, here: &Here, speaker: &Speaker, code: &str) -> Result<bool> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    let sent =
        chosen.code.clone().filter(|_| chosen.asked.is_some_and(|asked| here.now < asked + GOOD)).ok_or(Refusal::NoCode)?;
    if sent == hash(member.id, code.trim()) {
        store::save(conn, &Notices { code: None, tries: 0, ..chosen })?;
        return Ok(true);
    }
    let tries = chosen.tries + 1;
    let account = chosen.account.clone().filter(|_| tries < TRIES);
    let code = chosen.code.clone().filter(|_| tries < TRIES);
    store::save(conn, &Notices { tries, account, code, ..chosen })?;
    Ok(false)
}

pub fn end_account(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &Notices { account: None, code: None, tries: 0, ..chosen })?)
}

/// The browsers of one person.
const BROWSERS: usize = 5;

/// Wakes this browser from now on; of too many, the others are forgotten.
pub fn begin_push(conn: &mut Conn, here: &Here, speaker: &Speaker, endpoint: &str) -> Result<()> {
    let member = speaker.member(conn, here)?;
    if store::endpoints(conn, member.id)?.len() >= BROWSERS {
        store::remove_endpoints(conn, member.id)?;
    }
    store::add_endpoint(conn, member.id, endpoint)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &chosen)?)
}

pub fn end_push(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    store::remove_endpoints(conn, member.id)?;
    let chosen = store::of(conn, member.id)?;
    Ok(store::save(conn, &chosen)?)
}

/// Tells whoever wants to be told, if something waits that they have not heard of; so many were told.
pub async fn tell_all(app: &App) -> Result<usize> {
    let members = app.db.read(|conn| Ok(store::to_be_told(conn)?)).await?;
    let mut told = 0;
    for member in members {
        let now = app.clock.now();
        let (chosen, waiting) = app.db.read(move |conn| Ok((store::of(conn, member)?, counted(conn, member, now)?))).await?;
        if !chosen.has_news(&waiting) {
            if chosen.told != waiting {
                // what was done meanwhile may come back, and is news then
                app.db.write(move |conn| forget_what_was_done(conn, member, now)).await?;
            }
            continue;
        }
        if !chosen.is_due(&waiting, now) {
            continue;
        }
        let account = match chosen.confirmed() {
            Some(account) => known(app, account).await?,
            None => None,
        };
        let Some(browsers) = app.act(move |conn, here| tell(conn, here, member, account.as_ref())).await? else { continue };
        told += 1;
        for endpoint in browsers {
            if !push::wake(app, &endpoint).await? {
                app.db.write(move |conn| Ok(store::remove_endpoint(conn, &endpoint)?)).await?;
            }
        }
    }
    Ok(told)
}

/// An account of which we know where to write to it; nothing while its server is away.
async fn known(app: &App, account: &str) -> Result<Option<RemoteActor>> {
    let Ok(uri) = Url::parse(account) else { return Ok(None) };
    let wanted = uri.clone();
    match app.db.read(move |conn| Ok(remote::find(conn, &wanted)?)).await? {
        Some(actor) => Ok(Some(actor)),
        None => Ok(actors::ask(app, uri.as_str()).await?.ok()),
    }
}

/// What waits for somebody, as it is compared.
fn counted(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<Waiting> {
    let micros = |waits: &waiting::Waits| waits.latest.map(Timestamp::micros).unwrap_or_default();
    let waiting = waiting_for(conn, member, now)?;
    Ok(waiting.into_iter().map(|(group, waits)| (format!("{group} {}", waits.name), (waits.count, micros(&waits)))).collect())
}

fn forget_what_was_done(conn: &mut Conn, member: Uuid, now: Timestamp) -> Result<()> {
    let (chosen, waiting) = (store::of(conn, member)?, counted(conn, member, now)?);
    if !chosen.has_news(&waiting) {
        store::save(conn, &Notices { told: waiting, ..chosen })?;
    }
    Ok(())
}

/// Asked again in the transaction: another process may have told them. The browsers that are to be woken.
fn tell(conn: &mut Conn, here: &Here, member: Uuid, account: Option<&RemoteActor>) -> Result<Option<Vec<String>>> {
    let (chosen, waiting) = (store::of(conn, member)?, counted(conn, member, here.now)?);
    let Some(member) = members::store::by_id(conn, member)? else { return Ok(None) };
    if !chosen.is_due(&waiting, here.now) {
        return Ok(None);
    }
    let theirs = account.filter(|account| chosen.confirmed() == Some(account.uri.as_str()));
    let mut is_told = false;
    if let Some(account) = theirs
        && !blocks::store::covers(conn, &account.uri)?
    {
        remote::save(conn, account)?;
        let words = Words::of(&member.language);
        let page = here.origin.url("/ours");
        let sentence = words.say("notices-something-waits", &[("page", page.as_str())]);
        write_to(conn, here, account, &words, &sentence, &page)?;
        is_told = true;
    }
    let browsers = store::endpoints(conn, member.id)?;
    if !is_told && browsers.is_empty() {
        return Ok(None);
    }
    store::save(conn, &Notices { told: waiting, heard: minute(here.now), ..chosen })?;
    Ok(Some(browsers))
}

/// The city itself writes to one account alone.
fn write_to(conn: &mut Conn, here: &Here, to: &RemoteActor, words: &Words, sentence: &str, page: &Url) -> Result<()> {
    let note = letter(here, to, words, sentence, page);
    let saying = Saying::direct("Create", &Local::Instance, to, format!("{}#notice", to.uri), note);
    say(conn, here, &saying, Hearers::only(to))?;
    Ok(())
}

fn letter(here: &Here, to: &RemoteActor, words: &Words, sentence: &str, page: &Url) -> Value {
    let escaped = |text: &str| text::escape(text);
    let (uri, name, link) = (escaped(to.uri.as_str()), escaped(&to.handle()), escaped(page.as_str()));
    let linked = escaped(sentence).replacen(&link, &format!("<a href=\"{link}\">{link}</a>"), 1);
    let content = format!("<p><span class=\"h-card\"><a href=\"{uri}\" class=\"u-url mention\">{name}</a></span> {linked}</p>");
    json!({
        "id": here.origin.uri(&Local::Note(here.new_id())),
        "type": "Note",
        "attributedTo": here.origin.uri(&Local::Instance),
        "content": content,
        "contentMap": { words.tag(): content },
        "published": here.now.rfc3339(),
        "sensitive": false,
        "attachment": [],
        "tag": [{ "type": "Mention", "name": to.handle(), "href": to.uri }],
        "to": [to.uri],
        "cc": [],
    })
}

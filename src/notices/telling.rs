//! How whoever wants to be told is told: in a letter from the city, and by waking their browsers. What is sent says that something
//! waits, and nothing else.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    future::join_all,
    stream::{self, StreamExt},
};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    actions::waiting_for,
    notice::{Notices, Waiting, minute},
    push::{Outcome, Waker},
    store,
};
use crate::{
    actors::{
        self,
        remote::{self, RemoteActor, host_of},
    },
    app::{App, Here},
    blocks,
    clock::Timestamp,
    db::Conn,
    desk::waiting,
    error::Result,
    federation::say::{Hearers, Saying, say},
    members,
    origin::Local,
    text,
    words::Words,
};

/// The browsers of so many people are being woken at once: who looks after a few silent servers keeps nobody waiting.
const AT_ONCE: usize = 32;

/// Somebody whose turn it is.
struct Turn {
    member: Uuid,
    waiting: Waiting,
    /// A letter to them is on its way.
    is_written: bool,
    /// Where they are to be woken.
    browsers: Vec<String>,
}

/// What came of it.
#[derive(Default)]
struct Told {
    is_told: bool,
    /// Hosts that woke nobody, and why.
    failed: Vec<(String, String)>,
}

/// Servers that kept us waiting in this round, with their ports: whoever else is woken by them waits for the next one.
#[derive(Default)]
struct Silent(Mutex<HashSet<String>>);

impl Silent {
    /// Wakes a browser, unless its server was silent a moment ago.
    async fn wake(&self, waker: &Waker, endpoint: &str) -> Result<Outcome> {
        let host = Url::parse(endpoint).map(|endpoint| host_of(&endpoint)).unwrap_or_default();
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&host) {
            return Ok(Outcome::Failed(host, "it did not answer others".to_owned()));
        }
        let outcome = waker.wake(endpoint).await?;
        if matches!(outcome, Outcome::Silent(..)) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host);
        }
        Ok(outcome)
    }
}

/// Tells whoever wants to be told, if something waits that they have not heard of; so many were told.
///
/// # Errors
/// The first one, after everybody else was told.
pub async fn tell_all(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let members = app.db.read(move |conn| Ok(store::to_be_told(conn, now)?)).await?;
    let waker = Waker::of(app).await.unwrap_or_else(|error| {
        tracing::warn!("no browser can be woken: {error}");
        None
    });
    let waker = waker.map(|waker| Arc::new((waker, Silent::default())));
    let turns = stream::iter(members).then(|member| turn_of(app.clone(), member));
    let told = turns.map(|turn| take(app.clone(), waker.clone(), turn));
    let told: Vec<Result<Told>> = told.buffer_unordered(AT_ONCE).collect().await;
    let (mut count, mut failed, mut first) = (0, BTreeMap::<_, usize>::new(), Ok(()));
    for told in told {
        match told {
            Ok(told) => {
                count += usize::from(told.is_told);
                told.failed.into_iter().for_each(|why| *failed.entry(why).or_default() += 1);
            }
            Err(error) => first = first.and(Err(error)),
        }
    }
    for ((host, why), browsers) in failed {
        tracing::warn!(%host, %why, browsers, "browsers were not woken, and will be tried again in an hour");
    }
    first.map(|()| count)
}

/// Whether it is somebody's turn: it counts as begun, and is nobody else's for an hour.
async fn turn_of(app: App, member: Uuid) -> Result<Option<Turn>> {
    let now = app.clock.now();
    let (chosen, waiting) = app.db.read(move |conn| Ok((store::of(conn, member)?, counted(conn, member, now)?))).await?;
    if !chosen.has_news(&waiting) {
        if chosen.told != waiting {
            // what was done meanwhile may come back, and is news then
            app.db.write(move |conn| forget_what_was_done(conn, member, now)).await?;
        }
        return Ok(None);
    }
    if !chosen.is_due(&waiting, now) {
        return Ok(None);
    }
    let account = match chosen.confirmed() {
        Some(account) => known(&app, account).await?,
        None => None,
    };
    app.act(move |conn, here| begin(conn, here, member, account.as_ref())).await
}

/// Wakes their browsers. Who heard nothing in any way is tried again when the hour is over.
async fn take(app: App, waker: Option<Arc<(Waker, Silent)>>, turn: Result<Option<Turn>>) -> Result<Told> {
    let Some(turn) = turn? else { return Ok(Told::default()) };
    let Turn { member, waiting, is_written, browsers } = turn;
    let mut told = Told { is_told: is_written, failed: vec![] };
    let Some(waker) = waker else { return Ok(told) };
    let (waker, silent) = &*waker;
    let outcomes = join_all(browsers.iter().map(|endpoint| silent.wake(waker, endpoint))).await;
    let (mut is_woken, mut gone) = (false, Vec::new());
    for (endpoint, outcome) in browsers.into_iter().zip(outcomes) {
        match outcome? {
            Outcome::Woken => is_woken = true,
            Outcome::Gone => gone.push(endpoint),
            Outcome::Failed(host, why) | Outcome::Silent(host, why) => told.failed.push((host, why)),
        }
    }
    told.is_told |= is_woken;
    if is_woken || !gone.is_empty() {
        app.db.write(move |conn| end(conn, member, is_woken.then(|| waiting.clone()), &gone)).await?;
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

/// Asked again in the transaction: another process may have told them. Of a letter they have heard once it is written.
fn begin(conn: &mut Conn, here: &Here, member: Uuid, account: Option<&RemoteActor>) -> Result<Option<Turn>> {
    let (chosen, waiting) = (store::of(conn, member)?, counted(conn, member, here.now)?);
    let Some(member) = members::store::by_id(conn, member)? else { return Ok(None) };
    if !chosen.is_due(&waiting, here.now) {
        return Ok(None);
    }
    let theirs = account.filter(|account| chosen.confirmed() == Some(account.uri.as_str()));
    let mut is_written = false;
    if let Some(account) = theirs
        && !blocks::store::covers(conn, &account.uri)?
    {
        remote::save(conn, account)?;
        let words = Words::of(&member.language);
        let page = here.origin.url("/ours");
        let sentence = words.say("notices-something-waits", &[("page", page.as_str())]);
        write_to(conn, here, account, &words, &sentence, &page)?;
        is_written = true;
    }
    let browsers = store::endpoints(conn, member.id)?;
    if !is_written && browsers.is_empty() {
        return Ok(None);
    }
    let told = if is_written { waiting.clone() } else { chosen.told.clone() };
    store::save(conn, &Notices { told, heard: minute(here.now), ..chosen })?;
    Ok(Some(Turn { member: member.id, waiting, is_written, browsers }))
}

/// Notes of what they were told, if any browser of theirs was woken, and forgets those that no longer want to be.
fn end(conn: &mut Conn, member: Uuid, told: Option<Waiting>, gone: &[String]) -> Result<()> {
    for endpoint in gone {
        store::remove_endpoint(conn, endpoint)?;
    }
    let chosen = store::of(conn, member)?;
    let told = told.unwrap_or_else(|| chosen.told.clone());
    Ok(store::save(conn, &Notices { told, ..chosen })?)
}

/// The city itself writes to one account alone.
pub(super) fn write_to(conn: &mut Conn, here: &Here, to: &RemoteActor, words: &Words, sentence: &str, page: &Url) -> Result<()> {
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

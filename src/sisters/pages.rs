//! What groups of other cities say, as far as a group here hears them: how often they meet, what is on there, their news.

use std::{collections::HashMap, time::Duration};

use actix_web::{
    HttpRequest,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{
    rhythm::{Date, Rhythm},
    sister::Heard,
    store::{self, Wanted},
};
use crate::{
    actors::remote,
    app::App,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::is_handle},
    series::wording,
    text,
    web::{About, Answer, Day, Front, Shell, capitalised, hours, moment, readable, zone_name},
};

/// Series, and of each one so many dates within half a year.
const SERIES: i64 = 50;
const DATES: usize = 8;
const HALF_A_YEAR: Duration = Duration::from_secs(183 * 24 * 3_600);
/// What was said, the newest first.
const HEARD: i64 = 50;
/// Of news in a list, in characters.
const BEGINNING: usize = 240;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/elsewhere", show));
}

#[derive(Template)]
#[template(path = "sisters/elsewhere.html")]
struct ElsewherePage {
    shell: Shell,
    series: Vec<Regular>,
    said: Vec<Item>,
    /// Servers of which something is shown, each with the page of that alone.
    hosts: Vec<(String, String)>,
    /// The page of all of it, where only some is shown.
    everything: Option<String>,
}

/// Which of it is wanted.
#[derive(Deserialize)]
struct Asked {
    /// Handle of a group here that hears it.
    #[serde(default)]
    group: String,
    /// Host of whoever said it.
    #[serde(default)]
    from: String,
}

/// A series of another city.
struct Regular {
    title: String,
    /// On its own server.
    page: String,
    /// `@kitchen@far.example`
    who: String,
    /// In words, by the clock there.
    often: String,
    /// Where that clock is, if it is not ours.
    zone: Option<String>,
    dates: Vec<Line>,
}

/// One meeting of it.
struct Line {
    /// For machines, with its offset.
    starts: String,
    /// Day and hours, by our clock.
    when: String,
    /// By the clock there, where it shows something else.
    there: Option<String>,
    title: Option<String>,
    place: Option<String>,
    cancelled: bool,
    moved: bool,
}

/// Something that was said.
pub struct Item {
    pub title: String,
    /// On its own server.
    pub page: String,
    pub who: String,
    /// BCP 47.
    pub language: String,
    pub beginning: String,
    /// Of a meeting.
    pub when: Option<String>,
    pub place: Option<String>,
    pub cancelled: bool,
    pub urgent: bool,
    pub published: String,
    pub said: String,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let now = app.clock.now();
    let wanted = wanted(asked.into_inner())?;
    let asked = wanted.clone();
    let Elsewhere { group, rhythms, heard, names } = app.db.read(move |conn| look(conn, &asked)).await?;
    let mut shell = Shell::new(&front, &request, About::default());
    let title = match (&group, &wanted.host) {
        (Some(name), _) => shell.fill("elsewhere-of-group", "group", name),
        (None, Some(host)) => shell.fill("elsewhere-from", "host", host),
        (None, None) => shell.say("elsewhere"),
    };
    shell.about.title = title;
    shell.about.description = shell.say("elsewhere-about");
    shell.about.address = Some(address(&wanted));
    shell.about.passing = wanted != Wanted::default();
    let who = |actor: &str| names.get(actor).cloned().unwrap_or_else(|| actor.to_owned());
    let series = rhythms.iter().filter_map(|rhythm| regular(&shell, now, rhythm, &who)).collect();
    let mut hosts: Vec<String> = heard.iter().filter_map(|(heard, _)| host(&heard.actor)).collect();
    hosts.sort();
    hosts.dedup();
    let only = |host: &String| shell.link(&address(&Wanted { host: Some(host.clone()), ..wanted.clone() }));
    let page = ElsewherePage {
        hosts: hosts.iter().filter(|_| hosts.len() > 1).map(|host| (host.clone(), only(host))).collect(),
        everything: (wanted != Wanted::default()).then(|| shell.link("/elsewhere")),
        said: items(&shell, now, &heard),
        series,
        shell,
    };
    Shell::show(&request, &page)
}

fn wanted(Asked { group, from }: Asked) -> Result<Wanted> {
    let given = |text: String| Some(text.trim().trim_start_matches('@').to_ascii_lowercase()).filter(|text| !text.is_empty());
    let wanted = Wanted { group: given(group), host: given(from) };
    let is_host = |host: &String| {
        host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    if wanted.group.as_ref().is_some_and(|group| !is_handle(group)) || wanted.host.as_ref().is_some_and(|host| !is_host(host)) {
        return Err(Error::not_found("nothing is heard here by that name"));
    }
    Ok(wanted)
}

fn address(wanted: &Wanted) -> String {
    let parts = [("group", &wanted.group), ("from", &wanted.host)];
    let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish();
    if query.is_empty() { "/elsewhere".to_owned() } else { format!("/elsewhere?{query}") }
}

fn host(actor: &str) -> Option<String> {
    Url::parse(actor).ok().map(|actor| remote::host_of(&actor))
}

/// The page of what a group hears.
pub fn page_of(shell: &Shell, group: &str) -> String {
    shell.link(&format!("/elsewhere?group={group}"))
}

/// Things that were said, in a list; answers are left out.
pub fn items(shell: &Shell, now: Timestamp, heard: &[(Heard, String)]) -> Vec<Item> {
    let news = heard.iter().filter(|(heard, _)| heard.in_reply_to.is_none());
    news.map(|(heard, who)| item(shell, now, heard, who.clone())).collect()
}

/// What is known of other cities.
struct Elsewhere {
    /// Name of the group that hears it, where only one's is shown.
    group: Option<String>,
    rhythms: Vec<Rhythm>,
    heard: Vec<(Heard, String)>,
    /// What those who meet are called, by their ids.
    names: HashMap<String, String>,
}

fn look(conn: &mut Conn, wanted: &Wanted) -> Result<Elsewhere> {
    let group = match &wanted.group {
        Some(handle) => {
            let group = groups::store::by_handle(conn, handle)?.filter(|group| group.closed.is_none());
            Some(group.ok_or_else(|| Error::not_found("there is no such group"))?.name)
        }
        None => None,
    };
    let kept = if *wanted == Wanted::default() { store::rhythms(conn, SERIES)? } else { vec![] };
    let read = |(actor, document): &(String, String)| Rhythm::read(&serde_json::from_str(document).ok()?, &actor.parse().ok()?);
    let rhythms: Vec<Rhythm> = kept.iter().filter_map(read).collect();
    let heard = store::wanted(conn, wanted, HEARD)?;
    let mut names = HashMap::new();
    for rhythm in &rhythms {
        if !names.contains_key(rhythm.actor.as_str()) {
            let known = remote::find(conn, &rhythm.actor)?.map(|actor| actor.handle());
            let name = known.unwrap_or_else(|| rhythm.actor.host_str().unwrap_or_default().to_owned());
            names.insert(rhythm.actor.to_string(), name);
        }
    }
    Ok(Elsewhere { group, rhythms, heard, names })
}

/// Nothing of a series that is over.
fn regular(shell: &Shell, now: Timestamp, rhythm: &Rhythm, who: &impl Fn(&str) -> String) -> Option<Regular> {
    let dates = rhythm.ahead(now, now + HALF_A_YEAR, DATES);
    let series = &rhythm.series;
    (!dates.is_empty()).then(|| Regular {
        title: series.pattern.title.clone(),
        page: rhythm.url.to_string(),
        who: who(rhythm.actor.as_str()),
        often: capitalised(&wording::sentence(&shell.words, &series.rule, series.first)),
        zone: (series.zone() != shell.zone).then(|| shell.fill("elsewhere-clock", "zone", &zone_name(series.zone()))),
        dates: dates.into_iter().map(|date| line(shell, now, rhythm, date)).collect(),
    })
}

fn line(shell: &Shell, now: Timestamp, rhythm: &Rhythm, date: Date) -> Line {
    let at = |time: Timestamp, zone| time.utc().with_timezone(&zone);
    let said = |zone| {
        let (start, end) = (at(date.starts, zone), at(date.ends, zone));
        format!("{}, {}", Day::of(&start, now).said(&shell.words), hours(&shell.words, &start, &end, now))
    };
    let (ours, theirs) = (shell.zone, rhythm.series.zone());
    let differs = at(date.starts, ours).naive_local() != at(date.starts, theirs).naive_local();
    Line {
        starts: at(date.starts, ours).to_rfc3339(),
        when: said(ours),
        there: differs.then(|| said(theirs)),
        cancelled: date.cancelled,
        moved: date.moved_from.is_some(),
        title: date.title,
        place: date.place,
    }
}

fn item(shell: &Shell, now: Timestamp, heard: &Heard, who: String) -> Item {
    let plain = text::plain_of_html(&heard.content);
    let title = heard.title.clone().unwrap_or_else(|| text::first_line(&plain, 80));
    let at = |time: Timestamp| time.utc().with_timezone(&shell.zone);
    let when = heard.starts.map(|starts| match (at(starts), heard.ends.map(at)) {
        (start, Some(end)) => format!("{}, {}", Day::of(&start, now).said(&shell.words), hours(&shell.words, &start, &end, now)),
        (start, None) => moment(&shell.words, &start, now),
    });
    Item {
        // a meeting's text repeats when and where it is
        beginning: if when.is_some() {
            String::new()
        } else {
            text::first_line(plain.trim_start_matches(title.as_str()), BEGINNING)
        },
        page: heard.url.clone(),
        who,
        urgent: heard.urgent.is_some(),
        language: heard.language.clone().unwrap_or_default(),
        place: heard.place.clone().filter(|_| when.is_some()),
        cancelled: heard.cancelled,
        published: at(heard.published).to_rfc3339(),
        said: Day::of(&at(heard.published), now).said(&shell.words),
        when,
        title,
    }
}

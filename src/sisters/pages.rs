//! What groups of other cities say, as far as a group here hears them: how often they meet, what is on there, their news.

use std::{collections::HashMap, time::Duration};

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use url::Url;

use super::{
    rhythm::{Date, Rhythm},
    sister::Heard,
    store,
};
use crate::{
    actors::remote,
    app::App,
    clock::Timestamp,
    db::Conn,
    error::Result,
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
struct Item {
    title: String,
    /// On its own server.
    page: String,
    who: String,
    /// BCP 47.
    language: String,
    beginning: String,
    /// Of a meeting.
    when: Option<String>,
    place: Option<String>,
    cancelled: bool,
    published: String,
    said: String,
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let now = app.clock.now();
    let Elsewhere { rhythms, heard, names } = app.db.read(look).await?;
    let mut shell = Shell::new(&front, &request, About::default());
    shell.about.title = shell.say("elsewhere");
    shell.about.description = shell.say("elsewhere-about");
    let who = |actor: &str| names.get(actor).cloned().unwrap_or_else(|| actor.to_owned());
    let regular = rhythms.iter().filter_map(|rhythm| regular(&shell, now, rhythm, &who));
    let series = regular.collect();
    let said = heard.iter().filter(|heard| heard.in_reply_to.is_none()).map(|heard| item(&shell, now, heard, &who)).collect();
    Shell::show(&request, &ElsewherePage { shell, series, said })
}

/// What is known of other cities.
struct Elsewhere {
    rhythms: Vec<Rhythm>,
    heard: Vec<Heard>,
    /// What those who said it are called, by their ids.
    names: HashMap<String, String>,
}

fn look(conn: &mut Conn) -> Result<Elsewhere> {
    let kept = store::rhythms(conn, SERIES)?;
    let read = |(actor, document): &(String, String)| Rhythm::read(&serde_json::from_str(document).ok()?, &actor.parse().ok()?);
    let rhythms: Vec<Rhythm> = kept.iter().filter_map(read).collect();
    let heard = store::heard_by_all(conn, HEARD)?;
    let actors = heard.iter().map(|heard| heard.actor.clone()).chain(rhythms.iter().map(|rhythm| rhythm.actor.to_string()));
    let mut names = HashMap::new();
    for actor in actors {
        if !names.contains_key(&actor)
            && let Ok(uri) = Url::parse(&actor)
        {
            let known = remote::find(conn, &uri)?.map(|actor| actor.handle());
            names.insert(actor, known.unwrap_or_else(|| uri.host_str().unwrap_or_default().to_owned()));
        }
    }
    Ok(Elsewhere { rhythms, heard, names })
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

fn item(shell: &Shell, now: Timestamp, heard: &Heard, who: &impl Fn(&str) -> String) -> Item {
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
        who: who(&heard.actor),
        language: heard.language.clone().unwrap_or_default(),
        place: heard.place.clone().filter(|_| when.is_some()),
        cancelled: heard.cancelled,
        published: at(heard.published).to_rfc3339(),
        said: Day::of(&at(heard.published), now).said(&shell.words),
        when,
        title,
    }
}

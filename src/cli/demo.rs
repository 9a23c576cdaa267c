//! `plaza demo`: two cities on this machine that hear each other, to look around in. Made by the commands people type.

mod fernhill;
mod guide;
mod home;
mod olmo;
mod town;

use std::{cmp::Reverse, path::PathBuf, time::Duration};

use chrono::DateTime;
use chrono_tz::Tz;
use clap::{Args, Parser};
use serde_json::Value;

use self::{
    home::Home,
    town::{NOTED, Town, Words},
};
use super::{
    Cli, Report, obey_in, print_line,
    serve::{Ending, Open},
};
use crate::{
    actors,
    app::{self, App},
    clock::{Clock, Timestamp},
    config::{Config, Settings},
    error::{Error, Result},
    origin::Local,
};

#[derive(Args)]
pub struct Demo {
    /// Keep both cities in this folder, and continue with what is there [default: a folder that is removed at the end]
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Port of the first city; the second one has the next [default: 8080, or the first one that is free]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=65_534))]
    port: Option<u16>,
}

static ONE: &Town = &fernhill::TOWN;
static OTHER: &Town = &olmo::TOWN;

/// Groups of the first city and of the second that hear each other.
const SISTERS: [(&str, &str); 6] = [
    ("kitchen", "cocina"),
    ("library", "biblioteca"),
    ("first_aid", "primeros_auxilios"),
    ("trees", "arboles"),
    ("welcome", "acogida"),
    ("media", "comunicacion"),
];

/// Who hears the whole other city, where it has one voice for everything.
const LISTENERS: [&str; 2] = ["welcome", "acogida"];
const VOICE: &str = "plaza";

/// Both cities are on this machine, so everything between them is over in a moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// Settings for a city would break the demo, which has its own: only what concerns the log is taken over.
pub fn settings(given: &Settings) -> Settings {
    let log = given.log.clone().filter(|log| !log.is_empty()).or(Some("warn".into()));
    Settings { log, ..Settings::default() }
}

/// A city of the demo while it is open.
struct City {
    town: &'static Town,
    app: App,
    open: Open,
}

impl Demo {
    pub async fn run(self, json: bool) -> Result<Report> {
        guide::say_what_is_ignored();
        let home = Home::at(self.keep.as_deref(), self.port)?;
        let mut ending = Ending::watch()?;
        let begun = Clock::system().now();
        let [first, second] = home.ports;
        if home.is_new {
            tokio::select! {
                founded = async { tokio::try_join!(found(&home, ONE, first, begun), found(&home, OTHER, second, begun)) } => drop(founded?),
                () = ending.asked() => return Ok(Report::new("", Value::Null)),
            }
        }
        let cities = [open(&home, ONE, first).await?, open(&home, OTHER, second).await?];
        let shown = tokio::select! {
            shown = show(&home, &cities, begun, json) => shown.map(|()| true),
            () = ending.asked() => Ok(false),
        };
        let ended = match shown {
            Ok(true) => ending.of(&cities.each_ref().map(|city| &city.app)).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        for city in cities {
            city.open.end().await?;
        }
        ended.map(|()| Report::new("", Value::Null))
    }
}

/// Lets the cities meet if they are new, and says what there is to see.
async fn show(home: &Home, cities: &[City; 2], begun: Timestamp, json: bool) -> Result<()> {
    if home.is_new {
        meet(cities).await?;
        for city in cities {
            tell(city, begun).await?;
        }
        until_heard(cities).await?;
        home.note_made()?;
    }
    let report = guide::of(home, cities).await?;
    print_line(&report.shown(json));
    Ok(())
}

fn config(home: &Home, town: &'static Town, port: u16) -> Result<Config> {
    let settings = Settings {
        origin: Some(format!("http://localhost:{port}")),
        data_dir: Some(home.of(town).display().to_string()),
        city: Some(town.name.into()),
        time_zone: Some(town.zone.name().into()),
        languages: Some(town.languages.into()),
        allow_networks: Some("127.0.0.0/8,::1/128".into()),
        allow_http: Some("true".into()),
        ..Settings::default()
    };
    settings.check().map_err(Error::broken)
}

/// Makes a city, its groups, and what they planned and said in the days before.
async fn found(home: &Home, town: &'static Town, port: u16, begun: Timestamp) -> Result<()> {
    let now = begun.utc().with_timezone(&town.zone);
    let clock = Clock::stopped_at(town::beginning(now).to_utc().into());
    let app = App::open(config(home, town, port)?, clock.clone()).await?;
    let given = app.config.clone();
    app.db.write(move |conn| Ok(app::keep_place(conn, &given)?)).await?;
    let groups = town.groups.iter().map(|group| type_(&app, group.create()));
    // the keys of all are made beside each other
    tokio::try_join!(actors::make_instance(&app), futures_util::future::try_join_all(groups))?;
    clock.advance(Duration::from_secs(24 * 3_600));
    for place in town.places {
        type_(&app, place.keep()).await?;
    }
    for plan in town.plans {
        type_(&app, plan.schedule(now)).await?;
    }
    let mut said: Vec<(u16, Words)> = town.news.iter().map(|news| (news.hours_ago, news.announce())).collect();
    for rhythm in town.rhythms {
        let series = type_(&app, rhythm.schedule(now)).await?;
        let first = series["meetings"][0]["id"].as_str().unwrap_or_default();
        said.extend(rhythm.publish_notes(first).map(|words| (NOTED, words)));
    }
    said.sort_by_key(|(hours_ago, _)| Reverse(*hours_ago));
    for (hours_ago, words) in said {
        let then = begun - Duration::from_secs(u64::from(hours_ago) * 3_600);
        clock.advance(then.since(clock.now()));
        type_(&app, words).await?;
    }
    Ok(())
}

async fn open(home: &Home, town: &'static Town, port: u16) -> Result<City> {
    let app = App::open(config(home, town, port)?, Clock::system()).await?;
    let open = Open::start(&app).await?;
    Ok(City { town, app, open })
}

/// Does what would be typed after `plaza`; what it would print with `--json`.
async fn type_(app: &App, words: Words) -> Result<Value> {
    let cli = Cli::try_parse_from(std::iter::once("plaza".to_owned()).chain(words)).map_err(Error::broken)?;
    // boxed: this command is itself one of those
    Ok(Box::pin(obey_in(app, cli.command)).await?.json)
}

fn typed<const N: usize>(words: [&str; N]) -> Words {
    words.map(str::to_owned).to_vec()
}

/// The groups of both cities ask to hear each other.
async fn meet([one, other]: &[City; 2]) -> Result<()> {
    let mut asked = Vec::new();
    for (ours, theirs) in SISTERS {
        asked.push((one, ours, other, theirs));
        asked.push((other, theirs, one, ours));
    }
    for (from, to, listener) in [(one, other, LISTENERS[0]), (other, one, LISTENERS[1])] {
        let voice = Local::Group(VOICE.into());
        if to.app.db.read(move |conn| Ok(actors::store::find(conn, &voice)?)).await?.is_some() {
            asked.push((from, listener, to, VOICE));
        }
    }
    for (from, ours, to, theirs) in &asked {
        let handle = format!("@{theirs}@{}", to.app.origin.authority());
        type_(&from.app, typed(["sister", "add", ours, &handle])).await?;
    }
    for (from, ours, _, _) in &asked {
        until(async || {
            let sisters = type_(&from.app, typed(["sister", "list", ours])).await?;
            Ok(sisters.as_array().is_some_and(|all| all.iter().all(|sister| sister["state"] == "accepted")))
        })
        .await?;
    }
    Ok(())
}

/// What is said now, and what became of plans.
async fn tell(city: &City, begun: Timestamp) -> Result<()> {
    let now: DateTime<Tz> = begun.utc().with_timezone(&city.town.zone);
    let meetings = type_(&city.app, typed(["meeting", "list"])).await?;
    for plan in city.town.plans {
        let known = meetings.as_array().into_iter().flatten().find(|meeting| meeting["title"] == plan.title);
        let id = known.and_then(|meeting| meeting["id"].as_str()).unwrap_or_default();
        if let Some(words) = plan.afterwards(id, now) {
            type_(&city.app, words).await?;
        }
    }
    for rhythm in city.town.rhythms {
        let all = type_(&city.app, typed(["series", "list", rhythm.group])).await?;
        let known = all.as_array().into_iter().flatten().find(|series| series["title"] == rhythm.title);
        let id = known.and_then(|series| series["id"].as_str()).unwrap_or_default();
        let series = type_(&city.app, typed(["series", "show", id])).await?;
        let text = |at: usize, name: &str| series["meetings"][at][name].as_str().unwrap_or_default();
        for words in rhythm.changes([text(0, "id"), text(1, "id")], text(0, "starts")) {
            type_(&city.app, words).await?;
        }
    }
    for news in city.town.fresh {
        type_(&city.app, news.announce()).await?;
    }
    Ok(())
}

/// Until each city has heard something of the other.
async fn until_heard(cities: &[City; 2]) -> Result<()> {
    for city in cities {
        until(async || {
            let heard = type_(&city.app, typed(["sister", "heard", city.town.try_out.listener])).await?;
            Ok(heard.as_array().is_some_and(|heard| !heard.is_empty()))
        })
        .await?;
    }
    Ok(())
}

async fn until(mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let wait = async {
        while !holds().await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    let late = |_| Error::broken("the two cities do not reach each other on this machine");
    tokio::time::timeout(PATIENCE, wait).await.map_err(late)?
}

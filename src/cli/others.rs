//! The smaller commands: followers, sisters, the queue, backup and restore, the origin.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Report;
use crate::{
    actors::{self, discovery},
    app::App,
    backup,
    care::deeds::{self, By},
    city,
    clock::Clock,
    config::Config,
    db::Conn,
    desk,
    error::{Error, Result},
    federation::{arrivals, delivery::overview},
    follows::{self, store::Follower},
    groups, origin,
    sisters::{
        self,
        sister::{Heard, Sister as Sisterhood},
    },
};

#[derive(Args)]
pub struct Followers {
    /// Handle of the group
    group: String,
}

fn must_exist(conn: &mut Conn, group: &str) -> Result<()> {
    match groups::store::even_waiting(conn, group)? {
        Some(_) => Ok(()),
        None => Err(Error::not_found(format!("there is no group {group:?}"))),
    }
}

impl Followers {
    pub async fn run(self, app: &App) -> Result<Report> {
        let followers = app
            .db
            .read(move |conn| {
                must_exist(conn, &self.group)?;
                Ok(follows::store::list(conn, &self.group)?)
            })
            .await?;
        let json = |follower: &Follower| {
            json!({
                "id": follower.uri, "uri": follower.uri, "url": follower.uri,
                "handle": follower.handle, "inbox": follower.inbox,
            })
        };
        Ok(Report::list(&followers, "Nobody follows this group yet.", |follower| follower.handle.clone(), json))
    }
}

#[derive(Subcommand)]
pub enum Sister {
    /// Ask to hear a group of another city; asking again sends the question again
    Add {
        /// Handle of our group
        group: String,
        /// The other one, such as @kitchen@boston.example
        handle: String,
    },
    /// No longer hear it
    Remove { group: String, handle: String },
    /// Whom a group hears
    List { group: String },
    /// What they said, the newest first
    Heard { group: String },
}

impl Sister {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::Add { group, handle } => {
                let ours = group.clone();
                app.db.read(move |conn| groups::actions::speaking(conn, &ours)).await?;
                desk::mentions::must_not_be_blocked(app, &handle).await?;
                let actor = discovery::find(app, &handle).await?;
                let name = actor.handle();
                let sister = app.act(move |conn, here| sisters::actions::ask(conn, here, &group, &actor)).await?;
                let text =
                    format!("{name} was asked; it is heard as soon as it accepts. See: plaza sister list {}", sister.group);
                Ok(Report::new(text, described(&sister)))
            }
            Self::Remove { group, handle } => {
                let known = group.clone();
                let sisters = app.db.read(move |conn| Ok(sisters::store::of_group(conn, &known)?)).await?;
                let uri = match sisters.iter().find(|sister| sister.actor == handle) {
                    Some(sister) => sister.actor.clone(),
                    None => discovery::known_or_found(app, &handle).await?,
                };
                let (ours, other) = (group.clone(), uri.clone());
                app.act(move |conn, here| sisters::actions::leave(conn, here, &ours, &other)).await?;
                Ok(Report::new(format!("{group} no longer hears {handle}."), json!({ "id": uri, "uri": uri, "url": uri })))
            }
            Self::List { group } => {
                let sisters = app
                    .db
                    .read(move |conn| {
                        must_exist(conn, &group)?;
                        Ok(sisters::store::of_group(conn, &group)?)
                    })
                    .await?;
                let line = |sister: &Sisterhood| format!("{}  {}", sister.actor, sister.state.name());
                Ok(Report::list(&sisters, "This group hears no other yet: plaza sister add …", line, described))
            }
            Self::Heard { group } => {
                let heard = app
                    .db
                    .read(move |conn| {
                        must_exist(conn, &group)?;
                        Ok(sisters::store::heard_by_group(conn, &group, 200)?)
                    })
                    .await?;
                let line = |heard: &Heard| {
                    let title = heard
                        .title
                        .clone()
                        .unwrap_or_else(|| crate::text::first_line(&crate::text::plain_of_html(&heard.content), 80));
                    let cancelled = if heard.cancelled { "  (cancelled)" } else { "" };
                    format!("{}  {}  {title}{cancelled}  {}", heard.published, heard.kind, heard.url)
                };
                Ok(Report::list(&heard, "Nothing heard yet.", line, described_heard))
            }
        }
    }
}

fn described(sister: &Sisterhood) -> Value {
    json!({
        "id": sister.actor, "uri": sister.actor, "url": sister.actor,
        "group": sister.group, "state": sister.state.name(), "since": sister.created.rfc3339(),
    })
}

fn described_heard(heard: &Heard) -> Value {
    json!({
        "id": heard.uri, "uri": heard.uri, "url": heard.url,
        "actor": heard.actor, "kind": heard.kind, "title": heard.title, "content": heard.content,
        "inReplyTo": heard.in_reply_to, "language": heard.language,
        "starts": heard.starts.map(|time| time.rfc3339()), "ends": heard.ends.map(|time| time.rfc3339()),
        "zone": heard.zone, "place": heard.place, "cancelled": heard.cancelled,
        "published": heard.published.rfc3339(), "updated": heard.updated.map(|time| time.rfc3339()),
    })
}

#[derive(Subcommand)]
pub enum Queue {
    /// What waits, for whom, and why
    Show { host: Option<String> },
    /// Try now what waits or was set aside
    Retry { host: Option<String> },
    /// Give up all that waits for a host; without one, what was set aside anywhere
    Forget { host: Option<String> },
}

impl Queue {
    pub async fn run(self, app: &App) -> Result<Report> {
        let now = app.clock.now();
        match self {
            Self::Show { host } => {
                let (hosts, quarantined) = app
                    .db
                    .read(move |conn| Ok((overview::overview(conn, now, host.as_deref())?, arrivals::quarantined(conn)?)))
                    .await?;
                let mut report = Report::list(
                    &hosts,
                    "Nothing waits: everything said was delivered.",
                    |host| format!("{}: {}", host.host, host.state),
                    |host| serde_json::to_value(host).unwrap_or_default(),
                );
                for (host, count) in quarantined {
                    report
                        .text
                        .push_str(&format!("\n{host}: {count} that came in could not be checked and are set aside for a day"));
                }
                Ok(report)
            }
            Self::Retry { host } => {
                let count = app.act(move |conn, here| Ok(overview::retry(conn, here.now, host.as_deref())?)).await?;
                Ok(Report::new(format!("{count} deliveries are tried now."), json!({ "retried": count })))
            }
            Self::Forget { host } => {
                let named = host.clone();
                let count = app.act(move |conn, here| deeds::give_up(conn, here, &By::default(), named.as_deref())).await?;
                let json = json!({ "id": host, "uri": host, "url": host, "forgotten": count });
                let whose = host.map_or_else(|| "set aside".to_owned(), |host| format!("to {host}"));
                Ok(Report::new(format!("{count} deliveries {whose} were given up."), json))
            }
        }
    }
}

#[derive(Args)]
pub struct Backup {
    /// The file to write; it must not exist yet
    file: std::path::PathBuf,
    #[command(flatten)]
    lock: backup::Lock,
}

impl Backup {
    pub async fn run(self, app: &App) -> Result<Report> {
        let summary = backup::write(app, &self.file, &self.lock).await?;
        let text = format!(
            "{} holds everything, encrypted ({summary}). Keep it elsewhere, and what opens it elsewhere again.",
            self.file.display()
        );
        Ok(Report::new(text, json!({ "id": self.file, "uri": app.origin.instance(), "url": app.origin.url("/") })))
    }
}

#[derive(Args)]
pub struct Restore {
    file: std::path::PathBuf,
    #[command(flatten)]
    key: backup::Key,
}

impl Restore {
    pub async fn run(self, config: Config) -> Result<Report> {
        let origin = backup::read(&config, &self.file, &self.key).await?;
        Ok(Report::new(
            format!("The city {origin} is back. Next: plaza serve"),
            json!({ "id": origin, "uri": origin, "url": origin }),
        ))
    }
}

#[derive(Subcommand)]
pub enum Origin {
    /// Which one is in force
    Show,
    /// Move the city, and every id with it, to another address; only while no other server knows it
    Set { url: String },
}

impl Origin {
    pub async fn run(self, config: Config) -> Result<Report> {
        // what the environment says is the new one, not a contradiction
        let config = Config { origin: None, ..config };
        let app = App::open(config, Clock::system()).await?;
        let shown =
            |origin: &origin::Origin| json!({ "id": origin.to_string(), "uri": origin.instance(), "url": origin.url("/") });
        match self {
            Self::Show => Ok(Report::new(app.origin.to_string(), shown(&app.origin))),
            Self::Set { url } => {
                let to =
                    origin::Origin::parse(&url).map_err(|why| Error::invalid(format!("the origin cannot be {url:?}: {why}")))?;
                actors::make_instance(&app).await?;
                let new = to.clone();
                app.act(move |conn, _| city::actions::set_origin(conn, &new)).await?;
                Ok(Report::new(format!("This city is {to} from now on. Start the server again."), shown(&to)))
            }
        }
    }
}

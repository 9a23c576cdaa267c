//! The smaller commands: followers, the queue, backup and restore, the origin.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Report;
use crate::{
    actors,
    app::App,
    backup,
    care::deeds::{self, By},
    city,
    clock::Clock,
    config::Config,
    db::Conn,
    error::{Error, Result},
    federation::{arrivals, delivery::overview},
    follows::{self, store::Follower},
    groups, origin,
};

#[derive(Args)]
pub struct Followers {
    /// Handle of the group
    group: String,
}

pub(super) fn must_exist(conn: &mut Conn, group: &str) -> Result<()> {
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

//! `plaza block …` and `plaza host …`: who is not heard, and whose words are looked at first.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Report, groups::reason, read_file};
use crate::{
    actors::discovery,
    app::App,
    blocks::{
        self,
        list::{self, Which},
    },
    care::deeds::{self, By},
    city::pictures,
    clock::Timestamp,
    error::{Error, Result},
    powers::deed::Reason,
    quarantine::{self, store::Choice},
    replies,
};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Block {
    #[command(subcommand)]
    command: Option<Lists>,
    /// A host such as troll.example (with all below it), or an actor's id or handle; without any: what is blocked
    #[arg(value_name = "HOST|ACTOR", required_if_eq("remove", "true"))]
    target: Option<String>,
    /// Hear it again
    #[arg(long)]
    remove: bool,
    /// Why, for the public count
    #[arg(long, value_parser = reason, default_value = "other", value_name = "REASON")]
    reason: Reason,
}

#[derive(Subcommand)]
enum Lists {
    /// Block all that stands in a list of Mastodon's, of domains or of accounts (CSV); - for standard input
    Import {
        file: String,
        /// Why, for the public count
        #[arg(long, value_parser = reason, default_value = "other", value_name = "REASON")]
        reason: Reason,
    },
    /// Print such a list
    Export {
        /// Accounts instead of domains
        #[arg(long)]
        accounts: bool,
    },
    /// Words because of which a reply does not show at once
    Word {
        /// A word or a row of words; without any: which there are
        #[arg(required_if_eq("remove", "true"))]
        word: Option<String>,
        /// Take it away again
        #[arg(long)]
        remove: bool,
    },
}

impl Block {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self.command {
            Some(Lists::Import { file, reason }) => return import(app, &file, reason).await,
            Some(Lists::Export { accounts }) => return export(app, accounts).await,
            Some(Lists::Word { word, remove }) => return words(app, word, remove).await,
            None => {}
        }
        let Some(typed) = self.target else { return list_blocks(app).await };
        let target = match self.remove {
            true => stands_as(app, &typed).await?,
            // a handle names an actor; its host is blocked by its name
            false if typed.trim_start_matches('@').contains('@') => discovery::known_or_found(app, &typed).await?,
            false => blocks::actions::read_target(&typed)?,
        };
        let json = json!({ "id": target, "uri": target, "url": target, "blocked": !self.remove });
        let (what, remove, reason) = (target.clone(), self.remove, self.reason);
        let before = app.db.read(|conn| Ok(replies::store::pictures(conn)?)).await?;
        let changed = app
            .act(move |conn, here| match remove {
                true => deeds::unblock(conn, here, &By::default(), &what),
                false => deeds::block(conn, here, &By::machine(reason), &what),
            })
            .await?;
        pictures::let_go(app, &before).await;
        match (self.remove, changed) {
            (true, true) => Ok(Report::new(format!("{target} is heard again."), json)),
            (true, false) => Err(Error::not_found(format!("{target} was not blocked"))),
            (false, true) => Ok(Report::new(format!("{target} is neither heard nor reached any more."), json)),
            (false, false) => Ok(Report::new(format!("{target} was blocked before."), json)),
        }
    }
}

/// How it stands among the blocks: a handle as itself when it came with a list, else as the id it stands for.
async fn stands_as(app: &App, typed: &str) -> Result<String> {
    let written = blocks::actions::read_target(typed)?;
    if !written.starts_with('@') {
        return Ok(written);
    }
    let wanted = written.clone();
    let listed = app.db.read(move |conn| Ok(blocks::store::list(conn)?)).await?;
    match listed.iter().any(|(target, _)| *target == wanted) {
        true => Ok(written),
        false => discovery::known_or_found(app, typed).await,
    }
}

async fn list_blocks(app: &App) -> Result<Report> {
    let blocked = app.db.read(|conn| Ok(blocks::store::list(conn)?)).await?;
    let json = |(target, since): &(String, Timestamp)| json!({ "id": target, "uri": target, "url": target, "blocked": true, "since": since.rfc3339() });
    Ok(Report::list(&blocked, "Nothing is blocked.", |(target, since)| format!("{target}  since {since}"), json))
}

async fn import(app: &App, file: &str, reason: Reason) -> Result<Report> {
    let mut list = list::read(&read_file(file)?)?;
    list.spare(&app.here());
    let taken = list.clone();
    let before = app.db.read(|conn| Ok(replies::store::pictures(conn)?)).await?;
    let new = app.act(move |conn, here| deeds::take_list(conn, here, &By::machine(reason), &taken)).await?;
    pictures::let_go(app, &before).await;
    let mut text = format!("Blocked: {new} (before: {}). Looked at first: {}.", list.blocked.len() - new, list.held.len());
    for (line, why) in &list.skipped {
        text.push_str(&format!("\nline {line} is left out: {why}"));
    }
    let skipped: Vec<Value> = list.skipped.iter().map(|(line, why)| json!({ "line": line, "why": why.to_string() })).collect();
    Ok(Report::new(
        text,
        json!({ "blocked": new, "known": list.blocked.len() - new, "held": list.held.len(), "skipped": skipped }),
    ))
}

async fn export(app: &App, accounts: bool) -> Result<Report> {
    let which = if accounts { Which::Accounts } else { Which::Domains };
    let csv = app.db.read(move |conn| deeds::list(conn, which)).await?;
    Ok(Report::new(csv.trim_end(), json!({ "csv": csv })))
}

async fn words(app: &App, word: Option<String>, remove: bool) -> Result<Report> {
    if let Some(word) = word {
        if !remove {
            blocks::words::check(&word).map_err(Error::invalid)?;
        }
        let named = word.clone();
        let changed = app.act(move |conn, here| match remove {
            true => deeds::remove_word(conn, here, &By::default(), &word),
            false => deeds::add_word(conn, here, &By::default(), &word),
        });
        if !changed.await? && remove {
            return Err(Error::not_found(format!("{named:?} was not among the words")));
        }
    }
    let words = app.db.read(|conn| Ok(blocks::words::list(conn)?)).await?;
    Ok(Report::list(&words, "No words.", Clone::clone, |word| json!({ "id": word, "uri": word, "url": word })))
}

#[derive(Subcommand)]
pub enum Host {
    /// Servers about which something was decided, and those of which something is held
    List,
    /// Let a server in, and do what it said in the meantime
    Allow { host: String },
    /// Look first at what a server says
    Hold { host: String },
    /// Drop what is held of a server, and what was decided about it
    Forget { host: String },
}

impl Host {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::List => list_hosts(app).await,
            Self::Allow { host } => {
                let name = quarantine::actions::read_host(&host)?;
                let host = name.clone();
                let done = app.act(move |conn, here| deeds::let_in(conn, here, &By::default(), &host)).await?;
                Ok(Report::new(format!("{name} was let in; done of what was held: {done}."), described(&name, "welcome", 0)))
            }
            Self::Hold { host } => {
                let name = quarantine::actions::read_host(&host)?;
                let host = name.clone();
                app.act(move |conn, here| deeds::hold(conn, here, &By::default(), &host)).await?;
                Ok(Report::new(format!("What {name} says is held from now on."), described(&name, "held", 0)))
            }
            Self::Forget { host } => {
                let name = quarantine::actions::read_host(&host)?;
                let host = name.clone();
                let gone = app.act(move |conn, here| deeds::drop_held(conn, here, &By::default(), &host, true)).await?;
                Ok(Report::new(format!("Dropped of what {name} said: {gone}."), described(&name, "unknown", 0)))
            }
        }
    }
}

fn described(host: &str, standing: &str, held: i64) -> Value {
    let url = format!("https://{host}/");
    json!({ "id": host, "uri": url, "url": url, "standing": standing, "held": held })
}

async fn list_hosts(app: &App) -> Result<Report> {
    let found = app.db.read(|conn| {
        use quarantine::store;
        Ok((store::choice(conn)?, store::standings(conn)?, store::waiting(conn)?))
    });
    let (choice, standings, waiting) = found.await?;
    let held = |host: &str| waiting.iter().find(|(known, _)| known == host).map_or(0, |(_, count)| *count);
    let mut rows: Vec<(String, String, i64)> =
        standings.iter().map(|(host, standing, _)| (host.clone(), standing.clone(), held(host))).collect();
    let undecided = waiting.iter().filter(|(host, _)| !standings.iter().any(|(known, ..)| known == host));
    rows.extend(undecided.map(|(host, count)| (host.clone(), "unknown".into(), *count)));
    rows.sort();
    let line = |(host, standing, held): &(String, String, i64)| format!("{host}  {standing}  held: {held}");
    let empty = match choice {
        Choice::Welcome => "Every server is welcome: plaza set --unknown-servers quarantine",
        Choice::Quarantine => "Nothing is held.",
    };
    Ok(Report::list(&rows, empty, line, |(host, standing, held)| described(host, standing, *held)))
}

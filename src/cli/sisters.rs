//! `plaza sister …` and `plaza pass-on`: groups of other cities that ours hear, and what of it is passed on.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Report, others::must_exist};
use crate::{
    actors::discovery,
    app::{App, Here},
    care::deeds::{self, By},
    db::Conn,
    desk,
    error::Result,
    groups::group::PLAZA,
    sisters::{
        self,
        news::{self, State},
        passing,
        sister::{Heard, Policy, Sister as Sisterhood},
    },
    text,
};

/// What becomes of what a sister says.
#[derive(Clone, Copy, ValueEnum)]
pub enum Choice {
    /// It stands here
    Show,
    /// Somebody decides whether it is passed on
    Ask,
    /// It is passed on at once, as far as it may be
    PassOn,
}

impl Choice {
    fn policy(self) -> Policy {
        match self {
            Self::Show => Policy::Show,
            Self::Ask => Policy::Ask,
            Self::PassOn => Policy::PassOn,
        }
    }
}

#[derive(Subcommand)]
pub enum Sister {
    /// Ask to hear a group of another city; asking again sends the question again
    Add {
        /// Handle of our group; plaza, to hear the plaza of another city
        group: String,
        /// The other one, such as @kitchen@boston.example
        handle: String,
        /// What becomes of what it says [default: ask]
        #[arg(long, value_enum)]
        policy: Option<Choice>,
    },
    /// No longer hear it. What the group passed on stays passed on
    Remove { group: String, handle: String },
    /// Whom a group hears
    List { group: String },
    /// Choose what becomes of what it says
    Set {
        group: String,
        handle: String,
        #[arg(long, value_enum)]
        policy: Choice,
    },
    /// What they said, the newest first
    Heard { group: String },
    /// What waits to be passed on or left out
    Waiting { group: String },
}

#[derive(Args)]
pub struct PassOn {
    /// Handle of the group; plaza for the plaza
    group: String,
    /// Address of the post
    uri: String,
    /// Take back that the group passed it on
    #[arg(long, conflicts_with = "leave")]
    undo: bool,
    /// Of what waits: do not pass it on
    #[arg(long)]
    leave: bool,
}

/// What is chosen for the plaza counts as a use of power.
fn noted(conn: &mut Conn, here: &Here, group: &str) -> Result<()> {
    if group == PLAZA { deeds::chose_for_plaza(conn, here, &By::default()) } else { Ok(()) }
}

/// The id of a sister by what people write.
async fn known(app: &App, group: &str, written: &str) -> Result<String> {
    let ours = group.to_owned();
    let sisters = app.db.read(move |conn| Ok(sisters::store::of_group(conn, &ours)?)).await?;
    match sisters.iter().find(|sister| sister.actor == written) {
        Some(sister) => Ok(sister.actor.clone()),
        None => discovery::known_or_found(app, written).await,
    }
}

impl Sister {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::Add { group, handle, policy } => {
                let ours = group.clone();
                app.db.read(move |conn| sisters::actions::able(conn, &ours)).await?;
                desk::mentions::must_not_be_blocked(app, &handle).await?;
                let actor = discovery::find(app, &handle).await?;
                let (name, policy) = (actor.handle(), policy.map(Choice::policy));
                let asked = app.act(move |conn, here| {
                    noted(conn, here, &group)?;
                    sisters::actions::ask(conn, here, &group, &actor, policy)
                });
                let sister = asked.await?;
                let text =
                    format!("{name} was asked; it is heard as soon as it accepts. See: plaza sister list {}", sister.group);
                Ok(Report::new(text, described(&sister)))
            }
            Self::Remove { group, handle } => {
                let uri = known(app, &group, &handle).await?;
                let (ours, other) = (group.clone(), uri.clone());
                app.act(move |conn, here| {
                    noted(conn, here, &ours)?;
                    sisters::actions::leave(conn, here, &ours, &other)
                })
                .await?;
                Ok(Report::new(format!("{group} no longer hears {handle}."), json!({ "id": uri, "uri": uri, "url": uri })))
            }
            Self::Set { group, handle, policy } => {
                let uri = known(app, &group, &handle).await?;
                let policy = policy.policy();
                let chosen = app.act(move |conn, here| {
                    noted(conn, here, &group)?;
                    sisters::actions::choose(conn, &group, &uri, policy)
                });
                let sister = chosen.await?;
                Ok(Report::new(format!("{handle}: {}", sister.policy.name()), described(&sister)))
            }
            Self::List { group } => {
                let sisters = app
                    .db
                    .read(move |conn| {
                        must_exist(conn, &group)?;
                        Ok(sisters::store::of_group(conn, &group)?)
                    })
                    .await?;
                let line = |sister: &Sisterhood| format!("{}  {}  {}", sister.actor, sister.state.name(), sister.policy.name());
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
                Ok(Report::list(&heard, "Nothing heard yet.", line, described_heard))
            }
            Self::Waiting { group } => {
                let heard = app
                    .db
                    .read(move |conn| {
                        must_exist(conn, &group)?;
                        let mut heard = Vec::new();
                        for news in news::of_group(conn, &group, State::Waits, 200)? {
                            heard.extend(sisters::store::heard_by_uri(conn, &news.uri)?);
                        }
                        Ok(heard)
                    })
                    .await?;
                Ok(Report::list(&heard, "Nothing waits.", line, described_heard))
            }
        }
    }
}

impl PassOn {
    pub async fn run(self, app: &App) -> Result<Report> {
        let Self { group, uri, undo, leave } = self;
        let json = json!({ "id": uri, "uri": uri, "url": uri, "group": group, "passed_on": !undo && !leave });
        if undo || leave {
            let (ours, what) = (group.clone(), uri.clone());
            app.act(move |conn, here| {
                noted(conn, here, &ours)?;
                if undo { passing::undo(conn, here, &ours, &what) } else { passing::decide(conn, here, &ours, &what, false) }
            })
            .await?;
            let what = if undo { "took it back: whoever follows it is told" } else { "does not pass it on" };
            return Ok(Report::new(format!("{group} {what}."), json));
        }
        let ours = group.clone();
        app.db.read(move |conn| sisters::actions::able(conn, &ours)).await?;
        let (told, stranger) = passing::look_up(app, &uri).await?;
        let ours = group.clone();
        app.act(move |conn, here| {
            noted(conn, here, &ours)?;
            passing::by_hand(conn, here, &ours, &told, stranger.as_ref())
        })
        .await?;
        Ok(Report::new(format!("{group} passed it on to its followers. Take it back: plaza pass-on --undo {group} {uri}"), json))
    }
}

fn line(heard: &Heard) -> String {
    let title = heard.title.clone().unwrap_or_else(|| text::first_line(&text::plain_of_html(&heard.content), 80));
    let cancelled = if heard.cancelled { "  (cancelled)" } else { "" };
    let urgent = if heard.urgent.is_some() { "  (urgent)" } else { "" };
    format!("{}  {}  {title}{cancelled}{urgent}  {}", heard.published, heard.kind, heard.url)
}

fn described(sister: &Sisterhood) -> Value {
    json!({
        "id": sister.actor, "uri": sister.actor, "url": sister.actor,
        "group": sister.group, "state": sister.state.name(), "policy": sister.policy.name(), "since": sister.created.rfc3339(),
    })
}

fn described_heard(heard: &Heard) -> Value {
    json!({
        "id": heard.uri, "uri": heard.uri, "url": heard.url,
        "actor": heard.actor, "kind": heard.kind, "title": heard.title, "content": heard.content,
        "inReplyTo": heard.in_reply_to, "language": heard.language,
        "starts": heard.starts.map(|time| time.rfc3339()), "ends": heard.ends.map(|time| time.rfc3339()),
        "zone": heard.zone, "place": heard.place, "cancelled": heard.cancelled, "urgent": heard.urgent,
        "published": heard.published.rfc3339(), "updated": heard.updated.map(|time| time.rfc3339()),
    })
}

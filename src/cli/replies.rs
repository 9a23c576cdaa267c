//! `plaza reply …`: what people on other servers say to a group.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{Report, announcements, pictures, resolve_mentions};
use crate::{
    app::App,
    blocks,
    db::Conn,
    error::{Error, Result},
    groups,
    replies::{
        actions, answering,
        letters::{self, Letter},
        reply::{Reply, Standing, State},
        store,
    },
    text,
};

#[derive(Subcommand)]
pub enum Command {
    /// What waits to be let through, the oldest first
    List {
        /// Handle of the group [default: all of them]
        group: Option<String>,
        /// Instead: what is shown, or was hidden
        #[arg(long, value_name = "shown|hidden", requires = "group")]
        state: Option<String>,
    },
    /// One reply
    Show { id: Uuid },
    /// Show it to everyone; what the same person replies later shows at once
    LetThrough { id: Uuid },
    /// Show it to nobody; for 30 days it can be let through after all
    Hide { id: Uuid },
    /// Answer it as the group; what waits is let through with it
    Answer(Answer),
    /// Drop all that its author said to the group, and all they will say
    Refuse {
        id: Uuid,
        /// Block them in the whole city
        #[arg(long)]
        everywhere: bool,
    },
    /// Who was turned away by a group, or with --hear: hear somebody again
    Refused {
        group: String,
        /// Id of the account
        #[arg(long, value_name = "ACTOR")]
        hear: Option<String>,
    },
    /// What was written to a group and not to everyone, in the last seven days
    Letters { group: String },
}

#[derive(Args)]
pub struct Answer {
    id: Uuid,
    #[command(flatten)]
    words: announcements::Words,
    /// Language of the text [default: the group's]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

/// More are not listed.
const MOST: i64 = 1_000;

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let reply = match self {
            Self::List { group, state } => return list(app, group, state).await,
            Self::Letters { group } => return letters(app, group).await,
            Self::Refused { group, hear } => return refused(app, group, hear).await,
            Self::Refuse { id, everywhere } => return refuse(app, id, everywhere).await,
            Self::Answer(answer) => return answer.run(app).await,
            Self::Show { id } => app.db.read(move |conn| actions::find(conn, id)).await?,
            Self::LetThrough { id } => app.act(move |conn, here| actions::let_through(conn, here, id)).await?,
            Self::Hide { id } => {
                let before = app.db.read(move |conn| actions::find(conn, id)).await?;
                let hidden = app.act(move |conn, _| actions::hide(conn, id)).await?;
                pictures::settle(app, &[], &before.kept).await;
                hidden
            }
        };
        Ok(Report::new(shown(app, &reply), described(app, &reply)))
    }
}

fn must_exist(conn: &mut Conn, group: &str) -> Result<()> {
    match groups::store::by_handle(conn, group)? {
        Some(_) => Ok(()),
        None => Err(Error::not_found(format!("there is no group {group:?}"))),
    }
}

async fn list(app: &App, group: Option<String>, state: Option<String>) -> Result<Report> {
    let state =
        state.map(|name| State::by_name(&name).ok_or_else(|| Error::invalid("--state is shown or hidden"))).transpose()?;
    let found = app.db.read(move |conn| {
        if let Some(group) = &group {
            must_exist(conn, group)?;
        }
        Ok(match (group, state) {
            (Some(group), Some(state)) if state != State::Waiting => store::latest(conn, &group, state, MOST)?,
            (group, _) => store::waiting(conn, group.as_deref(), MOST)?,
        })
    });
    let line = |reply: &Reply| {
        let words = text::first_line(&text::plain_of_html(&reply.content), 60);
        format!("{}  {}  @{}  to @{}: {words}", reply.id, reply.received, reply.handle, reply.group)
    };
    Ok(Report::list(&found.await?, "No replies.", line, |reply| described(app, reply)))
}

async fn letters(app: &App, group: String) -> Result<Report> {
    let found = app.db.read(move |conn| {
        must_exist(conn, &group)?;
        Ok(letters::list(conn, &group)?)
    });
    let line = |letter: &Letter| {
        let words = text::one_line(&text::plain_of_html(&letter.content));
        format!("{}  {}  @{}: {words}", letter.id, letter.received, letter.handle)
    };
    let json = |letter: &Letter| {
        json!({
            "id": letter.id, "uri": letter.uri, "url": letter.uri, "group": letter.group_handle, "actor": letter.actor,
            "handle": letter.handle, "content": letter.content, "received": letter.received.rfc3339(),
        })
    };
    Ok(Report::list(&found.await?, "Nobody wrote in the last seven days.", line, json))
}

async fn refused(app: &App, group: String, hear: Option<String>) -> Result<Report> {
    let handle = group.clone();
    if let Some(actor) = hear {
        app.act(move |conn, _| actions::hear_again(conn, &handle, &actor)).await?;
    }
    let found = app.db.read(move |conn| {
        must_exist(conn, &group)?;
        Ok(store::with_standing(conn, &group, Standing::Refused)?)
    });
    let json = |actor: &String| json!({ "id": actor, "uri": actor, "url": actor });
    Ok(Report::list(&found.await?, "Nobody was turned away.", Clone::clone, json))
}

async fn refuse(app: &App, id: Uuid, everywhere: bool) -> Result<Report> {
    let before = app.db.read(|conn| Ok(store::pictures(conn)?)).await?;
    let deed = app.act(move |conn, here| {
        let reply = actions::find(conn, id)?;
        let gone = actions::refuse_all_of(conn, here, &reply.group, &reply.actor)?;
        if everywhere {
            blocks::actions::block(conn, here, &reply.actor)?;
        }
        Ok((reply, gone))
    });
    let (reply, gone) = deed.await?;
    pictures::settle(app, &[], &before).await;
    let whom =
        if everywhere { "is blocked in the whole city".to_owned() } else { format!("is not heard by @{} any more", reply.group) };
    let text = format!("@{} {whom}; replies dropped: {gone}.", reply.handle);
    Ok(Report::new(
        text,
        json!({ "id": reply.actor, "uri": reply.actor, "url": reply.url, "dropped": gone, "everywhere": everywhere }),
    ))
}

impl Answer {
    async fn run(self, app: &App) -> Result<Report> {
        let text = self.words.read()?;
        answering::may_answer(app, self.id).await?;
        let mentions = resolve_mentions(app, &text).await;
        let (id, language) = (self.id, self.language);
        let answered = app.act(move |conn, here| {
            let answer = actions::Answer { text: text.clone(), language: language.clone(), mentions: mentions.clone() };
            actions::answer(conn, here, id, &answer)
        });
        let note = answered.await?;
        let here = app.here();
        Ok(Report::new(announcements::page(&here, &note), announcements::described(&here, &note)))
    }
}

/// The post of ours on whose page it stands; nothing, where it only names the group.
fn below(app: &App, reply: &Reply) -> Option<Url> {
    (!reply.is_mention()).then(|| app.origin.url(&reply.root))
}

fn shown(app: &App, reply: &Reply) -> String {
    let warning = reply.warning.as_ref().map(|warning| format!("[{warning}]\n\n")).unwrap_or_default();
    let below = below(app, reply).map(|below| format!("\nBelow: {below}")).unwrap_or_default();
    format!(
        "@{} ({}, {})\n\n{warning}{}\n\nId: {}\nThere: {}{below}",
        reply.handle,
        reply.published,
        reply.state.name(),
        text::plain_of_html(&reply.content),
        reply.id,
        reply.url
    )
}

fn described(app: &App, reply: &Reply) -> Value {
    json!({
        "id": reply.id, "uri": reply.uri, "url": reply.url, "group": reply.group, "below": below(app, reply),
        "actor": reply.actor, "handle": reply.handle, "content": reply.content, "warning": reply.warning,
        "language": reply.language, "pictures": reply.pictures, "state": reply.state.name(),
        "published": reply.published.rfc3339(), "received": reply.received.rfc3339(),
    })
}

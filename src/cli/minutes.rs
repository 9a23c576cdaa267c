//! `plaza minutes …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Report, announcements::Words, read_file, read_id, resolve_mentions};
use crate::{
    app::{App, Here},
    db::{Conn, turn::Turn},
    error::{Error, Result},
    groups,
    meetings::{self, meeting::Meeting},
    minutes::{
        actions,
        record::{self, Minutes},
        store::{self, Which},
        template, wire,
    },
    origin::Local,
    text, words,
};

#[derive(Subcommand)]
pub enum Command {
    /// What notes of a meeting begin with, to be filled in: date, place, how many, agenda, decisions, open items
    Template {
        /// Id of the meeting
        meeting: String,
    },
    /// Publish notes of a meeting; what stayed open goes onto the next agenda
    Publish(Publish),
    /// Change what notes say
    Edit(Edit),
    /// Take notes back
    Delete { id: String },
    /// One set of notes, by its id or its meeting's
    Show { id: String },
    /// Notes of a group, those of its last meeting first
    List { group: String },
}

#[derive(Args)]
pub struct Publish {
    /// Id of the meeting
    meeting: String,
    #[command(flatten)]
    words: Words,
    /// About how many were there: under-5, 5-9, 10-19, 20-49, 50-99, 100-199, 200-499, 500-999 or 1000+. Never names
    #[arg(long, value_name = "BAND")]
    present: Option<String>,
    /// Language of the text [default: the meeting's]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

#[derive(Args)]
pub struct Edit {
    id: String,
    /// Markdown
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    text: Option<String>,
    /// A file with Markdown, - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// An empty text takes it away
    #[arg(long, value_name = "BAND")]
    present: Option<String>,
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let minutes = match self {
            Self::Template { meeting } => return template(app, &meeting).await,
            Self::List { group } => return list(app, group).await,
            Self::Publish(publish) => publish.run(app).await?,
            Self::Edit(edit) => edit.run(app).await?,
            Self::Delete { id } => {
                let id = read_id(app, &id)?;
                app.act(move |conn, here| {
                    let minutes = named(conn, id)?;
                    actions::delete(conn, here, minutes.id)
                })
                .await?
            }
            Self::Show { id } => {
                let id = read_id(app, &id)?;
                app.db.read(move |conn| named(conn, id)).await?
            }
        };
        shown(app, minutes).await
    }
}

/// Notes by their own id or by that of their meeting.
fn named(conn: &mut Conn, id: uuid::Uuid) -> Result<Minutes> {
    match store::by_id(conn, id)? {
        Some(minutes) => Ok(minutes),
        None => store::of_meeting(conn, id)?.ok_or_else(|| Error::not_found(format!("there are no notes {id}"))),
    }
}

async fn template(app: &App, meeting: &str) -> Result<Report> {
    let id = read_id(app, meeting)?;
    let meeting = app.db.read(move |conn| meetings::actions::find(conn, id)).await?;
    let text = template::whole(&meeting);
    let json = json!({ "meeting": meeting.id, "group": meeting.group, "language": meeting.language, "text": text });
    Ok(Report::new(text.trim_end(), json))
}

impl Publish {
    async fn run(self, app: &App) -> Result<Minutes> {
        let (here, id) = (app.here(), read_id(app, &self.meeting)?);
        let meeting = app.db.read(move |conn| meetings::actions::find(conn, id)).await?;
        let (present, text) = template::read(&self.words.read()?, &meeting);
        let present = match &self.present {
            Some(band) => record::read_band(band)?,
            None => present,
        };
        let minutes = Minutes {
            id: here.new_id(),
            group: meeting.group,
            meeting: meeting.id,
            present,
            mentions: resolve_mentions(app, &text).await,
            text,
            language: self.language.unwrap_or(meeting.language),
            decisions: vec![],
            numbered: 0,
            rolled: None,
            published: here.now,
            updated: None,
            deleted: None,
        };
        app.act(move |conn, here| actions::publish(conn, here, &minutes)).await
    }
}

impl Edit {
    async fn run(self, app: &App) -> Result<Minutes> {
        let id = read_id(app, &self.id)?;
        let (before, meeting) = app
            .db
            .read(move |conn| {
                let minutes = named(conn, id)?;
                let meeting = meetings::actions::find(conn, minutes.meeting)?;
                Ok((minutes, meeting))
            })
            .await?;
        let words = match (self.text, self.file) {
            (None, Some(file)) => Some(read_file(&file)?),
            (text, _) => text,
        };
        let read = words.map(|words| template::read(&words, &meeting));
        let mentions = resolve_mentions(app, read.as_ref().map(|(_, text)| text.as_str()).unwrap_or_default()).await;
        let present = self.present.as_deref().map(record::read_band).transpose()?;
        let language = self.language;
        app.act(move |conn, here| {
            actions::edit(conn, here, before.id, &|minutes| {
                if let Some((band, text)) = &read {
                    minutes.text.clone_from(text);
                    minutes.mentions.clone_from(&mentions);
                    minutes.present = band.or(minutes.present);
                }
                if let Some(present) = present {
                    minutes.present = present;
                }
                if let Some(language) = &language {
                    minutes.language.clone_from(language);
                }
            })
        })
        .await
    }
}

async fn list(app: &App, group: String) -> Result<Report> {
    const MOST: i64 = 1_000;
    let here = app.here();
    let found = app
        .db
        .read(move |conn| {
            if groups::store::even_waiting(conn, &group)?.is_none() {
                return Err(Error::not_found(format!("there is no group {group:?}")));
            }
            Ok(store::page(conn, &group, Which::All, Turn::First, MOST)?)
        })
        .await?;
    let line = |(minutes, meeting): &(Minutes, Meeting)| {
        let (words, title) = (words::Words::of("en"), text::one_line(&meeting.title));
        let day = words.date(&meeting.local_start(), "short");
        format!("{}  {day}  {}  {title}", minutes.id, wire::decided(&words, minutes.decisions.len()))
    };
    Ok(Report::list(&found, "No notes yet: plaza minutes template MEETING", line, |(minutes, meeting)| {
        described(&here, minutes, meeting, None)
    }))
}

async fn shown(app: &App, minutes: Minutes) -> Result<Report> {
    let here = app.here();
    let (of, id, group) = (minutes.meeting, minutes.id, minutes.group.clone());
    let now = here.now;
    let (meeting, next) = app
        .db
        .read(move |conn| {
            let meeting = meetings::actions::find(conn, of)?;
            let next = actions::next_meeting(conn, &group, &meeting, now)?;
            Ok((meeting, next))
        })
        .await?;
    if minutes.deleted.is_some() {
        let text = format!("Deleted. Whoever may have them is asked to delete them too.\n\nId: {id}");
        return Ok(Report::new(text, described(&here, &minutes, &meeting, None)));
    }
    let words = words::Words::of("en");
    let decisions: Vec<String> = minutes
        .decisions
        .iter()
        .map(|decision| format!("\nDecision {}: {}", decision.number, address(&here, &minutes, decision.number)))
        .collect();
    let text = format!(
        "{}\n{}\n\n{}\n\nId: {id}\nPage: {}{}",
        wire::name(&meeting, &words),
        wire::summary(&minutes, &meeting, next.as_ref(), &words),
        minutes.text,
        url(&here, &minutes),
        decisions.join("")
    );
    Ok(Report::new(text, described(&here, &minutes, &meeting, next.as_ref())))
}

fn url(here: &Here, minutes: &Minutes) -> String {
    here.origin.page(&Local::Minutes(minutes.id)).map(String::from).unwrap_or_default()
}

/// What a meeting is called agreed with.
fn address(here: &Here, minutes: &Minutes, number: i64) -> String {
    format!("{}#decision-{number}", url(here, minutes))
}

fn described(here: &Here, minutes: &Minutes, meeting: &Meeting, next: Option<&Meeting>) -> Value {
    let decision = |decision: &record::Decision| json!({ "number": decision.number, "text": decision.text, "url": address(here, minutes, decision.number) });
    json!({
        "id": minutes.id,
        "uri": here.origin.uri(&Local::Minutes(minutes.id)),
        "url": url(here, minutes),
        "group": minutes.group,
        "meeting": minutes.meeting,
        "title": meeting.title,
        "held": meeting.local_start().to_rfc3339(),
        "present": minutes.present.map(record::band_name),
        "text": minutes.text,
        "language": minutes.language,
        "decisions": minutes.decisions.iter().map(decision).collect::<Vec<_>>(),
        "open": minutes.open(),
        "next": next.map(|next| here.origin.uri(&Local::Event(next.id))),
        "published": minutes.published.rfc3339(),
        "updated": minutes.updated.map(|time| time.rfc3339()),
        "deleted": minutes.deleted.map(|time| time.rfc3339()),
    })
}

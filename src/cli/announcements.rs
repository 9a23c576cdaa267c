//! `plaza announce` and `plaza announcement …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Report,
    pictures::{self, Images, NewImages},
    read_file, read_id, resolve_mentions,
};
use crate::{
    announcements::{actions, alarms, announcement::Announcement, store},
    app::{App, Here},
    db::turn::Turn,
    error::{Error, Result},
    groups,
    members::{self, actions::may_speak},
    origin::Local,
    replies, text,
};

#[derive(Args)]
pub struct Announce {
    /// Handle of the group
    group: String,
    #[command(flatten)]
    words: Words,
    /// A title, shown in bold above the text
    #[arg(long)]
    title: Option<String>,
    /// Language of the text [default: the group's]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// For what cannot wait
    #[arg(long)]
    urgent: bool,
    /// Only who follows the group gets it: it stands neither on the square nor on a page
    #[arg(long)]
    followers: bool,
    #[command(flatten)]
    images: Images,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Words {
    /// Markdown
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// A file with Markdown, - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Change what an announcement says
    Edit(Edit),
    /// A second one says that it is urgent: then other cities pass it on by themselves
    Confirm {
        id: String,
        /// Handle of the member who says so; they speak for the group
        #[arg(long, value_name = "MEMBER")]
        by: String,
    },
    /// Take an announcement back
    Delete { id: String },
    /// What was announced, the newest first
    List { group: Option<String> },
    /// One announcement
    Show { id: String },
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
    #[arg(long)]
    title: Option<String>,
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    #[command(flatten)]
    images: NewImages,
    /// It cannot wait; false: it can after all
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    urgent: Option<bool>,
}

/// The text, from whichever of the two was given.
fn read_words(text: Option<String>, file: Option<&str>) -> Result<Option<String>> {
    match (text, file) {
        (Some(text), _) => Ok(Some(text)),
        (None, Some(file)) => read_file(file).map(Some),
        (None, None) => Ok(None),
    }
}

impl Words {
    pub fn read(self) -> Result<String> {
        Ok(read_words(self.text, self.file.as_deref())?.unwrap_or_default())
    }
}

impl Announce {
    pub async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let handle = self.group.clone();
        let group = app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await?;
        let text = self.words.read()?;
        let announcement = Announcement {
            id: here.new_id(),
            group: group.handle,
            meeting: None,
            title: self.title.as_deref().and_then(text::typed),
            answers: None,
            mentions: vec![],
            pictures: vec![],
            text: text.trim().to_owned(),
            language: self.language.unwrap_or(group.language),
            urgent: self.urgent,
            followers_only: self.followers,
            published: here.now,
            updated: None,
            deleted: None,
        };
        announcement.check()?;
        let fresh = self.images.keep(app).await?;
        let mentions = resolve_mentions(app, &announcement.text).await;
        let announcement = Announcement { mentions, pictures: pictures::kept(&fresh), ..announcement };
        let new = announcement.clone();
        app.act(move |conn, here| actions::publish(conn, here, &new)).await?;
        pictures::settle(app, &fresh, &[]).await;
        Ok(Report::new(page(&here, &announcement), described(&here, &announcement)))
    }
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let announcement = match self {
            Self::Edit(edit) => edit.run(app).await?,
            Self::Confirm { id, by } => {
                let id = read_id(app, &id)?;
                let confirmed = app.act(move |conn, here| {
                    let note = actions::find(conn, id)?;
                    let member = members::store::by_handle(conn, &by)?;
                    let member = member.ok_or_else(|| Error::not_found(format!("there is no member {by:?}")))?;
                    may_speak(conn, member.id, &note.group)?;
                    alarms::confirm(conn, here, &note, member.id)?;
                    Ok(note)
                });
                confirmed.await?
            }
            Self::Delete { id } => {
                let id = read_id(app, &id)?;
                let before = app.db.read(move |conn| {
                    let note = actions::find(conn, id)?;
                    let below = replies::store::pictures_in(conn, &note.group)?;
                    Ok([note.pictures, below].concat())
                });
                let before = before.await?;
                let deleted = app.act(move |conn, here| actions::delete(conn, here, id)).await?;
                pictures::settle(app, &[], &before).await;
                deleted
            }
            Self::Show { id } => {
                let id = read_id(app, &id)?;
                app.db.read(move |conn| actions::find(conn, id)).await?
            }
            Self::List { group } => return list(app, group).await,
        };
        Ok(Report::new(page(&here, &announcement), described(&here, &announcement)))
    }
}

async fn list(app: &App, group: Option<String>) -> Result<Report> {
    const MOST: i64 = 1_000;
    let here = app.here();
    let announcements = app
        .db
        .read(move |conn| {
            if let Some(handle) = &group
                && groups::store::even_waiting(conn, handle)?.is_none()
            {
                return Err(Error::not_found(format!("there is no group {handle:?}")));
            }
            Ok(store::page_with_all(conn, group.as_deref(), Turn::First, MOST)?)
        })
        .await?;
    let line = |announcement: &Announcement| {
        let words = announcement.title.clone().unwrap_or_else(|| text::first_line(&text::to_plain(&announcement.text), 60));
        format!("{}  {}  @{}  {words}", announcement.id, announcement.published, announcement.group)
    };
    Ok(Report::list(&announcements, "Nothing announced yet: plaza announce …", line, |announcement| {
        described(&here, announcement)
    }))
}

impl Edit {
    async fn run(self, app: &App) -> Result<Announcement> {
        let id = read_id(app, &self.id)?;
        let words = read_words(self.text, self.file.as_deref())?;
        let mentions = resolve_mentions(app, words.as_deref().unwrap_or_default()).await;
        let (title, language, urgent) = (self.title, self.language, self.urgent);
        let before = app.db.read(move |conn| actions::find(conn, id)).await?;
        let (fresh, shown) = self.images.keep(app, &before.pictures).await?;
        let changed = app.act(move |conn, here| {
            actions::edit(conn, here, id, &|announcement| {
                if let Some(words) = &words {
                    announcement.text = words.trim().to_owned();
                    announcement.mentions = mentions.clone();
                }
                if let Some(title) = &title {
                    announcement.title = text::typed(title);
                }
                if let Some(language) = &language {
                    announcement.language = language.clone();
                }
                if let Some(shown) = &shown {
                    announcement.pictures = shown.clone();
                }
                announcement.urgent = urgent.unwrap_or(announcement.urgent);
            })
        });
        let announcement = changed.await?;
        pictures::settle(app, &fresh, &before.pictures).await;
        Ok(announcement)
    }
}

pub(super) fn page(here: &Here, announcement: &Announcement) -> String {
    if announcement.deleted.is_some() {
        return format!("Deleted. Whoever may have it is asked to delete it too.\n\nId: {}", announcement.id);
    }
    let title = announcement.title.as_ref().map(|title| format!("{title}\n\n")).unwrap_or_default();
    let pictures = pictures::lines(here, &announcement.pictures);
    let page = match announcement.followers_only {
        true => "Only who follows the group gets it.".to_owned(),
        false => format!("Page: {}", url(here, announcement)),
    };
    format!("{title}{}\n\nId: {}\n{page}{pictures}", announcement.text, announcement.id)
}

fn url(here: &Here, announcement: &Announcement) -> String {
    here.origin.page(&Local::Note(announcement.id)).map(String::from).unwrap_or_default()
}

pub(super) fn described(here: &Here, announcement: &Announcement) -> Value {
    json!({
        "id": announcement.id,
        "uri": here.origin.uri(&Local::Note(announcement.id)),
        "url": url(here, announcement),
        "group": announcement.group,
        "meeting": announcement.meeting,
        "answers": announcement.answers,
        "title": announcement.title,
        "text": announcement.text,
        "language": announcement.language,
        "urgent": announcement.urgent,
        "followers_only": announcement.followers_only,
        "pictures": announcement.pictures.iter().map(|picture| pictures::described(here, picture)).collect::<Vec<_>>(),
        "published": announcement.published.rfc3339(),
        "updated": announcement.updated.map(|time| time.rfc3339()),
        "deleted": announcement.deleted.map(|time| time.rfc3339()),
    })
}

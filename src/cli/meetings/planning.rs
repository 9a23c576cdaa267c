//! `plaza meeting schedule`, `edit` and `move`.

use chrono::NaiveDate;
use clap::Args;

use super::{
    super::{
        Report,
        pictures::{self, Images, NewImages},
        read_id, resolve_mentions, text_or_file,
    },
    Room, Where, read_kind, read_zone,
    shown::{reported, with_clashes},
};
use crate::{
    app::App,
    error::{Error, Result},
    groups,
    meetings::{
        actions, clashes,
        meeting::{self, Meeting},
    },
    minutes,
    text::{self, Mention},
};

#[derive(Args)]
pub struct Schedule {
    /// Handle of the group
    group: String,
    #[arg(long)]
    title: String,
    /// Wall-clock time there, such as 2026-11-24T18:00
    #[arg(long, value_name = "TIME")]
    starts: String,
    /// Time zone of the meeting, such as America/New_York [default: the place's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// How long it lasts
    #[arg(long, default_value_t = 120, allow_hyphen_values = true)]
    minutes: i64,
    /// meeting, assembly, action, workday, workshop or social
    #[arg(long, default_value = "meeting")]
    kind: String,
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    room: Room,
    /// How often, as an RRULE such as FREQ=WEEKLY;BYDAY=TU
    #[arg(long, value_name = "RRULE")]
    every: Option<String>,
    /// A day on which the group does not meet; repeatable
    #[arg(long, value_name = "DATE", requires = "every")]
    except: Vec<NaiveDate>,
    /// Markdown, or @FILE
    #[arg(long, value_name = "TEXT|@FILE")]
    agenda: Option<String>,
    /// Add what earlier meetings left open to the agenda
    #[arg(long)]
    still_open: bool,
    #[command(flatten)]
    images: Images,
}

#[derive(Args)]
pub struct Edit {
    id: String,
    #[arg(long)]
    title: Option<String>,
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    room: Room,
    #[arg(long, value_name = "TEXT|@FILE")]
    agenda: Option<String>,
    /// The decision of an assembly that agreed to it: its link in the notes, here or in another place; an empty text takes it away
    #[arg(long, value_name = "URL")]
    agreed: Option<String>,
    #[command(flatten)]
    images: NewImages,
}

#[derive(Args)]
pub struct Move {
    id: String,
    /// Wall-clock time there
    #[arg(long, value_name = "TIME")]
    starts: Option<String>,
    /// Another time zone for the meeting [default: the one it has]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Another length [default: the one it has]
    #[arg(long, allow_hyphen_values = true)]
    minutes: Option<i64>,
    #[command(flatten)]
    at: Where,
}

impl Schedule {
    pub(super) async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let handle = self.group.clone();
        let group = app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await?;
        let zone = read_zone(self.zone.as_deref())?.unwrap_or(app.place.zone);
        let starts = meeting::read_time(&self.starts, zone)?;
        let mut agenda = self.agenda.as_deref().map(text_or_file).transpose()?.as_deref().and_then(text::typed);
        if self.still_open {
            let (handle, language) = (group.handle.clone(), group.language.clone());
            let open = app.db.read(move |conn| minutes::actions::still_open(conn, &handle, &language)).await?;
            let parts: Vec<String> = agenda.into_iter().chain(open).collect();
            agenda = text::typed(&parts.join("\n\n"));
        }
        let mut meeting = Meeting {
            title: self.title.trim().to_owned(),
            kind: read_kind(&self.kind)?,
            starts,
            ends: starts + meeting::length(self.minutes)?,
            zone,
            mentions: resolve_mentions(app, agenda.as_deref().unwrap_or_default()).await,
            agenda,
            language: group.language,
            ..Meeting::blank(here.new_id(), &group.handle, here.now)
        };
        self.at.apply(&mut meeting)?;
        self.room.apply(&mut meeting)?;
        meeting.check()?;
        let fresh = self.images.keep(app).await?;
        meeting.pictures = pictures::kept(&fresh);
        if let Some(every) = &self.every {
            let begun = super::super::series::new(meeting, every, &self.except, here.now)?;
            let new = begun.clone();
            app.act(move |conn, here| crate::series::actions::begin(conn, here, &new)).await?;
            pictures::settle(app, &fresh, &[]).await;
            return super::super::series::begun(app, begun).await;
        }
        let new = meeting.clone();
        let meeting = app
            .act(move |conn, here| {
                let meeting = actions::schedule(conn, here, &new)?;
                if self.still_open {
                    minutes::actions::were_offered(conn, &meeting)?;
                }
                Ok(meeting)
            })
            .await?;
        pictures::settle(app, &fresh, &[]).await;
        let (new, here) = (meeting.clone(), app.here());
        let clashes = app.db.read(move |conn| Ok(clashes::with(conn, &new)?)).await?;
        Ok(with_clashes(&here, reported(&here, &meeting), &clashes))
    }
}

impl Edit {
    pub(super) async fn run(self, app: &App) -> Result<Meeting> {
        let id = read_id(app, &self.id)?;
        let agenda = self.agenda.as_deref().map(text_or_file).transpose()?;
        let mentions: Vec<Mention> = resolve_mentions(app, agenda.as_deref().unwrap_or_default()).await;
        let kind = self.kind.as_deref().map(read_kind).transpose()?;
        let before = app.db.read(move |conn| actions::find(conn, id)).await?;
        let (fresh, shown) = self.images.keep(app, &before.pictures).await?;
        let changed = app.act(move |conn, here| {
            let agreed = self.agreed.as_deref().map(|link| minutes::agreed::read(conn, here, link)).transpose()?;
            actions::change(conn, here, id, &|meeting| {
                if let Some(agreed) = &agreed {
                    meeting.agreed.clone_from(agreed);
                }
                if let Some(title) = &self.title {
                    meeting.title = title.trim().to_owned();
                }
                if let Some(agenda) = &agenda {
                    meeting.agenda = text::typed(agenda);
                    meeting.mentions = mentions.clone();
                }
                meeting.kind = kind.unwrap_or(meeting.kind);
                if let Some(shown) = &shown {
                    meeting.pictures = shown.clone();
                }
                self.room.apply(meeting)?;
                self.at.apply(meeting)
            })
        });
        let meeting = changed.await?;
        pictures::settle(app, &fresh, &before.pictures).await;
        Ok(meeting)
    }
}

impl Move {
    pub(super) async fn run(self, app: &App) -> Result<Meeting> {
        let id = read_id(app, &self.id)?;
        let zone = read_zone(self.zone.as_deref())?;
        if self.zone.is_some() && self.starts.is_none() {
            return Err(Error::invalid("with another zone, say when it starts there: --starts TIME"));
        }
        app.act(move |conn, here| {
            actions::change(conn, here, id, &|meeting| {
                let length = match self.minutes {
                    Some(minutes) => meeting::length(minutes)?,
                    None => meeting.ends.since(meeting.starts),
                };
                meeting.zone = zone.unwrap_or(meeting.zone);
                if let Some(starts) = &self.starts {
                    meeting.starts = meeting::read_time(starts, meeting.zone)?;
                }
                meeting.ends = meeting.starts + length;
                self.at.apply(meeting)
            })
        })
        .await
    }
}

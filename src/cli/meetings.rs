//! `plaza meeting …`

mod planning;
mod shown;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::json;

pub(super) use self::shown::{described, when, with_clashes};

use self::planning::{Edit, Move, Schedule};
use super::{Report, joint, places::Facts, read_id};
use crate::{
    app::App,
    coming::{self, actions::Care, answer::Step},
    config,
    error::{Error, Result},
    groups, living,
    meetings::{
        actions,
        meeting::{self, Kind, Meeting, Position, Refusal},
        store,
        veil::{self, Veil},
    },
    origin::Local,
    text,
};

#[derive(Subcommand)]
pub enum Command {
    /// Put a meeting on the agenda
    Schedule(Schedule),
    /// Change what a meeting is about or where it is
    Edit(Edit),
    /// Move a meeting to another time or place
    Move(Move),
    /// Call a meeting off; it stays visible as cancelled
    Cancel { id: String },
    /// Meetings that are not over; of one group: all of them, the last first
    List { group: Option<String> },
    /// One meeting
    Show { id: String },
    /// Say that a meeting took place, or that it did not: nobody outside the group hears of that
    Met {
        id: String,
        /// It did not take place
        #[arg(long)]
        not: bool,
    },
    #[command(flatten)]
    Together(joint::Command),
    /// About how many said that they come, and what to do with their answers
    Answers {
        id: String,
        /// Ask people, stop asking, count or throw away what waits, or throw away all
        #[arg(value_parser = PossibleValuesParser::new(Care::ALL.map(Care::name)))]
        care: Option<String>,
    },
}

/// Where people meet. An empty text takes a value away.
#[derive(Args, Clone)]
pub struct Where {
    /// Name of the place
    #[arg(long, value_name = "NAME")]
    place: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Latitude and longitude, such as 40.7092,-74.0113
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    geo: Option<String>,
    /// Where to meet online
    #[arg(long, value_name = "URL")]
    online: Option<String>,
    #[command(flatten)]
    access: Facts,
    /// Show nothing but this district until some hours before; an empty text shows the rest at once
    #[arg(long, value_name = "NAME")]
    district: Option<String>,
    /// How many hours before the rest is shown [default: 3]
    #[arg(long, value_name = "HOURS", allow_hyphen_values = true)]
    lift_hours: Option<i64>,
}

/// How many may come.
#[derive(Args, Clone)]
pub struct Room {
    /// There is room for so many people who answer with an account; an empty text: for everybody
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    capacity: Option<String>,
}

impl Room {
    pub(super) fn apply(&self, meeting: &mut Meeting) -> Result<()> {
        if let Some(capacity) = &self.capacity {
            meeting.capacity = meeting::capacity(capacity)?;
        }
        Ok(())
    }
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let meeting = match self {
            Self::Schedule(schedule) => return schedule.run(app).await,
            Self::Edit(edit) => edit.run(app).await?,
            Self::Move(to) => to.run(app).await?,
            Self::Cancel { id } => {
                let id = read_id(app, &id)?;
                app.act(move |conn, here| actions::cancel(conn, here, id)).await?
            }
            Self::Show { id } => {
                let id = read_id(app, &id)?;
                let (meeting, whole) = app
                    .db
                    .read(move |conn| {
                        let meeting = actions::find(conn, id)?;
                        let whole = veil::whole(conn, &meeting)?;
                        Ok((meeting, whole))
                    })
                    .await?;
                return Ok(shown::shown(&here, &meeting, &whole));
            }
            Self::Met { id, not } => {
                let id = read_id(app, &id)?;
                app.act(move |conn, here| living::actions::met(conn, here, id, !not)).await?
            }
            Self::Together(command) => return command.run(app).await,
            Self::List { group } => return list(app, group).await,
            Self::Answers { id, care } => return answers(app, &id, care.as_deref().and_then(Care::by_name)).await,
        };
        Ok(shown::reported(&here, &meeting))
    }
}

async fn answers(app: &App, id: &str, care: Option<Care>) -> Result<Report> {
    let (id, now) = (read_id(app, id)?, app.clock.now());
    if let Some(care) = care {
        app.act(move |conn, here| {
            let meeting = actions::find(conn, id)?;
            coming::actions::care(conn, here, &meeting.group, id, care)
        })
        .await?;
    }
    let shown = app
        .db
        .read(move |conn| {
            let meeting = actions::find(conn, id)?;
            coming::actions::shown(conn, &meeting, now)
        })
        .await?;
    let step = |step: Step| match step.bounds() {
        (0, Some(to)) => format!("fewer than {}", to + 1),
        (from, Some(to)) => format!("{from} to {to}"),
        (from, None) => format!("{from} or more"),
    };
    let url = app.origin.page(&Local::Event(id));
    let Some(coming::actions::Shown { tally, .. }) = shown else {
        let text = format!("Nobody is asked whether they come: plaza meeting answers {id} ask");
        return Ok(Report::new(text, json!({ "id": id, "uri": app.origin.uri(&Local::Event(id)), "url": url, "asked": false })));
    };
    let (come, maybe, held) = (step(tally.coming), step(tally.maybe), tally.held.map(step));
    let mut text = format!("coming: {come}; maybe: {maybe}");
    if let Some(held) = &held {
        text.push_str(&format!("\n{held} answers wait, because so many came in one hour: plaza meeting answers {id} throw-away"));
    }
    let json = json!({
        "id": id, "uri": app.origin.uri(&Local::Event(id)), "url": url,
        "asked": true, "coming": come, "maybe": maybe, "waiting": held,
    });
    Ok(Report::new(text, json))
}

async fn list(app: &App, group: Option<String>) -> Result<Report> {
    const MOST: i64 = 1_000;
    let here = app.here();
    let meetings = app
        .db
        .read(move |conn| match &group {
            None => Ok(store::upcoming(conn, here.now, None, MOST)?),
            Some(handle) => match groups::store::even_waiting(conn, handle)? {
                Some(_) => Ok(store::of_group(conn, handle, MOST)?),
                None => Err(Error::not_found(format!("there is no group {handle:?}"))),
            },
        })
        .await?;
    let here = app.here();
    let line = |meeting: &Meeting| {
        let cancelled = match meeting.cancelled {
            Some(_) => "  (cancelled)",
            None if meeting.is_tentative() => "  (unconfirmed)",
            None => "",
        };
        format!("{}  {}  @{}  {}{cancelled}", meeting.id, when(meeting), meeting.group, meeting.title)
    };
    Ok(Report::list(&meetings, "No meeting yet: plaza meeting schedule …", line, |meeting| described(&here, meeting)))
}

impl Where {
    pub(super) fn apply(&self, meeting: &mut Meeting) -> Result<()> {
        if let Some(place) = &self.place {
            meeting.place = text::typed(place);
        }
        if let Some(address) = &self.address {
            meeting.address = text::typed(address);
        }
        if let Some(geo) = &self.geo {
            meeting.position = text::typed(geo).as_deref().map(Position::parse).transpose()?;
        }
        if let Some(link) = &self.online {
            meeting.online = text::typed(link).as_deref().map(meeting::online).transpose()?;
        }
        self.access.apply(&mut meeting.access)?;
        let before = meeting.veil.take();
        let hours = self.lift_hours.or(before.as_ref().map(|veil| veil.hours)).unwrap_or(veil::HOURS);
        let district = match &self.district {
            Some(district) => text::typed(district),
            None => before.map(|veil| veil.district),
        };
        if district.is_none() && self.lift_hours.is_some() {
            return Err(Error::invalid("with --lift-hours, say what is shown until then: --district NAME"));
        }
        meeting.veil = district.map(|district| Veil { district, hours });
        Ok(())
    }
}

pub(super) fn read_zone(zone: Option<&str>) -> Result<Option<chrono_tz::Tz>> {
    zone.map(|name| config::time_zone(name).map_err(|why| Error::refused(format!("--zone cannot be {name:?}: {why}"))))
        .transpose()
}

pub(super) fn read_kind(name: &str) -> Result<Kind, Refusal> {
    Kind::by_name(name).ok_or_else(|| Refusal::Kind(name.to_owned()))
}

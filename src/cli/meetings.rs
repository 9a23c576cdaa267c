//! `plaza meeting …`

use chrono::NaiveDate;
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::{Value, json};

use super::{
    Report, joint,
    pictures::{self, Images, NewImages},
    places::Facts,
    read_id, resolve_mentions, text_or_file,
};
use crate::{
    app::{App, Here},
    coming::{self, actions::Care, answer::Step},
    config,
    error::{Error, Result},
    groups, living,
    meetings::{
        actions,
        clashes::{self, Clash},
        meeting::{self, Kind, Meeting, Position, Refusal},
        store,
        veil::{self, Veil},
        wire,
    },
    minutes,
    origin::Local,
    text::{self, Mention},
    words::Words,
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
                return Ok(shown(&here, &meeting, &whole));
            }
            Self::Met { id, not } => {
                let id = read_id(app, &id)?;
                app.act(move |conn, here| living::actions::met(conn, here, id, !not)).await?
            }
            Self::Together(command) => return command.run(app).await,
            Self::List { group } => return list(app, group).await,
            Self::Answers { id, care } => return answers(app, &id, care.as_deref().and_then(Care::by_name)).await,
        };
        Ok(Report::new(page(&here, &meeting), described(&here, &meeting)))
    }
}

/// Also what its veil hides: whoever types commands here could look at the database.
fn shown(here: &Here, meeting: &Meeting, whole: &Meeting) -> Report {
    let (mut text, mut json) = (page(here, meeting), described(here, meeting));
    if let Some(veil) = &meeting.veil {
        let there = wire::summary(whole, &Words::of("en"));
        text.push_str(&format!("\nNobody sees until {} hours before: {there}", veil.hours));
        json["veiled"] = json!({
            "place": whole.place,
            "address": whole.address,
            "geo": whole.position.map(|position| json!([position.latitude, position.longitude])),
            "online": whole.online,
            "access_line": whole.access.line,
        });
    }
    Report::new(text, json)
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

/// A meeting that was put on the agenda, and what else is on at that time.
fn scheduled(here: &Here, meeting: &Meeting, clashes: &[Clash]) -> Report {
    let mut json = described(here, meeting);
    json["clashes"] = clashes
        .iter()
        .map(|clash| {
            let mut json = described(here, &clash.meeting);
            json["topics"] = json!(clash.topics);
            json
        })
        .collect();
    let line = |clash: &Clash| format!("\n{}: {}, {}", clash.group.name, clash.meeting.title, when(&clash.meeting));
    let lines: String = clashes.iter().map(line).collect();
    let beside = if lines.is_empty() { lines } else { format!("\n\nAt the same time:{lines}") };
    Report::new(page(here, meeting) + &beside, json)
}

impl Schedule {
    async fn run(self, app: &App) -> Result<Report> {
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
            let begun = super::series::new(meeting, every, &self.except, here.now)?;
            let new = begun.clone();
            app.act(move |conn, here| crate::series::actions::begin(conn, here, &new)).await?;
            pictures::settle(app, &fresh, &[]).await;
            return super::series::shown(app, begun).await;
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
        Ok(scheduled(&here, &meeting, &clashes))
    }
}

impl Edit {
    async fn run(self, app: &App) -> Result<Meeting> {
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
    async fn run(self, app: &App) -> Result<Meeting> {
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

pub(super) fn when(meeting: &Meeting) -> String {
    Words::of("en").when_short(meeting.local_start(), meeting.local_end())
}

fn page(here: &Here, meeting: &Meeting) -> String {
    let cancelled = match meeting.cancelled {
        Some(_) => "CANCELLED: ",
        None if meeting.is_tentative() => "UNCONFIRMED: ",
        None => "",
    };
    let summary = wire::summary(meeting, &Words::of("en"));
    let pictures = pictures::lines(here, &meeting.pictures);
    let words = Words::of("en");
    let agreed = meeting.agreed.as_ref().map(|agreed| format!("{}: {}", agreed.said(&words, None), agreed.url(here)));
    let more = wire::about_access(meeting, &words).into_iter().chain(wire::lifts(meeting, &words)).chain(agreed);
    let more: String = more.map(|line| format!("\n{line}")).collect();
    format!("{cancelled}{}\n{summary}{more}\n\nId: {}\nPage: {}{pictures}", meeting.title, meeting.id, url(here, meeting))
}

fn url(here: &Here, meeting: &Meeting) -> String {
    here.origin.page(&Local::Event(meeting.id)).map(String::from).unwrap_or_default()
}

pub(super) fn described(here: &Here, meeting: &Meeting) -> Value {
    json!({
        "id": meeting.id,
        "uri": here.origin.uri(&Local::Event(meeting.id)),
        "url": url(here, meeting),
        "group": meeting.group,
        "title": meeting.title,
        "kind": meeting.kind.name(),
        "starts": meeting.local_start().to_rfc3339(),
        "ends": meeting.local_end().to_rfc3339(),
        "zone": meeting.zone.name(),
        "place": meeting.place,
        "address": meeting.address,
        "geo": meeting.position.map(|position| json!([position.latitude, position.longitude])),
        "online": meeting.online,
        "access": meeting.access.facts.iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "access_line": meeting.access.line,
        "lift_hours": meeting.veil.as_ref().map(|veil| veil.hours),
        "capacity": meeting.capacity,
        "agenda": meeting.agenda,
        "agreed": meeting.agreed.as_ref().map(|agreed| agreed.url(here)),
        "language": meeting.language,
        "pictures": meeting.pictures.iter().map(|picture| pictures::described(here, picture)).collect::<Vec<_>>(),
        "series": meeting.recurrence.map(|recurrence| recurrence.series),
        "opens": meeting.opens.filter(|_| !meeting.is_held_elsewhere()).map(|time| time.rfc3339()),
        "cancelled": meeting.cancelled.map(|time| time.rfc3339()),
        "unconfirmed": meeting.unconfirmed,
        "met": meeting.met.map(|time| time.rfc3339()),
        "missed": meeting.missed.map(|time| time.rfc3339()),
        "published": meeting.published.rfc3339(),
        "updated": meeting.updated.map(|time| time.rfc3339()),
    })
}

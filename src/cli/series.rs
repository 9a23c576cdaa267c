//! `plaza series …`

use std::collections::BTreeSet;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Report,
    meetings::{Room, Where, read_kind, read_zone},
    read_id, resolve_mentions, text_or_file,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups,
    meetings::{
        self, clashes,
        meeting::{self, Meeting},
    },
    origin::Local,
    series::{
        actions,
        rule::Rule,
        series::{AHEAD, Series},
        store, wording,
    },
    text,
    words::Words,
};

#[derive(Subcommand)]
pub enum Command {
    /// Series of all groups, or of one
    List { group: Option<String> },
    /// One series and its next meetings
    Show { id: String },
    /// Make a meeting that stands the first one of a series: it stays, with its link, and calendars know it again
    Begin {
        /// Id of the meeting
        #[arg(long, value_name = "MEETING")]
        from: String,
        /// How often, as an RRULE such as FREQ=WEEKLY;BYDAY=TU
        #[arg(long, value_name = "RRULE")]
        every: String,
        /// A day on which the group does not meet; repeatable
        #[arg(long, value_name = "DATE")]
        except: Vec<NaiveDate>,
    },
    /// Change how often, when, where and what about; meetings that were changed alone keep what was changed
    Edit(Box<Edit>),
    /// Leave out a day
    Except {
        id: String,
        #[arg(value_name = "DATE")]
        day: NaiveDate,
    },
    /// Meet on a day that was left out
    Include {
        id: String,
        #[arg(value_name = "DATE")]
        day: NaiveDate,
    },
    /// End a series; what was stays
    End {
        id: String,
        /// The first meeting that is not held [default: the next one]
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
    },
}

#[derive(Args)]
pub struct Edit {
    id: String,
    /// From the meeting of that day on, as a series of its own [default: all that have not begun]
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// How often, as an RRULE such as FREQ=WEEKLY;BYDAY=TU
    #[arg(long, value_name = "RRULE")]
    every: Option<String>,
    /// Wall-clock time of the first one that is changed, such as 2026-12-01T19:00
    #[arg(long, value_name = "TIME")]
    starts: Option<String>,
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    #[arg(long, allow_hyphen_values = true)]
    minutes: Option<i64>,
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
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let series = match self {
            Self::List { group } => return list(app, group).await,
            Self::Show { id } => {
                let id = read_id(app, &id)?;
                app.db.read(move |conn| actions::find(conn, id)).await?
            }
            Self::Begin { from, every, except } => {
                let (id, now) = (read_id(app, &from)?, app.clock.now());
                let recurring = move |meeting: Meeting| new(meeting, &every, &except, now);
                let series = app.act(move |conn, here| actions::begin_with(conn, here, id, &recurring)).await?;
                return begun(app, series).await;
            }
            Self::Edit(edit) => edit.run(app).await?,
            Self::Except { id, day } => leave_out(app, &id, day, true).await?,
            Self::Include { id, day } => leave_out(app, &id, day, false).await?,
            Self::End { id, from } => {
                let id = read_id(app, &id)?;
                app.act(move |conn, here| {
                    let from = from.map(|day| meeting_of(&actions::find(conn, id)?, day)).transpose()?;
                    actions::end(conn, here, id, from)
                })
                .await?
            }
        };
        shown(app, series).await
    }
}

async fn leave_out(app: &App, id: &str, day: NaiveDate, left_out: bool) -> Result<Series> {
    let id = read_id(app, id)?;
    app.act(move |conn, here| actions::leave_out(conn, here, id, day, left_out)).await
}

/// When the meeting of that day was to begin, as the series has it.
fn meeting_of(series: &Series, day: NaiveDate) -> Result<Timestamp> {
    let starts = series.rule.starts(series.first, day.into(), day.succ_opt().unwrap_or(day).into());
    let start = starts.first().ok_or(crate::series::series::Refusal::NotThen(day))?;
    Ok(series.moment(*start))
}

/// Days to leave out.
pub fn read_days(days: &[NaiveDate]) -> BTreeSet<NaiveDate> {
    days.iter().copied().collect()
}

/// A series that begins with that meeting, by a rule as it was typed.
pub fn new(first: Meeting, every: &str, except: &[NaiveDate], now: Timestamp) -> Result<Series> {
    let clock = first.local_start().naive_local();
    let rule = Rule::parse(every, clock, first.zone)?;
    Ok(Series::new(first, clock, rule, read_days(except), now))
}

impl Edit {
    async fn run(self, app: &App) -> Result<Series> {
        let id = read_id(app, &self.id)?;
        let agenda = self.agenda.as_deref().map(text_or_file).transpose()?;
        let mentions = resolve_mentions(app, agenda.as_deref().unwrap_or_default()).await;
        let kind = self.kind.as_deref().map(read_kind).transpose()?;
        let zone = read_zone(self.zone.as_deref())?;
        if zone.is_some() && self.starts.is_none() {
            return Err(Error::invalid("with another zone, say when it starts there: --starts TIME"));
        }
        let change = move |series: &mut Series| {
            let length = self.minutes.map(meeting::length).transpose()?.unwrap_or(series.length());
            let pattern = &mut series.pattern;
            pattern.zone = zone.unwrap_or(pattern.zone);
            if let Some(starts) = &self.starts {
                pattern.starts = meeting::read_time(starts, pattern.zone)?;
                series.first = pattern.local_start().naive_local();
            }
            pattern.ends = pattern.starts + length;
            if let Some(every) = &self.every {
                series.rule = Rule::parse(every, series.first, pattern.zone)?;
            }
            if let Some(title) = &self.title {
                pattern.title = title.trim().to_owned();
            }
            if let Some(agenda) = &agenda {
                pattern.agenda = text::typed(agenda);
                pattern.mentions.clone_from(&mentions);
            }
            pattern.kind = kind.unwrap_or(pattern.kind);
            self.room.apply(pattern)?;
            self.at.apply(pattern)
        };
        app.act(move |conn, here| {
            let from = self.from.map(|day| meeting_of(&actions::find(conn, id)?, day)).transpose()?;
            actions::change(conn, here, id, from, &change)
        })
        .await
    }
}

async fn list(app: &App, group: Option<String>) -> Result<Report> {
    let here = app.here();
    let found = app
        .db
        .read(move |conn| {
            let handles = match group {
                Some(handle) => match groups::store::even_waiting(conn, &handle)? {
                    Some(_) => vec![handle],
                    None => return Err(Error::not_found(format!("there is no group {handle:?}"))),
                },
                None => groups::store::list(conn)?.into_iter().map(|group| group.handle).collect(),
            };
            let mut found = Vec::new();
            for handle in handles {
                found.extend(store::of_group(conn, &handle)?);
            }
            Ok(found)
        })
        .await?;
    let line =
        |series: &Series| format!("{}  @{}  {}: {}", series.id, series.pattern.group, series.pattern.title, in_words(series));
    Ok(Report::list(&found, "No series yet: plaza meeting schedule … --every FREQ=WEEKLY", line, |series| {
        described(&here, series, &[])
    }))
}

/// A series and its next meetings.
pub async fn shown(app: &App, series: Series) -> Result<Report> {
    const FEW: usize = 10;
    let here = app.here();
    let (id, now) = (series.id, here.now);
    let mut ahead = app.db.read(move |conn: &mut Conn| Ok(meetings::store::ahead_of_series(conn, id, now)?)).await?;
    ahead.truncate(FEW);
    let place = meetings::wire::where_(&series.pattern).map(|place| format!(" · {place}")).unwrap_or_default();
    let mut text = format!("{}\n{}{place}\n", series.pattern.title, in_words(&series));
    if series.unconfirmed {
        text.push_str("Unconfirmed: nobody said of its last meetings that they took place (plaza meeting met ID)\n");
    }
    for meeting in &ahead {
        text.push_str(&format!("\n{}  {}{}", meeting.id, super::meetings::when(meeting), remark(&series, meeting)));
    }
    text.push_str(&format!("\n\nId: {}\nPage: {}", series.id, page(&here, series.id)));
    Ok(Report::new(text, described(&here, &series, &ahead)))
}

/// A series that was begun, and what else is on at the time of its first meetings.
pub async fn begun(app: &App, series: Series) -> Result<Report> {
    let here = app.here();
    let from = series.pattern.starts.max(here.now);
    let starts = series.starts(from, from + AHEAD).into_iter().take(clashes::FIRST);
    let first: Vec<Meeting> = starts.map(|starts| series.meeting_at(starts)).collect();
    let clashes = app.db.read(move |conn| Ok(clashes::with_any(conn, &first)?)).await?;
    Ok(super::meetings::with_clashes(&here, shown(app, series).await?, &clashes))
}

fn remark(series: &Series, meeting: &Meeting) -> &'static str {
    let as_planned = meeting.recurrence.is_none_or(|recurrence| series.meeting_at(recurrence.starts).starts == meeting.starts);
    match (meeting.cancelled, as_planned) {
        (Some(_), _) => "  (cancelled)",
        (None, false) => "  (moved)",
        (None, true) => "",
    }
}

fn in_words(series: &Series) -> String {
    wording::sentence(&Words::of("en"), &series.rule, series.first)
}

fn page(here: &Here, id: Uuid) -> String {
    here.origin.page(&Local::Series(id)).map(String::from).unwrap_or_default()
}

fn described(here: &Here, series: &Series, ahead: &[Meeting]) -> Value {
    let pattern = &series.pattern;
    json!({
        "id": series.id,
        "uri": here.origin.uri(&Local::Series(series.id)),
        "url": page(here, series.id),
        "group": pattern.group,
        "title": pattern.title,
        "kind": pattern.kind.name(),
        "rule": series.rule.to_string(),
        "words": in_words(series),
        "first": series.first.format("%Y-%m-%dT%H:%M").to_string(),
        "minutes": series.length().as_secs() / 60,
        "zone": pattern.zone.name(),
        "except": series.except,
        "place": pattern.place,
        "address": pattern.address,
        "online": pattern.online,
        "agenda": pattern.agenda,
        "unconfirmed": series.unconfirmed,
        "meetings": ahead.iter().map(|meeting| super::meetings::described(here, meeting)).collect::<Vec<_>>(),
    })
}

//! `plaza import …`

use std::io::Read;

use bytes::Bytes;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Report as Answer;
use crate::{
    app::App,
    error::{Error, Result},
    groups,
    imports::{
        actions::{self, Step, Taking},
        fetching::{self, Got, Marks},
        found::{Found, Reading},
        known::{Refusal, Report, Watched, hours},
        lines::{self, LONGEST},
        store, watching,
    },
    words::Words,
};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Import {
    #[command(subcommand)]
    about: Option<About>,
    /// Handle of the group
    #[arg(required = true)]
    group: Option<String>,
    /// A calendar (.ics): a file, - for standard input, or an address (https, webcal)
    #[arg(required = true, value_name = "FILE|URL")]
    from: Option<String>,
    /// Look at the address again every few hours
    #[arg(long)]
    watch: bool,
    /// Say what would come of it, and change nothing
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    /// When events without a time of day begin and end, such as 10:00-18:00 [default: they are left out]
    #[arg(long, value_name = "HOURS")]
    whole_days: Option<String>,
}

#[derive(Subcommand)]
enum About {
    /// Addresses that are looked at again
    List { group: String },
    /// Look at an address no more; what came from there stays
    Stop {
        group: String,
        /// Which one [default: all of the group]
        #[arg(value_name = "URL")]
        address: Option<String>,
    },
}

impl Import {
    pub async fn run(self, app: &App) -> Result<Answer> {
        match self.about {
            Some(About::List { group }) => return list(app, group).await,
            Some(About::Stop { group, address }) => return stop(app, group, address).await,
            None => {}
        }
        let (group, from) = (self.group.unwrap_or_default(), self.from.unwrap_or_default());
        let whole_days = self.whole_days.as_deref().map(hours).transpose()?;
        let handle = group.clone();
        app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await?;
        if fetching::is_address(&from) {
            let url = fetching::address(&from)?;
            let file = match fetching::fetch(&app.http, &url, &Marks::default()).await? {
                Got::Calendar(file, _) => file,
                Got::Same => return Err(Refusal::Nothing.into()),
            };
            let reading = watching::read(app, file, whole_days).await?;
            if self.watch {
                let taking = Taking { group, speaker: None, source: None };
                let report = watching::adopt(app, &taking, url, self.whole_days, &reading).await?;
                return Ok(answered(&report, &[], true));
            }
            return take(app, group, reading, self.dry_run).await;
        }
        if self.watch {
            return Err(Refusal::NoAddress.into());
        }
        let reading = watching::read(app, read_file(&from)?, whole_days).await?;
        take(app, group, reading, self.dry_run).await
    }
}

async fn take(app: &App, group: String, reading: Reading, dry_run: bool) -> Result<Answer> {
    if dry_run {
        let (report, steps) = actions::look_ahead(app, &group, &reading).await?;
        return Ok(answered(&report, &steps, false));
    }
    let taking = Taking { group, speaker: None, source: None };
    let report = actions::take_in(app, &taking, &reading).await?;
    Ok(answered(&report, &[], true))
}

/// Of a file or of standard input, as much as a calendar may have and a little more.
fn read_file(path: &str) -> Result<Bytes> {
    let unreadable = |e: std::io::Error| Error::invalid(format!("{path:?} cannot be read: {e}"));
    let mut file = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    if path == "-" {
        std::io::stdin().take(most).read_to_end(&mut file).map_err(unreadable)?;
    } else {
        std::fs::File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut file).map_err(unreadable)?;
    }
    if file.len() > LONGEST { Err(lines::Refusal::TooLarge.into()) } else { Ok(file.into()) }
}

fn answered(report: &Report, steps: &[(Found, Step)], done: bool) -> Answer {
    let words = Words::of("en");
    let mut text = match &report.failure {
        Some(failure) => format!("Nothing was taken in: {}", failure.why(&words)),
        None => report.sentences(&words, done).join("\n"),
    };
    for (found, step) in steps {
        let sign = match step {
            Step::Meeting | Step::Series => '+',
            Step::Changed => '~',
            Step::Cancelled => '-',
            Step::Same | Step::Own | Step::Past => continue,
        };
        let rule = found.rhythm.as_ref().map(|rhythm| format!("  {}", rhythm.rule)).unwrap_or_default();
        let start = found.once.start.format("%Y-%m-%d %H:%M");
        text.push_str(&format!("\n{sign} {start} {}  {}{rule}", found.zone.name(), found.once.title));
    }
    for remark in &report.remarks {
        let title = remark.title.as_ref().map(|title| format!(" {title}:")).unwrap_or_default();
        text.push_str(&format!("\nline {}:{title} {}", remark.line, remark.why(&words)));
    }
    let mut answer = Answer::new(text, described(report));
    answer.bad = report.failure.is_some();
    answer
}

fn described(report: &Report) -> Value {
    let words = Words::of("en");
    let remarks = report.remarks.iter().map(
        |remark| json!({ "line": remark.line, "title": remark.title, "why": remark.why(&words), "left_out": remark.left_out }),
    );
    json!({
        "meetings": report.meetings,
        "series": report.series,
        "changed": report.changed,
        "cancelled": report.cancelled,
        "same": report.same,
        "own": report.own,
        "past": report.past,
        "far": report.far,
        "left_out": report.left_out(),
        "remarks": remarks.collect::<Vec<_>>(),
        "failure": report.failure.as_ref().map(|failure| failure.why(&words)),
    })
}

fn line(watched: &Watched) -> String {
    let state = match (&watched.report, watched.is_given_up()) {
        (_, true) => "failed too often, is not looked at any more".to_owned(),
        (Some(Report { failure: Some(failure), .. }), _) => format!("failed: {}", failure.why(&Words::of("en"))),
        (Some(report), _) => format!(
            "{} new, {} changed, {} cancelled, {} as they were",
            report.meetings + report.series,
            report.changed,
            report.cancelled,
            report.same
        ),
        (None, _) => "not looked at yet".to_owned(),
    };
    let looked = watched.looked.map(|time| format!("{time}  ")).unwrap_or_default();
    format!("{}  {looked}{state}", watched.url)
}

fn shown(watched: &[Watched], empty: &str) -> Answer {
    Answer::list(watched, empty, line, |watched| {
        json!({
            "id": watched.id,
            "url": watched.url,
            "looked": watched.looked.map(|time| time.rfc3339()),
            "next": (!watched.is_given_up()).then(|| watched.next_look.rfc3339()),
            "failures": watched.failures,
            "report": watched.report.as_ref().map(described),
        })
    })
}

async fn list(app: &App, group: String) -> Result<Answer> {
    let watched = app.db.read(move |conn| {
        groups::actions::speaking(conn, &group)?;
        Ok(store::watched_by(conn, &group)?)
    });
    Ok(shown(&watched.await?, "No address is looked at: plaza import GROUP URL --watch"))
}

async fn stop(app: &App, group: String, address: Option<String>) -> Result<Answer> {
    let url = address.as_deref().map(fetching::address).transpose()?;
    let stopped = app
        .act(move |conn, _| {
            let mut all = store::watched_by(conn, &group)?;
            all.retain(|watched| url.as_ref().is_none_or(|url| watched.url == *url));
            if all.is_empty() {
                return Err(Error::not_found(format!("no such address is looked at for {group}")));
            }
            for watched in &all {
                watching::stop(conn, &group, watched.id)?;
            }
            Ok(all)
        })
        .await?;
    Ok(shown(&stopped, ""))
}

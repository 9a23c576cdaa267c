//! `plaza report …`: what somebody asks the caretakers to look at, and what we ask others to look at.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::Report;
use crate::{
    actors::discovery,
    app::App,
    care::deeds::{self, By},
    desk::mentions::must_not_be_blocked,
    error::{Error, Result},
    reports::{actions, report::Report as Complaint, store},
    text,
    words::Words,
};

#[derive(Subcommand)]
pub enum Command {
    /// What nobody has looked at yet, the oldest first
    List {
        /// Instead: what was looked at
        #[arg(long)]
        closed: bool,
    },
    /// One report
    Show { id: Uuid },
    /// It was looked at
    Close { id: Uuid },
    /// Ask another server to look at one of its accounts; the city asks, not a person
    Send(Send),
}

#[derive(Args)]
pub struct Send {
    /// The account, such as @troll@mastodon.example
    actor: String,
    /// What is wrong
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// A post of theirs; can be given several times
    #[arg(long = "post", value_name = "ADDRESS")]
    posts: Vec<Url>,
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        const MOST: i64 = 1_000;
        let report = match self {
            Self::List { closed } => {
                let found =
                    app.db.read(move |conn| Ok(if closed { store::closed(conn, MOST)? } else { store::open(conn, MOST)? }));
                return Ok(Report::list(&found.await?, "No reports.", line, |report| described(app, report)));
            }
            Self::Send(send) => return send.run(app).await,
            Self::Show { id } => app.db.read(move |conn| actions::find(conn, id)).await?,
            Self::Close { id } => app.act(move |conn, here| deeds::close_report(conn, here, &By::default(), id, None)).await?,
        };
        let objects: Vec<String> = report.objects.iter().map(|object| full(app, object)).collect();
        let text = format!("{}\n\n{}\n\n{}", line(&report), said(&report), objects.join("\n"));
        Ok(Report::new(text, described(app, &report)))
    }
}

fn said(report: &Complaint) -> String {
    report.said(&Words::of("en"))
}

fn line(report: &Complaint) -> String {
    let from = if report.host.is_empty() { "here" } else { &report.host };
    let words = text::first_line(&text::one_line(&said(report)), 60);
    let closed = report.closed.map(|time| format!("  closed {time}")).unwrap_or_default();
    format!("{}  {}  from {from}, {} times, about {}: {words}{closed}", report.id, report.received, report.times, report.about)
}

/// What is ours is kept by its path.
fn full(app: &App, object: &str) -> String {
    if object.starts_with('/') { app.origin.url(object).into() } else { object.to_owned() }
}

fn described(app: &App, report: &Complaint) -> Value {
    let about = full(app, &report.about);
    json!({
        "id": report.id, "uri": about, "url": about, "host": report.host, "reason": said(report), "times": report.times,
        "objects": report.objects.iter().map(|object| full(app, object)).collect::<Vec<_>>(),
        "received": report.received.rfc3339(), "closed": report.closed.map(|time| time.rfc3339()),
    })
}

impl Send {
    async fn run(self, app: &App) -> Result<Report> {
        if self.posts.iter().any(|post| !matches!(post.scheme(), "https" | "http")) {
            return Err(Error::invalid("--post is the address of a post"));
        }
        must_not_be_blocked(app, &self.actor).await?;
        let actor = discovery::find(app, &self.actor).await?;
        let (uri, handle) = (actor.uri.clone(), actor.handle());
        let flag = app.act(move |conn, here| actions::send(conn, here, &actor, &self.posts, &self.reason)).await?;
        let text = format!("The server of {handle} is asked to look at it.");
        Ok(Report::new(text, json!({ "id": flag, "uri": uri, "url": uri })))
    }
}

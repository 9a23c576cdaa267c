//! `plaza meeting invite`, `accept` and what belongs to it: meetings that several groups call.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Report, read_id};
use crate::{
    app::App,
    error::{Error, Result},
    groups,
    joint::{
        actions::{self, Whom},
        call::Invitation,
        pages, store,
        wire::Called,
    },
    meetings,
    origin::Local,
};

#[derive(Subcommand)]
pub enum Command {
    /// Ask another group, of this city or another one, to call a meeting with the group that holds it
    Invite {
        id: String,
        /// Such as @trees, or @kitchen@boston.example
        handle: String,
    },
    /// Ask a group no longer, or end its calling the meeting
    Dismiss { id: String, handle: String },
    /// Meetings that a group was asked to call, or calls with the one that holds them
    Invitations { group: String },
    /// Call a meeting to which the group was invited
    Accept {
        group: String,
        /// Its id, or the address of its page
        meeting: String,
    },
    /// Rather not call it
    Decline { group: String, meeting: String },
    /// Call it no longer
    Withdraw { group: String, meeting: String },
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::Invite { id, handle } => {
                let (id, whom) = (read_id(app, &id)?, pages::find(app, &handle).await?);
                let caller = app.act(move |conn, here| actions::invite(conn, here, id, &whom)).await?;
                let json = json!({
                    "id": id, "uri": app.origin.uri(&Local::Event(id)), "url": app.origin.page(&Local::Event(id)),
                    "caller": caller.actor, "state": caller.state.name(),
                });
                Ok(Report::new(format!("{handle}: {}", caller.state.name()), json))
            }
            Self::Dismiss { id, handle } => {
                let id = read_id(app, &id)?;
                let actor = match pages::find(app, &handle).await? {
                    Whom::Ours(handle) => Local::Group(handle).path(),
                    Whom::Elsewhere(actor) => actor.uri.to_string(),
                };
                app.act(move |conn, here| actions::dismiss(conn, here, id, &actor)).await?;
                let json = json!({
                    "id": id, "uri": app.origin.uri(&Local::Event(id)), "url": app.origin.page(&Local::Event(id)),
                });
                Ok(Report::new(format!("{handle} is not asked any more."), json))
            }
            Self::Invitations { group } => list(app, group).await,
            Self::Accept { group, meeting } => {
                let (handle, what) = (group.clone(), meeting.clone());
                let stands = app.act(move |conn, here| actions::answer_named(conn, here, &handle, &what, true)).await?;
                let Some(called) = stands else { return Ok(answered(app, &group, &meeting, "is called by", "too")) };
                let page = app.origin.page(&Local::Event(called.id)).map(String::from);
                let json = json!({
                    "id": called.id, "uri": app.origin.uri(&Local::Event(called.id)), "url": page, "title": called.title,
                });
                let text = format!(
                    "\u{201c}{}\u{201d} is called by @{group}, too: {}\nHere it is {}.",
                    called.title,
                    page.unwrap_or_default(),
                    called.id
                );
                Ok(Report::new(text, json))
            }
            Self::Decline { group, meeting } => {
                let (handle, what) = (group.clone(), meeting.clone());
                app.act(move |conn, here| actions::answer_named(conn, here, &handle, &what, false)).await?;
                Ok(answered(app, &group, &meeting, "was declined by", "now"))
            }
            Self::Withdraw { group, meeting } => {
                let (handle, what) = (group.clone(), meeting.clone());
                app.act(move |conn, here| actions::withdraw_named(conn, here, &handle, &what)).await?;
                Ok(answered(app, &group, &meeting, "is no longer called by", "now"))
            }
        }
    }
}

fn answered(app: &App, group: &str, meeting: &str, what: &str, more: &str) -> Report {
    let url = app.origin.page(&Local::Group(group.to_owned()));
    let json = json!({ "id": meeting, "uri": meeting, "url": url });
    Report::new(format!("{meeting} {what} @{group} {more}."), json)
}

async fn list(app: &App, group: String) -> Result<Report> {
    let (here, handle) = (app.here(), group);
    let found = app
        .db
        .read(move |conn| {
            if groups::store::even_waiting(conn, &handle)?.is_none() {
                return Err(Error::not_found(format!("there is no group {handle:?}")));
            }
            let mut found: Vec<Value> = store::of_group(conn, &handle)?.iter().filter_map(described).collect();
            for state in [crate::joint::call::State::Invited, crate::joint::call::State::Accepted] {
                for id in store::asked_here(conn, &handle, state)? {
                    let meeting = meetings::actions::find(conn, id)?;
                    if meeting.is_held_elsewhere() {
                        continue;
                    }
                    found.push(json!({
                        "id": id, "uri": here.origin.uri(&Local::Event(id)), "url": here.origin.page(&Local::Event(id)),
                        "title": meeting.title, "holder": here.origin.group(&meeting.group), "state": state.name(),
                    }));
                }
            }
            Ok(found)
        })
        .await?;
    let line = |one: &Value| {
        let of = |field: &str| one.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{}  {}  {}  {}", of("uri"), of("state"), of("holder"), of("title"))
    };
    Ok(Report::list(&found, "This group was not asked to call any meeting.", line, Value::clone))
}

fn described(invitation: &Invitation) -> Option<Value> {
    let called = Called::kept(invitation).ok()?;
    Some(json!({
        "id": invitation.event, "uri": invitation.event, "url": called.url, "title": called.change.title,
        "holder": invitation.holder, "state": invitation.state.name(), "meeting": invitation.meeting,
    }))
}

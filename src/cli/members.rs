//! `plaza member`

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Report, groups::reason};
use crate::{
    app::App,
    care::deeds::{self, By},
    db::Conn,
    error::{Error, Result},
    members::{handle::written, joining, member::Member, recovery, store, token::Token},
    powers::deed::Reason,
};

#[derive(Subcommand)]
pub enum Command {
    /// Who has an account
    List,
    /// Let somebody look after the place, or no longer
    Caretaker {
        handle: String,
        on: Switch,
        /// Why, for the public count
        #[arg(long, value_parser = reason, value_name = "REASON")]
        reason: Option<Reason>,
    },
    /// A link with which somebody who lost their password comes back in: it opens after 48 hours, and everybody can read at
    /// /about that there is one
    Recover { handle: String },
    /// A link with which somebody makes an account, also where joining is by invitation; it works once, within a week
    Invite,
    /// Delete an account for good; its groups go on, but for those that wait to be welcomed and have nobody else
    Delete {
        handle: String,
        /// Why, for the public count
        #[arg(long, value_parser = reason, default_value = "other", value_name = "REASON")]
        reason: Reason,
    },
    /// Another link with which somebody comes to look after the place, while nobody does
    StartLink,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

fn find(conn: &mut Conn, handle: &str) -> Result<Member> {
    store::by_handle(conn, &written(handle))?.ok_or_else(|| Error::not_found(format!("nobody here is called {handle}")))
}

fn report(text: String, member: &Member, url: Option<String>) -> Report {
    Report::new(text, json!({ "id": member.handle, "uri": Value::Null, "url": url }))
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::List => {
                let all = app.db.read(|conn| Ok(store::all(conn)?)).await?;
                let role = |member: &Member| if member.caretaker { "  looks after the place" } else { "" };
                let line = |member: &Member| format!("{}  {}{}", member.handle, member.name, role(member));
                let json = |member: &Member| {
                    json!({ "id": member.handle, "uri": Value::Null, "url": Value::Null, "name": member.name,
                        "caretaker": member.caretaker, "welcomed": member.welcomed.is_some() })
                };
                Ok(Report::list(
                    &all,
                    "Nobody has an account: plaza member start-link prints a link to the first one.",
                    line,
                    json,
                ))
            }
            Self::Caretaker { handle, on, reason } => {
                let (on, by) = (matches!(on, Switch::On), By::machine(reason.unwrap_or_default()));
                let member = app
                    .act(move |conn, here| {
                        let member = find(conn, &handle)?;
                        deeds::make_caretaker(conn, here, &by, member, on)
                    })
                    .await?;
                let does = if on { "looks after the place" } else { "no longer looks after the place" };
                Ok(report(format!("{} {does}.", member.handle), &member, None))
            }
            Self::Recover { handle } => {
                let token = Token::new()?;
                let link = token.clone();
                let (member, way) = app
                    .act(move |conn, here| {
                        let member = find(conn, &handle)?;
                        let way = recovery::ask(conn, here, None, &member, &link)?;
                        Ok((member, way))
                    })
                    .await?;
                let url = address(app, "/recover", &token);
                let opens = way.opens.utc().with_timezone(&app.place.zone).format("%Y-%m-%d %H:%M");
                let text = format!(
                    "Give this to {}, and to nobody else. It works once, within a week from {opens} ({}):\n  {url}\n\
                     Until it is used, {}/about says that there is such a link, without the name.",
                    member.handle,
                    app.place.zone.name(),
                    app.origin
                );
                Ok(report(text, &member, Some(url)))
            }
            Self::Invite => {
                let token = Token::new()?;
                let link = token.clone();
                app.act(move |conn, here| joining::invite(conn, here, &link)).await?;
                let url = app.origin.url(&format!("/join?invitation={}", token.reveal())).to_string();
                let text = format!("Whoever opens this within a week can make an account, once:\n  {url}");
                Ok(Report::new(text, json!({ "id": Value::Null, "uri": Value::Null, "url": url })))
            }
            Self::Delete { handle, reason } => {
                let by = By::machine(reason);
                let member = app
                    .act(move |conn, here| {
                        let member = find(conn, &handle)?;
                        deeds::delete_member(conn, here, &by, &member)?;
                        Ok((member, store::count(conn)?))
                    })
                    .await?;
                let (member, left) = member;
                let alone = if left > 0 {
                    ""
                } else {
                    "\nIt was the last one: nobody looks after the place now. plaza member start-link prints a link to another first account."
                };
                Ok(report(format!("The account {} is deleted.{alone}", member.handle), &member, None))
            }
            Self::StartLink => {
                let link = start_link(app).await?.ok_or_else(|| Error::refused("somebody looks after this place already"))?;
                let text = format!("Whoever opens this link within a day looks after the place:\n  {link}");
                Ok(Report::new(text, json!({ "id": Value::Null, "uri": Value::Null, "url": link })))
            }
        }
    }
}

fn address(app: &App, path: &str, token: &Token) -> String {
    app.origin.url(&format!("{path}/{}", token.reveal())).to_string()
}

/// A new link to the account that looks after the place; `None` where one does.
pub async fn start_link(app: &App) -> Result<Option<String>> {
    let token = Token::new()?;
    let link = token.clone();
    let offered = app.act(move |conn, here| joining::offer_start(conn, here, &link)).await?;
    Ok(offered.then(|| address(app, "/welcome", &token)))
}

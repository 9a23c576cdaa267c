//! `plaza group organizer …`

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Report, groups::reason};
use crate::{
    app::App,
    error::Result,
    groups,
    members::{
        self,
        member::{Member, Organizer},
    },
    people::actions::{put_in, take_out},
    powers::deed::Reason,
};

#[derive(Subcommand)]
pub enum Command {
    /// Let a member speak for a group
    Add {
        /// Handle of the group
        group: String,
        /// Name with which the member signs in
        member: String,
    },
    /// End that
    Remove {
        group: String,
        member: String,
        /// Why, for the public count
        #[arg(long, value_parser = reason, default_value = "other", value_name = "REASON")]
        reason: Reason,
    },
    /// Who speaks for a group
    List { group: String },
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::Add { group, member } => {
                let text = format!("{member} speaks for {group}.");
                let member = app.act(move |conn, here| put_in(conn, here, &group, &member)).await?;
                Ok(Report::new(text, described(&member)))
            }
            Self::Remove { group, member, reason } => {
                let text = format!("{member} no longer speaks for {group}.");
                let member = app.act(move |conn, here| take_out(conn, here, &group, &member, reason)).await?;
                Ok(Report::new(text, described(&member)))
            }
            Self::List { group } => {
                let found = app.db.read(move |conn| {
                    groups::actions::speaking(conn, &group)?;
                    Ok(members::store::organizers_of(conn, &group)?)
                });
                let line = |(organizer, member): &(Organizer, Member)| {
                    let rests = if organizer.paused.is_some() { "  (powers rest)" } else { "" };
                    format!("{}  {}  since {}{rests}", member.handle, member.name, organizer.since.utc().date_naive())
                };
                Ok(Report::list(&found.await?, "Nobody speaks for this group.", line, |(_, member)| described(member)))
            }
        }
    }
}

/// A member has no address that others see.
fn described(member: &Member) -> Value {
    json!({ "id": member.handle, "uri": null, "url": null, "name": member.name })
}

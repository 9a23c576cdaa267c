//! `plaza suggestion …`

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Report;
use crate::{
    app::App,
    error::{Error, Result},
    suggestions::{actions, store, suggestion::Suggestion},
};

#[derive(Subcommand)]
pub enum Command {
    /// What waits for a group
    List { group: String },
    /// One suggestion
    Show { group: String, id: String },
    /// Throw one away, or all that wait for the group
    Drop {
        group: String,
        id: Option<String>,
        /// All of them
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

fn read(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| Error::invalid(format!("{id:?} is not the id of a suggestion")))
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        match self {
            Self::List { group } => {
                let waiting = app.db.read(move |conn| Ok(store::waiting(conn, &group)?)).await?;
                let line = |one: &Suggestion| format!("{}  {}", one.id, crate::text::first_line(&one.text, 80));
                Ok(Report::list(&waiting, "Nothing waits for this group.", line, described))
            }
            Self::Show { group, id } => {
                let id = read(&id)?;
                let one = app.db.read(move |conn| actions::find(conn, &group, id)).await?;
                let rest = [one.moment.clone(), one.place.clone(), one.link.as_ref().map(ToString::to_string)];
                let lines: Vec<String> = std::iter::once(one.text.clone()).chain(rest.into_iter().flatten()).collect();
                Ok(Report::new(lines.join("\n"), described(&one)))
            }
            Self::Drop { group, id: None, all: true } => {
                let count = app.db.write(move |conn| actions::drop_all(conn, &group)).await?;
                Ok(Report::new(format!("{count} thrown away."), json!({ "count": count })))
            }
            Self::Drop { id: None, .. } => Err(Error::invalid("say which one, or --all")),
            Self::Drop { group, id: Some(id), .. } => {
                let id = read(&id)?;
                app.db.write(move |conn| actions::drop(conn, &group, id)).await?;
                Ok(Report::new("Thrown away.", json!({ "id": id })))
            }
        }
    }
}

fn described(one: &Suggestion) -> Value {
    json!({
        "id": one.id, "group": one.group, "text": one.text, "when": one.moment, "place": one.place, "link": one.link,
        "received": one.received.rfc3339(),
    })
}

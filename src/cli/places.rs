//! `plaza place …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Report;
use crate::{
    app::App,
    error::{Error, Result},
    places::{
        access::{Access, Fact},
        actions,
        place::{Place, Position, Refusal},
        store,
    },
    series, text,
};

#[derive(Subcommand)]
pub enum Command {
    /// Keep a place, to be used by every group
    Add {
        /// Handle of the group that keeps it
        group: String,
        /// As people call it
        #[arg(long)]
        name: String,
        #[command(flatten)]
        what: What,
    },
    /// Correct a place; meetings ahead that took it over change with it
    Edit {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        what: What,
    },
    /// Every place, or those that a group may use
    List { group: Option<String> },
    /// One place
    Show { id: String },
    /// Do not offer a place any more; meetings stay where they are
    Remove { id: String },
}

/// What is known of a place. An empty text takes a value away.
#[derive(Args, Clone)]
pub struct What {
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Latitude and longitude, such as 40.7092,-74.0113
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    geo: Option<String>,
    #[command(flatten)]
    access: Facts,
}

/// What makes it easier to come.
#[derive(Args, Clone)]
pub struct Facts {
    /// step-free, childcare, interpretation or masks; may be given several times, an empty one takes all away
    #[arg(long, value_name = "FACT")]
    access: Vec<String>,
    /// More about access in one line; an empty text takes it away
    #[arg(long, value_name = "TEXT")]
    access_line: Option<String>,
}

impl Facts {
    pub fn apply(&self, access: &mut Access) -> Result<()> {
        if !self.access.is_empty() {
            let names = self.access.iter().flat_map(|names| names.split([',', ' '])).filter(|name| !name.is_empty());
            let fact = |name: &str| Fact::by_name(name).ok_or_else(|| Refusal::Fact(name.to_owned()));
            let facts = names.map(fact).collect::<Result<Vec<_>, _>>()?;
            *access = Access::of(facts, access.line.take());
        }
        if let Some(line) = &self.access_line {
            access.line = text::typed(line);
        }
        Ok(())
    }
}

impl What {
    fn apply(&self, place: &mut Place) -> Result<()> {
        if let Some(address) = &self.address {
            place.address = text::typed(address);
        }
        if let Some(geo) = &self.geo {
            place.position = text::typed(geo).as_deref().map(Position::parse).transpose()?;
        }
        self.access.apply(&mut place.access)
    }
}

fn read(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| Error::invalid(format!("{id:?} is not the id of a place")))
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let place = match self {
            Self::Add { group, name, what } => {
                app.act(move |conn, here| {
                    let mut place = Place {
                        id: here.new_id(),
                        group: group.clone(),
                        name: name.trim().to_owned(),
                        address: None,
                        position: None,
                        access: Access::default(),
                        updated: here.now,
                    };
                    what.apply(&mut place)?;
                    actions::add(conn, here, &place)
                })
                .await?
            }
            Self::Edit { id, name, what } => {
                let id = read(&id)?;
                app.act(move |conn, here| {
                    series::places::correct(conn, here, None, id, &|place| {
                        if let Some(name) = &name {
                            place.name = name.trim().to_owned();
                        }
                        what.apply(place)
                    })
                })
                .await?
            }
            Self::List { group } => {
                let places = app.db.read(move |conn| match &group {
                    Some(group) => {
                        crate::groups::actions::speaking(conn, group)?;
                        Ok(store::usable_by(conn, group)?)
                    }
                    None => Ok(store::list(conn)?),
                });
                let line = |place: &Place| format!("{}  {}  @{}", place.id, in_a_line(place), place.group);
                return Ok(Report::list(&places.await?, "No place yet: plaza place add …", line, described));
            }
            Self::Show { id } => {
                let id = read(&id)?;
                app.db.read(move |conn| actions::find(conn, None, id)).await?
            }
            Self::Remove { id } => {
                let id = read(&id)?;
                let place = app.act(move |conn, _| series::places::remove(conn, None, id)).await?;
                return Ok(Report::new(format!("{} is not offered any more.", place.name), described(&place)));
            }
        };
        let mut lines = vec![in_a_line(&place)];
        if !place.access.facts.is_empty() {
            lines.push(format!("Access: {}", place.access.names().replace(' ', ", ")));
        }
        lines.extend(place.access.line.clone());
        lines.push(format!("\nId: {}\nKept by @{}", place.id, place.group));
        Ok(Report::new(lines.join("\n"), described(&place)))
    }
}

fn in_a_line(place: &Place) -> String {
    [Some(&place.name), place.address.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
}

fn described(place: &Place) -> Value {
    json!({
        "id": place.id,
        "group": place.group,
        "name": place.name,
        "address": place.address,
        "geo": place.position.map(|position| json!([position.latitude, position.longitude])),
        "access": place.access.facts.iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "access_line": place.access.line,
    })
}

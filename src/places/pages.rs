//! Kept places on a group's desk: all that the group may use, another one, one corrected or removed.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    access::{Access, Fact},
    actions,
    place::{self, Place, Position},
    store,
};
use crate::{
    app::App,
    desk::pages::Choice,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        access::{Visitor, form, page},
        pages::{done, shell},
    },
    series, text,
    web::{
        Answer, Front, Shell,
        address::Access as Admission,
        capitalised,
        form::{Fields, Form, Problems},
        read_id,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page("/ours/@{handle}/places", Admission::Organizer, list))
        .service(form("/ours/@{handle}/places/new", Admission::Organizer, ask_new, take_new))
        .service(form("/ours/@{handle}/places/{id}", Admission::Organizer, ask, take))
        .service(form("/ours/@{handle}/places/{id}/remove", Admission::Organizer, ask_remove, remove));
}

/// A box for each fact, ticked where it is one.
pub fn facts(shell: &Shell, access: &Access) -> Vec<Choice> {
    let entry = |fact: Fact| Choice {
        value: fact.name().to_owned(),
        name: capitalised(&shell.say(&format!("access-{}", fact.name()))),
        chosen: access.has(fact),
    };
    Fact::ALL.into_iter().map(entry).collect()
}

/// As it is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Typed {
    name: String,
    address: String,
    /// `40.7092,-74.0113`.
    geo: String,
    access: Vec<String>,
    access_line: String,
}

impl Typed {
    fn of(place: &Place) -> Self {
        Self {
            name: place.name.clone(),
            address: place.address.clone().unwrap_or_default(),
            geo: place.position.map(|at| format!("{},{}", at.latitude, at.longitude)).unwrap_or_default(),
            access: place.access.facts.iter().map(|fact| fact.name().to_owned()).collect(),
            access_line: place.access.line.clone().unwrap_or_default(),
        }
    }

    fn access(&self) -> Access {
        Access::of(self.access.iter().filter_map(|name| Fact::by_name(name)), text::typed(&self.access_line))
    }

    /// Makes a place be as it was typed.
    fn fill(&self, place: &mut Place) -> Result<(), place::Refusal> {
        if let Some(fact) = self.access.iter().find(|name| Fact::by_name(name).is_none()) {
            return Err(place::Refusal::Fact(fact.clone()));
        }
        place.name = self.name.trim().to_owned();
        place.address = text::typed(&self.address);
        place.position = text::typed(&self.geo).as_deref().map(Position::parse).transpose()?;
        place.access = self.access();
        Ok(())
    }
}

type Where = (Data<App>, Data<Front>, Visitor);

/// A place in the list.
struct Line {
    name: String,
    address: Option<String>,
    access: String,
    /// Which group keeps it, and its language.
    keeper: Option<(String, String)>,
    page: String,
}

#[derive(Template)]
#[template(path = "places/places.html")]
struct List {
    shell: Shell,
    group: Group,
    /// The group's desk, and where another place is added.
    desk: String,
    new: String,
    places: Vec<Line>,
}

async fn list(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let found = app.db.read(move |conn| {
        let group = groups::actions::speaking(conn, &handle)?;
        let places = store::usable_by(conn, &handle)?;
        let keepers: Vec<&str> = places.iter().map(|place| place.group.as_str()).collect();
        let keepers = groups::store::names(conn, &keepers)?;
        Ok((group, places, keepers))
    });
    let (group, places, keepers) = found.await?;
    let shell = shell(&front, &request, &visitor, "places-title");
    let line = |place: Place| {
        let keeper = keepers.iter().find(|(handle, ..)| *handle == place.group && *handle != group.handle);
        let facts = place.access.facts.iter().map(|fact| shell.say(&format!("access-{}", fact.name())));
        let access = facts.chain(place.access.line.clone()).collect::<Vec<_>>().join(", ");
        Line {
            page: shell.link(&format!("/ours/@{}/places/{}", group.handle, place.id)),
            keeper: keeper.map(|(_, name, language)| (name.clone(), language.clone())),
            name: place.name,
            address: place.address,
            access: capitalised(&access),
        }
    };
    let places = places.into_iter().map(line).collect();
    let (desk, new) = (format!("/ours/@{}", group.handle), format!("/ours/@{}/places/new", group.handle));
    Shell::show_once(StatusCode::OK, &List { places, desk: shell.link(&desk), new: shell.link(&new), group, shell })
}

#[derive(Template)]
#[template(path = "places/place.html")]
struct Sheet {
    shell: Shell,
    /// Where all places are.
    list: String,
    typed: Typed,
    facts: Vec<Choice>,
    problems: Problems,
    action: String,
    /// Where the place is removed; of a new one: nowhere.
    remove: Option<String>,
}

fn show(shell: Shell, group: Group, id: Option<Uuid>, typed: Typed, problems: Problems) -> Answer {
    let path = match id {
        Some(id) => format!("/ours/@{}/places/{id}", group.handle),
        None => format!("/ours/@{}/places/new", group.handle),
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Sheet {
        facts: facts(&shell, &typed.access()),
        action: shell.link(&path),
        remove: id.map(|_| shell.link(&format!("{path}/remove"))),
        list: shell.link(&format!("/ours/@{}/places", group.handle)),
        typed,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

async fn group_of(app: &App, handle: &str) -> Result<Group> {
    let handle = handle.to_owned();
    app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await
}

async fn ask_new(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    show(shell(&front, &request, &visitor, "places-new"), group, None, Typed::default(), Problems::default())
}

async fn take_new(request: HttpRequest, at: Where, handle: Path<String>, Form(typed): Form<Typed>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    let shell = shell(&front, &request, &visitor, "places-new");
    let (speaker, keeper, new) = (visitor.speaker()?, group.handle.clone(), typed.clone());
    let added = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &keeper)?;
        let mut place = Place {
            id: here.new_id(),
            group: keeper.clone(),
            name: String::new(),
            address: None,
            position: None,
            access: Access::default(),
            updated: here.now,
        };
        new.fill(&mut place)?;
        actions::add(conn, here, &place)
    });
    let mut problems = Problems::default();
    match problems.refused(&shell.words, added.await)? {
        Some(_) => Ok(done(&shell, &format!("/ours/@{}/places", group.handle))),
        None => show(shell, group, None, typed, problems),
    }
}

async fn found(app: &App, (handle, id): &(String, String)) -> Result<(Group, Place), crate::web::Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    let found = app.db.read(move |conn| {
        let group = groups::actions::speaking(conn, &handle)?;
        let place = actions::find(conn, Some(&handle), id)?;
        Ok((group, place))
    });
    Ok(found.await?)
}

async fn ask(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (group, place) = found(&app, &path).await?;
    show(shell(&front, &request, &visitor, "places-correct"), group, Some(place.id), Typed::of(&place), Problems::default())
}

async fn take(request: HttpRequest, at: Where, path: Path<(String, String)>, Form(typed): Form<Typed>) -> Answer {
    let (app, front, visitor) = at;
    let (group, place) = found(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "places-correct");
    let (speaker, by, new) = (visitor.speaker()?, group.handle.clone(), typed.clone());
    let corrected = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &by)?;
        series::places::correct(conn, here, Some(&by), place.id, &|place| new.fill(place).map_err(Error::from))
    });
    let mut problems = Problems::default();
    match problems.refused(&shell.words, corrected.await)? {
        Some(_) => Ok(done(&shell, &format!("/ours/@{}/places", group.handle))),
        None => show(shell, group, Some(place.id), typed, problems),
    }
}

#[derive(Template)]
#[template(path = "places/remove.html")]
struct Remove {
    shell: Shell,
    place: Place,
    problems: Problems,
    action: String,
    back: String,
}

fn sure(shell: Shell, group: &Group, place: Place, problems: Problems) -> Answer {
    let path = format!("/ours/@{}/places/{}", group.handle, place.id);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (action, back) = (shell.link(&format!("{path}/remove")), shell.link(&path));
    Shell::show_once(status, &Remove { action, back, place, problems, shell })
}

async fn ask_remove(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = at;
    let (group, place) = found(&app, &path).await?;
    sure(shell(&front, &request, &visitor, "places-remove"), &group, place, Problems::default())
}

async fn remove(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let (group, place) = found(&app, &path).await?;
    let shell = shell(&front, &request, &visitor, "places-remove");
    let mut problems = Problems::default();
    if fields.get("sure").is_none() {
        problems.add("sure", shell.say("desk-not-sure"));
        return sure(shell, &group, place, problems);
    }
    let (speaker, by, id) = (visitor.speaker()?, group.handle.clone(), place.id);
    let removed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &by)?;
        series::places::remove(conn, Some(&by), id)
    });
    match problems.refused(&shell.words, removed.await)? {
        Some(_) => Ok(done(&shell, &format!("/ours/@{}/places", group.handle))),
        None => sure(shell, &group, place, problems),
    }
}

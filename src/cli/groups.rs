//! `plaza group …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Report, organizers, pictures};
use crate::{
    actors,
    app::{App, Here},
    care::deeds::{self, By},
    db::Conn,
    error::{Error, Result},
    groups::{
        actions,
        group::{self, Group, read_tags},
        habits::Positions,
        store,
    },
    living::{self, alike::alike, liveness::Signs, store::Seen},
    media::{self, Fresh, Kept},
    moving,
    origin::Local,
    pictures::Shape,
    powers::{self, deed::Reason},
    replies, series, text,
    words::Words,
};

#[derive(Subcommand)]
pub enum Command {
    /// Start a group
    Create(Create),
    /// Change what a group says about itself
    Edit(Edit),
    /// Every group that has not ended
    List,
    /// One group
    Show { handle: String },
    /// End a group for good: whoever follows it hears of it, and its name is not given away again if it was ever welcomed
    Close { handle: String },
    /// Let a group move to another server, at once and for good: whoever follows it is asked to follow the other one, which has to
    /// name this one as its own first (alsoKnownAs). From then on the group says nothing here
    Move {
        handle: String,
        /// The other one, such as @kitchen@boston.example
        to: String,
    },
    /// Let everyone hear of a group that waits
    Welcome { handle: String },
    /// Take that back: only whoever has its link sees the group, until it is welcomed again
    Unwelcome {
        handle: String,
        /// Why, for the public count
        #[arg(long, value_parser = reason, default_value = "other", value_name = "REASON")]
        reason: Reason,
    },
    /// Who speaks for a group
    #[command(subcommand)]
    Organizer(organizers::Command),
}

/// One of the short list.
pub fn reason(name: &str) -> Result<Reason, String> {
    let names: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    Reason::by_name(name).filter(|reason| *reason != Reason::None).ok_or_else(|| format!("one of {}", names.join(", ")))
}

#[derive(Args)]
pub struct Create {
    /// The name before the @: letters a–z, digits, underscores; it stays for ever
    handle: String,
    #[arg(long)]
    name: String,
    /// What the group is there for; Markdown
    #[arg(long, value_name = "TEXT")]
    mission: String,
    /// How to reach people
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// A topic; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Language of the group, such as en [default: the place's first language]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    #[command(flatten)]
    looks: Looks,
}

#[derive(Args)]
pub struct Edit {
    handle: String,
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_name = "TEXT")]
    mission: Option<String>,
    /// An empty text takes it away
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// All tags anew; one empty tag takes all away
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// How exactly a map shows where it meets, from now on: exact, 100m, 1km or none
    #[arg(long, value_name = "HOW")]
    positions: Option<String>,
    /// How many hours before a meeting its post is passed on once more; 0: never
    #[arg(long, value_name = "HOURS", allow_hyphen_values = true)]
    remind_hours: Option<i64>,
    /// So many days ahead followers hear of a meeting that recurs
    #[arg(long, value_name = "DAYS", allow_hyphen_values = true)]
    horizon: Option<i64>,
    /// The group says that it was this one of another server, which may move here then, such as @kitchen@boston.example; may be
    /// given several times
    #[arg(long, value_name = "HANDLE")]
    also_known_as: Vec<String>,
    /// It no longer says so; an id or a handle
    #[arg(long, value_name = "HANDLE")]
    no_longer_known_as: Vec<String>,
    #[command(flatten)]
    looks: Looks,
    /// Take the icon away: one is made from the name again
    #[arg(long, conflicts_with_all = ["icon", "icon_alt"])]
    no_icon: bool,
    /// The same with the wide picture
    #[arg(long, conflicts_with_all = ["header", "header_alt"])]
    no_header: bool,
}

/// The two pictures of a group; one that is not described is called by the group's name.
#[derive(Args, Clone)]
pub struct Looks {
    /// A picture, square or cut to be (PNG, JPEG, WebP)
    #[arg(long, value_name = "FILE")]
    icon: Option<String>,
    /// What the icon shows, in words
    #[arg(long, value_name = "TEXT")]
    icon_alt: Option<String>,
    /// A wide picture (PNG, JPEG, WebP)
    #[arg(long, value_name = "FILE")]
    header: Option<String>,
    /// What the header shows, in words
    #[arg(long, value_name = "TEXT")]
    header_alt: Option<String>,
}

impl Looks {
    /// Keeps what was given. Says what is new, then icon and header where they change.
    async fn keep(&self, app: &App, before: [Option<&Kept>; 2]) -> Result<(Vec<Fresh>, [Option<Kept>; 2])> {
        let mut fresh = Vec::new();
        let [icon, header] = before;
        let icon = look(&mut fresh, self.icon.as_deref(), self.icon_alt.as_deref(), Shape::Icon, icon).await?;
        let header = look(&mut fresh, self.header.as_deref(), self.header_alt.as_deref(), Shape::Header, header).await?;
        app.media.keep(&fresh).await?;
        Ok((fresh, [icon, header]))
    }
}

/// A new picture, or the one there is in other words.
async fn look(
    fresh: &mut Vec<Fresh>,
    file: Option<&str>,
    alt: Option<&str>,
    shape: Shape,
    before: Option<&Kept>,
) -> Result<Option<Kept>> {
    alt.map(media::check_alt).transpose()?;
    match (file, alt, before) {
        (Some(file), _, _) => {
            let new = pictures::take_in(file, shape, alt.unwrap_or_default()).await?;
            let kept = new.kept.clone();
            fresh.push(new);
            Ok(Some(kept))
        }
        (None, Some(alt), Some(before)) => Ok(Some(before.described_as(alt))),
        (None, Some(_), None) => Err(Error::invalid("there is no picture to describe: give it, too, with --icon or --header")),
        (None, None, _) => Ok(None),
    }
}

fn kept(group: &Group) -> Vec<Kept> {
    [&group.icon, &group.header].into_iter().flatten().cloned().collect()
}

impl Command {
    pub async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        match self {
            Self::Create(create) => create.run(app).await,
            Self::Edit(edit) => edit.run(app).await,
            Self::List => {
                let groups = app.db.read(move |conn| listed(conn, &here)).await?;
                let here = app.here();
                let line = |(group, signs): &(Group, Signs)| {
                    let waits = if group.welcomed.is_none() { "  (waits to be welcomed)" } else { "" };
                    let liveness = signs.liveness(here.now).name();
                    format!("@{}@{}  {}  ({liveness}){waits}", group.handle, here.origin.authority(), group.name)
                };
                Ok(Report::list(&groups, "No group yet: plaza group create …", line, |(group, signs)| {
                    seen(&here, group, signs)
                }))
            }
            Self::Show { handle } => {
                let now = here.now;
                let found = app.db.read(move |conn| {
                    let group = find(conn, &handle)?;
                    Ok((living::store::of(conn, now, &group)?, group))
                });
                let (signs, group) = found.await?;
                let words = Words::of("en");
                let zone = app.place.zone;
                let meets = living::wording::sentence(&words, zone, &signs, now, &group.name).map(|said| format!("\n\n{said}"));
                Ok(Report::new(page(&here, &group) + &meets.unwrap_or_default(), seen(&here, &group, &signs)))
            }
            Self::Close { handle } => {
                let whose = handle.clone();
                let replies = app.db.read(move |conn| Ok(replies::store::pictures_in(conn, &whose)?)).await?;
                let group = app.act(move |conn, here| deeds::end_group(conn, here, &By::default(), &handle)).await?;
                pictures::settle(app, &[], &[kept(&group), replies].concat()).await;
                let text = format!("{} has ended. Whoever follows it hears of it.", group.name);
                Ok(Report::new(text, described(&here, &group)))
            }
            Self::Move { handle, to } => {
                let to = moving::destination::find(app, &to).await?;
                let name = to.actor.handle();
                let role = powers::deed::Role::Caretaker;
                let group = app.act(move |conn, here| moving::actions::go(conn, here, &handle, &to, role)).await?;
                let text = format!(
                    "{} is {name} from now on. Whoever follows it is asked to follow that one; keep this city running for at least {} \
                     days, so that everyone finds where it went.",
                    group.name,
                    group::MOVED_STAYS
                );
                Ok(Report::new(text, described(&here, &group)))
            }
            Self::Welcome { handle } => {
                let group = app.act(move |conn, here| deeds::welcome(conn, here, &handle)).await?;
                Ok(Report::new(format!("Everyone may hear of {} now.", group.name), described(&here, &group)))
            }
            Self::Unwelcome { handle, reason } => {
                let by = By::machine(reason);
                let group = app.act(move |conn, here| deeds::unwelcome(conn, here, &by, &handle)).await?;
                let text = format!("{} waits to be welcomed again. Only whoever has its link sees it.", group.name);
                Ok(Report::new(text, described(&here, &group)))
            }
            Self::Organizer(command) => command.run(app).await,
        }
    }
}

fn find(conn: &mut Conn, handle: &str) -> Result<Group> {
    store::even_waiting(conn, handle)?.ok_or_else(|| Error::not_found(format!("there is no group {handle:?}")))
}

impl Create {
    async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let mut group = Group {
            name: self.name.trim().to_owned(),
            mission: self.mission.trim().to_owned(),
            contact: self.contact.as_deref().and_then(text::typed),
            tags: read_tags(self.tags.iter().map(String::as_str)),
            language: self.language.unwrap_or_else(|| first_language(app)),
            welcomed: Some(here.now),
            ..Group::blank(&self.handle, here.now)
        };
        // refuse what is wrong before making keys and pictures
        group.check()?;
        let handle = group.handle.clone();
        if app.db.read(move |conn| Ok(actors::store::find(conn, &Local::Group(handle))?)).await?.is_some() {
            return Err(group::Refusal::Taken(group.handle).into());
        }
        let now = here.now;
        let there = app.db.read(move |conn| Ok(living::store::all(conn, now)?)).await?;
        let alike = alike(&group, there);
        let (fresh, looks) = self.looks.keep(app, [None, None]).await?;
        [group.icon, group.header] = looks;
        let keys = actors::make_keys(app, &Local::Group(group.handle.clone())).await?;
        let new = group.clone();
        app.act(move |conn, here| actions::start(conn, here, &new, &keys)).await?;
        pictures::settle(app, &fresh, &[]).await;
        let mut json = described(&here, &group);
        json["alike"] = alike.iter().map(|other| seen(&here, &other.group, &other.signs)).collect();
        Ok(Report::new(page(&here, &group) + &sounds_like(&here, &alike), json))
    }
}

impl Edit {
    async fn run(self, app: &App) -> Result<Report> {
        let here = app.here();
        let handle = self.handle.clone();
        let read = |name: &String| Positions::by_name(name).ok_or_else(|| group::Refusal::Positions(name.clone()));
        let positions = self.positions.as_ref().map(read).transpose()?;
        let before = app.db.read(move |conn| actions::speaking(conn, &handle)).await?;
        let (mut named, mut unnamed) = (Vec::new(), Vec::new());
        for written in &self.also_known_as {
            named.push(moving::destination::find(app, written).await?.actor);
        }
        for written in &self.no_longer_known_as {
            unnamed.push(match before.also_known_as.contains(written) {
                true => written.clone(),
                false => actors::discovery::known_or_found(app, written).await?,
            });
        }
        let (fresh, [icon, header]) = self.looks.keep(app, [before.icon.as_ref(), before.header.as_ref()]).await?;
        let group = app
            .act(move |conn, here| {
                if let Some(days) = self.horizon {
                    series::actions::look_ahead(conn, &self.handle, days)?;
                }
                for other in &named {
                    moving::actions::be_known_as(conn, here, &self.handle, other)?;
                }
                for uri in &unnamed {
                    moving::actions::no_longer_known_as(conn, here, &self.handle, uri)?;
                }
                actions::edit(conn, here, &self.handle, &|group| {
                    set(&mut group.name, &self.name);
                    set(&mut group.mission, &self.mission);
                    set(&mut group.language, &self.language);
                    if let Some(contact) = &self.contact {
                        group.contact = text::typed(contact);
                    }
                    if !self.tags.is_empty() {
                        group.tags = read_tags(self.tags.iter().map(String::as_str));
                    }
                    group.habits.positions = positions.unwrap_or(group.habits.positions);
                    group.habits.remind = self.remind_hours.unwrap_or(group.habits.remind);
                    group.icon = icon.clone().or(group.icon.take().filter(|_| !self.no_icon));
                    group.header = header.clone().or(group.header.take().filter(|_| !self.no_header));
                })
            })
            .await?;
        pictures::settle(app, &fresh, &kept(&before)).await;
        Ok(Report::new(page(&here, &group), described(&here, &group)))
    }
}

fn set(field: &mut String, value: &Option<String>) {
    if let Some(value) = value {
        *field = value.trim().to_owned();
    }
}

fn first_language(app: &App) -> String {
    app.place.languages.first().map(ToString::to_string).unwrap_or_else(|| "en".into())
}

fn page(here: &Here, group: &Group) -> String {
    let follow = format!("@{}@{}", group.handle, here.origin.authority());
    let mut text = format!("{}\n{}\n\nFollow it as {follow}\nPage: {}", group.name, group.mission, url(here, group));
    if let Some(contact) = &group.contact {
        text.push_str(&format!("\nContact: {contact}"));
    }
    if group.welcomed.is_none() {
        text.push_str("\nThis group waits to be welcomed.");
    }
    if let (Some(to), Some(_)) = (&group.moved_to, group.moved) {
        text.push_str(&format!("\nThis group moved to {to}."));
    }
    if group.closed.is_some() {
        text.push_str("\nThis group has ended.");
    }
    text
}

/// Those that meet first; groups that wait to be welcomed last.
fn listed(conn: &mut Conn, here: &Here) -> Result<Vec<(Group, Signs)>> {
    let all = living::store::all(conn, here.now)?;
    let mut groups: Vec<(Group, Signs)> = all.into_iter().map(|seen| (seen.group, seen.signs)).collect();
    for group in store::waiting(conn)? {
        let signs = living::store::of(conn, here.now, &group)?;
        groups.push((group, signs));
    }
    Ok(groups)
}

fn sounds_like(here: &Here, alike: &[Seen]) -> String {
    let lines: Vec<String> = alike.iter().map(|seen| format!("\n{}  {}", seen.group.name, url(here, &seen.group))).collect();
    if lines.is_empty() { String::new() } else { format!("\n\nThese groups may already do this:{}", lines.concat()) }
}

fn url(here: &Here, group: &Group) -> String {
    format!("{}/@{}", here.origin, group.handle)
}

/// The group, and whether it still meets.
fn seen(here: &Here, group: &Group, signs: &Signs) -> Value {
    let mut json = described(here, group);
    json["liveness"] = json!(signs.liveness(here.now).name());
    json["next"] = json!(signs.next.map(|time| time.rfc3339()));
    json["met"] = json!(signs.met.map(|time| time.rfc3339()));
    json["said"] = json!(signs.said.map(|time| time.rfc3339()));
    json
}

pub fn described(here: &Here, group: &Group) -> Value {
    json!({
        "id": group.handle,
        "uri": here.origin.group(&group.handle),
        "url": url(here, group),
        "handle": format!("@{}@{}", group.handle, here.origin.authority()),
        "name": group.name,
        "mission": group.mission,
        "contact": group.contact,
        "tags": group.tags,
        "language": group.language,
        "positions": group.habits.positions.name(),
        "remind_hours": group.habits.remind,
        "icon": group.icon.as_ref().map(|picture| pictures::described(here, picture)),
        "header": group.header.as_ref().map(|picture| pictures::described(here, picture)),
        "created": group.created.rfc3339(),
        "updated": group.updated.rfc3339(),
        "welcomed": group.welcomed.map(|time| time.rfc3339()),
        "also_known_as": group.also_known_as,
        "moved_to": group.moved_to.as_ref().filter(|_| group.moved.is_some()),
        "moved": group.moved.map(|time| time.rfc3339()),
        "closed": group.closed.map(|time| time.rfc3339()),
    })
}

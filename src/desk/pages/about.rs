//! What a group says about itself: name, purpose, contact, topics, language, and its two pictures.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Desk,
    hearers::{What, hearers},
    settle, speaking,
    writing::{Choice, languages},
};
use crate::{
    app::{App, Here},
    desk::audience,
    error::{Error, Result},
    groups::{
        self,
        group::{Group, read_tags},
        habits::{Habits, Positions},
        media::{Which, small_address},
    },
    media::{self, Fresh, Kept},
    members::{
        access::{Visitor, form_of},
        pages::{did, shell},
    },
    pictures::{MAX_FILE, Shape},
    series, text,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Fields, LONGEST, Problems},
    },
};

/// Of the form with both pictures, in bytes.
const WITH_PICTURES: usize = 2 * MAX_FILE + LONGEST;

pub fn routes(config: &mut ServiceConfig) {
    config.service(form_of("/ours/@{handle}/about", Access::Organizer, WITH_PICTURES, ask, change));
}

/// As it is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Words {
    name: String,
    mission: String,
    contact: String,
    /// Separated by blanks or commas.
    tags: String,
    language: String,
    icon_alt: String,
    header_alt: String,
    /// `yes` takes the picture away: the one made from the name is shown again.
    no_icon: String,
    no_header: String,
    /// How exactly a map shows where the group meets.
    positions: String,
    /// Hours.
    remind: String,
    /// Days.
    horizon: String,
}

impl Words {
    fn of(group: &Group) -> Self {
        let alt = |picture: &Option<Kept>| picture.as_ref().map(|picture| picture.alt.clone()).unwrap_or_default();
        Self {
            name: group.name.clone(),
            mission: group.mission.clone(),
            contact: group.contact.clone().unwrap_or_default(),
            tags: group.tags.join(" "),
            language: group.language.clone(),
            icon_alt: alt(&group.icon),
            header_alt: alt(&group.header),
            positions: group.habits.positions.name().to_owned(),
            remind: group.habits.remind.to_string(),
            horizon: group.horizon.to_string(),
            ..Self::default()
        }
    }

    fn fill(&self, group: &mut Group) {
        group.name = self.name.trim().to_owned();
        group.mission = self.mission.trim().to_owned();
        group.contact = text::typed(&self.contact);
        group.tags = read_tags(self.tags.split([' ', ',', '\n', '\u{a0}']));
        group.language = self.language.trim().to_owned();
        group.horizon = self.days(group);
        let hours = self.remind.trim();
        group.habits = Habits {
            positions: Positions::by_name(&self.positions).unwrap_or(group.habits.positions),
            // whatever is no number is refused like one that is too large; what was not asked stays
            remind: if hours.is_empty() { group.habits.remind } else { hours.parse().unwrap_or(i64::MAX) },
        };
    }
}

impl Words {
    /// So many days ahead followers hear of what recurs; what is no number is refused like one that is too large.
    fn days(&self, group: &Group) -> i64 {
        let days = self.horizon.trim();
        if days.is_empty() { group.horizon } else { days.parse().unwrap_or(i64::MAX) }
    }
}

#[derive(Template)]
#[template(path = "desk/about.html")]
struct AboutPage {
    shell: Shell,
    desk: Desk,
    words: Words,
    languages: Vec<Choice>,
    positions: Vec<Choice>,
    icon: String,
    header: String,
    /// Is it one of theirs, and not made from the name?
    has_icon: bool,
    has_header: bool,
    hearers: Vec<String>,
    problems: Problems,
}

fn positions(shell: &Shell, chosen: &str) -> Vec<Choice> {
    let entry = |choice: Positions| Choice {
        value: choice.name().to_owned(),
        name: shell.say(&format!("desk-positions-{}", choice.name())),
        chosen: choice.name() == chosen,
    };
    Positions::ALL.into_iter().map(entry).collect()
}

type Where = (Data<App>, Data<Front>, Visitor);

async fn ask(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    show(&request, &at, &handle, None, Problems::default()).await
}

/// `typed` is what was sent, where that could not be kept.
async fn show(request: &HttpRequest, at: &Where, handle: &str, typed: Option<Words>, problems: Problems) -> Answer {
    let (app, front, visitor) = at;
    let handle = handle.to_owned();
    let found = app.db.read(move |conn| Ok((speaking(conn, &handle)?, audience::of(conn, &handle, false)?)));
    let (group, audience) = found.await?;
    let (shell, here): (Shell, Here) = (shell(front, request, visitor, "desk-about"), app.here());
    let words = typed.unwrap_or_else(|| Words::of(&group));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AboutPage {
        languages: languages(&words.language),
        positions: positions(&shell, &words.positions),
        icon: small_address(&here, &group, Which::Icon).path().to_owned(),
        header: small_address(&here, &group, Which::Header).path().to_owned(),
        hearers: hearers(&shell, &audience::Audience { square: audience::Square::None, ..audience }, What::default()),
        has_icon: group.icon.is_some(),
        has_header: group.header.is_some(),
        desk: Desk::of(&group),
        words,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

async fn change(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let (app, front, visitor) = &at;
    let words: Words = fields.parse()?;
    let page = shell(front, &request, visitor, "desk-about");
    let wanted = handle.clone();
    let before = app.db.read(move |conn| speaking(conn, &wanted)).await?;
    let mut problems = Problems::default();
    let mut fresh = Vec::new();
    // what is taken away is not described anew
    let stays = |picture: &Option<Kept>, none: &str| picture.clone().filter(|_| none != "yes");
    let (icon, header) = (stays(&before.icon, &words.no_icon), stays(&before.header, &words.no_header));
    let icon = look(&fields, ["icon", "icon-alt"], Shape::Icon, icon.as_ref(), &words.icon_alt, &mut fresh).await;
    let icon = problems.refused(&page.words, icon)?.flatten();
    let header = look(&fields, ["header", "header-alt"], Shape::Header, header.as_ref(), &words.header_alt, &mut fresh);
    let header = problems.refused(&page.words, header.await)?.flatten();
    let mut after = before.clone();
    words.fill(&mut after);
    if !words.positions.is_empty() && Positions::by_name(&words.positions).is_none() {
        let fault = groups::group::Refusal::Positions(words.positions.clone());
        problems.refused(&page.words, Err::<(), Error>(fault.into()))?;
    }
    for fault in after.faults() {
        problems.refused(&page.words, Err::<(), Error>(fault.into()))?;
    }
    if !problems.is_empty() {
        return show(&request, &at, &handle, Some(words), problems).await;
    }
    app.media.keep(&fresh).await?;
    let (speaker, group, typed) = (visitor.speaker()?, handle.clone(), words.clone());
    let changed = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        let known = speaking(conn, &group)?;
        let days = typed.days(&known);
        if days != known.horizon {
            series::actions::look_ahead(conn, &group, days)?;
        }
        groups::actions::edit(conn, here, &group, &|group| {
            typed.fill(group);
            let kept = |new: &Option<Kept>, before: Option<Kept>, none: &str| new.clone().or(before.filter(|_| none != "yes"));
            group.icon = kept(&icon, group.icon.take(), &typed.no_icon);
            group.header = kept(&header, group.header.take(), &typed.no_header);
        })
    });
    let changed = problems.refused(&page.words, changed.await)?;
    let shown: Vec<Kept> = [&before.icon, &before.header].into_iter().flatten().cloned().collect();
    settle(app, &fresh, &shown).await;
    match changed {
        Some(group) => Ok(did(&page, &Desk::of(&group).path(""), "saved")),
        None => show(&request, &at, &handle, Some(words), problems).await,
    }
}

/// A new picture, or the one there is in other words; `None` where nothing changes.
async fn look(
    fields: &Fields,
    [file, described]: [&'static str; 2],
    shape: Shape,
    before: Option<&Kept>,
    alt: &str,
    fresh: &mut Vec<Fresh>,
) -> Result<Option<Kept>> {
    let about = |error: Error, field: &'static str| match error {
        Error::Refused(mut why) => {
            why.said = why.said.map(|said| said.about(field));
            Error::Refused(why)
        }
        other => other,
    };
    let checked = |alt: &str| media::check_alt(alt).map_err(|why| about(why.into(), described));
    match (fields.file(file), before) {
        (Some(bytes), _) => {
            checked(alt)?;
            let new = media::take_in(bytes.to_vec(), shape, alt).await.map_err(|why| about(why, file))?;
            let kept = new.kept.clone();
            fresh.push(new);
            Ok(Some(kept))
        }
        (None, Some(before)) if before.alt != alt.trim() => {
            checked(alt)?;
            Ok(Some(before.described_as(alt)))
        }
        (None, _) => Ok(None),
    }
}

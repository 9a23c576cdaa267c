//! Pages of new groups: the link to share at once, and what waits to be welcomed.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde::Deserialize;

use super::{
    actions::welcome_as,
    newcomer::{KNOWN_AFTER, is_known, is_trusted, may_welcome},
    start,
};
use crate::{
    app::App,
    error::Error,
    groups::{self, group::Group},
    meetings::{self, meeting::Meeting},
    members::{
        access::{Visitor, deed, form, page},
        pages::{did, shell},
    },
    origin::Local,
    people::{self, sleeping},
    posters::qr,
    series::{self, pages::often, series::Series},
    text,
    web::{Answer, Day, Front, Shell, address::Access, form::Form},
};

const WAITING: &str = "/groups/welcome";

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(start::routes)
        .service(form(WAITING, Access::Member, waiting, welcome))
        .service(deed("/groups/welcome/asleep", Access::Caretaker, leave_asleep))
        .service(page("/ours/@{handle}/share", Access::Organizer, share));
}

#[derive(Template)]
#[template(path = "welcome/share.html")]
struct Share {
    shell: Shell,
    name: String,
    welcomed: bool,
    /// Only a caretaker welcomes a group of this name.
    trusted: bool,
    /// Something is on its agenda.
    meets: bool,
    code: Safe<String>,
    /// To be copied.
    plain: String,
    handle: String,
}

async fn share(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let (here, speaker, handle) = (app.here(), visitor.speaker()?, handle.into_inner());
    let at = here.clone();
    let (group, next, series) = app
        .db
        .read(move |conn| {
            speaker.speaks_for(conn, &at, &handle)?;
            let group = groups::actions::speaking(conn, &handle)?;
            let next = meetings::store::coming_of(conn, at.now, &handle, 1)?.into_iter().next();
            let series = next.as_ref().and_then(|next| next.recurrence).map(|this| series::store::by_id(conn, this.series));
            Ok((group, next, series.transpose()?.flatten()))
        })
        .await?;
    let shell = shell(&front, &request, &visitor, "share-title");
    let link = here.origin.page(&Local::Group(group.handle.clone())).map(String::from).unwrap_or_default();
    let page = Share {
        code: qr::svg(&link, &shell.fill("share-code", "group", &group.name))?,
        plain: plain(&shell, &group, next.as_ref(), series.as_ref(), &link),
        welcomed: group.welcomed.is_some(),
        trusted: is_trusted(&group.handle),
        meets: next.is_some(),
        name: group.name,
        handle: group.handle,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

/// What the group is, when it meets, and its link: whole in any chat.
fn plain(shell: &Shell, group: &Group, next: Option<&Meeting>, series: Option<&Series>, link: &str) -> String {
    let mission = text::first_line(&text::to_plain(&group.mission), 200);
    let meets = next.map(|meeting| {
        let when = shell.words.when_long(meeting.local_start(), meeting.local_end());
        let place = meeting.place.clone().unwrap_or_default();
        shell.words.say("share-meets", &[("when", &when), ("place", &place)])
    });
    let often = series.map(|series| often(shell, &series.rule, series.first, series.zone()));
    [Some(group.name.clone()), Some(mission), often, meets, Some(link.to_owned())]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

/// A group that waits.
struct Waiting {
    handle: String,
    name: String,
    language: String,
    mission: String,
    contact: Option<String>,
    since: String,
    page: String,
    /// May this visitor welcome it?
    may: bool,
    /// People look for help under its name.
    trusted: bool,
}

/// A sleeping group that somebody wants to pick up.
struct Asleep {
    id: String,
    name: String,
    page: String,
    until: String,
}

#[derive(Template)]
#[template(path = "welcome/waiting.html")]
struct WaitingPage {
    shell: Shell,
    /// Only for those who are known here.
    known: bool,
    /// From when on somebody who is not known yet will be.
    from: Option<String>,
    groups: Vec<Waiting>,
    /// Only for those who look after the place.
    asleep: Vec<Asleep>,
}

async fn waiting(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let shell = shell(&front, &request, &visitor, "waiting-title");
    let at = here.clone();
    let (member, groups, asleep) = app
        .db
        .read(move |conn| {
            let member = speaker.member(conn, &at)?;
            if !is_known(&member, at.now) {
                return Ok((member, vec![], vec![]));
            }
            let mut asleep = Vec::new();
            for request in if member.caretaker { people::store::pick_ups(conn)? } else { vec![] } {
                asleep.extend(groups::store::by_handle(conn, &request.group)?.map(|group| (request, group)));
            }
            Ok((member, groups::store::waiting(conn)?, asleep))
        })
        .await?;
    let day = |time: crate::clock::Timestamp| Day::of(&time.utc().with_timezone(&shell.zone), here.now).date(&shell.words);
    let line = |group: Group| Waiting {
        may: may_welcome(&member, &group.handle, here.now).is_ok(),
        trusted: is_trusted(&group.handle),
        page: shell.link(&format!("/@{}", group.handle)),
        since: shell.fill("waiting-since", "day", &day(group.created)),
        mission: text::first_line(&text::to_plain(&group.mission), 400),
        handle: group.handle,
        name: group.name,
        language: group.language,
        contact: group.contact,
    };
    let page = WaitingPage {
        known: is_known(&member, here.now),
        from: member.welcomed.map(|since| shell.fill("waiting-from", "day", &day(since + KNOWN_AFTER))),
        groups: groups.into_iter().map(line).collect(),
        asleep: asleep
            .into_iter()
            .map(|(request, group)| Asleep {
                id: request.id.to_string(),
                page: shell.link(&format!("/@{}", group.handle)),
                name: group.name,
                until: shell.fill("group-picked-up", "day", &day(request.until)),
            })
            .collect(),
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

#[derive(Deserialize)]
struct Named {
    group: String,
}

async fn welcome(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let speaker = visitor.speaker()?;
    let Named { group } = form.0;
    let shell = shell(&front, &request, &visitor, "waiting-title");
    app.act(move |conn, here| {
        let member = speaker.member(conn, here)?;
        welcome_as(conn, here, &member, &group)
    })
    .await?;
    Ok(did(&shell, WAITING, "welcomed"))
}

#[derive(Deserialize)]
struct Numbered {
    id: String,
}

async fn leave_asleep(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    form: Form<Numbered>,
) -> Answer {
    let speaker = visitor.speaker()?;
    let id = uuid::Uuid::parse_str(&form.0.id).map_err(|_| Error::not_found("no such request"))?;
    let shell = shell(&front, &request, &visitor, "waiting-title");
    app.act(move |conn, here| {
        speaker.caretaker(conn, here)?;
        let request = people::store::find(conn, id)?.ok_or(people::proposal::Refusal::Over)?;
        sleeping::refuse(conn, here, &speaker, &request.group, id)
    })
    .await?;
    Ok(did(&shell, WAITING, "saved"))
}

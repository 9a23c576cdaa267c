//! Who calls a meeting together, on its page; and where whoever speaks for a group asks others, accepts, declines and withdraws.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::{
    actions::{self, Whom},
    call::{Caller, Invitation, Refusal, State},
    store,
    wire::Called,
};
use crate::{
    actors::{discovery, remote},
    app::{App, Here},
    db::Conn,
    error::{Error, Result, Said},
    groups,
    meetings::{self, meeting::Meeting},
    members::{
        access::{Visitor, deed, form},
        pages::{done, shell},
    },
    origin::Local,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
        moment,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/ours/@{handle}/together", Access::Organizer, list, invite)).service(deed(
        "/ours/@{handle}/together/answer",
        Access::Organizer,
        answer,
    ));
}

/// Who else calls a meeting, and where its own page is if that is not ours.
pub struct Together {
    /// What they are called, and where they are found.
    pub others: Vec<(String, String)>,
    pub origin: Option<String>,
}

/// Groups named on one page.
const SHOWN: usize = 20;

/// Nothing for a meeting that one group calls. Of one that is held elsewhere its holder stands there, and those groups of ours that
/// accepted: who else is said to call it, nobody has shown us.
pub fn together(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<Option<Together>> {
    let mut others = Vec::new();
    let invitation = if meeting.is_held_elsewhere() { store::by_meeting(conn, meeting.id)? } else { None };
    let origin = match &invitation {
        Some(invitation) => {
            others.push(named(conn, here, &invitation.holder)?);
            Some(Called::kept(invitation)?.url.to_string())
        }
        None => None,
    };
    for caller in store::calling(conn, meeting.id)? {
        let named = named(conn, here, &caller.actor)?;
        if !others.contains(&named) {
            others.push(named);
        }
    }
    others.truncate(SHOWN);
    Ok((!others.is_empty() || origin.is_some()).then_some(Together { others, origin }))
}

/// What a group is called, by its id or path, and where people find it.
fn named(conn: &mut Conn, here: &Here, actor: &str) -> Result<(String, String)> {
    let url = if actor.starts_with('/') { here.origin.url(actor) } else { Url::parse(actor).map_err(Error::broken)? };
    if let Some(local @ Local::Group(_)) = here.origin.local(&url) {
        let Local::Group(handle) = &local else { return Ok((actor.to_owned(), url.to_string())) };
        let name = groups::store::by_handle(conn, handle)?.map_or_else(|| format!("@{handle}"), |group| group.name);
        return Ok((name, format!("/@{handle}")));
    }
    let known = remote::find(conn, &url)?;
    let name = known.map_or_else(|| url.host_str().unwrap_or_default().to_owned(), |actor| actor.handle());
    Ok((name, url.to_string()))
}

/// A meeting that our group was asked to call, or calls with the one that holds it.
struct Asked {
    /// As it is named in the form: its id there, or here.
    event: String,
    title: String,
    page: String,
    who: String,
    when: String,
    accepted: bool,
}

/// A group that was asked to call a meeting of ours.
struct Other {
    meeting: Uuid,
    actor: String,
    name: String,
    page: String,
    state: &'static str,
}

/// A meeting of ours, for the list of them.
struct Ours {
    id: Uuid,
    title: String,
    when: String,
    others: Vec<Other>,
}

#[derive(Template)]
#[template(path = "joint/together.html")]
struct TogetherPage {
    shell: Shell,
    group: String,
    desk: String,
    here: String,
    asked: Vec<Asked>,
    ours: Vec<Ours>,
    chosen: String,
    typed: String,
    problems: Problems,
}

type Where = (Data<App>, Data<Front>, Visitor);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    meeting: String,
    handle: String,
}

async fn list(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    show(&request, &at, &handle, Typed::default(), Problems::default()).await
}

/// Who calls a meeting with us, what they are called, and where they are found.
type Beside = (Caller, (String, String));

/// What is found for the page.
struct Found {
    group: groups::group::Group,
    invitations: Vec<(Invitation, (String, String))>,
    here: Vec<(Meeting, bool, (String, String))>,
    ours: Vec<(Meeting, Vec<Beside>)>,
}

/// Meetings in the list of those to which others can be asked.
const MEETINGS: i64 = 30;

fn look(conn: &mut Conn, here: &Here, handle: &str) -> Result<Found> {
    let group = groups::actions::speaking(conn, handle)?;
    let mut invitations = Vec::new();
    for invitation in store::of_group(conn, handle)? {
        if invitation.state != State::Declined {
            let holder = named(conn, here, &invitation.holder)?;
            invitations.push((invitation, holder));
        }
    }
    let mut of_here = Vec::new();
    for (state, accepted) in [(State::Invited, false), (State::Accepted, true)] {
        for id in store::asked_here(conn, handle, state)? {
            let meeting = meetings::actions::find(conn, id)?;
            if !meeting.is_held_elsewhere() && meeting.can_change_at(here.now).is_ok() {
                let holder = named(conn, here, &Local::Group(meeting.group.clone()).path())?;
                of_here.push((meeting, accepted, holder));
            }
        }
    }
    let mut ours = Vec::new();
    for meeting in meetings::store::coming_of(conn, here.now, handle, MEETINGS)? {
        if meeting.group == handle && meeting.is_said() && meeting.cancelled.is_none() {
            let mut others = Vec::new();
            for caller in store::callers_of(conn, meeting.id)? {
                let name = named(conn, here, &caller.actor)?;
                others.push((caller, name));
            }
            ours.push((meeting, others));
        }
    }
    Ok(Found { group, invitations, here: of_here, ours })
}

async fn show(request: &HttpRequest, (app, front, visitor): &Where, handle: &str, typed: Typed, problems: Problems) -> Answer {
    let (here, wanted) = (app.here(), handle.to_owned());
    let at = here.clone();
    let found = app.db.read(move |conn| look(conn, &at, &wanted)).await?;
    let shell = shell(front, request, visitor, "joint-title");
    let when = |meeting: &Meeting| moment(&shell.words, &meeting.local_start(), here.now);
    let there = |(invitation, (who, _)): &(Invitation, (String, String))| {
        let called = Called::kept(invitation).ok()?;
        let (starts, ends, zone) = called.change.times?;
        (ends > here.now && !called.change.cancelled).then(|| Asked {
            event: invitation.event.clone(),
            title: called.change.title.clone().unwrap_or_default(),
            page: called.url.to_string(),
            who: who.clone(),
            when: moment(&shell.words, &starts.utc().with_timezone(&zone), here.now),
            accepted: invitation.state == State::Accepted,
        })
    };
    let of_here = found.here.iter().map(|(meeting, accepted, (who, _))| Asked {
        event: meeting.id.to_string(),
        title: meeting.title.clone(),
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        who: who.clone(),
        when: when(meeting),
        accepted: *accepted,
    });
    let asked: Vec<Asked> = found.invitations.iter().filter_map(there).chain(of_here).collect();
    let other = |(caller, (name, page)): &Beside| Other {
        meeting: caller.meeting,
        actor: caller.actor.clone(),
        name: name.clone(),
        page: page.clone(),
        state: caller.state.name(),
    };
    let ours = found.ours.iter().map(|(meeting, others)| Ours {
        id: meeting.id,
        title: meeting.title.clone(),
        when: when(meeting),
        others: others.iter().map(other).collect(),
    });
    let ours = ours.collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TogetherPage {
        group: found.group.name,
        desk: shell.link(&format!("/ours/@{handle}")),
        here: shell.link(&format!("/ours/@{handle}/together")),
        asked,
        ours,
        chosen: typed.meeting,
        typed: typed.handle,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

/// The group that people mean: of this city, or looked up at its own.
pub async fn find(app: &App, written: &str) -> Result<Whom> {
    let name = written.trim().trim_start_matches('@');
    let ours = match name.split_once('@') {
        None if !name.contains(['/', ':']) => Some(name),
        Some((name, host)) if host.eq_ignore_ascii_case(&app.origin.authority()) => Some(name),
        _ => None,
    };
    if let Some(handle) = ours {
        return Ok(Whom::Ours(handle.to_ascii_lowercase()));
    }
    let unknown = || {
        let said = Said::new("refused-sister-unknown").with("handle", written).about("handle");
        Error::refused_in_words(format!("{written} cannot be found"), said)
    };
    match discovery::find(app, written.trim()).await {
        Ok(actor) => Ok(Whom::Elsewhere(Box::new(actor))),
        Err(Error::Broken(cause)) => Err(Error::Broken(cause)),
        Err(_) => Err(unknown()),
    }
}

async fn invite(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "joint-title");
    let (speaker, group, typed) = (visitor.speaker()?, handle.clone(), typed.0);
    let outcome = async {
        let id: Uuid = typed.meeting.parse().map_err(|_| Error::from(Refusal::NotOurs))?;
        if typed.handle.trim().is_empty() {
            return Err(Refusal::NoGroup("@".into()).into());
        }
        let whom = find(app, &typed.handle).await?;
        let asking = app.act(move |conn, here| {
            speaker.speaks_for(conn, here, &group)?;
            if meetings::actions::find(conn, id)?.group != group {
                return Err(Refusal::NotOurs.into());
            }
            actions::invite(conn, here, id, &whom)
        });
        asking.await
    };
    let mut problems = Problems::default();
    match problems.refused(&page.words, outcome.await)? {
        Some(_) => Ok(done(&page, &format!("/ours/@{}/together", *handle))),
        None => show(&request, &at, &handle, typed, problems).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Button {
    event: String,
    meeting: String,
    actor: String,
    #[serde(rename = "do")]
    what: String,
}

async fn answer(request: HttpRequest, at: Where, handle: Path<String>, button: Form<Button>) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, group, button) = (visitor.speaker()?, handle.clone(), button.0);
    app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        match button.what.as_str() {
            "accept" => actions::answer_named(conn, here, &group, &button.event, true).map(drop),
            "decline" => actions::answer_named(conn, here, &group, &button.event, false).map(drop),
            "withdraw" => actions::withdraw_named(conn, here, &group, &button.event),
            "dismiss" => {
                let id = button.meeting.parse().map_err(|_| Error::from(Refusal::NotOurs))?;
                if meetings::actions::find(conn, id)?.group != group {
                    return Err(Refusal::NotOurs.into());
                }
                actions::dismiss(conn, here, id, &button.actor)
            }
            _ => Err(Error::invalid("say what to do with the invitation")),
        }
    })
    .await?;
    let page = shell(front, &request, visitor, "joint-title");
    Ok(done(&page, &format!("/ours/@{}/together", *handle)))
}

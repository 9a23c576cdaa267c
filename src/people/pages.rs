//! Pages about who speaks for a group: the group's own, invitations, and picking up one that sleeps.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    actions, desk, fellows, invitations,
    proposal::{Kind, NEW, Proposal, is_frozen, is_new},
    sleeping, store,
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        self,
        access::{Visitor, deed, form, page},
        actions::Speaker,
        member::{Member, Organizer},
        pages::{did, shell},
        token::Token,
    },
    origin::Origin,
    posters::qr,
    powers::{
        self,
        deed::{Deed, Reason},
    },
    web::{Answer, Day, Failure, Front, Shell, address::Access, form::Form, moment},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page("/ours/@{handle}/people", Access::Organizer, people))
        .service(deed("/ours/@{handle}/people/invite", Access::Organizer, invite))
        .configure(desk::routes)
        .configure(fellows::pages::routes)
        .service(form("/invited", Access::Member, offers, answer))
        .service(form("/invited/{token}", Access::Member, invited, accept))
        .service(form("/@{handle}/pick-up", Access::Member, sleeper, pick_up));
}

/// The page of a group's people.
pub(super) fn path(group: &str) -> String {
    format!("/ours/@{group}/people")
}

/// One who speaks for the group.
struct Person {
    handle: String,
    name: String,
    /// Since when, and whether they are new or their powers rest.
    about: Vec<String>,
    is_you: bool,
    rests: bool,
    /// The visitor may show them a way in: whoever looks after the place is shown one by another caretaker only.
    shown_in: bool,
    /// Somebody asked that they no longer speak for it.
    asked: bool,
}

/// Something that waits for an answer.
pub struct Open {
    pub id: String,
    pub text: String,
    /// May the visitor confirm it, or take it back?
    pub confirms: bool,
    pub takes_back: bool,
}

#[derive(Template)]
#[template(path = "people/people.html")]
struct People {
    shell: Shell,
    handle: String,
    group: String,
    people: Vec<Person>,
    shown: bool,
    /// Why the visitor adds and removes nobody now.
    not_now: Option<String>,
    /// Showing somebody a way in takes no power from anybody: only whoever is new does not.
    is_new: bool,
    frozen: Option<String>,
    can_freeze: bool,
    /// From when on it can be frozen again, where that is not yet.
    freezes_again: Option<String>,
    ending: Option<String>,
    pick_up: Option<Open>,
    invitations: Vec<Open>,
    removals: Vec<Open>,
    log: Vec<(String, String)>,
    /// Where older deeds stand.
    older: Option<String>,
    alone: bool,
}

/// A group and its people, as one of them sees it.
pub struct Found {
    pub(super) group: Group,
    you: Organizer,
    pub(super) people: Vec<(Organizer, Member)>,
    pub(super) open: Vec<Proposal>,
    /// On one page.
    log: Vec<Deed>,
    /// How many are newer than those on the next page, where there is one.
    older: Option<i64>,
    /// Names of whoever is mentioned, by id.
    names: HashMap<Uuid, String>,
}

/// Deeds on one page.
const LOGGED: i64 = 100;

/// Without what was done.
pub fn look(conn: &mut Conn, here: &Here, speaker: &Speaker, handle: &str) -> Result<Found> {
    let you = speaker.speaks_for(conn, here, handle)?;
    let group = groups::actions::speaking(conn, handle)?;
    let people = members::store::organizers_of(conn, handle)?;
    let open = store::of_group(conn, handle, here.now)?;
    let names = people.iter().map(|(_, member)| (member.id, member.name.clone())).collect();
    let mut found = Found { group, you, people, open, log: vec![], older: None, names };
    let mentioned: Vec<_> = found.open.iter().flat_map(|it| [it.member, it.about]).flatten().collect();
    found.call(conn, mentioned)?;
    Ok(found)
}

/// Which deeds are asked for: how many newer ones were seen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

async fn people(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    handle: Path<String>,
    asked: Query<Asked>,
) -> Answer {
    let (here, speaker, handle) = (app.here(), visitor.speaker()?, handle.into_inner());
    let (at, after) = (here.clone(), asked.after.parse().ok().filter(|after: &i64| *after > 0).unwrap_or(0));
    let found = app.db.read(move |conn| {
        let mut found = look(conn, &at, &speaker, &handle)?;
        found.read_log(conn, at.now, after)?;
        Ok(found)
    });
    let found = found.await?;
    let shell = shell(&front, &request, &visitor, "people-title");
    Shell::show_once(StatusCode::OK, &found.page(shell, &here))
}

impl Found {
    fn read_log(&mut self, conn: &mut Conn, now: Timestamp, after: i64) -> Result<()> {
        let mut log = powers::store::page_of_group(conn, &self.group.handle, now, after, LOGGED + 1)?;
        let most = usize::try_from(LOGGED).unwrap_or(usize::MAX);
        self.older = (log.len() > most).then(|| after.saturating_add(LOGGED));
        log.truncate(most);
        self.call(conn, log.iter().flat_map(|it| [it.member, it.about]).flatten().collect())?;
        self.log = log;
        Ok(())
    }

    /// Finds the names of these.
    fn call(&mut self, conn: &mut Conn, mentioned: Vec<Uuid>) -> Result<()> {
        for id in mentioned {
            if !self.names.contains_key(&id) {
                self.names.extend(members::store::by_id(conn, id)?.map(|member| (id, member.name)));
            }
        }
        Ok(())
    }

    fn page(self, shell: Shell, here: &Here) -> People {
        let now = here.now;
        let when = |time: Timestamp| moment(&shell.words, &time.utc().with_timezone(&shell.zone), now);
        let frozen = is_frozen(&self.group, now).is_err();
        let not_now = self.not_now(&shell, now);
        let freezes_again = actions::freezes_again(&self.group, now).filter(|_| !frozen && self.people.len() > 1);
        let open = |kind: Kind| self.open.iter().filter(move |proposal| proposal.kind == kind);
        let invitations = open(Kind::Invitation).chain(open(Kind::Offer)).map(|it| Open {
            id: it.id.to_string(),
            text: match &it.named {
                None => shell.fill("people-open-link", "until", &when(it.until)),
                Some(named) => shell.words.say("people-open-offer", &[("who", named), ("until", &when(it.until))]),
            },
            confirms: false,
            takes_back: true,
        });
        let removals = open(Kind::Removal).map(|it| self.removal(&shell, it, not_now.as_deref(), &when)).collect();
        let pick_up = open(Kind::PickUp).next().map(|it| Open {
            id: it.id.to_string(),
            text: shell.words.say("people-pick-up", &[("who", &self.name(&shell, it.member)), ("until", &when(it.until))]),
            confirms: false,
            takes_back: true,
        });
        People {
            handle: self.group.handle.clone(),
            group: self.group.name.clone(),
            people: self.people.iter().map(|(organizer, member)| self.person(&shell, now, organizer, member)).collect(),
            shown: self.you.shown,
            not_now,
            is_new: is_new(&self.you, &self.group, now),
            frozen: self.group.frozen.filter(|_| frozen).map(|until| shell.fill("people-frozen", "until", &when(until))),
            can_freeze: !frozen && self.people.len() > 1 && freezes_again.is_none(),
            freezes_again: freezes_again.map(|from| shell.fill("people-freeze-again", "when", &when(from))),
            ending: self.group.ending.map(|end| shell.fill("people-ending", "when", &when(end))),
            pick_up,
            invitations: invitations.collect(),
            removals,
            log: self.log.iter().map(|deed| self.line(&shell, now, deed)).collect(),
            older: self.older.map(|after| shell.link(&format!("{}?after={after}#log", path(&self.group.handle)))),
            alone: self.people.len() == 1,
            shell,
        }
    }

    /// Why the visitor adds and removes nobody now, and from when on they do.
    pub fn not_now(&self, shell: &Shell, now: Timestamp) -> Option<String> {
        match is_frozen(&self.group, now) {
            Err(_) => Some(shell.say("people-refused-frozen")),
            Ok(()) => is_new(&self.you, &self.group, now).then(|| {
                let from = Day::of(&(self.you.since + NEW).utc().with_timezone(&shell.zone), now).date(&shell.words);
                shell.fill("people-not-yet", "from", &from)
            }),
        }
    }

    /// As they want to be called; whoever has no account any more is somebody.
    pub(super) fn name(&self, shell: &Shell, member: Option<Uuid>) -> String {
        member.and_then(|id| self.names.get(&id).cloned()).unwrap_or_else(|| shell.say("people-somebody"))
    }

    fn person(&self, shell: &Shell, now: Timestamp, organizer: &Organizer, member: &Member) -> Person {
        let since = Day::of(&organizer.since.utc().with_timezone(&shell.zone), now).date(&shell.words);
        let notes = [
            Some(shell.fill("people-since", "day", &since)),
            is_new(organizer, &self.group, now).then(|| shell.say("people-new")),
            organizer.paused.map(|_| shell.say("people-paused")),
            organizer.shown.then(|| shell.say("people-shown")),
        ];
        Person {
            handle: member.handle.clone(),
            name: member.name.clone(),
            about: notes.into_iter().flatten().collect(),
            is_you: member.id == self.you.member,
            rests: organizer.paused.is_some(),
            shown_in: !member.caretaker || self.people.iter().any(|(_, you)| you.id == self.you.member && you.caretaker),
            asked: self.open.iter().any(|it| it.kind == Kind::Removal && it.about == Some(member.id)),
        }
    }

    /// `not_now`: why the visitor could not confirm it.
    pub(super) fn removal(
        &self,
        shell: &Shell,
        it: &Proposal,
        not_now: Option<&str>,
        when: &dyn Fn(Timestamp) -> String,
    ) -> Open {
        let of_two = it.is_of_two(self.people.iter().map(|(organizer, _)| organizer));
        let message = if of_two { "people-open-notice" } else { "people-open-removal" };
        let until = when(if of_two { it.holds_from() } else { it.until });
        let (who, about) = (self.name(shell, it.member), self.name(shell, it.about));
        let why = shell.say(&format!("reason-{}", it.reason.name()));
        let blanks = [("who", who.as_str()), ("about", &about), ("reason", &why), ("until", &until)];
        let mut text = shell.words.say(message, &blanks);
        let yours = it.member == Some(self.you.member);
        let second = !yours && it.about != Some(self.you.member);
        if let Some(not_now) = not_now.filter(|_| second && !of_two) {
            text = format!("{text} {not_now}");
        }
        Open { id: it.id.to_string(), text, confirms: not_now.is_none() && second, takes_back: yours }
    }

    /// The day, and what was done.
    fn line(&self, shell: &Shell, now: Timestamp, deed: &Deed) -> (String, String) {
        let mut text = shell.say(&format!("deed-{}", deed.kind.name()));
        let who = match deed.member {
            Some(_) => shell.fill("people-log-by", "who", &self.name(shell, deed.member)),
            None => shell.say(&format!("role-{}", deed.role.name())),
        };
        text.push_str(&format!(", {who}"));
        if deed.about.is_some() {
            text.push_str(&format!(" → {}", self.name(shell, deed.about)));
        }
        if deed.reason != Reason::None {
            text.push_str(&format!(" ({})", shell.say(&format!("reason-{}", deed.reason.name()))));
        }
        (Day::of(&deed.done.utc().with_timezone(&chrono_tz::Tz::UTC), now).date(&shell.words), text)
    }
}

#[derive(Template)]
#[template(path = "people/invitation.html")]
struct Invitation {
    shell: Shell,
    group: String,
    link: String,
    code: Safe<String>,
    back: String,
}

/// The link is shown now and never again.
async fn invite(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let (speaker, handle, token) = (visitor.speaker()?, handle.into_inner(), Token::new()?);
    let (hash, back) = (token.hash(), path(&handle));
    let group = app.act(move |conn, here| invitations::invite(conn, here, &speaker, &handle, &hash)).await?;
    let shell = shell(&front, &request, &visitor, "invitation-title");
    let link = invitation(&app.origin, &token);
    let page = Invitation {
        code: qr::svg(&link, &shell.fill("invitation-code", "group", &group.name))?,
        group: group.name,
        back: shell.link(&back),
        link,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

fn invitation(origin: &Origin, token: &Token) -> String {
    origin.url(&format!("/invited/{}", token.reveal())).into()
}

/// A question with one answer: yes, or go away. Without `action` there is nothing to answer.
#[derive(Template)]
#[template(path = "people/question.html")]
struct Question {
    shell: Shell,
    text: String,
    more: String,
    action: String,
    button: String,
    back: String,
}

async fn invited(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, token: Path<String>) -> Answer {
    let (here, secret) = (app.here(), read(&token)?);
    let group = app.db.read(move |conn| invitations::invited_to(conn, &here, &secret.hash())).await?;
    let shell = shell(&front, &request, &visitor, "invited-title");
    let page = Question {
        text: shell.fill("invited-text", "group", &group.name),
        more: shell.say("invited-more"),
        action: shell.link(&format!("/invited/{token}")),
        button: shell.say("invited-accept"),
        back: shell.link("/ours"),
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

fn read(token: &str) -> Result<Token> {
    Token::read(token).ok_or_else(|| super::proposal::Refusal::Over.into())
}

async fn accept(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, token: Path<String>) -> Answer {
    let (speaker, hash) = (visitor.speaker()?, read(&token)?.hash());
    let group = app.act(move |conn, here| invitations::accept(conn, here, &speaker, &hash)).await?;
    Ok(did(&shell(&front, &request, &visitor, "invited-title"), &path(&group.handle), "speaks"))
}

#[derive(Template)]
#[template(path = "people/offers.html")]
struct Offers {
    shell: Shell,
    /// Each the number of an offer and the group's name.
    offers: Vec<(String, String)>,
}

async fn offers(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let offers = app
        .db
        .read(move |conn| {
            let member = speaker.member(conn, &here)?;
            let offers = invitations::offers(conn, member.id, here.now)?;
            Ok(offers.into_iter().map(|(offer, group)| (offer.id.to_string(), group.name)).collect())
        })
        .await?;
    Shell::show_once(StatusCode::OK, &Offers { shell: shell(&front, &request, &visitor, "offers-title"), offers })
}

#[derive(Deserialize)]
struct Answered {
    id: String,
    answer: String,
}

async fn answer(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Answered>) -> Answer {
    let (speaker, id, accepts) = (visitor.speaker()?, desk::number(&form.0.id)?, form.0.answer == "yes");
    let group = app.act(move |conn, here| invitations::answer(conn, here, &speaker, id, accepts)).await?;
    let shell = shell(&front, &request, &visitor, "offers-title");
    Ok(match accepts {
        true => did(&shell, &path(&group), "speaks"),
        false => did(&shell, "/invited", "decided"),
    })
}

async fn sleeper(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let (here, wanted) = (app.here(), handle.clone());
    let found = app
        .db
        .read(move |conn| {
            let group = groups::store::by_handle(conn, &wanted)?;
            let group = group.ok_or_else(|| Error::not_found("there is no group of that name"))?;
            let free = group.closed.is_none() && sleeping::can_be_picked_up(conn, &here, &group)?;
            let nobody = members::store::organizers_of(conn, &wanted)?.is_empty();
            Ok((group, free, nobody, sleeping::asked(conn, &here, &wanted)?))
        })
        .await?;
    let (group, free, nobody, asked) = found;
    if group.closed.is_some() {
        return Err(Failure::Gone);
    }
    if !free {
        return Err(Error::from(super::proposal::Refusal::Awake).into());
    }
    let shell = shell(&front, &request, &visitor, "pick-up-title");
    let back = shell.link(&format!("/@{}", group.handle));
    let text = shell.fill(if nobody { "pick-up-nobody" } else { "pick-up-text" }, "group", &group.name);
    let page = match asked {
        Some(request) => {
            let yours = request.member == visitor.member().map(|member| member.id);
            let day = Day::of(&request.until.utc().with_timezone(&shell.zone), app.clock.now()).date(&shell.words);
            let more = shell.fill(if yours { "pick-up-yours" } else { "pick-up-theirs" }, "day", &day);
            Question { text: group.name, more, action: String::new(), button: shell.say("error-way-group"), back, shell }
        }
        None => {
            let action = shell.link(&format!("/@{}/pick-up", group.handle));
            Question { text, more: shell.say("pick-up-more"), action, button: shell.say("pick-up-ask"), back, shell }
        }
    };
    Shell::show_once(StatusCode::OK, &page)
}

async fn pick_up(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let (speaker, handle) = (visitor.speaker()?, handle.into_inner());
    let group = app.act(move |conn, here| sleeping::ask(conn, here, &speaker, &handle)).await?;
    Ok(did(&shell(&front, &request, &visitor, "pick-up-title"), &format!("/@{}", group.handle), "pick-up-asked"))
}

//! What is pressed on the page of a group's people; deeds that hurt ask twice.

use std::future;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    actions, ending, invitations,
    proposal::{Kind, Refusal},
    sleeping, store,
};
use crate::{
    app::{App, Here},
    db::Conn,
    error::{Error, Result},
    members::{
        self,
        access::{Visitor, deed, form},
        actions::Speaker,
        pages::{Sure, did, shell},
    },
    powers::deed::Reason,
    text,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, Form, Problems},
    },
};

pub fn routes(config: &mut ServiceConfig) {
    let organizer = Access::Organizer;
    config
        .service(deed("/ours/@{handle}/people/offer", organizer, offer))
        .service(deed("/ours/@{handle}/people/withdraw", organizer, withdraw))
        .service(deed("/ours/@{handle}/people/name", organizer, name))
        .service(deed("/ours/@{handle}/people/lay-down", organizer, lay_down))
        .service(form("/ours/@{handle}/people/remove", organizer, ask_whom, remove))
        .service(deed("/ours/@{handle}/people/confirm", organizer, confirm))
        .service(deed("/ours/@{handle}/people/keep", organizer, keep))
        .service(deed("/ours/@{handle}/people/freeze", organizer, freeze))
        .service(form("/ours/@{handle}/people/end", organizer, ask_end, end))
        .service(deed("/ours/@{handle}/people/go-on", organizer, go_on))
        .service(deed("/ours/@{handle}/people/leave-asleep", organizer, refuse_pick_up));
}

/// Whatever these buttons send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Pressed {
    id: String,
    member: String,
    reason: String,
    shown: String,
    words: String,
    sure: String,
}

/// Who presses what, and where.
struct Desk {
    app: Data<App>,
    front: Data<Front>,
    request: HttpRequest,
    visitor: Visitor,
    group: String,
    /// They pressed it where everything stands that waits, and go back there.
    waits: bool,
}

impl FromRequest for Desk {
    type Error = Failure;
    type Future = future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let missing = || Error::broken("an address of the desk lacks what it works with");
        let found = Visitor::from_request(request, payload).into_inner().and_then(|visitor| {
            Ok(Self {
                app: request.app_data::<Data<App>>().ok_or_else(missing)?.clone(),
                front: request.app_data::<Data<Front>>().ok_or_else(missing)?.clone(),
                group: request.match_info().get("handle").ok_or_else(missing)?.to_owned(),
                waits: request.extensions().get::<Fields>().is_some_and(|sent| sent.get("back") == Some("waiting")),
                request: request.clone(),
                visitor,
            })
        });
        future::ready(found)
    }
}

impl Desk {
    fn shell(&self, title: &str) -> Shell {
        shell(&self.front, &self.request, &self.visitor, title)
    }

    fn back(&self) -> String {
        super::pages::path(&self.group)
    }

    /// Where they came from.
    fn from(&self) -> String {
        if self.waits { format!("/ours/@{}/waiting", self.group) } else { self.back() }
    }

    /// Does it and goes back to the page, which says what was `done`.
    async fn does<T: Send + 'static>(
        &self,
        done: &str,
        deed: impl Fn(&mut Conn, &Here, &Speaker, &str) -> Result<T> + Send + 'static,
    ) -> Answer {
        let (speaker, group) = (self.visitor.speaker()?, self.group.clone());
        self.app.act(move |conn, here| deed(conn, here, &speaker, &group)).await?;
        Ok(did(&self.shell("people-title"), &self.from(), done))
    }

    /// Asks before it is done. `message` is the title and the button; `message`-more says what will happen.
    fn asks(&self, message: &str, deed: &str, fields: &[(&str, &str)]) -> Answer {
        let text = self.shell(message).say(&format!("{message}-more"));
        self.asks_in_words(message, text, deed, fields)
    }

    fn asks_in_words(&self, message: &str, text: String, deed: &str, fields: &[(&str, &str)]) -> Answer {
        let shell = self.shell(message);
        let button = shell.about.title.clone();
        let (action, back) = (format!("{}/{deed}", self.back()), self.from());
        let mut fields = fields.to_vec();
        fields.extend(self.waits.then_some(("back", "waiting")));
        Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &back })
    }
}

pub(super) fn number(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| Refusal::Over.into())
}

async fn offer(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let handle = pressed.0.member.trim().trim_start_matches('@').to_lowercase();
    desk.does("offered", move |conn, here, speaker, group| invitations::offer(conn, here, speaker, group, &handle)).await
}

async fn withdraw(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let id = number(&pressed.0.id)?;
    desk.does("taken-back", move |conn, here, speaker, group| invitations::take_back(conn, here, speaker, group, id)).await
}

async fn name(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let shown = pressed.0.shown == "yes";
    desk.does("saved", move |conn, here, speaker, group| actions::show_name(conn, here, speaker, group, shown)).await
}

async fn lay_down(desk: Desk, pressed: Form<Pressed>) -> Answer {
    if pressed.0.sure.is_empty() {
        return desk.asks("people-lay-down", "lay-down", &[]);
    }
    desk.does("laid-down", actions::lay_down).await?;
    // the group's own page is no longer theirs
    Ok(did(&desk.shell("people-title"), "/ours", "laid-down"))
}

#[derive(Template)]
#[template(path = "people/remove.html")]
struct Remove {
    shell: Shell,
    action: String,
    member: String,
    text: String,
    back: String,
    reasons: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct Whom {
    member: Option<String>,
}

async fn ask_whom(desk: Desk, whom: Query<Whom>) -> Answer {
    let (handle, group) = (whom.into_inner().member.unwrap_or_default(), desk.group.clone());
    let found = desk.app.db.read(move |conn| {
        let people = members::store::organizers_of(conn, &group)?;
        let count = people.len();
        Ok((people.into_iter().find(|(_, member)| member.handle == handle).map(|(_, member)| member), count))
    });
    let (member, count) = found.await?;
    let member = member.ok_or_else(|| Error::not_found("nobody of that name speaks for this group"))?;
    let shell = desk.shell("people-remove");
    let message = if count == 2 { "people-remove-of-two" } else { "people-remove-more" };
    let page = Remove {
        text: shell.fill(message, "who", &member.name),
        action: shell.link(&format!("{}/remove", desk.back())),
        back: shell.link(&desk.back()),
        reasons: Reason::ALL.iter().map(|reason| (reason.name(), shell.say(&format!("reason-{}", reason.name())))).collect(),
        member: member.handle,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

async fn remove(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let Pressed { member, reason, .. } = pressed.0;
    let reason = Reason::by_name(&reason).filter(|reason| *reason != Reason::None).unwrap_or(Reason::Other);
    desk.does("removal-asked", move |conn, here, speaker, group| {
        actions::ask_removal(conn, here, speaker, group, &member, reason)
    })
    .await
}

async fn confirm(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let Pressed { id, sure, .. } = pressed.0;
    if sure.is_empty() {
        let text = going(&desk, number(&id)?).await?;
        return desk.asks_in_words("people-confirm", text, "confirm", &[("id", &id)]);
    }
    let id = number(&id)?;
    desk.does("removed", move |conn, here, speaker, group| actions::confirm_removal(conn, here, speaker, group, id)).await
}

/// Who it is that goes, who asked for it, and why: more than one may be asked at the same time.
async fn going(desk: &Desk, id: Uuid) -> Result<String> {
    let group = desk.group.clone();
    let found = desk.app.db.read(move |conn| {
        let removal = store::find(conn, id)?.filter(|it| it.group == group && it.kind == Kind::Removal).ok_or(Refusal::Over)?;
        let mut who = |id: Option<Uuid>| id.map(|id| members::store::by_id(conn, id)).transpose().map(Option::flatten);
        Ok((who(removal.about)?.ok_or(Refusal::Over)?, who(removal.member)?, removal.reason))
    });
    let ((about, asked, reason), shell) = (found.await?, desk.shell("people-confirm"));
    let asked = asked.map_or_else(|| shell.say("people-somebody"), |member| member.name);
    let reason = shell.say(&format!("reason-{}", reason.name()));
    let blanks = [("about", about.name.as_str()), ("handle", &about.handle), ("who", &asked), ("reason", &reason)];
    Ok(shell.words.say("people-confirm-more", &blanks))
}

async fn keep(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let id = number(&pressed.0.id)?;
    desk.does("taken-back", move |conn, here, speaker, group| actions::take_back_removal(conn, here, speaker, group, id)).await
}

async fn freeze(desk: Desk, pressed: Form<Pressed>) -> Answer {
    if pressed.0.sure.is_empty() {
        return desk.asks("people-freeze", "freeze", &[]);
    }
    desk.does("frozen", actions::freeze).await
}

#[derive(Template)]
#[template(path = "people/end.html")]
struct End {
    shell: Shell,
    problems: Problems,
    words: String,
    action: String,
    back: String,
    /// Those words were read once more, and there is only one button left.
    sure: bool,
}

impl Desk {
    fn end(&self, status: StatusCode, problems: Problems, words: String, sure: bool) -> Answer {
        let shell = self.shell("people-end");
        let (action, back) = (shell.link(&format!("{}/end", self.back())), shell.link(&self.back()));
        Shell::show_once(status, &End { shell, problems, words, action, back, sure })
    }
}

async fn ask_end(desk: Desk) -> Answer {
    desk.end(StatusCode::OK, Problems::default(), String::new(), false)
}

async fn end(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let Pressed { words, sure, .. } = pressed.0;
    let words = words.trim().to_owned();
    let mut problems = Problems::default();
    if !words.is_empty() && !text::is_prose(&words, 5_000) {
        problems.add("words", desk.shell("people-end").say("people-refused-words"));
        return desk.end(StatusCode::UNPROCESSABLE_ENTITY, problems, words, false);
    }
    if sure.is_empty() {
        return desk.end(StatusCode::OK, problems, words, true);
    }
    let last = (!words.is_empty()).then(|| words.clone());
    let set = move |conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str| {
        ending::set(conn, here, speaker, group, last.as_deref())
    };
    let outcome = desk.does("ending", set).await;
    match outcome {
        Err(Failure::Error(Error::Refused(why))) => {
            problems.add("words", desk.shell("people-end").words.why(&why));
            desk.end(StatusCode::UNPROCESSABLE_ENTITY, problems, words, false)
        }
        other => other,
    }
}

async fn go_on(desk: Desk) -> Answer {
    desk.does("ending-off", ending::call_off).await
}

async fn refuse_pick_up(desk: Desk, pressed: Form<Pressed>) -> Answer {
    let id = number(&pressed.0.id)?;
    desk.does("decided", move |conn, here, speaker, group| sleeping::refuse(conn, here, speaker, group, id)).await
}

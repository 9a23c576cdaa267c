//! Making an account: first a name, then what to sign in with.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Invitation, Key, Mode, Newcomer, Refusal, invite, is_used, join, may_invite, may_join, mode};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
    groups,
    members::{
        access::{Visitor, form},
        handle, member,
        pages::shell,
        passkeys::{
            ceremony::Made,
            pages::{Asking, asking_to_join, of_newcomer},
        },
        password::{self, Lane},
        recovery::pages::Show,
        sign_in::{Kept, ours, pages as sign_in},
        store,
        token::Token,
    },
    people, text,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, Problems},
        saying,
        script::PASSKEY,
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/join", Access::Anyone, show, take))
        .service(form("/welcome/{token}", Access::Anyone, show_start, take_start))
        .service(form("/me/invite", Access::Member, ask_invite, show_invitation));
}

/// Could it be a name to sign in with, whoever has it?
fn check_form(handle: &str) -> Result<()> {
    match groups::group::check_handle(handle) {
        Ok(()) | Err(groups::group::Refusal::Reserved(_)) => Ok(()),
        Err(_) => Err(Refusal::Handle(handle.to_owned()).into()),
    }
}

/// May somebody sign in with this name? Accounts do not speak, so only what could be mistaken is kept from them: the names that
/// the city keeps for itself, and those of groups. A group may later get the name of an account.
fn check_handle(conn: &mut Conn, handle: &str) -> Result<()> {
    match groups::group::check_handle(handle) {
        Err(groups::group::Refusal::Reserved(_)) => return Err(Refusal::Taken(handle.to_owned()).into()),
        Err(_) => return Err(Refusal::Handle(handle.to_owned()).into()),
        Ok(()) => {}
    }
    let taken = store::by_handle(conn, handle)?.is_some() || groups::store::even_waiting(conn, handle)?.is_some();
    if taken { Err(Refusal::Taken(handle.to_owned()).into()) } else { Ok(()) }
}

/// The first that nobody has.
fn propose(conn: &mut Conn, name: &str) -> Result<String> {
    for proposal in handle::proposals(name)? {
        if check_handle(conn, &proposal).is_ok() {
            return Ok(proposal);
        }
    }
    Ok(String::new())
}

#[derive(Clone, Default, Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
    /// Not there before the second page.
    handle: Option<String>,
    #[serde(default)]
    password: String,
    #[serde(default)]
    then: String,
    #[serde(default)]
    invitation: String,
    /// With a passkey: the number of the account, and what the browser made.
    #[serde(default)]
    user: String,
    /// `stay` for another language.
    #[serde(default)]
    go: String,
    #[serde(skip)]
    made: Made,
}

impl Typed {
    fn of(fields: &Fields) -> Result<Self, Failure> {
        Ok(Self { made: fields.parse()?, ..fields.parse()? })
    }

    fn has_passkey(&self) -> bool {
        !self.made.public_key.is_empty()
    }
}

#[derive(Template)]
#[template(path = "members/joining/join.html")]
struct Join {
    shell: Shell,
    problems: Problems,
    /// Where the form goes.
    action: String,
    typed: Typed,
    /// Of the second page.
    handle: Option<String>,
    /// For the first account of the place.
    is_first: bool,
    /// There is no form, because only whoever was invited may join.
    closed: bool,
    /// They came with an invitation that somebody used, or that is too old.
    used: bool,
    /// With the number of the account.
    asking: Option<(Asking, String)>,
}

impl Join {
    fn script(&self) -> String {
        PASSKEY.path()
    }
}

struct Desk<'a> {
    app: &'a App,
    front: &'a Front,
    shell: Shell,
    action: String,
    invitation: Invitation,
    /// It opens nothing.
    used: bool,
}

impl Desk<'_> {
    fn page(self, status: StatusCode, problems: Problems, typed: Typed, handle: Option<String>, closed: bool) -> Answer {
        let Self { app, front, shell, action, invitation, used } = self;
        let shell = if closed { shell } else { shell.carried_by("join") };
        let is_first = matches!(invitation, Invitation::Start(_));
        let asking = if handle.is_some() { asking_to_join(app)? } else { None };
        let page = Join { shell, problems, action, typed, handle, is_first, closed, used, asking };
        Shell::one_of_several(Shell::show_once_with(status, front, &PASSKEY, &page))
    }

    /// Whether this person may make an account at all.
    async fn is_open(&mut self, then: &str) -> Result<bool> {
        if let Some(hash) = self.is_asked_to_speak(then).await? {
            self.invitation = Invitation::ToGroup(hash);
        }
        let (invitation, now) = (self.invitation.clone(), self.app.clock.now());
        let may = self.app.db.read(move |conn| {
            let may = match may_join(conn, now, &invitation) {
                Ok(_) => true,
                Err(Error::Refused(_)) => false,
                Err(error) => return Err(error),
            };
            Ok((may, is_used(conn, now, &invitation)?))
        });
        let (may, used) = may.await?;
        self.used = used;
        Ok(may)
    }

    /// Do they come with the link of somebody who wants them to speak for a group?
    async fn is_asked_to_speak(&self, then: &str) -> Result<Option<String>> {
        let token = then.strip_prefix("/invited/").and_then(|rest| Token::read(rest.split('?').next().unwrap_or_default()));
        let (Some(token), Invitation::None) = (token, &self.invitation) else { return Ok(None) };
        let (here, hash) = (self.app.here(), token.hash());
        let asked = self.app.db.read(move |conn| match people::invitations::invited_to(conn, &here, &hash) {
            Ok(_) => Ok(Some(hash)),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        });
        asked.await
    }

    async fn show(mut self, typed: Typed) -> Answer {
        let open = self.is_open(&typed.then).await?;
        if !open && matches!(self.invitation, Invitation::Start(_)) {
            return Err(Error::from(Refusal::Used).into());
        }
        self.page(StatusCode::OK, Problems::default(), typed, None, !open)
    }

    async fn take(mut self, visitor: &Visitor, mut typed: Typed) -> Answer {
        let app = self.app;
        if !self.is_open(&typed.then).await? {
            let refusal = match self.invitation {
                Invitation::Start(_) | Invitation::To(_) => Refusal::Used,
                _ => Refusal::ByInvitation,
            };
            return Err(Error::from(refusal).into());
        }
        if typed.go == "stay" {
            let handle = typed.handle.as_deref().map(handle::written);
            return self.page(StatusCode::OK, Problems::default(), typed, handle, false);
        }
        typed.name = typed.name.trim().to_owned();
        let mut problems = Problems::default();
        if !text::is_line(&typed.name, 60) {
            let named: Result<(), Error> = Err(member::Refusal::Name.into());
            problems.refused(&self.shell.words, named)?;
        }
        let Some(handle) = typed.handle.as_deref().map(handle::written) else {
            return self.second(problems, typed).await;
        };
        // who has an account is told to nobody for the asking: a name is only looked up once all the rest is right
        problems.refused(&self.shell.words, check_form(&handle))?;
        let known = [typed.name.as_str(), handle.as_str(), app.place.name.as_str()];
        if !typed.has_passkey() {
            problems.refused(&self.shell.words, password::check(&typed.password, &known).map_err(Error::from))?;
        }
        if !problems.is_empty() {
            return self.page(StatusCode::UNPROCESSABLE_ENTITY, problems, typed, Some(handle), false);
        }
        let password = match typed.has_passkey() {
            true => None,
            false => Some(password::fingerprint(typed.password.clone(), Lane::Anybody).await?),
        };
        let (user, made, secret) = (typed.user.clone(), typed.made.clone(), app.secret.clone());
        let (name, called, language) = (typed.name.clone(), handle.clone(), self.shell.words.tag());
        let (token, invitation) = (Token::new()?, self.invitation.clone());
        let (new, before) = (token.clone(), visitor.session().map(|session| (session.member.id, session.id)));
        let joined = app.act(move |conn, here| {
            check_handle(conn, &called)?;
            let key = match &password {
                Some(password) => Key::Password(password.clone()),
                None => Key::Passkey(of_newcomer(conn, here, &secret, &user, &made)?),
            };
            let newcomer = Newcomer { name: name.clone(), handle: called.clone(), language: language.clone(), key };
            if let Some((member, session)) = before {
                store::end_session(conn, member, session)?;
            }
            let member = join(conn, here, &newcomer, &invitation, &new)?;
            let asked = match &invitation {
                Invitation::ToGroup(hash) if mode(conn)? == Mode::Invited => Some(hash),
                _ => None,
            };
            if let Some(hash) = asked {
                people::invitations::keep_for(conn, here, &member, hash)?;
            }
            Ok((member, asked.is_some()))
        });
        match problems.refused(&self.shell.words, joined.await)? {
            Some((member, asked)) => {
                if asked {
                    typed.then = "/invited".to_owned();
                }
                let then =
                    if typed.then.is_empty() { "/me/codes".to_owned() } else { sign_in::with_then("/me/codes", &typed.then) };
                let then = saying(&then, "joined");
                sign_in::go_on(app, self.shell, &member, &token, &then, Kept::default())
            }
            None => {
                // whatever is wrong with the name, another one stands there, as for a name that nobody tried yet
                let handle = match problems.of("handle") {
                    None => handle,
                    Some(_) => {
                        let stem = handle.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
                        app.db.read(move |conn| propose(conn, &stem)).await?
                    }
                };
                self.page(StatusCode::UNPROCESSABLE_ENTITY, problems, typed, Some(handle), false)
            }
        }
    }

    /// What to sign in with, proposed from the name.
    async fn second(self, problems: Problems, typed: Typed) -> Answer {
        if !problems.is_empty() {
            return self.page(StatusCode::UNPROCESSABLE_ENTITY, problems, typed, None, false);
        }
        let name = typed.name.clone();
        let handle = self.app.db.read(move |conn| propose(conn, &name)).await?;
        self.page(StatusCode::OK, problems, typed, Some(handle), false)
    }
}

fn desk<'a>(front: &'a Front, request: &HttpRequest, app: &'a App, visitor: &Visitor, invitation: &str) -> Desk<'a> {
    let invitation = Token::read(invitation).map_or(Invitation::None, Invitation::To);
    Desk { app, front, shell: shell(front, request, visitor, "join-title"), action: "/join".to_owned(), invitation, used: false }
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let invitation = query.into_iter().find(|(name, _)| name == "invitation").map(|(_, token)| token.into_owned());
    let invitation = invitation.unwrap_or_default();
    let then = sign_in::then_of(&request, &app);
    let desk = desk(&front, &request, &app, &visitor, &invitation);
    desk.show(Typed { then, invitation, ..Typed::default() }).await
}

async fn take(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, fields: Fields) -> Answer {
    let mut typed = Typed::of(&fields)?;
    typed.then = ours(&typed.then, &app.origin).unwrap_or_default();
    desk(&front, &request, &app, &visitor, &typed.invitation).take(&visitor, typed).await
}

fn first_desk<'a>(
    front: &'a Front,
    request: &HttpRequest,
    app: &'a App,
    visitor: &Visitor,
    token: &str,
) -> Result<Desk<'a>, Failure> {
    let link = Token::read(token).ok_or(Refusal::Used).map_err(Error::from)?;
    let (action, invitation) = (format!("/welcome/{token}"), Invitation::Start(link));
    Ok(Desk { app, front, shell: shell(front, request, visitor, "welcome-title"), action, invitation, used: false })
}

async fn show_start(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, token: Path<String>) -> Answer {
    first_desk(&front, &request, &app, &visitor, &token)?.show(Typed::default()).await
}

async fn take_start(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    token: Path<String>,
    fields: Fields,
) -> Answer {
    first_desk(&front, &request, &app, &visitor, &token)?
        .take(&visitor, Typed { then: String::new(), ..Typed::of(&fields)? })
        .await
}

async fn ask_invite(request: HttpRequest, front: Data<Front>, visitor: Visitor) -> Answer {
    if !visitor.member().is_some_and(may_invite) {
        return Err(Error::from(Refusal::Stranger).into());
    }
    let shell = shell(&front, &request, &visitor, "invite-title");
    let (text, more) = (shell.say("invite-ask"), shell.say("invite-ask-more"));
    Show::before(shell, text, more, "/me/invite".to_owned(), "/me".to_owned())
}

async fn show_invitation(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (speaker, token) = (visitor.speaker()?, Token::new()?);
    let link = token.clone();
    app.act(move |conn, here| match may_invite(&speaker.member(conn, here)?) {
        true => invite(conn, here, &link),
        false => Err(Refusal::Stranger.into()),
    })
    .await?;
    let shell = shell(&front, &request, &visitor, "invite-title");
    let (text, more) = (shell.say("invite-shown"), shell.say("invite-shown-more"));
    Show::now(&app, shell, &format!("/join?invitation={}", token.reveal()), text, more, "/me".to_owned())
}

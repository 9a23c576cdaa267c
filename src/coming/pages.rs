//! Saying whether one comes, changing it with the link that was given, and what the group does about the answers.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    accounts::{self, Given, Taken},
    actions::{self, Care, Shown},
    answer::{Answer as Said, Refusal, Step, Tally},
};
use crate::{
    announcements::{self, pages::Item},
    app::{App, Here},
    clock::Timestamp,
    error::Error,
    groups,
    meetings::{self, meeting::Meeting},
    members::{
        access::{Visitor, form},
        pages::{done, shell as shell_of},
        token::Token,
    },
    web::{About, Answer, Day, Front, Shell, address::Access, capitalised, form::Form, hours, moment, read_id},
    words::Words,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/meetings/{id}/coming", Access::Nameless, back, answer))
        .service(form("/meetings/{id}/coming/{secret}", Access::Nameless, given, change))
        .service(form("/me/coming/{id}", Access::Member, of_account, answer_of_account))
        .service(form("/ours/@{handle}/coming/{id}", Access::Organizer, counted, care));
}

/// The part of a meeting's page that is about coming.
pub struct Part {
    pub open: bool,
    /// Where the answers go.
    pub address: String,
    /// About how many come, and how many may.
    pub said: Vec<String>,
    /// Where there is room for some only: how many, and where those with an account answer.
    pub places: Option<(String, String)>,
}

/// Of this meeting, whose answers are `shown`; `None` where there is nothing to say.
pub fn part(words: &Words, meeting: &Meeting, over: bool, shown: Option<Shown>) -> Option<Part> {
    let Shown { open, tally, full } = shown?;
    let said = said(words, tally, over);
    let address = format!("/meetings/{}/coming", meeting.id);
    let places = meeting.capacity.filter(|_| open).map(|most| (places(words, most, full), format!("/me/coming/{}", meeting.id)));
    (meeting.cancelled.is_none() && (open || !said.is_empty())).then_some(Part { open, address, said, places })
}

fn places(words: &Words, most: i64, full: bool) -> String {
    words.say(if full { "coming-places-full" } else { "coming-places" }, &[("places", &most.to_string())])
}

/// Sentences with steps; what is over and was below the first step is not worth one.
fn said(words: &Words, tally: Tally, over: bool) -> Vec<String> {
    let nobody = Step::default();
    let first =
        (!over || tally.coming > nobody).then(|| tally.coming.said(words, if over { "coming-came" } else { "coming-come" }));
    let second = (!over && tally.maybe > nobody).then(|| tally.maybe.said(words, "coming-maybe"));
    first.into_iter().chain(second).collect()
}

/// What a button says.
#[derive(Deserialize)]
struct Button {
    #[serde(default)]
    answer: String,
}

impl Button {
    fn said(&self) -> Result<Said, Error> {
        Said::by_name(&self.answer).ok_or_else(|| Refusal::Answer.into())
    }
}

/// Whoever comes to the address of the buttons is shown the buttons.
async fn back(request: HttpRequest, front: Data<Front>, id: Path<String>) -> Answer {
    let id = read_id(&id)?;
    Ok(done(&frame(&front, &request), &format!("/meetings/{id}#coming")))
}

async fn answer(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    id: Path<String>,
    Form(button): Form<Button>,
) -> Answer {
    let (id, shell) = (read_id(&id)?, frame(&front, &request));
    match first_answer(&app, id, &button).await {
        Ok(token) => Ok(done(&shell, &format!("/meetings/{id}/coming/{}", token.reveal()))),
        Err(error) => not_taken(shell, &app, id, error).await,
    }
}

async fn first_answer(app: &App, id: Uuid, button: &Button) -> Result<Token, Error> {
    let (said, token) = (button.said()?, Token::new()?);
    let full = app.db.read(move |conn| actions::is_full_of_waiting(conn, id)).await?;
    let (here, secret, new) = (app.here(), app.secret.clone(), token.clone());
    app.db.write(move |conn| actions::say(conn, &here, &secret, id, (&new, full), said)).await?;
    Ok(token)
}

/// The page on which an answer can be changed, or that says why there is none.
#[derive(Template)]
#[template(path = "coming/answer.html")]
struct AnswerPage {
    shell: Shell,
    title: String,
    language: String,
    page: String,
    when: String,
    place: Option<String>,
    /// That it was moved or called off since it was put up; when each one answered is not kept.
    notice: Option<String>,
    /// What the group said about that, the newest first.
    changes: Vec<Item>,
    /// Why not, if not.
    why: Option<String>,
    /// What was answered, and where it is changed.
    given: Option<(Said, String)>,
    /// Can it still be changed?
    open: bool,
    calendar: String,
}

impl AnswerPage {
    fn others(&self) -> Vec<Said> {
        Said::ALL.into_iter().filter(|said| self.given.as_ref().is_some_and(|(given, _)| given != said)).collect()
    }
}

fn frame(front: &Front, request: &HttpRequest) -> Shell {
    Shell::new(front, request, About { kind: "website", private: true, ..About::default() })
}

fn page(mut shell: Shell, here: &Here, meeting: &Meeting, given: Option<(Said, String)>, why: Option<String>) -> AnswerPage {
    shell.about.title = match &given {
        Some((said, _)) => shell.say(&format!("coming-you-{}", said.name())),
        None => shell.say("coming-title"),
    };
    AnswerPage {
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        page: shell.link(&format!("/meetings/{}", meeting.id)),
        when: when(&shell, here, meeting),
        place: Some(meeting.place.iter().chain(&meeting.address).cloned().collect::<Vec<_>>().join(", "))
            .filter(|place| !place.is_empty()),
        notice: notice(&shell, here, meeting),
        changes: vec![],
        open: meeting.can_change_at(here.now).is_ok(),
        calendar: format!("/meetings/{}.ics", meeting.id),
        shell,
        why,
        given,
    }
}

/// Day and hours there.
fn when(shell: &Shell, here: &Here, meeting: &Meeting) -> String {
    let start = meeting.local_start();
    let day = capitalised(&Day::of(&start, here.now).date(&shell.words));
    let hours = hours(&shell.words, &start, &meeting.local_end(), here.now);
    shell.words.say("day-hour", &[("day", &day), ("hour", &hours)])
}

/// What whoever answered before should know now.
fn notice(shell: &Shell, here: &Here, meeting: &Meeting) -> Option<String> {
    if meeting.cancelled.is_some() {
        return Some(shell.say("meeting-cancelled"));
    }
    let there = |time: Timestamp| moment(&shell.words, &time.utc().with_timezone(&meeting.zone), here.now);
    let before = meeting.previous_start.filter(|before| *before != meeting.starts)?;
    let blanks = [("before", there(before)), ("after", there(meeting.starts))];
    Some(shell.words.say("coming-moved", &blanks.each_ref().map(|(name, time)| (*name, time.as_str()))))
}

/// Says kindly why an answer is not taken.
async fn not_taken(shell: Shell, app: &App, id: Uuid, error: Error) -> Answer {
    let Error::Refused(why) = error else { return Err(error.into()) };
    let meeting = app.db.read(move |conn| meetings::actions::find(conn, id)).await?;
    let why = shell.words.why(&why);
    Shell::show_once(StatusCode::UNPROCESSABLE_ENTITY, &page(shell, &app.here(), &meeting, None, Some(why)))
}

/// Addresses that are no answer's are all the same, whatever is wrong with them.
fn read_secret(secret: &str) -> Result<Token, Error> {
    Token::read(secret).ok_or_else(|| Error::not_found("no answer has this address"))
}

async fn given(request: HttpRequest, app: Data<App>, front: Data<Front>, path: Path<(String, String)>) -> Answer {
    let (id, text) = path.into_inner();
    let (id, token, secret) = (read_id(&id)?, read_secret(&text)?, app.secret.clone());
    let found = app.db.read(move |conn| {
        let (meeting, said) = actions::look(conn, &secret, id, &token)?;
        Ok((meeting, said, announcements::store::of_meeting(conn, id)?))
    });
    let (meeting, said, changes) = found.await?;
    let shell = frame(&front, &request);
    let change = shell.link(&format!("/meetings/{id}/coming/{text}"));
    let here = app.here();
    let changes = changes.iter().map(|note| announcements::pages::item(&shell, &here, note, None)).collect();
    let page = AnswerPage { changes, ..page(shell, &here, &meeting, Some((said, change)), None) };
    Shell::show_once(StatusCode::OK, &page)
}

async fn change(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    path: Path<(String, String)>,
    Form(button): Form<Button>,
) -> Answer {
    let (id, text) = path.into_inner();
    let (id, token, shell) = (read_id(&id)?, read_secret(&text)?, frame(&front, &request));
    let (here, secret) = (app.here(), app.secret.clone());
    let changed = match button.said() {
        Ok(said) => app.db.write(move |conn| actions::change(conn, &here, &secret, id, &token, said)).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => Ok(done(&shell, &format!("/meetings/{id}/coming/{text}"))),
        Err(error) => not_taken(shell, &app, id, error).await,
    }
}

/// Whoever has an account here answers with it where places are few: once, and without anybody seeing that it was them.
#[derive(Template)]
#[template(path = "coming/account.html")]
struct AccountPage {
    shell: Shell,
    title: String,
    language: String,
    page: String,
    here: String,
    when: String,
    places: Option<String>,
    /// Why not, if not.
    why: Option<String>,
    given: Option<Said>,
    open: bool,
}

impl AccountPage {
    fn others(&self) -> Vec<Said> {
        Said::ALL.into_iter().filter(|said| self.given != Some(*said)).collect()
    }
}

type Asked = (Data<App>, Data<Front>, Visitor);

async fn of_account(request: HttpRequest, asked: Asked, id: Path<String>) -> Answer {
    show_account(&request, &asked, read_id(&id)?, None).await
}

async fn show_account(request: &HttpRequest, (app, front, visitor): &Asked, id: Uuid, why: Option<String>) -> Answer {
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let found = app.db.read(move |conn| {
        let member = speaker.member(conn, &here)?;
        let meeting = meetings::actions::find(conn, id)?;
        let shown = actions::shown(conn, &meeting, here.now)?;
        Ok((accounts::look(conn, &here, id, &accounts::member(member.id))?, meeting, shown))
    });
    let (given, meeting, shown) = found.await?;
    let shell = shell_of(front, request, visitor, "coming-account-title");
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let places = meeting.capacity.map(|most| places(&shell.words, most, shown.is_some_and(|shown| shown.full)));
    let page = AccountPage {
        page: shell.link(&format!("/meetings/{id}")),
        here: shell.link(&format!("/me/coming/{id}")),
        when: when(&shell, &app.here(), &meeting),
        open: shown.is_some_and(|shown| shown.open),
        title: meeting.title,
        language: meeting.language,
        places,
        why,
        given,
        shell,
    };
    Shell::show_once(status, &page)
}

/// What the button says that takes an answer back.
const BACK: &str = "back";

async fn answer_of_account(request: HttpRequest, asked: Asked, id: Path<String>, Form(button): Form<Button>) -> Answer {
    let (id, (app, front, visitor)) = (read_id(&id)?, &asked);
    let speaker = visitor.speaker()?;
    let given = app.act(move |conn, here| {
        let who = accounts::member(speaker.member(conn, here)?.id);
        if button.answer == BACK {
            return accounts::take_back(conn, here, id, &who).map(drop);
        }
        let given = Given { who: &who, answer: button.said()?, note: None, host: None };
        match accounts::give(conn, here, id, &given)? {
            Taken::Stands { .. } => Ok(()),
            Taken::Full => Err(Refusal::Full.into()),
            Taken::Refused(refusal) => Err(refusal.into()),
        }
    });
    let shell = shell_of(front, &request, visitor, "coming-account-title");
    match given.await {
        Ok(()) => Ok(done(&shell, &format!("/me/coming/{id}"))),
        Err(Error::Refused(why)) => show_account(&request, &asked, id, Some(shell.words.why(&why))).await,
        Err(error) => Err(error.into()),
    }
}

/// For the organizers: the same steps as everybody sees, and what waits.
#[derive(Template)]
#[template(path = "coming/counted.html")]
struct Counted {
    shell: Shell,
    title: String,
    language: String,
    page: String,
    said: Vec<String>,
    /// How many wait, in words.
    held: Option<String>,
    asked: bool,
    open: bool,
    here: String,
}

async fn counted(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    path: Path<(String, String)>,
    visitor: Visitor,
) -> Answer {
    let (handle, id) = path.into_inner();
    let (id, here, speaker) = (read_id(&id)?, app.here(), visitor.speaker()?);
    let (group, now, at) = (handle.clone(), here.now, here.clone());
    let (meeting, shown) = app
        .db
        .read(move |conn| {
            speaker.speaks_for(conn, &at, &group)?;
            groups::actions::speaking(conn, &group)?;
            let meeting = meetings::actions::find(conn, id)?;
            if meeting.group != group {
                return Err(Error::not_found(format!("this group holds no meeting {id}")));
            }
            let shown = actions::shown(conn, &meeting, now)?;
            Ok((meeting, shown))
        })
        .await?;
    let shell = shell_of(&front, &request, &visitor, "coming-counted-title");
    let (over, tally) = (meeting.ends <= now, shown.map(|shown| shown.tally).unwrap_or_default());
    let page = Counted {
        page: shell.link(&format!("/meetings/{id}")),
        said: if shown.is_some() { said(&shell.words, tally, over) } else { vec![] },
        held: tally.held.map(|held| held.said(&shell.words, "coming-held")),
        asked: shown.is_some(),
        open: meeting.can_change_at(now).is_ok(),
        here: shell.link(&format!("/ours/@{handle}/coming/{id}")),
        title: meeting.title,
        language: meeting.language,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

#[derive(Deserialize)]
struct CareFor {
    #[serde(default)]
    care: String,
}

async fn care(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    path: Path<(String, String)>,
    visitor: Visitor,
    Form(wanted): Form<CareFor>,
) -> Answer {
    let (handle, id) = path.into_inner();
    let (id, speaker) = (read_id(&id)?, visitor.speaker()?);
    let care = Care::by_name(&wanted.care).ok_or_else(|| Error::invalid("say what to do with the answers"))?;
    let group = handle.clone();
    app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        actions::care(conn, here, &group, id, care)
    })
    .await?;
    Ok(done(&shell_of(&front, &request, &visitor, "coming-counted-title"), &format!("/ours/@{handle}/coming/{id}")))
}

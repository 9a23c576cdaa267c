//! The sister groups of a group, and of the plaza: asked by their handle, left again, what they said, and what of it is passed on.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;

use super::{Line, at, speaking};
use crate::{
    actors::{discovery, remote},
    app::{App, Here},
    db::Conn,
    desk::mentions::must_not_be_blocked,
    error::{Error, Result, Said},
    groups::group::PLAZA,
    members::{
        access::{Visitor, deed, form},
        actions::Speaker,
        pages::{done, shell},
    },
    powers::{
        self,
        deed::{Deed, Kind, Role},
    },
    sisters::{
        self,
        news::{self, News, State},
        passing,
        sister::{Heard, Policy, Refusal, Sister},
        store::{self, Wanted},
    },
    text,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/ours/@{handle}/sisters", Access::Organizer, list, add)).service(deed(
        "/ours/@{handle}/sisters/do",
        Access::Organizer,
        act,
    ));
}

/// Whose sisters a page is about.
pub struct Whose {
    group: String,
    /// The page itself.
    base: String,
    /// Names the message of its title, and of the sentence below.
    title: &'static str,
    /// Where one comes from.
    back: String,
}

impl Whose {
    fn group(handle: &str) -> Self {
        let base = format!("/ours/@{handle}/sisters");
        Self { group: handle.to_owned(), base, title: "desk-sisters", back: format!("/ours/@{handle}") }
    }

    /// Whoever looks after the place chooses for the plaza.
    pub fn plaza() -> Self {
        Self { group: PLAZA.to_owned(), base: "/care/sisters".to_owned(), title: "care-sisters", back: "/care".to_owned() }
    }
}

/// A group of another place.
struct Other {
    /// Its id.
    actor: String,
    /// `@kitchen@boston.example`, or its id.
    handle: String,
    state: String,
    /// Each policy: as it is sent, as it is said, whether it holds.
    policies: Vec<(&'static str, String, bool)>,
}

/// Something that a sister said and that waits to be decided about.
pub struct Waiting {
    pub uri: String,
    pub title: String,
    pub language: String,
    pub beginning: String,
    pub page: String,
    pub who: String,
    pub when: String,
    pub urgent: bool,
}

/// Something that was passed on.
struct Passed {
    uri: String,
    title: String,
    language: String,
    when: String,
}

#[derive(Template)]
#[template(path = "desk/sisters.html")]
struct SistersPage {
    shell: Shell,
    base: String,
    back: String,
    /// What that is called, and in which language.
    from: (String, String),
    lead: String,
    /// Of a group, what waits stands on a page for all of that.
    elsewhere: Option<String>,
    waiting: Vec<Waiting>,
    others: Vec<Other>,
    heard: Vec<Line>,
    passed: Vec<Passed>,
    typed: Typed,
    policies: Vec<(&'static str, String, bool)>,
    problems: Problems,
}

impl SistersPage {
    /// What takes everything but a question to another group.
    fn there(&self) -> String {
        self.shell.link(&format!("{}/do", self.base))
    }
}

pub type Where = (Data<App>, Data<Front>, Visitor);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    handle: String,
    policy: String,
    actor: String,
    uri: String,
    #[serde(rename = "do")]
    deed: String,
}

/// Shown of what sisters said and of what was passed on; the rest stands on the page for that.
const FEW: i64 = 20;
const MOST: i64 = 100;

fn handle_of(conn: &mut Conn, actor: &str) -> Result<String> {
    let known = Url::parse(actor).ok().map(|uri| remote::find(conn, &uri)).transpose()?.flatten();
    Ok(known.map_or_else(|| actor.to_owned(), |actor| actor.handle()))
}

async fn list(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    first(request, at, Whose::group(&handle)).await
}

async fn add(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    ask(request, at, Whose::group(&handle), typed.0).await
}

async fn act(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    change(request, at, Whose::group(&handle), typed.0).await
}

pub async fn first(request: HttpRequest, at: Where, whose: Whose) -> Answer {
    show(&request, &at, &whose, Typed::default(), Problems::default()).await
}

/// What is shown of a thing that was heard.
fn title_of(heard: &Heard) -> String {
    heard.title.clone().unwrap_or_else(|| text::first_line(&text::plain_of_html(&heard.content), 100))
}

/// What waits for a group, the latest first.
pub fn waiting(conn: &mut Conn, group: &str) -> Result<Vec<(Heard, String)>> {
    let waiting = news::of_group(conn, group, State::Waits, MOST)?;
    told(conn, waiting, true)
}

fn told(conn: &mut Conn, decided: Vec<News>, named: bool) -> Result<Vec<(Heard, String)>> {
    let mut told = Vec::new();
    for news in decided {
        if let Some(heard) = store::heard_by_uri(conn, &news.uri)? {
            let who = if named { handle_of(conn, &heard.actor)? } else { String::new() };
            told.push((heard, who));
        }
    }
    Ok(told)
}

pub fn shown(shell: &Shell, here: &Here, waiting: Vec<(Heard, String)>) -> Vec<Waiting> {
    let one = |(heard, who): (Heard, String)| {
        let title = title_of(&heard);
        let plain = text::plain_of_html(&heard.content);
        Waiting {
            beginning: text::first_line(plain.trim_start_matches(title.as_str()), 240),
            when: at(shell, here, heard.published),
            language: heard.language.unwrap_or_default(),
            urgent: heard.urgent.is_some(),
            page: heard.url,
            uri: heard.uri,
            title,
            who,
        }
    };
    waiting.into_iter().map(one).collect()
}

fn policies(shell: &Shell, chosen: Policy) -> Vec<(&'static str, String, bool)> {
    let said = |policy: Policy| (policy.name(), shell.say(&format!("desk-sister-policy-{}", policy.name())), policy == chosen);
    Policy::ALL.into_iter().map(said).collect()
}

async fn show(request: &HttpRequest, (app, front, visitor): &Where, whose: &Whose, typed: Typed, problems: Problems) -> Answer {
    let group = whose.group.clone();
    let found = app.db.read(move |conn| {
        let name = if group == PLAZA { None } else { speaking(conn, &group).map(|group| Some((group.name, group.language)))? };
        let asked = store::of_group(conn, &group)?;
        let named = asked.into_iter().map(|sister| Ok((handle_of(conn, &sister.actor)?, sister)));
        let named = named.collect::<Result<Vec<(String, Sister)>>>()?;
        let of = Wanted { group: Some(group.clone()), host: None };
        let heard = store::wanted(conn, &of, FEW)?;
        let passed = news::of_group(conn, &group, State::PassedOn, FEW)?;
        Ok((name, named, heard, waiting(conn, &group)?, told(conn, passed, false)?))
    });
    let (name, sisters, heard, waits, passed) = found.await?;
    let (shell, here) = (shell(front, request, visitor, whose.title), app.here());
    let other = |(handle, sister): (String, Sister)| Other {
        state: shell.say(&format!("desk-sister-{}", sister.state.name())),
        policies: policies(&shell, sister.policy),
        actor: sister.actor,
        handle,
    };
    let line = |(heard, _): &(Heard, String)| Line {
        title: title_of(heard),
        language: heard.language.clone().unwrap_or_default(),
        page: heard.url.clone(),
        when: at(&shell, &here, heard.published),
        mark: heard.cancelled.then(|| shell.say("meeting-cancelled-mark")),
        ways: vec![],
    };
    let passed = passed.into_iter().map(|(heard, _)| Passed {
        title: title_of(&heard),
        when: at(&shell, &here, heard.published),
        language: heard.language.unwrap_or_default(),
        uri: heard.uri,
    });
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let of_plaza = whose.group == PLAZA;
    let page = SistersPage {
        base: whose.base.clone(),
        back: shell.link(&whose.back),
        from: name.unwrap_or_else(|| (shell.say("care-title"), String::new())),
        lead: shell.say(&format!("{}-lead", whose.title)),
        elsewhere: (!of_plaza && !waits.is_empty()).then(|| shell.link(&format!("{}/waiting#sisters", whose.back))),
        waiting: if of_plaza { shown(&shell, &here, waits) } else { vec![] },
        others: sisters.into_iter().map(other).collect(),
        heard: heard.iter().map(line).collect(),
        passed: passed.collect(),
        policies: policies(&shell, Policy::by_name(&typed.policy).unwrap_or_default()),
        typed,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

/// Refuses whoever may not choose for the group. What is chosen for the plaza counts as a use of power.
fn entitled(conn: &mut Conn, here: &Here, speaker: &Speaker, group: &str) -> Result<()> {
    if group != PLAZA {
        return speaker.speaks_for(conn, here, group).map(drop);
    }
    let caretaker = speaker.caretaker(conn, here)?;
    let deed = Deed { member: Some(caretaker.id), ..Deed::of(Kind::Settings, Role::Caretaker, here.now) };
    Ok(powers::store::note(conn, here, &deed)?)
}

/// A group of another city is asked.
pub async fn ask(request: HttpRequest, at: Where, whose: Whose, typed: Typed) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, whose.title);
    let asked = typed.handle.trim().to_owned();
    let speaker = visitor.speaker()?;
    let group = whose.group.clone();
    let outcome = async {
        let policy = match typed.policy.as_str() {
            "" => None,
            name => Some(Policy::by_name(name).ok_or_else(|| Refusal::Policy(name.to_owned()))?),
        };
        if asked.is_empty() {
            return Err(not_found(&asked));
        }
        must_not_be_blocked(app, &asked).await?;
        let actor = discovery::find(app, &asked).await.map_err(|why| match why {
            Error::Broken(cause) => Error::Broken(cause),
            Error::Refused(why) if why.said.is_some() => Error::Refused(why),
            _ => not_found(&asked),
        })?;
        let deed = app.act(move |conn, here| {
            entitled(conn, here, &speaker, &group)?;
            sisters::actions::ask(conn, here, &group, &actor, policy)
        });
        deed.await
    };
    let mut problems = Problems::default();
    match problems.refused(&page.words, outcome.await)? {
        Some(_) => Ok(done(&page, &whose.base)),
        None => show(&request, &at, &whose, typed, problems).await,
    }
}

fn not_found(handle: &str) -> Error {
    let said = Said::new("refused-sister-unknown").with("handle", handle).about("handle");
    Error::refused_in_words(format!("{handle} cannot be found"), said)
}

/// A sister is left or treated otherwise; something is passed on, left out or taken back.
pub async fn change(request: HttpRequest, at: Where, whose: Whose, typed: Typed) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, whose.title);
    let mut problems = Problems::default();
    match problems.refused(&page.words, done_with(app, visitor, &whose.group, typed.clone()).await)? {
        Some(()) => Ok(done(&page, &whose.base)),
        None => show(&request, &at, &whose, typed, problems).await,
    }
}

async fn done_with(app: &App, visitor: &Visitor, group: &str, typed: Typed) -> Result<()> {
    let (speaker, group) = (visitor.speaker()?, group.to_owned());
    let looked_up = if typed.deed == "hand" { Some(passing::look_up(app, &typed.uri).await?) } else { None };
    let deed = app.act(move |conn, here| {
        entitled(conn, here, &speaker, &group)?;
        let (actor, uri) = (typed.actor.as_str(), typed.uri.as_str());
        match (typed.deed.as_str(), &looked_up) {
            ("remove", _) => sisters::actions::leave(conn, here, &group, actor),
            ("policy", _) => {
                let policy = Policy::by_name(&typed.policy).ok_or_else(|| Refusal::Policy(typed.policy.clone()))?;
                sisters::actions::choose(conn, &group, actor, policy).map(drop)
            }
            ("pass", _) => passing::decide(conn, here, &group, uri, true),
            ("leave", _) => passing::decide(conn, here, &group, uri, false),
            ("undo", _) => passing::undo(conn, here, &group, uri),
            ("hand", Some((told, stranger))) => passing::by_hand(conn, here, &group, told, stranger.as_ref()),
            _ => Err(Error::invalid("say what is to be done")),
        }
    });
    deed.await
}

/// Somebody decides about what waits, on the page for all that waits.
pub async fn decide(request: HttpRequest, at: Where, handle: Path<String>, typed: Form<Typed>) -> Answer {
    let (app, front, visitor) = &at;
    if !matches!(typed.0.deed.as_str(), "pass" | "leave") {
        return Err(Error::invalid("say what is to become of it").into());
    }
    done_with(app, visitor, &handle, typed.0).await?;
    Ok(done(&shell(front, &request, visitor, "desk-waiting"), &format!("/ours/@{}/waiting", *handle)))
}

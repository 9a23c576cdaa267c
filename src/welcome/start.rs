//! Starting a group in four short pages, each a form that carries along what was typed before.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::{
    actions::{First, begin, may_begin},
    naming::propose,
    newcomer::is_trusted,
};
use crate::{
    actors,
    app::{App, Here},
    clock::Timestamp,
    error::{Error, Result, Said},
    groups::{
        self,
        group::{self, Group, Refusal},
    },
    living,
    meetings::meeting::{self, Meeting, read_time},
    members::{
        access::{Visitor, form},
        pages::{done, shell},
    },
    origin::Local,
    series::{
        rule::{End, Every, Rule},
        series::Series,
    },
    text,
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PAGES: usize = 4;
/// So many groups that sound alike are shown above the form, which is not to be pushed away.
const ALIKE: usize = 3;
/// In hours: a time before the beginning that makes it longer is mistyped. Longer ones are scheduled on the desk of the group.
const LONGEST: u64 = 12;

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/start", Access::Member, first, next));
}

/// Everything that was typed on the four pages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// The page it was sent from, from 1.
    step: usize,
    /// `back`, `stay` for another language, or `skip` for a group that does not know yet when it meets.
    go: String,
    name: String,
    mission: String,
    handle: String,
    contact: String,
    day: String,
    from: String,
    /// Empty for two hours after that.
    until: String,
    /// `week`, or `once`.
    often: String,
    place: String,
    /// They start no group now: three of theirs wait.
    #[serde(skip)]
    full: bool,
}

#[derive(Template)]
#[template(path = "welcome/start.html")]
struct Start {
    shell: Shell,
    problems: Problems,
    typed: Typed,
    /// Those of the other pages, to be carried along.
    carried: Vec<(&'static str, String)>,
    /// `Page 2 of 4`.
    which: String,
    /// People look for help under this name.
    trusted: bool,
    host: String,
    /// Groups that may already do what this one is for.
    groups: Vec<groups::pages::Line>,
}

impl Typed {
    fn tidy(self) -> Self {
        Self {
            step: self.step.clamp(1, PAGES),
            go: self.go,
            name: self.name.trim().to_owned(),
            mission: self.mission.trim().to_owned(),
            handle: self.handle.trim().trim_start_matches('@').to_lowercase(),
            contact: self.contact.trim().to_owned(),
            day: self.day.trim().to_owned(),
            from: self.from.trim().to_owned(),
            until: self.until.trim().to_owned(),
            often: self.often,
            place: self.place.trim().to_owned(),
            full: false,
        }
    }

    /// Each field and the page it stands on.
    fn fields(&self) -> [(&'static str, &str, usize); 9] {
        [
            ("name", &self.name, 1),
            ("mission", &self.mission, 2),
            ("handle", &self.handle, 2),
            ("contact", &self.contact, 3),
            ("day", &self.day, 4),
            ("from", &self.from, 4),
            ("until", &self.until, 4),
            ("often", &self.often, 4),
            ("place", &self.place, 4),
        ]
    }

    /// The page on which this field stands.
    fn page_of(&self, field: &str) -> Option<usize> {
        self.fields().iter().find(|(name, ..)| *name == field).map(|(.., page)| *page)
    }

    /// The one its name is written in, where the letters tell; else the one of the page.
    fn language(&self, shell: &Shell) -> String {
        text::script::language_of(&self.name).map_or_else(|| shell.words.tag(), str::to_owned)
    }

    fn group(&self, shell: &Shell, here: &Here) -> Group {
        let mut tags: Vec<String> = text::tags_in(&self.mission).into_iter().map(|tag| tag.to_lowercase()).collect();
        tags.retain(|tag| text::is_tag(tag));
        tags.truncate(10);
        Group {
            name: self.name.clone(),
            mission: self.mission.clone(),
            contact: (!self.contact.is_empty()).then(|| self.contact.clone()),
            tags,
            language: self.language(shell),
            ..Group::blank(&self.handle, here.now)
        }
    }

    /// The first meeting, if there is one yet.
    fn meeting(&self, shell: &Shell, here: &Here) -> Result<Option<Meeting>> {
        let nothing = [&self.day, &self.from, &self.place].into_iter().all(String::is_empty);
        if nothing || self.go == "skip" {
            return Ok(None);
        }
        let missing = |message, field| Error::refused_in_words("a field is empty", Said::new(message).about(field));
        if self.day.is_empty() {
            return Err(missing("start-refused-day", "day"));
        }
        if self.from.is_empty() {
            return Err(missing("start-refused-from", "from"));
        }
        if self.place.is_empty() {
            return Err(missing("start-refused-place", "place"));
        }
        let starts = read_time(&format!("{}T{}", self.day, self.from), shell.zone).map_err(|why| about_time(&why))?;
        let meeting = Meeting {
            title: shell.fill("start-meeting-title", "group", &self.name),
            starts,
            ends: self.ends(starts, shell)?,
            zone: shell.zone,
            place: Some(self.place.clone()),
            // its title has the name in it, but is a sentence of ours
            language: shell.words.tag(),
            ..Meeting::blank(here.new_id(), &self.handle, here.now)
        };
        if meeting.ends <= here.now {
            return Err(about_time(&meeting::Refusal::Over));
        }
        if !text::is_line(&self.place, 200) {
            return Err(missing("start-refused-place", "place"));
        }
        Ok(Some(meeting))
    }
}

impl Typed {
    /// Two hours after the beginning where nothing is said; a time before the beginning is one in the night after.
    fn ends(&self, starts: Timestamp, shell: &Shell) -> Result<Timestamp> {
        if self.until.is_empty() {
            return Ok(starts + meeting::length(meeting::USUAL)?);
        }
        let about = |why: meeting::Refusal| {
            let Error::Refused(mut sentence) = about_time(&why) else { return why.into() };
            sentence.said = sentence.said.map(|said| said.about("until"));
            Error::Refused(sentence)
        };
        let ends = read_time(&format!("{}T{}", self.day, self.until), shell.zone).map_err(about)?;
        if ends > starts {
            return Ok(ends);
        }
        let next = self.day.parse::<NaiveDate>().ok().and_then(|day| day.succ_opt());
        let next = next.map(|day| day.to_string()).unwrap_or_default();
        let ends = read_time(&format!("{next}T{}", self.until), shell.zone).map_err(about)?;
        let hours = ends.since(starts).as_secs() / 3_600;
        if hours > LONGEST {
            let said = Said::new("start-refused-long").with("hours", hours.to_string()).about("until");
            return Err(Error::refused_in_words("it would last most of a day", said));
        }
        Ok(ends)
    }

    /// The meeting, each week where that was chosen.
    fn first(&self, meeting: Meeting, here: &Here) -> Result<First> {
        if self.often != "week" {
            return Ok(First::Once(meeting));
        }
        let clock = meeting.local_start().naive_local();
        let rule = Rule::new(Every::Week(vec![clock.weekday()]), 1, End::Never)?;
        Ok(First::Again(Series::new(meeting, clock, rule, BTreeSet::new(), here.now)))
    }
}

fn about_time(why: &meeting::Refusal) -> Error {
    let (message, field) = match why {
        meeting::Refusal::Over => ("start-refused-over", "day"),
        meeting::Refusal::Skipped(..) | meeting::Refusal::Twice(..) => ("start-refused-clock", "from"),
        _ => ("start-refused-time", "from"),
    };
    Error::refused_in_words(why, Said::new(message).about(field))
}

/// Not of a group whose founder is known: it is welcome at once.
fn stays(text: &str, field: &'static str, known: bool) -> Result<()> {
    if !known && text::leads_away(text) {
        return Err(Error::refused_in_words(Refusal::LeadsAway, Said::new("group-refused-leads-away").about(field)));
    }
    Ok(())
}

async fn first(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let (shell, mut problems) = (shell(&front, &request, &visitor, "start-title"), Problems::default());
    let full = problems.refused(&shell.words, may_start(&app, &visitor).await)?.is_none();
    show(StatusCode::OK, (&app, &front), &request, &visitor, problems, Typed { step: 1, full, ..Typed::default() }).await
}

/// Told before anybody fills in four pages for nothing.
async fn may_start(app: &App, visitor: &Visitor) -> Result<()> {
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let check = app.db.read(move |conn| {
        let member = speaker.member(conn, &here)?;
        may_begin(conn, &member)
    });
    check.await
}

/// Groups that sound like what was typed so far: once it has a name, until it is nearly there.
async fn alike(app: &App, shell: &Shell, typed: &Typed) -> Result<Vec<groups::pages::Line>> {
    if typed.step != 2 && typed.step != 3 {
        return Ok(vec![]);
    }
    let here = app.here();
    let (new, now) = (typed.group(shell, &here), here.now);
    let there = app.db.read(move |conn| Ok(living::store::all(conn, now)?)).await?;
    let alike = living::alike::alike(&new, there);
    Ok(alike.iter().take(ALIKE).map(|seen| groups::pages::line(shell, &here, seen)).collect())
}

async fn show(
    status: StatusCode,
    (app, front): (&App, &Front),
    request: &HttpRequest,
    visitor: &Visitor,
    problems: Problems,
    mut typed: Typed,
) -> Answer {
    if typed.step == 2 && typed.handle.is_empty() && problems.is_empty() {
        typed.handle = propose(&typed.name);
    }
    let shell = shell(front, request, visitor, "start-title").carried_by("start");
    let numbers = [("page", typed.step.to_string()), ("pages", PAGES.to_string())];
    let page = Start {
        which: shell.words.say("start-which", &numbers.each_ref().map(|(name, number)| (*name, number.as_str()))),
        carried: typed
            .fields()
            .into_iter()
            .filter(|(_, _, page)| *page != typed.step)
            .map(|(name, value, _)| (name, value.to_owned()))
            .collect(),
        trusted: is_trusted(&typed.handle) && visitor.member().is_some_and(|member| !member.caretaker),
        host: shell.handle_domain(),
        groups: alike(app, &shell, &typed).await?,
        problems,
        typed,
        shell,
    };
    Shell::one_of_several(Shell::show_once(status, &page))
}

async fn next(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Typed>) -> Answer {
    let typed = form.0.tidy();
    let at = |step: usize, typed: Typed| Typed { step, ..typed };
    if typed.go == "back" {
        let step = typed.step.saturating_sub(1).max(1);
        return show(StatusCode::OK, (&app, &front), &request, &visitor, Problems::default(), at(step, typed)).await;
    }
    if typed.go == "stay" {
        return show(StatusCode::OK, (&app, &front), &request, &visitor, Problems::default(), typed).await;
    }
    let shell = shell(&front, &request, &visitor, "start-title");
    let mut problems = Problems::default();
    for step in 1..=typed.step {
        let outcome = check(&app, &shell, &visitor, &typed, step).await;
        problems.refused(&shell.words, outcome)?;
        if !problems.is_empty() {
            return show(StatusCode::UNPROCESSABLE_ENTITY, (&app, &front), &request, &visitor, problems, at(step, typed)).await;
        }
    }
    if typed.step < PAGES {
        // ready when the last page comes
        actors::make_keys_ahead(&app);
        let step = typed.step + 1;
        return show(StatusCode::OK, (&app, &front), &request, &visitor, problems, at(step, typed)).await;
    }
    match create(&app, &shell, &visitor, &typed).await {
        Ok(()) => Ok(done(&shell, &format!("/ours/@{}/share", typed.handle))),
        outcome => {
            problems.refused(&shell.words, outcome)?;
            let field = problems.all().first().map(|(field, _)| *field).unwrap_or_default();
            let step = typed.page_of(field).unwrap_or(PAGES);
            show(StatusCode::UNPROCESSABLE_ENTITY, (&app, &front), &request, &visitor, problems, at(step, typed)).await
        }
    }
}

/// Is everything right on that page?
async fn check(app: &App, shell: &Shell, visitor: &Visitor, typed: &Typed, step: usize) -> Result<()> {
    let here = app.here();
    let known = visitor.member().is_some_and(|member| super::newcomer::is_known(member, here.now));
    let group = typed.group(shell, &here);
    match step {
        1 if !text::is_line(&typed.name, 100) => Err(Refusal::Name.into()),
        1 => {
            stays(&typed.name, "name", known)?;
            may_start(app, visitor).await
        }
        2 => {
            if !text::is_prose(&typed.mission, 5_000) {
                return Err(Refusal::Mission.into());
            }
            stays(&typed.mission, "mission", known)?;
            group::check_handle(&typed.handle)?;
            let handle = typed.handle.clone();
            // names of accounts are no names of groups, and are told to nobody
            let taken = app.db.read(move |conn| Ok(groups::store::even_waiting(conn, &handle)?.is_some()));
            if taken.await? { Err(Refusal::Taken(typed.handle.clone()).into()) } else { Ok(()) }
        }
        3 => match &group.contact {
            Some(contact) if !text::is_line(contact, 500) => Err(Refusal::Contact.into()),
            Some(contact) => stays(contact, "contact", known),
            None => Ok(()),
        },
        _ => {
            stays(&typed.place, "place", known)?;
            typed.meeting(shell, &here).map(|_| ())
        }
    }
}

async fn create(app: &App, shell: &Shell, visitor: &Visitor, typed: &Typed) -> Result<()> {
    let (here, speaker) = (app.here(), visitor.speaker()?);
    let (group, first) = (typed.group(shell, &here), typed.meeting(shell, &here)?);
    let first = first.map(|meeting| typed.first(meeting, &here)).transpose()?;
    let keys = actors::make_keys(app, &Local::Group(group.handle.clone())).await?;
    app.act(move |conn, here| {
        let member = speaker.member(conn, here)?;
        begin(conn, here, &member, &group, first.as_ref(), &keys)
    })
    .await?;
    Ok(())
}

//! The page of a group's desk on which a calendar kept elsewhere is brought in: given, looked through, taken in, looked at again.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;
use uuid::Uuid;

use super::{
    actions::{self, Step, Taking},
    fetching::{self, Got, Marks},
    found::{Found, Remark, Rhythm},
    known::{Look, Refusal, Watched, hours},
    lines::LONGEST,
    store, watching,
};
use crate::{
    app::App,
    error::{Error, Result},
    groups::{self, group::Group},
    members::{
        access::{Visitor, deed, form, form_of},
        pages::{done, shell},
    },
    series::{pages::often, rule::Rule},
    web::{
        Answer, Day, Failure, Front, Shell,
        address::Access,
        capitalised,
        form::{Fields, Problems},
        hours as said_hours, moment, read_id,
    },
};

/// Longest form, in bytes: a calendar and what stands beside it.
const LONGEST_FORM: usize = LONGEST + 64 * 1024;
/// Shown of what is taken in, and of what is not.
const MOST_SHOWN: usize = 200;
/// Shown of what is odd about one series.
const MOST_ODD: usize = 20;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form_of("/ours/@{handle}/import", Access::Organizer, LONGEST_FORM, ask, take))
        .service(deed("/ours/@{handle}/import/stop", Access::Organizer, stop))
        .service(form("/ours/@{handle}/import/{id}", Access::Organizer, look, confirm));
}

type Where = (Data<App>, Data<Front>, Visitor);

/// Whose desk it is.
struct Of {
    handle: String,
    name: String,
    /// BCP 47, of the name.
    language: String,
}

impl Of {
    fn group(group: &Group) -> Self {
        Self { handle: group.handle.clone(), name: group.name.clone(), language: group.language.clone() }
    }

    fn path(&self, rest: &str) -> String {
        format!("/ours/@{}{rest}", self.handle)
    }
}

/// What was typed.
#[derive(Clone, Debug, Default)]
struct Typed {
    address: String,
    from: String,
    until: String,
    watch: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).unwrap_or_default().trim().to_owned();
        Self { address: text("address"), from: text("from"), until: text("until"), watch: fields.get("watch").is_some() }
    }

    /// When events without a time of day begin and end, where somebody said so.
    fn hours(&self) -> Result<Option<String>> {
        if self.from.is_empty() && self.until.is_empty() {
            return Ok(None);
        }
        let said = format!("{}-{}", self.from, self.until);
        hours(&said)?;
        Ok(Some(said))
    }
}

/// An address that is looked at.
struct Address {
    id: Uuid,
    url: String,
    looked: Option<String>,
    next: Option<String>,
    failure: Option<String>,
    sentences: Vec<String>,
    remarks: Vec<Line>,
}

/// One remark.
struct Line {
    number: String,
    title: Option<String>,
    why: String,
}

impl Line {
    fn of(shell: &Shell, remark: &Remark) -> Self {
        let number = shell.fill("import-line", "line", &remark.line.to_string());
        Self { number, title: remark.title.clone(), why: remark.why(&shell.words) }
    }
}

#[derive(Template)]
#[template(path = "imports/import.html")]
struct Import {
    shell: Shell,
    desk: Of,
    typed: Typed,
    watched: Vec<Address>,
    problems: Problems,
}

async fn ask(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    show(&request, &at, &handle, Typed::default(), Problems::default()).await
}

async fn show(request: &HttpRequest, (app, front, visitor): &Where, handle: &str, typed: Typed, problems: Problems) -> Answer {
    let handle = handle.to_owned();
    let found = app.db.read(move |conn| {
        let group = groups::actions::speaking(conn, &handle)?;
        Ok((Of::group(&group), store::watched_by(conn, &handle)?))
    });
    let (desk, watched) = found.await?;
    let (shell, now) = (shell(front, request, visitor, "import-title"), app.clock.now());
    let at = |time: crate::clock::Timestamp| capitalised(&moment(&shell.words, &time.utc().with_timezone(&shell.zone), now));
    let address = |watched: Watched| {
        let report = watched.report.clone().unwrap_or_default();
        Address {
            id: watched.id,
            looked: watched.looked.map(at),
            next: (!watched.is_given_up()).then(|| at(watched.next_look.max(now))),
            sentences: if report.failure.is_none() && watched.looked.is_some() {
                report.sentences(&shell.words, true)
            } else {
                vec![]
            },
            remarks: report.remarks.iter().take(MOST_SHOWN).map(|remark| Line::of(&shell, remark)).collect(),
            failure: report.failure.map(|failure| failure.why(&shell.words)),
            url: watched.url.into(),
        }
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Import { watched: watched.into_iter().map(address).collect(), desk, typed, problems, shell };
    Shell::show_once(status, &page)
}

async fn take(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "import-title");
    let typed = Typed::read(&fields);
    let looked = look_through(app, visitor, &handle, &typed, fields.file("file").cloned()).await;
    let mut problems = Problems::default();
    match problems.refused(&page.words, looked)? {
        Some(id) => Ok(done(&page, &format!("/ours/@{}/import/{id}", *handle))),
        None => show(&request, &at, &handle, typed, problems).await,
    }
}

/// Reads what was given and keeps it until somebody decides about it.
async fn look_through(app: &App, visitor: &Visitor, handle: &str, typed: &Typed, file: Option<bytes::Bytes>) -> Result<Uuid> {
    let said = typed.hours()?;
    let whole_days = said.as_deref().map(hours).transpose()?;
    let (url, file) = match (file, typed.address.is_empty()) {
        (Some(file), _) if !typed.watch => (None, file),
        (Some(_), true) => return Err(Refusal::NoAddress.into()),
        (None, true) => return Err(Refusal::Nothing.into()),
        (_, false) => {
            let url = fetching::address(&typed.address)?;
            match fetching::fetch(&app.http, &url, &Marks::default()).await? {
                Got::Calendar(file, _) => (Some(url), file),
                Got::Same => return Err(Refusal::Nothing.into()),
            }
        }
    };
    let reading = watching::read(app, file, whole_days).await?;
    let (speaker, group) = (visitor.speaker()?, handle.to_owned());
    let look = Look {
        id: app.here().new_id(),
        group: group.clone(),
        watch: typed.watch && url.is_some(),
        url,
        hours: said,
        reading,
        report: None,
        made: app.clock.now(),
    };
    let id = look.id;
    app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        groups::actions::speaking(conn, &group)?;
        Ok(store::keep_look(conn, &look)?)
    })
    .await?;
    Ok(id)
}

/// Something that comes in.
struct Thing {
    title: String,
    when: String,
    more: Option<String>,
    /// Of a series: when there is none, and which ones are otherwise.
    odd: Vec<String>,
    mark: String,
}

#[derive(Template)]
#[template(path = "imports/look.html")]
struct LookPage {
    shell: Shell,
    desk: Of,
    name: Option<String>,
    /// Was it taken in?
    is_done: bool,
    sentences: Vec<String>,
    things: Vec<Thing>,
    /// How many more there are than are shown.
    more: usize,
    left_out: Vec<Line>,
    details: Vec<Line>,
    watch: Option<String>,
    /// Is there anything to take in?
    is_something: bool,
    action: String,
    problems: Problems,
}

async fn look(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let look = find(&at.0, &path).await?;
    show_look(&request, &at, look).await
}

async fn find(app: &App, (handle, id): &(String, String)) -> Result<Look, Failure> {
    let (handle, id) = (handle.clone(), read_id(id)?);
    let found = app.db.read(move |conn| Ok(store::look(conn, &handle, id)?)).await?;
    Ok(found.ok_or_else(|| Error::not_found("this was decided long ago, or never asked"))?)
}

async fn show_look(request: &HttpRequest, (app, front, visitor): &Where, look: Look) -> Answer {
    let handle = look.group.clone();
    let group = app.db.read(move |conn| groups::actions::speaking(conn, &handle)).await?;
    let is_done = look.report.is_some();
    let shell = shell(front, request, visitor, if is_done { "import-done-title" } else { "import-look-title" });
    let (report, steps) = match look.report {
        Some(report) => (report, vec![]),
        None => actions::look_ahead(app, &look.group, &look.reading).await?,
    };
    let now = app.clock.now();
    let shown = steps.iter().filter(|(_, step)| !matches!(step, Step::Same | Step::Own | Step::Past));
    let things: Vec<Thing> = shown.map(|(found, step)| thing(&shell, now, found, *step)).collect();
    let lines = |left_out: bool| {
        let those = report.remarks.iter().filter(move |remark| remark.left_out == left_out);
        those.take(MOST_SHOWN).map(|remark| Line::of(&shell, remark)).collect()
    };
    let desk = Of::group(&group);
    let page = LookPage {
        name: look.reading.name.clone(),
        sentences: report.sentences(&shell.words, is_done),
        more: things.len().saturating_sub(MOST_SHOWN),
        is_something: !things.is_empty() || look.watch,
        things: things.into_iter().take(MOST_SHOWN).collect(),
        left_out: lines(true),
        details: lines(false),
        watch: look.url.filter(|_| look.watch).map(Into::into),
        action: shell.link(&desk.path(&format!("/import/{}", look.id))),
        problems: Problems::default(),
        is_done,
        desk,
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

fn thing(shell: &Shell, now: crate::clock::Timestamp, found: &Found, step: Step) -> Thing {
    let start = crate::series::rule::moment(found.once.start, found.zone).utc().with_timezone(&found.zone);
    let end = start + chrono::TimeDelta::minutes(found.once.minutes);
    let rule = found.rhythm.as_ref().and_then(|rhythm| Rule::parse(&rhythm.rule, found.once.start, found.zone).ok());
    let mark = match step {
        Step::Meeting => "import-mark-meeting",
        Step::Series => "import-mark-series",
        Step::Cancelled => "import-mark-cancelled",
        _ => "import-mark-changed",
    };
    let place = [&found.once.place, &found.once.address].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    Thing {
        title: found.once.title.clone(),
        when: match &rule {
            Some(rule) => often(shell, rule, found.once.start, found.zone),
            None => format!("{}, {}", Day::of(&start, now).said(&shell.words), said_hours(&shell.words, &start, &end, now)),
        },
        more: crate::text::typed(&place).or(found.once.online.as_ref().map(ToString::to_string)),
        odd: found.rhythm.as_ref().map(|rhythm| odd(shell, now, found, rhythm)).unwrap_or_default(),
        mark: shell.say(mark),
    }
}

/// Days without a meeting, and meetings that are not as the others of their series.
fn odd(shell: &Shell, now: crate::clock::Timestamp, found: &Found, rhythm: &Rhythm) -> Vec<String> {
    let there = |local| crate::series::rule::moment(local, found.zone).utc().with_timezone(&found.zone);
    let day = |local| Day::of(&there(local), now).date(&shell.words);
    let without: Vec<String> = rhythm.except.iter().take(MOST_ODD).map(|start| day(*start)).collect();
    let without = (!without.is_empty()).then(|| shell.fill("import-without", "days", &without.join("; ")));
    let differing = rhythm.differing.iter().take(MOST_ODD).map(|one| {
        let (start, end) = (there(one.once.start), there(one.once.start) + chrono::TimeDelta::minutes(one.once.minutes));
        let when = format!("{}, {}", day(one.once.start), said_hours(&shell.words, &start, &end, now));
        let (message, said) = match &one.once {
            once if once.cancelled => ("import-off", String::new()),
            once if once.start != one.at || once.minutes != found.once.minutes => ("import-moved", when),
            once => ("import-otherwise", once.title.clone()),
        };
        shell.words.say(message, &[("day", &day(one.at)), ("said", &said)])
    });
    let rest = rhythm.except.len().saturating_sub(MOST_ODD) + rhythm.differing.len().saturating_sub(MOST_ODD);
    let rest = (rest > 0).then(|| shell.fill("import-more", "count", &rest.to_string()));
    without.into_iter().chain(differing).chain(rest).collect()
}

async fn confirm(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let look = find(&at.0, &path).await?;
    let (app, front, visitor) = &at;
    let page = shell(front, &request, visitor, "import-look-title");
    let back = format!("/ours/@{}/import/{}", look.group, look.id);
    if look.report.is_some() {
        return Ok(done(&page, &back));
    }
    let speaker = visitor.speaker()?;
    let outcome = async {
        let taking = Taking { group: look.group.clone(), speaker: Some(speaker), source: None };
        let report = match look.url.clone().filter(|_| look.watch) {
            Some(url) => watching::adopt(app, &taking, url, look.hours.clone(), &look.reading).await?,
            None => actions::take_in(app, &taking, &look.reading).await?,
        };
        let id = look.id;
        app.db.write(move |conn| Ok(store::look_is_done(conn, id, &report)?)).await
    };
    let mut problems = Problems::default();
    match problems.refused(&page.words, outcome.await)? {
        Some(()) => Ok(done(&page, &back)),
        None => show(&request, &at, &look.group, Typed::default(), problems).await,
    }
}

async fn stop(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let (app, front, visitor) = &at;
    let (speaker, group) = (visitor.speaker()?, handle.clone());
    let id = read_id(fields.get("id").unwrap_or_default())?;
    app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        watching::stop(conn, &group, id)
    })
    .await?;
    let page = shell(front, &request, visitor, "import-title");
    Ok(done(&page, &format!("/ours/@{}/import", *handle)))
}

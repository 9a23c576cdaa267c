//! What a caretaker sees first: what waits for them, and how the place is.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{
    frame,
    health::{self, Health},
    show,
};
use crate::{
    app::App,
    blocks,
    clock::Timestamp,
    error::Error,
    federation::delivery::overview,
    groups::{self, group::PLAZA},
    members::{
        self,
        access::{Visitor, deed, page},
        pages::did,
        ways,
    },
    quarantine, reports, sisters,
    web::{Answer, Day, Front, Shell, address::Access, clock_face, moment as said_moment},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(page("/care", Access::Caretaker, overview)).service(deed("/care/look", Access::Caretaker, look));
}

#[derive(Template)]
#[template(path = "care/overview.html")]
struct Overview {
    shell: Shell,
    /// What is not as it should be, in whole sentences.
    warnings: Vec<String>,
    /// Address, what it is, and how many there are or what it says.
    parts: Vec<(&'static str, String, String)>,
    health: Option<Health>,
    looked: Option<String>,
}

struct Found {
    health: Option<Health>,
    domain: Option<chrono::NaiveDate>,
    caretakers: usize,
    members: i64,
    servers: usize,
    failing: usize,
    blocked: usize,
    reports: usize,
    strangers: usize,
    waiting: usize,
    words: usize,
    /// When each way back in opens that a caretaker asked for.
    ways: Vec<Timestamp>,
    /// Whom the plaza hears.
    sisters: i64,
    /// What they said, to be decided about.
    news: i64,
}

async fn overview(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let here = app.here();
    let now = here.now;
    let found = app
        .db
        .read(move |conn| {
            let queues = overview::overview(conn, now, None)?;
            Ok::<_, Error>(Found {
                health: health::kept(conn)?,
                domain: health::domain_ends(conn)?,
                caretakers: members::store::caretakers(conn)?.len(),
                members: members::store::count(conn)?,
                failing: queues.iter().filter(|queue| queue.failing_since.is_some()).count(),
                servers: queues.len(),
                blocked: blocks::store::list(conn)?.len(),
                reports: usize::try_from(reports::store::count_open(conn)?).unwrap_or_default(),
                strangers: quarantine::store::waiting(conn)?.len(),
                waiting: usize::try_from(groups::store::count_waiting(conn)?).unwrap_or_default(),
                words: blocks::words::list(conn)?.len(),
                ways: ways::of_caretakers(conn, now)?.into_iter().map(|(_, opens)| opens).collect(),
                sisters: sisters::store::count_accepted(conn, PLAZA)?,
                news: sisters::news::count_waiting(conn, PLAZA)?.0,
            })
        })
        .await?;
    let shell = frame(&front, &request, &visitor, "care-title");
    let number = |message: &str, number: usize| match number {
        0 => shell.say(&format!("{message}-none")),
        number => shell.fill(&format!("{message}-number"), "number", &number.to_string()),
    };
    let servers = match found.servers {
        0 => shell.say("care-servers-none"),
        servers => {
            let (number, failing) = (servers.to_string(), found.failing.to_string());
            shell.words.say("care-servers-number", &[("number", &number), ("failing", &failing)])
        }
    };
    let (heard, news) = (found.sisters.to_string(), found.news.to_string());
    let cities = match (found.sisters, found.news) {
        (0, _) => shell.say("care-sisters-none"),
        (_, 0) => shell.fill("care-sisters-number", "number", &heard),
        _ => shell.words.say("care-sisters-waits", &[("number", &heard), ("count", &news)]),
    };
    let parts = vec![
        ("/care/reports", shell.say("care-reports"), number("care-reports", found.reports)),
        ("/care/groups", shell.say("care-groups"), number("care-groups", found.waiting)),
        ("/care/strangers", shell.say("care-strangers"), number("care-strangers", found.strangers)),
        ("/care/servers", shell.say("care-servers"), servers),
        ("/care/sisters", shell.say("care-sisters"), cities),
        ("/care/blocks", shell.say("care-blocks"), number("care-blocks", found.blocked)),
        ("/care/words", shell.say("care-words"), number("care-words", found.words)),
        ("/care/members", shell.say("care-members"), shell.fill("care-members-number", "number", &found.members.to_string())),
        ("/care/log", shell.say("care-log"), shell.say("care-log-more")),
        ("/care/settings", shell.say("care-settings"), shell.say("care-settings-more")),
    ];
    let page = Overview {
        warnings: warnings(&shell, &found, now),
        parts,
        looked: found.health.as_ref().map(|health| moment(&shell, health.looked(), now)),
        health: found.health,
        shell,
    };
    show(&page)
}

/// `Today, Tuesday 24 November, 12:00`, in the zone of the place.
pub(super) fn moment(shell: &Shell, time: Timestamp, now: Timestamp) -> String {
    let time = time.utc().with_timezone(&shell.zone);
    let day = Day::of(&time, now).said(&shell.words);
    shell.words.say("day-hour", &[("day", &day), ("hour", &clock_face(&time))])
}

/// When a way back in opens: `Thursday 26 November, 12:00 EST`.
pub(super) fn opening(shell: &Shell, opens: Timestamp, now: Timestamp) -> String {
    said_moment(&shell.words, &opens.utc().with_timezone(&shell.zone), now)
}

/// `Thursday 10 December 2026`.
fn written(shell: &Shell, date: chrono::NaiveDate) -> String {
    // noon is on that day by every clock
    let noon = date.and_time(chrono::NaiveTime::MIN).and_utc() + chrono::TimeDelta::hours(12);
    shell.words.date(&noon.with_timezone(&chrono_tz::Tz::UTC), "long")
}

fn warnings(shell: &Shell, found: &Found, now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    if found.caretakers < 2 {
        warnings.push(shell.say("care-alone"));
    }
    match found.domain {
        None => warnings.push(shell.say("care-domain-unknown")),
        Some(ends) if ends < now.utc().date_naive() => {
            warnings.push(shell.fill("care-domain-over", "date", &written(shell, ends)))
        }
        Some(ends) if health::is_soon(ends, now) => warnings.push(shell.fill("care-domain-soon", "date", &written(shell, ends))),
        Some(_) => {}
    }
    warnings.extend(found.ways.iter().map(|opens| shell.fill("care-way", "when", &opening(shell, *opens, now))));
    warnings
}

/// Takes some seconds: it looks at the place from outside.
async fn look(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    health::look(&app).await?;
    Ok(did(&frame(&front, &request, &visitor, "care-title"), "/care", "decided"))
}

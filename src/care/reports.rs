//! What somebody asks to look at, here or from another server; who asked is not known.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::{caretaker, deeds, frame};
use crate::{
    app::App,
    error::Result,
    members::{
        access::{Visitor, deed, page},
        pages::did,
    },
    origin::Origin,
    powers::deed::Reason,
    reports::{pages::called, report::Report, store},
    web::{
        Answer, Front, Shell,
        address::Access,
        form::{Form, Problems},
    },
};

const PATH: &str = "/care/reports";
/// On the page; those that came first.
const MOST: i64 = 100;

pub fn routes(config: &mut ServiceConfig) {
    config.service(page(PATH, Access::Caretaker, list)).service(deed("/care/reports/close", Access::Caretaker, close));
}

#[derive(Template)]
#[template(path = "care/reports.html")]
struct Reports {
    shell: Shell,
    problems: Problems,
    reports: Vec<Line>,
}

struct Line {
    id: Uuid,
    /// What it is called, or as it can be read; and its address where it has one.
    about: String,
    address: Option<String>,
    from: String,
    times: Option<String>,
    /// The same as it is sent along, lest somebody is done with what they have not read.
    number: i64,
    reason: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    page_of(&app, frame(&front, &request, &visitor, "care-reports"), Problems::default()).await
}

async fn page_of(app: &App, shell: Shell, problems: Problems) -> Answer {
    let origin = app.origin.clone();
    let reports = app.db.read(move |conn| {
        let open = store::open(conn, MOST)?;
        open.into_iter().map(|report| Ok((called(conn, &origin, &report.about)?, report))).collect::<Result<Vec<_>>>()
    });
    let reports = reports.await?;
    let reports = reports.into_iter().map(|(name, report)| line(&shell, &app.origin, report, name)).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &Reports { shell, problems, reports })
}

fn line(shell: &Shell, origin: &Origin, report: Report, name: Option<String>) -> Line {
    let page = |path: &str| origin.local(&origin.url(path)).and_then(|local| origin.page(&local)).map(String::from);
    let address = match report.about.as_str() {
        path if path.starts_with('/') => Some(page(path).unwrap_or_else(|| origin.url(path).into())),
        other => Url::parse(other).ok().filter(|url| matches!(url.scheme(), "https" | "http")).map(String::from),
    };
    let reason = report.said(&shell.words);
    Line {
        id: report.id,
        about: name.or_else(|| address.clone()).unwrap_or(report.about),
        address,
        from: match report.host.as_str() {
            "" => shell.say("care-report-here"),
            host => shell.fill("care-report-host", "host", host),
        },
        times: (report.times > 1).then(|| shell.fill("care-report-times", "number", &report.times.to_string())),
        number: report.times,
        reason,
    }
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
    /// How often it had been reported when it was shown.
    times: i64,
}

async fn close(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, Named { id, times }) = (visitor.speaker()?, form.0);
    let shell = frame(&front, &request, &visitor, "care-reports");
    let closed = app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::close_report(conn, here, &by, id, Some(times))
    });
    let mut problems = Problems::default();
    match problems.refused(&shell.words, closed.await)? {
        Some(_) => Ok(did(&shell, PATH, "decided")),
        // with what was said meanwhile
        None => page_of(&app, shell, problems).await,
    }
}

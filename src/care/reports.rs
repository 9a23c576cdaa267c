//! What somebody asks to look at, here or from another server; who asked is not known.

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::{caretaker, deeds, frame, show};
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
    web::{Answer, Front, Shell, address::Access, form::Form},
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
    reports: Vec<Line>,
}

struct Line {
    id: Uuid,
    /// What it is called, or as it can be read; and its address where it has one.
    about: String,
    address: Option<String>,
    from: String,
    times: Option<String>,
    reason: String,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let origin = app.origin.clone();
    let reports = app.db.read(move |conn| {
        let open = store::open(conn, MOST)?;
        open.into_iter().map(|report| Ok((called(conn, &origin, &report.about)?, report))).collect::<Result<Vec<_>>>()
    });
    let reports = reports.await?;
    let shell = frame(&front, &request, &visitor, "care-reports");
    let reports = reports.into_iter().map(|(name, report)| line(&shell, &app.origin, report, name)).collect();
    show(&Reports { shell, reports })
}

fn line(shell: &Shell, origin: &Origin, report: Report, name: Option<String>) -> Line {
    let page = |path: &str| origin.local(&origin.url(path)).and_then(|local| origin.page(&local)).map(String::from);
    let address = match report.about.as_str() {
        path if path.starts_with('/') => Some(page(path).unwrap_or_else(|| origin.url(path).into())),
        other => Url::parse(other).ok().filter(|url| matches!(url.scheme(), "https" | "http")).map(String::from),
    };
    Line {
        id: report.id,
        about: name.or_else(|| address.clone()).unwrap_or(report.about),
        address,
        from: match report.host.as_str() {
            "" => shell.say("care-report-here"),
            host => shell.fill("care-report-host", "host", host),
        },
        times: (report.times > 1).then(|| shell.fill("care-report-times", "number", &report.times.to_string())),
        reason: report.reason,
    }
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

async fn close(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, form: Form<Named>) -> Answer {
    let (speaker, id) = (visitor.speaker()?, form.0.id);
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, Reason::None)?;
        deeds::close_report(conn, here, &by, id)
    })
    .await?;
    Ok(did(&frame(&front, &request, &visitor, "care-reports"), PATH, "decided"))
}

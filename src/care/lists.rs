//! Lists of blocks as Mastodon writes and reads them: taken in after a look at what they would do, and written out.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{caretaker, deeds, frame, reason};
use crate::{
    app::App,
    blocks::{
        actions::read_target,
        list::{self, LONGEST, List, Refusal, Which},
        store,
    },
    city::pictures,
    error::{Error, Result},
    members::{
        access::{Visitor, form_of, page},
        pages::did,
    },
    quarantine::{self, store::Standing},
    replies,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, LONGEST as FORM, Problems},
    },
};

const PATH: &str = "/care/blocks/list";
/// Named on the page before they are blocked, and of the lines that are left out.
const SHOWN: usize = 100;
/// In one hidden field of the form that asks whether somebody is sure.
const IN_A_FIELD: usize = 500;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(form_of(PATH, Access::Caretaker, LONGEST + FORM, choose, take))
        .service(page("/care/blocks/domains.csv", Access::Caretaker, domains))
        .service(page("/care/blocks/accounts.csv", Access::Caretaker, accounts));
}

#[derive(Template)]
#[template(path = "care/list.html")]
struct ListPage {
    shell: Shell,
    problems: Problems,
}

fn chooser(shell: Shell, problems: Problems) -> Answer {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Shell::show_once(status, &ListPage { shell, problems })
}

async fn choose(request: HttpRequest, front: Data<Front>, visitor: Visitor) -> Answer {
    chooser(frame(&front, &request, &visitor, "care-list"), Problems::default())
}

/// What a list would do.
#[derive(Template)]
#[template(path = "care/list_sure.html")]
struct Preview {
    shell: Shell,
    /// How many, in whole sentences.
    lines: Vec<String>,
    /// The first of those that are blocked, and of those that are looked at first.
    blocked: Vec<String>,
    held: Vec<String>,
    /// Why lines are left out.
    skipped: Vec<String>,
    /// Name and value.
    fields: Vec<(&'static str, String)>,
}

async fn take(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, fields: Fields) -> Answer {
    let shell = frame(&front, &request, &visitor, "care-list");
    if fields.get("sure").is_some() {
        return take_over(&app, &shell, &visitor, &fields).await;
    }
    let mut problems = Problems::default();
    let Some(bytes) = fields.file("list") else {
        problems.add("list", shell.say("care-refused-list-none"));
        return chooser(shell, problems);
    };
    let text = std::str::from_utf8(bytes).map_err(|_| Error::from(Refusal::NoList("it is no text".into())));
    let Some(list) = problems.refused(&shell.words, text.and_then(list::read))? else {
        return chooser(shell, problems);
    };
    preview(&app, shell, list).await
}

/// What is there already is neither counted nor asked for again.
async fn preview(app: &App, shell: Shell, mut list: List) -> Answer {
    list.spare(&app.here());
    let (known, standings) =
        app.db.read(|conn| Ok::<_, Error>((store::list(conn)?, quarantine::store::standings(conn)?))).await?;
    let known: std::collections::HashSet<String> = known.into_iter().map(|(target, _)| target).collect();
    let held: std::collections::HashSet<String> =
        standings.into_iter().filter(|(_, standing, _)| standing == Standing::Held.name()).map(|(host, ..)| host).collect();
    let all = list.blocked.len() + list.held.len();
    tidy(&mut list.blocked, &known);
    tidy(&mut list.held, &held);
    let number = |message: &str, number: usize| shell.fill(message, "number", &number.to_string());
    let counts = [
        ("care-list-blocks", list.blocked.len()),
        ("care-list-holds", list.held.len()),
        ("care-list-knows", all - list.blocked.len() - list.held.len()),
        ("care-list-skips", list.skipped.len()),
    ];
    let skipped = list.skipped.iter().take(SHOWN).map(|(line, odd)| {
        let said = odd.said();
        let blanks: Vec<(&'static str, &str)> = said.blanks.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (line, why) = (line.to_string(), shell.words.say(said.message, &blanks));
        match line.as_str() {
            "0" => why,
            line => shell.words.say("care-list-line", &[("line", line), ("why", &why)]),
        }
    });
    let packed = |name: &'static str, targets: &[String]| -> Vec<(&'static str, String)> {
        targets.chunks(IN_A_FIELD).map(|some| (name, some.join(" "))).collect()
    };
    let page = Preview {
        lines: counts.into_iter().filter(|(_, count)| *count > 0).map(|(message, count)| number(message, count)).collect(),
        skipped: skipped.collect(),
        fields: [packed("block", &list.blocked), packed("hold", &list.held)].concat(),
        blocked: list.blocked.into_iter().take(SHOWN).collect(),
        held: list.held.into_iter().take(SHOWN).collect(),
        shell,
    };
    Shell::show_once(StatusCode::OK, &page)
}

/// Each once, and none that is `known`.
fn tidy(targets: &mut Vec<String>, known: &std::collections::HashSet<String>) {
    targets.sort();
    targets.dedup();
    targets.retain(|target| !known.contains(target));
}

async fn take_over(app: &App, shell: &Shell, visitor: &Visitor, fields: &Fields) -> Answer {
    let of = |name: &str| -> Result<Vec<String>> {
        let values = fields.pairs.iter().filter(|(field, _)| field == name).flat_map(|(_, value)| value.split_whitespace());
        values.map(read_target).collect()
    };
    let list = List { blocked: of("block")?, held: of("hold")?, skipped: Vec::new() };
    let (speaker, why) = (visitor.speaker()?, reason(fields.get("reason").unwrap_or_default()));
    let before = app.db.read(|conn| Ok(replies::store::pictures(conn)?)).await?;
    app.act(move |conn, here| {
        let by = caretaker(conn, here, &speaker, why)?;
        deeds::take_list(conn, here, &by, &list)
    })
    .await?;
    pictures::let_go(app, &before).await;
    Ok(did(shell, "/care/blocks", "decided"))
}

async fn domains(_: HttpRequest, app: Data<App>, _: Visitor) -> Answer {
    written(&app, Which::Domains, "plaza-domains.csv").await
}

async fn accounts(_: HttpRequest, app: Data<App>, _: Visitor) -> Answer {
    written(&app, Which::Accounts, "plaza-accounts.csv").await
}

async fn written(app: &App, which: Which, name: &str) -> Answer {
    let csv = app.db.read(move |conn| deeds::list(conn, which)).await.map_err(Failure::from)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(csv))
}

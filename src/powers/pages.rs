//! How power was used here, as counts by the week: no name, no group.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};

use super::{
    deed::{Kind, Reason, Role},
    store,
};
use crate::{
    app::App,
    web::{About, Answer, Front, Shell, readable, style},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/about/powers", show));
}

/// One week, and each use of power in it: what, by whom and why, and how often.
struct Week {
    name: String,
    deeds: Vec<(String, String, i64)>,
}

#[derive(Template)]
#[template(path = "powers/powers.html")]
struct Powers {
    shell: Shell,
    weeks: Vec<Week>,
}

impl Powers {
    fn style(&self) -> String {
        style::TABLE.path()
    }
}

async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let now = app.clock.now();
    let counted = app.db.read(move |conn| Ok(store::counted(conn, now)?)).await?;
    let mut weeks: BTreeMap<NaiveDate, BTreeMap<(Kind, Role, Reason), i64>> = BTreeMap::new();
    for (day, kind, role, reason, count) in counted {
        let date = day.utc().date_naive();
        let monday = date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into())).unwrap_or(date);
        *weeks.entry(monday).or_default().entry((kind, role, reason)).or_default() += count;
    }
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    shell.about.title = shell.say("powers-title");
    shell.about.description = shell.say("powers-lead");
    let page = Powers { weeks: weeks.into_iter().rev().map(|(monday, deeds)| week(&shell, monday, deeds)).collect(), shell };
    Shell::show(&request, &page)
}

fn week(shell: &Shell, monday: NaiveDate, deeds: BTreeMap<(Kind, Role, Reason), i64>) -> Week {
    let (number, year) = (monday.iso_week().week().to_string(), monday.iso_week().year().to_string());
    let said = |(kind, role, reason): (Kind, Role, Reason)| {
        let by = shell.say(&format!("role-{}", role.name()));
        let how = match reason {
            Reason::None => by,
            reason => format!("{by}: {}", shell.say(&format!("reason-{}", reason.name()))),
        };
        (shell.say(&format!("deed-{}", kind.name())), how)
    };
    Week {
        name: shell.words.say("powers-week", &[("week", &number), ("year", &year)]),
        deeds: deeds
            .into_iter()
            .map(|(deed, count)| {
                let (what, how) = said(deed);
                (what, how, count)
            })
            .collect(),
    }
}

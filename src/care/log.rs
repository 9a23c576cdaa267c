//! What was done here by those who look after the place, and by whom: for themselves, while everyone sees how often.

use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    web::{Data, ServiceConfig},
};
use askama::Template;
use uuid::Uuid;

use super::{frame, show};
use crate::{
    app::App,
    error::Error,
    members::{
        self,
        access::{Visitor, page},
    },
    powers::{
        self,
        deed::{Deed, Reason},
    },
    web::{Answer, Day, Front, Shell, address::Access},
};

/// On the page; those that were last.
const MOST: usize = 200;

pub fn routes(config: &mut ServiceConfig) {
    config.service(page("/care/log", Access::Caretaker, log));
}

#[derive(Template)]
#[template(path = "care/log.html")]
struct Log {
    shell: Shell,
    /// Each what was done, and the day.
    deeds: Vec<(String, String)>,
}

async fn log(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor) -> Answer {
    let now = app.clock.now();
    let found = app.db.read(move |conn| {
        let mut deeds = powers::store::of_group(conn, None, now)?;
        deeds.truncate(MOST);
        let mut names = HashMap::new();
        for id in deeds.iter().flat_map(|deed| [deed.member, deed.about]).flatten() {
            names.extend(members::store::by_id(conn, id)?.map(|member| (id, member.name)));
        }
        Ok::<_, Error>((deeds, names))
    });
    let (deeds, names) = found.await?;
    let shell = frame(&front, &request, &visitor, "care-log");
    let line = |deed: &Deed| {
        let day = Day::of(&deed.done.utc().with_timezone(&chrono_tz::Tz::UTC), now).date(&shell.words);
        (said(&shell, &names, deed), day)
    };
    let deeds = deeds.iter().map(line).collect();
    show(&Log { shell, deeds })
}

fn said(shell: &Shell, names: &HashMap<Uuid, String>, deed: &Deed) -> String {
    let name = |id: &Uuid| names.get(id).cloned().unwrap_or_else(|| shell.say("people-somebody"));
    let who = match &deed.member {
        Some(id) => shell.fill("people-log-by", "who", &name(id)),
        None => shell.say(&format!("role-{}", deed.role.name())),
    };
    let mut text = format!("{}, {who}", shell.say(&format!("deed-{}", deed.kind.name())));
    text.extend(deed.about.iter().map(|id| format!(" → {}", name(id))));
    if deed.reason != Reason::None {
        text.push_str(&format!(" ({})", shell.say(&format!("reason-{}", deed.reason.name()))));
    }
    text
}

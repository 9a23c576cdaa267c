//! Every field that is stored, why and how long, made from the tables themselves: `build.rs` sees to it that none is left out.

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use crate::{
    app::App,
    error::Error,
    web::{About, Answer, Front, Shell, readable, style},
};

/// Tables and their columns, from `src/db/schema.rs`.
const TABLES: &[(&str, &[&str])] = include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// What a table is about for a person. What is named nowhere stands at the end.
const TOPICS: &[(&str, &[&str])] = &[
    (
        "published",
        &[
            "groups",
            "meetings",
            "series",
            "meeting_terms",
            "minutes",
            "announcements",
            "alarms",
            "digests",
            "drafts",
            "places",
            "veiled",
            "reminders",
            "imports",
            "watched",
            "import_looks",
        ],
    ),
    ("coming", &["coming", "answers", "suggestions"]),
    (
        "accounts",
        &[
            "members",
            "sessions",
            "recovery_codes",
            "ways_in",
            "passkeys",
            "organizers",
            "proposals",
            "deeds",
            "notices",
            "pushes",
        ],
    ),
    ("followers", &["follows", "former_inboxes", "remote_actors", "moves"]),
    (
        "elsewhere",
        &[
            "sisters",
            "elsewhere",
            "rhythms",
            "meetings_elsewhere",
            "passed_on",
            "sister_news",
            "callers",
            "invited",
            "outside_changes",
        ],
    ),
    ("answers", &["replies", "envelopes", "repliers", "letters", "reactions", "reports"]),
    ("sent", &["activities", "deliveries", "hosts"]),
    ("received", &["arrivals", "held", "handled", "seen_signatures"]),
    ("place", &["settings", "actors", "blocks", "blocked_words", "servers"]),
];
const REST: &str = "rest";

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/about/safety", safety)).service(readable("/about/safety/{topic}", of_topic));
}

/// Tables about the same.
struct Topic {
    name: &'static str,
    title: String,
    about: String,
    tables: Vec<Table>,
}

struct Table {
    name: &'static str,
    kept: String,
    /// Each with what it is for.
    fields: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "city/safety.html")]
struct Safety {
    shell: Shell,
    topics: Vec<Topic>,
    /// Each a heading and what it says.
    rest: Vec<(String, String)>,
    /// What is not kept.
    never: Vec<String>,
}

#[derive(Template)]
#[template(path = "city/fields.html")]
struct Fields {
    shell: Shell,
    topic: Topic,
}

impl Fields {
    fn style(&self) -> String {
        style::TABLE.path()
    }
}

/// Every field of the tables of one topic.
async fn of_topic(request: HttpRequest, front: Data<Front>, name: Path<String>) -> Answer {
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    let topic = topics(&shell).into_iter().find(|topic| topic.name == *name);
    let topic = topic.ok_or_else(|| Error::not_found("nothing is stored under that name"))?;
    shell.about.title = topic.title.clone();
    shell.about.description = topic.about.clone();
    Shell::show(&request, &Fields { shell, topic })
}

async fn safety(request: HttpRequest, app: Data<App>, front: Data<Front>) -> Answer {
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    shell.about.title = shell.say("safety-title");
    shell.about.description = shell.fill("safety-lead", "city", &app.place.name);
    let rest = ["logs", "backups", "elsewhere", "handed-over"];
    let never = ["visits", "coming", "accounts", "writing", "location"];
    let page = Safety {
        topics: topics(&shell),
        rest: rest.iter().map(|name| (shell.say(&format!("safety-{name}")), shell.say(&format!("safety-{name}-more")))).collect(),
        never: never.iter().map(|name| shell.say(&format!("safety-never-{name}"))).collect(),
        shell,
    };
    Shell::show(&request, &page)
}

fn topics(shell: &Shell) -> Vec<Topic> {
    let named: Vec<&str> = TOPICS.iter().flat_map(|(_, tables)| tables.iter().copied()).collect();
    let others: Vec<&str> = TABLES.iter().map(|(table, _)| *table).filter(|table| !named.contains(table)).collect();
    let all = TOPICS.iter().map(|(name, tables)| (*name, tables.to_vec())).chain([(REST, others)]);
    all.filter(|(_, tables)| !tables.is_empty()).map(|(name, tables)| topic(shell, name, &tables)).collect()
}

fn topic(shell: &Shell, name: &'static str, tables: &[&str]) -> Topic {
    let known = tables.iter().filter_map(|name| TABLES.iter().find(|(table, _)| table == name));
    Topic {
        name,
        title: shell.say(&format!("safety-topic-{name}")),
        about: shell.say(&format!("safety-topic-{name}-more")),
        tables: known.map(|(name, columns)| table(shell, name, columns)).collect(),
    }
}

fn table(shell: &Shell, name: &'static str, columns: &[&'static str]) -> Table {
    let message = |column: &str| format!("stored-{name}--{column}").replace('_', "-");
    Table {
        name,
        kept: shell.say(&format!("kept-{name}").replace('_', "-")),
        fields: columns.iter().map(|column| (*column, shell.say(&message(column)))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_topic_and_every_topic_its_tables() {
        for (table, columns) in TABLES {
            let topics = TOPICS.iter().filter(|(_, tables)| tables.contains(table)).count();
            assert_eq!(topics, 1, "{table} belongs under one topic of what people ask about");
            assert!(!columns.is_empty());
        }
        for table in TOPICS.iter().flat_map(|(_, tables)| tables.iter()) {
            assert!(TABLES.iter().any(|(name, _)| name == table), "{table} is no table");
        }
        assert!(TABLES.iter().any(|(table, columns)| *table == "follows" && columns.contains(&"follow_id")));
    }
}

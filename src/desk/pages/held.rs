//! Replies that wait, by whom they are, so that a flood is one line; and a flood of many, by their servers.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use askama::filters::Safe;

use super::at;
use crate::{app::Here, replies::reply::Reply, web::Shell};

/// So many of one person are shown; the rest is as many.
const OF_ONE: usize = 3;
/// So many people are shown at a time; the others when something of these was decided.
const PEOPLE: usize = 20;
/// A server of which so many wait can be refused as a whole.
const OF_ONE_SERVER: usize = 3;

/// A reply as it is shown to those who decide about it.
pub struct Held {
    pub id: String,
    pub handle: String,
    pub html: Safe<String>,
    pub warning: Option<String>,
    pub language: String,
    pub when: String,
    /// What it is below; empty for what answers nothing.
    pub below: String,
    /// Where it was said.
    pub url: String,
    /// That it has pictures, which show when it is let through.
    pub pictures: Option<String>,
}

pub fn held(shell: &Shell, here: &Here, reply: Reply) -> Held {
    let below = match reply.root.rsplit_once('/') {
        Some(("/ap/events", id)) => format!("/meetings/{id}"),
        Some(("/ap/minutes", id)) => format!("/minutes/{id}"),
        Some((_, id)) => format!("/announcements/{id}"),
        None => String::new(),
    };
    let below = if below.is_empty() { below } else { shell.link(&below) };
    Held {
        id: reply.id.to_string(),
        html: Safe(reply.content),
        warning: reply.warning,
        language: reply.language.unwrap_or_default(),
        when: at(shell, here, reply.received),
        below,
        url: reply.url,
        pictures: (!reply.attached.is_empty() && !reply.root.is_empty())
            .then(|| shell.fill("desk-reply-pictures", "count", &reply.attached.len().to_string())),
        handle: reply.handle,
    }
}

/// Somebody of whom something waits.
pub struct Person {
    pub actor: String,
    pub handle: String,
    pub held: Vec<Held>,
    /// Not shown.
    pub more: usize,
}

/// Those of whom something waits.
#[derive(Default)]
pub struct Crowd {
    /// Whoever waits longest comes first.
    pub people: Vec<Person>,
    /// Not shown.
    pub more: usize,
    /// Servers of which many wait, and of how many people, the most first.
    pub servers: Vec<(String, usize)>,
    /// How many replies there are in all.
    pub replies: usize,
}

impl Crowd {
    pub fn of(shell: &Shell, here: &Here, waiting: Vec<Reply>) -> Self {
        let mut servers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for reply in &waiting {
            servers.entry(reply.host.clone()).or_default().insert(reply.actor.clone());
        }
        let mut servers: Vec<_> = servers.into_iter().map(|(host, people)| (host, people.len())).collect();
        servers.retain(|(_, people)| *people >= OF_ONE_SERVER);
        servers.sort_by_key(|(_, people)| Reverse(*people));
        servers.truncate(PEOPLE);
        let replies = waiting.len();
        let mut people = by_person(shell, here, waiting);
        let more = people.len().saturating_sub(PEOPLE);
        people.truncate(PEOPLE);
        Self { people, more, servers, replies }
    }

    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

fn by_person(shell: &Shell, here: &Here, waiting: Vec<Reply>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for reply in waiting {
        let (actor, handle) = (reply.actor.clone(), reply.handle.clone());
        let place = people.iter().position(|person| person.actor == actor).unwrap_or(people.len());
        if place == people.len() {
            people.push(Person { actor, handle, held: vec![], more: 0 });
        }
        let Some(person) = people.get_mut(place) else { continue };
        if person.held.len() < OF_ONE { person.held.push(held(shell, here, reply)) } else { person.more += 1 }
    }
    people
}

//! Row 28 of the hostile inputs as one table: every text that people give, in every place that shows it. A new field is a line in
//! `fields.rs`, a new place a line in `places.rs`; which fields a place shows is found out with harmless words first.

mod fields;
mod others;
mod payloads;
mod places;
mod readers;

use std::collections::{BTreeMap, BTreeSet};

use fields::{FIELDS, Field, Rule, Things, put};
use payloads::{PAYLOADS, Payload, Refused};
use places::{COMMANDS, PLACES, log_is_well_formed, see, type_};
use readers::{Seen, squeezed};

use crate::city::{City, on_each_database};

/// What stands in each field while nothing is wrong.
const HARMLESS: &str = "plain words";

/// Of each field what stands in it.
type Values = BTreeMap<&'static str, String>;

fn values(payload: &str, markdown_too: bool) -> Values {
    let text = |field: &Field| if field.markdown && !markdown_too { HARMLESS } else { payload };
    FIELDS.iter().map(|field| (field.name, field.value(text(field)))).collect()
}

/// The fields of which a place shows everything.
fn shown(seen: &Seen, values: &Values) -> BTreeSet<&'static str> {
    let all = squeezed(&seen.texts.join("\n"));
    let shows = |field: &&Field| {
        let is_as_typed = !field.markdown && field.rule != Rule::Address;
        all.contains(&squeezed(if is_as_typed { &values[field.name] } else { field.mark() }))
    };
    FIELDS.iter().filter(shows).map(|field| field.name).collect()
}

/// A kept place that no meeting took over is shown to groups only: on their desks and by commands.
fn is_for_groups(name: &str) -> bool {
    name.starts_with("place-")
}

/// Of a text in several lines a list shows the first one.
fn is_markdown(name: &str) -> bool {
    FIELDS.iter().any(|field| field.name == name && field.markdown)
}

#[test]
fn the_door_refuses_what_no_line_may_hold() {
    for payload in PAYLOADS {
        for field in FIELDS {
            let mut things = Things::harmless();
            (field.set)(&mut things, &field.value(payload.text));
            let refused = things.is_refused();
            assert_eq!(refused, field.refuses(&payload), "{} {:?}", field.name, payload.text);
        }
    }
}

#[test]
fn whatever_stands_in_a_field_it_shows_as_text_everywhere() {
    on_each_database(|database| async move {
        let mut city = City::start(database).await;
        let mut things = Things::begun(&city).await;
        let harmless = values(HARMLESS, true);
        put(&mut city, &mut things, &harmless).await;
        let mut usual = Vec::new();
        for place in PLACES {
            let seen = see(&city, &things, &place).await;
            assert_eq!(seen.wild, Vec::<String>::new(), "{}", place.path);
            usual.push((shown(&seen, &harmless), seen));
        }
        for field in FIELDS.iter().filter(|field| !is_for_groups(field.name)) {
            assert!(usual.iter().any(|(shows, _)| shows.contains(field.name)), "no place shows {}", field.name);
        }
        let mut wrong = Vec::new();
        for payload in PAYLOADS {
            for markdown_too in [false, true] {
                let values = values(&payload.fit_for(database), markdown_too);
                put(&mut city, &mut things, &values).await;
                for (place, (shows, usual)) in PLACES.iter().zip(&usual) {
                    let seen = see(&city, &things, place).await;
                    let strange = seen.wild.iter().chain(seen.strange(usual, place, markdown_too)).cloned();
                    let now = shown(&seen, &values);
                    let is_cut = |field: &&str| place.cuts || payload.has_lines() && is_markdown(field);
                    let missing = shows.difference(&now).filter(|field| !is_cut(field)).map(|field| format!("without {field}"));
                    let what = format!("{}, {} (Markdown too: {markdown_too})", payload.text.escape_debug(), place.path);
                    wrong.extend(strange.chain(missing).map(|which| format!("{what}: {which}")));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    });
}

#[test]
fn whatever_stands_in_a_field_no_terminal_obeys_it() {
    actix_web::rt::System::new().block_on(async {
        let mut city = City::start("sqlite").await;
        let mut things = Things::begun(&city).await;
        let (mut usual, mut wrong) = (Vec::<BTreeSet<&str>>::new(), Vec::new());
        for payload in [Payload { text: HARMLESS, refused: Refused::Nowhere }].into_iter().chain(PAYLOADS) {
            let values = values(&payload.fit_for("sqlite"), true);
            put(&mut city, &mut things, &values).await;
            for (number, command) in COMMANDS.iter().enumerate() {
                let seen = type_(&city, &things, command);
                let shows = shown(&seen, &values);
                if usual.len() == number {
                    usual.push(shows.clone());
                }
                let missing = usual[number].difference(&shows).map(|field| format!("without {field}"));
                let what = format!("{}, {command}", payload.text.escape_debug());
                wrong.extend(seen.wild.iter().cloned().chain(missing).map(|which| format!("{what}: {which}")));
            }
            log_is_well_formed(&city, &payload);
        }
        for field in FIELDS.iter().filter(|field| is_for_groups(field.name)) {
            assert!(usual.iter().any(|shows| shows.contains(field.name)), "no command shows {}", field.name);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    });
}

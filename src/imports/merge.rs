//! What a calendar says, put into meetings and series; of what was in before, only what changed there since.

use std::{collections::BTreeSet, time::Duration};

use chrono::NaiveDate;
use chrono_tz::Tz;
use uuid::Uuid;

use super::found::{Found, Once, Rhythm};
use crate::{
    app::Here,
    groups::group::Group,
    meetings::meeting::Meeting,
    series::{
        rule::{Rule, moment},
        series::{self, Series},
    },
    words::Words,
};

/// Is this what was said before, wherever it stands in the file?
pub fn says_the_same(one: &Found, other: &Found) -> bool {
    let bare = |found: &Found| {
        let mut found = Found { line: 0, sequence: 0, ..found.clone() };
        for differing in found.rhythm.iter_mut().flat_map(|rhythm| &mut rhythm.differing) {
            differing.line = 0;
        }
        found
    };
    bare(one) == bare(other)
}

/// The meeting that this is.
pub fn meeting(here: &Here, id: Uuid, group: &Group, once: &Once, zone: Tz) -> Meeting {
    let mut meeting = Meeting::blank(id, &group.handle, here.now);
    meeting.language = group.language.clone();
    fill(&mut meeting, once, zone, None);
    meeting
}

/// Changes of a meeting what it says; where it is known what was said before, only what is not the same since.
pub fn fill(meeting: &mut Meeting, once: &Once, zone: Tz, before: Option<(&Once, Tz)>) {
    let is_new = |same: &dyn Fn(&Once) -> bool| before.is_none_or(|(before, _)| !same(before));
    if is_new(&|before| before.title == once.title) {
        meeting.title.clone_from(&once.title);
    }
    if is_new(&|before| before.kind == once.kind) {
        meeting.kind = once.kind;
    }
    if is_new(&|before| before.place == once.place) {
        meeting.place.clone_from(&once.place);
    }
    if is_new(&|before| before.address == once.address) {
        meeting.address.clone_from(&once.address);
    }
    if is_new(&|before| before.position == once.position) {
        meeting.position = once.position();
    }
    if is_new(&|before| before.online == once.online) {
        meeting.online.clone_from(&once.online);
    }
    if is_new(&|before| before.language == once.language)
        && let Some(language) = &once.language
    {
        meeting.language.clone_from(language);
    }
    if is_new(&|before| before.agenda == once.agenda && before.tentative == once.tentative) {
        meeting.agenda = agenda(once, &meeting.language);
        // who is named there is not asked for: they stay plain words
        meeting.mentions.clear();
    }
    let time = (once.start, once.minutes, zone);
    if before.is_none_or(|(before, zone)| (before.start, before.minutes, zone) != time) {
        meeting.zone = zone;
        meeting.starts = moment(once.start, zone);
        meeting.ends = meeting.starts + length(once);
    }
}

/// What is not sure yet says so first.
fn agenda(once: &Once, language: &str) -> Option<String> {
    let tentative = once.tentative.then(|| Words::of(language).say("import-tentative", &[]));
    let parts: Vec<String> = tentative.into_iter().chain(once.agenda.clone()).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

pub fn length(once: &Once) -> Duration {
    Duration::from_secs(u64::try_from(once.minutes).unwrap_or(0).saturating_mul(60))
}

/// Days on which there is none.
fn days(rhythm: &Rhythm) -> BTreeSet<NaiveDate> {
    rhythm.except.iter().map(|start| start.date()).collect()
}

fn rule(found: &Found, rhythm: &Rhythm) -> Result<Rule, series::Refusal> {
    Ok(Rule::parse(&rhythm.rule, found.once.start, found.zone)?)
}

/// The series that this is.
pub fn series(here: &Here, id: Uuid, group: &Group, found: &Found, rhythm: &Rhythm) -> Result<Series, series::Refusal> {
    let pattern = meeting(here, id, group, &found.once, found.zone);
    Ok(Series::new(pattern, found.once.start, rule(found, rhythm)?, days(rhythm), here.now))
}

/// Changes of a series what is not as it was said before; without a before, all of it.
pub fn change(series: &mut Series, found: &Found, before: Option<&Found>) -> Result<(), series::Refusal> {
    let Some(rhythm) = &found.rhythm else { return Ok(()) };
    let was = before.and_then(|before| Some((before, before.rhythm.as_ref()?)));
    let time = |found: &Found| (found.once.start, found.zone);
    let another = was.is_none_or(|(before, rhythm_before)| time(before) != time(found) || rhythm_before.rule != rhythm.rule);
    fill(&mut series.pattern, &found.once, found.zone, was.map(|(before, _)| (&before.once, before.zone)));
    if another {
        series.rule = rule(found, rhythm)?;
        series.first = found.once.start;
    }
    let (now, then) = (days(rhythm), was.map(|(_, rhythm)| days(rhythm)).unwrap_or_default());
    series.except.retain(|day| now.contains(day) || !then.contains(day));
    series.except.extend(now.difference(&then));
    Ok(())
}

//! How often, in the form of a meeting; and what comes of it: the rule in words, the next dates, and where clocks are set.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use super::writing::Choice;
use crate::{
    app::Here,
    desk::{
        invitation::{Invitation, date},
        rhythm::{KEPT, LETTERS, OFTEN, Rhythm, Scope, odd_ones},
    },
    meetings::meeting::Meeting,
    series::{self, rule::Rule, series::AHEAD, wording},
    web::{Day, Shell, capitalised, form::Problems, moment},
};

/// Dates that are shown before somebody says yes.
const FEW: usize = 5;
/// Dates at which the clock is set that are pointed out.
const MOST_ODD: usize = 3;

/// The part of the form that says how often.
pub struct Sheet {
    /// Of a meeting of a series: what is changed, as it was chosen before.
    pub scope: Option<String>,
    /// Nothing else than one meeting: it is not asked how often it comes again.
    pub one: bool,
    pub often: Vec<Choice>,
    pub weekdays: Vec<Choice>,
    pub endings: Vec<Choice>,
    pub typed: Rhythm,
    /// The seldom part stands open.
    pub open: bool,
}

/// What is chosen and typed about it.
pub fn sheet(shell: &Shell, invitation: &Invitation, problems: &Problems) -> Sheet {
    let typed = &invitation.rhythm;
    let day = date(&invitation.day);
    let ends = if typed.ends.is_empty() { "open" } else { &typed.ends };
    let choice = |value: &str, chosen: &str, name: String| Choice { value: value.to_owned(), chosen: value == chosen, name };
    let endings = ["open", "day", "times"].map(|end| choice(end, ends, shell.say(&format!("series-ends-{end}"))));
    let ticked = |letters: &str, weekday| {
        let is_first = typed.on.is_empty() && day.is_some_and(|day| chrono::Datelike::weekday(&day) == weekday);
        is_first || typed.on.iter().any(|on| on == letters)
    };
    let weekdays = LETTERS.iter().map(|(letters, weekday)| Choice {
        value: (*letters).to_owned(),
        name: capitalised(&shell.say(&format!("weekday-long-{}", weekday.number_from_monday()))),
        chosen: ticked(letters, *weekday),
    });
    let wrong = ["on", "ends", "ends-day", "ends-times", "except"].iter().any(|field| problems.of(field).is_some());
    Sheet {
        scope: scope(shell, typed),
        one: typed.is_of_series() && typed.scope() == Scope::One,
        often: often(shell, typed, day),
        weekdays: weekdays.collect(),
        endings: endings.into(),
        open: wrong || typed.recurs(),
        typed: typed.clone(),
    }
}

/// What of a series is changed, in words.
pub fn scope(shell: &Shell, typed: &Rhythm) -> Option<String> {
    let name = match typed.scope() {
        Scope::One => "one",
        Scope::Following => "following",
        Scope::All => "all",
    };
    typed.is_of_series().then(|| shell.say(&format!("series-scope-said-{name}")))
}

/// What can be chosen, in words that name the day where it is known.
fn often(shell: &Shell, typed: &Rhythm, day: Option<NaiveDate>) -> Vec<Choice> {
    let chosen = if typed.often.is_empty() { "once" } else { &typed.often };
    let possible = OFTEN.into_iter().filter(|often| match *often {
        "once" => !typed.is_of_series(),
        KEPT => chosen == KEPT,
        _ => true,
    });
    let named = possible.filter_map(|often| {
        let name = match (often, day) {
            ("date" | "weekday" | "last" | "year" | KEPT, Some(day)) => in_words(shell, typed, often, day)?,
            _ => shell.say(&format!("series-often-{often}")),
        };
        Some(Choice { value: often.to_owned(), chosen: often == chosen, name })
    });
    let mut all: Vec<Choice> = named.collect();
    // the last Tuesday may be the fourth or the fifth: said once where it is the same
    let mut names = std::collections::BTreeSet::new();
    all.retain(|choice| choice.chosen || names.insert(choice.name.clone()));
    all
}

/// Nothing where that day is none of the rule's.
fn in_words(shell: &Shell, typed: &Rhythm, often: &str, day: NaiveDate) -> Option<String> {
    let alone = Rhythm { often: often.to_owned(), ends: String::new(), ..typed.clone() };
    let rule = alone.rule(day.into(), Tz::UTC).ok()?;
    let fits = often == typed.often || rule.check(day.into()).is_ok();
    fits.then(|| capitalised(&wording::often(&shell.words, &rule, day)))
}

/// What will be, before somebody says yes.
pub struct Outlook {
    /// `Every Tuesday, 18:00`.
    pub rule: String,
    pub dates: Vec<String>,
    /// Where the clock is set.
    pub odd: Vec<String>,
}

/// Nothing for a meeting that takes place once, and for what makes no sense yet.
pub fn outlook(shell: &Shell, here: &Here, rhythm: &Rhythm, meeting: &Meeting) -> Option<Outlook> {
    let (rule, first, starts) = to_come(here, rhythm, meeting)?;
    let odd = odd_ones(&starts, meeting.zone).into_iter().take(MOST_ODD).map(|odd| {
        let message = if odd.skipped { "series-skipped" } else { "series-twice" };
        let (typed, begins) = (odd.typed.format("%H:%M").to_string(), moment(&shell.words, &odd.begins, here.now));
        shell.words.say(message, &[("time", &typed), ("moment", &begins)])
    });
    Some(Outlook {
        rule: series::pages::often(shell, &rule, first, meeting.zone),
        dates: starts.iter().take(FEW).map(|start| shown(shell, here, *start, meeting.zone)).collect(),
        odd: odd.collect(),
    })
}

/// The first meetings of what would come of it, as the one that was typed; that alone where it takes place once.
pub fn first_ones(here: &Here, rhythm: &Rhythm, meeting: &Meeting) -> Vec<Meeting> {
    let Some((.., starts)) = to_come(here, rhythm, meeting) else { return vec![meeting.clone()] };
    let at = |start: &NaiveDateTime| {
        let starts = crate::series::rule::moment(*start, meeting.zone);
        Meeting { starts, ends: starts + meeting.ends.since(meeting.starts), ..meeting.clone() }
    };
    starts.iter().take(FEW).map(at).collect()
}

/// By which rule, since when, and when on the wall; within the time that is laid out.
fn to_come(here: &Here, rhythm: &Rhythm, meeting: &Meeting) -> Option<(Rule, NaiveDateTime, Vec<NaiveDateTime>)> {
    let (first, rule) = if !rhythm.is_of_series() {
        let series = rhythm.series(meeting, here.now).ok()??;
        (series.first, series.rule)
    } else if rhythm.scope() == Scope::One {
        return None;
    } else {
        rhythm.prospect(meeting).ok()?
    };
    let except = rhythm.except().ok()?;
    let until = here.now.utc().naive_utc() + TimeDelta::from_std(AHEAD).unwrap_or_default();
    let mut starts = rule.starts(first, first, until);
    starts.retain(|start| !except.contains(&start.date()));
    Some((rule, first, starts))
}

/// `Tuesday 24 November`, there.
pub fn shown(shell: &Shell, here: &Here, start: NaiveDateTime, zone: Tz) -> String {
    let begins = crate::series::rule::moment(start, zone).utc().with_timezone(&zone);
    capitalised(&Day::of(&begins, here.now).date(&shell.words))
}

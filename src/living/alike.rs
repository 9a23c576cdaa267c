//! Which groups sound like a new one: by its name, its topics and what it is there for, whatever accents and endings they are
//! written with.

use std::collections::{HashMap, HashSet};

use deunicode::deunicode;

use super::store::Seen;
use crate::{groups::group::Group, text};

/// So many are shown.
const MOST: usize = 5;
/// Words of a mission that are looked at; the first sentences say what a group does.
const MISSION: usize = 60;
/// From so much on, two groups sound alike.
const ENOUGH: usize = 6;

/// Words that say nothing of what a group does, in English and Spanish, in plain letters.
const EMPTY: &str = "a about all and any are assembly asamblea at be can city ciudad comision comite committee con de del each el en \
    every everybody everyone for from gente group groups grupo grupos have here how in is it its la las los lo mas more need needs \
    not of on or our para people plaza por que se ser si sin sobre su sus team than that the their them there they this to todas \
    todo todos trabajo una uno us we what when where which who will with working y you your";

/// A word without what it ends in, so that *cook*, *cooks* and *cooking* are one.
fn stem(word: &str) -> String {
    const ENDINGS: [&str; 17] =
        ["ings", "ing", "ions", "ion", "ies", "ers", "es", "er", "ed", "ar", "as", "os", "s", "e", "y", "a", "o"];
    let shorter = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.len() >= 4));
    shorter.unwrap_or(word).to_owned()
}

/// The stems of a text that say something, in plain letters, whatever script it is in.
fn stems(text: &str) -> Vec<String> {
    let plain = deunicode(text).to_ascii_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= 3);
    words.filter(|word| !EMPTY.split(' ').any(|empty| empty == *word)).map(stem).collect()
}

/// How many of their groups of three letters two words share: from 0 to 100.
fn likeness(one: &str, other: &str) -> usize {
    let threes = |word: &str| -> HashSet<Vec<u8>> { word.as_bytes().windows(3).map(<[u8]>::to_vec).collect() };
    let (one, other) = (threes(one), threes(other));
    (200 * one.intersection(&other).count()).checked_div(one.len() + other.len()).unwrap_or_default()
}

/// Short words are like many others, so they are akin only when they are the same; and *night* is not *light*.
fn akin(one: &str, other: &str) -> bool {
    let begin_alike = one.as_bytes().first() == other.as_bytes().first();
    one == other || (begin_alike && one.len().min(other.len()) >= 5 && likeness(one, other) > 60)
}

/// What a group is known by.
struct Known {
    /// Of its name and its handle.
    name: Vec<String>,
    topics: Vec<String>,
    mission: HashSet<String>,
    /// Its name without blanks: `Free school` is `freeschool`.
    whole: [String; 2],
}

impl Known {
    fn of(group: &Group) -> Self {
        let mut name = stems(&group.name);
        name.extend(stems(&group.handle));
        name.sort();
        name.dedup();
        let letters = |text: &str| deunicode(text).to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        Self {
            name,
            topics: group.tags.iter().flat_map(|tag| stems(tag)).collect(),
            mission: stems(&text::to_plain(&group.mission)).into_iter().take(MISSION).collect(),
            whole: [letters(&group.name), letters(&group.handle)],
        }
    }

    fn words(&self) -> HashSet<&str> {
        self.name.iter().chain(&self.topics).chain(&self.mission).map(String::as_str).collect()
    }

    /// Of what nearly every group says nobody is known.
    fn without(mut self, common: &HashSet<String>) -> Self {
        self.name.retain(|word| !common.contains(word));
        self.topics.retain(|word| !common.contains(word));
        self.mission.retain(|word| !common.contains(word));
        self
    }

    /// How much a new group sounds like this one.
    fn sounds_like(&self, new: &Known) -> usize {
        let like = |words: &[String], word: &str| words.iter().any(|other| akin(other, word));
        let said = |word: &str| self.mission.contains(word);
        let by_name = new.name.iter().map(|word| match word {
            word if like(&self.name, word) => 6,
            word if like(&self.topics, word) => 5,
            word if said(word) => 2,
            _ => 0,
        });
        let by_topic = new.topics.iter().map(|word| match word {
            word if like(&self.topics, word) || like(&self.name, word) => 4,
            word if said(word) => 1,
            _ => 0,
        });
        let by_mission = new.mission.iter().map(|word| match word {
            word if like(&self.name, word) => 3,
            word if said(word) || like(&self.topics, word) => 2,
            _ => 0,
        });
        let pairs = self.whole.iter().flat_map(|whole| new.whole.iter().map(move |other| (whole, other)));
        let as_a_whole = if pairs.into_iter().any(|(whole, other)| akin(whole, other) && !whole.is_empty()) { 6 } else { 0 };
        // of a long name one word alone is chance
        let names: usize = by_name.sum();
        let names = if new.name.len() > 2 && names <= 6 { names / 2 } else { names };
        names + by_topic.sum::<usize>() + by_mission.sum::<usize>() + as_a_whole
    }
}

/// Words that more than a quarter of the groups use, and more than three: the name of the town, what everybody is about.
fn common(known: &[Known]) -> HashSet<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in known.iter().flat_map(Known::words) {
        *counts.entry(word).or_default() += 1;
    }
    let many = (known.len() / 4).max(3);
    counts.into_iter().filter(|(_, count)| *count > many).map(|(word, _)| word.to_owned()).collect()
}

/// Those among `there` that sound like the new group, the likest first; of those that are as like, the liveliest. One that ended is
/// none of them.
pub fn alike(new: &Group, there: Vec<Seen>) -> Vec<Seen> {
    let known: Vec<Known> = there.iter().map(|seen| Known::of(&seen.group)).collect();
    let common = common(&known);
    let new = Known::of(new).without(&common);
    let mut found: Vec<(usize, Seen)> = known
        .into_iter()
        .map(|known| known.without(&common).sounds_like(&new))
        .zip(there)
        .filter(|(score, seen)| *score >= ENOUGH && seen.group.closed.is_none())
        .collect();
    // `there` is in order, and sorting keeps that where it does not matter
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().take(MOST).map(|(_, seen)| seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, living::liveness::Signs};

    fn group(name: &str, handle: &str, tags: &[&str], mission: &str) -> Group {
        Group {
            name: name.into(),
            mission: mission.into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            language: "en".into(),
            welcomed: Some(Timestamp::default()),
            ..Group::blank(handle, Timestamp::default())
        }
    }

    fn there() -> Vec<Seen> {
        let groups = [
            group(
                "Kitchen of Riverside",
                "kitchen",
                &["food", "riverside"],
                "We cook soup for everyone at noon in Riverside. #food",
            ),
            group(
                "Free school",
                "freeschool",
                &["learning", "riverside"],
                "Workshops and reading circles in the park in Riverside.",
            ),
            group("Medical", "medics", &["health", "riverside"], "First aid and quiet rooms in Riverside, day and night."),
            group("Media", "media", &["press", "riverside"], "We film, write and stream from Riverside."),
            group(
                "Vivienda digna",
                "vivienda",
                &["vivienda", "riverside"],
                "Contra los desahucios, por el derecho a la vivienda.",
            ),
            group("Night watch", "nightwatch", &["safety", "riverside"], "Somebody is awake in Riverside all night."),
            group("Huertos urbanos", "huertos", &["huerto", "riverside"], "Sembramos tomates y acelgas en los solares."),
        ];
        groups.into_iter().map(|group| Seen { group, next: None, signs: Signs::default() }).collect()
    }

    fn found(name: &str, handle: &str, tags: &[&str], mission: &str) -> Vec<String> {
        alike(&group(name, handle, tags, mission), there()).into_iter().map(|seen| seen.group.handle).collect()
    }

    /// Name, handle, topics and mission of a new group, and what is found.
    type Row = (&'static str, &'static str, &'static [&'static str], &'static str, &'static [&'static str]);

    #[test]
    fn groups_that_sound_alike_are_found_by_name_topic_and_mission() {
        let table: [Row; 16] = [
            ("Kitchen", "", &[], "", &["kitchen"]),
            ("Kitchens Riverside", "", &[], "", &["kitchen"]),
            ("Community Kitchen", "", &[], "", &["kitchen"]),
            ("Soup for all", "soup", &["food"], "Cooking soup every noon.", &["kitchen"]),
            ("People's school", "", &[], "", &["freeschool"]),
            ("FreeSchool", "", &[], "", &["freeschool"]),
            ("Medics", "", &[], "", &["medics"]),
            ("VIVIENDAS", "", &[], "", &["vivienda"]),
            ("Vivíenda dígna", "", &[], "", &["vivienda"]),
            ("Stop", "", &[], "Paramos desahucios: derecho a la vivienda", &["vivienda"]),
            ("Huerto del barrio", "", &[], "", &["huertos"]),
            ("Cuidados", "", &["huertos"], "Sembramos", &["huertos"]),
            ("Riverside", "", &["riverside"], "For everyone in Riverside", &[]),
            ("Puppets", "", &[], "We build giant puppets for parades.", &[]),
            ("Radio", "radio", &[], "News that we write and stream, and film at times", &["media"]),
            ("", "", &[], "", &[]),
        ];
        for (name, handle, tags, mission, expected) in table {
            assert_eq!(found(name, handle, tags, mission), expected, "{name} {tags:?} {mission}");
        }
    }

    #[test]
    fn the_likest_comes_first_and_nothing_that_is_typed_takes_long() {
        let both = found("Night school", "", &[], "We read and learn at night.");
        assert!(both.contains(&"freeschool".to_owned()) && both.contains(&"nightwatch".to_owned()), "{both:?}");
        let long = "soup ".repeat(1_000);
        assert_eq!(found("x", "", &[], &long), Vec::<String>::new());
        assert_eq!(found("😀 ⁂", "", &[], "\u{202e}"), Vec::<String>::new());
    }

    #[test]
    fn words_of_one_kind_are_akin() {
        for (one, other, expected) in [
            ("kitchen", "kitchens", true),
            ("gardens", "gardening", true),
            ("cocina", "cocinar", true),
            ("libraries", "library", true),
            ("media", "medical", false),
            ("night", "light", false),
            ("school", "scholar", false),
            ("house", "horse", false),
        ] {
            assert_eq!(akin(&stem(one), &stem(other)), expected, "{one} {other}");
        }
    }
}

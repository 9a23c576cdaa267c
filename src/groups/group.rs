//! What a working group is: its handle, its words about itself, and what we refuse.

use super::habits::{Habits, MOST_HOURS};
use crate::{
    clock::Timestamp,
    error::Said,
    media::{self, Kept},
    text,
};

/// Handle of the plaza: everything of the city in one group, which speaks by itself and is no working group.
pub const PLAZA: &str = "plaza";

/// A working group of this city, or the plaza.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name before the @, for ever.
    pub handle: String,
    pub name: String,
    /// What the group is there for; Markdown.
    pub mission: String,
    /// How to reach people; one line of plain text.
    pub contact: Option<String>,
    /// Lower-case hashtags without #.
    pub tags: Vec<String>,
    /// BCP 47.
    pub language: String,
    /// Without one, a picture is made from the handle. Its description may be empty: then it is called the group's icon.
    pub icon: Option<Kept>,
    pub header: Option<Kept>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// Since when everyone may hear of the group. Without it the group waits to be welcomed: whoever has its link sees it,
    /// and nobody else hears of it.
    pub welcomed: Option<Timestamp>,
    /// Until when nothing changes in who speaks for it.
    pub frozen: Option<Timestamp>,
    /// When it will end, unless somebody who speaks for it thinks better of it.
    pub ending: Option<Timestamp>,
    /// So many days ahead followers hear of a meeting of a series.
    pub horizon: i64,
    pub habits: Habits,
    /// Ids of actors of other servers that were this group before it came here.
    pub also_known_as: Vec<String>,
    /// Id of the actor of another server that the group is from `moved` on, or will be from `moving` on.
    pub moved_to: Option<String>,
    /// When it will move, unless somebody who speaks for it thinks better of it.
    pub moving: Option<Timestamp>,
    /// When it moved: from then on it says nothing here.
    pub moved: Option<Timestamp>,
    /// When the group ended; its name is not given away again where anybody may have heard of it.
    pub closed: Option<Timestamp>,
}

/// Why a group is not made or changed. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "a handle has 1 to 30 letters a–z, digits or underscores, begins with a letter and is written in lower case: {0:?} is not one"
    )]
    Handle(String),
    #[error("the handle {0:?} is kept for the city itself")]
    Reserved(String),
    #[error("the handle {0:?} is taken")]
    Taken(String),
    #[error("a group needs a name of 1 to 100 characters on one line")]
    Name,
    #[error("a mission is 1 to 5,000 characters long")]
    Mission,
    #[error("a contact is one line of at most 500 characters")]
    Contact,
    #[error("{0:?} is not a tag: letters, digits and underscores, at most 50, and at least one that is not a digit")]
    Tag(String),
    #[error("at most 10 tags")]
    TooManyTags,
    #[error("{0:?} is not a language tag such as en or pt-BR")]
    Language(String),
    #[error(transparent)]
    Picture(media::Refusal),
    #[error(
        "the plaza speaks by itself: it passes on what groups say. `plaza set --pass-on` chooses what, and PLAZA_CITY gives its name"
    )]
    Plaza,
    #[error("the group {0:?} has ended")]
    Closed(String),
    #[error("the group {0:?} has moved to another server and says nothing here any more")]
    Moved(String),
    #[error("a group that moved stays here for {MOVED_STAYS} days, so that whoever follows it finds where it went")]
    MovedLately,
    #[error("followers hear of meetings 0 to {MAX_HORIZON} days ahead")]
    Horizon,
    #[error("until a group is welcomed, it names no telephone numbers, no addresses elsewhere and nobody on other servers")]
    LeadsAway,
    #[error("until a group is welcomed, it has at most {WAITING_MEETINGS} meetings")]
    TooManyMeetings,
    #[error("until a group is welcomed, it has at most {WAITING_NEWS} announcements")]
    TooMuchNews,
    #[error("the group {0:?} waits to be welcomed: until then it speaks to nobody elsewhere")]
    Waits(String),
    #[error("a group reminds its followers from 1 to {MOST_HOURS} hours before a meeting, or never: 0")]
    Remind,
    #[error("{0:?} is no way to show places on a map: say exact, 100m, 1km or none")]
    Positions(String),
}

/// So many days ahead followers hear of a meeting of a series, unless the group chose otherwise.
pub const HORIZON: i64 = 8;
/// So long a group that moved cannot be ended, in days: others look here where it went, and check what it said with its key.
pub const MOVED_STAYS: u64 = 30;
/// No group looks farther ahead, in days.
const MAX_HORIZON: i64 = 60;

impl Group {
    /// A group of which nothing is known yet; it waits to be welcomed.
    pub fn blank(handle: &str, now: Timestamp) -> Self {
        Self {
            handle: handle.to_owned(),
            name: String::new(),
            mission: String::new(),
            contact: None,
            tags: vec![],
            language: String::new(),
            icon: None,
            header: None,
            created: now,
            updated: now,
            welcomed: None,
            frozen: None,
            ending: None,
            horizon: HORIZON,
            habits: Habits::default(),
            also_known_as: vec![],
            moved_to: None,
            moving: None,
            moved: None,
            closed: None,
        }
    }
}

/// So much a group may put up before it is welcomed.
pub const WAITING_MEETINGS: i64 = 12;
pub const WAITING_NEWS: i64 = 12;

impl Refusal {
    /// The same in every language, about the field of a form that has it.
    pub fn said(&self) -> Said {
        match self {
            Self::Handle(handle) => Said::new("refused-handle").with("handle", handle).about("handle"),
            Self::Reserved(handle) => Said::new("refused-handle-reserved").with("handle", handle).about("handle"),
            Self::Taken(handle) => Said::new("refused-handle-taken").with("handle", handle).about("handle"),
            Self::Name => Said::new("refused-group-name").about("name"),
            Self::Mission => Said::new("refused-mission").about("mission"),
            Self::Contact => Said::new("refused-contact").about("contact"),
            Self::Tag(tag) => Said::new("refused-tag").with("tag", tag).about("tags"),
            Self::TooManyTags => Said::new("refused-tags").about("tags"),
            Self::Language(tag) => Said::new("refused-language").with("tag", tag).about("language"),
            Self::Picture(refusal) => refusal.said(),
            Self::Plaza => Said::new("refused-plaza"),
            Self::Closed(handle) => Said::new("refused-group-ended").with("handle", handle),
            Self::Moved(handle) => Said::new("refused-group-moved").with("handle", handle),
            Self::MovedLately => Said::new("refused-group-moved-lately").with("days", MOVED_STAYS),
            Self::Horizon => Said::new("refused-horizon").with("most", MAX_HORIZON).about("horizon"),
            Self::LeadsAway => Said::new("group-refused-leads-away"),
            Self::TooManyMeetings => Said::new("group-refused-too-many-meetings"),
            Self::TooMuchNews => Said::new("group-refused-too-much-news"),
            Self::Waits(_) => Said::new("group-refused-waits"),
            Self::Remind => Said::new("refused-remind").with("most", MOST_HOURS).about("remind"),
            Self::Positions(_) => Said::new("refused-positions").about("positions"),
        }
    }
}

/// Names that mean the city itself, whoever runs it or its machinery.
const RESERVED: [&str; 24] = [
    "about",
    "abuse",
    "admin",
    "administrator",
    "announcements",
    "ap",
    "api",
    "care",
    "caretaker",
    "city",
    "groups",
    "help",
    "hostmaster",
    "instance",
    "localhost",
    "meetings",
    "moderator",
    PLAZA,
    "postmaster",
    "root",
    "security",
    "support",
    "system",
    "webmaster",
];

/// Topics as people type them: lower-case, without #, each once.
pub fn read_tags<'a>(typed: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in typed.map(|tag| tag.trim().trim_start_matches('#').to_lowercase()) {
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Is this written as handles are, the city's own included?
pub fn is_handle(text: &str) -> bool {
    (1..=30).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && !text.ends_with('_')
}

/// May a group be called so?
pub fn check_handle(handle: &str) -> Result<(), Refusal> {
    if !is_handle(handle) {
        return Err(Refusal::Handle(handle.to_owned()));
    }
    if RESERVED.contains(&handle) {
        return Err(Refusal::Reserved(handle.to_owned()));
    }
    Ok(())
}

impl Group {
    /// Does everything the group says about itself hold?
    pub fn check(&self) -> Result<(), Refusal> {
        self.faults().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that does not hold.
    pub fn faults(&self) -> Vec<Refusal> {
        let tag = self.tags.iter().find(|tag| !text::is_tag(tag));
        let mut pictures = [&self.icon, &self.header].into_iter().flatten().filter(|picture| !picture.alt.is_empty());
        let checks = [
            check_handle(&self.handle),
            text::is_line(&self.name, 100).then_some(()).ok_or(Refusal::Name),
            text::is_prose(&self.mission, 5_000).then_some(()).ok_or(Refusal::Mission),
            self.contact.as_ref().is_none_or(|contact| text::is_line(contact, 500)).then_some(()).ok_or(Refusal::Contact),
            (self.tags.len() <= 10).then_some(()).ok_or(Refusal::TooManyTags),
            tag.map_or(Ok(()), |tag| Err(Refusal::Tag(tag.clone()))),
            pictures.try_for_each(|picture| media::check_alt(&picture.alt)).map_err(Refusal::Picture),
            check_language(&self.language),
            (0..=MAX_HORIZON).contains(&self.horizon).then_some(()).ok_or(Refusal::Horizon),
            self.habits.check(),
            self.may_say(self.texts()),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }

    /// What the icon shows, where somebody said so.
    pub fn icon_alt(&self) -> Option<&str> {
        self.icon.as_ref().map(|icon| icon.alt.as_str()).filter(|alt| !alt.is_empty())
    }

    pub fn header_alt(&self) -> Option<&str> {
        self.header.as_ref().map(|header| header.alt.as_str()).filter(|alt| !alt.is_empty())
    }

    /// May it say this? A group that waits to be welcomed leads nobody away from here.
    pub fn may_say<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<(), Refusal> {
        let leads_away = self.welcomed.is_none() && texts.into_iter().any(text::leads_away);
        if leads_away { Err(Refusal::LeadsAway) } else { Ok(()) }
    }

    /// What it says about itself.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [Some(self.name.as_str()), Some(self.mission.as_str()), self.contact.as_deref()].into_iter().flatten()
    }

    /// For a welcome, as long as it can still be given one.
    pub fn waits(&self) -> bool {
        self.welcomed.is_none() && self.speaks().is_ok()
    }

    /// May this group still speak?
    pub fn speaks(&self) -> Result<(), Refusal> {
        match (self.closed, self.moved) {
            (Some(_), _) => Err(Refusal::Closed(self.handle.clone())),
            (None, Some(_)) => Err(Refusal::Moved(self.handle.clone())),
            (None, None) => Ok(()),
        }
    }
}

/// BCP 47, as far as it can be parsed.
pub fn check_language(tag: &str) -> Result<(), Refusal> {
    match tag.parse::<unic_langid::LanguageIdentifier>() {
        Ok(language) if language.language.as_str() != "und" && tag.len() <= 35 => Ok(()),
        _ => Err(Refusal::Language(tag.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_plain_and_not_the_citys_own() {
        for right in ["kitchen", "k", "people_of_color", "legal2", "a1", "abcdefghijklmnopqrstuvwxyz1234"] {
            assert_eq!(check_handle(right), Ok(()), "{right}");
        }
        for wrong in ["", "Kitchen", "küche", "1st", "_x", "x_", "a-b", "a.b", "a b", "../x", "abcdefghijklmnopqrstuvwxyz12345"]
        {
            assert!(matches!(check_handle(wrong), Err(Refusal::Handle(_))), "{wrong}");
        }
        for ours in RESERVED {
            assert_eq!(check_handle(ours), Err(Refusal::Reserved(ours.into())));
        }
    }
}

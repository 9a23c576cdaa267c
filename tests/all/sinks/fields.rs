//! Every field that people fill in, of a group, a meeting, an announcement and the city.

use std::time::Duration;

use plaza::{
    announcements::{self, announcement::Announcement},
    app,
    city::charter::Charter,
    coming::answer::Step,
    config::Settings,
    groups::{self, group::Group},
    media::{File, Kept},
    meetings::{self, agreement::Agreement, meeting::Meeting},
    minutes::{
        self,
        record::{Decision, Minutes},
    },
    places::{self, access::Access, place::Place},
    plaza::actions as plaza_actions,
    series::{
        self,
        rule::{self, End, Every},
        series::Series,
    },
};
use uuid::Uuid;

use super::{
    Values,
    payloads::{Payload, Refused},
};
use crate::city::{City, START};

/// What a field refuses at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Line,
    Prose,
    /// Letters, digits and underscores.
    Tag,
    /// An address: whatever cannot stand in one is encoded.
    Address,
}

pub struct Field {
    pub name: &'static str,
    pub rule: Rule,
    /// Then what is shown is not letter by letter what was typed.
    pub markdown: bool,
    pub set: fn(&mut Things, &str),
}

const fn field(name: &'static str, rule: Rule, set: fn(&mut Things, &str)) -> Field {
    Field { name, rule, markdown: false, set }
}

const fn markdown(name: &'static str, set: fn(&mut Things, &str)) -> Field {
    Field { name, rule: Rule::Prose, markdown: true, set }
}

pub const FIELDS: [Field; 32] = [
    field("group-name", Rule::Line, |things, text| things.group.name = text.into()),
    markdown("group-mission", |things, text| things.group.mission = text.into()),
    field("group-contact", Rule::Line, |things, text| things.group.contact = Some(text.into())),
    field("group-tag", Rule::Tag, |things, text| things.group.tags = vec![text.split_whitespace().collect()]),
    field("group-icon", Rule::Prose, |things, text| things.group.icon = Some(picture(text))),
    field("group-header", Rule::Prose, |things, text| things.group.header = Some(picture(text))),
    field("meeting-title", Rule::Line, |things, text| things.meeting.title = text.into()),
    field("meeting-place", Rule::Line, |things, text| things.meeting.place = Some(text.into())),
    field("meeting-address", Rule::Line, |things, text| things.meeting.address = Some(text.into())),
    field("meeting-access", Rule::Line, |things, text| things.meeting.access.line = Some(text.into())),
    field("place-name", Rule::Line, |things, text| things.place.name = text.into()),
    field("place-address", Rule::Line, |things, text| things.place.address = Some(text.into())),
    field("place-access", Rule::Line, |things, text| things.place.access.line = Some(text.into())),
    markdown("meeting-agenda", |things, text| things.meeting.agenda = Some(text.into())),
    field("meeting-online", Rule::Address, |things, text| things.meeting.online = text.parse().ok()),
    field("meeting-picture", Rule::Prose, |things, text| things.meeting.pictures = vec![picture(text)]),
    field("meeting-agreed", Rule::Address, |things, text| things.meeting.agreed = text.parse().ok().map(Agreement::Elsewhere)),
    markdown("minutes-text", |things, text| {
        things.minutes.text = text.into();
        things.minutes.decisions = vec![Decision { number: 1, text: text.into() }];
    }),
    field("series-title", Rule::Line, |things, text| things.series.pattern.title = text.into()),
    field("series-place", Rule::Line, |things, text| things.series.pattern.place = Some(text.into())),
    field("series-address", Rule::Line, |things, text| things.series.pattern.address = Some(text.into())),
    markdown("series-agenda", |things, text| things.series.pattern.agenda = Some(text.into())),
    field("series-online", Rule::Address, |things, text| things.series.pattern.online = text.parse().ok()),
    field("series-picture", Rule::Prose, |things, text| things.series.pattern.pictures = vec![picture(text)]),
    field("note-title", Rule::Line, |things, text| things.note.title = Some(text.into())),
    markdown("note-text", |things, text| things.note.text = text.into()),
    field("note-picture", Rule::Prose, |things, text| things.note.pictures = vec![picture(text)]),
    field("alarm-title", Rule::Line, |things, text| things.alarm.title = Some(text.into())),
    field("city-name", Rule::Line, |things, text| things.city = text.into()),
    markdown("city-principles", |things, text| things.charter.principles = text.into()),
    markdown("city-contact", |things, text| things.charter.contact = text.into()),
    field("city-source", Rule::Address, |things, text| things.charter.source = text.into()),
];

impl Field {
    /// By which a field is found wherever it is shown.
    pub fn mark(&self) -> &'static str {
        self.name
    }

    pub fn value(&self, payload: &str) -> String {
        match self.rule {
            Rule::Address => format!("https://host.example/{payload}?{}", self.mark()),
            Rule::Tag => format!("{payload}{}", self.mark()).split_whitespace().collect(),
            Rule::Line | Rule::Prose => format!("{payload} {}", self.mark()),
        }
    }

    pub fn refuses(&self, payload: &Payload) -> bool {
        match self.rule {
            Rule::Line => payload.refused != Refused::Nowhere,
            Rule::Prose => payload.refused == Refused::Everywhere,
            // not even the hyphen of its name
            Rule::Tag => true,
            Rule::Address => false,
        }
    }
}

fn picture(alt: &str) -> Kept {
    let file = |letter: &str, width| File { name: format!("{}.jpg", letter.repeat(64)), width, height: width };
    Kept { alt: alt.to_owned(), large: file("a", 1_200), small: file("b", 600) }
}

/// One of each noun, and the city.
#[derive(Clone)]
pub struct Things {
    pub group: Group,
    pub meeting: Meeting,
    pub place: Place,
    pub minutes: Minutes,
    /// Its meetings lie too far ahead to be there.
    pub series: Series,
    pub note: Announcement,
    /// What cannot wait.
    pub alarm: Announcement,
    pub city: String,
    pub charter: Charter,
    /// This morning's digest.
    pub digest: Uuid,
}

fn announcement(urgent: bool) -> Announcement {
    Announcement {
        id: Uuid::nil(),
        group: "kitchen".into(),
        meeting: None,
        answers: None,
        title: Some("Pots".into()),
        text: "We need pots".into(),
        language: "en".into(),
        urgent,
        followers_only: false,
        mentions: vec![],
        pictures: vec![],
        published: START,
        updated: None,
        deleted: None,
    }
}

impl Things {
    pub fn harmless() -> Self {
        let starts = START + Duration::from_secs(11 * 3_600);
        let pattern = Meeting {
            title: "Party".into(),
            ends: START + Duration::from_secs(7_200),
            zone: chrono_tz::Tz::America__New_York,
            language: "en".into(),
            ..Meeting::blank(Uuid::nil(), "kitchen", START)
        };
        let first = chrono::NaiveDate::from_ymd_opt(2030, 5, 1).and_then(|day| day.and_hms_opt(18, 0, 0)).expect("a time");
        let rule = rule::Rule::new(Every::Year, 1, End::Never).expect("a rule");
        Self {
            group: Group {
                name: "Kitchen".into(),
                mission: "We feed the assembly.".into(),
                language: "en".into(),
                welcomed: Some(START),
                ..Group::blank("kitchen", START)
            },
            meeting: Meeting {
                title: "Weekly meeting".into(),
                starts,
                ends: starts + Duration::from_secs(7_200),
                zone: chrono_tz::Tz::America__New_York,
                language: "en".into(),
                ..Meeting::blank(Uuid::nil(), "kitchen", START)
            },
            place: Place {
                id: Uuid::nil(),
                group: "kitchen".into(),
                name: "The library".into(),
                address: None,
                position: None,
                access: Access::default(),
                updated: START,
            },
            minutes: Minutes {
                id: Uuid::nil(),
                group: "kitchen".into(),
                meeting: Uuid::nil(),
                present: Some(Step::of(12)),
                text: "We talked".into(),
                language: "en".into(),
                mentions: vec![],
                decisions: vec![],
                numbered: 1,
                rolled: None,
                published: START,
                updated: None,
                deleted: None,
            },
            series: Series::new(pattern, first, rule, Default::default(), START),
            note: announcement(false),
            alarm: announcement(true),
            city: "Riverside".into(),
            charter: Charter::default(),
            digest: Uuid::nil(),
        }
    }

    /// Made the way they are always made, and named in a digest.
    pub async fn begun(city: &City) -> Self {
        plaza_actions::open(&city.app).await.expect("a plaza");
        let mut things = Self::harmless();
        let kitchen = city.group("kitchen").await;
        things.group = Group { created: kitchen.created, updated: kitchen.updated, ..things.group };
        let here = city.app.here();
        let ids = [(); 6].map(|()| here.new_id());
        [things.meeting.id, things.place.id, things.note.id, things.alarm.id, things.minutes.id, things.series.id] = ids;
        things.minutes.meeting = things.meeting.id;
        things.series.pattern.id = things.series.id;
        let new = things.clone();
        let done = city.app.act(move |conn, here| {
            meetings::actions::schedule(conn, here, &new.meeting)?;
            places::actions::add(conn, here, &new.place)?;
            minutes::store::add(conn, &new.minutes)?;
            series::actions::begin(conn, here, &new.series)?;
            announcements::actions::publish(conn, here, &new.note)?;
            announcements::actions::publish(conn, here, &new.alarm)
        });
        done.await.expect("things");
        city.advance(Duration::from_secs(3 * 3_600));
        let zone = city.app.place.zone;
        let digest = city.app.act(move |conn, here| plaza_actions::post_digest(conn, here, zone)).await.expect("a digest");
        things.digest = digest.expect("something is on").id;
        things
    }

    /// Does anybody refuse to take these words?
    pub fn is_refused(&self) -> bool {
        self.group.check().is_err()
            || self.meeting.check().is_err()
            || self.place.check().is_err()
            || self.minutes.check().is_err()
            || self.series.pattern.check().is_err()
            || self.note.check().is_err()
            || self.alarm.check().is_err()
            || self.charter.check().is_err()
            || Settings { city: Some(self.city.clone()), ..Settings::default() }.check().is_err()
    }
}

/// Writes it down as it is: whatever refuses it is not asked, for there are other ways in.
pub async fn put(city: &mut City, things: &mut Things, values: &Values) {
    for field in super::FIELDS {
        (field.set)(things, &values[field.name]);
    }
    let new = things.clone();
    let done = city.app.act(move |conn, here| {
        groups::store::save(conn, &new.group)?;
        meetings::store::save(conn, &new.meeting)?;
        places::store::save(conn, &new.place)?;
        minutes::store::save(conn, &new.minutes)?;
        series::store::save(conn, &new.series)?;
        announcements::store::save(conn, &new.note)?;
        announcements::store::save(conn, &new.alarm)?;
        let charter = &new.charter;
        let said = [("principles", &charter.principles), ("contact", &charter.contact), ("source", &charter.source)];
        for (name, value) in said.into_iter().chain([("city", &new.city)]) {
            app::keep_setting(conn, name, value)?;
        }
        plaza_actions::renew_digests(conn, here, None, START)
    });
    done.await.expect("written");
    city.open_again().await;
}

//! How the plaza describes itself, and what a digest says: Markdown in which all that comes from groups stands inside links, so
//! that nobody mentions people, sets hashtags or links elsewhere through it.

use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

use super::{digest::Digest, pass_on::PassOn};
use crate::{
    announcements::announcement::Announcement,
    app::Here,
    groups::group::{Group, PLAZA},
    meetings::meeting::Meeting,
    origin::Local,
    text,
    web::hours,
    words::Words,
};

/// Of what a line may say, in characters: a digest stays readable, whatever groups call their meetings.
const TITLE: usize = 80;
const NAME: usize = 40;
const PLACE: usize = 50;

/// What the plaza of this city says about itself.
pub fn plaza(here: &Here, language: &str, choice: PassOn) -> Group {
    let words = Words::of(language);
    let mission = format!("plaza-mission-{}", choice.name());
    let said = |message: &str| words.say(message, &[("city", &here.city)]);
    Group {
        name: text::first_line(&said("plaza-name"), 100),
        mission: text::escape_markdown(&said(&mission)),
        language: words.tag(),
        welcomed: Some(here.now),
        ..Group::blank(PLAZA, here.now)
    }
}

/// Title and text of a digest. `name` gives the name of the group of a handle.
pub fn digest(
    here: &Here,
    digest: &Digest,
    language: &str,
    meetings: &[Meeting],
    news: &[Announcement],
    name: &dyn Fn(&str) -> String,
) -> (String, String) {
    let words = Words::of(language);
    let group = |handle: &str| text::first_line(&name(handle), NAME);
    let meetings = meetings.iter().map(|meeting| {
        let parts = [
            Some(when(&words, digest, meeting)),
            Some(title(&words, meeting)),
            Some(group(&meeting.group)),
            place(&words, meeting),
        ];
        line(here, &Local::Event(meeting.id), parts)
    });
    let news =
        news.iter().map(|note| line(here, &Local::Note(note.id), [Some(headline(&words, note)), Some(group(&note.group))]));
    let sections = [
        section(here, &words, "plaza-digest-meetings", meetings.collect(), digest.more_meetings, "/meetings"),
        section(here, &words, "plaza-digest-news", news.collect(), digest.more_news, "/announcements"),
    ];
    let title = words.say("plaza-digest-title", &[("city", &here.city), ("date", &date(&words, digest.date))]);
    (text::first_line(&title, 200), sections.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

/// Written out with its weekday.
fn date(words: &Words, date: NaiveDate) -> String {
    words.date(&Tz::UTC.from_utc_datetime(&date.and_time(NaiveTime::MIN)), "long")
}

fn section(here: &Here, words: &Words, heading: &str, mut lines: Vec<String>, more: i64, page: &str) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    if more > 0 {
        let more = text::escape_markdown(&words.say("plaza-digest-more", &[("count", &more.to_string())]));
        lines.push(format!("* [{more}]({})", here.origin.url(page)));
    }
    Some(format!("**{}**\n\n{}", words.say(heading, &[]), lines.join("\n")))
}

/// One link, whose words are the parts.
fn line<const N: usize>(here: &Here, what: &Local, parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let page = here.origin.page(what).map(String::from).unwrap_or_default();
    format!("* [{}]({page})", text::escape_markdown(&parts.join(" · ")))
}

/// The hours; with the date when the meeting does not begin on the digest's.
fn when(words: &Words, digest: &Digest, meeting: &Meeting) -> String {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    if start.date_naive() == digest.date { hours(words, &start, &end, digest.made) } else { words.when_short(start, end) }
}

fn title(words: &Words, meeting: &Meeting) -> String {
    let title = text::first_line(&meeting.title, TITLE);
    match meeting.cancelled {
        Some(_) => words.say("wire-cancelled-name", &[("title", &title)]),
        None if meeting.is_tentative() => words.say("meeting-unconfirmed-title", &[("title", &title)]),
        None => title,
    }
}

fn place(words: &Words, meeting: &Meeting) -> Option<String> {
    let place = meeting.place.as_ref().or(meeting.address.as_ref()).map(|place| text::first_line(place, PLACE));
    place.or_else(|| meeting.online.as_ref().map(|_| words.say("plaza-digest-online", &[])))
}

fn headline(words: &Words, note: &Announcement) -> String {
    let title = note.title.clone().unwrap_or_else(|| text::to_plain(&note.text));
    let title = text::first_line(&title, TITLE);
    if note.urgent { words.say("plaza-digest-urgent", &[("title", &title)]) } else { title }
}

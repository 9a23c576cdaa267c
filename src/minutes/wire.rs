//! How minutes are said to other servers: an `Article` in the context of the meeting's `Event`.
//!
//! Mastodon shows of an Article its name, its summary and a link, so the summary says when it was, how much was decided and when
//! the group meets next. A Note beside it would say the same twice in every timeline.

use serde_json::{Value, json};

use super::{actions::next_meeting, record::Minutes, sections};
use crate::{
    app::Here,
    coming::answer::Step,
    db::Conn,
    error::Result,
    federation::say::{self, PUBLIC},
    groups::wire::{hashtag, mention, tag_page},
    meetings::{
        self,
        meeting::Meeting,
        wire::{as_html, summary as when_and_where},
    },
    origin::Local,
    replies::wire::with_responses,
    text,
    words::Words,
};

/// The Article, without its context.
pub fn article(conn: &mut Conn, here: &Here, minutes: &Minutes) -> Result<Value> {
    let meeting = meetings::actions::find(conn, minutes.meeting)?;
    let next = next_meeting(conn, &minutes.group, &meeting, here.now)?;
    let origin = &here.origin;
    let local = Local::Minutes(minutes.id);
    let group = origin.group(&minutes.group);
    let words = Words::of(&minutes.language);
    let content = content(here, minutes, &meeting, next.as_ref());
    let mut cc = vec![origin.of_group(&minutes.group, "followers").to_string()];
    cc.extend(minutes.mentions.iter().map(|mention| mention.uri.to_string()));
    let tags: Vec<Value> =
        minutes.mentions.iter().map(mention).chain(minutes.tags().iter().map(|tag| hashtag(here, tag))).collect();
    let mut article = json!({
        "id": origin.uri(&local),
        "type": "Article",
        "actor": group,
        "attributedTo": group,
        "audience": group,
        "context": origin.uri(&Local::Event(meeting.id)),
        "name": name(&meeting, &words),
        "summary": as_html(&summary(minutes, &meeting, next.as_ref(), &words)),
        "content": content,
        "contentMap": { &minutes.language: content },
        "mediaType": "text/html",
        "url": origin.page(&local),
        "published": minutes.published.rfc3339(),
        "sensitive": false,
        "attachment": [],
        "tag": tags,
        "to": [PUBLIC],
        "cc": cc,
    });
    if let Some(updated) = minutes.updated {
        article["updated"] = json!(updated.rfc3339());
    }
    with_responses(conn, here, &local, article)
}

/// The same with its context and the group's proof.
pub fn proven(conn: &mut Conn, here: &Here, minutes: &Minutes) -> Result<Value> {
    let group = Local::Group(minutes.group.clone());
    let since = minutes.updated.unwrap_or(minutes.published);
    let article = article(conn, here, minutes)?;
    say::proven(conn, here, &group, article, since)
}

/// `Notes and decisions: Weekly meeting`
pub fn name(meeting: &Meeting, words: &Words) -> String {
    words.say("minutes-title", &[("title", &meeting.title)])
}

/// `Tue 24 Nov 2026 · 10 to 19 people · 2 decisions · Next meeting: Tue 1 Dec 2026, 18:00–20:00 EST · The square`
pub fn summary(minutes: &Minutes, meeting: &Meeting, next: Option<&Meeting>, words: &Words) -> String {
    let parts = [
        Some(words.date(&meeting.local_start(), "short")),
        minutes.present.map(|step| people(words, step)),
        Some(decided(words, minutes.decisions.len())),
        Some(next_line(next, words)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `10 to 19 people`
pub fn people(words: &Words, step: Step) -> String {
    match step.bounds() {
        (0, Some(to)) => words.say("minutes-people-few", &[("than", &(to + 1).to_string())]),
        (from, Some(to)) => words.say("minutes-people-some", &[("from", &from.to_string()), ("to", &to.to_string())]),
        (from, None) => words.say("minutes-people-many", &[("from", &from.to_string())]),
    }
}

/// `2 decisions`
pub fn decided(words: &Words, count: usize) -> String {
    match count {
        0 => words.say("minutes-decided-none", &[]),
        1 => words.say("minutes-decided-one", &[]),
        count => words.say("minutes-decided", &[("count", &count.to_string())]),
    }
}

/// `Next meeting: Tue 1 Dec 2026, 18:00–20:00 EST · The square`
pub fn next_line(next: Option<&Meeting>, words: &Words) -> String {
    match next {
        Some(next) => words.say("minutes-next", &[("when", &when_and_where(next, words))]),
        None => words.say("minutes-next-none", &[]),
    }
}

/// Stands for itself: a head that names the next meeting, then the text.
pub fn content(here: &Here, minutes: &Minutes, meeting: &Meeting, next: Option<&Meeting>) -> String {
    let words = Words::of(&minutes.language);
    let linked = |local: &Local, text: &str| match here.origin.page(local) {
        Some(page) => {
            format!(r#"<a href="{}" rel="nofollow noopener noreferrer">{}</a>"#, text::escape(page.as_str()), text::escape(text))
        }
        None => text::escape(text),
    };
    let mut lines = vec![linked(&Local::Event(meeting.id), &when_and_where(meeting, &words))];
    lines.extend(minutes.present.map(|step| text::escape(&people(&words, step))));
    let line = next_line(next, &words);
    lines.push(next.map_or_else(|| text::escape(&line), |next| linked(&Local::Event(next.id), &line)));
    let name = text::escape(&name(meeting, &words));
    format!("<p><strong>{name}</strong></p><p>{}</p>{}", lines.join("<br>"), body(here, minutes))
}

/// The text as it is shown.
pub fn body(here: &Here, minutes: &Minutes) -> String {
    text::to_html(&sections::shown(&minutes.text), &minutes.mentions, &|tag| tag_page(here, tag))
}

/// The same with an anchor for each decision.
pub fn anchored(here: &Here, minutes: &Minutes) -> String {
    let items = sections::read(&sections::shown(&minutes.text)).decisions;
    let anchors: Vec<(usize, String)> = items
        .iter()
        .zip(&minutes.decisions)
        .map(|(item, decision)| (item.place, format!("decision-{}", decision.number)))
        .collect();
    text::outline::with_anchors(&body(here, minutes), &anchors)
}

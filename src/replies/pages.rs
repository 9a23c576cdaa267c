//! What was said below a post, as part of the page that shows the post.

use askama::filters::Safe;
use serde::Deserialize;
use url::Url;

use super::{
    reply::Reply,
    store,
    thread::{Voice, arrange, pages},
};
use crate::{
    announcements::{self, announcement::Announcement},
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    groups::{group::Group, wire::tag_page},
    media::Kept,
    origin::Local,
    reactions::store::{Counts, counts},
    text,
    web::{Shell, capitalised, moment},
};

/// On one page; more would be long to load where the net is slow.
const ON_A_PAGE: usize = 20;
const BYTES: usize = 24_000;
/// No more are looked at for one page.
const MOST: i64 = 1_000;

/// Which page of the replies is asked for: `?replies=2`.
#[derive(Deserialize)]
pub struct Asked {
    replies: Option<String>,
}

impl Asked {
    /// From 1; what is no number is the first page.
    fn page(&self) -> usize {
        self.replies.as_ref().and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
    }

    pub fn is_first(&self) -> bool {
        self.page() == 1
    }
}

/// What was said below a post, as it is kept.
pub struct Said {
    counts: Counts,
    voices: Vec<Voice<Spoken>>,
}

enum Spoken {
    Reply(Reply),
    Answer(Announcement),
}

impl Said {
    pub fn below(conn: &mut Conn, local: &Local) -> Result<Self> {
        let replies = store::shown_below(conn, &local.path(), MOST)?;
        let uris: Vec<String> = replies.iter().map(|reply| reply.uri.clone()).collect();
        let answers = announcements::store::answering(conn, &uris)?;
        let mut voices: Vec<(Timestamp, Voice<Spoken>)> = Vec::with_capacity(replies.len() + answers.len());
        for reply in replies {
            let voice = Voice { name: reply.uri.clone(), answers: reply.parent.clone(), said: Spoken::Reply(reply.clone()) };
            voices.push((reply.received, voice));
        }
        for answer in answers {
            let answered = answer.answers.as_ref().map(Url::to_string).unwrap_or_default();
            let name = Local::Note(answer.id).path();
            voices.push((answer.published, Voice { name, answers: answered, said: Spoken::Answer(answer) }));
        }
        voices.sort_by_key(|(time, _)| *time);
        Ok(Self { counts: counts(conn, &local.path())?, voices: voices.into_iter().map(|(_, voice)| voice).collect() })
    }
}

/// The same as it is shown.
pub struct Thread {
    pub items: Vec<Item>,
    /// How often it was liked and passed on elsewhere, in words; nothing when it was not.
    pub reactions: Option<String>,
    pub earlier: Option<String>,
    pub later: Option<String>,
    /// The id to look for on one's own server.
    pub address: String,
}

/// One reply, or one answer of the group.
pub struct Item {
    /// For links: unlike any other on the page.
    pub anchor: String,
    pub level: usize,
    /// `@name@host`, or the name of the group.
    pub who: String,
    pub by_group: bool,
    pub url: String,
    pub when: String,
    /// For machines.
    pub published: String,
    pub language: Option<String>,
    pub warning: Option<String>,
    pub words: Safe<String>,
    /// That there are some where it was said.
    pub pictures: Option<String>,
    /// Those that are shown here.
    pub shown: Vec<Kept>,
    /// Where somebody can ask the caretakers to look at it, when it is not the group's own.
    pub report: Option<String>,
}

impl Item {
    /// `lang` and `dir`; where nobody knows the language the words themselves show how they run.
    pub fn direction(&self, shell: &Shell) -> Safe<String> {
        match &self.language {
            Some(language) => shell.of(language),
            None => Safe(" dir=\"auto\"".into()),
        }
    }
}

pub fn thread(shell: &Shell, here: &Here, said: Said, group: &Group, local: &Local, page: &str, asked: &Asked) -> Thread {
    let arranged = arrange(said.voices).into_iter().map(|(level, spoken)| item(shell, here, group, level, spoken)).collect();
    let mut cut = pages(arranged, ON_A_PAGE, BYTES, |item: &Item| item.words.0.len() + 600);
    let count = cut.len();
    let asked = asked.page().min(count.max(1));
    let items = if count == 0 { vec![] } else { cut.swap_remove(asked - 1) };
    let turned = |there: bool, number: usize| there.then(|| shell.link(&format!("{page}?replies={number}#replies")));
    Thread {
        items,
        reactions: reactions(shell, said.counts),
        earlier: turned(asked > 1, asked - 1),
        later: turned(asked < count, asked + 1),
        address: here.origin.uri(local).into(),
    }
}

/// Whoever does not see a picture that its author did not describe hears at least that there is one.
fn described(shell: &Shell, kept: Vec<Kept>) -> Vec<Kept> {
    let all = kept.into_iter();
    all.map(|kept| if kept.alt.is_empty() { kept.described_as(&shell.say("replies-undescribed")) } else { kept }).collect()
}

fn reactions(shell: &Shell, counts: Counts) -> Option<String> {
    let said = |message: &str, count: i64| (count > 0).then(|| shell.fill(message, "count", &count.to_string()));
    let parts: Vec<String> =
        [said("replies-likes", counts.likes), said("replies-passed-on", counts.passed_on)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn item(shell: &Shell, here: &Here, group: &Group, level: usize, spoken: Spoken) -> Item {
    let when = |time: Timestamp| capitalised(&moment(&shell.words, &time.utc().with_timezone(&shell.zone), here.now));
    match spoken {
        Spoken::Reply(reply) => Item {
            anchor: format!("r{}", reply.id.simple()),
            report: Some(shell.link(&format!("/report?what=/replies/{}", reply.id))),
            level,
            who: format!("@{}", reply.handle),
            by_group: false,
            url: reply.url,
            when: when(reply.published),
            published: reply.published.rfc3339(),
            language: reply.language,
            warning: reply.warning,
            // once more, in case what counts as safe has changed since
            words: Safe(text::sanitize(&reply.content)),
            pictures: (reply.pictures > 0 && reply.kept.is_empty())
                .then(|| shell.fill("replies-pictures", "count", &reply.pictures.to_string())),
            shown: described(shell, reply.kept),
        },
        Spoken::Answer(note) => Item {
            anchor: format!("r{}", note.id.simple()),
            report: None,
            level,
            who: group.name.clone(),
            by_group: true,
            url: shell.link(&format!("/announcements/{}", note.id)),
            when: when(note.published),
            published: note.published.rfc3339(),
            words: Safe(text::to_html(&note.text, &note.mentions, &|tag| tag_page(here, tag))),
            language: Some(note.language),
            warning: None,
            pictures: None,
            shown: vec![],
        },
    }
}

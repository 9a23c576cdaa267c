//! Minutes as entries of their group's feed.

use super::{record::Minutes, wire};
use crate::{
    app::Here,
    meetings::meeting::Meeting,
    origin::Local,
    web::atom::{Author, Item},
    words::Words,
};

/// `group` is the name of the group.
pub fn item(here: &Here, minutes: &Minutes, meeting: &Meeting, group: &str) -> Item {
    let (local, words) = (Local::Minutes(minutes.id), Words::of(&minutes.language));
    Item {
        id: here.origin.uri(&local),
        page: here.origin.page(&local),
        title: format!("{} · {}", wire::name(meeting, &words), words.date(&meeting.local_start(), "short")),
        html: wire::body(here, minutes),
        language: minutes.language.clone(),
        author: Author { name: group.to_owned(), page: here.origin.page(&Local::Group(minutes.group.clone())) },
        tags: minutes.tags(),
        published: minutes.published,
        updated: minutes.updated.unwrap_or(minutes.published),
    }
}

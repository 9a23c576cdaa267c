//! Atom feeds (RFC 4287) as they are written. Knows no noun.

use actix_web::web::Bytes;
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::SubsecRound as _;
use url::Url;

use super::{Answer, Cache, Version};
use crate::{clock::Timestamp, error::Error};

pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A feed holds at most so many entries.
pub const ENTRIES: usize = 50;

/// What a feed says before its entries.
pub struct About {
    pub title: String,
    /// BCP 47, of the title.
    pub language: String,
    /// Where it is subscribed to; also its id.
    pub source: Url,
    /// What people open instead.
    pub page: Url,
    pub author: Author,
    /// A square picture.
    pub icon: Option<Url>,
}

#[derive(Clone)]
pub struct Author {
    pub name: String,
    pub page: Option<Url>,
}

/// Something said, as a feed holds it.
pub struct Item {
    /// The ActivityPub id: it stays when everything else changes.
    pub id: Url,
    pub page: Option<Url>,
    pub title: String,
    /// Safe HTML.
    pub html: String,
    /// BCP 47, of title and content.
    pub language: String,
    pub author: Author,
    /// Hashtags without #.
    pub tags: Vec<String>,
    pub published: Timestamp,
    pub updated: Timestamp,
}

/// 200 with the feed.
pub fn show(version: &Version, about: About, items: Vec<Item>, cache: Cache) -> Answer {
    let updated = items.iter().map(|item| item.updated).max().unwrap_or(version.changed);
    let feed = Feed {
        id: about.source.to_string(),
        title: clean(&about.title).into(),
        lang: Some(about.language),
        updated: time(updated),
        authors: vec![person(about.author)],
        links: vec![link("self", &about.source, MEDIA_TYPE), link("alternate", &about.page, "text/html")],
        icon: about.icon.map(Into::into),
        generator: Some(Generator { value: "Plaza".into(), uri: None, version: Some(env!("CARGO_PKG_VERSION").into()) }),
        entries: items.into_iter().take(ENTRIES).map(entry).collect(),
        ..Feed::default()
    };
    let bytes = feed.write_to(Vec::new()).map_err(|error| Error::broken(error.to_string()))?;
    Ok(version.answer(MEDIA_TYPE, cache).body(Bytes::from(bytes)))
}

fn entry(item: Item) -> Entry {
    Entry {
        id: item.id.into(),
        title: Text { value: clean(&item.title), lang: Some(item.language.clone()), ..Text::default() },
        links: item.page.iter().map(|page| link("alternate", page, "text/html")).collect(),
        authors: vec![person(item.author)],
        categories: item.tags.iter().map(|tag| Category { term: clean(tag), ..Category::default() }).collect(),
        content: Some(Content {
            lang: Some(item.language),
            content_type: Some("html".into()),
            value: Some(clean(&item.html)),
            ..Content::default()
        }),
        published: Some(time(item.published)),
        updated: time(item.updated),
        ..Entry::default()
    }
}

fn link(rel: &str, url: &Url, media_type: &str) -> Link {
    let mime_type = media_type.split(';').next().map(str::to_owned);
    Link { href: url.to_string(), rel: rel.into(), mime_type, ..Link::default() }
}

fn person(author: Author) -> Person {
    Person { name: clean(&author.name), email: None, uri: author.page.map(Into::into), ..Person::default() }
}

fn time(time: Timestamp) -> atom_syndication::FixedDateTime {
    time.utc().trunc_subsecs(0).fixed_offset()
}

/// Without what XML cannot hold.
fn clean(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))).collect()
}

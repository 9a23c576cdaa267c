//! The private feed of a member: that something waits, for which group, and where to look. The key is in its address; whoever
//! has it sees no more than that.

use actix_web::{
    HttpRequest,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::actions::{waiting_for, whose_feed};
use crate::{
    announcements::feed::{author, icon},
    app::App,
    error::Error,
    groups,
    members::{
        access::{Visitor, page},
        token::Token,
    },
    text,
    web::{
        Answer, Cache, Front, Version,
        address::Access,
        atom::{self, Item},
    },
    words::Words,
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(page("/ours/notices.atom", Access::Anyone, show));
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    key: String,
}

async fn show(_: HttpRequest, app: Data<App>, front: Data<Front>, _: Visitor, asked: Query<Key>) -> Answer {
    let here = app.here();
    let key = Token::read(&asked.key).ok_or_else(|| Error::not_found("there is no feed of that key"))?;
    let now = here.now;
    let found = app.db.read(move |conn| {
        let member = whose_feed(conn, &key)?;
        let waits = waiting_for(conn, member.id, now)?;
        let names = groups::store::called(conn, waits.iter().map(|(group, _)| group.as_str()))?;
        Ok((member, waits, names))
    });
    let (member, waits, names) = found.await?;
    let words = Words::of(&member.language);
    let items = waits.iter().map(|(group, waits)| {
        let name = names.get(group).unwrap_or(group);
        let is_own = group.is_empty();
        let place = if is_own { "/invited".to_owned() } else { format!("/ours/@{group}/waiting") };
        let place = here.origin.url(&place);
        let mut id = place.clone();
        // another one when more has come
        let latest = waits.latest.unwrap_or(here.now.day());
        id.set_fragment(Some(&format!("{}-{}-{}", waits.name, waits.count, latest.seconds())));
        let line = waits.said(&words);
        Item {
            id,
            page: Some(place),
            title: match is_own {
                true => words.say("notices-waits-for-you", &[]),
                false => words.say("notices-waits-for", &[("group", name)]),
            },
            html: format!("<p>{}</p>", text::escape(&line)),
            language: words.tag(),
            author: author(&here, None),
            tags: vec![],
            published: latest,
            updated: latest,
        }
    });
    let about = atom::About {
        title: words.say("notices-feed", &[("city", &here.city)]),
        language: words.tag(),
        // the key stands nowhere in the feed
        source: here.origin.url("/ours/notices.atom"),
        page: here.origin.url("/ours"),
        author: author(&here, None),
        icon: Some(icon(&here, None)),
    };
    let mut items: Vec<Item> = items.collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.updated));
    let mut answer = atom::show(&Version::of(&front, &[], here.now), about, items, Cache::Public(60))?;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

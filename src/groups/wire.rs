//! How a group is said to other servers: the `Group` actor.

use serde_json::{Value, json};
use url::Url;

use super::{
    group::Group,
    media::{Which, address, media_type},
};
use crate::{
    actors::{LocalActor, wire::with_keys},
    app::Here,
    federation::say,
    media::Kept,
    origin::Local,
    text,
    words::Words,
};

/// The actor's document without its context. Who needs which field: `FEDERATION.md`.
pub fn document(here: &Here, group: &Group, actor: &LocalActor) -> Value {
    let origin = &here.origin;
    let id = origin.group(&group.handle);
    let of = |what: &str| origin.of_group(&group.handle, what);
    let page = origin.page(&Local::Group(group.handle.clone()));
    let picture = |which: Which, alt: String| json!({ "type": "Image", "mediaType": media_type(group, which), "url": address(here, group, which), "name": alt });
    let words = Words::of(&group.language);
    let field = |name: &str, value: String| json!({ "type": "PropertyValue", "name": words.say(name, &[]), "value": value });
    let mut fields = vec![
        field("wire-field-web", link(page.as_ref().map(Url::as_str).unwrap_or_default())),
        field("wire-field-city", text::escape(&here.city)),
    ];
    fields.extend(group.contact.as_ref().map(|contact| field("wire-field-contact", text::escape(contact))));
    let alt = |message: &str| words.say(message, &[("group", &group.name)]);
    let mut document = json!({
        "id": id,
        "type": "Group",
        "preferredUsername": group.handle,
        "webfinger": format!("{}@{}", group.handle, origin.authority()),
        "name": group.name,
        "summary": text::to_html(&group.mission, &[], &|tag| tag_page(here, tag)),
        "url": page,
        "published": group.created.rfc3339(),
        "updated": group.updated.rfc3339(),
        "inbox": of("inbox"),
        "outbox": of("outbox"),
        "followers": of("followers"),
        "following": of("following"),
        "featured": of("featured"),
        "featuredTags": of("tags"),
        "upcomingEvents": of("upcoming"),
        "endpoints": { "sharedInbox": origin.shared_inbox() },
        "attributedTo": of("moderators"),
        "postingRestrictedToMods": true,
        "openness": "moderated",
        "manuallyApprovesFollowers": false,
        "discoverable": true,
        "indexable": true,
        "attributionDomains": [origin.authority()],
        "icon": picture(Which::Icon, group.icon_alt().map_or_else(|| alt("wire-icon"), str::to_owned)),
        "image": picture(Which::Header, group.header_alt().map_or_else(|| alt("wire-header"), str::to_owned)),
        "attachment": fields,
        "tag": group.tags.iter().map(|tag| hashtag(here, tag)).collect::<Vec<_>>(),
    });
    if !group.also_known_as.is_empty() {
        document["alsoKnownAs"] = json!(group.also_known_as);
    }
    if let (Some(elsewhere), Some(_)) = (&group.moved_to, group.moved) {
        document["movedTo"] = json!(elsewhere);
    }
    with_keys(document, &id, actor)
}

fn link(url: &str) -> String {
    let shown = url.split_once("://").map_or(url, |(_, rest)| rest);
    format!("<a href=\"{0}\" rel=\"me nofollow noopener\" target=\"_blank\">{1}</a>", text::escape(url), text::escape(shown))
}

/// Where everything with that hashtag stands.
pub fn tag_page(here: &Here, tag: &str) -> String {
    let mut url = here.origin.url("/tags/");
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(tag);
    }
    url.into()
}

/// A `Hashtag` as Mastodon reads it.
pub fn hashtag(here: &Here, tag: &str) -> Value {
    json!({ "type": "Hashtag", "name": format!("#{tag}"), "href": tag_page(here, tag) })
}

/// A `Mention` as Mastodon reads it.
pub fn mention(mention: &text::Mention) -> Value {
    json!({ "type": "Mention", "name": format!("@{}", mention.handle), "href": mention.uri })
}

/// Pictures as Mastodon sends them; Gancio takes the first for its flyer and insists on types that are strings.
pub fn pictures(here: &Here, kind: &str, pictures: &[Kept]) -> Vec<Value> {
    let one = |picture: &Kept| {
        json!({
            "type": kind,
            "mediaType": picture.large.media_type(),
            "url": here.origin.url(&picture.large.path()),
            "name": picture.alt,
            "width": picture.large.width,
            "height": picture.large.height,
        })
    };
    pictures.iter().map(one).collect()
}

/// The document with its context, as it is served.
pub fn with_context(mut document: Value) -> Value {
    document["@context"] = say::CONTEXT.clone();
    document
}

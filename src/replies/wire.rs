//! How replies are heard and said: what is read of a Note that answers ours, and the collections of ours that others look into.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{reply::Attached, store};
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    clock::Timestamp,
    db::Conn,
    error::Result,
    federation::{json::items, reading},
    groups::group::Group,
    media::AT_MOST,
    origin::Local,
    reactions,
    sisters::wire::Said,
    text,
    words::Words,
};

/// Longer words are cut: who wants to read on does so where they were said. In characters.
const LONGEST: usize = 4_000;
/// Of what its author warns of, in characters.
const WARNING: usize = 200;
/// Recipients that are looked at.
const RECIPIENTS: usize = 64;
/// Ids on one page of `replies`.
const PAGE: usize = 50;

/// What somebody said, as far as it may be a reply or a letter.
#[derive(Clone)]
pub struct Written {
    pub uri: String,
    pub in_reply_to: Option<Url>,
    /// Public or unlisted.
    pub public: bool,
    /// A Create, not an Update.
    pub new: bool,
    /// Whom it names as its recipients.
    pub to: Vec<Url>,
    /// Sanitised HTML.
    pub content: String,
    pub warning: Option<String>,
    pub language: Option<String>,
    pub url: String,
    pub pictures: i64,
    /// Anything at all, also what is no picture.
    pub encloses: bool,
    /// The first of them, and what they show.
    pub attached: Vec<Attached>,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

impl Written {
    pub fn read(activity: &Value, said: &Said) -> Self {
        let nothing = Value::Null;
        let object = reading::embedded(activity).unwrap_or(&nothing);
        let heard = said.heard();
        let in_reply_to = heard.in_reply_to.as_deref().and_then(|uri| Url::parse(uri).ok());
        // whoever names its readers only on the envelope, or fewer there than on the letter, means the fewer
        let envelope = ["to", "cc"].iter().any(|field| activity.get(*field).is_some());
        let named = ["to", "cc"].iter().filter_map(|field| object.get(*field));
        Self {
            uri: heard.uri.clone(),
            in_reply_to,
            public: said.is_public() && (!envelope || reading::is_public(activity)),
            new: said.is_new(),
            to: named.flat_map(|list| items(list, RECIPIENTS)).filter_map(reading::id).collect(),
            content: content(heard.title.as_deref(), &heard.content),
            warning: warning(object),
            language: heard.language.clone(),
            url: heard.url.clone(),
            pictures: pictures(object),
            encloses: object.get("attachment").is_some_and(|list| !items(list, 1).is_empty()),
            attached: attached(object),
            published: reading::time(object, "published").or_else(|| reading::time(activity, "published")),
            updated: heard.updated,
        }
    }

    /// Nothing to read and nothing to see: a vote in a poll, for one.
    pub fn is_empty(&self) -> bool {
        self.pictures == 0 && text::plain_of_html(&self.content).trim().is_empty()
    }

    /// All that people would read, plain.
    pub fn words(&self) -> String {
        format!("{}\n{}", self.warning.as_deref().unwrap_or_default(), text::plain_of_html(&self.content))
    }
}

/// Title and text; only the words of what is very long, and not all of them.
fn content(title: Option<&str>, html: &str) -> String {
    // a Note with a name and no words is a vote
    let title = title.filter(|_| !html.is_empty()).map(|title| format!("<p><strong>{}</strong></p>", text::escape(title)));
    let whole = format!("{}{html}", title.unwrap_or_default());
    let plain = text::plain_of_html(html);
    if plain.chars().count() <= LONGEST && whole.len() <= 4 * LONGEST {
        return whole;
    }
    let cut: String = plain.chars().take(LONGEST).collect();
    let paragraphs = cut.split("\n\n").map(|paragraph| format!("<p>{}</p>", text::escape(paragraph).replace('\n', "<br>")));
    text::sanitize(&format!("{}<p>…</p>", paragraphs.collect::<String>()))
}

/// A Note's `summary` is a content warning.
fn warning(object: &Value) -> Option<String> {
    let summary = reading::text(object, "summary", 2_000).filter(|_| reading::kind(object) == Some("Note"))?;
    let line = text::first_line(&text::one_line(&text::plain_of_html(&summary)), WARNING);
    (!line.is_empty()).then_some(line)
}

fn pictures(object: &Value) -> i64 {
    let shown = |item: &&Value| {
        let media = item.get("mediaType").and_then(Value::as_str).unwrap_or_default();
        media.starts_with("image/") || media.starts_with("video/") || reading::kind(item) == Some("Image")
    };
    let count = object.get("attachment").map(|list| items(list, 16).iter().filter(shown).count()).unwrap_or_default();
    i64::try_from(count).unwrap_or_default()
}

/// Longer addresses are none, in bytes; longer descriptions are cut, in characters.
const ADDRESS: usize = 2_000;
const DESCRIPTION: usize = 1_500;

/// Pictures that could be brought here, as many as a post of ours may have.
fn attached(object: &Value) -> Vec<Attached> {
    let is_picture = |item: &&Value| {
        let media = item.get("mediaType").and_then(Value::as_str);
        media.map_or(reading::kind(item) == Some("Image"), |media| media.starts_with("image/"))
    };
    let read = |item: &Value| {
        let address = items(item.get("url")?, 1).first()?;
        let url = address.as_str().or_else(|| address.get("href")?.as_str())?;
        let alt = reading::text(item, "name", 4 * DESCRIPTION).unwrap_or_default();
        let alt = text::one_line(&alt).chars().take(DESCRIPTION).collect();
        (url.len() <= ADDRESS).then(|| Attached { url: url.to_owned(), alt })
    };
    let list = object.get("attachment").map(|list| items(list, 16)).unwrap_or_default();
    list.iter().filter(is_picture).filter_map(read).take(AT_MOST).collect()
}

/// Puts into a document what others said to it, as it stands: `replies`, `likes` and `shares`.
pub fn with_responses(conn: &mut Conn, here: &Here, local: &Local, mut document: Value) -> Result<Value> {
    let id = here.origin.uri(local);
    let counts = reactions::store::counts(conn, &local.path())?;
    document["replies"] = replies(conn, here, local)?;
    document["likes"] = counted(&id, "likes", counts.likes);
    document["shares"] = counted(&id, "shares", counts.passed_on);
    Ok(document)
}

/// How many, and not who.
pub fn counted(of: &Url, name: &str, total: i64) -> Value {
    json!({ "id": format!("{of}/{name}"), "type": "Collection", "totalItems": total })
}

/// The collection with its first page inside, so that nobody asks again (Mastodon). Only ids: what is said stands where it was said.
pub fn replies(conn: &mut Conn, here: &Here, local: &Local) -> Result<Value> {
    let id = format!("{}/replies", here.origin.uri(local));
    let total = store::count_shown_to(conn, &local.path())?;
    let first = replies_page(conn, here, local, None)?;
    Ok(json!({ "id": id, "type": "Collection", "totalItems": total, "first": first }))
}

/// One page of it; `after` is the last reply of the page before.
pub fn replies_page(conn: &mut Conn, here: &Here, local: &Local, after: Option<Uuid>) -> Result<Value> {
    let id = format!("{}/replies", here.origin.uri(local));
    let shown = store::shown_to(conn, &local.path(), after, PAGE as i64 + 1)?;
    let items: Vec<&String> = shown.iter().take(PAGE).map(|(_, uri)| uri).collect();
    let this = after.map_or_else(|| format!("{id}?page=1"), |after| format!("{id}?after={after}"));
    let mut page = json!({ "id": this, "type": "CollectionPage", "partOf": id, "items": items });
    if let Some((last, _)) = shown.get(PAGE - 1).filter(|_| shown.len() > PAGE) {
        page["next"] = json!(format!("{id}?after={last}"));
    }
    Ok(page)
}

/// What somebody who writes to a group and not to everyone is told. Addressed to them alone; its id is nobody else's to ask for.
pub fn not_secret(here: &Here, group: &Group, to: &RemoteActor, in_reply_to: &str) -> Value {
    let words = Words::of(&group.language);
    let handle = to.handle();
    let sentence = match &group.contact {
        Some(contact) => words.say("letter-not-secret-contact", &[("group", &group.name), ("contact", contact)]),
        None => words.say("letter-not-secret", &[("group", &group.name)]),
    };
    let (uri, name) = (text::escape(to.uri.as_str()), text::escape(&handle));
    let content = format!(
        "<p><span class=\"h-card\"><a href=\"{uri}\" class=\"u-url mention\">{name}</a></span> {}</p>",
        text::escape(&sentence)
    );
    json!({
        "id": here.origin.uri(&Local::Note(here.new_id())),
        "type": "Note",
        "attributedTo": here.origin.group(&group.handle),
        "content": content,
        "contentMap": { words.tag(): content },
        "published": here.now.rfc3339(),
        "inReplyTo": in_reply_to,
        "sensitive": false,
        "attachment": [],
        "tag": [{ "type": "Mention", "name": handle, "href": to.uri }],
        "to": [to.uri],
        "cc": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(object: Value, kind: &str) -> Written {
        let mut object = object;
        object["id"] = json!("https://far.example/n/1");
        object["attributedTo"] = json!("https://far.example/u/ana");
        let mut activity = json!({ "type": kind, "object": object });
        activity["to"] = object["to"].clone();
        Written::read(&activity, &Said::read(&activity).unwrap())
    }

    #[test]
    fn who_may_read_it_is_the_fewer_of_letter_and_envelope() {
        let public = "https://www.w3.org/ns/activitystreams#Public";
        let note = |to: Value| json!({ "type": "Note", "content": "hi", "to": to });
        assert!(read(note(json!([public])), "Create").public);
        assert!(!read(note(json!(["https://far.example/u/ana/followers"])), "Create").public);
        let mut activity =
            json!({ "type": "Create", "to": "https://us.example/ap/groups/kitchen", "object": note(json!(public)) });
        activity["object"]["id"] = json!("https://far.example/n/1");
        activity["object"]["attributedTo"] = json!("https://far.example/u/ana");
        assert!(!Written::read(&activity, &Said::read(&activity).unwrap()).public);
    }

    #[test]
    fn votes_say_nothing_and_pictures_are_counted_not_kept() {
        let vote = read(json!({ "type": "Note", "name": "Soup", "inReplyTo": "https://us.example/ap/notes/1" }), "Create");
        assert!(vote.is_empty());
        let picture = json!({ "type": "Document", "mediaType": "image/png", "url": "https://far.example/x.png" });
        let seen =
            read(json!({ "type": "Note", "content": "<img src=https://far.example/x.png>", "attachment": [picture] }), "Create");
        assert_eq!((seen.pictures, seen.is_empty(), seen.content.as_str()), (1, false, ""));
    }

    #[test]
    fn long_replies_are_cut_and_stay_safe() {
        let long = format!("<p>{}</p><script>alert(1)</script>", "<b>soup</b> &amp; bread ".repeat(1_000));
        let cut = read(json!({ "type": "Note", "content": long }), "Create").content;
        assert!(cut.chars().count() < 6 * LONGEST && cut.ends_with("<p>…</p>"), "{}", cut.len());
        assert_eq!(text::sanitize(&cut), cut);
        let warned = read(json!({ "type": "Note", "content": "x", "summary": "<b>food</b>\u{202e}\n\nmore" }), "Create");
        assert_eq!(warned.warning.as_deref(), Some("food more"));
    }
}

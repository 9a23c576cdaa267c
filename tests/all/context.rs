//! Every word of our documents is defined for readers of JSON-LD.

use plaza::meetings;
use serde_json::Value;

use crate::city::{City, on_each_database};

/// Terms of ActivityStreams and of the security vocabulary, which our context takes from there.
const WORDS_OF_OTHERS: [&str; 51] = [
    "@context",
    "id",
    "type",
    "actor",
    "object",
    "to",
    "cc",
    "published",
    "updated",
    "attributedTo",
    "audience",
    "name",
    "summary",
    "content",
    "contentMap",
    "mediaType",
    "url",
    "startTime",
    "endTime",
    "location",
    "latitude",
    "longitude",
    "attachment",
    "tag",
    "replies",
    "likes",
    "shares",
    "first",
    "partOf",
    "items",
    "orderedItems",
    "totalItems",
    "href",
    "icon",
    "image",
    "inbox",
    "outbox",
    "followers",
    "following",
    "endpoints",
    "sharedInbox",
    "preferredUsername",
    "inReplyTo",
    "formerType",
    "deleted",
    "width",
    "height",
    "next",
    "publicKey",
    "owner",
    "publicKeyPem",
];

/// Whoever reads JSON-LD loses every word that no context defines.
fn undefined(document: &Value, context: &str) -> Vec<String> {
    match document {
        Value::Array(list) => list.iter().flat_map(|item| undefined(item, context)).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(word, value)| {
                let defined = WORDS_OF_OTHERS.contains(&word.as_str())
                    || word.split_once(':').is_some_and(|(prefix, _)| context.contains(&format!("\"{prefix}\"")))
                    || context.contains(&format!("\"{word}\""));
                let below = if matches!(word.as_str(), "@context" | "contentMap") { vec![] } else { undefined(value, context) };
                (!defined).then(|| word.clone()).into_iter().chain(below).collect::<Vec<_>>()
            })
            .collect(),
        _ => vec![],
    }
}

#[test]
fn every_word_we_say_is_defined() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Weekly meeting").await;
        city.announce("kitchen", "We need *pots* #soup").await;
        let id = meeting.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        let event = format!("/ap/events/{id}");
        for path in [
            "/ap/instance",
            "/ap/groups/kitchen",
            "/ap/groups/kitchen/outbox",
            "/ap/groups/kitchen/outbox?page=1",
            "/ap/groups/kitchen/upcoming",
            "/ap/groups/kitchen/featured",
            "/ap/groups/kitchen/followers",
            &event,
        ] {
            let document = city.document(path).await;
            let context = document["@context"].to_string();
            assert_eq!(undefined(&document, &context), Vec::<String>::new(), "{path}");
        }
        assert_eq!(undefined(&serde_json::json!({ "name": [{ "nobodysWord": 1 }] }), "[]"), ["nobodysWord"]);
    });
}

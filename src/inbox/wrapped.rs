//! What an Announce is about: something by its id, or what a member of a group did with it (FEP-1b12), of which only the id counts.

use serde_json::Value;
use url::Url;

use crate::{
    actors::remote::RemoteActor,
    federation::{json::items, reading},
};

/// What is to be looked at where it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub uri: Url,
    pub deed: Deed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is passed on, or its author says it.
    Said,
    /// Its author says it anew.
    Changed,
    /// Its author, or who looks after the group, takes it away.
    Removed,
}

impl Wrapped {
    /// Nothing where somebody else's like, vote, block and so on is passed on: that is between the others.
    pub fn read(announce: &Value) -> Option<Self> {
        let object = items(announce.get("object")?, 1).first()?;
        let inside = |deed| object.get("object").and_then(reading::id).map(|uri| Self { uri, deed });
        match object.as_object().and_then(|_| reading::kind(object)) {
            Some("Create") => inside(Deed::Said),
            Some("Update") => inside(Deed::Changed),
            Some("Delete") => inside(Deed::Removed),
            // activities have an actor; Events of Mobilizon have one, too, but no object
            Some(_) if object.get("object").is_some() => None,
            _ => Some(Self { uri: reading::id(object)?, deed: Deed::Said }),
        }
    }

    /// Is what we know to be looked at again? A server that passes on what is its own, and did so before, means that it changed
    /// (Mobilizon); what others pass on is left as it is.
    pub fn asks_again(&self, sender: &RemoteActor, passed_on_before: bool) -> bool {
        self.deed != Deed::Said || (passed_on_before && self.uri.origin() == sender.uri.origin())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_announce_is_about_the_thing_inside() {
        let page = "https://lemmy.example/post/1";
        for (object, deed) in [
            (json!(page), Deed::Said),
            (json!([page]), Deed::Said),
            (json!({"id": page}), Deed::Said),
            (json!({"type": "Page", "id": page}), Deed::Said),
            (json!({"type": "Event", "id": page, "actor": "https://lemmy.example/u/lou"}), Deed::Said),
            (json!({"type": "Create", "id": "https://lemmy.example/a/1", "object": {"type": "Page", "id": page}}), Deed::Said),
            (json!({"type": "Update", "id": "https://lemmy.example/a/2", "object": {"type": "Page", "id": page}}), Deed::Changed),
            (json!({"type": "Delete", "id": "https://lemmy.example/a/3", "object": page}), Deed::Removed),
            (
                json!({"type": "Delete", "id": "https://lemmy.example/a/3", "object": {"type": "Tombstone", "id": page}}),
                Deed::Removed,
            ),
        ] {
            let read = Wrapped::read(&json!({"type": "Announce", "object": object}));
            assert_eq!(read, Some(Wrapped { uri: page.parse().unwrap(), deed }), "{object}");
        }
        for kind in ["Like", "Dislike", "EmojiReact", "Undo", "Add", "Remove", "Lock", "Block", "Flag", "Announce", "Follow"] {
            let object = json!({"type": kind, "id": "https://lemmy.example/a/4", "object": page});
            assert_eq!(Wrapped::read(&json!({"object": object})), None, "{kind}");
        }
        for nothing in [
            json!({}),
            json!({"object": null}),
            json!({"object": []}),
            json!({"object": {"type": "Create"}}),
            json!({"object": 7}),
        ] {
            assert_eq!(Wrapped::read(&nothing), None, "{nothing}");
        }
    }
}

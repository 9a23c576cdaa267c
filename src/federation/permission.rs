//! What an author lets others do with a post: `interactionPolicy` as GoToSocial has it, as far as it can be answered without asking
//! the author. Knows nothing of what is done then.

use serde_json::Value;
use url::Url;

use super::{reading, say::PUBLIC};

/// Of one kind of interaction. What is said in no policy, or in one that makes no sense, is let.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    everyone: bool,
    followers: bool,
    /// Named one by one.
    actors: Vec<Url>,
}

/// Names are read no further.
const MOST: usize = 32;

impl Permission {
    pub const EVERYONE: Self = Self { everyone: true, followers: false, actors: vec![] };
    pub const NOBODY: Self = Self { everyone: false, followers: false, actors: vec![] };

    /// May others pass this on? Read of the whole object.
    pub fn to_announce(object: &Value) -> Self {
        Self::read(object, "canAnnounce")
    }

    /// May others answer this?
    pub fn to_reply(object: &Value) -> Self {
        Self::read(object, "canReply")
    }

    fn read(object: &Value, interaction: &str) -> Self {
        let Some(policy) = object.get("interactionPolicy").and_then(|policy| policy.get(interaction)) else {
            return Self::EVERYONE;
        };
        // newer and older GoToSocial; whoever names only those who have to ask lets nobody else
        let known = ["automaticApproval", "always", "manualApproval", "approvalRequired"];
        if !known.iter().any(|list| policy.get(list).is_some()) {
            return Self::EVERYONE;
        }
        let author = object.get("attributedTo").or_else(|| object.get("actor")).and_then(reading::id);
        let mut permission = Self::NOBODY;
        let list = policy.get("automaticApproval").or_else(|| policy.get("always"));
        let names: Vec<&Value> = match list {
            Some(Value::Array(list)) => list.iter().take(MOST).collect(),
            Some(one) => vec![one],
            None => vec![],
        };
        for name in names {
            match name.as_str() {
                Some(PUBLIC | "as:Public" | "Public") => permission.everyone = true,
                _ => match reading::id(name) {
                    Some(uri) if author.as_ref().is_some_and(|author| are_followers_of(&uri, author)) => {
                        permission.followers = true;
                    }
                    Some(uri) => permission.actors.push(uri),
                    None => {}
                },
            }
        }
        permission
    }

    /// `follows`: whether that actor follows the author.
    pub fn lets(&self, actor: &Url, follows: bool) -> bool {
        self.everyone || (self.followers && follows) || self.actors.contains(actor)
    }

    /// In one line, as it is kept; empty for nobody.
    pub fn written(&self) -> String {
        let kinds = [self.everyone.then_some("everyone"), self.followers.then_some("followers")];
        kinds.into_iter().flatten().chain(self.actors.iter().map(Url::as_str)).collect::<Vec<_>>().join(" ")
    }

    pub fn of_written(line: &str) -> Self {
        let mut permission = Self::NOBODY;
        for word in line.split_whitespace() {
            match word {
                "everyone" => permission.everyone = true,
                "followers" => permission.followers = true,
                actor => permission.actors.extend(Url::parse(actor).ok()),
            }
        }
        permission
    }
}

/// GoToSocial, Mastodon and most others keep them below the actor.
fn are_followers_of(uri: &Url, author: &Url) -> bool {
    uri.origin() == author.origin() && uri.path().trim_end_matches('/').ends_with("/followers")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(policy: Value) -> Permission {
        let object = json!({ "attributedTo": "https://gts.example/users/gus", "interactionPolicy": { "canAnnounce": policy } });
        Permission::to_announce(&object)
    }

    #[test]
    fn a_policy_lets_whom_it_names_and_without_one_everybody_may() {
        let us = Url::parse("https://here.example/ap/groups/trees").unwrap();
        let (public, followers) = ("https://www.w3.org/ns/activitystreams#Public", "https://gts.example/users/gus/followers");
        // policy, whether a stranger may, whether a follower may
        let table = [
            (json!({ "always": [public] }), true, true),
            (json!({ "automaticApproval": "as:Public", "manualApproval": [] }), true, true),
            (json!({ "automaticApproval": [followers] }), false, true),
            (json!({ "always": ["https://gts.example/users/gus"], "approvalRequired": [public] }), false, false),
            (json!({ "always": [] }), false, false),
            (json!({ "manualApproval": [public] }), false, false),
            (json!({ "automaticApproval": [], "always": [public] }), false, false),
            (json!({ "automaticApproval": [us.as_str()] }), true, true),
            (json!({ "always": ["https://evil.example/followers"] }), false, false),
            (json!({}), true, true),
            (json!("nonsense"), true, true),
        ];
        for (policy, stranger, follower) in table {
            let permission = of(policy.clone());
            assert_eq!((permission.lets(&us, false), permission.lets(&us, true)), (stranger, follower), "{policy}");
            assert_eq!(Permission::of_written(&permission.written()), permission, "{policy}");
        }
        for none in
            [json!({}), json!({ "interactionPolicy": null }), json!({ "interactionPolicy": { "canLike": { "always": [] } } })]
        {
            assert_eq!(Permission::to_announce(&none), Permission::EVERYONE);
        }
    }

    #[test]
    fn each_interaction_has_a_list_of_its_own() {
        let object = json!({ "interactionPolicy": { "canReply": { "always": [] } } });
        assert_eq!(Permission::to_reply(&object), Permission::NOBODY);
        assert_eq!(Permission::to_announce(&object), Permission::EVERYONE);
    }
}

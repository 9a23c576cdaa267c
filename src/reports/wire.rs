//! Flag, as Mastodon, GoToSocial, Lemmy, Misskey and Pleroma send it: a list of accounts and posts, or one of them.

use serde_json::Value;
use url::Url;

use super::actions;
use crate::{
    actors::remote::RemoteActor,
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::{effect::Effect, json::items, reading},
    origin::Local,
    replies, text,
};

/// Things named in one report that are looked at.
const OBJECTS: usize = 50;

/// Another server asks us to look at something.
pub struct Flag {
    objects: Vec<Url>,
    reason: String,
}

impl Flag {
    pub fn read(activity: &Value) -> Result<Self> {
        let named = activity.get("object").unwrap_or(&Value::Null);
        let objects: Vec<Url> = items(named, OBJECTS).iter().filter_map(reading::id).collect();
        if objects.is_empty() {
            return Err(Error::invalid("a Flag of nothing"));
        }
        // Lemmy says why in `summary`
        let reason = ["content", "summary"].iter().find_map(|field| reading::text(activity, field, 20_000));
        Ok(Self { objects, reason: text::plain_of_html(&reason.unwrap_or_default()) })
    }
}

impl Effect for Flag {
    fn happens_once(&self) -> bool {
        true
    }

    /// Only what is ours to look at counts: groups, what they said, and replies that are here.
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        let (mut posts, mut groups) = (Vec::new(), Vec::new());
        for uri in &self.objects {
            match here.origin.local(uri) {
                Some(local @ (Local::Note(_) | Local::Event(_) | Local::Minutes(_))) => posts.push(local.path()),
                Some(local @ (Local::Group(_) | Local::Instance)) => groups.push(local.path()),
                Some(Local::Series(_) | Local::Activity(_)) => {}
                None if replies::store::by_uri(conn, uri.as_str())?.is_some() => posts.push(uri.to_string()),
                None => {}
            }
        }
        // a post says more precisely than its author what it is about
        posts.extend(groups);
        actions::file(conn, here, &sender.host(), &posts, &self.reason)
    }
}

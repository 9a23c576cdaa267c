//! What is done with servers nobody knows: held, let in, and the choice whether to hold them at all.

use serde_json::Value;
use url::Url;

use super::store::{self, Choice, Held, Standing};
use crate::{
    actors::remote::{RemoteActor, host_of},
    app::Here,
    db::Conn,
    error::{Error, Result},
    federation::reading,
};

/// What can be followed, answered and taken back by anyone, at any time.
const FREE: [&str; 6] = ["Follow", "Undo", "Block", "Delete", "Accept", "Reject"];
/// Longer activities of servers that were not let in are dropped, in bytes.
const LONGEST: usize = 64 * 1024;

/// Holds what a server said that was not let in; whether it must not be done now. `is_known`: is here already what an Update changes?
/// That may be changed.
pub fn hold(
    conn: &mut Conn,
    here: &Here,
    sender: &RemoteActor,
    activity: &Value,
    is_known: impl FnOnce(&mut Conn) -> Result<bool>,
) -> Result<bool> {
    let kind = reading::kind(activity).unwrap_or_default();
    let object = activity.get("object").and_then(reading::id).map(String::from).unwrap_or_default();
    if matches!(kind, "Delete" | "Undo") {
        store::withdraw(conn, sender.uri.as_str(), &object)?;
    }
    if FREE.contains(&kind) || !is_held(conn, &sender.uri)? || (kind == "Update" && is_known(conn)?) {
        return Ok(false);
    }
    let body = activity.to_string();
    if body.len() <= LONGEST {
        let held = Held {
            activity: activity.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            host: sender.host(),
            actor: sender.uri.to_string(),
            kind: kind.to_owned(),
            object,
            body,
            received: here.now,
        };
        store::hold(conn, &held)?;
    }
    Ok(true)
}

/// Must what this actor says be looked at first?
pub fn is_held(conn: &mut Conn, actor: &Url) -> Result<bool> {
    match store::standing(conn, &host_of(actor))? {
        Some(Standing::Welcome) => Ok(false),
        Some(Standing::Held) => Ok(true),
        None if store::choice(conn)? == Choice::Welcome => Ok(false),
        None => Ok(!store::is_acquainted(conn, &format!("{}/", actor.origin().ascii_serialization()))?),
    }
}

/// The place chooses. Whoever follows a group from somewhere on the day that strangers are first held is no stranger.
pub fn choose(conn: &mut Conn, here: &Here, choice: Choice) -> Result<()> {
    if choice == Choice::Quarantine && store::choice(conn)? != choice {
        for host in store::followers_hosts(conn)? {
            if store::standing(conn, &host)?.is_none() {
                store::keep_standing(conn, &host, Standing::Welcome, here.now)?;
            }
        }
    }
    Ok(store::keep_choice(conn, choice)?)
}

/// A server as people write it: `mastodon.example`, with its port where that is not the usual one.
pub fn read_host(text: &str) -> Result<String> {
    let wrong = || Error::invalid(format!("{text:?} is not the name of a server, such as mastodon.example"));
    let url = Url::parse(&format!("https://{}/", text.trim().trim_start_matches('@'))).map_err(|_| wrong())?;
    let plain = url.path() == "/" && url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let host = host_of(&url);
    if plain && host.contains(['.', ':']) { Ok(host) } else { Err(wrong()) }
}

/// What a server says is looked at first from now on, whoever there is known.
pub fn distrust(conn: &mut Conn, here: &Here, host: &str) -> Result<()> {
    Ok(store::keep_standing(conn, host, Standing::Held, here.now)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_people_write_them() {
        for (text, host) in
            [("Mastodon.example", "mastodon.example"), (" 127.0.0.1:8443", "127.0.0.1:8443"), ("éx.org", "xn--x-9fa.org")]
        {
            assert_eq!(read_host(text).ok().as_deref(), Some(host), "{text}");
        }
        for text in ["", "mastodon", "a.example/x", "u@a.example", "https://a.example", "a b.example"] {
            assert!(read_host(text).is_err(), "{text}");
        }
    }
}

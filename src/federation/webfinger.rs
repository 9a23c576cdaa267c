//! From a handle such as `kitchen@boston.example` to the id of its actor (RFC 7033); knows nothing of the actor itself.

pub mod intents;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;
use url::{Host, Url};

use super::{
    fetch::{Asking, FetchError, follow, read, within_time},
    json::items,
    media_type::MediaType,
};
use crate::net::{Admitted, Client, address};

const ACCEPT_DESCRIPTOR: &str = "application/jrd+json, application/json";
const LONGEST_USER: usize = 64;
const MOST_LINKS: usize = 50;

/// User and host of a handle, checked: nothing in them needs escaping.
#[derive(Clone, Debug)]
pub struct Handle {
    user: String,
    /// Lower case, with a port where one was given.
    host: String,
}

impl Handle {
    /// Reads `user@host`, `@user@host` or `acct:user@host`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("acct:").or_else(|| text.strip_prefix('@')).unwrap_or(text);
        let (user, host) = text.split_once('@')?;
        let user_is_right = (1..=LONGEST_USER).contains(&user.len())
            && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        let host_is_right = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
            && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port))
            && address::parse(&format!("https://{host}/")).is_ok();
        (user_is_right && host_is_right)
            .then(|| Self { user: user.to_owned(), host: host.trim_end_matches('.').to_ascii_lowercase() })
    }

    fn is(&self, other: &Self) -> bool {
        self.user.eq_ignore_ascii_case(&other.user) && self.host == other.host
    }

    /// Where to ask. Plain http is for machines of this house: this one, or any with a port of its own.
    fn resource(&self, client: &Client) -> Result<Admitted, FetchError> {
        let secure = self.url("https").ok_or(FetchError::NotFound)?;
        let near = match secure.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            _ => false,
        };
        let plain = client.wall().allows_http() && (near || secure.port().is_some());
        let url = if plain { self.url("http").ok_or(FetchError::NotFound)? } else { secure };
        Ok(client.admit(url.as_str())?)
    }

    fn url(&self, scheme: &str) -> Option<Url> {
        let mut url = address::parse(&format!("{scheme}://{}/.well-known/webfinger", self.host)).ok()?;
        url.query_pairs_mut().append_pair("resource", &format!("acct:{self}"));
        Some(url)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.host)
    }
}

/// The id of the actor with this handle. A server that names another handle as the right one is believed only when
/// that handle's own server agrees. The actor may live on yet another host: show it under that one.
pub async fn find(client: &Client, handle: &str) -> Result<Url, FetchError> {
    let wanted = Handle::parse(handle).ok_or_else(|| FetchError::Unacceptable("a handle looks like name@host".into()))?;
    within_time(async {
        let first = look_up(client, &wanted).await?;
        if first.subject.is(&wanted) {
            return Ok(first.actor);
        }
        let second = look_up(client, &first.subject).await?;
        if second.subject.is(&first.subject) && second.actor == first.actor {
            return Ok(second.actor);
        }
        Err(FetchError::Unacceptable(format!("{wanted} is said to be {}, which does not agree.", first.subject)))
    })
    .await
}

struct Descriptor {
    subject: Handle,
    actor: Url,
}

async fn look_up(client: &Client, handle: &Handle) -> Result<Descriptor, FetchError> {
    let place = handle.resource(client)?;
    let (_, response) = follow(client, place, Asking::Plain(ACCEPT_DESCRIPTOR)).await?;
    let document = read(&response, MediaType::is_resource_descriptor)?;
    descriptor(&document).ok_or_else(|| FetchError::Unacceptable(format!("the answer about {handle} names no actor")))
}

fn descriptor(document: &Value) -> Option<Descriptor> {
    let subject = Handle::parse(document.get("subject")?.as_str()?.strip_prefix("acct:")?)?;
    let links = items(document.get("links")?, MOST_LINKS);
    let actor = links.iter().find_map(actor_of)?;
    Some(Descriptor { subject, actor })
}

/// The address in a link to an actor.
fn actor_of(link: &Value) -> Option<Url> {
    let text = |name| link.get(name).and_then(Value::as_str);
    let right = text("rel")? == "self" && MediaType::parse(text("type")?)?.is_activity();
    right.then(|| address::parse(text("href")?).ok()).flatten()
}

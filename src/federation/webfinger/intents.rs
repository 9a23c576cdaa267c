//! Where somebody's own server lets them follow one of ours: templates in its WebFinger (OStatus `subscribe`, FEP-3b86).

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use super::{ACCEPT_DESCRIPTOR, Handle, MOST_LINKS};
use crate::{
    federation::{
        fetch::{Asking, FetchError, follow, read},
        json::items,
        media_type::MediaType,
    },
    net::{Client, NetError},
};

const FOLLOW: &str = "https://w3id.org/fep/3b86/Follow";
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";
/// Somebody looks at an empty page meanwhile.
const WITHIN: Duration = Duration::from_secs(3);
/// Look-ups under way at a time, all strangers together,
const AT_ONCE: usize = 32;
/// and how long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bounds what strangers can make us ask. Clones share it. What was found is not remembered: it would say who follows whom.
#[derive(Clone, Debug)]
pub struct Desk(Arc<Semaphore>);

impl Default for Desk {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Why there is nowhere to send somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nowhere {
    Busy,
    Unreachable,
    /// It knows nobody of that name.
    Unknown,
    /// It says of no page that would do.
    NoWay,
}

impl From<FetchError> for Nowhere {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Gone | FetchError::NotFound => Self::Unknown,
            FetchError::Unreachable(_) | FetchError::Unacceptable(_) => Self::Unreachable,
        }
    }
}

/// Who wants to follow, as they typed it: `@ana@far.example`, `far.example`, or the address of their page there.
/// A server alone stands for its own account, which most of them have.
#[derive(Clone, Debug)]
pub struct Home {
    pub handle: Handle,
    /// Whether a name was given.
    pub named: bool,
}

impl Home {
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim().trim_matches(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{200e}', '\u{200f}']);
        let (bare, is_address) = match typed.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => (rest, true),
            Some(_) => return None,
            None => (typed, false),
        };
        let (user, host) = match bare.split_once('/') {
            Some((host, path)) if is_address || !host.contains('@') => (user_in(path), host),
            None if is_address => (None, bare),
            _ => {
                let text = bare.strip_prefix("acct:").unwrap_or(bare);
                let text = text.strip_prefix('@').unwrap_or(text);
                text.split_once('@').map_or((None, text), |(user, host)| (Some(user), host))
            }
        };
        let named = user.is_some();
        let (user, host) = match user.and_then(|user| user.split_once('@')) {
            // the page of somebody from yet another server
            Some((user, other)) => (Some(user), ascii(other)?),
            None => (user, ascii(host)?),
        };
        // a server of that name is asked for itself; a port is no part of the name
        let own = host.split_once(':').map_or(host.as_str(), |(name, _)| name);
        Some(Self { handle: Handle::parse(&format!("{}@{host}", user.unwrap_or(own)))?, named })
    }

    /// The server, with its port where it has one.
    pub fn host(&self) -> &str {
        &self.handle.host
    }
}

/// Of the path of somebody's page: `@ana`, `@ana@far.example`, `users/ana`, `u/ana`.
fn user_in(path: &str) -> Option<&str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next()?, parts.next()) {
        ("users" | "u" | "c" | "a", Some(user)) => Some(user),
        (first, _) => first.strip_prefix('@'),
    }
}

/// `münchen.example` as the name servers have it.
fn ascii(host: &str) -> Option<String> {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let name = if plain { name.to_owned() } else { url::Host::parse(name).ok()?.to_string() };
    (name.contains('.') || port.is_some()).then(|| port.map_or(name.clone(), |port| format!("{name}:{port}")))
}

impl Desk {
    /// The page there on which `actor` can be followed; from `page` people came.
    pub async fn find(&self, client: &Client, home: &Home, actor: &Url, page: &Url) -> Result<Url, Nowhere> {
        // a crowd that comes from one announcement is let through in a moment
        let turn = tokio::time::timeout(PATIENCE, self.0.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Nowhere::Busy) };
        let asking = tokio::time::timeout(WITHIN, ask(client, &home.handle));
        let document = asking.await.unwrap_or(Err(FetchError::Unreachable(NetError::TimedOut.to_string())))?;
        way(client, &document, actor, page).ok_or(Nowhere::NoWay)
    }
}

async fn ask(client: &Client, handle: &Handle) -> Result<Value, FetchError> {
    let place = handle.resource(client)?;
    let (_, response) = follow(client, place, Asking::Plain(ACCEPT_DESCRIPTOR)).await?;
    read(&response, MediaType::is_resource_descriptor)
}

fn way(client: &Client, descriptor: &Value, actor: &Url, page: &Url) -> Option<Url> {
    let links = items(descriptor.get("links")?, MOST_LINKS);
    let template = |wanted: &str| {
        links.iter().find_map(|link| {
            let text = |name| link.get(name).and_then(Value::as_str);
            (text("rel")? == wanted).then(|| filled(text("template")?, actor, page))?
        })
    };
    // what leads into this house, or back to us, leads nobody to their server
    let reachable = |url: String| client.admit(&url).ok().map(|admitted| (*admitted).clone());
    template(FOLLOW).and_then(reachable).or_else(|| template(SUBSCRIBE).and_then(reachable))
}

/// The template with its blanks filled in, encoded; what it asks for beside that stays empty. `None` where a blank stands in
/// the name of the host, or is not closed.
fn filled(template: &str, actor: &Url, page: &Url) -> Option<String> {
    let (scheme, rest) = template.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if scheme.contains('{') || rest.get(..end)?.contains('{') {
        return None;
    }
    let encoded = |url: &Url| url::form_urlencoded::byte_serialize(url.as_str().as_bytes()).collect::<String>();
    let (mut whole, mut left, mut named) = (String::new(), template, false);
    while let Some((before, after)) = left.split_once('{') {
        let (blank, after) = after.split_once('}')?;
        whole.push_str(before);
        match blank {
            "uri" | "object" => {
                whole.push_str(&encoded(actor));
                named = true;
            }
            "on-success" | "on-cancel" => whole.push_str(&encoded(page)),
            _ => {}
        }
        left = after;
    }
    whole.push_str(left);
    named.then_some(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{net::Wall, origin::Origin};

    fn urls() -> (Url, Url) {
        ("https://us.example/ap/groups/kitchen".parse().unwrap(), "https://us.example/@kitchen?a=b&c=d".parse().unwrap())
    }

    fn led_to(rel: &str, template: &str) -> Option<String> {
        let (actor, page) = urls();
        let document = json!({ "links": [{ "rel": rel, "template": template }] });
        way(&client(), &document, &actor, &page).map(String::from)
    }

    /// As a city has it that is no trial on loopback.
    fn client() -> Client {
        Client::new(Wall::new(Vec::new(), false, &Origin::parse("https://us.example").unwrap()), None).unwrap()
    }

    const ENCODED: &str = "https%3A%2F%2Fus.example%2Fap%2Fgroups%2Fkitchen";

    #[test]
    fn a_template_is_filled_in_and_encoded() {
        for (rel, template, expected) in [
            (SUBSCRIBE, "https://far.example/authorize_interaction?uri={uri}", format!("?uri={ENCODED}")),
            (FOLLOW, "https://far.example/follow?object={object}&x={odd}", format!("?object={ENCODED}&x=")),
            (
                FOLLOW,
                "https://far.example/f/{object}?then={on-success}&else={on-cancel}",
                "then=https%3A%2F%2Fus.example%2F%40kitchen%3Fa%3Db%26c%3Dd&else=".into(),
            ),
        ] {
            let url = led_to(rel, template).unwrap_or_else(|| panic!("{template}"));
            assert!(url.starts_with("https://far.example/") && url.contains(&expected), "{url}");
        }
    }

    #[test]
    fn what_would_lead_astray_leads_nowhere() {
        let long = format!("https://far.example/{}?uri={{uri}}", "x".repeat(3_000));
        for template in [
            "",
            "javascript:alert('{uri}')",
            "javascript://far.example/%0aalert('{uri}')",
            "data:text/html,{uri}",
            "//far.example/?uri={uri}",
            "https:far.example/{uri}",
            "http://far.example/?uri={uri}",
            "https://{uri}/",
            "https://{uri}.evil.example/",
            "{uri}://far.example/{uri}",
            "https://ana:secret@far.example/?uri={uri}",
            "https://us.example@far.example/?uri={uri}",
            "https://far.example\\@evil.example/?uri={uri}",
            "https://far.example/\r\nSet-Cookie: x={uri}",
            "https://127.0.0.1/?uri={uri}",
            "https://[::1]/?uri={uri}",
            "https://192.168.0.1/?uri={uri}",
            "https://2130706433/?uri={uri}",
            "https://router/?uri={uri}",
            "https://localhost/?uri={uri}",
            "https://us.example/?uri={uri}",
            "https://far.example:8443/?uri={uri}",
            "https://far.example/?uri={uri",
            "https://far.example/?uri=",
            "https://far.example/?other={other}",
            &long,
        ] {
            assert_eq!(led_to(SUBSCRIBE, template), None, "{template}");
        }
        assert_eq!(led_to("https://w3id.org/fep/3b86/Block", "https://far.example/?uri={object}"), None);
    }

    #[test]
    fn intents_come_first_and_a_wrong_one_is_passed_over() {
        let (actor, page) = urls();
        let both = |intent: &str| {
            let document = json!({ "links": [
                { "rel": SUBSCRIBE, "template": "https://far.example/old?uri={uri}" },
                { "rel": FOLLOW, "template": intent },
            ]});
            way(&client(), &document, &actor, &page).unwrap().path().to_owned()
        };
        assert_eq!(both("https://far.example/new?uri={object}"), "/new");
        assert_eq!(both("javascript:{object}"), "/old");
    }

    #[test]
    fn people_type_their_handle_in_many_ways() {
        for (typed, expected, named) in [
            ("@ana@far.example", "ana@far.example", true),
            (" ana@Far.Example ", "ana@far.example", true),
            ("acct:ana@far.example", "ana@far.example", true),
            ("\u{2068}@ana@far.example\u{2069}", "ana@far.example", true),
            ("far.example", "far.example@far.example", false),
            ("@far.example", "far.example@far.example", false),
            ("https://far.example", "far.example@far.example", false),
            ("https://far.example/", "far.example@far.example", false),
            ("far.example/@ana", "ana@far.example", true),
            ("https://far.example/@ana", "ana@far.example", true),
            ("https://far.example/@ana@other.example", "ana@other.example", true),
            ("https://far.example/users/ana?x", "ana@far.example", true),
            ("ana@münchen.example", "ana@xn--mnchen-3ya.example", true),
        ] {
            let home = Home::read(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((home.handle.to_string().as_str(), home.named), (expected, named), "{typed}");
        }
    }

    #[test]
    fn what_is_no_handle_and_no_server_asks_nobody() {
        for typed in [
            "",
            "ana",
            "@ana",
            "@",
            "ana@",
            "ana@far.example/evil",
            "a&resource=acct:b@far.example",
            "a b@far.example",
            "ana@far.example@evil.example",
            "ana@far.example#x",
            "javascript://far.example/",
            "ftp://far.example/@ana",
            "ana@far example",
            "ana@[::1]",
            "ana@\r\nfar.example",
        ] {
            assert!(Home::read(typed).is_none(), "{typed:?}: {:?}", Home::read(typed));
        }
    }
}

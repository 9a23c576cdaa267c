//! Every check of what another server posts that needs neither network nor database; knows no activity by name but Delete.

#[cfg(test)]
mod tests;

use actix_web::http::header::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Url};

use super::{
    json::{self, LONGEST, address_of, id_of, kind_of},
    media_type::MediaType,
    signature::{self, Examined, Flaw, Head, Proof},
};
use crate::{
    clock::Timestamp,
    keys::PublicKey,
    net::address::{self, same_origin},
    origin::Origin,
};

/// Headers that change what a request means: each must come once at most.
const ONCE: [&str; 8] =
    ["host", "date", "digest", "content-digest", "signature", "signature-input", "content-type", "content-length"];
/// Longer ones are not forwarded to others, in bytes.
const LONGEST_SEALED: usize = 64 * 1024;
/// Longest name of a kind of activity that is looked at, in bytes.
const LONGEST_KIND: usize = 100;

/// Why a request is not taken, and the status that says so: 202 where it is no fault of the sender's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub status: u16,
    /// A sentence for the sender.
    pub reason: String,
}

impl Rejection {
    fn new(status: u16, reason: &str) -> Self {
        Self { status, reason: reason.to_owned() }
    }
}

impl From<Flaw> for Rejection {
    fn from(flaw: Flaw) -> Self {
        Self { status: 401, reason: flaw.to_string() }
    }
}

/// Every header as the checks want them.
pub fn headers(map: &HeaderMap) -> Vec<(&str, &[u8])> {
    map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// Checks head and body together.
pub fn inspect(head: &Head<'_>, body: &[u8], origin: &Origin, now: Timestamp) -> Result<Claim, Rejection> {
    inspect_head(head, origin, now)?.with_body(body)
}

/// Checks all that can be checked before the body is read, cheapest first.
pub fn inspect_head(head: &Head<'_>, origin: &Origin, now: Timestamp) -> Result<Promising, Rejection> {
    if head.method != "POST" {
        return Err(Rejection::new(405, "Only POST is answered here."));
    }
    if let Some(name) = ONCE.iter().find(|name| head.values(name).nth(1).is_some()) {
        return Err(Rejection { status: 400, reason: format!("The header {name} comes twice.") });
    }
    check_content(head)?;
    if !head.only("host").is_some_and(|host| is_us(host, origin)) {
        return Err(Rejection::new(421, "This is another host; does your proxy pass the Host header on?"));
    }
    if head.values("authorization").next().is_some() {
        return Err(Rejection::new(401, "Sign with the Signature header, not with Authorization."));
    }
    Ok(Promising { examined: signature::examine(head, now)?, origin: origin.clone() })
}

/// The same of a GET or HEAD: whoever signs what they ask for. What is left to check is the key.
pub fn inspect_reading(head: &Head<'_>, origin: &Origin, now: Timestamp) -> Result<Proof, Rejection> {
    if let Some(name) = ONCE.iter().find(|name| head.values(name).nth(1).is_some()) {
        return Err(Rejection { status: 400, reason: format!("The header {name} comes twice.") });
    }
    if !head.only("host").is_some_and(|host| is_us(host, origin)) {
        return Err(Rejection::new(421, "This is another host; does your proxy pass the Host header on?"));
    }
    Ok(signature::examine(head, now)?.without_body())
}

fn check_content(head: &Head<'_>) -> Result<(), Rejection> {
    if !head.only("content-type").and_then(MediaType::parse).is_some_and(|kind| kind.is_activity()) {
        return Err(Rejection::new(415, "The content type must be application/activity+json."));
    }
    if head.values("content-encoding").next().is_some() {
        return Err(Rejection::new(415, "Bodies are taken as they are, without a content encoding."));
    }
    let Some(length) = head.values("content-length").next() else { return Ok(()) };
    let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    match std::str::from_utf8(length).ok().filter(|_| digits) {
        None => Err(Rejection::new(400, "The content length is not a number.")),
        Some(text) if text.parse::<usize>().is_ok_and(|length| length <= LONGEST) => Ok(()),
        Some(_) => Err(Rejection::new(413, "The body is too large.")),
    }
}

/// Is this `Host` header ours? A city on this machine is called by any of the machine's own names.
fn is_us(host: &str, origin: &Origin) -> bool {
    let scheme = if origin.is_https() { "https" } else { "http" };
    let Ok(called) = address::parse(&format!("{scheme}://{host}")) else { return false };
    if called.path() != "/" || called.query().is_some() || called.fragment().is_some() || host.contains('/') {
        return false;
    }
    let ours = origin.url("/");
    let this_machine = match called.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    same_origin(&called, &ours)
        || (origin.is_loopback() && this_machine && called.port_or_known_default() == ours.port_or_known_default())
}

/// A request whose head is right; its body is still to come.
#[derive(Clone, Debug)]
pub struct Promising {
    examined: Examined,
    origin: Origin,
}

impl Promising {
    pub fn with_body(self, body: &[u8]) -> Result<Claim, Rejection> {
        if body.len() > LONGEST {
            return Err(Rejection::new(413, "The body is too large."));
        }
        let claim = Claim::read(self.examined.with_body(body)?, body)?;
        if self.origin.owns(&claim.actor) {
            return Err(Rejection::new(401, "Nobody else speaks for our own actors."));
        }
        Ok(claim)
    }
}

/// What someone says, and says to have signed. Believe it only after [`Claim::holds`] with a key of `actor`.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub activity: Value,
    pub id: Url,
    /// The activity's type, whatever it is.
    pub kind: String,
    pub actor: Url,
    pub key_id: Url,
    /// The key is another's than `actor`'s, and their own signature is inside: nothing of it is to be believed.
    pub forwarded: bool,
    /// The body as it came, where its actor's signature is inside, so that others may check it.
    pub sealed: Option<String>,
    proof: Proof,
}

/// The part of a request that is kept, beside its body, when its actor is not known yet. All its other checks
/// were made when it came and are not made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    proof: Proof,
}

impl StoredRequest {
    pub fn claim(self, body: &[u8]) -> Result<Claim, Rejection> {
        Claim::read(self.proof, body)
    }
}

impl Claim {
    fn read(proof: Proof, body: &[u8]) -> Result<Self, Rejection> {
        let activity = json::read(body).map_err(|why| Rejection { status: 400, reason: format!("The body {why}.") })?;
        let id = activity.get("id").and_then(Value::as_str).and_then(|id| address::parse(id).ok());
        let id = id.ok_or_else(|| Rejection::new(400, "The activity has no id that is an address."))?;
        let kind = kind_of(&activity).filter(|kind| !kind.is_empty() && kind.len() <= LONGEST_KIND).map(str::to_owned);
        let kind = kind.ok_or_else(|| Rejection::new(400, "The activity has no type."))?;
        let actor = activity.get("actor").filter(|actor| is_one(actor)).and_then(address_of);
        let actor = actor.ok_or_else(|| Rejection::new(400, "The activity does not have exactly one actor."))?;
        let key_id = address::parse(&proof.key_id).map_err(|_| Rejection::new(401, "The keyId is not an address."))?;
        let forwarded = is_forwarded(&activity, &actor, &key_id);
        if !forwarded && !same_origin(&actor, &key_id) {
            return Err(Rejection::new(401, "The key is not on the actor's server."));
        }
        if !same_origin(&actor, &id) {
            return Err(Rejection::new(403, "The activity is not on its actor's server."));
        }
        let sealed = (body.len() <= LONGEST_SEALED && is_sealed(&activity)).then(|| std::str::from_utf8(body).ok()).flatten();
        Ok(Self { id, kind, actor, key_id, forwarded, sealed: sealed.map(str::to_owned), activity, proof })
    }

    /// Was the request signed with this key? That it is a key of `actor` is for the caller to know.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.proof.holds(key)
    }

    /// The same for the same request sent again.
    pub fn replay_hash(&self) -> String {
        self.proof.replay_hash()
    }

    pub fn to_stored(&self) -> StoredRequest {
        StoredRequest { proof: self.proof.clone() }
    }

    /// An actor that says it is gone. Mastodon tells every server it ever knew; who does not know the actor may
    /// answer 202 and fetch nothing, since the key is gone too.
    pub fn is_actor_delete(&self) -> bool {
        let object = self.activity.get("object");
        self.kind == "Delete" && object.and_then(id_of).and_then(|id| address::parse(id).ok()).as_ref() == Some(&self.actor)
    }
}

/// Does it carry a JSON-LD signature or a proof (FEP-8b32)?
fn is_sealed(activity: &Value) -> bool {
    let by = |field: &str, kind: &str| activity.get(field).is_some_and(|inner| kind_of(inner) == Some(kind));
    by("signature", "RsaSignature2017") || by("proof", "DataIntegrityProof")
}

/// Is this somebody's activity in somebody else's envelope? Mastodon passes replies on so, with the signature of their actor
/// inside (a JSON-LD signature), Fedify and tootik with a proof (FEP-8b32). It is no forgery, and whoever forwards must not take
/// us for a broken server; but nothing of it is believed.
fn is_forwarded(activity: &Value, actor: &Url, key_id: &Url) -> bool {
    let inside = |field: &str, maker: &str| {
        let maker = activity.get(field).and_then(|inner| inner.get(maker)).and_then(Value::as_str);
        maker.and_then(|id| address::parse(id).ok()).is_some_and(|maker| same_origin(&maker, actor))
    };
    let mut owner = key_id.clone();
    owner.set_fragment(None);
    let from_another_server = !same_origin(&owner, actor);
    owner != *actor && (inside("signature", "creator") || (from_another_server && inside("proof", "verificationMethod")))
}

fn is_one(value: &Value) -> bool {
    value.as_array().is_none_or(|list| list.len() == 1)
}

//! HTTP Message Signatures (RFC 9421) with one signature: written, read strictly, and its signature base; knows nothing of other
//! schemes.

use base64::{Engine, engine::general_purpose::STANDARD};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Key, ListEntry, Parser, Version};
use url::Url;

use super::{
    Algorithm, Examined, Flaw, Head, LONGEST_HEADER, LONGEST_KEY_ID, MOST_COVERED, Proof, Scheme, content_digest, covered_header,
    times::{Times, date},
};
use crate::{
    clock::Timestamp,
    error::Result,
    keys::RsaPrivate,
    net::address::{self, authority},
};

/// A signature of 8192 bits, in bytes.
const LONGEST_SIGNATURE: usize = 1_024;

/// The values of `Signature-Input` and `Signature` over method, address and these headers. The key's id must need no escapes.
pub fn sign(
    key_id: &str,
    key: &RsaPrivate,
    (method, url): (&str, &Url),
    headers: &[(&str, &str)],
    now: Timestamp,
) -> Result<(String, String)> {
    let target_uri = url.as_str().split('#').next().unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}"));
    let mut covered = vec![("@method", method), ("@target-uri", target_uri)];
    covered.extend(query.as_deref().map(|query| ("@query", query)));
    covered.extend(headers);
    let names: Vec<String> = covered.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let parameters = format!("({});created={};keyid=\"{key_id}\";alg=\"rsa-v1_5-sha256\"", names.join(" "), now.seconds());
    let base = signature_base(covered.into_iter(), &parameters);
    let signature = STANDARD.encode(key.sign_sha256(base.as_bytes())?);
    Ok((format!("sig1={parameters}"), format!("sig1=:{signature}:")))
}

/// RFC 9421 2.5.
fn signature_base<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>, parameters: &str) -> String {
    let mut base: String = lines.map(|(name, value)| format!("\"{name}\": {value}\n")).collect();
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    base
}

/// Reads a structured dictionary (RFC 8941) that says nothing twice: what is read must be all that was written. A lenient reader
/// takes the last of two, and others might take the first.
pub fn strict(text: &str) -> Option<Dictionary> {
    if text.len() > LONGEST_HEADER {
        return None;
    }
    let read: Dictionary = Parser::new(text).with_version(Version::Rfc8941).parse().ok()?;
    let closed_up = |text: &str| text.replace([' ', '\t'], "");
    (closed_up(&read.serialize()?) == closed_up(text)).then_some(read)
}

/// The only member of a dictionary.
fn single(text: &str) -> Option<(Key, ListEntry)> {
    let mut members = strict(text)?.into_iter();
    let first = members.next()?;
    members.next().is_none().then_some(first)
}

/// What the two headers say.
struct Parameters {
    covered: Vec<String>,
    /// Seconds since 1970.
    created: i64,
    expires: Option<i64>,
    key_id: String,
    algorithm: Option<Algorithm>,
    /// The value of `@signature-params`.
    written: String,
    signature: Vec<u8>,
}

impl Parameters {
    fn read(head: &Head<'_>) -> Result<Self, Flaw> {
        let input = head.only("signature-input").ok_or(Flaw("there must be one Signature-Input header"))?;
        let (label, list) = match single(input).ok_or(Flaw("the Signature-Input header must hold one signature"))? {
            (label, ListEntry::InnerList(list)) => (label, list),
            _ => return Err(Flaw("the Signature-Input header must hold a list of components")),
        };
        let signature = head.only("signature").ok_or(Flaw("there must be one Signature header"))?;
        let signature = match single(signature).ok_or(Flaw("the Signature header must hold one signature"))? {
            (of, ListEntry::Item(item)) if of == label && item.params.is_empty() => item.bare_item,
            _ => return Err(Flaw("the Signature header holds another signature than Signature-Input")),
        };
        let signature = signature.as_byte_sequence().filter(|bytes| (1..=LONGEST_SIGNATURE).contains(&bytes.len()));
        let signature = signature.ok_or(Flaw("the signature is not a sequence of bytes"))?.to_vec();
        Self::of(&list, signature)
    }

    fn of(list: &InnerList, signature: Vec<u8>) -> Result<Self, Flaw> {
        let known = ["created", "expires", "nonce", "alg", "keyid", "tag"];
        if list.params.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(Flaw("the signature has a parameter nobody knows"));
        }
        let text = |name: &str| match list.params.get(name) {
            None => Ok(None),
            Some(BareItem::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Flaw("a parameter of the signature is not a text")),
        };
        let time = |name: &str| match list.params.get(name) {
            None => Ok(None),
            Some(BareItem::Integer(seconds)) => Ok(Some(i64::from(*seconds))),
            Some(_) => Err(Flaw("a time of the signature is not a number of seconds")),
        };
        // they say nothing to us, but must be what they should be
        text("nonce")?;
        text("tag")?;
        let key_id = text("keyid")?.filter(|id| !id.is_empty() && id.len() <= LONGEST_KEY_ID);
        Ok(Self {
            covered: covered(list)?,
            created: time("created")?.ok_or(Flaw("the signature does not say when it was created"))?,
            expires: time("expires")?,
            key_id: key_id.ok_or(Flaw("the signature has no keyid"))?.to_owned(),
            algorithm: match text("alg")? {
                None => None,
                Some("rsa-v1_5-sha256") => Some(Algorithm::Rsa),
                Some("ed25519") => Some(Algorithm::Ed25519),
                Some(_) => return Err(Flaw("the signature's algorithm is neither rsa-v1_5-sha256 nor ed25519")),
            },
            written: vec![ListEntry::InnerList(list.clone())].serialize().ok_or(Flaw("the signature covers nothing"))?,
            signature,
        })
    }

    fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }
}

/// The names of the components, each of them once and as it is: parts and other forms of a header are not looked at.
fn covered(list: &InnerList) -> Result<Vec<String>, Flaw> {
    let wrong = Flaw("the list of covered components is wrong");
    let mut names: Vec<String> = Vec::new();
    for item in &list.items {
        let name = item.bare_item.as_string().filter(|_| item.params.is_empty()).ok_or(wrong)?.as_str();
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'@'));
        if name.is_empty() || name.len() > 64 || !plain || names.len() == MOST_COVERED || names.iter().any(|known| known == name)
        {
            return Err(wrong);
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// See [`super::examine`].
pub fn examine(head: &Head<'_>, now: Timestamp) -> Result<Examined, Flaw> {
    let parameters = Parameters::read(head)?;
    check_coverage(&parameters, head)?;
    let date = parameters.covers("date").then(|| date(head)).transpose()?;
    Times { date, created: Some(parameters.created), expires: parameters.expires }.check(now)?;
    let digests = parameters.covers("content-digest").then(|| content_digest::read(head)).transpose()?;
    let values = parameters.covered.iter().map(|name| component(head, name)).collect::<Result<Vec<_>, _>>()?;
    let lines = parameters.covered.iter().map(String::as_str).zip(values.iter().map(String::as_str));
    let proof = Proof {
        scheme: Scheme::Rfc9421,
        messages: vec![signature_base(lines, &parameters.written)],
        key_id: parameters.key_id,
        algorithm: parameters.algorithm,
        signature: parameters.signature,
    };
    Ok(Examined { proof, digests })
}

fn check_coverage(parameters: &Parameters, head: &Head<'_>) -> Result<(), Flaw> {
    let covers = |name| parameters.covers(name);
    let path = covers("@path") && (covers("@query") || !head.target.contains('?'));
    let address = covers("@target-uri") || (covers("@authority") && (path || covers("@request-target")));
    if !covers("@method") || !address {
        return Err(Flaw("the signature must cover @method, and @target-uri or @authority and @path"));
    }
    if head.method != "GET" && head.method != "HEAD" && !covers("content-digest") {
        return Err(Flaw("the signature must cover content-digest"));
    }
    Ok(())
}

/// The value of a component (RFC 9421 2.1 and 2.2).
fn component(head: &Head<'_>, name: &str) -> Result<String, Flaw> {
    let scheme = if head.is_https { "https" } else { "http" };
    let host = || {
        let host = covered_header(head, "host")?;
        let called = address::parse(&format!("{scheme}://{host}")).map_err(|_| Flaw("the Host header is no host"))?;
        Ok(authority(&called))
    };
    let (path, query) = head.target.split_once('?').map_or((head.target, ""), |(path, query)| (path, query));
    Ok(match name {
        "@method" => head.method.to_owned(),
        "@target-uri" => format!("{scheme}://{}{}", host()?, head.target),
        "@authority" => host()?,
        "@scheme" => scheme.to_owned(),
        "@request-target" => head.target.to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{query}"),
        derived if derived.contains('@') => return Err(Flaw("the signature covers a component that we do not know")),
        name => covered_header(head, name)?.to_owned(),
    })
}

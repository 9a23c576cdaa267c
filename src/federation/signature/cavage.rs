//! The draft's `Signature` header: written, read strictly, and its signing string; knows nothing of other schemes.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Algorithm, Digests, Examined, Flaw, Head, LONGEST_HEADER, LONGEST_KEY_ID, MOST_COVERED, Proof, Scheme, covered_header,
    request_target,
    times::{Times, date},
};
use crate::{clock::Timestamp, error::Result, keys::RsaPrivate};

/// A signature of 8192 bits, in base64.
const LONGEST_SIGNATURE: usize = 1_368;

/// The header's value over these lines.
pub fn sign(key_id: &str, key: &RsaPrivate, covered: &[(&str, &str)]) -> Result<String> {
    let names: Vec<&str> = covered.iter().map(|(name, _)| *name).collect();
    let message = signing_string(covered.iter().copied());
    let signature = STANDARD.encode(key.sign_sha256(message.as_bytes())?);
    Ok(format!(r#"keyId="{key_id}",algorithm="rsa-sha256",headers="{}",signature="{signature}""#, names.join(" ")))
}

fn signing_string<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// Both names mean RSA with SHA-256 (`hs2019` says only that the key decides).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Hs2019,
    RsaSha256,
}

/// The header as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parameters {
    key_id: String,
    algorithm: Name,
    created: Option<i64>,
    expires: Option<i64>,
    covered: Vec<String>,
    signature: Vec<u8>,
}

impl Parameters {
    fn read(text: &str) -> Result<Self, Flaw> {
        if text.len() > LONGEST_HEADER {
            return Err(Flaw("the Signature header is too long"));
        }
        let [mut key_id, mut algorithm, mut created, mut expires, mut covered, mut signature] = [None; 6];
        let mut rest = text.trim();
        loop {
            let (name, value, after) = parameter(rest).ok_or(Flaw("the Signature header cannot be read"))?;
            let place = match name {
                "keyId" => &mut key_id,
                "algorithm" => &mut algorithm,
                "created" => &mut created,
                "expires" => &mut expires,
                "headers" => &mut covered,
                "signature" => &mut signature,
                _ => return Err(Flaw("the Signature header has a parameter nobody knows")),
            };
            if place.replace(value).is_some() {
                return Err(Flaw("the Signature header says something twice"));
            }
            match after.trim_start().strip_prefix(',') {
                Some(next) => rest = next.trim_start(),
                None if after.trim().is_empty() => break,
                None => return Err(Flaw("the Signature header cannot be read")),
            }
        }
        Ok(Self {
            key_id: key_id
                .filter(|id| !id.is_empty() && id.len() <= LONGEST_KEY_ID)
                .ok_or(Flaw("the signature has no keyId"))?
                .into(),
            algorithm: match algorithm {
                None | Some("hs2019") => Name::Hs2019,
                Some("rsa-sha256") => Name::RsaSha256,
                Some(_) => return Err(Flaw("the signature's algorithm is neither rsa-sha256 nor hs2019")),
            },
            created: created.map(seconds).transpose()?,
            expires: expires.map(seconds).transpose()?,
            covered: names(covered.ok_or(Flaw("the signature does not say what it covers"))?)?,
            signature: signature
                .filter(|text| text.len() <= LONGEST_SIGNATURE)
                .and_then(|text| STANDARD.decode(text).ok())
                .filter(|bytes| !bytes.is_empty())
                .ok_or(Flaw("the signature is not base64"))?,
        })
    }

    fn covers(&self, name: &str) -> bool {
        self.covered.iter().any(|covered| covered == name)
    }
}

/// `name="value"` or `name=123` at the start of `text`: name, value and what follows. There are no escapes.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let (value, after) = quoted.split_once('"')?;
        return (!value.contains('\\')).then_some((name, value, after));
    }
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (value, after) = rest.split_at_checked(end)?;
    (!value.is_empty()).then_some((name, value, after))
}

/// Seconds since 1970, whole ones.
fn seconds(text: &str) -> Result<i64, Flaw> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(Flaw("a time in the Signature header is not a number of seconds"))
}

fn names(list: &str) -> Result<Vec<String>, Flaw> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split(' ') {
        let name = name.to_ascii_lowercase();
        let known = matches!(name.as_str(), "(request-target)" | "(created)" | "(expires)")
            || name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if name.is_empty() || name.len() > 64 || !known || names.len() == MOST_COVERED || names.contains(&name) {
            return Err(Flaw("the list of covered headers is wrong"));
        }
        names.push(name);
    }
    Ok(names)
}

/// See [`super::examine`].
pub fn examine(head: &Head<'_>, now: Timestamp) -> Result<Examined, Flaw> {
    let parameters = Parameters::read(head.only("signature").ok_or(Flaw("there must be one Signature header"))?)?;
    check_coverage(&parameters, head.method)?;
    let date = parameters.covers("date").then(|| date(head)).transpose()?;
    Times { date, created: parameters.created, expires: parameters.expires }.check(now)?;
    let digest = parameters.covers("digest").then(|| sha256_of_digest(head)).transpose()?;
    let with_query = message(&parameters, head, head.target)?;
    let bare = head.target.split('?').next().unwrap_or_default();
    let without_query = (bare != head.target).then(|| message(&parameters, head, bare)).transpose()?;
    let proof = Proof {
        scheme: Scheme::Cavage,
        key_id: parameters.key_id,
        algorithm: Some(Algorithm::Rsa),
        messages: std::iter::once(with_query).chain(without_query).collect(),
        signature: parameters.signature,
    };
    Ok(Examined { proof, digests: digest.map(|sha256| Digests { sha256: Some(sha256.to_owned()), sha512: None }) })
}

fn check_coverage(parameters: &Parameters, method: &str) -> Result<(), Flaw> {
    if !parameters.covers("(request-target)") || !parameters.covers("host") {
        return Err(Flaw("the signature must cover (request-target) and host"));
    }
    if !parameters.covers("date") && !parameters.covers("(created)") {
        return Err(Flaw("the signature must cover date or (created)"));
    }
    if method != "GET" && method != "HEAD" && !parameters.covers("digest") {
        return Err(Flaw("the signature must cover the digest"));
    }
    let has_times = parameters.covers("(created)") || parameters.covers("(expires)");
    if has_times && parameters.algorithm == Name::RsaSha256 {
        return Err(Flaw("(created) and (expires) go with the algorithm hs2019"));
    }
    Ok(())
}

/// The one SHA-256 that the `Digest` header must give (RFC 3230), in base64.
fn sha256_of_digest<'a>(head: &Head<'a>) -> Result<&'a str, Flaw> {
    let value = head.only("digest").ok_or(Flaw("there must be one Digest header"))?;
    match value.split_once('=') {
        Some((label, digest)) if label.eq_ignore_ascii_case("sha-256") => Ok(digest),
        _ => Err(Flaw("the Digest header must give SHA-256")),
    }
}

fn message(parameters: &Parameters, head: &Head<'_>, target: &str) -> Result<String, Flaw> {
    let mut lines = Vec::with_capacity(parameters.covered.len());
    for name in &parameters.covered {
        let value = match name.as_str() {
            "(request-target)" => request_target(&head.method.to_ascii_lowercase(), target),
            "(created)" => parameters.created.ok_or(Flaw("the signature covers (created) and gives none"))?.to_string(),
            "(expires)" => parameters.expires.ok_or(Flaw("the signature covers (expires) and gives none"))?.to_string(),
            name => covered_header(head, name)?.to_owned(),
        };
        lines.push((name.as_str(), value));
    }
    Ok(signing_string(lines.iter().map(|(name, value)| (*name, value.as_str()))))
}

//! Waking a browser that asked for it (RFC 8030), as the city itself (VAPID, RFC 8292). A push carries nothing: the browser says
//! in its own words that something waits.

use std::time::Duration;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue},
};
use serde_json::json;
use url::Url;

use crate::{
    app::{self, App},
    clock::Timestamp,
    error::{Error, Result},
    net,
};

/// For a browser that is away a push is kept for so long, in seconds; a later one takes its place.
const KEPT: i64 = 7 * 24 * 3_600;
/// What says that a push is ours is good for so long, in seconds; RFC 8292 allows a day.
const GOOD: i64 = 12 * 3_600;
/// By which a push server knows that a later push takes the place of one that it still keeps (RFC 8030, 5.4): base64url, of at most
/// 32 letters. Some decode it, so it is as long as something that was encoded.
const TOPIC: &str = "awaiting";
/// What does not answer within so long is tried another time; before a connection is given up, so that a server that takes none is as
/// silent as one that says nothing.
const WITHIN: Duration = Duration::from_secs(4);
/// Of an address, in bytes.
const LONGEST: usize = 1_000;
const KEY: &str = "push_key";

/// Makes the city's key for pushes where there is none.
pub async fn make_key(app: &App) -> Result<()> {
    if app.db.read(|conn| Ok(app::setting(conn, KEY)?)).await?.is_some() {
        return Ok(());
    }
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let made = made.map_err(|_| Error::broken("there is no randomness"))?;
    let wrapped = app.secret.wrap(made.as_ref(), KEY)?;
    let keep = move |conn: &mut crate::db::Conn| match app::setting(conn, KEY)? {
        Some(_) => Ok(()),
        None => Ok(app::keep_setting(conn, KEY, &wrapped)?),
    };
    app.db.write(keep).await
}

async fn key(app: &App) -> Result<Option<EcdsaKeyPair>> {
    let Some(wrapped) = app.db.read(|conn| Ok(app::setting(conn, KEY)?)).await? else { return Ok(None) };
    let plain = app.secret.unwrap(&wrapped, KEY)?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &plain);
    key.map(Some).map_err(|_| Error::broken("the key for pushes cannot be read"))
}

/// By which browsers know that a push is ours.
pub async fn public_key(app: &App) -> Result<Option<String>> {
    Ok(key(app).await?.map(|key| BASE64_URL_SAFE_NO_PAD.encode(key.public_key())))
}

/// May we send there at all? The wall is asked again when it is dialled.
pub fn is_endpoint(app: &App, endpoint: &str) -> bool {
    endpoint.len() <= LONGEST && app.http.admit(endpoint).is_ok()
}

/// What came of waking a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Woken,
    /// It no longer wants to be woken.
    Gone,
    /// By which host, and why; nothing of the address beside, which is a secret of the browser.
    Failed(String, String),
    /// The same, after its host kept us waiting.
    Silent(String, String),
}

/// Wakes browsers in the name of the city.
pub struct Waker {
    app: App,
    key: EcdsaKeyPair,
}

impl Waker {
    /// `None` before there is a key.
    pub async fn of(app: &App) -> Result<Option<Self>> {
        Ok(key(app).await?.map(|key| Self { app: app.clone(), key }))
    }

    pub async fn wake(&self, endpoint: &str) -> Result<Outcome> {
        let Ok(to) = self.app.http.admit(endpoint) else { return Ok(Outcome::Gone) };
        let voucher = voucher(&self.key, &to, &self.app.origin.to_string(), self.app.clock.now())?;
        let header = |text: &str| HeaderValue::from_str(text).map_err(Error::broken);
        let headers = vec![
            (AUTHORIZATION, header(&voucher)?),
            (HeaderName::from_static("ttl"), header(&KEPT.to_string())?),
            (HeaderName::from_static("topic"), header(TOPIC)?),
            (CONTENT_LENGTH, header("0")?),
        ];
        let answer = net::Answer::Beginning(1_000);
        let request = net::Request { method: Method::POST, headers, body: Some(Bytes::new()), answer };
        let answered = tokio::time::timeout(WITHIN, self.app.http.send(&to, request)).await;
        let host = to.host_str().unwrap_or_default().to_owned();
        Ok(match answered {
            Ok(Ok(answer)) if answer.status.is_success() => Outcome::Woken,
            Ok(Ok(answer)) if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) => Outcome::Gone,
            Ok(Ok(answer)) => Outcome::Failed(host, answer.status.as_u16().to_string()),
            Ok(Err(why)) => Outcome::Failed(host, why.to_string()),
            Err(_) => Outcome::Silent(host, format!("no answer within {} s", WITHIN.as_secs())),
        })
    }
}

/// What says that a push to that server is ours.
fn voucher(key: &EcdsaKeyPair, to: &Url, origin: &str, now: Timestamp) -> Result<String> {
    let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let about = json!({ "typ": "JWT", "alg": "ES256" });
    let claims = json!({ "aud": to.origin().ascii_serialization(), "exp": now.seconds() + GOOD, "sub": origin });
    let said = format!("{}.{}", encoded(about.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
    let signed = key.sign(&SystemRandom::new(), said.as_bytes()).map_err(|_| Error::broken("a push cannot be signed"))?;
    Ok(format!("vapid t={said}.{}, k={}", encoded(signed.as_ref()), encoded(key.public_key().as_ref())))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn even_who_decodes_the_topic_takes_it() {
        assert!(TOPIC.len() <= 32 && TOPIC.len().is_multiple_of(4), "RFC 8030, 5.4");
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(BASE64_URL_SAFE_NO_PAD.decode(TOPIC).unwrap()), TOPIC);
    }

    #[test]
    fn a_push_server_can_check_who_sends() {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref()).unwrap();
        let to = Url::parse("https://push.example:8443/a/b?c").unwrap();
        let voucher = voucher(&key, &to, "https://plaza.example", Timestamp::from_seconds(1_795_521_600)).unwrap();
        let (token, public) = voucher.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let decoded = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let (said, signature) = token.rsplit_once('.').unwrap();
        let public = decoded(public);
        assert_eq!((public.len(), public[0]), (65, 4), "a point, not compressed");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public).verify(said.as_bytes(), &decoded(signature)).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&decoded(said.split_once('.').unwrap().1)).unwrap();
        assert_eq!(
            claims,
            json!({ "aud": "https://push.example:8443", "exp": 1_795_521_600 + 12 * 3_600, "sub": "https://plaza.example" })
        );
    }
}

//! Blocking and unblocking.

use url::{Host, Url};

use super::store;
use crate::{
    app::Here,
    db::Conn,
    error::{Error, Result},
    follows,
};

/// Reads what somebody wants blocked: a host such as `troll.example`, or the id of an actor.
pub fn read_target(text: &str) -> Result<String> {
    if let Ok(url) = Url::parse(text)
        && matches!(url.scheme(), "https" | "http")
        && url.has_host()
    {
        return Ok(url.to_string());
    }
    let host = text.trim().trim_start_matches('@').trim_end_matches('.');
    let wrong = || Error::invalid(format!("{text:?} is neither a host such as troll.example nor the address of an actor"));
    // a lone label without a dot is a typo far more often than a host
    match Host::parse(host) {
        Ok(host) if host.to_string().contains(['.', ':']) => Ok(host.to_string()),
        _ => Err(wrong()),
    }
}

/// Neither heard nor spoken to from now on: followers are gone, and what waits for them.
pub fn block(conn: &mut Conn, here: &Here, target: &str) -> Result<bool> {
    let new = store::add(conn, target, here.now)?;
    let is_covered = |uri: &str| match Url::parse(uri) {
        Ok(url) => covers(target, &url),
        Err(_) => false,
    };
    follows::store::forget_matching(conn, &is_covered)?;
    store::drop_deliveries(conn, &is_covered)?;
    Ok(new)
}

/// Does a block of `target` cover what lives at `url`?
fn covers(target: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    url.as_str() == target || host == target || host.strip_suffix(target).is_some_and(|rest| rest.ends_with('.'))
}

/// Is whoever is written so blocked: a handle such as `@x@troll.example`, or an actor's address?
pub fn covers_written(conn: &mut Conn, written: &str) -> Result<bool> {
    let address = match Url::parse(written) {
        Ok(url) if url.has_host() => Some(url),
        _ => written.rsplit_once('@').and_then(|(_, host)| Url::parse(&format!("https://{host}/")).ok()),
    };
    address.map_or(Ok(false), |address| Ok(store::covers(conn, &address)?))
}

pub fn unblock(conn: &mut Conn, target: &str) -> Result<bool> {
    Ok(store::remove(conn, target)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_actors_are_read_and_nothing_else() {
        for (text, target) in [
            ("troll.example", "troll.example"),
            ("TROLL.example.", "troll.example"),
            ("éxample.org", "xn--xample-9ua.org"),
            ("127.0.0.1", "127.0.0.1"),
            ("https://troll.example/users/x", "https://troll.example/users/x"),
        ] {
            assert_eq!(read_target(text).ok().as_deref(), Some(target), "{text}");
        }
        for text in ["", "troll", "tr oll.example", "ftp://troll.example/x", "troll.example/x"] {
            assert!(read_target(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_block_covers_the_host_its_subdomains_and_nothing_like_it() {
        let at = |text: &str| Url::parse(text).unwrap();
        for covered in
            ["https://troll.example/a", "https://TROLL.example./a", "https://troll.example:443/", "https://x.troll.example/a"]
        {
            assert!(covers("troll.example", &at(covered)), "{covered}");
        }
        for free in ["https://nottroll.example/", "https://troll.example.org/", "https://example/"] {
            assert!(!covers("troll.example", &at(free)), "{free}");
        }
    }
}

//! Blocking and unblocking.

use url::{Host, Url};

use super::store::{self, Blocked};
use crate::{
    app::Here,
    consequences,
    db::Conn,
    error::{Error, Result, Said},
    follows,
};

/// Reads what somebody wants blocked: a host such as `troll.example`, the id of an actor, or a handle.
pub fn read_target(text: &str) -> Result<String> {
    let text = text.trim();
    if let Ok(url) = Url::parse(text)
        && matches!(url.scheme(), "https" | "http")
        && let Some(host) = url.host_str()
    {
        // the address of a whole server is its front page
        let is_server = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let read = if is_server { read_host(host) } else { Some(url.to_string()) };
        return read.ok_or_else(|| Error::invalid(format!("{text:?} is no server that others can reach")));
    }
    let wrong = || Error::invalid(format!("{text:?} is neither a host such as troll.example nor the address of an actor"));
    match text.trim_start_matches('@').rsplit_once('@') {
        Some((name, host)) if is_name(name) => Ok(store::handle(name, &read_host(host).ok_or_else(wrong)?)),
        Some(_) => Err(wrong()),
        None => read_host(text.trim_start_matches('@')).ok_or_else(wrong),
    }
}

fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn read_host(text: &str) -> Option<String> {
    let host = Host::parse(text.trim_end_matches('.')).ok()?;
    let Host::Domain(name) = &host else { return Some(host.to_string()) };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    // a lone label without a dot is a typo far more often than a host
    (name.len() <= 253 && name.contains('.') && name.split('.').all(label)).then(|| name.clone())
}

/// Neither heard nor spoken to from now on: followers are gone, what waits for them, and what is kept of them.
pub fn block(conn: &mut Conn, here: &Here, target: &str) -> Result<bool> {
    block_all(conn, here, &[target.to_owned()]).map(|new| new == 1)
}

/// The same for many; how many were not blocked before.
pub fn block_all(conn: &mut Conn, here: &Here, targets: &[String]) -> Result<usize> {
    for target in targets {
        if is_ours(here, target) {
            let why = format!("{target} is this city itself, or all of its neighbours");
            let said = Said::new("care-refused-ours").with("target", target).about("target");
            return Err(Error::refused_in_words(why, said));
        }
    }
    let mut new = 0;
    for target in targets {
        new += usize::from(store::add(conn, target, here.now)?);
    }
    let handles: Vec<String> = targets.iter().filter(|target| target.starts_with('@')).cloned().collect();
    let known = store::known_by_handle(conn, &handles)?;
    let names: Vec<&str> = targets.iter().chain(&known).map(String::as_str).filter(|name| !name.starts_with('@')).collect();
    consequences::no_longer_come(conn, here, &names)?;
    let blocked = Blocked::of(targets.iter().chain(&known).cloned());
    let is_covered = |uri: &str| Url::parse(uri).is_ok_and(|url| blocked.covers(&url));
    follows::store::forget_matching(conn, &is_covered)?;
    store::drop_deliveries(conn, &is_covered)?;
    consequences::of_block(conn, here, &is_covered)?;
    Ok(new)
}

/// Whoever blocks themselves hears nothing any more.
pub fn is_ours(here: &Here, target: &str) -> bool {
    !here.origin.is_loopback() && store::domains(here.origin.host()).iter().any(|name| name == target)
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
            ("https://Troll.example", "troll.example"),
            ("http://troll.example:8080/", "troll.example"),
            ("https://troll.example/?x=1", "https://troll.example/?x=1"),
            ("@X@Troll.example", "@x@troll.example"),
            ("x@troll.example", "@x@troll.example"),
        ] {
            assert_eq!(read_target(text).ok().as_deref(), Some(target), "{text}");
        }
        for text in [
            "",
            "troll",
            "tr oll.example",
            "ftp://troll.example/x",
            "troll.example/x",
            "=cmd.example",
            "-a.example",
            "exa***.example",
            "a b@troll.example",
            "=1@troll.example",
        ] {
            assert!(read_target(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_block_covers_the_host_its_subdomains_and_nothing_like_it() {
        let at = |text: &str| Url::parse(text).unwrap();
        let blocked = Blocked::of(["troll.example".to_owned()]);
        for covered in
            ["https://troll.example/a", "https://TROLL.example./a", "https://troll.example:443/", "https://x.troll.example/a"]
        {
            assert!(blocked.covers(&at(covered)), "{covered}");
        }
        for free in ["https://nottroll.example/", "https://troll.example.org/", "https://example/"] {
            assert!(!blocked.covers(&at(free)), "{free}");
        }
    }
}

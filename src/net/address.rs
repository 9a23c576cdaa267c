//! The one reading of a web address that came from outside; knows nothing of who may be dialled.

use url::{Host, Url};

/// Longest address that is read, in bytes.
pub const LONGEST: usize = 2048;

/// Reads an absolute http or https address. What the URL standard would quietly repair (backslashes, tabs, missing
/// slashes, user names) is refused, so that whoever else reads the same text reads the same host. A dot at the end
/// of the host is dropped. The error is the end of a sentence that begins with the address.
pub fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > LONGEST {
        return Err("is too long");
    }
    if text.bytes().any(|byte| byte.is_ascii_control() || matches!(byte, b' ' | b'\\')) {
        return Err("holds characters that no address has");
    }
    let (scheme, rest) = text.split_once("://").ok_or("is not an absolute address")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err("is neither https nor http");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.starts_with(':') {
        return Err("has no host");
    }
    if authority.contains('@') {
        return Err("holds a user name");
    }
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if let Some(Host::Domain(name)) = url.host() {
        let bare = name.strip_suffix('.').unwrap_or(name).to_owned();
        if bare.len() > 253 || bare.split('.').any(|label| label.is_empty() || label.len() > 63) {
            return Err("has a host that cannot exist");
        }
        url.set_host(Some(&bare)).map_err(|_| "has a host that cannot exist")?;
    }
    match url.port() {
        Some(0) => Err("has a port that cannot exist"),
        _ => Ok(url),
    }
}

/// Same scheme, host and port.
pub fn same_origin(one: &Url, other: &Url) -> bool {
    one.has_host() && one.origin() == other.origin()
}

/// Host, and port where it is not the scheme's own: what the `Host` header carries.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_readers_could_take_for_another_host_is_refused() {
        for wrong in [
            "",
            "good.example",
            "//good.example/",
            "https:good.example",
            "https:/good.example",
            "https:///good.example",
            "https://",
            "https://:443/",
            "https://?x",
            "https://#x",
            "https://us.example@evil.example/",
            "https://u:p@evil.example/",
            "https://@evil.example/",
            "https://evil.example\\@us.example/",
            "https://evil.example\\x",
            "https://evil\t.example/",
            "https://evil.example/\r\nHost: x",
            "https://evil.example/ x",
            " https://evil.example/",
            "https://evil.example/\0",
            "https://evil.example:0/",
            "https://evil.example:65536/",
            "https://evil.example:x/",
            "https://xn--a/",
            "https://./",
            "https://a..example/",
            "https://a.example../",
            "ftp://evil.example/",
            "file:///etc/passwd",
            "gopher://evil.example/",
            "data:text/html,x",
            "blob:https://evil.example/x",
            "javascript:alert(1)",
            "ws://evil.example/",
            "unix:/run/x",
            &format!("https://{}.example/", "a".repeat(300)),
            &format!("https://{}/", "a.".repeat(130)),
            &format!("https://evil.example/{}", "a".repeat(10_000)),
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?} became {:?}", parse(wrong));
        }
    }

    #[test]
    fn one_host_is_read_alike_however_it_is_written() {
        for (written, read) in [
            ("HTTPS://Good.Example", "https://good.example/"),
            ("https://good.example:443/a", "https://good.example/a"),
            ("https://good.example./a", "https://good.example/a"),
            ("https://%65vil.example/", "https://evil.example/"),
            ("https://éxample.org/ü", "https://xn--xample-9ua.org/%C3%BC"),
            ("https://xn--xample-9ua.org/", "https://xn--xample-9ua.org/"),
            ("https://2130706433/", "https://127.0.0.1/"),
            ("https://127.1/", "https://127.0.0.1/"),
            ("https://0x7f.1/", "https://127.0.0.1/"),
            ("https://0177.0.0.1/", "https://127.0.0.1/"),
            ("https://good.example/%0d%0aHost:%20x?q=%0d%0a", "https://good.example/%0d%0aHost:%20x?q=%0d%0a"),
            ("https://good.example/a@b", "https://good.example/a@b"),
        ] {
            assert_eq!(parse(written).map(String::from).as_deref(), Ok(read), "{written}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let here = parse("https://good.example/users/a").unwrap();
        for (other, same) in [
            ("https://GOOD.example:443/b", true),
            ("https://good.example./b", true),
            ("https://good.example:444/b", false),
            ("http://good.example/b", false),
            ("https://sub.good.example/b", false),
            ("https://good.example.evil.example/b", false),
        ] {
            assert_eq!(same_origin(&here, &parse(other).unwrap()), same, "{other}");
        }
        assert!(!same_origin(&parse("https://192.0.2.1/").unwrap(), &parse("https://192.0.2.2/").unwrap()));
        assert!(!same_origin(&Url::parse("data:a").unwrap(), &Url::parse("data:a").unwrap()));
    }
}

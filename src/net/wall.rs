//! Which addresses may be talked to at all; knows nothing of what is said there.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Deref,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use super::address;
use crate::origin::Origin;

/// IPv4 that is not for the whole Internet (IANA special-purpose registry, RFC 6890 and later).
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    v4(255, 255, 255, 255, 32),
];

/// All that is given out of IPv6 for the whole Internet.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What inside [`GLOBAL_V6`] is special all the same: protocol assignments (Teredo, ORCHID, benchmarks),
/// documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] = [v6(0x2001, 0, 0, 23), v6(0x2001, 0xdb8, 0, 32), v6(0x2002, 0, 0, 16), v6(0x3fff, 0, 0, 20)];

/// Names that mean some machine nearby, whatever a resolver says.
const NEARBY: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Why an address is not dialled: a whole sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Barred(pub String);

/// An address that a [`Wall`] let through. What was checked is what is dialled: there is no other way to make one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Admitted(Url);

impl Deref for Admitted {
    type Target = Url;
    fn deref(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Admitted({})", self.0)
    }
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which ports an address asks for: on others than the usual ones only allowed networks are talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ports {
    Usual,
    Other,
}

impl Ports {
    pub(super) fn of(url: &Url) -> Self {
        if url.port().is_none() { Self::Usual } else { Self::Other }
    }
}

/// The rule: addresses of the whole Internet, and the networks the caretaker allowed.
/// A city that only its own machine can reach talks only to that machine, and only when that is allowed.
#[derive(Clone, Debug)]
pub struct Wall {
    allowed: Vec<IpNet>,
    allow_http: bool,
    origin: Origin,
}

impl Wall {
    pub fn new(allow_networks: Vec<IpNet>, allow_http: bool, origin: &Origin) -> Self {
        Self { allowed: allow_networks, allow_http, origin: origin.clone() }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub fn allows_http(&self) -> bool {
        self.allow_http
    }

    /// Reads an address and checks all that can be checked without asking a name server.
    pub fn admit(&self, text: &str) -> Result<Admitted, Barred> {
        let url = address::parse(text).map_err(|why| Barred(format!("{} {why}.", shortened(text))))?;
        match self.objection(&url) {
            Some(why) => Err(Barred(format!("{} {why}.", shortened(text)))),
            None => Ok(Admitted(url)),
        }
    }

    fn objection(&self, url: &Url) -> Option<&'static str> {
        if url.scheme() != "https" && !self.allow_http {
            return Some("is not https");
        }
        if self.is_ours(url) {
            return Some("is our own address");
        }
        let ports = Ports::of(url);
        if ports == Ports::Other && self.allowed.is_empty() {
            return Some("has an unusual port");
        }
        match url.host()? {
            Host::Ipv4(ip) if !self.admits(ip.into(), ports) => Some("is not on the public Internet"),
            Host::Ipv6(ip) if !self.admits(ip.into(), ports) => Some("is not on the public Internet"),
            Host::Domain(name) if self.allowed.is_empty() && is_nearby(name) => Some("is a name for machines nearby"),
            _ => None,
        }
    }

    /// The same host with the other usual port is ours too.
    fn is_ours(&self, url: &Url) -> bool {
        let ours = self.origin.url("/");
        url.host() == ours.host()
            && (url.port_or_known_default() == ours.port_or_known_default() || (url.port(), ours.port()) == (None, None))
    }

    /// May a connection to this address be opened?
    pub(super) fn admits(&self, ip: IpAddr, ports: Ports) -> bool {
        let allowed = self.allowed.iter().any(|network| network.contains(&ip));
        if self.origin.is_loopback() {
            return allowed && ip.is_loopback();
        }
        allowed || (ports == Ports::Usual && is_public(ip))
    }

    /// Of what a name server answered, what may be dialled. One address that is not admitted spoils the whole answer:
    /// a name that points both outside and inside is an attack or a mistake. Only `localhost` itself, which answers
    /// with both families, may lose one of them.
    pub(super) fn sift(&self, name: &str, answers: Vec<IpAddr>, ports: Ports) -> Result<Vec<IpAddr>, Barred> {
        let asked = answers.len();
        let admitted: Vec<IpAddr> = answers.iter().copied().filter(|ip| self.admits(*ip, ports)).collect();
        let only_this_machine = is_or_under(name, "localhost") && answers.iter().all(IpAddr::is_loopback);
        if admitted.is_empty() || (admitted.len() < asked && !only_this_machine) {
            let why = if asked == 0 { "has no address" } else { "is not on the public Internet" };
            return Err(Barred(format!("{} {why}.", shortened(name))));
        }
        Ok(admitted)
    }
}

/// Is this an address of the whole Internet?
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|network| network.contains(&ip)),
        IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|network| network.contains(&ip)),
    }
}

/// Names without a dot are completed by the machine's own search list.
fn is_nearby(name: &str) -> bool {
    !name.contains('.') || NEARBY.iter().any(|zone| is_or_under(name, zone))
}

fn is_or_under(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// For a sentence: what strangers wrote, on one line and not too long.
fn shortened(text: &str) -> String {
    text.chars().take(200).filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(networks: &[&str], allow_http: bool, origin: &str) -> Wall {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        Wall::new(networks, allow_http, &Origin::parse(origin).unwrap())
    }

    /// Row 32 of the hostile inputs, with siblings.
    const INSIDE: [&str; 44] = [
        "127.0.0.1",
        "127.255.255.254",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[fc00::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
    ];

    const OUTSIDE: [&str; 8] = [
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "172.32.0.1",
        "198.17.255.255",
        "[2606:4700::1]",
        "[2a00:1450::1]",
        "[2400:cb00::1]",
    ];

    fn literal(host: &str) -> IpAddr {
        match address::parse(&format!("https://{host}/")).unwrap().host().unwrap() {
            Host::Ipv4(ip) => ip.into(),
            Host::Ipv6(ip) => ip.into(),
            Host::Domain(name) => panic!("{name}"),
        }
    }

    #[test]
    fn only_the_public_internet_is_dialled_as_literal_and_as_answer() {
        let wall = wall(&[], true, "https://us.example");
        for inside in INSIDE {
            assert!(wall.admit(&format!("https://{inside}/inbox")).is_err(), "{inside}");
            assert!(wall.sift("evil.example", vec![literal(inside)], Ports::Usual).is_err(), "{inside}");
            assert!(wall.sift("evil.example", vec![literal("8.8.8.8"), literal(inside)], Ports::Usual).is_err(), "{inside}");
        }
        for outside in OUTSIDE {
            assert!(wall.admit(&format!("https://{outside}/inbox")).is_ok(), "{outside}");
            assert_eq!(wall.sift("good.example", vec![literal(outside)], Ports::Usual), Ok(vec![literal(outside)]));
            assert!(wall.sift("good.example", vec![literal(outside)], Ports::Other).is_err(), "{outside} on port 22");
        }
        assert!(wall.sift("good.example", vec![], Ports::Usual).is_err());
    }

    #[test]
    fn names_of_machines_nearby_ports_schemes_and_ourselves_are_refused() {
        let wall = wall(&[], false, "https://us.example");
        for wrong in [
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST/",
            "https://a.localhost/",
            "https://printer.local/",
            "https://db.internal/",
            "https://metadata.google.internal/",
            "https://router.home.arpa/",
            "https://intranet/",
            "https://us.example/",
            "https://US.EXAMPLE./inbox",
            "https://us.example:443/",
            "http://us.example/",
            "http://good.example/",
            "https://good.example:22/",
            "https://good.example:25/",
            "https://good.example:6379/",
            "https://good.example:8080/",
            "https://good.example:80/",
            "https://[fe80::1%25eth0]/",
        ] {
            assert!(wall.admit(wrong).is_err(), "{wrong}");
        }
        for right in [
            "https://good.example/",
            "https://good.example:443/a?b",
            "https://us.example.good.example/",
            "https://notlocalhost.example/",
        ] {
            assert!(wall.admit(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn allowed_networks_open_their_addresses_and_ports_and_no_others() {
        let wall = wall(&["10.1.0.0/16", "fd00::/8"], true, "https://us.example");
        for right in
            ["http://10.1.2.3/", "https://10.1.2.3:8443/", "http://[fd00::1]:81/", "https://8.8.8.8/", "https://printer.local/"]
        {
            assert!(wall.admit(right).is_ok(), "{right}");
        }
        for wrong in
            ["http://10.2.0.1/", "http://127.0.0.1/", "https://8.8.8.8:8443/", "http://[fe80::1]/", "http://[::ffff:10.1.2.3]/"]
        {
            assert!(wall.admit(wrong).is_err(), "{wrong}");
        }
        assert!(wall.sift("printer.local", vec![literal("10.1.2.3")], Ports::Other).is_ok());
        assert!(wall.sift("printer.local", vec![literal("10.2.2.3")], Ports::Usual).is_err());
    }

    #[test]
    fn from_a_loopback_origin_nothing_leaves_the_machine() {
        let closed = wall(&[], true, "http://localhost:8080");
        let open = wall(&["127.0.0.0/8", "10.0.0.0/8"], true, "http://localhost:8080");
        for address in ["https://8.8.8.8/", "http://10.0.0.1/", "https://[2606:4700::1]/"] {
            assert!(closed.admit(address).is_err() && open.admit(address).is_err(), "{address}");
        }
        assert!(closed.admit("http://127.0.0.1:8081/").is_err());
        assert!(open.admit("http://127.0.0.1:8081/").is_ok());
        assert!(open.admit("http://localhost:8081/").is_ok());
        assert!(open.admit("http://localhost:8080/ap/inbox").is_err(), "ourselves");
        assert!(open.sift("good.example", vec![literal("8.8.8.8")], Ports::Usual).is_err());
        assert_eq!(
            open.sift("localhost", vec![literal("[::1]"), literal("127.0.0.1")], Ports::Other),
            Ok(vec![literal("127.0.0.1")])
        );
        assert!(open.sift("evil.example", vec![literal("[::1]"), literal("127.0.0.1")], Ports::Other).is_err());
        assert!(open.sift("localhost", vec![literal("8.8.8.8"), literal("127.0.0.1")], Ports::Other).is_err());
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_admitted_has_an_admitted_host(text in "(https?://)?[a-z0-9.:/@\\\\\\[\\]%?#\t-]{0,40}|\\PC*") {
            let wall = wall(&[], false, "https://us.example");
            if let Ok(admitted) = wall.admit(&text) {
                assert_eq!(admitted.scheme(), "https");
                match admitted.host().unwrap() {
                    Host::Domain(name) => assert!(name != "us.example" && name.contains('.')),
                    Host::Ipv4(ip) => assert!(is_public(ip.into())),
                    Host::Ipv6(ip) => assert!(is_public(ip.into())),
                }
            }
        }
    }
}

//! Whose goes where more waits than is kept: of the domain of which most waits, so that no crowd keeps out others. Whoever has a
//! domain has as many names of servers below it as they like, so that those count as one.

use std::{collections::BTreeMap, net::IpAddr};

/// The last two labels of a host: those below it are in the same hands. Addresses and single labels stand for themselves.
fn domain(host: &str) -> &str {
    // `[::1]:8443` and `plaza.example:8443`, too
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    if bare.parse::<IpAddr>().is_ok() {
        return bare;
    }
    let bare = bare.trim_end_matches('.');
    let second = bare.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    bare.get(second..).unwrap_or(bare)
}

/// What makes room, of all that waits: each with its host, in the order in which it came. Of the domain of which most is here, the
/// oldest goes. Where several are as full, it is the newest of theirs: whoever brings one domain after the other takes nothing from
/// who was here before.
pub fn makes_room<'a, T>(waiting: impl IntoIterator<Item = (&'a str, T)>) -> Option<T> {
    let mut by_domain: BTreeMap<&str, Vec<(usize, T)>> = BTreeMap::new();
    for (number, (host, what)) in waiting.into_iter().enumerate() {
        by_domain.entry(domain(host)).or_default().push((number, what));
    }
    let most = by_domain.values().map(Vec::len).max()?;
    let mut fullest: Vec<_> = by_domain.into_values().filter(|of_domain| of_domain.len() == most).collect();
    let goes = match fullest.len() {
        1 => fullest.pop()?.into_iter().next(),
        _ => fullest.into_iter().filter_map(|of_domain| of_domain.into_iter().last()).max_by_key(|(number, _)| *number),
    };
    goes.map(|(_, what)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_one_domain_are_in_the_same_hands() {
        let table = [
            ("troll.example", "troll.example"),
            ("a.troll.example", "troll.example"),
            ("b.a.troll.example:8443", "troll.example"),
            ("troll.example.", "troll.example"),
            ("localhost", "localhost"),
            ("localhost:8080", "localhost"),
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:8443", "192.0.2.7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:8443", "2001:db8::7"),
            ("", ""),
            (".", ""),
        ];
        for (host, expected) in table {
            assert_eq!(domain(host), expected, "{host}");
        }
        assert_ne!(domain("10.0.2.7"), domain("11.0.2.7"), "the end of an address is no domain");
    }

    #[test]
    fn whoever_brings_most_makes_room_under_whatever_names() {
        let subdomains: Vec<String> = (0..500).map(|number| format!("n{number}.troll.example")).collect();
        let honest = [("good.example", 1_000), ("good.example", 1_001)];
        let crowd = subdomains.iter().map(String::as_str).zip(0..);
        assert_eq!(makes_room(honest.into_iter().chain(crowd)), Some(0), "its oldest");
        assert_eq!(makes_room([("a.example", 1), ("b.example", 2), ("a.example", 3), ("b.example", 4)]), Some(4));
        assert_eq!(makes_room([("b.example", 1), ("a.example", 2)]), Some(2), "who was here before stays");
        assert_eq!(makes_room([("b.example", 1), ("a.example", 2), ("b.example", 3)]), Some(1));
        assert_eq!(makes_room(std::iter::empty::<(&str, i64)>()), None);
    }
}

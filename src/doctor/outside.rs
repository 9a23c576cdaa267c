//! What others meet who look for the city: its name, whatever stands before it, and WebFinger.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use serde_json::Value;

use super::{certificate, finding::Finding, phrase::Phrase, times};
use crate::{
    clock::Clock,
    groups::group::PLAZA,
    net::{Mirror, Seen, is_public},
    origin::{Local, Origin},
};

const WITHIN: Duration = Duration::from_secs(5);

/// What was seen from outside, and how far our clock is ahead of whoever answered.
pub struct Outside {
    pub findings: Vec<Finding>,
    pub ahead: Option<i64>,
}

/// Asks under our own name, whatever that is. `allowed`: networks on which the city may be at home.
pub async fn examine(mirror: &Mirror, origin: &Origin, allowed: &[IpNet], clock: &Clock) -> Outside {
    let path = format!("/.well-known/webfinger?resource=acct:{PLAZA}@{}", origin.authority());
    let certificate = async { if origin.is_https() { mirror.certificate().await } else { Ok(None) } };
    let (dns, seen, shown) = tokio::join!(name(origin, allowed), mirror.look(&path), certificate);
    let ahead = seen.as_ref().ok().and_then(|seen| times::offset(&seen.headers, clock.now()));
    let mut findings = vec![dns, judge_certificate(origin, &seen, shown, clock), judge_origin(origin, &seen)];
    findings.push(judge_proxy(origin, &seen));
    Outside { findings, ahead }
}

fn judge_certificate(
    origin: &Origin,
    seen: &Result<Seen, String>,
    shown: Result<Option<Vec<u8>>, String>,
    clock: &Clock,
) -> Finding {
    let what = "certificate";
    match shown {
        _ if !origin.is_https() => Finding::unchecked(what, Phrase::new("doctor-why-plain")),
        Ok(Some(der)) => {
            let distrusted = seen.as_ref().err().filter(|why| is_about_trust(why));
            certificate::judge(&der, origin, clock.now(), distrusted.map(String::as_str))
        }
        Ok(None) => Finding::bad(what, Phrase::new("doctor-certificate-none"), "doctor-certificate-none-do"),
        Err(why) => {
            let found = Phrase::new("doctor-certificate-unseen").with("why", why);
            Finding::bad(what, found, "doctor-certificate-unseen-do")
        }
    }
}

/// Of the reasons why an address does not answer.
fn is_about_trust(why: &str) -> bool {
    why.contains("certificate")
}

fn judge_origin(origin: &Origin, seen: &Result<Seen, String>) -> Finding {
    let what = "origin";
    let about = |message: &str| Phrase::new(message).with("origin", origin);
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) if is_about_trust(why) => {
            return Finding::bad(what, about("doctor-origin-distrusted"), "doctor-origin-distrusted-do");
        }
        Err(why) => {
            return Finding::bad(what, about("doctor-origin-silent").with("why", why), "doctor-origin-silent-do");
        }
    };
    match seen.status {
        200 => judge_descriptor(origin, &seen.body),
        421 => Finding::bad(what, about("doctor-origin-421"), "doctor-origin-421-do"),
        502..=504 => Finding::bad(what, about("doctor-origin-proxy").with("status", seen.status), "doctor-origin-proxy-do"),
        301 | 302 | 307 | 308 => {
            let to = seen.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            Finding::bad(what, about("doctor-origin-moved").with("to", to), "doctor-origin-moved-do")
        }
        status => Finding::bad(what, about("doctor-origin-status").with("status", status), "doctor-origin-status-do"),
    }
}

fn judge_descriptor(origin: &Origin, body: &[u8]) -> Finding {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let (subject, id) = (format!("acct:{PLAZA}@{}", origin.authority()), origin.uri(&Local::Group(PLAZA.to_owned())));
    let links = document.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names_us = links.iter().any(|link| {
        link.get("rel").and_then(Value::as_str) == Some("self") && link.get("href").and_then(Value::as_str) == Some(id.as_str())
    });
    if document.get("subject").and_then(Value::as_str) == Some(&subject) && names_us {
        let handle = format!("@{PLAZA}@{}", origin.authority());
        return Finding::ok("origin", Phrase::new("doctor-origin-answers").with("origin", origin).with("handle", handle));
    }
    let found = Phrase::new("doctor-origin-unnamed").with("origin", origin).with("subject", subject).with("id", id);
    Finding::bad("origin", found, "doctor-origin-unnamed-do")
}

fn judge_proxy(origin: &Origin, seen: &Result<Seen, String>) -> Finding {
    match seen {
        Ok(seen) if seen.status == 421 => {
            Finding::bad("proxy", Phrase::new("doctor-proxy-lost").with("host", origin.authority()), "doctor-proxy-lost-do")
        }
        Ok(seen) if seen.status < 500 => {
            Finding::ok("proxy", Phrase::new("doctor-proxy-passes").with("host", origin.authority()))
        }
        _ => Finding::unchecked("proxy", Phrase::new("doctor-why-silent-origin")),
    }
}

/// A request for another name, straight to where we listen, must be refused.
pub async fn foreign_host(mirror: &Mirror, address: SocketAddr) -> Finding {
    let what = "host";
    let near = match address.ip() {
        ip if !ip.is_unspecified() => address,
        IpAddr::V4(_) => SocketAddr::from(([127, 0, 0, 1], address.port())),
        IpAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port())),
    };
    let about = |message: &str| Phrase::new(message).with("address", address);
    match mirror.look_behind(near, "other.invalid").await {
        Ok(seen) if seen.status == 421 => Finding::ok(what, about("doctor-host-refuses")),
        Ok(seen) => Finding::bad(what, about("doctor-host-other").with("status", seen.status), "doctor-host-other-do"),
        Err(why) => Finding::bad(what, about("doctor-host-silent").with("why", why), "doctor-host-silent-do"),
    }
}

/// Whether the name is found, and whether each of its families of addresses is reachable from here.
async fn name(origin: &Origin, allowed: &[IpNet]) -> Finding {
    let what = "dns";
    let host = origin.host().trim_start_matches('[').trim_end_matches(']');
    let about = |message: &str| Phrase::new(message).with("host", host);
    if host.parse::<IpAddr>().is_ok() {
        return Finding::ok(what, about("doctor-dns-address"));
    }
    let looked_up = tokio::time::timeout(WITHIN, tokio::net::lookup_host((host, origin.port()))).await;
    let advice = "doctor-dns-do";
    let mut found: Vec<SocketAddr> = match looked_up {
        Err(_) => return Finding::bad(what, about("doctor-dns-silent"), advice),
        Ok(Err(error)) => return Finding::bad(what, about("doctor-dns-lost").with("error", error), advice),
        Ok(Ok(found)) => found.collect(),
    };
    found.sort();
    found.dedup();
    let addresses: Vec<String> = found.iter().map(|at| at.ip().to_string()).collect();
    let shown = about("doctor-dns-is").with("addresses", addresses.join(", "));
    let but = |message: &str, shown: Phrase| Phrase::new(message).with_phrase("shown", shown);
    let (four, six): (Vec<_>, Vec<_>) = found.iter().copied().partition(SocketAddr::is_ipv4);
    let (four_works, six_works) = tokio::join!(reachable(&four), reachable(&six));
    if six_works == Some(false) {
        return Finding::warn(what, but("doctor-dns-six", shown), "doctor-dns-six-do");
    }
    if four_works == Some(false) {
        return Finding::warn(what, but("doctor-dns-four", shown), "doctor-dns-four-do");
    }
    let inside = found.iter().any(|at| !is_public(at.ip()) && !allowed.iter().any(|network| network.contains(&at.ip())));
    if inside {
        return Finding::warn(what, but("doctor-dns-inside", shown), "doctor-dns-inside-do");
    }
    Finding::ok(what, shown)
}

/// `None` without an address.
async fn reachable(addresses: &[SocketAddr]) -> Option<bool> {
    let first = addresses.first()?;
    let connected = tokio::time::timeout(WITHIN, tokio::net::TcpStream::connect(first)).await;
    Some(matches!(connected, Ok(Ok(_))))
}

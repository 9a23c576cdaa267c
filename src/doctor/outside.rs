//! What others meet who look for the city: its name, whatever stands before it, and WebFinger.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use serde_json::Value;

use super::{certificate, finding::Finding, times};
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
        _ if !origin.is_https() => Finding::unchecked(what, "this city speaks plain HTTP"),
        Ok(Some(der)) => {
            let distrusted = seen.as_ref().err().filter(|why| is_about_trust(why));
            certificate::judge(&der, origin, clock.now(), distrusted.map(String::as_str))
        }
        Ok(None) => Finding::bad(what, "none is shown", "let the proxy get one"),
        Err(why) => Finding::bad(what, format!("none was seen: {why}"), "see the lines about DNS and origin first"),
    }
}

/// Of the reasons why an address does not answer.
fn is_about_trust(why: &str) -> bool {
    why.contains("certificate")
}

fn judge_origin(origin: &Origin, seen: &Result<Seen, String>) -> Finding {
    let what = "origin";
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) if is_about_trust(why) => {
            return Finding::bad(what, format!("{origin}: the certificate is refused"), "see the line about the certificate");
        }
        Err(why) => {
            let advice = "look at DNS, firewall and whether the proxy runs";
            return Finding::bad(what, format!("{origin}: {why}"), advice);
        }
    };
    match seen.status {
        200 => judge_descriptor(origin, &seen.body),
        421 => Finding::bad(what, format!("{origin} answers 421, for another name"), "see the next line"),
        502..=504 => Finding::bad(
            what,
            format!("{origin}: a proxy answers {}, Plaza does not", seen.status),
            "start plaza serve, and let the proxy pass to the address of PLAZA_BIND",
        ),
        301 | 302 | 307 | 308 => {
            let to = seen.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            Finding::bad(
                what,
                format!("{origin} sends on to {to}"),
                "PLAZA_ORIGIN must be the address that answers, not one that redirects",
            )
        }
        status => Finding::bad(
            what,
            format!("{origin} answers {status} to WebFinger"),
            "let the proxy pass every path on to Plaza, /.well-known/ too",
        ),
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
        return Finding::ok("origin", format!("{origin} answers, and WebFinger finds @{PLAZA}@{}", origin.authority()));
    }
    Finding::bad(
        "origin",
        format!("{origin} answers, but WebFinger does not name {subject} and {id}"),
        "another server, or another city, answers under this name: see the proxy",
    )
}

fn judge_proxy(origin: &Origin, seen: &Result<Seen, String>) -> Finding {
    match seen {
        Ok(seen) if seen.status == 421 => Finding::bad(
            "proxy",
            format!("the proxy does not pass Host: {}", origin.authority()),
            "nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On",
        ),
        Ok(seen) if seen.status < 500 => Finding::ok("proxy", format!("passes Host: {}", origin.authority())),
        _ => Finding::unchecked("proxy", "the origin does not answer"),
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
    match mirror.look_behind(near, "other.invalid").await {
        Ok(seen) if seen.status == 421 => Finding::ok(what, format!("{address} listens, and refuses other names")),
        Ok(seen) => Finding::bad(
            what,
            format!("{address} answers {} to another name", seen.status),
            "another program listens there: give one of them another port, here with PLAZA_BIND",
        ),
        Err(why) => Finding::bad(
            what,
            format!("{address}: {why}"),
            "give doctor the settings of the server (PLAZA_BIND), or start it again",
        ),
    }
}

/// Whether the name is found, and whether each of its families of addresses is reachable from here.
async fn name(origin: &Origin, allowed: &[IpNet]) -> Finding {
    let what = "dns";
    let host = origin.host().trim_start_matches('[').trim_end_matches(']');
    if host.parse::<IpAddr>().is_ok() {
        return Finding::ok(what, format!("{host} is an address, no name"));
    }
    let looked_up = tokio::time::timeout(WITHIN, tokio::net::lookup_host((host, origin.port()))).await;
    let advice = "let its A and AAAA records point to this machine, or look at the name servers of this machine";
    let mut found: Vec<SocketAddr> = match looked_up {
        Err(_) => return Finding::bad(what, format!("{host}: the name server does not answer"), advice),
        Ok(Err(error)) => return Finding::bad(what, format!("{host} is not found ({error})"), advice),
        Ok(Ok(found)) => found.collect(),
    };
    found.sort();
    found.dedup();
    let addresses: Vec<String> = found.iter().map(|at| at.ip().to_string()).collect();
    let shown = format!("{host} is {}", addresses.join(", "));
    let (four, six): (Vec<_>, Vec<_>) = found.iter().copied().partition(SocketAddr::is_ipv4);
    let (four_works, six_works) = tokio::join!(reachable(&four), reachable(&six));
    if six_works == Some(false) {
        let advice =
            "give the proxy an IPv6 address, or take the AAAA record away; if only this machine lacks IPv6, nothing is wrong";
        return Finding::warn(what, format!("{shown}; over IPv6 nobody answers"), advice);
    }
    if four_works == Some(false) {
        return Finding::warn(what, format!("{shown}; over IPv4 nobody answers"), "look at the firewall and at the A record");
    }
    let inside = found.iter().any(|at| !is_public(at.ip()) && !allowed.iter().any(|network| network.contains(&at.ip())));
    if inside {
        let advice = "what people outside meet could not be seen from here (see /etc/hosts): try the address on a phone";
        return Finding::warn(what, format!("{shown}, which is not on the public Internet"), advice);
    }
    Finding::ok(what, shown)
}

/// `None` without an address.
async fn reachable(addresses: &[SocketAddr]) -> Option<bool> {
    let first = addresses.first()?;
    let connected = tokio::time::timeout(WITHIN, tokio::net::TcpStream::connect(first)).await;
    Some(matches!(connected, Ok(Ok(_))))
}

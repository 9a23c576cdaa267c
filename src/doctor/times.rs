//! Whether our clock agrees with others': signatures are taken for minutes only.

use std::{path::Path, time::Duration};

use futures_util::future::join_all;
use reqwest::{
    Method,
    header::{DATE, HeaderMap},
};

use super::{finding::Finding, phrase::Phrase};
use crate::{
    clock::{Clock, Timestamp},
    net::{Answer, Client, Request},
};

const WITHIN: Duration = Duration::from_secs(5);
/// Made by systemd once it set the clock by the network.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// How far our clock is ahead, in seconds, and of whom.
pub type Offset = (i64, String);

/// What the clocks of other hosts say of ours.
pub async fn of_others(client: &Client, clock: &Clock, hosts: &[String], scheme: &str) -> Vec<Offset> {
    let asked = hosts.iter().map(|host| async move {
        let to = client.admit(&format!("{scheme}://{host}/.well-known/nodeinfo")).ok()?;
        let request = Request { method: Method::GET, headers: Vec::new(), body: None, answer: Answer::Beginning(1024) };
        let response = tokio::time::timeout(WITHIN, client.send(&to, request)).await.ok()?.ok()?;
        Some((offset(&response.headers, clock.now())?, host.clone()))
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// A `Date` counts whole seconds.
pub fn offset(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(now.seconds() - i64::try_from(date.as_secs()).ok()?)
}

pub fn judge(mut offsets: Vec<Offset>) -> Finding {
    let set = |found: Phrase| match Path::new(SYNCHRONIZED).exists() {
        true => Phrase::new("doctor-clock-set").with_phrase("found", found),
        false => found,
    };
    // the middle one: a single host may be wrong itself
    offsets.sort();
    let Some((ahead, _)) = offsets.get(offsets.len() / 2) else {
        return Finding::ok("clock", set(Phrase::new("doctor-clock-alone")));
    };
    let names: Vec<&str> = offsets.iter().map(|(_, name)| name.as_str()).collect();
    let (off, way) = (ahead.unsigned_abs(), if *ahead < 0 { "doctor-clock-behind" } else { "doctor-clock-ahead" });
    let found = match off {
        0..=2 => Phrase::new("doctor-clock-agrees"),
        _ => Phrase::new(way).with_span("off", Duration::from_secs(off)),
    };
    let found = set(found.with("names", names.join(", ")));
    let advice = "doctor-clock-do";
    match off {
        0..=30 => Finding::ok("clock", found),
        31..=300 => Finding::warn("clock", found, advice),
        _ => Finding::bad("clock", Phrase::new("doctor-clock-refused").with_phrase("found", found), advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn the_clock_is_judged_by_the_middle_of_what_others_say() {
        let judged = |offsets: &[i64]| judge(offsets.iter().map(|by| (*by, "a.example".to_owned())).collect()).grade;
        let table: [(&[i64], Grade); 8] = [
            (&[], Grade::Ok),
            (&[30], Grade::Ok),
            (&[-31], Grade::Warn),
            (&[300], Grade::Warn),
            (&[301], Grade::Bad),
            (&[-9_000], Grade::Bad),
            (&[0, 1, 90_000], Grade::Ok),
            (&[-90_000, 400, 400], Grade::Bad),
        ];
        for (offsets, grade) in table {
            assert_eq!(judged(offsets), grade, "{offsets:?}");
        }
        assert!(judge(vec![(-60, "a.example".into())]).found.to_string().starts_with("1 min behind a.example"));
    }
}

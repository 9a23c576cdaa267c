//! What an answer means for a delivery and for its host, and when to try again. Pure: knows neither rows nor network.

use std::time::Duration;

use crate::clock::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest pause between two tries, also when a host asks for more.
pub const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);
/// So long a delivery, or a host, may fail before we give up.
pub const PATIENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What came back from an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Status {
        code: u16,
        retry_after: Option<String>,
    },
    /// Connected, perhaps, but no answer in time.
    TimedOut,
    /// No connection: name, route, refusal, TLS, or our own wall. Says which.
    Unreachable(String),
    /// We could not even ask, through a fault of our own. Says which.
    Unasked(String),
}

impl Answer {
    /// The HTTP status; 0 when there was none.
    pub fn status(&self) -> i64 {
        match self {
            Self::Status { code, .. } => i64::from(*code),
            _ => 0,
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status { code, .. } => write!(f, "answered {code}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Unreachable(why) | Self::Unasked(why) => f.write_str(why),
        }
    }
}

/// Whom an answer tells about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Taken,
    /// The host is well and does not want this delivery, at least not now.
    Refused,
    /// Either this activity is more than the host can take, or the host is unwell.
    Troubled,
    /// The host asks for a pause.
    Busy,
    /// There is no talking to the host.
    Away,
    /// The host has no part in it.
    Unasked,
}

/// What a delivery went through before, not counting what its host went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Failures in a row of the same kind.
    pub tries: i64,
    pub first_try: Option<Timestamp>,
    pub status: Option<i64>,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Done,
    Again(Timestamp),
    SetAside,
    /// Nobody lives at this inbox any more.
    Gone,
}

/// What becomes of a host that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostVerdict {
    Again(Timestamp),
    Dead,
}

/// May the host want another scheme of signatures? Then the same delivery is tried once more at once, in the other one.
pub fn asks_for_another_scheme(answer: &Answer) -> bool {
    matches!(answer, Answer::Status { code: 400 | 401 | 500, .. })
}

pub fn meaning(answer: &Answer) -> Meaning {
    match answer {
        Answer::Status { code: 200..=299, .. } => Meaning::Taken,
        Answer::Status { code: 429, .. } => Meaning::Busy,
        Answer::Status { code: 408 | 425, .. } => Meaning::Troubled,
        Answer::Status { code: 300..=499, .. } => Meaning::Refused,
        Answer::Status { .. } | Answer::TimedOut => Meaning::Troubled,
        Answer::Unreachable(_) => Meaning::Away,
        Answer::Unasked(_) => Meaning::Unasked,
    }
}

impl Past {
    /// This past with one more failure in it.
    pub fn and(&self, answer: &Answer, now: Timestamp) -> Past {
        let again = self.status.is_some_and(|status| kind(status) == kind(answer.status()));
        Past {
            tries: if again { self.tries.saturating_add(1) } else { 1 },
            first_try: Some(self.first_try.unwrap_or(now)),
            status: Some(answer.status()),
        }
    }
}

/// Statuses that count as the same failure.
fn kind(status: i64) -> i64 {
    match status {
        401 | 403 => 403,
        404 | 410 => status,
        _ => 0,
    }
}

/// What becomes of a delivery after `answer`, when its host is well. `chance` in 0..1 spreads the tries.
pub fn after(answer: &Answer, past: &Past, now: Timestamp, chance: f64) -> Verdict {
    let past = past.and(answer, now);
    let failing = now.since(past.first_try.unwrap_or(now));
    let wait = match answer {
        Answer::Status { code: 200..=299, .. } => return Verdict::Done,
        Answer::Status { code: 410, .. } if past.tries >= 2 => return Verdict::Gone,
        Answer::Status { code: 410, .. } => DAY,
        Answer::Status { code: 404, .. } if past.tries >= 3 => return Verdict::Gone,
        Answer::Status { code: 404, .. } => 12 * HOUR,
        Answer::Status { code: 401 | 403, .. } if failing >= DAY => return Verdict::SetAside,
        Answer::Status { code: 401 | 403, .. } => backoff(past.tries, chance).max(failing.min(LONGEST_WAIT)),
        Answer::Status { code: 408 | 425 | 429, retry_after } => pause(retry_after.as_deref(), past.tries, now, chance),
        Answer::Status { code: 300..=499, .. } => return Verdict::SetAside,
        // a peer that changes its mind each time is not asked more often for it
        _ => backoff(past.tries, chance).max(failing.min(LONGEST_WAIT)),
    };
    if failing >= PATIENCE { Verdict::SetAside } else { Verdict::Again(now + wait) }
}

/// What becomes of a host after a round in which it took nothing: `fails` such rounds, this one included.
pub fn host_after(answer: &Answer, fails: i64, failing_since: Timestamp, now: Timestamp, chance: f64) -> HostVerdict {
    if now.since(failing_since) >= PATIENCE {
        return HostVerdict::Dead;
    }
    let wait = match answer {
        Answer::Status { code: 408 | 425 | 429, retry_after } => pause(retry_after.as_deref(), fails, now, chance),
        Answer::Status { code: 503, retry_after: Some(text) } => {
            backoff(fails, chance).max(retry_after(text, now).unwrap_or_default())
        }
        _ => backoff(fails, chance),
    };
    HostVerdict::Again(now + wait)
}

/// One minute after the first failure, doubling up to six hours, a quarter more or less.
fn backoff(tries: i64, chance: f64) -> Duration {
    let doublings = u32::try_from(tries.clamp(1, 10) - 1).unwrap_or(0);
    let wait = (MINUTE * 2u32.pow(doublings)).min(LONGEST_WAIT);
    wait.mul_f64(0.75 + 0.5 * chance.clamp(0.0, 1.0))
}

/// As long as the host asks; but one that asks again and again waits as long as one that fails.
fn pause(asked: Option<&str>, tries: i64, now: Timestamp, chance: f64) -> Duration {
    let backoff = backoff(tries, chance);
    match asked.and_then(|text| retry_after(text, now)) {
        Some(wait) if tries <= 3 => wait,
        Some(wait) => wait.max(backoff),
        None => backoff,
    }
}

/// `Retry-After` (RFC 9110 10.2.3): seconds or an HTTP date; between a second and [`LONGEST_WAIT`]. `None` when it is neither.
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        date.saturating_sub(now.since(Timestamp::from_micros(0)))
    };
    Some(wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None }
    }

    fn seconds(verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Again(at) => at.since(NOW).as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_status_has_its_verdict_at_the_first_try() {
        let again = |secs| Verdict::Again(NOW + Duration::from_secs(secs));
        let table: &[(&[u16], Meaning, Verdict)] = &[
            (&[200, 201, 202, 204, 299], Meaning::Taken, Verdict::Done),
            (
                &[301, 302, 307, 308, 400, 402, 405, 406, 409, 413, 415, 418, 421, 422, 451, 499],
                Meaning::Refused,
                Verdict::SetAside,
            ),
            (&[401, 403], Meaning::Refused, again(60)),
            (&[404], Meaning::Refused, again(12 * 3600)),
            (&[410], Meaning::Refused, again(24 * 3600)),
            (&[408, 425], Meaning::Troubled, again(60)),
            (&[429], Meaning::Busy, again(60)),
            (&[500, 502, 503, 504, 520, 599, 100, 199, 600, 999, 0], Meaning::Troubled, again(60)),
        ];
        for (codes, meant, verdict) in table {
            for code in *codes {
                assert_eq!(meaning(&status(*code)), *meant, "{code}");
                assert_eq!(after(&status(*code), &Past::default(), NOW, 0.5), *verdict, "{code}");
            }
        }
        for (answer, meant) in [
            (Answer::TimedOut, Meaning::Troubled),
            (Answer::Unreachable("connection refused".into()), Meaning::Away),
            (Answer::Unasked("no key".into()), Meaning::Unasked),
        ] {
            assert_eq!((meaning(&answer), after(&answer, &Past::default(), NOW, 0.5)), (meant, again(60)));
        }
    }

    /// Plays the same answer again and again; tells after how long and how many tries it ended, and how.
    fn play(answer: &Answer) -> (u64, u32, Verdict) {
        let (mut past, mut now, mut tries) = (Past::default(), NOW, 0);
        loop {
            tries += 1;
            match after(answer, &past, now, 0.5) {
                Verdict::Again(at) if tries < 1000 => (past, now) = (past.and(answer, now), at),
                verdict => return (now.since(NOW).as_secs() / 3600, tries, verdict),
            }
        }
    }

    #[test]
    fn patience_ends() {
        assert_eq!(play(&status(410)), (24, 2, Verdict::Gone));
        assert_eq!(play(&status(404)), (24, 3, Verdict::Gone));
        let (hours, tries, verdict) = play(&status(401));
        assert!((24..=30).contains(&hours) && tries <= 14 && verdict == Verdict::SetAside, "{hours} h, {tries}");
        for answer in [status(500), status(408), status(429), Answer::TimedOut, Answer::Unasked("no key".into())] {
            let (hours, tries, verdict) = play(&answer);
            assert!((168..=174).contains(&hours) && tries <= 45 && verdict == Verdict::SetAside, "{answer} {hours} h, {tries}");
        }
    }

    #[test]
    fn a_peer_that_changes_its_mind_is_not_asked_more_often() {
        let (mut past, mut now, mut tries) = (Past::default(), NOW, 0u32);
        while now < NOW + PATIENCE {
            let answer = status([500, 401, 503, 403][tries as usize % 4]);
            tries += 1;
            match after(&answer, &past, now, 0.0) {
                Verdict::Again(at) => (past, now) = (past.and(&answer, now), at),
                _ => break,
            }
        }
        assert!(tries < 50, "{tries}");
    }

    #[test]
    fn a_wrong_gone_after_other_failures_is_not_the_second() {
        let past = Past { tries: 9, first_try: Some(NOW - DAY), status: Some(500) };
        assert_eq!(after(&status(410), &past, NOW, 0.5), Verdict::Again(NOW + DAY));
        assert_eq!(after(&status(404), &past, NOW, 0.5), Verdict::Again(NOW + 12 * HOUR));
    }

    #[test]
    fn retry_after_is_read_and_bounded() {
        let date = |at: Timestamp| httpdate::fmt_http_date(std::time::UNIX_EPOCH + at.since(Timestamp::from_micros(0)));
        let six_hours = Some(LONGEST_WAIT);
        let table = [
            ("120", Some(Duration::from_secs(120))),
            (" 7 ", Some(Duration::from_secs(7))),
            ("0", Some(Duration::from_secs(1))),
            ("1000000000", six_hours),
            ("99999999999999999999999999", six_hours),
            (&date(NOW + HOUR), Some(HOUR)),
            (&date(NOW - HOUR), Some(Duration::from_secs(1))),
            (&date(NOW + 30 * DAY), six_hours),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("١٢", None),
        ];
        for (text, wait) in table {
            assert_eq!(retry_after(text, NOW), wait, "{text:?}");
        }
        for code in [408, 425, 429] {
            let asked = Answer::Status { code, retry_after: Some("600".into()) };
            assert_eq!(seconds(after(&asked, &Past::default(), NOW, 0.5)), 600);
            let negative = Answer::Status { code, retry_after: Some("-600".into()) };
            assert_eq!(seconds(after(&negative, &Past::default(), NOW, 0.5)), 60);
            let hasty = Answer::Status { code, retry_after: Some("1".into()) };
            assert_eq!(host_after(&hasty, 1, NOW, NOW, 0.5), HostVerdict::Again(NOW + Duration::from_secs(1)));
            assert_eq!(host_after(&hasty, 9, NOW, NOW, 0.5), HostVerdict::Again(NOW + 256 * MINUTE));
        }
    }

    #[test]
    fn a_host_is_tried_less_and_less_and_then_no_more() {
        let refused = Answer::Unreachable("connection refused".into());
        let waits: Vec<u64> = (1..=12)
            .map(|fails| match host_after(&refused, fails, NOW, NOW, 0.5) {
                HostVerdict::Again(at) => at.since(NOW).as_secs() / 60,
                HostVerdict::Dead => 0,
            })
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
        for (chance, wait) in [(0.0, 45), (1.0, 75), (7.0, 75), (-1.0, 45)] {
            assert_eq!(host_after(&refused, 1, NOW, NOW, chance), HostVerdict::Again(NOW + Duration::from_secs(wait)));
        }
        assert_eq!(host_after(&refused, 30, NOW - PATIENCE, NOW, 0.5), HostVerdict::Dead);
        // a clock set back does not make a host dead, nor the wait longer
        assert_eq!(host_after(&refused, 1, NOW + DAY, NOW, 0.5), HostVerdict::Again(NOW + MINUTE));
    }
}

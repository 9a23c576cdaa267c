//! Signing in: how often somebody may guess, where they go on, and what they had typed before.

pub mod pages;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use url::Url;

use crate::{clock::Timestamp, origin::Origin, web::form::Fields};

/// Wrong passwords per name, in memory. Nobody is shut out for long, and nobody for where they come from: a crowd behind one
/// address is normal, and so is somebody who knows another one's name.
#[derive(Debug, Default)]
pub struct Attempts {
    /// By a number that nobody can foresee; names that share one share their failures, so this never grows beyond 65,536.
    failed: Mutex<HashMap<u16, Failed>>,
    state: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    times: u32,
    last: Timestamp,
}

/// So many are free; after them, one must wait twice as long each time,
const FREE: u32 = 5;
/// but no longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// After a while without any, all is as before.
const FORGOTTEN: Duration = Duration::from_secs(3_600);

impl Attempts {
    fn number(&self, handle: &str, device: Option<&str>) -> u16 {
        // the upper bits are as good as any
        u16::try_from(self.state.hash_one((handle, device)) >> 48).unwrap_or_default()
    }

    /// Counts an attempt as failed, until [`Attempts::succeeded`] says that it was not; many at once count as many. `device` is a
    /// browser that was theirs before: it has a count of its own, so that whoever guesses from elsewhere, again and again, and
    /// takes each turn as soon as there is one, takes none of its.
    ///
    /// # Errors
    /// How long to wait, when it is too early for another one: then it does not count.
    pub fn begin(&self, handle: &str, device: Option<&str>, now: Timestamp) -> Result<(), Duration> {
        let number = self.number(handle, device);
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = failed.get(&number).copied().filter(|failed| now.since(failed.last) < FORGOTTEN);
        let before = before.unwrap_or(Failed { times: 0, last: now });
        if before.times >= FREE {
            let wait = Duration::from_secs(1 << (before.times - FREE).min(10)).min(LONGEST_WAIT);
            let passed = now.since(before.last);
            if passed < wait {
                return Err(wait - passed);
            }
        }
        failed.insert(number, Failed { times: before.times.saturating_add(1), last: now });
        Ok(())
    }

    pub fn succeeded(&self, handle: &str, device: Option<&str>) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number(handle, device));
    }
}

/// Where to go on, when that is a page of ours: whatever a browser could read as another site is none.
pub fn ours(path: &str, origin: &Origin) -> Option<String> {
    let is_plain = path.len() <= 2_000 && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if !path.starts_with('/') || !is_plain {
        return None;
    }
    let base = Url::parse(&origin.to_string()).ok()?;
    let url = base.join(path).ok().filter(|url| url.origin() == base.origin())?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("{}{query}", url.path());
    (!path.starts_with("//")).then_some(path)
}

/// What was typed into a form of ours by somebody whose session had ended meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Path of that form; empty where nothing was typed.
    pub to: String,
    pub pairs: Vec<(String, String)>,
    pub lost_files: bool,
}

const PREFIX: &str = "kept.";

impl Kept {
    /// What came to this path. What another session's form carried is of no use, and a deed that hurts is asked about again.
    pub fn of_sent(to: &str, fields: Fields) -> Self {
        let keeps = |name: &str| !matches!(name, "csrf" | "sure") && !name.contains("password");
        let pairs = fields.pairs.into_iter().filter(|(name, _)| keeps(name)).collect();
        Self { to: to.to_owned(), pairs, lost_files: !fields.files.is_empty() }
    }

    /// The same, carried along by the form of signing in.
    pub fn of_form(fields: &Fields, origin: &Origin) -> Option<Self> {
        let to = ours(fields.get("to")?, origin)?;
        let kept = |(name, value): &(String, String)| Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone()));
        Some(Self { to, pairs: fields.pairs.iter().filter_map(kept).collect(), lost_files: fields.get("lost").is_some() })
    }

    pub fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    /// Hidden fields with which a form carries this along.
    pub fn carried(&self) -> Vec<(String, String)> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut carried = vec![("to".to_owned(), self.to.clone())];
        carried.extend(self.lost_files.then(|| ("lost".to_owned(), "files".to_owned())));
        carried.extend(self.pairs.iter().map(|(name, value)| (format!("{PREFIX}{name}"), value.clone())));
        carried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_521_600);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn whoever_guesses_waits_longer_each_time_and_never_for_long() {
        let attempts = Attempts::default();
        let mut now = NOON;
        for _ in 0..FREE {
            assert_eq!(attempts.begin("ana", None, now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            assert_eq!(attempts.begin("ana", None, now), Err(seconds(wait)));
            now = now + seconds(wait);
            assert_eq!(attempts.begin("ana", None, now), Ok(()), "after {wait} s");
        }
        assert_eq!(attempts.begin("ben", None, now), Ok(()), "others do not wait");
        attempts.succeeded("ana", None);
        assert_eq!(attempts.begin("ana", None, now), Ok(()));
    }

    #[test]
    fn a_browser_that_was_theirs_does_not_wait_for_whoever_takes_each_turn() {
        let attempts = Attempts::default();
        let mut now = NOON;
        for _ in 0..40 {
            while attempts.begin("ana", None, now).is_ok() {}
            now = now + seconds(60);
        }
        while attempts.begin("ana", None, now).is_ok() {}
        for _ in 0..FREE {
            assert_eq!(attempts.begin("ana", Some("hers"), now), Ok(()));
        }
        assert!(attempts.begin("ana", Some("hers"), now).is_err(), "it may be in other hands, too");
        assert_eq!(attempts.begin("ana", Some("another of hers"), now), Ok(()));
    }

    #[test]
    fn failures_are_forgotten_and_take_little_memory() {
        let attempts = Attempts::default();
        for _ in 0..FREE {
            assert_eq!(attempts.begin("ana", None, NOON), Ok(()));
        }
        assert!(attempts.begin("ana", None, NOON).is_err());
        assert_eq!(attempts.begin("ana", None, NOON + FORGOTTEN), Ok(()));
        assert_eq!(attempts.begin("ana", None, NOON + FORGOTTEN), Ok(()));
        for number in 0..200_000 {
            let _ = attempts.begin(&number.to_string(), None, NOON);
        }
        assert!(attempts.failed.lock().unwrap().len() <= 65_536);
    }

    #[test]
    fn one_goes_on_at_a_page_of_ours_only() {
        for origin in ["https://plaza.example", "http://localhost:8080"] {
            let origin = Origin::parse(origin).unwrap();
            let table = [
                ("/ours", Some("/ours")),
                ("/ours?lang=es&a=%2F%2Fevil.example", Some("/ours?lang=es&a=%2F%2Fevil.example")),
                ("/@kitchen/a%20b", Some("/@kitchen/a%20b")),
                ("/%2f%2fevil.example", Some("/%2f%2fevil.example")),
                ("/%5cevil.example", Some("/%5cevil.example")),
                ("/https://evil.example", Some("/https://evil.example")),
                ("/us.example.evil.com", Some("/us.example.evil.com")),
                ("", None),
                ("ours", None),
                ("//evil.example", None),
                ("///evil.example", None),
                ("/\\evil.example", None),
                ("\\\\evil.example", None),
                ("/..//evil.example", None),
                ("/.//evil.example", None),
                ("/a/..//evil.example", None),
                ("/%2e%2e//evil.example", None),
                ("https:evil.example", None),
                ("https://evil.example", None),
                ("https://plaza.example@evil.example/", None),
                ("javascript:alert(1)", None),
                ("/\t/evil.example", None),
                ("/ours\r\nSet-Cookie: plaza=x", None),
                (" //evil.example", None),
                ("/ñ", None),
            ];
            for (path, expected) in table {
                assert_eq!(ours(path, &origin).as_deref(), expected, "{path:?}");
            }
            assert_eq!(ours(&format!("/{}", "a".repeat(2_000)), &origin), None);
        }
    }

    #[test]
    fn what_was_typed_goes_along_and_comes_back() {
        let origin = Origin::parse("https://plaza.example").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sent = vec![
            pair("text", "Pots!\nñ"),
            pair("tag", "a"),
            pair("tag", "b"),
            pair("csrf", "x"),
            pair("sure", "yes"),
            pair("new_password", "secret"),
        ];
        let kept = Kept::of_sent("/ours/@kitchen/news", Fields { pairs: sent, files: Vec::new() });
        assert_eq!(kept.pairs, [pair("text", "Pots!\nñ"), pair("tag", "a"), pair("tag", "b")]);
        let carried = Fields { pairs: kept.carried(), files: Vec::new() };
        assert_eq!(Kept::of_form(&carried, &origin), Some(kept));
        let elsewhere = Fields { pairs: vec![pair("to", "//evil.example"), pair("kept.a", "b")], files: Vec::new() };
        assert_eq!(Kept::of_form(&elsewhere, &origin), None);
    }
}

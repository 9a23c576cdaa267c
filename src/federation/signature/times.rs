//! When a signature was made, and whether that is now.

use std::time::UNIX_EPOCH;

use super::{AHEAD_SECONDS, Flaw, Head, OLDEST_SECONDS};
use crate::clock::Timestamp;

/// How far `Date` and `created` of one request may lie apart.
const APART_SECONDS: i64 = 5 * 60;

/// When a signature was made and when it ends, in seconds since 1970, as far as it says so.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Of the `Date` header, where it is covered.
    pub date: Option<i64>,
    pub created: Option<i64>,
    pub expires: Option<i64>,
}

impl Times {
    pub fn check(self, now: Timestamp) -> Result<(), Flaw> {
        let now = now.seconds();
        for time in [self.date, self.created].into_iter().flatten() {
            match now - time {
                age if age > OLDEST_SECONDS => return Err(Flaw("the signature is too old, or your clock is wrong")),
                age if age < -AHEAD_SECONDS => return Err(Flaw("the signature is from the future, or your clock is wrong")),
                _ => {}
            }
        }
        if let (Some(date), Some(created)) = (self.date, self.created)
            && (date - created).abs() > APART_SECONDS
        {
            return Err(Flaw("Date and created disagree"));
        }
        match self.expires {
            Some(expires) if expires < now => Err(Flaw("the signature has expired")),
            _ => Ok(()),
        }
    }
}

/// Seconds since 1970 of the one `Date` header there must be.
pub fn date(head: &Head<'_>) -> Result<i64, Flaw> {
    let wrong = Flaw("there must be one Date header, with a date");
    let time = httpdate::parse_http_date(head.only("date").ok_or(wrong)?).map_err(|_| wrong)?;
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).ok_or(wrong)
}

//! One thing that was looked at: how it is, and what to do about it.

use std::fmt;

use serde::Serialize;

/// How something is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    Ok,
    Warn,
    Bad,
}

/// Shown as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub what: &'static str,
    pub grade: Grade,
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    pub fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, grade: Grade::Ok, found: found.into(), advice: None }
    }

    pub fn warn(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, grade: Grade::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    pub fn bad(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, grade: Grade::Bad, found: found.into(), advice: Some(advice.into()) }
    }

    /// For what could not be looked at, which says nothing about how it is.
    pub fn unchecked(what: &'static str, why: &str) -> Self {
        Self::ok(what, format!("not checked: {why}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Ok => "ok",
            Grade::Warn => "warn",
            Grade::Bad => "bad",
        };
        let advice = self.advice.as_ref().map(|advice| format!(" -> {advice}")).unwrap_or_default();
        // what others answered stands in it, too
        let said: String =
            format!("{}{advice}", self.found).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        write!(f, "{grade:<5}{:<12}{said}", self.what)
    }
}

/// Bytes in a unit that people read.
pub fn size(bytes: u64) -> String {
    let (kib, mib, gib) = (1 << 10, 1 << 20, 1 << 30);
    match bytes {
        large if large >= gib => format!("{}.{} GiB", large / gib, large % gib * 10 / gib),
        large if large >= mib => format!("{} MiB", large / mib),
        small => format!("{} KiB", small.div_ceil(kib)),
    }
}

/// A span in its largest unit, rounded down.
pub fn span(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

//! The log on standard error: one line an event, as text or as JSON, without addresses, query strings or anything that strangers
//! could pass off as a line of their own. There is no log of who asked for what.

mod clean;

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::filter_fn,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{clock::Clock, config::LogFormat};

/// Bytes of all that an event says, before JSON escapes it; with time, level and target a line stays below 4,096.
const LONGEST: usize = 1_800;

/// Begins to log. What libraries say below a warning is left out whatever the filter asks for: they name the addresses they talk to.
/// So is all that reads HTTP: to it, every stranger's malformed request is an error.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| "info".into());
    let lines = tracing_subscriber::fmt::layer().event_format(Line { format, clock: Clock::system() });
    let lines = lines.with_writer(std::io::stderr).with_ansi(false);
    let ours = filter_fn(|about| is_worth_a_line(about.target(), *about.level()));
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).with(filter).try_init();
}

fn is_worth_a_line(target: &str, level: Level) -> bool {
    let is_of = |library: &str| target.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    is_of("plaza") || (level <= Level::WARN && !is_of("actix_http"))
}

/// A panic is an event as any other, in place of lines of its own.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let why = panic.payload_as_str().unwrap_or("no words");
        tracing::error!(place, "something panicked: {why}");
    }));
}

/// How an event becomes a line.
struct Line {
    format: LogFormat,
    clock: Clock,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    /// Spans are libraries' own and left out.
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut said = Said { left: LONGEST, ..Said::default() };
        event.record(&mut said);
        let (time, about) = (self.clock.now().rfc3339(), event.metadata());
        match self.format {
            LogFormat::Text => {
                write!(out, "{time} {:>5} {}: {}", about.level(), about.target(), said.message)?;
                for (name, value) in &said.fields {
                    write!(out, " {name}={value}")?;
                }
                writeln!(out)
            }
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("time".into(), time.into());
                line.insert("level".into(), about.level().as_str().into());
                line.insert("target".into(), about.target().into());
                line.insert("message".into(), said.message.into());
                line.extend(said.fields);
                writeln!(out, "{}", Value::Object(line))
            }
        }
    }
}

/// What an event says, cleaned.
#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(String, Value)>,
    /// Bytes that may still be said.
    left: usize,
}

impl Said {
    fn note(&mut self, field: &Field, value: &str) {
        let value = clean::clean(value, self.left);
        self.left -= value.len().min(self.left);
        match field.name() {
            "message" => self.message = value,
            name => self.fields.push((name.to_owned(), value.into())),
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.push((field.name().to_owned(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.push((field.name().to_owned(), value.into()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn logged(format: LogFormat, say: impl FnOnce()) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clock = Clock::stopped_at(crate::clock::Timestamp::from_seconds(1_795_528_800));
        let lines = tracing_subscriber::fmt::layer().event_format(Line { format, clock });
        let lines = lines.with_writer(Arc::new(file.reopen().unwrap())).with_ansi(false);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), say);
        std::fs::read_to_string(file.path()).unwrap()
    }

    #[test]
    fn an_event_is_a_line_in_either_form() {
        let say = || tracing::warn!(status = 500, error = "from 203.0.113.77\n", "a request {}", "failed");
        let text = "2026-11-24T14:00:00Z  WARN plaza::logs::tests: a request failed status=500 error=\"from [address]\\\\n\"\n";
        assert_eq!(logged(LogFormat::Text, say), text);
        let json: Value = serde_json::from_str(&logged(LogFormat::Json, say)).unwrap();
        let expected = serde_json::json!({
            "time": "2026-11-24T14:00:00Z", "level": "WARN", "target": "plaza::logs::tests", "message": "a request failed",
            "status": 500, "error": "from [address]\\n",
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn no_line_is_longer_than_4_kb() {
        for hostile in ["\"".repeat(9_000), "\\".repeat(9_000), "\u{9b}\n".repeat(9_000), "ñ".repeat(9_000)] {
            for format in [LogFormat::Text, LogFormat::Json] {
                let line = logged(format, || tracing::error!(error = hostile, again = ?hostile, "{hostile}"));
                assert!(line.len() <= 4_096 && line.len() > 1_800 && line.matches('\n').count() == 1, "{}: {line}", line.len());
            }
        }
    }

    #[test]
    fn libraries_are_heard_only_when_they_warn() {
        assert!(is_worth_a_line("plaza::worker", Level::TRACE) && is_worth_a_line("hyper_util::client", Level::WARN));
        assert!(!is_worth_a_line("hyper_util::client", Level::INFO) && !is_worth_a_line("plazas", Level::DEBUG));
        assert!(!is_worth_a_line("actix_http::h1::dispatcher", Level::ERROR));
    }
}

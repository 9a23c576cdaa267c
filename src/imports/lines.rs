//! A calendar as lines and nested components, cut before anybody reads what they say; whatever is out of measure is refused here.

use crate::error::{Error, Said};

/// Longest calendar that is read, in bytes.
pub const LONGEST: usize = 2 * 1024 * 1024;
const MOST_LINES: usize = 100_000;
/// Of one line with its continuations, in bytes; pictures in the middle of calendars are longer.
const LONGEST_LINE: usize = 256 * 1024;
/// Calendar, event, alarm and one more in it are what programs write.
const DEEPEST: usize = 8;
const MOST_EVENTS: usize = 5_000;
const MOST_COMPONENTS: usize = 25_000;
/// Dates on which something does not happen, of one event and of all.
const MOST_EXCEPTIONS: usize = 1_000;
const ALL_EXCEPTIONS: usize = 20_000;
/// Longest rule by which something comes back, in bytes.
const LONGEST_RULE: usize = 500;

/// Why a file is not even read. The text is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this calendar is larger than 2 MiB: export a shorter span of time")]
    TooLarge,
    #[error("this file is packed (zip or gzip): unpack it first, and give the .ics file in it")]
    Packed,
    #[error(
        "this is a page for people and no calendar: look for the address that ends in .ics, and make the calendar public there"
    )]
    Page,
    #[error("this is no calendar: a file of the kind .ics begins with BEGIN:VCALENDAR")]
    NoCalendar,
    #[error("this calendar stops in the middle: it was not transferred as a whole. Get it again")]
    CutOff,
    #[error("this calendar has more than 100,000 lines: export a shorter span of time")]
    TooManyLines,
    #[error("line {0} of this calendar is longer than anything that belongs into one")]
    LongLine(usize),
    #[error("line {0} of this calendar opens one thing in the other too often")]
    TooDeep(usize),
    #[error("this calendar has more than 5,000 events: export a shorter span of time")]
    TooManyEvents,
    #[error("at line {0} of this calendar there are more exceptions than a series can have")]
    TooManyExceptions(usize),
    #[error("line {0} of this calendar holds a rule that is longer than any that people make")]
    LongRule(usize),
}

impl Refusal {
    /// The same in every language.
    pub fn said(self) -> Said {
        let at = |message, line: usize| Said::new(message).with("line", line);
        match self {
            Self::TooLarge => Said::new("refused-import-large"),
            Self::Packed => Said::new("refused-import-packed"),
            Self::Page => Said::new("refused-import-page"),
            Self::NoCalendar => Said::new("refused-import-no-calendar"),
            Self::CutOff => Said::new("refused-import-cut-off"),
            Self::TooManyLines => Said::new("refused-import-lines"),
            Self::LongLine(line) => at("refused-import-long-line", line),
            Self::TooDeep(line) => at("refused-import-deep", line),
            Self::TooManyEvents => Said::new("refused-import-events"),
            Self::TooManyExceptions(line) => at("refused-import-exceptions", line),
            Self::LongRule(line) => at("refused-import-long-rule", line),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::refused_in_words(refusal, refusal.said().about("file"))
    }
}

/// A line with its continuations: where it began, counted from 1, and what it says. Bytes, because some programs cut letters in two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: usize,
    pub bytes: Vec<u8>,
}

impl Line {
    /// What stands before the first `:` or `;`.
    pub fn name(&self) -> &[u8] {
        let end = self.bytes.iter().position(|byte| matches!(byte, b':' | b';')).unwrap_or(self.bytes.len());
        self.bytes.get(..end).unwrap_or_default()
    }

    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// What stands after the name and, where there are any, its parameters; a `:` in quotes ends nothing.
    pub fn value(&self) -> &[u8] {
        let mut quoted = false;
        let end = self.bytes.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b':' && !quoted
        });
        end.and_then(|end| self.bytes.get(end + 1..)).unwrap_or_default()
    }
}

/// What stands between a `BEGIN` and its `END`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// In capitals.
    pub name: String,
    /// Of its `BEGIN`.
    pub line: usize,
    /// Its own, not those of its parts.
    pub lines: Vec<Line>,
    pub parts: Vec<Component>,
}

impl Component {
    pub fn lines_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.is(name))
    }

    pub fn parts_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Component> {
        self.parts.iter().filter(move |part| part.name == name)
    }
}

/// The calendars of a file, and the lines that belong to nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cut {
    pub calendars: Vec<Component>,
    pub odd: Vec<usize>,
}

/// Cuts a file into its components. What is out of measure is refused at the first sign of it, before it costs anything.
pub fn cut(file: &[u8]) -> Result<Cut, Refusal> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if [&b"PK"[..], b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd"]
        .iter()
        .any(|sign| file.starts_with(sign))
    {
        return Err(Refusal::Packed);
    }
    if file.len() > LONGEST {
        return Err(Refusal::TooLarge);
    }
    let begins = file.trim_ascii_start();
    if begins.first() == Some(&b'<') {
        return Err(Refusal::Page);
    }
    if !starts_alike(begins, b"BEGIN:VCALENDAR") {
        return Err(Refusal::NoCalendar);
    }
    let mut work = Work::default();
    let mut held: Option<Line> = None;
    for (index, physical) in file.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        if number > MOST_LINES {
            return Err(Refusal::TooManyLines);
        }
        let text = physical.strip_suffix(b"\r").unwrap_or(physical);
        match (&mut held, text.split_first()) {
            (Some(line), Some((b' ' | b'\t', more))) => {
                if line.bytes.len() + more.len() > LONGEST_LINE {
                    return Err(Refusal::LongLine(line.number));
                }
                line.bytes.extend_from_slice(more);
            }
            _ if text.len() > LONGEST_LINE => return Err(Refusal::LongLine(number)),
            _ => {
                let next = (!text.is_empty()).then(|| Line { number, bytes: text.to_vec() });
                if let Some(line) = std::mem::replace(&mut held, next) {
                    work.take(line)?;
                }
            }
        }
    }
    held.map_or(Ok(()), |line| work.take(line))?;
    work.done()
}

fn starts_alike(text: &[u8], with: &[u8]) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

#[derive(Default)]
struct Work {
    open: Vec<Component>,
    cut: Cut,
    components: usize,
    events: usize,
    /// Of the event that is open, and of all.
    exceptions: (usize, usize),
}

impl Work {
    fn take(&mut self, line: Line) -> Result<(), Refusal> {
        if line.is("BEGIN") {
            return self.begin(&line);
        }
        if line.is("END") {
            self.end(&line);
            return Ok(());
        }
        if !line.bytes.contains(&b':') {
            self.cut.odd.push(line.number);
            return Ok(());
        }
        if line.is("EXDATE") || line.is("RDATE") {
            let more = 1 + line.bytes.iter().filter(|byte| **byte == b',').count();
            self.exceptions = (self.exceptions.0 + more, self.exceptions.1 + more);
            if self.exceptions.0 > MOST_EXCEPTIONS || self.exceptions.1 > ALL_EXCEPTIONS {
                return Err(Refusal::TooManyExceptions(line.number));
            }
        }
        if (line.is("RRULE") || line.is("EXRULE")) && line.bytes.len() > LONGEST_RULE {
            return Err(Refusal::LongRule(line.number));
        }
        match self.open.last_mut() {
            Some(component) => component.lines.push(line),
            None => self.cut.odd.push(line.number),
        }
        Ok(())
    }

    fn begin(&mut self, line: &Line) -> Result<(), Refusal> {
        let name = named(line);
        self.components += 1;
        if name == "VEVENT" {
            self.events += 1;
            self.exceptions.0 = 0;
        }
        if self.events > MOST_EVENTS || self.components > MOST_COMPONENTS {
            return Err(Refusal::TooManyEvents);
        }
        if self.open.len() >= DEEPEST {
            return Err(Refusal::TooDeep(line.number));
        }
        self.open.push(Component { name, line: line.number, ..Component::default() });
        Ok(())
    }

    /// Closes what is open up to the one that is named; an `END` of nothing is odd.
    fn end(&mut self, line: &Line) {
        let name = named(line);
        let Some(place) = self.open.iter().rposition(|open| open.name == name) else {
            self.cut.odd.push(line.number);
            return;
        };
        if place + 1 < self.open.len() {
            self.cut.odd.push(line.number);
        }
        while self.open.len() > place {
            let Some(done) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some(parent) => parent.parts.push(done),
                None => self.cut.calendars.push(done),
            }
        }
    }

    fn done(self) -> Result<Cut, Refusal> {
        if self.open.is_empty() { Ok(self.cut) } else { Err(Refusal::CutOff) }
    }
}

fn named(line: &Line) -> String {
    String::from_utf8_lossy(line.value().trim_ascii()).chars().take(60).collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;

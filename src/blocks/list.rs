//! Lists of blocks as Mastodon writes and reads them: domains with a severity, and accounts. Whatever is odd in a list is named by
//! its line and left out.

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::actions::{is_ours, read_target};
use crate::{
    app::Here,
    error::{Error, Result, Said},
};

/// Longest list, in bytes, and in lines.
pub const LONGEST: usize = 8 * 1024 * 1024;
const MOST: usize = 100_000;
/// Columns that are looked at.
const COLUMNS: usize = 16;

/// The columns of Mastodon's list of domains.
const DOMAINS: [&str; 6] = ["#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate"];

/// What a list asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Hosts, ids and handles to block.
    pub blocked: Vec<String>,
    /// Hosts that are limited there: here, what they say is looked at first.
    pub held: Vec<String>,
    /// Line, and why it is left out.
    pub skipped: Vec<(u64, Odd)>,
}

/// Why a line is left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    #[error("and all that follows: a list has at most {MOST} lines")]
    TooMany,
    #[error("the name is obfuscated")]
    Obfuscated,
    #[error("{0:?} is neither a host nor an account")]
    NoTarget(String),
    #[error("nothing was decided there about this host")]
    Undecided,
    #[error("the severity {0:?} is not known")]
    Severity(String),
    #[error("{0} is this city")]
    Ours(String),
}

impl Odd {
    /// The same in every language.
    pub fn said(&self) -> Said {
        match self {
            Self::TooMany => Said::new("care-list-too-many").with("most", MOST),
            Self::Obfuscated => Said::new("care-list-obfuscated"),
            Self::NoTarget(written) => Said::new("care-list-no-target").with("written", written),
            Self::Undecided => Said::new("care-list-undecided"),
            Self::Severity(written) => Said::new("care-list-severity").with("written", written),
            Self::Ours(target) => Said::new("care-list-ours").with("target", target),
        }
    }
}

impl List {
    /// Leaves out what cannot be blocked: whoever blocks themselves hears nothing any more.
    pub fn spare(&mut self, here: &Here) {
        let (ours, blocked) = std::mem::take(&mut self.blocked).into_iter().partition(|target| is_ours(here, target));
        self.blocked = blocked;
        self.skipped.extend(Vec::into_iter(ours).map(|target| (0, Odd::Ours(target))));
    }
}

/// Why something is no list at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a list has at most {LONGEST} bytes")]
    TooLong,
    #[error("this is no list of comma-separated values: {0}")]
    NoList(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let message = match &refusal {
            Refusal::TooLong => "care-refused-list-long",
            Refusal::NoList(_) => "care-refused-list",
        };
        Error::refused_in_words(refusal, Said::new(message).about("list"))
    }
}

/// Where in a row is what.
struct Columns {
    target: usize,
    severity: Option<usize>,
}

/// Reads a list of domains or accounts, with or without a line of headings.
pub fn read(text: &str) -> Result<List> {
    if text.len() > LONGEST {
        return Err(Refusal::TooLong.into());
    }
    // without a mark that spreadsheets set in front; and lines that end in two characters would be counted wrongly
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut list = List::default();
    let mut columns = Columns { target: 0, severity: None };
    for (number, row) in rows.records().enumerate() {
        let row = row.map_err(|why| Refusal::NoList(why.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        if number >= MOST {
            list.skipped.push((line, Odd::TooMany));
            break;
        }
        match headings(&row).filter(|_| number == 0) {
            Some(found) => columns = found,
            None => take(&mut list, &row, &columns, line),
        }
    }
    Ok(list)
}

fn headings(row: &StringRecord) -> Option<Columns> {
    let names: Vec<String> =
        row.iter().take(COLUMNS).map(|name| name.trim().trim_start_matches('#').to_ascii_lowercase()).collect();
    let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let target = place(&["domain", "account address"])?;
    Some(Columns { target, severity: place(&["severity"]) })
}

fn take(list: &mut List, row: &StringRecord, columns: &Columns, line: u64) {
    let cell = |place: usize| row.get(place).unwrap_or_default().trim();
    let written = cell(columns.target);
    if written.is_empty() {
        return;
    }
    let target = match read_target(written) {
        Ok(target) => target,
        Err(_) if written.contains('*') => return list.skipped.push((line, Odd::Obfuscated)),
        Err(_) => {
            let shown: String = written.chars().take(100).collect();
            return list.skipped.push((line, Odd::NoTarget(shown)));
        }
    };
    let severity = columns.severity.map(cell).unwrap_or_default();
    match severity {
        "" | "suspend" => list.blocked.push(target),
        "silence" | "limit" => list.held.push(target),
        "noop" | "none" => list.skipped.push((line, Odd::Undecided)),
        _ => {
            let shown: String = severity.chars().take(40).collect();
            list.skipped.push((line, Odd::Severity(shown)));
        }
    }
}

/// Which of the two lists that Mastodon knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Domains,
    Accounts,
}

/// Writes a list: no cell can begin with what a spreadsheet would take for a formula, since no host, id or handle does.
pub fn write(which: Which, blocked: &[String], held: &[String]) -> Result<String> {
    let mut rows = WriterBuilder::new().from_writer(Vec::new());
    let mut put = |cells: &[&str]| rows.write_record(cells).map_err(Error::broken);
    let is_account = |target: &&String| target.contains(['/', '@']);
    match which {
        Which::Domains => {
            put(&DOMAINS)?;
            let suspended = blocked.iter().filter(|target| !is_account(target)).map(|host| (host, "suspend"));
            for (host, severity) in suspended.chain(held.iter().map(|host| (host, "silence"))) {
                put(&[host, severity, "true", "false", "", "false"])?;
            }
        }
        Which::Accounts => {
            for account in blocked.iter().filter(is_account) {
                put(&[account.trim_start_matches('@')])?;
            }
        }
    }
    let bytes = rows.into_inner().map_err(|error| Error::broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mastodons_lists_are_read() {
        let domains = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
            troll.example,suspend,true,true,\"spam, and more\",false\r\n\
            loud.example,silence,false,false,,false\r\nquiet.example,noop,true,false,,false\r\n";
        let list = read(domains).unwrap();
        assert_eq!((list.blocked, list.held), (vec!["troll.example".into()], vec!["loud.example".into()]));
        assert_eq!(list.skipped.len(), 1);
        let accounts = read("x@troll.example\nhttps://far.example/users/y\n").unwrap();
        assert_eq!(accounts.blocked, ["@x@troll.example", "https://far.example/users/y"]);
        let muted = read("Account address,Hide notifications\nx@troll.example,true\n").unwrap();
        assert_eq!(muted.blocked, ["@x@troll.example"]);
        assert_eq!(read("severity,domain\nsilence,loud.example\n").unwrap().held, ["loud.example"]);
    }

    #[test]
    fn hostile_lines_are_named_and_left_out() {
        let list = read(
            "\u{feff}#domain,#severity\n=cmd|' /C calc'!A0,suspend\n@SUM(1+1),suspend\ncom,suspend\nexa***.example,suspend\n\
             a.example,delete\n\n,suspend\n\"b.example\nc.example\",suspend\n../etc,suspend\ngood.example\n",
        )
        .unwrap();
        assert_eq!(list.blocked, ["good.example"]);
        let lines: Vec<u64> = list.skipped.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 9, 11]);
        assert!(read(&"x".repeat(LONGEST + 1)).is_err());
        assert_eq!(read("").unwrap(), List::default());
    }

    #[test]
    fn what_is_written_is_read_again_and_no_formula() {
        let blocked = ["troll.example".to_owned(), "@x@far.example".into(), "https://far.example/u/y".into(), "[::1]".into()];
        let domains = write(Which::Domains, &blocked, &["loud.example".into()]).unwrap();
        let accounts = write(Which::Accounts, &blocked, &[]).unwrap();
        assert_eq!(read(&domains).unwrap().blocked, ["troll.example", "[::1]"]);
        assert_eq!(read(&domains).unwrap().held, ["loud.example"]);
        assert_eq!(read(&accounts).unwrap().blocked, ["@x@far.example", "https://far.example/u/y"]);
        let cells = |text: &str| {
            text.lines().skip(1).flat_map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert!(cells(&domains).iter().chain(&cells(&accounts)).all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));
    }
}

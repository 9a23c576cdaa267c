//! Pages made for paper: one sheet, big type, a code for telephones.

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query},
};
use askama::{Template, filters::Safe};
use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    fit::{self, Fit, Room, Row},
    programme::{self, Line, Span},
    qr,
};
use crate::{
    app::App,
    error::{Error, Result},
    groups::{
        group::Group,
        media::{self, Which},
    },
    meetings::store::Only,
    origin::Local,
    text,
    web::{About, Answer, Front, Shell, gone, style},
};

#[derive(Deserialize)]
pub struct Asked {
    /// `letter`, else A4.
    paper: Option<String>,
    /// The first of the seven days.
    from: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Paper {
    A4,
    Letter,
}

impl Paper {
    fn asked(asked: &Asked) -> Self {
        match asked.paper.as_deref() {
            Some(paper) if paper.eq_ignore_ascii_case("letter") => Self::Letter,
            _ => Self::A4,
        }
    }

    fn style(self) -> String {
        match self {
            Self::A4 => style::A4.path(),
            Self::Letter => style::LETTER.path(),
        }
    }

    /// Of the sheet within its margins, less what else stands on it; `others` in millimetres.
    fn room(self, others: f64) -> Room {
        match self {
            Self::A4 => Room { width: 186.0, height: 271.0 - others },
            Self::Letter => Room { width: 192.0, height: 253.0 - others },
        }
    }
}

/// What every sheet has.
struct Sheet {
    shell: Shell,
    paper: Paper,
    /// Where the code leads, and the same as people type it.
    address: String,
    qr: Safe<String>,
    /// Of this sheet on the other paper.
    other_paper: String,
}

impl Sheet {
    fn new(shell: Shell, paper: Paper, path: &str, asked: &Asked, address: String) -> Result<Self> {
        let qr = qr::svg(&address, &shell.fill("poster-code", "address", &typed(&address)))?;
        let mut other_paper = vec![];
        if paper == Paper::A4 {
            other_paper.push("paper=letter".to_owned());
        }
        if let Some(from) = asked.from.as_ref().and_then(|from| from.parse::<NaiveDate>().ok()) {
            other_paper.push(format!("from={from}"));
        }
        other_paper.extend(shell.link("").strip_prefix('?').map(str::to_owned));
        Ok(Self { other_paper: format!("{path}?{}", other_paper.join("&")), shell, paper, address: typed(&address), qr })
    }

    fn style(&self) -> String {
        style::POSTER.path()
    }

    fn paper_style(&self) -> String {
        self.paper.style()
    }

    fn more(&self, count: &usize) -> String {
        self.shell.words.say("poster-more", &[("count", &count.to_string()), ("address", &self.address)])
    }

    fn is_a4(&self) -> bool {
        self.paper == Paper::A4
    }
}

/// An address as people type it.
fn typed(address: &str) -> String {
    address.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// One day of a sheet.
struct DayOnPaper {
    weekday: String,
    date: String,
    lines: Vec<Line>,
}

/// As much as there is room for, in which size, and how many more there are.
struct Agenda {
    days: Vec<DayOnPaper>,
    size: usize,
    more: usize,
}

fn agenda(shell: &Shell, lines: &[Line], room: Room) -> Agenda {
    let mut last = None;
    let row = |line: &Line| {
        let begins_day = last.replace(line.date) != Some(line.date);
        let mark = if line.cancelled || line.unconfirmed || line.moved { 12 } else { 0 };
        let mut row = Row::new(&line.title, !line.group.is_empty() || line.place.is_some(), begins_day);
        row.letters += mark;
        row
    };
    let rows: Vec<Row> = lines.iter().map(row).collect();
    let Fit { size, rows } = fit::fit(&rows, room);
    let shown = lines.get(..rows).unwrap_or(lines);
    let days = programme::by_day(shown).into_iter().map(|(date, lines)| on_paper(shell, date, lines)).collect();
    Agenda { days, size, more: lines.len() - shown.len() }
}

fn on_paper(shell: &Shell, date: NaiveDate, lines: Vec<Line>) -> DayOnPaper {
    let weekday = shell.say(&format!("weekday-long-{}", date.format("%u")));
    let (day, month) = (date.format("%-d").to_string(), shell.say(&format!("month-short-{}", date.format("%-m"))));
    let date = shell.words.say("poster-date", &[("day", &day), ("month", &month)]);
    DayOnPaper { weekday: crate::web::capitalised(&weekday), date, lines }
}

#[derive(Template)]
#[template(path = "posters/week.html")]
struct Week {
    sheet: Sheet,
    days: String,
    agenda: Agenda,
}

/// What else stands on the sheet of a week, in millimetres: the band above, the code below.
const AROUND_WEEK: f64 = 90.0;

pub async fn week(request: HttpRequest, app: Data<App>, front: Data<Front>, asked: Query<Asked>) -> Answer {
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    let (now, paper) = (app.here().now, Paper::asked(&asked));
    let span = Span::week(now, shell.zone, asked.from.as_deref());
    let days = span.said(&shell.words);
    shell.about.title = shell.say("poster-week");
    let lines = programme::read(&app, &shell, span, Only::default()).await?;
    let agenda = agenda(&shell, &lines, paper.room(AROUND_WEEK));
    let sheet = Sheet::new(shell, paper, "/poster/week", &asked, app.origin.url("/").into())?;
    Shell::show(&request, &Week { sheet, days, agenda })
}

#[derive(Template)]
#[template(path = "posters/group.html")]
struct OfGroup<'a> {
    sheet: Sheet,
    group: &'a Group,
    /// A class for the size of the name.
    name_size: &'static str,
    header: String,
    mission: String,
    /// `@kitchen@plaza.example`
    handle: String,
    agenda: Agenda,
    /// To be torn off, each with the address.
    strips: std::ops::Range<usize>,
}

/// Of the mission, in characters.
const BEGINNING: usize = 180;
/// Meetings on the sheet of a group, at most.
const NEXT: i64 = 4;
/// What else stands on the sheet of a group, beside its name and mission, in millimetres.
const AROUND_GROUP: f64 = 138.0;
const STRIPS: usize = 9;

/// Class of the size of the name, letters in a line of it, height of a line in millimetres; as in poster.css.
const NAMES: [(&str, usize, f64); 3] = [("short", 13, 26.0), ("middle", 17, 16.5), ("long", 27, 10.7)];
/// Of the mission.
const LETTERS_IN_LINE: usize = 44;
const LINE: f64 = 8.2;

fn lines(letters: usize, in_line: usize, at_most: usize) -> f64 {
    letters.div_ceil(in_line).clamp(1, at_most) as f64
}

/// The beginning of a mission: whole sentences, where they end in time.
fn beginning(mission: &str) -> String {
    let plain = text::first_line(&text::to_plain(mission), 5_000);
    let within: String = plain.chars().take(BEGINNING).collect();
    let ends = within.char_indices().rev().find(|(_, c)| matches!(c, '.' | '!' | '?' | '؟' | '。' | '।'));
    match ends {
        _ if within == plain => plain,
        Some((at, c)) if at > within.len() / 2 => within.get(..at + c.len_utf8()).unwrap_or(&within).to_owned(),
        _ => text::first_line(&plain, BEGINNING),
    }
}

pub async fn group(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    handle: Path<String>,
    asked: Query<Asked>,
) -> Answer {
    let group = programme::group(&app, &handle).await?;
    let group = group.ok_or_else(|| Error::not_found("there is no group of that name"))?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    let (mut shell, paper) = (Shell::new(&front, &request, About { kind: "website", ..About::default() }), Paper::asked(&asked));
    shell.about.title = shell.fill("poster-group", "group", &group.name);
    let only = Only { group: Some(group.handle.clone()), tag: None };
    let mut lines = programme::next(&app, &shell, only, NEXT).await?;
    // the name of the group stands above them in big letters
    lines.iter_mut().for_each(|line| line.group.clear());
    let letters = fit::width(&group.name);
    let (name_size, in_line, height) = match letters {
        0..=13 => NAMES[0],
        14..=34 => NAMES[1],
        _ => NAMES[2],
    };
    let mission = beginning(&group.mission);
    let around =
        AROUND_GROUP + self::lines(letters, in_line, 3) * height + self::lines(fit::width(&mission), LETTERS_IN_LINE, 4) * LINE;
    let agenda = agenda(&shell, &lines, paper.room(around));
    let address = app.origin.page(&Local::Group(group.handle.clone())).map(String::from).unwrap_or_default();
    let path = format!("/poster/@{}", group.handle);
    let page = OfGroup {
        name_size,
        header: media::address(&app.here(), &group, Which::Header).into(),
        mission,
        handle: format!("@{}@{}", group.handle, app.origin.authority()),
        sheet: Sheet::new(shell, paper, &path, &asked, address)?,
        group: &group,
        agenda,
        strips: 0..STRIPS,
    };
    Shell::show(&request, &page)
}

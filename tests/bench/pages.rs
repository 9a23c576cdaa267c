//! How many readers a city serves: pages, documents and calendars of a small city and of one ten times as large.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::{middleware::from_fn, test};
use diesel::{
    RunQueryDsl,
    connection::{InstrumentationEvent, set_default_instrumentation},
    sql_query,
    sql_types::Text,
};
use plaza::{app::App, clock::Clock, config::Settings, db::Conn, error::Result, routes::Routes, web::door};

use crate::{
    gates::Gates,
    machine,
    reader::{self, Seen, crowd, once, request},
    series,
    served::{City, GROUP},
};

const GROUPS: usize = 200;
/// Meetings of the two cities; both have as many a day.
const SMALL: usize = 1_000;
const LARGE: usize = 10_000;
/// Of the two that are compared by whether a third of it recurs.
const HUGE: usize = 100_000;
const A_DAY: usize = 25;

/// What is promised.
const PAGES: f64 = 2_000.0;
const PAGE_P99: f64 = 25.0;
const DOCUMENTS: f64 = 10_000.0;
const UNCHANGED: f64 = 10_000.0;
const HOME_BYTES: f64 = 20_000.0;
const PAGE_BYTES: f64 = 60_000.0;
const QUERIES: f64 = 6.0;
const FIRST_BYTE: f64 = 20.0;
const WHOLE_CALENDAR: f64 = 400.0;
const CALENDAR_GROWTH: f64 = 16.0;
/// Of the rate of the small city.
const KEPT: f64 = 0.9;

pub const SPAN: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

/// A page that is asked for.
pub struct Asked {
    pub name: &'static str,
    pub path: &'static str,
}

impl Asked {
    pub const PAGES: [Self; 2] = [Self { name: "home", path: "/" }, Self { name: "agenda", path: "/meetings" }];
}

pub fn run(gates: &mut Gates) {
    let (small, large, single) = (populous(SMALL, true), populous(LARGE, true), populous(LARGE, false));
    for Asked { name, path } in Asked::PAGES {
        let (asked_small, asked_large) = (get(&small, path, "text/html"), get(&large, path, "text/html"));
        let (mut less, mut more) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            less.push(crowd(small.port, &asked_small, 200, SPAN, None));
            more.push(crowd(large.port, &asked_large, 200, SPAN, None));
        }
        let (less, more) = (middle(less), middle(more));
        let calm = crowd(large.port, &asked_large, 200, SPAN * 2, Some(PAGES / 2.0));
        println!(
            "{name}: {:.0}/s with {SMALL} meetings, {:.0}/s with {LARGE}; at {:.0}/s p50 {:.1} ms, p99 {:.1} ms; {} bytes",
            less.rate,
            more.rate,
            PAGES / 2.0,
            calm.median,
            calm.p99,
            more.bytes
        );
        gates.at_least(&format!("{name}, a second"), more.rate, PAGES);
        gates.at_least(&format!("{name}, share of the small city's rate"), more.rate / less.rate, KEPT);
        gates.at_most(&format!("{name}, p99 at half, ms"), calm.p99, PAGE_P99);
        gates.exact(&format!("{name}, odd answers"), less.odd + more.odd + calm.odd, 0);
    }
    for (path, accept, least) in [
        ("/@g7", "text/html", 0.0),
        ("/groups", "text/html", 0.0),
        (&*format!("/ap/groups/{GROUP}"), "application/activity+json", DOCUMENTS),
        (&*format!("/.well-known/webfinger?resource=acct:{GROUP}@localhost:{}", large.port), "application/jrd+json", DOCUMENTS),
    ] {
        let asked = get(&large, path, accept);
        let seen = middle((0..3).map(|_| crowd(large.port, &asked, 200, SPAN, None)).collect());
        println!("{path}: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms; {} bytes", seen.rate, seen.median, seen.p99, seen.bytes);
        gates.at_least(&format!("{path}, a second"), seen.rate, least);
        gates.exact(&format!("{path}, odd answers"), seen.odd, 0);
    }
    calendar(gates, "where none recurs", &single);
    calendar(gates, "a third of it series", &large);
    unchanged(gates, &large, "/", 0.0);
    queries(gates, &large);
    drop((small, large, single));
    series::compared(gates, LARGE);
    series::compared(gates, HUGE);
    series::expanding(gates);
    series::bombs(gates);
}

/// A question for a page of that city.
pub fn get(city: &City, path: &str, accept: &str) -> Vec<u8> {
    request(&format!("localhost:{}", city.port), path, &[("Accept", accept)])
}

/// The run with the median rate, with the odd answers of all.
fn middle(mut runs: Vec<Seen>) -> Seen {
    runs.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let odd = runs.iter().map(|seen| seen.odd).sum();
    Seen { odd, ..runs.get(runs.len() / 2).cloned().unwrap_or_default() }
}

/// The calendar of the whole city: first byte, all of it, memory.
fn calendar(gates: &mut Gates, which: &str, city: &City) {
    let asked = get(city, "/meetings.ics", "text/calendar");
    let before = machine::resident(city.pid());
    let replies: Vec<reader::Reply> = (0..5).map(|_| once(city.port, &asked)).collect();
    let growth = machine::resident(city.pid()) - before;
    let middle = |of: fn(&reader::Reply) -> Duration| {
        let mut times: Vec<f64> = replies.iter().map(|reply| of(reply).as_secs_f64() * 1000.0).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (first, whole) = (middle(|reply| reply.first), middle(|reply| reply.whole));
    println!(
        "city's calendar, {which}: first byte {first:.1} ms, whole {whole:.0} ms, {} bytes, {growth:.1} MiB more memory",
        replies[0].body
    );
    gates.exact("city's calendar, status", usize::from(replies[0].status), 200);
    gates.at_most("city's calendar, first byte, ms", first, FIRST_BYTE);
    gates.at_most("city's calendar, whole, ms", whole, WHOLE_CALENDAR);
    gates.at_most("city's calendar, memory, MiB", growth, CALENDAR_GROWTH);
    unchanged(gates, city, "/meetings.ics", UNCHANGED);
}

/// Readers that have the latest version already; a page is made to find out, a calendar is not.
fn unchanged(gates: &mut Gates, city: &City, path: &str, least: f64) {
    let authority = format!("localhost:{}", city.port);
    let reply = once(city.port, &request(&authority, path, &[]));
    let tag = reader::header(&reply.head, "etag").unwrap_or_default();
    let asked = request(&authority, path, &[("If-None-Match", tag)]);
    let seen = middle((0..3).map(|_| crowd(city.port, &asked, 304, SPAN, None)).collect());
    println!("{path} unchanged: {:.0}/s, p99 {:.1} ms", seen.rate, seen.p99);
    gates.at_least(&format!("{path} unchanged, a second"), seen.rate, least);
    gates.exact(&format!("{path} unchanged, answers other than 304"), seen.odd, 0);
}

/// A city with so many meetings; a third of its groups meets by a rule.
pub fn populous(meetings: usize, with_series: bool) -> City {
    let mut city = City::prepared();
    let starts = "2027-03-02T18:00";
    city.command(&[
        "meeting",
        "schedule",
        GROUP,
        "--title",
        "Weekly meeting",
        "--starts",
        starts,
        "--place",
        "The square",
        "--agenda",
        "* pots\n* bread",
    ]);
    city.with_database(async |db| {
        db.write(move |conn| {
            let n =
                format!("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {GROUPS}) SELECT i FROM n)");
            copy(conn, "actors", &n, &[("path", "'/ap/groups/g' || i"), ("handle", "'g' || i")], GROUP)?;
            copy(
                conn,
                "groups",
                &n,
                &[("handle", "'g' || i"), ("name", "'Group ' || i"), ("tags", "'topic' || (i % 12)")],
                GROUP,
            )?;
            // a tenth of them is over
            let n =
                format!("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {meetings}) SELECT i FROM n)");
            let step = 86_400_000_000_usize / A_DAY;
            let starts = format!("CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + (i - {}) * {step}", meetings / 10);
            let ends = format!("{starts} + 7200000000");
            copy(
                conn,
                "meetings",
                &n,
                &[
                    ("id", "printf('01998000-0000-7000-8000-%012x', i)"),
                    ("group_handle", &format!("'g' || (1 + i % {GROUPS})")),
                    ("title", "'Meeting ' || i"),
                    ("starts", &starts),
                    ("ends", &ends),
                ],
                GROUP,
            )?;
            if with_series {
                recurring(conn)?;
            }
            // what they are found by
            for term in ["''", "'@' || group_handle", "'=' || kind", "'+here'"] {
                sql_query(format!(
                    "INSERT INTO meeting_terms (term, starts, meeting, ends) SELECT {term}, starts, id, ends FROM meetings \
                     WHERE id LIKE '01998000-%'"
                ))
                .execute(conn)?;
            }
            Ok(())
        })
        .await
        .expect("a large city");
    });
    city.serve();
    city
}

/// Makes series of what every third group does; a meeting in sixteen is cancelled, another one is elsewhere.
fn recurring(conn: &mut Conn) -> Result<()> {
    let days = GROUPS / A_DAY;
    let theirs = "id LIKE '01998000-%' AND CAST(substr(group_handle, 2) AS INTEGER) % 3 = 0";
    let update = |set: &str, which: &str| format!("UPDATE meetings SET {set} WHERE {theirs} AND {which}");
    let same = "place, address, latitude, longitude, online_url, agenda, language, mentions, pictures";
    for change in [
        // a rule begins on a minute, and says the same of each
        update("starts = starts - starts % 60000000, zone = 'UTC', title = 'Meeting of ' || group_handle", "1 = 1"),
        update("ends = starts + 7200000000", "1 = 1"),
        format!(
            "INSERT INTO series (id, group_handle, title, kind, first, zone, minutes, rule, except_days, {same}, sequence, \
             published, unconfirmed, laid_out) \
             SELECT printf('01998000-0000-7000-9000-%012x', CAST(substr(group_handle, 2) AS INTEGER)), group_handle, title, kind, \
             strftime('%Y-%m-%dT%H:%M', min(starts) / 1000000, 'unixepoch'), 'UTC', 120, 'FREQ=DAILY;INTERVAL={days};UNTIL=' || \
             strftime('%Y%m%d', max(starts) / 1000000, 'unixepoch'), '[]', {same}, 0, published, 0, {} \
             FROM meetings WHERE {theirs} GROUP BY group_handle",
            i64::MAX
        ),
        update("recurrence = starts, series = (SELECT s.id FROM series s WHERE s.group_handle = meetings.group_handle)", "1 = 1"),
        update("cancelled = published, sequence = 1", "id LIKE '%0'"),
        update("place = 'The library', sequence = 1", "id LIKE '%8'"),
    ] {
        sql_query(change).execute(conn)?;
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Copies the row of `group` in `table` for each i of `numbers`, with these columns made anew.
fn copy(conn: &mut Conn, table: &str, numbers: &str, anew: &[(&str, &str)], group: &str) -> Result<()> {
    let columns: Vec<Column> = sql_query(format!("SELECT name FROM pragma_table_info('{table}')")).load(conn)?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<&str> = names
        .iter()
        .map(|name| anew.iter().find_map(|(column, value)| (column == name).then_some(*value)).unwrap_or(name))
        .collect();
    let of_group = if names.contains(&"group_handle") { "group_handle" } else { "handle" };
    sql_query(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table}, {numbers} WHERE {of_group} = '{group}'",
        names.join(", "),
        values.join(", ")
    ))
    .execute(conn)?;
    Ok(())
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Statements that a page needs, counted in this process.
fn queries(gates: &mut Gates, city: &City) {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                ASKED.fetch_add(1, Ordering::Relaxed);
            }
        }))
    })
    .expect("counting");
    actix_web::rt::System::new().block_on(async {
        let settings = Settings { data_dir: Some(city.folder.path().display().to_string()), ..Settings::default() };
        let app = App::open(settings.check().expect("right settings"), Clock::system()).await.expect("the city");
        let routes = Routes::of(&app).await.expect("routes");
        let service =
            test::init_service(actix_web::App::new().wrap(from_fn(door)).configure(|config| routes.configure(config))).await;
        let meeting = format!("/meetings/01998000-0000-7000-8000-{:012x}", LARGE / 2);
        for path in ["/", "/meetings", "/groups", "/@g7", &meeting, "/announcements"] {
            let mut counts = Vec::new();
            let mut bytes = 0;
            // the first time opens connections and fills what is kept
            for _ in 0..2 {
                let before = ASKED.load(Ordering::Relaxed);
                let asked = test::TestRequest::get().uri(path).insert_header(("Host", format!("localhost:{}", city.port)));
                let answer = test::call_service(&service, asked.insert_header(("Accept", "text/html")).to_request()).await;
                assert_eq!(answer.status(), 200, "{path}");
                bytes = test::read_body(answer).await.len();
                counts.push(ASKED.load(Ordering::Relaxed) - before);
            }
            println!("{path}: {counts:?} statements, {bytes} bytes");
            gates.at_most(&format!("{path}, statements"), counts[0] as f64, QUERIES);
            gates.at_most(&format!("{path}, bytes"), bytes as f64, if path == "/" { HOME_BYTES } else { PAGE_BYTES });
        }
    });
}

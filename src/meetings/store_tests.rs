//! What the agenda finds: every filter, page after page, on both databases.

use chrono::{NaiveDate, TimeDelta};
use diesel::connection::SimpleConnection;

use super::*;
use crate::{
    actors,
    db::{pool, trial::Trial, turn::Mark},
    groups::{self, group::Group},
    keys::NewKeys,
    meetings::{filter::When, meeting::Kind},
    origin::Local,
};

/// Noon of the first of November, in minutes since then.
fn at(minutes: i64) -> Timestamp {
    let noon = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc();
    (noon + TimeDelta::minutes(minutes)).into()
}

fn start(conn: &mut Conn, handle: &str, tags: &[&str]) {
    let keys = ["a", "b", "c", "d"].map(String::from);
    let [rsa_private, rsa_public, ed25519_private, ed25519_public] = keys;
    let keys = NewKeys { rsa_private, rsa_public, ed25519_private, ed25519_public };
    actors::store::add(conn, &Local::Group(handle.into()), handle, &keys, at(0), Some(at(0))).unwrap();
    let group = Group {
        name: handle.into(),
        mission: "We meet.".into(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        language: "en".into(),
        welcomed: Some(at(0)),
        ..Group::blank(handle, at(0))
    };
    groups::store::add(conn, &group).unwrap();
}

fn meeting(number: u128, group: &str, starts: i64, change: impl Fn(&mut Meeting)) -> Meeting {
    let mut meeting = Meeting {
        title: format!("Meeting {number}"),
        starts: at(starts),
        ends: at(starts + 60),
        zone: Tz::UTC,
        language: "en".into(),
        ..Meeting::blank(Uuid::from_u128(number), group, at(0))
    };
    change(&mut meeting);
    meeting
}

fn city(trial: &Trial) -> Conn {
    let mut conn = pool::open(&trial.url, pool::Use::Write).unwrap();
    crate::db::migrations::apply(&mut conn, &trial.url).unwrap();
    start(&mut conn, "kitchen", &["food", "soup"]);
    start(&mut conn, "library", &["books", "soups"]);
    start(&mut conn, "ended", &["food"]);
    let all = [
        meeting(1, "kitchen", -180, |_| {}),
        meeting(2, "kitchen", -30, |m| m.place = Some("Dewey Square".into())),
        meeting(3, "library", -30, |m| (m.agenda, m.kind) = (Some("#Soup and #books".into()), Kind::Workshop)),
        meeting(4, "kitchen", 60, |m| (m.agenda, m.address) = (Some("#soup".into()), Some("1 Summer St., Ágora".into()))),
        meeting(5, "library", 60, |m| m.online = Some("https://meet.example/".parse().unwrap())),
        meeting(6, "ended", 60, |_| {}),
        meeting(7, "kitchen", 1_440, |m| m.cancelled = Some(at(0))),
        meeting(8, "library", 43_200, |m| m.place = Some("Dewey Library, Square 2".into())),
    ];
    for meeting in &all {
        add(&mut conn, meeting).unwrap();
    }
    actors::store::close(&mut conn, &Local::Group("ended".into()), at(0)).unwrap();
    conn
}

fn numbers(found: &[Meeting]) -> Vec<u128> {
    found.iter().map(|meeting| meeting.id.as_u128()).collect()
}

#[test]
fn every_filter_finds_what_it_says() {
    for trial in Trial::all() {
        let mut conn = city(&trial);
        let table: [(&str, &[u128]); 17] = [
            ("", &[2, 3, 4, 5, 7, 8]),
            ("group=kitchen", &[2, 4, 7]),
            ("group=nobody", &[]),
            ("tag=soup", &[2, 3, 4, 7]),
            ("tag=books", &[3, 5, 8]),
            ("tag=soups&kind=workshop", &[3]),
            ("tag=nothing", &[]),
            ("place=square+DEWEY", &[2, 8]),
            ("place=%C3%A1gora", &[4]),
            ("place=dew", &[]),
            ("kind=workshop", &[3]),
            ("online=yes", &[5]),
            ("online=no&group=library", &[8]),
            ("group=kitchen&tag=books", &[]),
            ("month=2026-11", &[1, 2, 3, 4, 5, 7]),
            ("month=2026-12", &[8]),
            ("day=2026-11-02", &[7]),
        ];
        for (query, expected) in table {
            let filter = Filter::read(query).unwrap();
            let found = matching(&mut conn, &filter, filter.span(at(0), Tz::UTC), Turn::First, 100).unwrap();
            assert_eq!(numbers(&found), expected, "{query} in {:?}", trial.url);
        }
    }
}

#[test]
fn pages_follow_each_other_without_a_gap_in_both_directions() {
    for trial in Trial::all() {
        let mut conn = city(&trial);
        for query in ["", "tag=soup", "group=kitchen"] {
            let filter = Filter::read(query).unwrap();
            let mut page = |turn, limit| matching(&mut conn, &filter, Span::coming(at(0)), turn, limit).unwrap();
            let mark = |meeting: &Meeting| Mark { time: meeting.starts, id: meeting.id };
            let whole = numbers(&page(Turn::First, 100));
            let (mut forth, mut turn) = (vec![], Turn::First);
            while let Some(last) = page(turn, 2).last().map(mark) {
                forth.extend(numbers(&page(turn, 2)));
                turn = Turn::After(last);
            }
            assert_eq!(forth, whole, "{query}");
            let far = Mark { time: at(1_000_000), id: Uuid::from_u128(0) };
            let (mut back, mut turn) = (vec![], Turn::Before(far));
            while let Some(first) = page(turn, 2).first().map(mark) {
                back.splice(0..0, numbers(&page(turn, 2)));
                turn = Turn::Before(first);
            }
            assert_eq!(back, whole, "{query}");
        }
    }
}

#[test]
fn a_changed_meeting_is_found_by_what_it_is_now() {
    for trial in Trial::all() {
        let mut conn = city(&trial);
        let moved = meeting(2, "kitchen", 2_880, |m| m.place = Some("Harbour".into()));
        save(&mut conn, &moved).unwrap();
        let mut found = |query| {
            let filter = Filter::read(query).unwrap();
            numbers(&matching(&mut conn, &filter, filter.span(at(0), Tz::UTC), Turn::First, 100).unwrap())
        };
        assert_eq!((found("place=dewey"), found("place=harbour"), found("group=kitchen")), (vec![8], vec![2], vec![4, 7, 2]));
        assert_eq!(Filter::read("day=2026-11-03").unwrap().when, When::Day(NaiveDate::from_ymd_opt(2026, 11, 3).unwrap()));
        assert_eq!(found("day=2026-11-03"), vec![2]);
    }
}

#[test]
fn what_older_cities_have_on_their_agenda_is_found_as_well() {
    let migration = |trial: &Trial| match trial.url {
        crate::config::DatabaseUrl::Sqlite(_) => include_str!("../../migrations/sqlite/2026-11-23-000003_agenda/up.sql"),
        crate::config::DatabaseUrl::Postgres(_) => include_str!("../../migrations/postgres/2026-11-23-000003_agenda/up.sql"),
    };
    for trial in Trial::all() {
        let mut conn = city(&trial);
        let written = |conn: &mut Conn| {
            let mut rows: Vec<(String, Timestamp, String, Timestamp)> = terms::table.load(conn).unwrap();
            rows.retain(|(term, ..)| term.is_ascii());
            rows.sort();
            rows
        };
        let before = written(&mut conn);
        conn.batch_execute("DROP TABLE meeting_terms; DROP INDEX announcements_urgent;").unwrap();
        conn.batch_execute(migration(&trial)).unwrap();
        let after: Vec<_> = written(&mut conn).into_iter().filter(|(term, ..)| before.iter().any(|row| row.0 == *term)).collect();
        assert_eq!(after, before);
    }
}

//! Places kept once and offered again, what they say about access, and meetings that show only a district until shortly before.

use std::time::Duration;

use plaza::{
    groups::{self, group::Group, habits::Positions},
    meetings::{
        self,
        meeting::{Meeting, Position},
        veil::Veil,
    },
    places::{
        self,
        access::{Access, Fact},
        place::Place,
    },
    series, worker,
};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::{
    city::{City, START, on_each_database},
    commands::Terminal,
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);

fn place(group: &str, name: &str) -> Place {
    Place {
        id: Uuid::nil(),
        group: group.into(),
        name: name.into(),
        address: Some("12 Atlantic Avenue".into()),
        position: Some(Position { latitude: 42.353_412, longitude: -71.055_231 }),
        access: Access::of([Fact::StepFree], Some("The ramp is on the left".into())),
        updated: START,
    }
}

async fn keep(city: &City, place: Place) -> Place {
    let kept = city.app.act(move |conn, here| places::actions::add(conn, here, &Place { id: here.new_id(), ..place.clone() }));
    kept.await.expect("kept")
}

async fn schedule(city: &City, group: &str, change: impl Fn(&mut Meeting)) -> Result<Meeting, plaza::error::Error> {
    let here = city.app.here();
    let starts = START + Duration::from_secs(4 * 24 * 3_600);
    let mut meeting = Meeting {
        title: "Weekly meeting".into(),
        starts,
        ends: starts + 2 * HOUR,
        zone: chrono_tz::Tz::America__New_York,
        language: "en".into(),
        ..Meeting::blank(here.new_id(), group, here.now)
    };
    change(&mut meeting);
    city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &meeting)).await
}

async fn change(city: &City, id: Uuid, change: impl Fn(&mut Meeting) + Send + 'static) -> Result<Meeting, plaza::error::Error> {
    let deed = city.app.act(move |conn, here| {
        meetings::actions::change(conn, here, id, &|meeting| {
            change(meeting);
            Ok(())
        })
    });
    deed.await
}

async fn meeting(city: &City, id: Uuid) -> Meeting {
    city.app.db.read(move |conn| meetings::actions::find(conn, id)).await.expect("it is there")
}

async fn notes(city: &City, id: Uuid) -> Vec<String> {
    let found = city.app.db.read(move |conn| Ok(plaza::announcements::store::of_meeting(conn, id)?)).await.expect("reading");
    found.into_iter().map(|note| note.text.replace('\\', "")).collect()
}

async fn correct(
    city: &City,
    by: Option<&'static str>,
    id: Uuid,
    change: impl Fn(&mut Place) + Send + 'static,
) -> Result<Place, plaza::error::Error> {
    let deed = city.app.act(move |conn, here| {
        series::places::correct(conn, here, by, id, &|place| {
            change(place);
            Ok(())
        })
    });
    deed.await
}

#[test]
fn a_place_that_is_known_fills_in_what_was_not_typed_and_says_so_wherever_the_meeting_is_shown() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let kept = keep(&city, place("kitchen", "Casa de la Añoranza")).await;
        let held = schedule(&city, "trees", |meeting| {
            meeting.place = Some(" casa de la ANORANZA ".trim().into());
            meeting.access = Access::of([Fact::Childcare], None);
        })
        .await
        .expect("scheduled");
        assert_eq!(held.place.as_deref(), Some("Casa de la Añoranza"));
        assert_eq!((held.address.as_deref(), held.place_id), (Some("12 Atlantic Avenue"), Some(kept.id)));
        assert_eq!((held.position, &held.access.facts), (kept.position, &vec![Fact::StepFree, Fact::Childcare]));

        let path = format!("/meetings/{}", held.id);
        let page = Phone::of(&city).page(&path).await;
        for expected in
            ["<dt>Access</dt>", "No steps on the way in", "Childcare", "The ramp is on the left", "12 Atlantic Avenue"]
        {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let spanish = Phone::of(&city).page(&format!("{path}?lang=es")).await;
        assert!(spanish.contains("Accesibilidad") && spanish.contains("Entrada sin escalones"), "{spanish}");
        let facts = "Access: no steps on the way in, childcare";
        for way in [".txt", ".ics"] {
            let text = city.get(&format!("{path}{way}"), "*/*").await.text().await.expect("text").replace("\r\n ", "");
            assert!(text.replace('\\', "").contains(facts) && text.contains("The ramp is on the left"), "{way}: {text}");
        }
        let event = city.document(&format!("/ap/events/{}", held.id)).await;
        assert!(event["content"].as_str().is_some_and(|html| html.contains(facts)), "{event}");

        // what was typed is not overwritten
        let typed = schedule(&city, "trees", |meeting| {
            meeting.place = Some("Casa de la Añoranza".into());
            meeting.address = Some("by the back door".into());
        });
        assert_eq!(typed.await.expect("scheduled").address.as_deref(), Some("by the back door"));
        // moved there later
        let elsewhere = schedule(&city, "trees", |meeting| meeting.place = Some("The square".into())).await.expect("scheduled");
        assert_eq!((elsewhere.place_id, elsewhere.address), (None, None));
        let moved =
            change(&city, elsewhere.id, |meeting| meeting.place = Some("CASA de la Añoranza".into())).await.expect("moved");
        assert_eq!((moved.place_id, moved.address.as_deref()), (Some(kept.id), Some("12 Atlantic Avenue")));
        let away = change(&city, elsewhere.id, |meeting| meeting.place = Some("The square".into())).await.expect("moved");
        assert_eq!(away.place_id, None);
    });
}

#[test]
fn meetings_ahead_follow_a_corrected_place_in_what_they_took_over() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let kept = keep(&city, place("kitchen", "The library")).await;
        let at_library = |meeting: &mut Meeting| meeting.place = Some("The library".into());
        let same = schedule(&city, "trees", at_library).await.expect("scheduled");
        let own_door = schedule(&city, "trees", |meeting| {
            at_library(meeting);
            meeting.address = Some("Use the side door".into());
        });
        let own_door = own_door.await.expect("scheduled");
        let called_off = schedule(&city, "trees", at_library).await.expect("scheduled");
        let id = called_off.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        let before = notes(&city, called_off.id).await;

        // about access: everyone hears of it, and nobody is sent elsewhere
        correct(&city, Some("trees"), kept.id, |place| place.access = Access::of([Fact::Masks], None)).await.expect("corrected");
        let now = meeting(&city, same.id).await;
        assert_eq!((&now.access, now.sequence), (&Access::of([Fact::Masks], None), 0));
        assert!(now.updated.is_some() && notes(&city, same.id).await.is_empty());
        // the address: people are sent elsewhere
        correct(&city, Some("kitchen"), kept.id, |place| place.address = Some("700 Boylston".into())).await.expect("corrected");
        let now = meeting(&city, same.id).await;
        assert_eq!((now.address.as_deref(), now.sequence), (Some("700 Boylston"), 1));
        assert!(notes(&city, same.id).await[0].contains("700 Boylston"));
        let other = meeting(&city, own_door.id).await;
        assert_eq!((other.address.as_deref(), other.access.facts), (Some("Use the side door"), vec![Fact::Masks]));
        assert!(notes(&city, own_door.id).await.is_empty());
        assert_eq!(meeting(&city, called_off.id).await.address.as_deref(), Some("12 Atlantic Avenue"));
        assert_eq!(notes(&city, called_off.id).await, before);
        // a new name leads along
        correct(&city, None, kept.id, |place| place.name = "Copley library".into()).await.expect("corrected");
        assert_eq!(meeting(&city, same.id).await.place.as_deref(), Some("Copley library"));
        assert_eq!(meeting(&city, same.id).await.place_id, Some(kept.id));

        city.app.act(move |conn, _| series::places::remove(conn, Some("trees"), kept.id)).await.expect("removed");
        let now = meeting(&city, same.id).await;
        assert_eq!((now.place_id, now.address.as_deref()), (None, Some("700 Boylston")));
        let gone = correct(&city, None, kept.id, |place| place.address = None).await;
        assert!(matches!(gone, Err(plaza::error::Error::NotFound(_))), "{gone:?}");
    });
}

#[test]
fn the_place_of_a_group_that_waits_is_its_own_until_it_is_welcomed() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.waiting_group("newcomers").await;
        let hidden = keep(&city, place("newcomers", "The attic")).await;
        let open = keep(&city, place("kitchen", "The library")).await;
        let seen = |group: &'static str| {
            let app = city.app.clone();
            async move {
                let all = app.db.read(move |conn| Ok(places::store::usable_by(conn, group)?)).await.expect("reading");
                all.into_iter().map(|place| place.name).collect::<Vec<_>>()
            }
        };
        assert_eq!(
            (seen("kitchen").await, seen("newcomers").await),
            (vec!["The library".into()], vec!["The attic".into(), "The library".into()])
        );
        let at_attic = schedule(&city, "kitchen", |meeting| meeting.place = Some("The attic".into())).await.expect("scheduled");
        assert_eq!((at_attic.place_id, at_attic.address), (None, None));
        for (by, id) in [("kitchen", hidden.id), ("newcomers", open.id)] {
            let refused = correct(&city, Some(by), id, |place| place.address = None).await;
            assert!(refused.is_err(), "{by}");
        }
        let leads_away = Place { address: Some("see https://far.example/".into()), ..place("newcomers", "Far") };
        let refused = city.app.act(move |conn, here| places::actions::add(conn, here, &leads_away)).await;
        assert!(refused.is_err(), "until then it leads nobody away");
        let twice = Place { name: "the LIBRARY".into(), ..place("kitchen", "") };
        let refused = city.app.act(move |conn, here| places::actions::add(conn, here, &twice)).await;
        assert!(matches!(refused, Err(plaza::error::Error::Refused(_))), "{refused:?}");

        city.app.act(|conn, here| plaza::welcome::actions::welcome(conn, here, "newcomers")).await.expect("welcomed");
        assert_eq!(seen("kitchen").await, ["The attic", "The library"]);
        correct(&city, Some("kitchen"), hidden.id, |place| place.address = None).await.expect("corrected");
    });
}

#[test]
fn positions_are_as_exact_as_the_group_wants_from_then_on() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let at = Position { latitude: 42.353_412, longitude: -71.055_231 };
        let old = schedule(&city, "kitchen", |meeting| meeting.position = Some(at)).await.expect("scheduled");
        let table = [
            (Positions::Near, Some((42.353, -71.055))),
            (Positions::Around, Some((42.35, -71.06))),
            (Positions::None, None),
            (Positions::Exact, Some((42.353_412, -71.055_231))),
        ];
        for (positions, expected) in table {
            let chosen = move |group: &mut Group| group.habits.positions = positions;
            city.app.act(move |conn, here| groups::actions::edit(conn, here, "kitchen", &chosen)).await.expect("chosen");
            let new = schedule(&city, "kitchen", |meeting| {
                (meeting.place, meeting.position) = (Some("Here".into()), Some(at));
            });
            let id = new.await.expect("scheduled").id;
            let new = meeting(&city, id).await;
            assert_eq!(new.position.map(|at| (at.latitude, at.longitude)), expected, "{positions:?}");
            let document = city.document(&format!("/ap/events/{id}")).await.to_string();
            let calendar = city.get(&format!("/meetings/{id}.ics"), "*/*").await.text().await.expect("text");
            let exactly = positions == Positions::Exact;
            for said in [document, calendar, Phone::of(&city).page(&format!("/meetings/{id}")).await] {
                assert_eq!(said.contains("42.353412"), exactly, "{positions:?}: {said}");
            }
            // a place that is kept is no more exact than what its group publishes
            let kept = keep(&city, place("kitchen", &format!("Kept {positions:?}"))).await;
            assert_eq!(kept.position.map(|at| (at.latitude, at.longitude)), expected, "{positions:?}");
        }
        // what was published stays, whatever else changes
        change(&city, old.id, |meeting| meeting.title = "Other title".into()).await.expect("changed");
        assert_eq!(meeting(&city, old.id).await.position, Some(at));
    });
}

/// Words that stand nowhere but in the address that is hidden.
const HIDDEN: [&str; 5] = ["Seaverns", "secretroom", "42.310917", "71.113", "doorbell"];

async fn hide(city: &City) -> Meeting {
    let meeting = schedule(city, "kitchen", |meeting| {
        meeting.place = Some("Casa Seaverns".into());
        meeting.address = Some("77 Seaverns Avenue".into());
        meeting.position = Some(Position { latitude: 42.310_917, longitude: -71.113_3 });
        meeting.online = "https://meet.example/secretroom".parse().ok();
        meeting.access = Access::of([Fact::StepFree], Some("Second doorbell".into()));
        meeting.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 3 });
    });
    meeting.await.expect("scheduled")
}

/// Everywhere that somebody without an account, or another server, can look.
async fn whole_city(city: &City, id: Uuid) -> Vec<(String, String)> {
    let pages = [
        "/",
        "/groups",
        "/@kitchen",
        "/@plaza",
        "/meetings",
        "/meetings?month=2026-11",
        "/meetings?day=2026-11-28",
        "/announcements",
        "/meetings?place=seaverns",
        "/wall",
        "/poster/week",
        "/poster/week?from=2026-11-28",
        "/poster/@kitchen",
        "/embed/meetings",
        "/embed/@kitchen",
        "/today.txt",
        "/week.txt",
        "/week.txt?from=2026-11-28",
        "/meetings.atom",
        "/@kitchen.atom",
        "/announcements.atom",
        "/meetings.ics",
        "/@kitchen.ics",
        "/ap/groups/kitchen",
        "/ap/groups/kitchen/upcoming",
        "/ap/groups/kitchen/featured",
        "/ap/groups/kitchen/outbox?page=1",
        "/ap/groups/plaza/outbox?page=1",
        "/about/safety",
        "/tags/food",
    ];
    let mut paths: Vec<String> = pages.iter().map(|path| (*path).to_owned()).collect();
    for way in ["", "?lang=es", ".txt", ".ics", "/coming"] {
        paths.push(format!("/meetings/{id}{way}"));
    }
    paths.push(format!("/ap/events/{id}"));
    let mut seen = Vec::new();
    for path in paths {
        let accept = if path.starts_with("/ap/") { "application/activity+json" } else { "text/html" };
        let answer = city.get(&path, accept).await;
        let status = answer.status();
        assert!(status == StatusCode::OK || status == StatusCode::SEE_OTHER || path.contains("?from="), "{path}: {status}");
        let headers = format!("{:?}", answer.headers());
        // an address that somebody asked for is said again
        let text = answer.text().await.expect("a body").replace("seaverns", "");
        seen.push((path, format!("{headers} {text}")));
    }
    seen
}

/// What waits to be carried to others, and all that was said.
async fn said(city: &City) -> Vec<(String, String)> {
    use diesel::{QueryDsl, RunQueryDsl};
    use plaza::db::schema::{activities, announcements, meeting_terms, meetings};
    city.app
        .db
        .read(|conn| {
            let bodies: Vec<(String, String)> = activities::table.select((activities::kind, activities::body)).load(conn)?;
            let terms: Vec<(String, String)> =
                meeting_terms::table.select((meeting_terms::meeting, meeting_terms::term)).load(conn)?;
            let notes: Vec<(String, String)> =
                announcements::table.select((announcements::id, announcements::text)).load(conn)?;
            type Row = (Option<String>, Option<String>, Option<f64>, Option<String>, Option<String>);
            let columns = (meetings::place, meetings::address, meetings::latitude, meetings::online_url, meetings::access_line);
            let rows: Vec<Row> = meetings::table.select(columns).load(conn)?;
            let rows = rows.into_iter().map(|row| ("row".to_owned(), format!("{row:?}")));
            Ok(bodies.into_iter().chain(terms).chain(notes).chain(rows).collect())
        })
        .await
        .expect("reading")
}

fn nothing_of_it_in(all: &[(String, String)]) {
    for (what, text) in all {
        for word in HIDDEN {
            assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word} stands in {what}: {text}");
        }
    }
}

async fn all_of(city: &City, id: Uuid) -> Vec<(String, String)> {
    let mut all = whole_city(city, id).await;
    all.extend(said(city).await);
    all
}

#[test]
fn until_its_veil_lifts_a_meeting_shows_its_district_and_nothing_else() {
    on_each_database(|database| async move {
        let (here, there) = (City::start(database).await, City::start(database).await);
        plaza::plaza::actions::open(&here.app).await.expect("a plaza");
        here.group("kitchen").await;
        there.group("trees").await;
        there.hears("trees", &here, "kitchen").await;
        let hidden = hide(&here).await;
        assert_eq!((hidden.place.as_deref(), &hidden.address, hidden.position), (Some("Jamaica Plain"), &None, None));
        here.work().await;
        let all = all_of(&here, hidden.id).await;
        nothing_of_it_in(&all);
        let page = &all.iter().find(|(path, _)| *path == format!("/meetings/{}", hidden.id)).expect("its page").1;
        assert!(page.contains("Jamaica Plain") && page.contains("The address is shown 3 hours before it begins."), "{page}");
        assert!(page.contains("No steps on the way in"), "{page}");
        let heard = there.heard("trees").await;
        assert!(heard[0].content.contains("Jamaica Plain") && !heard[0].content.contains("Seaverns"), "{heard:?}");

        // changes happen under the veil, and are said where they can be seen
        let before = said(&here).await.len();
        change(&here, hidden.id, |meeting| meeting.address = Some("78 Seaverns Avenue".into())).await.expect("changed");
        assert_eq!(said(&here).await.len(), before, "nobody hears of what nobody sees");
        let later = hidden.starts + HOUR;
        change(&here, hidden.id, move |meeting| (meeting.starts, meeting.ends) = (later, later + 2 * HOUR)).await.expect("moved");
        assert_eq!(notes(&here, hidden.id).await.len(), 1);
        nothing_of_it_in(&all_of(&here, hidden.id).await);
        let known = change(&here, hidden.id, |meeting| meeting.veil = Some(Veil { district: "Roxbury".into(), hours: 2 })).await;
        assert_eq!(known.expect("changed").place.as_deref(), Some("Roxbury"));
        change(&here, hidden.id, |meeting| meeting.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 3 }))
            .await
            .expect("changed");

        let due = later - 3 * HOUR;
        for city in [&here, &there] {
            city.advance(due.since(city.clock.now()) - Duration::from_secs(1));
        }
        assert_eq!(meetings::actions::lift_what_is_due(&here.app).await.expect("looked"), 0);
        nothing_of_it_in(&all_of(&here, hidden.id).await);
        here.work().await;
        for city in [&here, &there] {
            city.advance(Duration::from_secs(1));
        }
        // two workers at once
        let (one, other) = futures_util::future::join(
            meetings::actions::lift_what_is_due(&here.app),
            meetings::actions::lift_what_is_due(&here.app),
        )
        .await;
        assert_eq!(one.expect("lifted") + other.expect("lifted"), 1);
        let shown = meeting(&here, hidden.id).await;
        assert_eq!((shown.place.as_deref(), shown.address.as_deref()), (Some("Casa Seaverns"), Some("78 Seaverns Avenue")));
        assert_eq!((shown.access.line.as_deref(), &shown.veil), (Some("Second doorbell"), &None));
        assert!(shown.position.is_some() && shown.online.is_some());
        let said = notes(&here, hidden.id).await;
        assert_eq!(said.len(), 3, "two when it was moved, and this one: {said:?}");
        assert!(
            said[0].contains("This is where Weekly meeting takes place: ") && said[0].contains("78 Seaverns Avenue"),
            "{said:?}"
        );
        assert_eq!(here.work().await, 2, "an Update and a Note, once");
        let heard = there.heard("trees").await;
        assert!(heard.iter().any(|it| it.kind == "Event" && it.content.contains("78 Seaverns Avenue")), "{heard:?}");
        let page = Phone::of(&here).page(&format!("/meetings/{}", hidden.id)).await;
        assert!(page.contains("78 Seaverns Avenue") && !page.contains("The address is shown"), "{page}");
        assert_eq!(under_veils(&here).await, 0);
        assert_eq!(meetings::actions::lift_what_is_due(&here.app).await.expect("looked"), 0);
    });
}

async fn under_veils(city: &City) -> i64 {
    use diesel::{QueryDsl, RunQueryDsl};
    city.app.db.read(|conn| Ok(plaza::db::schema::veiled::table.count().get_result(conn)?)).await.expect("counted")
}

#[test]
fn what_a_cancelled_meeting_hid_is_never_shown() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        city.group("kitchen").await;
        let hidden = hide(&city).await;
        let id = hidden.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        assert_eq!(under_veils(&city).await, 0);
        city.advance(hidden.starts.since(START) - HOUR);
        assert_eq!(meetings::actions::lift_what_is_due(&city.app).await.expect("looked"), 0);
        nothing_of_it_in(&all_of(&city, id).await);
        assert!(!Phone::of(&city).page(&format!("/meetings/{id}")).await.contains("The address is shown"));

        // nobody lifted it in time: it goes with the meeting
        let late = schedule(&city, "kitchen", |meeting| {
            meeting.starts = START + 200 * HOUR;
            meeting.ends = START + 202 * HOUR;
            meeting.address = Some("77 Seaverns Avenue".into());
            meeting.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 1 });
        });
        let late = late.await.expect("scheduled");
        city.advance(late.ends.since(city.clock.now()) + HOUR);
        assert_eq!(under_veils(&city).await, 1);
        assert_eq!(meetings::actions::lift_what_is_due(&city.app).await.expect("looked"), 0);
        assert_eq!(under_veils(&city).await, 0);
        nothing_of_it_in(&said(&city).await);
    });
}

#[test]
fn a_veil_hides_something_that_is_not_known_yet() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let veil = |district: &str, hours| Some(Veil { district: district.into(), hours });
        for (wrong, address) in [
            (veil("", 3), "77 Seaverns"),
            (veil("Jamaica Plain", 0), "77 Seaverns"),
            (veil("Jamaica Plain", 169), "77 Seaverns"),
            (veil("Jamaica Plain", 3), ""),
        ] {
            let refused = schedule(&city, "kitchen", |meeting| {
                meeting.veil.clone_from(&wrong);
                meeting.address = plaza::text::typed(address);
            });
            assert!(matches!(refused.await, Err(plaza::error::Error::Refused(_))), "{wrong:?}");
        }
        let open = schedule(&city, "kitchen", |meeting| meeting.address = Some("1 Open Street".into())).await.expect("scheduled");
        let refused = change(&city, open.id, move |meeting| meeting.veil = veil("Jamaica Plain", 3)).await;
        assert!(refused.is_err(), "others have it");
        let moved = change(&city, open.id, move |meeting| {
            meeting.address = Some("77 Seaverns Avenue".into());
            meeting.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 3 });
        });
        assert_eq!(moved.await.expect("moved").place.as_deref(), Some("Jamaica Plain"));
        nothing_of_it_in(&said(&city).await);
        // so near that it would lift at once
        let soon = change(&city, open.id, |meeting| (meeting.starts, meeting.ends) = (START + HOUR, START + 2 * HOUR))
            .await
            .expect("moved");
        assert_eq!((soon.address.as_deref(), soon.veil), (Some("77 Seaverns Avenue"), None));
        assert_eq!(notes(&city, open.id).await.len(), 2);
    });
}

#[test]
fn the_desk_offers_places_keeps_new_ones_and_knows_what_a_veil_hides() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        assert!(ana.page("/ours/@kitchen/places").await.contains("No place is kept yet."));
        let fields = [
            ("name", "The library"),
            ("address", "700 Boylston"),
            ("access", "step-free"),
            ("access", "masks"),
            ("access-line", "Ring twice"),
            ("geo", "42.35,-71.07"),
        ];
        let refused = ana.send("/ours/@kitchen/places/new", &[("name", "x"), ("geo", "here")]).await;
        assert_eq!(refused.status(), 422);
        assert_eq!(ana.send("/ours/@kitchen/places/new", &[("name", "Den"), ("access", "lava")]).await.status(), 422);
        assert_eq!(ana.send("/ours/@kitchen/places/new", &fields).await.status(), 303);
        let again = ana.send("/ours/@kitchen/places/new", &[("name", "THE LIBRARY")]).await;
        assert_eq!(again.status(), 422);
        assert!(again.text().await.unwrap().contains("THE LIBRARY is kept already"));
        let list = ana.page("/ours/@kitchen/places").await;
        assert!(
            list.contains("700 Boylston") && list.contains("everybody wears a mask") && list.contains("Ring twice"),
            "{list}"
        );
        let kept = city.app.db.read(|conn| Ok(places::store::list(conn)?)).await.unwrap().remove(0);

        // chosen, then looked at
        let form = ana.page("/ours/@kitchen/meetings/new").await;
        assert!(form.contains("<datalist id=\"places\">") && form.contains(&format!("<option value=\"{}\">", kept.id)), "{form}");
        let when = [
            ("title", "Assembly"),
            ("kind", "assembly"),
            ("day", "2026-11-30"),
            ("from", "18:00"),
            ("until", "20:00"),
            ("zone", "America/New_York"),
            ("language", "en"),
        ];
        let known = kept.id.to_string();
        let answer =
            ana.send("/ours/@kitchen/meetings/new", &[&when[..], &[("known", known.as_str()), ("do", "preview")]].concat()).await;
        let draft = answer.headers()["location"].to_str().unwrap().trim_end_matches("#preview").to_owned();
        let page = ana.page(&draft).await;
        for filled in [
            "value=\"The library\"",
            "value=\"700 Boylston\"",
            "value=\"42.35,-71.07\"",
            "value=\"Ring twice\"",
            "value=\"step-free\" checked",
        ] {
            assert!(page.contains(filled), "{filled}: {page}");
        }
        // typed otherwise: the door, and no masks this time
        let with =
            [("place", "The library"), ("address", "the side door"), ("access", "step-free"), ("revision", "1"), ("do", "next")];
        let answer = ana.send(&draft, &[&when[..], &with].concat()).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        assert_eq!(ana.send(&format!("{draft}/send"), &[("revision", "2")]).await.status(), 303);
        let mut planned = city.app.db.read(|conn| Ok(meetings::store::of_group(conn, "kitchen", 9)?)).await.unwrap();
        let held = planned.remove(0);
        assert_eq!((held.place_id, held.address.as_deref()), (Some(kept.id), Some("the side door")));
        assert_eq!(held.access, Access::of([Fact::StepFree], None));

        // a new one, remembered; not when it is hidden
        let new =
            [("place", "Den"), ("address", "5 Main Street"), ("remember", "true"), ("district", "Dorchester"), ("do", "next")];
        let answer = ana.send("/ours/@kitchen/meetings/new", &[&when[..], &new].concat()).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains("A place that you hide is not kept"), "{page}");
        let drafts = city.app.db.read(|conn| Ok(plaza::desk::store::of_group(conn, "kitchen")?)).await.unwrap();
        let draft = format!("/ours/@kitchen/drafts/{}", drafts[0].id);
        let new = [("place", "Den"), ("address", "5 Main Street"), ("remember", "true"), ("revision", "1"), ("do", "next")];
        assert_eq!(ana.send(&draft, &[&when[..], &new].concat()).await.status(), 303);
        assert_eq!(ana.send(&format!("{draft}/send"), &[("revision", "2")]).await.status(), 303);
        let all = city.app.db.read(|conn| Ok(places::store::list(conn)?)).await.unwrap();
        assert_eq!(all.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["Den", "The library"]);

        // under a veil the desk knows more than everybody
        let hidden = hide(&city).await;
        let form = ana.page(&format!("/ours/@kitchen/meetings/{}/edit", hidden.id)).await;
        assert!(
            form.contains("77 Seaverns Avenue") && form.contains("value=\"Jamaica Plain\"") && form.contains("value=\"3\""),
            "{form}"
        );

        // corrected and removed
        let path = format!("/ours/@kitchen/places/{}", kept.id);
        assert_eq!(ana.send(&path, &[("name", "The library"), ("address", "1 New Street")]).await.status(), 303);
        assert_eq!(ana.send(&format!("{path}/remove"), &[]).await.status(), 422);
        assert_eq!(ana.send(&format!("{path}/remove"), &[("sure", "true")]).await.status(), 303);
        assert_eq!(ana.get(&path).await.status(), 404);
    });
}

#[test]
fn the_command_line_keeps_places_and_hides_meetings() {
    on_each_database(|database| async move {
        if database == "postgres" {
            return;
        }
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut terminal = Terminal::new();
        terminal.settings = vec![("PLAZA_DATA_DIR".into(), city.app.config.data_dir.display().to_string())];
        let json = |words: &[&str]| -> serde_json::Value {
            let output = terminal.type_(&[words, &["--json"]].concat());
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).expect("JSON")
        };
        let place = json(&[
            "place",
            "add",
            "kitchen",
            "--name",
            "The library",
            "--address",
            "700 Boylston",
            "--access",
            "step-free",
            "--access",
            "masks",
        ]);
        let id = place["id"].as_str().expect("an id").to_owned();
        assert_eq!(place["access"], serde_json::json!(["step-free", "masks"]));
        json(&["place", "edit", &id, "--access-line", "Ring twice", "--geo", "42.35,-71.07"]);
        assert_eq!(json(&["place", "list", "kitchen"])[0]["access_line"], "Ring twice");
        assert_eq!(json(&["place", "show", &id])["geo"], serde_json::json!([42.35, -71.07]));
        let wrong = terminal.type_(&["place", "edit", &id, "--access", "lava"]);
        assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");

        json(&["group", "edit", "kitchen", "--positions", "1km", "--remind-hours", "6"]);
        let group = json(&["group", "show", "kitchen"]);
        assert_eq!((&group["positions"], &group["remind_hours"]), (&"1km".into(), &6.into()));
        let wrong = terminal.type_(&["group", "edit", "kitchen", "--positions", "mile"]);
        assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");

        let meeting = json(&[
            "meeting",
            "schedule",
            "kitchen",
            "--title",
            "Assembly",
            "--starts",
            "2027-11-30T18:00",
            "--place",
            "the library",
            "--district",
            "Back Bay",
            "--lift-hours",
            "5",
        ]);
        assert_eq!(
            (&meeting["place"], &meeting["address"], &meeting["lift_hours"]),
            (&"Back Bay".into(), &serde_json::Value::Null, &5.into())
        );
        let id = meeting["id"].as_str().expect("an id").to_owned();
        assert_eq!(json(&["meeting", "show", &id])["veiled"]["address"], "700 Boylston");
        let open = json(&["meeting", "edit", &id, "--district", ""]);
        assert_eq!((&open["place"], &open["access_line"]), (&"The library".into(), &"Ring twice".into()));
    });
}

#[test]
fn the_worker_lifts_veils_by_itself() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let hidden = hide(&city).await;
        city.advance(hidden.starts.since(START) - 2 * HOUR);
        let worker = worker::Worker::start(&city.app).expect("a worker");
        let other = worker::Worker::start(&city.app).expect("another");
        let begun = std::time::Instant::now();
        while meeting(&city, hidden.id).await.veil.is_some() {
            assert!(begun.elapsed() < Duration::from_secs(30), "never lifted");
            actix_web::rt::task::yield_now().await;
        }
        worker.stop().await;
        other.stop().await;
        assert_eq!(meeting(&city, hidden.id).await.address.as_deref(), Some("77 Seaverns Avenue"));
        assert_eq!(notes(&city, hidden.id).await.len(), 1);
    });
}

/// Every week at that time, as `change` wants it.
async fn begin(city: &City, change: impl Fn(&mut Meeting)) -> Uuid {
    let here = city.app.here();
    let starts = START + Duration::from_secs(4 * 24 * 3_600);
    let mut pattern = Meeting {
        title: "Weekly meeting".into(),
        starts,
        ends: starts + 2 * HOUR,
        zone: chrono_tz::Tz::America__New_York,
        language: "en".into(),
        ..Meeting::blank(here.new_id(), "kitchen", here.now)
    };
    change(&mut pattern);
    let clock = pattern.local_start().naive_local();
    let rule = series::rule::Rule::parse("FREQ=WEEKLY;COUNT=20", clock, pattern.zone).expect("a rule");
    let new = series::series::Series::new(pattern, clock, rule, Default::default(), here.now);
    let id = new.id;
    city.app.act(move |conn, here| series::actions::begin(conn, here, &new)).await.expect("begun");
    id
}

async fn of_series(city: &City, id: Uuid) -> Vec<Meeting> {
    city.app.db.read(move |conn| Ok(meetings::store::of_series(conn, id)?)).await.expect("reading")
}

#[test]
fn all_meetings_of_a_series_lie_under_its_veil_each_until_its_own_hour() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        plaza::plaza::actions::open(&city.app).await.expect("a plaza");
        city.group("kitchen").await;
        let id = begin(&city, |pattern| {
            pattern.place = Some("Casa Seaverns".into());
            pattern.address = Some("77 Seaverns Avenue".into());
            pattern.access = Access::of([Fact::StepFree], Some("Second doorbell".into()));
            pattern.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 3 });
        })
        .await;
        let all = of_series(&city, id).await;
        assert_eq!((all.len(), under_veils(&city).await), (20, 21));
        assert!(all.iter().all(|it| it.place.as_deref() == Some("Jamaica Plain") && it.address.is_none()), "{all:?}");
        nothing_of_it_in(&all_of(&city, all[0].id).await);
        let row = city.app.db.read(move |conn| Ok(series::store::by_id(conn, id)?)).await.expect("reading").expect("a series");
        assert_eq!((row.pattern.place.as_deref(), &row.pattern.address), (Some("Jamaica Plain"), &None));

        // changed under the veil: each of them follows, and nobody sees it
        let rename = |series: &mut series::series::Series| {
            series.pattern.title = "Soup".into();
            series.pattern.address = Some("78 Seaverns Avenue".into());
            Ok(())
        };
        city.app.act(move |conn, here| series::actions::change(conn, here, id, None, &rename)).await.expect("changed");
        nothing_of_it_in(&all_of(&city, all[0].id).await);
        city.advance(all[0].starts.since(START) - 3 * HOUR);
        assert_eq!(meetings::actions::lift_what_is_due(&city.app).await.expect("lifted"), 1);
        let now = of_series(&city, id).await;
        assert_eq!((now[0].address.as_deref(), now[0].title.as_str()), (Some("78 Seaverns Avenue"), "Soup"));
        assert_eq!((now[1].address.as_deref(), now[1].place.as_deref()), (None, Some("Jamaica Plain")));
        assert_eq!((now[0].veil.is_none(), now[1].veil.is_some(), under_veils(&city).await), (true, true, 20));
        // what was shown stays shown when the series changes
        let again = |series: &mut series::series::Series| {
            series.pattern.title = "Bread".into();
            Ok(())
        };
        city.app.act(move |conn, here| series::actions::change(conn, here, id, None, &again)).await.expect("changed");
        let now = of_series(&city, id).await;
        assert_eq!((now[0].address.as_deref(), now[0].title.as_str()), (Some("78 Seaverns Avenue"), "Bread"));
        assert_eq!((now[1].address.as_deref(), now[1].title.as_str()), (None, "Bread"));
        city.app.act(move |conn, here| series::actions::end(conn, here, id, None)).await.expect("ended");
        city.advance(3 * HOUR);
        meetings::actions::lift_what_is_due(&city.app).await.expect("looked");
        assert_eq!(under_veils(&city).await, 0, "what will not be is forgotten");
        let short = begin(&city, |pattern| {
            pattern.starts = city.clock.now() + 24 * HOUR;
            pattern.ends = city.clock.now() + 25 * HOUR;
            pattern.address = Some("77 Seaverns Avenue".into());
            pattern.veil = Some(Veil { district: "Jamaica Plain".into(), hours: 1 });
        })
        .await;
        city.advance(140 * 24 * HOUR);
        worker::forget_once(&city.app).await.expect("forgotten");
        meetings::actions::lift_what_is_due(&city.app).await.expect("looked");
        assert_eq!((of_series(&city, short).await.len(), under_veils(&city).await), (20, 0));
    });
}

#[test]
fn series_take_places_over_and_follow_when_they_are_corrected() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let kept = keep(&city, place("kitchen", "The library")).await;
        let id = begin(&city, |pattern| pattern.place = Some("the LIBRARY".into())).await;
        let all = of_series(&city, id).await;
        assert!(
            all.iter().all(|it| it.address.as_deref() == Some("12 Atlantic Avenue") && it.place_id == Some(kept.id)),
            "{all:?}"
        );
        assert!(all.iter().all(|it| it.access.has(Fact::StepFree)), "{all:?}");
        let other_door = all[1].id;
        change(&city, other_door, |meeting| meeting.address = Some("The side door".into())).await.expect("changed");
        correct(&city, Some("kitchen"), kept.id, |place| place.address = Some("700 Boylston".into())).await.expect("corrected");
        let all = of_series(&city, id).await;
        let addresses: Vec<&str> = all.iter().filter_map(|it| it.address.as_deref()).take(3).collect();
        assert_eq!(addresses, ["700 Boylston", "The side door", "700 Boylston"]);
        assert_eq!((notes(&city, all[0].id).await.len(), notes(&city, all[9].id).await.len()), (1, 0), "who heard of it is told");
        let row = city.app.db.read(move |conn| Ok(series::store::by_id(conn, id)?)).await.expect("reading").expect("a series");
        assert_eq!(row.pattern.address.as_deref(), Some("700 Boylston"));
    });
}

#[test]
fn a_group_that_nobody_welcomed_fills_no_shelf_but_its_own() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.waiting_group("troll").await;
        let flood = move |conn: &mut plaza::db::Conn| {
            for number in 0..places::place::MOST {
                let name = format!("Nowhere {number}");
                places::store::add(conn, &Place { id: Uuid::new_v4(), ..place("troll", &name) })?;
            }
            Ok(())
        };
        city.app.db.write(flood).await.expect("a thousand");
        keep(&city, place("kitchen", "The tent")).await;
    });
}

//! Saying whether one comes, without an account: counted in steps, never named, erased soon after.

use std::time::Duration;

use plaza::{
    coming::{
        actions::{self, Care},
        answer::{Answer, UNNOTICED, WAITING},
    },
    meetings::{
        self,
        meeting::{Kind, Meeting},
    },
    members::token::Token,
    worker,
};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn address(meeting: &Meeting) -> String {
    format!("/meetings/{}", meeting.id)
}

/// Somebody says so; gives the address of their answer.
async fn say(city: &City, meeting: &Meeting, answer: &str) -> String {
    let answered = Phone::of(city).send(&format!("{}/coming", address(meeting)), &[("answer", answer)]).await;
    assert_eq!(answered.status(), 303, "{}", answered.text().await.unwrap());
    answered.headers()["location"].to_str().unwrap().to_owned()
}

async fn page(city: &City, meeting: &Meeting) -> String {
    Phone::of(city).page(&address(meeting)).await
}

/// All that the database holds of answers.
async fn rows(city: &City) -> Vec<(String, String)> {
    use diesel::{QueryDsl, RunQueryDsl};
    use plaza::db::schema::answers;
    city.app.db.read(|conn| Ok(answers::table.select((answers::fingerprint, answers::answer)).load(conn)?)).await.unwrap()
}

async fn care(city: &City, meeting: &Meeting, care: Care) {
    let (group, id) = (meeting.group.clone(), meeting.id);
    city.app.act(move |conn, here| plaza::coming::actions::care(conn, here, &group, id, care)).await.unwrap();
}

#[test]
fn whoever_comes_says_so_with_one_tap_and_is_counted_in_steps() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        assert!(page(&city, &meeting).await.contains("So far, fewer than 5 people have said that they are coming."));
        for _ in 0..4 {
            say(&city, &meeting, "coming").await;
        }
        assert!(
            page(&city, &meeting).await.contains("So far, fewer than 5 people have said that they are coming."),
            "4 look like 0"
        );
        say(&city, &meeting, "coming").await;
        say(&city, &meeting, "no").await;
        for _ in 0..11 {
            say(&city, &meeting, "maybe").await;
        }
        let shown = page(&city, &meeting).await;
        assert!(shown.contains("5 to 9 people have said that they are coming."), "{shown}");
        assert!(shown.contains("10 to 19 may come."), "{shown}");
        let spanish = Phone::of(&city).page(&format!("{}?lang=es", address(&meeting))).await;
        assert!(spanish.contains("De 5 a 9 personas han dicho que vienen."), "{spanish}");
    });
}

#[test]
fn an_answer_is_changed_with_its_own_address_and_no_other() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (meeting, other) = (city.meeting("kitchen", "Soup").await, city.meeting("kitchen", "Bread").await);
        let mut links = Vec::new();
        for _ in 0..5 {
            links.push(say(&city, &meeting, "coming").await);
        }
        say(&city, &other, "coming").await;
        let mut ana = Phone::of(&city);
        let mine = &links[0];
        let shown = ana.get(mine).await;
        assert_eq!(shown.status(), 200);
        assert_eq!(shown.headers()["cache-control"], "no-store");
        assert!(shown.headers().get("set-cookie").is_none());
        let shown = shown.text().await.unwrap();
        assert!(shown.contains("You are coming") && shown.contains("noindex"), "{shown}");
        let secret = mine.rsplit('/').next().unwrap();
        assert_eq!(shown.matches(secret).count(), 1, "it stands where it is changed, and in no link to elsewhere");
        // sent twice is said once
        for _ in 0..2 {
            let changed = ana.send(mine, &[("answer", "no")]).await;
            assert_eq!((changed.status().as_u16(), changed.headers()["location"].to_str().unwrap()), (303, mine.as_str()));
        }
        assert!(ana.page(mine).await.contains("You can&#39;t come") || ana.page(mine).await.contains("You can't come"));
        assert!(page(&city, &meeting).await.contains("fewer than 5 people"));
        ana.send(mine, &[("answer", "coming")]).await;
        assert!(page(&city, &meeting).await.contains("5 to 9 people"));

        let wrong = [
            format!("{}/coming/{}", address(&meeting), "A".repeat(43)),
            format!("{}/coming/x", address(&meeting)),
            format!("{}/coming/{}", address(&meeting), secret.to_lowercase()),
            format!("{}/coming/{secret}", address(&other)),
            format!("/meetings/01890000-0000-7000-8000-000000000000/coming/{secret}"),
        ];
        let before = rows(&city).await;
        for address in &wrong {
            assert_eq!(ana.get(address).await.status(), 404, "{address}");
            assert_eq!(ana.send(address, &[("answer", "no")]).await.status(), 404, "{address}");
        }
        for answer in ["", "yes", "COMING"] {
            assert_eq!(ana.send(mine, &[("answer", answer)]).await.status(), 422, "{answer}");
            assert_eq!(ana.send(&format!("{}/coming", address(&meeting)), &[("answer", answer)]).await.status(), 422, "{answer}");
        }
        assert_eq!(rows(&city).await.len(), before.len());
        // the language that was chosen stays
        let spanish = ana.send(&format!("{}/coming?lang=es", address(&meeting)), &[("answer", "maybe")]).await;
        let to = spanish.headers()["location"].to_str().unwrap().to_owned();
        assert!(to.ends_with("?lang=es") && ana.page(&to).await.contains("Quizá vengas"), "{to}");
        assert_eq!(ana.send(&to, &[("answer", "no")]).await.headers()["location"].to_str().unwrap(), to);
    });
}

#[test]
fn a_hundred_telephones_say_so_within_a_minute_and_none_is_refused() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let coming = (0..100).map(|_| say(&city, &meeting, "coming"));
        let reading = (0..300).map(|_| page(&city, &meeting));
        let (links, _) =
            futures_util::future::join(futures_util::future::join_all(coming), futures_util::future::join_all(reading)).await;
        let mut different = links.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 100, "everybody has an address of their own");
        assert!(page(&city, &meeting).await.contains("100 to 199 people"));
        // everybody changes their mind at once
        let changed = links.iter().map(|link| {
            let mut phone = Phone::of(&city);
            async move { phone.send(link, &[("answer", "no")]).await.status() }
        });
        assert!(futures_util::future::join_all(changed).await.iter().all(|status| *status == 303));
        assert!(page(&city, &meeting).await.contains("fewer than 5 people"));
    });
}

#[test]
fn a_flood_of_answers_waits_for_the_group_and_changes_nothing_that_people_see() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let honest = say(&city, &meeting, "coming").await;
        for _ in 0..5 {
            say(&city, &meeting, "coming").await;
        }
        city.advance(2 * HOUR);
        for _ in 0..201 {
            say(&city, &meeting, "coming").await;
        }
        assert!(page(&city, &meeting).await.contains("5 to 9 people"), "nothing public");
        city.advance(2 * HOUR);
        say(&city, &meeting, "coming").await;
        assert!(page(&city, &meeting).await.contains("5 to 9 people"), "nor when the hour is over");

        let desk = format!("/ours/@kitchen/coming/{}", meeting.id);
        let shown = ana.page(&desk).await;
        assert!(shown.contains("200 to 499 answers wait."), "{shown}");
        // no more exactly wherever it is said that they wait
        let desk_says = "200 to 499 answers to meetings are held, because many came at once.";
        assert!(ana.page("/ours/@kitchen").await.contains(desk_says));
        let waits = ana.page("/ours/@kitchen/waiting").await;
        assert!(waits.contains("200 to 499 answers wait.") && !waits.contains("201"), "{waits}");
        let feed = ana.send("/ours/notices/feed", &[]).await.text().await.unwrap();
        let key = feed.split_once("/ours/notices.atom?key=").expect("an address").1.split('"').next().unwrap();
        let feed = ana.page(&format!("/ours/notices.atom?key={key}")).await;
        assert!(feed.contains(desk_says) && !feed.contains("201"), "{feed}");
        assert_eq!(ana.send(&desk, &[("care", "throw-away")]).await.status(), 303);
        assert_eq!(rows(&city).await.len(), 7);
        assert!(!ana.page(&desk).await.contains("answers wait"));
        assert_eq!(Phone::of(&city).get(&honest).await.status(), 200, "who said so before still has");

        // a large assembly is let in
        for _ in 0..=UNNOTICED {
            say(&city, &meeting, "maybe").await;
        }
        assert!(!page(&city, &meeting).await.contains("may come"));
        ana.send(&desk, &[("care", "let-in")]).await;
        assert!(page(&city, &meeting).await.contains("100 to 199 may come."));

        ana.send(&desk, &[("care", "start-again")]).await;
        assert_eq!(rows(&city).await.len(), 0);
        assert_eq!(Phone::of(&city).get(&honest).await.status(), 404);
        say(&city, &meeting, "coming").await;
        assert_eq!(rows(&city).await.len(), 1, "it can be said again");
    });
}

#[test]
fn only_the_group_that_meets_cares_about_its_answers() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let mut ben = city.organizer("ben", "trees").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        say(&city, &meeting, "coming").await;
        for (group, status) in [("kitchen", 403), ("trees", 404)] {
            let desk = format!("/ours/@{group}/coming/{}", meeting.id);
            assert_eq!(ben.get(&desk).await.status(), status, "{group}");
            for care in ["start-again", "stop", "throw-away", "let-in", "ask"] {
                assert_eq!(ben.send(&desk, &[("care", care)]).await.status(), status, "{group} {care}");
            }
        }
        assert_eq!(rows(&city).await.len(), 1);
    });
}

#[test]
fn nobody_is_asked_about_actions_unless_the_group_wants_it() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "March").await;
        let id = meeting.id;
        let into_action = move |meeting: &mut Meeting| {
            meeting.kind = Kind::Action;
            Ok(())
        };
        city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &into_action)).await.unwrap();
        assert!(!page(&city, &meeting).await.contains("/coming"), "not asked");
        let refused = Phone::of(&city).send(&format!("{}/coming", address(&meeting)), &[("answer", "coming")]).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("nobody is asked whether they come"));
        care(&city, &meeting, Care::Ask).await;
        let link = say(&city, &meeting, "coming").await;
        care(&city, &meeting, Care::Stop).await;
        assert_eq!(rows(&city).await, [], "erased");
        assert_eq!(Phone::of(&city).get(&link).await.status(), 404);
        assert!(!page(&city, &meeting).await.contains("/coming"));
    });
}

#[test]
fn what_is_over_or_called_off_is_refused_kindly() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (meeting, called_off) = (city.meeting("kitchen", "Soup").await, city.meeting("kitchen", "Bread").await);
        let link = say(&city, &meeting, "coming").await;
        let other = say(&city, &called_off, "coming").await;
        let id = called_off.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.unwrap();
        for path in [format!("{}/coming", address(&called_off)), other.clone()] {
            let refused = Phone::of(&city).send(&path, &[("answer", "no")]).await;
            assert_eq!(refused.status(), 422);
            assert!(refused.text().await.unwrap().contains("This meeting is cancelled"), "{path}");
        }
        assert!(!page(&city, &called_off).await.contains("/coming\""));
        city.advance(8 * DAY);
        for path in [format!("{}/coming?lang=es", address(&meeting)), format!("{link}?lang=es")] {
            let refused = Phone::of(&city).send(&path, &[("answer", "no")]).await;
            assert_eq!(refused.status(), 422);
            assert!(refused.text().await.unwrap().contains("Esta reunión ya pasó"), "{path}");
        }
        assert!(!page(&city, &meeting).await.contains("/coming\""));
    });
}

#[test]
fn an_hour_after_the_meeting_nothing_is_left_but_a_step() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let mut links = Vec::new();
        for _ in 0..12 {
            links.push(say(&city, &meeting, "coming").await);
        }
        let prints = rows(&city).await;
        let key = key(&city, &meeting).await.expect("a key");
        let secrets: Vec<&str> = links.iter().map(|link| link.rsplit('/').next().unwrap()).collect();
        for secret in &secrets {
            assert!(prints.iter().all(|(print, _)| print != secret), "the address itself is not kept");
            assert!(!on_disk(&city, secret), "nor anywhere else");
        }
        if database == "sqlite" {
            assert!(on_disk(&city, &prints[0].0) && on_disk(&city, &key), "this test can see what is kept");
        }
        city.advance(meeting.ends.since(city.clock.now()) + HOUR - Duration::from_secs(1));
        assert_eq!(worker::forget_who_came_once(&city.app).await.unwrap(), 0, "not yet");
        assert_eq!(Phone::of(&city).get(&links[0]).await.status(), 200);
        city.advance(Duration::from_secs(1));
        assert_eq!(worker::forget_who_came_once(&city.app).await.unwrap(), 1);
        assert_eq!(worker::forget_who_came_once(&city.app).await.unwrap(), 0);
        assert_eq!(rows(&city).await, []);
        assert_eq!(self::key(&city, &meeting).await, None);
        for (print, _) in &prints {
            assert!(!on_disk(&city, print), "a fingerprint is left");
        }
        assert!(!on_disk(&city, &key), "the key is left");
        assert!(page(&city, &meeting).await.contains("10 to 19 people said that they were coming."));
        assert_eq!(Phone::of(&city).get(&links[0]).await.status(), 404);
    });
}

#[test]
fn nobody_learns_from_the_rows_who_came_first() {
    on_each_database(|database| async move {
        use diesel::{QueryDsl, RunQueryDsl};
        use plaza::db::schema::{answers, coming};
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        city.advance(Duration::from_secs(17 * 60 + 23));
        for _ in 0..8 {
            say(&city, &meeting, "coming").await;
            city.advance(Duration::from_secs(61));
        }
        let states: Vec<String> = city.app.db.read(|conn| Ok(answers::table.select(answers::state).load(conn)?)).await.unwrap();
        assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
        let hours: Vec<Option<i64>> = city.app.db.read(|conn| Ok(coming::table.select(coming::hour).load(conn)?)).await.unwrap();
        assert!(hours.iter().flatten().all(|hour| hour % 3_600_000_000 == 0), "{hours:?}");
        if database == "sqlite" {
            // kept in the order of what is random
            let prints: Vec<String> = rows(&city).await.into_iter().map(|(print, _)| print).collect();
            assert!(prints.is_sorted());
        }
    });
}

#[test]
fn whoever_fills_it_shuts_out_nobody() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        say(&city, &meeting, "coming").await;
        let id = meeting.id;
        let flood = move |conn: &mut plaza::db::Conn| {
            for number in 1..WAITING {
                plaza::coming::store::add(conn, id, &format!("a troll {number:05}"), Answer::Coming)?;
            }
            Ok(())
        };
        city.app.db.write(flood).await.unwrap();
        let link = say(&city, &meeting, "coming").await;
        assert!(Phone::of(&city).page(&link).await.contains("You are coming"), "it is there");
        assert_eq!(i64::try_from(rows(&city).await.len()).unwrap(), WAITING, "one of those that wait made room");
        let mut ana = city.member("ana").await;
        let mine = format!("/me/coming/{}", meeting.id);
        assert_eq!(ana.send(&mine, &[("answer", "coming")]).await.status(), 303, "nor whoever has an account");
        assert!(ana.page(&mine).await.contains("You are coming"));
        assert_eq!(i64::try_from(rows(&city).await.len()).unwrap(), WAITING, "for them, too");
    });
}

#[test]
fn two_processes_count_together() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let beside = plaza::app::App::open(city.app.config.clone(), city.clock.clone()).await.unwrap();
        let answers = (0..60).map(|number| {
            let app = if number % 2 == 0 { city.app.clone() } else { beside.clone() };
            let (id, token) = (meeting.id, Token::new().unwrap());
            async move {
                let (here, secret, mine) = (app.here(), app.secret.clone(), token.clone());
                let said =
                    move |conn: &mut plaza::db::Conn| actions::say(conn, &here, &secret, id, (&mine, false), Answer::Coming);
                app.db.write(said).await.map(|()| token)
            }
        });
        let tokens: Vec<Token> = futures_util::future::try_join_all(answers).await.unwrap();
        assert!(page(&city, &meeting).await.contains("50 to 99 people"));
        let (id, secret) = (meeting.id, city.app.secret.clone());
        for token in tokens {
            let secret = secret.clone();
            let (_, answer) = beside.db.read(move |conn| actions::look(conn, &secret, id, &token)).await.unwrap();
            assert_eq!(answer, Answer::Coming, "all were made with one key");
        }
        city.advance(30 * DAY);
        let (one, other) =
            futures_util::future::join(worker::forget_who_came_once(&city.app), worker::forget_who_came_once(&beside)).await;
        assert_eq!(one.unwrap() + other.unwrap(), 1, "erased once");
        assert!(page(&city, &meeting).await.contains("50 to 99 people said that they were coming."));
    });
}

/// As it is kept: wrapped.
async fn key(city: &City, meeting: &Meeting) -> Option<String> {
    let id = meeting.id;
    city.app.db.read(move |conn| Ok(plaza::coming::store::kept(conn, id)?)).await.unwrap().and_then(|kept| kept.key)
}

/// Does any file of the city hold this? PostgreSQL keeps its files to itself.
pub fn on_disk(city: &City, what: &str) -> bool {
    fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }
    let all = files(&city.app.config.data_dir);
    assert!(!all.is_empty(), "the city has files");
    all.iter().any(|file| {
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    })
}

#[test]
fn whoever_said_so_reads_where_they_said_it_that_the_meeting_was_moved() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let meeting = city.meeting("kitchen", "Soup").await;
        let mine = say(&city, &meeting, "coming").await;
        assert!(!Phone::of(&city).page(&mine).await.contains("was moved"));
        let (id, before) = (meeting.id, meeting.starts);
        let later = move |meeting: &mut Meeting| {
            (meeting.starts, meeting.ends) = (meeting.starts + HOUR, meeting.ends + HOUR);
            meeting.place = Some("Under the red sculpture".into());
            Ok(())
        };
        city.app.act(move |conn, here| meetings::actions::change(conn, here, id, &later)).await.unwrap();
        let page = Phone::of(&city).page(&mine).await;
        let face = |time: plaza::clock::Timestamp| time.utc().with_timezone(&meeting.zone).format("%H:%M").to_string();
        let (from, to) = (face(before), face(before + HOUR));
        let said = page.split("This meeting was moved from ").nth(1).and_then(|rest| rest.split("</p>").next()).expect("said");
        assert!(said.contains(&from) && said.contains(&to) && said.find(&from) < said.find(&to), "{said}");
        assert!(page.contains("Under the red sculpture") && page.contains("What changed"), "{page}");
        assert!(Phone::of(&city).page(&format!("{mine}?lang=es")).await.contains("Esta reunión ha cambiado"));
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.unwrap();
        assert!(Phone::of(&city).page(&mine).await.contains("This meeting is cancelled."));
    });
}

//! What the answers of inboxes do to the queue.

use std::collections::HashSet;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::{
    city::{City, HostRow, public_key},
    sink::{Arrival, Sink, status},
};
use crate::{
    clock::Timestamp,
    db::schema::{blocks, deliveries, follows, former_inboxes, hosts},
    federation::{
        delivery::{Tally, overview, prune, revive, to_followers, to_former, withdraw},
        signature::{Head, examine},
    },
};

const NEVER: i64 = i64::MAX;

#[tokio::test]
async fn followers_hear_once_each_signed_and_nothing_stays_behind() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let shared = sink.inbox("shared");
    for name in ["ana", "ben", "eva"] {
        city.follow("kitchen", &format!("http://{}/{name}", sink.host), &sink.inbox(name), Some(&shared)).await;
    }
    city.follow("kitchen", "http://lone.example/x", &sink.inbox("lone"), None).await;
    city.follow("library", "http://lone.example/x", &sink.inbox("other"), None).await;
    let sequence = city.tell_followers("kitchen", "soup at six").await;
    let now = city.clock.now();
    city.write(move |conn| to_followers(conn, now, sequence, "kitchen").unwrap()).await;

    assert_eq!(city.deliver().await, Tally { delivered: 2, failed: 0 });
    let inboxes: HashSet<String> = sink.arrivals().into_iter().map(|arrival| arrival.inbox).collect();
    assert_eq!(inboxes, HashSet::from([shared, sink.inbox("lone")]));
    assert_eq!((city.queued().await, city.hosts().await), (vec![], vec![]));
    for arrival in sink.arrivals() {
        assert_signed(&arrival, now);
    }
}

pub(super) fn assert_signed(arrival: &Arrival, now: Timestamp) {
    let lines: Vec<(String, String)> = arrival
        .headers
        .lines()
        .map(|line| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).unwrap())
        .collect();
    let headers: Vec<(&str, &[u8])> = lines.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let target = arrival.inbox.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
    let examined = examine(&Head { method: "POST", is_https: false, target: &target, headers: &headers }, now).unwrap();
    assert_eq!(examined.key_id(), "http://localhost:8080/ap/groups/kitchen#main-key");
    assert!(examined.with_body(arrival.body.as_bytes()).unwrap().holds(&public_key("kitchen")));
}

#[tokio::test]
async fn the_blocked_and_the_dead_hear_nothing() {
    let (city, sink, blocked, dead) = (City::found().await, Sink::open().await, Sink::open().await, Sink::open().await);
    let now = city.clock.now();
    for (name, place) in [("ana", &sink), ("bad", &sink), ("ben", &blocked), ("eva", &dead)] {
        city.follow("kitchen", name, &place.inbox(name), None).await;
    }
    let (host, gone) = (blocked.host.clone(), dead.host.clone());
    city.write(move |conn| {
        for target in [host.as_str(), "bad"] {
            diesel::insert_into(blocks::table).values((blocks::target.eq(target), blocks::created.eq(0))).execute(conn).unwrap();
        }
        let row = (hosts::host.eq(&gone), hosts::dead.eq(true), hosts::next_try.eq(NEVER), hosts::fails.eq(20));
        diesel::insert_into(hosts::table)
            .values((row, hosts::lease_until.eq(0), hosts::scheme.eq("cavage")))
            .execute(conn)
            .unwrap();
        for inbox in [format!("http://{host}/former"), format!("http://{gone}/former")] {
            let host = inbox.split('/').nth(2).unwrap();
            diesel::insert_into(former_inboxes::table)
                .values((
                    former_inboxes::group_handle.eq("kitchen"),
                    former_inboxes::inbox.eq(&inbox),
                    former_inboxes::host.eq(host),
                    former_inboxes::left_at.eq(now),
                    former_inboxes::until.eq(NEVER),
                ))
                .execute(conn)
                .unwrap();
        }
    })
    .await;
    let sequence = city.tell_followers("kitchen", "hello").await;
    city.write(move |conn| to_former(conn, now, sequence, "kitchen", now).unwrap()).await;
    city.say("kitchen", "x", "direct", &[blocked.inbox("ben"), dead.inbox("eva"), sink.inbox("ana")]).await;
    assert_eq!(city.queued().await.len(), 2);
    assert_eq!(city.deliver().await.delivered, 2);
    assert_eq!((blocked.arrivals(), dead.arrivals()), (vec![], vec![]));
}

#[tokio::test]
async fn what_waits_for_a_host_that_is_blocked_later_is_dropped() {
    let (city, sink) = (City::found().await, Sink::open().await);
    city.say("kitchen", "x", "hello", &[sink.inbox(1)]).await;
    let bare = "127.0.0.1";
    city.write(move |conn| {
        diesel::insert_into(blocks::table).values((blocks::target.eq(bare), blocks::created.eq(0))).execute(conn).unwrap();
    })
    .await;
    assert_eq!(city.deliver().await, Tally::default());
    assert_eq!((sink.arrivals(), city.queued().await, city.hosts().await), (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_block_of_a_domain_holds_for_what_is_below_it() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let below = ["https://troll.example/inbox", "https://a.troll.example/inbox", "https://b.a.troll.example:8443/inbox"];
    city.say("kitchen", "x", "hello", &[&below.map(String::from)[..], &[sink.inbox("ana")]].concat()).await;
    city.write(|conn| {
        let row = (blocks::target.eq("troll.example"), blocks::created.eq(0));
        diesel::insert_into(blocks::table).values(row).execute(conn).unwrap();
    })
    .await;
    assert_eq!(city.deliver().await.delivered, 1, "to who is not below it");
    assert_eq!(city.queued().await, vec![]);
}

#[tokio::test]
async fn former_followers_hear_of_changes_until_their_time_is_over() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let now = city.clock.now();
    let inboxes = [
        (sink.inbox("past"), now.micros(), now.micros() - 1),
        (sink.inbox("left before it was said"), now.micros() - 1, now.micros() + 1),
        (sink.inbox("recent"), now.micros(), now.micros() + 1),
        (sink.inbox("again"), now.micros(), NEVER),
    ];
    city.follow("kitchen", "x", &sink.inbox("again"), None).await;
    let host = sink.host.clone();
    city.write(move |conn| {
        for (inbox, left, until) in &inboxes {
            let times = (former_inboxes::left_at.eq(left), former_inboxes::until.eq(until));
            let row = (former_inboxes::inbox.eq(inbox), times, former_inboxes::host.eq(&host));
            diesel::insert_into(former_inboxes::table)
                .values((former_inboxes::group_handle.eq("kitchen"), row))
                .execute(conn)
                .unwrap();
        }
    })
    .await;
    let sequence = city.tell_followers("kitchen", "changed").await;
    city.write(move |conn| to_former(conn, now, sequence, "kitchen", now).unwrap()).await;
    assert_eq!(city.deliver().await.delivered, 2);
    assert_eq!((sink.at(&sink.inbox("recent")).len(), sink.at(&sink.inbox("again")).len()), (1, 1));
    city.write(move |conn| prune(conn, now).unwrap()).await;
    let left: i64 = city.write(|conn| former_inboxes::table.count().get_result(conn).unwrap()).await;
    assert_eq!(left, 3);
}

#[tokio::test]
async fn each_inbox_hears_in_order() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let inboxes: Vec<String> = (0..7).map(|name| sink.inbox(name)).collect();
    let bodies: Vec<String> = (0..60).map(|number| format!("{number}")).collect();
    for (number, body) in bodies.iter().enumerate() {
        city.say("kitchen", &format!("object {}", number % 9), body, &inboxes).await;
    }
    assert_eq!(city.deliver().await.delivered, 420);
    for inbox in &inboxes {
        assert_eq!(sink.at(inbox), bodies, "{inbox}");
    }
}

#[tokio::test]
async fn a_later_activity_never_overtakes_one_about_the_same_object() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|arrival| if arrival.body == "create" { status(503) } else { status(202) });
    let inbox = [sink.inbox(1)];
    city.say("kitchen", "meeting", "create", &inbox).await;
    city.say("kitchen", "meeting", "update", &inbox).await;
    city.say("kitchen", "other", "other", &inbox).await;
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 1 });
    city.say("kitchen", "meeting", "delete", &inbox).await;
    city.say("kitchen", "third", "third", &inbox).await;
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 0 }, "only what is about something else");
    assert_eq!(city.deliver().await, Tally::default(), "nothing to do until then");
    assert_eq!(sink.forget().iter().map(|arrival| arrival.body.clone()).collect::<Vec<_>>(), ["create", "other", "third"]);
    sink.answer(|_| status(202));
    city.advance(0.1);
    assert_eq!(city.deliver().await, Tally { delivered: 3, failed: 0 });
    assert_eq!(sink.at(&inbox[0]), ["create", "update", "delete"]);
    assert_eq!(city.hosts().await, []);
}

#[tokio::test]
async fn what_a_host_cannot_stomach_is_set_aside_while_the_rest_flows() {
    for code in [301, 307, 400, 405, 409, 413, 415, 422] {
        let (city, sink) = (City::found().await, Sink::open().await);
        sink.answer(move |arrival| if arrival.body == "poison" { status(code) } else { status(202) });
        let inboxes: Vec<String> = (0..6).map(|name| sink.inbox(name)).collect();
        for body in ["poison", "bread", "roses"] {
            city.say("kitchen", body, body, &inboxes).await;
        }
        assert_eq!(city.deliver().await, Tally { delivered: 12, failed: 6 }, "{code}");
        let queued = city.queued().await;
        assert!(queued.len() == 6 && queued.iter().all(|(_, why)| *why == format!("answered {code}")), "{queued:?}");
        city.advance(24.0 * 9.0);
        assert_eq!(city.deliver().await, Tally::default());
    }
}

#[tokio::test]
async fn garbage_is_a_failure_like_any_other() {
    for garbage in ["", "\0\0\0\0", "HTTP/0.9 what\r\n\r\n", "<html>", "HTTP/1.1 999999 X\r\n\r\n", "HTTP/1.1 -1 X\r\n\r\n"] {
        let (city, sink) = (City::found().await, Sink::open().await);
        // a blank answer ends the connection as well
        let text = if garbage.is_empty() { "\r\n".to_owned() } else { garbage.to_owned() };
        sink.answer(move |_| text.clone());
        city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
        assert_eq!(city.deliver().await, Tally::default(), "{garbage:?}");
        let host = city.hosts().await.remove(0);
        assert!(host.fails == 1 && host.next_try < NEVER && host.last_error.is_some(), "{host:?}");
        sink.answer(|_| status(200));
        city.advance(0.1);
        assert_eq!(city.deliver().await.delivered, 1);
    }
}

#[tokio::test]
async fn an_inbox_that_is_gone_twice_takes_its_followers_with_it() {
    for (code, tries) in [(410, 2), (404, 3)] {
        let (city, sink) = (City::found().await, Sink::open().await);
        let inbox = sink.inbox("ana");
        sink.answer(move |arrival| if arrival.inbox.ends_with("ana") { status(code) } else { status(202) });
        city.follow("kitchen", "ana", &sink.inbox("personal"), Some(&inbox)).await;
        city.follow("kitchen", "ben", &sink.inbox("ben"), None).await;
        city.follow("library", "ana", &inbox, None).await;
        city.tell_followers("kitchen", "first").await;
        for _ in 1..tries {
            city.deliver().await;
            assert_eq!(followers(&city).await, 3, "{code}");
            city.advance(24.0 / f64::from(tries - 1));
        }
        city.tell_followers("kitchen", "last").await;
        assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 1 });
        assert_eq!(sink.at(&inbox).len(), tries as usize);
        assert_eq!((followers(&city).await, city.queued().await), (1, vec![]));
    }
}

#[tokio::test]
async fn an_inbox_that_takes_other_things_is_not_gone() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|arrival| if arrival.body == "odd" { status(404) } else { status(202) });
    city.follow("kitchen", "ana", &sink.inbox("ana"), None).await;
    city.tell_followers("kitchen", "odd").await;
    city.deliver().await;
    city.advance(13.0);
    city.tell_followers("kitchen", "even").await;
    city.deliver().await;
    city.advance(13.0);
    city.tell_followers("kitchen", "good").await;
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 0 });
    assert_eq!((followers(&city).await, city.queued().await), (1, vec![(sink.inbox("ana"), "answered 404".into())]));
}

async fn followers(city: &City) -> i64 {
    city.write(|conn| follows::table.count().get_result(conn).unwrap()).await
}

#[tokio::test]
async fn a_refused_signature_is_tried_for_a_day() {
    for code in [401, 403] {
        let (city, sink) = (City::found().await, Sink::open().await);
        sink.answer(move |_| status(code));
        city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
        let mut hours = 0;
        let aside = loop {
            city.deliver().await;
            let aside = city.queued().await.remove(0).1;
            if !aside.is_empty() || hours > 60 {
                break aside;
            }
            hours += 1;
            city.advance(1.0);
        };
        assert!((24..=32).contains(&hours) && aside == format!("answered {code}"), "{hours} {aside:?}");
        // a 401 is asked for twice: in either scheme
        let tries = sink.arrivals().len() / if code == 401 { 2 } else { 1 };
        assert!((6..=14).contains(&tries), "{tries}");
    }
}

#[tokio::test]
async fn a_host_that_asks_for_a_pause_gets_it() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|_| "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n".into());
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    city.say("kitchen", "y", "y", &[sink.inbox(2)]).await;
    city.deliver().await;
    assert_eq!(sink.arrivals().len(), 1, "nothing more after the first 429");
    city.advance(0.9);
    city.say("kitchen", "z", "z", &[sink.inbox(1)]).await;
    city.deliver().await;
    assert_eq!(sink.arrivals().len(), 1, "new work does not shorten the pause");
    sink.answer(|_| status(202));
    city.advance(0.11);
    assert_eq!(city.deliver().await.delivered, 3);
    assert_eq!(city.hosts().await, []);
}

#[tokio::test]
async fn a_host_down_for_three_days_is_tried_seldom_and_then_gets_all_in_order() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|_| status(503));
    let bodies: Vec<String> = (0..120).map(|number| format!("{number}")).collect();
    for body in &bodies {
        city.say("kitchen", body, body, &[sink.inbox(1)]).await;
    }
    for _ in 0..72 * 4 {
        city.deliver().await;
        city.advance(0.25);
    }
    let tries = sink.forget().len();
    assert!((15..=60).contains(&tries), "{tries} attempts in 72 h");
    sink.answer(|_| status(202));
    city.advance(8.0);
    assert_eq!(city.deliver().await.delivered, 120);
    assert_eq!(sink.at(&sink.inbox(1)).len(), 120);
    assert_eq!((city.queued().await, city.hosts().await), (vec![], vec![]));
}

#[tokio::test]
async fn after_a_refused_connection_everything_arrives_in_order() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let inbox = sink.inbox(1);
    let port = sink.host.clone();
    drop(sink);
    let bodies: Vec<String> = (0..60).map(|number| format!("{number}")).collect();
    for body in &bodies {
        city.say("kitchen", body, body, std::slice::from_ref(&inbox)).await;
    }
    for _ in 0..24 {
        city.deliver().await;
        city.advance(1.0);
    }
    let host = city.hosts().await.remove(0);
    assert!((8..=14).contains(&host.fails) && host.last_error.unwrap().contains("refused"), "{}", host.fails);
    let back = Sink::open_at(&port).await;
    city.advance(8.0);
    assert_eq!(city.deliver().await.delivered, 60);
    assert_eq!(back.at(&inbox), bodies);
}

#[tokio::test]
async fn a_host_down_for_eight_days_is_given_up_until_it_speaks() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|_| status(500));
    city.follow("kitchen", "ana", &sink.inbox(1), None).await;
    city.tell_followers("kitchen", "first").await;
    for _ in 0..8 * 24 {
        city.deliver().await;
        city.advance(1.0);
    }
    let dead = city.hosts().await;
    assert!(matches!(dead.as_slice(), [HostRow { dead: true, next_try: NEVER, lease_until: 0, .. }]), "{dead:?}");
    assert_eq!((city.queued().await, followers(&city).await), (vec![], 1));
    let now = city.clock.now();
    let told = city.write(move |conn| overview::overview(conn, now, None).unwrap()).await;
    assert!(told[0].dead && told[0].state.contains("given up") && told[0].state.contains("answered 500"), "{told:?}");

    sink.answer(|_| status(202));
    city.tell_followers("kitchen", "unheard").await;
    assert_eq!(city.deliver().await, Tally::default());
    let host = sink.host.clone();
    city.write(move |conn| revive(conn, &host, now).unwrap()).await;
    city.tell_followers("kitchen", "heard").await;
    assert_eq!(city.deliver().await.delivered, 1);
    assert_eq!(city.hosts().await, []);
}

#[tokio::test]
async fn a_failing_host_that_speaks_is_tried_at_once() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|_| status(500));
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    city.deliver().await;
    sink.answer(|_| status(202));
    city.say("kitchen", "y", "y", &[sink.inbox(1)]).await;
    assert_eq!(city.deliver().await, Tally::default(), "new work does not make a failing host due");
    let (host, now) = (sink.host.clone(), city.clock.now());
    city.write(move |conn| revive(conn, &host, now).unwrap()).await;
    assert_eq!(city.deliver().await.delivered, 2);
    let host = sink.host.clone();
    city.write(move |conn| revive(conn, &host, now).unwrap()).await;
    assert_eq!(city.hosts().await, [], "nothing is known of a host that is well");
}

#[tokio::test]
async fn what_was_withdrawn_is_not_said() {
    let (city, sink) = (City::found().await, Sink::open().await);
    city.say("kitchen", "secret", "oops", &[sink.inbox(1)]).await;
    city.say("kitchen", "open", "fine", &[sink.inbox(1)]).await;
    assert_eq!(city.write(|conn| withdraw(conn, "secret").unwrap()).await, 1);
    assert_eq!(city.deliver().await.delivered, 1);
    assert_eq!(sink.at(&sink.inbox(1)), ["fine"]);
}

#[tokio::test]
async fn a_caretaker_sees_retries_and_forgets() {
    let (city, sink, other) = (City::found().await, Sink::open().await, Sink::open().await);
    sink.answer(|arrival| if arrival.body == "odd" { status(400) } else { status(503) });
    for (body, number) in [("odd", 1), ("odd", 2), ("plain", 1)] {
        city.say("kitchen", body, body, &[sink.inbox(number)]).await;
    }
    city.say("kitchen", "x", "x", &[other.inbox(1)]).await;
    other.answer(|_| status(503));
    city.deliver().await;
    city.advance(0.5);
    city.deliver().await;
    let now = city.clock.now();
    let host = sink.host.clone();
    let told = city.write(move |conn| overview::overview(conn, now, Some(&host)).unwrap()).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].waiting, told[0].set_aside, told[0].oldest), (1, 2, Some(now - std::time::Duration::from_secs(1800))));
    assert!(told[0].state.ends_with("; set aside 2: answered 400"), "{}", told[0].state);
    let json = serde_json::to_value(&told[0]).unwrap();
    assert_eq!((json["waiting"].as_i64(), json["oldest"].as_str()), (Some(1), Some("2026-11-24T14:00:00Z")));

    sink.answer(|_| status(202));
    other.answer(|_| status(202));
    let host = sink.host.clone();
    assert_eq!(city.write(move |conn| overview::retry(conn, now, Some(&host)).unwrap()).await, 3);
    assert_eq!(city.deliver().await, Tally { delivered: 3, failed: 0 });
    assert_eq!(other.arrivals().len(), 2, "others wait as before");
    let host = other.host.clone();
    assert_eq!(city.write(move |conn| overview::forget(conn, Some(&host)).unwrap()).await, 1);
    assert_eq!((city.queued().await, city.hosts().await), (vec![], vec![]));
    assert_eq!(city.write(move |conn| overview::overview(conn, now, None).unwrap()).await, []);
}

#[tokio::test]
async fn nothing_piles_up() {
    let (city, sink) = (City::found().await, Sink::open().await);
    sink.answer(|_| status(400));
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    city.deliver().await;
    let prune_now = async || {
        let now = city.clock.now();
        city.write(move |conn| prune(conn, now).unwrap()).await
    };
    assert_eq!(prune_now().await, 0);
    city.write(|conn| {
        for number in 0..1000 {
            let state =
                (hosts::dead.eq(number % 2 == 0), hosts::next_try.eq(NEVER), hosts::failing_since.eq(1), hosts::fails.eq(9));
            diesel::insert_into(hosts::table)
                .values((
                    hosts::host.eq(format!("{number}.example")),
                    hosts::lease_until.eq(0),
                    hosts::scheme.eq("cavage"),
                    state,
                ))
                .execute(conn)
                .unwrap();
        }
    })
    .await;
    city.follow("kitchen", "x", "http://7.example/inbox", None).await;
    city.advance(24.0 * 31.0);
    assert_eq!(prune_now().await, 1000);
    assert_eq!(city.hosts().await.len(), 1, "who is followed from there is remembered");
    let left: i64 = city.write(|conn| deliveries::table.count().get_result(conn).unwrap()).await;
    assert_eq!(left, 0);
}

//! Workers that come, go, crash and work side by side.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{
    city::{City, HostRow},
    sink::{Sink, status},
};
use crate::federation::delivery::Tally;

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("{what} never came"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_loses_nothing_and_repeats_only_what_was_in_flight() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let inboxes: Vec<String> = (0..30).map(|name| sink.inbox(name)).collect();
    city.say("kitchen", "x", "x", &inboxes).await;
    let mut in_flight = 0;
    for _ in 0..4 {
        let before = sink.arrivals().len();
        let worker = city.worker();
        let task = tokio::spawn(async move { worker.run(std::future::pending()).await });
        sink.until(before + 3).await;
        sink.hold_answers(true);
        sink.until(sink.arrivals().len() + 1).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        sink.hold_answers(false);
        in_flight += 256;
        assert_eq!(city.deliver().await, Tally::default(), "the lease holds");
        city.clock.advance(Duration::from_secs(61));
    }
    city.deliver().await;
    let arrivals = sink.arrivals();
    let mut times: HashMap<String, usize> = HashMap::new();
    arrivals.iter().for_each(|arrival| *times.entry(arrival.inbox.clone()).or_default() += 1);
    assert_eq!(times.len(), 30, "none is missing");
    assert!(arrivals.len() > 30 && arrivals.len() - 30 <= in_flight, "{}", arrivals.len());
    assert_eq!((city.queued().await, city.hosts().await), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stopped_finishes_what_it_began_and_gives_hosts_back() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let inboxes: Vec<String> = (0..20).map(|name| sink.inbox(name)).collect();
    city.say("kitchen", "x", "x", &inboxes).await;
    sink.hold_answers(true);
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = city.worker();
    let task = tokio::spawn(async move { worker.run(async { drop(stopped.await) }).await });
    sink.until(1).await;
    stop.send(()).unwrap();
    sink.hold_answers(false);
    task.await.unwrap();
    let sent = sink.arrivals().len();
    assert!(sent < 20, "no new ones after the stop");
    assert_eq!(city.queued().await.len(), 20 - sent, "what was sent is written down");
    assert!(matches!(city.hosts().await.as_slice(), [HostRow { lease_until: 0, .. }]));
    assert_eq!(city.deliver().await.delivered, 20 - sent);
    assert_eq!(sink.arrivals().len(), 20, "nothing twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_worker_is_woken_and_finds_what_others_queued() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let worker = city.worker();
    let task = tokio::spawn(async move { worker.run(std::future::pending()).await });
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    city.wake.notify_one();
    sink.until(1).await;
    city.say("kitchen", "y", "y", &[sink.inbox(1)]).await;
    sink.until(2).await;
    until("an empty queue", async || city.hosts().await.is_empty()).await;
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_never_answers_holds_up_nobody_else() {
    let city = City::found().await;
    let (sick, well) = (Sink::open().await, Sink::open().await);
    sick.hold_answers(true);
    let both = |name: usize| [sick.inbox(name), well.inbox(name)];
    let inboxes: Vec<String> = (0..40).flat_map(both).collect();
    for object in ["x", "y", "z"] {
        city.say("kitchen", object, object, &inboxes).await;
    }
    let worker = city.worker();
    let task = tokio::spawn(async move { worker.run(std::future::pending()).await });
    well.until(120).await;
    assert_eq!(sick.arrivals().len(), 1, "one probe, however much waits");
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_send_the_same() {
    let city = City::found().await;
    let mut sinks = Vec::new();
    for _ in 0..12 {
        sinks.push(Sink::open().await);
    }
    let inboxes: Vec<String> = sinks.iter().flat_map(|sink| (0..8).map(|name| sink.inbox(name))).collect();
    for object in ["x", "y", "z"] {
        city.say("kitchen", object, object, &inboxes).await;
    }
    let (one, other) = (Arc::new(city.worker()), Arc::new(city.worker()));
    let tasks = [one, other].map(|worker| tokio::spawn(async move { worker.run(std::future::pending()).await }));
    until("an empty queue", async || city.queued().await.is_empty()).await;
    tasks.iter().for_each(|task| task.abort());
    for sink in &sinks {
        assert_eq!(sink.arrivals().len(), 24);
        for name in 0..8 {
            assert_eq!(sink.at(&sink.inbox(name)), ["x", "y", "z"]);
        }
    }
}

#[tokio::test]
async fn one_groups_flood_does_not_hold_up_anothers_word() {
    let (city, sink) = (City::found().await, Sink::open().await);
    let inboxes: Vec<String> = (0..10).map(|name| sink.inbox(name)).collect();
    for number in 0..30 {
        city.say("kitchen", &format!("{number}"), &format!("{number}"), &inboxes).await;
    }
    city.clock.advance(Duration::from_secs(1));
    city.say("library", "fire", "fire", &inboxes[..5]).await;
    assert_eq!(city.deliver().await.delivered, 305);
    let last = sink.arrivals().iter().rposition(|arrival| arrival.body == "fire").unwrap();
    assert!(last < 60, "{last}");
    for inbox in &inboxes {
        let flood: Vec<String> = sink.at(inbox).into_iter().filter(|body| body != "fire").collect();
        assert_eq!(flood, (0..30).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_lease_from_before_the_clock_was_set_back_does_not_bind() {
    let (city, sink) = (City::found().await, Sink::open().await);
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    let tomorrow = city.clock.now().micros() + 86_400_000_000;
    city.write(move |conn| {
        use crate::db::schema::hosts;
        use diesel::{ExpressionMethods, RunQueryDsl};
        diesel::update(hosts::table).set(hosts::lease_until.eq(tomorrow)).execute(conn).unwrap();
    })
    .await;
    assert_eq!(city.deliver().await.delivered, 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_our_trouble_and_not_the_hosts() {
    let (city, sink) = (City::found().await, Sink::open().await);
    city.write(|conn| {
        use crate::db::schema::actors;
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        let row = actors::table.filter(actors::handle.eq("kitchen"));
        diesel::update(row).set(actors::rsa_private.eq("w1:AAAA")).execute(conn).unwrap();
    })
    .await;
    city.say("kitchen", "x", "x", &[sink.inbox(1)]).await;
    city.say("library", "y", "y", &[sink.inbox(1), "http://10.0.0.1/inbox".into()]).await;
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 2 });
    assert_eq!((sink.arrivals().len(), city.hosts().await.iter().map(|host| host.fails).sum::<i64>()), (1, 0));
    sink.answer(|_| status(202));
    assert_eq!(city.deliver().await, Tally::default());
}

//! Hosts that read one scheme of signatures, the other, or neither.

use diesel::{QueryDsl, RunQueryDsl};

use super::{
    city::City,
    queue::assert_signed,
    sink::{Arrival, Sink, status},
};
use crate::{db::schema::hosts, federation::delivery::Tally};

fn is_newer(arrival: &Arrival) -> bool {
    arrival.headers.to_ascii_lowercase().contains("signature-input:")
}

/// Takes what is signed so, and answers all else with this.
fn takes(sink: &Sink, newer: bool, refusal: u16) {
    sink.answer(move |arrival| status(if is_newer(arrival) == newer { 202 } else { refusal }));
}

/// What is remembered of the hosts.
async fn schemes(city: &City) -> Vec<String> {
    city.write(|conn| hosts::table.select(hosts::scheme).load(conn).unwrap()).await
}

/// The schemes of all that came, the newer one as `true`; all of them must hold.
fn came(city: &City, sink: &Sink) -> Vec<bool> {
    let arrivals = sink.forget();
    arrivals.iter().for_each(|arrival| assert_signed(arrival, city.clock.now()));
    arrivals.iter().map(is_newer).collect()
}

#[tokio::test]
async fn a_host_that_wants_the_newer_scheme_gets_it_at_once_and_from_then_on() {
    for refusal in [400, 401, 500] {
        let (city, sink) = (City::found().await, Sink::open().await);
        takes(&sink, true, refusal);
        city.say("kitchen", "soup", "soup", &[sink.inbox(1), sink.inbox(2)]).await;
        assert_eq!(city.deliver().await, Tally { delivered: 2, failed: 0 }, "{refusal}");
        assert_eq!(came(&city, &sink), [false, true, true], "{refusal}: the second delivery of the turn knows it");
        assert_eq!(schemes(&city).await, ["rfc9421"]);
        city.say("kitchen", "bread", "bread", &[sink.inbox(1)]).await;
        assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 0 });
        assert_eq!(came(&city, &sink), [true], "{refusal}: remembered");
    }
}

#[tokio::test]
async fn a_host_that_falls_back_to_the_older_scheme_is_followed() {
    let (city, sink) = (City::found().await, Sink::open().await);
    takes(&sink, true, 401);
    city.say("kitchen", "soup", "soup", &[sink.inbox(1)]).await;
    city.deliver().await;
    takes(&sink, false, 401);
    sink.forget();
    city.say("kitchen", "bread", "bread", &[sink.inbox(1)]).await;
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 0 });
    assert_eq!(came(&city, &sink), [true, false]);
    assert_eq!(schemes(&city).await, [""; 0], "nothing is remembered of a host that is like all others");
    city.say("kitchen", "roses", "roses", &[sink.inbox(1)]).await;
    city.deliver().await;
    assert_eq!(came(&city, &sink), [false]);
}

/// Nothing is tried twice that another signature cannot help, and where it does not help, the first answer counts.
#[tokio::test]
async fn the_first_answer_counts_unless_the_second_is_a_success() {
    for (first, second, tries) in [
        (400, 401, 2),
        (400, 410, 2),
        (401, 400, 2),
        (401, 503, 2),
        (500, 404, 2),
        (403, 202, 1),
        (404, 202, 1),
        (405, 202, 1),
        (410, 202, 1),
        (413, 202, 1),
        (415, 202, 1),
        (422, 202, 1),
        (429, 202, 1),
        (502, 202, 1),
        (503, 202, 1),
    ] {
        let (city, sink) = (City::found().await, Sink::open().await);

        sink.answer(move |arrival| status(if is_newer(arrival) { second } else { first }));
        city.say("kitchen", "soup", "soup", &[sink.inbox(1)]).await;
        city.deliver().await;
        assert_eq!(came(&city, &sink).len(), tries, "{first} {second}");
        let (errors, asides) = city
            .write(|conn| {
                use crate::db::schema::deliveries::dsl::{deliveries, last_error, set_aside};
                let rows: Vec<(Option<String>, Option<String>)> = deliveries.select((last_error, set_aside)).load(conn).unwrap();
                let of_hosts: Vec<Option<String>> = hosts::table.select(hosts::last_error).load(conn).unwrap();
                let (of_rows, asides): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
                (of_rows.into_iter().chain(of_hosts).flatten().collect::<Vec<_>>(), asides)
            })
            .await;
        assert!(errors.iter().all(|error| *error == format!("answered {first}")) && !errors.is_empty(), "{errors:?}");
        let aside = matches!(first, 400 | 405 | 413 | 415 | 422);
        assert_eq!(asides.iter().any(Option::is_some), aside, "{first} {second}");
        assert!(schemes(&city).await.iter().all(|scheme| scheme == "cavage"), "{first} {second}");
    }
}

#[tokio::test]
async fn what_a_failing_host_wanted_is_known_when_it_is_well_again() {
    let (city, sink) = (City::found().await, Sink::open().await);
    takes(&sink, true, 401);
    city.say("kitchen", "soup", "soup", &[sink.inbox(1)]).await;
    city.deliver().await;
    sink.answer(|_| status(503));
    city.say("kitchen", "bread", "bread", &[sink.inbox(1)]).await;
    city.deliver().await;
    assert_eq!(schemes(&city).await, ["rfc9421"], "failing for another reason does not change it");
    takes(&sink, true, 401);
    sink.forget();
    city.advance(0.1);
    assert_eq!(city.deliver().await, Tally { delivered: 1, failed: 0 });
    assert_eq!(came(&city, &sink), [true]);
}

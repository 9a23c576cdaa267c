//! A turn of a host, played without network.

use std::sync::Arc;

use super::super::{
    hosts::{Claim, Health},
    outcomes::Change,
    policy::{Answer, Past},
    round::{Round, Row},
};
use crate::clock::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn status(code: u16) -> Answer {
    Answer::Status { code, retry_after: None }
}

/// Rows of (inbox, object); each is an activity of its own.
fn round(fails: i64, rows: &[(&str, &str)]) -> Round {
    let claim = Claim {
        host: "a.example".into(),
        next_try: NOW,
        lease_until: NOW,
        fails,
        failing_since: (fails > 0).then_some(NOW),
        scheme: "cavage".into(),
    };
    let row = |(index, (inbox, object)): (usize, &(&str, &str))| Row {
        id: index as i64,
        inbox: Arc::from(*inbox),
        activity: index as i64,
        object: Arc::from(*object),
        past: Past::default(),
    };
    Round::new(claim, rows.iter().enumerate().map(row).collect())
}

/// Sends all it gives, one at a time, and says which were sent and how the host did.
fn play(mut round: Round, answer: impl Fn(i64) -> Answer) -> (Vec<i64>, Vec<Change>, Health) {
    let (mut sent, mut changes) = (Vec::new(), Vec::new());
    while let Some(parcel) = round.next() {
        sent.push(parcel.id);
        changes.extend(round.answered(parcel.id, answer(parcel.id), NOW));
    }
    match round.close(NOW) {
        Change::Release { health, .. } => (sent, changes, health),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_first_then_four_and_never_two_to_one_inbox() {
    let mut round = round(0, &[("a", "1"), ("a", "2"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "1")]);
    assert_eq!(round.next().map(|parcel| parcel.id), Some(0));
    assert!(round.next().is_none());
    round.answered(0, status(202), NOW);
    let ids: Vec<i64> = std::iter::from_fn(|| round.next()).map(|parcel| parcel.id).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    round.answered(3, status(202), NOW);
    assert_eq!(round.next().map(|parcel| (parcel.id, parcel.last)), Some((5, true)));
}

#[test]
fn connections_are_closed_with_the_last_deliveries() {
    let (mut closing, mut serial) = (Vec::new(), round(0, &[("a", "1"), ("a", "2"), ("a", "3")]));
    while let Some(parcel) = serial.next() {
        closing.push(parcel.last);
        serial.answered(parcel.id, status(202), NOW);
    }
    assert_eq!(closing, [false, false, true]);

    let mut wide = round(0, &[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "1"), ("f", "1"), ("g", "1"), ("h", "1")]);
    let first = wide.next().map(|parcel| parcel.id).unwrap();
    wide.answered(first, status(202), NOW);
    let mut closing: Vec<(i64, bool)> = std::iter::from_fn(|| wide.next()).map(|parcel| (parcel.id, parcel.last)).collect();
    for id in 1..=4 {
        wide.answered(id, status(202), NOW);
    }
    // the rest goes out one by one, on the four connections that are open
    while let Some(parcel) = wide.next() {
        closing.push((parcel.id, parcel.last));
        wide.answered(parcel.id, status(202), NOW);
    }
    assert_eq!(closing.iter().filter(|(_, last)| *last).count(), 4, "{closing:?}");
    assert!(closing.iter().all(|(id, last)| *last == (*id >= 4)), "{closing:?}");
}

#[test]
fn a_host_that_cannot_be_reached_is_tried_once_in_a_turn() {
    let (sent, changes, health) =
        play(round(3, &[("a", "1"), ("b", "2"), ("c", "3")]), |_| Answer::Unreachable("refused".into()));
    assert_eq!((sent, changes), (vec![0], vec![]));
    assert!(matches!(health, Health::Failing { fails: 4, .. }), "{health:?}");
}

#[test]
fn a_host_in_trouble_is_tried_with_one_other_activity() {
    let (sent, changes, health) = play(round(0, &[("a", "1"), ("a", "2"), ("b", "3"), ("c", "4")]), |_| status(502));
    assert_eq!((sent.len(), changes), (2, vec![]), "the deliveries are not to blame");
    assert!(matches!(health, Health::Failing { fails: 1, .. }), "{health:?}");
}

#[test]
fn few_activities_that_a_host_cannot_take_do_not_make_it_seem_ill() {
    let rows = [("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"), ("a", "5")];
    let healthy = (0..6).position(|fails| {
        let (sent, changes, health) = play(round(fails, &rows), |id| if id < 3 { status(500) } else { status(202) });
        let all_tried = sent.len() == 5 && changes.len() == 5;
        assert_eq!(health == Health::Well, all_tried, "{health:?}");
        all_tried
    });
    assert!(healthy.is_some_and(|turn| turn <= 3), "{healthy:?}");
}

#[test]
fn the_only_activity_does_not_prove_the_host_well_by_failing() {
    let (sent, changes, health) = play(round(0, &[("a", "1"), ("a", "1")]), |_| status(500));
    assert_eq!((sent, changes), (vec![0], vec![]));
    assert!(matches!(health, Health::Failing { .. }));
}

#[test]
fn our_own_fault_says_nothing_of_the_host() {
    let (sent, changes, health) = play(round(2, &[("a", "1"), ("b", "2")]), |_| Answer::Unasked("no key".into()));
    assert_eq!((sent.len(), changes.len(), health), (2, 2, Health::Same));
}

#[test]
fn a_pause_after_success_is_kept_without_a_record_of_failure_growing() {
    let answer = |id| if id == 1 { Answer::Status { code: 429, retry_after: Some("60".into()) } } else { status(202) };
    let (sent, _, health) = play(round(7, &[("a", "1"), ("a", "2"), ("a", "3")]), answer);
    assert_eq!(sent, [0, 1]);
    assert!(matches!(health, Health::Failing { fails: 1, next_try, .. } if next_try == NOW + std::time::Duration::from_secs(60)));
}

#[test]
fn a_turn_that_was_let_go_sends_no_more() {
    let mut round = round(0, &[("a", "1"), ("b", "2")]);
    let first = round.next().map(|parcel| parcel.id);
    round.let_go();
    assert!(first.is_some() && round.next().is_none() && !round.is_idle());
    round.answered(0, status(202), NOW);
    assert!(round.is_idle() && round.next().is_none());
}

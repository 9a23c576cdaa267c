//! What is counted and measured, for Prometheus: numbers about the city, none about people. Names no peer, no handle, no address.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::clock::Timestamp;

const REQUESTS: &str = "plaza_http_requests_total";
const LATENCY: &str = "plaza_http_request_duration_seconds";
const INBOX: &str = "plaza_inbox_requests_total";
const DELIVERIES: &str = "plaza_delivery_outcomes_total";
const BATCH: &str = "plaza_db_batch_deeds";
const COMMIT: &str = "plaza_db_commit_duration_seconds";

const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const DEEDS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

static BOOK: OnceLock<PrometheusHandle> = OnceLock::new();

/// Whether anything is counted in this process.
pub fn is_on() -> bool {
    BOOK.get().is_some()
}

/// From now on this process counts. Once per process.
pub fn start(now: Timestamp) -> Result<(), BuildError> {
    let builder =
        PrometheusBuilder::new().set_buckets(&SECONDS)?.set_buckets_for_metric(Matcher::Full(BATCH.to_owned()), &DEEDS)?;
    let book = builder.install_recorder()?;
    describe();
    gauge!("plaza_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!("process_start_time_seconds").set(number(now.seconds()));
    let _ = BOOK.set(book);
    Ok(())
}

fn describe() {
    describe_counter!(REQUESTS, "Requests by route, method and class of status.");
    describe_histogram!(LATENCY, Unit::Seconds, "Time until an answer was ready to be sent, by route.");
    describe_counter!(INBOX, "What became of requests that other servers posted.");
    describe_counter!(DELIVERIES, "What became of tries to deliver, and of hosts that were tried.");
    describe_histogram!(BATCH, "Deeds that SQLite's writer committed together.");
    describe_histogram!(COMMIT, Unit::Seconds, "Time that such a commit took.");
    describe_gauge!("plaza_build_info", "Always 1; the version is a label.");
    describe_gauge!("process_start_time_seconds", Unit::Seconds, "When this process began, since 1970.");
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Memory of this process.");
    for state in State::names() {
        describe_gauge!(state.0, state.1);
    }
}

/// What the database holds at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct State {
    pub waiting: i64,
    pub set_aside: i64,
    /// How long the oldest of what waits has been waiting.
    pub oldest: Duration,
    pub failing_hosts: i64,
    pub dead_hosts: i64,
    pub arrivals: i64,
    pub groups: i64,
    pub followers: i64,
    pub meetings: i64,
}

impl State {
    const fn names() -> [(&'static str, &'static str); 9] {
        [
            ("plaza_deliveries_waiting", "Deliveries that wait to be sent."),
            ("plaza_deliveries_set_aside", "Deliveries that are not tried again unless somebody asks for it."),
            ("plaza_delivery_oldest_age_seconds", "Age of the oldest delivery that waits; 0 when none does."),
            ("plaza_hosts_failing", "Hosts that do not take what we send, and are tried again."),
            ("plaza_hosts_dead", "Hosts that were given up."),
            ("plaza_arrivals_waiting", "Posted requests whose sender could not be asked about yet."),
            ("plaza_groups", "Working groups that have not ended."),
            ("plaza_followers", "Follows of all groups together."),
            ("plaza_meetings_upcoming", "Meetings that are yet to begin and not cancelled."),
        ]
    }

    fn show(&self) {
        let counts = [
            number(self.waiting),
            number(self.set_aside),
            self.oldest.as_secs_f64(),
            number(self.failing_hosts),
            number(self.dead_hosts),
            number(self.arrivals),
            number(self.groups),
            number(self.followers),
            number(self.meetings),
        ];
        for ((name, _), count) in Self::names().into_iter().zip(counts) {
            gauge!(name).set(count);
        }
    }
}

/// Everything as Prometheus reads it, with the city as it is now.
pub fn page(state: &State) -> String {
    state.show();
    if let Some(bytes) = resident_memory() {
        gauge!("process_resident_memory_bytes").set(number(bytes));
    }
    BOOK.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Takes in what was measured since; without it, measurements pile up while nobody looks.
pub fn tidy() {
    if let Some(book) = BOOK.get() {
        book.run_upkeep();
    }
}

/// In bytes, as Linux tells.
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    size.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1_024)
}

#[allow(clippy::cast_precision_loss)] // 2^53 of anything is more than there is
fn number(count: i64) -> f64 {
    count as f64
}

/// To be wrapped around everything when [`is_on`]. Routes go by their pattern, never by what was asked for.
pub async fn count_request(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (begun, method) = (Instant::now(), method(request.method()));
    let answered = next.call(request).await;
    let (route, status) = match &answered {
        Ok(answer) => (answer.request().match_pattern(), answer.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let route = route.unwrap_or_else(|| "none".to_owned());
    histogram!(LATENCY, "route" => route.clone()).record(begun.elapsed());
    counter!(REQUESTS, "route" => route, "method" => method, "status" => class(status)).increment(1);
    answered
}

/// Strangers invent methods; a label must not grow with them.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// What became of something posted to an inbox.
pub fn count_inbox(outcome: &'static str) {
    if is_on() {
        counter!(INBOX, "outcome" => outcome).increment(1);
    }
}

/// What became of a try to deliver.
pub fn count_delivery(outcome: &'static str) {
    if is_on() {
        counter!(DELIVERIES, "outcome" => outcome).increment(1);
    }
}

/// A commit of SQLite's writer.
pub fn measure_commit(deeds: usize, took: Duration) {
    if is_on() {
        histogram!(BATCH).record(f64::from(u32::try_from(deeds).unwrap_or(u32::MAX)));
        histogram!(COMMIT).record(took);
    }
}

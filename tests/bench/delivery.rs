//! Delivers one announcement to ten thousand inboxes, fast, far away and through crashes. Speeds are ratios within this run: the
//! machine's own signing rate is the measure.

use std::time::{Duration, Instant};

use plaza::{
    clock::{Clock, Timestamp},
    federation::signature::{Head, examine},
};

use crate::{
    gates::Gates,
    machine,
    served::{self, City},
    sink::{Count, HOSTS, Sink, inboxes},
};

const IN_FLIGHT: usize = 256;
const KILLS: usize = 5;

/// What is promised.
const OF_CEILING: f64 = 0.70;
const FAR_RATE: f64 = 600.0;
const GROWTH: f64 = 32.0;
const IDLE: f64 = 40.0;
const SINK_FACTOR: f64 = 3.0;

fn all() -> usize {
    HOSTS * inboxes()
}

struct Run {
    count: Count,
    /// From the announcement on disk to the last inbox, in seconds.
    whole: f64,
    /// Processor milliseconds a delivery.
    cost: f64,
    /// Memory before, and at most meanwhile, in MiB.
    idle: f64,
    peak: f64,
}

impl Run {
    fn rate(&self) -> f64 {
        all() as f64 / self.count.span
    }
}

pub fn run(gates: &mut Gates, rounds: usize) {
    let mut sink = Sink::start();
    let alone = sink.own_rate(Duration::from_secs(2));
    println!("sink alone: {alone:.0} requests/s");
    let mut near = Vec::new();
    for round in 1..=rounds {
        let before = machine::signing_ceiling(Duration::from_secs(2));
        let run = fan_out(&mut sink, Duration::ZERO);
        let after = machine::signing_ceiling(Duration::from_secs(2));
        let ratio = run.rate() / ((before + after) / 2.0);
        println!(
            "round {round}: signing {before:.0}/s before, {after:.0}/s after; {} inboxes at {:.0}/s = {:.0} % of it; all after \
             {:.1} s; {:.2} CPU-ms each; {:.1} MiB before, {:.1} at most",
            all(),
            run.rate(),
            ratio * 100.0,
            run.whole,
            run.cost,
            run.idle,
            run.peak,
        );
        gates.exact("every inbox once", run.count.total, all());
        gates.at_most("memory when idle, MiB", run.idle, IDLE);
        gates.at_most("memory growth, MiB", run.peak - run.idle, GROWTH);
        near.push((ratio, run.rate()));
    }
    near.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, rate) = near.get(near.len() / 2).copied().unwrap_or_default();
    gates.at_least("share of the signing rate, median", ratio, OF_CEILING);
    gates.at_least("the sink, times the sender", alone / rate, SINK_FACTOR);

    let run = fan_out(&mut sink, Duration::from_millis(300));
    println!(
        "300 ms away: {} inboxes at {:.0}/s; all after {:.1} s; {:.2} CPU-ms each; {:.1} MiB before, {:.1} at most; {} at once",
        all(),
        run.rate(),
        run.whole,
        run.cost,
        run.idle,
        run.peak,
        run.count.abreast,
    );
    gates.exact("every inbox once at 300 ms", run.count.total, all());
    gates.at_least("deliveries a second at 300 ms", run.rate(), FAR_RATE);
    gates.at_most("memory growth at 300 ms, MiB", run.peak - run.idle, GROWTH);

    let (count, told, whole) = to_shared_inboxes(&mut sink);
    println!(
        "100,000 followers on 100 shared inboxes: {} requests; announced in {told:.2} s, all after {whole:.2} s",
        count.total
    );
    gates.exact("requests to 100 shared inboxes", count.total, 100);

    let (count, left) = with_kills(&mut sink);
    println!(
        "{KILLS} kills: {} missing, {} repeated, {left} left in the queue",
        all() - count.distinct,
        count.total - count.distinct
    );
    gates.exact("inboxes reached in spite of kills", count.distinct, all());
    gates.at_most("repeats after kills", (count.total - count.distinct) as f64, (IN_FLIGHT * KILLS) as f64);
    gates.at_most("left in the queue after kills", left as f64, 0.0);
}

/// One announcement to everyone.
fn fan_out(sink: &mut Sink, delay: Duration) -> Run {
    let city = City::found(served::one_for_each_inbox(sink));
    sink.reset(delay);
    let (idle, used) = (machine::resident(city.pid()), machine::processor_time(city.pid()));
    city.announce();
    let (said, mut peak) = (Instant::now(), idle);
    let count = wait(sink, all(), Duration::from_secs(600), || peak = peak.max(machine::resident(city.pid())));
    let whole = said.elapsed().as_secs_f64() - count.age;
    // what came twice would come soon
    settle(&city);
    let cost = (machine::processor_time(city.pid()) - used) * 1000.0 / all() as f64;
    let count = Count { total: sink.count().total, ..count };
    check_sample(&city, &count);
    Run { count, whole, cost, idle, peak }
}

/// Many followers and few inboxes: what came, how long the announcement took, and how long from then to the last.
fn to_shared_inboxes(sink: &mut Sink) -> (Count, f64, f64) {
    let city = City::found(served::sharing(sink, 100, 1000));
    sink.reset(Duration::ZERO);
    let before = Instant::now();
    city.announce();
    let (told, said) = (before.elapsed().as_secs_f64(), Instant::now());
    let count = wait(sink, 100, Duration::from_secs(60), || {});
    let whole = said.elapsed().as_secs_f64() - count.age;
    settle(&city);
    (sink.count(), told, whole)
}

fn settle(city: &City) -> i64 {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = city.queued();
        if left == 0 || Instant::now() > deadline {
            return left;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Until so many inboxes have it, or it takes too long.
fn wait(sink: &mut Sink, distinct: usize, at_most: Duration, mut meanwhile: impl FnMut()) -> Count {
    let deadline = Instant::now() + at_most;
    loop {
        let count = sink.count();
        if count.distinct >= distinct || Instant::now() > deadline {
            return count;
        }
        meanwhile();
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The server is killed again and again while it delivers; what is there in the end, and what is still queued.
fn with_kills(sink: &mut Sink) -> (Count, i64) {
    let mut city = City::found(served::one_for_each_inbox(sink));
    sink.reset(Duration::from_millis(5));
    city.announce();
    for kill in 1..=KILLS {
        let reached = wait(sink, all() * kill / (KILLS + 1), Duration::from_secs(60), || {}).distinct;
        city.kill();
        let killed = Instant::now();
        city.serve();
        wait(sink, reached + IN_FLIGHT, Duration::from_secs(60), || {});
        println!("killed after {reached}; sending again within {:.2} s", killed.elapsed().as_secs_f64());
    }
    wait(sink, all(), Duration::from_secs(600), || {});
    let left = settle(&city);
    (sink.count(), left)
}

/// The ten thousand were real: one of them is checked as a peer would.
fn check_sample(city: &City, count: &Count) {
    let (head, body) = count.sample.as_ref().expect("something came");
    let mut lines = head.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a request line");
    let headers: Vec<(String, &str)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let now: Timestamp = Clock::system().now();
    let examined = examine(&Head { method: "POST", is_https: false, target, headers: &headers }, now).expect("a good signature");
    assert!(examined.with_body(body.as_bytes()).expect("the right digest").holds(&city.public_key()), "the group's own key");
}

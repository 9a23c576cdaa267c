//! What this machine can do and what a process uses of it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use plaza::keys::RsaPrivate;

/// Signatures a second that all cores make together, doing nothing else.
pub fn signing_ceiling(span: Duration) -> f64 {
    let key = RsaPrivate::from_pkcs8(&RsaPrivate::generate().expect("a key")).expect("a key");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (made, start) = (AtomicUsize::new(0), Instant::now());
    let message = [b'x'; 300];
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while start.elapsed() < span {
                    key.sign_sha256(&message).expect("a signature");
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    made.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// Resident memory of a process in MiB.
pub fn resident(pid: u32) -> f64 {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    pages.unwrap_or(0.0) * 4096.0 / 1_048_576.0
}

/// Processor time of a process, its own and the kernel's, in seconds.
pub fn processor_time(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').filter_map(|field| field.parse().ok()).collect();
    // ticks of a hundredth; the state, the one field that is no number, is left out
    fields.get(10).zip(fields.get(11)).map_or(0.0, |(user, system)| (user + system) / 100.0)
}

pub fn describe() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).map_or("", |name| name.trim_start_matches([' ', '\t', ':']));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} × {model}, Linux {}, load {}", kernel.trim(), load.split(' ').next().unwrap_or_default())
}

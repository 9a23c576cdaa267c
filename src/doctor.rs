//! How a city is: the machine, the database, the name and the way to it, each in one line with what to do. Changes nothing.

mod certificate;
mod finding;
mod machine;
mod outside;
mod records;
mod times;

pub use self::{
    finding::{Finding, Grade},
    outside::{Outside, examine as from_outside},
};

use std::time::Duration;

use crate::{
    app,
    clock::Clock,
    config::{Config, Role},
    error::Result,
    net::{Client, Mirror, Wall},
    origin::Origin,
};

/// For the database; the network takes 5 s more.
const READ_WITHIN: Duration = Duration::from_secs(8);

/// Takes at most some 15 s. Works beside a running server, and without one.
pub async fn examine(config: &Config, clock: &Clock) -> Vec<Finding> {
    let server = app::who_is_alone(config);
    let running = matches!(server, Ok(Some(_)));
    let (looked_at, now) = (config.clone(), clock.now());
    let reading = tokio::task::spawn_blocking(move || records::read(&looked_at, now, !running));
    let read = tokio::time::timeout(READ_WITHIN, reading).await;
    let mut findings = vec![judge_server(config, &server)];
    let (kept, met) = match read {
        Ok(Ok(read)) => {
            findings.extend(read.findings);
            (read.origin, read.met)
        }
        _ => {
            let found = format!("could not be looked through within {} s", READ_WITHIN.as_secs());
            findings.push(Finding::warn("database", found, "run this again when the disk is less busy"));
            (None, Vec::new())
        }
    };
    findings.push(machine::disk(&config.data_dir));
    findings.push(machine::memory(server.ok().flatten()));
    findings.extend(ways(config, clock, kept, &met, running).await);
    findings
}

fn judge_server(config: &Config, server: &Result<Option<u32>>) -> Finding {
    let (what, folder) = ("server", config.data_dir.display());
    match server {
        Ok(Some(0)) => Finding::ok(what, format!("serves from {folder}")),
        Ok(Some(process)) => Finding::ok(what, format!("serves from {folder}, process {process}")),
        Ok(None) => Finding::warn(what, format!("stopped: nobody serves from {folder}"), "plaza serve starts it"),
        Err(error) => {
            Finding::bad(what, format!("{folder} cannot be looked into ({error})"), "run this as its owner, or as root")
        }
    }
}

/// All that needs the network: the clocks of others, and the city as they see it.
async fn ways(config: &Config, clock: &Clock, kept: Option<Origin>, met: &[String], running: bool) -> Vec<Finding> {
    if let (Some(kept), Some(asked)) = (&kept, &config.origin)
        && kept != asked
    {
        let found = format!("PLAZA_ORIGIN is {asked}, but this city is {kept}");
        return vec![Finding::bad("origin", found, format!("start it with {kept}; see plaza origin --help"))];
    }
    let Some(origin) = kept.or_else(|| config.origin.clone()) else {
        return vec![Finding::unchecked("origin", "there is no city yet, and no PLAZA_ORIGIN")];
    };
    let wall = Wall::new(config.allow_networks.clone(), config.allow_http, &origin);
    let roots = config.root_certificates.as_deref();
    let clients = Client::new(wall, roots).and_then(|client| Ok((client, Mirror::new(&origin, roots)?)));
    let (client, mirror) = match clients {
        Ok(clients) => clients,
        Err(error) => return vec![Finding::bad("origin", error.to_string(), "look at PLAZA_ROOT_CERTIFICATES")],
    };
    let scheme = if config.allow_http { "http" } else { "https" };
    let (outside, host, mut offsets) = tokio::join!(
        seen_from_outside(&mirror, &origin, config, clock),
        foreign_host(&mirror, &origin, config, running),
        times::of_others(&client, clock, met, scheme)
    );
    if offsets.is_empty() {
        // most often the clock of this very machine, and so only better than nothing
        offsets.extend(outside.ahead.map(|ahead| (ahead, "our own proxy".to_owned())));
    }
    let mut findings = outside.findings;
    findings.push(host);
    findings.push(times::judge(offsets));
    findings
}

async fn seen_from_outside(mirror: &Mirror, origin: &Origin, config: &Config, clock: &Clock) -> Outside {
    let why = match origin {
        _ if origin.is_loopback() => "this city is on loopback",
        _ if origin.host().ends_with(".onion") => "an onion service is reached through Tor only",
        _ => return outside::examine(mirror, origin, &config.allow_networks, clock).await,
    };
    let findings = ["dns", "certificate", "origin", "proxy"].map(|what| Finding::unchecked(what, why));
    Outside { findings: findings.to_vec(), ahead: None }
}

async fn foreign_host(mirror: &Mirror, origin: &Origin, config: &Config, running: bool) -> Finding {
    match config.addresses(origin).first() {
        _ if !running => Finding::unchecked("host", "the server is stopped"),
        _ if config.role == Role::Worker => Finding::unchecked("host", "a worker does not listen"),
        Some(address) => outside::foreign_host(mirror, *address).await,
        None => Finding::unchecked("host", "nothing listens"),
    }
}

//! How a city is: the machine, the database, the name and the way to it, each in one line with what to do. Changes nothing.

mod certificate;
mod finding;
mod machine;
mod outside;
mod phrase;
mod records;
mod times;

pub use self::{
    finding::{Finding, Grade},
    outside::{Outside, examine as from_outside},
    phrase::Phrase,
};

use std::time::Duration;

use unic_langid::LanguageIdentifier;

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
    visit(config, clock).await.0
}

/// The same, with the language of the place, as far as it is known.
pub async fn visit(config: &Config, clock: &Clock) -> (Vec<Finding>, Option<LanguageIdentifier>) {
    let server = app::who_is_alone(config);
    let running = matches!(server, Ok(Some(_)));
    let (looked_at, now) = (config.clone(), clock.now());
    let reading = tokio::task::spawn_blocking(move || records::read(&looked_at, now, !running));
    let read = tokio::time::timeout(READ_WITHIN, reading).await;
    let mut findings = vec![judge_server(config, &server)];
    let (kept, met, language) = match read {
        Ok(Ok(read)) => {
            findings.extend(read.findings);
            (read.origin, read.met, read.language)
        }
        _ => {
            let found = Phrase::new("doctor-database-slow").with("seconds", READ_WITHIN.as_secs());
            findings.push(Finding::warn("database", found, "doctor-database-slow-do"));
            (None, Vec::new(), None)
        }
    };
    findings.push(machine::disk(&config.data_dir));
    findings.push(machine::memory(server.ok().flatten()));
    findings.extend(ways(config, clock, kept, &met, running).await);
    let given = config.languages.as_ref().and_then(|languages| languages.first().cloned());
    (findings, given.or(language))
}

fn judge_server(config: &Config, server: &Result<Option<u32>>) -> Finding {
    let (what, folder) = ("server", config.data_dir.display());
    match server {
        Ok(Some(0)) => Finding::ok(what, Phrase::new("doctor-server-serves").with("folder", folder)),
        Ok(Some(process)) => {
            Finding::ok(what, Phrase::new("doctor-server-process").with("folder", folder).with("process", process))
        }
        Ok(None) => Finding::warn(what, Phrase::new("doctor-server-stopped").with("folder", folder), "doctor-server-start"),
        Err(error) => {
            let found = Phrase::new("doctor-server-unseen").with("folder", folder).with("error", error);
            Finding::bad(what, found, "doctor-as-owner")
        }
    }
}

/// All that needs the network: the clocks of others, and the city as they see it.
async fn ways(config: &Config, clock: &Clock, kept: Option<Origin>, met: &[String], running: bool) -> Vec<Finding> {
    if let (Some(kept), Some(asked)) = (&kept, &config.origin)
        && kept != asked
    {
        let found = Phrase::new("doctor-origin-other").with("asked", asked).with("kept", kept);
        return vec![Finding::bad("origin", found, "doctor-origin-other-do")];
    }
    let Some(origin) = kept.or_else(|| config.origin.clone()) else {
        return vec![Finding::unchecked("origin", Phrase::new("doctor-origin-none"))];
    };
    let wall = Wall::new(config.allow_networks.clone(), config.allow_http, &origin);
    let roots = config.root_certificates.as_deref();
    let clients = Client::new(wall, roots).and_then(|client| Ok((client, Mirror::new(&origin, roots)?)));
    let (client, mirror) = match clients {
        Ok(clients) => clients,
        Err(error) => {
            return vec![Finding::bad("origin", Phrase::new("doctor-broken").with("error", error), "doctor-roots-do")];
        }
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
        _ if origin.is_loopback() => "doctor-why-loopback",
        _ if origin.host().ends_with(".onion") => "doctor-why-onion",
        _ => return outside::examine(mirror, origin, &config.allow_networks, clock).await,
    };
    let findings = ["dns", "certificate", "origin", "proxy"].map(|what| Finding::unchecked(what, Phrase::new(why)));
    Outside { findings: findings.to_vec(), ahead: None }
}

async fn foreign_host(mirror: &Mirror, origin: &Origin, config: &Config, running: bool) -> Finding {
    let unheard = |why: &str| Finding::unchecked("host", Phrase::new(why));
    match config.addresses(origin).first() {
        _ if !running => unheard("doctor-why-stopped"),
        _ if config.role == Role::Worker => unheard("doctor-why-worker"),
        Some(address) => outside::foreign_host(mirror, *address).await,
        None => unheard("doctor-why-silent"),
    }
}

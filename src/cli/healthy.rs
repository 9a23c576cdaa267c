//! `plaza healthy`: whether the server of these settings answers; for whatever watches over it, such as Docker.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;

use super::Report;
use crate::{
    app::{self, App},
    clock::Clock,
    config::{Config, Role},
    error::{Error, Result},
    origin::Origin,
};

/// For each piece of the answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn run(config: Config) -> Result<Report> {
    // a worker answers nobody: it is well while it lives and its database answers
    if config.role == Role::Worker {
        let app = App::open(config, Clock::system()).await?;
        return Ok(well(&app.origin, "its database answers"));
    }
    let origin = config.origin.clone().map_or_else(app::first_origin, Ok)?;
    let said = ask(&config, &origin).map_err(|error| Error::refused(format!("{origin} does not answer: {error}")))?;
    if said.split(' ').nth(1) == Some("200") {
        return Ok(well(&origin, "it answers"));
    }
    Err(Error::refused(format!("{origin} is not well: it says {said:?} instead of 200")))
}

fn well(origin: &Origin, why: &str) -> Report {
    let json = json!({ "id": origin.to_string(), "uri": origin.instance(), "url": origin.url("/") });
    Report::new(format!("{origin} is well: {why}."), json)
}

/// The first line of what is said to a request for the front page, which needs the database.
fn ask(config: &Config, origin: &Origin) -> io::Result<String> {
    let mut stream = TcpStream::connect(config.addresses(origin).as_slice())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", origin.authority())?;
    let mut line = String::new();
    BufReader::new(stream.take(1_000)).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

//! Where the demo lives: a folder for both cities, which goes at the end or is kept, and the ports they know each other by.

use std::{
    fs,
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::town::Town;
use crate::error::{Error, Result};

/// Stands in a folder in which a demo was made to its end.
const NOTE: &str = "demo.json";

/// Where the cities live: their ids hold it for ever.
#[derive(Serialize, Deserialize)]
struct Note {
    ports: [u16; 2],
}

pub struct Home {
    folder: PathBuf,
    pub ports: [u16; 2],
    /// Nothing was made here yet.
    pub is_new: bool,
    /// Removes the folder at the end.
    passing: Option<tempfile::TempDir>,
}

impl Home {
    /// In `keep`, or in a folder that goes with the demo; at `port` and the next, or at two that are free.
    ///
    /// # Errors
    /// `Refused` when there is something else, or the ports are taken.
    pub fn at(keep: Option<&Path>, port: Option<u16>) -> Result<Self> {
        let Some(folder) = keep else {
            let passing = tempfile::Builder::new().prefix("plaza-demo-").tempdir()?;
            return Ok(Self { folder: passing.path().into(), ports: new_ports(port)?, is_new: true, passing: Some(passing) });
        };
        let folder = std::path::absolute(folder)?;
        let (ports, is_new) = match kept(&folder)? {
            Some(Note { ports }) => (known_ports(&folder, ports, port)?, false),
            None => (new_ports(port)?, true),
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(unusable(&folder))?;
        Ok(Self { folder, ports, is_new, passing: None })
    }

    pub fn of(&self, town: &Town) -> PathBuf {
        self.folder.join(town.folder)
    }

    /// From now on this folder is continued, not made anew.
    pub fn note_made(&self) -> Result<()> {
        let note = serde_json::to_string(&Note { ports: self.ports })?;
        fs::write(self.folder.join(NOTE), note).map_err(unusable(&self.folder))
    }

    /// What becomes of the folder.
    pub fn fate(&self) -> String {
        match self.passing {
            Some(_) => "Ctrl-C ends both and removes them; plaza demo --keep FOLDER would keep them.".into(),
            None => format!("Ctrl-C ends both; plaza demo --keep {} opens them again.", self.folder.display()),
        }
    }
}

fn unusable(folder: &Path) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::refused(format!("{} cannot be used: {error}", folder.display()))
}

/// What a demo noted there; nothing when the folder is empty or missing.
fn kept(folder: &Path) -> Result<Option<Note>> {
    match fs::read_to_string(folder.join(NOTE)) {
        Ok(note) => {
            let damaged = |_| Error::refused(format!("{} is damaged: name another folder", folder.join(NOTE).display()));
            serde_json::from_str(&note).map(Some).map_err(damaged)
        }
        Err(_) => match fs::read_dir(folder).map(Iterator::count) {
            Ok(1..) => Err(Error::refused(format!(
                "{} holds something else, or a demo that was never finished: remove it, or name another folder",
                folder.display()
            ))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(folder)(error)),
        },
    }
}

fn known_ports(folder: &Path, ports: [u16; 2], asked: Option<u16>) -> Result<[u16; 2]> {
    let [first, second] = ports;
    if asked.is_some_and(|asked| asked != first) {
        return Err(Error::refused(format!(
            "the cities in {} live at ports {first} and {second} for good, as they know each other by them: leave --port out",
            folder.display()
        )));
    }
    match ports.into_iter().find(|port| !is_free(*port)) {
        Some(taken) => Err(Error::refused(format!(
            "port {taken} is taken, and the cities in {} live at {first} and {second}: end what listens there (another demo?)",
            folder.display()
        ))),
        None => Ok(ports),
    }
}

const USUAL: u16 = 8080;
/// So many ports are tried.
const REACH: u16 = 200;

fn new_ports(asked: Option<u16>) -> Result<[u16; 2]> {
    if let Some(first) = asked {
        let ports = [first, first.saturating_add(1)];
        return match ports.into_iter().find(|port| !is_free(*port)) {
            Some(taken) => Err(Error::refused(format!(
                "port {taken} is taken or not ours to use: choose another with --port, or leave it out"
            ))),
            None => Ok(ports),
        };
    }
    let mut free = (USUAL..USUAL + REACH).filter(|port| is_free(*port));
    match (free.next(), free.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err(Error::refused(format!("no two ports from {USUAL} on are free: choose others with --port"))),
    }
}

/// On both loopback addresses: a browser may take either.
fn is_free(port: u16) -> bool {
    let on_six = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
    // a machine without IPv6 is fine
    let six_is_free = on_six.as_ref().err().is_none_or(|error| error.kind() != ErrorKind::AddrInUse);
    six_is_free && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_folder_decides_what_becomes_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/demo");
        let home = Home::at(Some(&path), None).unwrap();
        assert!(home.is_new && home.ports[0] != home.ports[1]);
        fs::write(path.join("something"), "").unwrap();
        let why = Home::at(Some(&path), None).err().unwrap().to_string();
        assert!(why.contains("something else"), "{why}");
        home.note_made().unwrap();
        let again = Home::at(Some(&path), None).unwrap();
        assert!(!again.is_new && again.ports == home.ports);
        let why = Home::at(Some(&path), Some(home.ports[0] + 1)).err().unwrap().to_string();
        assert!(why.contains("leave --port out"), "{why}");
        fs::write(path.join(NOTE), "{").unwrap();
        assert!(Home::at(Some(&path), None).is_err());
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(taken) = TcpListener::bind(address) else { continue };
            let port = taken.local_addr().unwrap().port();
            let why = Home::at(None, Some(port)).err().unwrap().to_string();
            assert!(why.contains(&format!("port {port} is taken")), "{why}");
            let why = known_ports(Path::new("/demo"), [port, 1], None).err().unwrap().to_string();
            assert!(why.contains(&format!("port {port} is taken")), "{why}");
        }
    }
}

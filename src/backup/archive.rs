//! The file of a backup: a tar archive within age, with the SHA-256 of every part at its end. Knows no database.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use age::stream::{StreamReader, StreamWriter};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::lock::{Lock, Opener};
use crate::error::{Error, Result};

/// Of the layout described here; goes up when an older Plaza could no longer read it.
pub const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";
const SECRET: &str = "secret";
/// The last part, in the form that `sha256sum -c` reads.
const SUMS: &str = "SHA256SUMS";
/// No part of a backup is larger; pieces of tables and pictures stay far below.
const LARGEST_PART: u64 = 256 << 20;

/// The first part of a backup: what it is a backup of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Version of the program that wrote it.
    pub plaza: String,
    pub origin: String,
    /// RFC 3339.
    pub written: String,
    /// Changes of the tables that were applied.
    pub changes: Vec<String>,
    /// Number of rows of each table.
    pub rows: BTreeMap<String, i64>,
}

/// One part of a backup.
pub enum Piece {
    Manifest(Manifest),
    /// One JSON object a line.
    Rows {
        table: String,
        lines: String,
    },
    /// What the secret file holds.
    Secret(Vec<u8>),
    Medium {
        name: String,
        bytes: Vec<u8>,
    },
}

/// A backup being written, under another name until it is whole.
pub struct Archive {
    tar: tar::Builder<StreamWriter<File>>,
    sums: String,
    draft: Draft,
    file: PathBuf,
}

/// Goes away unless it got its real name.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Archive {
    pub fn create(file: &Path, lock: &Lock) -> Result<Self> {
        if fs::symlink_metadata(file).is_ok() {
            return Err(Error::refused(format!("{} exists already: a backup overwrites nothing", file.display())));
        }
        let encryptor = lock.encryptor()?;
        let mut draft = file.as_os_str().to_owned();
        draft.push(".partial");
        let draft = PathBuf::from(draft);
        let out =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Error::refused(format!(
                    "{} is there: another backup is being written, or was broken off; remove it in the latter case",
                    draft.display()
                )),
                _ => Error::refused(format!("{} cannot be written: {error}", file.display())),
            })?;
        let draft = Draft(draft);
        let tar = tar::Builder::new(encryptor.wrap_output(out)?);
        Ok(Self { tar, sums: String::new(), draft, file: file.to_owned() })
    }

    pub fn add_manifest(&mut self, manifest: &Manifest) -> Result<()> {
        self.add(MANIFEST, &serde_json::to_vec_pretty(manifest)?)
    }

    /// `piece` counts from 1 within the table.
    pub fn add_rows(&mut self, table: &str, piece: u32, lines: &str) -> Result<()> {
        self.add(&format!("tables/{table}.{piece:06}.jsonl"), lines.as_bytes())
    }

    pub fn add_secret(&mut self, secret: &[u8]) -> Result<()> {
        self.add(SECRET, secret)
    }

    pub fn add_medium(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.add(&format!("media/{name}"), bytes)
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.sums.push_str(&sum(name, bytes));
        self.append(name, bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).map_err(Error::broken)?);
        header.set_mode(0o600);
        Ok(self.tar.append_data(&mut header, name, bytes)?)
    }

    /// On disk and under its name when this returns.
    pub fn finish(mut self) -> Result<()> {
        let sums = std::mem::take(&mut self.sums);
        self.append(SUMS, sums.as_bytes())?;
        self.tar.into_inner()?.finish()?.sync_all()?;
        fs::rename(&self.draft.0, &self.file)?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // some file systems of memory sticks cannot sync a folder
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

fn sum(name: &str, bytes: &[u8]) -> String {
    let hash: String = digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}  {name}\n")
}

/// Takes a backup apart, piece by piece, and fails unless all of it is as it was written. The last piece is handed over before
/// that is known.
pub fn read(file: &Path, opener: &Opener, take: &mut dyn FnMut(Piece) -> Result<()>) -> Result<()> {
    let mut archive = tar::Archive::new(opener.open(file)?);
    let mut sums = String::new();
    let mut whole = false;
    for entry in archive.entries().map_err(unreadable(file))? {
        let mut entry = entry.map_err(unreadable(file))?;
        let name = entry.path().ok().and_then(|path| path.to_str().map(str::to_owned)).ok_or_else(|| damaged(file))?;
        if whole || entry.size() > LARGEST_PART {
            return Err(damaged(file));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(unreadable(file))?;
        if name == SUMS {
            whole = bytes == sums.as_bytes();
        } else {
            sums.push_str(&sum(&name, &bytes));
            take(piece(file, &name, bytes)?)?;
        }
    }
    // age vouches for the end of the file only when it was read
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(unreadable(file))?;
    if whole { Ok(()) } else { Err(damaged(file)) }
}

fn piece(file: &Path, name: &str, bytes: Vec<u8>) -> Result<Piece> {
    if name == MANIFEST {
        return manifest(file, &bytes).map(Piece::Manifest);
    }
    if name == SECRET {
        return Ok(Piece::Secret(bytes));
    }
    if let Some(name) = name.strip_prefix("media/").filter(|name| is_plain(name)) {
        return Ok(Piece::Medium { name: name.to_owned(), bytes });
    }
    let table = name.strip_prefix("tables/").and_then(|name| name.strip_suffix(".jsonl")).and_then(|name| name.split_once('.'));
    match (table, String::from_utf8(bytes)) {
        (Some((table, _)), Ok(lines)) => Ok(Piece::Rows { table: table.to_owned(), lines }),
        _ => Err(damaged(file)),
    }
}

/// A name that stays in its folder.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// The number of the format is read first: what stands beside it may be new.
fn manifest(file: &Path, bytes: &[u8]) -> Result<Manifest> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(bytes).map_err(|_| damaged(file))?;
    if format > FORMAT {
        return Err(Error::refused(format!(
            "{} was written by a newer Plaza (format {format}, this program reads {FORMAT}): restore it with the newer program",
            file.display()
        )));
    }
    serde_json::from_slice(bytes).map_err(|_| damaged(file))
}

pub fn damaged(file: &Path) -> Error {
    Error::refused(format!("{} is damaged or incomplete, and nothing was restored: take another copy of it", file.display()))
}

/// Flipped bits and missing ends come up as errors of reading, like a failing disk.
fn unreadable(file: &Path) -> impl FnOnce(io::Error) -> Error {
    move |error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => damaged(file),
        _ => error.into(),
    }
}

/// The archive within, once age has been satisfied.
pub type Plain = StreamReader<BufReader<File>>;

//! Where pictures are kept: in a folder, or with a store that speaks S3, under names made of their content. Knows no row.

mod place;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{
    clock::Timestamp,
    config::MediaPlace,
    error::{Error, Result, Said},
    pictures::{self, Shape},
    text,
};

/// A post shows at most so many: Mastodon takes no more.
pub const AT_MOST: usize = 4;
const LONGEST_ALT: usize = 1_500;

/// A picture that we keep, in two sizes; they are the same where it is small by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What it shows, in words, for whoever does not see it.
    pub alt: String,
    pub large: File,
    pub small: File,
}

/// One size of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The SHA-256 of its bytes and what it is, such as `9f86….jpg`.
    pub name: String,
    pub width: u32,
    pub height: u32,
}

/// Why pictures are not taken. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "each picture needs its own description, for people who do not see it: say in a sentence or two what it shows, and write out the words in it, such as --alt \"Six people cook under a blue tarpaulin. A sign says: soup for all\""
    )]
    Alt,
    #[error("the description of a picture has 1 to 1,500 characters")]
    AltLength,
    #[error("at most 4 pictures")]
    Many,
}

/// Is each of them described, and are they not too many?
pub fn check(pictures: &[Kept]) -> Result<(), Refusal> {
    if pictures.len() > AT_MOST {
        return Err(Refusal::Many);
    }
    pictures.iter().try_for_each(|picture| check_alt(&picture.alt))
}

pub fn check_alt(alt: &str) -> Result<(), Refusal> {
    if alt.trim().is_empty() {
        return Err(Refusal::Alt);
    }
    if text::is_prose(alt, LONGEST_ALT) { Ok(()) } else { Err(Refusal::AltLength) }
}

impl Refusal {
    /// The same in every language; which picture it is about is for the form to say.
    pub fn said(&self) -> Said {
        match self {
            Self::Alt => Said::new("refused-alt").about("pictures"),
            Self::AltLength => Said::new("refused-alt-length").about("pictures"),
            Self::Many => Said::new("refused-pictures").about("pictures"),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::refused_in_words(&refusal, refusal.said())
    }
}

impl From<pictures::Refusal> for Error {
    fn from(refusal: pictures::Refusal) -> Self {
        let said = match &refusal {
            pictures::Refusal::Format => Said::new("refused-picture-format"),
            pictures::Refusal::File => Said::new("refused-picture-file"),
            pictures::Refusal::Pixels(width, height) => {
                Said::new("refused-picture-pixels").with("width", width).with("height", height)
            }
            pictures::Refusal::Memory => Said::new("refused-picture-memory"),
            pictures::Refusal::Scans => Said::new("refused-picture-scans"),
            pictures::Refusal::Damaged => Said::new("refused-picture-damaged"),
        };
        Error::refused_in_words(&refusal, said.about("pictures"))
    }
}

impl Kept {
    /// The same picture in other words.
    pub fn described_as(&self, alt: &str) -> Self {
        Self { alt: alt.trim().to_owned(), ..self.clone() }
    }

    /// The names of its files, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let small = (self.small != self.large).then_some(&self.small);
        std::iter::once(&self.large).chain(small).map(|file| file.name.as_str())
    }
}

impl File {
    /// Where it is shown.
    pub fn path(&self) -> String {
        format!("/media/pictures/{}", self.name)
    }

    pub fn media_type(&self) -> &'static str {
        media_type(&self.name)
    }

    fn of(picture: &pictures::Picture) -> Self {
        let hash: String = digest(&SHA256, &picture.bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: format!("{hash}.{}", picture.extension()), width: picture.width, height: picture.height }
    }
}

/// Nothing but these two is ever kept.
pub fn media_type(name: &str) -> &'static str {
    if name.ends_with(".jpg") { "image/jpeg" } else { "image/png" }
}

/// Could a picture be called so? Those of Plaza 0.1 bear a UUID in place of the hash.
pub fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".jpg").or_else(|| name.strip_suffix(".png")).unwrap_or_default();
    matches!(stem.len(), 36 | 64) && stem.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// A picture made anew from somebody's file, not kept yet.
#[derive(Clone, Debug)]
pub struct Fresh {
    pub kept: Kept,
    files: Vec<(String, Bytes)>,
}

/// Opening a picture takes much memory and a whole processor.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Makes a picture anew, beside the threads that answer requests, one after the other.
pub async fn take_in(file: Vec<u8>, shape: Shape, alt: &str) -> Result<Fresh> {
    let _turn = ONE_AT_A_TIME.acquire().await.map_err(Error::broken)?;
    let made = tokio::task::spawn_blocking(move || pictures::import(&file, shape)).await.map_err(Error::broken)?;
    let sizes = made?;
    let (large, small) = (File::of(&sizes.large), File::of(&sizes.small));
    let mut files = vec![(large.name.clone(), sizes.large.bytes.into())];
    if small != large {
        files.push((small.name.clone(), sizes.small.bytes.into()));
    }
    Ok(Fresh { kept: Kept { alt: alt.trim().to_owned(), large, small }, files })
}

/// Where this city keeps its pictures; cheap to clone.
#[derive(Clone)]
pub struct Media {
    store: Arc<dyn ObjectStore>,
    /// As people write it.
    place: String,
}

impl Media {
    /// # Errors
    /// `Refused` when the folder is not there, or what is needed to reach a store is missing or unsafe.
    pub fn open(place: &MediaPlace) -> Result<Self> {
        let (store, place) = place::open(place)?;
        Ok(Self { store, place })
    }

    /// Keeps the files of fresh pictures that are not there. To be done before the row that shows them commits, so that no row
    /// ever shows what is not there; and after it, because somebody may have let go of the same picture meanwhile.
    pub async fn keep(&self, fresh: &[Fresh]) -> Result<()> {
        for (name, bytes) in fresh.iter().flat_map(|fresh| &fresh.files) {
            match self.store.head(&Path::from(name.as_str())).await {
                Ok(_) => {}
                Err(object_store::Error::NotFound { .. }) => self.put(name, bytes.clone()).await?,
                Err(error) => return Err(self.unreachable(error)),
            }
        }
        Ok(())
    }

    /// On disk, or with the store, when this returns; never half of it.
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<()> {
        self.store.put(&Path::from(name), bytes.into()).await.map(|_| ()).map_err(|error| self.unreachable(error))
    }

    pub async fn read(&self, name: &str) -> Result<Option<Bytes>> {
        let found = match self.store.get(&Path::from(name)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    /// Every picture and when it was kept, by name; what else may be there is none of ours.
    pub async fn list(&self) -> Result<Vec<(String, Timestamp)>> {
        let found = self.store.list(None).map_ok(|file| (file.location.to_string(), file.last_modified.into()));
        let mut files: Vec<(String, Timestamp)> = found.try_collect().await.map_err(|error| self.unreachable(error))?;
        files.retain(|(name, _)| is_name(name));
        files.sort();
        Ok(files)
    }

    /// No error where it is gone already.
    pub async fn remove(&self, name: &str) -> Result<()> {
        match self.store.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    fn unreachable(&self, error: object_store::Error) -> Error {
        Error::broken(format!("pictures at {} cannot be reached: {error}", self.place))
    }
}

//! Files of a city beside its database: the secret and the pictures. What was placed goes away again unless it is kept.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tokio::runtime::Handle;

use crate::{
    config::Config,
    error::{Error, Result},
    media::Media,
};

/// Files written for a restore that is under way.
pub struct Placed {
    media: Media,
    new_media: Vec<String>,
    secret: PathBuf,
    new: Vec<PathBuf>,
    /// What the secret file held before it was replaced.
    former_secret: Option<Vec<u8>>,
    kept: bool,
}

impl Placed {
    pub fn in_place_of(config: &Config) -> Result<Self> {
        Ok(Self {
            media: Media::open(&config.media)?,
            new_media: Vec::new(),
            secret: config.secret_file.clone(),
            new: Vec::new(),
            former_secret: None,
            kept: false,
        })
    }

    /// A picture of that name that is there already must be the same one.
    pub fn put_medium(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let waiting = Handle::current();
        match waiting.block_on(self.media.read(name))? {
            Some(there) if there == bytes => Ok(()),
            Some(_) => Err(Error::refused(format!(
                "another picture {name} is at {}: restore into an empty PLAZA_DATA_DIR and PLAZA_MEDIA",
                self.media.place()
            ))),
            None => {
                self.new_media.push(name.to_owned());
                waiting.block_on(self.media.put(name, bytes.to_vec().into()))
            }
        }
    }

    pub fn put_secret(&mut self, secret: &[u8]) -> Result<()> {
        match fs::read(&self.secret) {
            // also where it comes from outside and cannot be written
            Ok(there) if there.trim_ascii() == secret.trim_ascii() => Ok(()),
            Ok(there) => {
                replace(&self.secret, secret).map_err(unwritable(&self.secret))?;
                self.former_secret = Some(there);
                Ok(())
            }
            Err(_) => self.put_new(self.secret.clone(), secret),
        }
    }

    fn put_new(&mut self, path: PathBuf, bytes: &[u8]) -> Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(unwritable(&path))?;
        self.new.push(path.clone());
        file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| sync_folder(&path)).map_err(unwritable(&path))
    }

    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        for path in &self.new {
            let _ = fs::remove_file(path);
        }
        for name in &self.new_media {
            let _ = Handle::current().block_on(self.media.remove(name));
        }
        if let Some(secret) = &self.former_secret {
            let _ = replace(&self.secret, secret);
        }
    }
}

/// Complete or not at all.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".new-{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> Error {
    move |error| Error::refused(format!("{} cannot be written: {error}", path.display()))
}

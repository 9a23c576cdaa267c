//! The secret that wraps private keys at rest, and the file it lives in; knows nothing of what it wraps.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac, rand,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::error::{Error, Result};

/// What wrapped text begins with: AES-256-GCM, nonce first, tag last.
const FIRST_FORM: &str = "w1:";

/// 32 random bytes. Whoever has them and the database can speak for every actor of this city.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| Error::broken("the system gave no random bytes"))?;
        Ok(Self(bytes))
    }

    /// Reads the secret from its file, which is made, readable by its owner only, when there is none.
    /// Two processes that start at once get the same one. A file of another shape is refused, never replaced.
    pub fn load_or_make(path: &Path) -> Result<Self> {
        match Self::load(path)? {
            Some(secret) => Ok(secret),
            None => {
                Self::random()?.put(path).map_err(|error| refused(path, format!("cannot be made ({error})")))?;
                Self::load(path)?.ok_or_else(|| refused(path, "vanished while it was being made"))
            }
        }
    }

    fn load(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(path, format!("cannot be read ({error})"))),
        };
        let bytes = STANDARD.decode(text.trim_ascii()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(|bytes| Some(Self(bytes))).ok_or_else(|| {
            refused(path, "is not a secret of ours: it must hold 32 bytes in base64; put the right file back from a backup")
        })
    }

    /// Complete or not at all, and never over a file that is there.
    fn put(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let draft = folder.join(name);
        let written = self.write(&draft).and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
        let removed = fs::remove_file(&draft);
        written.and(removed)?;
        fs::File::open(folder)?.sync_all()
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        writeln!(file, "{}", STANDARD.encode(self.0))?;
        file.sync_all()
    }

    /// What leads to `text` only for whoever has the secret and guesses it; another one for each `context`.
    pub fn fingerprint(&self, text: &str, context: &str) -> String {
        let of = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
        let key = of(&self.0, &format!("fingerprints of {context}"));
        URL_SAFE_NO_PAD.encode(of(key.as_ref(), text))
    }

    /// Encrypts `plain` so that it opens with the same `context` only.
    pub fn wrap(&self, plain: &[u8], context: &str) -> Result<String> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .key()?
            .seal_in_place_append_tag(Aad::from(context), &mut sealed)
            .map_err(|_| Error::broken("a key could not be wrapped"))?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        Ok(format!("{FIRST_FORM}{}", STANDARD.encode(whole)))
    }

    /// The way back from [`Secret::wrap`]; fails for text wrapped with another secret or context.
    pub fn unwrap(&self, text: &str, context: &str) -> Result<Vec<u8>> {
        let foreign = || Error::broken(format!("the secret file does not open the key of {context}"));
        let encoded = text.strip_prefix(FIRST_FORM).ok_or_else(foreign)?;
        let mut whole = STANDARD.decode(encoded).map_err(|_| foreign())?;
        let (nonce, sealed) = whole.split_at_mut_checked(NONCE_LEN).ok_or_else(foreign)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| foreign())?;
        let plain = self.key()?.open_in_place(nonce, Aad::from(context), sealed).map_err(|_| foreign())?;
        Ok(plain.to_vec())
    }

    fn key(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).map_err(|_| Error::broken("the secret is no key"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn refused(path: &Path, why: impl fmt::Display) -> Error {
    Error::refused(format!("the secret file {} {why}.", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Secret::load_or_make(&path).unwrap();
        assert_eq!(Secret::load_or_make(&path).unwrap().0, first.0);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn processes_that_start_at_once_get_the_same_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::random().unwrap().put(&path).unwrap();
        let first = Secret::load(&path).unwrap().unwrap();
        Secret::random().unwrap().put(&path).unwrap();
        assert_eq!(Secret::load(&path).unwrap().unwrap().0, first.0);
    }

    #[test]
    fn a_malformed_file_is_refused_by_name_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for wrong in ["", "hello", "AAAA", &STANDARD.encode([7; 31]), &STANDARD.encode([7; 33]), "\u{0}"] {
            fs::write(&path, wrong).unwrap();
            let error = Secret::load_or_make(&path).unwrap_err();
            assert!(
                matches!(&error, Error::Refused(why) if why.text.contains("secret file") && why.text.contains("32 bytes")),
                "{error}"
            );
            assert_eq!(fs::read(&path).unwrap(), wrong.as_bytes());
        }
        let nowhere = folder.path().join("no/such/folder/secret");
        assert!(matches!(Secret::load_or_make(&nowhere), Err(Error::Refused(_))));
    }

    #[test]
    fn what_is_wrapped_opens_only_untouched() {
        let secret = Secret([7; 32]);
        let text = secret.wrap(b"plain", "/ap/instance").unwrap();
        assert_eq!(secret.unwrap(&text, "/ap/instance").unwrap(), b"plain");
        assert_ne!(secret.wrap(b"plain", "/ap/instance").unwrap(), text, "each nonce is new");
        let cut = &text[..text.len() - 4];
        for (wrong, context) in
            [(text.as_str(), "/ap/other"), (cut, "/ap/instance"), ("w1:", "/ap/instance"), ("", ""), ("w2:AAAA", "")]
        {
            assert!(secret.unwrap(wrong, context).is_err(), "{wrong} {context}");
        }
        assert!(Secret([8; 32]).unwrap(&text, "/ap/instance").is_err());
        assert!(!format!("{secret:?}").contains('7'));
    }
}

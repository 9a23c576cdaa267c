//! Who can open a backup: age keys, or a passphrase from a file, the environment or the terminal. Knows nothing of what is in it.

use std::{
    fs::{self, File},
    io::{BufReader, IsTerminal},
    path::{Path, PathBuf},
};

use age::{DecryptError, Decryptor, Encryptor, Identity, IdentityFile, Recipient, scrypt, secrecy::SecretString, x25519};

use super::archive::{Plain, damaged};
use crate::error::{Error, Result};

const VARIABLE: &str = "PLAZA_BACKUP_PASSPHRASE";

/// Memory and time that one guess at a passphrase costs: 2 to this power KiB, here 128 MiB, which a small machine still has.
const WORK: u8 = 17;
/// A backup that asks for more is not ours.
const MOST_WORK: u8 = 20;

/// Shorter passphrases are guessed.
const SHORTEST_PASSPHRASE: usize = 12;

/// For whom a backup is locked.
#[derive(clap::Args, Clone, Default)]
pub struct Lock {
    /// Public age key (age1…) of someone who may open it; repeatable. Without any: a passphrase, which is asked for
    #[arg(long = "recipient", value_name = "AGE_KEY")]
    pub recipients: Vec<String>,
    /// File whose first line is the passphrase; else PLAZA_BACKUP_PASSPHRASE, else it is asked for
    #[arg(long, value_name = "FILE", conflicts_with = "recipients")]
    pub passphrase_file: Option<PathBuf>,
}

/// What opens a backup.
#[derive(clap::Args, Clone, Default)]
pub struct Key {
    /// File with the private age key (AGE-SECRET-KEY-1…) of someone it was written for; repeatable
    #[arg(long = "identity", value_name = "FILE")]
    pub identities: Vec<PathBuf>,
    /// File whose first line is the passphrase; else PLAZA_BACKUP_PASSPHRASE, else it is asked for
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl Lock {
    pub fn encryptor(&self) -> Result<Encryptor> {
        if self.recipients.is_empty() {
            let mut recipient = scrypt::Recipient::new(self.passphrase()?);
            recipient.set_work_factor(WORK);
            return encryptor(&[recipient]);
        }
        let parse = |key: &String| {
            key.trim().parse::<x25519::Recipient>().map_err(|why| {
                Error::invalid(format!("--recipient cannot be {key:?}: {why}; give a public key that begins with age1"))
            })
        };
        encryptor(&self.recipients.iter().map(parse).collect::<Result<Vec<_>>>()?)
    }

    fn passphrase(&self) -> Result<SecretString> {
        let passphrase = match given(self.passphrase_file.as_deref())? {
            Some(passphrase) => passphrase,
            None => {
                let first = typed("Passphrase of the backup: ", "--recipient AGE_KEY")?;
                if typed("The same again: ", "")? != first {
                    return Err(Error::refused("the two passphrases differ; no backup was written"));
                }
                first
            }
        };
        if passphrase.chars().count() < SHORTEST_PASSPHRASE {
            return Err(Error::refused(format!(
                "a passphrase needs at least {SHORTEST_PASSPHRASE} characters: four or more words that do not belong together are good"
            )));
        }
        Ok(passphrase.into())
    }
}

fn encryptor<R: Recipient>(recipients: &[R]) -> Result<Encryptor> {
    Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn Recipient)).map_err(Error::broken)
}

impl Key {
    /// What opens this file: asks for a passphrase only when it was locked with one.
    pub fn opener(&self, file: &Path) -> Result<Opener> {
        if decryptor(file)?.is_scrypt() {
            let passphrase = match given(self.passphrase_file.as_deref())? {
                Some(passphrase) => passphrase,
                None => typed("Passphrase of the backup: ", "")?,
            };
            let mut identity = scrypt::Identity::new(passphrase.into());
            identity.set_max_work_factor(MOST_WORK);
            return Ok(Opener(vec![Box::new(identity)]));
        }
        if self.identities.is_empty() {
            return Err(Error::refused(format!(
                "{} was written for age keys: give the file of a private one with --identity FILE",
                file.display()
            )));
        }
        let mut identities = Vec::new();
        for path in &self.identities {
            let wrong = |why: &dyn std::fmt::Display| Error::invalid(format!("--identity cannot be {}: {why}", path.display()));
            let file = File::open(path).map(BufReader::new).and_then(IdentityFile::from_buffer).map_err(|why| wrong(&why))?;
            identities.extend(file.into_identities().map_err(|why| wrong(&why))?);
        }
        Ok(Opener(identities))
    }
}

/// Keys ready to open a backup, more than once.
pub struct Opener(Vec<Box<dyn Identity + Send + Sync>>);

impl Opener {
    pub fn open(&self, file: &Path) -> Result<Plain> {
        decryptor(file)?.decrypt(self.0.iter().map(|identity| &**identity as &dyn Identity)).map_err(|why| match why {
            DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                Error::refused(format!("{} does not open with this passphrase or key", file.display()))
            }
            DecryptError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => error.into(),
            _ => damaged(file),
        })
    }
}

fn decryptor(file: &Path) -> Result<Decryptor<BufReader<File>>> {
    let input = File::open(file).map_err(|error| Error::refused(format!("{} cannot be read: {error}", file.display())))?;
    Decryptor::new_buffered(BufReader::new(input)).map_err(|why| match why {
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => {
            Error::refused(format!("{} is not a backup of Plaza, or is damaged at its very beginning", file.display()))
        }
        DecryptError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => error.into(),
        _ => damaged(file),
    })
}

/// A passphrase that needs nobody at the terminal.
fn given(file: Option<&Path>) -> Result<Option<String>> {
    let Some(file) = file else {
        return Ok(std::env::var(VARIABLE).ok().filter(|passphrase| !passphrase.is_empty()));
    };
    let unreadable =
        |why: &dyn std::fmt::Display| Error::invalid(format!("--passphrase-file cannot be {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|why| unreadable(&why))?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Some(line.to_owned())),
        None => Err(unreadable(&"its first line is empty")),
    }
}

/// Asks without showing what is typed. `or` names another way for whoever sits at no terminal.
fn typed(question: &str, or: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        let or = if or.is_empty() { String::new() } else { format!("{or}, ") };
        return Err(Error::refused(format!("a backup is always locked: give {or}--passphrase-file FILE or {VARIABLE}")));
    }
    Ok(rpassword::prompt_password(question)?)
}

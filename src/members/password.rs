//! Passwords: which ones are taken, and their argon2id fingerprints, of which only a few are made at a time.

use std::{
    cell::RefCell,
    collections::HashSet,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::http::StatusCode;
use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{Output, Salt, SaltString},
};
use aws_lc_rs::rand;
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
};

use crate::{
    error::{Error, Said},
    web::Failure,
};

/// In characters. There are no rules about which: they make passwords worse (NIST SP 800-63B, 3.1.1.2).
const SHORTEST: usize = 10;
/// In characters: nothing is cut off, and nobody sends a book.
const LONGEST: usize = 1_000;

/// Those that others chose most often and that are long enough, in lower case, sorted; from the lists of Django and zxcvbn.
const COMMON: &str = include_str!("common_passwords.txt");

/// Words that others begin theirs with most often, in Spanish and English, as [`plain`] makes them and sorted. Each is short, so
/// that by itself it need not be refused for being here.
const WORDS: &str = include_str!("common_words.txt");
/// Digits and signs at an end that make no other password of one.
const TAIL: usize = 6;

/// Why a password is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a password has at least 10 characters")]
    Short,
    #[error("a password has at most 1,000 characters")]
    Long,
    #[error("this password is one of the first that anybody tries")]
    Common,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let message = match refusal {
            Refusal::Short => "entry-refused-short",
            Refusal::Long => "entry-refused-long",
            Refusal::Common => "entry-refused-common",
        };
        Error::refused_in_words(refusal, Said::new(message).about("password"))
    }
}

/// `known`: what others may know of this person and of the place.
pub fn check(password: &str, known: &[&str]) -> Result<(), Refusal> {
    if password.chars().count() < SHORTEST {
        return Err(Refusal::Short);
    }
    if password.chars().count() > LONGEST {
        return Err(Refusal::Long);
    }
    let password = plain(password);
    let is_known = known.iter().any(|known| is_made_of(&password, &plain(known)));
    if is_known || is_one_thing_again(&password) || is_common(&password) { Err(Refusal::Common) } else { Ok(()) }
}

/// In small letters and without accents, where letters are Latin.
fn plain(text: &str) -> String {
    let is_latin = |c: char| matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let mut plain = String::with_capacity(text.len());
    for c in text.to_lowercase().chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')) {
        match deunicode::deunicode_char(c).filter(|_| is_latin(c)) {
            Some(letters) => plain.push_str(&letters.to_lowercase()),
            None => plain.push(c),
        }
    }
    plain
}

/// Its letters and digits, with the signs that people write for letters read as those; what looks alike is the same.
fn read(plain: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '@' | '4' => 'a',
        '$' | '5' => 's',
        '3' => 'e',
        '1' | 'l' | '|' => 'i',
        other => other,
    };
    plain.chars().map(letter).filter(|c| c.is_alphanumeric()).collect()
}

/// One of those that are tried first, however it is spelled; also twice, and with digits and signs at its ends. `password` is
/// [`plain`].
fn is_common(password: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let bare = |line: &str| read(line.trim_end_matches(|c: char| !c.is_alphabetic()));
        let lines = COMMON.lines().flat_map(|line| [read(line), bare(line)]).chain(WORDS.lines().map(read));
        lines.filter(|line| line.chars().count() >= 4).collect()
    });
    let known = |middle: &str| {
        let read = read(middle);
        let half = read.get(..read.len() / 2).unwrap_or_default();
        KNOWN.contains(&read) || (KNOWN.contains(half) && read == half.repeat(2))
    };
    let ends = |text: &str| text.chars().take_while(|c| !c.is_alphabetic()).count();
    let (all, before) = (password.chars().count(), ends(password));
    let after = ends(&password.chars().rev().collect::<String>());
    // a sign at an end may stand for a letter, so that each place to cut is tried
    let digits = password.chars().rev().take_while(char::is_ascii_digit).count();
    let cuts = |most: usize, whole: [usize; 2]| (0..=most.min(TAIL)).chain(whole.into_iter().filter(|cut| *cut > TAIL));
    cuts(before, [before, 0]).filter(|from| is_slight(password.chars().take(*from))).any(|from| {
        cuts(after, [after, digits])
            .filter(|to| from + to < all && is_slight(password.chars().skip(all - to)))
            .any(|to| known(&password.chars().take(all - to).skip(from).collect::<String>()))
    })
}

/// Too little, or too plain, to make another password.
fn is_slight(end: impl Iterator<Item = char>) -> bool {
    let end: String = end.collect();
    end.chars().count() <= TAIL || is_one_thing_again(&end)
}

/// Nothing but a name that everybody knows, digits and signs.
fn is_made_of(password: &str, known: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let (typed, known) = (letters(password), letters(known));
    !known.is_empty() && (typed == known || typed == format!("{known}{known}"))
}

/// `aaaaaaaaaa`, `abcabcabcabc`, `0123456789`.
fn is_one_thing_again(password: &str) -> bool {
    let all: Vec<u32> = password.chars().map(u32::from).collect();
    let repeats = (1..=4).any(|length| all.iter().zip(all.iter().skip(length)).all(|(left, right)| left == right));
    let counts = |step: i64| all.windows(2).all(|two| matches!(two, [a, b] if i64::from(*b) - i64::from(*a) == step));
    repeats || counts(1) || counts(-1)
}

/// OWASP's first choice for argon2id: 19 MiB, two passes.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Who waits for a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Of whom nothing is known: perhaps a program that guesses.
    Anybody,
    /// Somebody who was let in before: with a session, with a link, or with a browser of theirs.
    Known,
}

/// As many as two small cores do at a time; each takes 19 MiB.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// No more than two of those of whom nothing is known come near enough to keep others waiting.
static ANYBODY: Semaphore = Semaphore::const_new(2);
static WAITING: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
/// So many may wait for their turn, in each lane: some seconds on a small machine.
const LONGEST_QUEUE: usize = 256;
/// Always the same two threads, each with its own memory.
static THREADS: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let forever = Duration::from_secs(365 * 24 * 3_600);
    Builder::new_current_thread().max_blocking_threads(2).thread_keep_alive(forever).thread_name("passwords").build().ok()
});

struct Turn(&'static AtomicUsize);

impl Turn {
    fn new(lane: Lane) -> Result<Self, Failure> {
        let [anybody, known] = &WAITING;
        let turn = Self(if lane == Lane::Known { known } else { anybody });
        if turn.0.fetch_add(1, Ordering::SeqCst) >= LONGEST_QUEUE {
            let text = "Too many people sign in at this moment.";
            return Err(Failure::status(StatusCode::SERVICE_UNAVAILABLE, text, Said::new("failed-busy")));
        }
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn in_turn<T: Send + 'static>(lane: Lane, work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Failure> {
    let turn = Turn::new(lane)?;
    let near = match lane {
        Lane::Anybody => Some(ANYBODY.acquire().await.map_err(Error::broken)?),
        Lane::Known => None,
    };
    let place = AT_ONCE.acquire().await.map_err(Error::broken)?;
    let threads = THREADS.as_ref().ok_or_else(|| Error::broken("there are no threads for passwords"))?;
    // the place is taken until the work is done, also when whoever asked for it is gone
    let done = threads.spawn_blocking(move || {
        let _held = (turn, near, place);
        work()
    });
    Ok(done.await.map_err(Error::broken)??)
}

fn made(password: &str) -> Result<String, Error> {
    let mut salt = [0; Salt::RECOMMENDED_LENGTH];
    rand::fill(&mut salt).map_err(|_| Error::broken("there is no randomness"))?;
    let kept = SaltString::encode_b64(&salt).map_err(unreadable)?;
    let argon2 = argon2();
    let made = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon2.params().try_into().map_err(unreadable)?,
        salt: Some(kept.as_salt()),
        hash: Some(output(&argon2, password, &salt)?),
    };
    Ok(made.to_string())
}

fn unreadable(error: argon2::password_hash::Error) -> Error {
    Error::broken(error.to_string())
}

/// The thread's memory is used again and again: given back each time, the allocator would keep many times as much.
fn output(argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<Output, Error> {
    thread_local! {
        static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(vec![]) };
    }
    let made = MEMORY.with_borrow_mut(|memory| {
        memory.resize(argon2.params().block_count(), Block::default());
        Output::init_with(Params::DEFAULT_OUTPUT_LEN, |out| {
            Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, memory)?)
        })
    });
    made.map_err(unreadable)
}

/// Is this the password that `kept` was made of?
fn fits(password: &str, kept: &PasswordHash<'_>) -> Result<bool, Error> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::try_from(kept).map_err(unreadable)?);
    let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else { return Ok(false) };
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes).map_err(unreadable)?;
    // compared in constant time
    Ok(output(&argon2, password, salt)? == expected)
}

/// What is kept of a password.
///
/// # Errors
/// 503 when too many wait.
pub async fn fingerprint(password: String, lane: Lane) -> Result<String, Failure> {
    in_turn(lane, move || made(&password)).await
}

/// Does this password belong to what was kept? Takes the same time where nothing was: nobody learns who has an account.
///
/// # Errors
/// 503 when too many wait.
pub async fn is_right(password: String, kept: Option<String>, lane: Lane) -> Result<bool, Failure> {
    static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| made("nobody's").ok());
    in_turn(lane, move || {
        let is_somebodys = kept.is_some();
        let kept = kept.or_else(|| NOBODYS.clone()).ok_or_else(|| Error::broken("there is no randomness"))?;
        let kept = PasswordHash::new(&kept).map_err(|error| Error::broken(error.to_string()))?;
        let fits = password.chars().count() <= LONGEST && fits(&password, &kept)?;
        Ok(fits && is_somebodys)
    })
    .await
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    #[test]
    fn the_common_ones_are_sorted_and_long_enough() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.is_sorted() && lines.len() > 2_000);
        assert!(lines.iter().all(|line| line.len() >= SHORTEST && *line == line.to_lowercase()));
        let words: Vec<&str> = WORDS.lines().collect();
        assert!(words.is_sorted() && words.len() > 150);
        assert!(words.iter().all(|word| *word == plain(word) && word.chars().all(char::is_alphabetic)));
    }

    #[test]
    fn a_password_is_long_and_not_what_anybody_tries_first() {
        let known = ["Ana María", "ana_maria", "Riverside", "José"];
        let table = [
            ("nine char", Err(Refusal::Short)),
            ("ñññññññññ", Err(Refusal::Short)),
            ("password123", Err(Refusal::Common)),
            ("PassWord123", Err(Refusal::Common)),
            ("Password123!", Err(Refusal::Common)),
            ("p@$$w0rd2026", Err(Refusal::Common)),
            ("contraseña", Err(Refusal::Common)),
            ("Contraseña1", Err(Refusal::Common)),
            ("contraseña123", Err(Refusal::Common)),
            ("contrasen\u{303}@123456789", Err(Refusal::Common)),
            ("contraseñacontraseña", Err(Refusal::Common)),
            ("123 Te Quiero!", Err(Refusal::Common)),
            ("correcthorsebatterystaple", Err(Refusal::Common)),
            ("correct horse battery staple", Err(Refusal::Common)),
            ("qwertyuiop123", Err(Refusal::Common)),
            ("contraseña de la cocina", Ok(())),
            ("te quiero, sopa", Ok(())),
            ("secreto8305712946", Ok(())),
            ("JOSE\u{301} 2026 !", Err(Refusal::Common)),
            ("aaaaaaaaaaaaaa", Err(Refusal::Common)),
            ("abcabcabcabc", Err(Refusal::Common)),
            ("abcdefghijkl", Err(Refusal::Common)),
            ("9876543210", Err(Refusal::Common)),
            ("Ana-Maria-2026", Err(Refusal::Common)),
            ("ana and the pots", Ok(())),
            ("ana_maria_2026", Err(Refusal::Common)),
            ("Riverside2026", Err(Refusal::Common)),
            ("soup at noon", Ok(())),
            ("ñandú ñoño ñu", Ok(())),
            ("七十二只绿色的猫在跳", Ok(())),
        ];
        for (password, expected) in table {
            assert_eq!(check(password, &known), expected, "{password}");
        }
        assert_eq!(check(&"ab c".repeat(251), &known), Err(Refusal::Long));
        assert_eq!(check(&"soup at noon, ".repeat(70), &known), Ok(()));
        assert_eq!(check(&"señal: ñu ".repeat(100), &known), Ok(()), "letters are counted, not what they take");
        assert_eq!(check(&"señal: ñu ".repeat(101), &known), Err(Refusal::Long));
    }

    #[test]
    fn a_fingerprint_is_of_the_strength_that_owasp_asks_for_and_of_the_whole_password() {
        let long = "soup at noon, ".repeat(20);
        let kept = made(&long).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let kept = PasswordHash::new(&kept).unwrap();
        assert!(fits(&long, &kept).unwrap());
        assert!(argon2().verify_password(long.as_bytes(), &kept).is_ok(), "as every other program reads it");
        assert!(!fits(long.trim_end(), &kept).unwrap(), "nothing is cut off");
    }
}

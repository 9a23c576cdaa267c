//! How accounts begin: who may join, the first one of a place, and that those which nobody uses go.

pub mod pages;

use std::time::Duration;

use uuid::Uuid;

use super::{
    actions::begin_session,
    member::Member,
    passkeys::{self, Passkey},
    store,
    token::Token,
    ways::{self, Kind, Way},
};
use crate::{
    app::{self, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result, Said},
};

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Anyone, and what they start is at once like everything else.
    Open,
    /// Anyone; what they start stands on lists when somebody welcomed it.
    #[default]
    Welcomed,
    /// Whoever was invited.
    Invited,
}

const JOINING: &str = "joining";

impl Mode {
    pub const ALL: [Self; 3] = [Self::Open, Self::Welcomed, Self::Invited];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Welcomed => "welcomed",
            Self::Invited => "invited",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

pub fn mode(conn: &mut Conn) -> Result<Mode> {
    Ok(app::setting(conn, JOINING)?.and_then(|name| Mode::by_name(&name)).unwrap_or_default())
}

pub fn choose(conn: &mut Conn, mode: Mode) -> Result<()> {
    Ok(app::keep_setting(conn, JOINING, mode.name())?)
}

/// Why there is no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the name {0:?} for signing in is taken")]
    Taken(String),
    #[error("a name for signing in has 1 to 30 letters a–z, digits or underscores, and begins with a letter: {0:?} is not one")]
    Handle(String),
    #[error("this place is joined by invitation")]
    ByInvitation,
    #[error("this link was used, or it is too old")]
    Used,
    #[error("you can invite others once a group of yours was welcomed")]
    Stranger,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Taken(handle) => Said::new("entry-refused-taken").with("handle", handle).about("handle"),
            Refusal::Handle(handle) => Said::new("entry-refused-handle").with("handle", handle).about("handle"),
            Refusal::ByInvitation => Said::new("entry-refused-by-invitation"),
            Refusal::Used => Said::new("entry-refused-used"),
            Refusal::Stranger => Said::new("entry-refused-stranger"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// Somebody who wants an account.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub name: String,
    pub handle: String,
    pub language: String,
    pub key: Key,
}

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub enum Key {
    /// Fingerprint of the password.
    Password(String),
    Passkey(Passkey),
}

/// Of a link that lets somebody join.
#[derive(Clone, Debug)]
pub enum Invitation {
    None,
    /// The link of an invitation.
    To(Token),
    /// They were asked to speak for a group, by a link of this hash, which is looked after elsewhere.
    ToGroup(String),
    /// The link of the first account that looks after the place.
    Start(Token),
}

/// An account, signed in under a new secret.
pub fn join(conn: &mut Conn, here: &Here, newcomer: &Newcomer, invitation: &Invitation, token: &Token) -> Result<Member> {
    let caretaker = may_join(conn, here.now, invitation)?;
    match invitation {
        Invitation::None | Invitation::ToGroup(_) => {}
        Invitation::To(link) => drop(ways::take(conn, link)?),
        Invitation::Start(_) => ways::remove_all(conn, Kind::Start)?,
    }
    let Newcomer { name, handle, language, key } = newcomer.clone();
    let (today, id) = (here.now.day(), if let Key::Passkey(passkey) = &key { passkey.member } else { Uuid::new_v4() });
    let member = Member { id, handle, name, language, caretaker, welcomed: None, created: today };
    member.check()?;
    let password = if let Key::Password(password) = &key { Some(password.as_str()) } else { None };
    if !store::add(conn, &member, password)? {
        return Err(Refusal::Taken(member.handle).into());
    }
    if let Key::Passkey(passkey) = &key
        && !passkeys::add(conn, passkey)?
    {
        return Err(passkeys::ceremony::Refusal::Again.into());
    }
    begin_session(conn, here, member.id, token)?;
    Ok(member)
}

/// Whether they will look after the place.
pub fn may_join(conn: &mut Conn, now: Timestamp, invitation: &Invitation) -> Result<bool> {
    let is_open =
        |conn: &mut Conn, link: &Token, kind| Ok::<_, Error>(ways::find(conn, link, now)?.is_some_and(|way| way.kind == kind));
    match invitation {
        Invitation::Start(link) => {
            // whoever came first has it
            if is_open(conn, link, Kind::Start)? && store::caretakers(conn)?.is_empty() {
                Ok(true)
            } else {
                Err(Refusal::Used.into())
            }
        }
        Invitation::ToGroup(_) => Ok(false),
        Invitation::To(link) if is_open(conn, link, Kind::Invitation)? => Ok(false),
        Invitation::To(_) | Invitation::None => match mode(conn)? {
            Mode::Invited => Err(Refusal::ByInvitation.into()),
            Mode::Open | Mode::Welcomed => Ok(false),
        },
    }
}

/// Did they come with the link of an invitation that opens nothing any more?
pub fn is_used(conn: &mut Conn, now: Timestamp, invitation: &Invitation) -> Result<bool> {
    let Invitation::To(link) = invitation else { return Ok(false) };
    Ok(ways::find(conn, link, now)?.is_none_or(|way| way.kind != Kind::Invitation))
}

/// Makes `token` the one link to the account that looks after the place; `false` when one does already, whoever else has joined.
pub fn offer_start(conn: &mut Conn, here: &Here, token: &Token) -> Result<bool> {
    if !store::caretakers(conn)?.is_empty() {
        return Ok(false);
    }
    ways::remove_all(conn, Kind::Start)?;
    Ok(ways::add(conn, &token.hash(), &Way::new(Kind::Start, here.now))?)
}

/// Who is no stranger may bring others.
pub fn may_invite(member: &Member) -> bool {
    member.caretaker || member.welcomed.is_some()
}

/// Makes `token` an invitation to this place. Who gave it to whom is not kept.
pub fn invite(conn: &mut Conn, here: &Here, token: &Token) -> Result<()> {
    ways::add(conn, &token.hash(), &Way::new(Kind::Invitation, here.now))?;
    Ok(())
}

/// An account that nobody welcomed and that speaks for no group goes after so long without anybody signed in.
pub const UNUSED: Duration = Duration::from_secs(30 * 24 * 3_600);

pub fn forget_unused(conn: &mut Conn, now: Timestamp) -> Result<usize> {
    Ok(store::forget_unused(conn, (now - UNUSED).day())?)
}

//! Whether it is really them: asked before anything is made that opens an account after the session is over, lest somebody else's
//! telephone, once in the hand, is a way in that stays.

use super::{
    access::Visitor,
    member::Session,
    password::{self, Lane},
    sign_in::Attempts,
    store,
};
use crate::{
    app::App,
    error::Result,
    web::{Failure, Shell},
};

/// What somebody who is signed in shows before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: the account is of today, or has no password and somebody came in today with what it has.
    None,
    /// The password.
    Password,
    /// There is none: that they can sign in.
    SignIn,
}

/// Who is signed in, as far as their password goes.
pub struct Oneself {
    pub session: Session,
    pub proof: Proof,
    kept: Option<String>,
}

impl Oneself {
    pub async fn of(app: &App, visitor: &Visitor) -> Result<Self> {
        let (speaker, here) = (visitor.speaker()?, app.here());
        let read = app.db.read(move |conn| {
            let session = speaker.session(conn, &here)?;
            let kept = store::password(conn, session.member.id)?;
            let today = here.now.day();
            let proof = match kept {
                _ if session.member.created == today => Proof::None,
                Some(_) => Proof::Password,
                None if session.begun == today => Proof::None,
                None => Proof::SignIn,
            };
            Ok(Self { session, proof, kept })
        });
        read.await
    }

    /// Whom nobody welcomed is not known for having an account: those come by the hundred.
    pub fn lane(&self) -> Lane {
        if self.session.member.welcomed.is_some() { Lane::Known } else { Lane::Anybody }
    }

    pub fn has_password(&self) -> bool {
        self.kept.is_some()
    }

    /// What is wrong with what was typed as proof; nothing where none is asked for.
    pub async fn doubt(&self, app: &App, attempts: &Attempts, shell: &Shell, typed: String) -> Result<Option<String>, Failure> {
        match self.proof {
            Proof::None => Ok(None),
            Proof::Password => self.is_wrong(app, attempts, shell, typed).await,
            Proof::SignIn => Ok(Some(shell.say("oneself-sign-in"))),
        }
    }

    /// What is wrong with a password, of an account that has one. Of whoever is signed in already, guesses from elsewhere do not
    /// count.
    pub async fn is_wrong(
        &self,
        app: &App,
        attempts: &Attempts,
        shell: &Shell,
        typed: String,
    ) -> Result<Option<String>, Failure> {
        let (handle, browser) = (&self.session.member.handle, self.session.id.to_string());
        if let Err(wait) = attempts.begin(handle, Some(&browser), app.clock.now()) {
            return Ok(Some(shell.fill("sign-in-too-often", "seconds", &(wait.as_secs() + 1).to_string())));
        }
        if !password::is_right(typed, self.kept.clone(), self.lane()).await? {
            return Ok(Some(shell.say("me-password-wrong")));
        }
        attempts.succeeded(handle, Some(&browser));
        Ok(None)
    }
}

//! What other servers say of moving: Move.

use super::actions::{self, Went};
use crate::{actors::remote::RemoteActor, app::Here, db::Conn, error::Result, federation::effect::Effect};

/// Its sender is another actor from now on. Where it went was asked for and names it.
pub struct Moved {
    pub went: Went,
}

impl Effect for Moved {
    fn happens_once(&self) -> bool {
        true
    }

    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()> {
        actions::other_moved(conn, here, &sender.uri, &self.went)
    }
}

//! What an activity of another server does here, once it is known who sent it.

use crate::{actors::remote::RemoteActor, app::Here, db::Conn, error::Result};

/// One incoming activity, read and ready. All it needs from the network was fetched before.
pub trait Effect: Send + Sync {
    /// Must its id be handled only once? Changes of state that may come again in the same words need not.
    fn happens_once(&self) -> bool {
        false
    }

    /// Does it say whether somebody comes to a meeting? Then it is not laid by: who comes is written down nowhere.
    fn names_who_comes(&self, _here: &Here) -> bool {
        false
    }

    /// May something that we show be gone with it? Then its pictures go, too.
    fn takes_away(&self) -> bool {
        false
    }

    /// Does it, inside the transaction that also notes that it was done. The signature of `sender` was checked.
    fn happen(&self, conn: &mut Conn, here: &Here, sender: &RemoteActor) -> Result<()>;
}

//! Servers are let in, and what was held of them is done.

use diesel::Connection;
use serde_json::Value;
use url::Url;

use super::read;
use crate::{
    actors::remote,
    app::Here,
    db::Conn,
    error::{Error, Result},
    quarantine::store::{self, Held, Standing},
};

/// Lets a server in and does what it said in the meantime, in that order; how much of it there was.
pub fn let_in(conn: &mut Conn, here: &Here, host: &str) -> Result<usize> {
    store::keep_standing(conn, host, Standing::Welcome, here.now)?;
    let held = store::of_host(conn, host)?;
    for activity in &held {
        // what a rule refuses leaves nothing behind, and does not keep the rest waiting
        if let Err(broken @ Error::Broken(_)) = conn.transaction(|conn| happen(conn, here, activity)) {
            return Err(broken);
        }
    }
    store::forget_host(conn, host)?;
    Ok(held.len())
}

/// Its signature was checked when it came.
fn happen(conn: &mut Conn, here: &Here, held: &Held) -> Result<()> {
    let activity: Value = serde_json::from_str(&held.body)?;
    let actor = Url::parse(&held.actor).map_err(Error::broken)?;
    let Some(sender) = remote::find(conn, &actor)? else { return Ok(()) };
    match read(&activity, None)? {
        Some(effect) => effect.happen(conn, here, &sender),
        None => Ok(()),
    }
}

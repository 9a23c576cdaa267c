//! Groups that wait for a welcome and that nobody is left to speak for, or nobody uses: they end, for nobody else can end them. And
//! what goes with the account of whoever leaves.

use std::time::Duration;

use uuid::Uuid;

use super::ending;
use crate::{
    app::Here,
    clock::Timestamp,
    coming,
    db::Conn,
    error::Result,
    groups::{self, group::Group},
    living,
    members::{self, account, actions::Speaker},
    powers::deed::{Deed, Kind, Role},
};

/// So long a group waits in which nothing changes, and of whose people nobody is here.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 3_600);
/// No more end at once; the rest an hour later.
const AT_ONCE: usize = 500;
/// So many are in memory at a time.
const LOOKED_AT: i64 = 200;

/// Somebody deletes their own account.
pub fn leave(conn: &mut Conn, here: &Here, speaker: &Speaker) -> Result<()> {
    let member = speaker.member(conn, here)?;
    let_go_of(conn, here, member.id)?;
    account::leave(conn, here, speaker)
}

/// Ends what waits and has nobody but this member, whose account goes, and gives back their places at meetings: afterwards nobody
/// could, for only their account leads to them.
pub fn let_go_of(conn: &mut Conn, here: &Here, member: Uuid) -> Result<()> {
    coming::accounts::forget(conn, here, &[&coming::accounts::member(member)], None)?;
    for organizer in members::store::groups_of(conn, member)? {
        let people = members::store::organizers_of(conn, &organizer.group)?;
        let group = groups::store::even_waiting(conn, &organizer.group)?.filter(Group::waits);
        if group.is_some() && people.iter().all(|(other, _)| other.member == member) {
            ending::at_once(conn, here, &organizer.group, &by_rule(here))?;
        }
    }
    Ok(())
}

/// Ends what was not used for long.
pub(super) fn settle(conn: &mut Conn, here: &Here) -> Result<()> {
    let before = here.now - UNUSED;
    let mut unused = Vec::new();
    let mut after = String::new();
    while unused.len() < AT_ONCE {
        let some = groups::store::waiting_since(conn, before, &after, LOOKED_AT)?;
        let Some(last) = some.last() else { break };
        after.clone_from(&last.handle);
        for group in some {
            if unused.len() < AT_ONCE && !is_used(conn, here, &group, before)? {
                unused.push(group.handle);
            }
        }
    }
    for handle in unused {
        ending::at_once(conn, here, &handle, &by_rule(here))?;
    }
    Ok(())
}

/// Meetings ahead are no sign that somebody is here: those of a series come by themselves.
fn is_used(conn: &mut Conn, here: &Here, group: &Group, since: Timestamp) -> Result<bool> {
    let signs = living::store::of(conn, here.now, group)?;
    if signs.said.is_some_and(|said| said >= since) || signs.changed >= since {
        return Ok(true);
    }
    for (organizer, _) in members::store::organizers_of(conn, &group.handle)? {
        if organizer.since >= since || members::store::was_here_since(conn, organizer.member, since.day())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn by_rule(here: &Here) -> Deed {
    Deed::of(Kind::Ended, Role::Rule, here.now)
}

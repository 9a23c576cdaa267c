//! What those who look after the place do, from their pages and from the command line alike: done and noted as a use of power in
//! one go, so that neither way goes unseen.

use chrono::NaiveDate;
use uuid::Uuid;

use super::health;
use crate::{
    app::Here,
    blocks::{
        self,
        list::{List, Which},
    },
    city::charter::{self, Charter},
    db::Conn,
    error::{Error, Result, Said},
    federation::{
        delivery::overview,
        fetches::{self, Fetches},
    },
    groups::{self, group::Group},
    inbox::held,
    members::{
        account::may_leave,
        joining::{self, Mode},
        member::Member,
        store, ways,
    },
    people,
    plaza::{self, pass_on::PassOn},
    powers::{
        self,
        deed::{Deed, Kind, Reason, Role},
    },
    quarantine::{
        self,
        store::{Choice, Standing},
    },
    reports::{self, report::Report},
    welcome,
};

/// In whose hands it was, and why.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// `None` for the command line: whoever has the machine.
    pub member: Option<Uuid>,
    pub reason: Reason,
}

impl By {
    pub fn member(member: &Member, reason: Reason) -> Self {
        Self { member: Some(member.id), reason }
    }

    /// The command line.
    pub fn machine(reason: Reason) -> Self {
        Self { member: None, reason }
    }

    fn deed(&self, kind: Kind, here: &Here) -> Deed {
        Deed { member: self.member, reason: self.reason, ..Deed::of(kind, Role::Caretaker, here.now) }
    }

    fn did(&self, conn: &mut Conn, here: &Here, kind: Kind) -> Result<()> {
        Ok(powers::store::note(conn, here, &self.deed(kind, here))?)
    }
}

/// `false` when it was blocked before.
pub fn block(conn: &mut Conn, here: &Here, by: &By, target: &str) -> Result<bool> {
    let new = blocks::actions::block(conn, here, target)?;
    if new {
        by.did(conn, here, Kind::Blocked)?;
    }
    Ok(new)
}

/// `false` when it was not blocked.
pub fn unblock(conn: &mut Conn, here: &Here, by: &By, target: &str) -> Result<bool> {
    let was = blocks::actions::unblock(conn, target)?;
    if was {
        by.did(conn, here, Kind::Unblocked)?;
    }
    Ok(was)
}

/// Takes in a list, which is one use of power; how many were not blocked before.
pub fn take_list(conn: &mut Conn, here: &Here, by: &By, list: &List) -> Result<usize> {
    let new = blocks::actions::block_all(conn, here, &list.blocked)?;
    for host in &list.held {
        quarantine::actions::distrust(conn, here, host)?;
    }
    if new + list.held.len() > 0 {
        by.did(conn, here, Kind::ListTaken)?;
    }
    Ok(new)
}

/// What is blocked or looked at first, as a list that others can take in.
pub fn list(conn: &mut Conn, which: Which) -> Result<String> {
    let blocked: Vec<String> = blocks::store::list(conn)?.into_iter().map(|(target, _)| target).collect();
    let held = quarantine::store::standings(conn)?.into_iter().filter(|(_, standing, _)| standing == Standing::Held.name());
    let held: Vec<String> = held.map(|(host, ..)| host).collect();
    blocks::list::write(which, &blocked, &held)
}

/// `false` when it was there already.
pub fn add_word(conn: &mut Conn, here: &Here, by: &By, word: &str) -> Result<bool> {
    let new = blocks::words::add(conn, word, here.now)?;
    if new {
        by.did(conn, here, Kind::Blocked)?;
    }
    Ok(new)
}

/// `false` when it was not there.
pub fn remove_word(conn: &mut Conn, here: &Here, by: &By, word: &str) -> Result<bool> {
    let was = blocks::words::remove(conn, word)?;
    if was {
        by.did(conn, here, Kind::Unblocked)?;
    }
    Ok(was)
}

/// Whose welcome it was is kept nowhere.
pub fn welcome(conn: &mut Conn, here: &Here, handle: &str) -> Result<Group> {
    welcome::actions::welcome(conn, here, handle)
}

pub fn unwelcome(conn: &mut Conn, here: &Here, by: &By, handle: &str) -> Result<Group> {
    welcome::actions::unwelcome(conn, here, handle, &by.deed(Kind::Unwelcomed, here))
}

/// Ends a group for good, at once.
pub fn end_group(conn: &mut Conn, here: &Here, by: &By, handle: &str) -> Result<Group> {
    people::ending::at_once(conn, here, handle, &by.deed(Kind::Ended, here))
}

/// The same of several that wait for a welcome, each of which is noted; none where one of them does not wait any more.
pub fn end_waiting(conn: &mut Conn, here: &Here, by: &By, handles: &[String]) -> Result<Vec<Group>> {
    let mut ended = Vec::new();
    for handle in handles {
        let waits = groups::store::even_waiting(conn, handle)?.is_some_and(|group| group.waits());
        if !waits {
            let said = Said::new("care-groups-wait-not").with("group", handle);
            return Err(Error::refused_in_words(format!("{handle} does not wait to be welcomed"), said));
        }
        ended.push(end_group(conn, here, by, handle)?);
    }
    Ok(ended)
}

/// They are done with a report.
pub fn close_report(conn: &mut Conn, here: &Here, by: &By, id: Uuid, times: Option<i64>) -> Result<Report> {
    let was_open = reports::actions::find(conn, id)?.closed.is_none();
    let report = reports::actions::close(conn, here, id, times)?;
    if was_open {
        by.did(conn, here, Kind::ReportClosed)?;
    }
    Ok(report)
}

/// Lets somebody look after the place, or no longer. The last one cannot lay it down: somebody has to be able to.
pub fn make_caretaker(conn: &mut Conn, here: &Here, by: &By, member: Member, on: bool) -> Result<Member> {
    if !on {
        not_the_last(conn, &member)?;
    }
    if member.caretaker != on {
        let kind = if on { Kind::Caretaker } else { Kind::NoCaretaker };
        powers::store::note(conn, here, &by.deed(kind, here).about(member.id))?;
    }
    let member = Member { caretaker: on, ..member };
    store::save(conn, &member)?;
    Ok(member)
}

/// Stops the way back in that a caretaker asked for; `false` when there is none.
pub fn stop_way(conn: &mut Conn, here: &Here, by: &By, member: &Member) -> Result<bool> {
    let was = ways::remove_of(conn, member.id, Some(ways::Kind::Caretaker))? > 0;
    if was {
        powers::store::note(conn, here, &by.deed(Kind::WayStopped, here).about(member.id))?;
    }
    Ok(was)
}

fn not_the_last(conn: &mut Conn, member: &Member) -> Result<()> {
    if member.caretaker && store::caretakers(conn)?.iter().all(|caretaker| caretaker.id == member.id) {
        let said = Said::new("care-refused-last");
        return Err(Error::refused_in_words("somebody has to look after the place: name another one first", said));
    }
    Ok(())
}

/// Deletes an account; its groups go on, but those that wait and have nobody else. Whose it was is not noted. Only whoever has
/// the machine can delete the very last one.
pub fn delete_member(conn: &mut Conn, here: &Here, by: &By, member: &Member) -> Result<()> {
    if by.member.is_some() {
        not_the_last(conn, member)?;
    }
    may_leave(conn, member)?;
    people::unwelcomed::let_go_of(conn, here, member.id)?;
    store::delete(conn, member.id)?;
    by.did(conn, here, Kind::AccountDeleted)
}

/// Lets a server in; how much was done of what it said in the meantime.
pub fn let_in(conn: &mut Conn, here: &Here, by: &By, host: &str) -> Result<usize> {
    by.did(conn, here, Kind::Quarantine)?;
    held::let_in(conn, here, host)
}

/// What a server says is looked at first from now on.
pub fn hold(conn: &mut Conn, here: &Here, by: &By, host: &str) -> Result<()> {
    by.did(conn, here, Kind::Quarantine)?;
    quarantine::actions::distrust(conn, here, host)
}

/// Throws away what is held of a server, how much that was; where it is `known`, also what was decided about it.
pub fn drop_held(conn: &mut Conn, here: &Here, by: &By, host: &str, known: bool) -> Result<usize> {
    let decided = known && quarantine::store::forget_standing(conn, host)?;
    let gone = quarantine::store::forget_host(conn, host)?;
    if decided || gone > 0 {
        by.did(conn, here, Kind::Quarantine)?;
    }
    Ok(gone)
}

/// Throws away what waits for a server, or for every one what was set aside; how much that was.
pub fn give_up(conn: &mut Conn, here: &Here, by: &By, host: Option<&str>) -> Result<usize> {
    let gone = overview::forget(conn, host)?;
    if gone > 0 {
        by.did(conn, here, Kind::GivenUp)?;
    }
    Ok(gone)
}

/// Whom the plaza hears, or what it passes on, was chosen.
pub fn chose_for_plaza(conn: &mut Conn, here: &Here, by: &By) -> Result<()> {
    by.did(conn, here, Kind::Settings)
}

/// What can be chosen while the place runs; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pub charter: Option<Charter>,
    pub pass_on: Option<PassOn>,
    pub joining: Option<Mode>,
    pub unknown_servers: Option<Choice>,
    pub fetches: Option<Fetches>,
    /// Until when the domain is paid; `Some(None)` for nobody knows.
    pub domain: Option<Option<NaiveDate>>,
}

/// Keeps what was chosen. `language` is the place's own; whether anything is now as it was not before.
pub fn choose(conn: &mut Conn, here: &Here, by: &By, chosen: &Chosen, language: &str) -> Result<bool> {
    let mut changed = false;
    if let Some(charter) = &chosen.charter {
        changed |= charter::read(conn)? != *charter;
        charter::save(conn, charter)?;
    }
    if let Some(choice) = chosen.pass_on {
        changed |= plaza::store::choice(conn)? != choice;
        plaza::actions::choose(conn, here, choice, language)?;
    }
    if let Some(mode) = chosen.joining {
        changed |= joining::mode(conn)? != mode;
        joining::choose(conn, mode)?;
    }
    if let Some(choice) = chosen.unknown_servers {
        changed |= quarantine::store::choice(conn)? != choice;
        quarantine::actions::choose(conn, here, choice)?;
    }
    if let Some(choice) = chosen.fetches {
        changed |= fetches::choice(conn)? != choice;
        fetches::keep_choice(conn, choice)?;
    }
    if let Some(domain) = chosen.domain {
        changed |= health::domain_ends(conn)? != domain;
        health::note_domain(conn, domain)?;
    }
    if changed {
        by.did(conn, here, Kind::Settings)?;
    }
    Ok(changed)
}

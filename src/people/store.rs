//! How proposals are kept until they are settled.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl, Selectable,
    SelectableHelper,
};
use uuid::Uuid;

use super::proposal::{Kind, Proposal};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        schema::{groups, proposals},
    },
    powers::deed::Reason,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = proposals)]
struct Row {
    id: String,
    group_handle: String,
    kind: String,
    reason: String,
    member: Option<String>,
    about: Option<String>,
    hash: Option<String>,
    until: Timestamp,
    named: Option<String>,
}

impl Row {
    fn proposal(self) -> QueryResult<Proposal> {
        let odd = |column| Inconsistent::error("proposals", column, &self.id);
        let read = |column, id: &Option<String>| {
            id.as_deref().map(Uuid::parse_str).transpose().map_err(|_| Inconsistent::error("proposals", column, &self.id))
        };
        Ok(Proposal {
            id: Uuid::parse_str(&self.id).map_err(|_| odd("id"))?,
            kind: Kind::by_name(&self.kind).ok_or_else(|| odd("kind"))?,
            reason: Reason::by_name(&self.reason).ok_or_else(|| odd("reason"))?,
            member: read("member", &self.member)?,
            about: read("about", &self.about)?,
            group: self.group_handle,
            named: self.named,
            hash: self.hash,
            until: self.until,
        })
    }
}

fn all(rows: Vec<Row>) -> QueryResult<Vec<Proposal>> {
    rows.into_iter().map(Row::proposal).collect()
}

pub fn add(conn: &mut Conn, proposal: &Proposal) -> QueryResult<()> {
    let id = |member: Option<Uuid>| member.map(|member| member.to_string());
    let row = (
        proposals::id.eq(proposal.id.to_string()),
        proposals::group_handle.eq(&proposal.group),
        proposals::kind.eq(proposal.kind.name()),
        proposals::reason.eq(proposal.reason.name()),
        proposals::member.eq(id(proposal.member)),
        proposals::about.eq(id(proposal.about)),
        proposals::named.eq(&proposal.named),
        proposals::hash.eq(&proposal.hash),
        proposals::until.eq(proposal.until),
    );
    diesel::insert_into(proposals::table).values(row).execute(conn)?;
    Ok(())
}

/// `false` when it was settled already.
pub fn remove(conn: &mut Conn, id: Uuid) -> QueryResult<bool> {
    Ok(diesel::delete(proposals::table.find(id.to_string())).execute(conn)? > 0)
}

pub fn find(conn: &mut Conn, id: Uuid) -> QueryResult<Option<Proposal>> {
    let row = proposals::table.find(id.to_string()).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::proposal).transpose()
}

pub fn by_hash(conn: &mut Conn, hash: &str) -> QueryResult<Option<Proposal>> {
    let row = proposals::table.filter(proposals::hash.eq(hash)).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::proposal).transpose()
}

/// What is open in a group, what ends first in front. A request to pick it up stays until somebody settles it.
pub fn of_group(conn: &mut Conn, group: &str, now: Timestamp) -> QueryResult<Vec<Proposal>> {
    let open = proposals::until.gt(now).or(proposals::kind.eq(Kind::PickUp.name()));
    let query = proposals::table.filter(proposals::group_handle.eq(group)).filter(open);
    all(query.order((proposals::until, proposals::id)).select(Row::as_select()).load(conn)?)
}

/// Groups that asked this member to speak for them.
pub fn offers_to(conn: &mut Conn, member: Uuid, now: Timestamp) -> QueryResult<Vec<Proposal>> {
    let query = proposals::table
        .filter(proposals::about.eq(member.to_string()))
        .filter(proposals::kind.eq(Kind::Offer.name()))
        .filter(proposals::until.gt(now));
    all(query.order((proposals::until, proposals::id)).select(Row::as_select()).load(conn)?)
}

/// Every request to pick up a sleeping group.
pub fn pick_ups(conn: &mut Conn) -> QueryResult<Vec<Proposal>> {
    let query = proposals::table.filter(proposals::kind.eq(Kind::PickUp.name()));
    all(query.order((proposals::until, proposals::id)).select(Row::as_select()).load(conn)?)
}

/// Removals of every group, those asked first in front.
pub fn removals(conn: &mut Conn) -> QueryResult<Vec<Proposal>> {
    let query = proposals::table.filter(proposals::kind.eq(Kind::Removal.name()));
    all(query.order((proposals::until, proposals::id)).select(Row::as_select()).load(conn)?)
}

/// What somebody asked in a group who no longer speaks for it, and what was asked about them there.
pub fn forget_those_of(conn: &mut Conn, group: &str, member: Uuid) -> QueryResult<()> {
    let member = member.to_string();
    let theirs = proposals::member.eq(member.clone()).or(proposals::about.eq(member));
    diesel::delete(proposals::table.filter(proposals::group_handle.eq(group)).filter(theirs)).execute(conn)?;
    Ok(())
}

/// Links and offers that somebody made, in every group.
pub fn forget_invitations_by(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    let invites = proposals::kind.eq_any([Kind::Invitation.name(), Kind::Offer.name()]);
    diesel::delete(proposals::table.filter(proposals::member.eq(member.to_string())).filter(invites)).execute(conn)?;
    Ok(())
}

/// Whatever is open in a group.
pub fn forget_all_of(conn: &mut Conn, group: &str) -> QueryResult<()> {
    diesel::delete(proposals::table.filter(proposals::group_handle.eq(group))).execute(conn)?;
    Ok(())
}

/// Deletes what nobody took up in time.
pub fn forget_old(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let over = proposals::until.le(now).and(proposals::kind.ne(Kind::PickUp.name()));
    diesel::delete(proposals::table.filter(over)).execute(conn)?;
    Ok(())
}

/// Groups whose end has come.
pub fn due_to_end(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<String>> {
    groups::table.filter(groups::ending.le(now)).order(groups::handle).select(groups::handle).load(conn)
}

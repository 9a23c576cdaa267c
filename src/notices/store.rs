//! How it is kept who is told in which way.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::notice::{GOOD, Notices};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::{Inconsistent, json, read_json},
        schema::{notices, pushes, sessions},
    },
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = notices, treat_none_as_null = true)]
struct Row {
    member: String,
    feed: Option<String>,
    account: Option<String>,
    code: Option<String>,
    tries: i64,
    asked: Option<Timestamp>,
    told: String,
    heard: Timestamp,
}

impl From<&Notices> for Row {
    fn from(notices: &Notices) -> Self {
        let Notices { member, feed, account, code, tries, asked, told, heard } = notices.clone();
        Self { member: member.to_string(), feed, account, code, tries, asked, told: json(&told), heard }
    }
}

impl TryFrom<Row> for Notices {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let Row { member, feed, account, code, tries, asked, told, heard } = row;
        let member = Uuid::parse_str(&member).map_err(|_| Inconsistent::error("notices", "member", &member))?;
        let told = read_json(&told).ok_or_else(|| Inconsistent::error("notices", "told", &told))?;
        Ok(Self { member, feed, account, code, tries, asked, told, heard })
    }
}

/// What a member chose; nothing, where they never chose.
pub fn of(conn: &mut Conn, member: Uuid) -> QueryResult<Notices> {
    let row = notices::table.find(member.to_string()).first::<Row>(conn).optional()?;
    row.map_or_else(|| Ok(Notices::none(member)), Notices::try_from)
}

/// Keeps what was chosen; where nothing is on, nothing is kept.
pub fn save(conn: &mut Conn, chosen: &Notices) -> QueryResult<()> {
    let place = notices::table.find(chosen.member.to_string());
    let is_off = chosen.feed.is_none() && chosen.account.is_none() && chosen.asked.is_none();
    if is_off && endpoints(conn, chosen.member)?.is_empty() {
        diesel::delete(place).execute(conn)?;
    } else if diesel::update(place).set(Row::from(chosen)).execute(conn)? == 0 {
        diesel::insert_into(notices::table).values(Row::from(chosen)).execute(conn)?;
    }
    Ok(())
}

/// Whose feed has a key of that hash.
pub fn by_feed(conn: &mut Conn, hash: &str) -> QueryResult<Option<Uuid>> {
    let row = notices::table.filter(notices::feed.eq(hash)).first::<Row>(conn).optional()?;
    Ok(row.map(Notices::try_from).transpose()?.map(|notices| notices.member))
}

/// How many others had a code sent to this account that nobody confirmed yet.
pub fn unconfirmed(conn: &mut Conn, account: &str, but: Uuid) -> QueryResult<i64> {
    let open = notices::table.filter(notices::account.eq(account)).filter(notices::code.is_not_null());
    open.filter(notices::member.ne(but.to_string())).count().get_result(conn)
}

/// Forgets that somebody was sent a code long ago.
pub fn forget(conn: &mut Conn, now: Timestamp) -> QueryResult<()> {
    let old = notices::table.filter(notices::asked.lt(now - GOOD));
    diesel::update(old).set(notices::asked.eq(None::<Timestamp>)).execute(conn)?;
    let unconfirmed = notices::table.filter(notices::code.is_not_null()).filter(notices::asked.is_null());
    diesel::update(unconfirmed).set((notices::account.eq(None::<String>), notices::code.eq(None::<String>))).execute(conn)?;
    let off = notices::table.filter(notices::feed.is_null()).filter(notices::account.is_null());
    let pushed = pushes::table.select(pushes::member);
    diesel::delete(off.filter(notices::asked.is_null()).filter(notices::member.ne_all(pushed))).execute(conn)?;
    Ok(())
}

/// Whoever is told, by an account that they confirmed or by a browser, and for whom it is worth looking what waits.
pub fn to_be_told(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Uuid>> {
    let confirmed = notices::account.is_not_null().and(notices::code.is_null());
    let pushed = notices::member.eq_any(pushes::table.select(pushes::member));
    let rows: Vec<Row> = notices::table.filter(confirmed.or(pushed)).load(conn)?;
    let chosen = rows.into_iter().map(Notices::try_from).collect::<QueryResult<Vec<_>>>()?;
    Ok(chosen.into_iter().filter(|chosen| chosen.is_to_be_looked_at(now)).map(|chosen| chosen.member).collect())
}

/// The browsers of somebody, the one first that they have not used for longest.
pub fn endpoints(conn: &mut Conn, member: Uuid) -> QueryResult<Vec<String>> {
    pushes::table
        .inner_join(sessions::table.on(sessions::id.eq(pushes::session)))
        .filter(pushes::member.eq(member.to_string()))
        .order((sessions::seen, sessions::begun, pushes::endpoint))
        .select(pushes::endpoint)
        .load(conn)
}

/// Is the browser of this session woken?
pub fn is_woken(conn: &mut Conn, session: Uuid) -> QueryResult<bool> {
    let theirs = pushes::table.filter(pushes::session.eq(session.to_string()));
    Ok(theirs.select(pushes::endpoint).first::<String>(conn).optional()?.is_some())
}

/// A browser is woken at one address, and for one member only: whoever used it last.
pub fn add_endpoint(conn: &mut Conn, member: Uuid, session: Uuid, endpoint: &str) -> QueryResult<()> {
    forget_session(conn, session)?;
    remove_endpoint(conn, endpoint)?;
    let whose = (pushes::member.eq(member.to_string()), pushes::session.eq(session.to_string()));
    diesel::insert_into(pushes::table).values((pushes::endpoint.eq(endpoint), whose)).execute(conn)?;
    Ok(())
}

/// Wakes the browser of this session no more.
pub fn forget_session(conn: &mut Conn, session: Uuid) -> QueryResult<()> {
    diesel::delete(pushes::table.filter(pushes::session.eq(session.to_string()))).execute(conn)?;
    Ok(())
}

pub fn remove_endpoint(conn: &mut Conn, endpoint: &str) -> QueryResult<()> {
    diesel::delete(pushes::table.find(endpoint)).execute(conn)?;
    Ok(())
}

pub fn remove_endpoints(conn: &mut Conn, member: Uuid) -> QueryResult<()> {
    diesel::delete(pushes::table.filter(pushes::member.eq(member.to_string()))).execute(conn)?;
    Ok(())
}

//! How it is kept who is told in which way.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use uuid::Uuid;

use super::notice::Notices;
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, schema::notices},
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
    told: Timestamp,
    heard: Timestamp,
}

impl From<&Notices> for Row {
    fn from(notices: &Notices) -> Self {
        let Notices { member, feed, account, code, tries, asked, told, heard } = notices.clone();
        Self { member: member.to_string(), feed, account, code, tries, asked, told, heard }
    }
}

impl TryFrom<Row> for Notices {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let Row { member, feed, account, code, tries, asked, told, heard } = row;
        let member = Uuid::parse_str(&member).map_err(|_| Inconsistent::error("notices", "member", &member))?;
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
    if chosen.feed.is_none() && chosen.account.is_none() {
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

/// Whoever has named an account and confirmed that it is theirs.
pub fn with_account(conn: &mut Conn) -> QueryResult<Vec<Uuid>> {
    let query = notices::table.filter(notices::account.is_not_null()).filter(notices::code.is_null());
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(|row| Notices::try_from(row).map(|notices| notices.member)).collect()
}

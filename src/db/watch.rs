//! Whether anybody wrote since: what SQLite knows of that without reading a table. Knows no table.

use diesel::{QueryResult, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::BigInt};

use super::{
    Conn,
    pool::{self, Use},
};
use crate::{config::DatabaseUrl, error::Result};

/// A connection that is never written on, so that whatever is committed is committed by another one: SQLite tells it so, at
/// once, of every connection of every process.
pub struct Watch(SqliteConnection);

#[derive(diesel::QueryableByName)]
struct Seen {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

impl Watch {
    /// `None` on PostgreSQL, which knows nothing alike that costs less than reading.
    pub fn open(url: &DatabaseUrl) -> Result<Option<Self>> {
        if matches!(url, DatabaseUrl::Postgres(_)) {
            return Ok(None);
        }
        Ok(match pool::open(url, Use::Read)? {
            Conn::Sqlite(mut conn) => {
                // whoever asks has better things to do than to wait for it
                conn.batch_execute("PRAGMA busy_timeout = 0;")?;
                Some(Self(conn))
            }
            Conn::Postgres(_) => None,
        })
    }

    /// A number that is another one after every commit.
    pub fn version(&mut self) -> QueryResult<i64> {
        sql_query("PRAGMA data_version").get_result(&mut self.0).map(|seen: Seen| seen.data_version)
    }
}

//! Connections: opening one for its use, and a pool of those that read.

use std::time::Duration;

use diesel::{
    Connection, RunQueryDsl, SqliteConnection,
    connection::{SimpleConnection, TransactionManager},
    pg::PgConnection,
    r2d2,
};

use super::Conn;
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Read,
    Write,
}

/// The database cannot be reached; the text names no password.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be reached: {0}")]
pub struct Unreachable(String);

/// Opens one connection. The scheme of the address decides the kind: diesel's own `establish` would try one after the other,
/// and leave an SQLite file named after an unreachable PostgreSQL.
pub fn open(url: &DatabaseUrl, purpose: Use) -> Result<Conn> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_str().ok_or_else(|| Error::invalid("the path of the database must be valid UTF-8"))?;
            let mut conn = SqliteConnection::establish(path).map_err(|e| Error::broken(Unreachable(format!("{path}: {e}"))))?;
            conn.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;",
            )?;
            if purpose == Use::Read {
                conn.batch_execute("PRAGMA query_only = ON;")?;
            }
            Ok(Conn::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(|e| Error::broken(Unreachable(e.to_string())))?;
            conn.batch_execute("SET synchronous_commit = on; SET lock_timeout = '10s'; SET statement_timeout = '60s';")?;
            Ok(Conn::Postgres(conn))
        }
    }
}

/// How long a connection that only looks waits for the database.
const LOOK_WITHIN: &str = "5";

/// Opens one connection that changes nothing, makes no file, and does not wait long. `asleep`: no other process has the
/// database open, so that SQLite need not even make the files it shares with others.
pub fn look(url: &DatabaseUrl, asleep: bool) -> Result<Conn> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let unreachable = |why: String| Error::broken(Unreachable(format!("{}: {why}", path.display())));
            let whole = path.canonicalize().map_err(|error| unreachable(error.to_string()))?;
            let mut uri = url::Url::from_file_path(&whole).map_err(|()| unreachable("is not a path".into()))?;
            let mut journal = whole.clone().into_os_string();
            journal.push("-wal");
            let settled = asleep && std::fs::metadata(&journal).map_or(true, |journal| journal.len() == 0);
            uri.set_query(Some(if settled { "mode=ro&immutable=1" } else { "mode=ro" }));
            let mut conn = SqliteConnection::establish(uri.as_str()).map_err(|error| unreachable(error.to_string()))?;
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")?;
            Ok(Conn::Sqlite(conn))
        }
        DatabaseUrl::Postgres(address) => {
            let mut address = url::Url::parse(address).map_err(Error::broken)?;
            if !address.query_pairs().any(|(name, _)| name == "connect_timeout") {
                address.query_pairs_mut().append_pair("connect_timeout", LOOK_WITHIN);
            }
            let mut conn = PgConnection::establish(address.as_str()).map_err(|e| Error::broken(Unreachable(e.to_string())))?;
            conn.batch_execute("SET default_transaction_read_only = on; SET lock_timeout = '5s'; SET statement_timeout = '5s';")?;
            Ok(Conn::Postgres(conn))
        }
    }
}

/// Opens and checks connections for the pool.
pub struct Opener {
    url: DatabaseUrl,
}

impl r2d2::ManageConnection for Opener {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        match self.url {
            // only the one writer writes to SQLite
            DatabaseUrl::Sqlite(_) => open(&self.url, Use::Read),
            DatabaseUrl::Postgres(_) => open(&self.url, Use::Write),
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        diesel::sql_query("SELECT 1").execute(conn)?;
        Ok(())
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || <Conn as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

#[derive(Clone)]
pub struct Pool(r2d2::Pool<Opener>);

/// Connections a process holds at most.
const CONNECTIONS: u32 = 8;

impl Pool {
    pub fn new(url: &DatabaseUrl) -> Result<Self> {
        let sqlite = matches!(url, DatabaseUrl::Sqlite(_));
        r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .test_on_check_out(!sqlite)
            .connection_timeout(Duration::from_secs(5))
            .build(Opener { url: url.clone() })
            .map(Self)
            .map_err(|e| Error::broken(Unreachable(e.to_string())))
    }

    pub fn get(&self) -> Result<r2d2::PooledConnection<Opener>> {
        self.0.get().map_err(|e| Error::broken(Unreachable(e.to_string())))
    }
}

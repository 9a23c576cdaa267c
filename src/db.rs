//! The database: one connection type over SQLite and PostgreSQL, reading, and writing deed by deed. Knows no table.

pub mod columns;
pub mod migrations;
pub mod pool;
pub mod schema;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub mod trial;
pub mod turn;
pub mod watch;
pub mod writer;

use std::sync::Arc;

use diesel::{
    connection::{AnsiTransactionManager, Connection, TransactionManager},
    result::{DatabaseErrorKind, Error as DieselError, QueryResult},
};

use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

/// A connection to whichever database this city has.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(diesel::SqliteConnection),
    Postgres(diesel::PgConnection),
}

/// Handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    writer: Option<Arc<writer::Writer>>,
}

impl Db {
    /// Opens the database, making an SQLite file where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// `Refused` when it was written by a newer Plaza; `Broken` when it cannot be reached.
    pub fn open(url: &DatabaseUrl) -> Result<Self> {
        let mut first = pool::open(url, pool::Use::Write)?;
        migrations::apply(&mut first, url)?;
        let pool = pool::Pool::new(url)?;
        let writer = match first {
            Conn::Sqlite(_) => Some(Arc::new(writer::Writer::start(url.clone(), first)?)),
            Conn::Postgres(_) => None,
        };
        Ok(Self { pool, writer })
    }

    /// Reads. Nothing may be written here: SQLite refuses it.
    pub async fn read<T: Send + 'static>(&self, read: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        let pool = self.pool.clone();
        blocking(move || read(&mut *pool.get()?)).await
    }

    /// One deed, one transaction, answered after it is on disk. The deed may run more than once, so it touches nothing but
    /// the connection; an error undoes all it wrote.
    pub async fn write<T: Send + 'static>(&self, deed: impl Fn(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.write(deed).await,
            None => {
                let pool = self.pool.clone();
                blocking(move || serializable(&mut *pool.get()?, deed)).await
            }
        }
    }

    /// Empties the journal after something was deleted that nobody is to find on the disk. What was deleted is deleted, whether
    /// this works now or an hour later.
    pub async fn settle(&self) {
        if let Err(error) = self.read(settle_journal).await {
            tracing::warn!("what was deleted stays in the journal for an hour: {error}");
        }
    }

    /// Whether the disk has let us down: what was written since cannot be trusted, and the process should end.
    pub fn has_failed(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.has_failed())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::broken)?
}

/// How often a deed that clashed with another one runs again.
const CLASHES: u32 = 12;

fn serializable<T>(conn: &mut Conn, deed: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
    let mut clashes = 0;
    loop {
        match transaction(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE", &deed) {
            Err(error) if clashes < CLASHES && is_clash(&error) => {
                clashes += 1;
                std::thread::sleep(std::time::Duration::from_millis((1u64 << clashes.min(6)) + u64::from(clashes)));
            }
            other => return other,
        }
    }
}

/// Runs `work` between `begin` and COMMIT; any error rolls back.
fn transaction<T>(conn: &mut Conn, begin: &str, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, begin)?,
        Conn::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, begin)?,
    }
    match work(conn) {
        Ok(value) => match <Conn as Connection>::TransactionManager::commit_transaction(conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
                Err(error.into())
            }
        },
        Err(error) => {
            // a failed rollback leaves a broken connection, which the pool and the writer replace
            let _ = <Conn as Connection>::TransactionManager::rollback_transaction(conn);
            Err(error)
        }
    }
}

fn diesel_error(error: &Error) -> Option<&DieselError> {
    match error {
        Error::Broken(cause) => cause.downcast_ref::<DieselError>(),
        _ => None,
    }
}

fn is_clash(error: &Error) -> bool {
    match diesel_error(error) {
        Some(DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
        Some(DieselError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
        Some(DieselError::RollbackErrorOnCommit { commit_error, .. }) => {
            matches!(**commit_error, DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _))
        }
        _ => false,
    }
}

/// Whether the database could not take this now but may later: locked, full, out of reach, or clashing again and again.
pub fn is_unavailable(error: &Error) -> bool {
    if is_clash(error) {
        return true;
    }
    match (error, diesel_error(error)) {
        (_, Some(DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _))) => true,
        (_, Some(DieselError::DatabaseError(_, info))) => {
            ["database is locked", "disk is full", "disk I/O error", "No space left"]
                .iter()
                .any(|sign| info.message().contains(sign))
        }
        (Error::Broken(cause), None) => cause.is::<pool::Unreachable>() || cause.is::<writer::Stopped>(),
        _ => false,
    }
}

/// Empties SQLite's journal, which holds what was overwritten or deleted since it was emptied last. Others who read may keep
/// it from being emptied whole: then that is done an hour later.
fn settle_journal(conn: &mut Conn) -> Result<()> {
    use diesel::connection::SimpleConnection;
    if let Conn::Sqlite(conn) = conn {
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?;
    }
    Ok(())
}

/// Inserts, or says `false` when a row of that key stands there already; the transaction around it goes on either way.
pub fn insert_new(conn: &mut Conn, insert: impl FnOnce(&mut Conn) -> QueryResult<usize>) -> QueryResult<bool> {
    match conn.transaction(insert) {
        Ok(_) => Ok(true),
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error),
    }
}

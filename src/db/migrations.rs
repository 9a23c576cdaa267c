//! Brings the tables up to date at start, and refuses a database from the future.

use std::{collections::HashSet, fs::File, time::Instant};

use diesel::{QueryableByName, RunQueryDsl, migration::Migration, pg::Pg, sql_types::Text, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Conn;
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Number of the advisory lock that PostgreSQL holds while one process migrates.
const LOCK: i64 = 0x0070_6c61_7a61;

pub fn apply(conn: &mut Conn, url: &DatabaseUrl) -> Result<()> {
    match (conn, url) {
        (Conn::Sqlite(c), DatabaseUrl::Sqlite(path)) => {
            if is_current(c, &SQLITE)? {
                return Ok(());
            }
            let lock = File::create(path.with_extension("migrating"))?;
            lock.lock()?;
            let outcome = run(c, || SQLITE);
            let _ = std::fs::remove_file(path.with_extension("migrating"));
            outcome
        }
        (Conn::Postgres(c), _) => {
            if is_current(c, &POSTGRES)? {
                return Ok(());
            }
            diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(c)?;
            let outcome = run(c, || POSTGRES);
            diesel::sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(c)?;
            outcome
        }
        (Conn::Sqlite(_), DatabaseUrl::Postgres(_)) => Err(Error::broken("an SQLite connection under a PostgreSQL address")),
    }
}

/// How the tables of a database stand to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// So many changes are still to come.
    Older(usize),
    /// This change is unknown here.
    Newer(String),
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Looks, and changes nothing.
pub fn standing(conn: &mut Conn) -> Result<Standing> {
    let known: HashSet<String> = match conn {
        Conn::Sqlite(_) => known::<Sqlite>(&SQLITE)?,
        Conn::Postgres(_) => known::<Pg>(&POSTGRES)?,
    };
    let applied: Vec<Applied> =
        diesel::sql_query("SELECT CAST(version AS TEXT) AS version FROM __diesel_schema_migrations").load(conn)?;
    let applied: HashSet<String> = applied.into_iter().map(|row| row.version).collect();
    if let Some(newer) = applied.difference(&known).max() {
        return Ok(Standing::Newer(newer.clone()));
    }
    Ok(match known.difference(&applied).count() {
        0 => Standing::Current,
        missing => Standing::Older(missing),
    })
}

fn known<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<HashSet<String>> {
    let known: Vec<Box<dyn Migration<DB>>> = diesel::migration::MigrationSource::migrations(source).map_err(Error::broken)?;
    Ok(known.iter().map(|change| change.name().version().to_string()).collect())
}

fn is_current<DB: diesel::backend::Backend>(conn: &mut impl MigrationHarness<DB>, source: &EmbeddedMigrations) -> Result<bool> {
    let known = known::<DB>(source)?;
    let applied: HashSet<String> = conn.applied_migrations().map_err(Error::broken)?.iter().map(ToString::to_string).collect();
    if let Some(newer) = applied.difference(&known).max() {
        return Err(Error::refused(format!(
            "this database was written by a newer Plaza (it knows change {newer}, this program does not): start the newer program, or restore a backup made before"
        )));
    }
    Ok(applied == known)
}

fn run<DB: diesel::backend::Backend>(conn: &mut impl MigrationHarness<DB>, source: fn() -> EmbeddedMigrations) -> Result<()> {
    let started = Instant::now();
    // another process may have been quicker while this one waited
    while conn.has_pending_migration(source()).map_err(Error::broken)? {
        let version = conn.run_next_migration(source()).map_err(Error::broken)?;
        if started.elapsed().as_secs() >= 1 {
            eprintln!("updating the database: {version} done after {} s", started.elapsed().as_secs());
        }
    }
    Ok(())
}

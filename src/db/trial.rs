//! Databases for tests: a new SQLite file, or a new database on the server that PLAZA_TEST_POSTGRES names. Knows no table.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{RunQueryDsl, sql_query};

use super::{Conn, pool};
use crate::config::DatabaseUrl;

/// An empty database that goes when this does.
pub struct Trial {
    pub url: DatabaseUrl,
    folder: tempfile::TempDir,
    on_server: Option<String>,
}

impl Trial {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: DatabaseUrl::Sqlite(folder.path().join("plaza.sqlite")), folder, on_server: None }
    }

    /// `None` where no server is named.
    pub fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let mut url: url::Url = std::env::var("PLAZA_TEST_POSTGRES").ok()?.parse().unwrap();
        let mut random = [0; 4];
        aws_lc_rs::rand::fill(&mut random).unwrap();
        let name = format!("plaza_trial_{}_{}", u32::from_ne_bytes(random), NUMBER.fetch_add(1, Ordering::Relaxed));
        sql_query(format!("CREATE DATABASE {name}")).execute(&mut server()).unwrap();
        url.set_path(&name);
        Some(Self { url: DatabaseUrl::Postgres(url.into()), folder: tempfile::tempdir().unwrap(), on_server: Some(name) })
    }

    /// One of each kind there is here.
    pub fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres()].into_iter().flatten().collect()
    }

    /// A folder that goes with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn server() -> Conn {
    let url = std::env::var("PLAZA_TEST_POSTGRES").unwrap();
    pool::open(&DatabaseUrl::Postgres(url), pool::Use::Write).unwrap()
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(name) = &self.on_server {
            sql_query(format!("DROP DATABASE {name} WITH (FORCE)")).execute(&mut server()).unwrap();
        }
    }
}

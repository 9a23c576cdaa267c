//! The whole city in one encrypted file, and back out of it into an empty place. Knows files and rows, not what they mean.

mod archive;
mod lock;
mod place;
mod rows;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path};

use diesel::{Connection, ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use tokio::runtime::Handle;

use self::{
    archive::{Archive, FORMAT, Manifest, Piece},
    lock::Opener,
    place::Placed,
};
use crate::{
    app::{self, App},
    clock::Timestamp,
    config::Config,
    db::{
        Conn, migrations, pool,
        schema::{follows, groups, hosts, remote_actors},
    },
    error::{Error, Result},
    groups::group::PLAZA,
};

pub use self::lock::{Key, Lock};

/// Rows of one table are written in pieces of about so many bytes.
const PIECE: usize = 1 << 20;

/// Setting: when a backup was last finished, in microseconds.
const WRITTEN: &str = "backup_written";

/// Writes everything the city keeps into a new `file`, as it is at one moment; nothing of it touches a disk unencrypted.
/// Answers what is in it, such as "17 tables, 3 pictures".
///
/// # Errors
/// `Refused` when the file exists or nothing is given that could open it again.
pub async fn write(app: &App, file: &Path, lock: &Lock) -> Result<String> {
    let mut archive = Archive::create(file, lock)?;
    let (city, db) = (app.clone(), app.db.clone());
    let summary = db
        .read(move |conn| {
            let summary = conn.transaction(|conn| fill(conn, &city, &mut archive))?;
            archive.finish()?;
            Ok(summary)
        })
        .await?;
    let now = app.clock.now().micros().to_string();
    if let Err(error) = app.db.write(move |conn| Ok(app::keep_setting(conn, WRITTEN, &now)?)).await {
        tracing::warn!("the backup is whole, but when it was made could not be noted: {error}");
    }
    Ok(summary)
}

/// When the last backup was finished, as far as this city knows.
pub fn last(conn: &mut Conn) -> QueryResult<Option<Timestamp>> {
    Ok(app::setting(conn, WRITTEN)?.and_then(|micros| micros.parse().ok()).map(Timestamp::from_micros))
}

fn fill(conn: &mut Conn, app: &App, archive: &mut Archive) -> Result<String> {
    rows::see_one_moment(conn)?;
    let tables = rows::tables(conn)?;
    let rows = tables.iter().map(|table| Ok((table.name.clone(), rows::count(conn, table)?))).collect::<Result<_>>()?;
    archive.add_manifest(&Manifest {
        format: FORMAT,
        plaza: env!("CARGO_PKG_VERSION").into(),
        origin: app.origin.to_string(),
        written: app.clock.now().rfc3339(),
        changes: rows::changes(conn)?,
        rows,
    })?;
    for table in &tables {
        let (mut piece, mut pieces) = (String::new(), 0);
        rows::each(conn, table, &mut |row| {
            piece.push_str(&row);
            piece.push('\n');
            if piece.len() < PIECE {
                return Ok(());
            }
            pieces += 1;
            archive.add_rows(&table.name, pieces, &std::mem::take(&mut piece))
        })?;
        if !piece.is_empty() {
            archive.add_rows(&table.name, pieces + 1, &piece)?;
        }
    }
    archive.add_secret(&std::fs::read(&app.config.secret_file)?)?;
    // after the rows: a picture is kept before the row that names it
    let pictures = fill_media(app, archive)?;
    Ok(format!("{} tables, {pictures} pictures", tables.len()))
}

/// Says how many there were. One that goes away meanwhile belongs to nothing that is said any more.
fn fill_media(app: &App, archive: &mut Archive) -> Result<usize> {
    let waiting = Handle::current();
    let mut count = 0;
    for (name, _) in waiting.block_on(app.media.list())? {
        if let Some(bytes) = waiting.block_on(app.media.read(&name))? {
            archive.add_medium(&name, &bytes)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Makes the city of a backup in the place of this configuration, which may have the other kind of database. All or nothing.
/// Answers the city's origin.
///
/// # Errors
/// `Refused` when it does not open, is damaged, was written by another version, or when a city is there already.
pub async fn read(config: &Config, file: &Path, key: &Key) -> Result<String> {
    let (config, file, key) = (config.clone(), file.to_owned(), key.clone());
    tokio::task::spawn_blocking(move || restore(&config, &file, &key)).await.map_err(Error::broken)?
}

fn restore(config: &Config, file: &Path, key: &Key) -> Result<String> {
    let opener = key.opener(file)?;
    let manifest = examine(file, &opener)?;
    if let Some(asked) = config.origin.as_ref().filter(|asked| asked.to_string() != manifest.origin) {
        return Err(Error::refused(format!(
            "this is a backup of {}, but PLAZA_ORIGIN is {asked}: a city keeps its address, every id it gave out begins with it",
            manifest.origin
        )));
    }
    app::make_private_folder(config)?;
    let _alone = app::be_alone(config)?;
    let mut conn = pool::open(&config.database, pool::Use::Write)?;
    migrations::apply(&mut conn, &config.database)?;
    // an error, also one of the commit, drops what was placed, and that takes it away again
    conn.transaction(|conn| pour(conn, config, file, &opener, &manifest))?.keep();
    Ok(manifest.origin)
}

/// Reads the whole file before anything is made of it.
fn examine(file: &Path, opener: &Opener) -> Result<Manifest> {
    let mut manifest = None;
    let (mut rows, mut secrets) = (BTreeMap::<String, i64>::new(), 0);
    archive::read(file, opener, &mut |piece| {
        match piece {
            Piece::Manifest(found) => manifest = Some(found),
            Piece::Rows { table, lines } => {
                *rows.entry(table).or_default() += i64::try_from(lines.lines().count()).unwrap_or(i64::MAX)
            }
            Piece::Secret(_) => secrets += 1,
            Piece::Medium { .. } => {}
        }
        Ok(())
    })?;
    let manifest = manifest.ok_or_else(|| archive::damaged(file))?;
    let expected = manifest.rows.iter().filter(|(_, count)| **count > 0);
    if secrets != 1 || !expected.eq(rows.iter()) {
        return Err(archive::damaged(file));
    }
    Ok(manifest)
}

/// In one transaction: every row, every picture, and the secret.
fn pour(conn: &mut Conn, config: &Config, file: &Path, opener: &Opener, manifest: &Manifest) -> Result<Placed> {
    must_be_empty(conn)?;
    must_fit(conn, manifest)?;
    let tables = rows::tables(conn)?;
    for table in tables.iter().rev() {
        rows::clear(conn, table)?;
    }
    let mut placed = Placed::in_place_of(config)?;
    archive::read(file, opener, &mut |piece| match piece {
        Piece::Manifest(_) => Ok(()),
        Piece::Rows { table, lines } => {
            let table = tables.iter().find(|known| known.name == table).ok_or_else(|| archive::damaged(file))?;
            rows::insert(conn, table, &lines)
        }
        Piece::Secret(secret) => placed.put_secret(&secret),
        Piece::Medium { name, bytes } => placed.put_medium(&name, &bytes),
    })?;
    for table in &tables {
        rows::continue_numbers(conn, table)?;
    }
    // whoever delivered when the backup was made does not any more
    diesel::update(hosts::table).set(hosts::lease_until.eq(0)).execute(conn)?;
    Ok(placed)
}

/// A place that was opened once has an instance actor, the plaza and settings; those give way.
fn must_be_empty(conn: &mut Conn) -> Result<()> {
    let known: i64 = groups::table.filter(groups::handle.ne(PLAZA)).count().get_result::<i64>(conn)?
        + follows::table.count().get_result::<i64>(conn)?
        + remote_actors::table.count().get_result::<i64>(conn)?;
    if known == 0 {
        return Ok(());
    }
    Err(Error::refused(
        "there is a city here already: restore into an empty PLAZA_DATA_DIR, and with PostgreSQL into an empty database",
    ))
}

fn must_fit(conn: &mut Conn, manifest: &Manifest) -> Result<()> {
    if rows::changes(conn)? == manifest.changes {
        return Ok(());
    }
    Err(Error::refused(format!(
        "this backup was written by Plaza {}, whose tables differ from this program's ({}): restore it with that version, then start the newer one, which brings it up to date",
        manifest.plaza,
        env!("CARGO_PKG_VERSION")
    )))
}

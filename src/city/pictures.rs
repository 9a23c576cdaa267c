//! Which pictures the city shows, and letting go of those that it does not show any more. A file may be shown in several places.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use bytes::Bytes;

use crate::{
    announcements,
    app::App,
    db::Conn,
    desk,
    error::Result,
    groups,
    media::{Fresh, Kept},
    meetings, replies, series,
};

/// Files of what is not said yet, or was refused, stay so long.
const UNSAID: Duration = Duration::from_secs(24 * 3_600);
/// Files of which the bytes are at hand until nobody shows them for sure.
const AT_ONCE: usize = 20;

/// Names of all files that are shown somewhere, or are to be.
fn shown(conn: &mut Conn) -> Result<HashSet<String>> {
    let mut pictures = announcements::store::pictures(conn)?;
    pictures.extend(meetings::store::pictures(conn)?);
    pictures.extend(series::store::pictures(conn)?);
    pictures.extend(groups::store::pictures(conn)?);
    pictures.extend(desk::store::pictures(conn)?);
    pictures.extend(replies::store::pictures(conn)?);
    Ok(pictures.iter().flat_map(Kept::names).map(str::to_owned).collect())
}

/// To be called when a row was changed: `fresh` is shown now, and `before` perhaps no more.
pub async fn settle(app: &App, fresh: &[Fresh], before: &[Kept]) {
    if let Err(error) = app.media.keep(fresh).await {
        tracing::error!("{error}");
    }
    let_go(app, before).await;
}

/// Lets go of pictures of something that was changed or deleted. What fails is left to [`sweep`]: the deed is done.
pub async fn let_go(app: &App, pictures: &[Kept]) {
    let names: BTreeSet<String> = pictures.iter().flat_map(Kept::names).map(str::to_owned).collect();
    if let Err(error) = let_go_of(app, names).await {
        tracing::warn!("pictures that nothing shows are still kept: {error}");
    }
}

/// Lets go of every file that nothing shows.
pub async fn sweep(app: &App) -> Result<()> {
    let before = app.clock.now() - UNSAID;
    let files = app.media.list().await?;
    let_go_of(app, files.into_iter().filter(|(_, kept)| *kept < before).map(|(name, _)| name).collect()).await
}

/// What is shown is read once for all of them, for that takes as long as there are pictures; and once more when files are gone:
/// somebody may just have shown the same picture elsewhere, and trusted that it is there. (Who comes to show it after that looks
/// whether it is there: `Media::keep`.)
async fn let_go_of(app: &App, mut names: BTreeSet<String>) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let still = app.db.read(shown).await?;
    names.retain(|name| !still.contains(name));
    let names: Vec<String> = names.into_iter().collect();
    for some in names.chunks(AT_ONCE) {
        let mut gone = Vec::new();
        for name in some {
            match take_away(app, name).await {
                Ok(bytes) => gone.extend(bytes.map(|bytes| (name, bytes))),
                Err(error) => tracing::warn!("the picture {name} is still kept: {error}"),
            }
        }
        let after = if gone.is_empty() { HashSet::new() } else { app.db.read(shown).await? };
        for (name, bytes) in gone.into_iter().filter(|(name, _)| after.contains(*name)) {
            app.media.put(name, bytes).await?;
        }
    }
    Ok(())
}

/// What was in the file, if there was one.
async fn take_away(app: &App, name: &str) -> Result<Option<Bytes>> {
    let bytes = app.media.read(name).await?;
    if bytes.is_some() {
        app.media.remove(name).await?;
    }
    Ok(bytes)
}

//! Which pictures the city shows, and letting go of those that it does not show any more. A file may be shown in several places.

use std::{collections::HashSet, time::Duration};

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

/// Names of all files that are shown somewhere, or are to be.
fn shown(conn: &mut Conn) -> Result<HashSet<String>> {
    let mut pictures = announcements::store::pictures(conn)?;
    pictures.extend(meetings::store::pictures(conn)?);
    pictures.extend(series::store::pictures(conn)?);
    pictures.extend(groups::store::pictures(conn)?);
    pictures.extend(desk::store::pictures(conn)?);
    pictures.extend(replies::store::pictures(conn, None)?);
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
    for name in pictures.iter().flat_map(Kept::names) {
        if let Err(error) = let_go_of(app, name).await {
            tracing::warn!("the picture {name} is still kept: {error}");
        }
    }
}

/// Lets go of every file that nothing shows.
pub async fn sweep(app: &App) -> Result<()> {
    let before = app.clock.now() - UNSAID;
    let files = app.media.list().await?;
    let shown = app.db.read(shown).await?;
    for (name, _) in files.iter().filter(|(name, kept)| *kept < before && !shown.contains(name)) {
        let_go_of(app, name).await?;
    }
    Ok(())
}

/// Looks again when the file is gone: somebody may just have shown the same picture elsewhere, and trusted that it is there. (Who
/// comes to show it after that looks whether it is there: `Media::keep`.)
async fn let_go_of(app: &App, name: &str) -> Result<()> {
    if app.db.read(shown).await?.contains(name) {
        return Ok(());
    }
    let Some(bytes) = app.media.read(name).await? else { return Ok(()) };
    app.media.remove(name).await?;
    if app.db.read(shown).await?.contains(name) {
        app.media.put(name, bytes).await?;
    }
    Ok(())
}

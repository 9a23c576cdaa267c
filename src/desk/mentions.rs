//! Who is named in a text: looked for on other servers before anything is said.

use futures_util::future::join_all;

use crate::{
    actors::discovery,
    app::App,
    blocks,
    error::{Error, Result},
    text::{self, Mention},
};

/// Who was found, and who was not, with the reason.
pub async fn find(app: &App, text: &str) -> (Vec<Mention>, Vec<(String, Error)>) {
    let (mut found, mut strangers) = (Vec::new(), Vec::new());
    let looked_for = text::mentions_in(text);
    let answers = join_all(looked_for.iter().map(|handle| resolve(app, handle))).await;
    for (handle, answer) in looked_for.into_iter().zip(answers) {
        match answer {
            Ok(mention) => found.push(mention),
            Err(why) => strangers.push((handle, why)),
        }
    }
    (found, strangers)
}

async fn resolve(app: &App, handle: &str) -> Result<Mention> {
    must_not_be_blocked(app, handle).await?;
    let mention = discovery::resolve(app, handle).await?;
    must_not_be_blocked(app, mention.uri.as_str()).await?;
    Ok(mention)
}

/// Blocked servers are not even asked.
pub async fn must_not_be_blocked(app: &App, written: &str) -> Result<()> {
    let who = written.to_owned();
    match app.db.read(move |conn| blocks::actions::covers_written(conn, &who)).await? {
        true => Err(Error::refused(format!("{written} is blocked here"))),
        false => Ok(()),
    }
}

//! What was typed into a form is kept as a draft of the group, whichever button sent it.

use actix_web::HttpRequest;

use super::{
    Desk,
    drafts::Where,
    faults::find_faults,
    settle,
    writing::{Sheet, show},
};
use crate::{
    desk::{
        actions::keep,
        draft::{Draft, Refusal, Typed},
        invitation::Invitation,
        mentions, places,
        rhythm::Rhythm,
    },
    error::{Error, Result, Said},
    groups::group::Group,
    media::{self, AT_MOST, Fresh, Kept},
    members::pages::{did, done, shell},
    minutes,
    pictures::Shape,
    web::{
        Answer,
        form::{Fields, Problems},
    },
    words::Words,
};

/// The fields of pictures and their descriptions, by place.
const PICTURES: [&str; AT_MOST] = ["picture-1", "picture-2", "picture-3", "picture-4"];
pub(super) const ALTS: [&str; AT_MOST] = ["alt-1", "alt-2", "alt-3", "alt-4"];

/// What the button asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// To look at it.
    Preview,
    /// To go on and say it.
    Next,
    /// To come back another time.
    Later,
}

/// Keeps what was typed, then does what the button says.
pub(super) async fn take(request: &HttpRequest, at: &Where, group: &Group, before: Draft, fields: Fields) -> Answer {
    let (app, front, visitor) = at;
    let page = shell(front, request, visitor, "ours-title");
    let wanted = match fields.get("do") {
        Some("next") => Wanted::Next,
        Some("later") => Wanted::Later,
        _ => Wanted::Preview,
    };
    // of one meeting of a series it is not said how often it comes again
    let mut untouched = true;
    let typed = match &before.typed {
        Typed::News(_) => Typed::News(fields.parse()?),
        Typed::Meeting(shown) => {
            let rhythm = fields.parse::<Rhythm>()?;
            untouched = rhythm.leaves(&shown.rhythm);
            let mut typed = Invitation { rhythm: rhythm.of_one(&shown.rhythm), ..fields.parse()? };
            let (handle, shown) = (group.handle.clone(), shown.clone());
            let filled = app.db.read(move |conn| {
                places::fill_in(conn, &handle, &shown, &mut typed)?;
                Ok(typed)
            });
            Typed::Meeting(filled.await?)
        }
        Typed::Minutes(notes) => Typed::Minutes(notes.typed(fields.parse()?)),
    };
    let mut problems = Problems::default();
    let seen = fields.get("revision").and_then(|revision| revision.parse().ok()).unwrap_or(0);
    if seen != before.revision {
        // shown as it was typed, over what is kept now: sent again, it replaces that
        problems.refused(&page.words, Err::<(), _>(Refusal::Changed.into()))?;
        let draft = Draft { typed, ..before };
        let action = Desk::of(group).path(&format!("/drafts/{}", draft.id));
        return show(request, app, front, visitor, Sheet { draft: &draft, group, action, problems }).await;
    }
    let (pictures, fresh, missing) = pictures(&page.words, &before.pictures, &fields, wanted, &mut problems).await?;
    let mut draft = Draft { typed, pictures, missing, ..before.clone() };
    if draft.text() != before.text() || before.revision == 0 {
        let (found, strangers) = mentions::find(app, draft.text()).await;
        (draft.mentions, draft.strangers) = (found, strangers.into_iter().map(|(handle, _)| handle).collect());
    }
    let is_kept = before.revision > 0 || !draft.is_blank();
    if is_kept {
        app.media.keep(&fresh).await?;
        let (speaker, new) = (visitor.speaker()?, draft.clone());
        let saved = app.act(move |conn, here| keep(conn, here, &speaker, &new)).await;
        match problems.refused(&page.words, saved)? {
            Some(saved) => draft = saved,
            None => draft.pictures.clone_from(&before.pictures),
        }
        settle(app, &fresh, &before.pictures).await;
    }
    if !untouched {
        let said = Said::new("refused-rhythm-one").about("scope");
        problems.refused(&page.words, Err::<(), _>(Error::refused_in_words("only this meeting is changed", said)))?;
    }
    if wanted != Wanted::Later {
        find_faults(app, &page.words, &draft, &mut problems).await?;
        if let Typed::Meeting(Invitation { agreed, .. }) = &draft.typed {
            let (here, agreed) = (app.here(), agreed.clone());
            let read = app.db.read(move |conn| minutes::agreed::read(conn, &here, &agreed)).await;
            problems.refused(&page.words, read)?;
        }
    }
    let action =
        if draft.revision > 0 { Desk::of(group).path(&format!("/drafts/{}", draft.id)) } else { request.path().to_owned() };
    if !problems.is_empty() {
        return show(request, app, front, visitor, Sheet { draft: &draft, group, action, problems }).await;
    }
    Ok(match wanted {
        Wanted::Preview => done(&page, &format!("{action}#preview")),
        Wanted::Next => done(&page, &format!("{action}/send")),
        Wanted::Later => did(&page, &Desk::of(group).path(""), "kept"),
    })
}

/// The pictures there are from now on, those among them that are new, and descriptions whose file was not taken.
async fn pictures(
    words: &Words,
    before: &[Kept],
    fields: &Fields,
    wanted: Wanted,
    problems: &mut Problems,
) -> Result<(Vec<Kept>, Vec<Fresh>, Vec<String>)> {
    let (mut kept, mut fresh, mut lost, mut why) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for place in 0..AT_MOST {
        let (Some(picture), Some(alt)) = (PICTURES.get(place), ALTS.get(place)) else { continue };
        let alt = fields.get(alt).unwrap_or_default().trim().to_owned();
        if let Some(there) = before.get(place) {
            if fields.get(&format!("remove-{}", place + 1)).is_none() {
                kept.push(there.described_as(&alt));
            }
            continue;
        }
        match fields.file(picture) {
            None if alt.is_empty() => {}
            // what is put off need not be whole
            None if wanted == Wanted::Later => lost.push(alt),
            None => {
                lost.push(alt);
                why.push(words.say("refused-picture-missing", &[]));
            }
            Some(file) => match media::take_in(file.to_vec(), Shape::Whole, &alt).await {
                Ok(taken) => {
                    kept.push(taken.kept.clone());
                    fresh.push(taken);
                }
                Err(Error::Refused(refused)) => {
                    lost.push(alt);
                    why.push(words.why(&refused));
                }
                Err(other) => return Err(other),
            },
        }
    }
    for (place, why) in why.into_iter().enumerate() {
        problems.add(PICTURES.get(kept.len() + place).copied().unwrap_or_default(), why);
    }
    Ok((kept, fresh, lost))
}

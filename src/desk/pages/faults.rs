//! What keeps a draft from being said, each beside its field.

use super::typed::ALTS;
use crate::{
    announcements,
    app::App,
    clock::Timestamp,
    desk::{
        actions::{new_announcement, new_meeting, new_minutes},
        draft::{Draft, Typed},
        rhythm::{Rhythm, Scope},
    },
    error::{Error, Result},
    groups,
    media::{self, Kept},
    meetings::{
        self,
        meeting::{self, Meeting},
    },
    series::series,
    web::form::Problems,
    words::Words,
};

/// Everything that keeps a draft from being said.
pub async fn find_faults(app: &App, words: &Words, draft: &Draft, problems: &mut Problems) -> Result<()> {
    let here = app.here();
    let mut faults: Vec<Error> = Vec::new();
    match &draft.typed {
        Typed::News(news) => {
            let announcement = without_pictures(new_announcement(&here, draft, news), |announcement| &mut announcement.pictures);
            faults.extend(announcement.faults().into_iter().map(Error::from));
            if draft.about.is_none() {
                faults.extend(news.due(app.place.zone, here.now).err());
            }
        }
        Typed::Meeting(invitation) => {
            let mut planned = without_pictures(new_meeting(&here, draft), |planned| &mut planned.pictures);
            let wrong = invitation.fill(&mut planned);
            let has_times = wrong.is_empty();
            if invitation.remember && planned.veil.is_some() {
                faults.push(crate::places::place::Refusal::Hidden.into());
            }
            let matters = |refusal: &meeting::Refusal| has_times || *refusal != meeting::Refusal::Length;
            faults.extend(planned.faults().into_iter().filter(matters).map(Error::from));
            if has_times && planned.ends <= here.now {
                faults.push(meeting::Refusal::Over.into());
            }
            if has_times {
                faults.extend(faults_of(&invitation.rhythm, &planned, here.now));
            }
            faults.extend(wrong);
        }
        Typed::Minutes(notes) => {
            let mut minutes = new_minutes(&here, draft, notes);
            let wrong = notes.fill(&mut minutes).err();
            faults.extend(minutes.faults().into_iter().chain(wrong).map(Error::from));
        }
    }
    for (place, picture) in draft.pictures.iter().enumerate() {
        if let Err(refusal) = media::check_alt(&picture.alt) {
            let text = words.say(refusal.said().message, &[]);
            problems.add(ALTS.get(place).copied().unwrap_or_default(), text);
        }
    }
    faults.extend(of_waiting(app, draft).await.err());
    for fault in faults {
        problems.refused(words, Err::<(), _>(fault))?;
    }
    Ok(())
}

/// What a group may not that waits to be welcomed: told before anybody is asked whether it is to be published.
async fn of_waiting(app: &App, draft: &Draft) -> Result<()> {
    let (here, draft) = (app.here(), draft.clone());
    let check = app.db.read(move |conn| {
        let group = groups::actions::speaking(conn, &draft.group)?;
        let is_new = draft.about.is_none();
        match &draft.typed {
            _ if group.welcomed.is_some() => Ok(()),
            Typed::News(news) if is_new => {
                announcements::actions::may_publish(conn, &group, &new_announcement(&here, &draft, news))
            }
            Typed::News(news) => announcements::actions::stays_here(&group, &new_announcement(&here, &draft, news)),
            Typed::Meeting(invitation) => {
                let mut planned = new_meeting(&here, &draft);
                // what is wrong with it was found already
                let _ = invitation.fill(&mut planned);
                let check = if is_new { meetings::actions::may_hold(conn, &group, &planned) } else { Ok(()) };
                check.and_then(|()| meetings::actions::stays_here(&group, &planned))
            }
            Typed::Minutes(notes) => Ok(group.may_say([notes.text.as_str()])?),
        }
    });
    check.await
}

/// What keeps a series from being begun or changed.
fn faults_of(rhythm: &Rhythm, planned: &Meeting, now: Timestamp) -> Option<Error> {
    if rhythm.is_of_series() {
        return (rhythm.scope() != Scope::One).then(|| rhythm.prospect(planned).err()).flatten();
    }
    match rhythm.series(planned, now) {
        Ok(Some(planned)) if planned.next_from(now).is_none() => Some(series::Refusal::NothingAhead.into()),
        Ok(_) => None,
        Err(error) => Some(error),
    }
}

/// Each picture is looked at by itself, for its own field.
fn without_pictures<T>(mut what: T, pictures: impl Fn(&mut T) -> &mut Vec<Kept>) -> T {
    pictures(&mut what).clear();
    what
}

//! Writing: a form keeps what was typed into it as a draft of the group, whichever button sent it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Desk, Line, at, settle, speaking,
    writing::{Sheet, language, show},
};
use crate::{
    app::{App, Here},
    clock::Timestamp,
    desk::{
        actions::{announcement_of, find, keep, new_announcement, new_meeting, new_minutes, series_of, whole_meeting_of},
        draft::{Draft, News, Refusal, Typed},
        invitation::Invitation,
        mentions, places,
        rhythm::{Rhythm, Scope},
        store,
    },
    error::{Error, Result},
    groups::group::Group,
    media::{self, AT_MOST, Fresh, Kept},
    meetings::meeting::{self, Meeting},
    members::{
        access::{Visitor, form_of},
        pages::{done, shell},
    },
    minutes,
    pictures::{MAX_FILE, Shape},
    series::series,
    text,
    web::{
        Answer, Failure, Front, Shell,
        address::Access,
        form::{Fields, LONGEST, Problems},
        read_id,
    },
    words::Words,
};

/// Of a form with all its pictures, in bytes.
pub(super) const WITH_PICTURES: usize = AT_MOST * MAX_FILE + LONGEST;
/// The fields of pictures and their descriptions, by place.
const PICTURES: [&str; AT_MOST] = ["picture-1", "picture-2", "picture-3", "picture-4"];
const ALTS: [&str; AT_MOST] = ["alt-1", "alt-2", "alt-3", "alt-4"];

pub fn routes(config: &mut ServiceConfig) {
    let long = WITH_PICTURES;
    config
        .service(form_of("/ours/@{handle}/news/new", Access::Organizer, long, new_news, take_new_news))
        .service(form_of("/ours/@{handle}/meetings/new", Access::Organizer, long, new_meeting_form, take_new_meeting))
        .service(form_of("/ours/@{handle}/news/{id}/edit", Access::Organizer, long, edit_news, take_edited_news))
        .service(form_of("/ours/@{handle}/meetings/{id}/edit", Access::Organizer, long, edit_meeting, take_edited_meeting))
        .service(form_of("/ours/@{handle}/drafts/{id}", Access::Organizer, long, show_draft, take_draft));
}

/// A draft on the desk.
pub fn line(shell: &Shell, here: &Here, desk: &Desk, draft: &Draft) -> Line {
    let title = text::typed(&draft.title()).unwrap_or_else(|| shell.say("desk-untitled"));
    let mark = match (&draft.typed, draft.about) {
        _ if draft.stopped.is_some() => Some("desk-mark-stopped"),
        (_, Some(_)) => Some("desk-mark-change"),
        (Typed::Meeting(_), None) => Some("desk-mark-meeting"),
        (Typed::Minutes(_), None) => Some("desk-mark-minutes"),
        (Typed::News(_), None) => None,
    };
    let path = desk.path(&format!("/drafts/{}", draft.id));
    let mut ways = vec![(shell.say("desk-discard"), shell.link(&format!("{path}/discard")))];
    if draft.due.is_some() {
        ways = vec![(shell.say("desk-stop"), shell.link(&format!("{path}/stop")))];
    }
    Line {
        title,
        language: draft.language().to_owned(),
        page: shell.link(&path),
        when: draft.due.map(|due| at(shell, here, due)).unwrap_or_default(),
        mark: mark.map(|message| shell.say(message)),
        ways,
    }
}

pub(super) type Where = (Data<App>, Data<Front>, Visitor);

async fn group_of(app: &App, handle: &str) -> Result<Group> {
    let handle = handle.to_owned();
    app.db.read(move |conn| speaking(conn, &handle)).await
}

fn blank_news(group: &Group) -> Draft {
    Draft::blank(group, Typed::News(News { language: language(group), ..News::default() }))
}

fn blank_meeting(app: &App, group: &Group) -> Draft {
    let (kind, zone) = ("meeting".to_owned(), app.place.zone.name().to_owned());
    Draft::blank(group, Typed::Meeting(Invitation { kind, zone, language: language(group), ..Invitation::default() }))
}

async fn new_news(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    show_blank(&request, &app, &front, &visitor, &group, &blank_news(&group)).await
}

async fn take_new_news(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let group = group_of(&at.0, &handle).await?;
    let draft = blank_news(&group);
    take(&request, &at, &group, draft, fields).await
}

/// Its agenda begins with what earlier meetings left open.
async fn new_meeting_form(request: HttpRequest, at: Where, handle: Path<String>) -> Answer {
    let (app, front, visitor) = at;
    let group = group_of(&app, &handle).await?;
    let mut draft = blank_meeting(&app, &group);
    if let Typed::Meeting(invitation) = &mut draft.typed {
        let (handle, language) = (group.handle.clone(), invitation.language.clone());
        let open = app.db.read(move |conn| minutes::actions::still_open(conn, &handle, &language)).await?;
        invitation.agenda = open.unwrap_or_default();
    }
    show_blank(&request, &app, &front, &visitor, &group, &draft).await
}

async fn take_new_meeting(request: HttpRequest, at: Where, handle: Path<String>, fields: Fields) -> Answer {
    let group = group_of(&at.0, &handle).await?;
    let draft = blank_meeting(&at.0, &group);
    take(&request, &at, &group, draft, fields).await
}

pub(super) async fn show_blank(
    request: &HttpRequest,
    app: &App,
    front: &Front,
    visitor: &Visitor,
    group: &Group,
    draft: &Draft,
) -> Answer {
    let action = request.path().to_owned();
    show(request, app, front, visitor, Sheet { draft, group, action, problems: Problems::default(), lost: vec![] }).await
}

/// What is to be changed, as a draft; the one that was begun, where there is one.
async fn change(app: &App, handle: &str, id: &str, is_news: bool) -> Result<(Group, Draft), Failure> {
    let (handle, id, now) = (handle.to_owned(), read_id(id)?, app.clock.now());
    let found = app.db.read(move |conn| {
        let group = speaking(conn, &handle)?;
        let (typed, pictures) = if is_news {
            let note = announcement_of(conn, &handle, id)?;
            (Typed::News(News::of(&note)), note.pictures)
        } else {
            let meeting = whole_meeting_of(conn, &handle, id)?;
            let series = series_of(conn, &meeting)?;
            let rhythm = series.map(|series| Rhythm::of(&series, &meeting, now)).unwrap_or_default();
            (Typed::Meeting(Invitation { rhythm, ..Invitation::of(&meeting) }), meeting.pictures)
        };
        let begun = store::about(conn, &handle, id)?;
        let draft = begun.unwrap_or_else(|| Draft { about: Some(id), pictures, ..Draft::blank(&group, typed) });
        Ok((group, draft))
    });
    Ok(found.await?)
}

async fn edit_news(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    show_change(&request, &at, &path, true, None).await
}

async fn take_edited_news(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft) = change(&at.0, &path.0, &path.1, true).await?;
    take(&request, &at, &group, draft, fields).await
}

/// Of a series, as it is linked to: what is changed.
#[derive(Deserialize)]
struct Asked {
    scope: Option<String>,
}

async fn edit_meeting(request: HttpRequest, at: Where, path: Path<(String, String)>, asked: Query<Asked>) -> Answer {
    show_change(&request, &at, &path, false, asked.into_inner().scope).await
}

async fn take_edited_meeting(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft) = change(&at.0, &path.0, &path.1, false).await?;
    take(&request, &at, &group, draft, fields).await
}

async fn show_change(
    request: &HttpRequest,
    at: &Where,
    (handle, id): &(String, String),
    is_news: bool,
    scope: Option<String>,
) -> Answer {
    let (app, front, visitor) = at;
    let (group, mut draft) = change(app, handle, id, is_news).await?;
    if let (Typed::Meeting(Invitation { rhythm, .. }), Some(scope)) = (&mut draft.typed, scope)
        && rhythm.is_of_series()
    {
        rhythm.scope = scope;
    }
    show_or_go_on(request, app, front, visitor, &group, &draft).await
}

/// A draft that was begun has a page of its own.
pub(super) async fn show_or_go_on(
    request: &HttpRequest,
    app: &App,
    front: &Front,
    visitor: &Visitor,
    group: &Group,
    draft: &Draft,
) -> Answer {
    if draft.revision > 0 {
        let page = shell(front, request, visitor, "ours-title").link(&Desk::of(group).path(&format!("/drafts/{}", draft.id)));
        return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, page)).finish());
    }
    show_blank(request, app, front, visitor, group, draft).await
}

async fn kept(app: &App, handle: &str, id: &str) -> Result<(Group, Draft), Failure> {
    let (handle, id) = (handle.to_owned(), read_id(id)?);
    Ok(app.db.read(move |conn| Ok((speaking(conn, &handle)?, find(conn, &handle, id)?))).await?)
}

async fn show_draft(request: HttpRequest, at: Where, path: Path<(String, String)>) -> Answer {
    let (app, front, visitor) = &at;
    let (group, draft) = kept(app, &path.0, &path.1).await?;
    show_blank(&request, app, front, visitor, &group, &draft).await
}

async fn take_draft(request: HttpRequest, at: Where, path: Path<(String, String)>, fields: Fields) -> Answer {
    let (group, draft) = kept(&at.0, &path.0, &path.1).await?;
    take(&request, &at, &group, draft, fields).await
}

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
    let typed = match &before.typed {
        Typed::News(_) => Typed::News(fields.parse()?),
        Typed::Meeting(shown) => {
            let mut typed = Invitation { rhythm: fields.parse()?, ..fields.parse()? };
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
        return show(request, app, front, visitor, Sheet { draft: &draft, group, action, problems, lost: vec![] }).await;
    }
    let (pictures, fresh, lost) = pictures(&page.words, &before.pictures, &fields, &mut problems).await?;
    let mut draft = Draft { typed, pictures, ..before.clone() };
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
    if wanted != Wanted::Later {
        find_faults(app, &page.words, &draft, &mut problems)?;
        if let Typed::Meeting(Invitation { agreed, .. }) = &draft.typed {
            let (here, agreed) = (app.here(), agreed.clone());
            let read = app.db.read(move |conn| minutes::agreed::read(conn, &here, &agreed)).await;
            problems.refused(&page.words, read)?;
        }
    }
    let action =
        if draft.revision > 0 { Desk::of(group).path(&format!("/drafts/{}", draft.id)) } else { request.path().to_owned() };
    if !problems.is_empty() {
        return show(request, app, front, visitor, Sheet { draft: &draft, group, action, problems, lost }).await;
    }
    Ok(done(
        &page,
        &match wanted {
            Wanted::Preview => format!("{action}#preview"),
            Wanted::Next => format!("{action}/send"),
            Wanted::Later => Desk::of(group).path(""),
        },
    ))
}

/// The pictures there are from now on, those among them that are new, and descriptions whose file was not taken.
async fn pictures(
    words: &Words,
    before: &[Kept],
    fields: &Fields,
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

/// Everything that keeps a draft from being said.
pub fn find_faults(app: &App, words: &Words, draft: &Draft, problems: &mut Problems) -> Result<()> {
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
    for fault in faults {
        problems.refused(words, Err::<(), _>(fault))?;
    }
    Ok(())
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

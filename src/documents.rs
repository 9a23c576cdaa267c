//! Every ActivityPub document we serve by its id, and the collections of a group.

mod discovery;
mod gate;
mod today;

use std::collections::HashSet;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use gate::gated;

use crate::{
    actors::{self, LocalActor},
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    clock::Timestamp,
    coming,
    db::Conn,
    error::{Error, Result},
    federation::{
        delivery,
        outbox::{self, Said},
        synchronization,
    },
    follows,
    groups::{
        self,
        group::{Group, PLAZA},
        wire::{hashtag, with_context},
    },
    meetings::{self, meeting::Meeting},
    minutes::{self, record::Minutes},
    origin::Local,
    reactions, replies, series, sisters,
    web::{Answer, Cache, Failure, readable, respond, wants_page},
};

/// How long others may keep a document without asking again, in seconds.
const FRESH: Cache = Cache::Public(60);
const ACTIVITY_JSON: &str = "application/activity+json; charset=utf-8";
/// Urgent announcements are featured for so many days.
const URGENT_DAYS: u64 = 14;
/// Meetings in `upcoming`, and activities on a page of an outbox.
const UPCOMING: i64 = 50;
const FEATURED_MEETINGS: usize = 3;
const FEATURED_URGENT: i64 = 5;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(discovery::routes)
        .service(readable("/ap/instance", instance))
        .service(readable("/ap/instance/outbox", instance_outbox))
        .service(readable("/ap/groups/{handle}", group))
        .service(gated("/ap/groups/{handle}/outbox", group_outbox))
        .service(gated("/ap/groups/{handle}/followers_synchronization", followers_there))
        .service(gated("/ap/groups/{handle}/{collection}", collection))
        .service(gated("/ap/events/{id}", event))
        .service(gated("/ap/series/{id}", series_of))
        .service(gated("/ap/events/{id}/organizers", organizers))
        .service(gated("/ap/events/{id}/{collection}", of_event))
        .service(gated("/ap/notes/{id}", note))
        .service(gated("/ap/notes/{id}/{collection}", of_note))
        .service(gated("/ap/minutes/{id}", minutes))
        .service(gated("/ap/minutes/{id}/{collection}", of_minutes))
        .service(gated("/ap/activities/{id}", activity));
}

/// What an id stands for now.
enum Found<T> {
    Here(T),
    /// It was there until then.
    Gone(Timestamp),
}

fn document(request: &HttpRequest, document: Value) -> Answer {
    Ok(respond(request, ACTIVITY_JSON, serde_json::to_vec(&with_context(document)).map_err(Error::from)?, FRESH))
}

/// A document that is for whoever asks, and nobody after them.
fn document_for_one(request: &HttpRequest, document: Value) -> Answer {
    let bytes = serde_json::to_vec(&with_context(document)).map_err(Error::from)?;
    Ok(respond(request, ACTIVITY_JSON, bytes, Cache::NoStore))
}

fn tombstone(here: &Here, local: &Local, kind: &str, since: Timestamp) -> HttpResponse {
    let body = with_context(json!({
        "id": here.origin.uri(local),
        "type": "Tombstone",
        "formerType": kind,
        "deleted": since.rfc3339(),
    }));
    HttpResponse::Gone()
        .insert_header((header::CONTENT_TYPE, ACTIVITY_JSON))
        .insert_header((header::VARY, "Accept"))
        .body(body.to_string())
}

/// Somebody opened an id in a browser: the page says the same in words.
fn page_instead(request: &HttpRequest, here: &Here, local: &Local) -> Option<HttpResponse> {
    let page = here.origin.page(local).filter(|_| wants_page(request))?;
    Some(
        HttpResponse::SeeOther()
            .insert_header((header::LOCATION, page.as_str()))
            .insert_header((header::VARY, "Accept"))
            .finish(),
    )
}

async fn instance(request: HttpRequest, app: Data<App>) -> Answer {
    let here = app.here();
    if let Some(page) = page_instead(&request, &here, &Local::Instance) {
        return Ok(page);
    }
    let actor = app.db.read(|conn| Ok(actors::store::find(conn, &Local::Instance)?)).await?;
    let actor = actor.ok_or_else(|| Error::broken("the instance actor is not made yet"))?;
    document(&request, actors::wire::instance(&here, &actor))
}

async fn instance_outbox(request: HttpRequest, app: Data<App>) -> Answer {
    let id = format!("{}/outbox", app.origin.instance());
    document(&request, json!({ "id": id, "type": "OrderedCollection", "totalItems": 0, "orderedItems": [] }))
}

fn load_group(conn: &mut Conn, handle: &str) -> Result<(Group, LocalActor)> {
    let missing = || Error::not_found(format!("there is no group {handle:?}"));
    let group = groups::store::by_handle(conn, handle)?.ok_or_else(missing)?;
    let actor = actors::store::find(conn, &Local::Group(handle.to_owned()))?.ok_or_else(missing)?;
    Ok((group, actor))
}

async fn group(request: HttpRequest, app: Data<App>, handle: Path<String>) -> Answer {
    let (here, local) = (app.here(), Local::Group(handle.clone()));
    if let Some(page) = page_instead(&request, &here, &local) {
        return Ok(page);
    }
    let (group, actor) = app.db.read(move |conn| load_group(conn, &handle)).await?;
    match group.closed {
        Some(since) => Ok(tombstone(&here, &local, "Group", since)),
        None => document(&request, groups::wire::document(&here, &group, &actor)),
    }
}

#[derive(Deserialize)]
struct OutboxPage {
    /// Any value asks for the first page.
    page: Option<String>,
    /// Activities before this one; see [`outbox::page`].
    before: Option<i64>,
}

async fn group_outbox(request: HttpRequest, app: Data<App>, handle: Path<String>, query: Query<OutboxPage>) -> Answer {
    let here = app.here();
    let (local, id) = (Local::Group(handle.clone()), here.origin.of_group(&handle, "outbox"));
    let before = query.before.or(query.page.as_ref().map(|_| i64::MAX));
    let at = here.clone();
    let answer = app
        .db
        .read(move |conn| {
            let (group, _) = load_group(conn, &handle)?;
            if let Some(since) = group.closed {
                return Ok(Found::Gone(since));
            }
            let path = local.path();
            let Some(before) = before else {
                let total = outbox::count(conn, &path)?;
                return Ok(Found::Here(json!({
                    "id": id,
                    "type": "OrderedCollection",
                    "totalItems": total,
                    "first": format!("{id}?page=1"),
                })));
            };
            let (bodies, next) = outbox::page(conn, &path, before)?;
            let items = bodies.into_iter().map(|body| today::current(conn, &at, body)).collect::<Result<Vec<_>>>()?;
            let page = if before == i64::MAX { format!("{id}?page=1") } else { format!("{id}?before={before}") };
            let mut document = json!({ "id": page, "type": "OrderedCollectionPage", "partOf": id, "orderedItems": items });
            if let Some(next) = next {
                document["next"] = json!(format!("{id}?before={next}"));
            }
            Ok(Found::Here(document))
        })
        .await?;
    match answer {
        Found::Here(found) => document(&request, found),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

async fn collection(request: HttpRequest, app: Data<App>, path: Path<(String, String)>) -> Answer {
    let here = app.here();
    let (handle, name) = path.into_inner();
    let at = here.clone();
    let found = app
        .db
        .read(move |conn| {
            let (group, _) = load_group(conn, &handle)?;
            match group.closed {
                Some(since) => Ok(Found::Gone(since)),
                None => group_collection(conn, &at, &group, &name).map(Found::Here),
            }
        })
        .await?;
    match found {
        Found::Here(found) => document(&request, found),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

/// Who follows the group on the server that asks (FEP-8fcf), which knows that already.
async fn followers_there(request: HttpRequest, app: Data<App>, handle: Path<String>) -> Answer {
    let host = gate::host(&request, &app).await?;
    let id = app.origin.of_group(&handle, synchronization::PART);
    let there = app.db.read(move |conn| {
        let (group, _) = load_group(conn, &handle)?;
        Ok(delivery::followers_on(conn, &group.handle, &host)?)
    });
    let there = there.await?;
    document_for_one(&request, json!({ "id": id, "type": "OrderedCollection", "totalItems": there.len(), "orderedItems": there }))
}

fn group_collection(conn: &mut Conn, here: &Here, group: &Group, name: &str) -> Result<Value> {
    let id = here.origin.of_group(&group.handle, name);
    let ordered =
        |items: Vec<Value>| json!({ "id": id, "type": "OrderedCollection", "totalItems": items.len(), "orderedItems": items });
    // who follows and who is followed is nobody's business: only how many
    let counted = |total: i64| json!({ "id": id, "type": "OrderedCollection", "totalItems": total });
    let event = |meeting: &Meeting| json!(here.origin.uri(&Local::Event(meeting.id)));
    match name {
        "followers" => Ok(counted(follows::store::count(conn, &group.handle)?)),
        "following" => Ok(counted(sisters::store::count_accepted(conn, &group.handle)?)),
        "moderators" => Ok(ordered(vec![])),
        "tags" => Ok(json!({
            "id": id,
            "type": "Collection",
            "totalItems": group.tags.len(),
            "items": group.tags.iter().map(|tag| hashtag(here, tag)).collect::<Vec<_>>(),
        })),
        "upcoming" => {
            let meetings = upcoming(conn, here, group)?;
            Ok(ordered(meetings.iter().map(event).collect()))
        }
        "featured" => {
            let meetings = upcoming(conn, here, group)?;
            let next = meetings.iter().filter(|meeting| meeting.cancelled.is_none()).take(FEATURED_MEETINGS).map(event);
            let since = here.now - std::time::Duration::from_secs(URGENT_DAYS * 24 * 3_600);
            let mut urgent = announcements::store::urgent(conn, only(group), since, FEATURED_URGENT)?;
            without_ended(conn, group, &mut urgent, |note| &note.group)?;
            let urgent = urgent.iter().map(|note| json!(here.origin.uri(&Local::Note(note.id))));
            Ok(ordered(next.chain(urgent).collect()))
        }
        _ => Err(Error::not_found("no such collection")),
    }
}

/// Whose meetings and news stand in a group's collections: its own, in the plaza's everyone's.
fn only(group: &Group) -> Option<&str> {
    (group.handle != PLAZA).then_some(group.handle.as_str())
}

fn upcoming(conn: &mut Conn, here: &Here, group: &Group) -> Result<Vec<Meeting>> {
    let mut meetings = meetings::store::upcoming(conn, here.now, only(group), UPCOMING)?;
    meetings.retain(Meeting::is_said);
    without_ended(conn, group, &mut meetings, |meeting| &meeting.group)?;
    Ok(meetings)
}

/// In the plaza's collections, groups that have ended leave nothing.
fn without_ended<T>(conn: &mut Conn, group: &Group, items: &mut Vec<T>, of: impl Fn(&T) -> &String) -> Result<()> {
    if group.handle == PLAZA {
        let open: HashSet<String> = groups::store::list(conn)?.into_iter().map(|group| group.handle).collect();
        items.retain(|item| open.contains(of(item)));
    }
    Ok(())
}

fn load_meeting(conn: &mut Conn, id: Uuid) -> Result<Found<Meeting>> {
    let meeting = meetings::actions::find(conn, id)?;
    if !meeting.is_said() {
        return Err(Error::not_found("nobody elsewhere has heard of it yet"));
    }
    let group = groups::store::by_handle(conn, &meeting.group)?.ok_or_else(|| Error::not_found("no such id"))?;
    Ok(group.closed.map_or(Found::Here(meeting), Found::Gone))
}

fn load_note(conn: &mut Conn, id: Uuid) -> Result<Found<Announcement>> {
    let note = announcements::actions::find(conn, id)?;
    let group = groups::store::by_handle(conn, &note.group)?.ok_or_else(|| Error::not_found("no such id"))?;
    Ok(note.deleted.or(group.closed).map_or(Found::Here(note), Found::Gone))
}

fn load_minutes(conn: &mut Conn, id: Uuid) -> Result<Found<Minutes>> {
    let minutes = minutes::actions::find(conn, id)?;
    let group = groups::store::by_handle(conn, &minutes.group)?.ok_or_else(|| Error::not_found("no such id"))?;
    Ok(minutes.deleted.or(group.closed).map_or(Found::Here(minutes), Found::Gone))
}

fn uuid(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text).ok_or_else(|| Error::not_found("no such id"))
}

async fn event(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Event(id)) {
        return Ok(page);
    }
    let at = here.clone();
    let found = app.db.read(move |conn| match load_meeting(conn, id)? {
        Found::Here(meeting) => meetings::wire::proven(conn, &at, &meeting).map(Found::Here),
        Found::Gone(since) => Ok(Found::Gone(since)),
    });
    match found.await? {
        Found::Here(found) => document(&request, found),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Event(id), "Event", since)),
    }
}

async fn series_of(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Series(id)) {
        return Ok(page);
    }
    let at = here.clone();
    let found = app.db.read(move |conn| {
        let series = series::actions::find(conn, id)?;
        let group = groups::store::by_handle(conn, &series.pattern.group)?.ok_or_else(|| Error::not_found("no such id"))?;
        match group.closed {
            None => series::wire::proven(conn, &at, &series).map(Found::Here),
            Some(since) => Ok(Found::Gone(since)),
        }
    });
    match found.await? {
        Found::Here(found) => document(&request, found),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Series(id), "Schedule", since)),
    }
}

async fn organizers(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    let found = app.db.read(move |conn| match load_meeting(conn, id)? {
        Found::Here(meeting) => meetings::wire::organizers(conn, &here, &meeting).map(Found::Here),
        Found::Gone(since) => Ok(Found::Gone(since)),
    });
    match found.await? {
        Found::Here(found) => document(&request, found),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

async fn of_event(request: HttpRequest, app: Data<App>, path: Path<(String, String)>, query: Query<RepliesPage>) -> Answer {
    let id = uuid(&path.0)?;
    let found = app.db.read(move |conn| load_meeting(conn, id)).await?;
    if let (Found::Here(meeting), "attendees") = (&found, path.1.as_str()) {
        let (here, meeting) = (app.here(), meeting.clone());
        let attendees = app.db.read(move |conn| {
            let coming = coming::actions::shown(conn, &meeting, here.now)?;
            let coming = coming.ok_or_else(|| Error::not_found("nobody is asked whether they come"))?;
            Ok(meetings::wire::attendees(&here, &meeting, &coming))
        });
        return document(&request, attendees.await?);
    }
    responses(&request, &app, &Local::Event(id), matches!(found, Found::Here(_)), &path.1, &query).await
}

async fn note(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Note(id)) {
        return Ok(page);
    }
    if let Some(group) = of_followers_only(&app, id).await? {
        gate::is_for(&request, &app, &group).await?;
        let at = here.clone();
        let found = app.db.read(move |conn| match load_note(conn, id)? {
            Found::Here(note) => announcements::wire::note(conn, &at, &note).map(Found::Here),
            Found::Gone(since) => Ok(Found::Gone(since)),
        });
        return match found.await? {
            Found::Here(found) => document_for_one(&request, found),
            Found::Gone(since) => Ok(tombstone(&here, &Local::Note(id), "Note", since)),
        };
    }
    let at = here.clone();
    let found = app.db.read(move |conn| match load_note(conn, id)? {
        Found::Here(note) => announcements::wire::proven(conn, &at, &note).map(Found::Here),
        Found::Gone(since) => Ok(Found::Gone(since)),
    });
    match found.await? {
        Found::Here(found) => document(&request, found),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Note(id), "Note", since)),
    }
}

/// The group whose followers alone an announcement is for.
async fn of_followers_only(app: &App, id: Uuid) -> Result<Option<String>> {
    let note = app.db.read(move |conn| announcements::actions::find(conn, id)).await?;
    Ok(note.followers_only.then_some(note.group))
}

async fn of_note(request: HttpRequest, app: Data<App>, path: Path<(String, String)>, query: Query<RepliesPage>) -> Answer {
    let id = uuid(&path.0)?;
    if let Some(group) = of_followers_only(&app, id).await? {
        gate::is_for(&request, &app, &group).await?;
        let found = app.db.read(move |conn| load_note(conn, id)).await?;
        let mut answer = responses(&request, &app, &Local::Note(id), matches!(found, Found::Here(_)), &path.1, &query).await?;
        answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        return Ok(answer);
    }
    let found = app.db.read(move |conn| load_note(conn, id)).await?;
    responses(&request, &app, &Local::Note(id), matches!(found, Found::Here(_)), &path.1, &query).await
}

async fn minutes(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Minutes(id)) {
        return Ok(page);
    }
    let at = here.clone();
    let found = app.db.read(move |conn| match load_minutes(conn, id)? {
        Found::Here(minutes) => minutes::wire::proven(conn, &at, &minutes).map(Found::Here),
        Found::Gone(since) => Ok(Found::Gone(since)),
    });
    match found.await? {
        Found::Here(found) => document(&request, found),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Minutes(id), "Article", since)),
    }
}

async fn of_minutes(request: HttpRequest, app: Data<App>, path: Path<(String, String)>, query: Query<RepliesPage>) -> Answer {
    let id = uuid(&path.0)?;
    let found = app.db.read(move |conn| load_minutes(conn, id)).await?;
    responses(&request, &app, &Local::Minutes(id), matches!(found, Found::Here(_)), &path.1, &query).await
}

#[derive(Deserialize)]
struct RepliesPage {
    /// Any value asks for the first page.
    page: Option<String>,
    /// Replies after this one.
    after: Option<Uuid>,
}

/// What others said to something, and how many liked it or passed it on.
async fn responses(request: &HttpRequest, app: &App, local: &Local, stands: bool, name: &str, query: &RepliesPage) -> Answer {
    if !stands {
        return Err(Failure::Gone);
    }
    let (here, of, name) = (app.here(), local.clone(), name.to_owned());
    let (after, paged) = (query.after, query.page.is_some() || query.after.is_some());
    let found = app.db.read(move |conn| match name.as_str() {
        "replies" if paged => replies::wire::replies_page(conn, &here, &of, after),
        "replies" => replies::wire::replies(conn, &here, &of),
        "likes" | "shares" => {
            let counts = reactions::store::counts(conn, &of.path())?;
            let total = if name == "likes" { counts.likes } else { counts.passed_on };
            Ok(replies::wire::counted(&here.origin.uri(&of), &name, total))
        }
        _ => Err(Error::not_found("no such collection")),
    });
    document(request, found.await?)
}

async fn activity(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    let at = here.clone();
    let found = app
        .db
        .read(move |conn| match outbox::find(conn, id)?.ok_or_else(|| Error::not_found("no such activity"))? {
            Said::Stands(body) => today::current_proven(conn, &at, body).map(Said::Stands),
            retracted => Ok(retracted),
        })
        .await?;
    match found {
        Said::Stands(found) => document(&request, found),
        Said::Retracted { kind, since } => Ok(tombstone(&here, &Local::Activity(id), &kind, since)),
    }
}

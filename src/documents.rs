//! Every ActivityPub document we serve by its id, the collections of a group, and how we are discovered.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self as http, Data, Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    actors::{self, LocalActor},
    announcements::{self, announcement::Announcement},
    app::{App, Here},
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    federation::outbox,
    follows,
    groups::{
        self,
        group::Group,
        media::{Which, address, media_type},
        wire::{hashtag, with_context},
    },
    meetings::{self, meeting::Meeting},
    origin::Local,
    sisters,
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

pub fn routes(config: &mut http::ServiceConfig) {
    config
        .service(readable("/.well-known/webfinger", webfinger))
        .service(readable("/.well-known/host-meta", host_meta))
        .service(readable("/.well-known/nodeinfo", nodeinfo_links))
        .service(readable("/nodeinfo/{version}", nodeinfo))
        .service(readable("/ap/instance", instance))
        .service(readable("/ap/instance/outbox", instance_outbox))
        .service(readable("/ap/groups/{handle}", group))
        .service(readable("/ap/groups/{handle}/outbox", group_outbox))
        .service(readable("/ap/groups/{handle}/{collection}", collection))
        .service(readable("/ap/events/{id}", event))
        .service(readable("/ap/events/{id}/organizers", organizers))
        .service(readable("/ap/events/{id}/replies", event_replies))
        .service(readable("/ap/notes/{id}", note))
        .service(readable("/ap/notes/{id}/replies", note_replies))
        .service(readable("/ap/activities/{id}", activity));
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
    document(&request, instance_document(&here, &actor))
}

fn instance_document(here: &Here, actor: &LocalActor) -> Value {
    let id = here.origin.instance();
    json!({
        "id": id,
        "type": "Application",
        "preferredUsername": actor.handle,
        "webfinger": format!("{}@{}", actor.handle, here.origin.authority()),
        "name": here.city,
        "summary": "",
        "url": here.origin.url("/"),
        "published": actor.created.rfc3339(),
        "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"),
        "endpoints": { "sharedInbox": here.origin.shared_inbox() },
        "manuallyApprovesFollowers": true,
        "discoverable": false,
        "indexable": false,
        "assertionMethod": [{
            "id": format!("{id}#ed25519-key"),
            "type": "Multikey",
            "controller": id,
            "publicKeyMultibase": actor.ed25519_public,
        }],
        "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": actor.rsa_public },
    })
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
            let items = bodies.into_iter().map(|body| current(conn, &at, body)).collect::<Result<Vec<_>>>()?;
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
        Found::Gone(since) => Ok(tombstone(&here, &Local::Group(String::new()), "OrderedCollection", since)),
    }
}

/// An activity with its object as it is today: whoever reads it late gets no old time of a meeting.
fn current(conn: &mut Conn, here: &Here, mut activity: Value) -> Result<Value> {
    let is_whole = matches!(activity["type"].as_str(), Some("Create" | "Update")) && activity["object"].is_object();
    let object = activity["object"]["id"].as_str().and_then(|id| id.parse().ok()).and_then(|url| here.origin.local(&url));
    let today = match object.filter(|_| is_whole) {
        Some(Local::Event(id)) => meetings::store::by_id(conn, id)?.map(|meeting| meetings::wire::event(here, &meeting)),
        Some(Local::Note(id)) => announcements::store::by_id(conn, id)?.map(|note| announcements::wire::note(here, &note)),
        _ => None,
    };
    if let Some(today) = today {
        activity["object"] = today;
    }
    if let Some(fields) = activity.as_object_mut() {
        fields.remove("@context");
    }
    Ok(activity)
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
            let meetings = meetings::store::upcoming(conn, here.now, Some(&group.handle), UPCOMING)?;
            Ok(ordered(meetings.iter().map(event).collect()))
        }
        "featured" => {
            let meetings = meetings::store::upcoming(conn, here.now, Some(&group.handle), UPCOMING)?;
            let next = meetings.iter().filter(|meeting| meeting.cancelled.is_none()).take(FEATURED_MEETINGS).map(event);
            let since = here.now - std::time::Duration::from_secs(URGENT_DAYS * 24 * 3_600);
            let urgent = announcements::store::urgent(conn, &group.handle, since, 5)?;
            let urgent = urgent.iter().map(|note| json!(here.origin.uri(&Local::Note(note.id))));
            Ok(ordered(next.chain(urgent).collect()))
        }
        _ => Err(Error::not_found("no such collection")),
    }
}

fn load_meeting(conn: &mut Conn, id: Uuid) -> Result<Found<Meeting>> {
    let meeting = meetings::actions::find(conn, id)?;
    let group = groups::store::by_handle(conn, &meeting.group)?;
    Ok(group.and_then(|group| group.closed).map_or(Found::Here(meeting), Found::Gone))
}

fn load_note(conn: &mut Conn, id: Uuid) -> Result<Found<Announcement>> {
    let note = announcements::actions::find(conn, id)?;
    let group = groups::store::by_handle(conn, &note.group)?;
    Ok(note.deleted.or(group.and_then(|group| group.closed)).map_or(Found::Here(note), Found::Gone))
}

fn uuid(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text).ok_or_else(|| Error::not_found("no such id"))
}

async fn event(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Event(id)) {
        return Ok(page);
    }
    match app.db.read(move |conn| load_meeting(conn, id)).await? {
        Found::Here(meeting) => document(&request, meetings::wire::event(&here, &meeting)),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Event(id), "Event", since)),
    }
}

async fn organizers(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    match app.db.read(move |conn| load_meeting(conn, id)).await? {
        Found::Here(meeting) => document(&request, meetings::wire::event(&here, &meeting)["organizers"].take()),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

async fn event_replies(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    match app.db.read(move |conn| load_meeting(conn, id)).await? {
        Found::Here(_) => replies(&request, &here, &Local::Event(id)),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

async fn note(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    if let Some(page) = page_instead(&request, &here, &Local::Note(id)) {
        return Ok(page);
    }
    match app.db.read(move |conn| load_note(conn, id)).await? {
        Found::Here(note) => document(&request, announcements::wire::note(&here, &note)),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Note(id), "Note", since)),
    }
}

async fn note_replies(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    match app.db.read(move |conn| load_note(conn, id)).await? {
        Found::Here(_) => replies(&request, &here, &Local::Note(id)),
        Found::Gone(_) => Err(Failure::Gone),
    }
}

/// The collection, or with any query its one page.
fn replies(request: &HttpRequest, here: &Here, local: &Local) -> Answer {
    let mut collection = announcements::wire::replies(&here.origin.uri(local));
    let asked = if request.query_string().is_empty() { collection } else { collection["first"].take() };
    document(request, asked)
}

async fn activity(request: HttpRequest, app: Data<App>, id: Path<String>) -> Answer {
    let (here, id) = (app.here(), uuid(&id)?);
    let at = here.clone();
    let found = app
        .db
        .read(move |conn| match outbox::find(conn, id)?.ok_or_else(|| Error::not_found("no such activity"))? {
            (_, Some(retracted)) => Ok(Found::Gone(retracted)),
            (body, None) => current(conn, &at, body).map(Found::Here),
        })
        .await?;
    match found {
        Found::Here(found) => document(&request, found),
        Found::Gone(since) => Ok(tombstone(&here, &Local::Activity(id), "Activity", since)),
    }
}

#[derive(Deserialize)]
struct Resource {
    resource: Option<String>,
}

/// RFC 7033.
async fn webfinger(request: HttpRequest, app: Data<App>, query: Option<Query<Resource>>) -> Answer {
    let here = app.here();
    let resource = query.and_then(|query| query.into_inner().resource).filter(|text| !text.is_empty());
    let resource = resource.ok_or_else(|| Error::invalid("say whom you look for: ?resource=acct:group@this.city"))?;
    let unknown = || Error::not_found("nobody of that name is here");
    let local = named(&here, &resource).ok_or_else(unknown)?;
    let wanted = local.clone();
    let found = app.db.read(move |conn| {
        let group = match &wanted {
            Local::Group(handle) => groups::store::by_handle(conn, handle)?,
            _ => None,
        };
        Ok((actors::store::find(conn, &wanted)?, group))
    });
    let (actor, group) = found.await?;
    let actor = actor.ok_or_else(unknown)?;
    if actor.closed.is_some() {
        return Err(Failure::Gone);
    }
    let origin = &here.origin;
    let (id, page) = (origin.uri(&local), origin.page(&local));
    let mut links = vec![
        json!({
            "rel": "self",
            "type": "application/activity+json",
            "href": id,
            "properties": { "https://www.w3.org/ns/activitystreams#type": actors::store::kind(&local) },
        }),
        json!({ "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page }),
    ];
    links.extend(group.map(|group| {
        let (kind, href) = (media_type(&group, Which::Icon), address(&here, &group, Which::Icon));
        json!({ "rel": "http://webfinger.net/rel/avatar", "type": kind, "href": href })
    }));
    let body = json!({
        "subject": format!("acct:{}@{}", actor.handle, origin.authority()),
        "aliases": [page, id],
        "links": links,
    });
    let mut response = respond(&request, "application/jrd+json", body.to_string().into_bytes(), FRESH);
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    Ok(response)
}

/// Whom a resource names: `acct:kitchen@this.city`, an id or the address of a page.
fn named(here: &Here, resource: &str) -> Option<Local> {
    if resource.len() > 2_048 {
        return None;
    }
    let Some(account) = resource.strip_prefix("acct:") else {
        return here.origin.local(&resource.parse().ok()?).filter(|local| matches!(local, Local::Instance | Local::Group(_)));
    };
    let (name, host) = account.strip_prefix('@').unwrap_or(account).rsplit_once('@')?;
    if !host.eq_ignore_ascii_case(&here.origin.authority()) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if name == here.origin.authority() { Some(Local::Instance) } else { Some(Local::Group(name)) }
}

async fn host_meta(request: HttpRequest, app: Data<App>) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" type=\"application/jrd+json\" template=\"{}/.well-known/webfinger?resource={{uri}}\"/>\n</XRD>\n",
        app.origin
    );
    Ok(respond(&request, "application/xrd+xml; charset=utf-8", body.into_bytes(), Cache::Public(86_400)))
}

async fn nodeinfo_links(request: HttpRequest, app: Data<App>) -> Answer {
    let schema = |version: &str| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
            "href": format!("{}/nodeinfo/{version}", app.origin),
        })
    };
    // FEP-2677: who speaks for the instance
    let instance = json!({ "rel": "https://www.w3.org/ns/activitystreams#Application", "href": app.origin.instance() });
    let body = json!({ "links": [schema("2.1"), schema("2.0"), instance] });
    Ok(respond(&request, "application/json; charset=utf-8", body.to_string().into_bytes(), Cache::Public(86_400)))
}

async fn nodeinfo(request: HttpRequest, app: Data<App>, version: Path<String>) -> Answer {
    let version = version.into_inner();
    if !matches!(version.as_str(), "2.0" | "2.1") {
        return Err(Error::not_found("NodeInfo 2.0 and 2.1 are here").into());
    }
    let (groups, posts) = app
        .db
        .read(|conn| Ok((groups::store::count(conn)?, announcements::store::count(conn)? + meetings::store::count(conn)?)))
        .await?;
    let here = app.here();
    let mut software = json!({ "name": "plaza", "version": env!("CARGO_PKG_VERSION") });
    if version == "2.1" {
        software["homepage"] = json!(here.origin.url("/"));
    }
    let body = json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": false,
        "usage": { "users": { "total": groups }, "localPosts": posts },
        "metadata": { "nodeName": here.city },
    });
    let kind = format!("application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\"; charset=utf-8");
    Ok(respond(&request, &kind, body.to_string().into_bytes(), Cache::Public(600)))
}

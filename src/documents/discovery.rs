//! How a city and its groups are found: WebFinger, host-meta and NodeInfo.

use actix_web::{
    HttpRequest,
    http::header,
    web::{Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;

use super::FRESH;
use crate::{
    actors, announcements,
    app::{App, Here},
    error::Error,
    groups::{
        self,
        media::{Which, address, media_type},
    },
    meetings,
    origin::Local,
    web::{Answer, Cache, Failure, readable, respond},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/.well-known/webfinger", webfinger))
        .service(readable("/.well-known/host-meta", host_meta))
        .service(readable("/.well-known/nodeinfo", nodeinfo_links))
        .service(readable("/nodeinfo/{version}", nodeinfo));
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

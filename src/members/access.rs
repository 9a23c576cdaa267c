//! The way in for whoever does something here: every page and form that is more than reading is registered with who may come,
//! and nobody else reaches its handler.

use std::future;

use actix_web::{
    Error as ActixError, FromRequest, Handler, HttpMessage, HttpRequest, HttpResponse, Responder,
    body::{BoxBody, MessageBody},
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    dev::{HttpServiceFactory, Payload, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{Next, from_fn},
    rt,
    web::{self, Data},
};

use super::{
    actions::{Speaker, may_speak},
    member::{LONGEST, Member, Refusal, Session},
    sign_in::{self, Kept},
    store,
    taps::{self, Taps, Turn},
    token::Token,
};
use crate::{
    app::App,
    db::Conn,
    error::{Error, Said},
    origin::Origin,
    web::{
        Failure, Front, Known, ONE_OF_SEVERAL, Who,
        address::{Access, Listed, list},
        form::{self, Fields},
        only_read, read,
    },
};

/// A page that not everybody sees, or that is not the same for everybody.
pub fn page<F, Args>(path: &str, access: Access, show: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    list(path, Listed { access, shows: true, takes: false });
    let resource = web::resource(path).route(read().to(show)).default_service(web::to(only_read));
    resource.wrap(from_fn(move |app, front, request, next| guarded(access, None, (app, front), request, next)))
}

/// A form: shown by `show`, taken by `take`.
pub fn form<F, Args, G, Brgs>(path: &str, access: Access, show: F, take: G) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<Brgs>,
    Brgs: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    form_of(path, access, form::LONGEST, show, take)
}

/// A form with files, of at most so many bytes in all.
pub fn form_of<F, Args, G, Brgs>(
    path: &str,
    access: Access,
    longest: usize,
    show: F,
    take: G,
) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<Brgs>,
    Brgs: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    list(path, Listed { access, shows: true, takes: true });
    let resource = web::resource(path).route(read().to(show)).route(web::post().to(take));
    let resource = resource.default_service(web::to(|| only("GET, HEAD, POST")));
    resource.wrap(from_fn(move |app, front, request, next| guarded(access, Some(longest), (app, front), request, next)))
}

/// A button that stands on another page: taken by `take`, shown nowhere of its own.
pub fn deed<G, Brgs>(path: &str, access: Access, take: G) -> impl HttpServiceFactory + 'static
where
    G: Handler<Brgs>,
    Brgs: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    list(path, Listed { access, shows: false, takes: true });
    let resource = web::resource(path).route(web::post().to(take)).default_service(web::to(|| only("POST")));
    resource.wrap(from_fn(move |app, front, request, next| guarded(access, Some(form::LONGEST), (app, front), request, next)))
}

async fn only(allowed: &'static str) -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).finish()
}

/// Whoever asks: signed in or not.
#[derive(Clone, Debug, Default)]
pub struct Visitor(Option<SignedIn>);

#[derive(Clone, Debug)]
struct SignedIn {
    session: Session,
    token: Token,
}

impl Visitor {
    pub fn session(&self) -> Option<&Session> {
        self.0.as_ref().map(|signed_in| &signed_in.session)
    }

    pub fn member(&self) -> Option<&Member> {
        self.session().map(|session| &session.member)
    }

    /// For deeds, which ask again who it is.
    ///
    /// # Errors
    /// `Refused` for whoever is not signed in.
    pub fn speaker(&self) -> Result<Speaker, Error> {
        let signed_in = self.0.as_ref().ok_or(Refusal::SignedOut)?;
        Ok(Speaker::of(&signed_in.token))
    }

    /// What every form shown to this visitor carries; empty for whoever is not signed in.
    pub fn csrf(&self) -> String {
        self.0.as_ref().map(|signed_in| signed_in.token.for_forms()).unwrap_or_default()
    }
}

impl FromRequest for Visitor {
    type Error = Failure;
    type Future = future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = request.extensions().get::<Self>().cloned();
        future::ready(visitor.ok_or_else(|| Error::broken("this address was registered as one that is only read").into()))
    }
}

/// Lets in whom it may concern: after this, the request carries a [`Visitor`] and, when something was sent, its [`Fields`].
/// `longest` is how much of it is taken; nothing on a page.
async fn guarded(
    access: Access,
    longest: Option<usize>,
    (app, front): (Data<App>, Data<Front>),
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    // nothing of ours is asked for in another way: said without reading what came along
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::POST) {
        return Ok(private(next.call(request).await?.map_into_boxed_body()));
    }
    let (visitor, turn) = match let_in(access, longest, &app, &mut request).await {
        Ok(visitor) => visitor,
        Err(Outside::Again(answer)) => return Ok(private(request.into_response(answer))),
        Err(Outside::SignInFirst(path)) => {
            let answer = HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish();
            return Ok(private(request.into_response(answer)));
        }
        Err(Outside::Typed(kept)) => {
            let answer = sign_in::pages::first(&app, &front, request.request(), kept);
            return Ok(private(match answer {
                Ok(answer) => request.into_response(answer),
                Err(failure) => request.error_response(failure),
            }));
        }
        Err(Outside::Failed(failure)) => return Ok(private(request.error_response(failure))),
    };
    // what was sent is one person's, and its answer may hold their key
    let sends = !matches!(*request.method(), Method::GET | Method::HEAD);
    let is_private = sends || !matches!(access, Access::Anyone | Access::Nameless) || visitor.member().is_some();
    request.extensions_mut().insert(visitor);
    let answer = match turn {
        None => next.call(request).await?,
        // a browser that taps again hangs up on the first answer: what was begun is done all the same
        Some(kept) => rt::spawn(async move {
            let answer = next.call(request).await?;
            kept.keep(answer.response());
            Ok::<_, ActixError>(answer)
        })
        .await
        .map_err(|error| Failure::from(Error::broken(error)))??,
    };
    let answer = answer.map_into_boxed_body();
    Ok(if is_private { private(answer) } else { answer })
}

/// Why somebody does not come in.
enum Outside {
    /// With the address to go to.
    SignInFirst(String),
    /// With what they sent.
    Typed(Kept),
    /// With the answer to the same a moment ago.
    Again(HttpResponse),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Outside {
    fn from(failure: E) -> Self {
        Self::Failed(failure.into())
    }
}

async fn let_in(
    access: Access,
    longest: Option<usize>,
    app: &App,
    request: &mut ServiceRequest,
) -> Result<(Visitor, Option<taps::Kept>), Outside> {
    let sends = !matches!(*request.method(), Method::GET | Method::HEAD);
    if sends && comes_from_elsewhere(request.request(), &app.origin) {
        return Err(forbidden("this form was sent from another site", "form-refused-elsewhere").into());
    }
    // what a page that everybody sees is sent is not even read: it can only be seen
    if sends && longest.is_none() && matches!(access, Access::Anyone | Access::Nameless) {
        return Ok((Visitor::default(), None));
    }
    let longest = longest.unwrap_or(form::LONGEST);
    let token = token(request.request(), &app.origin).filter(|_| access != Access::Nameless);
    let group = request.match_info().get("handle").map(str::to_owned);
    let now = app.clock.now();
    let visitor = match token {
        None => Visitor::default(),
        Some(token) => {
            let hash = token.hash();
            let session = app.db.read(move |conn| Ok(store::session(conn, &hash, now)?)).await?;
            Visitor(session.map(|session| SignedIn { session, token }))
        }
    };
    if !matches!(access, Access::Anyone | Access::Nameless) && visitor.member().is_none() {
        return Err(if sends {
            let sent = Fields::read_typed(&request.request().clone(), request.take_payload(), longest).await?;
            if let Some(taps) = request.app_data::<Data<Taps>>().cloned()
                && let Some(answer) = taps.again(&path(request.request()), &sent, now).await
            {
                return Err(Outside::Again(answer));
            }
            Outside::Typed(Kept::of_sent(&path(request.request()), sent))
        } else {
            Outside::SignInFirst(sign_in::pages::before(&path(request.request())))
        });
    }
    if let Some(session) = visitor.session() {
        let (member, seen, id) = (session.member.clone(), session.seen, session.id);
        let (asking, named) = (member.clone(), group.clone());
        let rights = app.db.read(move |conn| has_rights(conn, access, &asking, named.as_deref())).await;
        let way = match (access, &group) {
            _ if rights.is_err() => ("site-ours", "/ours".to_owned()),
            (Access::Organizer, Some(group)) => ("error-way-desk", format!("/ours/@{group}")),
            (Access::Caretaker, _) => ("site-care", "/care".to_owned()),
            _ => ("site-ours", "/ours".to_owned()),
        };
        let who = Who { csrf: visitor.csrf(), caretaker: member.caretaker, is_sought: session.is_sought };
        request.extensions_mut().insert(Known { who, ways: vec![way] });
        rights?;
        if seen < now.day() {
            app.db.write(move |conn| Ok(store::session_was_seen(conn, id, now.day())?)).await?;
        }
    }
    let mut turn = None;
    if sends {
        let fields = Fields::read(&request.request().clone(), request.take_payload(), longest).await?;
        if let Some(taps) = request.app_data::<Data<Taps>>().cloned() {
            let session = visitor.session().map(|session| session.id);
            turn = match taps.turn(session, &path(request.request()), &fields, now).await {
                Turn::First(kept) => Some(kept),
                Turn::Again(answer) => return Err(Outside::Again(answer)),
            };
        }
        if let Some(signed_in) = &visitor.0
            && !fields.get("csrf").is_some_and(|given| signed_in.token.is_for_forms(given))
        {
            return Err(forbidden(
                "this form is not one of ours, or it is from before you signed in: open the page again",
                "form-refused-old",
            )
            .into());
        }
        request.extensions_mut().insert(fields);
    }
    Ok((visitor, turn))
}

fn forbidden(text: &str, message: &'static str) -> Failure {
    Error::refused_in_words(text, Said::new(message)).into()
}

fn has_rights(conn: &mut Conn, access: Access, member: &Member, group: Option<&str>) -> Result<(), Error> {
    match access {
        Access::Nameless | Access::Anyone | Access::Member => Ok(()),
        Access::Caretaker if member.caretaker => Ok(()),
        Access::Caretaker => Err(Refusal::NotCaretaker.into()),
        Access::Organizer => {
            let group = group.ok_or_else(|| Error::broken("an address for organizers names its group {handle}"))?;
            may_speak(conn, member.id, group).map(|_| ())
        }
    }
}

/// A browser says where a form was sent from: `Sec-Fetch-Site`, and older ones `Origin`. Without either it is no browser of
/// the last ten years, and whoever is signed in still needs the token of the form.
fn comes_from_elsewhere(request: &HttpRequest, origin: &Origin) -> bool {
    let said = |name: &str| request.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>();
    let (site, from) = (said("sec-fetch-site"), said("origin"));
    site.iter().any(|site| *site != "same-origin") || from.iter().any(|from| !is_us(from, request, origin))
}

/// Our own origin; on loopback also the name by which this machine was called.
fn is_us(from: &str, request: &HttpRequest, origin: &Origin) -> bool {
    let called = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    from == origin.to_string().trim_end_matches('/')
        || (origin.is_loopback() && called.is_some_and(|host| from.strip_prefix("http://") == Some(host)))
}

fn path(request: &HttpRequest) -> String {
    request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

/// Kept by nobody on the way, and by the browser only where somebody who sent something may go back to it.
fn private(mut answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let sent = *answer.request().method() == Method::POST;
    let headers = answer.headers_mut();
    if !sent || headers.get(header::CACHE_CONTROL).is_none_or(|said| said != ONE_OF_SEVERAL) {
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    headers.insert(header::HeaderName::from_static("x-robots-tag"), header::HeaderValue::from_static("noindex, nofollow"));
    headers.remove(header::ETAG);
    answer
}

/// Browsers take a cookie of the first name only from us, over TLS, for the whole site; on loopback there is no TLS.
fn cookie_name(origin: &Origin) -> &'static str {
    if origin.is_https() { "__Host-plaza" } else { "plaza" }
}

fn token(request: &HttpRequest, origin: &Origin) -> Option<Token> {
    request.cookie(cookie_name(origin)).and_then(|cookie| Token::read(cookie.value()))
}

/// As [`cookie_name`], for what stays when somebody signs out.
fn device_name(origin: &Origin) -> &'static str {
    if origin.is_https() { "__Host-plaza-browser" } else { "plaza-browser" }
}

/// What a browser kept from the last time that somebody signed in with it.
pub fn browser(request: &HttpRequest, origin: &Origin) -> Option<String> {
    request.cookie(device_name(origin)).map(|cookie| cookie.value().to_owned())
}

/// Given to a browser that signed in, to be known again: see [`super::device`].
pub fn remembered(origin: &Origin, kept: String) -> Cookie<'static> {
    let mut cookie = bare(origin, device_name(origin), kept);
    cookie.set_max_age(CookieDuration::seconds(i64::try_from(LONGEST.as_secs()).unwrap_or(i64::MAX)));
    cookie
}

/// Takes that away again.
pub fn forgotten(origin: &Origin) -> Cookie<'static> {
    let mut cookie = bare(origin, device_name(origin), String::new());
    cookie.make_removal();
    cookie
}

/// Given to a browser that signed in: with this and nothing else it is known again.
pub fn signed_in(origin: &Origin, token: &Token) -> Cookie<'static> {
    let mut cookie = bare(origin, cookie_name(origin), token.reveal().to_owned());
    cookie.set_max_age(CookieDuration::seconds(i64::try_from(LONGEST.as_secs()).unwrap_or(i64::MAX)));
    cookie
}

/// Takes it away again.
pub fn signed_out(origin: &Origin) -> Cookie<'static> {
    let mut cookie = bare(origin, cookie_name(origin), String::new());
    cookie.make_removal();
    cookie
}

fn bare(origin: &Origin, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).path("/").secure(origin.is_https()).http_only(true).same_site(SameSite::Lax).finish()
}

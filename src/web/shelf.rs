//! Public answers as they were made, for whoever asks for the same: they stand here until anybody writes to the database, and
//! until the minute ends. Only what any proxy on the way might keep is kept. Knows no page.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap},
    },
    middleware::Next,
};

use super::{
    Front,
    accept::{wants_activity, wants_page},
    answer::{Whole, knows},
    shell::words_for,
};
use crate::{app::App, clock::Clock, db::watch::Watch, error::Result};

/// In bytes: of all answers with their questions; the oldest one makes room.
const ROOM: usize = 16 << 20;
/// Of one answer.
const MOST: usize = 256 << 10;
/// What an answer takes beside its text, about.
const FRAME: usize = 2 << 10;

pub struct Shelf {
    clock: Clock,
    kept: Mutex<Kept>,
}

struct Kept {
    watch: Watch,
    /// As of when all the answers were made.
    moment: Option<Moment>,
    answers: HashMap<Asked, Made>,
    /// The oldest one first.
    order: VecDeque<Asked>,
    bytes: usize,
}

/// While this is the same, so are all public answers.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    version: i64,
    /// Since 1970: pages say `tomorrow`, and leave out what is over.
    minute: i64,
}

/// All that makes one public answer another one than the next.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    /// With the query, but for pictures.
    path: String,
    activity: bool,
    page: bool,
    /// In which we answer.
    language: String,
}

#[derive(Clone)]
struct Made {
    /// Of a 200 and a 304 alike.
    headers: HeaderMap,
    whole: Whole,
}

impl Shelf {
    /// `None` for a database that does not tell when it was written to.
    pub fn of(app: &App) -> Result<Option<Self>> {
        Ok(Watch::open(&app.config.database)?.map(|watch| Self::new(watch, app.clock.clone())))
    }

    fn new(watch: Watch, clock: Clock) -> Self {
        let kept = Kept { watch, moment: None, answers: HashMap::new(), order: VecDeque::new(), bytes: 0 };
        Self { clock, kept: Mutex::new(kept) }
    }

    /// What stands here already, else what `next` makes.
    pub async fn answer(
        &self,
        front: &Front,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let asked = Asked::of(front, request.request());
        let Some((asked, moment)) = asked.and_then(|asked| Some((asked, self.moment()?))) else {
            return Ok(next.call(request).await?.map_into_boxed_body());
        };
        if let Some(made) = self.take(&asked, moment) {
            let answer = made.answer(request.request());
            return Ok(request.into_response(answer));
        }
        let answered = next.call(request).await?.map_into_boxed_body();
        if let Some(made) = Made::of(answered.response()) {
            self.put(asked, moment, made);
        }
        Ok(answered)
    }

    /// Now; `None` when the database does not say.
    fn moment(&self) -> Option<Moment> {
        let minute = self.clock.now().seconds().div_euclid(60);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let version = kept.watch.version().ok()?;
        Some(Moment { version, minute })
    }

    fn take(&self, asked: &Asked, moment: Moment) -> Option<Made> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.moment == Some(moment)).then(|| kept.answers.get(asked).cloned()).flatten()
    }

    /// `moment`: from before it was made, so that it is not taken for one that knows of what was written meanwhile.
    fn put(&self, asked: Asked, moment: Moment, made: Made) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.moment != Some(moment) {
            kept.moment = Some(moment);
            kept.answers.clear();
            kept.order.clear();
            kept.bytes = 0;
        }
        kept.bytes += size(&asked, &made);
        if let Some(other) = kept.answers.insert(asked.clone(), made) {
            // two readers asked at once
            kept.bytes -= size(&asked, &other);
        } else {
            kept.order.push_back(asked);
        }
        while kept.bytes > ROOM
            && let Some(oldest) = kept.order.pop_front()
        {
            let made = kept.answers.remove(&oldest);
            kept.bytes -= made.map_or(0, |made| size(&oldest, &made));
        }
    }
}

fn size(asked: &Asked, made: &Made) -> usize {
    FRAME + 2 * asked.path.len() + made.whole.bytes.len()
}

impl Asked {
    /// `None` for what is nobody else's question.
    fn of(front: &Front, request: &HttpRequest) -> Option<Self> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        // whoever is signed in has a cookie, and may see more of the same address; so may a server that signs
        let own = [header::AUTHORIZATION, header::COOKIE, header::HeaderName::from_static("signature")];
        if !reads || own.iter().any(|own| request.headers().contains_key(own)) {
            return None;
        }
        let uri = request.uri();
        // a picture's query tells browsers that it is another one than before, and us nothing
        let path = if uri.path().starts_with("/media/") { uri.path() } else { uri.path_and_query()?.as_str() };
        Some(Self {
            path: path.to_owned(),
            activity: wants_activity(request),
            page: wants_page(request),
            language: words_for(front, request).0.tag(),
        })
    }
}

impl Made {
    /// `None` for what may not be kept, or not here.
    fn of(answer: &HttpResponse) -> Option<Self> {
        let whole = answer.extensions().get::<Whole>()?.clone();
        let headers = answer.headers();
        let is_public = headers.get(header::CACHE_CONTROL).is_some_and(|cache| is_for_everyone(cache.as_bytes()));
        let varies =
            headers.get(header::VARY).is_some_and(|vary| ["Accept", "Accept, Accept-Language"].iter().any(|by| vary == by));
        if !is_public || !varies || headers.contains_key(header::SET_COOKIE) || whole.bytes.len() > MOST {
            return None;
        }
        let mut headers = headers.clone();
        headers.remove(header::CONTENT_TYPE);
        Some(Self { headers, whole })
    }

    fn answer(self, request: &HttpRequest) -> HttpResponse {
        let tag = self.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let mut answer = if knows(request, tag) {
            HttpResponse::NotModified().finish()
        } else {
            HttpResponse::Ok().content_type(self.whole.content_type).body(self.whole.bytes)
        };
        for (name, value) in self.headers {
            answer.headers_mut().append(name, value);
        }
        answer
    }
}

/// `public, max-age=30`; neither what must be made anew each time, nor what lies somewhere else for good.
fn is_for_everyone(cache: &[u8]) -> bool {
    cache.strip_prefix(b"public, max-age=").is_some_and(|age| age != b"0" && age.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;

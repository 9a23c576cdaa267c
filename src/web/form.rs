//! What a form sends: read whole within limits of size and time, then turned into what a handler wants. Knows no form.

use std::{future, time::Duration};

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::form_urlencoded;

use super::Failure;
use crate::error::{Error, Said, Sentence};

/// Longest form without files, in bytes.
pub const LONGEST: usize = 256 * 1024;
/// A form must be here within this time; with files, within the other.
const READ_WITHIN: Duration = Duration::from_secs(15);
const READ_FILES_WITHIN: Duration = Duration::from_secs(120);
const MOST_FIELDS: usize = 500;
/// What files may take of the memory while they are read, of everybody together, in pieces of [`PIECE`] bytes. A form takes its
/// share as it arrives, so that whoever sends nothing keeps nobody waiting; words alone take none.
const PIECES: usize = 96;
const PIECE: usize = 1024 * 1024;
/// So long a form waits for room.
const ROOM_WITHIN: Duration = Duration::from_secs(20);
static ROOM: Semaphore = Semaphore::const_new(PIECES);

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct Upload {
    pub field: String,
    pub bytes: web::Bytes,
}

/// Everything a form sent, in its order.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub pairs: Vec<(String, String)>,
    /// None that are empty: browsers send those for files that were not chosen.
    pub files: Vec<Upload>,
}

impl Fields {
    /// Reads a form of at most `longest` bytes; files only where that is longer than [`LONGEST`].
    pub async fn read(request: &HttpRequest, payload: Payload, longest: usize) -> Result<Self, Failure> {
        Self::read_of(request, payload, longest, true).await
    }

    /// What was typed, of somebody who may not send it yet: of files only that there were some.
    pub async fn read_typed(request: &HttpRequest, payload: Payload, longest: usize) -> Result<Self, Failure> {
        Self::read_of(request, payload, longest, false).await
    }

    async fn read_of(request: &HttpRequest, payload: Payload, longest: usize, keeps_files: bool) -> Result<Self, Failure> {
        let has_files = longest > LONGEST;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let within = if has_files { READ_FILES_WITHIN } else { READ_WITHIN };
        let reading = async {
            match kind.as_str() {
                "application/x-www-form-urlencoded" => urlencoded(payload, longest.min(LONGEST)).await,
                "multipart/form-data" if has_files => multipart(request, payload, longest, keeps_files).await,
                _ => Err(failed(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "This address takes forms as browsers send them.",
                    "failed-no-form",
                )),
            }
        };
        match tokio::time::timeout(within, reading).await {
            Ok(fields) => fields,
            Err(_) => Err(failed(StatusCode::REQUEST_TIMEOUT, "The form took too long to arrive.", "failed-slow")),
        }
    }

    /// The first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The file that was chosen in the field of that name.
    pub fn file(&self, name: &str) -> Option<&web::Bytes> {
        self.files.iter().find(|file| file.field == name).map(|file| &file.bytes)
    }

    /// As what a handler wants; fields it does not name are left out.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let whole = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        serde_html_form::from_str(&whole).map_err(|error| Error::invalid(format!("the form makes no sense: {error}")).into())
    }
}

fn failed(status: StatusCode, text: &str, message: &'static str) -> Failure {
    Failure::status(status, text, Said::new(message))
}

fn too_long() -> Failure {
    failed(StatusCode::PAYLOAD_TOO_LARGE, "This is more than the form takes.", "failed-long")
}

async fn urlencoded(mut payload: Payload, longest: usize) -> Result<Fields, Failure> {
    let mut body = Vec::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| Error::invalid("the form did not arrive whole"))?;
        if body.len() + piece.len() > longest {
            return Err(too_long());
        }
        body.extend_from_slice(&piece);
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).map(|(name, value)| (name.into(), lines(&value))).collect();
    if pairs.len() > MOST_FIELDS { Err(too_long()) } else { Ok(Fields { pairs, files: Vec::new() }) }
}

async fn more_room() -> Result<SemaphorePermit<'static>, Failure> {
    match tokio::time::timeout(ROOM_WITHIN, ROOM.acquire()).await {
        Ok(room) => Ok(room.map_err(Error::broken)?),
        Err(_) => {
            let text = "So many pictures and files arrive at this moment that there is no room for more.";
            Err(failed(StatusCode::SERVICE_UNAVAILABLE, text, "failed-no-room"))
        }
    }
}

async fn multipart(request: &HttpRequest, payload: Payload, longest: usize, keeps_files: bool) -> Result<Fields, Failure> {
    let broken = |_| Failure::from(Error::invalid("the form did not arrive whole"));
    let mut parts = Multipart::new(request.headers(), payload);
    let (mut fields, mut length, mut kept, mut count) = (Fields::default(), 0, 0, 0);
    let mut room = Vec::new();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|about| about.get_filename().is_some());
        let (mut bytes, mut came) = (web::BytesMut::new(), false);
        count += 1;
        while let Some(piece) = part.next().await {
            let piece = piece.map_err(broken)?;
            length += piece.len();
            came |= !piece.is_empty();
            if is_file && !keeps_files {
                continue;
            }
            kept += piece.len();
            let most = if keeps_files { longest } else { LONGEST };
            if kept > most || (!is_file && bytes.len() + piece.len() > LONGEST) {
                return Err(too_long());
            }
            while kept > LONGEST + room.len() * PIECE {
                room.push(more_room().await?);
            }
            bytes.extend_from_slice(&piece);
        }
        if length > longest || count > MOST_FIELDS {
            return Err(too_long());
        }
        if is_file {
            fields.files.extend(came.then(|| Upload { field: name, bytes: bytes.freeze() }));
        } else {
            let text = std::str::from_utf8(&bytes).map_err(|_| Error::invalid("the form holds text that is not UTF-8"))?;
            fields.pairs.push((name, lines(text)));
        }
    }
    Ok(fields)
}

/// Browsers end lines as HTTP does.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What a form sent, for a handler registered to take one.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Form<T> {
    type Error = Failure;
    type Future = future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(fields(request).and_then(|fields| fields.parse()).map(Self))
    }
}

/// The same as it came, with its files.
impl FromRequest for Fields {
    type Error = Failure;
    type Future = future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        future::ready(fields(request))
    }
}

fn fields(request: &HttpRequest) -> Result<Fields, Failure> {
    let kept = request.extensions().get::<Fields>().cloned();
    kept.ok_or_else(|| Error::broken("this address was not registered to take a form").into())
}

/// What is wrong with a form, field by field, in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    pub fn add(&mut self, field: &'static str, text: String) {
        self.0.push((field, text));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(named, _)| *named == field).map(|(_, text)| text.as_str())
    }

    /// Field and what is wrong with it; the field is empty where it is the whole.
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// What a rule refused, to be shown beside the form; every other failure goes on.
    pub fn refused<T>(&mut self, words: &crate::words::Words, outcome: Result<T, Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(Error::Refused(why)) => {
                self.add(field_of(&why), words.why(&why));
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

fn field_of(why: &Sentence) -> &'static str {
    why.said.as_ref().and_then(|said| said.field).unwrap_or_default()
}

//! Somebody with a browser at the real program: signed in or not, from any address of this machine, sending forms as browsers do.

use std::net::Ipv4Addr;

use plaza::members::token::Token;

use super::{
    letters::Request,
    town::{Answer, STRANGER, Town},
};

/// Between the parts of a form with files.
const EDGE: &str = "edge-of-a-part";
/// Of whoever joins here.
pub const PASSWORD: &str = "soup at noon, always";

/// One browser; its cookie is the one it was given last.
pub struct Guest<'a> {
    pub town: &'a Town,
    pub from: Ipv4Addr,
    pub cookie: Option<String>,
    /// What the forms of this session carry.
    pub csrf: String,
    /// Sent with each request.
    pub headers: &'a [(&'a str, &'a str)],
}

impl<'a> Guest<'a> {
    /// Nobody's.
    pub fn of(town: &'a Town) -> Self {
        Self { town, from: STRANGER, cookie: None, csrf: String::new(), headers: &[] }
    }

    /// Somebody new, who joins as people do, as `handle`, with a password of theirs.
    pub fn joined(town: &'a Town, handle: &str) -> Self {
        let mut guest = Self::of(town);
        guest.goes_on("/join", &[("name", handle), ("handle", handle), ("password", PASSWORD)]);
        guest
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        let mut request = Request::get(&self.town.name, path, &[("Accept", "text/html"), ("Accept-Language", "en")]);
        request.method = method.into();
        self.headers.iter().for_each(|(name, value)| request.after(name, *value));
        if let Some(cookie) = &self.cookie {
            request.set("Cookie", cookie.as_str());
        }
        request
    }

    fn ask(&self, request: &Request) -> Answer {
        self.town.send_from(self.from, &request.bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(&self.request("GET", path))
    }

    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.body()
    }

    fn posted(&self, path: &str, kind: &str, body: Vec<u8>) -> Request {
        let mut request = self.request("POST", path);
        request.set("Sec-Fetch-Site", "same-origin");
        request.set("Content-Type", kind);
        request.set("Content-Length", body.len().to_string());
        request.body = body;
        request
    }

    /// A form as a page of ours would send it.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        let own = (!self.csrf.is_empty()).then_some(("csrf", self.csrf.as_str()));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().copied().chain(own)).finish();
        self.posted(path, "application/x-www-form-urlencoded", body.into_bytes())
    }

    /// Sends it, and takes the cookie that comes back.
    pub fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.ask(&self.form(path, fields));
        if let Some(set) = answer.header("set-cookie") {
            let cookie = set.split(';').next().unwrap_or_default().to_owned();
            let token = cookie.split_once('=').and_then(|(_, value)| Token::read(value));
            self.csrf = token.as_ref().map(Token::for_forms).unwrap_or_default();
            self.cookie = token.map(|_| cookie);
        }
        answer
    }

    /// The same with files, all of which say that they are called `photo.jpg`.
    pub fn send_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields.iter().copied().chain([("csrf", self.csrf.as_str())]) {
            body.extend(format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, bytes) in files {
            let about = format!("form-data; name=\"{name}\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg");
            body.extend(format!("--{EDGE}\r\nContent-Disposition: {about}\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{EDGE}--\r\n").bytes());
        self.ask(&self.posted(path, &format!("multipart/form-data; boundary={EDGE}"), body))
    }

    /// Sends a form that answers with a page to go to; the address of that page.
    pub fn goes_on(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(path, fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").expect("an address")
    }
}

/// What stands between two words on a page.
pub fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split_once(after).map(|(found, _)| found).expect("an end")
}

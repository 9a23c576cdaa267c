//! Somebody with a browser: signed in or not, sending forms as browsers do.

use plaza::members::{self, member::Member, member::Organizer, token::Token};
use reqwest::{Response, StatusCode, header};
use uuid::Uuid;

use crate::city::City;

/// One browser; its cookie is the one it was given last.
pub struct Phone {
    pub origin: String,
    pub http: reqwest::Client,
    pub cookie: Option<String>,
    /// What the forms of this session carry.
    pub csrf: String,
    pub member: Option<Member>,
}

impl Phone {
    /// Nobody's.
    pub fn of(city: &City) -> Self {
        Self { origin: city.origin.clone(), http: city.http.clone(), cookie: None, csrf: String::new(), member: None }
    }

    pub async fn get(&self, path: &str) -> Response {
        let mut request = self.http.get(format!("{}{path}", self.origin)).header("accept", "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request.send().await.expect("an answer")
    }

    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    /// Sends a form as a page of ours would, with the session's token; takes the cookie that comes back.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf.clone();
        let mut all = fields.to_vec();
        if !csrf.is_empty() {
            all.push(("csrf", &csrf));
        }
        let answer = self.send_bare(path, &all, &[("sec-fetch-site", "same-origin")]).await;
        if let Some(set) = answer.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok()) {
            let cookie = set.split(';').next().unwrap_or_default().to_owned();
            let value = cookie.split_once('=').map(|(_, value)| value).unwrap_or_default().to_owned();
            self.csrf = Token::read(&value).map(|token| token.for_forms()).unwrap_or_default();
            self.cookie = Token::read(&value).is_some().then_some(cookie);
        }
        answer
    }

    /// Sends exactly these fields and headers.
    pub async fn send_bare(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.http.post(format!("{}{path}", self.origin)).header("accept", "text/html");
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request.send().await.expect("an answer")
    }
}

impl City {
    /// A member of that handle, signed in on a phone.
    pub async fn member(&self, handle: &str) -> Phone {
        let today = self.clock.now().day();
        let member = Member {
            id: Uuid::new_v4(),
            handle: handle.to_owned(),
            name: handle.to_owned(),
            language: "en".into(),
            caretaker: false,
            welcomed: Some(today),
            created: today,
        };
        let new = member.clone();
        self.app.db.write(move |conn| Ok(members::store::add(conn, &new, None)?)).await.expect("a member");
        self.sign_in(member).await
    }

    /// The same, who speaks for a group since it was started.
    pub async fn organizer(&self, handle: &str, group: &str) -> Phone {
        let phone = self.member(handle).await;
        let organizer = Organizer {
            group: group.to_owned(),
            member: phone.member.as_ref().expect("signed in").id,
            since: self.clock.now(),
            founder: true,
            shown: false,
            paused: None,
        };
        self.app.db.write(move |conn| Ok(members::store::add_organizer(conn, &organizer)?)).await.expect("an organizer");
        phone
    }

    pub async fn caretaker(&self, handle: &str) -> Phone {
        let mut phone = self.member(handle).await;
        let member = Member { caretaker: true, ..phone.member.clone().expect("signed in") };
        let changed = member.clone();
        self.app.db.write(move |conn| Ok(members::store::save(conn, &changed)?)).await.expect("saved");
        phone.member = Some(member);
        phone
    }

    /// Another phone of the same person.
    pub async fn sign_in(&self, member: Member) -> Phone {
        let token = Token::new().expect("randomness");
        let (id, new) = (member.id, token.clone());
        self.app.act(move |conn, here| members::actions::begin_session(conn, here, id, &new)).await.expect("a session");
        let cookie = format!("plaza={}", token.reveal());
        Phone { cookie: Some(cookie), csrf: token.for_forms(), member: Some(member), ..Phone::of(self) }
    }
}

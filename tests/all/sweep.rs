//! Rows 47, 50 and 59: every address that was registered for somebody or takes something, asked in every way but the one it is for.

use diesel::{Connection, SqliteConnection};
use plaza::web::address::{Access, addresses};
use reqwest::Method;

use crate::{
    city::City,
    phone::Phone,
    security::town::{Same, held},
};

/// Somebody who may do everything, and addresses with ids of things that are there.
struct All {
    city: City,
    who: Phone,
    /// Blanks of addresses, and what is there.
    there: Vec<(&'static str, String)>,
}

impl All {
    async fn begun() -> Self {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        let (meeting, note) = (city.meeting("kitchen", "Soup").await, city.announce("kitchen", "We cook").await);
        let mut who = city.organizer("ana", "kitchen").await;
        city.organizer("ben", "kitchen").await;
        let mut member = who.member.clone().expect("signed in");
        member.caretaker = true;
        city.app.db.write(move |conn| Ok(plaza::members::store::save(conn, &member)?)).await.expect("saved");
        let typed = [("text", "We bake"), ("language", "en"), ("do", "later")];
        who.send("/ours/@kitchen/news/new", &typed).await;
        let draft = city.app.db.read(|conn| Ok(plaza::desk::store::of_group(conn, "kitchen")?)).await.expect("reading").remove(0);
        let said = Phone::of(&city).send(&format!("/meetings/{}/coming", meeting.id), &[("answer", "coming")]).await;
        let mine = said.headers()["location"].to_str().expect("an address").rsplit('/').next().expect("a secret").to_owned();
        let there = vec![
            ("/news/{id}", format!("/news/{}", note.id)),
            ("/drafts/{id}", format!("/drafts/{}", draft.id)),
            ("/meetings/{id}", format!("/meetings/{}", meeting.id)),
            ("/coming/{id}", format!("/coming/{}", meeting.id)),
            ("{secret}", mine),
            ("{handle}", "kitchen".into()),
            ("{member}", "ben".into()),
        ];
        // whatever is done once a day is done before
        who.page("/ours").await;
        Self { city, who, there }
    }

    fn address(&self, path: &str) -> String {
        self.there.iter().fold(path.to_owned(), |path, (blank, id)| path.replace(blank, id))
    }

    fn held(&self) -> String {
        let file = self.city.app.config.data_dir.join("plaza.sqlite");
        held(&mut SqliteConnection::establish(&file.display().to_string()).expect("the database"), Same::Everything)
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> reqwest::Response {
        let mut request = self.who.http.request(method, format!("{}{path}", self.city.origin));
        request = request.header("cookie", self.who.cookie.clone().expect("signed in"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.unwrap_or_default()).send().await.expect("an answer")
    }
}

/// Says what an answer for one person must say, and what no answer of ours says.
fn is_private_and_at_home(answer: &reqwest::Response) -> bool {
    let said = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let policy = said("content-security-policy");
    said("cache-control") == "no-store"
        && answer.headers().get("etag").is_none()
        && ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"].iter().all(|part| policy.contains(part))
        && !policy.contains("unsafe")
        && ["same-origin", "no-referrer"].contains(&said("referrer-policy").as_str())
        && said("x-content-type-options") == "nosniff"
        && (answer.status() != 200 || said("x-robots-tag") == "noindex, nofollow")
}

#[test]
fn reading_changes_nothing_and_is_kept_by_nobody() {
    actix_web::rt::System::new().block_on(async {
        let all = All::begun().await;
        let (before, mut wrong, mut shown) = (all.held(), Vec::new(), 0);
        for (path, listed) in addresses() {
            let address = all.address(&path);
            let is_private = !matches!(listed.access, Access::Nameless | Access::Anyone);
            for (accept, query) in
                [("text/html", ""), ("application/activity+json", ""), ("*/*", "?_method=POST&csrf=x&sure=yes&do=through")]
            {
                let overridden = [("accept", accept), ("x-http-method-override", "POST"), ("x-method-override", "DELETE")];
                let answer = all.ask(Method::GET, &format!("{address}{query}"), &overridden, None).await;
                let status = answer.status().as_u16();
                if status >= 500 || (!listed.shows && status != 405) {
                    wrong.push(format!("GET {address}{query} for {accept}: {status}"));
                }
                if is_private && !is_private_and_at_home(&answer) {
                    wrong.push(format!("GET {address}{query} for {accept}: {} {:?}", answer.status(), answer.headers()));
                }
                let kind =
                    answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
                if is_private && kind.contains("activity+json") {
                    wrong.push(format!("GET {address}: what is one person's is no document"));
                }
                shown += usize::from(status == 200);
                let head = all.ask(Method::HEAD, &format!("{address}{query}"), &overridden, None).await;
                if listed.shows && head.status().as_u16() != status {
                    wrong.push(format!("HEAD {address}{query}: {} beside {status}", head.status()));
                }
                assert!(head.bytes().await.expect("a body").is_empty(), "{address}");
            }
            let after = all.held();
            if after != before {
                wrong.push(format!("reading {address} changed something"));
            }
        }
        assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(20)]);
        assert!(shown > 90, "{shown} pages were shown");
    });
}

#[test]
fn other_methods_other_bodies_and_tokens_in_other_places_do_nothing() {
    actix_web::rt::System::new().block_on(async {
        let all = All::begun().await;
        let (before, mut wrong, csrf) = (all.held(), Vec::new(), all.who.csrf.clone());
        let form = "application/x-www-form-urlencoded";
        for (path, listed) in addresses() {
            let address = all.address(&path);
            for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO"] {
                let body = format!("csrf={csrf}&sure=yes&_method=POST");
                let headers = [("content-type", form), ("sec-fetch-site", "same-origin")];
                let status = all.ask(method.parse().expect("a method"), &address, &headers, Some(body)).await.status().as_u16();
                if !matches!(status, 400..=499 | 501) {
                    wrong.push(format!("{method} {address}: {status}"));
                }
            }
            // without a session nothing is one person's, and these take everybody's forms
            if !listed.takes || matches!(listed.access, Access::Nameless) {
                continue;
            }
            let query = format!("{address}?csrf={csrf}&sure=yes");
            let json = format!("{{\"csrf\":\"{csrf}\",\"sure\":\"yes\"}}");
            for (what, address, kind, body) in [
                ("a token in the address", &query, form, "sure=yes".to_owned()),
                ("JSON as text", &address, "text/plain", json.clone()),
                ("JSON", &address, "application/json", json),
                ("nothing of that kind", &address, "", String::new()),
                ("a token in another case", &address, form, format!("csrf={}&sure=yes", csrf.to_lowercase())),
                ("an empty token", &address, form, "csrf=&sure=yes".into()),
                ("a list of tokens", &address, form, format!("csrf[]={csrf}&sure=yes")),
                ("a wrong one first", &address, form, format!("csrf=x&csrf={csrf}&sure=yes")),
            ] {
                let headers = [("content-type", kind), ("sec-fetch-site", "same-origin")];
                let status = all.ask(Method::POST, address, &headers, Some(body)).await.status().as_u16();
                if !matches!(status, 403 | 415) {
                    wrong.push(format!("{what}, {address}: {status}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(20)]);
        assert_eq!(all.held(), before);
    });
}

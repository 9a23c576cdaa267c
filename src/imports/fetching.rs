//! Gets a calendar from its address: through the wall, within bounds, and only where it is another than before.

use std::time::Duration;

use reqwest::{
    Method,
    header::{ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION},
};
use url::Url;

use super::{
    known::Refusal,
    lines::{self, LONGEST},
};
use crate::{
    error::{Error, Result},
    net::{Answer, Client, NetError, Request, Response, address},
};

const MOST_REDIRECTS: usize = 3;
/// For everything one look needs.
const ALL_WITHIN: Duration = Duration::from_secs(15);
/// Longest mark of a version that is kept, in bytes.
const LONGEST_MARK: usize = 300;

/// By what a server knows again what it sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub etag: Option<String>,
    pub modified: Option<String>,
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Calendar(bytes::Bytes, Marks),
    /// The same as last time.
    Same,
}

/// The address that somebody gave, as one that can be fetched: `webcal:` is https, and pages that show a calendar to people lead
/// to the calendar itself.
pub fn address(typed: &str) -> Result<Url, Refusal> {
    let typed = typed.trim();
    let wrong = || Refusal::Address(typed.chars().take(200).collect());
    let (scheme, rest) = typed.split_once("://").ok_or_else(wrong)?;
    let text = match scheme.to_ascii_lowercase().as_str() {
        "webcal" | "webcals" => format!("https://{rest}"),
        _ => typed.to_owned(),
    };
    let mut url = address::parse(&text).map_err(|_| wrong())?;
    url.set_fragment(None);
    Ok(calendar_behind(&url).unwrap_or(url))
}

/// Is this an address, and not the name of a file?
pub fn is_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()) && scheme.len() > 1)
}

/// What people copy from Google and Nextcloud is a page; the calendar is beside it.
fn calendar_behind(page: &Url) -> Option<Url> {
    let segments: Vec<&str> = page.path_segments()?.collect();
    if page.host_str() == Some("calendar.google.com") && segments.contains(&"embed") {
        let (_, source) = page.query_pairs().find(|(name, _)| name == "src")?;
        let mut calendar = page.clone();
        calendar.set_query(None);
        calendar.path_segments_mut().ok()?.clear().extend(["calendar", "ical", &*source, "public", "basic.ics"]);
        return Some(calendar);
    }
    let place = segments.windows(3).position(|part| matches!(part, ["apps", "calendar", "p"]))?;
    let token = segments.get(place + 3).filter(|token| !token.is_empty())?;
    let before = segments.get(..place)?.iter().filter(|part| **part != "index.php");
    let mut calendar = page.clone();
    calendar.path_segments_mut().ok()?.clear().extend(before).extend(["remote.php", "dav", "public-calendars", *token]);
    calendar.set_query(Some("export"));
    Some(calendar)
}

/// Fetches what is at this address.
pub async fn fetch(client: &Client, url: &Url, known: &Marks) -> Result<Got> {
    let failed = |why: String| Error::from(Refusal::Fetch(why));
    match tokio::time::timeout(ALL_WITHIN, follow(client, url, known)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(failed(NetError::TimedOut.to_string())),
    }
}

async fn follow(client: &Client, url: &Url, known: &Marks) -> Result<Got> {
    let failed = |why: &dyn std::fmt::Display| Error::from(Refusal::Fetch(why.to_string()));
    let mut at = client.admit(url.as_str()).map_err(|barred| failed(&NetError::from(barred)))?;
    for _ in 0..=MOST_REDIRECTS {
        let request = Request { method: Method::GET, headers: headers(known), body: None, answer: Answer::Whole(LONGEST) };
        let response = match client.send(&at, request).await {
            Ok(response) => response,
            Err(NetError::TooLarge) => return Err(lines::Refusal::TooLarge.into()),
            Err(error) => return Err(failed(&error)),
        };
        match response.status.as_u16() {
            200 => return Ok(Got::Calendar(response.body.clone(), marks(&response))),
            304 if *known != Marks::default() => return Ok(Got::Same),
            301 | 302 | 303 | 307 | 308 => {
                let location = response.headers.get(LOCATION).and_then(|place| place.to_str().ok());
                let next = location.and_then(|place| at.join(place).ok()).ok_or_else(|| failed(&"it redirects to nowhere"))?;
                at = client.admit(next.as_str()).map_err(|barred| failed(&NetError::from(barred)))?;
            }
            status => return Err(failed(&format!("it answers {status}"))),
        }
    }
    Err(failed(&"it redirects too often"))
}

fn headers(known: &Marks) -> Vec<(HeaderName, HeaderValue)> {
    let accept = HeaderValue::from_static("text/calendar, text/plain;q=0.5, */*;q=0.1");
    let mark = |name: HeaderName, mark: &Option<String>| Some((name, HeaderValue::from_str(mark.as_deref()?).ok()?));
    let marks = [mark(IF_NONE_MATCH, &known.etag), mark(IF_MODIFIED_SINCE, &known.modified)];
    [(ACCEPT, accept)].into_iter().chain(marks.into_iter().flatten()).collect()
}

fn marks(response: &Response) -> Marks {
    let mark = |headers: &HeaderMap, name: HeaderName| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| value.len() <= LONGEST_MARK).map(str::to_owned)
    };
    Marks { etag: mark(&response.headers, ETAG), modified: mark(&response.headers, LAST_MODIFIED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_copy_leads_to_the_calendar() {
        for (typed, fetched) in [
            ("webcal://calendar.example/kitchen.ics", "https://calendar.example/kitchen.ics"),
            (" WEBCAL://Calendar.example/k ", "https://calendar.example/k"),
            ("https://calendar.example/k.ics#x", "https://calendar.example/k.ics"),
            (
                "https://calendar.google.com/calendar/embed?src=abc%40group.calendar.google.com&ctz=Europe%2FBerlin",
                "https://calendar.google.com/calendar/ical/abc@group.calendar.google.com/public/basic.ics",
            ),
            (
                "https://calendar.google.com/calendar/u/0/embed?height=600&src=abc@x.org",
                "https://calendar.google.com/calendar/ical/abc@x.org/public/basic.ics",
            ),
            (
                "https://cloud.example/index.php/apps/calendar/p/aBcD123/Plenum",
                "https://cloud.example/remote.php/dav/public-calendars/aBcD123?export",
            ),
            (
                "https://cloud.example/nc/apps/calendar/p/aBcD123",
                "https://cloud.example/nc/remote.php/dav/public-calendars/aBcD123?export",
            ),
        ] {
            assert_eq!(address(typed).map(String::from).as_deref(), Ok(fetched), "{typed}");
        }
        for wrong in
            ["", "kitchen.ics", "webcal:calendar.example", "file:///etc/passwd", "ftp://a.example/x", "https://u:p@a.example/"]
        {
            assert!(address(wrong).is_err(), "{wrong}");
        }
        assert!(is_address("webcal://a.example/x") && !is_address("./a.ics") && !is_address("C://a.ics") && !is_address("-"));
    }
}

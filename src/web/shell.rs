//! The frame of a page: language, title, what other programs read of it, and the words in it. Knows no noun.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
};
use askama::{Template, filters::Safe};
use chrono_tz::Tz;
use serde_json::Value;
use unic_langid::{CharacterDirection, LanguageIdentifier};
use url::{Url, form_urlencoded};

use super::{
    accept,
    answer::{Answer, Cache, respond},
    day, done, door, manifest,
    script::{self, Script},
    style,
};
use crate::{
    app::{App, Place},
    error::Error,
    origin::Origin,
    pictures, text,
    words::Words,
};

/// What every page knows of the city.
#[derive(Clone, Debug)]
pub struct Front {
    pub origin: Origin,
    /// As people say it.
    pub city: String,
    /// The city's own language comes first; for whoever reads none of ours.
    pub languages: Vec<LanguageIdentifier>,
    /// The city's clock, for what says no zone of its own.
    pub zone: Tz,
}

impl Front {
    pub fn of(app: &App) -> Self {
        let Place { name, languages, zone } = app.place.clone();
        Self { origin: app.origin.clone(), city: name, languages, zone }
    }
}

impl Front {
    /// The city's own language, for what is not said to one reader.
    pub fn words(&self) -> Words {
        Words::of(&self.languages.first().map(ToString::to_string).unwrap_or_default())
    }
}

/// Only the browser keeps it, and asks again but for going back.
pub const ONE_OF_SEVERAL: &str = "private, no-cache";

/// Pages may be kept so many seconds without asking again: a change of time or place must be seen soon.
const FRESH: Cache = Cache::Public(30);

/// What a page says about itself to other programs.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub title: String,
    /// One plain line.
    pub description: String,
    /// Absolute.
    pub picture: Option<Url>,
    /// The ActivityPub id of what the page shows.
    pub id: Option<Url>,
    /// `website`, `article` or `profile`, as OpenGraph calls them.
    pub kind: &'static str,
    /// What the picture shows.
    pub picture_alt: String,
    /// Of the picture, in pixels, where that is known.
    pub picture_size: Option<(u32, u32)>,
    /// Who says it: `@kitchen@plaza.example`.
    pub creator: Option<String>,
    /// The same for search engines: a document of schema.org.
    pub data: Option<Value>,
    /// Where the page stands when part of its query belongs to it; begins with a slash.
    pub address: Option<String>,
    /// Not for search engines: one of many cuts of the same list.
    pub passing: bool,
    /// For one reader, or a form: nothing for other programs.
    pub private: bool,
    /// Some text of the page is made to be copied.
    pub copies: bool,
    pub alternates: Vec<Alternate>,
}

/// What the page shows, in another form: a feed or a calendar.
#[derive(Clone, Debug)]
pub struct Alternate {
    pub media_type: &'static str,
    pub title: String,
    /// A path of ours.
    pub address: String,
}

/// Whoever a page is for, when it is for one person only.
#[derive(Clone, Debug)]
pub struct Who {
    /// To stand in every form of the page, as the field `csrf`.
    pub csrf: String,
    pub caretaker: bool,
    /// Somebody asked for a way into their account, which they can stop there.
    pub is_sought: bool,
}

/// One page on its way to one reader.
pub struct Shell {
    pub words: Words,
    pub city: String,
    pub about: About,
    pub zone: Tz,
    /// Only on pages for members, which nobody keeps.
    pub who: Option<Who>,
    origin: Origin,
    /// Of this page, without the language that was chosen; begins with a slash.
    path: String,
    /// What stands in the address beside the language.
    query: String,
    /// What was just done, as the address says.
    done: [Option<&'static str>; 2],
    /// Whether the reader asked for the language in the address: then it goes along with every link.
    chosen: bool,
    /// It answers what was sent: at its address there is another page, or none.
    answers: bool,
    /// The form of this page that carries what was typed into another language.
    carries: Option<&'static str>,
}

impl Shell {
    pub fn new(front: &Front, request: &HttpRequest, about: About) -> Self {
        let (words, chosen) = words_for(front, request);
        Self {
            words,
            chosen,
            city: front.city.clone(),
            zone: front.zone,
            who: None,
            origin: front.origin.clone(),
            path: request.path().to_owned(),
            answers: !matches!(*request.method(), Method::GET | Method::HEAD),
            carries: None,
            query: query_without_language(request.query_string()),
            done: [false, true].map(|alone| done::named(request.query_string(), alone)),
            about,
        }
    }

    /// 200, or 304.
    pub fn show(request: &HttpRequest, page: &impl Template) -> Answer {
        let html = page.render().map_err(Error::broken)?;
        Ok(respond(request, HTML, html, FRESH))
    }

    /// A page that is for one reader at one moment: forms, and what members see. Nobody keeps it.
    pub fn show_once(status: StatusCode, page: &impl Template) -> Answer {
        let html = page.render().map_err(Error::broken)?;
        Ok(HttpResponse::build(status)
            .content_type(HTML)
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::VARY, "Accept, Accept-Language"))
            .body(html))
    }

    /// The same, of several that follow each other: whoever goes back finds what they typed, and not a question of the browser
    /// whether to send it again.
    pub fn one_of_several(answer: Answer) -> Answer {
        let mut answer = answer?;
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(ONE_OF_SEVERAL));
        Ok(answer)
    }

    /// The same with a script of ours at that path, which may also be kept by the browser to be woken.
    pub fn show_once_with_script(status: StatusCode, front: &Front, path: &str, page: &impl Template) -> Answer {
        let mut answer = Self::show_once(status, page)?;
        let policy = format!("{}; script-src {}; worker-src 'self'", door::POLICY, front.origin.url(path));
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(Error::broken)?);
        Ok(answer)
    }

    pub fn is_private(&self) -> bool {
        self.about.private || self.who.is_some()
    }

    /// What was just done, in words; on pages that are the same for everybody only that somebody is signed out.
    pub fn done(&self) -> Option<String> {
        let [theirs, anybodys] = self.done;
        let done = if self.who.is_some() { theirs } else { anybodys.filter(|_| self.path == "/") };
        done.map(|done| self.say(&format!("done-{done}")))
    }

    /// What a telephone reads to put the place on its first screen: on the front page, and for whoever is signed in.
    pub fn manifest(&self) -> Option<String> {
        (self.who.is_some() || self.path == "/").then(|| self.link(manifest::PATH))
    }

    pub fn form_style(&self) -> String {
        style::FORM.path()
    }

    /// What every form of this page carries; empty where nobody is signed in.
    pub fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.csrf.as_str())
    }

    /// The same of a page with a text to be copied: the one script that helps with it may run.
    pub fn show_with_script(request: &HttpRequest, front: &Front, page: &impl Template) -> Answer {
        running(Self::show(request, page)?, front, &script::COPY)
    }

    /// The same as [`Shell::show_once`], for a page on which this script may run.
    pub fn show_once_with(status: StatusCode, front: &Front, script: &Script, page: &impl Template) -> Answer {
        running(Self::show_once(status, page)?, front, script)
    }

    /// The same as plain text, in the page's language; it may be read in a terminal.
    pub fn plain(&self, request: &HttpRequest, text: String) -> HttpResponse {
        let mut answer = respond(request, "text/plain; charset=utf-8", format!("{}\n", text::for_terminals(&text)), FRESH);
        if let Ok(language) = HeaderValue::from_str(&self.words.tag()) {
            answer.headers_mut().insert(header::CONTENT_LANGUAGE, language);
        }
        answer
    }

    /// Where somebody can ask the caretakers to look at what the page shows. Of other pages it is not said which one it was:
    /// their addresses may hold somebody's secret.
    pub fn report(&self) -> String {
        let segments: Vec<&str> = self.path.split('/').skip(1).collect();
        let shows_one = match segments.as_slice() {
            [group] => group.starts_with('@'),
            [list, _] => matches!(*list, "meetings" | "announcements"),
            _ => false,
        };
        let what = shows_one.then(|| form_urlencoded::Serializer::new(String::new()).append_pair("what", &self.path).finish());
        self.link(&what.map_or("/report".to_owned(), |query| format!("/report?{query}")))
    }

    /// A message without blanks.
    pub fn say(&self, message: &str) -> String {
        self.words.say(message, &[])
    }

    /// A message with one blank.
    pub fn fill(&self, message: &str, blank: &'static str, value: &str) -> String {
        self.words.say(message, &[(blank, value)])
    }

    /// A day or a time, behind something else on its line.
    pub fn within(&self, when: &str) -> String {
        day::within(&self.words, when)
    }

    /// A path of ours, in the language that was chosen. It may have a query and a fragment already.
    pub fn link(&self, path: &str) -> String {
        if self.chosen { in_language(path, &self.words.tag()) } else { path.to_owned() }
    }

    /// Where a calendar program subscribes to the calendar at this path of ours, instead of taking it once.
    pub fn subscribe(&self, path: &str) -> String {
        let address = self.origin.url(path);
        address.as_str().split_once(':').map_or(String::new(), |(_, rest)| format!("webcal:{rest}"))
    }

    /// The language that was chosen in the address, for forms to send along.
    pub fn chosen(&self) -> Option<String> {
        self.chosen.then(|| self.words.tag())
    }

    /// `lang` and `dir` for words in another language than the page's; they begin with a space.
    pub fn of(&self, language: &str) -> Safe<String> {
        let same = language.parse::<LanguageIdentifier>().is_ok_and(|language| language.language.as_str() == self.words.tag());
        Safe(if same { String::new() } else { format!(" lang=\"{}\" dir=\"{}\"", text::escape(language), direction(language)) })
    }

    pub fn direction(&self) -> &'static str {
        direction(&self.words.tag())
    }

    pub fn style(&self) -> String {
        style::PAGE.path()
    }

    pub fn palette(&self) -> usize {
        pictures::palette_of(&self.city)
    }

    /// A class for the city's name where its longest word would not fit in the largest letters; begins with a space.
    pub fn length(&self) -> Safe<&'static str> {
        let longest = self.city.split([' ', '-']).map(|word| word.chars().count()).max().unwrap_or_default();
        Safe(match longest {
            0..=7 => "",
            8..=10 => " class=\"long\"",
            _ => " class=\"longer\"",
        })
    }

    pub fn script(&self) -> String {
        script::COPY.path()
    }

    /// The one address of this page, in the language that was chosen.
    pub fn canonical(&self) -> Url {
        self.origin.url(&self.link(self.address()))
    }

    /// The address at which the reader's own languages decide.
    pub fn undecided(&self) -> Url {
        self.origin.url(self.address())
    }

    /// The same page in each language, for other programs: tag and address.
    pub fn translations(&self) -> Vec<(String, Url)> {
        let entry = |tag: String| (tag.clone(), self.origin.url(&in_language(self.address(), &tag)));
        Words::ALL.iter().map(|language| entry(language.to_string())).collect()
    }

    fn address(&self) -> &str {
        self.about.address.as_deref().unwrap_or(&self.path)
    }

    /// Does the page belong to this part of the site, as the navigation shows it?
    pub fn is_in(&self, part: &str) -> bool {
        self.path == part || self.path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Language and territory, as OpenGraph has it.
    pub fn locale(&self) -> &'static str {
        match self.words.tag().as_str() {
            "es" => "es_ES",
            _ => "en_US",
        }
    }

    /// A document of schema.org as it may stand inside of HTML.
    pub fn data(&self) -> Option<Safe<String>> {
        let escaped = |json: String| json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        self.about.data.as_ref().map(|data| Safe(escaped(data.to_string())))
    }

    /// A button of the form with this id shows the page in another language, with what was typed so far: it sends `go=stay`. One that
    /// nobody sees stands before it: Enter in a field presses the first of the document, and that one goes on.
    pub fn carried_by(mut self, form: &'static str) -> Self {
        self.carries = Some(form);
        self
    }

    /// The id of that form, if there is one.
    pub fn carries(&self) -> Option<&'static str> {
        self.carries
    }

    /// Can this page be had in another language? What answers something that was sent cannot be had again.
    pub fn is_translated(&self) -> bool {
        !self.answers || self.carries.is_some()
    }

    /// Each language: its tag, its own name, the address of this page in it, and whether it is shown.
    pub fn languages(&self) -> Vec<(String, &'static str, String, bool)> {
        let named = |language: &LanguageIdentifier| match language.language.as_str() {
            "es" => "Español",
            _ => "English",
        };
        let shown = self.words.tag();
        let entry = |language: &LanguageIdentifier| {
            let tag = language.to_string();
            (tag.clone(), named(language), in_language(&format!("?{}", self.query), &tag), tag == shown)
        };
        Words::ALL.iter().map(entry).collect()
    }

    pub fn handle_domain(&self) -> String {
        self.origin.authority()
    }
}

/// Lets this script run on the page, and nothing else.
fn running(mut answer: HttpResponse, front: &Front, script: &Script) -> Answer {
    let script = front.origin.url(&script.path());
    let policy = HeaderValue::from_str(&format!("{}; script-src {script}", door::POLICY)).map_err(Error::broken)?;
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

/// `path` with `lang` in its query, before its fragment.
fn in_language(path: &str, tag: &str) -> String {
    let (path, fragment) = path.split_once('#').map_or((path, String::new()), |(path, rest)| (path, format!("#{rest}")));
    let sign = match path.split_once('?') {
        Some((_, "")) => "",
        Some(_) => "&",
        None => "?",
    };
    format!("{path}{sign}lang={tag}{fragment}")
}

/// A path of ours without the language that its query asks for, and which one that was.
pub fn without_language(path: &str) -> (String, Option<String>) {
    let (bare, query) = path.split_once('?').unwrap_or((path, ""));
    let language = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang").map(|(_, tag)| tag.into_owned());
    if language.is_none() {
        return (path.to_owned(), None);
    }
    let rest = query_without_language(query);
    (if rest.is_empty() { bare.to_owned() } else { format!("{bare}?{rest}") }, language)
}

fn query_without_language(query: &str) -> String {
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "lang" && name != "done");
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}

/// `rtl` for languages written from right to left.
fn direction(language: &str) -> &'static str {
    match language.parse::<LanguageIdentifier>().map(|language| language.character_direction()) {
        Ok(CharacterDirection::RTL) => "rtl",
        _ => "ltr",
    }
}

/// The language asked for in the address, else the reader's favourite of ours, else the city's.
pub(super) fn words_for(front: &Front, request: &HttpRequest) -> (Words, bool) {
    let have = |wanted: &LanguageIdentifier| Words::ALL.iter().any(|known| known.language == wanted.language);
    let asked = form_urlencoded::parse(request.query_string().as_bytes()).find(|(key, _)| key == "lang");
    let asked = asked.and_then(|(_, tag)| tag.parse::<LanguageIdentifier>().ok()).filter(have);
    let chosen = asked.is_some();
    let language = asked.or_else(|| accept::languages(request).into_iter().chain(front.languages.clone()).find(have));
    (Words::of(&language.map(|language| language.to_string()).unwrap_or_default()), chosen)
}

pub(super) const HTML: &str = "text/html; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_goes_along_with_every_link() {
        let table = [
            ("/", "/?lang=es"),
            ("/meetings?tag=soup", "/meetings?tag=soup&lang=es"),
            ("/meetings#2026-11-24", "/meetings?lang=es#2026-11-24"),
            ("/meetings?day=2026-11-24#main", "/meetings?day=2026-11-24&lang=es#main"),
            ("?", "?lang=es"),
        ];
        for (path, expected) in table {
            assert_eq!(in_language(path, "es"), expected);
        }
        assert_eq!(query_without_language("lang=es&tag=%C3%B1&lang=en&place=a+b"), "tag=%C3%B1&place=a+b");
    }
}

//! The page on which something is written: the form as it was typed, and below it what it will look like.

use actix_web::{HttpRequest, http::StatusCode};
use askama::{Template, filters::Safe};

use super::{
    Desk, at,
    rhythm::{self, Outlook, outlook},
    when,
};
use crate::{
    app::{App, Here},
    coming::answer::Step,
    desk::{
        actions::new_meeting,
        draft::{Draft, Typed},
        invitation::Invitation,
    },
    error::Result,
    groups::{group::Group, wire::tag_page},
    media::{AT_MOST, Kept},
    meetings::{
        self, clashes,
        meeting::{Kind, Meeting},
        veil::Veil,
        wire,
    },
    members::{access::Visitor, pages::shell},
    minutes::{self, record},
    places::{self, place::Place},
    text,
    web::{Answer, Front, Shell, form::Problems, moment},
    words::Words,
};

/// Languages that a text can be written in, by their own names; others may be there already.
const LANGUAGES: [(&str, &str); 36] = [
    ("ar", "العربية"),
    ("ast", "Asturianu"),
    ("bn", "বাংলা"),
    ("ca", "Català"),
    ("cs", "Čeština"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("eo", "Esperanto"),
    ("es", "Español"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fr", "Français"),
    ("gl", "Galego"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("ht", "Kreyòl ayisyen"),
    ("hu", "Magyar"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("ku", "Kurdî"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("so", "Soomaali"),
    ("sw", "Kiswahili"),
    ("ti", "ትግርኛ"),
    ("tl", "Tagalog"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ur", "اردو"),
    ("zh", "中文"),
];

/// One entry of a list to choose from: value, what it is called, whether it is chosen.
pub struct Choice {
    pub value: String,
    pub name: String,
    pub chosen: bool,
}

/// The languages there are, and the one that is chosen even where it is none of them.
pub fn languages(chosen: &str) -> Vec<Choice> {
    let known = LANGUAGES.iter().map(|(tag, name)| ((*tag).to_owned(), (*name).to_owned()));
    let other = (!LANGUAGES.iter().any(|(tag, _)| *tag == chosen)).then(|| (chosen.to_owned(), chosen.to_owned()));
    let entry = |(value, name): (String, String)| Choice { chosen: value == chosen, value, name };
    other.into_iter().chain(known).map(entry).collect()
}

/// Room for one picture.
pub struct Slot {
    pub number: usize,
    pub picture: Option<Kept>,
    pub alt: String,
}

/// What it will look like.
pub struct Preview {
    pub title: String,
    pub html: Safe<String>,
    pub pictures: Vec<Kept>,
    pub language: String,
    pub urgent: bool,
    /// Of a meeting; of notes, how many were there.
    pub when: Option<String>,
    /// Of one that ends on another day: when, and after how long.
    pub lasts: Option<String>,
    /// The same where this place is, if that is another zone.
    pub here: Option<String>,
    pub place: Option<String>,
    pub online: Option<String>,
    /// What is said about access, a line each.
    pub access: Vec<String>,
    /// What everybody sees of it until when.
    pub veil: Option<String>,
    /// What else is on at that time, for whoever decides about it.
    pub clashes: Vec<Beside>,
    /// Of a series.
    pub outlook: Option<Outlook>,
    /// What of a series is changed.
    pub scope: Option<String>,
}

/// Another meeting at the same time.
pub struct Beside {
    pub page: String,
    /// Its group, what it is called, and when.
    pub what: String,
    pub why: String,
}

/// What is shown of a draft, and what else is on at its time.
pub async fn looked_at(app: &App, shell: &Shell, here: &Here, draft: &Draft) -> Result<Preview> {
    let mut preview = preview(shell, here, draft);
    let Typed::Meeting(invitation) = &draft.typed else { return Ok(preview) };
    let mut meeting = new_meeting(here, draft);
    meeting.id = draft.about.unwrap_or(meeting.id);
    if invitation.fill(&mut meeting).is_empty() {
        let (mut all, about) = (rhythm::first_ones(here, &invitation.rhythm, &meeting), draft.about);
        let found = app.db.read(move |conn| {
            // others of its own series are none
            let known = about.map(|id| meetings::store::by_id(conn, id)).transpose()?.flatten();
            all.iter_mut().for_each(|one| one.recurrence = known.as_ref().and_then(|known| known.recurrence));
            Ok(clashes::with_any(conn, &all)?)
        });
        let found = found.await?;
        preview.clashes = found.iter().map(|clash| beside(shell, here, draft, clash)).collect();
    }
    Ok(preview)
}

fn beside(shell: &Shell, here: &Here, draft: &Draft, clash: &clashes::Clash) -> Beside {
    let when = when(shell, here, &clash.meeting);
    let topics = clash.topics.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(", ");
    let blanks = [("group", clash.group.name.as_str()), ("title", clash.meeting.title.as_str()), ("when", &when)];
    Beside {
        page: shell.link(&format!("/meetings/{}", clash.meeting.id)),
        what: shell.words.say("clash-line", &blanks),
        why: if clash.group.handle == draft.group {
            shell.say("clash-ours")
        } else {
            shell.fill("clash-topics", "topics", &topics)
        },
    }
}

/// What is shown of a draft.
fn preview(shell: &Shell, here: &Here, draft: &Draft) -> Preview {
    let html = text::to_html(draft.text(), &draft.mentions, &|tag| tag_page(here, tag));
    let mut preview = Preview {
        title: String::new(),
        html: Safe(html),
        pictures: draft.pictures.clone(),
        language: draft.language().to_owned(),
        urgent: false,
        when: None,
        lasts: None,
        here: None,
        place: None,
        online: None,
        access: vec![],
        veil: None,
        clashes: vec![],
        outlook: None,
        scope: None,
    };
    match &draft.typed {
        Typed::News(news) => {
            preview.title = news.title.trim().to_owned();
            preview.urgent = news.urgent;
        }
        Typed::Meeting(invitation) => {
            let mut meeting = new_meeting(here, draft);
            // what makes no sense is said beside its field
            let _ = invitation.fill(&mut meeting);
            preview.title = meeting.title.clone();
            preview.place =
                text::typed(&[&meeting.place, &meeting.address].map(|line| line.clone().unwrap_or_default()).join(", "));
            preview.place =
                preview.place.map(|place| place.trim_matches([',', ' ']).to_owned()).filter(|place| !place.is_empty());
            preview.access = wire::about_access(&meeting, &shell.words);
            preview.veil = meeting.veil.as_ref().map(|veil| veiled(shell, veil));
            preview.online = meeting.online.as_ref().map(ToString::to_string);
            preview.when = (meeting.ends > meeting.starts).then(|| when(shell, here, &meeting));
            preview.lasts = lasts(shell, here, &meeting);
            preview.here = elsewhere(shell, here, &meeting);
            preview.scope = rhythm::scope(shell, &invitation.rhythm);
            preview.outlook = preview.when.as_ref().and_then(|_| outlook(shell, here, &invitation.rhythm, &meeting));
        }
        Typed::Minutes(notes) => {
            preview.title = shell.fill("minutes-title", "title", &notes.title);
            let step = record::read_band(&notes.present).ok().flatten();
            preview.when = step.map(|step| minutes::wire::people(&shell.words, step));
            let shown = minutes::sections::shown(&notes.text);
            preview.html = Safe(text::to_html(&shown, &draft.mentions, &|tag| tag_page(here, tag)));
        }
    }
    preview
}

/// What a veil leaves to see, and until when.
fn veiled(shell: &Shell, veil: &Veil) -> String {
    let message = if veil.hours == 1 { "desk-veiled-one" } else { "desk-veiled" };
    shell.words.say(message, &[("hours", &veil.hours.to_string()), ("district", &veil.district)])
}

/// Of a meeting that ends on another day than it begins: a time that was mistyped shows here.
fn lasts(shell: &Shell, here: &Here, meeting: &Meeting) -> Option<String> {
    let (start, end) = (meeting.local_start(), meeting.local_end());
    let minutes = meeting.ends.since(meeting.starts).as_secs() / 60;
    let hours =
        if minutes.is_multiple_of(60) { (minutes / 60).to_string() } else { format!("{}:{:02}", minutes / 60, minutes % 60) };
    let message = if hours == "1" { "desk-lasts-one" } else { "desk-lasts" };
    let blanks = [("hours", hours), ("until", moment(&shell.words, &end, here.now))];
    let is_on_another = meeting.ends > meeting.starts && end.date_naive() != start.date_naive();
    is_on_another.then(|| shell.words.say(message, &blanks.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// When a meeting begins in the zone of this place, where its own clock shows something else.
fn elsewhere(shell: &Shell, here: &Here, meeting: &Meeting) -> Option<String> {
    let local = meeting.starts.utc().with_timezone(&shell.zone);
    let differs = meeting.ends > meeting.starts && local.naive_local() != meeting.local_start().naive_local();
    let moment = moment(&shell.words, &local, here.now);
    differs.then(|| shell.words.say("meeting-here", &[("city", &shell.city), ("moment", &moment)]))
}

/// Everything a form is made of.
pub struct Sheet<'a> {
    pub draft: &'a Draft,
    pub group: &'a Group,
    /// Where the form is sent.
    pub action: String,
    pub problems: Problems,
}

#[derive(Template)]
#[template(path = "desk/writing.html")]
struct Writing<'a> {
    shell: Shell,
    desk: Desk,
    draft: &'a Draft,
    action: String,
    discard: String,
    problems: Problems,
    slots: Vec<Slot>,
    languages: Vec<Choice>,
    kinds: Vec<Choice>,
    /// What makes it easier to come.
    facts: Vec<Choice>,
    /// Kept places that the group may use.
    places: Vec<Place>,
    /// Both readings of a time that comes twice.
    readings: Vec<Choice>,
    /// About how many were at a meeting.
    bands: Vec<Choice>,
    /// How often it comes again, where that can be said.
    rhythm: Option<rhythm::Sheet>,
    /// Of notes: the day of their meeting.
    held: Option<String>,
    /// Of notes: that their headings are in another language than the page.
    headings: Option<String>,
    preview: Option<Preview>,
    /// When it is to be said by itself.
    due: Option<String>,
    stopped: Option<String>,
    zone: String,
    is_new: bool,
}

/// Shows the form, and what was typed into it.
pub async fn show(request: &HttpRequest, app: &App, front: &Front, visitor: &Visitor, sheet: Sheet<'_>) -> Answer {
    let here = app.here();
    let Sheet { draft, group, action, problems } = sheet;
    let title = match (&draft.typed, draft.about) {
        (Typed::News(_), None) => "desk-write",
        (Typed::News(_), Some(_)) => "desk-rewrite",
        (Typed::Meeting(_), None) => "desk-schedule",
        (Typed::Meeting(_), Some(_)) => "desk-reschedule",
        (Typed::Minutes(_), None) => "desk-minutes-write",
        (Typed::Minutes(_), Some(_)) => "desk-minutes-rewrite",
    };
    let places = match &draft.typed {
        Typed::Meeting(_) => {
            let handle = group.handle.clone();
            app.db.read(move |conn| Ok(places::store::usable_by(conn, &handle)?)).await?
        }
        _ => vec![],
    };
    let shell = shell(front, request, visitor, title);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // a form that begins with a template or an agenda has nothing of anybody's in it yet
    let untouched = draft.is_blank() || (draft.revision == 0 && draft.about.is_none());
    let preview = if untouched { None } else { Some(looked_at(app, &shell, &here, draft).await?) };
    let page = Writing {
        desk: Desk::of(group),
        discard: shell.link(&Desk::of(group).path(&format!("/drafts/{}/discard", draft.id))),
        action: shell.link(&action),
        slots: slots(draft),
        languages: languages(draft.language()),
        kinds: kinds(&shell, draft),
        facts: facts(&shell, draft),
        places,
        readings: readings(&shell, draft),
        bands: bands(&shell, draft),
        rhythm: match &draft.typed {
            Typed::Meeting(invitation) => Some(rhythm::sheet(&shell, invitation, &problems)),
            Typed::News(_) | Typed::Minutes(_) => None,
        },
        preview,
        held: held(&shell, draft),
        headings: headings(&shell, draft),
        due: draft.due.map(|due| at(&shell, &here, due)),
        stopped: draft.stopped.as_ref().map(|message| shell.say(message)),
        zone: shell.zone.name().to_owned(),
        is_new: draft.revision == 0,
        draft,
        problems,
        shell,
    };
    Shell::show_once(status, &page)
}

/// One for each picture, then those whose file is missing, then what is free; notes have none.
fn slots(draft: &Draft) -> Vec<Slot> {
    if matches!(draft.typed, Typed::Minutes(_)) {
        return vec![];
    }
    let kept = draft.pictures.iter().map(|picture| (Some(picture.clone()), picture.alt.clone()));
    let free = std::iter::repeat_with(|| (None, String::new()));
    let all = kept.chain(draft.missing.iter().map(|alt| (None, alt.clone()))).chain(free).take(AT_MOST);
    all.enumerate().map(|(at, (picture, alt))| Slot { number: at + 1, picture, alt }).collect()
}

/// Of notes: the day of their meeting, in words.
pub fn held(shell: &Shell, draft: &Draft) -> Option<String> {
    let Typed::Minutes(notes) = &draft.typed else { return None };
    let day: chrono::NaiveDate = notes.held.parse().ok()?;
    // noon is on that day by every clock
    let noon = day.and_hms_opt(12, 0, 0)?.and_utc().with_timezone(&chrono_tz::Tz::UTC);
    Some(shell.words.date(&noon, "long"))
}

/// Notes are published in the language of their group, and so are their headings.
fn headings(shell: &Shell, draft: &Draft) -> Option<String> {
    let language = Words::of(draft.language()).tag();
    let is_other = matches!(draft.typed, Typed::Minutes(_)) && language != shell.words.tag();
    let name = LANGUAGES.iter().find(|(tag, _)| *tag == language).map_or("", |(_, name)| *name);
    is_other.then(|| shell.fill("desk-minutes-language", "language", name))
}

fn kinds(shell: &Shell, draft: &Draft) -> Vec<Choice> {
    let Typed::Meeting(invitation) = &draft.typed else { return vec![] };
    let entry = |kind: Kind| Choice {
        value: kind.name().to_owned(),
        name: shell.say(&format!("meeting-kind-{}", kind.name())),
        chosen: invitation.kind == kind.name(),
    };
    Kind::ALL.into_iter().map(entry).collect()
}

fn facts(shell: &Shell, draft: &Draft) -> Vec<Choice> {
    let Typed::Meeting(invitation) = &draft.typed else { return vec![] };
    places::pages::facts(shell, &invitation.access_typed())
}

fn bands(shell: &Shell, draft: &Draft) -> Vec<Choice> {
    let Typed::Minutes(notes) = &draft.typed else { return vec![] };
    let entry = |step: Step| Choice {
        value: record::band_name(step),
        name: minutes::wire::people(&shell.words, step),
        chosen: notes.present == record::band_name(step),
    };
    record::bands().into_iter().map(entry).collect()
}

fn readings(shell: &Shell, draft: &Draft) -> Vec<Choice> {
    let Typed::Meeting(invitation @ Invitation { reading, .. }) = &draft.typed else { return vec![] };
    let Some((first, second)) = invitation.twice() else { return vec![] };
    let entry = |value: &str, time: &str| Choice {
        chosen: reading == value,
        name: shell.fill(&format!("desk-reading-{value}"), "offset", time.get(16..).unwrap_or_default()),
        value: value.to_owned(),
    };
    vec![entry("first", &first), entry("second", &second)]
}

/// Of a form that begins empty: the group's language.
pub fn language(group: &Group) -> String {
    if group.language.is_empty() {
        Words::ALL.first().map(ToString::to_string).unwrap_or_default()
    } else {
        group.language.clone()
    }
}

impl Writing<'_> {
    /// Then the part of the form that has the pictures stands open.
    fn has_picture_problems(&self) -> bool {
        self.problems.all().iter().any(|(field, _)| field.starts_with("picture-") || field.starts_with("alt-"))
    }
}

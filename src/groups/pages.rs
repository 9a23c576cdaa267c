//! A group's page, and groups in a list.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::{Template, filters::Safe};
use serde::Deserialize;
use url::{Position, form_urlencoded};

use super::{
    group::Group,
    media::{self, Which},
    store,
    wire::tag_page,
};
use crate::{
    announcements::{self, pages::Item},
    app::{App, Here},
    clock::Timestamp,
    db::turn::Turn,
    error::Error,
    living::{
        self,
        liveness::{Liveness, Signs},
        store::Seen,
    },
    media::Kept,
    meetings::{
        self,
        agenda::{AgendaDay, agenda, thinned},
        meeting::Meeting,
    },
    members::{
        self,
        access::{Visitor, page as guarded},
        pages::who,
    },
    minutes, moving,
    origin::Local,
    people::{self, voice::Voice},
    series, sisters, text,
    web::{About, Answer, Day, Front, Shell, address::Access, clock_face, document_instead, gone, readable},
    welcome::newcomer::may_welcome,
};

/// Meetings and announcements on a group's page.
const MEETINGS: usize = 20;
/// Of each series a few of them stand there: so many are looked at.
const LOOKED_AT: i64 = 60;
const OF_A_SERIES: usize = 3;
const NEWS: i64 = 10;
/// And notes of meetings.
const MINUTES: i64 = 3;
/// And what it hears from other cities.
const HEARD: i64 = 5;
/// Of a mission in a list, in characters.
const BEGINNING: usize = 160;

pub fn routes(config: &mut ServiceConfig) {
    config.service(readable("/groups", list)).service(guarded("/@{handle}", Access::Anyone, show));
}

/// A group in a list.
pub struct Line {
    pub page: String,
    pub name: String,
    /// BCP 47, of name and mission.
    pub language: String,
    pub mission: String,
    /// `@kitchen@plaza.example`, to be searched for elsewhere.
    pub follow: String,
    pub icon: String,
    pub next: Option<Next>,
    /// Whether it still meets, where no next meeting tells it.
    pub standing: String,
}

/// The next meeting of a group, in its line.
pub struct Next {
    pub page: String,
    /// `Tomorrow, Tuesday 24 November, 18:00`.
    pub when: String,
    /// For machines.
    pub starts: String,
}

impl Next {
    pub fn of(shell: &Shell, here: &Here, meeting: &Meeting) -> Self {
        let start = meeting.starts.utc().with_timezone(&shell.zone);
        let day = Day::of(&start, here.now).said(&shell.words);
        Self {
            page: shell.link(&format!("/meetings/{}", meeting.id)),
            when: shell.words.say("day-hour", &[("day", &day), ("hour", &clock_face(&start))]),
            starts: start.to_rfc3339(),
        }
    }
}

/// A group of which it was looked at whether it still meets.
pub fn line(shell: &Shell, here: &Here, seen: &Seen) -> Line {
    let standing = living::wording::briefly(&shell.words, shell.zone, &seen.signs, here.now);
    Line { standing: standing.unwrap_or_default(), ..short_line(shell, here, &seen.group, seen.next.as_ref()) }
}

/// `next` is the meeting it holds next.
pub fn short_line(shell: &Shell, here: &Here, group: &Group, next: Option<&Meeting>) -> Line {
    Line {
        standing: shell.say("groups-next-none"),
        next: next.map(|meeting| Next::of(shell, here, meeting)),
        page: shell.link(&format!("/@{}", group.handle)),
        name: group.name.clone(),
        language: group.language.clone(),
        mission: text::first_line(&text::to_plain(&group.mission), BEGINNING),
        follow: follow(here, group),
        icon: media::small_address(here, group, Which::Icon)[Position::BeforePath..].to_owned(),
    }
}

fn follow(here: &Here, group: &Group) -> String {
    format!("@{}@{}", group.handle, here.origin.authority())
}

#[derive(Template)]
#[template(path = "groups/group.html")]
struct GroupPage<'a> {
    shell: Shell,
    group: &'a Group,
    icon: String,
    header: String,
    follow: String,
    mission: Safe<String>,
    contact: Option<Safe<String>>,
    /// Each topic and its page.
    tags: Vec<(&'a str, String)>,
    /// How often it meets, in words.
    series: Vec<series::pages::Line>,
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
    /// Notes of the last meetings.
    minutes: Vec<minutes::pages::Item>,
    /// What it hears from other cities, and where all of that stands.
    heard: Vec<sisters::pages::Item>,
    elsewhere: String,
    decisions: String,
    zone: String,
    poster: String,
    suggest: String,
    /// Whether it still meets, where no next meeting tells it.
    standing: Option<String>,
    asleep: bool,
    /// What is about to happen to it.
    notices: Vec<String>,
    /// Where it went: an id, and what people call it.
    went: Option<(String, String)>,
    /// How many speak for it, in a place where people have accounts.
    speakers: Option<String>,
    /// Of those who want theirs shown.
    names: Vec<String>,
    /// For whoever speaks for it: where it is changed.
    desk: Option<String>,
    /// Where a sleeping group can be picked up.
    pick_up: Option<String>,
    /// Where a waiting group is welcomed, for whoever may and does not speak for it.
    welcome: Option<String>,
}

/// Groups on one page of the list.
const GROUPS: usize = 40;
/// Topics that are offered.
const TOPICS: usize = 40;

#[derive(Template)]
#[template(path = "groups/groups.html")]
struct Groups {
    shell: Shell,
    /// Those that meet first.
    parts: Vec<Part>,
    /// Each its name, its language and when.
    ended: Vec<Line>,
    /// Each topic, its page, and how many groups have it.
    topics: Vec<(String, String, usize)>,
    /// Of those that are shown.
    topic: Option<String>,
    everything: String,
    before: Option<String>,
    after: Option<String>,
}

/// Groups that are as lively as each other.
struct Part {
    liveness: Liveness,
    groups: Vec<Line>,
}

/// Which groups are listed.
#[derive(Deserialize)]
struct Wanted {
    tag: Option<String>,
    page: Option<String>,
}

async fn list(request: HttpRequest, app: Data<App>, front: Data<Front>, wanted: Query<Wanted>) -> Answer {
    let here = app.here();
    let tag = wanted.tag.as_ref().map(|tag| tag.trim_start_matches('#').to_lowercase()).filter(|tag| !tag.is_empty());
    if tag.as_ref().is_some_and(|tag| !text::is_tag(tag)) {
        return Err(Error::invalid("a topic has letters, digits and underscores, without #").into());
    }
    let number = wanted.page.as_deref().map_or(Ok(1), str::parse::<usize>).ok().filter(|number| (1..10_000).contains(number));
    let number = number.ok_or_else(|| Error::invalid("a page has a number such as 2"))?;
    let now = here.now;
    let found = app.db.read(move |conn| Ok((living::store::all(conn, now)?, living::store::ended(conn, now)?)));
    let (all, ended) = found.await?;
    let address = |number: usize| {
        let tag = tag.as_ref().map(|tag| ("tag", tag.clone()));
        let page = (number > 1).then(|| ("page", number.to_string()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(tag.into_iter().chain(page)).finish();
        if query.is_empty() { "/groups".to_owned() } else { format!("/groups?{query}") }
    };
    let mut shell = Shell::new(&front, &request, About { kind: "website", ..About::default() });
    let name = shell.say("home-groups");
    shell.about.title = tag.as_ref().map_or(name.clone(), |tag| format!("{name} · #{tag}"));
    shell.about.description = shell.fill("groups-lead", "city", &here.city);
    shell.about.address = Some(address(number));
    shell.about.passing = number > 1;
    let is_wanted = |seen: &&Seen| tag.as_ref().is_none_or(|tag| seen.group.tags.contains(tag));
    let wanted: Vec<&Seen> = all.iter().filter(is_wanted).collect();
    let mut parts: Vec<Part> = Vec::new();
    for seen in wanted.iter().skip((number - 1) * GROUPS).take(GROUPS) {
        let (liveness, line) = (seen.signs.liveness(now), line(&shell, &here, seen));
        match parts.last_mut() {
            Some(part) if part.liveness == liveness => part.groups.push(line),
            _ => parts.push(Part { liveness, groups: vec![line] }),
        }
    }
    let is_last = wanted.len() <= number * GROUPS;
    let page = Groups {
        parts,
        ended: ended.iter().filter(is_wanted).filter(|_| is_last).take(GROUPS).map(|seen| line(&shell, &here, seen)).collect(),
        topics: topics(&shell, all.iter().map(|seen| &seen.group)),
        everything: shell.link("/groups"),
        before: (number > 1).then(|| shell.link(&address(number - 1))),
        after: (!is_last).then(|| shell.link(&address(number + 1))),
        topic: tag.clone(),
        shell,
    };
    Shell::show(&request, &page)
}

/// What groups are about, the most common first.
fn topics<'a>(shell: &Shell, groups: impl Iterator<Item = &'a Group>) -> Vec<(String, String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in groups.flat_map(|group| &group.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut topics: Vec<(&str, usize)> = counts.into_iter().collect();
    topics.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let entry = |(tag, count): (&str, usize)| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("tag", tag).finish();
        (tag.to_owned(), shell.link(&format!("/groups?{query}")), count)
    };
    topics.into_iter().take(TOPICS).map(entry).collect()
}

/// The same for everybody, but that whoever speaks for the group sees where they do.
async fn show(request: HttpRequest, app: Data<App>, front: Data<Front>, visitor: Visitor, handle: Path<String>) -> Answer {
    let member = visitor.member().map(|member| member.id);
    let (here, handle) = (app.here(), handle.to_ascii_lowercase());
    let missing = || Error::not_found("there is no group of that name");
    if super::group::check_handle(&handle).is_err() {
        return Err(missing().into());
    }
    if let Some(elsewhere) = document_instead(&request, &here.origin.group(&handle)) {
        return Ok(elsewhere);
    }
    let (now, at) = (here.now, here.clone());
    let found = app
        .db
        .read(move |conn| {
            let group = store::even_waiting(conn, &handle)?;
            let meetings = meetings::store::coming_of(conn, now, &handle, LOOKED_AT)?;
            let news = announcements::store::of_group(conn, &handle, NEWS)?;
            let minutes = minutes::store::page(conn, &handle, minutes::store::Which::All, Turn::First, MINUTES)?;
            let Some(group) = group else { return Ok(None) };
            let certain = |meeting: &&Meeting| meeting.group == handle && meeting.cancelled.is_none() && !meeting.unconfirmed;
            let signs = match meetings.iter().find(certain) {
                Some(next) => living::store::beside(conn, now, &group, Some(next))?,
                None => living::store::of(conn, now, &group)?,
            };
            let voice = people::voice::of(conn, &at, &group, &signs)?;
            let mut series = series::store::of_group(conn, &handle)?;
            series.retain(|series| series.next_from(now).is_some());
            let went = match group.moved_to.clone().filter(|_| group.moved.is_some()) {
                Some(uri) => Some((uri.clone(), moving::pages::called(conn, &uri)?)),
                None => None,
            };
            let speaks = member.map(|member| members::store::organizer(conn, &handle, member)).transpose()?.flatten().is_some();
            let of = sisters::store::Wanted { group: Some(handle), host: None };
            let heard = sisters::store::wanted(conn, &of, HEARD)?;
            Ok(Some((group, went, voice, signs, meetings, series, news, minutes, speaks, heard)))
        })
        .await?;
    let (group, went, voice, signs, meetings, series, news, minutes, speaks, heard) = found.ok_or_else(missing)?;
    if group.closed.is_some() {
        return Ok(gone(&front, &request, "group-gone"));
    }
    let mut shell = Shell::new(&front, &request, about(&here, &group));
    shell.about.private = group.welcomed.is_none();
    shell.who = who(&visitor);
    let (its, name) = (meetings::calendar::of(&group.handle), Some(group.name.as_str()));
    shell.about.alternates = vec![
        announcements::feed::alternate(&shell, Some(&group)),
        meetings::feed::alternate(&shell, &its, name),
        meetings::calendar::alternate(&shell, &its, name),
    ];
    let mut meetings = thinned(meetings, OF_A_SERIES);
    meetings.truncate(MEETINGS);
    let agenda = agenda(&shell, now, &meetings, None);
    let series = series.iter().map(|series| series::pages::line(&shell, series)).collect();
    let news = news.iter().map(|note| announcements::pages::item(&shell, &here, note, None)).collect();
    let minutes = minutes.iter().map(|(minutes, meeting)| minutes::pages::item(&shell, &here, minutes, meeting)).collect();
    let desk = speaks.then(|| shell.link(&format!("/ours/@{}", group.handle)));
    let (heard, elsewhere) = (sisters::pages::items(&shell, now, &heard), sisters::pages::page_of(&shell, &group.handle));
    let may = visitor.member().is_some_and(|member| may_welcome(member, &group.handle, now).is_ok());
    let welcome = (group.welcomed.is_none() && may && !speaks).then(|| shell.link("/groups/welcome"));
    let page = page(shell, &here, &group, (voice.as_ref(), &signs), agenda, news);
    let page = GroupPage { minutes, series, went, desk, heard, elsewhere, welcome, ..page };
    Shell::show(&request, &page)
}

fn about(here: &Here, group: &Group) -> About {
    About {
        title: group.name.clone(),
        description: text::first_line(&text::to_plain(&group.mission), 200),
        id: Some(here.origin.uri(&Local::Group(group.handle.clone()))),
        kind: "profile",
        ..said_by(here, group)
    }
}

/// What everything has in common that a group says: its name elsewhere, and its picture.
pub fn said_by(here: &Here, group: &Group) -> About {
    About {
        creator: Some(follow(here, group)),
        picture: Some(media::address(here, group, Which::Header)),
        picture_alt: group.header_alt().unwrap_or(&group.name).to_owned(),
        // given ones are cut to these proportions, and may be smaller
        picture_size: group.header.is_none().then_some((1_500, 500)),
        ..About::default()
    }
}

/// The same, with the first of these pictures where there is one.
pub fn shown_by(here: &Here, group: &Group, pictures: &[Kept]) -> About {
    let about = said_by(here, group);
    let Some(first) = pictures.first() else { return about };
    About {
        picture: Some(here.origin.url(&first.large.path())),
        picture_alt: first.alt.clone(),
        picture_size: Some((first.large.width, first.large.height)),
        ..about
    }
}

/// What is about to happen to the group.
fn notices(shell: &Shell, here: &Here, group: &Group, voice: Option<&Voice>) -> Vec<String> {
    let day = |time: Timestamp| Day::of(&time.utc().with_timezone(&shell.zone), here.now).date(&shell.words);
    let ends = group.ending.map(|time| shell.fill("group-ends", "day", &day(time)));
    let picked_up = voice.and_then(|voice| voice.picked_up);
    let moves = group.moving.map(|time| shell.fill("group-moves", "day", &day(time)));
    ends.into_iter().chain(moves).chain(picked_up.map(|time| shell.fill("group-picked-up", "day", &day(time)))).collect()
}

fn page<'a>(
    shell: Shell,
    here: &Here,
    group: &'a Group,
    (voice, signs): (Option<&Voice>, &Signs),
    agenda: Vec<AgendaDay>,
    news: Vec<Item>,
) -> GroupPage<'a> {
    let tag_page = |tag: &str| tag_page(here, tag);
    GroupPage {
        went: None,
        icon: media::address(here, group, Which::Icon).into(),
        header: media::address(here, group, Which::Header).into(),
        follow: follow(here, group),
        mission: Safe(text::to_html(&group.mission, &[], &tag_page)),
        contact: group.contact.as_ref().map(|contact| Safe(text::to_html(&text::escape_markdown(contact), &[], &tag_page))),
        tags: group.tags.iter().map(|tag| (tag.as_str(), shell.link(&format!("/tags/{tag}")))).collect(),
        poster: shell.link(&format!("/poster/@{}", group.handle)),
        suggest: shell.link(&format!("/suggest?group={}", group.handle)),
        decisions: shell.link(&format!("/@{}/decisions", group.handle)),
        minutes: vec![],
        heard: vec![],
        elsewhere: String::new(),
        zone: meetings::pages::zone(&shell, here.now),
        standing: living::wording::sentence(&shell.words, shell.zone, signs, here.now, &group.name),
        asleep: signs.liveness(here.now) == Liveness::Asleep,
        notices: notices(&shell, here, group, voice),
        speakers: voice.map(|voice| match voice.count {
            0 => shell.say("group-speakers-none"),
            1 => shell.say("group-speakers-one"),
            count => shell.fill("group-speakers-some", "count", &count.to_string()),
        }),
        desk: None,
        welcome: None,
        names: voice.map(|voice| voice.names.clone()).unwrap_or_default(),
        pick_up: voice.filter(|voice| voice.can_be_picked_up).map(|_| shell.link(&format!("/@{}/pick-up", group.handle))),
        shell,
        group,
        series: vec![],
        agenda,
        news,
    }
}

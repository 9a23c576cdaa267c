//! A city as a reader meets it: groups in two scripts, meetings moved and cancelled, announcements with all that Markdown has.

use std::time::Duration;

use plaza::{
    announcements::{self, announcement::Announcement},
    groups::{self, group::Group},
    meetings::{
        self,
        agreement::Agreement,
        meeting::{Kind as Gathering, Meeting, Position},
    },
    origin::Local,
    reactions::{self, store::Kind},
    replies::{
        self,
        actions::Answer,
        reply::{Reply, State},
    },
};
use uuid::Uuid;

use crate::city::City;

const MARKDOWN: &str = "We need **pots**, *large* ones, and [a map](https://example.org/map).

# What to bring

## If you can

1. rice
2. beans, see https://example.org/a/very/long/address/that/does/not/fit/on/a/phone/at/all?really=not&not=at-all

> Nobody eats alone.

- `inline code` for whoever cooks by numbers
- Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft

```
plaza announce kitchen --text \"A line of code so long that it cannot be shown on a telephone without being moved\"
```

Thank you all. #food #bread";

const MINUTES: &str = "## Report-backs

**Kitchen:** 400 meals, see https://example.org/a/very/long/address/that/does/not/fit/on/a/phone/at/all?really=not

## Decisions

- We **cook** every Tuesday at six, under the red sculpture
- Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
  - a decision within a decision

## Open items

- pots #food";

/// One page of it.
pub struct Page {
    /// For pictures and reports.
    pub name: &'static str,
    pub path: String,
    pub status: u16,
}

pub struct Square {
    pub city: City,
    pub pages: Vec<Page>,
}

impl Square {
    pub async fn build() -> Self {
        let city = City::start("sqlite").await;
        start_groups(&city).await;
        let weekly = city.meeting("kitchen", "Weekly meeting").await;
        change(&city, &weekly, |meeting| {
            meeting.position = Some(Position { latitude: 40.709, longitude: -74.011 });
            meeting.online = "https://meet.example.org/a-room-with-quite-a-long-name".parse().ok();
            meeting.agenda = Some(MARKDOWN.into());
        })
        .await;
        let moved = city.meeting("kitchen", "Cooking together, and planning what is to be cooked in December").await;
        change(&city, &moved, |meeting| {
            meeting.starts = meeting.starts + Duration::from_secs(86_400);
            meeting.ends = meeting.ends + Duration::from_secs(86_400);
        })
        .await;
        let cancelled = city.meeting("kitchen", "Washing up").await;
        let id = cancelled.id;
        city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        let arabic = city.meeting("khubz", "اجتماع الخبز الأسبوعي").await;
        change(&city, &arabic, |meeting| {
            meeting.language = "ar".into();
            meeting.place = Some("ساحة الحرية".into());
            meeting.address = Some("شارع 12، أمام المخبز".into());
            meeting.agenda = Some("* الطحين\n* الفرن #food".into());
        })
        .await;
        let notes = announce(&city).await;
        talk(&city, notes[0]).await;
        let assembly = city.held("kitchen", "Assembly", Gathering::Assembly, Duration::from_secs(7 * 24 * 3_600)).await;
        let minutes = city.note(&assembly, MINUTES).await;
        let day = assembly.local_start().date_naive();
        let decided = Agreement::Here { minutes: minutes.id, number: 1, day };
        change(&city, &weekly, move |meeting| meeting.agreed = Some(decided.clone())).await;
        let page = |name, path: String, status| Page { name, path, status };
        let meeting = |meeting: &Meeting| format!("/meetings/{}", meeting.id);
        let [urgent, short, arabic_note, deleted] = notes.map(|note| format!("/announcements/{note}"));
        let pages = vec![
            page("home", "/".into(), 200),
            page("group", "/@kitchen".into(), 200),
            page("group-arabic", "/@khubz".into(), 200),
            page("group-empty", "/@quiet".into(), 200),
            page("meeting", meeting(&weekly), 200),
            page("meeting-moved", meeting(&moved), 200),
            page("meeting-cancelled", meeting(&cancelled), 200),
            page("meeting-arabic", meeting(&arabic), 200),
            page("minutes", format!("/minutes/{}", minutes.id), 200),
            page("decisions", "/@kitchen/decisions".into(), 200),
            page("decisions-none", "/@quiet/decisions".into(), 200),
            page("announcement", urgent, 200),
            page("announcement-short", short, 200),
            page("announcement-arabic", arabic_note, 200),
            page("announcement-deleted", deleted, 410),
            page("agenda", "/meetings".into(), 200),
            page("agenda-month", "/meetings?month=2026-11".into(), 200),
            page("agenda-day", "/meetings?day=2026-11-25".into(), 200),
            page("agenda-none", "/meetings?place=nowhere&kind=action".into(), 200),
            page("agenda-wrong", "/meetings?month=2026-13".into(), 400),
            page("groups", "/groups".into(), 200),
            page("groups-tag", "/groups?tag=food".into(), 200),
            page("news", "/announcements".into(), 200),
            page("tag", "/tags/food".into(), 200),
            page("tag-empty", "/tags/nothing".into(), 200),
            page("about", "/about".into(), 200),
            page("safety", "/about/safety".into(), 200),
            page("safety-fields", "/about/safety/accounts".into(), 200),
            page("poster-week", "/poster/week?from=2026-12-01".into(), 200),
            page("poster-group", "/poster/@kitchen?paper=letter".into(), 200),
            page("poster-arabic", "/poster/@khubz".into(), 200),
            page("embed", "/embed/meetings".into(), 200),
            page("embed-arabic", "/embed/@khubz".into(), 200),
            page("missing", "/none".into(), 404),
        ];
        Self { city, pages }
    }

    pub fn page(&self, name: &str) -> &Page {
        self.pages.iter().find(|page| page.name == name).expect("a page of that name")
    }

    pub fn address(&self, page: &Page) -> String {
        format!("{}{}", self.city.origin, page.path)
    }
}

async fn start_groups(city: &City) {
    for handle in ["kitchen", "khubz", "quiet"] {
        city.group(handle).await;
    }
    edit_group(city, "kitchen", |group| {
        group.contact = Some("kitchen@example.org, or the blue tent: https://example.org/tent".into());
        group.tags = vec!["food".into(), "occupy".into()];
    })
    .await;
    edit_group(city, "khubz", |group| {
        group.name = "خبز للجميع".into();
        group.mission = "نخبز **الخبز** كل صباح، والجميع مدعوون. #food".into();
        group.language = "ar".into();
        group.tags = vec!["food".into(), "خبز".into()];
    })
    .await;
}

async fn edit_group(city: &City, handle: &'static str, change: impl Fn(&mut Group) + Send + 'static) {
    city.app.act(move |conn, here| groups::actions::edit(conn, here, handle, &change)).await.expect("edited");
}

async fn change(city: &City, meeting: &Meeting, change: impl Fn(&mut Meeting) + Send + 'static) {
    let id = meeting.id;
    let changed = city.app.act(move |conn, here| {
        meetings::actions::change(conn, here, id, &|meeting| {
            change(meeting);
            Ok(())
        })
    });
    changed.await.expect("changed");
}

async fn edit(city: &City, note: &Announcement, change: impl Fn(&mut Announcement) + Send + 'static) {
    let id = note.id;
    city.app.act(move |conn, here| announcements::actions::edit(conn, here, id, &change)).await.expect("edited");
}

/// One urgent with a title and a long text, a short one, one in Arabic, and a deleted one.
async fn announce(city: &City) -> [Uuid; 4] {
    let urgent = city.announce("kitchen", MARKDOWN).await;
    edit(city, &urgent, |note| {
        note.title = Some("Pots & pans needed <today>".into());
        note.urgent = true;
    })
    .await;
    let short = city.announce("kitchen", "Thank you for the 300 loaves!").await;
    let arabic = city.announce("khubz", "الخبز جاهز").await;
    edit(city, &arabic, |note| note.language = "ar".into()).await;
    let deleted = city.announce("kitchen", "Said too early").await;
    let id = deleted.id;
    city.app.act(move |conn, here| announcements::actions::delete(conn, here, id)).await.expect("deleted");
    [urgent.id, short.id, arabic.id, id]
}

/// What people elsewhere said below a note: long, short, in other scripts, warned of, deep, and answered.
async fn talk(city: &City, note: Uuid) {
    const SAID: [(&str, Option<&str>, Option<&str>); 6] = [
        (
            "<p>I bring <strong>two</strong> pots, see <a href=\"https://example.org/\" rel=\"nofollow\">how large</a></p>",
            Some("en"),
            None,
        ),
        ("<p>قدران كبيران</p>", Some("ar"), None),
        (
            "<p>Onions</p><ul><li>red</li></ul><pre><code>a line of code that is long enough not to fit on a telephone</code></pre>",
            None,
            Some("food talk"),
        ),
        ("<p>Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft</p>", Some("de"), None),
        ("<p>deeper</p>", Some("en"), None),
        ("<p>deepest</p>", Some("en"), None),
    ];
    let deed = city.app.act(move |conn, here| {
        let root = Local::Note(note).path();
        let mut parent = root.clone();
        for (number, (content, language, warning)) in SAID.iter().enumerate() {
            let uri = format!("https://far.example/notes/{number}");
            let reply = Reply {
                id: here.new_id(),
                uri: uri.clone(),
                group: "kitchen".into(),
                root: root.clone(),
                parent: parent.clone(),
                depth: 1,
                actor: "https://far.example/users/ana".into(),
                handle: "a_rather_long_name_for_an_account@a-server-with-a-long-name.example".into(),
                host: "far.example".into(),
                content: (*content).into(),
                warning: warning.map(str::to_owned),
                language: language.map(str::to_owned),
                url: uri.clone(),
                pictures: 2,
                attached: vec![],
                kept: vec![],
                state: State::Shown,
                published: here.now,
                updated: None,
                received: here.now,
            };
            replies::store::add(conn, &reply)?;
            reactions::store::add(conn, &root, Kind::Like, &uri.parse().expect("an address"), &uri)?;
            if number >= 2 {
                parent = uri;
            }
            if number == 1 {
                let words = Answer { text: "Thank you, all of you!".into(), language: None, mentions: vec![] };
                replies::actions::answer(conn, here, reply.id, &words)?;
            }
        }
        Ok(())
    });
    deed.await.expect("a conversation");
}

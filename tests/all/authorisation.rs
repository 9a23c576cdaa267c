//! Every address that was registered, tried by everybody: whoever may not come in changes nothing.

use std::{fs, path::Path, time::Duration};

use plaza::{
    actors,
    federation::signature::{BodyDigest, Scheme, sign_post},
    members::{self, member::Member},
    web::address::{Access, addresses},
    words::Words,
};

use crate::{
    city::{City, on_each_database},
    fetches::ask,
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Stands for whatever else an address names: nothing has this id.
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

struct Cast {
    name: &'static str,
    phone: Phone,
    signed_in: bool,
    speaks: bool,
    cares: bool,
}

async fn cast(city: &City) -> Vec<Cast> {
    city.group("kitchen").await;
    city.group("trees").await;
    let stranger = city.member("stranger").await;
    let who = Member { welcomed: None, ..stranger.member.clone().unwrap() };
    city.app.db.write(move |conn| Ok(members::store::save(conn, &who)?)).await.unwrap();
    let member = city.member("member").await;
    let other = city.organizer("other", "trees").await;
    let old = city.organizer("old", "kitchen").await;
    let former = city.organizer("former", "kitchen").await;
    let id = former.member.as_ref().unwrap().id;
    city.app.db.write(move |conn| Ok(members::store::remove_organizer(conn, "kitchen", id)?)).await.unwrap();
    let resting = city.organizer("resting", "kitchen").await;
    let id = resting.member.as_ref().unwrap().id;
    city.app
        .db
        .write(move |conn| {
            let mut organizer = members::store::organizer(conn, "kitchen", id)?.unwrap();
            organizer.paused = Some(organizer.since);
            Ok(members::store::save_organizer(conn, &organizer)?)
        })
        .await
        .unwrap();
    city.advance(20 * DAY);
    let new = city.organizer("new", "kitchen").await;
    let id = new.member.as_ref().unwrap().id;
    city.app
        .db
        .write(move |conn| {
            // who came to a group that was there; its founders are never new to it
            let organizer = members::store::organizer(conn, "kitchen", id)?.unwrap();
            Ok(members::store::save_organizer(conn, &members::member::Organizer { founder: false, ..organizer })?)
        })
        .await
        .unwrap();
    let caretaker = city.caretaker("caretaker").await;
    let one = |name, phone, signed_in, speaks, cares| Cast { name, phone, signed_in, speaks, cares };
    vec![
        one("nobody", Phone::of(city), false, false, false),
        one("a member who was not welcomed", stranger, true, false, false),
        one("a member", member, true, false, false),
        one("an organizer of another group", other, true, false, false),
        one("one who was an organizer", former, true, false, false),
        one("an organizer whose powers rest", resting, true, false, false),
        one("a new organizer", new, true, true, false),
        one("an organizer", old, true, true, false),
        one("a caretaker", caretaker, true, false, true),
    ]
}

/// `/ours/@{handle}/news/{id}` of the kitchen.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (blank, after) = after.split_once('}').expect("a blank ends");
        filled.push_str(before);
        filled.push_str(if blank == "handle" { "kitchen" } else { NOTHING });
        rest = after;
    }
    filled + rest
}

/// How many addresses the sources register with who may come.
fn registered() -> usize {
    fn below(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let of = |path: &Path| match path.extension().is_some_and(|extension| extension == "rs") {
            true => {
                let text = fs::read_to_string(path).expect("text");
                ["page(", "form(", "form_of(", "deed("].iter().map(|way| text.matches(&format!(".service({way}")).count()).sum()
            }
            false => 0,
        };
        entries.map(|path| if path.is_dir() { below(&path) } else { of(&path) }).sum()
    }
    below(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")))
}

/// Where something is done, with which fields, and what those are told who may not.
type Trusting = (&'static str, Vec<(&'static str, &'static str)>, &'static str);

/// What only whoever has spoken for a group for a while may do.
fn established() -> [Trusting; 7] {
    let sure = ("sure", "yes");
    [
        ("/ours/@kitchen/people/invite", vec![], "people-refused-new"),
        ("/ours/@kitchen/people/offer", vec![("member", "member")], "people-refused-new"),
        ("/ours/@kitchen/people/remove", vec![("member", "resting"), ("reason", "other")], "people-refused-new"),
        ("/ours/@kitchen/people/confirm", vec![("id", NOTHING), sure], "people-refused-new"),
        ("/ours/@kitchen/people/end", vec![("words", ""), sure], "people-refused-new"),
        ("/ours/@kitchen/waiting/alarms", vec![("id", NOTHING)], "refused-alarm-new"),
        ("/ours/@kitchen/people/resting/recover", vec![sure], "entry-refused-too-new"),
    ]
}

#[test]
fn who_is_new_does_what_takes_trust_only_after_a_while() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let mut cast = cast(&city).await;
        for (path, fields, why) in established() {
            let why = Words::of("en").say(why, &[]);
            for who in cast.iter_mut().filter(|who| who.speaks) {
                let answer = who.phone.send(path, &fields).await;
                let (status, page) = (answer.status().as_u16(), answer.text().await.expect("a page"));
                let told = page.contains(&why);
                let new = who.name == "a new organizer";
                assert_eq!(told, new, "{path} by {}: {status} {page}", who.name);
                assert!(!new || matches!(status, 403 | 422), "{path} by {}: {status}", who.name);
            }
        }
        let now = city.clock.now();
        let open = move |conn: &mut _| Ok(plaza::people::store::of_group(conn, "kitchen", now)?.len());
        assert_eq!(city.app.db.read(open).await.unwrap(), 3, "an invitation, an offer and a removal, of the other one");
    });
}

#[test]
fn what_another_server_signs_opens_no_page() {
    on_each_database(|database| async move {
        let (city, there) = (City::start(database).await, City::start(database).await);
        cast(&city).await;
        let signer = actors::signer(&there.app).await.expect("a key");
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for (path, listed) in addresses() {
            tried += 1;
            let address = filled(&path);
            let gets = ask(&there, Scheme::Cavage, &city, &address, None).await.status().as_u16();
            let right = match listed.access {
                Access::Nameless | Access::Anyone => gets < 500,
                _ => matches!(gets, 303 | 401 | 403 | 404 | 405 | 406),
            };
            if !right {
                wrong.push(format!("GET {path}: {gets}"));
            }
            let url: url::Url = format!("{}{address}", city.origin).parse().expect("an address");
            let body = format!(r#"{{"id":"{}/ap/activities/1","type":"Follow","object":"{url}"}}"#, there.origin);
            let digest = BodyDigest::of(body.as_bytes());
            let headers =
                sign_post(Scheme::Cavage, &signer.key_id, &signer.key, &url, &digest, city.clock.now()).expect("signed");
            let headers = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text")));
            let request = headers.fold(city.http.post(url.clone()), |request, (name, value)| request.header(name, value));
            let sends = request.body(body.clone()).send().await.expect("an answer").status().as_u16();
            if !(400..500).contains(&sends) {
                wrong.push(format!("POST {path}: {sends}"));
            }
        }
        assert!(wrong.is_empty() && tried > 0, "{wrong:#?}");
    });
}

#[test]
fn every_address_lets_in_whom_it_should_and_nobody_else() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        let cast = cast(&city).await;
        let (mut guarded, mut wrong) = (0, Vec::new());
        for (path, listed) in addresses() {
            // where nobody looks who it is, all are nobody
            let nameless = listed.access == Access::Nameless;
            if !matches!(listed.access, Access::Anyone | Access::Nameless) {
                guarded += 1;
            }
            let address = filled(&path);
            for who in &cast {
                let may = match listed.access {
                    Access::Nameless | Access::Anyone => true,
                    Access::Member => who.signed_in,
                    Access::Organizer => who.speaks,
                    Access::Caretaker => who.cares,
                };
                let gets = who.phone.get(&address).await;
                let (status, place) = (gets.status().as_u16(), gets.headers().get("location").cloned());
                let sent_away = place.is_some_and(|place| place.to_str().unwrap().starts_with("/sign-in?then="));
                let right = match (listed.shows, may) {
                    (false, _) => matches!(status, 405 | 401 | 403) || sent_away,
                    (true, true) => status < 500 && status != 401 && !sent_away,
                    (true, false) if who.signed_in => status == 403,
                    (true, false) => sent_away,
                };
                if !right {
                    wrong.push(format!("GET {path} by {}: {status}", who.name));
                }
                let same = [("sec-fetch-site", "same-origin")];
                let sends = who.phone.send_bare(&address, &[], &same).await.status().as_u16();
                let right = match (listed.takes, who.signed_in && !nameless) {
                    (false, _) => matches!(sends, 405 | 401 | 403 | 404),
                    // without the token of their session, and nobody's forms of other sites
                    (true, true) => sends == 403,
                    (true, false) if nameless || listed.access == Access::Anyone => sends < 500,
                    (true, false) => sends == 401,
                };
                if !right {
                    wrong.push(format!("POST {path} without a token by {}: {sends}", who.name));
                }
                if listed.takes && !may && who.signed_in {
                    let csrf = [("csrf", who.phone.csrf.as_str()), ("sure", "yes")];
                    let sends = who.phone.send_bare(&address, &csrf, &same).await.status().as_u16();
                    if sends != 403 {
                        wrong.push(format!("POST {path} with a token by {}: {sends}", who.name));
                    }
                }
                if listed.takes {
                    let csrf = [("csrf", who.phone.csrf.as_str()), ("sure", "yes")];
                    let sends = who.phone.send_bare(&address, &csrf, &[("sec-fetch-site", "cross-site")]).await;
                    if sends.status() != 403 {
                        wrong.push(format!("POST {path} from another site by {}: {}", who.name, sends.status()));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // some are registered by one line for several
        assert!(
            addresses().len() >= registered(),
            "each that a file registers is tried: {} of {}",
            addresses().len(),
            registered()
        );
        assert!(guarded > addresses().len() / 2, "{guarded} are for some");
        // those who were signed in still are
        for who in cast.iter().filter(|who| who.signed_in) {
            assert_eq!(who.phone.get("/ours").await.status(), 200, "{}", who.name);
        }
    });
}

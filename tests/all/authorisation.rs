//! Every address that was registered, tried by everybody: whoever may not come in changes nothing.

use std::time::Duration;

use plaza::{
    members::{self, member::Member},
    web::address::{Access, addresses},
};

use crate::{
    city::{City, on_each_database},
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
        assert!(guarded >= 8, "only {guarded} addresses are for some: was the list made?");
        // those who were signed in still are
        for who in cast.iter().filter(|who| who.signed_in) {
            assert_eq!(who.phone.get("/ours").await.status(), 200, "{}", who.name);
        }
    });
}

//! Whoever moves keeps following and being followed: groups of ours, groups of other cities, and accounts that follow ours.

use std::time::Duration;

use plaza::{
    error::Error,
    follows,
    moving::{actions, destination},
    powers::deed::Role,
    sisters, worker,
};
use serde_json::{Value, json};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn id(city: &City, group: &str) -> String {
    format!("{}/ap/groups/{group}", city.origin)
}

pub async fn be_known_as(city: &City, group: &str, other: &str) {
    let other = destination::find(&city.app, other).await.expect("found").actor;
    let group = group.to_owned();
    city.app.act(move |conn, here| actions::be_known_as(conn, here, &group, &other)).await.expect("named");
}

pub async fn go(city: &City, group: &str, to: &str) -> Result<(), Error> {
    let to = destination::find(&city.app, to).await?;
    let group = group.to_owned();
    city.app.act(move |conn, here| actions::go(conn, here, &group, &to, Role::Caretaker).map(drop)).await
}

async fn follower_ids(city: &City, group: &str) -> Vec<String> {
    let group = group.to_owned();
    let followers = city.app.db.read(move |conn| Ok(follows::store::list(conn, &group)?)).await.expect("reading");
    followers.into_iter().map(|follower| follower.uri).collect()
}

/// Whom a group hears, and what became of asking.
async fn sister_states(city: &City, group: &str) -> Vec<(String, &'static str)> {
    let group = group.to_owned();
    let sisters = city.app.db.read(move |conn| Ok(sisters::store::of_group(conn, &group)?)).await.expect("reading");
    sisters.into_iter().map(|sister| (sister.actor, sister.state.name())).collect()
}

/// Until nobody has anything more to say.
async fn settle(cities: &[&City]) {
    for _ in 0..6 {
        for city in cities {
            city.work().await;
        }
    }
}

#[test]
fn a_group_moves_and_whoever_followed_it_follows_the_new_one() {
    on_each_database(|database| async move {
        let (old, new, there) = (City::start(database).await, City::start(database).await, City::start(database).await);
        old.group("kitchen").await;
        new.group("soup").await;
        there.group("trees").await;
        there.hears("trees", &old, "kitchen").await;
        let (from, to) = (id(&old, "kitchen"), id(&new, "soup"));

        let refused = go(&old, "kitchen", &to).await.expect_err("the new one does not say yet that it is the old one");
        assert!(refused.to_string().contains("alsoKnownAs"), "{refused}");
        assert!(go(&old, "kitchen", &from).await.is_err(), "to itself");
        be_known_as(&new, "soup", &from).await;
        assert_eq!(new.document("/ap/groups/soup").await["alsoKnownAs"], json!([from]));
        go(&old, "kitchen", &to).await.expect("moved");
        assert_eq!(old.document("/ap/groups/kitchen").await["movedTo"], json!(to));

        settle(&[&old, &there, &new]).await;
        assert_eq!(follower_ids(&new, "soup").await, [id(&there, "trees")]);
        assert_eq!(follower_ids(&old, "kitchen").await, Vec::<String>::new());
        assert_eq!(sister_states(&there, "trees").await, [(to.clone(), "accepted")]);
        new.announce("soup", "We cook here now").await;
        settle(&[&new, &there]).await;
        assert_eq!(there.heard("trees").await[0].content, "<p>We cook here now</p>");

        // from now on the old one says nothing, but says where it went, and can be asked by its key for a month
        let handle = |conn: &mut plaza::db::Conn| plaza::groups::actions::speaking(conn, "kitchen");
        assert!(old.app.db.read(handle).await.is_err());
        let page = old.get("/@kitchen", "text/html").await.text().await.expect("a page");
        assert!(page.contains(&format!("href=\"{to}\"")) && page.contains("This group has moved"), "{page}");
        assert!(!page.contains("/@kitchen/follow"), "nobody can follow it any more");
        let close = || old.app.act(|conn, here| plaza::groups::actions::close(conn, here, "kitchen"));
        assert!(close().await.is_err(), "it stays for a while");
        there.group("late").await;
        there.hears("late", &old, "kitchen").await;
        settle(&[&old, &there]).await;
        assert_eq!(sister_states(&there, "late").await, [(from.clone(), "refused")]);
        old.advance(31 * DAY);
        close().await.expect("ended");
    });
}

#[test]
fn a_follower_that_moves_keeps_following_and_a_group_that_comes_home_is_no_sister_any_more() {
    on_each_database(|database| async move {
        let (here, old, new) = (City::start(database).await, City::start(database).await, City::start(database).await);
        here.group("kitchen").await;
        here.group("garden").await;
        old.group("trees").await;
        new.group("forest").await;
        old.hears("trees", &here, "kitchen").await;
        here.hears("kitchen", &old, "trees").await;
        here.hears("garden", &old, "trees").await;
        assert_eq!(follower_ids(&here, "kitchen").await, [id(&old, "trees")]);
        be_known_as(&new, "forest", &id(&old, "trees")).await;
        go(&old, "trees", &id(&new, "forest")).await.expect("moved");
        settle(&[&old, &here, &new]).await;
        // it left by itself (groups here stop hearing when they move), so both its Undo and its Move came
        let followers = follower_ids(&here, "kitchen").await;
        assert!(followers.is_empty() || followers == [id(&new, "forest")], "{followers:?}");
        for group in ["kitchen", "garden"] {
            assert_eq!(sister_states(&here, group).await, [(id(&new, "forest"), "accepted")], "{group}");
        }
        assert_eq!(follower_ids(&new, "forest").await.len(), 2);

        here.group("forest").await;
        be_known_as(&here, "forest", &id(&new, "forest")).await;
        go(&new, "forest", &id(&here, "forest")).await.expect("moved on");
        settle(&[&new, &here]).await;
        for group in ["kitchen", "garden"] {
            assert_eq!(sister_states(&here, group).await, Vec::<(String, &str)>::new(), "{group}: it lives here now");
        }
    });
}

/// An account that follows a group: only its server can say that it moved, and only the new one that it is the same.
#[test]
fn an_account_that_moves_is_believed_only_when_the_new_one_says_so_too_and_once_a_week() {
    use crate::security::world::{ACTIVITY_JSON, Host, Reply, key};
    use plaza::federation::signature::{BodyDigest, Scheme, sign_post};

    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let (old_host, new_host) = (Host::open("127.0.0.2"), Host::open("127.0.0.3"));
        let (ana, new) = (old_host.person("ana", key(0)), new_host.person("ana", key(1)));
        let again = new_host.person("ana2", key(2));
        let post = |activity: Value| {
            let (city, ana) = (&city, &ana);
            async move {
                city.advance(Duration::from_secs(1));
                let body = activity.to_string();
                let inbox: url::Url = format!("{}/ap/inbox", city.origin).parse().expect("an address");
                let digest = BodyDigest::of(body.as_bytes());
                let signed = sign_post(Scheme::Cavage, &ana.key_id, ana.key, &inbox, &digest, city.clock.now()).expect("signed");
                let request = signed.iter().fold(city.http.post(inbox), |request, (name, value)| request.header(name, value));
                let status = request.body(body).send().await.expect("an answer").status().as_u16();
                city.work().await;
                status
            }
        };
        let say = |number: u32, kind: &str, object: &str, target: Option<&str>| {
            let mut activity = json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{}/a/{number}", ana.id),
                "type": kind, "actor": ana.id, "object": object });
            if let Some(target) = target {
                activity["target"] = json!(target);
            }
            activity
        };
        let kitchen = id(&city, "kitchen");
        assert_eq!(post(say(1, "Follow", &kitchen, None)).await, 202);
        assert_eq!(follower_ids(&city, "kitchen").await, std::slice::from_ref(&ana.id));

        // the new one names nobody; it names another; the old one says that it went elsewhere; somebody else is moved
        assert_eq!(post(say(2, "Move", &ana.id, Some(&new.id))).await, 202);
        let named = |names: Value| Reply::new(200, ACTIVITY_JSON, new.document_with(names).to_string());
        new_host.reply("/users/ana", named(json!({ "alsoKnownAs": ["https://far.example/users/ana"] })));
        assert_eq!(post(say(3, "Move", &ana.id, Some(&new.id))).await, 202);
        new_host.reply("/users/ana", named(json!({ "alsoKnownAs": [ana.id] })));
        let moved = ana.document_with(json!({ "movedTo": again.id })).to_string();
        old_host.reply("/users/ana", Reply::new(200, ACTIVITY_JSON, moved));
        assert_eq!(post(say(4, "Move", &ana.id, Some(&new.id))).await, 202);
        assert_eq!(post(say(5, "Move", &new.id, Some(&again.id))).await, 202);
        assert_eq!(post(say(6, "Move", &ana.id, None)).await, 202);
        assert_eq!(follower_ids(&city, "kitchen").await, std::slice::from_ref(&ana.id), "nothing of it was borne out");

        let moved = ana.document_with(json!({ "movedTo": new.id })).to_string();
        old_host.reply("/users/ana", Reply::new(200, ACTIVITY_JSON, moved));
        for number in [7, 7, 8] {
            assert_eq!(post(say(number, "Move", &ana.id, Some(&new.id))).await, 202);
        }
        assert_eq!(follower_ids(&city, "kitchen").await, std::slice::from_ref(&new.id), "carried over, once");
        city.announce("kitchen", "Soup").await;
        city.work().await;
        assert_eq!(new_host.posts("/users/ana/inbox"), 1);

        // it follows and moves again within the week: that is not heard
        assert_eq!(post(say(9, "Follow", &kitchen, None)).await, 202);
        new_host.reply(
            "/users/ana2",
            Reply::new(200, ACTIVITY_JSON, again.document_with(json!({ "alsoKnownAs": ana.id })).to_string()),
        );
        old_host.reply("/users/ana", Reply::new(200, ACTIVITY_JSON, ana.document().to_string()));
        assert_eq!(post(say(10, "Move", &ana.id, Some(&again.id))).await, 202);
        assert!(!follower_ids(&city, "kitchen").await.contains(&again.id));
        city.advance(8 * DAY);
        assert_eq!(post(say(11, "Move", &ana.id, Some(&again.id))).await, 202);
        assert!(follower_ids(&city, "kitchen").await.contains(&again.id));
    });
}

async fn press(phone: &mut Phone, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = phone.send(path, fields).await;
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[test]
fn those_who_speak_for_a_group_let_it_move_after_a_week_in_which_any_of_them_can_call_it_off() {
    on_each_database(|database| async move {
        let (old, new) = (City::start(database).await, City::start(database).await);
        old.group("kitchen").await;
        new.group("soup").await;
        let (mut ana, mut ben) = (old.organizer("ana", "kitchen").await, old.organizer("ben", "kitchen").await);
        let mut cleo = new.organizer("cleo", "soup").await;
        let (from, to) = (id(&old, "kitchen"), id(&new, "soup"));
        let at = "/ours/@kitchen/moving";
        let page = ana.page(at).await;
        assert!(page.contains(&from) && page.contains("name=\"handle\"") && page.contains("name=\"old\""), "{page}");
        assert!(ana.page("/ours/@kitchen/people").await.contains(&format!("href=\"{at}\"")));

        // asked twice, each after the other one was asked
        let (status, text) = press(&mut ana, &format!("{at}/go"), &[("handle", &to)]).await;
        assert!(status == 422 && text.contains("does not say yet") && text.contains(&format!("value=\"{to}\"")), "{text}");
        assert_eq!(press(&mut ana, &format!("{at}/go"), &[("handle", "@nobody@127.0.0.1:1")]).await.0, 422);
        let (status, text) = press(&mut cleo, "/ours/@soup/moving/name", &[("old", &from)]).await;
        assert!(status == 200 && text.contains("name=\"sure\""), "{text}");
        assert_eq!(new.document("/ap/groups/soup").await.get("alsoKnownAs"), None);
        assert_eq!(press(&mut cleo, "/ours/@soup/moving/name", &[("old", &from), ("sure", "yes")]).await.0, 303);
        assert_eq!(new.document("/ap/groups/soup").await["alsoKnownAs"], json!([from]));
        let (status, text) = press(&mut ana, &format!("{at}/go"), &[("handle", &to)]).await;
        assert!(status == 200 && text.contains("In 7 days the group moves"), "{text}");
        assert!(!ana.page("/@kitchen").await.contains("moves to another server"));
        assert_eq!(press(&mut ana, &format!("{at}/go"), &[("handle", &to), ("sure", "yes")]).await.0, 303);

        assert!(ana.page("/@kitchen").await.contains("This group moves to another server on"));
        assert_eq!(old.document("/ap/groups/kitchen").await.get("movedTo"), None, "nobody elsewhere hears of it before");
        assert!(ben.page("/ours/@kitchen/waiting").await.contains("The group moves to another server on"));
        assert_eq!(press(&mut ben, &format!("{at}/stay"), &[]).await.0, 303);
        old.advance(Duration::from_secs(10));
        assert_eq!(press(&mut ben, &format!("{at}/stay"), &[]).await.0, 403);
        assert!(!ana.page("/@kitchen").await.contains("moves to another server"));

        assert_eq!(press(&mut ben, &format!("{at}/go"), &[("handle", &to), ("sure", "yes")]).await.0, 303);
        old.advance(6 * DAY);
        worker::forget_once(&old.app).await.expect("looked");
        assert_eq!(old.document("/ap/groups/kitchen").await.get("movedTo"), None);
        old.advance(2 * DAY);
        worker::forget_once(&old.app).await.expect("moved");
        assert_eq!(old.document("/ap/groups/kitchen").await["movedTo"], json!(to));

        // and the other way: it was not us after all
        assert_eq!(press(&mut cleo, "/ours/@soup/moving/forget", &[("actor", &from)]).await.0, 303);
        assert_eq!(new.document("/ap/groups/soup").await.get("alsoKnownAs"), None);
    });
}

#[test]
fn a_group_that_its_other_self_no_longer_names_stays() {
    on_each_database(|database| async move {
        let (old, new) = (City::start(database).await, City::start(database).await);
        old.group("kitchen").await;
        new.group("soup").await;
        let mut ana = old.organizer("ana", "kitchen").await;
        let (from, to) = (id(&old, "kitchen"), id(&new, "soup"));
        be_known_as(&new, "soup", &from).await;
        assert_eq!(press(&mut ana, "/ours/@kitchen/moving/go", &[("handle", &to), ("sure", "yes")]).await.0, 303);
        let forget = new.app.act(move |conn, here| actions::no_longer_known_as(conn, here, "soup", &from));
        forget.await.expect("forgotten");
        for _ in 0..3 {
            old.advance(6 * DAY);
            worker::forget_once(&old.app).await.expect("looked");
            assert_eq!(old.document("/ap/groups/kitchen").await.get("movedTo"), None);
        }
        assert!(!old.get("/@kitchen", "text/html").await.text().await.expect("text").contains("moves to another server"));
    });
}

//! Whoever holds somebody's telephone, or came a minute ago, does not get a group into their hands.

use std::time::Duration;

use plaza::{
    members::{
        self,
        member::{Member, Organizer},
    },
    people, powers,
};

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const PASSWORD: &str = "soup for everybody at noon";

/// What a page shows once, from there on.
fn shown(page: &str, begins: &str) -> String {
    let from = page.find(begins).expect("it is shown");
    page[from..].chars().take_while(|c| !matches!(c, '<' | '"' | '&')).collect()
}

impl City {
    /// Speaks for the group from now on, as one who was added.
    async fn adds(&self, phone: &Phone, group: &str) {
        let member = phone.member.as_ref().expect("a member").id;
        let organizer =
            Organizer { group: group.into(), member, since: self.clock.now(), founder: false, shown: false, paused: None };
        self.app.db.write(move |conn| Ok(members::store::add_organizer(conn, &organizer)?)).await.expect("added");
    }

    /// Who speaks for the group and whose powers do not rest.
    async fn able(&self, group: &'static str) -> Vec<String> {
        let found = self.app.db.read(move |conn| Ok(members::store::organizers_of(conn, group)?)).await.expect("reading");
        let able = found.into_iter().filter(|(organizer, _)| organizer.paused.is_none());
        let mut able: Vec<String> = able.map(|(_, member)| member.handle).collect();
        able.sort();
        able
    }
}

async fn taken(phone: &mut Phone, group: &str, whom: &str) {
    let path = format!("/ours/@{group}/people/{whom}/phone-taken");
    assert_eq!(phone.send(&path, &[]).await.status(), 303, "{whom}");
}

#[test]
fn what_was_prepared_with_a_taken_telephone_leads_nowhere() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut ben = city.organizer("ben", "kitchen").await;
        city.adds(&ana, "trees").await;
        city.organizer("tom", "trees").await;
        let mut thief = city.member("eve").await;
        let link = shown(&ana.send("/ours/@kitchen/people/invite", &[]).await.text().await.unwrap(), "/invited/");
        ana.send("/ours/@kitchen/people/offer", &[("member", "eve")]).await;
        let feed = shown(&ana.send("/ours/notices/feed", &[]).await.text().await.unwrap(), "/ours/notices.atom?key=");
        assert_eq!(Phone::of(&city).get(&feed).await.status(), 200);
        taken(&mut ben, "kitchen", "ana").await;
        assert_eq!(thief.get(&link).await.status(), 403);
        assert_eq!(thief.send(&link, &[]).await.status(), 403);
        assert!(!thief.page("/invited").await.contains("The kitchen group"));
        assert_eq!(Phone::of(&city).get(&feed).await.status(), 404);
        // nor when her powers are back
        assert_eq!(ben.send("/ours/@kitchen/people/ana/give-back", &[]).await.status(), 303);
        assert_eq!(thief.send(&link, &[("again", "")]).await.status(), 403);
        assert_eq!(city.able("kitchen").await, ["ana", "ben"]);
    });
}

#[test]
fn who_came_lately_shuts_out_nobody_and_one_alone_not_everybody() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        let mut ben = city.organizer("ben", "kitchen").await;
        city.organizer("cleo", "kitchen").await;
        let mut eve = city.member("eve").await;
        city.adds(&eve, "kitchen").await;
        // eve says that all three telephones were taken: powers rest while two are left who could give them back, and no longer
        taken(&mut eve, "kitchen", "ana").await;
        assert_eq!(ana.get("/me").await.status(), 303, "signed out all the same");
        assert_eq!(city.able("kitchen").await, ["ben", "cleo", "eve"]);
        let page = eve.page("/ours/@kitchen/people/ben/phone-taken").await;
        assert!(page.contains("Their powers stay"), "{page}");
        let out = eve.send("/ours/@kitchen/people/ben/phone-taken", &[]).await;
        assert_eq!(out.headers()["location"], "/ours/@kitchen/people?done=phone-taken-out");
        let page = eve.page("/ours/@kitchen/people?done=phone-taken-out").await;
        assert!(page.contains("Nothing changed about their powers") && page.contains("href=\"/ours/@kitchen\""), "{page}");
        taken(&mut eve, "kitchen", "cleo").await;
        assert_eq!(ben.get("/me").await.status(), 303);
        assert_eq!(city.able("kitchen").await, ["ben", "cleo", "eve"], "or only she would be left, who is new");
        let again = eve.send("/ours/@kitchen/people/cleo/phone-taken", &[("again", "")]).await;
        assert_eq!(again.status(), 403, "once a day, or nobody stays signed in");
        assert_eq!(eve.send("/ours/@kitchen/people/ana/give-back", &[]).await.status(), 403, "who is new gives nothing back");
        let mut cleo = city.sign_in(member(&city, "cleo").await).await;
        assert_eq!(cleo.send("/ours/@kitchen/people/ana/give-back", &[]).await.status(), 303);
        // nor does one who has been here long come to be alone
        let mut ben2 = city.sign_in(ben.member.take().unwrap()).await;
        for whom in ["ana", "cleo", "eve"] {
            taken(&mut ben2, "kitchen", whom).await;
        }
        assert_eq!(city.able("kitchen").await.len(), 2, "somebody is left to give them back");
    });
}

#[test]
fn one_telephone_and_an_account_of_today_are_not_two() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        // ana's telephone is in other hands, which add an account of their own to her groups
        let ana = city.organizer("ana", "kitchen").await;
        city.organizer("ben", "kitchen").await;
        city.organizer("cleo", "kitchen").await;
        city.adds(&ana, "trees").await;
        let tom = city.organizer("tom", "trees").await;
        city.advance(20 * DAY);
        let mut ana = city.sign_in(member(&city, "ana").await).await;
        let sock = city.member("sock").await;
        for group in ["kitchen", "trees"] {
            city.adds(&sock, group).await;
        }
        taken(&mut ana, "kitchen", "ben").await;
        taken(&mut ana, "kitchen", "cleo").await;
        assert_eq!(city.able("kitchen").await, ["ana", "cleo", "sock"], "cleo is left to say something");
        taken(&mut ana, "trees", "tom").await;
        assert_eq!(city.able("trees").await, ["ana", "sock", "tom"]);
        // where they rest all the same, they come back: a newcomer gives nothing back, so nobody could but one
        let id = tom.member.as_ref().expect("tom").id;
        let rest = move |conn: &mut plaza::db::Conn| {
            let tom = members::store::organizer(conn, "trees", id)?.expect("he speaks for it");
            Ok(members::store::save_organizer(conn, &Organizer { paused: Some(tom.since), ..tom })?)
        };
        city.app.db.write(rest).await.unwrap();
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("trees").await, ["ana", "sock", "tom"]);
    });
}

#[test]
fn of_two_neither_keeps_the_other_out() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("garden").await;
        city.organizer("vic", "garden").await;
        city.organizer("wes", "garden").await;
        city.advance(20 * DAY);
        let mut vic = city.sign_in(member(&city, "vic").await).await;
        taken(&mut vic, "garden", "wes").await;
        assert_eq!(city.able("garden").await, ["vic"]);
        let removal = [("member", "wes"), ("reason", "other")];
        assert_eq!(vic.send("/ours/@garden/people/remove", &removal).await.status(), 303);
        city.advance(4 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("garden").await, ["vic", "wes"]);
        taken(&mut vic, "garden", "wes").await;
        assert_eq!(city.able("garden").await, ["vic", "wes"], "not again at once");
        let mut wes = city.sign_in(member(&city, "wes").await).await;
        taken(&mut wes, "garden", "vic").await;
        assert_eq!(city.able("garden").await, ["wes"]);
        city.advance(3 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(wes.get("/ours/@garden").await.status(), 200, "nothing is held against him by whoever rests");
    });
}

#[test]
fn nobody_is_removed_while_their_powers_rest() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("garden").await;
        city.organizer("vic", "garden").await;
        city.organizer("wes", "garden").await;
        city.advance(20 * DAY);
        let mut vic = city.sign_in(member(&city, "vic").await).await;
        let removal = [("member", "wes"), ("reason", "other")];
        assert_eq!(vic.send("/ours/@garden/people/remove", &removal).await.status(), 303);
        city.advance(5 * DAY);
        taken(&mut vic, "garden", "wes").await;
        city.advance(2 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        let speak = city.app.db.read(|conn| Ok(members::store::organizers_of(conn, "garden")?.len())).await.unwrap();
        assert_eq!(speak, 2, "he could say nothing about it");
        city.advance(2 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        let speak = city.app.db.read(|conn| Ok(members::store::organizers_of(conn, "garden")?.len())).await.unwrap();
        assert_eq!(speak, 1, "he can, and does not");
    });
}

#[test]
fn one_telephone_shows_itself_the_way_in_and_is_no_second_one() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("boat").await;
        for name in ["pia", "quim", "rosa"] {
            city.organizer(name, "boat").await;
        }
        city.advance(20 * DAY);
        let mut pia = city.sign_in(member(&city, "pia").await).await;
        let page = pia.send("/ours/@boat/people/quim/recover", &[]).await.text().await.unwrap();
        let mut thief = Phone::of(&city);
        assert_eq!(thief.send(&shown(&page, "/recover/"), &[("password", PASSWORD)]).await.status(), 303);
        assert_eq!(thief.get("/ours/@boat").await.status(), 200, "whoever lost a telephone speaks for the group again");
        let removal = [("member", "rosa"), ("reason", "other")];
        assert_eq!(pia.send("/ours/@boat/people/remove", &removal).await.status(), 303);
        let open = |conn: &mut plaza::db::Conn| Ok(people::store::removals(conn)?);
        let asked = city.app.db.read(open).await.unwrap().pop().expect("it is asked").id.to_string();
        let sure = [("id", asked.as_str()), ("sure", "yes")];
        assert_eq!(thief.send("/ours/@boat/people/confirm", &sure).await.status(), 403);
        assert_eq!(thief.send("/ours/@boat/people/rosa/recover", &[]).await.status(), 403);
        assert_eq!(city.able("boat").await, ["pia", "quim", "rosa"]);
        // the real quim goes to a caretaker, and the thief does not stop that
        let quim = member(&city, "quim").await;
        let way = plaza::members::token::Token::new().unwrap();
        city.app.act(move |conn, here| members::recovery::ask(conn, here, None, &quim, &way).map(drop)).await.unwrap();
        assert_eq!(thief.send("/me/stop-recovery", &[]).await.status(), 403);
    });
}

#[test]
fn a_telephone_in_other_hands_makes_no_way_in_that_stays() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = Phone::of(&city);
        let all = [("name", "Ana"), ("handle", "ana"), ("password", PASSWORD)];
        assert_eq!(ana.send("/join", &all).await.status(), 303);
        assert_eq!(ana.send("/me/codes", &[]).await.status(), 200, "who joined a minute ago is not asked again");
        ana.member = Some(member(&city, "ana").await);
        city.adds(&ana, "kitchen").await;
        let mut ben = city.organizer("ben", "kitchen").await;
        city.advance(DAY);
        let page = ana.page("/me/codes").await;
        assert!(page.contains("autocomplete=\"current-password\""), "{page}");
        for (fields, status) in [(vec![], 422), (vec![("password", "soup")], 422), (vec![("password", PASSWORD)], 200)] {
            let answer = ana.send("/me/codes", &fields).await;
            assert_eq!(answer.status(), status, "{fields:?}");
            assert_eq!(answer.text().await.unwrap().contains("<li><code"), status == 200);
        }
        let page = ana.page("/me/passkeys").await;
        assert!(!page.contains("data-passkey") || page.contains("autocomplete=\"current-password\""), "{page}");
        let key = [("id", "new"), ("client_data", "e30"), ("device", ""), ("public_key", "")];
        assert_eq!(ana.send("/me/passkeys", &key).await.status(), 422);
        // passkeys lie on what was taken; the password and the paper still let its owner in
        let id = ana.member.as_ref().expect("ana").id;
        let day = city.clock.now().day();
        let key = members::passkeys::Passkey { id: "old".into(), member: id, public_key: String::new(), uses: 0, added: day };
        city.app.db.write(move |conn| Ok(members::passkeys::add(conn, &key)?)).await.unwrap();
        taken(&mut ben, "kitchen", "ana").await;
        let left = city.app.db.read(move |conn| {
            Ok((members::passkeys::of(conn, id)?.len(), members::codes::count(conn, id)?, members::store::password(conn, id)?))
        });
        let (passkeys, codes, password) = left.await.unwrap();
        assert!((passkeys, codes, password.is_some()) == (0, 8, true), "{passkeys} {codes}");
        // who has no password shows that they can sign in
        let mut cleo = city.member("cleo").await;
        assert_eq!(cleo.send("/me/codes", &[]).await.status(), 200);
        city.advance(DAY);
        assert_eq!(cleo.send("/me/codes", &[]).await.status(), 422);
        assert!(cleo.page("/me/codes").await.contains("first show that you can sign in"));
        assert_eq!(cleo.send("/me/password", &[("password", PASSWORD)]).await.status(), 422);
        let mut cleo = city.sign_in(cleo.member.take().unwrap()).await;
        assert!(cleo.page("/me/password").await.contains("Codes on paper and passkeys still work."));
        let done = cleo.send("/me/password", &[("password", PASSWORD)]).await;
        assert_eq!(done.headers()["location"], "/me?done=password-first");
    });
}

async fn member(city: &City, handle: &'static str) -> Member {
    city.app.db.read(move |conn| Ok(members::store::by_handle(conn, handle)?)).await.expect("reading").expect("a member")
}

#[test]
fn in_a_group_of_two_powers_come_back_by_themselves_and_among_more_they_wait_for_somebody() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        city.group("trees").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.organizer("ben", "kitchen").await;
        let mut tom = city.organizer("tom", "trees").await;
        city.organizer("una", "trees").await;
        city.organizer("vic", "trees").await;
        taken(&mut ana, "kitchen", "ben").await;
        taken(&mut tom, "trees", "una").await;
        city.advance(3 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("kitchen").await, ["ana"], "not before 72 hours");
        city.advance(DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("kitchen").await, ["ana", "ben"]);
        assert_eq!(city.able("trees").await, ["tom", "vic"]);
        let now = city.clock.now();
        let deeds = city.app.db.read(move |conn| Ok(powers::store::of_group(conn, Some("kitchen"), now)?)).await.unwrap();
        assert!(deeds.iter().any(|deed| (deed.kind.name(), deed.role.name()) == ("resumed", "rule")), "{deeds:?}");
    });
}

#[test]
fn a_group_that_anybody_can_start_opens_no_other_one() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("garden").await;
        let xena = city.organizer("xena", "garden").await;
        city.waiting_group("snare").await;
        let mut una = city.organizer("una", "snare").await;
        city.adds(&xena, "snare").await;
        let refused = una.send("/ours/@snare/people/xena/recover", &[]).await;
        assert_eq!(refused.status(), 403, "anybody starts one that waits, and asks anybody into it");
        // one that is welcomed leads to what it shares
        city.group("trap").await;
        city.group("shed").await;
        for (phone, group) in [(&una, "trap"), (&xena, "trap"), (&xena, "shed")] {
            city.adds(phone, group).await;
        }
        city.organizer("will", "shed").await;
        city.advance(15 * DAY);
        una = city.sign_in(member(&city, "una").await).await;
        let page = una.send("/ours/@trap/people/xena/recover", &[]).await.text().await.unwrap();
        let mut thief = Phone::of(&city);
        assert_eq!(thief.send(&shown(&page, "/recover/"), &[("password", PASSWORD)]).await.status(), 303);
        assert_eq!(thief.get("/ours/@garden").await.status(), 403, "she alone speaks for it, and there, too, powers rest");
        assert!(city.able("garden").await.is_empty());
        assert_eq!(city.able("shed").await, ["will"]);
        let page = Phone::of(&city).page("/about/powers").await;
        assert!(!page.contains("made to rest"), "not before 72 hours: {page}");
        city.advance(4 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("garden").await, ["xena"], "it is left to nobody for ever");
        assert_eq!(city.able("shed").await, ["will"], "where somebody is left, they say whether it is her");
    });
}

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
        // eve says that all three telephones were taken: she speaks beside others, so the first two rest and the third does not
        taken(&mut eve, "kitchen", "ana").await;
        assert_eq!(ana.get("/me").await.status(), 303, "signed out all the same");
        assert_eq!(city.able("kitchen").await, ["ben", "cleo", "eve"]);
        taken(&mut eve, "kitchen", "ben").await;
        assert_eq!(city.able("kitchen").await, ["cleo", "eve"]);
        let page = eve.page("/ours/@kitchen/people/cleo/phone-taken").await;
        assert!(page.contains("so their powers stay"), "{page}");
        taken(&mut eve, "kitchen", "cleo").await;
        assert_eq!(city.able("kitchen").await, ["cleo", "eve"], "only she, who is new, would be left");
        assert_eq!(eve.send("/ours/@kitchen/people/ana/give-back", &[]).await.status(), 403, "who is new gives nothing back");
        let mut cleo = city.sign_in(member(&city, "cleo").await).await;
        assert_eq!(cleo.send("/ours/@kitchen/people/ana/give-back", &[]).await.status(), 303);
        assert_eq!(cleo.send("/ours/@kitchen/people/ben/give-back", &[]).await.status(), 303);
        // nor does one who has been here long come to be alone
        let mut ben2 = city.sign_in(ben.member.take().unwrap()).await;
        for whom in ["ana", "cleo", "eve"] {
            taken(&mut ben2, "kitchen", whom).await;
        }
        assert_eq!(city.able("kitchen").await.len(), 2, "somebody is left to give them back");
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
        city.waiting_group("trap").await;
        let mut una = city.organizer("una", "trap").await;
        city.adds(&xena, "trap").await;
        let page = una.send("/ours/@trap/people/xena/recover", &[]).await.text().await.unwrap();
        let mut thief = Phone::of(&city);
        assert_eq!(thief.send(&shown(&page, "/recover/"), &[("password", PASSWORD)]).await.status(), 303);
        assert_eq!(thief.get("/ours/@garden").await.status(), 403, "she alone speaks for it, and there, too, powers rest");
        assert!(city.able("garden").await.is_empty());
        let page = Phone::of(&city).page("/about/powers").await;
        assert!(!page.contains("made to rest"), "not before 72 hours: {page}");
        city.advance(4 * DAY);
        city.app.act(people::ending::settle).await.unwrap();
        assert_eq!(city.able("garden").await, ["xena"], "it is left to nobody for ever");
    });
}

//! Who speaks for a group: invited, laid down, removed by two, frozen, ended, picked up.

use std::time::Duration;

use plaza::{
    members::{self, actions::Speaker, member::Organizer},
    people,
    powers::{self, deed::Kind},
    worker,
};
use reqwest::StatusCode;

use crate::{
    city::{City, on_each_database},
    phone::Phone,
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

impl City {
    async fn speakers(&self, group: &'static str) -> Vec<String> {
        let found = self.app.db.read(move |conn| Ok(members::store::organizers_of(conn, group)?));
        let mut names: Vec<String> = found.await.unwrap().into_iter().map(|(_, member)| member.handle).collect();
        names.sort();
        names
    }

    /// What was done in a group, the last first where days differ.
    async fn deeds(&self, group: &'static str) -> Vec<Kind> {
        let now = self.clock.now();
        let found = self.app.db.read(move |conn| Ok(powers::store::of_group(conn, Some(group), now)?));
        found.await.unwrap().into_iter().map(|deed| deed.kind).collect()
    }

    /// The numbers of what somebody was offered in a group.
    async fn offered(&self, group: &'static str, whom: &Phone) -> Vec<String> {
        let (now, about) = (self.clock.now(), whom.member.as_ref().map(|member| member.id));
        let found = self.app.db.read(move |conn| Ok(people::store::of_group(conn, group, now)?)).await.unwrap();
        found.into_iter().filter(|proposal| proposal.about == about).map(|proposal| proposal.id.to_string()).collect()
    }

    async fn settles(&self) {
        self.app.act(people::ending::settle).await.expect("settled");
    }

    /// The number of what is open in a group.
    async fn open(&self, group: &'static str) -> Vec<String> {
        let now = self.clock.now();
        let found = self.app.db.read(move |conn| Ok(people::store::of_group(conn, group, now)?));
        found.await.unwrap().into_iter().map(|proposal| proposal.id.to_string()).collect()
    }
}

/// The invitation that a page shows once.
fn link(page: &str) -> String {
    let from = page.find("/invited/").expect("an invitation");
    page[from..].chars().take_while(|c| !matches!(c, '<' | '"' | '&')).collect()
}

async fn invitation(phone: &mut Phone) -> String {
    let answer = phone.send("/ours/@kitchen/people/invite", &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    link(&answer.text().await.unwrap())
}

#[test]
fn an_invitation_is_taken_up_once_within_seven_days() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let (mut bo, mut cleo) = (city.member("bo").await, city.member("cleo").await);
        let first = invitation(&mut ana).await;
        assert!(bo.page(&first).await.contains("The kitchen group"));
        assert_eq!(Phone::of(&city).get(&first).await.status(), 303, "sign in first");
        assert_eq!(bo.send(&first, &[]).await.status(), 303);
        assert_eq!(cleo.send(&first, &[]).await.status(), 403, "it was used");
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"]);

        // who is new invites nobody for 14 days, but speaks at once
        assert_eq!(bo.send("/ours/@kitchen/people/invite", &[]).await.status(), 403);
        let late = invitation(&mut ana).await;
        city.advance(7 * DAY);
        assert_eq!(cleo.send(&late, &[]).await.status(), 403, "too late");
        let back = invitation(&mut ana).await;
        let open = city.open("kitchen").await;
        assert_eq!(open.len(), 1);
        assert_eq!(bo.send("/ours/@kitchen/people/withdraw", &[("id", &open[0])]).await.status(), 303, "any of them");
        assert_eq!(cleo.send(&back, &[]).await.status(), 403, "taken back");
        city.advance(7 * DAY);
        let theirs = invitation(&mut bo).await;
        assert_eq!(cleo.send(&theirs, &[]).await.status(), 303);
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo", "cleo"]);
        // only the hash is kept
        use diesel::{QueryDsl, RunQueryDsl};
        let secret = late.trim_start_matches("/invited/").to_owned();
        let kept: Vec<Option<String>> = city
            .app
            .db
            .read(|conn| Ok(plaza::db::schema::proposals::table.select(plaza::db::schema::proposals::hash).load(conn)?))
            .await
            .unwrap();
        assert!(!kept.contains(&Some(secret)));
    });
}

#[test]
fn asked_by_name_a_member_accepts_or_not_and_nobody_learns_who_is_here() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.member("bo").await;
        let asked = ana.send("/ours/@kitchen/people/offer", &[("member", "@Bo")]).await;
        let nobody = ana.send("/ours/@kitchen/people/offer", &[("member", "nobody")]).await;
        assert_eq!((asked.status(), nobody.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(asked.text().await.unwrap(), nobody.text().await.unwrap());
        assert!(bo.page("/invited").await.contains("The kitchen group"));
        let page = ana.page("/ours/@kitchen/people").await;
        assert!(page.contains("bo, until") && page.contains("nobody, until"), "as they were typed: {page}");
        let open = city.offered("kitchen", &bo).await;
        let mut cleo = city.member("cleo").await;
        assert_eq!(cleo.send("/invited", &[("id", &open[0]), ("answer", "yes")]).await.status(), 403, "not asked");
        assert_eq!(bo.send("/invited", &[("id", &open[0]), ("answer", "no")]).await.status(), 303);
        assert_eq!(bo.send("/invited", &[("id", &open[0]), ("answer", "yes")]).await.status(), 403);
        ana.send("/ours/@kitchen/people/offer", &[("member", "bo")]).await;
        city.advance(Duration::from_secs(60));
        ana.send("/ours/@kitchen/people/offer", &[("member", "bo")]).await;
        let invited = city.deeds("kitchen").await.into_iter().filter(|kind| *kind == Kind::Invited).count();
        assert_eq!(invited, 3, "bo twice and nobody once: what was asked already is not asked again");
        let open = city.offered("kitchen", &bo).await;
        assert_eq!(bo.send("/invited", &[("id", &open[0]), ("answer", "yes")]).await.status(), 303);
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"]);
    });
}

#[test]
fn a_removal_takes_a_second_one_who_is_neither() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.organizer("bo", "kitchen").await;
        let mut cleo = city.organizer("cleo", "kitchen").await;
        city.member("eve").await;
        let asks = [("member", "cleo"), ("reason", "absent")];
        assert!(ana.page("/ours/@kitchen/people/remove?member=cleo").await.contains("14 days"));
        assert_eq!(ana.send("/ours/@kitchen/people/remove", &asks).await.status(), 303);
        city.advance(Duration::from_secs(10));
        assert_eq!(ana.send("/ours/@kitchen/people/remove", &asks).await.status(), 403, "asked already");
        let member = ana.send("/ours/@kitchen/people/remove", &[("member", "eve"), ("reason", "absent")]).await;
        let nobody = ana.send("/ours/@kitchen/people/remove", &[("member", "nobody"), ("reason", "absent")]).await;
        assert_eq!((member.status(), member.text().await.unwrap()), (nobody.status(), nobody.text().await.unwrap()));
        let open = city.open("kitchen").await;
        let sure = [("id", open[0].as_str()), ("sure", "yes")];
        assert_eq!(ana.send("/ours/@kitchen/people/confirm", &sure).await.status(), 403, "whoever asked");
        assert_eq!(cleo.send("/ours/@kitchen/people/confirm", &sure).await.status(), 403, "whom it is about");
        let asked = bo.send("/ours/@kitchen/people/confirm", &[("id", &open[0])]).await;
        assert!(asked.status() == 200 && asked.text().await.unwrap().contains("name=\"sure\""), "asked twice");
        assert_eq!(city.speakers("kitchen").await.len(), 3);
        // by itself nothing happens in a group of three
        city.advance(8 * DAY);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await.len(), 3);
        assert_eq!(bo.send("/ours/@kitchen/people/confirm", &sure).await.status(), 303);
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"]);
        assert_eq!(cleo.get("/ours/@kitchen/people").await.status(), 403);
        let log = bo.page("/ours/@kitchen/people").await;
        assert!(log.contains("they do not come any more") && log.contains("by bo"), "{log}");
    });
}

#[test]
fn in_a_group_of_two_a_removal_takes_seven_days() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.organizer("bo", "kitchen").await;
        let asks = [("member", "bo"), ("reason", "harm")];
        ana.send("/ours/@kitchen/people/remove", &asks).await;
        let open = city.open("kitchen").await;
        ana.send("/ours/@kitchen/people/keep", &[("id", &open[0])]).await;
        city.advance(8 * DAY);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"], "taken back");

        // both ask: the one who asked first stays
        bo.send("/ours/@kitchen/people/remove", &[("member", "ana"), ("reason", "harm")]).await;
        city.advance(HOUR);
        ana.send("/ours/@kitchen/people/remove", &asks).await;
        city.advance(7 * DAY - 2 * HOUR);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"], "not yet");
        // frozen: nothing happens until the meeting
        assert_eq!(ana.send("/ours/@kitchen/people/freeze", &[("sure", "yes")]).await.status(), 303);
        city.advance(71 * HOUR);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["ana", "bo"], "frozen");
        city.advance(HOUR);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["bo"]);
        city.advance(30 * DAY);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["bo"], "what ana asked went with her");

        // whoever is to go brings somebody in, who is too new to agree or not: time runs as it did
        let cleo = city.organizer("cleo", "kitchen").await;
        city.advance(15 * DAY);
        let mut bo = city.sign_in(bo.member.clone().unwrap()).await;
        let mut cleo = city.sign_in(cleo.member.clone().unwrap()).await;
        bo.send("/ours/@kitchen/people/remove", &[("member", "cleo"), ("reason", "harm")]).await;
        city.advance(HOUR);
        let (link, mut dan) = (invitation(&mut cleo).await, city.member("dan").await);
        assert_eq!(dan.send(&link, &[]).await.status(), 303);
        assert!(dan.page("/ours/@kitchen/people").await.contains("You were two"), "the notice of a group of two");
        city.advance(7 * DAY);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["bo", "dan"]);
    });
}

#[test]
fn two_who_confirm_that_the_other_goes_at_the_same_moment_leave_one() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut phones = Vec::new();
        for name in ["ana", "bo", "cleo", "dan"] {
            phones.push(city.organizer(name, "kitchen").await);
        }
        // cleo asks that ana goes, dan asks that bo goes; ana confirms against bo while bo confirms against ana
        phones[2].send("/ours/@kitchen/people/remove", &[("member", "ana"), ("reason", "other")]).await;
        let about_ana = city.open("kitchen").await[0].clone();
        phones[3].send("/ours/@kitchen/people/remove", &[("member", "bo"), ("reason", "other")]).await;
        let about_bo = city.open("kitchen").await.into_iter().find(|id| *id != about_ana).unwrap();
        let csrf = [phones[0].csrf.clone(), phones[1].csrf.clone()];
        let same = [("sec-fetch-site", "same-origin")];
        let one = [("id", about_bo.as_str()), ("sure", "yes"), ("csrf", csrf[0].as_str())];
        let other = [("id", about_ana.as_str()), ("sure", "yes"), ("csrf", csrf[1].as_str())];
        let (first, second) = tokio::join!(
            phones[0].send_bare("/ours/@kitchen/people/confirm", &one, &same),
            phones[1].send_bare("/ours/@kitchen/people/confirm", &other, &same),
        );
        let mut statuses = [first.status().as_u16(), second.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 403]);
        assert_eq!(city.speakers("kitchen").await.len(), 3);
    });
}

#[test]
fn a_freeze_stops_changes_for_three_days_and_not_for_ever() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.organizer("bo", "kitchen").await;
        let mut cleo = city.member("cleo").await;
        let open = invitation(&mut ana).await;
        assert_eq!(bo.send("/ours/@kitchen/people/freeze", &[("sure", "yes")]).await.status(), 303);
        assert_eq!(cleo.send(&open, &[]).await.status(), 403, "nobody is added");
        for (deed, fields) in [
            ("invite", vec![]),
            ("remove", vec![("member", "bo"), ("reason", "other")]),
            ("freeze", vec![("sure", "yes")]),
            ("end", vec![("words", ""), ("sure", "yes")]),
        ] {
            let status = ana.send(&format!("/ours/@kitchen/people/{deed}"), &fields).await.status().as_u16();
            assert!([403, 422].contains(&status), "{deed}: {status}");
        }
        let page = ana.page("/ours/@kitchen/people").await;
        assert!(page.contains("/ours/@kitchen/people/bo/recover"), "whoever lost their way in is shown one all the same: {page}");
        assert!(!page.contains("/people/remove?member=bo"), "{page}");
        city.advance(72 * HOUR);
        let page = bo.page("/ours/@kitchen/people").await;
        assert!(page.contains("It can be frozen again from") && !page.contains("/people/freeze\""), "{page}");
        assert_eq!(bo.send("/ours/@kitchen/people/freeze", &[("sure", "yes")]).await.status(), 403, "not again at once");
        assert_eq!(cleo.send(&open, &[]).await.status(), 303);
        // leaving is always free
        city.advance(7 * DAY);
        assert!(bo.page("/ours/@kitchen/people").await.contains("/people/freeze\""));
        assert_eq!(ana.send("/ours/@kitchen/people/freeze", &[("sure", "yes")]).await.status(), 303);
        assert_eq!(bo.send("/ours/@kitchen/people/lay-down", &[("sure", "yes")]).await.status(), 303);
        assert_eq!(city.speakers("kitchen").await, ["ana", "cleo"]);
    });
}

#[test]
fn a_group_ends_a_week_after_its_last_words_unless_somebody_calls_it_off() {
    on_each_database(|database| async move {
        let (city, there) = (City::start(database).await, City::start(database).await);
        city.group("kitchen").await;
        there.group("cooks").await;
        there.hears("cooks", &city, "kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.organizer("bo", "kitchen").await;
        let words = [("words", "Thank you all")];
        let asked = ana.send("/ours/@kitchen/people/end", &words).await.text().await.unwrap();
        assert!(asked.contains("name=\"sure\"") && asked.contains("Thank you all"), "{asked}");
        let sure = [("words", "Thank you all"), ("sure", "yes")];
        assert_eq!(ana.send("/ours/@kitchen/people/end", &sure).await.status(), 303);
        city.work().await;
        assert_eq!(there.heard("cooks").await.len(), 1, "the last words went out");
        assert!(Phone::of(&city).page("/@kitchen").await.contains("This group ends on"));
        assert_eq!(bo.send("/ours/@kitchen/people/go-on", &[]).await.status(), 303, "any of them");
        city.advance(8 * DAY);
        city.settles().await;
        city.document("/ap/groups/kitchen").await;

        assert_eq!(ana.send("/ours/@kitchen/people/end", &[("words", ""), ("sure", "yes")]).await.status(), 303);
        city.advance(7 * DAY - HOUR);
        worker::forget_once(&city.app).await.unwrap();
        city.document("/ap/groups/kitchen").await;
        city.advance(HOUR);
        worker::forget_once(&city.app).await.unwrap();
        assert_eq!(city.get("/ap/groups/kitchen", "application/activity+json").await.status(), 410);
        there.advance(15 * DAY);
        city.work().await;
        assert_eq!(there.heard("cooks").await.len(), 0, "whoever heard it forgets it");
        assert!(city.deeds("kitchen").await.contains(&Kind::Ended));
    });
}

#[test]
fn a_group_that_nobody_speaks_for_sleeps_until_it_is_picked_up() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        let mut bo = city.member("bo").await;
        assert_eq!(bo.get("/@kitchen/pick-up").await.status(), 403, "ana speaks for it");
        assert_eq!(ana.send("/ours/@kitchen/people/lay-down", &[("sure", "yes")]).await.status(), 303);
        let page = Phone::of(&city).page("/@kitchen").await;
        assert!(page.contains("Nobody with an account here speaks") && page.contains("/@kitchen/pick-up"), "{page}");
        assert!(bo.page("/@kitchen/pick-up").await.contains("Nobody with an account here speaks for The kitchen group now."));
        let asked = bo.send("/@kitchen/pick-up", &[]).await;
        assert_eq!(asked.headers()["location"], "/@kitchen?done=pick-up-asked");
        assert!(bo.page("/@kitchen?done=pick-up-asked").await.contains("You asked to speak for this group."));
        let page = bo.page("/@kitchen/pick-up").await;
        assert!(page.contains("You asked to speak for this group") && !page.contains("I will speak for it"), "{page}");
        assert!(ana.page("/@kitchen/pick-up").await.contains("Somebody has asked to speak for this group already"));
        assert!(Phone::of(&city).page("/@kitchen").await.contains("Somebody wants to speak for this sleeping group"));
        assert_eq!(ana.send("/@kitchen/pick-up", &[]).await.status(), 403, "asked already");
        city.advance(7 * DAY - HOUR);
        city.settles().await;
        assert!(city.speakers("kitchen").await.is_empty());
        city.advance(HOUR);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["bo"]);
        assert!(bo.page("/ours/@kitchen/people").await.contains("A sleeping group was picked up"));
    });
}

#[test]
fn whoever_is_still_there_says_no_when_a_group_is_to_be_picked_up() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        city.advance(31 * DAY);
        let mut bo = city.member("bo").await;
        assert_eq!(bo.send("/@kitchen/pick-up", &[]).await.status(), 403, "31 days");
        city.advance(29 * DAY);
        let mut bo = city.sign_in(bo.member.clone().unwrap()).await;
        assert_eq!(bo.send("/@kitchen/pick-up", &[]).await.status(), 303, "60 days");
        let mut ana = city.sign_in(ana.member.clone().unwrap()).await;
        let page = ana.page("/ours/@kitchen/people").await;
        assert!(page.contains("bo wants to speak for this group"), "{page}");
        let open = city.open("kitchen").await;
        assert_eq!(ana.send("/ours/@kitchen/people/leave-asleep", &[("id", &open[0])]).await.status(), 303);
        city.advance(8 * DAY);
        city.settles().await;
        assert_eq!(city.speakers("kitchen").await, ["ana"]);
        assert_eq!(bo.send("/@kitchen/pick-up", &[]).await.status(), 403, "ana is awake");
    });
}

#[test]
fn names_stand_on_the_page_only_of_those_who_wish() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.organizer("bo", "kitchen").await;
        let nobody = Phone::of(&city);
        let page = nobody.page("/@kitchen").await;
        assert!(page.contains("2 people speak for this group") && !page.contains("<bdi>ana"), "{page}");
        assert_eq!(ana.send("/ours/@kitchen/people/name", &[("shown", "yes")]).await.status(), 303);
        let page = nobody.page("/@kitchen").await;
        assert!(page.contains("<bdi>ana</bdi>") && !page.contains("<bdi>bo</bdi>"), "{page}");
        ana.send("/ours/@kitchen/people/name", &[]).await;
        assert!(!nobody.page("/@kitchen").await.contains("<bdi>ana"));
    });
}

#[test]
fn power_is_counted_by_the_week_after_three_days_for_half_a_year() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let mut ana = city.organizer("ana", "kitchen").await;
        city.organizer("bo", "kitchen").await;
        ana.send("/ours/@kitchen/people/freeze", &[("sure", "yes")]).await;
        let nobody = Phone::of(&city);
        let counted = "Who speaks for a group was frozen for 72 hours";
        city.advance(72 * HOUR - Duration::from_secs(1));
        assert!(!nobody.page("/about/powers").await.contains(counted), "not before 72 hours");
        city.advance(DAY);
        let page = nobody.page("/about/powers").await;
        assert!(page.contains(counted) && page.contains("Week 48 of 2026") && page.contains("1×"), "{page}");
        assert!(!page.contains("kitchen") && !page.contains(">ana<"), "no group and no name: {page}");
        city.advance(173 * DAY);
        assert!(nobody.page("/about/powers").await.contains(counted));
        city.advance(4 * DAY);
        city.settles().await;
        assert!(!nobody.page("/about/powers").await.contains(counted), "gone after 180 days");
        assert!(city.deeds("kitchen").await.is_empty());
    });
}

#[test]
fn nobody_fills_the_public_counts_from_a_group_of_their_own_and_its_log_comes_page_by_page() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.waiting_group("trap").await;
        let troll = city.organizer("troll", "trap").await;
        let member = troll.member.as_ref().expect("signed in").id;
        let flood = city.app.act(move |conn, here| {
            for number in 0..250 {
                let kind = if number < 50 { Kind::Paused } else { Kind::Invited };
                let deed = powers::deed::Deed::of(kind, powers::deed::Role::Organizer, here.now).in_group("trap").by(member);
                powers::store::note(conn, here, &deed)?;
            }
            Ok(())
        });
        flood.await.expect("done");
        let mut seen = 0;
        for after in ["", "?after=100", "?after=200"] {
            let page = troll.page(&format!("/ours/@trap/people{after}")).await;
            let all = page.split("id=\"log\"").nth(1).expect("a log").matches("<li><p>").count();
            assert!(all <= 100, "{all} on one page");
            assert_eq!(page.contains("rel=\"next\""), after != "?after=200", "{after}");
            seen += all;
        }
        assert_eq!(seen, 250, "none is left out and none comes twice");
        for wrong in ["?after=x", "?after=-7", "?after=99999999999999999999"] {
            assert!(troll.page(&format!("/ours/@trap/people{wrong}")).await.contains("?after=100#log"), "{wrong}");
        }
        city.advance(5 * DAY);
        let nobody = Phone::of(&city);
        assert!(!nobody.page("/about/powers").await.contains("×"), "what a group does before it is welcomed");
        let mut cy = city.caretaker("cy").await;
        let end = [("group", "trap"), ("sure", "yes"), ("reason", "spam")];
        assert_eq!(cy.send("/care/groups/end", &end).await.status(), 303);
        assert!(!nobody.page("/about/powers").await.contains("×"), "nor once it is gone");
        city.advance(5 * DAY);
        let page = nobody.page("/about/powers").await;
        assert!(page.contains("1×") && !page.contains("50×"), "but what was done to it: {page}");
    });
}

#[test]
fn powers_end_with_the_transaction_that_ends_them() {
    on_each_database(|database| async move {
        let city = City::start(database).await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        city.organizer("bo", "kitchen").await;
        let id = ana.member.as_ref().unwrap().id;
        // a deed that passed the door a moment before asks again inside
        let paused = city.clock.now();
        city.app
            .db
            .write(move |conn| {
                let organizer = members::store::organizer(conn, "kitchen", id)?.unwrap();
                Ok(members::store::save_organizer(conn, &Organizer { paused: Some(paused), ..organizer })?)
            })
            .await
            .unwrap();
        let session = ana.cookie.as_deref().unwrap().trim_start_matches("plaza=").to_owned();
        let token = members::token::Token::read(&session).unwrap();
        let speaker = Speaker::of(&token);
        let refused = city.app.act(move |conn, here| people::actions::freeze(conn, here, &speaker, "kitchen")).await;
        assert!(refused.unwrap_err().to_string().contains("rest"));
    });
}

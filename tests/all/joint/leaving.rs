//! How groups leave a meeting that several call: what they said beside it goes with them, and others lose nothing.

use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use plaza::{
    blocks,
    db::schema::activities,
    groups,
    joint::{
        actions,
        call::{Invitation, State},
        store, taking_part,
    },
    meetings, minutes,
};
use serde_json::Value;
use uuid::Uuid;

use super::{HOUR, Three, answer, change, find, invite, page, row, said, talk, three};
use crate::{
    city::{City, on_each_database},
    moving::{be_known_as, go},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What a group said, in that order: the types of its activities.
async fn all_said_by(city: &City, group: &str) -> Vec<String> {
    let actor = format!("/ap/groups/{group}");
    let kinds = city.app.db.read(move |conn| {
        let theirs = activities::table.filter(activities::actor.eq(&actor));
        Ok(theirs.order(activities::sequence).select(activities::kind).load(conn)?)
    });
    kinds.await.expect("reading")
}

async fn withdraw(city: &City, group: &'static str, event: &str) {
    let event = event.to_owned();
    city.app.act(move |conn, here| actions::withdraw_named(conn, here, group, &event)).await.expect("withdrawn");
}

async fn close(city: &City, group: &'static str) {
    city.app.act(move |conn, here| groups::actions::close(conn, here, group).map(drop)).await.expect("closed");
}

pub(super) async fn invitations(city: &City, group: &'static str) -> Vec<Invitation> {
    city.app.db.read(move |conn| Ok(store::of_group(conn, group)?)).await.expect("reading")
}

async fn organizers(city: &City, event: &str) -> Vec<String> {
    let ids = city.document(event).await["organizers"]["items"].take();
    let ids: Vec<String> = serde_json::from_value(ids).expect("ids");
    ids.iter().map(|id| id.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

/// Everybody hears that it is somewhere else.
async fn move_it(Three { a, b, c, meeting, .. }: &Three) {
    change(a, meeting.id, |meeting| meeting.place = Some("The tower".into())).await;
    talk(&[a, b, c]).await;
}

#[test]
fn a_meeting_that_was_moved_or_called_off_is_taken_down_with_the_notes_beside_it() {
    on_each_database(|database| async move {
        let scene = three(database).await;
        move_it(&scene).await;
        let Three { a, b, c, meeting, event } = &scene;
        let note = said(b, "Create").await.last().expect("a note")["object"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(b.document(&note).await["inReplyTo"], event.as_str());
        withdraw(b, "trees", event).await;
        assert_eq!(row(b, meeting.id).await, None);
        let path = note.strip_prefix(&b.origin).expect("ours");
        assert_eq!(b.get(path, "application/activity+json").await.status(), 410);
        let deleted: Vec<Value> = said(b, "Delete").await;
        assert_eq!(deleted.iter().map(|said| &said["object"]["id"]).collect::<Vec<_>>(), [&note]);
        talk(&[b, a, c]).await;
        assert_eq!(organizers(a, event).await, ["kitchen", "media"]);

        // asked no longer, once it was called off
        let (id, actor) = (meeting.id, format!("{}/ap/groups/media", c.origin));
        a.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        talk(&[a, c]).await;
        assert!(row(c, id).await.expect("called off").cancelled.is_some());
        a.app.act(move |conn, here| actions::dismiss(conn, here, id, &actor)).await.expect("dismissed");
        talk(&[a, c]).await;
        assert_eq!(row(c, id).await, None);

        // its holder ends, while somebody wrote down how it goes, and while nobody did
        let scene = three(database).await;
        move_it(&scene).await;
        let Three { a, b, c, meeting, .. } = &scene;
        let begun = meeting.starts.since(a.clock.now()) + Duration::from_secs(60);
        [a, b, c].iter().for_each(|city| city.advance(begun));
        let here = row(c, meeting.id).await.expect("begun");
        let notes = c.note(&here, "We walk").await;
        c.app.act(move |conn, here| minutes::actions::delete(conn, here, notes.id).map(drop)).await.expect("deleted");
        close(a, "kitchen").await;
        talk(&[a, b, c]).await;
        assert_eq!(row(b, meeting.id).await, None);
        let kept = row(c, meeting.id).await.expect("for the minutes of it");
        assert!(kept.cancelled.is_some() && kept.sequence > here.sequence);
        assert!(invitations(c, "media").await.is_empty() && invitations(b, "trees").await.is_empty());
        assert_eq!(c.get(&format!("/ap/minutes/{}", notes.id), "application/activity+json").await.status(), 410);
        // whoever heard of it anyhow
        assert!(said(c, "Undo").await.iter().any(|undo| undo["object"]["type"] == "Announce"));
    });
}

#[test]
fn a_group_that_ends_calls_nothing_any_more_and_others_of_its_city_lose_nothing() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, event } = three(database).await;
        for group in ["seeds", "walls"] {
            b.group(group).await;
            invite(&a, &meeting, find(&a, &b, group).await).await;
        }
        let other = a.meeting("kitchen", "Another march").await;
        invite(&a, &other, find(&a, &b, "trees").await).await;
        let ours = b.meeting("walls", "Painting").await;
        invite(&b, &ours, actions::Whom::Ours("trees".into())).await;
        talk(&[&a, &b, &c]).await;
        answer(&b, "seeds", &event, true).await;
        answer(&b, "walls", &event, true).await;
        answer(&b, "trees", &ours.id.to_string(), true).await;
        talk(&[&b, &a, &c]).await;
        let painting = format!("{}/ap/events/{}", b.origin, ours.id);
        assert_eq!(organizers(&b, &painting).await, ["walls", "trees"]);
        assert_eq!(row(&b, meeting.id).await.expect("called").group, "trees");

        close(&b, "trees").await;
        let last = all_said_by(&b, "trees").await;
        assert_eq!(last.last().map(String::as_str), Some("Delete"));
        assert_eq!(last.iter().filter(|kind| *kind == "Undo").count(), 2, "of the Accept and the Announce: {last:?}");
        assert_eq!(last.iter().filter(|kind| *kind == "Reject").count(), 1, "of what it was only asked: {last:?}");
        talk(&[&b, &a, &c]).await;
        assert!(invitations(&b, "trees").await.is_empty());
        let mut calling = organizers(&a, &event).await;
        calling.sort();
        assert_eq!(calling, ["kitchen", "media", "seeds", "walls"]);
        let (id, actor) = (other.id, format!("{}/ap/groups/trees", b.origin));
        let asked = a.app.db.read(move |conn| Ok(store::callers_of(conn, id)?)).await.expect("reading");
        assert_eq!(asked.iter().map(|caller| (&caller.actor, caller.state)).collect::<Vec<_>>(), [(&actor, State::Declined)]);
        assert_eq!(organizers(&b, &painting).await, ["walls"]);
        assert!(said(&b, "Update").await.iter().any(|update| update["object"]["id"] == painting.as_str()));

        // the meeting goes on with those who still call it
        assert_eq!(row(&b, meeting.id).await.expect("called").group, "seeds");
        let link = format!("href=\"/meetings/{}\"", meeting.id);
        for path in ["/@seeds", "/@walls", "/meetings"] {
            assert_eq!(page(&b, path).await.matches(&link).count(), 1, "{path}");
        }
        change(&a, meeting.id, |meeting| meeting.place = Some("The tower".into())).await;
        talk(&[&a, &b]).await;
        assert_eq!(row(&b, meeting.id).await.expect("called").place.as_deref(), Some("The tower"));
        assert_eq!(all_said_by(&b, "trees").await, last, "from the end on it is silent");
        assert!(all_said_by(&b, "seeds").await.contains(&"Create".to_owned()));

        // one that does not hold its place leaves: nothing moves
        withdraw(&b, "walls", &event).await;
        assert_eq!(row(&b, meeting.id).await.expect("called").group, "seeds");
        talk(&[&b, &a, &c]).await;

        // one that moves to another server leaves, too, and is alive to say so
        c.group("soup").await;
        be_known_as(&c, "soup", &format!("{}/ap/groups/seeds", b.origin)).await;
        go(&b, "seeds", &format!("{}/ap/groups/soup", c.origin)).await.expect("moved");
        talk(&[&b, &a, &c]).await;
        assert_eq!(row(&b, meeting.id).await, None);
        assert_eq!(organizers(&a, &event).await, ["kitchen", "media"]);

        // and whoever calls the meeting of a group that ends hears so, whether it follows that group or not
        invite(&c, &c.meeting("soup", "Soup").await, find(&c, &a, "kitchen").await).await;
        talk(&[&c, &a]).await;
        let soup = invitations(&a, "kitchen").await.remove(0);
        answer(&a, "kitchen", &soup.event, true).await;
        talk(&[&a, &c]).await;
        close(&c, "soup").await;
        talk(&[&c, &a]).await;
        assert!(invitations(&a, "kitchen").await.is_empty());
    });
}

#[test]
fn whoever_is_blocked_neither_holds_nor_calls_a_meeting_of_ours() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, event } = three(database).await;
        let (kitchen, media) = (format!("{}/ap/groups/kitchen", a.origin), format!("{}/ap/groups/media", c.origin));
        let (accepted, target) = (invitations(&b, "trees").await, kitchen.clone());
        b.app.act(move |conn, here| blocks::actions::block(conn, here, &target)).await.expect("blocked");
        assert_eq!(row(&b, meeting.id).await, None);
        assert!(invitations(&b, "trees").await.is_empty());
        let undone = said(&b, "Undo").await;
        assert_eq!(undone.iter().map(|undo| undo["object"]["type"].as_str()).collect::<Vec<_>>(), [Some("Announce")]);

        let (target, calls) = (media.clone(), meeting.id);
        let offered = a.app.db.read(move |conn| Ok(store::callers_of(conn, calls)?)).await.expect("reading");
        let offer = offered.into_iter().find(|caller| caller.actor == media).expect("asked");
        a.app.act(move |conn, here| blocks::actions::block(conn, here, &target)).await.expect("blocked");
        assert_eq!(organizers(&a, &event).await, ["kitchen", "trees"]);
        let told = said(&a, "Update").await;
        let last = told.last().expect("an Update");
        assert_eq!((&last["object"]["id"], &last["object"]["organizers"]["totalItems"]), (&event.clone().into(), &2.into()));

        // what was on its way meanwhile comes to nothing
        let waiting = Invitation { state: State::Invited, meeting: None, accept: None, announce: None, ..accepted[0].clone() };
        let late = b.app.act(move |conn, here| {
            store::save(conn, &waiting)?;
            taking_part::accept(conn, here, "trees", &waiting.event).map(drop)
        });
        assert!(late.await.expect_err("refused").to_string().contains("blocked"));
        let late = a.app.act(move |conn, here| {
            store::save_caller(conn, &plaza::joint::call::Caller { state: State::Invited, ..offer.clone() })?;
            let (by, offered) = (media.parse().expect("an id"), here.origin.url(&offer.offer));
            actions::answered(conn, here, &by, &offered, true)
        });
        late.await.expect("taken in");
        assert_eq!(organizers(&a, &event).await, ["kitchen", "trees"]);
    });
}

#[test]
fn an_invitation_that_was_accepted_is_forgotten_long_after_the_meeting() {
    on_each_database(|database| async move {
        let Three { a: _a, b, meeting, .. } = three(database).await;
        let prune = async || {
            let now = b.clock.now();
            b.app.db.write(move |conn| Ok(store::prune(conn, now)?)).await.expect("pruned");
        };
        b.advance(meeting.ends.since(b.clock.now()) + 89 * DAY);
        prune().await;
        assert_eq!(invitations(&b, "trees").await.len(), 1);
        b.advance(DAY + HOUR);
        prune().await;
        assert!(invitations(&b, "trees").await.is_empty());
        assert!(row(&b, meeting.id).await.is_some(), "where we met stays");
        let shown = page(&b, &format!("/meetings/{}", meeting.id)).await;
        assert!(!shown.contains("Called together with"));
    });
}

/// Nobody has any notes of a meeting that is not there.
pub(super) async fn notes_of(city: &City, meeting: Uuid) -> usize {
    let notes = city.app.db.read(move |conn| Ok(plaza::announcements::store::of_meeting(conn, meeting)?)).await;
    notes.expect("reading").len()
}

//! How often others make us tell everybody that a meeting changed.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use plaza::{
    db::{Conn, schema::activities},
    federation::say::{Hearers, say},
    joint::{self, store, wire},
    meetings,
};
use url::Url;

use super::{HOUR, Three, change, leaving::invitations, row, talk, three};
use crate::city::{City, on_each_database};

/// What a group told everybody: activities that are public, and have hearers or would have.
async fn told_by(city: &City, group: &str) -> i64 {
    let actor = format!("/ap/groups/{group}");
    let told = city.app.db.read(move |conn: &mut Conn| {
        let theirs = activities::table.filter(activities::actor.eq(&actor)).filter(activities::public.eq(true));
        // what nobody hears is about the group itself
        Ok(theirs.filter(activities::object.ne(&actor)).count().get_result::<i64>(conn)?)
    });
    told.await.expect("reading")
}

async fn tell_what_waited(city: &City) -> usize {
    joint::pace::tell_what_waited(&city.app).await.expect("told")
}

#[test]
fn what_a_holder_changes_again_and_again_goes_out_six_times_an_hour_and_then_once() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, .. } = three(database).await;
        let before = told_by(&b, "trees").await;
        for day in 1..12 {
            let moved = move |meeting: &mut plaza::meetings::meeting::Meeting| {
                meeting.place = Some(format!("Square {day}"));
                Ok(())
            };
            let id = meeting.id;
            a.app.act(move |conn, here| meetings::actions::change(conn, here, id, &moved)).await.expect("changed");
            talk(&[&a, &b]).await;
        }
        assert_eq!(told_by(&b, "trees").await - before, joint::pace::MOST);
        assert_eq!(row(&b, meeting.id).await.expect("a meeting").place.as_deref(), Some("Square 6"));
        assert_eq!(tell_what_waited(&b).await, 0, "not before the hour is over");
        // that it is called off nobody hears late, and once
        let id = meeting.id;
        a.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        talk(&[&a, &b]).await;
        assert!(row(&b, id).await.expect("a meeting").cancelled.is_some());
        assert_eq!(told_by(&b, "trees").await - before, joint::pace::MOST + 1);
        a.app.act(move |conn, here| meetings::actions::restore(conn, here, id, &|_| Ok(()))).await.expect("restored");
        talk(&[&a, &b]).await;
        assert!(row(&b, id).await.expect("a meeting").cancelled.is_some());
        a.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
        talk(&[&a, &b]).await;
        a.app.act(move |conn, here| meetings::actions::restore(conn, here, id, &|_| Ok(()))).await.expect("restored");
        talk(&[&a, &b]).await;
        assert_eq!(told_by(&b, "trees").await - before, joint::pace::MOST + 1);

        [&a, &b, &c].iter().for_each(|city| city.advance(HOUR));
        assert_eq!(tell_what_waited(&b).await, 1);
        assert_eq!(tell_what_waited(&b).await, 0, "once");
        let stands = row(&b, id).await.expect("a meeting");
        assert_eq!((stands.place.as_deref(), stands.cancelled), (Some("Square 11"), None));
        change(&a, id, |meeting| meeting.place = Some("The bridge".into())).await;
        talk(&[&a, &b]).await;
        assert_eq!(row(&b, id).await.expect("a meeting").place.as_deref(), Some("The bridge"), "in the next hour at once");
    });
}

#[test]
fn what_callers_want_changed_again_and_again_is_changed_six_times_an_hour_and_then_once() {
    on_each_database(|database| async move {
        let Three { a, b, c, meeting, .. } = three(database).await;
        // both answered within this hour
        [&a, &b, &c].iter().for_each(|city| city.advance(HOUR));
        let before = told_by(&a, "kitchen").await;
        let id = meeting.id;
        for number in 1..=10 {
            let renamed = move |meeting: &mut plaza::meetings::meeting::Meeting| {
                meeting.title = format!("March {number}");
                Ok(())
            };
            b.app.act(move |conn, here| meetings::actions::change(conn, here, id, &renamed)).await.expect("changed");
            talk(&[&b, &a]).await;
        }
        change(&c, id, |meeting| meeting.agenda = Some("* walk".into())).await;
        talk(&[&c, &a, &b]).await;
        assert_eq!(told_by(&a, "kitchen").await - before, joint::pace::MOST);
        assert_eq!(row(&a, id).await.expect("a meeting").title, "March 6");
        [&a, &b, &c].iter().for_each(|city| city.advance(HOUR));
        assert_eq!(tell_what_waited(&a).await, 1);
        assert_eq!(told_by(&a, "kitchen").await - before, joint::pace::MOST + 1);
        talk(&[&a, &b, &c]).await;
        for city in [&a, &c] {
            let stands = row(city, id).await.expect("a meeting");
            assert_eq!((stands.title.as_str(), stands.agenda.as_deref()), ("March 10", Some("* walk")), "{}", city.origin);
        }
    });
}

#[test]
fn a_caller_that_accepts_and_rejects_in_turn_left_with_the_first_reject() {
    on_each_database(|database| async move {
        let Three { a, c, meeting, .. } = three(database).await;
        let before = told_by(&a, "kitchen").await;
        let invitation = invitations(&c, "media").await.remove(0);
        for kind in ["Reject", "Accept", "Reject", "Accept"] {
            let invitation = invitation.clone();
            c.app
                .act(move |conn, here| {
                    let holder: Url = invitation.holder.parse().expect("an id");
                    let holder = plaza::actors::remote::find(conn, &holder)?.expect("known");
                    say(conn, here, &wire::answer(kind, here, &holder, &invitation), Hearers::only(&holder))
                })
                .await
                .expect("said");
            talk(&[&c, &a]).await;
        }
        assert_eq!(told_by(&a, "kitchen").await - before, 1);
        let id = meeting.id;
        let callers = a.app.db.read(move |conn| Ok(store::callers_of(conn, id)?)).await.expect("reading");
        assert_eq!(callers.len(), 1, "trees");
    });
}

//! Places, what is said about access, and a veil: the forms of a group's desk, and what everybody sees of it.

use plaza::{
    meetings::{self, meeting::Meeting, veil::Veil},
    places::{
        self,
        access::{Access, Fact},
        place::{Place, Position},
    },
};
use uuid::Uuid;

use super::{
    chromium::{DESK, PHONE},
    examine, in_a_browser, keep_picture, sign_in,
};
use crate::city::{City, START};

async fn schedule(city: &City, change: impl Fn(&mut Meeting)) -> Uuid {
    let meeting = city.meeting("kitchen", "Weekly meeting").await;
    let id = meeting.id;
    let mut wanted = Meeting { id: city.app.here().new_id(), ..meeting };
    change(&mut wanted);
    let new = wanted.clone();
    city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("scheduled");
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("the first one is not shown");
    wanted.id
}

#[test]
fn places_access_and_a_veil_are_sound_on_a_phone_and_a_desk() {
    in_a_browser("en", |browser| async move {
        let city = City::start("sqlite").await;
        city.group("kitchen").await;
        let ana = city.organizer("ana", "kitchen").await;
        let kept = city.app.act(|conn, here| {
            let place = Place {
                id: here.new_id(),
                group: "kitchen".into(),
                name: "Encuentro 5".into(),
                address: Some("9A Hamilton Place, third floor".into()),
                position: Some(Position { latitude: 42.356_5, longitude: -71.061_8 }),
                access: Access::of([Fact::StepFree, Fact::Masks], Some("The lift is behind the café".into())),
                updated: START,
            };
            places::actions::add(conn, here, &place)
        });
        let kept = kept.await.expect("kept");
        let open = schedule(&city, |meeting| {
            (meeting.place, meeting.address) = (Some("encuentro 5".into()), None);
            meeting.access = Access::of([Fact::Childcare, Fact::Interpretation], None);
        })
        .await;
        let hidden = schedule(&city, |meeting| {
            (meeting.place, meeting.address) = (Some("Encuentro 5".into()), None);
            meeting.veil = Some(Veil { district: "Downtown Crossing".into(), hours: 3 });
        })
        .await;
        sign_in(&browser, &ana).await;
        let mut faults = Vec::new();
        for (size, on) in [(PHONE, "phone"), (DESK, "desk")] {
            browser.resize(size).await;
            for (name, path) in [
                ("access", format!("/meetings/{open}")),
                ("district", format!("/meetings/{hidden}")),
                ("form", "/ours/@kitchen/meetings/new".to_owned()),
                ("form-veiled", format!("/ours/@kitchen/meetings/{hidden}/edit")),
                ("list", "/ours/@kitchen/places".to_owned()),
                ("new", "/ours/@kitchen/places/new".to_owned()),
                ("correct", format!("/ours/@kitchen/places/{}", kept.id)),
                ("remove", format!("/ours/@kitchen/places/{}/remove", kept.id)),
                ("habits", "/ours/@kitchen/about".to_owned()),
            ] {
                browser.go(&format!("{}{path}", city.origin)).await;
                let found = examine(&browser, size, "en").await;
                faults.extend(found.into_iter().map(|fault| format!("{name} on a {on}: {fault}")));
                keep_picture(&browser, &format!("places-{name}-{on}")).await;
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    });
}

//! What people and groups on Fedify and snac said to a city, one after the other as it came: coming, replies and reactions, news that a
//! group passes on, a meeting called together, and what is nothing to us. After each the city is as the table says.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use plaza::{
    coming::actions::{Care, care},
    db::schema::{activities, answers, letters},
    federation::actor_document,
    joint::{
        self,
        call::{Caller, State},
    },
    meetings::{self, meeting::Meeting},
    origin::Local,
    reactions,
    replies::{self, reply::State as Shown},
    sisters::{
        self,
        sister::{Policy, Sister},
    },
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    city::on_each_database,
    wire::{Desk, GROUP, Recording, text},
};

/// Ids of what they spoke of.
const MEETING: Uuid = Uuid::from_u128(0x01a2_2d0c_138f_7493_a4f3_c4d0_9571_0aa1);
const FEW_PLACES: Uuid = Uuid::from_u128(0x01a2_2d0c_1413_72d3_b28a_a297_a567_5a02);
const CANCELLED: Uuid = Uuid::from_u128(0x01a2_2d09_d9a0_761f_a04e_7dc7_7463_1d62);
const TOGETHER: Uuid = Uuid::from_u128(0x01a2_2d12_106d_72e3_a9e1_e489_658a_883b);
const NOTE: Uuid = Uuid::from_u128(0x01a2_2d0a_b462_73a5_baaf_9ce0_7a9e_0b91);

#[derive(Deserialize)]
struct Recorded {
    actors: BTreeMap<String, Value>,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    what: String,
    #[serde(flatten)]
    recording: Recording,
}

async fn schedule(desk: &Desk, id: Uuid, title: &str, change: impl Fn(&mut Meeting)) {
    let mut meeting = Meeting { id, ..desk.city.meeting(GROUP, title).await };
    change(&mut meeting);
    desk.city.app.act(move |conn, here| meetings::actions::schedule(conn, here, &meeting)).await.expect("a meeting");
}

async fn hear(desk: &Desk, actor: &'static str) {
    let now = desk.city.clock.now();
    let sister = Sister {
        group: GROUP.into(),
        actor: actor.into(),
        follow: format!("/ap/activities/{}", desk.city.app.here().new_id()),
        state: sisters::sister::State::Accepted,
        created: now,
        policy: Policy::PassOn,
    };
    desk.city.app.act(move |conn, _| Ok(sisters::store::save(conn, &sister)?)).await.expect("heard");
}

async fn take_care(desk: &Desk, of: Care) {
    desk.city.app.act(move |conn, here| care(conn, here, GROUP, MEETING, of)).await.expect("done");
}

/// A group elsewhere was asked to call a meeting of ours, by this Offer.
async fn ask(desk: &Desk, offer: &'static str) {
    let actor = "https://fedify.test/users/band".to_owned();
    let caller = Caller { meeting: TOGETHER, actor, state: State::Invited, offer: format!("/ap/activities/{offer}") };
    desk.city.app.act(move |conn, _| Ok(joint::store::save_caller(conn, &caller)?)).await.expect("asked");
}

/// What was done here between what they said.
async fn before(desk: &Desk, what: &str) {
    match what {
        "fedify_create_reply_of_sister" => hear(desk, "https://fedify.test/users/fred").await,
        "fedify_create_passed_on" => hear(desk, "https://fedify.test/users/gina").await,
        "snac_create_passed_on" => hear(desk, "https://snac.test/sue").await,
        "snac_create_reply_of_sister" => hear(desk, "https://snac.test/sam").await,
        "fedify_join_not_asked" => take_care(desk, Care::Stop).await,
        "snac_answer_coming" => take_care(desk, Care::Ask).await,
        "fedify_accept_offer" => ask(desk, "01a22d12-19d2-7582-84fe-79ea3185584d").await,
        "fedify_reject_offer" => ask(desk, "01a22d13-0c88-7240-a09a-9ab43a51c5fa").await,
        "fedify_update_offered_event" => {
            let accepted = |conn: &mut _, here: &_| {
                joint::actions::answer_named(conn, here, GROUP, "https://fedify.test/events/bandfest", true)
            };
            desk.city.app.act(accepted).await.expect("accepted");
        }
        _ => {}
    }
}

/// Who comes to the two meetings, what stands and waits below the note, how it is liked and passed on, letters, what was heard and
/// passed on, who calls the meeting together; and what was said since.
async fn state(desk: &Desk, since: &mut i64) -> String {
    let from = *since;
    let found = desk.city.app.db.read(move |conn| {
        let mut coming = Vec::new();
        for meeting in [MEETING, FEW_PLACES] {
            let come = answers::table.filter(answers::meeting.eq(meeting.to_string())).filter(answers::answer.eq("coming"));
            coming.push(come.count().get_result::<i64>(conn)?);
        }
        let (shown, waiting) = (
            replies::store::latest(conn, GROUP, Shown::Shown, 100)?.len(),
            replies::store::latest(conn, GROUP, Shown::Waiting, 100)?.len(),
        );
        let counts = reactions::store::counts(conn, &Local::Note(NOTE).path())?;
        let letters: i64 = letters::table.count().get_result(conn)?;
        let passed = sisters::news::passed_on(conn)?.len();
        let calling = joint::store::calling(conn, TOGETHER)?.len() + joint::store::of_group(conn, GROUP)?.len();
        let said: Vec<(i64, String)> = activities::table
            .filter(activities::sequence.gt(from))
            .order(activities::sequence)
            .select((activities::sequence, activities::kind))
            .load(conn)?;
        Ok((coming, shown, waiting, counts, letters, passed, calling, said))
    });
    let (coming, shown, waiting, counts, letters, passed, calling, said) = found.await.expect("reading");
    *since = said.last().map_or(from, |(sequence, _)| *sequence);
    let heard = desk.city.heard(GROUP).await.len();
    let said: Vec<String> = said.into_iter().map(|(_, kind)| kind).collect();
    format!(
        "come {coming:?}, below {shown}+{waiting}, {counts:?}, letters {letters}, heard {heard}, passed on {passed}, calling {calling}: {}",
        said.join(" ")
    )
}

#[test]
fn what_people_on_fedify_and_snac_say_to_a_city_is_done() {
    on_each_database(|database| async move {
        let mut requests = Vec::new();
        let mut actors = Vec::new();
        for program in ["fedify", "snac"] {
            let recorded: Recorded = serde_json::from_str(&text(&format!("{program}_city_to_city"))).expect("recordings");
            actors.extend(recorded.actors.into_values());
            requests
                .extend(recorded.requests.into_iter().map(|request| (format!("{program}_{}", request.what), request.recording)));
        }
        requests.sort_by_key(|(_, recording)| recording.received());
        let desk = Desk::open(database, requests[0].1.received()).await;
        for actor in &actors {
            desk.knows(actor_document::read(actor).expect("an actor")).await;
        }
        schedule(&desk, MEETING, "Supper", |_| {}).await;
        schedule(&desk, FEW_PLACES, "Knives", |meeting| meeting.capacity = Some(1)).await;
        schedule(&desk, CANCELLED, "Lunch", |_| {}).await;
        schedule(&desk, TOGETHER, "Joint feast", |_| {}).await;
        desk.city.app.act(|conn, here| meetings::actions::cancel(conn, here, CANCELLED)).await.expect("cancelled");
        let note = plaza::announcements::announcement::Announcement { id: NOTE, ..desk.city.announce(GROUP, "Pots?").await };
        desk.city.app.act(move |conn, here| plaza::announcements::actions::publish(conn, here, &note)).await.expect("said");
        let mut since = 0;
        state(&desk, &mut since).await;
        let mut lines = Vec::new();
        for (what, recording) in &requests {
            before(&desk, what).await;
            state(&desk, &mut since).await;
            assert_eq!(desk.replay(recording).await, recording.answer, "{what}");
            lines.push(format!("{what}: {}", state(&desk, &mut since).await));
        }
        insta::assert_snapshot!("what_fedify_and_snac_said", lines.join("\n"));
    });
}

//! What was called off or gone there and comes back; what is moved far away.

use super::{
    looking::{Elsewhere, watched},
    *,
};

const FROM_THERE: &str = "RRULE:FREQ=WEEKLY;COUNT=3\r\n";

fn weekly(more: &str) -> String {
    let head = "UID:weekly\r\nSUMMARY:Weekly\r\nDTSTART;TZID=America/New_York:20261127T180000\r\nDURATION:PT1H\r\n";
    calendar(&format!("{head}{FROM_THERE}{more}"))
}

/// The same with its first meeting called off.
fn without_first() -> String {
    weekly(
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nRECURRENCE-ID;TZID=America/New_York:20261127T180000\r\nSUMMARY:Weekly\r\n\
         DTSTART;TZID=America/New_York:20261127T180000\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n",
    )
}

async fn cancel_first(city: &City) {
    let id = planned(city).await[0].id;
    city.app.act(move |conn, here| meetings::actions::cancel(conn, here, id)).await.expect("cancelled");
}

async fn notes(city: &City) -> Vec<String> {
    let all = city.app.db.read(|conn| Ok(plaza::announcements::store::standing(conn, "kitchen")?)).await.expect("reading");
    all.into_iter().map(|note| note.text).collect()
}

#[test]
fn what_was_called_off_there_comes_back_as_the_meeting_it_was() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        take(&city, &weekly("")).await;
        let before = planned(&city).await;
        assert_eq!(take(&city, &without_first()).await.changed, 1);
        assert_eq!(lines(&city, 1).await, ["2026-11-27T18:00 Weekly !"]);
        assert_eq!(take(&city, &weekly("")).await.changed, 1);
        let after = planned(&city).await;
        assert_eq!(lines(&city, 9).await, ["2026-11-27T18:00 Weekly", "2026-12-04T18:00 Weekly", "2026-12-11T18:00 Weekly"]);
        assert_eq!((after[0].id, after[0].sequence), (before[0].id, 2), "calendars take both for newer");
        assert_eq!(said(&city).await, ["Create", "Update", "Update"]);
        let notes = notes(&city).await;
        assert!(notes.iter().any(|note| note.contains("after all")), "{notes:?}");
        assert_eq!(take(&city, &weekly("")).await.same, 1);

        // the same of a meeting alone
        let city = kitchen(database).await;
        take(&city, &one("Soup", "")).await;
        take(&city, &one("Soup", "STATUS:CANCELLED\r\n")).await;
        assert_eq!(take(&city, &one("Soup again", "")).await.changed, 1);
        assert_eq!(lines(&city, 9).await, ["2026-11-27T18:00 Soup again"]);
    });
}

#[test]
fn what_people_here_called_off_stays_so_whatever_is_said_there() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        take(&city, &weekly("")).await;
        cancel_first(&city).await;
        for calendar in [without_first(), weekly(""), without_first(), weekly("DESCRIPTION:New\r\n")] {
            take(&city, &calendar).await;
            assert_eq!(lines(&city, 1).await, ["2026-11-27T18:00 Weekly !"]);
        }
        let city = kitchen(database).await;
        take(&city, &one("Soup", "")).await;
        cancel_first(&city).await;
        for more in ["STATUS:CANCELLED\r\n", "", "LOCATION:Square\r\n"] {
            take(&city, &one("Soup", more)).await;
            assert_eq!(lines(&city, 9).await, ["2026-11-27T18:00 Soup !"]);
        }
    });
}

#[test]
fn what_was_gone_from_an_address_comes_back_unless_people_here_called_it_off() {
    on_each_database(|database| async move {
        for by_people in [false, true] {
            let city = kitchen(database).await;
            let later = |title: &str| one(title, "").replace("20261127", "20261215");
            let elsewhere = Elsewhere::start(&later("Soup"));
            let url: url::Url = elsewhere.url.parse().expect("an address");
            city.app.act(move |conn, here| watching::begin(conn, here, "kitchen", &url, None, true)).await.expect("begun");
            watching::look_at_what_is_due(&city.app).await.expect("looked");
            let id = planned(&city).await[0].id;
            if by_people {
                cancel_first(&city).await;
            }
            let empty = calendar("UID:other\r\nSUMMARY:Past\r\nDTSTART:20200101T100000\r\nDURATION:PT1H\r\n");
            elsewhere.has(Some(&empty));
            for _ in 0..3 {
                city.advance(25 * HOUR);
                watching::look_at_what_is_due(&city.app).await.expect("looked");
            }
            assert!(planned(&city).await[0].cancelled.is_some());
            elsewhere.has(Some(&later("Soup")));
            city.advance(25 * HOUR);
            watching::look_at_what_is_due(&city.app).await.expect("looked");
            let all = planned(&city).await;
            assert_eq!(
                (all.len(), all[0].id, all[0].cancelled.is_some()),
                (1, id, by_people),
                "{:?}",
                watched(&city).await.report
            );
        }
    });
}

#[test]
fn what_is_moved_far_away_is_on_no_old_day_here() {
    on_each_database(|database| async move {
        let city = kitchen(database).await;
        take(&city, &one("Soup", "")).await;
        let id = planned(&city).await[0].id;
        let far = one("Soup", "").replace("20261127", "20290315");
        let report = take(&city, &far).await;
        assert_eq!((report.changed, report.far), (1, 0), "{report:?}");
        assert_eq!(lines(&city, 9).await, ["2029-03-15T18:00 Soup"]);
        assert_eq!(planned(&city).await[0].id, id);
        let new = far.replace("one@far", "other@far");
        let report = take(&city, &new).await;
        assert_eq!(
            (report.meetings, report.far, planned(&city).await.len()),
            (0, 1, 1),
            "what is not known waits until it is near"
        );
    });
}

//! What is done about whether meetings took place: somebody says so, or nobody does.

use uuid::Uuid;

use super::{
    confirmation::{Refusal, is_doubtful},
    store,
};
use crate::{
    app::{App, Here},
    db::Conn,
    error::Result,
    groups,
    meetings::{
        self,
        meeting::{self, Meeting},
    },
    series::{self, series::Series},
};

/// Series that are looked at in one go.
const AT_ONCE: i64 = 50;

/// Somebody says that a meeting took place, or that it did not: that stays within the group. Said again, it holds since it was said
/// first.
pub fn met(conn: &mut Conn, here: &Here, id: Uuid, did: bool) -> Result<Meeting> {
    let meeting = meetings::actions::find(conn, id)?;
    groups::actions::speaking(conn, &meeting.group)?;
    if meeting.cancelled.is_some() {
        return Err(meeting::Refusal::Cancelled.into());
    }
    if meeting.ends > here.now {
        return Err(Refusal::NotOver.into());
    }
    if did {
        took_place(conn, here, &meeting)?;
    } else {
        store::answer(conn, id, None, meeting.missed.or(Some(here.now)))?;
    }
    meetings::actions::find(conn, id)
}

/// Notes that a meeting took place, which confirms its series: for whatever shows that it did, such as notes of it that are
/// published.
pub fn took_place(conn: &mut Conn, here: &Here, meeting: &Meeting) -> Result<()> {
    store::answer(conn, meeting.id, meeting.met.or(Some(here.now)), None)?;
    if let Some(recurrence) = meeting.recurrence
        && let Some(series) = series::store::by_id(conn, recurrence.series)?
        && series.unconfirmed
    {
        turn(conn, here, series, false)?;
    }
    Ok(())
}

/// Says of series that nobody confirmed for a while that they are unconfirmed; of how many. One deed each: several processes may
/// do so at once, and only the first one finds it to do.
pub async fn doubt_what_nobody_confirmed(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let doubtful = app.db.read(move |conn| Ok(store::doubtful(conn, now, AT_ONCE)?)).await?;
    let mut turned = 0;
    for id in doubtful {
        turned += usize::from(app.act(move |conn, here| doubt(conn, here, id)).await?);
    }
    Ok(turned)
}

/// Whether that was news.
fn doubt(conn: &mut Conn, here: &Here, id: Uuid) -> Result<bool> {
    let Some(series) = series::store::by_id(conn, id)?.filter(|series| !series.unconfirmed) else { return Ok(false) };
    let group = groups::store::even_waiting(conn, &series.pattern.group)?;
    let speaks = group.is_some_and(|group| group.closed.is_none());
    let doubtful = is_doubtful(&store::over(conn, id, here.now)?, series.pattern.changed());
    if speaks && doubtful {
        turn(conn, here, series, true)?;
    }
    Ok(speaks && doubtful)
}

/// Marks a series and its meetings ahead. Whoever heard of one of them hears of it once.
fn turn(conn: &mut Conn, here: &Here, mut series: Series, unconfirmed: bool) -> Result<()> {
    series.unconfirmed = unconfirmed;
    series.pattern.sequence += 1;
    series.pattern.updated = Some(here.now);
    series::store::save(conn, &series)?;
    for row in meetings::store::ahead_of_series(conn, series.id, here.now)? {
        if row.is_said() && row.cancelled.is_none() && row.unconfirmed != unconfirmed {
            meetings::actions::put(conn, here, &row, Meeting { unconfirmed, ..row.clone() })?;
        }
    }
    store::mark(conn, series.id, here.now, unconfirmed)?;
    groups::actions::stir(conn, here, &series.pattern.group)
}

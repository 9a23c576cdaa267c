//! A veil: until some hours before, a meeting shows only the district it is in. What is public of it knows nothing else; where it
//! really is lies in a table of its own.

use std::time::Duration;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;
use uuid::Uuid;

use super::meeting::{Meeting, Position, Refusal};
use crate::{
    clock::Timestamp,
    db::{Conn, columns::Inconsistent, schema::veiled},
    text,
};

/// How a group hides where it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veil {
    /// What everybody sees: one line.
    pub district: String,
    /// So long before the start the rest is shown.
    pub hours: i64,
}

/// Hours before, where somebody named a district and nothing else.
pub const HOURS: i64 = 3;
/// A veil lifts at the earliest so many hours before.
pub const MOST_HOURS: i64 = 168;

impl Veil {
    pub fn check(&self) -> Result<(), Refusal> {
        if !text::is_line(&self.district, 100) {
            return Err(Refusal::District);
        }
        if (1..=MOST_HOURS).contains(&self.hours) { Ok(()) } else { Err(Refusal::Lift) }
    }

    /// When the rest is shown of a meeting that begins then.
    pub fn lifts(&self, starts: Timestamp) -> Timestamp {
        starts - Duration::from_secs(u64::try_from(self.hours).unwrap_or_default().saturating_mul(3_600))
    }
}

/// What lies under a veil.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Veiled {
    pub place: Option<String>,
    pub address: Option<String>,
    pub position: Option<Position>,
    pub online: Option<Url>,
    pub place_id: Option<Uuid>,
    /// About access: it may say where the bell is.
    pub line: Option<String>,
}

impl Veiled {
    /// Does it say no more than everybody sees?
    fn is_only(&self, district: &str) -> bool {
        *self == Veiled { place: Some(district.to_owned()), ..Veiled::default() }
    }
}

impl Meeting {
    /// As everybody may see it, and what stays under its veil. Drawn again it is the same.
    pub fn drawn(&self) -> (Meeting, Option<Veiled>) {
        let mut shown = self.clone();
        let Some(veil) = &self.veil else { return (shown, None) };
        let veiled = Veiled {
            place: shown.place.replace(veil.district.clone()),
            address: shown.address.take(),
            position: shown.position.take(),
            online: shown.online.take(),
            place_id: shown.place_id.take(),
            line: shown.access.line.take(),
        };
        (shown, Some(veiled))
    }

    /// The meeting as those know it who hold it.
    pub fn with(&self, veiled: Veiled) -> Meeting {
        let mut whole = self.clone();
        whole.access.line = veiled.line;
        let Veiled { place, address, position, online, place_id, .. } = veiled;
        Meeting { place, address, position, online, place_id, ..whole }
    }
}

impl Meeting {
    /// What was published once, others have: a veil over it would only seem to hide it.
    pub fn can_be_veiled_after(&self, before: &Meeting) -> Result<(), Refusal> {
        let is_same = (&self.place, &self.address, self.position, &self.online)
            == (&before.place, &before.address, before.position, &before.online);
        if self.veil.is_some() && before.veil.is_none() && is_same { Err(Refusal::Published) } else { Ok(()) }
    }
}

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = veiled, treat_none_as_null = true)]
struct Row {
    id: String,
    lifts: Timestamp,
    place: Option<String>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    online_url: Option<String>,
    place_id: Option<String>,
    access_line: Option<String>,
}

impl TryFrom<Row> for Veiled {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("veiled", column, &row.id);
        Ok(Self {
            online: row.online_url.as_deref().map(str::parse).transpose().map_err(|_| odd("online_url"))?,
            place_id: row.place_id.as_deref().map(str::parse).transpose().map_err(|_| odd("place_id"))?,
            position: row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude }),
            place: row.place,
            address: row.address,
            line: row.access_line,
        })
    }
}

/// Keeps what lies under the veil of a meeting; nothing any more where it has none.
pub fn keep(conn: &mut Conn, meeting: &Meeting, veiled: Option<Veiled>) -> QueryResult<()> {
    match (&meeting.veil, veiled) {
        // somebody who did not look under the veil changed the rest
        (Some(veil), Some(veiled)) if veiled.is_only(&veil.district) && is_there(conn, meeting.id)? => {
            let lifts = veiled::lifts.eq(veil.lifts(meeting.starts));
            diesel::update(veiled::table.find(meeting.id.to_string())).set(lifts).execute(conn)?;
            Ok(())
        }
        (Some(veil), Some(veiled)) => write(conn, meeting.id, veil.lifts(meeting.starts), veiled),
        _ => forget(conn, meeting.id),
    }
}

/// The same of what the meetings of a series share: that never lifts, as each of them has its own time.
pub fn keep_of_series(conn: &mut Conn, series: Uuid, veiled: Option<Veiled>) -> QueryResult<()> {
    match veiled {
        Some(veiled) => write(conn, series, Timestamp::NEVER, veiled),
        None => forget(conn, series),
    }
}

fn write(conn: &mut Conn, id: Uuid, lifts: Timestamp, veiled: Veiled) -> QueryResult<()> {
    let row = Row {
        id: id.to_string(),
        lifts,
        place: veiled.place,
        address: veiled.address,
        latitude: veiled.position.map(|position| position.latitude),
        longitude: veiled.position.map(|position| position.longitude),
        online_url: veiled.online.map(Into::into),
        place_id: veiled.place_id.map(|id| id.to_string()),
        access_line: veiled.line,
    };
    if diesel::update(veiled::table.find(&row.id)).set(&row).execute(conn)? == 0 {
        diesel::insert_into(veiled::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Of a meeting or a series nobody needs to know it any more.
pub fn forget(conn: &mut Conn, id: Uuid) -> QueryResult<()> {
    diesel::delete(veiled::table.find(id.to_string())).execute(conn)?;
    Ok(())
}

/// The meeting, or what a series shares, with what lies under its veil: for those who speak for its group, and for nobody else.
pub fn whole(conn: &mut Conn, meeting: &Meeting) -> QueryResult<Meeting> {
    let row: Option<Row> = match meeting.veil {
        Some(_) => veiled::table.find(meeting.id.to_string()).first(conn).optional()?,
        None => None,
    };
    let veiled = row.map(Veiled::try_from).transpose()?;
    Ok(veiled.map_or_else(|| meeting.clone(), |veiled| meeting.with(veiled)))
}

/// Meetings whose veil lifts by now, the first one first.
pub fn due(conn: &mut Conn, now: Timestamp) -> QueryResult<Vec<Uuid>> {
    let due = veiled::table.filter(veiled::lifts.le(now)).order((veiled::lifts, veiled::id)).select(veiled::id);
    ids(due.load(conn)?)
}

fn is_there(conn: &mut Conn, id: Uuid) -> QueryResult<bool> {
    Ok(veiled::table.find(id.to_string()).select(veiled::id).first::<String>(conn).optional()?.is_some())
}

/// Is the veil of this meeting to be lifted? `false` when somebody did.
pub fn is_due(conn: &mut Conn, meeting: Uuid, now: Timestamp) -> QueryResult<bool> {
    let row = veiled::table.find(meeting.to_string()).filter(veiled::lifts.le(now)).select(veiled::id);
    Ok(row.first::<String>(conn).optional()?.is_some())
}

/// Meetings and series that took this kept place over, under their veil.
pub fn at_place(conn: &mut Conn, place: Uuid) -> QueryResult<Vec<Uuid>> {
    ids(veiled::table.filter(veiled::place_id.eq(place.to_string())).select(veiled::id).load(conn)?)
}

/// A kept place is gone; what meetings took over of it stays.
pub fn forget_place(conn: &mut Conn, place: Uuid) -> QueryResult<()> {
    let there = veiled::table.filter(veiled::place_id.eq(place.to_string()));
    diesel::update(there).set(veiled::place_id.eq(None::<String>)).execute(conn)?;
    Ok(())
}

fn ids(rows: Vec<String>) -> QueryResult<Vec<Uuid>> {
    rows.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("veiled", "id", id))).collect()
}

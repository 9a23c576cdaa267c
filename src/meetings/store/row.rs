//! A meeting as it stands in its row.

use chrono_tz::Tz;
use diesel::QueryResult;
use uuid::Uuid;

use super::super::{
    meeting::{Kind, Meeting, Position, Recurrence},
    veil::Veil,
};
use crate::{
    clock::Timestamp,
    db::{
        columns::{Inconsistent, json, read_json},
        schema::meetings,
    },
    places::access::Access,
};

#[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = meetings, treat_none_as_null = true)]
pub struct Row {
    id: String,
    group_handle: String,
    title: String,
    kind: String,
    starts: Timestamp,
    ends: Timestamp,
    zone: String,
    place: Option<String>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    online_url: Option<String>,
    agenda: Option<String>,
    language: String,
    mentions: String,
    tags: String,
    series: Option<String>,
    sequence: i64,
    previous_start: Option<Timestamp>,
    cancelled: Option<Timestamp>,
    published: Timestamp,
    updated: Option<Timestamp>,
    pictures: String,
    recurrence: Option<Timestamp>,
    opens: Option<Timestamp>,
    met: Option<Timestamp>,
    agreed: Option<String>,
    unconfirmed: bool,
    missed: Option<Timestamp>,
    place_id: Option<String>,
    access: String,
    access_line: Option<String>,
    veil: Option<i64>,
    capacity: Option<i64>,
}

impl From<&Meeting> for Row {
    fn from(meeting: &Meeting) -> Self {
        let tags = meeting.tags().join(" ");
        let meeting = meeting.clone();
        Self {
            id: meeting.id.to_string(),
            group_handle: meeting.group,
            title: meeting.title,
            kind: meeting.kind.name().to_owned(),
            starts: meeting.starts,
            ends: meeting.ends,
            zone: meeting.zone.name().to_owned(),
            place: meeting.place,
            address: meeting.address,
            latitude: meeting.position.map(|position| position.latitude),
            longitude: meeting.position.map(|position| position.longitude),
            online_url: meeting.online.map(Into::into),
            agenda: meeting.agenda,
            language: meeting.language,
            mentions: json(&meeting.mentions),
            tags: format!(" {tags} "),
            series: meeting.recurrence.map(|recurrence| recurrence.series.to_string()),
            sequence: meeting.sequence,
            previous_start: meeting.previous_start,
            cancelled: meeting.cancelled,
            published: meeting.published,
            updated: meeting.updated,
            pictures: json(&meeting.pictures),
            recurrence: meeting.recurrence.map(|recurrence| recurrence.starts),
            opens: meeting.opens,
            met: meeting.met,
            agreed: meeting.agreed.map(|agreed| agreed.to_string()),
            unconfirmed: meeting.unconfirmed,
            missed: meeting.missed,
            place_id: meeting.place_id.map(|id| id.to_string()),
            access: meeting.access.names(),
            access_line: meeting.access.line,
            veil: meeting.veil.map(|veil| veil.hours),
            capacity: meeting.capacity,
        }
    }
}

impl TryFrom<Row> for Meeting {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let odd = |column| Inconsistent::error("meetings", column, &row.id);
        let series: Option<Uuid> = row.series.as_deref().map(str::parse).transpose().map_err(|_| odd("series"))?;
        Ok(Self {
            id: row.id.parse().map_err(|_| odd("id"))?,
            kind: Kind::by_name(&row.kind).ok_or_else(|| odd("kind"))?,
            zone: row.zone.parse::<Tz>().map_err(|_| odd("zone"))?,
            online: row.online_url.as_deref().map(str::parse).transpose().map_err(|_| odd("online_url"))?,
            mentions: read_json(&row.mentions).ok_or_else(|| odd("mentions"))?,
            pictures: read_json(&row.pictures).ok_or_else(|| odd("pictures"))?,
            agreed: row.agreed.as_deref().map(str::parse).transpose().map_err(|()| odd("agreed"))?,
            place_id: row.place_id.as_deref().map(str::parse).transpose().map_err(|_| odd("place_id"))?,
            access: Access::read(&row.access, row.access_line).ok_or_else(|| odd("access"))?,
            veil: row.veil.map(|hours| Veil { district: row.place.clone().unwrap_or_default(), hours }),
            position: row.latitude.zip(row.longitude).map(|(latitude, longitude)| Position { latitude, longitude }),
            group: row.group_handle,
            title: row.title,
            starts: row.starts,
            ends: row.ends,
            place: row.place,
            address: row.address,
            agenda: row.agenda,
            language: row.language,
            sequence: row.sequence,
            previous_start: row.previous_start,
            cancelled: row.cancelled,
            published: row.published,
            updated: row.updated,
            recurrence: series.zip(row.recurrence).map(|(series, starts)| Recurrence { series, starts }),
            opens: row.opens,
            met: row.met,
            unconfirmed: row.unconfirmed,
            missed: row.missed,
            capacity: row.capacity,
        })
    }
}

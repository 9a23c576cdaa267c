//! How answers are kept: a fingerprint, an answer, and nothing of who or when.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, RunQueryDsl,
    Selectable, SelectableHelper, dsl::count_star,
};
use uuid::Uuid;

use super::answer::{Answer, Step, Tally, UNNOTICED};
use crate::{
    clock::Timestamp,
    db::{
        Conn,
        columns::Inconsistent,
        insert_new,
        schema::{answers, coming, meetings},
    },
};

/// What is kept of a meeting's answers as a whole.
#[derive(Clone, Debug, Default, Queryable, Selectable)]
#[diesel(table_name = coming)]
pub struct Kept {
    /// What the group decided about asking.
    pub asked: Option<bool>,
    /// Wrapped.
    pub key: Option<String>,
    /// The latest hour in which somebody new answered.
    pub hour: Option<Timestamp>,
    /// What stays when the answers are erased: the least of each step.
    pub come: Option<i64>,
    pub maybe: Option<i64>,
}

const COUNTED: &str = "counted";
const RECENT: &str = "recent";
const HELD: &str = "held";
/// An answer that was taken back; its row stays so that nobody is told again and again.
const WITHDRAWN: &str = "withdrawn";

pub fn kept(conn: &mut Conn, meeting: Uuid) -> QueryResult<Option<Kept>> {
    coming::table.find(meeting.to_string()).select(Kept::as_select()).first(conn).optional()
}

/// Makes the row that everything else needs, where there is none.
fn begin(conn: &mut Conn, meeting: &str) -> QueryResult<()> {
    let row = coming::meeting.eq(meeting.to_owned());
    insert_new(conn, |conn| diesel::insert_into(coming::table).values(row).execute(conn)).map(drop)
}

pub fn ask(conn: &mut Conn, meeting: Uuid, asked: bool) -> QueryResult<()> {
    let meeting = meeting.to_string();
    begin(conn, &meeting)?;
    diesel::update(coming::table.find(meeting)).set(coming::asked.eq(asked)).execute(conn)?;
    Ok(())
}

/// Puts a key there for the first answer.
pub fn keep_key(conn: &mut Conn, meeting: Uuid, key: &str) -> QueryResult<()> {
    let meeting = meeting.to_string();
    begin(conn, &meeting)?;
    diesel::update(coming::table.find(meeting)).set(coming::key.eq(key)).execute(conn)?;
    Ok(())
}

/// A new hour begins: what was new before counts from now on, or is held where there was too much of it.
pub fn turn_hour(conn: &mut Conn, meeting: Uuid, hour: Timestamp) -> QueryResult<()> {
    let meeting = meeting.to_string();
    let recent = answers::table.filter(answers::meeting.eq(&meeting)).filter(answers::state.eq(RECENT));
    let count: i64 = recent.count().get_result(conn)?;
    let becomes = if count > UNNOTICED { HELD } else { COUNTED };
    diesel::update(recent).set(answers::state.eq(becomes)).execute(conn)?;
    diesel::update(coming::table.find(meeting)).set(coming::hour.eq(hour)).execute(conn)?;
    Ok(())
}

pub fn add(conn: &mut Conn, meeting: Uuid, fingerprint: &str, answer: Answer) -> QueryResult<()> {
    let row = (
        answers::meeting.eq(meeting.to_string()),
        answers::fingerprint.eq(fingerprint),
        answers::answer.eq(answer.name()),
        answers::state.eq(RECENT),
    );
    diesel::insert_into(answers::table).values(row).execute(conn)?;
    Ok(())
}

/// Whether there was one of that fingerprint.
pub fn change(conn: &mut Conn, meeting: Uuid, fingerprint: &str, answer: Answer) -> QueryResult<bool> {
    let row = answers::table.find((meeting.to_string(), fingerprint));
    Ok(diesel::update(row).set(answers::answer.eq(answer.name())).execute(conn)? > 0)
}

pub fn find(conn: &mut Conn, meeting: Uuid, fingerprint: &str) -> QueryResult<Option<Answer>> {
    let row = answers::table.find((meeting.to_string(), fingerprint));
    let name: Option<String> = row.select(answers::answer).first(conn).optional()?;
    name.map(|name| Answer::by_name(&name).ok_or_else(|| Inconsistent::error("answers", "answer", &name))).transpose()
}

/// What is kept of the answer of somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfAccount {
    pub fingerprint: String,
    /// Nothing when it was taken back, or could not be taken.
    pub answer: Option<Answer>,
    /// A fingerprint of the post it was given in.
    pub note: Option<String>,
    /// How many times they were told what we understood.
    pub told: i64,
    /// A fingerprint of their server, if that is another one.
    pub host: Option<String>,
}

type Account = (String, String, String, Option<String>, i64, Option<String>);

fn of_account((meeting, fingerprint, answer, note, told, host): Account) -> QueryResult<(Uuid, OfAccount)> {
    let id = meeting.parse().map_err(|_| Inconsistent::error("answers", "meeting", &meeting))?;
    Ok((id, OfAccount { fingerprint, answer: Answer::by_name(&answer), note, told, host }))
}

const ACCOUNT: (answers::meeting, answers::fingerprint, answers::answer, answers::note, answers::told, answers::host) =
    (answers::meeting, answers::fingerprint, answers::answer, answers::note, answers::told, answers::host);

pub fn account(conn: &mut Conn, meeting: Uuid, fingerprint: &str) -> QueryResult<Option<OfAccount>> {
    let row = answers::table.find((meeting.to_string(), fingerprint)).filter(answers::account.eq(true));
    let found = row.select(ACCOUNT).first(conn).optional()?.map(of_account).transpose()?;
    Ok(found.map(|(_, account)| account))
}

/// Which answer, to which meeting, was given in the post with this fingerprint.
pub fn by_note(conn: &mut Conn, note: &str) -> QueryResult<Option<(Uuid, OfAccount)>> {
    answers::table.filter(answers::note.eq(note)).select(ACCOUNT).first(conn).optional()?.map(of_account).transpose()
}

/// Adds or changes it; a new one is not counted at once where very many are.
pub fn keep_account(conn: &mut Conn, meeting: Uuid, account: &OfAccount) -> QueryResult<()> {
    let said = (
        answers::answer.eq(account.answer.map_or(WITHDRAWN, Answer::name)),
        answers::note.eq(&account.note),
        answers::told.eq(account.told),
        answers::host.eq(&account.host),
    );
    let row = answers::table.find((meeting.to_string(), &account.fingerprint));
    if diesel::update(row).set(said).execute(conn)? == 0 {
        let row = (
            answers::meeting.eq(meeting.to_string()),
            answers::fingerprint.eq(&account.fingerprint),
            answers::state.eq(RECENT),
            answers::account.eq(true),
            said,
        );
        diesel::insert_into(answers::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Meetings whose answers are not erased yet, of one group or of all, and their keys.
pub fn keys(conn: &mut Conn, group: Option<&str>) -> QueryResult<Vec<(String, String)>> {
    let open = coming::table
        .inner_join(meetings::table.on(meetings::id.eq(coming::meeting)))
        .filter(coming::come.is_null())
        .select((coming::meeting, coming::key.assume_not_null()))
        .filter(coming::key.is_not_null())
        .into_boxed();
    match group {
        Some(group) => open.filter(meetings::group_handle.eq(group.to_owned())).load(conn),
        None => open.load(conn),
    }
}

/// Answers of accounts with these fingerprints, or of servers with them, are gone.
pub fn forget_accounts(conn: &mut Conn, meeting: &str, fingerprints: &[String]) -> QueryResult<()> {
    // few enough at once for either database
    for some in fingerprints.chunks(500) {
        let of_account = answers::table.filter(answers::meeting.eq(meeting)).filter(answers::account.eq(true));
        diesel::delete(of_account.filter(answers::fingerprint.eq_any(some))).execute(conn)?;
        diesel::delete(of_account.filter(answers::host.eq_any(some))).execute(conn)?;
    }
    Ok(())
}

/// How many people with an account come, whether they are counted yet or not; without that one.
pub fn places_taken(conn: &mut Conn, meeting: Uuid, but: &str) -> QueryResult<i64> {
    answers::table
        .filter(answers::meeting.eq(meeting.to_string()))
        .filter(answers::account.eq(true))
        .filter(answers::answer.eq(Answer::Coming.name()))
        .filter(answers::fingerprint.ne(but))
        .count()
        .get_result(conn)
}

/// How many answers wait for the group, or would if the hour ended now.
pub fn waiting(conn: &mut Conn, meeting: Uuid) -> QueryResult<i64> {
    Ok(count(conn, meeting)?.waiting())
}

/// Answers by what they say, and whether they are counted.
#[derive(Default)]
struct Count {
    coming: i64,
    maybe: i64,
    recent: [i64; 2],
    recent_all: i64,
    held: i64,
}

impl Count {
    fn waiting(&self) -> i64 {
        self.held + if self.recent_all > UNNOTICED { self.recent_all } else { 0 }
    }

    fn tally(&self) -> Tally {
        let [coming, maybe] = if self.recent_all > UNNOTICED { [0, 0] } else { self.recent };
        let waiting = self.waiting();
        Tally {
            coming: Step::of(self.coming + coming),
            maybe: Step::of(self.maybe + maybe),
            held: (waiting > 0).then(|| Step::of(waiting)),
        }
    }
}

fn count(conn: &mut Conn, meeting: Uuid) -> QueryResult<Count> {
    let rows: Vec<(String, String, i64)> = answers::table
        .filter(answers::meeting.eq(meeting.to_string()))
        .group_by((answers::state, answers::answer))
        .select((answers::state, answers::answer, count_star()))
        .load(conn)?;
    let mut count = Count::default();
    for (state, answer, number) in rows {
        let answer = Answer::by_name(&answer);
        match (state.as_str(), answer) {
            (COUNTED, Some(Answer::Coming)) => count.coming += number,
            (COUNTED, Some(Answer::Maybe)) => count.maybe += number,
            (RECENT, _) => {
                count.recent_all += number;
                let [coming, maybe] = &mut count.recent;
                match answer {
                    Some(Answer::Coming) => *coming += number,
                    Some(Answer::Maybe) => *maybe += number,
                    _ => {}
                }
            }
            (HELD, _) => count.held += number,
            _ => {}
        }
    }
    Ok(count)
}

/// What may be shown of the answers: of those that are there, or what stayed of them.
pub fn tally(conn: &mut Conn, meeting: Uuid, kept: &Kept) -> QueryResult<Tally> {
    match (kept.come, kept.maybe) {
        (Some(come), Some(maybe)) => Ok(Tally { coming: Step::of(come), maybe: Step::of(maybe), held: None }),
        _ => Ok(count(conn, meeting)?.tally()),
    }
}

/// Held answers count from now on, and so do the new ones of this hour.
pub fn let_in(conn: &mut Conn, meeting: Uuid) -> QueryResult<()> {
    let all = answers::table.filter(answers::meeting.eq(meeting.to_string())).filter(answers::state.ne(COUNTED));
    diesel::update(all).set(answers::state.eq(COUNTED)).execute(conn)?;
    Ok(())
}

/// Deletes one answer without an account that does not count yet, whichever comes first by its fingerprint; `false` where there is
/// none.
pub fn let_go_of_one_that_waits(conn: &mut Conn, meeting: Uuid) -> QueryResult<bool> {
    let meeting = meeting.to_string();
    let nameless = answers::table.filter(answers::meeting.eq(&meeting)).filter(answers::account.eq(false));
    let waits = nameless.filter(answers::state.ne(COUNTED)).order((answers::state, answers::fingerprint));
    let one: Option<String> = waits.select(answers::fingerprint).first(conn).optional()?;
    let Some(one) = one else { return Ok(false) };
    let this = answers::table.filter(answers::meeting.eq(&meeting)).filter(answers::fingerprint.eq(one));
    Ok(diesel::delete(this).execute(conn)? > 0)
}

/// Throws away what is held, and the new ones of this hour where they are too many.
pub fn throw_away(conn: &mut Conn, meeting: Uuid) -> QueryResult<()> {
    let of_meeting = answers::table.filter(answers::meeting.eq(meeting.to_string()));
    if count(conn, meeting)?.recent_all > UNNOTICED {
        diesel::delete(of_meeting.filter(answers::state.ne(COUNTED))).execute(conn)?;
    } else {
        diesel::delete(of_meeting.filter(answers::state.eq(HELD))).execute(conn)?;
    }
    Ok(())
}

pub fn clear(conn: &mut Conn, meeting: Uuid) -> QueryResult<()> {
    diesel::delete(answers::table.filter(answers::meeting.eq(meeting.to_string()))).execute(conn)?;
    Ok(())
}

/// Erases answers and key; the steps stay.
pub fn erase(conn: &mut Conn, meeting: Uuid) -> QueryResult<()> {
    let tally = count(conn, meeting)?.tally();
    clear(conn, meeting)?;
    diesel::update(coming::table.find(meeting.to_string()))
        .set((
            coming::key.eq(None::<String>),
            coming::hour.eq(None::<Timestamp>),
            coming::come.eq(tally.coming.bounds().0),
            coming::maybe.eq(tally.maybe.bounds().0),
        ))
        .execute(conn)?;
    Ok(())
}

/// Meetings with a key that were over, or called off, by then.
pub fn over(conn: &mut Conn, by: Timestamp) -> QueryResult<Vec<Uuid>> {
    let with_key =
        coming::table.inner_join(meetings::table.on(meetings::id.eq(coming::meeting))).filter(coming::key.is_not_null());
    let over = with_key.filter(meetings::ends.le(by)).select(coming::meeting);
    let mut ids: Vec<String> = over.load(conn)?;
    ids.extend(with_key.filter(meetings::cancelled.le(by)).select(coming::meeting).load::<String>(conn)?);
    ids.iter().map(|id| id.parse().map_err(|_| Inconsistent::error("coming", "meeting", id))).collect()
}

/// Meetings of a group for which answers wait.
pub fn with_waiting(conn: &mut Conn, group: &str) -> QueryResult<Vec<Uuid>> {
    let of_group = coming::table
        .inner_join(meetings::table.on(meetings::id.eq(coming::meeting)))
        .filter(meetings::group_handle.eq(group))
        .filter(coming::key.is_not_null());
    let ids: Vec<String> = of_group.select(coming::meeting).load(conn)?;
    let mut waiting = Vec::new();
    for id in &ids {
        let meeting = id.parse().map_err(|_| Inconsistent::error("coming", "meeting", id))?;
        if count(conn, meeting)?.waiting() > 0 {
            waiting.push(meeting);
        }
    }
    Ok(waiting)
}

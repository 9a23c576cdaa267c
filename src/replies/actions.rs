//! What a group does with replies: lets them through, hides, refuses, answers. Who may do so is for the door to know.

use url::Url;
use uuid::Uuid;

use super::{
    forwarding, letters,
    reply::{Refusal, Reply, Standing, State},
    store,
};
use crate::{
    announcements::{self, announcement::Announcement},
    app::Here,
    blocks, coming,
    db::Conn,
    error::{Error, Result, Said},
    groups::{self, group::Group},
    text::{self, Mention},
};

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let said = match &refusal {
            Refusal::Hidden => Said::new("reply-refused-hidden"),
            Refusal::AuthorGone(handle) => Said::new("reply-refused-gone").with("handle", handle),
            Refusal::Blocked(handle) => Said::new("reply-refused-blocked").with("handle", handle),
            Refusal::Mention => Said::new("reply-refused-mention"),
            Refusal::NotLet(handle) => Said::new("reply-refused-not-let").with("handle", handle).about("text"),
        };
        Error::refused_in_words(refusal, said)
    }
}

/// The reply of that id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Reply> {
    store::by_id(conn, id)?.ok_or_else(|| Error::not_found(format!("there is no reply {id}")))
}

/// The group that a reply was for, if it has not ended.
fn listening(conn: &mut Conn, reply: &Reply) -> Result<Group> {
    let group = groups::store::by_handle(conn, &reply.group)?;
    let group = group.ok_or_else(|| Error::not_found(format!("there is no group {:?}", reply.group)))?;
    group.speaks()?;
    Ok(group)
}

/// Everyone sees it from now on, and its author is known to the group: what they reply later shows at once.
pub fn let_through(conn: &mut Conn, here: &Here, id: Uuid) -> Result<Reply> {
    let mut reply = find(conn, id)?;
    listening(conn, &reply)?;
    if reply.is_mention() {
        return Err(Refusal::Mention.into());
    }
    not_blocked(conn, &reply)?;
    reply.state = State::Shown;
    store::save(conn, &reply)?;
    forwarding::release(conn, here, &reply)?;
    store::keep_standing(conn, &reply.group, &reply.actor, Standing::Known, here.now)?;
    Ok(reply)
}

fn not_blocked(conn: &mut Conn, reply: &Reply) -> Result<()> {
    if let Ok(author) = Url::parse(&reply.actor)
        && blocks::store::covers(conn, &author)?
    {
        return Err(Refusal::Blocked(reply.handle.clone()).into());
    }
    Ok(())
}

/// Nobody sees it any more, and its author is a stranger again. For 30 days it can be let through after all; but what only named the
/// group is put away for good, and nobody thinks the worse of its author.
pub fn hide(conn: &mut Conn, id: Uuid) -> Result<Reply> {
    let mut reply = find(conn, id)?;
    listening(conn, &reply)?;
    if reply.is_mention() {
        store::remove(conn, id)?;
        return Ok(reply);
    }
    reply.state = State::Hidden;
    forwarding::stop(conn, &reply.uri)?;
    (reply.attached, reply.kept) = (vec![], vec![]);
    store::save(conn, &reply)?;
    if store::standing(conn, &reply.group, &reply.actor)? == Some(Standing::Known) {
        store::forget_standing(conn, &reply.group, &reply.actor)?;
    }
    Ok(reply)
}

/// All that somebody said to a group goes, what they say later is dropped, and they have no place at its meetings; how much it was.
pub fn refuse_all_of(conn: &mut Conn, here: &Here, group: &str, actor: &str) -> Result<usize> {
    groups::store::by_handle(conn, group)?.ok_or_else(|| Error::not_found(format!("there is no group {group:?}")))?;
    forwarding::stop_all_of(conn, actor, Some(group))?;
    coming::accounts::forget(conn, here, &[actor], Some(group))?;
    let gone = store::forget_of(conn, group, actor)?;
    letters::forget_of(conn, group, actor)?;
    store::keep_standing(conn, group, actor, Standing::Refused, here.now)?;
    Ok(gone)
}

/// Whoever was turned away is a stranger again.
pub fn hear_again(conn: &mut Conn, group: &str, actor: &str) -> Result<()> {
    match store::standing(conn, group, actor)? {
        Some(Standing::Refused) => Ok(store::forget_standing(conn, group, actor)?),
        _ => Err(Error::not_found(format!("{group} did not turn {actor} away"))),
    }
}

/// What a group answers.
pub struct Answer {
    /// Markdown. The author is named in front where the text does not.
    pub text: String,
    /// BCP 47; nothing for the group's own.
    pub language: Option<String>,
    /// Others named in the text.
    pub mentions: Vec<Mention>,
}

/// The group answers, and whoever is answered hears it. What waits is let through with it.
pub fn answer(conn: &mut Conn, here: &Here, id: Uuid, answer: &Answer) -> Result<Announcement> {
    let reply = find(conn, id)?;
    let group = listening(conn, &reply)?;
    match reply.state {
        State::Hidden => return Err(Refusal::Hidden.into()),
        State::Waiting if reply.is_mention() => {
            not_blocked(conn, &reply)?;
            store::save(conn, &Reply { state: State::Shown, attached: vec![], ..reply.clone() })?;
        }
        State::Waiting => drop(let_through(conn, here, id)?),
        State::Shown => {}
    }
    let gone = || Refusal::AuthorGone(reply.handle.clone());
    let author = Url::parse(&reply.actor).map_err(|_| gone())?;
    let mentioned = Mention { handle: reply.handle.clone(), uri: author.clone(), url: author };
    let name = format!("@{}", reply.handle);
    // only what is read as a mention and nothing else stands in front
    let nameable = text::mentions_in(&name) == [reply.handle.as_str()] && !answer.text.contains(&name);
    let text = if nameable { format!("{name} {}", answer.text.trim()) } else { answer.text.clone() };
    let mut mentions = vec![mentioned];
    mentions.extend(answer.mentions.iter().filter(|mention| mention.handle != reply.handle).cloned());
    let note = Announcement {
        id: here.new_id(),
        group: group.handle,
        meeting: None,
        answers: Some(Url::parse(&reply.uri).map_err(|_| gone())?),
        title: None,
        text,
        language: answer.language.clone().unwrap_or(group.language),
        urgent: false,
        followers_only: false,
        mentions,
        pictures: vec![],
        published: here.now,
        updated: None,
        deleted: None,
    };
    announcements::actions::publish(conn, here, &note)?;
    Ok(note)
}

/// Something of ours is gone, and with it what was said below it; also what its group answered there.
pub fn fell_with(conn: &mut Conn, here: &Here, root: &str) -> Result<()> {
    let uris = store::uris_below(conn, root)?;
    for note in announcements::store::answering(conn, &uris)? {
        announcements::actions::delete(conn, here, note.id)?;
    }
    Ok(store::forget_below(conn, root)?)
}

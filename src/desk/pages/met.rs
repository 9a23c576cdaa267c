//! After a meeting: it took place, or it did not. One tap, and nobody else sees the answer.

use actix_web::{
    HttpRequest,
    web::{Data, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{Desk, when};
use crate::{
    app::{App, Here},
    desk::actions::say_whether_met,
    meetings::meeting::Meeting,
    members::{
        access::{Visitor, deed},
        pages::{did, shell},
    },
    web::{Answer, Front, Shell, address::Access, form::Form, read_id},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(deed("/ours/@{handle}/meetings/{id}/met", Access::Organizer, take));
}

/// A meeting of which nobody said whether it took place.
pub struct Asked {
    pub title: String,
    /// BCP 47, of the title.
    pub language: String,
    pub when: String,
    /// Where the answer is sent.
    pub action: String,
}

pub fn asked(shell: &Shell, here: &Here, desk: &Desk, meetings: &[Meeting]) -> Vec<Asked> {
    let one = |meeting: &Meeting| Asked {
        title: meeting.title.clone(),
        language: meeting.language.clone(),
        when: when(shell, here, meeting),
        action: shell.link(&desk.path(&format!("/meetings/{}/met", meeting.id))),
    };
    meetings.iter().map(one).collect()
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    met: String,
}

async fn take(
    request: HttpRequest,
    app: Data<App>,
    front: Data<Front>,
    visitor: Visitor,
    path: Path<(String, String)>,
    form: Form<Answered>,
) -> Answer {
    let (group, id) = path.into_inner();
    let (speaker, id) = (visitor.speaker()?, read_id(&id)?);
    let took_place = match form.0.met.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let handle = group.clone();
    app.act(move |conn, here| say_whether_met(conn, here, &speaker, &handle, id, took_place)).await?;
    Ok(did(&shell(&front, &request, &visitor, "ours-title"), &format!("/ours/@{group}"), "met"))
}

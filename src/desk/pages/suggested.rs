//! What was suggested to a group: it becomes a draft, or is thrown away.

use actix_web::{HttpRequest, http::StatusCode, web::Path};
use chrono_tz::Tz;
use url::Url;
use uuid::Uuid;

use super::{
    speaking,
    waiting::{Decision, Where},
    writing::language,
};
use crate::{
    desk::{
        actions::keep,
        draft::{Draft, News, Typed},
        invitation::Invitation,
    },
    error::Error,
    groups::group::Group,
    members::pages::{Sure, did, done, shell},
    suggestions::{self, suggestion::Suggestion},
    text,
    web::{Answer, Shell, form::Form, read_id},
};

/// Taken as news or as a meeting, it becomes a draft; or it is thrown away, one or all.
pub(super) async fn decide(request: HttpRequest, at: Where, handle: Path<String>, decision: Form<Decision>) -> Answer {
    let (app, front, visitor) = at;
    let (speaker, group) = (visitor.speaker()?, handle.into_inner());
    let page = shell(&front, &request, &visitor, "desk-waiting");
    let back = format!("/ours/@{group}");
    let (deed, zone) = (decision.0.deed, app.place.zone);
    let those = decision.0.one;
    if deed == "drop-all" && decision.0.sure.is_empty() {
        let shell = shell(&front, &request, &visitor, "desk-suggestion-drop-all");
        let fields: Vec<_> = [("do", "drop-all")].into_iter().chain(those.iter().map(|id| ("one", id.as_str()))).collect();
        let (text, button) = (shell.say("desk-suggestion-drop-all-more"), shell.about.title.clone());
        let (action, back) = (format!("{back}/waiting/suggestions"), format!("{back}/waiting"));
        return Shell::show_once(StatusCode::OK, &Sure { shell, text, action: &action, fields: &fields, button, back: &back });
    }
    let id = if deed == "drop-all" { Uuid::nil() } else { read_id(&decision.0.id)? };
    let draft = app.act(move |conn, here| {
        speaker.speaks_for(conn, here, &group)?;
        match deed.as_str() {
            "drop" => suggestions::actions::drop(conn, &group, id).map(|()| None),
            "drop-all" if those.is_empty() => suggestions::actions::drop_all(conn, &group).map(|_| None),
            "drop-all" => suggestions::actions::drop_those(conn, &group, &those).map(|()| None),
            "news" | "meeting" => {
                let suggestion = suggestions::actions::take(conn, &group, id)?;
                let draft = taken(&speaking(conn, &group)?, &suggestion, zone, deed == "news");
                keep(conn, here, &speaker, &draft).map(Some)
            }
            _ => Err(Error::invalid("say what is to become of it")),
        }
    });
    Ok(match draft.await? {
        Some(draft) => done(&page, &format!("{back}/drafts/{}", draft.id)),
        None => did(&page, &format!("{back}/waiting"), "decided"),
    })
}

/// What was suggested, as somebody would begin to write it.
fn taken(group: &Group, suggestion: &Suggestion, zone: Tz, is_news: bool) -> Draft {
    let link = suggestion.link.as_ref().map(Url::to_string);
    let lines = [Some(suggestion.text.clone()), suggestion.moment.clone(), link];
    let text = lines.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let language = language(group);
    let place = suggestion.place.clone().unwrap_or_default();
    let typed = if is_news {
        Typed::News(News { text: [text, place].join("\n\n").trim().to_owned(), language, ..News::default() })
    } else {
        let (kind, zone) = ("meeting".to_owned(), zone.name().to_owned());
        let title = text::first_line(&suggestion.text, 80);
        Typed::Meeting(Invitation { title, agenda: text, place, kind, zone, language, ..Invitation::default() })
    };
    Draft::blank(group, typed)
}

//! The frame of pages for whoever is signed in, and the way out.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{
    access::{Visitor, deed, signed_out},
    account, joining, passkeys, recovery, sign_in, store,
};
use crate::{
    app::App,
    web::{About, Answer, Front, Shell, Who, address::Access, saying},
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(deed("/sign-out", Access::Anyone, sign_out))
        .configure(joining::pages::routes)
        .configure(sign_in::pages::routes)
        .configure(recovery::pages::routes)
        .configure(passkeys::pages::routes)
        .configure(account::pages::routes);
}

/// The frame of a page for this visitor, titled by that message.
pub fn shell(front: &Front, request: &HttpRequest, visitor: &Visitor, title: &str) -> Shell {
    let mut shell = Shell::new(front, request, About { kind: "website", private: true, ..About::default() });
    shell.about.title = shell.say(title);
    shell.who = who(visitor);
    shell
}

/// For the frame of a page: whoever is signed in.
pub fn who(visitor: &Visitor) -> Option<Who> {
    let session = visitor.session()?;
    Some(Who { csrf: visitor.csrf(), caretaker: session.member.caretaker, is_sought: session.is_sought })
}

/// 303: what was sent is done, and a reload does not do it again. `path` is one of ours.
pub fn done(shell: &Shell, path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, shell.link(path))).finish()
}

/// The same, and the page says that this was done; `deed` is one of the list of [`saying`].
pub fn did(shell: &Shell, path: &str, deed: &str) -> HttpResponse {
    done(shell, &saying(path, deed))
}

/// Ends this session, wherever it is.
async fn sign_out(app: Data<App>, visitor: Visitor) -> Answer {
    if let Some(session) = visitor.session() {
        let (member, id) = (session.member.id, session.id);
        app.db.write(move |conn| Ok(store::end_session(conn, member, id)?)).await?;
    }
    Ok(HttpResponse::SeeOther()
        .cookie(signed_out(&app.origin))
        .insert_header((header::LOCATION, saying("/", "signed-out")))
        .finish())
}

/// Asked before a deed that hurts: the same form again, with `sure`.
#[derive(Template)]
#[template(path = "members/sure.html")]
pub struct Sure<'a> {
    pub shell: Shell,
    /// What will happen, in whole sentences.
    pub text: String,
    /// Path of the deed.
    pub action: &'a str,
    /// What the form sends beside `sure` and the token.
    pub fields: &'a [(&'a str, &'a str)],
    pub button: String,
    /// Path of the page to go back to.
    pub back: &'a str,
}

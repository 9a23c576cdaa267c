//! The plazas of other cities that ours hears, chosen by whoever looks after the place.

use actix_web::{HttpRequest, web::ServiceConfig};

use crate::{
    desk::pages::sisters::{Typed, Where, Whose, ask, change, first},
    members::access::{deed, form},
    web::{Answer, address::Access, form::Form},
};

pub fn routes(config: &mut ServiceConfig) {
    config.service(form("/care/sisters", Access::Caretaker, list, add)).service(deed("/care/sisters/do", Access::Caretaker, act));
}

async fn list(request: HttpRequest, at: Where) -> Answer {
    first(request, at, Whose::plaza()).await
}

async fn add(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    ask(request, at, Whose::plaza(), typed.0).await
}

async fn act(request: HttpRequest, at: Where, typed: Form<Typed>) -> Answer {
    change(request, at, Whose::plaza(), typed.0).await
}

//! Every address we answer.

use std::sync::Arc;

use activitypub_federation::config::FederationConfig;
use actix_web::web;

use crate::{
    app::App,
    documents,
    error::Result,
    inbox,
    web::{self as shell, Front},
};

/// Everything a request can reach.
#[derive(Clone)]
pub struct Routes {
    app: App,
    federation: Arc<FederationConfig<App>>,
    front: Front,
}

impl Routes {
    pub async fn of(app: &App) -> Result<Self> {
        let front = Front { origin: app.origin.clone(), city: app.place.name.clone(), languages: app.place.languages.clone() };
        Ok(Self { app: app.clone(), federation: Arc::new(inbox::federation(app).await?), front })
    }

    pub fn configure(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::new(self.app.clone()))
            .app_data(web::Data::from(self.federation.clone()))
            .app_data(web::Data::new(self.front.clone()))
            .configure(shell::routes)
            .configure(inbox::request::routes)
            .configure(documents::routes);
    }
}

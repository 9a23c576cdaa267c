//! Every address we answer.

use std::sync::Arc;

use activitypub_federation::config::FederationConfig;
use actix_web::web;

use crate::{app::App, documents, error::Result, inbox};

/// Everything a request can reach.
#[derive(Clone)]
pub struct Routes {
    app: App,
    federation: Arc<FederationConfig<App>>,
}

impl Routes {
    pub async fn of(app: &App) -> Result<Self> {
        Ok(Self { app: app.clone(), federation: Arc::new(inbox::federation(app).await?) })
    }

    pub fn configure(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::new(self.app.clone()))
            .app_data(web::Data::from(self.federation.clone()))
            .configure(inbox::request::routes)
            .configure(documents::routes);
    }
}

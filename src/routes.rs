//! Every address we answer.

use std::sync::Arc;

use activitypub_federation::config::FederationConfig;
use actix_web::web;

use crate::{
    announcements,
    app::App,
    care, city, coming, desk, documents,
    error::Result,
    follows, groups, imports, inbox, joint, meetings,
    members::{self, sign_in::Attempts, taps::Taps},
    minutes, moving, notices, people, places, plaza, posters, powers, reports, series, sisters, suggestions,
    web::{self as shell, Front, Shelf},
    welcome,
};

/// Everything a request can reach.
#[derive(Clone)]
pub struct Routes {
    app: App,
    federation: Arc<FederationConfig<App>>,
    front: Front,
    /// Wrong passwords, counted over every thread.
    attempts: web::Data<Attempts>,
    /// What was sent last, over every thread.
    taps: web::Data<Taps>,
    shelf: Option<web::Data<Shelf>>,
}

impl Routes {
    pub async fn of(app: &App) -> Result<Self> {
        Ok(Self {
            app: app.clone(),
            federation: Arc::new(inbox::federation(app).await?),
            front: Front::of(app),
            attempts: web::Data::default(),
            taps: web::Data::default(),
            shelf: Shelf::of(app)?.map(web::Data::new),
        })
    }

    pub fn configure(&self, config: &mut web::ServiceConfig) {
        if let Some(shelf) = &self.shelf {
            config.app_data(shelf.clone());
        }
        config
            .app_data(web::Data::new(self.app.clone()))
            .app_data(web::Data::from(self.federation.clone()))
            .app_data(web::Data::new(self.front.clone()))
            .app_data(self.attempts.clone())
            .app_data(self.taps.clone())
            .configure(shell::routes)
            .configure(inbox::request::routes)
            .configure(documents::routes)
            // before the pages, whose addresses these begin with
            .configure(announcements::feed::routes)
            .configure(meetings::feed::routes)
            .configure(meetings::calendar::routes)
            .configure(series::calendar::routes)
            .configure(city::pages::routes)
            .configure(city::about::routes)
            .configure(city::safety::routes)
            .configure(members::pages::routes)
            // below the addresses of meetings and groups, so they come first
            .configure(coming::pages::routes)
            .configure(follows::pages::routes)
            .configure(suggestions::pages::routes)
            .configure(reports::pages::routes)
            .configure(minutes::pages::routes)
            .configure(powers::pages::routes)
            .configure(welcome::pages::routes)
            .configure(people::pages::routes)
            .configure(moving::pages::routes)
            .configure(desk::pages::routes)
            .configure(joint::pages::routes)
            .configure(imports::pages::routes)
            .configure(places::pages::routes)
            .configure(notices::pages::routes)
            .configure(care::routes)
            .configure(posters::routes)
            // one of the groups' addresses, so it comes first
            .configure(plaza::pages::routes)
            .configure(sisters::pages::routes)
            .configure(groups::pages::routes)
            .configure(groups::media::routes)
            .configure(meetings::pages::routes)
            .configure(series::pages::routes)
            .configure(announcements::pages::routes);
    }
}

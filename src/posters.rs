//! What leaves the screen: plain text, paper, the wall of an information desk, frames on other sites. Nothing is kept here.

mod embed;
mod fit;
mod paper;
mod plain;
mod programme;
pub mod qr;
mod wall;

use actix_web::web::ServiceConfig;

use crate::web::readable;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(readable("/today.txt", plain::today))
        .service(readable("/week.txt", plain::week))
        .service(readable("/poster/week", paper::week))
        .service(readable("/poster/@{handle}", paper::group))
        .service(readable("/wall", wall::wall))
        .service(readable("/embed/meetings", embed::meetings))
        .service(readable("/embed/@{handle}", embed::group));
}

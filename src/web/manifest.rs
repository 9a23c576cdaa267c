//! What a telephone reads to put the place on its first screen (W3C, Web Application Manifest); on some only what stands there can
//! be woken. It tells us nothing: nobody can see from an address where somebody came from.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Data,
};
use serde_json::json;

use super::{
    answer::{Cache, respond},
    shell::{About, Front, Shell},
};

pub const PATH: &str = "/manifest.webmanifest";

/// In the language of its address, which the pages of ours that it opens keep.
pub async fn show(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let shell = Shell::new(&front, &request, About::default());
    let manifest = json!({
        // the same place in whatever language
        "id": "/",
        "name": shell.city,
        "lang": shell.words.tag(),
        "start_url": shell.link("/ours"),
        "scope": "/",
        "display": "standalone",
        "icons": [{ "src": "/media/city.png", "type": "image/png", "sizes": "400x400" }],
    });
    let mut answer = respond(&request, "application/manifest+json", manifest.to_string(), Cache::Public(3_600));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    answer
}

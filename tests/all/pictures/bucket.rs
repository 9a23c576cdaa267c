//! A store on loopback that speaks as much of S3 as we do, and a city that keeps its pictures there.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    sync::{Arc, Mutex, mpsc},
};

use actix_web::{
    HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::Method,
    web::{self, Bytes, Data},
};

use super::{desk, kept_at};
use crate::{city::PATIENCE, commands::Terminal};

type Files = Arc<Mutex<BTreeMap<String, Bytes>>>;

struct Bucket {
    files: Files,
    address: String,
    server: ServerHandle,
}

impl Bucket {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let files = Files::default();
        let (shown, (tell, told)) = (Data::from(files.clone()), mpsc::channel());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || {
                    actix_web::App::new()
                        .app_data(shown.clone())
                        .app_data(web::PayloadConfig::new(16 << 20))
                        .default_service(web::to(answer))
                };
                let server = HttpServer::new(app)
                    .workers(1)
                    .keep_alive(PATIENCE)
                    .client_request_timeout(PATIENCE)
                    .disable_signals()
                    .listen(listener)
                    .expect("a server")
                    .run();
                tell.send(server.handle()).expect("somebody waits");
                server.await
            })
        });
        Self { files, address, server: told.recv().expect("a server") }
    }

    fn settings(&self) -> Vec<(String, String)> {
        [
            ("PLAZA_MEDIA", "s3://plaza/city/one"),
            ("AWS_ENDPOINT_URL", self.address.as_str()),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    fn names(&self) -> Vec<String> {
        self.files.lock().expect("whole").keys().cloned().collect()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answer(request: HttpRequest, body: Bytes, files: Data<Mutex<BTreeMap<String, Bytes>>>) -> HttpResponse {
    let is_signed = request
        .headers()
        .get("authorization")
        .is_some_and(|value| value.to_str().is_ok_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=key/")));
    if !is_signed {
        return HttpResponse::Forbidden().finish();
    }
    let Some(key) = request.path().strip_prefix("/plaza/").map(str::to_owned) else { return listed(&files) };
    let mut files = files.lock().expect("whole");
    match *request.method() {
        Method::PUT => {
            files.insert(key, body);
            HttpResponse::Ok().insert_header(("etag", "\"x\"")).finish()
        }
        Method::DELETE => {
            files.remove(&key);
            HttpResponse::NoContent().finish()
        }
        _ => files.get(&key).map_or_else(|| HttpResponse::NotFound().finish(), |bytes| HttpResponse::Ok().body(bytes.clone())),
    }
}

fn listed(files: &Mutex<BTreeMap<String, Bytes>>) -> HttpResponse {
    let files = files.lock().expect("whole");
    let one = |(key, bytes): (&String, &Bytes)| {
        let size = bytes.len();
        format!("<Contents><Key>{key}</Key><LastModified>2026-11-23T10:00:00Z</LastModified><Size>{size}</Size></Contents>")
    };
    let all: String = files.iter().map(one).collect();
    HttpResponse::Ok().content_type("application/xml").body(format!("<ListBucketResult>{all}</ListBucketResult>"))
}

#[test]
fn pictures_are_kept_with_a_store_that_speaks_s3_and_move_by_backup() {
    let bucket = Bucket::open();
    let mut at = desk();
    at.settings = bucket.settings();
    let note = at.json(&["announce", "kitchen", "--text", "Soup", "--image", "photo.jpg", "--alt", "A pot"]);
    let size = |which: &str| {
        note["pictures"][0][which]["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a name").to_owned()
    };
    let mut expected = vec![format!("city/one/{}", size("large")), format!("city/one/{}", size("small"))];
    expected.sort();
    assert_eq!((bucket.names(), kept_at(&at)), (expected, 0), "and nothing on this disk");

    fs::write(at.folder.path().join("passphrase"), "pots pans people square").expect("written");
    let locked = ["--passphrase-file", "passphrase"];
    at.json(&[&["backup", "city.age"][..], &locked].concat());
    let disk = Terminal::new();
    for file in ["city.age", "passphrase"] {
        fs::copy(at.folder.path().join(file), disk.folder.path().join(file)).expect("copied");
    }
    disk.json(&[&["restore", "city.age"][..], &locked].concat());
    let large = fs::read(disk.folder.path().join("plaza-data/media").join(size("large"))).expect("the picture");
    assert_eq!(bucket.files.lock().expect("whole").get(&format!("city/one/{}", size("large"))), Some(&Bytes::from(large)));

    at.json(&["announcement", "delete", note["id"].as_str().expect("an id")]);
    assert_eq!(bucket.names(), Vec::<String>::new());
    let back = Terminal {
        folder: disk.folder,
        settings: [at.settings.clone(), vec![("PLAZA_DATA_DIR".into(), "other".into())]].concat(),
    };
    back.json(&[&["restore", "city.age"][..], &locked].concat());
    assert_eq!(bucket.names().len(), 2, "and back into the store");
}

#[test]
fn where_no_store_answers_nothing_is_said() {
    let bucket = Bucket::open();
    let mut at = desk();
    at.settings = bucket.settings();
    at.settings.retain(|(name, _)| name != "AWS_SECRET_ACCESS_KEY");
    let (status, why) = at.refusal(&["announcement", "list"]);
    assert!(status == 1 && why.contains("AWS_SECRET_ACCESS_KEY"), "{why}");
    at.settings = bucket.settings();
    at.settings.push(("AWS_ENDPOINT_URL".into(), "http://pictures.example".into()));
    let (status, why) = at.refusal(&["announcement", "list"]);
    assert!(status == 1 && why.contains("https://HOST"), "{why}");
    // a port that nobody listens on any more
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    at.settings.push(("AWS_ENDPOINT_URL".into(), format!("http://{gone}")));
    let (status, why) = at.refusal(&["announce", "kitchen", "--text", "Soup", "--image", "photo.jpg", "--alt", "A pot"]);
    assert!(status == 1 && why.contains("s3://plaza/city/one cannot be reached"), "{why}");
    assert_eq!(at.json(&["announcement", "list"]), serde_json::json!([]));
}

//! A real city on a free port: served over HTTP, its clock stopped, its work done when a test says so.

use std::{
    cell::Cell,
    future::Future,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use activitypub_federation::config::FederationConfig;
use actix_web::{HttpServer, dev::ServerHandle, middleware::from_fn};
use plaza::{
    actors,
    announcements::{self, announcement::Announcement},
    app::{App, make_private_folder},
    clock::{Clock, Timestamp},
    config::{Config, DatabaseUrl, Settings},
    db::{migrations, pool},
    groups::{self, group::Group},
    inbox,
    keys::Pairs,
    meetings::{self, meeting::Meeting},
    minutes::{self, record::Minutes},
    origin::Local,
    routes::Routes,
    sisters,
    web::door,
    worker,
};
use serde_json::Value;

/// Tuesday 24 November 2026, 12:00 UTC: when every test begins.
pub const START: Timestamp = Timestamp::from_seconds(1_795_521_600);

/// Longer than any client here keeps a connection that it does not use.
pub const PATIENCE: Duration = Duration::from_secs(600);

pub struct City {
    pub app: App,
    pub clock: Clock,
    pub origin: String,
    pub http: reqwest::Client,
    federation: FederationConfig<App>,
    server: Option<ServerHandle>,
    /// Goes away with the city.
    _folder: tempfile::TempDir,
    database: Option<String>,
}

/// The databases to test on: SQLite, and PostgreSQL where a server is named.
pub fn databases() -> Vec<&'static str> {
    if std::env::var_os("PLAZA_TEST_POSTGRES").is_some() { vec!["sqlite", "postgres"] } else { vec!["sqlite"] }
}

/// Runs a test on every database.
pub fn on_each_database<F: Future<Output = ()>>(test: impl Fn(&'static str) -> F) {
    for kind in databases() {
        GIVEN.set(0);
        actix_web::rt::System::new().block_on(test(kind));
    }
}

/// A database of its own on the PostgreSQL server of the tests, with tables and nothing in them.
pub fn postgres_database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static TABLES: OnceLock<String> = OnceLock::new();
    let name = format!("plaza_{}", std::process::id());
    let tables = TABLES.get_or_init(|| {
        let template = format!("{name}_tables");
        make_tables(&DatabaseUrl::Postgres(create(&template, "template1")));
        template
    });
    create(&format!("{name}_{}", NUMBER.fetch_add(1, Ordering::Relaxed)), tables)
}

/// Makes a database on the server of the tests; its address.
fn create(name: &str, like: &str) -> String {
    use diesel::{Connection, RunQueryDsl};
    let server = std::env::var("PLAZA_TEST_POSTGRES").expect("checked before");
    let mut conn = diesel::PgConnection::establish(&server).expect("the test server");
    diesel::sql_query(format!("CREATE DATABASE {name} TEMPLATE {like}")).execute(&mut conn).expect("a database");
    let mut url: url::Url = server.parse().expect("an address");
    url.set_path(name);
    url.into()
}

fn make_tables(url: &DatabaseUrl) {
    let mut conn = pool::open(url, pool::Use::Write).expect("a database");
    migrations::apply(&mut conn, url).expect("tables");
}

/// An SQLite file with tables and nothing in them.
fn sqlite_tables() -> &'static Path {
    static TABLES: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = TABLES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tables");
        make_tables(&DatabaseUrl::Sqlite(file.clone()));
        (folder, file)
    });
    file
}

thread_local! {
    /// How many pairs of keys this test was given.
    static GIVEN: Cell<usize> = const { Cell::new(0) };
}

/// Keys of an actor. Tests share them, for making them would take a third of all their time; within one test nobody has
/// those of another.
fn pairs() -> Pairs {
    static MADE: Mutex<Vec<Pairs>> = Mutex::new(vec![]);
    let given = GIVEN.replace(GIVEN.get() + 1);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    while made.len() <= given {
        made.push(Pairs::make().expect("keys"));
    }
    made[given].clone()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

impl City {
    pub async fn start(database: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self::start_at(database, listener).await
    }

    pub async fn start_at(database: &str, listener: TcpListener) -> Self {
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        Self::called(database, listener, origin, START).await
    }

    /// A city that goes by this origin, wherever it listens, as behind a proxy.
    pub async fn called(database: &str, listener: TcpListener, origin: String, now: Timestamp) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database_url = (database == "postgres").then(postgres_database);
        let settings = Settings {
            origin: Some(origin.clone()),
            data_dir: Some(folder.path().join("data").display().to_string()),
            database_url: database_url.clone(),
            city: Some("Riverside".into()),
            time_zone: Some("America/New_York".into()),
            allow_networks: Some("127.0.0.0/8".into()),
            allow_http: Some("true".into()),
            ..Settings::default()
        };
        let clock = Clock::stopped_at(now);
        let config = settings.check().expect("right settings");
        if let DatabaseUrl::Sqlite(file) = &config.database {
            make_private_folder(&config).expect("a folder");
            std::fs::copy(sqlite_tables(), file).expect("a file");
        }
        let app = App::open(config, clock.clone()).await.expect("a city");
        // one more for a group that starts on a page
        app.stock.put(pairs());
        app.stock.put(pairs());
        actors::make_instance(&app).await.expect("an instance actor");
        let federation = inbox::federation(&app).await.expect("federation");
        let http = client();
        let mut city = Self { app, clock, origin, http, federation, server: None, _folder: folder, database: database_url };
        city.serve(listener).await;
        city
    }

    async fn serve(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).expect("a listener");
        let routes = Routes::of(&self.app).await.expect("routes");
        let server =
            HttpServer::new(move || actix_web::App::new().wrap(from_fn(door)).configure(|config| routes.configure(config)))
                .workers(1)
                // a machine that is busy elsewhere must not close what a client is just about to use again
                .keep_alive(PATIENCE)
                .client_request_timeout(PATIENCE)
                .disable_signals()
                .shutdown_timeout(0)
                .listen(listener)
                .expect("a server")
                .run();
        self.server = Some(server.handle());
        actix_web::rt::spawn(server);
    }

    /// Nobody answers at this address any more.
    pub async fn go_down(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(false).await;
        }
    }

    /// Answers again, at the same address.
    pub async fn come_back(&mut self) {
        let address = self.origin.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(&address).expect("the port is still free");
        self.serve(listener).await;
    }

    /// Answers again as what now lies in its database, its name included.
    pub async fn open_again(&mut self) {
        let config = Config { city: None, ..self.app.config.clone() };
        self.go_down().await;
        self.app = App::open(config, self.clock.clone()).await.expect("the same city");
        self.federation = inbox::federation(&self.app).await.expect("federation");
        self.come_back().await;
        // its connections went with the server
        self.http = client();
    }

    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Starts a group of that handle.
    pub async fn group(&self, handle: &str) -> Group {
        self.group_welcomed(handle, Some(self.app.here().now)).await
    }

    /// A group of which nobody hears until it is welcomed.
    pub async fn waiting_group(&self, handle: &str) -> Group {
        self.group_welcomed(handle, None).await
    }

    async fn group_welcomed(&self, handle: &str, welcomed: Option<Timestamp>) -> Group {
        let here = self.app.here();
        let group = Group {
            name: format!("The {handle} group"),
            mission: format!("What {handle} is there for. #occupy"),
            tags: vec!["occupy".into()],
            language: "en".into(),
            welcomed,
            ..Group::blank(handle, here.now)
        };
        self.app.stock.put(pairs());
        let keys = actors::make_keys(&self.app, &Local::Group(handle.to_owned())).await.expect("keys");
        let new = group.clone();
        self.app.act(move |conn, here| groups::actions::start(conn, here, &new, &keys)).await.expect("a group");
        group
    }

    /// Schedules a meeting a week from the start.
    pub async fn meeting(&self, group: &str, title: &str) -> Meeting {
        let here = self.app.here();
        let starts = START + Duration::from_secs(7 * 24 * 3_600 + 11 * 3_600);
        let meeting = Meeting {
            title: title.to_owned(),
            starts,
            ends: starts + Duration::from_secs(7_200),
            zone: chrono_tz::Tz::America__New_York,
            place: Some("The square".into()),
            address: Some("Broadway & Liberty St".into()),
            agenda: Some("* menu\n* pots #food".into()),
            language: "en".into(),
            ..Meeting::blank(here.new_id(), group, here.now)
        };
        let new = meeting.clone();
        self.app.act(move |conn, here| meetings::actions::schedule(conn, here, &new)).await.expect("a meeting");
        meeting
    }

    /// A meeting that was `ago` and took two hours.
    pub async fn held(&self, group: &str, title: &str, kind: meetings::meeting::Kind, ago: Duration) -> Meeting {
        let mut meeting = self.meeting(group, title).await;
        let starts = self.clock.now() - ago;
        (meeting.kind, meeting.starts, meeting.ends) = (kind, starts, starts + Duration::from_secs(7_200));
        let past = meeting.clone();
        self.app.db.write(move |conn| Ok(meetings::store::save(conn, &past)?)).await.expect("a past meeting");
        meeting
    }

    /// Publishes notes of a meeting that was.
    pub async fn note(&self, meeting: &Meeting, text: &str) -> Minutes {
        let here = self.app.here();
        let new = Minutes {
            id: here.new_id(),
            group: meeting.group.clone(),
            meeting: meeting.id,
            present: None,
            text: text.to_owned(),
            language: "en".into(),
            mentions: vec![],
            decisions: vec![],
            numbered: 0,
            rolled: None,
            published: here.now,
            updated: None,
            deleted: None,
        };
        self.app.act(move |conn, here| minutes::actions::publish(conn, here, &new)).await.expect("notes")
    }

    pub async fn announce(&self, group: &str, text: &str) -> Announcement {
        let here = self.app.here();
        let announcement = Announcement {
            id: here.new_id(),
            group: group.to_owned(),
            meeting: None,
            answers: None,
            title: None,
            text: text.to_owned(),
            language: "en".into(),
            urgent: false,
            followers_only: false,
            mentions: vec![],
            pictures: vec![],
            published: here.now,
            updated: None,
            deleted: None,
        };
        let new = announcement.clone();
        self.app.act(move |conn, here| announcements::actions::publish(conn, here, &new)).await.expect("an announcement");
        announcement
    }

    /// Does all that is due, here and now: what is to be delivered, and what waits to be checked.
    pub async fn work(&self) -> usize {
        let tally = worker::delivery_worker(&self.app).expect("a worker").drain().await.expect("delivering");
        worker::attend_due(&self.federation).await.expect("arrivals");
        tally.delivered
    }

    /// A group of ours asks to hear a group of another city; both do what is due until it is accepted.
    pub async fn hears(&self, ours: &str, there: &City, theirs: &str) {
        let actor =
            actors::discovery::find(&self.app, &format!("{}/ap/groups/{theirs}", there.origin)).await.expect("the other one");
        let ours = ours.to_owned();
        self.app.act(move |conn, here| sisters::actions::ask(conn, here, &ours, &actor, None)).await.expect("asked");
        self.work().await;
        there.work().await;
    }

    /// What a group of ours heard: kind, title, content, cancelled; the newest first.
    pub async fn heard(&self, group: &str) -> Vec<sisters::sister::Heard> {
        let group = group.to_owned();
        self.app.db.read(move |conn| Ok(sisters::store::heard_by_group(conn, &group, 100)?)).await.expect("reading")
    }

    pub async fn followers(&self, group: &str) -> i64 {
        let group = group.to_owned();
        self.app.db.read(move |conn| Ok(plaza::follows::store::count(conn, &group)?)).await.expect("reading")
    }

    pub async fn get(&self, path: &str, accept: &str) -> reqwest::Response {
        let request = self.http.get(format!("{}{path}", self.origin)).header("accept", accept);
        request.send().await.expect("an answer")
    }

    /// The document at this path or address, as another server asks for it.
    pub async fn document(&self, path: &str) -> Value {
        let path = path.strip_prefix(&self.origin).unwrap_or(path);
        let response = self.get(path, "application/activity+json").await;
        assert_eq!(response.status(), 200, "{path}");
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
    }
}

impl Drop for City {
    /// Databases of the test server go with the server; only their connections must not pile up.
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            actix_web::rt::spawn(server.stop(false));
        }
        self.database.take();
    }
}

//! The program under test: `plaza serve` and the commands beside it, in a folder of its own.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use plaza::{actors::remote::RemoteActor, clock::Timestamp, config::DatabaseUrl, db::Db, follows};
use url::Url;

use crate::sink::{HOSTS, Sink, inboxes};

pub const GROUP: &str = "kitchen";

pub struct City {
    pub folder: tempfile::TempDir,
    pub port: u16,
    pub server: Option<Child>,
}

impl City {
    /// A city with one group that these follow.
    pub fn found(followers: Vec<RemoteActor>) -> Self {
        let mut city = Self::prepared();
        city.fill(followers);
        city.serve();
        city
    }

    /// A city with one group that does not serve yet.
    pub fn prepared() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let city = Self { folder, port, server: None };
        city.command(&["group", "create", GROUP, "--name", "Kitchen", "--mission", "Soup for everyone"]);
        city
    }

    fn plaza(&self) -> Command {
        let mut plaza = Command::new(env!("CARGO_BIN_EXE_plaza"));
        plaza
            .env("PLAZA_DATA_DIR", self.folder.path())
            .env("PLAZA_ORIGIN", format!("http://localhost:{}", self.port))
            .env("PLAZA_BIND", format!("127.0.0.1:{}", self.port))
            .env("PLAZA_ALLOW_NETWORKS", "127.0.0.0/8")
            .env("PLAZA_ALLOW_HTTP", "true")
            .env("PLAZA_LOG", "warn")
            .stdout(Stdio::null());
        plaza
    }

    pub fn command(&self, arguments: &[&str]) {
        let done = self.plaza().args(arguments).status().expect("plaza runs");
        assert!(done.success(), "plaza {arguments:?}: {done}");
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("plaza.sqlite")
    }

    pub fn with_database<T>(&self, work: impl AsyncFnOnce(&Db) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let db = Db::open(&DatabaseUrl::Sqlite(self.database())).expect("a database");
        runtime.block_on(work(&db))
    }

    fn fill(&self, followers: Vec<RemoteActor>) {
        self.with_database(async |db| {
            db.write(move |conn| {
                for follower in &followers {
                    follows::store::save(conn, GROUP, follower, &format!("{}/follow", follower.uri))?;
                }
                Ok(())
            })
            .await
            .expect("followers are kept");
        });
    }

    /// Starts the server and waits for its first answer.
    pub fn serve(&mut self) {
        self.server = Some(self.plaza().arg("serve").spawn().expect("plaza serves"));
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn pid(&self) -> u32 {
        self.server.as_ref().map_or(0, Child::id)
    }

    /// SIGKILL, and nothing said before.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it can be killed");
            server.wait().expect("it can be buried");
        }
    }

    /// Returns when the announcement is on disk.
    pub fn announce(&self) {
        let text = "There is soup at six, and bread. ".repeat(30);
        self.command(&["announce", GROUP, "--text", &text]);
    }

    /// Deliveries that are still queued.
    pub fn queued(&self) -> i64 {
        self.with_database(async |db| {
            let now = Timestamp::from_seconds(0);
            let queues = db.read(move |conn| Ok(plaza::federation::delivery::overview::overview(conn, now, None)?)).await;
            queues.expect("the queue").iter().map(|queue| queue.waiting + queue.set_aside).sum()
        })
    }

    pub fn public_key(&self) -> plaza::keys::PublicKey {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use plaza::db::schema::actors;
        let pem: String = self.with_database(async |db| {
            let row = actors::table.filter(actors::handle.eq(GROUP)).select(actors::rsa_public);
            db.read(move |conn| Ok(row.first(conn)?)).await.expect("the group's key")
        });
        plaza::keys::PublicKey::Rsa(plaza::keys::RsaPublic::from_pem(&pem).expect("a key"))
    }
}

impl Drop for City {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A follower for each inbox of the sink.
pub fn one_for_each_inbox(sink: &Sink) -> Vec<RemoteActor> {
    let places = (0..HOSTS).flat_map(|host| (0..inboxes()).map(move |inbox| (host, inbox)));
    places.map(|(host, inbox)| follower(sink, host, &inbox.to_string(), &inbox.to_string(), false)).collect()
}

/// So many on each of these hosts, all with the inbox that their host shares.
pub fn sharing(sink: &Sink, hosts: usize, each: usize) -> Vec<RemoteActor> {
    let people = (0..hosts).flat_map(|host| (0..each).map(move |person| (host, person)));
    people.map(|(host, person)| follower(sink, host, &person.to_string(), "0", true)).collect()
}

fn follower(sink: &Sink, host: usize, name: &str, inbox: &str, shared: bool) -> RemoteActor {
    let address = |path: String| Url::parse(&format!("http://{}/{path}", sink.authority(host))).expect("an address");
    RemoteActor {
        uri: address(format!("actor/{name}")),
        kind: "Person".into(),
        name: format!("person{name}"),
        inbox: if shared { address(format!("actor/{name}/inbox")) } else { address(format!("inbox/{inbox}")) },
        shared_inbox: shared.then(|| address(format!("inbox/{inbox}"))),
        public_keys: Vec::new(),
        assertion_keys: Vec::new(),
        fetched: Timestamp::from_seconds(0),
        key_checked: Timestamp::from_seconds(0),
    }
}

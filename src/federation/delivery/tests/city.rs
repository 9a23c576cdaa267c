//! A city with a queue and nothing else, on a database of its own and under a clock that stands still.

use std::sync::{Arc, OnceLock, atomic::AtomicU64};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tokio::sync::Notify;
use uuid::Uuid;

use super::super::{Inbox, Outgoing, Tally, Worker, record, to_followers, to_inboxes};
use crate::{
    clock::{Clock, Timestamp},
    config::DatabaseUrl,
    db::{
        Conn, Db,
        schema::{actors, deliveries, follows, groups},
    },
    error::Result,
    keys::{NewKeys, Pairs, PublicKey, RsaPublic, Secret},
    net::{Client, Wall},
    origin::Origin,
};

pub const GROUPS: [&str; 2] = ["kitchen", "library"];

pub struct City {
    pub db: Db,
    pub clock: Clock,
    pub wake: Arc<Notify>,
    url: DatabaseUrl,
    _folder: tempfile::TempDir,
}

fn keys() -> &'static (Secret, Vec<NewKeys>) {
    static KEYS: OnceLock<(Secret, Vec<NewKeys>)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let secret = Secret::random().unwrap();
        let keys = GROUPS.map(|handle| Pairs::make().unwrap().wrapped(&secret, &path(handle)).unwrap());
        (secret, keys.into())
    })
}

pub fn public_key(handle: &str) -> PublicKey {
    let index = GROUPS.iter().position(|group| *group == handle).unwrap();
    PublicKey::Rsa(RsaPublic::from_pem(&keys().1[index].rsa_public).unwrap())
}

pub fn path(handle: &str) -> String {
    format!("/ap/groups/{handle}")
}

/// SQLite, or the server that `PLAZA_TEST_POSTGRES` names, on which databases are made.
fn new_database(folder: &std::path::Path) -> DatabaseUrl {
    let Ok(server) = std::env::var("PLAZA_TEST_POSTGRES") else {
        return DatabaseUrl::Sqlite(folder.join("plaza.sqlite"));
    };
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("delivery_{}_{number}", std::process::id());
    let mut conn = crate::db::pool::open(&DatabaseUrl::Postgres(server.clone()), crate::db::pool::Use::Write).unwrap();
    diesel::sql_query(format!("DROP DATABASE IF EXISTS {name}")).execute(&mut conn).unwrap();
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    DatabaseUrl::Postgres(url.into())
}

impl City {
    pub async fn found() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = new_database(folder.path());
        let db = Db::open(&url).unwrap();
        let clock = Clock::stopped_at(Timestamp::from_seconds(1_795_528_800));
        let city = Self { db, clock, wake: Arc::default(), url, _folder: folder };
        city.write(|conn| {
            for (handle, keys) in GROUPS.iter().zip(&keys().1) {
                add_group(conn, handle, keys);
            }
        })
        .await;
        city
    }

    pub async fn write<T: Send + 'static>(&self, deed: impl Fn(&mut Conn) -> T + Send + 'static) -> T {
        self.db.write(move |conn| Ok(deed(conn))).await.unwrap()
    }

    /// A worker as another process would run it: with its own way to the database.
    pub fn worker(&self) -> Worker {
        self.worker_on(Db::open(&self.url).unwrap())
    }

    fn worker_on(&self, db: Db) -> Worker {
        let origin = Origin::parse("http://localhost:8080").unwrap();
        let wall = Wall::new(vec!["127.0.0.0/8".parse().unwrap()], true, &origin);
        let client = Client::new(wall, None).unwrap();
        Worker::new(db, client, origin, self.clock.clone(), keys().0.clone(), self.wake.clone()).unwrap()
    }

    pub async fn deliver(&self) -> Tally {
        self.try_deliver().await.unwrap()
    }

    pub async fn try_deliver(&self) -> Result<Tally> {
        self.worker_on(self.db.clone()).drain().await
    }

    pub fn advance(&self, hours: f64) {
        self.clock.advance(std::time::Duration::from_secs_f64(hours * 3600.0));
    }

    /// Says something to these inboxes; gives the number of the activity.
    pub async fn say(&self, handle: &'static str, object: &str, body: &str, inboxes: &[String]) -> i64 {
        let now = self.clock.now();
        let outgoing = outgoing(handle, object, body);
        let inboxes: Vec<Inbox> = inboxes.iter().map(|inbox| Inbox::at(&url::Url::parse(inbox).unwrap())).collect();
        let said = self.db.write(move |conn| {
            let sequence = record(conn, now, &outgoing)?;
            to_inboxes(conn, now, sequence, &inboxes)?;
            Ok(sequence)
        });
        said.await.unwrap()
    }

    pub async fn tell_followers(&self, handle: &'static str, body: &str) -> i64 {
        let now = self.clock.now();
        let outgoing = outgoing(handle, body, body);
        let said = self.db.write(move |conn| {
            let sequence = record(conn, now, &outgoing)?;
            to_followers(conn, now, sequence, handle)?;
            Ok(sequence)
        });
        said.await.unwrap()
    }

    pub async fn follow(&self, handle: &'static str, follower: &str, inbox: &str, shared_inbox: Option<&str>) {
        let (follower, inbox, shared) = (follower.to_owned(), inbox.to_owned(), shared_inbox.map(str::to_owned));
        self.write(move |conn| {
            let host = Inbox::at(&url::Url::parse(&inbox).unwrap()).host;
            diesel::insert_into(follows::table)
                .values((
                    follows::group_handle.eq(handle),
                    follows::follower.eq(&follower),
                    follows::follow_id.eq("x"),
                    follows::host.eq(host),
                    follows::inbox.eq(&inbox),
                    follows::shared_inbox.eq(&shared),
                ))
                .execute(conn)
                .unwrap();
        })
        .await;
    }

    /// Inbox and reason of all that is queued; the reason is empty for what waits.
    pub async fn queued(&self) -> Vec<(String, String)> {
        self.write(|conn| {
            let rows: Vec<(String, Option<String>)> =
                deliveries::table.order(deliveries::id).select((deliveries::inbox, deliveries::set_aside)).load(conn).unwrap();
            rows.into_iter().map(|(inbox, why)| (inbox, why.unwrap_or_default())).collect()
        })
        .await
    }

    pub async fn hosts(&self) -> Vec<HostRow> {
        self.write(|conn| {
            use crate::db::schema::hosts::dsl::{dead, fails, host, hosts, last_error, lease_until, next_try};
            hosts.order(host).select((host, next_try, lease_until, fails, last_error, dead)).load(conn).unwrap()
        })
        .await
    }
}

#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct HostRow {
    pub host: String,
    pub next_try: i64,
    pub lease_until: i64,
    pub fails: i64,
    pub last_error: Option<String>,
    pub dead: bool,
}

fn outgoing(handle: &str, object: &str, body: &str) -> Outgoing {
    let id = Uuid::from_u128(u128::from_le_bytes(random()));
    Outgoing { id, actor: path(handle), kind: "Create", object: object.into(), body: body.into(), public: true }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

fn add_group(conn: &mut Conn, handle: &str, keys: &NewKeys) {
    diesel::insert_into(actors::table)
        .values((
            actors::path.eq(path(handle)),
            actors::kind.eq("Group"),
            actors::handle.eq(handle),
            actors::rsa_private.eq(&keys.rsa_private),
            actors::rsa_public.eq(&keys.rsa_public),
            actors::ed25519_private.eq(&keys.ed25519_private),
            actors::ed25519_public.eq(&keys.ed25519_public),
            actors::created.eq(0),
            actors::welcomed.eq(0),
        ))
        .execute(conn)
        .unwrap();
    diesel::insert_into(groups::table)
        .values((
            groups::handle.eq(handle),
            groups::name.eq(handle),
            groups::mission.eq(""),
            groups::tags.eq("[]"),
            groups::language.eq("en"),
            groups::created.eq(0),
            groups::updated.eq(0),
        ))
        .execute(conn)
        .unwrap();
}

//! Answers Prometheus, at an address of its own and nothing else there.

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{HttpResponse, HttpServer, dev::ServerHandle, web};
use diesel::{
    QueryResult, QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Nullable},
};

use crate::{
    app::App,
    clock::Timestamp,
    db::Conn,
    error::{Error, Result},
    metrics::{self, State},
};

/// How often measurements are taken in while nobody looks.
const TIDY: Duration = Duration::from_secs(5);

/// Begins to count and to answer, when an address for it is given. `public` is where the city itself is answered.
pub fn start(app: &App, public: &[SocketAddr]) -> Result<Option<ServerHandle>> {
    let Some(address) = app.config.metrics_bind else { return Ok(None) };
    if public.contains(&address) {
        return Err(Error::refused("PLAZA_METRICS_BIND is where the city itself is answered: choose another port"));
    }
    let listener = TcpListener::bind(address).map_err(|error| {
        Error::refused(format!("{address} cannot be listened on ({error}): choose another with PLAZA_METRICS_BIND"))
    })?;
    if !is_private(address.ip()) {
        tracing::warn!("PLAZA_METRICS_BIND is neither loopback nor private: whoever reaches it can read the city's numbers");
    }
    metrics::start(app.clock.now()).map_err(Error::broken)?;
    let city = web::Data::new(app.clone());
    let server = HttpServer::new(move || actix_web::App::new().app_data(city.clone()).route("/metrics", web::get().to(show)))
        .workers(1)
        .max_connections(64)
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    tokio::spawn(async {
        let mut ticks = tokio::time::interval(TIDY);
        loop {
            ticks.tick().await;
            metrics::tidy();
        }
    });
    Ok(Some(handle))
}

fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

async fn show(app: web::Data<App>) -> HttpResponse {
    let now = app.clock.now();
    match app.db.read(move |conn| Ok(state(conn, now)?)).await {
        Ok(state) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics::page(&state)),
        Err(error) => {
            tracing::warn!("the city's numbers cannot be read: {error}");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    set_aside: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<Timestamp>,
    #[diesel(sql_type = BigInt)]
    failing_hosts: i64,
    #[diesel(sql_type = BigInt)]
    dead_hosts: i64,
    #[diesel(sql_type = BigInt)]
    arrivals: i64,
    #[diesel(sql_type = BigInt)]
    groups: i64,
    #[diesel(sql_type = BigInt)]
    followers: i64,
    #[diesel(sql_type = BigInt)]
    meetings: i64,
}

/// One read. What waits longest was said first.
fn state(conn: &mut Conn, now: Timestamp) -> QueryResult<State> {
    let counted: Counted = diesel::sql_query(
        "SELECT (SELECT count(*) FROM deliveries WHERE set_aside IS NULL) AS waiting, \
         (SELECT count(*) FROM deliveries WHERE set_aside IS NOT NULL) AS set_aside, \
         (SELECT published FROM activities WHERE sequence = \
          (SELECT min(activity) FROM deliveries WHERE set_aside IS NULL)) AS oldest, \
         (SELECT count(*) FROM hosts WHERE failing_since IS NOT NULL AND NOT dead) AS failing_hosts, \
         (SELECT count(*) FROM hosts WHERE dead) AS dead_hosts, \
         (SELECT count(*) FROM arrivals WHERE quarantined IS NULL) AS arrivals, \
         (SELECT count(*) FROM actors WHERE kind = 'Group' AND handle <> 'plaza' AND closed IS NULL AND welcomed IS NOT NULL) AS groups, \
         (SELECT count(*) FROM follows) AS followers, \
         (SELECT count(*) FROM meetings WHERE starts > $1 AND cancelled IS NULL) AS meetings",
    )
    .bind::<BigInt, _>(now)
    .get_result(conn)?;
    Ok(State {
        waiting: counted.waiting,
        set_aside: counted.set_aside,
        oldest: counted.oldest.map(|said| now.since(said)).unwrap_or_default(),
        failing_hosts: counted.failing_hosts,
        dead_hosts: counted.dead_hosts,
        arrivals: counted.arrivals,
        groups: counted.groups,
        followers: counted.followers,
        meetings: counted.meetings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_may_reach_is_warned_of() {
        for near in ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.2", "169.254.1.1", "fd00::1", "fe80::1", "::ffff:10.1.2.3"] {
            assert!(is_private(near.parse().unwrap()), "{near}");
        }
        for open in ["0.0.0.0", "::", "203.0.113.77", "2001:db8::7", "::ffff:203.0.113.77"] {
            assert!(!is_private(open.parse().unwrap()), "{open}");
        }
    }
}

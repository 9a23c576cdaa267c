//! `plaza serve`: opens the city, answers the web, delivers, and ends in good order.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    HttpServer,
    middleware::{Condition, from_fn},
};

use super::Report;
use crate::{
    actors,
    app::{self, App},
    clock::Clock,
    config::{Config, Role},
    error::{Error, Result},
    groups,
    metrics::{count_request, is_on},
    plaza,
    routes::Routes,
    web::door,
    worker::Worker,
};

/// Requests under way are given so long to end.
const DRAIN: Duration = Duration::from_secs(5);

pub async fn run(config: Config) -> Result<Report> {
    let app = App::open(config, Clock::system()).await?;
    let _lock = app::be_alone(&app.config)?;
    let given = app.config.clone();
    app.db.write(move |conn| Ok(app::keep_place(conn, &given)?)).await?;
    actors::make_instance(&app).await?;
    plaza::actions::open(&app).await?;
    let role = app.config.role;
    let public = if role == Role::Worker { Vec::new() } else { addresses(&app) };
    let metrics = super::metrics::start(&app, &public)?;
    let worker = (role != Role::Web).then(|| Worker::start(&app)).transpose()?;
    let served = if role == Role::Worker { wait_for_the_end(&app).await } else { answer(&app, &public).await };
    if let Some(worker) = worker {
        worker.stop().await;
    }
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    served.map(|()| Report::new("", serde_json::Value::Null))
}

async fn answer(app: &App, addresses: &[SocketAddr]) -> Result<()> {
    let routes = Routes::of(app).await?;
    let make = move || {
        let app = actix_web::App::new().wrap(from_fn(door)).wrap(Condition::new(is_on(), from_fn(count_request)));
        app.configure(|config| routes.configure(config))
    };
    let mut server = HttpServer::new(make)
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(30))
        .max_connections(10_000)
        .shutdown_timeout(DRAIN.as_secs())
        .disable_signals();
    for listener in listeners(addresses)? {
        server = server.listen(listener)?;
    }
    greet(app).await?;
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    let ended = wait_for_the_end(app).await;
    handle.stop(true).await;
    running.await.map_err(Error::broken)??;
    ended
}

/// Until SIGTERM or Ctrl-C; an error when the disk can no longer be trusted.
async fn wait_for_the_end(app: &App) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = look.tick() => if app.db.has_failed() {
                return Err(Error::broken("the disk did not keep what was written"));
            },
        }
    }
}

/// Where we listen: what was asked for; else, for a city of this machine, its port on both loopback addresses.
fn addresses(app: &App) -> Vec<SocketAddr> {
    match (app.config.bind, app.origin.is_loopback()) {
        (Some(address), _) => vec![address],
        (None, true) => {
            let port = app.origin.port();
            vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port), SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)]
        }
        (None, false) => vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)],
    }
}

fn listeners(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        match TcpListener::bind(address) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                listeners.push(listener);
            }
            // a machine without IPv6 is fine
            Err(_) if index > 0 => {}
            Err(error) => {
                return Err(Error::refused(format!("{address} cannot be listened on ({error}): choose another with PLAZA_BIND")));
            }
        }
    }
    Ok(listeners)
}

async fn greet(app: &App) -> Result<()> {
    let first = app.db.read(|conn| Ok(groups::store::list(conn)?)).await?.is_empty();
    let plaza = std::env::args().next().unwrap_or_else(|| "plaza".into());
    let group = "kitchen";
    super::print_line(&format!("{} is open at {}", app.place.name, app.origin));
    if first {
        super::print_line(&format!(
            "Next, in another terminal:\n  \
             {plaza} group create {group} --name \"Kitchen\" --mission \"We feed the assembly.\"\n  \
             {plaza} meeting schedule {group} --title \"Weekly meeting\" --starts {}T18:00 --place \"The square\"\n  \
             {plaza} announce {group} --text \"We need large pots before noon.\"",
            (app.clock.now() + Duration::from_secs(7 * 24 * 3_600)).utc().format("%Y-%m-%d")
        ));
    }
    Ok(())
}

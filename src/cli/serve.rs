//! `plaza serve`: opens the city, answers the web, delivers, and ends in good order.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    HttpServer,
    dev::ServerHandle,
    middleware::{Condition, from_fn},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
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
    let mut ending = Ending::watch()?;
    let open = Open::start(&app).await?;
    if app.config.role != Role::Worker {
        greet(&app).await?;
    }
    let ended = ending.of(&[&app]).await;
    open.end().await?;
    ended.map(|()| Report::new("", serde_json::Value::Null))
}

/// A city that answers and delivers, as its role says.
pub struct Open {
    web: Option<(ServerHandle, JoinHandle<std::io::Result<()>>)>,
    metrics: Option<ServerHandle>,
    worker: Option<Worker>,
    app: App,
    _alone: File,
}

impl Open {
    pub async fn start(app: &App) -> Result<Self> {
        let alone = app::be_alone(&app.config)?;
        let given = app.config.clone();
        app.db.write(move |conn| Ok(app::keep_place(conn, &given)?)).await?;
        actors::make_instance(app).await?;
        plaza::actions::open(app).await?;
        let role = app.config.role;
        let public = if role == Role::Worker { Vec::new() } else { app.config.addresses(&app.origin) };
        let metrics = super::metrics::start(app, &public)?;
        let web = if role == Role::Worker { None } else { Some(answer(app, &public).await?) };
        let worker = (role != Role::Web).then(|| Worker::start(app)).transpose()?;
        Ok(Self { app: app.clone(), web, metrics, worker, _alone: alone })
    }

    /// Requests and deliveries under way have their time to end.
    pub async fn end(self) -> Result<()> {
        if let Some((handle, running)) = self.web {
            handle.stop(true).await;
            running.await.map_err(Error::broken)??;
        }
        if let Some(worker) = self.worker {
            worker.stop().await;
        }
        self.app.db.settle().await;
        if let Some(metrics) = self.metrics {
            metrics.stop(false).await;
        }
        Ok(())
    }
}

async fn answer(app: &App, addresses: &[SocketAddr]) -> Result<(ServerHandle, JoinHandle<std::io::Result<()>>)> {
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
    let server = server.run();
    Ok((server.handle(), tokio::spawn(server)))
}

/// SIGTERM or Ctrl-C, from now on.
pub struct Ending {
    terminate: Signal,
    interrupt: Signal,
}

impl Ending {
    pub fn watch() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Until we are asked to end; an error when the disk can no longer be trusted.
    pub async fn of(&mut self, apps: &[&App]) -> Result<()> {
        let mut look = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = self.asked() => return Ok(()),
                _ = look.tick() => if apps.iter().any(|app| app.db.has_failed()) {
                    return Err(Error::broken("the disk did not keep what was written"));
                },
            }
        }
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
    if let Some(link) = super::members::start_link(app).await? {
        super::print_line(&format!("Nobody looks after this place yet. Whoever opens this link within a day does:\n  {link}"));
    }
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

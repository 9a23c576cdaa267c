//! What happens by itself: delivering, answering what had to wait, the plaza's post in the morning, what was put off, forgetting.

use std::time::Duration;

use activitypub_federation::config::{Data, FederationConfig};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    actors::remote,
    announcements,
    app::App,
    care, city, coming,
    db::Conn,
    desk,
    error::{Error, Result},
    federation::{arrivals, delivery, guard::StoredRequest, outbox},
    imports,
    inbox::{self, NotTaken, Taken},
    joint, living, meetings, members, metrics, moving, notices, people,
    plaza::{self, digest},
    quarantine, replies, reports, series, sisters, suggestions,
};

/// How often we look for what another process queued.
const LOOK: Duration = Duration::from_millis(500);
const FORGET: Duration = Duration::from_secs(3_600);
/// How often we look whether it is morning.
const DAWN: Duration = Duration::from_secs(20);
/// How often we look for meetings whose answers are to be erased.
const ERASE: Duration = Duration::from_secs(60);
/// How often we look for what is to be published by itself.
const DUE: Duration = Duration::from_secs(5);
/// How often we look whether a calendar is to be looked at.
const LOOK_AT_CALENDARS: Duration = Duration::from_secs(60);
/// So long nobody else takes up an arrival that one process works on.
const LEASE: Duration = Duration::from_secs(60);
/// What is under way when we stop has so long to end.
const LAST_CALL: Duration = Duration::from_millis(9_500);
/// Arrivals taken up together.
const AT_ONCE: i64 = 20;

/// Everything that runs beside the web.
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    pub fn start(app: &App) -> Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(deliver(app.clone(), stopped.clone())),
            tokio::spawn(attend_arrivals(app.clone(), stopped.clone())),
            tokio::spawn(post_mornings(app.clone(), stopped.clone())),
            tokio::spawn(forget_who_came(app.clone(), stopped.clone())),
            tokio::spawn(say_in_time(app.clone(), stopped.clone())),
            tokio::spawn(tell_who_waits(app.clone(), stopped.clone())),
            tokio::spawn(bring_pictures(app.clone(), stopped.clone())),
            tokio::spawn(look_at_calendars(app.clone(), stopped.clone())),
            tokio::spawn(read_sisters(app.clone(), stopped.clone())),
            tokio::spawn(forget(app.clone(), stopped)),
        ];
        Ok(Self { stop, tasks })
    }

    /// Ends what is under way in good order.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = tokio::time::timeout(LAST_CALL, task).await;
        }
    }
}

/// Carries what was said to whoever should hear it.
async fn deliver(app: App, mut stopped: watch::Receiver<bool>) {
    let worker = match delivery_worker(&app) {
        Ok(worker) => worker,
        Err(error) => return tracing::error!("nothing is delivered: {error}"),
    };
    if let Err(error) = app.db.write(|conn| Ok(delivery::end_old_leases(conn)?)).await {
        tracing::warn!("what an earlier server was delivering has to wait for its leases to run out: {error}");
    }
    worker.run(async move { drop(stopped.wait_for(|stop| *stop).await) }).await;
}

/// The one that delivers for this city.
pub fn delivery_worker(app: &App) -> Result<delivery::Worker> {
    delivery::Worker::new(
        app.db.clone(),
        app.http.clone(),
        app.origin.clone(),
        app.clock.clone(),
        app.secret.clone(),
        app.queued.clone(),
    )
}

async fn attend_arrivals(app: App, mut stopped: watch::Receiver<bool>) {
    let config = match inbox::federation(&app).await {
        Ok(config) => config,
        Err(error) => return tracing::error!("what arrives is not attended: {error}"),
    };
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = app.arrived.notified() => {}
            _ = tokio::time::sleep(LOOK) => {}
        }
        while !*stopped.borrow() {
            match attend_due(&config).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!("what arrived waits: {error}");
                    break;
                }
            }
        }
    }
}

/// Takes up what is due; says how many there were.
pub async fn attend_due(config: &FederationConfig<App>) -> Result<usize> {
    let app = config.to_request_data();
    let now = app.clock.now();
    if !app.db.read(move |conn| Ok(arrivals::any_due(conn, now)?)).await? {
        return Ok(0);
    }
    let due = app.db.write(move |conn| Ok(arrivals::claim_due(conn, now, LEASE, AT_ONCE)?)).await?;
    let count = due.len();
    let all = due.into_iter().map(|arrival| attend(&app, arrival));
    for outcome in futures_util::future::join_all(all).await {
        outcome?;
    }
    Ok(count)
}

async fn attend(app: &Data<App>, arrival: arrivals::Arrival) -> Result<()> {
    let request: StoredRequest = serde_json::from_str(&arrival.request)?;
    let outcome = match request.claim(arrival.body.as_bytes()) {
        Ok(claim) => inbox::take(app, &claim, None).await,
        Err(rejection) => Err(NotTaken::Rejected(rejection)),
    };
    let now = app.clock.now();
    let why = match outcome {
        Ok(Taken::Later(why)) => why,
        Err(NotTaken::Failed(error @ Error::Broken(_))) => error.to_string(),
        // done, or refused for good: nobody waits for the answer any more
        outcome @ (Ok(Taken::Done { .. }) | Err(_)) => {
            metrics::count_inbox(if outcome.is_ok() { "taken_later" } else { "refused_later" });
            return app.db.write(move |conn| Ok(arrivals::done(conn, arrival.id)?)).await;
        }
    };
    app.db.write(move |conn| Ok(arrivals::failed(conn, &arrival, &why, now)?)).await
}

/// Posts the plaza's digest of this morning, if it is due and nobody did; whether it was posted.
pub async fn post_digest_once(app: &App) -> Result<bool> {
    let zone = app.place.zone;
    let Some(date) = digest::due(app.clock.now(), zone) else { return Ok(false) };
    if app.db.read(move |conn| Ok(plaza::store::of_date(conn, date)?)).await?.is_some() {
        return Ok(false);
    }
    Ok(app.act(move |conn, here| plaza::actions::post_digest(conn, here, zone)).await?.is_some())
}

async fn post_mornings(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = post_digest_once(&app).await {
            tracing::warn!("this morning's digest waits: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(DAWN) => {}
        }
    }
}

/// Erases who came, an hour after each meeting; says of how many meetings.
pub async fn forget_who_came_once(app: &App) -> Result<usize> {
    let now = app.clock.now();
    if app.db.read(move |conn| coming::actions::any_over(conn, now)).await? {
        let count = app.db.write(move |conn| coming::actions::forget(conn, now)).await?;
        // also where the database keeps what it wrote lately
        app.db.settle().await;
        Ok(count)
    } else {
        Ok(0)
    }
}

async fn forget_who_came(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = forget_who_came_once(&app).await {
            tracing::warn!("erasing who came waits: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(ERASE) => {}
        }
    }
}

/// Lays out the meetings of series that came within reach, and tells others of those that are near.
pub async fn open_meetings_once(app: &App) -> Result<()> {
    series::actions::lay_out_what_is_due(app).await?;
    meetings::actions::open_what_is_due(app).await?;
    Ok(())
}

/// Publishes what groups put off until now, shows where meetings are whose veil lifts, and reminds of those that begin soon.
async fn say_in_time(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = desk::actions::say_what_is_due(&app).await {
            tracing::warn!("what is to be published waits: {error}");
        }
        if let Err(error) = open_meetings_once(&app).await {
            tracing::warn!("what is to be heard of meetings that recur waits: {error}");
        }
        if let Err(error) = joint::pace::tell_what_waited(&app).await {
            tracing::warn!("what others changed of meetings waits: {error}");
        }
        if let Err(error) = meetings::actions::lift_what_is_due(&app).await {
            tracing::warn!("where a meeting is cannot be shown yet: {error}");
        }
        if let Err(error) = meetings::reminders::send_what_is_due(&app).await {
            tracing::warn!("reminders wait: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(DUE) => {}
        }
    }
}

/// Tells those who want to know that something waits for them. Servers of others may take their time, which nothing else waits for.
async fn tell_who_waits(app: App, mut stopped: watch::Receiver<bool>) {
    if let Err(error) = notices::push::make_key(&app).await {
        tracing::warn!("no browser can be woken: {error}");
    }
    loop {
        if let Err(error) = notices::actions::tell_all(&app).await {
            tracing::warn!("telling that something waits has to wait: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(DUE) => {}
        }
    }
}

/// Brings the pictures of replies that somebody let through.
async fn bring_pictures(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(DUE) => {}
        }
        if let Err(error) = replies::pictures::bring(&app).await {
            tracing::warn!("pictures of replies wait: {error}");
        }
    }
}

/// Looks at calendars kept elsewhere, each at its turn.
async fn look_at_calendars(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = imports::watching::look_at_what_is_due(&app).await {
            tracing::warn!("looking at calendars waits: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(LOOK_AT_CALENDARS) => {}
        }
    }
}

/// Reads what new sisters said before.
async fn read_sisters(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(DUE) => {}
        }
        if let Err(error) = sisters::backfill::read_what_is_due(&app).await {
            tracing::warn!("what sisters said before waits: {error}");
        }
    }
}

/// Forgets what has served its purpose.
pub async fn forget_once(app: &App) -> Result<()> {
    let now = app.clock.now();
    let deed = move |conn: &mut Conn| {
        arrivals::prune(conn, now)?;
        remote::prune(conn, now)?;
        outbox::prune(conn, now)?;
        delivery::prune(conn, now)?;
        members::actions::forget(conn, now)?;
        suggestions::store::prune(conn, now)?;
        replies::store::prune(conn, now)?;
        replies::letters::prune(conn, now)?;
        replies::forwarding::prune(conn)?;
        reports::store::prune(conn, now)?;
        moving::store::prune(conn, now)?;
        quarantine::store::prune(conn, now)?;
        joint::store::prune(conn, now)?;
        joint::pace::prune(conn, now)?;
        desk::store::forget(conn, now)?;
        meetings::reminders::prune(conn, now)?;
        series::store::forget_veils(conn, now)?;
        imports::watching::forget(conn, now)?;
        notices::store::forget(conn, now)?;
        sisters::actions::forget(conn, now)?;
        announcements::alarms::forget(conn, now)?;
        Ok(())
    };
    // what has its day is done also where something cannot be forgotten
    let forgotten = app.db.write(deed).await;
    app.act(people::ending::settle).await?;
    forgotten?;
    app.db.settle().await;
    moving::actions::go_what_is_due(app).await?;
    living::actions::doubt_what_nobody_confirmed(app).await?;
    city::pictures::sweep(app).await
}

async fn forget(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = forget_once(&app).await {
            tracing::warn!("forgetting waits: {error}");
        }
        if let Err(error) = care::look_daily(&app).await {
            tracing::warn!("looking after the place waits: {error}");
        }
        tokio::select! {
            _ = stopped.changed() => return,
            _ = tokio::time::sleep(FORGET) => {}
        }
    }
}

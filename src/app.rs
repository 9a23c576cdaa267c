//! What every part of a running city shares: database, clock, settings, the way out; and doing a thing once.

use std::{
    fs::{File, TryLockError},
    io::Write,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use chrono_tz::Tz;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use tokio::sync::Notify;
use unic_langid::LanguageIdentifier;
use uuid::{ContextV7, Uuid};

use crate::{
    actors::keyring::Keyring,
    clock::{Clock, Timestamp},
    config::{self, Config, DatabaseUrl, MediaPlace},
    db::{
        Conn, Db, insert_new,
        schema::{handled, settings},
    },
    error::{Error, Result},
    federation::{fetch::Signer, flights::Flights, webfinger::intents::Desk},
    keys::{Secret, Stock},
    media::Media,
    net,
    origin::Origin,
    words::Words,
};

/// Where a city lives when nobody says otherwise.
const FIRST_ORIGIN: &str = "http://localhost:8080";

pub fn first_origin() -> Result<Origin> {
    Origin::parse(FIRST_ORIGIN).map_err(Error::broken)
}

/// A running city, or a command working on one; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub config: Config,
    /// The origin in force, which the database keeps.
    pub origin: Origin,
    pub place: Place,
    pub http: net::Client,
    /// Where pictures are kept.
    pub media: Media,
    /// Fetches under way and those that failed lately.
    pub flights: Flights,
    /// Where strangers ask for the way to their own server.
    pub desk: Desk,
    pub secret: Secret,
    /// Keys made ahead for the next actor.
    pub stock: Stock,
    /// What our actors prove their words with.
    pub keyring: Keyring,
    /// Signs every fetch, as the instance actor; its key is opened when first needed.
    pub signer: tokio::sync::OnceCell<Signer>,
    /// Rung when deliveries were queued in this process.
    pub queued: Arc<Notify>,
    /// Rung when something arrived that needs a fetch.
    pub arrived: Arc<Notify>,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What a city says about the place it is for. Settings given to `serve` are kept, so that commands beside it agree with it.
#[derive(Clone, Debug)]
pub struct Place {
    /// As people say it.
    pub name: String,
    pub zone: Tz,
    /// Never empty; the first one is the place's own.
    pub languages: Vec<LanguageIdentifier>,
}

/// Where and when a deed is done: what it needs to make ids and documents, and to prove them.
#[derive(Clone)]
pub struct Here {
    pub origin: Origin,
    pub now: Timestamp,
    /// Name of the place, as people say it.
    pub city: String,
    pub keyring: Keyring,
}

impl Here {
    /// A new id; ids made later sort later.
    pub fn new_id(&self) -> Uuid {
        static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());
        let context = CONTEXT.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = self.now.micros().rem_euclid(1_000_000);
        let time = uuid::Timestamp::from_unix(
            &*context,
            u64::try_from(self.now.seconds()).unwrap_or(0),
            u32::try_from(micros).unwrap_or(0) * 1_000,
        );
        Uuid::new_v7(time)
    }
}

impl App {
    /// Opens the city of these settings, making folder, database and secret where they are missing.
    ///
    /// # Errors
    /// `Refused` when the settings contradict what the city already is.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        make_private_folder(&config)?;
        let media = Media::open(&config.media)?;
        let secret = Secret::load_or_make(&config.secret_file)?;
        let db = Db::open(&config.database)?;
        let asked = config.origin.clone();
        let origin = db.write(move |conn| settle_origin(conn, asked.as_ref())).await?;
        let (given, at) = (config.clone(), origin.clone());
        let place = db.read(move |conn| place(conn, &given, &at)).await?;
        let wall = net::Wall::new(config.allow_networks.clone(), config.allow_http, &origin);
        let http = net::Client::new(wall, config.root_certificates.as_deref())?;
        let (queued, arrived) = Default::default();
        Ok(Self(Arc::new(Parts {
            db,
            clock,
            config,
            origin,
            place,
            http,
            media,
            flights: Flights::default(),
            desk: Desk::default(),
            keyring: Keyring::new(secret.clone()),
            secret,
            stock: Stock::default(),
            signer: Default::default(),
            queued,
            arrived,
        })))
    }

    pub fn here(&self) -> Here {
        Here { origin: self.origin.clone(), now: self.clock.now(), city: self.place.name.clone(), keyring: self.keyring.clone() }
    }

    /// A deed of our own; wakes whoever delivers.
    pub async fn act<T: Send + 'static>(&self, deed: impl Fn(&mut Conn, &Here) -> Result<T> + Send + 'static) -> Result<T> {
        let here = self.here();
        let outcome = self.db.write(move |conn| deed(conn, &here)).await?;
        self.queued.notify_one();
        Ok(outcome)
    }
}

/// Notes that an activity is being handled, in the transaction of its effect: a failure leaves no trace, a repeat has no effect.
/// `activity` is a fingerprint of its id. `false` for a repeat.
pub fn once(conn: &mut Conn, activity: &str, now: Timestamp) -> QueryResult<bool> {
    let row = (handled::activity.eq(activity), handled::time.eq(now));
    insert_new(conn, |conn| diesel::insert_into(handled::table).values(row).execute(conn))
}

/// The folder holds keys and who follows whom: nobody else on the machine may look into it.
pub fn make_private_folder(config: &Config) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut folders = vec![config.data_dir.clone()];
    if let MediaPlace::Folder(folder) = &config.media {
        folders.push(folder.clone());
    }
    if let DatabaseUrl::Sqlite(file) = &config.database {
        folders.extend(file.parent().filter(|parent| !parent.as_os_str().is_empty()).map(Into::into));
    }
    for folder in folders {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|e| Error::refused(format!("the folder {} cannot be made: {e}", folder.display())))?;
    }
    Ok(())
}

/// One server per folder: two would deliver everything twice. The lock goes with the process, whose number stands in the file.
pub fn be_alone(config: &Config) -> Result<File> {
    let path = config.data_dir.join("serve.lock");
    let mut file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => {
            // only for those who look; a full disk is no reason not to serve
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(Error::refused(format!(
            "another plaza serves from {} already: stop it first, or give this one its own PLAZA_DATA_DIR",
            config.data_dir.display()
        ))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The number of the process that holds [`be_alone`]; `None` when none does. Makes no file.
pub fn who_is_alone(config: &Config) -> Result<Option<u32>> {
    let path = config.data_dir.join("serve.lock");
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        // 0: a server that is older than this
        Err(TryLockError::WouldBlock) => Ok(Some(std::fs::read_to_string(&path)?.trim().parse().unwrap_or(0))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// What the city keeps about itself under `name`.
pub fn setting(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    settings::table.find(name).select(settings::value).first(conn).optional()
}

pub fn keep_setting(conn: &mut Conn, name: &str, value: &str) -> QueryResult<()> {
    let changed = diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(conn)?;
    if changed == 0 {
        diesel::insert_into(settings::table).values((settings::name.eq(name), settings::value.eq(value))).execute(conn)?;
    }
    Ok(())
}

const NAME: &str = "city";
const ZONE: &str = "time_zone";
const LANGUAGES: &str = "languages";

/// What is given now, else what was kept, else a default.
fn place(conn: &mut Conn, given: &Config, origin: &Origin) -> Result<Place> {
    let kept = |conn: &mut Conn, name| setting(conn, name);
    let name = given.city.clone().or(kept(conn, NAME)?).unwrap_or_else(|| origin.host().to_owned());
    let zone = given.time_zone.or(kept(conn, ZONE)?.and_then(|zone| config::time_zone(&zone).ok())).unwrap_or(Tz::UTC);
    let languages = given
        .languages
        .clone()
        .or(kept(conn, LANGUAGES)?.and_then(|list| config::languages(&list).ok()))
        .unwrap_or_else(|| Words::ALL.to_vec());
    Ok(Place { name, zone, languages })
}

/// Keeps what was given about the place, for commands and for the next start.
pub fn keep_place(conn: &mut Conn, given: &Config) -> QueryResult<()> {
    if let Some(name) = &given.city {
        keep_setting(conn, NAME, name)?;
    }
    if let Some(zone) = given.time_zone {
        keep_setting(conn, ZONE, zone.name())?;
    }
    if let Some(languages) = &given.languages {
        let tags: Vec<String> = languages.iter().map(ToString::to_string).collect();
        keep_setting(conn, LANGUAGES, &tags.join(","))?;
    }
    Ok(())
}

/// The place's own language, where one was chosen.
pub fn kept_language(conn: &mut Conn) -> QueryResult<Option<LanguageIdentifier>> {
    let kept = setting(conn, LANGUAGES)?.and_then(|list| config::languages(&list).ok());
    Ok(kept.and_then(|languages| languages.first().cloned()))
}

const ORIGIN: &str = "origin";
/// The origin in force, where there is one already.
pub fn kept_origin(conn: &mut Conn) -> Result<Option<Origin>> {
    setting(conn, ORIGIN)?.map(|kept| Origin::parse(&kept).map_err(Error::broken)).transpose()
}

const MET_ANOTHER: &str = "met_another_server";

/// The origin is chosen once. Another one given later is refused: every id ever sent begins with it.
fn settle_origin(conn: &mut Conn, asked: Option<&Origin>) -> Result<Origin> {
    let Some(kept) = setting(conn, ORIGIN)? else {
        let first = match asked {
            Some(origin) => origin.clone(),
            None => first_origin()?,
        };
        keep_setting(conn, ORIGIN, &first.to_string())?;
        return Ok(first);
    };
    let kept = Origin::parse(&kept).map_err(Error::broken)?;
    match asked {
        Some(other) if *other != kept && has_met_another(conn)? => Err(Error::refused(format!(
            "PLAZA_ORIGIN cannot be {other}: other servers know this city as {kept}, and would lose it. Start it with {kept}."
        ))),
        Some(other) if *other != kept => Err(Error::refused(format!(
            "PLAZA_ORIGIN is {other}, but this city was started as {kept}. No other server knows it yet: `plaza origin set {other}` changes it and every id with it."
        ))),
        _ => Ok(kept),
    }
}

/// From now on other servers know our ids.
pub fn note_meeting_another(conn: &mut Conn) -> QueryResult<()> {
    if !has_met_another(conn)? {
        keep_setting(conn, MET_ANOTHER, "yes")?;
    }
    Ok(())
}

pub fn has_met_another(conn: &mut Conn) -> QueryResult<bool> {
    Ok(setting(conn, MET_ANOTHER)?.is_some())
}

/// The origin in force and the change to another one; only while no other server knows us.
pub fn change_origin(conn: &mut Conn, to: &Origin) -> Result<Origin> {
    let from = settle_origin(conn, None)?;
    if from == *to {
        return Ok(from);
    }
    if has_met_another(conn)? {
        return Err(Error::refused(format!(
            "the origin stays {from}: another server was already answered or written to, and would lose this city under another address"
        )));
    }
    keep_setting(conn, ORIGIN, &to.to_string())?;
    Ok(from)
}

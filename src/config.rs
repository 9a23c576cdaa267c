//! Every setting: its flag, its environment variable, its default and its check.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use chrono_tz::Tz;
use ipnet::IpNet;
use unic_langid::LanguageIdentifier;

use crate::{origin::Origin, text};

/// What was typed or found in the environment; [`Settings::check`] makes a [`Config`] of it.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address under which everyone reaches this city; kept from the first start on [default: http://localhost:8080]
    #[arg(long, global = true, env = "PLAZA_ORIGIN", value_name = "URL")]
    pub origin: Option<String>,
    /// Address and port to listen on [default: 127.0.0.1 and the origin's port if that is loopback, else 127.0.0.1:8080]
    #[arg(long, global = true, env = "PLAZA_BIND", value_name = "IP:PORT")]
    pub bind: Option<String>,
    /// Address and port at which Prometheus reads numbers, at /metrics; nobody else should reach it [default: nowhere]
    #[arg(long, global = true, env = "PLAZA_METRICS_BIND", value_name = "IP:PORT")]
    pub metrics_bind: Option<String>,
    /// Folder for everything this city keeps [default: ./plaza-data]
    #[arg(long, global = true, env = "PLAZA_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// sqlite:FILE or postgres://USER@HOST/NAME [default: sqlite: in the data folder]
    #[arg(long, global = true, env = "PLAZA_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folder for pictures, or s3://BUCKET/PREFIX with the usual AWS_… variables [default: media in the data folder]
    #[arg(long, global = true, env = "PLAZA_MEDIA", value_name = "FOLDER|URL")]
    pub media: Option<String>,
    /// Name of the place, as people say it [default: the origin's host]
    #[arg(long, global = true, env = "PLAZA_CITY", value_name = "NAME")]
    pub city: Option<String>,
    /// Time zone of the place, such as America/New_York [default: UTC]
    #[arg(long, global = true, env = "PLAZA_TIME_ZONE", value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Languages of the place, the first one its own, such as en,es [default: en,es]
    #[arg(long, global = true, env = "PLAZA_LANGUAGES", value_name = "LIST")]
    pub languages: Option<String>,
    /// all, web (answers only) or worker (delivers only) [default: all]
    #[arg(long, global = true, env = "PLAZA_ROLE", value_name = "ROLE")]
    pub role: Option<String>,
    /// Networks that are not public and that federation may talk to all the same, such as 10.0.0.0/8 [default: none]
    #[arg(long, global = true, env = "PLAZA_ALLOW_NETWORKS", value_name = "CIDR,…")]
    pub allow_networks: Option<String>,
    /// true: talk to other servers over plain http too (for tests) [default: false]
    #[arg(long, global = true, env = "PLAZA_ALLOW_HTTP", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub allow_http: Option<String>,
    /// PEM file with root certificates to trust beside the system's [default: none]
    #[arg(long, global = true, env = "PLAZA_ROOT_CERTIFICATES", value_name = "FILE")]
    pub root_certificates: Option<String>,
    /// File with the secret that wraps private keys; made when missing [default: secret in the data folder]
    #[arg(long, global = true, env = "PLAZA_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<String>,
    /// What to log: error, warn, info, debug, or a tracing filter [default: info]
    #[arg(long, global = true, env = "PLAZA_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// text or json: how a line of the log is written [default: text]
    #[arg(long, global = true, env = "PLAZA_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Which part of the work a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    All,
    Web,
    Worker,
}

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Where the pictures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaPlace {
    Folder(PathBuf),
    /// Whatever speaks as Amazon's S3 does; the prefix may be empty.
    S3 {
        bucket: String,
        prefix: String,
    },
}

/// Settings that have been checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What was asked for; the database holds the origin in force.
    pub origin: Option<Origin>,
    pub bind: Option<SocketAddr>,
    /// Where Prometheus is answered.
    pub metrics_bind: Option<SocketAddr>,
    pub data_dir: PathBuf,
    pub database: DatabaseUrl,
    pub media: MediaPlace,
    pub city: Option<String>,
    pub time_zone: Option<Tz>,
    /// Never empty.
    pub languages: Option<Vec<LanguageIdentifier>>,
    pub role: Role,
    pub allow_networks: Vec<IpNet>,
    pub allow_http: bool,
    pub root_certificates: Option<PathBuf>,
    pub secret_file: PathBuf,
    pub log: String,
    pub log_format: LogFormat,
}

impl Settings {
    /// The error is one sentence that names the setting, its value and what would be right.
    pub fn check(&self) -> Result<Config, String> {
        let data_dir = PathBuf::from(given(&self.data_dir).unwrap_or("./plaza-data"));
        let secret_file = given(&self.secret_file).map_or_else(|| data_dir.join("secret"), PathBuf::from);
        let database = match given(&self.database_url) {
            None => DatabaseUrl::Sqlite(data_dir.join("plaza.sqlite")),
            Some(url) => database(url).map_err(wrong("PLAZA_DATABASE_URL", "(not repeated here: it may hold a password)"))?,
        };
        let bind = read(&self.bind, "PLAZA_BIND", socket)?;
        Ok(Config {
            origin: read(&self.origin, "PLAZA_ORIGIN", Origin::parse)?,
            bind,
            metrics_bind: read(&self.metrics_bind, "PLAZA_METRICS_BIND", |text| {
                let address = socket(text)?;
                let taken = |bind: SocketAddr| bind.port() == address.port() && (bind == address || bind.ip().is_unspecified());
                match bind.is_some_and(taken) {
                    true => Err("the city itself is answered there (PLAZA_BIND); choose another port".into()),
                    false => Ok(address),
                }
            })?,
            media: read(&self.media, "PLAZA_MEDIA", media)?.unwrap_or_else(|| MediaPlace::Folder(data_dir.join("media"))),
            city: read(&self.city, "PLAZA_CITY", city_name)?,
            time_zone: read(&self.time_zone, "PLAZA_TIME_ZONE", time_zone)?,
            languages: read(&self.languages, "PLAZA_LANGUAGES", languages)?,
            role: read(&self.role, "PLAZA_ROLE", |text| match text {
                "all" => Ok(Role::All),
                "web" => Ok(Role::Web),
                "worker" => Ok(Role::Worker),
                _ => Err("write all, web or worker".into()),
            })?
            .unwrap_or(Role::All),
            allow_networks: read(&self.allow_networks, "PLAZA_ALLOW_NETWORKS", networks)?.unwrap_or_default(),
            allow_http: read(&self.allow_http, "PLAZA_ALLOW_HTTP", |text| match text {
                "true" | "1" | "yes" => Ok(true),
                "false" | "0" | "no" => Ok(false),
                _ => Err("write true or false".into()),
            })?
            .unwrap_or(false),
            root_certificates: read(&self.root_certificates, "PLAZA_ROOT_CERTIFICATES", |text| {
                let path = PathBuf::from(text);
                if path.is_file() { Ok(path) } else { Err("give the path of a PEM file that can be read".into()) }
            })?,
            log: read(&self.log, "PLAZA_LOG", |text| {
                tracing_subscriber::EnvFilter::try_new(text)
                    .map(|_| text.to_owned())
                    .map_err(|_| "write error, warn, info, debug or a filter such as plaza=debug".into())
            })?
            .unwrap_or_else(|| "info".into()),
            log_format: read(&self.log_format, "PLAZA_LOG_FORMAT", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("write text or json".into()),
            })?
            .unwrap_or_default(),
            data_dir,
            database,
            secret_file,
        })
    }
}

impl Config {
    /// Where a server of this origin listens: what was asked for; else, for a city of this machine, its port on both loopback
    /// addresses.
    pub fn addresses(&self, origin: &Origin) -> Vec<SocketAddr> {
        let at = |ip: IpAddr, port| SocketAddr::new(ip, port);
        match (self.bind, origin.is_loopback()) {
            (Some(address), _) => vec![address],
            (None, true) => [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(|ip| at(ip, origin.port())).to_vec(),
            (None, false) => vec![at(Ipv4Addr::LOCALHOST.into(), 8080)],
        }
    }
}

/// An empty value counts as not given: compose files and systemd units leave such behind.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn read<T>(value: &Option<String>, name: &str, check: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    given(value).map(|text| check(text).map_err(wrong(name, text))).transpose()
}

fn wrong(name: &str, value: &str) -> impl FnOnce(String) -> String {
    move |why| format!("{name} cannot be {value:?}: {why}.")
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    SocketAddr::from_str(text).map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080".into())
}

fn database(url: &str) -> Result<DatabaseUrl, String> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains(['?', '\0']) || path == ":memory:" {
            return Err("write sqlite: and the path of a file".into());
        }
        return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return match url::Url::parse(url) {
            Ok(parsed) if parsed.path().len() > 1 => Ok(DatabaseUrl::Postgres(url.to_owned())),
            _ => Err("write postgres://USER@HOST/DATABASE".into()),
        };
    }
    Err("it must begin with sqlite: or postgres://".into())
}

fn media(text: &str) -> Result<MediaPlace, String> {
    if let Some(place) = text.strip_prefix("s3://") {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = prefix.trim_end_matches('/');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/');
        if bucket.len() < 3 || !place.bytes().all(plain) || prefix.split('/').any(|part| matches!(part, "." | "..")) {
            return Err("write s3://BUCKET/PREFIX, with letters, digits, dots, dashes and underscores".into());
        }
        return Ok(MediaPlace::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() });
    }
    if text.contains("://") || text.contains('\0') {
        return Err("give a folder, or s3://BUCKET/PREFIX".into());
    }
    Ok(MediaPlace::Folder(PathBuf::from(text)))
}

fn city_name(text: &str) -> Result<String, String> {
    if !text::is_line(text, 100) {
        return Err("a name of at most 100 characters on one line".into());
    }
    Ok(text.to_owned())
}

/// An IANA zone, whose name is spelled exactly.
pub fn time_zone(text: &str) -> Result<Tz, String> {
    Tz::from_str(text).map_err(|_| "write the name of an IANA time zone, such as America/New_York or Europe/Madrid".into())
}

/// Language tags with commas between them.
pub fn languages(text: &str) -> Result<Vec<LanguageIdentifier>, String> {
    let list: Vec<_> = text
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "write language tags with commas between them, such as en,es".to_owned())?;
    if list.is_empty() { Err("write at least one language tag, such as en".into()) } else { Ok(list) }
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|net| !net.is_empty())
        .map(|net| {
            net.parse::<IpNet>()
                .or_else(|_| net.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| format!("{net:?} is not a network such as 10.0.0.0/8 or fd00::/8"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_names_setting_value_and_remedy() {
        type Put = fn(&mut Settings, String);
        let table: [(&str, Put, &[&str]); 12] = [
            ("PLAZA_ORIGIN", |s, v| s.origin = Some(v), &["plaza.example", "http://plaza.example", "https://a/b"]),
            ("PLAZA_BIND", |s, v| s.bind = Some(v), &["8080", "localhost:8080", "1.2.3.4:99999"]),
            (
                "PLAZA_METRICS_BIND",
                |s, v| {
                    s.bind = Some("0.0.0.0:9100".into());
                    s.metrics_bind = Some(v);
                },
                &["9100", "localhost:9100", "0.0.0.0:9100", "127.0.0.1:9100"],
            ),
            ("PLAZA_LOG_FORMAT", |s, v| s.log_format = Some(v), &["JSON", "xml", "1"]),
            ("PLAZA_DATABASE_URL", |s, v| s.database_url = Some(v), &["mysql://x/y", "sqlite:", "postgres://host"]),
            ("PLAZA_MEDIA", |s, v| s.media = Some(v), &["https://x/y", "s3://", "s3:///a", "s3://a b/c", "s3://bucket/../c"]),
            ("PLAZA_TIME_ZONE", |s, v| s.time_zone = Some(v), &["EST5", "New York", "+02:00"]),
            ("PLAZA_LANGUAGES", |s, v| s.languages = Some(v), &[",", "english language", "e"]),
            ("PLAZA_ROLE", |s, v| s.role = Some(v), &["both", "ALL", "0"]),
            ("PLAZA_ALLOW_NETWORKS", |s, v| s.allow_networks = Some(v), &["10.0.0.0/33", "home", "1.2.3"]),
            ("PLAZA_ALLOW_HTTP", |s, v| s.allow_http = Some(v), &["maybe", "2", "on"]),
            ("PLAZA_ROOT_CERTIFICATES", |s, v| s.root_certificates = Some(v), &["/no/such/file", ".", "\u{7f}"]),
        ];
        for (name, put, values) in table {
            for value in values {
                let mut settings = Settings::default();
                put(&mut settings, (*value).to_owned());
                let sentence = settings.check().expect_err(value);
                assert!(sentence.starts_with(&format!("{name} cannot be ")) && sentence.ends_with('.'), "{sentence}");
            }
        }
    }

    #[test]
    fn nothing_given_is_a_city_on_this_machine() {
        let config = Settings::default().check().unwrap();
        assert_eq!(config.database, DatabaseUrl::Sqlite("./plaza-data/plaza.sqlite".into()));
        assert_eq!(config.media, MediaPlace::Folder("./plaza-data/media".into()));
        assert_eq!((config.origin, config.role, config.allow_http), (None, Role::All, false));
    }
}

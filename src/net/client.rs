//! Sends one request and brings back a bounded answer; knows nothing of what either means.

use std::{
    error::Error as StdError,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Certificate, ClientBuilder, Method, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use super::wall::{Admitted, Barred, Ports, Wall};
use crate::error::{Error, Result};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// From dialling to the last byte of the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A connection stays open only while its host has more queued.
const IDLE_FOR: Duration = Duration::from_secs(5);
const IDLE_PER_HOST: usize = 8;

/// What is asked of another server.
#[derive(Debug)]
pub struct Request {
    pub method: Method,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Shared, not copied, between the requests that carry it.
    pub body: Option<Bytes>,
    pub answer: Answer,
}

/// How much of the answer is wanted, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it; more than this is [`NetError::TooLarge`], said before reading when the server admits it.
    Whole(usize),
    /// What comes after this is not read.
    Beginning(usize),
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why there is no answer. The texts are short, and hold no secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    #[error("{0}")]
    Barred(String),
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("no answer within {} s", ANSWER_WITHIN.as_secs())]
    TimedOut,
    #[error("the answer is too large")]
    TooLarge,
}

impl From<Barred> for NetError {
    fn from(barred: Barred) -> Self {
        Self::Barred(barred.0)
    }
}

/// Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    wall: Arc<Wall>,
    usual_ports: reqwest::Client,
    other_ports: reqwest::Client,
}

impl Client {
    /// `root_certificates`: a PEM file with roots to trust beside the system's.
    pub fn new(wall: Wall, root_certificates: Option<&Path>) -> Result<Self> {
        let roots = root_certificates.map_or_else(|| Ok(Vec::new()), read_roots)?;
        let wall = Arc::new(wall);
        let build = |ports| build(&wall, ports, &roots);
        Ok(Self { usual_ports: build(Ports::Usual)?, other_ports: build(Ports::Other)?, wall: wall.clone() })
    }

    pub fn wall(&self) -> &Wall {
        &self.wall
    }

    /// See [`Wall::admit`].
    pub fn admit(&self, address: &str) -> Result<Admitted, Barred> {
        self.wall.admit(address)
    }

    /// Follows no redirect, keeps no cookie, unpacks nothing.
    pub async fn send(&self, to: &Admitted, request: Request) -> Result<Response, NetError> {
        let client = match Ports::of(to) {
            Ports::Usual => &self.usual_ports,
            Ports::Other => &self.other_ports,
        };
        let mut outgoing = reqwest::Request::new(request.method, (**to).clone());
        outgoing.headers_mut().extend(request.headers);
        *outgoing.body_mut() = request.body.map(Into::into);
        let response = client.execute(outgoing).await.map_err(|error| explain(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response, request.answer).await?;
        Ok(Response { status, headers, body })
    }
}

fn build(wall: &Arc<Wall>, ports: Ports, roots: &[Certificate]) -> Result<reqwest::Client> {
    let gate = Arc::new(Gate { wall: wall.clone(), ports });
    let plain = || -> ClientBuilder {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(format!("Plaza/{} (+{})", env!("CARGO_PKG_VERSION"), wall.origin()))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .dns_resolver(gate.clone())
    };
    plain().tls_certs_merge(roots.iter().cloned()).build().or_else(|error| {
        tracing::warn!("the system has no root certificates, so https to other servers will fail: {error}");
        plain().tls_certs_only(roots.iter().cloned()).build().map_err(Error::broken)
    })
}

/// The error names the file.
fn read_roots(path: &Path) -> Result<Vec<Certificate>> {
    let refused = |why: String| Error::refused(format!("the root certificates in {} cannot be used: {why}.", path.display()));
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let roots = Certificate::from_pem_bundle(&pem).map_err(|_| refused("the file is not PEM".into()))?;
    if roots.is_empty() {
        return Err(refused("there is no certificate in the file".into()));
    }
    let trial = reqwest::Client::builder().no_proxy().tls_certs_only(roots.iter().cloned()).build();
    trial.map(|_| roots).map_err(|_| refused("one of them is not a root certificate".into()))
}

/// Looks names up and lets through what the wall admits, at the moment of dialling.
struct Gate {
    wall: Arc<Wall>,
    ports: Ports,
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let (wall, ports) = (self.wall.clone(), self.ports);
        Box::pin(async move {
            let answers: Vec<IpAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.map(|found| found.ip()).collect();
            let admitted = wall.sift(name.as_str(), answers, ports)?;
            // Port 0 stands for the one in the address.
            Ok(Box::new(admitted.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

async fn read(mut response: reqwest::Response, wanted: Answer) -> Result<Bytes, NetError> {
    let (limit, whole) = match wanted {
        Answer::Whole(limit) => (limit, true),
        Answer::Beginning(limit) => (limit, false),
    };
    if whole && response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(NetError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
        let room = limit - body.len();
        if chunk.len() > room {
            if whole {
                return Err(NetError::TooLarge);
            }
            body.extend_from_slice(&chunk[..room]);
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// reqwest's own text holds the whole address; the innermost cause is what a person can use.
fn explain(error: &reqwest::Error) -> NetError {
    let mut innermost: &dyn StdError = error;
    while let Some(cause) = innermost.source() {
        if let Some(barred) = cause.downcast_ref::<Barred>() {
            return NetError::Barred(barred.0.clone());
        }
        innermost = cause;
    }
    if error.is_timeout() {
        return NetError::TimedOut;
    }
    let text = innermost.to_string();
    NetError::Unreachable(text.chars().take(200).filter(|letter| !letter.is_control()).collect())
}

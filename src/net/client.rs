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
    /// What comes after this is not read, and what is cut off before it is not missed.
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
            // what is signed names `Host`, which HTTP/2 does not take; a dependency may have switched it on for all
            .http1_only()
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
pub(super) fn read_roots(path: &Path) -> Result<Vec<Certificate>> {
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
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) if whole => return Err(explain(&error)),
            // the status came, and what there is of the body is its beginning
            Err(_) => break,
        };
        let room = limit.saturating_sub(body.len());
        if chunk.len() > room {
            if whole {
                return Err(NetError::TooLarge);
            }
            body.extend_from_slice(chunk.get(..room).unwrap_or_default());
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// reqwest's own text holds the whole address; the innermost cause is what a person can use.
pub(super) fn explain(error: &reqwest::Error) -> NetError {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{Server, answer, client};

    fn get(limit: Answer) -> Request {
        Request { method: Method::GET, headers: Vec::new(), body: None, answer: limit }
    }

    async fn ask(client: &Client, address: &str, limit: Answer) -> Result<Response, NetError> {
        client.send(&client.admit(address)?, get(limit)).await
    }

    const PLENTY: Answer = Answer::Whole(1_000);

    #[tokio::test]
    async fn a_request_says_who_asks_and_nothing_else_of_its_own() {
        let server = Server::start(|_| answer(202, "text/plain", "thanks")).await;
        let client = client(&["127.0.0.0/8"]);
        let to = client.admit(&server.url("/inbox?x=%0d%0a")).unwrap();
        let headers = vec![(HeaderName::from_static("x-test"), HeaderValue::from_static("1"))];
        let post = Request { method: Method::POST, headers, body: Some(Bytes::from_static(b"{}")), answer: PLENTY };
        let response = client.send(&to, post).await.unwrap();
        assert_eq!((response.status.as_u16(), &*response.body), (202, &b"thanks"[..]));

        let asked = server.asked().pop().unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/inbox?x=%0d%0a"));
        let mut names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "content-length", "host", "user-agent", "x-test"]);
        assert_eq!(asked.header("user-agent"), Some(concat!("Plaza/", env!("CARGO_PKG_VERSION"), " (+https://us.example)")));
    }

    /// Servers refuse a `Host` header over HTTP/2, and would speak it wherever it is offered.
    #[tokio::test]
    async fn http_2_is_not_offered() {
        use tokio::io::AsyncReadExt;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}/", listener.local_addr().unwrap());
        let hello = tokio::spawn(async move {
            let mut hello = vec![0; 4_096];
            let read = listener.accept().await.unwrap().0.read(&mut hello).await.unwrap();
            hello[..read].to_vec()
        });
        assert!(ask(&client(&["127.0.0.0/8"]), &address, PLENTY).await.is_err());
        let hello = hello.await.unwrap();
        assert_eq!(hello[0], 22, "a handshake");
        assert!(!hello.windows(3).any(|three| three == b"\x02h2"));
    }

    #[tokio::test]
    async fn answers_are_read_up_to_the_limit() {
        let body = "x".repeat(1_001);
        let honest = answer(200, "text/plain", &body);
        let unsaid = format!("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{body}");
        let liar = "HTTP/1.1 200 X\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n".to_owned();
        let client = client(&["127.0.0.0/8"]);
        for (text, too_large) in
            [(honest.clone(), true), (unsaid.clone(), true), (liar, true), (answer(200, "text/plain", &body[1..]), false)]
        {
            let server = Server::start(move |_| text.clone()).await;
            let got = ask(&client, &server.url("/"), PLENTY).await;
            assert_eq!(matches!(got, Err(NetError::TooLarge)), too_large, "{got:?}");
        }
        for text in [honest, unsaid] {
            let server = Server::start(move |_| text.clone()).await;
            assert_eq!(ask(&client, &server.url("/"), Answer::Beginning(10)).await.unwrap().body.len(), 10);
        }
    }

    /// Rows 32 and 33: refused before a connection is made, as literal and as a name.
    #[tokio::test]
    async fn who_is_barred_sees_no_connection() {
        let server = Server::start(|_| answer(200, "text/plain", "")).await;
        let (open, other, closed) = (client(&["127.0.0.0/8", "::1/128"]), client(&["127.0.0.2/32"]), client(&[]));
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
            let address = format!("http://{host}:{}/", server.port);
            for client in [&other, &closed] {
                let got = ask(client, &address, PLENTY).await;
                assert!(matches!(got, Err(NetError::Barred(_))), "{host}: {got:?}");
            }
        }
        assert_eq!(server.asked().len(), 0);
        assert!(ask(&open, &format!("http://localhost:{}/", server.port), PLENTY).await.is_ok());
    }

    #[tokio::test]
    async fn redirects_are_not_followed_and_failures_are_explained_without_the_address() {
        let server = Server::start(|_| crate::net::testing::redirect(302, "/elsewhere")).await;
        let client = client(&["127.0.0.0/8"]);
        assert_eq!(ask(&client, &server.url("/"), PLENTY).await.unwrap().status.as_u16(), 302);
        assert_eq!(server.asked().len(), 1);

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let Err(error) = ask(&client, &format!("http://127.0.0.1:{port}/?token=secret"), PLENTY).await else {
            panic!("nobody listens")
        };
        assert!(matches!(error, NetError::Unreachable(_)) && !error.to_string().contains("secret"), "{error}");
        let nonsense = Server::start(|_| "nonsense\r\n\r\n".into()).await;
        assert!(matches!(ask(&client, &nonsense.url("/"), PLENTY).await, Err(NetError::Unreachable(_))));
    }

    /// The server takes one connection only: a second one would wait for ever.
    #[tokio::test]
    async fn requests_to_one_host_share_a_connection() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/inbox", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            while let Ok(byte) = stream.read_u8().await {
                seen.push(byte);
                if seen.ends_with(b"\r\n\r\n") {
                    stream.write_all(b"HTTP/1.1 202 X\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
                }
            }
        });
        let client = client(&["127.0.0.0/8"]);
        for _ in 0..3 {
            assert_eq!(ask(&client, &address, Answer::Beginning(1_000)).await.unwrap().status.as_u16(), 202);
        }
    }

    #[test]
    fn wrong_root_certificates_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roots.pem");
        let wall = || Wall::new(Vec::new(), false, &crate::origin::Origin::parse("https://us.example").unwrap());
        for wrong in
            ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n!"]
        {
            std::fs::write(&path, wrong).unwrap();
            let error = Client::new(wall(), Some(&path)).unwrap_err();
            assert!(matches!(&error, Error::Refused(why) if why.text.contains("roots.pem")), "{wrong}: {error}");
        }
        assert!(matches!(Client::new(wall(), Some(&folder.path().join("absent"))), Err(Error::Refused(_))));
    }
}

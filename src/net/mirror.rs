//! The city's own address as others see it: asked past the wall, which bars our own name, and nothing else is asked here.

use std::{net::SocketAddr, path::Path, time::Duration};

use bytes::Bytes;
use reqwest::{Certificate, ClientBuilder, header::HeaderMap, redirect::Policy, tls::TlsInfo};

use super::{
    NetError,
    client::{explain, read_roots},
};
use crate::{
    error::{Error, Result},
    origin::Origin,
};

/// From looking up the name to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(5);
/// What is read of an answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// Asks our own origin as an ordinary client does.
#[derive(Clone, Debug)]
pub struct Mirror {
    origin: Origin,
    trusting_few: reqwest::Client,
    trusting_all: reqwest::Client,
    direct: reqwest::Client,
}

/// An answer from ourselves.
#[derive(Clone, Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The server's own certificate, in DER.
    pub certificate: Option<Vec<u8>>,
}

impl Mirror {
    /// `root_certificates`: a PEM file with roots to trust beside the system's.
    pub fn new(origin: &Origin, root_certificates: Option<&Path>) -> Result<Self> {
        let roots = root_certificates.map_or_else(|| Ok(Vec::new()), read_roots)?;
        let trusting_few = plain()
            .tls_certs_merge(roots.iter().cloned())
            .build()
            .or_else(|_| plain().tls_certs_only(roots.iter().cloned()).build())
            .map_err(Error::broken)?;
        let unchecked = || plain().tls_danger_accept_invalid_certs(true);
        let trusting_all = unchecked()
            .build()
            .or_else(|_| unchecked().tls_certs_only(Vec::<Certificate>::new()).build())
            .map_err(Error::broken)?;
        let direct = plain().tls_certs_only(Vec::<Certificate>::new()).build().map_err(Error::broken)?;
        Ok(Self { origin: origin.clone(), trusting_few, trusting_all, direct })
    }

    /// GET of a path of ours under our own name, through whatever stands before us. The error is the end of a sentence.
    pub async fn look(&self, path: &str) -> Result<Seen, String> {
        see(self.trusting_few.get(self.origin.url(path))).await
    }

    /// The certificate that is shown under our name, whether it is right or not.
    pub async fn certificate(&self) -> Result<Option<Vec<u8>>, String> {
        see(self.trusting_all.head(self.origin.url("/"))).await.map(|seen| seen.certificate)
    }

    /// GET / of the server behind the proxy, under any name.
    pub async fn look_behind(&self, address: SocketAddr, host: &str) -> Result<Seen, String> {
        see(self.direct.get(format!("http://{address}/")).header(reqwest::header::HOST, host)).await
    }
}

fn plain() -> ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(concat!("Plaza/", env!("CARGO_PKG_VERSION"), " (doctor)"))
        .tls_info(true)
        .connect_timeout(WITHIN)
        .timeout(WITHIN)
}

async fn see(request: reqwest::RequestBuilder) -> Result<Seen, String> {
    let mut response = request.send().await.map_err(|error| sentence(&error))?;
    let certificate = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            break;
        }
    }
    Ok(Seen { status, headers, body: body.into(), certificate })
}

fn sentence(error: &reqwest::Error) -> String {
    match explain(error) {
        NetError::TimedOut => format!("no answer within {} s", WITHIN.as_secs()),
        other => other.to_string(),
    }
}

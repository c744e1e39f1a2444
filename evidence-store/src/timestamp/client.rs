//! Asking an authority over HTTP or HTTPS (RFC 3161 §3.4): one request, one answer, everything bounded.

use bytes::Bytes;
use flight_record::outside_time::MAX_TOKEN_BYTES;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Tries, before the flight goes on waiting.
const TRIES: u32 = 3;
/// Wait before the second try; doubled with the next.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// An authority on the network.
pub struct Authority {
    url: Uri,
    tls: Option<Arc<ClientConfig>>,
    patience: Duration,
    tries: u32,
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Not an address of an authority.
    #[error("{url} is no authority's address: {why}; give http://HOST/… or https://HOST/…")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// No connection, or it broke.
    #[error("no network: {url} cannot be reached")]
    NoNetwork {
        /// The authority.
        url: String,
        /// Why.
        source: Cause,
    },
    /// No answer in time.
    #[error("no network: {url} did not answer within {seconds} s")]
    Silent {
        /// The authority.
        url: String,
        /// The time.
        seconds: u64,
    },
    /// An answer that is none.
    #[error("{url} answered with HTTP status {status}")]
    Status {
        /// The authority.
        url: String,
        /// The status.
        status: u16,
    },
    /// It never ends.
    #[error("{url} answered with more than {MAX_TOKEN_BYTES} bytes")]
    TooLong {
        /// The authority.
        url: String,
    },
}

impl AskError {
    /// Whether nobody was there: then others need not be tried now.
    pub fn is_no_network(&self) -> bool {
        matches!(self, Self::NoNetwork { .. } | Self::Silent { .. })
    }

    fn may_pass(&self) -> bool {
        self.is_no_network() || matches!(self, Self::Status { status: 500.., .. })
    }
}

impl Authority {
    /// The authority at `url`. For `https`, `tls_roots` are the certificates (PEM) under which its server is known; a
    /// token needs none of that, since it proves itself.
    ///
    /// # Errors
    /// [`AskError::Url`].
    pub fn new(url: &str, tls_roots: &[u8]) -> Result<Self, AskError> {
        let bad = |why: &str| AskError::Url { url: url.to_owned(), why: why.to_owned() };
        let parsed: Uri = url.parse().map_err(|_| bad("it does not read"))?;
        if parsed.host().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        if parsed.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(bad("names and passwords are not sent"));
        }
        let tls = match parsed.scheme_str() {
            Some("http") => None,
            Some("https") => Some(Arc::new(tls(tls_roots).map_err(|error| bad(&error.to_string()))?)),
            _ => return Err(bad("it begins with neither http:// nor https://")),
        };
        Ok(Self { url: parsed, tls, patience: PATIENCE, tries: TRIES })
    }

    /// The same, tried so often, each time so long at most.
    #[must_use]
    pub fn with_tries(mut self, tries: u32, patience: Duration) -> Self {
        (self.tries, self.patience) = (tries.max(1), patience);
        self
    }

    /// Sends a request; the body of the answer, not yet looked at.
    ///
    /// # Errors
    /// Why there is none.
    pub fn ask(&self, query: Vec<u8>) -> Result<Vec<u8>, AskError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| self.lost(error))?;
        let query = Bytes::from(query);
        let answer = runtime.block_on(async {
            let mut tried = 1;
            loop {
                let once = tokio::time::timeout(self.patience, self.once(query.clone())).await;
                match once.unwrap_or_else(|_| Err(self.silent())) {
                    Err(error) if error.may_pass() && tried < self.tries => {
                        tracing::info!(%error, "asking again");
                        tokio::time::sleep(FIRST_WAIT * 2_u32.saturating_pow(tried - 1)).await;
                        tried += 1;
                    }
                    done => return done,
                }
            }
        });
        // Looking up a name may hang for longer than anybody waits.
        runtime.shutdown_background();
        answer
    }

    async fn once(&self, query: Bytes) -> Result<Vec<u8>, AskError> {
        let host = self.url.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.url.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await.map_err(|error| self.lost(error))?;
        match &self.tls {
            None => self.send(stream, query).await,
            Some(tls) => {
                let name = ServerName::try_from(host.to_owned()).map_err(|error| self.lost(error))?;
                let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
                self.send(stream.map_err(|error| self.lost(error))?, query).await
            }
        }
    }

    async fn send<S>(&self, stream: S, query: Bytes) -> Result<Vec<u8>, AskError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| self.lost(error))?;
        // It ends with the answer, or with the runtime.
        tokio::spawn(connection);
        let path = self.url.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(HOST, self.url.authority().map_or("", |authority| authority.as_str()))
            .header(CONTENT_TYPE, "application/timestamp-query")
            .header(ACCEPT, "application/timestamp-reply")
            .body(Full::new(query))
            .map_err(|error| self.lost(error))?;
        let response = sender.send_request(request).await.map_err(|error| self.lost(error))?;
        if response.status().as_u16() != 200 {
            return Err(AskError::Status { url: self.url.to_string(), status: response.status().as_u16() });
        }
        let most = usize::try_from(MAX_TOKEN_BYTES).unwrap_or(usize::MAX);
        match Limited::new(response.into_body(), most).collect().await {
            Ok(body) => Ok(body.to_bytes().to_vec()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(AskError::TooLong { url: self.url.to_string() })
            }
            Err(error) => Err(self.lost(error)),
        }
    }

    fn lost(&self, source: impl Into<Cause>) -> AskError {
        AskError::NoNetwork { url: self.url.to_string(), source: source.into() }
    }

    fn silent(&self) -> AskError {
        AskError::Silent { url: self.url.to_string(), seconds: self.patience.as_secs() }
    }
}

/// TLS to a server that these roots vouch for.
fn tls(roots: &[u8]) -> Result<ClientConfig, Cause> {
    let mut store = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(roots) {
        // A bundle of many may hold some that this library does not take.
        store.add_parsable_certificates([root?]);
    }
    if store.is_empty() {
        return Err("no certificate is known by which its server could show itself (--tls-root)".into());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(store).with_no_client_auth())
}

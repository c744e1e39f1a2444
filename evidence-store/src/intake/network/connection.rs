//! One connection at a time to the aircraft, made anew when it was cut; every wait has an end, and so have the tries.

use super::protocol;
use crate::intake::SourceError;
use bytes::Bytes;
use flight_record::dock::tls;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, RANGE};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{self, ClientConfig};

/// Tries in a row that bring nothing, before the aircraft is given up.
pub(super) const MAX_TRIES: u32 = 6;
/// Wait before the second try; doubled with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// How long a connection that is held may take to be ready for another request.
const READY_WAIT: Duration = Duration::from_millis(500);
/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// How long the next piece of an answer may take.
pub(super) const PIECE_WAIT: Duration = Duration::from_secs(30);

/// How often it is looked whether somebody said stop.
const STOP_LOOK: Duration = Duration::from_millis(100);

/// How long the head of an answer may take.
#[derive(Clone, Copy)]
pub(super) struct Deadline(Duration);

impl Deadline {
    /// Listing a large folder on a slow card.
    const ANSWER: Self = Self(Duration::from_secs(60));
    /// Hashing what records do not name, and deleting thousands of files.
    pub(super) const ERASE: Self = Self(Duration::from_secs(900));
}

/// A small answer, in full.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Answer {
    /// The answer, if it is what was asked for.
    pub(super) fn well(self) -> Result<Self, SourceError> {
        if self.status == 200 { Ok(self) } else { Err(self.refused()) }
    }

    /// The aircraft's own reason for not giving what was asked for.
    pub(super) fn refused(&self) -> SourceError {
        #[derive(serde::Deserialize)]
        struct Told {
            error: String,
        }
        let told = serde_json::from_slice::<Told>(&self.body).ok().map(|told| told.error);
        match (self.status, told) {
            (403 | 409 | 503, Some(reason)) => SourceError::Refused { reason },
            (status, told) => {
                let reason = format!("{status} {}", told.unwrap_or_default());
                SourceError::Protocol { what: "the aircraft's answer", reason }
            }
        }
    }
}

/// Why one try failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// Another try may go better.
    #[error("the connection was lost")]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("no answer in time")]
    Silent,
    /// It will not: one end does not accept the other.
    #[error("{0}")]
    Stranger(String),
    /// Somebody said stop.
    #[error("stopped")]
    Stopped,
}

/// The way to the aircraft.
pub(super) struct Connection {
    address: String,
    runtime: Runtime,
    tls: Arc<ClientConfig>,
    sender: Option<SendRequest<Full<Bytes>>>,
    /// Once set, nothing is waited for any more.
    pub(super) stop: Arc<AtomicBool>,
}

impl Connection {
    pub(super) fn new(address: &str, tls: ClientConfig) -> Result<Self, SourceError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| SourceError::Io {
            doing: "cannot begin to talk to",
            what: format!("the aircraft at {address}"),
            source,
        })?;
        Ok(Self { address: address.to_owned(), runtime, tls: Arc::new(tls), sender: None, stop: Arc::default() })
    }

    /// Asks for a small answer, and again when the connection is cut.
    pub(super) fn get(&mut self, target: &str, most: usize) -> Result<Answer, SourceError> {
        self.ask(&Method::GET, target, &Bytes::new(), most, Deadline::ANSWER)
    }

    /// Sends something that may be sent again when its answer is lost.
    pub(super) fn post(
        &mut self,
        target: &str,
        body: Vec<u8>,
        most: usize,
        deadline: Deadline,
    ) -> Result<Answer, SourceError> {
        self.ask(&Method::POST, target, &body.into(), most, deadline)
    }

    fn ask(
        &mut self,
        method: &Method,
        target: &str,
        body: &Bytes,
        most: usize,
        deadline: Deadline,
    ) -> Result<Answer, SourceError> {
        let mut tries = 0;
        loop {
            let sent = self.send(method.clone(), target, None, body.clone(), deadline);
            match sent.and_then(|response| self.rest(response, most)) {
                Ok(answer) => return Ok(answer),
                Err(failed) => tries = self.again(tries, failed)?,
            }
        }
    }

    /// The head of a file's answer, from byte `from` on.
    pub(super) fn file(&mut self, target: &str, from: u64) -> Result<Response<Incoming>, Failed> {
        self.send(Method::GET, target, (from > 0).then_some(from), Bytes::new(), Deadline::ANSWER)
    }

    /// An error answer's body.
    pub(super) fn rest(&mut self, response: Response<Incoming>, most: usize) -> Result<Answer, Failed> {
        let status = response.status().as_u16();
        let whole = Limited::new(response.into_body(), most).collect();
        match self.wait(async { tokio::time::timeout(PIECE_WAIT, whole).await })? {
            Ok(Ok(collected)) => Ok(Answer { status, body: collected.to_bytes() }),
            Ok(Err(error)) => Err(self.lost(error)),
            Err(_) => Err(self.silent()),
        }
    }

    /// The next piece of a file; none at its end.
    pub(super) fn piece(&mut self, body: &mut Incoming) -> Result<Option<Bytes>, Failed> {
        loop {
            match self.wait(async { tokio::time::timeout(PIECE_WAIT, body.frame()).await })? {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data()
                        && !data.is_empty()
                    {
                        return Ok(Some(data));
                    }
                }
                Ok(Some(Err(error))) => return Err(self.lost(error.into())),
                Err(_) => return Err(self.silent()),
            }
        }
    }

    /// Waits before the next try; how many have been made.
    pub(super) fn again(&mut self, tries: u32, failed: Failed) -> Result<u32, SourceError> {
        self.sender = None;
        if matches!(failed, Failed::Stranger(_) | Failed::Stopped) || tries + 1 >= MAX_TRIES {
            return Err(self.given_up(failed));
        }
        tracing::info!(address = self.address, %failed, "asking again");
        let waited = self.wait(async { tokio::time::sleep(FIRST_WAIT * 2_u32.saturating_pow(tries)).await });
        waited.map(|()| tries + 1).map_err(|failed| self.given_up(failed))
    }

    fn given_up(&self, failed: Failed) -> SourceError {
        match failed {
            Failed::Stranger(reason) => SourceError::Protocol { what: "the connection is refused", reason },
            Failed::Stopped => SourceError::Stopped,
            failed => SourceError::Io {
                doing: "cannot reach",
                what: format!("the aircraft at {}; the same command goes on from here", self.address),
                source: io::Error::other(failed),
            },
        }
    }

    fn send(
        &mut self,
        method: Method,
        target: &str,
        from: Option<u64>,
        body: Bytes,
        deadline: Deadline,
    ) -> Result<Response<Incoming>, Failed> {
        let mut request = Request::builder().method(method).uri(target).header(HOST, "dock");
        if let Some(from) = from {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let request = request.body(Full::new(body)).map_err(|error| Failed::Stranger(error.to_string()))?;
        let held = self.sender.take();
        let (address, tls) = (self.address.clone(), Arc::clone(&self.tls));
        let answered = self.wait(async move {
            let mut sender = match usable(held).await {
                Some(sender) => sender,
                None => {
                    tokio::time::timeout(CONNECT_WAIT, connect(&address, tls)).await.map_err(|_| Failed::Silent)??
                }
            };
            match tokio::time::timeout(deadline.0, sender.send_request(request)).await {
                Ok(Ok(response)) => Ok((sender, response)),
                Ok(Err(error)) => Err(failed(error.into())),
                Err(_) => Err(Failed::Silent),
            }
        });
        let (sender, response) = answered??;
        self.sender = Some(sender);
        Ok(response)
    }

    /// Waits for something, or until somebody says stop: then whatever was under way on the connection is let go.
    fn wait<T>(&mut self, what: impl Future<Output = T>) -> Result<T, Failed> {
        let done = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = said(&self.stop) => None,
                done = what => Some(done),
            }
        });
        done.ok_or_else(|| {
            self.sender = None;
            Failed::Stopped
        })
    }

    fn lost(&mut self, error: Box<dyn std::error::Error + Send + Sync>) -> Failed {
        self.sender = None;
        failed(error)
    }

    fn silent(&mut self) -> Failed {
        self.sender = None;
        Failed::Silent
    }
}

/// Ends when `stop` is set.
async fn said(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(STOP_LOOK).await;
    }
}

/// The connection held, if the other end has not closed it and nothing is left on it of an answer nobody wants any more.
async fn usable(held: Option<SendRequest<Full<Bytes>>>) -> Option<SendRequest<Full<Bytes>>> {
    let mut sender = held?;
    match tokio::time::timeout(READY_WAIT, sender.ready()).await {
        Ok(Ok(())) => Some(sender),
        Ok(Err(_)) | Err(_) => None,
    }
}

async fn connect(address: &str, tls: Arc<ClientConfig>) -> Result<SendRequest<Full<Bytes>>, Failed> {
    let stream = TcpStream::connect(address).await.map_err(|error| Failed::Lost(error.into()))?;
    let stream = TlsConnector::from(tls).connect(tls::no_name(), stream).await;
    let stream = stream.map_err(|error| failed(error.into()))?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| failed(error.into()))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to the aircraft ended");
        }
    });
    Ok(sender)
}

/// Whether another try may go better: not when one end has refused the other's key.
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Failed {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(found) = cause {
        let inner = found.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = found.downcast_ref().or_else(|| inner.and_then(|inner| inner.downcast_ref()));
        match tls {
            Some(rustls::Error::InvalidCertificate(_)) => {
                let reason = "the other end is not the device asked for, or the unit does not vouch for it";
                return Failed::Stranger(reason.to_owned());
            }
            Some(rustls::Error::AlertReceived(_)) => {
                let reason = "the aircraft does not accept this station's key: it is not enrolled, or revoked, or the list aboard has expired; copy the unit's newest trust list aboard";
                return Failed::Stranger(reason.to_owned());
            }
            Some(other) => return Failed::Stranger(protocol("TLS", other).to_string()),
            None => {}
        }
        cause = found.source();
    }
    Failed::Lost(error)
}

//! The dock on the network: a few connections at a time, each by a station the unit lists, none of them idle for long.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::response::IntoResponse as _;
use flight_record::dock::tls;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::fault::Fault;
use super::holdings::Holdings;

/// Connections served at once.
pub const MAX_CONNECTIONS: usize = 4;
/// Connections that may be proving who they are at once.
const MAX_HANDSHAKES: usize = 16;
/// How long a station may take to prove who it is.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(5);
/// How long it may take to say what it wants.
const HEADER_WAIT: Duration = Duration::from_secs(10);
/// How long a connection may do nothing at all.
const IDLE_WAIT: Duration = Duration::from_secs(30);
/// Largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The listening socket.
pub struct Server {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    holdings: Arc<Holdings>,
    router: Router,
}

impl Server {
    /// Opens the socket. To be called on a Tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn bind(address: SocketAddr, holdings: &Arc<Holdings>, router: Router) -> Result<Self> {
        let listener = std::net::TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address}; see `dock.listen`"))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let judge = Arc::clone(holdings);
        let config = tls::server(&holdings.device, Arc::new(move |key| judge.accepts(key)))?;
        Ok(Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), holdings: Arc::clone(holdings), router })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves for ever.
    pub async fn serve(self) {
        let handshakes = Arc::new(Semaphore::new(MAX_HANDSHAKES));
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, as a rule: give the others time to end.
                    tracing::warn!(%error, "dock: no connection can be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Whoever finds every place taken is let go at once; nothing of theirs is kept.
            let Ok(place) = Arc::clone(&handshakes).try_acquire_owned() else { continue };
            let (acceptor, router) = (self.acceptor.clone(), self.router.clone());
            let holdings = Arc::clone(&self.holdings);
            let connections = Arc::clone(&connections);
            tokio::spawn(async move {
                let shaken = tokio::time::timeout(HANDSHAKE_WAIT, acceptor.accept(stream)).await;
                drop(place);
                let stream = match shaken {
                    Ok(Ok(stream)) => stream,
                    Ok(Err(error)) => return tracing::warn!(%error, "dock: a connection was refused"),
                    Err(_) => return tracing::debug!("dock: a connection did not say who it is in time"),
                };
                let Ok(_place) = connections.try_acquire() else {
                    return tracing::warn!("dock: all {MAX_CONNECTIONS} connections are in use");
                };
                converse(stream, holdings, router).await;
            });
        }
    }
}

/// Answers what comes over one connection until it ends or falls silent. Each request is judged anew: a station that the
/// list in force no longer vouches for gets nothing more over a connection that it opened before.
async fn converse(stream: TlsStream<TcpStream>, holdings: Arc<Holdings>, router: Router) {
    let station = tls::peer_key(stream.get_ref().1.peer_certificates());
    let moved = Arc::new(AtomicU64::new(0));
    let stream = Watched { stream, moved: Arc::clone(&moved) };
    let at_work = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&at_work);
    let router = router.layer(axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
        let at_work = Arc::clone(&counting);
        let accepted = station.is_some_and(|key| holdings.accepts(&key));
        async move {
            let _work = Work::begin(at_work);
            if accepted { next.run(request).await } else { Fault::Stranger.into_response() }
        }
    }));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WAIT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::select! {
        served = serving => if let Err(error) = served {
            tracing::debug!(%error, "dock: a connection ended");
        },
        () = silence(&moved, &at_work) => tracing::debug!("dock: a connection fell silent"),
    }
}

/// Ends when no byte has moved for [`IDLE_WAIT`] while nothing was being worked out.
async fn silence(moved: &AtomicU64, at_work: &AtomicU64) {
    let mut before = u64::MAX;
    loop {
        let now = moved.load(Ordering::Relaxed);
        if now == before && at_work.load(Ordering::Relaxed) == 0 {
            return;
        }
        before = now;
        tokio::time::sleep(IDLE_WAIT).await;
    }
}

/// Counts a request while its answer is worked out.
struct Work(Arc<AtomicU64>);

impl Work {
    fn begin(count: Arc<AtomicU64>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream that counts what moves.
struct Watched<S> {
    stream: S,
    moved: Arc<AtomicU64>,
}

impl<S> Watched<S> {
    fn count(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.count(buffer.filled().len().saturating_sub(before));
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = &polled {
            self.count(*written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

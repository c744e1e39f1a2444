//! A file as the body of an answer: read by a thread of its own, two chunks ahead at most, and let go at once when the
//! aircraft has something better to do.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::gate::Gate;

const CHUNK_BYTES: usize = 256 * 1024;
/// Chunks read ahead of the network.
const AHEAD: usize = 2;

/// Bytes `from..to` of a file.
pub(super) struct FileBody {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl FileBody {
    /// Begins to read. To be called on a Tokio runtime.
    #[must_use]
    pub(super) fn new(file: File, from: u64, to: u64, gate: Arc<Gate>) -> Self {
        let (sink, chunks) = mpsc::channel(AHEAD);
        let left = to.saturating_sub(from);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read(file, from, left, &gate, &sink) {
                // Nobody listens any more, or the connection is cut by it: the other end asks again from there.
                let _ = sink.blocking_send(Err(error));
            }
        });
        Self { chunks, left }
    }
}

fn read(mut file: File, from: u64, left: u64, gate: &Gate, sink: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    file.seek(SeekFrom::Start(from))?;
    let mut file = file.take(left);
    let mut left = left;
    while left > 0 {
        if let Some(why) = gate.situation().busy() {
            return Err(io::Error::other(why));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let mut chunk = Vec::with_capacity(most);
        (&mut file).take(most as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= chunk.len() as u64;
        if sink.blocking_send(Ok(chunk.into())).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.chunks.poll_recv(context).map(|chunk| {
            chunk.map(|chunk| {
                chunk.map(|bytes| {
                    self.left = self.left.saturating_sub(bytes.len() as u64);
                    Frame::data(bytes)
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

//! A conversation over a byte stream: TCP connection or serial port.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};

use super::{Admission, Link, PEER_QUEUE, PeerId};
use crate::frames::{Frame, Splitter};

/// Reads at once.
const READ_BYTES: usize = 16 * 1024;

/// Runs until the stream ends or breaks. Reading and writing go on side by side, so a peer that
/// does not read is still heard.
pub(super) async fn converse<S>(link: &Link, stream: S, address: String) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite,
{
    let (sender, queue) = mpsc::channel(PEER_QUEUE);
    let Some(peer) = link.join(address, sender) else {
        return Ok(());
    };
    let _leave = Leave { link, peer };
    let (reader, writer) = tokio::io::split(stream);
    tokio::select! {
        read = read(link, peer, reader) => read,
        written = write(link, queue, writer) => written,
    }
}

/// Takes the peer off the list also when the task is aborted.
struct Leave<'a> {
    link: &'a Link,
    peer: PeerId,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.link.leave(self.peer);
    }
}

async fn read(link: &Link, peer: PeerId, mut reader: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut splitter = Splitter::new();
    let mut chunk = vec![0; READ_BYTES];
    loop {
        let len = reader.read(&mut chunk).await?;
        let now_ns = link.now_ns();
        let before = splitter.counters();
        let take = |frame| {
            if link.admits(Some(peer), &frame, now_ns) == Admission::Admitted {
                link.received(peer, frame, now_ns);
            }
        };
        if len == 0 {
            splitter.finish(take);
        } else {
            splitter.stream(&chunk[..len], take);
        }
        link.split(before, splitter.counters());
        if len == 0 {
            return Ok(());
        }
    }
}

async fn write(
    link: &Link,
    mut queue: mpsc::Receiver<(PeerId, Frame)>,
    mut writer: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    while let Some((_, frame)) = queue.recv().await {
        writer.write_all(frame.bytes()).await?;
        link.sent(frame.bytes().len());
    }
    Ok(())
}

/// Waits between attempts: 250 ms, doubling to 5 s; back to the start after a success.
pub(super) struct Backoff(Duration);

impl Backoff {
    const FIRST: Duration = Duration::from_millis(250);
    const MOST: Duration = Duration::from_secs(5);

    pub(super) fn new() -> Self {
        Self(Self::FIRST)
    }

    pub(super) fn reset(&mut self) {
        self.0 = Self::FIRST;
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Self::MOST);
    }
}

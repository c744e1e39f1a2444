//! The raw MAVLink log: every frame heard, before anybody parses it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result};
use flight_record::record::{Kind, Telemetry};
use flight_record::seal::{Sealed, SealedFile, Sealer};
use vehicle_link::frames::Frame;
use vehicle_link::tlog;

use super::notary::{Notary, Order, tell};
use super::timebase::TimeBase;
use crate::clock;

/// Frames that may wait: 10 s of a busy link.
const QUEUE: usize = 8_192;
/// Frames kept from before a flight opens.
const EARLIER_FRAMES: usize = 2_048;
/// A file is cut after this long.
const CUT_NS: u64 = 2_000_000_000;
/// How often an idle log looks at the clock.
const IDLE: Duration = Duration::from_millis(100);

enum Input {
    Frame { frame: Frame, link: usize, at_ns: u64 },
    Begin { sealer: Sealer, next_index: u32 },
    Pause(bool),
    End(SyncSender<()>),
}

/// The handle of the log's thread.
#[derive(Clone)]
pub struct TelemetryLog {
    inputs: SyncSender<Input>,
    index: Arc<AtomicU32>,
    dropped: Arc<AtomicU32>,
}

impl TelemetryLog {
    /// Starts the thread; files are finished and recorded by `notary`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(notary: Notary, time: TimeBase) -> Result<Self> {
        let (inputs, waiting) = sync_channel(QUEUE);
        let index = Arc::new(AtomicU32::new(0));
        let mut log = Log {
            notary,
            time,
            index: Arc::clone(&index),
            flight: None,
            open: None,
            earlier: VecDeque::new(),
            paused: false,
            retry_ns: 0,
            buffer: Vec::new(),
        };
        std::thread::Builder::new()
            .name("tlog".to_owned())
            .spawn(move || log.serve(&waiting))
            .context("no thread for the telemetry log")?;
        Ok(Self { inputs, index, dropped: Arc::new(AtomicU32::new(0)) })
    }

    /// Logs a frame heard at `at_ns`. Never waits: the vehicle must be listened to whatever the disk does.
    pub fn frame(&self, frame: Frame, link: usize, at_ns: u64) {
        if let Err(TrySendError::Full(_)) = self.inputs.try_send(Input::Frame { frame, link, at_ns }) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A flight opened; its first telemetry file is `next_index`.
    pub fn begin(&self, sealer: Sealer, next_index: u32) {
        let _ = self.inputs.send(Input::Begin { sealer, next_index });
    }

    /// Stops or takes up writing: the disk is nearly full.
    pub fn pause(&self, paused: bool) {
        let _ = self.inputs.send(Input::Pause(paused));
    }

    /// The flight ends; returns when the last file is with the notary.
    pub fn end(&self) {
        let (done, wait) = sync_channel(1);
        if self.inputs.send(Input::End(done)).is_ok() {
            let _ = wait.recv();
        }
    }

    /// Index of the file being written, 0 before the first.
    #[must_use]
    pub fn current_index(&self) -> u32 {
        self.index.load(Ordering::Relaxed)
    }

    /// Frames that found the queue full.
    #[must_use]
    pub fn dropped(&self) -> u32 {
        self.dropped.load(Ordering::Relaxed)
    }
}

struct OpenFile {
    file: SealedFile,
    index: u32,
    begun_ns: u64,
    messages: u64,
    first_utc_us: Option<i64>,
    last_utc_us: Option<i64>,
    links: u64,
}

struct Log {
    notary: Notary,
    time: TimeBase,
    index: Arc<AtomicU32>,
    flight: Option<(Sealer, u32)>,
    open: Option<OpenFile>,
    earlier: VecDeque<(Frame, usize, u64)>,
    paused: bool,
    /// After the disk refused: not before this is another file tried.
    retry_ns: u64,
    buffer: Vec<u8>,
}

impl Log {
    fn serve(&mut self, inputs: &Receiver<Input>) {
        loop {
            match inputs.recv_timeout(IDLE) {
                Ok(Input::Frame { frame, link, at_ns }) => self.frame(frame, link, at_ns),
                Ok(Input::Begin { sealer, next_index }) => {
                    self.flight = Some((sealer, next_index));
                    for (frame, link, at_ns) in std::mem::take(&mut self.earlier) {
                        self.write(&frame, link, at_ns);
                    }
                }
                Ok(Input::Pause(paused)) => {
                    self.paused = paused;
                    self.cut();
                }
                Ok(Input::End(done)) => {
                    self.cut();
                    self.flight = None;
                    tell(&done, ());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.cut(),
            }
            let now_ns = clock::mono_ns();
            if self.open.as_ref().is_some_and(|open| now_ns.saturating_sub(open.begun_ns) >= CUT_NS) {
                self.cut();
            }
        }
    }

    fn frame(&mut self, frame: Frame, link: usize, at_ns: u64) {
        if self.flight.is_some() {
            self.write(&frame, link, at_ns);
            return;
        }
        if self.earlier.len() == EARLIER_FRAMES {
            self.earlier.pop_front();
        }
        self.earlier.push_back((frame, link, at_ns));
    }

    fn write(&mut self, frame: &Frame, link: usize, at_ns: u64) {
        if self.paused || clock::mono_ns() < self.retry_ns {
            return;
        }
        if self.open.is_none() {
            self.open = self.create();
        }
        let utc_us = self.time.mapping().utc_us(at_ns);
        let Some(open) = &mut self.open else { return };
        self.buffer.clear();
        let written = tlog::write(&mut self.buffer, u64::try_from(utc_us).unwrap_or(0), frame)
            .map_err(anyhow::Error::new)
            .and_then(|()| Ok(open.file.write(&self.buffer)?));
        if let Err(error) = written {
            tracing::error!(error = format!("{error:#}"), "telemetry cannot be written");
            self.notary.event("telemetry-write-failed");
            self.open = None;
            self.retry_ns = clock::mono_ns() + CUT_NS;
            return;
        }
        open.messages += 1;
        // Links are read side by side: a frame may be handed in a little after one that was heard later.
        open.first_utc_us = Some(open.first_utc_us.map_or(utc_us, |first| first.min(utc_us)));
        open.last_utc_us = open.last_utc_us.max(Some(utc_us));
        open.links |= 1 << link.min(63);
    }

    fn create(&mut self) -> Option<OpenFile> {
        let (sealer, next_index) = self.flight.as_mut()?;
        let index = *next_index;
        let file = match sealer.telemetry(index) {
            Ok(file) => file,
            Err(error) => {
                tracing::error!(error = format!("{:#}", anyhow::Error::new(error)), "no telemetry file");
                self.notary.event("telemetry-write-failed");
                self.retry_ns = clock::mono_ns() + CUT_NS;
                return None;
            }
        };
        *next_index += 1;
        self.index.store(index, Ordering::Relaxed);
        let begun_ns = clock::mono_ns();
        Some(OpenFile { file, index, begun_ns, messages: 0, first_utc_us: None, last_utc_us: None, links: 0 })
    }

    fn cut(&mut self) {
        let Some(open) = self.open.take() else { return };
        let record = move |sealed: Sealed| {
            Kind::Telemetry(Telemetry {
                index: open.index,
                file: sealed.file,
                sealed: sealed.sealed,
                plain: sealed.plain,
                messages: open.messages,
                first_utc_us: open.first_utc_us,
                last_utc_us: open.last_utc_us,
                links: open.links.count_ones(),
            })
        };
        self.notary.order(Order::Finish { file: Box::new(open.file), record: Box::new(record), done: None });
    }
}

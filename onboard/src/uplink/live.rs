//! Live view: RTP pictures and RTP KLV (RFC 6597) to the ground station, encrypted (SRTP, RFC 3711) unless configured otherwise.
//!
//! The recorder hands frames over with [`Live::offer`], which never waits: a full queue drops the frame and
//! counts it. A thread of its own feeds GStreamer, whose own queues leak as well.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow};
use flight_record::live::{LiveKeys, MAX_SSRC};
use footage::access_unit::Codec;
use gstreamer as gst;

use super::outlet::Outlet;
use crate::config::{self, Protection};

/// Frames that may wait for the live thread: a third of a second at 30 a second.
const QUEUE_FRAMES: usize = 10;
/// Between two tries to send, when the network or an element fails.
const AGAIN_NS: u64 = 1_000_000_000;

/// One frame of the live view.
#[derive(Debug, Clone)]
pub struct LiveFrame {
    /// Coding of `picture`.
    pub codec: Codec,
    /// Capture clock, nanoseconds: picture and KLV of one frame carry the same RTP instant.
    pub at_ns: u64,
    /// Access unit with its SEI time.
    pub picture: Arc<[u8]>,
    /// ST 0601 packet.
    pub klv: Arc<[u8]>,
}

/// What wakes the live thread.
enum Wake {
    Frame(LiveFrame),
    /// The keys are others.
    Keys,
}

/// The keys of one agreement, with the count of the streams sent under them: two streams under one key never share an SSRC, since
/// the same SSRC and sequence number would be encrypted with the same bytes (RFC 3711 §9.1).
#[derive(Debug)]
pub(super) struct Agreed {
    pub(super) keys: LiveKeys,
    streams: AtomicU32,
}

impl Agreed {
    fn new(keys: LiveKeys) -> Self {
        Self { keys, streams: AtomicU32::new(0) }
    }

    /// The SSRC of the next stream; none when there were too many.
    fn next_ssrc(&self) -> Option<u32> {
        let before = self
            .streams
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |made| (made < MAX_SSRC).then_some(made + 1));
        before.ok().map(|made| made + 1)
    }
}

/// The recorder's end of the live view.
#[derive(Debug, Clone)]
pub struct Live {
    frames: SyncSender<Wake>,
    dropped: Arc<AtomicU64>,
    /// A station asked for it to be stopped.
    stopped: Arc<AtomicBool>,
    protection: Protection,
    agreed: Arc<Mutex<Option<Arc<Agreed>>>>,
}

impl Live {
    /// Starts the live thread toward `to`.
    ///
    /// # Errors
    /// When the RTP elements are not installed.
    pub fn start(to: &config::Live) -> Result<Self> {
        for needed in ["rtph264pay", "rtph265pay", "rtpklvpay", "srtpenc", "udpsink"] {
            if gst::ElementFactory::find(needed).is_none() {
                return Err(anyhow!(
                    "live view needs GStreamer's {needed}; install gstreamer1.0-plugins-good and -bad"
                ));
            }
        }
        let (frames, waiting) = sync_channel(QUEUE_FRAMES);
        let agreed = Arc::default();
        let (to, protection, known) = (to.clone(), to.protection, Arc::clone(&agreed));
        std::thread::Builder::new()
            .name("live".to_owned())
            .spawn(move || feed(&waiting, &to, &known))
            .context("no thread for the live view")?;
        Ok(Self { frames, dropped: Arc::default(), stopped: Arc::default(), protection, agreed })
    }

    /// Offers a frame; returns at once, whatever the network does.
    pub fn offer(&self, frame: LiveFrame) {
        if !self.is_running() {
            return;
        }
        match self.frames.try_send(Wake::Frame(frame)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// From the next frame on it is sent under these keys; without any, nothing is.
    pub fn protect(&self, keys: Option<LiveKeys>) {
        *locked(&self.agreed) = keys.map(|keys| Arc::new(Agreed::new(keys)));
        // When the queue is full, a frame wakes the thread.
        let _ = self.frames.try_send(Wake::Keys);
    }

    /// Stops it, or lets it go on.
    pub fn run(&self, running: bool) {
        self.stopped.store(!running, Ordering::Relaxed);
    }

    /// Whether frames are sent.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let may = self.protection == Protection::None || locked(&self.agreed).is_some();
        may && !self.stopped.load(Ordering::Relaxed)
    }

    /// Who can see it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Frames the live view did not take.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn feed(waiting: &Receiver<Wake>, to: &config::Live, known: &Mutex<Option<Arc<Agreed>>>) {
    let (mut outlet, mut failed_ns): (Option<Outlet>, Option<u64>) = (None, None);
    while let Ok(wake) = waiting.recv() {
        let agreed = locked(known).clone();
        if to.protection == Protection::Srtp && agreed.is_none() {
            outlet = None;
            continue;
        }
        let Wake::Frame(frame) = wake else {
            // The old keys go now, whenever the next frame comes.
            outlet = None;
            continue;
        };
        if outlet.as_ref().is_some_and(Outlet::broken) {
            (outlet, failed_ns) = (None, Some(frame.at_ns));
        }
        if !outlet.as_ref().is_some_and(|outlet| outlet.fits(frame.codec, agreed.as_ref())) {
            outlet = None;
            if failed_ns.is_some_and(|failed_ns| frame.at_ns.saturating_sub(failed_ns) < AGAIN_NS) {
                continue;
            }
            match start(&frame, to, agreed) {
                Ok(started) => outlet = Some(started),
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "live view cannot start");
                    failed_ns = Some(frame.at_ns);
                }
            }
        }
        if let Some(outlet) = &outlet {
            outlet.push(&frame);
        }
    }
}

fn start(frame: &LiveFrame, to: &config::Live, agreed: Option<Arc<Agreed>>) -> Result<Outlet> {
    let protection = match (to.protection, agreed) {
        (Protection::None, _) => None,
        (Protection::Srtp, agreed) => {
            let agreed = agreed.context("no keys")?;
            let ssrc = agreed.next_ssrc().context("too many streams under one agreement; keys must be agreed anew")?;
            Some((agreed, ssrc))
        }
    };
    Outlet::start(frame.codec, frame.at_ns, to, protection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::keys::DeviceKey;
    use flight_record::live;
    use flight_record::radio::LiveScope;

    fn keys() -> LiveKeys {
        let scope = LiveScope { about: [1; 16], boot: [2; 6] };
        let (_, offer) = live::offer(scope, 1, &DeviceKey::from_seed([2; 32])).unwrap();
        live::answer(&offer, &DeviceKey::from_seed([1; 32])).unwrap().unwrap().1
    }

    #[test]
    fn no_two_streams_under_one_agreement_share_an_ssrc() {
        let agreed = Agreed::new(keys());
        let ssrcs: Vec<u32> = std::iter::from_fn(|| agreed.next_ssrc()).collect();
        assert_eq!(ssrcs, (1..=MAX_SSRC).collect::<Vec<_>>(), "and then there are no more");
        assert_eq!(agreed.next_ssrc(), None);
    }
}

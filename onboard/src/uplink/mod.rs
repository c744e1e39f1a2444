//! What goes between the aircraft and the ground in flight: the live view, the heads that a station witnesses ([`beacon`]),
//! orders to record ([`statements`]), and officers' leave to let any button order ([`sessions`]).
//!
//! Live view: RTP pictures and RTP KLV (RFC 6597) to the ground station.
//!
//! The recorder hands frames over with [`Live::offer`], which never waits: a full queue drops the frame and
//! counts it. A thread of its own feeds GStreamer, whose own queues leak as well.

pub mod beacon;
mod budget;
pub mod outbox;
pub mod sessions;
pub mod statements;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use anyhow::{Context, Result, anyhow};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use crate::config;

/// Frames that may wait for the live thread: a third of a second at 30 a second.
const QUEUE_FRAMES: usize = 10;
/// Bytes that may wait inside each appsrc before it leaks the oldest.
const APPSRC_BYTES: u64 = 4 << 20;

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

/// The recorder's end of the live view.
#[derive(Debug, Clone)]
pub struct Live {
    frames: SyncSender<LiveFrame>,
    dropped: Arc<AtomicU64>,
    /// A station asked for it to be stopped.
    stopped: Arc<AtomicBool>,
}

impl Live {
    /// Starts the live thread toward `to`.
    ///
    /// # Errors
    /// When the RTP elements are not installed.
    pub fn start(to: &config::Live) -> Result<Self> {
        for needed in ["rtph264pay", "rtph265pay", "rtpklvpay", "udpsink"] {
            if gst::ElementFactory::find(needed).is_none() {
                return Err(anyhow!(
                    "live view needs GStreamer's {needed}; install gstreamer1.0-plugins-good and -bad"
                ));
            }
        }
        let (frames, waiting) = sync_channel(QUEUE_FRAMES);
        let (video, klv) = (to.video, to.klv);
        std::thread::Builder::new()
            .name("live".to_owned())
            .spawn(move || feed(&waiting, video, klv))
            .context("no thread for the live view")?;
        Ok(Self { frames, dropped: Arc::default(), stopped: Arc::default() })
    }

    /// Offers a frame; returns at once, whatever the network does.
    pub fn offer(&self, frame: LiveFrame) {
        if !self.is_running() {
            return;
        }
        match self.frames.try_send(frame) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Stops it, or lets it go on.
    pub fn run(&self, running: bool) {
        self.stopped.store(!running, Ordering::Relaxed);
    }

    /// Whether frames are sent.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// Frames the live view did not take.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

fn feed(waiting: &Receiver<LiveFrame>, video: SocketAddr, klv: SocketAddr) {
    let mut outlet: Option<Outlet> = None;
    while let Ok(frame) = waiting.recv() {
        if outlet.as_ref().is_none_or(|outlet| outlet.codec != frame.codec || outlet.broken()) {
            outlet = match Outlet::start(frame.codec, frame.at_ns, video, klv) {
                Ok(outlet) => Some(outlet),
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "live view cannot start");
                    None
                }
            };
        }
        if let Some(outlet) = &outlet {
            outlet.push(&frame);
        }
    }
}

/// The RTP pipeline of one codec.
struct Outlet {
    pipeline: gst::Pipeline,
    codec: Codec,
    picture: gst_app::AppSrc,
    klv: gst_app::AppSrc,
    begun_ns: u64,
}

impl Outlet {
    fn start(codec: Codec, begun_ns: u64, video: SocketAddr, klv: SocketAddr) -> Result<Self> {
        let (caps, pay) = match codec {
            Codec::H264 => ("video/x-h264", "rtph264pay aggregate-mode=zero-latency"),
            Codec::H265 => ("video/x-h265", "rtph265pay aggregate-mode=zero-latency"),
        };
        let source = |name, caps: &str| {
            format!(
                "appsrc name={name} format=time is-live=true block=false leaky-type=downstream max-bytes={APPSRC_BYTES} caps={caps}"
            )
        };
        let description = format!(
            "{} ! {pay} pt=96 config-interval=-1 timestamp-offset=0 seqnum-offset=0 ! {} \
             {} ! rtpklvpay pt=97 timestamp-offset=0 ! {}",
            source("picture", &format!("{caps},stream-format=byte-stream,alignment=au")),
            sink(video),
            source("klv", "meta/x-klv,parsed=true"),
            sink(klv),
        );
        let pipeline = gst::parse::launch(&description)?
            .downcast::<gst::Pipeline>()
            .map_err(|_| anyhow!("a launch line that is no pipeline"))?;
        let appsrc = |name| {
            pipeline
                .by_name(name)
                .and_then(|element| element.downcast::<gst_app::AppSrc>().ok())
                .context("an outlet without its source")
        };
        let (picture, klv) = (appsrc("picture")?, appsrc("klv")?);
        pipeline.set_state(gst::State::Playing)?;
        Ok(Self { pipeline, codec, picture, klv, begun_ns })
    }

    fn push(&self, frame: &LiveFrame) {
        let pts = gst::ClockTime::from_nseconds(frame.at_ns.saturating_sub(self.begun_ns));
        for (appsrc, bytes) in [(&self.klv, &frame.klv), (&self.picture, &frame.picture)] {
            let mut buffer = gst::Buffer::from_slice(Arc::clone(bytes));
            if let Some(buffer) = buffer.get_mut() {
                buffer.set_pts(pts);
            }
            // A source that is being torn down takes nothing: the next frame finds it broken and starts anew.
            let _ = appsrc.push_buffer(buffer);
        }
    }

    fn broken(&self) -> bool {
        self.pipeline
            .bus()
            .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error, gst::MessageType::Eos]))
            .is_some()
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn sink(to: SocketAddr) -> String {
    format!("udpsink host={} port={} sync=false async=false", to.ip(), to.port())
}

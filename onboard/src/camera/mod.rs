//! The camera: a pipeline that is kept alive, and pictures in the order the camera sent them.

mod capture_time;
mod encoder;
mod pipeline;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use footage::access_unit::Codec;

pub use capture_time::{Arrival, CaptureTime, Captured};

use crate::clock;
use crate::config::{Camera, Source};
use pipeline::Running;

/// One access unit as the camera sent it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Coding of `data`.
    pub codec: Codec,
    /// Annex B byte stream, one access unit.
    pub data: Vec<u8>,
    /// When it came and what the camera says of its capture.
    pub arrival: Arrival,
    /// GStreamer marked a loss before or in it.
    pub broken: bool,
}

/// What a camera thread says.
#[derive(Debug)]
pub enum FromCamera {
    /// A picture.
    Picture(Picture),
    /// The source has sound, which is dropped.
    Sound,
    /// The connection ended and will be made anew; the reason in words.
    Lost(String),
}

/// No picture for this long while playing: the connection is made anew.
const SILENT_NS: u64 = 8_000_000_000;
/// Waits between attempts double from the first to the last.
const RETRY_FIRST_MS: u64 = 250;
const RETRY_LAST_MS: u64 = 4_000;
/// How often the thread looks up from the bus.
const BUS_WAIT_MS: u64 = 100;

/// Keeps one camera connected until `ending`; pictures and losses go to `sink` (bounded: a full channel makes
/// the pipeline wait, so that a slow disk delays frames before it loses any).
///
/// # Errors
/// When the system gives no thread.
pub fn spawn(camera: Camera, sink: SyncSender<FromCamera>, ending: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
    let name = format!("camera-{}", camera.stream.get_ref());
    std::thread::Builder::new().name(name).spawn(move || keep_connected(&camera, &sink, &ending))
}

fn keep_connected(camera: &Camera, sink: &SyncSender<FromCamera>, ending: &AtomicBool) {
    let mut retry_ms = RETRY_FIRST_MS;
    while !ending.load(Ordering::Relaxed) {
        let last_ns = Arc::new(AtomicU64::new(clock::mono_ns()));
        let begun_ns = clock::mono_ns();
        let why = match Running::start(camera, sink.clone(), Arc::clone(&last_ns)) {
            Ok(running) => watch(&running, &last_ns, ending),
            Err(error) => Some(format!("{error:#}")),
        };
        let Some(why) = why else { return };
        let pictures = last_ns.load(Ordering::Relaxed) > begun_ns;
        let finished = matches!(camera.source, Source::File { repeat: false, .. }) && pictures;
        if sink.send(FromCamera::Lost(why)).is_err() || finished {
            return;
        }
        retry_ms = if pictures { RETRY_FIRST_MS } else { (retry_ms * 2).min(RETRY_LAST_MS) };
        if !matches!(camera.source, Source::File { repeat: true, .. }) {
            pause(retry_ms, ending);
        }
    }
}

/// Runs until the pipeline ends (`Some(reason)`) or the agent does (`None`).
fn watch(running: &Running, last_ns: &AtomicU64, ending: &AtomicBool) -> Option<String> {
    loop {
        if ending.load(Ordering::Relaxed) {
            return None;
        }
        if let Some(why) = running.ended(BUS_WAIT_MS) {
            return Some(why);
        }
        let silent_ns = clock::mono_ns().saturating_sub(last_ns.load(Ordering::Relaxed));
        if silent_ns > SILENT_NS {
            return Some(format!("no picture for {} s", silent_ns / 1_000_000_000));
        }
    }
}

fn pause(wait_ms: u64, ending: &AtomicBool) {
    let until_ns = clock::mono_ns() + wait_ms * 1_000_000;
    while clock::mono_ns() < until_ns && !ending.load(Ordering::Relaxed) {
        std::thread::park_timeout(std::time::Duration::from_millis(BUS_WAIT_MS));
    }
}

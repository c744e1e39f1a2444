//! A live source kept open: a thread of its own opens it, opens it again when it breaks, and lets waiting pictures go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};

#[cfg(test)]
use super::Counts;
use super::pipeline::Pipeline;
use super::slot::{Repaint, Shared};
use super::{Picture, Source, Status};
use crate::clock;

/// How often waiting pictures are looked at.
const TICK_MS: u64 = 20;

/// A live source; it is closed when this is dropped.
pub struct Live {
    shared: Arc<Shared>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Opens it; what comes is shown by [`latest`](Self::latest), and `repaint` called for each change.
    ///
    /// # Errors
    /// When the system gives no thread. That the source does not open is a [`Status`].
    pub fn start(source: Source, repaint: Repaint) -> Result<Self> {
        let (shared, stop) = (Shared::new(repaint), Arc::new(AtomicBool::new(false)));
        let (told, asked) = (Arc::clone(&shared), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("video".to_owned()).spawn(move || keep(&source, &told, &asked));
        Ok(Self { shared, stop, thread: Some(thread.context("no thread for the live picture")?) })
    }

    /// The newest picture. It stays when none comes any more: look at its age.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Picture>> {
        self.shared.latest()
    }

    /// How it stands at this instant (monotonic).
    #[must_use]
    pub fn status(&self, now_ns: u64) -> Status {
        self.shared.status(now_ns)
    }

    /// What came so far.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Counts {
        self.shared.counts()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn keep(source: &Source, shared: &Arc<Shared>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let why = match Pipeline::start(source, shared) {
            Ok(pipeline) => {
                shared.opened();
                let why = run(&pipeline, shared, stop);
                tracing::info!(counts = ?shared.counts(), "a live picture ends");
                match why {
                    Some(why) => why,
                    None => return,
                }
            }
            Err(error) => format!("{error:#}"),
        };
        let pause_ns = shared.broke(why, cure(source));
        let until_ns = clock::mono_ns().saturating_add(pause_ns);
        while !stop.load(Ordering::Relaxed) && clock::mono_ns() < until_ns {
            std::thread::park_timeout(Duration::from_nanos(until_ns.saturating_sub(clock::mono_ns())));
        }
    }
}

/// Until it ends: why; `None` when it was stopped.
fn run(pipeline: &Pipeline, shared: &Shared, stop: &AtomicBool) -> Option<String> {
    while !stop.load(Ordering::Relaxed) {
        if let Some(why) = pipeline.ended(TICK_MS) {
            return Some(why);
        }
        shared.tick(clock::mono_ns());
    }
    None
}

fn cure(source: &Source) -> String {
    match source {
        Source::Rtp { video_port, klv_port, .. } => {
            format!(
                "Close what else uses UDP ports {video_port} and {klv_port}, or choose others. It is tried again by itself"
            )
        }
        Source::Rtsp(_) => {
            "Check that the camera is on and in this network, and its address and password. It is tried again by itself"
                .to_owned()
        }
    }
}

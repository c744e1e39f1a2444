//! The camera's threads: render, encode, release.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;

use super::encoder::{AccessUnit, Encoder, Sink};
use super::picture::{Canvas, Painter};
use super::server::Server;
use super::strip::{self, Stamp};
use super::{JOBS_MAX, Job};
use crate::clock::SimClock;
use crate::geodesy::Map;
use crate::scenario::Scenario;
use crate::truth::{Row, Truth};

/// Why there is no camera.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// GStreamer does not start.
    #[error("GStreamer does not start; install its runtime and the good, ugly and x264 plugins")]
    Gstreamer(#[source] glib::Error),
    /// An element is missing or refuses its settings.
    #[error("the pipeline `{text}` can not be made; install the GStreamer plugin it names")]
    Element {
        /// The pipeline.
        text: String,
        /// What GStreamer said.
        source: glib::Error,
    },
    /// The RTSP port is taken.
    #[error("RTSP can not listen on {address}:{port}; choose another --rtsp-port, or 0 for any free one")]
    Port {
        /// Address.
        address: String,
        /// Port.
        port: u16,
    },
    /// `truth.csv` can not be written.
    #[error("{folder}/truth.csv can not be written; choose a folder for --truth that can")]
    Truth {
        /// The folder.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something inside failed.
    #[error("the camera's {0} failed; the log says more")]
    Broken(&'static str),
}

/// Counts since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Pictures asked for.
    pub taken: u64,
    /// Pictures missed because the renderer was too far behind.
    pub missed: u64,
    /// Access units that left the camera.
    pub sent: u64,
    /// Of those, later than capture + delay (by more than a millisecond).
    pub late: u64,
    /// The latest, µs.
    pub latest_us: u64,
    /// Connections now.
    pub clients: u64,
    /// Pictures skipped for slow clients.
    pub skipped: u64,
}

#[derive(Debug, Default)]
struct Counters {
    taken: AtomicU64,
    missed: AtomicU64,
    sent: AtomicU64,
    late: AtomicU64,
    latest_us: AtomicU64,
}

/// Jobs inside the encoder, by capture time. The encoder holds a handful.
type Inside = Arc<Mutex<VecDeque<Job>>>;

/// The running camera.
pub struct Camera {
    jobs: Option<SyncSender<Job>>,
    renderer: Option<JoinHandle<()>>,
    release: Option<JoinHandle<()>>,
    server: Arc<Mutex<Server>>,
    counters: Arc<Counters>,
    port: u16,
}

/// Where a camera listens and writes.
#[derive(Clone, Copy, Debug)]
pub struct Outlets<'a> {
    /// Address to listen on.
    pub address: &'a str,
    /// RTSP port; 0: the system chooses.
    pub port: u16,
    /// Folder of `truth.csv`.
    pub truth: Option<&'a Path>,
}

impl Camera {
    /// Starts the camera on the boot clock. The painter is made before: it takes a second or so, and a clock that runs meanwhile would
    /// have to be caught up with.
    ///
    /// # Errors
    /// [`CameraError`].
    pub fn start(
        scenario: &Scenario,
        painter: Painter,
        map: &Map,
        clock: SimClock,
        outlets: Outlets<'_>,
    ) -> Result<Self, CameraError> {
        gst::init().map_err(CameraError::Gstreamer)?;
        // One reading on each scale, next to each other.
        let system = gst::SystemClock::obtain();
        let boot = system.time().saturating_sub(gst::ClockTime::from_nseconds(clock.now_ns()));
        let server = Server::start(&scenario.camera, outlets.address, outlets.port, boot)?;
        let port = server.port();
        let server = Arc::new(Mutex::new(server));
        let truth = outlets.truth.map(|folder| {
            let failed = |source| CameraError::Truth { folder: folder.display().to_string(), source };
            Truth::create(folder, *map, scenario.home.alt_msl_m).map_err(failed)
        });
        let truth = truth.transpose()?;
        let counters = Arc::new(Counters::default());
        let inside = Inside::default();
        let (units, finished) = sync_channel(JOBS_MAX);
        let (jobs, waiting) = sync_channel(JOBS_MAX);

        let release = Release {
            clock,
            delay_ns: u64::from(scenario.camera.delay_ms) * 1_000_000,
            server: Arc::clone(&server),
            counters: Arc::clone(&counters),
            inside: Arc::clone(&inside),
            truth,
        };
        let sink: Sink = Arc::new(move |unit| {
            let _ = units.send(unit);
        });
        let renderer = Renderer {
            spec: scenario.camera,
            boot_utc_us: u64::try_from(clock.boot_utc_us()).unwrap_or(0),
            painter,
            sink,
            inside,
            server: Arc::clone(&server),
        };
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let broken = |_| CameraError::Broken("threads");
        let release = thread("release").spawn(move || release.run(&finished)).map_err(broken)?;
        let renderer = thread("renderer").spawn(move || renderer.run(&waiting)).map_err(broken)?;
        Ok(Self { jobs: Some(jobs), renderer: Some(renderer), release: Some(release), server, counters, port })
    }

    /// The RTSP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes a picture; where the renderer is too far behind, misses it.
    pub fn take(&self, job: Job) {
        self.counters.taken.fetch_add(1, Ordering::Relaxed);
        let Some(jobs) = &self.jobs else { return };
        if let Err(TrySendError::Full(_)) = jobs.try_send(job) {
            self.counters.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Serves clients, or drops them all.
    pub fn set_open(&self, open: bool) {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).set_open(open);
    }

    /// Counts so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            taken: read(&self.counters.taken),
            missed: read(&self.counters.missed),
            sent: read(&self.counters.sent),
            late: read(&self.counters.late),
            latest_us: read(&self.counters.latest_us),
            clients: u64::try_from(server.clients()).unwrap_or(0),
            skipped: server.skipped(),
        }
    }

    /// Sends what has been taken and takes no more. Clients stay connected until the camera is dropped, so that the last pictures reach them.
    pub fn finish(&mut self) -> Statistics {
        self.jobs = None;
        for thread in [self.renderer.take(), self.release.take()].into_iter().flatten() {
            if thread.join().is_err() {
                tracing::error!("a thread of the camera panicked");
            }
        }
        self.statistics()
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.finish();
    }
}

struct Renderer {
    spec: crate::scenario::CameraSpec,
    boot_utc_us: u64,
    painter: Painter,
    sink: Sink,
    inside: Inside,
    server: Arc<Mutex<Server>>,
}

impl Renderer {
    fn run(mut self, jobs: &Receiver<Job>) {
        let mut running: Option<(Encoder, (u32, u32), Canvas)> = None;
        while let Ok(job) = jobs.recv() {
            if running.as_ref().is_none_or(|(_, size, _)| *size != job.size) {
                if let Some((old, ..)) = running.take() {
                    old.finish();
                }
                match Encoder::start(&self.spec, job.size, Arc::clone(&self.sink)) {
                    Ok(encoder) => running = Some((encoder, job.size, canvas_of(job.size))),
                    Err(error) => {
                        return tracing::error!(error = crate::run::chain(&error), "the camera stopped");
                    }
                }
            }
            let Some((encoder, _, canvas)) = &mut running else {
                continue;
            };
            self.painter.draw(&job, canvas);
            let capture_us = self.boot_utc_us + job.capture_ns / 1000;
            strip::draw(canvas, Stamp { capture_us, frame: job.frame });
            if self.server.lock().unwrap_or_else(PoisonError::into_inner).take_key_wish() {
                encoder.force_key();
            }
            self.inside.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
            if let Err(error) = encoder.push(canvas, job.capture_ns) {
                return tracing::error!(error = crate::run::chain(&error), "the camera stopped");
            }
        }
        if let Some((encoder, ..)) = running {
            encoder.finish();
        }
    }
}

fn canvas_of((width, height): (u32, u32)) -> Canvas {
    Canvas::new(usize::try_from(width).unwrap_or(0), usize::try_from(height).unwrap_or(0))
}

struct Release {
    clock: SimClock,
    delay_ns: u64,
    server: Arc<Mutex<Server>>,
    counters: Arc<Counters>,
    inside: Inside,
    truth: Option<Truth>,
}

impl Release {
    fn run(mut self, units: &Receiver<AccessUnit>) {
        let mut flushed_ns = 0;
        loop {
            match units.recv_timeout(Duration::from_millis(500)) {
                Ok(unit) => self.send(&unit),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now_ns = self.clock.now_ns();
            if now_ns > flushed_ns + 1_000_000_000 {
                flushed_ns = now_ns;
                self.flush();
            }
        }
        self.flush();
    }

    fn send(&mut self, unit: &AccessUnit) {
        let due_ns = unit.capture_ns + self.delay_ns;
        let early = due_ns.saturating_sub(self.clock.now_ns());
        if early > 0 {
            std::thread::sleep(Duration::from_nanos(early));
        }
        let late_us = self.clock.now_ns().saturating_sub(due_ns) / 1000;
        let clients = self.server.lock().unwrap_or_else(PoisonError::into_inner).send(unit);
        self.counters.sent.fetch_add(1, Ordering::Relaxed);
        if late_us > 1000 {
            self.counters.late.fetch_add(1, Ordering::Relaxed);
        }
        self.counters.latest_us.fetch_max(late_us, Ordering::Relaxed);
        let Some(job) = self.job_of(unit.capture_ns) else {
            return tracing::error!(capture_ns = unit.capture_ns, "the encoder made a picture nobody took");
        };
        let Some(truth) = &mut self.truth else { return };
        let row = Row {
            frame: job.frame,
            capture_us: u64::try_from(self.clock.boot_utc_us()).unwrap_or(0) + job.capture_ns / 1000,
            pose: job.pose,
            width: job.size.0,
            height: job.size.1,
            key: unit.key,
            bytes: unit.buffer.size(),
            clients,
            late_us,
        };
        if let Err(error) = truth.write(&row) {
            tracing::error!(%error, "truth.csv can not be written any more");
            self.truth = None;
        }
    }

    /// The job of an access unit; jobs come out in decoding order, which is not theirs where there are B pictures.
    fn job_of(&self, capture_ns: u64) -> Option<Job> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let at = inside.iter().position(|job| job.capture_ns == capture_ns)?;
        inside.remove(at)
    }

    fn flush(&mut self) {
        if let Some(truth) = &mut self.truth
            && let Err(error) = truth.flush()
        {
            tracing::error!(%error, "truth.csv can not be written any more");
            self.truth = None;
        }
    }
}

//! Stills: the picture of a running stream at the moment somebody asks for it, as a sealed JPEG that says where and when.
//!
//! | module | what it does |
//! |---|---|
//! | [`recent`] | keeps the pictures since the last key frame, which the newest cannot be decoded without |
//! | [`decode`] | makes one JPEG of them |
//! | [`exif`] | writes into it where it was taken, when, and by what |
//!
//! Recording outranks stills: one thread of the lowest priority makes them, its queue is short, and a stream that cannot
//! hand its pictures over at once gives none.

mod decode;
mod exif;
mod recent;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use flight_record::layout::StillFormat;
use flight_record::record::{Kind, Still};
use flight_record::seal::Sealer;
use footage::access_unit::Codec;
use footage::klv::Uas;
use mission_profiles::place::{Attitude, Pointing};
use vehicle_link::camera::{Image, Point};

use crate::recorder::notary::{Notary, Order};
pub use decode::available;
pub use recent::{Recent, Shot};

/// Stills that may wait to be made; further ones fail.
const QUEUE_JOBS: usize = 4;
/// Results that may wait for the agent.
const QUEUE_RESULTS: usize = 64;
/// The nice value of the thread that makes them, and of what it does in GStreamer.
const LOWEST_PRIORITY: i32 = 19;
/// How long a record may take to become durable.
const RECORD_WAIT: Duration = Duration::from_secs(10);

/// Where a picture was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// The camera.
    pub camera: Option<Point>,
    /// Height above the ground, metres.
    pub agl_m: Option<f64>,
    /// The camera's attitude in the earth frame.
    pub attitude: Option<Attitude>,
}

impl Place {
    /// What the telemetry of a picture says of it.
    #[must_use]
    pub fn of(uas: &Uas) -> Self {
        let point = || {
            let (lat_deg, lon_deg) = (uas.sensor_latitude_deg?, uas.sensor_longitude_deg?);
            let alt_msl_m = uas.sensor_altitude_msl_m?;
            (lat_deg.is_finite() && lon_deg.is_finite()).then_some(Point { lat_deg, lon_deg, alt_msl_m })
        };
        let attitude = || {
            let airframe = Attitude {
                yaw_deg: uas.platform_heading_deg?,
                pitch_deg: uas.platform_pitch_deg?,
                roll_deg: uas.platform_roll_deg?,
            };
            let pointing = Pointing {
                azimuth_deg: uas.sensor_relative_azimuth_deg?,
                elevation_deg: uas.sensor_relative_elevation_deg?,
                roll_deg: uas.sensor_relative_roll_deg?,
            };
            Some(pointing.to_earth(&airframe))
        };
        Self { camera: point(), agl_m: uas.height_agl_m, attitude: attitude() }
    }

    /// The attitude as MAVLink carries it.
    #[must_use]
    pub fn quaternion(&self) -> Option<[f32; 4]> {
        #[expect(clippy::cast_possible_truncation, reason = "MAVLink carries quaternions in f32")]
        self.attitude.map(|attitude| attitude.quaternion().map(|part| part as f32))
    }
}

/// A still to be made.
pub(crate) struct Job {
    /// Which camera asked, by its place in the configuration.
    pub(crate) camera: usize,
    /// Coding of the pictures.
    pub(crate) codec: Codec,
    /// The pictures from a key frame to the wanted one; without any there was none.
    pub(crate) shots: Vec<Shot>,
    /// Sensor name, for EXIF.
    pub(crate) sensor: Arc<str>,
    /// Platform name, for EXIF.
    pub(crate) platform: Arc<str>,
}

/// How a still ended, and which camera's it is.
pub(crate) struct Ended {
    pub(crate) camera: usize,
    pub(crate) image: Image,
}

/// Where stills go while a flight is open.
struct Session {
    sealer: Sealer,
    next: u32,
}

/// The handle: cloned to each stream.
#[derive(Clone)]
pub struct Stills {
    jobs: SyncSender<Job>,
    results: SyncSender<Ended>,
    session: Arc<Mutex<Option<Session>>>,
}

impl Stills {
    /// Starts the thread; how each still ended comes out of the receiver.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(notary: Notary) -> Result<(Self, Receiver<Ended>, JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(QUEUE_JOBS);
        let (results, ended) = sync_channel(QUEUE_RESULTS);
        let session = Arc::new(Mutex::new(None));
        let maker = Maker { notary, session: Arc::clone(&session), results: results.clone() };
        let thread = std::thread::Builder::new()
            .name("stills".to_owned())
            .spawn(move || maker.serve(&waiting))
            .context("no thread for stills")?;
        Ok((Self { jobs, results, session }, ended, thread))
    }

    /// A flight is open; `next` is the index of its next still.
    pub(crate) fn begin(&self, sealer: Sealer, next: u32) {
        *self.session() = Some(Session { sealer, next });
    }

    /// The flight is over: what is not sealed by now is not taken. The one that is being sealed is waited for.
    pub(crate) fn end(&self) {
        *self.session() = None;
    }

    /// Gives a still to make; returns at once, and says so where it cannot be made.
    pub(crate) fn offer(&self, job: Job) {
        let camera = job.camera;
        if job.shots.is_empty() || self.jobs.try_send(job).is_err() {
            // Nobody waits for it when the agent is ending.
            let _ = self.results.try_send(Ended { camera, image: Image::default() });
        }
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Maker {
    notary: Notary,
    session: Arc<Mutex<Option<Session>>>,
    results: SyncSender<Ended>,
}

impl Maker {
    fn serve(&self, waiting: &Receiver<Job>) {
        // On Linux a nice value belongs to the thread.
        if let Err(error) = rustix::process::setpriority_process(None, LOWEST_PRIORITY) {
            tracing::warn!(%error, "stills are made at ordinary priority");
        }
        while let Ok(job) = waiting.recv() {
            let camera = job.camera;
            let image = self.make(&job).unwrap_or_else(|error| {
                tracing::error!(error = format!("{error:#}"), "a still could not be taken");
                Image::default()
            });
            // The agent takes them every 20 ms.
            let _ = self.results.try_send(Ended { camera, image });
        }
    }

    fn make(&self, job: &Job) -> Result<Image> {
        let shot = job.shots.last().context("no picture")?.clone();
        let jpeg = decode::jpeg(job.codec, &job.shots)?;
        let jpeg = exif::into_jpeg(&jpeg, &exif::Facts { shot: &shot, sensor: &job.sensor, platform: &job.platform })?;
        let file = self.seal(&jpeg, shot.utc_us)?;
        Ok(Image {
            taken: true,
            utc_us: u64::try_from(shot.utc_us).unwrap_or(0),
            camera: shot.place.camera,
            relative_alt_m: shot.place.agl_m,
            attitude: shot.place.quaternion(),
            file,
        })
    }

    /// Seals it and waits until its record is durable; its name.
    fn seal(&self, jpeg: &[u8], taken_utc_us: i64) -> Result<String> {
        let (name, recorded) = {
            // Held until the record is ordered, so that a flight's close comes behind it.
            let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            let session = session.as_mut().ok_or_else(|| anyhow!("no flight is open"))?;
            let (index, format) = (session.next, StillFormat::Jpg);
            session.next += 1;
            let mut file = session.sealer.still(index, format)?;
            // What was begun is finished whatever happens: a file that no record names makes a flight malformed.
            let written = file.write(jpeg);
            let name = file.progress().file.to_string();
            let (done, recorded) = sync_channel(1);
            let record = move |sealed: flight_record::seal::Sealed| {
                let (file, sealed, plain) = (sealed.file, sealed.sealed, sealed.plain);
                Kind::Still(Still { index, format, file, sealed, plain, taken_utc_us })
            };
            let done = Some(done);
            self.notary.order(Order::Finish { file: Box::new(file), record: Box::new(record), done });
            written?;
            (name, recorded)
        };
        match recorded.recv_timeout(RECORD_WAIT) {
            Ok(true) => Ok(name),
            Ok(false) | Err(_) => Err(anyhow!("{name} is not in the record")),
        }
    }
}

//! One stream's recorder: pictures in, sealed segments out, live view beside it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use flight_record::Code;
use flight_record::StreamName;
use flight_record::record::{Gap, Kind};
use flight_record::seal::Sealer;
use footage::access_unit::{AuError, Codec, StreamInfo};
use vehicle_link::camera::View;

use super::framing::{Framed, Framing};
use super::notary::{Notary, Order, tell};
use super::segment::{Counted, OpenSegment};
use super::take::{PreRoll, Take, Verdict};
use super::timebase::{Mapping, TimeBase};
use super::tlog::TelemetryLog;
use super::transport::{Transport, pts_90k};
use crate::camera::{CaptureTime, Captured, FromCamera, Picture};
use crate::clock;
use crate::stills::{Job, Recent, Shot, Stills};
use crate::telemetry::{History, Lens, Names};
use crate::uplink::{Live, LiveFrame};

/// Orders that may wait: the agent gives a few a flight.
const QUEUE_ORDERS: usize = 16;
/// How long the thread waits for a picture before it looks at its orders and the clock.
const WAIT: Duration = Duration::from_millis(20);
/// A camera that sends nothing for this long is lost, and the hole is recorded as a gap.
const LOST_NS: u64 = 2_000_000_000;

/// What the agent tells a stream.
pub enum StreamOrder {
    /// A flight is open: where its segments go.
    Begin(Session),
    /// Record from now on, with the mapping in force.
    Start,
    /// Record up to what was shot at `until_ns`; `done` hears when the last segment is with the notary.
    Stop {
        /// Capture clock, nanoseconds.
        until_ns: u64,
        /// Told when done.
        done: SyncSender<()>,
    },
    /// Give the newest picture to make a still of, for this camera of the configuration.
    Still(usize),
    /// The flight is over.
    End,
}

/// What a stream needs of a flight.
#[derive(Clone)]
pub struct Session {
    /// Makes its files.
    pub sealer: Sealer,
    /// POSIX µs that PTS 90000 stands for.
    pub pts_epoch_utc_us: i64,
    /// Index of its next segment.
    pub next_segment: u32,
}

/// What others may know of a stream.
#[derive(Debug, Default)]
pub struct Status {
    /// Bytes written in this flight.
    pub bytes: AtomicU64,
    /// Frames recorded in this flight.
    pub frames: AtomicU64,
    /// The source has sound, which is dropped.
    pub sound: AtomicBool,
    /// Capture clock of the last picture, 0 before the first.
    pub last_picture_ns: AtomicU64,
    shown: Mutex<Option<Shown>>,
}

/// What the last usable picture told.
#[derive(Debug, Clone, Copy)]
struct Shown {
    codec: Codec,
    info: Option<StreamInfo>,
    view: View,
}

impl Status {
    /// Coding and shape of the pictures, once known.
    #[must_use]
    pub fn info(&self) -> Option<(Codec, StreamInfo)> {
        self.shown().and_then(|shown| Some((shown.codec, shown.info?)))
    }

    /// Where the camera was and looked in the last picture.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.shown().map(|shown| shown.view)
    }

    fn shown(&self) -> Option<Shown> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stream works with.
pub struct Equipment {
    /// Its name.
    pub stream: StreamName,
    /// Shortest segment, seconds.
    pub segment_s: u32,
    /// Dates its pictures.
    pub capture: CaptureTime,
    /// Its optics.
    pub lens: Lens,
    /// Names in its telemetry.
    pub names: Names,
    /// The vehicle.
    pub history: Arc<Mutex<History>>,
    /// The time of day.
    pub time: TimeBase,
    /// Where records go.
    pub notary: Notary,
    /// The raw log that runs beside it.
    pub telemetry: TelemetryLog,
    /// Live view, if configured.
    pub live: Option<Live>,
    /// Who makes stills.
    pub stills: Stills,
    /// How full the disk is, in hundredths of a per cent.
    pub storage_used: Arc<AtomicU64>,
}

/// The handle of a stream's thread.
pub struct Stream {
    orders: SyncSender<StreamOrder>,
    /// Facts for others.
    pub status: Arc<Status>,
}

impl Stream {
    /// Starts the thread; it ends when the camera's channel closes and the handle is gone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(equipment: Equipment, pictures: Receiver<FromCamera>) -> Result<(Self, JoinHandle<()>)> {
        let (orders, waiting) = sync_channel(QUEUE_ORDERS);
        let status = Arc::new(Status::default());
        let mut recorder = Recorder::new(equipment, Arc::clone(&status));
        let name = format!("stream-{}", recorder.kit.stream);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || recorder.serve(&pictures, &waiting))
            .context("no thread for a stream")?;
        Ok((Self { orders, status }, thread))
    }

    /// Gives an order; waits while the queue is full.
    pub fn order(&self, order: StreamOrder) {
        // Fails only when the thread is gone; the agent is ending then.
        let _ = self.orders.send(order);
    }
}

struct Recorder {
    kit: Equipment,
    status: Arc<Status>,
    framing: Framing,
    transport: Transport,
    session: Option<Session>,
    take: Take,
    pre_roll: PreRoll<(Picture, Captured)>,
    /// What a still would be made from.
    recent: Recent,
    segment: Option<OpenSegment>,
    /// The mapping of this recording, or of now while nothing is recorded.
    mapping: Mapping,
    drops: u64,
    lost: bool,
    /// UTC of the last recorded frame, for a gap's beginning.
    last_utc_us: Option<i64>,
    stopping: Option<SyncSender<()>>,
    buffer: Vec<u8>,
}

impl Recorder {
    fn new(kit: Equipment, status: Arc<Status>) -> Self {
        let framing = Framing::new(Codec::H264, kit.lens, kit.names.clone(), Arc::clone(&kit.history));
        let mapping = kit.time.mapping();
        Self {
            kit,
            status,
            framing,
            transport: Transport::new(Codec::H264),
            session: None,
            take: Take::default(),
            pre_roll: PreRoll::default(),
            recent: Recent::default(),
            segment: None,
            mapping,
            drops: 0,
            lost: false,
            last_utc_us: None,
            stopping: None,
            buffer: Vec::with_capacity(256 * 1024),
        }
    }

    fn serve(&mut self, pictures: &Receiver<FromCamera>, orders: &Receiver<StreamOrder>) {
        let mut camera_over = false;
        loop {
            loop {
                match orders.try_recv() {
                    Ok(order) => self.obey(order),
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) if camera_over => {
                        return self.over();
                    }
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => break,
                }
            }
            match pictures.recv_timeout(WAIT) {
                Ok(FromCamera::Picture(picture)) => self.picture(picture),
                Ok(FromCamera::Sound) => self.sound(),
                Ok(FromCamera::Lost(why)) => self.connection_lost(&why),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    camera_over = true;
                    std::thread::park_timeout(WAIT);
                }
            }
            self.tick(clock::mono_ns());
        }
    }

    fn obey(&mut self, order: StreamOrder) {
        match order {
            StreamOrder::Begin(session) => {
                self.session = Some(session);
                self.status.bytes.store(0, Ordering::Relaxed);
                self.status.frames.store(0, Ordering::Relaxed);
            }
            StreamOrder::Start => {
                self.mapping = self.kit.time.mapping();
                self.take.start();
                self.last_utc_us = None;
                self.drops = 0;
                self.framing.rewind();
                for (picture, captured) in self.pre_roll.take() {
                    self.record(&picture, captured, false);
                }
            }
            StreamOrder::Stop { until_ns, done } => {
                if self.take.stop(until_ns) {
                    self.stopping = Some(done);
                } else {
                    tell(&done, ());
                }
            }
            StreamOrder::Still(camera) => self.still(camera, clock::mono_ns()),
            StreamOrder::End => self.session = None,
        }
    }

    /// `open` says it where it was known before the flight; a camera found later says it by an event.
    fn sound(&self) {
        if !self.status.sound.swap(true, Ordering::Relaxed) && self.session.is_some() {
            self.kit.notary.event("audio-dropped");
        }
    }

    fn picture(&mut self, picture: Picture) {
        if picture.codec != self.framing.codec() {
            self.close_segment();
            self.recent.clear();
            self.framing.restart(picture.codec);
            self.transport = Transport::new(picture.codec);
        }
        self.status.last_picture_ns.store(clock::mono_ns(), Ordering::Relaxed);
        let captured = self.kit.capture.date(picture.arrival, self.mapping.offset_ns());
        if captured.stepped {
            self.kit.notary.event("camera-clock-stepped");
        }
        match self.take.picture(captured.at_ns) {
            Verdict::Write => self.record(&picture, captured, true),
            Verdict::Hold => self.hold(picture, captured),
            Verdict::Over => {
                self.over();
                self.hold(picture, captured);
            }
        }
    }

    /// Not recorded: shown live, and kept as a possible beginning.
    fn hold(&mut self, picture: Picture, captured: Captured) {
        self.mapping = self.kit.time.mapping();
        let Some(framed) = self.frame(&picture, captured) else {
            return;
        };
        self.regained(None);
        let key = framed.key;
        self.show(framed, captured);
        self.pre_roll.push(key, picture.data.len(), (picture, captured));
    }

    fn record(&mut self, picture: &Picture, captured: Captured, live: bool) {
        let Some(framed) = self.frame(picture, captured) else {
            return;
        };
        self.regained(Some(framed.utc_us));
        self.write(&framed);
        if live {
            self.show(framed, captured);
        }
    }

    fn frame(&mut self, picture: &Picture, captured: Captured) -> Option<Framed> {
        let used = self.kit.storage_used.load(Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "at most 10 000")]
        let used_percent = used as f64 / 100.0;
        match self.framing.frame(picture, captured, &self.mapping, used_percent) {
            Ok(framed) => {
                let shown = Shown { codec: self.framing.codec(), info: framed.info, view: framed.view };
                *self.status.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
                Some(framed)
            }
            Err(error) => {
                self.drops += u64::from(error != AuError::NoPicture);
                tracing::debug!(stream = %self.kit.stream, %error, "a picture is not usable");
                None
            }
        }
    }

    fn show(&mut self, framed: Framed, captured: Captured) {
        let Framed { picture, klv, utc_us, key, place, .. } = framed;
        let picture: Arc<[u8]> = picture.into();
        self.recent.push(key, Shot { picture: Arc::clone(&picture), utc_us, place });
        let Some(live) = &self.kit.live else { return };
        live.offer(LiveFrame { codec: self.framing.codec(), at_ns: captured.at_ns, picture, klv: klv.into() });
    }

    /// Hands over what a still is made from; nothing where the camera shows nothing now.
    fn still(&self, camera: usize, now_ns: u64) {
        let last_ns = self.status.last_picture_ns.load(Ordering::Relaxed);
        let fresh = last_ns > 0 && now_ns.saturating_sub(last_ns) < LOST_NS;
        self.kit.stills.offer(Job {
            camera,
            codec: self.framing.codec(),
            shots: if fresh { self.recent.shots() } else { Vec::new() },
            sensor: Arc::clone(&self.kit.names.sensor),
            platform: Arc::clone(&self.kit.names.platform),
        });
    }

    /// Cuts where it is due, then writes the frame: one write.
    fn write(&mut self, framed: &Framed) {
        let Some(session) = &self.session else { return };
        let pts_90k = pts_90k(framed.utc_us, session.pts_epoch_utc_us);
        let due = self.segment.as_ref().is_none_or(|segment| {
            framed.parameter_sets_changed || segment.length_90k(pts_90k) >= u64::from(self.kit.segment_s) * 90_000
        });
        if framed.key && due {
            if framed.parameter_sets_changed && self.segment.is_some() {
                self.kit.notary.event("stream-changed");
            }
            self.close_segment();
            self.open_segment(pts_90k);
        }
        let Some(segment) = &mut self.segment else {
            self.drops += 1;
            return;
        };
        self.buffer.clear();
        self.transport.frame(framed, pts_90k, &mut self.buffer);
        let counted = Counted { pts_90k, short_of_minimum: framed.short_of_minimum };
        if let Err(error) = segment.write(&self.buffer, counted) {
            self.write_failed(&anyhow::Error::new(error));
            return;
        }
        self.last_utc_us = Some(framed.utc_us);
        self.status.bytes.fetch_add(self.buffer.len() as u64, Ordering::Relaxed);
        self.status.frames.fetch_add(1, Ordering::Relaxed);
    }

    fn open_segment(&mut self, pts_90k: u64) {
        let Some(session) = &mut self.session else {
            return;
        };
        let index = session.next_segment;
        match session.sealer.segment(&self.kit.stream, index) {
            Ok(file) => {
                session.next_segment += 1;
                let telemetry = self.kit.telemetry.current_index();
                let (stream, now_ns) = (self.kit.stream.clone(), clock::mono_ns());
                self.segment = Some(OpenSegment::new(file, stream, index, pts_90k, telemetry, now_ns));
            }
            Err(error) => {
                // An existing or half-made file is left as it is; the next key frame tries the next number.
                session.next_segment += 1;
                self.write_failed(&anyhow::Error::new(error));
            }
        }
    }

    fn close_segment(&mut self) {
        let Some(mut segment) = self.segment.take() else {
            return;
        };
        self.buffer.clear();
        self.transport.rest(&mut self.buffer);
        if let Err(error) = segment.write_rest(&self.buffer) {
            return self.write_failed(&anyhow::Error::new(error));
        }
        let drops = std::mem::take(&mut self.drops);
        segment.close(drops, self.kit.telemetry.current_index(), &self.kit.notary);
    }

    /// The disk refused: what is written stays as it is, and the next key frame begins a new segment.
    fn write_failed(&mut self, error: &anyhow::Error) {
        tracing::error!(stream = %self.kit.stream, error = format!("{error:#}"), "footage cannot be written");
        self.segment = None;
        self.drops += 1;
        self.kit.notary.event_with("footage-write-failed", format!("{error:#}"));
    }

    fn connection_lost(&mut self, why: &str) {
        self.kit.capture.restart();
        self.pre_roll.clear();
        self.recent.clear();
        self.framing.restart(self.framing.codec());
        self.lose(why);
    }

    fn lose(&mut self, why: &str) {
        if !std::mem::replace(&mut self.lost, true) {
            self.kit.notary.event_with("camera-lost", format!("{}: {why}", self.kit.stream));
        }
    }

    /// Pictures come again; a hole in a recording becomes a gap that ends at `recorded_utc_us`.
    fn regained(&mut self, recorded_utc_us: Option<i64>) {
        if !std::mem::take(&mut self.lost) {
            return;
        }
        self.kit.notary.event_with("camera-regained", self.kit.stream.to_string());
        let (Some(from_utc_us), Some(to_utc_us)) = (self.last_utc_us, recorded_utc_us) else {
            return;
        };
        self.gap("camera-lost", from_utc_us, Some(to_utc_us), None);
    }

    fn gap(&self, reason: &str, from_utc_us: i64, to_utc_us: Option<i64>, count: Option<u64>) {
        let Ok(reason) = reason.parse::<Code>() else {
            return;
        };
        let stream = Some(self.kit.stream.clone());
        let gap = Gap { stream, reason, from_utc_us, to_utc_us, count };
        self.kit.notary.order(Order::Append(Box::new(Kind::Gap(gap))));
    }

    fn tick(&mut self, now_ns: u64) {
        if let Some(segment) = &mut self.segment {
            segment.keep_safe(now_ns, &self.kit.notary);
        }
        let last_ns = self.status.last_picture_ns.load(Ordering::Relaxed);
        if last_ns > 0 && now_ns.saturating_sub(last_ns) > LOST_NS {
            self.lose("no picture");
        }
        if self.take.tick(now_ns) {
            self.over();
        }
    }

    /// The recording is over.
    fn over(&mut self) {
        self.close_segment();
        if let Some(from_utc_us) = self.last_utc_us.filter(|_| self.lost) {
            self.gap("camera-lost", from_utc_us, None, None);
        }
        // Pictures that no segment came to count.
        let drops = std::mem::take(&mut self.drops);
        if drops > 0 {
            let now_utc_us = self.mapping.utc_us(clock::mono_ns());
            let from_utc_us = self.last_utc_us.unwrap_or(now_utc_us).min(now_utc_us);
            self.gap("footage-lost", from_utc_us, Some(now_utc_us), Some(drops));
        }
        self.last_utc_us = None;
        if let Some(done) = self.stopping.take() {
            tell(&done, ());
        }
    }
}

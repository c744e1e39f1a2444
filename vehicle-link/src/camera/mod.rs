//! The camera protocol, version 2, from the camera's side. Pure: frames, facts and the time in,
//! [`Action`]s out.
//!
//! The agent is a component of the vehicle's system (100–105). It answers REQUEST_MESSAGE (512) and
//! the older request commands alike, acknowledges every command for it at once (UNSUPPORTED what
//! it does not know), and says nothing about commands for other components. A command for *all*
//! components that the camera does not know gets no answer: it is for somebody else.
//!
//! Start and stop are questions to the agent ([`Action::StartVideo`]), which answers with
//! [`Camera::video_started`], [`Camera::video_stopped`] or [`Camera::video_refused`]; until then
//! the station is told IN_PROGRESS every half second. Repeated starts change nothing: neither the
//! recording nor its timer.
//!
//! Stills ([`Action::Images`]) are asked of the agent as well: allowed with [`Camera::images_allowed`]
//! they become due one by one ([`Action::TakeImage`]), and how each ended is said with
//! [`Camera::image_ended`]. A repeated command takes no second picture. Formatting the storage (526)
//! is always DENIED, in words too: evidence is aboard.

mod command;
mod facts;
mod images;
mod messages;
mod schedule;

pub use facts::{Encoding, Facts, Image, Point, Storage, Stream, Transport, View};
pub use images::{LEAST_INTERVAL_NS, MAX_KEPT, REPEATED_NS, UNNUMBERED_NS};

use crate::{
    dialect::{MavMessage, MavResult},
    frames::{Body, Frame},
    peers::Address,
};
use command::Command;
use images::{Images, Meets, Order};
use messages::Mode;
use schedule::Schedule;

/// Component ids of cameras.
pub const COMPONENT_IDS: std::ops::RangeInclusive<u8> = 100..=105;
/// A start or stop that the agent has not settled after this is acknowledged FAILED, ns.
pub const GIVE_UP_NS: u64 = 10_000_000_000;
/// Commands waiting for the agent; beyond it TEMPORARILY_REJECTED.
pub const MAX_WAITING: usize = 8;

const PROGRESS_NS: u64 = 500_000_000;
/// Why nothing is formatted, in the 50 bytes of a STATUSTEXT.
const NO_FORMAT: &str = "Format denied: evidence is aboard; hand it over";
/// That a still was not taken, in the same.
const NO_IMAGE: &str = "Photo not taken: see the aircraft's log; try again";

const CAMERA_INFORMATION: u32 = 259;
const CAMERA_SETTINGS: u32 = 260;
const STORAGE_INFORMATION: u32 = 261;
const CAMERA_CAPTURE_STATUS: u32 = 262;
const CAMERA_IMAGE_CAPTURED: u32 = 263;
const VIDEO_STREAM_INFORMATION: u32 = 269;
const VIDEO_STREAM_STATUS: u32 = 270;
const CAMERA_FOV_STATUS: u32 = 271;

/// What the camera wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this; what has a target is addressed already.
    Send(Body),
    /// Somebody asks to start recording.
    StartVideo {
        /// Who.
        by: Address,
    },
    /// Somebody asks to stop recording.
    StopVideo {
        /// Who.
        by: Address,
    },
    /// Somebody asks for stills, or for their end.
    Images(ImageRequest),
    /// Take the picture of now; [`Camera::image_ended`] says how that ended, in this order.
    TakeImage,
    /// Start the live stream of this number (from 1).
    StartStreaming(u8),
    /// Stop the live stream of this number (from 1).
    StopStreaming(u8),
}

/// Stills that somebody asks for, or whose end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageRequest {
    /// Who.
    pub by: Address,
    order: Order,
}

impl ImageRequest {
    /// Whether stills are wanted, not their end.
    pub fn starts(&self) -> bool {
        self.order != Order::Stop
    }

    fn ack(&self, result: MavResult) -> Action {
        let number = if self.starts() { command::IMAGE_START_CAPTURE } else { command::IMAGE_STOP_CAPTURE };
        Action::Send(command::ack(number, self.by, result))
    }
}

/// Why the agent will not start or stop, as the station is told (MAV_RESULT).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not allowed.
    Denied,
    /// Not now (no camera, no room on the disk); trying again may help.
    TemporarilyRejected,
    /// Tried, and it did not work.
    Failed,
}

impl Refusal {
    fn result(self) -> MavResult {
        match self {
            Self::Denied => MavResult::MAV_RESULT_DENIED,
            Self::TemporarilyRejected => MavResult::MAV_RESULT_TEMPORARILY_REJECTED,
            Self::Failed => MavResult::MAV_RESULT_FAILED,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Start,
    Stop,
}

impl Wish {
    fn command(self) -> u16 {
        match self {
            Self::Start => command::VIDEO_START_CAPTURE,
            Self::Stop => command::VIDEO_STOP_CAPTURE,
        }
    }
}

/// A station that waits for the agent.
#[derive(Debug)]
struct Waiting {
    wish: Wish,
    by: Address,
    since_ns: u64,
    progress_ns: u64,
}

/// The camera component.
#[derive(Debug)]
pub struct Camera {
    own: Address,
    facts: Facts,
    running: Vec<bool>,
    storage: Storage,
    announced: Storage,
    view: View,
    mode: Mode,
    images: Images,
    recording_since_ns: Option<u64>,
    waiting: Vec<Waiting>,
    schedule: Schedule,
}

impl Camera {
    /// The camera at `own`: the vehicle's system, a component of [`COMPONENT_IDS`].
    pub fn new(own: Address, facts: Facts) -> Self {
        let running = facts.streams.iter().map(|stream| stream.running).collect();
        Self {
            own,
            facts,
            running,
            storage: Storage::default(),
            announced: Storage::default(),
            view: View::default(),
            mode: Mode::default(),
            images: Images::default(),
            recording_since_ns: None,
            waiting: Vec::new(),
            schedule: Schedule::default(),
        }
    }

    /// Takes any frame; only commands for this component matter.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        match Command::read(frame) {
            Some(command) if self.own.is_in(command.target) => self.command(&command, now_ns),
            _ => Vec::new(),
        }
    }

    /// Heartbeat, messages at intervals, stations that wait. Call at least every 20 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.schedule.heartbeat_due(now_ns) {
            actions.push(send(&messages::heartbeat()));
        }
        for id in self.schedule.due(now_ns) {
            self.say(id, 0, now_ns, &mut actions);
        }
        if self.images.due(now_ns) {
            actions.extend([Action::TakeImage, self.capture_status(now_ns)]);
        }
        self.waiting.retain_mut(|waiting| {
            let over = now_ns.saturating_sub(waiting.since_ns) >= GIVE_UP_NS;
            let result = match over {
                true => MavResult::MAV_RESULT_FAILED,
                false if now_ns < waiting.progress_ns => return true,
                false => MavResult::MAV_RESULT_IN_PROGRESS,
            };
            waiting.progress_ns = now_ns + PROGRESS_NS;
            actions.push(Action::Send(command::ack(waiting.wish.command(), waiting.by, result)));
            !over
        });
        actions
    }

    /// Recording has begun, by a station's wish or the agent's own; the timer starts, unless it runs.
    pub fn video_started(&mut self, now_ns: u64) -> Vec<Action> {
        self.recording_since_ns.get_or_insert(now_ns);
        self.settled(Wish::Start, MavResult::MAV_RESULT_ACCEPTED, now_ns)
    }

    /// Recording has ended, by a station's wish or for another reason.
    pub fn video_stopped(&mut self, now_ns: u64) -> Vec<Action> {
        self.recording_since_ns = None;
        self.settled(Wish::Stop, MavResult::MAV_RESULT_ACCEPTED, now_ns)
    }

    /// The agent will not do what stations wait for.
    pub fn video_refused(&mut self, refusal: Refusal, now_ns: u64) -> Vec<Action> {
        let mut actions = self.video_denied(true, refusal, now_ns);
        actions.extend(self.video_denied(false, refusal, now_ns));
        actions
    }

    /// The agent will not do what one kind of wish asks for: a start, or a stop.
    pub fn video_denied(&mut self, starts: bool, refusal: Refusal, now_ns: u64) -> Vec<Action> {
        self.settled(if starts { Wish::Start } else { Wish::Stop }, refusal.result(), now_ns)
    }

    /// The agent takes the stills that were asked for, or ends them.
    pub fn images_allowed(&mut self, request: ImageRequest, now_ns: u64) -> Vec<Action> {
        self.images.begin(request.by, request.order, now_ns);
        let mut actions = vec![request.ack(MavResult::MAV_RESULT_ACCEPTED)];
        if self.images.due(now_ns) {
            actions.push(Action::TakeImage);
        }
        actions.push(self.capture_status(now_ns));
        actions
    }

    /// The agent will not do what was asked about stills.
    pub fn images_refused(&self, request: ImageRequest, refusal: Refusal) -> Vec<Action> {
        vec![request.ack(refusal.result())]
    }

    /// No more stills become due: the flight is over, or they are not allowed any longer.
    pub fn end_images(&mut self) {
        self.images.begin(self.own, Order::Stop, 0);
    }

    /// The oldest still that was to be taken ended so; where it was not taken, words say so too.
    pub fn image_ended(&mut self, image: Image, now_ns: u64) -> Vec<Action> {
        let said = image.clone();
        let index = self.images.ended(image);
        let captured = send(&messages::image_captured(index, &said, boot_ms(now_ns)));
        let words = index.is_none().then(|| Self::words(NO_IMAGE));
        [captured, self.capture_status(now_ns)].into_iter().chain(words).collect()
    }

    /// Words for the people at every station, of which MAVLink shows the first 50 bytes.
    pub fn words(words: &str) -> Action {
        send(&messages::words(words))
    }

    /// Whether [`Camera::video_started`] was said last, and not [`Camera::video_stopped`].
    pub fn is_recording(&self) -> bool {
        self.recording_since_ns.is_some()
    }

    /// The disk as it is; announced when ready or not changes, or a hundredth of it fills or empties.
    pub fn set_storage(&mut self, storage: Storage, now_ns: u64) -> Vec<Action> {
        self.storage = storage;
        let moved = (storage.available_mib - self.announced.available_mib).abs();
        let told = storage.ready == self.announced.ready && moved < storage.total_mib.max(1.0) / 100.0;
        if told {
            return Vec::new();
        }
        self.announced = storage;
        vec![send(&messages::storage(&storage, boot_ms(now_ns)))]
    }

    /// Where the camera is and looks, for the next CAMERA_FOV_STATUS.
    pub fn set_view(&mut self, view: View) {
        self.view = view;
    }

    /// Whether stream `id` (from 1) is running; announced when it changes.
    pub fn set_streaming(&mut self, id: u8, running: bool) -> Vec<Action> {
        let place = usize::from(id).wrapping_sub(1);
        match (self.running.get_mut(place), self.facts.streams.get(place)) {
            (Some(known), Some(stream)) if *known != running => {
                *known = running;
                vec![send(&messages::stream_status(stream, running, id))]
            }
            _ => Vec::new(),
        }
    }

    fn command(&mut self, command: &Command, now_ns: u64) -> Vec<Action> {
        use command::{
            IMAGE_START_CAPTURE, IMAGE_STOP_CAPTURE, REQUEST_CAMERA_CAPTURE_STATUS, REQUEST_CAMERA_IMAGE_CAPTURE,
            REQUEST_CAMERA_INFORMATION, REQUEST_CAMERA_SETTINGS, REQUEST_MESSAGE, REQUEST_STORAGE_INFORMATION,
            REQUEST_VIDEO_STREAM_INFORMATION, REQUEST_VIDEO_STREAM_STATUS, SET_CAMERA_MODE, SET_MESSAGE_INTERVAL,
            STORAGE_FORMAT, VIDEO_START_CAPTURE, VIDEO_START_STREAMING, VIDEO_STOP_CAPTURE, VIDEO_STOP_STREAMING,
        };
        match command.number {
            // A station that does not say which still it missed (MAVSDK) asks again by 2002, and then says it.
            REQUEST_MESSAGE if command.id(1) == Some(CAMERA_IMAGE_CAPTURED) => {
                self.request(command, Some(CAMERA_IMAGE_CAPTURED), command.index(2), now_ns)
            }
            REQUEST_MESSAGE => self.request(command, command.id(1), command.id(2), now_ns),
            REQUEST_CAMERA_IMAGE_CAPTURE => {
                self.request(command, Some(CAMERA_IMAGE_CAPTURED), command.index(1), now_ns)
            }
            REQUEST_CAMERA_INFORMATION => self.request(command, Some(CAMERA_INFORMATION), Some(0), now_ns),
            REQUEST_CAMERA_SETTINGS => self.request(command, Some(CAMERA_SETTINGS), Some(0), now_ns),
            REQUEST_STORAGE_INFORMATION => self.request(command, Some(STORAGE_INFORMATION), command.id(1), now_ns),
            REQUEST_CAMERA_CAPTURE_STATUS => self.request(command, Some(CAMERA_CAPTURE_STATUS), Some(0), now_ns),
            REQUEST_VIDEO_STREAM_INFORMATION => {
                self.request(command, Some(VIDEO_STREAM_INFORMATION), command.id(1), now_ns)
            }
            REQUEST_VIDEO_STREAM_STATUS => self.request(command, Some(VIDEO_STREAM_STATUS), command.id(1), now_ns),
            SET_MESSAGE_INTERVAL => vec![self.interval(command, now_ns)],
            STORAGE_FORMAT => vec![reply(command, MavResult::MAV_RESULT_DENIED), Self::words(NO_FORMAT)],
            SET_CAMERA_MODE => self.set_mode(command, now_ns),
            IMAGE_START_CAPTURE | IMAGE_STOP_CAPTURE if !self.facts.stills => self.unsupported(command),
            IMAGE_START_CAPTURE => self.start_images(command, now_ns),
            IMAGE_STOP_CAPTURE => vec![Action::Images(ImageRequest { by: command.from, order: Order::Stop })],
            VIDEO_START_CAPTURE => self.start(command, now_ns),
            VIDEO_STOP_CAPTURE => self.stop(command, now_ns),
            VIDEO_START_STREAMING => self.streaming(command, true),
            VIDEO_STOP_STREAMING => self.streaming(command, false),
            _ => self.unsupported(command),
        }
    }

    /// Refused at once when it is for us by name; a broadcast is for somebody else.
    fn unsupported(&self, command: &Command) -> Vec<Action> {
        let by_name = command.target.1 == self.own.component;
        if by_name { vec![reply(command, MavResult::MAV_RESULT_UNSUPPORTED)] } else { Vec::new() }
    }

    /// 530: parameter 1 is reserved, 2 the mode.
    fn set_mode(&mut self, command: &Command, now_ns: u64) -> Vec<Action> {
        let Some(mode) = command.id(2).and_then(|number| Mode::from_number(number, self.facts.stills)) else {
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        };
        self.mode = mode;
        vec![reply(command, MavResult::MAV_RESULT_ACCEPTED), send(&messages::settings(mode, boot_ms(now_ns)))]
    }

    /// 2000: parameter 2 interval in seconds, 3 how many (0 until 2001), 4 the station's count of single captures.
    fn start_images(&mut self, command: &Command, now_ns: u64) -> Vec<Action> {
        let interval_s = f64::from(command.param(2));
        let (Some(count), Some(sequence), true) =
            (command.id(3), command.id(4), interval_s.is_finite() && interval_s >= 0.0)
        else {
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
        let interval_ns = ((interval_s * 1e9) as u64).max(LEAST_INTERVAL_NS);
        let request = ImageRequest { by: command.from, order: Order::Start { interval_ns, count, sequence } };
        match self.images.meets(request.by, request.order, now_ns) {
            Meets::New => vec![Action::Images(request)],
            Meets::Again => vec![request.ack(MavResult::MAV_RESULT_ACCEPTED)],
            Meets::Busy => vec![request.ack(MavResult::MAV_RESULT_TEMPORARILY_REJECTED)],
        }
    }

    /// Message `id`, for all its instances where `instance` is 0.
    fn request(&self, command: &Command, id: Option<u32>, instance: Option<u32>, now_ns: u64) -> Vec<Action> {
        let offers = |id| schedule::OFFERED.contains(&id) || (id == CAMERA_IMAGE_CAPTURED && self.facts.stills);
        if id.is_some_and(|id| !offers(id)) {
            return self.unsupported(command);
        }
        let (Some(id), Some(instance)) = (id, instance) else {
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        };
        let mut actions = vec![reply(command, MavResult::MAV_RESULT_ACCEPTED)];
        self.say(id, instance, now_ns, &mut actions);
        if actions.len() == 1 {
            // No such storage, stream or still.
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        }
        actions
    }

    /// Adds message `id` for `instance` (0 all) to `actions`; nothing where there is no such one.
    fn say(&self, id: u32, instance: u32, now_ns: u64, actions: &mut Vec<Action>) {
        let time_boot_ms = boot_ms(now_ns);
        let single = match id {
            CAMERA_INFORMATION => messages::information(&self.facts, time_boot_ms),
            CAMERA_SETTINGS => messages::settings(self.mode, time_boot_ms),
            STORAGE_INFORMATION if instance <= 1 => messages::storage(&self.storage, time_boot_ms),
            CAMERA_FOV_STATUS => messages::fov_status(&self.view, time_boot_ms),
            CAMERA_CAPTURE_STATUS => return actions.push(self.capture_status(now_ns)),
            // `instance` is an index from 0: one still, never all of them.
            CAMERA_IMAGE_CAPTURED => match self.images.kept(instance) {
                Some(image) => messages::image_captured(Some(instance), image, time_boot_ms),
                None => return,
            },
            VIDEO_STREAM_INFORMATION => {
                let count = u8::try_from(self.facts.streams.len()).unwrap_or(u8::MAX);
                return actions.extend(
                    self.streams(instance)
                        .map(|(id, stream, running)| send(&messages::stream_information(stream, running, id, count))),
                );
            }
            VIDEO_STREAM_STATUS => {
                return actions.extend(
                    self.streams(instance)
                        .map(|(id, stream, running)| send(&messages::stream_status(stream, running, id))),
                );
            }
            _ => return,
        };
        actions.push(send(&single));
    }

    /// The streams of this number, all for 0, with their numbers.
    fn streams(&self, wanted: u32) -> impl Iterator<Item = (u8, &Stream, bool)> {
        let numbered = (1..=u8::MAX).zip(self.facts.streams.iter().zip(&self.running));
        numbered
            .filter(move |(id, _)| wanted == 0 || wanted == u32::from(*id))
            .map(|(id, (stream, running))| (id, stream, *running))
    }

    fn interval(&mut self, command: &Command, now_ns: u64) -> Action {
        let accepted = command.id(1).is_some_and(|id| self.schedule.set(id, command.param(2), now_ns));
        let result = if accepted { MavResult::MAV_RESULT_ACCEPTED } else { MavResult::MAV_RESULT_DENIED };
        reply(command, result)
    }

    /// 2500: parameter 1 stream (0 all), 2 how often CAMERA_CAPTURE_STATUS shall come, Hz.
    fn start(&mut self, command: &Command, now_ns: u64) -> Vec<Action> {
        if command.param(2) > 0.0 {
            let interval_us = 1e6 / command.param(2);
            self.schedule.set(CAMERA_CAPTURE_STATUS, interval_us, now_ns);
        }
        if self.is_recording() && !self.waits(Wish::Stop) {
            let accepted = reply(command, MavResult::MAV_RESULT_ACCEPTED);
            return vec![accepted, self.capture_status(now_ns)];
        }
        self.wait(Wish::Start, command, now_ns)
    }

    fn stop(&mut self, command: &Command, now_ns: u64) -> Vec<Action> {
        if !self.is_recording() && !self.waits(Wish::Start) {
            let accepted = reply(command, MavResult::MAV_RESULT_ACCEPTED);
            return vec![accepted, self.capture_status(now_ns)];
        }
        self.wait(Wish::Stop, command, now_ns)
    }

    fn waits(&self, wish: Wish) -> bool {
        self.waiting.iter().any(|waiting| waiting.wish == wish)
    }

    /// The first to wish asks the agent; others, and repetitions, only wait with it.
    fn wait(&mut self, wish: Wish, command: &Command, now_ns: u64) -> Vec<Action> {
        if self.waiting.iter().any(|w| w.wish == wish && w.by == command.from) {
            return vec![reply(command, MavResult::MAV_RESULT_IN_PROGRESS)];
        }
        if self.waiting.len() == MAX_WAITING {
            return vec![reply(command, MavResult::MAV_RESULT_TEMPORARILY_REJECTED)];
        }
        let first = !self.waits(wish);
        let (by, progress_ns) = (command.from, now_ns + PROGRESS_NS);
        self.waiting.push(Waiting { wish, by, since_ns: now_ns, progress_ns });
        let ask = match wish {
            Wish::Start => Action::StartVideo { by },
            Wish::Stop => Action::StopVideo { by },
        };
        if first { vec![ask] } else { Vec::new() }
    }

    /// Acknowledges `wish` to all who wait for it, and says how things stand.
    fn settled(&mut self, wish: Wish, result: MavResult, now_ns: u64) -> Vec<Action> {
        let mut actions: Vec<Action> = self
            .waiting
            .extract_if(.., |waiting| waiting.wish == wish)
            .map(|waiting| Action::Send(command::ack(wish.command(), waiting.by, result)))
            .collect();
        self.schedule.recording(self.is_recording(), now_ns);
        actions.push(self.capture_status(now_ns));
        actions
    }

    fn streaming(&self, command: &Command, start: bool) -> Vec<Action> {
        let wanted = command.id(1).filter(|wanted| self.streams(*wanted).next().is_some());
        let Some(wanted) = wanted else {
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        };
        let changes = self.streams(wanted).filter(|(_, _, running)| *running != start);
        let asks = changes.map(|(id, _, _)| match start {
            true => Action::StartStreaming(id),
            false => Action::StopStreaming(id),
        });
        std::iter::once(reply(command, MavResult::MAV_RESULT_ACCEPTED)).chain(asks).collect()
    }

    fn capture_status(&self, now_ns: u64) -> Action {
        let recording_ms = self
            .recording_since_ns
            .map(|since_ns| u32::try_from(now_ns.saturating_sub(since_ns) / 1_000_000).unwrap_or(u32::MAX));
        send(&messages::capture_status(recording_ms, &self.images, &self.storage, boot_ms(now_ns)))
    }
}

fn send(message: &MavMessage) -> Action {
    Action::Send(Body::from(message))
}

fn reply(command: &Command, result: MavResult) -> Action {
    Action::Send(command.ack(result))
}

/// `time_boot_ms`: our clock in ms, wrapping after 49.7 days as MAVLink's does.
fn boot_ms(now_ns: u64) -> u32 {
    let [b0, b1, b2, b3, ..] = (now_ns / 1_000_000).to_le_bytes();
    u32::from_le_bytes([b0, b1, b2, b3])
}

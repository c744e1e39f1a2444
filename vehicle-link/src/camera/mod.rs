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
//! Stills are not offered yet: their capability flag is off and commands 2000 and 2001 are
//! UNSUPPORTED. Formatting the storage (526) is always DENIED: evidence is aboard.

mod command;
mod facts;
mod messages;
mod schedule;

pub use facts::{Encoding, Facts, Point, Storage, Stream, Transport, View};

use crate::{
    dialect::{MavMessage, MavResult},
    frames::{Body, Frame},
    peers::Address,
};
use command::Command;
use schedule::Schedule;

/// Component ids of cameras.
pub const COMPONENT_IDS: std::ops::RangeInclusive<u8> = 100..=105;
/// A start or stop that the agent has not settled after this is acknowledged FAILED, ns.
pub const GIVE_UP_NS: u64 = 10_000_000_000;
/// Commands waiting for the agent; beyond it TEMPORARILY_REJECTED.
pub const MAX_WAITING: usize = 8;

const PROGRESS_NS: u64 = 500_000_000;
/// CAMERA_MODE_VIDEO.
const MODE_VIDEO: u32 = 1;

const CAMERA_INFORMATION: u32 = 259;
const CAMERA_SETTINGS: u32 = 260;
const STORAGE_INFORMATION: u32 = 261;
const CAMERA_CAPTURE_STATUS: u32 = 262;
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
    /// Start the live stream of this number (from 1).
    StartStreaming(u8),
    /// Stop the live stream of this number (from 1).
    StopStreaming(u8),
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
        let result = match refusal {
            Refusal::Denied => MavResult::MAV_RESULT_DENIED,
            Refusal::TemporarilyRejected => MavResult::MAV_RESULT_TEMPORARILY_REJECTED,
            Refusal::Failed => MavResult::MAV_RESULT_FAILED,
        };
        let mut actions = self.settled(Wish::Start, result, now_ns);
        actions.extend(self.settled(Wish::Stop, result, now_ns));
        actions
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
            REQUEST_CAMERA_CAPTURE_STATUS, REQUEST_CAMERA_INFORMATION, REQUEST_CAMERA_SETTINGS, REQUEST_MESSAGE,
            REQUEST_STORAGE_INFORMATION, REQUEST_VIDEO_STREAM_INFORMATION, REQUEST_VIDEO_STREAM_STATUS,
            SET_CAMERA_MODE, SET_MESSAGE_INTERVAL, STORAGE_FORMAT, VIDEO_START_CAPTURE, VIDEO_START_STREAMING,
            VIDEO_STOP_CAPTURE, VIDEO_STOP_STREAMING,
        };
        match command.number {
            REQUEST_MESSAGE => self.request(command, command.id(1), command.id(2), now_ns),
            REQUEST_CAMERA_INFORMATION => self.request(command, Some(CAMERA_INFORMATION), Some(0), now_ns),
            REQUEST_CAMERA_SETTINGS => self.request(command, Some(CAMERA_SETTINGS), Some(0), now_ns),
            REQUEST_STORAGE_INFORMATION => self.request(command, Some(STORAGE_INFORMATION), command.id(1), now_ns),
            REQUEST_CAMERA_CAPTURE_STATUS => self.request(command, Some(CAMERA_CAPTURE_STATUS), Some(0), now_ns),
            REQUEST_VIDEO_STREAM_INFORMATION => {
                self.request(command, Some(VIDEO_STREAM_INFORMATION), command.id(1), now_ns)
            }
            REQUEST_VIDEO_STREAM_STATUS => self.request(command, Some(VIDEO_STREAM_STATUS), command.id(1), now_ns),
            SET_MESSAGE_INTERVAL => vec![self.interval(command, now_ns)],
            STORAGE_FORMAT => vec![reply(command, MavResult::MAV_RESULT_DENIED)],
            // Parameter 1 is reserved, 2 the mode.
            SET_CAMERA_MODE if command.id(2) == Some(MODE_VIDEO) => {
                let settings = send(&messages::settings(boot_ms(now_ns)));
                vec![reply(command, MavResult::MAV_RESULT_ACCEPTED), settings]
            }
            SET_CAMERA_MODE => vec![reply(command, MavResult::MAV_RESULT_DENIED)],
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

    /// Message `id`, for all its instances where `instance` is 0.
    fn request(&self, command: &Command, id: Option<u32>, instance: Option<u32>, now_ns: u64) -> Vec<Action> {
        let (Some(id), Some(instance)) = (id, instance) else {
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        };
        if !schedule::OFFERED.contains(&id) {
            return self.unsupported(command);
        }
        let mut actions = vec![reply(command, MavResult::MAV_RESULT_ACCEPTED)];
        self.say(id, instance, now_ns, &mut actions);
        if actions.len() == 1 {
            // No such storage or stream.
            return vec![reply(command, MavResult::MAV_RESULT_DENIED)];
        }
        actions
    }

    /// Adds message `id` for `instance` (0 all) to `actions`; nothing where there is no such one.
    fn say(&self, id: u32, instance: u32, now_ns: u64, actions: &mut Vec<Action>) {
        let time_boot_ms = boot_ms(now_ns);
        let single = match id {
            CAMERA_INFORMATION => messages::information(&self.facts, time_boot_ms),
            CAMERA_SETTINGS => messages::settings(time_boot_ms),
            STORAGE_INFORMATION if instance <= 1 => messages::storage(&self.storage, time_boot_ms),
            CAMERA_FOV_STATUS => messages::fov_status(&self.view, time_boot_ms),
            CAMERA_CAPTURE_STATUS => return actions.push(self.capture_status(now_ns)),
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
        send(&messages::capture_status(recording_ms, &self.storage, boot_ms(now_ns)))
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

//! The one vehicle this agent flies on: found, heard, timed, lost and found again.

use std::sync::{Arc, Mutex, PoisonError};

use flight_record::ClockSource;
use vehicle_link::dialect::MavMessage;
use vehicle_link::frames::Frame;
use vehicle_link::hub::{PeerId, Received};
use vehicle_link::peers::{Address, Change, Peer, Table};
use vehicle_link::timesync;

use crate::recorder::timebase::Mapping;
use crate::telemetry::{History, VehicleClock};

/// How often the vehicle is asked for its clock: the answers' intervals narrow each other down.
const TIMESYNC_NS: u64 = 100_000_000;
/// What a GNSS receiver and an autopilot add to the uncertainty of UTC, microseconds.
const RECEIVER_US: u64 = 500;

/// Uncertainty of a time whose way to us is unknown: a link may hold messages back.
const ARRIVAL_US: u64 = 1_000_000;

/// What the agent acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Heard for the first time.
    Found(Address),
    /// Armed.
    Armed,
    /// Disarmed.
    Disarmed,
    /// Silent.
    Lost,
    /// Heard again.
    Regained,
    /// Its clock began anew.
    Rebooted,
    /// It says a time before this device was certified, which cannot be: a receiver's week rollover, a replay, a spoofer.
    TimeRefused,
}

/// The vehicle.
pub(super) struct Vehicle {
    wanted: Option<u8>,
    peers: Table,
    history: Arc<Mutex<History>>,
    known: Option<(Address, VehicleClock)>,
    armed: bool,
    last_request_ns: u64,
    /// No time of day before this is believed.
    earliest_utc_us: i64,
    time_refused: bool,
}

impl Vehicle {
    /// Waits for system `wanted`, or for the first autopilot; a time of day before `earliest_utc_us` is not believed.
    #[must_use]
    pub(super) fn new(wanted: Option<u8>, history: Arc<Mutex<History>>, earliest_utc_us: i64) -> Self {
        Self {
            wanted,
            peers: Table::new(),
            history,
            known: None,
            armed: false,
            last_request_ns: 0,
            earliest_utc_us,
            time_refused: false,
        }
    }

    /// Its address, once heard.
    #[must_use]
    pub(super) fn address(&self) -> Option<Address> {
        self.known.as_ref().map(|(address, _)| *address)
    }

    /// The way over which it was last heard.
    #[must_use]
    pub(super) fn via(&self) -> Option<PeerId> {
        self.address().and_then(|address| self.peers.get(address)).map(|peer| peer.via)
    }

    /// Takes a frame and its message, if it could be parsed.
    pub(super) fn hear(&mut self, received: &Received, message: Option<&MavMessage>) -> Vec<News> {
        let mut news = Vec::new();
        let change = self.peers.heard(&received.frame, received.peer, received.at_mono_ns);
        if let Some(change) = change {
            self.changed(change, &mut news);
        }
        self.armed_by(received, &mut news);
        if let Some(message) = message {
            self.telemetry(&received.frame, message, received.at_mono_ns, &mut news);
        }
        news
    }

    /// Time passes: who has gone silent.
    pub(super) fn tick(&mut self, now_ns: u64) -> Vec<News> {
        let mut news = Vec::new();
        for change in self.peers.poll(now_ns) {
            self.changed(change, &mut news);
        }
        news
    }

    /// The next TIMESYNC request, when it is due.
    pub(super) fn timesync_request(&mut self, now_ns: u64) -> Option<MavMessage> {
        if now_ns.saturating_sub(self.last_request_ns) < TIMESYNC_NS {
            return None;
        }
        let (_, clock) = self.known.as_mut()?;
        self.last_request_ns = now_ns;
        Some(MavMessage::TIMESYNC(clock.time.timesync().request(now_ns)))
    }

    /// GNSS time by way of the vehicle, if it has any that can be true.
    #[must_use]
    pub(super) fn utc(&self, now_ns: u64) -> Option<Mapping> {
        let (_, clock) = self.known.as_ref()?;
        let utc = clock.time.utc(now_ns)?;
        (utc.utc_us >= self.earliest_utc_us).then_some(Mapping {
            mono_ns: now_ns,
            utc_us: utc.utc_us,
            source: ClockSource::Gnss,
            uncertainty_us: match utc.source {
                timesync::Source::Timesync => utc.uncertainty_us.saturating_add(RECEIVER_US),
                timesync::Source::Arrival => utc.uncertainty_us.max(ARRIVAL_US),
            },
        })
    }

    fn is_ours(&self, peer: &Peer) -> bool {
        let known = self.known.as_ref().is_none_or(|(address, _)| *address == peer.address);
        peer.is_autopilot() && known && self.wanted.is_none_or(|system| system == peer.address.system)
    }

    fn changed(&mut self, change: Change, news: &mut Vec<News>) {
        match change {
            Change::Found(peer) if self.is_ours(&peer) && self.known.is_none() => {
                self.known = Some((peer.address, VehicleClock::new(peer.address)));
                news.push(News::Found(peer.address));
            }
            Change::Lost(peer) if self.is_ours(&peer) => news.push(News::Lost),
            Change::Regained(peer) if self.is_ours(&peer) => news.push(News::Regained),
            Change::Found(_) | Change::Lost(_) | Change::Regained(_) | Change::Altered { .. } => {}
        }
    }

    /// The state of the last heartbeat, so that a change while the link was down is seen too.
    fn armed_by(&mut self, received: &Received, news: &mut Vec<News>) {
        let Some(address) = self.address().filter(|address| *address == Address::of(&received.frame)) else {
            return;
        };
        let armed = self.peers.get(address).is_some_and(Peer::is_armed);
        if armed != self.armed {
            self.armed = armed;
            news.push(if armed { News::Armed } else { News::Disarmed });
        }
    }

    fn telemetry(&mut self, frame: &Frame, message: &MavMessage, at_ns: u64, news: &mut Vec<News>) {
        let Some((address, clock)) = &mut self.known else {
            return;
        };
        if frame.system_id() != address.system {
            return;
        }
        let from_autopilot = frame.component_id() == address.component;
        match message {
            MavMessage::TIMESYNC(data) if from_autopilot => {
                if let Some(sample) = clock.time.timesync().answered(data, at_ns) {
                    tracing::trace!(offset_ns = sample.offset_ns, round_trip_ns = sample.round_trip_ns, "timesync");
                }
            }
            MavMessage::SYSTEM_TIME(data) if from_autopilot => {
                if clock.time.system_time(data, at_ns) {
                    *clock = VehicleClock::new(*address);
                    self.history.lock().unwrap_or_else(PoisonError::into_inner).rebooted();
                    news.push(News::Rebooted);
                }
                let utc = clock.time.utc(at_ns);
                let refused = utc.is_some_and(|utc| utc.utc_us < self.earliest_utc_us);
                if refused && !std::mem::replace(&mut self.time_refused, refused) {
                    news.push(News::TimeRefused);
                }
            }
            other => {
                let sampled_ns = match boot_ms(other) {
                    Some(boot_ms) if boot_ms > 0 => clock.sampled_ns(boot_ms, at_ns),
                    Some(_) | None => at_ns,
                };
                self.history.lock().unwrap_or_else(PoisonError::into_inner).hear(other, sampled_ns);
            }
        }
    }
}

/// When the autopilot sampled a message by its own clock, for the messages whose instant matters.
fn boot_ms(message: &MavMessage) -> Option<u32> {
    match message {
        MavMessage::ATTITUDE(m) => Some(m.time_boot_ms),
        MavMessage::GLOBAL_POSITION_INT(m) => Some(m.time_boot_ms),
        MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(m) => Some(m.time_boot_ms),
        _ => None,
    }
}

/// The answer to somebody's TIMESYNC, as component `own`.
#[must_use]
pub(super) fn timesync_answer(received: &Received, message: &MavMessage, own: Address) -> Option<MavMessage> {
    let MavMessage::TIMESYNC(request) = message else {
        return None;
    };
    let from = Address::of(&received.frame);
    timesync::answer(request, from, own, received.at_mono_ns).map(MavMessage::TIMESYNC)
}

//! When a flight opens and closes and when the camera is recorded: a pure state machine.

use crate::config::{AfterRestart, Policy, Record};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// The vehicle armed.
    Armed,
    /// The vehicle disarmed.
    Disarmed,
    /// A MAVLink command asks for recording.
    StartCommand,
    /// A MAVLink command ends recording.
    StopCommand,
    /// A signed order asks for recording.
    StartOrder,
    /// A signed order ends recording.
    StopOrder,
    /// No station has been heard for as long as the policy lets a recording go on without one.
    LinkLost,
    /// Free space fell below the reserve.
    StorageLow,
    /// Free space is above the reserve again.
    StorageFree,
    /// The disk takes nothing.
    StorageReadOnly,
    /// The disk takes what is written again.
    StorageWritable,
    /// A restart found a flight open.
    Resumed {
        /// Its last recording had not been stopped.
        recording: bool,
    },
    /// A restart found a flight open that cannot be taken up, and is left as it is.
    NotResumed {
        /// Its last recording had not been stopped.
        recording: bool,
    },
    /// The agent is asked to end.
    Shutdown,
    /// Time passes.
    Tick,
}

/// Who or what started or stopped a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    /// A command over MAVLink.
    Command,
    /// Somebody who signed an order.
    Order,
    /// The configured policy.
    Policy,
    /// The storage reserve.
    Storage,
    /// A restart that found it on.
    Restart,
    /// The end of the agent.
    Shutdown,
}

impl Actor {
    /// The word in the record's event.
    #[must_use]
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Order => "statement",
            Self::Policy => "policy",
            Self::Storage => "storage-low",
            Self::Restart => "restart",
            Self::Shutdown => "shutdown",
        }
    }
}

/// What is to be done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Open a flight.
    OpenFlight,
    /// Start the recorders.
    StartRecording(Actor),
    /// Stop the recorders.
    StopRecording(Actor),
    /// Close the flight.
    CloseFlight(&'static str),
}

/// Whether a start command is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No room: below the reserve.
    StorageLow,
    /// The disk takes nothing.
    StorageReadOnly,
    /// The agent is ending.
    Ending,
}

/// A flight that the disk did not let begin is tried again after this long.
const RETRY_NS: u64 = 2_000_000_000;

/// What is tried again, and when.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// Recording too, and for whom.
    recorded_for: Option<Actor>,
    at_ns: u64,
}

/// The state of one agent.
#[derive(Debug)]
pub(super) struct Control {
    record: Record,
    armed: bool,
    flight: bool,
    recording: bool,
    storage_low: bool,
    storage_read_only: bool,
    ending: bool,
    /// Who or what the recording follows from.
    recorded_for: Actor,
    /// What the disk did not let happen, and is tried again.
    wanted: Option<Wanted>,
    /// No flight could be opened since the last that could.
    refused_before: bool,
    /// When both recording and arming had last ended.
    idle_since_ns: u64,
}

impl Control {
    /// A machine on the ground with nothing open.
    #[must_use]
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            armed: false,
            flight: false,
            recording: false,
            storage_low: false,
            storage_read_only: false,
            ending: false,
            recorded_for: Actor::Policy,
            wanted: None,
            refused_before: false,
            idle_since_ns: 0,
        }
    }

    /// Whether recording is on.
    #[must_use]
    pub(super) fn recording(&self) -> bool {
        self.recording
    }

    /// Whether the vehicle is armed, as far as it has said.
    #[must_use]
    pub(super) fn armed(&self) -> bool {
        self.armed
    }

    /// Why a start command would be refused now.
    #[must_use]
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match (self.ending, self.storage_read_only, self.storage_low) {
            (true, _, _) => Some(Refusal::Ending),
            (false, true, _) => Some(Refusal::StorageReadOnly),
            (false, false, true) => Some(Refusal::StorageLow),
            (false, false, false) => None,
        }
    }

    /// No flight could be opened: nothing is open and nothing runs, and both are tried again. Whether this is news.
    pub(super) fn flight_refused(&mut self, now_ns: u64) -> bool {
        self.flight = false;
        let recorded_for = std::mem::take(&mut self.recording).then_some(self.recorded_for);
        let first = !std::mem::replace(&mut self.refused_before, true);
        self.wanted = Some(Wanted { recorded_for, at_ns: now_ns.saturating_add(RETRY_NS) });
        first
    }

    /// Takes one input at `now_ns` and says what to do.
    pub(super) fn step(&mut self, input: Input, now_ns: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Armed => {
                self.armed = true;
                self.open(&mut actions);
                if self.record.policy == Policy::Armed {
                    self.start(Actor::Policy, &mut actions);
                }
            }
            Input::Disarmed => {
                self.armed = false;
                self.wanted = None;
                self.idle_since_ns = now_ns;
                if self.record.policy == Policy::Armed {
                    self.stop(Actor::Policy, now_ns, &mut actions);
                }
            }
            Input::StartCommand => self.start(Actor::Command, &mut actions),
            Input::StopCommand => self.ask_to_stop(Actor::Command, now_ns, &mut actions),
            Input::StartOrder => self.start(Actor::Order, &mut actions),
            Input::StopOrder => self.ask_to_stop(Actor::Order, now_ns, &mut actions),
            Input::LinkLost => self.ask_to_stop(Actor::Policy, now_ns, &mut actions),
            Input::StorageLow => {
                self.storage_low = true;
                self.stop(Actor::Storage, now_ns, &mut actions);
            }
            Input::StorageFree => self.storage_low = false,
            Input::StorageReadOnly => {
                self.storage_read_only = true;
                let recorded_for = self.recording.then_some(self.recorded_for);
                self.wanted =
                    recorded_for.map(|actor| Wanted { recorded_for: Some(actor), at_ns: now_ns }).or(self.wanted);
                self.stop(Actor::Storage, now_ns, &mut actions);
            }
            Input::StorageWritable => self.storage_read_only = false,
            // What lies there is left as it is; recording outranks it.
            Input::NotResumed { recording } => {
                if recording && self.record.after_restart == AfterRestart::Continue {
                    self.start(Actor::Restart, &mut actions);
                }
            }
            Input::Resumed { recording } => self.resumed(recording, now_ns, &mut actions),
            Input::Shutdown => {
                self.ending = true;
                self.wanted = None;
                self.stop(Actor::Shutdown, now_ns, &mut actions);
                self.close("shutdown", &mut actions);
            }
            Input::Tick => self.tick(now_ns, &mut actions),
        }
        actions
    }

    fn resumed(&mut self, recording: bool, now_ns: u64, actions: &mut Vec<Action>) {
        self.flight = true;
        self.idle_since_ns = now_ns;
        match self.record.after_restart {
            AfterRestart::Close => self.close("restart", actions),
            AfterRestart::Continue if recording => self.start(Actor::Restart, actions),
            AfterRestart::Continue => {}
        }
    }

    fn tick(&mut self, now_ns: u64, actions: &mut Vec<Action>) {
        if let Some(wanted) = self.wanted.take_if(|wanted| now_ns >= wanted.at_ns && !self.storage_read_only) {
            self.open(actions);
            if let Some(actor) = wanted.recorded_for {
                self.start(actor, actions);
            }
        }
        let wait_ns = u64::from(self.record.close_after_disarm_s) * 1_000_000_000;
        if self.flight && !self.armed && !self.recording && now_ns.saturating_sub(self.idle_since_ns) >= wait_ns {
            self.close("landed", actions);
        }
    }

    fn open(&mut self, actions: &mut Vec<Action>) {
        if !self.flight && !self.ending {
            self.flight = true;
            self.wanted = None;
            actions.push(Action::OpenFlight);
        }
    }

    /// Idempotent: a second start neither restarts nor renames what runs.
    fn start(&mut self, actor: Actor, actions: &mut Vec<Action>) {
        if self.recording || self.refusal().is_some() {
            return;
        }
        self.open(actions);
        self.recording = true;
        self.recorded_for = actor;
        actions.push(Action::StartRecording(actor));
    }

    /// Somebody wants no recording any more, also none that waits for the disk.
    fn ask_to_stop(&mut self, actor: Actor, now_ns: u64, actions: &mut Vec<Action>) {
        if let Some(wanted) = &mut self.wanted {
            wanted.recorded_for = None;
        }
        self.stop(actor, now_ns, actions);
    }

    fn stop(&mut self, actor: Actor, now_ns: u64, actions: &mut Vec<Action>) {
        if std::mem::take(&mut self.recording) {
            self.idle_since_ns = now_ns;
            actions.push(Action::StopRecording(actor));
        }
    }

    fn close(&mut self, reason: &'static str, actions: &mut Vec<Action>) {
        if std::mem::take(&mut self.flight) {
            actions.push(Action::CloseFlight(reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn control(policy: Policy, after_restart: AfterRestart) -> Control {
        Control::new(Record { policy, after_restart, ..Record::default() })
    }

    #[test]
    fn armed_policy_records_from_arm_to_disarm_and_closes_half_a_minute_later() {
        let mut control = control(Policy::Armed, AfterRestart::Continue);
        assert_eq!(control.step(Input::Armed, 0), [Action::OpenFlight, Action::StartRecording(Actor::Policy)]);
        assert_eq!(control.step(Input::Disarmed, 60 * SECOND), [Action::StopRecording(Actor::Policy)]);
        assert_eq!(control.step(Input::Tick, 89 * SECOND), []);
        assert_eq!(control.step(Input::Tick, 90 * SECOND), [Action::CloseFlight("landed")]);
        assert_eq!(control.step(Input::Tick, 91 * SECOND), []);
    }

    #[test]
    fn commanded_policy_opens_at_arm_and_records_on_command_only() {
        let mut control = control(Policy::Commanded, AfterRestart::Continue);
        assert_eq!(control.step(Input::Armed, 0), [Action::OpenFlight]);
        assert_eq!(control.step(Input::StartCommand, 1), [Action::StartRecording(Actor::Command)]);
        assert_eq!(control.step(Input::StartCommand, 2), []);
        assert_eq!(control.step(Input::StopCommand, 3), [Action::StopRecording(Actor::Command)]);
        assert_eq!(control.step(Input::StopCommand, 4), []);
    }

    #[test]
    fn a_lost_link_ends_it_by_the_policy_until_somebody_starts_again() {
        let mut control = control(Policy::Armed, AfterRestart::Continue);
        control.step(Input::Armed, 0);
        assert_eq!(control.step(Input::LinkLost, 1), [Action::StopRecording(Actor::Policy)]);
        assert_eq!(control.step(Input::LinkLost, 2), []);
        assert_eq!(control.step(Input::StartCommand, 3), [Action::StartRecording(Actor::Command)]);
    }

    #[test]
    fn what_the_disk_does_not_let_begin_is_tried_again_until_nobody_wants_it() {
        let mut control = control(Policy::Armed, AfterRestart::Continue);
        let begins = [Action::OpenFlight, Action::StartRecording(Actor::Policy)];
        assert_eq!(control.step(Input::Armed, 0), begins);
        assert!(control.flight_refused(0) && !control.recording());
        assert_eq!(control.step(Input::Tick, SECOND), []);
        assert_eq!(control.step(Input::Tick, 2 * SECOND), begins);
        assert!(!control.flight_refused(2 * SECOND), "said once");
        assert_eq!(control.step(Input::StopCommand, 3 * SECOND), []);
        assert_eq!(control.step(Input::Tick, 4 * SECOND), [Action::OpenFlight], "armed, but nobody wants pictures");
        control.flight_refused(4 * SECOND);
        control.step(Input::Disarmed, 5 * SECOND);
        assert_eq!(control.step(Input::Tick, 60 * SECOND), []);
    }

    #[test]
    fn a_disk_that_takes_nothing_refuses_and_recording_goes_on_when_it_takes_again() {
        let mut control = control(Policy::Commanded, AfterRestart::Continue);
        control.step(Input::StartCommand, 0);
        assert_eq!(control.step(Input::StorageReadOnly, 1), [Action::StopRecording(Actor::Storage)]);
        assert_eq!(control.refusal(), Some(Refusal::StorageReadOnly));
        assert_eq!(control.step(Input::Tick, SECOND), []);
        control.step(Input::StorageWritable, 2 * SECOND);
        assert_eq!(control.step(Input::Tick, 2 * SECOND), [Action::StartRecording(Actor::Command)]);
        assert_eq!(control.step(Input::Tick, 3 * SECOND), []);
    }

    #[test]
    fn a_flight_that_cannot_be_taken_up_makes_room_for_another_that_records_on() {
        let mut go_on = control(Policy::Commanded, AfterRestart::Continue);
        let begins = [Action::OpenFlight, Action::StartRecording(Actor::Restart)];
        assert_eq!(go_on.step(Input::NotResumed { recording: true }, 0), begins);
        let mut close = control(Policy::Commanded, AfterRestart::Close);
        assert_eq!(close.step(Input::NotResumed { recording: true }, 0), []);
        let mut idle = control(Policy::Commanded, AfterRestart::Continue);
        assert_eq!(idle.step(Input::NotResumed { recording: false }, 0), []);
    }

    #[test]
    fn a_flight_stays_open_while_recording_on_the_ground() {
        let mut control = control(Policy::Commanded, AfterRestart::Continue);
        control.step(Input::StartCommand, 0);
        assert_eq!(control.step(Input::Tick, 1_000 * SECOND), []);
        control.step(Input::StopCommand, 1_000 * SECOND);
        assert_eq!(control.step(Input::Tick, 1_029 * SECOND), []);
        assert_eq!(control.step(Input::Tick, 1_030 * SECOND), [Action::CloseFlight("landed")]);
    }

    #[test]
    fn low_storage_stops_refuses_and_lets_go_again() {
        let mut control = control(Policy::Armed, AfterRestart::Continue);
        control.step(Input::Armed, 0);
        assert_eq!(control.step(Input::StorageLow, 1), [Action::StopRecording(Actor::Storage)]);
        assert_eq!(control.refusal(), Some(Refusal::StorageLow));
        assert_eq!(control.step(Input::StartCommand, 2), []);
        control.step(Input::StorageFree, 3);
        assert_eq!(control.step(Input::StartCommand, 4), [Action::StartRecording(Actor::Command)]);
    }

    #[test]
    fn a_restart_goes_on_or_closes_as_configured() {
        let mut go_on = control(Policy::Commanded, AfterRestart::Continue);
        assert_eq!(go_on.step(Input::Resumed { recording: true }, 0), [Action::StartRecording(Actor::Restart)]);
        let mut close = control(Policy::Commanded, AfterRestart::Close);
        assert_eq!(close.step(Input::Resumed { recording: true }, 0), [Action::CloseFlight("restart")]);
        let mut idle = control(Policy::Commanded, AfterRestart::Continue);
        assert_eq!(idle.step(Input::Resumed { recording: false }, 0), []);
        assert_eq!(idle.step(Input::Tick, 30 * SECOND), [Action::CloseFlight("landed")]);
    }

    #[test]
    fn shutdown_stops_and_closes_and_nothing_starts_after_it() {
        let mut control = control(Policy::Armed, AfterRestart::Continue);
        control.step(Input::Armed, 0);
        assert_eq!(
            control.step(Input::Shutdown, 1),
            [Action::StopRecording(Actor::Shutdown), Action::CloseFlight("shutdown")]
        );
        assert_eq!(control.step(Input::StartCommand, 2), []);
        assert_eq!(control.step(Input::Armed, 3), []);
    }
}

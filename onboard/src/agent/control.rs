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
    /// Free space fell below the reserve.
    StorageLow,
    /// Free space is above the reserve again.
    StorageFree,
    /// A restart found a flight open.
    Resumed {
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
    /// The agent is ending.
    Ending,
}

/// The state of one agent.
#[derive(Debug)]
pub(super) struct Control {
    record: Record,
    armed: bool,
    flight: bool,
    recording: bool,
    storage_low: bool,
    ending: bool,
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
            ending: false,
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
        match (self.ending, self.storage_low) {
            (true, _) => Some(Refusal::Ending),
            (false, true) => Some(Refusal::StorageLow),
            (false, false) => None,
        }
    }

    /// No flight could be opened: nothing is open and nothing runs, so that the next command or arm tries again.
    pub(super) fn flight_refused(&mut self) {
        self.flight = false;
        self.recording = false;
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
                self.idle_since_ns = now_ns;
                if self.record.policy == Policy::Armed {
                    self.stop(Actor::Policy, now_ns, &mut actions);
                }
            }
            Input::StartCommand => self.start(Actor::Command, &mut actions),
            Input::StopCommand => self.stop(Actor::Command, now_ns, &mut actions),
            Input::StartOrder => self.start(Actor::Order, &mut actions),
            Input::StopOrder => self.stop(Actor::Order, now_ns, &mut actions),
            Input::StorageLow => {
                self.storage_low = true;
                self.stop(Actor::Storage, now_ns, &mut actions);
            }
            Input::StorageFree => self.storage_low = false,
            Input::Resumed { recording } => self.resumed(recording, now_ns, &mut actions),
            Input::Shutdown => {
                self.ending = true;
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
        let wait_ns = u64::from(self.record.close_after_disarm_s) * 1_000_000_000;
        if self.flight && !self.armed && !self.recording && now_ns.saturating_sub(self.idle_since_ns) >= wait_ns {
            self.close("landed", actions);
        }
    }

    fn open(&mut self, actions: &mut Vec<Action>) {
        if !self.flight && !self.ending {
            self.flight = true;
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
        actions.push(Action::StartRecording(actor));
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
        Control::new(Record { policy, segment_s: 2, close_after_disarm_s: 30, after_restart })
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

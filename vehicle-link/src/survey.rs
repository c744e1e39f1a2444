//! Which components of a system have something: each that is heard is asked for the message that says so. Pure.

use crate::{
    ask::{Action as Asked, Ask, Wanted},
    command::Refusal,
    frames::{Body, Frame},
    peers::Address,
    request::Ends,
};

/// Heartbeats are listened for so long, ns: two of each component, and some.
pub const LISTEN_NS: u64 = 2_500_000_000;
/// Most components asked.
pub const MAX_ASKED: usize = 16;

const HEARTBEAT: u32 = 0;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Send this.
    Send(Body),
    /// A component has it: its message.
    Found(Frame),
    /// Nobody more is asked. Who seemed to have it and did not say so stands with the reason.
    Over(Vec<(Address, Refusal)>),
}

/// Whether the component of a heartbeat may have what is looked for, by its component id and MAV_TYPE.
pub type Candidate = fn(component: u8, mav_type: u8) -> bool;

/// One search. It ends in [`Action::Over`] within bounded time.
#[derive(Debug)]
pub struct Survey {
    own: Address,
    system: u8,
    wanted: Wanted,
    candidate: Candidate,
    until_ns: u64,
    asked: Vec<(Address, Ask)>,
    silent: Vec<(Address, Refusal)>,
    over: bool,
}

impl Survey {
    /// Starts listening, in the name of `own`, to the components of `system`.
    pub fn start(own: Address, system: u8, wanted: Wanted, candidate: Candidate, now_ns: u64) -> Self {
        let (asked, silent) = (Vec::new(), Vec::new());
        Self { own, system, wanted, candidate, until_ns: now_ns + LISTEN_NS, asked, silent, over: false }
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let from = Address::of(frame);
        if self.over || from.system != self.system {
            return Vec::new();
        }
        let mut actions = Vec::new();
        let known = self.asked.iter().any(|(address, _)| *address == from);
        if frame.message_id() == HEARTBEAT && !known && self.asked.len() < MAX_ASKED {
            // HEARTBEAT: custom mode u32, type.
            if (self.candidate)(from.component, frame.payload().u8(4)) {
                let (ask, first) = Ask::start(Ends { own: self.own, remote: from }, self.wanted, now_ns);
                self.asked.push((from, ask));
                actions.extend(self.told(from, first));
            }
        }
        let answers: Vec<_> =
            self.asked.iter_mut().filter_map(|(at, ask)| Some((*at, ask.frame(frame, now_ns)?))).collect();
        actions.extend(answers.into_iter().filter_map(|(at, action)| self.told(at, action)));
        actions
    }

    /// Asks again, and ends. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        if self.over {
            return Vec::new();
        }
        let again: Vec<_> = self.asked.iter_mut().filter_map(|(at, ask)| Some((*at, ask.poll(now_ns)?))).collect();
        let mut actions: Vec<Action> = again.into_iter().filter_map(|(at, action)| self.told(at, action)).collect();
        if now_ns >= self.until_ns && self.asked.iter().all(|(_, ask)| ask.is_over()) {
            self.over = true;
            actions.push(Action::Over(std::mem::take(&mut self.silent)));
        }
        actions
    }

    fn told(&mut self, at: Address, action: Asked) -> Option<Action> {
        match action {
            Asked::Send(body) => Some(Action::Send(body)),
            Asked::Came(frame) => Some(Action::Found(frame)),
            Asked::Refused(why) => {
                self.silent.push((at, why));
                None
            }
        }
    }
}

//! A new value: SET → VALUE, which says what the vehicle made of it.

use super::{Action, Encoding, Failure, PARAM_SET, PARAM_VALUE, Parameter, TIMING, Told, Value, body};
use crate::{
    frames::Frame,
    request::{Ends, Pending},
};

/// So many answers with another value are a refusal. Fewer may be values that were on their way before.
const REFUSALS: u8 = 3;

/// A parameter set and confirmed. It ends in [`Action::Is`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Set {
    ends: Ends,
    encoding: Encoding,
    parameter: Parameter,
    pending: Option<Pending>,
    others: u8,
    kept: Option<Value>,
}

impl Set {
    /// Starts; the action is the first message. `parameter` has the type that the vehicle gives it.
    pub fn start(ends: Ends, encoding: Encoding, parameter: Parameter, now_ns: u64) -> (Self, Action) {
        let mut payload = parameter.value.bits(encoding).to_le_bytes().to_vec();
        payload.extend_from_slice(&[ends.remote.system, ends.remote.component]);
        payload.extend_from_slice(&parameter.name.wire());
        payload.push(parameter.value.kind());
        let set = body(PARAM_SET, &payload);
        let pending = Some(Pending::new(set.clone(), TIMING, now_ns));
        (Self { ends, encoding, parameter, pending, others: 0, kept: None }, Action::Send(set))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        let told = (frame.message_id() == PARAM_VALUE).then(|| Told::read(frame, self.encoding))??;
        if told.parameter.name != self.parameter.name {
            return None;
        }
        if told.parameter == self.parameter {
            self.pending = None;
            return Some(Action::Is(told.parameter));
        }
        self.kept = Some(told.parameter.value);
        self.others += 1;
        if self.others < REFUSALS {
            return Some(Action::Send(pending.body()));
        }
        self.end()
    }

    /// Sends again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(again) => Some(Action::Send(again)),
            Err(_) => self.end(),
        }
    }

    fn end(&mut self) -> Option<Action> {
        self.pending = None;
        Some(Action::Failed(self.kept.map_or(Failure::Timeout { have: 0, of: 1 }, Failure::Kept)))
    }
}

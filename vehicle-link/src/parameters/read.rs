//! One parameter: REQUEST_READ → VALUE.

use super::{Action, Encoding, Failure, Name, PARAM_REQUEST_READ, PARAM_VALUE, TIMING, Told, body};
use crate::{
    frames::Frame,
    request::{Ends, Pending},
};

/// One parameter read. It ends in [`Action::Is`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Read {
    ends: Ends,
    encoding: Encoding,
    name: Name,
    pending: Option<Pending>,
}

impl Read {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, encoding: Encoding, name: Name, now_ns: u64) -> (Self, Action) {
        // Index −1: by the name.
        let mut payload = vec![0xFF, 0xFF, ends.remote.system, ends.remote.component];
        payload.extend_from_slice(&name.wire());
        let ask = body(PARAM_REQUEST_READ, &payload);
        let pending = Some(Pending::new(ask.clone(), TIMING, now_ns));
        (Self { ends, encoding, name, pending }, Action::Send(ask))
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
        if told.parameter.name != self.name {
            return None;
        }
        self.pending = None;
        Some(Action::Is(told.parameter))
    }

    /// Asks again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(again) => Some(Action::Send(again)),
            Err(_) => {
                self.pending = None;
                Some(Action::Failed(Failure::Timeout { have: 0, of: 1 }))
            }
        }
    }
}

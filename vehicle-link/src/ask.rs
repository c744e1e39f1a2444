//! One message asked of a component: REQUEST_MESSAGE (512), or the older command where that is not known. Pure.
//!
//! An acknowledgement is not the message: it is asked for again until it comes, or the component says that it has none.

use crate::{
    command::{Command, Refusal},
    frames::{Body, Frame},
    request::{Ends, Pending, Timing},
};

const REQUEST_MESSAGE: u16 = 512;
const COMMAND_ACK: u32 = 77;
const ACCEPTED: u8 = 0;
const UNSUPPORTED: u8 = 3;
const IN_PROGRESS: u8 = 5;

const TIMING: Timing = Timing::every(500_000_000, 5);

/// Which message, and which of several of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Its id.
    pub message: u32,
    /// Parameter 2 of the request: which stream or storage, from 1; 0 where there is one or all are wanted. Of photos, which from 0.
    pub which: u16,
    /// Where in the payload the number of `which` lies, so that another's is not taken for it; `None` where any will do.
    pub which_at: Option<usize>,
    /// The command that asks for it where 512 is not known, with `which` as its parameter 1 (1 where that is 0).
    pub older: Option<u16>,
}

impl Wanted {
    /// The only message of its kind.
    pub const fn only(message: u32) -> Self {
        Self { message, which: 0, which_at: None, older: None }
    }

    fn is(self, frame: &Frame) -> bool {
        let right = self.which_at.is_none_or(|at| self.which == 0 || u16::from(frame.payload().u8(at)) == self.which);
        frame.message_id() == self.message && right
    }

    fn command(self, older: Option<u16>) -> Command {
        match older {
            Some(number) => Command::new(number, [f32::from(self.which.max(1))]),
            #[expect(clippy::cast_precision_loss, reason = "message ids have 24 bits, and so has the mantissa")]
            None => Command::new(REQUEST_MESSAGE, [self.message as f32, f32::from(self.which)]),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Send this to the component.
    Send(Body),
    /// The message came.
    Came(Frame),
    /// It will not come.
    Refused(Refusal),
}

/// One message on its way. It ends in [`Action::Came`] or [`Action::Refused`] within bounded time.
#[derive(Debug)]
pub struct Ask {
    ends: Ends,
    wanted: Wanted,
    /// The command that is repeated.
    number: u16,
    pending: Option<Pending>,
}

impl Ask {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, wanted: Wanted, now_ns: u64) -> (Self, Action) {
        let mut ask = Self { ends, wanted, number: REQUEST_MESSAGE, pending: None };
        let first = ask.send(None, now_ns);
        (ask, first)
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        if self.wanted.is(frame) {
            self.pending = None;
            return Some(Action::Came(frame.clone()));
        }
        // COMMAND_ACK: command u16, result, progress, result_param2 i32, target system, component.
        let payload = frame.payload();
        let for_us = self.ends.own.is_in((payload.u8(8), payload.u8(9)));
        if frame.message_id() != COMMAND_ACK || payload.u16(0) != self.number || !for_us {
            return None;
        }
        match (payload.u8(2), self.wanted.older) {
            (ACCEPTED | IN_PROGRESS, _) => None,
            (UNSUPPORTED, Some(older)) if self.number == REQUEST_MESSAGE => Some(self.send(Some(older), now_ns)),
            (result, _) => {
                self.pending = None;
                Some(Action::Refused(Refusal::Result(result)))
            }
        }
    }

    /// Asks again when nothing came. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(body) => Some(Action::Send(body)),
            Err(silence) => {
                self.pending = None;
                Some(Action::Refused(silence.into()))
            }
        }
    }

    fn send(&mut self, older: Option<u16>, now_ns: u64) -> Action {
        let (ends, command) = (self.ends, self.wanted.command(older));
        self.number = command.number;
        let pending = Pending::counting(move |attempt| command.body(ends, attempt), TIMING, now_ns);
        let body = pending.body();
        self.pending = Some(pending);
        Action::Send(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frames::Encoder, peers::Address};

    const S: u64 = 1_000_000_000;
    const ENDS: Ends =
        Ends { own: Address { system: 255, component: 190 }, remote: Address { system: 1, component: 100 } };
    const STREAM: Wanted = Wanted { message: 269, which: 2, which_at: Some(18), older: Some(2504) };

    fn from_camera(id: u32, payload: &[u8]) -> Frame {
        Encoder::new(1, 100).encode_body(&Body::raw(id, payload).unwrap())
    }

    fn ack(number: u16, result: u8) -> Frame {
        let [low, high] = number.to_le_bytes();
        from_camera(COMMAND_ACK, &[low, high, result, 0, 0, 0, 0, 0, 255, 190])
    }

    fn stream(id: u8) -> Frame {
        let mut payload = [0; 20];
        payload[18] = id;
        from_camera(269, &payload)
    }

    /// The command in a message that goes out, and its first two parameters.
    fn asked(action: &Action) -> (u16, f32, f32) {
        let Action::Send(body) = action else { panic!("{action:?}") };
        let frame = Encoder::new(255, 190).encode_body(body);
        let payload = frame.payload();
        (payload.u16(28), payload.f32(0), payload.f32(4))
    }

    #[test]
    fn an_acknowledgement_is_not_the_message() {
        let (mut ask, first) = Ask::start(ENDS, STREAM, 0);
        assert_eq!(asked(&first), (512, 269.0, 2.0));
        assert_eq!(ask.frame(&ack(512, ACCEPTED), 1), None);
        assert_eq!(ask.frame(&stream(1), 1), None, "another stream");
        let again = ask.poll(S / 2).unwrap();
        assert_eq!(asked(&again), (512, 269.0, 2.0));
        assert_eq!(ask.frame(&stream(2), S), Some(Action::Came(stream(2))));
        assert!(ask.is_over() && ask.poll(99 * S).is_none());
    }

    #[test]
    fn who_does_not_know_512_is_asked_as_before_it() {
        let (mut ask, _) = Ask::start(ENDS, STREAM, 0);
        let older = ask.frame(&ack(512, UNSUPPORTED), 1).unwrap();
        assert_eq!(asked(&older), (2504, 2.0, 0.0));
        assert_eq!(ask.frame(&ack(512, UNSUPPORTED), 2), None, "an answer to the first, twice");
        assert_eq!(ask.frame(&ack(2504, UNSUPPORTED), 3), Some(Action::Refused(Refusal::Result(UNSUPPORTED))));
        let (mut ask, _) = Ask::start(ENDS, Wanted::only(280), 0);
        assert_eq!(ask.frame(&ack(512, UNSUPPORTED), 1), Some(Action::Refused(Refusal::Result(UNSUPPORTED))));
    }

    #[test]
    fn silence_is_given_up() {
        let (mut ask, _) = Ask::start(ENDS, STREAM, 0);
        let ended = (1..100).find_map(|half| match ask.poll(half * S / 2) {
            Some(Action::Refused(why)) => Some((half, why)),
            _ => None,
        });
        assert_eq!(ended, Some((6, Refusal::Timeout)));
    }
}

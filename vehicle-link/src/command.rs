//! Commands to a vehicle, from the station's side: sent, repeated, answered. Pure.
//!
//! COMMAND_LONG is repeated with a rising `confirmation` until a COMMAND_ACK comes, COMMAND_INT (for what is told of a place) as it is;
//! IN_PROGRESS gives the vehicle more time, but not for ever. Numbers are those of the wire, so that commands newer than the dialect can be sent and their answers read.

use crate::{
    frames::{Body, Frame},
    request::{Ends, Pending, Silence, Timing},
};

/// Wait for an acknowledgement, ns.
pub const ACK_TIMEOUT_NS: u64 = 1_000_000_000;
/// How often a command is sent again into silence before it is given up.
pub const RETRIES: u8 = 5;

const TIMING: Timing = Timing { retries_heard: 2 * RETRIES, ..Timing::every(ACK_TIMEOUT_NS, RETRIES) };

const COMMAND_INT: u32 = 75;
const COMMAND_LONG: u32 = 76;
const COMMAND_ACK: u32 = 77;
const COMMAND_CANCEL: u32 = 80;
const ACCEPTED: u8 = 0;
const IN_PROGRESS: u8 = 5;

/// A command and its seven parameters; NaN where the vehicle shall use its default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Command {
    /// MAV_CMD.
    pub number: u16,
    /// Parameters 1 to 7; of one that is told of a place, 1 to 4 and 7 count.
    pub params: [f32; 7],
    /// The place, where it is told of one: then COMMAND_INT carries it, to the centimetre.
    pub place: Option<Place>,
}

/// A place in a command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// 1e-7 degrees, north positive.
    pub lat_e7: i32,
    /// 1e-7 degrees, east positive.
    pub lon_e7: i32,
    /// Metres, in the sense of `frame`.
    pub alt_m: f32,
    /// MAV_FRAME: 0 above mean sea level, 3 above home, 10 above the terrain.
    pub frame: u8,
}

impl Command {
    /// A command whose parameters beyond `params` are 0.
    pub fn new<const N: usize>(number: u16, params: [f32; N]) -> Self {
        let mut all = [0.0; 7];
        all.iter_mut().zip(params).for_each(|(to, from)| *to = from);
        Self { number, params: all, place: None }
    }

    /// A command about a place, with parameters 1 to 4.
    pub fn at(number: u16, [a, b, c, d]: [f32; 4], place: Place) -> Self {
        Self { number, params: [a, b, c, d, 0.0, 0.0, place.alt_m], place: Some(place) }
    }

    /// The message, repeated for the `confirmation`th time.
    pub(crate) fn body(&self, ends: Ends, confirmation: u8) -> Body {
        let mut payload = Vec::with_capacity(35);
        if let Some(place) = self.place {
            self.params[..4].iter().for_each(|param| payload.extend_from_slice(&param.to_le_bytes()));
            for whole in [place.lat_e7, place.lon_e7] {
                payload.extend_from_slice(&whole.to_le_bytes());
            }
            payload.extend_from_slice(&place.alt_m.to_le_bytes());
            payload.extend_from_slice(&self.number.to_le_bytes());
            payload.extend_from_slice(&[ends.remote.system, ends.remote.component, place.frame, 0, 0]);
            #[expect(clippy::expect_used, reason = "the id is in the dialect and 35 bytes fit")]
            return Body::raw(COMMAND_INT, &payload).expect("COMMAND_INT is in the dialect");
        }
        for param in self.params {
            payload.extend_from_slice(&param.to_le_bytes());
        }
        payload.extend_from_slice(&self.number.to_le_bytes());
        payload.extend_from_slice(&[ends.remote.system, ends.remote.component, confirmation]);
        #[expect(clippy::expect_used, reason = "the id is in the dialect and 33 bytes fit")]
        Body::raw(COMMAND_LONG, &payload).expect("COMMAND_LONG is in the dialect")
    }
}

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No answer after all retries.
    #[error("no answer after {RETRIES} retries; the link is bad, or nobody there takes commands")]
    Timeout,
    /// The vehicle began and was not heard to end.
    #[error("the vehicle said it was in progress, and never how it ended")]
    Unfinished,
    /// A MAV_RESULT other than accepted.
    #[error("the vehicle refused: {}", result_name(*.0))]
    Result(u8),
}

impl From<Silence> for Refusal {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Unanswered => Self::Timeout,
            Silence::Unfinished => Self::Unfinished,
        }
    }
}

/// MAV_RESULT in words.
fn result_name(result: u8) -> &'static str {
    match result {
        1 => "temporarily rejected (it says why in a status text)",
        2 => "denied",
        3 => "unsupported",
        4 => "failed",
        6 => "cancelled",
        7 => "only as COMMAND_LONG",
        8 => "only as COMMAND_INT",
        9 => "unsupported frame",
        10 => "another has control",
        _ => "by a result newer than this program",
    }
}

/// What the sender is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to the vehicle.
    Send(Body),
    /// How far the vehicle is, percent; 255 when it does not know.
    Progress(u8),
    /// Carried out.
    Accepted,
    /// Not carried out; the machine does nothing more.
    Refused(Refusal),
}

/// One command under way. It ends in [`Action::Accepted`] or [`Action::Refused`] within bounded time.
#[derive(Debug)]
pub struct Request {
    ends: Ends,
    command: Command,
    /// What is repeated: the command, or that it be cancelled. `None` once it has ended.
    pending: Option<Pending>,
    cancelled: bool,
}

impl Request {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, command: Command, now_ns: u64) -> (Self, Action) {
        let pending = Pending::counting(move |attempt| command.body(ends, attempt), TIMING, now_ns);
        let send = Action::Send(pending.body());
        (Self { ends, command, pending: Some(pending), cancelled: false }, send)
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Asks the vehicle to stop what it has begun. It ends as the vehicle says: cancelled (result 6), or done meanwhile.
    pub fn cancel(&mut self, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| !self.cancelled)?;
        self.cancelled = true;
        let [low, high] = self.command.number.to_le_bytes();
        let payload = [low, high, self.ends.remote.system, self.ends.remote.component];
        #[expect(clippy::expect_used, reason = "the id is in the dialect and 4 bytes fit")]
        let body = Body::raw(COMMAND_CANCEL, &payload).expect("COMMAND_CANCEL is in the dialect");
        *pending = Pending::new(body, TIMING, now_ns);
        Some(Action::Send(pending.body()))
    }

    /// Takes any frame; those that do not concern this command are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        if frame.message_id() != COMMAND_ACK {
            return None;
        }
        let payload = frame.payload();
        // COMMAND_ACK: command u16, result, progress, result_param2 i32, target system, component (0: everybody).
        let target = (payload.u8(8), payload.u8(9));
        if payload.u16(0) != self.command.number || !self.ends.own.is_in(target) {
            return None;
        }
        match payload.u8(2) {
            ACCEPTED => self.end(Action::Accepted),
            IN_PROGRESS if self.cancelled => None,
            IN_PROGRESS => match pending.in_progress(now_ns) {
                Ok(()) => Some(Action::Progress(payload.u8(3))),
                Err(silence) => self.end(Action::Refused(silence.into())),
            },
            result => self.end(Action::Refused(Refusal::Result(result))),
        }
    }

    /// Sends again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(body) => Some(Action::Send(body)),
            Err(silence) => self.end(Action::Refused(silence.into())),
        }
    }

    fn end(&mut self, action: Action) -> Option<Action> {
        self.pending = None;
        Some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frames::Encoder, peers::Address, request::MAX_PROGRESS};

    const S: u64 = 1_000_000_000;
    const ENDS: Ends =
        Ends { own: Address { system: 255, component: 190 }, remote: Address { system: 1, component: 1 } };

    fn ack(from: (u8, u8), number: u16, result: u8, to: (u8, u8)) -> Frame {
        let [low, high] = number.to_le_bytes();
        let body = Body::raw(COMMAND_ACK, &[low, high, result, 40, 0, 0, 0, 0, to.0, to.1]).unwrap();
        Encoder::new(from.0, from.1).encode_body(&body)
    }

    fn start() -> Request {
        Request::start(ENDS, Command::new(400, [1.0]), 0).0
    }

    #[test]
    fn repeats_with_rising_confirmation_and_gives_up() {
        let (mut request, Action::Send(first)) = Request::start(ENDS, Command::new(400, [1.0]), 0) else {
            panic!("the first action sends")
        };
        let confirmation = |body: &Body| Encoder::new(255, 190).encode_body(body).payload().u8(32);
        assert_eq!(confirmation(&first), 0);
        assert_eq!(request.poll(S - 1), None);
        for n in 1..=u64::from(RETRIES) {
            let Some(Action::Send(again)) = request.poll(n * S) else { panic!("repetition {n}") };
            assert_eq!(u64::from(confirmation(&again)), n);
        }
        assert_eq!(request.poll(6 * S), Some(Action::Refused(Refusal::Timeout)));
        assert!(request.is_over());
        assert_eq!(request.poll(99 * S), None);
        assert_eq!(request.frame(&ack((1, 1), 400, 0, (255, 190)), 99 * S), None);
    }

    #[test]
    fn only_the_answer_to_this_command_from_there_counts() {
        let mut request = start();
        for other in [
            ack((1, 100), 400, 0, (255, 190)),
            ack((2, 1), 400, 0, (255, 190)),
            ack((1, 1), 401, 0, (255, 190)),
            ack((1, 1), 400, 0, (254, 190)),
        ] {
            assert_eq!(request.frame(&other, 1), None);
        }
        // MAVLink 1 autopilots answer everybody.
        assert_eq!(request.frame(&ack((1, 1), 400, 0, (0, 0)), 1), Some(Action::Accepted));
        assert!(request.is_over());
    }

    #[test]
    fn progress_gives_time_but_not_for_ever() {
        let mut request = start();
        let working = ack((1, 1), 400, IN_PROGRESS, (255, 190));
        assert_eq!(request.frame(&working, S / 2), Some(Action::Progress(40)));
        assert_eq!(request.poll(9 * S), None);
        assert_eq!(request.poll(11 * S), Some(Action::Refused(Refusal::Unfinished)));

        let mut request = start();
        let told = (0..=u64::from(MAX_PROGRESS)).filter_map(|n| request.frame(&working, n * S)).last();
        assert_eq!(told, Some(Action::Refused(Refusal::Unfinished)));
    }

    #[test]
    fn a_cancelled_command_ends_as_the_vehicle_says() {
        let mut request = start();
        let working = ack((1, 1), 400, IN_PROGRESS, (255, 190));
        request.frame(&working, 1);
        let Some(Action::Send(cancel)) = request.cancel(S) else { panic!("COMMAND_CANCEL") };
        assert_eq!(cancel.id(), COMMAND_CANCEL);
        assert_eq!(request.cancel(S), None, "once");
        assert_eq!(request.frame(&working, S), None, "work gives no more time");
        assert_eq!(request.poll(2 * S), Some(Action::Send(cancel)));
        let ended = request.frame(&ack((1, 1), 400, 6, (255, 190)), 2 * S);
        assert_eq!(ended, Some(Action::Refused(Refusal::Result(6))));

        let mut request = start();
        request.cancel(0);
        let told = (1..=6).filter_map(|n| request.poll(n * S)).last();
        assert_eq!(told, Some(Action::Refused(Refusal::Timeout)));
    }

    #[test]
    fn a_refusal_says_why() {
        let mut request = start();
        let refused = request.frame(&ack((1, 1), 400, 2, (255, 190)), 1);
        assert_eq!(refused, Some(Action::Refused(Refusal::Result(2))));
        assert_eq!(Refusal::Result(2).to_string(), "the vehicle refused: denied");
    }
}

//! A video started or stopped, and seen to be. Pure.
//!
//! How the camera is is asked first: what is so already is not commanded, since not every camera knows that a second start must not
//! restart the first. After the acknowledgement it is asked until its status says so, and for a start its recording time grows.

use super::{CAPTURE_STATUS, orders, told::CaptureStatus};
use crate::{
    ask::{self, Ask},
    command::{self, Refusal, Request},
    frames::{Body, Frame},
    request::Ends,
};

/// How long it may take to be seen after it was acknowledged, ns.
pub const SEEN_NS: u64 = 20_000_000_000;
/// How often the status is asked for meanwhile, ns.
const LOOK_NS: u64 = 500_000_000;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A video is being recorded.
    Start,
    /// None is.
    Stop,
}

/// How it was seen to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// It was so before; nothing was commanded.
    pub already: bool,
    /// Milliseconds recorded, as the camera says.
    pub recorded_ms: u32,
}

/// Why it was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The camera does not say how it is.
    #[error("the camera does not say whether it records: {0}")]
    Status(Refusal),
    /// It refused.
    #[error("the camera did not obey: {0}")]
    Command(Refusal),
    /// It acknowledged, and that was all.
    #[error("the camera acknowledged, and is not seen to do it after {} s", SEEN_NS / 1_000_000_000)]
    NotSeen,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Send this to the camera.
    Send(Body),
    /// It is as wanted.
    Done(Seen),
    /// It is not; nothing more is done.
    Failed(Failure),
}

#[derive(Debug)]
enum Stage {
    /// How is it before anything is commanded?
    Look(Ask),
    Command(Request),
    /// Is it seen? The status asked for now, when it is asked next, the shortest recording time seen.
    Watch {
        ask: Option<Ask>,
        next_ns: u64,
        until_ns: u64,
        least_ms: Option<u32>,
    },
    Over,
}

/// One start or stop. It ends in [`Action::Done`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Video {
    ends: Ends,
    wish: Wish,
    stage: Stage,
}

impl Video {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, wish: Wish, now_ns: u64) -> (Self, Option<Action>) {
        let (ask, first) = Ask::start(ends, CAPTURE_STATUS, now_ns);
        let mut video = Self { ends, wish, stage: Stage::Look(ask) };
        let first = video.looked(first, now_ns);
        (video, first)
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        match &mut self.stage {
            Stage::Look(ask) => ask.frame(frame, now_ns).and_then(|action| self.looked(action, now_ns)),
            Stage::Command(request) => request.frame(frame, now_ns).and_then(|action| self.commanded(action, now_ns)),
            Stage::Watch { ask, .. } => {
                if let Some(ask) = ask {
                    ask.frame(frame, now_ns);
                }
                let status = CaptureStatus::read(frame).filter(|_| self.ends.hears(frame))?;
                self.seen(status)
            }
            Stage::Over => None,
        }
    }

    /// Asks again when the camera is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match &mut self.stage {
            Stage::Look(ask) => ask.poll(now_ns).and_then(|action| self.looked(action, now_ns)),
            Stage::Command(request) => request.poll(now_ns).and_then(|action| self.commanded(action, now_ns)),
            Stage::Watch { until_ns, .. } if now_ns >= *until_ns => self.end(Action::Failed(Failure::NotSeen)),
            Stage::Watch { ask, next_ns, .. } if now_ns >= *next_ns && ask.as_ref().is_none_or(Ask::is_over) => {
                let (next, first) = Ask::start(self.ends, CAPTURE_STATUS, now_ns);
                (*ask, *next_ns) = (Some(next), now_ns + LOOK_NS);
                sends(first)
            }
            Stage::Watch { ask, .. } => ask.as_mut().and_then(|ask| ask.poll(now_ns)).and_then(sends),
            Stage::Over => None,
        }
    }

    fn looked(&mut self, action: ask::Action, now_ns: u64) -> Option<Action> {
        let frame = match action {
            ask::Action::Send(body) => return Some(Action::Send(body)),
            ask::Action::Refused(why) => return self.end(Action::Failed(Failure::Status(why))),
            ask::Action::Came(frame) => frame,
        };
        let status = CaptureStatus::read(&frame)?;
        if status.recording == (self.wish == Wish::Start) {
            return self.end(Action::Done(Seen { already: true, recorded_ms: status.recorded_ms }));
        }
        let order = if self.wish == Wish::Start { orders::start_video() } else { orders::stop_video() };
        let (request, first) = Request::start(self.ends, order, now_ns);
        self.stage = Stage::Command(request);
        self.commanded(first, now_ns)
    }

    fn commanded(&mut self, action: command::Action, now_ns: u64) -> Option<Action> {
        match action {
            command::Action::Send(body) => Some(Action::Send(body)),
            command::Action::Progress(_) => None,
            command::Action::Refused(why) => self.end(Action::Failed(Failure::Command(why))),
            command::Action::Accepted => {
                self.stage = Stage::Watch { ask: None, next_ns: now_ns, until_ns: now_ns + SEEN_NS, least_ms: None };
                None
            }
        }
    }

    fn seen(&mut self, status: CaptureStatus) -> Option<Action> {
        let Stage::Watch { least_ms, .. } = &mut self.stage else {
            return None;
        };
        let done = Action::Done(Seen { already: false, recorded_ms: status.recorded_ms });
        match (self.wish, status.recording) {
            (Wish::Stop, false) => self.end(done),
            (Wish::Start, true) if least_ms.is_some_and(|least| status.recorded_ms > least) => self.end(done),
            (Wish::Start, true) => {
                *least_ms = Some(least_ms.map_or(status.recorded_ms, |least| least.min(status.recorded_ms)));
                None
            }
            (Wish::Start, false) => {
                *least_ms = None;
                None
            }
            (Wish::Stop, true) => None,
        }
    }

    fn end(&mut self, action: Action) -> Option<Action> {
        self.stage = Stage::Over;
        Some(action)
    }
}

/// What a question that is asked beside others wants sent; that it is not answered shows in time.
fn sends(action: ask::Action) -> Option<Action> {
    match action {
        ask::Action::Send(body) => Some(Action::Send(body)),
        ask::Action::Came(_) | ask::Action::Refused(_) => None,
    }
}

//! One message that wants an answer: sent, repeated, prolonged, given up. Pure.
//!
//! Commands, plans, parameters, files and logs are asked for by this one engine. It repeats a message while nothing is heard, with
//! waits that double up to a limit; gives more time while the other end says that it is at work, but not for ever; and is more
//! patient with an end that is heard at all (a lossy link) than with silence (a dead one).

use crate::{
    frames::{Body, Frame},
    peers::Address,
};

const S: u64 = 1_000_000_000;

/// The two ends of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Ours.
    pub own: Address,
    /// The other.
    pub remote: Address,
}

impl Ends {
    /// Whether `frame` comes from the other end.
    pub(crate) fn hears(self, frame: &Frame) -> bool {
        Address::of(frame) == self.remote
    }

    /// Whether `frame` comes from the other end and is for us.
    pub(crate) fn concern(self, frame: &Frame) -> bool {
        self.hears(frame) && frame.target().is_none_or(|to| self.own.is_in(to))
    }
}

/// How long and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Wait for the first answer, ns; doubled at each repetition.
    pub timeout_ns: u64,
    /// Longest wait between two repetitions, ns.
    pub longest_ns: u64,
    /// Repetitions into silence.
    pub retries: u8,
    /// Repetitions while the other end is heard, see [`HEARD_NS`].
    pub retries_heard: u8,
}

impl Timing {
    /// The same wait each time; `retries` into silence, four times as many while the other end is heard.
    pub const fn every(timeout_ns: u64, retries: u8) -> Self {
        Self { timeout_ns, longest_ns: timeout_ns, retries, retries_heard: retries.saturating_mul(4) }
    }

    /// Waits that double up to `longest_ns`.
    pub const fn doubling_to(self, longest_ns: u64) -> Self {
        Self { longest_ns, ..self }
    }

    fn wait_ns(&self, attempt: u8) -> u64 {
        let doubled = self.timeout_ns.checked_shl(u32::from(attempt)).filter(|ns| *ns >= self.timeout_ns);
        doubled.unwrap_or(self.longest_ns).min(self.longest_ns).max(self.timeout_ns)
    }
}

/// Wait for the end of what the other end says is in progress, ns, from its last word.
pub const PROGRESS_TIMEOUT_NS: u64 = 10 * S;
/// Who was heard within this time, whatever it said, is waited for longer, ns.
pub const HEARD_NS: u64 = 10 * S;
/// Most words of progress; who never ends is given up.
pub const MAX_PROGRESS: u16 = 300;

/// Why a request was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// No answer after all repetitions.
    Unanswered,
    /// The other end began and was not heard to end.
    Unfinished,
}

/// A message that is repeated until something else happens: drop it when the answer is there.
pub struct Pending {
    message: Box<dyn Fn(u8) -> Body + Send + Sync>,
    timing: Timing,
    deadline_ns: u64,
    attempt: u8,
    heard_ns: Option<u64>,
    progress: u16,
    over: bool,
}

impl Pending {
    /// The same message each time. The caller sends it the first time.
    pub fn new(body: Body, timing: Timing, now_ns: u64) -> Self {
        Self::counting(move |_| body.clone(), timing, now_ns)
    }

    /// A message that carries the number of its repetition, 0 at first.
    pub fn counting(message: impl Fn(u8) -> Body + Send + Sync + 'static, timing: Timing, now_ns: u64) -> Self {
        Self {
            message: Box::new(message),
            timing,
            deadline_ns: now_ns + timing.wait_ns(0),
            attempt: 0,
            heard_ns: None,
            progress: 0,
            over: false,
        }
    }

    /// The message as it goes out now.
    pub fn body(&self) -> Body {
        (self.message)(self.attempt)
    }

    /// Something came from the other end, whatever it was.
    pub fn heard(&mut self, now_ns: u64) {
        self.heard_ns = Some(now_ns);
    }

    /// The other end is at work on it.
    ///
    /// # Errors
    /// [`Silence::Unfinished`] after [`MAX_PROGRESS`] words of it.
    pub fn in_progress(&mut self, now_ns: u64) -> Result<(), Silence> {
        if self.progress >= MAX_PROGRESS {
            self.over = true;
            return Err(Silence::Unfinished);
        }
        self.progress += 1;
        self.deadline_ns = now_ns + PROGRESS_TIMEOUT_NS;
        Ok(())
    }

    /// The message again when its time is up; [`Silence`] once, when it is given up.
    pub fn poll(&mut self, now_ns: u64) -> Option<Result<Body, Silence>> {
        if self.over || now_ns < self.deadline_ns {
            return None;
        }
        let lives = self.heard_ns.is_some_and(|heard_ns| now_ns.saturating_sub(heard_ns) <= HEARD_NS);
        let most = if lives { self.timing.retries_heard } else { self.timing.retries };
        if self.progress > 0 || self.attempt >= most {
            self.over = true;
            return Some(Err(if self.progress > 0 { Silence::Unfinished } else { Silence::Unanswered }));
        }
        self.attempt += 1;
        self.deadline_ns = now_ns + self.timing.wait_ns(self.attempt);
        Some(Ok(self.body()))
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("message", &self.body())
            .field("attempt", &self.attempt)
            .field("deadline_ns", &self.deadline_ns)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing::every(S / 4, 5).doubling_to(S);

    fn pending() -> Pending {
        let message = |attempt| Body::raw(0, &[attempt + 1]).unwrap();
        Pending::counting(message, TIMING, 0)
    }

    /// When it repeats and when it gives up, polled each 10 ms; heard each `hears_ns` until `dies_ns`.
    fn lives(hears_ns: u64, dies_ns: u64) -> (Vec<u64>, u64) {
        let mut pending = pending();
        let mut sent = Vec::new();
        for now_ns in (0..200 * S).step_by(10_000_000) {
            if now_ns < dies_ns && now_ns % hears_ns == 0 {
                pending.heard(now_ns);
            }
            match pending.poll(now_ns) {
                Some(Ok(_)) => sent.push(now_ns),
                Some(Err(silence)) => {
                    assert_eq!(silence, Silence::Unanswered);
                    assert_eq!(pending.poll(now_ns + 99 * S), None, "given up once");
                    return (sent, now_ns);
                }
                None => {}
            }
        }
        panic!("bounded");
    }

    #[test]
    fn waits_double_and_silence_ends_it() {
        let ms = [250, 750, 1750, 2750, 3750].map(|ms| ms * 1_000_000);
        assert_eq!(lives(S, 0), (ms.to_vec(), 4750 * 1_000_000));
    }

    #[test]
    fn who_is_heard_is_waited_for_longer() {
        let (sent, _) = lives(S / 2, u64::MAX);
        assert_eq!(sent.len(), 20);
        let (sent, given_up_ns) = lives(S / 2, 2 * S);
        assert!((5..20).contains(&sent.len()) && given_up_ns <= 13 * S, "{} {given_up_ns}", sent.len());
    }

    #[test]
    fn each_repetition_is_numbered() {
        let mut pending = pending();
        assert_eq!(pending.body(), Body::raw(0, &[1]).unwrap());
        assert_eq!(pending.poll(S), Some(Ok(Body::raw(0, &[2]).unwrap())));
    }

    #[test]
    fn progress_gives_time_but_not_for_ever() {
        let mut pending = pending();
        assert_eq!(pending.in_progress(0), Ok(()));
        assert_eq!(pending.poll(PROGRESS_TIMEOUT_NS - 1), None);
        assert_eq!(pending.poll(PROGRESS_TIMEOUT_NS), Some(Err(Silence::Unfinished)));
        let mut pending = self::pending();
        assert!((0..MAX_PROGRESS).all(|_| pending.in_progress(0).is_ok()));
        assert_eq!(pending.in_progress(0), Err(Silence::Unfinished));
    }

    #[test]
    fn the_longest_waits_do_not_overflow() {
        let timing = Timing::every(u64::MAX / 2, 255);
        assert_eq!((timing.wait_ns(0), timing.wait_ns(255)), (u64::MAX / 2, u64::MAX / 2));
        assert_eq!(TIMING.wait_ns(200), S);
    }
}

//! How fast and how far: rates over the last seconds, and round trips of what was asked. Pure.

use std::collections::VecDeque;

use crate::frames::Frame;

/// Rates are those of the last 4 s, in eight parts.
const PART_NS: u64 = 500_000_000;
const PARTS: usize = 8;
/// Requests whose answers are waited for.
const OUTSTANDING: usize = 32;
/// An answer later than this tells nothing of the link, ns.
const LATEST_NS: u64 = 10_000_000_000;

const PING: u32 = 4;
const TIMESYNC: u32 = 111;

/// Frames and bytes a second, over the last 4 s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Frames a second.
    pub frames_per_s: u64,
    /// Bytes a second.
    pub bytes_per_s: u64,
}

/// Counts by parts of a second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    /// The part that is counted now, from the clock's start.
    part: u64,
    counts: [(u64, u64); PARTS],
}

impl Meter {
    pub(super) fn add(&mut self, bytes: usize, now_ns: u64) {
        self.turn(now_ns);
        let (frames, total) = &mut self.counts[place(self.part)];
        *frames += 1;
        *total += bytes as u64;
    }

    pub(super) fn rate(&self, now_ns: u64) -> Rate {
        let mut meter = *self;
        meter.turn(now_ns);
        // The part that is counted now is not over: the seven before it are.
        let over = (1..PARTS as u64).filter_map(|back| meter.part.checked_sub(back));
        let (frames, bytes) = over.map(|part| meter.counts[place(part)]).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let per_s = |count: u64| count * 1_000_000_000 / (PART_NS * (PARTS as u64 - 1));
        Rate { frames_per_s: per_s(frames), bytes_per_s: per_s(bytes) }
    }

    fn turn(&mut self, now_ns: u64) {
        let now = now_ns / PART_NS;
        let stale = (self.part + 1..=now).rev().take(PARTS);
        stale.for_each(|part| self.counts[place(part)] = (0, 0));
        self.part = self.part.max(now);
    }
}

fn place(part: u64) -> usize {
    usize::try_from(part % PARTS as u64).unwrap_or(0)
}

/// What was asked (TIMESYNC, PING), by the value that the answer brings back.
#[derive(Debug, Default)]
pub(super) struct Asked(VecDeque<(u32, u64, u64)>);

impl Asked {
    /// One of our own frames goes out.
    pub(super) fn sending(&mut self, frame: &Frame, now_ns: u64) {
        let Some((id, value)) = question(frame) else {
            return;
        };
        if self.0.len() == OUTSTANDING {
            self.0.pop_front();
        }
        self.0.push_back((id, value, now_ns));
    }

    /// The round trip that `frame` ends, ns. Several may answer one question.
    pub(super) fn answered(&self, frame: &Frame, now_ns: u64) -> Option<u64> {
        let answer = answer(frame)?;
        let (.., then_ns) = self.0.iter().rev().find(|(id, value, _)| (*id, *value) == answer)?;
        now_ns.checked_sub(*then_ns).filter(|took_ns| *took_ns <= LATEST_NS)
    }
}

/// TIMESYNC: tc1 i64 (0 in a question), ts1 i64. PING: time u64, number u32, target (0, 0 in a question).
fn question(frame: &Frame) -> Option<(u32, u64)> {
    let payload = frame.payload();
    match frame.message_id() {
        TIMESYNC if payload.u64(0) == 0 => Some((TIMESYNC, payload.u64(8))),
        PING if frame.target() == Some((0, 0)) => Some((PING, payload.u64(0))),
        _ => None,
    }
}

fn answer(frame: &Frame) -> Option<(u32, u64)> {
    let payload = frame.payload();
    match frame.message_id() {
        TIMESYNC if payload.u64(0) != 0 => Some((TIMESYNC, payload.u64(8))),
        PING if frame.target() != Some((0, 0)) => Some((PING, payload.u64(0))),
        _ => None,
    }
}

/// A round trip as it is told: seven parts of what was known, one of what is new (RFC 6298).
pub(super) fn smoothed(known_ns: Option<u64>, new_ns: u64) -> u64 {
    known_ns.map_or(new_ns, |known_ns| known_ns - known_ns / 8 + new_ns / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::{Body, Encoder};

    const MS: u64 = 1_000_000;

    #[test]
    fn a_steady_stream_has_a_steady_rate_and_silence_none() {
        let mut meter = Meter::default();
        for now_ns in (0..20_000 * MS).step_by(10_000_000) {
            meter.add(40, now_ns);
            if now_ns > 5_000 * MS {
                assert_eq!(meter.rate(now_ns), Rate { frames_per_s: 100, bytes_per_s: 4000 });
            }
        }
        assert!(meter.rate(22_000 * MS).frames_per_s < 100);
        assert_eq!(meter.rate(24_500 * MS), Rate::default());
        meter.add(1, u64::MAX);
        assert_eq!(meter.rate(u64::MAX), Rate::default());
    }

    fn timesync(tc1: i64, ts1: i64) -> Frame {
        let payload = [tc1.to_le_bytes(), ts1.to_le_bytes()].concat();
        Encoder::new(1, 1).encode_body(&Body::raw(TIMESYNC, &payload).unwrap())
    }

    fn ping(time: u64, target: u8) -> Frame {
        let mut payload = time.to_le_bytes().to_vec();
        payload.extend_from_slice(&[1, 0, 0, 0, target, target]);
        Encoder::new(1, 1).encode_body(&Body::raw(PING, &payload).unwrap())
    }

    #[test]
    fn answers_end_round_trips_that_were_begun_here() {
        let mut asked = Asked::default();
        asked.sending(&timesync(0, 77), 10 * MS);
        asked.sending(&ping(77, 0), 20 * MS);
        assert_eq!(asked.answered(&timesync(5, 77), 30 * MS), Some(20 * MS));
        assert_eq!(asked.answered(&ping(77, 255), 30 * MS), Some(10 * MS));
        assert_eq!(asked.answered(&timesync(5, 78), 30 * MS), None, "somebody else's");
        assert_eq!(asked.answered(&timesync(0, 77), 30 * MS), None, "a question");
        assert_eq!(asked.answered(&timesync(5, 77), 30_000 * MS), None, "too late");
        (0..100).for_each(|n| asked.sending(&timesync(0, 100 + n), 0));
        assert_eq!((asked.0.len(), asked.answered(&timesync(5, 77), 30 * MS)), (OUTSTANDING, None));
    }

    #[test]
    fn one_late_answer_moves_the_round_trip_by_an_eighth() {
        assert_eq!(smoothed(None, 80), 80);
        assert_eq!(smoothed(Some(80), 160), 90);
    }
}

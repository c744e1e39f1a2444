//! The newest timestamp of each stream of signed frames, so that none is taken twice. Pure.

use std::collections::HashMap;

use super::Refusal;

/// Most streams remembered. Beyond it the oldest makes room, but only once its frames are too old to be taken as a new
/// stream's: forgetting never lets a replay in.
pub const MAX_STREAMS: usize = 256;
/// A new stream may be behind the clock by one minute, in units of 10 µs.
pub const MAX_BEHIND: u64 = 6_000_000;

/// System, component and link id.
pub(super) type Stream = (u8, u8, u8);

#[derive(Debug, Default)]
pub(super) struct Streams(HashMap<Stream, u64>);

impl Streams {
    /// Takes a timestamp whose signature was right. `floor` is what a run before this one may have heard, `current` the time as best known.
    pub(super) fn take(&mut self, stream: Stream, timestamp: u64, (floor, current): (u64, u64)) -> Result<(), Refusal> {
        if let Some(newest) = self.0.get_mut(&stream) {
            if timestamp <= *newest {
                return Err(Refusal::Replayed);
            }
            *newest = timestamp;
            return Ok(());
        }
        if timestamp <= floor || timestamp.saturating_add(MAX_BEHIND) < current {
            return Err(Refusal::Stale);
        }
        if self.0.len() >= MAX_STREAMS && !self.make_room(current) {
            return Err(Refusal::TooManyStreams);
        }
        self.0.insert(stream, timestamp);
        Ok(())
    }

    fn make_room(&mut self, current: u64) -> bool {
        let oldest = self.0.iter().min_by_key(|(_, newest)| **newest).map(|(stream, newest)| (*stream, *newest));
        match oldest {
            Some((stream, newest)) if newest.saturating_add(MAX_BEHIND) < current => self.0.remove(&stream).is_some(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1 << 40;

    #[test]
    fn each_stream_only_rises() {
        let mut streams = Streams::default();
        assert_eq!(streams.take((1, 1, 0), NOW, (0, NOW)), Ok(()));
        assert_eq!(streams.take((1, 1, 0), NOW, (0, NOW)), Err(Refusal::Replayed));
        assert_eq!(streams.take((1, 1, 0), NOW - 1, (0, NOW)), Err(Refusal::Replayed));
        assert_eq!(streams.take((1, 1, 1), NOW - 1, (0, NOW)), Ok(()), "another link is another stream");
        assert_eq!(streams.take((1, 1, 0), NOW + 1, (0, NOW)), Ok(()));
    }

    #[test]
    fn a_new_stream_may_be_a_minute_behind_and_an_old_one_as_late_as_it_likes() {
        let mut streams = Streams::default();
        assert_eq!(streams.take((1, 1, 0), NOW - MAX_BEHIND - 1, (0, NOW)), Err(Refusal::Stale));
        assert_eq!(streams.take((1, 1, 0), NOW - MAX_BEHIND, (0, NOW)), Ok(()));
        assert_eq!(streams.take((1, 1, 0), NOW - MAX_BEHIND + 1, (0, NOW + 9 * MAX_BEHIND)), Ok(()));
    }

    #[test]
    fn what_a_run_before_may_have_heard_begins_no_stream() {
        let mut streams = Streams::default();
        assert_eq!(streams.take((1, 1, 0), NOW, (NOW, NOW)), Err(Refusal::Stale));
        assert_eq!(streams.take((1, 1, 0), NOW + 1, (NOW, NOW)), Ok(()));
    }

    #[test]
    fn making_room_lets_no_replay_in() {
        let mut streams = Streams::default();
        for i in 0..=u8::MAX {
            assert_eq!(streams.take((i, 1, 0), NOW + u64::from(i), (0, NOW)), Ok(()));
        }
        assert_eq!(streams.take((0, 2, 0), NOW, (0, NOW + MAX_BEHIND)), Err(Refusal::TooManyStreams));
        let later = NOW + MAX_BEHIND + 1;
        assert_eq!(streams.take((0, 2, 0), later, (0, later)), Ok(()));
        assert_eq!(streams.take((0, 1, 0), NOW, (0, later)), Err(Refusal::Stale), "the one that made room");
        assert_eq!(streams.0.len(), MAX_STREAMS);
    }
}

//! Pictures and KLV packets put together by the time that stands in both. Pure; holds little, whatever comes.

use std::collections::{BTreeMap, VecDeque};

/// KLV packets kept for pictures to come: four seconds at 60 a second.
const MOST_PACKETS: usize = 256;
/// Pictures that wait for their packet; each is megabytes.
const MOST_PICTURES: usize = 3;
/// How long a picture waits, ns: shorter than anybody sees.
const PATIENCE_NS: u64 = 80_000_000;
/// Without a packet for so long nothing waits for one, ns.
const NO_TELEMETRY_NS: u64 = 2_000_000_000;
/// No packet is this much earlier than its picture, µs.
const AHEAD_US: u64 = 10_000_000;

/// The machine. `P` is a picture, `K` a packet.
#[derive(Debug)]
pub(super) struct Join<P, K> {
    waiting: VecDeque<Waiting<P>>,
    packets: BTreeMap<u64, K>,
    last_packet_ns: Option<u64>,
    /// The last picture that has gone on.
    gone_us: Option<u64>,
    unused: u64,
}

#[derive(Debug)]
struct Waiting<P> {
    time_us: u64,
    since_ns: u64,
    picture: P,
}

/// A picture on its way to the slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Joined<P, K> {
    pub(super) picture: P,
    pub(super) packet: Option<K>,
}

impl<P, K> Default for Join<P, K> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), packets: BTreeMap::new(), last_packet_ns: None, gone_us: None, unused: 0 }
    }
}

impl<P, K> Join<P, K> {
    /// A picture came out of the decoder; what goes on now, in order.
    pub(super) fn picture(&mut self, time_us: Option<u64>, picture: P, now_ns: u64) -> Vec<Joined<P, K>> {
        let mut out = Vec::new();
        let Some(time_us) = time_us else {
            // What waits is older.
            self.release(self.waiting.len(), &mut out);
            out.push(Joined { picture, packet: None });
            return out;
        };
        self.waiting.push_back(Waiting { time_us, since_ns: now_ns, picture });
        self.go_on(now_ns, &mut out);
        out
    }

    /// A packet came; what goes on now.
    pub(super) fn packet(&mut self, time_us: u64, packet: K, now_ns: u64) -> Vec<Joined<P, K>> {
        let mut out = Vec::new();
        self.last_packet_ns = Some(now_ns);
        if self.packets.insert(time_us, packet).is_some() {
            self.unused += 1;
        }
        self.go_on(now_ns, &mut out);
        if self.packets.len() > MOST_PACKETS {
            self.packets.pop_first();
            self.unused += 1;
        }
        out
    }

    /// Time passes; pictures that have waited long enough go on without.
    pub(super) fn tick(&mut self, now_ns: u64) -> Vec<Joined<P, K>> {
        let mut out = Vec::new();
        self.go_on(now_ns, &mut out);
        out
    }

    /// The source was changed or broke off: nothing that came before belongs to what comes.
    pub(super) fn clear(&mut self) {
        *self = Self { unused: self.unused, ..Self::default() };
    }

    /// Packets that belonged to no picture.
    pub(super) fn unused(&self) -> u64 {
        self.unused
    }

    fn go_on(&mut self, now_ns: u64, out: &mut Vec<Joined<P, K>>) {
        let heard = self.last_packet_ns.is_some_and(|last_ns| now_ns.saturating_sub(last_ns) < NO_TELEMETRY_NS);
        // Up to the last that has its packet, or need not wait: pictures keep their order.
        let ready = self.waiting.iter().rposition(|waiting| {
            !heard
                || self.packets.contains_key(&waiting.time_us)
                || now_ns.saturating_sub(waiting.since_ns) >= PATIENCE_NS
        });
        let over = self.waiting.len().saturating_sub(MOST_PICTURES);
        self.release(ready.map_or(0, |place| place + 1).max(over), out);
    }

    fn release(&mut self, count: usize, out: &mut Vec<Joined<P, K>>) {
        for Waiting { time_us, picture, .. } in self.waiting.drain(..count) {
            let packet = self.packets.remove(&time_us);
            self.gone_us = Some(time_us);
            out.push(Joined { picture, packet });
        }
        let Some(gone_us) = self.gone_us.filter(|_| count > 0) else {
            return;
        };
        // Older packets belong to pictures that have gone on; those far ahead were left behind by a clock that was set back.
        let near = gone_us + 1..=gone_us.saturating_add(AHEAD_US);
        let (waiting, before) = (&self.waiting, self.packets.len());
        self.packets
            .retain(|time_us, _| near.contains(time_us) || waiting.iter().any(|waiting| waiting.time_us == *time_us));
        self.unused += u64::try_from(before - self.packets.len()).unwrap_or(0);
    }

    #[cfg(test)]
    fn holds(&self) -> (usize, usize) {
        (self.waiting.len(), self.packets.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    type Out = Vec<Joined<u64, u64>>;

    fn times(out: &Out) -> Vec<(u64, Option<u64>)> {
        out.iter().map(|joined| (joined.picture, joined.packet)).collect()
    }

    #[test]
    fn a_packet_that_came_before_or_after_finds_its_picture() {
        let mut join = Join::default();
        assert_eq!(times(&join.packet(100, 100, 0)), []);
        assert_eq!(times(&join.picture(Some(100), 100, MS)), [(100, Some(100))]);
        assert_eq!(times(&join.picture(Some(133), 133, 33 * MS)), [], "its packet may still come");
        assert_eq!(times(&join.packet(133, 133, 35 * MS)), [(133, Some(133))]);
    }

    #[test]
    fn a_lost_packet_means_no_telemetry_and_never_that_of_another_picture() {
        let mut join = Join::default();
        join.packet(1, 1, 0);
        assert_eq!(times(&join.picture(Some(100), 100, MS)), []);
        assert_eq!(times(&join.packet(133, 133, 2 * MS)), [], "that is of the next");
        assert_eq!(times(&join.tick(80 * MS)), []);
        assert_eq!(times(&join.tick(81 * MS)), [(100, None)]);
        assert_eq!(times(&join.picture(Some(133), 133, 82 * MS)), [(133, Some(133))]);
    }

    #[test]
    fn without_telemetry_and_without_a_time_nothing_waits() {
        let mut join: Join<u64, u64> = Join::default();
        assert_eq!(times(&join.picture(Some(100), 100, 0)), [(100, None)]);
        assert_eq!(times(&join.picture(None, 7, 0)), [(7, None)]);
        join.packet(90, 90, 0);
        assert_eq!(times(&join.picture(Some(133), 133, 2_000 * MS)), [(133, None)], "telemetry fell silent");
    }

    #[test]
    fn pictures_keep_their_order_when_a_later_one_has_its_packet_first() {
        let mut join = Join::default();
        join.packet(1, 1, 0);
        join.picture(Some(100), 100, 0);
        join.picture(Some(133), 133, 0);
        assert_eq!(times(&join.packet(133, 133, MS)), [(100, None), (133, Some(133))]);
    }

    #[test]
    fn what_a_source_left_behind_is_not_for_the_next() {
        let mut join = Join::default();
        join.packet(100, 100, 0);
        join.clear();
        assert_eq!(times(&join.picture(Some(100), 100, 0)), [(100, None)]);
    }

    proptest! {
        /// Whatever comes in whatever order: no picture is lost or doubled, none gets another's packet, memory is bounded.
        #[test]
        fn each_picture_goes_on_once_with_its_own_packet_or_none(
            events in prop::collection::vec((any::<bool>(), 0_u64..400, 0_u64..50), 1..600),
        ) {
            let mut join = Join::default();
            let (mut now_ns, mut given, mut out) = (0, Vec::new(), Vec::new());
            for (serial, (is_picture, time_us, pause_ms)) in events.iter().enumerate() {
                now_ns += pause_ms * MS;
                let picture = (serial, *time_us);
                if *is_picture {
                    given.push(picture);
                    out.extend(join.picture(Some(*time_us), picture, now_ns));
                } else {
                    out.extend(join.packet(*time_us, *time_us, now_ns));
                }
                let (waiting, packets) = join.holds();
                prop_assert!(waiting <= MOST_PICTURES && packets <= MOST_PACKETS);
            }
            out.extend(join.tick(now_ns + PATIENCE_NS));
            prop_assert_eq!(out.iter().map(|joined| joined.picture).collect::<Vec<_>>(), given);
            for joined in &out {
                prop_assert!(joined.packet.is_none_or(|packet| packet == joined.picture.1));
            }
        }

        /// With each packet at most a patience off its picture, in either direction, every picture gets its own.
        #[test]
        fn nothing_is_missed_while_packets_come_in_time(
            offsets in prop::collection::vec(-70_i64..70, 1..300), gap_ms in 40_u64..1_100,
        ) {
            let mut events: Vec<(i64, bool, u64)> = Vec::new();
            for (index, offset) in offsets.iter().enumerate() {
                let at_ms = 200 + u64::try_from(index).unwrap() * gap_ms;
                let at = i64::try_from(at_ms).unwrap();
                events.push((at, true, at_ms * 1_000));
                events.push((at + offset, false, at_ms * 1_000));
            }
            events.sort_unstable();
            let mut join = Join::default();
            // Telemetry was heard before the first picture.
            join.packet(0, 0, 0);
            let mut out = Vec::new();
            for (at_ms, is_picture, time_us) in events {
                let now_ns = u64::try_from(at_ms).unwrap() * MS;
                // In order, packets of earlier pictures that overtake each other do not happen on one socket.
                out.extend(if is_picture { join.picture(Some(time_us), time_us, now_ns) } else { join.packet(time_us, time_us, now_ns) });
            }
            let own = out.iter().filter(|joined| joined.packet == Some(joined.picture)).count();
            // A packet that overtakes the one before sends that picture on: at least all but those.
            let swapped = offsets.windows(2).filter(|pair| pair[1] + i64::try_from(gap_ms).unwrap() < pair[0]).count();
            prop_assert!(own + swapped >= offsets.len(), "{own} of {}", offsets.len());
        }
    }
}

//! The way of frames between the vehicle and its links while a fault makes it bad: a [`Channel`] each way decides. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::faults::Radio;
use crate::relay::{Arrival, Channel, Counts, Faults};

/// Frames under way; more are lost.
const UNDER_WAY_MAX: usize = 16_384;

/// One direction. `T` is what goes through it.
#[derive(Debug)]
pub struct Passage<T> {
    radio: Option<Radio>,
    channel: Channel,
    seed: u64,
    order: BinaryHeap<Reverse<(u64, u64)>>,
    frames: BTreeMap<u64, (T, Option<u64>)>,
    sent: u64,
}

impl<T: Clone> Passage<T> {
    /// A good link; its faults come from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let channel = Channel::new(Faults::default(), seed);
        Self { radio: None, channel, seed, order: BinaryHeap::new(), frames: BTreeMap::new(), sent: 0 }
    }

    /// Makes it as bad as this from now on; what is under way stays so.
    pub fn degrade(&mut self, radio: Option<Radio>) {
        if self.radio == radio {
            return;
        }
        self.radio = radio;
        let Radio { loss, duplicate, reorder, corrupt, delay_ms } = radio.unwrap_or_default();
        let delay_ns = u64::from(delay_ms) * 1_000_000;
        self.seed = self.seed.wrapping_add(1);
        self.channel =
            Channel::new(Faults { cuts: Vec::new(), loss, duplicate, reorder, corrupt, delay_ns }, self.seed);
    }

    /// Sends something; on a good link with nothing under way it comes straight back, to be passed on.
    pub fn send(&mut self, now_ns: u64, what: T) -> Option<T> {
        if self.radio.is_none() && self.order.is_empty() {
            return Some(what);
        }
        for Arrival { at_ns, damage } in self.channel.send(now_ns, None) {
            if self.frames.len() < UNDER_WAY_MAX {
                self.sent += 1;
                self.order.push(Reverse((at_ns, self.sent)));
                self.frames.insert(self.sent, (what.clone(), damage));
            }
        }
        None
    }

    /// What has arrived by now, and the number that picks the bit damaged on the way, if one was.
    pub fn arrived(&mut self, now_ns: u64) -> Vec<(T, Option<u64>)> {
        let mut arrived = Vec::new();
        while self.order.peek().is_some_and(|Reverse((at_ns, _))| *at_ns <= now_ns) {
            if let Some(frame) = self.order.pop().and_then(|Reverse((_, number))| self.frames.remove(&number)) {
                arrived.push(frame);
            }
        }
        arrived
    }

    /// What became of what was sent since the link became as it is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.channel.counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_link_adds_nothing_and_a_bad_one_delays_and_loses() {
        let mut passage = Passage::new(3);
        assert_eq!(passage.send(5, 'a'), Some('a'));
        let radio = Radio { loss: 0.5, delay_ms: 10, corrupt: 0.2, ..Radio::default() };
        passage.degrade(Some(radio));
        let sent = 1000u32;
        for n in 0..sent {
            assert_eq!(passage.send(u64::from(n), 'b'), None);
        }
        assert!(passage.arrived(9_999_999).is_empty());
        let arrived = passage.arrived(10_001_000);
        assert!((400..600).contains(&arrived.len()), "{}", arrived.len());
        let damaged = arrived.iter().filter(|(_, damage)| damage.is_some()).count();
        assert!((50..160).contains(&damaged), "{damaged}");
        passage.degrade(None);
        assert_eq!(passage.send(20_000_000, 'c'), Some('c'), "good again, nothing under way");
    }
}

//! What the notary hands to the uplink: every durable head. It never waits and never loses a leaf.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use flight_record::flight::Head;
use flight_record::{FlightId, Sha256};

/// Flights whose news may wait; each takes at most a million leaves.
const MAX_WAITING: usize = 4;

/// What has become durable of one flight since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Which flight.
    pub flight: FlightId,
    /// `leaves` are all of the flight's, from the first on; else they follow those told before.
    pub whole: bool,
    /// Leaf hashes.
    pub leaves: Vec<Sha256>,
    /// The newest head.
    pub head: Head,
    /// The head is the one over `close`.
    pub closed: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    news: VecDeque<News>,
    /// Cosignatures that are stored, or are wanted no more: flight and size.
    stored: Vec<(FlightId, u64)>,
}

/// Between the notary and the uplink. Cheap to clone; the lock is held for a moment only.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<Waiting>>);

impl Outbox {
    /// A flight is begun or taken up, or its leaves are to be told anew.
    pub fn whole(&self, flight: FlightId, leaves: Vec<Sha256>, head: Head, closed: bool) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.news.retain(|news| news.flight != flight);
        if waiting.news.len() == MAX_WAITING {
            waiting.news.pop_front();
        }
        waiting.news.push_back(News { flight, whole: true, leaves, head, closed });
    }

    /// A record of the flight and its head are durable.
    pub fn head(&self, flight: FlightId, head: &Head) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.news.iter_mut().find(|news| news.flight == flight) {
            Some(news) => {
                news.leaves.push(head.leaf);
                news.head = head.clone();
            }
            None => {
                if waiting.news.len() == MAX_WAITING {
                    waiting.news.pop_front();
                }
                let news = News { flight, whole: false, leaves: vec![head.leaf], head: head.clone(), closed: false };
                waiting.news.push_back(news);
            }
        }
    }

    /// A cosignature over the head of `size` is on the disk.
    pub fn stored(&self, flight: FlightId, size: u64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.stored.iter_mut().find(|(of, _)| *of == flight) {
            Some((_, newest)) => *newest = size.max(*newest),
            None => waiting.stored.push((flight, size)),
        }
    }

    /// Nothing more of the flight is stored, so nothing more of it is asked.
    pub fn settled(&self, flight: FlightId) {
        self.stored(flight, u64::MAX);
    }

    /// Takes what is waiting.
    #[must_use]
    pub fn take(&self) -> (Vec<News>, Vec<(FlightId, u64)>) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (waiting.news.into(), waiting.stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(n: u8) -> FlightId {
        FlightId::new(0, [n; 10])
    }

    fn head(size: u64) -> Head {
        let hash = Sha256::of(&size.to_be_bytes());
        Head { size, root: hash, leaf: hash, note: size.to_string() }
    }

    #[test]
    fn the_newest_head_wins_and_every_leaf_is_kept() {
        let outbox = Outbox::default();
        outbox.whole(flight(1), vec![head(1).leaf], head(1), false);
        (2..=50).for_each(|size| outbox.head(flight(1), &head(size)));
        let (news, _) = outbox.take();
        assert_eq!((news.len(), news[0].whole, news[0].leaves.len(), news[0].head.size), (1, true, 50, 50));
        outbox.head(flight(1), &head(51));
        outbox.stored(flight(1), 40);
        outbox.stored(flight(1), 39);
        let (news, stored) = outbox.take();
        assert_eq!((news[0].whole, news[0].leaves.as_slice()), (false, &[head(51).leaf][..]));
        assert_eq!(stored, [(flight(1), 40)]);
        assert_eq!(outbox.take(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_nobody_takes_is_bounded() {
        let outbox = Outbox::default();
        (0..200).for_each(|n| outbox.whole(flight(n), Vec::new(), head(1), true));
        assert_eq!(outbox.take().0.len(), MAX_WAITING);
    }
}

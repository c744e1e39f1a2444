//! The box between a thread and the window: bounded, never waited for. What is stale soon (telemetry) makes room for what must be told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Repaint;
use crate::clock;

/// Puts events in.
pub(crate) struct Post<T> {
    shared: Arc<Shared<T>>,
}

/// Takes them out.
pub(crate) struct Inbox<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    letters: Mutex<Letters<T>>,
    room: usize,
    repaint: Repaint,
}

struct Letters<T> {
    /// Each with whether it may be dropped.
    waiting: VecDeque<(bool, T)>,
    /// The window was asked to look, and has not looked yet.
    rung: bool,
    /// When it looked last, monotonic.
    taken_ns: u64,
    dropped: u64,
}

/// A box for at most `room` events.
pub(crate) fn mailbox<T>(room: usize, repaint: Repaint) -> (Post<T>, Inbox<T>) {
    let letters = Mutex::new(Letters { waiting: VecDeque::new(), rung: false, taken_ns: clock::mono_ns(), dropped: 0 });
    let shared = Arc::new(Shared { letters, room: room.max(1), repaint });
    (Post { shared: Arc::clone(&shared) }, Inbox { shared })
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Letters<T>> {
        // A queue is whole after every statement: a panic elsewhere is no reason to lose what waits.
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Post<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> Post<T> {
    /// What is soon out of date: where there is no room, the oldest of its kind goes.
    pub(crate) fn telemetry(&self, event: T) {
        self.put(event, true);
        self.ring();
    }

    /// The same, of which so much comes that the window is not asked to look at each: it is by [`Post::ring_after`].
    pub(crate) fn stream(&self, event: T) {
        self.put(event, true);
    }

    /// What must be told: telemetry makes room for it.
    pub(crate) fn news(&self, event: T) {
        self.put(event, false);
        self.ring();
    }

    /// Asks the window to look at what waits, if it has not looked for so long.
    pub(crate) fn ring_after(&self, rest: Duration) {
        let letters = self.shared.lock();
        let rested = Duration::from_nanos(clock::mono_ns().saturating_sub(letters.taken_ns));
        let is_due = !letters.waiting.is_empty() && rested >= rest;
        drop(letters);
        if is_due {
            self.ring();
        }
    }

    fn ring(&self) {
        let rung = std::mem::replace(&mut self.shared.lock().rung, true);
        if !rung {
            (self.shared.repaint)();
        }
    }

    fn put(&self, event: T, stale_soon: bool) {
        let mut letters = self.shared.lock();
        if letters.waiting.len() >= self.shared.room {
            let oldest = letters.waiting.iter().position(|(stale_soon, _)| *stale_soon);
            letters.dropped += 1;
            match oldest {
                Some(at) => drop(letters.waiting.remove(at)),
                None if stale_soon => return,
                None => drop(letters.waiting.pop_front()),
            }
        }
        letters.waiting.push_back((stale_soon, event));
    }
}

impl<T> Inbox<T> {
    /// All that waits, oldest first.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut letters = self.shared.lock();
        (letters.rung, letters.taken_ns) = (false, clock::mono_ns());
        let waiting = std::mem::take(&mut letters.waiting);
        drop(letters);
        waiting.into_iter().map(|(_, event)| event).collect()
    }

    /// Events that found no room so far.
    #[cfg(test)]
    pub(crate) fn dropped(&self) -> u64 {
        self.shared.lock().dropped
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn telemetry_makes_room_and_what_must_be_told_stays() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let (post, inbox) = mailbox(
            3,
            Arc::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
            }),
        );
        post.telemetry(1);
        post.news(2);
        post.telemetry(3);
        post.telemetry(4);
        post.news(5);
        assert_eq!((inbox.take(), inbox.dropped()), (vec![2, 4, 5], 2));
        assert_eq!(asked.load(Ordering::Relaxed), 1, "the window is asked once until it has looked");
        (6..=8).for_each(|event| post.news(event));
        post.telemetry(9);
        post.news(10);
        assert_eq!((inbox.take(), inbox.dropped()), (vec![7, 8, 10], 4), "of news alone, the oldest goes");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_stream_is_looked_at_now_and_then_and_news_at_once() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let (post, inbox) = mailbox(
            100,
            Arc::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
            }),
        );
        let rung = || asked.load(Ordering::Relaxed);
        (0..50).for_each(|event| post.stream(event));
        post.ring_after(Duration::from_secs(3_600));
        assert_eq!(rung(), 0, "it has looked a moment ago");
        post.ring_after(Duration::ZERO);
        post.ring_after(Duration::ZERO);
        assert_eq!(rung(), 1, "once until it has looked");
        assert_eq!(inbox.take().len(), 50);
        post.ring_after(Duration::ZERO);
        assert_eq!(rung(), 1, "nothing waits");
        post.stream(51);
        post.news(52);
        assert_eq!((rung(), inbox.take()), (2, vec![51, 52]), "what waits does not keep news back");
    }
}

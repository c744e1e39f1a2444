//! The box between a thread and the window: bounded, never waited for. What is stale soon (telemetry) makes room for what must be told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Repaint;

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
    dropped: u64,
}

/// A box for at most `room` events.
pub(crate) fn mailbox<T>(room: usize, repaint: Repaint) -> (Post<T>, Inbox<T>) {
    let letters = Mutex::new(Letters { waiting: VecDeque::new(), dropped: 0 });
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
    }

    /// What must be told: telemetry makes room for it.
    pub(crate) fn news(&self, event: T) {
        self.put(event, false);
    }

    fn put(&self, event: T, stale_soon: bool) {
        let mut letters = self.shared.lock();
        let was_empty = letters.waiting.is_empty();
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
        drop(letters);
        if was_empty {
            (self.shared.repaint)();
        }
    }
}

impl<T> Inbox<T> {
    /// All that waits, oldest first.
    pub(crate) fn take(&self) -> Vec<T> {
        let waiting = std::mem::take(&mut self.shared.lock().waiting);
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
}

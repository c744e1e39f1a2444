//! How the worker tells: a bounded channel, and a nudge to whoever draws.

use crate::state::handover::Event;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// Tells the window.
pub(crate) struct Tell<E = Event> {
    events: SyncSender<E>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl<E> Clone for Tell<E> {
    fn clone(&self) -> Self {
        Self { events: self.events.clone(), wake: Arc::clone(&self.wake) }
    }
}

impl<E> Tell<E> {
    /// Through `events`; after each, `wake` has the window look.
    pub(crate) fn new(events: SyncSender<E>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { events, wake }
    }

    /// Something that must arrive. A window that is gone needs it no more.
    pub(super) fn say(&self, event: E) {
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    /// Something of which a newer one comes soon: left out while the window has not read the older ones.
    pub(super) fn glance(&self, event: E) {
        if self.events.try_send(event).is_ok() {
            (self.wake)();
        }
    }
}

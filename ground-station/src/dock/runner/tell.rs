//! How the worker tells: a bounded channel, and a nudge to whoever draws.

use crate::state::handover::Event;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// Tells the window.
#[derive(Clone)]
pub(crate) struct Tell {
    events: SyncSender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Tell {
    /// Through `events`; after each, `wake` has the window look.
    pub(crate) fn new(events: SyncSender<Event>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { events, wake }
    }

    /// Something that must arrive. A window that is gone needs it no more.
    pub(super) fn say(&self, event: Event) {
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    /// Something of which a newer one comes soon: left out while the window has not read the older ones.
    pub(super) fn glance(&self, event: Event) {
        if self.events.try_send(event).is_ok() {
            (self.wake)();
        }
    }
}

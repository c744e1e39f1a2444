//! The radio: one thread that owns the MAVLink links, tells the window what is heard, and carries out its orders.

mod actor;
mod ear;
mod known;
mod wants;
mod ways;

use std::path::PathBuf;
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::frames::Frame;

use super::orders::{Order, OrderId, Outcome};
use super::{Inbox, Repaint, mailbox};

/// Events that may wait for the window: seconds of telemetry.
const ROOM: usize = 4096;
/// Orders that may wait; urgent ones have a queue of their own.
const ORDERS: usize = 64;
const URGENT: usize = 16;

/// Which links.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) endpoints: Vec<Endpoint>,
    /// Key of MAVLink signing: what goes out is signed, and nothing else is listened to.
    pub(crate) signing_key: Option<PathBuf>,
}

/// What the radio tells.
#[derive(Debug)]
pub(crate) enum Event {
    /// A frame of whoever it is, and when it came, by the monotonic clock.
    Frame { frame: Frame, at_ns: u64 },
    /// A link was opened.
    Opened { link: String },
    /// A link could not be opened; it is tried again.
    Failed { link: String, why: String, again_in_s: u64 },
    /// Frames were refused that were not signed as they must be; in words.
    NotSigned(String),
    /// What became of an order.
    Order { id: OrderId, outcome: Outcome },
    /// The radio has ended and hears nothing any more.
    Ended(String),
}

/// An order on its way to the thread.
struct Given {
    id: OrderId,
    system: u8,
    order: Order,
}

/// So many orders wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the radio is busy with {ORDERS} orders; wait until some are answered")]
pub(crate) struct Full;

struct Lanes {
    orders: mpsc::Sender<Given>,
    urgent: mpsc::Sender<Given>,
    taken_back: mpsc::Sender<OrderId>,
}

/// The handle; the radio ends with it.
pub(crate) struct Radio {
    inbox: Inbox<Event>,
    lanes: Option<Lanes>,
    given: u64,
    thread: Option<JoinHandle<()>>,
}

impl Radio {
    /// Begins. Links that cannot be opened are told of as events and tried again.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(crate) fn start(setup: Setup, repaint: Repaint) -> Result<Self> {
        let (post, inbox) = mailbox(ROOM, repaint);
        let (orders, normal) = mpsc::channel(ORDERS);
        let (urgent, first) = mpsc::channel(URGENT);
        let (taken_back, back) = mpsc::channel(ORDERS);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || {
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, actor::run(setup, post, (first, normal, back)));
        };
        let thread =
            std::thread::Builder::new().name("radio".to_owned()).spawn(run).context("no thread for the radio")?;
        Ok(Self { inbox, lanes: Some(Lanes { orders, urgent, taken_back }), given: 0, thread: Some(thread) })
    }

    /// Gives an order to the vehicle with this system id. What becomes of it comes as events.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn order(&mut self, system: u8, order: Order) -> Result<OrderId, Full> {
        self.given += 1;
        let id = OrderId(self.given);
        let lanes = self.lanes.as_ref().ok_or(Full)?;
        let lane = if order.is_urgent() { &lanes.urgent } else { &lanes.orders };
        lane.try_send(Given { id, system, order }).map_err(|_| Full)?;
        Ok(id)
    }

    /// Takes an order back: it ends where it is. An order that is over stays what it became.
    pub(crate) fn take_back(&self, id: OrderId) {
        // As many can wait as orders can: there is room.
        let _ = self.lanes.as_ref().map(|lanes| lanes.taken_back.try_send(id));
    }

    /// What has happened since it was asked last.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.inbox.take()
    }
}

impl Drop for Radio {
    fn drop(&mut self) {
        // The thread ends when nobody can give it orders any more.
        self.lanes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;

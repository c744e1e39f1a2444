//! The ear of one order: the frames that come while it is under way.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};
use vehicle_link::frames::{Body, Frame};
use vehicle_link::peers::{Address, Peer};

use super::ways::Wire;
use crate::clock;
use crate::link::{Ear, Watch};
use crate::tasks::meter::Stop;
use crate::tasks::orders::Caller;

/// How often a conversation looks at the clock.
const TICK: Duration = Duration::from_millis(20);
/// Frames that may wait for one conversation; it asks again for what it missed.
pub(super) const FRAMES: usize = 1024;

/// One order's.
pub(super) struct OrderEar {
    frames: mpsc::Receiver<Frame>,
    wire: Rc<RefCell<Wire>>,
    ticks: Interval,
    vehicle: Address,
    watch: Watch,
    stop: Stop,
}

impl OrderEar {
    /// Hears what comes through `frames`, until `stop` says that nobody wants it any more.
    pub(super) fn new(frames: mpsc::Receiver<Frame>, wire: Rc<RefCell<Wire>>, vehicle: &Peer, stop: Stop) -> Self {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let watch = Watch::begin(vehicle.is_armed(), clock::mono_ns());
        Self { frames, wire, ticks, vehicle: vehicle.address, watch, stop }
    }
}

impl Ear for OrderEar {
    async fn next(&mut self) -> Result<Option<Frame>> {
        self.stop.check()?;
        let frame = tokio::select! {
            biased;
            frame = self.frames.recv() => frame.context("the radio has ended")?,
            _ = self.ticks.tick() => return Ok(None),
        };
        self.watch.frame(self.vehicle, &frame, clock::mono_ns());
        Ok(Some(frame))
    }

    fn send(&mut self, body: &Body) {
        self.wire.borrow_mut().send(body);
    }
}

impl Caller for OrderEar {
    fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }
}

//! The one place for a picture between the threads that bring it and the window: the newest wins.

use std::mem::{Discriminant, discriminant};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use footage::klv::{Decoded, Uas};

use super::join::{Join, Joined};
use super::watch::Watch;
use super::{Counts, Picture, Status};

/// Called when there is something new to draw.
pub(crate) type Repaint = Arc<dyn Fn() + Send + Sync>;

/// What GStreamer's threads and the window share.
pub(super) struct Shared {
    held: Mutex<Held>,
    came: AtomicU64,
    unread: AtomicU64,
    repaint: Repaint,
}

struct Held {
    join: Join<Picture, Arc<Decoded>>,
    watch: Watch,
    picture: Option<Arc<Picture>>,
    counts: Counts,
    /// How it stood when it was looked at last.
    stood: Option<Discriminant<Status>>,
}

impl Shared {
    pub(super) fn new(repaint: Repaint) -> Arc<Self> {
        let (join, watch) = (Join::default(), Watch::new());
        let held = Held { join, watch, picture: None, counts: Counts::default(), stood: None };
        Arc::new(Self { held: Mutex::new(held), came: AtomicU64::new(0), unread: AtomicU64::new(0), repaint })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A coded picture came.
    pub(super) fn came(&self, now_ns: u64) {
        self.came.fetch_add(1, Ordering::Relaxed);
        self.held().watch.came(now_ns);
    }

    /// A picture was decoded.
    pub(super) fn picture(&self, picture: Picture, now_ns: u64) {
        let mut held = self.held();
        let time_us = picture.taken_utc_us.and_then(|time_us| u64::try_from(time_us).ok());
        let out = held.join.picture(time_us, picture, now_ns);
        self.show(held, out, now_ns);
    }

    /// KLV packets came, as bytes: one after the other.
    pub(super) fn packets(&self, mut bytes: &[u8], now_ns: u64) {
        while !bytes.is_empty() {
            let decoded = match Uas::decode(bytes) {
                Ok(decoded) => decoded,
                Err(error) => {
                    self.unread.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(%error, "a KLV packet was not read");
                    return;
                }
            };
            bytes = bytes.get(decoded.length..).unwrap_or_default();
            let mut held = self.held();
            let out = held.join.packet(decoded.uas.timestamp_us, Arc::new(decoded), now_ns);
            self.show(held, out, now_ns);
        }
    }

    /// Time passes: pictures that waited for their telemetry go on, and no picture for long is told of.
    pub(super) fn tick(&self, now_ns: u64) {
        let mut held = self.held();
        let out = held.join.tick(now_ns);
        let stands = Some(discriminant(&held.watch.status(now_ns)));
        let changed = std::mem::replace(&mut held.stood, stands) != stands;
        self.show(held, out, now_ns);
        if changed {
            (self.repaint)();
        }
    }

    /// The source is open.
    pub(super) fn opened(&self) {
        let mut held = self.held();
        held.join.clear();
        held.watch.opened();
    }

    /// The source broke; how long to leave it alone, ns.
    pub(super) fn broke(&self, why: String, cure: String) -> u64 {
        let pause_ns = self.held().watch.broke(why, cure);
        (self.repaint)();
        pause_ns
    }

    fn show(&self, mut held: MutexGuard<'_, Held>, out: Vec<Joined<Picture, Arc<Decoded>>>, now_ns: u64) {
        if out.is_empty() {
            return;
        }
        for Joined { mut picture, packet } in out {
            let counts = &mut held.counts;
            counts.shown += 1;
            let with = if packet.is_some() { &mut counts.joined } else { &mut counts.unjoined };
            *with += 1;
            picture.frame_number = counts.shown;
            picture.klv = packet;
            held.picture = Some(Arc::new(picture));
        }
        held.watch.shown(now_ns);
        drop(held);
        (self.repaint)();
    }

    /// The newest picture; it stays when the source goes, with its age.
    pub(super) fn latest(&self) -> Option<Arc<Picture>> {
        self.held().picture.clone()
    }

    pub(super) fn status(&self, now_ns: u64) -> Status {
        self.held().watch.status(now_ns)
    }

    pub(super) fn counts(&self) -> Counts {
        let (came, unread_packets) = (self.came.load(Ordering::Relaxed), self.unread.load(Ordering::Relaxed));
        let held = self.held();
        let shown = held.counts.shown;
        Counts {
            came,
            unread_packets,
            dropped: came.saturating_sub(shown),
            late_packets: held.join.unused(),
            ..held.counts
        }
    }
}

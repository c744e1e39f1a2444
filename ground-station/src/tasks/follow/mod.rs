//! Follows the witness folder: what the witness has written, whoever started it and whenever, becomes facts for the seal ribbon.
//!
//! Each file is read from its start and then from where it ended, every line checked as the verifier checks it. A window that is started
//! again is back in the same flight once the newest file is read.

mod lines;
mod marks;
mod reader;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use flight_record::FlightId;
use flight_record::keys::PublicKey;
use flight_record::radio::Body;
use serde_json::Value;
use vehicle_link::frames::Frame;
use vehicle_link::tunnel::Tunnel;

use super::Repaint;
use crate::state::seal::{Fact, Mark, What};
use reader::Reader;

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Batches that may wait for the window; the thread waits, not the window.
const WAITING: usize = 64;
const MARKS: usize = 16;
/// Devices of flights kept to check beacons by.
const MAX_FLIGHTS: usize = 64;

/// Where to look.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// Folder of the witness.
    pub(crate) witness: PathBuf,
    /// Folder of this station's markers and notices.
    pub(crate) marks: PathBuf,
    /// Whose files they are.
    pub(crate) station: PublicKey,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Facts(Vec<Fact>),
    /// The witness begins with a flight of this device.
    Device {
        flight: FlightId,
        key: PublicKey,
    },
    /// All that lay there when the window was started is read.
    CaughtUp,
    /// What the witness says of itself: one of its JSON lines.
    Said(Value),
    /// A file is not believed, or cannot be read or written; in words.
    Trouble(String),
}

/// A moment that the pilot marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) flight: FlightId,
    pub(crate) at_utc_us: i64,
    pub(crate) mark: Mark,
}

/// The handle; the thread ends with it.
pub(crate) struct Follow {
    events: Option<Receiver<Event>>,
    marks: Option<SyncSender<Moment>>,
    devices: BTreeMap<FlightId, PublicKey>,
    /// The beacon that was checked last.
    checked: Option<([u8; 64], FlightId, u64)>,
    thread: Option<JoinHandle<()>>,
}

impl Follow {
    /// Begins.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(crate) fn start(setup: Setup, repaint: Repaint) -> Result<Self> {
        let (tell, events) = sync_channel(WAITING);
        let (marks, marked) = sync_channel(MARKS);
        let run = move || {
            let mut reader = Reader::new(setup);
            let mut caught_up = false;
            loop {
                let mut news = reader.look();
                if news.is_empty() && !std::mem::replace(&mut caught_up, true) {
                    news.push(Event::CaughtUp);
                }
                let busy = !news.is_empty();
                for event in news {
                    if tell.send(event).is_err() {
                        return;
                    }
                    repaint();
                }
                match marked.recv_timeout(if busy { Duration::ZERO } else { LOOK }) {
                    Ok(moment) => {
                        if tell.send(reader.keep(moment)).is_err() {
                            return;
                        }
                        repaint();
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = Some(std::thread::Builder::new().name("follow".to_owned()).spawn(run)?);
        Ok(Self { events: Some(events), marks: Some(marks), devices: BTreeMap::new(), checked: None, thread })
    }

    /// What was read since it was asked last.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        let events: Vec<Event> = self.events.iter().flat_map(Receiver::try_iter).collect();
        for event in &events {
            if let Event::Device { flight, key } = event {
                self.devices.insert(*flight, *key);
                if self.devices.len() > MAX_FLIGHTS {
                    self.devices.pop_first();
                }
            }
        }
        events
    }

    /// Keeps a marker or a notice on this station's disk; it comes back as a fact. The radio has no message for it: it does not stand in
    /// the flight's record.
    ///
    /// # Errors
    /// When the disk is behind; the moment is not kept.
    pub(crate) fn mark(&self, moment: Moment) -> Result<()> {
        let sent = self.marks.as_ref().is_some_and(|marks| marks.try_send(moment).is_ok());
        anyhow::ensure!(sent, "the disk of this station is behind: the mark was not kept; try again");
        Ok(())
    }

    /// What a frame says of a flight's newest head, if its device has signed it.
    pub(crate) fn beacon(&mut self, frame: &Frame, utc_us: i64) -> Option<Fact> {
        let tunnel = Tunnel::read(frame)?;
        let Ok(Body::Beacon(beacon)) = Body::decode(tunnel.payload_type, &tunnel.bytes) else { return None };
        let this = (beacon.signature, beacon.flight, beacon.size);
        if self.checked != Some(this) {
            let device = self.devices.get(&beacon.flight)?;
            if !beacon.verifies(device) {
                return None;
            }
            self.checked = Some(this);
        }
        Some(Fact { flight: beacon.flight, utc_us, what: What::Heard { size: beacon.size } })
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        (self.events, self.marks) = (None, None);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;

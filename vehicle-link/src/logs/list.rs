//! Which logs there are: REQUEST_LIST → ENTRY…, and again for those that were lost.

use std::collections::BTreeMap;

use super::{Action, Failure, LOG_ENTRY, LOG_REQUEST_LIST, TIMING, body};
use crate::{
    frames::{Body, Frame},
    request::{Ends, Pending},
};

/// Most logs of a vehicle.
pub const MAX_LOGS: u16 = 4096;

/// A log as the vehicle tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its number: from 0 (PX4) or 1 (ArduPilot).
    pub id: u16,
    /// Bytes; some vehicles only guess.
    pub size_bytes: u32,
    /// When it was begun, s since 1970; 0 when the vehicle did not know.
    pub time_utc_s: u32,
}

/// The list of logs. It ends in [`Action::Listed`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct List {
    ends: Ends,
    have: BTreeMap<u16, Entry>,
    /// How many there are, and the last one's id.
    known: Option<(u16, u16)>,
    pending: Option<Pending>,
}

impl List {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, now_ns: u64) -> (Self, Action) {
        let mut list = Self { ends, have: BTreeMap::new(), known: None, pending: None };
        let first = list.ask((0, u16::MAX));
        list.pending = Some(Pending::new(first.clone(), TIMING, now_ns));
        (list, Action::Send(first))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let pending = self.pending.as_mut().filter(|_| self.ends.hears(frame))?;
        pending.heard(now_ns);
        if frame.message_id() != LOG_ENTRY {
            return None;
        }
        // LOG_ENTRY: time u32, size u32, id u16, number of logs u16, last log u16.
        let payload = frame.payload();
        let (count, last) = (payload.u16(10), payload.u16(12));
        if count > MAX_LOGS {
            return self.finish(Action::Failed(Failure::TooMany(count)));
        }
        self.known = Some((count, last));
        if count == 0 {
            return self.finish(Action::Listed(Vec::new()));
        }
        let id = payload.u16(8);
        if self.ids().contains(&id) {
            self.have.insert(id, Entry { id, size_bytes: payload.u32(4), time_utc_s: payload.u32(0) });
        }
        match self.missing() {
            None => {
                let ids = self.ids();
                let listed = self.have.range(ids).map(|(_, entry)| *entry).take(usize::from(count)).collect();
                self.finish(Action::Listed(listed))
            }
            Some(range) => {
                self.pending = Some(Pending::new(self.ask(range), TIMING, now_ns));
                None
            }
        }
    }

    /// Asks again for what is missing. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.pending.as_mut()?.poll(now_ns)? {
            Ok(again) => Some(Action::Send(again)),
            Err(_) => {
                let of = self.known.map_or(0, |(count, _)| u64::from(count));
                let missing = of - (self.have.len() as u64).min(of);
                self.finish(Action::Failed(Failure::Timeout { missing, of }))
            }
        }
    }

    /// Ids are in a row, up to the last.
    fn ids(&self) -> std::ops::RangeInclusive<u16> {
        let (count, last) = self.known.unwrap_or((0, 0));
        (last + u16::from(last < u16::MAX)).saturating_sub(count)..=last
    }

    /// The first run of ids that have not come; `None` when all have.
    fn missing(&self) -> Option<(u16, u16)> {
        let (count, _) = self.known.filter(|(count, _)| *count > 0)?;
        let ids = self.ids().rev().take(usize::from(count));
        let mut gone: Vec<u16> = ids.filter(|id| !self.have.contains_key(id)).collect();
        gone.reverse();
        let first = *gone.first()?;
        let run = gone.iter().zip(first..).take_while(|(id, wanted)| *id == wanted);
        Some((first, run.last().map_or(first, |(id, _)| *id)))
    }

    fn ask(&self, (start, end): (u16, u16)) -> Body {
        let mut payload = [start.to_le_bytes(), end.to_le_bytes()].concat();
        payload.extend_from_slice(&[self.ends.remote.system, self.ends.remote.component]);
        body(LOG_REQUEST_LIST, &payload)
    }

    fn finish(&mut self, action: Action) -> Option<Action> {
        self.pending = None;
        Some(action)
    }
}

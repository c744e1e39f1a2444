//! All parameters: REQUEST_LIST → VALUE…, and what was lost by its index.

use std::collections::BTreeMap;

use super::{
    Action, Encoding, Failure, PARAM_REQUEST_LIST, PARAM_REQUEST_READ, PARAM_VALUE, Parameter, TIMING, Told, body,
};
use crate::{
    frames::{Body, Frame},
    request::{Ends, Pending},
};

/// Most parameters of a vehicle.
pub const MAX_PARAMETERS: u16 = 10_000;
/// Missing ones asked for at once.
const BATCH: usize = 16;

/// All parameters of a vehicle. It ends in [`Action::Listed`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct List {
    ends: Ends,
    encoding: Encoding,
    have: BTreeMap<u16, Parameter>,
    count: Option<u16>,
    /// REQUEST_LIST, then the wait for more. `None` once it has ended.
    pending: Option<Pending>,
    /// The vehicle has sent all once, or fallen silent.
    refilling: bool,
    /// How many of the last batch have not come.
    awaited: usize,
}

impl List {
    /// Starts; the action is the first message.
    pub fn start(ends: Ends, encoding: Encoding, now_ns: u64) -> (Self, Action) {
        let first = body(PARAM_REQUEST_LIST, &[ends.remote.system, ends.remote.component]);
        let pending = Some(Pending::new(first.clone(), TIMING, now_ns));
        let list = Self { ends, encoding, have: BTreeMap::new(), count: None, pending, refilling: false, awaited: 0 };
        (list, Action::Send(first))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// How many came, and how many there are as far as is known.
    pub fn progress(&self) -> (usize, usize) {
        (self.have.len(), self.count.map_or(0, usize::from))
    }

    /// Stops; the vehicle needs not be told.
    pub fn cancel(&mut self) {
        self.pending = None;
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let Some(pending) = self.pending.as_mut().filter(|_| self.ends.hears(frame)) else {
            return Vec::new();
        };
        pending.heard(now_ns);
        let told = (frame.message_id() == PARAM_VALUE).then(|| Told::read(frame, self.encoding)).flatten();
        // An index beyond the count: a value on its own, such as ArduPilot's answer to a SET, or PX4's hash.
        let Some(told) = told.filter(|told| told.index < told.count) else {
            return Vec::new();
        };
        if told.count > MAX_PARAMETERS {
            return self.end(Action::Failed(Failure::TooMany(told.count)));
        }
        self.count = Some(told.count);
        if self.have.insert(told.index, told.parameter).is_some() {
            return Vec::new();
        }
        if self.have.len() >= usize::from(told.count) && self.missing(1).is_empty() {
            let listed = self.have.range(..told.count).map(|(_, parameter)| *parameter).collect();
            return self.end(Action::Listed(listed));
        }
        self.awaited = self.awaited.saturating_sub(1);
        self.refilling |= told.index == told.count - 1;
        // They still come: the wait begins anew. What is repeated then is the batch, whatever it has become.
        self.pending = Some(Pending::new(self.ask(told.index), TIMING, now_ns));
        if self.awaited == 0 && self.refilling { self.batch() } else { Vec::new() }
    }

    /// Asks again for what is missing. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        match self.pending.as_mut().and_then(|pending| pending.poll(now_ns)) {
            None => Vec::new(),
            Some(Ok(again)) if self.count.is_none() => vec![Action::Send(again)],
            Some(Ok(_)) => self.batch(),
            Some(Err(_)) => {
                let (have, of) = self.progress();
                self.end(Action::Failed(Failure::Timeout { have, of }))
            }
        }
    }

    fn missing(&self, most: usize) -> Vec<u16> {
        let all = 0..self.count.unwrap_or(0);
        all.filter(|index| !self.have.contains_key(index)).take(most).collect()
    }

    fn batch(&mut self) -> Vec<Action> {
        let missing = self.missing(BATCH);
        (self.awaited, self.refilling) = (missing.len(), true);
        missing.into_iter().map(|index| Action::Send(self.ask(index))).collect()
    }

    fn ask(&self, index: u16) -> Body {
        let mut payload = [0; 20];
        payload[..2].copy_from_slice(&index.to_le_bytes());
        payload[2] = self.ends.remote.system;
        payload[3] = self.ends.remote.component;
        body(PARAM_REQUEST_READ, &payload)
    }

    fn end(&mut self, action: Action) -> Vec<Action> {
        self.pending = None;
        vec![action]
    }
}

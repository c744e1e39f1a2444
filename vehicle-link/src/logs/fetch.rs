//! One log: REQUEST_DATA → DATA…, a window at a time, gaps first.

use super::{Action, Entry, Failure, LOG_DATA, LOG_REQUEST_DATA, TIMING, body, end};
use crate::{
    frames::{Body, Frame},
    gaps::Gaps,
    request::{Ends, Pending},
};

/// Bytes in one LOG_DATA.
const PIECE_BYTES: u8 = 90;
/// Bytes asked for at once: what is lost of it is asked for before the next.
const WINDOW_BYTES: u32 = 512 * 90;

/// One log fetched. It ends in [`Action::Fetched`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct Fetch {
    ends: Ends,
    log: Entry,
    gaps: Gaps,
    /// Where the window that was asked for ends.
    until: u32,
    pending: Option<Pending>,
}

impl Fetch {
    /// Starts; the actions are the first. The first `have` bytes came before, and are not asked for.
    pub fn start(ends: Ends, log: Entry, have: u32, now_ns: u64) -> (Self, Vec<Action>) {
        let mut fetch = Self { ends, log, gaps: Gaps::after(have, log.size_bytes), until: 0, pending: None };
        let first = fetch.next(now_ns);
        (fetch, first)
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.pending.is_none()
    }

    /// Bytes that came, and all.
    pub fn progress(&self) -> (u64, u64) {
        let of = u64::from(self.log.size_bytes);
        (of - self.gaps.missing(), of)
    }

    /// Stops, and tells the vehicle.
    pub fn cancel(&mut self) -> Option<Action> {
        self.pending.take().map(|_| Action::Send(end(self.ends)))
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        let Some(pending) = self.pending.as_mut().filter(|_| self.ends.hears(frame)) else {
            return Vec::new();
        };
        pending.heard(now_ns);
        // LOG_DATA: offset u32, id u16, count u8, data [90].
        let payload = frame.payload();
        if frame.message_id() != LOG_DATA || payload.u16(4) != self.log.id {
            return Vec::new();
        }
        let len = payload.u8(6).min(PIECE_BYTES);
        let offset = payload.u32(0);
        let piece = offset..offset.saturating_add(len.into()).min(self.log.size_bytes);
        if offset >= self.log.size_bytes || !self.gaps.fill(&piece) {
            return Vec::new();
        }
        let bytes = (0..usize::from(len)).take(piece.len()).map(|i| payload.u8(7 + i)).collect();
        let mut actions = vec![Action::Write { offset, bytes }];
        if self.gaps.first().is_none_or(|gap| gap.start >= self.until) {
            actions.extend(self.next(now_ns));
        } else {
            self.wait(now_ns);
        }
        actions
    }

    /// Asks again for what is missing. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        match self.pending.as_mut().and_then(|pending| pending.poll(now_ns)) {
            None => Vec::new(),
            Some(Ok(again)) => vec![Action::Send(again)],
            Some(Err(_)) => {
                self.pending = None;
                let (missing, of) = (self.gaps.missing(), u64::from(self.log.size_bytes));
                vec![Action::Send(end(self.ends)), Action::Failed(Failure::Timeout { missing, of })]
            }
        }
    }

    /// Asks for the first gap, or a window of it.
    fn next(&mut self, now_ns: u64) -> Vec<Action> {
        let Some(gap) = self.gaps.first() else {
            self.pending = None;
            return vec![Action::Send(end(self.ends)), Action::Fetched];
        };
        self.until = gap.end.min(gap.start.saturating_add(WINDOW_BYTES));
        self.wait(now_ns);
        self.pending.iter().map(|pending| Action::Send(pending.body())).collect()
    }

    /// What is asked for if nothing more comes: the first gap of the window.
    fn wait(&mut self, now_ns: u64) {
        let ask = self.gaps.first().map(|gap| self.ask(gap.start, gap.end.min(self.until).max(gap.start + 1)));
        self.pending = ask.map(|ask| Pending::new(ask, TIMING, now_ns));
    }

    fn ask(&self, start: u32, end: u32) -> Body {
        let mut payload = [start.to_le_bytes(), (end - start).to_le_bytes()].concat();
        payload.extend_from_slice(&self.log.id.to_le_bytes());
        payload.extend_from_slice(&[self.ends.remote.system, self.ends.remote.component]);
        body(LOG_REQUEST_DATA, &payload)
    }
}

//! A file: opened, read in bursts, its gaps piece by piece, checked, closed.

use super::{
    ACK, Action, BURST_READ_FILE, CALC_FILE_CRC32, END_OF_FILE, Failure, NAK, OPEN_FILE_RO, Packet, READ_FILE,
    TERMINATE_SESSION, by_path, code, exchange::Exchange, packet::MAX_DATA,
};
use crate::{crc32, frames::Frame, gaps::Gaps, request::Ends};

/// Most bytes of a file: it is held in memory. Flight logs are fetched by [`crate::logs`].
pub const MAX_FILE_BYTES: u32 = 16 * 1024 * 1024;

/// One file read. It ends in [`Action::Read`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct ReadFile {
    exchange: Exchange,
    path: String,
    session: u8,
    bytes: Vec<u8>,
    gaps: Gaps,
    /// Whether the CRC-32 agreed, once it was asked.
    checked: bool,
    /// A burst said that the file ends: the next piece is read by itself.
    probes: bool,
    failure: Option<Failure>,
}

impl ReadFile {
    /// Starts; the action is the first message. `beginning` came before, and is not asked for; whether it is of this file is known where the
    /// whole is `checked`.
    ///
    /// # Errors
    /// [`Failure::Path`].
    pub fn start(ends: Ends, path: &str, beginning: Vec<u8>, now_ns: u64) -> Result<(Self, Action), Failure> {
        let mut exchange = Exchange::new(ends, now_ns);
        let first = exchange.ask(by_path(OPEN_FILE_RO, path, 0)?, now_ns);
        let read = Self {
            exchange,
            path: path.to_owned(),
            session: 0,
            bytes: beginning,
            gaps: Gaps::all(0),
            checked: false,
            probes: false,
            failure: None,
        };
        Ok((read, Action::Send(first)))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.exchange.is_over()
    }

    /// Bytes that came, and all.
    pub fn progress(&self) -> (u64, u64) {
        let of = self.bytes.len() as u64;
        (of - self.gaps.missing(), of)
    }

    /// What came in order from the file's start; after a wrong checksum nothing.
    pub fn beginning(&self) -> &[u8] {
        let end = self.gaps.first().and_then(|gap| usize::try_from(gap.start).ok()).unwrap_or(self.bytes.len());
        self.bytes.get(..end).unwrap_or_default()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let packet = self.exchange.heard(frame, now_ns)?;
        let asked = self.exchange.asked().opcode;
        match (asked, packet.req_opcode) {
            (OPEN_FILE_RO, OPEN_FILE_RO) if self.exchange.is_answer(&packet) => self.opened(&packet, now_ns),
            (READ_FILE | BURST_READ_FILE, READ_FILE | BURST_READ_FILE) if packet.session == self.session => {
                self.piece(asked, &packet, now_ns)
            }
            (CALC_FILE_CRC32, CALC_FILE_CRC32) if self.exchange.is_answer(&packet) => self.summed(&packet, now_ns),
            (TERMINATE_SESSION, TERMINATE_SESSION) if self.exchange.is_answer(&packet) => self.end(),
            _ => None,
        }
    }

    /// Asks again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.exchange.poll(now_ns)? {
            Ok(again) => match (self.exchange.asked(), self.gaps.first()) {
                // The burst came further than where it began, and stopped.
                (asked, Some(gap)) if asked.opcode == BURST_READ_FILE && asked.offset != gap.start => self.next(now_ns),
                _ => Some(Action::Send(again)),
            },
            // Whether it is closed or checked does not decide: what came is whole.
            Err(_) if self.exchange.asked().opcode == TERMINATE_SESSION => self.end(),
            Err(_) if self.exchange.asked().opcode == CALC_FILE_CRC32 => self.close(now_ns),
            Err(_) => {
                self.exchange.end();
                Some(Action::Failed(Failure::Timeout))
            }
        }
    }

    fn opened(&mut self, packet: &Packet, now_ns: u64) -> Option<Action> {
        if packet.opcode == NAK {
            self.exchange.end();
            return Some(Action::Failed(Failure::Refused(code(packet))));
        }
        self.session = packet.session;
        let size = packet.data.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if size > MAX_FILE_BYTES {
            return self.fail(Failure::TooLarge(size), now_ns);
        }
        // A beginning that is longer than the file is not of it.
        let have = u32::try_from(self.bytes.len()).ok().filter(|have| *have <= size).unwrap_or(0);
        self.bytes.truncate(usize::try_from(have).unwrap_or(0));
        self.bytes.resize(usize::try_from(size).unwrap_or(0), 0);
        self.gaps = Gaps::after(have, size);
        self.next(now_ns)
    }

    fn piece(&mut self, asked: u8, packet: &Packet, now_ns: u64) -> Option<Action> {
        let answers = match packet.req_opcode {
            BURST_READ_FILE => {
                self.exchange.follow(packet);
                asked == BURST_READ_FILE && packet.burst_complete
            }
            _ => self.exchange.is_answer(packet),
        };
        match packet.opcode {
            ACK => {
                let useful = self.put(packet);
                if answers || self.gaps.first().is_none() {
                    return self.next(now_ns);
                }
                if useful {
                    self.exchange.prolong(now_ns);
                }
                None
            }
            NAK if code(packet) == END_OF_FILE => match (asked, answers) {
                (READ_FILE, true) => self.ended(now_ns),
                // What came before the end may still be on its way, or lost: one piece will tell.
                (BURST_READ_FILE, _) => {
                    self.probes = true;
                    self.next(now_ns)
                }
                _ => None,
            },
            NAK if answers || asked == BURST_READ_FILE => self.fail(Failure::Refused(code(packet)), now_ns),
            _ => None,
        }
    }

    /// The vehicle says that nothing comes after what was asked: the file is shorter than it said.
    fn ended(&mut self, now_ns: u64) -> Option<Action> {
        let end = self.exchange.asked().offset;
        if self.gaps.first().is_some_and(|gap| self.gaps.is_simple() && gap.start == end) {
            self.bytes.truncate(usize::try_from(end).unwrap_or(0));
            self.gaps = Gaps::all(0);
        }
        self.next(now_ns)
    }

    fn put(&mut self, packet: &Packet) -> bool {
        let len = u32::try_from(packet.data.len()).unwrap_or(0);
        let piece = packet.offset..packet.offset.saturating_add(len);
        let [start, end] = [piece.start, piece.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        let Some(place) = self.bytes.get_mut(start..end) else {
            return false;
        };
        let useful = self.gaps.fill(&piece);
        if useful {
            place.copy_from_slice(&packet.data);
        }
        useful
    }

    /// Asks for what is missing: the long tail in a burst, other gaps piece by piece.
    fn next(&mut self, now_ns: u64) -> Option<Action> {
        let packet = match self.gaps.first() {
            None => return self.check(now_ns),
            Some(gap) => {
                let most = u32::try_from(MAX_DATA).unwrap_or(u32::MAX);
                let tail = self.gaps.is_simple() && gap.end - gap.start > most;
                let opcode = if tail && !std::mem::take(&mut self.probes) { BURST_READ_FILE } else { READ_FILE };
                let size = u8::try_from((gap.end - gap.start).min(most)).unwrap_or(u8::MAX);
                Packet { opcode, session: self.session, size, offset: gap.start, ..Packet::default() }
            }
        };
        Some(Action::Send(self.exchange.ask(packet, now_ns)))
    }

    fn check(&mut self, now_ns: u64) -> Option<Action> {
        match by_path(CALC_FILE_CRC32, &self.path, 0) {
            Ok(packet) => Some(Action::Send(self.exchange.ask(packet, now_ns))),
            Err(failure) => self.fail(failure, now_ns),
        }
    }

    fn summed(&mut self, packet: &Packet, now_ns: u64) -> Option<Action> {
        // A NAK: the vehicle makes no checksums.
        if let (ACK, Some(sum)) = (packet.opcode, packet.data.first_chunk()) {
            let (theirs, ours) = (u32::from_le_bytes(*sum), crc32::more(0, &self.bytes));
            self.checked = theirs == ours;
            if !self.checked {
                self.bytes.clear();
                return self.fail(Failure::Checksum { ours, theirs }, now_ns);
            }
        }
        self.close(now_ns)
    }

    /// Closes the session, then tells why.
    fn fail(&mut self, failure: Failure, now_ns: u64) -> Option<Action> {
        self.failure = Some(failure);
        self.close(now_ns)
    }

    fn close(&mut self, now_ns: u64) -> Option<Action> {
        let packet = Packet { opcode: TERMINATE_SESSION, session: self.session, ..Packet::default() };
        Some(Action::Send(self.exchange.ask(packet, now_ns)))
    }

    fn end(&mut self) -> Option<Action> {
        self.exchange.end();
        Some(match self.failure.take() {
            Some(failure) => Action::Failed(failure),
            None => Action::Read { bytes: std::mem::take(&mut self.bytes), checked: self.checked },
        })
    }
}

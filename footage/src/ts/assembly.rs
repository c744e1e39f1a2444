//! Units that span packets, put together: PES packets and table sections.

use super::pes;

/// Longest section of a table (H.222.0 §2.4.4).
const MOST_SECTION_OCTETS: usize = 1024;
/// Most room made for a PES packet before its bytes come.
const MOST_RESERVED_OCTETS: usize = 64 * 1024;

/// The unit of one PID that is being put together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// Continuity counter of the last packet with payload.
    counter: Option<u8>,
    data: Vec<u8>,
    /// The beginning of the unit was seen, and nothing of it is missing so far.
    open: bool,
}

/// How a packet's continuity counter follows the one before.
pub(super) enum Continuity {
    Next,
    /// The packet was sent twice, as H.222.0 §2.4.3.3 allows.
    Repeated,
    Broken {
        expected: u8,
        found: u8,
    },
}

/// A PES packet that is over.
pub(super) enum Ended {
    /// Whole: its header, and the bytes from the start of the header.
    Whole(pes::Parsed, Vec<u8>),
    /// Cut, too long, or no PES packet; this many bytes are lost.
    Damaged(usize),
}

impl Assembly {
    pub(super) fn follow(&mut self, found: u8, announced: bool) -> Continuity {
        let last = self.counter.replace(found);
        match last {
            Some(last) if last == found && !announced => Continuity::Repeated,
            Some(last) if (last + 1) & 15 != found && !announced => {
                Continuity::Broken { expected: (last + 1) & 15, found }
            }
            Some(_) | None => Continuity::Next,
        }
    }

    /// Gives up the unit in hand; how many bytes it had.
    pub(super) fn abandon(&mut self) -> usize {
        self.open = false;
        let lost = self.data.len();
        self.data.clear();
        lost
    }

    /// Adds a packet's payload to the PES packet in hand; gives those that ended before or with it.
    pub(super) fn pes(&mut self, start: bool, payload: &[u8], most_octets: usize) -> [Option<Ended>; 2] {
        let before = if start { self.end() } else { None };
        if start {
            self.open = true;
        } else if !self.open {
            return [before, (!payload.is_empty()).then_some(Ended::Damaged(payload.len()))];
        }
        self.data.extend_from_slice(payload);
        if self.data.len() > most_octets {
            return [before, Some(Ended::Damaged(self.abandon()))];
        }
        // A stated length ends the packet without waiting for the next.
        let whole = self.stated_octets().is_some_and(|octets| self.data.len() >= octets);
        [before, if whole { self.end() } else { None }]
    }

    fn stated_octets(&self) -> Option<usize> {
        let stated = usize::from(u16::from_be_bytes(*self.data.get(4..6)?.as_array()?));
        (stated != 0).then_some(6 + stated)
    }

    /// Ends the PES packet in hand, if there is one.
    pub(super) fn end(&mut self) -> Option<Ended> {
        if !self.open {
            return None;
        }
        self.open = false;
        // The next is likely as long as this one.
        let next = Vec::with_capacity(self.data.len().min(MOST_RESERVED_OCTETS));
        let mut data = std::mem::replace(&mut self.data, next);
        let lost = Ended::Damaged(data.len());
        let Some(header) = pes::parse(&data) else {
            return Some(lost);
        };
        if let Some(octets) = header.packet_octets {
            if data.len() < octets || octets < header.payload_at {
                return Some(lost);
            }
            data.truncate(octets);
        }
        Some(Ended::Whole(header, data))
    }

    /// Adds a packet's payload to the section in hand, and hands each whole section to `each`.
    pub(super) fn sections(&mut self, start: bool, payload: &[u8], mut each: impl FnMut(&[u8])) {
        if !start {
            if self.open {
                self.data.extend_from_slice(payload);
                self.take_sections(&mut each);
            }
            return;
        }
        let Some((&pointer, payload)) = payload.split_first() else {
            return;
        };
        let Some((tail, fresh)) = payload.split_at_checked(usize::from(pointer)) else {
            return;
        };
        if self.open {
            self.data.extend_from_slice(tail);
            self.take_sections(&mut each);
        }
        self.data.clear();
        self.data.extend_from_slice(fresh);
        self.open = true;
        self.take_sections(&mut each);
    }

    fn take_sections(&mut self, each: &mut impl FnMut(&[u8])) {
        const STUFFING: u8 = 0xFF;
        while let Some(&[table, high, low]) = self.data.get(..3).and_then(<[u8]>::as_array) {
            let octets = 3 + usize::from(u16::from_be_bytes([high & 0x0F, low]));
            if table == STUFFING || octets > MOST_SECTION_OCTETS {
                self.abandon();
                return;
            }
            let Some(section) = self.data.get(..octets) else {
                return;
            };
            each(section);
            self.data.drain(..octets);
        }
    }
}

//! What comes in over RTP (RFC 3550), looked at before GStreamer takes it: only kinds that are meant, nothing without end, and what is
//! missing is noticed, so that pictures made without it say so. Pure.

/// Octets of a header without contributing sources.
const HEADER: usize = 12;
/// Packets that come so much too late are of before; farther back the count began anew.
const OVERTAKEN: u16 = 100;

/// Judges the packets of one port.
#[derive(Debug)]
pub(super) struct Gate {
    /// Payload types that pass; without any, all do.
    kinds: &'static [u8],
    /// Most octets of packets that belong together.
    most: usize,
    last: Option<Header>,
    together: usize,
    /// Something was missing since the last picture.
    torn: bool,
    /// What the pictures now follow from has come, from a key picture on.
    founded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    kind: u8,
    marker: bool,
    sequence: u16,
    timestamp: u32,
    source: u32,
}

impl Header {
    fn of(packet: &[u8]) -> Option<Self> {
        let (&[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3], _) = packet.split_first_chunk::<HEADER>()?;
        let (version, sources) = (first >> 6, usize::from(first & 0x0F));
        (version == 2 && packet.len() > HEADER + 4 * sources).then_some(Self {
            kind: second & 0x7F,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            source: u32::from_be_bytes([c0, c1, c2, c3]),
        })
    }
}

impl Gate {
    /// Lets packets of these payload types pass, and of one instant at most so many octets.
    pub(super) const fn new(kinds: &'static [u8], most: usize) -> Self {
        Self { kinds, most, last: None, together: 0, torn: false, founded: false }
    }

    /// Whether a packet may pass.
    pub(super) fn take(&mut self, packet: &[u8]) -> bool {
        let Some(header) = Header::of(packet) else {
            return false;
        };
        if !self.kinds.is_empty() && !self.kinds.contains(&header.kind) {
            return false;
        }
        if let Some(last) = self.last {
            if last.source != header.source {
                (self.founded, self.together) = (false, 0);
            } else {
                let behind = last.sequence.wrapping_sub(header.sequence);
                if behind < OVERTAKEN {
                    // Twice, or overtaken: it was missed already.
                    return true;
                }
                self.torn |= header.sequence != last.sequence.wrapping_add(1);
            }
            if last.marker || last.timestamp != header.timestamp {
                self.together = 0;
            }
        }
        self.last = Some(header);
        self.together = self.together.saturating_add(packet.len());
        let fits = self.together <= self.most;
        self.torn |= !fits;
        fits
    }

    /// A picture was put together of what passed; whether something that it is made of may be missing. After a loss that is so up to
    /// the next key picture that came whole.
    pub(super) fn picture(&mut self, key: bool) -> bool {
        let torn = std::mem::take(&mut self.torn);
        self.founded = !torn && (key || self.founded);
        !self.founded
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(kind: u8, marker: bool, sequence: u16, timestamp: u32, source: u32, octets: usize) -> Vec<u8> {
        let mut bytes = vec![0x80, kind | u8::from(marker) << 7];
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(timestamp.to_be_bytes());
        bytes.extend(source.to_be_bytes());
        bytes.resize(HEADER + octets, 7);
        bytes
    }

    #[test]
    fn only_rtp_of_the_kinds_that_are_meant_passes() {
        let mut gate = Gate::new(&[96, 98], 1_000);
        assert!(gate.take(&packet(96, true, 1, 1, 1, 5)) && gate.take(&packet(98, true, 2, 2, 1, 5)));
        assert!(!gate.take(&packet(97, true, 3, 3, 1, 5)), "another kind");
        assert!(!gate.take(&packet(96, true, 3, 3, 1, 0)), "empty");
        assert!(!gate.take(b"GET / HTTP/1.1\r\n\r\n") && !gate.take(&[]));
        let mut sources = packet(96, true, 3, 3, 1, 5);
        sources[0] |= 15;
        assert!(!gate.take(&sources), "shorter than it says");
        assert!(Gate::new(&[], 1_000).take(&packet(33, true, 3, 3, 1, 5)), "any, where the source says which");
    }

    #[test]
    fn pictures_after_a_loss_are_damaged_up_to_a_whole_key_picture() {
        let mut gate = Gate::new(&[96], 1_000);
        gate.take(&packet(96, true, 65_534, 1, 1, 5));
        assert!(gate.picture(false), "what it follows from never came");
        gate.take(&packet(96, true, 65_535, 2, 1, 5));
        assert!(!gate.picture(true));
        gate.take(&packet(96, true, 0, 3, 1, 5));
        gate.take(&packet(96, true, 0, 3, 1, 5));
        assert!(!gate.picture(false), "the count goes round, and twice is not too few");
        gate.take(&packet(96, true, 2, 5, 1, 5));
        assert!(gate.picture(false) && gate.picture(false));
        gate.take(&packet(96, true, 4, 7, 1, 5));
        assert!(gate.picture(true), "of this key picture something may be missing too");
        gate.take(&packet(96, true, 5, 8, 1, 5));
        assert!(!gate.picture(true) && !gate.picture(false));
        gate.take(&packet(96, true, 900, 9, 2, 5));
        assert!(gate.picture(false), "another stream has not begun with a key picture");
        assert!(!gate.picture(true));
    }

    #[test]
    fn what_belongs_together_and_never_ends_is_cut() {
        let mut gate = Gate::new(&[96], 100);
        let passed = (0..50).filter(|sequence| gate.take(&packet(96, false, *sequence, 1, 1, 13))).count();
        assert_eq!(passed, 4);
        assert!(gate.take(&packet(96, true, 50, 2, 1, 13)), "the next instant");
        assert!(gate.picture(true));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_judged(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..60)) {
            let mut gate = Gate::new(&[96, 98], 200);
            for packet in &packets {
                if gate.take(packet) {
                    prop_assert!(packet[0] >> 6 == 2 && [96, 98].contains(&(packet[1] & 0x7F)));
                }
            }
        }
    }
}

//! PES packet headers and their times (H.222.0 §2.4.3.6).

use super::TIME_MASK;

/// Header of a PES packet with alignment, ready to be followed by its payload.
pub(super) struct Header {
    octets: [u8; 19],
    length: usize,
}

impl Header {
    /// `payload_octets` is `None` for pictures, whose length stays unstated. The caller has checked that it fits.
    pub(super) fn new(stream_id: u8, payload_octets: Option<u16>, pts: Option<u64>, dts: Option<u64>) -> Self {
        let mut octets = [0; 19];
        octets[..4].copy_from_slice(&[0, 0, 1, stream_id]);
        octets[6] = 0x84;
        let mut length = 9;
        if let Some(pts) = pts {
            let with_dts = dts.is_some();
            octets[7] = if with_dts { 0xC0 } else { 0x80 };
            octets[9..14].copy_from_slice(&time(if with_dts { 3 } else { 2 }, pts));
            length += 5;
            if let Some(dts) = dts {
                octets[14..19].copy_from_slice(&time(1, dts));
                length += 5;
            }
        }
        let times: u8 = if length == 9 {
            0
        } else if length == 14 {
            5
        } else {
            10
        };
        octets[8] = times;
        if let Some(payload) = payload_octets {
            octets[4..6].copy_from_slice(&(payload + 3 + u16::from(times)).to_be_bytes());
        }
        Self { octets, length }
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.octets[..self.length]
    }
}

/// Most payload a PES packet of stated length can have beside its header.
pub(super) const MOST_PAYLOAD: usize = 0xFFFF - 13;

fn time(prefix: u8, ticks: u64) -> [u8; 5] {
    let ticks = ticks & TIME_MASK;
    let [_, _, _, top, a, b, c, d] = (ticks << 1).to_be_bytes();
    // Bits 32..30, 29..15 and 14..0, each followed by a marker.
    let high = ((top << 2) | (a >> 6)) & 0x0E;
    let middle = ((ticks >> 15) & 0x7FFF) << 1 | 1;
    let low = (u64::from(b) << 16 | u64::from(c) << 8 | u64::from(d)) & 0xFFFE | 1;
    let [.., m0, m1] = middle.to_be_bytes();
    let [.., l0, l1] = low.to_be_bytes();
    [(prefix << 4) | high | 1, m0, m1, l0, l1]
}

/// A parsed header: times, and where the payload begins.
pub(super) struct Parsed {
    pub(super) pts: Option<u64>,
    pub(super) dts: Option<u64>,
    pub(super) payload_at: usize,
    /// Length of the whole packet; `None` when it is unstated.
    pub(super) packet_octets: Option<usize>,
}

/// Reads a header; `None` when the bytes do not begin with one, or it is cut.
pub(super) fn parse(bytes: &[u8]) -> Option<Parsed> {
    let [0, 0, 1, _, high, low, marker, flags, header] = *bytes.get(..9)?.as_array()? else {
        return None;
    };
    if marker & 0xC0 != 0x80 {
        return None;
    }
    let payload_at = 9 + usize::from(header);
    let times = bytes.get(9..payload_at)?;
    let at = |from: usize| times.get(from..from + 5).and_then(read_time);
    let stated = usize::from(u16::from_be_bytes([high, low]));
    Some(Parsed {
        pts: if flags & 0x80 == 0 { None } else { Some(at(0)?) },
        dts: if flags & 0xC0 == 0xC0 { Some(at(5)?) } else { None },
        payload_at,
        packet_octets: (stated != 0).then_some(6 + stated),
    })
}

fn read_time(octets: &[u8]) -> Option<u64> {
    let &[a, b, c, d, e] = octets.as_array()?;
    let [a, b, c, d, e] = [a, b, c, d, e].map(u64::from);
    if a & c & e & 1 == 0 {
        return None;
    }
    Some((a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_come_back(pts in 0..=TIME_MASK, dts in prop::option::of(0..=TIME_MASK)) {
            let header = Header::new(0xE0, None, Some(pts), dts);
            let parsed = parse(header.octets()).ok_or_else(|| TestCaseError::fail("not parsed"))?;
            prop_assert_eq!((parsed.pts, parsed.dts), (Some(pts), dts));
            prop_assert_eq!(parsed.payload_at, header.octets().len());
        }
    }
}

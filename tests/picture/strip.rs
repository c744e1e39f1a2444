//! The strip (`simulator/STRIP.md`), read by its description: nothing of the simulator is used.

/// What the strip says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// UTC of capture, µs.
    pub(crate) capture_us: u64,
    /// Ticks of the camera since boot.
    pub(crate) frame: u32,
}

const CELL: usize = 8;
const COLUMNS: usize = 60;

/// Reads it off brightnesses by column and row; none where the beginning or the sum is wrong.
pub(crate) fn read(at: impl Fn(usize, usize) -> Option<u8>) -> Option<Stamp> {
    let cell = |row: usize, column: usize| {
        let middle = (2..6).flat_map(|y| (2..6).map(move |x| (column * CELL + x, row * CELL + y)));
        let sum = middle.map(|(x, y)| at(x, y).map(u32::from)).sum::<Option<u32>>()?;
        Some(sum > 16 * 126)
    };
    let mut bits = 0_u128;
    for (row, begin) in [0b1010, 0b0101].into_iter().enumerate() {
        let cells = (0..COLUMNS).map(|column| cell(row, column)).collect::<Option<Vec<_>>>()?;
        let word = cells.into_iter().fold(0_u64, |word, white| word << 1 | u64::from(white));
        if word >> (COLUMNS - 4) != begin {
            return None;
        }
        bits = bits << (COLUMNS - 4) | u128::from(word & ((1 << (COLUMNS - 4)) - 1));
    }
    let bytes = bits.to_be_bytes();
    // 112 bits are the last fourteen of sixteen bytes.
    let (body, sum) = (&bytes[2..14], &bytes[14..16]);
    (crc16(body).to_be_bytes() == *sum).then(|| Stamp {
        capture_us: u64::from_be_bytes(body[..8].try_into().unwrap_or_default()),
        frame: u32::from_be_bytes(body[8..].try_into().unwrap_or_default()),
    })
}

/// CRC-16/CCITT-FALSE.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}

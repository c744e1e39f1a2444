//! The CRC-32 of MAVLink FTP and of plan ids: reflected 0xEDB88320, from 0, no final inversion.

/// The checksum of `bytes` where those before them had `crc`; 0 before the first.
pub fn more(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ TABLE[usize::from(low ^ byte)]
    })
}

static TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "at most 255")]
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_crc_32_but_for_start_and_end() {
        // The standard starts at all ones and inverts the end; its check value is that of "123456789".
        assert_eq!(!more(u32::MAX, b"123456789"), 0xCBF4_3926);
        assert_eq!(more(more(0, b"1234"), b"56789"), more(0, b"123456789"));
        assert_eq!(more(0, b"123456789"), 0x2DFD_2D88);
    }
}

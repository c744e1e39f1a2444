//! The CRC of program tables: CRC-32/MPEG-2 (ISO/IEC 13818-1 annex A).

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut octet = 0_u32;
    while octet < 256 {
        let mut crc = octet << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc << 1) ^ if crc & 0x8000_0000 == 0 { 0 } else { 0x04C1_1DB7 };
            bit += 1;
        }
        table[octet as usize] = crc;
        octet += 1;
    }
    table
}

/// CRC over a section; over one with its CRC it is zero.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, &octet| (crc << 8) ^ TABLE[usize::from(crc.to_be_bytes()[0] ^ octet)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn check_value_of_the_catalogue() {
        assert_eq!(super::crc32(b"123456789"), 0x0376_E6E7);
    }
}

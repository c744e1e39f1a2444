//! CRC-16/MCRF4XX (reflected 0x8408, from 0xFFFF), eight bytes at a time.

/// The checksum of a frame: everything after its first byte, then the message's seed.
pub(super) fn checksum(covered: &[u8], crc_extra: u8) -> u16 {
    let (eights, rest) = covered.as_chunks::<8>();
    let crc = eights.iter().fold(0xFFFF, |crc, eight| eight_more(crc, *eight));
    let crc = rest.iter().fold(crc, |crc, byte| one_more(crc, *byte));
    one_more(crc, crc_extra)
}

fn one_more(crc: u16, byte: u8) -> u16 {
    let [low, _] = crc.to_le_bytes();
    (crc >> 8) ^ TABLES[0][usize::from(low ^ byte)]
}

/// `TABLES[n]` is what a byte does to the checksum `n` bytes later, so eight bytes are looked up side by side.
fn eight_more(crc: u16, [b0, b1, b2, b3, b4, b5, b6, b7]: [u8; 8]) -> u16 {
    let [low, high] = crc.to_le_bytes();
    let at = |table: usize, byte: u8| TABLES[table][usize::from(byte)];
    at(7, b0 ^ low) ^ at(6, b1 ^ high) ^ at(5, b2) ^ at(4, b3) ^ at(3, b4) ^ at(2, b5) ^ at(1, b6) ^ at(0, b7)
}

static TABLES: [[u16; 256]; 8] = tables();

const fn tables() -> [[u16; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "at most 255")]
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the MAVLink guide writes it, one bit after another.
    fn bit_by_bit(bytes: &[u8], extra: u8) -> u16 {
        bytes.iter().chain([&extra]).fold(0xFFFF_u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 })
        })
    }

    #[test]
    fn has_the_check_value_of_the_catalogue() {
        assert_eq!(checksum(b"12345678", b'9'), 0x6F91);
    }

    proptest! {
        #[test]
        fn is_the_definition(bytes in prop::collection::vec(any::<u8>(), 0..300), extra in any::<u8>()) {
            prop_assert_eq!(checksum(&bytes, extra), bit_by_bit(&bytes, extra));
        }
    }
}

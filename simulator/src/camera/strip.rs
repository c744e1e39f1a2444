//! The machine-readable strip in the top-left corner of every picture.
//!
//! `STRIP.md` beside the crate's sources says the same for those who write a decoder. Two rows of [`COLUMNS`] square cells of [`CELL_PX`]
//! pixels; a white cell (luma 235) is 1, a black one (luma 16) is 0, chroma is neutral. Read left to right, upper row first, most
//! significant bit first:
//!
//! ```text
//! row 0:  1 0 1 0 | capture time bits 63..8
//! row 1:  0 1 0 1 | capture time bits 7..0 | frame number bits 31..0 | CRC bits 15..0
//! ```
//!
//! Capture time is UTC in microseconds since 1970; the frame number counts ticks of the camera from boot. The CRC is CRC-16/CCITT-FALSE
//! (polynomial 0x1021, start 0xFFFF, not reflected, no final XOR) over the twelve bytes before it, big-endian.

use super::picture::Canvas;

/// Side of a cell, pixels.
pub const CELL_PX: usize = 8;
/// Cells in a row.
pub const COLUMNS: usize = 60;
/// Rows of cells.
pub const ROWS: usize = 2;
const LEAD_IN: [[bool; 4]; ROWS] = [[true, false, true, false], [false, true, false, true]];
const WHITE: u8 = 235;
const BLACK: u8 = 16;

/// What the strip says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC of capture, µs since 1970.
    pub capture_us: u64,
    /// Tick of the camera from boot.
    pub frame: u32,
}

/// Draws the strip.
pub fn draw(canvas: &mut Canvas, stamp: Stamp) {
    let cells = cells_of(stamp);
    let width = canvas.width();
    for (row, cells) in cells.iter().enumerate() {
        for y in row * CELL_PX..(row + 1) * CELL_PX {
            let line = &mut canvas.luma_mut()[y * width..y * width + COLUMNS * CELL_PX];
            for (cell, &bit) in line.chunks_exact_mut(CELL_PX).zip(cells) {
                cell.fill(if bit { WHITE } else { BLACK });
            }
        }
    }
    let chroma_width = width / 2;
    for plane in canvas.chroma_mut() {
        for y in 0..ROWS * CELL_PX / 2 {
            plane[y * chroma_width..y * chroma_width + COLUMNS * CELL_PX / 2].fill(128);
        }
    }
}

/// Reads the strip from a luma plane; none where the lead-in or the CRC is wrong.
#[must_use]
pub fn read(luma: &[u8], stride: usize) -> Option<Stamp> {
    let mut bits = Vec::with_capacity(ROWS * COLUMNS);
    for (row, lead_in) in LEAD_IN.iter().enumerate() {
        for column in 0..COLUMNS {
            let bit = cell_is_white(luma, stride, row, column)?;
            match lead_in.get(column) {
                Some(&expected) if bit != expected => return None,
                Some(_) => {}
                None => bits.push(bit),
            }
        }
    }
    let byte = |bits: &[bool]| bits.iter().fold(0u8, |byte, &bit| byte << 1 | u8::from(bit));
    let bytes: Vec<u8> = bits.chunks_exact(8).map(byte).collect();
    let (body, crc) = bytes.split_at_checked(12)?;
    if crc16(body).to_be_bytes() != *crc {
        return None;
    }
    let (capture, frame) = body.split_at_checked(8)?;
    Some(Stamp {
        capture_us: u64::from_be_bytes(capture.try_into().ok()?),
        frame: u32::from_be_bytes(frame.try_into().ok()?),
    })
}

/// Mean of a cell's inner pixels against the middle grey.
fn cell_is_white(luma: &[u8], stride: usize, row: usize, column: usize) -> Option<bool> {
    let mut sum = 0u32;
    for y in row * CELL_PX + 2..row * CELL_PX + 6 {
        let start = y * stride + column * CELL_PX + 2;
        sum += luma.get(start..start + 4)?.iter().map(|&p| u32::from(p)).sum::<u32>();
    }
    Some(sum > 16 * 126)
}

fn cells_of(stamp: Stamp) -> [Vec<bool>; ROWS] {
    let mut body = [0u8; 14];
    body[..8].copy_from_slice(&stamp.capture_us.to_be_bytes());
    body[8..12].copy_from_slice(&stamp.frame.to_be_bytes());
    let crc = crc16(&body[..12]);
    body[12..].copy_from_slice(&crc.to_be_bytes());
    let mut bits = body.iter().flat_map(|&byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    LEAD_IN.map(|lead_in| lead_in.into_iter().chain(bits.by_ref().take(COLUMNS - lead_in.len())).collect())
}

/// CRC-16/CCITT-FALSE.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn crc_of_the_check_string() {
        // The check value of CRC-16/CCITT-FALSE in Greg Cook's catalogue of parametrised CRC algorithms.
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    proptest! {
        #[test]
        fn what_is_drawn_is_read(capture_us: u64, frame: u32) {
            let mut canvas = Canvas::new(496, 64);
            let stamp = Stamp { capture_us, frame };
            draw(&mut canvas, stamp);
            prop_assert_eq!(read(canvas.luma(), 496), Some(stamp));
        }

        #[test]
        fn a_wrong_cell_is_noticed(capture_us: u64, cell in 0usize..COLUMNS * ROWS) {
            let mut canvas = Canvas::new(496, 64);
            draw(&mut canvas, Stamp { capture_us, frame: 7 });
            let (row, column) = (cell / COLUMNS, cell % COLUMNS);
            for y in row * CELL_PX..(row + 1) * CELL_PX {
                for x in column * CELL_PX..(column + 1) * CELL_PX {
                    canvas.luma_mut()[y * 496 + x] = 251 - canvas.luma()[y * 496 + x];
                }
            }
            prop_assert_eq!(read(canvas.luma(), 496), None);
        }
    }

    #[test]
    fn short_planes_are_refused() {
        assert_eq!(read(&[0; 100], 496), None);
    }
}

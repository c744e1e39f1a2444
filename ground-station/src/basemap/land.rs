//! The embedded coastline: Natural Earth, in cells of 5°.

/// See README.md beside it.
static BYTES: &[u8] = include_bytes!("land.bin");
const MAGIC: &[u8] = b"LAND1";
/// Corners a degree.
const UNITS: i64 = 4_000;
/// Of a cell's side, degrees.
pub(crate) const CELL_DEG: f64 = 5.0;
/// A cell's side in units.
const SIDE: i64 = 5 * UNITS;

/// A part of the land: rings of longitude and latitude, degrees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Its south-west corner: longitude and latitude, degrees.
    pub(crate) corner_deg: [f64; 2],
    /// Outer rings, each followed by its holes.
    pub(crate) rings: Vec<Ring>,
}

/// A ring.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ring {
    /// Whether it is cut out of the outer ring before it.
    pub(crate) hole: bool,
    /// Longitude and latitude, degrees.
    pub(crate) corners: Vec<[f64; 2]>,
    /// Which of its edges, from the corner of the same number to the next, are coast, and not the edge of the cell.
    pub(crate) coast: Vec<bool>,
}

/// All of it; empty only in a build whose file was damaged, which a test refuses.
pub(crate) fn cells() -> Vec<Cell> {
    read(BYTES).unwrap_or_default()
}

/// Reads a file of land; `None` when it is none.
fn read(bytes: &[u8]) -> Option<Vec<Cell>> {
    let mut cursor = Cursor { bytes: bytes.strip_prefix(MAGIC)? };
    let count = cursor.number()?;
    (0..count).map(|_| cursor.cell()).collect()
}

struct Cursor<'a> {
    bytes: &'a [u8],
}

impl Cursor<'_> {
    fn number(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        for shift in (0..35).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn difference(&mut self) -> Option<i64> {
        self.number().map(|number| (number >> 1) ^ -(number & 1))
    }

    fn cell(&mut self) -> Option<Cell> {
        let corner = [self.number()? - 180, self.number()? - 90];
        let count = self.number()?;
        let rings = (0..count).map(|_| self.ring(corner)).collect::<Option<_>>()?;
        Some(Cell { corner_deg: corner.map(degrees), rings })
    }

    fn ring(&mut self, corner: [i64; 2]) -> Option<Ring> {
        let hole = self.number()? == 1;
        let count = self.number()?;
        let mut at = [0_i64; 2];
        let mut units = Vec::new();
        for _ in 0..count {
            at = [at[0] + self.difference()?, at[1] + self.difference()?];
            units.push(at);
        }
        let on_edge =
            |a: [i64; 2], b: [i64; 2]| (0..2).any(|axis| a[axis] == b[axis] && (a[axis] <= 0 || a[axis] >= SIDE));
        let coast = units.iter().zip(units.iter().cycle().skip(1)).map(|(a, b)| !on_edge(*a, *b)).collect();
        let place = |unit: &[i64; 2]| [0, 1].map(|axis| degrees(corner[axis]) + degrees(unit[axis]) / degrees(UNITS));
        Some(Ring { hole, corners: units.iter().map(place).collect(), coast })
    }
}

/// Whole numbers of at most some thousands.
#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn degrees(units: i64) -> f64 {
    units as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_land(cells: &[Cell], lon: f64, lat: f64) -> bool {
        let crosses = |ring: &Ring| {
            let edges = ring.corners.iter().zip(ring.corners.iter().cycle().skip(1));
            edges
                .filter(|(a, b)| {
                    (a[1] > lat) != (b[1] > lat) && lon < a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
                })
                .count()
        };
        let inside = |cell: &&Cell| (0..2).all(|i| (0.0..CELL_DEG).contains(&([lon, lat][i] - cell.corner_deg[i])));
        cells.iter().filter(inside).flat_map(|cell| &cell.rings).map(crosses).sum::<usize>() % 2 == 1
    }

    #[test]
    fn the_embedded_land_is_where_land_is() {
        let cells = cells();
        assert_eq!(cells.len(), 1288);
        for (name, lon, lat, land) in [
            ("Derby", -1.47, 52.92, true),
            ("the Irish Sea", -5.0, 53.8, false),
            ("the Isle of Man", -4.5, 54.22, true),
            ("Lerwick", -1.16, 60.16, true),
            ("the Channel", -1.0, 50.2, false),
            ("Paris", 2.35, 48.85, true),
            ("the Atlantic", -30.0, 45.0, false),
            ("Perth", 116.5, -31.9, true),
        ] {
            assert_eq!(is_land(&cells, lon, lat), land, "{name}");
        }
    }

    #[test]
    fn what_is_cut_short_is_refused_and_edges_of_cells_are_no_coast() {
        assert_eq!(read(b"LAND2"), None);
        assert_eq!(read(&BYTES[..BYTES.len() - 1]), None);
        let cells = read(b"LAND1\x01\xb4\x01\x5a\x01\x00\x04\x00\x00\xd0\x0f\x00\x00\xd0\x0f\xcf\x0f\x00").unwrap();
        assert_eq!(cells[0].corner_deg, [0.0, 0.0]);
        assert_eq!(cells[0].rings[0].corners[2], [0.25, 0.25]);
        assert_eq!(cells[0].rings[0].coast, [false, true, true, false]);
    }
}

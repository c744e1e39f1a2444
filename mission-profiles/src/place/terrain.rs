//! Heights of the ground: SRTM tiles (`.hgt`), one or three seconds of arc apart, and GeoTIFF. Where both are, the GeoTIFF is taken.

use std::collections::BTreeMap;

use super::geotiff;
use super::grid::Grid;
use super::position::Position;

/// Samples along a side of a tile of one second, and of three.
const SIDES: [usize; 2] = [3601, 1201];
/// A sample that the radar did not see.
const VOID: i16 = -32_768;
/// How far the ground may be from the model, metres: SRTM's 90 % error over land (Farr et al. 2007), and what grows or stands on it is not in it.
pub const TERRAIN_ERROR_M: f64 = 16.0;
/// Samples looked at for one stretch; beyond it nothing is said.
const MAX_SAMPLES: usize = 4_000_000;

/// Why a file is no tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The name says which degree it is.
    #[error("{0}: not named as SRTM tiles are (N52W001.hgt: the south-west corner)")]
    Name(String),
    /// Neither of the two sizes.
    #[error("{name}: {bytes} bytes are neither a tile of 1″ (25934402) nor of 3″ (2884802): download it again")]
    Size {
        /// The file.
        name: String,
        /// Its length.
        bytes: usize,
    },
    /// A TIFF, and none with heights that can be read.
    #[error("{name}: {what}")]
    GeoTiff {
        /// The file.
        name: String,
        /// What is wrong, and how to mend it.
        what: String,
    },
}

/// Tiles of a degree, by their south-west corners, and grids of any place.
#[derive(Debug, Clone, Default)]
pub struct Terrain {
    tiles: BTreeMap<(i16, i16), Tile>,
    grids: Vec<Grid>,
}

#[derive(Debug, Clone)]
struct Tile {
    side: usize,
    /// From the north-west corner eastwards, then southwards, metres above mean sea level (EGM96).
    heights_m: Vec<i16>,
}

impl Terrain {
    /// Adds the tile of a file, where one of the same degree is replaced, or a GeoTIFF, by its content.
    ///
    /// # Errors
    /// When name or size are none of a tile's, or the TIFF is none of heights above the sea over latitude and longitude.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), TileError> {
        if geotiff::is_tiff(bytes) {
            let wrong = |what| TileError::GeoTiff { name: name.into(), what };
            self.grids.push(geotiff::read(bytes).map_err(wrong)?);
            return Ok(());
        }
        let corner = corner(name).ok_or_else(|| TileError::Name(name.into()))?;
        let side = SIDES.into_iter().find(|side| bytes.len() == side * side * 2);
        let side = side.ok_or_else(|| TileError::Size { name: name.into(), bytes: bytes.len() })?;
        let heights_m = bytes.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
        self.tiles.insert(corner, Tile { side, heights_m });
        Ok(())
    }

    /// The height of the ground at `place`, metres above mean sea level, between the samples round it; `None` where there is no tile, or
    /// one of those samples is void.
    #[must_use]
    pub fn height_m(&self, place: Position) -> Option<f64> {
        self.grids.iter().find_map(|grid| grid.height_m(place)).or_else(|| self.height_of_tiles_m(place))
    }

    fn height_of_tiles_m(&self, place: Position) -> Option<f64> {
        let (tile, row, column) = self.locate(place)?;
        let (north, west) = (row.floor().min(tile.last() - 1.0), column.floor().min(tile.last() - 1.0));
        let (south_part, east_part) = (row - north, column - west);
        let at = |down: f64, right: f64| tile.sample(north + down, west + right);
        let top = at(0.0, 0.0)? * (1.0 - east_part) + at(0.0, 1.0)? * east_part;
        let bottom = at(1.0, 0.0)? * (1.0 - east_part) + at(1.0, 1.0)? * east_part;
        Some(top * (1.0 - south_part) + bottom * south_part)
    }

    /// The lowest and the highest ground in the box round these places, `within_m` wider; `None` where any of it is not known.
    #[must_use]
    pub fn range_m(&self, places: &[Position], within_m: f64) -> Option<(f64, f64)> {
        let lat_by = within_m / 110_574.0;
        let farthest = places.iter().map(|place| place.lat_deg.abs() + lat_by).fold(0.0, f64::max);
        let lon_by = within_m / (111_320.0 * farthest.min(89.0).to_radians().cos());
        let bounds = |value: fn(&Position) -> f64, by: f64| {
            places
                .iter()
                .map(value)
                .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value - by), high.max(value + by)))
        };
        let ((south, north), (west, east)) =
            (bounds(|place| place.lat_deg, lat_by), bounds(|place| place.lon_deg, lon_by));
        if let Some(range) = self.range_of_grids_m([north, west], [south, east]) {
            return Some(range);
        }
        let mut range = (f64::MAX, f64::MIN);
        let mut looked = 0;
        for (lat, lon) in degrees(south, north, west, east)? {
            let tile = self.tiles.get(&(lat, lon))?;
            let rows = tile.span(1.0 - (north - f64::from(lat)), 1.0 - (south - f64::from(lat)));
            let columns = tile.span(west - f64::from(lon), east - f64::from(lon));
            looked += rows.clone().count() * columns.clone().count();
            if looked > MAX_SAMPLES {
                return None;
            }
            for height_m in rows.flat_map(|row| columns.clone().map(move |column| tile.at(row, column))) {
                let height_m = height_m?;
                range = (range.0.min(height_m), range.1.max(height_m));
            }
        }
        (range.0 <= range.1).then_some(range)
    }

    /// Of the first grid that holds a box whole.
    fn range_of_grids_m(&self, [north, west]: [f64; 2], [south, east]: [f64; 2]) -> Option<(f64, f64)> {
        let corners = Position::new(north, west).zip(Position::new(south, east));
        corners.and_then(|(north_west, south_east)| {
            self.grids.iter().find_map(|grid| grid.range_m(north_west, south_east))
        })
    }

    /// The tile of `place`, and where in it: rows from the north, columns from the west.
    fn locate(&self, place: Position) -> Option<(&Tile, f64, f64)> {
        let (lat, lon) = (whole(place.lat_deg)?, whole(place.lon_deg)?);
        let tile = self.tiles.get(&(lat, lon))?;
        let row = (1.0 - (place.lat_deg - f64::from(lat))) * tile.last();
        Some((tile, row, (place.lon_deg - f64::from(lon)) * tile.last()))
    }
}

impl Tile {
    /// The last row's and column's place.
    fn last(&self) -> f64 {
        // 3600 at most.
        #[allow(clippy::cast_precision_loss)]
        let last = (self.side - 1) as f64;
        last
    }

    // Inside the tile: whole, and not below 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn sample(&self, row: f64, column: f64) -> Option<f64> {
        self.at(row as usize, column as usize)
    }

    fn at(&self, row: usize, column: usize) -> Option<f64> {
        self.heights_m.get(row * self.side + column).copied().filter(|height| *height != VOID).map(f64::from)
    }

    /// The samples that lie in a part of the side, and the next outside.
    fn span(&self, from: f64, to: f64) -> std::ops::RangeInclusive<usize> {
        // Clamped to the tile.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = |part: f64| part.clamp(0.0, self.last()) as usize;
        place((from * self.last()).floor())..=place((to * self.last()).ceil())
    }
}

/// The degrees that a box meets; `None` when it is no box of some degrees, or meets the antimeridian.
fn degrees(south: f64, north: f64, west: f64, east: f64) -> Option<Vec<(i16, i16)>> {
    let (south, north, west, east) = (whole(south)?, whole(north)?, whole(west)?, whole(east)?);
    (north - south < 8 && east - west < 8)
        .then(|| (south..=north).flat_map(|lat| (west..=east).map(move |lon| (lat, lon))).collect())
}

fn whole(degrees: f64) -> Option<i16> {
    // 180 at most.
    #[allow(clippy::cast_possible_truncation)]
    (degrees.abs() <= 180.0).then(|| degrees.floor() as i16)
}

/// The south-west corner that a name gives: `N52W001.hgt`.
fn corner(name: &str) -> Option<(i16, i16)> {
    let stem = name.rsplit(['/', '\\']).next()?.split('.').next()?.to_ascii_uppercase();
    let signed = |text: &str, plus: char, minus: char| {
        let digits = text.get(1..).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
        let number: i16 = digits.parse().ok().filter(|number| *number <= 180)?;
        text.starts_with(plus).then_some(number).or_else(|| text.starts_with(minus).then_some(-number))
    };
    let split = stem.find(['E', 'W']).filter(|at| stem.is_char_boundary(*at))?;
    let (lat, lon) = stem.split_at(split);
    Some((signed(lat, 'N', 'S')?, signed(lon, 'E', 'W')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    /// Rises a metre each sample eastwards, ten southwards.
    fn slope() -> Terrain {
        let side = SIDES[1];
        let height = |i: usize| i16::try_from((i / side) * 10 + i % side).unwrap().to_be_bytes();
        let mut terrain = Terrain::default();
        terrain.add("dem/N52W001.hgt", &(0..side * side).flat_map(height).collect::<Vec<_>>()).unwrap();
        terrain
    }

    #[test]
    fn between_the_samples_the_ground_is_even() {
        let terrain = slope();
        let near = |place: Position, height_m: f64| {
            assert!((terrain.height_m(place).unwrap() - height_m).abs() < 1e-6, "{place:?}");
        };
        near(at(52.999_999_999_999, -1.0), 0.0);
        near(at(52.5, -0.5), 6_000.0 + 600.0);
        near(at(52.5 + 0.5 / 1200.0, -0.5 + 0.5 / 1200.0), 6_595.5);
        near(at(52.0, -0.000_000_000_001), 12_000.0 + 1_200.0);
        assert_eq!(terrain.height_m(at(51.9, -0.5)), None);
    }

    #[test]
    fn a_box_has_every_sample_round_it() {
        let terrain = slope();
        let (low, high) = terrain.range_m(&[at(52.5, -0.5)], 200.0).unwrap();
        // 200 m are 2.2 samples of latitude, 3.5 of longitude.
        assert_eq!((low, high), (6_600.0 - 34.0, 6_600.0 + 34.0));
        assert_eq!(terrain.range_m(&[at(52.001, -0.5)], 500.0), None, "the next tile is not there");
    }

    #[test]
    fn voids_and_strange_files_are_said() {
        let mut bytes = vec![0; SIDES[1] * SIDES[1] * 2];
        bytes[..2].copy_from_slice(&VOID.to_be_bytes());
        let mut terrain = Terrain::default();
        terrain.add("S01E010.HGT", &bytes).unwrap();
        assert_eq!(terrain.height_m(at(-0.000_1, 10.000_1)), None);
        assert_eq!(terrain.height_m(at(-0.5, 10.5)), Some(0.0));
        for name in ["N52.hgt", "X52W001.hgt", "N52W999.hgt", "N+2W001.hgt", "é", ""] {
            assert!(matches!(terrain.add(name, &bytes), Err(TileError::Name(_))), "{name}");
        }
        assert!(matches!(terrain.add("N52W001.hgt", &bytes[2..]), Err(TileError::Size { .. })));
    }
}

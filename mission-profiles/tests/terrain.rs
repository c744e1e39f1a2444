//! Heights from GeoTIFF: the same as from a tile of the same place, or a reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::Cursor;

use mission_profiles::place::{Position, Terrain};
use proptest::prelude::*;
use tiff::encoder::colortype::{Gray32Float, GrayI16};
use tiff::encoder::{Compression, TiffEncoder};
use tiff::tags::Tag;

/// Samples along a side: a degree at three seconds of arc, both rims included.
const SIDE: usize = 1201;
const STEP_DEG: f64 = 1.0 / 1200.0;

/// A hill that falls off to all sides, and rises a little eastwards.
fn height(row: usize, column: usize) -> i16 {
    let off = row.abs_diff(600) + column.abs_diff(600);
    i16::try_from(800_usize.saturating_sub(off) + column / 10).unwrap()
}

fn heights() -> impl Iterator<Item = i16> {
    (0..SIDE * SIDE).map(|i| height(i / SIDE, i % SIDE))
}

fn tile() -> Terrain {
    let mut terrain = Terrain::default();
    terrain.add("N52W002.hgt", &heights().flat_map(i16::to_be_bytes).collect::<Vec<_>>()).unwrap();
    terrain
}

/// What a GeoTIFF says of itself.
#[derive(Clone)]
struct Georeference {
    keys: Vec<[u16; 2]>,
    scale: Vec<f64>,
    tie: Vec<f64>,
    nodata: Option<&'static str>,
}

impl Georeference {
    /// Of samples that are points: the first lies on the degree.
    fn points() -> Self {
        Self {
            keys: vec![[1024, 2], [1025, 2], [2048, 4326], [2054, 9102]],
            scale: vec![STEP_DEG, STEP_DEG, 0.0],
            tie: vec![0.0, 0.0, 0.0, -2.0, 53.0, 0.0],
            nodata: None,
        }
    }

    /// Of the same samples as cells: they begin half a step before.
    fn cells() -> Self {
        let mut cells = Self::points();
        cells.keys[1] = [1025, 1];
        (cells.tie[3], cells.tie[4]) = (-2.0 - STEP_DEG / 2.0, 53.0 + STEP_DEG / 2.0);
        cells
    }
}

macro_rules! geotiff {
    ($kind:ty, $side:expr, $samples:expr, $about:expr, $compression:expr) => {{
        let (about, mut file): (&Georeference, _) = ($about, Cursor::new(Vec::new()));
        let mut encoder = TiffEncoder::new(&mut file).unwrap().with_compression($compression);
        let side = u32::try_from($side).unwrap();
        let mut image = encoder.new_image::<$kind>(side, side).unwrap();
        let directory: Vec<u16> = [1, 1, 0, u16::try_from(about.keys.len()).unwrap()]
            .into_iter()
            .chain(about.keys.iter().flat_map(|[key, value]| [*key, 0, 1, *value]))
            .collect();
        image.encoder().write_tag(Tag::GeoKeyDirectoryTag, &directory[..]).unwrap();
        image.encoder().write_tag(Tag::ModelPixelScaleTag, &about.scale[..]).unwrap();
        image.encoder().write_tag(Tag::ModelTiepointTag, &about.tie[..]).unwrap();
        if let Some(nodata) = about.nodata {
            image.encoder().write_tag(Tag::GdalNodata, nodata).unwrap();
        }
        image.write_data(&$samples).unwrap();
        file.into_inner()
    }};
}

fn whole_degree(about: &Georeference, packed: bool) -> Vec<u8> {
    let heights: Vec<i16> = heights().collect();
    let compression = if packed { Compression::Deflate(Default::default()) } else { Compression::Uncompressed };
    geotiff!(GrayI16, SIDE, heights, about, compression)
}

/// Two by two samples: 10, 20; 30, 40.
fn small(about: &Georeference) -> Vec<u8> {
    geotiff!(Gray32Float, 2, [10.0_f32, 20.0, 30.0, 40.0], about, Compression::Uncompressed)
}

fn read(bytes: &[u8]) -> Result<Terrain, String> {
    let mut terrain = Terrain::default();
    terrain.add("dem.tif", bytes).map(|()| terrain).map_err(|error| error.to_string())
}

fn at(lat: f64, lon: f64) -> Position {
    Position::new(lat, lon).unwrap()
}

#[test]
fn a_geotiff_of_the_same_place_says_what_the_tile_says() {
    let tile = tile();
    for (about, packed) in [(Georeference::points(), true), (Georeference::cells(), false)] {
        let grid = read(&whole_degree(&about, packed)).unwrap();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        runner
            .run(&(52.001..52.999_f64, -1.999..-1.001_f64, 10.0..800.0_f64), |(lat, lon, within_m)| {
                let place = at(lat, lon);
                let (by_grid, by_tile) = (grid.height_m(place).unwrap(), tile.height_m(place).unwrap());
                prop_assert!((by_grid - by_tile).abs() < 1e-3, "{by_grid} {by_tile}");
                if let (Some(by_grid), Some(by_tile)) =
                    (grid.range_m(&[place], within_m), tile.range_m(&[place], within_m))
                {
                    prop_assert!(
                        by_grid.0 <= by_tile.0 + 1.0 && by_grid.1 >= by_tile.1 - 1.0,
                        "{by_grid:?} {by_tile:?}"
                    );
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(grid.height_m(at(51.9, -1.5)), None);
    }
}

#[test]
fn what_is_not_known_is_taken_from_the_tile() {
    let mut about = Georeference::points();
    about.nodata = Some("40");
    let mut terrain = tile();
    terrain.add("small.tiff", &small(&about)).unwrap();
    // The one of four samples that is void hides the cell; beyond the grid the tile goes on.
    let (inside, beside) = (at(53.0 - STEP_DEG / 2.0, -2.0 + STEP_DEG / 2.0), at(52.5, -1.5));
    assert_eq!(
        (terrain.height_m(inside), terrain.height_m(beside)),
        (tile().height_m(inside), tile().height_m(beside))
    );
    about.nodata = Some("-9999");
    let grid = read(&small(&about)).unwrap();
    assert!((grid.height_m(inside).unwrap() - 25.0).abs() < 1e-6);
    // Up to a step beyond the outer samples their height holds, and no farther.
    assert_eq!(grid.height_m(at(53.0 + STEP_DEG * 0.9, -2.0)), Some(10.0));
    assert_eq!(grid.height_m(at(53.0 + STEP_DEG * 1.1, -2.0)), None);
    assert_eq!(grid.range_m(&[inside], 1.0), Some((10.0, 40.0)));
    assert_eq!(grid.range_m(&[inside], 300.0), None);
}

#[test]
fn files_that_are_no_heights_here_are_refused_with_the_cure() {
    let good = Georeference::points();
    let with = |change: fn(&mut Georeference)| {
        let mut about = good.clone();
        change(&mut about);
        small(&about)
    };
    let rgb = {
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file).unwrap();
        encoder.write_image::<tiff::encoder::colortype::RGB8>(2, 2, &[0; 12]).unwrap();
        file.into_inner()
    };
    for (bytes, said) in [
        (with(|about| about.keys[0] = [1024, 1]), "not over latitude and longitude: `gdalwarp"),
        (with(|about| about.keys[2] = [2048, 4277]), "not by WGS84"),
        (with(|about| about.keys.push([4096, 4979])), "not above the sea"),
        (with(|about| about.keys.push([4099, 9002])), "not in metres"),
        (with(|about| about.keys.clear()), "not over latitude and longitude"),
        (with(|about| about.scale[0] = 25.0), "no degrees"),
        (with(|about| about.tie.extend([0.0; 6])), "several tie points"),
        (with(|about| about.nodata = Some("none")), "its \"no data\" is `none`"),
        (rgb, "does not say where it is"),
        (b"II*\0 and nothing more".to_vec(), "no TIFF that can be read"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.starts_with("dem.tif: ") && error.contains(said), "{error}");
    }
    let single = geotiff!(Gray32Float, 1, [10.0_f32], &good, Compression::Uncompressed);
    assert!(read(&single).is_err_and(|error| error.contains("1 × 1 samples; from 2 × 2 to 32000000 are read")));
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..6)) {
        let mut bytes = small(&Georeference::points());
        let at = at.index(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        let _ = read(&bytes);
    }
}

//! GeoTIFF (OGC 19-008r4) with heights of the ground: one band of whole or real numbers in metres, over latitude and longitude by WGS84.

use std::io::Cursor;

use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::grid::Grid;

/// Most samples: a degree at one second of arc has 13 million.
const MAX_SAMPLES: u64 = 32_000_000;
/// Heights beyond these are none, metres: files without a "no data" of their own mark it so.
const PLAUSIBLE_M: std::ops::RangeInclusive<f32> = -1_000.0..=9_000.0;

/// Keys of the GeoKeyDirectory (annex B), and what they must say where they are there.
const KEYS: [(u16, &[u16], &str); 5] = [
    (1024, &[2], "it is not over latitude and longitude: `gdalwarp -t_srs EPSG:4326` makes it so"),
    (2048, &[4326], "its places are not by WGS84: `gdalwarp -t_srs EPSG:4326` makes them so"),
    (2054, &[9102], "its places are not in degrees: `gdalwarp -t_srs EPSG:4326` makes them so"),
    (
        4096,
        &[3855, 5701, 5773, 5798, 32767],
        "its heights are not above the sea: heights by EGM96, EGM2008 or Newlyn are needed",
    ),
    (4099, &[9001], "its heights are not in metres"),
];
/// GTRasterTypeGeoKey, and its value for samples that are points.
const RASTER: (u16, u16) = (1025, 2);

type Reader<'b> = Decoder<Cursor<&'b [u8]>>;

/// Whether these are a TIFF's first bytes.
pub(super) fn is_tiff(bytes: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic))
}

/// Reads the first image of a file; else says what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Grid, String> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = 8 * 32_000_000;
    limits.intermediate_buffer_size = 8 * 32_000_000;
    let broken = |error: tiff::TiffError| format!("it is no TIFF that can be read: {error}");
    let mut file = Decoder::new(Cursor::new(bytes)).map_err(broken)?.with_limits(limits);
    let (columns, rows) = file.dimensions().map_err(broken)?;
    if u64::from(columns) * u64::from(rows) > MAX_SAMPLES || columns < 2 || rows < 2 {
        return Err(format!(
            "{columns} × {rows} samples; from 2 × 2 to {MAX_SAMPLES} are read: cut it with `gdalwarp -te`"
        ));
    }
    let centred = look_at_keys(&mut file)?;
    let (west_deg, north_deg, step_deg) = placed(&mut file, centred)?;
    let none = nodata(&mut file)?;
    let heights_m = samples(file.read_image().map_err(broken)?)?;
    if heights_m.len() as u64 != u64::from(columns) * u64::from(rows) {
        return Err("it has more than one band: one with heights alone is needed".into());
    }
    let known = |height_m: f32| {
        let none = none.is_some_and(|none| height_m == none) || !PLAUSIBLE_M.contains(&height_m);
        if none { f32::NAN } else { height_m }
    };
    let heights_m = heights_m.into_iter().map(known).collect();
    Ok(Grid { west_deg, north_deg, step_deg, columns: columns as usize, rows: rows as usize, heights_m })
}

/// Whether samples stand for the middle of a cell, as they do where nothing is said.
fn look_at_keys(file: &mut Reader<'_>) -> Result<bool, String> {
    let keys = values(file, Tag::GeoKeyDirectoryTag, |value| value.into_u16_vec())?;
    let keys = keys.ok_or("it does not say where it is: a GeoTIFF is needed")?;
    // A heading of four numbers; then key, where its value is, how many, value.
    let value = |wanted: u16| {
        let mut entries = keys.chunks_exact(4).skip(1);
        entries.find(|entry| entry[0] == wanted && entry[1] == 0).map(|entry| entry[3])
    };
    for (key, known, complaint) in KEYS {
        if value(key).is_some_and(|value| !known.contains(&value)) {
            return Err(complaint.into());
        }
    }
    if value(KEYS[0].0).is_none() {
        return Err(KEYS[0].2.into());
    }
    Ok(value(RASTER.0) != Some(RASTER.1))
}

/// West and north of the first sample, and the steps eastwards and southwards, degrees.
fn placed(file: &mut Reader<'_>, centred: bool) -> Result<(f64, f64, [f64; 2]), String> {
    let numbers = |file: &mut Reader<'_>, tag| values(file, tag, |value| value.into_f64_vec());
    let (scale, tie) = (numbers(file, Tag::ModelPixelScaleTag)?, numbers(file, Tag::ModelTiepointTag)?);
    let (Some(scale), Some(tie)) = (scale, tie) else {
        return Err("it has no scale and tie point: `gdalwarp -t_srs EPSG:4326` lays it north up".into());
    };
    let ([east_deg, south_deg, ..], [i, j, _, lon_deg, lat_deg, _]) = (&scale[..], &tie[..]) else {
        return Err("it has several tie points, or half a scale: `gdalwarp -t_srs EPSG:4326` lays it north up".into());
    };
    let half = if centred { 0.5 } else { 0.0 };
    let (west, north) = (lon_deg + (half - i) * east_deg, lat_deg - (half - j) * south_deg);
    let plausible = [*east_deg, *south_deg].iter().all(|step| *step > 1e-7 && *step < 1.0);
    if plausible && west.abs() <= 181.0 && north.abs() <= 91.0 {
        Ok((west, north, [*east_deg, *south_deg]))
    } else {
        Err(format!("its first sample is at {north}, {west}, its steps are {east_deg} and {south_deg}: no degrees"))
    }
}

fn nodata(file: &mut Reader<'_>) -> Result<Option<f32>, String> {
    let text = values(file, Tag::GdalNodata, |value| value.into_string())?;
    let Some(text) = text else { return Ok(None) };
    let text = text.trim_matches(['\0', ' ']);
    text.parse().map(Some).map_err(|_| format!("its \"no data\" is `{text}`: no number"))
}

fn values<T>(
    file: &mut Reader<'_>,
    tag: Tag,
    take: impl Fn(tiff::decoder::ifd::Value) -> tiff::TiffResult<T>,
) -> Result<Option<T>, String> {
    let found = file.find_tag(tag).and_then(|value| value.map(take).transpose());
    found.map_err(|error| format!("its tag {tag:?} cannot be read: {error}"))
}

fn samples(image: DecodingResult) -> Result<Vec<f32>, String> {
    // Heights of metres and centimetres have no more digits than an f32.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "heights in metres")]
    Ok(match image {
        DecodingResult::I16(heights) => heights.into_iter().map(f32::from).collect(),
        DecodingResult::U16(heights) => heights.into_iter().map(f32::from).collect(),
        DecodingResult::I32(heights) => heights.into_iter().map(|height| height as f32).collect(),
        DecodingResult::F32(heights) => heights,
        DecodingResult::F64(heights) => heights.into_iter().map(|height| height as f32).collect(),
        DecodingResult::U8(_)
        | DecodingResult::U32(_)
        | DecodingResult::U64(_)
        | DecodingResult::F16(_)
        | DecodingResult::I8(_)
        | DecodingResult::I64(_) => {
            return Err("its samples are neither Int16, UInt16, Int32, Float32 nor Float64: `gdal_translate -ot Float32` makes them so".into());
        }
    })
}

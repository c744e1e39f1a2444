//! A recorded segment read whole: its pictures in decoding order, each with the telemetry of its instant.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use flight_record::{Counted, Extent};
use footage::access_unit::Codec;
use footage::klv::{Decoded, Uas};
use footage::sei;
use footage::ts::{Demuxer, Unit};

/// Longest segment that is read: more than ten minutes of the largest pictures an aircraft records.
const MOST_BYTES: u64 = 512 << 20;
/// Most segments of a recording: four hours of two seconds each.
const MOST_SEGMENTS: usize = 8_192;
/// How much is read to find the first picture's time.
const HEAD_BYTES: u64 = 8 << 20;

/// One picture of a segment.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) time_us: u64,
    /// The time is its own (SEI) and by a clock that was locked; `None` when it has no time and its place tells it.
    pub(super) locked: Option<bool>,
    pub(super) coded: Vec<u8>,
    pub(super) klv: Option<Arc<Decoded>>,
}

/// A segment.
#[derive(Debug)]
pub(super) struct Segment {
    /// The bytes that all of it was read from.
    pub(super) bytes: Extent,
    pub(super) codec: Codec,
    pub(super) frames: Vec<Frame>,
}

impl Segment {
    /// Reads it.
    ///
    /// # Errors
    /// When it cannot be read, is too long, or holds no picture.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let octets = file.metadata()?.len();
        if octets > MOST_BYTES {
            bail!(
                "{} is {octets} bytes; a segment of at most {MOST_BYTES} is played, so cut it into parts",
                path.display()
            );
        }
        let mut units = Vec::new();
        let bytes = feed(file, octets, path, |_| false, &mut units)?;
        Self::of(bytes, units).with_context(|| {
            format!("{} holds no picture; it is no segment of a recording, or damaged", path.display())
        })
    }

    fn of(bytes: Extent, units: Vec<Unit>) -> Option<Self> {
        let (mut codec, mut pictures, mut packets) = (None, Vec::new(), BTreeMap::new());
        for unit in units {
            match unit {
                Unit::Program(program) => codec = program.codec.or(codec),
                Unit::Video(pes) => pictures.push(pes),
                Unit::Klv(pes) => {
                    if let Ok(decoded) = Uas::decode(&pes.data) {
                        packets.insert(decoded.uas.timestamp_us, Arc::new(decoded));
                    }
                }
                Unit::Discontinuity { .. } | Unit::Damaged { .. } => {}
            }
        }
        let codec = codec?;
        let frames: Vec<Frame> = pictures
            .into_iter()
            .filter_map(|pes| {
                let taken = sei::parse_access_unit(codec, &pes.data);
                // A picture without a time of its own has one on the stream's clock: it can be shown, not joined.
                let time_us =
                    taken.map(|taken| taken.time_us).or(pes.pts_90k.map(|pts| pts.saturating_mul(100) / 9))?;
                let klv = taken.and_then(|taken| packets.get(&taken.time_us).cloned());
                Some(Frame { time_us, locked: taken.map(|taken| taken.locked), coded: pes.data, klv })
            })
            .collect();
        (!frames.is_empty()).then_some(Self { bytes, codec, frames })
    }

    /// When the first and the last picture were shot, µs.
    pub(super) fn span_us(&self) -> (u64, u64) {
        let times = || self.frames.iter().map(|frame| frame.time_us);
        (times().min().unwrap_or(0), times().max().unwrap_or(0))
    }
}

/// When a segment begins, without reading all of it.
pub(super) fn begins_us(path: &Path) -> Result<u64> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut units = Vec::new();
    let bytes =
        feed(file, HEAD_BYTES, path, |units| units.iter().any(|unit| matches!(unit, Unit::Video(_))), &mut units)?;
    Segment::of(bytes, units)
        .map(|segment| segment.span_us().0)
        .with_context(|| format!("{} holds no picture; it is no segment of a recording, or damaged", path.display()))
}

/// Reads units until there are enough; the bytes that they were read from.
fn feed(file: File, most: u64, path: &Path, enough: impl Fn(&[Unit]) -> bool, units: &mut Vec<Unit>) -> Result<Extent> {
    let (mut demuxer, mut counted, mut buffer) = (Demuxer::new(), Counted::default(), vec![0; 256 << 10]);
    let mut file = file.take(most);
    loop {
        let read = file.read(&mut buffer).with_context(|| format!("{} cannot be read", path.display()))?;
        if read == 0 {
            demuxer.finish(units);
            return Ok(counted.extent());
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        counted.update(bytes);
        demuxer.feed(bytes, units);
        if enough(units) {
            return Ok(counted.extent());
        }
    }
}

/// A segment's file without its ending.
pub(super) fn name(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The segments at a place: the file itself, or the `.ts` of a folder in the order of their names.
///
/// # Errors
/// When there are none, or too many.
pub(super) fn list(place: &Path) -> Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let entries = std::fs::read_dir(place).with_context(|| format!("{} cannot be opened", place.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "ts"))
        .take(MOST_SEGMENTS + 1)
        .collect();
    if paths.is_empty() {
        bail!("{} holds no segments (.ts); choose the folder of a stream that was opened", place.display());
    }
    if paths.len() > MOST_SEGMENTS {
        bail!("{} holds more than {MOST_SEGMENTS} segments; choose the folder of one flight", place.display());
    }
    paths.sort();
    Ok(paths)
}

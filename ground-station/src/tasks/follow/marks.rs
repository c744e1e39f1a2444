//! Markers and notices of this station: a file a flight, a JSON object a line, durable before it is said.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flight_record::FlightId;
use serde::{Deserialize, Serialize};

use super::Moment;
use crate::state::seal::Mark;

/// Longest note, bytes, and longest file read.
const MAX_NOTE_BYTES: usize = 500;
const MAX_FILE_BYTES: u64 = 2 << 20;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Line {
    Marker { at_utc_us: i64, note: String },
    Notice { at_utc_us: i64 },
}

fn path(dir: &Path, flight: FlightId) -> PathBuf {
    dir.join(format!("{flight}.marks.jsonl"))
}

/// Appends it, durably.
///
/// # Errors
/// Names the file.
pub(super) fn keep(dir: &Path, moment: &Moment) -> Result<()> {
    let at_utc_us = moment.at_utc_us;
    let line = match &moment.mark {
        Mark::Marker(note) => {
            ensure!(note.len() <= MAX_NOTE_BYTES, "the note is longer than {MAX_NOTE_BYTES} bytes; shorten it");
            Line::Marker { at_utc_us, note: note.clone() }
        }
        Mark::Notice => Line::Notice { at_utc_us },
    };
    let path = path(dir, moment.flight);
    let name = || format!("{} cannot be written; the mark is not kept", path.display());
    fs::create_dir_all(dir).with_context(name)?;
    let new = !path.exists();
    let mut file = OpenOptions::new().create(true).append(true).open(&path).with_context(name)?;
    let mut text = serde_json::to_string(&line)?;
    // What a power cut tore stays a line of its own.
    if !new && !ends_a_line(&path) {
        text.insert(0, '\n');
    }
    text.push('\n');
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).with_context(name)?;
    if new {
        File::open(dir).and_then(|dir| dir.sync_all()).with_context(name)?;
    }
    Ok(())
}

fn ends_a_line(path: &Path) -> bool {
    use std::io::{Seek as _, SeekFrom};
    let last = || -> std::io::Result<u8> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    last().map_or(true, |byte| byte == b'\n')
}

/// Those of a flight; lines that are none are left out.
///
/// # Errors
/// Names the file.
pub(super) fn read(dir: &Path, flight: FlightId) -> Result<Vec<Moment>> {
    let path = path(dir, flight);
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let mut text = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut text).with_context(|| format!("{} cannot be read", path.display()))?;
    let moment = |line: &[u8]| {
        let (at_utc_us, mark) = match serde_json::from_slice(line).ok()? {
            Line::Marker { at_utc_us, note } => (at_utc_us, Mark::Marker(note)),
            Line::Notice { at_utc_us } => (at_utc_us, Mark::Notice),
        };
        Some(Moment { flight, at_utc_us, mark })
    };
    Ok(text.split(|byte| *byte == b'\n').filter_map(moment).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_and_a_torn_line_costs_nothing_else() {
        let temp = tempfile::tempdir().unwrap();
        let flight = FlightId::new(0, [1; 10]);
        let marker = Moment { flight, at_utc_us: 5, mark: Mark::Marker("blue van,\nturning".to_owned()) };
        let notice = Moment { flight, at_utc_us: 7, mark: Mark::Notice };
        assert_eq!(read(temp.path(), flight).unwrap(), []);
        keep(temp.path(), &marker).unwrap();
        let mut file = OpenOptions::new().append(true).open(path(temp.path(), flight)).unwrap();
        file.write_all(br#"{"kind":"not"#).unwrap();
        keep(temp.path(), &notice).unwrap();
        assert_eq!(read(temp.path(), flight).unwrap(), [marker.clone(), notice]);
        let long = Moment { mark: Mark::Marker("x".repeat(501)), ..marker };
        assert!(keep(temp.path(), &long).unwrap_err().to_string().contains("shorten"));
    }
}

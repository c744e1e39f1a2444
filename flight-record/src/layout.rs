//! Where things lie in a flight's folder. Every name follows from the record that lists it, so that no record can point
//! outside the folder.

use crate::digest::Sha256;
use crate::names::StreamName;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// The log: one signed record a line.
pub const RECORDS: &str = "records.jsonl";
/// The tree heads: `{"note":"…"}` a line.
pub const CHECKPOINTS: &str = "checkpoints.jsonl";
/// A document being written, before its digest names it.
pub(crate) const UNFINISHED_DOCUMENT: &str = "documents/unfinished";
/// The folder of torn bytes.
pub(crate) const TORN: &str = "torn";
/// Highest index of a segment, telemetry file or still: six digits.
pub const MAX_INDEX: u32 = 999_999;

/// Longest sealed file, in bytes: more than a minute of footage ever takes.
pub const MAX_FILE_BYTES: u64 = 1 << 34;

/// The format of a still picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StillFormat {
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
}

/// A sealed file of a flight, by what it is; its path follows. Indices run from 1 to [`MAX_INDEX`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SealedName {
    /// `segments/<stream>/000001.ts.age`
    Segment(StreamName, u32),
    /// `telemetry/000001.tlog.age`
    Telemetry(u32),
    /// `stills/000001.jpg.age`
    Still(u32, StillFormat),
    /// `documents/<sealed sha256>.age`
    Document(Sha256),
}

impl fmt::Display for SealedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(stream, index) => write!(f, "segments/{stream}/{index:06}.ts.age"),
            Self::Telemetry(index) => write!(f, "telemetry/{index:06}.tlog.age"),
            Self::Still(index, StillFormat::Jpg) => write!(f, "stills/{index:06}.jpg.age"),
            Self::Still(index, StillFormat::Png) => write!(f, "stills/{index:06}.png.age"),
            Self::Document(sealed) => write!(f, "documents/{sealed}.age"),
        }
    }
}

impl From<SealedName> for String {
    fn from(name: SealedName) -> Self {
        name.to_string()
    }
}

/// A path that names no sealed file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not the path of a sealed file of a flight")]
pub struct NotSealed;

impl TryFrom<String> for SealedName {
    type Error = NotSealed;

    fn try_from(path: String) -> Result<Self, NotSealed> {
        path.parse()
    }
}

impl std::str::FromStr for SealedName {
    type Err = NotSealed;

    fn from_str(path: &str) -> Result<Self, NotSealed> {
        let name = Self::read(path).ok_or(NotSealed)?;
        if name.index_in_range() && name.to_string() == path { Ok(name) } else { Err(NotSealed) }
    }
}

impl SealedName {
    fn read(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["segments", stream, file] => {
                Some(Self::Segment(stream.parse().ok()?, file.strip_suffix(".ts.age")?.parse().ok()?))
            }
            ["telemetry", file] => Some(Self::Telemetry(file.strip_suffix(".tlog.age")?.parse().ok()?)),
            ["stills", file] => {
                let (index, format) = file.strip_suffix(".age")?.split_once('.')?;
                let format = match format {
                    "jpg" => StillFormat::Jpg,
                    "png" => StillFormat::Png,
                    _ => return None,
                };
                Some(Self::Still(index.parse().ok()?, format))
            }
            ["documents", file] => Some(Self::Document(file.strip_suffix(".age")?.parse().ok()?)),
            _ => None,
        }
    }

    /// Whether the index fits its six digits; documents have none.
    pub fn index_in_range(&self) -> bool {
        match self {
            Self::Segment(_, index) | Self::Telemetry(index) | Self::Still(index, _) => (1..=MAX_INDEX).contains(index),
            Self::Document(_) => true,
        }
    }

    /// The file of the same series with another index; a document has no series.
    pub(crate) fn with_index(&self, index: u32) -> Self {
        match self {
            Self::Segment(stream, _) => Self::Segment(stream.clone(), index),
            Self::Telemetry(_) => Self::Telemetry(index),
            Self::Still(_, format) => Self::Still(index, *format),
            Self::Document(_) => self.clone(),
        }
    }

    /// The path inside the flight's folder.
    pub fn under(&self, flight_dir: &Path) -> PathBuf {
        flight_dir.join(self.to_string())
    }
}

/// The path of torn bytes that the recovery at record `seq` kept: `torn/<what>-<seq>`.
pub fn torn_path(what: TornFrom, seq: u64) -> String {
    match what {
        TornFrom::Records => format!("torn/records-{seq}"),
        TornFrom::Checkpoints => format!("torn/checkpoints-{seq}"),
        TornFrom::Document => format!("torn/document-{seq}"),
    }
}

/// What torn bytes were the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TornFrom {
    /// The last line of `records.jsonl`.
    Records,
    /// The last line of `checkpoints.jsonl`.
    Checkpoints,
    /// A document whose digest had not named it yet.
    Document,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back_and_nothing_else_does() {
        let digest = Sha256::of(b"x");
        for name in [
            SealedName::Segment("eo".parse().unwrap(), 1),
            SealedName::Telemetry(MAX_INDEX),
            SealedName::Still(7, StillFormat::Png),
            SealedName::Document(digest),
        ] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for bad in [
            "segments/eo/1.ts.age",
            "segments/eo/000000.ts.age",
            "segments/eo/+00001.ts.age",
            "segments/eo/1000000.ts.age",
            "segments/../000001.ts.age",
            "/segments/eo/000001.ts.age",
            "segments//000001.ts.age",
            "segments/eo/../../x.ts.age",
            "telemetry/000001.tlog",
            "stills/000001.gif.age",
            "documents/ab.age",
            "",
        ] {
            assert_eq!(bad.parse::<SealedName>(), Err(NotSealed), "{bad}");
        }
    }
}

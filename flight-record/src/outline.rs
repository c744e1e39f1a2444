//! What a log says it holds, before anybody has checked it: enough to plan a handover, never enough to judge one.

use crate::keys::KeyId;
use crate::layout::torn_path;
use crate::log::chain::claimed;
use crate::log::lines::{Line, Lines};
use crate::names::FlightId;
use crate::record::{Kind, MAX_RECORDS, Record};
use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// A log in outline. Nothing in it is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The flight, as the first readable record says.
    pub flight: Option<FlightId>,
    /// Key id of the device, as the first readable record says.
    pub device: Option<KeyId>,
    /// Time of the first readable record, POSIX µs.
    pub opened_utc_us: Option<i64>,
    /// Time of the last readable record, POSIX µs.
    pub last_utc_us: Option<i64>,
    /// Lines of the log.
    pub records: u64,
    /// Lines that are no record, and bytes behind the last newline: 1 for those.
    pub unreadable: u64,
    /// Whether the last line is `close`.
    pub closed: bool,
    /// Files that records name, with the length the last of them gives.
    pub files: BTreeMap<String, u64>,
}

impl Outline {
    /// Reads `records.jsonl`; at most [`MAX_RECORDS`] lines of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(input: impl BufRead) -> io::Result<Self> {
        let mut outline = Self::default();
        let mut lines = Lines::new(input);
        while outline.records < MAX_RECORDS {
            let Some(line) = lines.next()? else {
                break;
            };
            let record = match &line {
                Line::Whole(bytes) => claimed(bytes),
                Line::Torn(_) | Line::TooLong => None,
            };
            outline.records += u64::from(!matches!(line, Line::Torn(_)));
            match record {
                Some(record) => outline.take(&record),
                None => outline.unreadable += 1,
            }
        }
        Ok(outline)
    }

    fn take(&mut self, record: &Record) {
        self.flight.get_or_insert(record.flight_id);
        self.device.get_or_insert(record.device_id);
        self.opened_utc_us.get_or_insert(record.utc_us);
        self.last_utc_us = Some(record.utc_us);
        self.closed = matches!(record.kind, Kind::Close(_));
        for (file, bytes) in named(record) {
            self.files.insert(file, bytes);
        }
    }
}

/// The files a record names, with their lengths as far as it goes.
fn named(record: &Record) -> Vec<(String, u64)> {
    let sealed = record.kind.sealed_files().into_iter().map(|(name, extent)| (name.to_string(), extent.bytes));
    let mut files: Vec<_> = sealed.collect();
    match &record.kind {
        Kind::Prefix(prefix) => files.push((prefix.file.to_string(), prefix.sealed.bytes)),
        Kind::Recovered(recovered) => {
            files.extend(recovered.torn.iter().map(|torn| (torn_path(torn.from, record.seq), torn.extent.bytes)));
        }
        _ => {}
    }
    files
}

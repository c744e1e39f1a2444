//! The device log, opened as soon as the disk lets it: without it the aircraft flies and records, and erases nothing.

use std::path::PathBuf;

use anyhow::{Context, Result};
use flight_record::Stamp;
use flight_record::device_log::{DeviceLog, LogFacts};
use flight_record::keys::DeviceKey;

/// A device log that cannot be opened is tried again after this long.
const RETRY_NS: u64 = 5_000_000_000;

/// What opens the log.
pub struct Opening {
    /// Its folder.
    pub dir: PathBuf,
    /// Signs it.
    pub device: DeviceKey,
    /// The folder of the evolving keys.
    pub key_dir: PathBuf,
    /// What a new log says of its device.
    pub facts: LogFacts,
}

/// The device log, when it can be had.
pub enum Journal {
    /// It is open.
    Open(Box<DeviceLog>),
    /// It could not be opened yet.
    Waiting {
        /// What opens it.
        opening: Box<Opening>,
        /// When it was last tried, by CLOCK_MONOTONIC.
        tried_ns: Option<u64>,
        /// Why that failed.
        why: String,
    },
}

impl Journal {
    /// A log that is opened at the first entry.
    #[must_use]
    pub fn new(opening: Opening) -> Self {
        Self::Waiting { opening: Box::new(opening), tried_ns: None, why: String::new() }
    }

    /// The log; one that could not be opened is tried again now and then.
    ///
    /// # Errors
    /// When it cannot be opened, such as on a disk that takes nothing, or because it is damaged: file, line and cure.
    pub fn log(&mut self, at: Stamp) -> Result<&mut DeviceLog> {
        if let Self::Waiting { opening, tried_ns, why } = self {
            if tried_ns.is_some_and(|tried_ns| at.mono_ns.saturating_sub(tried_ns) < RETRY_NS) {
                anyhow::bail!("{why}");
            }
            let Opening { dir, device, key_dir, facts } = &**opening;
            let opened = DeviceLog::open(dir, device, key_dir, facts.clone(), at)
                .with_context(|| format!("device log {}", dir.display()));
            match opened {
                Ok(log) => *self = Self::Open(Box::new(log)),
                Err(error) => {
                    *tried_ns = Some(at.mono_ns);
                    *why = format!("{error:#}");
                    return Err(error);
                }
            }
        }
        match self {
            Self::Open(log) => Ok(log),
            Self::Waiting { why, .. } => anyhow::bail!("{why}"),
        }
    }
}

impl From<DeviceLog> for Journal {
    fn from(log: DeviceLog) -> Self {
        Self::Open(Box::new(log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::record::Software;
    use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
    use flight_record::{ClockSource, Sha256};
    use std::fs;

    fn at(mono_ns: u64) -> Stamp {
        Stamp { mono_ns, utc_us: 1_777_636_800_000_000, source: ClockSource::None, uncertainty_us: 0 }
    }

    #[test]
    fn a_log_that_cannot_be_opened_is_tried_again_and_names_file_and_line() {
        let temp = tempfile::tempdir().unwrap();
        let device = DeviceKey::from_seed([1; 32]);
        let request = EnrolmentRequest::write(&device, "aircraft".parse().unwrap(), 0);
        let request = EnrolmentRequest::read(&request).unwrap();
        let root = DeviceKey::from_seed([2; 32]);
        let trust = TrustList::first("Unit".parse().unwrap(), root.public(), at(0).utc_us)
            .with_key(&request, Grant::device(Class::Simulated), Validity { from_utc_us: at(0).utc_us, days: 9 })
            .unwrap();
        let facts = LogFacts {
            certificate: trust.certificate(device.public().id()).unwrap(),
            software: Software {
                name: "agent".parse().unwrap(),
                version: "1".parse().unwrap(),
                sha256: Sha256::of(b"agent"),
            },
            boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        let dir = temp.path().join("device-log");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("records.jsonl"), "{}\n").unwrap();
        let mut journal = Journal::new(Opening { dir: dir.clone(), device, key_dir: temp.path().join("keys"), facts });
        let words = format!("{:#}", journal.log(at(0)).err().unwrap());
        assert!(words.contains("records.jsonl, line 1"), "{words}");
        fs::remove_file(dir.join("records.jsonl")).unwrap();
        assert!(journal.log(at(1)).is_err(), "not at once");
        assert!(journal.log(at(RETRY_NS)).is_ok());
    }
}

//! Logs of flights as the autopilot keeps them: PX4's ULog, ArduPilot's DataFlash; made while armed, bounded, downloaded by `server`.

mod dataflash;
pub mod server;
mod ulog;

use super::personality::Personality;

/// Most bytes of one log; what comes later is left out.
const LOG_BYTES_MAX: usize = 2 << 20;
/// Most logs; the oldest makes room.
const LOGS_MAX: usize = 16;
/// Time between two samples.
const SAMPLE_EVERY_NS: u64 = 100_000_000;

/// What one sample holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Boot time, µs.
    pub boot_us: u64,
    /// Degrees.
    pub lat_deg: f64,
    /// Degrees.
    pub lon_deg: f64,
    /// Above mean sea level, m.
    pub alt_msl_m: f32,
    /// Above home, m.
    pub height_m: f32,
    /// Roll, pitch, yaw, rad.
    pub attitude_rad: [f32; 3],
}

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Number: from 0 for PX4, from 1 for ArduPilot.
    pub id: u16,
    /// When it was begun, seconds since 1970.
    pub utc_s: u32,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// All logs of a vehicle.
#[derive(Clone, Debug)]
pub struct Logs {
    personality: Personality,
    kept: Vec<Log>,
    open: bool,
    next_id: u16,
    due_ns: u64,
}

impl Logs {
    /// No logs yet.
    #[must_use]
    pub fn new(personality: Personality) -> Self {
        let next_id = if personality == Personality::Px4 { 0 } else { 1 };
        Self { personality, kept: Vec::new(), open: false, next_id, due_ns: 0 }
    }

    /// All logs, the one being written too.
    #[must_use]
    pub fn all(&self) -> &[Log] {
        &self.kept
    }

    /// Begins the log of a flight.
    pub fn begin(&mut self, boot_ns: u64, utc_us: u64) {
        if self.kept.len() == LOGS_MAX {
            self.kept.remove(0);
        }
        let bytes = match self.personality {
            Personality::Px4 => ulog::beginning(boot_ns / 1000),
            Personality::Ardupilot => dataflash::beginning(),
        };
        let utc_s = u32::try_from(utc_us / 1_000_000).unwrap_or(u32::MAX);
        self.kept.push(Log { id: self.next_id, utc_s, bytes });
        self.next_id = self.next_id.wrapping_add(1);
        (self.open, self.due_ns) = (true, 0);
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.open = false;
    }

    /// Whether a sample is due at `now_ns`.
    pub fn due(&mut self, now_ns: u64) -> bool {
        let due = self.open && now_ns >= self.due_ns;
        if due {
            self.due_ns = now_ns + SAMPLE_EVERY_NS;
        }
        due
    }

    /// Adds a sample to the open log.
    pub fn sample(&mut self, sample: &Sample) {
        let personality = self.personality;
        self.append(|bytes| match personality {
            Personality::Px4 => ulog::sample(bytes, sample),
            Personality::Ardupilot => dataflash::sample(bytes, sample),
        });
    }

    /// Adds a text to the open log.
    pub fn text(&mut self, boot_us: u64, severity: u8, text: &str) {
        let personality = self.personality;
        self.append(|bytes| match personality {
            Personality::Px4 => ulog::text(bytes, boot_us, severity, text),
            Personality::Ardupilot => dataflash::text(bytes, boot_us, text),
        });
    }

    /// Removes all; one that is open is begun by the next flight again.
    pub fn erase(&mut self) {
        self.kept.clear();
        self.open = false;
    }

    /// Where a log lies in the vehicle's files.
    #[must_use]
    pub fn path(&self, log: &Log) -> String {
        match self.personality {
            Personality::Px4 => format!("/fs/microsd/log/log_{}.ulg", log.id),
            Personality::Ardupilot => format!("/APM/LOGS/{:08}.BIN", log.id),
        }
    }

    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(log) = self.kept.last_mut().filter(|log| self.open && log.bytes.len() < LOG_BYTES_MAX) {
            write(&mut log.bytes);
        }
    }
}

//! Free space, and when it is too little.

use std::path::Path;

/// What a volume has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes an ordinary user may still write.
    pub free_bytes: u64,
    /// Size of the volume in bytes.
    pub total_bytes: u64,
    /// It takes nothing: mounted so, or by the system after the disk failed.
    pub read_only: bool,
}

impl Space {
    /// How full the volume is, 0–100 %.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people; 52 bits are plenty")]
    pub fn used_percent(self) -> f64 {
        if self.total_bytes == 0 {
            return 100.0;
        }
        100.0 * (1.0 - self.free_bytes as f64 / self.total_bytes as f64)
    }
}

/// Asks the file system that holds `dir`.
///
/// # Errors
/// What the system says, for a folder that does not exist.
pub fn space(dir: &Path) -> std::io::Result<Space> {
    let stat = rustix::fs::statvfs(dir)?;
    Ok(Space {
        free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
        total_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
        read_only: stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}

/// Judges free space against the reserve, with a margin so that it does not flap.
#[derive(Debug, Clone, Copy)]
pub struct Reserve {
    reserve_bytes: u64,
    low: bool,
}

/// A change worth acting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Free space fell below the reserve.
    Low,
    /// Free space is a quarter above the reserve again.
    Free,
}

impl Reserve {
    /// `reserve_bytes` stay free.
    #[must_use]
    pub fn new(reserve_bytes: u64) -> Self {
        Self { reserve_bytes, low: false }
    }

    /// Takes a reading.
    pub fn judge(&mut self, free_bytes: u64) -> Option<Change> {
        if !self.low && free_bytes < self.reserve_bytes {
            self.low = true;
            return Some(Change::Low);
        }
        if self.low && free_bytes >= self.reserve_bytes + self.reserve_bytes / 4 {
            self.low = false;
            return Some(Change::Free);
        }
        None
    }

    /// Whether even the raw telemetry must stop: under half the reserve, what is left belongs to the record.
    #[must_use]
    pub fn exhausted(&self, free_bytes: u64) -> bool {
        free_bytes < self.reserve_bytes / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_has_a_margin() {
        let mut reserve = Reserve::new(100);
        let changes: Vec<_> =
            [200, 100, 99, 99, 110, 124, 125, 99].into_iter().map(|free| reserve.judge(free)).collect();
        let (low, free) = (Some(Change::Low), Some(Change::Free));
        assert_eq!(changes, [None, None, low, None, None, None, free, low]);
        assert!(reserve.exhausted(49) && !reserve.exhausted(50));
    }

    #[test]
    fn the_volume_of_a_real_folder_has_a_size() {
        let dir = tempfile::tempdir().unwrap();
        let space = space(dir.path()).unwrap();
        assert!(space.total_bytes > 0 && (0.0..=100.0).contains(&space.used_percent()));
        assert!(super::space(&dir.path().join("absent")).is_err());
    }
}

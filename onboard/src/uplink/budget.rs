//! So many a second: a radio must not keep the aircraft busy.

const SECOND_NS: u64 = 1_000_000_000;

/// Counts what is done in a second.
pub(super) struct Budget {
    most: u32,
    left: u32,
    since_ns: u64,
}

impl Budget {
    /// At most so many a second.
    pub(super) fn new(most: u32) -> Self {
        Self { most, left: most, since_ns: 0 }
    }

    /// Whether one more may be done now.
    pub(super) fn take(&mut self, now_ns: u64) -> bool {
        if now_ns.saturating_sub(self.since_ns) >= SECOND_NS {
            (self.left, self.since_ns) = (self.most, now_ns);
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

//! The storage aboard: what is left of it, and for how long at the rate at which it fills.

use vehicle_link::camera_client::told;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use super::link::seconds;
use super::said::Said;

/// Storages of one vehicle that are looked at.
const MAX_STORAGES: usize = 4;
const FRESH_S: u64 = 30;
/// A rate is measured over at least, and at most.
const LEAST_NS: u64 = 10_000_000_000;
const MOST_NS: u64 = 120_000_000_000;
const MIB: f64 = 1_048_576.0;

/// One storage.
#[derive(Debug)]
struct Store {
    who: (Address, u8),
    said: Said<told::Storage>,
    /// MiB used, and when.
    since: Option<(f64, u64)>,
    filled_mib_s: Option<f64>,
}

/// What is left of a storage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Left {
    /// Bytes free.
    pub(crate) free_bytes: f64,
    /// Bytes of all of it; `None` unknown.
    pub(crate) total_bytes: Option<f64>,
    /// Hours until it is full, at the rate at which it fills; `None` while it does not.
    pub(crate) hours: Option<f64>,
}

/// The storages aboard.
#[derive(Debug, Default)]
pub(crate) struct Storages(Vec<Store>);

impl Storages {
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        let Some(told) = told::Storage::read(frame) else { return };
        let who = (Address::of(frame), told.id);
        let at = self.0.iter().position(|store| store.who == who).or_else(|| {
            (self.0.len() < MAX_STORAGES).then(|| {
                let said = Said::for_seconds(FRESH_S);
                self.0.push(Store { who, said, since: None, filled_mib_s: None });
                self.0.len() - 1
            })
        });
        if let Some(store) = at.and_then(|at| self.0.get_mut(at)) {
            store.measure(told.used_mib.map(f64::from), now_ns);
            store.said.say(told, now_ns);
        }
    }

    /// The ready storage that has least left.
    pub(crate) fn least(&self, now_ns: u64) -> Option<Left> {
        const READY: u8 = 2;
        let left = self.0.iter().filter_map(|store| {
            let told = store.said.get(now_ns).filter(|told| told.status == READY)?;
            let free_mib = f64::from(told.available_mib?);
            Some(Left {
                free_bytes: free_mib * MIB,
                total_bytes: told.total_mib.map(|mib| f64::from(mib) * MIB),
                hours: store.filled_mib_s.map(|rate| free_mib / rate / 3600.0),
            })
        });
        left.min_by(|a, b| a.free_bytes.total_cmp(&b.free_bytes))
    }
}

impl Store {
    fn measure(&mut self, used_mib: Option<f64>, now_ns: u64) {
        let Some(used_mib) = used_mib else { return };
        let Some((before_mib, at_ns)) = self.since.filter(|(before, _)| used_mib >= *before) else {
            // The first word, or something was erased.
            (self.since, self.filled_mib_s) = (Some((used_mib, now_ns)), None);
            return;
        };
        let span_ns = now_ns.saturating_sub(at_ns);
        if span_ns >= LEAST_NS {
            self.filled_mib_s = Some((used_mib - before_mib) / seconds(span_ns)).filter(|rate| *rate > 0.0);
        }
        if span_ns >= MOST_NS {
            self.since = Some((used_mib, now_ns));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{floats, frame};
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn says(id: u8, status: u8, used_mib: f32, free_mib: f32) -> Frame {
        let mut payload = vec![0; 4];
        payload.extend(floats(&[used_mib + free_mib, used_mib, free_mib, f32::NAN, f32::NAN]));
        payload.extend([id, 1, status]);
        frame(261, &payload)
    }

    #[test]
    fn hours_left_come_of_the_rate_at_which_it_fills() {
        let mut storages = Storages::default();
        assert_eq!(storages.least(0), None);
        for second in 0..=20_u8 {
            storages.hear(&says(1, 2, f32::from(second) * 2.0, 7_200.0), u64::from(second) * SECOND_NS);
            let hours = storages.least(u64::from(second) * SECOND_NS).unwrap().hours;
            assert_eq!(hours, (second >= 10).then_some(1.0), "{second}");
        }
        let left = storages.least(20 * SECOND_NS).unwrap();
        assert_eq!(left.free_bytes, 7_200.0 * MIB);
        storages.hear(&says(1, 2, 0.0, 9_000.0), 21 * SECOND_NS);
        assert_eq!(storages.least(21 * SECOND_NS).unwrap().hours, None, "erased");
        assert_eq!(storages.least(60 * SECOND_NS), None);
    }

    #[test]
    fn the_ready_one_with_least_is_told_and_many_are_not_kept() {
        let mut storages = Storages::default();
        for id in 0..50 {
            storages.hear(&says(id, 2, 0.0, 100.0 - f32::from(id)), 0);
        }
        assert_eq!(storages.0.len(), MAX_STORAGES);
        storages.hear(&says(3, 0, 0.0, 1.0), 0);
        assert_eq!(storages.least(0).unwrap().free_bytes, 98.0 * MIB, "an empty slot is not full");
    }
}

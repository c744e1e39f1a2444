//! What sequence numbers tell of frames that are missing, and of those that come late. Pure.

/// How far back a frame counts as late, frames; further ahead than 127 looks like it.
const WINDOW: u8 = 128;

/// What a frame tells of its sender's frames before it, on its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The newest so far; so many are missing before it.
    Newest {
        /// Frames between the newest before and this one.
        missing: u8,
    },
    /// One of those that were missing.
    Late,
    /// It has come before, or before it was counted.
    Known,
}

/// One sender's numbers on one path.
#[derive(Debug, Clone)]
pub struct Sequence {
    newest: u8,
    /// Which of the numbers before the newest have come, the nearest in the lowest bit.
    come: u128,
}

impl Sequence {
    /// Begins with a frame; what was sent before it is not missed.
    pub fn begin(number: u8) -> Self {
        Self { newest: number, come: u128::MAX }
    }

    /// A frame with this number came.
    pub fn arrived(&mut self, number: u8) -> Arrival {
        let ahead = number.wrapping_sub(self.newest);
        if (1..WINDOW).contains(&ahead) {
            self.newest = number;
            self.come = self.come << ahead | 1 << (ahead - 1);
            return Arrival::Newest { missing: ahead - 1 };
        }
        let Some(back) = self.newest.wrapping_sub(number).checked_sub(1) else {
            return Arrival::Known;
        };
        let bit = 1 << back;
        if self.come & bit != 0 {
            return Arrival::Known;
        }
        self.come |= bit;
        Arrival::Late
    }
}

/// Changes a count of lost frames by what a frame tells.
pub(super) fn count(lost: &mut u64, arrival: Arrival) {
    match arrival {
        Arrival::Newest { missing } => *lost += u64::from(missing),
        Arrival::Late => *lost = lost.saturating_sub(1),
        Arrival::Known => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn lost(numbers: &[u8]) -> u64 {
        let mut sequence = Sequence::begin(numbers[0]);
        let mut lost = 0;
        numbers[1..].iter().for_each(|number| count(&mut lost, sequence.arrived(*number)));
        lost
    }

    #[test]
    fn a_late_frame_takes_back_the_loss_it_made_once() {
        assert_eq!(lost(&[250, 251, 4]), 8, "across the wrap at 256");
        assert_eq!(lost(&[250, 251, 4, 3, 255]), 6);
        assert_eq!(lost(&[250, 251, 4, 3, 3, 251, 4]), 7, "repetitions take nothing back");
        assert_eq!(lost(&[250, 249, 251]), 0, "sent before the count began");
        assert_eq!(lost(&[0, 127, 1, 126]), 124);
        assert_eq!(lost(&[0, 128]), 0, "128 at once look like a late frame");
    }

    proptest! {
        /// Frames lost, late by at most a hundred, and copied: what is counted is what a twin that remembers all of them counts.
        #[test]
        fn counts_as_a_slow_twin_does(
            first in any::<u8>(),
            frames in prop::collection::vec((any::<bool>(), 0..100_u16, any::<bool>()), 1..900),
        ) {
            let mut arrivals: Vec<(u16, u16)> = Vec::new();
            for (at, (comes, late_by, twice)) in (0..).zip(&frames) {
                if *comes || at % 20 == 0 {
                    arrivals.push((at + late_by, at));
                }
                if *twice && (*comes || at % 20 == 0) {
                    arrivals.push((at + late_by / 2, at));
                }
            }
            arrivals.sort();
            let number = |at: u16| first.wrapping_add(at.to_le_bytes()[0]);
            let begun = arrivals[0].1;
            let (mut sequence, mut lost, mut twin) = (Sequence::begin(number(begun)), 0, BTreeSet::from([begun]));
            for (_, at) in &arrivals[1..] {
                count(&mut lost, sequence.arrived(number(*at)));
                twin.extend(Some(*at).filter(|at| *at > begun));
                let newest = twin.last().copied().unwrap_or(begun);
                prop_assert_eq!(lost, u64::from(newest - begun) + 1 - twin.len() as u64);
            }
        }
    }
}

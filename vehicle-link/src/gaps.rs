//! What of a file has not come yet. Pure, and bounded: pieces that would leave too many gaps are not taken, and asked for again.

use std::ops::Range;

/// Most gaps remembered.
const MAX_GAPS: usize = 4096;

/// Byte ranges that are missing, in order, none empty, none touching another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gaps(Vec<Range<u32>>);

impl Gaps {
    /// All of `size` bytes are missing.
    pub(crate) fn all(size: u32) -> Self {
        Self::after(0, size)
    }

    /// All of `size` bytes but the first `have` are missing.
    pub(crate) fn after(have: u32, size: u32) -> Self {
        Self(std::iter::once(have..size).filter(|rest| !rest.is_empty()).collect())
    }

    /// The first gap; `None` when nothing is missing.
    pub(crate) fn first(&self) -> Option<Range<u32>> {
        self.0.first().cloned()
    }

    /// Whether there is one gap or none.
    pub(crate) fn is_simple(&self) -> bool {
        self.0.len() <= 1
    }

    /// Bytes that are missing.
    pub(crate) fn missing(&self) -> u64 {
        self.0.iter().map(|gap| u64::from(gap.end - gap.start)).sum()
    }

    /// Takes a piece; `true` when some of it was missing and all of it counts as there now.
    pub(crate) fn fill(&mut self, piece: &Range<u32>) -> bool {
        let from = self.0.partition_point(|gap| gap.end <= piece.start);
        let to = self.0.partition_point(|gap| gap.start < piece.end);
        if piece.is_empty() || from >= to {
            return false;
        }
        let left = [self.0[from].start..piece.start, piece.end..self.0[to - 1].end];
        let left = left.into_iter().filter(|gap| gap.start < gap.end);
        if self.0.len() + left.clone().count() > MAX_GAPS.max(self.0.len()) + (to - from) {
            return false;
        }
        self.0.splice(from..to, left);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_leave_gaps_and_close_them() {
        let mut gaps = Gaps::all(100);
        assert!(gaps.fill(&(10..20)));
        assert!(!gaps.fill(&(12..18)), "nothing of it was missing");
        assert_eq!(gaps.0, [0..10, 20..100]);
        assert!(gaps.fill(&(5..30)));
        assert!(gaps.fill(&(30..200)));
        assert_eq!((gaps.first(), gaps.missing(), gaps.is_simple()), (Some(0..5), 5, true));
        assert!(gaps.fill(&(0..5)));
        assert_eq!(gaps.first(), None);
        assert_eq!(Gaps::all(0).first(), None);
    }

    #[test]
    fn gaps_are_bounded() {
        let mut gaps = Gaps::all(u32::MAX);
        let taken = (0..10_000_u32).filter(|i| gaps.fill(&(i * 10 + 1..i * 10 + 2))).count();
        assert!(taken < 10_000 && gaps.0.len() <= MAX_GAPS);
        assert!(gaps.fill(&(0..1)), "what closes a gap is still taken");
    }

    proptest! {
        #[test]
        fn is_a_set_of_bytes(pieces in prop::collection::vec((0..300_u32, 0..60_u32), 0..60)) {
            let mut gaps = Gaps::all(256);
            let mut missing = [true; 256];
            for (start, len) in pieces {
                gaps.fill(&(start..start + len));
                missing.iter_mut().skip(start as usize).take(len as usize).for_each(|byte| *byte = false);
                let held: Vec<u32> = gaps.0.iter().flat_map(Clone::clone).collect();
                let wanted: Vec<u32> = (0..256).filter(|i| missing[*i as usize]).collect();
                prop_assert_eq!(held, wanted);
                prop_assert!(gaps.0.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    }
}

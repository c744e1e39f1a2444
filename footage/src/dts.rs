//! Decoding times for pictures that come in decoding order with presentation times only.

/// Gives each access unit its DTS from the PTS seen so far and the stream's reorder depth `n`.
///
/// The DTS of the k-th access unit is the (k−n)-th smallest PTS so far, so no picture has to be waited for; the first
/// `n` are extrapolated backwards from the first PTS by the frame duration. DTS rise strictly. They never exceed the
/// PTS as long as the stream starts with the picture shown first, as at an IDR, and keeps to the depth it states;
/// [`late`](Self::late) counts the pictures where it did not (joined at an open GOP, the leading pictures, which
/// cannot be decoded anyway).
#[derive(Debug)]
pub struct Order {
    frame_duration_90k: u64,
    /// The `depth + 1` largest PTS so far, ascending: the first one is the next DTS.
    window: Vec<u64>,
    depth: usize,
    last: Option<u64>,
    late: u64,
}

/// Greatest reorder depth of the standards: sixteen frames.
const MOST_DEPTH: usize = 16;

impl Order {
    /// An order for a stream of `reorder_depth` (at most 16, what is above counts as 16); `frame_duration_90k` is the
    /// time from picture to picture in ticks of 90 kHz, a guess suffices.
    #[must_use]
    pub fn new(reorder_depth: u32, frame_duration_90k: u64) -> Self {
        let depth = usize::try_from(reorder_depth).map_or(MOST_DEPTH, |depth| depth.min(MOST_DEPTH));
        Self {
            frame_duration_90k: frame_duration_90k.max(1),
            window: Vec::with_capacity(depth + 2),
            depth,
            last: None,
            late: 0,
        }
    }

    /// DTS of the next access unit in decoding order, in the unit of `pts_90k`.
    ///
    /// Never below zero: hand in PTS that start at least `reorder_depth` frame durations above it.
    pub fn next(&mut self, pts_90k: u64) -> u64 {
        if self.window.is_empty() {
            for missing in (1..=self.depth).rev() {
                let back = u64::try_from(missing).unwrap_or(u64::MAX).saturating_mul(self.frame_duration_90k);
                self.window.push(pts_90k.saturating_sub(back));
            }
        }
        let place = self.window.partition_point(|&known| known <= pts_90k);
        self.window.insert(place, pts_90k);
        let dts = self.window.remove(0);
        let dts = self.last.map_or(dts, |last| dts.max(last + 1));
        self.last = Some(dts);
        if dts > pts_90k {
            self.late += 1;
        }
        dts
    }

    /// Pictures so far whose DTS had to exceed their PTS, because the stream reorders more than it states or repeats
    /// a presentation time. Such a stream is not legal; players show these pictures late.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_reordering_dts_is_pts() {
        let mut order = Order::new(0, 3_000);
        for pts in [90_000, 93_000, 96_500, 99_000] {
            assert_eq!(order.next(pts), pts);
        }
        assert_eq!(order.late(), 0);
    }

    #[test]
    fn b_frames_of_two_levels() {
        // I0 P4 B2 b1 b3 P8 B6 b5 b7, depth 2.
        let mut order = Order::new(2, 10);
        let dts: Vec<u64> = [0, 4, 2, 1, 3, 8, 6, 5, 7].map(|frame| order.next(100 + 10 * frame)).into();
        assert_eq!(dts, [80, 90, 100, 110, 120, 130, 140, 150, 160]);
        assert_eq!(order.late(), 0);
    }

    #[test]
    fn a_stream_deeper_than_it_says_is_counted_and_rises_all_the_same() {
        let mut order = Order::new(0, 10);
        let dts: Vec<u64> = [100, 140, 120, 110].map(|pts| order.next(pts)).into();
        assert_eq!(dts, [100, 140, 141, 142]);
        assert_eq!(order.late(), 2);
    }

    proptest! {
        /// Any order in which no picture is overtaken by more than the depth.
        #[test]
        fn rises_and_never_exceeds_pts(
            depth in 0_u32..=16,
            gaps in prop::collection::vec(1_u64..10_000, 1..200),
            delays in prop::collection::vec(0_usize..=16, 200),
        ) {
            let times: Vec<u64> = gaps.iter().scan(10_000_000, |at, gap| { *at += gap; Some(*at) }).collect();
            let mut order = Order::new(depth, 3_000);
            let mut last = None;
            for pts in in_decoding_order(&times, &delays, usize::try_from(depth).unwrap()) {
                let dts = order.next(pts);
                prop_assert!(dts <= pts);
                prop_assert!(last.is_none_or(|last| dts > last));
                last = Some(dts);
            }
            prop_assert_eq!(order.late(), 0);
        }
    }

    /// Shuffles so that at most `depth` pictures precede one in decoding order and follow it in output order, and the
    /// first one is shown first.
    fn in_decoding_order(times: &[u64], delays: &[usize], depth: usize) -> Vec<u64> {
        let mut decoded = vec![times[0]];
        let mut waiting = times[1..].to_vec();
        let mut held: Vec<u64> = Vec::new();
        for delay in delays.iter().cycle() {
            if waiting.is_empty() {
                break;
            }
            // `held` are already decoded and later than what is still to come first.
            held.retain(|&time| time > waiting[0]);
            let ahead = (*delay).min(depth - held.len()).min(waiting.len() - 1);
            let time = waiting.remove(ahead);
            held.push(time);
            decoded.push(time);
        }
        decoded
    }
}

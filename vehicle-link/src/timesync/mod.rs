//! The vehicle's clock against ours. Pure.
//!
//! TIMESYNC (111): we send `tc1 = 0, ts1 = our ns`; the vehicle answers with `tc1 = its ns` and our
//! `ts1`. The vehicle read its clock somewhere within the round trip, so each answer is an interval
//! that holds the offset, as wide as its round trip; it widens with age by [`DRIFT_PPM`], which is
//! what two crystals may differ. The estimate is the middle of what all intervals share. The
//! shortest round trips decide, and of two long ones that which was quick on the way out and that
//! which was quick on the way back do so together.

mod vehicle_time;

use std::collections::VecDeque;

pub use vehicle_time::{Source, Utc, VehicleTime};

use crate::{dialect::TIMESYNC_DATA, peers::Address};

/// Samples kept; at ten requests a second, 25 s.
pub const WINDOW: usize = 256;
/// Requests without an answer that are remembered; an answer to an older one is not believed.
pub const OUTSTANDING: usize = 16;
/// How much the two clocks may drift apart, parts per million.
pub const DRIFT_PPM: u64 = 50;

/// One answered request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Vehicle's clock minus ours, ns, had the way out taken as long as the way back.
    pub offset_ns: i64,
    /// From request to answer, ns.
    pub round_trip_ns: u64,
    /// When the answer came, by our clock, ns.
    pub at_ns: u64,
}

impl Sample {
    /// Greatest error of the offset if used at `now_ns`.
    fn uncertainty_ns(&self, now_ns: u64) -> u64 {
        self.round_trip_ns.div_ceil(2) + now_ns.saturating_sub(self.at_ns) / 1_000_000 * DRIFT_PPM
    }
}

/// The offset as best known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Vehicle's clock minus ours, ns.
    pub offset_ns: i64,
    /// Greatest error, ns, as long as neither clock was stepped.
    pub uncertainty_ns: u64,
    /// Shortest round trip in the window, ns.
    pub round_trip_ns: u64,
}

/// The filter of one vehicle.
#[derive(Debug)]
pub struct Filter {
    target: Address,
    outstanding: VecDeque<i64>,
    samples: VecDeque<Sample>,
}

impl Filter {
    /// A filter for the clock of `target`.
    pub fn new(target: Address) -> Self {
        Self { target, outstanding: VecDeque::new(), samples: VecDeque::new() }
    }

    /// The next request; send it at once. Ten a second serve well, PX4's own rate.
    pub fn request(&mut self, now_ns: u64) -> TIMESYNC_DATA {
        let ts1 = signed(now_ns);
        if self.outstanding.len() == OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(ts1);
        let Address { system, component } = self.target;
        TIMESYNC_DATA { tc1: 0, ts1, target_system: system, target_component: component }
    }

    /// Takes a TIMESYNC of the vehicle's. `None` when it is no answer to one of our requests:
    /// answers are often broadcast, so those to other stations come by as well.
    pub fn answered(&mut self, data: &TIMESYNC_DATA, now_ns: u64) -> Option<Sample> {
        if data.tc1 <= 0 {
            return None;
        }
        let place = self.outstanding.iter().position(|ts1| *ts1 == data.ts1)?;
        self.outstanding.remove(place);
        let round_trip_ns = u64::try_from(signed(now_ns).checked_sub(data.ts1)?).ok()?;
        let middle = data.ts1 + signed(round_trip_ns / 2);
        let sample = Sample { offset_ns: data.tc1.checked_sub(middle)?, round_trip_ns, at_ns: now_ns };
        if self.is_step(&sample) {
            self.samples.clear();
        }
        if self.samples.len() == WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        Some(sample)
    }

    /// Intervals that share nothing: one of the clocks was stepped, or the vehicle has restarted.
    fn is_step(&self, sample: &Sample) -> bool {
        self.estimate(sample.at_ns).is_some_and(|known| {
            let allowed_ns = known.uncertainty_ns + sample.uncertainty_ns(sample.at_ns);
            known.offset_ns.abs_diff(sample.offset_ns) > allowed_ns
        })
    }

    /// The best estimate for `now_ns`; `None` before the first answer.
    pub fn estimate(&self, now_ns: u64) -> Option<Estimate> {
        let bounds = self.samples.iter().map(|sample| {
            let uncertainty_ns = signed(sample.uncertainty_ns(now_ns));
            let least = sample.offset_ns.saturating_sub(uncertainty_ns);
            (least, sample.offset_ns.saturating_add(uncertainty_ns))
        });
        let (low, high) = bounds.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1)))?;
        Some(Estimate {
            offset_ns: low.midpoint(high),
            uncertainty_ns: high.abs_diff(low).div_ceil(2),
            round_trip_ns: self.samples.iter().map(|sample| sample.round_trip_ns).min()?,
        })
    }

    /// Forgets everything: the vehicle has restarted.
    pub fn clear(&mut self) {
        self.outstanding.clear();
        self.samples.clear();
    }
}

/// The answer to somebody's request that came from `from` for `target` (system, component), as
/// component `own`; `None` when it is an answer itself or for somebody else.
pub fn answer(request: &TIMESYNC_DATA, from: Address, own: Address, now_ns: u64) -> Option<TIMESYNC_DATA> {
    let ours = own.is_in((request.target_system, request.target_component));
    (request.tc1 == 0 && ours).then(|| TIMESYNC_DATA {
        tc1: signed(now_ns),
        ts1: request.ts1,
        target_system: from.system,
        target_component: from.component,
    })
}

/// 292 years fit.
fn signed(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;
    const VEHICLE: Address = Address { system: 1, component: 1 };

    fn exchange(filter: &mut Filter, now_ns: u64, out_ns: u64, back_ns: u64, offset_ns: i64) -> Sample {
        let request = filter.request(now_ns);
        let station = Address::new(1, 100);
        let vehicle_ns = u64::try_from(signed(now_ns + out_ns) + offset_ns).unwrap();
        let answer = answer(&request, station, VEHICLE, vehicle_ns).unwrap();
        filter.answered(&answer, now_ns + out_ns + back_ns).unwrap()
    }

    #[test]
    fn the_shortest_round_trip_decides() {
        let mut filter = Filter::new(VEHICLE);
        let offset = 5_000 * signed(MS);
        exchange(&mut filter, 1_000 * MS, 30 * MS, 2 * MS, offset);
        exchange(&mut filter, 2_000 * MS, MS, MS, offset);
        exchange(&mut filter, 3_000 * MS, 2 * MS, 60 * MS, offset);
        let estimate = filter.estimate(3_000 * MS).unwrap();
        assert_eq!((estimate.offset_ns, estimate.round_trip_ns), (offset, 2 * MS));
        assert_eq!(estimate.uncertainty_ns, MS + 998 * DRIFT_PPM);
    }

    #[test]
    fn believes_only_answers_to_its_own_requests_once() {
        let mut filter = Filter::new(VEHICLE);
        let request = filter.request(1_000 * MS);
        let answer = TIMESYNC_DATA { tc1: 77, ..request };
        let foreign = TIMESYNC_DATA { tc1: 77, ts1: 5, ..request };
        assert_eq!(filter.answered(&foreign, 1_001 * MS), None);
        assert_eq!(filter.answered(&request, 1_001 * MS), None, "a request is no answer");
        assert!(filter.answered(&answer, 1_001 * MS).is_some());
        assert_eq!(filter.answered(&answer, 1_002 * MS), None, "a copy");
    }

    #[test]
    fn a_stepped_clock_is_followed_at_once() {
        let mut filter = Filter::new(VEHICLE);
        exchange(&mut filter, 10_000 * MS, MS, MS, 0);
        exchange(&mut filter, 11_000 * MS, 9 * MS, MS, -8_000 * signed(MS));
        assert_eq!(filter.estimate(11_000 * MS).unwrap().round_trip_ns, 10 * MS);
    }

    #[test]
    fn answers_requests_for_it_or_for_all() {
        let request = |s, c| TIMESYNC_DATA { tc1: 0, ts1: 9, target_system: s, target_component: c };
        let (own, from) = (Address::new(1, 100), Address::new(255, 190));
        let reply = answer(&request(0, 0), from, own, 42).unwrap();
        assert_eq!((reply.tc1, reply.ts1), (42, 9));
        assert_eq!((reply.target_system, reply.target_component), (255, 190));
        assert!(answer(&request(1, 100), from, own, 42).is_some());
        assert!(answer(&request(1, 1), from, own, 42).is_none());
        assert!(answer(&TIMESYNC_DATA { tc1: 3, ..request(0, 0) }, from, own, 42).is_none());
    }

    #[test]
    fn quick_ways_out_and_back_add_up() {
        let mut filter = Filter::new(VEHICLE);
        exchange(&mut filter, 1_000 * MS, MS, 60 * MS, 0);
        exchange(&mut filter, 2_000 * MS, 60 * MS, MS, 0);
        let estimate = filter.estimate(2_061 * MS).unwrap();
        assert!(estimate.uncertainty_ns < 2 * MS, "{estimate:?}");
    }

    /// 20 ms of jitter each way, 25 s of requests: the error stays below 1 ms.
    #[test]
    fn jitter_of_20_ms_leaves_less_than_1_ms() {
        let mut state = 7_u64;
        let mut jitter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % (20 * MS)
        };
        let mut errors: Vec<u64> = (0..500)
            .map(|_| {
                let mut filter = Filter::new(VEHICLE);
                for request in 0..250 {
                    exchange(&mut filter, request * 100 * MS, jitter(), jitter(), 0);
                }
                filter.estimate(25_000 * MS).unwrap().offset_ns.unsigned_abs()
            })
            .collect();
        errors.sort_unstable();
        assert!(errors[250] < MS / 5 && errors[495] < MS, "{} {}", errors[250], errors[495]);
    }

    proptest! {
        /// Whatever the delays, the truth lies within the stated uncertainty.
        #[test]
        fn the_truth_lies_within_the_uncertainty(
            offset in -1_000_000_000_i64..1_000_000_000_000,
            delays in prop::collection::vec((0..20 * MS, 0..20 * MS), 1..100),
        ) {
            let mut filter = Filter::new(VEHICLE);
            let mut now_ns = 10_000 * MS;
            for (out, back) in delays {
                exchange(&mut filter, now_ns, out + MS / 2, back + MS / 2, offset);
                now_ns += 1_000 * MS;
                let estimate = filter.estimate(now_ns).unwrap();
                prop_assert!(estimate.offset_ns.abs_diff(offset) <= estimate.uncertainty_ns);
            }
        }
    }
}

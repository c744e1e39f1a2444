//! The battery.

use vehicle_link::frames::Frame;

use super::link::seconds;
use super::said::Said;

const SYS_STATUS: u32 = 1;
const BATTERY_STATUS: u32 = 147;
const FRESH_S: u64 = 5;
/// What a rate is measured over: as long as is held, and no less.
const RATE_SAMPLES: usize = 13;
const RATE_EVERY_NS: u64 = 10_000_000_000;
const RATE_LEAST_NS: u64 = 30_000_000_000;

/// One battery as it says itself; `None` unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Battery {
    /// Of what it holds.
    pub(crate) percent: Option<f64>,
    /// Of all cells.
    pub(crate) voltage_v: Option<f64>,
    /// Out of it.
    pub(crate) current_a: Option<f64>,
    /// Until it is empty, by its own reckoning.
    pub(crate) left_s: Option<f64>,
    /// Used since it was put in.
    pub(crate) used_mah: Option<f64>,
}

/// What the vehicle says of its batteries; with several, of the one that has least.
#[derive(Debug)]
pub(crate) struct Power {
    summary: Said<Battery>,
    batteries: [Said<Battery>; 4],
    /// Percent at times ten seconds apart, oldest first.
    fell: Vec<(f64, u64)>,
}

impl Default for Power {
    fn default() -> Self {
        Self {
            summary: Said::for_seconds(FRESH_S),
            batteries: std::array::from_fn(|_| Said::for_seconds(FRESH_S)),
            fell: Vec::new(),
        }
    }
}

impl Power {
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        let payload = frame.payload();
        match frame.message_id() {
            SYS_STATUS => {
                let battery = Battery {
                    percent: percent(payload.u8(30)),
                    voltage_v: Some(payload.u16(14))
                        .filter(|mv| !matches!(*mv, 0 | u16::MAX))
                        .map(|mv| f64::from(mv) / 1e3),
                    current_a: hundredths(payload.u16(16)),
                    ..Battery::default()
                };
                self.summary.say(battery, now_ns);
            }
            BATTERY_STATUS => {
                if let Some(said) = self.batteries.get_mut(usize::from(payload.u8(32))) {
                    said.say(read(frame), now_ns);
                }
            }
            _ => return,
        }
        self.note(now_ns);
    }

    fn note(&mut self, now_ns: u64) {
        let Some(percent) = self.now(now_ns).and_then(|battery| battery.percent) else { return };
        // Charged or changed: the rate of the one before says nothing.
        if self.fell.last().is_some_and(|(before, _)| percent > before + 2.0) {
            self.fell.clear();
        }
        if self.fell.last().is_none_or(|(_, at_ns)| now_ns.saturating_sub(*at_ns) >= RATE_EVERY_NS) {
            if self.fell.len() >= RATE_SAMPLES {
                self.fell.remove(0);
            }
            self.fell.push((percent, now_ns));
        }
    }

    /// The battery that has least, with what is said of the whole where it does not say it.
    pub(crate) fn now(&self, now_ns: u64) -> Option<Battery> {
        let least = |battery: &Battery| battery.percent.unwrap_or(f64::INFINITY);
        let own = self.batteries.iter().filter_map(|said| said.now(now_ns));
        let own = own.min_by(|a, b| least(a).total_cmp(&least(b)));
        match (own, self.summary.now(now_ns)) {
            (Some(own), Some(whole)) => Some(Battery {
                percent: own.percent.or(whole.percent),
                voltage_v: own.voltage_v.or(whole.voltage_v),
                current_a: own.current_a.or(whole.current_a),
                ..own
            }),
            (own, whole) => own.or(whole),
        }
    }

    /// How fast it falls, percent a second, measured over up to two minutes; unknown before half a minute.
    pub(crate) fn falls_percent_s(&self, now_ns: u64) -> Option<f64> {
        let percent = self.now(now_ns)?.percent?;
        let (before, at_ns) = *self.fell.first()?;
        let span_ns = now_ns.saturating_sub(at_ns);
        (span_ns >= RATE_LEAST_NS && percent < before).then(|| (before - percent) / seconds(span_ns))
    }
}

fn percent(byte: u8) -> Option<f64> {
    (byte <= 100).then(|| f64::from(byte))
}

/// cA; −1 is unknown.
fn hundredths(bits: u16) -> Option<f64> {
    let value = bits.cast_signed();
    (value >= 0).then(|| f64::from(value) / 100.0)
}

fn read(frame: &Frame) -> Battery {
    let payload = frame.payload();
    let cells: Vec<u16> = (0..10).map(|cell| payload.u16(10 + 2 * cell)).filter(|mv| *mv != u16::MAX).collect();
    // The extension's cells are 0 where there are none.
    let more = (0..4).map(|cell| payload.u16(41 + 2 * cell)).filter(|mv| !matches!(*mv, 0 | u16::MAX));
    let sum_mv: u32 = cells.into_iter().chain(more).map(u32::from).sum();
    let (used_mah, left_s) = (payload.i32(0), payload.i32(36));
    Battery {
        percent: percent(payload.u8(35)),
        voltage_v: (sum_mv > 0).then(|| f64::from(sum_mv) / 1e3),
        current_a: hundredths(payload.u16(30)),
        left_s: (left_s > 0).then(|| f64::from(left_s)),
        used_mah: (used_mah >= 0).then(|| f64::from(used_mah)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame;
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn status(id: u8, percent: u8) -> Frame {
        let mut payload = [0; 41];
        payload[10..30].fill(0xFF);
        for cell in 0..6 {
            payload[10 + 2 * cell..12 + 2 * cell].copy_from_slice(&3_800_u16.to_le_bytes());
        }
        payload[30..32].copy_from_slice(&1_520_i16.to_le_bytes());
        (payload[32], payload[35]) = (id, percent);
        frame(BATTERY_STATUS, &payload)
    }

    fn whole(percent: u8) -> Frame {
        let mut payload = [0; 31];
        payload[14..16].copy_from_slice(&22_400_u16.to_le_bytes());
        payload[16..18].copy_from_slice(&(-1_i16).to_le_bytes());
        payload[30] = percent;
        frame(SYS_STATUS, &payload)
    }

    #[test]
    fn the_battery_that_has_least_is_told() {
        let mut power = Power::default();
        power.hear(&whole(90), 0);
        let battery = power.now(0).unwrap();
        assert_eq!((battery.percent, battery.voltage_v, battery.current_a), (Some(90.0), Some(22.4), None));
        power.hear(&status(0, 80), 0);
        power.hear(&status(1, 61), 0);
        let battery = power.now(0).unwrap();
        assert_eq!((battery.percent, battery.voltage_v, battery.current_a), (Some(61.0), Some(22.8), Some(15.2)));
        power.hear(&status(9, 1), 0);
        assert_eq!(power.now(0).unwrap().percent, Some(61.0), "no room for a tenth");
        assert_eq!(power.now(6 * SECOND_NS), None);
    }

    #[test]
    fn a_percentage_that_is_not_known_is_none() {
        let mut power = Power::default();
        power.hear(&whole(0xFF), 0);
        assert_eq!(power.now(0).unwrap().percent, None);
    }

    #[test]
    fn the_rate_is_measured_and_begins_anew_with_another_battery() {
        let mut power = Power::default();
        for second in 0..=60_u8 {
            power.hear(&status(0, 90 - second / 6), u64::from(second) * SECOND_NS);
            if second < 30 {
                assert_eq!(power.falls_percent_s(u64::from(second) * SECOND_NS), None);
            }
        }
        let rate = power.falls_percent_s(60 * SECOND_NS).unwrap();
        assert!((rate - 10.0 / 60.0).abs() < 1e-9, "{rate}");
        power.hear(&status(0, 100), 61 * SECOND_NS);
        assert_eq!(power.falls_percent_s(61 * SECOND_NS), None);
        for second in 61..1_000 {
            power.hear(&status(0, 100), second * SECOND_NS);
        }
        assert_eq!(power.fell.len(), RATE_SAMPLES);
        assert_eq!(power.falls_percent_s(999 * SECOND_NS), None, "it does not fall");
    }
}

//! The flight log: drafted, corrected, reconciled, summed, written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod drafting;
mod keeping;

use jiff::{SignedDuration, Timestamp};
use mission_profiles::flight_log::{Drafter, Entry, Header, Sample};
use mission_profiles::place::{Position, direct};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn header() -> Header {
    Header {
        pilot: "P1".into(),
        serial: "SKY-1".into(),
        battery: "B7".into(),
        activity: "training".into(),
        ..Header::default()
    }
}

/// A sample so many seconds after `from`, so far north of Greenwich.
fn sample(from: Timestamp, second: i64, north_m: f64, in_air: bool) -> Sample {
    let home = Position::new(51.4769, 0.0).unwrap();
    Sample {
        at: from + SignedDuration::from_secs(second),
        mono_ms: u64::try_from(1_000_000 + second * 1_000).unwrap(),
        position: Some(direct(home, 0.0, north_m)),
        height_m: Some(if in_air { 30.0 } else { 0.0 }),
        armed: true,
        in_air,
        #[allow(clippy::cast_precision_loss)]
        battery_percent: Some(90.0 - second as f64 / 60.0),
    }
}

/// A flight from then, for so many seconds, out at 1 m/s; the entry.
fn flown(from: Timestamp, seconds: i64) -> Entry {
    let mut drafter = Drafter::new(header());
    assert_eq!(drafter.hear(sample(from, -5, 0.0, false)), None);
    for second in 0..=seconds {
        #[allow(clippy::cast_precision_loss)]
        let north_m = second as f64;
        assert_eq!(drafter.hear(sample(from, second, north_m, true)), None);
    }
    let landed = (1..=10).find_map(|after| drafter.hear(sample(from, seconds + after, 0.0, false)));
    assert!(!drafter.is_flying());
    landed.unwrap()
}

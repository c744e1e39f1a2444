//! The flight log: drafted, reconciled, summed, written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use jiff::{SignedDuration, Timestamp};
use mission_profiles::flight_log::{Drafter, Entry, Header, Recorded, Sample, currency_h, hours, write_csv};
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

/// A sample so many seconds after `from`, so far north.
fn sample(from: Timestamp, second: i64, north_m: f64, in_air: bool) -> Sample {
    let home = Position::new(51.4769, 0.0).unwrap();
    Sample {
        at: from + SignedDuration::from_secs(second),
        position: direct(home, 0.0, north_m),
        height_m: if in_air { 30.0 } else { 0.0 },
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

#[test]
fn an_entry_is_drafted_at_landing() {
    let entry = flown(time("2026-05-10T10:00:00Z"), 600);
    assert_eq!((entry.duration_s(), entry.day_s, entry.night_s), (600, 600, 0));
    assert_eq!(entry.landing.at, time("2026-05-10T10:10:00Z"));
    assert!(
        (entry.distance_m - 600.0).abs() < 1.0 && (entry.farthest_m - 600.0).abs() < 1.0 && entry.highest_m == 30.0
    );
    assert_eq!(entry.battery_percent.map(|[from, _]| from), Some(90.0));
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap().take_off, entry.take_off);
}

#[test]
fn a_hop_is_no_landing_and_a_jump_of_the_receiver_no_way() {
    let from = time("2026-05-10T10:00:00Z");
    let mut drafter = Drafter::new(header());
    for (second, north_m, in_air) in
        [(0, 0.0, true), (1, 1.0, true), (2, 1.0, false), (4, 2.0, true), (5, 50_000.0, true), (6, 3.0, true)]
    {
        assert_eq!(drafter.hear(sample(from, second, north_m, in_air)), None, "at {second}");
    }
    assert_eq!(drafter.hear(sample(from, 3, 9.0, true)), None, "what goes back in time is left out");
    let entry = drafter.end().unwrap();
    assert!((entry.distance_m - 2.0).abs() < 0.1 && entry.farthest_m < 4.0, "{entry:?}");
    assert_eq!(entry.duration_s(), 6);
}

#[test]
fn after_a_long_silence_the_flight_ended_with_what_was_heard_last() {
    let from = time("2026-05-10T10:00:00Z");
    let mut drafter = Drafter::new(header());
    drafter.hear(sample(from, 0, 0.0, true));
    drafter.hear(sample(from, 30, 10.0, true));
    let entry = drafter.hear(sample(from, 700, 0.0, true)).unwrap();
    assert_eq!((entry.duration_s(), drafter.is_flying()), (30, true));
}

#[test]
fn night_begins_with_the_end_of_civil_twilight() {
    // Greenwich, 10 May: civil dusk 20:18 UTC, by the low-precision formulas of the Astronomical Almanac too.
    let entry = flown(time("2026-05-10T20:00:00Z"), 1_800);
    assert!(entry.day_s.abs_diff(18 * 60) <= 60 && entry.duration_s() == 1_800, "{} {}", entry.day_s, entry.night_s);
    assert_eq!(flown(time("2026-05-10T23:00:00Z"), 60).day_s, 0);
}

#[test]
fn the_record_says_where_it_differs() {
    let entry = flown(time("2026-05-10T10:00:00Z"), 600);
    let recorded = |serial: &str, from: &str, to: &str| Recorded {
        flight: "F1".into(),
        serial: serial.into(),
        from: time(from),
        to: time(to),
    };
    let differences = |recorded: &Recorded| entry.reconciled(recorded).record.unwrap().differences;
    assert!(differences(&recorded("SKY-1", "2026-05-10T09:59:30Z", "2026-05-10T10:10:20Z")).is_empty());
    let wrong = differences(&recorded("SKY-2", "2026-05-10T10:03:00Z", "2026-05-10T10:05:00Z"));
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert!(wrong[1].contains("after the take-off, by 180 s"), "{wrong:?}");
}

#[test]
fn hours_and_currency() {
    let entries: Vec<_> = ["2026-01-05T10:00:00Z", "2026-04-05T10:00:00Z", "2026-05-10T10:00:00Z"]
        .iter()
        .map(|from| flown(time(from), 3_600))
        .collect();
    let all = hours(&entries, |header| &header.pilot);
    assert_eq!((all["P1"].flights, all["P1"].day_h), (3, 3.0));
    assert!(hours(&entries, |header| &header.make).is_empty());
    assert_eq!(currency_h(&entries, "P1", time("2026-05-11T00:00:00Z")), 2.0);
    assert_eq!(currency_h(&entries, "P1", time("2026-08-11T00:00:00Z")), 0.0);
    assert_eq!(currency_h(&entries, "P2", time("2026-05-11T00:00:00Z")), 0.0);
}

#[test]
fn as_csv_with_commas_quotes_and_no_formulas() {
    let mut entry = flown(time("2026-05-10T10:00:00Z"), 600);
    entry.remarks = "gusts, \"strong\"\nfrom the west".into();
    entry.defects = vec!["=HYPERLINK(\"x\")".into()];
    let text = String::from_utf8(write_csv(&[entry]).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let of = |name: &str| row.get(heads.iter().position(|head| head == name).unwrap()).unwrap();
    assert_eq!((of("date and take-off (London)"), of("minutes")), ("2026-05-10 11:00", "10.0"));
    assert_eq!(of("remarks"), "gusts, \"strong\"\nfrom the west");
    assert_eq!(of("defects"), "'=HYPERLINK(\"x\")");
}

//! From telemetry to entries, whatever the telemetry and the clock do.

use jiff::SignedDuration;
use mission_profiles::flight_log::{Drafter, Entry, Sample, local};

use crate::{flown, header, sample, time};

const MORNING: &str = "2026-05-10T10:00:00Z";

#[test]
fn an_entry_is_drafted_at_landing() {
    let entry = flown(time(MORNING), 600);
    assert_eq!((entry.duration_s(), entry.day_s(), entry.night_s), (600, Some(600), Some(0)));
    assert_eq!((entry.take_off.at, entry.landing.at), (time(MORNING), time("2026-05-10T10:10:00Z")));
    assert!((entry.distance_m - 600.0).abs() < 1.0 && (entry.farthest_m - 600.0).abs() < 1.0);
    assert_eq!((entry.highest_m, entry.battery_percent.map(|[from, _]| from)), (Some(30.0), Some(90.0)));
    assert_eq!((entry.id.as_str(), entry.notes.len()), ("20260510T100000Z-SKY-1", 0), "{:?}", entry.notes);
    assert!((100..=400).contains(&entry.track.len()), "{}", entry.track.len());
    assert_eq!(Entry::read(&entry.write().unwrap()).unwrap(), entry);
}

#[test]
fn the_track_stays_small_however_long_the_flight() {
    let entry = flown(time(MORNING), 20_000);
    assert!((150..=400).contains(&entry.track.len()), "{}", entry.track.len());
    let [first, .., last] = &entry.track[..] else { panic!("a track") };
    assert!((last[0] - first[0]) * 111_000.0 > 19_500.0, "{first:?} to {last:?}");
}

#[test]
fn a_hop_is_no_landing_and_a_jump_of_the_receiver_no_way() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    for (second, north_m, in_air) in
        [(0, 0.0, true), (1, 1.0, true), (2, 1.0, false), (4, 2.0, true), (5, 50_000.0, true), (6, 3.0, true)]
    {
        assert_eq!(drafter.hear(sample(from, second, north_m, in_air)), None, "at {second}");
    }
    assert_eq!(drafter.hear(sample(from, 3, 9.0, true)), None, "what is older is left out");
    let entry = drafter.end().unwrap();
    assert!((entry.distance_m - 2.0).abs() < 0.1 && entry.farthest_m < 4.0, "{entry:?}");
    assert_eq!(entry.duration_s(), 6);
    assert!(entry.notes[0].contains("nobody heard it land"), "{:?}", entry.notes);
}

#[test]
fn motors_that_stop_end_a_flight_at_once_and_motors_alone_begin_none() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    assert_eq!(drafter.hear(sample(from, 0, 0.0, false)), None, "armed on the ground");
    assert!(!drafter.is_flying());
    drafter.hear(sample(from, 1, 0.0, true));
    drafter.hear(sample(from, 61, 30.0, true));
    let stopped = Sample { armed: false, in_air: false, ..sample(from, 62, 30.0, false) };
    let entry = drafter.hear(stopped).unwrap();
    assert_eq!((entry.duration_s(), entry.notes.len()), (60, 1), "{:?}", entry.notes);
    assert!(entry.notes[0].contains("nothing was heard for 60 s"), "{:?}", entry.notes);
}

#[test]
fn each_take_off_is_an_entry() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    let mut entries = Vec::new();
    for second in 0..200 {
        let in_air = (10..60).contains(&second) || (100..180).contains(&second);
        entries.extend(drafter.hear(sample(from, second, 0.0, in_air)));
    }
    let aloft: Vec<_> = entries.iter().map(Entry::duration_s).collect();
    assert_eq!(aloft, [49, 79]);
    assert_ne!(entries[0].id, entries[1].id);
    assert!(!entries[0].overlaps(&entries[1]) && entries[0].overlaps(&entries[0]));
}

#[test]
fn after_a_long_silence_the_flight_ended_with_what_was_heard_last() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    drafter.hear(sample(from, 0, 0.0, true));
    drafter.hear(sample(from, 30, 10.0, true));
    let entry = drafter.hear(sample(from, 700, 0.0, true)).unwrap();
    assert_eq!((entry.duration_s(), drafter.is_flying()), (30, true));
    assert!(entry.notes.iter().any(|note| note.contains("nobody heard it land")), "{:?}", entry.notes);
}

/// Ten minutes in which the station's clock is set by so many seconds after five.
fn with_a_clock_set_by(set_s: i64) -> Entry {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    for second in 0..=600 {
        let mut heard = sample(from, second, 0.0, true);
        if second > 300 {
            heard.at += SignedDuration::from_secs(set_s);
        }
        assert_eq!(drafter.hear(heard), None, "at {second}");
    }
    let mut landed = sample(from, 601, 0.0, false);
    (landed.at, landed.armed) = (landed.at + SignedDuration::from_secs(set_s), false);
    drafter.hear(landed).unwrap()
}

#[test]
fn a_clock_that_is_set_in_flight_changes_no_duration_and_is_told() {
    for set_s in [-7_200, -3_600, -3, 3, 3_600, 86_400] {
        let entry = with_a_clock_set_by(set_s);
        assert_eq!(entry.duration_s(), 600, "{set_s}");
        let landed = time("2026-05-10T10:10:00Z") + SignedDuration::from_secs(set_s);
        assert_eq!(entry.landing.at, landed, "{set_s}: by the newest reading");
        assert_eq!(entry.take_off.at, landed - SignedDuration::from_secs(600), "{set_s}");
        let told = format!("clock was set by {set_s:+} s");
        assert!(entry.notes.len() == 1 && entry.notes[0].contains(&told), "{:?}", entry.notes);
    }
    assert!(with_a_clock_set_by(1).notes.is_empty(), "a clock may be slewed");
}

#[test]
fn a_restart_goes_on_with_the_same_flight() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    drafter.hear(sample(from, 0, 0.0, true));
    drafter.hear(sample(from, 60, 60.0, true));
    drafter.taken_up();
    // The machine booted again: its clock that nobody sets began anew.
    for second in [90, 120] {
        let mono_ms = u64::try_from(second).unwrap() * 1_000;
        let heard = Sample { mono_ms, ..sample(from, second, 60.0, true) };
        assert_eq!(drafter.hear(heard), None);
    }
    let entry = drafter.end().unwrap();
    assert_eq!(entry.duration_s(), 120, "30 s between the runs by the time of day, the rest by the other clock");
    let told = |what: &str| entry.notes.iter().any(|note| note.contains(what));
    assert!(told("began anew in flight and heard nothing for 30 s") && !told("clock was set"), "{:?}", entry.notes);
}

#[test]
fn without_a_fix_the_time_is_kept_and_the_place_is_not_made_up() {
    let from = time(MORNING);
    let mut drafter = Drafter::new(header());
    let blind = |second| Sample { position: None, ..sample(from, second, 0.0, true) };
    for second in 0..=600 {
        assert_eq!(drafter.hear(blind(second)), None);
    }
    let entry = drafter.end().unwrap();
    assert_eq!((entry.duration_s(), entry.night_s, entry.day_s()), (600, None, None));
    assert_eq!((entry.take_off.place, entry.landing.place, entry.track.len()), (None, None, 0));
    assert!(entry.notes[0].contains("never knew where it was"), "{:?}", entry.notes);
    assert_eq!(entry.take_off.said(), "place not known");

    // Lost from the second minute to the fifth, and 90 m on: a way that can have been flown.
    for second in 0..=600 {
        #[allow(clippy::cast_precision_loss)]
        let north_m = if second < 120 { 0.0 } else { 90.0 + second as f64 - 300.0 };
        let heard = if (120..300).contains(&second) { blind(second) } else { sample(from, second, north_m, true) };
        assert_eq!(drafter.hear(heard), None);
    }
    let entry = drafter.end().unwrap();
    assert!((entry.distance_m - 390.0).abs() < 2.0, "{}", entry.distance_m);
    assert!(entry.notes[0].contains("did not know where it was for 180 s"), "{:?}", entry.notes);
}

#[test]
fn night_begins_with_the_end_of_civil_twilight() {
    // Greenwich, 10 May: civil dusk 20:18 UTC, by the low-precision formulas of the Astronomical Almanac too.
    let entry = flown(time("2026-05-10T20:00:00Z"), 1_800);
    assert!(entry.day_s().unwrap().abs_diff(18 * 60) <= 60 && entry.duration_s() == 1_800, "{:?}", entry.night_s);
    assert_eq!(flown(time("2026-05-10T23:00:00Z"), 60).day_s(), Some(0));
}

#[test]
fn over_midnight_and_over_the_changes_of_the_clocks_times_are_right() {
    let midnight = flown(time("2026-05-10T22:50:00Z"), 1_200);
    assert_eq!((midnight.duration_s(), midnight.night_s), (1_200, Some(1_200)));
    assert_eq!(local(midnight.take_off.at), "2026-05-10 23:50 BST");
    assert_eq!(local(midnight.landing.at), "2026-05-11 00:10 BST", "the next day in London, not in UTC");
    // Clocks go forward at 01:00 UTC on 29 March 2026, and back at 01:00 UTC on 25 October.
    let spring = flown(time("2026-03-29T00:50:00Z"), 1_200);
    assert_eq!(
        (local(spring.take_off.at), local(spring.landing.at)),
        ("2026-03-29 00:50 GMT".into(), "2026-03-29 02:10 BST".into())
    );
    let autumn = flown(time("2026-10-25T00:50:00Z"), 1_200);
    assert_eq!(
        (local(autumn.take_off.at), local(autumn.landing.at)),
        ("2026-10-25 01:50 BST".into(), "2026-10-25 01:10 GMT".into())
    );
    assert_eq!([spring.duration_s(), autumn.duration_s()], [1_200; 2], "whatever the clocks on the wall say");
}

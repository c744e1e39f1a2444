use super::facts::{Authorisation, Near};
use super::table::{
    PERMISSION_S, SILENT_S, STALE_S, STATION_PERCENT, STEP_S, STORAGE_BYTES, STORAGE_HOURS, TEXT_S, TRAFFIC_M, TURN_S,
    UNWITNESSED_S, WEAK_PERCENT,
};
use super::*;

const SECOND_NS: u64 = 1_000_000_000;
/// Less than any bound is apart from what is just below it.
const LITTLE: f64 = 1e-6;

fn near(distance_m: f64, above_m: Option<f64>) -> Option<Near> {
    Some(Near { name: "NPAS21".into(), distance_m, above_m, bearing_deg: 44.0 })
}

fn paper(left_s: i64) -> Option<Authorisation> {
    Some(Authorisation { name: "London City".into(), left_s })
}

fn text(age_s: f64) -> Option<(u64, f64, String)> {
    Some((3, age_s, "Crash: Disarming".into()))
}

/// For each condition: well and just not raised, raised, and the words and level then.
fn cases() -> Vec<(Id, Facts, Facts, &'static str, Level)> {
    let air = Facts { in_air: true, ..Facts::default() };
    let with = |change: fn(&mut Facts)| {
        let mut facts = air.clone();
        change(&mut facts);
        facts
    };
    use Level::{Advisory, Caution, Warning};
    vec![
        (
            Id::VehicleLost,
            with(|facts| facts.vehicle_silent_s = Some(SILENT_S)),
            with(|facts| facts.vehicle_silent_s = Some(SILENT_S + LITTLE)),
            "Vehicle not heard for 4 s",
            Warning,
        ),
        (
            Id::RadioLost,
            with(|facts| facts.radio_received = Some(true)),
            with(|facts| (facts.radio_received, facts.radio_percent) = (Some(false), Some(1.0))),
            "Vehicle does not receive the sticks",
            Warning,
        ),
        (
            Id::RadioWeak,
            with(|facts| facts.radio_percent = Some(WEAK_PERCENT.0)),
            with(|facts| facts.radio_percent = Some(WEAK_PERCENT.0 - LITTLE)),
            "Radio of the sticks at 40 %",
            Caution,
        ),
        (
            Id::CameraLost,
            with(|facts| facts.picture_age_s = Some(STALE_S)),
            with(|facts| facts.picture_age_s = Some(STALE_S + LITTLE)),
            "Picture is 3 s old",
            Caution,
        ),
        (
            Id::RecStopped,
            with(|facts| facts.recording = true),
            with(|facts| facts.rec_stopped = true),
            "Recording stopped, and nobody ordered it",
            Warning,
        ),
        (
            Id::StorageLow,
            with(|facts| facts.storage_free_bytes = Some(STORAGE_BYTES.0)),
            with(|facts| facts.storage_free_bytes = Some(STORAGE_BYTES.0 - 1.0)),
            "Storage aboard: 4.3 GB left",
            Caution,
        ),
        (
            Id::ClockStep,
            with(|facts| facts.clock_step_s = Some(-STEP_S + LITTLE)),
            with(|facts| facts.clock_step_s = Some(-STEP_S)),
            "This station's clock jumped by -1.0 s",
            Caution,
        ),
        (
            Id::Equivocation,
            air.clone(),
            with(|facts| facts.equivocation = Some(812)),
            "The aircraft's key has signed two histories at head 812",
            Warning,
        ),
        (
            Id::Unwitnessed,
            with(|facts| facts.unwitnessed_s = Some(UNWITNESSED_S)),
            with(|facts| facts.unwitnessed_s = Some(UNWITNESSED_S + LITTLE)),
            "Nothing witnessed for 30 s",
            Caution,
        ),
        (
            Id::WitnessGone,
            with(|facts| facts.witness_runs = Some(true)),
            with(|facts| facts.witness_runs = Some(false)),
            "The witness on this station has stopped",
            Warning,
        ),
        (
            Id::Traffic,
            with(|facts| facts.traffic = near(TRAFFIC_M.0, Some(-120.0))),
            with(|facts| facts.traffic = near(TRAFFIC_M.0 - 1.0, Some(-120.0))),
            "Traffic: NPAS21 4.0 km to the north-east, 120 m below",
            Caution,
        ),
        (
            Id::BatteryHome,
            with(|facts| facts.turn_within_s = Some(TURN_S.0)),
            with(|facts| facts.turn_within_s = Some(TURN_S.0 - LITTLE)),
            "Battery: it must turn home within 120 s",
            Caution,
        ),
        (
            Id::Fence,
            with(|facts| facts.fence_breached = Some(false)),
            with(|facts| facts.fence_breached = Some(true)),
            "Vehicle is beyond its fence",
            Warning,
        ),
        (
            Id::Authorisation,
            with(|facts| facts.authorisation = paper(PERMISSION_S)),
            with(|facts| facts.authorisation = paper(PERMISSION_S - 1)),
            "Permission ends in 15 min: London City",
            Advisory,
        ),
        (
            Id::Emergency,
            with(|facts| facts.emergency_text = text(TEXT_S + LITTLE)),
            with(|facts| facts.emergency_text = text(TEXT_S)),
            "Vehicle says: Crash: Disarming",
            Warning,
        ),
        (
            Id::StationBattery,
            with(|facts| facts.station_percent = Some(STATION_PERCENT.0)),
            with(|facts| facts.station_percent = Some(STATION_PERCENT.0 - LITTLE)),
            "This station's battery is at 20 %",
            Caution,
        ),
    ]
}

/// The same facts for so many seconds, looked at four times a second.
fn pass(alarms: &mut Alarms, facts: &Facts, seconds: std::ops::Range<u64>) {
    for quarter in seconds.start * 4..seconds.end * 4 {
        alarms.look(facts, quarter * SECOND_NS / 4);
    }
}

#[test]
fn every_row_is_raised_at_its_bound_and_not_below_it() {
    for (id, below, above, words, level) in cases() {
        let mut alarms = Alarms::default();
        pass(&mut alarms, &below, 0..60);
        assert!(alarms.standing().is_empty(), "{id:?}");
        pass(&mut alarms, &above, 60..70);
        let standing = alarms.standing();
        let [alarm] = &standing[..] else { panic!("{id:?} alone: {standing:?}") };
        assert_eq!((alarm.id, alarm.happened.as_str(), alarm.level), (id, words, level));
        assert!(alarms.sound() != Sound::Silent, "{id:?}");
    }
    assert_eq!(cases().len(), ROWS.len());
}

#[test]
fn every_row_is_over_when_all_is_well_and_stays_until_then() {
    for (id, _, above, ..) in cases() {
        let mut alarms = Alarms::default();
        pass(&mut alarms, &above, 0..3_600);
        assert_eq!(alarms.standing().len(), 1, "{id:?}");
        let well = Facts { in_air: true, ..Facts::default() };
        pass(&mut alarms, &well, 3_600..3_620);
        assert_eq!(alarms.standing().len(), 0, "{id:?}");
        let log: Vec<_> = alarms.log().map(|entry| (entry.id, entry.what.clone())).collect();
        assert_eq!(log, [(id, What::Over), (id, What::Raised)], "once each");
    }
}

#[test]
fn every_row_is_acknowledged_grey_and_silent_while_it_is_true() {
    for (id, _, above, ..) in cases() {
        let mut alarms = Alarms::default();
        pass(&mut alarms, &above, 0..10);
        assert!(alarms.acknowledge(id, "PC 4471 Okafor", 77));
        assert!(!alarms.acknowledge(id, "somebody else", 78), "it is acknowledged once");
        pass(&mut alarms, &above, 10..20);
        let by = Acknowledged { by: "PC 4471 Okafor".into(), at_utc_us: 77 };
        assert_eq!(alarms.standing()[0].acknowledged, Some(by), "{id:?}");
        assert_eq!(alarms.sound(), Sound::Silent);
        pass(&mut alarms, &Facts { in_air: true, ..Facts::default() }, 20..40);
        pass(&mut alarms, &above, 40..50);
        assert_eq!(alarms.standing()[0].acknowledged, None, "{id:?} is new");
        let log: Vec<_> = alarms.log().map(|entry| (&entry.what, entry.at_utc_us)).collect();
        let seen = What::Acknowledged { by: "PC 4471 Okafor".into() };
        assert_eq!(log[2], (&seen, 77));
    }
}

#[test]
fn words_say_what_happened_what_is_safe_and_what_to_do() {
    for row in ROWS {
        for words in [row.safe, row.act, row.until] {
            assert!(words.ends_with('.') && words.chars().next().is_some_and(char::is_uppercase), "{words}");
        }
    }
}

#[test]
fn the_highest_comes_first_and_what_is_acknowledged_last() {
    let mut alarms = Alarms::default();
    let mut facts = Facts { in_air: true, station_percent: Some(15.0), ..Facts::default() };
    pass(&mut alarms, &facts, 0..10);
    facts.fence_breached = Some(true);
    pass(&mut alarms, &facts, 10..20);
    facts.unwitnessed_s = Some(40.0);
    pass(&mut alarms, &facts, 20..30);
    let order = |alarms: &Alarms| alarms.standing().iter().map(|alarm| alarm.id).collect::<Vec<_>>();
    assert_eq!(order(&alarms), [Id::Fence, Id::Unwitnessed, Id::StationBattery]);
    alarms.acknowledge(Id::Fence, "me", 0);
    assert_eq!(order(&alarms), [Id::Unwitnessed, Id::StationBattery, Id::Fence]);
    assert_eq!(alarms.sound(), Sound::Caution);
    assert!(!alarms.acknowledge(Id::Traffic, "me", 0), "it does not stand");
}

#[test]
fn nothing_flutters_about_its_bound() {
    type Set = fn(&mut Facts, f64);
    let bounds: [(Set, (f64, f64)); 6] = [
        (|facts, value| facts.radio_percent = Some(value), WEAK_PERCENT),
        (|facts, value| facts.station_percent = Some(value), STATION_PERCENT),
        (|facts, value| facts.storage_free_bytes = Some(value), STORAGE_BYTES),
        (|facts, value| (facts.storage_free_bytes, facts.storage_hours) = (Some(1e12), Some(value)), STORAGE_HOURS),
        (|facts, value| facts.turn_within_s = Some(value), TURN_S),
        (|facts, value| facts.traffic = near(value, None), TRAFFIC_M),
    ];
    for (set, (raise, over)) in bounds {
        let mut alarms = Alarms::default();
        let mut facts = Facts { in_air: true, ..Facts::default() };
        set(&mut facts, raise * 0.99);
        pass(&mut alarms, &facts, 0..10);
        for second in 10..100 {
            set(&mut facts, if second % 2 == 0 { raise * 0.99 } else { raise * 1.01 });
            pass(&mut alarms, &facts, second..second + 1);
        }
        assert_eq!(alarms.log().count(), 1, "raised once about {raise}");
        set(&mut facts, over);
        pass(&mut alarms, &facts, 100..120);
        assert_eq!(alarms.standing().len(), 0, "over at {over}");
    }
}

#[test]
fn a_moment_is_no_alarm_where_it_may_be_noise() {
    let mut alarms = Alarms::default();
    let lost = Facts { radio_received: Some(false), ..Facts::default() };
    let well = Facts { radio_received: Some(true), ..Facts::default() };
    for second in 0..60 {
        alarms.look(if second % 2 == 0 { &lost } else { &well }, second * SECOND_NS / 2);
    }
    assert_eq!(alarms.log().count(), 0);
}

#[test]
fn what_gets_worse_asks_again() {
    let mut alarms = Alarms::default();
    let mut facts = Facts { in_air: true, turn_within_s: Some(60.0), traffic: near(3_000.0, None), ..Facts::default() };
    facts.authorisation = paper(61);
    pass(&mut alarms, &facts, 0..10);
    let ids = [Id::BatteryHome, Id::Traffic, Id::Authorisation];
    ids.iter().for_each(|id| assert!(alarms.acknowledge(*id, "me", 0)));
    (facts.turn_within_s, facts.traffic, facts.authorisation) = (Some(-1.0), near(1_900.0, Some(100.0)), paper(0));
    assert!(alarms.look(&facts, 11 * SECOND_NS));
    for alarm in alarms.standing() {
        assert_eq!((alarm.level, &alarm.acknowledged), (Level::Warning, &None), "{alarm:?}");
        assert!(ids.contains(&alarm.id) && alarm.sound != Sound::Silent);
    }
    let words: Vec<_> = alarms.standing().iter().map(|alarm| alarm.happened.clone()).collect();
    assert!(words.contains(&"Permission ended: London City".to_owned()), "{words:?}");
}

#[test]
fn another_text_or_aircraft_asks_again() {
    let mut alarms = Alarms::default();
    let mut facts = Facts { emergency_text: text(1.0), traffic: near(3_000.0, None), ..Facts::default() };
    pass(&mut alarms, &facts, 0..10);
    [Id::Emergency, Id::Traffic].iter().for_each(|id| assert!(alarms.acknowledge(*id, "me", 0)));
    facts.traffic = near(2_900.0, None);
    pass(&mut alarms, &facts, 10..20);
    assert_eq!(alarms.sound(), Sound::Silent, "the same, nearer");
    facts.emergency_text = Some((4, 0.0, "Crash: Disarming".into()));
    facts.traffic = Some(Near { name: "G-POLX".into(), distance_m: 2_800.0, above_m: None, bearing_deg: 1.0 });
    assert!(alarms.look(&facts, 20 * SECOND_NS));
    assert!(alarms.standing().iter().all(|alarm| alarm.acknowledged.is_none()));
    assert_eq!(alarms.log().filter(|entry| entry.what == What::Raised).count(), 4);
}

#[test]
fn on_its_way_home_it_is_not_told_to_turn() {
    let mut alarms = Alarms::default();
    let mut facts = Facts { in_air: true, returning: true, turn_within_s: Some(-20.0), ..Facts::default() };
    pass(&mut alarms, &facts, 0..20);
    assert!(alarms.standing().is_empty());
    facts.turn_within_s = Some(-31.0);
    pass(&mut alarms, &facts, 20..30);
    let words = "Battery: it is on its way home and lands with less than the reserve";
    assert_eq!((alarms.standing()[0].happened.as_str(), alarms.standing()[0].level), (words, Level::Caution));
    facts.returning = false;
    assert!(alarms.look(&facts, 30 * SECOND_NS));
    assert_eq!(alarms.standing()[0].level, Level::Warning, "it turned away again");
}

#[test]
fn a_vehicle_that_is_lost_on_the_ground_is_a_caution_and_its_battery_none() {
    let mut alarms = Alarms::default();
    let facts = Facts { vehicle_silent_s: Some(10.0), turn_within_s: Some(-5.0), ..Facts::default() };
    pass(&mut alarms, &facts, 0..10);
    let standing = alarms.standing();
    assert_eq!(
        standing.iter().map(|alarm| (alarm.id, alarm.level)).collect::<Vec<_>>(),
        [(Id::VehicleLost, Level::Caution)]
    );
}

#[test]
fn an_unchanged_look_changes_nothing() {
    let mut alarms = Alarms::default();
    let facts = Facts { fence_breached: Some(true), ..Facts::default() };
    assert!(alarms.look(&facts, 0));
    assert!(!alarms.look(&facts, SECOND_NS));
    assert!(!alarms.look(&Facts::default(), 2 * SECOND_NS), "not over yet");
    assert!(alarms.look(&Facts::default(), 5 * SECOND_NS));
}

//! ArduPilot Copter's failsafes (parameters of 4.0 to 4.7; heights in centimetres, from 4.7 on in metres under another name).

use super::super::mode::Kind;
use super::{Failsafes, FenceLimits, ReturnHeight, Sentence, sentence};

pub(super) const NAMES: &[&str] = &[
    "FS_THR_ENABLE",
    "FS_GCS_ENABLE",
    "FS_GCS_TIMEOUT",
    "FS_OPTIONS",
    "FS_EKF_ACTION",
    "BATT_FS_LOW_ACT",
    "BATT_FS_CRT_ACT",
    "BATT_LOW_VOLT",
    "BATT_LOW_MAH",
    "BATT_CRT_VOLT",
    "BATT_CRT_MAH",
    "BATT_CAPACITY",
    "RTL_ALT",
    "RTL_ALT_M",
    "RTL_ALT_TYPE",
    "RTL_SPEED",
    "WPNAV_SPEED",
    "FENCE_ENABLE",
    "FENCE_ACTION",
    "FENCE_TYPE",
    "FENCE_ALT_MAX",
    "FENCE_RADIUS",
];

/// FENCE_TYPE.
const CEILING: i64 = 1;
const CIRCLE: i64 = 2;
/// FS_OPTIONS: a mission goes on without the radio, without the station.
const MISSION_WITHOUT_RADIO: i64 = 1;
const MISSION_WITHOUT_STATION: i64 = 2;

pub(super) fn return_height(read: &Failsafes) -> Option<ReturnHeight> {
    let height_m = read.value("RTL_ALT_M").or_else(|| Some(read.value("RTL_ALT")? / 100.0))?;
    // 0: it keeps the height it has.
    let height_m = Some(height_m).filter(|m| *m > 0.0);
    Some(ReturnHeight { height_m, above_terrain: read.choice("RTL_ALT_TYPE") == Some(1) })
}

pub(super) fn fence(read: &Failsafes) -> Option<FenceLimits> {
    let (enabled, kinds) = (read.choice("FENCE_ENABLE")?, read.choice("FENCE_TYPE")?);
    let limit = |kind, name| if enabled != 0 && kinds & kind != 0 { read.value(name) } else { None };
    Some(FenceLimits { ceiling_m: limit(CEILING, "FENCE_ALT_MAX"), radius_m: limit(CIRCLE, "FENCE_RADIUS") })
}

pub(super) fn sentences(read: &Failsafes) -> Vec<Sentence> {
    let choice = |name| read.choice(name);
    let options = choice("FS_OPTIONS").unwrap_or(0);
    let goes_on = |bit: i64, (words, doubtful): (String, bool)| match options & bit {
        0 => (words, doubtful),
        _ => (format!("{words}; a mission goes on"), doubtful),
    };
    let radio = |act| goes_on(MISSION_WITHOUT_RADIO, radio(read, act));
    let station = |act| {
        let (words, doubtful) = station(read, act);
        let after_s = read.value("FS_GCS_TIMEOUT").unwrap_or(5.0);
        let words = if act == 0 { words } else { format!("after {after_s:.0} s {words}") };
        goes_on(MISSION_WITHOUT_STATION, (words, doubtful))
    };
    vec![
        sentence("Radio lost", "FS_THR_ENABLE", choice("FS_THR_ENABLE"), radio),
        sentence("Data link lost", "FS_GCS_ENABLE", choice("FS_GCS_ENABLE"), station),
        battery(read, "Battery low", "BATT_FS_LOW_ACT", ["BATT_LOW_MAH", "BATT_LOW_VOLT"]),
        battery(read, "Battery critical", "BATT_FS_CRT_ACT", ["BATT_CRT_MAH", "BATT_CRT_VOLT"]),
        sentence("Position lost", "FS_EKF_ACTION", choice("FS_EKF_ACTION"), |act| match act {
            1 => ("lands where it is".into(), false),
            2 => ("keeps its height and drifts: fly it by hand".into(), true),
            3 => ("lands where it is, in every mode".into(), false),
            _ => ("only says so: fly it by hand".into(), true),
        }),
        sentence("Fence crossed", "FENCE_ACTION", fence_choice(read), |act| fence_words(read, act)),
    ]
}

fn returns(read: &Failsafes) -> String {
    read.returns(Kind::ArduCopter)
}

fn radio(read: &Failsafes, act: i64) -> (String, bool) {
    match act {
        0 => ("nothing: it goes on with what it does".into(), true),
        1 | 2 => (returns(read), false),
        3 => ("lands where it is".into(), true),
        4 => (format!("returns by its own track, or {}", returns(read)), false),
        5 => ("returns by its own track, or lands where it is".into(), false),
        6 => (format!("lands as its mission says, or {}", returns(read)), false),
        7 => ("stops, or lands where it is".into(), true),
        act => (format!("something that this station does not know ({act})"), true),
    }
}

fn station(read: &Failsafes, act: i64) -> (String, bool) {
    match act {
        0..=2 => radio(read, act),
        3 => radio(read, 4),
        4 => radio(read, 5),
        5 => radio(read, 3),
        act => radio(read, act),
    }
}

fn battery(read: &Failsafes, when: &'static str, action: &'static str, below: [&str; 2]) -> Sentence {
    let [mah, volts] = below.map(|name| read.value(name).filter(|value| *value > 0.0));
    let capacity = read.value("BATT_CAPACITY").filter(|value| *value > 0.0);
    let percent = mah.zip(capacity).map(|(mah, capacity)| format!("below {:.0} %", 100.0 * mah / capacity));
    let volts = volts.map(|volts| format!("below {volts:.1} V"));
    let at = [percent, volts].into_iter().flatten().collect::<Vec<_>>().join(" or ");
    sentence(when, action, read.choice(action), |act| {
        let (words, doubtful) = match act {
            0 => ("only says so".into(), true),
            1 => ("lands where it is".into(), false),
            2 => (returns(read), false),
            3 => (format!("returns by its own track, or {}", returns(read)), false),
            4 => ("returns by its own track, or lands where it is".into(), false),
            5 => ("stops its motors and falls".into(), true),
            6 => (format!("lands as its mission says, or {}", returns(read)), false),
            7 => ("stops, or lands where it is".into(), false),
            act => (format!("does something that this station does not know ({act})"), true),
        };
        // Without a threshold it never happens.
        if at.is_empty() {
            ("never noticed: no threshold is set".into(), true)
        } else {
            (format!("{at} {words}"), doubtful)
        }
    })
}

/// −1 stands for a fence that is not enabled.
fn fence_choice(read: &Failsafes) -> Option<i64> {
    match read.choice("FENCE_ENABLE")? {
        0 => Some(-1),
        _ => read.choice("FENCE_ACTION"),
    }
}

fn fence_words(read: &Failsafes, act: i64) -> (String, bool) {
    match act {
        -1 => ("nothing: the fence is off".into(), true),
        0 => ("only says so".into(), true),
        1 => (format!("{}, or lands", returns(read)), false),
        2 => ("lands where it is".into(), false),
        3 => (format!("returns by its own track, or {}, or lands", returns(read)), false),
        4 => ("stops, or lands".into(), false),
        5 => ("returns by its own track, or lands".into(), false),
        act => (format!("does something that this station does not know ({act})"), true),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read, says};
    use super::*;

    const KIND: Kind = Kind::ArduCopter;

    #[test]
    fn the_usual_settings_are_sentences() {
        let usual = [
            ("FS_THR_ENABLE", 1.0),
            ("FS_GCS_ENABLE", 5.0),
            ("FS_GCS_TIMEOUT", 5.0),
            ("RTL_ALT", 4000.0),
            ("BATT_FS_LOW_ACT", 2.0),
            ("BATT_LOW_MAH", 1770.0),
            ("BATT_CAPACITY", 11_800.0),
            ("BATT_FS_CRT_ACT", 1.0),
            ("BATT_CRT_VOLT", 19.8),
            ("FENCE_ENABLE", 1.0),
            ("FENCE_ACTION", 4.0),
            ("FENCE_TYPE", 3.0),
            ("FENCE_ALT_MAX", 120.0),
            ("FENCE_RADIUS", 300.0),
        ];
        let usual = read(KIND, &usual);
        assert_eq!(says(&usual, KIND, "Radio lost"), "returns at 40 m above home or higher");
        assert_eq!(says(&usual, KIND, "Data link lost"), "after 5 s lands where it is (!)");
        assert_eq!(says(&usual, KIND, "Battery low"), "below 15 % returns at 40 m above home or higher");
        assert_eq!(says(&usual, KIND, "Battery critical"), "below 19.8 V lands where it is");
        assert_eq!(says(&usual, KIND, "Fence crossed"), "stops, or lands");
        assert_eq!(says(&usual, KIND, "Position lost"), "unknown");
        assert_eq!(usual.fence(KIND), Some(FenceLimits { ceiling_m: Some(120.0), radius_m: Some(300.0) }));
    }

    #[test]
    fn what_is_off_is_doubtful() {
        let off =
            read(KIND, &[("FS_THR_ENABLE", 0.0), ("FENCE_ENABLE", 0.0), ("BATT_FS_LOW_ACT", 2.0), ("FENCE_TYPE", 7.0)]);
        assert_eq!(says(&off, KIND, "Radio lost"), "nothing: it goes on with what it does (!)");
        assert_eq!(says(&off, KIND, "Fence crossed"), "nothing: the fence is off (!)");
        assert_eq!(says(&off, KIND, "Battery low"), "never noticed: no threshold is set (!)");
        assert_eq!(off.fence(KIND), Some(FenceLimits::default()));
        assert_eq!(off.return_height(KIND), None);
    }

    #[test]
    fn heights_of_4_7_and_above_terrain_and_a_mission_that_goes_on() {
        let read =
            read(KIND, &[("FS_THR_ENABLE", 1.0), ("RTL_ALT_M", 35.0), ("RTL_ALT_TYPE", 1.0), ("FS_OPTIONS", 1.0)]);
        let says = says(&read, KIND, "Radio lost");
        assert_eq!(says, "returns at 35 m above the ground or higher; a mission goes on");
    }
}

//! PX4's failsafes (its parameter reference, 1.15).

use super::super::mode::Kind;
use super::{Failsafes, FenceLimits, ReturnHeight, Sentence, sentence};

pub(super) const NAMES: &[&str] = &[
    "NAV_RCL_ACT",
    "COM_RC_LOSS_T",
    "COM_RCL_EXCEPT",
    "NAV_DLL_ACT",
    "COM_DL_LOSS_T",
    "COM_LOW_BAT_ACT",
    "BAT_LOW_THR",
    "BAT_CRIT_THR",
    "BAT_EMERGEN_THR",
    "COM_POSCTL_NAVL",
    "RTL_RETURN_ALT",
    "MPC_XY_CRUISE",
    "GF_ACTION",
    "GF_MAX_HOR_DIST",
    "GF_MAX_VER_DIST",
];

/// COM_RCL_EXCEPT: a mission goes on without the radio.
const MISSION_WITHOUT_RADIO: i64 = 1;

pub(super) fn return_height(read: &Failsafes) -> Option<ReturnHeight> {
    let height_m = read.value("RTL_RETURN_ALT")?;
    Some(ReturnHeight { height_m: Some(height_m).filter(|m| *m > 0.0), above_terrain: false })
}

pub(super) fn fence(read: &Failsafes) -> Option<FenceLimits> {
    let limit = |name| read.value(name).map(|m| Some(m).filter(|m| *m > 0.0));
    Some(FenceLimits { ceiling_m: limit("GF_MAX_VER_DIST")?, radius_m: limit("GF_MAX_HOR_DIST")? })
}

pub(super) fn sentences(read: &Failsafes) -> Vec<Sentence> {
    let choice = |name| read.choice(name);
    let after = |name, default: f64| format!("after {:.1} s ", read.value(name).unwrap_or(default));
    let link = |timeout: &'static str, default: f64, act: i64| {
        let (words, doubtful) = does(read, act);
        let words = if act == 0 { words } else { after(timeout, default) + &words };
        (words, doubtful)
    };
    let radio = |act| {
        let (words, doubtful) = link("COM_RC_LOSS_T", 0.5, act);
        let goes_on = choice("COM_RCL_EXCEPT").is_some_and(|bits| bits & MISSION_WITHOUT_RADIO != 0);
        (if goes_on { format!("{words}; a mission goes on") } else { words }, doubtful)
    };
    vec![
        sentence("Radio lost", "NAV_RCL_ACT", choice("NAV_RCL_ACT"), radio),
        sentence("Data link lost", "NAV_DLL_ACT", choice("NAV_DLL_ACT"), |act| link("COM_DL_LOSS_T", 10.0, act)),
        sentence("Battery low", "COM_LOW_BAT_ACT", choice("COM_LOW_BAT_ACT"), |_| {
            (format!("{}only says so", below(read, "BAT_LOW_THR")), false)
        }),
        sentence("Battery critical", "COM_LOW_BAT_ACT", choice("COM_LOW_BAT_ACT"), |act| critical(read, act)),
        sentence("Position lost", "COM_POSCTL_NAVL", choice("COM_POSCTL_NAVL"), |act| match act {
            1 => ("lands where it is".into(), false),
            _ => ("keeps its height and drifts: fly it by hand".into(), true),
        }),
        sentence("Fence crossed", "GF_ACTION", choice("GF_ACTION"), |act| match act {
            0 => ("nothing".into(), true),
            1 => ("only says so".into(), true),
            2 => ("holds its place".into(), false),
            3 => (read.returns(Kind::Px4), false),
            4 => ("stops its motors and falls".into(), true),
            5 => ("lands where it is".into(), false),
            act => unknown(act),
        }),
    ]
}

fn does(read: &Failsafes, act: i64) -> (String, bool) {
    match act {
        0 => ("nothing: it goes on with what it does".into(), true),
        1 => ("holds its place until the battery asks for more".into(), true),
        2 => (read.returns(Kind::Px4), false),
        3 => ("lands where it is".into(), true),
        5 | 6 => ("stops its motors and falls".into(), true),
        act => unknown(act),
    }
}

fn unknown(act: i64) -> (String, bool) {
    (format!("something that this station does not know ({act})"), true)
}

/// "below 15 % ".
fn below(read: &Failsafes, name: &str) -> String {
    read.value(name).map_or_else(String::new, |part| format!("below {:.0} % ", 100.0 * part))
}

fn critical(read: &Failsafes, act: i64) -> (String, bool) {
    let (critical, emergency) = (below(read, "BAT_CRIT_THR"), below(read, "BAT_EMERGEN_THR"));
    match act {
        0 => (format!("{critical}only says so"), true),
        2 => (format!("{critical}lands where it is"), false),
        1 | 3 => (format!("{critical}{}; {emergency}lands where it is", read.returns(Kind::Px4)), false),
        act => unknown(act),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read, says};
    use super::*;

    const KIND: Kind = Kind::Px4;

    #[test]
    fn the_usual_settings_are_sentences() {
        let usual = [
            ("NAV_RCL_ACT", 2.0),
            ("COM_RC_LOSS_T", 0.5),
            ("COM_RCL_EXCEPT", 1.0),
            ("NAV_DLL_ACT", 0.0),
            ("COM_LOW_BAT_ACT", 3.0),
            ("BAT_CRIT_THR", 0.15),
            ("BAT_EMERGEN_THR", 0.07),
            ("RTL_RETURN_ALT", 30.0),
            ("GF_ACTION", 2.0),
            ("GF_MAX_HOR_DIST", 0.0),
            ("GF_MAX_VER_DIST", 120.0),
            ("COM_POSCTL_NAVL", 0.0),
        ];
        let usual = read(KIND, &usual);
        assert_eq!(
            says(&usual, KIND, "Radio lost"),
            "after 0.5 s returns at 30 m above home or higher; a mission goes on"
        );
        assert_eq!(says(&usual, KIND, "Data link lost"), "nothing: it goes on with what it does (!)");
        let critical = "below 15 % returns at 30 m above home or higher; below 7 % lands where it is";
        assert_eq!(says(&usual, KIND, "Battery critical"), critical);
        assert_eq!(says(&usual, KIND, "Fence crossed"), "holds its place");
        assert_eq!(says(&usual, KIND, "Position lost"), "keeps its height and drifts: fly it by hand (!)");
        assert_eq!(usual.fence(KIND), Some(FenceLimits { ceiling_m: Some(120.0), radius_m: None }));
    }

    #[test]
    fn what_is_not_read_is_unknown() {
        let none = read(KIND, &[]);
        assert!(none.sentences(KIND).iter().all(|sentence| sentence.does.is_none() && !sentence.doubtful));
        assert_eq!((none.return_height(KIND), none.fence(KIND)), (None, None));
        let far = read(KIND, &[("GF_ACTION", 3.0), ("NAV_DLL_ACT", 9.0)]);
        assert_eq!(says(&far, KIND, "Fence crossed"), "returns at a height not read");
        assert_eq!(
            says(&far, KIND, "Data link lost"),
            "after 10.0 s something that this station does not know (9) (!)"
        );
    }
}

//! The status strip's words: what is known, with what it is of; a dash and its age for what is not known any more.

use crate::state::recording::Button;
use crate::state::vehicle::{Aloft, Vehicle};
use crate::ui::icon::{self, Glyph};
use crate::ui::shell::strip::Words;
use crate::ui::widget::chip::State;
use crate::window::words::{distance, elapsed, span};

/// Weaker than this the link is weak, percent.
const WEAK_PERCENT: f64 = 70.0;
/// Less than this the battery asks for a person, percent.
const LOW_PERCENT: f64 = 30.0;
/// Less than this the aircraft must come home, percent.
const EMPTY_PERCENT: f64 = 20.0;
/// Less than this the storage asks for a person, hours.
const LOW_STORAGE_H: f64 = 0.5;

fn words(glyph: Glyph, value: impl Into<String>, label: impl Into<String>, state: State) -> Words {
    Words { icon: glyph.regular(), value: value.into(), label: label.into(), state }
}

fn unknown(glyph: Glyph, label: &str) -> Words {
    words(glyph, "—", label, State::Unknown)
}

/// Vehicle and links.
pub(crate) fn link(vehicle: Option<&Vehicle>, name: Option<&str>, now_ns: u64) -> Words {
    let Some(vehicle) = vehicle else { return words(icon::DRONE, "No vehicle", "Nothing heard", State::Unknown) };
    let own = format!("System {}", vehicle.address.system);
    let name = name.unwrap_or(&own);
    if vehicle.link.is_lost(now_ns) {
        let silent = vehicle.link.silence_s(now_ns).map_or_else(String::new, span);
        return words(icon::DRONE, "Link lost", format!("{name}, {silent}"), State::Warning);
    }
    let percent = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.0}"));
    let (data, radio) = (vehicle.link.percent(now_ns), vehicle.radio.percent(now_ns));
    let weak = [data, radio].into_iter().flatten().any(|value| value < WEAK_PERCENT);
    let label = match radio {
        Some(_) => format!("Data {} · RC {} %", percent(data), percent(radio)),
        None => format!("Data {} · RC —", percent(data)),
    };
    words(icon::DRONE, name, label, if weak { State::Caution } else { State::Normal })
}

/// Mode, and who is in control.
pub(crate) fn mode(vehicle: Option<&Vehicle>, in_control: Option<String>, now_ns: u64) -> Words {
    let known = vehicle.and_then(|vehicle| Some((vehicle, vehicle.mode(now_ns)?)));
    let Some((vehicle, mode)) = known else { return unknown(icon::STEERING_WHEEL, "Mode") };
    let state = if vehicle.is_in_failsafe(now_ns) == Some(true) { State::Warning } else { State::Normal };
    match (vehicle.is_armed(now_ns), vehicle.aloft(now_ns)) {
        (Some(false), _) => words(icon::STEERING_WHEEL, "Disarmed", mode.name, state),
        (_, Some(Aloft::OnGround)) => {
            words(icon::STEERING_WHEEL, "Armed", format!("{}, on the ground", mode.name), state)
        }
        _ => words(icon::STEERING_WHEEL, mode.name, in_control.unwrap_or_else(|| "In the air".to_owned()), state),
    }
}

/// Battery, and when to turn.
pub(crate) fn battery(vehicle: Option<&Vehicle>, return_by: Option<&str>, now_ns: u64) -> Words {
    let Some(battery) = vehicle.and_then(|vehicle| vehicle.power.now(now_ns)) else {
        return unknown(icon::BATTERY_VERTICAL_MEDIUM, "Battery");
    };
    let label = match (return_by, battery.left_s, battery.voltage_v) {
        (Some(time), ..) => format!("Return by {time}"),
        (None, Some(left_s), _) => format!("{} left", span(left_s)),
        (None, None, Some(volts)) => format!("{volts:.1} V"),
        (None, None, None) => "Battery".to_owned(),
    };
    let Some(percent) = battery.percent else {
        return words(icon::BATTERY_VERTICAL_MEDIUM, "—", label, State::Unknown);
    };
    let state = match percent {
        _ if percent < EMPTY_PERCENT => State::Warning,
        _ if percent < LOW_PERCENT => State::Caution,
        _ => State::Normal,
    };
    let glyph = match percent {
        _ if percent > 75.0 => icon::BATTERY_VERTICAL_FULL,
        _ => icon::BATTERY_VERTICAL_MEDIUM,
    };
    words(glyph, format!("{percent:.0} %"), label, state)
}

/// Satellites.
pub(crate) fn gnss(vehicle: Option<&Vehicle>, now_ns: u64) -> Words {
    let Some(gnss) = vehicle.and_then(|vehicle| vehicle.gnss.now(now_ns)) else {
        return unknown(icon::GPS_FIX, "GNSS");
    };
    let satellites = gnss.satellites.map_or_else(String::new, |count| format!(" · {count}"));
    let label = gnss.accuracy_m.map_or_else(|| "GNSS".to_owned(), |metres| format!("GNSS ±{metres:.1} m"));
    let state = if gnss.is_good() { State::Normal } else { State::Caution };
    let fix = match gnss.fix {
        3 => "3D",
        4 => "3D+",
        5 | 6 => "RTK",
        _ => gnss.fix_name(),
    };
    words(icon::GPS_FIX, format!("{fix}{satellites}"), label, state)
}

/// Room aboard.
pub(crate) fn storage(vehicle: Option<&Vehicle>, now_ns: u64) -> Words {
    let Some(left) = vehicle.and_then(|vehicle| vehicle.storage.least(now_ns)) else {
        return unknown(icon::HARD_DRIVE, "Aboard");
    };
    let low = left.hours.is_some_and(|hours| hours < LOW_STORAGE_H) || left.free_bytes < 1e9;
    let state = if low { State::Caution } else { State::Normal };
    let value = match left.hours {
        Some(hours) if hours < 100.0 => span(hours * 3_600.0),
        Some(_) | None => super::words::bytes(left.free_bytes),
    };
    words(icon::HARD_DRIVE, value, "Left aboard", state)
}

/// The recording.
pub(crate) fn rec(button: Button) -> Words {
    let seconds = |ns: u64| elapsed(ns / 1_000_000_000);
    match button {
        Button::NoCamera => words(icon::RECORD, "REC off", "No camera heard", State::Unknown),
        Button::Ready => words(icon::RECORD, "REC ready", "Not recording", State::Normal),
        Button::Starting { .. } => words(icon::RECORD, "REC starts", "Nothing seen yet", State::Normal),
        Button::Recording { for_ns } => {
            words(icon::RECORD, format!("REC {}", seconds(for_ns)), "Hashed aboard", State::Recording)
        }
        Button::Awaited { for_ns } => {
            words(icon::RECORD, format!("REC {}", seconds(for_ns)), "Hash awaited", State::Recording)
        }
        Button::Unsealed { for_ns } => {
            words(icon::RECORD, format!("REC {}", seconds(for_ns)), "No hash is heard", State::Caution)
        }
        Button::Stopping { .. } => words(icon::RECORD, "REC stops", "Still recording", State::Recording),
        Button::Fault(_) => words(icon::RECORD, "REC fault", "Press it again", State::Warning),
    }
}

/// What the ribbon says of the seal.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sealed {
    /// The newest cosigned head, and how long ago, seconds.
    pub(crate) last: Option<(u64, f64)>,
    /// The flight is over and closed.
    pub(crate) closed: bool,
    /// The witness runs.
    pub(crate) witness: Option<bool>,
    /// It is recorded now.
    pub(crate) recording: bool,
    /// The aircraft's key signed two histories.
    pub(crate) equivocation: bool,
}

/// The seal.
pub(crate) fn seal(sealed: &Sealed) -> Words {
    if sealed.equivocation {
        return words(icon::SEAL_WARNING, "Two histories", "Secure the aircraft", State::Warning);
    }
    match (sealed.last, sealed.closed, sealed.witness) {
        (Some((size, _)), true, _) => words(icon::SEAL_CHECK, "SEAL closed", format!("{size} records"), State::Sealed),
        (Some((size, age_s)), false, _) => {
            let late = sealed.recording && age_s > 30.0;
            let label = format!("Witnessed {} ago", span(age_s));
            words(icon::SEAL_CHECK, format!("SEAL {size}"), label, if late { State::Caution } else { State::Sealed })
        }
        (None, _, Some(true)) => words(icon::SEAL, "SEAL ready", "Ground witness up", State::Normal),
        (None, _, Some(false)) => words(icon::SEAL_QUESTION, "No witness", "It does not run", State::Caution),
        (None, _, None) => unknown(icon::SEAL, "No flight open"),
    }
}

/// The next limit: its name, how far, in what time. How many zones are known; nothing until they are read.
pub(crate) fn airspace(next: Option<(&str, f64, Option<f64>)>, zones: Option<usize>, placed: bool) -> Words {
    let Some(zones) = zones else { return unknown(icon::PROHIBIT, "Zones not read") };
    match next {
        Some((name, metres, within_s)) => {
            let label = within_s.map_or_else(|| "To its edge".to_owned(), |seconds| format!("In {}", span(seconds)));
            let near = within_s.is_some_and(|seconds| seconds < 30.0) || metres < 50.0;
            let state = if near { State::Caution } else { State::Normal };
            words(icon::PROHIBIT, format!("{} {}", short(name), distance(metres)), label, state)
        }
        None if zones == 0 => words(icon::PROHIBIT, "No zones", "Import a dataset", State::Unknown),
        None if !placed => words(icon::PROHIBIT, "—", format!("{zones} zones, no position"), State::Unknown),
        None => words(icon::PROHIBIT, "Clear", format!("{zones} zones known"), State::Normal),
    }
}

fn short(name: &str) -> String {
    let mut short: String = name.chars().take(10).collect();
    if name.chars().count() > 10 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_dash_and_never_a_value() {
        for chip in [mode(None, None, 0), battery(None, Some("14:32"), 0), gnss(None, 0), storage(None, 0)] {
            assert_eq!((chip.value.as_str(), chip.state), ("—", State::Unknown));
        }
        assert_eq!(link(None, None, 0).value, "No vehicle");
        assert_eq!(airspace(None, Some(0), true).value, "No zones");
        assert_eq!(airspace(None, None, true).value, "—", "nobody knows yet");
    }

    #[test]
    fn a_recording_that_nobody_hashes_is_no_plain_recording() {
        assert_eq!(rec(Button::Recording { for_ns: 761_000_000_000 }).state, State::Recording);
        assert_eq!(rec(Button::Recording { for_ns: 761_000_000_000 }).value, "REC 00:12:41");
        assert_eq!(rec(Button::Unsealed { for_ns: 1 }).state, State::Caution);
    }

    #[test]
    fn the_seal_says_when_it_was_seen_last_and_two_histories_before_everything() {
        let sealed = Sealed { last: Some((381, 0.84)), recording: true, witness: Some(true), ..Sealed::default() };
        let chip = seal(&sealed);
        assert_eq!(
            (chip.value.as_str(), chip.label.as_str(), chip.state),
            ("SEAL 381", "Witnessed 0.8 s ago", State::Sealed)
        );
        assert_eq!(seal(&Sealed { last: Some((381, 31.0)), ..sealed }).state, State::Caution);
        assert_eq!(seal(&Sealed { equivocation: true, ..sealed }).state, State::Warning);
        assert_eq!(seal(&Sealed { witness: Some(false), ..Sealed::default() }).value, "No witness");
    }
}

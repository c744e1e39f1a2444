//! The table: condition, words, sound, what the pilot does, what ends it.

use super::{Facts, Level, Sound};

/// Which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Id {
    /// Nothing is heard of the vehicle.
    VehicleLost,
    /// The vehicle does not receive the sticks.
    RadioLost,
    /// It hardly does.
    RadioWeak,
    /// The picture is old.
    CameraLost,
    /// REC stopped without an order.
    RecStopped,
    /// The storage aboard is nearly full.
    StorageLow,
    /// This station's clock jumped.
    ClockStep,
    /// The aircraft's key signed two histories.
    Equivocation,
    /// Nothing was cosigned for half a minute.
    Unwitnessed,
    /// Another aircraft is near.
    Traffic,
    /// It must turn home.
    BatteryHome,
    /// It is beyond its fence.
    Fence,
    /// A permission ends.
    Authorisation,
    /// The vehicle calls.
    Emergency,
    /// The witness does not run.
    WitnessGone,
    /// This machine's battery is low.
    StationBattery,
}

/// One condition.
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) level: fn(&Facts) -> Level,
    /// What happened, while it is so; with whether it stands already, which moves the bounds so that nothing flutters.
    pub(super) found: fn(&Facts, bool) -> Option<String>,
    /// True so long before it is raised, false so long before it is over.
    pub(super) after_ns: u64,
    pub(super) over_after_ns: u64,
    pub(super) safe: &'static str,
    pub(super) act: &'static str,
    pub(super) until: &'static str,
    pub(super) sound: Sound,
}

const SECOND_NS: u64 = 1_000_000_000;
const GIB: f64 = 1_073_741_824.0;

/// Three heartbeats.
pub(super) const SILENT_S: f64 = 3.5;
pub(super) const WEAK_PERCENT: (f64, f64) = (40.0, 50.0);
pub(super) const STALE_S: f64 = 3.0;
pub(super) const STORAGE_BYTES: (f64, f64) = (4.0 * GIB, 5.0 * GIB);
pub(super) const STORAGE_HOURS: (f64, f64) = (0.25, 0.33);
pub(super) const STEP_S: f64 = 1.0;
pub(super) const UNWITNESSED_S: f64 = 30.0;
/// Another aircraft within so far and so high asks to be looked for; within the half of it to get out of its way.
pub(super) const TRAFFIC_M: (f64, f64) = (4_000.0, 5_000.0);
pub(super) const TRAFFIC_ABOVE_M: (f64, f64) = (300.0, 400.0);
pub(super) const TURN_S: (f64, f64) = (120.0, 180.0);
/// On its way home, this much short of the reserve counts.
pub(super) const SHORT_S: (f64, f64) = (-30.0, 0.0);
pub(super) const PERMISSION_S: i64 = 15 * 60;
pub(super) const PERMISSION_SOON_S: i64 = 5 * 60;
pub(super) const TEXT_S: f64 = 60.0;
pub(super) const STATION_PERCENT: (f64, f64) = (20.0, 25.0);
pub(super) const STATION_EMPTY_PERCENT: f64 = 10.0;

/// The bound to raise at, or the one to be over at.
fn bound<T>((raise, over): (T, T), stands: bool) -> T {
    if stands { over } else { raise }
}

fn warning(_: &Facts) -> Level {
    Level::Warning
}

fn caution(_: &Facts) -> Level {
    Level::Caution
}

fn warning_if(is: bool) -> Level {
    if is { Level::Warning } else { Level::Caution }
}

/// All conditions.
pub(super) const ROWS: &[Row] = &[
    Row {
        id: Id::VehicleLost,
        level: |facts| warning_if(facts.in_air),
        found: |facts, _| {
            let silent_s = facts.vehicle_silent_s.filter(|s| *s > SILENT_S)?;
            Some(format!("Vehicle not heard for {silent_s:.0} s"))
        },
        after_ns: 0,
        over_after_ns: 2 * SECOND_NS,
        safe: "It follows its failsafe for a lost link; the radio of the sticks may still reach it.",
        act: "Fly by the sticks if you see it. Raise the antenna, turn it to the vehicle, and keep the landing place clear.",
        until: "The vehicle is heard again for 2 s.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::RadioLost,
        level: |facts| warning_if(facts.in_air),
        found: |facts, _| {
            (facts.radio_received == Some(false)).then(|| "Vehicle does not receive the sticks".to_owned())
        },
        after_ns: SECOND_NS,
        over_after_ns: 2 * SECOND_NS,
        safe: "The data link stands: Hold and Return work from here.",
        act: "Press Return, or go nearer with the radio held upright.",
        until: "The vehicle receives the sticks again.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::RadioWeak,
        level: caution,
        found: |facts, stands| {
            let weak = |percent: &f64| *percent < bound(WEAK_PERCENT, stands);
            let percent = facts.radio_percent.filter(weak).filter(|_| facts.radio_received != Some(false))?;
            Some(format!("Radio of the sticks at {percent:.0} %"))
        },
        after_ns: 2 * SECOND_NS,
        over_after_ns: 2 * SECOND_NS,
        safe: "The vehicle is still controlled by the sticks and from here.",
        act: "Do not fly farther away. Turn towards it, or climb.",
        until: "The radio is at 50 % or more.",
        sound: Sound::Chime,
    },
    Row {
        id: Id::CameraLost,
        level: caution,
        found: |facts, _| {
            let age_s = facts.picture_age_s.filter(|s| *s > STALE_S)?;
            Some(format!("Picture is {age_s:.0} s old"))
        },
        after_ns: 0,
        over_after_ns: SECOND_NS,
        safe: "Map, height and alarms are live; recording aboard does not depend on this picture.",
        act: "Do not fly by the picture. Look at the vehicle and the map; press Hold if you see neither.",
        until: "Pictures come again.",
        sound: Sound::Caution,
    },
    Row {
        id: Id::RecStopped,
        level: warning,
        found: |facts, _| facts.rec_stopped.then(|| "Recording stopped, and nobody ordered it".to_owned()),
        after_ns: 0,
        over_after_ns: 0,
        safe: "What was recorded until then is kept and sealed.",
        act: "Press REC again; if it does not start, look at the storage aboard.",
        until: "It records again, or the fault is read at the button.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::StorageLow,
        level: caution,
        found: storage_low,
        after_ns: 5 * SECOND_NS,
        over_after_ns: 5 * SECOND_NS,
        safe: "Recording goes on until it is full; nothing is overwritten.",
        act: "Record what matters only, and land to change the card.",
        until: "There is room for more again.",
        sound: Sound::Chime,
    },
    Row {
        id: Id::ClockStep,
        level: caution,
        found: |facts, _| {
            let step_s = facts.clock_step_s.filter(|s| s.abs() >= STEP_S)?;
            Some(format!("This station's clock jumped by {step_s:+.1} s"))
        },
        after_ns: 0,
        over_after_ns: 10 * SECOND_NS,
        safe: "The aircraft keeps its own time; the jump is written into the record.",
        act: "Note the time by another clock. After landing, see why the clock was set.",
        until: "The clock agrees again, or somebody has seen it.",
        sound: Sound::Chime,
    },
    Row {
        id: Id::Equivocation,
        level: warning,
        found: |facts, _| {
            let size = facts.equivocation?;
            Some(format!("The aircraft's key has signed two histories at head {size}"))
        },
        after_ns: 0,
        over_after_ns: 0,
        safe: "Both heads are kept here as proof.",
        act: "Land. Secure the aircraft and its keys, and tell the officer in charge of evidence.",
        until: "A new flight begins.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::Unwitnessed,
        level: caution,
        found: |facts, _| {
            let for_s = facts.unwitnessed_s.filter(|s| *s > UNWITNESSED_S)?;
            Some(format!("Nothing witnessed for {for_s:.0} s"))
        },
        after_ns: 0,
        over_after_ns: 0,
        safe: "Footage is still recorded, hashed and signed aboard.",
        act: "Look at the data link; stay where it is good until the seal is green again.",
        until: "A segment is cosigned.",
        sound: Sound::Caution,
    },
    Row {
        id: Id::WitnessGone,
        level: warning,
        found: |facts, _| {
            (facts.witness_runs == Some(false)).then(|| "The witness on this station has stopped".to_owned())
        },
        after_ns: 3 * SECOND_NS,
        over_after_ns: 2 * SECOND_NS,
        safe: "Footage is still recorded, hashed and signed aboard; what was witnessed stays witnessed.",
        act: "It is started again by itself. If it does not run within a minute, close this window and open it again.",
        until: "The witness runs again.",
        sound: Sound::Caution,
    },
    Row {
        id: Id::Traffic,
        level: |facts| warning_if(is_close(facts)),
        found: traffic,
        after_ns: 0,
        over_after_ns: 5 * SECOND_NS,
        safe: "Other aircraft always have the right of way.",
        act: "Look for it. Descend and stay low until it has passed.",
        until: "It is farther than 5 km or 400 m above or below.",
        sound: Sound::Traffic,
    },
    Row {
        id: Id::BatteryHome,
        level: |facts| {
            let late = facts.turn_within_s.is_some_and(|s| s <= 0.0) && !facts.returning;
            warning_if(facts.wind_too_strong || late)
        },
        found: turn_home,
        after_ns: 2 * SECOND_NS,
        over_after_ns: 10 * SECOND_NS,
        safe: "The reserve is still in the battery.",
        act: "Press Return now. Land on the way if the reserve is used up, or the wind holds it.",
        until: "It is on the ground, or near enough for 3 minutes more.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::Fence,
        level: warning,
        found: |facts, _| (facts.fence_breached == Some(true)).then(|| "Vehicle is beyond its fence".to_owned()),
        after_ns: 0,
        over_after_ns: 3 * SECOND_NS,
        safe: "It does what its fence says by itself.",
        act: "Let it come back, or press Return. Look at the airspace beyond.",
        until: "It is inside again for 3 s.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::Authorisation,
        level: |facts| match facts.authorisation.as_ref().map_or(0, |paper| paper.left_s) {
            ..=0 => Level::Warning,
            1..=PERMISSION_SOON_S => Level::Caution,
            _ => Level::Advisory,
        },
        found: authorisation,
        after_ns: 0,
        over_after_ns: SECOND_NS,
        safe: "What was flown until then was permitted.",
        act: "Leave the zone or land before it ends, or call for more time (Airspace).",
        until: "It is prolonged, or the flight needs it no more.",
        sound: Sound::Caution,
    },
    Row {
        id: Id::Emergency,
        level: warning,
        found: |facts, _| {
            let (_, age_s, words) = facts.emergency_text.as_ref()?;
            (*age_s <= TEXT_S).then(|| format!("Vehicle says: {words}"))
        },
        after_ns: 0,
        over_after_ns: 0,
        safe: "The vehicle acts by its failsafe settings.",
        act: "Look at the vehicle. Press Hold or Return if it does not do what you want.",
        until: "A minute after it was said.",
        sound: Sound::Warning,
    },
    Row {
        id: Id::StationBattery,
        level: |facts| warning_if(facts.station_percent.is_some_and(|percent| percent < STATION_EMPTY_PERCENT)),
        found: |facts, stands| {
            let low = |percent: &f64| *percent < bound(STATION_PERCENT, stands);
            let percent = facts.station_percent.filter(low).filter(|_| !facts.station_charging)?;
            Some(format!("This station's battery is at {percent:.0} %"))
        },
        after_ns: 5 * SECOND_NS,
        over_after_ns: 5 * SECOND_NS,
        safe: "The vehicle does not depend on this station; recording aboard goes on without it.",
        act: "Connect power, or land before it is empty: then nothing is witnessed.",
        until: "It is charged, or at 25 % or more.",
        sound: Sound::Chime,
    },
];

/// What an alarm is about, where it may be another thing while the condition goes on: another asks again.
pub(super) fn subject(id: Id, facts: &Facts) -> Option<String> {
    match id {
        Id::Emergency => facts.emergency_text.as_ref().map(|(number, ..)| number.to_string()),
        Id::Traffic => facts.traffic.as_ref().map(|near| near.name.clone()),
        Id::Authorisation => facts.authorisation.as_ref().map(|paper| paper.name.clone()),
        Id::VehicleLost
        | Id::RadioLost
        | Id::RadioWeak
        | Id::CameraLost
        | Id::RecStopped
        | Id::StorageLow
        | Id::ClockStep
        | Id::Equivocation
        | Id::Unwitnessed
        | Id::BatteryHome
        | Id::Fence
        | Id::WitnessGone
        | Id::StationBattery => None,
    }
}

fn storage_low(facts: &Facts, stands: bool) -> Option<String> {
    let free = facts.storage_free_bytes?;
    let few = free < bound(STORAGE_BYTES, stands);
    let hours = facts.storage_hours.filter(|hours| *hours < bound(STORAGE_HOURS, stands));
    let words = |what: String| Some(format!("Storage aboard: {what} left"));
    match hours {
        Some(hours) => words(format!("{:.0} min", hours * 60.0)),
        None if few => words(format!("{:.1} GB", free / 1e9)),
        None => None,
    }
}

fn is_close(facts: &Facts) -> bool {
    let within = |near: &super::facts::Near| {
        let above_m = near.above_m.unwrap_or(0.0).abs();
        near.distance_m < TRAFFIC_M.0 / 2.0 && above_m < TRAFFIC_ABOVE_M.0 / 2.0
    };
    facts.traffic.as_ref().is_some_and(within)
}

fn traffic(facts: &Facts, stands: bool) -> Option<String> {
    let near = facts.traffic.as_ref()?;
    let above_m = near.above_m.unwrap_or(0.0).abs();
    if near.distance_m >= bound(TRAFFIC_M, stands) || above_m >= bound(TRAFFIC_ABOVE_M, stands) {
        return None;
    }
    let way = match near.above_m {
        Some(m) if m >= 0.0 => format!("{m:.0} m above"),
        Some(m) => format!("{:.0} m below", -m),
        None => "height unknown".to_owned(),
    };
    Some(format!(
        "Traffic: {} {:.1} km to the {}, {way}",
        near.name,
        near.distance_m / 1_000.0,
        direction(near.bearing_deg)
    ))
}

/// One of eight.
fn direction(bearing_deg: f64) -> &'static str {
    const NAMES: [&str; 8] = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
    let ends = [22.5, 67.5, 112.5, 157.5, 202.5, 247.5, 292.5, 337.5];
    let at = ends.iter().position(|end| bearing_deg.rem_euclid(360.0) < *end).unwrap_or(0);
    NAMES[at]
}

fn turn_home(facts: &Facts, stands: bool) -> Option<String> {
    if !facts.in_air {
        return None;
    }
    if facts.wind_too_strong {
        return Some("The wind is stronger than the vehicle flies: it does not get home".to_owned());
    }
    if facts.returning {
        let short = facts.turn_within_s? < bound(SHORT_S, stands);
        return short.then(|| "Battery: it is on its way home and lands with less than the reserve".to_owned());
    }
    let within_s = facts.turn_within_s.filter(|s| *s < bound(TURN_S, stands))?;
    Some(match within_s {
        s if s <= 0.0 => "Battery: it must turn home now; it lands with less than the reserve".to_owned(),
        s => format!("Battery: it must turn home within {:.0} s", (s / 10.0).ceil() * 10.0),
    })
}

fn authorisation(facts: &Facts, _: bool) -> Option<String> {
    let paper = facts.authorisation.as_ref().filter(|paper| paper.left_s < PERMISSION_S)?;
    Some(match paper.left_s {
        s if s <= 0 => format!("Permission ended: {}", paper.name),
        s => format!("Permission ends in {} min: {}", (s + 59) / 60, paper.name),
    })
}

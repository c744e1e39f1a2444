//! Known failures before arming: what they mean and what the pilot does. By ArduPilot's AP_Arming and PX4's health and arming checks.

/// What stands in the failure (lower case; all words of a row, in any place), what it means, what to do. The first row that fits counts:
/// the narrower stand before the wider.
const TABLE: &[(&[&str], &str, &str)] = &[
    // Position.
    (
        &["gps and ahrs differ"],
        "The receiver and the estimate disagree on the position.",
        "Wait a minute in the open; if it stays, restart the vehicle.",
    ),
    (
        &["gps", "hdop"],
        "The satellites stand badly for a position.",
        "Move away from walls and trees, and wait for more satellites.",
    ),
    (
        &["pdop"],
        "The satellites stand badly for a position.",
        "Move away from walls and trees, and wait for more satellites.",
    ),
    (&["satellites"], "Too few satellites are received.", "Put it in the open with a clear sky, and wait."),
    (
        &["need 3d fix"],
        "There is no satellite position yet.",
        "Put it in the open with a clear sky; it takes up to two minutes.",
    ),
    (
        &["bad fix"],
        "There is no satellite position yet.",
        "Put it in the open with a clear sky; it takes up to two minutes.",
    ),
    (
        &["gps fix too low"],
        "There is no satellite position yet.",
        "Put it in the open with a clear sky; it takes up to two minutes.",
    ),
    (
        &["no gps lock"],
        "There is no satellite position yet.",
        "Put it in the open with a clear sky; it takes up to two minutes.",
    ),
    (
        &["gps", "error too high"],
        "The receiver's position is not accurate enough.",
        "Wait in the open; keep clear of metal and transmitters.",
    ),
    (&["gps", "drift"], "The receiver's position wanders.", "Leave it standing still in the open, and wait."),
    (
        &["gps", "configur"],
        "The satellite receiver is not set up.",
        "Restart the vehicle; if it stays, have the receiver's settings checked.",
    ),
    (
        &["gps", "not healthy"],
        "The satellite receiver does not answer well.",
        "Restart the vehicle; if it stays, check the receiver's cable.",
    ),
    (
        &["need position estimate"],
        "The vehicle does not know where it is yet.",
        "Wait for the estimate to settle, up to a minute after the 3D fix.",
    ),
    (
        &["position required"],
        "The vehicle does not know where it is yet.",
        "Wait for the position, or choose a mode that needs none.",
    ),
    (&["requires position"], "The vehicle does not know where it is yet.", "Wait for the position."),
    (&["waiting for home"], "Home is not set yet.", "Wait for the satellite position; home is set with it."),
    (&["home position"], "Home is not set.", "Wait for the satellite position; home is set with it."),
    // Estimate.
    (
        &["estimate not stable"],
        "The estimate of position or heading has not settled.",
        "Leave it standing still, away from metal; if it stays, restart it.",
    ),
    (&["velocity unstable"], "The estimate of the speed has not settled.", "Leave it standing still for a minute."),
    (
        &["ekf", "compass"],
        "The estimate does not trust the compass.",
        "Carry it away from cars, metal and cables; calibrate the compass if it stays.",
    ),
    (
        &["ekf"],
        "The estimate of attitude and position is not ready.",
        "Leave it standing still for a minute; if it stays, restart it.",
    ),
    (
        &["ahrs"],
        "The estimate of attitude and position is not ready.",
        "Leave it standing still for a minute; if it stays, restart it.",
    ),
    (&["attitude failure"], "It lies too steep, or its attitude is wrong.", "Put it on level ground and restart it."),
    (
        &["altitude disparity"],
        "Barometer and estimate disagree on the height.",
        "Shade the vehicle from wind and sun, and restart it.",
    ),
    (&["leaning"], "It lies too steep.", "Put it on level ground."),
    // Compass.
    (
        &["mag field"],
        "The magnetic field here is not the earth's.",
        "Carry it away from cars, metal, manhole covers and cables.",
    ),
    (
        &["magnetic interference"],
        "The magnetic field here is not the earth's.",
        "Carry it away from cars, metal, manhole covers and cables.",
    ),
    (
        &["compasses inconsistent"],
        "The compasses disagree.",
        "Carry it away from metal; calibrate the compasses if it stays.",
    ),
    (&["compass", "reboot"], "The compass was calibrated and wants a restart.", "Restart the vehicle."),
    (&["compass", "calibrat"], "The compass is not calibrated.", "Calibrate the compass, away from metal."),
    (&["compass offsets"], "The compass is badly calibrated.", "Calibrate the compass, away from metal."),
    (
        &["compass"],
        "A compass does not answer well.",
        "Carry it away from metal and restart it; if it stays, do not fly it.",
    ),
    // Inertial sensors and barometer.
    (&["gyros not calibrated"], "The gyroscopes are not calibrated.", "Leave it standing still, and restart it."),
    (
        &["gyro"],
        "The gyroscopes disagree or do not answer.",
        "Leave it standing still, let it reach the temperature outside, and restart it.",
    ),
    (&["accel", "reboot"], "The accelerometers were calibrated and want a restart.", "Restart the vehicle."),
    (
        &["accel", "calibrat"],
        "The accelerometers are not calibrated.",
        "Have the accelerometers calibrated before flying.",
    ),
    (
        &["accel"],
        "The accelerometers disagree or do not answer.",
        "Let it reach the temperature outside and restart it; if it stays, do not fly it.",
    ),
    (&["baro"], "The barometer does not answer.", "Restart the vehicle; if it stays, do not fly it."),
    // Power.
    (&["battery", "below minimum"], "The battery is too empty to take off with.", "Put in a charged battery."),
    (&["low battery"], "The battery is too empty to take off with.", "Put in a charged battery."),
    (
        &["battery", "failsafe"],
        "The battery is so low that the vehicle would return at once.",
        "Put in a charged battery.",
    ),
    (&["battery"], "The battery does not answer well.", "Take it out, look at its contacts, and put in another."),
    (
        &["board (", "out of range"],
        "The flight controller's supply is out of its range.",
        "Put in a charged battery; if it stays, have the supply checked.",
    ),
    (
        &["avionics power"],
        "The flight controller's supply is out of its range.",
        "Put in a charged battery; if it stays, have the supply checked.",
    ),
    // Radio and switches.
    (
        &["throttle below failsafe"],
        "The radio is not received.",
        "Switch the radio on; check that it is bound to this vehicle.",
    ),
    (&["rc not found"], "The radio is not received.", "Switch the radio on; check that it is bound to this vehicle."),
    (&["radio failsafe"], "The radio is not received.", "Switch the radio on; check that it is bound to this vehicle."),
    (&["rc failsafe"], "The radio is not received.", "Switch the radio on; check that it is bound to this vehicle."),
    (&["manual control"], "The radio is not received.", "Switch the radio on; check that it is bound to this vehicle."),
    (
        &["throttle"],
        "The throttle stick is not where it must be.",
        "Put the throttle stick down (in the middle for a sprung stick).",
    ),
    (&["is not neutral"], "A stick is not in the middle.", "Let go of the sticks; trim the radio if it stays."),
    (
        &["gcs failsafe"],
        "The vehicle does not hear this station.",
        "Check the data link; the vehicle must hear this station all the time.",
    ),
    (
        &["ground control"],
        "The vehicle does not hear this station.",
        "Check the data link; the vehicle must hear this station all the time.",
    ),
    (
        &["no connection to the gcs"],
        "The vehicle does not hear this station.",
        "Check the data link; the vehicle must hear this station all the time.",
    ),
    (&["safety"], "The safety switch is on.", "Press the safety button on the vehicle until its light stays on."),
    (&["kill switch"], "The kill switch of the radio is on.", "Put the kill switch back, with the propellers free."),
    (
        &["motors emergency stopped"],
        "The emergency stop of the radio is on.",
        "Put the switch back, with the propellers free.",
    ),
    (&["motor interlock"], "The motor interlock is on.", "Put the interlock switch of the radio off."),
    // Fence, mission, mode.
    (
        &["outside", "fence"],
        "It stands outside its fence.",
        "Carry it inside the fence, or upload the plan again for this place.",
    ),
    (
        &["geofence"],
        "It stands outside its fence.",
        "Carry it inside the fence, or upload the plan again for this place.",
    ),
    (
        &["fence"],
        "The fence aboard cannot be used.",
        "Upload the plan again, with its fence, and wait for the position.",
    ),
    (&["mode not armable"], "It cannot be armed in this mode.", "Choose Loiter or Position, then arm."),
    (&["switch out of"], "It cannot be armed in this mode.", "Choose Position or Hold, then arm."),
    (&["mission"], "The mission aboard is missing or cannot be flown.", "Upload the plan again."),
    (
        &["terrain"],
        "The terrain data for the mission is not aboard yet.",
        "Wait until it is loaded; keep this station connected.",
    ),
    // The vehicle itself.
    (&["logging"], "The vehicle's own log cannot be written.", "Check its memory card: in, and not full."),
    (&["sd card"], "The vehicle's memory card is missing or bad.", "Put in its memory card, and restart it."),
    (&["downloading logs"], "Its logs are being fetched.", "Wait until the transfer ends, or stop it."),
    (
        &["crash dump"],
        "The autopilot failed in an earlier flight and left a report.",
        "Do not fly it; hand it to maintenance with its memory card.",
    ),
    (&["internal error"], "The autopilot found a fault in itself.", "Do not fly it; hand it to maintenance."),
    (&["frame class"], "The autopilot is not set up for this airframe.", "Do not fly it; hand it to maintenance."),
    (&["cpu load"], "The autopilot is overloaded.", "Restart it; if it stays, hand it to maintenance."),
    (
        &["drone id"],
        "Remote identification is not ready.",
        "Check that the transmitter is on and the operator's position is known.",
    ),
    (&["rangefinder"], "The rangefinder does not answer.", "Clean it, check its cable, and restart the vehicle."),
    (&["system not initialised"], "The autopilot is still starting.", "Wait a moment."),
    (&["parachute"], "The parachute system is not ready.", "Look at the parachute: armed, and its pin out."),
];

/// What a failure means and what the pilot does; nothing for one that is not known.
pub(super) fn of(said: &str) -> Option<(&'static str, &'static str)> {
    let said = said.to_lowercase();
    let fits = |words: &&(&[&str], _, _)| words.0.iter().all(|word| said.contains(word));
    TABLE.iter().find(fits).map(|(_, means, cure)| (*means, *cure))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the autopilots write them.
    const KNOWN: &[(&str, &str)] = &[
        ("Need 3D Fix", "no satellite position"),
        ("GPS 1: Bad fix", "no satellite position"),
        ("GPS and AHRS differ by 12.3m", "disagree on the position"),
        ("Need Position Estimate", "does not know where it is"),
        ("global position required", "does not know where it is"),
        ("AHRS: waiting for home", "Home is not set"),
        ("AHRS: EKF3 not started", "not ready"),
        ("EKF compass variance", "does not trust the compass"),
        ("Check mag field: 812, max 875, min 185", "not the earth's"),
        ("Compass not calibrated", "not calibrated"),
        ("Compass calibrated requires reboot", "wants a restart"),
        ("Compass 1 not healthy", "does not answer well"),
        ("Gyros not calibrated", "not calibrated"),
        ("3D Accel calibration needed", "not calibrated"),
        ("Accels inconsistent", "disagree"),
        ("Battery 1 below minimum arming capacity", "too empty"),
        ("Battery 1 unhealthy", "does not answer"),
        ("low battery", "too empty"),
        ("Throttle below failsafe", "radio is not received"),
        ("Throttle too high", "throttle stick"),
        ("Roll (RC1) is not neutral", "not in the middle"),
        ("Hardware safety switch", "safety switch"),
        ("vehicle outside fence", "outside its fence"),
        ("Fence requires position", "does not know where it is"),
        ("Fences invalid", "cannot be used"),
        ("AUTO mode not armable", "in this mode"),
        ("switch out of Return first", "in this mode"),
        ("Logging failed", "log cannot be written"),
        ("No connection to the ground control station", "does not hear this station"),
        ("Kill switch engaged", "kill switch"),
        ("heading estimate not stable", "has not settled"),
        ("not enough GPS Satellites", "Too few satellites"),
        ("GPS Horizontal Pos Error too high", "not accurate"),
        ("Avionics Power low: 4.50 Volt", "supply"),
        ("Board (4.3v) out of range 4.5-5.8v", "supply"),
        ("Missing FMU SD Card", "memory card"),
        ("Strong magnetic interference", "not the earth's"),
    ];

    #[test]
    fn known_failures_have_a_meaning_and_a_cure() {
        for (said, means) in KNOWN {
            let (found, cure) = of(said).unwrap_or_else(|| panic!("{said} is not known"));
            assert!(found.contains(means), "{said}: {found}");
            assert!(cure.ends_with('.'));
        }
        assert_eq!(of("Flux capacitor cold"), None);
    }

    #[test]
    fn every_row_can_be_reached() {
        for (at, (words, means, _)) in TABLE.iter().enumerate() {
            let first =
                TABLE.iter().position(|(others, ..)| others.iter().all(|other| words.join(" ").contains(other)));
            assert_eq!(first, Some(at), "{words:?}: {means}");
        }
    }
}

//! Whole conversations.

use super::testing::{VEHICLE, conversation, frame, position, text};
use super::*;

const SECOND_NS: u64 = 1_000_000_000;

fn beat(kind: [u8; 2], custom_mode: u32, base_mode: u8, status: u8) -> Frame {
    let mut payload = custom_mode.to_le_bytes().to_vec();
    payload.extend([kind[0], kind[1], base_mode, status, 3]);
    frame(HEARTBEAT, &payload)
}

const COPTER: [u8; 2] = [2, 3];

/// The fleet after each frame until `until_s`, and what `look` saw, each change once.
fn seen<T: PartialEq>(name: &str, look: impl Fn(&Fleet, u64) -> Option<T>) -> Vec<T> {
    let mut fleet = Fleet::new(Address::new(254, 190));
    let mut seen = Vec::new();
    for (at_ns, frame) in conversation(name) {
        fleet.hear(&frame, at_ns);
        if let Some(now) = look(&fleet, at_ns).filter(|now| seen.last() != Some(now)) {
            seen.push(now);
        }
    }
    seen
}

#[test]
fn arducopters_flight_is_followed() {
    let name = "ardupilot-copter-4.7.tlog";
    let modes = seen(name, |fleet, now| Some(fleet.vehicle()?.mode(now)?.name.into_owned()));
    assert_eq!(modes, ["Stabilize", "Guided", "Land"]);
    let armed = seen(name, |fleet, now| fleet.vehicle()?.is_armed(now));
    assert_eq!(armed, [false, true, false]);
    let aloft = seen(name, |fleet, now| fleet.vehicle()?.aloft(now));
    assert_eq!(aloft, [Aloft::OnGround, Aloft::InAir, Aloft::OnGround]);
    let who = seen(name, |fleet, now| fleet.vehicle()?.in_control(None, now));
    assert_eq!(who, ["Pilot, by the sticks", "A station or computer, point by point", "Autopilot: land"]);
    let highest = seen(name, |fleet, now| fleet.vehicle()?.place.height_above_home_m(now));
    let highest = highest.into_iter().fold(0.0, f64::max);
    assert!((4.0..20.0).contains(&highest), "{highest}");
}

#[test]
fn arducopters_figures_are_read() {
    let mut fleet = Fleet::new(Address::new(254, 190));
    let mut now = 0;
    for (at_ns, frame) in conversation("ardupilot-copter-4.7.tlog") {
        fleet.hear(&frame, at_ns);
        now = at_ns;
    }
    let vehicle = fleet.vehicle().unwrap();
    assert_eq!(vehicle.kind(), Some(Kind::ArduCopter));
    let battery = vehicle.power.now(now).unwrap();
    assert!(battery.percent > Some(50.0) && battery.voltage_v > Some(10.0), "{battery:?}");
    assert!(vehicle.gnss.now(now).is_some_and(|gnss| gnss.is_good() && gnss.satellites >= Some(6)));
    assert_eq!(vehicle.health.estimator.now(now).unwrap().grade, health::Grade::Good);
    assert_eq!(vehicle.health.vibration.now(now).unwrap().grade, Some(health::Grade::Good));
    assert!(vehicle.place.way_home(now).unwrap().distance_m < 10.0);
    assert!(vehicle.place.attitude.now(now).is_some() && vehicle.place.wind.now(now).is_some());
    assert!(vehicle.link.percent(now) > Some(20.0), "the capture left messages out");
    assert_eq!(vehicle.messages.all().count(), 7);
    let later = now + 60 * SECOND_NS;
    assert_eq!((vehicle.power.now(later), vehicle.mode(later), vehicle.aloft(later)), (None, None, None));
    assert!(vehicle.link.is_lost(later) && vehicle.link.silence_s(later) > Some(59.0));
}

#[test]
fn arducopters_refusals_to_arm_have_cures_and_end_with_arming() {
    let name = "ardupilot-copter-conversation.tlog";
    let failures = seen(name, |fleet, now| {
        let standing = fleet.vehicle()?.prearm.standing(now);
        Some(standing.map(|failure| (failure.said.clone(), failure.cure.is_some())).collect::<Vec<_>>())
    });
    let need = vec![("Need Position Estimate".to_owned(), true)];
    assert_eq!(failures, [vec![], need, vec![]]);
    let stations = seen(name, |fleet, now| Some(fleet.stations.now(now).count()));
    assert_eq!(stations.last(), Some(&1), "the station that flew it");
}

#[test]
fn px4s_flight_is_followed() {
    let name = "px4-conversation.tlog";
    let modes = seen(name, |fleet, now| Some(fleet.vehicle()?.mode(now)?.name.into_owned()));
    assert_eq!(modes, ["Hold", "Mission", "Return", "Hold"]);
    let aloft = seen(name, |fleet, now| fleet.vehicle()?.aloft(now));
    assert_eq!(aloft, [Aloft::OnGround, Aloft::InAir, Aloft::OnGround]);
    let texts = seen(name, |fleet, _| Some(fleet.vehicle()?.messages.all().next_back()?.words.clone()));
    assert!(texts.contains(&"RTL: start return at 172 m (30 m above destination)".to_owned()), "{texts:?}");
    let items = seen(name, |fleet, now| Some(fleet.vehicle()?.mission(now)?.total));
    assert_eq!(items.last(), Some(&Some(5)), "{items:?}");
}

#[test]
fn a_vehicle_of_2015_is_followed_with_its_radio() {
    let name = "dronekit-flight-cut.tlog";
    let armed = seen(name, |fleet, now| fleet.vehicle()?.is_armed(now));
    assert!(armed.starts_with(&[false, true]), "{armed:?}");
    let radio = seen(name, |fleet, now| fleet.radio.now(now));
    assert!(!radio.is_empty());
    let rc = seen(name, |fleet, now| fleet.vehicle()?.radio.percent(now));
    assert!(rc.iter().all(|percent| (0.0..=100.0).contains(percent)), "{rc:?}");
}

#[test]
fn without_extended_state_the_height_tells_whether_it_flies() {
    let mut vehicle = Vehicle::new(VEHICLE);
    assert_eq!(vehicle.aloft(0), None);
    vehicle.hear(&beat(COPTER, 0, 0, STANDBY), 0);
    assert_eq!(vehicle.aloft(0), Some(Aloft::OnGround), "disarmed");
    vehicle.hear(&beat(COPTER, 0, ARMED, STANDBY), 0);
    assert_eq!(vehicle.aloft(0), Some(Aloft::OnGround), "standing by");
    vehicle.hear(&beat(COPTER, 0, ARMED, 4), 0);
    assert_eq!(vehicle.aloft(0), None, "armed, and nothing else is known");
    vehicle.hear(&position(515_000_000, 1, 0, 2_100), 0);
    assert_eq!(vehicle.aloft(0), Some(Aloft::InAir));
    vehicle.hear(&position(515_000_000, 1, 0, 1_900), 0);
    assert_eq!(vehicle.aloft(0), Some(Aloft::OnGround));
    vehicle.hear(&frame(EXTENDED_SYS_STATE, &[0, 4]), 0);
    assert_eq!(vehicle.aloft(0), Some(Aloft::InAir), "landing is not landed");
}

#[test]
fn a_state_that_was_overtaken_changes_nothing() {
    use vehicle_link::frames::{Body, Encoder};
    let mut encoder = Encoder::new(1, 1);
    let mut beat =
        |base_mode| encoder.encode_body(&Body::raw(HEARTBEAT, &[0, 0, 0, 0, 2, 12, base_mode, 4, 3]).unwrap());
    let (before, armed) = (beat(0), beat(ARMED));
    let mut vehicle = Vehicle::new(VEHICLE);
    for (at_ns, frame) in [(1, &before), (2, &armed), (3, &before)] {
        vehicle.hear(frame, at_ns);
    }
    assert_eq!(vehicle.is_armed(3), Some(true));
}

#[test]
fn a_silent_vehicle_is_unknown_but_for_its_kind() {
    let mut vehicle = Vehicle::new(VEHICLE);
    vehicle.hear(&beat(COPTER, 5, 0, STANDBY), 0);
    assert!(vehicle.mode(4 * SECOND_NS).is_some());
    assert_eq!((vehicle.mode(5 * SECOND_NS), vehicle.is_armed(5 * SECOND_NS)), (None, None));
    assert_eq!(vehicle.kind(), Some(Kind::ArduCopter));
}

#[test]
fn parameters_become_sentences_in_both_encodings() {
    let value = |name: &str, bits: u32, kind: u8| {
        let mut payload = bits.to_le_bytes().to_vec();
        payload.extend([1, 0, 0, 0]);
        payload.extend(name.bytes().chain(std::iter::repeat(0)).take(16));
        payload.push(kind);
        frame(PARAM_VALUE, &payload)
    };
    let mut copter = Vehicle::new(VEHICLE);
    copter.hear(&beat(COPTER, 0, 0, STANDBY), 0);
    copter.hear(&value("RTL_ALT", 4_000.0_f32.to_bits(), 6), 0);
    assert_eq!(copter.failsafes.return_height(Kind::ArduCopter).unwrap().words(), "at 40 m above home or higher");
    let mut px4 = Vehicle::new(VEHICLE);
    px4.hear(&beat([2, 12], 0, 0, STANDBY), 0);
    px4.hear(&value("GF_ACTION", 3, 6), 0);
    assert_eq!(px4.failsafes.value("GF_ACTION"), Some(3.0));
}

#[test]
fn failures_end_when_the_checks_pass() {
    let status = |healthy: u32| {
        let mut payload = Vec::new();
        [1_u32 << 28, 1 << 28, healthy].iter().for_each(|bits| payload.extend(bits.to_le_bytes()));
        payload.resize(31, 0);
        frame(1, &payload)
    };
    let mut vehicle = Vehicle::new(VEHICLE);
    vehicle.hear(&beat([2, 12], 0, 0, STANDBY), 0);
    vehicle.hear(&text(2, "Preflight Fail: Compass 0 uncalibrated"), 0);
    vehicle.hear(&status(0), 0);
    let cures: Vec<_> = vehicle.prearm.standing(0).filter_map(|failure| failure.cure).collect();
    assert_eq!(cures, ["Calibrate the compass, away from metal."]);
    vehicle.hear(&status(1 << 28), 1);
    assert_eq!(vehicle.prearm.standing(1).count(), 0);
}

#[test]
fn a_failsafe_of_the_autopilot_is_seen() {
    let mut vehicle = Vehicle::new(VEHICLE);
    vehicle.hear(&beat(COPTER, 6, ARMED, 4), 0);
    assert_eq!(vehicle.is_in_failsafe(0), Some(false));
    vehicle.hear(&beat(COPTER, 6, ARMED, 5), 0);
    assert_eq!((vehicle.is_in_failsafe(0), vehicle.is_in_failsafe(9 * SECOND_NS)), (Some(true), None));
    assert_eq!(vehicle.kind(), Some(Kind::ArduCopter));
}

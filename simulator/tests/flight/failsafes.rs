//! What the vehicle does by itself when something goes wrong, as its parameters say.

use simulator::autopilot::mode::Mode;
use simulator::faults::Fault;
use simulator::maths::Vec3;
use vehicle_link::dialect::{MISSION_ITEM_INT_DATA, MavCmd, MavMessage, MavMissionResult, MavMissionType, MavResult};

use crate::station::{CALM, Flight, item};

const FENCE: MavMissionType = MavMissionType::MAV_MISSION_TYPE_FENCE;
const RALLY: MavMissionType = MavMissionType::MAV_MISSION_TYPE_RALLY;

fn vehicle(personality: &str) -> Flight {
    let mut flight = Flight::new(&format!("personality = \"{personality}\"\n{CALM}"));
    flight.run(1.0);
    flight
}

fn square(flight: &Flight, half_m: f64) -> Vec<MISSION_ITEM_INT_DATA> {
    let corner = |north, east| {
        let at = flight.world.map().geodetic(Vec3::new(north, east, 0.0));
        item(MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION, [4.0, 0.0, 0.0, 0.0], at, 0.0)
    };
    vec![corner(-half_m, -half_m), corner(half_m, -half_m), corner(half_m, half_m), corner(-half_m, half_m)]
}

fn go(flight: &mut Flight, place: Vec3) {
    let result = flight.command_at(MavCmd::MAV_CMD_DO_REPOSITION, [-1.0, 1.0, 0.0, f32::NAN], place);
    assert_eq!(result, MavResult::MAV_RESULT_ACCEPTED);
}

#[test]
fn beyond_the_fence_it_does_what_the_parameter_says() {
    for (personality, name, expected) in [
        ("px4", "GF_ACTION", [(1.0, Mode::Hold), (3.0, Mode::Return), (5.0, Mode::Land)]),
        ("ardupilot", "FENCE_ACTION", [(0.0, Mode::Hold), (1.0, Mode::Return), (2.0, Mode::Land)]),
    ] {
        for (action, mode) in expected {
            let mut flight = vehicle(personality);
            let fence = square(&flight, 50.0);
            assert_eq!(flight.upload_as(FENCE, &fence), MavMissionResult::MAV_MISSION_ACCEPTED);
            if personality == "ardupilot" {
                flight.set("FENCE_ENABLE", 1.0, true);
            }
            flight.set(name, action, true);
            flight.take_off(15.0);
            go(&mut flight, Vec3::new(80.0, 0.0, -15.0));
            let crossed = flight.run_until(40.0, |world| world.vehicle().airframe.position.x > 51.0);
            assert!(crossed.is_some());
            flight.run(0.5);
            assert_eq!(flight.world.autopilot().mode(), mode, "{personality} {action}: {:?}", flight.texts());
            assert!(flight.said(if personality == "px4" { "Geofence violated" } else { "Fence Breached" }));
            flight.run(1.5);
            let status = flight.heard.iter().rev().find_map(|m| match m {
                MavMessage::FENCE_STATUS(status) => Some((status.breach_status, status.breach_count)),
                _ => None,
            });
            assert_eq!(status, Some((1, 1)));
        }
    }
}

#[test]
fn a_fence_that_is_none_is_refused_and_the_old_one_stays() {
    let mut flight = vehicle("px4");
    let fence = square(&flight, 50.0);
    assert_eq!(flight.upload_as(FENCE, &fence), MavMissionResult::MAV_MISSION_ACCEPTED);
    assert_eq!(flight.upload_as(FENCE, &fence[..3]), MavMissionResult::MAV_MISSION_INVALID);
    assert_eq!(flight.world.autopilot().plans().fence.items.len(), 4);
}

#[test]
fn it_does_not_arm_outside_the_fence() {
    let mut flight = vehicle("px4");
    let at = flight.world.map().geodetic(Vec3::new(300.0, 0.0, 0.0));
    let circle = item(MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, [50.0, 0.0, 0.0, 0.0], at, 0.0);
    assert_eq!(flight.upload_as(FENCE, &[circle]), MavMissionResult::MAV_MISSION_ACCEPTED);
    let mut arm = [0.0; 7];
    arm[0] = 1.0;
    let result = flight.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, arm);
    assert_eq!(result, MavResult::MAV_RESULT_TEMPORARILY_REJECTED);
    flight.run(0.1);
    // Forced it arms.
    arm[1] = 21196.0;
    assert_eq!(flight.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, arm), MavResult::MAV_RESULT_ACCEPTED);
}

#[test]
fn it_returns_to_the_rally_point_that_is_nearer() {
    for personality in ["px4", "ardupilot"] {
        let mut flight = vehicle(personality);
        let at = flight.world.map().geodetic(Vec3::new(70.0, 0.0, 0.0));
        let rally = item(MavCmd::MAV_CMD_NAV_RALLY_POINT, [0.0; 4], at, 20.0);
        assert_eq!(flight.upload_as(RALLY, &[rally]), MavMissionResult::MAV_MISSION_ACCEPTED);
        flight.take_off(15.0);
        go(&mut flight, Vec3::new(100.0, 0.0, -15.0));
        flight.run(25.0);
        assert_eq!(flight.command(MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH, [0.0; 7]), MavResult::MAV_RESULT_ACCEPTED);
        assert!(flight.run_until(90.0, |world| !world.autopilot().armed()).is_some());
        let landed = flight.world.vehicle().airframe.position;
        assert!((landed - Vec3::new(70.0, 0.0, 0.0)).norm() < 1.5, "{personality}: {landed:?}");
    }
}

#[test]
fn a_silent_station_sends_it_home_where_the_parameter_says_so() {
    for (personality, name, value, words) in
        [("px4", "NAV_DLL_ACT", 2.0, "ground control lost"), ("ardupilot", "FS_GCS_ENABLE", 1.0, "GCS Failsafe")]
    {
        let mut flight = vehicle(personality);
        flight.set(name, value, true);
        flight.beat();
        flight.take_off(15.0);
        go(&mut flight, Vec3::new(60.0, 0.0, -15.0));
        for _ in 0..20 {
            flight.beat();
            flight.run(1.0);
        }
        assert!(!matches!(flight.world.autopilot().mode(), Mode::Return));
        let returned = flight.run_until(20.0, |world| world.autopilot().mode() == Mode::Return);
        assert!(returned.is_some_and(|s| s > 4.0), "{personality} {returned:?}");
        assert!(flight.said(words), "{:?}", flight.texts());
    }
}

#[test]
fn a_failed_battery_lands_it() {
    let mut flight = vehicle("px4");
    flight.take_off(20.0);
    flight.world.add_fault(Fault::live("battery_failure = { charge = 0.05 }", 0.0).unwrap());
    assert!(flight.run_until(2.0, |world| world.autopilot().mode() == Mode::Land).is_some());
    assert!(flight.said("Dangerous battery"));
    assert!(flight.run_until(60.0, |world| !world.autopilot().armed()).is_some());
    let mut arm = [0.0; 7];
    arm[0] = 1.0;
    let again = flight.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, arm);
    assert_eq!(again, MavResult::MAV_RESULT_TEMPORARILY_REJECTED);
}

#[test]
fn a_jammed_receiver_lands_it_and_forbids_modes_that_need_a_place() {
    let mut flight = vehicle("ardupilot");
    flight.take_off(20.0);
    let now_s = flight.world.now_ns() as f64 * 1e-9;
    flight.world.add_fault(Fault::live("gnss_jam = { for_s = 8 }", now_s).unwrap());
    assert!(flight.run_until(4.0, |world| world.autopilot().mode() == Mode::Land).is_some());
    assert!(flight.said("position lost"));
    assert_eq!(flight.mode(6), MavResult::MAV_RESULT_FAILED, "RTL without a position");
    flight.run(6.0);
    assert!(flight.said("EKF Failsafe Cleared"));
    assert_eq!(flight.mode(6), MavResult::MAV_RESULT_ACCEPTED);
}

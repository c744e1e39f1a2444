//! Orders of a station: what each autopilot does, and how it refuses.

use simulator::autopilot::mode::Mode;
use simulator::autopilot::notice::Notice;
use simulator::autopilot::personality::Personality;
use simulator::maths::Vec3;
use vehicle_link::dialect::{
    GIMBAL_MANAGER_SET_PITCHYAW_DATA, GimbalManagerFlags, LOG_REQUEST_LIST_DATA, MavCmd, MavFrame, MavMessage,
    MavResult, PARAM_REQUEST_LIST_DATA, PositionTargetTypemask, SET_POSITION_TARGET_LOCAL_NED_DATA,
};

use crate::station::{CALM, Flight};

const ACCEPTED: MavResult = MavResult::MAV_RESULT_ACCEPTED;

fn vehicle(personality: &str) -> Flight {
    let mut flight = Flight::new(&format!("personality = \"{personality}\"\n{CALM}"));
    flight.run(1.0);
    flight
}

fn custom_modes(flight: &Flight) -> Vec<u32> {
    let mut modes: Vec<u32> = flight
        .heard
        .iter()
        .filter_map(|m| if let MavMessage::HEARTBEAT(beat) = m { Some(beat.custom_mode) } else { None })
        .collect();
    modes.dedup();
    modes
}

#[test]
fn ardupilot_flies_by_its_own_modes_and_refuses_as_it_does() {
    let mut flight = vehicle("ardupilot");
    let up = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_NAV_TAKEOFF, up), MavResult::MAV_RESULT_FAILED, "disarmed");
    assert_eq!(flight.mode(1), MavResult::MAV_RESULT_FAILED, "acro is not flown");
    assert_eq!(flight.mode(9), ACCEPTED);
    let arm = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, arm), MavResult::MAV_RESULT_FAILED);
    flight.run(0.1);
    assert!(flight.said("LAND mode not armable"), "{:?}", flight.texts());
    flight.take_off(12.0);
    assert_eq!(flight.mode(17), ACCEPTED);
    flight.run(2.0);
    assert_eq!(flight.world.autopilot().mode(), Mode::Brake);
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_ORBIT, [20.0; 7]), MavResult::MAV_RESULT_UNSUPPORTED);
    assert_eq!(flight.mode(6), ACCEPTED);
    assert!(flight.run_until(60.0, |world| !world.autopilot().armed()).is_some());
    flight.run(1.5);
    assert_eq!(custom_modes(&flight), [0, 9, 4, 17, 6, 9], "it stays in the mode it landed in");
    let beat =
        flight.heard.iter().rev().find_map(|m| if let MavMessage::HEARTBEAT(b) = m { Some(b.autopilot) } else { None });
    assert_eq!(beat.unwrap() as u8, 3);
}

#[test]
fn px4_orbits_with_its_nose_inwards() {
    let mut flight = vehicle("px4");
    flight.take_off(20.0);
    let centre = Vec3::new(40.0, 0.0, -25.0);
    let nan = f32::NAN;
    assert_eq!(flight.command_at(MavCmd::MAV_CMD_DO_ORBIT, [-20.0, 6.0, 0.0, nan], centre), ACCEPTED);
    flight.run(25.0);
    let before = flight.world.vehicle().airframe.position - centre;
    for _ in 0..20 {
        flight.run(0.5);
        let airframe = &flight.world.vehicle().airframe;
        let out = airframe.position - centre;
        assert!((out.horizontal_norm() - 20.0).abs() < 1.5, "{out:?}");
        let nose = airframe.attitude.to_euler().yaw_rad;
        let inwards = (-out.y).atan2(-out.x);
        assert!(simulator::maths::wrap_pi(nose - inwards).abs() < 0.35, "{nose} {inwards}");
    }
    let after = flight.world.vehicle().airframe.position - centre;
    let moved = simulator::maths::wrap_pi(after.y.atan2(after.x) - before.y.atan2(before.x));
    assert!(moved.abs() > 0.3, "{moved}");
    assert!(flight.heard.iter().any(|m| matches!(m, MavMessage::ORBIT_EXECUTION_STATUS(o) if o.radius < 0.0)));
}

#[test]
fn targets_from_outside_are_followed_where_their_mode_is_flown() {
    let set = |mask, north: f32, vx: f32| {
        MavMessage::SET_POSITION_TARGET_LOCAL_NED(SET_POSITION_TARGET_LOCAL_NED_DATA {
            x: north,
            z: -18.0,
            vx,
            type_mask: PositionTargetTypemask::from_bits_truncate(mask),
            target_system: 1,
            target_component: 1,
            coordinate_frame: MavFrame::MAV_FRAME_LOCAL_NED,
            ..SET_POSITION_TARGET_LOCAL_NED_DATA::default()
        })
    };
    let (place, velocity) = (0b1101_1111_1000, 0b1101_1100_0111);
    let mut flight = vehicle("ardupilot");
    flight.take_off(12.0);
    flight.send(&set(place, 40.0, 0.0));
    flight.run(20.0);
    let position = flight.world.vehicle().airframe.position;
    assert!((position - Vec3::new(40.0, 0.0, -18.0)).norm() < 0.7, "{position:?}");
    flight.send(&set(velocity, 0.0, -3.0));
    flight.run(2.9);
    let fast = flight.world.vehicle().airframe.velocity;
    flight.run(6.0);
    let slow = flight.world.vehicle().airframe.velocity;
    assert!(fast.x < -2.0 && slow.norm() < 0.4, "a velocity that nobody repeats runs out: {fast:?} {slow:?}");

    let mut flight = vehicle("px4");
    flight.take_off(12.0);
    let offboard = [1.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_SET_MODE, offboard), MavResult::MAV_RESULT_DENIED, "no targets");
    flight.send(&set(place, 30.0, 0.0));
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_SET_MODE, offboard), ACCEPTED);
    flight.run(18.0);
    assert!((flight.world.vehicle().airframe.position - Vec3::new(30.0, 0.0, -18.0)).norm() < 0.7);
}

#[test]
fn the_gimbal_obeys_who_is_in_control_and_keeps_a_place_in_view() {
    let mut flight = vehicle("px4");
    flight.take_off(20.0);
    let place = Vec3::new(60.0, 30.0, 0.0);
    assert_eq!(flight.command_at(MavCmd::MAV_CMD_DO_SET_ROI_LOCATION, [0.0; 4], place), ACCEPTED);
    let yaw = [90.0, 30.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_CONDITION_YAW, yaw), ACCEPTED);
    flight.run(8.0);
    let pose = flight.world.pose_at(flight.world.now_ns());
    let axis = pose.camera.rotate(Vec3::new(1.0, 0.0, 0.0));
    let wanted = place - pose.position;
    let cosine = axis.dot(wanted) / wanted.norm();
    assert!(cosine > 0.999, "{axis:?} {wanted:?}");

    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_SET_ROI_NONE, [0.0; 7]), ACCEPTED);
    let take = [254.0, 1.0, -1.0, -1.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, take), ACCEPTED);
    let look = [-10.0, 0.0, f32::NAN, f32::NAN, 0.0, 0.0, 0.0];
    let refused = flight.command(MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW, look);
    assert_eq!(refused, MavResult::MAV_RESULT_DENIED, "another is in control");
    let own = [-2.0, -2.0, -1.0, -1.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, own), ACCEPTED);
    let set = GIMBAL_MANAGER_SET_PITCHYAW_DATA {
        flags: GimbalManagerFlags::empty(),
        pitch: -0.5,
        yaw: f32::NAN,
        pitch_rate: f32::NAN,
        yaw_rate: f32::NAN,
        target_system: 1,
        target_component: 1,
        gimbal_device_id: 0,
    };
    flight.send(&MavMessage::GIMBAL_MANAGER_SET_PITCHYAW(set));
    flight.run(3.0);
    let pitch = flight.world.vehicle().gimbal.relative_attitude().to_euler().pitch_rad;
    assert!((pitch + 0.5).abs() < 0.01, "{pitch}");
    flight.run(1.0);
    let control = flight.heard.iter().rev().find_map(|m| match m {
        MavMessage::GIMBAL_MANAGER_STATUS(status) => {
            Some((status.primary_control_sysid, status.primary_control_compid))
        }
        _ => None,
    });
    assert_eq!(control, Some((255, 190)));
}

#[test]
fn modes_are_listed_and_parameters_too() {
    for (personality, modes) in [("px4", 10), ("ardupilot", 9)] {
        let mut flight = vehicle(personality);
        let mut ask = [0.0; 7];
        ask[0] = 435.0;
        let before = flight.world.now_ns();
        assert_eq!(flight.command(MavCmd::MAV_CMD_REQUEST_MESSAGE, ask), ACCEPTED);
        ask[1] = 99.0;
        assert_eq!(flight.command(MavCmd::MAV_CMD_REQUEST_MESSAGE, ask), MavResult::MAV_RESULT_DENIED);
        let one = vehicle_link::dialect::COMMAND_LONG_DATA {
            param1: 435.0,
            param2: 2.0,
            command: MavCmd::MAV_CMD_REQUEST_MESSAGE,
            target_system: 1,
            target_component: 1,
            ..Default::default()
        };
        let answers = flight.send(&MavMessage::COMMAND_LONG(one));
        let listed = answers.iter().find_map(|m| match m {
            MavMessage::AVAILABLE_MODES(mode) => Some((mode.mode_index, usize::from(mode.number_modes))),
            _ => None,
        });
        assert_eq!(listed, Some((2, modes)));
        let list = PARAM_REQUEST_LIST_DATA { target_system: 1, target_component: 1 };
        flight.send(&MavMessage::PARAM_REQUEST_LIST(list));
        flight.run(2.0);
        let count = flight.heard.iter().filter(|m| matches!(m, MavMessage::PARAM_VALUE(_))).count();
        assert_eq!(count, flight.world.autopilot().parameters().table().len());
        assert!(flight.world.now_ns() > before);
    }
}

#[test]
fn a_parameter_acts() {
    for (personality, name, value) in [("px4", "RTL_RETURN_ALT", 44.0), ("ardupilot", "RTL_ALT", 4400.0)] {
        let mut flight = vehicle(personality);
        flight.set(name, value, false);
        flight.take_off(10.0);
        flight.command_at(MavCmd::MAV_CMD_DO_REPOSITION, [-1.0, 1.0, 0.0, f32::NAN], Vec3::new(40.0, 0.0, -10.0));
        flight.run(15.0);
        flight.command(MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH, [0.0; 7]);
        let mut highest: f64 = 0.0;
        for _ in 0..40 {
            flight.run(1.0);
            highest = highest.max(flight.height_m());
        }
        assert!((highest - 44.0).abs() < 1.5, "{personality} {highest}");
    }
}

#[test]
fn a_flight_leaves_a_log() {
    let mut flight = vehicle("px4");
    flight.take_off(10.0);
    flight.command(MavCmd::MAV_CMD_NAV_LAND, [0.0; 7]);
    assert!(flight.run_until(60.0, |world| !world.autopilot().armed()).is_some());
    let ask = LOG_REQUEST_LIST_DATA { start: 0, end: u16::MAX, target_system: 1, target_component: 1 };
    let answers = flight.send(&MavMessage::LOG_REQUEST_LIST(ask));
    let [MavMessage::LOG_ENTRY(entry)] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(entry.size > 5_000, "{entry:?}");
    assert_eq!(flight.world.autopilot().logs().all()[0].bytes.len(), entry.size as usize);
}

#[test]
fn every_notice_fits_and_differs_by_autopilot() {
    for notice in [Notice::Armed, Notice::ArmBattery, Notice::ArmMode("LAND"), Notice::FenceBreached, Notice::LinkLost]
    {
        let [px4, ardupilot] = [Personality::Px4, Personality::Ardupilot].map(|of| notice.words(of).1);
        assert_ne!(px4, ardupilot);
    }
}

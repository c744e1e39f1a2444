//! Telemetry, transfers, and flights that missions and commands make.

use std::path::Path;

use simulator::autopilot::mode::Mode;
use simulator::geodesy::Geodetic;
use simulator::scenario::Scenario;
use simulator::vehicle::Pose;
use simulator::world::World;
use vehicle_link::dialect::{
    COMMAND_INT_DATA, MISSION_COUNT_DATA, MISSION_ITEM_INT_DATA, MISSION_REQUEST_DATA, MISSION_REQUEST_INT_DATA,
    MISSION_REQUEST_LIST_DATA, MavCmd, MavFrame, MavMessage, MavMissionResult, MavResult, TIMESYNC_DATA,
};

use crate::station::{CALM, Flight, GCS, MISSION, action, common, item, waypoint};
#[test]
fn a_mission_is_uploaded_read_back_flown_and_landed() {
    let mut flight = Flight::new(CALM);
    let map = *flight.world.map();
    let home = map.home();
    let items = [
        item(MavCmd::MAV_CMD_NAV_TAKEOFF, [0.0, 0.0, 0.0, f32::NAN], home, 20.0),
        action(MavCmd::MAV_CMD_DO_CHANGE_SPEED, [1.0, 15.0, -1.0, 0.0]),
        action(MavCmd::MAV_CMD_DO_MOUNT_CONTROL, [-60.0, 0.0, 0.0, 0.0]),
        waypoint(&map, 120.0, 0.0, 25.0),
        action(MavCmd::MAV_CMD_CONDITION_YAW, [180.0, 60.0, 1.0, 1.0]),
        waypoint(&map, 120.0, 90.0, 25.0),
        action(MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH, [0.0; 4]),
    ];
    assert_eq!(flight.upload(&items), MavMissionResult::MAV_MISSION_ACCEPTED);

    let list = MISSION_REQUEST_LIST_DATA { target_system: 1, target_component: 1, mission_type: MISSION };
    let answers = flight.send(&MavMessage::MISSION_REQUEST_LIST(list));
    let [MavMessage::MISSION_COUNT(count)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(count.count, 7);
    assert_ne!(count.opaque_id, 0);
    for (seq, sent) in (0u16..).zip(&items) {
        // The old request is answered with the new item, too.
        let ask = if seq % 2 == 0 {
            MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
                seq,
                target_system: 1,
                target_component: 1,
                mission_type: MISSION,
            })
        } else {
            MavMessage::MISSION_REQUEST(MISSION_REQUEST_DATA {
                seq,
                target_system: 1,
                target_component: 1,
                mission_type: MISSION,
            })
        };
        let answers = flight.send(&ask);
        let [MavMessage::MISSION_ITEM_INT(got)] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((got.seq, got.command, got.x, got.y, got.z), (seq, sent.command, sent.x, sent.y, sent.z));
    }

    flight.arm();
    assert_eq!(flight.command(MavCmd::MAV_CMD_MISSION_START, [0.0; 7]), MavResult::MAV_RESULT_ACCEPTED);
    let mut fastest: f64 = 0.0;
    let mut turning: f64 = 0.0;
    for _ in 0..120 {
        flight.run(1.0);
        fastest = fastest.max(flight.world.vehicle().airframe.velocity.horizontal_norm());
        turning = turning.max(flight.world.vehicle().airframe.body_rates.z);
        if !flight.world.autopilot().armed() {
            break;
        }
    }
    assert!(!flight.world.autopilot().armed(), "landed and disarmed within two minutes");
    assert!(flight.world.vehicle().airframe.position.norm() < 1.0, "{:?}", flight.world.vehicle().airframe.position);
    assert!((14.5..16.0).contains(&fastest), "{fastest} m/s");
    assert!(turning.to_degrees() > 55.0, "{} °/s", turning.to_degrees());
    let reached: Vec<u16> = flight
        .heard
        .iter()
        .filter_map(|m| if let MavMessage::MISSION_ITEM_REACHED(r) = m { Some(r.seq) } else { None })
        .collect();
    assert_eq!(reached, [0, 1, 2, 3, 4, 5]);
    let pitch = flight.world.pose_at(flight.world.now_ns()).camera.to_euler().pitch_rad.to_degrees();
    assert!((pitch + 60.0).abs() < 0.1, "{pitch}");
}

#[test]
fn a_bad_upload_leaves_the_old_plan() {
    let mut flight = Flight::new(CALM);
    let map = *flight.world.map();
    assert_eq!(flight.upload(&[waypoint(&map, 10.0, 0.0, 20.0)]), MavMissionResult::MAV_MISSION_ACCEPTED);
    let bad = MISSION_ITEM_INT_DATA { x: 950_000_000, ..waypoint(&map, 0.0, 0.0, 20.0) };
    assert_eq!(flight.upload(&[waypoint(&map, 20.0, 0.0, 20.0), bad]), MavMissionResult::MAV_MISSION_INVALID_PARAM5_X);
    assert_eq!(flight.world.autopilot().plans().mission.items.len(), 1);
}

#[test]
fn copies_of_an_item_are_not_answered_with_more_questions() {
    let mut flight = Flight::new(CALM);
    let map = *flight.world.map();
    let count =
        MISSION_COUNT_DATA { count: 3, target_system: 1, target_component: 1, mission_type: MISSION, opaque_id: 0 };
    flight.send(&MavMessage::MISSION_COUNT(count));
    let item = |seq| MavMessage::MISSION_ITEM_INT(MISSION_ITEM_INT_DATA { seq, ..waypoint(&map, 10.0, 0.0, 20.0) });
    let wanted = |answers: &[MavMessage]| match answers {
        [MavMessage::MISSION_REQUEST_INT(ask)] => Some(ask.seq),
        _ => None,
    };
    assert_eq!(wanted(&flight.send(&item(0))), Some(1));
    assert_eq!(wanted(&flight.send(&item(0))), None, "a copy");
    assert_eq!(wanted(&flight.send(&item(2))), Some(1), "one too far");
    flight.send(&item(1));
    let done = |answers: &[MavMessage]| matches!(answers, [MavMessage::MISSION_ACK(ack)] if ack.mavtype == MavMissionResult::MAV_MISSION_ACCEPTED);
    assert!(done(&flight.send(&item(2))));
    assert!(done(&flight.send(&item(2))), "the acknowledgement was lost");
}

#[test]
fn an_upload_that_stops_is_asked_for_again_and_then_given_up() {
    let mut flight = Flight::new(CALM);
    let count =
        MISSION_COUNT_DATA { count: 3, target_system: 1, target_component: 1, mission_type: MISSION, opaque_id: 0 };
    flight.send(&MavMessage::MISSION_COUNT(count));
    flight.run(6.0);
    let asked = flight.heard.iter().filter(|m| matches!(m, MavMessage::MISSION_REQUEST_INT(_))).count();
    assert_eq!(asked, 20);
    let given_up = flight.heard.iter().any(
        |m| matches!(m, MavMessage::MISSION_ACK(a) if a.mavtype == MavMissionResult::MAV_MISSION_OPERATION_CANCELLED),
    );
    assert!(given_up);
}

#[test]
fn take_off_hold_reposition_and_land_by_command() {
    let mut flight = Flight::new(CALM);
    let nan = f32::NAN;
    flight.run(1.0);
    flight.arm();
    let home_msl = 142.0;
    assert_eq!(
        flight.command(MavCmd::MAV_CMD_NAV_TAKEOFF, [nan, 0.0, 0.0, nan, nan, nan, home_msl + 15.0]),
        MavResult::MAV_RESULT_ACCEPTED
    );
    flight.run(12.0);
    assert_eq!(flight.world.autopilot().mode(), Mode::Hold);
    assert!((flight.height_m() - 15.0).abs() < 0.5, "{}", flight.height_m());
    assert_eq!(
        flight.command(MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, [0.0; 7]),
        MavResult::MAV_RESULT_DENIED,
        "in the air"
    );

    let there = flight.world.map().geodetic(simulator::maths::Vec3::new(30.0, -20.0, 0.0));
    let goto = COMMAND_INT_DATA {
        param1: -1.0,
        param2: 1.0,
        param3: 0.0,
        param4: nan,
        x: (there.lat_deg * 1e7).round() as i32,
        y: (there.lon_deg * 1e7).round() as i32,
        z: 20.0,
        command: MavCmd::MAV_CMD_DO_REPOSITION,
        target_system: 1,
        target_component: 1,
        frame: MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
        current: 0,
        autocontinue: 0,
    };
    flight.send(&MavMessage::COMMAND_INT(goto));
    flight.run(15.0);
    let position = flight.world.vehicle().airframe.position;
    assert!((position - simulator::maths::Vec3::new(30.0, -20.0, -20.0)).norm() < 0.6, "{position:?}");

    assert_eq!(flight.command(MavCmd::MAV_CMD_NAV_LAND, [0.0; 7]), MavResult::MAV_RESULT_ACCEPTED);
    let landed = flight.run_until(40.0, |world| !world.autopilot().armed());
    assert!(landed.is_some());
    assert!(flight.world.vehicle().airframe.on_ground());
}

#[test]
fn every_command_is_answered_and_what_is_unknown_is_refused() {
    let mut flight = Flight::new(CALM);
    flight.run(0.1);
    assert_eq!(flight.command(MavCmd::MAV_CMD_DO_PARACHUTE, [0.0; 7]), MavResult::MAV_RESULT_UNSUPPORTED);
    assert_eq!(flight.command(MavCmd::MAV_CMD_MISSION_START, [0.0; 7]), MavResult::MAV_RESULT_DENIED, "no mission");
    let mut ask = [0.0; 7];
    ask[0] = 148.0;
    assert_eq!(flight.command(MavCmd::MAV_CMD_REQUEST_MESSAGE, ask), MavResult::MAV_RESULT_ACCEPTED);
    ask[0] = 9999.0;
    assert_eq!(flight.command(MavCmd::MAV_CMD_REQUEST_MESSAGE, ask), MavResult::MAV_RESULT_UNSUPPORTED);
}

#[test]
fn telemetry_comes_at_its_rates_with_true_sample_times() {
    let mut flight = Flight::new(CALM);
    flight.run(10.0);
    let count = |test: &dyn Fn(&MavMessage) -> bool| flight.heard.iter().filter(|m| test(m)).count();
    assert!((499..=501).contains(&count(&|m| matches!(m, MavMessage::ATTITUDE(_)))));
    assert!((249..=251).contains(&count(&|m| matches!(m, MavMessage::GLOBAL_POSITION_INT(_)))));
    assert!((49..=51).contains(&count(&|m| matches!(m, MavMessage::GPS_RAW_INT(_)))));
    assert!((19..=21).contains(&count(&|m| matches!(m, MavMessage::SYSTEM_TIME(_)))));
    assert!((499..=501).contains(&count(&|m| matches!(m, MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(_)))));
    for message in &flight.heard {
        if let MavMessage::SYSTEM_TIME(time) = message {
            assert_eq!(time.time_unix_usec, 1_700_000_000_000_000 + u64::from(time.time_boot_ms) * 1000);
        }
    }
}

#[test]
fn message_intervals_can_be_set() {
    let mut flight = Flight::new(CALM);
    let mut set = [30.0, 100_000.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(flight.command(MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL, set), MavResult::MAV_RESULT_ACCEPTED);
    set[0] = 33.0;
    set[1] = -1.0;
    assert_eq!(flight.command(MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL, set), MavResult::MAV_RESULT_ACCEPTED);
    flight.run(5.0);
    let attitudes = flight.heard.iter().filter(|m| matches!(m, MavMessage::ATTITUDE(_))).count();
    assert!((49..=51).contains(&attitudes), "{attitudes}");
    assert!(!flight.heard.iter().any(|m| matches!(m, MavMessage::GLOBAL_POSITION_INT(_))));
}

#[test]
fn timesync_questions_are_answered_and_answers_are_not() {
    let mut flight = Flight::new(CALM);
    let ask = |tc1, ts1| MavMessage::TIMESYNC(TIMESYNC_DATA { tc1, ts1, target_system: 0, target_component: 0 });
    let answers: Vec<_> = flight.world.receive(123_456_789, GCS, &ask(0, 42)).iter().filter_map(common).collect();
    assert_eq!(
        answers,
        [MavMessage::TIMESYNC(TIMESYNC_DATA { tc1: 123_456_789, ts1: 42, target_system: 255, target_component: 190 })]
    );
    assert!(flight.send(&ask(7, 42)).is_empty());
}

#[test]
fn what_is_reported_is_where_it_is() {
    let mut flight = Flight::new("seed = 5\n");
    flight.run(5.0);
    flight.arm();
    assert_eq!(
        flight.command(MavCmd::MAV_CMD_NAV_TAKEOFF, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 180.0]),
        MavResult::MAV_RESULT_ACCEPTED
    );
    let mut worst: f64 = 0.0;
    for _ in 0..20_000 {
        for outgoing in flight.world.step() {
            if let Some(MavMessage::GLOBAL_POSITION_INT(got)) = common(&outgoing) {
                let at = Geodetic {
                    lat_deg: f64::from(got.lat) * 1e-7,
                    lon_deg: f64::from(got.lon) * 1e-7,
                    height_m: f64::from(got.alt) * 1e-3 + 48.6,
                };
                let error = flight.world.map().local(at) - flight.world.vehicle().airframe.position;
                worst = worst.max(error.norm());
            }
        }
    }
    assert!(worst < 0.15, "{worst} m");
    assert!(worst > 0.01, "{worst} m: a receiver without noise");
}

/// Air time asked, and what the scripted flight makes of it.
#[test]
fn the_demo_fits_its_air_time() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/demo.toml");
    for air_seconds in [20.0, 30.0, 45.0, 60.0, 120.0, 300.0, 600.0] {
        let mut scenario = Scenario::load(&path).unwrap();
        scenario.flight.air_seconds = air_seconds;
        let mut flight = Flight::of(World::new(&scenario, 0));
        let armed_at = flight.run_until(10.0, |world| world.autopilot().armed()).unwrap();
        let top = std::cell::Cell::new(0.0f64);
        let took = flight
            .run_until(air_seconds + 30.0, |world| {
                top.set(top.get().max(-world.vehicle().airframe.position.z));
                world.landed()
            })
            .unwrap_or_else(|| panic!("{air_seconds} s: never landed"));
        println!("{air_seconds} s: armed at {armed_at:.1}, {took:.1} s, up to {:.0} m", top.get());
        assert!((took - air_seconds).abs() < 5.0, "{air_seconds} s took {took:.1} s");
        assert!(top.get() > 8.0 && flight.world.vehicle().airframe.position.norm() < 1.0);
    }
}

#[test]
fn one_seed_is_one_flight() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/demo.toml");
    let fly = |seed| -> Pose {
        let mut scenario = Scenario::load(&path).unwrap();
        scenario.seed = seed;
        let mut flight = Flight::of(World::new(&scenario, 0));
        flight.run(30.0);
        flight.world.pose_at(flight.world.now_ns())
    };
    assert_eq!(fly(7), fly(7));
    assert_ne!(fly(7), fly(8));
}

/// Messages of an autopilot's default streams in `seconds` on the ground.
fn streamed(personality: &str, seconds: f64) -> Flight {
    let mut flight = Flight::new(&format!("personality = \"{personality}\"\n[wind]\nspeed_mps = 6\nfrom_deg = 250\n"));
    flight.run(seconds);
    flight
}

#[test]
fn each_autopilot_tells_of_wind_and_estimator_in_its_own_words() {
    let px4 = streamed("px4", 10.0);
    let count = |flight: &Flight, wanted: fn(&MavMessage) -> bool| flight.heard.iter().filter(|m| wanted(m)).count();
    let estimator: fn(&MavMessage) -> bool =
        |m| matches!(m, MavMessage::ESTIMATOR_STATUS(s) if s.flags.bits() == 0x033F);
    let wind: fn(&MavMessage) -> bool = |m| matches!(m, MavMessage::WIND_COV(_));
    assert!((9..=11).contains(&count(&px4, estimator)) && (9..=11).contains(&count(&px4, wind)));
    assert!(px4.foreign.is_empty());

    let copter = streamed("ardupilot", 10.0);
    assert_eq!((count(&copter, estimator), count(&copter, wind)), (0, 0));
    let of = |id| copter.foreign.iter().filter(|body| body.id() == id).count();
    assert!((9..=11).contains(&of(168)) && (9..=11).contains(&of(193)), "{:?}", copter.foreign);
}

#[test]
fn a_lost_position_shows_in_the_estimator() {
    let mut px4 = Flight::new(&format!("faults = [{{ gnss_jam = {{ at_s = 2 }} }}]\n{CALM}"));
    px4.run(12.0);
    let last =
        px4.heard.iter().rev().find_map(|m| if let MavMessage::ESTIMATOR_STATUS(s) = m { Some(s) } else { None });
    let last = last.unwrap();
    assert!(last.pos_horiz_ratio > 1.0 && last.flags.bits() & 0x10 == 0, "{last:?}");
}

//! Faults by the scenario's clock and by live command.

use simulator::autopilot::mode::Mode;
use simulator::faults::Fault;
use vehicle_link::dialect::{COMMAND_LONG_DATA, MavCmd, MavMessage, MavResult, SYSTEM_TIME_DATA};

use crate::station::{CALM, Flight};

fn flight(faults: &str) -> Flight {
    Flight::new(&format!("faults = [{faults}]\n{CALM}"))
}

fn times(flight: &Flight) -> Vec<SYSTEM_TIME_DATA> {
    flight
        .heard
        .iter()
        .filter_map(|m| if let MavMessage::SYSTEM_TIME(time) = m { Some(time.clone()) } else { None })
        .collect()
}

fn hold(flight: &mut Flight) -> Vec<MavMessage> {
    flight.send(&MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
        command: MavCmd::MAV_CMD_NAV_LOITER_UNLIM,
        target_system: 1,
        target_component: 1,
        ..COMMAND_LONG_DATA::default()
    }))
}

#[test]
fn a_reboot_begins_the_boot_clock_again_and_keeps_plans_and_parameters() {
    let mut flight = flight("{ reboot = { at_s = 5 } }");
    flight.run(4.0);
    flight.set("RTL_RETURN_ALT", 55.0, false);
    flight.run(6.0);
    let times = times(&flight);
    let falls = times.windows(2).filter(|pair| pair[1].time_boot_ms < pair[0].time_boot_ms).count();
    assert_eq!(falls, 1, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1].time_unix_usec > pair[0].time_unix_usec), "UTC goes on");
    assert!(flight.said("Simulated vehicle ready"));
    assert_eq!(flight.world.autopilot().parameters().value("RTL_RETURN_ALT"), 55.0);
}

#[test]
fn clocks_step_and_skew() {
    let mut flight = flight("{ clock_step = { at_s = 3, by_ms = -700 } }, { clock_skew = { at_s = 5, ppm = 200 } }");
    flight.run(15.0);
    let times = times(&flight);
    let boot_utc_us = |time: &SYSTEM_TIME_DATA| time.time_unix_usec.cast_signed() - i64::from(time.time_boot_ms) * 1000;
    let first = boot_utc_us(&times[0]);
    let moved: Vec<i64> = times.iter().map(|time| boot_utc_us(time) - first).collect();
    assert!(moved.contains(&-700_000), "{moved:?}");
    let last = *moved.last().unwrap();
    // Ten seconds at 200 parts in a million: two milliseconds more on the boot clock.
    assert!((last + 702_000).abs() <= 1_000, "{last}");
}

#[test]
fn a_jump_and_a_drift_move_what_is_reported_and_the_vehicle_with_it() {
    let mut flight = flight("{ gnss_jump = { at_s = 30, for_s = 10, north_m = 12 } }");
    flight.take_off(15.0);
    let before = flight.world.vehicle().airframe.position;
    flight.run(38.0 - flight.world.now_ns() as f64 * 1e-9);
    let during = flight.world.vehicle().airframe.position;
    assert!((during.x - before.x + 12.0).abs() < 2.0, "it flew back by as much: {during:?}");
    flight.run(14.0);
    assert!((flight.world.vehicle().airframe.position - before).norm() < 0.6);
    let now_s = flight.world.now_ns() as f64 * 1e-9;
    flight.world.add_fault(Fault::live("gnss_drift = { east_mps = 0.5 }", now_s).unwrap());
    flight.run(20.0);
    assert!(flight.world.vehicle().airframe.position.y < -8.0);
    flight.world.clear_faults();
    flight.run(15.0);
    assert!((flight.world.vehicle().airframe.position - before).norm() < 0.6);
}

#[test]
fn commands_go_wrong_as_asked() {
    let mut silent = flight("{ command = { how = \"silent\" } }");
    silent.run(1.0);
    assert!(hold(&mut silent).is_empty());

    let mut second = flight("{ command = { how = \"second_try\", id = 17 } }");
    second.run(1.0);
    assert!(hold(&mut second).is_empty());
    assert_eq!(second.world.autopilot().mode(), Mode::Position, "not done");
    let answers = hold(&mut second);
    let [MavMessage::COMMAND_ACK(ack)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(ack.result, MavResult::MAV_RESULT_ACCEPTED);

    let mut endless = flight("{ command = { how = \"endless\", for_s = 100 } }");
    endless.run(1.0);
    assert!(hold(&mut endless).is_empty());
    endless.run(20.0);
    let progress =
        |m: &&MavMessage| matches!(m, MavMessage::COMMAND_ACK(ack) if ack.result == MavResult::MAV_RESULT_IN_PROGRESS);
    assert_eq!(endless.heard.iter().filter(progress).count(), 20);
}

#[test]
fn the_weather_changes_and_changes_back() {
    let mut flight = flight("{ wind = { at_s = 2, for_s = 3, speed_mps = 15, from_deg = 90 } }");
    flight.run(1.0);
    let calm = flight.world.vehicle().wind.velocity().norm();
    flight.run(2.0);
    let wind = flight.world.vehicle().wind.velocity();
    assert!(wind.y < -4.0 && calm < 2.0, "from the east: {wind:?}");
    flight.run(4.0);
    assert!(flight.world.vehicle().wind.velocity().norm() < 2.0);
}

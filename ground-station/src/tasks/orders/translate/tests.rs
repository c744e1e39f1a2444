use vehicle_link::camera_client::orders::Zoom;
use vehicle_link::gimbal::orders::Aim;
use vehicle_link::hub::PeerId;
use vehicle_link::peers::Peer;

use super::*;
use crate::link::Place;

const VEHICLE: Address = Address { system: 1, component: 1 };
const CAMERA: Address = Address { system: 1, component: 100 };

fn situation(autopilot: u8) -> Situation {
    let vehicle = Peer {
        address: VEHICLE,
        mav_type: 2,
        autopilot,
        base_mode: 0x80,
        custom_mode: 0,
        system_status: 4,
        via: PeerId::new(1),
        last_heartbeat_ns: 0,
        lost: false,
    };
    let place = Place { lat_e7: 1, lon_e7: 2, msl_mm: 127_000, above_home_mm: 61_000, velocity_cms: [0; 3] };
    Situation { vehicle, capabilities: None, place: Some(place), home_amsl_m: None, gimbal: None }
}

fn copter() -> Situation {
    situation(3)
}

fn px4() -> Situation {
    situation(12)
}

/// What the only step tries, after what was said to whom.
fn tries(order: &Order, now: &Situation) -> Vec<Command> {
    let steps = translate(order, now).unwrap();
    let [Step { to: VEHICLE, tries, optional: false }] = &steps[..] else { panic!("{steps:?}") };
    tries.clone()
}

fn numbers(commands: &[Command]) -> Vec<(u16, [f32; 3])> {
    commands.iter().map(|command| (command.number, [command.params[0], command.params[1], command.params[2]])).collect()
}

#[test]
fn hold_is_brake_then_loiter_or_auto_loiter() {
    assert_eq!(numbers(&tries(&Order::Hold, &copter())), [(176, [1.0, 17.0, 0.0]), (176, [1.0, 5.0, 0.0])]);
    assert_eq!(numbers(&tries(&Order::Hold, &px4())), [(176, [1.0, 4.0, 3.0])]);
}

#[test]
fn return_and_land_are_commands_and_else_modes() {
    assert_eq!(numbers(&tries(&Order::Return, &copter())), [(20, [0.0; 3]), (176, [1.0, 6.0, 0.0])]);
    assert_eq!(numbers(&tries(&Order::Return, &px4())), [(20, [0.0; 3]), (176, [1.0, 4.0, 5.0])]);
    assert_eq!(numbers(&tries(&Order::Land, &copter())), [(21, [0.0; 3]), (176, [1.0, 9.0, 0.0])]);
    let land = tries(&Order::Land, &px4());
    assert_eq!(numbers(&land), [(21, [0.0; 3]), (176, [1.0, 4.0, 6.0])]);
    assert!(land[0].params[4].is_nan() && land[0].params[5].is_nan(), "here, not at zero north and zero east");
}

#[test]
fn arming_and_the_motor_stop_are_the_same_for_both() {
    for now in [copter(), px4()] {
        assert_eq!(numbers(&tries(&Order::Arm, &now)), [(400, [1.0, 0.0, 0.0])]);
        assert_eq!(numbers(&tries(&Order::MotorStop, &now)), [(185, [1.0, 0.0, 0.0]), (400, [0.0, 21_196.0, 0.0])]);
    }
}

#[test]
fn take_off_is_above_home_for_one_and_above_the_sea_for_the_other() {
    let steps = translate(&Order::Takeoff { height_m: 40.0 }, &copter()).unwrap();
    assert_eq!(numbers(&steps[0].tries), [(176, [1.0, 4.0, 0.0])], "GUIDED first");
    assert_eq!((steps[1].tries[0].number, steps[1].tries[0].params[6]), (22, 40.0));
    let climb = tries(&Order::Takeoff { height_m: 40.0 }, &px4())[0];
    assert_eq!((climb.number, climb.params[6]), (22, 106.0), "home lies at 127 − 61 m");
    let said = Situation { home_amsl_m: Some(70.0), ..px4() };
    assert_eq!(
        tries(&Order::Takeoff { height_m: 40.0 }, &said)[0].params[6],
        110.0,
        "what it says of home counts first"
    );
    let lost = Situation { place: None, ..px4() };
    assert_eq!(translate(&Order::Takeoff { height_m: 40.0 }, &lost), Err(Unsayable::NoHome));
    for now in [copter(), px4()] {
        let nowhere = Order::Takeoff { height_m: f32::NAN };
        assert_eq!(translate(&nowhere, &now), Err(Unsayable::Number("the height")), "what is no number is not sent");
    }
}

#[test]
fn modes_are_whole_or_in_halves() {
    assert_eq!(numbers(&tries(&Order::MissionStart, &copter())), [(300, [0.0; 3]), (176, [1.0, 3.0, 0.0])]);
    assert_eq!(numbers(&tries(&Order::MissionStart, &px4())), [(300, [0.0; 3]), (176, [1.0, 4.0, 4.0])]);
}

#[test]
fn a_gimbal_is_taken_before_it_is_moved_unless_it_is_ours() {
    let manager = Address::new(1, 154);
    let aim = Aim::Rates { pitch_deg_s: -5.0, yaw_deg_s: 10.0 };
    for (now, numbers) in [
        (copter(), vec![(VEHICLE, 1001, true), (VEHICLE, 1000, false)]),
        (Situation { gimbal: Some((manager, false)), ..px4() }, vec![(manager, 1001, true), (manager, 1000, false)]),
        (Situation { gimbal: Some((manager, true)), ..px4() }, vec![(manager, 1000, false)]),
    ] {
        let steps = translate(&Order::Gimbal(aim), &now).unwrap();
        let said: Vec<_> = steps.iter().map(|step| (step.to, step.tries[0].number, step.optional)).collect();
        assert_eq!(said, numbers);
    }
}

#[test]
fn cameras_are_told_themselves() {
    for (order, number) in [
        (Order::Zoom { camera: CAMERA, zoom: Zoom::Moving(1.0) }, 531),
        (Order::RecStart { camera: CAMERA }, 2500),
        (Order::RecStop { camera: CAMERA }, 2501),
    ] {
        let steps = translate(&order, &px4()).unwrap();
        assert_eq!((steps[0].to, steps[0].tries[0].number), (CAMERA, number));
    }
}

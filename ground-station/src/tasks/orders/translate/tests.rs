use vehicle_link::camera_client::orders::{Source, Zoom};
use vehicle_link::command::{Action, Request};
use vehicle_link::frames::Encoder;
use vehicle_link::gimbal::orders::Aim;
use vehicle_link::hub::PeerId;
use vehicle_link::peers::Peer;

use super::*;
use crate::link::{Place, ends};

const VEHICLE: Address = Address { system: 1, component: 1 };
const CAMERA: Address = Address { system: 1, component: 100 };
const AT: Position = Position { lat_deg: 52.892_4, lon_deg: -1.635_18 };
const AT_E7: [i32; 2] = [528_924_000, -16_351_800];

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
        (Order::Source { camera: CAMERA, source: Source::Infrared }, 534),
    ] {
        let steps = translate(&order, &px4()).unwrap();
        assert_eq!((steps[0].to, steps[0].tries[0].number), (CAMERA, number));
    }
}

#[test]
fn a_camera_is_kept_on_a_place_and_let_go_before_it_looks_ahead() {
    let manager = Address::new(1, 154);
    let ours = Situation { gimbal: Some((manager, true)), ..copter() };
    let look = translate(&Order::LookAt { at: AT, height_amsl_m: 66.0 }, &ours).unwrap();
    let place = look[0].tries[0].place.unwrap();
    assert_eq!((look[0].tries[0].number, place.alt_m, place.frame, look[0].to), (195, 66.0, 0, manager));
    let ahead = translate(&Order::LookAhead, &ours).unwrap();
    let said: Vec<_> = ahead.iter().map(|step| (step.tries[0].number, step.optional)).collect();
    assert_eq!(said, [(197, true), (1000, false)]);
    assert_eq!(ahead[1].tries[0].params[..2], [0.0, 0.0]);
}

#[test]
fn modes_are_whole_or_in_halves_and_disarming_is_not_forced() {
    let custom_mode = 4 << 16 | 5 << 24;
    assert_eq!(numbers(&tries(&Order::SetMode { custom_mode }, &px4())), [(176, [1.0, 4.0, 5.0])]);
    assert_eq!(numbers(&tries(&Order::SetMode { custom_mode: 16 }, &copter())), [(176, [1.0, 16.0, 0.0])]);
    for now in [copter(), px4()] {
        assert_eq!(numbers(&tries(&Order::Disarm, &now)), [(400, [0.0; 3])]);
        assert_eq!(numbers(&tries(&Order::Speed { ground_m_s: 4.0 }, &now)), [(178, [1.0, 4.0, -1.0])]);
    }
}

/// A place as it is told: north and east, height, frame.
type Told = ([i32; 2], f32, u8);

/// What an order is on the wire: message, command, its first parameter, and of a place x, y, z and the frame.
fn on_the_wire(order: &Order, now: &Situation) -> (u32, u16, f32, Option<Told>) {
    let command = tries(order, now)[0];
    let (_, Action::Send(body)) = Request::start(ends(VEHICLE), command, 0) else { panic!("nothing is sent") };
    let frame = Encoder::new(255, 190).encode_body(&body);
    let payload = frame.payload();
    assert_eq!((payload.u8(30), payload.u8(31)), (VEHICLE.system, VEHICLE.component));
    let place =
        (frame.message_id() == 75).then(|| ([payload.i32(16), payload.i32(20)], payload.f32(24), payload.u8(32)));
    (frame.message_id(), payload.u16(28), payload.f32(0), place)
}

#[test]
fn places_go_out_to_the_centimetre_with_the_datum_of_the_autopilot() {
    let go = Order::GoTo { at: AT, height_m: 80.0 };
    assert_eq!(on_the_wire(&go, &copter()), (75, 192, -1.0, Some((AT_E7, 80.0, 3))));
    assert_eq!(on_the_wire(&go, &px4()), (75, 192, -1.0, Some((AT_E7, 146.0, 0))), "home lies at 127 − 61 m");
    let height = Order::Height { height_m: 30.0 };
    assert_eq!(on_the_wire(&height, &copter()), (75, 192, -1.0, Some(([1, 2], 30.0, 3))), "where it is");
    assert_eq!(on_the_wire(&height, &px4()), (75, 192, -1.0, Some(([1, 2], 96.0, 0))));
    let orbit = |radius_m| Order::Orbit { at: AT, radius_m, height_m: 50.0 };
    assert_eq!(on_the_wire(&orbit(40.0), &px4()), (75, 34, 40.0, Some((AT_E7, 116.0, 0))));
    assert_eq!(on_the_wire(&orbit(-40.0), &copter()), (75, 34, -40.0, Some((AT_E7, 50.0, 3))), "the other way round");
    assert_eq!(on_the_wire(&Order::Speed { ground_m_s: 4.0 }, &px4()), (76, 178, 1.0, None));
}

#[test]
fn what_is_no_number_or_not_known_is_not_sent() {
    let lost = Situation { place: None, ..copter() };
    assert_eq!(translate(&Order::Height { height_m: 30.0 }, &lost), Err(Unsayable::NoPlace));
    let nowhere = Position { lat_deg: f64::NAN, lon_deg: 0.0 };
    for now in [copter(), px4()] {
        assert_eq!(translate(&Order::GoTo { at: nowhere, height_m: 1.0 }, &now), Err(Unsayable::Number("the place")));
        let orbit = Order::Orbit { at: AT, radius_m: f32::NAN, height_m: 1.0 };
        assert_eq!(translate(&orbit, &now), Err(Unsayable::Number("the radius")));
        assert_eq!(translate(&Order::Speed { ground_m_s: f32::INFINITY }, &now), Err(Unsayable::Number("the speed")));
    }
}

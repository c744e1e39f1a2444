//! What plans fly, counted by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::place::{Datum, Position, inverse};
use mission_profiles::plan_files::{Item, Plan};
use mission_profiles::route::{Habits, Phase, Route, RouteError};
use mission_profiles::zones::Reference;

const HABITS: Habits = Habits { cruise_ms: 10.0, climb_ms: 2.0, return_height_m: 60.0 };

fn home() -> Position {
    Position::new(52.0, -1.0).unwrap()
}

fn item(command: u16, frame: u8, north_m: f64, z: f32, params: [f32; 4]) -> Item {
    let there = mission_profiles::place::direct(home(), 0.0, north_m);
    #[allow(clippy::cast_possible_truncation)]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    let (x, y) = if frame == 2 { (0, 0) } else { (e7(there.lat_deg), e7(there.lon_deg)) };
    Item { frame, command, autocontinue: true, params, x, y, z }
}

fn route(mission: Vec<Item>) -> Result<Route, RouteError> {
    let plan = Plan { planned_home: Some([52.0, -1.0, 80.0]), mission, fence: Vec::new(), rally: Vec::new() };
    Route::of(&plan, None, HABITS)
}

const NONE: [f32; 4] = [0.0; 4];

#[test]
fn up_out_and_back() {
    let flown =
        route(vec![item(22, 3, 0.0, 40.0, NONE), item(16, 3, 500.0, 40.0, NONE), item(20, 2, 0.0, 0.0, NONE)]).unwrap();
    let phases: Vec<_> = flown.stretches.iter().map(|stretch| stretch.phase).collect();
    assert_eq!(phases, [Phase::TakeOff, Phase::Item(0), Phase::Item(1), Phase::Return, Phase::Return, Phase::Landing]);
    // 40 m up at 2 m/s, 500 m at 10 m/s, 20 m up, back, 60 m down.
    assert!((flown.duration_s() - (20.0 + 50.0 + 10.0 + 50.0 + 30.0)).abs() < 0.1, "{}", flown.duration_s());
    assert!((flown.distance_m() - 1_000.0).abs() < 0.1);
    assert_eq!(flown.endless, None);
    assert!(inverse(flown.stretches[5].to, home()).distance_m < 0.1);
}

#[test]
fn a_mission_without_an_end_goes_home_all_the_same() {
    let flown = route(vec![item(22, 3, 0.0, 40.0, NONE), item(16, 3, 100.0, 40.0, NONE)]).unwrap();
    assert_eq!((flown.endless, flown.stretches.last().unwrap().phase), (Some(1), Phase::Landing));
    let loiter = route(vec![item(22, 3, 0.0, 40.0, NONE), item(17, 3, 100.0, 40.0, [0.0, 0.0, 30.0, 0.0])]).unwrap();
    assert_eq!(loiter.endless, Some(1));
    assert!(loiter.stretches.iter().any(|stretch| stretch.round_m == 30.0));
}

#[test]
fn heights_keep_what_they_are_measured_from() {
    let flown = route(vec![
        item(22, 3, 0.0, 40.0, NONE),
        item(16, 0, 200.0, 150.0, NONE),
        item(16, 10, 400.0, 50.0, NONE),
        item(21, 3, 0.0, 0.0, NONE),
    ])
    .unwrap();
    let climb = flown.stretches.iter().find(|stretch| stretch.phase == Phase::Item(1)).unwrap();
    assert_eq!(climb.heights, [(40.0, Reference::Home), (150.0, Reference::Datum(Datum::Amsl))]);
    assert_eq!(flown.stretches.last().unwrap().heights[1], (0.0, Reference::Datum(Datum::Agl)));
    assert_eq!(route(vec![item(16, 1, 10.0, 5.0, NONE)]), Err(RouteError::Frame { item: 0, frame: 1 }));
}

#[test]
fn jumps_and_speeds() {
    let lap = |repeats| {
        route(vec![
            item(22, 3, 0.0, 20.0, NONE),
            item(178, 2, 0.0, 0.0, [0.0, 5.0, 0.0, 0.0]),
            item(16, 3, 100.0, 20.0, NONE),
            item(16, 3, 0.0, 20.0, NONE),
            item(177, 2, 0.0, 0.0, [2.0, repeats, 0.0, 0.0]),
            item(21, 3, 0.0, 0.0, NONE),
        ])
    };
    let times = |flown: Route| flown.stretches.iter().filter(|stretch| stretch.phase == Phase::Item(2)).count();
    assert_eq!((times(lap(0.0).unwrap()), times(lap(3.0).unwrap()), times(lap(-1.0).unwrap())), (1, 4, 2));
    let out = lap(0.0).unwrap().stretches.into_iter().find(|stretch| stretch.phase == Phase::Item(2)).unwrap();
    assert!((out.takes_s - 20.0).abs() < 0.01, "5 m/s, as the plan says");
    assert!(matches!(lap(1e9), Err(RouteError::Endless { .. })));
    assert!(matches!(route(vec![item(177, 2, 0.0, 0.0, [0.0, 1e9, 0.0, 0.0])]), Err(RouteError::Endless { .. })));
}

#[test]
fn a_plan_without_a_start_needs_one() {
    let plan =
        Plan { planned_home: None, mission: vec![item(22, 3, 0.0, 20.0, NONE)], fence: Vec::new(), rally: Vec::new() };
    assert_eq!(Route::of(&plan, None, HABITS), Err(RouteError::NoHome));
    assert!(Route::of(&plan, Some(home()), HABITS).is_ok());
}

//! In flight: what begins, what stands, what ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use jiff::SignedDuration;
use mission_profiles::monitor::{Monitor, State, Tick};
use mission_profiles::place::direct;
use mission_profiles::profile::Profile;
use mission_profiles::zones::{Index, Surroundings};

use super::world::{World, time};

/// A flight of `World`'s, second by second: at each so far and so high, in the direction and at the speed that are given.
fn flown(world: &World, states: &[(f64, f64, f64, f64)], change: impl Fn(&mut State)) -> Vec<Tick> {
    let datasets = world.datasets();
    let index = Index::new(&datasets);
    let profile = Profile::read("p.toml", &world.profile).unwrap();
    let surroundings = Surroundings {
        home: world.home,
        home_amsl: world.home_amsl,
        terrain: world.terrain.as_ref(),
        qnh_hpa: world.qnh_hpa,
        geoid_m: world.geoid_m,
    };
    let mut monitor =
        Monitor::new(&index, profile.content.limits, &world.authorisations, ("P1", "SKY-1"), surroundings);
    let mut tick = |(second, (away_m, height_m, course_deg, speed_ms)): (usize, &(f64, f64, f64, f64))| {
        let mut state = State {
            position: direct(world.home, 0.0, *away_m),
            speed_ms: *speed_ms,
            course_deg: *course_deg,
            climb_ms: 0.0,
            height_m: *height_m,
            satellites_amsl_m: Some(50.0 + height_m),
            battery_percent: Some(90.0),
            endurance_s: Some(1_800.0),
            at: time("2026-05-10T10:00:00Z") + SignedDuration::from_secs(i64::try_from(second).unwrap()),
        };
        change(&mut state);
        monitor.tick(&state)
    };
    states.iter().enumerate().map(&mut tick).collect()
}

fn rules(tick: &Tick) -> Vec<&'static str> {
    tick.standing.iter().map(|alert| alert.rule).collect()
}

#[test]
fn a_zone_ahead_comes_nearer_is_entered_and_left() {
    let mut world = World::new();
    world.circle(0.0, 400.0, 100.0, (0.0, "AGL"), (600.0, "AGL"));
    let ticks = flown(
        &world,
        &[
            (0.0, 40.0, 0.0, 10.0),
            (100.0, 40.0, 0.0, 10.0),
            (320.0, 40.0, 0.0, 10.0),
            (320.0, 40.0, 180.0, 10.0),
            (200.0, 40.0, 180.0, 10.0),
            (190.0, 40.0, 180.0, 10.0),
            (180.0, 40.0, 180.0, 10.0),
        ],
        |_| {},
    );
    assert_eq!(
        ticks.iter().map(rules).collect::<Vec<_>>(),
        [vec!["zone-ahead"], vec!["zone-ahead"], vec!["zone-breach"], vec!["zone-breach"], vec![], vec![], vec![]]
    );
    let ahead = |tick: &Tick| tick.standing[0].in_s;
    assert!(
        (ahead(&ticks[0]) - 28.5).abs() < 1.6 && (ahead(&ticks[1]) - 18.5).abs() < 1.6,
        "{} {}",
        ahead(&ticks[0]),
        ahead(&ticks[1])
    );
    let said = |list: fn(&Tick) -> &Vec<mission_profiles::monitor::Alert>| {
        ticks.iter().map(|tick| list(tick).len()).collect::<Vec<_>>()
    };
    assert_eq!(said(|tick| &tick.began), [1, 0, 1, 0, 0, 0, 0], "each is said once");
    assert_eq!(said(|tick| &tick.ended), [0, 0, 0, 1, 0, 1, 0], "and its end, two seconds after it was last seen");
}

#[test]
fn away_from_it_above_it_or_permitted_nothing_is_said() {
    let mut world = World::new();
    world.circle(0.0, 400.0, 100.0, (0.0, "AGL"), (10.0, "AGL"));
    assert!(rules(&flown(&world, &[(0.0, 60.0, 0.0, 10.0)], |_| {})[0]).is_empty(), "above");
    let mut world = World::new();
    world.circle(0.0, 400.0, 100.0, (0.0, "AGL"), (600.0, "AGL"));
    assert!(rules(&flown(&world, &[(0.0, 40.0, 180.0, 10.0)], |_| {})[0]).is_empty(), "away");
    world.permission();
    assert!(rules(&flown(&world, &[(0.0, 40.0, 0.0, 10.0)], |_| {})[0]).is_empty(), "permitted");
    world.authorisations[0].windows[0].to = Some(time("2026-05-10T10:05:00Z"));
    let ticks = flown(&world, &[(0.0, 40.0, 0.0, 10.0)], |_| {});
    assert_eq!((rules(&ticks[0]), ticks[0].standing[0].in_s), (vec!["authorisation-expiring"], 300.0));
}

#[test]
fn limits_energy_and_heights() {
    let world = World::new();
    let one = |away_m: f64, height_m: f64, change: fn(&mut State)| {
        rules(&flown(&world, &[(away_m, height_m, 0.0, 0.0)], change)[0])
    };
    assert_eq!(one(0.0, 101.0, |_| {}), ["height"]);
    assert_eq!(one(401.0, 40.0, |_| {}), ["range"]);
    assert_eq!(one(300.0, 40.0, |state| state.battery_percent = Some(30.0)), ["energy"]);
    assert_eq!(one(300.0, 40.0, |state| state.satellites_amsl_m = Some(138.0)), ["heights-disagree"]);
    assert_eq!(one(300.0, 40.0, |_| {}), Vec::<&str>::new());
}

//! Preflight of 200 items against the whole UK set (aim 5 ms), a tick of the monitor (aim 50 µs), a survey of 1 km² (aim 2 ms).

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use std::hint::black_box;
use std::sync::LazyLock;

use divan::Bencher;
use jiff::{SignedDuration, Timestamp};
use mission_profiles::monitor::{Monitor, State};
use mission_profiles::pattern::{Camera, Survey, mission, survey};
use mission_profiles::place::{Position, direct};
use mission_profiles::preflight::{Aircraft, Crew, Situation, Weather, preflight};
use mission_profiles::profile::{Profile, bundled as profiles};
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Dataset, Index, Span, Surroundings, bundled};

static UK: LazyLock<Vec<Dataset>> = LazyLock::new(|| bundled().unwrap());

fn main() {
    divan::main();
}

fn profile() -> Profile {
    let (file, text) = profiles().into_iter().find(|(file, _)| *file == "event.toml").unwrap();
    Profile::read(file, text).unwrap()
}

/// South-west of London: traffic and control zones all around.
fn home() -> Position {
    Position::new(51.45, -0.45).unwrap()
}

fn around() -> Surroundings<'static> {
    Surroundings {
        home: home(),
        home_amsl: Span::new(20.0, 25.0),
        terrain: None,
        qnh_hpa: Some(1_013.0),
        geoid_m: Some(46.0),
    }
}

/// A square of this side, from home to the north and east.
fn square(side_m: f64) -> Vec<Position> {
    let north = direct(home(), 0.0, side_m);
    vec![home(), north, direct(north, 90.0, side_m), direct(home(), 90.0, side_m)]
}

fn asked() -> Survey {
    let camera = Camera { hfov_deg: 70.0, vfov_deg: 43.0, width_px: 1920 };
    Survey { height_m: 60.0, overlap_percent: 75.0, sidelap_percent: 65.0, azimuth_deg: Some(0.0), camera }
}

#[divan::bench]
fn survey_of_1_km2(bencher: Bencher<'_, '_>) {
    let area = square(1_000.0);
    bencher.bench_local(|| survey(black_box(&area), &asked()).unwrap().len());
}

#[divan::bench]
fn preflight_of_200_items(bencher: Bencher<'_, '_>) {
    let (index, profile) = (Index::new(&UK), profile());
    let waypoints: Vec<_> = survey(&square(3_000.0), &asked()).unwrap().into_iter().take(200).collect();
    let plan = mission([home().lat_deg, home().lon_deg, 22.0], &waypoints, 8.0, true);
    let habits = Habits { cruise_ms: 8.0, climb_ms: 2.5, return_height_m: 60.0 };
    let from: Timestamp = "2026-05-10T10:00:00Z".parse().unwrap();
    let (crew, aircraft) = (Crew::default(), Aircraft::default());
    bencher.bench_local(|| {
        let route = Route::of(black_box(&plan), None, habits).unwrap();
        let report = preflight(&Situation {
            route: &route,
            profile: &profile,
            zones: &index,
            sources: UK.iter().map(|dataset| &dataset.source).collect(),
            authorisations: &[],
            crew: &crew,
            aircraft: &aircraft,
            weather: Some(Weather { gust_ms: 3.0, visibility_m: 9_000.0 }),
            surroundings: around(),
            from,
            to: from + SignedDuration::from_hours(1),
            now: from,
        });
        report.findings.len()
    });
}

#[divan::bench(sample_size = 10)]
fn tick_of_the_monitor(bencher: Bencher<'_, '_>) {
    let (index, profile) = (Index::new(&UK), profile());
    let mut monitor = Monitor::new(&index, profile.content.limits, &[], ("P1", "SKY-1"), around());
    let mut state = State {
        position: home(),
        speed_ms: 8.0,
        course_deg: 45.0,
        climb_ms: 0.5,
        height_m: 60.0,
        satellites_amsl_m: Some(82.0),
        battery_percent: Some(80.0),
        endurance_s: Some(1_800.0),
        at: "2026-05-10T10:00:00Z".parse().unwrap(),
    };
    bencher.bench_local(|| {
        state.at += SignedDuration::from_millis(100);
        monitor.tick(black_box(&state)).standing.len()
    });
}

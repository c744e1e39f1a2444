//! A scenario's own flights without links, sockets or pictures, as fast as the machine allows; `truth.csv` as if the camera had taken its
//! pictures.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::camera::Ticks;
use crate::clock::SimClock;
use crate::scenario::Scenario;
use crate::truth::{Row, Truth};
use crate::world::World;

/// UTC of boot: 2026-01-01T00:00:00Z. One seed is one file, whenever it is flown.
pub const BOOT_UTC_US: i64 = 1_767_225_600_000_000;
/// Beyond its time in the air a flight may take this much longer before it counts as lost, s.
const PATIENCE_S: f64 = 300.0;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flown {
    /// Vehicles flown.
    pub vehicles: usize,
    /// Simulated time, s.
    pub simulated_s: f64,
    /// Rows of truth.
    pub rows: u64,
    /// Messages that links would have carried.
    pub messages: u64,
}

/// Flies every vehicle that flies by itself until it has landed. `truth` gets `truth.csv` for the first one and `vehicle-ID/truth.csv`
/// for others.
///
/// # Errors
/// No vehicle flies by itself, one never lands, or a file cannot be written.
pub fn fly(scenario: &Scenario, truth: Option<&Path>) -> Result<Flown> {
    let mut flown = Flown { vehicles: 0, simulated_s: 0.0, rows: 0, messages: 0 };
    for one in scenario.fleet().iter().filter(|one| one.flight.autostart) {
        let folder = truth.map(|folder| {
            let own = folder.join(format!("vehicle-{}", one.system_id));
            if one.system_id == scenario.system_id { folder.to_owned() } else { own }
        });
        let (seconds, rows, messages) = fly_one(one, folder.as_deref())?;
        flown.vehicles += 1;
        flown.simulated_s += seconds;
        flown.rows += rows;
        flown.messages += messages;
    }
    ensure!(flown.vehicles > 0, "no vehicle of the scenario flies by itself; set flight.autostart");
    Ok(flown)
}

fn fly_one(scenario: &Scenario, folder: Option<&Path>) -> Result<(f64, u64, u64)> {
    let mut world = World::new(scenario, BOOT_UTC_US);
    let truth = folder.map(|folder| {
        let file = Truth::create(folder, *world.map(), scenario.home.alt_msl_m);
        file.with_context(|| format!("{}/truth.csv cannot be written", folder.display()))
    });
    let mut truth = truth.transpose()?;
    let mut ticks = Ticks::new(scenario.camera.fps);
    let (mut rows, mut messages) = (0, 0);
    let latest_s = scenario.flight.arm_at_s + scenario.flight.air_seconds + PATIENCE_S;
    let latest_ns = Duration::from_secs_f64(latest_s).as_nanos();
    while !world.landed() {
        ensure!(u128::from(world.now_ns()) < latest_ns, "vehicle {} never landed", scenario.system_id);
        messages += world.step().len() as u64;
        let Some(truth) = &mut truth else { continue };
        while let Some((frame, capture_ns)) = ticks.due(world.now_ns()) {
            if !world.troubles().camera_stalled {
                truth.write(&row(scenario, &world, frame, capture_ns))?;
                rows += 1;
            }
        }
    }
    if let Some(truth) = &mut truth {
        truth.flush()?;
    }
    Ok((Duration::from_nanos(world.now_ns()).as_secs_f64(), rows, messages))
}

fn row(scenario: &Scenario, world: &World, frame: u32, capture_ns: u64) -> Row {
    let (width, height) = world.troubles().camera_size.unwrap_or((scenario.camera.width, scenario.camera.height));
    let boot_us = u64::try_from(BOOT_UTC_US).unwrap_or(0);
    let pose = world.pose_at(capture_ns);
    let capture_us = boot_us + capture_ns / 1000;
    Row { frame, capture_us, pose, width, height, key: false, bytes: 0, clients: 0, late_us: 0 }
}

/// `run --fast`: flies, and prints how much faster than life that was.
///
/// # Errors
/// As [`fly`].
pub fn run(scenario: &Scenario, truth: Option<&Path>) -> Result<()> {
    let clock = SimClock::start(1.0);
    let flown = fly(scenario, truth)?;
    let real_s = Duration::from_nanos(clock.now_ns()).as_secs_f64();
    println!(
        "{} vehicle(s), {:.1} s simulated in {real_s:.3} s: {:.0} x real time, {} messages, {} rows of truth",
        flown.vehicles,
        flown.simulated_s,
        flown.simulated_s / real_s,
        flown.messages,
        flown.rows
    );
    Ok(())
}

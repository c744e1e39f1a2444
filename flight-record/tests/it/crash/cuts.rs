//! The machine stops at every step.

use super::cut::{Crash, after};
use super::disk::{Keys, Step};
use super::flown::{Aircraft, Machine, Sky, Told};
use super::judged::{Cases, doubts, flights, judge, nothing_told_is_lost};
use flight_record::verify::Integrity;

/// A flight that went well, and its account.
fn flown(sky: &Sky) -> (Told, Vec<(Step, Keys)>) {
    let machine = Machine::new();
    let mut aircraft = Aircraft::new(sky, &machine, Told::default());
    aircraft.fly();
    assert!(aircraft.refused.is_empty(), "{:?}", aircraft.refused);
    assert_eq!(aircraft.told.closed.len(), 1);
    let told = std::mem::take(&mut aircraft.told);
    (told, machine.disk.steps())
}

/// The machine after a crash at step `at` of `before`.
fn crashed(before: &Machine, steps: &[(Step, Keys)], at: usize, crash: Crash, keys: &Keys) -> Machine {
    let steps = &steps[..at];
    let image = after(&before.base, steps.iter().map(|(step, _)| step), crash);
    match crash {
        // What the system still holds may be lost later.
        Crash::Killed => Machine::with(&image, keys, before.base.clone(), steps),
        Crash::Bare | Crash::Torn(_) => Machine::with(&image, &Keys::new(), image.clone(), &[]),
    }
}

const LEFT: [Integrity; 4] = [Integrity::Truncated, Integrity::UnattestedTail, Integrity::Missing, Integrity::Intact];

/// Takes the flight up and closes it; verifies before and after.
fn recovers(sky: &Sky, machine: &Machine, told: &Told, until: usize, go_on: bool, what: &str) -> Told {
    nothing_told_is_lost(machine, told, until, what);
    let mut kept = told.clone();
    kept.heads.retain(|(step, ..)| *step <= until);
    kept.files.retain(|(step, ..)| *step <= until);
    kept.closed.retain(|(step, _)| *step <= until);
    for id in flights(machine) {
        let dir = machine.flights().join(id.to_string());
        let left = judge(sky, &dir, &LEFT, &format!("{what}, left lying"));
        let opened = !kept.heads.is_empty();
        assert!(!opened || left.integrity != Integrity::Missing, "{what}: {:#?}", doubts(&left));
        let may_be_whole = kept.closed.len() == 1 || dir_says_closed(&dir);
        assert!(may_be_whole || left.integrity != Integrity::Intact, "{what}: falsely green");
    }
    let mut aircraft = Aircraft::new(sky, machine, kept);
    let taken_up = aircraft.take_up(2, 20);
    if taken_up && go_on {
        aircraft.go_on(21);
    }
    aircraft.close(30);
    assert!(aircraft.refused.is_empty(), "{what}: {:?}", aircraft.refused);
    let told = aircraft.told;
    nothing_told_is_lost(machine, &told, usize::MAX, what);
    for (_, id) in &told.closed {
        let dir = machine.flights().join(id.to_string());
        judge(sky, &dir, &[Integrity::Intact, Integrity::UnattestedTail], &format!("{what}, taken up and closed"));
    }
    told
}

fn dir_says_closed(dir: &std::path::Path) -> bool {
    let flights = dir.parent().unwrap();
    !flight_record::flight::unclosed(flights).unwrap().iter().any(|open| open == dir)
}

#[test]
fn a_flight_survives_a_crash_at_every_step() {
    let sky = Sky::new();
    let (told, steps) = flown(&sky);
    println!("{} steps, {} heads", steps.len(), told.heads.len());
    let empty = Machine::new();
    let mut cases = Cases::default();
    for at in 0..=steps.len() {
        let keys = steps.get(at).map(|(_, keys)| keys.clone()).unwrap_or_default();
        for crash in [Crash::Killed, Crash::Bare, Crash::Torn(at as u64), Crash::Torn(1000 + at as u64)] {
            let what = format!("step {at} {:?}, {crash:?}", steps.get(at).map(|(step, _)| name(step)));
            cases.try_one(|| {
                let machine = crashed(&empty, &steps, at, crash, &keys);
                recovers(&sky, &machine, &told, at, at % 2 == 0, &what)
            });
        }
    }
    cases.end();
}

fn name(step: &Step) -> String {
    format!("{step:?}").chars().take(60).collect()
}

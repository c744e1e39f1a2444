//! The machine stops at every step, and stops again while it recovers.

use super::cut::Crash;
use super::disk::Step;
use super::flown::{Aircraft, Machine, Sky, Told};
use super::judged::{Cases, doubts, flights, judge, nothing_told_is_lost};
use flight_record::flight;
use flight_record::verify::Integrity;
use std::path::Path;

/// What may be said of a flight that nobody has taken up.
const LEFT: [Integrity; 4] = [Integrity::Truncated, Integrity::UnattestedTail, Integrity::Missing, Integrity::Intact];
/// Of one that was taken up and closed.
const CLOSED: [Integrity; 2] = [Integrity::Intact, Integrity::UnattestedTail];

/// A flight that went well, and its machine.
fn flown(sky: &Sky) -> (Machine, Told) {
    let machine = Machine::new();
    let mut aircraft = Aircraft::new(sky, &machine, Told::default());
    aircraft.fly();
    assert!(aircraft.refused.is_empty(), "{:?}", aircraft.refused);
    assert_eq!(aircraft.told.closed.len(), 1);
    let told = std::mem::take(&mut aircraft.told);
    (machine, told)
}

/// Judges what lies there, takes it up and closes it, and judges that; what has been told in the end.
fn recovers(sky: &Sky, machine: &Machine, told: Told, restart: u8, what: &str) -> Told {
    nothing_told_is_lost(machine, &told, what);
    for id in flights(machine) {
        let dir = machine.flights().join(id.to_string());
        let left = judge(sky, &dir, &LEFT, &format!("{what}, left lying"));
        let never_opened = told.heads.is_empty();
        assert!(never_opened || left.integrity != Integrity::Missing, "{what}: {}", doubts(&left));
        assert!(is_closed(&dir) || left.integrity != Integrity::Intact, "{what}: falsely green");
    }
    let mut aircraft = Aircraft::new(sky, machine, told);
    let at_s = 10 * u32::from(restart);
    if aircraft.take_up(restart, at_s) && restart.is_multiple_of(2) {
        aircraft.go_on(at_s + 1);
    }
    aircraft.close(at_s + 5);
    assert!(aircraft.refused.is_empty(), "{what}: {:?}", aircraft.refused);
    let told = aircraft.told;
    nothing_told_is_lost(machine, &told, what);
    for (_, id) in &told.closed {
        let dir = machine.flights().join(id.to_string());
        judge(sky, &dir, &CLOSED, &format!("{what}, taken up and closed"));
    }
    told
}

fn is_closed(dir: &Path) -> bool {
    !flight::unclosed(dir.parent().unwrap()).unwrap().iter().any(|open| open == dir)
}

#[test]
fn a_flight_survives_a_crash_at_every_step() {
    let sky = Sky::new();
    let (machine, told) = flown(&sky);
    let steps = machine.disk.steps();
    println!("{} steps, {} heads", steps.len(), told.heads.len());
    let mut cases = Cases::default();
    for at in 0..=steps.len() {
        // The evolving key changes between two steps: as the last one left it, or as the next one will find it.
        let before = at.checked_sub(1).map(|at| steps[at].1.clone()).unwrap_or_default();
        let behind = steps.get(at).map_or_else(|| machine.disk.held_keys(), |(_, keys)| keys.clone());
        let seed = at as u64;
        let crashes = [(Crash::Killed, &before), (Crash::Killed, &behind), (Crash::Bare, &before)];
        let torn = [seed, 1000 + seed, 2000 + seed, 3000 + seed].map(|seed| (Crash::Torn(seed), &before));
        for (n, (crash, keys)) in crashes.into_iter().chain(torn).enumerate() {
            let what = format!("step {at} {}, {crash:?}", named(&steps, at));
            cases.try_one(|| {
                let (machine, told) = machine.crashed(&told, at, crash, keys);
                recovers(&sky, &machine, told, if (at + n).is_multiple_of(2) { 2 } else { 3 }, &what)
            });
        }
    }
    cases.end();
}

#[test]
fn it_survives_a_second_crash_at_every_step_of_its_recovery_and_a_third() {
    let sky = Sky::new();
    let (machine, told) = flown(&sky);
    let steps = machine.disk.steps();
    let mut cases = Cases::default();
    for at in (0..steps.len()).step_by(10) {
        let first = [Crash::Killed, Crash::Torn(at as u64), Crash::Bare][at % 3];
        let (second, told) = machine.crashed(&told, at, first, &steps[at].1);
        let begun = second.disk.len();
        let what = format!("step {at} {}, {first:?}", named(&steps, at));
        let Some(told) = cases.try_one(|| recovers(&sky, &second, told, 2, &what)) else { continue };
        let again = second.disk.steps();
        for at in begun..again.len() {
            let crash = [Crash::Torn(at as u64), Crash::Killed, Crash::Torn(7 * at as u64), Crash::Bare][at % 4];
            let (third, told) = second.crashed(&told, at, crash, &again[at].1);
            let what = format!("{what}; then {at} {}, {crash:?}", named(&again, at));
            let begun = third.disk.len();
            let Some(told) = cases.try_one(|| recovers(&sky, &third, told, 3, &what)) else { continue };
            let last = third.disk.steps();
            let at = begun + (at * 31) % (last.len() - begun).max(1);
            let Some((_, keys)) = last.get(at) else { continue };
            let crash = [Crash::Torn(at as u64), Crash::Killed, Crash::Bare][at % 3];
            let (fourth, told) = third.crashed(&told, at, crash, keys);
            let what = format!("{what}; then {at} {}, {crash:?}", named(&last, at));
            cases.try_one(|| recovers(&sky, &fourth, told, 4, &what));
        }
    }
    cases.end();
}

fn named(steps: &[(Step, super::disk::Keys)], at: usize) -> String {
    steps.get(at).map(|(step, _)| format!("{step:?}").chars().take(60).collect()).unwrap_or_default()
}

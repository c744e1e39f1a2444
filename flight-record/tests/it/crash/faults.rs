//! The disk is full, or fails, at every call: the aircraft goes on as far as it lets it, says what is wrong, and what was
//! told stays true.

use super::cut::Crash;
use super::disk::{EIO, ENOSPC, Fault};
use super::flown::{Aircraft, Machine, Sky, Told};
use super::judged::{Cases, judge, nothing_told_is_lost};
use flight_record::flight;
use flight_record::verify::Integrity;

/// After a fault of the disk a file may end early or not be there at all, and that is then said.
const CLOSED: [Integrity; 4] = [Integrity::Intact, Integrity::UnattestedTail, Integrity::Incomplete, Integrity::Gap];

fn calls(sky: &Sky) -> usize {
    let machine = Machine::new();
    Aircraft::new(sky, &machine, Told::default()).fly();
    machine.disk.calls()
}

/// Flies with a fault, then restarts on a disk that works; then the power was cut instead.
fn flies_and_recovers(sky: &Sky, fault: Fault) {
    let what = format!("{fault:?}");
    let machine = Machine::new();
    machine.disk.fail(fault);
    let mut aircraft = Aircraft::new(sky, &machine, Told::default());
    aircraft.fly();
    assert!(!aircraft.refused.is_empty() || machine.disk.calls() <= fault.at, "{what}: a fault that nobody hears of");
    for words in &aircraft.refused {
        let named = words.contains("os error") || words.contains("ended at an earlier error");
        assert!(named && words.contains('/'), "{what}: {words}");
    }
    let told = std::mem::take(&mut aircraft.told);
    drop(aircraft);
    nothing_told_is_lost(&machine, &told, &what);
    machine.disk.mend();
    let at = machine.disk.len();
    let keys = machine.disk.held_keys();
    for crash in [Crash::Killed, Crash::Bare, Crash::Torn(fault.at as u64)] {
        let what = format!("{what}, {crash:?}");
        let (again, told) = machine.crashed(&told, at, crash, &keys);
        nothing_told_is_lost(&again, &told, &what);
        let mut aircraft = Aircraft::new(sky, &again, told);
        let taken_up = aircraft.take_up(2, 20);
        aircraft.close(30);
        assert!(aircraft.refused.is_empty(), "{what}: {:?}", aircraft.refused);
        assert!(flight::unclosed(&again.flights()).unwrap().is_empty(), "{what}: taken up: {taken_up}");
        nothing_told_is_lost(&again, &aircraft.told, &what);
        for (_, id) in &aircraft.told.closed {
            judge(sky, &again.flights().join(id.to_string()), &CLOSED, &what);
        }
    }
}

fn at_every_call(errno: i32, stays: bool, forgets: bool) {
    let sky = Sky::new();
    let mut cases = Cases::default();
    for at in 0..calls(&sky) {
        cases.try_one(|| flies_and_recovers(&sky, Fault { at, errno, stays, forgets }));
    }
    cases.end();
}

#[test]
fn a_disk_that_fails_once_at_any_call_costs_no_truth() {
    at_every_call(EIO, false, false);
}

#[test]
fn a_failed_sync_is_not_believed_when_asked_again() {
    at_every_call(EIO, false, true);
}

#[test]
fn a_disk_that_fails_for_good_at_any_call_costs_no_truth() {
    at_every_call(EIO, true, true);
}

#[test]
fn a_disk_that_is_full_at_any_call_costs_no_truth() {
    at_every_call(ENOSPC, true, false);
}

#[test]
fn a_disk_that_was_full_for_a_moment_costs_no_truth() {
    at_every_call(ENOSPC, false, false);
}

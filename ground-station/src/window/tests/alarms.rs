//! Each alarm of the table: its condition comes by what the window hears, it is said, heard, acknowledged, logged, and it ends.

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::world::{World, words_of};
use crate::clock;
use crate::command::Workspace;
use crate::state::alarms::{Alarms, Id, Sound, What};
use crate::tasks::witness::Process;
use crate::window::app::Over;

/// How a condition comes about and ends, and what is to be seen and heard of it.
struct Case {
    /// As the bar says it.
    words: &'static str,
    sound: Sound,
    begin: fn(&mut World),
    end: fn(&mut World),
}

/// Every condition has one: the compiler asks for it.
fn case(id: Id) -> Case {
    match id {
        Id::VehicleLost => Case {
            words: "Warning: Vehicle not heard for 4 s",
            sound: Sound::Warning,
            begin: |world| {
                world.aircraft.speaks = false;
                world.pass(3);
            },
            end: |world| {
                world.aircraft.speaks = true;
                world.pass(4);
            },
        },
        Id::RadioLost => Case {
            words: "Warning: Vehicle does not receive the sticks",
            sound: Sound::Warning,
            begin: |world| {
                world.aircraft.radio = (false, 0);
                world.pass(3);
            },
            end: |world| {
                world.aircraft.radio = (true, 90);
                world.pass(4);
            },
        },
        Id::RadioWeak => Case {
            words: "Caution: Radio of the sticks at 30 %",
            sound: Sound::Chime,
            begin: |world| {
                world.aircraft.radio = (true, 30);
                world.pass(4);
            },
            end: |world| {
                world.aircraft.radio = (true, 51);
                world.pass(4);
            },
        },
        Id::CameraLost => Case {
            words: "Caution: Picture is 4 s old",
            sound: Sound::Caution,
            begin: |world| {
                world.aircraft.shows = false;
                world.pass(3);
            },
            end: |world| {
                world.aircraft.shows = true;
                world.pass(3);
            },
        },
        Id::RecStopped => Case {
            words: "Warning: Recording stopped, and nobody ordered it",
            sound: Sound::Warning,
            begin: |world| {
                world.aircraft.records_ms = Some(0);
                world.pass(4);
                world.aircraft.records_ms = None;
                world.pass(1);
            },
            end: |world| {
                world.aircraft.records_ms = Some(0);
                world.pass(4);
            },
        },
        Id::StorageLow => Case {
            words: "Caution: Storage aboard: 3.1 GB left",
            sound: Sound::Chime,
            begin: |world| {
                world.aircraft.storage_mib = 3_000.0;
                world.pass(7);
            },
            end: |world| {
                world.aircraft.storage_mib = 9_000.0;
                world.pass(7);
            },
        },
        Id::ClockStep => Case {
            words: "Caution: This station's clock jumped by +5.0 s",
            sound: Sound::Chime,
            begin: |world| {
                world.machine(80, true, 0);
                world.machine(80, true, 5);
                world.pass(1);
            },
            // Somebody has seen it.
            end: |world| world.pass(11),
        },
        Id::Equivocation => Case {
            words: "Warning: The aircraft's key has signed two histories at head 1",
            sound: Sound::Warning,
            begin: |world| {
                let mut file = world.begin_witnessing();
                file.cosign(world);
                file.contradict(world);
                world.pass(1);
            },
            end: |world| {
                world.begin_witnessing();
                world.pass(1);
            },
        },
        Id::Unwitnessed => Case {
            words: "Caution: Nothing witnessed for 31 s",
            sound: Sound::Caution,
            begin: |world| {
                world.aircraft.records_ms = Some(0);
                world.pass(3);
                world.begin_witnessing();
                world.pass(31);
            },
            end: |world| {
                let mut file = world.begin_witnessing();
                file.cosign(world);
                world.pass(1);
            },
        },
        Id::WitnessGone => Case {
            words: "Warning: The witness on this station has stopped",
            sound: Sound::Caution,
            begin: |world| {
                let (ended, now_ns) = (Process::Ended { why: "killed".into(), again_in_s: Some(1) }, world.now_ns);
                world.app().hear_process(ended, now_ns);
                world.pass(4);
            },
            end: |world| {
                let now_ns = world.now_ns;
                world.app().hear_process(Process::Runs, now_ns);
                world.pass(3);
            },
        },
        Id::Traffic => Case {
            words: "Caution: Traffic: NPAS21 3.0 km to the north, 100 m above",
            sound: Sound::Traffic,
            begin: |world| {
                world.aircraft.traffic_e7 = Some(270_000);
                world.pass(1);
            },
            end: |world| {
                world.aircraft.traffic_e7 = Some(600_000);
                world.pass(7);
            },
        },
        Id::BatteryHome => Case {
            // Some two minutes: the percentage goes down by whole ones.
            words: "Caution: Battery: it must turn home within 1",
            sound: Sound::Warning,
            begin: |world| {
                // Another battery: the rate of the one before says nothing.
                world.aircraft.battery_percent = 86.0;
                world.aircraft.battery_falls_percent_s = 0.16;
                for _ in 0..240 {
                    if !world.app().alarms.standing().is_empty() {
                        return;
                    }
                    world.pass(1);
                }
            },
            end: |world| {
                world.aircraft.flies = false;
                world.pass(12);
            },
        },
        Id::Fence => Case {
            words: "Warning: Vehicle is beyond its fence",
            sound: Sound::Warning,
            begin: |world| {
                world.aircraft.beyond_fence = true;
                world.pass(1);
            },
            end: |world| {
                world.aircraft.beyond_fence = false;
                world.pass(5);
            },
        },
        Id::Authorisation => Case {
            words: "Advisory: Permission ends in 10 min: D-2219",
            sound: Sound::Caution,
            begin: |world| {
                world.permit("D-2219");
                let until_us = world.app().skies.ends.as_ref().map(|(_, until_us)| *until_us).unwrap();
                world.utc_us = until_us - 10 * 60 * 1_000_000;
                world.pass(1);
            },
            end: |world| {
                let closed = mission_profiles::authorisation::State::Closed;
                world.unit.steps("D-2219", closed, &crate::airspace::tests::now()).unwrap();
                world.until_asked("the end of the permission", |app| app.skies.ends.is_none());
                world.pass(2);
            },
        },
        Id::Emergency => Case {
            words: "Warning: Vehicle says: Crash: Disarming",
            sound: Sound::Warning,
            begin: |world| {
                world.text(2, "Crash: Disarming");
                world.pass(1);
            },
            end: |world| world.pass(61),
        },
        Id::StationBattery => Case {
            words: "Caution: This station's battery is at 19 %",
            sound: Sound::Chime,
            begin: |world| {
                world.machine(19, false, 0);
                world.pass(6);
            },
            end: |world| {
                world.machine(19, true, 0);
                world.pass(6);
            },
        },
    }
}

/// The bar says it, with what the pilot does.
fn is_said(world: &World, case: &Case, act: &str) -> bool {
    let mut said = world.harness.query_all_by_label_contains(case.words);
    said.any(|node| words_of(&node.accesskit_node()).ends_with(act))
}

/// How it is acknowledged, and where.
#[derive(Debug, Clone, Copy)]
enum By {
    Key,
    Press,
}

fn comes_is_seen_and_ends(id: Id, act: &str, by: By) {
    let (case, mut world) = (case(id), World::flying());
    (case.begin)(&mut world);
    let standing: Vec<Id> = world.app().alarms.standing().iter().map(|alarm| alarm.id).collect();
    assert_eq!(standing, [id], "{id:?} alone");
    for workspace in Workspace::ALL {
        world.app().go(workspace);
        world.harness.run_steps(2);
        assert!(is_said(&world, &case, act), "{id:?} on {workspace:?}");
    }
    assert_eq!(world.heard.try_iter().last(), Some(case.sound), "{id:?} is heard");
    let before_us = clock::now_utc_us();
    match by {
        By::Key => {
            world.app().go(Workspace::Fly);
            world.harness.run_steps(2);
            world.harness.key_press(Key::A);
        }
        By::Press => {
            let name = case.words.split_once(": ").unwrap().1;
            world.harness.get_by_label_contains(&format!("Acknowledge: {name}")).click();
        }
    }
    world.harness.run_steps(2);
    assert!(!is_said(&world, &case, act), "{id:?} is grey, and says who has seen it instead");
    assert!(world.harness.query_all_by_label_contains("van 3, ").count() > 0, "{id:?} {by:?}");
    let entry = world.app().alarms.log().next().unwrap().clone();
    assert_eq!((entry.id, entry.what), (id, What::Acknowledged { by: "van 3".to_owned() }), "{by:?}");
    assert!((before_us..=clock::now_utc_us()).contains(&entry.at_utc_us), "when, {id:?}");
    world.pass(1);
    assert_eq!(world.heard.try_iter().last(), Some(Sound::Silent), "{id:?} is not heard any more");
    (case.end)(&mut world);
    world.harness.run_steps(2);
    assert!(world.app().alarms.standing().is_empty(), "{id:?}: {:?}", world.app().alarms.standing());
    assert_eq!(world.app().alarms.log().next().map(|entry| (entry.id, entry.what.clone())), Some((id, What::Over)));
    assert!(!world.harness.query_all_by_label_contains("Still true.").any(|_| true), "{id:?} is gone from the bar");
    world.app().view.over = Some(Over::Notices);
    world.harness.run_steps(2);
    assert!(world.harness.query_all_by_label_contains("Seen by van 3").count() > 0, "{id:?} stands in what was said");
}

#[test]
fn each_is_raised_by_what_is_heard_and_acknowledged_by_its_key() {
    Alarms::all().for_each(|(id, act)| comes_is_seen_and_ends(id, act, By::Key));
}

#[test]
fn each_is_raised_by_what_is_heard_and_acknowledged_by_a_press_on_another_workspace() {
    Alarms::all().for_each(|(id, act)| comes_is_seen_and_ends(id, act, By::Press));
}

#[test]
fn a_clock_that_is_set_back_agrees_again_without_anybody() {
    let mut world = World::flying();
    world.machine(80, true, 0);
    world.machine(80, true, 5);
    world.pass(1);
    assert_eq!(world.app().alarms.standing().len(), 1);
    world.machine(80, true, 0);
    world.pass(11);
    assert!(world.app().alarms.standing().is_empty(), "{:?}", world.app().alarms.standing());
}

#[test]
fn figures_that_go_on_do_not_lose_a_press() {
    let mut world = World::flying();
    world.aircraft.speaks = false;
    world.pass(3);
    let at = world.harness.get_by_label_contains("Acknowledge: Vehicle not heard for 4 s").rect().center();
    let button = |pressed| egui::Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    world.harness.event(egui::Event::PointerMoved(at));
    world.harness.run_steps(1);
    world.harness.event(button(true));
    world.harness.run_steps(1);
    world.pass(1);
    assert!(world.harness.query_by_label_contains("Acknowledge: Vehicle not heard for 5 s").is_some());
    world.harness.event(button(false));
    world.harness.run_steps(2);
    assert!(world.app().alarms.standing()[0].acknowledged.is_some(), "pressed at 4 s, let go at 5 s");
}

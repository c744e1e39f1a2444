//! Properties over random flights and random damage.

use crate::support::{Camera, Unit, at, boot, code, copy, files, looks_good, segment, telemetry};
use flight_record::record::{Kind, Marker};
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Word};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::PathBuf;

/// One thing that happens in a flight.
#[derive(Clone, Debug)]
enum Step {
    Event(bool),
    Segment,
    Telemetry,
    Marker,
    /// The program dies and is started again; with true the computer too.
    Crash(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<bool>().prop_map(Step::Event),
        Just(Step::Segment),
        Just(Step::Telemetry),
        Just(Step::Marker),
        any::<bool>().prop_map(Step::Crash),
    ];
    proptest::collection::vec(step, 0..12)
}

/// Flies the steps; the folder of the closed flight.
fn fly(unit: &Unit, steps: &[Step]) -> PathBuf {
    let mut flight = unit.open();
    let mut camera = Camera::new(300);
    let mut boots = 1;
    for (second, step) in (1..).zip(steps) {
        match step {
            Step::Event(detail) => {
                let detail = detail.then_some(&b"in words"[..]);
                flight.event(code("link-lost"), detail, at(second)).unwrap();
            }
            Step::Segment => {
                let index = flight.first_free_segment(&"eo".parse().unwrap());
                segment(&mut flight, &mut camera, index, second);
            }
            Step::Telemetry => {
                let index = flight.first_free_telemetry();
                let kind = telemetry(&flight, index, second);
                flight.append(kind, at(second)).unwrap();
            }
            Step::Marker => {
                let marker = Marker { code: code("bookmark"), at_utc_us: at(second).utc_us };
                flight.append(Kind::Marker(marker), at(second)).unwrap();
            }
            Step::Crash(reboot) => {
                let dir = flight.dir().to_owned();
                drop(flight);
                if *reboot {
                    fs::remove_dir_all(unit.path("keys")).unwrap();
                    boots += 1;
                }
                flight = unit.resume(&dir, boot(boots), second);
            }
        }
    }
    flight.close(code("landed"), at(100)).unwrap().dir().to_owned()
}

#[test]
fn whatever_happens_in_flight_verifies_and_any_damage_shows() {
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let damage = (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), 0..8_u8, 0..4_u8);
    runner
        .run(&(steps(), damage), |(steps, (which, place, bit, how))| {
            let unit = Unit::new(Class::Simulated);
            let dir = fly(&unit, &steps);
            let report = unit.verify_opened(&dir);
            assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());

            let broken = copy(&dir, &unit.path("broken"));
            let paths = files(&broken);
            let path = broken.join(which.get(&paths));
            let mut bytes = fs::read(&path).unwrap();
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] ^= 1 << bit,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, bit),
                _ => bytes.truncate(at),
            }
            fs::write(&path, bytes).unwrap();
            for report in [unit.verify_sealed(&broken), unit.verify_opened(&broken)] {
                assert!(!looks_good(&report), "{} at {at} ({how}): {}", path.display(), report.word);
                assert!(report.integrity > Integrity::UnattestedTail);
            }
            Ok(())
        })
        .unwrap();
}

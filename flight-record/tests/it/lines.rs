//! Records and heads dropped, doubled, reordered, signed again, taken from another flight.

use crate::forge::{head_line, payloads};
use crate::support::{Unit, broken, looks_good, said, small_flight};
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Word};
use flight_record::{Sha256, dsse, record::PAYLOAD_TYPE};
use std::fs;
use std::path::Path;

/// The lines of a log, changed.
fn edit(dir: &Path, file: &str, change: impl FnOnce(&mut Vec<String>)) {
    let path = dir.join(file);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn records_dropped_doubled_and_reordered() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let lines = payloads(&dir).len();
    for at in 1..lines - 1 {
        let report = broken(&unit, &dir, &format!("dropped-{at}"), |dir| {
            edit(dir, "records.jsonl", |lines| drop(lines.remove(at)));
        });
        let next = report.items.iter().find(|item| item.word == Some(Integrity::Missing)).unwrap();
        assert!(next.item.to_string().contains(&format!("line {} ", at + 1)), "{next:?}");
        assert!(next.detail.as_ref().unwrap().contains(&format!("record {at} is missing")), "{next:?}");
        assert!(!looks_good(&report));

        let report = broken(&unit, &dir, &format!("doubled-{at}"), |dir| {
            edit(dir, "records.jsonl", |lines| {
                lines.insert(at, lines[at].clone());
            });
        });
        let second = report.items.iter().find(|item| item.word == Some(Integrity::OutOfOrder)).unwrap();
        assert!(second.item.to_string().contains(&format!("line {} ", at + 2)), "{second:?}");
        assert!(!looks_good(&report));

        let report = broken(&unit, &dir, &format!("reordered-{at}"), |dir| {
            edit(dir, "records.jsonl", |lines| lines.swap(at, at + 1));
        });
        assert!(report.integrity >= Integrity::Missing, "{}", report.word);
    }
    let report = broken(&unit, &dir, "no-open", |dir| {
        edit(dir, "records.jsonl", |lines| drop(lines.remove(0)));
    });
    assert_eq!(report.word, Word::Doubt(Integrity::Missing));
}

#[test]
fn the_end_cut_off_is_truncated_even_with_its_heads() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let lines = payloads(&dir).len();
    for kept in 1..lines {
        let report = broken(&unit, &dir, &format!("cut-{kept}"), |dir| {
            edit(dir, "records.jsonl", |lines| lines.truncate(kept));
            edit(dir, "checkpoints.jsonl", |lines| lines.truncate(kept));
        });
        assert_eq!(report.word, Word::Doubt(Integrity::Truncated), "{kept}: {:#?}", report.doubts());
    }
    let report = broken(&unit, &dir, "records-only", |dir| {
        edit(dir, "records.jsonl", |lines| {
            lines.truncate(lines.len() - 1);
        });
    });
    assert_eq!(said(&report, &format!("checkpoints.jsonl line {lines}")), "TRUNCATED");
    let report = broken(&unit, &dir, "heads-only", |dir| {
        edit(dir, "checkpoints.jsonl", |lines| {
            lines.truncate(lines.len() - 1);
        });
    });
    assert_eq!(said(&report, "checkpoints.jsonl"), "TRUNCATED");
}

#[test]
fn heads_dropped_reordered_and_contradicting() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let open = payloads(&dir).remove(0);
    let report = broken(&unit, &dir, "dropped", |dir| {
        edit(dir, "checkpoints.jsonl", |lines| drop(lines.remove(3)));
    });
    assert_eq!(said(&report, "checkpoints.jsonl line 4"), "MISSING");
    let report = broken(&unit, &dir, "reordered", |dir| {
        edit(dir, "checkpoints.jsonl", |lines| lines.swap(3, 4));
    });
    assert_eq!(said(&report, "checkpoints.jsonl line 5"), "OUT-OF-ORDER");
    let report = broken(&unit, &dir, "forked", |dir| {
        let fork = head_line(&unit, &open, 4, Sha256::of(b"another history"));
        edit(dir, "checkpoints.jsonl", |lines| {
            lines.insert(4, fork.trim_end().to_owned());
        });
    });
    assert_eq!(said(&report, "checkpoints.jsonl line 5"), "EQUIVOCATION");
    let report = broken(&unit, &dir, "other-root", |dir| {
        let fork = head_line(&unit, &open, 4, Sha256::of(b"another history"));
        edit(dir, "checkpoints.jsonl", |lines| {
            lines[3] = fork.trim_end().to_owned();
        });
    });
    assert_eq!(report.word, Word::Doubt(Integrity::Equivocation));
}

#[test]
fn a_record_signed_again_by_another_key_is_not_believed() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let payload = payloads(&dir)[2].replace("recording-started", "recording-stopped");
    for (name, key) in [("device", unit.device.clone()), ("root", unit.root.clone())] {
        let report = broken(&unit, &dir, name, |dir| {
            let line = dsse::seal(PAYLOAD_TYPE, payload.as_bytes(), &key);
            edit(dir, "records.jsonl", |lines| {
                lines[2] = String::from_utf8(line).unwrap();
            });
        });
        assert_eq!(report.word, Word::Doubt(Integrity::KeyUntrusted), "{name}: {:#?}", report.doubts());
        assert_eq!(said(&report, "records.jsonl line 3 (seq 2, prefix)"), "KEY-UNTRUSTED");
    }
}

#[test]
fn pieces_of_another_flight_are_named() {
    let unit = Unit::new(Class::Simulated);
    let (dir, other) = (unit.whole_flight(), small_flight(&unit));
    let line = |file: &str, n: usize| fs::read_to_string(other.join(file)).unwrap().lines().nth(n).unwrap().to_owned();
    let report = broken(&unit, &dir, "record", |dir| {
        edit(dir, "records.jsonl", |lines| {
            lines[1] = line("records.jsonl", 1);
        });
    });
    assert_eq!(report.word, Word::Doubt(Integrity::WrongFlight));
    assert_eq!(said(&report, "records.jsonl line 2 (seq 1, event)"), "WRONG-FLIGHT");
    let report = broken(&unit, &dir, "head", |dir| {
        edit(dir, "checkpoints.jsonl", |lines| {
            lines[1] = line("checkpoints.jsonl", 1);
        });
    });
    assert_eq!(said(&report, "checkpoints.jsonl line 2"), "WRONG-FLIGHT");
    let report = broken(&unit, &dir, "segment", |dir| {
        fs::copy(other.join("telemetry/000001.tlog.age"), dir.join("telemetry/000001.tlog.age")).unwrap();
    });
    assert_eq!(said(&report, "telemetry/000001.tlog.age"), "ALTERED");
}

//! What somebody can do to a flight after it was made: every single one must be said, and the right thing named.

use crate::forge::{head_line, payloads, rewrite};
use crate::support::{Unit, at, code, copy, files, options, said, telemetry};
use flight_record::trust::Class;
use flight_record::verify::{Identities, Integrity, Report, Subject, Word, verify};
use flight_record::{Sha256, dsse, record::PAYLOAD_TYPE};
use rand::{Rng as _, SeedableRng as _};
use std::fs;
use std::path::{Path, PathBuf};

/// A verdict that stands for nothing being wrong.
fn looks_good(report: &Report) -> bool {
    matches!(
        report.word,
        Word::Verified | Word::VerifiedSealedOnly | Word::VerifiedUnwitnessed
    )
}

/// A flight of four records, so that every byte of it can be tried.
fn small_flight(unit: &Unit) -> PathBuf {
    let mut flight = unit.open();
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let kind = telemetry(&flight, 1, 1);
    flight.append(kind, at(2)).unwrap();
    flight
        .close(code("landed"), at(3))
        .unwrap()
        .dir()
        .to_owned()
}

/// Flips a bit of every byte of one file; each time the line it stands on is named among the worst.
fn flip_every_byte(file: &str, line_of: impl Fn(&Subject) -> Option<u64>) {
    let unit = Unit::new(Class::Simulated);
    let dir = small_flight(&unit);
    let path = dir.join(file);
    let good = fs::read(&path).unwrap();
    let mut line = 1;
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        fs::write(&path, &bad).unwrap();
        let report = unit.verify_sealed(&dir);
        assert!(
            !looks_good(&report),
            "{file} byte {position}: {}",
            report.word
        );
        let worst = report
            .doubts()
            .into_iter()
            .filter(|item| item.word == Some(report.integrity));
        let named: Vec<u64> = worst.filter_map(|item| line_of(&item.item)).collect();
        assert!(
            named.contains(&line),
            "{file} byte {position} on line {line}: {:#?}",
            report.doubts()
        );
        if good[position] == b'\n' {
            line += 1;
        }
    }
}

#[test]
fn every_byte_of_the_records() {
    flip_every_byte("records.jsonl", |item| match item {
        Subject::Record { line, .. } => Some(*line),
        _ => None,
    });
}

#[test]
fn every_byte_of_the_checkpoints() {
    flip_every_byte("checkpoints.jsonl", |item| match item {
        Subject::Checkpoint { line } => Some(*line),
        _ => None,
    });
}

#[test]
fn random_flips_in_every_sealed_file() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let sealed: Vec<String> = files(&dir)
        .into_iter()
        .filter(|path| path.ends_with(".age"))
        .collect();
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    for round in 0..1200 {
        let path = dir.join(&sealed[round % sealed.len()]);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let position = random.random_range(0..bad.len());
        bad[position] ^= 1 << random.random_range(0..8);
        fs::write(&path, &bad).unwrap();
        let report = if round % 10 == 0 {
            unit.verify_opened(&dir)
        } else {
            unit.verify_sealed(&dir)
        };
        assert_eq!(
            report.word,
            Word::Doubt(Integrity::Altered),
            "{} byte {position}",
            path.display()
        );
        assert_eq!(said(&report, &sealed[round % sealed.len()]), "ALTERED");
        assert_eq!(report.doubts().len(), 1);
        fs::write(&path, &good).unwrap();
    }
}

#[test]
fn every_file_removed_cut_emptied_and_lengthened() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    for path in files(&dir) {
        let full = dir.join(&path);
        let good = fs::read(&full).unwrap();
        let log = path.ends_with(".jsonl");

        fs::remove_file(&full).unwrap();
        let report = unit.verify_opened(&dir);
        assert_eq!(said(&report, &path), "MISSING");
        assert_eq!(report.word, Word::Doubt(Integrity::Missing), "{path}");

        for kept in [0, 1, good.len() / 2, good.len() - 1] {
            fs::write(&full, &good[..kept]).unwrap();
            let report = unit.verify_opened(&dir);
            assert!(!looks_good(&report), "{path} cut to {kept}");
            let names_it =
                |item: &&flight_record::verify::Item| item.item.to_string().starts_with(&path);
            let named = report
                .doubts()
                .into_iter()
                .find(names_it)
                .map(|item| item.word);
            let expected = if log {
                Integrity::Truncated
            } else {
                Integrity::Incomplete
            };
            assert_eq!(
                named,
                Some(Some(expected)),
                "{path} cut to {kept}: {:#?}",
                report.doubts()
            );
        }

        fs::write(&full, [&good[..], b"x"].concat()).unwrap();
        let report = unit.verify_opened(&dir);
        assert!(!looks_good(&report), "{path} lengthened");
        fs::write(&full, &good).unwrap();
    }
    assert!(
        looks_good(&unit.verify_opened(&dir)),
        "everything was put back"
    );
}

#[test]
fn every_two_files_swapped_are_both_named_with_what_they_are() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let sealed: Vec<String> = files(&dir)
        .into_iter()
        .filter(|path| path.ends_with(".age"))
        .collect();
    for a in 0..sealed.len() {
        for b in a + 1..sealed.len() {
            let (x, y) = (dir.join(&sealed[a]), dir.join(&sealed[b]));
            let swap = || {
                let (of_x, of_y) = (fs::read(&x).unwrap(), fs::read(&y).unwrap());
                fs::write(&x, of_y).unwrap();
                fs::write(&y, of_x).unwrap();
            };
            swap();
            let report = unit.verify_sealed(&dir);
            let doubts = report.doubts();
            assert_eq!(doubts.len(), 2, "{} and {}", sealed[a], sealed[b]);
            for item in doubts {
                let other = if item.item.to_string() == sealed[a] {
                    &sealed[b]
                } else {
                    &sealed[a]
                };
                let same_length =
                    fs::metadata(&x).unwrap().len() == fs::metadata(&y).unwrap().len();
                assert!(item.word >= Some(Integrity::Incomplete), "{same_length}");
                assert!(
                    item.detail
                        .as_ref()
                        .unwrap()
                        .ends_with(&format!("the bytes of {other}")),
                    "{item:?}"
                );
            }
            swap();
        }
    }
}

/// The lines of a log, changed.
fn edit(dir: &Path, file: &str, change: impl FnOnce(&mut Vec<String>)) {
    let path = dir.join(file);
    let mut lines: Vec<String> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    change(&mut lines);
    fs::write(
        &path,
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    )
    .unwrap();
}

/// Breaks a copy of a whole flight; the verdict.
fn broken(unit: &Unit, dir: &Path, name: &str, how: impl FnOnce(&Path)) -> Report {
    let copy = copy(dir, &unit.path(name));
    how(&copy);
    unit.verify_opened(&copy)
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
        let next = report
            .items
            .iter()
            .find(|item| item.word == Some(Integrity::Missing))
            .unwrap();
        assert!(
            next.item.to_string().contains(&format!("line {} ", at + 1)),
            "{next:?}"
        );
        assert!(
            next.detail
                .as_ref()
                .unwrap()
                .contains(&format!("record {at} is missing")),
            "{next:?}"
        );
        assert!(!looks_good(&report));

        let report = broken(&unit, &dir, &format!("doubled-{at}"), |dir| {
            edit(dir, "records.jsonl", |lines| {
                lines.insert(at, lines[at].clone());
            });
        });
        let second = report
            .items
            .iter()
            .find(|item| item.word == Some(Integrity::OutOfOrder))
            .unwrap();
        assert!(
            second
                .item
                .to_string()
                .contains(&format!("line {} ", at + 2)),
            "{second:?}"
        );
        assert!(!looks_good(&report));

        let report = broken(&unit, &dir, &format!("reordered-{at}"), |dir| {
            edit(dir, "records.jsonl", |lines| lines.swap(at, at + 1));
        });
        assert!(report.integrity >= Integrity::Missing, "{}", report.word);
    }
    let report = broken(&unit, &dir, "no-open", |dir| {
        edit(dir, "records.jsonl", |lines| drop(lines.remove(0)));
    });
    assert_eq!(report.word, Word::Doubt(Integrity::Malformed));
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
        assert_eq!(
            report.word,
            Word::Doubt(Integrity::Truncated),
            "{kept}: {:#?}",
            report.doubts()
        );
    }
    let report = broken(&unit, &dir, "records-only", |dir| {
        edit(dir, "records.jsonl", |lines| {
            lines.truncate(lines.len() - 1);
        });
    });
    assert_eq!(
        said(&report, &format!("checkpoints.jsonl line {lines}")),
        "TRUNCATED"
    );
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
        assert_eq!(
            report.word,
            Word::Doubt(Integrity::KeyUntrusted),
            "{name}: {:#?}",
            report.doubts()
        );
        assert_eq!(
            said(&report, "records.jsonl line 3 (seq 2, prefix)"),
            "KEY-UNTRUSTED"
        );
    }
}

#[test]
fn pieces_of_another_flight_are_named() {
    let unit = Unit::new(Class::Simulated);
    let (dir, other) = (unit.whole_flight(), small_flight(&unit));
    let line = |file: &str, n: usize| {
        fs::read_to_string(other.join(file))
            .unwrap()
            .lines()
            .nth(n)
            .unwrap()
            .to_owned()
    };
    let report = broken(&unit, &dir, "record", |dir| {
        edit(dir, "records.jsonl", |lines| {
            lines[1] = line("records.jsonl", 1);
        });
    });
    assert_eq!(report.word, Word::Doubt(Integrity::WrongFlight));
    assert_eq!(
        said(&report, "records.jsonl line 2 (seq 1, event)"),
        "WRONG-FLIGHT"
    );
    let report = broken(&unit, &dir, "head", |dir| {
        edit(dir, "checkpoints.jsonl", |lines| {
            lines[1] = line("checkpoints.jsonl", 1);
        });
    });
    assert_eq!(said(&report, "checkpoints.jsonl line 2"), "WRONG-FLIGHT");
    let report = broken(&unit, &dir, "segment", |dir| {
        fs::copy(
            other.join("telemetry/000001.tlog.age"),
            dir.join("telemetry/000001.tlog.age"),
        )
        .unwrap();
    });
    assert_eq!(said(&report, "telemetry/000001.tlog.age"), "ALTERED");
}

#[test]
fn strangers_in_the_folder_are_malformed_and_never_followed() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let secret = unit.path("secret");
    fs::write(&secret, b"not of this flight").unwrap();
    let link = |at: &str| {
        let (secret, at) = (secret.clone(), at.to_owned());
        move |dir: &Path| {
            drop(fs::remove_file(dir.join(&at)));
            std::os::unix::fs::symlink(&secret, dir.join(&at)).unwrap();
        }
    };
    let file = |at: &'static str| move |dir: &Path| fs::write(dir.join(at), b"x").unwrap();
    let folder = |at: &'static str| move |dir: &Path| fs::create_dir_all(dir.join(at)).unwrap();
    type How = Box<dyn Fn(&Path)>;
    let cases: [(&str, How); 9] = [
        ("notes.txt", Box::new(file("notes.txt"))),
        (
            "segments/eo/000003.ts.age",
            Box::new(file("segments/eo/000003.ts.age")),
        ),
        (
            "segments/eo/000001.ts",
            Box::new(file("segments/eo/000001.ts")),
        ),
        (
            "telemetry/000009.tlog.age",
            Box::new(file("telemetry/000009.tlog.age")),
        ),
        ("hidden", Box::new(folder("hidden/a/b"))),
        ("segments/EO", Box::new(folder("segments/EO"))),
        (
            "segments/eo/000001.ts.age",
            Box::new(link("segments/eo/000001.ts.age")),
        ),
        ("records.jsonl", Box::new(link("records.jsonl"))),
        ("more", Box::new(link("more"))),
    ];
    for (n, (named, how)) in cases.iter().enumerate() {
        let report = broken(&unit, &dir, &format!("stranger-{n}"), how);
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed), "{named}");
        let words: Vec<_> = report
            .items
            .iter()
            .filter(|item| item.item.to_string() == *named)
            .collect();
        assert!(
            words
                .iter()
                .any(|item| item.word == Some(Integrity::Malformed)),
            "{named}: {words:?}"
        );
    }
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    for file in ["records.jsonl", "checkpoints.jsonl"] {
        let report = broken(&unit, &dir, &format!("long-{file}"), |dir| {
            let good = fs::read(dir.join(file)).unwrap();
            fs::write(
                dir.join(file),
                [&b"x".repeat(70_000)[..], b"\n", &good].concat(),
            )
            .unwrap();
        });
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed));
        assert!(
            report.doubts()[0]
                .item
                .to_string()
                .starts_with(&format!("{file} line 1"))
        );
        let report = broken(&unit, &dir, &format!("endless-{file}"), |dir| {
            fs::File::options()
                .write(true)
                .open(dir.join(file))
                .unwrap()
                .set_len(256 << 20)
                .unwrap();
        });
        assert!(!looks_good(&report));
    }
}

/// A whole log rewritten by somebody with the device's key; only what it says is wrong.
#[test]
fn the_rules_hold_even_for_whoever_has_the_device_key() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let good = payloads(&dir);
    let rewritten = |name: &str, change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = good.clone();
        change(&mut lines);
        broken(&unit, &dir, name, |dir| rewrite(&unit, dir, &lines)).word
    };
    // The limit that only a witness overcomes, and why the word is not VERIFIED.
    assert_eq!(rewritten("as-it-was", &|_| ()), Word::VerifiedUnwitnessed);

    let replace = |line: usize, from: &'static str, to: &'static str| {
        move |lines: &mut Vec<String>| {
            assert!(lines[line].contains(from), "{}", lines[line]);
            lines[line] = lines[line].replace(from, to);
        }
    };
    use Integrity as I;
    let segment = 3;
    let cases: [(&str, Box<dyn Fn(&mut Vec<String>)>, I); 16] = [
        (
            "traversal",
            Box::new(replace(
                segment,
                "segments/eo/000001.ts.age",
                "../../../etc/passwd",
            )),
            I::Malformed,
        ),
        (
            "absolute",
            Box::new(replace(segment, "segments/eo/000001.ts.age", "/etc/passwd")),
            I::Malformed,
        ),
        (
            "other-file",
            Box::new(replace(
                segment,
                "segments/eo/000001.ts.age",
                "segments/eo/000002.ts.age",
            )),
            I::Malformed,
        ),
        (
            "stream",
            Box::new(replace(segment, "\"stream\":\"eo\"", "\"stream\":\"..\"")),
            I::Malformed,
        ),
        (
            "float",
            Box::new(replace(segment, "\"frames\":30", "\"frames\":30.0")),
            I::Malformed,
        ),
        (
            "unknown-key",
            Box::new(replace(
                segment,
                "\"frames\":30",
                "\"frames\":30,\"extra\":1",
            )),
            I::Malformed,
        ),
        (
            "doubled-key",
            Box::new(replace(
                segment,
                "\"frames\":30",
                "\"frames\":30,\"frames\":30",
            )),
            I::Malformed,
        ),
        (
            "space",
            Box::new(replace(segment, "\"frames\":30", "\"frames\": 30")),
            I::Malformed,
        ),
        (
            "class",
            Box::new(replace(
                0,
                "\"class\":\"simulated\",\"recipients\"",
                "\"class\":\"operational\",\"recipients\"",
            )),
            I::Malformed,
        ),
        (
            "frames",
            Box::new(replace(segment, "\"frames\":30", "\"frames\":31")),
            I::Malformed,
        ),
        (
            "seq",
            Box::new(replace(5, "\"seq\":5", "\"seq\":6")),
            I::OutOfOrder,
        ),
        (
            "boot",
            Box::new(replace(5, "0000000001", "0000000002")),
            I::Malformed,
        ),
        (
            "kind",
            Box::new(replace(
                4,
                "\"kind\":\"telemetry\"",
                "\"kind\":\"vanished\"",
            )),
            I::Malformed,
        ),
        (
            "mono",
            Box::new(replace(1, "\"seq\":1", "\"seq\":-1")),
            I::Malformed,
        ),
        (
            "no-close",
            Box::new(|lines: &mut Vec<String>| drop(lines.pop())),
            I::Truncated,
        ),
        (
            "no-segment",
            Box::new(|lines: &mut Vec<String>| lines.truncate(2)),
            I::Truncated,
        ),
    ];
    for (name, change, word) in &cases {
        assert_eq!(rewritten(name, change), Word::Doubt(*word), "{name}");
    }
}

#[test]
fn content_that_its_record_does_not_describe_is_malformed() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let good = payloads(&dir);
    for (name, line, from, to) in [
        (
            "pts",
            3,
            "\"first_pts_90k\":180000",
            "\"first_pts_90k\":180001",
        ),
        ("messages", 4, "\"messages\":10", "\"messages\":9"),
        (
            "epoch",
            0,
            "\"pts_epoch_utc_us\":1777636800000000",
            "\"pts_epoch_utc_us\":1777636800001000",
        ),
    ] {
        let mut lines = good.clone();
        assert!(lines[line].contains(from), "{}", lines[line]);
        lines[line] = lines[line].replace(from, to);
        if name == "messages" {
            let close = lines.len() - 1;
            lines[close] = lines[close].replace("\"messages\":20", "\"messages\":19");
        }
        let copy = copy(&dir, &unit.path(name));
        rewrite(&unit, &copy, &lines);
        assert!(
            looks_good(&unit.verify_sealed(&copy)),
            "{name}: only opening it shows"
        );
        assert_eq!(
            unit.verify_opened(&copy).word,
            Word::Doubt(Integrity::Malformed),
            "{name}"
        );
    }
}

#[test]
fn broken_age_files_are_refused_without_reading_on() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let path = dir.join("segments/eo/000001.ts.age");
    let good = fs::read(&path).unwrap();
    let identities = || Identities::read(&unit.identity_file()).unwrap();
    let header_end = good.windows(5).position(|w| w == b"\n--- ").unwrap() + 49;
    let cases: [(&str, Vec<u8>); 8] = [
        ("no magic", [b"xge", &good[3..]].concat()),
        (
            "version 2",
            String::from_utf8_lossy(&good[..22])
                .replace("v1", "v2")
                .into_bytes(),
        ),
        (
            "no end of header",
            [&good[..22], &b"-> X25519 ".repeat(20_000)[..]].concat(),
        ),
        ("mac", {
            let mut bad = good.clone();
            bad[header_end - 10] ^= 1;
            bad
        }),
        (
            "mac without newline",
            [&good[..header_end - 1], &b"A".repeat(100_000)[..]].concat(),
        ),
        ("no nonce", good[..header_end].to_vec()),
        ("chunks swapped", {
            let payload = header_end + 16;
            let chunk = 65536 + 16;
            let (a, b) = (
                &good[payload..payload + chunk],
                &good[payload + chunk..payload + 2 * chunk],
            );
            [&good[..payload], b, a, &good[payload + 2 * chunk..]].concat()
        }),
        ("empty last chunk", [&good[..], &[0; 16]].concat()),
    ];
    for (name, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        let report = verify(&dir, &unit.anchor(), &options(Some(identities()))).unwrap();
        assert!(!looks_good(&report), "{name}");
        assert_eq!(report.doubts().len(), 1, "{name}: {:#?}", report.doubts());
        assert_eq!(
            report.doubts()[0].item.to_string(),
            "segments/eo/000001.ts.age",
            "{name}"
        );
    }
}

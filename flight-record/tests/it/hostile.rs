//! Folders made to mislead: strangers, endless lines, headers without end, and logs by whoever has the device key.

use crate::forge::{payloads, rewrite};
use crate::support::{Unit, broken, copy, looks_good, options};
use flight_record::trust::Class;
use flight_record::verify::{Identities, Integrity, Word, verify};
use std::fs;
use std::path::Path;

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
        ("segments/eo/000003.ts.age", Box::new(file("segments/eo/000003.ts.age"))),
        ("segments/eo/000001.ts", Box::new(file("segments/eo/000001.ts"))),
        ("telemetry/000009.tlog.age", Box::new(file("telemetry/000009.tlog.age"))),
        ("hidden", Box::new(folder("hidden/a/b"))),
        ("segments/EO", Box::new(folder("segments/EO"))),
        ("segments/eo/000001.ts.age", Box::new(link("segments/eo/000001.ts.age"))),
        ("records.jsonl", Box::new(link("records.jsonl"))),
        ("more", Box::new(link("more"))),
    ];
    for (n, (named, how)) in cases.iter().enumerate() {
        let report = broken(&unit, &dir, &format!("stranger-{n}"), how);
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed), "{named}");
        let words: Vec<_> = report.items.iter().filter(|item| item.item.to_string() == *named).collect();
        assert!(words.iter().any(|item| item.word == Some(Integrity::Malformed)), "{named}: {words:?}");
    }
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    for file in ["records.jsonl", "checkpoints.jsonl"] {
        let report = broken(&unit, &dir, &format!("long-{file}"), |dir| {
            let good = fs::read(dir.join(file)).unwrap();
            fs::write(dir.join(file), [&b"x".repeat(70_000)[..], b"\n", &good].concat()).unwrap();
        });
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed));
        assert!(report.doubts()[0].item.to_string().starts_with(&format!("{file} line 1")));
        let report = broken(&unit, &dir, &format!("endless-{file}"), |dir| {
            fs::File::options().write(true).open(dir.join(file)).unwrap().set_len(256 << 20).unwrap();
        });
        assert!(!looks_good(&report));
    }
}

/// Payload, from, to: what somebody with the device's key writes into a whole log that is right otherwise.
const BENT_RULES: [(usize, &str, &str, Integrity); 14] = [
    (3, "segments/eo/000001.ts.age", "../../../etc/passwd", Integrity::Malformed),
    (3, "segments/eo/000001.ts.age", "/etc/passwd", Integrity::Malformed),
    (3, "segments/eo/000001.ts.age", "segments/eo/000002.ts.age", Integrity::Malformed),
    (3, r#""stream":"eo""#, r#""stream":"..""#, Integrity::Malformed),
    (3, r#""frames":30"#, r#""frames":30.0"#, Integrity::Malformed),
    (3, r#""frames":30"#, r#""frames":30,"extra":1"#, Integrity::Malformed),
    (3, r#""frames":30"#, r#""frames":30,"frames":30"#, Integrity::Malformed),
    (3, r#""frames":30"#, r#""frames": 30"#, Integrity::Malformed),
    (3, r#""frames":30"#, r#""frames":31"#, Integrity::Malformed),
    (0, r#""class":"simulated","recip"#, r#""class":"operational","recip"#, Integrity::Malformed),
    (5, r#""seq":5"#, r#""seq":6"#, Integrity::OutOfOrder),
    (5, "0000000001", "0000000002", Integrity::Malformed),
    (4, r#""kind":"telemetry""#, r#""kind":"vanished""#, Integrity::Malformed),
    (1, r#""seq":1"#, r#""seq":-1"#, Integrity::Malformed),
];

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
    for (n, (line, from, to, word)) in BENT_RULES.iter().enumerate() {
        assert!(good[*line].contains(from), "{}", good[*line]);
        let found = rewritten(&format!("bent-{n}"), &|lines| {
            lines[*line] = lines[*line].replace(from, to);
        });
        assert_eq!(found, Word::Doubt(*word), "{from} to {to}");
    }
    let truncated = Word::Doubt(Integrity::Truncated);
    assert_eq!(rewritten("no-close", &|lines| drop(lines.pop())), truncated);
    assert_eq!(rewritten("no-segment", &|lines| lines.truncate(2)), truncated);
}

#[test]
fn content_that_its_record_does_not_describe_is_malformed() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let good = payloads(&dir);
    for (name, line, from, to) in [
        ("pts", 3, "\"first_pts_90k\":180000", "\"first_pts_90k\":180001"),
        ("messages", 4, "\"messages\":10", "\"messages\":9"),
        ("epoch", 0, "\"pts_epoch_utc_us\":1777636800000000", "\"pts_epoch_utc_us\":1777636800001000"),
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
        assert!(looks_good(&unit.verify_sealed(&copy)), "{name}: only opening it shows");
        assert_eq!(unit.verify_opened(&copy).word, Word::Doubt(Integrity::Malformed), "{name}");
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
        ("version 2", String::from_utf8_lossy(&good[..22]).replace("v1", "v2").into_bytes()),
        ("no end of header", [&good[..22], &b"-> X25519 ".repeat(20_000)[..]].concat()),
        ("mac", {
            let mut bad = good.clone();
            bad[header_end - 10] ^= 1;
            bad
        }),
        ("mac without newline", [&good[..header_end - 1], &b"A".repeat(100_000)[..]].concat()),
        ("no nonce", good[..header_end].to_vec()),
        ("chunks swapped", {
            let payload = header_end + 16;
            let chunk = 65536 + 16;
            let (a, b) = (&good[payload..payload + chunk], &good[payload + chunk..payload + 2 * chunk]);
            [&good[..payload], b, a, &good[payload + 2 * chunk..]].concat()
        }),
        ("empty last chunk", [&good[..], &[0; 16]].concat()),
    ];
    for (name, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        let report = verify(&dir, &unit.anchor(), &options(Some(identities()))).unwrap();
        assert!(!looks_good(&report), "{name}");
        assert_eq!(report.doubts().len(), 1, "{name}: {:#?}", report.doubts());
        assert_eq!(report.doubts()[0].item.to_string(), "segments/eo/000001.ts.age", "{name}");
    }
}

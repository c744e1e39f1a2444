//! Damage to `records.jsonl` by somebody without the aircraft's keys.

use super::world::World;
use super::{Case, case};
use crate::support::copy;
use crate::witnessed::truncate;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flight_record::dsse;
use flight_record::keys::DeviceKey;
use flight_record::record::PAYLOAD_TYPE;
use std::fs;
use std::path::Path;

pub(super) const CASES: &[Case] = &[
    case("record-flip-payload", "a bit of a record's payload flipped", "MALFORMED", |w, c| {
        flip(w, c, 3, "payload\":\"", 90);
    }),
    case("record-flip-signature", "a bit of a record's signature flipped", "MALFORMED", |w, c| {
        flip(w, c, 3, "sig\":\"", 9);
    }),
    case("record-flip-key-id", "a digit of a record's key id changed", "KEY-UNTRUSTED", |w, c| {
        flip(w, c, 3, "keyid\":\"", 8);
    }),
    case("record-flip-type", "a letter of a record's payload type changed", "MALFORMED", |w, c| {
        flip(w, c, 3, "Type\":\"", 3);
    }),
    case("record-flip-open", "a bit of the first record flipped", "MALFORMED", |w, c| {
        flip(w, c, 0, "payload\":\"", 900);
    }),
    case("record-flip-close", "a bit of the last record's signature flipped", "MALFORMED", |w, c| {
        flip(w, c, 8, "sig\":\"", 9);
    }),
    case("record-edited", "a record's words edited, its signature left", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines[1] = repaid(&lines[1], "recording-started", "recording-stopped"));
    }),
    case("record-dropped", "a record dropped", "MISSING", |w, c| lines(w, c, |lines| drop(lines.remove(3)))),
    case("record-open-dropped", "the first record dropped", "MISSING", |w, c| {
        lines(w, c, |lines| drop(lines.remove(0)));
    }),
    case("record-close-dropped", "the last record dropped", "TRUNCATED", |w, c| lines(w, c, |lines| drop(lines.pop()))),
    case("record-doubled", "a record written twice", "OUT-OF-ORDER", |w, c| {
        lines(w, c, |lines| lines.insert(4, lines[3].clone()));
    }),
    case("record-swapped", "two records swapped", "OUT-OF-ORDER", |w, c| lines(w, c, |lines| lines.swap(3, 4))),
    case("record-first-swapped", "the first two records swapped", "OUT-OF-ORDER", |w, c| {
        lines(w, c, |lines| lines.swap(0, 1));
    }),
    case("record-reversed", "all records in reverse", "MALFORMED", |w, c| lines(w, c, |lines| lines.reverse())),
    case("record-of-another-flight", "a record of another flight put in", "WRONG-FLIGHT", |w, c| {
        let other = text(&w.other.join("records.jsonl"));
        lines(w, c, |lines| lines.insert(3, other[3].clone()));
    }),
    case("record-replaced-by-another-flights", "a record replaced by another flight's", "WRONG-FLIGHT", |w, c| {
        let other = text(&w.other.join("records.jsonl"));
        lines(w, c, |lines| lines[3].clone_from(&other[3]));
    }),
    case("record-other-key", "a record signed by a key that nobody names", "KEY-UNTRUSTED", |w, c| {
        lines(w, c, |lines| lines[3] = resigned(&lines[3], &DeviceKey::from_seed([0x55; 32])));
    }),
    case("record-device-key", "a record signed by the device instead of its own key", "KEY-UNTRUSTED", |w, c| {
        lines(w, c, |lines| lines[3] = resigned(&lines[3], &w.unit.device));
    }),
    case("record-after-close", "a record behind close", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines.push(lines[1].clone()));
    }),
    case("records-cut", "the log cut in flight, heads and files left", "TRUNCATED", |w, c| {
        lines(w, c, |lines| lines.truncate(5));
    }),
    case("records-and-heads-cut", "records and heads cut in flight", "TRUNCATED", |w, c| {
        truncate(&w.seen(c), 5);
    }),
    case("records-torn", "half a line behind the last", "TRUNCATED", |w, c| {
        let path = w.seen(c).join("records.jsonl");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..200]].concat()).unwrap();
    }),
    case("records-torn-close", "the last record cut in its middle", "TRUNCATED", |w, c| {
        let path = w.seen(c).join("records.jsonl");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 100]).unwrap();
    }),
    case("records-no-last-newline", "the last newline gone", "TRUNCATED", |w, c| {
        let path = w.seen(c).join("records.jsonl");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    }),
    case("records-empty", "no record in the log", "TRUNCATED", |w, c| {
        fs::write(w.seen(c).join("records.jsonl"), b"").unwrap();
    }),
    case("records-gone", "no log of records", "MISSING", |w, c| {
        fs::remove_file(w.seen(c).join("records.jsonl")).unwrap();
    }),
    case("records-crlf", "lines ended as on Windows", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines.iter_mut().for_each(|line| line.push('\r')));
    }),
    case("records-blank-line", "an empty line between two records", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines.insert(3, String::new()));
    }),
    case("record-spaces", "a space in the JSON around a record", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines[3] = lines[3].replacen("\":", "\": ", 1));
    }),
    case("record-key-doubled", "a key of the envelope twice", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines[3] = lines[3].replacen('{', "{\"payloadType\":\"x\",", 1));
    }),
    case("record-two-signatures", "a second signature beside the right one", "MALFORMED", |w, c| {
        lines(w, c, |lines| {
            let at = lines[3].find("{\"keyid\"").unwrap();
            let signature = lines[3][at..].trim_end_matches("]}").to_owned();
            lines[3] = lines[3].replace("]}", &format!(",{signature}]}}"));
        });
    }),
    case("record-base64-stray-bits", "base64 of the signature with stray bits", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines[3] = stray_bits(&lines[3]));
    }),
    case("record-base64-unpadded", "base64 of the signature without its padding", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines[3] = lines[3].replace("==\"}]", "\"}]"));
    }),
    case("record-long-line", "a record of 70,000 characters", "MALFORMED", |w, c| {
        lines(w, c, |lines| lines.insert(3, "x".repeat(70_000)));
    }),
    case("records-replayed", "records and heads of another flight, files of this one", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        for log in ["records.jsonl", "checkpoints.jsonl"] {
            fs::copy(w.other.join(log), dir.join(log)).unwrap();
        }
    }),
    case("records-spliced", "this flight's first half, the other's second", "WRONG-FLIGHT", |w, c| {
        let other = text(&w.other.join("records.jsonl"));
        lines(w, c, |lines| {
            lines.truncate(4);
            lines.extend_from_slice(&other[4..]);
        });
    }),
    case("flight-replayed", "another flight with this one's witness file", "WRONG-FLIGHT", |w, c| {
        copy(&w.other, &c.join("flight"));
        fs::write(c.join("witness-1.jsonl"), w.station.file()).unwrap();
    }),
];

/// The lines of a log.
pub(super) fn text(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// The flight that was seen, with other lines in its records.
fn lines(w: &World, case: &Path, change: impl FnOnce(&mut Vec<String>)) {
    edit(&w.seen(case).join("records.jsonl"), change);
}

/// Changes the lines of a file.
pub(super) fn edit(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines = text(path);
    change(&mut lines);
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// Another character `at` behind a mark in a line.
fn flip(w: &World, case: &Path, line: usize, mark: &str, at: usize) {
    lines(w, case, |lines| {
        let at = lines[line].find(mark).unwrap() + mark.len() + at;
        let other = if &lines[line][at..=at] == "a" { "b" } else { "a" };
        lines[line].replace_range(at..=at, other);
    });
}

fn payload(line: &str) -> String {
    let envelope: serde_json::Value = serde_json::from_str(line).unwrap();
    String::from_utf8(STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap()
}

/// A line with other words in its payload under the old signature.
fn repaid(line: &str, from: &str, to: &str) -> String {
    let before = payload(line);
    assert!(before.contains(from), "{before}");
    line.replace(&STANDARD.encode(&before), &STANDARD.encode(before.replace(from, to)))
}

fn resigned(line: &str, key: &DeviceKey) -> String {
    String::from_utf8(dsse::seal(PAYLOAD_TYPE, payload(line).as_bytes(), key)).unwrap()
}

/// The same signature, with bits set that base64 does not use: of 64 bytes, the last character has four.
fn stray_bits(line: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let at = line.rfind("==\"").unwrap() - 1;
    let digit = ALPHABET.find(&line[at..=at]).unwrap() + 1;
    format!("{}{}{}", &line[..at], &ALPHABET[digit..=digit], &line[at + 1..])
}

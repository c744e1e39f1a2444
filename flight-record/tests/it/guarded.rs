//! One fault for each guard of the verifier that only this guard notices: whoever takes it away sees one of these fail.

use crate::forge::{payloads, rewrite, rewrite_by, seal, set};
use crate::support::{Camera, Unit, at, code, copy, said, segment, small_flight};
use flight_record::Sha256;
use flight_record::keys::DeviceKey;
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Report, Word};
use std::fs;
use std::path::Path;

/// A small flight whose lines `line` makes, in a tree and under heads that are right; judged.
fn forged(line: impl Fn(usize, &str, &DeviceKey) -> Vec<u8>) -> Report {
    let unit = Unit::new(Class::Operational);
    let dir = small_flight(&unit);
    rewrite_by(&unit, &dir, &payloads(&dir), line);
    unit.verify_sealed(&dir)
}

/// A copy of a whole flight, changed; judged with and without its key.
fn changed(how: impl FnOnce(&Unit, &Path)) -> [Report; 2] {
    let unit = Unit::new(Class::Operational);
    let dir = copy(&unit.whole_flight(), &unit.path("changed"));
    how(&unit, &dir);
    [unit.verify_sealed(&dir), unit.verify_opened(&dir)]
}

#[test]
fn nothing_else_is_wrong_with_these_forgeries() {
    let report = forged(|_, payload, signer| seal(payload, signer));
    assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());
    for report in changed(|unit, dir| rewrite(unit, dir, &payloads(dir))) {
        assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());
    }
}

#[test]
fn record_signature() {
    let report = forged(|n, payload, signer| {
        let line = String::from_utf8(seal(payload, signer)).unwrap();
        let (head, sig) = line.split_once("\"sig\":\"").unwrap();
        let (first, rest) = sig.split_at(1);
        let other = if first == "A" { "B" } else { "A" };
        if n == 2 { format!("{head}\"sig\":\"{other}{rest}").into_bytes() } else { line.into_bytes() }
    });
    assert_eq!(report.integrity, Integrity::Malformed);
    assert!(
        report
            .doubts()
            .iter()
            .any(|item| item.detail.as_ref().is_some_and(|detail| detail.contains("the signature does not verify")))
    );
}

#[test]
fn record_chain() {
    let other = format!("\"{}\"", Sha256::of(b"another line"));
    let report = forged(|n, payload, signer| {
        seal(&if n == 2 { set(payload, "prev", &other) } else { payload.to_owned() }, signer)
    });
    assert_eq!(
        (report.integrity, said(&report, "records.jsonl line 3 (seq 2, telemetry)").as_str()),
        (Integrity::Altered, "ALTERED")
    );
}

#[test]
fn evolving_key() {
    let unit = Unit::new(Class::Operational);
    let dir = small_flight(&unit);
    let by_the_device =
        |n, payload: &str, signer: &DeviceKey| seal(payload, if n == 2 { &unit.device } else { signer });
    rewrite_by(&unit, &dir, &payloads(&dir), by_the_device);
    let report = unit.verify_sealed(&dir);
    assert_eq!(
        (report.integrity, said(&report, "records.jsonl line 3 (seq 2, telemetry)").as_str()),
        (Integrity::KeyUntrusted, "KEY-UNTRUSTED")
    );
}

#[test]
fn sealed_digest() {
    let path = "segments/eo/000001.ts.age";
    let [sealed, _] = changed(|_, dir| {
        let mut bytes = fs::read(dir.join(path)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(dir.join(path), bytes).unwrap();
    });
    assert_eq!((sealed.word, said(&sealed, path).as_str()), (Word::Doubt(Integrity::Altered), "ALTERED"));
}

#[test]
fn plain_digest() {
    let [sealed, opened] = changed(|unit, dir| {
        let mut said = payloads(dir);
        let at = said.iter().position(|payload| payload.contains("\"kind\":\"segment\"")).unwrap();
        let plain = said[at].find("\"plain\":").unwrap();
        let digest = said[at][plain..].find("\"sha256\":\"").unwrap() + plain + 10;
        said[at].replace_range(digest..digest + 64, &Sha256::of(b"other footage").to_string());
        rewrite(unit, dir, &said);
    });
    assert_eq!(sealed.word, Word::VerifiedUnwitnessed, "nobody can know without the key");
    assert_eq!(
        (opened.word, said(&opened, "segments/eo/000001.ts.age").as_str()),
        (Word::Doubt(Integrity::Altered), "ALTERED")
    );
}

#[test]
fn unnamed_file() {
    let path = "segments/eo/000009.ts.age";
    for report in changed(|_, dir| assert!(fs::copy(dir.join("segments/eo/000001.ts.age"), dir.join(path)).is_ok())) {
        assert_eq!((report.word, said(&report, path).as_str()), (Word::Doubt(Integrity::Malformed), "MALFORMED"));
    }
}

#[test]
fn counts() {
    for report in changed(|unit, dir| {
        let mut said = payloads(dir);
        let close = said.last_mut().unwrap();
        let segments = close.find("\"segments\":2").unwrap() + 11;
        close.replace_range(segments..=segments, "3");
        rewrite(unit, dir, &said);
    }) {
        assert_eq!(report.word, Word::Doubt(Integrity::Malformed), "{:#?}", report.doubts());
    }
}

#[test]
fn picture_times() {
    let unit = Unit::new(Class::Operational);
    let word = |later_us: u64| {
        let mut flight = unit.open();
        // Within the same tick of the clock of the transport stream, so that only the instants themselves tell.
        let mut camera = Camera::new(500);
        camera.telemetry_later_us = later_us;
        segment(&mut flight, &mut camera, 1, 1);
        let dir = flight.close(code("landed"), at(5)).unwrap().dir().to_owned();
        unit.verify_opened(&dir)
    };
    assert_eq!(word(0).word, Word::VerifiedUnwitnessed);
    let report = word(3);
    assert_eq!(
        (report.word, said(&report, "segments/eo/000001.ts.age").as_str()),
        (Word::Doubt(Integrity::Malformed), "MALFORMED")
    );
}

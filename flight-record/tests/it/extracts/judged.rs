//! What an extract says by its records, and whom the unit vouches for.

use super::*;

#[test]
fn the_unit_vouches_for_an_extract_as_for_its_flight() {
    let mut flown = Flown::seen();
    let dir = flown.take(&[ALL[0]], "part");
    let trust = flown.unit.trust.clone();
    let revoke = |flown: &mut Flown, id: Sha256, at_s: u32| {
        let revocation = Revocation { at_utc_us: at(at_s).utc_us, reason: code("stolen") };
        flown.unit.trust = trust.clone().with_revoked(id, revocation, at(60).utc_us).unwrap();
        flown.judge(&dir)
    };
    let device = flown.unit.device.public().id();
    let after = revoke(&mut flown, device, 10);
    assert_eq!(after.word, Word::Extract, "{:#?}", after.doubts());
    assert!(after.notices.iter().any(|notice| notice.contains("had cosigned all of it")), "{:?}", after.notices);
    assert_eq!(revoke(&mut flown, device, 2).word, doubt(Integrity::KeyUntrusted));
    assert_eq!(revoke(&mut flown, station_key(1).public().id(), 1).word, Word::ExtractUnwitnessed);
    flown.unit.trust = trust;
    let late = Options { now_utc_us: START_UTC_US + 400 * 86_400 * SECOND_US, ..options(None) };
    let report = verify_extract(&dir, &flown.unit.anchor(), &late).unwrap();
    assert_eq!(report.word, doubt(Integrity::KeyUntrusted), "an expired list");
}

#[test]
fn what_the_records_say_of_themselves_counts_in_an_extract_too() {
    let unit = Unit::new(Class::Operational);
    let dir = unit.whole_flight();
    let good = payloads(&dir);
    let word = |name: &str, changes: &[(usize, &str, &str)]| {
        let copy = copy(&dir, &unit.path(name));
        let mut lines = good.clone();
        for (line, from, to) in changes {
            assert!(lines[*line].contains(from), "{}", lines[*line]);
            lines[*line] = lines[*line].replace(from, to);
        }
        rewrite(&unit, &copy, &lines);
        let out = unit.path(&format!("part-{name}"));
        take(&unit.trust, &copy, &ALL[..2], &out, &[]).unwrap();
        verify_extract(&out, &unit.anchor(), &options(None)).unwrap().word
    };
    assert_eq!(word("as-it-was", &[]), Word::ExtractUnwitnessed);
    assert_eq!(word("drops", &[(3, "\"drops\":0", "\"drops\":2")]), doubt(Integrity::Gap));
    let back = [(2, "\"mono_ns\":11000000000", "\"mono_ns\":19000000000")];
    assert_eq!(word("clock", &back), Word::ClockSuspect, "between a record and the one before it");
}

/// An extract of the telemetry of a small flight, whose record 2 whoever has every key writes anew: other words, another
/// signer, rightly in the tree.
fn forged(unit: &Unit, name: &str, bend: &dyn Fn(&str) -> String, signer: &DeviceKey) -> Word {
    let dir = copy(&small_flight(unit), &unit.path(&format!("flight-{name}")));
    let good = payloads(&dir);
    rewrite(unit, &dir, &good);
    let payload = payloads(&dir).remove(2);
    let text = fs::read_to_string(dir.join("records.jsonl")).unwrap();
    let mut lines: Vec<Vec<u8>> = text.lines().take(3).map(|line| line.as_bytes().to_vec()).collect();
    lines[2] = dsse::seal(PAYLOAD_TYPE, bend(&payload).as_bytes(), signer);
    let leaves: Vec<Sha256> = lines.iter().map(|line| tree::leaf_hash(line)).collect();
    let mut grown = Tree::default();
    leaves.iter().for_each(|leaf| grown.push(*leaf));
    let out = unit.path(&format!("part-{name}"));
    take(&unit.trust, &dir, &[ALL[3]], &out, &[]).unwrap();
    edit(&out, |value| {
        let flight = value["flight_id"].as_str().unwrap().parse().unwrap();
        let note = Checkpoint { flight, size: 3, root: grown.root() }.sign(&unit.device);
        value["heads"] = json!([{"note": note, "proof": []}]);
        for (seq, line) in lines.iter().enumerate() {
            value["records"][seq]["line"] = json!(STANDARD.encode(line));
            value["records"][seq]["proof"] = json!(tree::inclusion_proof(&leaves, seq as u64).unwrap());
        }
    });
    verify_extract(&out, &unit.anchor(), &options(None)).unwrap().word
}

#[test]
fn a_record_is_held_against_the_one_before_it() {
    let unit = Unit::new(Class::Operational);
    let (named, same) = (forged_key(2), str::to_owned);
    assert_eq!(forged(&unit, "as-it-was", &same, &named), Word::ExtractUnwitnessed);
    let untrusted = doubt(Integrity::KeyUntrusted);
    assert_eq!(forged(&unit, "by-the-device", &same, &unit.device), untrusted);
    assert_eq!(forged(&unit, "by-another", &same, &forged_key(3)), untrusted);
    let other_prev = |payload: &str| {
        let (before, rest) = payload.split_once("\"prev\":\"").unwrap();
        format!("{before}\"prev\":\"{}{}", Sha256::of(b"another line"), &rest[64..])
    };
    assert_eq!(forged(&unit, "prev", &other_prev, &named), doubt(Integrity::Altered));
    let bent = |name: &str, from: &str, to: &str| {
        let bend = |payload: &str| {
            assert!(payload.contains(from), "{payload}");
            payload.replacen(from, to, 1)
        };
        forged(&unit, name, &bend, &named)
    };
    assert_eq!(bent("boot", "8000-000000000001", "8000-000000000002"), doubt(Integrity::Malformed));
    assert_eq!(bent("seq", "\"seq\":2", "\"seq\":3"), doubt(Integrity::Malformed));
    assert_eq!(bent("flight", "\"flight_id\":\"0", "\"flight_id\":\"1"), doubt(Integrity::WrongFlight));
    assert_eq!(bent("rule", "telemetry/000001", "telemetry/000002"), doubt(Integrity::Malformed));
}

#[test]
fn files_of_a_series_follow_on_in_an_extract_too() {
    let unit = Unit::new(Class::Operational);
    let dir = unit.whole_flight();
    let mut lines = payloads(&dir);
    let [one, two] = ["\"index\":1,\"file\":\"segments/eo/000001", "\"index\":2,\"file\":\"segments/eo/000002"];
    assert!(lines[3].contains(one) && lines[6].contains(two));
    (lines[3], lines[6]) = (lines[3].replace(one, two), lines[6].replace(two, one));
    rewrite(&unit, &dir, &lines);
    fs::rename(dir.join(ALL[0]), dir.join("kept")).unwrap();
    fs::rename(dir.join(ALL[1]), dir.join(ALL[0])).unwrap();
    fs::rename(dir.join("kept"), dir.join(ALL[1])).unwrap();
    let out = unit.path("part");
    take(&unit.trust, &dir, &ALL[..2], &out, &[]).unwrap();
    let report = verify_extract(&out, &unit.anchor(), &options(None)).unwrap();
    assert_eq!(report.word, doubt(Integrity::OutOfOrder), "{:#?}", report.doubts());
    assert_eq!(said(&report, "record 6 (segment)"), "OUT-OF-ORDER");
    let alone = unit.path("alone");
    take(&unit.trust, &dir, &ALL[..1], &alone, &[]).unwrap();
    let word = verify_extract(&alone, &unit.anchor(), &options(None)).unwrap().word;
    assert_eq!(word, Word::ExtractUnwitnessed, "nothing here says that it came second");
}

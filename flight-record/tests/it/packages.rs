//! Packages: made, checked by another's program, and tampered with in every part.

use crate::support::{START_UTC_US, Unit, looks_good, options};
use flight_record::Sha256;
use flight_record::dock::{Inventory, Manifest, Receipt, ReceiptSchema};
use flight_record::keys::DeviceKey;
use flight_record::package::{self, About, PackageError, Payload, Written};
use flight_record::trust::{Class, EnrolmentRequest, Grant, Validity};
use flight_record::verify::{Integrity, Report};
use flight_record::{Extent, FlightId};
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A unit with a store that the trust list names, a flight, and a package of it.
struct Packed {
    unit: Unit,
    store: DeviceKey,
    dir: PathBuf,
    written: Written,
}

impl Packed {
    fn new() -> Self {
        let mut unit = Unit::new(Class::Simulated);
        let store = DeviceKey::from_seed([77; 32]);
        let request =
            EnrolmentRequest::read(&EnrolmentRequest::write(&store, "store a".parse().unwrap(), START_UTC_US));
        let validity = Validity { from_utc_us: START_UTC_US, days: 30 };
        unit.trust = unit.trust.with_key(&request.unwrap(), Grant::store(), validity).unwrap();
        let flight = unit.whole_flight();
        let dir = unit.path("package");
        let written = pack(&unit, &store, &flight, &dir).unwrap();
        Self { unit, store, dir, written }
    }

    fn verify(&self, dir: &Path) -> Report {
        package::verify(dir, &self.unit.anchor(), options(None)).unwrap()
    }

    /// A copy of the package, broken.
    fn broken(&self, name: &str, how: impl FnOnce(&Path)) -> Report {
        let copy = crate::support::copy(&self.dir, &self.unit.path(name));
        how(&copy);
        self.verify(&copy)
    }
}

fn pack(unit: &Unit, store: &DeviceKey, flight: &Path, out: &Path) -> Result<Written, PackageError> {
    pack_with((unit, store), flight, out, &[], |_| ())
}

/// A package by the product's own writer, with more files in it and a receipt that may lie.
pub(crate) fn pack_with(
    (unit, store): (&Unit, &DeviceKey),
    flight: &Path,
    out: &Path,
    more: &[(&str, Vec<u8>)],
    change: impl FnOnce(&mut Receipt),
) -> Result<Written, PackageError> {
    let id: FlightId = flight.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let files = Inventory::list(flight.parent().unwrap(), id).unwrap().inventory.files;
    let mut manifest = Manifest::default();
    for (path, _) in &files {
        manifest.insert(path, Extent::of(&fs::read(flight.join(path)).unwrap())).unwrap();
    }
    let mut receipt = Receipt {
        schema: ReceiptSchema::V1,
        store: store.public().id(),
        name: "store a".parse().unwrap(),
        flight_id: id,
        device_id: unit.device.public().id(),
        manifest: manifest.digest(),
        files: manifest.files(),
        bytes: manifest.bytes(),
        verdict: "VERIFIED-UNWITNESSED".parse().unwrap(),
        at_utc_us: START_UTC_US,
    };
    change(&mut receipt);
    let receipt = receipt.sign(store).unwrap();
    let flight_files = files.iter().map(|(path, _)| {
        let bytes = fs::File::open(flight.join(path))?;
        Ok(Payload { path: format!("flight/{path}"), bytes: Box::new(bytes) })
    });
    let wrap = Payload { path: "wraps/age1x.age".to_owned(), bytes: Box::new(Cursor::new(b"wrapped".to_vec())) };
    let receipt = Payload { path: "receipts/1.json".to_owned(), bytes: Box::new(Cursor::new(receipt)) };
    let trust_json = unit.trust.seal(&unit.root);
    let about = About {
        flight: id,
        unit: &unit.trust.unit,
        verdict: "VERIFIED-UNWITNESSED",
        trust_json: &trust_json,
        report_json: b"{}",
        report_html: b"<!DOCTYPE html>",
        at_utc_us: START_UTC_US,
    };
    let more = more
        .iter()
        .map(|(path, bytes)| Ok(Payload { path: (*path).to_owned(), bytes: Box::new(Cursor::new(bytes.clone())) }));
    package::write(out, flight_files.chain([wrap, receipt].map(Ok)).chain(more), &about, store)
}

#[test]
fn a_package_verifies_as_its_flight_does() {
    let packed = Packed::new();
    let report = packed.verify(&packed.dir);
    assert!(looks_good(&report), "{:#?}", report.doubts());
    assert!(report.notices.iter().any(|notice| notice.contains(&packed.store.public().id().to_string())));
    let tags = fs::read(packed.dir.join("tagmanifest-sha256.txt")).unwrap();
    assert_eq!(packed.written.digest, Sha256::of(&tags));
    let info = fs::read_to_string(packed.dir.join("bag-info.txt")).unwrap();
    let oxum = format!("Payload-Oxum: {}.{}\n", packed.written.bytes, packed.written.files);
    assert!(info.contains(&oxum) && info.contains("Bagging-Date: 2026-05-01\n"), "{info}");
    assert!(!packed.unit.path("package.unfinished").exists());
    let flight = fs::read_dir(packed.unit.path("flights")).unwrap().next().unwrap().unwrap().path();
    assert!(pack(&packed.unit, &packed.store, &flight, &packed.dir).is_err(), "a package is never written over");
}

#[test]
fn every_part_that_is_changed_added_or_gone_is_named() {
    type Case = (&'static str, Integrity, fn(&Path));
    let packed = Packed::new();
    let cases: [Case; 18] = [
        ("footage", Integrity::Altered, |dir| flip(&dir.join("data/flight/segments/eo/000001.ts.age"), 9000)),
        ("wrap", Integrity::Altered, |dir| flip(&dir.join("data/wraps/age1x.age"), 3)),
        ("receipt", Integrity::Altered, |dir| flip(&dir.join("data/receipts/1.json"), 30)),
        ("report", Integrity::Altered, |dir| fs::write(dir.join("report.json"), "{\"word\":\"VERIFIED\"}").unwrap()),
        ("readme", Integrity::Altered, |dir| fs::write(dir.join("README.txt"), "trust me").unwrap()),
        ("format", Integrity::Missing, |dir| fs::remove_file(dir.join("FORMAT.md")).unwrap()),
        ("manifest line", Integrity::Altered, |dir| drop_line(&dir.join("manifest-sha256.txt"))),
        ("tag line", Integrity::Altered, |dir| drop_line(&dir.join("tagmanifest-sha256.txt"))),
        ("signature", Integrity::Malformed, |dir| flip(&dir.join("tagmanifest-sha256.txt.dsse"), 40)),
        ("no signature", Integrity::Missing, |dir| fs::remove_file(dir.join("tagmanifest-sha256.txt.dsse")).unwrap()),
        ("a token's name", Integrity::Malformed, |dir| {
            fs::create_dir(dir.join("data/timestamps")).unwrap();
            fs::write(dir.join("data/timestamps/1.tsr"), "x").unwrap();
        }),
        ("an unlisted token", Integrity::Malformed, |dir| {
            fs::create_dir(dir.join("data/timestamps")).unwrap();
            fs::write(dir.join(format!("data/timestamps/{}.tsr", Sha256::of(b"x"))), "x").unwrap();
        }),
        ("extra", Integrity::Malformed, |dir| fs::write(dir.join("data/wraps/x"), "x").unwrap()),
        ("extra tag", Integrity::Malformed, |dir| {
            fs::write(dir.join("fetch.txt"), "http://example.com 1 x\n").unwrap();
        }),
        ("extra folder", Integrity::Malformed, |dir| fs::create_dir(dir.join("data/more")).unwrap()),
        ("link", Integrity::Malformed, |dir| {
            std::os::unix::fs::symlink("/etc/passwd", dir.join("data/wraps/passwd")).unwrap();
        }),
        ("version", Integrity::Malformed, |dir| {
            fs::write(dir.join("bagit.txt"), "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n").unwrap();
        }),
        ("footage gone", Integrity::Missing, |dir| {
            fs::remove_file(dir.join("data/flight/segments/eo/000002.ts.age")).unwrap();
        }),
    ];
    for (name, word, how) in cases {
        let report = packed.broken(name, how);
        assert!(report.integrity >= word, "{name}: {}", report.integrity);
        assert!(report.doubts().iter().any(|item| item.word == Some(word)), "{name}: {:#?}", report.doubts());
    }
}

#[test]
fn a_receipt_is_about_this_flight_this_device_and_these_files() {
    let packed = Packed::new();
    let flight = fs::read_dir(packed.unit.path("flights")).unwrap().next().unwrap().unwrap().path();
    for (what, change) in [
        ("flight", (|receipt| receipt.flight_id = FlightId::new(START_UTC_US, [3; 10])) as fn(&mut Receipt)),
        ("device", |receipt| receipt.device_id = Sha256::of(b"another")),
        ("files", |receipt| receipt.files += 1),
        ("bytes", |receipt| receipt.bytes -= 1),
        ("manifest", |receipt| receipt.manifest = Sha256::of(b"another")),
    ] {
        let out = packed.unit.path(what);
        pack_with((&packed.unit, &packed.store), &flight, &out, &[], change).unwrap();
        let report = packed.verify(&out);
        assert_eq!(report.integrity, Integrity::Altered, "{what}: {:#?}", report.doubts());
        assert_eq!(report.doubts()[0].item.to_string(), "data/receipts/1.json", "{what}");
    }
}

#[test]
fn a_token_has_the_name_of_its_bytes() {
    let packed = Packed::new();
    let out = packed.unit.path("token");
    let trust_json = packed.unit.trust.seal(&packed.unit.root);
    let about = About {
        flight: FlightId::new(0, [0; 10]),
        unit: &packed.unit.trust.unit,
        verdict: "MALFORMED",
        trust_json: &trust_json,
        report_json: b"{}",
        report_html: b"<!DOCTYPE html>",
        at_utc_us: START_UTC_US,
    };
    let token = |name: &[u8]| {
        let path = format!("timestamps/{}.tsr", Sha256::of(name));
        Ok(Payload { path, bytes: Box::new(Cursor::new(b"a token".to_vec())) })
    };
    package::write(&out, [token(b"a token"), token(b"another")], &about, &packed.store).unwrap();
    let checked = package::check(&out, &packed.unit.anchor(), START_UTC_US).unwrap();
    assert_eq!(checked.tokens, [b"a token"]);
    let words: Vec<_> = checked.findings.iter().map(|finding| (finding.word, finding.path.as_str())).collect();
    assert_eq!(words, [(Integrity::Altered, &*format!("data/timestamps/{}.tsr", Sha256::of(b"another")))]);
}

#[test]
fn a_package_remade_by_somebody_else_is_not_trusted() {
    let packed = Packed::new();
    let flight = fs::read_dir(packed.unit.path("flights")).unwrap().next().unwrap().unwrap().path();
    let out = packed.unit.path("forged");
    pack(&packed.unit, &DeviceKey::from_seed([78; 32]), &flight, &out).unwrap();
    assert_eq!(packed.verify(&out).integrity, Integrity::KeyUntrusted);
    // The device's own key is listed, but not as a store's.
    let out = packed.unit.path("by the device");
    pack(&packed.unit, &packed.unit.device, &flight, &out).unwrap();
    assert_eq!(packed.verify(&out).integrity, Integrity::KeyUntrusted);
}

#[test]
fn only_what_has_a_place_is_packed() {
    let packed = Packed::new();
    let trust_json = packed.unit.trust.seal(&packed.unit.root);
    let about = About {
        flight: FlightId::new(0, [0; 10]),
        unit: &packed.unit.trust.unit,
        verdict: "GAP",
        trust_json: &trust_json,
        report_json: b"{}",
        report_html: b"<!DOCTYPE html>",
        at_utc_us: START_UTC_US,
    };
    for bad in ["x", "more/x", "flight/../x", "flight//x", "witness/a/b", "/flight/x", "flight/a\nb"] {
        let payload = Payload { path: bad.to_owned(), bytes: Box::new(io::empty()) };
        let made = package::write(&packed.unit.path("bad"), [Ok(payload)], &about, &packed.store);
        assert!(matches!(made, Err(PackageError::Place { .. })), "{bad}");
        assert!(!packed.unit.path("bad").exists());
    }
    assert!(package::check(packed.unit.temp.path(), &packed.unit.anchor(), 0).is_err(), "no package at all");
}

/// bagit-python, where it is installed: the reference program of the Library of Congress.
#[test]
fn another_program_finds_the_bag_valid() {
    let packed = Packed::new();
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/bagit.py");
    let program = if installed.is_file() { installed } else { PathBuf::from("bagit.py") };
    let validate = |dir: &Path| Command::new(&program).arg("--validate").arg(dir).output();
    let Ok(found) = validate(&packed.dir) else {
        eprintln!("bagit.py is not installed (tests/prepare installs it): the bag was not shown to another program");
        return;
    };
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    flip(&packed.dir.join("data/wraps/age1x.age"), 3);
    assert!(!validate(&packed.dir).unwrap().status.success());
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn drop_line(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let rest = text.split_once('\n').unwrap().1;
    fs::write(path, rest).unwrap();
}

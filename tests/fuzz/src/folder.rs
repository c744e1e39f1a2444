//! Whole folders: a flight, a log that somebody with every key wrote, a package.

use crate::sample::{anchor, at, copy, device, files, fixture, options, scratch, station, stores, trust};
use flight_record::canonical;
use flight_record::dock::{Manifest, Receipt, ReceiptSchema};
use flight_record::dsse;
use flight_record::keys::DeviceKey;
use flight_record::note::Checkpoint;
use flight_record::outline::Outline;
use flight_record::package::{self, About, Payload};
use flight_record::record::{Kind, PAYLOAD_TYPE, Record};
use flight_record::tree::{Tree, leaf_hash};
use flight_record::verify::{Integrity, Options, Report, verify};
use flight_record::{Extent, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The witness file of the fixture's flight.
fn witness() -> Vec<u8> {
    fs::read(fixture("witness.jsonl")).unwrap()
}

/// The first octet chooses a file of the flight (the one behind the last is the witness file), the rest replaces it.
pub fn flight(bytes: &[u8]) {
    let Some((&which, content)) = bytes.split_first() else { return };
    let temp = scratch();
    let dir = temp.path().join("flight");
    copy(&fixture("flight"), &dir);
    let files = files(&dir);
    let Some(path) = files.get(usize::from(which) % (files.len() + 1)) else {
        let report = verify(&dir, &anchor(), &options(vec![content.to_vec()])).unwrap();
        assert!(report.integrity == Integrity::Intact || content != witness());
        return consistent(&report);
    };
    let before = fs::read(dir.join(path)).unwrap();
    fs::write(dir.join(path), content).unwrap();
    let report = verify(&dir, &anchor(), &options(vec![witness()])).unwrap();
    consistent(&report);
    let intact = report.integrity == Integrity::Intact;
    if before == content {
        assert!(intact, "{:?}", report.doubts());
    } else if path != "checkpoints.jsonl" {
        assert!(!intact, "nobody changes {path} without the verifier saying so");
    }
    drop(Outline::read(content).unwrap());
}

/// Each line is the payload of a record. Where it is one, its links are put right, and each line is signed with the key
/// that belongs there, whatever it says: what is left to be found is what the payloads say.
pub fn log(bytes: &[u8]) {
    let temp = scratch();
    let dir = temp.path().join("flight");
    copy(&fixture("flight"), &dir);
    let lines: Vec<&[u8]> = bytes.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()).take(64).collect();
    let (mut records, mut heads, mut tree, mut prev) = (Vec::new(), Vec::new(), Tree::default(), None);
    let mut sound = true;
    for (n, line) in lines.iter().enumerate() {
        let read = canonical::read::<Record>(line);
        sound &= read.as_ref().is_ok_and(|record| record.check().is_ok());
        let device_signs = n == 0 || matches!(&read, Ok(Record { kind: Kind::Recovered(_), .. }));
        let flight = read.as_ref().map_or(flight_record::FlightId::new(0, [0; 10]), |record| record.flight_id);
        let payload = match read {
            Ok(record) => {
                let next_key = record.next_key.map(|_| evolving(n + 1).public());
                canonical::write(&Record { prev, next_key, ..record })
            }
            Err(_) => line.to_vec(),
        };
        let signer = if device_signs { device() } else { evolving(n) };
        let line = dsse::seal(PAYLOAD_TYPE, &payload, &signer);
        tree.push(leaf_hash(&line));
        prev = Some(leaf_hash(&line));
        records.extend_from_slice(&[&line[..], b"\n"].concat());
        let note = Checkpoint { flight, size: tree.size(), root: tree.root() }.sign(&device());
        heads.extend_from_slice(format!("{}\n", serde_json::json!({ "note": note })).as_bytes());
    }
    fs::write(dir.join("records.jsonl"), &records).unwrap();
    fs::write(dir.join("checkpoints.jsonl"), &heads).unwrap();
    let report = verify(&dir, &anchor(), &options(Vec::new())).unwrap();
    consistent(&report);
    assert!(
        report.integrity != Integrity::Intact || (sound && !lines.is_empty()),
        "every record of an intact log keeps the rules"
    );
    let outline = Outline::read(&records[..]).unwrap();
    assert_eq!(outline.records, lines.len() as u64);
}

fn evolving(n: usize) -> DeviceKey {
    DeviceKey::from_seed(Sha256::of(&n.to_le_bytes()).0)
}

/// What every report promises.
fn consistent(report: &Report) {
    let worst = report.items.iter().filter_map(|item| item.word).max();
    assert_eq!(worst.unwrap_or(Integrity::Intact), report.integrity, "the verdict is that of the worst item");
    assert!(!serde_json::to_vec(report).unwrap().is_empty());
}

/// A package of the fixture's flight.
static PACKAGE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let temp = scratch();
    let dir = temp.path().join("package");
    pack(&dir);
    (temp, dir)
});

/// Makes a package of the fixture's flight: the same bytes every time.
pub fn pack(dir: &Path) {
    let flight = fixture("flight");
    let mut manifest = Manifest::default();
    for path in files(&flight) {
        manifest.insert(&path, Extent::of(&fs::read(flight.join(&path)).unwrap())).unwrap();
    }
    let outline = Outline::read(&fs::read(flight.join("records.jsonl")).unwrap()[..]).unwrap();
    let (flight_id, device_id) = (outline.flight.unwrap(), outline.device.unwrap());
    let receipts = stores().map(|store| {
        let receipt = Receipt {
            schema: ReceiptSchema::V1,
            store: store.public().id(),
            name: "a store".parse().unwrap(),
            flight_id,
            device_id,
            manifest: manifest.digest(),
            files: manifest.files(),
            bytes: manifest.bytes(),
            verdict: "VERIFIED".parse().unwrap(),
            at_utc_us: at(60).utc_us,
        };
        receipt.sign(&store).unwrap()
    });
    let payload = |path: String, bytes: Vec<u8>| Ok(Payload { path, bytes: Box::new(Cursor::new(bytes)) });
    let held = files(&flight).into_iter().map(|path| {
        let bytes = fs::read(flight.join(&path)).unwrap();
        payload(format!("flight/{path}"), bytes)
    });
    let [first, second] = receipts;
    let beside = [
        payload(format!("witness/{}.jsonl", station().public().id()), witness()),
        payload("wraps/age1x.age".to_owned(), b"wrapped".to_vec()),
        payload("receipts/a.json".to_owned(), first),
        payload("receipts/b.json".to_owned(), second),
    ];
    let trust_json = anchor().trust_json;
    let about = About {
        flight: flight_id,
        unit: &trust().unit,
        verdict: "VERIFIED",
        trust_json: &trust_json,
        report_json: b"{}",
        report_html: b"<!DOCTYPE html>",
        at_utc_us: at(120).utc_us,
    };
    package::write(dir, held.chain(beside), &about, &stores()[0]).unwrap();
}

/// The first octet chooses a file of the package, the rest replaces it; one behind the last: the first line of the rest
/// names a file that is added. With the lowest bit of the second octet the lists are made anew and signed by the store:
/// then what the file itself says must be judged.
pub fn package(bytes: &[u8]) {
    let Some((&[which, how], content)) = bytes.split_first_chunk::<2>() else { return };
    let temp = scratch();
    let dir = temp.path().join("package");
    copy(&PACKAGE.1, &dir);
    let listed = files(&dir);
    let (path, content) = match listed.get(usize::from(which) % (listed.len() + 1)) {
        Some(path) => (path.clone(), content),
        None => {
            let Some((path, content)) = added(content) else { return };
            (path, content)
        }
    };
    let place = dir.join(&path);
    let before = fs::read(&place).ok();
    if place.is_dir() || fs::create_dir_all(place.parent().unwrap()).is_err() || fs::write(&place, content).is_err() {
        return;
    }
    let relisted = how & 1 == 1;
    if relisted {
        relist(&dir, &path);
    }
    let checked = package::check(&dir, &anchor(), at(3600).utc_us).unwrap();
    let intact: BTreeSet<&str> = checked.intact.iter().map(String::as_str).collect();
    assert!(intact.iter().all(|path| dir.join(path).is_file()), "what is intact is there");
    if before.as_deref() == Some(content) {
        assert_eq!(checked.findings, []);
    } else if !relisted {
        assert!(!checked.findings.is_empty() || checked.store.is_none(), "nobody changes {path} without a finding");
        assert!(!intact.contains(path.as_str()) || checked.store.is_none() || before.is_none(), "{path}");
    }
    let report = package::verify(&dir, &anchor(), Options::sealed(at(3600).utc_us, 1)).unwrap();
    consistent(&report);
    assert!(checked.findings.is_empty() || report.integrity > Integrity::Intact);
}

/// The name and content of a file that is added inside the folder.
fn added(content: &[u8]) -> Option<(String, &[u8])> {
    let end = content.iter().position(|octet| *octet == b'\n')?;
    let path = std::str::from_utf8(&content[..end]).ok()?;
    let inside =
        path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\0') && path.len() < 200;
    inside.then(|| (path.to_owned(), &content[end + 1..]))
}

/// Makes the lists anew, but the one that is itself `changed`, and signs them as the store.
fn relist(dir: &Path, changed: &str) {
    let all = files(dir);
    let line = |path: &String| {
        let encoded = path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        format!("{}  {encoded}\n", Sha256::of(&fs::read(dir.join(path)).unwrap()))
    };
    if changed != "manifest-sha256.txt" {
        let payload: String = all.iter().filter(|path| path.starts_with("data/")).map(line).collect();
        fs::write(dir.join("manifest-sha256.txt"), payload).unwrap();
    }
    if changed != "tagmanifest-sha256.txt" {
        let beside = all.iter().filter(|path| !path.starts_with("data/") && !path.starts_with("tagmanifest"));
        fs::write(dir.join("tagmanifest-sha256.txt"), beside.map(line).collect::<String>()).unwrap();
    }
    if changed != "tagmanifest-sha256.txt.dsse" {
        let signed = fs::read(dir.join("tagmanifest-sha256.txt")).unwrap();
        let signature = dsse::seal(package::PAYLOAD_TYPE, &signed, &stores()[0]);
        fs::write(dir.join("tagmanifest-sha256.txt.dsse"), [signature, b"\n".to_vec()].concat()).unwrap();
    }
}

//! Packages, made by the product's own writer and tampered with.

use super::files::flip_at;
use super::world::{World, store_key};
use super::{Case, GOOD, UNWITNESSED, case, shows};
use crate::ground::station_key;
use crate::packages::pack_with;
use flight_record::dock::Receipt;
use flight_record::keys::DeviceKey;
use flight_record::statement::GivenReason;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

pub(super) const CASES: &[Case] = &[
    shows("package-good", "nothing", GOOD, |w, c| drop(pack(w, c))),
    shows("package-good-by-witness-file", "cosignatures left out, the station's file packed", GOOD, |w, c| {
        let station = station_key(1).public().id();
        bare(w, c, &[(&format!("witness/{station}.jsonl"), w.station.file())]);
    }),
    case("package-witness-file-left-out", "the same without the station's file", UNWITNESSED, |w, c| bare(w, c, &[])),
    case("package-witness-file-misnamed", "the station's file under another station's name", "ALTERED", |w, c| {
        let station = station_key(2).public().id();
        bare(w, c, &[(&format!("witness/{station}.jsonl"), w.station.file())]);
    }),
    case("package-reason-misnamed", "a reason under another's name", "ALTERED", |w, c| {
        let [why, other] = ["a test", "another test"].map(|why| GivenReason::new(why.parse().unwrap()).unwrap());
        bare(w, c, &[(&format!("reasons/{}.json", other.commitment()), why.write())]);
    }),
    case("package-footage-flip", "a bit of the footage flipped", "ALTERED", |w, c| {
        flip_at(&pack(w, c).join("data/flight/segments/eo/000001.ts.age"), 300);
    }),
    case("package-footage-gone", "a piece of footage gone", "MISSING", |w, c| {
        fs::remove_file(pack(w, c).join("data/flight/segments/eo/000002.ts.age")).unwrap();
    }),
    case("package-flight-gone", "the flight's folder gone", "MISSING", |w, c| {
        fs::remove_dir_all(pack(w, c).join("data/flight")).unwrap();
    }),
    case("package-data-gone", "everything but the tag files gone", "MISSING", |w, c| {
        fs::remove_dir_all(pack(w, c).join("data")).unwrap();
    }),
    case("package-declaration-gone", "bagit.txt gone", "MISSING", |w, c| {
        fs::remove_file(pack(w, c).join("bagit.txt")).unwrap();
    }),
    case("package-signature-gone", "the store's signature gone", "MISSING", |w, c| {
        fs::remove_file(pack(w, c).join("tagmanifest-sha256.txt.dsse")).unwrap();
    }),
    case("package-signature-flip", "a bit of the store's signature flipped", "MALFORMED", |w, c| {
        flip_at(&pack(w, c).join("tagmanifest-sha256.txt.dsse"), 40);
    }),
    case("package-report-rewritten", "another word in report.json", "ALTERED", |w, c| {
        fs::write(pack(w, c).join("report.json"), "{\"word\":\"VERIFIED\"}").unwrap();
    }),
    case("package-list-line-dropped", "a line dropped from the list of files", "MALFORMED", |w, c| {
        let path = pack(w, c).join("manifest-sha256.txt");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.split_once('\n').unwrap().1).unwrap();
    }),
    case("package-file-more", "a wrap that no list names", "MALFORMED", |w, c| {
        fs::write(pack(w, c).join("data/wraps/x.age"), "x").unwrap();
    }),
    case("package-fetch", "a file that tells others to fetch something", "MALFORMED", |w, c| {
        fs::write(pack(w, c).join("fetch.txt"), "http://example.org/x 1 data/x\n").unwrap();
    }),
    case("package-flight-link", "the flight is a link to a folder outside", "MALFORMED", |w, c| {
        let flight = pack(w, c).join("data/flight");
        fs::rename(&flight, c.join("outside")).unwrap();
        symlink("../../outside", flight).unwrap();
    }),
    case("package-by-a-stranger", "packed by somebody whom the unit does not list", "KEY-UNTRUSTED", |w, c| {
        pack_by(w, c, &DeviceKey::from_seed([0x78; 32]), |_| ());
    }),
    case("package-by-a-station", "packed by a station", "KEY-UNTRUSTED", |w, c| {
        pack_by(w, c, &station_key(1), |_| ());
    }),
    case("package-receipt-of-another-flight", "a receipt about another flight", "ALTERED", |w, c| {
        let other = w.other.file_name().unwrap().to_str().unwrap().parse().unwrap();
        pack_by(w, c, &store_key(), |receipt| receipt.flight_id = other);
    }),
    case("package-receipt-for-fewer-files", "a receipt for a file less", "ALTERED", |w, c| {
        pack_by(w, c, &store_key(), |receipt| receipt.files -= 1);
    }),
];

fn pack(w: &World, case: &Path) -> PathBuf {
    pack_by(w, case, &store_key(), |_| ())
}

/// The flight that was seen, packed by whoever holds `store`.
fn pack_by(w: &World, case: &Path, store: &DeviceKey, change: impl FnOnce(&mut Receipt)) -> PathBuf {
    let out = case.join("package");
    pack_with((&w.unit, store), &w.seen, &out, &[], change).unwrap();
    out
}

/// The flight without cosignatures, packed with something more.
fn bare(w: &World, case: &Path, more: &[(&str, Vec<u8>)]) {
    let held = w.unseen(case);
    let named = w.unit.path("bare").join(w.seen.file_name().unwrap());
    drop(fs::remove_dir_all(&named));
    fs::create_dir_all(named.parent().unwrap()).unwrap();
    fs::rename(held, &named).unwrap();
    pack_with((&w.unit, &store_key()), &named, &case.join("package"), more, |_| ()).unwrap();
}

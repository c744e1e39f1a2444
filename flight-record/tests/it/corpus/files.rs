//! Damage to the sealed files: footage, telemetry, documents, torn bytes.

use super::good::{killed, torn};
use super::world::World;
use super::{Case, case};
use crate::support::{at, boot};
use std::fs;
use std::path::Path;

const FIRST: &str = "segments/eo/000001.ts.age";
const SECOND: &str = "segments/eo/000002.ts.age";
const TLOG: &str = "telemetry/000001.tlog.age";

pub(super) const CASES: &[Case] = &[
    case("file-flip-age-header", "a bit of a segment's age header flipped", "ALTERED", |w, c| flip(w, c, FIRST, 40)),
    case("file-flip-early", "a bit of a segment flipped where its prefix attests it", "ALTERED", |w, c| {
        flip(w, c, FIRST, 230);
    }),
    case("file-flip-late", "a bit of a segment's end flipped", "ALTERED", |w, c| flip_last(w, c, FIRST)),
    case("telemetry-flip", "a bit of the telemetry flipped", "ALTERED", |w, c| flip_last(w, c, TLOG)),
    case("document-flip", "a bit of a document flipped", "ALTERED", |w, c| {
        let dir = w.seen(c);
        let path = document(&dir);
        flip_at(&path, fs::read(&path).unwrap().len() - 3);
    }),
    case("file-removed", "a segment removed", "MISSING", |w, c| fs::remove_file(w.seen(c).join(FIRST)).unwrap()),
    case("telemetry-removed", "the telemetry removed", "MISSING", |w, c| {
        fs::remove_file(w.seen(c).join(TLOG)).unwrap();
    }),
    case("document-removed", "a document removed", "MISSING", |w, c| {
        fs::remove_file(document(&w.seen(c))).unwrap();
    }),
    case("files-all-removed", "every file but the logs removed", "MISSING", |w, c| {
        let dir = w.seen(c);
        ["segments", "telemetry", "documents"].iter().for_each(|name| fs::remove_dir_all(dir.join(name)).unwrap());
    }),
    case("file-swapped", "two segments swapped", "ALTERED", |w, c| {
        let dir = w.seen(c);
        fs::rename(dir.join(FIRST), dir.join("held")).unwrap();
        fs::rename(dir.join(SECOND), dir.join(FIRST)).unwrap();
        fs::rename(dir.join("held"), dir.join(SECOND)).unwrap();
    }),
    case("file-doubled", "a segment in the place of the other", "ALTERED", |w, c| {
        let dir = w.seen(c);
        fs::copy(dir.join(FIRST), dir.join(SECOND)).unwrap();
    }),
    case("file-of-another-flight", "a segment of another flight in its place", "ALTERED", |w, c| {
        fs::copy(w.other.join(FIRST), w.seen(c).join(FIRST)).unwrap();
    }),
    case("file-more", "a segment that no record names", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        fs::copy(dir.join(FIRST), dir.join("segments/eo/000003.ts.age")).unwrap();
    }),
    case("file-cut-attested", "a segment cut behind its prefix", "INCOMPLETE", |w, c| {
        let path = w.seen(c).join(FIRST);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    }),
    case("file-cut-unattested", "the telemetry cut, which no prefix attests", "ALTERED", |w, c| {
        let path = w.seen(c).join(TLOG);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    }),
    case("file-emptied", "a segment of no bytes", "INCOMPLETE", |w, c| fs::write(w.seen(c).join(FIRST), b"").unwrap()),
    case("file-longer", "a byte behind a segment", "ALTERED", |w, c| {
        let path = w.seen(c).join(FIRST);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
    }),
    case("file-zeroed", "a segment of zeros", "ALTERED", |w, c| {
        let path = w.seen(c).join(FIRST);
        let bytes = fs::read(&path).unwrap().len();
        fs::write(&path, vec![0; bytes]).unwrap();
    }),
    case("killed-prefix-contradicted", "killed, and what was attested is altered", "ALTERED", |w, c| {
        w.flown(c, |flight| flip_at(&killed(flight).join(SECOND), 40));
    }),
    case("killed-file-removed", "killed, and the unfinished segment removed", "TRUNCATED", |w, c| {
        w.flown(c, |flight| fs::remove_file(killed(flight).join(SECOND)).unwrap());
    }),
    case("killed-passed-over", "killed, and a file put in where its index is passed", "MALFORMED", |w, c| {
        w.flown(c, |mut flight| {
            let kind = crate::support::telemetry(&flight, 2, 1);
            flight.append(kind, at(2)).unwrap();
            fs::copy(flight.dir().join("telemetry/000002.tlog.age"), flight.dir().join(TLOG)).unwrap();
        });
    }),
    case("recovered-tail-altered", "recovered, and the tail found then altered", "ALTERED", |w, c| {
        w.flown(c, |flight| {
            let dir = killed(flight);
            drop(fs::remove_dir_all(w.unit.path("keys")));
            w.unit.resume(&dir, boot(2), 10).close(crate::support::code("landed"), at(11)).unwrap();
            let path = dir.join(SECOND);
            flip_at(&path, fs::read(&path).unwrap().len() - 1);
        });
    }),
    case(
        "recovered-tail-cut",
        "recovered, and the tail found then cut short of what was attested",
        "ALTERED",
        |w, c| {
            w.flown(c, |flight| {
                let dir = killed(flight);
                drop(fs::remove_dir_all(w.unit.path("keys")));
                w.unit.resume(&dir, boot(2), 10).close(crate::support::code("landed"), at(11)).unwrap();
                let path = dir.join(SECOND);
                let whole = fs::read(&path).unwrap();
                fs::write(&path, &whole[..whole.len() - 1]).unwrap();
            });
        },
    ),
    case("torn-altered", "torn bytes altered", "ALTERED", |w, c| {
        w.flown(c, |flight| flip_at(&torn(w, flight).join("torn/records-2"), 3));
    }),
    case("torn-removed", "torn bytes removed", "MISSING", |w, c| {
        w.flown(c, |flight| fs::remove_file(torn(w, flight).join("torn/document-2")).unwrap());
    }),
    case("torn-emptied", "torn bytes emptied", "INCOMPLETE", |w, c| {
        w.flown(c, |flight| fs::write(torn(w, flight).join("torn/records-2"), b"").unwrap());
    }),
    case("torn-more", "torn bytes that no recovery named", "MALFORMED", |w, c| {
        let dir = w.seen(c);
        fs::create_dir(dir.join("torn")).unwrap();
        fs::write(dir.join("torn/records-9"), b"half a line").unwrap();
    }),
];

fn flip(w: &World, case: &Path, file: &str, at: usize) {
    flip_at(&w.seen(case).join(file), at);
}

fn flip_last(w: &World, case: &Path, file: &str) {
    let path = w.seen(case).join(file);
    flip_at(&path, fs::read(&path).unwrap().len() - 1);
}

/// Flips the lowest bit of a byte.
pub(super) fn flip_at(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// The one document of the flight.
pub(super) fn document(dir: &Path) -> std::path::PathBuf {
    fs::read_dir(dir.join("documents")).unwrap().next().unwrap().unwrap().path()
}

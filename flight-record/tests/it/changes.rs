//! Any one change to a witnessed flight changes its word: to a byte, a line, a file, or a signature.

use crate::ground::{enrol, station_key};
use crate::properties::{fly_witnessed, judge, only_redundant, steps};
use crate::support::{Unit, copy, files};
use flight_record::dsse;
use flight_record::keys::DeviceKey;
use flight_record::record::PAYLOAD_TYPE;
use flight_record::trust::{Class, Grant};
use flight_record::verify::Word;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::Path;

/// What somebody does who has the folder, another flight of the device, and a key of their own.
#[derive(Clone, Copy, Debug)]
enum Change {
    Byte(u8),
    Truncate,
    DropFile,
    SwapFiles,
    /// A file under a name that is free in its series.
    DoubleFile,
    /// The file in its place is another flight's.
    SpliceFile,
    DropLine,
    SwapLines,
    DoubleLine,
    /// A line is the other flight's.
    SpliceLine,
    /// From a line on, all are the other flight's.
    SpliceRest,
    /// A record is signed by another key.
    Resign,
}

fn changes() -> impl Strategy<Value = Change> {
    use Change::*;
    prop_oneof![
        (1..=255_u8).prop_map(Byte),
        Just(Truncate),
        Just(DropFile),
        Just(SwapFiles),
        Just(DoubleFile),
        Just(SpliceFile),
        Just(DropLine),
        Just(SwapLines),
        Just(DoubleLine),
        Just(SpliceLine),
        Just(SpliceRest),
        Just(Resign),
    ]
}

/// Where in the flight something is done.
struct Place {
    file: Index,
    other: Index,
    at: Index,
}

impl Change {
    fn make(self, dir: &Path, foreign: &Path, place: &Place) {
        let names = files(dir);
        let name = match self {
            Self::Resign => "records.jsonl",
            Self::DropLine | Self::SwapLines | Self::DoubleLine | Self::SpliceLine | Self::SpliceRest => {
                ["records.jsonl", "checkpoints.jsonl"][place.file.index(2)]
            }
            _ => place.file.get(&names).as_str(),
        };
        let path = dir.join(name);
        let mut bytes = fs::read(&path).unwrap();
        let theirs = fs::read(foreign.join(name)).or_else(|_| fs::read(foreign.join(place.other.get(&files(foreign)))));
        let theirs = theirs.unwrap();
        match self {
            Self::Byte(mask) => {
                let at = place.at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Self::Truncate => bytes.truncate(place.at.index(bytes.len())),
            Self::DropFile => return fs::remove_file(path).unwrap(),
            Self::SwapFiles => {
                let other = dir.join(place.other.get(&names));
                fs::write(&path, fs::read(&other).unwrap()).unwrap();
                return fs::write(other, bytes).unwrap();
            }
            Self::DoubleFile => {
                let free = dir.join("segments/eo/000099.ts.age");
                fs::create_dir_all(free.parent().unwrap()).unwrap();
                return fs::write(free, bytes).unwrap();
            }
            Self::SpliceFile => bytes = theirs,
            _ => bytes = self.lines(&bytes, &theirs, place),
        }
        fs::write(path, bytes).unwrap();
    }

    fn lines(self, ours: &[u8], theirs: &[u8], place: &Place) -> Vec<u8> {
        let split =
            |bytes: &[u8]| -> Vec<Vec<u8>> { bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect() };
        let (mut lines, theirs) = (split(ours), split(theirs));
        let at = place.at.index(lines.len());
        let other = place.other.index(theirs.len());
        match self {
            Self::DropLine => drop(lines.remove(at)),
            Self::SwapLines => {
                let with = (at + 1) % lines.len();
                lines.swap(at, with);
            }
            Self::DoubleLine => lines.insert(at, lines[at].clone()),
            Self::SpliceLine => lines[at].clone_from(&theirs[other]),
            Self::SpliceRest => {
                lines.truncate(at);
                lines.extend_from_slice(&theirs[other..]);
            }
            _ => lines[at] = resigned(&lines[at]),
        }
        lines.concat()
    }
}

/// The same payload, by a key that nobody names.
fn resigned(line: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let envelope: serde_json::Value = serde_json::from_slice(line).unwrap();
    let payload = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let mut line = dsse::seal(PAYLOAD_TYPE, &payload, &DeviceKey::from_seed([0x66; 32]));
    line.push(b'\n');
    line
}

#[test]
fn any_one_change_changes_the_word() {
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    let index = any::<Index>;
    let mut unit = Unit::new(Class::Simulated);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    let flown = std::cell::Cell::new(0);
    runner
        .run(&(steps(), changes(), index(), index(), index()), |(steps, change, file, other, at)| {
            let (dir, _) = fly_witnessed(&unit, &steps);
            let (foreign, _) = fly_witnessed(&unit, &steps);
            assert_eq!(judge(&unit, &dir, &[]).word, Word::Verified);
            flown.set(flown.get() + 1);
            let broken = copy(&dir, &unit.path(&format!("broken-{}", flown.get())));
            change.make(&broken, &foreign, &Place { file, other, at });
            let report = judge(&unit, &broken, &[]);
            let heads = |dir: &Path| fs::read_to_string(dir.join("checkpoints.jsonl"));
            let repeats_only = heads(&broken).is_ok_and(|after| only_redundant(&heads(&dir).unwrap(), &after));
            let elsewhere = files(&dir)
                .iter()
                .filter(|path| *path != "checkpoints.jsonl")
                .all(|path| fs::read(broken.join(path)).is_ok_and(|bytes| bytes == fs::read(dir.join(path)).unwrap()));
            if files(&broken) == files(&dir) && elsewhere && repeats_only {
                // Nothing is otherwise, or a cosigned head is gone or there twice: the axis may be lower.
                assert!(report.integrity == flight_record::verify::Integrity::Intact, "{change:?}");
            } else {
                assert_ne!(report.integrity, flight_record::verify::Integrity::Intact, "{change:?}: {}", report.word);
                assert!(!report.is_verified());
            }
            [dir, foreign, broken].iter().for_each(|dir| fs::remove_dir_all(dir).unwrap());
            Ok(())
        })
        .unwrap();
}

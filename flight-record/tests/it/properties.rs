//! Properties over random flights and random damage.

use crate::ground::{Station, enrol, station_key};
use crate::support::{Camera, Unit, at, boot, code, copy, files, looks_good, options, segment, telemetry};
use flight_record::flight::{Flight, Open};
use flight_record::note::SignedNote;
use flight_record::record::{Kind, Marker};
use flight_record::trust::{Class, Grant};
use flight_record::verify::{Identities, Integrity, Options, Report, Witness, Word, verify};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::{Path, PathBuf};

/// One thing that happens in a flight.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Event(bool),
    Segment,
    Telemetry,
    Marker,
    /// The program dies and is started again; with true the computer too.
    Crash(bool),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<bool>().prop_map(Step::Event),
        Just(Step::Segment),
        Just(Step::Telemetry),
        Just(Step::Marker),
        any::<bool>().prop_map(Step::Crash),
    ];
    proptest::collection::vec(step, 0..12)
}

/// Flies the steps; the folder of the closed flight.
fn fly(unit: &Unit, steps: &[Step]) -> PathBuf {
    let flight = fly_on(unit, unit.open(), steps, &mut |_, _| ());
    flight.close(code("landed"), at(100)).unwrap().dir().to_owned()
}

/// Flies the steps, each shown to whoever looks, with the second in which it was made.
fn fly_on(
    unit: &Unit,
    mut flight: Flight<Open>,
    steps: &[Step],
    seen: &mut impl FnMut(&mut Flight<Open>, u32),
) -> Flight<Open> {
    let mut camera = Camera::new(300);
    let mut boots = 1;
    for (second, step) in (1..).zip(steps) {
        match step {
            Step::Event(detail) => {
                let detail = detail.then_some(&b"in words"[..]);
                flight.event(code("link-lost"), detail, at(second)).unwrap();
            }
            Step::Segment => {
                let index = flight.first_free_segment(&"eo".parse().unwrap());
                segment(&mut flight, &mut camera, index, second);
            }
            Step::Telemetry => {
                let index = flight.first_free_telemetry();
                let kind = telemetry(&flight, index, second);
                flight.append(kind, at(second)).unwrap();
            }
            Step::Marker => {
                let marker = Marker { code: code("bookmark"), at_utc_us: at(second).utc_us };
                flight.append(Kind::Marker(marker), at(second)).unwrap();
            }
            Step::Crash(reboot) => {
                let dir = flight.dir().to_owned();
                drop(flight);
                if *reboot {
                    fs::remove_dir_all(unit.path("keys")).unwrap();
                    boots += 1;
                }
                flight = unit.resume(&dir, boot(boots), second);
            }
        }
        seen(&mut flight, second);
    }
    flight
}

#[test]
fn whatever_happens_in_flight_verifies_and_any_damage_shows() {
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let damage = (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), 0..8_u8, 0..4_u8);
    runner
        .run(&(steps(), damage), |(steps, (which, place, bit, how))| {
            let unit = Unit::new(Class::Simulated);
            let dir = fly(&unit, &steps);
            let report = unit.verify_opened(&dir);
            assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());

            let broken = copy(&dir, &unit.path("broken"));
            let paths = files(&broken);
            let path = broken.join(which.get(&paths));
            let mut bytes = fs::read(&path).unwrap();
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] ^= 1 << bit,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, bit),
                _ => bytes.truncate(at),
            }
            fs::write(&path, bytes).unwrap();
            for report in [unit.verify_sealed(&broken), unit.verify_opened(&broken)] {
                assert!(!looks_good(&report), "{} at {at} ({how}): {}", path.display(), report.word);
                assert!(report.integrity > Integrity::UnattestedTail);
            }
            Ok(())
        })
        .unwrap();
}

/// A closed flight of which a station saw every step, and the station's file.
pub(crate) fn fly_witnessed(unit: &Unit, steps: &[Step]) -> (PathBuf, Station) {
    let mut flight = unit.open();
    let mut station = Station::new(unit, 1, flight.id());
    station.watch(&mut flight, 0);
    let flight = fly_on(unit, flight, steps, &mut |flight, second| station.watch(flight, second + 1));
    let end = u32::try_from(steps.len()).unwrap() + 1;
    let mut sealed = flight.close(code("landed"), at(end)).unwrap();
    station.land(&mut sealed, end + 1);
    (sealed.dir().to_owned(), station)
}

pub(crate) fn judge(unit: &Unit, dir: &Path, witness: &[Vec<u8>]) -> Report {
    let identities = Identities::read(&unit.identity_file()).unwrap();
    let options = Options { witness: witness.to_vec(), ..options(Some(identities)) };
    verify(dir, &unit.anchor(), &options).unwrap()
}

/// What is done to the lines or bytes of a file.
fn damaged(bytes: &[u8], place: proptest::sample::Index, bit: u8, how: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = place.index(bytes.len());
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let line = place.index(lines.len());
    match how {
        0 => bytes[at] ^= 1 << bit,
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, bit),
        3 => bytes.truncate(at),
        4 => {
            lines.remove(line);
            bytes = lines.concat();
        }
        5 => {
            let other = (line + 1) % lines.len();
            lines.swap(line, other);
            bytes = lines.concat();
        }
        _ => {
            lines.insert(line, lines[line].clone());
            bytes = lines.concat();
        }
    }
    bytes
}

/// Size and whether it is cosigned, of a line that is a note.
fn head(line: &str) -> Option<(u64, bool)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let note = SignedNote::parse(line["note"].as_str()?).ok()?;
    Some((note.claimed().size, note.cosignatures().len() > 0))
}

/// Whether all that differs are whole lines that only repeat a head with cosignatures, each behind its head.
pub(crate) fn only_redundant(before: &str, after: &str) -> bool {
    let plain = |text: &str| {
        let is_cosigned = |line: &&str| head(line).is_some_and(|(_, cosigned)| cosigned);
        text.split_inclusive('\n').filter(|line| !is_cosigned(line)).collect::<String>()
    };
    let mut newest = 0;
    let behind_their_heads = after.lines().filter_map(head).all(|(size, cosigned)| {
        newest = if cosigned { newest } else { size };
        size <= newest
    });
    after.ends_with('\n')
        && plain(before) == plain(after)
        && after.lines().all(|line| before.lines().any(|held| held == line))
        && behind_their_heads
}

#[test]
fn no_damage_to_a_witnessed_flight_leaves_it_verified() {
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let index = any::<proptest::sample::Index>;
    runner
        .run(&(steps(), index(), index(), 0..8_u8, 0..7_u8), |(steps, which, place, bit, how)| {
            let mut unit = Unit::new(Class::Simulated);
            enrol(&mut unit, &station_key(1), "van 3", Grant::station());
            let (dir, station) = fly_witnessed(&unit, &steps);
            let report = judge(&unit, &dir, &[]);
            assert_eq!(report.word, Word::Verified, "{:#?}", report.doubts());

            let broken = copy(&dir, &unit.path("broken"));
            let paths = files(&broken);
            // Half of the time the heads, where what stations say stands.
            let path = if bit % 2 == 0 { broken.join("checkpoints.jsonl") } else { broken.join(which.get(&paths)) };
            let before = fs::read(&path).unwrap();
            let after = damaged(&before, place, bit, how);
            fs::write(&path, &after).unwrap();
            let report = judge(&unit, &broken, &[]);
            let (text, new) = (String::from_utf8_lossy(&before), String::from_utf8_lossy(&after));
            if before == after || (path.ends_with("checkpoints.jsonl") && only_redundant(&text, &new)) {
                assert!(looks_good(&report), "{:#?}", report.doubts());
            } else {
                assert!(!looks_good(&report), "{} ({how}): {}", path.display(), report.word);
            }

            // The same to the station's file, which alone vouches for a copy without cosignatures.
            let bare = copy(&dir, &unit.path("bare"));
            let heads = fs::read_to_string(bare.join("checkpoints.jsonl")).unwrap();
            let plain: String =
                heads.split_inclusive('\n').filter(|line| head(line).is_some_and(|(_, cosigned)| !cosigned)).collect();
            fs::write(bare.join("checkpoints.jsonl"), plain).unwrap();
            assert_eq!(judge(&unit, &bare, &[station.file()]).word, Word::Verified);
            let file = damaged(&station.file(), place, bit, how);
            let report = judge(&unit, &bare, std::slice::from_ref(&file));
            // Cut behind the head over `close`, or torn there by a power cut (a zero byte), it still says all that counts.
            let to_close = station.lines[..station.lines.len() - 1].concat();
            let last = file.strip_prefix(&to_close[..]);
            let says_all = last.is_some_and(|last| station.file().starts_with(&file) || last.contains(&0));
            assert_eq!(report.word == Word::Verified, says_all || file == station.file(), "({how})");
            assert_eq!(report.witness == Witness::Full, report.word == Word::Verified);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_hole_in_the_last_line_of_a_stations_file_is_a_cut_and_anywhere_else_a_fault() {
    let mut unit = Unit::new(Class::Simulated);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    let (dir, station) = fly_witnessed(&unit, &[Step::Marker, Step::Telemetry]);
    let heads = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    let plain: String =
        heads.split_inclusive('\n').filter(|line| head(line).is_some_and(|(_, cosigned)| !cosigned)).collect();
    fs::write(dir.join("checkpoints.jsonl"), plain).unwrap();
    let with = |from_the_end: usize, byte: u8| {
        let mut lines = station.lines.clone();
        let at = lines.len() - from_the_end;
        let middle = lines[at].len() / 2;
        lines[at].insert(middle, byte);
        judge(&unit, &dir, &[lines.concat()])
    };
    assert_eq!(with(1, 0).word, Word::Verified);
    for (from_the_end, byte) in [(1, 1), (2, 0), (2, 1)] {
        let report = with(from_the_end, byte);
        assert!(!looks_good(&report), "{from_the_end} {byte}: {}", report.word);
    }
}

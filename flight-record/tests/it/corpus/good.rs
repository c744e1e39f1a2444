//! Flights as they should be, and flights cut off honestly.

use super::world::{World, film, pilot_key};
use super::{Case, GOOD, UNWITNESSED, case, shows};
use crate::ground::{Station, station_key, time_s};
use crate::support::{Camera, START_UTC_US, at, boot, code, telemetry};
use flight_record::device_log::{DeviceLog, LogFacts};
use flight_record::flight::{Flight, Open};
use flight_record::record::{Gap, Kind, Nonce, Statement};
use flight_record::statement::{Action, GivenReason, Moment, Subject};
use flight_record::{Sha256, Stamp, radio};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const CASES: &[Case] = &[
    shows("good-seen", "nothing; a station saw it in time", GOOD, |w, case| drop(w.seen(case))),
    case("good-unseen", "cosignatures left out", UNWITNESSED, |w, case| drop(w.unseen(case))),
    shows("good-by-witness-file", "cosignatures left out, the station's file brought", GOOD, |w, case| {
        w.with_file(case, |_| ());
    }),
    shows("good-both", "cosignatures and the station's file", GOOD, |w, case| {
        w.seen(case);
        fs::write(case.join("witness-1.jsonl"), w.station.file()).unwrap();
    }),
    case("good-empty", "a flight without footage, unseen", UNWITNESSED, |w, case| {
        w.flown(case, |flight| drop(flight.close(code("landed"), at(2)).unwrap()));
    }),
    shows("good-order", "an order of an officer in the records", GOOD, |w, case| {
        with_ground(w, case, |flight| {
            let why = GivenReason::new("a test".parse().unwrap()).unwrap();
            let about = radio::Statement::about(Subject::Flight, flight.id(), w.unit.device.public().id());
            let made = Moment::from(START_UTC_US);
            let said = radio::Statement::sign(Action::Start, about, made, why.commitment(), &pilot_key());
            let order = Statement::of(pilot_key().public().id(), Subject::Flight, &said);
            flight.append(Kind::Statement(order), at(1)).unwrap();
            flight.event_by(code("recording-started"), Some(pilot_key().public().id()), None, at(1)).unwrap();
        });
    }),
    shows("good-nonce", "a station's nonce in the records", GOOD, |w, case| {
        with_ground(w, case, |flight| nonce(flight, time_s(0)));
    }),
    case("good-device-log", "a device log over two boots", UNWITNESSED, |w, case| drop(device_log(w, case))),
    case("good-restarted", "killed and taken up with nothing unfinished", UNWITNESSED, |w, case| {
        w.flown(case, |mut flight| {
            flight.event(code("link-lost"), None, at(1)).unwrap();
            let dir = flight.dir().to_owned();
            drop(flight);
            w.unit.resume(&dir, boot(1), 5).close(code("landed"), at(6)).unwrap();
        });
    }),
    case("good-torn", "torn lines that a recovery set aside", UNWITNESSED, |w, case| {
        w.flown(case, |flight| drop(torn(w, flight)));
    }),
    case("good-seen-late", "a station that heard nothing for a minute", UNWITNESSED, |w, case| {
        w.flown(case, |mut flight| {
            let mut station = Station::new(&w.unit, 1, flight.id());
            station.watch(&mut flight, 1);
            flight.event(code("link-lost"), None, at(2)).unwrap();
            let mut sealed = flight.close(code("landed"), at(70)).unwrap();
            station.land(&mut sealed, 71);
        });
    }),
    case("good-seen-partly", "a station that left before the end", UNWITNESSED, |w, case| {
        w.flown(case, |mut flight| {
            Station::new(&w.unit, 1, flight.id()).watch(&mut flight, 1);
            flight.close(code("landed"), at(2)).unwrap();
        });
    }),
    case("cut-killed", "killed in flight and never taken up", "TRUNCATED", |w, case| {
        w.flown(case, |flight| drop(killed(flight)));
    }),
    case("cut-recovered", "killed in flight, taken up after a reboot, closed", "UNATTESTED-TAIL", |w, case| {
        w.flown(case, |flight| {
            let dir = killed(flight);
            fs::remove_dir_all(w.unit.path("keys")).unwrap();
            w.unit.resume(&dir, boot(2), 10).close(code("landed"), at(11)).unwrap();
        });
    }),
    case("cut-unfinished", "closed with a file that nothing finished", "INCOMPLETE", |w, case| {
        w.flown(case, |flight| {
            let mut file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
            Camera::new(20).film(&mut file, 3);
            drop(file);
            flight.close(code("disk-full"), at(5)).unwrap();
        });
    }),
    case("gap-recorded", "the recorder says that telemetry is missing", "GAP", |w, case| {
        w.flown(case, |mut flight| {
            let gap = Gap { stream: None, reason: code("link-lost"), from_utc_us: 1, to_utc_us: None, count: None };
            flight.append(Kind::Gap(gap), at(1)).unwrap();
            flight.close(code("landed"), at(2)).unwrap();
        });
    }),
    case("gap-index", "a telemetry file of index 2 with none before it", "GAP", |w, case| {
        w.flown(case, |mut flight| {
            let kind = telemetry(&flight, 2, 1);
            flight.append(kind, at(2)).unwrap();
            flight.close(code("landed"), at(3)).unwrap();
        });
    }),
    case("clock-steps", "the clock is set forward by a minute", "CLOCK-SUSPECT", |w, case| {
        stepped(w, case, Stamp { utc_us: at(60).utc_us, ..at(2) });
    }),
    case("clock-back", "the clock is set back by a minute", "CLOCK-SUSPECT", |w, case| {
        stepped(w, case, Stamp { utc_us: at(0).utc_us - 60_000_000, ..at(2) });
    }),
    case("clock-monotonic-back", "the clock that cannot go back does", "CLOCK-SUSPECT", |w, case| {
        stepped(w, case, Stamp { mono_ns: at(0).mono_ns, ..at(2) });
    }),
    case("clock-vague", "the clock steps within its stated uncertainty", UNWITNESSED, |w, case| {
        stepped(w, case, Stamp { uncertainty_us: 90_000_000, ..Stamp { utc_us: at(60).utc_us, ..at(2) } });
    }),
    case("clock-nonce", "a nonce dated a minute after its record", "CLOCK-SUSPECT", |w, case| {
        with_ground(w, case, |flight| nonce(flight, time_s(62)));
    }),
];

/// A flight of two records between those of `say`, seen by van 3.
fn with_ground(w: &World, case: &Path, say: impl FnOnce(&mut Flight<Open>)) {
    w.flown(case, |mut flight| {
        let mut station = Station::new(&w.unit, 1, flight.id());
        say(&mut flight);
        let mut sealed = flight.close(code("landed"), at(3)).unwrap();
        station.land(&mut sealed, 4);
    });
}

fn nonce(flight: &mut Flight<Open>, made_s: u64) {
    let station = station_key(1);
    let said = radio::Nonce::sign(flight.id(), Sha256::of(b"random"), made_s, &station);
    flight.append(Kind::Nonce(Nonce::of(station.public().id(), &said)), at(2)).unwrap();
}

pub(super) fn device_log(w: &World, case: &Path) -> PathBuf {
    let dir = case.join("flight");
    for (n, second) in [(1, 1), (2, 10)] {
        let facts = w.unit.facts();
        let facts = LogFacts { certificate: facts.certificate, software: facts.software, boot_id: boot(n) };
        let mut log = DeviceLog::open(&dir, &w.unit.device, &w.unit.path("log-keys"), facts, at(second)).unwrap();
        log.event(code("boot"), None, at(second + 1)).unwrap();
        drop(log);
        fs::remove_dir_all(w.unit.path("log-keys")).unwrap();
    }
    dir
}

/// Filmed, then killed with a segment half attested and one not at all.
pub(super) fn killed(mut flight: Flight<Open>) -> PathBuf {
    let mut camera = Camera::new(20);
    film(&mut flight, &mut camera, 1, 1);
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 2).unwrap();
    camera.film(&mut file, 2);
    flight.append(Kind::Prefix(file.progress()), at(2)).unwrap();
    camera.film(&mut file, 2);
    flight.dir().to_owned()
}

/// Torn in every log and in a document, taken up and closed.
pub(super) fn torn(w: &World, mut flight: Flight<Open>) -> PathBuf {
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    for file in ["records.jsonl", "checkpoints.jsonl"] {
        let whole = fs::read(dir.join(file)).unwrap();
        fs::write(dir.join(file), [&whole[..], b"{\"payload\":\"half a li"].concat()).unwrap();
    }
    fs::write(dir.join("documents/unfinished"), b"half a document").unwrap();
    w.unit.resume(&dir, boot(1), 5).close(code("landed"), at(6)).unwrap();
    dir
}

fn stepped(w: &World, case: &Path, at_close: Stamp) {
    w.flown(case, |mut flight| {
        flight.event(code("link-lost"), None, at(1)).unwrap();
        flight.close(code("landed"), at_close).unwrap();
    });
}

//! The unit of the corpus, with keys that anybody can make, and the flights that its cases damage.

use crate::ground::{Station, enrol, station_key};
use crate::support::{Camera, Film, START_UTC_US, Unit, at, code, copy, segment_record, telemetry};
use crate::witnessed::drop_cosignatures;
use flight_record::flight::{Flight, Open};
use flight_record::keys::DeviceKey;
use flight_record::record::Kind;
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use std::fs;
use std::path::{Path, PathBuf};

/// A century: the corpus is checked by the reader's clock.
const DAYS: u32 = 36_500;

/// The key of the store that makes packages.
pub(super) fn store_key() -> DeviceKey {
    DeviceKey::from_seed([0x77; 32])
}

/// The key of an officer who may order.
pub(super) fn pilot_key() -> DeviceKey {
    DeviceKey::from_seed([0x71; 32])
}

/// Everything that cases begin with.
pub(super) struct World {
    pub(super) unit: Unit,
    /// A closed flight that van 3 saw in time; three of its heads are cosigned.
    pub(super) seen: PathBuf,
    /// What van 3 wrote down of it.
    pub(super) station: Station,
    /// Another flight of the same device, seen likewise.
    pub(super) other: PathBuf,
    pub(super) other_station: Station,
}

impl World {
    pub(super) fn new() -> Self {
        let unit = unit();
        let (seen, station) = fly(&unit);
        let (other, other_station) = fly(&unit);
        Self { unit, seen, station, other, other_station }
    }

    /// The flight that was seen, to be damaged.
    pub(super) fn seen(&self, case: &Path) -> PathBuf {
        copy(&self.seen, &case.join("flight"))
    }

    /// The same without cosignatures.
    pub(super) fn unseen(&self, case: &Path) -> PathBuf {
        let dir = self.seen(case);
        drop_cosignatures(&dir);
        dir
    }

    /// The same, and beside it the station's file with some lines changed.
    pub(super) fn with_file(&self, case: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> PathBuf {
        let dir = self.unseen(case);
        let mut lines = self.station.lines.clone();
        change(&mut lines);
        fs::write(case.join("witness-1.jsonl"), lines.concat()).unwrap();
        dir
    }

    /// The unit's list, changed, signed and put beside the case.
    pub(super) fn trust(&self, case: &Path, change: impl FnOnce(&mut TrustList)) {
        let mut trust = self.unit.trust.clone();
        change(&mut trust);
        fs::write(case.join("trust.json"), trust.seal(&self.unit.root)).unwrap();
    }

    /// A flight in the case's folder, closed by whoever flies it.
    pub(super) fn flown(&self, case: &Path, fly: impl FnOnce(Flight<Open>)) {
        let flight = self.unit.open();
        let dir = flight.dir().to_owned();
        fly(flight);
        fs::rename(dir, case.join("flight")).unwrap();
    }
}

fn unit() -> Unit {
    let device = DeviceKey::from_seed([0x11; 32]);
    let root = DeviceKey::from_seed([0x22; 32]);
    let mut trust = TrustList::first("Corpus".parse().unwrap(), root.public(), START_UTC_US);
    trust.expires_utc_us = START_UTC_US + i64::from(DAYS) * 86_400_000_000;
    let expires_utc_us = trust.expires_utc_us;
    let request = EnrolmentRequest::write(&device, "aircraft 1".parse().unwrap(), START_UTC_US);
    let request = EnrolmentRequest::read(&request).unwrap();
    let validity = Validity { from_utc_us: START_UTC_US, days: DAYS };
    let trust = trust.with_key(&request, Grant::device(Class::Simulated), validity).unwrap();
    let secret = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age-secret-key-").unwrap(), &[0x33; 32]).unwrap();
    let identity = secret.to_uppercase().parse().unwrap();
    let mut unit = Unit { temp: tempfile::tempdir().unwrap(), device, root, trust, identity };
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    enrol(&mut unit, &station_key(2), "tower", Grant::station());
    enrol(&mut unit, &store_key(), "store a", Grant::store());
    enrol(&mut unit, &pilot_key(), "officer 9", Grant::officer(&[Duty::Pilot]));
    unit.trust.expires_utc_us = expires_utc_us;
    unit.trust.keys.iter_mut().for_each(|entry| entry.valid_until_utc_us = expires_utc_us);
    unit
}

/// Two segments, telemetry and a document, of which van 3 sees three heads.
fn fly(unit: &Unit) -> (PathBuf, Station) {
    let mut flight = unit.open();
    let mut station = Station::new(unit, 1, flight.id());
    station.watch(&mut flight, 1);
    flight.event(code("recording-started"), None, at(1)).unwrap();
    let mut camera = Camera::new(20);
    film(&mut flight, &mut camera, 1, 2);
    let kind = telemetry(&flight, 1, 1);
    flight.append(kind, at(2)).unwrap();
    station.watch(&mut flight, 3);
    film(&mut flight, &mut camera, 2, 4);
    flight.event(code("recording-stopped"), None, at(5)).unwrap();
    let mut sealed = flight.close(code("landed"), at(6)).unwrap();
    station.land(&mut sealed, 7);
    (sealed.dir().to_owned(), station)
}

/// A segment of two pictures, its beginning attested on the way.
pub(super) fn film(flight: &mut Flight<Open>, camera: &mut Camera, index: u32, at_s: u32) {
    let mut file = flight.segment_file(&"eo".parse().unwrap(), index).unwrap();
    let first = camera.film(&mut file, 1);
    file.syncer().unwrap().sync().unwrap();
    flight.append(Kind::Prefix(file.progress()), at(at_s)).unwrap();
    let second = camera.film(&mut file, 1);
    let film = Film { frames: 2, last_pts_90k: second.last_pts_90k, ..first };
    let sealed = file.finish().unwrap();
    flight.append(segment_record(sealed, index, &film), at(at_s)).unwrap();
}

//! The unit whose data the targets know: keys made of seeds, its trust list, and the flight in `fixture/`.

use flight_record::flight::OpenFacts;
use flight_record::keys::DeviceKey;
use flight_record::recipients::read_list;
use flight_record::record::Software;
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::{Anchor, Identities, Options};
use flight_record::{ClockSource, Sha256, Stamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// 2026-05-01T12:00:00Z.
pub const START_UTC_US: i64 = 1_777_636_800_000_000;

static KEYS: LazyLock<[DeviceKey; 7]> =
    LazyLock::new(|| [1, 2, 3, 4, 5, 6, 7].map(|seed| DeviceKey::from_seed([seed; 32])));
static TRUST: LazyLock<TrustList> = LazyLock::new(|| {
    let listed = [
        (device(), Grant::device(Class::Simulated)),
        (station(), Grant::station()),
        (stores()[0].clone(), Grant::store()),
        (stores()[1].clone(), Grant::store()),
        (officers()[0].clone(), Grant::officer(&[Duty::Pilot, Duty::Custodian])),
        (officers()[1].clone(), Grant::officer(&[Duty::Witness])),
    ];
    let validity = Validity { from_utc_us: START_UTC_US, days: 300 };
    let first = TrustList::first("Test unit".parse().unwrap(), root().public(), START_UTC_US);
    listed.into_iter().enumerate().fold(first, |list, (n, (key, grant))| {
        let request = EnrolmentRequest::write(&key, format!("key {n}").parse().unwrap(), START_UTC_US);
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    })
});

/// The aircraft's key.
pub fn device() -> DeviceKey {
    KEYS[0].clone()
}

/// The unit's root.
pub fn root() -> DeviceKey {
    KEYS[1].clone()
}

/// A ground station's key.
pub fn station() -> DeviceKey {
    KEYS[2].clone()
}

/// The keys of two stores.
pub fn stores() -> [DeviceKey; 2] {
    [KEYS[3].clone(), KEYS[4].clone()]
}

/// The keys of two officers: pilot and custodian, witness.
pub fn officers() -> [DeviceKey; 2] {
    [KEYS[5].clone(), KEYS[6].clone()]
}

/// The unit's list, which names all of these but the root.
pub fn trust() -> &'static TrustList {
    &TRUST
}

/// What a reader of the unit's flights brings along.
pub fn anchor() -> Anchor {
    Anchor { trust_json: trust().seal(&root()), root: root().public().id() }
}

/// A moment `at_s` seconds into the flight.
pub fn at(at_s: u32) -> Stamp {
    let mono_ns = 1_000_000_000 * u64::from(at_s);
    Stamp {
        mono_ns,
        utc_us: START_UTC_US + i64::from(at_s) * 1_000_000,
        source: ClockSource::Gnss,
        uncertainty_us: 1000,
    }
}

/// Opens everything, an hour after the flight.
pub fn options(witness: Vec<Vec<u8>>) -> Options {
    let identities = Some(Identities::read(&fixture("identity")).unwrap());
    Options { identities, witness, ..Options::sealed(at(3600).utc_us, 1) }
}

/// What the fixture's flight says of itself at its start.
pub fn facts() -> OpenFacts {
    let certificate = trust().certificate(device().public().id()).unwrap();
    OpenFacts {
        class: certificate.class,
        certificate,
        recipients: read_list(&fixture("recipients")).unwrap(),
        pts_epoch_utc_us: START_UTC_US,
        audio_dropped: false,
        software: Software {
            name: "skyseal-onboard".parse().unwrap(),
            version: "0.1.0".parse().unwrap(),
            sha256: Sha256::of(b"program"),
        },
        configuration_sha256: Sha256::of(b"configuration"),
        documents: vec![("mission".parse().unwrap(), b"a square over the field".to_vec())],
        boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
    }
}

/// A file or folder of `fixture/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture").join(name)
}

/// A fresh folder in memory, where the machine has one.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).map(drop).unwrap();
        }
    }
}

/// Every file in a folder and the folders in it, by its path there, sorted.
pub fn files(dir: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

pub use crate::folder::pack;

//! A unit with one device, and small flights of it.

use age::secrecy::ExposeSecret as _;
use flight_record::flight::{Flight, Open, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::record::{Kind, Segment, Software, Telemetry};
use flight_record::seal::Sealed;
use flight_record::trust::{Class, EnrolmentRequest, TrustList, Validity};
use flight_record::{BootId, ClockSource, Code, Sha256, Stamp};
use std::path::{Path, PathBuf};

/// 2026-05-01T12:00:00Z.
pub(crate) const START_UTC_US: i64 = 1_777_636_800_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;

pub(crate) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub(crate) fn boot(n: u8) -> BootId {
    format!("00000000-0000-4000-8000-0000000000{n:02x}")
        .parse()
        .unwrap()
}

/// The stamp `at_s` seconds into the flight.
pub(crate) fn at(at_s: u32) -> Stamp {
    Stamp {
        mono_ns: 1_000_000_000 * (u64::from(at_s) + 10),
        utc_us: START_UTC_US + i64::from(at_s) * SECOND_US,
        source: ClockSource::Gnss,
        uncertainty_us: 1000,
    }
}

/// A unit's root, one enrolled device, one identity that opens what the device seals.
pub(crate) struct Unit {
    pub(crate) temp: tempfile::TempDir,
    pub(crate) device: DeviceKey,
    pub(crate) root: DeviceKey,
    pub(crate) trust: TrustList,
    pub(crate) identity: age::x25519::Identity,
}

impl Unit {
    pub(crate) fn new(class: Class) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let device = DeviceKey::create(&temp.path().join("device.key")).unwrap();
        let request = EnrolmentRequest::write(&device, "aircraft 1".parse().unwrap(), START_UTC_US);
        let request = EnrolmentRequest::read(&request).unwrap();
        let validity = Validity {
            from_utc_us: START_UTC_US,
            days: 30,
        };
        let root = DeviceKey::from_seed([9; 32]);
        let trust = TrustList::first("Test unit".parse().unwrap(), root.public(), START_UTC_US)
            .with_device(&request, class, validity)
            .unwrap();
        Self {
            temp,
            device,
            root,
            trust,
            identity: age::x25519::Identity::generate(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn facts(&self) -> OpenFacts {
        let certificate = self.trust.certificate(self.device.public().id()).unwrap();
        OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![self.identity.to_public().to_string().parse().unwrap()],
            pts_epoch_utc_us: START_UTC_US,
            audio_dropped: false,
            software: Software {
                name: "skyseal-onboard".parse().unwrap(),
                version: "0.1.0".parse().unwrap(),
                sha256: Sha256::of(b"program"),
            },
            configuration_sha256: Sha256::of(b"configuration"),
            documents: vec![(code("mission"), b"a square over the field".to_vec())],
            boot_id: boot(1),
        }
    }

    pub(crate) fn open(&self) -> Flight<Open> {
        Flight::create(
            &self.path("flights"),
            &self.device,
            &self.path("keys"),
            self.facts(),
            at(0),
        )
        .unwrap()
    }

    pub(crate) fn resume(&self, dir: &Path, boot_id: BootId, at_s: u32) -> Flight<Open> {
        Flight::resume(dir, &self.device, &self.path("keys"), boot_id, at(at_s))
            .unwrap()
            .0
    }

    /// `age -d` of one file, by the crate the standard names.
    pub(crate) fn opened(&self, path: &Path) -> Vec<u8> {
        age::decrypt(&self.identity, &std::fs::read(path).unwrap()).unwrap()
    }

    pub(crate) fn identity_file(&self) -> PathBuf {
        let path = self.path("flight.identity");
        std::fs::write(&path, self.identity.to_string().expose_secret()).unwrap();
        path
    }
}

/// Opaque footage: bytes that are no MPEG-TS, for what never looks inside.
pub(crate) fn segment_record(sealed: Sealed, index: u32) -> Kind {
    Kind::Segment(Segment {
        stream: "eo".parse().unwrap(),
        index,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        first_pts_90k: 90_000,
        last_pts_90k: 90_000,
        frames: 0,
        drops: 0,
        minimum_set_shortfall: 0,
        telemetry: None,
    })
}

/// One tlog entry: time and a MAVLink 2 frame with `payload` zero bytes of payload.
pub(crate) fn tlog_entry(utc_us: i64, payload: u8) -> Vec<u8> {
    let mut entry = utc_us.to_be_bytes().to_vec();
    entry.extend_from_slice(&[0xFD, payload, 0, 0, 0, 1, 1, 0, 0, 0]);
    entry.extend(std::iter::repeat_n(0, usize::from(payload) + 2));
    entry
}

/// A telemetry file of ten frames, sealed, and its record.
pub(crate) fn telemetry(flight: &Flight<Open>, index: u32, from_s: u32) -> Kind {
    let mut file = flight.telemetry_file(index).unwrap();
    let time = |n: i64| at(from_s).utc_us + n * 100_000;
    for n in 0..10 {
        file.write(&tlog_entry(time(n), 9)).unwrap();
    }
    let sealed = file.finish().unwrap();
    Kind::Telemetry(Telemetry {
        index,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        messages: 10,
        first_utc_us: Some(time(0)),
        last_utc_us: Some(time(9)),
        links: 1,
    })
}

//! A unit with one device, and small flights of it.

use age::secrecy::ExposeSecret as _;
use flight_record::flight::{Flight, Open, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::record::{IndexRange, Kind, Marker, Segment, Software, Telemetry};
use flight_record::seal::{SealError, Sealed, SealedFile};
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::{Anchor, Identities, Options, Report, Word, verify};
use flight_record::{BootId, ClockSource, Code, Sha256, Stamp};
use footage::access_unit::Codec;
use footage::klv::Uas;
use footage::sei::CaptureTime;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};
use std::path::{Path, PathBuf};

/// 2026-05-01T12:00:00Z.
pub(crate) const START_UTC_US: i64 = 1_777_636_800_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;

pub(crate) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub(crate) fn boot(n: u8) -> BootId {
    format!("00000000-0000-4000-8000-0000000000{n:02x}").parse().unwrap()
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
        let validity = Validity { from_utc_us: START_UTC_US, days: 30 };
        let root = DeviceKey::from_seed([9; 32]);
        let trust = TrustList::first("Test unit".parse().unwrap(), root.public(), START_UTC_US)
            .with_key(&request, Grant::device(class), validity)
            .unwrap();
        Self { temp, device, root, trust, identity: age::x25519::Identity::generate() }
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
        Flight::create(&self.path("flights"), &self.device, &self.path("keys"), self.facts(), at(0)).unwrap()
    }

    pub(crate) fn resume(&self, dir: &Path, boot_id: BootId, at_s: u32) -> Flight<Open> {
        Flight::resume(dir, &self.device, &self.path("keys"), boot_id, at(at_s)).unwrap().0
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

    pub(crate) fn anchor(&self) -> Anchor {
        Anchor { trust_json: self.trust.seal(&self.root), root: self.root.public().id() }
    }

    /// Looks at the sealed files only.
    pub(crate) fn verify_sealed(&self, dir: &Path) -> Report {
        verify(dir, &self.anchor(), &options(None)).unwrap()
    }

    /// Opens everything.
    pub(crate) fn verify_opened(&self, dir: &Path) -> Report {
        let identities = Identities::read(&self.identity_file()).unwrap();
        verify(dir, &self.anchor(), &options(Some(identities))).unwrap()
    }

    /// A closed flight with everything in it: 60 pictures, 20 MAVLink frames, documents, a marker, a clock estimate.
    pub(crate) fn whole_flight(&self) -> PathBuf {
        let mut flight = self.open();
        let mut camera = Camera::new(6000);
        flight.event(code("recording-started"), Some(b"by the pilot"), at(1)).unwrap();
        for index in 1..3 {
            segment(&mut flight, &mut camera, index, index);
            let kind = telemetry(&flight, index, index);
            flight.append(kind, at(index)).unwrap();
        }
        let marker = Marker { code: code("bookmark"), at_utc_us: at(2).utc_us };
        flight.append(Kind::Marker(marker), at(3)).unwrap();
        flight.append(Kind::Clock(at(3).into()), at(3)).unwrap();
        flight.event(code("recording-stopped"), None, at(4)).unwrap();
        flight.close(code("landed"), at(40)).unwrap().dir().to_owned()
    }
}

pub(crate) fn options(identities: Option<Identities>) -> Options {
    Options { identities, ..Options::sealed(START_UTC_US + 100 * SECOND_US, 2) }
}

/// What the report says of the one item with this name.
pub(crate) fn said(report: &Report, item: &str) -> String {
    let found: Vec<_> = report.items.iter().filter(|found| found.item.to_string() == item).collect();
    assert_eq!(found.len(), 1, "{item} in {:#?}", report.doubts());
    found[0].word.map_or_else(|| "NOT-CHECKED".to_owned(), |word| word.to_string())
}

/// A copy of a flight, to be broken.
pub(crate) fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    to.to_owned()
}

/// Every file of a flight, by path in it.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
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

/// A camera of 30 pictures a second: real transport streams with real telemetry, the pictures themselves noise.
pub(crate) struct Camera {
    muxer: Muxer,
    frame: u64,
    picture_bytes: usize,
    /// The telemetry is of so much later than the picture.
    pub(crate) telemetry_later_us: u64,
}

/// The times of a piece of film.
pub(crate) struct Film {
    pub(crate) first_pts_90k: u64,
    pub(crate) last_pts_90k: u64,
    pub(crate) frames: u64,
}

impl Camera {
    pub(crate) fn new(picture_bytes: usize) -> Self {
        let config = TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous };
        Self { muxer: Muxer::new(config), frame: 0, picture_bytes, telemetry_later_us: 0 }
    }

    /// Films into `file`.
    pub(crate) fn film(&mut self, file: &mut SealedFile, frames: u64) -> Film {
        self.try_film(file, frames).unwrap()
    }

    /// Films into a file that the disk may not take.
    pub(crate) fn try_film(&mut self, file: &mut SealedFile, frames: u64) -> Result<Film, SealError> {
        let first_pts_90k = pts_90k(self.time_us());
        let mut last_pts_90k = first_pts_90k;
        for n in 0..frames {
            last_pts_90k = pts_90k(self.time_us());
            file.write(&self.shoot(n == 0))?;
        }
        Ok(Film { first_pts_90k, last_pts_90k, frames })
    }

    /// A second in which nothing is shot.
    pub(crate) fn skip_second(&mut self) {
        self.frame += 30;
    }

    fn time_us(&self) -> u64 {
        u64::try_from(START_UTC_US).unwrap() + SECOND_US.unsigned_abs() + self.frame * 33_333
    }

    fn shoot(&mut self, key: bool) -> Vec<u8> {
        let time_us = self.time_us();
        let mut picture = vec![0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1];
        footage::sei::push_nal(Codec::H264, CaptureTime { time_us, locked: true }, &mut picture);
        picture.extend_from_slice(&[0, 0, 0, 1, if key { 0x65 } else { 0x41 }]);
        picture.extend((0..self.picture_bytes).map(|n| 0x80 | (n % 127).to_le_bytes()[0]));
        let mut klv = Vec::new();
        Uas { timestamp_us: time_us + self.telemetry_later_us, ..Uas::default() }.encode(&mut klv);
        let pts_90k = pts_90k(time_us);
        let frame = Frame { pts_90k, dts_90k: pts_90k, key, picture: &picture, klv: &[(pts_90k, &klv)] };
        let mut out = Vec::new();
        self.muxer.frame(frame, &mut out).unwrap();
        self.frame += 1;
        out
    }
}

pub(crate) fn pts_90k(time_us: u64) -> u64 {
    90_000 + (time_us - u64::try_from(START_UTC_US).unwrap()) * 9 / 100
}

pub(crate) fn segment_record(sealed: Sealed, index: u32, film: &Film) -> Kind {
    Kind::Segment(Segment {
        stream: "eo".parse().unwrap(),
        index,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        first_pts_90k: film.first_pts_90k,
        last_pts_90k: film.last_pts_90k,
        frames: film.frames,
        drops: 0,
        minimum_set_shortfall: film.frames,
        telemetry: Some(IndexRange { first: 1, last: 1 }),
    })
}

/// A segment of the stream `eo` with a prefix on the way, and its record.
pub(crate) fn segment(flight: &mut Flight<Open>, camera: &mut Camera, index: u32, at_s: u32) {
    let mut file = flight.segment_file(&"eo".parse().unwrap(), index).unwrap();
    let first = camera.film(&mut file, 15);
    file.syncer().unwrap().sync().unwrap();
    flight.append(Kind::Prefix(file.progress()), at(at_s)).unwrap();
    let second = camera.film(&mut file, 15);
    let film = Film { frames: first.frames + second.frames, last_pts_90k: second.last_pts_90k, ..first };
    let sealed = file.finish().unwrap();
    flight.append(segment_record(sealed, index, &film), at(at_s)).unwrap();
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

/// A verdict that stands for nothing being wrong.
pub(crate) fn looks_good(report: &Report) -> bool {
    matches!(report.word, Word::Verified | Word::VerifiedSealedOnly | Word::VerifiedUnwitnessed)
}

/// A flight of four records, so that every byte of it can be tried.
pub(crate) fn small_flight(unit: &Unit) -> PathBuf {
    let mut flight = unit.open();
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let kind = telemetry(&flight, 1, 1);
    flight.append(kind, at(2)).unwrap();
    flight.close(code("landed"), at(3)).unwrap().dir().to_owned()
}

/// Breaks a copy of a whole flight; the verdict.
pub(crate) fn broken(unit: &Unit, dir: &Path, name: &str, how: impl FnOnce(&Path)) -> Report {
    let copy = copy(dir, &unit.path(name));
    how(&copy);
    unit.verify_opened(&copy)
}

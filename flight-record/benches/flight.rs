//! What a flight costs: sealing footage beside the tools that do half of it each, appending a record, verifying.
//!
//! Everything lies in memory (`/dev/shm`): the figures are of the processor, not of a disk. Where `openssl` or `age` is
//! not installed its line is left out.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

use age::secrecy::ExposeSecret as _;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use flight_record::flight::{Flight, Open, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::record::{Event, Kind, Segment, Software};
use flight_record::seal::Sealed;
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::{Anchor, Identities, Options, Word, verify};
use flight_record::{ClockSource, Sha256, Stamp};
use footage::access_unit::Codec;
use footage::klv::Uas;
use footage::sei::CaptureTime;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// 2026-05-01T12:00:00Z.
const START_UTC_US: i64 = 1_777_636_800_000_000;
const FOOTAGE_BYTES: usize = 64 << 20;
/// A picture of 8 Mbit/s at 30 fps.
const PICTURE_BYTES: usize = 33_333;

fn main() {
    divan::main();
}

fn at(n: u64) -> Stamp {
    Stamp {
        mono_ns: n * 1_000_000,
        utc_us: START_UTC_US + i64::try_from(n).unwrap() * 1000,
        source: ClockSource::Gnss,
        uncertainty_us: 1000,
    }
}

/// A unit with one device, in memory.
struct Unit {
    temp: tempfile::TempDir,
    device: DeviceKey,
    root: DeviceKey,
    trust: TrustList,
    identity: age::x25519::Identity,
}

impl Unit {
    fn new() -> Self {
        let temp = tempfile::tempdir_in("/dev/shm").unwrap();
        let (device, root) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let request = EnrolmentRequest::write(&device, "bench".parse().unwrap(), START_UTC_US);
        let validity = Validity { from_utc_us: START_UTC_US, days: 30 };
        let trust = TrustList::first("bench".parse().unwrap(), root.public(), START_UTC_US)
            .with_key(&EnrolmentRequest::read(&request).unwrap(), Grant::device(Class::Simulated), validity)
            .unwrap();
        Self { temp, device, root, trust, identity: age::x25519::Identity::generate() }
    }

    fn open(&self) -> Flight<Open> {
        let facts = OpenFacts {
            certificate: self.trust.certificate(self.device.public().id()).unwrap(),
            class: Class::Simulated,
            recipients: vec![self.recipient().parse().unwrap()],
            pts_epoch_utc_us: START_UTC_US,
            audio_dropped: false,
            software: Software {
                name: "bench".parse().unwrap(),
                version: "0".parse().unwrap(),
                sha256: Sha256::of(b""),
            },
            configuration_sha256: Sha256::of(b""),
            documents: Vec::new(),
            boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        Flight::create(&self.temp.path().join("flights"), &self.device, &self.temp.path().join("keys"), facts, at(0))
            .unwrap()
    }

    fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    fn identities(&self) -> Identities {
        let path = self.temp.path().join("identity");
        std::fs::write(&path, self.identity.to_string().expose_secret()).unwrap();
        Identities::read(&path).unwrap()
    }
}

/// Bytes that look like coded pictures: nothing compresses, nothing repeats.
fn noise() -> Vec<u8> {
    use rand::{RngCore as _, SeedableRng as _};
    let mut bytes = vec![0; FOOTAGE_BYTES];
    rand::rngs::StdRng::seed_from_u64(1).fill_bytes(&mut bytes);
    bytes
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod seal {
    use super::{Bencher, BytesCount, PICTURE_BYTES, Unit, noise, peer};

    #[divan::bench]
    fn ours_plain_hash_age_sealed_hash(bencher: Bencher<'_, '_>) {
        let (unit, plain) = (Unit::new(), noise());
        let sealer = unit.open().sealer();
        let mut index = 0;
        bencher.counter(BytesCount::new(plain.len())).bench_local(|| {
            index += 1;
            let mut file = sealer.segment(&"eo".parse().unwrap(), index).unwrap();
            plain.chunks(PICTURE_BYTES).for_each(|picture| file.write(picture).unwrap());
            file.finish().unwrap()
        });
    }

    #[divan::bench]
    fn openssl_dgst_sha256(bencher: Bencher<'_, '_>) {
        peer(bencher, |_, file| ("openssl", vec!["dgst".into(), "-sha256".into(), file.into()]));
    }

    #[divan::bench]
    fn age_encrypt(bencher: Bencher<'_, '_>) {
        peer(bencher, |unit, file| {
            let out = format!("{file}.age");
            ("age", vec!["-r".into(), unit.recipient(), "-o".into(), out, file.into()])
        });
    }
}

/// Measures another program on the same bytes.
fn peer(bencher: Bencher<'_, '_>, command: fn(&Unit, &str) -> (&'static str, Vec<String>)) {
    let unit = Unit::new();
    let file = unit.temp.path().join("plain");
    std::fs::write(&file, noise()).unwrap();
    let (program, arguments) = command(&unit, file.to_str().unwrap());
    let run = || Command::new(program).args(&arguments).stdout(Stdio::null()).status();
    if run().is_err() {
        return;
    }
    bencher.counter(BytesCount::new(FOOTAGE_BYTES)).bench_local(|| assert!(run().unwrap().success()));
}

/// A record and the checkpoint over it: two signatures, one fresh key, two syncs of memory.
#[divan::bench(sample_count = 20, sample_size = 100)]
fn append(bencher: Bencher<'_, '_>) {
    let unit = Unit::new();
    let mut flight = unit.open();
    let mut n = 0;
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        n += 1;
        let event = Event { code: "link-lost".parse().unwrap(), actor: None, flight: None, detail: None };
        flight.append(Kind::Event(event), at(n)).unwrap()
    });
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod verifying {
    use super::{
        Anchor, Bencher, BytesCount, Codec, Command, Metadata, Muxer, Options, PICTURE_BYTES, PathBuf, START_UTC_US,
        Stdio, TsConfig, Unit, Word, at, noise, record, shoot, verify,
    };

    #[divan::bench(args = [1, 2])]
    fn sealed_only(bencher: Bencher<'_, '_>, threads: usize) {
        run(bencher, threads, false);
    }

    #[divan::bench(args = [1, 2])]
    fn opened(bencher: Bencher<'_, '_>, threads: usize) {
        run(bencher, threads, true);
    }

    #[divan::bench]
    fn openssl_dgst_sha256_of_the_same_files(bencher: Bencher<'_, '_>) {
        let unit = Unit::new();
        let (dir, bytes) = filmed(&unit);
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(dir.join("segments/eo")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let run = || Command::new("openssl").args(["dgst", "-sha256"]).args(&files).stdout(Stdio::null()).status();
        if run().is_ok() {
            bencher.counter(BytesCount::new(bytes)).bench_local(|| assert!(run().unwrap().success()));
        }
    }

    fn run(bencher: Bencher<'_, '_>, threads: usize, open: bool) {
        let unit = Unit::new();
        let (dir, bytes) = filmed(&unit);
        let anchor = Anchor { trust_json: unit.trust.seal(&unit.root), root: unit.root.public().id() };
        let options = Options { identities: open.then(|| unit.identities()), ..Options::sealed(START_UTC_US, threads) };
        bencher.counter(BytesCount::new(bytes)).bench_local(|| {
            let report = verify(&dir, &anchor, &options).unwrap();
            assert_eq!(report.word, Word::VerifiedUnwitnessed);
        });
    }

    /// A closed flight of 2-second segments at 8 Mbit/s, and its sealed bytes.
    fn filmed(unit: &Unit) -> (PathBuf, u64) {
        let mut flight = unit.open();
        let noise = noise();
        let mut muxer = Muxer::new(TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous });
        let pictures: Vec<&[u8]> = noise.chunks(PICTURE_BYTES).collect();
        let mut frame = 0;
        for (index, film) in (1..).zip(pictures.chunks(60)) {
            let mut file = flight.segment_file(&"eo".parse().unwrap(), index).unwrap();
            let first = frame;
            for picture in film {
                file.write(&shoot(&mut muxer, frame, frame == first, picture)).unwrap();
                frame += 1;
            }
            let kind = record(file.finish().unwrap(), index, (first, frame - 1));
            flight.append(kind, at(frame)).unwrap();
        }
        let bytes = flight.counts().sealed_bytes;
        let closed = flight.close("landed".parse().unwrap(), at(frame + 1)).unwrap();
        (closed.dir().to_owned(), bytes)
    }
}

fn time_us(frame: u64) -> u64 {
    u64::try_from(START_UTC_US).unwrap() + frame * 33_333
}

fn pts_90k(frame: u64) -> u64 {
    90_000 + frame * 33_333 * 9 / 100
}

/// One picture with its time and its telemetry, muxed. Start codes in the noise do no harm: nobody decodes it.
fn shoot(muxer: &mut Muxer, frame: u64, key: bool, noise: &[u8]) -> Vec<u8> {
    let mut picture = vec![0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1];
    footage::sei::push_nal(Codec::H264, CaptureTime { time_us: time_us(frame), locked: true }, &mut picture);
    picture.extend_from_slice(&[0, 0, 0, 1, if key { 0x65 } else { 0x41 }]);
    picture.extend(noise.iter().map(|byte| byte | 1));
    let mut klv = Vec::new();
    Uas { timestamp_us: time_us(frame), ..Uas::default() }.encode(&mut klv);
    let pts = pts_90k(frame);
    let mut out = Vec::new();
    muxer.frame(Frame { pts_90k: pts, dts_90k: pts, key, picture: &picture, klv: &[(pts, &klv)] }, &mut out).unwrap();
    out
}

fn record(sealed: Sealed, index: u32, (first, last): (u64, u64)) -> Kind {
    Kind::Segment(Segment {
        stream: "eo".parse().unwrap(),
        index,
        file: sealed.file,
        sealed: sealed.sealed,
        plain: sealed.plain,
        first_pts_90k: pts_90k(first),
        last_pts_90k: pts_90k(last),
        frames: last - first + 1,
        drops: 0,
        minimum_set_shortfall: 0,
        telemetry: None,
    })
}

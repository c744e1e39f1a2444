//! What a flight costs: sealing footage beside the tools that do half of it each, appending a record, verifying.
//!
//! Everything lies in memory (`/dev/shm`): the figures are of the processor, not of a disk. Where `openssl` or `age` is
//! not installed its line is left out. `SKYSEAL_BENCH_MIB` is the size of the flight that is verified (64), and
//! `SKYSEAL_BENCH_DIR` names another folder for it. The last line says how much memory the process ever had: with the
//! filter `verifying` it is that of the verifier, and of 2 MiB of footage.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

mod long;
mod verifying;

use age::secrecy::ExposeSecret as _;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use flight_record::flight::{Flight, Open, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::record::{Event, Kind, Software};
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::Identities;
use flight_record::{ClockSource, Sha256, Stamp};
use std::panic::{catch_unwind, resume_unwind};
use std::process::{Command, Stdio};

/// 2026-05-01T12:00:00Z.
const START_UTC_US: i64 = 1_777_636_800_000_000;
const FOOTAGE_BYTES: usize = 64 << 20;
/// A picture of 8 Mbit/s at 30 fps.
const PICTURE_BYTES: usize = 33_333;

fn main() {
    let done = catch_unwind(divan::main);
    // Statics are never dropped, and a large flight is not to be left behind.
    verifying::clear();
    println!("{} MiB of memory at most (VmHWM)", peak_memory_kib() / 1024);
    done.unwrap_or_else(|panic| resume_unwind(panic));
}

/// The most memory this process ever had in RAM.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
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
        let dir = std::env::var_os("SKYSEAL_BENCH_DIR").unwrap_or_else(|| "/dev/shm".into());
        let temp = tempfile::tempdir_in(dir).unwrap();
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
fn noise(length_bytes: usize) -> Vec<u8> {
    use rand::{RngCore as _, SeedableRng as _};
    let mut bytes = vec![0; length_bytes];
    rand::rngs::StdRng::seed_from_u64(1).fill_bytes(&mut bytes);
    bytes
}

#[divan::bench_group(sample_count = 10, sample_size = 1)]
mod seal {
    use super::{Bencher, BytesCount, FOOTAGE_BYTES, PICTURE_BYTES, Unit, noise, peer};

    #[divan::bench]
    fn ours_plain_hash_age_sealed_hash(bencher: Bencher<'_, '_>) {
        let (unit, plain) = (Unit::new(), noise(FOOTAGE_BYTES));
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
    std::fs::write(&file, noise(FOOTAGE_BYTES)).unwrap();
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

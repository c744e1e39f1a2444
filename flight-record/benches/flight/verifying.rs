//! Verifying a flight, beside `openssl dgst` over the same files, and opening it, beside the cryptography alone.

use crate::{PICTURE_BYTES, START_UTC_US, Unit, at, noise};
use chacha20poly1305::{AeadInPlace as _, ChaCha20Poly1305, KeyInit as _};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flight_record::Sha256;
use flight_record::record::{Kind, Segment};
use flight_record::seal::Sealed;
use flight_record::verify::{Anchor, Options, Word, verify};
use footage::access_unit::Codec;
use footage::klv::Uas;
use footage::sei::CaptureTime;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// 2 seconds at 30 fps.
const SEGMENT_PICTURES: usize = 60;
/// age's.
const CHUNK_BYTES: usize = 64 * 1024;

/// The flight of all these benches, made when the first wants it.
static SHARED: Mutex<Option<Filmed>> = Mutex::new(None);

struct Filmed {
    unit: Unit,
    dir: PathBuf,
    sealed_bytes: u64,
}

fn shared() -> MutexGuard<'static, Option<Filmed>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with_flight(run: impl FnOnce(&Filmed)) {
    run(shared().get_or_insert_with(film));
}

/// Removes the flight.
pub(crate) fn clear() {
    shared().take();
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn sealed_only(bencher: Bencher<'_, '_>, threads: usize) {
    run(bencher, threads, false);
}

#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn opened(bencher: Bencher<'_, '_>, threads: usize) {
    run(bencher, threads, true);
}

/// The same files, dealt out to as many processes.
#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn openssl_dgst_sha256(bencher: Bencher<'_, '_>, processes: usize) {
    with_flight(|filmed| {
        let files = std::fs::read_dir(filmed.dir.join("segments/eo")).unwrap().map(|entry| entry.unwrap().path());
        let files: Vec<PathBuf> = files.collect();
        let hands: Vec<Vec<&PathBuf>> =
            (0..processes).map(|first| files.iter().skip(first).step_by(processes).collect()).collect();
        let start = |hand: &Vec<&PathBuf>| {
            Command::new("openssl").args(["dgst", "-sha256"]).args(hand).stdout(Stdio::null()).spawn()
        };
        let run = || {
            let running: Vec<Child> = hands.iter().map(|hand| start(hand).unwrap()).collect();
            running.into_iter().all(|mut child| child.wait().unwrap().success())
        };
        if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_ok() {
            bencher.counter(BytesCount::new(filmed.sealed_bytes)).bench_local(|| assert!(run()));
        }
    });
}

/// What opening cannot do without: each chunk hashed as it is sealed, ChaCha20-Poly1305 over it, hashed as it is plain.
/// All of it stays in the processor's cache: nothing is read, copied, wiped, or looked at.
#[divan::bench(args = [1, 2], sample_count = 5, sample_size = 1)]
fn floor_of_opened(bencher: Bencher<'_, '_>, threads: usize) {
    let (chunks, cipher) = (512, ChaCha20Poly1305::new(&[1; 32].into()));
    let work = || {
        let mut chunk = noise(CHUNK_BYTES);
        for _ in 0..chunks {
            black_box(Sha256::of(&chunk));
            black_box(cipher.encrypt_in_place_detached(&[0; 12].into(), b"", &mut chunk).unwrap());
            black_box(Sha256::of(&chunk));
        }
    };
    bencher.counter(BytesCount::new(threads * chunks * CHUNK_BYTES)).bench_local(|| {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    });
}

fn run(bencher: Bencher<'_, '_>, threads: usize, open: bool) {
    with_flight(|Filmed { unit, dir, sealed_bytes }| {
        let anchor = Anchor { trust_json: unit.trust.seal(&unit.root), root: unit.root.public().id() };
        let options = Options { identities: open.then(|| unit.identities()), ..Options::sealed(START_UTC_US, threads) };
        bencher.counter(BytesCount::new(*sealed_bytes)).bench_local(|| {
            let report = verify(dir, &anchor, &options).unwrap();
            assert_eq!(report.word, Word::VerifiedUnwitnessed);
        });
    });
}

/// A closed flight of 2-second segments at 8 Mbit/s.
fn film() -> Filmed {
    let mib: usize = std::env::var("SKYSEAL_BENCH_MIB").map_or(64, |mib| mib.parse().unwrap());
    let unit = Unit::new();
    let mut flight = unit.open();
    let noise = noise(SEGMENT_PICTURES * PICTURE_BYTES);
    let mut muxer = Muxer::new(TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous });
    let mut frame = 0;
    for index in 1..=u32::try_from((mib << 20).div_ceil(noise.len())).unwrap() {
        let mut file = flight.segment_file(&"eo".parse().unwrap(), index).unwrap();
        let first = frame;
        for picture in noise.chunks(PICTURE_BYTES) {
            file.write(&shoot(&mut muxer, frame, frame == first, picture)).unwrap();
            frame += 1;
        }
        let kind = record(file.finish().unwrap(), index, (first, frame - 1));
        flight.append(kind, at(frame)).unwrap();
    }
    let sealed_bytes = flight.counts().sealed_bytes;
    let dir = flight.close("landed".parse().unwrap(), at(frame + 1)).unwrap().dir().to_owned();
    Filmed { unit, dir, sealed_bytes }
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

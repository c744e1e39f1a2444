//! Each stage of the handover alone, to judge the whole by.
//!
//! A handover has three rounds, and evidence wants them in this order: the first copy, the verdict on it, the second copy.
//! Within a round everything overlaps: while one file is read from the source, others are hashed, written, synced and read
//! back. So a round should take as long as its slowest stage, and the handover as long as
//!
//! * first copy: the slowest of `read_and_hash_the_source`, `write_and_sync_one_copy`, `read_back_and_hash_one_copy`;
//! * verdict: `verify_sealed`;
//! * second copy: the slower of the last two of the first; the first copy is read from memory.
//!
//! That holds where source, first and second store are on disks of their own. Where they share one, its stages cannot
//! overlap, and the slowest stage is `all_work_of_the_disks`: everything the handover asks of disks, in the same order on
//! as many threads, with nothing hashed. Nor can the hashes be faster than `all_hashes`: the five over every byte (copied,
//! read back, verified, copied, read back), in memory, on as many threads. The handover is to reach 95 % of the slowest.

use crate::unit::{Unit, stamp, with_unit};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use evidence_store::intake::{FolderSource, Source as _};
use flight_record::verify::{Anchor, Options, Word, verify};
use flight_record::{Counted, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many as the store writes with.
const THREADS: usize = 4;
const BUFFER_BYTES: usize = 1 << 20;

/// Runs `job` over all of `work` on some threads.
fn on_threads<T: Sync>(threads: usize, work: &[T], job: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    job(item);
                }
            });
        }
    });
}

/// Hands all of a file on in pieces.
fn read(mut file: impl Read, mut each: impl FnMut(&[u8])) {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return,
            read => each(&buffer[..read]),
        }
    }
}

/// Opens a file that is read from the disk.
fn past_cache(path: &Path) -> File {
    let file = File::open(path).unwrap();
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    file
}

/// Writes a file as the store does: synced under another name, then renamed, and the name synced.
fn write(path: &Path, bytes: u64) {
    let noise: Vec<u8> = (0..=u8::MAX).cycle().take(BUFFER_BYTES).collect();
    let fresh = path.with_extension("fresh");
    let mut file = File::create(&fresh).unwrap();
    let mut left = usize::try_from(bytes).unwrap();
    while left > 0 {
        let now = left.min(noise.len());
        file.write_all(&noise[..now]).unwrap();
        left -= now;
    }
    file.sync_data().unwrap();
    fs::rename(fresh, path).unwrap();
    File::open(path.parent().unwrap()).unwrap().sync_all().unwrap();
}

/// Files of the same lengths as the flight's, flat in a folder that is made for them.
fn copies(unit: &Unit, folder: &Path) -> Vec<(PathBuf, u64)> {
    fs::create_dir_all(folder).unwrap();
    let lengths = unit.files().into_iter().map(|path| path.metadata().unwrap().len());
    lengths.enumerate().map(|(at, bytes)| (folder.join(at.to_string()), bytes)).collect()
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_and_hash_the_source(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        let mut source = FolderSource::open(&unit.aircraft()).unwrap();
        bencher.counter(BytesCount::new(unit.bytes)).with_inputs(|| unit.put_in()).bench_local_values(|()| {
            for (path, _) in source.inventory(unit.flight).unwrap().files {
                let mut counted = Counted::default();
                read(source.open(unit.flight, &path, 0).unwrap(), |bytes| counted.update(bytes));
                black_box(counted.extent());
            }
        });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn write_and_sync_one_copy(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        bencher
            .counter(BytesCount::new(unit.bytes))
            .with_inputs(|| copies(unit, &unit.two_empty().0))
            .bench_local_values(|copies| on_threads(THREADS, &copies, |(path, bytes)| write(path, *bytes)));
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_back_and_hash_one_copy(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        let copies = copies(unit, &unit.two_empty().0);
        copies.iter().for_each(|(path, bytes)| write(path, *bytes));
        bencher.counter(BytesCount::new(unit.bytes)).bench_local(|| {
            on_threads(THREADS, &copies, |(path, _)| {
                let mut counted = Counted::default();
                read(past_cache(path), |bytes| counted.update(bytes));
                black_box(counted.extent());
            });
        });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn verify_sealed(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        let anchor = Anchor { trust_json: unit.trust.seal(&unit.root), root: unit.root.public().id() };
        bencher.counter(BytesCount::new(unit.bytes)).bench_local(|| {
            let report = verify(&unit.flight_dir(), &anchor, &Options::sealed(stamp().utc_us, 2)).unwrap();
            assert_eq!(report.word, Word::VerifiedUnwitnessed);
        });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn all_work_of_the_disks(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        bencher
            .counter(BytesCount::new(unit.bytes))
            .with_inputs(|| {
                let (one, two) = unit.two_empty();
                (copies(unit, &one), copies(unit, &two))
            })
            .bench_local_values(|(one, two)| {
                let files: Vec<_> = unit.files().into_iter().zip(one).collect();
                let one_copy = |path: &Path, bytes| {
                    write(path, bytes);
                    read(past_cache(path), |bytes| _ = black_box(bytes));
                };
                on_threads(THREADS, &files, |(from, (path, bytes))| {
                    read(File::open(from).unwrap(), |bytes| _ = black_box(bytes));
                    one_copy(path, *bytes);
                });
                on_threads(THREADS, &two, |(path, bytes)| one_copy(path, *bytes));
            });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn all_hashes(bencher: Bencher<'_, '_>) {
    with_unit(|unit| {
        let noise: Vec<u8> = (0..=u8::MAX).cycle().take(BUFFER_BYTES).collect();
        let pieces = vec![(); usize::try_from(5 * unit.bytes / BUFFER_BYTES as u64).unwrap()];
        bencher
            .counter(BytesCount::new(unit.bytes))
            .bench_local(|| on_threads(THREADS, &pieces, |()| _ = black_box(Sha256::of(&noise))));
    });
}

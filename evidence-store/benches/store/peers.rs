//! What people do by hand.

use crate::unit::with_unit;
use divan::Bencher;
use divan::counter::BytesCount;
use std::process::Command;

fn shell(command: &str) {
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

/// Runs a shell command between the flight's folder and two that are empty: `$from`, `$one`, `$two`, and a file `$sums`.
fn by_hand(bencher: Bencher<'_, '_>, command: &str) {
    with_unit(|unit| {
        let (from, sums) = (unit.flight_dir(), unit.path("sums"));
        bencher.counter(BytesCount::new(unit.bytes)).with_inputs(|| unit.two_empty()).bench_local_values(
            |(one, two)| {
                let (from, one, two, sums) = (from.display(), one.display(), two.display(), sums.display());
                shell(&format!("set -e; from={from} one={one} two={two} sums={sums}; {command}"));
            },
        );
    });
}

/// Two copies, and the digests of all three compared; nothing is synced, so that most of it never leaves the memory.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn cp_and_sha256sum(bencher: Bencher<'_, '_>) {
    by_hand(
        bencher,
        "cp -r $from $one; cp -r $one $two; cd $from; find . -type f | xargs sha256sum > $sums
         cd $one; sha256sum --quiet -c $sums; cd $two; sha256sum --quiet -c $sums",
    );
}

/// The same with both copies synced, as the dock's are; but read back from memory.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn cp_sync_and_sha256sum(bencher: Bencher<'_, '_>) {
    by_hand(
        bencher,
        "cp -r $from $one; sync -f $one; cp -r $one $two; sync -f $two
         cd $from; find . -type f | xargs sha256sum > $sums
         cd $one; sha256sum --quiet -c $sums; cd $two; sha256sum --quiet -c $sums",
    );
}

/// Twice `rsync -c`, each file synced; what was written is not read back.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn rsync_with_checksums(bencher: Bencher<'_, '_>) {
    if Command::new("rsync").arg("--version").output().is_err() {
        eprintln!("rsync is not installed here: skipped");
        return;
    }
    by_hand(bencher, "rsync -ac --fsync $from/ $one/; rsync -ac --fsync $one/ $two/");
}

//! A flight from a folder into two stores, beside each of its stages alone, `cp` with `sha256sum`, and `rsync -c` over
//! the same bytes; and an entry of the ledger beside a bare durable commit.
//!
//! `SKYSEAL_BENCH_MIB` is the size of the flight (256); it is made on the disk in pieces of 2 MiB, like the segments of a
//! camera at 8 Mbit/s, once for all benches. `SKYSEAL_BENCH_FROM` names a folder for it that is not on the disk of the
//! stores, as a card or an aircraft is; else it lies beside them, where `TMPDIR` says. There the stores need twice its
//! size. The last line says how much memory the process ever had.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

mod dock;
mod ledger;
mod peers;
mod stages;
mod unit;

use std::panic::{catch_unwind, resume_unwind};

fn main() {
    let done = catch_unwind(divan::main);
    // Statics are never dropped, and a flight of 20 GB is not to be left behind.
    unit::clear();
    println!("{} MiB of memory at most (VmHWM); the flight has {} MiB", peak_memory_kib() / 1024, unit::flight_mib());
    done.unwrap_or_else(|panic| resume_unwind(panic));
}

/// The most memory this process ever had in RAM.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

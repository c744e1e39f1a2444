//! How much a power cut takes: real sealing at the cadence of the recorder (`onboard/src/recorder/segment.rs`), cut behind
//! every picture, with nothing on the disk but what was synced. A sync takes no time here: a slow disk adds its own.

use super::cut::{Crash, Image, after};
use super::disk::{Keys, Step};
use super::flown::Machine;
use crate::support::Film;
use crate::support::{Unit, at, segment_record};
use flight_record::StreamName;
use flight_record::device_log::claimed;
use flight_record::flight::Flight;
use flight_record::record::Kind;
use flight_record::seal::SealedFile;
use flight_record::trust::Class;
use std::io::Read as _;
use std::path::Path;

const FRAMES: u64 = 180;
const FRAMES_A_SECOND: u64 = 30;
const SEGMENT_FRAMES: u64 = 60;
const SYNC_MS: u64 = 250;
const PREFIX_MS: u64 = 1_000;
/// The recorder looks at the clock this long after a picture, and at the next.
const TICK_MS: u64 = 20;
/// age seals pieces of this size.
const CHUNK_BYTES: u64 = 64 * 1024;

fn ms(frame: u64) -> u64 {
    frame * 1_000 / FRAMES_A_SECOND
}

/// Steps of the disk done when each picture had been handed over.
fn record(unit: &Unit, machine: &Machine, frame_bytes: usize) -> Vec<usize> {
    let disk = &machine.disk;
    let made = Flight::create_on(&disk.handle(), &machine.flights(), &unit.device, &disk.keys, unit.facts(), at(0));
    let mut flight = made.unwrap();
    let eo: StreamName = "eo".parse().unwrap();
    let picture = vec![0x5A; frame_bytes];
    let (mut synced_ms, mut attested_ms) = (0, 0);
    let mut open: Option<(SealedFile, u32)> = None;
    let mut steps = Vec::new();
    for frame in 0..FRAMES {
        let second = u32::try_from(ms(frame) / 1_000).unwrap();
        if frame % SEGMENT_FRAMES == 0 {
            let index = open.as_ref().map_or(1, |(_, index)| index + 1);
            if let Some((file, index)) = open.take() {
                let film = Film { first_pts_90k: 0, last_pts_90k: 0, frames: SEGMENT_FRAMES };
                flight.append(segment_record(file.finish().unwrap(), index, &film), at(second)).unwrap();
            }
            open = Some((flight.segment_file(&eo, index).unwrap(), index));
            (synced_ms, attested_ms) = (ms(frame), ms(frame));
        }
        let (file, _) = open.as_mut().unwrap();
        file.write(&picture).unwrap();
        // The cut may come until the next picture: what a tick in between does is not yet done then.
        steps.push(disk.len());
        for now_ms in [ms(frame), ms(frame) + TICK_MS] {
            if now_ms - synced_ms < SYNC_MS {
                continue;
            }
            synced_ms = now_ms;
            let prefix = file.progress();
            file.syncer().unwrap().sync().unwrap();
            if now_ms - attested_ms >= PREFIX_MS {
                attested_ms = now_ms;
                flight.append(Kind::Prefix(prefix), at(second)).unwrap();
            }
        }
    }
    steps
}

/// Whole pictures that `sealed` opens to.
fn pictures(unit: &Unit, sealed: &[u8], frame_bytes: usize) -> u64 {
    let Ok(decryptor) = age::Decryptor::new(sealed) else { return 0 };
    let Ok(mut plain) = decryptor.decrypt(std::iter::once(&unit.identity as &dyn age::Identity)) else { return 0 };
    let (mut buffer, mut bytes) = (vec![0; 64 * 1024], 0);
    while let Ok(read @ 1..) = plain.read(&mut buffer) {
        bytes += read;
    }
    (bytes / frame_bytes) as u64
}

/// Pictures kept, and pictures attested, on the disk as it is after a cut.
fn kept(unit: &Unit, steps: &[(Step, Keys)], frame_bytes: usize) -> (u64, u64) {
    let image = after(&Image::default(), steps.iter().map(|(step, _)| step), Crash::Bare);
    let file = |end: &str| {
        image.files.iter().filter(|(path, _)| path.ends_with(Path::new(end))).map(|(_, bytes)| bytes).next()
    };
    let lines = |end: &str| file(end).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
    let told = lines("records.jsonl").min(lines("checkpoints.jsonl"));
    let records = file("records.jsonl").map_or(&[][..], |bytes| &bytes[..]);
    let (mut finished, mut prefix) = (0, None);
    for line in records.split(|byte| *byte == b'\n').take(told) {
        match claimed(line).unwrap().kind {
            Kind::Segment(segment) => (finished, prefix) = (segment.index, None),
            Kind::Prefix(attested) => prefix = Some(attested.sealed.bytes),
            _ => {}
        }
    }
    let open = file(&format!("segments/eo/{:06}.ts.age", finished + 1)).map_or(&[][..], |bytes| &bytes[..]);
    let before = u64::from(finished) * SEGMENT_FRAMES;
    let attested = prefix.map_or(0, |bytes| pictures(unit, &open[..usize::try_from(bytes).unwrap()], frame_bytes));
    (before + pictures(unit, open, frame_bytes), before + attested)
}

fn row(mut lost_ms: Vec<u64>) -> [u64; 3] {
    lost_ms.sort_unstable();
    [lost_ms[lost_ms.len() / 2], lost_ms[lost_ms.len() * 95 / 100], lost_ms[lost_ms.len() - 1]]
}

#[test]
fn a_power_cut_takes_no_more_than_the_cadence_allows() {
    println!("| Mbit/s | on disk: median, p95, max (ms) | attested: median, p95, max (ms) |");
    println!("|---|---|---|");
    for megabits in [1_u64, 4, 8, 25] {
        let frame_bytes = usize::try_from(megabits * 1_000_000 / 8 / FRAMES_A_SECOND).unwrap();
        let (unit, machine) = (Unit::new(Class::Simulated), Machine::new());
        let steps = record(&unit, &machine, frame_bytes);
        let account = machine.disk.steps();
        let (mut disk_ms, mut attested_ms) = (Vec::new(), Vec::new());
        // Once it has begun: cuts behind every picture from the first second on.
        for frame in FRAMES_A_SECOND..FRAMES {
            let (on_disk, attested) = kept(&unit, &account[..steps[usize::try_from(frame).unwrap()]], frame_bytes);
            disk_ms.push(ms(frame + 1 - on_disk));
            attested_ms.push(ms(frame + 1 - attested));
        }
        let (disk, attested) = (row(disk_ms), row(attested_ms));
        println!(
            "| {megabits} | {}, {}, {} | {}, {}, {} |",
            disk[0], disk[1], disk[2], attested[0], attested[1], attested[2]
        );
        // age holds back what does not fill a chunk, and a chunk until it knows that it is not the last.
        let held_back_ms = 2 * CHUNK_BYTES * 8 / (megabits * 1_000) + ms(3);
        assert!(disk[2] <= SYNC_MS + held_back_ms, "{megabits} Mbit/s: {disk:?}");
        assert!(attested[2] <= PREFIX_MS + SYNC_MS + held_back_ms, "{megabits} Mbit/s: {attested:?}");
    }
}

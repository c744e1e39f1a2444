use super::super::{Begin, Leaves, Nonce, Restarted, Seen};
use super::*;
use crate::keys::DeviceKey;
use crate::note::Checkpoint;
use crate::stamp::{ClockSource, Stamp};

struct Desk {
    device: DeviceKey,
    station: DeviceKey,
    writer: EntryWriter,
    tree: Tree,
    lines: Vec<Vec<u8>>,
}

fn stamp(at_s: u64) -> Stamp {
    let utc_us = i64::try_from(at_s).unwrap() * 1_000_000;
    Stamp { mono_ns: 0, utc_us, source: ClockSource::Ntp, uncertainty_us: 50_000 }
}

fn flight() -> FlightId {
    FlightId::new(1_700_000_000_000_000, [5; 10])
}

fn leaf(n: u64) -> Sha256 {
    Sha256::of(&n.to_be_bytes())
}

impl Desk {
    fn new() -> Self {
        let (device, station) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let mut desk =
            Self { device, station, writer: EntryWriter::new(flight()), tree: Tree::default(), lines: Vec::new() };
        let device_key = desk.device.public();
        desk.write(Kind::Begin(Begin { device: device_key.id(), device_key, trust_version: 3 }));
        desk
    }

    fn write(&mut self, kind: Kind) {
        let line = self.writer.line(kind, stamp(1_700_000_000 + self.lines.len() as u64), &self.station);
        self.lines.push(line);
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { flight: flight(), size: self.tree.size(), root: self.tree.root() }
    }

    fn grow(&mut self, by: u64) -> Vec<Sha256> {
        let leaves: Vec<Sha256> = (self.tree.size()..self.tree.size() + by).map(leaf).collect();
        leaves.iter().for_each(|leaf| self.tree.push(*leaf));
        leaves
    }

    fn head(&mut self, leaves: Vec<Sha256>) -> Kind {
        let checkpoint = self.checkpoint();
        let cosignature = checkpoint.cosign(&self.station, 1_700_000_000 + self.lines.len() as u64);
        Kind::Head(Head {
            leaves,
            note: checkpoint.sign(&self.device),
            cosignature: Some(Cosigned::from(&cosignature)),
            received_utc_us: 1,
        })
    }

    fn landed(&self, heads: u64, equivocations: u64) -> Kind {
        let Checkpoint { size, root, .. } = self.checkpoint();
        let reason = "closed".parse().unwrap();
        Kind::Landed(Landed { size, root, heads, longest_silence_ms: 7, equivocations, reason })
    }

    fn read(&self) -> Result<(Summary, Vec<Entry>), FileError> {
        read_bytes(&self.lines.concat(), &self.station)
    }
}

fn read_bytes(bytes: &[u8], station: &DeviceKey) -> Result<(Summary, Vec<Entry>), FileError> {
    let mut entries = Vec::new();
    let known = station.public();
    let summary = read(bytes, |id| (id == known.id()).then_some(known), |entry| entries.push(entry))?;
    Ok((summary, entries))
}

/// A file with every kind of entry.
fn whole() -> Desk {
    let mut desk = Desk::new();
    for by in [1, 3] {
        let leaves = desk.grow(by);
        let head = desk.head(leaves);
        desk.write(head);
    }
    desk.write(Kind::Nonce(Nonce { nonce: leaf(77), time_s: 1_700_000_001 }));
    let ahead = Checkpoint { size: 50, ..desk.checkpoint() }.sign(&desk.device);
    desk.write(Kind::Seen(Seen { note: ahead }));
    desk.write(Kind::Restarted(Restarted {}));
    // More leaves than an entry holds, the first lot dropped by a restart.
    desk.write(Kind::Leaves(Leaves { leaves: vec![leaf(99)] }));
    desk.write(Kind::Restarted(Restarted {}));
    let leaves = desk.grow(700);
    desk.write(Kind::Leaves(Leaves { leaves: leaves[..512].to_vec() }));
    let head = desk.head(leaves[512..].to_vec());
    desk.write(head);
    let held = desk.checkpoint().sign(&desk.device);
    let note = Checkpoint { root: leaf(1), ..desk.checkpoint() }.sign(&desk.device);
    desk.write(Kind::Equivocation(Equivocation { note: note.clone(), held: Some(held) }));
    desk.write(Kind::Equivocation(Equivocation { note, held: None }));
    let landed = desk.landed(3, 2);
    desk.write(landed);
    desk
}

#[test]
fn what_is_written_reads_back() {
    let desk = whole();
    let (summary, entries) = desk.read().unwrap();
    assert_eq!(entries.len(), desk.lines.len());
    assert_eq!((summary.tree.size(), summary.tree.root()), (704, desk.tree.root()));
    assert_eq!((summary.heads, summary.equivocations, summary.landed), (3, 2, true));
    assert_eq!((summary.writer, summary.torn_bytes), (desk.writer, 0));
    assert_eq!((summary.flight, summary.device), (flight(), desk.device.public()));
    let longest = desk.lines.iter().map(Vec::len).max().unwrap();
    assert!(longest < crate::record::MAX_LINE_BYTES, "{longest}");
}

#[test]
fn a_torn_last_line_is_reported_and_can_be_cut() {
    let desk = whole();
    let bytes = desk.lines.concat();
    for torn in 1..desk.lines.last().unwrap().len() {
        let (summary, entries) = read_bytes(&bytes[..bytes.len() - torn], &desk.station).unwrap();
        assert_eq!((entries.len(), summary.landed), (desk.lines.len() - 1, false));
        assert_eq!(summary.whole_bytes + summary.torn_bytes, (bytes.len() - torn) as u64);
    }
    assert!(matches!(read_bytes(&bytes[..20], &desk.station), Err(FileError::Empty)));
    assert!(matches!(read_bytes(b"", &desk.station), Err(FileError::Empty)));
}

#[test]
fn lines_dropped_doubled_swapped_or_changed_are_refused() {
    let desk = whole();
    let refused = |lines: &[Vec<u8>]| read_bytes(&lines.concat(), &desk.station).is_err();
    for at in 0..desk.lines.len() - 1 {
        let mut dropped = desk.lines.clone();
        dropped.remove(at);
        let mut doubled = desk.lines.clone();
        doubled.insert(at, desk.lines[at].clone());
        let mut swapped = desk.lines.clone();
        swapped.swap(at, at + 1);
        assert!(refused(&dropped) && refused(&doubled) && refused(&swapped), "line {at}");
    }
    for at in 0..desk.lines.len() {
        let length = desk.lines[at].len() - 1;
        for place in (0..length).step_by(length / 60) {
            let mut changed = desk.lines.clone();
            changed[at][place] ^= 1;
            assert!(refused(&changed), "line {at} byte {place}");
        }
    }
    let stranger = DeviceKey::from_seed([8; 32]);
    assert!(matches!(read_bytes(&desk.lines.concat(), &stranger), Err(FileError::UnknownStation(_))));
}

/// The fault of the last line, written by a station that does not keep the rules.
fn fault(wrong: impl FnOnce(&mut Desk) -> Kind) -> String {
    let mut desk = Desk::new();
    let leaves = desk.grow(2);
    let head = desk.head(leaves);
    desk.write(head);
    let kind = wrong(&mut desk);
    desk.write(kind);
    desk.read().err().expect("refused").to_string()
}

#[test]
fn a_station_that_breaks_the_rules_is_refused() {
    let says = |wrong: fn(&mut Desk) -> Kind, why: &str| {
        let fault = fault(wrong);
        assert!(fault.starts_with("line 3: ") && fault.contains(why), "{why}: {fault}");
    };
    says(|desk| desk.head(Vec::new()), "heads grow");
    says(
        |desk| {
            let _lost = desk.grow(1);
            desk.head(vec![leaf(9)])
        },
        "of the leaves",
    );
    says(
        |desk| {
            let leaves = desk.grow(513);
            desk.head(leaves)
        },
        "at most 512",
    );
    says(|_| Kind::Leaves(Leaves { leaves: Vec::new() }), "1 to 512");
    says(|desk| desk.landed(0, 0), "counts the entries");
    says(
        |desk| {
            desk.grow(1);
            desk.landed(1, 0)
        },
        "the last head",
    );
    says(
        |desk| {
            let device_key = desk.device.public();
            Kind::Begin(Begin { device: device_key.id(), device_key, trust_version: 3 })
        },
        "exactly in entry 0",
    );
    says(|desk| Kind::Seen(Seen { note: desk.checkpoint().sign(&desk.station) }), "another key");
    says(
        |desk| {
            let other = FlightId::new(1, [6; 10]);
            Kind::Seen(Seen { note: Checkpoint { flight: other, ..desk.checkpoint() }.sign(&desk.device) })
        },
        "of the file's flight",
    );
    says(
        |desk| {
            let note = desk.checkpoint().sign(&desk.device);
            Kind::Equivocation(Equivocation { note: note.clone(), held: Some(note) })
        },
        "two heads of one size",
    );
    says(|_| Kind::Nonce(Nonce { nonce: leaf(1), time_s: u64::MAX }), "below 2^63");
}

#[test]
fn a_cosignature_that_is_not_the_stations_is_refused() {
    for (who, time_shift, why) in [(3, 0, "does not verify"), (2, 1, "does not verify"), (2, 0, "")] {
        let mut desk = Desk::new();
        let leaves = desk.grow(1);
        let Kind::Head(mut head) = desk.head(leaves) else { unreachable!() };
        let made = desk.checkpoint().cosign(&DeviceKey::from_seed([who; 32]), 1_700_000_000);
        let mut cosigned = Cosigned::from(&made);
        cosigned.time_s += time_shift;
        head.cosignature = Some(cosigned);
        desk.write(Kind::Head(head));
        match desk.read() {
            Ok(_) => assert_eq!(why, ""),
            Err(error) => assert!(!why.is_empty() && error.to_string().contains(why), "{error}"),
        }
    }
}

#[test]
fn after_landed_nothing_is_cosigned() {
    let mut desk = Desk::new();
    let landed = desk.landed(0, 0);
    desk.write(landed);
    desk.write(Kind::Restarted(Restarted {}));
    assert!(desk.read().is_ok(), "the process may still be started");
    let leaves = desk.grow(1);
    let head = desk.head(leaves);
    desk.write(head);
    assert!(desk.read().err().unwrap().to_string().contains("after landed"));
}

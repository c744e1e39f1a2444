//! Witness files.

use crate::sample::{at, device, station};
use flight_record::note::Checkpoint;
use flight_record::tree::{Tree, leaf_hash};
use flight_record::witness::file::{Cosigned, EntryWriter, Head, Kind, Restarted, Summary, read};
use flight_record::{FlightId, Sha256};

/// The flight of the files that are made here.
pub(crate) const FLIGHT: [u8; 10] = [0xAB; 10];

/// The bytes as a witness file, and as entries a line each that the station signs and chains: `+` and an octet is a head
/// of so many new leaves, rightly signed and cosigned; anything else is an entry's kind and body.
pub fn witness(bytes: &[u8]) {
    judged(bytes);
    let flight = FlightId::new(at(0).utc_us, FLIGHT);
    let (mut writer, mut tree, mut file) = (EntryWriter::new(flight), Tree::default(), Vec::new());
    for (n, line) in bytes.split(|octet| *octet == b'\n').take(64).enumerate() {
        let kind = match line {
            [b'+', count] => Some(head(flight, &mut tree, *count)),
            _ => serde_json::from_slice::<Kind>(line).ok(),
        };
        if let Some(kind) = kind {
            file.extend(writer.line(kind, at(u32::try_from(n).unwrap()), &station()));
        }
    }
    judged(&file);
}

fn head(flight: FlightId, tree: &mut Tree, count: u8) -> Kind {
    let leaves: Vec<Sha256> = (0..u64::from(count)).map(|n| leaf_hash(&(tree.size() + n).to_le_bytes())).collect();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let checkpoint = Checkpoint { flight, size: tree.size(), root: tree.root() };
    let cosignature = Cosigned::from(&checkpoint.cosign(&station(), at(1).utc_us.unsigned_abs() / 1_000_000));
    let received_utc_us = at(1).utc_us;
    Kind::Head(Head { leaves, note: checkpoint.sign(&device()), cosignature: Some(cosignature), received_utc_us })
}

/// Reads a file; what it comes to is what was taken, and it can be gone on with.
fn judged(file: &[u8]) {
    let knows = |id| (id == station().public().id()).then(|| station().public());
    let (mut entries, mut heads) = (0_u64, 0_u64);
    let summary = read(file, knows, |entry| {
        entries += 1;
        heads += u64::from(matches!(entry.kind, Kind::Head(_)));
    });
    let lines = file.iter().filter(|octet| **octet == b'\n').count() as u64;
    assert!(entries <= lines);
    let Ok(summary) = summary else { return };
    assert_eq!((entries, summary.heads), (lines, heads));
    let Summary { whole_bytes, torn_bytes, mut writer, .. } = summary;
    assert_eq!(whole_bytes + torn_bytes, file.len() as u64);
    let whole = &file[..usize::try_from(whole_bytes).unwrap()];
    let more = writer.line(Kind::Restarted(Restarted {}), at(99), &station());
    let again = read(&[whole, &more].concat()[..], knows, |_| ()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((again.tree.size(), again.torn_bytes), (summary.tree.size(), 0));
}

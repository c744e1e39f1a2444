//! Sealed files, as far as they open.

use crate::sample::{at, device, facts, fixture, scratch};
use flight_record::Extent;
use flight_record::flight::Flight;
use flight_record::verify::{Identities, Opened, Plain, open_sealed};
use std::io;
use std::sync::LazyLock;

/// An age chunk as it lies in the file: 64 KiB and their tag.
const CHUNK_OCTETS: usize = 64 * 1024 + 16;

static IDENTITIES: LazyLock<Identities> = LazyLock::new(|| Identities::read(&fixture("identity")).unwrap());
/// A sealed file of three chunks, the last not full, and what is in it.
static SEALED: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let plain: Vec<u8> = (0..150_000_u32).map(|n| (n ^ (n >> 8)).to_le_bytes()[0]).collect();
    (seal(&plain), plain)
});

/// `plain`, sealed as the aircraft seals footage.
fn seal(plain: &[u8]) -> Vec<u8> {
    let temp = scratch();
    let flight = Flight::create(&temp.path().join("flights"), &device(), &temp.path().join("keys"), facts(), at(0));
    let flight = flight.unwrap();
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
    file.write(plain).unwrap();
    let sealed = file.finish().unwrap();
    std::fs::read(sealed.file.under(flight.dir())).unwrap()
}

/// Keeps what it is given.
struct Kept(Vec<u8>);

impl Plain for Kept {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// The first octet chooses: the rest is a sealed file as it stands, or edits to one whose content is known.
pub fn sealed_file(bytes: &[u8]) {
    let Some((&how, rest)) = bytes.split_first() else { return };
    if how & 1 == 0 {
        let _ = opened(rest);
        return;
    }
    let (sealed, plain) = &*SEALED;
    let edited = edited(sealed, rest);
    let (whole, got) = opened(&edited);
    assert!(plain.starts_with(&got), "nothing opens that was not sealed, and not in another order");
    assert_eq!(whole, edited == *sealed, "no file opens to its end but the one that was sealed");
    assert!(!whole || got == *plain);
    // What was not touched opens, in whole chunks.
    let same = sealed.iter().zip(&edited).take_while(|(a, b)| a == b).count();
    let header = sealed.len() - (plain.len() + 3 * 16);
    let chunks = same.saturating_sub(header) / CHUNK_OCTETS;
    assert!(got.len() >= chunks.min(2) * 64 * 1024 || edited.len() <= header + CHUNK_OCTETS, "{} of {same}", got.len());
}

/// Whether it opens to its end, and what it gave.
fn opened(sealed: &[u8]) -> (bool, Vec<u8>) {
    let mut kept = Kept(Vec::new());
    let opened = open_sealed(sealed, &IDENTITIES, &mut kept).unwrap();
    let plain = kept.0;
    assert!(plain.len() <= sealed.len());
    match opened {
        Opened::Whole(extent) => {
            assert_eq!(extent, Extent::of(&plain));
            return (true, plain);
        }
        Opened::Partly(extent, why) => assert!(extent == Extent::of(&plain) && !why.is_empty()),
        Opened::NoIdentity | Opened::Refused(_) => assert!(plain.is_empty()),
    }
    (false, plain)
}

/// Edits of six octets each: what, where (three), how much (two).
fn edited(sealed: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut file = sealed.to_vec();
    for &[what, high, middle, low, more, less] in edits.as_chunks::<6>().0.iter().take(8) {
        let at = u32::from_be_bytes([0, high, middle, low]) as usize % (file.len() + 1);
        let much = usize::from(u16::from_be_bytes([more, less]));
        match what % 5 {
            0 => file.truncate(at),
            1 => file.iter_mut().skip(at).take(1).for_each(|octet| *octet ^= less),
            2 => drop(file.drain(at..(at + much).min(file.len()))),
            3 => file.splice(at..at, sealed.iter().copied().take(much)).for_each(drop),
            _ => swap_chunks(&mut file, at % 3, much % 3),
        }
    }
    file
}

fn swap_chunks(file: &mut Vec<u8>, one: usize, other: usize) {
    let header = file.len().saturating_sub(150_000 + 3 * 16);
    let mut chunks: Vec<Vec<u8>> = file.split_off(header).chunks(CHUNK_OCTETS).map(<[u8]>::to_vec).collect();
    if one < chunks.len() && other < chunks.len() {
        chunks.swap(one, other);
    }
    file.extend(chunks.concat());
}

//! The parameter sets in force, by kind and id, so that every key picture can be written with its own.

use std::collections::BTreeMap;

use super::nal::Kind;
use super::{AuError, Codec, StreamInfo, h264, h265};

/// Longest parameter set that is kept; with the standards' bounds on ids this bounds the memory.
const MOST_OCTETS: usize = 16 * 1024;

/// Sets in the order they are written: video, sequence, sequence extension, picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Video,
    Sequence,
    SequenceExtension,
    Picture,
}

#[derive(Debug)]
struct Set {
    nal: Vec<u8>,
    /// A picture set's sequence set.
    refers_to: Option<u32>,
    info: Option<StreamInfo>,
}

#[derive(Debug, Default)]
pub(super) struct ParameterSets {
    sets: BTreeMap<(Rank, u32), Set>,
}

/// What came of one access unit's sets.
pub(super) struct Update<'a> {
    /// One is new, or differs from the one of the same id.
    pub(super) changed: bool,
    /// Those that could not be read, and so cannot be kept; they are passed on as they are.
    pub(super) unread: Vec<&'a [u8]>,
}

impl ParameterSets {
    /// Takes the sets of one access unit in the order they came; of two with the same id the last counts.
    ///
    /// A sequence set that changes takes the picture sets that referred to it with it: their meaning depends on it.
    pub(super) fn update<'a>(&mut self, codec: Codec, nals: &[(Kind, &'a [u8])]) -> Result<Update<'a>, AuError> {
        let mut incoming = BTreeMap::new();
        let mut update = Update { changed: false, unread: Vec::new() };
        for &(kind, nal) in nals {
            if nal.len() > MOST_OCTETS {
                return Err(AuError::ParameterSetTooLong { octets: nal.len(), most: MOST_OCTETS });
            }
            match read(codec, kind, nal) {
                Some((key, set)) => drop(incoming.insert(key, set)),
                None => update.unread.push(nal),
            }
        }
        // Ascending rank: sequence sets before the picture sets that refer to them.
        for ((rank, id), set) in incoming {
            if self.sets.get(&(rank, id)).is_some_and(|known| known.nal == set.nal) {
                continue;
            }
            update.changed = true;
            if rank == Rank::Sequence {
                self.sets.retain(|key, known| key.0 != Rank::Picture || known.refers_to != Some(id));
            }
            self.sets.insert((rank, id), set);
        }
        Ok(update)
    }

    /// All sets in force, in the order they are to be written.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &[u8]> {
        self.sets.values().map(|set| set.nal.as_slice())
    }

    /// What the sequence set of a slice says.
    pub(super) fn info(&self, codec: Codec, slice: &[u8]) -> Option<StreamInfo> {
        let picture = match codec {
            Codec::H264 => h264::slice_picture_set(slice),
            Codec::H265 => h265::slice_picture_set(slice),
        }?;
        let sequence = self.sets.get(&(Rank::Picture, picture))?.refers_to?;
        self.sets.get(&(Rank::Sequence, sequence))?.info
    }
}

/// A set under its rank and id; `None` for what is not a parameter set, or not one that can be read.
fn read(codec: Codec, kind: Kind, nal: &[u8]) -> Option<((Rank, u32), Set)> {
    let set = |refers_to, info| Set { nal: nal.to_vec(), refers_to, info };
    match (kind, codec) {
        (Kind::Video, _) => Some(((Rank::Video, h265::video(nal)?), set(None, None))),
        (Kind::Sequence, _) => {
            let (id, info) = match codec {
                Codec::H264 => h264::sequence(nal),
                Codec::H265 => h265::sequence(nal),
            }?;
            Some(((Rank::Sequence, id), set(None, Some(info))))
        }
        // One of a kind is kept: type 13 and type 15 are told apart by the header.
        (Kind::SequenceExtension, _) => Some(((Rank::SequenceExtension, u32::from(nal[0])), set(None, None))),
        (Kind::Picture, _) => {
            let (id, sequence) = match codec {
                Codec::H264 => h264::picture(nal),
                Codec::H265 => h265::picture(nal),
            }?;
            Some(((Rank::Picture, id), set(Some(sequence), None)))
        }
        (Kind::Delimiter | Kind::Sei | Kind::Prefix | Kind::Slice { .. } | Kind::Suffix, _) => None,
    }
}

//! What ground stations saw of the flight while it flew: their cosignatures, from the flight's own heads and from the
//! witness files that the reader brings, and what they come to.

mod coverage;
mod files;

pub(super) use coverage::{judge, shown};
pub(super) use files::check_all;

use crate::keys::KeyId;
use crate::note::{Cosignature, SignedNote, station_key_hash};
use crate::trust::{Entry, TrustList};
use std::collections::{BTreeMap, HashMap};

/// A cosignature that verifies, over a head that this flight has. Whether it counts is judged later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statement {
    /// POSIX seconds, by the station's clock.
    pub(super) time_s: u64,
    /// Records under the head.
    pub(super) size: u64,
    pub(super) station: KeyId,
}

/// How a statement was made.
pub(super) struct Heard {
    /// What the station states of its clock, µs.
    pub(super) uncertainty_us: u64,
    pub(super) cosignature: Cosignature,
}

/// All of them, in the order of their times.
pub(super) struct Gathered<'a> {
    trust: Option<&'a TrustList>,
    by_hash: HashMap<[u8; 4], Vec<&'a Entry>>,
    pub(super) statements: BTreeMap<Statement, Heard>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(trust: Option<&'a TrustList>) -> Self {
        let mut by_hash: HashMap<_, Vec<_>> = HashMap::new();
        for entry in trust.iter().flat_map(|trust| &trust.keys) {
            by_hash.entry(station_key_hash(&entry.public_key)).or_default().push(entry);
        }
        Self { trust, by_hash, statements: BTreeMap::new() }
    }

    /// Verifies every cosignature of a note. Without a trust list nobody can, and none is given.
    ///
    /// # Errors
    /// What is wrong with the first that is not good.
    pub(super) fn verified(&self, note: &SignedNote) -> Result<Vec<(Statement, Cosignature)>, String> {
        if self.trust.is_none() {
            return Ok(Vec::new());
        }
        let checkpoint = note.claimed();
        let verify = |line: &crate::note::CosignatureLine| {
            let holders = self.by_hash.get(&line.cosignature.key_hash);
            let holders = holders.ok_or_else(|| format!("cosigned by {}, which the unit does not list", line.name))?;
            let holder = holders.iter().find(|entry| line.verifies(checkpoint, &entry.public_key));
            let holder = holder.ok_or_else(|| format!("the cosignature of {} does not verify", line.name))?;
            let time_s = line.cosignature.time_s;
            Ok((Statement { time_s, size: checkpoint.size, station: holder.id }, line.cosignature))
        };
        note.cosignature_lines().iter().map(verify).collect()
    }

    /// Takes a statement over a head that agrees with the records.
    pub(super) fn take(&mut self, statement: Statement, cosignature: Cosignature, uncertainty_us: u64) {
        let heard = self.statements.entry(statement).or_insert(Heard { uncertainty_us, cosignature });
        heard.uncertainty_us = uncertainty_us.max(heard.uncertainty_us);
    }
}

//! The Airspace workspace: datasets, zones, and the unit's permissions as a board.

mod cards;
mod datasets;
mod find;
mod permit;
mod step;
mod times;
mod work;
mod zone_words;
mod zones;

pub(crate) use cards::{Card, Next, Stage, board, kind_words, limits, state_words, title};
pub(crate) use datasets::{Age, Import, age};
pub(crate) use find::{Query, query};
pub(crate) use permit::{Field, Permit, next_id};
pub(crate) use step::{Pen, Step, StepForm, reason, step_words};
pub(crate) use times::Moment;
pub(crate) use work::{AirspaceEvent, Doing, Done, Keep, Stage as ImportStage, Work, Workspace};
pub(crate) use zone_words::{zone_facts, zone_kind_words};
pub(crate) use zones::{Looking, ZoneKey, ZoneRow};

use flight_record::Sha256;
use mission_profiles::authorisation::Authorisation;
use mission_profiles::zones::{Dataset, Zone};

/// Everything the workspace shows, as it was read last.
pub(crate) struct Airspace {
    /// The datasets, or why there are none.
    pub(crate) datasets: Result<Vec<Dataset>, String>,
    /// The permissions, or why they cannot be read.
    pub(crate) permissions: Result<Vec<Permission>, String>,
    extents: Vec<zones::Extent>,
}

/// A permission of the register, and how it came to be what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Permission {
    /// Its newest version.
    pub(crate) authorisation: Authorisation,
    /// That version's digest: what the next one takes the place of.
    pub(crate) digest: Sha256,
    /// Every version, oldest first.
    pub(crate) versions: Vec<Entered>,
}

/// A version of a permission, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entered {
    /// The version's digest.
    pub(crate) digest: Sha256,
    /// The ledger's line.
    pub(crate) line: u64,
    /// When, POSIX µs.
    pub(crate) at_utc_us: i64,
    /// By whom.
    pub(crate) by: String,
    /// Why.
    pub(crate) reason: String,
}

impl Airspace {
    /// Of what was read.
    pub(crate) fn new(datasets: Result<Vec<Dataset>, String>, permissions: Result<Vec<Permission>, String>) -> Self {
        let extents = zones::extents(datasets.as_deref().unwrap_or_default());
        Self { datasets, permissions, extents }
    }

    /// The datasets; none, when they cannot be read.
    pub(crate) fn datasets(&self) -> &[Dataset] {
        self.datasets.as_deref().unwrap_or_default()
    }

    /// The permissions; none, when they cannot be read.
    pub(crate) fn permissions(&self) -> &[Permission] {
        self.permissions.as_deref().unwrap_or_default()
    }

    /// The permission of this id.
    pub(crate) fn permission(&self, id: &str) -> Option<&Permission> {
        self.permissions().iter().find(|known| known.authorisation.id == id)
    }

    /// A zone, and the dataset it is of.
    pub(crate) fn zone(&self, key: ZoneKey) -> Option<(&Dataset, &Zone)> {
        let dataset = self.datasets().iter().find(|dataset| dataset.source.sha256 == key.dataset)?;
        dataset.zones.get(key.zone).map(|zone| (dataset, zone))
    }

    /// The first zone of this identifier.
    pub(crate) fn zone_called(&self, identifier: &str) -> Option<(ZoneKey, &Zone)> {
        self.datasets().iter().find_map(|dataset| {
            let zone = dataset.zones.iter().position(|zone| zone.identifier == identifier)?;
            Some((ZoneKey { dataset: dataset.source.sha256, zone }, dataset.zones.get(zone)?))
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;

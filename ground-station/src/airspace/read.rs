//! Zones and register, read whole.

use anyhow::Result;
use evidence_store::people::People;
use evidence_store::register::{Register, Version, versions};
use evidence_store::store::Folder;

use super::Homes;
use crate::desk::{self, Office};
use crate::state::board::{Airspace, Entered, Permission};
use crate::tasks::meter::Meter;
use crate::{auth, zones};

/// Everything, its bytes counted; where something cannot be read, why.
pub(super) fn everything(homes: &Homes, meter: &Meter<'_>) -> Airspace {
    let datasets = match &homes.zones {
        // A station that has imported nothing yet has no folder.
        Some(dir) if !dir.exists() => Ok(Vec::new()),
        dir => zones::datasets_watched(dir.as_deref(), meter).map_err(|error| format!("{error:#}")),
    };
    let permissions = match &homes.office {
        Some(office) => permissions(office).map_err(|error| format!("{error:#}")),
        None => Err("The settings name no store, and the register of permissions is there: name its folder under [stores], as `first`.".into()),
    };
    Airspace::new(datasets, permissions)
}

/// Every permission of the register, and its versions.
pub(super) fn permissions(office: &Office) -> Result<Vec<Permission>> {
    let outside = office.outside();
    let folder = Folder::open(&office.store)?;
    let all = versions(&desk::ledger(&folder, &office.store, &outside)?, Register::Authorisations)?;
    let accounts = People::open(&office.store.join("people.sqlite"))?.accounts()?;
    let entered = |version: &Version| {
        let entry = &version.entry;
        let by = accounts.iter().find(|account| account.person == entry.actor.person);
        Entered {
            digest: version.digest,
            line: entry.place_in_ledger.seq,
            at_utc_us: entry.place_in_ledger.at_utc_us,
            by: by.map_or_else(|| entry.actor.person.to_string(), |account| account.label.to_string()),
            reason: entry.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    };
    let held = auth::held(&office.store, &outside)?.into_iter().map(|held| {
        let history = desk::chain(&all, held.version.digest);
        Permission {
            authorisation: held.authorisation,
            digest: held.version.digest,
            versions: history.into_iter().map(entered).collect(),
        }
    });
    Ok(held.collect())
}

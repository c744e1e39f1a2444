//! The trust list of the station, read again when its file changes, never an older one.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flight_record::keys::KeyId;
use flight_record::trust::{Role, TrustError, TrustList, Watched};

/// How long it is looked away from the file.
const LOOK_NS: u64 = 2_000_000_000;

/// The file and when it was last looked at.
pub(crate) struct Trusted {
    watched: Watched,
    looked_ns: u64,
}

impl Trusted {
    /// For the list at `path`, signed by the root with this fingerprint; what was seen is kept in `dir`.
    pub(crate) fn new(path: &Path, dir: &Path, root: KeyId) -> Self {
        Self { watched: Watched::new(path, &dir.join("trust.held"), root), looked_ns: 0 }
    }

    /// Reads the list, in which `station` must be a ground station now.
    ///
    /// # Errors
    /// Names the file and the cure.
    pub(crate) fn read(&mut self, station: KeyId, now_utc_us: i64) -> Result<TrustList> {
        let name = self.watched.path().display().to_string();
        let list = self.watched.read(|_| Ok::<_, TrustError>(())).with_context(|| format!("the trust list {name}"))?;
        if list.expires_utc_us <= now_utc_us {
            bail!("the trust list {name} has expired; get the unit's newest one");
        }
        list.vouches(station, Role::Station, now_utc_us).with_context(|| {
            format!(
                "{name} does not make this key a ground station; enrol it: skyseal-ground trust enrol --role station"
            )
        })?;
        Ok(list)
    }

    /// Whether the file has changed since it was read; looks every two seconds.
    pub(crate) fn has_changed(&mut self, now_ns: u64) -> bool {
        if now_ns.saturating_sub(self.looked_ns) < LOOK_NS {
            return false;
        }
        self.looked_ns = now_ns;
        self.watched.has_changed()
    }
}

//! Where a handover happens: the stores, whom the unit trusts, and what the ground kept of flights.

use super::attachments::small_file;
use super::{From, stamp};
use crate::clock;
use anyhow::{Context as _, Result, bail};
use evidence_store::intake::{FolderSource, NetworkSource, Source};
use evidence_store::ledger::HEADS_FILE;
use evidence_store::store::Folder;
use flight_record::Label;
use flight_record::keys::{DeviceKey, KeyId, PublicKey};
use flight_record::trust::{Held, Role, TrustList};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is missing for an aircraft on the network.
pub(super) const MISSING: &str =
    "an aircraft on the network is met with --key (this station's) and --device (its key id)";

/// What stays the same from one handover to the next.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The store the flights come to.
    pub(crate) store: PathBuf,
    /// The store of the second copy.
    pub(crate) second: PathBuf,
    /// Further files that keep the ledger's newest head.
    pub(crate) outside_head: Vec<PathBuf>,
    /// Folder of the witness files.
    pub(crate) witness_dir: Option<PathBuf>,
    /// Folder of the wraps.
    pub(crate) wraps: Option<PathBuf>,
    /// Folder of the reasons that were kept.
    pub(crate) reasons: Option<PathBuf>,
    /// The unit's trust.json.
    pub(crate) trust: PathBuf,
    /// Fingerprint of the unit's root.
    pub(crate) root: KeyId,
    /// Key of this ground station; for aircraft on the network.
    pub(crate) key: Option<PathBuf>,
    /// Where this happens.
    pub(crate) place: Label,
    /// A time-stamping authority, and the roots its answers must lead to.
    pub(crate) authority: Option<stamp::Named>,
}

/// The stores and the trust list, read and accepted.
pub(super) struct Stand {
    pub(super) stores: (Folder, Folder),
    pub(super) trust: TrustList,
    pub(super) trust_json: Vec<u8>,
}

impl Setup {
    /// Opens the stores, and accepts the trust list.
    pub(super) fn stand(&self) -> Result<Stand> {
        let trust_json = small_file(&self.trust).context("the trust list cannot be read")?;
        let stores = (Folder::open(&self.store)?, Folder::open(&self.second)?);
        let seen = self.store.join("trust.held");
        let trust = Held::accept(&seen, &trust_json, self.root)
            .with_context(|| format!("{} is refused", self.trust.display()))?;
        Ok(Stand { stores, trust, trust_json })
    }

    /// The accounts of the unit.
    pub(crate) fn people(&self) -> PathBuf {
        self.store.join("people.sqlite")
    }

    /// Where the ledger's heads are kept outside the first store.
    pub(super) fn heads(&self) -> Vec<PathBuf> {
        let mut outside = vec![self.second.join(HEADS_FILE)];
        outside.extend(self.outside_head.iter().cloned());
        outside
    }

    /// The source of this name. An aircraft on the network is given up on when `stop` is set.
    pub(super) fn source(
        &self,
        from: &From,
        device: Option<KeyId>,
        trust: &TrustList,
        stop: &Arc<AtomicBool>,
    ) -> Result<Box<dyn Source>> {
        let address = match from {
            From::Folder(path) => return Ok(Box::new(FolderSource::open(path)?)),
            From::Aircraft(address) => address,
        };
        let (Some(key), Some(device)) = (&self.key, device) else {
            bail!("{MISSING}");
        };
        let station = DeviceKey::load(key)?;
        let trust = trust.clone();
        let accepts = move |key: &PublicKey| trust.vouches(key.id(), Role::Device, clock::now_utc_us()).is_ok();
        let source = NetworkSource::new(address, &station, device, Arc::new(accepts))?;
        Ok(Box::new(source.stopped_by(Arc::clone(stop))))
    }
}

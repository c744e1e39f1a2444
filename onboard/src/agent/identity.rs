//! Who this aircraft is and what a flight must say of it: keys, certificate, software, recipients.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use flight_record::flight::OpenFacts;
use flight_record::keys::{self, DeviceKey, KeyId};
use flight_record::recipients::{OneTime, Recipient};
use flight_record::record::Software;
use flight_record::trust::Certificate;
use flight_record::{BootId, Code, Sha256, Stamp};

use crate::config::Config;
use crate::trusted::Trusted;

/// PTS 90000 stands for this long before a flight opens, so that the pre-roll has a PTS too.
const PTS_EPOCH_BEFORE_OPEN_US: i64 = 60 * 1_000_000;
/// A certificate that ends within this time is warned of.
const CERTIFICATE_WARNING_US: i64 = 14 * 86_400 * 1_000_000;

/// Everything about this aircraft that outlives a flight.
pub struct Identity {
    /// Signs `open`, checkpoints and recoveries.
    pub device: DeviceKey,
    /// Whom the unit trusts, at the newest version ever seen aboard.
    pub trust: Arc<Trusted>,
    /// This program.
    pub software: Software,
    /// This run of the computer.
    pub boot_id: BootId,
    configuration: Vec<u8>,
}

impl Identity {
    /// Reads keys and trust as `config` says; `config_path` is sealed into each flight.
    ///
    /// # Errors
    /// Names the file and the cure.
    pub fn load(config: &Config, config_path: &Path, now_utc_us: i64) -> Result<Self> {
        let keys = &config.keys;
        let device = DeviceKey::load(&keys.device)
            .with_context(|| format!("device key {}; `skyseal-onboard enrol` makes one", keys.device.display()))?;
        let trust = Arc::new(trusted(config, device.public().id())?);
        if now_utc_us > trust.list().expires_utc_us {
            // As with the certificate: whoever asks the list judges by the time at which it is asked.
            tracing::warn!("the trust list has expired: no station can dock or witness until a newer one is aboard");
        }
        let certificate = certificate(&trust, device.public().id())?;
        let ends_in_us = certificate.valid_until_utc_us.saturating_sub(now_utc_us);
        if ends_in_us < CERTIFICATE_WARNING_US {
            // A wrong clock must not ground the aircraft: the verifier judges by the record.
            tracing::warn!(days = ends_in_us / 86_400_000_000, "the certificate of this device ends soon or has ended");
        }
        std::fs::create_dir_all(&keys.run_dir).with_context(|| {
            format!("{}: cannot be made; set keys.run_dir to a tmpfs folder", keys.run_dir.display())
        })?;
        if !keys::is_volatile(&keys.run_dir).unwrap_or(false) {
            tracing::warn!(run_dir = %keys.run_dir.display(), "not a tmpfs: the record key would survive on the disk");
        }
        Ok(Self {
            device,
            trust,
            software: software()?,
            boot_id: boot_id()?,
            configuration: std::fs::read(config_path)?,
        })
    }

    /// The unit's word for this device, by the list in force.
    ///
    /// # Errors
    /// When that list does not name it, which no list in force does.
    pub fn certificate(&self) -> Result<Certificate> {
        certificate(&self.trust, self.device.public().id())
    }

    /// What a new flight says in its `open`, sealed to the recipient the ground offered for it, else to the next one-time
    /// recipient; also whether that one has been used before.
    ///
    /// # Errors
    /// When no recipient can be had at all.
    pub fn open_facts(
        &self,
        config: &Config,
        offered: Option<Recipient>,
        audio_dropped: bool,
        at: Stamp,
    ) -> Result<(OpenFacts, bool)> {
        let (recipient, reused) = match offered {
            Some(recipient) => (recipient, false),
            None => recipient(&config.keys.recipients)?,
        };
        let configuration: Code = "configuration".parse()?;
        let certificate = self.certificate()?;
        let facts = OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![recipient],
            pts_epoch_utc_us: at.utc_us - PTS_EPOCH_BEFORE_OPEN_US,
            audio_dropped,
            software: self.software.clone(),
            configuration_sha256: Sha256::of(&self.configuration),
            documents: vec![(configuration, self.configuration.clone())],
            boot_id: self.boot_id,
        };
        Ok((facts, reused))
    }
}

/// The trust list, never older than one seen before.
fn trusted(config: &Config, device: KeyId) -> Result<Trusted> {
    let keys = &config.keys;
    let root = keys.root.parse().with_context(|| format!("keys.root: `{}` is no fingerprint", keys.root))?;
    std::fs::create_dir_all(&config.storage.dir)
        .with_context(|| format!("{} cannot be made", config.storage.dir.display()))?;
    Trusted::load(&keys.trust, &config.storage.dir.join("trust.held"), root, device)
}

/// A list is in force only when it lists this device ([`Trusted::load`]).
fn certificate(trust: &Trusted, device: KeyId) -> Result<Certificate> {
    trust.list().certificate(device).context("the trust list in force does not list this device")
}

/// The next one-time recipient, or the last one again when all are used: a flight is never lost for a lack of paper.
fn recipient(public: &Path) -> Result<(Recipient, bool)> {
    let used = public.with_extension("used");
    match OneTime::take(public, &used) {
        Ok(recipient) => Ok((recipient, false)),
        Err(error) => {
            let list = std::fs::read_to_string(public).with_context(|| {
                format!("{}; load recipients with `skyseal-ground recipients make`", public.display())
            })?;
            let last = list.lines().rev().find_map(|line| line.trim().parse().ok());
            let Some(last) = last else { bail!(anyhow::Error::new(error).context("no age recipient aboard")) };
            tracing::warn!("every one-time recipient is used; the last one seals this flight too");
            Ok((last, true))
        }
    }
}

fn software() -> Result<Software> {
    let executable = std::fs::read("/proc/self/exe").context("this program's own file")?;
    Ok(Software {
        name: env!("CARGO_PKG_NAME").parse()?,
        version: env!("CARGO_PKG_VERSION").parse()?,
        sha256: Sha256::of(&executable),
    })
}

fn boot_id() -> Result<BootId> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").context("the boot id of this system")?;
    Ok(text.trim().parse()?)
}

//! The hub of a command, signing where a key was given.
//!
//! Timestamps of signing outlive the command in a folder beside the key, `KEY.used`. Commands that run at once each take a place
//! of their own in it, and with it link ids of their own: what one signs is no replay of what another did.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};
use vehicle_link::endpoint::Endpoint;
use vehicle_link::hub::{Hub, Refusals, Signer};
use vehicle_link::signing::{Key, TimestampFile};

use crate::clock;

/// Commands that may sign with one key at once on this machine.
const PLACES: u8 = 16;
/// Link ids of each.
const LINKS: u8 = 16;

/// The links of a command.
pub(crate) struct Links {
    pub(crate) hub: Hub,
    names: Vec<String>,
    refusals: Refusals,
    /// Keeps the place taken.
    _place: Option<File>,
}

impl Links {
    /// Opens them; with a key, what is not signed with it is refused.
    ///
    /// # Errors
    /// When one cannot be opened, or the key not be used.
    pub(crate) async fn open(endpoints: &[Endpoint], signing_key: Option<&Path>) -> Result<Self> {
        let clock = Arc::new(clock::SystemClock);
        let names: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
        let (opened, place) = match signing_key {
            None => (Hub::open(endpoints, clock).await, None),
            Some(path) => {
                if endpoints.len() > usize::from(LINKS) {
                    bail!("{} links: {LINKS} can be signed at once", endpoints.len());
                }
                let (signer, place) = signer(path)?;
                (Hub::open_signed(endpoints, clock, signer).await, Some(place))
            }
        };
        let hub = opened.with_context(|| format!("the link {} cannot be opened", names.join(", ")))?;
        Ok(Self { hub, names, refusals: Refusals::default(), _place: place })
    }

    /// What signing refused, where it is time to tell: a line a link.
    pub(crate) fn refused(&mut self, now_ns: u64) -> Vec<String> {
        let news = self.refusals.news(&self.hub.statistics(), now_ns);
        let name = |link: usize| self.names.get(link).map_or("", String::as_str);
        news.into_iter().map(|(link, refused)| format!("{}: frames refused so far: {refused}", name(link.0))).collect()
    }

    /// All that signing refused, link by link; nothing where nothing was.
    pub(crate) fn refused_so_far(&self) -> Option<String> {
        let statistics = self.hub.statistics();
        let told = self.names.iter().zip(&statistics).map(|(name, link)| (name, link.refused().to_string()));
        let told: Vec<String> = told
            .filter(|(_, refused)| !refused.is_empty())
            .map(|(name, refused)| format!("{name}: {refused}"))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

fn signer(path: &Path) -> Result<(Signer, File)> {
    let key = Key::load(path)?;
    let mut folder = path.as_os_str().to_owned();
    folder.push(".used");
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made; timestamps of signing are kept there", folder.display()))?;
    let utc_us = u64::try_from(clock::now_utc_us()).unwrap_or(0);
    for place in 0..PLACES {
        let path = folder.join(format!("{place}.lock"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(|| format!("{} cannot be opened", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let file = TimestampFile::new(folder.join(place.to_string()));
            let signer = Signer::open(key, file, &clock::SystemClock, utc_us)?;
            return Ok((signer.from_link_id(place * LINKS), lock));
        }
    }
    bail!("{PLACES} commands sign with {} already; end one of them", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_at_once_sign_in_places_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mavlink.key");
        Key::of_passphrase("correct horse battery").create(&path).unwrap();
        let endpoint = ["udpin:127.0.0.1:0".parse().unwrap()];
        let first = Links::open(&endpoint, Some(&path)).await.unwrap();
        let _second = Links::open(&endpoint, Some(&path)).await.unwrap();
        let kept = |place: &str| folder.path().join("mavlink.key.used").join(place).is_file();
        assert!(kept("0") && kept("1") && !kept("2"));
        drop(first);
        let _third = Links::open(&endpoint, Some(&path)).await.unwrap();
        assert!(!kept("2"), "the place of the first is free again");
        let missing = Links::open(&endpoint, Some(&folder.path().join("none"))).await.err().unwrap();
        assert!(missing.to_string().contains("trust mavlink-key"), "{missing}");
    }
}

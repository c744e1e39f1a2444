//! The recipient that a station offered for the next flight: kept over restarts, used once.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flight_record::keys::KeyId;
use flight_record::recipients::Recipient;
use serde::{Deserialize, Serialize};

use crate::uplink::beacon::Offer;

/// Largest file read, in bytes: 200 stations and more.
const MAX_BYTES: u64 = 1 << 16;

/// What the file holds.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// For the next flight.
    recipient: Option<Recipient>,
    /// The time of the last offer taken, by the station's key id: older ones are replays.
    offers: BTreeMap<String, u64>,
}

/// The recipient from the ground.
#[derive(Debug)]
pub(super) struct Offered {
    path: PathBuf,
    kept: Kept,
}

impl Offered {
    /// Reads what is kept beside the list of one-time recipients; a file that cannot be read is put aside, and said.
    pub(super) fn load(recipients: &Path) -> Self {
        let path = recipients.with_extension("offered");
        let kept = match read(&path) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "put aside: the recipient kept for the next flight is lost");
                let _ = fs::rename(&path, path.with_extension("offered.damaged"));
                Kept::default()
            }
        };
        Self { path, kept }
    }

    /// For the next flight.
    pub(super) fn recipient(&self) -> Option<Recipient> {
        self.kept.recipient.clone()
    }

    /// The time of the last offer taken, by station.
    pub(super) fn offers(&self) -> BTreeMap<KeyId, u64> {
        self.kept.offers.iter().filter_map(|(id, time_s)| Some((id.parse().ok()?, *time_s))).collect()
    }

    /// Keeps an offer for the next flight, durably.
    ///
    /// # Errors
    /// When it cannot be written: then it is not kept.
    pub(super) fn keep(&mut self, offer: Offer) -> io::Result<()> {
        let mut kept = self.kept.clone();
        kept.recipient = Some(offer.recipient);
        kept.offers.insert(offer.station.to_string(), offer.time_s);
        self.write(kept)
    }

    /// Takes the recipient for a flight: it is gone, durably, before it is used, so that a crash may waste it but never
    /// uses it twice.
    ///
    /// # Errors
    /// When that cannot be written: then it is not used.
    pub(super) fn take(&mut self) -> io::Result<Option<Recipient>> {
        let recipient = self.kept.recipient.clone();
        if recipient.is_some() {
            self.write(Kept { recipient: None, offers: self.kept.offers.clone() })?;
        }
        Ok(recipient)
    }

    fn write(&mut self, kept: Kept) -> io::Result<()> {
        let next = self.path.with_extension("offered.next");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&next)?;
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.sync_all()?;
        fs::rename(&next, &self.path)?;
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        self.kept = kept;
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<Kept> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        file => file?.take(MAX_BYTES).read_to_end(&mut bytes)?,
    };
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::Sha256;

    #[test]
    fn an_offer_outlives_a_restart_and_is_used_once() {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("recipients.txt");
        let station = Sha256::of(b"station");
        let recipient = Recipient::of_key(&[9; 32]).unwrap();
        let mut offered = Offered::load(&list);
        assert_eq!(offered.take().unwrap(), None);
        offered.keep(Offer { station, time_s: 7, recipient: recipient.clone() }).unwrap();
        let mut again = Offered::load(&list);
        assert_eq!(again.offers(), BTreeMap::from([(station, 7)]));
        assert_eq!(again.take().unwrap(), Some(recipient));
        assert_eq!(again.take().unwrap(), None);
        let last = Offered::load(&list);
        assert_eq!((last.recipient(), last.offers().len()), (None, 1), "the time stays: a replay is known");
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_does_not_ground_the_aircraft() {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("recipients.txt");
        fs::write(list.with_extension("offered"), b"{\"recip").unwrap();
        assert_eq!(Offered::load(&list).recipient(), None);
        assert!(!list.with_extension("offered").exists());
        assert_eq!(fs::read(list.with_extension("offered.damaged")).unwrap(), b"{\"recip");
    }
}

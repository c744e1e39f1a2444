//! The challenge: what makes an erase order good for one erasure of one flight, and for no other.

use super::DockError;
use crate::digest::Sha256;
use crate::durable;
use crate::keys::{self, KeyError};
use crate::names::FlightId;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The folder, beside `flights/`, that holds challenges and orders.
pub const FOLDER: &str = "dock";

/// 32 random bytes that the aircraft made when the flight was closed, kept in `dock/<flight>.challenge` as 64
/// hexadecimal digits. It goes when the flight is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub Sha256);

impl Challenge {
    /// Where the challenge of a flight lies.
    pub fn path(dock_dir: &Path, flight: FlightId) -> PathBuf {
        dock_dir.join(format!("{flight}.challenge"))
    }

    /// The challenge of a flight, made now if there is none yet; durable on return.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn make(dock_dir: &Path, flight: FlightId) -> Result<Self, DockError> {
        if let Some(held) = Self::held(dock_dir, flight)? {
            return Ok(held);
        }
        let path = Self::path(dock_dir, flight);
        let io = || DockError::io("cannot write the challenge", &path);
        let random = keys::random::<32>().map_err(|error| match error {
            KeyError::Random(source) => io()(source),
            other => io()(io::Error::other(other)),
        })?;
        let challenge = Self(Sha256(*random));
        let fresh = path.with_extension("challenge.new");
        durable::create_folder_of(&path).map_err(io())?;
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&fresh)
            .and_then(|mut file| file.write_all(format!("{}\n", challenge.0).as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&fresh, &path))
            .and_then(|()| durable::sync_parent(&path))
            .map_err(io())?;
        Ok(challenge)
    }

    /// The challenge of a flight, if there is one. A file that holds none counts as none: a new one is made.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn held(dock_dir: &Path, flight: FlightId) -> Result<Option<Self>, DockError> {
        let path = Self::path(dock_dir, flight);
        let mut text = String::new();
        match fs::File::open(&path).and_then(|file| file.take(128).read_to_string(&mut text)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(DockError::io("cannot read the challenge", &path)(error)),
            Ok(_) => Ok(text.strip_suffix('\n').and_then(|digits| digits.parse().ok()).map(Self)),
        }
    }

    /// Removes the challenge of a flight, durably: no order is good for it any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn spend(dock_dir: &Path, flight: FlightId) -> Result<(), DockError> {
        let path = Self::path(dock_dir, flight);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.and_then(|()| durable::sync_parent(&path)),
        }
        .map_err(DockError::io("cannot remove the challenge", &path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_made_once_kept_and_spent() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join(FOLDER);
        let (flight, other) = (FlightId::new(1, [1; 10]), FlightId::new(1, [2; 10]));
        assert_eq!(Challenge::held(&dir, flight).unwrap(), None);
        let made = Challenge::make(&dir, flight).unwrap();
        assert_eq!(Challenge::make(&dir, flight).unwrap(), made);
        assert_eq!(Challenge::held(&dir, flight).unwrap(), Some(made));
        assert_ne!(Challenge::make(&dir, other).unwrap(), made);
        Challenge::spend(&dir, flight).unwrap();
        Challenge::spend(&dir, flight).unwrap();
        assert_eq!(Challenge::held(&dir, flight).unwrap(), None);
        assert_ne!(Challenge::make(&dir, flight).unwrap(), made, "never the same again");
        for torn in ["", "abc", "\u{0}", &"0".repeat(64)] {
            fs::write(Challenge::path(&dir, flight), torn).unwrap();
            assert_eq!(Challenge::held(&dir, flight).unwrap(), None, "{torn}");
        }
    }
}

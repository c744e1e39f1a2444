//! Whom the unit trusts, as the aircraft knows it now: the newest list ever seen aboard, taken anew while the agent runs.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use flight_record::keys::KeyId;
use flight_record::trust::{TrustList, Watched};

/// The list in force, and its file. The lock of the list is held for a moment only, never while a disk is waited for.
#[derive(Debug)]
pub struct Trusted {
    device: KeyId,
    list: Mutex<Arc<TrustList>>,
    watched: Mutex<Watched>,
}

impl Trusted {
    /// Reads the list at `path`, signed by the root with this fingerprint, in which `device` must be certified; what was
    /// seen is kept in `state_file`.
    ///
    /// # Errors
    /// Names the file and the cure: unreadable, refused, older than one seen before, or without this device.
    pub fn load(path: &Path, state_file: &Path, root: KeyId, device: KeyId) -> Result<Self> {
        let mut watched = Watched::new(path, state_file, root);
        let list = read(&mut watched, device)?;
        Ok(Self { device, list: Mutex::new(Arc::new(list)), watched: Mutex::new(watched) })
    }

    /// The list in force.
    #[must_use]
    pub fn list(&self) -> Arc<TrustList> {
        Arc::clone(&locked(&self.list))
    }

    /// Looks at the file, and reads it when it has changed: nothing while it has not, or says the same; else the list
    /// that is in force from now on, held to the rules of [`Trusted::load`].
    ///
    /// # Errors
    /// Once for each change, as [`Trusted::load`]; the list before stays in force.
    pub fn look(&self) -> Result<Option<Arc<TrustList>>> {
        let mut watched = locked(&self.watched);
        if !watched.has_changed() {
            return Ok(None);
        }
        let list = Arc::new(read(&mut watched, self.device)?);
        let before = std::mem::replace(&mut *locked(&self.list), Arc::clone(&list));
        Ok((before.version != list.version).then_some(list))
    }
}

fn read(watched: &mut Watched, device: KeyId) -> Result<TrustList> {
    let name = watched.path().display().to_string();
    let lists = |list: &TrustList| match list.certificate(device) {
        Some(_) => Ok(()),
        None => Err(anyhow!(
            "version {} does not list device {device}; enrol it with `skyseal-ground trust enrol` and copy the new list",
            list.version
        )),
    };
    watched.read(lists).with_context(|| format!("trust list {name}; the unit's newest trust.json belongs there"))
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::keys::DeviceKey;
    use flight_record::trust::{Class, EnrolmentRequest, Grant, Revocation, Role, Validity};
    use std::fs;

    const NOW_US: i64 = 1_777_636_800_000_000;

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_seed([n; 32])
    }

    fn with(list: TrustList, n: u8, grant: Grant) -> TrustList {
        let request = EnrolmentRequest::write(&key(n), format!("key {n}").parse().unwrap(), NOW_US);
        let validity = Validity { from_utc_us: NOW_US, days: 30 };
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    }

    fn replace(path: &Path, bytes: &[u8]) {
        let fresh = path.with_extension("new");
        fs::write(&fresh, bytes).unwrap();
        fs::rename(fresh, path).unwrap();
    }

    #[test]
    fn a_newer_list_is_taken_and_any_other_is_said_once() {
        let dir = tempfile::tempdir().unwrap();
        let (path, state) = (dir.path().join("trust.json"), dir.path().join("trust.held"));
        let unit = TrustList::first("unit".parse().unwrap(), key(9).public(), NOW_US);
        let without = with(unit, 2, Grant::station());
        let first = with(without.clone(), 1, Grant::device(Class::Simulated));
        replace(&path, &first.seal(&key(9)));
        let (device, station) = (key(1).public().id(), key(2).public().id());
        let trusted = Trusted::load(&path, &state, key(9).public().id(), device).unwrap();
        assert!(trusted.look().unwrap().is_none(), "nothing has changed");

        let lost = Revocation { at_utc_us: NOW_US, reason: "lost".parse().unwrap() };
        let newer = first.clone().with_revoked(station, lost, NOW_US).unwrap();
        replace(&path, &newer.seal(&key(9)));
        assert_eq!(trusted.look().unwrap().map(|list| list.version), Some(newer.version));
        assert!(trusted.list().vouches(station, Role::Station, NOW_US).is_err());

        let nameless = with(with(without, 3, Grant::store()), 4, Grant::store());
        let nameless = with(with(nameless, 5, Grant::store()), 6, Grant::store());
        for (bytes, why) in [
            (first.seal(&key(9)), "is older than version"),
            (newer.seal(&key(8)), "signed by root"),
            (nameless.seal(&key(9)), "does not list device"),
            (b"{\"payload".to_vec(), "envelope"),
            (vec![b' '; 5 << 20], "longer than 4 MiB"),
        ] {
            replace(&path, &bytes);
            let refused = format!("{:#}", trusted.look().unwrap_err());
            assert!(refused.contains(why) && refused.contains("trust.json"), "{why}: {refused}");
            assert!(trusted.look().unwrap().is_none(), "said once");
            assert_eq!(trusted.list().version, newer.version, "{why}");
        }
        fs::remove_file(&path).unwrap();
        assert!(format!("{:#}", trusted.look().unwrap_err()).contains("cannot read"));
        assert!(trusted.look().unwrap().is_none());
        replace(&path, &newer.seal(&key(9)));
        assert!(trusted.look().unwrap().is_none(), "the same again is no news, and no fault");
        // What was refused left no trace: the next start takes the list that is in force.
        assert!(Trusted::load(&path, &state, key(9).public().id(), device).is_ok());
    }
}

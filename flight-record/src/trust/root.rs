//! The unit's authority: a folder with the wrapped root key, or only an enrolment key, the current list and the fingerprint.

use super::list::MAX_LIST_BYTES;
use super::wrapped;
use super::{EnrolmentCertificate, EnrolmentRequest, Grant, Revocation, TrustError, TrustList};
use crate::durable;
use crate::keys::{DeviceKey, KeyId};
use crate::names::{Code, Label};
use age::secrecy::SecretString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Mode of a wrapped key.
const SECRET: u32 = 0o600;
/// Mode of what anybody may read.
const PUBLIC: u32 = 0o644;

/// From when, and for how long, an enrolled key counts.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// Now, POSIX µs.
    pub from_utc_us: i64,
    /// Whole days.
    pub days: u32,
}

/// Which key signs the next version of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// `root.key`
    Root,
    /// `enrolment.key`, certified by the root
    Enrolment,
}

/// The folder in which a unit keeps its root, or an enrolment key of it.
pub struct Authority {
    dir: PathBuf,
    signing: Signing,
}

impl Authority {
    /// The authority in `dir`. It signs with the root's key where that lies in the folder, else with the enrolment key.
    pub fn new(dir: &Path) -> Self {
        let has_root = dir.join(Signing::Root.file()).exists() || !dir.join(Signing::Enrolment.file()).exists();
        let signing = if has_root { Signing::Root } else { Signing::Enrolment };
        Self { dir: dir.to_owned(), signing }
    }

    /// The same, signing with this key.
    #[must_use]
    pub fn signing(self, signing: Signing) -> Self {
        Self { signing, ..self }
    }

    fn key_path(&self, signing: Signing) -> PathBuf {
        self.dir.join(signing.file())
    }

    /// The signed list.
    pub fn list_path(&self) -> PathBuf {
        self.dir.join("trust.json")
    }

    /// The fingerprint that people compare by eye.
    pub fn fingerprint_path(&self) -> PathBuf {
        self.dir.join("root.fingerprint")
    }

    /// Makes a root for `unit` under a passphrase, and version 1 of its list. Refuses a folder that has a root.
    ///
    /// # Errors
    /// When a file exists or cannot be written.
    pub fn init(&self, unit: Label, passphrase: &SecretString, now_utc_us: i64) -> Result<TrustList, TrustError> {
        wrapped::check_passphrase(passphrase)?;
        fs::create_dir_all(&self.dir).map_err(io("cannot create", &self.dir))?;
        let (root, wrapped) = wrapped::generate(passphrase)?;
        write_new(&self.key_path(Signing::Root), &wrapped, SECRET)?;
        let list = TrustList::first(unit, root.public(), now_utc_us);
        write_new(&self.list_path(), &list.seal(&root), PUBLIC)?;
        write_new(&self.fingerprint_path(), format!("{}\n", list.fingerprint()).as_bytes(), PUBLIC)?;
        Ok(list)
    }

    /// The current list, under the folder's own fingerprint.
    ///
    /// # Errors
    /// When it cannot be read or does not verify.
    pub fn list(&self) -> Result<TrustList, TrustError> {
        let path = self.fingerprint_path();
        let text = fs::read_to_string(&path).map_err(io("cannot read", &path))?;
        let fingerprint: KeyId =
            text.trim_end().parse().map_err(|error| io("cannot read", &path)(io::Error::other(error)))?;
        TrustList::open(&self.list_bytes()?, fingerprint)
    }

    /// The bytes of `trust.json`, to be given to whoever holds the list.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list_bytes(&self) -> Result<Vec<u8>, TrustError> {
        read_bounded(&self.list_path(), MAX_LIST_BYTES)
    }

    /// Adds a key to the list, signed as the next version.
    ///
    /// # Errors
    /// When the key is listed already, the grant does not fit the role, the passphrase does not open the signing key, or
    /// a file cannot be written.
    pub fn enrol(
        &self,
        request: &EnrolmentRequest,
        grant: Grant,
        validity: Validity,
        passphrase: &SecretString,
    ) -> Result<TrustList, TrustError> {
        let held = self.list()?;
        let list = held.clone().with_key(request, grant, validity)?;
        self.publish(&list, &self.unlock(self.signing, &held, passphrase)?)
    }

    /// Takes a key back as from `at_utc_us`, which is now.
    ///
    /// # Errors
    /// As [`Authority::revoke_since`].
    pub fn revoke(
        &self,
        id: KeyId,
        reason: Code,
        at_utc_us: i64,
        passphrase: &SecretString,
    ) -> Result<TrustList, TrustError> {
        self.revoke_since(id, Revocation { at_utc_us, reason }, at_utc_us, passphrase)
    }

    /// Takes a key back as from some time, in the past when that is when it was lost.
    ///
    /// # Errors
    /// When the key is not listed, or revoked as early already; the passphrase does not open the signing key; or a file
    /// cannot be written.
    pub fn revoke_since(
        &self,
        id: KeyId,
        revocation: Revocation,
        now_utc_us: i64,
        passphrase: &SecretString,
    ) -> Result<TrustList, TrustError> {
        let held = self.list()?;
        let list = held.clone().with_revoked(id, revocation, now_utc_us)?;
        self.publish(&list, &self.unlock(self.signing, &held, passphrase)?)
    }

    /// Makes an enrolment key under a passphrase of its own, certified by the root; one made before counts no more.
    ///
    /// # Errors
    /// When the root's passphrase does not open its key, or a file cannot be written.
    pub fn make_enrolment_key(
        &self,
        root_passphrase: &SecretString,
        passphrase: &SecretString,
        validity: Validity,
    ) -> Result<TrustList, TrustError> {
        let held = self.list()?;
        let root = self.unlock(Signing::Root, &held, root_passphrase)?;
        let (key, wrapped) = wrapped::generate(passphrase)?;
        let unit = held.unit.clone();
        let certificate = EnrolmentCertificate::make(unit, key.public(), held.serial + 1, validity, &root);
        let path = self.key_path(Signing::Enrolment);
        // The key first: a list is never published for a key that nobody has.
        durable::replace(&path, &wrapped, SECRET).map_err(io("cannot write", &path))?;
        self.publish(&held.with_enrolment(Some(certificate), validity.from_utc_us), &root)
    }

    /// Takes the enrolment key back: holders of the new list refuse every list it signs.
    ///
    /// # Errors
    /// When there is none, the root's passphrase does not open its key, or a file cannot be written.
    pub fn revoke_enrolment_key(
        &self,
        root_passphrase: &SecretString,
        now_utc_us: i64,
    ) -> Result<TrustList, TrustError> {
        let held = self.list()?;
        let root = self.unlock(Signing::Root, &held, root_passphrase)?;
        if held.enrolment.is_none() {
            return Err(TrustError::NoEnrolmentKey);
        }
        self.publish(&held.with_enrolment(None, now_utc_us), &root)
    }

    fn publish(&self, list: &TrustList, signer: &DeviceKey) -> Result<TrustList, TrustError> {
        let bytes = list.seal(signer);
        // What is put in place must read back: a list that contradicts itself is never published.
        let list = TrustList::open(&bytes, list.fingerprint())?;
        durable::replace(&self.list_path(), &bytes, PUBLIC).map_err(io("cannot write", &self.list_path()))?;
        Ok(list)
    }

    fn unlock(&self, signing: Signing, list: &TrustList, passphrase: &SecretString) -> Result<DeviceKey, TrustError> {
        let path = self.key_path(signing);
        let wanted = match signing {
            Signing::Root => list.root,
            Signing::Enrolment => list.enrolment.as_ref().ok_or(TrustError::NoEnrolmentKey)?.public_key(),
        };
        let key = wrapped::unwrap(&read_bounded(&path, 4096)?, &path, passphrase)?;
        if key.public() == wanted { Ok(key) } else { Err(TrustError::NotTheKey { path }) }
    }
}

impl Signing {
    fn file(self) -> &'static str {
        match self {
            Self::Root => "root.key",
            Self::Enrolment => "enrolment.key",
        }
    }
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| TrustError::Io { doing, path, source }
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), TrustError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| durable::sync_parent(path))
        .map_err(io("cannot create", path))
}

fn read_bounded(path: &Path, most: usize) -> Result<Vec<u8>, TrustError> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io("cannot read", path))?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(io("cannot read", path))?;
    if bytes.len() > most { Err(TrustError::TooLong) } else { Ok(bytes) }
}

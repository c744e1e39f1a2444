//! The unit's root: a folder with the wrapped root key, the current list and the fingerprint.

use super::list::MAX_LIST_BYTES;
use super::{Class, EnrolmentRequest, TrustError, TrustList};
use crate::digest::hex32;
use crate::durable;
use crate::keys::{self, DeviceKey, KeyId};
use crate::names::Label;
use age::secrecy::SecretString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// scrypt work factor of the root key's passphrase: 2¹⁷, about half a second.
const WORK_FACTOR: u8 = 17;

/// From when, and for how long, an enrolled key counts.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// Now, POSIX µs.
    pub from_utc_us: i64,
    /// Whole days.
    pub days: u32,
}

/// The folder in which a unit keeps its root.
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// The authority in `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    fn key_path(&self) -> PathBuf {
        self.dir.join("root.key")
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
        check_passphrase(passphrase)?;
        fs::create_dir_all(&self.dir).map_err(io("cannot create", &self.dir))?;
        let seed = keys::random::<32>()?;
        write_new(&self.key_path(), &wrap(&seed, passphrase).map_err(io("cannot wrap", &self.key_path()))?)?;
        let root = DeviceKey::from_seed(*seed);
        let list = TrustList::first(unit, root.public(), now_utc_us);
        write_new(&self.list_path(), &list.seal(&root))?;
        write_new(&self.fingerprint_path(), format!("{}\n", list.fingerprint()).as_bytes())?;
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
        TrustList::open(&read_bounded(&self.list_path(), MAX_LIST_BYTES)?, fingerprint)
    }

    /// Adds a device to the list, signed as the next version.
    ///
    /// # Errors
    /// When the key is listed already, the passphrase does not open the root, or a file cannot be written.
    pub fn enrol_device(
        &self,
        request: &EnrolmentRequest,
        class: Class,
        validity: Validity,
        passphrase: &SecretString,
    ) -> Result<TrustList, TrustError> {
        let list = self.list()?.with_device(request, class, validity)?;
        let root = self.unwrap_root(&list, passphrase)?;
        let bytes = list.seal(&root);
        // What is put in place must read back: a list that contradicts itself is never published.
        let list = TrustList::open(&bytes, list.fingerprint())?;
        let fresh = self.dir.join("trust.json.new");
        fs::write(&fresh, &bytes)
            .and_then(|()| fs::File::open(&fresh)?.sync_all())
            .and_then(|()| fs::rename(&fresh, self.list_path()))
            .and_then(|()| durable::sync_parent(&fresh))
            .map_err(io("cannot write", &self.list_path()))?;
        Ok(list)
    }

    fn unwrap_root(&self, list: &TrustList, passphrase: &SecretString) -> Result<DeviceKey, TrustError> {
        check_passphrase(passphrase)?;
        let path = self.key_path();
        let wrapped = read_bounded(&path, 4096)?;
        let refused = |source| TrustError::Passphrase { path: path.clone(), source };
        let mut identity = age::scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(WORK_FACTOR);
        let decryptor = age::Decryptor::new_buffered(&wrapped[..]).map_err(refused)?;
        let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(refused)?;
        let mut text = Zeroizing::new(String::with_capacity(128));
        reader.take(128).read_to_string(&mut text).map_err(io("cannot read", &path))?;
        let not_root = || TrustError::NotTheRootKey { path: path.clone() };
        let seed = Zeroizing::new(hex32(text.trim_end()).map_err(|_| not_root())?);
        let root = DeviceKey::from_seed(*seed);
        if root.public() == list.root { Ok(root) } else { Err(not_root()) }
    }
}

fn check_passphrase(passphrase: &SecretString) -> Result<(), TrustError> {
    use age::secrecy::ExposeSecret as _;
    if passphrase.expose_secret().is_empty() { Err(TrustError::NoPassphrase) } else { Ok(()) }
}

fn wrap(seed: &[u8; 32], passphrase: &SecretString) -> io::Result<Vec<u8>> {
    let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_FACTOR);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(io::Error::other)?;
    let mut wrapped = Vec::new();
    let mut writer = encryptor.wrap_output(&mut wrapped)?;
    writer.write_all(Zeroizing::new(format!("{}\n", crate::digest::Sha256(*seed))).as_bytes())?;
    writer.finish()?;
    Ok(wrapped)
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TrustError {
    let path = path.to_owned();
    move |source| TrustError::Io { doing, path, source }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), TrustError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
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

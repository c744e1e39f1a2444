//! A store's own name and key: `store.toml` and `store.key`, and the request by which the unit enrols it.

use super::StoreError;
use super::disk::{LocalDisk, read_small, write_whole};
use flight_record::Label;
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::trust::EnrolmentRequest;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What `store.toml` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreFile {
    schema: u32,
    name: Label,
    key_id: KeyId,
}

/// Who a store is.
#[derive(Clone)]
pub struct StoreIdentity {
    /// The unit's name for it.
    pub name: Label,
    /// Signs receipts, holdings and the heads of the ledger that lies in it.
    pub key: DeviceKey,
}

impl StoreIdentity {
    /// Makes the folder of a store with a new key, and `store-request.json` for `skyseal-ground trust enrol --role store`.
    ///
    /// # Errors
    /// When the folder is a store already, or cannot be written.
    pub fn init(root: &Path, name: Label, now_utc_us: i64) -> Result<Self, StoreError> {
        let toml = root.join("store.toml");
        if toml.exists() {
            let why = "it is one already, and a store keeps its key".to_owned();
            return Err(StoreError::NotAStore { path: root.to_owned(), why });
        }
        for folder in ["objects", "flights", "incoming", "partial", "quarantine", "retention"] {
            let path = root.join(folder);
            super::Disk::create_folder(&LocalDisk, &path).map_err(StoreError::io("cannot create", &path))?;
        }
        let key_path = root.join("store.key");
        // A key without a `store.toml` is one whose making was cut off: nobody has seen its public half yet.
        let key = if key_path.exists() { DeviceKey::load(&key_path)? } else { DeviceKey::create(&key_path)? };
        let request = root.join("store-request.json");
        write_whole(&LocalDisk, &request, &EnrolmentRequest::write(&key, name.clone(), now_utc_us))
            .map_err(StoreError::io("cannot write", &request))?;
        let file = StoreFile { schema: 1, name: name.clone(), key_id: key.public().id() };
        let text = ::toml::to_string(&file).map_err(|error| StoreError::NotAStore {
            path: root.to_owned(),
            why: format!("its name cannot be written: {error}"),
        })?;
        write_whole(&LocalDisk, &toml, text.as_bytes()).map_err(StoreError::io("cannot write", &toml))?;
        Ok(Self { name, key })
    }

    /// The store in `root`.
    ///
    /// # Errors
    /// When it is none, or its key is not the one `store.toml` names.
    pub fn load(root: &Path) -> Result<Self, StoreError> {
        let no = |why: &str| StoreError::NotAStore { path: root.to_owned(), why: why.to_owned() };
        let toml = root.join("store.toml");
        let bytes = read_small(&toml, 64 * 1024).map_err(StoreError::io("cannot read", &toml))?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| no("it has no store.toml"))?;
        let file: StoreFile = ::toml::from_str(&text).map_err(|_| no("its store.toml does not read"))?;
        if file.schema != 1 {
            return Err(no("its store.toml is of another version"));
        }
        let key = DeviceKey::load(&root.join("store.key"))?;
        if key.public().id() != file.key_id {
            return Err(no("store.key is not the key that store.toml names"));
        }
        Ok(Self { name: file.name, key })
    }
}

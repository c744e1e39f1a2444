//! `skyseal-onboard enrol`: this device's key, and the request that the unit's root certifies.

use std::path::Path;

use anyhow::{Context, Result};
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::trust::EnrolmentRequest;

use crate::clock;

/// Makes the device key at `key` (or takes the one that is there) and writes the request to `request`.
///
/// # Errors
/// When a file cannot be written, or the key there is open to others.
pub fn enrol(key: &Path, name: &str, request: &Path) -> Result<KeyId> {
    let device = if key.exists() {
        DeviceKey::load(key).with_context(|| format!("device key {}", key.display()))?
    } else {
        if let Some(folder) = key.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("folder {}", folder.display()))?;
        }
        DeviceKey::create(key).with_context(|| format!("device key {}", key.display()))?
    };
    let name = name.parse().context("the device's name")?;
    let bytes = EnrolmentRequest::write(&device, name, clock::realtime_us());
    std::fs::write(request, bytes).with_context(|| format!("enrolment request {}", request.display()))?;
    Ok(device.public().id())
}

//! The secret that both ends of signed links share.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 32 secret bytes, wiped from memory when dropped. It has no `Debug`, so that no log can hold it.
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// The key as enrolled.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The first 48 bits of SHA-256 over the key and `covered`: the frame from its start byte to the timestamp.
    pub(super) fn signature(&self, covered: &[u8]) -> [u8; 6] {
        let digest = Sha256::new().chain_update(self.0.as_slice()).chain_update(covered).finalize();
        std::array::from_fn(|i| digest[i])
    }
}

//! The nonce a station gives a flight: sent until the aircraft can hardly have missed it, then now and again.

use crate::digest::Sha256;
use crate::keys::DeviceKey;
use crate::names::FlightId;
use crate::radio::Nonce;
use crate::stamp::Stamp;

const SECOND_NS: u64 = 1_000_000_000;
/// Sendings in quick succession: at 30 % loss one flight in 170,000 misses them all.
const QUICK: u32 = 10;
const QUICK_NS: u64 = 2 * SECOND_NS;
const SLOW_NS: u64 = 30 * SECOND_NS;

/// Gives one flight its nonce.
pub(super) struct NonceGiver {
    nonce: Nonce,
    sent: u32,
    last_ns: u64,
}

impl NonceGiver {
    /// Signs the nonce anew: Ed25519 gives the same signature each time.
    pub(super) fn new(flight: FlightId, nonce: Sha256, time_s: u64, station: &DeviceKey) -> Self {
        Self { nonce: Nonce::sign(flight, nonce, time_s, station), sent: 0, last_ns: 0 }
    }

    /// The nonce, when it is to be sent.
    pub(super) fn due(&mut self, at: Stamp) -> Option<Nonce> {
        let pause_ns = if self.sent < QUICK { QUICK_NS } else { SLOW_NS };
        if self.sent > 0 && at.mono_ns.saturating_sub(self.last_ns) < pause_ns {
            return None;
        }
        self.sent = self.sent.saturating_add(1);
        self.last_ns = at.mono_ns;
        Some(self.nonce.clone())
    }
}

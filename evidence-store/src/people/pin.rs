//! A PIN or passphrase, and the officer's key under it: Argon2id (RFC 9106), then XChaCha20-Poly1305.

use super::PeopleError;
use crate::ids::{PersonId, random};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use flight_record::keys::{DeviceKey, PublicKey};
use zeroize::Zeroizing;

/// Longest PIN or passphrase, in bytes.
const MAX_BYTES: usize = 256;

/// A PIN of at least 6 digits, or a passphrase of at least 10 characters; wiped when dropped, never printed.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// What somebody typed.
    ///
    /// # Errors
    /// [`PeopleError::WeakPin`].
    pub fn new(text: &str) -> Result<Self, PeopleError> {
        let weak = |why| Err(PeopleError::WeakPin(why));
        let digits = text.bytes().all(|c| c.is_ascii_digit());
        let steps = |by: i16| text.as_bytes().windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by);
        if text.len() > MAX_BYTES {
            return weak("it is longer than 256 bytes");
        }
        if digits && text.len() < 6 {
            return weak("a PIN has at least 6 digits");
        }
        if !digits && text.chars().count() < 10 {
            return weak("a passphrase has at least 10 characters");
        }
        if steps(0) || steps(1) || steps(-1) {
            return weak("a row like 111111 or 123456 is guessed first");
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// What it costs to try a PIN; kept in the account's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 64 MiB, three passes, four lanes: the second recommendation of RFC 9106 §4.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

impl Cost {
    /// What a row may ask for: never so much that it stops the machine.
    fn params(self) -> Result<Params, PeopleError> {
        if self.memory_kib > 1 << 20 || self.passes > 16 || self.lanes > 16 {
            return Err(PeopleError::DamagedAccount("its cost is beyond anything this program writes"));
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| PeopleError::DamagedAccount("its cost is impossible"))
    }
}

/// A key under a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrapped {
    pub(super) cost: Cost,
    pub(super) salt: [u8; 16],
    pub(super) nonce: [u8; 24],
    pub(super) sealed: Vec<u8>,
}

/// A new officer's key, under `pin`.
pub(super) fn new_key(pin: &Pin, person: PersonId, cost: Cost) -> Result<(PublicKey, Wrapped), PeopleError> {
    let seed = Zeroizing::new(random::<32>()?);
    let public = DeviceKey::from_seed(*seed).public();
    Ok((public, wrap(&seed, &public, pin, person, cost)?))
}

/// The same key under another PIN.
pub(super) fn rewrap(
    wrapped: &Wrapped,
    public: &PublicKey,
    (old, new): (&Pin, &Pin),
    person: PersonId,
    cost: Cost,
) -> Result<Option<Wrapped>, PeopleError> {
    let Some(seed) = unwrap_seed(wrapped, public, old, person)? else {
        return Ok(None);
    };
    wrap(&seed, public, new, person, cost).map(Some)
}

/// The key, or `None` when the PIN is another.
pub(super) fn unwrap(
    wrapped: &Wrapped,
    public: &PublicKey,
    pin: &Pin,
    person: PersonId,
) -> Result<Option<DeviceKey>, PeopleError> {
    let Some(seed) = unwrap_seed(wrapped, public, pin, person)? else {
        return Ok(None);
    };
    let key = DeviceKey::from_seed(*seed);
    if key.public() == *public { Ok(Some(key)) } else { Err(PeopleError::DamagedAccount("its key is another")) }
}

fn wrap(seed: &[u8; 32], public: &PublicKey, pin: &Pin, person: PersonId, cost: Cost) -> Result<Wrapped, PeopleError> {
    let (salt, nonce) = (random::<16>()?, random::<24>()?);
    let sealed = cipher(pin, &salt, cost)?
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: seed, aad: &bound_to(person, public) })
        .map_err(|_| PeopleError::DamagedAccount("its key cannot be sealed"))?;
    Ok(Wrapped { cost, salt, nonce, sealed })
}

fn unwrap_seed(
    wrapped: &Wrapped,
    public: &PublicKey,
    pin: &Pin,
    person: PersonId,
) -> Result<Option<Zeroizing<[u8; 32]>>, PeopleError> {
    let payload = Payload { msg: &wrapped.sealed, aad: &bound_to(person, public) };
    // The authenticator is compared in constant time; a wrong PIN and a changed row look the same.
    let opened = cipher(pin, &wrapped.salt, wrapped.cost)?.decrypt(XNonce::from_slice(&wrapped.nonce), payload);
    let Ok(opened) = opened.map(Zeroizing::new) else {
        return Ok(None);
    };
    let seed = <[u8; 32]>::try_from(&opened[..]).map_err(|_| PeopleError::DamagedAccount("its key has no 32 bytes"))?;
    Ok(Some(Zeroizing::new(seed)))
}

/// A wrapped key cannot be moved to another account.
fn bound_to(person: PersonId, public: &PublicKey) -> Vec<u8> {
    format!("skyseal-officer-key/1\n{person}\n{public}").into_bytes()
}

fn cipher(pin: &Pin, salt: &[u8; 16], cost: Cost) -> Result<XChaCha20Poly1305, PeopleError> {
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?)
        .hash_password_into(pin.0.as_bytes(), salt, &mut key[..])
        .map_err(|_| PeopleError::DamagedAccount("its cost is impossible"))?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    #[test]
    fn short_and_obvious_pins_are_refused() {
        for bad in ["", "12345", "111111", "123456", "987654", "short", "aaaaaaaaaa", &"x".repeat(257)] {
            assert!(matches!(Pin::new(bad), Err(PeopleError::WeakPin(_))), "{bad}");
        }
        for good in ["271828", "correct horse", "Größe zählt"] {
            assert!(Pin::new(good).is_ok(), "{good}");
        }
        assert_eq!(format!("{:?}", Pin::new("271828").unwrap()), "Pin(…)");
    }

    #[test]
    fn only_the_right_pin_and_the_right_account_open_a_key() {
        let (pin, other) = (Pin::new("271828").unwrap(), Pin::new("314159").unwrap());
        let (person, somebody) = (PersonId::new(1).unwrap(), PersonId::new(1).unwrap());
        let (public, wrapped) = new_key(&pin, person, CHEAP).unwrap();
        assert_eq!(unwrap(&wrapped, &public, &pin, person).unwrap().unwrap().public(), public);
        assert!(unwrap(&wrapped, &public, &other, person).unwrap().is_none());
        assert!(unwrap(&wrapped, &public, &pin, somebody).unwrap().is_none(), "moved to another account");
        let mut changed = wrapped.clone();
        changed.sealed[7] ^= 1;
        assert!(unwrap(&changed, &public, &pin, person).unwrap().is_none());
        let greedy = Wrapped { cost: Cost { memory_kib: u32::MAX, ..CHEAP }, ..wrapped.clone() };
        assert!(matches!(unwrap(&greedy, &public, &pin, person), Err(PeopleError::DamagedAccount(_))));
        let again = rewrap(&wrapped, &public, (&pin, &other), person, CHEAP).unwrap().unwrap();
        assert!(unwrap(&again, &public, &other, person).unwrap().is_some());
        assert!(unwrap(&again, &public, &pin, person).unwrap().is_none());
    }

    #[test]
    fn the_cost_of_the_product_is_at_least_64_mib() {
        assert!(Cost::default().memory_kib >= 64 * 1024 && Cost::default().params().is_ok());
    }
}

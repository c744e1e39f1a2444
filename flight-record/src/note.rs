//! C2SP tlog-checkpoints in signed notes: one origin, no extension lines, one Ed25519 signature by the key of that name.

use crate::digest::Sha256;
use crate::keys::{PublicKey, Signer};
use crate::names::FlightId;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Longest note read, in bytes: ours are about 280.
const MAX_NOTE_BYTES: usize = 4096;

/// A tree head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log this is; the origin line and key name are `skyseal/<flight-id>`.
    pub flight: FlightId,
    /// Leaves in the tree.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
}

/// Why a note is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoteError {
    /// Not the one spelling of a checkpoint note.
    #[error("not a checkpoint note in canonical form")]
    Form,
    /// The signature line names another key than the device's for this origin.
    #[error("signed by another key")]
    OtherKey,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
}

/// A note that parsed; its checkpoint is to be believed only after [`SignedNote::verify`].
pub struct SignedNote {
    checkpoint: Checkpoint,
    key_hash: [u8; 4],
    signature: [u8; 64],
}

impl Checkpoint {
    /// The text that is signed: origin, size, root, each on its line.
    fn text(&self) -> String {
        format!("skyseal/{}\n{}\n{}\n", self.flight, self.size, STANDARD.encode(self.root.0))
    }

    /// The whole signed note (C2SP signed-note: text, blank line, `— name base64(key hash ‖ signature)`).
    pub fn sign(&self, signer: &impl Signer) -> String {
        let signature = signer.sign(self.text().as_bytes());
        self.note(key_hash(self.flight, &signer.public()), &signature)
    }

    fn note(&self, key_hash: [u8; 4], signature: &[u8; 64]) -> String {
        let blob = [&key_hash[..], &signature[..]].concat();
        format!("{}\n\u{2014} skyseal/{} {}\n", self.text(), self.flight, STANDARD.encode(blob))
    }
}

impl SignedNote {
    /// Reads a note that must be in canonical form.
    ///
    /// # Errors
    /// [`NoteError::Form`] for any other spelling, extension line or number of signatures.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::Form);
        }
        let mut lines = note.split('\n');
        let mut next = || lines.next().ok_or(NoteError::Form);
        let flight = next()?.strip_prefix("skyseal/").and_then(|id| id.parse().ok()).ok_or(NoteError::Form)?;
        let size = next()?.parse().map_err(|_| NoteError::Form)?;
        let root = STANDARD.decode(next()?).ok().and_then(|raw| raw.try_into().ok()).ok_or(NoteError::Form)?;
        next()?;
        let blob = next()?.rsplit(' ').next().and_then(|text| STANDARD.decode(text).ok()).ok_or(NoteError::Form)?;
        let (key_hash, signature) = blob.split_first_chunk::<4>().ok_or(NoteError::Form)?;
        let signature = *<&[u8; 64]>::try_from(signature).map_err(|_| NoteError::Form)?;
        let checkpoint = Checkpoint { flight, size, root: Sha256(root) };
        if checkpoint.note(*key_hash, &signature) != note {
            return Err(NoteError::Form);
        }
        Ok(Self { checkpoint, key_hash: *key_hash, signature })
    }

    /// The checkpoint, once its signature by `key` holds.
    ///
    /// # Errors
    /// [`NoteError::OtherKey`] or [`NoteError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<&Checkpoint, NoteError> {
        if key_hash(self.checkpoint.flight, key) != self.key_hash {
            return Err(NoteError::OtherKey);
        }
        if key.verifies(self.checkpoint.text().as_bytes(), &self.signature) {
            Ok(&self.checkpoint)
        } else {
            Err(NoteError::Signature)
        }
    }

    /// What the note says although nobody vouches for it yet.
    pub fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// C2SP signed-note key hash: the first four bytes of `SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key)`.
fn key_hash(flight: FlightId, key: &PublicKey) -> [u8; 4] {
    let mut input = format!("skyseal/{flight}\n\u{1}").into_bytes();
    input.extend_from_slice(key.as_bytes());
    let [a, b, c, d, ..] = Sha256::of(&input).0;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;

    fn sample() -> (DeviceKey, Checkpoint) {
        let flight = FlightId::new(1_700_000_000_000_000, [1; 10]);
        (DeviceKey::from_seed([3; 32]), Checkpoint { flight, size: 12, root: Sha256::of(b"root") })
    }

    #[test]
    fn signed_note_reads_back() {
        let (key, checkpoint) = sample();
        let note = checkpoint.sign(&key);
        assert_eq!(SignedNote::parse(&note).unwrap().verify(&key.public()), Ok(&checkpoint));
        let other = DeviceKey::from_seed([4; 32]);
        assert_eq!(SignedNote::parse(&note).unwrap().verify(&other.public()), Err(NoteError::OtherKey));
    }

    #[test]
    fn key_hash_is_the_c2sp_rule() {
        // The rule of the signed-note page applied by hand with a 0x01 (Ed25519) type byte.
        let (key, checkpoint) = sample();
        let mut input = format!("skyseal/{}\n", checkpoint.flight).into_bytes();
        input.push(1);
        input.extend_from_slice(key.public().as_bytes());
        assert_eq!(key_hash(checkpoint.flight, &key.public()), Sha256::of(&input).0[..4]);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let (key, checkpoint) = sample();
        let note = checkpoint.sign(&key).into_bytes();
        for position in 0..note.len() {
            for bit in 0..8 {
                let mut bad = note.clone();
                bad[position] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bad) else {
                    continue;
                };
                let refused = SignedNote::parse(&text).and_then(|n| n.verify(&key.public()).cloned());
                assert!(refused.is_err(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let (key, checkpoint) = sample();
        let note = checkpoint.sign(&key);
        for bad in [
            note.replace("\n12\n", "\n012\n"),
            note.replace("\n12\n", "\n+12\n"),
            note.replace("\n\n", "\nextension\n\n"),
            note.trim_end().to_owned(),
            format!("{note}\u{2014} other AAAA\n"),
            note.replace('\u{2014}', "-"),
            note.replace("skyseal/", "other/"),
            String::new(),
            "x".repeat(MAX_NOTE_BYTES + 1),
        ] {
            assert_eq!(SignedNote::parse(&bad).err(), Some(NoteError::Form), "{bad}");
        }
    }
}

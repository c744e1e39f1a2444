//! C2SP tlog-checkpoints in signed notes: one origin, no extension lines, one Ed25519 signature by the key of that name,
//! then the cosignatures of ground stations (C2SP tlog-cosignature, `cosignature/v1`), if any.

use crate::digest::Sha256;
use crate::keys::{PublicKey, Signer};
use crate::names::FlightId;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// Longest note read, in bytes: ours are about 280, and 142 more a cosignature.
const MAX_NOTE_BYTES: usize = 4096;
/// Most cosignatures in a note.
pub const MAX_COSIGNATURES: usize = 16;
/// C2SP signature type of an Ed25519 note signature.
const ED25519: u8 = 0x01;
/// C2SP signature type of a timestamped Ed25519 cosignature.
const COSIGNATURE_V1: u8 = 0x04;
/// What a station's note name begins with; 16 hexadecimal digits of its key id follow.
const STATION: &str = "skyseal/station/";

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

/// A ground station's statement that at `time_s` its own tree of the flight had this head, and no greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// C2SP key id of the station's cosigning key: [`station_key_hash`].
    pub key_hash: [u8; 4],
    /// When it was made, POSIX seconds by the station's clock; at most 2⁶³ − 1.
    pub time_s: u64,
    /// Ed25519 over [`Checkpoint`]'s cosigned message.
    pub signature: [u8; 64],
}

impl Cosignature {
    /// Whether `station` made it over `checkpoint`.
    pub fn verifies(&self, checkpoint: &Checkpoint, station: &PublicKey) -> bool {
        i64::try_from(self.time_s).is_ok()
            && self.key_hash == station_key_hash(station)
            && station.verifies(checkpoint.cosigned_message(self.time_s).as_bytes(), &self.signature)
    }
}

/// A cosignature as it stands in a note, under the name it was given there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CosignatureLine {
    /// All of the name: `skyseal/station/…`.
    pub(crate) name: String,
    pub(crate) cosignature: Cosignature,
}

impl CosignatureLine {
    fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let digits = name.strip_prefix(STATION)?;
        if digits.len() != 16 || !digits.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let blob = STANDARD.decode(blob).ok()?;
        let (key_hash, rest) = blob.split_first_chunk::<4>()?;
        let (time, signature) = rest.split_first_chunk::<8>()?;
        let time_s = u64::from_be_bytes(*time);
        i64::try_from(time_s).ok()?;
        let cosignature = Cosignature { key_hash: *key_hash, time_s, signature: signature.try_into().ok()? };
        Some(Self { name: name.to_owned(), cosignature })
    }

    /// Whether the line, name included, is `station`'s over `checkpoint`.
    pub(crate) fn verifies(&self, checkpoint: &Checkpoint, station: &PublicKey) -> bool {
        self.name == station_name(station) && self.cosignature.verifies(checkpoint, station)
    }
}

impl fmt::Display for CosignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cosignature { key_hash, time_s, signature } = &self.cosignature;
        let blob = [&key_hash[..], &time_s.to_be_bytes(), signature].concat();
        writeln!(f, "\u{2014} {} {}", self.name, STANDARD.encode(blob))
    }
}

/// A note in canonical form; its checkpoint is to be believed only after [`SignedNote::verify`], each cosignature only
/// after [`Cosignature::verifies`]. `Display` writes the whole note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    checkpoint: Checkpoint,
    key_hash: [u8; 4],
    signature: [u8; 64],
    /// By rising key hash, each once.
    cosignatures: Vec<CosignatureLine>,
}

impl Checkpoint {
    /// The text that is signed: origin, size, root, each on its line.
    fn text(&self) -> String {
        format!("skyseal/{}\n{}\n{}\n", self.flight, self.size, STANDARD.encode(self.root.0))
    }

    /// C2SP tlog-cosignature, "Ed25519 signed message": a header line, a time line, the whole note text.
    fn cosigned_message(&self, time_s: u64) -> String {
        format!("cosignature/v1\ntime {time_s}\n{}", self.text())
    }

    /// The whole signed note (C2SP signed-note: text, blank line, `— name base64(key hash ‖ signature)`).
    pub fn sign(&self, signer: &impl Signer) -> String {
        self.signed(signer).to_string()
    }

    /// The note, signed by the device's key.
    pub(crate) fn signed(&self, signer: &impl Signer) -> SignedNote {
        let key_hash = device_key_hash(self.flight, &signer.public());
        SignedNote::new(self.clone(), key_hash, signer.sign(self.text().as_bytes()))
    }

    /// The cosignature of the station that holds `signer`, made at `time_s` (POSIX seconds, at most 2⁶³ − 1).
    pub fn cosign(&self, signer: &impl Signer, time_s: u64) -> Cosignature {
        let signature = signer.sign(self.cosigned_message(time_s).as_bytes());
        Cosignature { key_hash: station_key_hash(&signer.public()), time_s, signature }
    }
}

impl SignedNote {
    /// The note of its parts, as a beacon carries them; nothing is checked yet.
    pub fn new(checkpoint: Checkpoint, key_hash: [u8; 4], signature: [u8; 64]) -> Self {
        Self { checkpoint, key_hash, signature, cosignatures: Vec::new() }
    }

    /// Reads a note that must be in canonical form: the device's signature, then cosignatures by rising key hash, each
    /// key once, at most [`MAX_COSIGNATURES`].
    ///
    /// # Errors
    /// [`NoteError::Form`] for any other spelling, extension line or order of signatures.
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
        let mut parsed = Self::new(Checkpoint { flight, size, root: Sha256(root) }, *key_hash, signature);
        for line in lines.by_ref().take(MAX_COSIGNATURES).take_while(|line| !line.is_empty()) {
            parsed.cosignatures.push(CosignatureLine::parse(line).ok_or(NoteError::Form)?);
        }
        let hashes = parsed.cosignatures.iter().map(|line| line.cosignature.key_hash);
        if !hashes.is_sorted_by(|a, b| a < b) || parsed.to_string() != note {
            return Err(NoteError::Form);
        }
        Ok(parsed)
    }

    /// The checkpoint, once its signature by `key` holds.
    ///
    /// # Errors
    /// [`NoteError::OtherKey`] or [`NoteError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<&Checkpoint, NoteError> {
        if device_key_hash(self.checkpoint.flight, key) != self.key_hash {
            return Err(NoteError::OtherKey);
        }
        if key.verifies(self.checkpoint.text().as_bytes(), &self.signature) {
            Ok(&self.checkpoint)
        } else {
            Err(NoteError::Signature)
        }
    }

    /// C2SP key hash of the key that signed it, as the note says.
    pub fn key_hash(&self) -> [u8; 4] {
        self.key_hash
    }

    /// The device's signature, as the note says.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The cosignatures, by rising key hash; none is verified.
    pub fn cosignatures(&self) -> impl ExactSizeIterator<Item = &Cosignature> {
        self.cosignatures.iter().map(|line| &line.cosignature)
    }

    /// The cosignatures with the names they stand under.
    pub(crate) fn cosignature_lines(&self) -> &[CosignatureLine] {
        &self.cosignatures
    }

    /// The full note with this cosignature of `station` added. A station's first cosignature stays: one more of its own,
    /// or a 17th of all, leaves the note as it is.
    pub fn with_cosignature(&self, station: &PublicKey, cosignature: Cosignature) -> String {
        let mut note = self.clone();
        let place = note.cosignatures.binary_search_by_key(&cosignature.key_hash, |line| line.cosignature.key_hash);
        if let Err(place) = place
            && note.cosignatures.len() < MAX_COSIGNATURES
        {
            note.cosignatures.insert(place, CosignatureLine { name: station_name(station), cosignature });
        }
        note.to_string()
    }

    /// What the note says although nobody vouches for it yet.
    pub fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&self.key_hash[..], &self.signature[..]].concat();
        let checkpoint = &self.checkpoint;
        writeln!(f, "{}\n\u{2014} skyseal/{} {}", checkpoint.text(), checkpoint.flight, STANDARD.encode(blob))?;
        self.cosignatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// The note name of a station: `skyseal/station/` and the first 16 hexadecimal digits of its key id.
pub fn station_name(station: &PublicKey) -> String {
    let id = station.id().to_string();
    format!("{STATION}{}", id.get(..16).unwrap_or(&id))
}

/// C2SP key hash of a station's cosigning key.
pub fn station_key_hash(station: &PublicKey) -> [u8; 4] {
    key_hash(&station_name(station), COSIGNATURE_V1, station)
}

/// C2SP key hash of a device's key under the name of one of its flights.
pub fn device_key_hash(flight: FlightId, device: &PublicKey) -> [u8; 4] {
    key_hash(&format!("skyseal/{flight}"), ED25519, device)
}

/// C2SP signed-note key hash: the first four bytes of `SHA-256(name ‖ "\n" ‖ signature type ‖ public key)`.
fn key_hash(name: &str, signature_type: u8, key: &PublicKey) -> [u8; 4] {
    let input = [name.as_bytes(), b"\n", &[signature_type], key.as_bytes()].concat();
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
        assert_eq!(device_key_hash(checkpoint.flight, &key.public()), Sha256::of(&input).0[..4]);
    }

    #[test]
    fn the_note_of_the_go_package_is_signed_as_ours_are() {
        // golang.org/x/mod/sumdb/note 0.7.0, package documentation (BSD-3-Clause): the verifier key, the text, the signature.
        let named = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let (signature_type, key) = named.split_first_chunk::<1>().unwrap();
        let key = PublicKey::from_bytes(key.try_into().unwrap()).unwrap();
        assert_eq!(key_hash("PeterNeumann", signature_type[0], &key), [0xC7, 0x4F, 0x20, 0xA3]);
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let blob = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let blob = STANDARD.decode(blob).unwrap();
        assert_eq!(blob[..4], [0xC7, 0x4F, 0x20, 0xA3]);
        assert!(key.verifies(text.as_bytes(), blob[4..].try_into().unwrap()));
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
            format!("{note}\n"),
            note.replace('\u{2014}', "-"),
            note.replace("skyseal/", "other/"),
            String::new(),
            "x".repeat(MAX_NOTE_BYTES + 1),
        ] {
            assert_eq!(SignedNote::parse(&bad).err(), Some(NoteError::Form), "{bad}");
        }
    }

    fn station(n: u8) -> DeviceKey {
        DeviceKey::from_seed([0x50 + n; 32])
    }

    fn cosigned(stations: u8) -> (DeviceKey, Checkpoint, String) {
        let (key, checkpoint) = sample();
        let mut note = checkpoint.sign(&key);
        for n in 0..stations {
            let cosignature = checkpoint.cosign(&station(n), 1_700_000_000 + u64::from(n));
            note = SignedNote::parse(&note).unwrap().with_cosignature(&station(n).public(), cosignature);
        }
        (key, checkpoint, note)
    }

    #[test]
    fn a_cosignature_is_the_c2sp_rule() {
        // tlog-cosignature, applied by hand: key id with type byte 0x04, the signed message, the line.
        let (_, checkpoint, note) = cosigned(1);
        let public = station(0).public();
        let name = format!("skyseal/station/{}", &public.id().to_string()[..16]);
        let id = Sha256::of(&[name.as_bytes(), b"\n\x04", public.as_bytes()].concat());
        let text = format!("skyseal/{}\n12\n{}\n", checkpoint.flight, STANDARD.encode(Sha256::of(b"root").0));
        let signature = station(0).sign(format!("cosignature/v1\ntime 1700000000\n{text}").as_bytes());
        // 1,700,000,000 = 0x6553F100, big-endian.
        let blob = [&id.0[..4], &[0, 0, 0, 0, 0x65, 0x53, 0xF1, 0x00], &signature].concat();
        assert_eq!(note.lines().last().unwrap(), format!("\u{2014} {name} {}", STANDARD.encode(blob)));
    }

    #[test]
    fn cosigned_notes_read_back_and_vouch_for_their_station_only() {
        let (key, checkpoint, note) = cosigned(3);
        let read = SignedNote::parse(&note).unwrap();
        assert_eq!((read.verify(&key.public()), read.to_string()), (Ok(&checkpoint), note));
        assert_eq!(read.cosignatures().len(), 3);
        let other = Checkpoint { size: 13, ..checkpoint };
        for n in 0..3 {
            let made_by =
                |key: &DeviceKey, over| read.cosignatures().filter(|c| c.verifies(over, &key.public())).count();
            assert_eq!((made_by(&station(n), &checkpoint), made_by(&station(n), &other)), (1, 0));
        }
        assert!(!read.cosignatures().any(|c| c.verifies(&checkpoint, &station(9).public())));
    }

    #[test]
    fn a_stations_first_cosignature_stays_and_so_do_sixteen() {
        let (_, checkpoint, note) = cosigned(16);
        let read = SignedNote::parse(&note).unwrap();
        assert_eq!(read.cosignatures().len(), MAX_COSIGNATURES);
        for n in [0, 16] {
            let later = checkpoint.cosign(&station(n), 1_800_000_000);
            assert_eq!(read.with_cosignature(&station(n).public(), later), note);
        }
    }

    #[test]
    fn cosignatures_have_one_spelling() {
        let (_, checkpoint, note) = cosigned(3);
        let lines: Vec<&str> = note.lines().collect();
        let with = |order: &[usize]| order.iter().map(|at| format!("{}\n", lines[*at])).collect::<String>();
        assert_eq!(with(&[0, 1, 2, 3, 4, 5, 6, 7]), note);
        let mut far = checkpoint.cosign(&station(0), 1 << 63);
        assert!(!far.verifies(&checkpoint, &station(0).public()), "beyond 2^63 - 1");
        far.key_hash = [0; 4];
        let far = CosignatureLine { name: station_name(&station(0).public()), cosignature: far };
        for bad in [
            with(&[0, 1, 2, 3, 4, 6, 5, 7]),
            with(&[0, 1, 2, 3, 4, 5, 5, 6, 7]),
            with(&[0, 1, 2, 3, 5, 4, 6, 7]),
            with(&[0, 1, 2, 3, 5, 6, 7]),
            with(&[0, 1, 2, 3, 4, 5, 6, 4]),
            note.replace("station/", "station/0"),
            note.replace("skyseal/station/", "skyseal/tower/"),
            note.trim_end().to_owned(),
            format!("{note}\n"),
            format!("{note}x"),
            format!("{}{far}", with(&[0, 1, 2, 3, 4])),
        ] {
            assert_eq!(SignedNote::parse(&bad).err(), Some(NoteError::Form), "{bad}");
        }
        let (_, _, sixteen) = cosigned(16);
        let last = sixteen.lines().last().unwrap();
        assert_eq!(SignedNote::parse(&format!("{sixteen}{last}\n")).err(), Some(NoteError::Form));
    }

    #[test]
    fn every_flipped_bit_of_a_cosignature_is_seen() {
        let (key, checkpoint, note) = cosigned(1);
        let from = checkpoint.sign(&key).len();
        for position in from..note.len() {
            for bit in 0..8 {
                let mut bad = note.clone().into_bytes();
                bad[position] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bad) else {
                    continue;
                };
                let still = SignedNote::parse(&text).is_ok_and(|note| {
                    note.cosignature_lines().iter().any(|l| l.verifies(&checkpoint, &station(0).public()))
                });
                assert!(!still, "byte {position} bit {bit}");
            }
        }
    }
}

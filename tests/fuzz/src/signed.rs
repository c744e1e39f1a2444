//! What is signed: records, notes, trust lists.

use crate::sample::{device, root, station};
use flight_record::canonical;
use flight_record::dsse::{self, Envelope, Several};
use flight_record::note::{Checkpoint, Cosignature, MAX_COSIGNATURES, SignedNote};
use flight_record::outline::Outline;
use flight_record::radio::Beacon;
use flight_record::record::{PAYLOAD_TYPE, Record};
use flight_record::trust::{EnrolmentRequest, Role, TrustList};
use flight_record::{FlightId, Sha256};

const TRUST: &str = "application/vnd.skyseal.trust.v1+json";
const ENROLMENT: &str = "application/vnd.skyseal.enrolment.v1+json";

/// The bytes as the payload of a record, and as a line of a log.
pub fn record(bytes: &[u8]) {
    if let Ok(record) = canonical::read::<Record>(bytes) {
        assert_eq!(canonical::write(&record), bytes, "one spelling");
        let plain = bytes.iter().all(|c| matches!(c, b' '..=b'~') && *c != b'\\');
        assert!(plain, "every string is printable ASCII that nobody escapes");
        if record.check().is_ok() {
            assert_eq!(record.prev.is_none(), record.seq == 0);
            assert!(record.kind.sealed_files().len() <= bytes.len());
        }
        let line = dsse::seal(PAYLOAD_TYPE, bytes, &device());
        let outline = Outline::read(&line[..]).unwrap();
        assert_eq!((outline.records, outline.unreadable), (0, 1), "a line ends in a newline");
        line_of_a_log(&line);
    }
    line_of_a_log(bytes);
    let outline = Outline::read(bytes).unwrap();
    assert!(outline.unreadable <= outline.records + 1);
}

fn line_of_a_log(line: &[u8]) {
    let several = Several::parse(line, PAYLOAD_TYPE);
    let Ok(envelope) = Envelope::parse(line, PAYLOAD_TYPE) else { return };
    assert_eq!(several.unwrap().write(), line, "one spelling");
    if let Ok(payload) = envelope.verify(&device().public()) {
        // Ed25519 is deterministic, and strict verification leaves no second signature.
        assert_eq!(dsse::seal(PAYLOAD_TYPE, payload, &device()), line);
    }
}

/// The bytes as a note, and as what a note is made of.
pub fn note(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(note) = SignedNote::parse(text)
    {
        spelled_once(&note, text);
        let checkpoint = note.claimed().clone();
        if note.verify(&device().public()).is_ok() {
            assert!(text.starts_with(&checkpoint.sign(&device())), "the only note the device signs over it");
        }
        for cosignature in note.cosignatures() {
            if cosignature.verifies(&checkpoint, &station().public()) {
                assert_eq!(*cosignature, checkpoint.cosign(&station(), cosignature.time_s));
            }
        }
        let beacon = Beacon::of(text, true).unwrap();
        let without: String = text.split_inclusive('\n').take(5).collect();
        assert_eq!(beacon.note().to_string(), without);
    }
    if let Some((id, rest)) = bytes.split_first_chunk::<16>()
        && let Some((size, rest)) = rest.split_first_chunk::<8>()
    {
        made(
            &Checkpoint { flight: FlightId::from_bytes(*id), size: u64::from_le_bytes(*size), root: Sha256::of(rest) },
            rest,
        );
    }
}

/// A note reads back, and takes cosignatures, whatever its checkpoint.
fn made(checkpoint: &Checkpoint, rest: &[u8]) {
    let mut text = checkpoint.sign(&device());
    // Signing is slow: only some inputs fill a note to its end.
    let most = if rest.len() % 16 == 1 { MAX_COSIGNATURES + 1 } else { 2 };
    for seed in rest.iter().take(most) {
        let station = flight_record::keys::DeviceKey::from_seed([*seed; 32]);
        let cosignature = checkpoint.cosign(&station, u64::from(*seed) << 55 >> 1);
        text = SignedNote::parse(&text).unwrap().with_cosignature(&station.public(), cosignature);
        assert_eq!(SignedNote::parse(&text).unwrap().with_cosignature(&station.public(), cosignature), text, "once");
    }
    let note = SignedNote::parse(&text).unwrap();
    assert_eq!(note.verify(&device().public()), Ok(checkpoint));
    spelled_once(&note, &text);
}

fn spelled_once(note: &SignedNote, text: &str) {
    assert_eq!(note.to_string(), text, "one spelling");
    let cosignatures: Vec<&Cosignature> = note.cosignatures().collect();
    assert!(cosignatures.len() <= MAX_COSIGNATURES);
    assert!(cosignatures.is_sorted_by(|a, b| a.key_hash < b.key_hash));
}

/// The bytes as `trust.json`, as the list in it, and as a request to stand in one.
pub fn trust(bytes: &[u8]) {
    let fingerprint = root().public().id();
    if let Ok(list) = TrustList::open(bytes, fingerprint) {
        consistent(&list);
    }
    for signer in [root(), station()] {
        if let Ok(list) = TrustList::open(&dsse::seal(TRUST, bytes, &signer), fingerprint) {
            assert_eq!(canonical::write(&list), bytes, "what was signed is what is read");
            consistent(&list);
        }
    }
    for request in [bytes, &dsse::seal(ENROLMENT, bytes, &device())] {
        if let Ok(request) = EnrolmentRequest::read(request) {
            assert!(canonical::read::<EnrolmentRequest>(&canonical::write(&request)).is_ok());
        }
    }
    if let Ok(several) = Several::parse(bytes, TRUST) {
        assert_eq!(several.write(), bytes, "one spelling");
        let before = several.key_ids();
        if let Ok(more) = several.countersigned(&station()) {
            let ids = Several::parse(&more.write(), TRUST).unwrap().key_ids();
            assert_eq!(
                ids.split_last().map(|(last, rest)| (*last, rest)),
                Some((station().public().id(), &before[..]))
            );
        }
    }
}

/// What a list that was opened promises to those who ask it.
fn consistent(list: &TrustList) {
    assert_eq!(list.fingerprint(), root().public().id());
    assert_eq!(list.version / 1_000_000, list.serial);
    for entry in &list.keys {
        assert_eq!(entry.id, entry.public_key.id());
        assert_eq!(list.entry(entry.id), Some(entry));
        let at = entry.valid_from_utc_us;
        let vouched = [Role::Device, Role::Station, Role::Store, Role::Officer]
            .into_iter()
            .filter(|role| list.vouches(entry.id, *role, at).is_ok())
            .count();
        assert!(vouched <= 1, "a key has one role");
        assert!(
            list.vouches(entry.id, entry.role, entry.valid_until_utc_us.saturating_add(1)).is_err()
                || entry.valid_until_utc_us == i64::MAX
        );
        assert_eq!(list.certificate(entry.id).is_some(), entry.role == Role::Device);
        let hash = flight_record::note::station_key_hash(&entry.public_key);
        assert!(list.cosigners(hash).any(|found| found.id == entry.id));
    }
}

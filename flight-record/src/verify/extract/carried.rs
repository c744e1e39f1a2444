//! The records of an extract: each in its place under the last head, and signed as far as a key for it is known.

use super::super::records::Records;
use super::super::report::{Items, Subject};
use super::super::words::Integrity;
use crate::canonical;
use crate::digest::Sha256;
use crate::dsse::Envelope;
use crate::extract::{CarriedRecord, EXTRACT, Extract};
use crate::keys::PublicKey;
use crate::layout::SealedName;
use crate::log::chain::claimed;
use crate::note::Checkpoint;
use crate::record::{Kind, MAX_LINE_BYTES, PAYLOAD_TYPE, Record};
use crate::tree;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::{BTreeMap, BTreeSet};

type Trouble = (Integrity, String);

/// The device's key, as record 0 says: whether it signed record 0 is still to be seen.
pub(super) fn device(extract: &Extract) -> Option<PublicKey> {
    match line_of(extract.records.first()?).and_then(|line| claimed(&line))?.kind {
        Kind::Open(open) => Some(open.certificate.public_key),
        _ => None,
    }
}

fn line_of(carried: &CarriedRecord) -> Option<Vec<u8>> {
    STANDARD.decode(&carried.line).ok().filter(|line| line.len() <= MAX_LINE_BYTES)
}

/// Checks all of them against the last head, and what they say of the files.
pub(super) fn check(extract: &Extract, head: Option<Checkpoint>, records: &mut Records, items: &mut Items) {
    let finishing = finishing(extract);
    check_choice(extract, &finishing, items);
    let mut reading = Reading { extract, device: device(extract), head, before: None };
    let mut refused = reading.head.is_none().then_some("the last head, under which it should be, is refused");
    for carried in &extract.records {
        let line = line_of(carried);
        let kind = line.as_deref().and_then(claimed).map(|record| record.kind.name());
        let item = Subject::Carried { seq: carried.seq, kind };
        let finishes = finishing.contains_key(&carried.seq);
        if let Some(why) = refused {
            items.not_checked(item, why);
            continue;
        }
        let follows = reading.before.as_ref().is_some_and(|before| before.seq + 1 == carried.seq);
        match reading.take(carried, line.as_deref()) {
            Err((word, detail)) => {
                refused = (carried.seq == 0).then_some("record 0, which names the device, is refused");
                items.found(item, word, detail);
            }
            Ok(_) if finishes && !follows => {
                items.not_checked(item, "the record before it, which names its key, is refused or not here");
            }
            Ok(record) => match records.take_carried(&record, finishes) {
                None => items.intact(item),
                Some((word, detail)) => items.found(item, word, detail),
            },
        }
    }
}

/// The listed files, each by the `seq` of the records that say that they finish it.
fn finishing(extract: &Extract) -> BTreeMap<u64, SealedName> {
    let listed: BTreeSet<&SealedName> = extract.files.iter().collect();
    let file_of = |carried: &CarriedRecord| match claimed(&line_of(carried)?)?.kind {
        Kind::Segment(segment) => Some(segment.file),
        Kind::Telemetry(telemetry) => Some(telemetry.file),
        Kind::Still(still) => Some(still.file),
        _ => None,
    };
    let pairs = extract.records.iter().filter_map(|carried| Some((carried.seq, file_of(carried)?)));
    pairs.filter(|(_, file)| listed.contains(file)).collect()
}

/// Exactly the records that the files need are here.
fn check_choice(extract: &Extract, finishing: &BTreeMap<u64, SealedName>, items: &mut Items) {
    let mut needed: BTreeSet<u64> = finishing.keys().flat_map(|seq| [seq.saturating_sub(1), *seq]).collect();
    needed.insert(0);
    let here: BTreeSet<u64> = extract.records.iter().map(|carried| carried.seq).collect();
    let finished: BTreeSet<&SealedName> = finishing.values().collect();
    let mut say = |detail| items.found(Subject::File(EXTRACT.to_owned()), Integrity::Malformed, detail);
    extract.files.iter().filter(|name| !finished.contains(name)).for_each(|name| {
        say(format!("no record here finishes {name}"));
    });
    needed.difference(&here).for_each(|seq| say(format!("record {seq} is needed and not carried")));
    here.difference(&needed).for_each(|seq| say(format!("record {seq} is carried and not needed")));
}

/// What the next record is held against.
struct Reading<'a> {
    extract: &'a Extract,
    device: Option<PublicKey>,
    head: Option<Checkpoint>,
    before: Option<Before>,
}

/// The record before, once it is sound.
struct Before {
    seq: u64,
    leaf: Sha256,
    record: Record,
}

impl Reading<'_> {
    fn take(&mut self, carried: &CarriedRecord, line: Option<&[u8]>) -> Result<Record, Trouble> {
        let before = self.before.take().filter(|before| before.seq + 1 == carried.seq);
        let line = line.ok_or_else(|| malformed("its line is not strict base64 of at most 65536 bytes"))?;
        let record = self.signed(carried, line, before.as_ref())?;
        record.check().map_err(malformed)?;
        self.check_place(carried, &record, before.as_ref())?;
        let leaf = tree::leaf_hash(line);
        let leads =
            |head: &Checkpoint| tree::verify_inclusion(&head.root, head.size, carried.seq, &leaf, &carried.proof);
        if !self.head.as_ref().is_some_and(leads) {
            return Err((Integrity::Altered, "its proof does not lead to the last head".to_owned()));
        }
        self.before = Some(Before { seq: carried.seq, leaf, record: record.clone() });
        Ok(record)
    }

    /// The record in the envelope. Its signature is checked where the device signed, or where the record before is here.
    fn signed(&self, carried: &CarriedRecord, line: &[u8], before: Option<&Before>) -> Result<Record, Trouble> {
        let envelope = Envelope::parse(line, PAYLOAD_TYPE).map_err(|error| malformed(error.to_string()))?;
        let device = self.device.ok_or_else(|| malformed("record 0 is open"))?;
        let is_by_device = envelope.key_id() == device.id();
        let key = match before.map(|before| before.record.next_key) {
            _ if carried.seq == 0 || is_by_device => Some(device),
            Some(Some(next)) if next.id() == envelope.key_id() => Some(next),
            Some(_) => return Err((Integrity::KeyUntrusted, OTHER_KEY.to_owned())),
            None => None,
        };
        let payload = match &key {
            Some(key) => envelope.verify(key).map_err(|error| malformed(error.to_string()))?,
            None => envelope.claimed_payload(),
        };
        let record: Record = canonical::read(payload).map_err(|error| malformed(error.to_string()))?;
        if matches!(record.kind, Kind::Erased(_) | Kind::LogOpen(_)) {
            return Err(malformed("no flight holds it"));
        }
        if is_by_device && !matches!(record.kind, Kind::Open(_) | Kind::Recovered(_)) {
            return Err((Integrity::KeyUntrusted, OTHER_KEY.to_owned()));
        }
        Ok(record)
    }

    fn check_place(&self, carried: &CarriedRecord, record: &Record, before: Option<&Before>) -> Result<(), Trouble> {
        if record.flight_id != self.extract.flight_id {
            return Err((Integrity::WrongFlight, format!("it belongs to flight {}", record.flight_id)));
        }
        if self.device.is_some_and(|device| device.id() != record.device_id) {
            return Err((Integrity::WrongFlight, format!("it belongs to device {}", record.device_id)));
        }
        if record.seq != carried.seq {
            return Err(malformed(format!("it is record {}", record.seq)));
        }
        let Some(before) = before else { return Ok(()) };
        if record.prev != Some(before.leaf) {
            return Err((Integrity::Altered, "it does not build on the record before".to_owned()));
        }
        let keeps_boot = record.boot_id == before.record.boot_id || matches!(record.kind, Kind::Recovered(_));
        if keeps_boot { Ok(()) } else { Err(malformed("boot_id changes only in recovered")) }
    }
}

const OTHER_KEY: &str = "signed by a key that the record before does not name";

fn malformed(why: impl Into<String>) -> Trouble {
    (Integrity::Malformed, why.into())
}

//! Erase orders: one good one, and every way in which one can be wrong.

use crate::support::{SECOND_US, START_UTC_US, Unit, at, boot, code};
use flight_record::device_log::{DeviceLog, ERASE_BEGUN, LogFacts};
use flight_record::dock::{
    Aboard, Approved, Challenge, EraseOrder, MAX_ORDER_VALID_US, Manifest, Quarantine, Receipt, ReceiptSchema, Refusal,
    SealedReceipt, Signatory, Terms, files_aboard,
};
use flight_record::dsse;
use flight_record::keys::DeviceKey;
use flight_record::trust::{self, Class, Duty, EnrolmentRequest, Grant, Revocation, TrustList, Validity};
use flight_record::verify::Word;
use flight_record::{Extent, FlightId, Sha256};
use std::fs;
use std::os::unix::fs::symlink;

const NOW: i64 = START_UTC_US + 100 * SECOND_US;
const HOUR_US: i64 = 3600 * SECOND_US;

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed([seed; 32])
}

/// People and stores, by the seed of their keys.
const PILOT: u8 = 101;
const OBSERVER: u8 = 102;
const CUSTODIAN: u8 = 103;
const OTHER_CUSTODIAN: u8 = 104;
const AUDITOR: u8 = 105;
const PILOTS_OTHER_KEY: u8 = 106;
const STORE: u8 = 111;
const OTHER_STORE: u8 = 112;
const STORES_OTHER_KEY: u8 = 113;
const NOBODY: u8 = 120;

/// A whole flight of a unit with people and stores.
struct Handover {
    unit: Unit,
    flight: FlightId,
    challenge: Challenge,
    manifest: Manifest,
}

impl Handover {
    fn new() -> Self {
        let mut unit = Unit::new(Class::Simulated);
        let officers: [(u8, &str, &[Duty]); 6] = [
            (PILOT, "officer 1", &[Duty::Pilot]),
            (OBSERVER, "officer 2", &[Duty::Observer]),
            (CUSTODIAN, "officer 3", &[Duty::Custodian]),
            (OTHER_CUSTODIAN, "officer 4", &[Duty::Custodian, Duty::Witness]),
            (AUDITOR, "officer 5", &[Duty::Auditor, Duty::Administrator]),
            (PILOTS_OTHER_KEY, "officer 1", &[Duty::Pilot, Duty::Custodian]),
        ];
        for (seed, name, duties) in officers {
            unit.trust = listed(&unit.trust, seed, name, Grant::officer(duties));
        }
        for (seed, name) in [(STORE, "store 1"), (OTHER_STORE, "store 2"), (STORES_OTHER_KEY, "store 1")] {
            unit.trust = listed(&unit.trust, seed, name, Grant::store());
        }
        let dir = unit.whole_flight();
        let flight = dir.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let challenge = Challenge::make(&unit.path("dock"), flight).unwrap();
        let (manifest, others) = files_aboard(&unit.path("flights"), flight, &Manifest::default()).unwrap();
        assert!(others.is_empty() && manifest.files() > 6);
        Self { unit, flight, challenge, manifest }
    }

    fn device(&self) -> Sha256 {
        self.unit.device.public().id()
    }

    fn receipt(&self, store: u8) -> Receipt {
        Receipt {
            schema: ReceiptSchema::V1,
            store: key(store).public().id(),
            name: "store".parse().unwrap(),
            flight_id: self.flight,
            device_id: self.device(),
            manifest: self.manifest.digest(),
            files: self.manifest.files(),
            bytes: self.manifest.bytes(),
            verdict: "VERIFIED-UNWITNESSED".parse().unwrap(),
            at_utc_us: NOW,
        }
    }

    fn receipts(&self, stores: [u8; 2]) -> [SealedReceipt; 2] {
        stores.map(|store| SealedReceipt(self.receipt(store).sign(&key(store)).unwrap()))
    }

    fn terms(&self) -> Terms {
        Terms {
            device_id: self.device(),
            flight_id: self.flight,
            manifest: self.manifest.clone(),
            receipts: self.receipts([STORE, OTHER_STORE]),
            challenge: self.challenge.0,
            expires_utc_us: NOW + HOUR_US,
            reason: "handed over, two copies".parse().unwrap(),
            quarantine: None,
        }
    }

    fn changed(&self, change: impl FnOnce(&mut Terms)) -> Terms {
        let mut terms = self.terms();
        change(&mut terms);
        terms
    }

    fn aboard(&self) -> Aboard {
        let (files, others) = files_aboard(&self.unit.path("flights"), self.flight, &self.manifest).unwrap();
        Aboard {
            device: self.device(),
            flight: self.flight,
            closed: true,
            armed: false,
            recording: false,
            challenge: Some(self.challenge),
            files,
            others,
        }
    }

    fn judged(&self, terms: Terms, signers: [u8; 2], aboard: &Aboard) -> Result<Approved, Refusal> {
        order(terms, signers).check(aboard, &self.unit.trust, NOW)
    }

    /// The refusal of an order that is right but for these terms.
    fn refusal(&self, terms: Terms) -> Refusal {
        self.judged(terms, [PILOT, OBSERVER], &self.aboard()).unwrap_err()
    }

    fn refusal_of(&self, signers: [u8; 2]) -> Refusal {
        self.judged(self.terms(), signers, &self.aboard()).unwrap_err()
    }
}

fn listed(list: &TrustList, seed: u8, name: &str, grant: Grant) -> TrustList {
    let request = EnrolmentRequest::write(&key(seed), name.parse().unwrap(), START_UTC_US);
    let request = EnrolmentRequest::read(&request).unwrap();
    list.clone().with_key(&request, grant, Validity { from_utc_us: START_UTC_US, days: 30 }).unwrap()
}

fn order(terms: Terms, [actor, witness]: [u8; 2]) -> EraseOrder {
    EraseOrder::parse(&EraseOrder::make(terms, &key(actor), &key(witness)).unwrap()).unwrap()
}

/// Asserts the name of a refusal, and that people are told something.
macro_rules! refused {
    ($refusal:expr, $pattern:pat $(if $guard:expr)?) => {{
        let refusal = $refusal;
        assert!(matches!(&refusal, $pattern $(if $guard)?), "{refusal:?}");
        assert!(refusal.to_string().len() > 20, "{refusal}");
    }};
}

#[test]
fn a_good_order_says_what_the_device_log_will_say() {
    let case = Handover::new();
    for signers in [[PILOT, OBSERVER], [CUSTODIAN, PILOT], [PILOT, CUSTODIAN], [CUSTODIAN, OTHER_CUSTODIAN]] {
        let approved = case.judged(case.terms(), signers, &case.aboard()).unwrap();
        let erased = approved.erased;
        assert_eq!([erased.actor, erased.witness], signers.map(|seed| key(seed).public().id()));
        assert_eq!(erased.stores, [STORE, OTHER_STORE].map(|seed| key(seed).public().id()));
        assert_eq!((erased.flight, erased.manifest), (case.flight, case.manifest.digest()));
        assert_eq!((erased.files, erased.bytes), (case.manifest.files(), case.manifest.bytes()));
        assert_eq!(approved.terms, case.terms());
    }
    let bytes = EraseOrder::make(case.terms(), &key(PILOT), &key(OBSERVER)).unwrap();
    let with_newline = [&bytes[..], b"\n"].concat();
    assert_eq!(EraseOrder::parse(&with_newline).unwrap().digest(), Sha256::of(&bytes));
}

#[test]
fn every_byte_of_an_order_counts() {
    let case = Handover::new();
    let good = EraseOrder::make(case.terms(), &key(PILOT), &key(OBSERVER)).unwrap();
    let aboard = case.aboard();
    // Every byte of envelope and ends, and a good part of the long middle.
    for position in (0..good.len()).filter(|at| *at < 300 || at % 7 == 0 || good.len() - at < 600) {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        let judged = EraseOrder::parse(&bad).map(|order| order.check(&aboard, &case.unit.trust, NOW));
        assert!(!matches!(judged, Ok(Ok(_))), "byte {position}");
    }
}

#[test]
fn the_two_who_sign_are_two_entitled_people() {
    let case = Handover::new();
    let refusal = |signers| case.refusal_of(signers);
    use Signatory::{Actor, Witness};
    refused!(refusal([NOBODY, OBSERVER]), Refusal::Officer { who: Actor, source: trust::Refusal::NotListed(_) });
    refused!(refusal([PILOT, NOBODY]), Refusal::Officer { who: Witness, source: trust::Refusal::NotListed(_) });
    refused!(refusal([STORE, OBSERVER]), Refusal::Officer { who: Actor, source: trust::Refusal::OtherRole { .. } });
    refused!(refusal([PILOT, STORE]), Refusal::Officer { who: Witness, source: trust::Refusal::OtherRole { .. } });
    refused!(refusal([OBSERVER, PILOT]), Refusal::Duty { who: Actor, .. });
    refused!(refusal([PILOT, AUDITOR]), Refusal::Duty { who: Witness, .. });
    refused!(refusal([PILOT, PILOTS_OTHER_KEY]), Refusal::SamePerson { .. });
    assert!(EraseOrder::make(case.terms(), &key(PILOT), &key(PILOT)).is_err(), "one key twice");

    // One signature, three, and one key twice are no order at all.
    let bytes = EraseOrder::make(case.terms(), &key(PILOT), &key(OBSERVER)).unwrap();
    let three = dsse::Several::parse(&bytes, "application/vnd.skyseal.erase.v1+json").unwrap();
    let three = three.countersigned(&key(CUSTODIAN)).unwrap().write();
    assert!(EraseOrder::parse(&three).is_err());
    let text = String::from_utf8(bytes).unwrap();
    let second = text.rfind(",{\"keyid\"").unwrap();
    assert!(EraseOrder::parse(format!("{}]}}", &text[..second]).as_bytes()).is_err());
}

#[test]
fn revoked_and_out_of_time() {
    let mut case = Handover::new();
    let good = case.unit.trust.clone();
    for (seed, who) in [(PILOT, Signatory::Actor), (OBSERVER, Signatory::Witness)] {
        let revocation = Revocation { at_utc_us: NOW, reason: code("left") };
        case.unit.trust = good.clone().with_revoked(key(seed).public().id(), revocation, NOW).unwrap();
        let refusal = case.refusal(case.terms());
        refused!(refusal, Refusal::Officer { who: found, source: trust::Refusal::Revoked { .. } } if *found == who);
    }
    for (number, seed) in [(1, STORE), (2, OTHER_STORE)] {
        let revocation = Revocation { at_utc_us: NOW - 1, reason: code("stolen") };
        case.unit.trust = good.clone().with_revoked(key(seed).public().id(), revocation, NOW).unwrap();
        let refusal = case.refusal(case.terms());
        refused!(refusal, Refusal::Store { number: found, source: trust::Refusal::Revoked { .. } } if *found == number);
    }
    case.unit.trust = good.clone();
    case.unit.trust.expires_utc_us = NOW - 1;
    refused!(case.refusal(case.terms()), Refusal::TrustExpired);
    case.unit.trust = good;
    case.unit.trust.keys.iter_mut().for_each(|entry| entry.valid_from_utc_us = NOW + 1);
    refused!(case.refusal(case.terms()), Refusal::Officer { source: trust::Refusal::OutOfTime(_), .. });
}

#[test]
fn each_field_wrong_once() {
    let case = Handover::new();
    let refusal = |change: &dyn Fn(&mut Terms)| case.refusal(case.changed(|terms| change(terms)));
    refused!(refusal(&|t| t.expires_utc_us = NOW - 1), Refusal::Expired { .. });
    refused!(refusal(&|t| t.expires_utc_us = NOW + MAX_ORDER_VALID_US + 1), Refusal::ValidTooLong);
    refused!(refusal(&|t| t.challenge = Sha256::of(b"guess")), Refusal::OtherChallenge { .. });
    // Terms and receipts agree with each other, and are about something else than what is aboard.
    let about = |device: Sha256, flight: FlightId| {
        case.changed(|terms| {
            (terms.device_id, terms.flight_id) = (device, flight);
            terms.receipts = [STORE, OTHER_STORE].map(|store| {
                let receipt = Receipt { device_id: device, flight_id: flight, ..case.receipt(store) };
                SealedReceipt(receipt.sign(&key(store)).unwrap())
            });
        })
    };
    refused!(case.refusal(about(Sha256::of(b"other"), case.flight)), Refusal::OtherDevice { .. });
    refused!(case.refusal(about(case.device(), FlightId::new(1, [1; 10]))), Refusal::OtherFlight { .. });
    // Terms about something else than their receipts.
    let elsewhere = |found: Refusal, wanted: &str| {
        refused!(found, Refusal::ReceiptElsewhere { number: 1, what } if *what == wanted);
    };
    elsewhere(refusal(&|t| t.device_id = Sha256::of(b"other")), "device");
    elsewhere(refusal(&|t| t.flight_id = FlightId::new(1, [1; 10])), "flight");
    elsewhere(refusal(&|t| t.manifest.insert("records.jsonl", Extent::of(b"x")).unwrap()), "manifest");
}

#[test]
fn receipts_are_two_good_ones_of_two_stores() {
    let case = Handover::new();
    let with = |receipts: [SealedReceipt; 2]| case.refusal(case.changed(|terms| terms.receipts = receipts));
    let signed = |receipt: Receipt, store: u8| SealedReceipt(receipt.sign(&key(store)).unwrap());
    let [first, second] = case.receipts([STORE, OTHER_STORE]);
    refused!(with([first.clone(), first.clone()]), Refusal::SameStore { .. });
    refused!(with(case.receipts([STORE, STORES_OTHER_KEY])), Refusal::SameStore { .. });
    refused!(with([first.clone(), SealedReceipt(Vec::new())]), Refusal::Receipt { number: 2, .. });
    refused!(with(case.receipts([NOBODY, OTHER_STORE])), Refusal::Store { number: 1, .. });
    refused!(with(case.receipts([STORE, CUSTODIAN])), Refusal::Store { number: 2, .. });
    let mut tampered = second;
    let at = tampered.0.len() - 20;
    tampered.0[at] = if tampered.0[at] == b'A' { b'B' } else { b'A' };
    refused!(with([first.clone(), tampered]), Refusal::Receipt { number: 2, .. });
    for (receipt, wanted) in [
        (Receipt { manifest: Sha256::of(b"less"), ..case.receipt(OTHER_STORE) }, "manifest"),
        (Receipt { files: 1, ..case.receipt(OTHER_STORE) }, "number of files"),
        (Receipt { bytes: 1, ..case.receipt(OTHER_STORE) }, "number of bytes"),
        (Receipt { flight_id: FlightId::new(9, [9; 10]), ..case.receipt(OTHER_STORE) }, "flight"),
        (Receipt { device_id: Sha256::of(b"other"), ..case.receipt(OTHER_STORE) }, "device"),
    ] {
        let refusal = with([first.clone(), signed(receipt, OTHER_STORE)]);
        refused!(refusal, Refusal::ReceiptElsewhere { number: 2, what } if *what == wanted);
    }
    // An order with one receipt, or three, has another form.
    let text = serde_json::to_string(&case.receipts([STORE, OTHER_STORE])).unwrap();
    assert!(serde_json::from_str::<[SealedReceipt; 2]>(&text).is_ok());
    assert!(serde_json::from_str::<[SealedReceipt; 2]>(&text.replace("\",\"", "")).is_err());
}

#[test]
fn quarantine_is_a_decision_of_its_own_by_two_custodians() {
    let case = Handover::new();
    let verdict = |word: &str, said: Option<&str>| {
        case.changed(|terms| {
            terms.receipts = [STORE, OTHER_STORE].map(|store| {
                let receipt = Receipt { verdict: word.parse().unwrap(), ..case.receipt(store) };
                SealedReceipt(receipt.sign(&key(store)).unwrap())
            });
            terms.quarantine = said.map(|verdict| Quarantine { verdict: verdict.parse().unwrap() });
        })
    };
    let custodians = [CUSTODIAN, OTHER_CUSTODIAN];
    let judged = |terms: Terms, signers| case.judged(terms, signers, &case.aboard());
    assert!(judged(verdict("ALTERED", Some("ALTERED")), custodians).is_ok());
    refused!(judged(verdict("ALTERED", None), custodians).unwrap_err(), Refusal::Quarantined { .. });
    refused!(judged(verdict("ALTERED", Some("MALFORMED")), custodians).unwrap_err(), Refusal::NotQuarantined { .. });
    refused!(judged(verdict("GAP", Some("GAP")), custodians).unwrap_err(), Refusal::NotQuarantined { .. });
    let altered = || verdict("ALTERED", Some("ALTERED"));
    refused!(judged(altered(), [PILOT, CUSTODIAN]).unwrap_err(), Refusal::Duty { who: Signatory::Actor, .. });
    refused!(judged(altered(), [CUSTODIAN, OBSERVER]).unwrap_err(), Refusal::Duty { who: Signatory::Witness, .. });
    // A crashed or unwitnessed flight is no quarantine.
    assert!(judged(verdict("UNATTESTED-TAIL", None), [PILOT, OBSERVER]).is_ok());
}

#[test]
fn the_aircraft_must_be_at_rest_and_hold_exactly_this() {
    let case = Handover::new();
    let with = |change: &dyn Fn(&mut Aboard)| {
        let mut aboard = case.aboard();
        change(&mut aboard);
        case.judged(case.terms(), [PILOT, OBSERVER], &aboard).unwrap_err()
    };
    refused!(with(&|aboard| aboard.armed = true), Refusal::Armed);
    refused!(with(&|aboard| aboard.recording = true), Refusal::Recording);
    refused!(with(&|aboard| aboard.closed = false), Refusal::NotClosed);
    refused!(with(&|aboard| aboard.challenge = None), Refusal::NoChallenge);
    refused!(with(&|aboard| aboard.others.push("link".into())), Refusal::Extra { path } if path == "link");
}

#[test]
fn files_added_lost_or_changed_aboard_stop_it() {
    let case = Handover::new();
    let dir = case.unit.path("flights").join(case.flight.to_string());
    let judged = || case.judged(case.terms(), [PILOT, OBSERVER], &case.aboard());
    assert!(judged().is_ok());
    let segment = dir.join("segments/eo/000001.ts.age");
    let whole = fs::read(&segment).unwrap();

    fs::write(dir.join("segments/eo/000009.ts.age"), b"x").unwrap();
    refused!(judged().unwrap_err(), Refusal::Extra { path } if path == "segments/eo/000009.ts.age");
    fs::remove_file(dir.join("segments/eo/000009.ts.age")).unwrap();
    symlink("/etc/passwd", dir.join("torn-link")).unwrap();
    refused!(judged().unwrap_err(), Refusal::Extra { path } if path == "torn-link");
    fs::remove_file(dir.join("torn-link")).unwrap();

    fs::remove_file(&segment).unwrap();
    refused!(judged().unwrap_err(), Refusal::Missing { path } if path == "segments/eo/000001.ts.age");
    fs::write(&segment, &whole[..whole.len() - 1]).unwrap();
    refused!(judged().unwrap_err(), Refusal::Differs { path } if path == "segments/eo/000001.ts.age");
    fs::write(&segment, &whole).unwrap();
    for log in ["records.jsonl", "checkpoints.jsonl"] {
        let good = fs::read(dir.join(log)).unwrap();
        let mut bad = good.clone();
        bad[100] ^= 1;
        fs::write(dir.join(log), bad).unwrap();
        refused!(judged().unwrap_err(), Refusal::Differs { path } if path == log);
        fs::write(dir.join(log), good).unwrap();
    }
    assert!(judged().is_ok());
}

#[test]
fn what_records_and_order_disagree_on_is_hashed_as_it_lies_there() {
    let case = Handover::new();
    let flights = case.unit.path("flights");
    let path = "segments/eo/000001.ts.age";
    let file = flights.join(case.flight.to_string()).join(path);
    let mut altered = fs::read(&file).unwrap();
    altered[50] ^= 1;
    fs::write(&file, &altered).unwrap();
    // A store that copied the altered file holds it under its own digest: that is what is compared.
    let mut copied = case.manifest.clone();
    copied.insert(path, Extent::of(&altered)).unwrap();
    assert_eq!(files_aboard(&flights, case.flight, &copied).unwrap().0, copied);
    assert_eq!(files_aboard(&flights, case.flight, &Manifest::default()).unwrap().0, copied);
}

#[test]
fn the_device_log_remembers_what_was_begun_and_what_is_done() {
    let case = Handover::new();
    let unit = &case.unit;
    let open = |boot_n: u8, at_s: u32| {
        let facts = unit.facts();
        let facts = LogFacts { certificate: facts.certificate, software: facts.software, boot_id: boot(boot_n) };
        DeviceLog::open(&unit.path("device-log"), &unit.device, &unit.path("keys"), facts, at(at_s)).unwrap()
    };
    let order = order(case.terms(), [PILOT, OBSERVER]);
    let actor = key(PILOT).public().id();
    let mut log = open(1, 1);
    assert_eq!(log.erasing(case.flight), None);
    log.event_by(code(ERASE_BEGUN), Some(actor), Some(case.flight), at(2)).unwrap();
    drop(log);

    // The computer died; meanwhile the officer left and the order expired. What was begun is finished all the same.
    let mut log = open(2, 3);
    assert_eq!(log.erasing(case.flight), Some(actor));
    let revocation = Revocation { at_utc_us: NOW, reason: code("left") };
    let later = unit.trust.clone().with_revoked(actor, revocation, NOW).unwrap();
    let approved = order.begun_before(&later).unwrap();
    assert_eq!(approved.erased, case.judged(case.terms(), [PILOT, OBSERVER], &case.aboard()).unwrap().erased);
    assert!(!log.has_erased(order.digest()));
    let head = log.erased(approved.erased, at(4)).unwrap();
    assert!(log.has_erased(order.digest()) && log.erasing(case.flight).is_none());
    let line = String::from_utf8(log.last_line().unwrap()).unwrap();
    assert_eq!(head.size, 4);
    assert!(fs::read_to_string(unit.path("device-log/records.jsonl")).unwrap().ends_with(&format!("{line}\n")));
    drop(log);
    assert!(open(3, 5).has_erased(order.digest()), "also after a restart");
    assert_eq!(unit.verify_sealed(&unit.path("device-log")).word, Word::VerifiedUnwitnessed);
}

#[test]
fn an_order_that_was_never_begun_rightly_is_not_taken_up() {
    let case = Handover::new();
    let forged = order(case.terms(), [NOBODY, OBSERVER]);
    refused!(forged.begun_before(&case.unit.trust).unwrap_err(), Refusal::Officer { .. });
}

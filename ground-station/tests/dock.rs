//! `skyseal-ground dock` as people run it, from a card.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use evidence_store::ledger::{Category, Ledger};
use evidence_store::people::{Cost, NewAccount, People, Pin, Session};
use evidence_store::store::{Folder, Store as _, StoreIdentity};
use flight_record::dock::{Challenge, EraseOrder, Receipt};
use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::package;
use flight_record::recipients::{FlightRecipients, make_person};
use flight_record::record::Software;
use flight_record::trust::{Class, Duty, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::verify::{Anchor, Options};
use flight_record::{ClockSource, FlightId, Label, Sha256, Stamp};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "../../flight-record/tests/it/tsa.rs"]
mod tsa;

const DAY_US: i64 = 86_400_000_000;
const PIN: &str = "271828";
/// Trying a PIN costs next to nothing here.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

const PEOPLE: [(&str, Duty); 4] = [
    ("admin", Duty::Administrator),
    ("pilot", Duty::Pilot),
    ("observer", Duty::Witness),
    ("custodian", Duty::Custodian),
];

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

/// A unit with two stores, people, and a card with one flight.
struct Unit {
    temp: tempfile::TempDir,
    trust: TrustList,
    root: DeviceKey,
    flight: FlightId,
    now_utc_us: i64,
}

impl Unit {
    fn new() -> Self {
        let now_utc_us = jiff::Timestamp::now().as_microsecond();
        let root = DeviceKey::from_seed([9; 32]);
        let trust = TrustList::first(label("unit"), root.public(), now_utc_us - DAY_US);
        let temp = tempfile::tempdir().unwrap();
        let mut unit = Self { temp, trust, root, flight: FlightId::new(1, [0; 10]), now_utc_us };
        let device = DeviceKey::from_seed([1; 32]);
        unit.enrol(&device, "aircraft", Grant::device(Class::Simulated));
        for name in ["first", "second"] {
            let store = StoreIdentity::init(&unit.path(name), label(name), now_utc_us).unwrap();
            unit.enrol(&store.key, name, Grant::store());
        }
        let first = StoreIdentity::load(&unit.path("first")).unwrap();
        Ledger::create(&unit.path("first/ledger.sqlite"), &first, now_utc_us).unwrap();
        unit.hire();
        unit.fly(&device);
        fs::write(unit.path("trust.json"), unit.trust.seal(&unit.root)).unwrap();
        fs::write(unit.path("pin"), format!("{PIN}\n")).unwrap();
        fs::write(unit.path("wrong"), "314159\n").unwrap();
        unit
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn enrol(&mut self, key: &DeviceKey, name: &str, grant: Grant) {
        let request = EnrolmentRequest::read(&EnrolmentRequest::write(key, label(name), self.now_utc_us)).unwrap();
        let validity = Validity { from_utc_us: self.now_utc_us - DAY_US, days: 30 };
        self.trust = self.trust.clone().with_key(&request, grant, validity).unwrap();
    }

    fn hire(&mut self) {
        let people = People::open(&self.path("first/people.sqlite")).unwrap().with_cost(CHEAP);
        let mut administrator: Option<Session> = None;
        for (staff, (name, duty)) in PEOPLE.into_iter().enumerate() {
            let new = NewAccount { staff: label(&format!("PC {staff}")), label: label(name), duties: vec![duty] };
            people.add(&new, administrator.as_ref(), self.now_utc_us).unwrap();
            people.set_first_pin(&new.label, &Pin::new(PIN).unwrap()).unwrap();
            let session = people.log_in(&new.label, &Pin::new(PIN).unwrap(), self.now_utc_us).unwrap();
            self.enrol(session.key(self.now_utc_us).unwrap(), name, Grant::officer(&[duty]));
            administrator.get_or_insert(session);
        }
    }

    fn fly(&mut self, device: &DeviceKey) {
        let at = |at_s: i64| Stamp {
            mono_ns: 1_000_000_000 * u64::try_from(at_s + 1).unwrap(),
            utc_us: self.now_utc_us - DAY_US / 2 + at_s * 1_000_000,
            source: ClockSource::Gnss,
            uncertainty_us: 1000,
        };
        let person = make_person(&self.path("pilot.identity")).unwrap();
        let recipient = FlightRecipients::make(&self.path("wraps"), &[person]).unwrap();
        let certificate = self.trust.certificate(device.public().id()).unwrap();
        let facts = OpenFacts {
            class: certificate.class,
            certificate,
            recipients: vec![recipient],
            pts_epoch_utc_us: at(0).utc_us,
            audio_dropped: false,
            software: Software { name: label("test"), version: label("0"), sha256: Sha256::of(b"") },
            configuration_sha256: Sha256::of(b""),
            documents: vec![("mission".parse().unwrap(), b"a square".to_vec())],
            boot_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        };
        let mut flight = Flight::create(&self.path("card/flights"), device, &self.path("keys"), facts, at(0)).unwrap();
        flight.event("light".parse().unwrap(), Some(b"a light"), at(1)).unwrap();
        self.flight = flight.close("landed".parse().unwrap(), at(2)).unwrap().id();
        Challenge::make(&self.path("card/dock"), self.flight).unwrap();
    }

    fn dock(&self, more: &str) -> Output {
        let root = self.root.public().id();
        let words = format!("dock --from card --store first --second second --trust trust.json --root {root} {more}");
        ground(self.temp.path(), &words)
    }

    fn handed_over(&self, more: &str) -> Output {
        let people = "--actor pilot --actor-pin-file pin --countersign observer --countersign-pin-file pin";
        self.dock(&format!("{people} --reason end-of-duty --wraps wraps {more}"))
    }
}

fn ground(dir: &Path, arguments: &str) -> Output {
    let words = arguments.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_skyseal-ground")).args(words).current_dir(dir).output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_card_is_planned_taken_over_and_told_to_erase() {
    let unit = Unit::new();
    let flight = unit.flight.to_string();
    let plan = json(&unit.dock("--plan --json"));
    assert_eq!(plan["plans"][0]["flight"], flight);
    assert_eq!(plan["plans"][0]["closed"], true);
    let shown = unit.dock("--plan");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(&flight), "{shown:?}");
    assert!(fs::read_dir(unit.path("first/objects")).unwrap().next().is_none(), "a plan changes nothing");

    let done = json(&unit.handed_over("--json"));
    let outcome = &done["flights"][0];
    assert_eq!(outcome["flight"], flight);
    assert_eq!(outcome["quarantined"], false);
    assert_eq!(outcome["erasure"], "deferred");
    let first = StoreIdentity::load(&unit.path("first")).unwrap();
    let receipt = Receipt::open(outcome["receipts"][0].as_str().unwrap().as_bytes(), &first.key.public()).unwrap();
    assert_eq!(receipt.flight_id, unit.flight);
    let order = fs::read(unit.path(&format!("card/dock/{flight}.order"))).unwrap();
    EraseOrder::parse(&order).unwrap().authorised(&unit.trust, unit.now_utc_us).unwrap();
    assert!(unit.path("second/ledger.heads").is_file());

    // The same again: it is held, and says so.
    let again = unit.handed_over("");
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    let (plan, table) = (String::from_utf8_lossy(&again.stderr), String::from_utf8_lossy(&again.stdout));
    assert!(plan.contains("the first store holds it already"), "{plan}");
    assert!(table.contains("2 receipts") && table.contains("at its next start"), "{table}");
}

#[test]
fn a_package_is_made_by_those_who_may_let_a_flight_leave() {
    let unit = Unit::new();
    let by = |who: &str| {
        let people = format!("--actor {who} --actor-pin-file pin --countersign observer --countersign-pin-file pin");
        unit.dock(&format!("{people} --reason end-of-duty --wraps wraps --package packages"))
    };
    let refused = by("pilot");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(fs::read_dir(unit.path("first/objects")).unwrap().next().is_none(), "asked before anything is done");
    for _ in 0..2 {
        let made = by("custodian");
        assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let package = unit.path("packages").join(unit.flight.to_string());
    let anchor = Anchor { trust_json: unit.trust.seal(&unit.root), root: unit.root.public().id() };
    let report = package::verify(&package, &anchor, Options::sealed(unit.now_utc_us, 2)).unwrap();
    assert_eq!(report.word.to_string(), "VERIFIED-UNWITNESSED");
    assert!(fs::read_dir(package.join("data/wraps")).unwrap().next().is_some(), "the wrap goes with it");
    let first = Folder::open(&unit.path("first")).unwrap();
    let outside = [unit.path("second/ledger.heads")];
    let ledger = Ledger::open(&unit.path("first/ledger.sqlite"), first.identity(), &outside).unwrap();
    let entries = ledger.of_flight(unit.flight).unwrap();
    let disclosures = entries.iter().filter(|entry| entry.category == Category::Disclosure).count();
    assert_eq!(disclosures, 1, "made once, written down once");
}

/// Answers one query of RFC 3161 as `openssl ts` does.
fn answered_once(authority: &tsa::Authority, listener: &TcpListener) {
    let (stream, _) = listener.accept().unwrap();
    let (mut reader, mut line, mut length) = (BufReader::new(&stream), String::new(), 0);
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let counted = line.to_ascii_lowercase();
        length = counted.strip_prefix("content-length: ").map_or(length, |text| text.trim().parse().unwrap());
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query).unwrap();
    let reply = authority.reply(&query);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", reply.len());
    (&stream).write_all(&[head.as_bytes(), &reply].concat()).unwrap();
}

#[test]
fn an_authority_is_asked_once_and_its_silence_fails_no_handover() {
    let unit = Unit::new();
    let note = |address: SocketAddr| {
        let tsa = format!("--json --no-erase --tsa http://{address}/tsr --tsa-root authority/root.pem");
        let facts = json(&unit.handed_over(&tsa));
        facts["flights"][0]["notices"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned()
    };
    let authority = tsa::Authority::p256(&unit.path("authority"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let queued = note(nobody);
    assert!(
        queued.starts_with("outside time: queued: no network") && queued.contains("timestamps request"),
        "{queued}"
    );
    let address = listener.local_addr().unwrap();
    let stamped = std::thread::scope(|scope| {
        scope.spawn(|| answered_once(&authority, &listener));
        note(address)
    });
    assert!(stamped.starts_with("outside time: stamped 43") && stamped.ends_with("by CN=Clock"), "{stamped}");
    let misspelt = unit.handed_over("--tsa tsa.example");
    assert!(String::from_utf8_lossy(&misspelt.stderr).contains("no authority's address"));
}

#[test]
fn without_a_second_person_nothing_is_erased() {
    let unit = Unit::new();
    let done = json(&unit.dock("--actor pilot --actor-pin-file pin --reason end-of-duty --json"));
    assert_eq!(done["flights"][0]["erasure"], "kept");
    assert!(!done["flights"][0]["awaiting"].as_array().unwrap().is_empty(), "{done}");
    assert!(!unit.path(&format!("card/dock/{}.order", unit.flight)).exists());
}

#[test]
fn wrong_pins_and_misuse_have_their_exit_codes() {
    let unit = Unit::new();
    let wrong = unit.dock("--actor pilot --actor-pin-file wrong --reason end-of-duty");
    assert_eq!(wrong.status.code(), Some(1));
    let why = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(why.contains("the actor is not let in") && !why.contains("314159"), "{why}");
    let root = unit.root.public().id();
    let stores = format!("--store first --second second --trust trust.json --root {root}");
    for misuse in [
        "dock".to_owned(),
        format!("dock --from card {stores}"),
        format!("dock --from card {stores} --actor pilot --reason end-of-duty"),
        format!("dock --from tls://127.0.0.1:1 {stores} --plan"),
        format!("dock --from http://127.0.0.1:1 {stores} --plan"),
        format!("dock --from card {stores} --actor pilot --actor-pin-file pin --reason ."),
    ] {
        let refused = ground(unit.temp.path(), &misuse);
        assert_eq!(refused.status.code(), Some(2), "{misuse}: {}", String::from_utf8_lossy(&refused.stderr));
    }
    let help = ground(unit.temp.path(), "dock --help");
    assert!(String::from_utf8_lossy(&help.stdout).contains("skyseal-ground dock --plan"));
}

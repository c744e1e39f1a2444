//! `FORMAT.md`: its worked example reads back and checks, its wordings are those of the code.

use evidence_store::ledger::{Category, Fault, Ledger, LedgerError, Line};
use evidence_store::store::StoreIdentity;
use flight_record::keys::DeviceKey;
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

fn specification() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("FORMAT.md")).unwrap()
}

/// The fenced blocks of the example: lines, heads, personal data.
fn example() -> [Vec<String>; 3] {
    let text = specification();
    let (_, example) = text.split_once("\n## Example\n").unwrap();
    let blocks = example.split("```").skip(1).step_by(2);
    let lines = |block: &str| block.trim().lines().map(str::to_owned).collect();
    blocks.map(lines).collect::<Vec<_>>().try_into().unwrap()
}

fn store() -> StoreIdentity {
    StoreIdentity { name: "store a".parse().unwrap(), key: DeviceKey::from_seed([4; 32]) }
}

/// The tables that the document describes, filled with these lines by nothing but SQL.
fn database(path: &Path, [lines, heads, personal]: &[Vec<String>; 3]) {
    Ledger::create(path, &store(), 0).unwrap();
    let database = Connection::open(path).unwrap();
    let ledger = Line::read(example()[0][0].as_bytes()).unwrap().place().ledger;
    database.execute("UPDATE ledger SET ledger = ?1", [ledger.to_string()]).unwrap();
    for (seq, line) in (0..).zip(lines) {
        let row = (seq, line.as_bytes());
        database.execute("INSERT INTO entries (seq, at_utc_us, line) VALUES (?1, 0, ?2)", row).unwrap();
    }
    for (size, head) in (1..).zip(heads) {
        let head: Value = serde_json::from_str(head).unwrap();
        let row = (size, head["note"].as_str().unwrap());
        database.execute("INSERT INTO heads (size, note) VALUES (?1, ?2)", row).unwrap();
    }
    for row in personal {
        let row: Value = serde_json::from_str(row).unwrap();
        let text = |name: &str| row[name].as_str().unwrap();
        let row = (row["seq"].as_u64().unwrap(), text("salt"), text("data"));
        database.execute("INSERT INTO personal (seq, salt, data) VALUES (?1, unhex(?2), ?3)", row).unwrap();
    }
}

#[test]
fn the_worked_example_is_a_ledger() {
    let temp = tempfile::tempdir().unwrap();
    let example = example();
    database(&temp.path().join("whole"), &example);
    let ledger = Ledger::open(&temp.path().join("whole"), &store(), &[]).unwrap();
    assert_eq!((ledger.check().unwrap().size, ledger.awaiting().count()), (3, 0));
    let key = |seed: u8| DeviceKey::from_seed([seed; 32]).public();
    let [Line::Entry(taken), Line::Entry(given), Line::Countersignature(later)] = &ledger.lines(0, 3).unwrap()[..]
    else {
        panic!("two entries and a countersignature")
    };
    assert_eq!((taken.category, given.category), (Category::Collection, Category::Disclosure));
    assert_eq!((taken.signers(), given.signers()), (vec![key(2)], vec![key(2), key(3)]));
    assert_eq!((later.entry_seq, later.witness.key, ledger.personal(1).unwrap().is_some()), (0, key(3), true));

    // Not one character of it may be another.
    for seq in 0..3_usize {
        let mut other = example.clone();
        other[0][seq] = other[0][seq].replacen("eyJz", "eyJy", 1);
        let path = temp.path().join(format!("other {seq}"));
        database(&path, &other);
        let refused = Ledger::open(&path, &store(), &[]).and_then(|ledger| ledger.check());
        assert!(matches!(refused, Err(LedgerError::Bad { seq: bad, .. }) if bad == seq as u64), "{seq}: {refused:?}");
    }
    let mut other = example;
    other[2][0] = other[2][0].replacen("\"data\":\"", "\"data\":\"not ", 1);
    database(&temp.path().join("personal"), &other);
    let refused = Ledger::open(&temp.path().join("personal"), &store(), &[]).unwrap().check();
    assert!(matches!(refused, Err(LedgerError::Bad { seq: 1, fault: Fault::OtherPersonal })), "{refused:?}");
}

#[test]
fn refusals_are_worded_as_the_code_words_them() {
    let text = specification();
    let (uuid, n) = ("<uuid>", "<n>");
    let id = "0196a8a0-0000-7000-8000-000000000000";
    let faults = [
        Fault::Missing,
        Fault::CutOff { size: 7_777 },
        Fault::Unreadable,
        Fault::OtherLedger(id.parse().unwrap()),
        Fault::OtherPlace(7_777),
        Fault::OtherHistory,
        Fault::IdTwice(id.parse().unwrap()),
        Fault::KeyOfAnother,
        Fault::NothingToCountersign,
        Fault::NoHead,
        Fault::OtherHead,
        Fault::OtherPersonal,
    ];
    let refusals = [
        LedgerError::SamePerson("NAME".parse().unwrap()),
        LedgerError::KeyOfAnother { name: "NAME".parse().unwrap(), person: id.parse().unwrap() },
        LedgerError::WitnessNeeded(Category::Erasure),
        LedgerError::ReasonMissing(Category::Erasure),
        LedgerError::NotAwaiting(7_777),
        LedgerError::TooLate(7_777),
        LedgerError::Unexplained,
        LedgerError::NothingLost,
        LedgerError::Bad { seq: 7_777, fault: Fault::Missing },
    ];
    let worded = faults.iter().map(Fault::to_string).chain(refusals.iter().map(LedgerError::to_string));
    for said in worded {
        let said = said
            .replace("line 7777 of the ledger is bad: the line is missing", "line <seq> of the ledger is bad: <what>");
        let said = said
            .replace("7777", n)
            .replace(id, uuid)
            .replace("NAME", "<name>")
            .replace("erasure needs", "<category> needs");
        assert!(text.contains(&said), "FORMAT.md does not say: {said}");
    }
    for category in Category::ALL {
        assert!(text.contains(&format!("`{category}`")), "{category}");
    }
}

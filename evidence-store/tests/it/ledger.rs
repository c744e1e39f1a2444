//! The ledger written, tampered with by SQL and by files, and asked who did it.

use crate::support::{HOUR_US, OnDuty, Unit, act, at, later};
use evidence_store::ledger::{Category, Fault, Ledger, LedgerError, Line};
use flight_record::Stamp;
use flight_record::trust::Duty;
use rusqlite::Connection;
use std::path::PathBuf;
use std::process::Command;

fn stamp(at_s: i64) -> Stamp {
    at(1000 + at_s)
}

/// A ledger of nine lines: entries with and without witness, one countersigned later, heads outside.
fn written(unit: &Unit, people: &OnDuty) -> Ledger {
    let mut ledger = unit.ledger();
    let now = later().utc_us;
    let custodian = people.custodian.signatory(Duty::Custodian, now).unwrap();
    let observer = people.observer.signatory(Duty::Observer, now).unwrap();
    for n in 0..4 {
        let mut one = act(Category::Collection, &format!("flight number {n}"));
        one.personal = (n == 1).then(|| "handed over by Jane Doe".to_owned());
        ledger.append(&one, &custodian, Some(&observer), stamp(n)).unwrap();
        ledger.append(&act(Category::Verification, &format!("check number {n}")), &custodian, None, stamp(n)).unwrap();
    }
    ledger.publish().unwrap();
    ledger
}

fn path(unit: &Unit) -> PathBuf {
    unit.path("first/ledger.sqlite")
}

fn sql(unit: &Unit, text: &str) {
    Connection::open(path(unit)).unwrap().execute_batch(text).unwrap();
}

fn opened(unit: &Unit) -> Result<Ledger, LedgerError> {
    Ledger::open(&path(unit), evidence_store::store::Store::identity(&unit.first()), &unit.outside())
}

#[track_caller]
fn first_bad(unit: &Unit) -> (u64, Fault) {
    match opened(unit).err() {
        Some(LedgerError::Bad { seq, fault }) => (seq, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_ledger_reads_back_and_checks() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let ledger = written(&unit, &people);
    let head = ledger.head();
    assert_eq!(head.size, 8);
    assert_eq!(ledger.check().unwrap(), head);
    drop(ledger);
    let ledger = opened(&unit).unwrap();
    assert_eq!(ledger.head(), head);
    let lines = ledger.lines(0, 100).unwrap();
    let Line::Entry(third) = &lines[2] else { panic!() };
    assert_eq!(third.place_in_ledger.local.as_str(), "2026-05-01T13:16:41+01:00", "British time");
    assert_eq!(third.witness.unwrap().person, people.observer.person());
    assert_eq!(ledger.personal(2).unwrap().as_deref(), Some("handed over by Jane Doe"));
    let text = format!("{lines:?}");
    assert!(!text.contains("Jane"), "personal data are beside the log only");
}

#[test]
fn personal_data_can_be_deleted_and_not_changed() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = written(&unit, &people);
    sql(&unit, "UPDATE personal SET data = 'handed over by John Doe'");
    assert!(matches!(ledger.check(), Err(LedgerError::Bad { seq: 2, fault: Fault::OtherPersonal })));
    ledger.forget_personal(2).unwrap();
    ledger.check().unwrap();
    drop(ledger);
    sql(&unit, "PRAGMA wal_checkpoint(TRUNCATE)");
    let bytes = std::fs::read(path(&unit)).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"Jane"), "deleted, not only forgotten");
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_date_and_goes_on() {
    let unit = Unit::new();
    let people = unit.on_duty();
    drop(written(&unit, &people));
    sql(
        &unit,
        "ALTER TABLE entries RENAME TO newer;
         CREATE TABLE entries (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, category TEXT, flight TEXT,
             at_utc_us INTEGER NOT NULL, line BLOB NOT NULL) STRICT;
         INSERT INTO entries SELECT * FROM newer;
         DROP TABLE newer;
         CREATE INDEX entries_by_flight ON entries (flight, category);
         PRAGMA user_version = 1",
    );
    let mut ledger = opened(&unit).unwrap();
    ledger.check().unwrap();
    let actor = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    let looked_at = act(Category::Consultation, "looked at again");
    assert_eq!(ledger.append(&looked_at, &actor, None, stamp(9)).unwrap().seq, 8);
    ledger.check().unwrap();
    let connection = Connection::open(path(&unit)).unwrap();
    let indices = "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entries'";
    assert_eq!(connection.query_row(indices, (), |row| row.get::<_, u32>(0)).unwrap(), 1, "only by flight");
}

#[test]
fn the_first_bad_line_is_named() {
    type Tampering = (&'static str, u64, fn(&Fault) -> bool);
    let cases: [Tampering; 9] = [
        ("UPDATE entries SET line = CAST(replace(CAST(line AS TEXT), 'a', 'b') AS BLOB) WHERE seq = 3", 3, |_| true),
        ("UPDATE entries SET line = (SELECT line FROM entries WHERE seq = 5) WHERE seq = 3", 3, |fault| {
            matches!(fault, Fault::OtherPlace(5))
        }),
        ("DELETE FROM entries WHERE seq = 4", 4, |fault| matches!(fault, Fault::Missing)),
        ("DELETE FROM entries WHERE seq >= 6", 6, |fault| matches!(fault, Fault::CutOff { size: 8 })),
        (
            "UPDATE entries SET seq = -1 WHERE seq = 2; UPDATE entries SET seq = 2 WHERE seq = 3;
             UPDATE entries SET seq = 3 WHERE seq = -1",
            2,
            |fault| matches!(fault, Fault::OtherPlace(3)),
        ),
        ("DELETE FROM entries WHERE seq = 2; UPDATE entries SET seq = seq - 1 WHERE seq > 2", 2, |fault| {
            matches!(fault, Fault::OtherPlace(3))
        }),
        ("DELETE FROM heads WHERE size = 5", 4, |fault| matches!(fault, Fault::NoHead)),
        ("UPDATE heads SET note = (SELECT note FROM heads WHERE size = 4) WHERE size = 5", 4, |fault| {
            matches!(fault, Fault::OtherHead)
        }),
        ("UPDATE heads SET note = replace(note, char(10) || char(10), char(10)) WHERE size = 8", 7, |_| true),
    ];
    for (how, seq, fits) in cases {
        let unit = Unit::new();
        let people = unit.on_duty();
        drop(written(&unit, &people));
        sql(&unit, how);
        let (found, fault) = first_bad(&unit);
        assert!(found == seq && fits(&fault), "{how}: line {found}: {fault}");
    }
}

#[test]
fn lines_and_heads_cut_off_together_show_by_the_head_outside() {
    let unit = Unit::new();
    let people = unit.on_duty();
    drop(written(&unit, &people));
    sql(&unit, "DELETE FROM entries WHERE seq >= 6; DELETE FROM heads WHERE size > 6");
    let older = opened(&unit).err().unwrap();
    assert!(matches!(older, LedgerError::Older { outside: 8, ours: 6, .. }), "{older}");
}

#[test]
fn an_older_copy_put_back_is_refused_until_a_restore_explains_it() {
    for without_wal in [false, true] {
        let unit = Unit::new();
        let people = unit.on_duty();
        let mut ledger = written(&unit, &people);
        sql(&unit, "PRAGMA wal_checkpoint(TRUNCATE)");
        let old = std::fs::read(path(&unit)).unwrap();
        let now = later().utc_us;
        let custodian = people.custodian.signatory(Duty::Custodian, now).unwrap();
        ledger.append(&act(Category::Consultation, "looked at it"), &custodian, None, stamp(20)).unwrap();
        ledger.publish().unwrap();
        if without_wal {
            // The -wal goes, the database file stays: what was only in the write-ahead log is lost.
            let copy = std::fs::read(path(&unit)).unwrap();
            drop(ledger);
            std::fs::write(path(&unit), copy).unwrap();
        } else {
            drop(ledger);
            std::fs::write(path(&unit), &old).unwrap();
        }
        for side in ["first/ledger.sqlite-wal", "first/ledger.sqlite-shm"] {
            let _ = std::fs::remove_file(unit.path(side));
        }
        assert!(matches!(opened(&unit), Err(LedgerError::Older { outside: 9, ours: 8, .. })));

        let first = unit.first();
        let identity = evidence_store::store::Store::identity(&first);
        let mut ledger = Ledger::open_older(&path(&unit), identity, &unit.outside()).unwrap();
        let other = act(Category::Consultation, "something else");
        assert!(matches!(ledger.append(&other, &custodian, None, stamp(30)), Err(LedgerError::Unexplained)));
        let why = act(Category::Restore, "disk failed, backup of Friday");
        ledger.restore(&why, &custodian, None, stamp(31)).unwrap();
        ledger.append(&other, &custodian, None, stamp(32)).unwrap();
        ledger.check().unwrap();
        drop(ledger);
        // The lost head is explained, also while it still stands outside.
        let ledger = opened(&unit).unwrap();
        ledger.publish().unwrap();
        drop(ledger);
        opened(&unit).unwrap().check().unwrap();
    }
}

#[test]
fn a_restore_that_explains_nothing_is_refused() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = written(&unit, &people);
    let custodian = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    let why = act(Category::Restore, "no reason at all");
    assert!(matches!(ledger.append(&why, &custodian, None, stamp(9)), Err(LedgerError::NothingLost)));
    assert!(matches!(ledger.restore(&why, &custodian, None, stamp(9)), Err(LedgerError::NothingLost)));
}

#[test]
fn a_second_person_signs_at_once_or_within_72_hours() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let now = later().utc_us;
    let custodian = people.custodian.signatory(Duty::Custodian, now).unwrap();
    let observer = people.observer.signatory(Duty::Observer, now).unwrap();
    for category in [Category::Erasure, Category::Disclosure] {
        let alone = ledger.append(&act(category, "all alone"), &custodian, None, stamp(0));
        assert!(matches!(alone, Err(LedgerError::WitnessNeeded(_))));
        let own = ledger.append(&act(category, "own witness"), &custodian, Some(&custodian), stamp(0));
        assert!(matches!(own, Err(LedgerError::SamePerson(_))));
        ledger.append(&act(category, "with a witness"), &custodian, Some(&observer), stamp(0)).unwrap();
    }
    let late = ledger.append(&act(Category::Movement, "first lone one"), &custodian, None, stamp(0)).unwrap();
    let good = ledger.append(&act(Category::Movement, "second lone one"), &custodian, None, stamp(10)).unwrap();
    let never = ledger.append(&act(Category::Consultation, "looked at it"), &custodian, None, stamp(10)).unwrap();
    assert_eq!(ledger.awaiting().map(|awaiting| awaiting.seq).collect::<Vec<_>>(), [late.seq, good.seq]);

    let after = |at: Stamp, us| Stamp { utc_us: at.utc_us + us, ..at };
    let deadline = after(stamp(10), 72 * HOUR_US);
    assert!(matches!(ledger.countersign(never.seq, &observer, deadline), Err(LedgerError::NotAwaiting(_))));
    assert!(matches!(ledger.countersign(good.seq, &custodian, deadline), Err(LedgerError::SamePerson(_))));
    assert!(matches!(ledger.countersign(late.seq, &observer, deadline), Err(LedgerError::TooLate(_))));
    ledger.countersign(good.seq, &observer, deadline).unwrap();
    assert!(matches!(ledger.countersign(good.seq, &observer, deadline), Err(LedgerError::NotAwaiting(_))));
    assert_eq!(ledger.awaiting().map(|awaiting| awaiting.seq).collect::<Vec<_>>(), [late.seq]);
    ledger.check().unwrap();
    drop(ledger);
    assert_eq!(unit.ledger().awaiting().count(), 1, "also after a restart");
}

#[test]
fn the_same_person_under_another_key_is_refused() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = written(&unit, &people);
    let now = later().utc_us;
    let old_key = people.custodian.key(now).unwrap().clone();
    unit.people.reset_pin(people.custodian.label(), &people.administrator, now).unwrap();
    unit.people.set_first_pin(people.custodian.label(), &crate::support::pin("314159")).unwrap();
    let again = unit.people.log_in(people.custodian.label(), &crate::support::pin("314159"), now).unwrap();
    let new = again.signatory(Duty::Custodian, now).unwrap();
    assert_ne!(new.key.public(), old_key.public());
    let old = evidence_store::ledger::Signatory { key: &old_key, ..new };
    let both = ledger.append(&act(Category::Erasure, "own witness"), &old, Some(&new), stamp(9));
    assert!(matches!(both, Err(LedgerError::SamePerson(_))));
    // And a key under another person's name.
    let borrowed = evidence_store::ledger::Signatory { person: people.pilot.person(), ..old };
    let other = ledger.append(&act(Category::Consultation, "borrowed key"), &borrowed, None, stamp(9));
    assert!(matches!(other, Err(LedgerError::KeyOfAnother { .. })));
}

#[test]
fn a_reason_is_needed_unless_the_unit_says_otherwise() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let custodian = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    let mut silent = act(Category::Consultation, "looked at it");
    silent.reason = None;
    assert!(matches!(ledger.append(&silent, &custodian, None, stamp(0)), Err(LedgerError::ReasonMissing(_))));
    ledger.set_reason_required(false);
    ledger.append(&silent, &custodian, None, stamp(0)).unwrap();
}

#[test]
fn two_programs_write_to_one_ledger() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let (mut one, mut two) = (unit.ledger(), unit.ledger());
    let custodian = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    for n in 0..3 {
        one.append(&act(Category::Consultation, "the one"), &custodian, None, stamp(n)).unwrap();
        two.append(&act(Category::Consultation, "the other"), &custodian, None, stamp(n)).unwrap();
    }
    assert_eq!(two.check().unwrap().size, 6);
    assert_eq!(two.check().unwrap(), unit.ledger().head());
}

#[test]
fn an_export_is_whole_and_the_root_is_found_from_its_tiles() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = written(&unit, &people);
    let custodian = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    for n in 0..260 {
        ledger.append(&act(Category::Consultation, "looked at it"), &custodian, None, stamp(n)).unwrap();
    }
    let out = unit.path("export");
    let exported = ledger.export(&out).unwrap();
    assert_eq!(exported.lines, 268);
    let lines = std::fs::read_to_string(out.join("entries.jsonl")).unwrap();
    let mut tree = flight_record::tree::Tree::default();
    lines.lines().for_each(|line| tree.push(flight_record::tree::leaf_hash(line.as_bytes())));
    assert_eq!(tree.root(), ledger.head().root);
    // C2SP tlog-tiles: a full tile, a partial one, and one hash a level up.
    let full = std::fs::read(out.join("tile/0/000")).unwrap();
    let part = std::fs::read(out.join("tile/0/001.p/12")).unwrap();
    let up = std::fs::read(out.join("tile/1/000.p/1")).unwrap();
    assert_eq!((full.len(), part.len(), up.len()), (256 * 32, 12 * 32, 32));
    let mut of_tiles = flight_record::tree::Tree::default();
    for hash in full.chunks_exact(32).chain(part.chunks_exact(32)) {
        of_tiles.push(flight_record::Sha256(hash.try_into().unwrap()));
    }
    assert_eq!(of_tiles.root(), ledger.head().root);
    assert!(out.join("tile/entries/000").is_file() && out.join("tile/entries/001.p/12").is_file());
    assert!(!lines.contains("Jane"));
}

#[test]
fn the_sqlite_shell_sees_a_sound_database() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let ledger = written(&unit, &people);
    let shell = |question: &str| {
        let asked = Command::new("sqlite3").arg(path(&unit)).arg(question).output();
        // A machine without the shell cannot be asked; the same questions go through the library elsewhere.
        asked.ok().map(|answer| String::from_utf8(answer.stdout).unwrap().trim().to_owned())
    };
    if let Some(answer) = shell("PRAGMA integrity_check") {
        assert_eq!(answer, "ok");
        assert_eq!(shell("PRAGMA journal_mode").unwrap(), "wal");
        assert_eq!(shell("SELECT count(*) FROM entries").unwrap(), "8");
        let refused = shell("INSERT INTO entries (seq, at_utc_us, line) VALUES ('x', 'y', 'z')").unwrap();
        assert_eq!(refused, "", "STRICT tables take no text for numbers");
        assert_eq!(shell("SELECT count(*) FROM entries").unwrap(), "8");
    }
    ledger.check().unwrap();
}

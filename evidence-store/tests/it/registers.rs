//! Registers: versions that follow each other, entered in the ledger, kept in both stores.

use crate::support::{OnDuty, Unit, at, label, later};
use evidence_store::ledger::{Category, Ledger};
use evidence_store::register::{Register, RegisterError, Registrar, document, newest, versions};
use evidence_store::store::Store as _;
use flight_record::Sha256;
use flight_record::trust::Duty;

fn enter(
    unit: &Unit,
    people: &OnDuty,
    ledger: &mut Ledger,
    bytes: &[u8],
    before: Option<Sha256>,
) -> Result<Sha256, RegisterError> {
    let (first, second) = (unit.first(), unit.second());
    let actor = people.custodian.signatory(Duty::Custodian, later().utc_us).unwrap();
    let mut registrar = Registrar {
        store: &first,
        second: Some(&second),
        ledger,
        place: label("office"),
        reason: "as the tower said".parse().unwrap(),
    };
    registrar.enter(Register::Authorisations, bytes, before, &actor, at(2_000))
}

#[test]
fn a_document_has_versions_and_none_is_lost() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let applied = enter(&unit, &people, &mut ledger, b"applied", None).unwrap();
    let other = enter(&unit, &people, &mut ledger, b"another", None).unwrap();
    let activated = enter(&unit, &people, &mut ledger, b"activated", Some(applied)).unwrap();
    let digests = |list: Vec<evidence_store::register::Version>| {
        list.into_iter().map(|version| version.digest).collect::<Vec<_>>()
    };
    assert_eq!(digests(newest(&ledger, Register::Authorisations).unwrap()), [other, activated]);
    assert_eq!(digests(versions(&ledger, Register::Authorisations).unwrap()), [applied, other, activated]);
    assert!(newest(&ledger, Register::FlightLog).unwrap().is_empty());
    for store in [unit.first(), unit.second()] {
        assert_eq!(document(&store, applied).unwrap(), b"applied");
        assert_eq!(document(&store, activated).unwrap(), b"activated");
    }
    let last = versions(&ledger, Register::Authorisations).unwrap().pop().unwrap();
    assert_eq!(
        (last.before, last.entry.category, last.entry.actor.person),
        (Some(applied), Category::Register, people.custodian.person())
    );
    ledger.check().unwrap();
}

#[test]
fn two_people_cannot_change_the_same_version() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let first = enter(&unit, &people, &mut ledger, b"one", None).unwrap();
    enter(&unit, &people, &mut ledger, b"two", Some(first)).unwrap();
    let late = enter(&unit, &people, &mut ledger, b"three", Some(first)).unwrap_err();
    assert!(matches!(late, RegisterError::NotNewest(before, _) if before == first), "{late}");
    assert_eq!(
        enter(&unit, &people, &mut ledger, b"two", Some(first)).unwrap(),
        Sha256::of(b"two"),
        "not entered twice"
    );
    assert_eq!(versions(&ledger, Register::Authorisations).unwrap().len(), 2);
    let unknown = enter(&unit, &people, &mut ledger, b"four", Some(Sha256::of(b"never"))).unwrap_err();
    assert!(unknown.to_string().contains("look at it again"), "{unknown}");
}

#[test]
fn a_document_may_be_changed_back() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let first = enter(&unit, &people, &mut ledger, b"one", None).unwrap();
    let other = enter(&unit, &people, &mut ledger, b"other", None).unwrap();
    let second = enter(&unit, &people, &mut ledger, b"two", Some(first)).unwrap();
    assert_eq!(enter(&unit, &people, &mut ledger, b"one", Some(second)).unwrap(), first);
    let digests = |list: Vec<evidence_store::register::Version>| {
        list.into_iter().map(|version| (version.digest, version.before)).collect::<Vec<_>>()
    };
    assert_eq!(digests(newest(&ledger, Register::Authorisations).unwrap()), [(other, None), (first, Some(second))]);
    let third = enter(&unit, &people, &mut ledger, b"three", Some(first)).unwrap();
    assert_eq!(digests(newest(&ledger, Register::Authorisations).unwrap()), [(other, None), (third, Some(first))]);
    ledger.check().unwrap();
}

#[test]
fn what_is_too_long_is_not_kept() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let mut ledger = unit.ledger();
    let before = unit.first().list().unwrap();
    assert!(matches!(
        enter(&unit, &people, &mut ledger, &vec![0; (1 << 20) + 1], None),
        Err(RegisterError::TooLong(_))
    ));
    assert_eq!((unit.first().list().unwrap(), ledger.head().size), (before, 0));
}

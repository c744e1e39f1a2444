//! Accounts: who gets in, who does not, and how sessions end.

use crate::support::{HOUR_US, SECOND_US, START_UTC_US, Unit, at, label, later, pin};
use evidence_store::people::{NewAccount, People, PeopleError};
use flight_record::trust::{Duty, EnrolmentRequest};

#[test]
fn suspension_ends_a_session_at_once_and_keeps_history() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let now = later().utc_us;
    people.custodian.signatory(Duty::Custodian, now).unwrap();
    unit.people.suspend(people.custodian.label(), &people.administrator, now).unwrap();
    assert!(matches!(people.custodian.signatory(Duty::Custodian, now), Err(PeopleError::Suspended(_))));
    let again = unit.people.log_in(people.custodian.label(), &pin("271828"), now);
    assert!(matches!(again, Err(PeopleError::Suspended(_))));
    assert_eq!(unit.people.account(people.custodian.label()).unwrap().person, people.custodian.person());
    unit.people.resume(people.custodian.label(), &people.administrator, now).unwrap();
    let over = people.custodian.signatory(Duty::Custodian, now);
    assert!(matches!(over, Err(PeopleError::SessionOver(_))), "the PIN is given again");
    unit.people.log_in(people.custodian.label(), &pin("271828"), now).unwrap();
}

#[test]
fn suspension_is_seen_by_a_session_of_another_program() {
    let unit = Unit::new();
    let here = unit.on_duty();
    let there = People::open(&unit.path("people.sqlite")).unwrap();
    let administrator = there.log_in(&label("administrator"), &pin("271828"), later().utc_us).unwrap();
    there.suspend(&label("pilot"), &administrator, later().utc_us).unwrap();
    assert!(here.pilot.signatory(Duty::Pilot, later().utc_us).is_err());
}

#[test]
fn wrong_pins_wait_and_lock_also_over_a_restart() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let name = label("pilot");
    let mut now = later().utc_us;
    let mut wrong = 0;
    loop {
        // Each time as another program would: nothing is kept in memory.
        let fresh = People::open(&unit.path("people.sqlite")).unwrap();
        match fresh.log_in(&name, &pin("999999000"), now) {
            Err(PeopleError::WrongPin(_)) => wrong += 1,
            Err(PeopleError::Wait { seconds, .. }) => now += seconds * SECOND_US,
            Err(PeopleError::Locked(_)) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(wrong, 10);
    let right = unit.people.log_in(&name, &pin("271828"), now + 1000 * HOUR_US);
    assert!(matches!(right, Err(PeopleError::Locked(_))), "the right PIN does not help either");
    let administrator = unit.people.log_in(&label("administrator"), &pin("271828"), now).unwrap();
    unit.people.resume(&name, &administrator, now).unwrap();
    unit.people.log_in(&name, &pin("271828"), now).unwrap();
    assert!(people.pilot.key(now).is_err());
}

#[test]
fn nobody_shares_an_account_and_nobody_has_two() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let add = |staff: &str, name: &str| {
        let new = NewAccount { staff: label(staff), label: label(name), duties: vec![Duty::Pilot] };
        unit.people.add(&new, Some(&people.administrator), later().utc_us)
    };
    assert!(matches!(add("PC 9", "pilot"), Err(PeopleError::Taken("this name"))));
    assert!(matches!(add("pc-3", "second pilot"), Err(PeopleError::Taken("this staff number"))), "PC 3 in other words");
    add("PC 9", "second pilot").unwrap();
    let unset = unit.people.log_in(&label("second pilot"), &pin("271828"), later().utc_us);
    assert!(matches!(unset, Err(PeopleError::NoPin(_))));
    let nobody = NewAccount { staff: label("X 1"), label: label("x"), duties: vec![Duty::Pilot] };
    assert!(matches!(unit.people.add(&nobody, None, 0), Err(PeopleError::NotTheirDuty { .. })));
    assert!(matches!(
        unit.people.add(&nobody, Some(&people.pilot), later().utc_us),
        Err(PeopleError::NotTheirDuty { .. })
    ));
    let blank = NewAccount { staff: label("--"), label: label("y"), duties: vec![Duty::Pilot] };
    assert!(unit.people.add(&blank, Some(&people.administrator), later().utc_us).is_err());
}

#[test]
fn the_first_account_is_an_administrator_and_the_last_one_stays() {
    let temp = tempfile::tempdir().unwrap();
    let people = People::open(&temp.path().join("people.sqlite")).unwrap().with_cost(crate::support::CHEAP);
    let pilot = NewAccount { staff: label("PC 1"), label: label("pilot"), duties: vec![Duty::Pilot] };
    assert!(matches!(people.add(&pilot, None, 0), Err(PeopleError::NoDuty)));
    let administrator = NewAccount { staff: label("PC 2"), label: label("admin"), duties: vec![Duty::Administrator] };
    people.add(&administrator, None, 0).unwrap();
    people.set_first_pin(&label("admin"), &pin("271828")).unwrap();
    let session = people.log_in(&label("admin"), &pin("271828"), START_UTC_US).unwrap();
    let last = people.suspend(&label("admin"), &session, START_UTC_US);
    assert!(matches!(last, Err(PeopleError::LastAdministrator(_))));
}

#[test]
fn a_pin_is_changed_by_who_knows_it_and_the_key_stays() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let now = later().utc_us;
    let before = people.pilot.key(now).unwrap().public();
    let wrong = unit.people.change_pin(&label("pilot"), &pin("314159"), &pin("161803"), now);
    assert!(matches!(wrong, Err(PeopleError::WrongPin(_))));
    unit.people.change_pin(&label("pilot"), &pin("271828"), &pin("161803"), now).unwrap();
    assert!(people.pilot.key(now).is_err(), "sessions under the old PIN end");
    let again = unit.people.log_in(&label("pilot"), &pin("161803"), now).unwrap();
    assert_eq!(again.key(now).unwrap().public(), before);
    assert!(matches!(unit.people.set_first_pin(&label("pilot"), &pin("161803")), Err(PeopleError::Taken("a PIN"))));
}

#[test]
fn a_session_ends_with_the_shift_and_asks_for_the_right_duty() {
    let unit = Unit::new();
    let people = unit.on_duty();
    assert!(people.pilot.signatory(Duty::Custodian, later().utc_us).is_err());
    assert!(people.pilot.key(later().utc_us + 12 * HOUR_US).is_ok());
    assert!(people.pilot.key(later().utc_us + 12 * HOUR_US + 1).is_err());
    assert!(people.pilot.key(at(0).utc_us).is_err(), "a clock that went back");
}

#[test]
fn the_request_enrols_the_officers_key() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let now = later().utc_us;
    let request = unit.people.enrolment_request(&people.pilot, now).unwrap();
    let request = EnrolmentRequest::read(&request).unwrap();
    assert_eq!(request.public_key, people.pilot.key(now).unwrap().public());
    assert_eq!(request.name.as_str(), "pilot");
}

#[test]
fn the_database_holds_no_pin_and_no_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let unit = Unit::new();
    drop(unit.on_duty());
    let file = unit.path("people.sqlite");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"271828"));
}

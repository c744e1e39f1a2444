//! Handing a flight over, on real flights.

use crate::support::{Unit, at, code};
use flight_record::dock::Inventory;
use flight_record::trust::Class;
use std::fs::{self, OpenOptions};
use std::io::Write as _;

#[test]
fn an_inventory_says_whose_flight_it_is_and_whether_it_is_closed() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.whole_flight();
    let flight = dir.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let list = || Inventory::list(&unit.path("flights"), flight).unwrap().inventory;
    let whole = list();
    assert_eq!((whole.device, whole.closed), (Some(unit.device.public().id()), true));
    assert!(whole.files.iter().any(|(path, bytes)| path == "records.jsonl" && *bytes > 0));
    assert!(whole.files.iter().any(|(path, _)| path.starts_with("segments/eo/")));
    let mut records = OpenOptions::new().append(true).open(dir.join("records.jsonl")).unwrap();
    records.write_all(b"torn behind it").unwrap();
    assert!(list().closed, "a torn end behind close changes nothing");
    records.write_all(b"\n").unwrap();
    assert!(!list().closed);
    fs::remove_file(dir.join("records.jsonl")).unwrap();
    assert_eq!((list().device, list().closed), (None, false));

    let open = unit.open();
    let listed = Inventory::list(&unit.path("flights"), open.id()).unwrap().inventory;
    assert!(!listed.closed);
    let id = open.id();
    open.close(code("landed"), at(3)).unwrap();
    assert!(Inventory::list(&unit.path("flights"), id).unwrap().inventory.closed);
}

//! Several vehicles, one seed, and flights without a clock.

use std::path::Path;

use simulator::fast;
use simulator::scenario::Scenario;

const TWO: &str = "seed = 4\nsystem_id = 3\n\
    [flight]\nautostart = true\nair_seconds = 25\n\
    mission = [{ take_off = { height_m = 12 } }, { fly = { north_m = 20, east_m = 0, height_m = 12 } }, { return = {} }]\n\
    [[vehicles]]\nsystem_id = 9\npersonality = \"ardupilot\"\nnorth_m = 100\n\
    [vehicles.flight]\nautostart = true\nair_seconds = 25\n\
    mission = [{ take_off = { height_m = 15 } }, { wait = { seconds = 3 } }, { return = {} }]\n";

fn scenario(text: &str) -> Scenario {
    let scenario = Scenario::parse(text, Path::new("test.toml")).unwrap();
    scenario.check("test.toml").unwrap();
    scenario
}

#[test]
fn one_seed_is_one_truth_byte_for_byte() {
    let fly = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let flown = fast::fly(&scenario(text), Some(folder.path())).unwrap();
        assert_eq!(flown.vehicles, 2);
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        (read("truth.csv"), read("vehicle-9/truth.csv"))
    };
    let first = fly(TWO);
    assert!(first.0.len() > 100_000 && first.0 != first.1);
    assert!(fly(TWO) == first);
    assert!(fly(&TWO.replace("seed = 4", "seed = 5")) != first);
}

#[test]
fn each_vehicle_has_its_own_place_id_and_autopilot() {
    let fleet = scenario(TWO).fleet();
    let [first, second] = fleet.as_slice() else { panic!() };
    assert_eq!((first.system_id, second.system_id), (3, 9));
    assert_ne!(first.personality, second.personality);
    let north = first.home.map().local(second.home.map().home());
    assert!((north.x - 100.0).abs() < 0.01 && north.y.abs() < 0.01, "{north:?}");
}

#[test]
fn two_vehicles_of_one_id_are_refused() {
    let text = TWO.replace("system_id = 9", "system_id = 3");
    let error = Scenario::parse(&text, Path::new("test.toml")).unwrap().check("test.toml").unwrap_err().to_string();
    assert!(error.contains("system_id = 3"), "{error}");
}

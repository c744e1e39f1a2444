//! Plans that other people's software wrote, good and bad.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::plan_files::{Plan, PlanError};

fn read(name: &str) -> Result<Plan, PlanError> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Plan::read(&std::fs::read(path).unwrap())
}

#[test]
fn a_plan_is_what_the_vehicle_will_be_sent() {
    let plan = read("qgroundcontrol_sample.plan").unwrap();
    let commands: Vec<u16> = plan.mission.iter().map(|item| item.command).collect();
    assert_eq!(commands, [22, 16, 2000, 16, 16, 20]);
    let take_off = plan.mission[0];
    assert_eq!((take_off.frame, take_off.x, take_off.y, take_off.z), (3, 473_977_507, 85_456_075, 50.0));
    assert!(take_off.params[3].is_nan() && take_off.params[0] == 15.0);
    assert_eq!((plan.mission[2].frame, plan.mission[2].params[2], plan.mission[2].x), (2, 1.0, 0));
    assert!(plan.fence.is_empty() && plan.rally.is_empty() && plan.planned_home.is_some());
}

#[test]
fn a_survey_is_taken_with_the_items_it_carries() {
    let plan = read("qgroundcontrol_sample_with_survey.plan").unwrap();
    assert_eq!(plan.mission[0].command, 530);
    assert!(plan.mission.len() > 10);
    assert_eq!((plan.mission[1].command, plan.mission[2].command), (16, 206));
}

#[test]
fn what_cannot_be_flown_is_refused_by_name() {
    let error = |name: &str| read(name).unwrap_err().to_string();
    assert!(
        error("qgroundcontrol_sample_with_structured_scan.plan")
            .contains("mission.items[1]: the pattern StructureScan")
    );
    assert!(
        error("qgroundcontrol_sample_with_survey_missing_items.plan").contains("mission.items[1]: the pattern survey")
    );
    assert!(error("qgroundcontrol_sample_without_mission.plan").contains("mission is missing"));
    assert!(error("qgroundcontrol_sample_wrong_mission_version.plan").contains("mission.version is version 7"));
    assert!(error("qgroundcontrol_sample_wrong_overall_version.plan").contains("version is version 42"));
    assert!(Plan::read(b"{").unwrap_err().to_string().contains("not JSON"));
    assert!(Plan::read(b"[]").is_err() && Plan::read(&vec![b' '; (16 << 20) + 1]).is_err());
}

fn plan(mission: &str, fence: &str, rally: &str) -> Result<Plan, PlanError> {
    let text = format!(
        r#"{{"fileType":"Plan","version":1,"mission":{{"version":2,"items":[{mission}]}},"geoFence":{fence},"rallyPoints":{rally}}}"#
    );
    Plan::read(text.as_bytes())
}

const NONE: &str = r#"{"version":2,"circles":[],"polygons":[],"points":[]}"#;

#[test]
fn a_jump_goes_to_the_place_in_the_list_not_to_the_id() {
    let item = |id: u16, command: u16, p1: u16| {
        format!(r#"{{"type":"SimpleItem","command":{command},"frame":2,"doJumpId":{id},"params":[{p1},-1,0,0,0,0,0]}}"#)
    };
    let found = plan(&[item(5, 178, 1), item(9, 178, 1), item(12, 177, 9)].join(","), NONE, NONE).unwrap();
    assert_eq!(found.mission[2].params[0], 1.0);
    let lost = plan(&item(1, 177, 4), NONE, NONE).unwrap_err();
    assert!(lost.to_string().contains("mission.items[0] jumps to item 4"), "{lost}");
}

#[test]
fn fence_and_rally_become_items() {
    let fence = r#"{"version":2,"circles":[{"circle":{"center":[51.5,-1.9],"radius":120.5},"inclusion":false}],
        "polygons":[{"polygon":[[51.5,-1.9],[51.6,-1.9],[51.6,-1.8]],"inclusion":true}],"breachReturn":[51.5,-1.9,60]}"#;
    let rally = r#"{"version":2,"points":[[51.51,-1.91,50]]}"#;
    let found = plan("", fence, rally).unwrap();
    let commands: Vec<(u16, f32)> = found.fence.iter().map(|item| (item.command, item.params[0])).collect();
    assert_eq!(commands, [(5001, 3.0), (5001, 3.0), (5001, 3.0), (5004, 120.5), (5000, 0.0)]);
    assert_eq!((found.rally[0].command, found.rally[0].x, found.rally[0].z), (5100, 515_100_000, 50.0));
    let bad = fence.replace("120.5", "0");
    assert!(plan("", &bad, rally).unwrap_err().to_string().contains("geoFence.circles[0] has a radius of 0 m"));
    let bad = fence.replace("51.6", "151.6");
    assert!(plan("", &bad, rally).unwrap_err().to_string().contains("geoFence.polygons[0] has no place"));
}

proptest::proptest! {
    /// Whatever the bytes: an answer, never a panic.
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..4000, with in proptest::collection::vec(proptest::num::u8::ANY, 0..6)) {
        let mut bytes = std::fs::read(format!("{}/tests/data/qgroundcontrol_sample.plan", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let at = at.min(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        let _ = Plan::read(&bytes);
    }
}

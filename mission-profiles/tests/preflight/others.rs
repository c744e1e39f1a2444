//! Situations: aircraft, crew, weather, papers; and what a report says.

#![allow(clippy::semicolon_if_nothing_returned, reason = "rows of a table")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::authorisation::{Kind, State};
use mission_profiles::preflight::{Severity, Weather};

use super::table::{in_state, permitted, table};
use super::world::{World, ground, shaped, time};

#[test]
fn what_else_is_looked_at() {
    table(&[
        ("no zones loaded", |w| w.zones.clear(), "B:no-zones"),
        ("an old dataset", |w| w.issued = "2026-04-01T00:00:00Z", "W:dataset-age"),
        ("a dataset without a date", |w| w.issued = "", "W:dataset-age"),
        ("too high", |w| w.fly(&[(0.0, 300.0, 101.0)]), "B:height"),
        (
            "too high over a hole in the ground",
            |w| {
                w.terrain = Some(shaped(52, -2, |row, _| if row < 598 { 20 } else { 50 }));
                w.fly(&[(0.0, 390.0, 75.0)]);
            },
            "B:height",
        ),
        ("too far", |w| w.fly(&[(0.0, 401.0, 40.0)]), "B:range"),
        ("too long for the battery", |w| w.aircraft.endurance_s = Some(150.0), "B:battery"),
        ("with a battery half empty", |w| w.aircraft.battery_percent = Some(30.0), "B:battery"),
        ("nobody knows the battery", |w| w.aircraft.endurance_s = None, "W:endurance-unknown"),
        ("no room aboard", |w| w.aircraft.free_bytes = Some(100 << 20), "B:room"),
        ("too windy", |w| w.weather = Some(Weather { gust_ms: 9.0, visibility_m: 10_000.0 }), "B:wind"),
        (
            "a gust that is no number",
            |w| w.weather = Some(Weather { gust_ms: f64::NAN, visibility_m: 10_000.0 }),
            "B:wind",
        ),
        ("mist", |w| w.weather = Some(Weather { gust_ms: 1.0, visibility_m: 800.0 }), "B:visibility"),
        ("nobody looked at the weather", |w| w.weather = None, "W:weather-unknown"),
        ("no observer", |w| w.crew.roles = vec!["pilot".into()], "B:crew"),
        ("out of practice", |w| w.crew.recent_h = Some(1.9), "B:currency"),
        ("nobody knows the pilot's hours", |w| w.crew.recent_h = None, "W:currency-unknown"),
        ("an assessment to be reviewed", |w| w.now = time("2027-04-02T00:00:00Z"), "W:dataset-age W:dpia"),
        (
            "a mission without an end",
            |w| {
                w.items.pop();
            },
            "W:endless",
        ),
        ("an empty plan", |w| w.items.clear(), "B:empty"),
        (
            "beyond sight without an operational authorisation",
            |w| w.profile("sight = \"vlos\"", "sight = \"bvlos\""),
            "B:sight",
        ),
        (
            "beyond sight with one",
            |w| {
                w.profile("sight = \"vlos\"", "sight = \"bvlos\"");
                w.permission().kind = Kind::Operational;
            },
            "",
        ),
        ("covert without paper", |w| covert(w), "B:covert"),
        (
            "covert with paper",
            |w| {
                covert(w);
                w.permission().kind = Kind::Covert;
            },
            "",
        ),
        (
            "covert, its paper expires",
            |w| {
                covert(w);
                let p = w.permission();
                p.kind = Kind::Covert;
                p.windows[0].to = Some(time("2026-05-10T11:00:00Z"));
            },
            "B:covert",
        ),
        ("ground elsewhere is not known", |w| w.terrain = Some(ground(51, -2, 50)), "W:no-terrain"),
    ]);
}

fn covert(w: &mut World) {
    w.profile("authority = \"overt\"", "authority = \"authorised-covert\"");
    w.profile("notice = \"signs\"", "notice = \"none\"\nno_notice_reason = \"it is covert\"");
}

#[test]
fn a_finding_says_what_where_when_why_and_whom_to_call() {
    let mut world = World::new();
    in_state(&mut world, State::InPrinciple);
    let report = world.report();
    let finding = report.of("zone").next().unwrap();
    assert!(!report.is_clear() && finding.severity == Severity::Blocks);
    assert!(finding.what.contains("ZONE1") && finding.what.contains("item 1"), "{}", finding.what);
    assert!(finding.place.is_some() && finding.when.is_some());
    assert!(finding.why.contains("permission needed") && finding.why.contains("Test"), "{}", finding.why);
    assert!(finding.cure.contains("AUTH-1 is in-principle") && finding.cure.contains("call 0123"), "{}", finding.cure);
    assert_eq!(finding.ask[0].phone, "0123");
}

#[test]
fn what_was_counted_on_is_named_by_digest() {
    let mut world = World::new();
    permitted(&mut world);
    let report = world.report();
    assert_eq!(report.authorisations, vec![("AUTH-1".to_owned(), world.authorisations[0].digest())]);
    assert!(report.is_clear() && report.datasets.len() == 1);
}

//! The table.

#![allow(clippy::semicolon_if_nothing_returned, reason = "rows of a table")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use mission_profiles::authorisation::{Kind, State};
use mission_profiles::place::Position;
use mission_profiles::preflight::{Severity, Weather};
use mission_profiles::zones::{Daily, Days, Limit, Mark, Outline, Period, Zonal};
use serde_json::{Value, json};

use super::world::{World, ground, level, shaped, time};

const SURFACE: (f64, &str) = (0.0, "AGL");
const HIGH: (f64, &str) = (600.0, "AGL");

type Change = fn(&mut World);

fn table(rows: &[(&str, Change, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|(what, change, expected)| {
            let mut world = World::new();
            change(&mut world);
            let found = world.found();
            (found != *expected)
                .then(|| format!("{what}: {found:?}, expected {expected:?}\n{:#?}", world.report().findings))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn square(world: &World, azimuth: f64, distance_m: f64, half_m: f64) -> Value {
    let centre = world.at(azimuth, distance_m);
    let (lat, lon) = (half_m / 111_280.0, half_m / 67_900.0);
    let corner = |x: f64, y: f64| json!([centre[0] + x * lon, centre[1] + y * lat]);
    json!({"type": "Polygon", "coordinates": [[corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0), corner(-1.0, -1.0)]]})
}

#[allow(clippy::needless_pass_by_value, reason = "the table's rows make it where they use it")]
fn schedule(zone: &mut Value, period: Value) {
    zone["properties"]["limitedApplicability"] = json!([period]);
}

#[test]
fn where_the_zone_is() {
    table(&[
        ("no zone near", |_| {}, ""),
        (
            "through the middle",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "take-off inside",
            |w| {
                w.circle(180.0, 50.0, 100.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "beside, beyond what the aircraft may stray",
            |w| {
                w.circle(90.0, 200.0, 180.0, SURFACE, HIGH);
            },
            "",
        ),
        (
            "beside, within it",
            |w| {
                w.circle(90.0, 200.0, 190.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "on its edge",
            |w| {
                w.circle(0.0, 600.0, 200.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "just short of it",
            |w| {
                w.circle(0.0, 600.0, 180.0, SURFACE, HIGH);
            },
            "",
        ),
        (
            "inside a square",
            |w| {
                let s = square(w, 0.0, 200.0, 1_000.0);
                w.zone(s);
            },
            "B:zone",
        ),
        (
            "crossing its corner between two waypoints",
            |w| {
                w.fly(&[(0.0, 200.0, 40.0), (90.0, 200.0, 40.0)]);
                let s = square(w, 45.0, 212.0, 60.0);
                w.zone(s);
            },
            "B:zone",
        ),
        (
            "past its corner",
            |w| {
                w.fly(&[(0.0, 200.0, 40.0), (90.0, 200.0, 40.0)]);
                let s = square(w, 45.0, 300.0, 60.0);
                w.zone(s);
            },
            "",
        ),
        (
            "in its hole",
            |w| {
                let (outer, hole) = (square(w, 0.0, 200.0, 2_000.0), square(w, 0.0, 200.0, 600.0));
                w.zone(json!({"type": "Polygon", "coordinates": [outer["coordinates"][0], hole["coordinates"][0]]}));
            },
            "",
        ),
        (
            "the way home from a leg goes through it, the legs do not",
            |w| {
                w.fly(&[(0.0, 300.0, 40.0), (45.0, 380.0, 40.0), (90.0, 300.0, 40.0)]);
                w.circle(45.0, 150.0, 40.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "a small zone inside what all ways home sweep",
            |w| {
                w.fly(&[(340.0, 380.0, 40.0), (20.0, 380.0, 40.0)]);
                w.circle(0.0, 250.0, 5.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "a loiter's round reaches it",
            |w| {
                let mut round = w.item(18, 3, 0.0, 100.0, 40.0);
                round.params = [2.0, 0.0, 80.0, 0.0];
                w.items.insert(1, round);
                w.circle(90.0, 150.0, 90.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "over the antimeridian",
            |w| {
                w.home = Position::new(52.5, 179.999).unwrap();
                w.terrain = None;
                w.fly(&[(90.0, 300.0, 40.0)]);
                w.zone(json!({"type": "Polygon", "coordinates": [[[-179.9975, 52.4], [-179.9, 52.4], [-179.9, 52.6], [-179.9975, 52.6], [-179.9975, 52.4]]]}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "a circle over the antimeridian",
            |w| {
                w.home = Position::new(10.0, -179.9995).unwrap();
                w.terrain = None;
                w.fly(&[(90.0, 300.0, 40.0)]);
                w.zone(json!({"type": "Point", "coordinates": [179.99, 10.0], "extent": {"subType": "Circle", "radius": 1200}}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "at the pole",
            |w| {
                w.home = Position::new(89.999, 10.0).unwrap();
                w.terrain = None;
                w.fly(&[(0.0, 200.0, 40.0)]);
                w.zone(json!({"type": "Polygon", "coordinates": [[[0.0, 89.9995], [120.0, 89.9995], [-120.0, 89.9995], [0.0, 89.9995]]]}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "a zone that informs",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH)["properties"]["type"] = json!("NO_RESTRICTION");
            },
            "",
        ),
        (
            "a zone with conditions",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH)["properties"]["type"] = json!("CONDITIONAL");
            },
            "W:zone",
        ),
        (
            "a zone that could not be read whole",
            |w| {
                w.circle(0.0, 3_000.0, 0.0, SURFACE, HIGH);
            },
            "B:zone-uncertain",
        ),
    ]);
}

#[test]
fn how_high_the_zone_is() {
    table(&[
        (
            "over it",
            |w| {
                w.fly(&[(0.0, 400.0, 90.0)]);
                w.circle(0.0, 300.0, 100.0, SURFACE, (50.0, "AGL"));
            },
            "",
        ),
        (
            "over it, on a leg that climbs",
            |w| {
                w.profile("return_height_m = 50", "return_height_m = 30");
                w.fly(&[(0.0, 200.0, 40.0), (0.0, 400.0, 95.0)]);
                w.circle(0.0, 330.0, 20.0, SURFACE, (25.0, "AGL"));
            },
            "",
        ),
        (
            "under its floor",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AGL"), HIGH);
            },
            "",
        ),
        (
            "the climb to return goes through its floor",
            |w| {
                w.circle(0.0, 200.0, 100.0, (65.0, "AGL"), HIGH);
            },
            "B:zone",
        ),
        (
            "its floor at the height flown",
            |w| {
                w.profile("return_height_m = 50", "return_height_m = 20");
                w.circle(0.0, 200.0, 100.0, (40.0, "AGL"), HIGH);
            },
            "B:zone",
        ),
        (
            "a floor above the sea that the flight is over",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AMSL"), HIGH);
            },
            "B:zone",
        ),
        (
            "the same number above ground",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AGL"), HIGH);
            },
            "",
        ),
        (
            "a ceiling 175 ft off by its datum: 300 ft above sea is 136 ft above the field",
            |w| {
                w.home_amsl = level(53.34);
                w.fly(&[(0.0, 400.0, 60.0)]);
                w.circle(0.0, 300.0, 50.0, (0.0, "AGL"), (91.44, "AMSL"));
                w.profile("return_height_m = 50", "return_height_m = 60");
            },
            "",
        ),
        (
            "the same ceiling above ground",
            |w| {
                w.home_amsl = level(53.34);
                w.fly(&[(0.0, 400.0, 60.0)]);
                w.circle(0.0, 300.0, 50.0, (0.0, "AGL"), (91.44, "AGL"));
                w.profile("return_height_m = 50", "return_height_m = 60");
            },
            "B:zone",
        ),
        (
            "above the ellipsoid, with a geoid",
            |w| {
                w.circle(0.0, 200.0, 100.0, (200.0, "WGS84"), HIGH);
            },
            "",
        ),
        (
            "above the ellipsoid, without",
            |w| {
                w.geoid_m = None;
                w.circle(0.0, 200.0, 100.0, (165.0, "WGS84"), (2_000.0, "AMSL"));
            },
            "B:zone",
        ),
        (
            "over rising ground the flight is lower",
            |w| {
                w.terrain = Some(shaped(52, -2, |row, _| if row < 600 { 100 } else { 50 }));
                w.home = Position::new(52.499, -1.5).unwrap();
                w.fly(&[(0.0, 400.0, 80.0)]);
                w.profile("return_height_m = 50", "return_height_m = 80");
                w.circle(0.0, 300.0, 60.0, SURFACE, (40.0, "AGL"));
            },
            "B:zone",
        ),
        (
            "over level ground it is not",
            |w| {
                w.home = Position::new(52.499, -1.5).unwrap();
                w.fly(&[(0.0, 400.0, 80.0)]);
                w.profile("return_height_m = 50", "return_height_m = 80");
                w.circle(0.0, 300.0, 60.0, SURFACE, (40.0, "AGL"));
            },
            "",
        ),
        (
            "floor and ceiling the wrong way round bound nothing",
            |w| {
                w.circle(0.0, 200.0, 100.0, (500.0, "AGL"), (100.0, "AGL"));
            },
            "B:zone-uncertain",
        ),
        (
            "without a terrain model the ground is uncertain",
            |w| {
                w.terrain = None;
                w.circle(0.0, 200.0, 100.0, (120.0, "AGL"), HIGH);
            },
            "B:zone W:no-terrain",
        ),
    ]);
}

#[test]
fn when_the_zone_holds() {
    table(&[
        (
            "over",
            |w| schedule(w.circle(0.0, 200.0, 100.0, SURFACE, HIGH), json!({"endDateTime": "2026-05-10T09:59:00Z"})),
            "N:zone-idle",
        ),
        (
            "not yet",
            |w| schedule(w.circle(0.0, 200.0, 100.0, SURFACE, HIGH), json!({"startDateTime": "2026-05-10T12:00:00Z"})),
            "N:zone-idle",
        ),
        (
            "begins before the last landing",
            |w| schedule(w.circle(0.0, 200.0, 100.0, SURFACE, HIGH), json!({"startDateTime": "2026-05-10T11:01:00Z"})),
            "B:zone",
        ),
        (
            "on Sundays, and it is one",
            |w| schedule(w.circle(0.0, 200.0, 100.0, SURFACE, HIGH), json!({"schedule": [{"day": ["SUN"]}]})),
            "B:zone",
        ),
        (
            "on Mondays",
            |w| schedule(w.circle(0.0, 200.0, 100.0, SURFACE, HIGH), json!({"schedule": [{"day": ["MON"]}]})),
            "N:zone-idle",
        ),
        (
            "in other hours",
            |w| {
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["ANY"], "startTime": "12:00:00Z", "endTime": "18:00:00Z"}]}),
                )
            },
            "N:zone-idle",
        ),
        (
            "in hours by another clock: 11:30 to 18:00 at +02:00 is 9:30 to 16:00",
            |w| {
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["ANY"], "startTime": "11:30:00+02:00", "endTime": "18:00:00+02:00"}]}),
                )
            },
            "B:zone",
        ),
        (
            "from sunset to sunrise, by day",
            |w| {
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["ANY"], "startEvent": "SS", "endEvent": "SR"}]}),
                )
            },
            "N:zone-idle",
        ),
        (
            "from sunset to sunrise, by night",
            |w| {
                (w.from, w.to) = (time("2026-05-10T22:00:00Z"), time("2026-05-10T23:00:00Z"));
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["ANY"], "startEvent": "SS", "endEvent": "SR"}]}),
                );
            },
            "B:zone",
        ),
        (
            "hours over midnight, the morning after",
            |w| {
                (w.from, w.to) = (time("2026-05-11T01:00:00Z"), time("2026-05-11T01:30:00Z"));
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["SUN"], "startTime": "22:00:00Z", "endTime": "02:00:00Z"}]}),
                );
            },
            "B:zone",
        ),
        (
            "times that nobody can read",
            |w| {
                schedule(
                    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH),
                    json!({"schedule": [{"day": ["ANY"], "startTime": "noon"}]}),
                )
            },
            "B:zone-uncertain",
        ),
    ]);
}

fn permitted(w: &mut World) -> &mut mission_profiles::authorisation::Authorisation {
    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
    w.permission()
}

fn in_state(w: &mut World, state: State) {
    w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
    w.state(state);
}

#[test]
fn what_a_permission_opens() {
    table(&[
        (
            "activated",
            |w| {
                permitted(w);
            },
            "N:zone-permitted",
        ),
        ("applied, not approved", |w| in_state(w, State::Applied), "B:zone"),
        ("in principle", |w| in_state(w, State::InPrinciple), "B:zone"),
        ("suspended", |w| in_state(w, State::Suspended), "B:zone"),
        ("closed", |w| in_state(w, State::Closed), "B:zone"),
        ("refused", |w| in_state(w, State::Refused), "B:zone"),
        ("for another zone", |w| permitted(w).zones = vec!["ZONE9".into()], "B:zone"),
        (
            "expires while the flight may be in the air",
            |w| permitted(w).windows[0].to = Some(time("2026-05-10T11:01:00Z")),
            "B:zone",
        ),
        (
            "holds to the minute of the last landing",
            |w| permitted(w).windows[0].to = Some(time("2026-05-10T11:05:00Z")),
            "N:zone-permitted",
        ),
        ("begins too late", |w| permitted(w).windows[0].from = Some(time("2026-05-10T10:00:01Z")), "B:zone"),
        (
            "with a break in the middle",
            |w| {
                permitted(w).windows = vec![
                    Period {
                        from: Some(time("2026-05-10T08:00:00Z")),
                        to: Some(time("2026-05-10T10:20:00Z")),
                        daily: Vec::new(),
                    },
                    Period {
                        from: Some(time("2026-05-10T10:30:00Z")),
                        to: Some(time("2026-05-10T18:00:00Z")),
                        daily: Vec::new(),
                    },
                ]
            },
            "B:zone",
        ),
        (
            "in two windows without one",
            |w| {
                permitted(w).windows = vec![
                    Period {
                        from: Some(time("2026-05-10T08:00:00Z")),
                        to: Some(time("2026-05-10T10:20:00Z")),
                        daily: Vec::new(),
                    },
                    Period {
                        from: Some(time("2026-05-10T10:15:00Z")),
                        to: Some(time("2026-05-10T18:00:00Z")),
                        daily: Vec::new(),
                    },
                ]
            },
            "N:zone-permitted",
        ),
        ("without any window", |w| permitted(w).windows.clear(), "B:zone"),
        (
            "by London's clock, which is an hour ahead in May",
            |w| {
                permitted(w).windows = vec![Period {
                    from: None,
                    to: None,
                    daily: vec![Daily {
                        days: Days::ANY,
                        start: Mark::Clock("11:00:00".parse().unwrap()),
                        end: Mark::Clock("12:10:00".parse().unwrap()),
                        zone: Zonal::Local("Europe/London".into()),
                    }],
                }]
            },
            "N:zone-permitted",
        ),
        (
            "by UTC's",
            |w| {
                permitted(w).windows = vec![Period {
                    from: None,
                    to: None,
                    daily: vec![Daily {
                        days: Days::ANY,
                        start: Mark::Clock("11:00:00".parse().unwrap()),
                        end: Mark::Clock("12:10:00".parse().unwrap()),
                        zone: Zonal::Local("UTC".into()),
                    }],
                }]
            },
            "B:zone",
        ),
        ("another pilot's", |w| permitted(w).pilots = vec!["P2".into()], "B:zone"),
        ("every pilot's of the unit", |w| permitted(w).pilots.clear(), "N:zone-permitted"),
        ("another aircraft's", |w| permitted(w).aircraft = vec!["SKY-2".into()], "B:zone"),
        ("up to less than is flown", |w| permitted(w).upper = Limit::read("30 m AGL").unwrap(), "B:zone"),
        (
            "up to a height above the sea that is enough",
            |w| permitted(w).upper = Limit::read("120 m AMSL").unwrap(),
            "N:zone-permitted",
        ),
        (
            "up to a height above the sea that is not",
            |w| permitted(w).upper = Limit::read("105 m AMSL").unwrap(),
            "B:zone",
        ),
        ("with a height as a condition", |w| permitted(w).limits.height_agl_m = Some(50.0), "B:zone"),
        ("within sight", |w| permitted(w).limits.vlos = true, "N:zone-permitted"),
        ("within a shorter range", |w| permitted(w).limits.range_m = Some(300.0), "B:zone"),
        ("by daylight, by day", |w| permitted(w).limits.daylight = true, "N:zone-permitted"),
        (
            "by daylight, at dusk",
            |w| {
                (w.from, w.to) = (time("2026-05-10T19:30:00Z"), time("2026-05-10T20:00:00Z"));
                let permission = permitted(w);
                permission.limits.daylight = true;
                permission.windows[0].to = Some(time("2026-05-10T23:00:00Z"));
            },
            "B:zone",
        ),
        (
            "for an area that holds it",
            |w| {
                let centre = Position::new(52.502, -1.5).unwrap();
                permitted(w).area = vec![Outline::Circle { centre, radius_m: 400.0 }];
            },
            "N:zone-permitted",
        ),
        (
            "for an area that it leaves",
            |w| {
                let centre = Position::new(52.5, -1.5).unwrap();
                permitted(w).area = vec![Outline::Circle { centre, radius_m: 300.0 }];
            },
            "B:zone",
        ),
        ("the landowner's opens no airspace", |w| permitted(w).kind = Kind::Landowner, "B:zone"),
        (
            "a second that lacks nothing",
            |w| {
                permitted(w).pilots = vec!["P2".into()];
                w.permission();
            },
            "N:zone-permitted",
        ),
    ]);
}

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

//! Situations: when the zone holds.

#![allow(clippy::semicolon_if_nothing_returned, reason = "rows of a table")]

use serde_json::{Value, json};

use super::table::{HIGH, SURFACE, table};
use super::world::time;

#[allow(clippy::needless_pass_by_value, reason = "the table's rows make it where they use it")]
fn schedule(zone: &mut Value, period: Value) {
    zone["properties"]["limitedApplicability"] = json!([period]);
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

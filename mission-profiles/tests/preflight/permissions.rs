//! Situations: what a permission opens, and when.

#![allow(clippy::semicolon_if_nothing_returned, reason = "rows of a table")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::authorisation::{Kind, State};
use mission_profiles::place::Position;
use mission_profiles::zones::{Daily, Days, Limit, Mark, Outline, Period, Zonal};

use super::table::{in_state, permitted, table};
use super::world::{World, time};

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

/// Only at these hours by London's clock.
fn by_london(w: &mut World, start: &str, end: &str) {
    permitted(w).windows = vec![Period {
        from: None,
        to: None,
        daily: vec![Daily {
            days: Days::ANY,
            start: Mark::Clock(start.parse().unwrap()),
            end: Mark::Clock(end.parse().unwrap()),
            zone: Zonal::Local("Europe/London".into()),
        }],
    }];
}

fn fly_between(w: &mut World, from: &str, to: &str) {
    (w.from, w.to) = (time(from), time(to));
}

#[test]
fn when_clocks_change() {
    table(&[
        (
            "the day before they go back: 10:00 UTC is 11:00 in London",
            |w| {
                fly_between(w, "2026-10-24T10:00:00Z", "2026-10-24T11:00:00Z");
                by_london(w, "11:00:00", "12:10:00");
            },
            "N:zone-permitted",
        ),
        (
            "the day they have gone back: it is 10:00",
            |w| {
                fly_between(w, "2026-10-25T10:00:00Z", "2026-10-25T11:00:00Z");
                by_london(w, "11:00:00", "12:10:00");
            },
            "B:zone",
        ),
        (
            "over the hour that comes twice",
            |w| {
                fly_between(w, "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z");
                by_london(w, "00:30:00", "02:30:00");
            },
            "N:zone-permitted",
        ),
        (
            "over the hour that is left out",
            |w| {
                fly_between(w, "2027-03-28T00:40:00Z", "2027-03-28T01:20:00Z");
                by_london(w, "00:30:00", "02:30:00");
            },
            "N:zone-permitted",
        ),
        (
            "beyond it: 02:30 in London is 01:30 UTC",
            |w| {
                fly_between(w, "2027-03-28T00:40:00Z", "2027-03-28T01:40:00Z");
                by_london(w, "00:30:00", "02:30:00");
            },
            "B:zone",
        ),
    ]);
}

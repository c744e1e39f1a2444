#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mission_profiles::authorisation::{Authorisation, Change, Kind, State};
use mission_profiles::place::Position;
use mission_profiles::zones::{Limit, bundled, read};

use super::*;
use crate::state::airspace::Asks;

/// In British summer time.
pub(crate) const NOW: &str = "2026-06-14T13:12:40Z";

pub(crate) fn moment() -> Moment {
    Moment { now: NOW.parse().unwrap(), zone: TimeZone::get("Europe/London").unwrap() }
}

/// A permission for a zone, having gone through `states`, the last of them `days` ago.
pub(crate) fn permission(id: &str, zone: &str, window: (&str, &str), states: &[State], days: i64) -> Permission {
    let json = format!(
        r#"{{"id": "{id}", "kind": "frz", "issuer": {{"authority": "Derby Tower", "phone": "01632 960 118"}}, "operator": "GBR-OP-1",
        "lower": "surface", "upper": "400 ft AGL", "windows": [{{"from": "{}", "to": "{}"}}], "zones": ["{zone}"], "limits": {{"vlos": true}}}}"#,
        window.0, window.1
    );
    let mut authorisation = Authorisation::read(json.as_bytes()).unwrap();
    let at = moment().now - jiff::SignedDuration::from_hours(24 * days);
    for to in states {
        let how = "call, answered by M. Ellis".into();
        authorisation = authorisation.changed(Change { at, to: *to, by: "hale".into(), how }).unwrap();
    }
    let digest = Sha256::of(&authorisation.write());
    let entered =
        Entered { digest, line: 7, at_utc_us: at.as_microsecond(), by: "hale".into(), reason: "search".into() };
    Permission { authorisation, digest, versions: vec![entered] }
}

pub(crate) const TODAY: (&str, &str) = ("2026-06-14T11:00:00Z", "2026-06-14T17:00:00Z");

fn cards(permissions: Vec<Permission>) -> Vec<Card> {
    board(&Airspace::new(Ok(bundled().unwrap()), Ok(permissions)), &moment())
}

#[test]
fn each_card_stands_in_its_column_and_says_what_to_do_next() {
    use State::{Activated, Applied, Closed, InPrinciple, Refused, Suspended};
    let over = ("2026-06-12T11:00:00Z", "2026-06-12T17:00:00Z");
    let later = ("2026-06-20T08:00:00Z", "2026-06-22T16:00:00Z");
    let word = |permission: Permission| {
        let card = cards(vec![permission]).remove(0);
        (card.stage, card.next.words(), card.window)
    };
    let today = "Today 12:00–18:00 BST".to_owned();
    assert_eq!(word(permission("A", "x", TODAY, &[], 0)), (Stage::Draft, "Finish and send".into(), today.clone()));
    assert_eq!(word(permission("A", "x", TODAY, &[Applied], 9)).1, "Asked 9 days ago");
    assert_eq!(word(permission("A", "x", TODAY, &[Applied, InPrinciple], 1)).1, "Call before take-off");
    let (stage, next, window) = word(permission("A", "x", later, &[Applied, InPrinciple], 1));
    assert_eq!((stage, next.as_str()), (Stage::InPrinciple, "Call on the day"));
    assert_eq!(window, "20 Jun 09:00 BST – 22 Jun 17:00 BST");
    assert_eq!(
        word(permission("A", "x", TODAY, &[Applied, Activated], 0)),
        (Stage::Activated, "3 h 47 left".into(), today)
    );
    assert_eq!(word(permission("A", "x", later, &[Applied, Activated], 0)).1, "From 20 Jun 09:00 BST");
    assert_eq!(word(permission("A", "x", over, &[Applied, Activated], 2)).1, "Its time is over: close it");
    let suspended = word(permission("A", "x", TODAY, &[Applied, Activated, Suspended], 0));
    assert_eq!((suspended.0, suspended.1.as_str()), (Stage::InPrinciple, "Suspended"));
    let refused = word(permission("A", "x", TODAY, &[Applied, Refused], 3));
    assert_eq!(
        (refused.0, refused.1.as_str(), refused.2.as_str()),
        (Stage::Closed, "Refused", "Refused 11 Jun 14:12 BST")
    );
    let order = cards(vec![
        permission("late", "x", later, &[Applied], 0),
        permission("old", "x", TODAY, &[Closed], 5),
        permission("soon", "x", TODAY, &[Applied], 0),
        permission("new", "x", TODAY, &[Closed], 1),
    ]);
    let ids: Vec<_> = order.iter().map(|card| card.id.as_str()).collect();
    assert_eq!(ids, ["soon", "late", "new", "old"]);
}

#[test]
fn a_call_is_written_down_with_its_time_and_nothing_half_filled_is_signed() {
    let known = permission("D-2219", "derby", TODAY, &[State::Applied, State::InPrinciple], 2);
    let read = |form: &StepForm, to| form.read(&known.authorisation, known.digest, to, &moment(), true);
    let mut form = StepForm::default();
    let why = |form: &StepForm, to| read(form, to).unwrap_err();
    assert_eq!(why(&form, State::Activated), "Say who answered");
    form.who = "Derby Tower, R. Shah".into();
    assert_eq!(why(&form, State::Activated), "Fill in: what was said");
    form.said = "Cleared to 400 ft, call when down.".into();
    form.time = "25:00".into();
    assert!(why(&form, State::Activated).contains("no time of day"));
    form.time = "14:20".into();
    assert_eq!(why(&form, State::Activated), "14:20 BST is still to come");
    form.time = "14:11".into();
    let step = read(&form, State::Activated).unwrap();
    assert_eq!(step.how, "call at 14:11 BST, answered by Derby Tower, R. Shah: “Cleared to 400 ft, call when down.”");
    assert_eq!(step.at, "2026-06-14T13:11:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(step.reason.to_string(), "Activate: Cleared to 400 ft, call when down.");
    let pin = form.read(&known.authorisation, known.digest, State::Activated, &moment(), false).unwrap_err();
    assert_eq!(pin, "Give the name of your account");
    (form.said, form.who) = ("£ “weather” – später".into(), String::new());
    assert_eq!(read(&form, State::Closed).unwrap().reason.to_string(), "Close: 'weather' - sp ter");
}

#[test]
fn a_permit_says_which_field_is_wrong_and_comes_back_as_it_was() {
    let known = permission("D-2219", "derby", TODAY, &[], 0);
    let form = Permit::of(&known, &moment());
    assert_eq!(form.read(&moment()).unwrap(), known.authorisation);
    let wrong = |field: Field, text: &str| {
        let mut form = form.clone();
        form.set(field, text);
        form.read(&moment()).map_err(|(field, _)| field)
    };
    for (field, text) in [
        (Field::Id, ""),
        (Field::Authority, " "),
        (Field::Upper, "400"),
        (Field::Upper, "400 ft"),
        (Field::Lower, "high"),
        (Field::From, "today"),
        (Field::Height, "-3"),
        (Field::Range, "far"),
        (Field::Centre, "Derby"),
    ] {
        let at = if field == Field::Centre { Field::Radius } else { field };
        assert_eq!(wrong(field, text), Err(at), "{field:?}: {text}");
    }
    assert_eq!(wrong(Field::To, "2026-06-13 10:00"), Err(Field::To));
    assert_eq!(wrong(Field::Upper, "FL65").unwrap().upper, Limit::read("FL65").unwrap());
    let mut form = form;
    form.set(Field::Centre, "SK 290 290");
    form.set(Field::Radius, "500");
    assert_eq!(form.read(&moment()).unwrap().area.len(), 1);
    let airspace = Airspace::new(Ok(Vec::new()), Ok(vec![permission("A-0231", "x", TODAY, &[], 0)]));
    assert_eq!(next_id(&airspace), "A-0232");
    assert_eq!(Permit::default().kind, Kind::FlightRestrictionZone);
}

/// A dataset of `count` small circles, one every 300 m eastward of Findern, in OpenAir.
pub(crate) fn many(count: u32) -> Vec<mission_profiles::zones::Dataset> {
    let mut text = String::new();
    for i in 0..count {
        let (row, column) = (i / 100, i % 100);
        let (minutes, seconds) = (column / 6 % 60, column % 6 * 10);
        text += &format!(
            "AC R\nAN ZONE {i}\nAL SFC\nAH 2000 ft\nV X=52:{:02}:{:02} N 001:{minutes:02}:{seconds:02} W\nDC 0.1\n\n",
            row / 60 % 60,
            row % 60
        );
    }
    vec![read::dataset("many.txt", text.as_bytes()).unwrap()]
}

fn looking<'a>(query: &'a Query, moment: &'a Moment) -> Looking<'a> {
    Looking { query, kind: None, home: None, ground_amsl_m: None, moment, pilot: None }
}

#[test]
fn the_nearest_of_the_zones_are_those_that_a_slow_twin_finds() {
    let datasets = bundled().unwrap();
    let index = mission_profiles::zones::Index::new(&datasets);
    let airspace = Airspace::new(Ok(bundled().unwrap()), Ok(Vec::new()));
    let moment = moment();
    for (lat_deg, lon_deg) in [(52.858, -1.569), (51.4779, -0.0015), (53.36, -2.27), (57.2, -2.2), (50.37, -4.14)] {
        let place = Position::new(lat_deg, lon_deg).unwrap();
        let (rows, _) = airspace.zones(&looking(&Query::At(place), &moment));
        let reach = mission_profiles::zones::Reach { from: place, to: place, home: None, within_m: 10_000.0 };
        let mut names: Vec<_> = index.beside(reach).iter().map(|near| near.zone.identifier.clone()).collect();
        names.sort();
        names.dedup();
        let mut found: Vec<_> = rows.iter().map(|row| airspace.zone(row.key).unwrap().1.identifier.clone()).collect();
        found.sort();
        found.dedup();
        assert_eq!(found, names, "{lat_deg}, {lon_deg}");
        assert!(rows.windows(2).all(|pair| pair[0].asks >= pair[1].asks), "the gravest first");
    }
}

#[test]
fn what_no_flight_comes_up_to_is_only_noted() {
    let text = "AC R\nAN HIGH\nAL 1500 ft AGL\nAH 5000 ft\nV X=52:51:00 N 001:34:00 W\nDC 2\n\nAC R\nAN LOW\nAL SFC\nAH 2175 ft\nV X=52:51:00 N 001:34:00 W\nDC 2\n";
    let airspace = Airspace::new(Ok(vec![read::dataset("two", text.as_bytes()).unwrap()]), Ok(Vec::new()));
    let moment = moment();
    let (rows, cut) = airspace.zones(&looking(&Query::At(Position::new(52.85, -1.57).unwrap()), &moment));
    assert!(!cut);
    let said: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.asks, row.limits.as_str(), row.away())).collect();
    assert_eq!(said[0], ("LOW", Asks::Blocks, "SFC–2,175 ft AMSL", "here".to_owned()));
    assert_eq!((said[1].0, said[1].1), ("HIGH", Asks::Note));
    assert_eq!(rows[1].answer, "Not needed below 1,500 ft AGL");
    let (named, _) = airspace.zones(&looking(&Query::Named("hig".into()), &moment));
    assert_eq!((named.len(), named[0].away().as_str()), (1, "—"));
}

#[test]
fn ten_thousand_zones_are_looked_through_in_one_pass_and_the_list_is_bounded() {
    let airspace = Airspace::new(Ok(many(10_000)), Ok(Vec::new()));
    assert_eq!(airspace.datasets()[0].zones.len(), 10_000);
    let moment = moment();
    let named = |name: &str| airspace.zones(&looking(&Query::Named(name.into()), &moment));
    let count = |(rows, cut): (Vec<ZoneRow>, bool)| (rows.len(), cut);
    assert_eq!((count(named("zone")), count(named("zone 9999"))), ((200, true), (1, false)));
}

#[test]
fn a_datasets_age_stands_on_a_bar_to_28_days_and_beyond() {
    let mut dataset = many(1).remove(0);
    let issued = |text: &str| text.parse::<Timestamp>().ok();
    dataset.source.issued = issued("2026-06-02T00:00:00Z");
    let fresh = age(&dataset, moment().now);
    assert_eq!((fresh.age.as_str(), fresh.stale), ("12 days", None));
    assert!((fresh.part - 12.0 / 56.0).abs() < 1e-6);
    dataset.source.issued = issued("2026-05-05T00:00:00Z");
    let old = age(&dataset, moment().now);
    assert_eq!(old.age, "40 days, out of date");
    assert!(old.stale.is_some_and(|why| why.contains("28 days")) && old.counts == "1 read · 1 kept");
    dataset.source.issued = None;
    assert_eq!(age(&dataset, moment().now).age, "Age unknown, out of date");
}

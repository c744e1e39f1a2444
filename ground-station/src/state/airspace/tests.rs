use super::*;
use mission_profiles::authorisation::Change;
use mission_profiles::profile::{Profile, bundled};
use mission_profiles::zones::read;

/// A circle of 1,000 m about 52.9, −1.6 from the ground to 2,000 ft, asked for; one above, from 1,500 ft; a note beside.
const ZONES: &str = "* ILLUSTRATIVE\nAC P\nAN DERBY\nAL SFC\nAH 2000ft\nV X=52:54:00 N 001:36:00 W\nDC 0.54\n\nAC P\nAN HIGH\nAL 1500ft AGL\nAH FL100\nV X=52:54:00 N 001:36:00 W\nDC 0.54\n";

pub(crate) fn datasets() -> Vec<Dataset> {
    vec![read::dataset("test.txt", ZONES.as_bytes()).unwrap()]
}

fn at(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn permission(identifier: &str, state: State, until: &str) -> Authorisation {
    let json = format!(
        r#"{{"id":"D-1","reference":"","kind":"frz","issuer":{{"authority":"Tower","phone":"01632 960001"}},"operator":"FPR","lower":"SFC","upper":"400 ft AGL","windows":[{{"from":"2026-07-30T06:00:00Z","to":"{until}"}}],"zones":["{identifier}"],"history":[]}}"#
    );
    let mut made = Authorisation::read(json.as_bytes()).unwrap();
    let steps: &[State] = match state {
        State::Activated => &[State::Applied, State::InPrinciple, State::Activated],
        _ => &[State::Applied, State::InPrinciple],
    };
    for to in steps {
        let change =
            Change { at: "2026-07-29T10:00:00Z".parse().unwrap(), to: *to, by: "P1".into(), how: "call".into() };
        made = made.changed(change).unwrap();
    }
    made
}

fn judged(authorisations: &[Authorisation], datasets: &[Dataset]) -> Vec<(Asks, String)> {
    let index = Index::new(datasets);
    let (file, text) = bundled()[0];
    let limits = Profile::read(file, text).unwrap().content.limits;
    let home = at(52.88, -1.6);
    let flight = Flight {
        index: &index,
        authorisations,
        limits,
        pilot: "P1",
        aircraft: "SKY-1",
        surroundings: Surroundings {
            home,
            home_amsl: Span { low_m: 50.0, high_m: 50.0 },
            terrain: None,
            qnh_hpa: Some(1013.0),
            geoid_m: None,
        },
        route: None,
        from: "2026-07-30T10:00:00Z".parse().unwrap(),
        to: "2026-07-30T11:00:00Z".parse().unwrap(),
        now: "2026-07-30T09:00:00Z".parse().unwrap(),
    };
    stands(datasets, &flight).into_iter().map(|stand| (stand.asks, stand.words)).collect()
}

#[test]
fn without_a_permission_it_blocks_in_principle_too_and_what_is_above_is_a_note() {
    let datasets = datasets();
    let identifier = &datasets[0].zones[0].identifier;
    let none = judged(&[], &datasets);
    assert_eq!(none[0], (Asks::Blocks, "prohibited".into()));
    assert_eq!(none[1], (Asks::Note, "above or below you".into()));
    let principle = judged(&[permission(identifier, State::InPrinciple, "2026-07-30T15:00:00Z")], &datasets);
    assert_eq!(principle[0], (Asks::Blocks, "only in principle".into()));
    let held = judged(&[permission(identifier, State::Activated, "2026-07-30T15:00:00Z")], &datasets);
    assert_eq!(held[0], (Asks::Held, "held: D-1 until 15:00 UTC".into()));
    let years = judged(&[permission(identifier, State::Activated, "2036-01-01T00:00:00Z")], &datasets);
    assert_eq!(years[0], (Asks::Held, "held: D-1 until 00:00 UTC 1 Jan 2036".into()), "not tonight");
    let mut days = permission(identifier, State::Activated, "2026-07-30T15:00:00Z");
    days.windows.push(Period {
        from: "2026-07-31T08:00:00Z".parse().ok(),
        to: "2026-07-31T18:00:00Z".parse().ok(),
        ..days.windows[0].clone()
    });
    assert_eq!(judged(&[days], &datasets)[0], (Asks::Held, "held: D-1 until 15:00 UTC".into()), "today's window ends");
    let over = judged(&[permission(identifier, State::Activated, "2026-07-30T10:30:00Z")], &datasets);
    assert_eq!(over[0], (Asks::Blocks, "permission does not cover this".into()));
}

#[test]
fn the_next_limit_is_the_one_ahead_and_else_the_nearest() {
    let datasets = datasets();
    let index = Index::new(&datasets);
    let stand = |volume, asks| Stand { dataset: 0, zone: volume, volume: 0, asks, words: String::new(), near_m: None };
    let stands = [stand(0, Asks::Blocks), stand(1, Asks::Note)];
    let home = at(52.88, -1.6);
    let north = Some(Course { course_deg: 0.0, speed_ms: 20.0 });
    let next = next_limit(&datasets, &index, &stands, home, north).unwrap();
    let edge_m = mission_profiles::place::inverse(home, at(52.9, -1.6)).distance_m - 1_000.08;
    assert_eq!((next.name.as_str(), next.asks), ("DERBY", Asks::Blocks));
    assert!((next.distance_m - edge_m).abs() < 3.0 && (next.in_s.unwrap() - edge_m / 20.0).abs() < 0.2, "{next:?}");
    let south = Some(Course { course_deg: 180.0, speed_ms: 20.0 });
    let next = next_limit(&datasets, &index, &stands, home, south).unwrap();
    assert!((next.distance_m - edge_m).abs() < 3.0 && next.in_s.is_none(), "{next:?}");
    assert_eq!(next_limit(&datasets, &index, &stands[1..], home, north), None);
}

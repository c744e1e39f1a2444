//! Zones, permissions, profiles and drawings: files of strangers.

use flight_record::papers::Papers as Signed;
use mission_profiles::authorisation::Authorisation;
use mission_profiles::papers::Papers as Frozen;
use mission_profiles::place::Position;
use mission_profiles::plan_files::{Drawing, Plan};
use mission_profiles::profile::Profile;
use mission_profiles::zones::{Certainty, Index, Limit, Reach, read};

/// The bytes as a dataset of zones: each counted, each found where it says it is.
pub fn zones(bytes: &[u8]) {
    let Ok(dataset) = read::dataset("fuzzed", bytes) else { return };
    let report = &dataset.report;
    assert_eq!(report.read, report.kept + report.uncertain + report.refused.len());
    assert_eq!(dataset.zones.len(), report.kept + report.uncertain);
    let uncertain = dataset.zones.iter().filter(|zone| matches!(zone.certainty, Certainty::Uncertain(_))).count();
    assert_eq!(uncertain, report.uncertain);
    for volume in dataset.zones.iter().flat_map(|zone| &zone.volumes) {
        for limit in [volume.lower, volume.upper] {
            assert_eq!(Limit::read(&limit.text()), Some(limit), "a limit is read as it was written");
        }
    }
    let datasets = [dataset];
    let index = Index::new(&datasets);
    let places: Vec<_> = datasets[0]
        .zones
        .iter()
        .flat_map(|zone| &zone.volumes)
        .map(|volume| volume.outline.somewhere())
        .take(8)
        .collect();
    for place in places {
        assert!(Position::new(place.lat_deg, place.lon_deg).is_some(), "{place:?}");
        for near in index.beside(Reach { from: place, to: place, home: None, within_m: 1_000.0 }) {
            assert!((0.0..=1_000.0).contains(&near.distance_m), "{}", near.distance_m);
        }
    }
}

/// The bytes as a permission, papers of a flight, a profile, a drawing and a list of waypoints: what is read comes back when it is written.
pub fn papers(bytes: &[u8]) {
    if let Ok(authorisation) = Authorisation::read(bytes) {
        let written = authorisation.write();
        let again = Authorisation::read(&written).unwrap();
        assert_eq!(again.write(), written, "one spelling");
        assert_eq!(again.state(), authorisation.state());
    }
    if let Ok(frozen) = Frozen::read(bytes) {
        assert_eq!(frozen.write(), bytes, "one spelling");
    }
    if let Ok(signed) = Signed::read(bytes) {
        assert_eq!(signed.write(), bytes, "one spelling");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(profile) = Profile::read("fuzzed", text) {
            assert!((1.0..=120.0).contains(&profile.content.limits.height_agl_m));
        }
        if let Ok(plan) = Plan::read_waypoints(text) {
            let written = plan.write_waypoints();
            assert_eq!(Plan::read_waypoints(&written).unwrap().write_waypoints(), written, "one spelling");
        }
    }
    if let Ok(drawing) = Drawing::read(bytes) {
        for written in [drawing.to_kml(), drawing.to_geojson().to_string()] {
            assert_eq!(Drawing::read(written.as_bytes()).unwrap().shapes.len(), drawing.shapes.len());
        }
    }
}

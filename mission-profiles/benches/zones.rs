//! Zones: the whole UK set read and indexed; a mission of 200 legs asked of it. Aims: 100 ms, 5 ms.
//!
//! In the same run, on the same zones and legs: a plain loop over `geo`, and, with `SKYSEAL_VENV=DIR` naming a Python environment
//! that has shapely, its `STRtree`.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::Bencher;
use geo::{Intersects as _, Line, LineString};
use mission_profiles::place::{Position, direct};
use mission_profiles::zones::{Dataset, Index, Outline, Reach, read};

const FILES: [(&str, &[u8]); 2] =
    [("airspace.yaml", include_bytes!("../zones/airspace.yaml")), ("rat.yaml", include_bytes!("../zones/rat.yaml"))];
static UK: LazyLock<Vec<Dataset>> = LazyLock::new(load);

fn main() {
    divan::main();
    match std::env::var_os("SKYSEAL_VENV") {
        Some(venv) => peer(&std::path::Path::new(&venv).join("bin/python")),
        None => println!("peer shapely: not measured, SKYSEAL_VENV names no Python environment"),
    }
}

fn load() -> Vec<Dataset> {
    FILES.map(|(name, bytes)| read::dataset(name, bytes).unwrap()).into()
}

/// 200 legs of 300 m, to and fro, south-west of London: traffic and control zones all around.
fn legs() -> Vec<Reach> {
    let start = Position::new(51.45, -0.45).unwrap();
    let corner =
        |i: u32| direct(direct(start, 90.0, f64::from(i) * 15.0), 0.0, if i.is_multiple_of(2) { 0.0 } else { 300.0 });
    (0..200).map(|i| Reach { from: corner(i), to: corner(i + 1), home: None, within_m: 50.0 }).collect()
}

/// The outlines as corners: circles of 64.
fn rings() -> Vec<Vec<(f64, f64)>> {
    let degrees = |place: &Position| (place.lon_deg, place.lat_deg);
    let ring = |outline: &Outline| match outline {
        Outline::Polygon(polygon) => polygon.exterior.iter().map(degrees).collect(),
        Outline::Circle { centre, radius_m } => {
            (0..64).map(|i| degrees(&direct(*centre, f64::from(i) * 5.625, *radius_m))).collect()
        }
        Outline::Corridor { line, .. } => line.iter().map(degrees).collect(),
        Outline::Everywhere => Vec::new(),
    };
    UK.iter()
        .flat_map(|dataset| &dataset.zones)
        .flat_map(|zone| &zone.volumes)
        .map(|volume| ring(&volume.outline))
        .collect()
}

#[divan::bench]
fn load_and_index_the_uk() -> usize {
    Index::new(&load()).len()
}

#[divan::bench]
fn mission_of_200_legs(bencher: Bencher<'_, '_>) {
    let (index, legs) = (Index::new(&UK), legs());
    bencher.bench_local(|| legs.iter().map(|leg| index.beside(black_box(*leg)).len()).sum::<usize>());
}

#[divan::bench]
fn the_same_by_a_loop_over_geo(bencher: Bencher<'_, '_>) {
    let polygons: Vec<_> =
        rings().into_iter().map(|ring| geo::Polygon::new(LineString::from(ring), Vec::new())).collect();
    let lines: Vec<_> = legs()
        .iter()
        .map(|leg| Line::new((leg.from.lon_deg, leg.from.lat_deg), (leg.to.lon_deg, leg.to.lat_deg)))
        .collect();
    bencher.bench_local(|| {
        lines
            .iter()
            .map(|line| polygons.iter().filter(|polygon| polygon.intersects(black_box(line))).count())
            .sum::<usize>()
    });
}

const PEER: &str = r#"
import json, sys, time, shapely
rings, legs = json.load(sys.stdin)
begun = time.perf_counter()
polygons = [shapely.make_valid(shapely.Polygon(ring)) for ring in rings if len(ring) > 2]
tree = shapely.STRtree(polygons)
print(f"peer shapely {shapely.__version__}: polygons and STRtree {1e3 * (time.perf_counter() - begun):.1f} ms")
lines = [shapely.LineString(leg) for leg in legs]
best = 1e9
for _ in range(20):
    begun = time.perf_counter()
    found = sum(len(tree.query(line, predicate="intersects")) for line in lines)
    best = min(best, time.perf_counter() - begun)
print(f"peer shapely: 200 legs {1e3 * best:.2f} ms (best of 20), {found} found")
"#;

fn peer(python: &std::path::Path) {
    let lines: Vec<_> =
        legs().iter().map(|leg| [(leg.from.lon_deg, leg.from.lat_deg), (leg.to.lon_deg, leg.to.lat_deg)]).collect();
    let input = serde_json::to_vec(&(rings(), lines)).unwrap();
    let mut child = Command::new(python).args(["-c", PEER]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    child.wait().unwrap();
}

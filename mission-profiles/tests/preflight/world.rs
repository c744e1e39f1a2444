//! A small world to fly in: level ground 50 m above the sea, calm, a day in May, a crew with everything; a plan 400 m north and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, Change, Conditions, Kind, State};
use mission_profiles::place::{Position, Terrain, direct};
use mission_profiles::plan_files::{Item, Plan};
use mission_profiles::preflight::{Aircraft, Crew, Report, Severity, Situation, Weather, preflight};
use mission_profiles::profile::{Profile, bundled};
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Authority, Dataset, Index, Limit, Period, Span, Surroundings, read};
use serde_json::{Value, json};

pub(crate) struct World {
    pub(crate) home: Position,
    pub(crate) home_amsl: Span,
    pub(crate) zones: Vec<Value>,
    pub(crate) issued: &'static str,
    pub(crate) items: Vec<Item>,
    pub(crate) profile: String,
    pub(crate) authorisations: Vec<Authorisation>,
    pub(crate) crew: Crew,
    pub(crate) aircraft: Aircraft,
    pub(crate) weather: Option<Weather>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) qnh_hpa: Option<f64>,
    pub(crate) geoid_m: Option<f64>,
    pub(crate) terrain: Option<Terrain>,
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn level(height_m: f64) -> Span {
    Span { low_m: height_m, high_m: height_m }
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            home: Position::new(52.5, -1.5).unwrap(),
            home_amsl: level(50.0),
            zones: Vec::new(),
            issued: "2026-05-01T00:00:00Z",
            items: Vec::new(),
            profile: bundled().into_iter().find(|(file, _)| *file == "training.toml").unwrap().1.into(),
            authorisations: Vec::new(),
            crew: Crew { pilot: "P1".into(), roles: vec!["pilot".into(), "observer".into()], recent_h: Some(10.0) },
            aircraft: Aircraft {
                serial: "SKY-1".into(),
                endurance_s: Some(1_800.0),
                battery_percent: Some(100.0),
                free_bytes: Some(64 << 30),
            },
            weather: Some(Weather { gust_ms: 4.0, visibility_m: 10_000.0 }),
            from: time("2026-05-10T10:00:00Z"),
            to: time("2026-05-10T11:00:00Z"),
            now: time("2026-05-10T09:00:00Z"),
            qnh_hpa: Some(1_013.25),
            geoid_m: Some(48.0),
            terrain: Some(ground(52, -2, 50)),
        };
        // Somewhere else, so that zones are known.
        world.zone(
            json!({"type": "Point", "coordinates": [3.0, 40.0], "extent": {"subType": "Circle", "radius": 1000}}),
        );
        world.fly(&[(0.0, 400.0, 40.0)]);
        world
    }

    /// Flies to these: azimuth and distance from home, height above it; and returns.
    pub(crate) fn fly(&mut self, to: &[(f64, f64, f32)]) {
        let waypoint =
            |(azimuth, distance_m, height_m): &(f64, f64, f32)| self.item(16, 3, *azimuth, *distance_m, *height_m);
        let mut items = vec![self.item(22, 3, 0.0, 0.0, to[0].2)];
        items.extend(to.iter().map(waypoint));
        items.push(Item { frame: 2, command: 20, autocontinue: true, params: [0.0; 4], x: 0, y: 0, z: 0.0 });
        self.items = items;
    }

    pub(crate) fn item(&self, command: u16, frame: u8, azimuth: f64, distance_m: f64, height_m: f32) -> Item {
        let there = direct(self.home, azimuth, distance_m);
        #[allow(clippy::cast_possible_truncation)]
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        Item {
            frame,
            command,
            autocontinue: true,
            params: [0.0; 4],
            x: e7(there.lat_deg),
            y: e7(there.lon_deg),
            z: height_m,
        }
    }

    pub(crate) fn at(&self, azimuth: f64, distance_m: f64) -> [f64; 2] {
        let there = direct(self.home, azimuth, distance_m);
        [there.lon_deg, there.lat_deg]
    }

    /// A zone `ZONE1`, `ZONE2`, … of this geometry, that asks for permission.
    #[allow(clippy::needless_pass_by_value, reason = "made where it is used")]
    pub(crate) fn zone(&mut self, geometry: Value) -> &mut Value {
        let name = format!("ZONE{}", self.zones.len());
        self.zones.push(json!({"type": "Feature", "geometry": geometry, "properties": {"identifier": name, "country": "GBR",
            "name": [{"text": name, "lang": "en-GB"}], "type": "REQ_AUTHORIZATION", "variant": "COMMON",
            "zoneAuthority": [{"purpose": "AUTHORIZATION", "name": [{"text": "Tower", "lang": "en"}], "phone": "0123"}]}}));
        self.zones.last_mut().unwrap()
    }

    /// A circular zone between these limits, `(value, reference)` in metres.
    pub(crate) fn circle(
        &mut self,
        azimuth: f64,
        distance_m: f64,
        radius_m: f64,
        lower: (f64, &str),
        upper: (f64, &str),
    ) -> &mut Value {
        let centre = self.at(azimuth, distance_m);
        self.zone(json!({"type": "Point", "coordinates": centre, "extent": {"subType": "Circle", "radius": radius_m},
            "layer": {"lower": lower.0, "lowerReference": lower.1, "upper": upper.0, "upperReference": upper.1, "uom": "m"}}))
    }

    /// A permission for `ZONE1` that covers everything, for the day.
    pub(crate) fn permission(&mut self) -> &mut Authorisation {
        let change = |to, at: &str| Change { at: time(at), to, by: "Sgt A".into(), how: "call, answered by B".into() };
        self.authorisations.push(Authorisation {
            id: format!("AUTH-{}", self.authorisations.len() + 1),
            reference: "X/1".into(),
            kind: Kind::FlightRestrictionZone,
            issuer: Authority { name: "Tower".into(), phone: "0123".into(), ..Authority::default() },
            operator: "GBR-OP-1".into(),
            pilots: vec!["P1".into()],
            aircraft: vec!["SKY-1".into()],
            area: Vec::new(),
            lower: Limit::Surface,
            upper: Limit::read("400 ft AGL").unwrap(),
            windows: vec![Period {
                from: Some(time("2026-05-10T08:00:00Z")),
                to: Some(time("2026-05-10T18:00:00Z")),
                daily: Vec::new(),
            }],
            conditions: Vec::new(),
            limits: Conditions::default(),
            zones: vec!["ZONE1".into()],
            documents: Vec::new(),
            history: vec![
                change(State::Applied, "2026-05-01T09:00:00Z"),
                change(State::Activated, "2026-05-10T08:30:00Z"),
            ],
        });
        self.authorisations.last_mut().unwrap()
    }

    pub(crate) fn state(&mut self, state: State) {
        self.permission().history.last_mut().unwrap().to = state;
    }

    pub(crate) fn profile(&mut self, from: &str, to: &str) {
        assert!(self.profile.contains(from), "{from}");
        self.profile = self.profile.replace(from, to);
    }

    pub(crate) fn datasets(&self) -> Vec<Dataset> {
        let value = json!({"type": "FeatureCollection", "name": "Test", "metadata": {"issued": self.issued}, "features": self.zones});
        vec![read::dataset("test.json", value.to_string().as_bytes()).unwrap()]
    }

    pub(crate) fn report(&self) -> Report {
        let datasets = if self.zones.is_empty() { Vec::new() } else { self.datasets() };
        let index = Index::new(&datasets);
        let profile = Profile::read("profile.toml", &self.profile).unwrap_or_else(|flaw| panic!("{flaw}"));
        let limits = profile.content.limits;
        let habits = Habits { cruise_ms: limits.speed_ms, climb_ms: 2.0, return_height_m: limits.return_height_m };
        let plan = Plan { planned_home: None, mission: self.items.clone(), fence: Vec::new(), rally: Vec::new() };
        let route = Route::of(&plan, Some(self.home), habits).unwrap();
        preflight(&Situation {
            route: &route,
            profile: &profile,
            zones: &index,
            sources: datasets.iter().map(|dataset| &dataset.source).collect(),
            authorisations: &self.authorisations,
            crew: &self.crew,
            aircraft: &self.aircraft,
            weather: self.weather,
            surroundings: Surroundings {
                home: self.home,
                home_amsl: self.home_amsl,
                terrain: self.terrain.as_ref(),
                qnh_hpa: self.qnh_hpa,
                geoid_m: self.geoid_m,
            },
            from: self.from,
            to: self.to,
            now: self.now,
        })
    }

    /// What is found: `B:` blocks, `W:` warns, `N:` notes; in order, each rule once.
    pub(crate) fn found(&self) -> String {
        let mut found: Vec<_> = self
            .report()
            .findings
            .iter()
            .map(|finding| {
                let severity = match finding.severity {
                    Severity::Blocks => "B",
                    Severity::Warns => "W",
                    Severity::Notes => "N",
                };
                format!("{severity}:{}", finding.rule)
            })
            .collect();
        found.dedup();
        found.join(" ")
    }
}

/// A tile of level ground.
pub(crate) fn ground(lat: i16, lon: i16, height_m: i16) -> Terrain {
    shaped(lat, lon, |_, _| height_m)
}

/// A tile whose ground is so high at each row from the north and column from the west, of 1,201.
pub(crate) fn shaped(lat: i16, lon: i16, height_m: impl Fn(usize, usize) -> i16) -> Terrain {
    let heights = (0..1201 * 1201).flat_map(|i| height_m(i / 1201, i % 1201).to_be_bytes());
    let name = format!(
        "{}{:02}{}{:03}.hgt",
        if lat < 0 { 'S' } else { 'N' },
        lat.abs(),
        if lon < 0 { 'W' } else { 'E' },
        lon.abs()
    );
    let mut terrain = Terrain::default();
    terrain.add(&name, &heights.collect::<Vec<_>>()).unwrap();
    terrain
}

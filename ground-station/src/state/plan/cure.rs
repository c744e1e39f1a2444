//! What clears a finding, as something that can be pressed.

use geo::{Area as _, BooleanOps as _, MultiPolygon};
use mission_profiles::authorisation::{Authorisation, State};
use mission_profiles::place::Position;
use mission_profiles::preflight::{Finding, Severity};
use mission_profiles::profile::Limits;
use mission_profiles::zones::{Index, Outline, Reach, Zone};

use super::document::Document;
use super::kinds::Form;
use crate::state::airspace::outline::Flat;

/// An area that is trimmed stays this much farther out than it must, metres.
const ROOM_M: f64 = 2.0;
/// What is left of an area is of use above this, square metres.
const LEAST_M2: f64 = 400.0;

/// What clears a finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cure {
    /// The area without what must not be flown over.
    Trim(Vec<Position>),
    /// Another height of the return, metres above the take-off.
    ReturnHeight(f64),
    /// Another height of the pattern, metres above the ground.
    Height(f64),
    /// The plan follows the ground.
    Follow,
    /// A permission that is to be activated, by its number.
    Activate(String),
    /// Somebody to call.
    Call {
        /// Who.
        name: String,
        /// The number.
        phone: String,
    },
    /// The datasets are looked after in Airspace.
    Airspace,
    /// Somebody other than the pilot answers for it.
    Answer,
}

impl Cure {
    /// On its button.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Trim(_) => "Trim to edge".into(),
            Self::ReturnHeight(height_m) => format!("Return height {height_m:.0} m"),
            Self::Height(height_m) => format!("Height {height_m:.0} m"),
            Self::Follow => "Follow the ground".into(),
            Self::Activate(id) => format!("Activate {id}"),
            Self::Call { name, phone } if name.is_empty() => phone.clone(),
            Self::Call { name, .. } => name.clone(),
            Self::Airspace => "Open Airspace".into(),
            Self::Answer => "Override…".into(),
        }
    }
}

/// What cures are made of.
pub(super) struct Kit<'a> {
    pub(super) document: &'a Document,
    pub(super) limits: &'a Limits,
    pub(super) authorisations: &'a [Authorisation],
    pub(super) index: &'a Index<'a>,
    pub(super) home: Position,
    pub(super) has_terrain: bool,
}

impl Kit<'_> {
    /// The cures of a finding, the first one first.
    pub(super) fn cures(&self, finding: &Finding) -> Vec<Cure> {
        match finding.rule {
            "zone" | "zone-uncertain" => self.of_zone(finding),
            "height" => self.of_height(),
            "range" => self.in_range().into_iter().collect(),
            "no-zones" | "dataset-age" | "dataset-illustrative" => vec![Cure::Airspace],
            _ => Vec::new(),
        }
    }

    fn of_zone(&self, finding: &Finding) -> Vec<Cure> {
        let mut cures = Vec::new();
        let zones = self.zones(finding);
        if finding.severity == Severity::Blocks {
            cures.extend(self.without(&zones));
        }
        let about = |permission: &&Authorisation| {
            permission.state() == State::InPrinciple
                && zones.iter().any(|zone| permission.zones.contains(&zone.identifier))
        };
        cures.extend(self.authorisations.iter().find(about).map(|permission| Cure::Activate(permission.id.clone())));
        let who = finding.ask.iter().find(|who| !who.phone.is_empty());
        cures.extend(who.map(|who| Cure::Call {
            name: if who.service.is_empty() { who.name.clone() } else { who.service.clone() },
            phone: who.phone.clone(),
        }));
        cures
    }

    /// The zones that a finding is about: those at its place whose name it says.
    fn zones(&self, finding: &Finding) -> Vec<&Zone> {
        let Some(at) = finding.place else { return Vec::new() };
        let within_m = self.limits.beside_m + 1.0;
        let about = self.index.beside(Reach { from: at, to: at, home: None, within_m });
        let mut zones: Vec<&Zone> = Vec::new();
        for near in about.iter().filter(|near| finding.what.starts_with(&near.zone.name)) {
            if !zones.iter().any(|known| std::ptr::eq(*known, near.zone)) {
                zones.push(near.zone);
            }
        }
        zones
    }

    /// The area as far as it lies outside these zones; none where nothing else is left, or a hole.
    fn without(&self, zones: &[&Zone]) -> Option<Cure> {
        let outlines: Vec<&Outline> =
            zones.iter().flat_map(|zone| &zone.volumes).map(|volume| &volume.outline).collect();
        self.trimmed(|flat, area| {
            let mut left = area;
            for outline in &outlines {
                left = left.difference(&flat.area(outline, self.limits.beside_m + ROOM_M)?);
            }
            (!outlines.is_empty()).then_some(left)
        })
    }

    /// The area as far as it lies in range.
    fn in_range(&self) -> Option<Cure> {
        let circle = Outline::Circle { centre: self.home, radius_m: (self.limits.range_m - ROOM_M).max(1.0) };
        self.trimmed(|flat, area| Some(area.intersection(&flat.area(&circle, 0.0)?)))
    }

    fn trimmed(&self, trim: impl Fn(&Flat, MultiPolygon<f64>) -> Option<MultiPolygon<f64>>) -> Option<Cure> {
        if self.document.form != Form::Area || self.document.imported.is_some() {
            return None;
        }
        let flat = Flat::at(*self.document.corners.first()?);
        let area = geo::Polygon::new(flat.ring(&self.document.corners), Vec::new());
        let was_m2 = area.unsigned_area();
        let left = trim(&flat, MultiPolygon::new(vec![area]))?;
        let largest = left.0.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))?;
        let left_m2 = largest.unsigned_area();
        let of_use = left_m2 > LEAST_M2 && left_m2 < was_m2 - 1.0 && largest.interiors().is_empty();
        of_use.then(|| Cure::Trim(fewer(flat.places(largest.exterior()), &flat)))
    }

    fn of_height(&self) -> Vec<Cure> {
        let (now_m, most_m) = (self.document.numbers.height_m, self.limits.height_agl_m);
        if self.document.imported.is_some() {
            return Vec::new();
        }
        if now_m > most_m {
            return vec![Cure::Height(most_m)];
        }
        if self.has_terrain && !self.document.follow {
            return vec![Cure::Follow];
        }
        if now_m > 10.0 { vec![Cure::Height((now_m - 10.0).max(5.0))] } else { Vec::new() }
    }
}

/// Without corners that lie within a metre of the line between their neighbours: a circle's edge needs few.
fn fewer(corners: Vec<Position>, flat: &Flat) -> Vec<Position> {
    use geo::Simplify as _;
    let ring = flat.ring(&corners);
    let mut closed = ring.0.clone();
    closed.extend(ring.0.first().copied());
    let simple = geo::LineString::new(closed).simplify(1.0);
    let places = flat.places(&simple);
    if places.len() >= 3 { places } else { corners }
}

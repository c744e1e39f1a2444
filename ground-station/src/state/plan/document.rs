//! What a person edits: profile, shape, figures, take-off, fence, rally points; or a plan from elsewhere as it was written.

use std::sync::Arc;

use mission_profiles::pattern::Camera;
use mission_profiles::place::Position;
use mission_profiles::plan_files::{Plan, PlanFile};
use mission_profiles::profile::Profile;

use super::items::{self, ItemEdit};
use super::kinds::{Figure, Form, form_of};
use crate::plan::arguments::Kind;
use crate::plan::draw::Numbers;

/// Most corners of a shape drawn by hand.
const MOST_CORNERS: usize = 500;
/// Most areas of a fence, and most rally points.
const MOST_AREAS: usize = 20;
/// What is taken where nobody says what looks down: a usual wide lens.
pub(crate) const CAMERA: Camera = Camera { hfov_deg: 70.0, vfov_deg: 43.0, width_px: 1_920 };

/// An area of the geofence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FenceArea {
    /// Its corners.
    pub(crate) corners: Vec<Position>,
    /// Whether to stay inside of it, or outside.
    pub(crate) inside: bool,
}

/// A plan that another station made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Imported {
    /// Its file's name.
    pub(crate) name: String,
    /// The file, where it is a `.plan`: it is written back byte for byte but for what was changed.
    pub(crate) file: Option<PlanFile>,
    /// What a vehicle is sent of it.
    pub(crate) plan: Plan,
    /// Whether items of it were changed here.
    pub(crate) changed: bool,
}

/// All that is edited.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// Which of the profiles.
    pub(crate) profile: usize,
    /// In which pattern.
    pub(crate) kind: Kind,
    /// With which figures.
    pub(crate) numbers: Numbers,
    /// Between waypoints, metres a second.
    pub(crate) speed_ms: f64,
    /// Of the return, above the take-off, metres.
    pub(crate) return_height_m: f64,
    /// Whether the plan follows the ground, where it is known.
    pub(crate) follow: bool,
    /// What the corners are of.
    pub(crate) form: Form,
    /// What is drawn.
    pub(crate) corners: Vec<Position>,
    /// The take-off.
    pub(crate) home: Option<Position>,
    /// Its height above the sea, metres, where somebody says it and no terrain does.
    pub(crate) home_amsl_m: Option<f64>,
    /// The geofence.
    pub(crate) fence: Vec<FenceArea>,
    /// Where to go when the way home is closed.
    pub(crate) rally: Vec<Position>,
    /// A plan from elsewhere, flown in place of what is drawn.
    pub(crate) imported: Option<Arc<Imported>>,
}

/// Something on the map that can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// A corner of the shape.
    Corner(usize),
    /// The take-off.
    Home,
    /// A corner of an area of the fence.
    Fence(usize, usize),
    /// A rally point.
    Rally(usize),
    /// An item of a plan from elsewhere.
    Item(usize),
}

/// A change of the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    /// Another profile: its pattern and figures are taken, the shape stays where it fits.
    Profile(usize, Box<Profile>),
    /// Another pattern.
    Kind(Kind),
    /// A figure.
    Figure(Figure, f64),
    /// Whether the ground is followed.
    Follow(bool),
    /// A shape, in place of the one that is there.
    Shape(Form, Kind, Vec<Position>),
    /// One more corner at its end.
    Add(Position),
    /// A corner between two others: behind this one.
    Insert(Point, Position),
    /// Moves something.
    Move(Point, Position),
    /// Takes something away.
    Remove(Point),
    /// A new area of the fence, from its first corner.
    Fence { inside: bool, place: Position },
    /// One more corner of the last area of the fence.
    FenceAdd(Position),
    /// A rally point.
    Rally(Position),
    /// A plan from elsewhere.
    Import(Arc<Imported>),
    /// A change of one item of a plan from elsewhere.
    Item(ItemEdit),
    /// The corners that a cure gives.
    Corners(Vec<Position>),
}

impl Document {
    /// Nothing drawn, with a profile's pattern.
    pub(crate) fn new(index: usize, profile: &Profile) -> Self {
        let (content, kind) = (&profile.content, Kind::of(profile.content.pattern));
        Self {
            profile: index,
            kind,
            numbers: Numbers::of(content.pattern, CAMERA),
            speed_ms: content.limits.speed_ms,
            return_height_m: content.limits.return_height_m,
            follow: true,
            form: form_of(kind),
            corners: Vec::new(),
            home: None,
            home_amsl_m: None,
            fence: Vec::new(),
            rally: Vec::new(),
            imported: None,
        }
    }

    /// Whether enough is drawn to be flown.
    pub(crate) fn is_drawn(&self) -> bool {
        self.imported.is_some() || self.corners.len() >= self.form.least()
    }

    /// A figure's value.
    pub(crate) fn figure(&self, figure: Figure) -> f64 {
        let numbers = &self.numbers;
        match figure {
            Figure::Height => numbers.height_m,
            Figure::Speed => self.speed_ms,
            Figure::Spacing => numbers.spacing_m(),
            Figure::Angle => numbers.azimuth_deg.unwrap_or(0.0),
            Figure::Sidelap => numbers.sidelap_percent,
            Figure::Radius => numbers.radius_m,
            Figure::Reach => numbers.reach_m,
            Figure::Width => numbers.width_m,
            Figure::Low => numbers.low_m,
            Figure::Return => self.return_height_m,
            Figure::TakeOff => self.home_amsl_m.unwrap_or(0.0),
        }
    }

    fn set(&mut self, figure: Figure, value: f64) {
        let [low, high] = figure.range();
        let value = if figure == Figure::Angle { value.rem_euclid(360.0) } else { value.clamp(low, high) };
        let numbers = &mut self.numbers;
        match figure {
            Figure::Height => numbers.height_m = value,
            Figure::Speed => self.speed_ms = value,
            Figure::Spacing => numbers.apart_m = Some(value),
            Figure::Angle => numbers.azimuth_deg = Some(value),
            Figure::Sidelap => numbers.sidelap_percent = value,
            Figure::Radius => numbers.radius_m = value,
            Figure::Reach => numbers.reach_m = value,
            Figure::Width => numbers.width_m = value,
            Figure::Low => numbers.low_m = value,
            Figure::Return => self.return_height_m = value,
            Figure::TakeOff => self.home_amsl_m = Some(value),
        }
    }

    /// Where a point of it is.
    pub(crate) fn place(&self, point: Point) -> Option<Position> {
        match point {
            Point::Corner(at) => self.corners.get(at).copied(),
            Point::Home => self.home,
            Point::Fence(area, at) => self.fence.get(area)?.corners.get(at).copied(),
            Point::Rally(at) => self.rally.get(at).copied(),
            Point::Item(at) => items::place(self.imported.as_ref()?.plan.mission.get(at)?),
        }
    }

    /// With a change made; what cannot be is left as it is.
    pub(crate) fn edited(&self, edit: &Edit) -> Self {
        let mut new = self.clone();
        match edit {
            Edit::Profile(index, profile) => new.take_profile(*index, profile),
            Edit::Kind(kind) if self.form.kinds().contains(kind) => new.kind = *kind,
            Edit::Kind(_) => {}
            Edit::Figure(figure, value) => new.set(*figure, *value),
            Edit::Follow(follow) => new.follow = *follow,
            Edit::Shape(form, kind, corners) => {
                (new.form, new.kind, new.imported) = (*form, *kind, None);
                new.corners = corners.iter().take(MOST_CORNERS).copied().collect();
            }
            Edit::Add(place) if new.corners.len() < MOST_CORNERS => new.corners.push(*place),
            Edit::Add(_) => {}
            Edit::Insert(point, place) => new.insert(*point, *place),
            Edit::Move(point, place) => new.put(*point, *place),
            Edit::Remove(point) => new.remove(*point),
            Edit::Fence { inside, place } if new.fence.len() < MOST_AREAS => {
                new.fence.push(FenceArea { corners: vec![*place], inside: *inside });
            }
            Edit::FenceAdd(place) => {
                if let Some(area) = new.fence.last_mut().filter(|area| area.corners.len() < MOST_CORNERS) {
                    area.corners.push(*place);
                }
            }
            Edit::Rally(place) if new.rally.len() < MOST_AREAS => new.rally.push(*place),
            Edit::Fence { .. } | Edit::Rally(_) => {}
            Edit::Import(imported) => new.import(imported),
            Edit::Item(edit) => new.change_item(*edit),
            Edit::Corners(corners) => new.corners.clone_from(corners),
        }
        new
    }

    fn take_profile(&mut self, index: usize, profile: &Profile) {
        let fresh = Self::new(index, profile);
        let drawn = !self.corners.is_empty();
        let (form, kind) =
            if drawn { (self.form, self.form.kind_for(profile.content.pattern)) } else { (fresh.form, fresh.kind) };
        *self = Self {
            form,
            kind,
            follow: self.follow,
            corners: std::mem::take(&mut self.corners),
            home: self.home,
            home_amsl_m: self.home_amsl_m,
            fence: std::mem::take(&mut self.fence),
            rally: std::mem::take(&mut self.rally),
            imported: self.imported.take(),
            ..fresh
        };
    }

    fn ring(&mut self, point: Point) -> Option<(&mut Vec<Position>, usize)> {
        match point {
            Point::Corner(at) => Some((&mut self.corners, at)),
            Point::Fence(area, at) => Some((&mut self.fence.get_mut(area)?.corners, at)),
            Point::Rally(at) => Some((&mut self.rally, at)),
            Point::Home | Point::Item(_) => None,
        }
    }

    fn change_item(&mut self, edit: ItemEdit) {
        let changed = self.imported.as_deref().and_then(|imported| {
            let plan = items::edited(&imported.plan, edit)?;
            Some(Imported { plan, changed: true, ..imported.clone() })
        });
        if let Some(changed) = changed {
            self.imported = Some(Arc::new(changed));
        }
    }

    fn insert(&mut self, point: Point, place: Position) {
        if let Some((ring, at)) = self.ring(point).filter(|(ring, at)| *at < ring.len() && ring.len() < MOST_CORNERS) {
            ring.insert(at + 1, place);
        }
    }

    fn put(&mut self, point: Point, place: Position) {
        match point {
            Point::Home => self.home = Some(place),
            Point::Item(at) => self.change_item(ItemEdit::Move(at, place)),
            Point::Corner(_) | Point::Fence(..) | Point::Rally(_) => {
                if let Some(corner) = self.ring(point).and_then(|(ring, at)| ring.get_mut(at)) {
                    *corner = place;
                }
            }
        }
    }

    fn remove(&mut self, point: Point) {
        match point {
            Point::Home => self.home = None,
            Point::Item(at) => self.change_item(ItemEdit::Delete(at)),
            Point::Corner(_) | Point::Fence(..) | Point::Rally(_) => {}
        }
        if let Some((ring, at)) = self.ring(point).filter(|(ring, at)| *at < ring.len()) {
            ring.remove(at);
        }
        self.fence.retain(|area| !area.corners.is_empty());
    }

    fn import(&mut self, imported: &Arc<Imported>) {
        if let Some([lat, lon, amsl_m]) = imported.plan.planned_home {
            self.home = Position::new(lat, lon).or(self.home);
            self.home_amsl_m = Some(amsl_m);
        }
        self.corners.clear();
        self.imported = Some(Arc::clone(imported));
    }
}

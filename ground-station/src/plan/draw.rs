//! Which pattern, with which numbers, over which shape of a drawing.

use anyhow::{Context as _, Result, ensure};
use mission_profiles::pattern::{
    Camera, Survey, Waypoint, corridor, creeping_line, expanding_square, facade, orbit, parallel_track, perimeter,
    sector_search, survey,
};
use mission_profiles::place::Position;
use mission_profiles::plan_files::{Drawing, Shape};
use mission_profiles::profile::Pattern;

use super::arguments::{Kind, Make};

/// What a pattern keeps to: what a person says, else the profile, else the usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    /// Above the ground, metres.
    pub(crate) height_m: f64,
    /// Of neighbouring pictures along a line, per cent.
    pub(crate) overlap_percent: f64,
    /// Of neighbouring lines, per cent.
    pub(crate) sidelap_percent: f64,
    /// Between lines or levels; from overlaps, where there is none.
    pub(crate) apart_m: Option<f64>,
    /// A radius, or the distance to what is looked at.
    pub(crate) radius_m: f64,
    /// How far a search reaches.
    pub(crate) reach_m: f64,
    /// A corridor's breadth.
    pub(crate) width_m: f64,
    /// A wall's lowest level.
    pub(crate) low_m: f64,
    /// The lines' direction, degrees from north; the pattern's own choice, where there is none.
    pub(crate) azimuth_deg: Option<f64>,
    /// What looks down.
    pub(crate) camera: Camera,
}

impl Numbers {
    /// The profile's.
    pub(crate) fn of(pattern: Pattern, camera: Camera) -> Self {
        let mut numbers = Self {
            height_m: pattern.height_m(),
            overlap_percent: 75.0,
            sidelap_percent: 65.0,
            apart_m: None,
            radius_m: 40.0,
            reach_m: 200.0,
            width_m: 200.0,
            low_m: 5.0,
            azimuth_deg: None,
            camera,
        };
        match pattern {
            Pattern::Free { .. } => {}
            Pattern::Survey { overlap_percent, sidelap_percent, .. } => {
                (numbers.overlap_percent, numbers.sidelap_percent) = (overlap_percent, sidelap_percent);
            }
            Pattern::ParallelTrack { spacing_m, .. }
            | Pattern::CreepingLine { spacing_m, .. }
            | Pattern::ExpandingSquare { spacing_m, .. } => numbers.apart_m = Some(spacing_m),
            Pattern::Corridor { width_m, sidelap_percent, .. } => {
                (numbers.width_m, numbers.sidelap_percent) = (width_m, sidelap_percent);
            }
            Pattern::Facade { low_m, spacing_m, standoff_m, .. } => {
                (numbers.low_m, numbers.apart_m, numbers.radius_m) = (low_m, Some(spacing_m), standoff_m);
            }
            Pattern::Orbit { radius_m, .. } => numbers.radius_m = radius_m,
            Pattern::Sector { radius_m, .. } => numbers.reach_m = radius_m,
            Pattern::Perimeter { standoff_m, .. } => numbers.radius_m = standoff_m,
        }
        numbers
    }

    /// What the command line says goes before.
    pub(super) fn said(self, args: &Make) -> Self {
        let of_gsd = args.gsd.map(|cm| args.camera.height_for_m(cm / 100.0));
        Self {
            height_m: args.height.or(of_gsd).unwrap_or(self.height_m),
            overlap_percent: args.overlap.unwrap_or(self.overlap_percent),
            sidelap_percent: args.sidelap.unwrap_or(self.sidelap_percent),
            apart_m: args.spacing.or(self.apart_m),
            radius_m: args.radius.unwrap_or(self.radius_m),
            reach_m: args.reach.unwrap_or(self.reach_m),
            width_m: args.width.unwrap_or(self.width_m),
            low_m: args.low.unwrap_or(self.low_m),
            azimuth_deg: args.azimuth.or(self.azimuth_deg),
            camera: args.camera,
        }
    }

    /// The survey that they make.
    pub(super) fn survey(self) -> Survey {
        Survey {
            height_m: self.height_m,
            overlap_percent: self.overlap_percent,
            sidelap_percent: self.sidelap_percent,
            azimuth_deg: self.azimuth_deg,
            camera: self.camera,
        }
    }

    /// Between lines, metres.
    pub(crate) fn spacing_m(self) -> f64 {
        self.apart_m.unwrap_or_else(|| self.survey().spacing_m())
    }

    /// Between a wall's levels, metres: pictures of it overlap as those of the ground do.
    fn levels_m(self) -> f64 {
        let overlapping = || self.camera.along_m(self.radius_m) * (1.0 - self.overlap_percent / 100.0);
        self.apart_m.unwrap_or_else(overlapping)
    }
}

impl Kind {
    /// The profile's.
    pub(crate) fn of(pattern: Pattern) -> Self {
        match pattern {
            Pattern::Free { .. } => Self::Free,
            Pattern::Survey { .. } => Self::Survey,
            Pattern::ParallelTrack { .. } => Self::ParallelTrack,
            Pattern::CreepingLine { .. } => Self::CreepingLine,
            Pattern::Corridor { .. } => Self::Corridor,
            Pattern::Facade { .. } => Self::Facade,
            Pattern::Orbit { .. } => Self::Orbit,
            Pattern::Perimeter { .. } => Self::Perimeter,
            Pattern::ExpandingSquare { .. } => Self::ExpandingSquare,
            Pattern::Sector { .. } => Self::Sector,
        }
    }

    /// Whether the camera looks straight down.
    pub(crate) fn looks_down(self) -> bool {
        match self {
            Self::Survey
            | Self::ParallelTrack
            | Self::CreepingLine
            | Self::Corridor
            | Self::ExpandingSquare
            | Self::Sector => true,
            Self::Facade | Self::Orbit | Self::Perimeter | Self::Free => false,
        }
    }
}

/// What a pattern is drawn of.
pub(crate) struct Sketch<'a> {
    /// What the drawing is called.
    pub(crate) file: &'a str,
    pub(crate) drawing: &'a Drawing,
    /// Which of its shapes, by name; the first that fits, where none is said.
    pub(crate) shape: Option<&'a str>,
    pub(crate) numbers: Numbers,
}

impl Sketch<'_> {
    /// The waypoints, over level ground.
    ///
    /// # Errors
    /// When the drawing has no shape that the pattern needs, or the pattern cannot be drawn over it.
    pub(crate) fn draw(&self, kind: Kind) -> Result<Vec<Waypoint>> {
        let numbers = self.numbers;
        let Numbers { height_m, radius_m, reach_m, .. } = numbers;
        let (spacing_m, azimuth_deg) = (numbers.spacing_m(), numbers.azimuth_deg.unwrap_or(0.0));
        Ok(match kind {
            Kind::Survey if numbers.apart_m.is_none() => survey(self.area()?, &numbers.survey())?,
            Kind::Survey | Kind::ParallelTrack => {
                parallel_track(self.area()?, spacing_m, height_m, numbers.azimuth_deg)?
            }
            Kind::CreepingLine => creeping_line(self.area()?, spacing_m, height_m, numbers.azimuth_deg)?,
            Kind::Corridor => corridor(self.line()?, numbers.width_m, spacing_m, height_m)?,
            Kind::Facade => {
                let [left, right] = *self.line()? else {
                    anyhow::bail!(
                        "{}: a wall is a line of two places: its left and its right end, seen from before it",
                        self.file
                    )
                };
                facade(left, right, radius_m, [numbers.low_m, height_m], numbers.levels_m())?
            }
            Kind::Orbit => orbit(self.point()?, radius_m, azimuth_deg, height_m)?,
            Kind::Perimeter => perimeter(self.area()?, radius_m, height_m)?,
            Kind::ExpandingSquare => expanding_square(self.point()?, azimuth_deg, spacing_m, reach_m, height_m)?,
            Kind::Sector => sector_search(self.point()?, azimuth_deg, reach_m, height_m, true)?,
            Kind::Free => {
                self.free()?.into_iter().map(|position| Waypoint { position, height_m, heading_deg: None }).collect()
            }
        })
    }

    fn area(&self) -> Result<&[Position]> {
        self.shape("an area", |shape| matches!(shape, Shape::Area(_)))
    }

    fn line(&self) -> Result<&[Position]> {
        self.shape("a line", |shape| matches!(shape, Shape::Line(_)))
    }

    fn point(&self) -> Result<Position> {
        Ok(self.shape("a point", |shape| matches!(shape, Shape::Point(_)))?[0])
    }

    /// The line, or, where none is drawn, the points in their order.
    fn free(&self) -> Result<Vec<Position>> {
        let lines = self.drawing.shapes.iter().any(|named| matches!(named.shape, Shape::Line(_)));
        if lines || self.shape.is_some() {
            return Ok(self.line()?.to_vec());
        }
        let points = self.drawing.shapes.iter().filter_map(|named| match named.shape {
            Shape::Point(place) => Some(place),
            Shape::Line(_) | Shape::Area(_) => None,
        });
        let points: Vec<_> = points.collect();
        ensure!(!points.is_empty(), "{}: free waypoints need a line, or points", self.file);
        Ok(points)
    }

    /// The places of the shape that is named, or of the first that fits.
    fn shape(&self, what: &str, fits: impl Fn(&Shape) -> bool) -> Result<&[Position]> {
        let (wanted, shapes) = (self.shape, &self.drawing.shapes);
        let named = |name: &str| wanted.is_none_or(|wanted| wanted == name);
        let found = shapes.iter().find(|known| named(&known.name) && fits(&known.shape));
        let found = found.with_context(|| {
            let names: Vec<_> = shapes.iter().map(|known| format!("\"{}\"", known.name)).collect();
            let wanted = wanted.map(|name| format!(" called \"{name}\"")).unwrap_or_default();
            let file = self.file;
            format!("{file}: the pattern needs {what}{wanted}; the drawing has {}", names.join(", "))
        })?;
        Ok(found.shape.places())
    }
}

//! Patterns in a pilot's words, what each is drawn of, and which figures belong to it.

use crate::plan::arguments::Kind;
use mission_profiles::profile::Pattern;

/// What a pattern is drawn of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Corners round an area.
    Area,
    /// A way.
    Line,
    /// One place, or some in their order.
    Points,
}

impl Form {
    /// How many places it takes at least.
    pub(crate) fn least(self) -> usize {
        match self {
            Self::Area => 3,
            Self::Line => 2,
            Self::Points => 1,
        }
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Line => "line",
            Self::Points => "point",
        }
    }

    /// The patterns that it can be flown in.
    pub(crate) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Area => &[Kind::ParallelTrack, Kind::CreepingLine, Kind::Survey, Kind::Perimeter],
            Self::Line => &[Kind::Free, Kind::Corridor, Kind::Facade],
            Self::Points => &[Kind::ExpandingSquare, Kind::Sector, Kind::Orbit, Kind::Free],
        }
    }

    /// The profile's pattern, where this can be flown in it; else its usual one.
    pub(crate) fn kind_for(self, pattern: Pattern) -> Kind {
        let own = Kind::of(pattern);
        if self.kinds().contains(&own) {
            return own;
        }
        match (self, own) {
            // People are looked for in tracks; things are photographed in rows.
            (Self::Area, Kind::ExpandingSquare | Kind::Sector) => Kind::ParallelTrack,
            (Self::Area, _) => Kind::Survey,
            (Self::Line, Kind::ExpandingSquare | Kind::Sector | Kind::Survey) => Kind::Corridor,
            (Self::Line, _) => Kind::Free,
            (Self::Points, _) => Kind::Orbit,
        }
    }
}

/// What a profile's own pattern is drawn of.
pub(crate) fn form_of(kind: Kind) -> Form {
    match kind {
        Kind::Survey | Kind::ParallelTrack | Kind::CreepingLine | Kind::Perimeter => Form::Area,
        Kind::Corridor | Kind::Facade | Kind::Free => Form::Line,
        Kind::Orbit | Kind::ExpandingSquare | Kind::Sector => Form::Points,
    }
}

/// Its name.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Survey => "Survey rows",
        Kind::ParallelTrack => "Parallel tracks",
        Kind::CreepingLine => "Creeping line",
        Kind::Corridor => "Corridor",
        Kind::Facade => "Facade",
        Kind::Orbit => "Orbit",
        Kind::Perimeter => "Perimeter",
        Kind::ExpandingSquare => "Expanding square",
        Kind::Sector => "Sector search",
        Kind::Free => "As drawn",
    }
}

/// A figure of a plan that can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Above the ground.
    Height,
    /// Between waypoints.
    Speed,
    /// Between lines or levels.
    Spacing,
    /// The lines' direction.
    Angle,
    /// Of neighbouring lines.
    Sidelap,
    /// Of an orbit; or how far outside an area, before a wall.
    Radius,
    /// How far a search goes out.
    Reach,
    /// Of a corridor.
    Width,
    /// A wall's lowest level.
    Low,
    /// Of the return.
    Return,
    /// The take-off's, above the sea.
    TakeOff,
}

impl Figure {
    /// Those that a pattern asks for.
    pub(crate) fn of(kind: Kind) -> &'static [Self] {
        use Figure::{Angle, Height, Low, Radius, Reach, Return, Sidelap, Spacing, Speed, Width};
        match kind {
            Kind::Survey => &[Height, Speed, Sidelap, Angle, Return],
            Kind::ParallelTrack | Kind::CreepingLine => &[Height, Speed, Spacing, Angle, Return],
            Kind::Corridor => &[Height, Speed, Width, Spacing, Return],
            Kind::Facade => &[Height, Low, Radius, Spacing, Return],
            Kind::Orbit => &[Height, Speed, Radius, Angle, Return],
            Kind::Perimeter => &[Height, Speed, Radius, Return],
            Kind::ExpandingSquare => &[Height, Speed, Spacing, Reach, Return],
            Kind::Sector => &[Height, Speed, Reach, Angle, Return],
            Kind::Free => &[Height, Speed, Return],
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Height => "Height",
            Self::Speed => "Speed",
            Self::Spacing => "Line spacing",
            Self::Angle => "Line angle",
            Self::Sidelap => "Sidelap",
            Self::Radius => "Distance",
            Self::Reach => "Reach",
            Self::Width => "Width",
            Self::Low => "Lowest level",
            Self::Return => "Return at",
            Self::TakeOff => "Home AMSL",
        }
    }

    /// With its unit and datum.
    pub(crate) fn said(self, value: f64) -> String {
        match self {
            Self::Height | Self::Low => format!("{value:.0} m AGL"),
            Self::Speed => format!("{value:.0} m/s"),
            Self::Return | Self::Spacing | Self::Radius | Self::Reach | Self::Width | Self::TakeOff => {
                format!("{value:.0} m")
            }
            Self::Angle => format!("{value:03.0}°"),
            Self::Sidelap => format!("{value:.0} %"),
        }
    }

    /// A press changes it by so much,
    pub(crate) fn step(self) -> f64 {
        match self {
            Self::Height | Self::Angle | Self::Sidelap | Self::Return => 5.0,
            Self::Spacing => 2.0,
            Self::Speed | Self::Low | Self::TakeOff => 1.0,
            Self::Radius => 5.0,
            Self::Reach | Self::Width => 20.0,
        }
    }

    /// and it stays between these.
    pub(crate) fn range(self) -> [f64; 2] {
        match self {
            Self::Height | Self::Low => [1.0, 500.0],
            Self::Return => [2.0, 120.0],
            Self::Speed => [1.0, 50.0],
            Self::Spacing => [2.0, 1_000.0],
            Self::Angle => [0.0, 359.0],
            Self::Sidelap => [0.0, 90.0],
            Self::Radius => [1.0, 2_000.0],
            Self::Reach => [20.0, 5_000.0],
            Self::Width => [0.0, 5_000.0],
            Self::TakeOff => [-100.0, 4_000.0],
        }
    }
}

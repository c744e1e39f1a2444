//! What a map shows: borrowed from the state for one frame.

use mission_profiles::place::Position;
use mission_profiles::zones::Dataset;

use crate::basemap::tiles::Tiles;
use crate::state::airspace::Stand;
pub(crate) use crate::state::plan::document::FenceArea as Fence;
use crate::ui::widget::badge::Tone;

/// All of it; what there is not is empty.
#[derive(Default)]
pub(crate) struct Scene<'a> {
    /// The zones' datasets; another number means other datasets.
    pub(crate) datasets: &'a [Dataset],
    /// See there.
    pub(crate) edition: u64,
    /// How each zone stands to this flight; another number means that something of it is different.
    pub(crate) stands: &'a [Stand],
    /// See there.
    pub(crate) stands_edition: u64,
    /// The take-off.
    pub(crate) home: Option<Position>,
    /// Our aircraft.
    pub(crate) own: Option<Craft>,
    /// Other vehicles of the unit, with their names.
    pub(crate) others: &'a [(String, Craft)],
    /// Other people's aircraft.
    pub(crate) traffic: &'a [Traffic],
    /// Where ours has been.
    pub(crate) flown: &'a [Position],
    /// The way it is to fly yet.
    pub(crate) route: &'a [Position],
    /// The way home.
    pub(crate) back: &'a [Position],
    /// From the aircraft to the next limit on its course.
    pub(crate) course: Option<[Position; 2]>,
    /// What the camera sees of the ground, once around; a corner says whether it is only where we stop drawing. Convex.
    pub(crate) footprint: &'a [(Position, bool)],
    /// The middle of the picture.
    pub(crate) frame_centre: Option<Position>,
    /// The geofence.
    pub(crate) fence: &'a [Fence],
    /// Where to go when the way home is closed.
    pub(crate) rally: &'a [Position],
    /// What others paint over the map: names keep off it.
    pub(crate) keep_clear: &'a [Position],
    /// Numbers of findings.
    pub(crate) pins: &'a [Pin],
    /// A raster map from a file.
    pub(crate) tiles: Option<&'a Tiles>,
}

/// An aircraft of ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Craft {
    /// Where.
    pub(crate) position: Position,
    /// Where its nose points, degrees from true north.
    pub(crate) heading_deg: f64,
}

/// Another aircraft.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traffic {
    /// Where.
    pub(crate) position: Position,
    /// How it calls itself; empty where it does not.
    pub(crate) callsign: String,
    /// Its height less ours, metres, where both are known by one datum.
    pub(crate) above_m: Option<f64>,
    /// Whether it is near enough for an alarm.
    pub(crate) near: bool,
}

/// A numbered pin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pin {
    /// Its number, as it stands in the list.
    pub(crate) number: usize,
    /// Where.
    pub(crate) position: Position,
    /// How grave it is.
    pub(crate) tone: Tone,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
    /// What it is about, for those who cannot see it.
    pub(crate) name: String,
}

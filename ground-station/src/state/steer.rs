//! What a pilot is about to tell the vehicle from the map: what it would do, why it may not, and whereto it is on its way.

use geo::{Contains as _, Intersects as _, Line, Point, Polygon};
use mission_profiles::place::{Position, direct, inverse};
use mission_profiles::profile::Limits;
use mission_profiles::zones::{Dataset, Outline, Reach, holds};

use super::airspace::outline::Flat;
use super::airspace::{Asks, Stand, metres};
use super::plan::document::FenceArea;
use super::vehicle::failsafe::FenceLimits;

/// Heights above home that are flown by an order from the map, metres.
pub(crate) const HEIGHTS_M: (f64, f64) = (5.0, 500.0);
/// Radii of a circle, metres.
pub(crate) const RADII_M: (f64, f64) = (10.0, 500.0);
/// Speeds along the ground, metres a second.
pub(crate) const SPEEDS_MPS: (f64, f64) = (1.0, 20.0);
/// Points of a circle that are looked at.
const ROUND: u8 = 24;
/// So near it is there: along the ground, and in height, metres.
const THERE_M: (f64, f64) = (4.0, 3.0);
const FULL_CIRCLE_DEG: f64 = 360.0;

/// What it shall do. Heights are above its home, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wish {
    /// Fly there, and stay.
    GoTo {
        /// Where.
        at: Position,
        /// How high.
        height_m: f64,
    },
    /// Fly round it, clockwise from above, nose to the middle.
    Orbit {
        /// The middle.
        at: Position,
        /// How far from it.
        radius_m: f64,
        /// How high.
        height_m: f64,
    },
    /// Be at another height, where it is.
    Height {
        /// How high.
        height_m: f64,
    },
    /// Be as fast along the ground, from now on.
    Speed {
        /// Metres a second.
        speed_mps: f64,
    },
}

/// What an order is held against.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds<'a> {
    /// Where it is.
    pub(crate) here: Option<Position>,
    /// How high above home it is, metres.
    pub(crate) height_m: Option<f64>,
    /// Where it returns to.
    pub(crate) home: Option<Position>,
    /// It flies.
    pub(crate) in_air: bool,
    /// The geofence aboard.
    pub(crate) fence: &'a [FenceArea],
    /// The fence of its parameters.
    pub(crate) fence_limits: Option<FenceLimits>,
    /// What the flight keeps to.
    pub(crate) limits: Option<Limits>,
}

/// Why an order is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In a few words, for the slide.
    pub(crate) short: &'static str,
    /// What is so, and what to do.
    pub(crate) why: String,
}

fn refuse<T>(short: &'static str, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { short, why: why.into() })
}

impl Wish {
    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::GoTo { .. } => "Go here",
            Self::Orbit { .. } => "Orbit here",
            Self::Height { .. } => "Change height",
            Self::Speed { .. } => "Change speed",
        }
    }

    /// The place it is about.
    pub(crate) const fn at(&self) -> Option<Position> {
        match self {
            Self::GoTo { at, .. } | Self::Orbit { at, .. } => Some(*at),
            Self::Height { .. } | Self::Speed { .. } => None,
        }
    }

    /// How high it is flown, metres above home.
    pub(crate) const fn height_m(&self) -> Option<f64> {
        match self {
            Self::GoTo { height_m, .. } | Self::Orbit { height_m, .. } | Self::Height { height_m } => Some(*height_m),
            Self::Speed { .. } => None,
        }
    }

    /// The radius of a circle, metres.
    pub(crate) const fn radius_m(&self) -> Option<f64> {
        match self {
            Self::Orbit { radius_m, .. } => Some(*radius_m),
            Self::GoTo { .. } | Self::Height { .. } | Self::Speed { .. } => None,
        }
    }

    /// Why it is not offered.
    ///
    /// # Errors
    /// When it is on the ground, not placed, or the way would leave the fence or the limits of the flight.
    pub(crate) fn check(&self, bounds: &Bounds<'_>) -> Result<(), Refusal> {
        if !bounds.in_air {
            return refuse("It is on the ground", "It is on the ground. Take off first.");
        }
        let Some(here) = bounds.here else {
            return refuse("Position not known", "It does not say where it is. Wait for its position.");
        };
        if let Some(height_m) = self.height_m() {
            bounds.height(height_m)?;
        }
        let Some(at) = self.at() else { return Ok(()) };
        let places = match *self {
            Self::Orbit { radius_m, .. } => round(at, radius_m),
            _ => vec![at],
        };
        places.iter().try_for_each(|place| bounds.place(*place))?;
        // It joins a circle at its nearest point.
        let end = match *self {
            Self::Orbit { radius_m, .. } => direct(at, inverse(at, here).azimuth_deg, radius_m),
            _ => at,
        };
        bounds.way(here, end)
    }

    /// What it would do, a line each.
    pub(crate) fn words(&self, bounds: &Bounds<'_>, speed_mps: f64) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(at), Some(here)) = (self.at(), bounds.here) {
            let leg = inverse(here, at);
            let far_m = (leg.distance_m - self.radius_m().unwrap_or(0.0)).abs();
            let time = format!("about {} at {speed_mps:.0} m/s", span(far_m / speed_mps.max(0.1)));
            lines.push(format!("{} at {:03.0}°, {time}", metres(leg.distance_m), leg.azimuth_deg % 359.5));
        }
        if let Some(height_m) = self.height_m() {
            let change = bounds.height_m.map_or_else(String::new, |now_m| match height_m - now_m {
                by if by.abs() < 0.5 => ", as now".to_owned(),
                by if by > 0.0 => format!(", {by:.0} m up"),
                by => format!(", {:.0} m down", -by),
            });
            lines.push(format!("{height_m:.0} m above home{change}"));
        }
        match self {
            Self::Orbit { radius_m, .. } => lines.push(format!("Round it at {radius_m:.0} m, clockwise, nose to it")),
            Self::Height { .. } => lines.push("It stops where it is and changes its height".to_owned()),
            Self::Speed { speed_mps } => lines.push(format!("{speed_mps:.0} m/s along the ground from now on")),
            Self::GoTo { .. } => {}
        }
        lines
    }
}

fn span(seconds: f64) -> String {
    if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

fn round(at: Position, radius_m: f64) -> Vec<Position> {
    let part = |nth: u8| direct(at, f64::from(nth) * FULL_CIRCLE_DEG / f64::from(ROUND), radius_m);
    (0..ROUND).map(part).collect()
}

impl Bounds<'_> {
    fn height(&self, height_m: f64) -> Result<(), Refusal> {
        if let Some(most_m) = self.fence_limits.and_then(|fence| fence.ceiling_m).filter(|most_m| height_m > *most_m) {
            let why = format!("{height_m:.0} m is above the fence’s ceiling, {most_m:.0} m above home. Choose less.");
            return refuse("Above the fence", why);
        }
        if let Some(most_m) = self.limits.map(|limits| limits.height_agl_m).filter(|most_m| height_m > *most_m) {
            let why = format!("{height_m:.0} m is above the flight’s limit, {most_m:.0} m. Choose less.");
            return refuse("Above the limit", why);
        }
        Ok(())
    }

    fn place(&self, place: Position) -> Result<(), Refusal> {
        let point = Point(Flat::at(place).to(place));
        let holds = |area: &&FenceArea| area_of(&Flat::at(place), area).contains(&point);
        let keep_in = self.fence.iter().filter(|area| area.inside);
        if keep_in.clone().next().is_some() && keep_in.clone().find(holds).is_none() {
            return refuse("Outside the fence", "It lies outside the geofence aboard. Choose a place inside.");
        }
        if self.fence.iter().filter(|area| !area.inside).any(|area| holds(&area)) {
            return refuse("In a closed area", "It lies in an area that the geofence aboard closes. Choose another.");
        }
        let Some(home) = self.home else { return Ok(()) };
        let from_home_m = inverse(home, place).distance_m;
        if let Some(most_m) = self.fence_limits.and_then(|fence| fence.radius_m).filter(|most_m| from_home_m > *most_m)
        {
            let why = format!("{} from home; the fence’s circle ends at {}.", metres(from_home_m), metres(most_m));
            return refuse("Outside the fence", why);
        }
        if let Some(most_m) = self.limits.map(|limits| limits.range_m).filter(|most_m| from_home_m > *most_m) {
            let why = format!("{} from the take-off; the flight’s limit is {}.", metres(from_home_m), metres(most_m));
            return refuse("Beyond the range", why);
        }
        Ok(())
    }

    /// A straight way that begins inside may not cross the fence; one that begins outside comes back.
    fn way(&self, from: Position, to: Position) -> Result<(), Refusal> {
        if self.place(from).is_err() {
            return Ok(());
        }
        let flat = Flat::at(from);
        let way = Line::new(flat.to(from), flat.to(to));
        let crossed = |area: &FenceArea| area_of(&flat, area).exterior().intersects(&way);
        if self.fence.iter().any(crossed) {
            return refuse("Way leaves the fence", "The straight way there crosses the geofence aboard. Go round it.");
        }
        Ok(())
    }
}

fn area_of(flat: &Flat, area: &FenceArea) -> Polygon<f64> {
    Polygon::new(flat.ring(&area.corners), Vec::new())
}

/// The first zone that blocks this flight and that an order would newly enter, with what it asks.
pub(crate) fn closed_zone(
    wish: &Wish,
    here: Option<Position>,
    datasets: &[Dataset],
    stands: &[Stand],
) -> Option<Refusal> {
    let at = wish.at()?;
    let within = |outline: &Outline, place: Position| {
        holds(outline, Reach { from: place, to: place, home: None, within_m: 0.0 })
    };
    let places = wish.radius_m().map_or_else(|| vec![at], |radius_m| round(at, radius_m));
    // Zones whose distance is not known are far off.
    let near = stands.iter().filter(|stand| stand.asks >= Asks::Uncertain && stand.near_m.is_some());
    let entered = near.filter_map(|stand| Some((stand, stand.zone(datasets)?, stand.volume(datasets)?))).find(
        |(_, _, volume)| {
            let inside = |place: &Position| within(&volume.outline, *place);
            places.iter().any(inside) && !here.is_some_and(|here| inside(&here))
        },
    );
    entered.map(|(stand, zone, _)| Refusal {
        short: "Zone is closed",
        why: format!("It lies in {}: {}. Activate a permission in Airspace.", zone.name, stand.words),
    })
}

/// Whereto it is on its way by an order from here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    /// What was ordered.
    pub(crate) wish: Wish,
    /// The vehicle has taken it.
    pub(crate) confirmed: bool,
    /// It was seen in the mode in which such orders are flown.
    followed: bool,
}

impl Target {
    /// Just ordered.
    pub(crate) const fn new(wish: Wish) -> Self {
        Self { wish, confirmed: false, followed: false }
    }

    /// Whether it still counts: not once it is reached, or the vehicle flies in another mode.
    pub(crate) fn stands(&mut self, mode: Option<&str>, bounds: &Bounds<'_>) -> bool {
        if !self.confirmed {
            return true;
        }
        let modes: &[&str] = match self.wish {
            Wish::GoTo { .. } => &["Guided", "Hold"],
            Wish::Orbit { .. } => &["Orbit", "Circle", "Guided"],
            Wish::Height { .. } | Wish::Speed { .. } => return false,
        };
        let follows = mode.map(|mode| modes.contains(&mode));
        self.followed |= follows == Some(true);
        if self.followed && follows == Some(false) {
            return false;
        }
        let Wish::GoTo { at, height_m } = self.wish else { return true };
        let there = bounds.here.zip(bounds.height_m).is_some_and(|(here, now_m)| {
            inverse(here, at).distance_m < THERE_M.0 && (now_m - height_m).abs() < THERE_M.1
        });
        !there
    }
}

#[cfg(test)]
mod tests;

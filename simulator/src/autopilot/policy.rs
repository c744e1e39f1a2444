//! What the autopilot does when something goes wrong, as its parameters say.

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing, and no word.
    None,
    /// Say it.
    Warn,
    /// Stop here.
    Hold,
    /// Fly home, or to a rally point.
    Return,
    /// Land here.
    Land,
    /// Stop the motors in the air.
    Terminate,
    /// Stop the motors.
    Disarm,
}

/// A battery threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// Part of the charge below which it acts, 0..1; negative for never.
    pub below: f64,
    /// What then.
    pub action: Action,
}

/// The fence that parameters draw, and what happens beyond any fence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FencePolicy {
    /// It is looked at.
    pub enabled: bool,
    /// What then.
    pub action: Action,
    /// Furthest from home, m.
    pub radius_m: Option<f64>,
    /// Highest above home, m.
    pub ceiling_m: Option<f64>,
    /// Within every inclusion zone (ArduPilot), not only within one (PX4).
    pub all_inclusions: bool,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Low, critical, emergency.
    pub battery: [Threshold; 3],
    /// How long a ground station may be silent, s.
    pub link_timeout_s: f64,
    /// When it was silent for longer.
    pub link: Action,
    /// When the position is lost.
    pub gnss: Action,
    /// The fence.
    pub fence: FencePolicy,
    /// A return may end at a rally point.
    pub rally: bool,
    /// How far a rally point may be, m.
    pub rally_reach_m: f64,
    /// Home is one of the places to return to although there are rally points.
    pub home_counts: bool,
    /// From landing to disarming, s; negative for never.
    pub disarm_landed_s: f64,
    /// From arming without a take-off to disarming, s; 0 or negative for never.
    pub disarm_idle_s: f64,
}

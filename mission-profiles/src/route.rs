//! The way a plan flies, as stretches: climb-out, legs, loiters, the ways home, landing; where, how high, how fast, when.

use crate::place::{Datum, Position, inverse};
use crate::plan_files::{Item, Plan};
use crate::zones::{Reference, Span, Spans, Surroundings};

mod command {
    pub(super) const WAYPOINT: u16 = 16;
    pub(super) const LOITER_UNLIM: u16 = 17;
    pub(super) const LOITER_TURNS: u16 = 18;
    pub(super) const LOITER_TIME: u16 = 19;
    pub(super) const RETURN_TO_LAUNCH: u16 = 20;
    pub(super) const LAND: u16 = 21;
    pub(super) const TAKEOFF: u16 = 22;
    pub(super) const LOITER_TO_ALT: u16 = 31;
    pub(super) const SPLINE_WAYPOINT: u16 = 82;
    pub(super) const VTOL_TAKEOFF: u16 = 84;
    pub(super) const VTOL_LAND: u16 = 85;
    pub(super) const DELAY: u16 = 93;
    pub(super) const DO_JUMP: u16 = 177;
    pub(super) const DO_CHANGE_SPEED: u16 = 178;
    pub(super) const DO_ORBIT: u16 = 34;
}

/// Times that a jump back is flown, at most; more is not looked at in time, and not needed in space.
const MAX_STRETCHES: usize = 100_000;

/// How an aircraft flies what a plan leaves open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habits {
    /// Between waypoints, where the plan says nothing, metres a second.
    pub cruise_ms: f64,
    /// Upwards and downwards, metres a second.
    pub climb_ms: f64,
    /// The height of the return, above home, metres; from above it, it returns at its own.
    pub return_height_m: f64,
}

/// What a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Up from the take-off.
    TakeOff,
    /// To the item of this number.
    Item(usize),
    /// Home, as planned.
    Return,
    /// Down.
    Landing,
}

/// A part of a flight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// What it is.
    pub phase: Phase,
    /// From there
    pub from: Position,
    /// to there.
    pub to: Position,
    /// Its height at its beginning and at its end, metres, and what each is measured from. On the way it is between the two.
    pub heights: [(f64, Reference); 2],
    /// About `to`, this far round, metres: a loiter.
    pub round_m: f64,
    /// Seconds after take-off when it begins,
    pub begins_s: f64,
    /// and how long it takes.
    pub takes_s: f64,
}

impl Stretch {
    /// Its heights by every datum, `within_m` more or less, over ground between these heights.
    #[must_use]
    pub fn spans(&self, around: &Surroundings<'_>, ground: Span, within_m: f64) -> Spans {
        let [from, to] = self.heights.map(|(height_m, reference)| {
            around.spans(Span { low_m: height_m - within_m, high_m: height_m + within_m }, reference, ground)
        });
        from.and(to)
    }
}

/// The whole flight.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The take-off.
    pub home: Position,
    /// In order.
    pub stretches: Vec<Stretch>,
    /// What is flown without an end in the plan: an endless loiter, or a mission that does not land.
    pub endless: Option<usize>,
}

/// Why a plan is no flight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Nobody knows where it begins.
    #[error(
        "the plan says nowhere where it starts: give the take-off, or save the plan with its planned home position"
    )]
    NoHome,
    /// An item has a height by a frame that says nothing about the ground.
    #[error("item {item}: frame {frame} is no height above home (3), sea (0) or terrain (10)")]
    Frame {
        /// Its number.
        item: usize,
        /// Its MAV_FRAME.
        frame: u8,
    },
    /// It jumps too often.
    #[error("item {item}: jumps {MAX_STRETCHES} times and more")]
    Endless {
        /// The jump.
        item: usize,
    },
}

impl Route {
    /// What `plan` flies from `home` (else from where it was planned to start).
    ///
    /// # Errors
    /// When the plan has no start, or heights that nobody can read.
    pub fn of(plan: &Plan, home: Option<Position>, habits: Habits) -> Result<Self, RouteError> {
        let planned = plan.planned_home.and_then(|[lat, lon, _]| Position::new(lat, lon));
        let home = home.or(planned).ok_or(RouteError::NoHome)?;
        let mut pen = Pen::new(home, habits);
        let mut jumps: Vec<u32> = vec![0; plan.mission.len()];
        let mut at = 0;
        while let Some(item) = plan.mission.get(at) {
            if pen.stretches.len() > MAX_STRETCHES {
                return Err(RouteError::Endless { item: at });
            }
            let back = (item.command == command::DO_JUMP).then(|| jump(item, &mut jumps[at])).flatten();
            if let Some(target) = back {
                at = target;
                pen.jumped += 1;
                if pen.jumped > MAX_STRETCHES {
                    return Err(RouteError::Endless { item: at });
                }
                continue;
            }
            if pen.draw(at, item)? {
                break;
            }
            at += 1;
        }
        Ok(pen.finish(plan.mission.len()))
    }

    /// Seconds from take-off to landing.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.stretches.last().map_or(0.0, |last| last.begins_s + last.takes_s)
    }

    /// Metres over the ground.
    #[must_use]
    pub fn distance_m(&self) -> f64 {
        self.stretches.iter().fold(0.0, |sum, stretch| sum + inverse(stretch.from, stretch.to).distance_m)
    }
}

/// Where a jump goes that is still to be made. A repeat of −1 is for ever: once is enough to know where it leads.
fn jump(item: &Item, made: &mut u32) -> Option<usize> {
    let repeats = if item.params[1] < 0.0 { 1.0 } else { item.params[1] };
    if f64::from(*made) >= f64::from(repeats) {
        return None;
    }
    *made += 1;
    // `as` saturates; a target beyond the plan ends it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(item.params[0] as usize)
}

struct Pen {
    home: Position,
    habits: Habits,
    here: Position,
    height_m: f64,
    reference: Reference,
    speed_ms: f64,
    now_s: f64,
    stretches: Vec<Stretch>,
    endless: Option<usize>,
    jumped: usize,
    landed: bool,
}

impl Pen {
    fn new(home: Position, habits: Habits) -> Self {
        Self {
            home,
            habits,
            here: home,
            height_m: 0.0,
            reference: Reference::Home,
            speed_ms: habits.cruise_ms,
            now_s: 0.0,
            stretches: Vec::new(),
            endless: None,
            jumped: 0,
            landed: false,
        }
    }

    /// Flies an item; whether the flight ends with it.
    fn draw(&mut self, number: usize, item: &Item) -> Result<bool, RouteError> {
        match item.command {
            command::DO_CHANGE_SPEED if item.params[1] > 0.0 => self.speed_ms = f64::from(item.params[1]),
            command::DELAY => self.wait(number, f64::from(item.params[0].max(0.0)), 0.0),
            command::RETURN_TO_LAUNCH => {
                self.go_home();
                return Ok(true);
            }
            command::LAND | command::VTOL_LAND => {
                let to = place(item).unwrap_or(self.here);
                self.go(Phase::Item(number), to, self.height_m, self.reference);
                self.land();
                return Ok(true);
            }
            command::TAKEOFF | command::VTOL_TAKEOFF => {
                let (height_m, reference) = height(number, item)?;
                self.go(Phase::TakeOff, self.here, height_m, reference);
                if let Some(to) = place(item) {
                    self.go(Phase::Item(number), to, height_m, reference);
                }
            }
            command::WAYPOINT | command::SPLINE_WAYPOINT | command::LOITER_TO_ALT => {
                self.fly_to(number, item)?;
                self.wait(number, f64::from(item.params[0].clamp(0.0, 1e5)), 0.0);
            }
            command::LOITER_TURNS | command::DO_ORBIT => {
                self.fly_to(number, item)?;
                let (turns, radius_m) = if item.command == command::DO_ORBIT {
                    (1.0, item.params[0])
                } else {
                    (item.params[0], item.params[2])
                };
                let radius_m = f64::from(radius_m.abs());
                let round_s = std::f64::consts::TAU * radius_m / self.speed_ms.max(0.1);
                self.wait(number, round_s * f64::from(turns.clamp(0.0, 1e3)), radius_m);
            }
            command::LOITER_TIME => {
                self.fly_to(number, item)?;
                self.wait(number, f64::from(item.params[0].clamp(0.0, 1e5)), f64::from(item.params[2].abs()));
            }
            command::LOITER_UNLIM => {
                self.fly_to(number, item)?;
                self.wait(number, 0.0, f64::from(item.params[2].abs()));
                self.endless = Some(number);
                return Ok(true);
            }
            // Jumps done with, cameras, gimbals, markers: nothing that moves the aircraft.
            _ => {}
        }
        Ok(false)
    }

    fn fly_to(&mut self, number: usize, item: &Item) -> Result<(), RouteError> {
        let (height_m, reference) = height(number, item)?;
        let to = place(item).unwrap_or(self.here);
        self.go(Phase::Item(number), to, height_m, reference);
        Ok(())
    }

    /// Goes there, changing height on the way.
    fn go(&mut self, phase: Phase, to: Position, height_m: f64, reference: Reference) {
        let way_m = inverse(self.here, to).distance_m;
        let climb_s = (height_m - self.height_m).abs() / self.habits.climb_ms.max(0.1);
        let takes_s = (way_m / self.speed_ms.max(0.1)).max(climb_s);
        let heights = [(self.height_m, self.reference), (height_m, reference)];
        self.push(phase, to, heights, 0.0, takes_s);
        (self.here, self.height_m, self.reference) = (to, height_m, reference);
    }

    fn push(&mut self, phase: Phase, to: Position, heights: [(f64, Reference); 2], round_m: f64, takes_s: f64) {
        let (from, begins_s) = (self.here, self.now_s);
        self.stretches.push(Stretch { phase, from, to, heights, round_m, begins_s, takes_s });
        self.now_s += takes_s;
    }

    fn wait(&mut self, number: usize, takes_s: f64, round_m: f64) {
        let round_m = if round_m.is_finite() { round_m } else { 0.0 };
        if takes_s <= 0.0 && round_m <= 0.0 || !takes_s.is_finite() {
            return;
        }
        self.push(Phase::Item(number), self.here, [(self.height_m, self.reference); 2], round_m, takes_s);
    }

    fn go_home(&mut self) {
        let height_m = if self.reference == Reference::Home { self.height_m } else { 0.0 };
        let height_m = height_m.max(self.habits.return_height_m);
        self.go(Phase::Return, self.here, height_m, Reference::Home);
        self.go(Phase::Return, self.home, height_m, Reference::Home);
        self.land();
    }

    fn land(&mut self) {
        self.go(
            Phase::Landing,
            self.here,
            0.0,
            if self.reference == Reference::Home { Reference::Home } else { Reference::Datum(Datum::Agl) },
        );
        self.landed = true;
    }

    fn finish(mut self, items: usize) -> Route {
        if !self.landed && self.endless.is_none() && !self.stretches.is_empty() {
            self.endless = Some(items.saturating_sub(1));
        }
        if !self.landed && !self.stretches.is_empty() {
            self.go_home();
        }
        Route { home: self.home, stretches: self.stretches, endless: self.endless }
    }
}

/// Where an item is; `None` when it says "here" (0, 0 or not a number).
fn place(item: &Item) -> Option<Position> {
    let there = item.frame != 2 && (item.x, item.y) != (0, 0) && item.x != i32::MAX && item.y != i32::MAX;
    there.then(|| Position::new(f64::from(item.x) / 1e7, f64::from(item.y) / 1e7)).flatten()
}

fn height(number: usize, item: &Item) -> Result<(f64, Reference), RouteError> {
    let reference = match item.frame {
        0 | 5 => Reference::Datum(Datum::Amsl),
        3 | 6 => Reference::Home,
        10 | 11 => Reference::Datum(Datum::Agl),
        frame => return Err(RouteError::Frame { item: number, frame }),
    };
    let height_m = f64::from(item.z);
    Ok((if height_m.is_finite() { height_m } else { 0.0 }, reference))
}

//! Cars that drive and people who walk: where they are is a function of the time alone.
#![allow(clippy::cast_precision_loss, reason = "small counts")]

use std::f64::consts::FRAC_PI_2;

use rand::Rng;

use super::colour::Colour;
use super::village::{Car, PAINTS, PITCH, Person, Place, high_road_north, lane_east};

const JACKETS: [Colour; 7] = [
    Colour::rgb(200, 40, 40),
    Colour::rgb(40, 70, 160),
    Colour::rgb(240, 240, 240),
    Colour::rgb(30, 30, 34),
    Colour::rgb(225, 120, 30),
    Colour::rgb(120, 60, 140),
    Colour::rgb(70, 130, 80),
];
const HI_VIS: Colour = Colour::rgb(215, 235, 40);
const DENIM: Colour = Colour::rgb(45, 55, 85);
const DARK: Colour = Colour::rgb(35, 33, 35);

/// A car or person that moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mover {
    /// Along the high road (true) or the lane, with a speed whose sign is the direction.
    Drive { high_road: bool, start_m: f64, speed_mps: f64, paint: Colour, van: bool },
    /// Along the pavement of the high road.
    Walk { start_m: f64, speed_mps: f64, jacket: Colour, trousers: Colour },
    /// Round and about a point.
    Roam { around: Place, reach_m: f64, pace_rps: f64, phase: f64, jacket: Colour, trousers: Colour },
    /// Stays.
    Stand { at: Place, heading_rad: f64, jacket: Colour, trousers: Colour, lying: bool },
}

/// Everybody and everything that moves, and who stands about.
pub(super) fn all(rng: &mut impl Rng) -> Vec<Mover> {
    let mut movers = Vec::new();
    for k in 0..14 {
        let speed_mps: f64 = rng.random_range(10.0..13.5) * if k % 2 == 0 { 1.0 } else { -1.0 };
        let paint = PAINTS[rng.random_range(0..PAINTS.len())];
        let start_m = f64::from(k) * 73.0 + rng.random_range(-15.0..15.0);
        let (high_road, van) = (k < 9, rng.random_bool(0.2));
        movers.push(Mover::Drive { high_road, start_m, speed_mps, paint, van });
    }
    let mut clothes = |k: usize| (JACKETS[k % JACKETS.len()], if rng.random_bool(0.5) { DENIM } else { DARK });
    for k in 0..16 {
        let (jacket, trousers) = clothes(k);
        let way = if k % 2 == 0 { 1.0 } else { -1.0 };
        let speed_mps = way * (1.2 + 0.05 * k as f64);
        movers.push(Mover::Walk { start_m: -190.0 + 27.0 * k as f64, speed_mps, jacket, trousers });
    }
    let [west, east, south, north] = PITCH;
    for k in 0..22_usize {
        let team = if k < 11 { Colour::rgb(205, 30, 40) } else { Colour::rgb(240, 240, 245) };
        let column = (k % 11) as f64;
        let around = Place::new(
            west + (east - west) * (0.12 + 0.076 * column),
            south + (north - south) * (0.2 + 0.6 * ((column * 0.37 + if k < 11 { 0.0 } else { 0.21 }) % 1.0)),
        );
        let phase = k as f64 * 1.7;
        movers.push(Mover::Roam { around, reach_m: 5.0, pace_rps: 0.5, phase, jacket: team, trousers: DARK });
    }
    for k in 0..6_usize {
        let (jacket, trousers) = clothes(k + 2);
        let around = Place::new(-20.0 + 9.0 * k as f64, 18.0 + 5.0 * ((k * 3) % 4) as f64);
        let phase = k as f64;
        movers.push(Mover::Roam { around, reach_m: 9.0, pace_rps: 0.13, phase, jacket, trousers });
    }
    for (east, north, heading_rad) in [(7.5, -7.0, -0.8), (9.0, -5.6, -1.2), (8.6, -8.2, -0.4)] {
        let at = Place::new(east, north);
        movers.push(Mover::Stand { at, heading_rad, jacket: HI_VIS, trousers: DARK, lying: false });
    }
    // The one who is searched for lies in a field east of the lane.
    let at = Place::new(141.0, 128.0);
    movers.push(Mover::Stand { at, heading_rad: 0.9, jacket: Colour::rgb(225, 120, 30), trousers: DENIM, lying: true });
    movers
}

impl Mover {
    /// Adds it to those that are out at `time_s`.
    pub(super) fn at(&self, time_s: f64, cars: &mut Vec<Car>, people: &mut Vec<Person>) {
        match *self {
            Self::Drive { high_road, start_m, speed_mps, paint, van } => {
                let along = start_m + speed_mps * time_s;
                let point = |along: f64| {
                    if high_road {
                        Place::new(along, high_road_north(along))
                    } else {
                        Place::new(lane_east(along), along)
                    }
                };
                let (here, ahead) = (point(along), point(along + speed_mps.signum()));
                let heading_rad = (ahead.east - here.east).atan2(ahead.north - here.north);
                // On the left.
                let at = here.moved(heading_rad, 0.0, -1.7);
                cars.push(Car { at, heading_rad, paint, van });
            }
            Self::Walk { start_m, speed_mps, jacket, trousers } => {
                let along = start_m + speed_mps * time_s;
                let side = if speed_mps > 0.0 { 4.6 } else { -4.6 };
                let at = Place::new(along, high_road_north(along) + side);
                let heading_rad = FRAC_PI_2 * speed_mps.signum();
                let stride_rad = Some(along * 4.2);
                people.push(Person { at, heading_rad, stride_rad, jacket, trousers, lying: false });
            }
            Self::Roam { around, reach_m, pace_rps, phase, jacket, trousers } => {
                let angle = |time_s: f64| (pace_rps * time_s + phase, pace_rps * 0.7 * time_s + 2.0 * phase);
                let point = |time_s: f64| {
                    let (a, b) = angle(time_s);
                    Place::new(around.east + reach_m * a.sin(), around.north + reach_m * b.sin())
                };
                let (here, ahead) = (point(time_s), point(time_s + 0.1));
                let heading_rad = (ahead.east - here.east).atan2(ahead.north - here.north);
                let stride_rad = Some((here.distance(ahead) * 10.0).sqrt() * 5.0 * time_s);
                people.push(Person { at: here, heading_rad, stride_rad, jacket, trousers, lying: false });
            }
            Self::Stand { at, heading_rad, jacket, trousers, lying } => {
                people.push(Person { at, heading_rad, stride_rad: None, jacket, trousers, lying });
            }
        }
    }
}

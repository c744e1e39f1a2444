//! What there is on the ground: a village, its roads, its people. Metres east and north of home; the world repeats every [`PERIOD_M`].

use std::f64::consts::{FRAC_PI_2, TAU};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::colour::Colour;
use super::movers::{self, Mover};

/// The world repeats after this many metres, both ways.
pub const PERIOD_M: f64 = 1024.0;

/// A point on the map: east and north of home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// East of home, m.
    pub east: f64,
    /// North of home, m.
    pub north: f64,
}

impl Place {
    /// A point.
    #[must_use]
    pub const fn new(east: f64, north: f64) -> Self {
        Self { east, north }
    }

    /// Moved by `ahead` along `heading_rad` (from north by east) and `aside` to the right of it.
    #[must_use]
    pub fn moved(self, heading_rad: f64, ahead: f64, aside: f64) -> Self {
        let (sin, cos) = heading_rad.sin_cos();
        Self { east: self.east + ahead * sin + aside * cos, north: self.north + ahead * cos - aside * sin }
    }

    /// Metres to another.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        (self.east - other.east).hypot(self.north - other.north)
    }
}

/// A building with a gabled roof.
#[derive(Clone, Copy, Debug)]
pub struct House {
    /// Middle of the footprint.
    pub at: Place,
    /// Direction of the ridge.
    pub heading_rad: f64,
    /// Length along the ridge, m.
    pub length_m: f64,
    /// Width across it, m.
    pub width_m: f64,
    /// Height of the eaves, m.
    pub eaves_m: f64,
    /// Height of the ridge, m.
    pub ridge_m: f64,
    /// Walls.
    pub wall: Colour,
    /// Roof.
    pub roof: Colour,
    /// A chimney, windows and a door.
    pub dwelling: bool,
}

/// A tree.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// Where it stands.
    pub at: Place,
    /// Height, m.
    pub height_m: f64,
    /// Radius of the crown, m.
    pub radius_m: f64,
    /// Makes each look its own.
    pub variety: u32,
}

/// A car, parked or driving.
#[derive(Clone, Copy, Debug)]
pub struct Car {
    /// Where it is.
    pub at: Place,
    /// Where its nose points.
    pub heading_rad: f64,
    /// Paint.
    pub paint: Colour,
    /// A van is longer and higher.
    pub van: bool,
}

/// A person.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Where they stand.
    pub at: Place,
    /// Where they look.
    pub heading_rad: f64,
    /// Phase of the stride; none for those who stand.
    pub stride_rad: Option<f64>,
    /// Jacket.
    pub jacket: Colour,
    /// Trousers.
    pub trousers: Colour,
    /// Lies on the ground.
    pub lying: bool,
}

/// Everything that stands or moves.
#[derive(Clone, Debug)]
pub struct Village {
    /// Buildings.
    pub houses: Vec<House>,
    /// Trees.
    pub trees: Vec<Tree>,
    /// Parked cars.
    pub parked: Vec<Car>,
    movers: Vec<Mover>,
}

/// North coordinate of the high road's middle.
#[must_use]
pub fn high_road_north(east: f64) -> f64 {
    -66.0 + 9.0 * (TAU * east / PERIOD_M).sin() + 2.5 * (2.0 * TAU * east / PERIOD_M).cos()
}

/// East coordinate of the lane's middle.
#[must_use]
pub fn lane_east(north: f64) -> f64 {
    88.0 + 9.0 * (TAU * north / PERIOD_M + 0.6).sin()
}

/// The close: a straight street from the lane to its turning head.
pub const CLOSE_NORTH: f64 = 78.0;
/// Its western end.
pub const CLOSE_WEST: f64 = -120.0;
/// The car park: west, east, south, north.
pub const CAR_PARK: [f64; 4] = [28.0, 74.0, -46.0, -14.0];
/// The football pitch: west, east, south, north.
pub const PITCH: [f64; 4] = [-152.0, -58.0, -32.0, 28.0];
/// The pond's middle.
pub const POND: Place = Place::new(-36.0, 128.0);

pub(super) const PAINTS: [Colour; 9] = [
    Colour::rgb(190, 30, 30),
    Colour::rgb(235, 235, 238),
    Colour::rgb(40, 60, 130),
    Colour::rgb(30, 32, 36),
    Colour::rgb(160, 164, 170),
    Colour::rgb(215, 215, 220),
    Colour::rgb(60, 110, 75),
    Colour::rgb(220, 180, 40),
    Colour::rgb(95, 100, 110),
];
impl Village {
    /// The village; always the same.
    #[must_use]
    pub fn build() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(0x5EA1);
        let mut village = Self { houses: Vec::new(), trees: Vec::new(), parked: Vec::new(), movers: Vec::new() };
        village.build_houses(&mut rng);
        village.plant_trees(&mut rng);
        village.park_cars(&mut rng);
        village.movers = movers::all(&mut rng);
        village
    }

    /// Cars and people that are where they are at `time_s`.
    #[must_use]
    pub fn moving(&self, time_s: f64) -> (Vec<Car>, Vec<Person>) {
        let (mut cars, mut people) = (Vec::new(), Vec::new());
        for mover in &self.movers {
            mover.at(time_s, &mut cars, &mut people);
        }
        (cars, people)
    }

    fn dwelling(&mut self, rng: &mut impl Rng, at: Place, heading_rad: f64) {
        let brick = [
            Colour::rgb(172, 108, 84),
            Colour::rgb(196, 178, 150),
            Colour::rgb(222, 214, 200),
            Colour::rgb(150, 96, 78),
        ];
        let tiles =
            [Colour::rgb(150, 74, 52), Colour::rgb(98, 100, 108), Colour::rgb(122, 82, 66), Colour::rgb(82, 84, 92)];
        let length_m = rng.random_range(9.0..12.5);
        let width_m = rng.random_range(7.0..8.5);
        let eaves_m = rng.random_range(4.6..5.4);
        self.houses.push(House {
            at,
            heading_rad,
            length_m,
            width_m,
            eaves_m,
            ridge_m: eaves_m + width_m * rng.random_range(0.34..0.44),
            wall: brick[rng.random_range(0..brick.len())],
            roof: tiles[rng.random_range(0..tiles.len())],
            dwelling: true,
        });
        // Most drives have a car on them.
        if rng.random_bool(0.6) {
            let side = at.moved(heading_rad, length_m / 2.0 + 2.2, 0.0);
            self.parked.push(Car {
                at: side,
                heading_rad: heading_rad + FRAC_PI_2,
                paint: PAINTS[rng.random_range(0..PAINTS.len())],
                van: rng.random_bool(0.1),
            });
        }
    }

    fn build_houses(&mut self, rng: &mut impl Rng) {
        let mut east = CLOSE_WEST + 8.0;
        while east < lane_east(CLOSE_NORTH) - 18.0 {
            let jitter: f64 = rng.random_range(-1.0..1.0);
            self.dwelling(rng, Place::new(east, CLOSE_NORTH + 15.5 + jitter), FRAC_PI_2);
            self.dwelling(rng, Place::new(east + 3.0, CLOSE_NORTH - 15.5 + jitter), FRAC_PI_2);
            east += rng.random_range(17.5..21.0);
        }
        let mut east = -330.0;
        while east < 330.0 {
            let road = high_road_north(east);
            let near_lane = (east - lane_east(road)).abs() < 22.0;
            if !near_lane {
                self.dwelling(rng, Place::new(east, road - 18.0), FRAC_PI_2);
                if !(-160.0..85.0).contains(&east) {
                    self.dwelling(rng, Place::new(east, road + 18.0), FRAC_PI_2);
                }
            }
            east += rng.random_range(18.0..27.0);
        }
        let mut north = 20.0;
        while north < 330.0 {
            let east = lane_east(north);
            self.dwelling(rng, Place::new(east + 17.0, north), 0.0);
            north += rng.random_range(19.0..30.0);
        }
        let stone = Colour::rgb(170, 165, 150);
        let slate = Colour::rgb(88, 90, 98);
        let church = House {
            at: Place::new(44.0, 28.0),
            heading_rad: FRAC_PI_2,
            length_m: 22.0,
            width_m: 10.0,
            eaves_m: 7.0,
            ridge_m: 12.0,
            wall: stone,
            roof: slate,
            dwelling: false,
        };
        let tower =
            House { at: Place::new(30.0, 28.0), length_m: 6.0, width_m: 6.0, eaves_m: 17.0, ridge_m: 19.5, ..church };
        self.houses.extend([church, tower]);
        for (east, north, heading_rad) in
            [(196.0, 92.0, 0.3), (222.0, 108.0, 0.3), (-262.0, -178.0, 1.1), (-235.0, -160.0, 1.1)]
        {
            self.houses.push(House {
                at: Place::new(east, north),
                heading_rad,
                length_m: 26.0,
                width_m: 13.0,
                eaves_m: 5.0,
                ridge_m: 8.0,
                wall: Colour::rgb(96, 108, 96),
                roof: Colour::rgb(132, 138, 134),
                dwelling: false,
            });
        }
    }

    fn plant_trees(&mut self, rng: &mut impl Rng) {
        let mut wanted = Vec::new();
        for _ in 0..170 {
            let (angle, radius) = (rng.random_range(0.0..TAU), 62.0 * rng.random::<f64>().sqrt());
            wanted.push(Place::new(-205.0 + radius * angle.sin() * 1.3, 175.0 + radius * angle.cos()));
        }
        for _ in 0..70 {
            let (angle, radius) = (rng.random_range(0.0..TAU), 45.0 * rng.random::<f64>().sqrt());
            wanted.push(Place::new(250.0 + radius * angle.sin(), -190.0 + radius * angle.cos()));
        }
        // Along hedges, in gardens, round the pond, and here and there.
        for _ in 0..420 {
            wanted.push(Place::new(rng.random_range(-512.0..512.0), rng.random_range(-512.0..512.0)));
        }
        for k in 0..14 {
            let angle = f64::from(k) * 0.45;
            wanted.push(POND.moved(angle, rng.random_range(19.0..24.0), 0.0));
        }
        for at in wanted {
            if self.is_free(at) {
                let height_m = rng.random_range(6.0..14.0);
                let radius_m = height_m * rng.random_range(0.34..0.46);
                self.trees.push(Tree { at, height_m, radius_m, variety: rng.random() });
            }
        }
    }

    /// Room for a tree.
    fn is_free(&self, at: Place) -> bool {
        let inside = |[west, east, south, north]: [f64; 4], margin: f64| {
            (west - margin..east + margin).contains(&at.east) && (south - margin..north + margin).contains(&at.north)
        };
        (at.north - high_road_north(at.east)).abs() > 9.0
            && (at.east - lane_east(at.north)).abs() > 8.0
            && !((at.north - CLOSE_NORTH).abs() < 9.0 && inside([CLOSE_WEST, 90.0, 0.0, 100.0], 8.0))
            && !inside(PITCH, 5.0)
            && !inside(CAR_PARK, 5.0)
            && at.distance(Place::new(0.0, 0.0)) > 26.0
            && at.distance(POND) > 18.0
            && self.houses.iter().all(|house| house.at.distance(at) > house.length_m / 2.0 + 5.0)
            && self.parked.iter().all(|car| car.at.distance(at) > 5.0)
    }

    fn park_cars(&mut self, rng: &mut impl Rng) {
        let [west, _, south, north] = CAR_PARK;
        for bay in 0..17 {
            for (row, heading_rad) in [(south + 2.7, 0.0), (north - 2.7, 0.0), ((south + north) / 2.0 + 2.6, 0.0)] {
                if rng.random_bool(0.55) {
                    let turned = if rng.random_bool(0.3) { std::f64::consts::PI } else { 0.0 };
                    self.parked.push(Car {
                        at: Place::new(west + 2.25 + f64::from(bay) * 2.6, row),
                        heading_rad: heading_rad + turned,
                        paint: PAINTS[rng.random_range(0..PAINTS.len())],
                        van: rng.random_bool(0.08),
                    });
                }
            }
        }
    }
}

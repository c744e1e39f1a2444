//! What stands on the ground: houses, trees, cars, people.
#![allow(clippy::cast_possible_truncation, reason = "colours and screen coordinates need no double precision")]

use super::canvas::Canvas;
use super::colour::Colour;
use super::landscape::SHADOW;
use super::raster::{disc, polygon};
use super::view::{Seen, View};
use super::village::{Car, House, Person, Place, Tree};

const GLASS: Colour = Colour::rgb(52, 62, 76);
const SHADOW_COLOUR: Colour = Colour::rgb(28, 32, 24);

/// Something with a place of its own on the picture.
pub struct Brush<'a> {
    /// The picture.
    pub canvas: &'a mut Canvas,
    /// The camera.
    pub view: &'a View,
}

/// A frame of reference on the ground: right, ahead, up.
#[derive(Clone, Copy)]
struct Spot {
    at: Place,
    heading_rad: f64,
}

impl Spot {
    fn point(self, view: &View, right: f64, ahead: f64, up: f64) -> Seen {
        view.see(self.at.moved(self.heading_rad, ahead, right), up)
    }
}

/// A box: from left to right, back to front, bottom to top; the top may be narrower and shorter.
#[derive(Clone, Copy)]
struct Block {
    right: [f64; 2],
    ahead: [f64; 2],
    up: [f64; 2],
    inset: f64,
}

/// Light on the faces of a block: top, front, back, right, left.
type Faces = [Colour; 5];

fn faces(colour: Colour, heading_rad: f64) -> Faces {
    // Sun from the south-west, from where the shadows point away.
    let lit = |turn: f64| {
        let (sin, cos) = (heading_rad + turn).sin_cos();
        let facing = -(sin * SHADOW.0 + cos * SHADOW.1);
        colour.lit(0.68 + 0.34 * facing.max(0.0) as f32)
    };
    let quarter = std::f64::consts::FRAC_PI_2;
    [colour.lit(1.0), lit(0.0), lit(2.0 * quarter), lit(quarter), lit(-quarter)]
}

impl Brush<'_> {
    fn face(&mut self, corners: &[Seen], colour: Colour) {
        // Only what looks at the camera: the corners run clockwise as seen from outside.
        let [a, b, c, ..] = corners else { return };
        if (*b - *a).cross(*c - *a).dot(*a) > 0.0 {
            polygon(self.canvas, self.view, corners, colour, 1.0);
        }
    }

    fn block(&mut self, spot: Spot, block: &Block, faces: &Faces) {
        let Block { right: [l, r], ahead: [b, f], up: [low, high], inset: i } = *block;
        let p = |right, ahead, up| spot.point(self.view, right, ahead, up);
        let base = [p(l, b, low), p(r, b, low), p(r, f, low), p(l, f, low)];
        let top = [p(l + i, b + i, high), p(r - i, b + i, high), p(r - i, f - i, high), p(l + i, f - i, high)];
        let [up, front, back, right, left] = *faces;
        self.face(&[base[3], base[2], top[2], top[3]], front);
        self.face(&[base[1], base[0], top[0], top[1]], back);
        self.face(&[base[2], base[1], top[1], top[2]], right);
        self.face(&[base[0], base[3], top[3], top[0]], left);
        self.face(&[top[0], top[3], top[2], top[1]], up);
    }

    /// A soft patch where the sun does not reach: the ground under a box of this size.
    pub fn shadow(&mut self, at: Place, heading_rad: f64, (half_width, half_length): (f64, f64), height_m: f64) {
        let spot = Spot { at: self.view.nearest(at), heading_rad };
        let (sin, cos) = heading_rad.sin_cos();
        let (ahead, right) = (SHADOW.0 * sin + SHADOW.1 * cos, SHADOW.0 * cos - SHADOW.1 * sin);
        let (dr, da) = (right * height_m, ahead * height_m);
        // The hull of the footprint and the footprint moved along the sun.
        let (sr, sa) = (half_width.copysign(dr), half_length.copysign(da));
        let p = |right: f64, ahead: f64| spot.point(self.view, right, ahead, 0.02);
        let hull =
            [p(-sr, -sa), p(sr, -sa), p(sr + dr, -sa + da), p(sr + dr, sa + da), p(-sr + dr, sa + da), p(-sr, sa)];
        polygon(self.canvas, self.view, &hull, SHADOW_COLOUR, 0.5);
    }

    /// A building.
    pub fn house(&mut self, house: &House) {
        let spot = Spot { at: self.view.nearest(house.at), heading_rad: house.heading_rad };
        let (w, l) = (house.width_m / 2.0, house.length_m / 2.0);
        let (eaves, ridge) = (house.eaves_m, house.ridge_m);
        let view = self.view;
        let p = |right, ahead, up| spot.point(view, right, ahead, up);
        let [_, front, back, right, left] = faces(house.wall, house.heading_rad);
        self.face(&[p(-w, l, 0.0), p(w, l, 0.0), p(w, l, eaves), p(0.0, l, ridge), p(-w, l, eaves)], front);
        self.face(&[p(w, -l, 0.0), p(-w, -l, 0.0), p(-w, -l, eaves), p(0.0, -l, ridge), p(w, -l, eaves)], back);
        self.face(&[p(w, l, 0.0), p(w, -l, 0.0), p(w, -l, eaves), p(w, l, eaves)], right);
        self.face(&[p(-w, -l, 0.0), p(-w, l, 0.0), p(-w, l, eaves), p(-w, -l, eaves)], left);
        if house.dwelling {
            self.openings(spot, house);
        }
        self.roof(spot, house);
    }

    fn openings(&mut self, spot: Spot, house: &House) {
        let (w, l) = (house.width_m / 2.0 + 0.01, house.length_m / 2.0);
        let view = self.view;
        let p = |right, ahead, up| spot.point(view, right, ahead, up);
        for storey in [0.9, 3.2] {
            for k in -1..=1 {
                let middle = f64::from(k) * l * 0.6;
                let (near, far, low, high) = (middle - 0.65, middle + 0.65, storey, storey + 1.25);
                let door = k == 0 && storey < 1.0;
                let (low, colour) = if door { (0.0, Colour::rgb(70, 44, 36)) } else { (low, GLASS) };
                self.face(&[p(w, far, low), p(w, near, low), p(w, near, high), p(w, far, high)], colour);
                self.face(&[p(-w, near, low), p(-w, far, low), p(-w, far, high), p(-w, near, high)], colour);
            }
        }
    }

    fn roof(&mut self, spot: Spot, house: &House) {
        let over = 0.35;
        let (w, l) = (house.width_m / 2.0 + over, house.length_m / 2.0 + over);
        let eaves = house.eaves_m - over * (house.ridge_m - house.eaves_m) / (house.width_m / 2.0);
        let ridge = house.ridge_m;
        let view = self.view;
        let p = |right, ahead, up| spot.point(view, right, ahead, up);
        let quarter = std::f64::consts::FRAC_PI_2;
        let light = |turn: f64| {
            let (sin, cos) = (house.heading_rad + turn).sin_cos();
            0.92 + 0.26 * -(sin * SHADOW.0 + cos * SHADOW.1) as f32
        };
        for side in [1.0, -1.0] {
            let colour = house.roof.lit(light(quarter * side));
            // Courses of tiles: stripes down the slope, every other a little darker.
            for course in 0..6 {
                let (a, b) = (f64::from(course) / 6.0, f64::from(course + 1) / 6.0);
                let at = |ahead: f64, down: f64| p(side * w * down, ahead, ridge + (eaves - ridge) * down);
                let shade = if course % 2 == 0 { 1.0 } else { 0.95 };
                let (back, front) = (-l * side, l * side);
                self.face(&[at(back, a), at(front, a), at(front, b), at(back, b)], colour.lit(shade));
            }
        }
        if house.dwelling {
            let chimney =
                Block { right: [-0.5, 0.5], ahead: [l - 2.0, l - 1.0], up: [ridge - 1.0, ridge + 1.1], inset: 0.0 };
            self.block(spot, &chimney, &faces(Colour::rgb(150, 92, 74), house.heading_rad));
        }
    }

    /// A tree: a trunk and a crown of lit balls.
    pub fn tree(&mut self, tree: &Tree) {
        let at = self.view.nearest(tree.at);
        let crown = tree.height_m - tree.radius_m;
        let (foot, head) = (self.view.see(at, 0.0), self.view.see(at, crown));
        let thick = 0.22;
        let aside = Seen::new(0.0, thick, 0.0);
        let trunk = [foot - aside, foot + aside, head + aside, head - aside];
        polygon(self.canvas, self.view, &trunk, Colour::rgb(78, 62, 48), 1.0);
        let green = Colour::rgb(62, 92, 42).lit(0.8 + 0.05 * f64::from(tree.variety % 9) as f32);
        let mut balls = [(Seen::ZERO, 0.0, 0.0f32); 9];
        for (k, ball) in (0u32..).zip(&mut balls) {
            let turn = f64::from(k) * 2.4 + f64::from(tree.variety % 628) / 100.0;
            let (out, up, size) = match k {
                0 => (0.0, 0.0, 0.8),
                8 => (0.15, 0.55, 0.5),
                _ => (0.55, if k % 2 == 0 { 0.3 } else { -0.2 }, 0.52),
            };
            let place = at.moved(turn, out * tree.radius_m, 0.0);
            let sunny = (-(turn.sin() * SHADOW.0 + turn.cos() * SHADOW.1) * out * 0.35 + up * 0.3) as f32;
            *ball = (self.view.see(place, crown + up * tree.radius_m), size * tree.radius_m, 0.95 + sunny);
        }
        balls.sort_by(|a, b| b.0.x.total_cmp(&a.0.x));
        for (seen, radius, light) in balls {
            self.ball(seen, radius, green.lit(light));
        }
    }

    /// A ball with a lit side.
    fn ball(&mut self, seen: Seen, radius_m: f64, colour: Colour) {
        if seen.x < 1.0 {
            return;
        }
        let (x, y) = self.view.project(seen);
        let radius = (radius_m * self.view.focal_px / seen.x) as f32;
        disc(self.canvas, (x, y), radius, colour, 1.0);
        // Towards the sun: up, and against the shadows.
        let sun = crate::maths::Vec3::new(-SHADOW.1, -SHADOW.0, -1.0);
        let (dx, dy) = (sun.dot(self.view.axes[1]) as f32, sun.dot(self.view.axes[2]) as f32);
        let shift = 0.24 * radius;
        disc(self.canvas, (x + dx * shift, y + dy * shift), radius * 0.62, colour.lit(1.16), 1.0);
    }

    /// A car or van.
    pub fn car(&mut self, car: &Car) {
        let spot = Spot { at: self.view.nearest(car.at), heading_rad: car.heading_rad };
        let (half_length, waist, top) = if car.van { (2.6, 1.15, 2.15) } else { (2.1, 0.92, 1.46) };
        let paint = faces(car.paint, car.heading_rad);
        let dark = faces(Colour::rgb(30, 30, 32), car.heading_rad);
        let wheels = Block {
            right: [-0.88, 0.88],
            ahead: [-half_length + 0.35, half_length - 0.35],
            up: [0.0, 0.4],
            inset: 0.0,
        };
        self.block(spot, &wheels, &dark);
        let body = Block { right: [-0.92, 0.92], ahead: [-half_length, half_length], up: [0.32, waist], inset: 0.06 };
        self.block(spot, &body, &paint);
        let (back, front) = if car.van { (-2.5, 1.7) } else { (-1.75, 0.75) };
        let mut cabin = faces(GLASS, car.heading_rad);
        let roof = Block {
            right: [-0.84, 0.84],
            ahead: [back, front],
            up: [waist, top],
            inset: if car.van { 0.12 } else { 0.3 },
        };
        cabin[0] = paint[0].lit(0.97);
        if car.van {
            (cabin[2], cabin[3], cabin[4]) = (paint[2], paint[3], paint[4]);
        }
        self.block(spot, &roof, &cabin);
        for (ahead, colour) in
            [(half_length - 0.14, Colour::rgb(235, 235, 215)), (-half_length + 0.02, Colour::rgb(170, 24, 24))]
        {
            for right in [-0.8, 0.42] {
                let lamp = Block {
                    right: [right, right + 0.38],
                    ahead: [ahead, ahead + 0.12],
                    up: [0.5, waist + 0.01],
                    inset: 0.0,
                };
                self.block(spot, &lamp, &faces(colour, car.heading_rad));
            }
        }
    }

    /// A person.
    pub fn person(&mut self, person: &Person) {
        let spot = Spot { at: self.view.nearest(person.at), heading_rad: person.heading_rad };
        let skin = faces(Colour::rgb(206, 160, 132), person.heading_rad);
        let jacket = faces(person.jacket, person.heading_rad);
        let trousers = faces(person.trousers, person.heading_rad);
        if person.lying {
            let part = |ahead: [f64; 2], half: f64, top: f64| Block {
                right: [-half, half],
                ahead,
                up: [0.02, top],
                inset: 0.03,
            };
            self.block(spot, &part([-0.85, 0.0], 0.2, 0.2), &trousers);
            self.block(spot, &part([0.0, 0.62], 0.27, 0.28), &jacket);
            self.block(spot, &part([0.66, 0.9], 0.12, 0.24), &skin);
            return;
        }
        let swing = person.stride_rad.map_or(0.0, |stride| 0.26 * stride.sin());
        for (side, swing) in [(-0.11, swing), (0.11, -swing)] {
            let leg = Block {
                right: [side - 0.1, side + 0.1],
                ahead: [swing - 0.12, swing + 0.12],
                up: [0.0, 0.86],
                inset: 0.0,
            };
            self.block(spot, &leg, &trousers);
        }
        for (side, swing) in [(-0.3, -swing), (0.3, swing)] {
            let arm = Block {
                right: [side - 0.07, side + 0.07],
                ahead: [swing - 0.1, swing + 0.1],
                up: [0.8, 1.4],
                inset: 0.0,
            };
            self.block(spot, &arm, &jacket);
        }
        let torso = Block { right: [-0.25, 0.25], ahead: [-0.15, 0.15], up: [0.82, 1.46], inset: 0.0 };
        self.block(spot, &torso, &jacket);
        let head = Block { right: [-0.11, 0.11], ahead: [-0.12, 0.12], up: [1.5, 1.76], inset: 0.01 };
        let mut hair = skin;
        hair[0] = Colour::rgb(64, 46, 34);
        hair[2] = Colour::rgb(58, 42, 32);
        self.block(spot, &head, &hair);
    }
}

//! What the camera sees: a village in the fields, drawn from the true pose.
//!
//! The ground is a map painted once ([`landscape`] into [`ground`]); each picture looks it up along the rays of a pinhole ([`terrain`]) and
//! draws what stands and moves on it as solids, farthest first ([`solids`]). Everything is in metres east and north of home.

pub mod canvas;
pub mod colour;
pub mod ground;
pub mod landscape;
mod movers;
pub mod raster;
pub mod solids;
pub mod terrain;
pub mod view;
pub mod village;

pub use canvas::Canvas;

use super::Job;
use crate::scenario::CameraSpec;
use ground::Ground;
use solids::Brush;
use view::View;
use village::{Car, House, Person, Place, Tree, Village};

/// log2 of the ground map's side for pictures of a width: 8 texels a metre, or 4 where pixels are coarser anyway.
#[must_use]
pub fn ground_bits(width: u32) -> u32 {
    if width > 960 { 13 } else { 12 }
}

/// A camera lower than this is drawn from here: it stands on its skids.
const LOWEST_M: f64 = 0.35;

/// Draws pictures.
#[derive(Debug)]
pub struct Painter {
    hfov_rad: f64,
    village: Village,
    ground: Ground,
}

/// Something that stands.
#[derive(Clone, Copy, Debug)]
enum Thing<'a> {
    House(&'a House),
    Tree(&'a Tree),
    Car(Car),
    Person(Person),
}

impl Painter {
    /// A painter with a lens of `hfov_deg`; 2^`ground_bits` texels a side of the ground's map (see [`ground_bits`]).
    #[must_use]
    pub fn new(hfov_deg: f64, ground_bits: u32) -> Self {
        let village = Village::build();
        let ground = landscape::paint(&village, ground_bits);
        Self { hfov_rad: hfov_deg.to_radians(), village, ground }
    }

    /// The painter of a camera.
    #[must_use]
    pub fn of(camera: &CameraSpec) -> Self {
        Self::new(camera.hfov_deg, ground_bits(camera.width))
    }

    /// Draws the picture of `job`.
    #[expect(clippy::cast_precision_loss, reason = "picture sizes and nanoseconds of a flight")]
    pub fn draw(&mut self, job: &Job, canvas: &mut Canvas) {
        let mut pose = job.pose;
        pose.position.z = pose.position.z.min(-LOWEST_M);
        let view = View::new(&pose, self.hfov_rad, canvas.width() as f64, canvas.height() as f64);
        terrain::draw(canvas, &view, &self.ground);
        let (cars, people) = self.village.moving(job.capture_ns as f64 * 1e-9);
        let mut brush = Brush { canvas, view: &view };
        for car in self.village.parked.iter().chain(&cars) {
            if seen(&view, car.at, 0.7, 4.0).is_some() {
                let half = if car.van { (0.92, 2.6) } else { (0.92, 2.1) };
                brush.shadow(car.at, car.heading_rad, half, if car.van { 2.1 } else { 1.3 });
            }
        }
        for person in &people {
            if seen(&view, person.at, 0.9, 2.0).is_some() {
                let (half, height) = if person.lying { ((0.27, 0.85), 0.25) } else { ((0.27, 0.16), 1.7) };
                brush.shadow(person.at, person.heading_rad, half, height);
            }
        }
        for (_, thing) in self.things(&view, &cars, &people) {
            match thing {
                Thing::House(house) => brush.house(house),
                Thing::Tree(tree) => brush.tree(tree),
                Thing::Car(car) => brush.car(&car),
                Thing::Person(person) => brush.person(&person),
            }
        }
    }

    /// What may be in the picture, farthest first.
    fn things<'a>(&'a self, view: &View, cars: &[Car], people: &[Person]) -> Vec<(f64, Thing<'a>)> {
        let mut things = Vec::new();
        let mut add = |at: Place, height: f64, radius: f64, thing: Thing<'a>| {
            if let Some(distance) = seen(view, at, height, radius) {
                things.push((distance, thing));
            }
        };
        for house in &self.village.houses {
            add(house.at, house.ridge_m / 2.0, house.length_m.max(house.ridge_m) * 0.75, Thing::House(house));
        }
        for tree in &self.village.trees {
            add(tree.at, tree.height_m / 2.0, tree.height_m * 0.62, Thing::Tree(tree));
        }
        for car in self.village.parked.iter().chain(cars) {
            add(car.at, 0.7, 3.0, Thing::Car(*car));
        }
        for person in people {
            add(person.at, 0.9, 1.1, Thing::Person(*person));
        }
        things.sort_by(|a, b| b.0.total_cmp(&a.0));
        things
    }
}

fn seen(view: &View, at: Place, height_m: f64, radius_m: f64) -> Option<f64> {
    view.sees(view.nearest(at), height_m, radius_m)
}

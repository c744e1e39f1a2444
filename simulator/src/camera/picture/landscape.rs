//! Paints the village's ground: fields, hedges, roads and their markings, the pitch, the car park, the pond, and the shadows of what stands.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "colours and a table of fields: small numbers"
)]

use super::colour::Colour;
use super::ground::{Ground, Paint, hash, smooth_noise};
use super::village::{
    CAR_PARK, CLOSE_NORTH, CLOSE_WEST, PERIOD_M, PITCH, POND, Place, Village, high_road_north, lane_east,
};

/// Where a metre of height throws its shadow: east and north.
pub const SHADOW: (f64, f64) = (0.78, 0.62);
const SHADE: f32 = 0.58;

const TARMAC: Colour = Colour::rgb(92, 92, 95);
const WHITE: Colour = Colour::rgb(228, 228, 224);
const KERB: Colour = Colour::rgb(150, 148, 142);
const HEDGE: Colour = Colour::rgb(44, 66, 32);
const LAWN: Colour = Colour::rgb(96, 128, 58);

/// A field: where its middle is, what grows, and which way it is tilled.
struct Field {
    at: Place,
    crop: usize,
    along: (f64, f64),
}

const CROPS: [(Colour, f32); 6] = [
    (Colour::rgb(104, 132, 62), 7.0),
    (Colour::rgb(128, 146, 74), 7.0),
    (Colour::rgb(190, 168, 98), 9.0),
    (Colour::rgb(122, 94, 66), 9.0),
    (Colour::rgb(176, 172, 56), 8.0),
    (Colour::rgb(86, 116, 54), 8.0),
];

/// Paints the ground of `village` with 2^`bits` luma texels a side.
#[must_use]
pub fn paint(village: &Village, bits: u32) -> Ground {
    let fields = fields();
    let nearest = nearest_fields(&fields);
    let mut ground = Ground::new(bits, &|east, north| field_colour(&fields, &nearest, east, north));
    paint_greens(&mut ground);
    paint_roads(&mut ground);
    paint_markings(&mut ground);
    paint_car_park(&mut ground);
    paint_pitch(&mut ground);
    paint_pad(&mut ground);
    paint_gardens(&mut ground, village);
    cast_shadows(&mut ground, village);
    ground.finish();
    ground
}

fn fields() -> Vec<Field> {
    let across = 7;
    let cell = PERIOD_M / f64::from(across);
    let mut fields = Vec::new();
    for row in 0..across {
        for column in 0..across {
            let random = |salt: u32| f64::from(hash(column as u32 * 31 + salt, row as u32 * 17 + salt)) / 255.0;
            let angle = random(3) * std::f64::consts::PI;
            fields.push(Field {
                at: Place::new(
                    (f64::from(column) + 0.15 + 0.7 * random(1)) * cell,
                    (f64::from(row) + 0.15 + 0.7 * random(2)) * cell,
                ),
                crop: usize::from(hash(column as u32 + 5, row as u32 + 11)) % CROPS.len(),
                along: (angle.cos(), angle.sin()),
            });
        }
    }
    fields
}

/// For each tile of 16 m the four fields nearest to its middle.
fn nearest_fields(fields: &[Field]) -> Vec<[u16; 4]> {
    let tiles = (PERIOD_M / TILE_M) as usize;
    let mut nearest = Vec::with_capacity(tiles * tiles);
    for row in 0..tiles {
        for column in 0..tiles {
            let middle = ((column as f64 + 0.5) * TILE_M, (row as f64 + 0.5) * TILE_M);
            let mut order: Vec<u16> = (0..fields.len() as u16).collect();
            let far = |i: u16| wrapped_distance(fields[usize::from(i)].at, middle.0, middle.1);
            order.sort_by(|&a, &b| far(a).total_cmp(&far(b)));
            nearest.push([order[0], order[1], order[2], order[3]]);
        }
    }
    nearest
}

const TILE_M: f64 = 16.0;

/// What is left of whole numbers, 0..1; for numbers above −4096, and much faster than `rem_euclid` where there is no SSE 4.
fn fraction(value: f64) -> f64 {
    let above = value + 4096.0;
    above - above as u64 as f64
}

fn wrapped_distance(at: Place, east: f64, north: f64) -> f64 {
    // Both within a period or so of each other.
    let wrap = |d: f64| {
        if d > PERIOD_M / 2.0 {
            d - PERIOD_M
        } else if d < -PERIOD_M / 2.0 {
            d + PERIOD_M
        } else {
            d
        }
    };
    let (de, dn) = (wrap(at.east - east), wrap(at.north - north));
    (de * de + dn * dn).sqrt()
}

fn field_colour(fields: &[Field], nearest: &[[u16; 4]], east: f64, north: f64) -> (Colour, f32) {
    let tiles = (PERIOD_M / TILE_M) as usize;
    let tile = |metres: f64| (metres / TILE_M) as usize % tiles;
    // Bend the borders a little.
    let bend = f64::from(smooth_noise(east, north, 64.0, 9)) * 7.0;
    let mut first = (f64::INFINITY, 0);
    let mut second = f64::INFINITY;
    for &i in &nearest[tile(north) * tiles + tile(east)] {
        let distance = wrapped_distance(fields[usize::from(i)].at, east + bend, north - bend);
        if distance < first.0 {
            second = first.0;
            first = (distance, i);
        } else {
            second = second.min(distance);
        }
    }
    let border_m = (second - first.0) / 2.0;
    let field = &fields[usize::from(first.1)];
    let (colour, grain) = CROPS[field.crop];
    let patches = smooth_noise(east, north, 32.0, 1) * 0.05 + smooth_noise(east, north, 4.0, 2) * 0.035;
    if border_m < 1.1 {
        return (HEDGE.lit(1.0 + 3.0 * patches), 14.0);
    }
    // Rows of the crop, and the sprayer's wheel tracks each 24 m.
    let across = east * field.along.0 + north * field.along.1;
    let rows = if field.crop >= 2 { 0.14 * (fraction(across / 1.5) - 0.5).abs() as f32 - 0.035 } else { 0.0 };
    let in_track = |offset: f64| fraction((across + offset) / 24.0) < 0.02;
    let tracks = if field.crop >= 2 && (in_track(0.0) || in_track(1.8)) { -0.13 } else { 0.0 };
    let margin = if border_m < 2.6 { -0.06 } else { 0.0 };
    (colour.lit(1.0 + patches + rows + tracks + margin), grain)
}

fn rectangle([west, east, south, north]: [f64; 4]) -> impl Fn(f64, f64) -> f64 {
    move |e, n| (west - e).max(e - east).max(south - n).max(n - north)
}

fn grown([west, east, south, north]: [f64; 4], by: f64) -> [f64; 4] {
    [west - by, east + by, south - by, north + by]
}

fn paint_greens(ground: &mut Ground) {
    let green = [-56.0, 78.0, -54.0, 56.0];
    ground.paint(green, Paint { soft_m: 1.0, ..Paint::flat(LAWN, 6.0) }, &rectangle(green));
    for k in 0..28 {
        let south = -54.0 + f64::from(k) * 4.0;
        let band = [-56.0, 78.0, south, (south + 2.0).min(56.0)];
        let light = Paint { opacity: 0.35, soft_m: 0.4, ..Paint::flat(LAWN.lit(1.12), 5.0) };
        ground.paint(band, light, &rectangle(band));
    }
    let bounds = [POND.east - 24.0, POND.east + 24.0, POND.north - 22.0, POND.north + 22.0];
    let shore = |grow: f64| {
        move |e: f64, n: f64| {
            let (de, dn) = (e - POND.east, (n - POND.north) * 1.25);
            de.hypot(dn) - 14.0 - grow - 2.5 * (dn.atan2(de) * 3.0).sin()
        }
    };
    ground.paint(bounds, Paint { soft_m: 1.5, ..Paint::flat(Colour::rgb(120, 112, 78), 8.0) }, &shore(1.5));
    ground.paint(bounds, Paint { soft_m: 0.8, ..Paint::flat(Colour::rgb(58, 84, 104), 2.0) }, &shore(0.0));
}

/// A road: bounds, half its width, and the distance from its middle line.
type Road = ([f64; 4], f64, Box<dyn Fn(f64, f64) -> f64>);

/// The high road, the lane and the close.
fn roads() -> [Road; 3] {
    let lane_end = lane_east(CLOSE_NORTH);
    [
        ([-512.0, 511.9, -95.0, -40.0], 3.6, Box::new(|e, n| (n - high_road_north(e)).abs() * 0.998)),
        ([70.0, 105.0, -512.0, 511.9], 2.9, Box::new(|e, n| (e - lane_east(n)).abs() * 0.998)),
        (
            [CLOSE_WEST - 12.0, lane_end + 2.0, CLOSE_NORTH - 12.0, CLOSE_NORTH + 12.0],
            2.8,
            Box::new(move |e, n| {
                let street = (n - CLOSE_NORTH).abs().max(e - lane_end).max((CLOSE_WEST - e) * 4.0);
                // A turning head at the end.
                street.min((e - CLOSE_WEST).hypot(n - CLOSE_NORTH) - 5.5)
            }),
        ),
    ]
}

fn paint_roads(ground: &mut Ground) {
    for (bounds, half_m, middle) in &roads() {
        ground.paint(*bounds, Paint { soft_m: 1.2, ..Paint::flat(Colour::rgb(112, 124, 72), 8.0) }, &|e, n| {
            middle(e, n) - half_m - 3.2
        });
        ground.paint(*bounds, Paint::flat(Colour::rgb(158, 154, 148), 4.0), &|e, n| middle(e, n) - half_m - 1.9);
        ground.paint(*bounds, Paint::flat(KERB.lit(1.15), 3.0), &|e, n| middle(e, n) - half_m - 0.15);
    }
    for (bounds, half_m, middle) in &roads() {
        ground.paint(*bounds, Paint::flat(TARMAC, 5.0), &|e, n| middle(e, n) - half_m);
        // Wheels have polished two tracks in each direction.
        let worn = Paint { opacity: 0.35, soft_m: 0.7, ..Paint::flat(TARMAC.lit(1.18), 3.0) };
        ground.paint(*bounds, worn, &|e, n| ((middle(e, n) - half_m * 0.5).abs() - 0.75).abs() - 0.2);
    }
}

fn paint_markings(ground: &mut Ground) {
    let [high_road, lane, close] = roads();
    let paint = Paint::flat(WHITE, 4.0);
    let dashed = |along: f64, period: f64, dash: f64| along.rem_euclid(period) - dash;
    let junction = move |e: f64, n: f64| 7.0 - (e - lane_east(n)).hypot(n - high_road_north(e));
    ground.paint(high_road.0, paint, &|e, n| (high_road.2(e, n) - 0.07).max(dashed(e, 8.0, 4.0)).max(junction(e, n)));
    ground.paint(high_road.0, paint, &|e, n| {
        ((high_road.2(e, n) - 3.3).abs() - 0.06).max(4.0 - (e - lane_east(n)).abs())
    });
    ground.paint(lane.0, paint, &|e, n| (lane.2(e, n) - 0.06).max(dashed(n, 8.0, 3.0)).max(junction(e, n)));
    // Give way where the lane and the close end.
    ground.paint(close.0, paint, &|e, n| {
        let line = (lane_east(n) - 3.6 - e).abs() - 0.15;
        line.max((n - CLOSE_NORTH).abs() - 2.7).max(dashed(n, 0.9, 0.6))
    });
    for side in [-1.0, 1.0] {
        ground.paint(lane.0, paint, &|e, n| {
            let line = (n - high_road_north(e) - side * 4.3).abs() - 0.15;
            line.max(lane.2(e, n) - 2.8).max(dashed(e, 0.9, 0.6))
        });
    }
    // A zebra crossing by the green.
    let zebra = [-3.0, 3.0, -76.0, -56.0];
    ground.paint(zebra, paint, &|e, n| {
        let across = n - high_road_north(0.0);
        (e.abs() - 1.5).max(across.abs() - 3.4).max(dashed(across + 0.25, 1.0, 0.5))
    });
}

fn paint_car_park(ground: &mut Ground) {
    let [west, east, south, north] = CAR_PARK;
    let entrance = [east - 1.0, 92.0, -33.0, -27.0];
    ground.paint(grown(CAR_PARK, 1.0), Paint::flat(KERB, 4.0), &rectangle(grown(CAR_PARK, 0.3)));
    ground.paint(entrance, Paint::flat(TARMAC.lit(0.95), 5.0), &rectangle(entrance));
    ground.paint(CAR_PARK, Paint::flat(TARMAC.lit(0.92), 6.0), &rectangle(CAR_PARK));
    let middle = (south + north) / 2.0;
    for (low, high) in [(south, south + 5.2), (north - 5.2, north), (middle, middle + 5.2)] {
        let row = [west, east, low, high];
        ground.paint(row, Paint::flat(WHITE, 3.0), &|e, n| {
            let bay = ((e - west - 0.95).rem_euclid(2.6) - 1.3).abs();
            (1.3 - bay - 0.06).max(low - n).max(n - high).max(e - west - 45.2)
        });
    }
}

fn paint_pitch(ground: &mut Ground) {
    let [west, east, south, north] = PITCH;
    let around = grown(PITCH, 5.0);
    ground.paint(around, Paint { soft_m: 1.0, ..Paint::flat(Colour::rgb(88, 132, 56), 5.0) }, &rectangle(around));
    for k in 0..9 {
        let left = west + f64::from(2 * k) * (east - west) / 18.0;
        let band = [left, left + (east - west) / 18.0, south, north];
        let light = Paint { opacity: 0.6, ..Paint::flat(Colour::rgb(106, 150, 68), 5.0) };
        ground.paint(band, light, &rectangle(band));
    }
    let (middle, half) = (((west + east) / 2.0, (south + north) / 2.0), ((east - west) / 2.0, (north - south) / 2.0));
    let line = move |e: f64, n: f64| {
        let (x, y) = ((e - middle.0).abs(), n - middle.1);
        let frame = |dx: f64, dy: f64| (x - dx).max(y.abs() - dy).abs();
        // A box at each goal, as a frame about the goal line.
        let area = |depth: f64, width: f64| ((half.0 - depth - x).max(y.abs() - width)).abs().max(x - half.0);
        let circle = (x.hypot(y) - 9.15).abs();
        let halfway = x.max(y.abs() - half.1);
        let spot = (x - half.0 + 11.0).hypot(y) - 0.1;
        frame(half.0, half.1).min(area(16.5, 20.1)).min(area(5.5, 9.1)).min(circle).min(halfway).min(spot) - 0.07
    };
    ground.paint(grown(PITCH, 0.5), Paint::flat(WHITE, 4.0), &line);
}

/// The landing pad at home: an H in a ring on concrete.
fn paint_pad(ground: &mut Ground) {
    let bounds = [-6.0, 6.0, -6.0, 6.0];
    ground.paint(bounds, Paint::flat(Colour::rgb(150, 148, 142), 4.0), &|e, n| e.abs().max(n.abs()) - 5.0);
    ground.paint(bounds, Paint::flat(Colour::rgb(214, 170, 40), 3.0), &|e, n| (e.hypot(n) - 4.2).abs() - 0.22);
    ground.paint(bounds, Paint::flat(WHITE, 3.0), &|e, n| {
        let bars = (e.abs() - 1.2).abs().max(n.abs() - 2.0 + 0.3);
        let bridge = (n.abs()).max(e.abs() - 1.2 + 0.1);
        bars.min(bridge) - 0.3
    });
}

fn paint_gardens(ground: &mut Ground, village: &Village) {
    for house in village.houses.iter().filter(|house| house.dwelling) {
        let local = |e: f64, n: f64| {
            let (sin, cos) = house.heading_rad.sin_cos();
            let (de, dn) = (e - house.at.east, n - house.at.north);
            (de * sin + dn * cos, de * cos - dn * sin)
        };
        let reach = 14.0;
        let bounds = [house.at.east - reach, house.at.east + reach, house.at.north - reach, house.at.north + reach];
        let plot = |e: f64, n: f64| {
            let (along, across) = local(e, n);
            (along.abs() - 8.6).max(across.abs() - 11.5)
        };
        let is_road = |e: f64, n: f64| roads_clear(e, n);
        let lawn = LAWN.lit(0.9 + 0.2 * (house.length_m.fract() as f32));
        ground.paint(bounds, Paint::flat(lawn, 6.0), &|e, n| plot(e, n).max(is_road(e, n)));
        ground.paint(bounds, Paint::flat(HEDGE, 12.0), &|e, n| (plot(e, n).abs() - 0.35).max(is_road(e, n)));
        // The drive beside the house, and a patio behind it.
        let slab = Paint::flat(Colour::rgb(166, 156, 146), 6.0);
        ground.paint(bounds, slab, &|e, n| {
            let (along, across) = local(e, n);
            let drive = (along - house.length_m / 2.0 - 2.2).abs() - 1.5;
            let patio = (along.abs() - 3.0).max((across.abs() - house.width_m / 2.0 - 1.2).abs() - 1.2);
            drive.max(across.abs() - 11.5).min(patio).max(is_road(e, n))
        });
    }
}

/// Negative away from carriageways and pavements.
fn roads_clear(e: f64, n: f64) -> f64 {
    let high_road = 5.6 - (n - high_road_north(e)).abs();
    let lane = 4.9 - (e - lane_east(n)).abs();
    let close = if e < 90.0 && e > CLOSE_WEST - 8.0 { 4.8 - (n - CLOSE_NORTH).abs() } else { -1.0 };
    high_road.max(lane).max(close)
}

fn cast_shadows(ground: &mut Ground, village: &Village) {
    for house in &village.houses {
        let (sin, cos) = house.heading_rad.sin_cos();
        let reach = house.length_m + house.ridge_m * 1.2;
        let bounds = [house.at.east - reach, house.at.east + reach, house.at.north - reach, house.at.north + reach];
        let (length, width) = (house.length_m / 2.0, house.width_m / 2.0);
        ground.shade(bounds, SHADE, 0.4, &|e, n| {
            // In the shadow of any height: the footprint swept along the sun, the roof narrowing towards its ridge.
            let mut nearest = f64::INFINITY;
            for step in 0..=16 {
                let height = house.ridge_m * f64::from(step) / 16.0;
                let (de, dn) = (e - house.at.east - SHADOW.0 * height, n - house.at.north - SHADOW.1 * height);
                let above = ((height - house.eaves_m) / (house.ridge_m - house.eaves_m)).max(0.0);
                let (along, across) = (de * sin + dn * cos, de * cos - dn * sin);
                nearest = nearest.min((along.abs() - length).max(across.abs() - width * (1.0 - above)));
            }
            nearest
        });
    }
    for tree in &village.trees {
        let crown = tree.height_m - tree.radius_m;
        let at = Place::new(tree.at.east + SHADOW.0 * crown, tree.at.north + SHADOW.1 * crown);
        let reach = tree.radius_m * 1.7;
        let bounds = [tree.at.east - reach, at.east + reach, tree.at.north - reach, at.north + reach];
        ground.shade(bounds, SHADE, 0.9, &|e, n| {
            let (along, across) =
                ((e - at.east) * 0.78 + (n - at.north) * 0.62, (e - at.east) * 0.62 - (n - at.north) * 0.78);
            let ragged = 0.35 * (across.atan2(along) * 7.0 + f64::from(tree.variety % 7)).sin();
            let crown_edge = (along / 1.35).hypot(across) - tree.radius_m - ragged;
            let trunk = (across.abs() - 0.2).max(along).max(-along - crown);
            crown_edge.min(trunk)
        });
    }
}

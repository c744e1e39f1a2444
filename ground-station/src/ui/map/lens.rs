//! Between places and points of the window: Web Mercator, as `walkers` pans and zooms it.

use egui::{Pos2, Rect, Vec2};
use mission_profiles::place::Position;
use walkers::{MapMemory, lat_lon};

/// Points across the world at zoom 0.
const TILE: f64 = 256.0;
/// Web Mercator ends there, degrees.
const MOST_LAT_DEG: f64 = 85.05;

/// A place of the projected world: 0 to 1 from west to east, from north to south.
pub(crate) type World = [f64; 2];

/// Where a place lies in the projected world.
pub(crate) fn world(place: Position) -> World {
    let lat = place.lat_deg.clamp(-MOST_LAT_DEG, MOST_LAT_DEG).to_radians();
    [place.lon_deg / 360.0 + 0.5, 0.5 - lat.tan().asinh() / std::f64::consts::TAU]
}

/// The place of a point of the projected world.
pub(crate) fn place([x, y]: World) -> Position {
    let lat_deg = ((0.5 - y) * std::f64::consts::TAU).sinh().atan().to_degrees();
    Position { lat_deg, lon_deg: (x - 0.5) * 360.0 }
}

/// For painting: points of a window are f32.
#[expect(clippy::cast_possible_truncation, reason = "what is painted is f32")]
pub(crate) fn narrow(value: f64) -> f32 {
    value as f32
}

/// How a map is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lens {
    rect: Rect,
    middle: World,
    zoom: f64,
    /// Points across the whole world.
    scale: f64,
}

impl Lens {
    /// With this place in the middle of a rectangle.
    pub(crate) fn new(rect: Rect, middle: Position, zoom: f64) -> Self {
        Self { rect, middle: world(middle), zoom, scale: TILE * zoom.exp2() }
    }

    /// As `walkers` keeps it.
    pub(crate) fn of(rect: Rect, memory: &MapMemory) -> Self {
        let middle = memory.detached().unwrap_or_else(|| lat_lon(0.0, 0.0));
        Self::new(rect, Position { lat_deg: middle.y(), lon_deg: middle.x() }, memory.zoom())
    }

    /// Where it is.
    pub(crate) fn rect(&self) -> Rect {
        self.rect
    }

    /// Its zoom, as tiles have it.
    pub(crate) fn zoom(&self) -> f64 {
        self.zoom
    }

    /// Points across the whole world.
    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }

    /// Where a place is painted.
    pub(crate) fn at(&self, place: Position) -> Pos2 {
        self.point(world(place))
    }

    /// Where a point of the projected world is painted.
    pub(crate) fn point(&self, [x, y]: World) -> Pos2 {
        let middle = self.rect.center();
        let from = [(x - self.middle[0]) * self.scale, (y - self.middle[1]) * self.scale];
        Pos2::new(middle.x + narrow(from[0]), middle.y + narrow(from[1]))
    }

    /// What is painted there.
    pub(crate) fn place(&self, at: Pos2) -> Position {
        place(self.world(at))
    }

    fn world(&self, at: Pos2) -> World {
        let from = at - self.rect.center();
        [self.middle[0] + f64::from(from.x) / self.scale, self.middle[1] + f64::from(from.y) / self.scale]
    }

    /// The part of the world that is painted in a rectangle, from its north-west to its south-east.
    pub(crate) fn seen_in(&self, rect: Rect) -> [World; 2] {
        [self.world(rect.min), self.world(rect.max)]
    }

    /// The part of the world that is seen, as [`Lens::seen_in`].
    pub(crate) fn seen(&self) -> [World; 2] {
        self.seen_in(self.rect)
    }

    /// How far what was painted at `before` must be moved to be as it is painted now; nothing where it is not only moved.
    pub(crate) fn moved_from(&self, before: &Self) -> Option<Vec2> {
        #[expect(clippy::float_cmp, reason = "the very same scale")]
        let same = self.rect == before.rect && self.zoom == before.zoom;
        let by = |axis: usize| narrow((before.middle[axis] - self.middle[axis]) * self.scale);
        same.then(|| Vec2::new(by(0), by(1)))
    }

    /// Points a metre in the middle.
    pub(crate) fn points_per_m(&self) -> f64 {
        let lat = place(self.middle).lat_deg.to_radians();
        self.scale / (40_075_016.686 * lat.cos().max(0.05))
    }
}

/// The middle and the zoom that show all of these places in `rect`, with room round them; nothing where there is no place.
pub(crate) fn fit(rect: Rect, places: impl Iterator<Item = Position>, pad: f32) -> Option<(Position, f64)> {
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for at in places.map(world) {
        for axis in 0..2 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    }
    if low[0] > high[0] {
        return None;
    }
    let middle = place([f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])]);
    let room = |points: f32| f64::from((points - 2.0 * pad).max(40.0));
    let zoom = |points: f32, span: f64| (room(points) / TILE / span.max(1e-9)).log2();
    let zoom = zoom(rect.width(), high[0] - low[0]).min(zoom(rect.height(), high[1] - low[1]));
    Some((middle, zoom.clamp(2.0, if high[0] - low[0] < 1e-8 { 15.0 } else { 17.5 })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};
    use walkers::{MercatorProjection, Projector};

    #[test]
    fn it_is_what_walkers_has_and_goes_there_and_back() {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(700.0, 400.0));
        let mut memory = MapMemory::default();
        memory.center_at(lat_lon(52.9, -1.6));
        memory.set_zoom(15.3).unwrap();
        let (lens, theirs) =
            (Lens::of(rect, &memory), Projector::new(rect, &MercatorProjection, &memory, lat_lon(0.0, 0.0)));
        for (lat, lon) in [(52.9, -1.6), (52.91, -1.58), (52.2, -1.9)] {
            let there = lens.at(Position { lat_deg: lat, lon_deg: lon });
            assert!((there - theirs.project(lat_lon(lat, lon)).to_pos2()).length() < 0.02);
            let back = lens.place(there);
            assert!((back.lat_deg - lat).abs() < 1e-6 && (back.lon_deg - lon).abs() < 1e-6, "{back:?}");
        }
    }

    #[test]
    fn what_is_fitted_is_seen() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(700.0, 400.0));
        let places = [(52.9, -1.6), (52.91, -1.55)].map(|(lat_deg, lon_deg)| Position { lat_deg, lon_deg });
        let (middle, zoom) = fit(rect, places.into_iter(), 40.0).unwrap();
        let lens = Lens::new(rect, middle, zoom);
        let inner = rect.shrink(39.0);
        assert!(places.iter().all(|place| inner.contains(lens.at(*place))));
        assert!(lens.at(places[0]).distance(lens.at(places[1])) > 300.0);
        assert_eq!(fit(rect, std::iter::empty(), 0.0), None);
    }
}

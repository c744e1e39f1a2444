//! The flight from the side: ground, route, and the zones that it passes through, above or below.

use mission_profiles::place::{Datum, Position, Terrain, direct, inverse};
use mission_profiles::route::{Route, Stretch};
use mission_profiles::zones::{Dataset, Index, Limit, Near, Reach, Reference, Restriction, Surroundings};

use crate::state::airspace::{Asks, Stand};

/// Looks along the whole route.
const LOOKS: f64 = 320.0;
/// Most zones told of.
const MOST_CROSSED: usize = 40;

/// A place of the route from the side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// From the take-off along the route, metres.
    pub(crate) along_m: f64,
    /// Where.
    pub(crate) place: Position,
    /// The ground above mean sea level, where it is known.
    pub(crate) ground_m: Option<f64>,
    /// The route above mean sea level.
    pub(crate) route_m: f64,
}

/// A part of the route that lies over a zone's ground.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Crossing {
    /// Its name.
    pub(crate) name: String,
    /// What it asks.
    pub(crate) asks: Asks,
    /// From there
    pub(crate) from_m: f64,
    /// to there along the route.
    pub(crate) to_m: f64,
    /// Its floor and its ceiling.
    pub(crate) limits: [Limit; 2],
    /// The finding that is about it.
    pub(crate) number: Option<usize>,
}

/// The flight from the side.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Side {
    /// From the take-off to the landing.
    pub(crate) samples: Vec<Sample>,
    /// What is passed.
    pub(crate) crossings: Vec<Crossing>,
    /// The profile's limit above the ground, metres.
    pub(crate) limit_agl_m: f64,
}

impl Side {
    /// How far along the route it comes nearest to a place, metres.
    pub(crate) fn along_m(&self, place: Position) -> Option<f64> {
        let near = |sample: &Sample| inverse(sample.place, place).distance_m;
        let nearest = self.samples.iter().map(|sample| (near(sample), sample.along_m));
        nearest.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, along_m)| along_m)
    }

    /// The route's height there, between the samples.
    pub(crate) fn route_m(&self, along_m: f64) -> Option<f64> {
        let after = self.samples.iter().position(|sample| sample.along_m >= along_m)?;
        let (b, a) = (self.samples[after], self.samples[after.saturating_sub(1)]);
        let part = if b.along_m > a.along_m { (along_m - a.along_m) / (b.along_m - a.along_m) } else { 1.0 };
        Some(a.route_m + (b.route_m - a.route_m) * part.clamp(0.0, 1.0))
    }

    /// The ways over the ground of zones that block, at heights that are theirs.
    pub(crate) fn blocked(&self) -> Vec<Vec<Position>> {
        let within = |crossing: &Crossing| {
            let part = |sample: &&Sample| (crossing.from_m - 0.5..=crossing.to_m + 0.5).contains(&sample.along_m);
            self.samples
                .iter()
                .filter(part)
                .filter(|sample| sample.is_within(crossing))
                .map(|sample| sample.place)
                .collect()
        };
        let blocking = self.crossings.iter().filter(|crossing| crossing.asks.blocks());
        blocking.map(within).filter(|places: &Vec<_>| places.len() > 1).collect()
    }
}

impl Sample {
    fn is_within(&self, crossing: &Crossing) -> bool {
        let [low, high] = crossing.limits.map(|limit| amsl_m(limit, self.ground_m));
        self.route_m >= low - 1.0 && self.route_m <= high + 1.0
    }
}

/// A limit above mean sea level over this ground, as well as a drawing needs it.
pub(crate) fn amsl_m(limit: Limit, ground_m: Option<f64>) -> f64 {
    match limit {
        Limit::Surface => f64::MIN,
        Limit::Unlimited => f64::MAX,
        Limit::At(altitude) => match altitude.datum {
            Datum::Agl => ground_m.unwrap_or(0.0) + altitude.metres,
            // Drawn by the standard atmosphere; the findings know what the pressure may be.
            Datum::Amsl | Datum::StandardPressure => altitude.metres,
            Datum::Ellipsoid => altitude.metres - 50.0,
        },
    }
}

/// Looks at a route from the side.
pub(crate) fn side(
    route: &Route,
    around: &Surroundings<'_>,
    limit_agl_m: f64,
    (datasets, index, stands): (&[Dataset], &Index<'_>, &[Stand]),
) -> Side {
    let total_m = route.distance_m();
    let home_m = f64::midpoint(around.home_amsl.low_m, around.home_amsl.high_m);
    let mut side = Side { limit_agl_m, ..Side::default() };
    let mut begins_m = 0.0;
    for stretch in &route.stretches {
        let way = inverse(stretch.from, stretch.to);
        // 1 to 320.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let count = (way.distance_m / total_m.max(1.0) * LOOKS).ceil().clamp(1.0, LOOKS) as u32;
        for look in 0..=count {
            let part = f64::from(look) / f64::from(count);
            let place = direct(stretch.from, way.azimuth_deg, way.distance_m * part);
            let ground_m = ground_m(around.terrain, place);
            let height = |end: usize| {
                let (height_m, reference) = stretch.heights[end];
                match reference {
                    Reference::Home => home_m + height_m,
                    Reference::Datum(Datum::Agl) => ground_m.unwrap_or(home_m) + height_m,
                    Reference::Datum(_) => height_m,
                }
            };
            let route_m = height(0) + (height(1) - height(0)) * part;
            side.samples.push(Sample { along_m: begins_m + way.distance_m * part, place, ground_m, route_m });
        }
        crossings(&mut side, stretch, (begins_m, way.distance_m), (datasets, index, stands));
        begins_m += way.distance_m;
    }
    side.crossings.sort_by(|a, b| b.asks.cmp(&a.asks).then(a.from_m.total_cmp(&b.from_m)));
    side.crossings.truncate(MOST_CROSSED);
    side
}

fn ground_m(terrain: Option<&Terrain>, place: Position) -> Option<f64> {
    terrain.and_then(|terrain| terrain.height_m(place))
}

/// The zones over whose ground a stretch goes; one that goes on from the stretch before is made longer.
fn crossings(
    side: &mut Side,
    stretch: &Stretch,
    (begins_m, long_m): (f64, f64),
    (datasets, index, stands): (&[Dataset], &Index<'_>, &[Stand]),
) {
    if long_m < 1.0 {
        return;
    }
    let reach = Reach { from: stretch.from, to: stretch.to, home: None, within_m: 0.0 };
    let back = Reach { from: stretch.to, to: stretch.from, ..reach };
    for near in index.beside(reach).iter().filter(|near| near.zone.restriction != Restriction::None) {
        let from_m = begins_m + index.until_m(near, reach);
        let to_m = begins_m + long_m - index.until_m(near, back);
        let limits = [near.volume.lower, near.volume.upper];
        let goes_on = |known: &&mut Crossing| {
            known.name == near.zone.name && known.limits == limits && (known.to_m - from_m).abs() < 2.0
        };
        match side.crossings.iter_mut().find(goes_on) {
            Some(known) => known.to_m = known.to_m.max(to_m),
            None => side.crossings.push(Crossing {
                name: near.zone.name.clone(),
                asks: asks(datasets, stands, near),
                from_m,
                to_m,
                limits,
                number: None,
            }),
        }
    }
}

fn asks(datasets: &[Dataset], stands: &[Stand], near: &Near<'_>) -> Asks {
    let is = |stand: &&Stand| stand.volume(datasets).is_some_and(|volume| std::ptr::eq(volume, near.volume));
    stands.iter().find(is).map_or(Asks::Uncertain, |stand| stand.asks)
}

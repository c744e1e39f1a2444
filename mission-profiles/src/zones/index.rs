//! Which zones a stretch of flight meets, or passes near.

use rstar::{AABB, RTree, RTreeObject};

use super::form::Ground;
use super::sweep::pieces;
use super::{Dataset, Outline, Spans, Volume, Zone};
use crate::place::{EarthPoint, Position, direct};

/// The volumes of some datasets, ready to be asked.
pub struct Index<'a> {
    tree: RTree<Placed>,
    volumes: Vec<Prepared<'a>>,
}

struct Prepared<'a> {
    zone: &'a Zone,
    volume: &'a Volume,
    dataset: &'a Dataset,
    ground: Ground,
}

struct Placed {
    place: usize,
    envelope: AABB<EarthPoint>,
}

impl RTreeObject for Placed {
    type Envelope = AABB<EarthPoint>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// Whether all of `reach`, and `within_m` round it, surely lies inside `outline`.
#[must_use]
pub fn holds(outline: &Outline, reach: Reach) -> bool {
    let ground = Ground::of(outline);
    pieces(reach).iter().all(|piece| ground.depth_m(piece).is_some_and(|depth_m| depth_m >= reach.within_m))
}

/// What a flight sweeps of the ground, and how near to a zone it may come.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// The shortest way from there
    pub from: Position,
    /// to there;
    pub to: Position,
    /// and, where one is given, every way from it to this place: the returns home from all along a leg.
    pub home: Option<Position>,
    /// Zones up to this far beside it are met, metres.
    pub within_m: f64,
}

/// A volume that a stretch meets.
#[derive(Clone, Copy)]
pub struct Near<'a> {
    /// Whose.
    pub zone: &'a Zone,
    /// Which part of it.
    pub volume: &'a Volume,
    /// From this dataset.
    pub dataset: &'a Dataset,
    /// How far outside the stretch stays, metres; 0 inside.
    pub distance_m: f64,
    /// Where the stretch comes nearest, or is inside.
    pub at: Position,
    /// Its place in the index.
    pub(super) place: usize,
}

impl<'a> Index<'a> {
    /// Of all volumes of `datasets`.
    #[must_use]
    pub fn new(datasets: &'a [Dataset]) -> Self {
        let zones = datasets.iter().flat_map(|dataset| dataset.zones.iter().map(move |zone| (dataset, zone)));
        let volumes: Vec<_> = zones
            .flat_map(|(dataset, zone)| {
                zone.volumes.iter().map(move |volume| Prepared {
                    dataset,
                    zone,
                    volume,
                    ground: Ground::of(&volume.outline),
                })
            })
            .collect();
        let placed =
            volumes.iter().enumerate().map(|(place, volume)| Placed { place, envelope: volume.ground.envelope() });
        Self { tree: RTree::bulk_load(placed.collect()), volumes }
    }

    /// How many volumes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.volumes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.volumes.is_empty()
    }

    /// The volumes that `reach` meets on the ground, whatever their heights, each once: where it comes nearest.
    #[must_use]
    pub fn beside(&self, reach: Reach) -> Vec<Near<'a>> {
        self.beside_of(reach, |_, _| true)
    }

    /// The same, of the volumes that are `wanted`.
    pub(crate) fn beside_of(&self, reach: Reach, wanted: impl Fn(&Zone, &Volume) -> bool) -> Vec<Near<'a>> {
        let mut found: Vec<(usize, Near<'a>)> = Vec::new();
        for piece in pieces(reach) {
            for placed in self.tree.locate_in_envelope_intersecting(&piece.envelope(reach.within_m)) {
                let volume = &self.volumes[placed.place];
                if !wanted(volume.zone, volume.volume) {
                    continue;
                }
                let (distance_m, at) = volume.ground.distance_m(&piece);
                if distance_m > reach.within_m {
                    continue;
                }
                let near = Near {
                    zone: volume.zone,
                    volume: volume.volume,
                    dataset: volume.dataset,
                    distance_m,
                    at,
                    place: placed.place,
                };
                match found.iter_mut().find(|(place, _)| *place == placed.place) {
                    Some((_, known)) if known.distance_m <= distance_m => {}
                    Some((_, known)) => *known = near,
                    None => found.push((placed.place, near)),
                }
            }
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, near)| near).collect()
    }

    /// The volumes of the zones that have `part` in their name or identifier, whatever its capitals.
    #[must_use]
    pub fn named(&self, part: &str) -> Vec<Near<'a>> {
        let wanted = part.to_lowercase();
        let has = |zone: &Zone| {
            zone.name.to_lowercase().contains(&wanted) || zone.identifier.to_lowercase().contains(&wanted)
        };
        let known = self.volumes.iter().enumerate().filter(|(_, known)| has(known.zone));
        known
            .map(|(place, Prepared { zone, volume, dataset, .. })| Near {
                zone,
                volume,
                dataset,
                distance_m: 0.0,
                at: volume.outline.somewhere(),
                place,
            })
            .collect()
    }

    /// How far along the way of `reach` the volume of `near`, which it meets, first comes within reach: metres, to a metre.
    #[must_use]
    pub fn until_m(&self, near: &Near<'_>, reach: Reach) -> f64 {
        let Some(volume) = self.volumes.get(near.place) else { return 0.0 };
        let way = crate::place::inverse(reach.from, reach.to);
        let meets = |upto_m: f64| {
            let part = Reach { to: direct(reach.from, way.azimuth_deg, upto_m), home: None, ..reach };
            pieces(part).iter().any(|piece| volume.ground.distance_m(piece).0 <= reach.within_m)
        };
        // A longer way meets whatever a shorter one does.
        let (mut clear_m, mut met_m) = (0.0, way.distance_m);
        if meets(0.0) {
            return 0.0;
        }
        while met_m - clear_m > 1.0 {
            let middle_m = f64::midpoint(clear_m, met_m);
            if meets(middle_m) { met_m = middle_m } else { clear_m = middle_m }
        }
        met_m
    }

    /// The volumes that `reach` may enter when it sweeps these heights.
    #[must_use]
    pub fn entered(&self, reach: Reach, heights: &Spans) -> Vec<Near<'a>> {
        self.beside_of(reach, |_, volume| heights.may_be_within(volume.lower, volume.upper))
    }
}

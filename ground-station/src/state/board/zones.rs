//! The zones near a place or of a name, and what each asks of a flight there now.

use std::cmp::Reverse;

use jiff::Timestamp;
use mission_profiles::authorisation::{Ask, Authorisation, Kind, Lack, State};
use mission_profiles::place::{Altitude, Datum, Position, earth_point, ground_distance_m};
use mission_profiles::zones::{
    Authority, Dataset, Digest, Index, Kind as ZoneKind, Limit, Near, Outline, Reach, Report, Restriction, Source,
    Span, Spans, Volume, Zone,
};

use super::find::Query;
use super::times::Moment;
use super::zone_words::{limit, span};
use super::{Airspace, cards};
use crate::state::airspace::Asks;

/// Zones up to so far from a place are listed.
const WITHIN_M: f64 = 10_000.0;
/// Rows of the list; the nearest stay.
const MAX_ROWS: usize = 200;
/// No drone flies higher above the ground without a permission that says so: 400 ft (UK Regulation (EU) 2019/947, UAS.OPEN.010).
const CEILING_AGL_M: f64 = 122.0;
/// Ben Nevis: where the ground is not known it may be as high.
const HIGHEST_GROUND_M: f64 = 1_345.0;
/// Between mean sea level and the 1013 hPa surface (950 to 1050 hPa), or the ellipsoid.
const DATUM_MARGIN_M: f64 = 530.0;

/// Which zone: its dataset, and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ZoneKey {
    /// The dataset's SHA-256.
    pub(crate) dataset: Digest,
    /// From 0.
    pub(crate) zone: usize,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ZoneRow {
    /// Which.
    pub(crate) key: ZoneKey,
    /// What it asks.
    pub(crate) asks: Asks,
    /// Its name.
    pub(crate) name: String,
    /// From floor to ceiling, each with its datum.
    pub(crate) limits: String,
    /// How far from the place that was looked at; 0 inside, nothing where there is no place.
    pub(crate) away_m: Option<f64>,
    /// What answers it, or who must be asked.
    pub(crate) answer: String,
    /// What a map shows when the row is selected.
    pub(crate) centre: Position,
}

impl ZoneRow {
    /// `590 m`, `2.1 km`, `here`.
    pub(crate) fn away(&self) -> String {
        match self.away_m {
            None => "—".into(),
            Some(away_m) if away_m <= 0.0 => "here".into(),
            Some(away_m) if away_m < 1_000.0 => format!("{away_m:.0} m"),
            Some(away_m) => format!("{:.1} km", away_m / 1_000.0),
        }
    }
}

/// What is looked for, where, when, and by whom.
pub(crate) struct Looking<'a> {
    /// What.
    pub(crate) query: &'a Query,
    /// Only zones of this kind.
    pub(crate) kind: Option<ZoneKind>,
    /// The take-off place.
    pub(crate) home: Option<Position>,
    /// The highest ground a flight may pass over, metres AMSL, where a terrain model says so.
    pub(crate) ground_amsl_m: Option<f64>,
    /// When.
    pub(crate) moment: &'a Moment,
    /// The pilot's id, where somebody is signed in.
    pub(crate) pilot: Option<&'a str>,
}

/// What is known of a zone before anybody measures: enough to leave most of them out.
pub(super) struct Extent {
    key: ZoneKey,
    /// Of the dataset, in the list.
    dataset: usize,
    centre: Position,
    /// Everything of it is this near to the centre, metres.
    radius_m: f64,
    /// Name and identifier in small letters.
    text: String,
}

pub(super) fn extents(datasets: &[Dataset]) -> Vec<Extent> {
    let of = |(number, dataset): (usize, &Dataset)| {
        let sha256 = dataset.source.sha256;
        dataset
            .zones
            .iter()
            .enumerate()
            .map(|(zone, it)| extent(number, ZoneKey { dataset: sha256, zone }, it))
            .collect::<Vec<_>>()
    };
    datasets.iter().enumerate().flat_map(of).collect()
}

fn extent(dataset: usize, key: ZoneKey, zone: &Zone) -> Extent {
    let centre =
        zone.volumes.first().map_or(Position { lat_deg: 0.0, lon_deg: 0.0 }, |volume| volume.outline.somewhere());
    let radius_m = zone.volumes.iter().map(|volume| farthest_m(&volume.outline, centre)).fold(0.0, f64::max);
    Extent { key, dataset, centre, radius_m, text: format!("{}\n{}", zone.name, zone.identifier).to_lowercase() }
}

/// Edges bulge between their corners: a part of the way, and a margin, lie round what is measured.
fn farthest_m(outline: &Outline, centre: Position) -> f64 {
    let to = |place: &Position| ground_distance_m(earth_point(*place), earth_point(centre));
    let ring = |places: &[Position]| places.iter().map(to).fold(0.0, f64::max);
    match outline {
        Outline::Polygon(polygon) => ring(&polygon.exterior) * 1.05 + polygon.margin_m + 500.0,
        Outline::Circle { centre: middle, radius_m } => to(middle) + radius_m,
        Outline::Corridor { line, half_width_m } => ring(line) * 1.05 + half_width_m + 500.0,
        Outline::Everywhere => f64::INFINITY,
    }
}

impl Airspace {
    /// The zones that are looked for: the gravest first, of these the nearest; and whether there are more, farther off, than are listed.
    pub(crate) fn zones(&self, looking: &Looking<'_>) -> (Vec<ZoneRow>, bool) {
        let from = match looking.query {
            Query::At(place) => Some(*place),
            Query::Nothing | Query::Named(_) => looking.home,
        };
        let here = from.map(earth_point);
        let mut found: Vec<(f64, &Extent)> = self
            .extents
            .iter()
            .filter(|extent| looking.kind.is_none_or(|kind| self.kind(extent) == Some(kind)))
            .filter_map(|extent| {
                let least_m = here.map_or(0.0, |here| {
                    (ground_distance_m(here, earth_point(extent.centre)) - extent.radius_m).max(0.0)
                });
                let wanted = match looking.query {
                    Query::Named(part) => extent.text.contains(part.as_str()),
                    Query::Nothing | Query::At(_) => here.is_none() || least_m <= WITHIN_M,
                };
                wanted.then_some((least_m, extent))
            })
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let cut = found.len() > MAX_ROWS;
        found.truncate(MAX_ROWS);
        let mut rows: Vec<ZoneRow> = found.iter().filter_map(|(_, extent)| self.row(extent, from, looking)).collect();
        rows.sort_by(|a, b| b.asks.cmp(&a.asks).then(a.away_m.unwrap_or(0.0).total_cmp(&b.away_m.unwrap_or(0.0))));
        (rows, cut)
    }

    /// Which kinds there are, each once.
    pub(crate) fn kinds(&self) -> Vec<ZoneKind> {
        let mut kinds: Vec<_> =
            self.datasets().iter().flat_map(|dataset| dataset.zones.iter().map(|zone| zone.kind)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn kind(&self, extent: &Extent) -> Option<ZoneKind> {
        self.datasets().get(extent.dataset)?.zones.get(extent.key.zone).map(|zone| zone.kind)
    }

    fn row(&self, extent: &Extent, from: Option<Position>, looking: &Looking<'_>) -> Option<ZoneRow> {
        let zone = self.datasets().get(extent.dataset)?.zones.get(extent.key.zone)?;
        let in_the_way = |volume: &Volume| may_be_reached(volume.lower, looking.ground_amsl_m);
        let nearest = match from {
            Some(from) => {
                // What has the name is listed wherever it is.
                let named = matches!(looking.query, Query::Named(_));
                let within_m = if named { distance_m(extent.centre, from) + WITHIN_M } else { WITHIN_M };
                nearest(zone, from, within_m, in_the_way)?
            }
            None => (None, lowest(zone)?),
        };
        let (away_m, part) = nearest;
        let (asks, answer) = if in_the_way(part) {
            self.asks(zone, from.unwrap_or(extent.centre), looking)
        } else {
            (Asks::Note, format!("Not needed below {}", limit(part.lower)))
        };
        let limits = span(part.lower, part.upper);
        Some(ZoneRow { key: extent.key, asks, name: zone.name.clone(), limits, away_m, answer, centre: extent.centre })
    }

    /// What a zone asks of a flight at `place` now, and what answers it.
    fn asks(&self, zone: &Zone, place: Position, looking: &Looking<'_>) -> (Asks, String) {
        let now = looking.moment.now;
        if zone.restriction == Restriction::None {
            return (Asks::Note, "Nothing asked".into());
        }
        if !zone.applies(now, now, place).at_all() {
            return (Asks::Note, "Not active now".into());
        }
        let verdicts = self.verdicts(zone, place, looking);
        if let Some((held, _)) = verdicts.iter().find(|(_, lacks)| lacks.is_empty()) {
            return (Asks::Held, format!("{} in force, {}", held.id, cards::up_to(held.upper)));
        }
        let about = verdicts.first().map(|(about, lacks)| format!("{} {}", about.id, lacking(about, lacks)));
        let whom = zone.authorities.first().and_then(name_of);
        let ask = whom.map_or_else(|| "Nobody named: look it up".to_owned(), |whom| format!("Ask {whom}"));
        match zone.restriction {
            Restriction::None | Restriction::Conditional => {
                (Asks::CallFirst, about.unwrap_or_else(|| "Not called yet".into()))
            }
            Restriction::AskFirst | Restriction::Prohibited if zone.is_uncertain() => {
                (Asks::Uncertain, about.unwrap_or_else(|| "Blocks until read".into()))
            }
            Restriction::AskFirst | Restriction::Prohibited => (Asks::Blocks, about.unwrap_or(ask)),
        }
    }

    /// The permissions that are about a zone, and what each lacks now; heights and ways are preflight's, which knows the route.
    fn verdicts(&self, zone: &Zone, place: Position, looking: &Looking<'_>) -> Vec<(&Authorisation, Vec<Lack>)> {
        let ask = ask(zone, place, looking.moment.now, looking.pilot.unwrap_or_default());
        let judged = self.permissions().iter().map(|known| {
            let mut lacks = known.authorisation.lacks(&ask);
            lacks.retain(|lack| counts(lack, looking.pilot.is_some()));
            (&known.authorisation, lacks)
        });
        let is_over = |authorisation: &Authorisation| {
            matches!(authorisation.state(), State::Closed | State::Refused | State::Expired)
        };
        let mut about: Vec<_> = judged.filter(|(known, lacks)| names(known, zone, lacks) && !is_over(known)).collect();
        about.sort_by_key(|(known, lacks)| (lacks.len(), Reverse(known.state())));
        about
    }
}

fn ask<'a>(zone: &'a Zone, place: Position, now: Timestamp, pilot: &'a str) -> Ask<'a> {
    let ground = Span { low_m: 0.0, high_m: 0.0 };
    let heights = Spans { agl: ground, amsl: ground, ellipsoid: ground, pressure: ground };
    let here = Reach { from: place, to: place, home: None, within_m: 0.0 };
    Ask { zone, reaches: vec![(here, heights)], from: now, to: now, now, pilot, aircraft: "", vlos: true, range_m: 0.0 }
}

/// What is not known before a flight is planned does not count here.
fn counts(lack: &Lack, pilot_known: bool) -> bool {
    match lack {
        Lack::Height | Lack::Aircraft | Lack::Sight | Lack::Range(_) => false,
        Lack::Pilot => pilot_known,
        Lack::Zone | Lack::State(_) | Lack::Time | Lack::Ends(_) | Lack::Area(_) | Lack::Daylight | Lack::Kind(_) => {
            true
        }
    }
}

/// Whether a permission is worth a word about a zone.
fn names(authorisation: &Authorisation, zone: &Zone, lacks: &[Lack]) -> bool {
    let opens = !matches!(authorisation.kind, Kind::Landowner | Kind::Covert);
    let elsewhere = lacks.iter().any(|lack| matches!(lack, Lack::Zone | Lack::Area(_)));
    opens && (authorisation.zones.contains(&zone.identifier) || !elsewhere)
}

/// What a permission lacks, in two or three words.
fn lacking(authorisation: &Authorisation, lacks: &[Lack]) -> &'static str {
    match lacks.first() {
        Some(Lack::State(_)) => cards::state_words(authorisation.state()),
        Some(Lack::Time | Lack::Ends(_)) => "holds at another time",
        Some(Lack::Area(_)) => "is for another part",
        Some(Lack::Pilot) => "names other pilots",
        Some(Lack::Daylight) => "holds by daylight",
        Some(Lack::Zone | Lack::Kind(_) | Lack::Height | Lack::Aircraft | Lack::Sight | Lack::Range(_)) | None => {
            "does not cover it"
        }
    }
}

fn name_of(authority: &Authority) -> Option<&str> {
    [&authority.name, &authority.service, &authority.contact]
        .into_iter()
        .find(|part| !part.is_empty())
        .map(String::as_str)
}

fn distance_m(a: Position, b: Position) -> f64 {
    ground_distance_m(earth_point(a), earth_point(b))
}

/// How far a zone is from a place, and which part of it that is: of those in the way, else of all, the nearest.
fn nearest(
    zone: &Zone,
    from: Position,
    within_m: f64,
    in_the_way: impl Fn(&Volume) -> bool,
) -> Option<(Option<f64>, &Volume)> {
    let alone = [Dataset { source: Source::default(), zones: vec![zone.clone()], report: Report::default() }];
    let index = Index::new(&alone);
    let near = index.beside(Reach { from, to: from, home: None, within_m });
    let order = |near: &&Near<'_>| (near.distance_m, floor_m(near.volume.lower));
    let nearest = near.iter().min_by(|a, b| {
        let way = in_the_way(b.volume).cmp(&in_the_way(a.volume));
        let ((a_m, a_floor_m), (b_m, b_floor_m)) = (order(a), order(b));
        way.then(a_m.total_cmp(&b_m)).then(a_floor_m.total_cmp(&b_floor_m))
    })?;
    // The index had a copy of the zone.
    let part = zone.volumes.iter().find(|volume| *volume == nearest.volume)?;
    Some((Some(nearest.distance_m), part))
}

/// The part with the lowest floor.
fn lowest(zone: &Zone) -> Option<&Volume> {
    zone.volumes.iter().min_by(|a, b| floor_m(a.lower).total_cmp(&floor_m(b.lower)))
}

/// Whether a flight that keeps to the height all drones keep to may come up to a floor.
fn may_be_reached(floor: Limit, ground_amsl_m: Option<f64>) -> bool {
    let top_amsl_m = ground_amsl_m.unwrap_or(HIGHEST_GROUND_M) + CEILING_AGL_M;
    match floor {
        Limit::Surface => true,
        Limit::Unlimited => false,
        Limit::At(Altitude { metres, datum }) => match datum {
            Datum::Agl => metres <= CEILING_AGL_M,
            Datum::Amsl => metres <= top_amsl_m,
            // Barometers and the ellipsoid differ from the sea's level by less.
            Datum::Ellipsoid | Datum::StandardPressure => metres - DATUM_MARGIN_M <= top_amsl_m,
        },
    }
}

fn floor_m(limit: Limit) -> f64 {
    match limit {
        Limit::Surface => f64::NEG_INFINITY,
        Limit::At(altitude) => altitude.metres,
        Limit::Unlimited => f64::INFINITY,
    }
}

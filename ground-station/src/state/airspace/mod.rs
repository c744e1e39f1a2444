//! What each zone asks of this flight, now; and which limit is next. Pure.

pub(crate) mod outline;
mod words;

use jiff::Timestamp;
use mission_profiles::authorisation::{Ask, Authorisation, Lack, State};
use mission_profiles::place::{Datum, Position, direct};
use mission_profiles::profile::{Limits, Sight};
use mission_profiles::route::Route;
use mission_profiles::zones::{
    Applies, Dataset, Index, Near, Period, Reach, Reference, Restriction, Span, Spans, Surroundings, Volume, Zone,
};

pub(crate) use words::{limits, metres};

/// Zones farther off are judged where they are, not where the flight comes nearest, metres.
const ABOUT_M: f64 = 30_000.0;
/// How far ahead a limit is looked for, seconds.
const AHEAD_S: f64 = 120.0;
/// A limit farther off than this is not the next one, metres.
const NEXT_M: f64 = 10_000.0;

/// What a zone asks of a flight, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Asks {
    /// Nothing: it is not in the way.
    Note,
    /// Nothing more: a permission is in force.
    Held,
    /// To tell somebody, or to keep its conditions.
    CallFirst,
    /// Nobody knows: it was kept as bounds, and blocks.
    Uncertain,
    /// A permission that is not there.
    Blocks,
}

impl Asks {
    /// Whether a flight must stay out.
    pub(crate) fn blocks(self) -> bool {
        matches!(self, Self::Blocks | Self::Uncertain)
    }

    /// In the pilot's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Blocks => "Blocks",
            Self::Uncertain => "Uncertain",
            Self::CallFirst => "Call first",
            Self::Held => "Held",
            Self::Note => "Note",
        }
    }
}

/// How one volume of a zone stands to a flight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stand {
    /// Which dataset, in the order of the datasets;
    pub(crate) dataset: usize,
    /// which of its zones;
    pub(crate) zone: usize,
    /// which of its volumes.
    pub(crate) volume: usize,
    /// What it asks.
    pub(crate) asks: Asks,
    /// The same in words: `no permission`, `held until 15:00 UTC`.
    pub(crate) words: String,
    /// From the take-off, metres; 0 inside, nothing where nobody has said where that is, or it is far.
    pub(crate) near_m: Option<f64>,
}

impl Stand {
    /// The zone it is about.
    pub(crate) fn zone<'a>(&self, datasets: &'a [Dataset]) -> Option<&'a Zone> {
        datasets.get(self.dataset)?.zones.get(self.zone)
    }

    /// The volume it is about.
    pub(crate) fn volume<'a>(&self, datasets: &'a [Dataset]) -> Option<&'a Volume> {
        self.zone(datasets)?.volumes.get(self.volume)
    }
}

/// The flight that zones are held against.
pub(crate) struct Flight<'a> {
    /// The zones.
    pub(crate) index: &'a Index<'a>,
    /// The unit's permissions.
    pub(crate) authorisations: &'a [Authorisation],
    /// What it keeps to.
    pub(crate) limits: Limits,
    /// Who flies,
    pub(crate) pilot: &'a str,
    /// and with what.
    pub(crate) aircraft: &'a str,
    /// The take-off, the ground and the air.
    pub(crate) surroundings: Surroundings<'a>,
    /// The way, where it is planned.
    pub(crate) route: Option<&'a Route>,
    /// In the air from then
    pub(crate) from: Timestamp,
    /// until then.
    pub(crate) to: Timestamp,
    /// Now.
    pub(crate) now: Timestamp,
}

/// How every volume of the datasets stands to a flight.
pub(crate) fn stands(datasets: &[Dataset], flight: &Flight<'_>) -> Vec<Stand> {
    let home = flight.surroundings.home;
    let about = flight.index.beside(Reach { from: home, to: home, home: None, within_m: ABOUT_M });
    let entered = entered(flight);
    let mut stands = Vec::new();
    for (d, dataset) in datasets.iter().enumerate() {
        for (z, zone) in dataset.zones.iter().enumerate() {
            for (v, volume) in zone.volumes.iter().enumerate() {
                let is = |near: &&Near<'_>| std::ptr::eq(near.volume, volume);
                let near = about.iter().find(is);
                let inside = near.is_some_and(|near| near.distance_m <= 0.0);
                let at = if inside { home } else { volume.outline.somewhere() };
                let reaches: Vec<_> =
                    entered.iter().filter(|(met, _)| std::ptr::eq(*met, volume)).map(|(_, reach)| *reach).collect();
                let (asks, words) = flight.judge(zone, volume, at, reaches);
                let near_m = near.map(|near| near.distance_m);
                stands.push(Stand { dataset: d, zone: z, volume: v, asks, words, near_m });
            }
        }
    }
    stands
}

/// The volumes that the route passes over, under or through, with the ways and the heights there.
fn entered<'a>(flight: &Flight<'a>) -> Vec<(&'a Volume, (Reach, Spans))> {
    let limits = &flight.limits;
    let stretches = flight.route.into_iter().flat_map(|route| &route.stretches);
    let mut entered = Vec::new();
    for stretch in stretches {
        let within_m = limits.beside_m + stretch.round_m;
        let reach = Reach { from: stretch.from, to: stretch.to, home: None, within_m };
        let (ground, _) = flight.surroundings.ground(&[stretch.from, stretch.to], within_m);
        let spans = stretch.spans(&flight.surroundings, ground, limits.above_m);
        entered.extend(flight.index.beside(reach).into_iter().map(|near| (near.volume, (reach, spans))));
    }
    entered
}

impl Flight<'_> {
    /// What a volume asks, and in words; `reaches` is what is flown over its ground, else the whole height of the profile counts.
    fn judge(&self, zone: &Zone, volume: &Volume, at: Position, mut reaches: Vec<(Reach, Spans)>) -> (Asks, String) {
        if zone.restriction == Restriction::None {
            return (Asks::Note, "for information".into());
        }
        let Applies::During(_) = zone.applies(self.from, self.to, at) else {
            return (Asks::Note, "not active then".into());
        };
        if reaches.is_empty() {
            let reach = Reach { from: at, to: at, home: None, within_m: 0.0 };
            reaches.push((reach, self.up_to_its_limit(at)));
        }
        reaches.retain(|(_, heights)| heights.may_be_within(volume.lower, volume.upper));
        if reaches.is_empty() {
            return (Asks::Note, "above or below you".into());
        }
        let planned = self.route.is_some();
        if let Some(words) = self.held(zone, reaches, planned) {
            return (Asks::Held, words);
        }
        match zone.restriction {
            _ if zone.is_uncertain() => (Asks::Uncertain, "parts could not be read".into()),
            Restriction::Conditional => (Asks::CallFirst, "call first".into()),
            Restriction::None => (Asks::Note, "for information".into()),
            Restriction::AskFirst | Restriction::Prohibited => (Asks::Blocks, self.lacking(zone)),
        }
    }

    /// From the ground to the profile's limit, there.
    fn up_to_its_limit(&self, at: Position) -> Spans {
        let (ground, _) = self.surroundings.ground(&[at], self.limits.beside_m);
        let heights = Span { low_m: 0.0, high_m: self.limits.height_agl_m };
        self.surroundings.spans(heights, Reference::Datum(Datum::Agl), ground)
    }

    /// Until when a permission holds for it, in words. Where no route is planned, heights and area are not yet known to be kept: a
    /// permission that lacks nothing else is held.
    fn held(&self, zone: &Zone, reaches: Vec<(Reach, Spans)>, planned: bool) -> Option<String> {
        let ask = Ask {
            zone,
            reaches,
            from: self.from,
            to: self.to,
            now: self.now,
            pilot: self.pilot,
            aircraft: self.aircraft,
            vlos: self.limits.sight == Sight::Vlos,
            range_m: self.limits.range_m,
        };
        let open = |lack: &Lack| !planned && matches!(lack, Lack::Height | Lack::Area(_));
        let about = |permission: &Authorisation, lacks: &[Lack]| {
            permission.zones.contains(&zone.identifier) || !lacks.iter().any(|lack| matches!(lack, Lack::Area(_)))
        };
        let holds = |permission: &&Authorisation| {
            let lacks = permission.lacks(&ask);
            about(permission, &lacks) && lacks.iter().all(open)
        };
        let permission = self.authorisations.iter().find(holds)?;
        let now = |window: &&Period| {
            window.from.is_none_or(|from| from <= self.to) && window.to.is_none_or(|to| to >= self.from)
        };
        let until = permission.windows.iter().filter(now).filter_map(|window| window.to).max();
        let until = until.map(|until| format!(" until {}", self.moment(until))).unwrap_or_default();
        Some(format!("held: {}{until}", permission.id))
    }

    /// `15:00 UTC`; with its day where that is not within a day from now.
    fn moment(&self, at: Timestamp) -> String {
        let soon = at.duration_since(self.now).as_hours() < 20;
        at.strftime(if soon { "%H:%M UTC" } else { "%H:%M UTC %-d %b %Y" }).to_string()
    }

    /// Why a zone blocks: what the permission for it that came farthest is.
    fn lacking(&self, zone: &Zone) -> String {
        let about = self.authorisations.iter().filter(|permission| permission.zones.contains(&zone.identifier));
        let said = |state: State| match state {
            State::InPrinciple => Some("only in principle"),
            State::Applied => Some("only applied for"),
            State::Suspended => Some("suspended"),
            State::Refused => Some("refused"),
            State::Activated => Some("permission does not cover this"),
            State::Draft | State::Closed | State::Expired => None,
        };
        let words = about.filter_map(|permission| said(permission.state())).next();
        words.unwrap_or(if zone.restriction == Restriction::Prohibited { "prohibited" } else { "no permission" }).into()
    }
}

/// The limit that is next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NextLimit {
    /// Which zone.
    pub(crate) name: String,
    /// What it asks.
    pub(crate) asks: Asks,
    /// To its edge, metres; 0 inside.
    pub(crate) distance_m: f64,
    /// Seconds until it is reached on this course; nothing where the course does not lead there.
    pub(crate) in_s: Option<f64>,
    /// Where the course meets its edge.
    pub(crate) at: Option<Position>,
}

/// How something moves: degrees from north, metres a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    /// Over the ground.
    pub(crate) course_deg: f64,
    /// Over the ground.
    pub(crate) speed_ms: f64,
}

/// The next limit of what blocks or asks: ahead on the course, where there is one; else the nearest about.
pub(crate) fn next_limit(
    datasets: &[Dataset],
    index: &Index<'_>,
    stands: &[Stand],
    at: Position,
    course: Option<Course>,
) -> Option<NextLimit> {
    let asks = |near: &Near<'_>| {
        let of =
            stands.iter().find(|stand| stand.volume(datasets).is_some_and(|known| std::ptr::eq(known, near.volume)));
        of.map(|stand| stand.asks).filter(|asks| *asks >= Asks::CallFirst)
    };
    let ahead = course.filter(|course| course.speed_ms > 0.5).and_then(|course| {
        let to = direct(at, course.course_deg, course.speed_ms * AHEAD_S);
        let reach = Reach { from: at, to, home: None, within_m: 0.0 };
        let met = index.beside(reach).into_iter().filter_map(|near| asks(&near).map(|asks| (near, asks)));
        let first =
            met.map(|(near, asks)| (index.until_m(&near, reach), near, asks)).min_by(|a, b| a.0.total_cmp(&b.0));
        first.map(|(distance_m, near, asks)| NextLimit {
            name: near.zone.name.clone(),
            asks,
            distance_m,
            in_s: Some(distance_m / course.speed_ms),
            at: Some(direct(at, course.course_deg, distance_m)),
        })
    });
    ahead.or_else(|| {
        let about = index.beside(Reach { from: at, to: at, home: None, within_m: NEXT_M });
        let near = about.into_iter().filter_map(|near| asks(&near).map(|asks| (near, asks)));
        let (near, asks) = near.min_by(|a, b| a.0.distance_m.total_cmp(&b.0.distance_m))?;
        Some(NextLimit { name: near.zone.name.clone(), asks, distance_m: near.distance_m, in_s: None, at: None })
    })
}

#[cfg(test)]
mod tests;

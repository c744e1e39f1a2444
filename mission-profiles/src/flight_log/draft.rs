//! From telemetry to an entry: a pure machine that knows when the aircraft left the ground, and when it came back.

use jiff::{SignedDuration, Timestamp};

use super::{Entry, Header, Moment, day_and_night};
use crate::place::{Position, inverse};

/// On the ground for so long, the flight is over: a hop is none.
const LANDED: SignedDuration = SignedDuration::from_secs(5);
/// Without telemetry for so long, the flight ends with the last that was heard.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);
/// Steps that are longer are a jump of the receiver, and no way flown, metres a second.
const FASTEST_MS: f64 = 60.0;

/// What the vehicle says of itself at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
    /// Above the take-off, metres.
    pub height_m: f64,
    /// Off the ground.
    pub in_air: bool,
    /// Of the battery, per cent, where it says so.
    pub battery_percent: Option<f64>,
}

/// Drafts entries.
#[derive(Debug)]
pub struct Drafter {
    header: Header,
    flown: Option<Flown>,
}

#[derive(Debug)]
struct Flown {
    first: Sample,
    last: Sample,
    /// The last in the air.
    aloft: Sample,
    highest_m: f64,
    farthest_m: f64,
    distance_m: f64,
}

impl Drafter {
    /// For flights of which this is known beforehand.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { header, flown: None }
    }

    /// Whether a flight has begun and not ended.
    #[must_use]
    pub fn is_flying(&self) -> bool {
        self.flown.is_some()
    }

    /// Takes a sample; gives the entry of a flight that has ended. Samples that go back in time are left out.
    pub fn hear(&mut self, sample: Sample) -> Option<Entry> {
        let Some(flown) = &mut self.flown else {
            self.flown = sample.in_air.then(|| Flown::begin(sample));
            return None;
        };
        if sample.at <= flown.last.at {
            return None;
        }
        if sample.at.duration_since(flown.last.at) > SILENCE {
            let entry = self.end();
            self.flown = sample.in_air.then(|| Flown::begin(sample));
            return entry;
        }
        flown.go_on(sample);
        let over = !sample.in_air && sample.at.duration_since(flown.aloft.at) >= LANDED;
        if over { self.end() } else { None }
    }

    /// The entry of the flight that is under way, ended with the last that was heard: when the station shuts down.
    pub fn end(&mut self) -> Option<Entry> {
        self.flown.take().map(|flown| flown.entry(self.header.clone()))
    }
}

impl Flown {
    fn begin(first: Sample) -> Self {
        Self { first, last: first, aloft: first, highest_m: first.height_m.max(0.0), farthest_m: 0.0, distance_m: 0.0 }
    }

    fn go_on(&mut self, sample: Sample) {
        let step_m = inverse(self.last.position, sample.position).distance_m;
        let step_s = sample.at.duration_since(self.last.at).as_secs_f64();
        self.last = sample;
        if !sample.in_air {
            return;
        }
        self.aloft = sample;
        self.highest_m = self.highest_m.max(sample.height_m);
        if step_m <= FASTEST_MS * step_s.max(1.0) {
            self.distance_m += step_m;
            self.farthest_m = self.farthest_m.max(inverse(self.first.position, sample.position).distance_m);
        }
    }

    fn entry(self, header: Header) -> Entry {
        let moment = |sample: Sample| Moment {
            at: sample.at,
            lat_deg: sample.position.lat_deg,
            lon_deg: sample.position.lon_deg,
        };
        let (day_s, night_s) = day_and_night(self.first.at, self.aloft.at, self.first.position);
        Entry {
            header,
            take_off: moment(self.first),
            landing: moment(self.aloft),
            day_s,
            night_s,
            highest_m: self.highest_m,
            farthest_m: self.farthest_m,
            distance_m: self.distance_m,
            battery_percent: self.first.battery_percent.zip(self.last.battery_percent).map(|(from, to)| [from, to]),
            remarks: String::new(),
            defects: Vec::new(),
            incidents: Vec::new(),
            record: None,
        }
    }
}

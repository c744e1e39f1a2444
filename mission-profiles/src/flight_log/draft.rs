//! From telemetry to an entry: a pure machine that knows when the aircraft left the ground, and when it came back.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::light::night_s;
use super::track::Track;
use super::{Entry, Header, Moment, Schema, id_of};
use crate::place::{Position, inverse};

/// On the ground for so long with motors turning, the flight is over: a hop is none.
const LANDED: SignedDuration = SignedDuration::from_secs(5);
/// Without telemetry for so long, the flight ends with the last that was heard.
pub(super) const SILENCE: SignedDuration = SignedDuration::from_mins(10);
/// A silence of so long is noted.
const QUIET: SignedDuration = SignedDuration::from_secs(30);
/// A clock that moves so far against one that nobody sets was set itself.
const STEPPED: SignedDuration = SignedDuration::from_secs(2);
/// Steps that are longer are a jump of the receiver, and no way flown, metres a second.
const FASTEST_MS: f64 = 60.0;
/// Notes of one flight; further ones are left out.
const MOST_NOTES: usize = 20;

/// What the vehicle says of itself at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// When, by the station's time of day.
    pub at: Timestamp,
    /// By the station's clock that nobody sets, milliseconds.
    pub mono_ms: u64,
    /// Where; `None` while the vehicle has no fix.
    pub position: Option<Position>,
    /// Above the take-off, metres, where the vehicle says.
    pub height_m: Option<f64>,
    /// Motors turn.
    pub armed: bool,
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
    /// The next sample's `mono_ms` counts from another beginning.
    taken_up: bool,
}

#[derive(Debug)]
struct Flown {
    first: Sample,
    last: Sample,
    /// The last in the air,
    aloft: Sample,
    /// and how long after the first it was.
    aloft_after: SignedDuration,
    /// From the first to the last.
    elapsed: SignedDuration,
    /// The first and the last known place.
    places: Option<[Position; 2]>,
    battery: Option<[f64; 2]>,
    /// Since when the vehicle has not known where it is, after the first.
    lost_at: Option<SignedDuration>,
    highest_m: Option<f64>,
    farthest_m: f64,
    distance_m: f64,
    track: Track,
    notes: Vec<String>,
}

/// How a flight ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Landed,
    /// Nobody saw it land.
    Unseen,
}

impl Drafter {
    /// For flights of which this is known beforehand.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { header, flown: None, taken_up: false }
    }

    /// Whether a flight has begun and not ended.
    #[must_use]
    pub fn is_flying(&self) -> bool {
        self.flown.is_some()
    }

    /// What follows is heard by another run of the program, after a restart.
    pub fn taken_up(&mut self) {
        self.taken_up = true;
    }

    /// Takes a sample; gives the entry of a flight that has ended. Samples that are older than the last are left out.
    pub fn hear(&mut self, sample: Sample) -> Option<Entry> {
        let another_run = std::mem::take(&mut self.taken_up);
        let Some(flown) = &mut self.flown else {
            self.flown = (sample.armed && sample.in_air).then(|| Flown::begin(sample));
            return None;
        };
        let step = if another_run { flown.last.restart(&sample) } else { flown.last.until(&sample)? };
        if step > SILENCE {
            let entry = self.end();
            self.flown = (sample.armed && sample.in_air).then(|| Flown::begin(sample));
            return entry;
        }
        flown.go_on(sample, step, another_run);
        let down = !sample.armed || (!sample.in_air && flown.elapsed - flown.aloft_after >= LANDED);
        if down { self.over(Ended::Landed) } else { None }
    }

    /// The entry of the flight that is under way, ended with the last that was heard.
    pub fn end(&mut self) -> Option<Entry> {
        let on_the_ground = self.flown.as_ref().is_some_and(|flown| !flown.last.in_air);
        self.over(if on_the_ground { Ended::Landed } else { Ended::Unseen })
    }

    fn over(&mut self, how: Ended) -> Option<Entry> {
        self.flown.take().map(|flown| flown.entry(self.header.clone(), how))
    }
}

impl Sample {
    /// The name of a flight that begins with it.
    #[must_use]
    pub fn id(&self, aircraft: &str) -> String {
        id_of(self.at, aircraft)
    }

    /// From this one to the next of the same run; `None` where that is no later.
    fn until(&self, next: &Self) -> Option<SignedDuration> {
        let step_ms = next.mono_ms.checked_sub(self.mono_ms).filter(|step_ms| *step_ms > 0)?;
        Some(SignedDuration::from_millis(i64::try_from(step_ms).unwrap_or(i64::MAX)))
    }

    /// From this one to the next of another run: only the time of day can tell.
    fn restart(&self, next: &Self) -> SignedDuration {
        next.at.duration_since(self.at).max(SignedDuration::ZERO)
    }
}

impl Flown {
    fn begin(first: Sample) -> Self {
        let mut track = Track::new();
        track.take(&first);
        Self {
            first,
            last: first,
            aloft: first,
            aloft_after: SignedDuration::ZERO,
            elapsed: SignedDuration::ZERO,
            places: first.position.map(|place| [place; 2]),
            battery: first.battery_percent.map(|percent| [percent; 2]),
            lost_at: first.position.is_none().then_some(SignedDuration::ZERO),
            highest_m: first.height_m.map(|height_m| height_m.max(0.0)),
            farthest_m: 0.0,
            distance_m: 0.0,
            track,
            notes: Vec::new(),
        }
    }

    fn go_on(&mut self, sample: Sample, step: SignedDuration, another_run: bool) {
        let before = std::mem::replace(&mut self.last, sample);
        self.elapsed += step;
        if another_run {
            self.note(format!("the station began anew in flight and heard nothing for {} s", step.as_secs()));
        } else {
            let set = sample.at.duration_since(before.at) - step;
            if set.abs() >= STEPPED {
                self.note(format!(
                    "the station's clock was set by {:+} s in flight: times are by the clock as it was at the landing",
                    set.as_secs()
                ));
            }
            if step >= QUIET {
                self.note(format!("nothing was heard for {} s from {} on", step.as_secs(), before.at));
            }
        }
        if let Some(percent) = sample.battery_percent {
            self.battery = Some([self.battery.map_or(percent, |[from, _]| from), percent]);
        }
        if !sample.in_air {
            return;
        }
        (self.aloft, self.aloft_after) = (sample, self.elapsed);
        self.highest_m = self.highest_m.into_iter().chain(sample.height_m).reduce(f64::max);
        self.went(&sample, step);
    }

    /// Adds the way from the last known place.
    fn went(&mut self, sample: &Sample, step: SignedDuration) {
        let Some(place) = sample.position else {
            self.lost_at.get_or_insert(self.elapsed);
            return;
        };
        let lost = self.lost_at.take().map_or(SignedDuration::ZERO, |since| self.elapsed - since);
        if lost >= QUIET {
            self.note(format!("the aircraft did not know where it was for {} s", lost.as_secs()));
        }
        let Some([home, last]) = &mut self.places else {
            self.places = Some([place; 2]);
            self.track.take(sample);
            return;
        };
        let way_m = inverse(*last, place).distance_m;
        if way_m <= FASTEST_MS * (step + lost).as_secs_f64().max(1.0) {
            self.distance_m += way_m;
            self.farthest_m = self.farthest_m.max(inverse(*home, place).distance_m);
            self.track.take(sample);
        }
        *last = place;
    }

    fn note(&mut self, what: String) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(what);
        }
    }

    fn entry(mut self, header: Header, how: Ended) -> Entry {
        let lost = self.lost_at.map_or(SignedDuration::ZERO, |since| self.aloft_after - since);
        if self.places.is_none() {
            self.note("the aircraft never knew where it was".to_owned());
        } else if lost >= QUIET {
            self.note(format!("the aircraft did not know where it was for the last {} s", lost.as_secs()));
        }
        if how == Ended::Unseen {
            self.note("nobody heard it land: the flight ends with the last that was heard in the air".to_owned());
        }
        // By the newest reading of the clock: whoever set it had a reason.
        let landed = self.aloft.at;
        let took_off = landed.checked_sub(self.aloft_after).unwrap_or(self.first.at);
        let at = |at, place: Option<Position>| Moment { at, place: place.map(|it| [it.lat_deg, it.lon_deg]) };
        let places = self.places;
        Entry {
            schema: Schema::V1,
            id: id_of(took_off, &header.serial),
            header,
            take_off: at(took_off, self.first.position.or(places.map(|[home, _]| home))),
            landing: at(landed, self.aloft.position.or(places.map(|[_, last]| last))),
            aloft_s: u32::try_from(self.aloft_after.as_secs()).unwrap_or(0),
            night_s: places.map(|[home, _]| night_s(took_off, landed, home)),
            highest_m: self.highest_m,
            farthest_m: self.farthest_m,
            distance_m: self.distance_m,
            battery_percent: self.battery,
            notes: self.notes,
            remarks: String::new(),
            defects: Vec::new(),
            incidents: Vec::new(),
            records: Vec::new(),
            track: self.track.points(),
        }
    }
}

//! Whether a permission covers what is to be flown; and if not, what it lacks.

use std::fmt;

use jiff::Timestamp;

use super::{Authorisation, Kind, State};
use crate::place::{Position, SunEvent, sun};
use crate::zones::{Applies, Outline, Reach, Spans, Zone, applies, holds};

/// What is to be flown in a zone.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The zone.
    pub zone: &'a Zone,
    /// What is flown there, and how high: the reach's `within_m` is how far the aircraft may be beside its way.
    pub reaches: Vec<(Reach, Spans)>,
    /// From then
    pub from: Timestamp,
    /// until then.
    pub to: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// Who flies.
    pub pilot: &'a str,
    /// With what: its serial number.
    pub aircraft: &'a str,
    /// Whether within sight.
    pub vlos: bool,
    /// How far from the pilot, metres.
    pub range_m: f64,
}

/// What a permission lacks.
#[derive(Debug, Clone, PartialEq)]
pub enum Lack {
    /// It is about another zone, and another place.
    Zone,
    /// It is no permission yet, or no longer.
    State(State),
    /// It does not hold all the while.
    Time,
    /// It ends while the flight is under way, then.
    Ends(Timestamp),
    /// The flight may leave its area, here.
    Area(Position),
    /// The flight may be below or above its heights.
    Height,
    /// It is not this pilot's.
    Pilot,
    /// It is not this aircraft's.
    Aircraft,
    /// It asks for daylight.
    Daylight,
    /// It asks to be flown within sight.
    Sight,
    /// It does not allow that range, metres.
    Range(f64),
    /// It is of a kind that opens no airspace.
    Kind(Kind),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone => f.write_str("is for another zone"),
            Self::State(state) => write!(f, "is {state}, which is no permission"),
            Self::Time => f.write_str("does not hold at that time"),
            Self::Ends(at) => write!(f, "ends at {at}, while the flight may still be under way"),
            Self::Area(at) => {
                write!(f, "covers an area that the flight may leave, at {:.5}, {:.5}", at.lat_deg, at.lon_deg)
            }
            Self::Height => f.write_str("does not cover the heights that the flight may reach"),
            Self::Pilot => f.write_str("does not name this pilot"),
            Self::Aircraft => f.write_str("does not name this aircraft"),
            Self::Daylight => f.write_str("holds by daylight only"),
            Self::Sight => f.write_str("holds within visual line of sight only"),
            Self::Range(most_m) => write!(f, "holds within {most_m:.0} m of the pilot only"),
            Self::Kind(_) => f.write_str("opens no airspace"),
        }
    }
}

impl Authorisation {
    /// What this lacks to cover `ask`: nothing, when it covers it.
    #[must_use]
    pub fn lacks(&self, ask: &Ask<'_>) -> Vec<Lack> {
        let mut lacks = Vec::new();
        if matches!(self.kind, Kind::Landowner | Kind::Covert) {
            lacks.push(Lack::Kind(self.kind));
        }
        if !self.zones.contains(&ask.zone.identifier) && self.area.is_empty() {
            lacks.push(Lack::Zone);
        }
        match self.state() {
            State::Activated => {}
            state => lacks.push(Lack::State(state)),
        }
        lacks.extend(self.time(ask));
        lacks.extend(self.place(ask));
        if !ask.reaches.iter().all(|(_, heights)| heights.are_within(self.lower, self.upper)) || self.is_too_high(ask) {
            lacks.push(Lack::Height);
        }
        let named = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        let plain = [
            (!named(&self.pilots, ask.pilot), Lack::Pilot),
            (!named(&self.aircraft, ask.aircraft), Lack::Aircraft),
            (self.limits.vlos && !ask.vlos, Lack::Sight),
            (self.limits.daylight && !self.by_day(ask), Lack::Daylight),
        ];
        lacks.extend(plain.into_iter().filter(|(lacks, _)| *lacks).map(|(_, lack)| lack));
        lacks.extend(self.limits.range_m.filter(|most_m| ask.range_m > *most_m).map(Lack::Range));
        lacks
    }

    /// It must hold from the beginning to the end without a break.
    fn time(&self, ask: &Ask<'_>) -> Option<Lack> {
        if self.windows.is_empty() {
            return Some(Lack::Time);
        }
        let place = ask.reaches.first().map_or(Position { lat_deg: 0.0, lon_deg: 0.0 }, |(reach, _)| reach.from);
        match applies(&self.windows, ask.from, ask.to, place) {
            Applies::During(parts) => match parts.first() {
                Some((from, to)) if *from <= ask.from && *to >= ask.to => None,
                Some((from, to)) if *from <= ask.from => Some(Lack::Ends(*to)),
                _ => Some(Lack::Time),
            },
            Applies::Never => Some(Lack::Time),
        }
    }

    fn place(&self, ask: &Ask<'_>) -> Option<Lack> {
        if self.area.is_empty() {
            return None;
        }
        let outside = |reach: &&(Reach, Spans)| !self.area.iter().any(|outline: &Outline| holds(outline, reach.0));
        ask.reaches.iter().find(outside).map(|(reach, _)| Lack::Area(reach.from))
    }

    fn is_too_high(&self, ask: &Ask<'_>) -> bool {
        self.limits
            .height_agl_m
            .is_some_and(|most_m| ask.reaches.iter().any(|(_, heights)| heights.agl.high_m > most_m))
    }

    /// Whether all of it is between sunrise and sunset of one day; where the sun does not set, or not rise, nobody can say.
    fn by_day(&self, ask: &Ask<'_>) -> bool {
        let place = ask.reaches.first().map(|(reach, _)| reach.from);
        let date = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let light = |day| Some((sun(SunEvent::Sunrise, day, place?)?, sun(SunEvent::Sunset, day, place?)?));
        light(date(ask.from)).is_some_and(|(rise, set)| rise <= ask.from && ask.to <= set)
    }
}

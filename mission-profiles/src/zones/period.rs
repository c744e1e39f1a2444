//! When a zone or a permission holds: from, to, days of the week, hours by the clock or by the sun.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::place::{Position, SunEvent, sun};

/// Windows longer than this are not looked into: the zone counts as holding all the while.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 32);
/// How far the sun's rise and setting may be from the computed: refraction, and hills.
const SUN_MARGIN: SignedDuration = SignedDuration::from_mins(3);

/// A time in which something holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Period {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
    /// On these hours of these days; all day, when there is none.
    pub daily: Vec<Daily>,
}

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// On these days.
    pub days: Days,
    /// From this,
    pub start: Mark,
    /// to this, on the next day when it is not later.
    pub end: Mark,
    /// By the calendar of this zone.
    pub zone: Zonal,
}

/// Days of the week, a bit each, Monday's the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(pub u8);

impl Days {
    /// All.
    pub const ANY: Self = Self(0b111_1111);

    /// Reads `MON`, `Tuesday`, `ANY`: one day, or all.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        const NAMES: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let text = text.trim().to_ascii_uppercase();
        if text == "ANY" {
            return Some(Self::ANY);
        }
        // Abbreviations have two letters or more: `MO`, `TUES`, `THURS`.
        let day = NAMES.iter().position(|name| text.len() >= 2 && name.starts_with(&text))?;
        Some(Self(1 << day))
    }

    /// These and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, day: Weekday) -> bool {
        self.0 >> day.to_monday_zero_offset() & 1 == 1
    }
}

/// An instant of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// By the clock.
    Clock(Time),
    /// The midnight that ends the day.
    Midnight,
    /// By the sun.
    Sun(SunEvent),
}

/// Whose calendar and clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Zonal {
    /// UTC, or hours from it.
    Fixed(TimeZone),
    /// A place's own, with its summer time, by the zone's name.
    Local(String),
}

/// When, of a window, something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// Never.
    Never,
    /// In these parts of it, in order, apart.
    During(Vec<(Timestamp, Timestamp)>),
}

impl Applies {
    /// Whether at any time.
    #[must_use]
    pub fn at_all(&self) -> bool {
        matches!(self, Self::During(_))
    }
}

/// When `periods` (always, if none) hold between `from` and `to` at `place`.
pub(crate) fn applies(periods: &[Period], from: Timestamp, to: Timestamp, place: Position) -> Applies {
    let mut parts: Vec<_> = periods.iter().flat_map(|period| period.within(from, to, place)).collect();
    if periods.is_empty() {
        parts.push((from, to));
    }
    parts.sort_unstable();
    let mut apart: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (start, end) in parts {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    if apart.is_empty() { Applies::Never } else { Applies::During(apart) }
}

impl Period {
    fn within(&self, from: Timestamp, to: Timestamp, place: Position) -> Vec<(Timestamp, Timestamp)> {
        let (from, to) = (self.from.map_or(from, |begin| begin.max(from)), self.to.map_or(to, |end| end.min(to)));
        if from > to {
            return Vec::new();
        }
        if self.daily.is_empty() || to.duration_since(from) > LONGEST {
            return vec![(from, to)];
        }
        let clip = |(start, end): (Timestamp, Timestamp)| {
            let (start, end) = (start.max(from), end.min(to));
            (start <= end).then_some((start, end))
        };
        self.daily.iter().flat_map(|daily| daily.between(from, to, place)).filter_map(clip).collect()
    }
}

impl Daily {
    fn between(&self, from: Timestamp, to: Timestamp, place: Position) -> Vec<(Timestamp, Timestamp)> {
        let zone = match &self.zone {
            Zonal::Fixed(zone) => zone.clone(),
            // A zone that nobody knows holds on every clock.
            Zonal::Local(name) => match TimeZone::get(name) {
                Ok(zone) => zone,
                Err(_) => return vec![(from, to)],
            },
        };
        let day = SignedDuration::from_hours(24);
        let first = from.checked_sub(day).unwrap_or(Timestamp::MIN).to_zoned(zone.clone()).date();
        let last = to.checked_add(day).unwrap_or(Timestamp::MAX).to_zoned(zone.clone()).date();
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| *date <= last);
        dates.filter(|date| self.days.has(date.weekday())).map(|date| self.on(date, &zone, place)).collect()
    }

    /// The hours of `date`; the whole day where the sun gives none.
    fn on(&self, date: Date, zone: &TimeZone, place: Position) -> (Timestamp, Timestamp) {
        let start =
            instant(self.start, date, zone, place).map(|at| if self.start.is_sun() { at - SUN_MARGIN } else { at });
        let end = instant(self.end, date, zone, place);
        let end = match (start, end) {
            (Some(start), Some(end)) if end <= start => {
                date.tomorrow().ok().and_then(|next| instant(self.end, next, zone, place))
            }
            _ => end,
        };
        let end = end.map(|at| if self.end.is_sun() { at + SUN_MARGIN } else { at });
        let whole = |day: Date| instant(Mark::Clock(Time::midnight()), day, zone, place);
        (
            start.or_else(|| whole(date)).unwrap_or(Timestamp::MIN),
            end.or_else(|| date.tomorrow().ok().and_then(whole)).unwrap_or(Timestamp::MAX),
        )
    }
}

impl Mark {
    fn is_sun(self) -> bool {
        matches!(self, Self::Sun(_))
    }
}

fn instant(mark: Mark, date: Date, zone: &TimeZone, place: Position) -> Option<Timestamp> {
    let clock = |date: Date, time: Time| date.to_datetime(time).to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    match mark {
        Mark::Clock(time) => clock(date, time),
        Mark::Midnight => clock(date.checked_add(1.day()).ok()?, Time::midnight()),
        Mark::Sun(event) => sun(event, date, place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn parts(daily: Daily, from: &str, to: &str) -> String {
        let place = Position::new(51.4769, 0.0).unwrap();
        match applies(&[Period { daily: vec![daily], ..Period::default() }], at(from), at(to), place) {
            Applies::Never => "never".into(),
            Applies::During(parts) => parts.iter().map(|(a, b)| format!("{a}/{b}")).collect::<Vec<_>>().join(" "),
        }
    }

    fn london(start: Time, end: Time) -> Daily {
        let zone = Zonal::Local("Europe/London".into());
        Daily { days: Days::ANY, start: Mark::Clock(start), end: Mark::Clock(end), zone }
    }

    #[test]
    fn local_hours_move_with_summer_time() {
        let hours = london(time(9, 0, 0, 0), time(17, 0, 0, 0));
        let held = parts(hours, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
        assert_eq!(held, "2026-03-28T12:00:00Z/2026-03-28T17:00:00Z 2026-03-29T08:00:00Z/2026-03-29T12:00:00Z");
        // 01:30 does not exist on that night: the clocks go from 1 to 2.
        let night = parts(london(time(1, 30, 0, 0), time(3, 0, 0, 0)), "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z");
        assert_eq!(night, "2026-03-29T01:30:00Z/2026-03-29T02:00:00Z");
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_they_begin() {
        let saturday = Daily { days: Days::read("SAT").unwrap(), ..london(time(22, 0, 0, 0), time(2, 0, 0, 0)) };
        let held = parts(saturday, "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z");
        assert_eq!(held, "2026-01-03T22:00:00Z/2026-01-04T02:00:00Z");
    }

    #[test]
    fn by_the_sun() {
        let zone = Zonal::Fixed(TimeZone::UTC);
        let day =
            Daily { days: Days::ANY, start: Mark::Sun(SunEvent::Sunrise), end: Mark::Sun(SunEvent::Sunset), zone };
        assert_eq!(parts(day.clone(), "2026-06-21T00:00:00Z", "2026-06-21T03:00:00Z"), "never");
        assert!(
            parts(day, "2026-06-21T12:00:00Z", "2026-06-21T23:00:00Z")
                .starts_with("2026-06-21T12:00:00Z/2026-06-21T20:2")
        );
    }

    #[test]
    fn without_periods_always_and_outside_them_never() {
        let place = Position::new(0.0, 0.0).unwrap();
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        assert_eq!(applies(&[], from, to, place), Applies::During(vec![(from, to)]));
        let past = Period { to: Some(at("2025-12-31T00:00:00Z")), ..Period::default() };
        assert_eq!(applies(&[past], from, to, place), Applies::Never);
    }
}

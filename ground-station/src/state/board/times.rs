//! Times as people at the station say them: by the clock on the wall, with its zone.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use mission_profiles::place::Position;
use mission_profiles::zones::{Applies, Certainty, Kind, Period, Restriction, Zone};

/// Now, and by which clock times are said.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// Now.
    pub(crate) now: Timestamp,
    /// The station's time zone.
    pub(crate) zone: TimeZone,
}

impl Moment {
    fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    fn is_today(&self, at: Timestamp) -> bool {
        self.local(at).date() == self.local(self.now).date()
    }

    /// `14:11`, in the station's time.
    pub(crate) fn minutes(&self, at: Timestamp) -> String {
        self.local(at).strftime("%H:%M").to_string()
    }

    /// `14:11 BST`.
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        self.local(at).strftime("%H:%M %Z").to_string()
    }

    /// `18 Jun`, with the year when it is another.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        let (there, here) = (self.local(at), self.local(self.now));
        let year = if there.year() == here.year() { "" } else { " %Y" };
        there.strftime(&format!("%-d %b{year}")).to_string()
    }

    /// `11 Jun 10:02 BST`.
    pub(crate) fn day_and_clock(&self, at: Timestamp) -> String {
        format!("{} {}", self.day(at), self.clock(at))
    }

    /// A window in words: `Today 12:00–18:00 BST`, `To 3 Mar 2027`.
    pub(crate) fn window(&self, period: &Period) -> String {
        let hours = if period.daily.is_empty() { "" } else { ", at set hours" };
        let words = match (period.from, period.to) {
            (None, None) => "No end".to_owned(),
            (Some(from), None) => format!("From {}", self.day_and_clock(from)),
            (None, Some(to)) if self.is_today(to) => format!("To {} today", self.clock(to)),
            (None, Some(to)) => format!("To {}", self.day(to)),
            (Some(from), Some(to)) if self.local(from).date() == self.local(to).date() => {
                let day = if self.is_today(from) { "Today".to_owned() } else { self.day(from) };
                format!("{day} {}–{}", self.minutes(from), self.clock(to))
            }
            (Some(from), Some(to)) => format!("{} – {}", self.day_and_clock(from), self.day_and_clock(to)),
        };
        words + hours
    }

    /// The window that holds now, else the next one, else the last; and how many more there are.
    pub(crate) fn windows(&self, windows: &[Period]) -> String {
        let open = |window: &&Period| window.to.is_none_or(|to| to >= self.now);
        let next = windows.iter().filter(open).min_by_key(|window| window.from);
        let Some(shown) = next.or_else(|| windows.iter().max_by_key(|window| window.to)) else {
            return "No time stated: it never counts".into();
        };
        match windows.len() - 1 {
            0 => self.window(shown),
            more => format!("{}, and {more} more", self.window(shown)),
        }
    }

    /// `2 h 18 left`, within a day of the end.
    pub(crate) fn left(&self, end: Timestamp) -> Option<String> {
        let minutes = end.duration_since(self.now).as_mins();
        (0..24 * 60).contains(&minutes).then(|| match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes} min left"),
            (hours, minutes) => format!("{hours} h {minutes:02} left"),
        })
    }

    /// The time today that the clock on the wall shows as `14:11`, or `1411`.
    pub(crate) fn today_at(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        let (hours, minutes) = text.split_once(':').or_else(|| text.split_at_checked(text.len().checked_sub(2)?))?;
        let time = Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()?;
        let date = self.local(self.now).date();
        Some(date.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp())
    }

    /// A date and a time of day, `2026-06-18 12:00`, in the station's time.
    pub(crate) fn read(&self, text: &str) -> Option<Timestamp> {
        let (date, time) = text.trim().split_once([' ', 'T'])?;
        let date: jiff::civil::Date = date.parse().ok()?;
        let (hours, minutes) = time.trim().split_once(':')?;
        let time = Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()?;
        Some(date.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp())
    }

    /// As [`Moment::read`] reads it back.
    pub(crate) fn write(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// Whether one of these windows holds from `from` to `to`, all the while; none, when there is none.
pub(super) fn holds(windows: &[Period], (from, to): (Timestamp, Timestamp), place: Position) -> bool {
    if windows.is_empty() {
        return false;
    }
    let clock = Zone {
        identifier: String::new(),
        name: String::new(),
        kind: Kind::Information,
        restriction: Restriction::None,
        conditions: Vec::new(),
        reasons: Vec::new(),
        volumes: Vec::new(),
        applicability: windows.to_vec(),
        authorities: Vec::new(),
        certainty: Certainty::Whole,
    };
    match clock.applies(from, to, place) {
        Applies::During(parts) => parts.first().is_some_and(|(start, end)| *start <= from && *end >= to),
        Applies::Never => false,
    }
}

//! Instants as files write them: with an offset, without one, as a day, as a count of seconds.

use jiff::{SignedDuration, Timestamp, civil::Date, civil::DateTime, tz::TimeZone};

use super::cursor::{At, short};

/// Clocks that a time without an offset may be by, hours ahead of UTC: those of Europe, and UTC itself.
pub(super) const CLOCKS: std::ops::RangeInclusive<i8> = -1..=3;
/// Counts at least this large are milliseconds since 1970: as seconds they lie after the year 5000.
const MILLISECONDS: f64 = 1e11;

/// What an instant of a file may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The first instant that it may mean,
    pub(super) first: Timestamp,
    /// and the last.
    pub(super) last: Timestamp,
    /// By UTC, where it names no clock; of a day its beginning.
    by_utc: Timestamp,
    /// It is a time of day without an offset: nobody knows by which clock.
    pub(super) is_vague: bool,
}

impl At<'_> {
    /// The instant; none where nothing is said, or the year 9999 stands for never. `Err` with the text when it is none.
    pub(super) fn moment(&self) -> Result<Option<Moment>, String> {
        if self.is_absent() {
            return Ok(None);
        }
        let said = self.text().unwrap_or_else(|| self.value().to_string());
        if said.starts_with("9999-") {
            return Ok(None);
        }
        let exact = |at: Timestamp| Moment { first: at, last: at, by_utc: at, is_vague: false };
        let read = instant(&said).or_else(|| counted(self.number()?)).map(exact).or_else(|| without_offset(&said));
        read.map(Some).ok_or_else(|| short(&said))
    }

    /// The same, where the hour does not matter: the date of issue of a file.
    pub(super) fn instant(&self) -> Result<Option<Timestamp>, String> {
        Ok(self.moment()?.map(|moment| moment.by_utc))
    }
}

/// An instant with its offset; `24:00` is the midnight that ends the day.
pub(super) fn instant(said: &str) -> Option<Timestamp> {
    let midnight = || {
        let (date, rest) = said.split_once("T24:00")?;
        let next = date.parse::<Date>().ok()?.tomorrow().ok()?;
        format!("{next}T00:00{rest}").parse().ok()
    };
    said.parse().ok().or_else(midnight)
}

/// Seconds or milliseconds since 1970.
#[allow(clippy::cast_possible_truncation)]
fn counted(count: f64) -> Option<Timestamp> {
    let milliseconds = if count >= MILLISECONDS { count } else { count * 1e3 };
    (count >= 1e8).then(|| Timestamp::from_millisecond(milliseconds as i64).ok())?
}

/// A day is all of it, by every clock; a time of day the span of what it is by them.
fn without_offset(said: &str) -> Option<Moment> {
    let utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let (begin, end, is_vague) = match said.parse::<Date>() {
        Ok(date) if !said.contains(':') => (utc(date.into())?, utc(date.tomorrow().ok()?.into())?, false),
        _ => {
            let at = utc(said.parse().ok()?)?;
            (at, at, true)
        }
    };
    let hours = |hours: i8| SignedDuration::from_hours(hours.into());
    let first = begin.checked_sub(hours(*CLOCKS.end())).ok()?;
    Some(Moment { first, last: end.checked_sub(hours(*CLOCKS.start())).ok()?, by_utc: begin, is_vague })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: &Value) -> String {
        match At::root(value).moment() {
            Ok(Some(Moment { first, last, .. })) if first == last => first.to_string(),
            Ok(Some(Moment { first, last, is_vague, .. })) => {
                format!("{first}/{last}{}", if is_vague { "?" } else { "" })
            }
            Ok(None) => "none".into(),
            Err(said) => format!("not `{said}`"),
        }
    }

    #[test]
    fn instants_as_states_write_them() {
        for (said, read_as) in [
            (json!("2026-01-01T00:00Z"), "2026-01-01T00:00:00Z"),
            (json!("2026-03-29T02:00:00.000+01:00"), "2026-03-29T01:00:00Z"),
            (json!("2026-03-29T02:00:00+0100"), "2026-03-29T01:00:00Z"),
            (json!("2026-03-29 02:00:00Z"), "2026-03-29T02:00:00Z"),
            (json!("2026-04-14T24:00Z"), "2026-04-15T00:00:00Z"),
            (json!("2026-06-01T08:00:00"), "2026-06-01T05:00:00Z/2026-06-01T09:00:00Z?"),
            (json!("2026-06-01"), "2026-05-31T21:00:00Z/2026-06-02T01:00:00Z"),
            (json!(1_782_853_200_000_i64), "2026-06-30T21:00:00Z"),
            (json!("1782853200"), "2026-06-30T21:00:00Z"),
            (json!("9999-12-31T23:59:59Z"), "none"),
            (json!(""), "none"),
            (json!(null), "none"),
            (json!("soon"), "not `soon`"),
            (json!(12), "not `12`"),
            (json!("2026-13-01"), "not `2026-13-01`"),
        ] {
            assert_eq!(read(&said), read_as, "{said}");
        }
    }
}

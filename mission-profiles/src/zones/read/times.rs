//! When zones hold, as ED-269 (4.3) and ED-318 write it.

use jiff::{
    civil::Time,
    tz::{Offset, TimeZone},
};

use super::super::{Daily, Days, Mark, Period, Zonal};
use super::assembly::Notes;
use super::cursor::{At, short};
use super::moment;
use crate::place::SunEvent;

/// Why a time that names no clock is taken by all of them.
const VAGUE: &str = "no offset from UTC is given: it holds by every clock from UTC-1 to UTC+3";

/// The periods of a zone; what cannot be read holds always.
pub(super) fn periods(list: &At<'_>, notes: &mut Notes) -> Vec<Period> {
    let items = list.items();
    let periods: Vec<_> = items.iter().filter(|item| !item.is_absent()).map(|item| period(item, notes)).collect();
    // One that holds always makes the others idle.
    if periods.iter().any(|period| *period == Period::default()) { Vec::new() } else { periods }
}

fn period(item: &At<'_>, notes: &mut Notes) -> Period {
    if item.field("permanent").says_yes() {
        return Period::default();
    }
    let mut moment = |name: &str| {
        let at = item.field(name);
        let moment = at.moment().unwrap_or_else(|said| {
            notes.doubt(&at.path, format!("`{said}` is no instant"));
            None
        });
        if moment.is_some_and(|moment| moment.is_vague) {
            notes.doubt(&at.path, VAGUE);
        }
        moment
    };
    let (from, to) = (moment("startDateTime"), moment("endDateTime"));
    let (from, to) = (from.map(|moment| moment.first), to.map(|moment| moment.last));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        notes.doubt(&item.path, "it ends before it begins");
        return Period::default();
    }
    // Flat forms have the day's hours beside the dates.
    let schedule = item.any(&["schedule", "dailyPeriod"]);
    let entries = if schedule.is_absent() { vec![item.clone()] } else { schedule.items() };
    let daily: Option<Vec<_>> =
        entries.iter().filter(|entry| says_hours(entry)).map(|entry| hours(entry, notes)).collect();
    Period { from, to, daily: daily.unwrap_or_default().concat() }
}

/// Whether it names a day or an hour; an empty member of a period says nothing.
fn says_hours(entry: &At<'_>) -> bool {
    ["day", "startTime", "endTime", "startEvent", "endEvent"]
        .iter()
        .any(|name| entry.field(name).items().iter().any(|item| !item.is_absent()))
}

/// The hours of a day, by every clock that they may be by. `None` when they cannot be read: then the whole period holds.
fn hours(entry: &At<'_>, notes: &mut Notes) -> Option<Vec<Daily>> {
    let days = days(&entry.field("day"), notes);
    let (start, start_zone) = mark(entry, ["startEvent", "startTime"], Mark::Clock(Time::midnight()), notes)?;
    let (end, end_zone) = mark(entry, ["endEvent", "endTime"], Mark::Midnight, notes)?;
    if start_zone.zip(end_zone).is_some_and(|(start, end)| start != end) {
        notes.doubt(&entry.path, "its times are by two clocks");
        return None;
    }
    let end = if ends_the_day(end) { Mark::Midnight } else { end };
    let by = |zone: Offset| Daily { days, start, end, zone: Zonal::Fixed(TimeZone::fixed(zone)) };
    let says = |name: &str| !entry.field(name).is_absent();
    match start_zone.or(end_zone) {
        Some(zone) => Some(vec![by(zone)]),
        None if says("startTime") || says("endTime") => {
            notes.doubt(&entry.path, VAGUE);
            Some(moment::CLOCKS.map(|hours| by(Offset::constant(hours))).collect())
        }
        None if days != Days::ANY => Some(moment::CLOCKS.map(|hours| by(Offset::constant(hours))).collect()),
        None => Some(vec![by(Offset::UTC)]),
    }
}

/// `00:00` ends the day, and so does its last minute.
fn ends_the_day(mark: Mark) -> bool {
    matches!(mark, Mark::Clock(time) if time == Time::midnight() || time.hour() == 23 && time.minute() == 59)
}

/// The days that a list, or a text such as `MON,TUE` or `MON-FRI`, names; all, where it cannot be read.
fn days(day: &At<'_>, notes: &mut Notes) -> Days {
    let mut days = Days(0);
    for item in day.items().iter().filter(|item| !item.is_absent()) {
        let said = item.code();
        for part in said.split([',', ';', ' ', '/']).filter(|part| !part.is_empty()) {
            let Some(named) = span_of_days(part) else {
                notes.doubt(&item.path, format!("`{}` is no day", short(&said)));
                return Days::ANY;
            };
            days = days.with(named);
        }
    }
    if days == Days(0) { Days::ANY } else { days }
}

fn span_of_days(said: &str) -> Option<Days> {
    let Some((first, last)) = said.split_once('-') else { return Days::read(said) };
    let (first, last) = (Days::read(first)?.0, Days::read(last)?.0);
    // Round the week from the one to the other.
    let span = (0..7).scan(first, |day, _| {
        let this = *day;
        *day = if this == 64 { 1 } else { this << 1 };
        Some(this)
    });
    let until = span.clone().position(|day| day == last)?;
    Some(Days(span.take(until + 1).fold(0, |days, day| days | day)))
}

type Read = (Mark, Option<Offset>);

fn mark(entry: &At<'_>, [event, time]: [&str; 2], absent: Mark, notes: &mut Notes) -> Option<Read> {
    let (event, time) = (entry.field(event), entry.field(time));
    if !event.is_absent() {
        let read = match event.code().as_str() {
            "BMCT" => Some(SunEvent::CivilDawn),
            "SR" => Some(SunEvent::Sunrise),
            "SS" => Some(SunEvent::Sunset),
            "EECT" | "EMCT" => Some(SunEvent::CivilDusk),
            _ => None,
        };
        if read.is_none() {
            notes.doubt(&event.path, "it is none of BMCT, SR, SS, EECT");
        }
        return read.map(|event| (Mark::Sun(event), None));
    }
    if time.is_absent() {
        return Some((absent, None));
    }
    let said = time.text().unwrap_or_default();
    let read = clock(&said);
    if read.is_none() {
        notes.doubt(&time.path, format!("`{}` is no time of day", short(&said)));
    }
    read
}

/// `16:00:00Z`, `16:00`, `24:00`, `16:00:00.00+02:00`, or a whole date and time, of which the time counts.
fn clock(said: &str) -> Option<Read> {
    let said = said.rsplit_once('T').map_or(said, |(_, time)| time).trim();
    let offset = said.find(['Z', 'z', '+']).or_else(|| said.rfind('-')).unwrap_or(said.len());
    let (time, offset) = said.split_at(offset);
    let offset = match offset {
        "" => None,
        "Z" | "z" => Some(Offset::UTC),
        other => Some(signed(other)?),
    };
    if matches!(time, "24:00" | "24:00:00") {
        return Some((Mark::Midnight, offset));
    }
    let whole = match time.len() {
        4 => format!("0{time}:00"),
        5 => format!("{time}:00"),
        _ => time.to_owned(),
    };
    whole.parse().ok().map(|time| (Mark::Clock(time), offset))
}

fn signed(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':').unwrap_or((text.get(1..)?, "0"));
    let seconds =
        hours.parse::<i32>().ok()?.checked_mul(3600)?.checked_add(minutes.parse::<i32>().ok()?.checked_mul(60)?)?;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &serde_json::Value) -> (Vec<Period>, usize) {
        let (mut notes, list) = (Notes::default(), At::root(value));
        (periods(&list, &mut notes), notes.count())
    }

    #[test]
    fn times_as_states_write_them() {
        let (periods, doubts) = read(&json!([{"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "", "schedule":
            [{"day": "MON", "startTime": "08:00", "endTime": "24:00"}, {"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}]));
        assert_eq!((periods.len(), periods[0].daily.len(), doubts), (1, 6, 1), "five clocks, and the sun's");
        assert_eq!(periods[0].daily[0].days, Days(1));
        assert_eq!(periods[0].daily[0].end, Mark::Midnight);
        assert_eq!(clock("16:00:00.00+02:00").unwrap().1, Some(Offset::constant(2)));
    }

    #[test]
    fn days_and_hours_that_a_hasty_reader_shortens() {
        let held = |day: serde_json::Value, end: &str| {
            let (periods, doubts) = read(&json!([{"schedule": [{"day": day, "startTime": "08:00Z", "endTime": end}]}]));
            (periods[0].daily[0].days.0, periods[0].daily[0].end == Mark::Midnight, doubts)
        };
        assert_eq!(held(json!("MON-FRI"), "17:00Z"), (0b001_1111, false, 0));
        assert_eq!(held(json!(["SAT-MON"]), "23:59Z"), (0b110_0001, true, 0));
        assert_eq!(held(json!("Mon, Wed"), "23:59:59Z"), (0b000_0101, true, 0));
        assert_eq!(held(json!(["MON", "HOL"]), "24:00Z"), (0b111_1111, true, 1));
        assert_eq!(held(json!([""]), "9:30Z"), (0b111_1111, false, 0));
        // A day that names no clock is the day by each.
        assert_eq!(read(&json!([{"schedule": [{"day": "SAT"}]}])).0[0].daily.len(), 5);
        assert_eq!(read(&json!({"permanent": true, "endDateTime": "2020-01-01T00:00:00Z"})), (vec![], 0));
        // Dates and hours in one flat form.
        let (flat, doubts) = read(
            &json!({"startDateTime": "", "endDateTime": "2026-01-31", "day": "ANY", "startTime": "08:00Z", "endTime": ""}),
        );
        assert_eq!(
            (flat[0].to.unwrap().to_string(), flat[0].daily.len(), doubts),
            ("2026-02-01T01:00:00Z".into(), 1, 0)
        );
    }

    #[test]
    fn what_cannot_be_read_holds_always() {
        assert_eq!(read(&json!([{"permanent": "YES", "dailyPeriod": [{"day": [], "startTime": null}]}])), (vec![], 0));
        assert_eq!(
            read(&json!([{"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"}])),
            (vec![], 1)
        );
        let (periods, doubts) =
            read(&json!([{"startDateTime": "soon", "schedule": [{"day": ["HOL"], "startTime": "25:99"}]}]));
        assert_eq!((periods.len(), doubts), (0, 3), "{periods:?}");
    }
}

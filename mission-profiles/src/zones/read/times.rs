//! When zones hold, as ED-269 (4.3) and ED-318 write it.

use jiff::{
    civil::Time,
    tz::{Offset, TimeZone},
};

use super::super::{Daily, Days, Mark, Period, Zonal};
use super::assembly::Notes;
use super::cursor::{At, short};
use crate::place::SunEvent;

/// The periods of a zone; what cannot be read holds always.
pub(super) fn periods(list: &At<'_>, notes: &mut Notes) -> Vec<Period> {
    let items = list.items();
    let periods: Vec<_> = items.iter().filter(|item| !item.is_absent()).map(|item| period(item, notes)).collect();
    // One that holds always makes the others idle.
    if periods.iter().any(|period| *period == Period::default()) { Vec::new() } else { periods }
}

fn period(item: &At<'_>, notes: &mut Notes) -> Period {
    if item.field("permanent").code() == "YES" {
        return Period::default();
    }
    let mut instant = |name: &str| {
        let at = item.field(name);
        at.instant().unwrap_or_else(|said| {
            notes.doubt(&at.path, format!("`{said}` is no instant"));
            None
        })
    };
    let (from, to) = (instant("startDateTime"), instant("endDateTime"));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        notes.doubt(&item.path, "it ends before it begins");
        return Period::default();
    }
    let schedule = item.any(&["schedule", "dailyPeriod"]);
    // An empty member of a period says nothing.
    let says = |daily: &At<'_>| {
        ["day", "startTime", "endTime", "startEvent", "endEvent"]
            .iter()
            .any(|name| !daily.field(name).items().is_empty())
    };
    let daily: Option<Vec<_>> =
        schedule.items().iter().filter(|daily| says(daily)).map(|entry| daily(entry, notes)).collect();
    Period { from, to, daily: daily.unwrap_or_default() }
}

/// `None` when it cannot be read: then the whole period holds.
fn daily(entry: &At<'_>, notes: &mut Notes) -> Option<Daily> {
    let mut days = Days(0);
    let day = entry.field("day");
    for item in day.items() {
        match Days::read(&item.code()) {
            Some(day) => days = days.with(day),
            None => {
                notes.doubt(&item.path, format!("`{}` is no day", short(&item.text().unwrap_or_default())));
                days = Days::ANY;
            }
        }
    }
    if days == Days(0) {
        days = Days::ANY;
    }
    let (start, start_zone) = mark(entry, ["startEvent", "startTime"], Mark::Clock(Time::midnight()), notes)?;
    let (end, end_zone) = mark(entry, ["endEvent", "endTime"], Mark::Midnight, notes)?;
    let zone = start_zone.or(end_zone).unwrap_or(Offset::UTC);
    if end_zone.is_some_and(|end| end != zone) {
        notes.doubt(&entry.path, "its times are by two clocks");
        return None;
    }
    let end = if end == Mark::Clock(Time::midnight()) { Mark::Midnight } else { end };
    Some(Daily { days, start, end, zone: Zonal::Fixed(TimeZone::fixed(zone)) })
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
    let whole = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
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
        assert_eq!((periods.len(), periods[0].daily.len(), doubts), (1, 2, 0));
        assert_eq!(periods[0].daily[0].days, Days(1));
        assert_eq!(periods[0].daily[0].end, Mark::Midnight);
        assert_eq!(clock("16:00:00.00+02:00").unwrap().1, Some(Offset::constant(2)));
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

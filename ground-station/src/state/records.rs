//! The flight log as the window shows it: flights and their versions, drafts that wait, people, aircraft, and what went wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use flight_record::Reason;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use mission_profiles::flight_log::{
    CURRENCY_H, Currency, Entry, Grade, Header, Hours, Prompt, currency, hours, local, prompts,
};

/// Practice that runs out within so many days is said.
const SOON_DAYS: i32 = 21;

/// How far the log is read.
#[derive(Debug, Default)]
pub(crate) enum Loaded {
    /// It is being read.
    #[default]
    Loading,
    /// It cannot be; why.
    Failed(String),
    /// It is there.
    There(Records),
}

/// The flight log, read whole.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// Entries of the register, the last take-off first.
    pub(crate) flights: Vec<Flight>,
    /// To be entered, the oldest first.
    pub(crate) drafts: Vec<Draft>,
    /// Under way, or nobody saw the end: one line each.
    pub(crate) unfinished: Vec<String>,
    /// Files of the folder of drafts that cannot be read, and why.
    pub(crate) unreadable: Vec<String>,
    /// By name.
    pub(crate) pilots: Vec<Pilot>,
    /// Aircraft, then batteries.
    pub(crate) kit: Vec<Kit>,
    /// Incidents and defects, what must be reported first, then the latest.
    pub(crate) happened: Vec<Happened>,
    /// No store is named: there is no register to read.
    pub(crate) no_register: bool,
}

/// An entry of the register.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) entry: Entry,
    /// Its versions, the oldest first.
    pub(crate) steps: Vec<Step>,
}

/// A version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The ledger's line.
    pub(crate) line: u64,
    /// When, by the clock of the place.
    pub(crate) at: String,
    /// Who entered it.
    pub(crate) who: String,
    pub(crate) reason: String,
    /// What it changed; empty for the first.
    pub(crate) changes: Vec<String>,
}

/// A flight that nobody entered yet.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) file: PathBuf,
    pub(crate) entry: Entry,
}

/// Somebody who flew.
#[derive(Debug)]
pub(crate) struct Pilot {
    pub(crate) name: String,
    pub(crate) hours: Hours,
    pub(crate) practice: Currency,
    pub(crate) standing: Standing,
}

/// Whether a pilot is in practice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Standing {
    /// Until the end of this day.
    Until(Date),
    /// The same, and the day is near.
    Soon(Date),
    /// So many hours are missing.
    Out(f64),
}

impl Standing {
    fn of(practice: Currency, today: Date) -> Self {
        match practice.runs_out {
            None => Self::Out((CURRENCY_H - practice.recent_h).max(0.0)),
            Some(day) if today.checked_add(SOON_DAYS.days()).is_ok_and(|soon| day <= soon) => Self::Soon(day),
            Some(day) => Self::Until(day),
        }
    }

    /// In words.
    pub(crate) fn said(self) -> String {
        match self {
            Self::Until(day) | Self::Soon(day) => format!("until {}", day.strftime("%-d %b %Y")),
            Self::Out(short_h) => format!("{short_h:.1} h short"),
        }
    }
}

/// Whether it flies or feeds what flies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Aircraft,
    Battery,
}

/// An aircraft or a battery.
#[derive(Debug)]
pub(crate) struct Kit {
    pub(crate) what: What,
    /// Its serial number.
    pub(crate) serial: String,
    /// Make and model, where some entry says.
    pub(crate) model: String,
    pub(crate) hours: Hours,
    pub(crate) last_flown: Timestamp,
    /// Found on its flights: the flight's id, and what.
    pub(crate) defects: Vec<(String, String)>,
}

/// What went wrong on a flight.
#[derive(Debug)]
pub(crate) struct Happened {
    /// The flight's id.
    pub(crate) flight: String,
    pub(crate) landed: Timestamp,
    /// `None` is a defect of the aircraft.
    pub(crate) grade: Option<Grade>,
    pub(crate) what: String,
    /// To whom it was reported; empty while it was not.
    pub(crate) reported: String,
    /// Who must still be told, in words.
    pub(crate) tell: Vec<String>,
}

/// What a person says when they enter a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entering {
    /// The draft's file.
    pub(crate) draft: PathBuf,
    /// `pilot=P1` and others.
    pub(crate) facts: Vec<String>,
    pub(crate) remark: Option<String>,
    pub(crate) defect: Option<String>,
    pub(crate) incident: Option<(Grade, String)>,
    /// The register has a flight of this aircraft at that time, and it is another one.
    pub(crate) although_flown: bool,
    pub(crate) reason: Reason,
}

impl Records {
    /// Put together as it stands at `now`; `today` is the day of the place.
    pub(crate) fn new(mut flights: Vec<Flight>, drafts: Vec<Draft>, (now, today): (Timestamp, Date)) -> Self {
        flights.sort_by_key(|flight| std::cmp::Reverse(flight.entry.take_off.at));
        let entries: Vec<Entry> = flights.iter().map(|flight| flight.entry.clone()).collect();
        let pilot = |(name, hours): (String, Hours)| {
            let practice = currency(&entries, &name, now);
            Pilot { name, hours, practice, standing: Standing::of(practice, today) }
        };
        let pilots = hours(&entries, |header| &header.pilot).into_iter().map(pilot).collect();
        let mut kit = kits(&entries, What::Aircraft, |header| &header.serial);
        kit.extend(kits(&entries, What::Battery, |header| &header.battery));
        let mut happened: Vec<Happened> = entries.iter().flat_map(|entry| what_happened(entry, now)).collect();
        // Sorted once more: what must be told stays before what need not, each with the latest first.
        happened.sort_by_key(|happened| happened.tell.is_empty());
        Self { flights, drafts, pilots, kit, happened, ..Self::default() }
    }

    /// What must still be told to somebody.
    pub(crate) fn to_report(&self) -> usize {
        self.happened.iter().filter(|happened| !happened.tell.is_empty()).count()
    }

    /// Flights whose header says this of `by`, the latest first.
    pub(crate) fn of<'a>(
        &'a self,
        by: impl Fn(&Header) -> &str + 'a,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Flight> {
        self.flights.iter().filter(move |flight| by(&flight.entry.header).trim() == name)
    }
}

fn kits(entries: &[Entry], what: What, by: impl Fn(&Header) -> &str) -> Vec<Kit> {
    let mut seen: BTreeMap<String, Kit> = BTreeMap::new();
    let sums = hours(entries, &by);
    // The latest first: what it says of the model counts.
    for entry in entries {
        let serial = by(&entry.header).trim().to_owned();
        let Some(hours) = sums.get(&serial).copied() else { continue };
        let last_flown = entry.landing.at;
        let kit = seen.entry(serial.clone()).or_insert_with(|| Kit {
            what,
            serial,
            model: String::new(),
            hours,
            last_flown,
            defects: Vec::new(),
        });
        if what == What::Aircraft {
            if kit.model.is_empty() {
                kit.model = format!("{} {}", entry.header.make, entry.header.model).trim().to_owned();
            }
            kit.defects.extend(entry.defects.iter().map(|defect| (entry.id.clone(), defect.clone())));
        }
    }
    seen.into_values().collect()
}

fn what_happened(entry: &Entry, now: Timestamp) -> Vec<Happened> {
    let happened = |grade, what: &str, reported: &str, tell| Happened {
        flight: entry.id.clone(),
        landed: entry.landing.at,
        grade,
        what: what.to_owned(),
        reported: reported.to_owned(),
        tell,
    };
    let open = prompts(entry);
    let incident = |incident: &mission_profiles::flight_log::Incident| {
        let of = format!("{}: {}", incident.grade, incident.what);
        let unreported = incident.reported.trim().is_empty();
        let tell =
            open.iter().filter(|prompt| unreported && prompt.what == of).map(|prompt| whom(prompt, now)).collect();
        happened(Some(incident.grade), &incident.what, &incident.reported, tell)
    };
    let incidents = entry.incidents.iter().map(incident);
    incidents.chain(entry.defects.iter().map(|defect| happened(None, defect, "", Vec::new()))).collect()
}

/// Whom to tell, and until when.
fn whom(prompt: &Prompt, now: Timestamp) -> String {
    let when = match prompt.until {
        None => "At once".to_owned(),
        Some(until) if until < now => format!("It was due by {}", local(until)),
        Some(until) => format!("By {}", local(until)),
    };
    format!("{when}: tell {}.", prompt.tell)
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;
    use mission_profiles::flight_log::{Incident, by_hand};

    use super::*;

    pub(crate) const TODAY: Date = date(2026, 5, 20);

    pub(crate) fn now() -> Timestamp {
        "2026-05-20T10:00:00Z".parse().unwrap()
    }

    /// A flight of `minutes`, begun at `take_off`.
    pub(crate) fn flight(take_off: &str, minutes: i64, (pilot, serial, battery): (&str, &str, &str)) -> Entry {
        let header = Header {
            pilot: pilot.to_owned(),
            serial: serial.to_owned(),
            battery: battery.to_owned(),
            make: "Acme".to_owned(),
            model: "Heron".to_owned(),
            activity: "missing person".to_owned(),
            ..Header::default()
        };
        let take_off: Timestamp = take_off.parse().unwrap();
        by_hand(header, take_off, take_off + minutes.minutes(), None).unwrap()
    }

    pub(crate) fn held(entry: Entry) -> Flight {
        let reason = "end of duty".to_owned();
        let step = Step {
            line: 12,
            at: "2026-05-10 12:00 BST".to_owned(),
            who: "officer-3".to_owned(),
            reason,
            changes: Vec::new(),
        };
        Flight { entry, steps: vec![step] }
    }

    #[test]
    fn the_latest_flight_stands_first_and_sums_are_by_pilot_aircraft_and_battery() {
        let flights = vec![
            held(flight("2026-05-01T10:00:00Z", 60, ("P1", "SKY-1", "B1"))),
            held(flight("2026-05-10T10:00:00Z", 90, ("P1", "SKY-2", "B1"))),
            held(flight("2026-03-05T10:00:00Z", 120, ("P2", "SKY-1", ""))),
        ];
        let records = Records::new(flights, Vec::new(), (now(), TODAY));
        assert_eq!(records.flights[0].entry.header.serial, "SKY-2");
        let pilots: Vec<_> =
            records.pilots.iter().map(|pilot| (pilot.name.as_str(), pilot.hours.flights, pilot.standing)).collect();
        assert_eq!(pilots, [("P1", 2, Standing::Until(date(2026, 8, 1))), ("P2", 1, Standing::Soon(date(2026, 6, 5)))]);
        assert_eq!(pilots[1].2.said(), "until 5 Jun 2026");
        let kit: Vec<_> = records.kit.iter().map(|kit| (kit.what, kit.serial.as_str(), kit.hours.flights)).collect();
        assert_eq!(kit, [(What::Aircraft, "SKY-1", 2), (What::Aircraft, "SKY-2", 1), (What::Battery, "B1", 2)]);
        assert_eq!(
            (records.kit[0].model.as_str(), records.of(|header| &header.pilot, "P1").count()),
            ("Acme Heron", 2)
        );
    }

    #[test]
    fn who_flew_too_little_is_short_of_hours() {
        let records =
            Records::new(vec![held(flight("2026-05-01T10:00:00Z", 30, ("P1", "S", "")))], Vec::new(), (now(), TODAY));
        assert_eq!(records.pilots[0].standing, Standing::Out(1.5));
        assert_eq!(records.pilots[0].standing.said(), "1.5 h short");
    }

    #[test]
    fn what_must_be_reported_stands_before_what_need_not() {
        let mut early = flight("2026-05-18T10:00:00Z", 10, ("P1", "SKY-1", ""));
        let incident = |grade, what: &str, reported: &str| Incident {
            grade,
            what: what.to_owned(),
            reported: reported.to_owned(),
        };
        early.incidents =
            vec![incident(Grade::Serious, "near a helicopter", ""), incident(Grade::Minor, "a hard landing", "")];
        let mut late = flight("2026-05-19T10:00:00Z", 10, ("P1", "SKY-1", ""));
        late.incidents = vec![incident(Grade::Occurrence, "link lost", "CAA, 19 May")];
        late.defects = vec!["propeller 3 chipped".to_owned()];
        let records = Records::new(vec![held(early), held(late)], Vec::new(), (now(), TODAY));
        let happened: Vec<_> = records.happened.iter().map(|one| (one.what.as_str(), one.tell.len())).collect();
        assert_eq!(
            happened,
            [("near a helicopter", 2), ("link lost", 0), ("propeller 3 chipped", 0), ("a hard landing", 0)]
        );
        assert_eq!(records.to_report(), 1);
        assert!(records.happened[0].tell[0].contains("AAIB"), "{:?}", records.happened[0].tell);
        assert_eq!(records.kit[0].defects.len(), 1);
    }
}

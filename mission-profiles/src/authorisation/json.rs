//! An authorisation as JSON: what the register keeps, and whose digest a flight's record names.

use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Authorisation, Change, Conditions, Document, Kind, State};
use crate::place::SunEvent;
use crate::zones::{Authority, Daily, Days, Digest, Limit, Mark, Outline, Period, Zonal, read};

/// Largest read, bytes.
const MAX_BYTES: usize = 1 << 20;

/// Why a text is no authorisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ReadError {
    /// Where: a line, or the name of a member.
    pub place: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

fn wrong(place: impl Into<String>, what: impl Into<String>) -> ReadError {
    ReadError { place: place.into(), what: what.into() }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    #[serde(default)]
    reference: String,
    kind: String,
    issuer: Issuer,
    operator: String,
    #[serde(default)]
    pilots: Vec<String>,
    #[serde(default)]
    aircraft: Vec<String>,
    #[serde(default)]
    area: Vec<Value>,
    lower: String,
    upper: String,
    windows: Vec<Window>,
    #[serde(default)]
    conditions: Vec<String>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    zones: Vec<String>,
    #[serde(default)]
    documents: Vec<Paper>,
    #[serde(default)]
    history: Vec<Step>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Issuer {
    authority: String,
    role: String,
    person: String,
    phone: String,
    email: String,
    site: String,
    notice: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    #[serde(default)]
    daily: Vec<Hours>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    days: Vec<String>,
    start: String,
    end: String,
    zone: String,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    height_agl_m: Option<f64>,
    range_m: Option<f64>,
    daylight: bool,
    vlos: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    file: String,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: Timestamp,
    to: String,
    by: String,
    how: String,
}

const KINDS: [(Kind, &str); 7] = [
    (Kind::Operational, "operational"),
    (Kind::FlightRestrictionZone, "frz"),
    (Kind::NonStandardFlight, "nsf"),
    (Kind::TemporaryRestriction, "rat"),
    (Kind::ProtectedSite, "protected-site"),
    (Kind::Landowner, "landowner"),
    (Kind::Covert, "covert"),
];
const EVENTS: [(SunEvent, &str); 4] = [
    (SunEvent::CivilDawn, "dawn"),
    (SunEvent::Sunrise, "sunrise"),
    (SunEvent::Sunset, "sunset"),
    (SunEvent::CivilDusk, "dusk"),
];
const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl Kind {
    /// Its word, as files and commands write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

impl Authorisation {
    /// Reads one.
    ///
    /// # Errors
    /// [`ReadError`] names the place and what would be right there.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > MAX_BYTES {
            return Err(wrong("whole file", format!("longer than {MAX_BYTES} bytes: no authorisation")));
        }
        let file: File = serde_json::from_slice(bytes)
            .map_err(|error| wrong(format!("line {}, column {}", error.line(), error.column()), error.to_string()))?;
        file.authorisation()
    }

    /// As bytes, the same for the same content.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Strings, numbers and lists of them: nothing that JSON has no word for.
        serde_json::to_vec_pretty(&File::of(self)).unwrap_or_default()
    }

    /// The SHA-256 of its bytes: what names this version.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.write())
    }
}

impl File {
    fn of(of: &Authorisation) -> Self {
        let issuer = of.issuer.clone();
        Self {
            id: of.id.clone(),
            reference: of.reference.clone(),
            kind: of.kind.word().into(),
            issuer: Issuer {
                authority: issuer.name,
                role: issuer.service,
                person: issuer.contact,
                phone: issuer.phone,
                email: issuer.email,
                site: issuer.site,
                notice: issuer.notice,
            },
            operator: of.operator.clone(),
            pilots: of.pilots.clone(),
            aircraft: of.aircraft.clone(),
            area: of.area.iter().map(Outline::to_geojson).collect(),
            lower: of.lower.text(),
            upper: of.upper.text(),
            windows: of.windows.iter().map(Window::of).collect(),
            conditions: of.conditions.clone(),
            limits: Limits {
                height_agl_m: of.limits.height_agl_m,
                range_m: of.limits.range_m,
                daylight: of.limits.daylight,
                vlos: of.limits.vlos,
            },
            zones: of.zones.clone(),
            documents: of
                .documents
                .iter()
                .map(|paper| Paper { file: paper.file.clone(), sha256: paper.sha256.to_string() })
                .collect(),
            history: of.history.iter().map(Step::of).collect(),
        }
    }

    fn authorisation(self) -> Result<Authorisation, ReadError> {
        let kinds = KINDS.map(|(_, word)| word).join(", ");
        let kind = Kind::of(&self.kind).ok_or_else(|| wrong("kind", format!("`{}` is none of {kinds}", self.kind)))?;
        let limit = |place: &str, text: &str| {
            Limit::read(text).ok_or_else(|| {
                wrong(place, format!("`{text}` is no height, such as `400 ft AGL`, `FL65`, `surface` or `unlimited`"))
            })
        };
        let area = self.area.iter().enumerate().map(|(i, value)| {
            read::outline(value)
                .ok_or_else(|| wrong(format!("area[{i}]"), "no GeoJSON polygon, and no circle (Point with an extent)"))
        });
        let issuer = self.issuer;
        let authorisation = Authorisation {
            id: self.id,
            reference: self.reference,
            kind,
            issuer: Authority {
                name: issuer.authority,
                service: issuer.role,
                contact: issuer.person,
                phone: issuer.phone,
                email: issuer.email,
                site: issuer.site,
                purpose: "AUTHORIZATION".into(),
                notice: issuer.notice,
            },
            operator: self.operator,
            pilots: self.pilots,
            aircraft: self.aircraft,
            area: area.collect::<Result<_, _>>()?,
            lower: limit("lower", &self.lower)?,
            upper: limit("upper", &self.upper)?,
            windows: self.windows.iter().enumerate().map(|(i, window)| window.period(i)).collect::<Result<_, _>>()?,
            conditions: self.conditions,
            limits: Conditions {
                height_agl_m: self.limits.height_agl_m,
                range_m: self.limits.range_m,
                daylight: self.limits.daylight,
                vlos: self.limits.vlos,
            },
            zones: self.zones,
            documents: self.documents.into_iter().map(Paper::document).collect::<Result<_, _>>()?,
            history: Vec::new(),
        };
        self.history.into_iter().enumerate().try_fold(authorisation, |authorisation, (i, step)| {
            let change = step.change(i)?;
            // The first may be any: records come from elsewhere too.
            if authorisation.history.is_empty() {
                return Ok(Authorisation { history: vec![change], ..authorisation });
            }
            authorisation.changed(change).map_err(|error| wrong(format!("history[{i}]"), error.to_string()))
        })
    }
}

impl Window {
    fn of(period: &Period) -> Self {
        Self { from: period.from, to: period.to, daily: period.daily.iter().map(Hours::of).collect() }
    }

    fn period(&self, window: usize) -> Result<Period, ReadError> {
        let place = |what: &str| format!("windows[{window}]{what}");
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            return Err(wrong(place(""), "ends before it begins"));
        }
        let daily = self.daily.iter().enumerate().map(|(i, hours)| hours.daily(&place(&format!(".daily[{i}]"))));
        Ok(Period { from: self.from, to: self.to, daily: daily.collect::<Result<_, _>>()? })
    }
}

impl Hours {
    fn of(daily: &Daily) -> Self {
        let mark = |mark: Mark| match mark {
            Mark::Clock(time) => time.to_string(),
            Mark::Midnight => "24:00".into(),
            Mark::Sun(event) => EVENTS.iter().find(|(known, _)| *known == event).map_or("", |(_, word)| word).into(),
        };
        let days = (0..7).filter(|day| daily.days.0 >> day & 1 == 1).map(|day| DAYS[day].to_owned());
        let zone = match &daily.zone {
            Zonal::Local(name) => name.clone(),
            Zonal::Fixed(_) => "UTC".into(),
        };
        Self { days: days.collect(), start: mark(daily.start), end: mark(daily.end), zone }
    }

    fn daily(&self, place: &str) -> Result<Daily, ReadError> {
        let day =
            |text: &String| Days::read(text).ok_or_else(|| wrong(place, format!("`{text}` is no day, such as `MON`")));
        let days = self.days.iter().map(day).try_fold(Days(0), |days, day| day.map(|day| days.with(day)))?;
        let mark = |text: &str| {
            let event = EVENTS.iter().find(|(_, word)| *word == text).map(|(event, _)| Mark::Sun(*event));
            let clock = || text.parse::<Time>().or_else(|_| format!("{text}:00").parse()).ok().map(Mark::Clock);
            let mark = if text == "24:00" { Some(Mark::Midnight) } else { event.or_else(clock) };
            mark.ok_or_else(|| {
                wrong(place, format!("`{text}` is neither a time (08:00) nor dawn, sunrise, sunset or dusk"))
            })
        };
        let zone = match self.zone.as_str() {
            "UTC" => Zonal::Fixed(jiff::tz::TimeZone::UTC),
            name if jiff::tz::TimeZone::get(name).is_ok() => Zonal::Local(name.into()),
            name => return Err(wrong(place, format!("`{name}` is no time zone, such as `UTC` or `Europe/London`"))),
        };
        Ok(Daily { days, start: mark(&self.start)?, end: mark(&self.end)?, zone })
    }
}

impl Paper {
    fn document(self) -> Result<Document, ReadError> {
        let digest = Digest::read(&self.sha256)
            .ok_or_else(|| wrong("documents", format!("`{}` is no SHA-256 in hexadecimal", self.sha256)))?;
        Ok(Document { file: self.file, sha256: digest })
    }
}

impl Step {
    fn of(change: &Change) -> Self {
        Self { at: change.at, to: change.to.word().into(), by: change.by.clone(), how: change.how.clone() }
    }

    fn change(self, i: usize) -> Result<Change, ReadError> {
        let to = State::ALL.into_iter().find(|state| state.word() == self.to);
        let to = to.ok_or_else(|| {
            wrong(
                format!("history[{i}].to"),
                format!("`{}` is none of {}", self.to, State::ALL.map(State::word).join(", ")),
            )
        })?;
        Ok(Change { at: self.at, to, by: self.by, how: self.how })
    }
}

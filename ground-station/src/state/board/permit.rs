//! A permission as somebody writes it: every field a text, checked when it is to be kept.

use flight_record::Sha256;
use mission_profiles::authorisation::{Authorisation, Conditions, Kind};
use mission_profiles::zones::{Authority, Limit, Outline, Period};

use super::times::Moment;
use super::zone_words::limit;
use super::{Airspace, Permission};

/// Longest text of a field, bytes.
const MAX_BYTES: usize = 4_000;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Id,
    Reference,
    Authority,
    Person,
    Phone,
    Email,
    Operator,
    Zones,
    Centre,
    Radius,
    Lower,
    Upper,
    From,
    To,
    Height,
    Range,
    Pilots,
    Aircraft,
    Conditions,
    Document,
}

impl Field {
    /// All, in the order of the form.
    pub(crate) const ALL: [Self; 20] = [
        Self::Id,
        Self::Authority,
        Self::Person,
        Self::Phone,
        Self::Email,
        Self::Reference,
        Self::Operator,
        Self::Zones,
        Self::Centre,
        Self::Radius,
        Self::Lower,
        Self::Upper,
        Self::From,
        Self::To,
        Self::Height,
        Self::Range,
        Self::Pilots,
        Self::Aircraft,
        Self::Conditions,
        Self::Document,
    ];

    /// Its label.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Id => "Number",
            Self::Authority => "Authority",
            Self::Person => "Person to ask for",
            Self::Phone => "Telephone",
            Self::Email => "E-mail",
            Self::Reference => "Their reference",
            Self::Operator => "Operator id",
            Self::Zones => "Zones it satisfies",
            Self::Centre => "Area round",
            Self::Radius => "Radius, m",
            Self::Lower => "From height",
            Self::Upper => "To height",
            Self::From => "From, local time",
            Self::To => "To, local time",
            Self::Height => "Highest, m AGL",
            Self::Range => "Farthest, m",
            Self::Pilots => "Pilots",
            Self::Aircraft => "Aircraft",
            Self::Conditions => "Conditions",
            Self::Document => "Document to add",
        }
    }

    /// What would do.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Id => "A-0231",
            Self::Authority => "Derby Tower",
            Self::Person => "duty controller",
            Self::Phone => "01632 960 118",
            Self::Email => "tower@example.org",
            Self::Reference => "as the letter has it",
            Self::Operator => "GBR-OP-…",
            Self::Zones => "identifiers, with commas between",
            Self::Centre => "52.858, -1.569 or SK 290 290",
            Self::Radius => "500",
            Self::Lower => "surface",
            Self::Upper => "400 ft AGL",
            Self::From | Self::To => "2026-06-18 12:00",
            Self::Height => "120",
            Self::Range => "500",
            Self::Pilots => "all, or names with commas between",
            Self::Aircraft => "all, or serial numbers",
            Self::Conditions => "in the authority’s words",
            Self::Document => "path of the letter or e-mail",
        }
    }
}

/// What stands in the fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Permit {
    /// The draft it is to take the place of, and its digest.
    pub(crate) of: Option<(Authorisation, Sha256)>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Between sunrise and sunset only.
    pub(crate) daylight: bool,
    /// Within sight only.
    pub(crate) vlos: bool,
    texts: Vec<String>,
}

impl Default for Permit {
    fn default() -> Self {
        let mut empty = Self {
            of: None,
            kind: Kind::FlightRestrictionZone,
            daylight: false,
            vlos: true,
            texts: vec![String::new(); Field::ALL.len()],
        };
        empty.set(Field::Lower, "surface");
        empty
    }
}

impl Permit {
    /// What stands in a field.
    pub(crate) fn text(&self, field: Field) -> &str {
        self.texts.get(field as usize).map_or("", |text| text.trim())
    }

    /// The text behind a field, to type into.
    pub(crate) fn text_mut(&mut self, field: Field) -> Option<&mut String> {
        self.texts.get_mut(field as usize)
    }

    /// Writes into a field.
    pub(crate) fn set(&mut self, field: Field, text: impl Into<String>) {
        if let Some(known) = self.text_mut(field) {
            *known = text.into();
        }
    }

    /// The form of a draft that is to be changed.
    pub(crate) fn of(known: &Permission, moment: &Moment) -> Self {
        let it = &known.authorisation;
        let mut form = Self {
            of: Some((it.clone(), known.digest)),
            kind: it.kind,
            daylight: it.limits.daylight,
            vlos: it.limits.vlos,
            ..Self::default()
        };
        let window = it.windows.first().cloned().unwrap_or_default();
        let time = |at: Option<jiff::Timestamp>| at.map(|at| moment.write(at)).unwrap_or_default();
        let metres = |metres: Option<f64>| metres.map(|metres| format!("{metres}")).unwrap_or_default();
        let texts = [
            (Field::Id, it.id.clone()),
            (Field::Authority, it.issuer.name.clone()),
            (Field::Person, it.issuer.contact.clone()),
            (Field::Phone, it.issuer.phone.clone()),
            (Field::Email, it.issuer.email.clone()),
            (Field::Reference, it.reference.clone()),
            (Field::Operator, it.operator.clone()),
            (Field::Zones, it.zones.join(", ")),
            (Field::Lower, height_text(it.lower)),
            (Field::Upper, height_text(it.upper)),
            (Field::From, time(window.from)),
            (Field::To, time(window.to)),
            (Field::Height, metres(it.limits.height_agl_m)),
            (Field::Range, metres(it.limits.range_m)),
            (Field::Pilots, it.pilots.join(", ")),
            (Field::Aircraft, it.aircraft.join(", ")),
            (Field::Conditions, it.conditions.join("\n")),
        ];
        for (field, text) in texts {
            form.set(field, text);
        }
        if let [Outline::Circle { centre, radius_m }] = it.area.as_slice() {
            form.set(Field::Centre, format!("{}, {}", centre.lat_deg, centre.lon_deg));
            form.set(Field::Radius, format!("{radius_m}"));
        }
        form
    }

    /// The permission, when it can be kept.
    ///
    /// # Errors
    /// Which field, and what would do there.
    pub(crate) fn read(&self, moment: &Moment) -> Result<Authorisation, (Field, String)> {
        for field in Field::ALL {
            if self.text(field).len() > MAX_BYTES {
                return Err((field, format!("Shorten it to {MAX_BYTES} bytes")));
            }
        }
        let needed = |field: Field| match self.text(field) {
            "" => Err((field, format!("Fill it in, such as: {}", field.example()))),
            text => Ok(text.to_owned()),
        };
        let before = self.of.as_ref().map(|(authorisation, _)| authorisation);
        Ok(Authorisation {
            id: needed(Field::Id)?,
            reference: self.text(Field::Reference).into(),
            kind: self.kind,
            issuer: Authority {
                name: needed(Field::Authority)?,
                contact: self.text(Field::Person).into(),
                phone: self.text(Field::Phone).into(),
                email: self.text(Field::Email).into(),
                purpose: "AUTHORIZATION".into(),
                ..before.map(|before| before.issuer.clone()).unwrap_or_default()
            },
            operator: needed(Field::Operator)?,
            pilots: self.list(Field::Pilots),
            aircraft: self.list(Field::Aircraft),
            area: self.area()?,
            lower: self.height(Field::Lower)?,
            upper: self.height(Field::Upper)?,
            windows: self.windows(moment)?,
            conditions: self
                .text(Field::Conditions)
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(Into::into)
                .collect(),
            limits: Conditions {
                height_agl_m: self.metres(Field::Height)?,
                range_m: self.metres(Field::Range)?,
                daylight: self.daylight,
                vlos: self.vlos,
            },
            zones: self.list(Field::Zones),
            documents: before.map(|before| before.documents.clone()).unwrap_or_default(),
            history: before.map(|before| before.history.clone()).unwrap_or_default(),
        })
    }

    fn list(&self, field: Field) -> Vec<String> {
        self.text(field).split(',').map(str::trim).filter(|part| !part.is_empty()).map(Into::into).collect()
    }

    fn height(&self, field: Field) -> Result<Limit, (Field, String)> {
        let text = self.text(field);
        let has_datum = |read: &Limit| {
            !matches!(read, Limit::At(_))
                || text.chars().any(|letter| letter.is_ascii_alphabetic() && !"FTMftm".contains(letter))
                || text.to_ascii_uppercase().starts_with("FL")
        };
        Limit::read(text)
            .filter(has_datum)
            .ok_or_else(|| (field, "A height with its datum: surface, 400 ft AGL, 2000 ft AMSL, FL65".into()))
    }

    fn metres(&self, field: Field) -> Result<Option<f64>, (Field, String)> {
        match self.text(field) {
            "" => Ok(None),
            text => {
                let metres = text.parse().ok().filter(|metres: &f64| (1.0..=100_000.0).contains(metres));
                metres.map(Some).ok_or_else(|| (field, "Metres, from 1 to 100000".into()))
            }
        }
    }

    /// The circle of the fields; what was drawn elsewhere stays while they are empty.
    fn area(&self) -> Result<Vec<Outline>, (Field, String)> {
        let radius_m = self.metres(Field::Radius)?;
        let drawn = self.of.as_ref().map(|(before, _)| before.area.clone()).unwrap_or_default();
        let is_circle = matches!(drawn.as_slice(), [Outline::Circle { .. }]);
        match (self.text(Field::Centre), radius_m) {
            ("", None) if is_circle => Ok(Vec::new()),
            ("", None) => Ok(drawn),
            ("", Some(_)) => Err((Field::Centre, "Say where its middle is, or leave the radius empty".into())),
            (_, None) => Err((Field::Radius, "Say how far round it, in metres".into())),
            (text, Some(radius_m)) => {
                let centre = crate::zones::place_of(text);
                let centre =
                    centre.ok_or_else(|| (Field::Centre, "A coordinate or an OS grid reference".to_owned()))?;
                Ok(vec![Outline::Circle { centre, radius_m }])
            }
        }
    }

    /// The first window is the form's; others, and hours of days, stay as they were.
    fn windows(&self, moment: &Moment) -> Result<Vec<Period>, (Field, String)> {
        let time = |field: Field| match self.text(field) {
            "" => Ok(None),
            text => moment
                .read(text)
                .map(Some)
                .ok_or_else(|| (field, format!("A date and a time, such as {}", field.example()))),
        };
        let (from, to) = (time(Field::From)?, time(Field::To)?);
        if from.is_none() && to.is_none() {
            return Err((Field::From, "Say when it holds: without a time it never counts".into()));
        }
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err((Field::To, "It ends before it begins".into()));
        }
        let mut windows = self.of.as_ref().map(|(before, _)| before.windows.clone()).unwrap_or_default();
        match windows.first_mut() {
            Some(first) => (first.from, first.to) = (from, to),
            None => windows.push(Period { from, to, daily: Vec::new() }),
        }
        Ok(windows)
    }
}

/// As somebody types it, where that says the same; else to the last digit.
fn height_text(height: Limit) -> String {
    let short = match height {
        Limit::Surface => "surface".to_owned(),
        Limit::At(_) | Limit::Unlimited => limit(height).replace(',', ""),
    };
    if Limit::read(&short) == Some(height) { short } else { height.text() }
}

/// The number after the highest that the register has.
pub(crate) fn next_id(airspace: &Airspace) -> String {
    let number =
        |known: &Permission| known.authorisation.id.strip_prefix("A-").and_then(|number| number.parse::<u32>().ok());
    let highest = airspace.permissions().iter().filter_map(number).max().unwrap_or(0);
    format!("A-{:04}", highest.saturating_add(1))
}

//! The unit's permissions as a board: five columns, and on each card what to do next.

use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, Kind, State};
use mission_profiles::place::Position;
use mission_profiles::zones::{Limit, Outline};

use super::times::{Moment, holds};
use super::zones::{limit, span};
use super::{Airspace, Permission};

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Being written.
    Draft,
    /// Asked for.
    Applied,
    /// Agreed to, or held back: not in force.
    InPrinciple,
    /// In force.
    Activated,
    /// Ended, whatever way.
    Closed,
}

impl Stage {
    /// All, from left to right.
    pub(crate) const ALL: [Self; 5] = [Self::Draft, Self::Applied, Self::InPrinciple, Self::Activated, Self::Closed];

    /// Where a permission in this state stands.
    pub(crate) fn of(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Applied => Self::Applied,
            State::InPrinciple | State::Suspended => Self::InPrinciple,
            State::Activated => Self::Activated,
            State::Closed | State::Refused | State::Expired => Self::Closed,
        }
    }

    /// Its heading.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Applied => "Applied",
            Self::InPrinciple => "In principle",
            Self::Activated => "Activated",
            Self::Closed => "Closed",
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Draft => "Not sent",
            Self::Applied | Self::InPrinciple => "Not permission",
            Self::Activated => "In force",
            Self::Closed => "Ended, kept",
        }
    }
}

/// What is to be done with a permission next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Written to its end, and sent.
    Finish,
    /// The landowner's consent is missing.
    AddConsent,
    /// Waited for, since so many days.
    Asked(i64),
    /// The call on the day, which is today.
    CallNow,
    /// The call on the day.
    CallOnTheDay,
    /// Nothing: it holds.
    InForce,
    /// It holds for so long yet.
    Left(String),
    /// It holds later.
    Later(String),
    /// Its time is over: it is to be closed.
    Over,
    /// Who gave it holds it back.
    Suspended,
    /// Nothing any more.
    Ended(State),
}

impl Next {
    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Finish => "Finish and send".into(),
            Self::AddConsent => "Add consent".into(),
            Self::Asked(0) => "Asked today".into(),
            Self::Asked(1) => "Asked yesterday".into(),
            Self::Asked(days) => format!("Asked {days} days ago"),
            Self::CallNow => "Call before take-off".into(),
            Self::CallOnTheDay => "Call on the day".into(),
            Self::InForce => "In force".into(),
            Self::Left(words) | Self::Later(words) => words.clone(),
            Self::Over => "Its time is over: close it".into(),
            Self::Suspended => "Suspended".into(),
            Self::Ended(state) => capital(state_words(*state)),
        }
    }
}

/// A permission on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// The unit's number for it.
    pub(crate) id: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// What people call it.
    pub(crate) title: String,
    /// Who gives it, and how high.
    pub(crate) authority: String,
    /// When it holds.
    pub(crate) window: String,
    /// What to do.
    pub(crate) next: Next,
    /// Where it stands.
    pub(crate) stage: Stage,
    order: (i64, i64),
}

/// The board: every permission in its column, what is due first on top.
pub(crate) fn board(airspace: &Airspace, moment: &Moment) -> Vec<Card> {
    let mut cards: Vec<Card> = airspace.permissions().iter().map(|known| card(airspace, known, moment)).collect();
    cards.sort_by_key(|card| (card.stage, card.order));
    cards
}

fn card(airspace: &Airspace, known: &Permission, moment: &Moment) -> Card {
    let authorisation = &known.authorisation;
    let stage = Stage::of(authorisation.state());
    let who = [&authorisation.issuer.name, &authorisation.issuer.service].into_iter().find(|part| !part.is_empty());
    let who = who.map_or_else(|| kind_words(authorisation.kind).to_owned(), Clone::clone);
    let window = match (stage, authorisation.history.last()) {
        (Stage::Closed, Some(last)) => format!("{} {}", capital(state_words(last.to)), moment.day_and_clock(last.at)),
        _ => moment.windows(&authorisation.windows),
    };
    let last = authorisation.history.last().map_or(0, |change| change.at.as_second());
    let begins =
        authorisation.windows.iter().filter_map(|window| window.from).min().map_or(i64::MIN, Timestamp::as_second);
    let order = if stage == Stage::Closed { (-last, 0) } else { (begins, last) };
    Card {
        id: authorisation.id.clone(),
        kind: authorisation.kind,
        title: title(airspace, authorisation),
        authority: format!("{who} · {}", up_to(authorisation.upper)),
        window,
        next: next(authorisation, moment),
        stage,
        order,
    }
}

fn next(authorisation: &Authorisation, moment: &Moment) -> Next {
    match authorisation.state() {
        State::Draft if authorisation.kind == Kind::Landowner && authorisation.documents.is_empty() => Next::AddConsent,
        State::Draft => Next::Finish,
        State::Applied => {
            let asked = authorisation.history.last().map_or(moment.now, |change| change.at);
            Next::Asked((moment.now.duration_since(asked).as_hours() / 24).max(0))
        }
        State::InPrinciple if is_today(authorisation, moment) => Next::CallNow,
        State::InPrinciple => Next::CallOnTheDay,
        State::Activated => in_force(authorisation, moment),
        State::Suspended => Next::Suspended,
        state @ (State::Closed | State::Refused | State::Expired) => Next::Ended(state),
    }
}

/// Whether one of its windows is of today.
fn is_today(authorisation: &Authorisation, moment: &Moment) -> bool {
    let today = moment.day(moment.now);
    authorisation.windows.iter().any(|window| {
        let begins = window.from.is_none_or(|from| from <= moment.now || moment.day(from) == today);
        begins && window.to.is_none_or(|to| to >= moment.now)
    })
}

fn in_force(authorisation: &Authorisation, moment: &Moment) -> Next {
    let now = moment.now;
    if holds(&authorisation.windows, (now, now), middle(authorisation)) {
        let ends = authorisation.windows.iter().filter(|window| window.from.is_none_or(|from| from <= now));
        let end = ends.map(|window| window.to).max_by_key(|to| to.unwrap_or(Timestamp::MAX)).flatten();
        return end.and_then(|end| moment.left(end)).map_or(Next::InForce, Next::Left);
    }
    let later = authorisation.windows.iter().filter_map(|window| window.from).filter(|from| *from > now).min();
    if let Some(from) = later {
        return Next::Later(format!("From {}", moment.day_and_clock(from)));
    }
    let is_over = authorisation.windows.iter().all(|window| window.to.is_some_and(|to| to < now));
    if is_over { Next::Over } else { Next::Later("Not at this hour".into()) }
}

/// Where it is, for the sun.
fn middle(authorisation: &Authorisation) -> Position {
    authorisation.area.first().map_or(Position { lat_deg: 0.0, lon_deg: 0.0 }, Outline::somewhere)
}

/// What people call a permission: its kind and the zones it is for.
pub(crate) fn title(airspace: &Airspace, authorisation: &Authorisation) -> String {
    let kind = match authorisation.kind {
        Kind::Operational => "Operational authorisation",
        Kind::FlightRestrictionZone => "FRZ",
        Kind::NonStandardFlight => "Non-standard flight",
        Kind::TemporaryRestriction => "RA(T)",
        Kind::ProtectedSite => "Protected site",
        Kind::Landowner => "Landowner",
        Kind::Covert => "Covert",
    };
    let name = |identifier: &String| {
        airspace.zone_called(identifier).map_or_else(|| identifier.clone(), |(_, zone)| zone.name.clone())
    };
    match authorisation.zones.as_slice() {
        [] if authorisation.kind == Kind::Operational => kind.into(),
        [] if authorisation.issuer.name.is_empty() => kind.into(),
        [] => format!("{kind}, {}", authorisation.issuer.name),
        [one] => named(kind, &name(one)),
        [one, rest @ ..] => format!("{} and {} more", named(kind, &name(one)), rest.len()),
    }
}

/// The kind before the zone's name, unless the name begins with it.
fn named(kind: &str, name: &str) -> String {
    if name.starts_with(kind) { name.to_owned() } else { format!("{kind} {name}") }
}

/// A kind of permission in words.
pub(crate) fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Operational => "Operational authorisation",
        Kind::FlightRestrictionZone => "FRZ permission",
        Kind::NonStandardFlight => "Non-standard flight",
        Kind::TemporaryRestriction => "Exemption from RA(T)",
        Kind::ProtectedSite => "Protected site",
        Kind::Landowner => "Landowner’s consent",
        Kind::Covert => "Directed surveillance",
    }
}

/// A state in words.
pub(crate) fn state_words(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Applied => "applied",
        State::InPrinciple => "in principle",
        State::Activated => "activated",
        State::Suspended => "suspended",
        State::Closed => "closed",
        State::Refused => "refused",
        State::Expired => "expired",
    }
}

pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `to 400 ft AGL`, `at any height`.
pub(super) fn up_to(upper: Limit) -> String {
    if upper == Limit::Unlimited { "at any height".into() } else { format!("to {}", limit(upper)) }
}

/// What must be kept, as the program can tell, and the heights.
pub(crate) fn limits(authorisation: &Authorisation) -> (String, String) {
    let limits = &authorisation.limits;
    let mut words = Vec::new();
    words.extend(limits.vlos.then(|| "VLOS".to_owned()));
    words.extend(limits.daylight.then(|| "by daylight".to_owned()));
    words.extend(limits.height_agl_m.map(|metres| format!("{metres:.0} m AGL")));
    words.extend(limits.range_m.map(|metres| format!("{metres:.0} m from the pilot")));
    if !authorisation.aircraft.is_empty() {
        words.push(match authorisation.aircraft.as_slice() {
            [one] => one.clone(),
            all => format!("{} aircraft", all.len()),
        });
    }
    let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    (span(authorisation.lower, authorisation.upper), words)
}

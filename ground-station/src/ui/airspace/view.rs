//! What is only of the screen: what is selected, what stands in the fields, and lists that are made once for many frames.

use std::sync::Arc;

use mission_profiles::authorisation::State;
use mission_profiles::place::{Position, inverse};
use mission_profiles::zones::Kind as ZoneKind;

use crate::state::board::{
    Airspace, Card, Done, Field, Looking, Moment, Permission, Permit, Query, StepForm, Workspace, ZoneKey, ZoneRow,
    board, next_id, query,
};

/// What the screen shows.
pub(crate) struct Shown<'a> {
    /// What was read, what is being done.
    pub(crate) workspace: &'a Workspace,
    /// Now.
    pub(crate) moment: &'a Moment,
    /// The take-off place.
    pub(crate) home: Option<Position>,
    /// The highest ground a flight may pass over, metres AMSL, where a terrain model says so.
    pub(crate) ground_amsl_m: Option<f64>,
    /// Who is signed in.
    pub(crate) signed_in: Option<&'a str>,
    /// Whether the settings name a folder that zones can be taken into.
    pub(crate) has_folder: bool,
}

impl Shown<'_> {
    pub(super) fn airspace(&self) -> Option<&Arc<Airspace>> {
        self.workspace.airspace.as_ref()
    }
}

/// What stands at the right.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Side {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A permission.
    Permission(String),
    /// A zone.
    Zone(ZoneKey),
    /// A permission being written.
    Form,
    /// Taking a file of zones.
    Import,
}

/// What is only of the screen.
#[derive(Default)]
pub(crate) struct View {
    /// What is looked for.
    pub(super) search: String,
    pub(super) to_search: bool,
    pub(super) kind: Option<ZoneKind>,
    pub(super) kinds_open: bool,
    pub(super) on_map: bool,
    pub(super) all_closed: bool,
    pub(super) side: Side,
    /// The step that is being filled in; the usual next one, while nobody chose.
    pub(super) step: Option<State>,
    pub(super) step_form: StepForm,
    pub(super) permit: Permit,
    /// Why a draft is entered, and who signs it.
    pub(super) sign: StepForm,
    pub(super) file: String,
    pub(super) file_name: String,
    lists: Option<Lists>,
    seen: u64,
}

/// A list is made anew when the take-off is as far from where it was, metres.
const NEAR_M: f64 = 20.0;

/// Made of the zones and permissions once, until one of what they are made of changes.
struct Lists {
    airspace: Arc<Airspace>,
    minute: i64,
    made_of: (String, Option<ZoneKind>, Option<Position>),
    signed_in: Option<String>,
    query: Query,
    rows: Vec<ZoneRow>,
    /// There are more, farther off.
    cut: bool,
    cards: Vec<Card>,
}

impl View {
    /// The zone that is selected: what the map marks.
    pub(crate) fn zone(&self) -> Option<ZoneKey> {
        if let Side::Zone(key) = self.side { Some(key) } else { None }
    }

    /// The rows of the list, for the map too.
    pub(crate) fn rows(&self) -> &[ZoneRow] {
        self.lists.as_ref().map_or(&[], |lists| &lists.rows)
    }

    /// What the list is of, in words.
    pub(super) fn title(&self, home: Option<Position>) -> String {
        let words = self.query().words(home);
        let cut = self.lists.as_ref().filter(|lists| lists.cut);
        cut.map_or_else(|| words.clone(), |lists| format!("{words}: the nearest {}", lists.rows.len()))
    }

    pub(super) fn cards(&self) -> &[Card] {
        self.lists.as_ref().map_or(&[], |lists| &lists.cards)
    }

    pub(super) fn query(&self) -> Query {
        self.lists.as_ref().map_or(Query::Nothing, |lists| lists.query.clone())
    }

    /// Makes the lists again if what they are made of changed, and closes the form that was signed.
    pub(super) fn refresh(&mut self, shown: &Shown<'_>) {
        let Some(airspace) = shown.airspace() else { return };
        let minute = shown.moment.now.as_second() / 60;
        let is_same = self.lists.as_ref().is_some_and(|lists| {
            let (search, kind, home) = &lists.made_of;
            Arc::ptr_eq(&lists.airspace, airspace)
                && lists.minute == minute
                && (*search == self.search && *kind == self.kind && is_near(*home, shown.home))
                && lists.signed_in.as_deref() == shown.signed_in
        });
        if !is_same {
            let query = query(&self.search);
            let looking = Looking {
                query: &query,
                kind: self.kind,
                home: shown.home,
                ground_amsl_m: shown.ground_amsl_m,
                moment: shown.moment,
                pilot: shown.signed_in,
            };
            let ((rows, cut), cards) = (airspace.zones(&looking), board(airspace, shown.moment));
            let made_of = (self.search.clone(), self.kind, shown.home);
            let signed_in = shown.signed_in.map(Into::into);
            self.lists =
                Some(Lists { airspace: Arc::clone(airspace), minute, made_of, signed_in, query, rows, cut, cards });
        }
        if let Some(done) = shown.workspace.done.as_ref().filter(|done| done.nth != self.seen) {
            self.seen = done.nth;
            self.open(&done.id.clone());
        }
    }

    /// Shows a permission.
    pub(crate) fn open(&mut self, id: &str) {
        self.side = Side::Permission(id.into());
        (self.step, self.step_form, self.sign) = (None, StepForm::default(), StepForm::default());
    }

    /// Begins a permission, for a zone where one is given.
    pub(super) fn begin(&mut self, airspace: &Airspace, zone: Option<ZoneKey>) {
        self.permit = Permit::default();
        self.permit.set(Field::Id, next_id(airspace));
        if let Some((_, zone)) = zone.and_then(|key| airspace.zone(key)) {
            self.permit.set(Field::Zones, zone.identifier.clone());
            if let Some(authority) = zone.authorities.first() {
                self.permit.set(Field::Authority, authority.name.clone());
                self.permit.set(Field::Phone, authority.phone.clone());
                self.permit.set(Field::Email, authority.email.clone());
            }
        }
        if let Some(known) = airspace.permissions().first() {
            self.permit.set(Field::Operator, known.authorisation.operator.clone());
        }
        (self.side, self.sign) = (Side::Form, StepForm::default());
    }

    /// Changes a draft.
    pub(super) fn change(&mut self, known: &Permission, moment: &Moment) {
        self.permit = Permit::of(known, moment);
        (self.side, self.sign) = (Side::Form, StepForm::default());
    }

    /// What a draft was before, ready to be signed again.
    pub(super) fn undo(&mut self, done: &Done, moment: &Moment) {
        if let Some((before, now)) = &done.undo {
            let known = Permission { authorisation: before.clone(), digest: *now, versions: Vec::new() };
            self.change(&known, moment);
            self.sign.said = "put back as it was before".into();
        }
    }
}

/// Whether a list that was made for one place serves the other: it is not made anew for each step of an aircraft.
fn is_near(one: Option<Position>, other: Option<Position>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => inverse(one, other).distance_m < NEAR_M,
        (one, other) => one == other,
    }
}

//! Planning a flight: what is drawn, what follows from it, what holds it back. Pure.

pub(crate) mod cure;
pub(crate) mod document;
pub(crate) mod files;
pub(crate) mod height;
mod history;
pub(crate) mod items;
pub(crate) mod kinds;
pub(crate) mod papers;
pub(crate) mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use flight_record::Label;
use jiff::Timestamp;
use mission_profiles::place::Position;
use mission_profiles::plan_files::Plan;
use mission_profiles::preflight::Severity;
use mission_profiles::profile::{Profile, bundled};

use crate::state::airspace::Stand;
use cure::Cure;
use document::{Document, Edit, FenceArea, Point};
use history::History;
use kinds::Form;
use papers::{Aboard, Signed};
use work::{Answer, Means, Missing, Question, Worked};

/// A plan in the making.
pub(crate) struct Planner {
    profiles: Vec<Arc<Profile>>,
    history: History,
    /// Counts the states of document and means that were: an answer to another one is of no use.
    revision: u64,
    asked: Option<u64>,
    means: Means,
    answer: Option<Answer>,
    /// Counts how often the zones stood otherwise than before.
    stands_edition: u64,
    /// Which items of the checklist somebody looked at,
    ticks: Vec<bool>,
    /// and what the machine says of those that it can see.
    machine: Vec<Option<(bool, String)>>,
    /// Who fills which role beside the pilot's.
    crew: BTreeMap<String, Label>,
    /// Whether the next place continues the shape.
    drawing: bool,
    /// What was signed last,
    papers: Option<Signed>,
    /// and where that is.
    aboard: Aboard,
}

/// Why a plan is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lock {
    /// What there is no plan for.
    pub(crate) missing: Option<Missing>,
    /// Findings that block.
    pub(crate) blocking: usize,
    /// Items of the checklist that nobody looked at.
    pub(crate) open: usize,
    /// Whether it is being worked out.
    pub(crate) pending: bool,
    /// Whether no vehicle is connected.
    pub(crate) nobody: bool,
}

impl Lock {
    /// Whether nothing holds it.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Why, in words; the gravest first.
    pub(crate) fn words(&self) -> (String, String) {
        let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let checks = (self.open > 0).then(|| count(self.open, "check open", "checks open"));
        let nobody = self.nobody.then(|| "no vehicle is connected".to_owned());
        let rest = |parts: Vec<Option<String>>| {
            parts.into_iter().flatten().fold(String::new(), |said, part| format!("{said}, {part}"))
        };
        if self.missing.is_some() {
            return ("There is no plan yet".into(), String::new());
        }
        if self.pending {
            return ("Working it out".into(), String::new());
        }
        if self.blocking > 0 {
            return (count(self.blocking, "finding blocks", "findings block"), rest(vec![checks, nobody]));
        }
        match (checks, nobody) {
            (Some(checks), nobody) => (checks, rest(vec![nobody])),
            (None, Some(_)) => ("No vehicle is connected".into(), String::new()),
            (None, None) => ("Nothing blocks, all is checked".into(), String::new()),
        }
    }
}

impl Planner {
    /// With the profiles that come with the program.
    pub(crate) fn new() -> Result<Self, mission_profiles::profile::Flaw> {
        let read = bundled().into_iter().map(|(file, text)| Profile::read(file, text).map(Arc::new));
        Ok(Self::with(read.collect::<Result<_, _>>()?))
    }

    /// With these profiles, the first one chosen; there must be one.
    pub(crate) fn with(profiles: Vec<Arc<Profile>>) -> Self {
        let history = History::new(Document::new(0, &profiles[0]));
        let items = profiles[0].content.checklist.len();
        let (ticks, machine, means) = (vec![false; items], vec![None; items], Means::default());
        Self {
            profiles,
            history,
            revision: 1,
            asked: None,
            means,
            answer: None,
            stands_edition: 0,
            ticks,
            machine,
            crew: BTreeMap::new(),
            drawing: false,
            papers: None,
            aboard: Aboard::Not,
        }
    }

    /// Those that can be chosen.
    pub(crate) fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// The one that is.
    pub(crate) fn profile(&self) -> &Arc<Profile> {
        &self.profiles[self.document().profile.min(self.profiles.len() - 1)]
    }

    /// What is edited.
    pub(crate) fn document(&self) -> &Document {
        self.history.now()
    }

    /// With whom and what it is flown.
    pub(crate) fn means(&self) -> &Means {
        &self.means
    }

    /// Crew, aircraft, weather or vehicle are others now.
    pub(crate) fn set_means(&mut self, means: Means) {
        if means != self.means {
            self.means = means;
            self.revision += 1;
        }
    }

    /// Who fills a role, where somebody was chosen.
    pub(crate) fn fills(&self, role: &str) -> Option<&Label> {
        self.crew.get(role)
    }

    /// Somebody fills a role from now on, or nobody.
    pub(crate) fn fill(&mut self, role: &str, person: Option<Label>) {
        match person {
            Some(person) => drop(self.crew.insert(role.to_owned(), person)),
            None => drop(self.crew.remove(role)),
        }
    }

    /// The roles that somebody was chosen for.
    pub(crate) fn filled(&self) -> impl Iterator<Item = &String> {
        self.crew.keys()
    }

    /// Zones, permissions or terrain are others now, or time has gone by.
    pub(crate) fn stale(&mut self) {
        self.revision += 1;
    }

    /// What is to be worked out, once for each state of things.
    pub(crate) fn question(&mut self, now: Timestamp) -> Option<Question> {
        if self.asked == Some(self.revision) {
            return None;
        }
        self.asked = Some(self.revision);
        Some(Question {
            revision: self.revision,
            document: Arc::clone(self.history.now()),
            profile: Arc::clone(self.profile()),
            means: self.means.clone(),
            now,
        })
    }

    /// What came of it; one that is older than what is known is not taken.
    pub(crate) fn answer(&mut self, answer: Answer) {
        if self.answer.as_ref().is_none_or(|known| known.revision <= answer.revision) {
            let same = self.answer.as_ref().is_some_and(|known| known.stands == answer.stands);
            self.stands_edition += u64::from(!same);
            self.answer = Some(answer);
        }
    }

    /// Whether what is shown is not yet what follows from what is drawn.
    pub(crate) fn is_pending(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.revision != self.revision)
    }

    /// What follows from the document, or from an earlier state of it while it is worked out.
    pub(crate) fn worked(&self) -> Option<&Worked> {
        self.answer.as_ref().and_then(|answer| answer.worked.as_ref().ok())
    }

    /// What is missing for a plan.
    pub(crate) fn missing(&self) -> Option<&Missing> {
        self.answer.as_ref().and_then(|answer| answer.worked.as_ref().err())
    }

    /// How the zones stand to this flight.
    pub(crate) fn stands(&self) -> Arc<Vec<Stand>> {
        self.answer.as_ref().map_or_else(Arc::default, |answer| Arc::clone(&answer.stands))
    }

    /// Another number means that the zones stand otherwise.
    pub(crate) fn stands_edition(&self) -> u64 {
        self.stands_edition
    }

    /// A figure as it is shown: where nobody says how high the take-off is, the vehicle does.
    pub(crate) fn figure(&self, figure: kinds::Figure) -> f64 {
        let said = self.means.stands_at.map(|(_, amsl_m)| amsl_m);
        match (figure, self.document().home_amsl_m, said) {
            (kinds::Figure::TakeOff, None, Some(amsl_m)) => amsl_m,
            _ => self.document().figure(figure),
        }
    }

    /// Whether the take-off's height is known from a terrain model.
    pub(crate) fn has_terrain_height(&self) -> bool {
        let first = self.worked().and_then(|worked| worked.side.samples.first());
        first.is_some_and(|sample| sample.ground_m.is_some())
    }

    /// Where it takes off: where somebody put it, else where the vehicle stands.
    pub(crate) fn home(&self) -> Option<Position> {
        self.document().home.or(self.means.stands_at.map(|(place, _)| place))
    }

    /// Makes a change. One that goes on with the last is undone with it.
    pub(crate) fn edit(&mut self, edit: &Edit, goes_on: bool) {
        let profile = self.document().profile;
        if self.history.edit(edit, goes_on) {
            self.changed(profile);
        }
    }

    fn changed(&mut self, profile_before: usize) {
        self.revision += 1;
        if self.document().profile != profile_before {
            let items = self.profile().content.checklist.len();
            (self.ticks, self.machine) = (vec![false; items], vec![None; items]);
        }
    }

    /// Chooses a profile.
    pub(crate) fn choose(&mut self, index: usize) {
        if let Some(profile) = self.profiles.get(index).filter(|_| index != self.document().profile) {
            let edit = Edit::Profile(index, Box::new(Profile::clone(profile)));
            self.edit(&edit, false);
        }
    }

    /// Draws: the first place of a form begins a new shape, the next ones continue it.
    pub(crate) fn draw(&mut self, form: Form, place: Position) {
        let pattern = self.profile().content.pattern;
        let one = form == Form::Points && self.document().kind != crate::plan::arguments::Kind::Free;
        let goes_on = self.drawing && self.document().form == form && self.document().imported.is_none() && !one;
        if goes_on {
            self.edit(&Edit::Add(place), false);
        } else {
            self.edit(&Edit::Shape(form, form.kind_for(pattern), vec![place]), false);
        }
        self.drawing = true;
    }

    /// Draws the fence: the first place begins a new area.
    pub(crate) fn draw_fence(&mut self, inside: bool, place: Position) {
        let goes_on = self.drawing && self.document().fence.last().is_some_and(|area| area.inside == inside);
        let edit = if goes_on { Edit::FenceAdd(place) } else { Edit::Fence { inside, place } };
        self.edit(&edit, false);
        self.drawing = true;
    }

    /// The next place begins anew.
    pub(crate) fn finish_drawing(&mut self) {
        self.drawing = false;
    }

    /// Whether the next place continues a shape.
    pub(crate) fn is_drawing(&self) -> bool {
        self.drawing
    }

    /// Moves something; `goes_on` while it is dragged.
    pub(crate) fn shift(&mut self, point: Point, to: Position, goes_on: bool) {
        self.edit(&Edit::Move(point, to), goes_on);
    }

    /// Whether there is something to undo, and to redo.
    pub(crate) fn can(&self) -> (bool, bool) {
        self.history.can()
    }

    /// Back by one change.
    pub(crate) fn undo(&mut self) {
        let profile = self.document().profile;
        if self.history.undo() {
            self.changed(profile);
        }
        self.drawing = false;
    }

    /// Forth again by one change.
    pub(crate) fn redo(&mut self) {
        let profile = self.document().profile;
        if self.history.redo() {
            self.changed(profile);
        }
    }

    /// Does what clears a finding, where it is a change of the plan; whether it was one.
    pub(crate) fn cure(&mut self, cure: &Cure) -> bool {
        use kinds::Figure;
        let edit = match cure {
            Cure::Trim(corners) => Edit::Corners(corners.clone()),
            Cure::ReturnHeight(height_m) => Edit::Figure(Figure::Return, *height_m),
            Cure::Height(height_m) => Edit::Figure(Figure::Height, *height_m),
            Cure::Follow => Edit::Follow(true),
            Cure::Activate(_) | Cure::Call { .. } | Cure::Airspace | Cure::Answer => return false,
        };
        self.edit(&edit, false);
        true
    }

    /// Which items of the checklist somebody looked at.
    pub(crate) fn ticks(&self) -> &[bool] {
        &self.ticks
    }

    /// What the machine says of an item, where it can see it.
    pub(crate) fn machine(&self, item: usize) -> Option<&(bool, String)> {
        self.machine.get(item).and_then(Option::as_ref)
    }

    /// How many items are looked at.
    pub(crate) fn looked_at(&self) -> usize {
        let looked = |(item, tick): &(usize, &bool)| self.machine(*item).map_or(**tick, |(is_so, _)| *is_so);
        self.ticks.iter().enumerate().filter(looked).count()
    }

    /// An item was looked at, or not.
    pub(crate) fn tick(&mut self, item: usize, looked: bool) {
        if let Some(tick) = self.ticks.get_mut(item) {
            *tick = looked;
        }
    }

    /// Takes a file in.
    ///
    /// # Errors
    /// Names the file, and what is wrong with it.
    pub(crate) fn import(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let edit = files::taken(name, bytes, self.profile().content.pattern)?;
        self.edit(&edit, false);
        self.drawing = false;
        Ok(())
    }

    /// A file of what is planned.
    ///
    /// # Errors
    /// When there is nothing to be written, or the name's ending is unknown.
    pub(crate) fn export(&self, name: &str) -> Result<Vec<u8>, String> {
        files::given(name, self.document(), self.worked().filter(|_| !self.is_pending()))
    }

    /// Makes the way of an imported plan one that can be edited.
    pub(crate) fn unpack(&mut self) {
        if let Some(edit) = self.worked().and_then(files::unpacked) {
            self.edit(&edit, false);
        }
    }

    /// What holds the plan back.
    pub(crate) fn lock(&self) -> Lock {
        let held =
            |found: &&work::Found| found.finding.severity == Severity::Blocks && self.answered_for(found).is_none();
        let blocks = |worked: &Worked| worked.found.iter().filter(held).count();
        Lock {
            missing: self.missing().filter(|_| !self.is_pending()).cloned(),
            blocking: self.worked().map_or(0, blocks),
            open: self.ticks.len() - self.looked_at(),
            pending: self.is_pending(),
            nobody: self.means.vehicle.is_none(),
        }
    }

    /// What is sent to the vehicle, where nothing holds it back.
    pub(crate) fn upload(&self) -> Option<&Plan> {
        self.worked().filter(|_| self.lock().is_open()).map(|worked| &worked.plan)
    }

    /// The fence, as a map shows it.
    pub(crate) fn fence(&self) -> &[FenceArea] {
        &self.document().fence
    }
}

#[cfg(test)]
pub(crate) mod tests;

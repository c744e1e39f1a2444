//! The Plan workspace: profile, map, estimates, height profile, findings, checklist, upload.

mod answer;
mod board;
mod crew;
mod figures;
mod files;
mod findings;
mod items;
mod keys;
mod send;
mod side;
mod takes;

use std::path::PathBuf;

use egui::{Rect, Ui};
use mission_profiles::place::Position;
use mission_profiles::plan_files::Plan;
use mission_profiles::zones::Dataset;

use crate::basemap::tiles::Tiles;
use crate::state::plan::Planner;
use crate::state::plan::cure::Cure;
use crate::state::plan::document::{Edit, Point};
use crate::state::plan::kinds::Form;
use crate::state::plan::papers::Answering;
use crate::state::progress::Work;
use crate::state::signin::Person;
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::map::MapView;

/// What a click on the map does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tool {
    /// Chooses and moves what is there.
    #[default]
    Select,
    /// Draws an area, a line or points.
    Draw(Form),
    /// Measures.
    Measure,
    /// Puts the take-off.
    Home,
    /// Draws an area of the fence.
    Fence {
        /// To stay inside of, or outside.
        inside: bool,
    },
    /// Puts a rally point.
    Rally,
}

/// What is only of this screen.
#[derive(Default)]
pub(crate) struct PlanView {
    /// The map.
    pub(crate) map: MapView,
    tool: Tool,
    selected: Option<Point>,
    /// What is dragged, from its first movement on.
    dragged: Option<Point>,
    /// The finding that is shown in all three places, by its number.
    chosen: Option<usize>,
    files: files::FilesView,
    side: side::SideView,
    /// Somebody answers for a finding.
    answering: Option<answer::Form>,
}

impl PlanView {
    /// A file could not be taken in, or written: what is said beside its name.
    pub(crate) fn refuse(&mut self, why: String) {
        self.files.refuse(why);
    }

    /// An override was not signed: why is said in its form.
    pub(crate) fn refuse_answer(&mut self, why: &str) {
        self.answering.iter_mut().for_each(|form| form.refuse(why.to_owned()));
    }

    /// An override stands.
    pub(crate) fn answered(&mut self) {
        self.answering = None;
    }

    /// A file was taken in, or written.
    pub(crate) fn filed(&mut self) {
        self.files = files::FilesView::default();
        self.selected = None;
    }

    fn take(&mut self, tool: Tool, planner: &mut Planner) {
        self.tool = tool;
        self.map.measuring = tool == Tool::Measure;
        self.map.clear_measure();
        planner.finish_drawing();
    }
}

/// What the screen shows beside the plan itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ground<'a> {
    /// The zones' datasets.
    pub(crate) datasets: &'a [Dataset],
    /// Counts the datasets that were.
    pub(crate) edition: u64,
    /// A raster map.
    pub(crate) tiles: Option<&'a Tiles>,
    /// Where our aircraft stands or flies, and where its nose points.
    pub(crate) own: Option<(Position, f64)>,
    /// What the ground's heights come from; empty where there is no model.
    pub(crate) terrain: &'a str,
    /// The plan is on its way to the vehicle.
    pub(crate) sending: Option<&'a Work>,
    /// Zones, permissions and terrain are being read.
    pub(crate) reading: Option<&'a Work>,
    /// The unit's people, for the crew.
    pub(crate) people: &'a [Person],
    /// Why plans cannot be checked here.
    pub(crate) trouble: Option<&'a str>,
    /// Why no papers can be signed here.
    pub(crate) no_papers: Option<&'a str>,
}

/// What the screen asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PlanCommand {
    /// Send it to the vehicle, read it back, compare; its papers with it.
    Upload(Box<Plan>),
    /// Send no more of it.
    CancelUpload,
    /// Sign an override.
    Answer(Box<Answering>),
    /// Activate a permission: in Airspace.
    Activate(String),
    /// Call somebody: the activating call, or a phone.
    Call {
        /// Who.
        name: String,
        /// The number.
        phone: String,
    },
    /// Look after the datasets: in Airspace.
    OpenAirspace,
    /// Read this file, and give it to [`Planner::import`].
    Import(PathBuf),
    /// Write what [`Planner::export`] gives into this file, which must not be there yet.
    Export(PathBuf),
}

/// Draws it, and changes the plan as it is asked; what others have to do.
pub(crate) fn show(
    ui: &mut Ui,
    rect: Rect,
    planner: &mut Planner,
    ground: Ground<'_>,
    view: &mut PlanView,
) -> Vec<PlanCommand> {
    let mut commands = Vec::new();
    keys::keys(ui, planner, view);
    let narrow = rect.width() < 1_300.0;
    let mut rest = rect;
    let mut left = rest.left_part(280.0);
    rest.left_part(GUTTER);
    let mut right = rest.right_part(if narrow { 320.0 } else { 344.0 });
    rest.right_part(GUTTER);

    let list = (left.height() * 0.46).min(380.0);
    figures::profiles(ui, left.top_part(list), planner);
    left.top_part(GUTTER);
    figures::figures(ui, left, planner, view);

    let profile = rest.bottom_part((rest.height() * 0.325).clamp(200.0, 300.0));
    rest.bottom_part(GUTTER);
    let takes = rest.bottom_part(68.0);
    rest.bottom_part(GUTTER);
    commands.extend(board::board(ui, rest, planner, ground, view));
    takes::takes(ui, takes, planner);
    side::side(ui, profile, planner, ground.terrain, view);

    let upload = right.bottom_part(126.0);
    right.bottom_part(GUTTER);
    let checklist = right.bottom_part((right.height() * 0.34).clamp(180.0, 300.0));
    right.bottom_part(GUTTER);
    let (cures, answer) = findings::findings(ui, right, planner, ground.trouble, view);
    commands.extend(answer.map(|answer| PlanCommand::Answer(Box::new(answer))));
    for cure in cures {
        commands.extend(cured(planner, &cure));
    }
    send::checklist(ui, checklist, planner, ground.people);
    commands.extend(send::upload(ui, upload, planner, ground, view));
    commands
}

/// Does what clears a finding; what is done elsewhere becomes a command.
fn cured(planner: &mut Planner, cure: &Cure) -> Option<PlanCommand> {
    if planner.cure(cure) {
        return None;
    }
    match cure.clone() {
        Cure::Activate(id) => Some(PlanCommand::Activate(id)),
        Cure::Call { name, phone } => Some(PlanCommand::Call { name, phone }),
        Cure::Airspace => Some(PlanCommand::OpenAirspace),
        Cure::Trim(_) | Cure::ReturnHeight(_) | Cure::Height(_) | Cure::Follow | Cure::Answer => None,
    }
}

/// Takes what is chosen away.
fn remove(planner: &mut Planner, view: &mut PlanView) {
    if let Some(point) = view.selected.take() {
        planner.edit(&Edit::Remove(point), false);
    }
}

#[cfg(test)]
mod tests;

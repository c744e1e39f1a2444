//! A recorded flight in Fly's screen, beside whatever is live.
//!
//! What is live is never hidden by it: strip and alarms stay as they are; while a vehicle is heard Hold, Return, REC and the live picture
//! stand below it; one press, or a key, goes back. What comes from a store is shown inside its viewing session alone, and not behind a lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Rect, Ui, vec2};
use flight_record::FlightId;

use super::app::App;
use super::desks::evidence;
use super::shell;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::evidence::Comparison;
use crate::state::evidence::Check;
use crate::state::hud::{Beside, Centre, Hud};
use crate::state::replay::sealed::{Part, Standing, Stream, part_at, parts};
use crate::state::replay::{self};
use crate::state::seal::Mark;
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::evidence::{Ask, Playing, day, player};
use crate::ui::fly::hud::Words;
use crate::ui::fly::picture::{self, Seen};
use crate::ui::fly::replay::{BANNER, Banner, TIMELINE, Timeline, View, about, banner, frame, timeline};
use crate::ui::map::scene::{Craft, Scene};
use crate::ui::map::{Map, MapView};
use crate::video::{self, Picture, Reel, ReelOrder, ReelState};

/// Of the player's keys, points.
const TRANSPORT: f32 = 50.0;
/// Of the column at the right, points.
const COLUMN: f32 = 320.0;
/// Narrower than this the map lies in the picture, points.
const NARROW: f32 = 1_000.0;
/// What stands below the map, points.
const ABOUT: f32 = 190.0;

/// Where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    /// A flight of the store, inside of a viewing session.
    Flight(FlightId),
    /// Files that somebody named.
    File(PathBuf),
}

/// What is replayed.
pub(super) struct Replay {
    reel: Arc<Reel>,
    from: From,
    /// The segments lie there.
    folder: PathBuf,
    comparison: Option<Comparison>,
    picture: picture::View,
    map: MapView,
    timeline: View,
    /// Of the picture that was read last.
    hud: Option<(Arc<Picture>, Option<Hud>)>,
}

impl Replay {
    fn new(reel: Arc<Reel>, from: From, folder: PathBuf) -> Self {
        let (picture, map, timeline) = (picture::View::default(), MapView::default(), View::default());
        Self { reel, from, folder, comparison: None, picture, map, timeline, hud: None }
    }

    fn flight(&self) -> Option<FlightId> {
        match &self.from {
            From::Flight(flight) => Some(*flight),
            From::File(_) => None,
        }
    }

    /// The name of the stream is that of its folder.
    fn stream(&self) -> Option<&str> {
        self.folder.file_name()?.to_str()
    }

    pub(super) fn forget_textures(&mut self) {
        self.picture = picture::View::default();
        self.map.forget_textures();
    }

    /// What the picture's own telemetry says.
    fn read(&mut self, picture: &Arc<Picture>, state: &ReelState) -> Option<&Hud> {
        if self.hud.as_ref().is_none_or(|(read, _)| !Arc::ptr_eq(read, picture)) {
            let beside = Beside { home: replay::home(&state.samples), ..Beside::default() };
            let hud = picture.klv.as_ref().map(|klv| Hud::of(&klv.uas, [picture.width, picture.height], &beside));
            self.hud = Some((Arc::clone(picture), hud));
        }
        self.hud.as_ref().and_then(|(_, hud)| hud.as_ref())
    }
}

impl App {
    /// Shows on Fly's screen what Evidence has open; only inside of its viewing session.
    pub(super) fn replay_flight(&mut self) {
        let now_ns = clock::mono_ns();
        let Some((flight, reel, folder)) = evidence::open_footage(self) else {
            self.notices.fault("Replay: open the footage inside of a viewing session first", now_ns);
            return;
        };
        if *evidence::checked(self, flight) == Check::NotAsked {
            evidence::check(self, flight);
        }
        self.show_replay(Replay::new(reel, From::Flight(flight), folder));
    }

    /// Shows a segment, or a folder of them, on Fly's screen.
    pub(crate) fn replay_file(&mut self, place: &Path) {
        let folder = evidence::streams(place.to_owned());
        match Reel::open(&folder, Arc::clone(&self.repaint)) {
            Ok(reel) => self.show_replay(Replay::new(Arc::new(reel), From::File(place.to_owned()), folder)),
            Err(error) => self.notices.fault(format!("The recording does not open: {error:#}"), clock::mono_ns()),
        }
    }

    fn show_replay(&mut self, replay: Replay) {
        (self.view.workspace, self.view.over) = (Workspace::Fly, None);
        self.replay = Some(replay);
    }

    /// Back to what is live.
    pub(super) fn leave_replay(&mut self) {
        if let Some(replay) = self.replay.take() {
            replay.reel.order(ReelOrder::Pause);
        }
    }

    /// It ends with its viewing session and behind a lock; once there is a verdict, what is played is compared with it.
    pub(super) fn look_after_replay(&mut self, now_ns: u64) {
        let Some(replay) = &self.replay else { return };
        let over = match replay.flight() {
            _ if self.desks.gate.is_locked() => Some("the window is locked"),
            Some(flight) if !evidence::still_open(self, flight, &replay.reel) => Some("its viewing session is over"),
            Some(_) | None => None,
        };
        if let Some(why) = over {
            self.leave_replay();
            self.notices.done(format!("Replay ended: {why}"), None, now_ns);
            return;
        }
        if replay.comparison.is_none()
            && let Some(stream) = verified(self, replay).cloned()
        {
            let comparison = Comparison::start(replay.folder.clone(), stream, Arc::clone(&self.repaint));
            let comparison = comparison
                .inspect_err(|error| tracing::warn!(error = format!("{error:#}"), "what is played is not compared"));
            if let Some(replay) = &mut self.replay {
                replay.comparison = comparison.ok();
            }
        }
    }

    /// Whether something that would move, mark or zoom what is live is held back while a replay is looked at; it is said.
    pub(super) fn replay_holds_back(&mut self, command: Command, now_ns: u64) -> bool {
        let held = matches!(
            command,
            Command::Marker
                | Command::Notice
                | Command::ZoomIn
                | Command::ZoomOut
                | Command::GimbalAhead
                | Command::GimbalDown
                | Command::Arm
                | Command::TakeOff
                | Command::StartMission
        );
        let held = held && self.replay.is_some() && self.view.workspace == Workspace::Fly;
        if held {
            let words = format!("{}: this is a replay. Go back to live first (B)", command.text());
            self.notices.fault(words, now_ns);
        }
        held
    }
}

/// The stream of the verdict that the played one is said to be.
fn verified<'a>(app: &'a App, replay: &Replay) -> Option<&'a Stream> {
    match evidence::checked(app, replay.flight()?) {
        Check::Done(verdict) => verdict.recorded.streams.get(replay.stream()?),
        Check::NotAsked | Check::Running(_) | Check::Failed(_) => None,
    }
}

/// The segments with how each stands, the marks, and what to know of them.
fn sealed(app: &App, replay: &Replay, state: &ReelState) -> (Vec<Part>, Vec<(i64, Mark)>, String) {
    let found = replay.comparison.as_ref().map(Comparison::found).unwrap_or_default();
    let parts = parts(&state.segments, state.end_utc_us, verified(app, replay), &found, &state.played);
    let Some(flight) = replay.flight() else {
        let note =
            "A plain file: nobody has compared it with a flight’s record. Open the flight in Evidence for its seal.";
        return (parts, Vec::new(), note.to_owned());
    };
    let (marks, note) = match evidence::checked(app, flight) {
        Check::NotAsked => (Vec::new(), "The flight is not checked: press Check again in Evidence.".to_owned()),
        Check::Running(_) => (Vec::new(), "The flight is being checked: every file is read.".to_owned()),
        Check::Failed(why) => (Vec::new(), format!("Not checked: {why}")),
        Check::Done(verdict) => {
            let count = |wanted: &[Standing]| parts.iter().filter(|part| wanted.contains(&part.standing)).count();
            let (all, wrong) = (parts.len(), count(&[Standing::Foreign, Standing::Doubtful]));
            let note = match (wrong, count(&[Standing::Unchecked])) {
                (0, 0) => format!("{}: all {all} segments are byte by byte those recorded", verdict.word),
                (0, open) => format!("{}: {open} of {all} segments not compared with the record yet", verdict.word),
                (wrong, _) => format!("{wrong} of {all} segments played are not those of the flight’s record"),
            };
            (verdict.recorded.marks.clone(), note)
        }
    };
    (parts, marks, note)
}

/// Of when, and of which aircraft.
fn of(app: &App, replay: &Replay, state: &ReelState, picture: Option<&Arc<Picture>>) -> String {
    let when = |utc_us: Option<i64>| utc_us.map_or_else(|| "an unknown day".to_owned(), day);
    match &replay.from {
        From::Flight(flight) => {
            let flight = evidence::flight(app, *flight);
            let begin = flight.and_then(|flight| flight.begin_utc_us);
            let aircraft = flight.map_or("unknown aircraft", |flight| flight.aircraft.as_str());
            format!("{}, {aircraft}", when(begin.or((state.begin_utc_us > 0).then_some(state.begin_utc_us))))
        }
        From::File(path) => {
            let klv = picture.and_then(|picture| picture.klv.as_ref());
            let aircraft = klv.and_then(|klv| klv.uas.platform_designation.as_deref()).unwrap_or("unknown aircraft");
            let name =
                path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
            let taken = picture.and_then(|picture| picture.taken_utc_us);
            format!("{}, {aircraft}, file {name}", when(taken))
        }
    }
}

/// Draws it; what was asked.
pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App, now_ns: u64) -> Vec<Command> {
    let mut work = work;
    let mut asked = shell::around(ui, &mut work, app, now_ns);
    // Out of the window while it is drawn, so that it may look at the rest.
    let Some(mut replay) = app.replay.take() else { return asked };
    let (state, picture) = (replay.reel.state(), replay.reel.latest());
    let of = of(app, &replay, &state, picture.as_ref());
    let head = work.top_part(BANNER);
    work.top_part(GUTTER);
    if banner(ui, head, &Banner { of: &of, in_air: app.flight.in_air() }) {
        asked.push(Command::LeaveReplay);
    }
    let (parts, marks, note) = sealed(app, &replay, &state);
    let line = work.bottom_part(TIMELINE);
    work.bottom_part(GUTTER);
    let now = Timeline { state: &state, parts: &parts, marks: &marks, note: &note };
    if let Some(utc_us) = timeline(ui, line, &now, &mut replay.timeline) {
        replay.reel.order(ReelOrder::To { utc_us });
    }
    let keys = work.bottom_part(TRANSPORT);
    work.bottom_part(GUTTER);
    transport(ui, keys, &replay, &state, picture.as_ref());
    let (seen_at, map_at, about_at) = places(work, app.view.wish.filled, app.view.wish.swapped);
    picture_at(ui, seen_at, app, &mut replay, (&state, picture.as_ref()), now_ns);
    if let Some(rect) = map_at {
        map(ui, rect, app, &mut replay, &state);
    }
    if let Some(rect) = about_at {
        about(ui, rect, &facts(app, &replay, &state, &parts));
    }
    if keyed(ui, app, &replay.reel, &state) {
        asked.push(Command::LeaveReplay);
    }
    app.replay = Some(replay);
    asked
}

/// Where picture, map and facts stand.
fn places(mut work: Rect, filled: bool, swapped: bool) -> (Rect, Option<Rect>, Option<Rect>) {
    if filled {
        return (work, None, None);
    }
    if work.width() < NARROW {
        let side = vec2(240.0, 180.0);
        let inset = Rect::from_min_size(work.right_top() + vec2(-side.x - 12.0, 12.0), side);
        return if swapped { (inset, Some(work), None) } else { (work, Some(inset), None) };
    }
    let mut column = work.right_part(COLUMN);
    work.right_part(GUTTER);
    let facts = column.bottom_part(ABOUT.min(column.height() * 0.5));
    column.bottom_part(GUTTER);
    if swapped { (column, Some(work), Some(facts)) } else { (work, Some(column), Some(facts)) }
}

fn picture_at(
    ui: &mut Ui,
    rect: Rect,
    app: &App,
    replay: &mut Replay,
    (state, picture): (&ReelState, Option<&Arc<Picture>>),
    now_ns: u64,
) {
    let status = match &state.fault {
        Some(why) => video::Status::Broken { why: "The recording cannot be played".to_owned(), cure: why.clone() },
        None => video::Status::Waiting,
    };
    let hud = picture.and_then(|picture| replay.read(picture, state).cloned());
    let seen = Seen { picture, status: &status, now_ns, now_utc_us: None, recorded: true };
    picture::show(ui, rect, &seen, hud.as_ref(), &Words::default(), &mut replay.picture);
    if let Some(session) = replay.flight().and_then(|flight| evidence::session(app, flight)) {
        player::watermark(ui, rect, session);
    }
    frame(ui, rect);
}

fn map(ui: &mut Ui, rect: Rect, app: &App, replay: &mut Replay, state: &ReelState) {
    let located: Vec<_> = state.samples.iter().filter_map(|sample| Some((sample.utc_us, sample.position?))).collect();
    let flown = located.partition_point(|(utc_us, _)| *utc_us <= state.at_utc_us);
    let track: Vec<_> = located.into_iter().map(|(_, position)| position).collect();
    let (flown, rest) = track.split_at(flown);
    let hud = replay.hud.as_ref().and_then(|(_, hud)| hud.as_ref());
    let scene = Scene {
        tiles: app.desks.tiles.as_ref(),
        home: replay::home(&state.samples),
        own: hud.and_then(|hud| Some(Craft { position: hud.position?, heading_deg: hud.heading_deg.unwrap_or(0.0) })),
        flown,
        back: rest,
        footprint: hud.map_or(&[], |hud| &hud.footprint.points),
        frame_centre: hud.and_then(|hud| match &hud.centre {
            Centre::Ground { position, .. } => Some(*position),
            Centre::Sky | Centre::Unknown => None,
        }),
        ..Scene::default()
    };
    Map::show(ui, rect, &scene, &mut replay.map);
    frame(ui, rect);
}

fn transport(ui: &Ui, rect: Rect, replay: &Replay, state: &ReelState, picture: Option<&Arc<Picture>>) {
    let playing = Playing { state, picture };
    let mut asks = Vec::new();
    player::transport(ui, rect, Some(playing), &[], &mut asks);
    for ask in asks {
        if let Ask::Reel(order) = ask {
            replay.reel.order(order);
        }
    }
}

fn facts(app: &App, replay: &Replay, state: &ReelState, parts: &[Part]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    match &replay.from {
        From::Flight(flight) => {
            if let Some(session) = evidence::session(app, *flight) {
                facts.push(("Viewed by", format!("{}, ledger line {}", session.who, session.line)));
                facts.push(("Why", session.reason.clone()));
            }
            facts.push(("Flight", flight.to_string()));
        }
        From::File(path) => facts.push(("File", path.display().to_string())),
    }
    if let Some(part) = part_at(parts, state.at_utc_us).and_then(|at| parts.get(at)) {
        let (place, total) = (state.place.0 + 1, state.place.1);
        facts.insert(0, ("Segment", format!("{}, {place} of {total}: {}", part.name, part.standing.name())));
    }
    facts
}

/// The player's keys, where nothing is typed and no button has the keyboard; whether to go back to live.
fn keyed(ui: &Ui, app: &App, reel: &Reel, state: &ReelState) -> bool {
    let ctx = ui.ctx();
    if app.view.palette.is_some() || app.view.over.is_some() || ctx.egui_wants_keyboard_input() {
        return false;
    }
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let orders = [
        (Key::Space, !focused, if state.playing { ReelOrder::Pause } else { ReelOrder::Play }),
        (Key::Comma, true, ReelOrder::Previous),
        (Key::Period, true, ReelOrder::Next),
        (Key::OpenBracket, true, ReelOrder::At(state.speed.slower())),
        (Key::CloseBracket, true, ReelOrder::At(state.speed.faster())),
        (Key::Home, true, ReelOrder::To { utc_us: state.begin_utc_us }),
        (Key::End, true, ReelOrder::To { utc_us: state.end_utc_us }),
    ];
    ui.input(|input| {
        for (key, free, order) in orders {
            if free && input.modifiers.is_none() && input.key_pressed(key) {
                reel.order(order);
            }
        }
        input.key_pressed(Key::Escape)
    })
}

#[cfg(test)]
mod tests;

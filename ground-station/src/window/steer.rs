//! What a pilot tells vehicle and camera from Fly: the menu of a place, orders that wait for their slide, the stick of the gimbal, the eyes
//! of the camera.

use egui::{Context, Pos2, Rect, Ui};
use mission_profiles::place::{Position, to_grid};
use vehicle_link::camera_client::orders::Source;
use vehicle_link::gimbal::orders::Aim;

use super::app::App;
use super::asked::For;
use crate::command::Workspace;
use crate::link::OWN;
use crate::state::hud::Centre;
use crate::state::steer::{Bounds, HEIGHTS_M, RADII_M, Refusal, SPEEDS_MPS, Target, Wish, closed_zone};
use crate::state::stick::{Rates, Stick};
use crate::state::vehicle::payload::Eye;
use crate::tasks::orders::{Class, Order};
use crate::ui::fly::controls::Guarded;
use crate::ui::fly::here::{self, Here, Pick, Row, Stage};
use crate::ui::fly::stick;
use crate::ui::map::lens::Lens;
use crate::ui::map::{self, MapOut};
use crate::ui::theme::tokens;
use crate::ui::widget::button::Button;
use crate::ui::widget::flight::Sent;
use crate::window::words::distance;

/// What a circle begins with, metres.
const RADIUS_M: f64 = 40.0;
const LOOK_HERE: For = For::Told("Look here");
const STICK: For = For::Quiet("Turning the camera");
const EYE: For = For::Quiet("The camera’s other eye");

/// What was asked for on Fly, and how it stands.
#[derive(Debug, Default)]
pub(super) struct Steer {
    /// Of which vehicle.
    system: Option<u8>,
    menu: Option<Here>,
    /// By the palette or its key it opens in the middle of the map.
    open_in_middle: bool,
    target: Option<Target>,
    /// What the vehicle refused, and why, until it is read.
    refused: Option<(Wish, String)>,
    /// The place on which the camera is kept, and whether the vehicle has said so.
    looks_at: Option<(Position, bool)>,
    stick: Stick,
    /// The speed that was taken last, metres a second.
    speed_mps: Option<f64>,
    /// The vehicle that takes no circles.
    no_orbit: Option<u8>,
    /// A zone in the way, of which order, by which edition of the zones and of how they stand.
    zone: Option<(Wish, [u64; 2], Option<Refusal>)>,
}

impl Steer {
    /// An order goes out: what it takes the place of is no more.
    pub(super) fn ordered(&mut self, order: &Order) {
        match order.class() {
            Class::Course => (self.target, self.refused) = (None, None),
            Class::Gimbal => {
                self.looks_at = None;
                if !matches!(order, Order::Gimbal(Aim::Rates { .. })) {
                    self.stick.forget();
                }
            }
            Class::Arming | Class::Reason | Class::Zoom | Class::Other => {}
        }
    }

    /// An order from the map is on its way.
    pub(super) fn sent(&mut self, wish: Wish) {
        if wish.at().is_some() {
            self.target = Some(Target::new(wish));
        }
    }

    /// What became of an order.
    pub(super) fn answered(&mut self, what: &For, refused: Option<&str>) {
        let taken = refused.is_none();
        if let For::Guarded(Guarded::Steer(wish)) = what {
            self.refused = refused.map(|why| (*wish, why.to_owned()));
            if let Some(target) = self.target.as_mut().filter(|target| target.wish == *wish) {
                target.confirmed = taken;
                if !taken {
                    self.target = None;
                }
            }
            if let (Wish::Speed { speed_mps }, true) = (wish, taken) {
                self.speed_mps = Some(*speed_mps);
            }
        }
        if *what == LOOK_HERE {
            self.looks_at = self.looks_at.filter(|_| taken).map(|(at, _)| (at, true));
        }
    }

    /// A vehicle does not know how to fly round a place.
    pub(super) fn takes_no_orbit(&mut self, system: u8) {
        self.no_orbit = Some(system);
    }

    /// Nothing that a lock covers stays open.
    pub(super) fn close_menu(&mut self) {
        (self.menu, self.open_in_middle) = (None, false);
    }
}

/// The order that a wish is.
pub(super) fn order_of(wish: &Wish) -> Order {
    #[expect(clippy::cast_possible_truncation, reason = "some hundred metres")]
    let narrow = |metres: f64| metres as f32;
    match *wish {
        Wish::GoTo { at, height_m } => Order::GoTo { at, height_m: narrow(height_m) },
        Wish::Orbit { at, radius_m, height_m } => {
            Order::Orbit { at, radius_m: narrow(radius_m), height_m: narrow(height_m) }
        }
        Wish::Height { height_m } => Order::Height { height_m: narrow(height_m) },
        Wish::Speed { speed_mps } => Order::Speed { ground_m_s: narrow(speed_mps) },
    }
}

impl App {
    fn bounds(&self, now_ns: u64) -> Bounds<'_> {
        let vehicle = self.flight.vehicle();
        let place = vehicle.map(|vehicle| &vehicle.place);
        Bounds {
            here: place.and_then(|place| place.fix.now(now_ns)).map(|fix| fix.position),
            height_m: place.and_then(|place| place.height_above_home_m(now_ns)),
            home: place.and_then(|place| place.home.now(now_ns)).map(|home| home.position),
            in_air: self.flight.in_air(),
            fence: &self.flight.aboard.fence,
            fence_limits: vehicle.and_then(|vehicle| vehicle.failsafes.fence(vehicle.kind()?)),
            limits: super::limits(),
        }
    }

    /// Why an order from the map is not offered.
    pub(super) fn steer_refused(&self, wish: &Wish, now_ns: u64) -> Option<Refusal> {
        let zone = self.steer.zone.as_ref().filter(|(of, ..)| of == wish).and_then(|(.., zone)| zone.clone());
        wish.check(&self.bounds(now_ns)).err().or(zone)
    }

    /// Time passes: a target that is reached is one no more, and what was offered goes when it is so already.
    pub(super) fn look_after_target(&mut self, now_ns: u64) {
        let system = self.flight.vehicle().map(|vehicle| vehicle.address.system);
        if self.steer.system != system {
            // What was asked of another vehicle is nothing of this one.
            self.steer = Steer { system, ..Steer::default() };
            self.view.guarded = self.view.guarded.filter(|offered| !offered.is_of_fly());
        }
        let mode = self.flight.vehicle().and_then(|vehicle| vehicle.mode(now_ns)).map(|mode| mode.name);
        let stands = self.steer.target.map(|mut target| {
            let stands = target.stands(mode.as_deref(), &self.bounds(now_ns));
            stands.then_some(target)
        });
        if let Some(target) = stands {
            self.steer.target = target;
        }
        if self.view.workspace != Workspace::Fly {
            // Where the picture is not pulled, nothing turns.
            self.turn_like(Rates::default(), now_ns);
            self.steer.close_menu();
        }
        let disarmed = self.flight.vehicle().and_then(|vehicle| vehicle.is_armed(now_ns)) == Some(false);
        let moot = match self.view.guarded {
            Some(Guarded::Disarm) => disarmed,
            Some(Guarded::Mode(choice)) => mode.as_deref() == Some(choice.name),
            _ => false,
        };
        if moot {
            self.view.guarded = None;
        }
        if let Some(Guarded::Steer(wish)) = self.view.guarded {
            let editions = [self.skies.edition, self.skies.stands_edition];
            let known = self.steer.zone.as_ref().is_some_and(|(of, by, _)| (of, *by) == (&wish, editions));
            if !known {
                let here = self.bounds(now_ns).here;
                let zone = closed_zone(&wish, here, &self.skies.datasets, &self.skies.stands);
                self.steer.zone = Some((wish, editions, zone));
            }
        }
    }

    /// Paints what is ordered onto the map, and opens the menu where it was clicked.
    pub(super) fn steer_on_map(&mut self, ui: &Ui, out: &MapOut, now_ns: u64) {
        let own = self.bounds(now_ns).here;
        let painter = map::clipped(ui, &out.lens);
        if let Some((at, confirmed)) = self.steer.looks_at {
            here::looked_at(ui, &painter, &out.lens, at, confirmed);
        }
        if let Some(target) = &self.steer.target {
            let stage = if target.confirmed { Stage::Flown } else { Stage::Sent };
            here::target(ui, &painter, &out.lens, own, &target.wish, stage);
        }
        if let Some(Guarded::Steer(wish)) = self.view.guarded {
            here::target(ui, &painter, &out.lens, own, &wish, Stage::Pending);
        }
        if self.desks.gate.is_locked() {
            return;
        }
        if let Some(at) = out.clicked.or(out.pressed_long) {
            self.steer.menu = Some(Here { at, anchor: out.lens.at(at), map: out.lens.rect() });
        }
        if std::mem::take(&mut self.steer.open_in_middle) {
            let at = self.view.map.middle();
            self.steer.menu = Some(Here { at, anchor: out.lens.at(at), map: out.lens.rect() });
        }
        if let Some(menu) = &self.steer.menu {
            map::signs::aim(&painter, out.lens.at(menu.at), tokens(ui));
        }
        self.end_of_measuring(ui, &out.lens);
    }

    /// While something is measured, how to end it.
    fn end_of_measuring(&mut self, ui: &Ui, lens: &Lens) {
        if !self.view.map.measuring {
            return;
        }
        let end = Button::new("End measuring").small();
        let size = egui::vec2(end.width(ui), 48.0);
        let at = Rect::from_min_size(lens.rect().min + egui::vec2(8.0, 8.0), size);
        if end.at(ui, at).clicked() || ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.view.map.measuring = false;
            self.view.map.clear_measure();
        }
    }

    /// Draws the menu and the card of an order over everything else of Fly; `side` is where the card stands.
    pub(super) fn steer_over(&mut self, ui: &Ui, work: Rect, side: Rect, now_ns: u64) {
        if let Some(Guarded::Steer(wish)) = self.view.guarded {
            let words = wish.words(&self.bounds(now_ns), self.usual_speed_mps());
            let refused = self.steer_refused(&wish, now_ns).map(|refusal| refusal.why);
            match here::card(ui, side, &wish, &words, refused.as_deref()) {
                Some(here::Ask::Cancel) => self.view.guarded = None,
                Some(here::Ask::Change(wish)) => self.view.guarded = Some(Guarded::Steer(wish)),
                None => {}
            }
        } else if let Some((wish, why)) = &self.steer.refused
            && here::refused(ui, side, wish, why)
        {
            self.steer.refused = None;
        }
        let Some(menu) = self.steer.menu else {
            let alone = self.view.over.is_none() && self.view.palette.is_none();
            if alone && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
                self.view.guarded = None;
            }
            return;
        };
        let (picked, closes) = here::menu(ui, work, &menu, &self.rows(now_ns));
        if closes {
            self.steer.menu = None;
        }
        if let Some(pick) = picked {
            self.picked(ui.ctx(), pick, menu.at, now_ns);
        }
    }

    fn rows(&self, now_ns: u64) -> Vec<Row> {
        let bounds = self.bounds(now_ns);
        let vehicle = self.flight.vehicle();
        let silent = match vehicle {
            None => Some("No vehicle is heard"),
            Some(vehicle) if vehicle.link.is_lost(now_ns) => Some("The vehicle is silent"),
            Some(_) if !bounds.in_air => Some("Take off first"),
            Some(_) => None,
        };
        let no_orbit = vehicle.is_some_and(|vehicle| self.steer.no_orbit == Some(vehicle.address.system));
        let no_gimbal = (!self.has_gimbal()).then_some("No gimbal is heard");
        let far =
            |at: Position| bounds.here.map(|here| distance(mission_profiles::place::inverse(here, at).distance_m));
        let row = |pick: Pick| {
            let (now, why_not) = match pick {
                Pick::GoHere => (self.steer.menu.and_then(|menu| far(menu.at)), silent),
                Pick::OrbitHere => (None, silent.or(no_orbit.then_some("This vehicle does not take it"))),
                Pick::LookHere => (None, no_gimbal),
                Pick::LookAhead => (None, no_gimbal),
                Pick::Height => (bounds.height_m.map(|height_m| format!("{height_m:.0} m")), silent),
                Pick::Speed => (self.speed_now_mps(now_ns).map(|mps| format!("{mps:.1} m/s")), silent),
                Pick::Measure | Pick::Copy => (None, None),
            };
            Row { pick, now: now.unwrap_or_default(), why_not: why_not.map(str::to_owned) }
        };
        Pick::ALL.into_iter().map(row).collect()
    }

    fn picked(&mut self, ctx: &Context, pick: Pick, at: Position, now_ns: u64) {
        let height_m = self.height_to_begin_with(now_ns);
        match pick {
            Pick::GoHere => self.offer_from_map(Wish::GoTo { at, height_m }),
            Pick::OrbitHere => {
                self.offer_from_map(Wish::Orbit { at, radius_m: RADIUS_M.clamp(RADII_M.0, RADII_M.1), height_m });
            }
            Pick::LookHere => self.look_at(at, now_ns),
            Pick::LookAhead => self.order(Order::LookAhead, For::Quiet("Look ahead"), now_ns),
            Pick::Height => self.offer_height(now_ns),
            Pick::Speed => self.offer_speed(now_ns),
            Pick::Measure => self.view.map.measure_from(at),
            Pick::Copy => self.copy(ctx, at, now_ns),
        }
    }

    fn offer_from_map(&mut self, wish: Wish) {
        self.view.workspace = Workspace::Fly;
        self.view.guarded = Some(Guarded::Steer(wish));
    }

    /// The menu of the map's middle.
    pub(super) fn open_here(&mut self) {
        self.view.workspace = Workspace::Fly;
        (self.view.wish.filled, self.steer.open_in_middle) = (false, true);
    }

    /// On its way to a place it goes on there at the other height.
    pub(super) fn offer_height(&mut self, now_ns: u64) {
        let height_m = self.height_to_begin_with(now_ns);
        self.offer_from_map(match self.steer.target.filter(|target| target.confirmed).map(|target| target.wish) {
            Some(wish @ (Wish::GoTo { .. } | Wish::Orbit { .. })) => wish,
            _ => Wish::Height { height_m },
        });
    }

    pub(super) fn offer_speed(&mut self, now_ns: u64) {
        let now_mps = self.steer.speed_mps.or_else(|| self.speed_now_mps(now_ns).filter(|mps| *mps >= SPEEDS_MPS.0));
        let speed_mps = now_mps.unwrap_or_else(|| self.usual_speed_mps()).round().clamp(SPEEDS_MPS.0, SPEEDS_MPS.1);
        self.offer_from_map(Wish::Speed { speed_mps });
    }

    /// The height it has, to the metre.
    fn height_to_begin_with(&self, now_ns: u64) -> f64 {
        let now_m = self.bounds(now_ns).height_m.unwrap_or(HEIGHTS_M.0);
        now_m.round().clamp(HEIGHTS_M.0, HEIGHTS_M.1)
    }

    fn speed_now_mps(&self, now_ns: u64) -> Option<f64> {
        let fix = self.flight.vehicle()?.place.fix.now(now_ns)?;
        let [north, east, _] = fix.velocity_mps;
        Some(north.hypot(east))
    }

    /// How fast it flies there: as it was told, as its parameters have it, or as flights like this one do.
    fn usual_speed_mps(&self) -> f64 {
        let vehicle = self.flight.vehicle();
        let own = || vehicle.and_then(|vehicle| vehicle.failsafes.return_speed_mps(vehicle.kind()?));
        let usual = || super::limits().map_or(SPEEDS_MPS.0, |limits| limits.speed_ms);
        self.steer.speed_mps.or_else(own).unwrap_or_else(usual)
    }

    /// The camera stays on a place, taken to be as high as the take-off.
    fn look_at(&mut self, at: Position, now_ns: u64) {
        let place = self.flight.vehicle().map(|vehicle| &vehicle.place);
        let home_m = place.and_then(|place| {
            let home = place.home.now(now_ns).map(|home| home.height_msl_m);
            home.or_else(|| place.fix.now(now_ns).map(|fix| fix.height_msl_m - fix.height_above_home_m))
        });
        let Some(ground_m) = home_m else {
            self.notices
                .fault("Look here: the vehicle has not said how high its home lies. Wait for its position.", now_ns);
            return;
        };
        self.look_at_height(at, ground_m, now_ns);
    }

    fn look_at_height(&mut self, at: Position, height_amsl_m: f64, now_ns: u64) {
        #[expect(clippy::cast_possible_truncation, reason = "some hundred metres")]
        let height_amsl_m = height_amsl_m as f32;
        self.order(Order::LookAt { at, height_amsl_m }, LOOK_HERE, now_ns);
        if self.asked.of(&LOOK_HERE) == Sent::Waiting {
            self.steer.looks_at = Some((at, false));
        }
    }

    fn centre(&self) -> Option<Position> {
        match &self.flight.hud.as_ref()?.centre {
            Centre::Ground { position, .. } => Some(*position),
            Centre::Sky | Centre::Unknown => None,
        }
    }

    /// The camera stays on what is in the middle of its picture.
    pub(super) fn look_at_centre(&mut self, now_ns: u64) {
        let Some(at) = self.centre() else {
            self.notices
                .fault("Keep looking here: the picture does not tell where its middle meets the ground.", now_ns);
            return;
        };
        let klv = self.flight.picture.as_ref().and_then(|picture| picture.klv.as_ref());
        match klv.and_then(|klv| klv.uas.frame_centre_elevation_msl_m).filter(|height_m| height_m.is_finite()) {
            Some(height_m) => self.look_at_height(at, height_m, now_ns),
            None => self.look_at(at, now_ns),
        }
    }

    /// Where the picture's middle is, for another program or the radio log.
    pub(super) fn copy_centre(&mut self, ctx: &Context, now_ns: u64) {
        match self.centre() {
            Some(at) => self.copy(ctx, at, now_ns),
            None => self.notices.fault("Copy: the picture does not tell where its middle meets the ground.", now_ns),
        }
    }

    fn copy(&mut self, ctx: &Context, at: Position, now_ns: u64) {
        let grid = to_grid(at).map_or_else(String::new, |grid| format!("  {grid}"));
        let words = format!("{:.6}, {:.6}{grid}", at.lat_deg, at.lon_deg);
        self.notices.done(format!("Copied: {words}"), None, now_ns);
        ctx.copy_text(words);
    }

    fn has_gimbal(&self) -> bool {
        self.flight.vehicle().is_some_and(|vehicle| vehicle.payload.has_gimbal())
    }

    /// Whether pulling the picture turns the camera.
    pub(super) fn can_turn(&self, now_ns: u64) -> bool {
        let heard = self.flight.vehicle().is_some_and(|vehicle| !vehicle.link.is_lost(now_ns));
        heard && self.has_gimbal() && !self.desks.gate.is_locked()
    }

    /// The picture or an arrow key is pulled like this, or nothing is.
    pub(super) fn turn(&mut self, ui: &Ui, pulled: Option<Rates>, now_ns: u64) {
        let free = self.view.over.is_none() && self.view.palette.is_none() && self.steer.menu.is_none();
        let by_keys = || stick::keys(ui).filter(|_| free).map(|pull| Rates::of(pull, self.field_deg()));
        let wish = match self.can_turn(now_ns) {
            true => pulled.or_else(by_keys).unwrap_or_default(),
            false => Rates::default(),
        };
        self.turn_like(wish, now_ns);
        if self.steer.stick.turns() || !wish.is_still() {
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
    }

    fn turn_like(&mut self, wish: Rates, now_ns: u64) {
        let waits = self.asked.of(&STICK) == Sent::Waiting;
        if let Some(Rates { pitch_deg_s, yaw_deg_s }) = self.steer.stick.step(wish, waits, now_ns) {
            self.order(Order::Gimbal(Aim::Rates { pitch_deg_s, yaw_deg_s }), STICK, now_ns);
        }
    }

    fn field_deg(&self) -> Option<f64> {
        self.flight.hud.as_ref().and_then(|hud| hud.field_deg())
    }

    /// How close the picture is, and of what that is a figure: the camera's own zoom, else how wide the picture says it is.
    pub(super) fn zoom_words(&self, now_ns: u64) -> (Option<String>, &'static str) {
        let camera = self.flight.camera;
        let vehicle = self.flight.vehicle();
        let percent = camera.zip(vehicle).and_then(|(camera, vehicle)| vehicle.payload.zoom_percent(camera, now_ns));
        match (percent.filter(|_| self.flight.zooms), self.field_deg()) {
            (Some(percent), _) => (Some(format!("{percent:.0} %")), "Zoom"),
            (None, Some(field_deg)) => (Some(format!("{field_deg:.0}°")), "Field"),
            (None, None) => (None, "Zoom"),
        }
    }

    /// Where the camera has two eyes: by which the picture was taken, as it says itself, else as the camera's streams do.
    pub(super) fn eyes(&self) -> Option<Option<Eye>> {
        let (camera, vehicle) = self.flight.camera.zip(self.flight.vehicle())?;
        vehicle.payload.has_both_eyes(camera).then(|| {
            let klv = self.flight.picture.as_ref().and_then(|picture| picture.klv.as_ref());
            let told = klv.and_then(|klv| klv.uas.image_source_sensor.as_deref()).and_then(eye_of);
            told.or_else(|| vehicle.payload.running_eye(camera))
        })
    }

    pub(super) fn see_by(&mut self, eye: Eye, now_ns: u64) {
        let Some(camera) = self.flight.camera else { return };
        let source = match eye {
            Eye::Colour => Source::Colour,
            Eye::Infrared => Source::Infrared,
        };
        self.order(Order::Source { camera, source }, EYE, now_ns);
    }

    /// The eye by which it does not see now.
    pub(super) fn see_by_other_eye(&mut self, now_ns: u64) {
        match self.eyes() {
            Some(Some(Eye::Infrared)) => self.see_by(Eye::Colour, now_ns),
            Some(_) => self.see_by(Eye::Infrared, now_ns),
            None => self.notices.fault("Colour or infrared: the camera does not say that it has both.", now_ns),
        }
    }

    /// What the gimbal does, in words.
    pub(super) fn gimbal_words(&self) -> Option<String> {
        let words = self.flight.vehicle()?.payload.gimbal_words(OWN)?;
        Some(if self.steer.looks_at.is_some_and(|(_, confirmed)| confirmed) {
            "stays on a place".to_owned()
        } else {
            words
        })
    }
}

/// By what a picture was taken, where its sensor is called so (ST 0601, item 11).
fn eye_of(sensor: &str) -> Option<Eye> {
    match sensor.trim().to_ascii_uppercase().as_str() {
        "EO" | "EOW" | "EON" | "RGB" => Some(Eye::Colour),
        "IR" | "MWIR" | "LWIR" | "SWIR" | "THERMAL" => Some(Eye::Infrared),
        _ => None,
    }
}

/// Where the card of an order stands: below the map, else at the lower right of what is shown.
pub(super) fn card_at(beside: Option<Rect>, large: Rect) -> Rect {
    beside.unwrap_or_else(|| {
        let size = here::CARD.min(large.size());
        Rect::from_min_size(Pos2::new(large.right() - size.x - 8.0, large.bottom() - size.y - 8.0), size)
    })
}

#[cfg(test)]
mod tests;

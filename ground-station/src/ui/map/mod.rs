//! The map: land, zones, aircraft and ways; panned and zoomed as `walkers` does it, without its tiles.

pub(crate) mod controls;
mod figure;
mod land;
pub(crate) mod lens;
pub(crate) mod measure;
pub(crate) mod scene;
pub(crate) mod signs;
mod still;
mod tiles;
pub(crate) mod zones;

use egui::{Painter, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use mission_profiles::place::{Position, to_grid};
use walkers::{MapMemory, lat_lon};

use crate::ui::icon;
use crate::ui::theme::{theme, tokens};
use controls::{SIDE, Square};
use lens::Lens;
use measure::Measure;
use scene::Scene;

/// Where a map looks before it knows of anything: Great Britain.
const BRITAIN: (Position, f64) = (Position { lat_deg: 54.2, lon_deg: -3.2 }, 5.6);
/// When following, the aircraft is kept so far from the edges: part of the map's size.
const FOLLOW_PART: f32 = 0.22;
/// An arrow key moves the map so far, points.
const STEP: f32 = 80.0;

/// How a map is looked at; one for each map of the window.
pub(crate) struct MapView {
    memory: MapMemory,
    /// Keeps our aircraft in view.
    pub(crate) follow: bool,
    /// Clicks measure.
    pub(crate) measuring: bool,
    measure: Measure,
    still: still::Still,
    tiles: tiles::Textures,
    /// Shows everything at the first frame that has something.
    fitted: bool,
}

impl Default for MapView {
    fn default() -> Self {
        let mut view = Self {
            memory: MapMemory::default(),
            follow: true,
            measuring: false,
            measure: Measure::default(),
            still: still::Still::default(),
            tiles: tiles::Textures::default(),
            fitted: false,
        };
        view.look_at(BRITAIN.0, BRITAIN.1);
        view
    }
}

impl MapView {
    /// Puts a place into the middle.
    pub(crate) fn look_at(&mut self, place: Position, zoom: f64) {
        self.memory.center_at(lat_lon(place.lat_deg, place.lon_deg));
        // Out of range it stays as it is.
        let _ = self.memory.set_zoom(zoom);
    }

    /// Puts a place into the middle, as near as it is looked at now, or nearer.
    pub(crate) fn show_place(&mut self, place: Position) {
        self.show_around(place, self.memory.zoom().max(13.0));
    }

    /// Puts a place into the middle, from so far away.
    pub(crate) fn show_around(&mut self, place: Position, zoom: f64) {
        (self.follow, self.fitted) = (false, true);
        self.look_at(place, zoom);
    }

    /// Shows all of these places.
    pub(crate) fn fit(&mut self, rect: Rect, places: impl Iterator<Item = Position>) -> bool {
        let fitted = lens::fit(rect, places, (rect.width().min(rect.height()) * 0.2).min(110.0));
        if let Some((middle, zoom)) = fitted {
            self.look_at(middle, zoom);
        }
        fitted.is_some()
    }

    /// Shows all of these places, unless the map showed something before.
    pub(crate) fn fit_once(&mut self, rect: Rect, places: impl Iterator<Item = Position>) {
        if !self.fitted {
            self.fitted = self.fit(rect, places);
        }
    }

    /// How it is looked at in a rectangle.
    #[cfg(test)]
    pub(crate) fn lens(&self, rect: Rect) -> Lens {
        Lens::of(rect, &self.memory)
    }

    /// Textures belong to one context: those of another are made anew.
    pub(crate) fn forget_textures(&mut self) {
        self.tiles = tiles::Textures::default();
    }

    /// Measures anew, from there.
    pub(crate) fn measure_from(&mut self, place: Position) {
        self.measure.clear();
        self.measure.add(place);
        self.measuring = true;
    }

    /// The place in the middle.
    pub(crate) fn middle(&self) -> Position {
        Lens::of(Rect::ZERO, &self.memory).place(Rect::ZERO.center())
    }

    /// What is measured is forgotten.
    pub(crate) fn clear_measure(&mut self) {
        self.measure.clear();
    }

    fn zoom_by(&mut self, by: f64) {
        let zoom = (self.memory.zoom() + by).clamp(1.0, 22.0);
        // Within the range that the line above keeps to.
        let _ = self.memory.set_zoom(zoom);
    }
}

/// What became of a map in a frame.
pub(crate) struct MapOut {
    /// Where it was clicked.
    pub(crate) clicked: Option<Position>,
    /// Where it was pressed for long, or clicked by the other button.
    pub(crate) pressed_long: Option<Position>,
    /// Where the pointer is.
    pub(crate) hovered: Option<Position>,
    /// How it was looked at: for what is painted over it.
    pub(crate) lens: Lens,
}

/// The map.
pub(crate) struct Map;

impl Map {
    /// Shows a scene, with the buttons that belong to every map.
    pub(crate) fn show(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, view: &mut MapView) -> MapOut {
        let out = Self::ground(ui, rect, scene, view);
        Self::over(ui, &out, scene, view);
        out
    }

    /// The scene alone: others may paint over it before [`Map::over`].
    pub(crate) fn ground(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, view: &mut MapView) -> MapOut {
        view.fit_once(rect, extent(scene));
        let response = gestures(ui, rect, view);
        keys(ui, &response, view);
        let mut lens = Lens::of(rect, &view.memory);
        if let Some(own) = scene.own.filter(|_| view.follow) {
            let margin = rect.size() * FOLLOW_PART;
            if !rect.shrink2(margin).contains(lens.at(own.position)) {
                view.look_at(own.position, view.memory.zoom());
                lens = Lens::of(rect, &view.memory);
            }
        }
        let (painter, t) = (ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())), tokens(ui));
        let unfinished = view.still.refresh(ui, &lens, t, scene, busy(&lens, scene));
        painter.rect_filled(lens.rect(), 0.0, t.map_water);
        view.still.paint_land(&painter);
        land::graticule(&painter, &lens, t);
        if let Some(tiles) = scene.tiles {
            view.tiles.paint(ui, &painter, &lens, tiles, theme(ui.ctx()));
        }
        view.still.paint_zones(&painter);
        if unfinished {
            ui.ctx().request_repaint();
        }
        signs::paint(ui, &painter, &lens, t, scene);
        let hovered = response.hover_pos().map(|at| lens.place(at));
        // By the keyboard the middle is meant.
        let at = || response.interact_pointer_pos().unwrap_or(rect.center());
        let mut clicked = response.clicked().then(|| lens.place(at()));
        let pressed_long = (response.secondary_clicked() && !view.measuring).then(|| lens.place(at()));
        if response.has_focus() {
            signs::aim(&painter, rect.center(), t);
        }
        if view.measuring {
            if let Some(place) = clicked.take() {
                view.measure.add(place);
            }
            if response.secondary_clicked() {
                view.measure.pop();
            }
            view.measure.paint(ui, &painter, &lens, t, hovered);
        }
        MapOut { clicked, pressed_long, hovered, lens }
    }

    /// What lies uppermost: north, zoom, scale, and where the pointer is.
    pub(crate) fn over(ui: &Ui, out: &MapOut, scene: &Scene<'_>, view: &mut MapView) {
        let (rect, t) = (out.lens.rect(), tokens(ui));
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        view.still.name(ui, &painter, &out.lens, t, scene);
        if let Some(words) = view.still.simplified() {
            signs::note(ui, &painter, pos2(rect.left() + 14.0, rect.bottom() - 44.0), t, &words);
        }
        buttons(ui, rect, scene, view);
        signs::scale_bar(ui, &painter, &out.lens, t, pos2(rect.left() + 14.0, rect.bottom() - 24.0));
        if let Some(place) = out.hovered {
            signs::plate(ui, &painter, rect.max - vec2(8.0, 8.0), t, &readout(place, rect.width() > 420.0));
        }
    }
}

/// Everything that a map of this scene is about.
fn extent<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = Position> + 'a {
    let all = scene.home.into_iter().chain(scene.own.map(|own| own.position));
    all.chain(scene.route.iter().chain(scene.flown).chain(scene.rally).copied())
        .chain(scene.fence.iter().flat_map(|fence| &fence.corners).copied())
}

/// Where the flight is on the map: names keep off it.
fn busy(lens: &Lens, scene: &Scene<'_>) -> Option<Rect> {
    let ways = scene.route.iter().chain(scene.flown).chain(scene.keep_clear).copied();
    let places = ways.chain(scene.own.map(|own| own.position));
    let rect = places.map(|place| lens.at(place)).fold(Rect::NOTHING, |mut rect, at| {
        rect.extend_with(at);
        rect
    });
    rect.is_finite().then_some(rect)
}

/// Pans and zooms by pointer, wheel and touch.
fn gestures(ui: &mut Ui, rect: Rect, view: &mut MapView) -> Response {
    let before = view.memory.detached();
    let builder = UiBuilder::new().id_salt("map").max_rect(rect);
    let response = ui
        .scope_builder(builder, |ui| {
            ui.set_clip_rect(rect.intersect(ui.clip_rect()));
            let map = walkers::Map::new(None, &mut view.memory, lat_lon(BRITAIN.0.lat_deg, BRITAIN.0.lon_deg));
            let shown = map.zoom_with_ctrl(false).panning(false).show(ui, |_, _, _, _| ());
            shown.response
        })
        .inner;
    // Nothing moves by itself: a map let go stays where it is.
    if view.memory.animating()
        && let Some(middle) = view.memory.detached()
    {
        view.memory.center_at(middle);
    }
    if response.dragged() && view.memory.detached() != before {
        view.follow = false;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Map"));
    response
}

/// The arrow keys move a map that has the focus, + and − zoom it.
fn keys(ui: &Ui, response: &Response, view: &mut MapView) {
    use egui::Key;
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
    let by = [
        (Key::ArrowLeft, [-STEP, 0.0]),
        (Key::ArrowRight, [STEP, 0.0]),
        (Key::ArrowUp, [0.0, -STEP]),
        (Key::ArrowDown, [0.0, STEP]),
    ];
    for (_, [x, y]) in by.into_iter().filter(|(key, _)| pressed(*key)) {
        let lens = Lens::of(response.rect, &view.memory);
        view.follow = false;
        view.look_at(lens.place(response.rect.center() + vec2(x, y)), view.memory.zoom());
    }
    if pressed(Key::Plus) || pressed(Key::Equals) {
        view.zoom_by(1.0);
    }
    if pressed(Key::Minus) {
        view.zoom_by(-1.0);
    }
}

fn buttons(ui: &Ui, rect: Rect, scene: &Scene<'_>, view: &mut MapView) {
    let squares = [
        Square::new(icon::PLUS.bold(), "Zoom in"),
        Square::new(icon::MINUS.bold(), "Zoom out"),
        Square::new(icon::CORNERS_OUT.bold(), "Show everything"),
    ];
    let pressed = controls::column(ui, pos2(rect.right() - SIDE - 10.0, rect.top() + 10.0), &squares);
    if pressed[0].clicked() {
        view.zoom_by(1.0);
    }
    if pressed[1].clicked() {
        view.zoom_by(-1.0);
    }
    if pressed[2].clicked() {
        view.follow = false;
        view.fit(rect, extent(scene));
    }
    if let Some(own) = scene.own {
        let square = Square {
            chosen: view.follow,
            ..Square::new(icon::NAVIGATION_ARROW.fill(), "North is up: keep the aircraft in view")
        };
        let at = pos2(rect.right() - SIDE - 10.0, rect.top() + 20.0 + 3.0 * SIDE);
        if controls::column(ui, at, &[square])[0].clicked() {
            view.follow = !view.follow;
            if view.follow {
                view.look_at(own.position, view.memory.zoom());
            }
        }
    }
}

/// A place in words: degrees, and the OS grid where there is room and a grid.
pub(crate) fn readout(place: Position, degrees: bool) -> String {
    let half =
        |value: f64, plus: char, minus: char| format!("{:.5} {}", value.abs(), if value < 0.0 { minus } else { plus });
    let said = format!("{}  {}", half(place.lat_deg, 'N', 'S'), half(place.lon_deg, 'E', 'W'));
    match to_grid(place) {
        Some(grid) if degrees => format!("{said}   {grid}"),
        Some(grid) => grid,
        None => said,
    }
}

/// A painter that keeps to a map.
pub(crate) fn clipped(ui: &Ui, lens: &Lens) -> Painter {
    ui.painter().with_clip_rect(lens.rect().intersect(ui.clip_rect()))
}

/// Something on a map that can be dragged: uppermost where it is, so that the map beneath stays still.
pub(crate) fn handle(ui: &Ui, lens: &Lens, at: Position, name: &str) -> Response {
    let rect = Rect::from_center_size(lens.at(at), vec2(28.0, 28.0));
    let sense = if lens.rect().intersects(rect) { Sense::click_and_drag() } else { Sense::hover() };
    let response = ui.interact(rect.intersect(lens.rect().expand(14.0)), ui.scope_id().with(("handle", name)), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    response
}

#[cfg(test)]
pub(crate) mod tests;

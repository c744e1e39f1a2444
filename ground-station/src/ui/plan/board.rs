//! The map in the middle: drawing, dragging, and what follows from it.

use egui::{Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};
use mission_profiles::place::Position;
use mission_profiles::preflight::Severity;

use super::{Ground, PlanCommand, PlanView, Tool, files};
use crate::state::plan::Planner;
use crate::state::plan::document::{Document, Edit, Point};
use crate::state::plan::kinds::Form;
use crate::state::plan::work::{Found, Worked};
use crate::ui::icon;
use crate::ui::map::controls::{SIDE, Square, column};
use crate::ui::map::lens::Lens;
use crate::ui::map::scene::{Craft, Pin, Scene};
use crate::ui::map::{Map, clipped, handle, signs};
use crate::ui::theme::tokens;
use crate::ui::tokens::Tokens;
use crate::ui::widget::{self, badge::Tone, panel};
use crate::ui::{paint, text};

/// Items of a plan from elsewhere that can be grasped at once; nearer, there are fewer.
const MOST_ITEMS: usize = 300;

/// The map, its tools, and what is drawn on it.
pub(super) fn board(
    ui: &mut Ui,
    rect: Rect,
    planner: &mut Planner,
    ground: Ground<'_>,
    view: &mut PlanView,
) -> Option<PlanCommand> {
    let inside = panel::panel(ui, rect);
    let pins = pins(planner, view.chosen);
    let fence = planner.fence().to_vec();
    let rally = planner.document().rally.clone();
    let stands = planner.stands();
    let way = planner.worked().map(|worked| worked.way.clone()).unwrap_or_default();
    let corners = planner.document().corners.clone();
    let scene = Scene {
        datasets: ground.datasets,
        edition: ground.edition,
        stands: &stands,
        stands_edition: planner.stands_edition(),
        keep_clear: &corners,
        own: ground
            .own
            .filter(|(place, _)| Some(*place) != planner.home())
            .map(|(position, heading_deg)| Craft { position, heading_deg }),
        fence: &fence,
        rally: &rally,
        pins: &[],
        tiles: ground.tiles,
        ..Scene::default()
    };
    // A plan is drawn where the pilot looks: the map does not run after an aircraft.
    view.map.follow = false;
    view.map.fit_once(inside, planner.home().into_iter().chain(corners.iter().copied()).chain(way.iter().copied()));
    let out = Map::ground(ui, inside, &scene, &mut view.map);
    let (painter, t) = (clipped(ui, &out.lens), tokens(ui));
    drawn(&painter, &out.lens, t, planner);
    if let Some(worked) = planner.worked() {
        flown(&painter, &out.lens, t, planner.home(), worked);
    }
    handles(ui, &painter, &out.lens, planner, view);
    if let Some(worked) = planner.worked() {
        ends(&painter, &out.lens, t, worked);
    }
    show_pins(ui, &painter, &out.lens, &pins, view);
    if let Some(place) = out.clicked {
        clicked(planner, view, place);
    }
    // Everything that is planned, for the button that shows everything.
    let all = Scene { home: planner.home(), route: &way, flown: &corners, ..scene };
    Map::over(ui, &out, &all, &mut view.map);
    tools(ui, inside, planner, view);
    hint(ui, inside, planner, view);
    let at = pos2(
        inside.right() - SIDE - 10.0,
        inside.top() + 20.0 + if all.own.is_some() { 4.0 * SIDE + 10.0 } else { 3.0 * SIDE },
    );
    files::files(ui, inside, at, view)
}

fn pins(planner: &Planner, chosen: Option<usize>) -> Vec<Pin> {
    let pin = |found: &Found| {
        Some(Pin {
            number: found.number,
            position: found.finding.place?,
            tone: tone(found.finding.severity),
            chosen: chosen == Some(found.number),
            name: found.finding.what.clone(),
        })
    };
    planner.worked().into_iter().flat_map(|worked| &worked.found).filter_map(pin).collect()
}

/// How grave a finding is, as a tone.
pub(super) fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Blocks => Tone::Warn,
        Severity::Warns => Tone::Caution,
        Severity::Notes => Tone::Neutral,
    }
}

/// The shape as it is drawn.
fn drawn(painter: &egui::Painter, lens: &Lens, t: &Tokens, planner: &Planner) {
    let document = planner.document();
    let mut corners: Vec<Pos2> = document.corners.iter().map(|corner| lens.at(*corner)).collect();
    if document.form == Form::Area && corners.len() >= 3 {
        let flat: Vec<[f32; 2]> = corners.iter().map(|at| [at.x, at.y]).collect();
        let mut triangles: Vec<u32> = Vec::new();
        earcut::Earcut::new().earcut::<u32>(flat, &[], &mut triangles);
        let mut mesh = egui::Mesh::default();
        corners.iter().for_each(|at| mesh.colored_vertex(*at, t.route.gamma_multiply(0.09)));
        mesh.indices = triangles;
        painter.add(Shape::mesh(mesh));
    }
    if document.form == Form::Area {
        corners.extend(corners.first().copied());
    }
    if document.form != Form::Points {
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.6, t.route), 7.0, 4.0));
    }
}

/// The way that is flown: out, over the shape, and home; what lies in a zone that blocks.
fn flown(painter: &egui::Painter, lens: &Lens, t: &Tokens, home: Option<Position>, worked: &Worked) {
    let (Some(first), Some(last)) = (worked.way.first(), worked.way.last()) else { return };
    if let Some(home) = home {
        signs::way(painter, lens, &[home, *first], Stroke::new(2.0, t.route), t.map_halo, &[]);
        signs::way(painter, lens, &[*last, home], Stroke::new(2.0, t.route), t.map_halo, &[7.0, 5.0]);
    }
    signs::way(painter, lens, &worked.way, Stroke::new(2.4, t.route), t.map_halo, &[]);
    for part in &worked.blocked {
        signs::way(painter, lens, part, Stroke::new(5.0, t.warn), t.map_halo, &[]);
    }
    for pair in worked.way.windows(2) {
        let [from, to] = [lens.at(pair[0]), lens.at(pair[1])];
        let way = to - from;
        if way.length() > 46.0 {
            signs::arrow(painter, from + way * 0.32, way, t);
        }
    }
}

/// Where it starts and ends, over the handles that are there.
fn ends(painter: &egui::Painter, lens: &Lens, t: &Tokens, worked: &Worked) {
    for (place, letter) in worked.way.first().into_iter().zip(["S"]).chain(worked.way.last().into_iter().zip(["E"])) {
        signs::letter(painter, lens.at(*place), t, letter);
    }
}

/// Corners, middles of edges, take-off, fence and rally points: each can be chosen and dragged.
fn handles(ui: &Ui, painter: &egui::Painter, lens: &Lens, planner: &mut Planner, view: &mut PlanView) {
    let t = tokens(ui);
    let document = planner.document().clone();
    let closed = document.form == Form::Area;
    let count = document.corners.len();
    let edges = if document.form == Form::Points || count < 2 { 0 } else { count - usize::from(!closed) };
    for at in 0..edges {
        let (a, b) = (lens.at(document.corners[at]), lens.at(document.corners[(at + 1) % count]));
        if a.distance(b) < 50.0 {
            continue;
        }
        let middle = lens.place(a + (b - a) * 0.5);
        let name = format!("Between corner {} and {}", at + 1, (at + 1) % count + 1);
        let response = handle(ui, lens, middle, &name);
        grow(ui, planner, view, lens, Point::Corner(at), middle, &response);
        painter.circle(lens.at(middle), 4.0, t.panel, Stroke::new(1.6, t.route));
    }
    let mut points: Vec<(Point, Position, String)> = Vec::new();
    points.extend(
        document
            .corners
            .iter()
            .enumerate()
            .map(|(at, place)| (Point::Corner(at), *place, format!("Corner {}", at + 1))),
    );
    points.extend(planner.home().map(|place| (Point::Home, place, "Take-off".into())));
    for (area, fence) in document.fence.iter().enumerate() {
        let name = |at: usize| format!("Fence {}, corner {}", area + 1, at + 1);
        points.extend(fence.corners.iter().enumerate().map(|(at, place)| (Point::Fence(area, at), *place, name(at))));
    }
    points.extend(
        document
            .rally
            .iter()
            .enumerate()
            .map(|(at, place)| (Point::Rally(at), *place, format!("Rally point {}", at + 1))),
    );
    points.extend(items(lens, &document));
    for (point, place, name) in points {
        let response = handle(ui, lens, place, &name);
        drag(ui, planner, view, lens, point, &response);
        let chosen = view.selected == Some(point);
        let at = lens.at(place);
        if let Point::Corner(_) | Point::Item(_) = point {
            let (fill, edge) = if chosen { (t.accent, t.accent) } else { (t.panel, t.route) };
            painter.circle(at, 7.0, fill, Stroke::new(2.4, edge));
        }
        if point == Point::Home {
            signs::home(ui, painter, at, t);
        }
        if chosen || response.has_focus() {
            painter.circle_stroke(at, 12.0, Stroke::new(2.0, t.accent));
        }
    }
}

/// The places of a plan from elsewhere, those that are seen.
fn items(lens: &Lens, document: &Document) -> Vec<(Point, Position, String)> {
    let mission = document.imported.iter().flat_map(|imported| &imported.plan.mission).enumerate();
    let placed = mission.filter_map(|(at, item)| Some((at, crate::state::plan::items::place(item)?)));
    let seen = placed.filter(|(_, place)| lens.rect().contains(lens.at(*place)));
    seen.take(MOST_ITEMS).map(|(at, place)| (Point::Item(at), place, format!("Place of item {}", at + 1))).collect()
}

fn drag(ui: &Ui, planner: &mut Planner, view: &mut PlanView, lens: &Lens, point: Point, response: &Response) {
    if response.clicked() || response.drag_started() {
        view.selected = Some(point);
    }
    if response.drag_started() {
        view.dragged = None;
    }
    let to = response.dragged().then(|| ui.input(|input| input.pointer.interact_pos())).flatten();
    if let Some(to) = to {
        let goes_on = view.dragged == Some(point);
        planner.shift(point, lens.place(to), goes_on);
        view.dragged = Some(point);
    }
    if response.drag_stopped() {
        view.dragged = None;
    }
}

/// A new corner in the middle of an edge: by a click, or by dragging it from there.
fn grow(
    ui: &Ui,
    planner: &mut Planner,
    view: &mut PlanView,
    lens: &Lens,
    after: Point,
    middle: Position,
    response: &Response,
) {
    let Point::Corner(at) = after else { return };
    let new = Point::Corner(at + 1);
    if response.clicked() || response.drag_started() {
        planner.edit(&Edit::Insert(after, middle), false);
        view.selected = Some(new);
        view.dragged = Some(new);
    }
    if response.dragged()
        && view.dragged == Some(new)
        && let Some(to) = ui.input(|input| input.pointer.interact_pos())
    {
        planner.shift(new, lens.place(to), true);
    }
    if response.drag_stopped() || response.clicked() {
        view.dragged = None;
    }
}

fn show_pins(ui: &Ui, painter: &egui::Painter, lens: &Lens, pins: &[Pin], view: &mut PlanView) {
    let t = tokens(ui);
    let mut order: Vec<&Pin> = pins.iter().filter(|pin| lens.rect().contains(lens.at(pin.position))).collect();
    order.sort_by(|a, b| a.chosen.cmp(&b.chosen).then(b.number.cmp(&a.number)));
    let mut taken: Vec<Pos2> = Vec::new();
    for pin in order {
        // Several findings of one place stand side by side.
        let mut at = lens.at(pin.position);
        while taken.iter().any(|other| other.distance(at) < 24.0) {
            at.x += 28.0;
        }
        taken.push(at);
        signs::pin(painter, at, t, pin);
        let head = Rect::from_center_size(at - vec2(0.0, 20.0), vec2(30.0, 40.0));
        let name = format!("Finding {} on the map", pin.number);
        if widget::chosen_target(ui, head, &name, (true, pin.chosen), egui::Role::Button)
            .on_hover_text(&pin.name)
            .clicked()
        {
            view.chosen = Some(pin.number);
        }
    }
}

fn clicked(planner: &mut Planner, view: &mut PlanView, place: Position) {
    match view.tool {
        Tool::Select | Tool::Measure => view.selected = None,
        Tool::Draw(form) => {
            planner.draw(form, place);
            view.selected = planner.document().corners.len().checked_sub(1).map(Point::Corner);
            let one = form == Form::Points
                && planner.document().corners.len() == 1
                && planner.document().kind != crate::plan::arguments::Kind::Free;
            if one {
                view.take(Tool::Select, planner);
            }
        }
        Tool::Home => {
            planner.shift(Point::Home, place, false);
            view.take(Tool::Select, planner);
            view.selected = Some(Point::Home);
        }
        Tool::Fence { inside } => planner.draw_fence(inside, place),
        Tool::Rally => planner.edit(&Edit::Rally(place), false),
    }
}

fn tools(ui: &Ui, rect: Rect, planner: &mut Planner, view: &mut PlanView) {
    let first = [
        (Tool::Select, icon::CURSOR, "Select and move"),
        (Tool::Draw(Form::Area), icon::POLYGON, "Draw an area"),
        (Tool::Draw(Form::Line), icon::LINE_SEGMENTS, "Draw a line"),
        (Tool::Draw(Form::Points), icon::MAP_PIN, "Put a point"),
        (Tool::Measure, icon::RULER, "Measure"),
    ];
    let second = [
        (Tool::Home, icon::HOUSE, "Put the take-off"),
        (Tool::Fence { inside: true }, icon::SHIELD, "Fence: stay inside"),
        (Tool::Fence { inside: false }, icon::PROHIBIT, "Fence: stay outside"),
        (Tool::Rally, icon::LIFEBUOY, "Put a rally point"),
    ];
    let mut pressed = None;
    let mut group = |at: Pos2, tools: &[(Tool, icon::Glyph, &str)]| {
        let squares = tools.iter().map(|(tool, glyph, name)| {
            let chosen = view.tool == *tool;
            Square { chosen, ..Square::new(if chosen { glyph.fill() } else { glyph.regular() }, name) }
        });
        let squares: Vec<_> = squares.collect();
        let clicked = column(ui, at, &squares).iter().position(Response::clicked);
        pressed = pressed.or(clicked.map(|at| tools[at].0));
    };
    let corner = rect.min + vec2(10.0, 10.0);
    group(corner, &first);
    group(corner + vec2(SIDE + 8.0, 0.0), &second);
    if let Some(tool) = pressed {
        view.take(tool, planner);
    }
    let (undo, redo) = planner.can();
    let squares = [
        Square { enabled: undo, ..Square::new(icon::ARROW_U_UP_LEFT.regular(), "Undo") },
        Square { enabled: redo, ..Square::new(icon::ARROW_U_UP_RIGHT.regular(), "Redo") },
    ];
    let clicked = column(ui, corner + vec2(0.0, 5.0 * (SIDE - 1.0) + 12.0), &squares);
    if clicked[0].clicked() {
        planner.undo();
        view.selected = None;
    }
    if clicked[1].clicked() {
        planner.redo();
        view.selected = None;
    }
}

/// What is missing, or what a click does, in one line at the map's foot.
fn hint(ui: &Ui, rect: Rect, planner: &Planner, view: &PlanView) {
    let words = match view.tool {
        Tool::Fence { .. } => Some("Click the corners of the area, then choose another tool.".into()),
        Tool::Rally => Some("Click where the aircraft may go when the way home is closed.".into()),
        Tool::Home => Some("Click where the aircraft takes off.".into()),
        Tool::Measure => Some("Click from place to place; the right button takes the last one back.".into()),
        Tool::Draw(_) | Tool::Select => planner.missing().filter(|_| !planner.is_pending()).map(ToString::to_string),
    };
    let Some(words) = words else { return };
    let t = tokens(ui);
    let galley = paint::lines(ui.painter(), text::CELL, t.text, &words, (rect.width() - 280.0).clamp(220.0, 520.0), 3);
    let size = galley.size() + vec2(46.0, 18.0);
    let plate = Rect::from_center_size(pos2(rect.center().x, rect.bottom() - 44.0 - size.y / 2.0), size);
    ui.painter().rect(
        plate,
        egui::CornerRadius::same(6),
        t.panel,
        Stroke::new(1.0, t.accent),
        egui::StrokeKind::Inside,
    );
    paint::icon(ui.painter(), pos2(plate.left() + 20.0, plate.center().y), 20.0, t.accent, icon::INFO.regular());
    ui.painter().galley(plate.min + vec2(36.0, 9.0), galley, t.text);
    widget::says(ui, plate, &words);
}

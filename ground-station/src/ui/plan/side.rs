//! The height profile: ground, route, the profile's limit, zones between their limits, findings by their numbers.

use egui::{Align2, Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{PlanView, findings};
use crate::state::airspace::Asks;
use crate::state::plan::Planner;
use crate::state::plan::height::{Crossing, Sample, Side, amsl_m};
use crate::state::plan::work::{Found, Worked};
use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::map::lens::narrow;
use crate::ui::map::{signs, zones};
use crate::ui::theme::tokens;
use crate::ui::tokens::Tokens;
use crate::ui::widget::{self, empty::Empty, panel};
use crate::ui::{paint, text};

/// Between hatch lines, points.
const HATCH: f32 = 9.0;

/// What is only of the height profile: nothing yet beside what is chosen.
#[derive(Default)]
pub(super) struct SideView {
    /// Where the pointer is along the route, metres.
    along_m: Option<f64>,
}

/// From metres to points.
struct Scale {
    plot: Rect,
    total_m: f64,
    low_m: f64,
    high_m: f64,
}

impl Scale {
    fn of(plot: Rect, side: &Side) -> Self {
        let last = side.samples.last().map_or(0.0, |sample| sample.along_m);
        let heights = side.samples.iter().flat_map(|sample| [Some(sample.route_m), sample.ground_m]).flatten();
        let (mut low, mut high) = heights.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
        if low > high {
            (low, high) = (0.0, 100.0);
        }
        let limit = side
            .samples
            .iter()
            .filter_map(|sample| sample.ground_m)
            .fold(high, |most, ground| most.max(ground + side.limit_agl_m));
        let step = step(limit - low);
        Self {
            plot,
            total_m: last.max(1.0),
            low_m: ((low - 8.0) / step).floor() * step,
            high_m: ((limit + 8.0) / step).ceil() * step,
        }
    }

    fn x(&self, along_m: f64) -> f32 {
        self.plot.left() + self.plot.width() * narrow(along_m / self.total_m)
    }

    fn y(&self, amsl_m: f64) -> f32 {
        let part = (amsl_m.clamp(self.low_m - 1e4, self.high_m + 1e4) - self.low_m) / (self.high_m - self.low_m);
        self.plot.bottom() - self.plot.height() * narrow(part)
    }

    fn at(&self, along_m: f64, amsl_m: f64) -> Pos2 {
        pos2(self.x(along_m), self.y(amsl_m))
    }
}

/// A round step that gives three to six lines.
fn step(span: f64) -> f64 {
    [5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 500.0].into_iter().find(|step| span / step <= 5.0).unwrap_or(1_000.0)
}

/// The height profile.
pub(super) fn side(ui: &Ui, rect: Rect, planner: &Planner, terrain: &str, view: &mut PlanView) {
    let t = tokens(ui);
    let (inside, mut head) = panel::headed(ui, rect, None, "Height along the route");
    let model = if terrain.is_empty() { "No terrain model".to_owned() } else { format!("Terrain: {terrain}") };
    let wide = paint::fit_right(ui.painter(), head, text::CELL, t.text2, &model);
    head.right_part(wide + 8.0);
    paint::fit(ui.painter(), head, text::CELL, t.text2, "metres AMSL");
    let Some(worked) = planner.worked().filter(|worked| worked.side.samples.len() > 1) else {
        let how = "It shows ground, route and zones from the side as soon as there is a plan.";
        Empty { icon: icon::MOUNTAINS.regular(), what: "No route yet", how, action: None }.at(ui, inside);
        return;
    };
    let plot = Rect::from_min_max(inside.min + vec2(44.0, 10.0), inside.max - vec2(14.0, 28.0));
    let scale = Scale::of(plot, &worked.side);
    let painter = ui.painter().with_clip_rect(inside.intersect(ui.clip_rect()));
    axes(&painter, &scale, t);
    let clipped = ui.painter().with_clip_rect(plot.expand2(vec2(2.0, 0.0)).intersect(ui.clip_rect()));
    for crossing in worked.side.crossings.iter().rev() {
        zone(&clipped, &scale, t, crossing, &worked.side);
    }
    ground(&clipped, &scale, t, &worked.side);
    route(&clipped, &scale, t, &worked.side);
    labels(ui, &painter, &scale, t, &worked.side);
    numbers(ui, &painter, &scale, worked, view);
    pointer(ui, &painter, &scale, t, &worked.side, &mut view.side);
}

fn axes(painter: &Painter, scale: &Scale, t: &Tokens) {
    let step_m = step(scale.high_m - scale.low_m);
    let mut line_m = scale.low_m;
    while line_m <= scale.high_m + 0.1 {
        let y = scale.y(line_m);
        painter.hline(scale.plot.x_range(), y, Stroke::new(1.0, t.line));
        paint::words(
            painter,
            pos2(scale.plot.left() - 8.0, y),
            Align2::RIGHT_CENTER,
            text::LABEL,
            t.text2,
            &format!("{line_m:.0}"),
        );
        line_m += step_m;
    }
    let steps = [50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4];
    let step_m = steps.into_iter().find(|step| scale.total_m / step <= 8.0).unwrap_or(1e5);
    let mut tick_m = 0.0;
    while tick_m <= scale.total_m {
        let x = scale.x(tick_m);
        painter.vline(x, scale.plot.bottom()..=scale.plot.bottom() + 5.0, Stroke::new(1.0, t.edge));
        let last = tick_m + step_m > scale.total_m;
        let unit = if step_m < 1e3 { " m" } else { " km" };
        let value = if step_m < 1e3 { tick_m } else { tick_m / 1e3 };
        let words = format!("{value:.0}{}", if last { unit } else { "" });
        paint::words(painter, pos2(x, scale.plot.bottom() + 15.0), Align2::CENTER_CENTER, text::LABEL, t.text2, &words);
        tick_m += step_m;
    }
}

/// A zone between its limits, hatched; its edges lined as on the map.
fn zone(painter: &Painter, scale: &Scale, t: &Tokens, crossing: &Crossing, side: &Side) {
    let color = zones::look(crossing.asks, t).color;
    let (left, right) = (scale.x(crossing.from_m), scale.x(crossing.to_m).max(scale.x(crossing.from_m) + 2.0));
    let ground_m =
        side.samples.iter().find(|sample| sample.along_m >= crossing.from_m).and_then(|sample| sample.ground_m);
    let [low, high] = crossing.limits.map(|limit| scale.y(amsl_m(limit, ground_m)));
    let area = Rect::from_min_max(pos2(left, high.max(scale.plot.top())), pos2(right, low.min(scale.plot.bottom())));
    if !area.is_positive() {
        return;
    }
    painter.rect_filled(area, 0.0, color.gamma_multiply(0.10));
    hatch(painter, area, color.gamma_multiply(0.45));
    let stroke = Stroke::new(1.6, color);
    let edges = [
        [area.left_top(), area.left_bottom()],
        [area.right_top(), area.right_bottom()],
        [area.left_bottom(), area.right_bottom()],
        [area.left_top(), area.right_top()],
    ];
    // What is cut by the frame is no limit of the zone.
    let drawn = [true, true, low < scale.plot.bottom(), high > scale.plot.top()];
    for (edge, _) in edges.iter().zip(drawn).filter(|(_, drawn)| *drawn) {
        match crossing.asks {
            Asks::Blocks | Asks::Held => {
                painter.line_segment(*edge, stroke);
            }
            Asks::CallFirst => painter.extend(Shape::dashed_line(edge, stroke, 8.0, 4.0)),
            Asks::Note | Asks::Uncertain => painter.extend(Shape::dashed_line(edge, stroke, 2.0, 4.0)),
        }
    }
}

fn hatch(painter: &Painter, area: Rect, color: Color32) {
    let painter = painter.with_clip_rect(area.intersect(painter.clip_rect()));
    let mut x = area.left() - area.height();
    while x < area.right() {
        painter.line_segment([pos2(x, area.bottom()), pos2(x + area.height(), area.top())], Stroke::new(1.2, color));
        x += HATCH;
    }
}

/// The ground, where it is known, and the limit above it.
fn ground(painter: &Painter, scale: &Scale, t: &Tokens, side: &Side) {
    let known = |sample: &Sample| {
        sample
            .ground_m
            .map(|ground_m| (scale.at(sample.along_m, ground_m), scale.at(sample.along_m, ground_m + side.limit_agl_m)))
    };
    for run in side.samples.split(|sample| sample.ground_m.is_none()).filter(|run| run.len() > 1) {
        let places: Vec<(Pos2, Pos2)> = run.iter().filter_map(known).collect();
        let mut mesh = Mesh::default();
        for (at, _) in &places {
            mesh.colored_vertex(*at, t.sunken);
            mesh.colored_vertex(pos2(at.x, scale.plot.bottom()), t.sunken);
        }
        for i in 1..u32::try_from(places.len()).unwrap_or(0) {
            let corner = 2 * i;
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
        painter.add(Shape::mesh(mesh));
        painter.add(Shape::line(places.iter().map(|(at, _)| *at).collect(), Stroke::new(1.6, t.text2)));
        let limit: Vec<Pos2> = places.iter().map(|(_, limit)| *limit).collect();
        painter.extend(Shape::dashed_line(&limit, Stroke::new(1.6, t.caution), 8.0, 5.0));
    }
}

fn route(painter: &Painter, scale: &Scale, t: &Tokens, side: &Side) {
    let points: Vec<Pos2> = side.samples.iter().map(|sample| scale.at(sample.along_m, sample.route_m)).collect();
    painter.add(Shape::line(points.clone(), Stroke::new(5.5, t.panel)));
    painter.add(Shape::line(points, Stroke::new(2.6, t.route)));
    for crossing in side.crossings.iter().filter(|crossing| crossing.asks.blocks()) {
        let part = |sample: &&Sample| (crossing.from_m..=crossing.to_m).contains(&sample.along_m);
        let within = |sample: &&Sample| {
            let [low, high] = crossing.limits.map(|limit| amsl_m(limit, sample.ground_m));
            sample.route_m >= low && sample.route_m <= high
        };
        let points =
            side.samples.iter().filter(part).filter(within).map(|sample| scale.at(sample.along_m, sample.route_m));
        let points: Vec<Pos2> = points.collect();
        if points.len() > 1 {
            painter.add(Shape::line(points, Stroke::new(5.0, t.warn)));
        }
    }
}

fn labels(ui: &Ui, painter: &Painter, scale: &Scale, t: &Tokens, side: &Side) {
    let mut taken: Vec<Rect> = Vec::new();
    let mut label = |at: Pos2, anchor: Align2, words: &str, color: Color32| {
        let size = painter.layout_no_wrap(words.to_owned(), text::LABEL_STRONG.font(), color).size();
        let rect = anchor.anchor_size(at, size);
        let fits = scale.plot.expand2(vec2(0.0, 6.0)).contains_rect(rect);
        if fits && !taken.iter().any(|other| other.expand(2.0).intersects(rect)) {
            paint::haloed(painter, at, anchor, text::LABEL_STRONG, (color, t.panel), words);
            widget::says(ui, rect, words);
            taken.push(rect);
        }
    };
    for crossing in &side.crossings {
        let middle = f64::midpoint(crossing.from_m, crossing.to_m);
        let color = zones::look(crossing.asks, t).color;
        label(pos2(scale.x(middle), scale.plot.top() + 6.0), Align2::CENTER_TOP, &crossing.name, color);
    }
    let known = side.samples.iter().find(|sample| sample.ground_m.is_some());
    if let Some(sample) = known {
        let ground_m = sample.ground_m.unwrap_or_default();
        let x = scale.x(sample.along_m) + 10.0;
        label(
            pos2(x, scale.y(ground_m + side.limit_agl_m) - 10.0),
            Align2::LEFT_CENTER,
            &format!("Limit {:.0} m AGL", side.limit_agl_m),
            t.caution,
        );
        label(pos2(x + 30.0, scale.plot.bottom() - 9.0), Align2::LEFT_CENTER, "Terrain", t.text2);
    }
    let middle = side.samples.get(side.samples.len() / 3);
    if let Some(sample) = middle {
        label(scale.at(sample.along_m, sample.route_m) + vec2(0.0, 16.0), Align2::CENTER_CENTER, "Route", t.route);
    }
}

/// The findings that have a place along the route, by their numbers; a click chooses.
fn numbers(ui: &Ui, painter: &Painter, scale: &Scale, worked: &Worked, view: &mut PlanView) {
    let t = tokens(ui);
    let mut taken: Vec<Pos2> = Vec::new();
    let placed = worked.found.iter().filter_map(|found| found.along_m.map(|along_m| (found, along_m)));
    for (found, along_m) in placed {
        let along_m = of_zone(worked, found).unwrap_or(along_m);
        let route_m = worked.side.route_m(along_m).unwrap_or(scale.low_m);
        let mut at = scale.at(along_m, route_m) - vec2(0.0, 24.0);
        at.y = at.y.max(scale.plot.top() + 12.0);
        while taken.iter().any(|other| other.distance(at) < 23.0) {
            at.x += 24.0;
        }
        at.x = at.x.min(scale.plot.right() - 8.0);
        taken.push(at);
        let chosen = view.chosen == Some(found.number);
        let (fill, ink) = signs::numbered(findings::tone(found), t);
        let ring = if chosen { Stroke::new(3.0, t.accent) } else { Stroke::new(2.0, t.panel) };
        painter.circle(at, 11.0, fill, ring);
        paint::words(painter, at, Align2::CENTER_CENTER, text::CELL_STRONG, ink, &found.number.to_string());
        let name = format!("Finding {} in the height profile", found.number);
        let place = Rect::from_center_size(at, vec2(28.0, 28.0));
        let response = widget::chosen_target(ui, place, &name, (true, chosen), egui::Role::Button);
        if response.on_hover_text(&found.finding.what).clicked() {
            view.chosen = Some(found.number);
            if let Some(place) = found.finding.place {
                view.map.show_place(place);
            }
        }
    }
}

/// The middle of the zone's crossing that a finding is about.
fn of_zone(worked: &Worked, found: &Found) -> Option<f64> {
    let crossing = worked.side.crossings.iter().find(|crossing| crossing.number == Some(found.number))?;
    Some(f64::midpoint(crossing.from_m, crossing.to_m))
}

/// Where the pointer is: distance, height above the sea and above the ground.
fn pointer(ui: &Ui, painter: &Painter, scale: &Scale, t: &Tokens, side: &Side, view: &mut SideView) {
    let over = ui.input(|input| input.pointer.hover_pos()).filter(|at| scale.plot.contains(*at));
    view.along_m = over.map(|at| f64::from((at.x - scale.plot.left()) / scale.plot.width()) * scale.total_m);
    let Some(along_m) = view.along_m else { return };
    let Some(sample) = side.samples.iter().find(|sample| sample.along_m >= along_m) else { return };
    let at = scale.at(sample.along_m, sample.route_m);
    painter.vline(at.x, scale.plot.y_range(), Stroke::new(1.0, t.edge));
    let above =
        sample.ground_m.map(|ground_m| format!(" · {:.0} m AGL", sample.route_m - ground_m)).unwrap_or_default();
    let words = format!("{:.0} m: {:.0} m AMSL{above}", sample.along_m, sample.route_m);
    let wide = paint::width(painter, text::LABEL_STRONG, &words) + 12.0;
    let left = (at.x + 8.0).min(scale.plot.right() - wide);
    let plate = Rect::from_min_size(pos2(left, scale.plot.bottom() - 26.0), vec2(wide, 20.0));
    painter.rect(plate, 4.0, t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    paint::words(painter, plate.center(), Align2::CENTER_CENTER, text::LABEL_STRONG, t.text, &words);
}

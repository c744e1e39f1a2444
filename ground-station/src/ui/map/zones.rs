//! Zones: coloured and lined by what they ask of this flight now.

use egui::{Align2, Color32, CornerRadius, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};
use mission_profiles::zones::Dataset;

use super::controls;
use super::figure::{Figure, Figures, MOST_MADE, Run, seen};
use super::lens::Lens;
use super::signs;
use crate::state::airspace::{Asks, Stand, limits};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::RADIUS_SMALL;
use crate::ui::tokens::Tokens;
use crate::ui::{paint, text, widget};

/// Smaller zones are a spot, points.
const SPOT: f64 = 5.0;
/// Smaller ones have no teeth, points.
const TOOTHED: f64 = 24.0;
/// Smaller ones have no label, points.
const LABELLED: f64 = 44.0;
/// Most labels on one map.
const MOST_LABELS: usize = 7;
/// So many are tried for a place of their own.
const MOST_TRIED: usize = 64;

/// How what a zone asks is drawn.
pub(crate) struct Look {
    pub(crate) color: Color32,
    pub(crate) icon: Icon,
    width: f32,
    inside: f32,
    /// Between teeth, and how long they are.
    teeth: Option<(f32, f32)>,
    /// Dashes and gaps, in turn; solid, where there are none.
    dashes: &'static [f32],
}

/// The signs of the table "Zone".
pub(crate) fn look(asks: Asks, t: &Tokens) -> Look {
    let look = |color, icon, width, inside, teeth, dashes| Look { color, icon, width, inside, teeth, dashes };
    match asks {
        Asks::Blocks => look(t.warn, icon::PROHIBIT.fill(), 2.5, 0.13, Some((9.0, 9.0)), &[]),
        Asks::CallFirst => look(t.caution, icon::PHONE.fill(), 2.0, 0.09, Some((22.0, 7.0)), &[10.0, 5.0]),
        Asks::Held => look(t.ok, icon::CHECK_CIRCLE.fill(), 2.5, 0.08, None, &[]),
        Asks::Note => look(t.text2, icon::INFO.fill(), 1.8, 0.04, None, &[1.8, 5.0]),
        Asks::Uncertain => look(t.text2, icon::QUESTION.fill(), 1.8, 0.0, None, &[12.0, 4.0, 2.0, 4.0]),
    }
}

/// The order in which they are painted: what blocks lies uppermost.
const ORDER: [Asks; 5] = [Asks::Note, Asks::Held, Asks::CallFirst, Asks::Uncertain, Asks::Blocks];

/// Each ring's parts that are seen, and whether its inside lies to the right of its way.
type Outlined = Vec<(Vec<Run>, bool)>;

/// A label that may be painted: of which stand, where, and how good a place that is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    stand: usize,
    at: Pos2,
    apart: f32,
}

/// What became of the zones in a picture of the map.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// To be named when all else is painted.
    pub(crate) labels: Vec<Label>,
    /// Too small for an outline: dots.
    pub(crate) dots: usize,
    /// Not made yet for this scale: their bounds are drawn in place of them, or what they were at another one.
    pub(crate) unfinished: usize,
}

/// The shapes of all that are seen in `rect`, from below upwards. Names keep off `clear`, where they can.
pub(crate) fn draw(
    lens: &Lens,
    rect: Rect,
    t: &Tokens,
    (datasets, stands): (&[Dataset], &[Stand]),
    clear: Option<Rect>,
    figures: &mut Figures,
    shapes: &mut Vec<Shape>,
) -> Drawn {
    let [low, high] = lens.seen_in(rect);
    let mut left = MOST_MADE;
    let mut drawn = Drawn::default();
    let mut layers: [(Mesh, Vec<(Outlined, bool)>); 5] = Default::default();
    for (nth, stand) in stands.iter().enumerate() {
        let Some(volume) = stand.volume(datasets) else { continue };
        let key = [stand.dataset, stand.zone, stand.volume];
        let Some([from, to]) = figures.bounds(key, &volume.outline) else { continue };
        if to[0] < low[0] || from[0] > high[0] || to[1] < low[1] || from[1] > high[1] {
            continue;
        }
        let look = look(stand.asks, t);
        let (mesh, lines) = &mut layers[place_in_order(stand.asks)];
        let size = (to[0] - from[0]).max(to[1] - from[1]) * lens.scale();
        if size < SPOT {
            let middle = [f64::midpoint(from[0], to[0]), f64::midpoint(from[1], to[1])];
            mesh.add_colored_rect(Rect::from_center_size(lens.point(middle), vec2(2.0, 2.0)), look.color);
            drawn.dots += 1;
            continue;
        }
        let Some((figure, exact)) = figures.get(key, &volume.outline, lens, &mut left) else {
            // Never less than it is: its bounds hold all of it.
            let bounds = Rect::from_two_pos(lens.point(from), lens.point(to));
            mesh.add_colored_rect(bounds, look.color.gamma_multiply(look.inside.max(0.06)));
            drawn.unfinished += 1;
            continue;
        };
        drawn.unfinished += usize::from(!exact);
        figure.fill(lens, look.color.gamma_multiply(look.inside), mesh);
        let outline = outline(figure, lens, rect);
        if size > LABELLED {
            let anchor = anchor(&outline, lens, figure, clear);
            drawn.labels.extend(anchor.map(|(at, apart)| Label { stand: nth, at, apart }));
        }
        lines.push((outline, size > TOOTHED));
    }
    for (asks, (mesh, lines)) in ORDER.into_iter().zip(layers) {
        shapes.push(Shape::mesh(mesh));
        stroke(shapes, &look(asks, t), &lines);
    }
    drawn
}

/// See [`ORDER`].
fn place_in_order(asks: Asks) -> usize {
    ORDER.iter().position(|one| *one == asks).unwrap_or(0)
}

/// What is seen of a figure's rings.
fn outline(figure: &Figure, lens: &Lens, rect: Rect) -> Outlined {
    let rect = rect.expand(30.0);
    let ring = |ring: &super::figure::Ring| {
        let closed: Vec<_> = ring.points.iter().chain(ring.points.first()).map(|at| lens.point(*at)).collect();
        // The way round is told by the points that are exact: those of the world.
        let twice: f64 = ring
            .points
            .iter()
            .zip(ring.points.iter().cycle().skip(1))
            .map(|(a, b)| cross(ring.points[0], *a, *b))
            .sum();
        (seen(&closed, None, rect), (twice > 0.0) != ring.hole)
    };
    figure.rings.iter().map(ring).collect()
}

fn cross(from: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - from[0]) * (b[1] - from[1]) - (b[0] - from[0]) * (a[1] - from[1])
}

fn stroke(shapes: &mut Vec<Shape>, look: &Look, outlines: &[(Outlined, bool)]) {
    let stroke = Stroke::new(look.width, look.color);
    let mut dots = Mesh::default();
    let rings =
        outlines.iter().flat_map(|(rings, toothed)| rings.iter().map(move |(runs, right)| (runs, right, toothed)));
    for (runs, right, toothed) in rings {
        for run in runs {
            match look.dashes {
                [] => shapes.push(Shape::line(run.points.clone(), stroke)),
                [dot, gap] if *dot < 3.0 => along(run, dot + gap, |at, _| {
                    dots.add_colored_rect(Rect::from_center_size(at, vec2(*dot, *dot)), look.color);
                }),
                dashes => dash(run, dashes, stroke, shapes),
            }
            if let Some((apart, long)) = look.teeth.filter(|_| *toothed) {
                let side = if *right { 1.0 } else { -1.0 };
                along(run, apart, |at, way| {
                    let inward = vec2(-way.y, way.x) * side * long;
                    shapes.push(Shape::line_segment([at, at + inward], Stroke::new(1.6, look.color)));
                });
            }
        }
    }
    shapes.push(Shape::mesh(dots));
}

/// Dashes that stay where they are on the line when the map is moved.
fn dash(run: &Run, pattern: &[f32], stroke: Stroke, shapes: &mut Vec<Shape>) {
    let dashes: Vec<f32> = pattern.iter().step_by(2).copied().collect();
    let gaps: Vec<f32> = pattern.iter().skip(1).step_by(2).copied().collect();
    let period: f32 = pattern.iter().sum();
    let offset = (period - run.begins % period) % period;
    shapes.extend(Shape::dashed_line_with_offset(&run.points, stroke, &dashes, &gaps, offset));
}

/// Calls for a point each `apart` along a run, with the direction there.
fn along(run: &Run, apart: f32, mut each: impl FnMut(Pos2, egui::Vec2)) {
    let mut next = (apart - run.begins % apart) % apart;
    for pair in run.points.windows(2) {
        let way = pair[1] - pair[0];
        let length = way.length();
        if length < 1e-3 {
            continue;
        }
        let way = way / length;
        while next <= length {
            each(pair[0] + way * next, way);
            next += apart;
        }
        next -= length;
    }
}

/// Where a label may stand: on the line, as near to the lower middle of the map as it comes; in a corner, where no line is seen.
fn anchor(outline: &[(Vec<Run>, bool)], lens: &Lens, figure: &Figure, clear: Option<Rect>) -> Option<(Pos2, f32)> {
    let rect = lens.rect().shrink2(vec2(90.0, 30.0));
    let wanted = pos2(lens.rect().center().x, lens.rect().bottom() - lens.rect().height() * 0.2);
    let points = outline
        .iter()
        .flat_map(|(runs, _)| runs)
        .flat_map(|run| run.points.windows(2).flat_map(|pair| [pair[0], pair[0] + (pair[1] - pair[0]) * 0.5, pair[1]]));
    // A pill is some 250 wide.
    let busy = clear.map(|clear| clear.expand2(vec2(130.0, 36.0)));
    let far = |at: Pos2| at.distance(wanted) + if busy.is_some_and(|busy| busy.contains(at)) { 3_000.0 } else { 0.0 };
    let nearest = points.filter(|at| rect.contains(*at)).map(|at| (at, far(at)));
    let nearest = nearest.min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.or_else(|| holds(figure, lens).then_some((lens.rect().right_bottom(), 1e4)))
}

/// Whether the middle of the map lies inside.
fn holds(figure: &Figure, lens: &Lens) -> bool {
    let [low, high] = lens.seen();
    let [x, y] = [f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])];
    let crossed = |ring: &super::figure::Ring| {
        let edges = ring.points.iter().zip(ring.points.iter().cycle().skip(1));
        edges.filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])).count()
    };
    figure.rings.iter().map(crossed).sum::<usize>() % 2 == 1
}

/// A name as it stands on the map.
#[derive(Debug, Clone)]
pub(crate) struct Pill {
    rect: Rect,
    stand: usize,
    about: String,
    said: String,
}

/// The gravest and the nearest that are to be named, `moved` from where they were found, none over another.
pub(crate) fn names(
    painter: &Painter,
    lens: &Lens,
    (datasets, stands): (&[Dataset], &[Stand]),
    labels: &[Label],
    moved: Vec2,
) -> Vec<Pill> {
    let known = |label: &Label| stands.get(label.stand).map(|stand| (stand, *label));
    let mut labels: Vec<(&Stand, Label)> = labels.iter().filter_map(known).collect();
    labels.sort_by(|a, b| b.0.asks.cmp(&a.0.asks).then(a.1.apart.total_cmp(&b.1.apart)));
    let mut pills: Vec<Pill> = Vec::new();
    for (stand, label) in labels.into_iter().take(MOST_TRIED) {
        if pills.len() >= MOST_LABELS {
            break;
        }
        let (Some(zone), Some(volume)) = (stand.zone(datasets), stand.volume(datasets)) else { continue };
        let limits = limits(volume.lower, volume.upper);
        let about = format!("{} · {limits}", stand.words);
        let most = lens.rect().width() - 24.0;
        let (wide, short) = (pill_width(painter, &zone.name, &about), pill_width(painter, &zone.name, ""));
        let (about, width) = if wide <= most { (about, wide) } else { (String::new(), short.min(most)) };
        let mut rect = place(lens, label.at + moved, vec2(width, 26.0));
        let about = if rect.width() < width { String::new() } else { about };
        if about.is_empty() {
            rect = place(lens, label.at + moved, vec2(short.min(rect.width()), 26.0));
        }
        if pills.iter().any(|other| other.rect.expand(3.0).intersects(rect)) {
            continue;
        }
        let said = format!("{}: {}, {limits}", zone.name, stand.words);
        pills.push(Pill { rect, stand: label.stand, about, said });
    }
    pills
}

/// Where a pill of this size is put, so that all of it is seen; narrower where the buttons leave less.
fn place(lens: &Lens, at: Pos2, size: Vec2) -> Rect {
    let at = Rect::from_center_size(at + vec2(0.0, 22.0), size);
    let bounds = lens.rect().shrink(12.0);
    let x = (bounds.left() - at.left()).max(0.0) - (at.right() - bounds.right()).max(0.0);
    let y = (bounds.top() - at.top()).max(0.0) - (at.bottom() - bounds.bottom()).max(0.0);
    let mut at = at.translate(vec2(x, y));
    let buttons = controls::over(lens.rect());
    if buttons.intersects(at) {
        at = at.translate(vec2(buttons.left() - at.right(), 0.0));
        at.min.x = at.left().max(bounds.left());
    }
    // The scale stands there, with its words.
    let corner = lens.rect().left_bottom();
    let wide = signs::scale(lens).map_or(0.0, |(_, long)| long + 80.0);
    let scale = Rect::from_min_max(corner - vec2(0.0, 48.0), corner + vec2(wide, 0.0));
    if scale.intersects(at) { at.translate(vec2(0.0, scale.top() - at.bottom() - 4.0)) } else { at }
}

/// Puts the names down.
pub(crate) fn name(ui: &Ui, painter: &Painter, t: &Tokens, (datasets, stands): (&[Dataset], &[Stand]), pills: &[Pill]) {
    for one in pills {
        let Some((stand, zone)) = stands.get(one.stand).and_then(|stand| Some((stand, stand.zone(datasets)?))) else {
            continue;
        };
        pill(painter, one.rect, t, &look(stand.asks, t), &zone.name, &one.about);
        widget::says(ui, one.rect, &one.said);
    }
}

/// What of the zones is not drawn as it is, in words; nothing where all is.
pub(crate) fn simplified(drawn: &Drawn) -> Option<String> {
    let dots = match drawn.dots {
        0 => None,
        1 => Some("1 zone too small for an outline: a dot".to_owned()),
        dots => Some(format!("{dots} zones too small for outlines: dots")),
    };
    let unfinished = (drawn.unfinished > 0).then(|| format!("{} zones are still being drawn", drawn.unfinished));
    let said: Vec<String> = unfinished.into_iter().chain(dots).collect();
    (!said.is_empty()).then(|| said.join(" · "))
}

fn pill_width(painter: &Painter, name: &str, about: &str) -> f32 {
    let about = if about.is_empty() { 0.0 } else { paint::width(painter, text::LABEL, about) + 7.0 };
    (paint::width(painter, text::LABEL_STRONG, name) + about + 38.0).ceil()
}

/// A plate with icon, name, and what is to be said of it.
fn pill(painter: &Painter, rect: Rect, t: &Tokens, look: &Look, name: &str, about: &str) {
    painter.rect(rect, CornerRadius::same(RADIUS_SMALL), t.panel, Stroke::new(1.4, look.color), StrokeKind::Inside);
    paint::icon(painter, pos2(rect.left() + 15.0, rect.center().y), 16.0, look.color, look.icon);
    let words = Rect::from_min_max(pos2(rect.left() + 28.0, rect.top()), rect.max - vec2(8.0, 0.0));
    let wide = paint::fit(painter, words, text::LABEL_STRONG, look.color, name);
    if !about.is_empty() {
        paint::words(
            painter,
            pos2(words.left() + wide + 7.0, rect.center().y),
            Align2::LEFT_CENTER,
            text::LABEL,
            t.text,
            about,
        );
    }
}

//! A map of zones as SVG: north up, a scale, the place in the middle.

use std::fmt::Write as _;

use mission_profiles::place::{Position, TangentPlane, direct, earth_point};
use mission_profiles::zones::{Near, Outline, Restriction};

/// Of the drawing, pixels.
const SIDE: f64 = 800.0;
/// Sides of what stands for a circle.
const CIRCLE: u32 = 72;

/// Draws a way, its first place marked, as large as the sheet lets it.
pub(crate) fn way(places: &[Position]) -> String {
    let sheet = Sheet::round(places);
    let mut svg = sheet.begin();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#3b6ea5\" stroke-width=\"2\"/>",
        sheet.points(places)
    );
    for place in places.iter().skip(1) {
        let [x, y] = sheet.at(*place);
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"#3b6ea5\"/>");
    }
    sheet.end(&mut svg);
    svg
}

/// Draws what is within `half_m` north, south, east and west of `centre`.
pub(super) fn draw(centre: Position, half_m: f64, near: &[Near<'_>]) -> String {
    let sheet = Sheet::new(centre, half_m);
    let mut svg = sheet.begin();
    let points = |places: &[Position]| sheet.points(places);
    // The mildest first, so that the gravest lie on top. Writing to a string cannot fail.
    let mut order: Vec<_> = near.iter().collect();
    order.sort_by_key(|near| near.zone.restriction);
    for near in order {
        let (colour, dashes) =
            (colour(near.zone.restriction), if near.zone.is_uncertain() { " stroke-dasharray=\"6 4\"" } else { "" });
        let style = format!("fill=\"{colour}\" fill-opacity=\"0.18\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}");
        let title =
            format!("<title>{}: {} to {}</title>", escaped(&near.zone.name), near.volume.lower, near.volume.upper);
        let _ = match &near.volume.outline {
            Outline::Polygon(polygon) => {
                writeln!(svg, "<polygon points=\"{}\" {style}>{title}</polygon>", points(&polygon.exterior))
            }
            Outline::Circle { centre, radius_m } => {
                let ring: Vec<_> =
                    (0..CIRCLE).map(|i| direct(*centre, f64::from(i) * 360.0 / f64::from(CIRCLE), *radius_m)).collect();
                writeln!(svg, "<polygon points=\"{}\" {style}>{title}</polygon>", points(&ring))
            }
            Outline::Corridor { line, half_width_m } => {
                let width = half_width_m * 2.0 * sheet.scale;
                writeln!(
                    svg,
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"0.3\" stroke-width=\"{width:.1}\">{title}</polyline>",
                    points(line)
                )
            }
            Outline::Everywhere => writeln!(svg, "<rect width=\"{SIDE}\" height=\"{SIDE}\" {style}>{title}</rect>"),
        };
    }
    let labels = near.iter().enumerate().map(|(i, near)| {
        let y = 24.0 + 17.0 * f64::from(u32::try_from(i).unwrap_or(u32::MAX).min(40));
        let text = escaped(&format!("{}: {} to {}", near.zone.name, near.volume.lower, near.volume.upper));
        format!("<text x=\"12\" y=\"{y}\" fill=\"{}\" stroke=\"#f7f5ef\" stroke-width=\"3\" paint-order=\"stroke\">{text}</text>\n", colour(near.zone.restriction))
    });
    svg.extend(labels.take(40));
    sheet.end(&mut svg);
    svg
}

/// A square of ground as a drawing.
struct Sheet {
    plane: TangentPlane,
    half_m: f64,
    scale: f64,
    /// What is marked with a cross.
    mark: Position,
}

impl Sheet {
    fn new(centre: Position, half_m: f64) -> Self {
        Self { plane: TangentPlane::at(centre), half_m, scale: SIDE / 2.0 / half_m, mark: centre }
    }

    /// Round places that are near each other, the first of which is marked.
    fn round(places: &[Position]) -> Self {
        let mark = places.first().copied().unwrap_or(Position { lat_deg: 0.0, lon_deg: 0.0 });
        let plane = TangentPlane::at(mark);
        let extent = |axis: usize| {
            let all = places.iter().map(|place| plane.project(earth_point(*place))[axis]);
            all.fold((0.0_f64, 0.0_f64), |(low, high), at| (low.min(at), high.max(at)))
        };
        let ((west, east), (south, north)) = (extent(0), extent(1));
        let [right, up] = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let centre = direct(mark, right.atan2(up).to_degrees(), right.hypot(up));
        let half_m = ((east - west).max(north - south) / 2.0 * 1.15).max(50.0);
        Self { mark, ..Self::new(centre, half_m) }
    }

    fn at(&self, place: Position) -> [f64; 2] {
        let [east, north] = self.plane.project(earth_point(place));
        [SIDE / 2.0 + east * self.scale, SIDE / 2.0 - north * self.scale]
    }

    fn points(&self, places: &[Position]) -> String {
        let at = |place: &Position| {
            let [x, y] = self.at(*place);
            format!("{x:.1},{y:.1}")
        };
        places.iter().map(at).collect::<Vec<_>>().join(" ")
    }

    fn begin(&self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {SIDE}\" font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect width=\"{SIDE}\" height=\"{SIDE}\" fill=\"#f7f5ef\"/>\n"
        )
    }

    /// The cross, a scale, and where north is.
    fn end(&self, svg: &mut String) {
        let bar_m = step_m(self.half_m);
        let [x, y] = self.at(self.mark);
        let bar = bar_m * self.scale;
        let said = if bar_m >= 1_000.0 { format!("{} km", bar_m / 1_000.0) } else { format!("{bar_m} m") };
        let _ = write!(
            svg,
            "<path d=\"M {:.1} {y:.1} h 16 M {x:.1} {:.1} v 16\" stroke=\"#111\" stroke-width=\"2\"/>\n\
             <path d=\"M 20 {bottom} h {bar:.1}\" stroke=\"#111\" stroke-width=\"4\"/><text x=\"20\" y=\"{}\">{said}</text>\n\
             <text x=\"{}\" y=\"24\" text-anchor=\"end\">N ↑</text>\n</svg>\n",
            x - 8.0,
            y - 8.0,
            SIDE - 30.0,
            SIDE - 16.0,
            bottom = SIDE - 22.0,
        );
    }
}

/// A round length that fills about a fifth of the map.
fn step_m(half_m: f64) -> f64 {
    let aim = half_m * 0.4;
    let power = 10_f64.powf(aim.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|step| *step <= aim).unwrap_or(power)
}

fn colour(restriction: Restriction) -> &'static str {
    match restriction {
        Restriction::Prohibited => "#b00020",
        Restriction::AskFirst => "#c25e00",
        Restriction::Conditional => "#8a6d00",
        Restriction::None => "#3b6ea5",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

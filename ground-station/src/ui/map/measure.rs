//! Measuring: distance and bearing of each leg, and all of them together.

use egui::{Align2, Painter, Rect, Stroke, Ui, vec2};
use mission_profiles::place::{Position, inverse};

use super::lens::Lens;
use super::signs;
use crate::state::airspace::metres;
use crate::ui::tokens::Tokens;
use crate::ui::{paint, text, widget};

/// Most places of one measurement.
const MOST: usize = 64;

/// What is being measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Measure {
    places: Vec<Position>,
}

impl Measure {
    /// One more place; beyond some dozens it begins anew.
    pub(crate) fn add(&mut self, place: Position) {
        if self.places.len() >= MOST {
            self.places.clear();
        }
        self.places.push(place);
    }

    /// Takes the last place back.
    pub(crate) fn pop(&mut self) {
        self.places.pop();
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
    }

    /// Paints it, with a leg to the pointer.
    pub(crate) fn paint(&self, ui: &Ui, painter: &Painter, lens: &Lens, t: &Tokens, pointer: Option<Position>) {
        let places: Vec<_> = self.places.iter().copied().chain(pointer.filter(|_| !self.places.is_empty())).collect();
        signs::way(painter, lens, &places, Stroke::new(2.0, t.accent), t.map_halo, &[]);
        for place in &places {
            painter.circle(lens.at(*place), 4.0, t.panel, Stroke::new(2.0, t.accent));
        }
        let mut sum_m = 0.0;
        for pair in places.windows(2) {
            let leg = inverse(pair[0], pair[1]);
            sum_m += leg.distance_m;
            let middle = lens.at(pair[0]) + (lens.at(pair[1]) - lens.at(pair[0])) * 0.5;
            let words = leg_words(leg.distance_m, leg.azimuth_deg);
            let at = middle - vec2(0.0, 12.0);
            let said =
                paint::haloed(painter, at, Align2::CENTER_CENTER, text::LABEL_STRONG, (t.text, t.map_halo), &words);
            widget::says(ui, said, &format!("Leg {words}"));
        }
        if let Some(last) = places.last().filter(|_| places.len() > 2) {
            let words = format!("{} together", metres(sum_m));
            let at = lens.at(*last) + vec2(12.0, 14.0);
            let said: Rect =
                paint::haloed(painter, at, Align2::LEFT_CENTER, text::STRONG, (t.accent, t.map_halo), &words);
            widget::says(ui, said, &format!("Together {}", metres(sum_m)));
        }
    }
}

/// `312 m · 145° true`.
fn leg_words(distance_m: f64, azimuth_deg: f64) -> String {
    format!("{} · {:03.0}° true", metres(distance_m), azimuth_deg % 359.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_added_and_taken_back_and_legs_said() {
        let start = Position { lat_deg: 52.9, lon_deg: -1.6 };
        let mut measure = Measure::default();
        measure.add(start);
        let corner = Position { lat_deg: 52.9, lon_deg: -1.5 };
        measure.add(corner);
        measure.add(start);
        measure.pop();
        assert_eq!(measure.places, [start, corner]);
        assert_eq!(
            (leg_words(300.0, 90.2), leg_words(1_234.0, 359.7)),
            ("300 m · 090° true".into(), "1.23 km · 000° true".into())
        );
        measure.clear();
        assert_eq!(measure, Measure::default());
        for _ in 0..=MOST {
            measure.add(start);
        }
        assert_eq!(measure.places.len(), 1, "it began anew");
    }
}

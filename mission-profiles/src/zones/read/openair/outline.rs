//! The lines of OpenAir that draw: points, arcs, circles, airways, and the variables they use.

use super::super::super::Outline;
use super::super::super::shape::{self, Cleaned, Edges};
use super::super::assembly::Notes;
use super::super::cursor::short;
use super::super::{angle, arcs};
use crate::place::Position;

const NAUTICAL_MILE_M: f64 = 1_852.0;

/// What the lines of one airspace have drawn so far.
#[derive(Default)]
pub(super) struct Tracing {
    centre: Option<Position>,
    /// The last one of the airspaces before, that one without a centre of its own is drawn round.
    inherited: Option<Position>,
    counter_clockwise: bool,
    width_m: Option<f64>,
    ring: Vec<Position>,
    airway: Vec<Position>,
    circles: Vec<Cleaned>,
    arcs: bool,
    /// Why the ring is not what the file has.
    broken: Option<String>,
}

impl Tracing {
    /// After airspaces whose last centre was there.
    pub(super) fn after(inherited: Option<Position>) -> Self {
        Self { inherited, ..Self::default() }
    }

    /// The centre that holds for the airspaces after this one.
    pub(super) fn last_centre(&self) -> Option<Position> {
        self.centre.or(self.inherited)
    }

    fn centre(&mut self, place: &str, notes: &mut Notes) -> Option<Position> {
        if self.centre.is_none() && self.inherited.is_some() {
            notes.deviation(place, "it has no centre (V X=) but that of an airspace before");
            self.centre = self.inherited;
        }
        self.centre
    }

    pub(super) fn has_begun(&self) -> bool {
        !(self.ring.is_empty() && self.airway.is_empty() && self.circles.is_empty())
    }

    pub(super) fn line(&mut self, place: &str, command: &str, rest: &str, notes: &mut Notes) {
        let read = match command {
            "V" => self.variable(rest),
            "DP" => point(place, rest, notes).map(|corner| self.ring.push(corner)),
            "DY" => point(place, rest, notes).map(|corner| self.airway.push(corner)),
            "DC" => self.circle(place, rest, notes),
            "DA" => self.sector(place, rest, notes),
            _ => self.arc(place, rest, notes),
        };
        if read.is_none() {
            self.broken = Some(format!("{place}: `{} {}` cannot be read", command, short(rest)));
        }
    }

    fn variable(&mut self, rest: &str) -> Option<()> {
        let (name, value) = rest.split_once('=')?;
        match name.trim().to_ascii_uppercase().as_str() {
            "X" => self.centre = Some(angle::position(value)?.0),
            "D" => self.counter_clockwise = value.trim().starts_with('-'),
            "W" => self.width_m = Some(positive(value)? * NAUTICAL_MILE_M),
            // Zoom: how to draw.
            _ => {}
        }
        Some(())
    }

    fn circle(&mut self, place: &str, rest: &str, notes: &mut Notes) -> Option<()> {
        let radius: f64 = rest.trim_end_matches(['N', 'M', 'n', 'm']).trim().parse().ok()?;
        let centre = self.centre(place, notes)?;
        self.circles.push(shape::circle(centre, radius * NAUTICAL_MILE_M));
        Some(())
    }

    /// `DA radius, angle, angle`.
    fn sector(&mut self, place: &str, rest: &str, notes: &mut Notes) -> Option<()> {
        let numbers: Vec<f64> = rest.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let [radius, from_deg, to_deg] = numbers[..] else { return None };
        let plausible =
            radius > 0.0 && radius < 1_000.0 && [from_deg, to_deg].iter().all(|angle: &f64| angle.abs() <= 360.0);
        let centre = self.centre(place, notes).filter(|_| plausible)?;
        self.ring.extend(arcs::sector(centre, radius * NAUTICAL_MILE_M, from_deg, to_deg, !self.counter_clockwise));
        self.arcs = true;
        Some(())
    }

    /// `DB place, place`.
    fn arc(&mut self, place: &str, rest: &str, notes: &mut Notes) -> Option<()> {
        // `48:10.5N,011:20.1E,48:12N,011:25E` has commas within the places too.
        let commas: Vec<_> = rest.match_indices(',').map(|(at, _)| at).collect();
        let (from, to) = rest.split_at(*commas.get(commas.len() / 2)?);
        let to = &to[1..];
        let (from, to) = (point(place, from, notes)?, point(place, to, notes)?);
        let (corners, on_circle) = arcs::between(self.centre(place, notes)?, from, to, !self.counter_clockwise);
        self.ring.extend(corners);
        self.arcs = true;
        if !on_circle {
            self.broken = Some(format!("{place}: the ends of the arc are not on one circle"));
        }
        Some(())
    }

    /// What was drawn: none, when no position could be read.
    pub(super) fn finish(self) -> Vec<Cleaned> {
        let mut outlines = self.circles;
        if let Some(doubt) = self.broken {
            let known: Vec<_> = self.ring.iter().chain(&self.airway).chain(&self.centre).copied().collect();
            outlines.extend(shape::around(&known, doubt));
            return outlines;
        }
        let margin_m = if self.arcs { arcs::SAGITTA_M } else { 0.0 };
        outlines.extend(shape::polygon(&self.ring, &[], Edges::Geodesic, margin_m));
        if !self.airway.is_empty() {
            outlines.extend(match self.width_m {
                Some(width_m) => Some(Outline::Corridor { line: self.airway, half_width_m: width_m / 2.0 }.into()),
                None => shape::around(&self.airway, "an airway has no width (V W=)".into()),
            });
        }
        outlines
    }
}

fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| *value > 0.0 && *value < 1_000.0)
}

fn point(place: &str, text: &str, notes: &mut Notes) -> Option<Position> {
    let (position, sixty) = angle::position(text)?;
    if sixty {
        notes.deviation(place, "60 minutes or seconds stand for the next degree or minute");
    }
    Some(position)
}

//! Zones gathered from a file, each counted.

use super::super::shape::{Cleaned, Outline};
use super::super::{Certainty, Dataset, Digest, Doubt, Limit, Report, Source, Volume, Zone};
use super::{MAX_CORNERS, MAX_ZONES, Reading, Unreadable};
use crate::place::Datum;

/// Zones gathered so far.
pub(super) struct Assembly {
    pub(super) source: Source,
    zones: Vec<Zone>,
    report: Report,
    corners: usize,
}

/// What reading one zone says on its way.
#[derive(Default)]
pub(super) struct Notes {
    doubts: Vec<Doubt>,
    deviations: Vec<Doubt>,
}

impl Notes {
    /// Something could not be read: the zone stays larger or longer.
    pub(super) fn doubt(&mut self, place: &str, what: impl Into<String>) {
        self.doubts.push(Doubt { place: place.into(), what: what.into() });
    }

    /// Something is not as the standard has it, and is understood.
    pub(super) fn deviation(&mut self, place: &str, what: impl Into<String>) {
        self.deviations.push(Doubt { place: place.into(), what: what.into() });
    }

    /// Whether nothing is in doubt.
    pub(super) fn is_clear(&self) -> bool {
        self.doubts.is_empty()
    }

    /// A volume of this outline; limits the wrong way round bound nothing.
    pub(super) fn volume(&mut self, place: &str, cleaned: Cleaned, lower: Limit, upper: Limit) -> Volume {
        if let Some(doubt) = cleaned.doubt {
            self.doubt(place, doubt);
        }
        // What begins at the sea or at flight level 0 begins at the ground, wherever that and the air's pressure are.
        let lower = match lower {
            Limit::At(low) if low.metres <= 0.0 && low.datum != Datum::Ellipsoid => Limit::Surface,
            lower => lower,
        };
        let inverted = match (lower, upper) {
            (Limit::Unlimited, _) | (_, Limit::Surface) => true,
            (Limit::At(low), Limit::At(high)) => low.above(high).is_some_and(|above_m| above_m >= 0.0),
            (_, Limit::At(high)) => high.metres <= 0.0,
            (_, Limit::Unlimited) => false,
        };
        if inverted {
            self.doubt(place, format!("its floor ({lower}) is not below its ceiling ({upper})"));
            return Volume { outline: cleaned.outline, lower: Limit::Surface, upper: Limit::Unlimited };
        }
        Volume { outline: cleaned.outline, lower, upper }
    }
}

impl Assembly {
    pub(super) fn new(name: &str, bytes: &[u8]) -> Self {
        let source = Source { name: name.into(), sha256: Digest::of(bytes), ..Source::default() };
        Self { source, zones: Vec::new(), report: Report::default(), corners: 0 }
    }

    /// Something about the file as a whole that is understood.
    pub(super) fn deviation(&mut self, place: &str, what: impl Into<String>) {
        self.report.deviations.push(Doubt { place: place.into(), what: what.into() });
    }

    /// Something about the file as a whole that could not be read.
    pub(super) fn doubt(&mut self, place: &str, what: impl Into<String>) {
        self.report.doubts.push(Doubt { place: place.into(), what: what.into() });
    }

    /// Counts and keeps one zone: what `read` makes of it, or the reason why it has no place.
    pub(super) fn zone(&mut self, place: &str, read: impl FnOnce(&mut Notes) -> Result<Zone, String>) -> Reading<()> {
        let mut notes = Notes::default();
        let made = read(&mut notes);
        self.report.read += 1;
        self.report.deviations.append(&mut notes.deviations);
        match made {
            Err(what) => self.report.refused.push(Doubt { place: place.into(), what }),
            Ok(zone) if zone.volumes.is_empty() => {
                self.report.refused.push(Doubt { place: place.into(), what: format!("{} has no place", zone.name) });
            }
            Ok(mut zone) => {
                self.corners += zone.volumes.iter().map(|volume| corners(&volume.outline)).sum::<usize>();
                if notes.doubts.is_empty() {
                    self.report.kept += 1;
                } else {
                    self.report.uncertain += 1;
                    zone.certainty = Certainty::Uncertain(notes.doubts.iter().map(ToString::to_string).collect());
                }
                self.zones.push(zone);
            }
        }
        self.report.doubts.append(&mut notes.doubts);
        let beyond =
            [(self.report.read > MAX_ZONES, "zones", MAX_ZONES), (self.corners > MAX_CORNERS, "corners", MAX_CORNERS)];
        beyond.into_iter().find(|(beyond, ..)| *beyond).map_or(Ok(()), |(_, of, most)| {
            let what = format!("it has more than {most} {of}");
            Err(Unreadable { place: place.into(), what, cure: "split the dataset by region" })
        })
    }

    pub(super) fn finish(self) -> Reading<Dataset> {
        if self.report.read == 0 {
            let cure = "check that it is the dataset, and not an extract without content";
            return Err(Unreadable { place: "whole file".into(), what: "it holds no zone".into(), cure });
        }
        Ok(Dataset { source: self.source, zones: self.zones, report: self.report })
    }
}

fn corners(outline: &Outline) -> usize {
    match outline {
        Outline::Polygon(polygon) => polygon.exterior.len() + polygon.holes.iter().map(Vec::len).sum::<usize>(),
        Outline::Circle { .. } | Outline::Everywhere => 1,
        Outline::Corridor { line, .. } => line.len(),
    }
}

#[cfg(test)]
impl Notes {
    /// How many doubts.
    pub(super) fn count(&self) -> usize {
        self.doubts.len()
    }
}

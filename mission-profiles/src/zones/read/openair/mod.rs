//! OpenAir, versions 1 and 2: blocks of lines, each an airspace.

mod outline;

use jiff::Timestamp;

use super::super::{Kind, Limit, Period, Restriction, Zone};
use super::Reading;
use super::assembly::{Assembly, Notes};
use super::cursor::short;
use outline::Tracing;

/// Lines that say how to draw or whom to call by radio, which no drone is asked for.
const IDLE: [&str; 9] = ["SP", "SB", "AT", "TO", "TC", "AF", "AG", "AX", "AI"];
/// Commands of the format.
const COMMANDS: [&str; 12] = ["AC", "AN", "AH", "AL", "AY", "AA", "DP", "DA", "DB", "DC", "DY", "V"];
/// Characters of a line that are read.
const MAX_LINE: usize = 1_000;

/// Whether the first line that says something is OpenAir's, or nothing but its remarks is there.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let said = |line: &[u8]| {
        let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let known = |names: &[&str]| names.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(word));
        known(&COMMANDS) || known(&IDLE)
    };
    let first = lines.find(|line| !line.starts_with(b"*"));
    first.map_or_else(|| bytes.contains(&b'*'), said)
}

pub(super) fn read(text: &str, assembly: &mut Assembly) -> Reading<()> {
    assembly.source.format = "OpenAir";
    let mut block: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.split('*').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (command, rest) = line.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((line, ""));
        let command = command.to_ascii_uppercase();
        let begins = match (&block, command.as_str()) {
            (_, "AC") | (None, _) => true,
            (Some(block), "AN") => block.name.is_some() && block.has_begun(),
            _ => false,
        };
        if begins && let Some(block) = block.replace(Block::at(number + 1)) {
            block.finish(assembly)?;
        }
        if let Some(block) = &mut block {
            block.line(number + 1, &command, rest.trim());
        }
    }
    block.map_or(Ok(()), |block| block.finish(assembly))
}

/// The lines of one airspace.
#[derive(Default)]
struct Block {
    begun: usize,
    class: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    lower: Vec<(usize, String)>,
    upper: Vec<(usize, String)>,
    periods: Vec<Result<Period, String>>,
    tracing: Tracing,
    notes: Notes,
}

impl Block {
    fn at(line: usize) -> Self {
        Self { begun: line, ..Self::default() }
    }

    fn has_begun(&self) -> bool {
        !self.lower.is_empty() || !self.upper.is_empty() || self.tracing.has_begun()
    }

    fn line(&mut self, number: usize, command: &str, rest: &str) {
        let place = format!("line {number}");
        if rest.len() > MAX_LINE {
            return self.notes.doubt(&place, format!("it is longer than {MAX_LINE} characters, and not read"));
        }
        match command {
            "AC" => self.class = Some(rest.to_ascii_uppercase()),
            "AY" => self.kind = Some(rest.to_ascii_uppercase()),
            "AN" => self.name = Some(rest.to_owned()),
            "AL" => self.lower.push((number, rest.to_owned())),
            "AH" => self.upper.push((number, rest.to_owned())),
            "AA" => self.periods.push(activation(rest)),
            "V" | "DP" | "DA" | "DB" | "DC" | "DY" => self.tracing.line(&place, command, rest, &mut self.notes),
            idle if IDLE.contains(&idle) => {}
            other => self.notes.doubt(&place, format!("`{}` is no command of OpenAir's", short(other))),
        }
    }

    fn finish(mut self, assembly: &mut Assembly) -> Reading<()> {
        let place = format!("line {}", self.begun);
        assembly.zone(&place, |notes| {
            std::mem::swap(notes, &mut self.notes);
            self.zone(&place, notes)
        })
    }

    fn zone(mut self, place: &str, notes: &mut Notes) -> Result<Zone, String> {
        let name = self.name.take().filter(|name| !name.is_empty()).unwrap_or_else(|| {
            notes.deviation(place, "it has no name (AN)");
            format!("airspace of line {}", self.begun)
        });
        let lower = limit(&self.lower, Limit::Surface, place, "AL", notes);
        let upper = limit(&self.upper, Limit::Unlimited, place, "AH", notes);
        let outlines = std::mem::take(&mut self.tracing).finish();
        if outlines.is_empty() {
            return Err(format!("{} has no position that can be read", short(&name)));
        }
        let volumes = outlines.into_iter().map(|outline| notes.volume(place, outline, lower, upper)).collect();
        let mut zone =
            Zone::unexplained(format!("{}-{}", name.to_lowercase().replace(' ', "-"), self.begun), name, volumes);
        (zone.kind, zone.restriction) = self.meaning(place, notes);
        zone.applicability = self.applicability(place, notes);
        Ok(zone)
    }

    /// What the class, and in version 2 the type, are to a drone.
    fn meaning(&self, place: &str, notes: &mut Notes) -> (Kind, Restriction) {
        let Some(class) = &self.class else {
            notes.doubt(place, "it has no class (AC); permission is to be asked");
            return (Kind::Information, Restriction::AskFirst);
        };
        match self.kind.as_deref().unwrap_or(class) {
            "P" => (Kind::Prohibited, Restriction::Prohibited),
            "R" => (Kind::Restricted, Restriction::Prohibited),
            "Q" | "D" if self.kind.is_some() || class == "Q" => (Kind::Danger, Restriction::Conditional),
            "TRA" | "TSA" | "TFR" => (Kind::Temporary, Restriction::AskFirst),
            "CTR" | "ATZ" => (Kind::Aerodrome, Restriction::AskFirst),
            "A" | "B" | "C" | "D" | "CTA" | "TMA" => (Kind::Controlled, Restriction::None),
            "E" | "F" | "G" | "W" | "GP" | "GSEC" | "RMZ" | "TMZ" | "FIR" | "UIR" | "AWY" | "MATZ" | "MTR" => {
                (Kind::Information, Restriction::None)
            }
            other => {
                notes.doubt(
                    place,
                    format!("`{}` is no class or type that is known; permission is to be asked", short(other)),
                );
                (Kind::Information, Restriction::AskFirst)
            }
        }
    }

    /// Activation by NOTAM alone, or by a time that is none, holds always.
    fn applicability(&mut self, place: &str, notes: &mut Notes) -> Vec<Period> {
        let mut periods = Vec::new();
        for period in std::mem::take(&mut self.periods) {
            match period {
                Ok(period) => periods.push(period),
                Err(said) => {
                    notes.doubt(place, format!("AA: {said}; it holds always"));
                    return Vec::new();
                }
            }
        }
        if periods.contains(&Period::default()) { Vec::new() } else { periods }
    }
}

fn limit(said: &[(usize, String)], open: Limit, place: &str, command: &str, notes: &mut Notes) -> Limit {
    match said {
        [(line, text)] => Limit::read(text).unwrap_or_else(|| {
            notes.doubt(&format!("line {line}"), format!("{command}: `{}` is no height; taken as {open}", short(text)));
            open
        }),
        [] => {
            notes.doubt(place, format!("it has no {command}; taken as {open}"));
            open
        }
        [.., (line, _)] => {
            notes.doubt(&format!("line {line}"), format!("{command} stands twice; taken as {open}"));
            open
        }
    }
}

/// `start/end`, each an instant or `NONE`; `NONE` alone is by NOTAM.
fn activation(rest: &str) -> Result<Period, String> {
    if rest.eq_ignore_ascii_case("NONE") {
        return Ok(Period::default());
    }
    let no_window = || format!("`{}` is no `start/end`", short(rest));
    let (from, to) = rest.split_once('/').ok_or_else(no_window)?;
    let instant = |said: &str| match said.trim() {
        none if none.eq_ignore_ascii_case("NONE") => Ok(None),
        said => said.parse::<Timestamp>().map(Some).map_err(|_| no_window()),
    };
    let (from, to) = (instant(from)?, instant(to)?);
    match (from, to) {
        (None, None) => Err(no_window()),
        (Some(from), Some(to)) if from > to => Err(format!("`{}` ends before it begins", short(rest))),
        _ => Ok(Period { from, to, daily: Vec::new() }),
    }
}

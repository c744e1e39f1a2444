//! OpenAir, versions 1 and 2: blocks of lines, each an airspace.

mod outline;

use super::super::{Kind, Limit, Period, Restriction, Zone};
use super::Reading;
use super::assembly::{Assembly, Notes};
use super::cursor::short;
use super::meaning;
use super::moment::instant;
use crate::place::Position;
use outline::Tracing;

/// Lines that say how to draw or whom to call by radio, which no drone is asked for.
const IDLE: [&str; 10] = ["SP", "SB", "AT", "AF", "AG", "AX", "AI", "AR", "TP", "AO"];
/// Lines of dialects that say when an airspace holds: without them it holds always.
const TIMES: [&str; 4] = ["AP", "AP!", "AW", "TW"];
/// Lines that begin terrain, which is no airspace.
const TERRAIN: [&str; 2] = ["TO", "TC"];
/// Commands of the format.
const COMMANDS: [&str; 12] = ["AC", "AN", "AH", "AL", "AY", "AA", "DP", "DA", "DB", "DC", "DY", "V"];
/// Characters of a line that are read.
const MAX_LINE: usize = 1_000;
/// Lines that may stand before the first that is OpenAir's.
const MAX_HEAD: usize = 100;

/// Whether it is OpenAir's: by its first line that is no remark, or by a class and a name among the first; or nothing but remarks is there.
pub(super) fn looks_like(text: &str) -> bool {
    let mut lines = lines(text).filter_map(command_of).take(MAX_HEAD);
    let Some((first, _)) = lines.next() else { return text.contains('*') };
    let known = |names: &[&str]| names.contains(&first.as_str());
    known(&COMMANDS)
        || known(&IDLE)
        || known(&TERRAIN)
        || lines.any(|(command, rest)| command == "AC" && rest.len() < 20)
}

/// Lines; those of old Macintoshes end in a carriage return alone.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(if text.contains('\n') { '\n' } else { '\r' })
}

/// The command of a line, in capitals, and what follows; none of a remark.
fn command_of(line: &str) -> Option<(String, &str)> {
    let line = line.split('*').next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with([';', '#']) {
        return None;
    }
    let (command, rest) = line.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((line, ""));
    Some((command.to_ascii_uppercase(), rest.trim()))
}

pub(super) fn read(text: &str, assembly: &mut Assembly) -> Reading<()> {
    assembly.source.format = "OpenAir";
    let mut block: Option<Block> = None;
    let (mut is_terrain, mut centre) = (false, None);
    for (number, line) in lines(text).enumerate() {
        let Some((command, rest)) = command_of(line) else { continue };
        let place = || format!("line {}", number + 1);
        // One within an airspace that has no outline yet is a word too many.
        let is_over = block.as_ref().is_none_or(|block| block.tracing.has_begun());
        if TERRAIN.contains(&command.as_str()) && is_over {
            assembly.deviation(&place(), "terrain (TO, TC) is no airspace, and not read");
            is_terrain = true;
            if let Some(before) = block.take() {
                centre = before.tracing.last_centre();
                before.finish(assembly)?;
            }
            continue;
        }
        let begins = match (&block, command.as_str()) {
            // Some files have the name first, and some the class.
            (Some(block), "AC") => block.class.is_some() || block.has_begun(),
            (Some(block), "AN") => block.name.is_some() && block.has_begun(),
            (None, command) if is_terrain => matches!(command, "AC" | "AN"),
            (None, command) => COMMANDS.contains(&command),
            _ => false,
        };
        if begins {
            is_terrain = false;
            if let Some(before) = block.take() {
                centre = before.tracing.last_centre();
                before.finish(assembly)?;
            }
            block = Some(Block::at(number + 1, centre));
        }
        match &mut block {
            Some(block) => block.line(number + 1, &command, rest),
            None if is_terrain || IDLE.contains(&command.as_str()) => {}
            None => assembly.deviation(&place(), format!("`{}` is no command of OpenAir's", short(&command))),
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
    has_untold_times: bool,
    tracing: Tracing,
    notes: Notes,
}

impl Block {
    fn at(line: usize, centre: Option<Position>) -> Self {
        Self { begun: line, tracing: Tracing::after(centre), ..Self::default() }
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
            "AC" => self.class = Some(first_word(rest)),
            "AY" => self.kind = Some(first_word(rest)),
            "AN" => self.name = Some(rest.to_owned()),
            "AL" => self.lower.push((number, rest.to_owned())),
            "AH" => self.upper.push((number, rest.to_owned())),
            "AA" => self.periods.push(activation(rest)),
            "V" | "DP" | "DA" | "DB" | "DC" | "DY" => self.tracing.line(&place, command, rest, &mut self.notes),
            idle if IDLE.contains(&idle) || TERRAIN.contains(&idle) => {}
            times if TIMES.contains(&times) && self.has_untold_times => {}
            times if TIMES.contains(&times) => {
                self.has_untold_times = true;
                self.notes.doubt(&place, format!("{times}: times of this dialect are not read; it holds always"));
            }
            other => self.notes.doubt(&place, format!("`{}` is no command of OpenAir's", short(other))),
        }
    }

    fn finish(mut self, assembly: &mut Assembly) -> Reading<()> {
        let place = format!("line {}", self.begun);
        if self.name.is_none() && !self.has_begun() {
            assembly.deviation(&place, "a class with its colours alone is no airspace");
            return Ok(());
        }
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
        (zone.kind, zone.restriction) = self.meaning(lower, place, notes);
        zone.applicability = self.applicability(place, notes);
        Ok(zone)
    }

    /// What the class, and in version 2 the type, are to a drone.
    fn meaning(&self, lower: Limit, place: &str, notes: &mut Notes) -> (Kind, Restriction) {
        let Some(class) = &self.class else {
            notes.doubt(place, "it has no class (AC); permission is to be asked");
            return (Kind::Information, Restriction::AskFirst);
        };
        let said = self.kind.as_deref().filter(|kind| meaning::word(kind).is_some()).unwrap_or(class);
        // Control that reaches the ground is a control zone, whatever it is called.
        match said {
            "A" | "B" | "C" | "D" if lower == Limit::Surface => (Kind::Controlled, Restriction::AskFirst),
            "A" | "B" | "C" | "D" => (Kind::Controlled, Restriction::None),
            said => meaning::word(said).unwrap_or_else(|| {
                let said = short(self.kind.as_deref().unwrap_or(said));
                notes.doubt(place, format!("`{said}` is no class or type that is known; permission is to be asked"));
                (Kind::Information, Restriction::AskFirst)
            }),
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

/// `D`, of `CLASS D (see AIP)`.
fn first_word(said: &str) -> String {
    let said = said.to_ascii_uppercase();
    let said = said.strip_prefix("CLASS ").unwrap_or(&said);
    said.split([' ', '\t', ';', '(']).next().unwrap_or_default().to_owned()
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
        said => instant(said).map(Some).ok_or_else(no_window),
    };
    let (from, to) = (instant(from)?, instant(to)?);
    match (from, to) {
        (None, None) => Err(no_window()),
        (Some(from), Some(to)) if from > to => Err(format!("`{}` ends before it begins", short(rest))),
        _ => Ok(Period { from, to, daily: Vec::new() }),
    }
}

//! `@PARAM/param.pck`: every parameter of ArduPilot in one file for MAVLink FTP, names shortened by what they share with the one before
//! (its `AP_Filesystem_Param`).
//!
//! A value never lies across two reads of the size that the reader uses, so the file depends on that size.

use super::parameters::{Definition, Kind, Parameters};

/// Where it is.
pub(super) const PATH: &str = "@PARAM/param.pck";
const MAGIC: u16 = 0x671B;
const MAGIC_WITH_DEFAULTS: u16 = 0x671C;
const HEADER: usize = 6;
/// Bytes a parameter is thought to take, for the size that is told when the file is opened.
const GUESS: usize = 12;
/// The second half of the first byte: the default follows the value.
const HAS_DEFAULT: u8 = 1 << 4;
/// Name bytes that one entry can share with the last.
const SHARED_MAX: usize = 15;

/// Which of them a reader asks for: `?start=N&count=N&withdefaults=1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ask {
    start: usize,
    count: usize,
    with_defaults: bool,
}

impl Ask {
    /// Reads the path of a file to open; none for another file, or a question that is not understood.
    pub(super) fn read(path: &str) -> Option<Self> {
        let rest = path.trim_start_matches('/').strip_prefix(PATH)?;
        let mut ask = Self::default();
        let Some(question) = rest.strip_prefix('?') else { return rest.is_empty().then_some(ask) };
        for part in question.split('&') {
            let (key, value) = part.split_once('=')?;
            let number = usize::from(value.parse::<u16>().ok().filter(|&number| number < u16::MAX)?);
            match key {
                "start" => ask.start = number,
                "count" => ask.count = number,
                "withdefaults" if number <= 1 => ask.with_defaults = number == 1,
                _ => return None,
            }
        }
        Some(ask)
    }
}

/// The size that is told before anything is read.
pub(super) fn guessed_size(parameters: &Parameters) -> usize {
    parameters.table().len() * GUESS
}

/// The file for a reader that takes `read_size` bytes at a time; none where it asks for parameters beyond the last.
pub(super) fn packed(parameters: &Parameters, ask: Ask, read_size: usize) -> Option<Vec<u8>> {
    let table = parameters.table();
    let left = table.len().checked_sub(ask.start).filter(|&left| left > 0)?;
    let count = if ask.count > 0 { left.min(ask.count) } else { left };
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    let magic = if ask.with_defaults { MAGIC_WITH_DEFAULTS } else { MAGIC };
    let mut file = Vec::with_capacity(HEADER + count * GUESS);
    file.extend(magic.to_le_bytes());
    file.extend(short(count));
    file.extend(short(table.len()));
    let mut last = "";
    for (place, definition) in table.iter().enumerate().skip(ask.start).take(count) {
        let value = parameters.at(place)?;
        let entry = entry(definition, value, last, ask.with_defaults);
        file.resize(file.len() + padding(definition.kind, file.len() + entry.len(), read_size), 0);
        file.extend(entry);
        last = definition.name;
    }
    Some(file)
}

/// Zeros before an entry that would otherwise end a few bytes after the boundary of a read.
fn padding(kind: Kind, end: usize, read_size: usize) -> usize {
    let width = width(kind);
    let beyond = end % read_size.max(1);
    if width > 1 && beyond > 0 && beyond < width { width - beyond } else { 0 }
}

fn entry(definition: &Definition, value: f64, last: &str, with_default: bool) -> Vec<u8> {
    let name = definition.name.as_bytes();
    let same = name.iter().zip(last.as_bytes()).take_while(|(a, b)| a == b).count();
    let shared = same.min(SHARED_MAX).min(name.len().saturating_sub(1));
    let own = &name[shared..];
    let with_default = with_default && value.to_bits() != definition.default.to_bits();
    let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let flags = if with_default { HAS_DEFAULT } else { 0 };
    let mut entry = vec![code(definition.kind) | flags, small(shared) | small(own.len().saturating_sub(1)) << 4];
    entry.extend_from_slice(own);
    entry.extend(bytes(definition.kind, value));
    if with_default {
        entry.extend(bytes(definition.kind, definition.default));
    }
    entry
}

/// `ap_var_type`.
fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Int8 => 1,
        Kind::Int16 => 2,
        Kind::Int32 => 3,
        Kind::Real => 4,
    }
}

fn width(kind: Kind) -> usize {
    match kind {
        Kind::Int8 => 1,
        Kind::Int16 => 2,
        Kind::Int32 | Kind::Real => 4,
    }
}

fn bytes(kind: Kind, value: f64) -> Vec<u8> {
    match kind {
        Kind::Real => super::fixed_point::f32_of(value).to_le_bytes().to_vec(),
        // The low bytes are the number: tables keep it in the range of its kind.
        Kind::Int8 | Kind::Int16 | Kind::Int32 => {
            super::fixed_point::i32_of(value).to_le_bytes()[..width(kind)].to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autopilot::flight::Settings;
    use crate::autopilot::personality::Personality;

    fn parameters() -> Parameters {
        Parameters::new(Personality::Ardupilot, &Settings::default(), 7)
    }

    #[test]
    fn questions_are_read_or_refused() {
        assert_eq!(Ask::read("@PARAM/param.pck"), Some(Ask::default()));
        let some = Ask { start: 3, count: 5, with_defaults: true };
        assert_eq!(Ask::read("/@PARAM/param.pck?start=3&count=5&withdefaults=1"), Some(some));
        for bad in [
            "@PARAM/param.pckx",
            "@PARAM/other",
            "@PARAM/param.pck?start=65535",
            "@PARAM/param.pck?withdefaults=2",
            "@PARAM/param.pck?",
            "@PARAM/param.pck?start=-1",
            "/APM/LOGS",
        ] {
            assert_eq!(Ask::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_entry_is_whole_and_the_next_are_shortened() {
        let file = packed(&parameters(), Ask::default(), 239).unwrap();
        let total = u16::try_from(parameters().table().len()).unwrap().to_le_bytes();
        assert_eq!(file[..6], [0x1B, 0x67, total[0], total[1], total[0], total[1]]);
        assert_eq!(file[6..8], [3, 11 << 4], "a 32-bit number whose name of twelve bytes shares none");
        assert_eq!(&file[8..20], b"ARMING_CHECK");
        assert_eq!(file[20..24], 1i32.to_le_bytes());
        assert_eq!(file[24..26], [4, 1 | 10 << 4], "ATC_SLEW_YAW shares its A");
    }

    #[test]
    fn no_value_lies_across_two_reads_and_a_part_is_a_part() {
        let parameters = parameters();
        for read_size in 40..=239 {
            let file = packed(&parameters, Ask::default(), read_size).unwrap();
            let mut at = HEADER;
            for definition in parameters.table() {
                at += file[at..].iter().take_while(|byte| **byte == 0).count();
                let name = usize::from(file[at + 1] >> 4) + 1;
                let value = at + 2 + name;
                let end = value + width(definition.kind);
                assert_eq!(value / read_size, (end - 1) / read_size, "{} by {read_size}", definition.name);
                at = end;
            }
            assert_eq!(at, file.len());
        }
        let part = packed(&parameters, Ask { start: 2, count: 3, with_defaults: false }, 239).unwrap();
        assert_eq!(part[2], 3);
        assert!(packed(&parameters, Ask { start: 999, ..Ask::default() }, 239).is_none());
    }
}

//! What is known of a flight beforehand: a small TOML file, and facts of the command line.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// Largest file read, bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Who flew, with what, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// The operator's id.
    pub operator_id: String,
    /// The aircraft's make.
    pub make: String,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// The name by which the unit's trust list knows its recorder, where that is not the serial number.
    pub device: String,
    /// The battery's.
    pub battery: String,
    /// The remote pilot.
    pub pilot: String,
    /// The pilot's flyer id.
    pub flyer_id: String,
    /// Others of the crew, with their roles.
    pub crew: Vec<String>,
    /// What for: the profile's task.
    pub activity: String,
    /// Where, in words.
    pub place: String,
    /// `VLOS` or `BVLOS`.
    pub sight: String,
    /// The permissions that were counted on.
    pub authorisations: Vec<String>,
    /// How the preflight ended.
    pub preflight: String,
}

impl Header {
    /// What the aircraft's records call it.
    #[must_use]
    pub fn recorder(&self) -> &str {
        if self.device.trim().is_empty() { &self.serial } else { &self.device }
    }

    /// The same with `fact`: `pilot=P1`; of crew and authorisations one more, or none with nothing behind the sign.
    ///
    /// # Errors
    /// When there is no such fact, or no sign.
    pub fn with(&self, fact: &str) -> Result<Self, HeaderError> {
        let bad = |what: String| HeaderError { at: format!("`{fact}`"), what };
        let (name, value) = fact.split_once('=').ok_or_else(|| bad("a fact is NAME=VALUE, such as pilot=P1".into()))?;
        let (name, value) = (name.trim(), value.trim());
        let mut facts = Table::try_from(self).map_err(|error| bad(error.to_string()))?;
        match facts.get_mut(name) {
            Some(Value::Array(list)) if value.is_empty() => list.clear(),
            Some(Value::Array(list)) => list.push(Value::String(value.to_owned())),
            Some(said) => *said = Value::String(value.to_owned()),
            None => {
                let names: Vec<&str> = facts.keys().map(String::as_str).collect();
                return Err(bad(format!(
                    "there is no fact `{name}`{}; there are {}",
                    near(name, &names),
                    names.join(", ")
                )));
            }
        }
        let header: Self = facts.try_into().map_err(|error: toml::de::Error| bad(error.message().to_owned()))?;
        header.check().map_err(|(_, what)| bad(what))?;
        Ok(header)
    }

    /// The key that makes no sense, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        if matches!(self.sight.as_str(), "" | "VLOS" | "EVLOS" | "BVLOS") {
            Ok(())
        } else {
            Err(("sight", format!("\"{}\" is none of VLOS, EVLOS and BVLOS", self.sight)))
        }
    }
}

/// Why a header cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct HeaderError {
    /// The file and the line, or the fact.
    pub at: String,
    /// What is wrong, and how to mend it.
    pub what: String,
}

/// The headers of a file: for all vehicles, and what differs for some.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers {
    common: Header,
    systems: Vec<(u8, Header)>,
}

impl Headers {
    /// Reads the file called `file`: keys as in [`Header`], and behind them `[system.2]` with those that differ for the vehicle of MAVLink
    /// system id 2.
    ///
    /// # Errors
    /// [`HeaderError`] names the file, the line and the cure.
    pub fn read(file: &str, text: &str) -> Result<Self, HeaderError> {
        if text.len() > MAX_BYTES {
            let what = format!("longer than {MAX_BYTES} bytes: no header of a flight log");
            return Err(HeaderError { at: format!("{file}:1"), what });
        }
        let mut headers = Self::default();
        let mut common = Table::new();
        for part in parts(text) {
            let flaw = |line: usize, what: String| HeaderError { at: format!("{file}:{}", part.line + line), what };
            let broken = |error: toml::de::Error| {
                flaw(line_of(part.text, error.span().map_or(0, |span| span.start)), suggested(error.message()))
            };
            let mut header: Header = toml::from_str(part.text).map_err(broken)?;
            header.check().map_err(|(key, what)| flaw(line_with(part.text, key), format!("`{key}`: {what}")))?;
            let set: Table = toml::from_str(part.text).map_err(broken)?;
            let Some(name) = part.system else {
                (headers.common, common) = (header, set);
                continue;
            };
            let id = name.parse().ok().filter(|id: &u8| *id > 0);
            let id = id.ok_or_else(|| flaw(0, format!("`{name}` is no MAVLink system id: 1 to 255")))?;
            if headers.systems.iter().any(|(known, _)| *known == id) {
                return Err(flaw(0, format!("system {id} stands twice")));
            }
            let mut all = common.clone();
            all.extend(set);
            header = all.try_into().map_err(broken)?;
            headers.systems.push((id, header));
        }
        Ok(headers)
    }

    /// The same with a fact, for all vehicles.
    ///
    /// # Errors
    /// As [`Header::with`].
    pub fn with(&self, fact: &str) -> Result<Self, HeaderError> {
        let one = |(id, header): &(u8, Header)| Ok((*id, header.with(fact)?));
        Ok(Self { common: self.common.with(fact)?, systems: self.systems.iter().map(one).collect::<Result<_, _>>()? })
    }

    /// The header of a vehicle.
    #[must_use]
    pub fn of(&self, system: u8) -> &Header {
        self.systems.iter().find(|(id, _)| *id == system).map_or(&self.common, |(_, header)| header)
    }
}

/// What belongs to all vehicles, or to one.
struct Part<'a> {
    system: Option<&'a str>,
    /// Lines before it.
    line: usize,
    text: &'a str,
}

/// The file in its parts: a line `[system.ID]` begins another.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part { system: None, line: 0, text: "" }];
    let (mut begin, mut at) = (0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let heading = line.split('#').next().unwrap_or_default().trim();
        let system = heading.strip_prefix("[system.").and_then(|rest| rest.strip_suffix(']'));
        let end = at + line.len();
        if let Some(system) = system {
            begin = end;
            parts.push(Part { system: Some(system), line: number + 1, text: "" });
        }
        if let Some(part) = parts.last_mut() {
            part.text = &text[begin..end];
        }
        at = end;
    }
    parts
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The line in which `key` is set first.
fn line_with(text: &str, key: &str) -> usize {
    let sets = |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    text.lines().position(sets).map_or(1, |line| line + 1)
}

/// Adds the nearest known name to a message about an unknown one.
fn suggested(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [unknown, known @ ..] = quoted.as_slice() else { return message.to_owned() };
    if message.starts_with("unknown") { format!("{message}{}", near(unknown, known)) } else { message.to_owned() }
}

/// `; did you mean …?`, where a known name is near.
fn near(unknown: &str, known: &[&str]) -> String {
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(unknown, name), name)).min();
    near.filter(|(distance, _)| *distance <= 3)
        .map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

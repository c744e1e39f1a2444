//! Reading a profile: every complaint names file, line and cure.

use super::{Authority, Content, Notice, Profile};
use crate::zones::Digest;

/// Largest profile read, bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Above this a permission is needed that no profile can give, metres (UAS.OPEN.010).
const OPEN_HEIGHT_M: f64 = 120.0;

/// Why a file is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Flaw {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub what: String,
}

/// The profiles that come with the program, by id.
#[must_use]
pub fn bundled() -> [(&'static str, &'static str); 8] {
    macro_rules! profile {
        ($id:literal) => {
            (concat!($id, ".toml"), include_str!(concat!("../../profiles/", $id, ".toml")))
        };
    }
    [
        profile!("missing-person"),
        profile!("collision-scene"),
        profile!("public-order"),
        profile!("containment"),
        profile!("event"),
        profile!("building-inspection"),
        profile!("evidence-stills"),
        profile!("training"),
    ]
}

impl Profile {
    /// Reads and checks the profile in `text`, a file called `file`.
    ///
    /// # Errors
    /// [`Flaw`] names the file, the line and the cure.
    pub fn read(file: &str, text: &str) -> Result<Self, Flaw> {
        let flaw = |line: usize, what: String| Flaw { file: file.into(), line, what };
        if text.len() > MAX_BYTES {
            return Err(flaw(1, format!("longer than {MAX_BYTES} bytes: no profile")));
        }
        let content: Content = toml::from_str(text).map_err(|error| {
            flaw(line_of(text, error.span().map_or(0, |span| span.start)), suggest(error.message()))
        })?;
        match fault(&content) {
            Some((key, what)) => Err(flaw(line_with(text, key), format!("`{key}`: {what}"))),
            None => Ok(Self { content, digest: Digest::of(text.as_bytes()) }),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The line in which `key` is set; the first, where it is not.
fn line_with(text: &str, key: &str) -> usize {
    let sets =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', ']']));
    text.lines().position(|line| sets(line) || line.trim() == format!("[{key}]")).map_or(1, |line| line + 1)
}

/// Adds the nearest known name to a message about an unknown one.
fn suggest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [unknown, known @ ..] = quoted.as_slice() else { return message.to_owned() };
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(unknown, name), name)).min();
    match near.filter(|(distance, _)| message.starts_with("unknown") && *distance <= 3) {
        Some((_, name)) => format!("{message}; did you mean `{name}`?"),
        None => message.to_owned(),
    }
}

/// The first key whose value makes no sense, and why.
fn fault(content: &Content) -> Option<(&'static str, String)> {
    let legal_id = !content.id.is_empty()
        && content.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !legal_id {
        return Some(("id", format!("\"{}\" must be lower-case letters, digits and hyphens", content.id)));
    }
    let limits = &content.limits;
    let within = |value: f64, low: f64, high: f64| value >= low && value <= high;
    let ranges = [
        ("height_agl_m", limits.height_agl_m, 1.0, OPEN_HEIGHT_M),
        ("range_m", limits.range_m, 1.0, 50_000.0),
        ("wind_ms", limits.wind_ms, 0.0, 30.0),
        ("visibility_m", limits.visibility_m, 0.0, 50_000.0),
        ("battery_reserve_percent", limits.battery_reserve_percent, 10.0, 90.0),
        ("people_m", limits.people_m, 0.0, 1_000.0),
        ("speed_ms", limits.speed_ms, 0.1, 50.0),
        ("return_height_m", limits.return_height_m, 2.0, OPEN_HEIGHT_M),
        ("beside_m", limits.beside_m, 1.0, 500.0),
        ("above_m", limits.above_m, 1.0, 100.0),
        ("currency_h", content.crew.currency_h, 0.0, 500.0),
        ("height_m", content.pattern.height_m(), 1.0, limits.height_agl_m),
    ];
    for (key, value, low, high) in ranges {
        if !within(value, low, high) {
            return Some((key, format!("{value} must lie between {low} and {high}")));
        }
    }
    let recording = content.recording;
    let ranges = [
        ("gop_ms", recording.gop_ms, 100, 10_000),
        ("bitrate_kbps", recording.bitrate_kbps, 100, 100_000),
        ("segment_s", recording.segment_s, 1, 60),
    ];
    for (key, value, low, high) in ranges {
        if !(low..=high).contains(&value) {
            return Some((key, format!("{value} must lie between {low} and {high}")));
        }
    }
    let empty = [
        ("task", content.purpose.task.trim().is_empty()),
        ("lawful_basis", content.purpose.lawful_basis.trim().is_empty()),
        ("dpia", content.privacy.dpia.trim().is_empty()),
        ("roles", !content.crew.roles.iter().any(|role| role == "pilot")),
        (
            "no_notice_reason",
            content.privacy.notice == Notice::None && content.privacy.no_notice_reason.trim().is_empty(),
        ),
    ];
    let covert = content.purpose.authority == Authority::AuthorisedCovert && content.privacy.notice != Notice::None;
    if covert {
        return Some(("notice", "a covert flight gives no notice: \"none\", with its reason".into()));
    }
    empty.into_iter().find(|(_, empty)| *empty).map(|(key, _)| (key, missing(key).into()))
}

fn missing(key: &str) -> &'static str {
    match key {
        "roles" => "there must be a \"pilot\"",
        "no_notice_reason" => "where nobody is told, say why",
        _ => "it must not be empty",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profiles_that_come_along_are_good_ones() {
        for (file, text) in bundled() {
            let profile = Profile::read(file, text).unwrap_or_else(|flaw| panic!("{flaw}"));
            assert_eq!(format!("{}.toml", profile.content.id), file);
            assert!(profile.content.checklist.iter().any(|check| check.eyes), "{file}: somebody must look");
        }
    }

    #[test]
    fn each_flaw_names_its_line_and_cure() {
        let (file, good) = bundled()[0];
        let cases = [
            ("range_m", "rage_m", "did you mean `range_m`"),
            ("sight = \"vlos\"", "sight = \"vls\"", "did you mean `vlos`"),
            ("height_agl_m = 120", "height_agl_m = 150", "between 1 and 120"),
            ("battery_reserve_percent = 25", "battery_reserve_percent = nan", "between 10 and 90"),
            ("roles = [\"pilot\", \"observer\"]", "roles = []", "pilot"),
            ("kind = \"expanding-square\"", "kind = \"expanding-circle\"", "expanding-square"),
            ("id = \"missing-person\"", "id = \"Missing\"", "lower-case"),
            ("version = 1", "version = \"one\"", "u32"),
        ];
        for (from, to, cure) in cases {
            assert!(good.contains(from), "{from}");
            let text = good.replacen(from, to, 1);
            let line = text.lines().position(|line| line.contains(to)).unwrap() + 1;
            let flaw = Profile::read(file, &text).unwrap_err();
            assert!(flaw.what.contains(cure), "{to}: {flaw}");
            assert!(flaw.line == line || to.starts_with("kind"), "{to}: {flaw}, expected line {line}");
        }
    }
}

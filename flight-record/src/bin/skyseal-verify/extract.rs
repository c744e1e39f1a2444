//! `skyseal-verify extract`: some files of a flight with their proofs, to disclose without the rest.

use crate::{read_trust, witness_file};
use anyhow::Context as _;
use clap::Args;
use flight_record::StreamName;
use flight_record::extract::{self, Source, Taken};
use flight_record::keys::KeyId;
use flight_record::layout::{MAX_INDEX, SealedName, StillFormat};
use flight_record::package;
use flight_record::trust::{TrustList, from_groups};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

/// Makes an extract: the named files of a flight, still sealed, and in extract.json the signed records and witnessed tree
/// heads that prove each of them. The rest of the flight stays where it is.
///
/// The flight is not judged here, and what is wrong elsewhere in it does not show in the extract: judge the flight first and
/// the extract afterwards, with skyseal-verify. Exit code 0 when the extract was made, 2 when it was not.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Folder of the flight, or of a package of it.
    path: PathBuf,
    /// Segments by stream and number: eo/3, or eo/3..5 for 3, 4 and 5; several with commas.
    #[arg(long, value_name = "STREAM/FIRST..LAST", value_delimiter = ',', required_unless_present_any = ["telemetry", "stills"])]
    segments: Vec<Segments>,
    /// Files of the raw MAVLink log by number: 2, or 2..3.
    #[arg(long, value_name = "FIRST..LAST", value_delimiter = ',')]
    telemetry: Vec<Numbers>,
    /// Stills by number and format: 7.jpg.
    #[arg(long, value_name = "NUMBER.FORMAT", value_delimiter = ',')]
    stills: Vec<Still>,
    /// The folder to make; it must not exist.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The unit's trust.json: by it the cosignatures that count are chosen.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Fingerprint of the unit's root.
    #[arg(long, value_name = "FINGERPRINT", value_parser = from_groups)]
    root: KeyId,
    /// A ground station's witness file of this flight; once for each. Those in a package are taken by themselves.
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Example: two minutes of the daylight camera and the telemetry beside them, for the defence
  skyseal-verify extract flights/0198c0de-… --segments eo/12..23 --telemetry 2..3 \\
      --trust trust.json --root 9f86d0… --witness van-3.jsonl --out disclosure-1
  skyseal-verify disclosure-1 --trust trust.json --root 9f86d0… --identity flight.identity
The first line of the second command's report is EXTRACT when every file was seen from the ground in time.
The flight's identity opens what is in the extract; the footage that is not there stays closed.";

/// Makes it; what was taken, for people.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<String> {
    let trust = TrustList::open(&read_trust(&arguments.trust)?, arguments.root).context("the trust list is refused")?;
    let (flight_dir, packed) = if package::is_package(&arguments.path) {
        let listing = || format!("cannot list the witness files of {}", arguments.path.display());
        package::contents(&arguments.path).with_context(listing)?
    } else {
        (arguments.path.clone(), Vec::new())
    };
    let witness = packed.iter().chain(&arguments.witness).map(|path| witness_file(path));
    let witness = witness.collect::<anyhow::Result<Vec<_>>>()?;
    let source = Source { flight_dir: &flight_dir, witness: &witness, trust: &trust };
    let taken = extract::write(&source, &wanted(arguments), &arguments.out)?;
    Ok(told(&taken, arguments))
}

fn wanted(arguments: &Arguments) -> BTreeSet<SealedName> {
    let segments = arguments.segments.iter().flat_map(|Segments { stream, numbers }| {
        numbers.0.clone().map(|number| SealedName::Segment(stream.clone(), number))
    });
    let telemetry = arguments.telemetry.iter().flat_map(|numbers| numbers.0.clone()).map(SealedName::Telemetry);
    let stills = arguments.stills.iter().map(|Still(number, format)| SealedName::Still(*number, *format));
    segments.chain(telemetry).chain(stills).collect()
}

fn told(taken: &Taken, arguments: &Arguments) -> String {
    let Taken { flight, files, records, flight_records, heads, unseen, doubts } = taken;
    let bytes: u64 = files.values().sum();
    let out = arguments.out.display();
    let mut text = format!("{out}: an extract of flight {flight}, {} files, {bytes} bytes\n", files.len());
    for (file, bytes) in files {
        let _infallible = writeln!(text, "  {file}  {bytes}");
    }
    let _infallible = writeln!(text, "Proved by {records} of {flight_records} records and by {heads} tree heads.");
    for doubt in doubts {
        let _infallible = writeln!(text, "Note: {doubt}.");
    }
    if !unseen.is_empty() {
        let _infallible = writeln!(
            text,
            "Note: no station's cosignature shows {}. If one was in reach, make the extract anew with its --witness file.",
            unseen.join(", ")
        );
    }
    let (trust, root) = (arguments.trust.display(), arguments.root);
    let _infallible = writeln!(text, "Next: skyseal-verify {out} --trust {trust} --root {root}");
    text
}

/// Numbers of a series, from 1, both ends included.
#[derive(Clone, Debug, PartialEq)]
struct Numbers(RangeInclusive<u32>);

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let number = |text: &str| text.parse().ok().filter(|number| (1..=MAX_INDEX).contains(number));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self(first..=last)),
            _ => Err(format!("{text:?} is no number from 1, and no range like 3..5")),
        }
    }
}

/// Segments of one stream.
#[derive(Clone, Debug, PartialEq)]
struct Segments {
    stream: StreamName,
    numbers: Numbers,
}

impl FromStr for Segments {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (stream, numbers) =
            text.split_once('/').ok_or_else(|| format!("{text:?} names no stream: write eo/3 or eo/3..5"))?;
        let stream = stream.parse().map_err(|_| format!("{stream:?} is no name of a stream: eo, ir, …"))?;
        Ok(Self { stream, numbers: numbers.parse()? })
    }
}

/// One still.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Still(u32, StillFormat);

impl FromStr for Still {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, format) = text.split_once('.').unwrap_or((text, ""));
        let number = number.parse().ok().filter(|number| (1..=MAX_INDEX).contains(number));
        let format = match format {
            "jpg" => Some(StillFormat::Jpg),
            "png" => Some(StillFormat::Png),
            _ => None,
        };
        let still = number.zip(format).map(|(number, format)| Self(number, format));
        still.ok_or_else(|| format!("{text:?} is no still: write 7.jpg or 7.png"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_ends_and_nothing_else_is_read() {
        let numbers = |text: &str| text.parse().map(|Numbers(range)| range).ok();
        assert_eq!((numbers("3"), numbers("3..5")), (Some(3..=3), Some(3..=5)));
        for bad in ["", "0", "5..3", "1..", "..2", "1..1000000", "1...2", "a", "-1"] {
            assert_eq!(numbers(bad), None, "{bad}");
        }
        let segments: Segments = "ir/2..4".parse().unwrap();
        assert_eq!((segments.stream.as_str(), segments.numbers), ("ir", Numbers(2..=4)));
        for bad in ["eo", "eo/", "/1", "EO/1", "eo/1/2"] {
            assert!(bad.parse::<Segments>().is_err(), "{bad}");
        }
        assert_eq!("7.png".parse(), Ok(Still(7, StillFormat::Png)));
        for bad in ["7", "7.gif", ".jpg", "0.jpg"] {
            assert!(bad.parse::<Still>().is_err(), "{bad}");
        }
    }
}

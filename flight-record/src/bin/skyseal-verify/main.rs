//! `skyseal-verify`: what a flight's folder proves, in one word and item by item.

mod clock;
mod extract;
mod print;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Parser, Subcommand};
use flight_record::extract::is_extract;
use flight_record::keys::KeyId;
use flight_record::outside_time::{MAX_TOKEN_BYTES, Roots};
use flight_record::package;
use flight_record::page::page;
use flight_record::statement::{GivenReason, MAX_REASON_BYTES};
use flight_record::trust::from_groups;
use flight_record::verify::{Anchor, Identities, LATE_AFTER_S, Options, verify, verify_extract};
use flight_record::witness::file::MAX_FILE_BYTES;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Says what a flight proves: whether its records, tree heads and files are as the aircraft made them.
///
/// Exit code 0 only for VERIFIED, 1 for any doubt and for every extract, 2 when the command itself is misused.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, disable_help_subcommand = true)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    judge: Option<Judge>,
}

#[derive(Subcommand)]
enum Command {
    Extract(extract::Arguments),
}

/// What is judged, and by what.
#[derive(Args)]
struct Judge {
    /// Folder of the flight, of a device log, of a package, or of an extract.
    path: PathBuf,
    /// The unit's trust.json.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Fingerprint of the unit's root: 64 hexadecimal digits, known from elsewhere than the flight.
    #[arg(long, value_name = "FINGERPRINT", value_parser = from_groups)]
    root: KeyId,
    /// age identities (AGE-SECRET-KEY-1…), one a line, that open the footage.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Writes what was opened into this folder, for playing: .ts, .tlog, documents. It must be empty or not exist.
    #[arg(long, value_name = "DIR", requires = "identity")]
    extract: Option<PathBuf>,
    /// A ground station's witness file of this flight; once for each.
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
    /// A reason that the ground kept for an order to record; once for each.
    #[arg(long, value_name = "FILE")]
    reason: Vec<PathBuf>,
    /// A token of a time-stamping authority over the flight's last head (.tsr); once for each. Those of a package are
    /// found by themselves.
    #[arg(long, value_name = "FILE")]
    timestamp: Vec<PathBuf>,
    /// Root certificates (PEM) of time-stamping authorities that you trust, from elsewhere than the flight; once for each
    /// file. Without, no token counts.
    #[arg(long, value_name = "FILE")]
    tsa_root: Vec<PathBuf>,
    /// What the ground saw later than this after it was made is late.
    #[arg(long, value_name = "SECONDS", default_value_t = LATE_AFTER_S)]
    late_after: u32,
    /// Writes the report as one page of HTML too, to read and to print. The file must not exist.
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Nothing longer is read as a trust list; one of more than 4 MiB is refused in the verdict.
const MAX_TRUST_BYTES: u64 = 16 << 20;
/// Longest file of roots read, in bytes.
const MAX_ROOTS_BYTES: u64 = 1 << 20;

const EXAMPLES: &str = "\
Examples:
  skyseal-verify flights/0198c0de-… --trust trust.json --root $(cat root.fingerprint)
  skyseal-verify flight --trust trust.json --root 9f86d0… --witness van-3.jsonl --witness tower.jsonl
  skyseal-verify package --trust trust.json --root 9f86d0… --report flight.html
  skyseal-verify case-17 --trust trust.json --root 9f86d0… --tsa-root authority.pem
  skyseal-verify flight --trust trust.json --root 9f86d0… --identity flight.identity --extract plain
  cat plain/segments/eo/*.ts > flight.ts
  skyseal-verify extract flight --segments eo/3..5 --trust trust.json --root 9f86d0… --out part
  skyseal-verify part --trust trust.json --root 9f86d0…";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match (&arguments.command, &arguments.judge) {
        (Some(Command::Extract(arguments)), _) => extract::run(arguments).and_then(|text| say(&text)).map(|()| true),
        (None, Some(judge)) => run(judge),
        (None, None) => Err(anyhow!("give the folder to judge; --help has examples")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("skyseal-verify: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether the flight is VERIFIED.
fn run(arguments: &Judge) -> anyhow::Result<bool> {
    let anchor = Anchor { trust_json: read_trust(&arguments.trust)?, root: arguments.root };
    let identities = arguments.identity.as_deref().map(Identities::read).transpose()?;
    if let Some(dir) = &arguments.extract {
        prepare(dir)?;
    }
    let options = Options {
        identities,
        extract: arguments.extract.clone(),
        now_utc_us: clock::now_utc_us(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        witness: arguments.witness.iter().map(|path| witness_file(path)).collect::<anyhow::Result<_>>()?,
        reasons: arguments.reason.iter().map(|path| reason(path)).collect::<anyhow::Result<_>>()?,
        tokens: arguments.timestamp.iter().map(|path| token(path)).collect::<anyhow::Result<_>>()?,
        tsa_roots: roots(&arguments.tsa_root)?,
        late_after_s: arguments.late_after,
        watched: None,
    };
    let now_utc_us = options.now_utc_us;
    let report = if package::is_package(&arguments.path) {
        package::verify(&arguments.path, &anchor, options)?
    } else if is_extract(&arguments.path) {
        verify_extract(&arguments.path, &anchor, &options)?
    } else {
        verify(&arguments.path, &anchor, &options)?
    };
    if let Some(path) = &arguments.report {
        write_page(path, &page(&report, now_utc_us))?;
    }
    let text = if arguments.json {
        let mut text = serde_json::to_string_pretty(&report)?;
        text.push('\n');
        text
    } else {
        print::report(&report, now_utc_us)
    };
    say(&text)?;
    Ok(report.is_verified())
}

fn say(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("cannot write the report")
}

fn read_trust(path: &Path) -> anyhow::Result<Vec<u8>> {
    bounded(path, "trust list", MAX_TRUST_BYTES)
}

/// A reason that was kept; one that fits no order shows nowhere.
fn reason(path: &Path) -> anyhow::Result<GivenReason> {
    let bytes = bounded(path, "reason", MAX_REASON_BYTES)?;
    GivenReason::read(&bytes).with_context(|| format!("{} holds no reason", path.display()))
}

/// A witness file, read whole; what is in it is for the verdict to say.
fn witness_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    bounded(path, "witness file", MAX_FILE_BYTES)
}

/// A token, read whole; what is in it is for the verdict to say.
fn token(path: &Path) -> anyhow::Result<Vec<u8>> {
    bounded(path, "timestamp", MAX_TOKEN_BYTES)
}

/// All roots of all files.
fn roots(paths: &[PathBuf]) -> anyhow::Result<Roots> {
    let mut roots = Roots::default();
    for path in paths {
        let pem = bounded(path, "file of roots", MAX_ROOTS_BYTES)?;
        roots.add_pem(&pem).with_context(|| format!("{} cannot be used", path.display()))?;
    }
    Ok(roots)
}

fn bounded(path: &Path, what: &str, most: u64) -> anyhow::Result<Vec<u8>> {
    let io = || format!("cannot read the {what} {}", path.display());
    // A pipe or a device might never end.
    if !std::fs::metadata(path).with_context(io)?.is_file() {
        bail!("the {what} {} is not a regular file; copy it into one", path.display());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).with_context(io)?.take(most + 1).read_to_end(&mut bytes).with_context(io)?;
    if bytes.len() as u64 > most {
        bail!("{} is longer than {most} bytes; a {what} never is", path.display());
    }
    Ok(bytes)
}

/// Never over something that is there: a slip of the hand costs no trust list.
fn write_page(path: &Path, page: &str) -> anyhow::Result<()> {
    std::fs::File::create_new(path).and_then(|mut file| file.write_all(page.as_bytes())).with_context(|| {
        format!("cannot write the report {}; give the name of a file that does not exist", path.display())
    })
}

/// Plain footage never mixes with what is there already.
fn prepare(dir: &PathBuf) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    if std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?.next().is_some() {
        bail!("{} is not empty; give another folder for what is extracted", dir.display());
    }
    Ok(())
}

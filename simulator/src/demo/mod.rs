//! `skyseal-sim demo`: the whole job once on this machine, with the real programs as processes of their own.
//!
//! A unit is founded; a plan is made of a profile and checked; an aircraft flies it, its papers in its record, while the ground witnesses its tree heads by radio; after landing it is docked,
//! stored twice, erased aboard and packed; the verifier judges the package. Nothing here looks into another program: only
//! command lines, files and exit codes.

mod flight;
mod handover;
mod layout;
mod papers;
mod programs;
mod summary;
mod unit;
mod window;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use programs::Programs;
use summary::Summary;

/// A witness that hears nothing for longer than this leaves items that are late.
const LATE_AFTER_S: f64 = 30.0;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Time in the air, about; 20 to 3600
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub seconds: u32,
    /// Where everything is left; must be new or empty
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    pub out: PathBuf,
    /// Scenario to fly
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Cut the radio between aircraft and ground from A to B, seconds after the recording has started
    #[arg(long, value_name = "A..B", value_parser = span)]
    pub cut_ground_link: Option<String>,
    /// Fly without a ground witness, sealed to a recipient that was loaded when the aircraft was booked out
    #[arg(long, conflicts_with = "cut_ground_link")]
    pub no_witness: bool,
    /// Open the ground station's window beside it; needs a display
    #[arg(long)]
    pub window: bool,
    /// Write a picture of each of its workspaces, in three themes and two sizes, into this folder; needs no display
    #[arg(long, value_name = "DIR")]
    pub shots: Option<PathBuf>,
}

/// `A..B`, seconds.
fn span(text: &str) -> Result<String, String> {
    let ends = text.split_once("..").and_then(|(a, b)| Some((a.parse::<f64>().ok()?, b.parse::<f64>().ok()?)));
    match ends {
        Some((a, b)) if a >= 0.0 && b > a && b.is_finite() => Ok(text.to_owned()),
        _ => Err("write A..B in seconds, e.g. 20..80".to_owned()),
    }
}

impl DemoArgs {
    /// The word the flight must end with.
    fn expected(&self) -> &'static str {
        let cut_s = self.cut_ground_link.as_deref().and_then(|text| text.split_once("..")).map_or(0.0, |(a, b)| {
            let second = |text: &str| text.parse::<f64>().unwrap_or(0.0);
            second(b) - second(a)
        });
        if self.no_witness || cut_s > LATE_AFTER_S { "VERIFIED-UNWITNESSED" } else { "VERIFIED" }
    }
}

/// Runs the demonstration.
///
/// # Errors
/// Says which step failed and where its log is; also when the verdict is not the expected one.
pub fn run(args: &DemoArgs) -> Result<()> {
    if !(20..=3_600).contains(&args.seconds) {
        bail!("--seconds {}: a flight takes 20 to 3600", args.seconds);
    }
    let out = new_folder(&args.out)?;
    let programs = Programs::beside_this_one()?;
    let bar = ProgressBar::new(u64::from(args.seconds) + 25);
    bar.set_style(ProgressStyle::with_template("demo: [{bar:40}] {elapsed_precise} {msg}")?.progress_chars("=> "));
    bar.enable_steady_tick(std::time::Duration::from_millis(500));
    bar.set_message("founding a unit: root, keys, people, stores");
    let root = unit::found(&programs, &out)?;
    let (landed, mut beside) = flight::fly(&programs, &out, args, &bar, &root)?;
    bar.set_message("docking: copying, verifying, storing twice, erasing aboard, packing");
    beside.landed(&programs, &out)?;
    handover::log(&programs, &out)?;
    let docked = handover::dock(&programs, &out, args, &landed, &root)?;
    std::fs::write(out.join("dock.json"), &docked)?;
    landed.shut_down()?;
    let (recorded, verdict) = handover::verify(&programs, &out, &root, &bar)?;
    bar.set_message("picturing the ground station's window");
    beside.finish(&programs, &out)?;
    bar.finish_and_clear();
    let mut summary = Summary::gather(&out, &recorded, &verdict)?;
    summary.frozen(&out)?;
    summary.write(&out)?;
    summary.print(&out);
    let expected = args.expected();
    if summary.verdict != expected || summary.lost != 0 {
        bail!(
            "the verdict is {} with {} frames lost; {expected} with none was expected",
            summary.verdict,
            summary.lost
        );
    }
    if !summary.papers_frozen {
        bail!("the flight's record does not hold the papers of the check; see {}", layout::CHECK);
    }
    if summary.left_aboard != 0 {
        bail!("{} flights are still aboard; see dock.json", summary.left_aboard);
    }
    Ok(())
}

fn new_folder(out: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    if std::fs::read_dir(out)?.next().is_some() {
        bail!("{} is not empty; name a new folder with --out, or remove it: nothing is overwritten", out.display());
    }
    Ok(out.canonicalize()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cut_link_must_lead_to() {
        let args = |cut: Option<&str>, no_witness| DemoArgs {
            seconds: 60,
            out: PathBuf::new(),
            scenario: None,
            cut_ground_link: cut.map(|text| span(text).unwrap()),
            no_witness,
            window: false,
            shots: None,
        };
        assert_eq!(args(None, false).expected(), "VERIFIED");
        assert_eq!(args(Some("10..20"), false).expected(), "VERIFIED");
        assert_eq!(args(Some("10..70"), false).expected(), "VERIFIED-UNWITNESSED");
        assert_eq!(args(None, true).expected(), "VERIFIED-UNWITNESSED");
        for bad in ["", "10", "20..10", "a..b", "1..inf", "-1..4"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}

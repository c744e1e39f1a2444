//! What people see of a handover: a bar while it runs, a table when it is done.

use evidence_store::intake::{Erasure, Outcome, Progress, Settled, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Between two looks at the bar.
const DRAWS_A_SECOND: u8 = 10;

/// One line on standard error; nothing where that is no terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    step: Option<Step>,
}

impl Bar {
    /// A bar; hidden when somebody else reads what is printed.
    pub(super) fn new(hidden: bool) -> Self {
        let target =
            if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND) };
        Self { bar: ProgressBar::with_draw_target(None, target), step: None }
    }

    /// Shows how far it is.
    pub(super) fn show(&mut self, progress: Progress) {
        if self.step.replace(progress.step) != Some(progress.step) {
            self.bar.set_style(style(progress.bytes_total > 0));
            self.bar.set_length(progress.bytes_total);
            self.bar.set_prefix(progress.step.to_string());
        }
        let left = progress.left_s.map_or(String::new(), |left_s| format!(", {} left", span(left_s)));
        let rate = indicatif::HumanBytes(progress.bytes_per_s);
        self.bar.set_message(if progress.bytes_per_s > 0 { format!("{rate}/s{left}") } else { String::new() });
        self.bar.set_position(progress.bytes_done);
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn span(seconds: u64) -> String {
    indicatif::HumanDuration(Duration::from_secs(seconds)).to_string()
}

/// The templates are our own; one that does not parse would show as a plain bar.
fn style(counts: bool) -> ProgressStyle {
    let template = if counts { "  {prefix:<12} {wide_bar} {bytes}/{total_bytes} {msg}" } else { "  {prefix:<12} …" };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The result as a table.
pub(super) fn table(outcomes: &[Outcome], settled: &Settled) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    for flight in &settled.erased {
        writeln!(
            out,
            "Flight {flight}\n  aboard     erased since, by an earlier order; the device log says so, the ledger too"
        )?;
    }
    for flight in &settled.unsigned {
        writeln!(
            out,
            "Flight {flight}\n  aboard     erased since, by an earlier order; run with --countersign to write it down"
        )?;
    }
    for outcome in outcomes {
        writeln!(out, "Flight {}", outcome.flight)?;
        let apart = if outcome.quarantined { ", in QUARANTINE" } else { "" };
        writeln!(out, "  verdict    {}{apart}", outcome.verdict)?;
        let bytes = indicatif::HumanBytes(outcome.bytes);
        writeln!(
            out,
            "  held       {} files, {bytes}, by two stores; {} receipts",
            outcome.files,
            outcome.receipts.len()
        )?;
        writeln!(out, "  manifest   {}", outcome.manifest)?;
        writeln!(out, "  aboard     {}", aboard(outcome.erasure.as_ref()))?;
        if !outcome.awaiting.is_empty() {
            let lines: Vec<String> = outcome.awaiting.iter().map(u64::to_string).collect();
            writeln!(out, "  ledger     lines {} await a countersignature within 72 h", lines.join(", "))?;
        }
        for notice in &outcome.notices {
            writeln!(out, "  note       {notice}")?;
        }
    }
    Ok(out)
}

fn aboard(erasure: Option<&Erasure>) -> &'static str {
    match erasure {
        None => "stays there",
        Some(Erasure::Erased { .. }) => "erased; the device log says so",
        Some(Erasure::Deferred) => {
            "to be erased: the order lies on the card, the aircraft carries it out at its next start"
        }
    }
}

/// What was written down of earlier orders, as JSON.
pub(super) fn settled_facts(settled: &Settled) -> Value {
    json!({ "erased": settled.erased, "unsigned": settled.unsigned })
}

/// The same as JSON.
pub(super) fn facts(outcome: &Outcome) -> Value {
    let erasure = match &outcome.erasure {
        None => json!("kept"),
        Some(Erasure::Erased { record }) => json!({ "erased": record }),
        Some(Erasure::Deferred) => json!("deferred"),
    };
    let receipts: Vec<_> = outcome.receipts.iter().map(|receipt| String::from_utf8_lossy(receipt)).collect();
    json!({
        "flight": outcome.flight,
        "verdict": outcome.verdict,
        "quarantined": outcome.quarantined,
        "manifest": outcome.manifest,
        "files": outcome.files,
        "bytes": outcome.bytes,
        "receipts": receipts,
        "erasure": erasure,
        "awaiting": outcome.awaiting,
        "notices": outcome.notices,
    })
}

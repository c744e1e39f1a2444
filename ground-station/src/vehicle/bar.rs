//! How far a transfer is, on standard error; nothing where that is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Between two looks at the bar.
const DRAWS_A_SECOND: u8 = 10;

/// Counts things.
pub(super) fn things(what: &'static str, hidden: bool) -> ProgressBar {
    bar("  {prefix:<12} {wide_bar} {pos}/{len}", what, hidden)
}

/// Counts bytes.
pub(super) fn bytes(what: &'static str, hidden: bool) -> ProgressBar {
    bar("  {prefix:<12} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}", what, hidden)
}

/// The templates are our own; one that does not parse would show as a plain bar.
fn bar(template: &str, what: &'static str, hidden: bool) -> ProgressBar {
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND) };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(0), target).with_style(style).with_prefix(what)
}

/// Shows how far it is.
pub(super) fn show(bar: &ProgressBar, (have, of): (u64, u64)) {
    bar.set_length(of);
    bar.set_position(have);
}

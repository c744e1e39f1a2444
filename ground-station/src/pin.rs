//! PINs and passphrases in files, for commands that nobody types at.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use evidence_store::people::Pin;
use zeroize::Zeroizing;

/// Longest file, in bytes.
const MAX_BYTES: u64 = 4096;

/// The PIN or passphrase on the first line of a file.
///
/// # Errors
/// When it cannot be read, or is none.
pub(crate) fn read(path: &Path) -> Result<Pin> {
    Ok(Pin::new(&first_line(path)?)?)
}

/// The first line of a file, wiped when it goes.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn first_line(path: &Path) -> Result<Zeroizing<String>> {
    let cannot = || format!("the PIN in {} cannot be read", path.display());
    let mut text = Zeroizing::new(String::new());
    File::open(path).with_context(cannot)?.take(MAX_BYTES).read_to_string(&mut text).with_context(cannot)?;
    let end = text.lines().next().unwrap_or_default().len();
    text.truncate(end);
    Ok(text)
}

//! The verdict on a package: that of the flight in it, and everything about the package that is not as it should be.

use super::{PackageError, check};
use crate::verify::{self, Anchor, Integrity, Item, Options, Report, Subject, VerifyError, Word};
use std::path::Path;

/// Verifies a package: the bag, the store's signature, and the flight with the witness files that travel with it.
///
/// # Errors
/// Only when no verdict is possible; see [`verify::verify`].
pub fn verify(dir: &Path, anchor: &Anchor, mut options: Options) -> Result<Report, VerifyError> {
    let mut checked = check(dir, anchor, options.now_utc_us).map_err(|error| match error {
        PackageError::Io { source, .. } => VerifyError::Io { path: dir.to_owned(), source },
        PackageError::NoPackage { path } => VerifyError::NotAFolder { path },
        PackageError::Place { .. } => {
            VerifyError::Io { path: dir.to_owned(), source: std::io::ErrorKind::InvalidInput.into() }
        }
    })?;
    options.witness.append(&mut checked.witness);
    options.reasons.append(&mut checked.reasons);
    options.tokens.append(&mut checked.tokens);
    let mut report = match &checked.flight_dir {
        Some(flight) => verify::verify(flight, anchor, &options)?,
        None => verify::without_flight(anchor),
    };
    report.path = dir.display().to_string();
    if let Some(flight) = &report.flight {
        checked.about(flight.flight_id, flight.device_id);
    }
    let intact = |path: String| (path, Integrity::Intact, None);
    let packed = checked
        .intact
        .into_iter()
        .map(intact)
        .chain(checked.findings.into_iter().map(|finding| (finding.path, finding.word, Some(finding.detail))));
    for (path, word, detail) in packed {
        report.items.push(Item {
            item: Subject::File(path),
            word: Some(word),
            detail,
            witness_delay_ms: None,
            late: false,
        });
        report.integrity = report.integrity.max(word);
    }
    if let Some(store) = checked.store {
        report.notices.push(format!("packed and signed by store {store}"));
    }
    report.word = Word::of(report.integrity, report.witness, report.content, report.time);
    (report.meaning, report.next) = (report.word.meaning(report.witness), report.word.next(report.witness));
    Ok(report)
}

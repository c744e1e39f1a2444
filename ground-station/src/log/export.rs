//! `log export`: a table, or a document to print.

use anyhow::{Result, bail};
use jiff::Timestamp;
use mission_profiles::flight_log::{Entry, write_csv};
use serde_json::json;

use super::arguments::Export;
use super::register::find;
use super::{files, page, pretty};

/// Writes it.
pub(super) fn export(args: &Export, now: Timestamp) -> Result<String> {
    let store = args.shelf.store()?;
    let all = args.shelf.held()?;
    let entries: Vec<Entry> = match &args.id {
        Some(id) => vec![find(all, id)?.entry],
        None => all.into_iter().map(|logged| logged.entry).filter(|entry| args.which.takes(entry)).collect(),
    };
    let Some(out) = &args.out else {
        return if args.json { pretty(&json!(entries)) } else { Ok(String::from_utf8(write_csv(&entries)?)?) };
    };
    let bytes = match out.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => write_csv(&entries)?,
        Some("html") => page::page(&entries, &store.display().to_string(), now).into_bytes(),
        _ => bail!("{}: a table ends in .csv, a document to print in .html", out.display()),
    };
    files::put_new(out, &bytes)?;
    let (file, flights) = (out.display().to_string(), entries.len());
    if args.json {
        pretty(&json!({"file": file, "flights": flights}))
    } else {
        Ok(format!("{file}: {flights} flights\n"))
    }
}

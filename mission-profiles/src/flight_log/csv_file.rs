//! The log as CSV (RFC 4180), for people's spreadsheets and for inspectors.

use super::{Entry, local};

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be written as CSV")]
pub struct CsvError(#[source] csv::Error);

const HEAD: [&str; 32] = [
    "operator id",
    "make",
    "model",
    "serial",
    "battery",
    "date and take-off (London)",
    "take-off (UTC)",
    "take-off latitude",
    "take-off longitude",
    "landing (London)",
    "landing (UTC)",
    "landing latitude",
    "landing longitude",
    "minutes",
    "day minutes",
    "night minutes",
    "pilot",
    "flyer id",
    "crew",
    "activity",
    "sight",
    "authorisations",
    "preflight",
    "highest m",
    "farthest m",
    "distance m",
    "battery from %",
    "battery to %",
    "remarks",
    "defects",
    "incidents",
    "record",
];

/// Writes the entries, a line each, in the order that they have.
///
/// # Errors
/// When memory for it cannot be had.
pub fn write_csv(entries: &[Entry]) -> Result<Vec<u8>, CsvError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEAD).map_err(CsvError)?;
    for entry in entries {
        writer.write_record(row(entry).iter().map(|cell| plain(cell))).map_err(CsvError)?;
    }
    writer.into_inner().map_err(|error| CsvError(csv::Error::from(error.into_error())))
}

/// No cell begins a formula: spreadsheets would work it out.
fn plain(cell: &str) -> String {
    let number = cell.parse::<f64>().is_ok();
    if !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn row(entry: &Entry) -> [String; 32] {
    let header = entry.header.clone();
    let minutes = |seconds: u32| format!("{:.1}", f64::from(seconds) / 60.0);
    let percent = |at: usize| entry.battery_percent.map(|percents| format!("{:.0}", percents[at])).unwrap_or_default();
    let record = entry.record.as_ref().map(|record| {
        let differences = if record.differences.is_empty() { "agrees".into() } else { record.differences.join("; ") };
        format!("{}: {differences}", record.flight)
    });
    [
        header.operator_id,
        header.make,
        header.model,
        header.serial,
        header.battery,
        local(entry.take_off.at),
        entry.take_off.at.to_string(),
        format!("{:.6}", entry.take_off.lat_deg),
        format!("{:.6}", entry.take_off.lon_deg),
        local(entry.landing.at),
        entry.landing.at.to_string(),
        format!("{:.6}", entry.landing.lat_deg),
        format!("{:.6}", entry.landing.lon_deg),
        minutes(entry.duration_s()),
        minutes(entry.day_s),
        minutes(entry.night_s),
        header.pilot,
        header.flyer_id,
        header.crew.join("; "),
        header.activity,
        header.sight,
        header.authorisations.join("; "),
        header.preflight,
        format!("{:.0}", entry.highest_m),
        format!("{:.0}", entry.farthest_m),
        format!("{:.0}", entry.distance_m),
        percent(0),
        percent(1),
        entry.remarks.clone(),
        entry.defects.join("; "),
        entry.incidents.join("; "),
        record.unwrap_or_default(),
    ]
}

//! The log as CSV (RFC 4180), for people's spreadsheets and for inspectors.

use super::{Entry, Moment, in_london};

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be written as CSV")]
pub struct CsvError(#[source] csv::Error);

const HEAD: [&str; 36] = [
    "id",
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
    "place",
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
    "records",
    "notes",
    "kept until",
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

fn row(entry: &Entry) -> [String; 36] {
    let header = entry.header.clone();
    let minutes = |seconds: u32| format!("{:.1}", f64::from(seconds) / 60.0);
    let some = |seconds: Option<u32>| seconds.map(minutes).unwrap_or_default();
    let percent = |at: usize| entry.battery_percent.map(|percents| format!("{:.0}", percents[at])).unwrap_or_default();
    let degrees = |moment: Moment, at: usize| moment.place.map(|place| format!("{:.6}", place[at])).unwrap_or_default();
    let clock = |moment: Moment| in_london(moment.at, "%Y-%m-%d %H:%M");
    let incidents = entry.incidents.iter().map(|incident| {
        let reported = if incident.reported.is_empty() { "not reported" } else { &incident.reported };
        format!("{}: {} ({reported})", incident.grade, incident.what)
    });
    let records = entry.records.iter().map(|record| {
        let differences = if record.differences.is_empty() { "agrees".into() } else { record.differences.join("; ") };
        format!("{} ({}): {differences}", record.flight, record.verdict)
    });
    [
        entry.id.clone(),
        header.operator_id,
        header.make,
        header.model,
        header.serial,
        header.battery,
        clock(entry.take_off),
        entry.take_off.at.to_string(),
        degrees(entry.take_off, 0),
        degrees(entry.take_off, 1),
        clock(entry.landing),
        entry.landing.at.to_string(),
        degrees(entry.landing, 0),
        degrees(entry.landing, 1),
        minutes(entry.duration_s()),
        some(entry.day_s()),
        some(entry.night_s),
        header.pilot,
        header.flyer_id,
        header.crew.join("; "),
        header.activity,
        header.place,
        header.sight,
        header.authorisations.join("; "),
        header.preflight,
        entry.highest_m.map(|highest_m| format!("{highest_m:.0}")).unwrap_or_default(),
        format!("{:.0}", entry.farthest_m),
        format!("{:.0}", entry.distance_m),
        percent(0),
        percent(1),
        entry.remarks.clone(),
        entry.defects.join("; "),
        incidents.collect::<Vec<_>>().join("; "),
        records.collect::<Vec<_>>().join("; "),
        entry.notes.join("; "),
        in_london(entry.kept_until(), "%Y-%m-%d"),
    ]
}

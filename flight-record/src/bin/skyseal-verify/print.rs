//! The report for people: the word first, then what it means, then what is not as it should be.

use flight_record::verify::{Content, Item, Report, Time, Witness};

/// So many doubtful items are printed; `--json` has all.
const MOST_ITEMS: usize = 40;
const DAY_US: i64 = 86_400_000_000;

/// The whole report.
pub(crate) fn report(report: &Report, now_utc_us: i64) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let class = report.flight.as_ref().map_or(String::new(), |flight| {
        format!("  ({} flight)", flight.class)
    });
    line(format!("{}{class}\n", report.word));
    line(format!("  {}", report.meaning));
    line(format!("  Next: {}\n", report.next));
    if let Some(flight) = &report.flight {
        line(format!(
            "  Flight    {}, opened {}",
            flight.flight_id,
            time(flight.opened_utc_us)
        ));
        line(format!(
            "  Device    {}, key {}",
            flight.device_name, flight.device_id
        ));
    }
    if let Some(trust) = &report.trust {
        let age_days = (now_utc_us - trust.issued_utc_us) / DAY_US;
        line(format!("  Unit      {}, root {}", trust.unit, trust.root));
        line(format!(
            "  Trust     version {}, issued {} ({age_days} days ago), expires {}",
            trust.version,
            time(trust.issued_utc_us),
            time(trust.expires_utc_us)
        ));
    }
    line(format!(
        "  Axes      integrity {}, witness {}, content {}, time {}",
        report.integrity,
        match report.witness {
            Witness::Full => "full",
            Witness::Late => "late",
            Witness::Partial => "partial",
            Witness::None => "none",
        },
        match report.content {
            Content::Opened => "opened",
            Content::Sealed => "sealed",
        },
        match report.time {
            Time::Ok => "ok",
            Time::Suspect => "suspect",
        }
    ));
    let counts = &report.counts;
    line(format!(
        "  Records   {} besides close: {} segments with {} pictures, {} telemetry files with {} messages, {} stills, {} documents; {} sealed bytes",
        counts.records,
        counts.segments,
        counts.frames,
        counts.telemetry,
        counts.messages,
        counts.stills,
        counts.documents,
        counts.sealed_bytes
    ));
    line(format!("  Checked   {} items", report.items.len()));
    for notice in &report.notices {
        line(format!("  Note      {notice}"));
    }
    let doubts = report.doubts();
    if !doubts.is_empty() {
        line("\nNot as it should be:".to_owned());
        doubts
            .iter()
            .take(MOST_ITEMS)
            .for_each(|item| line(doubt(item)));
        if let Some(more) = doubts.len().checked_sub(MOST_ITEMS + 1) {
            line(format!("  … and {} more; --json has all", more + 1));
        }
    }
    line(format!("\n{}", report.limits));
    out
}

fn doubt(item: &Item) -> String {
    let word = item
        .word
        .map_or_else(|| "NOT CHECKED".to_owned(), |word| word.to_string());
    let detail = item
        .detail
        .as_ref()
        .map_or(String::new(), |detail| format!(": {detail}"));
    format!("  {word:<15} {}{detail}", item.item)
}

fn time(utc_us: i64) -> String {
    jiff::Timestamp::from_microsecond(utc_us).map_or_else(
        |_| format!("{utc_us} µs"),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

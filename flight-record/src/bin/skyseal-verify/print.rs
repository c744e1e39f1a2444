//! The report for people: the word first, then what it means, then what is not as it should be.

use flight_record::verify::{Content, CoveredFile, Covers, Item, NotCounted, Ordered, Report, Stamped, Time, Witness};

/// So many doubtful items are printed; `--json` has all.
const MOST_ITEMS: usize = 40;
const DAY_US: i64 = 86_400_000_000;

/// The whole report.
pub(crate) fn report(report: &Report, now_utc_us: i64) -> String {
    let class = report.flight.as_ref().map_or(String::new(), |flight| format!("  ({} flight)", flight.class));
    let mut lines = vec![
        format!("{}{class}\n", report.word),
        format!("  {}", report.meaning),
        format!("  Next: {}\n", report.next),
    ];
    lines.extend(facts(report, now_utc_us));
    lines.extend(report.covers.iter().flat_map(covers));
    lines.extend(report.ordered.iter().map(ordered));
    lines.extend(witness(report));
    lines.extend(report.outside_time.iter().map(stamped));
    lines.extend(report.notices.iter().map(|notice| format!("  Note      {notice}")));
    let doubts = report.doubts();
    if !doubts.is_empty() {
        lines.push("\nNot as it should be:".to_owned());
        lines.extend(doubts.iter().take(MOST_ITEMS).map(|item| doubt(item)));
        if doubts.len() > MOST_ITEMS {
            lines.push(format!("  … and {} more; --json has all", doubts.len() - MOST_ITEMS));
        }
    }
    let late: Vec<&Item> = report.items.iter().filter(|item| item.late).collect();
    if !late.is_empty() {
        lines.push(format!("\nSeen late, by more than {} s or after a silence:", report.witness_facts.late_after_s));
        lines.extend(late.iter().take(MOST_ITEMS).map(|item| seen_late(item)));
        if late.len() > MOST_ITEMS {
            lines.push(format!("  … and {} more; --json has all", late.len() - MOST_ITEMS));
        }
    }
    lines.push(format!("\n{}\n", report.limits));
    lines.join("\n")
}

/// Whose flight, under whose trust, what was looked at.
fn facts(report: &Report, now_utc_us: i64) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(flight) = &report.flight {
        lines.push(format!("  Flight    {}, opened {}", flight.flight_id, time(flight.opened_utc_us)));
        lines.push(format!("  Device    {}, key {}", flight.device_name, flight.device_id));
    }
    if let Some(trust) = &report.trust {
        let age_days = (now_utc_us - trust.issued_utc_us) / DAY_US;
        let (issued, expires) = (time(trust.issued_utc_us), time(trust.expires_utc_us));
        lines.push(format!("  Unit      {}, root {}", trust.unit, trust.root));
        lines.push(format!(
            "  Trust     version {}, issued {issued} ({age_days} days ago), expires {expires}",
            trust.version
        ));
    }
    let witness = match report.witness {
        Witness::Full => "full",
        Witness::Late => "late",
        Witness::Partial => "partial",
        Witness::None => "none",
    };
    let content = match report.content {
        Content::Opened => "opened",
        Content::Sealed => "sealed",
    };
    let time = match report.time {
        Time::Ok => "ok",
        Time::Suspect => "suspect",
    };
    lines
        .push(format!("  Axes      integrity {}, witness {witness}, content {content}, time {time}", report.integrity));
    let counts = &report.counts;
    lines.push(format!(
        "  Footage   {} segments with {} pictures, {} stills",
        counts.segments, counts.frames, counts.stills
    ));
    lines.push(format!("  Telemetry {} files with {} messages", counts.telemetry, counts.messages));
    lines.push(format!("  Checked   {} items, {} sealed bytes", report.items.len(), counts.sealed_bytes));
    lines
}

/// What is here of the flight.
fn covers(covers: &Covers) -> Vec<String> {
    let Covers { flight_records, records, from_utc_us, to_utc_us, files } = covers;
    let mut lines =
        vec![format!("  Part      {records} of {flight_records} records; the others are not here, and not judged")];
    if let (Some(from), Some(to)) = (from_utc_us, to_utc_us) {
        lines.push(format!("  Covers    {} files from {} to {}", files.len(), time(*from), time(*to)));
    }
    let file = |CoveredFile { file, record, from_utc_us, to_utc_us }: &CoveredFile| {
        let times = from_utc_us.zip(*to_utc_us).map(|(from, to)| format!(", {} to {}", time(from), time(to)));
        format!("            {file}: record {record}{}", times.unwrap_or_default())
    };
    lines.extend(files.iter().take(MOST_ITEMS).map(file));
    if files.len() > MOST_ITEMS {
        lines.push(format!("            … and {} more; --json has all", files.len() - MOST_ITEMS));
    }
    lines
}

/// Who ordered a recording, and why as far as the reader brought it.
fn ordered(order: &Ordered) -> String {
    let why = order.reason.as_ref().map_or_else(
        || format!("the reason is on the ground, {}….json", order.commitment.to_string().get(..8).unwrap_or_default()),
        |reason| format!("“{reason}”"),
    );
    let until = order.until_utc_us.map(|until| format!(" until {}", time(until))).unwrap_or_default();
    format!("  Ordered   {} {}{until} by {}: {why}", order.action.word(), time(order.utc_us), order.name)
}

/// Who witnessed, how many heads, how late, and what does not count.
fn witness(report: &Report) -> Vec<String> {
    let facts = &report.witness_facts;
    let mut lines: Vec<String> = facts
        .stations
        .iter()
        .map(|station| {
            let (first, last) = (time(station.first_utc_us), time(station.last_utc_us));
            format!("  Witness   {}: {} heads from {first} to {last}, key {}", station.name, station.heads, station.id)
        })
        .collect();
    if let Some(delay_ms) = facts.longest_delay_ms {
        let (late, never) = (facts.late_items, facts.unwitnessed_items);
        lines.push(format!(
            "  Seen      at most {} after it was made; {late} items late, {never} never (bound {} s)",
            seconds(delay_ms),
            facts.late_after_s
        ));
    }
    lines.extend(facts.silences.iter().take(MOST_ITEMS).map(|silence| {
        let ms = silence.to_utc_us.saturating_sub(silence.from_utc_us) / 1000;
        format!(
            "  Silence   {} to {} ({}): the ground saw nothing new",
            time(silence.from_utc_us),
            time(silence.to_utc_us),
            seconds(ms)
        )
    }));
    lines.extend(facts.not_counted.iter().map(|left_out| {
        let NotCounted { station, cosignatures, reason, .. } = left_out;
        format!("  No count  {cosignatures} cosignatures of {station}: {reason}")
    }));
    lines.extend(facts.not_before.iter().map(|nonce| {
        format!("  Not before {}: records after {}, by a nonce of {}", time(nonce.utc_us), nonce.record, nonce.station)
    }));
    lines
}

/// What an authority outside says of the end of the flight.
fn stamped(token: &Stamped) -> String {
    let Stamped { number, authority, gen_time_utc_us, .. } = token;
    let at = time(*gen_time_utc_us);
    if !token.counts {
        return format!("  No count  timestamp {number} of {at}, by whoever is “{authority}”");
    }
    let accuracy = token.accuracy_us.map_or_else(
        || "the authority states no accuracy".to_owned(),
        |accuracy_us| format!("± {}", seconds(i64::try_from(accuracy_us / 1000).unwrap_or(i64::MAX))),
    );
    format!("  Existed   by {at} ({accuracy}), {} after close: stamped by “{authority}”", delay(token.delay_us))
}

/// A delay as people read it, also a long one, also one the wrong way round.
fn delay(us: i64) -> String {
    match us / 1_000_000 {
        s @ -119..=119 => format!("{s} s"),
        s @ -7199..=7199 => format!("{} min", s / 60),
        s @ -172_799..=172_799 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}

fn seen_late(item: &Item) -> String {
    format!("  {:>9}  {}", item.witness_delay_ms.map_or_else(String::new, seconds), item.item)
}

/// Milliseconds as people read them.
fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

fn doubt(item: &Item) -> String {
    let word = item.word.map_or_else(|| "NOT CHECKED".to_owned(), |word| word.to_string());
    let detail = item.detail.as_ref().map_or(String::new(), |detail| format!(": {detail}"));
    format!("  {word:<15} {}{detail}", item.item)
}

fn time(utc_us: i64) -> String {
    jiff::Timestamp::from_microsecond(utc_us)
        .map_or_else(|_| format!("{utc_us} µs"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

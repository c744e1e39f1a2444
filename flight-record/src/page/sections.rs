//! The parts of the page, from the word to the foot.

use super::Tone;
use super::times::{duration, instant};
use crate::names::Code;
use crate::verify::{Content, CoveredFile, Integrity, Missing, Report, Stamped, Time, Witness};
use maud::{Markup, html};

const DAY_US: i64 = 86_400_000_000;
/// Rows of a table that may be as long as a flight; the items have all.
const MOST_ROWS: usize = 500;

/// Whose flight, and when this was checked.
pub(super) fn head(report: &Report, at_utc_us: i64) -> Markup {
    html! {
        header {
            p class="brand" { "Skyseal flight record report" }
            @if let Some(trust) = &report.trust { p class="unit" { (trust.unit) } }
            p { "Checked " (instant(at_utc_us)) " with skyseal-verify " (env!("CARGO_PKG_VERSION")) }
        }
    }
}

/// The word, what it means, what to do.
pub(super) fn verdict(report: &Report) -> Markup {
    let tone = Tone::of(report.word);
    let practice = report.flight.as_ref().filter(|flight| flight.class < crate::trust::Class::Operational);
    html! {
        section class={ "verdict " (tone.class()) } {
            (tone.sign())
            div {
                h1 { (report.word) }
                p class="meaning" { (report.meaning) }
                p { strong { "What to do: " } (report.next) }
                @if let Some(flight) = practice {
                    p class="practice" { "This is a " strong { (flight.class) } " flight. It is no record of police work." }
                }
            }
        }
    }
}

/// The four questions behind the word.
pub(super) fn axes(report: &Report) -> Markup {
    let facts = &report.witness_facts;
    let witness = match report.witness {
        Witness::Full => format!("Yes: all of it, within {} seconds.", facts.late_after_s),
        Witness::Late => format!(
            "Yes, but {} later than {} seconds, or after a silence.",
            items(facts.late_items),
            facts.late_after_s
        ),
        Witness::Partial => format!("In part: it never saw {}.", items(facts.unwitnessed_items)),
        Witness::None => "No.".to_owned(),
    };
    let content = match report.content {
        Content::Opened => format!(
            "Yes: every file was decrypted and read; {} pictures, {} packets of telemetry in them, {} messages.",
            grouped(report.opened.pictures),
            grouped(report.opened.klv_packets),
            grouped(report.opened.messages)
        ),
        Content::Sealed => "No: the encrypted files were compared with the record, and not opened.".to_owned(),
    };
    let time = match report.time {
        Time::Ok => "Yes, within the uncertainty that it states.",
        Time::Suspect => "No: see the notes.",
    };
    html! {
        section {
            h2 { "Four questions" }
            dl class="axes" {
                dt { "Is it what the aircraft recorded?" }
                dd { @if report.integrity == Integrity::Intact { "Yes: INTACT." } @else { "In doubt: " (report.integrity) "." } }
                dt { "Did a ground station see it while it flew?" } dd { (witness) }
                dt { "Was the footage looked into?" } dd { (content) }
                dt { "Do the clocks agree?" } dd { (time) }
            }
        }
    }
}

/// Flight, aircraft, trust, counts.
pub(super) fn facts(report: &Report, at_utc_us: i64) -> Markup {
    let counts = &report.counts;
    html! {
        section {
            h2 { "The flight" }
            dl class="facts" {
                @if let Some(flight) = &report.flight {
                    dt { "Flight" } dd class="mono" { (flight.flight_id) }
                    dt { "Aircraft" } dd { (flight.device_name) ", key " span class="mono" { (flight.device_id) } }
                    dt { "Opened" } dd { (instant(flight.opened_utc_us)) }
                    @if let Some(last_utc_us) = report.timeline.last_utc_us {
                        dt { @if report.covers.is_some() { "Last record here" } @else { "Last record" } }
                        dd { (instant(last_utc_us)) ", " (duration(last_utc_us.saturating_sub(flight.opened_utc_us))) " later" }
                    }
                } @else {
                    dt { "Flight" } dd { "Not even its first record can be believed." }
                }
                dt { "Footage" } dd { (grouped(counts.frames)) " pictures in " (grouped(counts.segments)) " segments, " (grouped(counts.stills)) " stills" }
                dt { "Telemetry" } dd { (grouped(counts.messages)) " messages in " (grouped(counts.telemetry)) " files" }
                dt { "Sealed bytes" } dd { (grouped(counts.sealed_bytes)) }
                @if let Some(trust) = &report.trust {
                    dt { "Vouched for by" }
                    dd { (trust.unit) ", list " (trust.version) ", issued " (instant(trust.issued_utc_us)) " ("
                        (at_utc_us.saturating_sub(trust.issued_utc_us) / DAY_US) " days before this check), expires " (instant(trust.expires_utc_us)) }
                    dt { "Root fingerprint" } dd class="mono" { (trust.root) }
                } @else {
                    dt { "Vouched for by" } dd { "Nobody: the trust list is refused." }
                }
            }
        }
    }
}

/// Of an extract: which files, and of how much they are a part.
pub(super) fn covers(report: &Report) -> Markup {
    let Some(covers) = &report.covers else {
        return html! {};
    };
    let row = |CoveredFile { file, record, from_utc_us, to_utc_us }: &CoveredFile| {
        html! { tr {
            td { (file) } td class="number" { (record) }
            td { @if let Some(from_utc_us) = from_utc_us { (instant(*from_utc_us)) } }
            td { @if let Some(to_utc_us) = to_utc_us { (instant(*to_utc_us)) } }
        } }
    };
    html! {
        section {
            h2 { "What this extract covers" }
            p { (grouped(covers.records)) " of the " (grouped(covers.flight_records))
                " records that the flight had. The others are not here, and nothing is said of them." }
            table {
                thead { tr { th { "File" } th class="number" { "Record" } th { "First" } th { "Last" } } }
                tbody { @for file in covers.files.iter().take(MOST_ROWS) { (row(file)) } }
            }
            (more(covers.files.len()))
        }
    }
}

/// What happened when, and who ordered it.
pub(super) fn happenings(report: &Report) -> Markup {
    let moments = &report.timeline.moments;
    html! {
        section {
            h2 { "What happened" }
            @if moments.is_empty() && report.ordered.is_empty() { p { "Nothing that can be believed is recorded." } }
            @if !report.ordered.is_empty() {
                h3 { "Orders to record" }
                table {
                    thead { tr { th { "Signed at" } th { "Order" } th { "By" } th { "Reason" } } }
                    tbody { @for order in &report.ordered { tr {
                        td { (instant(order.utc_us)) } td { (order.action.word()) @if let Some(until) = order.until_utc_us { " until " (instant(until)) } } td { (order.name) }
                        td { @match &order.reason {
                            Some(reason) => (reason),
                            None => { "Kept on the ground; not brought to this check." },
                        } }
                    } } }
                }
            }
            @if !moments.is_empty() {
                h3 { "Events" }
                table {
                    thead { tr { th class="number" { "No." } th { "When, by the aircraft's clock" } th { "What" } th class="number" { "Record" } } }
                    tbody { @for (at, moment) in moments.iter().take(MOST_ROWS).enumerate() { tr {
                        td class="number" { (at + 1) } td { (instant(moment.utc_us)) }
                        td { (in_words(moment.kind, moment.code.as_ref().map(Code::as_str))) }
                        td class="number" { (moment.record) }
                    } } }
                }
                (more(moments.len()))
            }
        }
    }
}

/// `camera-lost` as `Camera lost`.
pub(super) fn in_words(kind: &str, code: Option<&str>) -> String {
    match (kind, code) {
        ("open", _) => "Flight opened".to_owned(),
        ("log-open", _) => "Log opened".to_owned(),
        ("recovered", _) => "Taken up again after a restart".to_owned(),
        ("close", Some(code)) => format!("Flight closed: {}", code.replace('-', " ")),
        ("marker", Some(code)) => format!("Marked: {}", code.replace('-', " ")),
        ("still", _) => "Still picture taken".to_owned(),
        (_, Some(code)) => capital(&code.replace('-', " ")),
        (kind, None) => capital(kind),
    }
}

/// `1 item`, `1,234 items`
fn items(number: u64) -> String {
    if number == 1 { "1 item".to_owned() } else { format!("{} items", grouped(number)) }
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the recorder knew to be missing.
pub(super) fn gaps(report: &Report) -> Markup {
    let missing = &report.timeline.missing;
    html! {
        section {
            h2 { "Gaps" }
            @if report.covers.is_some() {
                p { "An extract does not say what was recorded, or known to be missing, between and around its files." }
            }
            @if missing.is_empty() && report.covers.is_none() {
                p { "No record that can be believed tells of one." }
            } @else if !missing.is_empty() {
                table {
                    thead { tr { th { "From" } th { "For" } th { "Of" } th { "Why" } th class="number" { "How many" } th class="number" { "Record" } } }
                    tbody { @for gap in missing.iter().take(MOST_ROWS) { (gap_row(gap)) } }
                }
                (more(missing.len()))
            }
        }
    }
}

fn gap_row(gap: &Missing) -> Markup {
    html! { tr {
        td { (instant(gap.from_utc_us)) }
        td { @match gap.to_utc_us {
            Some(to_utc_us) => (duration(to_utc_us.saturating_sub(gap.from_utc_us))),
            None => "not known",
        } }
        td { @match &gap.stream { Some(stream) => { "footage, stream " (stream) }, None => "telemetry" } }
        td { (capital(&gap.reason.as_str().replace('-', " "))) }
        td class="number" { @match gap.count { Some(count) => (count), None => "not known" } }
        td class="number" { (gap.record) }
    } }
}

/// Who saw it, how late, when nobody did, and whose word does not count.
pub(super) fn witness(report: &Report) -> Markup {
    let facts = &report.witness_facts;
    html! {
        section {
            h2 { "Witnessed from the ground" }
            @if facts.stations.is_empty() {
                p { "No ground station's word counts. Whoever holds the aircraft's key could have made this record later." }
            } @else {
                table {
                    thead { tr { th { "Station" } th class="number" { "Heads" } th { "First" } th { "Last" } } }
                    tbody { @for station in &facts.stations { tr {
                        td { (station.name) } td class="number" { (station.heads) }
                        td { (instant(station.first_utc_us)) } td { (instant(station.last_utc_us)) }
                    } } }
                }
                @if let Some(delay_ms) = facts.longest_delay_ms {
                    p { "At most " (duration(delay_ms.saturating_mul(1000))) " passed between making and seeing. "
                        "Seen late (after more than " (facts.late_after_s) " s, or after a silence): " (items(facts.late_items))
                        ". Never seen: " (items(facts.unwitnessed_items)) "." }
                }
            }
            @if !facts.silences.is_empty() {
                h3 { "Silences: the ground saw nothing new" }
                table {
                    thead { tr { th { "From" } th { "To" } th { "For" } } }
                    tbody { @for silence in facts.silences.iter().take(MOST_ROWS) { tr {
                        td { (instant(silence.from_utc_us)) } td { (instant(silence.to_utc_us)) }
                        td { (duration(silence.to_utc_us.saturating_sub(silence.from_utc_us))) }
                    } } }
                }
                (more(facts.silences.len()))
            }
            @for nonce in &facts.not_before {
                p { "Records after " (nonce.record) " were made after " (instant(nonce.utc_us)) ": they follow a number that "
                    (nonce.station) " had drawn then." }
            }
            @for left_out in &facts.not_counted {
                p { (left_out.cosignatures) " cosignatures of "
                    @if left_out.station.is_empty() { "a key that is not listed" } @else { (left_out.station) }
                    " do not count: " (left_out.reason) "." }
            }
        }
    }
}

/// What authorities outside the unit had stamped, and when.
pub(super) fn outside_time(report: &Report) -> Markup {
    let row = |token: &Stamped| {
        html! { tr {
            td { (token.authority) } td { (instant(token.gen_time_utc_us)) } td { (duration(token.delay_us)) }
            td { @if token.counts { "Yes" } @else { "No: it leads to no root that was brought to this check" } }
        } }
    };
    html! {
        @if !report.outside_time.is_empty() {
            section {
                h2 { "Stamped by an outside authority" }
                p { "The whole record existed, as it is, when an authority outside the unit stamped its end." }
                table {
                    thead { tr { th { "Authority" } th { "When" } th { "After the flight" } th { "Counts" } } }
                    tbody { @for token in report.outside_time.iter().take(MOST_ROWS) { (row(token)) } }
                }
                (more(report.outside_time.len()))
            }
        }
    }
}

/// What a reader should know besides.
pub(super) fn notes(report: &Report) -> Markup {
    html! {
        @if !report.notices.is_empty() {
            section {
                h2 { "Notes" }
                ul { @for notice in report.notices.iter().take(MOST_ROWS) { li { (notice) } } }
                (more(report.notices.len()))
            }
        }
    }
}

fn more(rows: usize) -> Markup {
    html! { @if rows > MOST_ROWS { p { "… and " (rows - MOST_ROWS) " more." } } }
}

/// What no verdict can know, and how to check again.
pub(super) fn foot(report: &Report) -> Markup {
    html! {
        footer {
            p { (report.limits) }
            p { "This page is a reading aid, not evidence: it can be edited like any page. Check the flight itself again, with a verifier and "
                "a root fingerprint from elsewhere than this folder:" }
            pre { "skyseal-verify FOLDER --trust trust.json --root FINGERPRINT" }
            p { "or with the second verifier, " code { "python3 verify.py" } ", which takes the same arguments. FORMAT.md says every byte." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_as_people_read_them() {
        assert_eq!([1, 2000].map(items), ["1 item", "2,000 items"]);
        assert_eq!([0, 999, 1000, 59_448_626].map(grouped), ["0", "999", "1,000", "59,448,626"]);
        assert_eq!(in_words("event", Some("camera-lost")), "Camera lost");
        assert_eq!(in_words("close", Some("landed")), "Flight closed: landed");
        assert_eq!(in_words("nonce", None), "Nonce");
    }
}

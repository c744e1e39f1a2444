//! Entries as a page that people read and print: one file of HTML that fetches nothing and runs nothing. A browser prints it to paper or PDF.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use mission_profiles::flight_log::{Entry, Hours, currency, hours, local, prompts};

use super::show::{facts, map};

/// On a screen and on paper: a flight is not torn over two pages.
const STYLE: &str = "body{font:11pt/1.4 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111;background:#fff}\
h1{font-size:1.5em}h2{font-size:1.1em;margin:0 0 .4em}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0;border-bottom:1px solid #ddd}th{white-space:nowrap;font-weight:normal;color:#555}\
article{margin:1.5em 0;break-inside:avoid}.report{border:2px solid #b00020;padding:.4em .6em;margin:.4em 0}\
svg{width:100%;max-width:24em;height:auto;border:1px solid #ddd;margin-top:.6em}.sign{margin-top:2em;border-top:1px solid #111;width:20em}\
@page{margin:18mm}@media print{body{margin:0;max-width:none}}";
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page, made at `now` of the register in `store`.
pub(super) fn page(entries: &[Entry], store: &str, now: Timestamp) -> String {
    let title = match entries {
        [one] => format!("Flight {}", one.id),
        _ => format!("Flight log: {} flights", entries.len()),
    };
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p { "Made " (local(now)) " of the register in " (store) ". Times are London's, with UTC beside them." }
                @if entries.len() > 1 { (sums(entries, now)) }
                @for entry in entries { (flight(entry, now)) }
                p.sign { "Checked by" }
            }
        }
    }
    .into_string()
}

fn flight(entry: &Entry, now: Timestamp) -> Markup {
    // A flight without a way has no map.
    let map = map(entry).unwrap_or_default();
    html! {
        article id=(entry.id) {
            h2 { (entry.id) }
            @for prompt in prompts(entry) { p.report { (prompt.said(now)) } }
            table {
                @for (name, said) in facts(entry).into_iter().filter(|(_, said)| !said.is_empty()) {
                    tr { th { (name) } td { (said) } }
                }
            }
            (PreEscaped(map))
        }
    }
}

fn sums(entries: &[Entry], now: Timestamp) -> Markup {
    let row = |what: &str, name: &str, sum: Hours| {
        let practice = (what == "pilot").then(|| currency(entries, name, now));
        let practice = practice.map(|practice| match practice.runs_out {
            Some(day) => format!("by these flights in practice until {}", day.strftime("%-d %b %Y")),
            None => "by these flights not in practice".to_owned(),
        });
        html! { tr {
            th { (what) } td { (name) } td { (sum.flights) " flights" } td { (format!("{:.2} h", sum.all_h)) }
            td { (format!("{:.2} h by night", sum.night_h)) } td { (practice.unwrap_or_default()) }
        } }
    };
    html! {
        table {
            @for (name, sum) in hours(entries, |header| &header.pilot) { (row("pilot", &name, sum)) }
            @for (name, sum) in hours(entries, |header| &header.serial) { (row("aircraft", &name, sum)) }
            @for (name, sum) in hours(entries, |header| &header.battery) { (row("battery", &name, sum)) }
        }
    }
}

//! What `log list` prints.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use mission_profiles::flight_log::{CURRENCY_H, Entry, Header, Hours, currency, hours, local, prompts};
use serde_json::{Value, json};

use super::arguments::List;
use super::register::Logged;
use super::{files, pretty};

/// Everything asked for: flights, drafts, sums.
pub(super) fn list(args: &List, now: Timestamp) -> Result<String> {
    let all = args.shelf.held()?;
    let shown: Vec<&Logged> = all.iter().filter(|logged| args.which.takes(&logged.entry)).collect();
    let waiting = Waiting::look(args)?;
    let everything: Vec<Entry> = all.iter().map(|logged| logged.entry.clone()).collect();
    let pilots: Vec<String> =
        hours(shown.iter().map(|logged| &logged.entry), |header| &header.pilot).into_keys().collect();
    if args.json {
        return facts(&shown, &everything, &pilots, &waiting, now);
    }
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    for logged in &shown {
        let _ = writeln!(text, "{}", line(&logged.entry));
    }
    if shown.is_empty() && args.shelf.store.is_some() {
        text.push_str("no such flights in the register; enter drafts with `skyseal-ground log add`\n");
    }
    sums(&mut text, &shown);
    practice(&mut text, &everything, &pilots, now);
    reports(&mut text, &shown, now);
    if let Some(oldest) = everything.iter().min_by_key(|entry| entry.landing.at) {
        let _ = writeln!(
            text,
            "\nKept\n  each entry for three years at least, the oldest until {}",
            &local(oldest.kept_until())[..10]
        );
    }
    waiting.say(&mut text);
    if text.is_empty() {
        text.push_str("no drafts wait; `fly` and `witness --log` make them, and --store names the register\n");
    }
    Ok(text)
}

/// One flight in a line.
fn line(entry: &Entry) -> String {
    let header = &entry.header;
    let record = match &entry.records[..] {
        [] => "not docked",
        records if records.iter().all(|record| record.differences.is_empty()) => "record agrees",
        _ => "RECORD DIFFERS",
    };
    let battery = if header.battery.is_empty() { String::new() } else { format!(", battery {}", header.battery) };
    let night = match entry.night_s {
        Some(0) => String::new(),
        Some(night_s) => format!(" ({} by night)", minutes(night_s)),
        None => " (day or night not known)".to_owned(),
    };
    let faults = [("defects", entry.defects.len()), ("incidents", entry.incidents.len())];
    let faults: String =
        faults.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!(", {count} {what}")).collect();
    format!(
        "{}  {}  {}{night}  {}  {}{battery}  {}  {record}{faults}",
        local(entry.take_off.at),
        entry.id,
        minutes(entry.duration_s()),
        header.pilot,
        header.serial,
        header.activity,
    )
}

fn minutes(seconds: u32) -> String {
    format!("{:.1} min", f64::from(seconds) / 60.0)
}

/// What of a header hours are summed by.
type By = fn(&Header) -> &str;

/// By whom or what hours are summed.
const SUMS: [(&str, By); 3] =
    [("pilot", |header| &header.pilot), ("aircraft", |header| &header.serial), ("battery", |header| &header.battery)];

fn sums(text: &mut String, shown: &[&Logged]) {
    if shown.is_empty() {
        return;
    }
    text.push_str("\nHours\n");
    for (what, by) in SUMS {
        for (name, sum) in hours(shown.iter().map(|logged| &logged.entry), by) {
            let Hours { flights, all_h, night_h, cycles, .. } = sum;
            let cycles = if what == "battery" { format!(", {cycles:.1} full charges drawn") } else { String::new() };
            let _ = writeln!(
                text,
                "  {what} {name}: {flights} flights, {all_h:.2} h, {night_h:.2} h of it by night{cycles}"
            );
        }
    }
}

fn practice(text: &mut String, everything: &[Entry], pilots: &[String], now: Timestamp) {
    if pilots.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nPractice ({CURRENCY_H} h in three months)");
    for pilot in pilots {
        let practice = currency(everything, pilot, now);
        let until = practice.runs_out.map_or_else(
            || format!("NOT IN PRACTICE: {:.2} h short", CURRENCY_H - practice.recent_h),
            |day| format!("in practice; it runs out on {}", day.strftime("%a %-d %b %Y")),
        );
        let _ = writeln!(text, "  {pilot}: {:.2} h, {until}", practice.recent_h);
    }
}

fn reports(text: &mut String, shown: &[&Logged], now: Timestamp) {
    let open: Vec<_> = shown
        .iter()
        .flat_map(|logged| prompts(&logged.entry).into_iter().map(move |prompt| (&logged.entry.id, prompt)))
        .collect();
    if !open.is_empty() {
        text.push_str("\nTO BE REPORTED\n");
    }
    for (id, prompt) in open {
        let _ = writeln!(text, "  {id}: {}", prompt.said(now));
    }
}

/// What lies in the folder of drafts.
#[derive(Default)]
struct Waiting {
    drafts: Vec<Value>,
    unfinished: Vec<Value>,
}

impl Waiting {
    fn look(args: &List) -> Result<Self> {
        let named = args.drafts.log.is_some() || args.shelf.store.is_none();
        let dir = match args.drafts.dir() {
            Ok(dir) => dir,
            // The register alone is asked for.
            Err(_) if !named => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let found = files::Folder::look(&dir)?;
        let drafts = found.drafts.iter().map(|path| draft(path)).collect();
        Ok(Self { drafts, unfinished: found.journals.iter().map(|path| unfinished(path)).collect() })
    }

    fn say(&self, text: &mut String) {
        if !self.drafts.is_empty() {
            text.push_str("\nDrafts, to be entered with `skyseal-ground log add`\n");
        }
        for draft in &self.drafts {
            let _ = match draft["error"].as_str() {
                Some(error) => writeln!(text, "  UNREADABLE {error}"),
                None => writeln!(text, "  {}", draft["said"].as_str().unwrap_or_default()),
            };
        }
        if !self.unfinished.is_empty() {
            text.push_str("\nUnfinished: under way, or nobody saw the end; `skyseal-ground log finish` makes drafts of the latter\n");
        }
        for journal in &self.unfinished {
            let _ = match journal["error"].as_str() {
                Some(error) => writeln!(text, "  UNREADABLE {error}"),
                None => writeln!(
                    text,
                    "  {}: heard until {}{}",
                    journal["id"].as_str().unwrap_or_default(),
                    journal["heard_until"].as_str().unwrap_or_default(),
                    if journal["under_way"] == true { ", UNDER WAY" } else { "" }
                ),
            };
        }
    }
}

fn draft(path: &Path) -> Value {
    match files::draft(path) {
        Ok(entry) => {
            json!({"id": entry.id, "file": path, "said": line(&entry), "lacks": entry.lacks(), "notes": entry.notes})
        }
        Err(error) => json!({"file": path, "error": format!("{error:#}")}),
    }
}

fn unfinished(path: &Path) -> Value {
    match files::peek(path) {
        Ok((replayed, under_way)) => json!({
            "id": replayed.id,
            "file": path,
            "system": replayed.system,
            "aircraft": replayed.header.serial,
            "heard_until": replayed.last.map(|last| last.at),
            "under_way": under_way,
        }),
        Err(error) => json!({"file": path, "error": format!("{error:#}")}),
    }
}

fn facts(
    shown: &[&Logged],
    everything: &[Entry],
    pilots: &[String],
    waiting: &Waiting,
    now: Timestamp,
) -> Result<String> {
    let flight = |logged: &&Logged| {
        let entry = &logged.entry;
        let tell: Vec<_> = prompts(entry).iter().map(|prompt| prompt.said(now)).collect();
        json!({
            "id": entry.id,
            "sha256": logged.version.digest.to_string(),
            "header": entry.header,
            "take_off": entry.take_off,
            "landing": entry.landing,
            "local": {"take_off": local(entry.take_off.at), "landing": local(entry.landing.at)},
            "aloft_s": entry.aloft_s,
            "night_s": entry.night_s,
            "defects": entry.defects,
            "incidents": entry.incidents,
            "records": entry.records,
            "tell": tell,
            "kept_until": entry.kept_until(),
        })
    };
    let mut sums = serde_json::Map::new();
    for (what, by) in SUMS {
        let one = |(name, sum): (String, Hours)| {
            let facts = json!({"flights": sum.flights, "hours": sum.all_h, "night_h": sum.night_h, "unlit_h": sum.unlit_h, "cycles": sum.cycles});
            (name, facts)
        };
        let all: serde_json::Map<String, Value> =
            hours(shown.iter().map(|logged| &logged.entry), by).into_iter().map(one).collect();
        sums.insert(what.to_owned(), Value::Object(all));
    }
    let practice: serde_json::Map<String, Value> = pilots
        .iter()
        .map(|pilot| {
            let practice = currency(everything, pilot, now);
            let facts = json!({"recent_h": practice.recent_h, "in_practice": practice.runs_out.is_some(), "runs_out": practice.runs_out});
            (pilot.clone(), facts)
        })
        .collect();
    pretty(&json!({
        "flights": shown.iter().map(flight).collect::<Vec<_>>(),
        "hours": sums,
        "practice": practice,
        "drafts": waiting.drafts,
        "unfinished": waiting.unfinished,
    }))
}

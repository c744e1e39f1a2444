//! Entries at the desk: by hand, corrected and corrected back, with incidents, listed by day and pilot; and what `plan check` makes of hours.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::unit::{STORES, Unit};

use super::{check_ledger, desk, entered, log, refused};

/// Enters a flight that no telemetry tells of.
fn by_hand(unit: &Unit, pilot: &str, take_off: &str, landing: &str, more: &[&str]) -> Result<String> {
    let pilot = format!("pilot={pilot}");
    let words = ["add", "--take-off", take_off, "--landing", landing, "--fact", &pilot, "--fact", "serial=SKY-1"];
    let facts = entered(unit, &[&words[..], more].concat())?;
    Ok(facts["id"].as_str().context("an id")?.to_owned())
}

/// The day so many days from now, by this machine's calendar, in UTC.
fn day(days: &str) -> Result<String> {
    let text = system_tests::process::run(std::process::Command::new("date").args(["-u", "+%Y-%m-%d", "-d", days]), 0)?;
    Ok(text.trim().to_owned())
}

#[test]
fn entries_are_made_corrected_and_never_lost() -> Result<()> {
    let unit = Unit::found()?;
    unit.stores()?;
    // Over midnight in London, with the clocks an hour ahead of UTC.
    let place = ["--at", "51.5034,-1.9787"];
    let id = by_hand(&unit, "P1", "2026-05-10T22:50:00Z", "2026-05-10T23:10:00Z", &place)?;
    assert_eq!(id, "20260510T225000Z-SKY-1");
    let same = ["add", "--take-off", "2026-05-10T23:00:00Z", "--landing", "2026-05-10T23:05:00Z"];
    let named = ["--fact", "pilot=P1", "--fact", "serial=SKY-1"];
    let said = refused(&unit, &[&same[..], &named].concat())?;
    ensure!(
        said.contains("was in the air then, says 20260510T225000Z-SKY-1") && said.contains("--although-flown"),
        "{said}"
    );
    let said = refused(&unit, &[&same[..], &["--fact", "pilot=P1"]].concat())?;
    ensure!(said.contains("nobody says serial; enter it with --fact serial=…"), "{said}");
    let said = refused(&unit, &["add", "20260101T000000Z-NONE", "--log", "drafts"])?;
    ensure!(said.contains("no draft 20260101T000000Z-NONE"), "{said}");

    // There and back again: the third version has the bytes of the first, and is the newest.
    for battery in ["battery=B8", "battery=", "battery=B9", "battery="] {
        entered(&unit, &["change", &id, "--fact", battery])?;
    }
    let said = refused(&unit, &["change", &id, "--fact", "battery="])?;
    ensure!(said.contains("nothing of it would change"), "{said}");
    let said = refused(&unit, &["change", "20260510T000000Z-SKY-9", "--remark", "x"])?;
    ensure!(said.contains("which has that day 20260510T225000Z-SKY-1"), "{said}");
    let shown = log(&unit, &["show", &id, "--store", STORES[0]])?;
    let versions = shown["versions"].as_array().context("versions")?;
    assert_eq!(versions.len(), 5, "{shown:#}");
    assert_eq!(
        (&versions[0]["name"], &versions[1]["changes"][0]),
        (&json!("officer-10"), &json!("header.battery: \"\" became \"B8\""))
    );
    assert_eq!(shown["entry"]["night_s"], 1200, "{shown:#}");
    ensure!(shown["kept_until"].as_str().is_some_and(|until| until.starts_with("2029-05-10")), "{shown:#}");

    what_happened_is_reported(&unit, &id)?;
    // By London's calendar it began on the 10th; the 11th has none.
    for (from, to, count) in [("2026-05-10", "2026-05-10", 1), ("2026-05-11", "2026-05-12", 0)] {
        let listed = log(&unit, &["list", "--store", STORES[0], "--log", "none", "--from", from, "--to", to])?;
        assert_eq!(listed["flights"].as_array().map(Vec::len), Some(count), "{listed:#}");
    }
    check_ledger(&unit)
}

fn what_happened_is_reported(unit: &Unit, id: &str) -> Result<()> {
    let told =
        entered(unit, &["change", id, "--accident", "fell on a car", "--defect", "arm 2 broken", "--remark", "gusts"])?;
    let tell = told["tell"].as_array().context("prompts")?;
    ensure!(tell.len() == 2 && tell[0].to_string().contains("the AAIB, on 01252 512299"), "{told:#}");
    ensure!(tell[1].to_string().contains("it was due by Thu 14 May 2026 00:10 BST"), "{told:#}");
    let text = unit.run("skyseal-ground", &["log", "list", "--store", STORES[0], "--log", "none"])?;
    ensure!(text.contains("TO BE REPORTED") && text.contains("1 defects, 1 incidents"), "{text}");
    let told = entered(unit, &["change", id, "--reported", "AAIB by phone 00:40, CAA by form"])?;
    assert_eq!(told["tell"], json!([]));
    ensure!(!unit.run("skyseal-ground", &["log", "list", "--store", STORES[0], "--log", "none"])?.contains("TO BE"));
    Ok(())
}

#[test]
fn hours_and_practice_are_the_logs_and_feed_the_preflight() -> Result<()> {
    let unit = Unit::found()?;
    unit.stores()?;
    let (old, lately) = (day("-200 days")?, day("-10 days")?);
    let at = |day: &str, time: &str| format!("{day}T{time}:00Z");
    by_hand(&unit, "P1", &at(&old, "10:00"), &at(&old, "13:00"), &[])?;
    by_hand(&unit, "P1", &at(&lately, "10:00"), &at(&lately, "11:30"), &[])?;
    by_hand(&unit, "P2", &at(&lately, "12:00"), &at(&lately, "12:30"), &[])?;
    let listed = log(&unit, &["list", "--store", STORES[0], "--log", "none"])?;
    assert_eq!(
        (&listed["hours"]["pilot"]["P1"]["hours"], &listed["hours"]["aircraft"]["SKY-1"]["flights"]),
        (&json!(4.5), &json!(3))
    );
    assert_eq!(
        (&listed["practice"]["P1"]["recent_h"], &listed["practice"]["P1"]["in_practice"]),
        (&json!(1.5), &json!(false))
    );
    let text = unit.run("skyseal-ground", &["log", "list", "--store", STORES[0], "--log", "none", "--pilot", "P1"])?;
    ensure!(text.contains("P1: 1.50 h, NOT IN PRACTICE: 0.50 h short") && !text.contains("P2"), "{text}");
    ensure!(practice_finding(&unit, "P1")?.is_some_and(|said| said.contains("1.5")), "the log's hours are too few");
    by_hand(&unit, "P1", &at(&lately, "14:00"), &at(&lately, "14:45"), &[])?;
    let listed = log(&unit, &["list", "--store", STORES[0], "--log", "none"])?;
    assert_eq!(listed["practice"]["P1"]["in_practice"], true, "{listed:#}");
    ensure!(listed["practice"]["P1"]["runs_out"].as_str() > Some(lately.as_str()), "{listed:#}");
    ensure!(practice_finding(&unit, "P1")?.is_none() && practice_finding(&unit, "P2")?.is_some());
    let nobody = desk(&unit, &["reconcile"])?;
    ensure!(nobody.status.success() && String::from_utf8_lossy(&nobody.stdout).trim() == "[]", "{nobody:?}");
    Ok(())
}

/// What `plan check` says of the pilot's practice.
fn practice_finding(unit: &Unit, pilot: &str) -> Result<Option<String>> {
    let drawing = json!({"type": "Point", "coordinates": [-1.9787, 51.5034]});
    std::fs::write(unit.folder().join("seen.geojson"), drawing.to_string())?;
    let plan = unit.folder().join("p.plan");
    if !plan.exists() {
        let make =
            ["plan", "make", "--profile", "missing-person", "--drawing", "seen.geojson", "--home", "51.5034,-1.9787"];
        unit.run("skyseal-ground", &[&make[..], &["--home-amsl", "142", "--out", "p.plan"]].concat())?;
    }
    let words =
        ["plan", "check", "p.plan", "--profile", "missing-person", "--register", STORES[0], "--pilot", pilot, "--json"];
    let output = unit.command("skyseal-ground", &words).output()?;
    let report: Value = serde_json::from_slice(&output.stdout).context("a report")?;
    let findings = report["findings"].as_array().context("findings")?;
    let said = |finding: &Value| Some(format!("{} {}", finding["rule"].as_str()?, finding["what"].as_str()?));
    Ok(findings.iter().filter_map(said).find(|said| said.starts_with("currency")))
}

//! A permission to fly, from the asking to the call on the day: what `plan check` makes of it at each step, and what the ledger holds.

use std::process::Output;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::unit::{PILOT, STORES, Unit};

/// At Derby's aerodrome.
const HOME: &str = "52.8597,-1.6178";
const AT: [&str; 4] = ["--from", "2026-05-10T10:00:00Z", "--to", "2026-05-10T11:00:00Z"];

/// `skyseal-ground auth …` by the pilot.
fn auth(unit: &Unit, words: &[&str]) -> Result<Output> {
    let pin = format!("{}.pin", PILOT.0);
    let desk = [
        "--store",
        STORES[0],
        "--second",
        STORES[1],
        "--as",
        PILOT.0,
        "--pin-file",
        &pin,
        "--reason",
        "search at Findern",
        "--json",
    ];
    Ok(unit.command("skyseal-ground", &[&["auth"], words, &desk].concat()).output()?)
}

fn facts(output: &Output) -> Result<Value> {
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("no facts")
}

/// Whether the plan may be flown by what the register has, and what `plan check` says.
fn check(unit: &Unit) -> Result<(bool, String)> {
    let crew = [
        "--pilot",
        "P1",
        "--role",
        "observer",
        "--recent-hours",
        "5",
        "--endurance-min",
        "30",
        "--gust",
        "3",
        "--visibility",
        "9000",
    ];
    let words =
        [&["plan", "check", "p.plan", "--profile", "training", "--register", STORES[0]], &crew[..], &AT].concat();
    let output = unit.command("skyseal-ground", &words).output()?;
    Ok((output.status.success(), String::from_utf8(output.stdout)?))
}

#[test]
fn a_permission_counts_from_the_call_on_the_day() -> Result<()> {
    let unit = Unit::found()?;
    unit.stores()?;
    let square = json!({"type": "Polygon", "coordinates": [[[-1.619, 52.859], [-1.616, 52.859], [-1.616, 52.861], [-1.619, 52.859]]]});
    std::fs::write(
        unit.folder().join("field.geojson"),
        json!({"type": "Feature", "properties": {}, "geometry": square}).to_string(),
    )?;
    let make =
        ["plan", "make", "--profile", "training", "--pattern", "survey", "--drawing", "field.geojson", "--home", HOME];
    unit.run("skyseal-ground", &[&make[..], &["--home-amsl", "53", "--out", "p.plan"]].concat())?;
    let (clear, said) = check(&unit)?;
    ensure!(!clear && said.contains("DERBY may be entered"), "{said}");

    let permission = json!({"id": "AUTH-7", "kind": "frz", "issuer": {"authority": "Derby Tower", "phone": "01283"}, "operator": "GBR-OP-1",
        "pilots": ["P1"], "lower": "surface", "upper": "2000 ft AMSL", "zones": ["derby-atz"],
        "windows": [{"from": "2026-05-10T08:00:00Z", "to": "2026-05-10T18:00:00Z"}]});
    std::fs::write(unit.folder().join("frz.json"), permission.to_string())?;
    assert_eq!(facts(&auth(&unit, &["add", "frz.json"])?)?["state"], "draft");
    let again = auth(&unit, &["add", "frz.json"])?;
    ensure!(String::from_utf8_lossy(&again.stderr).contains("in the register already"), "{again:?}");
    for (words, state) in [
        (&["apply", "AUTH-7", "--how", "e-mail to the tower"][..], "applied"),
        (&["change", "AUTH-7", "--to", "in-principle", "--how", "e-mail from Mr B"], "in-principle"),
    ] {
        assert_eq!(facts(&auth(&unit, words)?)?["state"], state);
        let (clear, said) = check(&unit)?;
        ensure!(!clear && said.contains(&format!("AUTH-7 is {state}, which is no permission")), "{said}");
    }
    ensure!(check(&unit)?.1.contains("activate it on the day: call 01283"), "whom to call");
    assert_eq!(facts(&auth(&unit, &["activate", "AUTH-7", "--how", "call, answered by Mr B"])?)?["state"], "activated");
    let (clear, said) = check(&unit)?;
    ensure!(clear && said.contains("DERBY is entered by AUTH-7"), "{said}");
    let back = auth(&unit, &["apply", "AUTH-7", "--how", "again"])?;
    ensure!(
        String::from_utf8_lossy(&back.stderr).contains("from there it can become suspended, closed, expired"),
        "{back:?}"
    );

    let shown: Value = serde_json::from_str(
        &unit.run("skyseal-ground", &["auth", "show", "AUTH-7", "--store", STORES[0], "--json"])?,
    )?;
    assert_eq!(shown["versions"].as_array().map(Vec::len), Some(4), "{shown:#}");
    assert_eq!(shown["authorisation"]["history"][2]["how"], "call, answered by Mr B", "{shown:#}");
    // Its zones are looked up, and how old they are is said.
    assert_eq!(shown["zones"][0]["found"][0]["name"], "DERBY", "{shown:#}");
    assert_eq!(
        (&shown["datasets"][0]["out_of_date"], &shown["datasets"][0]["illustrative"]),
        (&true.into(), &true.into())
    );
    let said = unit.run("skyseal-ground", &["auth", "show", "AUTH-7", "--store", STORES[0]])?;
    ensure!(said.contains("derby-atz: DERBY, of UK") && said.contains("zones from UK"), "{said}");
    let listed = unit.run("skyseal-ground", &["auth", "list", "--store", STORES[0]])?;
    ensure!(
        listed.starts_with("activated\n  AUTH-7 (frz, Derby Tower): derby-atz; until 2026-05-10T18:00:00Z"),
        "{listed}"
    );
    let heads = format!("{}/ledger.heads", STORES[1]);
    unit.run("skyseal-evidence", &["ledger", "check", "--store", STORES[0], "--outside-head", &heads])?;
    Ok(())
}

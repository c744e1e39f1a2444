//! `skyseal-evidence` from the outside: what it prints, what it refuses, with which exit code.

use crate::support::{Handover, Unit};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

pub(crate) fn skyseal(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_skyseal-evidence")).args(arguments).output().unwrap()
}

#[track_caller]
fn facts(arguments: &[&str]) -> Value {
    let output = skyseal(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str], code: i32, why: &str) {
    let output = skyseal(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(why), "{arguments:?}: {said}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_unit_sets_up_its_people_and_the_ledger_tells() {
    let temp = tempfile::tempdir().unwrap();
    let path = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    let (store, admin_pin, pin) = (path("a"), path("admin.pin"), path("officer.pin"));
    std::fs::write(&admin_pin, "271828\n").unwrap();
    std::fs::write(&pin, "314159\n").unwrap();
    let made = facts(&["store", "init", "--store", &store, "--name", "store a"]);
    assert!(Path::new(made["request"].as_str().unwrap()).is_file());
    refused(&["store", "init", "--store", &store, "--name", "again"], 1, "keeps its key");
    let add = |more: &[&str]| -> Vec<String> {
        [&["accounts", "add", "--store", &store], more].concat().iter().map(|&text| text.to_owned()).collect()
    };
    let run = |list: Vec<String>| facts(&list.iter().map(String::as_str).collect::<Vec<_>>());
    run(add(&["--name", "admin-1", "--staff", "PS 12", "--duty", "administrator"]));
    refused(
        &["accounts", "add", "--store", &store, "--name", "officer-7", "--staff", "PC 7", "--duty", "pilot"],
        1,
        "administrator",
    );
    refused(
        &["accounts", "request", "--store", &store, "--as", "admin-1", "--pin-file", &pin, "--request", &path("r")],
        1,
        "no PIN yet",
    );
    facts(&["accounts", "pin", "--store", &store, "--name", "admin-1", "--pin-file", &admin_pin]);
    run(add(&[
        "--name",
        "officer-7",
        "--staff",
        "PC 7",
        "--duty",
        "pilot",
        "--duty",
        "witness",
        "--as",
        "admin-1",
        "--pin-file",
        &admin_pin,
    ]));
    facts(&["accounts", "pin", "--store", &store, "--name", "officer-7", "--pin-file", &pin]);
    refused(
        &[
            "accounts",
            "request",
            "--store",
            &store,
            "--as",
            "officer-7",
            "--pin-file",
            &admin_pin,
            "--request",
            &path("r"),
        ],
        1,
        "not the PIN",
    );
    let request = facts(&[
        "accounts",
        "request",
        "--store",
        &store,
        "--as",
        "officer-7",
        "--pin-file",
        &pin,
        "--request",
        &path("r"),
    ]);
    let listed = facts(&["accounts", "list", "--store", &store]);
    assert_eq!(listed[1]["key"], request["key"]);
    let change = |what: &'static str| {
        facts(&[
            "accounts",
            what,
            "--store",
            &store,
            "--name",
            "officer-7",
            "--as",
            "admin-1",
            "--pin-file",
            &admin_pin,
            "--reason",
            "left the unit",
        ])
    };
    assert_eq!(change("suspend")["suspended"], true);
    refused(
        &["accounts", "request", "--store", &store, "--as", "officer-7", "--pin-file", &pin, "--request", &path("s")],
        1,
        "suspended",
    );
    assert_eq!(change("resume")["suspended"], false);
    let outcomes: Vec<String> = facts(&["ledger", "list", "--store", &store])
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["entry"]["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(outcomes, ["pin-set", "added", "pin-set", "suspending", "resuming"]);
    assert_eq!(facts(&["ledger", "check", "--store", &store])["lines"], 5);
    let exported = facts(&["ledger", "export", "--store", &store, "--out", &path("export")]);
    assert_eq!(exported["lines"], 5);
}

#[test]
fn a_flight_is_listed_packed_and_checked() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(2, 50_000);
    // The command asks the machine's clock: the unit's trust must hold now, and its people sign in now.
    Handover::new(&unit, &people).done(&mut unit.card(), flight);
    let (store, outside) = (unit.path("first"), unit.path("second/ledger.heads"));
    std::fs::copy(unit.path("people.sqlite"), store.join("people.sqlite")).unwrap();
    for side in ["people.sqlite-wal", "people.sqlite-shm"] {
        let _ = std::fs::copy(unit.path(side), store.join(side));
    }
    let store = text(&store).to_owned();
    let home = ["--store", &store, "--outside-head", text(&outside)];
    let listed = facts(&[&["flights", "list"], &home[..]].concat());
    assert_eq!(listed[0]["verdict"], "VERIFIED-UNWITNESSED");
    let id = flight.to_string();
    let shown = facts(&[&["flights", "show", "--flight", &id], &home[..]].concat());
    assert_eq!(shown["receipts_of_stores"].as_array().unwrap().len(), 2);
    assert_eq!(shown["entries"].as_array().unwrap().len(), 3);
    let pin = unit.path("pin");
    std::fs::write(&pin, "271828\n").unwrap();
    let (pin, out) = (text(&pin).to_owned(), unit.path("case-17"));
    let make = [
        "package",
        "make",
        "--flight",
        &id,
        "--out",
        text(&out),
        "--unit",
        "Test unit",
        "--recipient",
        "CPS",
        "--as",
        "custodian",
        "--pin-file",
        &pin,
        "--reason",
        "charging decision",
    ];
    refused(&[&make[..], &home[..]].concat(), 1, "second person");
    assert!(!out.exists(), "nothing leaves that is not written down");
    let witness = ["--witness", "observer", "--witness-pin-file", &pin];
    facts(&[&make[..], &witness, &home[..]].concat());
    let lines = facts(&[&["ledger", "list"], &home[..]].concat());
    assert_eq!(lines[3]["entry"]["category"], "disclosure");
    assert!(!lines.to_string().contains("CPS"), "the recipient is beside the ledger");
    let same = ["--witness", "custodian", "--witness-pin-file", &pin];
    let again = unit.path("again");
    let to_himself: Vec<&str> = make.iter().map(|word| if *word == text(&out) { text(&again) } else { word }).collect();
    refused(&[&to_himself[..], &same, &home[..]].concat(), 1, "custodian acted, and cannot be their own witness");
    let read = String::from_utf8(skyseal(&[&["ledger", "list"], &home[..]].concat()).stdout).unwrap();
    assert!(read.contains("by custodian as custodian"), "people are shown by their names: {read}");
    // A trust list of 2026-05 has expired long after; whatever it says today, the bag itself must be whole.
    let trust = unit.path("trust.json");
    std::fs::write(&trust, unit.trust_json()).unwrap();
    let root = unit.root.public().id().to_string();
    let check = skyseal(&["package", "check", text(&out), "--trust", text(&trust), "--root", &root, "--json"]);
    let report: Value = serde_json::from_slice(&check.stdout).unwrap();
    let bad: Vec<_> = report["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| !matches!(item["word"].as_str(), Some("INTACT" | "KEY-UNTRUSTED")))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(check.status.code(), Some(1), "not VERIFIED: nobody witnessed it");
}

#[test]
fn an_older_ledger_is_refused_and_explained() {
    let unit = Unit::new();
    let people = unit.on_duty();
    let flight = unit.flight(1, 1000);
    let ledger = unit.path("first/ledger.sqlite");
    let before = std::fs::read(&ledger).unwrap();
    Handover::new(&unit, &people).done(&mut unit.card(), flight);
    std::fs::write(&ledger, before).unwrap();
    for side in ["first/ledger.sqlite-wal", "first/ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(unit.path(side));
    }
    let (store, outside) = (unit.path("first"), unit.path("second/ledger.heads"));
    refused(
        &["ledger", "check", "--store", text(&store), "--outside-head", text(&outside)],
        1,
        "older copy was put back",
    );
    let without = skyseal(&["ledger", "check", "--store", text(&store)]);
    assert!(String::from_utf8_lossy(&without.stdout).contains("no head outside was given"));
}

#[test]
fn every_command_helps_with_an_example_and_misuse_is_2() {
    for command in [
        &["store", "init"][..],
        &["store", "show"],
        &["store", "rebuild"],
        &["accounts", "add"],
        &["accounts", "list"],
        &["accounts", "suspend"],
        &["accounts", "resume"],
        &["accounts", "pin"],
        &["accounts", "request"],
        &["ledger", "list"],
        &["ledger", "check"],
        &["ledger", "export"],
        &["ledger", "countersign"],
        &["ledger", "restore"],
        &["flights", "list"],
        &["flights", "show"],
        &["package", "make"],
        &["package", "check"],
        &["timestamps", "list"],
        &["timestamps", "request"],
    ] {
        let help = skyseal(&[command, &["--help"]].concat());
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.status.success() && text.contains("Example") && text.contains("skyseal-evidence"), "{command:?}");
        assert_eq!(skyseal(&[command, &["--nonsense"]].concat()).status.code(), Some(2), "{command:?}");
    }
    refused(&["store", "show", "--store", "/nowhere"], 1, "store init");
}

//! `skyseal-ground` as people run it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use flight_record::keys::DeviceKey;
use flight_record::recipients::OneTime;
use flight_record::trust::{Class, EnrolmentRequest, TrustList};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn ground(dir: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_skyseal-ground")).args(arguments.split(' ')).current_dir(dir).output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_root_is_made_and_a_device_enrolled() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    fs::write(dir.join("pass"), "correct horse\nsecond line\n").unwrap();
    fs::write(dir.join("wrong"), "incorrect horse\n").unwrap();
    fs::write(dir.join("empty"), "\n").unwrap();
    let device = DeviceKey::from_seed([1; 32]);
    let request = EnrolmentRequest::write(&device, "aircraft-1".parse().unwrap(), 0);
    fs::write(dir.join("request.json"), &request).unwrap();

    assert_eq!(ground(dir, "trust init --dir root --unit unit --passphrase-file empty").status.code(), Some(1));
    let made = json(&ground(dir, "trust init --dir root --unit unit --passphrase-file pass --json"));
    let fingerprint = fs::read_to_string(dir.join("root/root.fingerprint")).unwrap();
    assert_eq!(made["fingerprint"], fingerprint.trim_end());
    assert_eq!(ground(dir, "trust init --dir root --unit unit --passphrase-file pass").status.code(), Some(1));
    let mode = fs::metadata(dir.join("root/root.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let enrol = "trust enrol --dir root --request request.json --class simulated --valid-days 30 --yes";
    assert_eq!(ground(dir, &format!("{enrol} --passphrase-file wrong")).status.code(), Some(1));
    assert_eq!(json(&ground(dir, &format!("{enrol} --passphrase-file pass --json")))["list"]["version"], 2);
    let again = ground(dir, &format!("{enrol} --passphrase-file pass"));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is enrolled already"), "{again:?}");

    let list = fs::read(dir.join("root/trust.json")).unwrap();
    let list = TrustList::open(&list, fingerprint.trim_end().parse().unwrap()).unwrap();
    assert_eq!(list.certificate(device.public().id()).unwrap().class, Class::Simulated);
    let shown = String::from_utf8(ground(dir, "trust show --dir root").stdout).unwrap();
    assert!(shown.contains("aircraft-1 simulated") && shown.contains(fingerprint.trim_end()), "{shown}");

    for misuse in ["trust", "trust enrol --dir root", &format!("{enrol} --class police --passphrase-file pass")] {
        assert_eq!(ground(dir, misuse).status.code(), Some(2), "{misuse}");
    }
}

/// The key's digits in groups of four, as people compare them.
fn groups(id: &str) -> String {
    (0..16).map(|at| &id[at * 4..at * 4 + 4]).collect::<Vec<_>>().join(" ")
}

#[test]
fn nobody_is_enrolled_uncompared() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    fs::write(dir.join("pass"), "correct horse\n").unwrap();
    json(&ground(dir, "trust init --dir root --unit unit --passphrase-file pass --json"));
    let made = json(&ground(dir, "trust request --key station.key --name van-3 --request station.json --json"));
    let id = made["key"].as_str().unwrap();
    assert_eq!(fs::metadata(dir.join("station.key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        ground(dir, "trust request --key station.key --name van-3 --request station.json").status.code(),
        Some(1),
        "a request is not written over"
    );
    let again = json(&ground(dir, "trust request --key station.key --name van-3 --request again.json --json"));
    assert_eq!(again["key"], id, "the key stays");

    let enrol = "trust enrol --dir root --request station.json --role station --valid-days 30 --passphrase-file pass";
    let refused = ground(dir, enrol);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "nobody is at a terminal");
    assert!(said.contains(&groups(id)) && said.contains("--expect"), "{said}");
    let other = DeviceKey::from_seed([3; 32]).public().id().to_string();
    let refused = ground(dir, &format!("{enrol} --expect {other}"));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&groups(id)) && said.contains(&groups(&other)), "{said}");
    assert_eq!(json(&ground(dir, "trust show --dir root --json"))["list"]["version"], 1, "nothing was enrolled");

    let enrolled = json(&ground(dir, &format!("{enrol} --expect {} --json", id.to_uppercase())));
    assert_eq!((&enrolled["enrolled"], &enrolled["list"]["keys"][0]["role"]), (&made["key"], &"station".into()));
    let both = ground(dir, &format!("{enrol} --yes --expect {id}"));
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn an_enrolment_key_works_at_the_desk_and_revocations_travel() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    fs::write(dir.join("pass"), "correct horse\n").unwrap();
    fs::write(dir.join("desk-pass"), "battery staple\n").unwrap();
    json(&ground(dir, "trust init --dir root --unit unit --passphrase-file pass --json"));
    let make =
        "trust enrolment-key --dir root --passphrase-file pass --enrolment-passphrase-file desk-pass --valid-days 9";
    assert_eq!(json(&ground(dir, &format!("{make} --json")))["list"]["serial"], 1);
    fs::create_dir(dir.join("desk")).unwrap();
    for file in ["enrolment.key", "trust.json", "root.fingerprint"] {
        fs::copy(dir.join("root").join(file), dir.join("desk").join(file)).unwrap();
    }
    let officer = json(&ground(dir, "trust request --key officer.key --name officer-9 --request officer.json --json"));
    let id = officer["key"].as_str().unwrap();
    let enrol =
        "trust enrol --dir desk --request officer.json --role officer --duty witness --duty pilot --valid-days 5";
    let enrolled = json(&ground(dir, &format!("{enrol} --passphrase-file desk-pass --yes --json")));
    assert_eq!(enrolled["list"]["keys"][0]["duties"], serde_json::json!(["pilot", "witness"]));
    let fingerprint = fs::read_to_string(dir.join("root/root.fingerprint")).unwrap();
    let root = fingerprint.trim_end().parse().unwrap();

    let revoke = format!("trust revoke --dir desk --key {id} --reason lost --passphrase-file desk-pass");
    assert_eq!(ground(dir, &format!("{revoke} --since 2999-01-01T00:00:00Z")).status.code(), Some(1));
    let revoked = json(&ground(dir, &format!("{revoke} --since 2026-01-01T00:00:00Z --json")));
    assert_eq!(revoked["revoked"], id);
    let shown = String::from_utf8(ground(dir, "trust show --dir desk").stdout).unwrap();
    assert!(shown.contains("REVOKED from 2026-01-01: lost") && shown.contains("(pilot, witness)"), "{shown}");

    assert!(ground(dir, "trust export --dir desk --out copy.json").status.success());
    let exported = TrustList::open(&fs::read(dir.join("copy.json")).unwrap(), root).unwrap();
    assert_eq!((exported.version, exported.serial), (1_000_002, 1));
    assert_eq!(ground(dir, "trust export --dir desk --out copy.json").status.code(), Some(1));

    let back = json(&ground(dir, "trust enrolment-key --dir root --passphrase-file pass --revoke --json"));
    assert_eq!((&back["list"]["serial"], &back["list"]["enrolment"]), (&2.into(), &serde_json::Value::Null));
    for misuse in [make.replace("--valid-days 9", ""), format!("{make} --revoke"), enrol.to_owned()] {
        assert_eq!(ground(dir, misuse.trim_end()).status.code(), Some(2), "{misuse}");
    }
}

#[test]
fn one_time_recipients_are_made_once() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let make = "recipients make --count 3 --secrets secrets --public recipients.txt --json";
    let made = json(&ground(dir, make));
    let first = OneTime::take(&dir.join("recipients.txt"), &dir.join("used.txt")).unwrap();
    assert_eq!(made["recipients"][0], first.to_string());
    assert_eq!(made["recipients"].as_array().unwrap().len(), 3);
    let identity = dir.join(format!("secrets/{first}.identity"));
    assert_eq!(fs::metadata(identity).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(ground(dir, make).status.code(), Some(1), "a list is never written over");
}

#[test]
fn a_flights_secret_goes_to_those_entitled_and_is_never_in_clear() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let mut entitled = String::from("# pilot, escrow\n");
    for who in ["pilot", "escrow"] {
        let made = json(&ground(dir, &format!("recipients person --out {who} --json")));
        entitled.push_str(&format!("{}\n", made["recipient"].as_str().unwrap()));
        assert_eq!(fs::metadata(dir.join(who)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    ground(dir, "recipients person --out stranger");
    fs::write(dir.join("entitled"), entitled).unwrap();
    let make = "recipients make --count 2 --entitled entitled --wraps wraps --public list --json";
    let made = json(&ground(dir, make));
    let recipient = made["recipients"][1].as_str().unwrap();
    let unwrap = |who: &str, more: &str| {
        ground(dir, &format!("recipients unwrap --identity {who} --wrap wraps/{recipient}.age{more}"))
    };
    let printed = String::from_utf8(unwrap("pilot", "").stdout).unwrap();
    assert!(printed.contains("AGE-SECRET-KEY-1"), "{printed}");
    assert_eq!(json(&unwrap("escrow", " --out flight.identity --json"))["recipient"], recipient);
    assert_eq!(fs::read_to_string(dir.join("flight.identity")).unwrap(), printed);
    assert_eq!(fs::metadata(dir.join("flight.identity")).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = unwrap("stranger", "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("entitled"), "{refused:?}");
    for misuse in [
        "recipients make --count 2 --public other",
        "recipients make --count 2 --wraps wraps --public other",
        "recipients make --count 2 --entitled entitled --wraps wraps --secrets secrets --public other",
        "recipients unwrap --identity pilot --wrap wraps/x.age --json",
    ] {
        assert_eq!(ground(dir, misuse).status.code(), Some(2), "{misuse}");
    }
}

//! The demonstration as a new user runs it, judged by other people's tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::oracle;
use system_tests::process::{Running, binary, run};

/// Founding a unit, meeting, landing, docking, verifying on a loaded machine.
const SLACK: Duration = Duration::from_secs(240);

/// A demonstration that was run.
struct Demonstration {
    folder: tempfile::TempDir,
    summary: Value,
}

impl Demonstration {
    fn run(seconds: u32, more: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out");
        let mut command = Command::new(binary("skyseal-sim"));
        command.args(["demo", "--seconds", &seconds.to_string(), "--out"]).arg(&out).args(more);
        let mut demo = Running::start(&mut command, folder.path().join("demo.log"))?;
        let ended = demo.wait(Duration::from_secs(u64::from(seconds)) + SLACK)?;
        ensure!(ended.success(), "the demonstration ended with {ended}:\n{}", demo.output());
        let summary = serde_json::from_slice(&fs::read(out.join("summary.json"))?)?;
        Ok(Self { folder, summary })
    }

    /// A path that `summary.json` names.
    fn path(&self, key: &str) -> Result<PathBuf> {
        let path = self.summary[key].as_str().with_context(|| format!("summary.json names no {key}"))?;
        let path = self.folder.path().join("out").join(path);
        ensure!(path.exists(), "{key}: {} is not there", path.display());
        Ok(path)
    }

    fn out(&self, path: &str) -> PathBuf {
        self.folder.path().join("out").join(path)
    }

    /// The verdict on the package with further options.
    fn verify(&self, more: &[&str]) -> Result<Value> {
        let root = fs::read_to_string(self.path("root")?)?;
        let mut command = Command::new(binary("skyseal-verify"));
        command.arg(self.path("package")?).args(["--json", "--root", root.trim(), "--trust"]).arg(self.path("trust")?);
        command.arg("--identity").arg(self.path("identity")?).args(more);
        let output = command.output()?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("no verdict: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

#[test]
fn the_demonstration_ends_verified_and_strangers_agree() -> Result<()> {
    let shots = tempfile::tempdir()?;
    let demo = Demonstration::run(32, &["--shots", shots.path().to_str().context("a path")?])?;
    let summary = &demo.summary;
    assert_eq!(summary["verdict"], "VERIFIED", "{summary:#}");
    every_workspace_was_pictured(shots.path())?;
    assert_eq!((&summary["lost"], &summary["left_aboard"]), (&Value::from(0), &Value::from(0)));
    assert_eq!((&summary["papers_frozen"], &summary["papers_clear"]), (&true.into(), &true.into()), "{summary:#}");
    for key in ["package", "witness", "store", "second_store", "ledger", "flight", "trust", "truth"] {
        demo.path(key)?;
    }
    let package = demo.path("package")?;
    run(oracle::venv("bagit.py")?.arg("--validate").arg(&package), 0)?;
    stock_age_opens_what_the_records_say(&demo)?;
    let whole = oracle::concatenate(&demo.path("opened")?, "eo")?;
    run(oracle::venv("stanag4609-verify")?.arg(&whole), 0)?;
    let truth = oracle::script("truth.py", &[&whole, &demo.path("truth")?])?;
    assert_eq!((&truth["missing"], &truth["doubled"]), (&Value::from([(); 0]), &Value::from([(); 0])), "{truth:#}");
    the_package_says_who_had_it_recorded(&demo)?;
    the_record_holds_the_papers_that_were_checked(&demo)?;
    the_device_log_says_who_had_it_erased(&demo)
}

/// Six workspaces in three themes at two sizes; on Fly's there is a picture, which no drawn screen packs as badly.
fn every_workspace_was_pictured(shots: &Path) -> Result<()> {
    for size in ["1280x800", "1920x1080"] {
        for workspace in ["fly", "plan", "airspace", "handover", "evidence", "records"] {
            for theme in ["day", "night", "red"] {
                let path = shots.join(size).join(format!("{workspace}-{theme}.png"));
                let bytes = fs::metadata(&path).with_context(|| path.display().to_string())?.len();
                ensure!(bytes > 20_000, "{}: {bytes} bytes", path.display());
            }
        }
    }
    let fly = fs::metadata(shots.join("1280x800/fly-day.png"))?.len();
    ensure!(fly > 300_000, "no live picture on Fly: {fly} bytes");
    Ok(())
}

/// Each sealed file of the package, opened by Debian's `age`, has the plain digest of its record.
fn stock_age_opens_what_the_records_say(demo: &Demonstration) -> Result<()> {
    let flight = demo.path("flight")?;
    let mut opened = 0;
    for record in oracle::records(&flight)?.iter().filter(|record| record["kind"] == "segment") {
        let body = &record["body"];
        let file = flight.join(body["file"].as_str().context("a segment has a file")?);
        let plain = demo.folder.path().join("plain.ts");
        let mut age = Command::new("age");
        run(age.arg("-d").arg("-i").arg(demo.path("identity")?).arg("-o").arg(&plain).arg(&file), 0)?;
        let sum = run(Command::new("sha256sum").arg(&plain), 0)?;
        assert_eq!(sum.split(' ').next(), body["plain"]["sha256"].as_str());
        opened += 1;
    }
    ensure!(opened > 5, "{opened} segments");
    Ok(())
}

fn the_package_says_who_had_it_recorded(demo: &Demonstration) -> Result<()> {
    let verdict = demo.verify(&[])?;
    let ordered = verdict["ordered"].as_array().context("orders")?;
    let [start] = &ordered[..] else { anyhow::bail!("one order: {ordered:#?}") };
    assert_eq!((&start["action"], &start["name"]), (&"start".into(), &"officer-10".into()), "{start:#}");
    assert_eq!(start["reason"], "Demonstration of a search", "its words came with the package");
    Ok(())
}

/// The papers of the check, byte for byte, opened by Debian's `age` out of the package's flight.
fn the_record_holds_the_papers_that_were_checked(demo: &Demonstration) -> Result<()> {
    let (flight, checked) = (demo.path("flight")?, fs::read(demo.path("papers")?)?);
    let records = oracle::records(&flight)?;
    let documents = records[0]["body"]["documents"].as_array().context("documents")?;
    let papers: Vec<&Value> = documents.iter().filter(|document| document["what"] == "papers").collect();
    let [papers] = &papers[..] else { anyhow::bail!("papers once: {documents:#?}") };
    let name = papers["document"]["sealed"]["sha256"].as_str().context("a document has a name")?;
    let plain = demo.folder.path().join("plain.papers");
    let mut age = Command::new("age");
    age.arg("-d").arg("-i").arg(demo.path("identity")?).arg("-o").arg(&plain);
    run(age.arg(flight.join(format!("documents/{name}.age"))), 0)?;
    let opened = fs::read(&plain)?;
    assert_eq!(opened.get(32..), Some(&checked[..]), "after the salt, the file that the check wrote");
    let said = oracle::payload(checked.split(|byte| *byte == b'\n').next().context("a line")?)?;
    let sum = run(Command::new("sha256sum").arg(demo.path("plan")?), 0)?;
    assert_eq!(sum.split(' ').next(), said["mission"]["sha256"].as_str(), "they are of the plan that was flown");
    assert_eq!((&said["profile"]["id"], &said["crew"]["pilot"]), (&"missing-person".into(), &"officer-10".into()));
    assert_eq!(said["authorisations"][0]["id"], "OA-DEMO", "{said:#}");
    let verdict = demo.verify(&[])?;
    let judged = &verdict["papers"][0]["judged"];
    assert_eq!((&judged["standing"], &judged["by"]), (&"clear".into(), &"officer-10".into()), "{verdict:#}");
    // Warnings and alerts stand before it.
    let log = fs::read_to_string(demo.out("station/fly.log"))?;
    let flown = log.find('{').and_then(|at| log.get(at..)).with_context(|| log.clone())?;
    let flown: Value = serde_json::from_str(flown)?;
    assert_eq!(flown["papers"]["sha256"], verdict["papers"][0]["sha256"], "the flight was flown by them");
    Ok(())
}

fn the_device_log_says_who_had_it_erased(demo: &Demonstration) -> Result<()> {
    let list = oracle::payload(&fs::read(demo.path("trust")?)?)?;
    let keys = list["keys"].as_array().context("keys")?;
    let id = |role: &str, name: &str| -> Result<Value> {
        let key = keys.iter().find(|key| key["role"] == *role && key["name"] == *name);
        Ok(key.with_context(|| format!("no {role} {name}"))?["id"].clone())
    };
    let log = oracle::records(&demo.out("aircraft/data/device-log"))?;
    let erased = log.iter().find(|record| record["kind"] == "erased").context("no erased record")?;
    let body = &erased["body"];
    assert_eq!(body["actor"], id("officer", "officer-11")?, "{body:#}");
    assert_eq!(body["witness"], id("officer", "officer-12")?, "{body:#}");
    let mut stores = [id("store", "Store A")?, id("store", "Store B")?];
    let mut said = body["stores"].as_array().context("stores")?.clone();
    stores.sort_by_key(Value::to_string);
    said.sort_by_key(Value::to_string);
    assert_eq!(said, stores, "{body:#}");
    Ok(())
}

#[test]
fn what_the_ground_heard_late_is_late() -> Result<()> {
    let demo = Demonstration::run(34, &["--cut-ground-link", "8..20"])?;
    assert_eq!(demo.summary["verdict"], "VERIFIED", "12 s are within the bound: {:#}", demo.summary);
    let verdict = demo.verify(&["--late-after", "5"])?;
    assert_eq!(
        (&verdict["word"], &verdict["witness"]),
        (&"VERIFIED-UNWITNESSED".into(), &"late".into()),
        "{verdict:#}"
    );
    let items = verdict["items"].as_array().context("items")?;
    let delays: Vec<i64> = items.iter().filter_map(|item| item["witness_delay_ms"].as_i64()).collect();
    let (late, longest) = (delays.iter().filter(|ms| **ms > 5_000).count(), delays.iter().max().copied());
    ensure!(late > 3 && longest.is_some_and(|ms| (8_000..16_000).contains(&ms)), "{late} late, longest {longest:?}");
    ensure!(late < delays.len() / 2, "what was heard in time is not late: {late} of {}", delays.len());
    Ok(())
}

#[test]
fn without_a_witness_it_says_so() -> Result<()> {
    let demo = Demonstration::run(24, &["--no-witness"])?;
    assert_eq!(demo.summary["verdict"], "VERIFIED-UNWITNESSED", "{:#}", demo.summary);
    ensure!(demo.summary["witness"].is_null());
    ensure!(Path::is_dir(&demo.path("package")?));
    Ok(())
}

//! The faults of the BagIt conformance suite, each made in a bag of our own: the suite's bags are in MD5 and SHA-512, which
//! no package has, so theirs would be refused before their fault is reached.

use crate::support::{START_UTC_US, Unit};
use flight_record::Sha256;
use flight_record::package::{self, PackageError};
use flight_record::trust::Class;
use flight_record::verify::Integrity::{self, Altered, Malformed, Missing};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const FILE: &str = "data/flight/records.jsonl";

/// Writes a valid bag: RFC 8493, SHA-256, one file, nothing of ours.
fn bag(dir: &Path) {
    fs::create_dir_all(dir.join("data/flight")).unwrap();
    fs::write(dir.join(FILE), "hello\n").unwrap();
    fs::write(dir.join("bagit.txt"), BAGIT).unwrap();
    fs::write(dir.join("bag-info.txt"), "Payload-Oxum: 6.1\n").unwrap();
    fs::write(dir.join("manifest-sha256.txt"), line(dir, FILE)).unwrap();
    tags(dir);
}

fn line(dir: &Path, path: &str) -> String {
    format!("{}  {path}\n", Sha256::of(&fs::read(dir.join(path)).unwrap()))
}

/// Lists the tag files anew: a fault in one of them is then the only one.
fn tags(dir: &Path) {
    let names = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
    let list: String = names.iter().filter(|name| dir.join(name).exists()).map(|name| line(dir, name)).collect();
    fs::write(dir.join("tagmanifest-sha256.txt"), list).unwrap();
}

fn found(unit: &Unit, dir: &Path) -> Result<BTreeSet<(String, Integrity)>, PackageError> {
    let checked = package::check(dir, &unit.anchor(), START_UTC_US)?;
    Ok(checked.findings.into_iter().map(|finding| (finding.path, finding.word)).collect())
}

#[test]
fn every_fault_of_the_conformance_suite_is_found_where_it_is() {
    type Case = (&'static str, (&'static str, Integrity), fn(&Path));
    let unit = Unit::new(Class::Simulated);
    let valid = unit.path("valid");
    bag(&valid);
    let foreign = found(&unit, &valid).unwrap();
    let expected = ["tagmanifest-sha256.txt", "tagmanifest-sha256.txt.dsse"];
    assert!(foreign.iter().map(|(path, _)| path.as_str()).eq(expected), "it is no package of ours: {foreign:?}");

    let cases: [Case; 19] = [
        ("bagit-with-invalid-whitespace", ("bagit.txt", Malformed), |dir| {
            bagit(dir, "BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n");
        }),
        ("invalid-version-number", ("bagit.txt", Malformed), |dir| bagit(dir, &BAGIT.replace("1.0", "1.1.1"))),
        ("v0.97/valid/basic-bag", ("bagit.txt", Malformed), |dir| bagit(dir, &BAGIT.replace("1.0", "0.97"))),
        ("baginfo-missing-encoding", ("bagit.txt", Malformed), |dir| bagit(dir, "BagIt-Version: 1.0\n")),
        ("bom-in-bagit.txt", ("bagit.txt", Malformed), |dir| bagit(dir, &format!("\u{feff}{BAGIT}"))),
        ("ISO-8859-1-encoded-tag-files", ("bagit.txt", Malformed), |dir| {
            bagit(dir, &BAGIT.replace("UTF-8", "ISO-8859-1"));
        }),
        ("missing-baginfo", ("bag-info.txt", Missing), |dir| fs::remove_file(dir.join("bag-info.txt")).unwrap()),
        ("corrupt-data-file", (FILE, Altered), |dir| fs::write(dir.join(FILE), "hellO\n").unwrap()),
        ("corrupt-tag-file", ("bag-info.txt", Altered), |dir| {
            fs::write(dir.join("bag-info.txt"), "Oxum: 7.1\n").unwrap();
        }),
        ("extra-file-in-bag", ("data/flight/more", Malformed), |dir| {
            fs::write(dir.join("data/flight/more"), "x").unwrap();
        }),
        ("notAllManifestsListAllFiles", (FILE, Malformed), |dir| list(dir, "")),
        ("same-filename-listed-twice-with-different-hashes", ("manifest-sha256.txt", Malformed), |dir| {
            list(dir, &format!("{}{}  {FILE}\n", line(dir, FILE), Sha256::of(b"x")));
        }),
        ("same-filename-listed-twice-with-the-same-hash", ("manifest-sha256.txt", Malformed), |dir| {
            list(dir, &line(dir, FILE).repeat(2));
        }),
        ("out-of-scope-file-paths-using-dot-notation", ("data/../../bare", Malformed), |dir| {
            more(dir, "data/../../bare");
        }),
        ("out-of-scope-file-paths-using-absolute-path", ("/etc/passwd", Malformed), |dir| more(dir, "/etc/passwd")),
        ("out-of-scope-file-paths-using-shortcut", ("~/bare", Malformed), |dir| more(dir, "~/bare")),
        ("holey-bag, and each …-for-fetch", ("fetch.txt", Malformed), |dir| {
            fs::write(dir.join("fetch.txt"), "http://example.org/x - data/flight/x\n").unwrap();
        }),
        ("made-with-md5sum-tools", ("manifest-sha256.txt", Malformed), |dir| {
            list(dir, &line(dir, FILE).replace("  ", " *"));
        }),
        ("relative-path, bag-with-leading-dot-slash-in-manifest", ("./data/flight/records.jsonl", Malformed), |dir| {
            list(dir, &line(dir, FILE).replace("data/", "./data/"));
        }),
    ];
    for (name, (path, word), fault) in cases {
        let dir = unit.path(&name.replace('/', " "));
        bag(&dir);
        fault(&dir);
        let found = found(&unit, &dir).unwrap();
        let new: Vec<_> = found.difference(&foreign).collect();
        assert!(new.contains(&&(path.to_owned(), word)), "{name}: {new:?}");
    }

    let dir = unit.path("missing-bagit.txt");
    bag(&dir);
    fs::remove_file(dir.join("bagit.txt")).unwrap();
    assert!(found(&unit, &dir).unwrap().contains(&("bagit.txt".to_owned(), Missing)));
}

fn bagit(dir: &Path, text: &str) {
    fs::write(dir.join("bagit.txt"), text).unwrap();
    tags(dir);
}

fn list(dir: &Path, text: &str) {
    fs::write(dir.join("manifest-sha256.txt"), text).unwrap();
    tags(dir);
}

/// One more line, for a file that lies outside.
fn more(dir: &Path, path: &str) {
    let mut lines = [line(dir, FILE), format!("{}  {path}\n", Sha256::of(b"x"))];
    lines.sort_by(|a, b| a[66..].cmp(&b[66..]));
    list(dir, &lines.concat());
}

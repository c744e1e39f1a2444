//! The age testkit through the reader of sealed files.

use super::path;
use flate2::read::ZlibDecoder;
use flight_record::Sha256;
use flight_record::verify::{Identities, Opened, Plain, open_sealed};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};

/// What the age crate takes all the same, as its own testkit says: files of the first age, whose stanzas ended otherwise.
const LENIENT: [&str; 2] = ["stanza_missing_body", "stanza_missing_final_line"];

struct Kept(Vec<u8>);

impl Plain for Kept {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// A case: its fields, the identities, the age file.
struct Case {
    fields: BTreeMap<String, String>,
    identities: String,
    file: Vec<u8>,
}

impl Case {
    fn read(name: &str) -> Self {
        let bytes = fs::read(path("age-testkit").join(name)).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let (mut fields, mut identities) = (BTreeMap::new(), String::new());
        for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
            let (field, value) = line.split_once(": ").unwrap();
            match field {
                "identity" => identities.push_str(&format!("{value}\n")),
                _ => drop(fields.insert(field.to_owned(), value.to_owned())),
            }
        }
        let mut file = bytes[end + 2..].to_vec();
        if fields.contains_key("compressed") {
            let mut inflated = Vec::new();
            ZlibDecoder::new(&file[..]).read_to_end(&mut inflated).unwrap();
            file = inflated;
        }
        Self { fields, identities, file }
    }

    fn identities(&self) -> Identities {
        // Where a case has none, another's: it is about the file.
        const NOBODY: &str = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\n";
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), if self.identities.is_empty() { NOBODY } else { &self.identities }).unwrap();
        Identities::read(file.path()).unwrap()
    }
}

#[test]
fn every_case_of_the_age_testkit_ends_as_it_should() {
    let mut names: Vec<String> = fs::read_dir(path("age-testkit"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    assert_eq!(names.len(), 67);
    let mut wrong = Vec::new();
    for name in names {
        let case = Case::read(&name);
        let mut plain = Kept(Vec::new());
        let opened = open_sealed(&case.file[..], &case.identities(), &mut plain).unwrap();
        let payload = case.fields.get("payload").map(String::as_str);
        let digest = Sha256::of(&plain.0).to_string();
        let good = match (case.fields["expect"].as_str(), &opened) {
            // We hold no passphrases, so a file sealed with one is not for us.
            ("success", Opened::NoIdentity | Opened::Refused(_)) => name == "scrypt" && plain.0.is_empty(),
            ("success", Opened::Whole(_)) => payload == Some(&digest),
            ("no match", Opened::NoIdentity) | ("header failure" | "HMAC failure", Opened::Refused(_)) => {
                plain.0.is_empty()
            }
            // What authenticated before the fault is given, and no more; without a nonce nothing could.
            ("payload failure", Opened::Partly(..)) => payload == Some(&digest),
            ("payload failure", Opened::Refused(_)) => {
                plain.0.is_empty() && payload.is_none_or(|payload| payload == digest)
            }
            ("header failure", Opened::Whole(_)) => LENIENT.contains(&name.as_str()),
            _ => false,
        };
        let ended = match &opened {
            Opened::Whole(_) => "opened".to_owned(),
            Opened::Partly(extent, why) => format!("{} bytes, then {why}", extent.bytes),
            Opened::NoIdentity => "no identity".to_owned(),
            Opened::Refused(why) => format!("refused: {why}"),
        };
        if !good {
            wrong.push(format!("{name}: {:?}, but {ended}", case.fields));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

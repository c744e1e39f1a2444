//! Checking a package: the store's signature, then every list, then every file. It trusts nothing it reads.

use super::lists::{self, List};
use super::{
    BAGIT, FOLDERS, MANIFEST, PAYLOAD_TYPE, PackageError, SIGNATURE, TAG_FILES, TAG_MANIFEST, has_a_place, is_package,
};
use crate::digest::{Counted, Sha256};
use crate::dock::{MAX_FILES, Receipt};
use crate::dsse::Envelope;
use crate::keys::KeyId;
use crate::layout::MAX_FILE_BYTES;
use crate::names::FlightId;
use crate::outside_time::MAX_TOKEN_BYTES;
use crate::statement::{GivenReason, MAX_REASON_BYTES};
use crate::trust::{Role, TrustList};
use crate::verify::{Anchor, Integrity};
use crate::witness;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Longest small file read whole, in bytes.
const MAX_SMALL_BYTES: u64 = 256 << 20;
/// Deepest file: `data/flight/segments/<stream>/<file>`.
const MAX_DEPTH: usize = 5;

/// Something about a package that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, by its path in the package.
    pub path: String,
    /// What it is.
    pub word: Integrity,
    /// What was found.
    pub detail: String,
}

/// What was checked.
#[derive(Debug)]
pub struct Checked {
    /// Where the flight lies; none where no folder is there.
    pub flight_dir: Option<PathBuf>,
    /// The witness files in it.
    pub witness: Vec<Vec<u8>>,
    /// Receipts for exactly the files that are here, by path; whether they are about this flight is still to be seen.
    pub receipts: Vec<(String, Receipt)>,
    /// The reasons for orders in it.
    pub reasons: Vec<GivenReason>,
    /// The tokens of time-stamping authorities in it.
    pub tokens: Vec<Vec<u8>>,
    /// The store that signed, once its signature holds and the unit vouches for it.
    pub store: Option<KeyId>,
    /// Files that are as the lists say.
    pub intact: Vec<String>,
    /// Everything else.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// The flight in it turns out to be this one, of this device: receipts about another are named.
    pub(super) fn about(&mut self, flight: FlightId, device: KeyId) {
        let others =
            self.receipts.iter().filter(|(_, receipt)| (receipt.flight_id, receipt.device_id) != (flight, device));
        let detail = "a receipt about another flight or device";
        let finding =
            |path: &String| Finding { path: path.clone(), word: Integrity::Altered, detail: detail.to_owned() };
        self.findings.extend(others.map(|(path, _)| finding(path)));
    }
}

/// Checks the package in `dir` as a bag and as signed; the flight in it is still to be verified.
///
/// # Errors
/// Only when it is no package, or cannot be read; whatever is wrong with it is a finding.
pub fn check(dir: &Path, anchor: &Anchor, now_utc_us: i64) -> Result<Checked, PackageError> {
    if !is_package(dir) {
        return Err(PackageError::NoPackage { path: dir.to_owned() });
    }
    let mut checking = Checking { dir, present: BTreeMap::new(), intact: Vec::new(), findings: Vec::new() };
    checking.list().map_err(PackageError::io("cannot list", dir))?;
    let io = || PackageError::io("cannot read", dir);
    let store = checking.signature(anchor, now_utc_us).map_err(io())?;
    let tags = checking.read_list(TAG_MANIFEST).map_err(io())?;
    checking.tags(&tags).map_err(io())?;
    let manifest = checking.read_list(MANIFEST).map_err(io())?;
    checking.payload(&manifest).map_err(io())?;
    let receipts = checking.receipts(&manifest, anchor, now_utc_us).map_err(io())?;
    let witness = checking.witness_files().map_err(io())?;
    let reasons = checking.reasons().map_err(io())?;
    let tokens = checking.tokens().map_err(io())?;
    let Checking { intact, findings, .. } = checking;
    // Never through a link: what is behind it is not in the package.
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let (data, flight) = (dir.join("data"), dir.join("data").join("flight"));
    let flight_dir = (is_folder(&data) && is_folder(&flight)).then_some(flight);
    Ok(Checked { flight_dir, witness, receipts, reasons, tokens, store, intact, findings })
}

struct Checking<'a> {
    dir: &'a Path,
    /// Regular files by path, with their lengths.
    present: BTreeMap<String, u64>,
    intact: Vec<String>,
    findings: Vec<Finding>,
}

impl Checking<'_> {
    fn found(&mut self, path: &str, word: Integrity, detail: impl Into<String>) {
        self.findings.push(Finding { path: path.to_owned(), word, detail: detail.into() });
    }

    fn list(&mut self) -> io::Result<()> {
        let (mut folders, mut seen) = (vec![(String::new(), 0)], 0);
        while let Some((folder, depth)) = folders.pop() {
            for entry in fs::read_dir(self.dir.join(&folder))? {
                let entry = entry?;
                seen += 1;
                if seen > 2 * MAX_FILES {
                    self.found(".", Integrity::Malformed, "more files than a package can have");
                    return Ok(());
                }
                let name = entry.file_name();
                let path = format!("{folder}{}{}", if folder.is_empty() { "" } else { "/" }, name.to_string_lossy());
                let kind = entry.file_type()?;
                if kind.is_dir() && depth < MAX_DEPTH && is_folder_of_a_package(&path) {
                    folders.push((path, depth + 1));
                } else if kind.is_file() && name.to_str().is_some() {
                    self.present.insert(path, entry.metadata()?.len());
                } else {
                    self.found(&path, Integrity::Malformed, "neither a file nor a folder of a package");
                }
            }
        }
        Ok(())
    }

    fn small(&mut self, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        match self.present.get(path) {
            None => {
                self.found(path, Integrity::Missing, "every package has it");
                return Ok(None);
            }
            Some(bytes) if *bytes > most => {
                self.found(path, Integrity::Malformed, format!("longer than {most} bytes"));
                return Ok(None);
            }
            Some(_) => {}
        }
        let mut bytes = Vec::new();
        File::open(self.dir.join(path))?.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// The store's signature over the tag manifest, under a key that the unit lists as a store's.
    fn signature(&mut self, anchor: &Anchor, now_utc_us: i64) -> io::Result<Option<KeyId>> {
        let (signature, signed) =
            (self.small(SIGNATURE, 2 * lists::MAX_BYTES)?, self.small(TAG_MANIFEST, lists::MAX_BYTES)?);
        let (Some(signature), Some(signed)) = (signature, signed) else {
            return Ok(None);
        };
        let Ok(trust) = TrustList::open(&anchor.trust_json, anchor.root) else {
            self.found(SIGNATURE, Integrity::KeyUntrusted, "the trust list is refused, so no store is known");
            return Ok(None);
        };
        let envelope = match Envelope::parse(signature.strip_suffix(b"\n").unwrap_or_default(), PAYLOAD_TYPE) {
            Ok(envelope) => envelope,
            Err(error) => {
                self.found(SIGNATURE, Integrity::Malformed, error.to_string());
                return Ok(None);
            }
        };
        let store = match trust.vouches(envelope.key_id(), Role::Store, now_utc_us) {
            Ok(entry) => entry.public_key,
            Err(refusal) => {
                self.found(SIGNATURE, Integrity::KeyUntrusted, refusal.to_string());
                return Ok(None);
            }
        };
        match envelope.verify(&store) {
            Ok(payload) if payload == signed => {
                self.intact.push(SIGNATURE.to_owned());
                Ok(Some(store.id()))
            }
            Ok(_) => {
                self.found(TAG_MANIFEST, Integrity::Altered, "it is not the list that the store signed");
                Ok(None)
            }
            Err(error) => {
                self.found(SIGNATURE, Integrity::Malformed, error.to_string());
                Ok(None)
            }
        }
    }

    fn read_list(&mut self, name: &str) -> io::Result<List> {
        let Some(bytes) = self.small(name, lists::MAX_BYTES)? else {
            return Ok(List::new());
        };
        match String::from_utf8(bytes).map_err(|_| 1).and_then(|text| lists::read(&text)) {
            Ok(list) => Ok(list),
            Err(line) => {
                self.found(name, Integrity::Malformed, format!("line {line} is not in the one spelling"));
                Ok(List::new())
            }
        }
    }

    fn tags(&mut self, listed: &List) -> io::Result<()> {
        if !listed.keys().map(String::as_str).eq(TAG_FILES) {
            self.found(TAG_MANIFEST, Integrity::Malformed, "it does not list exactly the files every package has");
        }
        let beside: Vec<String> = self.present.keys().filter(|path| !path.contains('/')).cloned().collect();
        for path in beside {
            if !TAG_FILES.contains(&&*path) && path != TAG_MANIFEST && path != SIGNATURE {
                self.found(&path, Integrity::Malformed, "no package has it");
            }
        }
        if self.small("bagit.txt", 4096)?.is_some_and(|bytes| bytes != BAGIT.as_bytes()) {
            self.found("bagit.txt", Integrity::Malformed, "not BagIt 1.0 in UTF-8");
        }
        self.compare(listed)
    }

    fn payload(&mut self, listed: &List) -> io::Result<()> {
        for path in listed.keys() {
            if let Err(why) = path.strip_prefix("data/").ok_or("it is not under data/").and_then(has_a_place) {
                self.found(path, Integrity::Malformed, why);
            }
        }
        let unlisted: Vec<String> = self
            .present
            .keys()
            .filter(|path| path.starts_with("data/") && !listed.contains_key(*path))
            .cloned()
            .collect();
        for path in unlisted {
            self.found(&path, Integrity::Malformed, "no list names it");
        }
        self.compare(listed)
    }

    /// Reads every listed file and compares it with its digest.
    fn compare(&mut self, listed: &List) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        for (path, digest) in listed {
            let Some(bytes) = self.present.get(path) else {
                self.found(path, Integrity::Missing, "a list names it, and it is not here");
                continue;
            };
            if *bytes > MAX_FILE_BYTES {
                self.found(path, Integrity::Malformed, "longer than any file of a package; it was not read");
                continue;
            }
            let mut counted = Counted::default();
            let mut file = File::open(self.dir.join(path))?;
            loop {
                let read = file.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                counted.update(&buffer[..read]);
            }
            if counted.extent().sha256 == *digest {
                self.intact.push(path.clone());
            } else {
                self.found(path, Integrity::Altered, "not the bytes that the signed list names");
            }
        }
        Ok(())
    }

    /// Each receipt is a listed store's, for exactly the files that are here.
    fn receipts(&mut self, manifest: &List, anchor: &Anchor, now_utc_us: i64) -> io::Result<Vec<(String, Receipt)>> {
        let mut good = Vec::new();
        let Ok(trust) = TrustList::open(&anchor.trust_json, anchor.root) else {
            return Ok(good);
        };
        let flight: String = manifest
            .iter()
            .filter_map(|(path, digest)| Some(format!("{digest}  {}\n", path.strip_prefix("data/flight/")?)))
            .collect();
        let held = (Sha256::of(flight.as_bytes()), flight.lines().count() as u64);
        let length = self.flight_bytes(manifest);
        for path in self.intact_in("data/receipts/") {
            let Some(bytes) = self.small(&path, MAX_SMALL_BYTES)? else { continue };
            let receipt = Receipt::claimed_store(&bytes).map_err(|error| (Integrity::Malformed, error.to_string()));
            let receipt = receipt.and_then(|store| {
                let entry = trust.vouches(store, Role::Store, now_utc_us);
                let entry = entry.map_err(|refusal| (Integrity::KeyUntrusted, refusal.to_string()))?;
                Receipt::open(&bytes, &entry.public_key).map_err(|error| (Integrity::Malformed, error.to_string()))
            });
            match receipt {
                Err((word, detail)) => self.found(&path, word, detail),
                Ok(receipt)
                    if (receipt.manifest, receipt.files) != held
                        || length.is_some_and(|length| length != receipt.bytes) =>
                {
                    self.found(&path, Integrity::Altered, "a receipt for other files than the ones here");
                }
                Ok(receipt) => good.push((path, receipt)),
            }
        }
        Ok(good)
    }

    /// Length of all listed files of the flight together; none unless all of them are here as listed.
    fn flight_bytes(&self, manifest: &List) -> Option<u64> {
        let mut listed = manifest.keys().filter(|path| path.starts_with("data/flight/"));
        let intact: BTreeSet<_> = self.intact.iter().collect();
        listed.try_fold(0_u64, |sum, path| {
            let bytes = self.present.get(path).filter(|_| intact.contains(path))?;
            Some(sum.saturating_add(*bytes))
        })
    }

    fn intact_in(&self, folder: &str) -> Vec<String> {
        self.intact.iter().filter(|path| path.starts_with(folder)).cloned().collect()
    }

    /// Each reason bears the name of what commits to it.
    fn reasons(&mut self) -> io::Result<Vec<GivenReason>> {
        let mut reasons = Vec::new();
        for path in self.intact_in("data/reasons/") {
            let Some(bytes) = self.small(&path, MAX_REASON_BYTES)? else { continue };
            match GivenReason::read(&bytes) {
                Ok(given) if path == format!("data/reasons/{}.json", given.commitment()) => reasons.push(given),
                Ok(_) => self.found(&path, Integrity::Altered, "not the words that its name commits to"),
                Err(error) => self.found(&path, Integrity::Malformed, error.to_string()),
            }
        }
        Ok(reasons)
    }

    /// Each token bears the name of its bytes; what it says is for the verdict.
    fn tokens(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut tokens = Vec::new();
        for path in self.intact_in("data/timestamps/") {
            let Some(bytes) = self.small(&path, MAX_TOKEN_BYTES)? else { continue };
            if path == format!("data/timestamps/{}.tsr", Sha256::of(&bytes)) {
                tokens.push(bytes);
            } else {
                self.found(&path, Integrity::Altered, "not the token that its name says");
            }
        }
        Ok(tokens)
    }

    fn witness_files(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let paths = self.intact_in("data/witness/");
        let mut files = Vec::new();
        for path in paths {
            let Some(bytes) = self.small(&path, MAX_SMALL_BYTES)? else { continue };
            let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let claimed = Envelope::parse(first, witness::file::PAYLOAD_TYPE).map(|envelope| envelope.key_id());
            if claimed.is_ok_and(|station| path != format!("data/witness/{station}.jsonl")) {
                self.found(&path, Integrity::Altered, "named after another station than the one that signed it");
            }
            files.push(bytes);
        }
        Ok(files)
    }
}

fn is_folder_of_a_package(path: &str) -> bool {
    let mut parts = path.split('/');
    let known = match (parts.next(), parts.next()) {
        (Some("data"), None) => return true,
        (Some("data"), Some(folder)) => FOLDERS.contains(&folder),
        _ => false,
    };
    known && (path.starts_with("data/flight/") || path.split('/').count() == 2)
}

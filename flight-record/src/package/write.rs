//! Making a package: under another name until it is whole and signed.

use super::lists::{self, List};
use super::{BAGIT, MANIFEST, PAYLOAD_TYPE, PackageError, SIGNATURE, TAG_MANIFEST, has_a_place};
use crate::digest::{Counted, Sha256};
use crate::durable::sync_parent;
use crate::keys::Signer;
use crate::names::{FlightId, Label};
use crate::{dsse, verify};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

/// What travels with every flight, so that whoever gets it can read it without us.
const FORMAT: &str = include_str!("../../FORMAT.md");
const SECOND_VERIFIER: &str = include_str!("../../verifier/verify.py");
const BUFFER_BYTES: usize = 1 << 20;

/// A file of the payload.
pub struct Payload<'a> {
    /// Its path under `data/`: `flight/…`, `witness/…`, `wraps/…`, `device-log/…`, `receipts/…`, `timestamps/…`.
    pub path: String,
    /// Its bytes.
    pub bytes: Box<dyn Read + 'a>,
}

/// What the package says about itself.
pub struct About<'a> {
    /// The flight in it.
    pub flight: FlightId,
    /// Who gives it.
    pub unit: &'a Label,
    /// The word it had when it was packed; `report.json` has the rest.
    pub verdict: &'a str,
    /// The unit's list of keys, as it was then.
    pub trust_json: &'a [u8],
    /// The verifier's report, as JSON.
    pub report_json: &'a [u8],
    /// The same, to read and to print.
    pub report_html: &'a [u8],
    /// When, POSIX µs.
    pub at_utc_us: i64,
}

/// A package that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Files under `data/`.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// SHA-256 of the tag manifest: it stands for everything.
    pub digest: Sha256,
}

/// Makes the package at `out`, which must not exist, from files that are read one after another.
///
/// # Errors
/// When a path has no place in a package, twice the same, or something cannot be read or written. What was begun is left
/// beside `out`, named `….unfinished`, and replaced by the next attempt.
pub fn write<'a>(
    out: &Path,
    payload: impl IntoIterator<Item = io::Result<Payload<'a>>>,
    about: &About<'_>,
    store: &impl Signer,
) -> Result<Written, PackageError> {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = out.with_file_name(format!("{name}.unfinished"));
    if out.exists() {
        return Err(PackageError::io("cannot create", out)(io::ErrorKind::AlreadyExists.into()));
    }
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(PackageError::io("cannot replace", &unfinished)(error));
        }
        Ok(()) | Err(_) => {}
    }
    fs::create_dir_all(unfinished.join("data")).map_err(PackageError::io("cannot create", &unfinished))?;
    let (manifest, bytes) = copy(&unfinished, payload)?;
    let files = manifest.len() as u64;
    let tags = [
        ("FORMAT.md", FORMAT.as_bytes().to_vec()),
        ("README.txt", readme(about).into_bytes()),
        ("bag-info.txt", bag_info(about, files, bytes).into_bytes()),
        ("bagit.txt", BAGIT.as_bytes().to_vec()),
        (MANIFEST, lists::text(&manifest).into_bytes()),
        ("report.html", about.report_html.to_vec()),
        ("report.json", about.report_json.to_vec()),
        ("trust.json", about.trust_json.to_vec()),
        ("verify.py", SECOND_VERIFIER.as_bytes().to_vec()),
    ];
    let tag_list: List = tags.iter().map(|(name, bytes)| ((*name).to_owned(), Sha256::of(bytes))).collect();
    for (name, bytes) in &tags {
        write_new(&unfinished.join(name), bytes)?;
    }
    let tag_manifest = lists::text(&tag_list).into_bytes();
    write_new(&unfinished.join(TAG_MANIFEST), &tag_manifest)?;
    let mut signature = dsse::seal(PAYLOAD_TYPE, &tag_manifest, store);
    signature.push(b'\n');
    write_new(&unfinished.join(SIGNATURE), &signature)?;
    sync_parent(&unfinished.join("data"))
        .and_then(|()| fs::rename(&unfinished, out))
        .and_then(|()| sync_parent(out))
        .map_err(PackageError::io("cannot finish", out))?;
    Ok(Written { files, bytes, digest: Sha256::of(&tag_manifest) })
}

fn copy<'a>(
    root: &Path,
    payload: impl IntoIterator<Item = io::Result<Payload<'a>>>,
) -> Result<(List, u64), PackageError> {
    let (mut manifest, mut total) = (List::new(), 0);
    let mut buffer = vec![0; BUFFER_BYTES];
    for file in payload {
        let mut file = file.map_err(PackageError::io("cannot read the payload of", root))?;
        let place = |why| PackageError::Place { path: file.path.clone(), why };
        has_a_place(&file.path).map_err(place)?;
        let path = root.join("data").join(&file.path);
        let io = || PackageError::io("cannot write", &path);
        fs::create_dir_all(path.parent().unwrap_or(root)).map_err(io())?;
        let mut to = File::create_new(&path).map_err(io())?;
        let mut counted = Counted::default();
        loop {
            match file.bytes.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    counted.update(&buffer[..read]);
                    to.write_all(&buffer[..read]).map_err(io())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(PackageError::io("cannot read what is to be written to", &path)(error)),
            }
        }
        to.sync_all().and_then(|()| sync_parent(&path)).map_err(io())?;
        total += counted.bytes();
        manifest.insert(format!("data/{}", file.path), counted.extent().sha256);
    }
    Ok((manifest, total))
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
    File::create_new(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(PackageError::io("cannot write", path))
}

/// RFC 8493 §2.2.2.
fn bag_info(about: &About<'_>, files: u64, bytes: u64) -> String {
    let date = jiff::Timestamp::from_microsecond(about.at_utc_us).unwrap_or_default().strftime("%Y-%m-%d");
    format!(
        "Source-Organization: {}\nExternal-Identifier: {}\nInternal-Sender-Description: Skyseal flight record, verdict {}\n\
         Bagging-Date: {date}\nPayload-Oxum: {bytes}.{files}\nBag-Software-Agent: skyseal {}\n",
        about.unit,
        about.flight,
        about.verdict,
        env!("CARGO_PKG_VERSION"),
    )
}

fn readme(about: &About<'_>) -> String {
    format!(
        "Flight {} of {}\n\nVerdict when this was packed: {}\n(report.html is to be read, report.json has the same for programs; do not rely on them, check again.)\n\n\
         To check:\n\
         1. That nothing here was lost or changed on the way, with any BagIt tool (RFC 8493):\n\
         \x20     bagit.py --validate .\n\
         2. What the flight proves, with the verifier and the unit's root fingerprint, both from elsewhere than this folder:\n\
         \x20     skyseal-verify . --trust trust.json --root FINGERPRINT\n\
         3. The same with the second verifier, which shares nothing with the first and needs Python 3.9 or newer only:\n\
         \x20     python3 verify.py . --trust trust.json --root FINGERPRINT\n\
         4. Or by your own program: FORMAT.md says every byte.\n\n\
         Take published copies of verify.py and FORMAT.md: whoever can change a package can change those in it.\n\n\
         data/flight      the flight as the aircraft recorded it, encrypted (age)\n\
         data/witness     what ground stations saw while it flew\n\
         data/wraps       the flight's key, wrapped to those entitled; `age -d -i KEY` opens one\n\
         data/reasons     why recordings were started and stopped, as the orders in the flight commit to it\n\
         data/device-log  what happened to the aircraft's computer between flights\n\
         data/receipts    what two stores signed when they took the flight over\n\
         data/timestamps  when the flight's last head existed, by time-stamping authorities (RFC 3161)\n\n{}\n",
        about.flight,
        about.unit,
        about.verdict,
        verify::LIMITS,
    )
}

//! What somebody with every key of the aircraft could write.

use crate::support::Unit;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flight_record::dsse;
use flight_record::keys::DeviceKey;
use flight_record::note::Checkpoint;
use flight_record::record::PAYLOAD_TYPE;
use flight_record::tree::{self, Tree};
use flight_record::{FlightId, Sha256};
use std::fs;
use std::path::Path;

/// The payloads of a log, in clear.
pub(crate) fn payloads(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join("records.jsonl")).unwrap();
    text.lines()
        .map(|line| {
            let envelope: serde_json::Value = serde_json::from_str(line).unwrap();
            String::from_utf8(STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap()
        })
        .collect()
}

/// The value of a top-level field that is a string or null, as it stands in the text.
fn field<'a>(payload: &'a str, name: &str) -> &'a str {
    let from = payload.find(&format!("\"{name}\":")).unwrap() + name.len() + 3;
    let to = payload[from..].find([',', '}']).unwrap() + from;
    &payload[from..to]
}

/// Replaces the first occurrence of a field's value.
pub(crate) fn set(payload: &str, name: &str, value: &str) -> String {
    let old = format!("\"{name}\":{}", field(payload, name));
    payload.replacen(&old, &format!("\"{name}\":{value}"), 1)
}

/// The evolving key that the forger uses for record `n`.
pub(crate) fn forged_key(n: usize) -> DeviceKey {
    DeviceKey::from_seed(Sha256::of(&n.to_le_bytes()).0)
}

/// Writes a log of these payloads with fresh keys, right links and right heads: only what the payloads say can be wrong.
pub(crate) fn rewrite(unit: &Unit, dir: &Path, payloads: &[String]) {
    rewrite_by(unit, dir, payloads, |_, payload, signer| seal(payload, signer));
}

/// A signed line of a log.
pub(crate) fn seal(payload: &str, signer: &DeviceKey) -> Vec<u8> {
    dsse::seal(PAYLOAD_TYPE, payload.as_bytes(), signer)
}

/// The same, where `line` makes each line from the record's number, its payload and its rightful signer.
pub(crate) fn rewrite_by(
    unit: &Unit,
    dir: &Path,
    payloads: &[String],
    line: impl Fn(usize, &str, &DeviceKey) -> Vec<u8>,
) {
    let (mut records, mut heads) = (Vec::new(), String::new());
    let (mut tree, mut prev) = (Tree::default(), "null".to_owned());
    for (n, payload) in payloads.iter().enumerate() {
        let mut payload = set(payload, "prev", &prev);
        if field(&payload, "next_key") != "null" {
            payload = set(&payload, "next_key", &format!("\"{}\"", forged_key(n + 1).public()));
        }
        let device_signs = n == 0 || payload.contains("\"kind\":\"recovered\"");
        let signer = if device_signs { unit.device.clone() } else { forged_key(n) };
        let line = line(n, &payload, &signer);
        let leaf = tree::leaf_hash(&line);
        tree.push(leaf);
        prev = format!("\"{leaf}\"");
        records.extend_from_slice(&line);
        records.push(b'\n');
        heads.push_str(&head_line(unit, &payload, tree.size(), tree.root()));
    }
    fs::write(dir.join("records.jsonl"), records).unwrap();
    fs::write(dir.join("checkpoints.jsonl"), heads).unwrap();
}

/// A line of `checkpoints.jsonl` for the flight of this payload.
pub(crate) fn head_line(unit: &Unit, payload: &str, size: u64, root: Sha256) -> String {
    let flight: FlightId = field(payload, "flight_id").trim_matches('"').parse().unwrap();
    let note = Checkpoint { flight, size, root }.sign(&unit.device);
    format!("{}\n", serde_json::json!({ "note": note }))
}

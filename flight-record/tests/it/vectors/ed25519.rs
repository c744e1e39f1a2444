//! Signatures: RFC 8032 §7.1, Wycheproof, and the cases about which implementations disagree.

use super::{bytes, path};
use flight_record::keys::{DeviceKey, PublicKey, Signer as _};
use serde_json::Value;

/// Whether our verifier takes this.
fn verifies(key: &str, message: &str, signature: &str) -> bool {
    let Ok(key) = <[u8; 32]>::try_from(bytes(key)) else { return false };
    let Ok(signature) = <[u8; 64]>::try_from(bytes(signature)) else { return false };
    PublicKey::from_bytes(&key).is_ok_and(|key| key.verifies(&bytes(message), &signature))
}

#[test]
fn the_vectors_of_rfc_8032() {
    let text = std::fs::read_to_string(path("rfc8032.txt")).unwrap();
    let rows: Vec<Vec<&str>> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect()).collect();
    assert_eq!(rows.len(), 5, "§7.1 has five");
    for row in rows {
        let [secret, public, message, signature] = row[..] else { panic!("four columns: {row:?}") };
        let key = DeviceKey::from_seed(bytes(secret).try_into().unwrap());
        assert_eq!(key.public().as_bytes()[..], bytes(public));
        assert_eq!(key.sign(&bytes(message))[..], bytes(signature));
        assert!(verifies(public, message, signature));
        assert!(!verifies(public, &format!("{message}00"), signature));
    }
}

#[test]
fn wycheproof_and_we_agree_on_every_signature() {
    let file: Value = serde_json::from_slice(&std::fs::read(path("wycheproof/ed25519_test.json")).unwrap()).unwrap();
    let mut tried = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = group["publicKey"]["pk"].as_str().unwrap();
        for case in group["tests"].as_array().unwrap() {
            let field = |name: &str| case[name].as_str().unwrap();
            let valid = field("result") == "valid";
            assert_eq!(verifies(key, field("msg"), field("sig")), valid, "{} {}", case["tcId"], case["comment"]);
            tried += 1;
        }
    }
    assert_eq!(file["numberOfTests"], tried);
}

#[test]
fn of_the_cases_that_implementations_disagree_about_the_strict_take_one() {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path("strict-ed25519/cases.json")).unwrap()).unwrap();
    let field = |case: &Value, name: &str| case[name].as_str().unwrap().to_owned();
    let taken: Vec<String> = cases
        .iter()
        .filter(|case| verifies(&field(case, "key"), &field(case, "message"), &field(case, "signature")))
        .map(|case| field(case, "name"))
        .collect();
    assert_eq!((cases.len(), taken), (12, vec!["A and R of mixed order".to_owned()]));
}

//! What aircraft and store tell each other, and plans that come from elsewhere.

use crate::sample::{at, officers, stores, trust};
use flight_record::Sha256;
use flight_record::canonical;
use flight_record::dock::{EraseOrder, Inventory, MAX_FILES, Manifest, Receipt, is_plain_path};
use flight_record::dsse::seal_all;
use flight_record::keys::Signer;
use flight_record::statement::GivenReason;
use mission_profiles::plan_files::Plan;

const ERASE: &str = "application/vnd.skyseal.erase.v1+json";
const RECEIPT: &str = "application/vnd.skyseal.receipt.v1+json";

/// The bytes as each of the texts of a handover, and as what two people sign.
pub fn handover(bytes: &[u8]) {
    let [actor, witness] = officers();
    let signers: [&dyn Signer; 2] = [&actor, &witness];
    for order in [bytes, &seal_all(ERASE, bytes, &signers)] {
        let Ok(order) = EraseOrder::parse(order) else { continue };
        assert_ne!(order.signers()[0], order.signers()[1]);
        let begun = order.begun_before(trust());
        if let Ok(authorised) = order.authorised(trust(), at(60).utc_us) {
            assert!(begun.is_ok(), "who may order it now could have");
            let terms = authorised.terms();
            let store = Receipt::claimed_store(&terms.receipts[0].0).unwrap();
            assert!(stores().iter().any(|known| known.public().id() == store));
            assert!(order.authorised(trust(), terms.expires_utc_us.saturating_add(1)).is_err());
        }
    }
    receipt(bytes);
    lists(bytes);
    if let Ok(given) = GivenReason::read(bytes) {
        assert_eq!(given.write(), bytes, "one spelling");
    }
}

fn receipt(bytes: &[u8]) {
    let [store, other] = stores();
    let _ = (Receipt::claimed_store(bytes), Receipt::claimed_flight(bytes));
    let sealed = seal_all(RECEIPT, bytes, &[&store]);
    if let Ok(receipt) = Receipt::open(&sealed, &store.public()) {
        assert_eq!(canonical::write(&receipt), bytes, "one spelling");
        assert_eq!(receipt.sign(&store).ok(), Some(sealed.clone()));
        assert!(Receipt::open(&sealed, &other.public()).is_err());
        assert_eq!(Receipt::claimed_flight(&sealed).ok(), Some(receipt.flight_id));
    }
}

fn lists(bytes: &[u8]) {
    if let Ok(inventory) = Inventory::read(bytes) {
        assert_eq!(inventory.write(), bytes, "one spelling");
        assert!(inventory.files.iter().all(|(path, length)| inventory.length_of(path) == Some(*length)));
        assert!(inventory.files.iter().all(|(path, _)| is_plain_path(path)));
    }
    if let Ok(manifest) = canonical::read::<Manifest>(bytes) {
        let text = manifest.text();
        assert_eq!(manifest.digest(), Sha256::of(text.as_bytes()));
        let digests = Manifest::digests(&text).unwrap();
        assert_eq!(digests.len() as u64, manifest.files());
        assert!(manifest.entries().iter().all(|(path, extent)| digests.get(path) == Some(&extent.sha256)));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(digests) = Manifest::digests(text)
    {
        assert!(digests.len() <= MAX_FILES && digests.keys().all(|path| is_plain_path(path)));
        let again: String = digests.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
        assert_eq!(again, text, "one spelling");
    }
}

/// The bytes as a plan of QGroundControl.
pub fn plan(bytes: &[u8]) {
    const MOST_ITEMS: usize = 65_535;
    let Ok(plan) = Plan::read(bytes) else { return };
    for items in [&plan.mission, &plan.fence, &plan.rally] {
        assert!(items.len() <= MOST_ITEMS.min(bytes.len()), "{} items of {} bytes", items.len(), bytes.len());
        for item in items.iter().filter(|item| item.frame != 2) {
            assert!(item.x.unsigned_abs() <= 900_000_000 && item.y.unsigned_abs() <= 1_800_000_000, "{item:?}");
        }
    }
}

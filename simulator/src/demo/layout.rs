//! Paths inside the output folder, as `summary.json` names them.

/// The unit's trust list.
pub(super) const TRUST: &str = "trust/trust.json";
/// Fingerprint of its root.
pub(super) const ROOT: &str = "trust/root.fingerprint";
/// What is left aboard of flights.
pub(super) const FLIGHTS: &str = "aircraft/data/flights";
/// What the aircraft keeps for whoever docks it: a challenge once a flight is closed.
pub(super) const DOCK: &str = "aircraft/data/dock";
/// What the ground witness saw, a file a flight.
pub(super) const WITNESS: &str = "witness";
/// Secrets of flights, each wrapped to those entitled.
pub(super) const WRAPS: &str = "wraps";
/// Why recordings were started and stopped.
pub(super) const REASONS: &str = "reasons";
/// A person entitled to open footage.
pub(super) const PERSON: &str = "people/entitled.identity";
/// The public half, and escrow's.
pub(super) const ENTITLED: &str = "people/entitled.txt";
/// The first store.
pub(super) const STORE: &str = "store";
/// The second store.
pub(super) const SECOND: &str = "second-store";
/// The ledger of the first store.
pub(super) const LEDGER: &str = "store/ledger.sqlite";
/// What leaves the unit: a package a flight.
pub(super) const PACKAGES: &str = "packages";
/// The flight inside a package.
pub(super) const FLIGHT: &str = "data/flight";
/// The plan that is flown.
pub(super) const PLAN: &str = "search.plan";
/// Where somebody was last seen.
pub(super) const DRAWING: &str = "papers/last-seen.geojson";
/// What was checked before the flight, signed.
pub(super) const PAPERS: &str = "papers/search.papers";
/// What the check said.
pub(super) const CHECK: &str = "papers/check.json";
/// Drafts of the flight log.
pub(super) const FLIGHT_LOG: &str = "flight-log";
/// What was so at each picture.
pub(super) const TRUTH: &str = "truth/truth.csv";
/// The verdict.
pub(super) const VERDICT: &str = "verdict.json";
/// Plain segments and telemetry.
pub(super) const OPENED: &str = "opened";

/// The secret of one recipient, once a person entitled has unwrapped it.
pub(super) fn identity(recipient: &str) -> String {
    format!("identities/{recipient}.identity")
}

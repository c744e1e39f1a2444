//! What happens to a flight after it landed: intake from the aircraft, two copies, the ledger of every movement, the
//! people who made it, and the package that leaves.

pub mod intake;

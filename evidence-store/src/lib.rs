//! What happens to a flight after it landed: intake from the aircraft, two copies, the ledger of every movement, the
//! people who made it, and the package that leaves.

mod database;
pub mod ids;
pub mod intake;
pub mod ledger;
pub mod packaging;
pub mod people;
pub mod store;

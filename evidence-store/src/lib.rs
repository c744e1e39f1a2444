//! What happens to a flight after it landed: intake from the aircraft, two copies, the ledger of every movement, the
//! people who made it, and the package that leaves.
//!
//! A handover, as `skyseal-ground dock` does it:
//!
//! 1. [`people::People::log_in`] for the actor and, unless they are alone, for the witness.
//! 2. [`store::Folder::open`] for the first store, any [`store::Store`] for the second, [`ledger::Ledger::open`] with the
//!    heads kept outside ([`ledger::HEADS_FILE`] beside the second store).
//! 3. A [`intake::Source`]: [`intake::FolderSource`] for a card, or the aircraft itself.
//! 4. [`intake::plan`] gives an [`intake::IngestPlan`]; its `Display` is what people see before anything happens.
//! 5. [`intake::settle`] enters what the aircraft has erased since by earlier orders.
//! 6. [`intake::run`] with an [`intake::Desk`] carries the plan out. Stopped at any point, the same calls go on from there.
//!
//! [`timestamp::Clerk`] has closed flights stamped by a time-stamping authority, then or whenever there is a network.
//!
//! Neither this crate nor its callbacks read a clock: the program hands in the time.

// Open to the benchmark, which measures a bare commit under the same settings.
#[doc(hidden)]
pub mod database;
pub mod ids;
pub mod intake;
pub mod ledger;
pub mod packaging;
pub mod people;
pub mod register;
pub mod store;
pub mod timestamp;

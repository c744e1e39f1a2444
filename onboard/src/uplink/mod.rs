//! What goes between the aircraft and the ground in flight: the live view ([`Live`]) and who may see it ([`privacy`]), the heads that a
//! station witnesses ([`beacon`]), orders to record ([`statements`]), officers' leave to let any button order ([`sessions`]), papers and alerts
//! ([`messages`]).

pub mod beacon;
mod budget;
mod live;
pub mod messages;
pub mod outbox;
mod outlet;
pub mod privacy;
pub mod sessions;
pub mod statements;

pub use live::{Live, LiveFrame};

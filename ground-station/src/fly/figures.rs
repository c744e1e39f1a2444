//! What a flight is followed by: a vehicle that says nothing of its place is asked to.

use anyhow::Result;
use vehicle_link::command::Command;
use vehicle_link::peers::Peer;

use crate::clock;
use crate::link::{Converse as _, Link};

/// `SET_MESSAGE_INTERVAL`.
const MESSAGE_INTERVAL: u16 = 511;
/// Ids, and how often, µs: the place (33) as often as the monitor looks at it, nearly; state (1), satellites (24), battery (147), home (242),
/// on the ground or not (245).
const FIGURES: [(u16, f32); 6] = [(33, 2e5), (1, 1e6), (24, 5e5), (147, 1e6), (242, 5e6), (245, 1e6)];
/// So long it may take to say where it is by itself.
const BY_ITSELF_NS: u64 = 2_000_000_000;

/// Listens for the vehicle's place, and asks for it and the like where none is heard: ArduPilot sends nothing of it unasked on links
/// whose stream rates are 0. What a vehicle does not have, it refuses, and the flight is followed without.
///
/// # Errors
/// When the link is gone.
pub(super) async fn ask(link: &mut Link, vehicle: &Peer, say: &impl Fn(String)) -> Result<()> {
    let until_ns = clock::mono_ns() + BY_ITSELF_NS;
    while link.watch.place.is_none() && clock::mono_ns() < until_ns {
        link.next().await?;
    }
    if link.watch.place.is_some() {
        return Ok(());
    }
    say("the vehicle does not say where it is; it is asked to".to_owned());
    for (figure, every_us) in FIGURES {
        let order = Command::new(MESSAGE_INTERVAL, [f32::from(figure), every_us]);
        if let Err(refusal) = link.command(vehicle.address, order).await? {
            say(format!("message {figure} is not sent: {refusal}"));
        }
    }
    Ok(())
}

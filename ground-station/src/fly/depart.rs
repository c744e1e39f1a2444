//! Off the ground: ready, armed, mission started; and what the vehicle says when it will not.

use anyhow::{Result, bail};
use vehicle_link::command::{Command, Refusal};
use vehicle_link::peers::Peer;

use super::ARDUPILOT;
use crate::clock;
use crate::link::Link;

const ARDUCOPTER_GUIDED: f32 = 4.0;
const MODE_IS_CUSTOM: f32 = 1.0;
const DO_SET_MODE: u16 = 176;
const MISSION_START: u16 = 300;
const ARM_DISARM: u16 = 400;
const REQUEST_MESSAGE: u16 = 512;
const SYS_STATUS: f32 = 1.0;
/// How long a vehicle may take to pass its checks: position and attitude settle after power-up.
const READY_NS: u64 = 90_000_000_000;
/// How often it is asked whether it does.
const ASK_NS: u64 = 1_000_000_000;
/// Words about a refusal may come this long after it.
const WORDS_NS: u64 = 1_500_000_000;

/// Waits until the vehicle passes its checks, arms it and starts the mission.
///
/// # Errors
/// When it does not, with the vehicle's words.
pub(super) async fn start(link: &mut Link, vehicle: &Peer, say: &impl Fn(String)) -> Result<()> {
    if vehicle.autopilot == ARDUPILOT {
        let guided = Command::new(DO_SET_MODE, [MODE_IS_CUSTOM, ARDUCOPTER_GUIDED]);
        order(link, vehicle, "go to GUIDED", guided).await?;
    }
    ready(link, vehicle, say).await?;
    order(link, vehicle, "arm", Command::new(ARM_DISARM, [1.0])).await?;
    order(link, vehicle, "start the mission", Command::new(MISSION_START, [0.0, 0.0])).await
}

/// Waits for the checks before arming; a vehicle that does not tell of them is asked to arm at once.
async fn ready(link: &mut Link, vehicle: &Peer, say: &impl Fn(String)) -> Result<()> {
    let until_ns = clock::mono_ns() + READY_NS;
    let mut complaints = Vec::new();
    loop {
        let ask = Command::new(REQUEST_MESSAGE, [SYS_STATUS]);
        let answered = link.command(vehicle.address, ask).await?;
        listen(link, ASK_NS).await?;
        for words in link.watch.complaints() {
            if !complaints.contains(&words) {
                say(format!("not ready to arm: {words}"));
                complaints.push(words);
            }
        }
        if answered.is_err() || link.watch.ready_to_arm != Some(false) {
            return Ok(());
        }
        if clock::mono_ns() >= until_ns {
            bail!("it is not ready to arm after {} s.{}", READY_NS / 1_000_000_000, quoted(&complaints));
        }
    }
}

/// Gives a command; a refusal comes with the vehicle's last words, which say why.
pub(super) async fn order(link: &mut Link, vehicle: &Peer, what: &str, command: Command) -> Result<()> {
    let Err(refusal) = link.command(vehicle.address, command).await? else {
        return Ok(());
    };
    let mut complaints = link.watch.complaints();
    if complaints.is_empty() {
        listen(link, WORDS_NS).await?;
        complaints = link.watch.complaints();
    }
    let cure = match refusal {
        Refusal::Timeout => " Nothing was changed as far as can be told.",
        Refusal::Unfinished | Refusal::Result(_) => "",
    };
    bail!("it did not {what}: {refusal}.{}{cure}", quoted(&complaints))
}

/// Takes what comes for a while.
async fn listen(link: &mut Link, for_ns: u64) -> Result<()> {
    let until_ns = clock::mono_ns() + for_ns;
    while clock::mono_ns() < until_ns {
        link.next().await?;
    }
    Ok(())
}

fn quoted(complaints: &[String]) -> String {
    if complaints.is_empty() { String::new() } else { format!(" It says: {}.", complaints.join("; ")) }
}

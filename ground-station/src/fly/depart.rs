//! Off the ground: ready, armed, mission started; and what the vehicle says when it will not.

use anyhow::{Result, bail};
use vehicle_link::command::{Command, Refusal};
use vehicle_link::peers::Peer;

use super::ARDUPILOT;
use crate::clock;
use crate::link::{Converse as _, Link};

const ARDUCOPTER_GUIDED: f32 = 4.0;
const MODE_IS_CUSTOM: f32 = 1.0;
const DO_SET_MODE: u16 = 176;
const MISSION_START: u16 = 300;
const ARM_DISARM: u16 = 400;
/// MAV_RESULT: what PX4 answers while its checks do not pass.
const TEMPORARILY_REJECTED: u8 = 1;
/// MAV_RESULT: what ArduPilot answers.
const FAILED: u8 = 4;
/// How long a vehicle may take to pass its checks: position and attitude settle after power-up.
const READY_NS: u64 = 60_000_000_000;
/// After so long it is asked again.
const ASK_NS: u64 = 2_000_000_000;
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
    arm(link, vehicle, say).await?;
    order(link, vehicle, "start the mission", Command::new(MISSION_START, [0.0, 0.0])).await
}

/// Arms; a vehicle whose checks do not pass yet is asked again for a while.
async fn arm(link: &mut Link, vehicle: &Peer, say: &impl Fn(String)) -> Result<()> {
    let until_ns = clock::mono_ns() + READY_NS;
    let mut told = Vec::new();
    loop {
        let Err(refusal) = link.command(vehicle.address, Command::new(ARM_DISARM, [1.0])).await? else {
            return Ok(());
        };
        listen(link, ASK_NS).await?;
        let complaints = link.watch.complaints();
        let may_pass = matches!(refusal, Refusal::Result(TEMPORARILY_REJECTED | FAILED));
        if !may_pass || clock::mono_ns() >= until_ns {
            bail!("it did not arm: {refusal}.{}", quoted(&complaints));
        }
        for words in complaints {
            if !told.contains(&words) {
                say(format!("not ready to arm: {words}"));
                told.push(words);
            }
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

//! `vehicle gimbal`: who is in control, where it looks, and where it shall.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vehicle_link::command::{Command as Order, Place, Refusal};
use vehicle_link::gimbal::orders::{self, Aim};
use vehicle_link::gimbal::told::{Attitude, Information, Status};
use vehicle_link::gimbal::{ATTITUDE, INFORMATION, STATUS, may_manage};
use vehicle_link::peers::Address;

use super::To;
use crate::clock;
use crate::link::{Converse as _, Link, OWN};

/// MAV_RESULT_UNSUPPORTED.
const UNSUPPORTED: u8 = 3;
/// How long a gimbal may take to get there.
const THERE_NS: u64 = 15_000_000_000;
/// How long its attitude is waited for where nothing was ordered.
const LOOK_NS: u64 = 3_000_000_000;
/// Nearer than this it is there, degrees.
const NEAR_DEG: f32 = 2.0;
const FRAME_GLOBAL: u8 = 0;
const FRAME_GLOBAL_RELATIVE: u8 = 3;

const EXAMPLES: &str = "\
Control is taken before an order and given up after it, so that the pilot's own station is not shut out.

Examples:
  skyseal-ground vehicle gimbal status --mavlink udpin:0.0.0.0:14550
  skyseal-ground vehicle gimbal point --pitch -60 --yaw 0
  skyseal-ground vehicle gimbal point --yaw 270 --north
  skyseal-ground vehicle gimbal look-at 53.80012 -1.54908 --height 0
  skyseal-ground vehicle gimbal let-go";

/// What to do with gimbals.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Says which gimbals there are, who is in control, and where they look.
    #[command(after_help = EXAMPLES)]
    Status(To),
    /// Points a gimbal, and waits until it looks there.
    #[command(after_help = EXAMPLES)]
    Point(Point),
    /// Keeps a gimbal on a place, however the vehicle moves.
    #[command(after_help = EXAMPLES)]
    LookAt(LookAt),
    /// Lets go of the place.
    #[command(after_help = EXAMPLES)]
    LetGo(One),
}

/// One gimbal.
#[derive(Args)]
#[group(id = "one")]
pub(crate) struct One {
    /// The gimbal as `status` numbers it; without it the vehicle's only one
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    gimbal: Option<u8>,
    #[command(flatten)]
    to: To,
}

/// Arguments of `point`.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("angles").required(true).multiple(true).args(["pitch", "yaw"])))]
pub(crate) struct Point {
    /// Degrees; −90 is straight down
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, value_parser = degrees)]
    pitch: Option<f32>,
    /// Degrees to the right of the nose
    #[arg(long, value_name = "DEG", allow_negative_numbers = true, value_parser = degrees)]
    yaw: Option<f32>,
    /// The yaw is from north instead, and kept however the vehicle turns
    #[arg(long, requires = "yaw")]
    north: bool,
    #[command(flatten)]
    one: One,
}

/// Arguments of `look-at`.
#[derive(Args)]
pub(crate) struct LookAt {
    /// Degrees, north positive
    #[arg(value_name = "LATITUDE", allow_negative_numbers = true, value_parser = |text: &str| e7(text, 90.0))]
    lat_e7: i32,
    /// Degrees, east positive
    #[arg(value_name = "LONGITUDE", allow_negative_numbers = true, value_parser = |text: &str| e7(text, 180.0))]
    lon_e7: i32,
    /// Metres above where the vehicle took off
    #[arg(
        long,
        value_name = "METRES",
        allow_negative_numbers = true,
        default_value_t = 0.0,
        conflicts_with = "altitude"
    )]
    height: f32,
    /// Metres above mean sea level, instead
    #[arg(long, value_name = "METRES", allow_negative_numbers = true)]
    altitude: Option<f32>,
    #[command(flatten)]
    one: One,
}

fn degrees(text: &str) -> Result<f32, String> {
    let degrees: f32 = text.parse().map_err(|_| "no number")?;
    (-360.0..=360.0).contains(&degrees).then_some(degrees).ok_or_else(|| "−360 to 360".to_owned())
}

#[expect(clippy::cast_possible_truncation, reason = "at most 180 degrees, in 1e-7")]
fn e7(text: &str, most: f64) -> Result<i32, String> {
    let degrees: f64 = text.parse().map_err(|_| "no number")?;
    (-most..=most)
        .contains(&degrees)
        .then(|| (degrees * 1e7).round() as i32)
        .ok_or_else(|| format!("−{most} to {most}"))
}

pub(super) fn run(command: &Command) -> Result<String> {
    match command {
        Command::Status(to) => super::wait(status(to)),
        Command::Point(arguments) => super::wait(point(arguments)),
        Command::LookAt(arguments) => super::wait(look_at(arguments)),
        Command::LetGo(one) => super::wait(let_go(one)),
    }
}

/// A gimbal and who manages it.
#[derive(Clone, Copy)]
struct Gimbal {
    manager: Address,
    information: Information,
}

async fn find(link: &mut Link, system: u8) -> Result<Vec<Gimbal>> {
    let found = link.survey(system, INFORMATION, may_manage).await?;
    let gimbal = |frame| Some(Gimbal { manager: Address::of(frame), information: Information::read(frame)? });
    Ok(found.iter().filter_map(gimbal).collect())
}

async fn choose(one: &One) -> Result<(Link, Gimbal)> {
    let (mut link, vehicle) = one.to.open().await?;
    let all = find(&mut link, vehicle.address.system).await?;
    let wanted: Vec<Gimbal> =
        all.iter().copied().filter(|gimbal| one.gimbal.is_none_or(|id| gimbal.information.gimbal == id)).collect();
    let ids = || all.iter().map(|gimbal| gimbal.information.gimbal.to_string()).collect::<Vec<_>>().join(", ");
    match wanted[..] {
        [only] => Ok((link, only)),
        [] if all.is_empty() => bail!("the vehicle has no gimbal that the gimbal protocol, version 2, manages"),
        [] => bail!("the vehicle has gimbals {}, not that one", ids()),
        _ => bail!("the vehicle has gimbals {}: name one with --gimbal", ids()),
    }
}

async fn status(to: &To) -> Result<String> {
    let (mut link, vehicle) = to.open().await?;
    let mut rows = Vec::new();
    for gimbal in find(&mut link, vehicle.address.system).await? {
        let status = link.ask(gimbal.manager, STATUS).await?.ok().as_ref().and_then(Status::read);
        rows.push((gimbal, status, watch(&mut link, gimbal, LOOK_NS, |_| true).await?));
    }
    if to.json {
        let facts = |(gimbal, status, attitude): &(Gimbal, Option<Status>, Option<Attitude>)| {
            json!({
                "gimbal": gimbal.information.gimbal,
                "manager": gimbal.manager.to_string(),
                "pitch_range_deg": gimbal.information.pitch_deg,
                "yaw_range_deg": gimbal.information.yaw_deg,
                "in_control": status.and_then(|status| status.primary).map(|who| who.to_string()),
                "attitude": attitude.map(looks),
            })
        };
        return Ok(format!("{:#}\n", json!(rows.iter().map(facts).collect::<Vec<_>>())));
    }
    if rows.is_empty() {
        return Ok("no gimbal is heard\n".to_owned());
    }
    let mut out = String::new();
    for (Gimbal { manager, information }, status, attitude) in rows {
        let ((low, high), (left, right)) = (information.pitch_deg, information.yaw_deg);
        writeln!(out, "gimbal {}, managed by {manager}", information.gimbal)?;
        writeln!(out, "  range     pitch {low:.0}° to {high:.0}°, yaw {left:.0}° to {right:.0}°")?;
        let control = status.map(|status| status.primary.map_or("nobody".to_owned(), |who| who.to_string()));
        writeln!(out, "  control   {}", control.unwrap_or_else(|| "not told".to_owned()))?;
        writeln!(out, "  looks     {}", attitude.map_or_else(|| "not told".to_owned(), words))?;
    }
    Ok(out)
}

async fn point(arguments: &Point) -> Result<String> {
    let Point { pitch, yaw, north, one } = arguments;
    let (mut link, gimbal) = choose(one).await?;
    let flags = if *north { orders::YAW_LOCK } else { 0 };
    let aim = aim(&mut link, gimbal, (*pitch, *yaw)).await?;
    order(&mut link, gimbal, orders::point(aim, flags, gimbal.information.gimbal)).await?;
    let there = |attitude: &Attitude| {
        let pitch = pitch.is_none_or(|pitch| (attitude.pitch_deg - pitch).abs() < NEAR_DEG);
        // A yaw in the other frame is not compared: only the vehicle knows its heading now.
        let yaw = yaw.is_none_or(|yaw| attitude.earth != *north || apart(attitude.yaw_deg, yaw) < NEAR_DEG);
        pitch && yaw
    };
    let seen = watch(&mut link, gimbal, THERE_NS, there).await?;
    release(&mut link, gimbal).await?;
    let attitude = seen.with_context(|| {
        format!(
            "the gimbal acknowledged, and does not look there after {} s; is it in its range?",
            THERE_NS / 1_000_000_000
        )
    })?;
    if one.to.json {
        return Ok(format!("{:#}\n", looks(attitude)));
    }
    Ok(format!("gimbal {}: {}\n", gimbal.information.gimbal, words(attitude)))
}

/// Both angles, since ArduPilot takes no single one: what is not given is as it is, where that is known.
async fn aim(link: &mut Link, gimbal: Gimbal, (pitch, yaw): (Option<f32>, Option<f32>)) -> Result<Aim> {
    let now = match (pitch, yaw) {
        (Some(_), Some(_)) => None,
        _ => watch(link, gimbal, LOOK_NS, |_| true).await?,
    };
    // A yaw from north would turn with the vehicle if it were given as one from the nose.
    let yaw_now = now.filter(|now| !now.earth).map(|now| now.yaw_deg);
    Ok(Aim::Angles { pitch_deg: pitch.or(now.map(|now| now.pitch_deg)), yaw_deg: yaw.or(yaw_now) })
}

async fn look_at(arguments: &LookAt) -> Result<String> {
    let (alt_m, frame) = match arguments.altitude {
        Some(msl_m) => (msl_m, FRAME_GLOBAL),
        None => (arguments.height, FRAME_GLOBAL_RELATIVE),
    };
    let place = Place { lat_e7: arguments.lat_e7, lon_e7: arguments.lon_e7, alt_m, frame };
    let (mut link, gimbal) = choose(&arguments.one).await?;
    order(&mut link, gimbal, orders::look_at(place, gimbal.information.gimbal)).await?;
    release(&mut link, gimbal).await?;
    done(&arguments.one, gimbal, "kept on the place")
}

async fn let_go(one: &One) -> Result<String> {
    let (mut link, gimbal) = choose(one).await?;
    order(&mut link, gimbal, orders::look_at_nothing(gimbal.information.gimbal)).await?;
    release(&mut link, gimbal).await?;
    done(one, gimbal, "let go of the place")
}

fn done(one: &One, gimbal: Gimbal, what: &str) -> Result<String> {
    let id = gimbal.information.gimbal;
    Ok(if one.to.json {
        format!("{:#}\n", json!({ "gimbal": id, "done": what }))
    } else {
        format!("gimbal {id}: {what}\n")
    })
}

/// Takes control and gives the order; a manager that knows no control takes orders from everybody.
async fn order(link: &mut Link, gimbal: Gimbal, order: Order) -> Result<()> {
    match link.command(gimbal.manager, orders::take(OWN, gimbal.information.gimbal)).await? {
        Ok(()) | Err(Refusal::Result(UNSUPPORTED)) => {}
        Err(why) => return Err(why).context("control of the gimbal was not given"),
    }
    let done = link.command(gimbal.manager, order).await?;
    if done.is_err() {
        release(link, gimbal).await?;
    }
    done.context("the gimbal did not obey")
}

/// Gives control up; who does not take that has forgotten it, or knows no control.
async fn release(link: &mut Link, gimbal: Gimbal) -> Result<()> {
    let _ = link.command(gimbal.manager, orders::release(gimbal.information.gimbal)).await?;
    Ok(())
}

/// Its attitude once it is as `wanted`; nothing when it is not in time. A gimbal that does not tell is asked.
async fn watch(
    link: &mut Link,
    gimbal: Gimbal,
    within_ns: u64,
    wanted: impl Fn(&Attitude) -> bool,
) -> Result<Option<Attitude>> {
    let until_ns = clock::mono_ns() + within_ns;
    let mut ask_ns = clock::mono_ns();
    while clock::mono_ns() < until_ns {
        if clock::mono_ns() >= ask_ns {
            ask_ns = clock::mono_ns() + 1_000_000_000;
            link.request(gimbal.manager, ATTITUDE);
        }
        let Some(frame) = link.next().await? else { continue };
        // The device tells it itself, or its manager does.
        let of_it = frame.system_id() == gimbal.manager.system;
        let attitude = Some(&frame).filter(|_| of_it).and_then(Attitude::read);
        if let Some(attitude) = attitude.filter(|attitude| wanted(attitude)) {
            return Ok(Some(attitude));
        }
    }
    Ok(None)
}

/// Between two headings, degrees.
fn apart(one: f32, other: f32) -> f32 {
    ((one - other + 180.0).rem_euclid(360.0) - 180.0).abs()
}

fn looks(attitude: Attitude) -> Value {
    let round = |deg: f32| (f64::from(deg) * 10.0).round() / 10.0;
    json!({
        "pitch_deg": round(attitude.pitch_deg),
        "yaw_deg": round(attitude.yaw_deg),
        "yaw_from": if attitude.earth { "north" } else { "nose" },
        "failures": attitude.failures,
    })
}

fn words(attitude: Attitude) -> String {
    let Attitude { pitch_deg, yaw_deg, earth, failures, .. } = attitude;
    let from = if earth { "from north" } else { "from the nose" };
    let trouble = if failures == 0 { String::new() } else { format!(", failures {failures:#x}") };
    format!("pitch {pitch_deg:.1}°, yaw {yaw_deg:.1}° {from}{trouble}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_meet_behind() {
        assert!((apart(-179.0, 179.0) - 2.0).abs() < 1e-3);
        assert!((apart(270.0, -90.0)).abs() < 1e-3);
    }
}

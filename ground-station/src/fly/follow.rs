//! Following a flight from the ground: progress, what the vehicle says, silence, the way home.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vehicle_link::command::Command;
use vehicle_link::peers::Peer;

use super::Arguments;
use super::escort::Escort;
use crate::clock;
use crate::link::{Link, News};

const RETURN_TO_LAUNCH: u16 = 20;
/// Silence beyond this is told; the vehicle does on its own what it was set up to do.
const SILENT_NS: u64 = 3_500_000_000;
/// How long a vehicle may take to arm after it has acknowledged.
const ARM_NS: u64 = 10_000_000_000;

/// How a flight went.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// From arming to disarming.
    pub(super) airborne_s: f64,
    /// Items of the mission that were reached.
    pub(super) reached: BTreeSet<u16>,
    /// Called home before the mission ended.
    pub(super) returned_early: bool,
    /// The longest time without a heartbeat.
    pub(super) longest_silence_s: f64,
}

/// Follows until the vehicle has disarmed.
pub(super) async fn to_the_ground(
    link: &mut Link,
    vehicle: &Peer,
    items: usize,
    arguments: &Arguments,
    mut escort: Option<&mut Escort<'_>>,
) -> Result<Followed> {
    let bar = bar(items, arguments.json)?;
    let mut followed = Followed::default();
    let begun_ns = clock::mono_ns();
    let mut armed = link.watch.armed;
    let mut silent = false;
    loop {
        let frame = link.next().await?;
        if let Some(escort) = &mut escort {
            escort.step(link, frame.as_ref()).iter().for_each(|words| say(&bar, words));
        }
        let now_ns = clock::mono_ns();
        while let Some(news) = link.watch.news() {
            match news {
                News::Armed => armed = true,
                News::Disarmed if armed => {
                    bar.finish_and_clear();
                    followed.airborne_s = seconds(now_ns - begun_ns);
                    return Ok(followed);
                }
                News::Disarmed => {}
                News::Reached(item) => {
                    followed.reached.insert(item);
                    bar.set_position(u64::from(item) + 1);
                }
                News::Text { severity, words } if severity <= 6 && !arguments.json => {
                    say(&bar, &format!("vehicle: {words}"));
                }
                News::Text { .. } => {}
            }
        }
        if !armed && now_ns - begun_ns > ARM_NS {
            bail!(
                "the vehicle acknowledged, and has not armed in {} s; see what it says above",
                ARM_NS / 1_000_000_000
            );
        }
        if now_ns - begun_ns > u64::from(arguments.follow_minutes) * 60_000_000_000 {
            bail!("not followed beyond {} min; the vehicle flies on", arguments.follow_minutes);
        }
        let silence_ns = now_ns.saturating_sub(link.watch.last_heartbeat_ns);
        followed.longest_silence_s = followed.longest_silence_s.max(seconds(silence_ns));
        if (silence_ns > SILENT_NS) != silent {
            silent = !silent;
            let words = if silent { "link lost: the vehicle does what its failsafe says" } else { "link regained" };
            say(&bar, words);
        }
        bar.set_message(message(link));
        let due = arguments.return_after.is_some_and(|after_s| now_ns - begun_ns >= u64::from(after_s) * 1_000_000_000);
        if due && armed && !followed.returned_early {
            followed.returned_early = true;
            say(&bar, "calling the vehicle home");
            super::depart::order(link, vehicle, "return", Command::new::<0>(RETURN_TO_LAUNCH, [])).await?;
        }
    }
}

fn bar(items: usize, hidden: bool) -> Result<ProgressBar> {
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(items as u64), target);
    bar.set_style(
        ProgressStyle::with_template("flying {elapsed_precise} [{bar:30}] item {pos}/{len}  {msg}")?
            .progress_chars("=> "),
    );
    bar.enable_steady_tick(Duration::from_millis(500));
    Ok(bar)
}

/// A line of its own, bar or no bar; standard error keeps it out of what is printed for programs.
fn say(bar: &ProgressBar, words: &str) {
    bar.suspend(|| eprintln!("{words}"));
}

fn message(link: &Link) -> String {
    let height = link.watch.place.map(|place| format!("{:.0} m above home", f64::from(place.above_home_mm) / 1e3));
    let towards = link.watch.current.map(|item| format!("flying to item {item}"));
    [height, towards].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
fn seconds(ns: u64) -> f64 {
    ns as f64 * 1e-9
}

//! `record authorise`: an officer's word that the buttons of any station work until a time, or that they no longer do.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use flight_record::Reason;
use flight_record::statement::{MAX_SESSION_MINUTES, Session};
use jiff::Timestamp;
use serde_json::json;
use vehicle_link::camera::COMPONENT_IDS;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::peers::Address;

use super::order::{self, Wish};
use super::signer::{By, Signs};
use crate::clock;
use crate::link::Link;

const MINUTE_US: i64 = 60_000_000;

pub(super) const EXAMPLES: &str = "\
An aircraft may be told to obey no station's buttons unless an officer has signed for them
(`authorise = \"officer\"` in its onboard.toml). Until the time given, at most twelve hours ahead,
any station then starts and stops the recording and takes photos in this officer's name, and the
flight's record says so. Given while no flight is open it is for the aircraft, else for the flight.

Examples:
  skyseal-ground record authorise --until 2026-05-01T15:30:00Z --reason \"search, log 1234\" \\
      --as officer-10 --pin-file pin --store /srv/store --mavlink udpout:192.168.1.10:14551
  skyseal-ground record authorise --end --reason \"search over\" --as officer-10 --pin-file pin --store /srv/store";

/// Arguments.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["until", "end"])))]
pub(crate) struct Arguments {
    /// Until when, as RFC 3339 has it; at most twelve hours ahead, to the minute
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Ends what this officer authorised before
    #[arg(long)]
    end: bool,
    /// Why, in words: 4 to 200 plain characters
    #[arg(long, value_name = "TEXT")]
    reason: Reason,
    #[command(flatten)]
    by: By,
    /// Folder in which reasons are kept until the flight is handed over
    #[arg(long, value_name = "DIR", default_value = "reasons")]
    reasons: PathBuf,
    /// Link to the aircraft; repeat for more
    #[arg(long, value_name = "ENDPOINT", default_value = "udpin:0.0.0.0:14550")]
    mavlink: Vec<Endpoint>,
    /// The vehicle's system id; without it the first autopilot heard
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    system: Option<u8>,
    /// The camera's component id
    #[arg(long, value_name = "ID", default_value_t = *COMPONENT_IDS.start(), value_parser = clap::value_parser!(u8).range(100..=105))]
    camera: u8,
    /// Prints the facts as JSON
    #[arg(long)]
    json: bool,
}

/// Does it; what to print.
pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let Some(signer @ Signs::Person(_)) = arguments.by.signer()? else {
        bail!("only an officer authorises, in person: --as NAME --pin-file FILE --store DIR");
    };
    let session = session(arguments.until, clock::now_utc_us())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (flight, commitment) = runtime.block_on(async {
        let mut link = Link::open(&arguments.mavlink).await?;
        let vehicle = link.find(arguments.system).await?;
        let camera = Address::new(vehicle.address.system, arguments.camera);
        let reason = order::keep(&arguments.reasons, &arguments.reason)?;
        let key = signer.key(clock::now_utc_us())?;
        let flight = order::give(&mut link, camera, (Wish::Session(session), reason), key).await?;
        anyhow::Ok((flight, reason))
    })?;
    let until = arguments.until.map(|until| until.to_string());
    if arguments.json {
        let facts = json!({
            "authorised": until.is_some(),
            "until": until,
            "by": signer.name(),
            "reason": arguments.reason,
            "commitment": commitment,
            "flight": flight,
        });
        return Ok(format!("{facts:#}\n"));
    }
    let what = until.map_or_else(
        || "stations' buttons work no longer".to_owned(),
        |until| format!("stations' buttons work until {until}"),
    );
    let whose = flight.map_or_else(|| "for this aircraft".to_owned(), |flight| format!("for flight {flight}"));
    Ok(format!("{what}, {whose}, in the name of {}; reason kept in {}\n", signer.name(), arguments.reasons.display()))
}

/// The session until a time; its end without one.
fn session(until: Option<Timestamp>, now_utc_us: i64) -> Result<Session> {
    let Some(until) = until else { return Ok(Session::End) };
    let minutes = until.as_microsecond().saturating_sub(now_utc_us).div_euclid(MINUTE_US);
    let minutes = u16::try_from(minutes).ok().filter(|minutes| (1..=MAX_SESSION_MINUTES).contains(minutes));
    let minutes = minutes.with_context(|| {
        format!("--until {until}: a session is at least a minute and at most {} hours long", MAX_SESSION_MINUTES / 60)
    })?;
    Ok(Session::Begin { minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_lasts_longer_than_was_said() {
        let now_us = 1_777_636_800_000_000;
        let until =
            |after_s: i64| session(Some(Timestamp::from_microsecond(now_us + after_s * 1_000_000).unwrap()), now_us);
        assert_eq!(until(119).unwrap(), Session::Begin { minutes: 1 });
        assert_eq!(until(720 * 60).unwrap(), Session::Begin { minutes: 720 });
        for wrong in [59, 0, -60, 721 * 60] {
            assert!(until(wrong).unwrap_err().to_string().contains("at most 12 hours"), "{wrong}");
        }
        assert_eq!(session(None, now_us).unwrap(), Session::End);
    }
}

//! `record authorise`: an officer's word that the buttons of any station work until a time, or that they no longer do.

use anyhow::{Context as _, Result};
use clap::Args;
use flight_record::statement::{MAX_SESSION_MINUTES, Session};
use jiff::Timestamp;
use serde_json::json;

use super::Given;
use super::order::{self, Wish};
use crate::clock;
use crate::signer::Officer;

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
#[command(group(clap::ArgGroup::new("who").required(true).args(["name"])))]
pub(crate) struct Arguments {
    /// Until when, as RFC 3339 has it; at most twelve hours ahead, to the minute
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Ends what this officer authorised before
    #[arg(long)]
    end: bool,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    given: Given,
}

/// Does it; what to print.
pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let signer = arguments.officer.signer()?.context("only an officer authorises, in person: --as")?;
    let given = &arguments.given;
    let session = session(arguments.until, clock::now_utc_us())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (flight, commitment) = runtime.block_on(async {
        let (mut link, camera) = given.camera().await?;
        let reason = order::keep(&given.reasons, &given.reason)?;
        let key = signer.key(clock::now_utc_us())?;
        let flight = order::give(&mut link, camera, (Wish::Session(session), reason), key).await?;
        anyhow::Ok((flight, reason))
    })?;
    let until = arguments.until.map(|until| until.to_string());
    if given.json {
        let facts = json!({
            "authorised": until.is_some(),
            "until": until,
            "by": signer.name(),
            "reason": given.reason,
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
    Ok(format!("{what}, {whose}, in the name of {}; reason kept in {}\n", signer.name(), given.reasons.display()))
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

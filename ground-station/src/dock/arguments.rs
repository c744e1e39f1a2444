//! What `skyseal-ground dock` is told.

use super::setup::{MISSING, Setup};
use super::stamp::Named;
use clap::Args;
use evidence_store::intake::EraseWish;
use flight_record::keys::KeyId;
use flight_record::{FlightId, Label, Reason};
use std::path::PathBuf;

/// Where flights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The aircraft at `HOST:PORT`.
    Aircraft(String),
    /// A card or a folder.
    Folder(PathBuf),
}

impl std::fmt::Display for From {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aircraft(address) => write!(f, "tls://{address}"),
            Self::Folder(path) => write!(f, "{}", path.display()),
        }
    }
}

impl std::str::FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(address) = text.strip_prefix("tls://") else {
            return match text.split_once("://") {
                Some((scheme, _)) => Err(format!("`{scheme}://` is not spoken; give tls://HOST:PORT or a folder")),
                None => Ok(Self::Folder(text.into())),
            };
        };
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
        match port {
            Some(Ok(_)) => Ok(Self::Aircraft(address.to_owned())),
            _ => Err("an aircraft is named tls://HOST:PORT, such as tls://192.0.2.7:7443".to_owned()),
        }
    }
}

/// Arguments of `dock`.
#[derive(Args)]
#[command(
    next_line_help = true,
    after_help = "\
Examples:
  skyseal-ground dock --plan --from /media/card --store /srv/store --second /mnt/store2 --trust trust.json --root FPR
  skyseal-ground dock --from tls://192.0.2.7:7443 --key station.key --device KEYID --store /srv/store \\
      --second /mnt/store2 --witness-dir witness --wraps wraps --reasons reasons --trust trust.json --root FPR \\
      --actor officer-1 --actor-pin-file pin1 --countersign officer-2 --countersign-pin-file pin2 \\
      --reason \"end of duty\"

What is interrupted, by Ctrl-C or a cut, goes on from there when the same command is run again.
Each flight's record is put beside its entry in the flight log; where they differ, or no entry is found, a note says so.
Exit codes: 0 done, 1 refused or in doubt, 2 misuse of the command."
)]
pub(crate) struct Arguments {
    /// Where the flights are: tls://HOST:PORT of an aircraft, its card, a folder of flights, or one flight's folder.
    #[arg(long, value_name = "tls://HOST:PORT|DIR")]
    pub(crate) from: From,
    /// The one flight to take over; absent: all that are there.
    #[arg(long, value_name = "ID")]
    pub(crate) flight: Option<FlightId>,
    /// The store the flights come to; it holds ledger.sqlite and people.sqlite.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
    /// The store of the second copy, on another disk.
    #[arg(long, value_name = "DIR")]
    pub(crate) second: PathBuf,
    /// A further file that keeps the ledger's newest head; the one beside the second store is always kept.
    #[arg(long, value_name = "FILE")]
    pub(crate) outside_head: Vec<PathBuf>,
    /// Folder of the witness files, <flight>….jsonl.
    #[arg(long, value_name = "DIR")]
    pub(crate) witness_dir: Option<PathBuf>,
    /// Folder of the wraps, <age1…>.age; those of the flight are kept with it.
    #[arg(long, value_name = "DIR")]
    pub(crate) wraps: Option<PathBuf>,
    /// Folder of the reasons that `record` kept; those of the flight's orders are kept with it.
    #[arg(long, value_name = "DIR")]
    pub(crate) reasons: Option<PathBuf>,
    /// The unit's trust.json.
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: PathBuf,
    /// Fingerprint of the unit's root.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) root: KeyId,
    /// Key of this ground station, by which the aircraft knows it; for tls:// only.
    #[arg(long, value_name = "FILE", requires = "device")]
    pub(crate) key: Option<PathBuf>,
    /// Key id of the aircraft's device; for tls:// only.
    #[arg(long, value_name = "KEYID", requires = "key")]
    pub(crate) device: Option<KeyId>,
    /// Who takes the flights over, by the name of their account.
    #[arg(long, value_name = "NAME", required_unless_present = "plan", requires = "actor_pin_file")]
    pub(crate) actor: Option<Label>,
    /// File whose first line is their PIN or passphrase.
    #[arg(long, value_name = "FILE")]
    pub(crate) actor_pin_file: Option<PathBuf>,
    /// Who countersigns; without, entries await it for 72 hours and nothing is erased.
    #[arg(long, value_name = "NAME", requires = "countersign_pin_file")]
    pub(crate) countersign: Option<Label>,
    /// File whose first line is their PIN or passphrase.
    #[arg(long, value_name = "FILE")]
    pub(crate) countersign_pin_file: Option<PathBuf>,
    /// Why, in a few words.
    #[arg(long, value_name = "TEXT", required_unless_present = "plan")]
    pub(crate) reason: Option<Reason>,
    /// Where this happens.
    #[arg(long, value_name = "TEXT", default_value = "dock")]
    pub(crate) place: Label,
    /// Folder in which a package of each flight is made, <flight>: a disclosure, by a custodian, supervisor or data
    /// protection officer and a second person, and written down.
    #[arg(long, value_name = "DIR", requires = "countersign")]
    pub(crate) package: Option<PathBuf>,
    /// A time-stamping authority (RFC 3161), http://… or https://…, asked once for each flight when it is taken over.
    /// Without a network the flight waits: `skyseal-evidence timestamps request` asks again.
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Option<String>,
    /// Root certificates (PEM) of that authority: an answer that leads to none is not taken.
    #[arg(long, value_name = "FILE", requires = "tsa")]
    pub(crate) tsa_root: Vec<PathBuf>,
    /// Only shows what would be done.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Leaves the flights aboard.
    #[arg(long)]
    pub(crate) no_erase: bool,
    /// Has a flight erased although it is in quarantine: a decision of its own, by two custodians.
    #[arg(long, conflicts_with = "no_erase")]
    pub(crate) erase_quarantined: bool,
    /// Prints plan and result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Arguments {
    /// What is missing for this source.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let aircraft = matches!(self.from, From::Aircraft(_));
        (aircraft && self.key.is_none()).then_some(MISSING)
    }

    /// Where it happens.
    pub(super) fn setup(&self) -> Setup {
        Setup {
            store: self.store.clone(),
            second: self.second.clone(),
            outside_head: self.outside_head.clone(),
            witness_dir: self.witness_dir.clone(),
            wraps: self.wraps.clone(),
            reasons: self.reasons.clone(),
            trust: self.trust.clone(),
            root: self.root,
            key: self.key.clone(),
            place: self.place.clone(),
            authority: self.tsa.clone().map(|url| Named { url, roots: self.tsa_root.clone() }),
        }
    }

    /// What is to become of the flights aboard. Without a second person nothing is erased.
    pub(crate) fn wish(&self) -> EraseWish {
        match (self.no_erase || self.countersign.is_none(), self.erase_quarantined) {
            (true, _) => EraseWish::Keep,
            (false, true) => EraseWish::EraseQuarantined,
            (false, false) => EraseWish::Erase,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_aircraft_or_a_folder() {
        assert_eq!("tls://10.0.0.7:7443".parse(), Ok(From::Aircraft("10.0.0.7:7443".into())));
        assert_eq!("tls://[::1]:7443".parse(), Ok(From::Aircraft("[::1]:7443".into())));
        assert_eq!("/media/card".parse(), Ok(From::Folder("/media/card".into())));
        for bad in ["tls://10.0.0.7", "tls://:7443", "tls://a:b", "tls://a:70000", "http://a:80", "ssh://a"] {
            assert!(bad.parse::<From>().is_err(), "{bad}");
        }
    }
}

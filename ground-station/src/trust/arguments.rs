//! The command line of `trust`.

use super::mavlink_key::MavlinkKey;
use clap::{Args, Subcommand};
use flight_record::keys::KeyId;
use flight_record::trust::{Class, Duty, Role, Signing, from_groups};
use flight_record::{Code, Label};
use std::path::PathBuf;
use std::str::FromStr;

/// What to do with the unit's trust.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes the unit's root under a passphrase, and the first trust list.
    #[command(
        after_help = "Example:\n  skyseal-ground trust init --dir root --unit \"Force X drone unit\" --passphrase-file pass"
    )]
    Init(Init),
    /// Makes this station's key and its request to be enrolled.
    #[command(
        after_help = "Example:\n  skyseal-ground trust request --key station.key --name \"van 3\" --request station-request.json"
    )]
    Request(Request),
    /// Adds a key to the trust list, once its fingerprint has been compared.
    #[command(
        after_help = "Examples:\n  skyseal-ground trust enrol --dir root --request device-request.json --class training --valid-days 365 --passphrase-file pass\n  skyseal-ground trust enrol --dir root --request station-request.json --role station --valid-days 365 --passphrase-file pass\n  skyseal-ground trust enrol --dir root --request officer-request.json --role officer --duty pilot --duty witness --valid-days 365 --passphrase-file pass"
    )]
    Enrol(Enrol),
    /// Makes a key that may enrol and revoke while the root stays locked away; or takes it back.
    #[command(
        after_help = "Examples:\n  skyseal-ground trust enrolment-key --dir root --passphrase-file pass --enrolment-passphrase-file desk-pass --valid-days 90\n  skyseal-ground trust enrolment-key --dir root --passphrase-file pass --revoke\nAt the desk, its folder needs enrolment.key, trust.json and root.fingerprint, not root.key.\nBefore the root makes or revokes one, bring the desk's trust.json back to its folder: what was enrolled there would be lost."
    )]
    EnrolmentKey(EnrolmentKey),
    /// Takes a key back.
    #[command(
        after_help = "Example:\n  skyseal-ground trust revoke --dir root --key 9f86d0… --reason stolen --since 2026-05-01T12:00:00Z --passphrase-file pass"
    )]
    Revoke(Revoke),
    /// Shows the trust list.
    #[command(after_help = "Example:\n  skyseal-ground trust show --dir root --json")]
    Show(Home),
    /// Writes a copy of the list, for aircraft, stations and stores.
    #[command(after_help = "Example:\n  skyseal-ground trust export --dir root --out trust-for-aircraft.json")]
    Export(Export),
    /// Makes the key with which aircraft and stations sign MAVLink.
    #[command(after_help = super::mavlink_key::EXAMPLES)]
    MavlinkKey(MavlinkKey),
}

/// Where the unit's list is.
#[derive(Args)]
pub(crate) struct Home {
    /// Folder of the unit's root, or of its enrolment key.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Who signs a new version of it.
#[derive(Args)]
pub(crate) struct Signer {
    /// File whose first line is the passphrase of the key that signs the list.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: PathBuf,
    /// Which key signs: root or enrolment. Without it, the root where its key is in the folder.
    #[arg(long, value_name = "KEY")]
    pub(super) signing: Option<With>,
}

/// Arguments of `trust init`.
#[derive(Args)]
pub(crate) struct Init {
    /// Folder for root.key, trust.json and root.fingerprint; it must hold no root yet.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// The unit's name for itself: printable ASCII, at most 64.
    #[arg(long, value_name = "NAME")]
    pub(super) unit: Label,
    /// File whose first line is the passphrase that wraps the root key.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `trust request`.
#[derive(Args)]
pub(crate) struct Request {
    /// The key: made (mode 600) where there is none.
    #[arg(long, value_name = "FILE")]
    pub(super) key: PathBuf,
    /// The name it asks for; never a person's.
    #[arg(long, value_name = "LABEL")]
    pub(super) name: Label,
    /// The request to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub(super) request: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `trust enrol`.
#[derive(Args)]
pub(crate) struct Enrol {
    #[command(flatten)]
    pub(super) home: Home,
    /// The request, as `skyseal-onboard enrol`, `skyseal-ground trust request` or `skyseal-evidence` writes it.
    #[arg(long, value_name = "FILE")]
    pub(super) request: PathBuf,
    /// device, station, store or officer.
    #[arg(long, default_value = "device")]
    pub(super) role: Role,
    /// For a device: what its flights may count as: simulated, training or operational.
    #[arg(long, required_if_eq("role", "device"))]
    pub(super) class: Option<Class>,
    /// For an officer, once for each: pilot, observer, witness, supervisor, custodian, data-protection, auditor, administrator.
    #[arg(long)]
    pub(super) duty: Vec<Duty>,
    /// Days, from now, for which the key counts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(super) valid_days: u32,
    #[command(flatten)]
    pub(super) signer: Signer,
    /// The fingerprint that the other side shows, compared instead of asking.
    #[arg(long, value_name = "FINGERPRINT", value_parser = from_groups, conflicts_with = "yes")]
    pub(super) expect: Option<KeyId>,
    /// Takes the request as it is: its fingerprint was compared already.
    #[arg(long)]
    pub(super) yes: bool,
}

/// Arguments of `trust enrolment-key`.
#[derive(Args)]
pub(crate) struct EnrolmentKey {
    /// Folder of the unit's root.
    #[arg(long)]
    pub(super) dir: PathBuf,
    /// File whose first line is the passphrase of the root.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: PathBuf,
    /// File whose first line is the passphrase that wraps the new key.
    #[arg(long, value_name = "FILE", required_unless_present = "revoke", requires = "valid_days")]
    pub(super) enrolment_passphrase_file: Option<PathBuf>,
    /// Days, from now, for which the new key may sign.
    #[arg(long, value_name = "N", requires = "enrolment_passphrase_file", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(super) valid_days: Option<u32>,
    /// Takes the enrolment key back instead.
    #[arg(long, conflicts_with_all = ["enrolment_passphrase_file", "valid_days"])]
    pub(super) revoke: bool,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `trust revoke`.
#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    pub(super) home: Home,
    /// Fingerprint of the key.
    #[arg(long, value_name = "FINGERPRINT", value_parser = from_groups)]
    pub(super) key: KeyId,
    /// Why, in one word: stolen, lost, replaced, …
    #[arg(long, value_name = "CODE")]
    pub(super) reason: Code,
    /// When it was lost, where that was earlier than now: 2026-05-01T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<jiff::Timestamp>,
    #[command(flatten)]
    pub(super) signer: Signer,
}

/// Arguments of `trust export`.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(super) home: Home,
    /// The copy to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// The key that signs, as a word.
#[derive(Clone, Copy)]
pub(crate) struct With(pub(super) Signing);

impl FromStr for With {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "root" => Ok(Self(Signing::Root)),
            "enrolment" => Ok(Self(Signing::Enrolment)),
            _ => Err("the key that signs is root or enrolment"),
        }
    }
}

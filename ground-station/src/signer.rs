//! Who signs what goes into a flight's record: a person with their PIN, or the station.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use evidence_store::people::{People, Session};
use flight_record::Label;
use flight_record::keys::DeviceKey;

use crate::{clock, pin};

/// A person who signs with their PIN.
#[derive(Args)]
#[group(id = "officer")]
pub(crate) struct Officer {
    /// Signs as this person: a pilot, observer or supervisor, by the name of their account
    #[arg(long = "as", value_name = "NAME", requires_all = ["pin_file", "store"])]
    name: Option<Label>,
    /// File whose first line is their PIN or passphrase
    #[arg(long, value_name = "FILE", requires = "name")]
    pin_file: Option<PathBuf>,
    /// The store that holds their account, in people.sqlite
    #[arg(long, value_name = "DIR", requires = "name")]
    store: Option<PathBuf>,
}

impl Officer {
    /// Lets them in; nobody when no name was given.
    ///
    /// # Errors
    /// When name and PIN do not belong together, or the account may not be used.
    pub(crate) fn signer(&self) -> Result<Option<Signs>> {
        let (Some(name), Some(pin_file), Some(store)) = (&self.name, &self.pin_file, &self.store) else {
            return Ok(None);
        };
        let people = People::open(&store.join("people.sqlite"))?;
        let session = people.log_in(name, &pin::read(pin_file)?, clock::now_utc_us())?;
        Ok(Some(Signs::Person(Arc::new(session))))
    }
}

/// Whose papers they are.
#[derive(Args)]
#[group(id = "signature")]
pub(crate) struct Signature {
    #[command(flatten)]
    officer: Officer,
    /// Signs with the key of this ground station
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    key: Option<PathBuf>,
}

impl Signature {
    /// Who signs.
    ///
    /// # Errors
    /// When nobody is named or let in, or the key cannot be read.
    pub(crate) fn signer(&self) -> Result<Signs> {
        if let Some(officer) = self.officer.signer()? {
            return Ok(officer);
        }
        let path = self.key.as_deref().context("nobody signs: --as NAME --pin-file FILE --store DIR, or --key FILE")?;
        station(path)
    }
}

fn station(path: &std::path::Path) -> Result<Signs> {
    let key = DeviceKey::load(path).context("the station's key; `skyseal-ground trust request` makes one")?;
    Ok(Signs::Station(key))
}

/// Whose order it is.
#[derive(Args)]
#[group(id = "by")]
#[command(group(clap::ArgGroup::new("who").required(true).args(["name", "key", "unsigned"])))]
pub(crate) struct By {
    #[command(flatten)]
    officer: Officer,
    /// Signs with the key of this ground station
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Signs nothing, for cameras of other makes: the reason is only printed
    #[arg(long)]
    unsigned: bool,
}

/// Somebody who signs.
pub(crate) enum Signs {
    Person(Arc<Session>),
    Station(DeviceKey),
}

impl By {
    /// Who signs; nobody when it was asked so.
    ///
    /// # Errors
    /// When the person is not let in, or the key cannot be read.
    pub(crate) fn signer(&self) -> Result<Option<Signs>> {
        if let Some(officer) = self.officer.signer()? {
            return Ok(Some(officer));
        }
        self.key.as_deref().map(station).transpose()
    }
}

impl Signs {
    /// Their key, as long as they may use it.
    pub(crate) fn key(&self, now_utc_us: i64) -> Result<&DeviceKey> {
        match self {
            Self::Person(session) => Ok(session.key(now_utc_us)?),
            Self::Station(key) => Ok(key),
        }
    }

    /// Who it is, for whoever reads the output.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Person(session) => session.label().to_string(),
            Self::Station(key) => format!("this station ({})", key.public().id()),
        }
    }
}

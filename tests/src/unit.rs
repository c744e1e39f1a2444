//! A unit in a folder of its own, made with the real programs: root, enrolled keys, station, stores, people.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::{Running, binary, run};

/// Who hands over, and who countersigns.
pub const PEOPLE: [(&str, &str); 2] = [("officer-11", "custodian"), ("officer-12", "witness")];
/// Who flies.
pub const PILOT: (&str, &str) = ("officer-10", "pilot");
/// Who leads.
pub const SUPERVISOR: (&str, &str) = ("officer-20", "supervisor");
/// Their PINs.
const PINS: [&str; 4] = ["28461937", "70315528", "51937746", "64028813"];
/// Who makes accounts.
const ADMINISTRATOR: &str = "admin-1";
/// Name of the unit's first store, a folder beside the second.
pub const STORES: [&str; 2] = ["store", "second-store"];

/// A unit.
pub struct Unit {
    folder: TempDir,
}

impl Unit {
    /// Makes the root and its first trust list.
    ///
    /// # Errors
    /// When the ground station refuses.
    pub fn found() -> Result<Self> {
        let unit = Self { folder: tempfile::tempdir()? };
        std::fs::write(unit.path("passphrase"), "correct horse battery staple\n")?;
        let words = ["trust", "init", "--unit", "Test unit", "--dir", "trust", "--passphrase-file", "passphrase"];
        unit.run("skyseal-ground", &words)?;
        Ok(unit)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Its trust list.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.path("trust/trust.json")
    }

    /// Fingerprint of the root.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn root(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.path("trust/root.fingerprint"))?.trim().to_owned())
    }

    /// One of the programs, in the unit's folder.
    #[must_use]
    pub fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(binary(program));
        // What programs keep for their person stays here too.
        command.args(words).current_dir(self.folder()).env("XDG_STATE_HOME", self.folder());
        command
    }

    /// Runs one of the programs to its end, which must be good.
    ///
    /// # Errors
    /// When it is not, with both outputs.
    pub fn run(&self, program: &str, words: &[&str]) -> Result<String> {
        run(&mut self.command(program, words), 0)
    }

    /// Puts a key on the trust list.
    ///
    /// # Errors
    /// When the ground station refuses.
    pub fn enrol(&self, request: &Path, role: &str, more: &[&str]) -> Result<()> {
        let request = request.to_str().context("a path in UTF-8")?;
        let words = ["trust", "enrol", "--dir", "trust", "--request", request, "--role", role, "--valid-days", "30"];
        let signed = ["--passphrase-file", "passphrase", "--yes"];
        self.run("skyseal-ground", &[&words[..], more, &signed[..]].concat()).map(drop)
    }

    /// Enrols a ground station named `name`; its key is `<name>.key`.
    ///
    /// # Errors
    /// When a program refuses.
    pub fn station(&self, name: &str) -> Result<()> {
        let (key, request) = (format!("{name}.key"), format!("{name}.json"));
        self.run("skyseal-ground", &["trust", "request", "--key", &key, "--name", name, "--request", &request])?;
        self.enrol(&self.path(&request), "station", &[])
    }

    /// Makes and enrols two stores and four officers.
    ///
    /// # Errors
    /// When a program refuses.
    pub fn stores(&self) -> Result<()> {
        for store in STORES {
            self.run("skyseal-evidence", &["store", "init", "--store", store, "--name", store])?;
            self.enrol(&self.path(store).join("store-request.json"), "store", &[])?;
        }
        self.account(ADMINISTRATOR, "administrator", "PS 10", "83920174")?;
        for ((name, duty), pin) in PEOPLE.into_iter().chain([PILOT, SUPERVISOR]).zip(PINS) {
            self.account(name, duty, name, pin)?;
            let (pin_file, request) = (format!("{name}.pin"), format!("{name}.json"));
            let words = ["accounts", "request", "--store", STORES[0], "--as", name, "--pin-file", &pin_file];
            self.run("skyseal-evidence", &[&words[..], &["--request", &request]].concat())?;
            self.enrol(&self.path(&request), "officer", &["--duty", duty])?;
        }
        Ok(())
    }

    fn account(&self, name: &str, duty: &str, staff: &str, pin: &str) -> Result<()> {
        let (pin_file, administrators) = (format!("{name}.pin"), format!("{ADMINISTRATOR}.pin"));
        std::fs::write(self.path(&pin_file), format!("{pin}\n"))?;
        let mut add = vec!["accounts", "add", "--store", STORES[0], "--name", name, "--duty", duty, "--staff", staff];
        if name != ADMINISTRATOR {
            add.extend(["--as", ADMINISTRATOR, "--pin-file", &administrators]);
        }
        self.run("skyseal-evidence", &add)?;
        let set = ["accounts", "pin", "--store", STORES[0], "--name", name, "--pin-file", &pin_file];
        self.run("skyseal-evidence", &set).map(drop)
    }

    /// Starts the ground witness of station `name` on `links`; its files go to `<name>-witness`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn witness(&self, name: &str, links: &[String], more: &[&str]) -> Result<Running> {
        let (key, dir, root) = (format!("{name}.key"), format!("{name}-witness"), self.root()?);
        let words = ["witness", "--dir", &dir, "--key", &key, "--trust", "trust/trust.json", "--root", &root];
        let links: Vec<&str> = links.iter().flat_map(|link| ["--mavlink", link.as_str()]).collect();
        let mut command = self.command("skyseal-ground", &[&words[..], &links[..], more].concat());
        Running::start(&mut command, self.path(&format!("{name}.log")))
    }

    /// What station `name` witnessed of a flight.
    #[must_use]
    pub fn witnessed(&self, name: &str, flight: &str) -> PathBuf {
        self.path(&format!("{name}-witness/{flight}.jsonl"))
    }
}

//! The witness as a process of its own: found where one runs already, started where none does, and left running when the window goes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use flight_record::keys::KeyId;
use vehicle_link::endpoint::Endpoint;

use super::Repaint;
use super::child::{Child, Json, Said, Spec};

/// The file that the witness of a folder holds locked.
const LOCK: &str = "witness.lock";
/// What it says of itself, a JSON object a line, while a window started it.
pub(crate) const SAID: &str = "witness.said";
const ERRORS: &str = "witness.errors";

/// How the witness is run.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// `skyseal-ground`; this program where none is given.
    pub(crate) program: Option<PathBuf>,
    /// Folder of the witness files.
    pub(crate) dir: PathBuf,
    /// This station's key.
    pub(crate) key: PathBuf,
    pub(crate) trust: PathBuf,
    pub(crate) root: KeyId,
    pub(crate) mavlink: Vec<Endpoint>,
    pub(crate) signing_key: Option<PathBuf>,
    /// Who may open flights to come, and where the wraps go.
    pub(crate) recipients: Option<(PathBuf, PathBuf)>,
    /// Folder for the drafts of the flight log, and the file of what is known beforehand.
    pub(crate) log: Option<(PathBuf, Option<PathBuf>)>,
}

/// The witness, whoever runs it.
pub(crate) struct Witness {
    child: Child,
}

/// What is known of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Process {
    /// Started by this window.
    Runs,
    /// It ran before this window, which only follows its files.
    RanBefore,
    /// It ended; why, and when it is started again.
    Ended { why: String, again_in_s: Option<u64> },
}

impl Witness {
    /// Finds it or starts it, and keeps it running.
    ///
    /// # Errors
    /// When this program does not find itself.
    pub(crate) fn start(setup: &Setup, repaint: Repaint) -> Result<Self> {
        let dir = &setup.dir;
        let spec = Spec {
            program: setup.program.clone(),
            arguments: arguments(setup),
            json: Json::Files { said: dir.join(SAID), errors: dir.join(ERRORS) },
            keep: true,
            unless_held: Some(dir.join(LOCK)),
        };
        Ok(Self { child: Child::start(spec, repaint)? })
    }

    /// What has become of the process since it was asked last.
    pub(crate) fn news(&self) -> Vec<Process> {
        self.child.said().into_iter().filter_map(process).collect()
    }
}

fn process(said: Said) -> Option<Process> {
    match said {
        Said::Started { .. } => Some(Process::Runs),
        Said::Another => Some(Process::RanBefore),
        Said::Ended { how, last_words, again_in_s } => {
            let why = [vec![how], last_words].concat().join(": ");
            Some(Process::Ended { why, again_in_s })
        }
        Said::Line(_) | Said::Words(_) => None,
    }
}

fn arguments(setup: &Setup) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["witness".into(), "--json".into()];
    let mut give = |name: &str, value: OsString| all.extend([OsString::from(name), value]);
    let path = |path: &Path| path.as_os_str().to_owned();
    give("--dir", path(&setup.dir));
    give("--key", path(&setup.key));
    give("--trust", path(&setup.trust));
    give("--root", setup.root.to_string().into());
    for endpoint in &setup.mavlink {
        give("--mavlink", endpoint.to_string().into());
    }
    if let Some(key) = &setup.signing_key {
        give("--signing-key", path(key));
    }
    if let Some((entitled, wraps)) = &setup.recipients {
        give("--entitled", path(entitled));
        give("--wraps", path(wraps));
    }
    if let Some((log, header)) = &setup.log {
        give("--log", path(log));
        if let Some(header) = header {
            give("--log-header", path(header));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use flight_record::keys::DeviceKey;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[derive(clap::Subcommand)]
    enum Command {
        Witness(Box<crate::witness::Arguments>),
        Live(Box<crate::live::Arguments>),
    }

    #[test]
    fn the_command_takes_what_it_is_given() {
        let setup = Setup {
            program: None,
            dir: "witness".into(),
            key: "station.key".into(),
            trust: "trust.json".into(),
            root: DeviceKey::from_seed([1; 32]).public().id(),
            mavlink: vec!["udpin:127.0.0.1:14560".parse().unwrap(), "udpout:127.0.0.1:9".parse().unwrap()],
            signing_key: Some("mavlink.key".into()),
            recipients: Some(("entitled.txt".into(), "wraps".into())),
            log: Some(("drafts".into(), Some("today.toml".into()))),
        };
        let line = [vec!["skyseal-ground".into()], arguments(&setup)].concat();
        let line = Line::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(line.command, Command::Witness(_)));
        let live = super::super::live::Setup {
            program: None,
            key: "station.key".into(),
            trust: "trust.json".into(),
            root: setup.root,
            mavlink: setup.mavlink,
            signing_key: None,
            aircraft: Some("SKY-1".parse().unwrap()),
            ports: (5600, 5601),
            to: "127.0.0.1:5610".parse().unwrap(),
        };
        let line = [vec!["skyseal-ground".into()], super::super::live::arguments(&live)].concat();
        let line = Line::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(line.command, Command::Live(_)));
    }

    #[test]
    fn its_end_comes_with_its_last_words() {
        let ended = Said::Ended {
            how: "it ended with code 1".to_owned(),
            last_words: vec!["the trust list has expired".to_owned()],
            again_in_s: Some(4),
        };
        let why = "it ended with code 1: the trust list has expired".to_owned();
        assert_eq!(process(ended), Some(Process::Ended { why, again_in_s: Some(4) }));
    }
}

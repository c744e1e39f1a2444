//! What most commands share: the store with its ledger and its people, and who is at the desk.

use crate::clock;
use anyhow::{Context as _, bail};
use clap::Args;
use evidence_store::ledger::{Act, Category, Ledger, Written};
use evidence_store::people::{People, Pin, Session};
use evidence_store::store::{Folder, Store as _};
use flight_record::trust::Duty;
use flight_record::{Code, FlightId, Label, Reason, Sha256};
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where the store is.
#[derive(Args)]
pub(crate) struct Home {
    /// Folder of the store, as `store init` made it.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
    /// File outside the store that keeps the ledger's newest head; beside the second store, or on another machine. May
    /// be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) outside_head: Vec<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Home {
    pub(crate) fn folder(&self) -> anyhow::Result<Folder> {
        Ok(Folder::open(&self.store)?)
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.store.join("ledger.sqlite")
    }

    pub(crate) fn ledger(&self) -> anyhow::Result<Ledger> {
        Ok(Ledger::open(&self.ledger_path(), self.folder()?.identity(), &self.outside_head)?)
    }

    pub(crate) fn people(&self) -> anyhow::Result<People> {
        self.folder()?;
        Ok(People::open(&self.store.join("people.sqlite"))?)
    }
}

/// Who acts.
#[derive(Args)]
pub(crate) struct Actor {
    /// Who does this.
    #[arg(long = "as", value_name = "NAME")]
    actor: Label,
    /// File whose first line is their PIN; without, it is asked on the terminal.
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
}

impl Actor {
    pub(crate) fn log_in(&self, people: &People) -> anyhow::Result<Session> {
        log_in(people, &self.actor, self.pin_file.as_deref())
    }
}

/// Who countersigns.
#[derive(Args)]
pub(crate) struct Witness {
    /// Who countersigns, at the same desk.
    #[arg(long, value_name = "NAME")]
    witness: Option<Label>,
    /// File whose first line is the witness's PIN; without, it is asked on the terminal.
    #[arg(long, value_name = "FILE", requires = "witness")]
    witness_pin_file: Option<PathBuf>,
}

impl Witness {
    pub(crate) fn log_in(&self, people: &People) -> anyhow::Result<Option<Session>> {
        let witness = self.witness.as_ref();
        witness.map(|name| log_in(people, name, self.witness_pin_file.as_deref())).transpose()
    }
}

/// Where and why, for the ledger.
#[derive(Args)]
pub(crate) struct Why {
    /// Where this happens.
    #[arg(long, value_name = "TEXT", default_value = "evidence store")]
    pub(crate) place: Label,
    /// Why: a few words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Reason,
}

/// Somebody who gives their PIN, from a file or on the terminal.
pub(crate) fn log_in(people: &People, name: &Label, pin_file: Option<&Path>) -> anyhow::Result<Session> {
    let pin = pin(pin_file, &format!("PIN of {name}: "))?;
    Ok(people.log_in(name, &pin, clock::now().utc_us)?)
}

/// A PIN from the first line of a file, or from the terminal, unseen.
pub(crate) fn pin(file: Option<&Path>, question: &str) -> anyhow::Result<Pin> {
    let Some(path) = file else {
        return Ok(Pin::new(&ask(question)?)?);
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the PIN from {}", path.display()))?;
    let text = Zeroizing::new(text);
    let Some(line) = text.lines().next().filter(|line| !line.is_empty()) else {
        bail!("{} is empty; its first line must be the PIN", path.display());
    };
    Ok(Pin::new(line)?)
}

/// Asks on the terminal, which shows nothing of what is typed.
fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let mut terminal = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .context("there is no terminal to ask for a PIN; give --pin-file")?;
    let before = tcgetattr(&terminal).context("cannot ask for a PIN on this terminal; give --pin-file")?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    terminal.write_all(question.as_bytes())?;
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let mut line = Zeroizing::new(String::with_capacity(256));
    let read = std::io::BufReader::new(&terminal).read_line(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    terminal.write_all(b"\n")?;
    read.context("cannot read the PIN")?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Everybody may do this.
pub(crate) const ANYBODY: [Duty; 8] = [
    Duty::Custodian,
    Duty::Supervisor,
    Duty::Administrator,
    Duty::Pilot,
    Duty::Observer,
    Duty::Witness,
    Duty::DataProtection,
    Duty::Auditor,
];

/// An entry about something.
pub(crate) struct Note<'a> {
    pub(crate) category: Category,
    pub(crate) outcome: &'a str,
    pub(crate) flight: Option<FlightId>,
    pub(crate) items: Vec<Sha256>,
    pub(crate) personal: Option<String>,
}

/// Writes an entry, and puts the new head outside.
pub(crate) fn write_down(
    ledger: &mut Ledger,
    note: Note<'_>,
    why: &Why,
    (actor, actors): (&Session, &[Duty]),
    witness: Option<&Session>,
) -> anyhow::Result<Written> {
    let at = clock::now();
    let outcome: Code = note.outcome.parse()?;
    let act = Act {
        category: note.category,
        outcome,
        flight: note.flight,
        items: note.items,
        place: why.place.clone(),
        reason: Some(why.reason.clone()),
        personal: note.personal,
    };
    let actor = actor.signatory_as(actors, at.utc_us)?;
    let witness = witness.map(|witness| witness.signatory_as(&ANYBODY, at.utc_us)).transpose()?;
    let written = ledger.append(&act, &actor, witness.as_ref(), at)?;
    ledger.publish()?;
    Ok(written)
}

//! What the worker at the dock tells.

use crate::state::signin::{NotLetIn, Person};
use evidence_store::intake::Step;
use flight_record::keys::KeyId;
use flight_record::verify::{Content, Integrity, Time, Witness, Word};
use flight_record::{FlightId, Label, Sha256};

/// Something happened at the dock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// What is docked is looked at.
    Looking {
        /// As it was given.
        from: String,
    },
    /// What is docked, and what will be done.
    Docked(Box<Docked>),
    /// Nothing can be taken from there.
    NotDocked(Fault),
    /// It was let go of.
    Undocked,
    /// Who may countersign.
    People(Vec<Person>),
    /// The aircraft of the unit, as the trust list names them.
    Fleet(Vec<(Label, KeyId)>),
    /// A piece of work began.
    Began(Job, Hands),
    /// A step of a flight is so far.
    Progress(Progress),
    /// The verifier's word on a flight.
    Judged {
        /// The flight.
        flight: FlightId,
        /// The word, and why.
        verdict: Box<Verdict>,
    },
    /// Two stores hold a flight and have signed for it; the ledger says so.
    TakenOver(Box<TakenOver>),
    /// An order to erase was written down and goes to the aircraft.
    EraseOrdered {
        /// The flight.
        flight: FlightId,
    },
    /// A PIN is looked at.
    PinGiven(Label),
    /// It was the right one.
    PinTaken(Person, i64),
    /// It was not.
    PinRefused(Label, NotLetIn),
    /// The second person has signed these lines of the ledger.
    Countersigned {
        /// Who.
        by: Label,
        /// When, POSIX µs.
        at_utc_us: i64,
        /// Lines of the ledger.
        lines: Vec<u64>,
    },
    /// A package lies here.
    Packaged {
        /// The flight.
        flight: FlightId,
        /// Where.
        path: String,
    },
    /// A piece of work is over.
    Ended(Job, End),
    /// Flights that this station knows of and that no store holds.
    NotHandedOver(Vec<Undocked>),
}

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Copy, verify, second copy, receipts, ledger.
    TakeOver,
    /// The second person signs what awaits it.
    Countersign,
    /// The aircraft erases.
    Erase,
    /// Packages are made.
    Package,
}

/// Who hands over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hands {
    /// Who.
    pub(crate) actor: Person,
    /// Since when, POSIX µs.
    pub(crate) at_utc_us: i64,
    /// In their words.
    pub(crate) reason: String,
}

/// How a piece of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// All of it is done.
    Done,
    /// Somebody said pause: the same work goes on from there.
    Paused,
    /// Somebody said cancel.
    Cancelled,
    /// It cannot go on.
    Failed(Fault),
}

/// What happened, what is safe, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// With which flight.
    pub(crate) flight: Option<FlightId>,
    /// What happened.
    pub(crate) what: String,
    /// What is safe.
    pub(crate) safe: String,
    /// What to do.
    pub(crate) cure: String,
}

/// What is docked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Docked {
    /// Where: `card /media/…`, `aircraft at …`.
    pub(crate) from: String,
    /// Whether it is the aircraft itself; else a card or a folder.
    pub(crate) aircraft: bool,
    /// The unit's name for the device, or its key id.
    pub(crate) device: Option<(Option<Label>, KeyId)>,
    /// Its flights, oldest first.
    pub(crate) flights: Vec<Planned>,
    /// Both stores.
    pub(crate) rooms: [Room; 2],
    /// Whether both lie on one disk.
    pub(crate) one_disk: bool,
}

/// Room at a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    /// Its name.
    pub(crate) store: Label,
    /// Where it lies, for people.
    pub(crate) place: String,
    /// Bytes that all of it needs there.
    pub(crate) needed_bytes: u64,
    /// Bytes that can be put.
    pub(crate) free_bytes: u64,
}

/// A flight as it lies aboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// Which.
    pub(crate) flight: FlightId,
    /// Its first record, POSIX µs.
    pub(crate) opened_utc_us: Option<i64>,
    /// Its last, POSIX µs.
    pub(crate) last_utc_us: Option<i64>,
    /// Whether its log ends with `close`.
    pub(crate) closed: bool,
    /// Files.
    pub(crate) files: u64,
    /// All bytes.
    pub(crate) bytes: u64,
    /// Bytes that an earlier attempt brought here.
    pub(crate) here_bytes: u64,
    /// Segments of footage.
    pub(crate) segments: u32,
    /// How they look before anybody verified them.
    pub(crate) ribbon: Vec<Span>,
    /// Files that records name and that are not there.
    pub(crate) missing: usize,
    /// What is no plain file and stays aboard.
    pub(crate) others: usize,
    /// Stations that witnessed it.
    pub(crate) witnessed_by: Vec<Label>,
    /// Under which verdict the first store holds it already.
    pub(crate) held: Option<String>,
    /// Why the aircraft would take no erase order for it now.
    pub(crate) no_challenge: Option<String>,
}

impl Planned {
    /// Whether nothing of it lies there.
    pub(crate) fn is_empty(&self) -> bool {
        self.files == 0
    }
}

/// Segments that look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first, from 0.
    pub(crate) from: u32,
    /// Behind the last.
    pub(crate) to: u32,
    /// How.
    pub(crate) state: SegmentState,
}

/// How a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SegmentState {
    /// Nobody has verified it yet.
    Aboard,
    /// Cosigned on the ground in time.
    Witnessed,
    /// Cosigned after the bound.
    Late,
    /// Not cosigned.
    Unwitnessed,
    /// Missing, or not as it was recorded.
    Faulty,
}

/// Where a step of a flight stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The flight.
    pub(crate) flight: FlightId,
    /// The step.
    pub(crate) step: Step,
    /// While copying: the segment it is at, from 1.
    pub(crate) segment: Option<u32>,
    /// Bytes done.
    pub(crate) bytes_done: u64,
    /// All bytes; 0 where there is nothing to count.
    pub(crate) bytes_total: u64,
    /// 0 while nobody can tell.
    pub(crate) bytes_per_s: u64,
    /// Seconds to the end of the step.
    pub(crate) left_s: Option<u64>,
}

/// The verifier's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The one word.
    pub(crate) word: Word,
    /// Whether what is there is what was recorded.
    pub(crate) integrity: Integrity,
    /// Whether the ground saw it.
    pub(crate) witness: Witness,
    /// Whether the footage was looked into.
    pub(crate) content: Content,
    /// Whether the clock is believable.
    pub(crate) time: Time,
    /// What it means.
    pub(crate) meaning: String,
    /// What to do next.
    pub(crate) next: String,
    /// The first items that are in doubt, in words.
    pub(crate) doubts: Vec<String>,
    /// Each segment.
    pub(crate) ribbon: Vec<Span>,
}

/// A flight that was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakenOver {
    /// Which.
    pub(crate) flight: FlightId,
    /// Whether it is kept apart.
    pub(crate) quarantined: bool,
    /// Digest of its manifest.
    pub(crate) manifest: Sha256,
    /// Files held.
    pub(crate) files: u64,
    /// Bytes held.
    pub(crate) bytes: u64,
    /// Each store's signed word.
    pub(crate) receipts: Vec<Receipted>,
    /// Lines of the ledger that await the second person.
    pub(crate) awaiting: Vec<u64>,
    /// What became of the copy aboard.
    pub(crate) aboard: Aboard,
    /// What people should know besides.
    pub(crate) notices: Vec<String>,
}

/// A store's receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipted {
    /// The store.
    pub(crate) store: Label,
    /// When it had it all, POSIX µs.
    pub(crate) at_utc_us: i64,
}

/// What became of the copy aboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aboard {
    /// It is there.
    Stays,
    /// The order lies on the card; the aircraft carries it out at its next start.
    Ordered,
    /// It is gone; the device log says so.
    Erased,
}

/// A flight that no store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undocked {
    /// Which.
    pub(crate) flight: FlightId,
    /// When it was last heard of, POSIX µs.
    pub(crate) seen_utc_us: Option<i64>,
    /// Where it is.
    pub(crate) place: Place,
}

/// Where a flight is that was not handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Aboard the aircraft that this station witnessed.
    Aircraft,
    /// On a card in this machine.
    Card(String),
}

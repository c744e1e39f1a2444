//! The actor around [`Messages`]: papers and alerts are answered when they stand in the flight's record; papers that come while none is
//! open, when they are held for the next one.
//!
//! What is held lies in memory-backed storage: a restart of the program does not lose it, and what papers say never lies on the
//! aircraft in clear. A power cut loses it: whoever sent it asks again once the flight is open, and is told what is missing.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use flight_record::keys::KeyId;
use flight_record::papers::Papers;
use flight_record::radio::{Announcement, Body, Fragment, Purpose};
use flight_record::statement::{Moment, Subject};
use flight_record::trust::TrustList;
use flight_record::{FlightId, Sha256, Stamp};
use serde::{Deserialize, Serialize};
use vehicle_link::dialect::{MavMessage, MavSeverity, STATUSTEXT_DATA};
use vehicle_link::hub::{Hub, PeerId};
use vehicle_link::peers::Address;

use super::cameras::Cameras;
use super::radio::tell;
use crate::recorder::notary::{Notary, Order};
use crate::uplink::messages::{Heard, Messages, RECENT, Refusal, Whole};

/// Papers held for the next flight; of more, the oldest give way.
const MAX_HELD: usize = 4;
/// Largest file read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A fragment as it came, and the way back.
pub(super) struct Post {
    pub(super) fragment: Fragment,
    pub(super) from: Address,
    pub(super) peer: PeerId,
}

/// What outlives a restart.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Files of papers for the next flight, oldest first.
    papers: Vec<String>,
    /// Signer, seconds and counter of what was announced last.
    newest: Vec<(String, u32, u32)>,
}

/// A message that was taken, and what is known of its record.
struct Taken {
    announced: Announcement,
    way: (Address, PeerId),
    recorded: Recorded,
}

enum Recorded {
    /// The notary has no room for it yet.
    Waiting(Box<Order>, Receiver<bool>),
    Awaited(Receiver<bool>),
    Known(bool),
}

/// The messages of late, and what is held.
pub(super) struct Inbox {
    machine: Messages<PeerId>,
    taken: VecDeque<Taken>,
    kept: Kept,
    path: PathBuf,
}

impl Inbox {
    /// For the device with this key id; what a run before held lies in `run_dir`.
    pub(super) fn load(device: KeyId, run_dir: &Path) -> Self {
        let path = run_dir.join("papers.held");
        let kept = read(&path).unwrap_or_else(|error| {
            tracing::error!(path = %path.display(), %error, "the papers held for the next flight cannot be read: send them again");
            Kept::default()
        });
        let known = |(id, time_s, counter): &(String, u32, u32)| {
            Some((id.parse().ok()?, Moment { time_s: *time_s, counter: *counter }))
        };
        let newest: BTreeMap<KeyId, Moment> = kept.newest.iter().filter_map(known).collect();
        let held: Vec<Sha256> = kept.papers.iter().filter_map(|file| message_of(file)).collect();
        Self { machine: Messages::new(device, newest, held), taken: VecDeque::new(), kept, path }
    }

    /// Papers for the flight that is being opened.
    pub(super) fn held(&self) -> Vec<Vec<u8>> {
        self.kept.papers.iter().map(|file| file.clone().into_bytes()).collect()
    }

    /// They stand in its record.
    pub(super) fn flight_opened(&mut self) {
        if !std::mem::take(&mut self.kept.papers).is_empty()
            && let Err(error) = self.write()
        {
            tracing::error!(path = %self.path.display(), %error, "papers that a flight has are still held for the next one");
        }
    }

    /// The flight is over.
    pub(super) fn flight_closed(&mut self) {
        self.machine.flight_closed();
    }

    /// Hears a fragment.
    pub(super) fn hear(
        &mut self,
        post: &Post,
        trust: &TrustList,
        (flight, at): (Option<FlightId>, Stamp),
        notary: &Notary,
        (hub, cameras): (&Hub, &mut Cameras),
    ) {
        let way = (post.from, post.peer);
        match self.machine.hear((&post.fragment, post.peer), trust, flight, at) {
            Heard::Wanted(missing) => {
                tell(&Body::Fragment(Fragment::Missing(missing)), post.from, post.peer, hub, cameras);
            }
            Heard::Taken(whole) => self.take(*whole, way, notary, (hub, cameras)),
            Heard::Again => {
                let same = |taken: &&mut Taken| post.fragment == Fragment::Announced(taken.announced.clone());
                if let Some(taken) = self.taken.iter_mut().find(same) {
                    taken.way = way;
                    taken.answer(hub, cameras);
                }
            }
            Heard::Stands => tell(&Body::Fragment(post.fragment.clone()), post.from, post.peer, hub, cameras),
            Heard::Refused(refusal) => say(refusal, way, hub, cameras),
            Heard::Ignored => {}
        }
    }

    fn take(&mut self, whole: Whole, way: (Address, PeerId), notary: &Notary, (hub, cameras): (&Hub, &mut Cameras)) {
        let Whole { announced, signer, subject, document } = whole;
        let code = match announced.purpose {
            Purpose::Papers => "mission-changed",
            Purpose::Limit => "limit",
            Purpose::Authorisation => "authorisation",
            Purpose::Marker => "marker",
            Purpose::Notice => "notice-given",
        };
        tracing::info!(code, %signer, ?subject, "message taken");
        let recorded = match subject {
            Subject::Device => Recorded::Known(self.hold(document)),
            Subject::Flight => {
                let (done, recorded) = sync_channel(1);
                match notary.offer(Order::Message { code, signer, document, done }) {
                    Ok(()) => Recorded::Awaited(recorded),
                    Err(order) => Recorded::Waiting(order, recorded),
                }
            }
        };
        let taken = Taken { announced, way, recorded };
        taken.answer(hub, cameras);
        if let Recorded::Known(false) = taken.recorded {
            self.machine.not_recorded(&taken.announced);
            return;
        }
        self.taken.truncate(RECENT - 1);
        self.taken.push_front(taken);
    }

    /// Holds papers for the next flight; whether a restart will find them.
    fn hold(&mut self, file: Vec<u8>) -> bool {
        let Ok(file) = String::from_utf8(file) else { return false };
        if self.kept.papers.len() >= MAX_HELD {
            let dropped = self.kept.papers.remove(0);
            message_of(&dropped).into_iter().for_each(|message| self.machine.dropped(message));
            tracing::warn!(papers = %Sha256::of(dropped.as_bytes()), "more papers than a flight needs: the oldest give way");
        }
        self.kept.papers.push(file);
        self.write().inspect_err(|error| tracing::error!(%error, "papers cannot be held")).is_ok()
    }

    /// Time passes: what has become durable, or has not, is said.
    pub(super) fn tick(&mut self, notary: &Notary, hub: &Hub, cameras: &mut Cameras) {
        for taken in &mut self.taken {
            if taken.step(notary) {
                taken.answer(hub, cameras);
                if let Recorded::Known(false) = taken.recorded {
                    self.machine.not_recorded(&taken.announced);
                }
            }
        }
        self.taken.retain(|taken| !matches!(taken.recorded, Recorded::Known(false)));
    }

    fn write(&mut self) -> io::Result<()> {
        let newest = self.machine.newest().iter();
        self.kept.newest = newest.map(|(id, made)| (id.to_string(), made.time_s, made.counter)).collect();
        let next = self.path.with_extension("held.next");
        fs::write(&next, serde_json::to_vec(&self.kept)?)?;
        fs::rename(&next, &self.path)
    }
}

impl Taken {
    /// Whether its outcome is known now, and was not before.
    fn step(&mut self, notary: &Notary) -> bool {
        let recorded = std::mem::replace(&mut self.recorded, Recorded::Known(false));
        self.recorded = match recorded {
            Recorded::Known(known) => {
                self.recorded = Recorded::Known(known);
                return false;
            }
            Recorded::Waiting(order, recorded) => match notary.offer(*order) {
                Ok(()) => Recorded::Awaited(recorded),
                Err(order) => Recorded::Waiting(order, recorded),
            },
            Recorded::Awaited(recorded) => match recorded.try_recv() {
                Ok(known) => Recorded::Known(known),
                Err(TryRecvError::Disconnected) => Recorded::Known(false),
                Err(TryRecvError::Empty) => Recorded::Awaited(recorded),
            },
        };
        matches!(self.recorded, Recorded::Known(_))
    }

    fn answer(&self, hub: &Hub, cameras: &mut Cameras) {
        let (from, peer) = self.way;
        match self.recorded {
            Recorded::Known(true) => {
                let body = Body::Fragment(Fragment::Announced(self.announced.clone()));
                tell(&body, from, peer, hub, cameras);
            }
            Recorded::Known(false) => say(Refusal::NotRecorded, self.way, hub, cameras),
            Recorded::Waiting(..) | Recorded::Awaited(_) => {}
        }
    }
}

fn say(refusal: Refusal, (from, peer): (Address, PeerId), hub: &Hub, cameras: &mut Cameras) {
    tracing::warn!(%refusal, %from, "papers by radio");
    let mut data = STATUSTEXT_DATA { severity: MavSeverity::MAV_SEVERITY_WARNING, ..Default::default() };
    data.text = refusal.to_string().as_str().into();
    cameras.send(hub, &MavMessage::STATUSTEXT(data), peer);
}

/// Digest of the message that brings this file of papers.
fn message_of(file: &str) -> Option<Sha256> {
    Some(Sha256::of(&Papers::read(file.as_bytes()).ok()?.pack().ok()?))
}

fn read(path: &Path) -> io::Result<Kept> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        file => file?.take(MAX_BYTES).read_to_end(&mut bytes)?,
    };
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::keys::DeviceKey;

    fn device() -> KeyId {
        DeviceKey::from_seed([1; 32]).public().id()
    }

    #[test]
    fn what_is_held_outlives_a_restart_and_goes_into_one_flight() {
        let dir = tempfile::tempdir().unwrap();
        let mut inbox = Inbox::load(device(), dir.path());
        assert!(inbox.held().is_empty());
        for n in 0..6 {
            assert!(inbox.hold(format!("papers {n}\n").into_bytes()));
        }
        let mut again = Inbox::load(device(), dir.path());
        assert_eq!(
            again.held(),
            [2, 3, 4, 5].map(|n| format!("papers {n}\n").into_bytes()),
            "the newest, oldest first"
        );
        again.flight_opened();
        assert!(again.held().is_empty() && Inbox::load(device(), dir.path()).held().is_empty());
    }

    #[test]
    fn a_damaged_file_does_not_ground_the_aircraft() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("papers.held"), b"{\"pap").unwrap();
        assert!(Inbox::load(device(), dir.path()).held().is_empty());
    }
}

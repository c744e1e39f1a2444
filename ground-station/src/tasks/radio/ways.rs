//! The links as they are open, and those that are not, which are tried again.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::path::PathBuf;
use std::task::Poll;

use anyhow::Result;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use vehicle_link::dialect::MavMessage;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::frames::{Body, Encoder};
use vehicle_link::hub::{Hub, Received, To};

use crate::link::{Links, OWN};

const SECOND_NS: u64 = 1_000_000_000;
/// A link that cannot be opened is tried again after 1 s, then ever more rarely, but at least so often, s.
const LONGEST_S: u64 = 30;

/// What goes out, over all links, in one count of sequence numbers.
pub(super) struct Wire {
    encoder: Encoder,
    hubs: Vec<Hub>,
}

impl Wire {
    pub(super) fn new() -> Self {
        Self { encoder: Encoder::new(OWN.system, OWN.component), hubs: Vec::new() }
    }

    pub(super) fn send(&mut self, body: &Body) {
        let frame = self.encoder.encode_body(body);
        for hub in &self.hubs {
            hub.send(&frame, To::Target);
        }
    }

    /// To everybody on every link.
    pub(super) fn say(&mut self, message: &MavMessage) {
        let frame = self.encoder.encode(message);
        for hub in &self.hubs {
            hub.send(&frame, To::All);
        }
    }

    pub(super) fn add(&mut self, hub: Hub) {
        self.hubs.push(hub);
    }
}

/// Links opened together.
struct Way {
    links: Links,
    heard: mpsc::Receiver<Received>,
}

/// Links that are not open.
struct Down {
    endpoints: Vec<Endpoint>,
    tries: u32,
    next_ns: u64,
}

/// All of them.
pub(super) struct Ways {
    signing_key: Option<PathBuf>,
    open: Vec<Way>,
    down: VecDeque<Down>,
    opening: JoinSet<(Down, Result<Links>)>,
}

impl Ways {
    /// None is open yet. They are opened together, which tells copies that come over two of them; where that fails, each by itself, so that
    /// one that is wrong does not cost the others.
    pub(super) fn new(endpoints: Vec<Endpoint>, signing_key: Option<PathBuf>) -> Self {
        let down = VecDeque::from([Down { endpoints, tries: 0, next_ns: 0 }]);
        Self { signing_key, open: Vec::new(), down, opening: JoinSet::new() }
    }

    /// Begins to open what is due.
    pub(super) fn open_due(&mut self, now_ns: u64) {
        for _ in 0..self.down.len() {
            let Some(down) = self.down.pop_front() else { return };
            if now_ns < down.next_ns || down.endpoints.is_empty() {
                self.down.push_back(down);
                continue;
            }
            let key = self.signing_key.clone();
            self.opening.spawn_local(async move {
                let opened = Links::open(&down.endpoints, key.as_deref()).await;
                (down, opened)
            });
        }
    }

    /// What happens next: links are opened or cannot be, a frame comes.
    pub(super) async fn next(&mut self) -> Next {
        let opened = poll_fn(|context| {
            if let Poll::Ready(Some(Ok(opened))) = self.opening.poll_join_next(context) {
                return Poll::Ready(Err(opened));
            }
            for way in &mut self.open {
                if let Poll::Ready(Some(received)) = way.heard.poll_recv(context) {
                    return Poll::Ready(Ok(received));
                }
            }
            Poll::Pending
        });
        match opened.await {
            Ok(received) => Next::Frame(received),
            Err((down, opened)) => {
                let (opening, hub) = self.settle(down, opened);
                Next::Opening(opening, hub)
            }
        }
    }

    fn settle(&mut self, down: Down, opened: Result<Links>) -> (Opening, Option<Hub>) {
        let names: Vec<String> = down.endpoints.iter().map(ToString::to_string).collect();
        match opened {
            Ok(links) => {
                let hub = links.hub.clone();
                self.open.push(Way { heard: hub.subscribe(), links });
                (Opening::Done(names), Some(hub))
            }
            Err(why) if down.endpoints.len() > 1 => {
                let single = |endpoint| Down { endpoints: vec![endpoint], tries: 0, next_ns: 0 };
                self.down.extend(down.endpoints.into_iter().map(single));
                (Opening::Apart(format!("{why:#}")), None)
            }
            Err(why) => {
                let again_in_s = (1 << down.tries.min(5)).min(LONGEST_S);
                let why = format!("{why:#}");
                let link = names.concat();
                self.down.push_back(Down { tries: down.tries + 1, next_ns: u64::MAX, ..down });
                (Opening::Failed { link, why, again_in_s }, None)
            }
        }
    }

    /// Sets when those that just failed are tried again.
    pub(super) fn wait(&mut self, again_in_s: u64, now_ns: u64) {
        for down in self.down.iter_mut().filter(|down| down.next_ns == u64::MAX) {
            down.next_ns = now_ns + again_in_s * SECOND_NS;
        }
    }

    /// What signing refused, where it is time to tell.
    pub(super) fn refused(&mut self, now_ns: u64) -> Vec<String> {
        self.open.iter_mut().flat_map(|way| way.links.refused(now_ns)).collect()
    }
}

/// What happened on the links.
pub(super) enum Next {
    Frame(Received),
    Opening(Opening, Option<Hub>),
}

/// How opening links went.
pub(super) enum Opening {
    Done(Vec<String>),
    /// Not together; each by itself now.
    Apart(String),
    Failed {
        link: String,
        why: String,
        again_in_s: u64,
    },
}

//! `relay`: a UDP link between aircraft and ground that loses, doubles, overtakes, delays and is cut.
//!
//! [`schedule`] decides and is pure; this actor owns the sockets. Each sender on the near side gets a socket of its own
//! toward the far side, so that answers find back.

pub mod schedule;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use tokio::net::UdpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::clock::SimClock;
use schedule::{Cut, Faults, Schedule, Share};

/// Largest datagram of UDP.
const MAX_DATAGRAM: usize = 65_535;
/// Datagrams on their way; beyond it the newest is lost.
const MAX_UNDER_WAY: usize = 8_192;
/// Senders on the near side.
const MAX_SENDERS: usize = 32;
/// How often it is looked what is due when nothing comes in.
const IDLE: Duration = Duration::from_millis(200);

/// Arguments of `relay`.
#[derive(Debug, Args)]
pub struct RelayArgs {
    /// Where to listen for the near side: `udp HOST:PORT`
    #[arg(long, num_args = 2, value_names = ["KIND", "HOST:PORT"], required = true)]
    pub listen: Vec<String>,
    /// Where the far side listens
    #[arg(long, value_name = "HOST:PORT")]
    pub to: SocketAddr,
    /// Seconds after the first datagram from which to which nothing passes, e.g. 60..180; repeat for more
    #[arg(long, value_name = "A..B")]
    pub cut: Vec<Cut>,
    /// Share of datagrams lost, 0 to 1
    #[arg(long, value_name = "P", default_value = "0")]
    pub loss: Share,
    /// Share of datagrams that come twice, 0 to 1
    #[arg(long, value_name = "P", default_value = "0")]
    pub duplicate: Share,
    /// Share of datagrams that others overtake, 0 to 1
    #[arg(long, value_name = "P", default_value = "0")]
    pub reorder: Share,
    /// Time on the way, each way
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub delay_ms: u64,
    /// Seed of chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Log as JSON lines
    #[arg(long)]
    pub json: bool,
}

impl RelayArgs {
    /// The address of `--listen`.
    ///
    /// # Errors
    /// When it is not `udp HOST:PORT`.
    pub fn near(&self) -> Result<SocketAddr> {
        match &self.listen[..] {
            [kind, address] if kind == "udp" => {
                address.parse().with_context(|| format!("--listen: `{address}` is no HOST:PORT, e.g. 0.0.0.0:14560"))
            }
            [kind, ..] => bail!("--listen: `{kind}` is no kind of link this relays; write --listen udp HOST:PORT"),
            [] => bail!("--listen udp HOST:PORT is missing"),
        }
    }

    fn schedule(&self) -> Schedule {
        let faults = Faults {
            cuts: self.cut.clone(),
            loss: self.loss,
            duplicate: self.duplicate,
            reorder: self.reorder,
            delay_ns: self.delay_ms.saturating_mul(1_000_000),
        };
        Schedule::new(faults, self.seed)
    }
}

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Far,
    Near,
}

/// A datagram that came in; `sender` is on the near side either way.
struct Datagram {
    sender: SocketAddr,
    way: Way,
    bytes: Vec<u8>,
}

/// Relays until SIGTERM or SIGINT; the counts go to the log.
///
/// # Errors
/// When a socket cannot be bound.
pub fn run(args: &RelayArgs) -> Result<()> {
    let near = args.near()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(relay(near, args.to, args.schedule()))
}

async fn relay(near: SocketAddr, far: SocketAddr, schedule: Schedule) -> Result<()> {
    let near = UdpSocket::bind(near).await.with_context(|| format!("{near} cannot be listened on"))?;
    let near = Arc::new(near);
    tracing::info!(near = %near.local_addr()?, %far, "relaying");
    let (came, mut coming) = mpsc::channel(1024);
    let mut readers = JoinSet::new();
    readers.spawn(read_near(Arc::clone(&near), came.clone()));
    let clock = SimClock::start(1.0);
    let mut link =
        Link { near, far, came, readers, senders: BTreeMap::new(), under_way: BinaryHeap::new(), schedule, count: 0 };
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    loop {
        let wait = link.due_ns().map_or(IDLE, |due_ns| Duration::from_nanos(due_ns.saturating_sub(clock.now_ns())));
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            datagram = coming.recv() => if let Some(datagram) = datagram { link.take(datagram, clock.now_ns()).await },
            () = tokio::time::sleep(wait.min(IDLE)) => {}
        }
        link.send_due(clock.now_ns()).await;
    }
    let counts = link.schedule.counts();
    tracing::info!(taken = counts.taken, sent = counts.sent, lost = counts.lost, cut = counts.cut, "relayed");
    Ok(())
}

struct Link {
    near: Arc<UdpSocket>,
    far: SocketAddr,
    came: mpsc::Sender<Datagram>,
    readers: JoinSet<()>,
    /// A socket toward the far side for each sender on the near side.
    senders: BTreeMap<SocketAddr, Arc<UdpSocket>>,
    under_way: BinaryHeap<Reverse<UnderWay>>,
    schedule: Schedule,
    count: u64,
}

/// By when it is due, then in order of arrival.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct UnderWay {
    due_ns: u64,
    number: u64,
    way: Way,
    sender: SocketAddr,
    bytes: Vec<u8>,
}

impl Link {
    async fn take(&mut self, datagram: Datagram, now_ns: u64) {
        let Datagram { sender, way, bytes } = datagram;
        if way == Way::Far
            && !self.senders.contains_key(&sender)
            && let Err(error) = self.join(sender).await
        {
            tracing::warn!(%sender, error = format!("{error:#}"), "not relayed");
            return;
        }
        for due_ns in self.schedule.pass(now_ns) {
            if self.under_way.len() == MAX_UNDER_WAY {
                tracing::warn!("more under way than is held: a datagram is lost");
                return;
            }
            self.count += 1;
            self.under_way.push(Reverse(UnderWay { due_ns, number: self.count, way, sender, bytes: bytes.clone() }));
        }
    }

    async fn join(&mut self, sender: SocketAddr) -> Result<()> {
        if self.senders.len() == MAX_SENDERS {
            bail!("{MAX_SENDERS} senders already");
        }
        let any = if self.far.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).await.context("no socket toward the far side")?;
        socket.connect(self.far).await.with_context(|| format!("{} cannot be reached", self.far))?;
        let socket = Arc::new(socket);
        self.readers.spawn(read_far(Arc::clone(&socket), sender, self.came.clone()));
        self.senders.insert(sender, socket);
        tracing::info!(%sender, "joined");
        Ok(())
    }

    fn due_ns(&self) -> Option<u64> {
        self.under_way.peek().map(|Reverse(next)| next.due_ns)
    }

    async fn send_due(&mut self, now_ns: u64) {
        while self.due_ns().is_some_and(|due_ns| due_ns <= now_ns) {
            let Some(Reverse(UnderWay { way, sender, bytes, .. })) = self.under_way.pop() else {
                return;
            };
            let sent = match (way, self.senders.get(&sender)) {
                (Way::Near, _) => self.near.send_to(&bytes, sender).await,
                (Way::Far, Some(socket)) => socket.send(&bytes).await,
                (Way::Far, None) => Ok(0),
            };
            // Nobody listening there, for now: as a radio out of range.
            if let Err(error) = sent {
                tracing::debug!(%sender, %error, "not delivered");
            }
        }
    }
}

async fn read_near(socket: Arc<UdpSocket>, came: mpsc::Sender<Datagram>) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        // An error here is an answer to something sent before: "port unreachable".
        let Ok((length, sender)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let datagram = Datagram { sender, way: Way::Far, bytes: buffer[..length].to_vec() };
        if came.send(datagram).await.is_err() {
            return;
        }
    }
}

async fn read_far(socket: Arc<UdpSocket>, sender: SocketAddr, came: mpsc::Sender<Datagram>) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        let Ok(length) = socket.recv(&mut buffer).await else {
            continue;
        };
        let datagram = Datagram { sender, way: Way::Near, bytes: buffer[..length].to_vec() };
        if came.send(datagram).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits at most ten seconds: a test must fail, not hang.
    async fn soon<T>(what: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(10), what).await.expect("within ten seconds")
    }

    #[test]
    fn datagrams_find_their_way_there_and_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let far = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let near = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let (address, to) = (near.local_addr().unwrap(), far.local_addr().unwrap());
            drop(near);
            let faults = "0".parse::<Share>().unwrap();
            let faults = Faults { cuts: Vec::new(), loss: faults, duplicate: faults, reorder: faults, delay_ns: 0 };
            let relaying = tokio::spawn(async move { relay(address, to, Schedule::new(faults, 1)).await });
            let senders =
                [UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap()];
            let mut buffer = [0; 64];
            for (n, sender) in (1_u8..).zip(&senders) {
                // The relay may not listen yet: ask until there is an answer.
                let answer = soon(async {
                    loop {
                        sender.send_to(&[n], address).await.unwrap();
                        let asked = tokio::time::timeout(Duration::from_millis(100), far.recv_from(&mut buffer)).await;
                        if let Ok(Ok((1, from))) = asked {
                            far.send_to(&[buffer[0], 99], from).await.unwrap();
                            break;
                        }
                    }
                    let mut answer = [0; 64];
                    let (length, _) = sender.recv_from(&mut answer).await.unwrap();
                    answer[..length].to_vec()
                })
                .await;
                assert_eq!(answer, [n, 99], "each sender its own answer");
            }
            relaying.abort();
        });
    }
}

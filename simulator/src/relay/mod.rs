//! `skyseal-sim relay`: a bad radio between an aircraft and its ground, over UDP.
//!
//! Whoever sends to the listening port is a client with a socket of its own towards the other end, so that answers find their way.
//! The [`Channel`]s decide; this actor carries datagrams.

mod channel;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::net::UdpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

pub use channel::{Arrival, Channel, Counts, Cut, Faults};

use crate::clock::SimClock;

/// Clients at a time; of more, the one that has sent nothing for the longest makes room.
const MAX_CLIENTS: usize = 16;
/// Datagrams under way; more are lost.
const MAX_UNDER_WAY: usize = 65_536;
/// Longest datagram.
const MAX_BYTES: usize = 65_536;
/// How often the file that begins the cuts is looked for, and late datagrams are handed out.
const TICK: Duration = Duration::from_millis(5);

/// Arguments of `relay`.
#[derive(Debug, Args)]
pub struct RelayArgs {
    /// Where the ground sends to
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: SocketAddr,
    /// Where the aircraft listens
    #[arg(long, value_name = "HOST:PORT")]
    pub to: SocketAddr,
    /// Nothing passes from A to B, seconds after the first datagram; repeat for more
    #[arg(long, value_name = "A..B")]
    pub cut: Vec<Cut>,
    /// Count the seconds of --cut from when this file appears
    #[arg(long, value_name = "FILE")]
    pub cut_file: Option<PathBuf>,
    /// Part of the datagrams that is lost, 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = part)]
    pub loss: f64,
    /// Part that arrives twice
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = part)]
    pub duplicate: f64,
    /// Part that later ones overtake
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = part)]
    pub reorder: f64,
    /// Part that arrives with a bit wrong
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = part)]
    pub corrupt: f64,
    /// Time under way
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=10_000))]
    pub delay_ms: u64,
    /// Seed of the faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

fn part(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(part) if (0.0..=1.0).contains(&part) => Ok(part),
        _ => Err("a part is from 0 to 1".to_owned()),
    }
}

/// The bytes with one bit wrong.
fn damaged(bytes: &[u8], pick: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let bits = (bytes.len() as u64 * 8).max(1);
    let bit = pick % bits;
    if let Some(byte) = usize::try_from(bit / 8).ok().and_then(|at| bytes.get_mut(at)) {
        *byte ^= 1 << (bit % 8);
    }
    bytes
}

impl RelayArgs {
    fn channel(&self, direction: u64) -> Channel {
        let faults = Faults {
            cuts: self.cut.clone(),
            loss: self.loss,
            duplicate: self.duplicate,
            reorder: self.reorder,
            corrupt: self.corrupt,
            delay_ns: self.delay_ms * 1_000_000,
        };
        Channel::new(faults, self.seed.wrapping_mul(2).wrapping_add(direction))
    }
}

/// Relays until a signal; says then what became of the datagrams.
///
/// # Errors
/// A port cannot be had.
pub async fn run(args: &RelayArgs) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let listen =
        UdpSocket::bind(args.listen).await.with_context(|| format!("{} cannot be listened on", args.listen))?;
    tracing::info!(listen = %listen.local_addr()?, to = %args.to, "relay");
    let mut relay = Relay::new(args, listen);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut bytes = vec![0; MAX_BYTES];
    loop {
        tokio::select! {
            biased;
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = tick.tick() => {}
            received = relay.listen.recv_from(&mut bytes) => match received {
                Ok((length, from)) => relay.up(from, bytes.get(..length).unwrap_or_default()).await,
                Err(error) => tracing::debug!(%error, "not received"),
            },
            Some((client, datagram)) = relay.answers.recv() => relay.down(client, &datagram),
        }
        relay.hand_out().await;
    }
    let (up, down) = (relay.up.counts(), relay.down.counts());
    tracing::info!(?up, ?down, "relay ends");
    Ok(())
}

/// A datagram on its way: when it arrives, in which order it was sent, who has it from where.
type UnderWay = Reverse<(u64, u64, Bound, Vec<u8>)>;

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    /// From this client to the aircraft.
    Up(SocketAddr),
    /// Back to this client.
    Down(SocketAddr),
}

/// Somebody on the ground's side.
struct Client {
    socket: Arc<UdpSocket>,
    last_ns: u64,
    reader: AbortHandle,
}

struct Relay {
    to: SocketAddr,
    listen: UdpSocket,
    clock: SimClock,
    cut_file: Option<PathBuf>,
    cuts_begin_ns: Option<u64>,
    up: Channel,
    down: Channel,
    clients: BTreeMap<SocketAddr, Client>,
    readers: JoinSet<()>,
    sender: mpsc::Sender<(SocketAddr, Vec<u8>)>,
    answers: mpsc::Receiver<(SocketAddr, Vec<u8>)>,
    under_way: BinaryHeap<UnderWay>,
    sent: u64,
}

impl Relay {
    fn new(args: &RelayArgs, listen: UdpSocket) -> Self {
        let (sender, answers) = mpsc::channel(1_024);
        Self {
            to: args.to,
            listen,
            clock: SimClock::start(1.0),
            cut_file: args.cut_file.clone(),
            cuts_begin_ns: None,
            up: args.channel(0),
            down: args.channel(1),
            clients: BTreeMap::new(),
            readers: JoinSet::new(),
            sender,
            answers,
            under_way: BinaryHeap::new(),
            sent: 0,
        }
    }

    /// Time since the cuts are counted, once they are.
    fn cut_clock_ns(&mut self, now_ns: u64) -> Option<u64> {
        if self.cuts_begin_ns.is_none() && self.cut_file.as_ref().is_none_or(|file| file.exists()) {
            self.cuts_begin_ns = Some(now_ns);
        }
        self.cuts_begin_ns.map(|begin_ns| now_ns - begin_ns)
    }

    async fn up(&mut self, from: SocketAddr, bytes: &[u8]) {
        if let Err(error) = self.admit(from).await {
            tracing::warn!(%from, error = format!("{error:#}"), "a client is not served");
            return;
        }
        let now_ns = self.clock.now_ns();
        let clock_ns = self.cut_clock_ns(now_ns);
        let arrivals = self.up.send(now_ns, clock_ns);
        self.put_under_way(&arrivals, Bound::Up(from), bytes);
    }

    fn down(&mut self, client: SocketAddr, bytes: &[u8]) {
        let now_ns = self.clock.now_ns();
        let clock_ns = self.cut_clock_ns(now_ns);
        let arrivals = self.down.send(now_ns, clock_ns);
        self.put_under_way(&arrivals, Bound::Down(client), bytes);
    }

    fn put_under_way(&mut self, arrivals: &[Arrival], bound: Bound, bytes: &[u8]) {
        for Arrival { at_ns, damage } in arrivals {
            if self.under_way.len() < MAX_UNDER_WAY {
                self.sent += 1;
                let bytes = damage.map_or_else(|| bytes.to_vec(), |damage| damaged(bytes, damage));
                self.under_way.push(Reverse((*at_ns, self.sent, bound, bytes)));
            }
        }
    }

    /// Gives a new client its socket towards the aircraft.
    async fn admit(&mut self, from: SocketAddr) -> Result<()> {
        let now_ns = self.clock.now_ns();
        if let Some(client) = self.clients.get_mut(&from) {
            client.last_ns = now_ns;
            return Ok(());
        }
        if self.clients.len() >= MAX_CLIENTS {
            let silent = self.clients.iter().min_by_key(|(_, client)| client.last_ns).map(|(address, _)| *address);
            if let Some(gone) = silent.and_then(|address| self.clients.remove(&address)) {
                gone.reader.abort();
            }
        }
        let any = if self.to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = Arc::new(UdpSocket::bind(any).await?);
        socket.connect(self.to).await?;
        let (sender, reading) = (self.sender.clone(), Arc::clone(&socket));
        let reader = self.readers.spawn(async move {
            let mut bytes = vec![0; MAX_BYTES];
            loop {
                // An aircraft that does not listen yet answers with ICMP errors: asked again.
                if let Ok(length) = reading.recv(&mut bytes).await
                    && sender.send((from, bytes.get(..length).unwrap_or_default().to_vec())).await.is_err()
                {
                    return;
                }
            }
        });
        self.clients.insert(from, Client { socket, last_ns: now_ns, reader });
        Ok(())
    }

    async fn hand_out(&mut self) {
        let now_ns = self.clock.now_ns();
        while self.under_way.peek().is_some_and(|Reverse((at_ns, ..))| *at_ns <= now_ns) {
            let Some(Reverse((_, _, bound, bytes))) = self.under_way.pop() else { return };
            // A radio says nothing about a datagram nobody takes.
            let _ = match bound {
                Bound::Up(client) => match self.clients.get(&client) {
                    Some(client) => client.socket.send(&bytes).await,
                    None => Ok(0),
                },
                Bound::Down(client) => self.listen.send_to(&bytes, client).await,
            };
        }
    }
}

//! UDP: one socket, peers by their address.
//!
//! Who signs with timestamps that are late (we were started anew meanwhile, or its clock is behind) becomes no peer, but is sent a frame
//! of ours now and then: it counts on from there, as every implementation does, and is heard.
//!
//! An address becomes a peer when a frame comes from it, and is forgotten when it has been silent
//! for [`UDP_SILENCE_NS`]. The configured address of `udpout` is a peer from the start and stays.

use std::{collections::HashMap, io, net::SocketAddr, time::Duration};

use tokio::{
    net::{UdpSocket, lookup_host},
    sync::mpsc,
    task::JoinSet,
};

use super::{Admission, Link, PEER_QUEUE, PeerId, UDP_SILENCE_NS};
use crate::{
    endpoint::Address,
    frames::{Frame, Splitter},
};

/// Largest datagram, bytes.
const DATAGRAM_BYTES: usize = 65_536;
/// How often silent peers are looked for.
const SWEEP: Duration = Duration::from_secs(1);

pub(super) async fn listen(link: Link, address: &Address, tasks: &mut JoinSet<()>) -> io::Result<Option<SocketAddr>> {
    let socket = UdpSocket::bind((address.host.as_str(), address.port)).await?;
    spawn(link, socket, None, tasks)
}

pub(super) async fn send_to(link: Link, address: &Address, tasks: &mut JoinSet<()>) -> io::Result<Option<SocketAddr>> {
    let remote = lookup_host((address.host.as_str(), address.port))
        .await?
        .next()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the host name has no address"))?;
    let any = if remote.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    spawn(link, UdpSocket::bind(any).await?, Some(remote), tasks)
}

fn spawn(
    link: Link,
    socket: UdpSocket,
    fixed: Option<SocketAddr>,
    tasks: &mut JoinSet<()>,
) -> io::Result<Option<SocketAddr>> {
    let local = socket.local_addr()?;
    let (sender, queue) = mpsc::channel(PEER_QUEUE);
    let mut peers = Peers { link, sender, by_address: HashMap::new(), addresses: HashMap::new() };
    if let Some(remote) = fixed {
        peers.join(remote, u64::MAX);
    }
    tasks.spawn(run(peers, socket, queue));
    Ok(Some(local))
}

async fn run(mut peers: Peers, socket: UdpSocket, mut queue: mpsc::Receiver<(PeerId, Frame)>) {
    let mut datagram = vec![0; DATAGRAM_BYTES];
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            _ = sweep.tick() => peers.forget_silent(peers.link.now_ns()),
            received = socket.recv_from(&mut datagram) => match received {
                Ok((len, from)) => {
                    if let Some(greeting) = peers.heard(from, &datagram[..len]) {
                        match socket.send_to(greeting.bytes(), from).await {
                            Ok(_) => peers.link.sent(greeting.bytes().len()),
                            Err(error) => peers.link.failed("a datagram was not sent", &error),
                        }
                    }
                }
                Err(error) => peers.link.failed("a datagram was not received", &error),
            },
            Some((peer, frame)) = queue.recv() => {
                // A peer that left while its frame waited has no address any more.
                if let Some(address) = peers.addresses.get(&peer) {
                    match socket.send_to(frame.bytes(), address).await {
                        Ok(_) => peers.link.sent(frame.bytes().len()),
                        Err(error) => peers.link.failed("a datagram was not sent", &error),
                    }
                }
            }
        }
    }
}

struct Peers {
    link: Link,
    sender: mpsc::Sender<(PeerId, Frame)>,
    by_address: HashMap<SocketAddr, (PeerId, u64)>,
    addresses: HashMap<PeerId, SocketAddr>,
}

impl Peers {
    /// Takes a datagram; what to answer to who is late by its timestamps.
    fn heard(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<Frame> {
        let now_ns = self.link.now_ns();
        let mut splitter = Splitter::new();
        let mut frames = Vec::new();
        // Who is refused becomes no peer, and takes nobody's room.
        let known = self.by_address.get(&from).map(|(peer, _)| *peer);
        let mut late = false;
        splitter.datagram(datagram, |frame| match self.link.admits(known, &frame, now_ns) {
            Admission::Admitted => frames.push(frame),
            Admission::Refused => {}
            Admission::Late => late = true,
        });
        self.link.split(Default::default(), splitter.counters());
        if frames.is_empty() {
            return if late { self.link.greeting(now_ns) } else { None };
        }
        let peer = self.peer(from, now_ns)?;
        for frame in frames {
            self.link.received(peer, frame, now_ns);
        }
        None
    }

    fn peer(&mut self, from: SocketAddr, now_ns: u64) -> Option<PeerId> {
        if let Some((peer, last_ns)) = self.by_address.get_mut(&from) {
            // The fixed peer of `udpout` is marked as heard for ever.
            *last_ns = now_ns.max(*last_ns);
            return Some(*peer);
        }
        self.join(from, now_ns)
    }

    fn join(&mut self, address: SocketAddr, last_ns: u64) -> Option<PeerId> {
        let peer = self.link.join(address.to_string(), self.sender.clone())?;
        self.by_address.insert(address, (peer, last_ns));
        self.addresses.insert(peer, address);
        Some(peer)
    }

    fn forget_silent(&mut self, now_ns: u64) {
        let Self { link, by_address, addresses, .. } = self;
        by_address.retain(|_, (peer, last_ns)| {
            let stays = now_ns.saturating_sub(*last_ns) <= UDP_SILENCE_NS;
            if !stays {
                addresses.remove(peer);
                link.leave(*peer);
            }
            stays
        });
    }
}

//! TCP: accepting, and connecting again and again.

use std::{io, net::SocketAddr};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    Link, MAX_PEERS,
    stream::{Backoff, converse},
};
use crate::endpoint::Address;

pub(super) async fn listen(link: Link, address: &Address, tasks: &mut JoinSet<()>) -> io::Result<Option<SocketAddr>> {
    let listener = TcpListener::bind((address.host.as_str(), address.port)).await?;
    let local = listener.local_addr()?;
    tasks.spawn(accept(link, listener));
    Ok(Some(local))
}

async fn accept(link: Link, listener: TcpListener) {
    let mut connections = JoinSet::new();
    let mut backoff = Backoff::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(_) if connections.len() >= MAX_PEERS => {
                    link.count(|statistics| statistics.refused_peers += 1);
                }
                Ok((stream, from)) => {
                    backoff.reset();
                    connections.spawn(serve(link.clone(), stream, from));
                }
                Err(error) => {
                    // Out of file handles, most likely: others may close meanwhile.
                    link.failed("a connection was not accepted", &error);
                    backoff.wait().await;
                }
            },
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn serve(link: Link, stream: TcpStream, from: SocketAddr) {
    if let Err(error) = talk(&link, stream, from.to_string()).await {
        link.failed("a connection broke", &error);
    }
}

pub(super) async fn connect(link: Link, address: Address) {
    let mut backoff = Backoff::new();
    loop {
        match TcpStream::connect((address.host.as_str(), address.port)).await {
            Ok(stream) => {
                backoff.reset();
                if let Err(error) = talk(&link, stream, address.to_string()).await {
                    link.failed("the connection broke", &error);
                }
            }
            Err(error) => link.failed("the connection was not made", &error),
        }
        backoff.wait().await;
    }
}

async fn talk(link: &Link, stream: TcpStream, address: String) -> io::Result<()> {
    // Telemetry is small and must not wait for more to come.
    stream.set_nodelay(true)?;
    converse(link, stream, address).await
}

//! A wire between station and aircraft that is cut where a test says.

use std::io::{Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How much passes before a connection is cut, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// From the aircraft.
    pub(crate) down_bytes: u64,
    /// To the aircraft; what comes then is passed on, and nothing comes back any more.
    pub(crate) up_bytes: u64,
    /// Connections that are cut; later ones are not.
    pub(crate) connections: u64,
}

/// Never cut by what goes up.
pub(crate) const NEVER: u64 = u64::MAX;

/// The wire's own address, and the connections made so far.
pub(crate) fn wire(to: SocketAddr, cut: Cut) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let made = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&made);
    thread::spawn(move || {
        for client in listener.incoming() {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let cut = if number < cut.connections { cut } else { Cut { down_bytes: NEVER, up_bytes: NEVER, ..cut } };
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(to)) else { return };
            thread::spawn(move || carry(&client, &server, cut));
        }
    });
    (address, made)
}

/// Carries both ways until one side ends or the cut is reached.
fn carry(client: &TcpStream, server: &TcpStream, cut: Cut) {
    let (up_client, up_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let up = thread::spawn(move || {
        if pass(&up_client, &up_server, cut.up_bytes) {
            // The answer is lost on its way.
            let _ = up_client.shutdown(Shutdown::Both);
            drain(&up_server);
        }
        let _ = up_server.shutdown(Shutdown::Write);
    });
    if pass(server, client, cut.down_bytes) {
        let _ = server.shutdown(Shutdown::Both);
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = up.join();
}

/// Passes bytes on; true when it was the cut that ended it.
fn pass(mut from: &TcpStream, mut to: &TcpStream, most: u64) -> bool {
    let mut buffer = [0; 4096];
    let mut passed = 0;
    while passed < most {
        let room = usize::try_from(most - passed).unwrap_or(usize::MAX).min(buffer.len());
        match from.read(&mut buffer[..room]) {
            Ok(0) | Err(_) => return false,
            Ok(read) if to.write_all(&buffer[..read]).is_err() => return read == 0,
            Ok(read) => passed += read as u64,
        }
    }
    true
}

fn drain(mut from: &TcpStream) {
    let mut buffer = [0; 4096];
    while from.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

//! Handing flights over and erasing them: a thread of the lowest priority that gives way to everything else aboard.
//!
//! [`gate`] says when it must wait, [`holdings`] reads, [`listed`] keeps what was listed as it was, [`orders`] judges erase orders, [`erase`] carries them out step
//! by step, [`server`] and [`routes`] do it over the network. Without `[dock]` there is no server, and orders on the
//! card are carried out all the same.

pub mod erase;
pub mod gate;
pub mod holdings;
pub mod listed;
pub mod orders;
pub mod routes;
pub mod server;

mod fault;
mod file_body;

pub use fault::Fault;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::MissedTickBehavior;

use holdings::Holdings;
use orders::Orders;
use routes::Desk;
use server::Server;

/// How often the dock looks whether the aircraft is at rest.
const LOOK: Duration = Duration::from_millis(500);
/// Looks at rest in a row before orders on the card are carried out: 5 s.
const RESTFUL_LOOKS: u32 = 10;
/// Looks between two tries: a minute.
const TRY_LOOKS: u32 = 120;
/// Nice value of everything the dock does.
const LOWEST_PRIORITY: i32 = 19;
/// How long the end of the program waits for an answer under way.
const END_WAIT: Duration = Duration::from_secs(2);

/// Starts the dock's thread; with an address, also its server. Ends when `ending` is set.
///
/// # Errors
/// When the system gives no thread.
pub fn start(
    holdings: Arc<Holdings>,
    listen: Option<SocketAddr>,
    ending: Arc<AtomicBool>,
) -> Result<(Option<SocketAddr>, JoinHandle<()>)> {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("dock".to_owned())
        .spawn(move || {
            // On Linux a nice value belongs to the thread, and the threads it makes inherit it.
            if let Err(error) = rustix::process::setpriority_process(None, LOWEST_PRIORITY) {
                tracing::warn!(%error, "the dock runs at ordinary priority");
            }
            let runtime =
                match tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(8).build() {
                    Ok(runtime) => runtime,
                    Err(error) => return tracing::error!(%error, "no dock: no runtime"),
                };
            let orders = Arc::new(Orders::new(Arc::clone(&holdings), Arc::clone(&ending)));
            runtime.block_on(async {
                let address = listen.and_then(|listen| open(listen, &holdings, &orders));
                // Nobody waits for the address when the agent is gone already.
                let _ = tell.send(address);
                watch(&holdings, &orders, &ending).await;
            });
            runtime.shutdown_timeout(END_WAIT);
        })
        .context("no thread for the dock")?;
    Ok((told.recv().context("the dock's thread died")?, thread))
}

/// Opens the server. A port that is taken must not ground the aircraft: it says so and flies without.
fn open(listen: SocketAddr, holdings: &Arc<Holdings>, orders: &Arc<Orders>) -> Option<SocketAddr> {
    let desk = Desk { holdings: Arc::clone(holdings), orders: Arc::clone(orders) };
    let bound = Server::bind(listen, holdings, routes::router(desk)).and_then(|server| Ok((server.address()?, server)));
    match bound {
        Ok((address, server)) => {
            tracing::info!(%address, "dock open");
            tokio::spawn(server.serve());
            Some(address)
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no dock on the network");
            None
        }
    }
}

/// Looks after the trust list, and carries out what waits on the card, when the aircraft has been at rest for a while, and
/// then once a minute.
async fn watch(holdings: &Arc<Holdings>, orders: &Arc<Orders>, ending: &AtomicBool) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut restful, mut until_try) = (0, 0);
    while !ending.load(Ordering::Relaxed) {
        looks.tick().await;
        let looking = Arc::clone(holdings);
        if let Err(error) = tokio::task::spawn_blocking(move || looking.look_at_trust()).await {
            tracing::error!(%error, "the trust list could not be looked at");
        }
        restful = if holdings.gate.situation().at_rest() { restful + 1 } else { 0 };
        until_try = u32::saturating_sub(until_try, 1);
        if restful >= RESTFUL_LOOKS && until_try == 0 {
            until_try = TRY_LOOKS;
            let orders = Arc::clone(orders);
            if let Err(error) = tokio::task::spawn_blocking(move || orders.take_waiting()).await {
                tracing::error!(%error, "the orders on the card could not be looked at");
            }
        }
    }
}

//! Live commands to a running simulator, a line each over TCP, and an answer of one line: `ok …` or `error: …`.
//!
//! | line | does |
//! |---|---|
//! | `fault gnss_jam = { for_s = 20 }` | a fault as in a scenario file, its times from now on |
//! | `fault 2 reboot = {}` | the same for the vehicle of system id 2 |
//! | `clear`, `clear 2` | ends the faults that end |
//! | `status` | every vehicle as JSON |

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// Longest line taken.
const LINE_MAX: u64 = 4096;
/// Lines waiting for the simulation.
const WAITING_MAX: usize = 16;

/// Arguments of `fault`.
#[derive(Debug, Args)]
pub struct FaultArgs {
    /// The --control address of the running simulator
    #[arg(long, value_name = "HOST:PORT")]
    pub control: SocketAddr,
    /// System id of the vehicle; else the first one
    #[arg(long, value_name = "ID")]
    pub vehicle: Option<u8>,
    /// The fault as a scenario writes it, e.g. 'gnss_jam = { for_s = 20 }'; `clear` ends all; `status` changes nothing
    #[arg(value_name = "FAULT", required = true)]
    pub fault: Vec<String>,
}

/// What a line asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A fault for a vehicle; none is the first.
    Fault(Option<u8>, String),
    /// The end of all faults of a vehicle.
    Clear(Option<u8>),
    /// How every vehicle is.
    Status,
}

/// An order and where its answer goes.
pub type Asked = (Order, oneshot::Sender<Result<String, String>>);

impl Order {
    /// Reads a line.
    ///
    /// # Errors
    /// What may be written.
    pub fn read(line: &str) -> Result<Self, String> {
        let (word, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let rest = rest.trim();
        match (word, rest) {
            ("status", "") => Ok(Self::Status),
            ("clear", "") => Ok(Self::Clear(None)),
            ("clear", id) => id.parse().map(|id| Self::Clear(Some(id))).map_err(|_| format!("{id} is no system id")),
            ("fault", text) if !text.is_empty() => {
                let (first, others) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                Ok(match first.parse() {
                    Ok(id) => Self::Fault(Some(id), others.trim().to_owned()),
                    Err(_) => Self::Fault(None, text.to_owned()),
                })
            }
            _ => Err("write `fault [ID] NAME = { … }`, `clear [ID]` or `status`".to_owned()),
        }
    }
}

/// Opens the port; orders come out of the channel. Gives the address it has.
///
/// # Errors
/// The address cannot be had.
pub async fn listen(at: SocketAddr) -> Result<(SocketAddr, mpsc::Receiver<Asked>)> {
    let listener = TcpListener::bind(at).await.with_context(|| format!("--control {at} cannot be listened on"))?;
    let bound = listener.local_addr()?;
    let (sender, orders) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        // One correspondent after the other: orders are rare and short.
        while let Ok((stream, _)) = listener.accept().await {
            if let Err(error) = serve(stream, &sender).await {
                tracing::debug!(%error, "a control connection ended");
            }
        }
    });
    Ok((bound, orders))
}

async fn serve(mut stream: TcpStream, orders: &mpsc::Sender<Asked>) -> std::io::Result<()> {
    let (reading, mut writing) = stream.split();
    let mut reading = BufReader::new(reading);
    loop {
        let mut line = String::new();
        if (&mut reading).take(LINE_MAX).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match Order::read(&line) {
            Ok(order) => ask(order, orders).await,
            Err(why) => Err(why),
        };
        let said = match answer {
            Ok(text) => format!("ok {text}\n"),
            Err(why) => format!("error: {why}\n"),
        };
        writing.write_all(said.as_bytes()).await?;
    }
}

async fn ask(order: Order, orders: &mpsc::Sender<Asked>) -> Result<String, String> {
    let (sender, answer) = oneshot::channel();
    let gone = || "the simulation has ended".to_owned();
    orders.send((order, sender)).await.map_err(|_| gone())?;
    answer.await.map_err(|_| gone())?
}

/// `skyseal-sim fault`: one line to a running simulator.
///
/// # Errors
/// Nobody is there, or the order is refused; the message is the simulator's.
pub async fn send(args: &FaultArgs) -> Result<()> {
    let what = args.fault.join(" ");
    let id = args.vehicle.map(|id| format!("{id} ")).unwrap_or_default();
    let line = match what.as_str() {
        "clear" => format!("clear {id}\n"),
        "status" => "status\n".to_owned(),
        fault => format!("fault {id}{fault}\n"),
    };
    let there = TcpStream::connect(args.control).await;
    let mut stream =
        there.with_context(|| format!("no simulator answers at {}; start it with --control", args.control))?;
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await?;
    match answer.trim().strip_prefix("ok") {
        Some(text) => println!("{}", text.trim()),
        None => bail!("{}", answer.trim().trim_start_matches("error: ")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_or_explained() {
        let fault = "gnss_jam = { for_s = 20 }";
        assert_eq!(Order::read(&format!("fault {fault}\n")), Ok(Order::Fault(None, fault.to_owned())));
        assert_eq!(Order::read(&format!("fault 2 {fault}")), Ok(Order::Fault(Some(2), fault.to_owned())));
        assert_eq!(Order::read("clear 3\n"), Ok(Order::Clear(Some(3))));
        assert_eq!(Order::read(" status "), Ok(Order::Status));
        for bad in ["", "fault", "stop", "clear x"] {
            assert!(Order::read(bad).is_err(), "{bad}");
        }
    }
}

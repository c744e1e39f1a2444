//! The aircraft itself as a source, over the network: TLS with the keys the unit lists, and files that are read on from
//! where a cut left them.

mod connection;
mod reader;

use super::{DeviceLogFiles, Erasure, Source, SourceDevice, SourceError};
use connection::{Answer, Connection, Deadline};
use flight_record::device_log;
use flight_record::dock::{EraseOrder, Inventory, tls};
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::record::Kind;
use flight_record::{FlightId, Label, Sha256};
use reader::FileReader;
use serde::Deserialize;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio_rustls::rustls;

/// Longest answer that is no file, in bytes.
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// Longest device log taken along, each of its two files.
const MAX_DEVICE_LOG_BYTES: u64 = 64 << 20;

/// An aircraft on the network.
pub struct NetworkSource {
    address: String,
    device: KeyId,
    connection: Connection,
}

impl NetworkSource {
    /// The aircraft that listens at `address` (`HOST:PORT`) and proves to hold a key that `accepts`; `station` is the key
    /// by which it knows us. Nothing is connected yet.
    ///
    /// # Errors
    /// When the machine gives no sockets.
    pub fn new(address: &str, station: &DeviceKey, device: KeyId, accepts: tls::Accepts) -> Result<Self, SourceError> {
        let judge: tls::Accepts = Arc::new(move |key| key.id() == device && accepts(key));
        let config = tls::client(station, judge).map_err(|error: rustls::Error| protocol("TLS", &error))?;
        Ok(Self { address: address.to_owned(), device, connection: Connection::new(address, config)? })
    }

    /// The same, giving up every wait within a fraction of a second once `stop` is set: then [`SourceError::Stopped`].
    #[must_use]
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.connection.stop = stop;
        self
    }

    /// An answer in full.
    fn ask(&mut self, path: &str) -> Result<Answer, SourceError> {
        self.connection.get(path, MAX_ANSWER_BYTES)
    }

    fn asked<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, SourceError> {
        serde_json::from_slice(&answer.body).map_err(|error| protocol("the aircraft's answer", &error))
    }

    /// The answer about a flight; refused, or the flight is not there.
    fn about(&mut self, flight: FlightId, what: &str) -> Result<Answer, SourceError> {
        let answer = self.ask(&format!("/v1/flights/{flight}{what}"))?;
        match answer.status {
            200 => Ok(answer),
            404 => Err(SourceError::NoFlight { flight, source_name: self.describe() }),
            _ => Err(answer.refused()),
        }
    }

    fn log_file(&mut self, name: &'static str) -> Result<Vec<u8>, SourceError> {
        let path = format!("/v1/device-log/{name}");
        let mut bytes = Vec::new();
        let reader = FileReader::open(&mut self.connection, path, 0)?;
        let read = reader.map_or(Ok(0), |reader| reader.take(MAX_DEVICE_LOG_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| SourceError::reading("the device log", error))?;
        if bytes.len() as u64 > MAX_DEVICE_LOG_BYTES {
            let reason = format!("it is longer than {MAX_DEVICE_LOG_BYTES} bytes");
            return Err(SourceError::Protocol { what: "the device log", reason });
        }
        Ok(bytes)
    }

    /// The line of the device log that says the order was carried out: asked for when the aircraft will not again.
    fn erased_already(&mut self, order: &[u8]) -> Option<String> {
        let digest = EraseOrder::parse(order).ok()?.digest();
        let records = self.log_file("records").ok()?;
        let mut lines = records.split(|byte| *byte == b'\n').rev();
        let line = lines.find(|line| match device_log::claimed(line).map(|record| record.kind) {
            Some(Kind::Erased(erased)) => erased.order == digest,
            _ => false,
        })?;
        String::from_utf8(line.to_vec()).ok()
    }
}

fn protocol(what: &'static str, error: &dyn std::fmt::Display) -> SourceError {
    SourceError::Protocol { what, reason: error.to_string() }
}

#[derive(Deserialize)]
struct DeviceAnswer {
    device: KeyId,
    name: Label,
}

#[derive(Deserialize)]
struct FlightsAnswer {
    flights: Vec<FlightId>,
}

#[derive(Deserialize)]
struct OthersAnswer {
    others: Vec<String>,
}

#[derive(Deserialize)]
struct ChallengeAnswer {
    challenge: Sha256,
}

#[derive(Deserialize)]
struct ErasedAnswer {
    record: String,
}

impl Source for NetworkSource {
    fn describe(&self) -> String {
        format!("aircraft at {}", self.address)
    }

    fn device(&mut self) -> Result<SourceDevice, SourceError> {
        let answer = self.ask("/v1/device")?.well()?;
        let said: DeviceAnswer = Self::asked(&answer)?;
        if said.device != self.device {
            let reason = format!("it says it is device {}, and its key is that of {}", said.device, self.device);
            return Err(SourceError::Protocol { what: "the aircraft contradicts itself", reason });
        }
        let device_log =
            DeviceLogFiles { records: self.log_file("records")?, checkpoints: self.log_file("checkpoints")? };
        Ok(SourceDevice { id: Some(said.device), name: Some(said.name), device_log: Some(device_log) })
    }

    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError> {
        let answer = self.ask("/v1/flights")?.well()?;
        Ok(Self::asked::<FlightsAnswer>(&answer)?.flights)
    }

    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError> {
        let answer = self.about(flight, "")?;
        let inventory = Inventory::read(&answer.body).map_err(|error| protocol("the inventory", &error))?;
        if inventory.flight == flight {
            return Ok(inventory);
        }
        let reason = format!("it is of flight {}", inventory.flight);
        Err(SourceError::Protocol { what: "the inventory", reason })
    }

    fn others(&mut self, flight: FlightId) -> Result<Vec<String>, SourceError> {
        let answer = self.about(flight, "/others")?;
        Ok(Self::asked::<OthersAnswer>(&answer)?.others)
    }

    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError> {
        let target = format!("/v1/flights/{flight}/file?path={}", encoded(path));
        let no_file = || SourceError::NoFile { flight, path: path.to_owned() };
        let reader = FileReader::open(&mut self.connection, target, from)?.ok_or_else(no_file)?;
        Ok(Box::new(reader))
    }

    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError> {
        let answer = self.about(flight, "/challenge")?;
        Ok(Self::asked::<ChallengeAnswer>(&answer)?.challenge)
    }

    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError> {
        let target = format!("/v1/flights/{flight}/erase");
        // Sent again when its answer is lost: the aircraft carries an order out once, and its device log says that it did.
        let answer = self.connection.post(&target, order.to_vec(), MAX_ANSWER_BYTES, Deadline::ERASE)?;
        if answer.status == 200 {
            return Ok(Erasure::Erased { record: Self::asked::<ErasedAnswer>(&answer)?.record });
        }
        let refusal = answer.refused();
        self.erased_already(order).map(|record| Erasure::Erased { record }).ok_or(refusal)
    }
}

/// Percent-encoding of a path in a query (RFC 3986 §2.1): everything but unreserved characters and `/`.
fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_percent_encoded() {
        assert_eq!(encoded("segments/eo/000001.ts.age"), "segments/eo/000001.ts.age");
        assert_eq!(encoded("a b&c=%2e#é"), "a%20b%26c%3D%252e%23%C3%A9");
    }
}

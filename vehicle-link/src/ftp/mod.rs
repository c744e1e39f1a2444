//! Files of a vehicle over MAVLink FTP, to read: a folder's entries ([`ListFolder`]), a file ([`ReadFile`]). Pure.
//!
//! <https://mavlink.io/en/services/ftp.html>; a file comes in bursts, what was lost is read piece by piece, and the whole is checked
//! by the vehicle's own CRC-32 where it makes one.

mod exchange;
mod folder;
mod packet;
mod read;

pub use folder::{Entry, ListFolder, MAX_ENTRIES};
pub use read::{MAX_FILE_BYTES, ReadFile};

use crate::{frames::Body, request::Timing};
use packet::Packet;

const FILE_TRANSFER_PROTOCOL: u32 = 110;
const TERMINATE_SESSION: u8 = 1;
const LIST_DIRECTORY: u8 = 3;
const OPEN_FILE_RO: u8 = 4;
const READ_FILE: u8 = 5;
const CALC_FILE_CRC32: u8 = 14;
const BURST_READ_FILE: u8 = 15;
const ACK: u8 = 128;
const NAK: u8 = 129;
/// Code in a NAK: there is no more.
const END_OF_FILE: u8 = 6;

const TIMING: Timing = Timing::every(500_000_000, 6);

/// Why a file or folder was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer after all retries.
    #[error("no answer; the link is bad, or the vehicle has no files to give")]
    Timeout,
    /// The vehicle refused, with an error code of MAVLink FTP.
    #[error("the vehicle refused: {}", code_name(*.0))]
    Refused(u8),
    /// The path does not fit into a message.
    #[error("the path is longer than {} bytes", packet::MAX_DATA - 1)]
    Path,
    /// More than is taken.
    #[error("the file has {0} bytes: {MAX_FILE_BYTES} is the most")]
    TooLarge(u32),
    /// The folder has more entries than are taken.
    #[error("the folder has more than {MAX_ENTRIES} entries")]
    TooMany,
    /// What came is not what the vehicle has.
    #[error(
        "the file's CRC-32 is {theirs:08x} on the vehicle and {ours:08x} here; it changed meanwhile: read it again"
    )]
    Checksum {
        /// Of what came.
        ours: u32,
        /// As the vehicle has it.
        theirs: u32,
    },
}

fn code_name(code: u8) -> &'static str {
    match code {
        1 | 2 => "it failed",
        3 => "wrong size",
        4 => "no such session",
        5 => "all sessions are taken",
        6 => "end of file",
        7 => "it does not know the request",
        8 => "the file exists",
        9 => "the file is protected",
        10 => "there is no such file",
        _ => "by a code newer than this program",
    }
}

/// What a client wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to the vehicle.
    Send(Body),
    /// A folder's entries, in the vehicle's order.
    Listed(Vec<Entry>),
    /// A whole file.
    Read {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether the vehicle confirmed its CRC-32.
        checked: bool,
    },
    /// Given up.
    Failed(Failure),
}

/// A request by path.
fn by_path(opcode: u8, path: &str, offset: u32) -> Result<Packet, Failure> {
    let size =
        u8::try_from(path.len()).ok().filter(|size| usize::from(*size) < packet::MAX_DATA).ok_or(Failure::Path)?;
    Ok(Packet { opcode, size, offset, data: path.as_bytes().to_vec(), ..Packet::default() })
}

/// The code in a NAK.
fn code(packet: &Packet) -> u8 {
    packet.data.first().copied().unwrap_or(1)
}

//! MAVLink FTP, vehicle side: folders listed, files read, logs and ArduPilot's parameters; nothing is written. One session, bounded
//! answers.

use vehicle_link::dialect::{FILE_TRANSFER_PROTOCOL_DATA, MavMessage};

use super::logs::Logs;
use super::param_file::{self, Ask};
use super::parameters::Parameters;
use super::personality::Personality;
use super::transfer::Address;

const DATA: usize = 12;
const DATA_MAX: usize = 239;
/// Packets of one burst.
const BURST: usize = 24;

const TERMINATE: u8 = 1;
const RESET: u8 = 2;
const LIST: u8 = 3;
const OPEN_READ: u8 = 4;
const READ: u8 = 5;
const CHECKSUM: u8 = 14;
const BURST_READ: u8 = 15;
/// Operations that would change a file.
const WRITING: std::ops::RangeInclusive<u8> = 6..=13;
const ACK: u8 = 128;
const NAK: u8 = 129;

const FAIL: u8 = 1;
const NO_SESSION: u8 = 4;
const END: u8 = 6;
const UNKNOWN: u8 = 7;
const PROTECTED: u8 = 9;
const NOT_FOUND: u8 = 10;

/// The one session.
#[derive(Clone, Debug, Default)]
pub(super) struct Ftp {
    /// Under the number that its reader gave it.
    open: Option<(u8, Open)>,
}

/// The open file.
#[derive(Clone, Debug)]
enum Open {
    Log(Vec<u8>),
    /// The parameters: made by the first read, whose size shapes it.
    Parameters(Ask, Option<(usize, Vec<u8>)>),
}

/// What there is to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Files<'a> {
    /// Whose files they are.
    pub(super) personality: Personality,
    /// Flight logs.
    pub(super) logs: &'a Logs,
    /// Parameters.
    pub(super) parameters: &'a Parameters,
}

struct Request<'a> {
    sequence: u16,
    session: u8,
    operation: u8,
    offset: usize,
    size: usize,
    data: &'a [u8],
}

enum Answer {
    Data(Vec<u8>),
    /// Data with its place in the file; the last one of a burst says so.
    Parts(Vec<(usize, Vec<u8>)>),
    Refused(u8),
}

impl Ftp {
    /// Answers a packet.
    pub(super) fn handle(
        &mut self,
        from: Address,
        packet: &FILE_TRANSFER_PROTOCOL_DATA,
        files: &Files<'_>,
    ) -> Vec<MavMessage> {
        let bytes = &packet.payload;
        let size = usize::from(bytes[4]);
        let Some(data) = bytes.get(DATA..DATA + size.min(DATA_MAX)) else { return Vec::new() };
        let request = Request {
            sequence: u16::from_le_bytes([bytes[0], bytes[1]]),
            session: bytes[2],
            operation: bytes[3],
            offset: usize::try_from(u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]))
                .unwrap_or(usize::MAX),
            size,
            data,
        };
        let parts = match self.answer(&request, files) {
            Answer::Data(data) => vec![(ACK, request.offset, data)],
            Answer::Refused(why) => vec![(NAK, request.offset, vec![why])],
            Answer::Parts(parts) => parts.into_iter().map(|(offset, data)| (ACK, offset, data)).collect(),
        };
        let last = parts.len() - 1;
        let reply = |(n, (operation, offset, data)): (usize, (u8, usize, Vec<u8>))| {
            let complete = request.operation == BURST_READ && n == last;
            reply(&request, from, n, (operation, offset, &data), complete)
        };
        parts.into_iter().enumerate().map(reply).collect()
    }

    fn answer(&mut self, request: &Request<'_>, files: &Files<'_>) -> Answer {
        let path = || String::from_utf8_lossy(request.data).trim_end_matches('\0').to_owned();
        match request.operation {
            0 => Answer::Data(Vec::new()),
            TERMINATE | RESET => {
                self.open = None;
                Answer::Data(Vec::new())
            }
            LIST => list(&path(), request.offset, files),
            OPEN_READ => match open(&path(), files) {
                Some((file, size)) => {
                    self.open = Some((request.session, file));
                    Answer::Data(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes().to_vec())
                }
                None => Answer::Refused(NOT_FOUND),
            },
            CHECKSUM => contents(&path(), files.logs)
                .map_or(Answer::Refused(NOT_FOUND), |bytes| Answer::Data(crc32(&bytes).to_le_bytes().to_vec())),
            READ | BURST_READ => self.read(request, files),
            operation if WRITING.contains(&operation) => Answer::Refused(PROTECTED),
            _ => Answer::Refused(UNKNOWN),
        }
    }

    fn read(&mut self, request: &Request<'_>, files: &Files<'_>) -> Answer {
        let length = if request.size == 0 { DATA_MAX } else { request.size.min(DATA_MAX) };
        let open = self.open.as_mut().filter(|(session, _)| *session == request.session);
        let bytes = match open.map(|(_, file)| file) {
            None => return Answer::Refused(NO_SESSION),
            Some(Open::Log(bytes)) => &*bytes,
            Some(Open::Parameters(ask, made)) => {
                if made.is_none() {
                    *made = param_file::packed(files.parameters, *ask, length).map(|file| (length, file));
                }
                match made {
                    Some((size, file)) if *size == length => &*file,
                    _ => return Answer::Refused(FAIL),
                }
            }
        };
        let Some(rest) = bytes.get(request.offset..).filter(|rest| !rest.is_empty()) else {
            return Answer::Refused(END);
        };
        if request.operation == READ {
            return Answer::Data(rest[..rest.len().min(length)].to_vec());
        }
        let part = |(n, part): (usize, &[u8])| (request.offset + n * length, part.to_vec());
        Answer::Parts(rest.chunks(length).take(BURST).enumerate().map(part).collect())
    }
}

fn reply(
    request: &Request<'_>,
    to: Address,
    n: usize,
    (operation, offset, data): (u8, usize, &[u8]),
    complete: bool,
) -> MavMessage {
    let mut payload = [0; 251];
    let sequence = request.sequence.wrapping_add(1).wrapping_add(u16::try_from(n).unwrap_or(0));
    payload[..2].copy_from_slice(&sequence.to_le_bytes());
    payload[2] = request.session;
    payload[3] = operation;
    payload[4] = u8::try_from(data.len()).unwrap_or(u8::MAX);
    payload[5] = request.operation;
    payload[6] = u8::from(complete);
    payload[8..12].copy_from_slice(&u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes());
    payload[DATA..DATA + data.len()].copy_from_slice(data);
    let (target_system, target_component) = to;
    MavMessage::FILE_TRANSFER_PROTOCOL(FILE_TRANSFER_PROTOCOL_DATA {
        target_network: 0,
        target_system,
        target_component,
        payload,
    })
}

/// Entries of a folder from `skip` on: `Fname\tsize` or `Dname`, each ended by a zero byte.
fn list(folder: &str, skip: usize, files: &Files<'_>) -> Answer {
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    let prefix = if prefix.starts_with('/') { prefix } else { format!("/{prefix}") };
    let mut entries: Vec<String> = Vec::new();
    for log in files.logs.all() {
        let path = files.logs.path(log);
        let Some(rest) = path.strip_prefix(&prefix) else { continue };
        let entry = match rest.split_once('/') {
            Some((folder, _)) => format!("D{folder}\0"),
            None => format!("F{rest}\t{}\0", log.bytes.len()),
        };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    if prefix == "/" && files.personality == Personality::Ardupilot {
        entries.push("D@PARAM\0".to_owned());
    }
    if entries.is_empty() && prefix != "/" {
        return Answer::Refused(FAIL);
    }
    let mut data = Vec::new();
    for entry in entries.iter().skip(skip) {
        if data.len() + entry.len() > DATA_MAX {
            break;
        }
        data.extend(entry.as_bytes());
    }
    if data.is_empty() { Answer::Refused(END) } else { Answer::Data(data) }
}

/// The file, and the size that is told of it.
fn open(path: &str, files: &Files<'_>) -> Option<(Open, usize)> {
    if let Some(ask) = Ask::read(path).filter(|_| files.personality == Personality::Ardupilot) {
        return Some((Open::Parameters(ask, None), param_file::guessed_size(files.parameters)));
    }
    let bytes = contents(path, files.logs)?;
    let size = bytes.len();
    Some((Open::Log(bytes), size))
}

fn contents(path: &str, logs: &Logs) -> Option<Vec<u8>> {
    let path = format!("/{}", path.trim_start_matches('/'));
    logs.all().iter().find(|log| logs.path(log) == path).map(|log| log.bytes.clone())
}

/// CRC-32 as MAVLink FTP has it: reflected, from 0, not inverted.
fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autopilot::flight::Settings;

    /// A read of `size` bytes has no data.
    fn ask_for(
        ftp: &mut Ftp,
        files: &Files<'_>,
        operation: u8,
        offset: u32,
        (size, data): (u8, &[u8]),
    ) -> Vec<(u8, Vec<u8>)> {
        let mut payload = [0; 251];
        payload[2] = 240;
        payload[3] = operation;
        payload[4] = size;
        payload[8..12].copy_from_slice(&offset.to_le_bytes());
        payload[DATA..DATA + data.len()].copy_from_slice(data);
        let packet = FILE_TRANSFER_PROTOCOL_DATA { target_network: 0, target_system: 1, target_component: 1, payload };
        let replies = ftp.handle((255, 190), &packet, files);
        replies
            .into_iter()
            .map(|message| {
                let MavMessage::FILE_TRANSFER_PROTOCOL(reply) = message else { panic!() };
                (reply.payload[3], reply.payload[DATA..DATA + usize::from(reply.payload[4])].to_vec())
            })
            .collect()
    }

    fn ask(ftp: &mut Ftp, files: &Files<'_>, operation: u8, offset: u32, data: &[u8]) -> Vec<(u8, Vec<u8>)> {
        ask_for(ftp, files, operation, offset, (u8::try_from(data.len()).unwrap(), data))
    }

    #[test]
    fn arducopters_parameters_are_a_file_of_one_read_size_and_px4s_are_none() {
        let parameters = Parameters::new(Personality::Ardupilot, &Settings::default(), 1);
        let logs = Logs::new(Personality::Ardupilot);
        let copter = Files { personality: Personality::Ardupilot, logs: &logs, parameters: &parameters };
        let mut ftp = Ftp::default();
        let path = b"@PARAM/param.pck?withdefaults=1";
        let size = u32::try_from(parameters.table().len() * 12).unwrap();
        assert_eq!(ask(&mut ftp, &copter, OPEN_READ, 0, path), [(ACK, size.to_le_bytes().to_vec())]);
        let mut read = Vec::new();
        loop {
            let answers = ask_for(&mut ftp, &copter, READ, u32::try_from(read.len()).unwrap(), (80, &[]));
            let [(answer, data)] = answers.as_slice() else { panic!("{answers:?}") };
            if *answer == NAK {
                assert_eq!(data, &[END]);
                break;
            }
            read.extend(data);
        }
        assert_eq!(
            Some(read),
            param_file::packed(&parameters, Ask::read(std::str::from_utf8(path).unwrap()).unwrap(), 80)
        );
        assert_eq!(
            ask_for(&mut ftp, &copter, READ, 0, (100, &[])),
            [(NAK, vec![FAIL])],
            "another size is another file"
        );
        ftp.open.as_mut().unwrap().0 = 7;
        assert_eq!(ask_for(&mut ftp, &copter, READ, 0, (80, &[])), [(NAK, vec![NO_SESSION])], "another's file");
        let px4 = Files { personality: Personality::Px4, ..copter };
        assert_eq!(ask(&mut ftp, &px4, OPEN_READ, 0, path), [(NAK, vec![NOT_FOUND])]);
    }

    #[test]
    fn a_log_is_found_and_read_both_ways() {
        let mut logs = Logs::new(Personality::Ardupilot);
        logs.begin(0, 0);
        for n in 0..900 {
            logs.text(n, 6, "a line");
        }
        let parameters = Parameters::new(Personality::Ardupilot, &Settings::default(), 1);
        let files = Files { personality: Personality::Ardupilot, logs: &logs, parameters: &parameters };
        let mut ftp = Ftp::default();
        assert_eq!(ask(&mut ftp, &files, LIST, 0, b"/"), [(ACK, b"DAPM\0D@PARAM\0".to_vec())]);
        let listed = ask(&mut ftp, &files, LIST, 0, b"/APM/LOGS");
        assert!(listed[0].1.starts_with(b"F00000001.BIN\t"), "{listed:?}");
        assert_eq!(ask(&mut ftp, &files, LIST, 1, b"/APM/LOGS"), [(NAK, vec![END])]);
        assert_eq!(ask(&mut ftp, &files, OPEN_READ, 0, b"/etc/passwd"), [(NAK, vec![NOT_FOUND])]);
        let bytes = &logs.all()[0].bytes;
        let opened = ask(&mut ftp, &files, OPEN_READ, 0, b"/APM/LOGS/00000001.BIN");
        assert_eq!(opened, [(ACK, u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec())]);
        for operation in [READ, BURST_READ] {
            let mut read = Vec::new();
            while read.len() < bytes.len() {
                for (answer, data) in ask(&mut ftp, &files, operation, u32::try_from(read.len()).unwrap(), &[]) {
                    assert_eq!(answer, ACK);
                    read.extend(data);
                }
            }
            assert_eq!(&read, bytes);
        }
        assert_eq!(ask(&mut ftp, &files, READ, u32::MAX, &[]), [(NAK, vec![END])]);
        assert_eq!(ask(&mut ftp, &files, 8, 0, b"/APM/LOGS/00000001.BIN"), [(NAK, vec![PROTECTED])]);
    }
}

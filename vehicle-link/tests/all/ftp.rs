//! MAVLink FTP over good and awful links, against a small server made from the guide.

use vehicle_link::{
    crc32,
    frames::{Body, Encoder, Frame},
    ftp::{Action, Entry, Failure, ListFolder, ReadFile},
};

use crate::channel::{AWFUL, DEAD, ENDS, GOOD, Link, MS, Said};

const FILE: &str = "/etc/info.json";
/// Packets of a burst before the vehicle wants to be asked again.
const BURST: usize = 12;

/// A vehicle with one folder and one file.
struct Vehicle {
    file: Vec<u8>,
    /// As told when it is opened.
    size: usize,
    sums: bool,
    open: bool,
    bursts: u32,
}

impl Vehicle {
    fn with(bytes: usize) -> Self {
        let file: Vec<u8> = (0..bytes).map(|i| (i * 7 + i / 251).to_le_bytes()[0]).collect();
        Self { size: file.len(), file, sums: true, open: false, bursts: 0 }
    }

    fn frame(&mut self, frame: &Frame) -> Vec<Body> {
        if frame.message_id() != 110 {
            return Vec::new();
        }
        let payload = frame.payload();
        let (seq, opcode, offset) = (payload.u16(3), payload.u8(6), payload.u32(11));
        let wanted = usize::from(payload.u8(7));
        let path: Vec<u8> = (0..wanted).map(|i| payload.u8(15 + i)).collect();
        let session = payload.u8(5);
        let answer = |answer: Result<Vec<u8>, u8>| vec![reply(seq + 1, session, opcode, offset, false, answer)];
        match opcode {
            1 => {
                self.open = false;
                answer(Ok(Vec::new()))
            }
            3 => answer(listing(offset)),
            4 if path == FILE.as_bytes() => {
                self.open = true;
                let size = u32::try_from(self.size).unwrap().to_le_bytes().to_vec();
                vec![reply(seq + 1, 3, opcode, offset, false, Ok(size))]
            }
            4 => answer(Err(10)),
            5 | 15 if !self.open || session != 3 => answer(Err(4)),
            5 => answer(self.piece(offset, wanted)),
            15 => self.burst(seq, offset, wanted),
            14 if self.sums => answer(Ok(crc32::more(0, &self.file).to_le_bytes().to_vec())),
            _ => answer(Err(7)),
        }
    }

    fn piece(&self, offset: u32, wanted: usize) -> Result<Vec<u8>, u8> {
        let rest = self.file.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        if rest.is_empty() { Err(6) } else { Ok(rest[..rest.len().min(wanted)].to_vec()) }
    }

    fn burst(&mut self, seq: u16, offset: u32, wanted: usize) -> Vec<Body> {
        self.bursts += 1;
        let mut bodies = Vec::new();
        for (n, at) in (1..).zip((offset..).step_by(wanted)).take(BURST) {
            let piece = self.piece(at, wanted);
            let ends = piece.is_err();
            bodies.push(reply(seq + n, 3, 15, at, usize::from(n) == BURST, piece));
            if ends {
                break;
            }
        }
        bodies
    }
}

fn reply(seq: u16, session: u8, req_opcode: u8, offset: u32, complete: bool, answer: Result<Vec<u8>, u8>) -> Body {
    let (opcode, data) = match answer {
        Ok(data) => (128, data),
        Err(code) => (129, vec![code]),
    };
    let mut payload = vec![0, ENDS.own.system, ENDS.own.component];
    payload.extend_from_slice(&seq.to_le_bytes());
    payload.extend_from_slice(&[session, opcode, u8::try_from(data.len()).unwrap(), req_opcode, u8::from(complete), 0]);
    payload.extend_from_slice(&offset.to_le_bytes());
    payload.extend_from_slice(&data);
    Body::raw(110, &payload).unwrap()
}

/// 40 files, a folder now and then, some entries skipped; ten at once.
fn listing(offset: u32) -> Result<Vec<u8>, u8> {
    let entries: Vec<String> = (offset..40)
        .take(10)
        .map(|i| match i % 8 {
            0 => format!("Dfolder{i}\0"),
            1 => "S\0".to_owned(),
            _ => format!("Flog_{i}.ulg\t{}\0", i * 1000),
        })
        .collect();
    if entries.is_empty() { Err(6) } else { Ok(entries.concat().into_bytes()) }
}

fn said(action: Action) -> Said<Action> {
    match action {
        Action::Send(body) => Said::Send(body),
        end => Said::Done(end),
    }
}

fn read(link: &mut Link, path: &str, vehicle: &mut Vehicle) -> Action {
    go_on(link, path, Vec::new(), vehicle).0
}

/// How it ended, and the beginning that is there then.
fn go_on(link: &mut Link, path: &str, before: Vec<u8>, vehicle: &mut Vehicle) -> (Action, Vec<u8>) {
    let started = ReadFile::start(ENDS, path, before, link.now_ns);
    let (mut read, Action::Send(first)) = started.unwrap() else { panic!("open") };
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => read.frame(frame, now_ns),
            None => read.poll(now_ns),
        };
        action.map(said).into_iter().collect()
    };
    let ended = link.converse(&first, client, |frame, _| frame.map(|frame| vehicle.frame(frame)).unwrap_or_default());
    (ended, read.beginning().to_vec())
}

fn list(link: &mut Link) -> Action {
    let (mut list, Action::Send(first)) = ListFolder::start(ENDS, "/", link.now_ns).unwrap() else { panic!("list") };
    let mut vehicle = Vehicle::with(0);
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => list.frame(frame, now_ns),
            None => list.poll(now_ns),
        };
        action.map(said).into_iter().collect()
    };
    link.converse(&first, client, |frame, _| frame.map(|frame| vehicle.frame(frame)).unwrap_or_default())
}

fn whole(vehicle: &Vehicle, checked: bool) -> Action {
    Action::Read { bytes: vehicle.file.clone(), checked }
}

#[test]
fn a_folder_is_listed_with_what_it_skips_left_out() {
    for seed in 0..20 {
        let Action::Listed(entries) = list(&mut Link::new(if seed == 0 { GOOD } else { AWFUL }, seed)) else {
            panic!("listed")
        };
        assert_eq!(entries.len(), 35, "seed {seed}");
        assert_eq!(entries[0], Entry::Folder { name: "folder0".to_owned() });
        assert_eq!(entries[34], Entry::File { name: "log_39.ulg".to_owned(), size: 39_000 });
    }
}

#[test]
fn a_file_comes_in_bursts_and_is_checked_and_closed() {
    for bytes in [0, 1, 239, 240, 50_000] {
        let mut vehicle = Vehicle::with(bytes);
        let mut link = Link::new(GOOD, 0);
        assert!(read(&mut link, FILE, &mut vehicle) == whole(&vehicle, true), "{bytes}");
        assert!(!vehicle.open);
        assert!(bytes < 50_000 || (vehicle.bursts < 20 && link.sent < 260), "{} {}", vehicle.bursts, link.sent);
    }
}

#[test]
fn what_is_lost_is_read_piece_by_piece() {
    for seed in 0..12 {
        let mut vehicle = Vehicle::with(15_000);
        let mut link = Link::new(AWFUL, seed);
        assert!(read(&mut link, FILE, &mut vehicle) == whole(&vehicle, true), "seed {seed}");
        assert!(link.now_ns < 300_000 * MS, "{}", link.now_ns);
    }
}

#[test]
fn without_checksums_it_is_said_and_a_wrong_one_is_a_failure() {
    let mut vehicle = Vehicle::with(1000);
    vehicle.sums = false;
    assert_eq!(read(&mut Link::new(GOOD, 0), FILE, &mut vehicle), whole(&vehicle, false));
    // It grows after it was opened.
    let mut vehicle = Vehicle::with(1000);
    vehicle.size = 900;
    let outcome = read(&mut Link::new(GOOD, 0), FILE, &mut vehicle);
    assert!(matches!(outcome, Action::Failed(Failure::Checksum { .. })), "{outcome:?}");
    assert!(!vehicle.open, "closed all the same");
    // It is shorter than it was said to be.
    let mut vehicle = Vehicle::with(1000);
    vehicle.size = 5000;
    assert_eq!(read(&mut Link::new(GOOD, 0), FILE, &mut vehicle), whole(&vehicle, true));
}

#[test]
fn a_transfer_that_broke_goes_on_where_it_is_and_a_wrong_beginning_shows() {
    let mut vehicle = Vehicle::with(50_000);
    let before = vehicle.file[..40_000].to_vec();
    let mut link = Link::new(GOOD, 0);
    assert!(go_on(&mut link, FILE, before, &mut vehicle).0 == whole(&vehicle, true));
    assert!(link.sent < 80, "a fifth of it is asked for: {}", link.sent);
    assert!(read_after(&mut vehicle, vec![9; 60_000]).0 == whole(&vehicle, true), "longer than the file");
    let (ended, beginning) = read_after(&mut vehicle, vec![9; 100]);
    assert!(matches!(ended, Action::Failed(Failure::Checksum { .. })) && beginning.is_empty());
    // Silence in the middle leaves what came in order.
    let half = vehicle.file[..25_000].to_vec();
    let (ended, beginning) = go_on(&mut Link::new(DEAD, 0), FILE, half.clone(), &mut vehicle);
    assert!(ended == Action::Failed(Failure::Timeout) && beginning == half);
}

fn read_after(vehicle: &mut Vehicle, before: Vec<u8>) -> (Action, Vec<u8>) {
    go_on(&mut Link::new(GOOD, 0), FILE, before, vehicle)
}

#[test]
fn two_programs_begin_with_other_numbers() {
    let first = |now_ns| {
        let (_, Action::Send(body)) = ListFolder::start(ENDS, "/", now_ns).unwrap() else { panic!("list") };
        Encoder::new(255, 190).encode_body(&body).payload().u16(3)
    };
    assert_eq!((first(0), first(70_000 * MS)), (0, 4464));
}

#[test]
fn refusals_are_named_and_all_is_bounded() {
    let mut vehicle = Vehicle::with(10);
    let outcome = read(&mut Link::new(GOOD, 0), "/none", &mut vehicle);
    assert_eq!(outcome, Action::Failed(Failure::Refused(10)));
    vehicle.size = 17 * 1024 * 1024;
    let outcome = read(&mut Link::new(GOOD, 0), FILE, &mut vehicle);
    assert_eq!(outcome, Action::Failed(Failure::TooLarge(17 * 1024 * 1024)));
    let mut dead = Link::new(DEAD, 0);
    assert_eq!(read(&mut dead, FILE, &mut vehicle), Action::Failed(Failure::Timeout));
    assert!(dead.now_ns < 4_000 * MS);
    assert_eq!(ReadFile::start(ENDS, &"x".repeat(239), Vec::new(), 0).map(drop), Err(Failure::Path));
}

#[test]
fn hostile_packets_change_nothing_but_time() {
    let mut chance = crate::channel::Chance(9);
    let mut vehicle = Encoder::new(1, 1);
    let (mut read, _) = ReadFile::start(ENDS, FILE, Vec::new(), 0).unwrap();
    for now_ns in 0..20_000 {
        let mut payload: Vec<u8> = (0..254).map(|_| chance.next().to_le_bytes()[0]).collect();
        payload[..3].copy_from_slice(&[0, ENDS.own.system, ENDS.own.component]);
        payload[6] = if chance.percent(50) { 128 } else { 129 };
        payload[8] = [1, 4, 5, 14, 15][(chance.next() % 5) as usize];
        let frame = vehicle.encode_body(&Body::raw(110, &payload).unwrap());
        let _ = read.frame(&frame, now_ns);
        assert!(read.progress().1 <= 16 * 1024 * 1024);
    }
}

//! Flight logs over good and awful links, against vehicles that number them as PX4 and ArduPilot do.

use vehicle_link::{
    frames::{Body, Frame},
    logs::{Action, Entry, Failure, Fetch, List},
};

use crate::channel::{AWFUL, DEAD, ENDS, GOOD, Link, MS, Said};

/// Logs of a vehicle, the first numbered `first`.
struct Vehicle {
    first: u16,
    logs: Vec<Vec<u8>>,
    ended: bool,
}

impl Vehicle {
    fn with(first: u16, count: u16) -> Self {
        let log = |n: u16| (0..2000 + 4000 * usize::from(n)).map(|i| (i * 31 + i / 255).to_le_bytes()[0]).collect();
        Self { first, logs: (0..count).map(log).collect(), ended: false }
    }

    fn entries(&self) -> Vec<Entry> {
        let size = |log: &Vec<u8>| u32::try_from(log.len()).unwrap();
        let ids = self.logs.iter().zip(self.first..);
        ids.map(|(log, id)| Entry { id, size_bytes: size(log), time_utc_s: 1_700_000_000 + u32::from(id) }).collect()
    }

    fn frame(&mut self, frame: &Frame) -> Vec<Body> {
        let payload = frame.payload();
        match frame.message_id() {
            117 => {
                let asked = payload.u16(0)..=payload.u16(2);
                self.list().into_iter().filter(|(id, _)| asked.contains(id)).map(|(_, body)| body).collect()
            }
            119 => self.data(payload.u16(8), payload.u32(0), payload.u32(4)),
            122 => {
                self.ended = true;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn list(&self) -> Vec<(u16, Body)> {
        let count = u16::try_from(self.logs.len()).unwrap();
        let last = self.first + count - u16::from(count > 0);
        let body = |entry: Entry| {
            let mut payload = [entry.time_utc_s.to_le_bytes(), entry.size_bytes.to_le_bytes()].concat();
            for field in [entry.id, count, last] {
                payload.extend_from_slice(&field.to_le_bytes());
            }
            (entry.id, Body::raw(118, &payload).unwrap())
        };
        let none = Entry { id: 0, size_bytes: 0, time_utc_s: 0 };
        if count == 0 { vec![body(none)] } else { self.entries().into_iter().map(body).collect() }
    }

    fn data(&self, id: u16, offset: u32, count: u32) -> Vec<Body> {
        let log = &self.logs[usize::from(id - self.first)];
        let start = usize::try_from(offset).unwrap();
        let end = (start + usize::try_from(count).unwrap()).min(log.len());
        let pieces = log[start..end].chunks(90).zip((offset..).step_by(90));
        let body = |(piece, at): (&[u8], u32)| {
            let mut payload = at.to_le_bytes().to_vec();
            payload.extend_from_slice(&id.to_le_bytes());
            payload.push(u8::try_from(piece.len()).unwrap());
            payload.extend_from_slice(piece);
            Body::raw(120, &payload).unwrap()
        };
        pieces.map(body).collect()
    }
}

fn list(link: &mut Link, vehicle: &mut Vehicle) -> Action {
    let (mut list, Action::Send(first)) = List::start(ENDS, link.now_ns) else { panic!("a request") };
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => list.frame(frame, now_ns),
            None => list.poll(now_ns),
        };
        let said = action.map(|action| match action {
            Action::Send(body) => Said::Send(body),
            end => Said::Done(end),
        });
        said.into_iter().collect()
    };
    link.converse(&first, client, |frame, _| frame.map(|frame| vehicle.frame(frame)).unwrap_or_default())
}

/// How it ended, and what was written.
fn fetch(link: &mut Link, vehicle: &mut Vehicle, log: Entry) -> (Action, Vec<u8>) {
    go_on(link, vehicle, log, 0)
}

/// As before it, when the first `have` bytes are there.
fn go_on(link: &mut Link, vehicle: &mut Vehicle, log: Entry, have: u32) -> (Action, Vec<u8>) {
    let (mut fetch, first) = Fetch::start(ENDS, log, have, link.now_ns);
    let [Action::Send(first)] = &first[..] else { panic!("a request") };
    let mut file = vec![0; usize::try_from(log.size_bytes).unwrap()];
    let client = |frame: Option<&Frame>, now_ns| {
        let actions = match frame {
            Some(frame) => fetch.frame(frame, now_ns),
            None => fetch.poll(now_ns),
        };
        let mut said = Vec::new();
        for action in actions {
            match action {
                Action::Send(body) => said.push(Said::Send(body)),
                Action::Write { offset, bytes } => {
                    let at = usize::try_from(offset).unwrap();
                    file[at..at + bytes.len()].copy_from_slice(&bytes);
                }
                end => said.push(Said::Done(end)),
            }
        }
        said
    };
    let outcome = link.converse(first, client, |frame, _| frame.map(|frame| vehicle.frame(frame)).unwrap_or_default());
    (outcome, file)
}

#[test]
fn logs_are_listed_however_they_are_numbered() {
    for (first, count, seed) in [(0, 0, 0), (0, 1, 0), (0, 60, 0), (1, 60, 0), (1, 60, 1), (0, 60, 2), (1, 3, 3)] {
        let mut vehicle = Vehicle::with(first, count);
        let mut link = Link::new(if seed == 0 { GOOD } else { AWFUL }, seed);
        assert_eq!(list(&mut link, &mut vehicle), Action::Listed(vehicle.entries()), "{first} {count} {seed}");
    }
}

#[test]
fn a_log_is_fetched_whole_over_any_link() {
    for seed in 0..8 {
        let mut vehicle = Vehicle::with(1, 30);
        let mut link = Link::new(if seed == 0 { GOOD } else { AWFUL }, seed);
        let log = vehicle.entries()[29];
        let (outcome, file) = fetch(&mut link, &mut vehicle, log);
        assert_eq!(outcome, Action::Fetched, "seed {seed}");
        assert!(file == vehicle.logs[29], "seed {seed}");
        assert!(link.now_ns < 900_000 * MS, "{}", link.now_ns);
        if seed == 0 {
            assert!(link.sent < 1400, "118,000 bytes in 1312 pieces: {}", link.sent);
        }
    }
}

#[test]
fn what_came_before_is_not_asked_for_again() {
    let mut vehicle = Vehicle::with(1, 30);
    let log = vehicle.entries()[29];
    let have = log.size_bytes - 900;
    let mut link = Link::new(GOOD, 0);
    let (outcome, file) = go_on(&mut link, &mut vehicle, log, have);
    let at = usize::try_from(have).unwrap();
    assert!(outcome == Action::Fetched && file[at..] == vehicle.logs[29][at..] && file[..at].iter().all(|b| *b == 0));
    assert!(link.sent < 16, "{}", link.sent);
    assert!(Fetch::start(ENDS, log, log.size_bytes, 0).0.is_over(), "all came before");
}

#[test]
fn who_falls_silent_is_given_up() {
    let mut vehicle = Vehicle::with(0, 3);
    let outcome = list(&mut Link::new(DEAD, 0), &mut vehicle);
    assert_eq!(outcome, Action::Failed(Failure::Timeout { missing: 0, of: 0 }));
    // The vehicle has less than it said.
    let log = Entry { size_bytes: 3000, ..vehicle.entries()[0] };
    let (outcome, _) = fetch(&mut Link::new(GOOD, 0), &mut vehicle, log);
    assert_eq!(outcome, Action::Failed(Failure::Timeout { missing: 1000, of: 3000 }));
}

#[test]
fn an_empty_log_is_fetched_at_once_and_a_cancelled_one_is_ended() {
    let log = |size_bytes| Entry { id: 1, size_bytes, time_utc_s: 0 };
    let (fetch, actions) = Fetch::start(ENDS, log(0), 0, 0);
    assert!(fetch.is_over() && actions.last() == Some(&Action::Fetched));
    let (mut fetch, _) = Fetch::start(ENDS, log(500), 0, 0);
    assert!(matches!(fetch.cancel(), Some(Action::Send(body)) if body.id() == 122));
    assert_eq!(fetch.cancel(), None);
}

#[test]
fn hostile_lists_are_bounded() {
    let mut vehicle = vehicle_link::frames::Encoder::new(1, 1);
    let (mut list, _) = List::start(ENDS, 0);
    let entry = |id: u16, count: u16, last: u16| {
        let mut payload = vec![0; 8];
        [id, count, last].into_iter().for_each(|field| payload.extend_from_slice(&field.to_le_bytes()));
        Body::raw(118, &payload).unwrap()
    };
    for (id, count, last) in [(0, 9, 2), (u16::MAX, 3, u16::MAX), (7, 4000, 1)] {
        let frame = vehicle.encode_body(&entry(id, count, last));
        assert!(!matches!(list.frame(&frame, 0), Some(Action::Send(_))));
    }
    // One that has logs, and then none.
    assert_eq!(list.frame(&vehicle.encode_body(&entry(0, 0, 9)), 0), Some(Action::Listed(Vec::new())));
    let (mut list, _) = List::start(ENDS, 0);
    let frame = vehicle.encode_body(&entry(0, u16::MAX, u16::MAX));
    assert_eq!(list.frame(&frame, 0), Some(Action::Failed(Failure::TooMany(u16::MAX))));
}

//! Parameters over good and awful links: our clients against our server.

use vehicle_link::{
    frames::{Body, Frame},
    parameters::{Action, Encoding, Failure, List, Name, Parameter, Read, Server, ServerAction, Set, Value},
};

use crate::channel::{AWFUL, DEAD, ENDS, GOOD, Link, MS, Said, VEHICLE};

const ENCODINGS: [Encoding; 2] = [Encoding::Bytewise, Encoding::CCast];

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn parameters(count: u16) -> Vec<Parameter> {
    let value = |i: u16| match i % 3 {
        0 => Value::I32(-i32::from(i)),
        1 => Value::F32(f32::from(i) / 7.0),
        _ => Value::U8(i.to_le_bytes()[0]),
    };
    (0..count).map(|i| Parameter { name: name(&format!("TEST_{i}")), value: value(i) }).collect()
}

/// TEST_0 and its like take no more than 1000.
fn server(encoding: Encoding, count: u16) -> Server {
    let accepts = |wanted: &Parameter| !matches!(wanted.value, Value::I32(1001..));
    Server::new(VEHICLE, encoding, parameters(count), accepts)
}

fn sends(actions: impl IntoIterator<Item = ServerAction>) -> Vec<Body> {
    let body = |action| match action {
        ServerAction::Send(body) => Some(body),
        ServerAction::Changed(_) => None,
    };
    actions.into_iter().filter_map(body).collect()
}

fn converse(
    link: &mut Link,
    first: Action,
    server: &mut Server,
    mut client: impl FnMut(Option<&Frame>, u64) -> Vec<Action>,
) -> Action {
    let Action::Send(first) = first else { panic!("a message first") };
    let said = |action| match action {
        Action::Send(body) => Said::Send(body),
        end => Said::Done(end),
    };
    link.converse(
        &first,
        |frame, now_ns| client(frame, now_ns).into_iter().map(said).collect(),
        |frame, _| match frame {
            Some(frame) => sends(server.frame(frame)),
            None => sends(server.poll()),
        },
    )
}

fn list(link: &mut Link, encoding: Encoding, server: &mut Server) -> Action {
    let (mut list, first) = List::start(ENDS, encoding, link.now_ns);
    converse(link, first, server, |frame, now_ns| match frame {
        Some(frame) => list.frame(frame, now_ns),
        None => list.poll(now_ns),
    })
}

fn read(link: &mut Link, of: &str, server: &mut Server) -> Action {
    let (mut read, first) = Read::start(ENDS, Encoding::Bytewise, name(of), link.now_ns);
    converse(link, first, server, |frame, now_ns| {
        let action = match frame {
            Some(frame) => read.frame(frame, now_ns),
            None => read.poll(now_ns),
        };
        action.into_iter().collect()
    })
}

fn set(link: &mut Link, encoding: Encoding, parameter: Parameter, server: &mut Server) -> Action {
    let (mut set, first) = Set::start(ENDS, encoding, parameter, link.now_ns);
    converse(link, first, server, |frame, now_ns| {
        let action = match frame {
            Some(frame) => set.frame(frame, now_ns),
            None => set.poll(now_ns),
        };
        action.into_iter().collect()
    })
}

#[test]
fn all_are_listed_in_both_encodings() {
    for encoding in ENCODINGS {
        let mut link = Link::new(GOOD, 0);
        assert_eq!(list(&mut link, encoding, &mut server(encoding, 700)), Action::Listed(parameters(700)));
        assert!(link.sent < 730, "nothing is asked for twice: {}", link.sent);
    }
}

#[test]
fn what_is_lost_is_asked_for_by_its_index() {
    for seed in 0..30 {
        let mut link = Link::new(AWFUL, seed);
        let listed = list(&mut link, Encoding::Bytewise, &mut server(Encoding::Bytewise, 300));
        assert_eq!(listed, Action::Listed(parameters(300)), "seed {seed}");
        assert!(link.now_ns < 300_000 * MS, "{}", link.now_ns);
    }
}

#[test]
fn a_value_is_set_confirmed_and_read_back() {
    for (encoding, seed) in ENCODINGS.into_iter().zip(0..).chain((2..40).map(|seed| (Encoding::Bytewise, seed))) {
        let mut link = Link::new(if seed < 2 { GOOD } else { AWFUL }, seed);
        let mut server = server(encoding, 9);
        let wanted = Parameter { name: name("TEST_3"), value: Value::I32(77) };
        assert_eq!(set(&mut link, encoding, wanted, &mut server), Action::Is(wanted));
        assert_eq!(server.get(wanted.name), Some(Value::I32(77)));
        if encoding == Encoding::Bytewise {
            assert_eq!(read(&mut link, "TEST_3", &mut server), Action::Is(wanted));
        }
    }
}

#[test]
fn what_the_vehicle_does_not_take_is_told() {
    let mut server = server(Encoding::Bytewise, 9);
    let mut set = |value| {
        let wanted = Parameter { name: name("TEST_3"), value };
        set(&mut Link::new(GOOD, 0), Encoding::Bytewise, wanted, &mut server)
    };
    let kept = Action::Failed(Failure::Kept(Value::I32(-3)));
    assert_eq!(set(Value::I32(1001)), kept);
    assert_eq!(set(Value::F32(1.0)), kept, "another type");
}

#[test]
fn who_is_not_there_or_does_not_know_is_given_up() {
    let mut server = server(Encoding::Bytewise, 9);
    let none = Action::Failed(Failure::Timeout { have: 0, of: 1 });
    assert_eq!(read(&mut Link::new(GOOD, 0), "NO_SUCH", &mut server), none);
    let mut dead = Link::new(DEAD, 0);
    assert_eq!(read(&mut dead, "TEST_1", &mut server), none);
    assert!(dead.now_ns < 7_000 * MS);
    let listed = list(&mut Link::new(DEAD, 0), Encoding::Bytewise, &mut server);
    assert_eq!(listed, Action::Failed(Failure::Timeout { have: 0, of: 0 }));
}

#[test]
fn a_vehicle_that_boasts_is_refused() {
    let (mut list, _) = List::start(ENDS, Encoding::Bytewise, 0);
    let mut payload = [0_u8; 25];
    payload[4..9].copy_from_slice(&[0xFF, 0xFF, 3, 0, b'A']);
    let frame = vehicle_link::frames::Encoder::new(1, 1).encode_body(&Body::raw(22, &payload).unwrap());
    assert_eq!(list.frame(&frame, 0), [Action::Failed(Failure::TooMany(u16::MAX))]);
    assert!(list.is_over());
}

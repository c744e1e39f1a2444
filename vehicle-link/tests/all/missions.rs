//! Plans over good and bad links: our client against our server, every frame through the wire form.

use proptest::prelude::*;
use vehicle_link::{
    dialect::MavMissionResult,
    frames::{Body, Encoder, Frame},
    missions::{Action, Clear, Download, Failure, Item, Kind, Server, ServerAction, Step, Upload},
};

use crate::channel::{AWFUL, Badness, DEAD, ENDS, GOOD, Link, MS, Said, VEHICLE};

fn any_item(_: Kind, _: &Item) -> MavMissionResult {
    MavMissionResult::MAV_MISSION_ACCEPTED
}

fn item(i: i32) -> Item {
    Item {
        frame: 6,
        // 31_010 is a user command no dialect enum has in `common` flights; 16 a waypoint.
        command: if i % 3 == 0 { 31_010 } else { 16 },
        autocontinue: 1,
        params: [i as f32, f32::NAN, 0.0, -1.5],
        x: 515_000_000 + i,
        y: -1_000_000 - i,
        z: 40.0,
    }
}

fn sends(actions: Vec<ServerAction>) -> impl Iterator<Item = Body> {
    actions.into_iter().filter_map(|action| match action {
        ServerAction::Send(body) => Some(body),
        ServerAction::Changed(_) => None,
    })
}

/// Client and server over `link`, until the client has ended.
fn transfer(
    link: &mut Link,
    first: Action,
    server: &mut Server,
    mut client: impl FnMut(Option<&Frame>, u64) -> Vec<Action>,
) -> Action {
    let Action::Send(first) = first else { panic!("a message first") };
    let client = |frame: Option<&Frame>, now_ns| {
        let actions = client(frame, now_ns).into_iter();
        let said = actions.map(|action| match action {
            Action::Send(body) => Said::Send(body),
            end => Said::Done(end),
        });
        said.collect()
    };
    let server = |frame: Option<&Frame>, now_ns| {
        let actions = match frame {
            Some(frame) => server.frame(frame, now_ns),
            None => server.poll(now_ns),
        };
        sends(actions).collect()
    };
    link.converse(&first, client, server)
}

fn upload(link: &mut Link, items: &[Item], kind: Kind, server: &mut Server) -> Action {
    let (mut client, first) = Upload::start(ENDS, kind, items.to_vec(), link.now_ns).unwrap();
    transfer(link, first, server, |frame, now_ns| match frame {
        Some(frame) => client.frame(frame, now_ns),
        None => client.poll(now_ns),
    })
}

fn download(link: &mut Link, kind: Kind, server: &mut Server) -> Action {
    let (mut client, first) = Download::start(ENDS, kind, link.now_ns);
    transfer(link, first, server, |frame, now_ns| match frame {
        Some(frame) => client.frame(frame, now_ns),
        None => client.poll(now_ns),
    })
}

fn clear(link: &mut Link, kind: Option<Kind>, server: &mut Server) -> Action {
    let (mut client, first) = Clear::start(ENDS, kind, link.now_ns);
    transfer(link, first, server, |frame, now_ns| {
        let action = match frame {
            Some(frame) => client.frame(frame, now_ns),
            None => client.poll(now_ns),
        };
        action.into_iter().collect()
    })
}

fn good() -> Link {
    Link::new(GOOD, 0)
}

fn plan(items: std::ops::Range<i32>) -> Vec<Item> {
    items.map(item).collect()
}

fn server_with(count: i32) -> (Server, Vec<Item>) {
    let mut server = Server::new(VEHICLE, 1000, any_item);
    let items = plan(0..count);
    assert_eq!(upload(&mut good(), &items, Kind::Mission, &mut server), Action::Uploaded);
    (server, items)
}

#[test]
fn what_goes_up_comes_down_bit_for_bit() {
    let (mut server, items) = server_with(300);
    assert_eq!(server.plan(Kind::Mission), items);
    assert_eq!(download(&mut good(), Kind::Mission, &mut server), Action::Downloaded(items));
    assert_eq!(download(&mut good(), Kind::Fence, &mut server), Action::Downloaded(Vec::new()));
}

#[test]
fn a_dead_link_ends_in_time_out() {
    let mut server = Server::new(VEHICLE, 10, any_item);
    let mut link = Link::new(DEAD, 0);
    let outcome = download(&mut link, Kind::Mission, &mut server);
    assert_eq!(outcome, Action::Failed(Failure::Timeout { at: Step::Begin }));
    // Six waits of 1.5 s and the steps of this test.
    assert!((9_000 * MS..9_100 * MS).contains(&link.now_ns), "{}", link.now_ns);
}

#[test]
fn the_old_plan_survives_an_upload_broken_at_any_item() {
    for broken_at in 0..10_u16 {
        let (mut server, items) = server_with(5);
        let (mut client, first) = Upload::start(ENDS, Kind::Mission, plan(10..20), 0).unwrap();
        let Action::Send(count) = first else { panic!("COUNT first") };
        let mut station = Encoder::new(255, 190);
        let mut vehicle = Encoder::new(1, 1);
        let mut up = vec![count];
        for _ in 0..broken_at {
            let down: Vec<Body> = up.iter().flat_map(|b| sends(server.frame(&station.encode_body(b), 0))).collect();
            let frames: Vec<Frame> = down.iter().map(|body| vehicle.encode_body(body)).collect();
            let actions = frames.iter().flat_map(|frame| client.frame(frame, 0));
            up = actions.filter_map(|a| if let Action::Send(body) = a { Some(body) } else { None }).collect();
        }
        // Silence from here on, for both.
        let ends = (1..100).map(|n| n * 1_500 * MS).find_map(|now_ns| {
            server.poll(now_ns);
            client.poll(now_ns).into_iter().find(|action| !matches!(action, Action::Send(_)))
        });
        let at = match broken_at {
            0 => Step::Begin,
            next => Step::Items { next: next - 1, of: 10 },
        };
        assert_eq!(ends, Some(Action::Failed(Failure::Timeout { at })));
        assert_eq!(server.plan(Kind::Mission), items);
        assert_eq!(upload(&mut good(), &items, Kind::Mission, &mut server), Action::Uploaded, "free for the next");
    }
}

#[test]
fn a_cancelled_upload_leaves_the_old_plan_and_frees_the_vehicle() {
    let (mut server, items) = server_with(3);
    let (mut client, first) = Upload::start(ENDS, Kind::Mission, plan(5..9), 0).unwrap();
    let mut station = Encoder::new(255, 190);
    let Action::Send(count) = first else { panic!("COUNT first") };
    server.frame(&station.encode_body(&count), 0);
    let [Action::Send(cancel)] = &client.cancel()[..] else { panic!("an ACK that cancels") };
    server.frame(&station.encode_body(cancel), 0);
    assert!(client.is_over() && client.cancel().is_empty());
    assert_eq!(server.plan(Kind::Mission), items);
    let answers = server.frame(&Encoder::new(254, 190).encode_body(&count), 0);
    let request = Encoder::new(1, 1).encode_body(&sends(answers).next().unwrap());
    assert_eq!(request.message_id(), 51, "the next station is served");
}

#[test]
fn an_acknowledgement_of_the_upload_before_is_not_believed() {
    let (mut client, _) = Upload::start(ENDS, Kind::Mission, plan(0..2), 0).unwrap();
    let accepted = Encoder::new(1, 1).encode_body(&Body::raw(47, &[255, 190, 0, 0]).unwrap());
    assert_eq!(client.frame(&accepted, 0), []);
    assert!(!client.is_over());
}

#[test]
fn opaque_ids_name_a_plan() {
    let (mut server, items) = server_with(4);
    let id = server.opaque_id(Kind::Mission);
    assert_ne!(id, 0);
    let (mut client, first) = Download::start(ENDS, Kind::Mission, 0);
    transfer(&mut good(), first, &mut server, |frame, now_ns| match frame {
        Some(frame) => client.frame(frame, now_ns),
        None => client.poll(now_ns),
    });
    assert_eq!(client.opaque_id(), Some(id));
    let (mut client, first) = Upload::start(ENDS, Kind::Mission, items[1..].to_vec(), 0).unwrap();
    transfer(&mut good(), first, &mut server, |frame, now_ns| match frame {
        Some(frame) => client.frame(frame, now_ns),
        None => client.poll(now_ns),
    });
    let other = server.opaque_id(Kind::Mission);
    assert_eq!(client.opaque_id(), Some(other));
    assert_ne!(other, id);
    upload(&mut good(), &items, Kind::Mission, &mut server);
    assert_eq!(server.opaque_id(Kind::Mission), id, "the same plan, the same id");
}

#[test]
fn plans_are_cleared_one_or_all() {
    let (mut server, items) = server_with(4);
    for kind in [Kind::Fence, Kind::Rally] {
        assert_eq!(upload(&mut good(), &items, kind, &mut server), Action::Uploaded);
    }
    assert_eq!(clear(&mut good(), Some(Kind::Fence), &mut server), Action::Cleared);
    assert_eq!(Kind::ALL.map(|kind| server.plan(kind).len()), [4, 0, 4]);
    let mut bad = Link::new(AWFUL, 3);
    assert_eq!(clear(&mut bad, None, &mut server), Action::Cleared);
    assert_eq!(Kind::ALL.map(|kind| server.plan(kind).len()), [0; 3]);
    let outcome = clear(&mut Link::new(DEAD, 0), None, &mut server);
    assert_eq!(outcome, Action::Failed(Failure::Timeout { at: Step::Begin }));
}

#[test]
fn too_long_and_unwelcome_plans_are_refused_by_name() {
    fn no_commands(_: Kind, item: &Item) -> MavMissionResult {
        match item.command {
            16 => MavMissionResult::MAV_MISSION_ACCEPTED,
            _ => MavMissionResult::MAV_MISSION_UNSUPPORTED,
        }
    }
    let mut server = Server::new(VEHICLE, 3, no_commands);
    let outcome = upload(&mut good(), &plan(0..4), Kind::Mission, &mut server);
    assert_eq!(outcome, Action::Failed(Failure::Refused { result: 4, at: Step::Begin }));
    let outcome = upload(&mut good(), &[item(1), item(3), item(4)], Kind::Mission, &mut server);
    let failure = Failure::Refused { result: 3, at: Step::Items { next: 1, of: 3 } };
    assert_eq!(outcome, Action::Failed(failure));
    assert_eq!(failure.to_string(), "the vehicle refused at item 1 of 3: command unsupported");
    assert!(server.plan(Kind::Mission).is_empty());
}

#[test]
fn a_second_station_is_denied_while_the_first_uploads() {
    let mut server = Server::new(VEHICLE, 10, any_item);
    let (_, first) = Upload::start(ENDS, Kind::Mission, vec![item(1)], 0).unwrap();
    let Action::Send(count) = first else { panic!("COUNT first") };
    server.frame(&Encoder::new(255, 190).encode_body(&count), 0);
    let (_, Action::Send(clear)) = Clear::start(ENDS, None, 0) else { panic!("CLEAR_ALL first") };
    for body in [count, clear] {
        let answers = server.frame(&Encoder::new(254, 190).encode_body(&body), 0);
        let ack = Encoder::new(1, 1).encode_body(&sends(answers).next().unwrap());
        assert_eq!((ack.message_id(), ack.target(), ack.payload().u8(2)), (47, Some((254, 190)), 14));
    }
}

/// All three kinds up and down; the transfers that were given up.
fn there_and_back(badness: Badness, seed: u64) -> Vec<(u64, Kind, Failure)> {
    let mut link = Link::new(badness, seed);
    let (mut server, old) = server_with(3);
    let mut given_up = Vec::new();
    for kind in Kind::ALL {
        let new = plan(100..112);
        let begun_ns = link.now_ns;
        match upload(&mut link, &new, kind, &mut server) {
            Action::Uploaded => assert_eq!(server.plan(kind), new),
            // Given up: the old plan or the new, never a mixture.
            Action::Failed(why @ (Failure::Timeout { .. } | Failure::Refused { result: 15, .. })) => {
                given_up.push((seed, kind, why));
                let before = if kind == Kind::Mission { &old[..] } else { &[] };
                assert!(server.plan(kind) == before || server.plan(kind) == new);
            }
            other => panic!("seed {seed}: {other:?}"),
        }
        let held = server.plan(kind).to_vec();
        match download(&mut link, kind, &mut server) {
            Action::Downloaded(items) => assert_eq!(items, held),
            Action::Failed(why @ Failure::Timeout { .. }) => given_up.push((seed, kind, why)),
            other => panic!("seed {seed}: {other:?}"),
        }
        assert!(link.now_ns - begun_ns < 600_000 * MS, "ten minutes for both ways");
    }
    given_up
}

/// A vehicle that is heard is not given up for its losses: of 1200 transfers at 30 % loss, all end right.
#[test]
fn awful_links_end_right_in_bounded_time() {
    let given_up: Vec<_> = (0..200).flat_map(|seed| there_and_back(AWFUL, seed)).collect();
    assert_eq!(given_up, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_link_no_plan_is_a_mixture(
        seed in any::<u64>(), loss in 0..70_u64, copies in 0..50_u64, delay in 0..2_000_u64, jitter in 1..1_000_u64,
    ) {
        let badness = Badness { loss_percent: loss, copies_percent: copies, delay_ns: delay * MS, jitter_ns: jitter * MS };
        there_and_back(badness, seed);
    }
}

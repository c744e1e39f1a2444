//! Plans over good and bad links: our client against our server, every frame through the wire form.

use proptest::prelude::*;
use vehicle_link::{
    dialect::MavMissionResult,
    frames::{Body, Encoder, Frame},
    missions::{Action, Download, Ends, Failure, Item, Kind, Server, ServerAction, Upload},
    peers::Address,
};

const STATION: Address = Address { system: 255, component: 190 };
const VEHICLE: Address = Address { system: 1, component: 1 };
const ENDS: Ends = Ends { own: STATION, remote: VEHICLE };
const STEP_NS: u64 = 10_000_000;

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

/// The client of either direction.
enum Client {
    Down(Download),
    Up(Upload),
}

impl Client {
    fn frame(&mut self, frame: &Frame, now_ns: u64) -> Vec<Action> {
        match self {
            Self::Down(download) => download.frame(frame, now_ns),
            Self::Up(upload) => upload.frame(frame, now_ns),
        }
    }

    fn poll(&mut self, now_ns: u64) -> Vec<Action> {
        match self {
            Self::Down(download) => download.poll(now_ns),
            Self::Up(upload) => upload.poll(now_ns),
        }
    }
}

/// Client and server with a link between them that loses what `lose` says, one 10 ms step a hop.
fn transfer(mut client: Client, first: Action, server: &mut Server, mut lose: impl FnMut() -> bool) -> (Action, u64) {
    let (mut station, mut vehicle) = (Encoder::new(255, 190), Encoder::new(1, 1));
    let mut up = vec![first];
    let mut down: Vec<Body> = Vec::new();
    let mut now_ns = 0;
    loop {
        now_ns += STEP_NS;
        assert!(now_ns < 3_600_000_000_000, "bounded time");
        for action in std::mem::take(&mut up) {
            let Action::Send(body) = action else {
                return (action, now_ns);
            };
            let frame = station.encode_body(&body);
            if !lose() {
                down.extend(sends(server.frame(&frame, now_ns)));
            }
        }
        down.extend(sends(server.poll(now_ns)));
        for body in std::mem::take(&mut down) {
            let frame = vehicle.encode_body(&body);
            if !lose() {
                up.extend(client.frame(&frame, now_ns));
            }
        }
        up.extend(client.poll(now_ns));
    }
}

fn sends(actions: Vec<ServerAction>) -> impl Iterator<Item = Body> {
    actions.into_iter().filter_map(|action| match action {
        ServerAction::Send(body) => Some(body),
        ServerAction::Changed(_) => None,
    })
}

fn upload(items: Vec<Item>, kind: Kind, server: &mut Server, lose: impl FnMut() -> bool) -> (Action, u64) {
    let (client, first) = Upload::start(ENDS, kind, items, 0).unwrap();
    transfer(Client::Up(client), first, server, lose)
}

fn download(kind: Kind, server: &mut Server, lose: impl FnMut() -> bool) -> (Action, u64) {
    let (client, first) = Download::start(ENDS, kind, 0);
    transfer(Client::Down(client), first, server, lose)
}

fn server_with(count: i32) -> (Server, Vec<Item>) {
    let mut server = Server::new(VEHICLE, 1000, any_item);
    let items: Vec<Item> = (0..count).map(item).collect();
    let (outcome, _) = upload(items.clone(), Kind::Mission, &mut server, || false);
    assert_eq!(outcome, Action::Uploaded);
    (server, items)
}

#[test]
fn what_goes_up_comes_down_bit_for_bit() {
    let (mut server, items) = server_with(300);
    assert_eq!(server.plan(Kind::Mission), items);
    assert_eq!(download(Kind::Mission, &mut server, || false).0, Action::Downloaded(items));
    assert_eq!(download(Kind::Fence, &mut server, || false).0, Action::Downloaded(Vec::new()));
}

#[test]
fn a_dead_link_ends_in_time_out() {
    let mut server = Server::new(VEHICLE, 10, any_item);
    let (outcome, took_ns) = download(Kind::Mission, &mut server, || true);
    assert_eq!(outcome, Action::Failed(Failure::Timeout));
    // Six waits of 1.5 s and the steps of this test.
    assert!((9_000_000_000..9_100_000_000).contains(&took_ns), "{took_ns}");
}

#[test]
fn the_old_plan_survives_a_broken_upload() {
    let (mut server, items) = server_with(5);
    let mut hops = 0;
    let broken = || {
        hops += 1;
        hops > 6
    };
    let (outcome, _) = upload((10..20).map(item).collect(), Kind::Mission, &mut server, broken);
    assert_eq!(outcome, Action::Failed(Failure::Timeout));
    assert_eq!(server.plan(Kind::Mission), items);
}

#[test]
fn a_lost_ack_is_given_again() {
    let mut server = Server::new(VEHICLE, 10, any_item);
    // COUNT, REQUEST, ITEM, REQUEST, ITEM, ACK: the sixth hop is lost.
    let mut hops = 0;
    let ack_lost = || {
        hops += 1;
        hops == 6
    };
    let (outcome, _) = upload(vec![item(1), item(2)], Kind::Mission, &mut server, ack_lost);
    assert_eq!(outcome, Action::Uploaded);
}

#[test]
fn too_long_and_unwelcome_plans_are_refused() {
    fn no_commands(_: Kind, item: &Item) -> MavMissionResult {
        match item.command {
            16 => MavMissionResult::MAV_MISSION_ACCEPTED,
            _ => MavMissionResult::MAV_MISSION_UNSUPPORTED,
        }
    }
    let mut server = Server::new(VEHICLE, 3, no_commands);
    let (outcome, _) = upload((0..4).map(item).collect(), Kind::Mission, &mut server, || false);
    assert_eq!(outcome, Action::Failed(Failure::Refused(4))); // NO_SPACE
    let (outcome, _) = upload(vec![item(1), item(3)], Kind::Mission, &mut server, || false);
    assert_eq!(outcome, Action::Failed(Failure::Refused(3))); // UNSUPPORTED
    assert!(server.plan(Kind::Mission).is_empty());
}

#[test]
fn a_second_station_is_denied_while_the_first_uploads() {
    let mut server = Server::new(VEHICLE, 10, any_item);
    let (_, first) = Upload::start(ENDS, Kind::Mission, vec![item(1)], 0).unwrap();
    let Action::Send(count) = first else { panic!("COUNT first") };
    server.frame(&Encoder::new(255, 190).encode_body(&count), 0);
    let answers = server.frame(&Encoder::new(254, 190).encode_body(&count), 0);
    let ack = Encoder::new(1, 1).encode_body(&sends(answers).next().unwrap());
    assert_eq!((ack.message_id(), ack.target(), ack.payload().u8(2)), (47, Some((254, 190)), 14));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// At 30 % loss each way a transfer either ends right or says that it failed; and then the
    /// vehicle's plan is either the old or the new, never a mixture.
    #[test]
    fn lossy_links_end_right_in_bounded_time(seed in any::<u64>(), count in 0..40_i32) {
        let mut state = seed | 1;
        let mut lose = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 10 < 3
        };
        let (mut server, old) = server_with(3);
        let new: Vec<Item> = (100..100 + count).map(item).collect();
        let (outcome, _) = upload(new.clone(), Kind::Mission, &mut server, &mut lose);
        match outcome {
            Action::Uploaded => prop_assert_eq!(server.plan(Kind::Mission), &new[..]),
            Action::Failed(Failure::Timeout | Failure::Refused(15)) => {
                let plan = server.plan(Kind::Mission);
                prop_assert!(plan == old || plan == new);
            }
            other => prop_assert!(false, "{other:?}"),
        }
        let plan = server.plan(Kind::Mission).to_vec();
        match download(Kind::Mission, &mut server, &mut lose).0 {
            Action::Downloaded(items) => prop_assert_eq!(items, plan),
            Action::Failed(failure) => prop_assert_eq!(failure, Failure::Timeout),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

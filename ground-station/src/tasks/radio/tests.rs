use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flight_record::keys::DeviceKey;
use flight_record::radio::{Body as Radioed, Ready};
use flight_record::statement::{Action, Session};
use vehicle_link::frames::{Body, Encoder};
use vehicle_link::hub::{Hub, LinkId, Received, To};
use vehicle_link::missions::{Item, Kind, Server, ServerAction};
use vehicle_link::parameters::{Encoding, Name, Parameter, Server as Parameters, ServerAction as Told, Value};
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use super::*;
use crate::clock;
use crate::fly::Far;
use crate::link::OWN;
use crate::signer::Signs;
use crate::tasks::orders::{Answer, Signed, SignedWish};

const HEARTBEAT: u32 = 0;
const COMMAND_LONG: u32 = 76;
const COMMAND_ACK: u32 = 77;
const CAMERA: Address = Address { system: 7, component: 100 };
const WHO: Address = Address { system: 7, component: 1 };
/// Longest wait for anything.
const PATIENCE_NS: u64 = 40_000_000_000;

/// What the vehicle answers, by command and its second parameter: results in order, the last one for ever. Without any it accepts.
type Script = Vec<((u16, u8), Vec<Option<u8>>)>;

/// A vehicle on a loopback link.
struct Vehicle {
    port: u16,
    /// Commands that came, by number.
    came: Arc<Mutex<BTreeMap<u16, u32>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Vehicle {
    fn start(script: Script) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let endpoints = ["udpin:127.0.0.1:0".parse().unwrap()];
        let hub = runtime.block_on(Hub::open(&endpoints, Arc::new(clock::SystemClock))).unwrap();
        let port = hub.local_addr(LinkId(0)).unwrap().port();
        let came = Arc::new(Mutex::new(BTreeMap::new()));
        runtime.spawn(fly(hub, script, Arc::clone(&came)));
        Self { port, came, _runtime: runtime }
    }

    fn commands(&self, number: u16) -> u32 {
        self.came.lock().unwrap().get(&number).copied().unwrap_or(0)
    }
}

async fn fly(hub: Hub, mut script: Script, came: Arc<Mutex<BTreeMap<u16, u32>>>) {
    let mut encoder = Encoder::new(WHO.system, WHO.component);
    let mut recorder = Encoder::new(CAMERA.system, CAMERA.component);
    let mut heard = hub.subscribe();
    let mut plans = Server::new(WHO, 100, |_, _| vehicle_link::dialect::MavMissionResult::MAV_MISSION_ACCEPTED);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut beats = 0_u32;
    let parameter = Parameter { name: "RTL_ALT".parse().unwrap(), value: Value::F32(6_000.0) };
    let mut parameters = Parameters::new(WHO, Encoding::CCast, vec![parameter], |_| true);
    loop {
        let received: Option<Received> = tokio::select! {
            _ = ticks.tick() => None,
            received = heard.recv() => received,
        };
        let mut out = Vec::new();
        match &received {
            None => {
                beats += 1;
                if beats % 5 == 1 {
                    out.push(Body::raw(HEARTBEAT, &[0, 0, 0, 0, 2, 3, 0x80, 4, 3]).unwrap());
                    let ready = Radioed::Ready(Ready { flags: 0, device: [8; 16], recipient: [0; 4] });
                    hub.send(
                        &recorder.encode_body(&Body::raw(HEARTBEAT, &[0, 0, 0, 0, 30, 8, 0, 4, 3]).unwrap()),
                        To::All,
                    );
                    hub.send(&recorder.encode_body(&tunnel(&ready)), To::All);
                }
                out.extend(served(plans.poll(clock::mono_ns())));
            }
            Some(Received { frame, .. }) => {
                let tunnelled = Tunnel::read(frame).map(|tunnel| Radioed::decode(tunnel.payload_type, &tunnel.bytes));
                if let Some(Ok(order @ (Radioed::Statement(_) | Radioed::Authorisation(_)))) = tunnelled {
                    // It stands in the record: it comes back as it was.
                    hub.send(&recorder.encode_body(&tunnel(&order)), To::All);
                }
                if let Some(answer) = answered(frame, &mut script, &came) {
                    out.push(answer);
                }
                out.extend(served(plans.frame(frame, clock::mono_ns())));
                for told in parameters.frame(frame) {
                    let Told::Send(body) = told else { continue };
                    out.push(body);
                }
            }
        }
        for body in out {
            hub.send(&encoder.encode_body(&body), To::All);
        }
    }
}

fn tunnel(body: &Radioed) -> Body {
    Tunnel::to(OWN, body.payload_type(), body.encode()).body().unwrap()
}

fn served(actions: Vec<ServerAction>) -> Vec<Body> {
    let sent = |action| if let ServerAction::Send(body) = action { Some(body) } else { None };
    actions.into_iter().filter_map(sent).collect()
}

fn answered(frame: &Frame, script: &mut Script, came: &Mutex<BTreeMap<u16, u32>>) -> Option<Body> {
    if frame.message_id() != COMMAND_LONG && frame.message_id() != 75 {
        return None;
    }
    let payload = frame.payload();
    let number = payload.u16(28);
    *came.lock().unwrap().entry(number).or_insert(0) += 1;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modes")]
    let second = payload.f32(4) as u8;
    let row = script.iter_mut().find(|(key, _)| *key == (number, second));
    let result = row.map_or(Some(0), |(_, results)| if results.len() > 1 { results.remove(0) } else { results[0] })?;
    let [low, high] = number.to_le_bytes();
    Some(Body::raw(COMMAND_ACK, &[low, high, result, 0, 0, 0, 0, 0, 255, 190]).unwrap())
}

/// The radio, and all that it has told.
struct Bench {
    radio: Radio,
    asked: Receiver<()>,
    events: Vec<Event>,
}

impl Bench {
    fn start(endpoints: &[String]) -> Self {
        let (tell, asked) = sync_channel(1);
        let endpoints = endpoints.iter().map(|endpoint| endpoint.parse().unwrap()).collect();
        let setup = Setup { endpoints, signing_key: None };
        let radio = Radio::start(
            setup,
            Arc::new(move || {
                let _ = tell.try_send(());
            }),
        )
        .unwrap();
        Self { radio, asked, events: Vec::new() }
    }

    fn with(vehicle: &Vehicle) -> Self {
        let mut bench = Self::start(&[format!("udpout:127.0.0.1:{}", vehicle.port)]);
        bench.until(|event| matches!(event, Event::Frame { frame, .. } if frame.message_id() == HEARTBEAT && Address::of(frame) == WHO));
        bench
    }

    /// Waits for the first event, among all that came, that is what is wanted.
    fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> &Event {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        let mut seen = 0;
        loop {
            self.events.extend(self.radio.events());
            if let Some(at) = self.events[seen..].iter().position(&wanted) {
                return &self.events[seen + at];
            }
            seen = self.events.len();
            assert!(clock::mono_ns() < until_ns, "never came; the last: {:?}", self.events.last());
            let _ = self.asked.recv_timeout(Duration::from_millis(200));
        }
    }

    fn order(&mut self, order: Order) -> OrderId {
        self.radio.order(WHO.system, order).unwrap()
    }

    /// How the order ended.
    fn end(&mut self, of: OrderId) -> Outcome {
        let event = self.until(|event| matches!(event, Event::Order { id, outcome } if *id == of && outcome.is_end()));
        let Event::Order { outcome, .. } = event else { panic!("{event:?}") };
        outcome.clone()
    }
}

const DONE: Outcome = Outcome::Accepted(Answer::Done);

#[test]
fn hold_tries_loiter_where_brake_is_refused() {
    let vehicle = Vehicle::start(vec![((176, 17), vec![Some(4)]), ((176, 5), vec![Some(0)])]);
    let mut bench = Bench::with(&vehicle);
    let hold = bench.order(Order::Hold);
    assert_eq!((bench.end(hold), vehicle.commands(176)), (DONE, 2));
}

#[test]
fn a_return_into_silence_is_repeated_fast_until_it_is_answered() {
    let vehicle = Vehicle::start(vec![((20, 0), vec![None, None, None, None, Some(0)])]);
    let mut bench = Bench::with(&vehicle);
    let begun_ns = clock::mono_ns();
    let home = bench.order(Order::Return);
    assert_eq!(bench.end(home), DONE);
    assert!(vehicle.commands(20) >= 5);
    let took_ns = clock::mono_ns() - begun_ns;
    assert!(took_ns < 4_000_000_000, "four lost in {took_ns} ns: it is said four times a second");
}

#[test]
fn a_hold_takes_the_place_of_what_is_still_repeated_and_waits_for_nothing() {
    let vehicle = Vehicle::start(vec![((22, 0), vec![None])]);
    let mut bench = Bench::with(&vehicle);
    let climb = bench.order(Order::Takeoff { height_m: 20.0 });
    bench.until(|event| matches!(event, Event::Order { outcome: Outcome::Sent, .. }));
    let arm = bench.order(Order::Arm);
    let hold = bench.order(Order::Hold);
    assert_eq!(bench.end(climb), Outcome::Superseded);
    assert_eq!((bench.end(hold), bench.end(arm)), (DONE, DONE), "arming is no course");
    let ends = bench
        .events
        .iter()
        .filter(|event| matches!(event, Event::Order { id, outcome } if *id == climb && outcome.is_end()));
    assert_eq!(ends.count(), 1);
}

#[test]
fn refusals_come_in_words_and_an_unknown_vehicle_is_named() {
    let vehicle = Vehicle::start(vec![((400, 0), vec![Some(2)])]);
    let mut bench = Bench::with(&vehicle);
    let arm = bench.order(Order::Arm);
    let Outcome::Refused(words) = bench.end(arm) else { panic!("refused") };
    assert!(words.contains("denied"), "{words}");
    let other = bench.radio.order(9, Order::Arm).unwrap();
    let Outcome::Refused(words) = bench.end(other) else { panic!("refused") };
    assert!(words.contains("system id 9"), "{words}");
}

#[test]
fn parameters_and_plans_come_while_frames_still_flow() {
    let vehicle = Vehicle::start(Vec::new());
    let mut bench = Bench::with(&vehicle);
    let there: Name = "RTL_ALT".parse().unwrap();
    let read = bench.order(Order::ReadParameters(vec![there]));
    let Outcome::Accepted(Answer::Parameters { are, missing }) = bench.end(read) else { panic!("parameters") };
    assert_eq!((are[0].name, are[0].value, missing.len()), (there, Value::F32(6_000.0), 0));
    let plan = mission_profiles::plan_files::Plan {
        planned_home: Some([52.0, -1.0, 60.0]),
        mission: vec![mission_profiles::plan_files::Item {
            frame: 3,
            command: 16,
            autocontinue: true,
            params: [0.0; 4],
            x: 520_000_000,
            y: -10_000_000,
            z: 40.0,
        }],
        fence: Vec::new(),
        rally: Vec::new(),
    };
    let upload = bench.order(Order::Upload(Box::new(plan)));
    let Outcome::Accepted(Answer::Plan(sent)) = bench.end(upload) else { panic!("uploaded") };
    let back = bench.order(Order::ReadPlan);
    let Outcome::Accepted(Answer::Plan(held)) = bench.end(back) else { panic!("read back") };
    let items = |kinds: &[(Kind, Vec<Item>)]| kinds.iter().map(|(_, items)| items.len()).collect::<Vec<_>>();
    assert_eq!((items(&sent.kinds), items(&held.kinds)), (vec![2], vec![2, 0, 0]), "home, and the waypoint");
    let beats = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::Frame { .. })).count();
    assert!(beats(&bench.events) > 3);
}

fn waypoints(count: i32) -> mission_profiles::plan_files::Plan {
    let item = |at: i32| mission_profiles::plan_files::Item {
        frame: 3,
        command: 16,
        autocontinue: true,
        params: [0.0; 4],
        x: 520_000_000 + at * 1_000,
        y: -10_000_000,
        z: 40.0,
    };
    let (fence, rally) = (Vec::new(), Vec::new());
    mission_profiles::plan_files::Plan {
        planned_home: Some([52.0, -1.0, 60.0]),
        mission: (0..count).map(item).collect(),
        fence,
        rally,
    }
}

#[test]
fn an_upload_says_how_far_it_is_and_clears_the_fence_of_the_flight_before() {
    let vehicle = Vehicle::start(Vec::new());
    let mut bench = Bench::with(&vehicle);
    let corner = |at: f64| mission_profiles::place::Position::new(52.0 + at, -1.0 - at * at).unwrap();
    let area: Vec<_> = [0.0, 0.01, 0.02].map(corner).to_vec();
    let fenced =
        mission_profiles::plan_files::Plan { fence: mission_profiles::plan_files::fence(&[area], &[]), ..waypoints(3) };
    let first = bench.order(Order::Upload(Box::new(fenced)));
    let Outcome::Accepted(Answer::Plan(held)) = bench.end(first) else { panic!("uploaded") };
    assert_eq!(held.cleared, [""; 0]);
    let far: Vec<(usize, usize)> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Order { outcome: Outcome::Progress(Far::Items { done, of, .. }), .. } => Some((*done, *of)),
            _ => None,
        })
        .collect();
    // Home and three waypoints, three corners; each goes up and comes back.
    assert!(far.iter().all(|(_, of)| *of == 14) && far.windows(2).all(|pair| pair[0] <= pair[1]), "{far:?}");
    assert!(far.iter().any(|(done, _)| (1..13).contains(done)), "{far:?}");
    let second = bench.order(Order::Upload(Box::new(waypoints(2))));
    let Outcome::Accepted(Answer::Plan(held)) = bench.end(second) else { panic!("uploaded") };
    assert!(held.cleared.len() == 1 && held.cleared[0].contains("geofence"), "{:?}", held.cleared);
    let back = bench.order(Order::ReadPlan);
    let Outcome::Accepted(Answer::Plan(held)) = bench.end(back) else { panic!("read back") };
    assert_eq!(held.kinds.iter().map(|(_, items)| items.len()).collect::<Vec<_>>(), [3, 0, 0]);
}

#[test]
fn an_upload_that_is_taken_back_ends_and_the_vehicle_takes_the_next() {
    let vehicle = Vehicle::start(Vec::new());
    let mut bench = Bench::with(&vehicle);
    let upload = bench.order(Order::Upload(Box::new(waypoints(90))));
    bench.radio.take_back(upload);
    assert_eq!(bench.end(upload), Outcome::Cancelled);
    bench.radio.take_back(upload);
    let back = bench.order(Order::ReadPlan);
    let Outcome::Accepted(Answer::Plan(held)) = bench.end(back) else { panic!("read back") };
    assert!(held.kinds.iter().all(|(_, items)| items.is_empty()), "it was told to forget what it was sent");
    let again = bench.order(Order::Upload(Box::new(waypoints(2))));
    assert!(matches!(bench.end(again), Outcome::Accepted(Answer::Plan(held)) if held.kinds[0].1.len() == 3));
}

#[test]
fn a_signed_order_is_accepted_once_it_stands_in_the_record() {
    let vehicle = Vehicle::start(Vec::new());
    let mut bench = Bench::with(&vehicle);
    let temp = tempfile::tempdir().unwrap();
    bench.until(|event| matches!(event, Event::Frame { frame, .. } if Address::of(frame) == CAMERA));
    for wish in [SignedWish::Session(Session::Begin { minutes: 60 }), SignedWish::Rec(Action::Start)] {
        let signed = Signed {
            camera: CAMERA,
            wish,
            reason: "missing person, log 1234".parse().unwrap(),
            reasons: temp.path().to_owned(),
            signer: Arc::new(Signs::Station(DeviceKey::from_seed([4; 32]))),
        };
        let order = bench.order(Order::Signed(signed));
        let Outcome::Accepted(Answer::Recorded { commitment, flight: None }) = bench.end(order) else {
            panic!("recorded")
        };
        assert!(temp.path().join(format!("{commitment}.json")).is_file(), "the words are kept on the ground");
    }
}

#[test]
fn it_asks_for_what_it_wants_and_says_who_it_is() {
    let vehicle = Vehicle::start(Vec::new());
    let mut bench = Bench::with(&vehicle);
    let until_ns = clock::mono_ns() + PATIENCE_NS;
    while vehicle.commands(511) == 0 || vehicle.commands(512) == 0 {
        assert!(clock::mono_ns() < until_ns);
        bench.until(|event| matches!(event, Event::Frame { .. }));
        bench.events.clear();
    }
}

#[test]
fn a_link_that_is_wrong_is_said_and_costs_the_others_nothing() {
    let vehicle = Vehicle::start(Vec::new());
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let wrong = format!("udpin:127.0.0.1:{}", taken.local_addr().unwrap().port());
    let mut bench = Bench::start(&[wrong.clone(), format!("udpout:127.0.0.1:{}", vehicle.port)]);
    bench.until(|event| matches!(event, Event::Failed { link, .. } if *link == wrong));
    bench.until(|event| matches!(event, Event::Frame { .. }));
    drop(taken);
    bench.until(|event| matches!(event, Event::Opened { link } if *link == wrong));
}

#[test]
fn the_queue_is_bounded_and_the_urgent_one_is_another() {
    let started = AtomicU32::new(0);
    let mut bench = Bench::start(&["udpin:127.0.0.1:0".to_owned()]);
    let full = (0..100_000).find(|_| {
        started.fetch_add(1, Ordering::Relaxed);
        bench.radio.order(1, Order::Arm).is_err()
    });
    assert!(full.is_some());
    assert!(bench.radio.order(1, Order::Hold).is_ok());
    let hold = OrderId(bench.radio.given);
    assert!(matches!(bench.end(hold), Outcome::Refused(_)));
}

//! The thread's own work: one loop around links, questions and orders.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use vehicle_link::command::Request;
use vehicle_link::frames::Frame;
use vehicle_link::hub::Received;
use vehicle_link::peers::{Change, Table};

use super::ear::{FRAMES, OrderEar};
use super::known::Known;
use super::wants::Wants;
use super::ways::{Next, Opening, Ways, Wire};
use super::{Event, Given, ORDERS, Setup};
use crate::clock;
use crate::link::{ends, heartbeat};
use crate::tasks::Post;
use crate::tasks::meter::{Stop, is_stop};
use crate::tasks::orders::{Class, OrderId, Outcome, carry_out};

const TICK: Duration = Duration::from_millis(20);
/// What an autopilot streams is drawn so often; pictures that come faster bring it with them.
const REST: Duration = Duration::from_millis(100);
const SECOND_NS: u64 = 1_000_000_000;
/// Orders under way at once; urgent ones are not counted.
const AT_ONCE: usize = 16;

type Lane = mpsc::Receiver<Given>;
type Back = mpsc::Receiver<OrderId>;

/// Runs until nobody can give orders any more.
pub(super) async fn run(setup: Setup, post: Post<Event>, (mut urgent, mut orders, mut back): (Lane, Lane, Back)) {
    let mut ways = Ways::new(setup.endpoints, setup.signing_key);
    let mut ended = JoinSet::new();
    let mut desk = Desk::new(post);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            given = urgent.recv() => {
                let Some(given) = given else { break };
                // What was ordered before it and is still in the queue must not undo it.
                while let Ok(earlier) = orders.try_recv() {
                    desk.waiting.push_back(earlier);
                }
                desk.begin(given, &mut ended);
            }
            _ = ticks.tick() => desk.tick(&mut ways),
            given = orders.recv(), if desk.waiting.len() < ORDERS => {
                let Some(given) = given else { break };
                desk.waiting.push_back(given);
            }
            // Behind the orders: what is taken back was given before.
            Some(id) = back.recv() => desk.take_back(id),
            Some(how) = ended.join_next(), if !ended.is_empty() => {
                if let Ok((id, outcome)) = how {
                    desk.ended(id, outcome);
                }
            }
            next = ways.next() => match next {
                Next::Frame(received) => desk.hear(received),
                Next::Opening(opening, hub) => {
                    hub.into_iter().for_each(|hub| desk.wire.borrow_mut().add(hub));
                    desk.opened(opening, &mut ways);
                }
            },
        }
        desk.begin_waiting(&mut ended);
    }
    desk.post.news(Event::Ended("the radio was stopped".to_owned()));
}

type Ended = JoinSet<(OrderId, Outcome)>;

struct Running {
    id: OrderId,
    system: u8,
    class: Class,
    urgent: bool,
    frames: mpsc::Sender<Frame>,
    task: AbortHandle,
    stop: Stop,
}

struct Desk {
    post: Post<Event>,
    wire: Rc<RefCell<Wire>>,
    peers: Table,
    known: Known,
    wants: Wants,
    waiting: VecDeque<Given>,
    running: Vec<Running>,
    next_second_ns: u64,
}

impl Desk {
    fn new(post: Post<Event>) -> Self {
        Self {
            post,
            wire: Rc::new(RefCell::new(Wire::new())),
            peers: Table::new(),
            known: Known::default(),
            wants: Wants::default(),
            waiting: VecDeque::new(),
            running: Vec::new(),
            next_second_ns: 0,
        }
    }

    fn hear(&mut self, received: Received) {
        let Received { frame, peer, at_mono_ns: at_ns, .. } = received;
        match self.peers.heard(&frame, peer, at_ns) {
            Some(Change::Found(peer)) => self.wants.found(&peer, at_ns),
            Some(Change::Regained(peer)) => {
                self.wants.found(&peer, at_ns);
                self.wants.regained(peer.address, at_ns);
            }
            Some(Change::Altered { after, .. }) => self.wants.found(&after, at_ns),
            Some(Change::Lost(_)) | None => {}
        }
        self.known.hear(&frame, &self.peers, at_ns);
        self.wants.heard(&frame, at_ns);
        for running in &self.running {
            // A conversation that is behind asks again for what it missed.
            let _ = running.frames.try_send(frame.clone());
        }
        self.post.stream(Event::Frame { frame, at_ns });
    }

    fn tick(&mut self, ways: &mut Ways) {
        let now_ns = clock::mono_ns();
        self.post.ring_after(REST);
        ways.open_due(now_ns);
        self.peers.poll(now_ns);
        let alive = |who| self.peers.get(who).is_some_and(|peer| !peer.lost);
        if let Some((of, command)) = self.wants.next(alive, now_ns) {
            let (_, first) = Request::start(ends(of), command, now_ns);
            if let vehicle_link::command::Action::Send(body) = first {
                self.wire.borrow_mut().send(&body);
            }
        }
        if now_ns < self.next_second_ns {
            return;
        }
        self.next_second_ns = now_ns + SECOND_NS;
        self.wire.borrow_mut().say(&heartbeat());
        for words in ways.refused(now_ns) {
            self.post.news(Event::NotSigned(words));
        }
    }

    fn opened(&mut self, opening: Opening, ways: &mut Ways) {
        match opening {
            Opening::Done(links) => {
                // The vehicle hears of us at once.
                self.next_second_ns = 0;
                links.into_iter().for_each(|link| self.post.news(Event::Opened { link }));
            }
            Opening::Apart(why) => tracing::warn!(why, "links are opened one by one"),
            Opening::Failed { link, why, again_in_s } => {
                ways.wait(again_in_s, clock::mono_ns());
                self.post.news(Event::Failed { link, why, again_in_s });
            }
        }
    }

    fn begin_waiting(&mut self, ended: &mut Ended) {
        while self.running.iter().filter(|running| !running.urgent).count() < AT_ONCE {
            let Some(given) = self.waiting.pop_front() else { return };
            self.begin(given, ended);
        }
    }

    /// Begins an order; what it takes the place of ends.
    fn begin(&mut self, given: Given, ended: &mut Ended) {
        let Given { id, system, order } = given;
        let class = order.class();
        let superseded =
            |other: OrderId, of: u8, other_class: Class| other < id && of == system && order.ends(other_class);
        let (gone, stay) = std::mem::take(&mut self.running)
            .into_iter()
            .partition(|running| superseded(running.id, running.system, running.class));
        self.running = stay;
        for running in Vec::<Running>::from_iter(gone) {
            running.task.abort();
            self.tell(running.id, Outcome::Superseded);
        }
        let (gone, stay) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting: &Given| superseded(waiting.id, waiting.system, waiting.order.class()));
        self.waiting = stay;
        for waiting in Vec::<Given>::from_iter(gone) {
            self.tell(waiting.id, Outcome::Superseded);
        }
        let known = self.known.situation(system, &self.peers, clock::mono_ns());
        let Some(situation) = known.filter(|known| known.vehicle.is_autopilot() || !order.is_for_autopilot()) else {
            let why = format!("no vehicle with system id {system} was heard; check the link, then try again");
            self.tell(id, Outcome::Refused(why));
            return;
        };
        self.tell(id, Outcome::Sent);
        let (frames, heard) = mpsc::channel(FRAMES);
        let stop = Stop::default();
        let mut ear = OrderEar::new(heard, Rc::clone(&self.wire), &situation.vehicle, stop.clone());
        let (post, urgent) = (self.post.clone(), order.is_urgent());
        let task = ended.spawn_local(async move {
            let say = |far| post.news(Event::Order { id, outcome: Outcome::Progress(far) });
            let outcome = carry_out(&order, &situation, &mut ear, &say).await;
            let cut_off = |error: anyhow::Error| match is_stop(&error) {
                true => Outcome::Cancelled,
                false => Outcome::Silent(format!("{error:#}")),
            };
            (id, outcome.unwrap_or_else(cut_off))
        });
        self.running.push(Running { id, system, class, urgent, frames, task, stop });
    }

    /// Somebody took an order back. One that is under way ends by itself, and tells the vehicle.
    fn take_back(&mut self, id: OrderId) {
        if let Some(running) = self.running.iter().find(|running| running.id == id) {
            running.stop.stop();
        }
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.id != id);
        if self.waiting.len() < before {
            self.tell(id, Outcome::Cancelled);
        }
    }

    /// An order is over. One whose place was taken has been told of.
    fn ended(&mut self, id: OrderId, outcome: Outcome) {
        let before = self.running.len();
        self.running.retain(|running| running.id != id);
        if self.running.len() < before {
            self.tell(id, outcome);
        }
    }

    fn tell(&self, id: OrderId, outcome: Outcome) {
        self.post.news(Event::Order { id, outcome });
    }
}

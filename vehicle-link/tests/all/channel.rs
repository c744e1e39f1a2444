//! A bad link in virtual time between a station and a vehicle: loses, doubles, delays and reorders by one seed.

use vehicle_link::{
    dialect::MavType,
    frames::{Body, Encoder, Frame},
    peers::Address,
    request::Ends,
};

use crate::support::heartbeat;

pub(crate) const STATION: Address = Address { system: 255, component: 190 };
pub(crate) const VEHICLE: Address = Address { system: 1, component: 1 };
pub(crate) const ENDS: Ends = Ends { own: STATION, remote: VEHICLE };
pub(crate) const MS: u64 = 1_000_000;
const STEP_NS: u64 = 10 * MS;
const HEARTBEAT_NS: u64 = 1_000 * MS;

/// Chance by a seed (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// How bad.
#[derive(Clone, Copy)]
pub(crate) struct Badness {
    pub(crate) loss_percent: u64,
    pub(crate) copies_percent: u64,
    pub(crate) delay_ns: u64,
    /// Frames that differ in delay by less than this overtake each other.
    pub(crate) jitter_ns: u64,
}

pub(crate) const GOOD: Badness = Badness { loss_percent: 0, copies_percent: 0, delay_ns: 0, jitter_ns: 1 };
pub(crate) const DEAD: Badness = Badness { loss_percent: 100, ..GOOD };
/// 30 % lost, 10 % doubled, half a second late, in no order.
pub(crate) const AWFUL: Badness =
    Badness { loss_percent: 30, copies_percent: 10, delay_ns: 450 * MS, jitter_ns: 100 * MS };

/// What a client says.
pub(crate) enum Said<T> {
    Send(Body),
    Done(T),
}

/// Both directions, and the time.
pub(crate) struct Link {
    badness: Badness,
    chance: Chance,
    encoders: [Encoder; 2],
    /// When due, to whom (0 the vehicle, 1 the station).
    flying: Vec<(u64, usize, Frame)>,
    pub(crate) now_ns: u64,
    /// Frames that were put on the link.
    pub(crate) sent: u64,
}

impl Link {
    pub(crate) fn new(badness: Badness, seed: u64) -> Self {
        let encoders =
            [Encoder::new(STATION.system, STATION.component), Encoder::new(VEHICLE.system, VEHICLE.component)];
        Self { badness, chance: Chance(seed), encoders, flying: Vec::new(), now_ns: 0, sent: 0 }
    }

    fn put(&mut self, from: usize, body: &Body) {
        let frame = self.encoders[from].encode_body(body);
        self.sent += 1;
        for copy in 0..2 {
            let goes = if copy == 0 {
                !self.chance.percent(self.badness.loss_percent)
            } else {
                self.chance.percent(self.badness.copies_percent)
            };
            if goes {
                let late = self.badness.delay_ns + self.chance.next() % self.badness.jitter_ns;
                self.flying.push((self.now_ns + late, from, frame.clone()));
            }
        }
    }

    fn arrived(&mut self) -> Vec<(usize, Frame)> {
        let now_ns = self.now_ns;
        let mut due: Vec<_> = self.flying.extract_if(.., |(due_ns, ..)| *due_ns <= now_ns).collect();
        due.sort_by_key(|(due_ns, ..)| *due_ns);
        due.into_iter().map(|(_, from, frame)| (from, frame)).collect()
    }

    /// Lets the two converse until the client is done; each is given what comes in, and nothing each 10 ms.
    pub(crate) fn converse<T>(
        &mut self,
        first: &Body,
        mut client: impl FnMut(Option<&Frame>, u64) -> Vec<Said<T>>,
        mut server: impl FnMut(Option<&Frame>, u64) -> Vec<Body>,
    ) -> T {
        self.put(0, first);
        let until_ns = self.now_ns + 7_200_000 * MS;
        loop {
            self.now_ns += STEP_NS;
            assert!(self.now_ns < until_ns, "bounded time");
            if self.now_ns.is_multiple_of(HEARTBEAT_NS) {
                let alive = Body::from(&heartbeat(MavType::MAV_TYPE_QUADROTOR));
                [0, 1].into_iter().for_each(|from| self.put(from, &alive));
            }
            let (mut said, mut served) = (Vec::new(), Vec::new());
            for (from, frame) in self.arrived() {
                match from {
                    0 => served.extend(server(Some(&frame), self.now_ns)),
                    _ => said.extend(client(Some(&frame), self.now_ns)),
                }
            }
            said.extend(client(None, self.now_ns));
            served.extend(server(None, self.now_ns));
            served.iter().for_each(|body| self.put(1, body));
            for said in said {
                match said {
                    Said::Send(body) => self.put(0, &body),
                    Said::Done(done) => return done,
                }
            }
        }
    }
}

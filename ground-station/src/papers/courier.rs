//! Papers and alerts on their way to the aircraft, as a pure machine: announced until the aircraft says what it wants, sent by part,
//! announced again until it says that they stand in the record.

use std::collections::VecDeque;

use flight_record::FlightId;
use flight_record::keys::Signer;
use flight_record::radio::{Announcement, Body, Fragment, Part, Purpose};
use flight_record::statement::Moment;

use crate::record::order::About;

/// How often a message is announced until it is answered.
const AGAIN_NS: u64 = 1_000_000_000;
/// Between two parts: no more than a slow radio carries.
const PART_NS: u64 = 40_000_000;
/// After the last part the answer may come so fast.
const ANSWER_NS: u64 = 300_000_000;
/// An announcement is signed anew after so long: the aircraft holds its time against its own clock.
const ANEW_NS: u64 = 30_000_000_000;
/// Alerts that wait; of more, the oldest go.
const MAX_WAITING: usize = 64;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// What it is.
    pub(crate) purpose: Purpose,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// What the aircraft has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// The papers are held for the next flight.
    Held,
    /// The papers stand in this flight's record.
    InFlight(FlightId),
    /// An alert stands in it.
    Alert,
}

struct Sending {
    message: Message,
    /// What was announced for which flight or aircraft, and when it was signed.
    announced: Option<(Announcement, About, u64)>,
    /// Bit *i*: part *i* is wanted.
    wanted: u64,
    announce_ns: u64,
    part_ns: u64,
}

/// The machine.
pub(crate) struct Courier {
    papers: Option<Message>,
    /// Where the papers stand, as far as the aircraft has said.
    papers_in: Option<About>,
    alerts: VecDeque<Message>,
    dropped: usize,
    about: Option<About>,
    sending: Option<Sending>,
}

impl Courier {
    /// With papers to deliver, packed, if there are any.
    pub(crate) fn new(papers: Option<Vec<u8>>) -> Self {
        let papers = papers.map(|bytes| Message { purpose: Purpose::Papers, bytes });
        Self { papers, papers_in: None, alerts: VecDeque::new(), dropped: 0, about: None, sending: None }
    }

    /// One more alert to deliver.
    pub(crate) fn alert(&mut self, alert: Message) {
        if self.alerts.len() >= MAX_WAITING {
            self.alerts.pop_front();
            self.dropped += 1;
        }
        self.alerts.push_back(alert);
    }

    /// Alerts that are not delivered: those that wait, and those that had to go.
    pub(crate) fn undelivered(&self) -> usize {
        let sent = self.sending.as_ref().is_some_and(|sending| sending.message.purpose != Purpose::Papers);
        self.alerts.len() + self.dropped + usize::from(sent)
    }

    /// Whether the aircraft says anything of what it does.
    pub(crate) fn is_heard(&self) -> bool {
        self.about.is_some()
    }

    /// Takes what the aircraft says.
    pub(crate) fn hear(&mut self, body: &Body, now_ns: u64) -> Option<Delivered> {
        self.about = About::heard(body).or(self.about);
        let Body::Fragment(fragment) = body else { return None };
        let sending = self.sending.as_mut()?;
        let (announced, about, _) = sending.announced.as_ref()?;
        match fragment {
            Fragment::Missing(missing) if missing.message == announced.message() => {
                sending.wanted = missing.parts;
                (sending.part_ns, sending.announce_ns) = (now_ns, now_ns + AGAIN_NS);
                None
            }
            Fragment::Announced(back) if back == announced => {
                let (purpose, about) = (sending.message.purpose, *about);
                self.sending = None;
                if purpose != Purpose::Papers {
                    return Some(Delivered::Alert);
                }
                self.papers_in = Some(about);
                Some(match about {
                    About::Flight(flight) => Delivered::InFlight(flight),
                    About::Device(_) => Delivered::Held,
                })
            }
            Fragment::Missing(_) | Fragment::Announced(_) | Fragment::Part(_) => None,
        }
    }

    /// Time passes: what to send now.
    pub(crate) fn tick(&mut self, now_ns: u64, utc_us: i64, signer: &impl Signer) -> Option<Body> {
        let about = self.about?;
        self.next(about);
        let sending = self.sending.as_mut()?;
        let stands = |(_, of, signed_ns): &(Announcement, About, u64)| *of == about && now_ns < signed_ns + ANEW_NS;
        if !sending.announced.as_ref().is_some_and(stands) {
            let Message { purpose, bytes } = &sending.message;
            let Some(announced) = Announcement::sign(*purpose, about.bytes(), Moment::from(utc_us), bytes, signer)
            else {
                // Nothing that can be sent; papers are measured before.
                self.sending = None;
                return None;
            };
            sending.announced = Some((announced, about, now_ns));
            (sending.wanted, sending.announce_ns) = (0, now_ns);
        }
        if sending.wanted != 0 {
            return sending.part(now_ns);
        }
        if now_ns < sending.announce_ns {
            return None;
        }
        sending.announce_ns = now_ns + AGAIN_NS;
        let announced = sending.announced.as_ref().map(|(announced, ..)| announced.clone());
        announced.map(|announced| Body::Fragment(Fragment::Announced(announced)))
    }

    /// What is due next. Papers go to the aircraft once before a flight, and to each flight that opens afterwards, so that it is
    /// known that they stand there; never to an aircraft whose flight is over.
    fn next(&mut self, about: About) {
        let due = match (self.papers_in, about) {
            (None, _) => true,
            (Some(known), About::Flight(_)) => known != about,
            (Some(_), About::Device(_)) => false,
        };
        let waits = self.sending.as_ref().map(|sending| sending.message.purpose);
        let papers = self.papers.clone().filter(|_| due);
        match (waits, papers) {
            (None, Some(papers)) => self.sending = Some(Sending::new(papers)),
            (None, None) if matches!(about, About::Flight(_)) => {
                self.sending = self.alerts.pop_front().map(Sending::new);
            }
            // The flight is over, and with it what was to be said of it.
            (Some(Purpose::Papers), None) => self.sending = None,
            (Some(Purpose::Limit | Purpose::Authorisation), _) if matches!(about, About::Device(_)) => {
                self.dropped += 1;
                self.sending = None;
            }
            _ => {}
        }
    }
}

impl Sending {
    fn new(message: Message) -> Self {
        Self { message, announced: None, wanted: 0, announce_ns: 0, part_ns: 0 }
    }

    fn part(&mut self, now_ns: u64) -> Option<Body> {
        if now_ns < self.part_ns {
            return None;
        }
        let number = u8::try_from(self.wanted.trailing_zeros()).ok()?;
        self.wanted &= self.wanted - 1;
        (self.part_ns, self.announce_ns) = (now_ns + PART_NS, now_ns + ANSWER_NS);
        Part::of(&self.message.bytes, number).map(|part| Body::Fragment(Fragment::Part(part)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use flight_record::Sha256;
    use flight_record::keys::DeviceKey;
    use flight_record::radio::{Beacon, Missing, Ready};

    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;
    const START_US: i64 = 1_777_636_800_000_000;

    fn key() -> DeviceKey {
        DeviceKey::from_seed([4; 32])
    }

    fn ready() -> Body {
        Body::Ready(Ready { flags: 0, device: [8; 16], recipient: [0; 4] })
    }

    fn flight() -> FlightId {
        FlightId::new(START_US, [3; 10])
    }

    fn beacon(flags: u8) -> Body {
        let (root, signature) = (Sha256::of(b"root"), [0; 64]);
        Body::Beacon(Beacon { flags, flight: flight(), key_hash: [0; 4], size: 3, root, signature })
    }

    /// An aircraft that hears about half of what it is sent, until it has all; what it answers at last.
    fn until_delivered(courier: &mut Courier, from_ns: u64, message: &[u8]) -> (Delivered, u64) {
        let mut parts: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        let mut sent = 0_u32;
        for now_ns in (from_ns..from_ns + 60 * SECOND_NS).step_by(20_000_000) {
            let utc_us = START_US + i64::try_from(now_ns / 1_000).unwrap();
            let Some(Body::Fragment(fragment)) = courier.tick(now_ns, utc_us, &key()) else { continue };
            sent += 1;
            if sent.wrapping_mul(0x9e37_79b9) >> 31 == 1 {
                continue;
            }
            match fragment {
                Fragment::Announced(announced) => {
                    assert!(announced.verifies(&key().public()));
                    let missing = (0..announced.parts()).filter(|number| !parts.contains_key(number));
                    let missing =
                        Missing { message: announced.message(), parts: missing.map(|number| 1 << number).sum() };
                    let back = match missing.parts {
                        0 => Fragment::Announced(announced),
                        _ => Fragment::Missing(missing),
                    };
                    if let Some(delivered) = courier.hear(&Body::Fragment(back), now_ns) {
                        assert_eq!(parts.into_values().flatten().collect::<Vec<_>>(), message);
                        return (delivered, now_ns);
                    }
                }
                Fragment::Part(part) => drop(parts.insert(part.number, part.bytes)),
                Fragment::Missing(_) => panic!("that is the aircraft's"),
            }
        }
        panic!("never delivered");
    }

    #[test]
    fn papers_arrive_over_a_radio_that_loses_half_and_are_asked_for_in_the_flight() {
        let message: Vec<u8> = (0..1500_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut courier = Courier::new(Some(message.clone()));
        assert_eq!(courier.tick(0, START_US, &key()), None, "to whom?");
        courier.hear(&ready(), 0);
        let (delivered, ns) = until_delivered(&mut courier, 0, &message);
        assert_eq!(delivered, Delivered::Held);
        assert_eq!(courier.tick(ns + SECOND_NS, START_US, &key()), None, "once");
        courier.hear(&beacon(0), ns);
        let (delivered, ns) = until_delivered(&mut courier, ns, &message);
        assert_eq!(delivered, Delivered::InFlight(flight()));
        courier.hear(&beacon(Beacon::CLOSED), ns);
        courier.hear(&ready(), ns);
        assert_eq!(courier.tick(ns + 5 * SECOND_NS, START_US, &key()), None, "the next flight has its own");
    }

    #[test]
    fn alerts_go_to_a_flight_one_after_the_other_and_only_so_many_wait() {
        let alert = |n: u8| Message { purpose: Purpose::Limit, bytes: vec![n; 20] };
        let mut courier = Courier::new(None);
        (0..70).for_each(|n| courier.alert(alert(n)));
        assert_eq!(courier.undelivered(), 70);
        courier.hear(&ready(), 0);
        assert_eq!(courier.tick(0, START_US, &key()), None, "there is no flight that they are of");
        courier.hear(&beacon(0), 0);
        let mut ns = 0;
        for n in 6..70 {
            let (delivered, at_ns) = until_delivered(&mut courier, ns, &[n; 20]);
            assert_eq!(delivered, Delivered::Alert);
            ns = at_ns;
        }
        assert_eq!((courier.undelivered(), courier.tick(ns + SECOND_NS, START_US, &key())), (6, None));
    }

    #[test]
    fn it_is_signed_anew_when_time_or_the_aircraft_moved_on() {
        let mut courier = Courier::new(Some(vec![1; 50]));
        courier.hear(&ready(), 0);
        let announced = |courier: &mut Courier, now_ns: u64| {
            let utc_us = START_US + i64::try_from(now_ns / 1_000).unwrap();
            let Some(Body::Fragment(Fragment::Announced(announced))) = courier.tick(now_ns, utc_us, &key()) else {
                panic!("announced")
            };
            announced
        };
        let first = announced(&mut courier, 0);
        assert_eq!(announced(&mut courier, SECOND_NS), first, "the same bytes");
        let anew = announced(&mut courier, 31 * SECOND_NS);
        assert!(anew.made > first.made && anew.about == first.about);
        courier.hear(&beacon(0), 32 * SECOND_NS);
        assert_eq!(announced(&mut courier, 32 * SECOND_NS).about, *flight().as_bytes());
    }
}

//! A signed order or authorisation on its way to the aircraft: for which flight, when it is sent again, when it is known to be in
//! the record or in force.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use flight_record::keys::Signer;
use flight_record::radio::{Authorisation, Body, Statement};
use flight_record::statement::{Action, Moment, Session};
use flight_record::{FlightId, Sha256};
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;
use vehicle_link::tunnel::Tunnel;

use crate::clock;
use crate::link::{Converse, OWN, text_of};

/// How often an order is sent until it is answered.
const AGAIN_NS: u64 = 1_000_000_000;
/// An order that was signed for what has changed since is signed anew after this time: the answer may only be late, and was perhaps lost
/// some times, and an order that is signed twice stands in the record twice.
const ANEW_NS: u64 = 10_000_000_000;
/// How long the answer is waited for.
const ANSWER: Duration = Duration::from_secs(20);
/// How refusals of the aircraft begin, in STATUSTEXT.
const REFUSED: &str = "Order ";

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Start or stop.
    Order(Action),
    /// Let any station's buttons work for a while, or no longer.
    Session(Session),
}

impl Wish {
    fn sign(self, about: [u8; 16], made: Moment, reason: Sha256, key: &impl Signer) -> Body {
        match self {
            Self::Order(action) => Body::Statement(Statement::sign(action, about, made, reason, key)),
            Self::Session(session) => Body::Authorisation(Authorisation::sign(session, about, made, reason, key)),
        }
    }
}

/// Sends the order until the aircraft says that it stands in its record.
///
/// # Errors
/// When it is refused, with the aircraft's words, or not answered.
pub(crate) async fn give(
    link: &mut impl Converse,
    camera: Address,
    (wish, reason): (Wish, Sha256),
    signer: &impl Signer,
) -> Result<Option<FlightId>> {
    carry(link, camera, Asking { wish, reason, only: None, about: None, sent: None, next_ns: 0 }, signer).await
}

/// [`give`], to this flight alone: while another one is open, or none, nothing is sent.
///
/// # Errors
/// As [`give`].
pub(crate) async fn give_in(
    link: &mut impl Converse,
    camera: Address,
    flight: FlightId,
    (wish, reason): (Wish, Sha256),
    signer: &impl Signer,
) -> Result<Option<FlightId>> {
    let asking = Asking { wish, reason, only: Some(flight), about: None, sent: None, next_ns: 0 };
    carry(link, camera, asking, signer).await
}

async fn carry(
    link: &mut impl Converse,
    camera: Address,
    mut asking: Asking,
    signer: &impl Signer,
) -> Result<Option<FlightId>> {
    let until_ns = clock::mono_ns() + u64::try_from(ANSWER.as_nanos()).unwrap_or(u64::MAX);
    while clock::mono_ns() < until_ns {
        if let Some(body) = asking.tick(clock::mono_ns(), clock::now_utc_us(), signer) {
            link.tell(&Tunnel::to(camera, body.payload_type(), body.encode()))?;
        }
        let Some(frame) = link.next().await?.filter(|frame| Address::of(frame) == camera) else { continue };
        if let Some(words) = text_of(&frame).filter(|words| words.starts_with(REFUSED)) {
            bail!("the aircraft says: {words}");
        }
        if body_of(&frame).is_some_and(|body| asking.hear(&body)) {
            return Ok(asking.flight());
        }
    }
    Err(if asking.about.is_some() { Unanswered::Heard } else { Unanswered::Unheard }.into())
}

/// Nobody said whether the order stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The aircraft says what it does, and nothing of the order.
    #[error("the aircraft does not answer the order; it may not have been carried out after {} s", ANSWER.as_secs())]
    Heard,
    /// Nor that.
    #[error(
        "the camera names no flight and does not say that it is ready: is it Skyseal's? (--unsigned for others) after {} s",
        ANSWER.as_secs()
    )]
    Unheard,
}

/// The body that a frame brings to this station.
pub(crate) fn body_of(frame: &Frame) -> Option<Body> {
    let tunnel = Tunnel::read(frame).filter(|tunnel| OWN.is_in(tunnel.target))?;
    Body::decode(tunnel.payload_type, &tunnel.bytes).ok()
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Flight(FlightId),
    /// The aircraft, while it has no flight open.
    Device([u8; 16]),
}

impl About {
    /// What the aircraft says that it is doing, if this says so.
    pub(crate) fn heard(body: &Body) -> Option<Self> {
        match body {
            Body::Beacon(beacon) if !beacon.closed() => Some(Self::Flight(beacon.flight)),
            Body::Ready(ready) => Some(Self::Device(ready.device)),
            _ => None,
        }
    }

    pub(crate) fn bytes(self) -> [u8; 16] {
        match self {
            Self::Flight(flight) => *flight.as_bytes(),
            Self::Device(device) => device,
        }
    }
}

/// The order as a pure machine.
struct Asking {
    wish: Wish,
    reason: Sha256,
    /// The only flight that it is for.
    only: Option<FlightId>,
    /// What the aircraft says it is doing.
    about: Option<About>,
    /// What was signed for which flight or aircraft, and when it was first sent.
    sent: Option<(Body, [u8; 16], u64)>,
    next_ns: u64,
}

impl Asking {
    /// Takes what the aircraft says; whether the order is recorded.
    fn hear(&mut self, body: &Body) -> bool {
        self.about = About::heard(body).or(self.about);
        let answers = matches!(body, Body::Statement(_) | Body::Authorisation(_));
        answers && self.sent.as_ref().is_some_and(|(sent, _, _)| sent == body)
    }

    /// Time passes: what to send now.
    fn tick(&mut self, now_ns: u64, utc_us: i64, signer: &impl Signer) -> Option<Body> {
        let elsewhere = |only: FlightId| self.about != Some(About::Flight(only));
        if self.only.is_some_and(elsewhere) {
            return None;
        }
        let about = self.about?.bytes();
        if now_ns < self.next_ns {
            return None;
        }
        self.next_ns = now_ns + AGAIN_NS;
        // A stop that finds the flight over has been carried out: what is missed is the answer to it.
        let over = self.wish == Wish::Order(Action::Stop) && matches!(self.about, Some(About::Device(_)));
        let stands = |for_what: [u8; 16], since_ns: u64| over || for_what == about || now_ns < since_ns + ANEW_NS;
        let again = self.sent.as_ref().filter(|(_, for_what, since_ns)| stands(*for_what, *since_ns));
        if let Some((sent, _, _)) = again {
            return Some(sent.clone());
        }
        let body = self.wish.sign(about, Moment::from(utc_us), self.reason, signer);
        self.sent = Some((body.clone(), about, now_ns));
        Some(body)
    }

    /// The flight, as far as the aircraft has said.
    fn flight(&self) -> Option<FlightId> {
        match self.about? {
            About::Flight(flight) => Some(flight),
            About::Device(_) => None,
        }
    }
}

/// Where the words of a reason are kept until the flight is handed over.
pub(crate) fn keep(dir: &std::path::Path, reason: &flight_record::Reason) -> Result<Sha256> {
    let given = flight_record::statement::GivenReason::new(reason.clone())?;
    given.keep(dir).with_context(|| format!("the reason cannot be kept in {}", dir.display()))?;
    Ok(given.commitment())
}

#[cfg(test)]
mod tests {
    use flight_record::keys::DeviceKey;
    use flight_record::radio::{Beacon, Ready};

    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;
    const START_US: i64 = 1_777_636_800_000_000;

    fn key() -> DeviceKey {
        DeviceKey::from_seed([4; 32])
    }

    fn asking() -> Asking {
        Asking {
            wish: Wish::Order(Action::Start),
            reason: Sha256::of(b"r"),
            only: None,
            about: None,
            sent: None,
            next_ns: 0,
        }
    }

    fn statement(body: Option<Body>) -> Statement {
        let Some(Body::Statement(order)) = body else { panic!("{body:?}") };
        order
    }

    fn ready() -> Body {
        Body::Ready(Ready { flags: 0, device: [8; 16], recipient: [0; 4] })
    }

    fn beacon(flight: FlightId, flags: u8) -> Body {
        let (root, signature) = (Sha256::of(b"root"), [0; 64]);
        Body::Beacon(Beacon { flags, flight, key_hash: [0; 4], size: 3, root, signature })
    }

    #[test]
    fn it_is_sent_again_as_it_is_until_it_comes_back() {
        let mut asking = asking();
        assert_eq!(asking.tick(0, START_US, &key()), None, "for which flight?");
        asking.hear(&ready());
        let first = statement(asking.tick(1, START_US, &key()));
        assert!(first.verifies(&key().public()) && first.about == [8; 16]);
        assert_eq!(asking.tick(SECOND_NS / 2, START_US, &key()), None);
        let again = statement(asking.tick(2 * SECOND_NS, START_US + 2_000_000, &key()));
        assert_eq!(again, first, "the same bytes: the aircraft knows it");
        assert!(!asking.hear(&Body::Statement(Statement { reason: Sha256::of(b"other"), ..again })));
        assert!(asking.hear(&Body::Statement(first)));
    }

    #[test]
    fn it_is_signed_anew_when_the_aircraft_has_moved_on() {
        let flight = FlightId::new(START_US, [3; 10]);
        let mut asking = asking();
        asking.hear(&ready());
        let first = statement(asking.tick(0, START_US, &key()));
        asking.hear(&beacon(flight, 0));
        assert_eq!(statement(asking.tick(SECOND_NS, START_US, &key())), first, "it may have opened the flight");
        let anew = statement(asking.tick(11 * SECOND_NS, START_US + 11_000_000, &key()));
        assert_eq!((anew.about, asking.flight()), (*flight.as_bytes(), Some(flight)));
        assert!(anew.made > first.made);
    }

    #[test]
    fn a_stop_whose_answer_is_lost_is_asked_about_when_the_flight_is_over() {
        let mut asking = Asking { wish: Wish::Order(Action::Stop), ..asking() };
        asking.hear(&beacon(FlightId::new(START_US, [3; 10]), 0));
        let first = statement(asking.tick(0, START_US, &key()));
        asking.hear(&ready());
        let again = statement(asking.tick(19 * SECOND_NS, START_US + 19_000_000, &key()));
        assert_eq!(again, first, "the aircraft knows it, and there is nothing more to stop");
    }

    #[test]
    fn what_is_for_one_flight_alone_is_said_to_no_other_and_not_once_it_is_over() {
        let (flight, other) = (FlightId::new(START_US, [3; 10]), FlightId::new(START_US, [4; 10]));
        let mut asking = Asking { only: Some(flight), ..asking() };
        asking.hear(&beacon(other, 0));
        assert_eq!(asking.tick(0, START_US, &key()), None);
        asking.hear(&beacon(flight, 0));
        assert_eq!(statement(asking.tick(0, START_US, &key())).about, *flight.as_bytes());
        asking.hear(&ready());
        assert_eq!(asking.tick(11 * SECOND_NS, START_US + 11_000_000, &key()), None, "it would open another flight");
    }

    #[test]
    fn a_flight_that_is_over_is_not_ordered_about() {
        let mut asking = asking();
        asking.hear(&beacon(FlightId::new(START_US, [3; 10]), Beacon::CLOSED));
        assert_eq!(asking.tick(0, START_US, &key()), None);
    }
}

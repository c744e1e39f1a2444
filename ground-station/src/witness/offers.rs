//! Recipients for flights to come: an aircraft that is ready and has none from the ground is offered one. Pure but for the
//! making, which is handed in.

use std::collections::BTreeMap;

use flight_record::keys::DeviceKey;
use flight_record::radio::{Ready, RecipientOffer, device_prefix};
use flight_record::recipients::Recipient;
use flight_record::trust::{Entry, Role, TrustList};
use flight_record::{Sha256, Stamp};

/// Between two sendings of the same offer.
const RESEND_NS: u64 = 900_000_000;
/// An offer that an aircraft has not taken for this long was taken unheard, or never will be: it gets another.
const STALE_NS: u64 = 20_000_000_000;
/// Recipients made by one run of the program: `ready` is not signed, and each costs a file.
const MAX_MADE: u32 = 2_000;

/// What came of a `ready`.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// Send this.
    Offer { offer: RecipientOffer, device: String, recipient: Recipient, new: bool },
    /// The aircraft holds our recipient now.
    Taken { device: String, recipient: Recipient },
}

struct Offered {
    offer: RecipientOffer,
    recipient: Recipient,
    made_ns: u64,
    sent_ns: u64,
    taken: bool,
}

/// The offers of this station.
#[derive(Default)]
pub(super) struct Offers {
    by_device: BTreeMap<[u8; 16], Offered>,
    made: u32,
}

impl Offers {
    /// Takes a `ready`; `make` makes a recipient whose wrap is durable before it returns.
    ///
    /// # Errors
    /// What `make` says.
    pub(super) fn ready(
        &mut self,
        ready: &Ready,
        (station, trust): (&DeviceKey, &TrustList),
        at: Stamp,
        make: impl FnOnce() -> anyhow::Result<Recipient>,
    ) -> anyhow::Result<Option<Answer>> {
        let is_it = |entry: &&Entry| device_prefix(entry.id) == ready.device;
        let listed = trust.keys.iter().find(is_it).filter(|entry| entry.vouches(Role::Device, at.utc_us).is_ok());
        let Some(device) = listed else {
            return Ok(None);
        };
        let name = device.name.to_string();
        let held = self.by_device.get_mut(&ready.device);
        if ready.flags & Ready::WANTS_RECIPIENT == 0 {
            let taken = held.filter(|held| !held.taken && is_of(ready, &held.recipient));
            return Ok(taken.map(|held| {
                held.taken = true;
                Answer::Taken { device: name, recipient: held.recipient.clone() }
            }));
        }
        if let Some(held) = held.filter(|held| !held.taken && at.mono_ns.saturating_sub(held.made_ns) < STALE_NS) {
            let due = at.mono_ns.saturating_sub(held.sent_ns) >= RESEND_NS;
            held.sent_ns = if due { at.mono_ns } else { held.sent_ns };
            let (offer, recipient) = (held.offer.clone(), held.recipient.clone());
            return Ok(due.then_some(Answer::Offer { offer, device: name, recipient, new: false }));
        }
        let (Ok(time_s), true) = (u64::try_from(at.utc_us / 1_000_000), self.made < MAX_MADE) else {
            return Ok(None);
        };
        let recipient = make()?;
        self.made += 1;
        let offer = RecipientOffer::sign(device.id, recipient.key_bytes()?, time_s, station);
        let (made_ns, sent_ns) = (at.mono_ns, at.mono_ns);
        let offered = Offered { offer: offer.clone(), recipient: recipient.clone(), made_ns, sent_ns, taken: false };
        self.by_device.insert(ready.device, offered);
        Ok(Some(Answer::Offer { offer, device: name, recipient, new: true }))
    }
}

fn is_of(ready: &Ready, recipient: &Recipient) -> bool {
    recipient.key_bytes().is_ok_and(|key| Sha256::of(&key).0.starts_with(&ready.recipient))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::ClockSource;
    use flight_record::trust::{Class, EnrolmentRequest, Grant, Validity};

    fn at_s(s: u64) -> Stamp {
        let utc_us = i64::try_from(s).unwrap() * 1_000_000;
        Stamp { mono_ns: s * 1_000_000_000, utc_us, source: ClockSource::Rtc, uncertainty_us: 1 }
    }

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_seed([n; 32])
    }

    #[test]
    fn each_flight_gets_one_and_a_lost_offer_is_sent_again() {
        let request = EnrolmentRequest::write(&key(1), "SKY-1".parse().unwrap(), 0);
        let trust = TrustList::first("unit".parse().unwrap(), key(9).public(), 0);
        let validity = Validity { from_utc_us: 0, days: 1 };
        let request = EnrolmentRequest::read(&request).unwrap();
        let trust = trust.with_key(&request, Grant::device(Class::Simulated), validity).unwrap();
        let (station, mut offers, mut made) = (key(2), Offers::default(), 0_u8);
        let device = device_prefix(key(1).public().id());
        let wants = Ready { flags: Ready::WANTS_RECIPIENT, device, recipient: [0; 4] };
        let mut hear = |ready: &Ready, s: u64| {
            offers
                .ready(ready, (&station, &trust), at_s(s), || {
                    made += 1;
                    Ok(Recipient::of_key(&[made; 32])?)
                })
                .unwrap()
        };
        let offered = |answer: &Option<Answer>| match answer {
            Some(Answer::Offer { offer, new, .. }) => (offer.key[0], *new),
            _ => (0, false),
        };
        let stranger = Ready { device: [7; 16], ..wants.clone() };
        assert_eq!(hear(&stranger, 100), None);
        let first = hear(&wants, 100);
        assert_eq!(offered(&first), (1, true));
        assert_eq!(hear(&wants, 100), None, "not for each message");
        assert_eq!(offered(&hear(&wants, 101)), (1, false), "the same one again");
        let [a, b, c, d, ..] = Sha256::of(&[1; 32]).0;
        let holds = Ready { flags: 0, device, recipient: [a, b, c, d] };
        assert!(matches!(hear(&holds, 102), Some(Answer::Taken { device, .. }) if device == "SKY-1"));
        assert_eq!(hear(&holds, 103), None, "said once");
        assert_eq!(offered(&hear(&wants, 400)), (2, true), "used: the next flight gets its own");
        // Taken and used unheard: after a while it gets another.
        assert_eq!(offered(&hear(&wants, 419)), (2, false));
        assert_eq!(offered(&hear(&wants, 421)), (3, true));
    }
}

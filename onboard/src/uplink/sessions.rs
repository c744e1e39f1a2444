//! Sessions that officers authorised: while one is in force the buttons of any station work, in that officer's name. A pure
//! machine: the time is an argument.
//!
//! A session for a flight ends with it. One for the aircraft, given while no flight was open, lasts over its flights and stands in the
//! record of each before anything that it allowed.

use std::collections::BTreeMap;

use flight_record::keys::KeyId;
use flight_record::record::Authorisation;
use flight_record::statement::{Session, Subject, may_authorise};
use flight_record::trust::TrustList;
use flight_record::{ClockSource, Stamp};

const MINUTE_US: i64 = 60_000_000;

/// One session.
#[derive(Debug, Clone)]
struct InForce {
    word: Authorisation,
    /// Capture clock: a time of day that is set later neither lengthens nor shortens it.
    until_ns: u64,
}

/// The sessions in force, one a signer.
#[derive(Debug, Default)]
pub struct Sessions {
    in_force: BTreeMap<KeyId, InForce>,
}

impl Sessions {
    /// Takes a word that was judged and is to be recorded.
    pub fn take(&mut self, word: &Authorisation, at: Stamp) {
        match word.session() {
            Some(Session::Begin { minutes }) => {
                let length_us = i64::from(minutes) * MINUTE_US;
                let left_us = match at.source {
                    // Without a clock of its own the aircraft believes the signer's.
                    ClockSource::None => length_us,
                    _ => (word.made().utc_us() + length_us - at.utc_us).clamp(0, length_us),
                };
                let left_ns = u64::try_from(left_us).unwrap_or(0).saturating_mul(1_000);
                let until_ns = at.mono_ns.saturating_add(left_ns);
                self.in_force.insert(word.signer, InForce { word: word.clone(), until_ns });
            }
            Some(Session::End) | None => {
                self.in_force.remove(&word.signer);
            }
        }
    }

    /// The record did not take this signer's word.
    pub fn forget(&mut self, signer: KeyId) {
        self.in_force.remove(&signer);
    }

    /// A restart took up a flight in whose record these are the newest words.
    pub fn resume(&mut self, newest: &BTreeMap<KeyId, Authorisation>, at: Stamp) {
        newest.values().for_each(|word| self.take(word, at));
    }

    /// A flight is opened: what its record is to hold before all that stations cause.
    #[must_use]
    pub fn flight_opened(&mut self, now_ns: u64) -> Vec<Authorisation> {
        self.in_force.retain(|_, session| now_ns < session.until_ns);
        self.in_force.values().map(|session| session.word.clone()).collect()
    }

    /// The flight is over, and with it what was authorised for it.
    pub fn flight_closed(&mut self) {
        self.in_force.retain(|_, session| session.word.subject == Subject::Device);
    }

    /// In whose name a station's button works now; `None`: in nobody's. Who is revoked, or vouched for no longer, counts for nothing.
    #[must_use]
    pub fn allows(&self, trust: &TrustList, at: Stamp) -> Option<KeyId> {
        let vouched = |signer: &KeyId| {
            trust.entry(*signer).is_some_and(|entry| {
                entry.revoked.is_none() && at.utc_us <= trust.expires_utc_us && may_authorise(entry, at.utc_us).is_ok()
            })
        };
        let newest = self.in_force.iter().filter(|(signer, session)| at.mono_ns < session.until_ns && vouched(signer));
        newest.max_by_key(|(_, session)| session.word.made()).map(|(signer, _)| *signer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::Sha256;
    use flight_record::keys::DeviceKey;
    use flight_record::radio;
    use flight_record::statement::Moment;
    use flight_record::trust::{Duty, EnrolmentRequest, Grant, Revocation, Validity};

    const NOW_US: i64 = 1_777_636_800_000_000;
    const MINUTE_NS: u64 = 60_000_000_000;

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_seed([n; 32])
    }

    fn trust() -> TrustList {
        [(3, Duty::Pilot), (4, Duty::Supervisor)].into_iter().fold(
            TrustList::first("unit".parse().unwrap(), key(9).public(), NOW_US),
            |list, (n, duty)| {
                let request = EnrolmentRequest::write(&key(n), format!("officer {n}").parse().unwrap(), NOW_US);
                let validity = Validity { from_utc_us: NOW_US, days: 30 };
                list.with_key(&EnrolmentRequest::read(&request).unwrap(), Grant::officer(&[duty]), validity).unwrap()
            },
        )
    }

    fn at(minutes: i64) -> Stamp {
        let mono_ns = u64::try_from(minutes).unwrap() * MINUTE_NS;
        Stamp { mono_ns, utc_us: NOW_US + minutes * MINUTE_US, source: ClockSource::Gnss, uncertainty_us: 1_000 }
    }

    fn word(n: u8, session: Session, subject: Subject, made_minutes: i64) -> Authorisation {
        let made = Moment::from(NOW_US + made_minutes * MINUTE_US);
        let said = radio::Authorisation::sign(session, [0; 16], made, Sha256::of(b"why"), &key(n));
        Authorisation::of(key(n).public().id(), subject, &said)
    }

    fn begin(n: u8, minutes: u16, subject: Subject, made_minutes: i64) -> Authorisation {
        word(n, Session::Begin { minutes }, subject, made_minutes)
    }

    #[test]
    fn it_holds_for_its_minutes_and_until_its_signer_ends_it() {
        let (trust, mut sessions) = (trust(), Sessions::default());
        assert_eq!(sessions.allows(&trust, at(0)), None);
        sessions.take(&begin(3, 10, Subject::Flight, 0), at(1));
        let pilot = key(3).public().id();
        assert_eq!(sessions.allows(&trust, at(9)), Some(pilot));
        assert_eq!(sessions.allows(&trust, at(10)), None, "counted from when it was made");
        sessions.take(&begin(3, 10, Subject::Flight, 20), at(20));
        sessions.take(&begin(4, 5, Subject::Flight, 21), at(21));
        assert_eq!(sessions.allows(&trust, at(22)), Some(key(4).public().id()), "the newest");
        assert_eq!(sessions.allows(&trust, at(27)), Some(pilot), "the other still holds");
        sessions.take(&word(4, Session::End, Subject::Flight, 28), at(28));
        assert_eq!(sessions.allows(&trust, at(28)), Some(pilot), "each ends only their own");
        sessions.take(&word(3, Session::End, Subject::Flight, 28), at(28));
        assert_eq!(sessions.allows(&trust, at(28)), None);
    }

    #[test]
    fn a_clock_that_is_set_meanwhile_does_not_lengthen_it() {
        let (trust, mut sessions) = (trust(), Sessions::default());
        sessions.take(&begin(3, 10, Subject::Flight, 0), at(0));
        let set_back = Stamp { mono_ns: 11 * MINUTE_NS, ..at(5) };
        assert_eq!(sessions.allows(&trust, set_back), None);
        sessions.take(&begin(3, 10, Subject::Flight, 100), at(0));
        assert!(
            sessions.allows(&trust, at(9)).is_some() && sessions.allows(&trust, at(10)).is_none(),
            "nor made ahead"
        );
    }

    #[test]
    fn one_for_the_aircraft_stands_in_each_flight_and_one_for_a_flight_ends_with_it() {
        let (trust, mut sessions) = (trust(), Sessions::default());
        let aircraft = begin(3, 60, Subject::Device, 0);
        sessions.take(&aircraft, at(0));
        assert_eq!(sessions.flight_opened(at(1).mono_ns), std::slice::from_ref(&aircraft));
        sessions.take(&begin(4, 60, Subject::Flight, 2), at(2));
        sessions.flight_closed();
        assert_eq!(sessions.flight_opened(at(3).mono_ns), std::slice::from_ref(&aircraft));
        assert_eq!(sessions.allows(&trust, at(3)), Some(key(3).public().id()));
        assert_eq!(sessions.flight_opened(at(60).mono_ns), []);
    }

    #[test]
    fn whom_the_unit_vouches_for_no_longer_allows_nothing() {
        let (trust, mut sessions) = (trust(), Sessions::default());
        sessions.take(&begin(3, 60, Subject::Device, 0), at(0));
        let left = Revocation { at_utc_us: NOW_US, reason: "left".parse().unwrap() };
        let revoked = trust.clone().with_revoked(key(3).public().id(), left, NOW_US).unwrap();
        assert!(sessions.allows(&trust, at(1)).is_some() && sessions.allows(&revoked, at(1)).is_none());
    }

    #[test]
    fn a_restart_goes_on_with_what_the_record_holds() {
        let (trust, mut sessions) = (trust(), Sessions::default());
        let words = BTreeMap::from([(key(3).public().id(), begin(3, 10, Subject::Flight, 0))]);
        let rebooted = Stamp { mono_ns: 5, ..at(8) };
        sessions.resume(&words, rebooted);
        assert!(sessions.allows(&trust, rebooted).is_some());
        let later = Stamp { mono_ns: 3 * MINUTE_NS, ..at(11) };
        assert_eq!(sessions.allows(&trust, later), None);
    }
}

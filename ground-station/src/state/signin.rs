//! Who is signed in at this station.

use std::fmt;

use flight_record::Label;
use flight_record::trust::Duty;
use zeroize::{Zeroize as _, Zeroizing};

/// Longest PIN or passphrase, in bytes; the accounts take no longer one.
const MAX_SECRET_BYTES: usize = 256;

/// Somebody of the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The pseudonym under which they sign.
    pub(crate) label: Label,
    /// What they may do.
    pub(crate) duties: Vec<Duty>,
}

impl Person {
    /// Whether one of these is theirs.
    pub(crate) fn has(&self, duties: &[Duty]) -> bool {
        self.duties.iter().any(|duty| duties.contains(duty))
    }

    /// Their duties in words.
    pub(crate) fn duties_in_words(&self) -> String {
        let words: Vec<&str> = self.duties.iter().map(|duty| duty_in_words(*duty)).collect();
        let mut text = words.join(", ");
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text
    }
}

fn duty_in_words(duty: Duty) -> &'static str {
    match duty {
        Duty::Pilot => "remote pilot",
        Duty::Observer => "observer",
        Duty::Witness => "witness",
        Duty::Supervisor => "supervisor",
        Duty::Custodian => "evidence custodian",
        Duty::DataProtection => "data protection officer",
        Duty::Auditor => "auditor",
        Duty::Administrator => "administrator",
    }
}

/// What somebody types and nobody else reads: wiped when it goes, never printed.
#[derive(Default)]
pub(crate) struct Secret(Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// One more sign; none beyond the longest, and no control signs.
    pub(crate) fn push(&mut self, sign: char) {
        // Room for all of it at once: a string that grows leaves copies of itself behind.
        if self.0.capacity() < MAX_SECRET_BYTES {
            let mut roomy = String::with_capacity(MAX_SECRET_BYTES);
            roomy.push_str(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(roomy);
        }
        if !sign.is_control() && self.0.len() + sign.len_utf8() <= MAX_SECRET_BYTES {
            self.0.push(sign);
        }
    }

    /// The last sign goes.
    pub(crate) fn backspace(&mut self) {
        self.0.pop();
    }

    /// How many signs there are.
    pub(crate) fn signs(&self) -> usize {
        self.0.chars().count()
    }

    /// All of it goes.
    pub(crate) fn clear(&mut self) {
        self.0.zeroize();
    }

    /// Hands it over, and keeps nothing.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// For whoever compares it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why a PIN was not taken, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotLetIn {
    /// What is the matter, and what helps.
    pub(crate) why: String,
    /// When the next try may be made, POSIX µs.
    pub(crate) until_utc_us: Option<i64>,
}

impl NotLetIn {
    /// With what is left of the wait.
    pub(crate) fn words(&self, now_utc_us: i64) -> String {
        match self.wait_s(now_utc_us) {
            Some(wait_s) => format!("{} Try again in {}.", self.why, crate::state::handover::words::span(wait_s)),
            None if self.until_utc_us.is_some() => "You can try again now.".to_owned(),
            None => self.why.clone(),
        }
    }

    /// Seconds left of the wait.
    pub(crate) fn wait_s(&self, now_utc_us: i64) -> Option<u64> {
        let left_us = self.until_utc_us?.saturating_sub(now_utc_us);
        u64::try_from(left_us).ok().filter(|left_us| *left_us > 0).map(|left_us| left_us.div_ceil(1_000_000))
    }
}

/// What the sign-in tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// Who has an account with a PIN.
    People(Vec<Person>),
    /// The accounts cannot be read.
    NoPeople(String),
    /// A PIN is looked at.
    PinGiven(Label),
    /// They are signed in, since then, POSIX µs.
    SignedIn(Person, i64),
    /// It was not the right one.
    Refused(Label, NotLetIn),
    /// They signed out, or their session is over.
    SignedOut,
    /// The window is locked: whoever is signed in gives their PIN again before anything but flight data and flight controls.
    Locked,
}

/// Who is signed in at this station, and who may be.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    /// Who has an account with a PIN.
    pub(crate) people: Vec<Person>,
    /// Why nobody can be listed.
    pub(crate) no_people: Option<String>,
    /// Who is signed in, since when.
    who: Option<(Person, i64)>,
    /// Whether the PIN is asked again.
    locked: bool,
    /// How the last PIN went.
    pub(crate) pin: PinState,
}

/// How a PIN goes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum PinState {
    /// None was given.
    #[default]
    None,
    /// It is looked at.
    Checking(Label),
    /// It was not taken.
    Refused(Label, NotLetIn),
}

impl SignIn {
    /// Takes in what the sign-in tells.
    pub(crate) fn apply(&mut self, event: Event) {
        match event {
            Event::People(people) => (self.people, self.no_people) = (people, None),
            Event::NoPeople(why) => self.no_people = Some(why),
            Event::PinGiven(who) => self.pin = PinState::Checking(who),
            Event::SignedIn(who, since_utc_us) => {
                (self.who, self.locked, self.pin) = (Some((who, since_utc_us)), false, PinState::None);
            }
            Event::Refused(who, why) => self.pin = PinState::Refused(who, why),
            Event::SignedOut => (self.who, self.locked, self.pin) = (None, false, PinState::None),
            Event::Locked => self.locked = self.who.is_some(),
        }
    }

    /// Who acts: the person signed in, while the window is not locked.
    pub(crate) fn who(&self) -> Option<&Person> {
        self.who.as_ref().filter(|_| !self.locked).map(|(who, _)| who)
    }

    /// Whose session it is, locked or not, and since when, POSIX µs.
    pub(crate) fn session(&self) -> Option<(&Person, i64)> {
        self.who.as_ref().map(|(who, since_utc_us)| (who, *since_utc_us))
    }

    /// Whether the PIN is asked again. Never hides flight data, alarms, REC, Hold or Return.
    pub(crate) fn is_locked(&self) -> bool {
        self.locked
    }

    /// Who may give a PIN now: only whoever locked the window, while it is locked.
    pub(crate) fn may_try(&self) -> impl Iterator<Item = &Person> {
        let holder = self.who.as_ref().filter(|_| self.locked).map(|(who, _)| &who.label);
        self.people.iter().filter(move |person| holder.is_none_or(|holder| *holder == person.label))
    }

    /// Why somebody cannot give a PIN now, in words.
    pub(crate) fn why_not(&self, who: &Label, now_utc_us: i64) -> Option<String> {
        match &self.pin {
            PinState::Checking(_) => Some("The PIN is being checked.".to_owned()),
            PinState::Refused(refused, why) if refused == who && why.wait_s(now_utc_us).is_some() => {
                Some(why.words(now_utc_us))
            }
            PinState::Refused(..) | PinState::None => None,
        }
    }

    /// What is said below the PIN.
    pub(crate) fn said(&self, who: &Label, now_utc_us: i64) -> Option<String> {
        match &self.pin {
            PinState::Refused(refused, why) if refused == who => Some(why.words(now_utc_us)),
            PinState::Checking(checked) if checked == who => Some("The PIN is being checked.".to_owned()),
            PinState::Refused(..) | PinState::Checking(_) | PinState::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_777_640_000_000_000;

    fn person(name: &str) -> Person {
        Person { label: name.parse().unwrap(), duties: vec![Duty::Pilot, Duty::Custodian] }
    }

    #[test]
    fn a_lock_asks_whoever_is_signed_in_and_nobody_else() {
        let mut state = SignIn::default();
        state.apply(Event::People(vec![person("hale"), person("iqbal")]));
        state.apply(Event::Locked);
        assert!(!state.is_locked() && state.may_try().count() == 2, "nobody is signed in, so there is nothing to lock");
        state.apply(Event::SignedIn(person("hale"), NOW_US));
        state.apply(Event::Locked);
        assert_eq!((state.who(), state.is_locked()), (None, true));
        assert_eq!(state.session().map(|(who, _)| who.label.as_str()), Some("hale"));
        assert_eq!(state.may_try().map(|who| who.label.as_str()).collect::<Vec<_>>(), ["hale"]);
        state.apply(Event::SignedIn(person("hale"), NOW_US + 1));
        assert_eq!(state.who().map(Person::duties_in_words).as_deref(), Some("Remote pilot, evidence custodian"));
        state.apply(Event::SignedOut);
        assert!(state.session().is_none() && !state.is_locked());
    }

    #[test]
    fn a_wait_is_said_and_ends() {
        let mut state = SignIn::default();
        let hale: Label = "hale".parse().unwrap();
        let why = NotLetIn { why: "Too many wrong PINs for hale.".to_owned(), until_utc_us: Some(NOW_US + 30_000_000) };
        state.apply(Event::Refused(hale.clone(), why));
        assert_eq!(state.why_not(&hale, NOW_US).as_deref(), Some("Too many wrong PINs for hale. Try again in 30 s."));
        assert_eq!(state.why_not(&"iqbal".parse().unwrap(), NOW_US), None);
        assert_eq!(state.why_not(&hale, NOW_US + 30_000_000), None);
        assert_eq!(state.said(&hale, NOW_US + 30_000_000).as_deref(), Some("You can try again now."));
    }

    #[test]
    fn a_secret_is_never_printed_and_never_grows_beyond_its_room() {
        let mut secret = Secret::default();
        "271828é\n".chars().for_each(|sign| secret.push(sign));
        secret.backspace();
        assert_eq!((secret.reveal(), secret.signs(), format!("{secret:?}").as_str()), ("271828", 6, "Secret(…)"));
        (0..300).for_each(|_| secret.push('x'));
        assert_eq!(secret.signs(), MAX_SECRET_BYTES);
        let taken = secret.take();
        assert_eq!((taken.signs(), secret.signs()), (MAX_SECRET_BYTES, 0));
    }
}

//! Why the vehicle does not arm, and what the pilot does about it.

use super::cures;

/// Failures that are kept at once.
const MAX_FAILURES: usize = 24;
/// ArduPilot repeats its failures every 30 s: one that is not repeated is over.
const REPEATED_WITHIN_NS: u64 = 40_000_000_000;
/// What was said once, at an attempt to arm, is shown this long.
const SAID_ONCE_NS: u64 = 120_000_000_000;
/// What stands before a failure.
const PREFIXES: &[(&str, Origin)] = &[
    ("PreArm: ", Origin::Repeated),
    ("Arm: ", Origin::Attempt),
    ("Preflight Fail: ", Origin::Check),
    ("Preflight: ", Origin::Check),
    ("Arming denied: ", Origin::Attempt),
    ("Arming denied! ", Origin::Attempt),
];

/// What a failure came of, which tells when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// An attempt to arm: the checks may pass all the same.
    Attempt,
    /// The checks, said once.
    Check,
    /// The checks, said again and again.
    Repeated,
}

/// A reason for not arming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// As the vehicle said it, without what stands before every failure.
    pub(crate) said: String,
    /// What it means, where it is known.
    pub(crate) means: Option<&'static str>,
    /// What the pilot does, where it is known.
    pub(crate) cure: Option<&'static str>,
    /// When it was said last, ns.
    pub(crate) at_ns: u64,
    origin: Origin,
}

/// The reasons that stand.
#[derive(Debug, Default)]
pub(crate) struct PreArm(Vec<Failure>);

impl PreArm {
    /// The vehicle said something.
    pub(super) fn said(&mut self, words: &str, now_ns: u64) {
        let Some((said, origin)) = failure(words) else { return };
        let kept = self.0.iter().position(|failure| alike(&failure.said, said));
        let origin = kept.map_or(origin, |at| self.0[at].origin.max(origin));
        let (means, cure) = cures::of(said).unzip();
        let failure = Failure { said: said.to_owned(), means, cure, at_ns: now_ns, origin };
        match kept {
            Some(at) => self.0[at] = failure,
            None => {
                if self.0.len() >= MAX_FAILURES {
                    self.0.remove(0);
                }
                self.0.push(failure);
            }
        }
    }

    /// The vehicle is armed: all that was said before is over.
    pub(super) fn armed(&mut self) {
        self.0.clear();
    }

    /// The vehicle says that its checks pass: what they found is over, not what an attempt to arm came to.
    pub(super) fn checks_pass(&mut self) {
        self.0.retain(|failure| failure.origin == Origin::Attempt);
    }

    /// The reasons that stand, in the order in which they were first said.
    pub(crate) fn standing(&self, now_ns: u64) -> impl Iterator<Item = &Failure> {
        self.0.iter().filter(move |failure| {
            let lasts_ns = if failure.origin == Origin::Repeated { REPEATED_WITHIN_NS } else { SAID_ONCE_NS };
            now_ns.saturating_sub(failure.at_ns) <= lasts_ns
        })
    }
}

/// Says why it does not arm.
pub(super) fn is_failure(words: &str) -> bool {
    failure(words).is_some()
}

fn failure(words: &str) -> Option<(&str, Origin)> {
    PREFIXES.iter().find_map(|(prefix, origin)| {
        let head = words.get(..prefix.len())?;
        let rest = words[prefix.len()..].trim();
        (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some((rest, *origin))
    })
}

/// The same but for the figures in it.
fn alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> Vec<char> { text.chars().filter(|c| !matches!(c, '0'..='9' | '.' | '-')).collect() };
    one == other || one.contains('.') && letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn standing(prearm: &PreArm, now_ns: u64) -> Vec<&str> {
        prearm.standing(now_ns).map(|failure| failure.said.as_str()).collect()
    }

    #[test]
    fn failures_stand_while_they_are_repeated() {
        let mut prearm = PreArm::default();
        prearm.said("PreArm: Need 3D Fix", 0);
        prearm.said("EKF3 IMU0 is using GPS", 0);
        prearm.said("PreArm: ", 0);
        assert_eq!(standing(&prearm, 40 * SECOND_NS), ["Need 3D Fix"]);
        assert_eq!(standing(&prearm, 41 * SECOND_NS), [""; 0]);
        prearm.said("Arm: Need 3D Fix", 50 * SECOND_NS);
        prearm.said("Preflight Fail: No GPS lock", 50 * SECOND_NS);
        assert_eq!(standing(&prearm, 100 * SECOND_NS), ["No GPS lock"], "said once, and long enough to be read");
        prearm.said("Arm: Throttle too high", 100 * SECOND_NS);
        prearm.checks_pass();
        assert_eq!(standing(&prearm, 100 * SECOND_NS), ["Throttle too high"]);
        prearm.armed();
        assert_eq!(standing(&prearm, 100 * SECOND_NS), [""; 0]);
    }

    #[test]
    fn each_failure_comes_once_with_its_newest_figures() {
        let mut prearm = PreArm::default();
        prearm.said("PreArm: GPS and AHRS differ by 12.1m", 0);
        prearm.said("PreArm: GPS and AHRS differ by 13.4m", 1);
        prearm.said("PreArm: Compass 1 not healthy", 1);
        prearm.said("PreArm: Compass 2 not healthy", 1);
        let said = ["GPS and AHRS differ by 13.4m", "Compass 1 not healthy", "Compass 2 not healthy"];
        assert_eq!(standing(&prearm, 1), said);
    }

    #[test]
    fn an_unknown_failure_stands_as_it_is_and_many_do_not_pile_up() {
        let mut prearm = PreArm::default();
        prearm.said("PreArm: Flux capacitor cold", 0);
        let failure = prearm.standing(0).next().unwrap();
        assert_eq!((failure.said.as_str(), failure.means, failure.cure), ("Flux capacitor cold", None, None));
        for number in 0..100 {
            prearm.said(&format!("PreArm: Thing {number}"), 0);
        }
        assert_eq!(prearm.standing(0).count(), MAX_FAILURES);
    }
}

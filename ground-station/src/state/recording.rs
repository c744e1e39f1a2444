//! The record button: what it shows, by what is seen of the recording ([`Rec`]) and what was ordered.

pub(crate) mod officer;
pub(crate) mod reason;

use crate::rec::Rec;

/// An order that shows nothing for so long has failed.
const ORDER_NS: u64 = 20_000_000_000;
/// A recording that is not seen for so long has stopped: two segments and a beacon that was lost.
const UNSEEN_NS: u64 = 8_000_000_000;

/// What the button shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    /// No camera is heard, or it is not heard any more.
    NoCamera,
    /// One press records.
    Ready,
    /// Ordered, not yet seen, for so long.
    Starting {
        /// Since the order, ns.
        for_ns: u64,
    },
    /// Seen to grow and to be hashed, for so long.
    Recording {
        /// Since it began, ns.
        for_ns: u64,
    },
    /// Seen to grow; its first hash may still come, for so long.
    Awaited {
        /// Since it began, ns.
        for_ns: u64,
    },
    /// It grows, and no hash of it is heard: it runs, but nobody witnesses it.
    Unsealed {
        /// Since it began, ns.
        for_ns: u64,
    },
    /// A stop was ordered, for so long.
    Stopping {
        /// Since the order, ns.
        for_ns: u64,
    },
    /// It stopped without an order, or a start came to nothing; another press starts it again.
    Fault(Fault),
}

/// Why there is no recording that there should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The camera says that it does not record any more.
    Stopped,
    /// The camera is not heard any more.
    Silent,
    /// It says that it records, and nothing grows.
    Stuck,
    /// The order came to nothing.
    NotStarted,
    /// It records on although it was told to stop.
    NotStopped,
}

impl Fault {
    /// What happened, and what to do.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Stopped => "Recording stopped by itself. What was recorded is kept. Press again.",
            Self::Silent => "The camera is not heard. It may still record. Check the link, then look here.",
            Self::Stuck => "The camera says that it records, but nothing grows. Press again.",
            Self::NotStarted => "The camera did not start. Check its storage, then press again.",
            Self::NotStopped => "The camera still records. Press again to stop it.",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Nothing,
    Record { ordered_ns: u64, seen_ns: Option<u64> },
    Stop { ordered_ns: u64 },
}

/// The button of one camera.
#[derive(Debug)]
pub(crate) struct Recording {
    wish: Wish,
    rec: Rec,
    began_ns: Option<u64>,
    /// Since when the camera says that it records, and nothing of it was seen.
    claimed_ns: Option<u64>,
    fault: Option<Fault>,
}

impl Default for Recording {
    fn default() -> Self {
        Self { wish: Wish::Nothing, rec: Rec::Unknown, began_ns: None, claimed_ns: None, fault: None }
    }
}

impl Recording {
    /// A start was sent.
    pub(crate) fn start(&mut self, now_ns: u64) {
        (self.wish, self.fault) = (Wish::Record { ordered_ns: now_ns, seen_ns: None }, None);
    }

    /// A stop was sent.
    pub(crate) fn stop(&mut self, now_ns: u64) {
        (self.wish, self.fault) = (Wish::Stop { ordered_ns: now_ns }, None);
    }

    /// The order was refused, or could not be sent.
    pub(crate) fn refused(&mut self) {
        self.fault = match self.wish {
            Wish::Nothing => None,
            Wish::Record { .. } => Some(Fault::NotStarted),
            Wish::Stop { .. } => Some(Fault::NotStopped),
        };
        self.wish =
            self.began_ns.map_or(Wish::Nothing, |at_ns| Wish::Record { ordered_ns: at_ns, seen_ns: Some(at_ns) });
    }

    /// What is seen of the recording now, which the camera says has lasted `recorded_ms`. Call it several times a second.
    pub(crate) fn look(&mut self, rec: Rec, recorded_ms: u32, now_ns: u64) {
        self.rec = rec;
        let grows = matches!(rec, Rec::Recording | Rec::Awaited | Rec::Unsealed);
        if grows {
            let began_ns = now_ns.saturating_sub(u64::from(recorded_ms).saturating_mul(1_000_000));
            // It stands still while the same recording goes on.
            self.began_ns = self.began_ns.or(Some(began_ns));
        }
        match self.wish {
            // Another station, the crew or the mission started it: from now on it is to go on.
            Wish::Nothing if grows => self.wish = Wish::Record { ordered_ns: now_ns, seen_ns: Some(now_ns) },
            Wish::Nothing => {
                self.began_ns = None;
                self.claimed_ns = (rec == Rec::Claimed).then(|| self.claimed_ns.unwrap_or(now_ns));
            }
            Wish::Record { ordered_ns, .. } if grows => {
                (self.wish, self.fault) = (Wish::Record { ordered_ns, seen_ns: Some(now_ns) }, None);
            }
            Wish::Record { seen_ns: Some(seen_ns), .. } => self.unseen(rec, now_ns.saturating_sub(seen_ns)),
            Wish::Record { ordered_ns, seen_ns: None } if now_ns.saturating_sub(ordered_ns) > ORDER_NS => {
                self.end(Some(Fault::NotStarted));
            }
            Wish::Record { seen_ns: None, .. } => {}
            Wish::Stop { .. } if matches!(rec, Rec::Off) => self.end(None),
            Wish::Stop { ordered_ns } if now_ns.saturating_sub(ordered_ns) > ORDER_NS => {
                self.fault = Some(Fault::NotStopped);
                self.wish = Wish::Record { ordered_ns, seen_ns: Some(now_ns) };
            }
            Wish::Stop { .. } => {}
        }
    }

    /// A recording that was seen is not.
    fn unseen(&mut self, rec: Rec, for_ns: u64) {
        match rec {
            // It says so itself: no need to wait.
            Rec::Off => self.end(Some(Fault::Stopped)),
            Rec::Silent | Rec::Unknown if for_ns > UNSEEN_NS => self.fault = Some(Fault::Silent),
            Rec::Asked | Rec::Claimed if for_ns > UNSEEN_NS => self.fault = Some(Fault::Stuck),
            Rec::Silent | Rec::Unknown | Rec::Asked | Rec::Claimed | Rec::Awaited | Rec::Unsealed | Rec::Recording => {}
        }
    }

    fn end(&mut self, fault: Option<Fault>) {
        (self.wish, self.began_ns, self.fault) = (Wish::Nothing, None, fault);
    }

    /// What the button shows.
    pub(crate) fn button(&self, now_ns: u64) -> Button {
        let since = |at_ns: u64| now_ns.saturating_sub(at_ns);
        if let Some(fault) = self.fault {
            return Button::Fault(fault);
        }
        let for_ns = self.began_ns.map_or(0, since);
        match self.wish {
            Wish::Stop { ordered_ns } => Button::Stopping { for_ns: since(ordered_ns) },
            Wish::Record { seen_ns: Some(_), .. } if self.rec == Rec::Unsealed => Button::Unsealed { for_ns },
            Wish::Record { seen_ns: Some(_), .. } if self.rec == Rec::Awaited => Button::Awaited { for_ns },
            Wish::Record { seen_ns: Some(_), .. } => Button::Recording { for_ns },
            Wish::Record { ordered_ns, seen_ns: None } => Button::Starting { for_ns: since(ordered_ns) },
            Wish::Nothing => match self.rec {
                Rec::Unknown | Rec::Silent => Button::NoCamera,
                // A window that comes into a flight hears the claim before it can have seen anything grow.
                Rec::Claimed => Button::Starting { for_ns: self.claimed_ns.map_or(0, since) },
                Rec::Off | Rec::Asked | Rec::Awaited | Rec::Unsealed | Rec::Recording => Button::Ready,
            },
        }
    }

    /// It stopped, or cannot be seen, and nobody ordered it.
    pub(crate) fn stopped_without_order(&self) -> bool {
        matches!(self.fault, Some(Fault::Stopped | Fault::Silent | Fault::Stuck))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn after(rec: Rec, recording: &mut Recording, second: u64) -> Button {
        recording.look(rec, 0, second * SECOND_NS);
        recording.button(second * SECOND_NS)
    }

    /// A recording that was ordered at 0 s and is seen at 3 s.
    fn running() -> Recording {
        let mut recording = Recording::default();
        assert_eq!(after(Rec::Unknown, &mut recording, 0), Button::NoCamera);
        assert_eq!(after(Rec::Off, &mut recording, 0), Button::Ready);
        recording.start(0);
        assert_eq!(after(Rec::Asked, &mut recording, 1), Button::Starting { for_ns: SECOND_NS });
        assert_eq!(after(Rec::Claimed, &mut recording, 2), Button::Starting { for_ns: 2 * SECOND_NS });
        assert_eq!(after(Rec::Recording, &mut recording, 3), Button::Recording { for_ns: 0 });
        recording
    }

    #[test]
    fn what_already_records_is_never_shown_as_off() {
        let mut recording = Recording::default();
        assert_eq!(after(Rec::Claimed, &mut recording, 1), Button::Starting { for_ns: 0 });
        assert_eq!(after(Rec::Claimed, &mut recording, 2), Button::Starting { for_ns: SECOND_NS });
        assert_eq!(after(Rec::Recording, &mut recording, 3), Button::Recording { for_ns: 0 });
        let mut other = Recording::default();
        assert_eq!(after(Rec::Claimed, &mut other, 1), Button::Starting { for_ns: 0 });
        assert_eq!(after(Rec::Off, &mut other, 2), Button::Ready);
    }

    #[test]
    fn a_recording_is_ordered_seen_and_stopped() {
        let mut recording = running();
        assert_eq!(after(Rec::Recording, &mut recording, 10), Button::Recording { for_ns: 7 * SECOND_NS });
        assert_eq!(after(Rec::Unsealed, &mut recording, 11), Button::Unsealed { for_ns: 8 * SECOND_NS });
        assert_eq!(after(Rec::Awaited, &mut recording, 12), Button::Awaited { for_ns: 9 * SECOND_NS });
        recording.stop(12 * SECOND_NS);
        assert_eq!(after(Rec::Recording, &mut recording, 13), Button::Stopping { for_ns: SECOND_NS });
        assert_eq!(after(Rec::Off, &mut recording, 14), Button::Ready);
        assert!(!recording.stopped_without_order());
    }

    #[test]
    fn a_stop_that_nobody_ordered_is_a_fault_until_it_records_again() {
        let mut recording = running();
        assert_eq!(after(Rec::Off, &mut recording, 4), Button::Fault(Fault::Stopped));
        assert!(recording.stopped_without_order());
        recording.start(5 * SECOND_NS);
        assert_eq!(after(Rec::Off, &mut recording, 6), Button::Starting { for_ns: SECOND_NS });
        assert!(matches!(after(Rec::Recording, &mut recording, 7), Button::Recording { .. }));
    }

    #[test]
    fn a_moment_unseen_is_no_fault_and_eight_seconds_are() {
        for (rec, fault) in [(Rec::Silent, Fault::Silent), (Rec::Claimed, Fault::Stuck)] {
            let mut recording = running();
            assert!(matches!(after(rec, &mut recording, 11), Button::Recording { .. }));
            assert_eq!(after(rec, &mut recording, 12), Button::Fault(fault));
            assert!(
                matches!(after(Rec::Recording, &mut recording, 13), Button::Recording { .. }),
                "it was only unseen"
            );
        }
    }

    #[test]
    fn orders_that_come_to_nothing_are_faults() {
        let mut recording = Recording::default();
        recording.start(0);
        assert!(matches!(after(Rec::Off, &mut recording, 20), Button::Starting { .. }));
        assert_eq!(after(Rec::Off, &mut recording, 21), Button::Fault(Fault::NotStarted));
        let mut recording = running();
        recording.stop(4 * SECOND_NS);
        assert_eq!(after(Rec::Silent, &mut recording, 25), Button::Fault(Fault::NotStopped));
        let mut recording = running();
        recording.stop(4 * SECOND_NS);
        recording.refused();
        assert_eq!(recording.button(4 * SECOND_NS), Button::Fault(Fault::NotStopped));
        assert!(matches!(after(Rec::Recording, &mut recording, 5), Button::Recording { .. }), "it goes on");
    }

    #[test]
    fn a_recording_of_somebody_else_is_shown_with_its_time_and_watched() {
        let mut recording = Recording::default();
        recording.look(Rec::Recording, 30_000, 40 * SECOND_NS);
        assert_eq!(recording.button(41 * SECOND_NS), Button::Recording { for_ns: 31 * SECOND_NS });
        assert_eq!(after(Rec::Off, &mut recording, 42), Button::Fault(Fault::Stopped));
    }

    #[test]
    fn every_fault_says_what_to_do() {
        for fault in [Fault::Stopped, Fault::Silent, Fault::Stuck, Fault::NotStarted, Fault::NotStopped] {
            assert!(fault.words().ends_with('.') && fault.words().matches(". ").count() > 0, "{fault:?}");
        }
    }
}

//! Stills on command (2000, 2001): which are due when, how each ended, and what a station that lost a
//! message may ask for again (CAMERA_IMAGE_CAPTURED by index). Pure: the time is an argument.

use std::collections::VecDeque;

use super::facts::Image;
use crate::peers::Address;

/// Shortest time between two stills of a series, ns.
pub const LEAST_INTERVAL_NS: u64 = 500_000_000;
/// Stills that a station may ask for again; older ones are forgotten.
pub const MAX_KEPT: usize = 1_000;
/// A single capture with the number of the sender's last one is a repetition so long after that was last heard, ns: stations repeat
/// what is not acknowledged for some seconds, and one that has started anew may count from the same number.
pub const REPEATED_NS: u64 = 10_000_000_000;
/// Without a number it is one so long, ns: MAVSDK, whose first capture has the number 0, repeats each half second, and a person may press
/// again.
pub const UNNUMBERED_NS: u64 = 1_200_000_000;
/// Senders whose last capture is remembered.
const MAX_SENDERS: usize = 8;

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// 2000: `count` stills (0 = until stopped) every `interval_ns`. `sequence` tells a repeated
    /// single capture from another one; 0 where the station does not count.
    Start { interval_ns: u64, count: u32, sequence: u32 },
    /// 2001.
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Series {
    by: Address,
    interval_ns: u64,
    count: u32,
    /// Not yet asked for; `None` without end.
    left: Option<u32>,
    next_ns: u64,
}

/// The stills of one camera.
#[derive(Debug, Default)]
pub(super) struct Images {
    series: Option<Series>,
    /// The last single capture of each sender.
    singles: VecDeque<Single>,
    /// Asked of the agent and not ended, oldest first.
    pending: VecDeque<Option<Address>>,
    /// Stills taken.
    count: u32,
    kept: VecDeque<(u32, Image)>,
}

#[derive(Debug, Clone, Copy)]
struct Single {
    by: Address,
    sequence: u32,
    ended: bool,
    /// When it was last heard.
    heard_ns: u64,
}

impl Single {
    fn repeats(&self, sequence: u32, now_ns: u64) -> bool {
        let within_ns = if sequence > 0 { REPEATED_NS } else { UNNUMBERED_NS };
        sequence == self.sequence && (!self.ended || now_ns.saturating_sub(self.heard_ns) <= within_ns)
    }
}

/// How a start meets what is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// It is new.
    New,
    /// It came before: nothing is to be done for it.
    Again,
    /// A series of somebody's is running.
    Busy,
}

impl Images {
    /// Whether `order` of `by` is a repetition, or is in the way of another.
    pub(super) fn meets(&mut self, by: Address, order: Order, now_ns: u64) -> Meets {
        let Order::Start { interval_ns, count, sequence } = order else { return Meets::New };
        let single = self.singles.iter_mut().find(|single| single.by == by);
        match (self.series, single) {
            (Some(running), _) if (running.by, running.interval_ns, running.count) == (by, interval_ns, count) => {
                Meets::Again
            }
            (Some(_), _) => Meets::Busy,
            (None, Some(last)) if count == 1 && last.repeats(sequence, now_ns) => {
                last.heard_ns = now_ns;
                Meets::Again
            }
            (None, _) => Meets::New,
        }
    }

    /// Begins or ends what was asked for; stills become due by [`Images::due`].
    pub(super) fn begin(&mut self, by: Address, order: Order, now_ns: u64) {
        let Order::Start { interval_ns, count, sequence } = order else {
            self.series = None;
            return;
        };
        self.series = Some(Series { by, interval_ns, count, left: (count > 0).then_some(count), next_ns: now_ns });
        if count == 1 {
            self.singles.retain(|single| single.by != by);
            self.singles.truncate(MAX_SENDERS - 1);
            self.singles.push_front(Single { by, sequence, ended: false, heard_ns: now_ns });
        }
    }

    /// Whether a still is to be taken now; what was missed is not made up for.
    pub(super) fn due(&mut self, now_ns: u64) -> bool {
        let Some(series) = self.series.as_mut().filter(|series| now_ns >= series.next_ns) else {
            return false;
        };
        let late_ns = (now_ns - series.next_ns) % series.interval_ns.max(1);
        series.next_ns = now_ns + series.interval_ns - late_ns;
        series.left = series.left.map(|left| left - 1);
        self.pending.push_back((series.count == 1).then_some(series.by));
        if series.left == Some(0) {
            self.series = None;
        }
        true
    }

    /// The oldest still that was asked for has ended so; its index, where it was taken.
    pub(super) fn ended(&mut self, image: Image) -> Option<u32> {
        let by = self.pending.pop_front().flatten();
        if let Some(single) = self.singles.iter_mut().find(|single| Some(single.by) == by) {
            single.ended = true;
        }
        if !image.taken {
            return None;
        }
        let index = self.count;
        self.count = self.count.saturating_add(1);
        if self.kept.len() == MAX_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((index, image));
        Some(index)
    }

    /// The still with this index, if it is remembered.
    pub(super) fn kept(&self, index: u32) -> Option<&Image> {
        self.kept.iter().find(|(known, _)| *known == index).map(|(_, image)| image)
    }

    /// Stills taken.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// CAMERA_CAPTURE_STATUS: image_status and image_interval, seconds.
    pub(super) fn status(&self) -> (u8, f32) {
        let taking = u8::from(!self.pending.is_empty());
        #[expect(clippy::cast_precision_loss, reason = "seconds in f32 are MAVLink's")]
        let interval_s = |interval_ns: u64| interval_ns as f32 / 1e9;
        match self.series.filter(|series| series.count != 1) {
            Some(series) => (2 + taking, interval_s(series.interval_ns)),
            None => (taking, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;
    const STATION: Address = Address { system: 255, component: 190 };
    const OTHER: Address = Address { system: 254, component: 190 };

    fn start(interval_s: u64, count: u32, sequence: u32) -> Order {
        Order::Start { interval_ns: interval_s * S, count, sequence }
    }

    fn taken() -> Image {
        Image { taken: true, ..Image::default() }
    }

    fn due(images: &mut Images, from_s: u64, to_s: u64) -> usize {
        (from_s * 10..to_s * 10).filter(|tenth| images.due(tenth * S / 10)).count()
    }

    #[test]
    fn a_series_takes_as_many_as_it_was_asked_for_at_its_pace() {
        let mut images = Images::default();
        images.begin(STATION, start(2, 3, 0), 0);
        assert_eq!(images.status(), (2, 2.0));
        assert_eq!((due(&mut images, 0, 1), due(&mut images, 1, 3), due(&mut images, 3, 60)), (1, 1, 1));
        assert_eq!(images.status(), (1, 0.0), "none is due, three have not ended");
        images.begin(STATION, start(1, 0, 0), 60 * S);
        assert_eq!(due(&mut images, 60, 70), 10);
        assert!(images.due(75 * S) && !images.due(75 * S + 1), "what was missed is not made up for");
        images.begin(STATION, Order::Stop, 76 * S);
        assert_eq!(due(&mut images, 76, 100), 0);
    }

    #[test]
    fn a_repeated_command_takes_no_second_picture() {
        let mut images = Images::default();
        images.begin(STATION, start(0, 1, 7), 0);
        assert!(images.due(0) && !images.due(S));
        images.ended(taken());
        assert_eq!(images.meets(STATION, start(0, 1, 7), 9 * S), Meets::Again);
        assert_eq!(images.meets(STATION, start(0, 1, 8), 9 * S), Meets::New);
        assert_eq!(images.meets(OTHER, start(0, 1, 7), 9 * S), Meets::New, "another station counts for itself");
        assert_eq!(images.meets(STATION, start(0, 1, 7), 18 * S), Meets::Again, "it was heard again meanwhile");
        assert_eq!(images.meets(STATION, start(0, 1, 7), 29 * S), Meets::New, "it counts anew");
        images.begin(STATION, start(5, 0, 0), 30 * S);
        assert_eq!(images.meets(STATION, start(5, 0, 0), 30 * S), Meets::Again);
        assert_eq!(images.meets(STATION, start(6, 0, 0), 30 * S), Meets::Busy);
        assert_eq!(images.meets(OTHER, start(5, 0, 0), 30 * S), Meets::Busy);
    }

    #[test]
    fn a_command_without_a_number_is_repeated_for_a_moment_only() {
        let mut images = Images::default();
        images.begin(STATION, start(0, 1, 0), S);
        assert!(images.due(S));
        assert_eq!(images.meets(STATION, start(0, 1, 0), 9 * S), Meets::Again, "the first is not there yet");
        images.ended(taken());
        assert_eq!(images.meets(STATION, start(0, 1, 0), 10 * S), Meets::Again, "a second after it was heard");
        assert_eq!(images.meets(STATION, start(0, 1, 0), 12 * S), Meets::New);
    }

    #[test]
    fn indices_count_what_was_taken_and_memory_is_bounded() {
        let mut images = Images::default();
        let ends = [images.ended(taken()), images.ended(Image::default()), images.ended(taken())];
        assert_eq!(ends, [Some(0), None, Some(1)]);
        assert!(images.kept(0).is_some() && images.kept(1).is_some() && images.kept(2).is_none());
        (0..MAX_KEPT).for_each(|_| {
            images.ended(taken());
        });
        assert!(images.kept(0).is_none() && images.kept(2).is_some());
        assert_eq!(images.kept.len(), MAX_KEPT);
        (0..=u8::MAX).for_each(|system| images.begin(Address::new(system, 1), start(0, 1, 1), 0));
        assert_eq!(images.singles.len(), MAX_SENDERS);
    }
}

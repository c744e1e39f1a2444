//! How well the vehicle is heard: the data link by the numbers of its frames, the pilot's radio by what the vehicle says of it.

use vehicle_link::frames::Frame;
use vehicle_link::hub::{Arrival, Sequence};

use super::mode::Kind;
use super::said::Said;

const RC_CHANNELS_RAW: u32 = 35;
const RC_CHANNELS: u32 = 65;
const SECOND_NS: u64 = 1_000_000_000;
/// So many seconds a percentage is of.
const WINDOW_S: usize = 10;
/// A frame with a lower number than one that came within this time was overtaken; after it the numbers may have begun anew.
const OVERTAKEN_NS: u64 = SECOND_NS;
/// A vehicle that is silent longer is lost (three heartbeats missed).
pub(crate) const LOST_AFTER_NS: u64 = 3_500_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    number: u64,
    received: u32,
    lost: u32,
}

/// The data link, by the frames of the autopilot.
#[derive(Debug, Default)]
pub(crate) struct DataLink {
    sequence: Option<Sequence>,
    newest: Option<(u8, u64)>,
    heard_ns: Option<u64>,
    seconds: [Second; WINDOW_S],
}

impl DataLink {
    /// A frame came; whether one that was sent later had come before it.
    pub(super) fn heard(&mut self, number: u8, now_ns: u64) -> bool {
        self.heard_ns = Some(now_ns);
        let newest = self.newest.filter(|(_, came_ns)| now_ns.saturating_sub(*came_ns) < OVERTAKEN_NS);
        let overtaken = newest.is_some_and(|(newest, _)| number.wrapping_sub(newest) > i8::MAX.unsigned_abs());
        if !overtaken {
            self.newest = Some((number, now_ns));
        }
        let arrival = self.sequence.as_mut().map(|sequence| sequence.arrived(number));
        let second = self.second(now_ns);
        second.received = second.received.saturating_add(1);
        match arrival {
            Some(Arrival::Newest { missing }) => second.lost = second.lost.saturating_add(u32::from(missing)),
            Some(Arrival::Late) => second.lost = second.lost.saturating_sub(1),
            Some(Arrival::Known) if overtaken => {}
            Some(Arrival::Known) | None => self.sequence = Some(Sequence::begin(number)),
        }
        overtaken
    }

    fn second(&mut self, now_ns: u64) -> &mut Second {
        let number = now_ns / SECOND_NS;
        let at = usize::try_from(number % WINDOW_S as u64).unwrap_or(0);
        let second = &mut self.seconds[at];
        if second.number != number {
            *second = Second { number, ..Second::default() };
        }
        second
    }

    /// Of the frames sent in the last ten seconds, those that came; unknown while the vehicle is lost.
    pub(crate) fn percent(&self, now_ns: u64) -> Option<f64> {
        if self.is_lost(now_ns) {
            return None;
        }
        let from = (now_ns / SECOND_NS).saturating_sub(WINDOW_S as u64 - 1);
        let lately = self.seconds.iter().filter(|second| second.number >= from);
        let (received, lost) = lately.fold((0, 0), |(received, lost), second| {
            (received + u64::from(second.received), lost + u64::from(second.lost))
        });
        let sent = u32::try_from(received + lost).ok().filter(|sent| *sent > 0)?;
        Some(100.0 * f64::from(u32::try_from(received).ok()?) / f64::from(sent))
    }

    /// Since anything of the autopilot was heard, seconds.
    pub(crate) fn silence_s(&self, now_ns: u64) -> Option<f64> {
        self.heard_ns.map(|at_ns| seconds(now_ns.saturating_sub(at_ns)))
    }

    /// Silent for longer than three heartbeats, or never heard.
    pub(crate) fn is_lost(&self, now_ns: u64) -> bool {
        self.heard_ns.is_none_or(|at_ns| now_ns.saturating_sub(at_ns) > LOST_AFTER_NS)
    }
}

/// Seconds of a span, to the millisecond.
pub(super) fn seconds(span_ns: u64) -> f64 {
    f64::from(u32::try_from(span_ns / 1_000_000).unwrap_or(u32::MAX)) / 1000.0
}

/// The radio of the pilot's sticks, as the vehicle receives it.
#[derive(Debug)]
pub(crate) struct RadioControl {
    /// Percent of the receiver's scale.
    strength: Said<Option<f64>>,
}

impl Default for RadioControl {
    fn default() -> Self {
        Self { strength: Said::for_seconds(5) }
    }
}

impl RadioControl {
    pub(super) fn hear(&mut self, frame: &Frame, kind: Kind, now_ns: u64) {
        let payload = frame.payload();
        let (rssi, channels) = match frame.message_id() {
            RC_CHANNELS => (payload.u8(41), payload.u8(40)),
            RC_CHANNELS_RAW => (payload.u8(21), u8::MAX),
            _ => return,
        };
        // ArduPilot's scale ends at 254, PX4's at 100.
        let full = if kind == Kind::Px4 { 100.0 } else { 254.0 };
        let known = rssi != u8::MAX && channels > 0;
        self.strength.say(known.then(|| (100.0 * f64::from(rssi) / full).min(100.0)), now_ns);
    }

    /// Strength in percent; unknown where the receiver does not say it.
    pub(crate) fn percent(&self, now_ns: u64) -> Option<f64> {
        self.strength.now(now_ns).flatten()
    }
}

/// The telemetry radios, as they say themselves (RADIO_STATUS); both scales are the maker's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Radio {
    /// Strength here.
    pub(crate) rssi: u8,
    /// Strength at the other end; `None` unknown.
    pub(crate) remote_rssi: Option<u8>,
    /// Noise here.
    pub(crate) noise: u8,
    /// Free room in its buffer, percent.
    pub(crate) free_percent: u8,
}

impl Radio {
    /// RADIO_STATUS (109), RADIO (166).
    pub(super) fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        let known = |value: u8| (value != u8::MAX).then_some(value);
        matches!(frame.message_id(), 109 | 166).then_some(())?;
        let rssi = known(payload.u8(4))?;
        Some(Self { rssi, remote_rssi: known(payload.u8(5)), noise: payload.u8(7), free_percent: payload.u8(6) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame;
    use super::*;

    #[test]
    fn what_is_missing_lowers_the_percentage_and_ten_seconds_later_it_is_forgotten() {
        let mut link = DataLink::default();
        assert_eq!((link.percent(0), link.is_lost(0)), (None, true));
        for number in [250, 251, 254, 255, 2, 3, 4, 5] {
            assert!(!link.heard(number, 20 * SECOND_NS));
        }
        // 252, 253, 0 and 1 are missing.
        let percent = link.percent(20 * SECOND_NS).unwrap();
        assert!((percent - 100.0 * 8.0 / 12.0).abs() < 1e-9, "{percent}");
        assert!(link.heard(1, 20 * SECOND_NS), "it was overtaken, and is not missing");
        assert_eq!(link.percent(20 * SECOND_NS), Some(75.0));
        assert!(!link.heard(6, 30 * SECOND_NS));
        assert_eq!(link.percent(30 * SECOND_NS), Some(100.0));
    }

    #[test]
    fn silence_makes_the_link_unknown() {
        let mut link = DataLink::default();
        link.heard(1, SECOND_NS);
        assert_eq!(link.silence_s(3 * SECOND_NS), Some(2.0));
        assert!(!link.is_lost(SECOND_NS + LOST_AFTER_NS));
        assert!(link.is_lost(SECOND_NS + LOST_AFTER_NS + 1));
        assert_eq!(link.percent(SECOND_NS + LOST_AFTER_NS + 1), None);
    }

    #[test]
    fn numbers_that_begin_anew_after_a_silence_lose_nothing() {
        let mut link = DataLink::default();
        link.heard(200, SECOND_NS);
        assert!(!link.heard(150, 3 * SECOND_NS), "restarted");
        assert!(!link.heard(151, 3 * SECOND_NS));
        assert_eq!(link.percent(3 * SECOND_NS), Some(100.0));
    }

    #[test]
    fn the_scale_of_the_receiver_is_the_autopilots() {
        let mut payload = [0; 42];
        (payload[40], payload[41]) = (16, 100);
        let channels = frame(RC_CHANNELS, &payload);
        for (kind, percent) in [(Kind::Px4, 100.0), (Kind::ArduCopter, 100.0 * 100.0 / 254.0)] {
            let mut radio = RadioControl::default();
            radio.hear(&channels, kind, 0);
            assert_eq!(radio.percent(0), Some(percent));
        }
        let mut radio = RadioControl::default();
        payload[41] = u8::MAX;
        radio.hear(&frame(RC_CHANNELS, &payload), Kind::Px4, 0);
        assert_eq!(radio.percent(0), None);
        (payload[40], payload[41]) = (0, 100);
        radio.hear(&frame(RC_CHANNELS, &payload), Kind::Px4, 0);
        assert_eq!(radio.percent(0), None, "no channel, no receiver");
    }

    #[test]
    fn a_radio_says_signal_noise_and_room() {
        let radio = Radio::read(&frame(109, &[0, 0, 0, 0, 180, 255, 90, 50, 60])).unwrap();
        assert_eq!((radio.rssi, radio.noise, radio.remote_rssi, radio.free_percent), (180, 50, None, 90));
        assert_eq!(Radio::read(&frame(1, &[0; 31])), None);
    }
}

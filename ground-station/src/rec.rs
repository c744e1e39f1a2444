//! What REC may show. A recording is what is seen to grow *and* to be hashed; what somebody merely says is none. Pure.
//!
//! | heard | shown |
//! |---|---|
//! | an acknowledgement alone | [`Rec::Asked`] |
//! | CAMERA_CAPTURE_STATUS says "video", its recording time stands | [`Rec::Claimed`] |
//! | the recording time has just begun to rise, no newer head of the flight yet | [`Rec::Awaited`] |
//! | the recording time rises, no newer head of the flight | [`Rec::Unsealed`] |
//! | the recording time rises, and so does the head, lately | [`Rec::Recording`] |
//! | nothing for [`STATUS_FRESH_NS`] | [`Rec::Silent`] |
//!
//! A head tells how many records a flight has, not of what kind: it rises with telemetry too. So it is counted only while the
//! camera says that it records.

use flight_record::FlightId;
use flight_record::radio::Beacon;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

/// A capture status is believed this long, ns.
pub(crate) const STATUS_FRESH_NS: u64 = 3_000_000_000;
/// The recording time must have risen within this, ns.
const RISE_FRESH_NS: u64 = 3_000_000_000;
/// The head must have risen within this, ns: two segments and a beacon that was lost.
const HEAD_FRESH_NS: u64 = 6_000_000_000;

const CAMERA_CAPTURE_STATUS: u32 = 262;

/// What may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rec {
    /// The camera has said nothing yet.
    Unknown,
    /// It says that it does not record.
    Off,
    /// A start was acknowledged; nothing is seen of it.
    Asked,
    /// It says that it records; nothing grows.
    Claimed,
    /// Its recording time has just begun to rise; its first hash may still come.
    Awaited,
    /// Its recording time rises; no hash of it is heard.
    Unsealed,
    /// It records, and what it records is hashed.
    Recording,
    /// It was heard, and is not any more.
    Silent,
}

/// What CAMERA_CAPTURE_STATUS says of the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    /// `video_status` is 1.
    pub(crate) recording: bool,
    /// `recording_time_ms`.
    pub(crate) recorded_ms: u32,
}

impl Status {
    /// Reads the status of this camera; nothing from another message or sender.
    pub(crate) fn read(frame: &Frame, camera: Address) -> Option<Self> {
        (frame.message_id() == CAMERA_CAPTURE_STATUS && Address::of(frame) == camera).then(|| {
            let payload = frame.payload();
            Self { recording: payload.u8(17) == 1, recorded_ms: payload.u32(8) }
        })
    }
}

/// What was heard of one camera.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    asked: bool,
    status: Option<(Status, u64)>,
    risen_ns: Option<u64>,
    /// When it was first seen to rise, while no newer head has been heard since.
    awaiting_ns: Option<u64>,
    head: Option<(FlightId, u64)>,
    grown_ns: Option<u64>,
}

impl Heard {
    /// A start was acknowledged.
    pub(crate) fn acknowledged(&mut self) {
        self.asked = true;
    }

    /// The camera says how it is.
    pub(crate) fn status(&mut self, status: Status, now_ns: u64) {
        let before = self.status.replace((status, now_ns)).map(|(before, _)| before);
        if !status.recording {
            (self.risen_ns, self.awaiting_ns, self.grown_ns) = (None, None, None);
            return;
        }
        self.asked = false;
        match before.filter(|before| before.recording) {
            Some(before) if status.recorded_ms > before.recorded_ms => {
                if self.risen_ns.replace(now_ns).is_none() && self.grown_ns.is_none() {
                    self.awaiting_ns = Some(now_ns);
                }
            }
            // Another recording than the one that was seen.
            Some(before) if status.recorded_ms < before.recorded_ms => {
                (self.risen_ns, self.awaiting_ns) = (None, None);
            }
            Some(_) | None => {}
        }
    }

    /// The aircraft's newest head; the caller has checked its signature, where it knows the key.
    pub(crate) fn head(&mut self, beacon: &Beacon, now_ns: u64) {
        let before = self.head.filter(|(flight, _)| *flight == beacon.flight).map(|(_, size)| size);
        if before.is_some_and(|size| beacon.size <= size) {
            return;
        }
        self.head = Some((beacon.flight, beacon.size));
        let records = self.status.is_some_and(|(status, _)| status.recording);
        self.grown_ns = (before.is_some() && records && !beacon.closed()).then_some(now_ns);
        self.awaiting_ns = self.awaiting_ns.filter(|_| self.grown_ns.is_none() && !beacon.closed());
    }

    /// What may be shown now.
    pub(crate) fn shown(&self, now_ns: u64) -> Rec {
        let within = |at_ns: u64, most_ns: u64| now_ns.saturating_sub(at_ns) < most_ns;
        match self.status {
            None if self.asked => Rec::Asked,
            None => Rec::Unknown,
            Some((_, at_ns)) if !within(at_ns, STATUS_FRESH_NS) => Rec::Silent,
            Some((status, _)) if !status.recording && self.asked => Rec::Asked,
            Some((status, _)) if !status.recording => Rec::Off,
            Some(_) if !self.risen_ns.is_some_and(|at_ns| within(at_ns, RISE_FRESH_NS)) => Rec::Claimed,
            Some(_) if self.grown_ns.is_some_and(|at_ns| within(at_ns, HEAD_FRESH_NS)) => Rec::Recording,
            Some(_) if self.awaiting_ns.is_some_and(|at_ns| within(at_ns, HEAD_FRESH_NS)) => Rec::Awaited,
            Some(_) => Rec::Unsealed,
        }
    }

    /// Milliseconds that the camera says it has recorded.
    pub(crate) fn recorded_ms(&self) -> u32 {
        self.status.map_or(0, |(status, _)| status.recorded_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::Sha256;

    const SECOND_NS: u64 = 1_000_000_000;

    fn beacon(flight: u8, size: u64, flags: u8) -> Beacon {
        let flight = FlightId::new(1_777_636_800_000_000, [flight; 10]);
        Beacon { flags, flight, key_hash: [0; 4], size, root: Sha256::of(b"root"), signature: [0; 64] }
    }

    fn says(recording: bool, recorded_ms: u32) -> Status {
        Status { recording, recorded_ms }
    }

    /// Eight seconds of a camera that is asked and says what these allow, at one message of each kind a second.
    fn heard(ack: bool, video: bool, rises: bool, hashed: bool) -> Rec {
        let mut heard = Heard::default();
        if ack {
            heard.acknowledged();
        }
        for second in 0..8 {
            let now_ns = u64::from(second) * SECOND_NS;
            heard.status(says(video, if rises { second * 1_000 } else { 0 }), now_ns);
            heard.head(&beacon(1, if hashed { 10 + u64::from(second) } else { 10 }, 0), now_ns);
        }
        heard.shown(7 * SECOND_NS)
    }

    #[test]
    fn the_first_hash_is_awaited_for_a_while() {
        let mut heard = Heard::default();
        for second in 0..=7_u32 {
            let now_ns = u64::from(second) * SECOND_NS;
            heard.status(says(true, 1_000 * second), now_ns);
            heard.head(&beacon(1, 10, 0), now_ns);
            let expected = match second {
                0 => Rec::Claimed,
                1..7 => Rec::Awaited,
                _ => Rec::Unsealed,
            };
            assert_eq!(heard.shown(now_ns), expected, "{second} s");
        }
        heard.head(&beacon(1, 11, 0), 7 * SECOND_NS);
        assert_eq!(heard.shown(7 * SECOND_NS), Rec::Recording);
    }

    #[test]
    fn only_what_grows_and_is_hashed_is_a_recording() {
        for bits in 0..16_u8 {
            let [ack, video, rises, hashed] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            let shown = match (ack, video, rises, hashed) {
                (_, true, true, true) => Rec::Recording,
                (_, true, true, false) => Rec::Unsealed,
                (_, true, false, _) => Rec::Claimed,
                (true, false, ..) => Rec::Asked,
                (false, false, ..) => Rec::Off,
            };
            assert_eq!(heard(ack, video, rises, hashed), shown, "{bits:04b}");
        }
    }

    #[test]
    fn an_acknowledgement_alone_shows_nothing() {
        let mut heard = Heard::default();
        assert_eq!(heard.shown(0), Rec::Unknown);
        heard.acknowledged();
        heard.head(&beacon(1, 10, 0), 0);
        heard.head(&beacon(1, 11, 0), SECOND_NS);
        assert_eq!(heard.shown(SECOND_NS), Rec::Asked);
    }

    /// A camera that records and is hashed at 5 s; the last head is of 4 s.
    fn recording() -> Heard {
        let mut heard = Heard::default();
        for second in 0..6 {
            let now_ns = u64::from(second) * SECOND_NS;
            heard.status(says(true, second * 1_000), now_ns);
            if second < 5 {
                heard.head(&beacon(1, u64::from(second), 0), now_ns);
            }
        }
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Recording);
        heard
    }

    #[test]
    fn a_beacon_goes_stale_and_so_does_a_status() {
        let mut heard = recording();
        for second in 6..10 {
            heard.status(says(true, second * 1_000), u64::from(second) * SECOND_NS);
            // The old head again is no news.
            heard.head(&beacon(1, 4, 0), u64::from(second) * SECOND_NS);
        }
        assert_eq!(heard.shown(9 * SECOND_NS), Rec::Recording);
        heard.status(says(true, 10_000), 10 * SECOND_NS);
        assert_eq!(heard.shown(10 * SECOND_NS), Rec::Unsealed);
        assert_eq!(heard.shown(13 * SECOND_NS), Rec::Silent);
    }

    #[test]
    fn heads_of_another_flight_of_a_closed_one_and_of_before_do_not_count() {
        let mut heard = recording();
        heard.head(&beacon(2, 50, 0), 5 * SECOND_NS);
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Unsealed, "whose beginning nobody saw");
        heard.head(&beacon(2, 51, 0), 5 * SECOND_NS);
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Recording);
        heard.head(&beacon(2, 52, Beacon::CLOSED), 5 * SECOND_NS);
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Unsealed);

        let mut heard = recording();
        heard.status(says(false, 0), 5 * SECOND_NS);
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Off);
        heard.status(says(true, 0), 6 * SECOND_NS);
        heard.status(says(true, 900), 7 * SECOND_NS);
        assert_eq!(heard.shown(7 * SECOND_NS), Rec::Awaited, "the heads were those of the recording before");
    }

    #[test]
    fn a_recording_time_that_falls_is_another_recording() {
        let mut heard = recording();
        heard.status(says(true, 100), 5 * SECOND_NS);
        assert_eq!(heard.shown(5 * SECOND_NS), Rec::Claimed);
    }
}

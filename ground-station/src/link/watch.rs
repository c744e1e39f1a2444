//! What a vehicle is seen to do: armed, where, at which item of its mission, and what it says. Pure.

use std::collections::VecDeque;

use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use super::texts::Texts;

const HEARTBEAT: u32 = 0;
const SYS_STATUS: u32 = 1;
const GPS_RAW_INT: u32 = 24;
/// GPS_FIX_TYPE: from here on it has a height.
const FIX_3D: u8 = 3;
const GLOBAL_POSITION_INT: u32 = 33;
const MISSION_CURRENT: u32 = 42;
const MISSION_ITEM_REACHED: u32 = 46;
const STATUSTEXT: u32 = 253;
const ARMED: u8 = 0x80;
/// News that may wait; of more, the oldest go.
const MAX_NEWS: usize = 256;
/// A frame with a lower number than one that came within this time was overtaken, ns; after it the numbers may have gone round.
const OVERTAKEN_NS: u64 = 1_000_000_000;
/// Bytes of text in a STATUSTEXT.
const TEXT_BYTES: usize = 50;

/// Something worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Motors turn.
    Armed,
    /// Motors stand.
    Disarmed,
    /// The mission reached an item.
    Reached(u16),
    /// The vehicle says something; severity as in syslog, 0 (emergency) to 7 (debug).
    Text {
        /// Severity.
        severity: u8,
        /// Words.
        words: String,
    },
}

/// Where a vehicle is, as it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// 1e-7 degrees.
    pub(crate) lat_e7: i32,
    /// 1e-7 degrees.
    pub(crate) lon_e7: i32,
    /// Above mean sea level.
    pub(crate) msl_mm: i32,
    /// Above home.
    pub(crate) above_home_mm: i32,
    /// To the north, to the east and down, cm/s.
    pub(crate) velocity_cms: [i16; 3],
}

/// The vehicle as it was last heard.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) armed: bool,
    /// Item of the mission it is flying to.
    pub(crate) current: Option<u16>,
    pub(crate) place: Option<Place>,
    /// When it said so, by this machine's clock, ns.
    pub(crate) place_ns: u64,
    /// Above mean sea level, by satellites alone.
    pub(crate) satellites_mm: Option<i32>,
    /// Of the battery that is left, where it says so.
    pub(crate) battery_percent: Option<u8>,
    pub(crate) last_heartbeat_ns: u64,
    /// Number of the newest frame, and when it came.
    newest: Option<(u8, u64)>,
    news: VecDeque<News>,
    texts: Texts,
}

impl Watch {
    /// A vehicle just heard.
    pub(crate) fn begin(armed: bool, now_ns: u64) -> Self {
        Self { armed, last_heartbeat_ns: now_ns, ..Self::default() }
    }

    /// Takes a frame of `vehicle`; others are left alone. What was overtaken says nothing of how it is now.
    pub(crate) fn frame(&mut self, vehicle: Address, frame: &Frame, now_ns: u64) {
        if Address::of(frame) != vehicle {
            return;
        }
        let late = self.texts.late(now_ns);
        let whole = if frame.message_id() == STATUSTEXT { self.texts.take(frame, now_ns) } else { Vec::new() };
        for (severity, words) in late.into_iter().chain(whole) {
            self.tell(News::Text { severity, words });
        }
        let overtaken = self.is_overtaken(frame.sequence(), now_ns);
        let payload = frame.payload();
        match frame.message_id() {
            HEARTBEAT | GLOBAL_POSITION_INT | MISSION_CURRENT if overtaken => {}
            HEARTBEAT => {
                self.last_heartbeat_ns = now_ns;
                let armed = payload.u8(6) & ARMED != 0;
                if armed != std::mem::replace(&mut self.armed, armed) {
                    self.tell(if armed { News::Armed } else { News::Disarmed });
                }
            }
            GLOBAL_POSITION_INT => {
                let [lat_e7, lon_e7, msl_mm, above_home_mm] = [4, 8, 12, 16].map(|at| payload.i32(at));
                let velocity_cms = [20, 22, 24].map(|at| payload.u16(at).cast_signed());
                self.place = Some(Place { lat_e7, lon_e7, msl_mm, above_home_mm, velocity_cms });
                self.place_ns = now_ns;
            }
            GPS_RAW_INT => self.satellites_mm = (payload.u8(28) >= FIX_3D).then(|| payload.i32(16)),
            SYS_STATUS => self.battery_percent = Some(payload.u8(30)).filter(|percent| *percent <= 100),
            MISSION_CURRENT => self.current = Some(payload.u16(0)),
            MISSION_ITEM_REACHED => self.tell(News::Reached(payload.u16(0))),
            _ => {}
        }
    }

    fn is_overtaken(&mut self, number: u8, now_ns: u64) -> bool {
        let newest = self.newest.filter(|(_, came_ns)| now_ns.saturating_sub(*came_ns) < OVERTAKEN_NS);
        let overtaken = newest.is_some_and(|(newest, _)| number.wrapping_sub(newest) > i8::MAX.unsigned_abs());
        if !overtaken {
            self.newest = Some((number, now_ns));
        }
        overtaken
    }

    /// What the vehicle complained of in the news not yet told, each complaint once; the other news go with it.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        let mut complaints = Vec::new();
        while let Some(news) = self.news() {
            match news {
                News::Text { words, severity: 0..=4 } if !complaints.contains(&words) => complaints.push(words),
                _ => {}
            }
        }
        complaints
    }

    /// The oldest news not yet told.
    pub(crate) fn news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    fn tell(&mut self, news: News) {
        if self.news.len() >= MAX_NEWS {
            self.news.pop_front();
        }
        self.news.push_back(news);
    }
}

/// The words of one STATUSTEXT, whoever sent it; nothing in them moves a terminal's cursor.
pub(crate) fn text_of(frame: &Frame) -> Option<String> {
    let payload = frame.payload();
    let text = payload.bytes().get(1..).filter(|_| frame.message_id() == STATUSTEXT)?;
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let words = String::from_utf8_lossy(&text[..text.len().min(TEXT_BYTES)]);
    Some(words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vehicle_link::frames::{Body, Encoder};

    const VEHICLE: Address = Address { system: 1, component: 1 };

    /// Frames of these tests have one number: none is overtaken.
    fn frame(from: Address, id: u32, payload: &[u8]) -> Frame {
        Encoder::new(from.system, from.component).encode_body(&Body::raw(id, payload).unwrap())
    }

    fn heartbeat(base_mode: u8) -> Frame {
        frame(VEHICLE, HEARTBEAT, &[0, 0, 0, 0, 2, 12, base_mode, 4, 3])
    }

    #[test]
    fn arming_is_told_once_and_only_of_this_vehicle() {
        let mut watch = Watch::default();
        watch.frame(VEHICLE, &frame(Address::new(1, 100), HEARTBEAT, &[0, 0, 0, 0, 30, 8, ARMED, 4, 3]), 1);
        assert_eq!(watch.news(), None);
        for mode in [0, ARMED, ARMED | 1, 0] {
            watch.frame(VEHICLE, &heartbeat(mode), 5);
        }
        assert_eq!([watch.news(), watch.news(), watch.news()], [Some(News::Armed), Some(News::Disarmed), None]);
        assert_eq!(watch.last_heartbeat_ns, 5);
    }

    #[test]
    fn a_heartbeat_from_before_arming_that_comes_late_disarms_nothing() {
        let mut encoder = Encoder::new(VEHICLE.system, VEHICLE.component);
        let mut beat = |mode| encoder.encode_body(&Body::raw(HEARTBEAT, &[0, 0, 0, 0, 2, 12, mode, 4, 3]).unwrap());
        let (before, armed) = (beat(0), beat(ARMED));
        let mut watch = Watch::default();
        for (frame, at_ns) in [(&before, 1), (&armed, 2), (&before, 3)] {
            watch.frame(VEHICLE, frame, at_ns);
        }
        assert_eq!([watch.news(), watch.news()], [Some(News::Armed), None]);
        watch.frame(VEHICLE, &before, 3 + OVERTAKEN_NS);
        assert_eq!(watch.news(), Some(News::Disarmed), "after a silence any number is new");
    }

    #[test]
    fn complaints_are_told_once_and_small_talk_is_not() {
        let mut watch = Watch::default();
        for text in [&b"\x02no fix"[..], b"\x06hello", b"\x02no fix", b"\x04wind"] {
            watch.frame(VEHICLE, &frame(VEHICLE, STATUSTEXT, text), 0);
        }
        assert_eq!(watch.complaints(), ["no fix", "wind"]);
        assert_eq!(watch.complaints(), [""; 0]);
    }

    #[test]
    fn texts_are_words_whatever_the_bytes() {
        let mut watch = Watch::default();
        watch.frame(VEHICLE, &frame(VEHICLE, STATUSTEXT, b"\x04low\x1b[31m battery\xff\0rest"), 0);
        let Some(News::Text { severity: 4, words }) = watch.news() else { panic!("a text") };
        assert_eq!(words, "low [31m battery\u{fffd}");
    }

    #[test]
    fn news_that_nobody_takes_do_not_pile_up() {
        let mut watch = Watch::default();
        for item in 0..1000_u16 {
            watch.frame(VEHICLE, &frame(VEHICLE, MISSION_ITEM_REACHED, &item.to_le_bytes()), 0);
        }
        assert_eq!(watch.news(), Some(News::Reached(1000 - 256)));
    }
}

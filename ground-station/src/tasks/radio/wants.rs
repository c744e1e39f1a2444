//! What a ground station wants to hear, and whom it asks for it. Pure.
//!
//! What is heard is not asked for: autopilots that send by themselves are left alone, and one that stops is asked again. Who does not have
//! a thing is asked ever more rarely.

use std::collections::BTreeMap;

use vehicle_link::camera_client::is_camera;
use vehicle_link::command::Command;
use vehicle_link::frames::Frame;
use vehicle_link::gimbal::may_manage;
use vehicle_link::peers::{Address, Peer};

const SECOND_NS: u64 = 1_000_000_000;
const MESSAGE_INTERVAL: u16 = 511;
const REQUEST_MESSAGE: u16 = 512;
/// Nothing is asked for before a component has had the time to say it by itself.
const BY_ITSELF_NS: u64 = 2 * SECOND_NS;
/// Between two questions: no more than a slow radio carries.
const PACE_NS: u64 = 40_000_000;
/// Times a thing is asked for at its usual pace; then ever more rarely, up to the longest wait.
const EAGER: u32 = 4;
const LONGEST_NS: u64 = 60 * SECOND_NS;
/// Components asked; of more, those heard first.
const MAX_COMPONENTS: usize = 32;
/// MAV_COMP_ID_AUTOPILOT1.
const AUTOPILOT: u8 = 1;
const ARDUPILOT: u8 = 3;

/// How a message is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// To be sent so often by itself, µs.
    Every(u32),
    /// Once; again when it is older than this, s.
    Each(u64),
    /// Until it came.
    Once,
}

/// Of any autopilot: attitude and place to draw with, the rest to read.
const OF_AUTOPILOTS: &[(u16, How)] = &[
    (30, How::Every(100_000)),
    (33, How::Every(200_000)),
    (74, How::Every(250_000)),
    (24, How::Every(500_000)),
    (1, How::Every(1_000_000)),
    (42, How::Every(1_000_000)),
    (65, How::Every(1_000_000)),
    (147, How::Every(1_000_000)),
    (241, How::Every(1_000_000)),
    (245, How::Every(1_000_000)),
    (2, How::Every(1_000_000)),
    (62, How::Every(500_000)),
    (246, How::Every(1_000_000)),
    (242, How::Each(10)),
    (148, How::Once),
];
/// EKF_STATUS_REPORT, WIND, FENCE_STATUS.
const OF_ARDUPILOT: &[(u16, How)] =
    &[(193, How::Every(1_000_000)), (168, How::Every(1_000_000)), (162, How::Every(1_000_000))];
/// ESTIMATOR_STATUS, WIND_COV.
const OF_OTHERS: &[(u16, How)] = &[(230, How::Every(1_000_000)), (231, How::Every(1_000_000))];
/// CAMERA_INFORMATION, CAMERA_CAPTURE_STATUS, STORAGE_INFORMATION, CAMERA_SETTINGS, VIDEO_STREAM_INFORMATION of all streams.
const OF_CAMERAS: &[(u16, How)] =
    &[(259, How::Once), (262, How::Each(1)), (261, How::Each(10)), (260, How::Each(10)), (269, How::Each(10))];
/// GIMBAL_MANAGER_INFORMATION, GIMBAL_MANAGER_STATUS, GIMBAL_DEVICE_ATTITUDE_STATUS.
const OF_GIMBALS: &[(u16, How)] = &[(280, How::Once), (281, How::Each(2)), (285, How::Every(200_000))];

#[derive(Debug)]
struct Want {
    how: How,
    heard_ns: Option<u64>,
    asked: u32,
    next_ns: u64,
}

impl Want {
    fn is_due(&self, now_ns: u64) -> bool {
        let older = |most_ns: u64| self.heard_ns.is_none_or(|heard_ns| now_ns.saturating_sub(heard_ns) >= most_ns);
        let missing = match self.how {
            How::Every(every_us) => older((u64::from(every_us) * 3_000).max(BY_ITSELF_NS)),
            How::Each(seconds) => older(seconds * SECOND_NS),
            How::Once => self.heard_ns.is_none(),
        };
        missing && now_ns >= self.next_ns
    }

    fn asked(&mut self, now_ns: u64) {
        self.asked = self.asked.saturating_add(1);
        let pace_ns = match self.how {
            How::Each(seconds) => seconds * SECOND_NS,
            How::Every(_) | How::Once => 2 * SECOND_NS,
        };
        let rarer = self.asked.saturating_sub(EAGER).min(6);
        self.next_ns = now_ns + (pace_ns << rarer).min(LONGEST_NS);
    }

    fn heard(&mut self, now_ns: u64) {
        self.heard_ns = Some(now_ns);
        self.asked = 0;
        if let How::Each(seconds) = self.how {
            self.next_ns = now_ns + seconds * SECOND_NS;
        }
    }
}

/// All that is wanted of everybody.
#[derive(Debug, Default)]
pub(super) struct Wants {
    of: BTreeMap<Address, BTreeMap<u16, Want>>,
    next_ns: u64,
}

impl Wants {
    /// Somebody was heard for the first time, or says now to be something else.
    pub(super) fn found(&mut self, peer: &Peer, now_ns: u64) {
        if self.of.len() >= MAX_COMPONENTS && !self.of.contains_key(&peer.address) {
            return;
        }
        let autopilot = peer.is_autopilot();
        let mut lists: Vec<&[(u16, How)]> = Vec::new();
        if autopilot {
            lists.extend([OF_AUTOPILOTS, if peer.autopilot == ARDUPILOT { OF_ARDUPILOT } else { OF_OTHERS }]);
        }
        if is_camera(peer.address.component, peer.mav_type) {
            lists.push(OF_CAMERAS);
        }
        let manages = may_manage(peer.address.component, peer.mav_type);
        if manages && (!autopilot || peer.address.component == AUTOPILOT) && !peer.is_station() {
            lists.push(OF_GIMBALS);
        }
        if lists.is_empty() {
            return;
        }
        let wants = self.of.entry(peer.address).or_default();
        for (message, how) in lists.into_iter().flatten().copied() {
            let next_ns = if matches!(how, How::Every(_)) { now_ns + BY_ITSELF_NS } else { now_ns };
            wants.entry(message).or_insert(Want { how, heard_ns: None, asked: 0, next_ns });
        }
    }

    /// Takes any frame.
    pub(super) fn heard(&mut self, frame: &Frame, now_ns: u64) {
        let want = u16::try_from(frame.message_id())
            .ok()
            .and_then(|message| self.of.get_mut(&Address::of(frame))?.get_mut(&message));
        if let Some(want) = want {
            want.heard(now_ns);
        }
    }

    /// Whoever was lost is asked from the beginning when it is back: it may have been switched off.
    pub(super) fn regained(&mut self, who: Address, now_ns: u64) {
        for want in self.of.get_mut(&who).into_iter().flat_map(BTreeMap::values_mut) {
            (want.asked, want.next_ns) = (0, now_ns);
            if matches!(want.how, How::Once) {
                want.heard_ns = None;
            }
        }
    }

    /// The question that is due, if one is: of `alive`, the one that waits longest.
    pub(super) fn next(&mut self, alive: impl Fn(Address) -> bool, now_ns: u64) -> Option<(Address, Command)> {
        if now_ns < self.next_ns {
            return None;
        }
        let due = self.of.iter_mut().filter(|(who, _)| alive(**who)).flat_map(|(who, wants)| {
            wants.iter_mut().filter(|(_, want)| want.is_due(now_ns)).map(|(message, want)| (*who, *message, want))
        });
        let (who, message, want) = due.min_by_key(|(_, _, want)| want.next_ns)?;
        let command = match want.how {
            #[expect(clippy::cast_precision_loss, reason = "intervals of seconds, whole µs")]
            How::Every(every_us) => Command::new(MESSAGE_INTERVAL, [f32::from(message), every_us as f32]),
            How::Each(_) | How::Once => Command::new(REQUEST_MESSAGE, [f32::from(message)]),
        };
        want.asked(now_ns);
        self.next_ns = now_ns + PACE_NS;
        Some((who, command))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vehicle_link::frames::{Body, Encoder};
    use vehicle_link::hub::PeerId;

    use super::*;

    const MS: u64 = 1_000_000;

    fn peer(component: u8, mav_type: u8, autopilot: u8) -> Peer {
        Peer {
            address: Address::new(1, component),
            mav_type,
            autopilot,
            base_mode: 0,
            custom_mode: 0,
            system_status: 4,
            via: PeerId::new(1),
            last_heartbeat_ns: 0,
            lost: false,
        }
    }

    fn said(component: u8, message: u32) -> Frame {
        Encoder::new(1, component).encode_body(&Body::raw(message, &[1; 20]).unwrap())
    }

    /// What is asked in a time, by command and message; `hears` is what comes all the while.
    fn asked(wants: &mut Wants, from_s: u64, to_s: u64, hears: &[(u8, u32)]) -> BTreeMap<(u16, u16), u32> {
        let mut asked = BTreeMap::new();
        for now_ms in (from_s * 1000..to_s * 1000).step_by(20) {
            hears.iter().for_each(|(component, message)| wants.heard(&said(*component, *message), now_ms * MS));
            if let Some((who, command)) = wants.next(|_| true, now_ms * MS) {
                assert_eq!(who.system, 1);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ids of messages")]
                let message = command.params[0] as u16;
                *asked.entry((command.number, message)).or_insert(0) += 1;
            }
        }
        asked
    }

    #[test]
    fn what_comes_by_itself_is_not_asked_for_and_what_is_refused_ever_more_rarely() {
        let mut wants = Wants::default();
        wants.found(&peer(1, 2, 12), 0);
        let asked = asked(&mut wants, 0, 120, &[(1, 30), (1, 148), (1, 280)]);
        assert!(!asked.contains_key(&(511, 30)), "attitude comes by itself");
        assert!(asked.contains_key(&(511, 230)) && !asked.contains_key(&(511, 193)), "PX4 has another estimator");
        let place = asked[&(511, 33)];
        assert!((5..=9).contains(&place), "{place} times in two minutes of silence");
        assert!(!asked.contains_key(&(512, 148)));
    }

    #[test]
    fn a_stream_that_stops_is_asked_for_again() {
        let mut wants = Wants::default();
        wants.found(&peer(1, 2, ARDUPILOT), 0);
        asked(&mut wants, 0, 30, &[(1, 33)]);
        let after = asked(&mut wants, 30, 36, &[]);
        assert!(after.contains_key(&(511, 33)), "{after:?}");
        assert!(after.contains_key(&(511, 193)) || wants.of[&Address::new(1, 1)][&193].asked > 0);
    }

    #[test]
    fn a_camera_is_asked_for_its_state_each_second_and_its_storage_each_ten() {
        let mut wants = Wants::default();
        wants.found(&peer(100, 30, 8), 0);
        let mut capture = 0;
        let mut storage = 0;
        for now_ms in (0..60_000).step_by(20) {
            let Some((_, command)) = wants.next(|_| true, now_ms * MS) else { continue };
            let message = command.params[0];
            capture += u32::from(message == 262.0);
            storage += u32::from(message == 261.0);
            for id in [259, 260, 261, 262] {
                if message == f32::from(u16::try_from(id).unwrap()) {
                    wants.heard(&said(100, id), now_ms * MS);
                }
            }
        }
        assert!((55..=60).contains(&capture) && (6..=7).contains(&storage), "{capture} {storage}");
        assert_eq!(wants.next(|_| false, 90_000 * MS), None, "who is not there is not asked");
    }

    #[test]
    fn stations_are_not_asked_and_a_vehicle_that_is_back_is() {
        let mut wants = Wants::default();
        wants.found(&peer(190, 6, 8), 0);
        assert_eq!(wants.next(|_| true, 99_000 * MS), None);
        wants.found(&peer(1, 2, 12), 0);
        wants.heard(&said(1, 148), 1);
        asked(&mut wants, 0, 300, &[]);
        wants.regained(Address::new(1, 1), 300_000 * MS);
        assert!(asked(&mut wants, 300, 302, &[]).contains_key(&(512, 148)), "it may be another one");
    }
}

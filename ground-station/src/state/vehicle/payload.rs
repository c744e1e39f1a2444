//! What the cameras and the gimbal of a vehicle say of themselves.

use std::collections::BTreeMap;

use vehicle_link::camera_client::told::{Settings, Stream};
use vehicle_link::frames::Frame;
use vehicle_link::gimbal::told::Status;
use vehicle_link::peers::Address;

use super::said::{Said, finite};

/// Cameras, and streams of one, that are kept.
const MOST_CAMERAS: usize = 8;
const MOST_STREAMS: usize = 8;
const GIMBAL_MANAGER_INFORMATION: u32 = 280;
/// GIMBAL_MANAGER_FLAGS_YAW_LOCK.
const YAW_LOCK: u32 = 16;

/// What a camera sees by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eye {
    /// Visible light.
    Colour,
    /// Warmth.
    Infrared,
}

#[derive(Debug)]
struct Camera {
    zoom_percent: Said<f64>,
    /// By their numbers: whether each is thermal, whether it runs.
    streams: BTreeMap<u8, (bool, bool)>,
}

/// Cameras and gimbal.
#[derive(Debug, Default)]
pub(crate) struct Payload {
    cameras: BTreeMap<u8, Camera>,
    gimbal: bool,
    status: Option<Status>,
}

impl Payload {
    /// Takes a frame of any component of the vehicle.
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        let component = Address::of(frame).component;
        if let Some(settings) = Settings::read(frame)
            && let Some(percent) =
                settings.zoom_percent.and_then(finite).filter(|percent| (0.0..=100.0).contains(percent))
            && let Some(camera) = self.camera(component)
        {
            camera.zoom_percent.say(percent, now_ns);
        }
        if let Some(stream) = Stream::read(frame)
            && let Some(camera) = self.camera(component)
            && (camera.streams.len() < MOST_STREAMS || camera.streams.contains_key(&stream.id))
        {
            camera.streams.insert(stream.id, (stream.thermal, stream.running));
        }
        if let Some(status) = Status::read(frame) {
            (self.gimbal, self.status) = (true, Some(status));
        }
        self.gimbal |= frame.message_id() == GIMBAL_MANAGER_INFORMATION;
    }

    fn camera(&mut self, component: u8) -> Option<&mut Camera> {
        if self.cameras.len() >= MOST_CAMERAS && !self.cameras.contains_key(&component) {
            return None;
        }
        let new = || Camera { zoom_percent: Said::for_seconds(25), streams: BTreeMap::new() };
        Some(self.cameras.entry(component).or_insert_with(new))
    }

    /// How close a camera is, percent of its range, as it says.
    pub(crate) fn zoom_percent(&self, camera: Address, now_ns: u64) -> Option<f64> {
        self.cameras.get(&camera.component)?.zoom_percent.now(now_ns)
    }

    /// Whether a camera has streams of both kinds.
    pub(crate) fn has_both_eyes(&self, camera: Address) -> bool {
        let streams = self.cameras.get(&camera.component).map(|camera| &camera.streams);
        streams.is_some_and(|streams| {
            [true, false].iter().all(|kind| streams.values().any(|(thermal, _)| thermal == kind))
        })
    }

    /// What the only stream that runs sees by; nothing where both run, or none.
    pub(crate) fn running_eye(&self, camera: Address) -> Option<Eye> {
        let streams = &self.cameras.get(&camera.component)?.streams;
        let mut running = streams.values().filter(|(_, runs)| *runs).map(|(thermal, _)| *thermal);
        let eye = if running.next()? { Eye::Infrared } else { Eye::Colour };
        running.next().is_none().then_some(eye)
    }

    /// There is a gimbal that can be told where to look.
    pub(crate) fn has_gimbal(&self) -> bool {
        self.gimbal
    }

    /// What the gimbal does, in words; `own` is this station.
    pub(crate) fn gimbal_words(&self, own: Address) -> Option<String> {
        let status = self.status?;
        let yaw = if status.flags & YAW_LOCK != 0 { "holds heading" } else { "follows nose" };
        Some(match status.primary {
            Some(other) if other != own => format!("{other} controls"),
            Some(_) | None => yaw.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use vehicle_link::frames::{Body, Encoder};

    use super::*;

    const CAMERA: Address = Address { system: 1, component: 100 };

    fn stream(id: u8, flags: u16) -> Frame {
        let mut payload = vec![0; 60];
        payload[8..10].copy_from_slice(&flags.to_le_bytes());
        (payload[18], payload[19], payload[21]) = (id, 2, b'x');
        Encoder::new(1, 100).encode_body(&Body::raw(269, &payload).unwrap())
    }

    #[test]
    fn both_eyes_are_there_when_both_kinds_of_streams_are_told() {
        let mut payload = Payload::default();
        payload.hear(&stream(1, 1), 0);
        assert!(!payload.has_both_eyes(CAMERA));
        assert_eq!(payload.running_eye(CAMERA), Some(Eye::Colour));
        payload.hear(&stream(2, 2), 0);
        assert!(payload.has_both_eyes(CAMERA) && !payload.has_both_eyes(Address::new(1, 101)));
        payload.hear(&stream(2, 3), 0);
        assert_eq!(payload.running_eye(CAMERA), None, "both run: which one is looked at it does not say");
    }

    #[test]
    fn a_zoom_that_is_not_told_is_not_known() {
        let mut payload = Payload::default();
        let settings = |zoom: f32| {
            let mut bytes = vec![0, 0, 0, 0, 1];
            bytes.extend(zoom.to_le_bytes());
            bytes.extend(f32::NAN.to_le_bytes());
            Encoder::new(1, 100).encode_body(&Body::raw(260, &bytes).unwrap())
        };
        payload.hear(&settings(f32::NAN), 0);
        assert_eq!(payload.zoom_percent(CAMERA, 0), None);
        payload.hear(&settings(40.0), 1);
        assert_eq!(payload.zoom_percent(CAMERA, 1), Some(40.0));
        assert_eq!(payload.zoom_percent(CAMERA, 60_000_000_000), None, "told long ago");
    }

    #[test]
    fn the_gimbal_says_who_has_it() {
        let (own, mut payload) = (Address::new(255, 190), Payload::default());
        assert!(!payload.has_gimbal() && payload.gimbal_words(own).is_none());
        let status = |flags: u8, system: u8| {
            let bytes = [0, 0, 0, 0, flags, 0, 0, 0, 1, system, 190, 0, 0];
            Encoder::new(1, 154).encode_body(&Body::raw(281, &bytes).unwrap())
        };
        payload.hear(&status(12, 255), 0);
        assert_eq!((payload.has_gimbal(), payload.gimbal_words(own).as_deref()), (true, Some("follows nose")));
        payload.hear(&status(28, 0), 0);
        assert_eq!(payload.gimbal_words(own).as_deref(), Some("holds heading"));
        payload.hear(&status(28, 254), 0);
        assert!(payload.gimbal_words(own).unwrap().ends_with("controls"));
    }
}

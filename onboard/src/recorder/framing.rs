//! One picture with its telemetry: dated, put in order, described.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use footage::access_unit::{AuError, Codec, Normaliser, StreamInfo};
use footage::klv::Uas;
use vehicle_link::camera::{Point, View};

use super::timebase::Mapping;
use crate::camera::{Captured, Picture};
use crate::stills::Place;
use crate::telemetry::{History, Lens, Names, packet};

/// Least distance of two frames' times; a camera that repeats a time gets this.
const LEAST_STEP_US: i64 = 100;

/// Pictures that H.264 and H.265 let be in disorder.
const MOST_REORDERED: usize = 17;

/// A picture ready for the muxer and the live view.
pub(super) struct Framed {
    pub(super) picture: Vec<u8>,
    pub(super) klv: Vec<u8>,
    pub(super) utc_us: i64,
    pub(super) key: bool,
    pub(super) parameter_sets_changed: bool,
    pub(super) info: Option<StreamInfo>,
    pub(super) short_of_minimum: bool,
    pub(super) view: View,
    pub(super) place: Place,
}

/// Makes frames of one stream.
pub(super) struct Framing {
    normaliser: Normaliser,
    codec: Codec,
    lens: Lens,
    names: Names,
    history: Arc<Mutex<History>>,
    /// Times of the last frames, in the order they came.
    recent_us: VecDeque<i64>,
    info: Option<StreamInfo>,
}

impl Framing {
    pub(super) fn new(codec: Codec, lens: Lens, names: Names, history: Arc<Mutex<History>>) -> Self {
        Self { normaliser: Normaliser::new(codec), codec, lens, names, history, recent_us: VecDeque::new(), info: None }
    }

    /// Forgets the coding of the stream: the camera was connected anew.
    pub(super) fn restart(&mut self, codec: Codec) {
        self.normaliser = Normaliser::new(codec);
        self.codec = codec;
    }

    /// The next picture may be older than the last: those of the pre-roll are framed again.
    pub(super) fn rewind(&mut self) {
        self.recent_us.clear();
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// Frames `picture`, shot at `captured`, with the vehicle's state at that instant.
    pub(super) fn frame(
        &mut self,
        picture: &Picture,
        captured: Captured,
        mapping: &Mapping,
        storage_used_percent: f64,
    ) -> Result<Framed, AuError> {
        let utc_us = self.distinct(mapping.utc_us(captured.at_ns));
        let timestamp_us = u64::try_from(utc_us).unwrap_or(0);
        let mut out = Vec::with_capacity(picture.data.len() + 256);
        let unit = self.normaliser.normalise(&picture.data, timestamp_us, mapping.locked(), &mut out)?;
        self.info = unit.info.or(self.info);
        let state = self.history.lock().unwrap_or_else(PoisonError::into_inner).at(captured.at_ns);
        let lens = self.lens.for_picture(self.info);
        let uas = packet(&state, timestamp_us, &self.names, &lens, storage_used_percent);
        let mut klv = Vec::with_capacity(512);
        uas.encode(&mut klv);
        self.remember(utc_us);
        let place = Place::of(&uas);
        Ok(Framed {
            picture: out,
            klv,
            utc_us,
            key: unit.key,
            parameter_sets_changed: unit.parameter_sets_changed,
            info: self.info,
            short_of_minimum: !uas.missing_minimum_set().is_empty(),
            view: view(&uas, &place),
            place,
        })
    }

    /// Without B-frames time rises from frame to frame, whatever the camera's clock does; with them no two of the
    /// pictures that can be in disorder share an instant.
    fn distinct(&self, mut utc_us: i64) -> i64 {
        if self.info.is_none_or(|info| info.reorder_depth == 0) {
            return utc_us.max(self.recent_us.back().map_or(i64::MIN, |last| last.saturating_add(LEAST_STEP_US)));
        }
        while self.recent_us.iter().any(|other| other.abs_diff(utc_us) < LEAST_STEP_US.unsigned_abs()) {
            utc_us += LEAST_STEP_US;
        }
        utc_us
    }

    fn remember(&mut self, utc_us: i64) {
        if self.recent_us.len() == MOST_REORDERED {
            self.recent_us.pop_front();
        }
        self.recent_us.push_back(utc_us);
    }
}

/// What CAMERA_FOV_STATUS says of the same instant.
fn view(uas: &Uas, place: &Place) -> View {
    let point = |lat: Option<f64>, lon: Option<f64>, alt: Option<f64>| {
        let (lat_deg, lon_deg, alt_msl_m) = (lat?, lon?, alt?);
        (lat_deg.is_finite() && lon_deg.is_finite()).then_some(Point { lat_deg, lon_deg, alt_msl_m })
    };
    #[expect(clippy::cast_possible_truncation, reason = "MAVLink carries degrees in f32")]
    let single = |deg: Option<f64>| deg.map(|deg| deg as f32);
    View {
        camera: place.camera,
        centre: point(uas.frame_centre_latitude_deg, uas.frame_centre_longitude_deg, uas.frame_centre_elevation_msl_m),
        attitude: place.quaternion(),
        hfov_deg: single(uas.sensor_fov_horizontal_deg),
        vfov_deg: single(uas.sensor_fov_vertical_deg),
    }
}

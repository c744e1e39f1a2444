//! The telemetry of a whole recording, for its plots and its track: read beside the player, segment by segment.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Screen;
use super::segment::{self, Segment};
use crate::state::replay::{MOST_SAMPLES, Sample};

/// Between two samples, µs.
const EACH_US: u64 = 500_000;

/// Reads it to the end, or until it is stopped. What cannot be read leaves a gap.
pub(super) fn read(place: &Path, screen: &Screen, stop: &AtomicBool) {
    // What is wrong with the place the player says.
    let Ok(paths) = segment::list(place) else {
        return;
    };
    let mut samples: Vec<Sample> = Vec::new();
    let mut next_us = 0;
    for (index, path) in paths.iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        match Segment::read(path) {
            Ok(segment) => {
                screen.read(path, &segment);
                let mut packets: Vec<_> = segment.frames.into_iter().filter_map(|frame| frame.klv).collect();
                packets.sort_by_key(|decoded| decoded.uas.timestamp_us);
                for decoded in packets {
                    if decoded.uas.timestamp_us >= next_us && samples.len() < MOST_SAMPLES {
                        samples.extend(Sample::of(&decoded.uas));
                        next_us = decoded.uas.timestamp_us.saturating_add(EACH_US);
                    }
                }
            }
            Err(error) => tracing::warn!(error = format!("{error:#}"), "telemetry of a segment is not read"),
        }
        let now = Arc::new(samples.clone());
        screen.change(|shown| (shown.state.samples, shown.state.read) = (now, index + 1));
    }
}

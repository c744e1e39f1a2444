//! What goes wrong, by the scenario's clock.

use serde::Deserialize;

/// One fault of `faults = [...]`. Times are seconds after boot.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The camera takes no pictures; connections stay open.
    CameraStall {
        /// From.
        at_s: f64,
        /// For.
        for_s: f64,
    },
    /// The camera closes every connection and answers nobody.
    CameraDisconnect {
        /// From.
        at_s: f64,
        /// For.
        for_s: f64,
    },
    /// The camera changes its picture size.
    CameraResolution {
        /// From.
        at_s: f64,
        /// New width.
        width: u32,
        /// New height.
        height: u32,
    },
    /// Nothing passes on MAVLink, either way.
    LinkSilence {
        /// From.
        at_s: f64,
        /// For.
        for_s: f64,
    },
}

/// What is wrong at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// No pictures are taken.
    pub camera_stalled: bool,
    /// No client is served.
    pub camera_disconnected: bool,
    /// The size the camera was changed to.
    pub camera_size: Option<(u32, u32)>,
    /// MAVLink is silent.
    pub link_silent: bool,
}

impl Troubles {
    /// What `faults` make wrong at `now_ns` after boot.
    #[must_use]
    pub fn at(faults: &[Fault], now_ns: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a flight")]
        let now_s = now_ns as f64 * 1e-9;
        let during = |at: f64, length: f64| (at..at + length).contains(&now_s);
        let mut troubles = Self::default();
        for fault in faults {
            match *fault {
                Fault::CameraStall { at_s, for_s } => {
                    troubles.camera_stalled |= during(at_s, for_s);
                }
                Fault::CameraDisconnect { at_s, for_s } => {
                    troubles.camera_disconnected |= during(at_s, for_s);
                }
                Fault::LinkSilence { at_s, for_s } => troubles.link_silent |= during(at_s, for_s),
                Fault::CameraResolution { at_s, width, height } => {
                    if now_s >= at_s {
                        troubles.camera_size = Some((width, height));
                    }
                }
            }
        }
        troubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_begin_and_end() {
        let faults = [
            Fault::CameraStall { at_s: 10.0, for_s: 5.0 },
            Fault::CameraResolution { at_s: 12.0, width: 1920, height: 1080 },
        ];
        assert_eq!(Troubles::at(&faults, 9_999_000_000), Troubles::default());
        assert!(Troubles::at(&faults, 10_000_000_000).camera_stalled);
        let late = Troubles::at(&faults, 15_000_000_000);
        assert!(!late.camera_stalled);
        assert_eq!(late.camera_size, Some((1920, 1080)));
    }
}

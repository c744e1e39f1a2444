//! ArduPilot's own messages, of which the common dialect knows nothing: the wind and the state of its estimator. Laid out as
//! ardupilotmega.xml has them, largest fields first.

use vehicle_link::frames::Body;

use super::Autopilot;
use super::fixed_point::f32_of;
use super::streams::MessageId;
use crate::vehicle::Vehicle;

const WIND: MessageId = 168;
const WIND_CRC_EXTRA: u8 = 1;
const EKF_STATUS_REPORT: MessageId = 193;
const EKF_STATUS_REPORT_CRC_EXTRA: u8 = 71;

/// The ids of these messages.
pub(super) const IDS: [MessageId; 2] = [WIND, EKF_STATUS_REPORT];

// EKF_STATUS_FLAGS.
const ATTITUDE: u16 = 1;
const VELOCITY_HORIZ: u16 = 2;
const VELOCITY_VERT: u16 = 4;
const POS_HORIZ_REL: u16 = 8;
const POS_HORIZ_ABS: u16 = 16;
const POS_VERT_ABS: u16 = 32;
const CONST_POS_MODE: u16 = 128;
const PRED_POS_HORIZ_REL: u16 = 256;
const PRED_POS_HORIZ_ABS: u16 = 512;

impl Autopilot {
    /// The message `id`, of those of ArduPilot's own dialect.
    pub(super) fn build_foreign(&self, id: MessageId, vehicle: &Vehicle) -> Option<Body> {
        let (crc_extra, payload) = match id {
            WIND => (WIND_CRC_EXTRA, wind(vehicle)),
            EKF_STATUS_REPORT => (EKF_STATUS_REPORT_CRC_EXTRA, self.estimator_report(vehicle)),
            _ => return None,
        };
        Body::foreign(id, crc_extra, &payload).ok()
    }

    /// Test ratios as ArduPilot's simulation shows them in calm and in flight; without a position they are beyond 1.
    fn estimator_report(&self, vehicle: &Vehicle) -> Vec<u8> {
        let lost = self.watch.position_lost;
        let placed = if lost {
            CONST_POS_MODE
        } else {
            VELOCITY_HORIZ | POS_HORIZ_REL | POS_HORIZ_ABS | PRED_POS_HORIZ_REL | PRED_POS_HORIZ_ABS
        };
        let flags = ATTITUDE | VELOCITY_VERT | POS_VERT_ABS | placed;
        let speed = f32_of(vehicle.airframe.velocity.norm());
        let velocity = if lost { 1.4 } else { 0.004 + 0.002 * speed };
        let position = if lost { 1.6 } else { 0.003 + 0.0005 * speed };
        let (height, compass, terrain, airspeed) = (0.002, 0.004, 0.0, 0.0);
        let mut payload = floats(&[velocity, position, height, compass, terrain]);
        payload.extend_from_slice(&flags.to_le_bytes());
        payload.extend(floats(&[airspeed]));
        payload
    }
}

/// Where it comes from, degrees from north, −180 to 180; speed; down, m/s, which ArduPilot does not estimate.
fn wind(vehicle: &Vehicle) -> Vec<u8> {
    let air = vehicle.wind.velocity();
    let from_deg = (-air.y).atan2(-air.x).to_degrees();
    floats(&[f32_of(from_deg), f32_of(air.horizontal_norm()), 0.0])
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

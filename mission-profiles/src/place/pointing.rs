//! Which way the airframe lies and the camera points.

use super::rotation::Rotation;

/// Attitude of the airframe: turned about down by yaw, about its right by pitch, about its nose by
/// roll (the order of MAVLink ATTITUDE and of ST 0601 tags 5 to 7).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attitude {
    /// Degrees from true north, clockwise.
    pub yaw_deg: f64,
    /// Degrees, nose up positive.
    pub pitch_deg: f64,
    /// Degrees, right side down positive.
    pub roll_deg: f64,
}

/// Where the camera points with respect to the airframe, as ST 0601 has it: turned by azimuth, then
/// elevation, then roll, each about the axes as turned so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointing {
    /// Tag 18: degrees from the nose, clockwise seen from above, 0 to 360.
    pub azimuth_deg: f64,
    /// Tag 19: degrees from the plane of nose and wings, down negative, −90 to 90.
    pub elevation_deg: f64,
    /// Tag 20: degrees about the line of sight, clockwise seen from behind the camera, 0 to 360.
    pub roll_deg: f64,
}

/// What the yaw of a gimbal's quaternion is counted from. Roll and pitch are counted from the
/// horizon in either case (GIMBAL_DEVICE_ATTITUDE_STATUS, MAVLink gimbal protocol v2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YawFrame {
    /// True north.
    Earth,
    /// The vehicle's heading.
    Vehicle,
}

const GIMBAL_DEVICE_FLAGS_YAW_LOCK: u16 = 16;
const GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME: u16 = 32;
const GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME: u16 = 64;

impl YawFrame {
    /// By the GIMBAL_DEVICE_FLAGS of the message: the frame flags where one is set; where neither is
    /// (older devices), yaw is from north when locked, else from the heading. Both at once are not
    /// allowed: `None`.
    pub fn from_flags(flags: u16) -> Option<Self> {
        let set = |flag: u16| flags & flag != 0;
        let vehicle = set(GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME);
        let earth = set(GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME);
        match (vehicle, earth, set(GIMBAL_DEVICE_FLAGS_YAW_LOCK)) {
            (true, true, _) => None,
            (false, true, _) | (false, false, true) => Some(Self::Earth),
            (true, false, _) | (false, false, false) => Some(Self::Vehicle),
        }
    }
}

impl Attitude {
    pub(super) fn rotation(&self) -> Rotation {
        Rotation::from_yaw_pitch_roll(self.yaw_deg, self.pitch_deg, self.roll_deg)
    }

    /// The same as a quaternion (w, x, y, z) of length 1, which turns forward/right/down into north/east/down.
    pub fn quaternion(&self) -> [f64; 4] {
        let half = |deg: f64| (deg.to_radians() / 2.0).sin_cos();
        let ((sy, cy), (sp, cp), (sr, cr)) = (half(self.yaw_deg), half(self.pitch_deg), half(self.roll_deg));
        [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ]
    }
}

impl Pointing {
    /// Straight ahead.
    pub const AHEAD: Self = Self { azimuth_deg: 0.0, elevation_deg: 0.0, roll_deg: 0.0 };

    pub(super) fn rotation(&self) -> Rotation {
        Rotation::from_yaw_pitch_roll(self.azimuth_deg, self.elevation_deg, self.roll_deg)
    }

    /// From a gimbal's quaternion (w, x, y, z) whose yaw is in `frame`, on an airframe that lies as
    /// `airframe` says. `None` for a quaternion of no length or with NaN.
    ///
    /// Looking straight along the airframe's down or up, azimuth and roll are one turn, and all of it
    /// is given to azimuth.
    pub fn from_quaternion(q: [f64; 4], frame: YawFrame, airframe: &Attitude) -> Option<Self> {
        let gimbal = Rotation::from_quaternion(q)?;
        let in_earth = match frame {
            YawFrame::Earth => gimbal,
            YawFrame::Vehicle => Rotation::from_yaw_pitch_roll(airframe.yaw_deg, 0.0, 0.0).after(&gimbal),
        };
        Some(Self::relative(&airframe.rotation(), &in_earth))
    }

    /// From a camera that is stabilised to the earth: its own yaw from true north, pitch and roll.
    pub fn from_earth(camera: &Attitude, airframe: &Attitude) -> Self {
        Self::relative(&airframe.rotation(), &camera.rotation())
    }

    /// The camera's own attitude: yaw from true north, pitch and roll. The inverse of [`Pointing::from_earth`].
    pub fn to_earth(&self, airframe: &Attitude) -> Attitude {
        let (yaw_deg, pitch_deg, roll_deg) = airframe.rotation().after(&self.rotation()).yaw_pitch_roll_deg();
        Attitude { yaw_deg, pitch_deg, roll_deg }
    }

    fn relative(airframe: &Rotation, camera: &Rotation) -> Self {
        let relative = airframe.inverse().after(camera);
        let (azimuth_deg, elevation_deg, roll_deg) = relative.yaw_pitch_roll_deg();
        Self { azimuth_deg, elevation_deg, roll_deg }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attitude(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Attitude {
        Attitude { yaw_deg, pitch_deg, roll_deg }
    }

    fn close(pointing: Pointing, azimuth: f64, elevation: f64, roll: f64) {
        let near = |a: f64, b: f64| ((a - b + 180.0).rem_euclid(360.0) - 180.0).abs() < 1e-6;
        let Pointing { azimuth_deg, elevation_deg, roll_deg } = pointing;
        assert!(
            near(azimuth_deg, azimuth) && near(elevation_deg, elevation) && near(roll_deg, roll),
            "{pointing:?} is not {azimuth} {elevation} {roll}"
        );
    }

    #[test]
    fn to_the_earth_and_back_is_where_it_was() {
        let airframe = attitude(100.0, 7.0, -12.0);
        let pointing = Pointing { azimuth_deg: 33.0, elevation_deg: -41.0, roll_deg: 3.0 };
        let camera = pointing.to_earth(&airframe);
        close(Pointing::from_earth(&camera, &airframe), 33.0, -41.0, 3.0);
        close(Pointing::from_quaternion(camera.quaternion(), YawFrame::Earth, &airframe).unwrap(), 33.0, -41.0, 3.0);
        let level = Pointing { azimuth_deg: 20.0, ..Pointing::AHEAD }.to_earth(&attitude(350.0, 0.0, 0.0));
        assert!((level.yaw_deg - 10.0).abs() < 1e-9 && level.pitch_deg.abs() < 1e-9, "{level:?}");
    }

    #[test]
    fn flags_by_the_protocol() {
        for (flags, frame) in [
            (0, Some(YawFrame::Vehicle)),
            (12, Some(YawFrame::Vehicle)),
            (16 | 12, Some(YawFrame::Earth)),
            (32, Some(YawFrame::Vehicle)),
            (32 | 16, Some(YawFrame::Vehicle)),
            (64, Some(YawFrame::Earth)),
            (64 | 16 | 12, Some(YawFrame::Earth)),
            (32 | 64, None),
        ] {
            assert_eq!(YawFrame::from_flags(flags), frame, "{flags}");
        }
    }

    #[test]
    fn level_airframe_takes_the_difference_of_headings() {
        let airframe = attitude(350.0, 0.0, 0.0);
        close(Pointing::from_earth(&attitude(20.0, -30.0, 0.0), &airframe), 30.0, -30.0, 0.0);
        close(Pointing::from_earth(&attitude(340.0, -30.0, 5.0), &airframe), 350.0, -30.0, 5.0);
    }

    #[test]
    fn a_nose_down_airframe_raises_a_stabilised_camera() {
        // Nose 10° down, camera level ahead: 10° up as seen from the airframe.
        let airframe = attitude(90.0, -10.0, 0.0);
        close(Pointing::from_earth(&attitude(90.0, 0.0, 0.0), &airframe), 0.0, 10.0, 0.0);
        // Rolled 20° right, the level camera is rolled 20° left with respect to it.
        let airframe = attitude(90.0, 0.0, 20.0);
        close(Pointing::from_earth(&attitude(90.0, 0.0, 0.0), &airframe), 0.0, 0.0, -20.0);
    }

    #[test]
    fn quaternions_in_either_frame_agree() {
        // Pitch −90° about the right axis, then yaw: (w, x, y, z) by hand.
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let down = [half, 0.0, -half, 0.0];
        let airframe = attitude(123.0, 0.0, 0.0);
        let vehicle = Pointing::from_quaternion(down, YawFrame::Vehicle, &airframe).unwrap();
        close(vehicle, 0.0, -90.0, 0.0);
        // Straight down, top of the picture north: azimuth takes the turn.
        let earth = Pointing::from_quaternion(down, YawFrame::Earth, &airframe).unwrap();
        close(earth, -123.0, -90.0, 0.0);
        // A yaw of 90° alone, in each frame.
        let right = [half, 0.0, 0.0, half];
        close(Pointing::from_quaternion(right, YawFrame::Vehicle, &airframe).unwrap(), 90.0, 0.0, 0.0);
        close(Pointing::from_quaternion(right, YawFrame::Earth, &airframe).unwrap(), -33.0, 0.0, 0.0);
    }

    #[test]
    fn no_quaternion_no_pointing() {
        let airframe = attitude(0.0, 0.0, 0.0);
        for q in [[0.0; 4], [f64::NAN, 0.0, 0.0, 1.0], [f64::INFINITY, 0.0, 0.0, 0.0]] {
            assert_eq!(Pointing::from_quaternion(q, YawFrame::Earth, &airframe), None);
        }
    }
}

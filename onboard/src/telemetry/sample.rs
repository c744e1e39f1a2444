//! The three quantities that move between two frames: attitude, position, gimbal.

use mission_profiles::place::YawFrame;

use super::track::Sample;

/// Attitude of the airframe: aerospace Euler angles and body rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attitude {
    /// Right side down positive, radians.
    pub roll_rad: f64,
    /// Nose up positive, radians.
    pub pitch_rad: f64,
    /// Clockwise from true north, radians.
    pub yaw_rad: f64,
    /// Body rates p, q, r in radians a second.
    pub rates_rad_s: [f64; 3],
}

impl Sample for Attitude {
    const STALE_AFTER_NS: u64 = 1_000_000_000;

    fn toward(&self, later: &Self, fraction: f64) -> Self {
        Self {
            roll_rad: turn(self.roll_rad, later.roll_rad, fraction),
            pitch_rad: turn(self.pitch_rad, later.pitch_rad, fraction),
            yaw_rad: turn(self.yaw_rad, later.yaw_rad, fraction),
            rates_rad_s: lerp(self.rates_rad_s, later.rates_rad_s, fraction),
        }
    }

    /// Body rates become Euler rates; beyond 85° of pitch, where they have no limit, the angles are held.
    fn ahead(&self, seconds: f64) -> Self {
        let [p, q, r] = self.rates_rad_s;
        let (sin_roll, cos_roll) = self.roll_rad.sin_cos();
        let cos_pitch = self.pitch_rad.cos();
        if cos_pitch < 0.087 {
            return *self;
        }
        let turning = q * sin_roll + r * cos_roll;
        Self {
            roll_rad: wrap(self.roll_rad + (p + turning * self.pitch_rad.tan()) * seconds),
            pitch_rad: self.pitch_rad + (q * cos_roll - r * sin_roll) * seconds,
            yaw_rad: wrap(self.yaw_rad + turning / cos_pitch * seconds),
            ..*self
        }
    }
}

/// Position and velocity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Motion {
    /// WGS 84 degrees.
    pub lat_deg: f64,
    /// WGS 84 degrees.
    pub lon_deg: f64,
    /// Metres above mean sea level.
    pub alt_msl_m: f64,
    /// Metres above the place of take-off.
    pub above_home_m: f64,
    /// North, east, down in metres a second.
    pub velocity_mps: [f64; 3],
}

/// Metres in a degree of latitude: to a per cent everywhere, and it only carries a position over ≤ 2 s.
const METRES_PER_DEGREE: f64 = 111_320.0;

impl Sample for Motion {
    const STALE_AFTER_NS: u64 = 2_000_000_000;

    fn toward(&self, later: &Self, fraction: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * fraction;
        let east_deg = wrap((later.lon_deg - self.lon_deg).to_radians()).to_degrees();
        Self {
            lat_deg: mix(self.lat_deg, later.lat_deg),
            lon_deg: self.lon_deg + east_deg * fraction,
            alt_msl_m: mix(self.alt_msl_m, later.alt_msl_m),
            above_home_m: mix(self.above_home_m, later.above_home_m),
            velocity_mps: lerp(self.velocity_mps, later.velocity_mps, fraction),
        }
    }

    fn ahead(&self, seconds: f64) -> Self {
        let [north, east, down] = self.velocity_mps;
        let per_degree_east = METRES_PER_DEGREE * self.lat_deg.to_radians().cos().max(1e-6);
        Self {
            lat_deg: self.lat_deg + north * seconds / METRES_PER_DEGREE,
            lon_deg: self.lon_deg + east * seconds / per_degree_east,
            alt_msl_m: self.alt_msl_m - down * seconds,
            above_home_m: self.above_home_m - down * seconds,
            ..*self
        }
    }
}

/// Attitude of the gimbal as GIMBAL_DEVICE_ATTITUDE_STATUS gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gimbal {
    /// Quaternion w, x, y, z.
    pub quaternion: [f64; 4],
    /// Where yaw counts from.
    pub yaw_frame: YawFrame,
}

impl Sample for Gimbal {
    const STALE_AFTER_NS: u64 = 2_000_000_000;

    /// Normalised linear interpolation along the shorter arc: within 0.01° of the great arc at 25 Hz.
    fn toward(&self, later: &Self, fraction: f64) -> Self {
        let dot: f64 = self.quaternion.iter().zip(later.quaternion).map(|(a, b)| a * b).sum();
        let other = later.quaternion.map(|v| if dot < 0.0 { -v } else { v });
        let mixed = lerp(self.quaternion, other, fraction);
        let norm = mixed.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm < 1e-6 {
            return *self;
        }
        Self { quaternion: mixed.map(|v| v / norm), ..*self }
    }

    fn ahead(&self, _seconds: f64) -> Self {
        *self
    }
}

fn lerp<const N: usize>(a: [f64; N], b: [f64; N], fraction: f64) -> [f64; N] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * fraction)
}

fn turn(from: f64, to: f64, fraction: f64) -> f64 {
    wrap(from + wrap(to - from) * fraction)
}

/// An angle in −π..π.
fn wrap(rad: f64) -> f64 {
    let turn = std::f64::consts::TAU;
    rad - turn * (rad / turn).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn heading(yaw_rad: f64, r: f64) -> Attitude {
        Attitude { roll_rad: 0.0, pitch_rad: 0.0, yaw_rad, rates_rad_s: [0.0, 0.0, r] }
    }

    #[test]
    fn yaw_crosses_south_the_short_way() {
        let mid = heading(PI - 0.1, 0.0).toward(&heading(-PI + 0.1, 0.0), 0.75);
        assert!((mid.yaw_rad - (-PI + 0.05)).abs() < 1e-9, "{}", mid.yaw_rad);
    }

    #[test]
    fn a_banked_turn_carries_yaw_by_body_rates() {
        let bank = 0.3_f64;
        let rate = 1.0_f64;
        let attitude = Attitude {
            roll_rad: bank,
            pitch_rad: 0.0,
            yaw_rad: 0.0,
            rates_rad_s: [0.0, rate * bank.sin(), rate * bank.cos()],
        };
        let later = attitude.ahead(0.02);
        assert!((later.yaw_rad - 0.02).abs() < 1e-9);
        assert!((later.pitch_rad).abs() < 1e-9);
    }

    #[test]
    fn motion_crosses_the_antimeridian() {
        let at = |lon_deg| Motion { lat_deg: 0.0, lon_deg, alt_msl_m: 0.0, above_home_m: 0.0, velocity_mps: [0.0; 3] };
        let mid = at(179.9999).toward(&at(-179.9999), 0.5);
        assert!((mid.lon_deg.abs() - 180.0).abs() < 1e-9, "{}", mid.lon_deg);
    }

    #[test]
    fn fifteen_metres_a_second_for_a_second_is_fifteen_metres() {
        let at = Motion {
            lat_deg: 51.5,
            lon_deg: 0.0,
            alt_msl_m: 100.0,
            above_home_m: 80.0,
            velocity_mps: [0.0, 15.0, -1.0],
        };
        let later = at.ahead(1.0);
        let east_m = later.lon_deg * 69_440.0;
        assert!((east_m - 15.0).abs() < 0.15, "{east_m}");
        assert!((later.alt_msl_m - 101.0).abs() < 1e-9);
    }

    #[test]
    fn opposite_quaternions_are_the_same_attitude() {
        let gimbal = Gimbal { quaternion: [1.0, 0.0, 0.0, 0.0], yaw_frame: YawFrame::Vehicle };
        let negated = Gimbal { quaternion: [-1.0, 0.0, 0.0, 0.0], ..gimbal };
        assert_eq!(gimbal.toward(&negated, 0.5).quaternion, gimbal.quaternion);
    }
}

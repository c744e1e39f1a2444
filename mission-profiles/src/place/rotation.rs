//! Rotations between frames whose axes are forward/right/down (or north/east/down).

/// A vector, metres or a direction.
pub(super) type Vector = [f64; 3];

/// Turns vectors given in one frame into another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rotation([Vector; 3]);

/// Below this cosine of elevation azimuth and roll turn about the same axis.
const VERTICAL: f64 = 1e-6;

impl Rotation {
    /// First about down by `yaw`, then about right by `pitch`, then about forward by `roll`, each
    /// about the axes as turned so far (degrees): the order of aircraft attitude, and of ST 0601's
    /// relative azimuth, elevation and roll.
    pub(super) fn from_yaw_pitch_roll(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Self {
        let (sy, cy) = yaw_deg.to_radians().sin_cos();
        let (sp, cp) = pitch_deg.to_radians().sin_cos();
        let (sr, cr) = roll_deg.to_radians().sin_cos();
        Self([
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ])
    }

    /// From a quaternion (w, x, y, z) of any length; `None` for one of no length, or not finite.
    pub(super) fn from_quaternion(q: [f64; 4]) -> Option<Self> {
        let norm = q.iter().map(|part| part * part).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < 1e-6 {
            return None;
        }
        let [w, x, y, z] = q.map(|part| part / norm);
        Some(Self([
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ]))
    }

    /// Yaw (0 to 360), pitch (−90 to 90) and roll (0 to 360), degrees. Straight up or down yaw and
    /// roll are one turn: all of it is given to yaw.
    pub(super) fn yaw_pitch_roll_deg(&self) -> (f64, f64, f64) {
        let [[m00, m01, _], [m10, m11, _], [m20, m21, m22]] = self.0;
        let pitch = (-m20).clamp(-1.0, 1.0).asin();
        let (yaw, roll) =
            if m00.hypot(m10) < VERTICAL { ((-m01).atan2(m11), 0.0) } else { (m10.atan2(m00), m21.atan2(m22)) };
        let turn = |angle: f64| angle.to_degrees().rem_euclid(360.0);
        (turn(yaw), pitch.to_degrees(), turn(roll))
    }

    pub(super) fn apply(&self, v: Vector) -> Vector {
        self.0.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// First `inner`, then this.
    pub(super) fn after(&self, inner: &Self) -> Self {
        let columns = inner.inverse().0.map(|column| self.apply(column));
        Self(columns).inverse()
    }

    pub(super) fn inverse(&self) -> Self {
        let m = self.0;
        Self([0, 1, 2].map(|i| [m[0][i], m[1][i], m[2][i]]))
    }
}
